-- The ground every other migration stands on: schemas, the two database roles and what the service
-- may do, problems raised by SQL, idempotency keys, and text folded for searching.

-- dossierpost_owner owns everything and runs migrations; dossierpost_service is what the running
-- program logs in as. Where the migrating role may not create roles they are the administrator's
-- business: without dossierpost_service nothing is granted and only the owner can use the schema.
do $$
declare
    wanted text;
begin
    foreach wanted in array array['dossierpost_owner', 'dossierpost_service'] loop
        begin
            if not exists (select from pg_roles where rolname = wanted) then
                execute format('create role %I login', wanted);
            end if;
        exception
            when duplicate_object or unique_violation then null;
            when insufficient_privilege then
                raise warning 'role % is missing and may not be created here', wanted;
        end;
    end loop;
end $$;

create schema base;
create schema postal;
create schema account;
create schema procedure;
create schema custody;
create schema container;
create schema dossier;
create schema money;
create schema label;
create schema attachment;
create schema report;
create schema online;
create schema paper;

-- Before the default privileges below: its functions stay everybody's.
-- Both are trusted: who may make the schemas above may make these, superuser or not.
create extension if not exists unaccent with schema base;
create extension if not exists pg_trgm with schema base;

-- What is created later by the same owner is granted by default: the service reads, adds and
-- updates; it deletes only where a table's migration says so, and the log's tables revoke UPDATE.
alter default privileges revoke execute on functions from public;
do $$
declare
    room text;
begin
    if not exists (select from pg_roles where rolname = 'dossierpost_service') then
        return;
    end if;
    foreach room in array array['base', 'postal', 'account', 'procedure', 'custody', 'container',
                                'dossier', 'money', 'label', 'attachment', 'report', 'online', 'paper'] loop
        execute format('revoke all on schema %I from public', room);
        execute format('grant usage on schema %I to dossierpost_service', room);
        execute format('alter default privileges in schema %I grant select, insert, update '
                       'on tables to dossierpost_service', room);
        execute format('alter default privileges in schema %I grant usage '
                       'on sequences to dossierpost_service', room);
        execute format('alter default privileges in schema %I grant execute '
                       'on functions to dossierpost_service', room);
    end loop;
end $$;

-- base.grant_service(what, on_what): more rights for the service's role, where that role exists.
--   base.grant_service('delete', 'account.session')
create function base.grant_service(what text, on_what text) returns void
language plpgsql as $$
begin
    if exists (select from pg_roles where rolname = 'dossierpost_service') then
        execute format('grant %s on %s to dossierpost_service', what, on_what);
    end if;
end $$;

-- base.revoke_service(what, on_what): fewer.
create function base.revoke_service(what text, on_what text) returns void
language plpgsql as $$
begin
    if exists (select from pg_roles where rolname = 'dossierpost_service') then
        execute format('revoke %s on %s from dossierpost_service', what, on_what);
    end if;
end $$;

-- base.problem(slug, detail): ends the transaction with a problem of the program's error table.
-- Members of detail (detail, detail_vi, errors, allowed, first) go into the problem document.
create function base.problem(slug text, detail jsonb default '{}') returns void
language plpgsql as $$
begin
    raise exception using errcode = 'DP001', message = slug, detail = detail::text;
end $$;

-- base.wrong_field(pointer, code, vi, en): the problem invalid-fields about one member.
create function base.wrong_field(pointer text, code text, vi text, en text) returns void
language plpgsql as $$
begin
    perform base.problem('invalid-fields', jsonb_build_object('errors', jsonb_build_array(
        jsonb_build_object('pointer', pointer, 'code', code, 'detail', en, 'detail_vi', vi))));
end $$;

-- base.vn_date(at), base.vn_time(at): the day and time of day in Vietnam.
create function base.vn_date(at timestamptz) returns date
language sql immutable parallel safe as $$ select (at at time zone 'Asia/Ho_Chi_Minh')::date $$;

create function base.vn_time(at timestamptz) returns time
language sql immutable parallel safe as $$ select (at at time zone 'Asia/Ho_Chi_Minh')::time $$;

-- base.dong(amount): as people write it, 26.000 đ.
create function base.dong(amount bigint) returns text
language sql immutable parallel safe as $$
    select replace(to_char(amount, 'FM999,999,999,999,999,990'), ',', '.') || ' đ'
$$;

-- base.fold(text): lower case without diacritics, for search: 'Phường Thuỷ Xuân' and 'thuy xuan'
-- meet.
create function base.fold(value text) returns text
language sql immutable strict parallel safe as $$
    select lower(base.unaccent('base.unaccent'::regdictionary, normalize(value, nfc)))
$$;

-- base.like_pattern(q): folded words of q in any place, in their order; null for no words.
create function base.like_pattern(q text) returns text
language sql immutable parallel safe as $$
    select '%' || string_agg(replace(replace(replace(word, '\', '\\'), '%', '\%'), '_', '\_'),
                             '%' order by place) || '%'
    from regexp_split_to_table(base.fold(q), '\s+') with ordinality as words(word, place)
    where word <> ''
$$;

-- base.hmac_sha256(key, message): HMAC-SHA256 (RFC 2104).
create function base.hmac_sha256(key bytea, message bytea) returns bytea
language plpgsql immutable strict parallel safe as $$
declare
    short bytea := case when length(key) > 64 then sha256(key) else key end;
    inner_pad bytea := decode(repeat('36', 64), 'hex');
    outer_pad bytea := decode(repeat('5c', 64), 'hex');
begin
    for i in 0 .. length(short) - 1 loop
        inner_pad := set_byte(inner_pad, i, get_byte(short, i) # 54);
        outer_pad := set_byte(outer_pad, i, get_byte(short, i) # 92);
    end loop;
    return sha256(outer_pad || sha256(inner_pad || message));
end $$;

-- Writes that carry an Idempotency-Key: the reply that was given, for a day.
create table base.idempotency (
    account bigint not null,
    key text collate "C" not null check (length(key) between 1 and 200),
    digest bytea not null,
    status int not null,
    reply text,
    at timestamptz not null default now(),
    primary key (account, key)
);
create index on base.idempotency (at);
select base.grant_service('delete', 'base.idempotency');

-- base.idempotency_claim(account, key, digest): first thing in the transaction of a write. No row:
-- do the work, then idempotency_finish. A row: the reply to give again. Problems: id-reused (same
-- key, other body), in-progress (the first is still running). Reads base.idempotency.
create function base.idempotency_claim(p_account bigint, p_key text, p_digest bytea)
returns table (status int, reply text)
language plpgsql as $$
declare
    found_row base.idempotency;
begin
    if not pg_try_advisory_xact_lock(hashtextextended(p_account || ' ' || p_key, 1)) then
        perform base.problem('in-progress');
    end if;
    select * into found_row from base.idempotency i where i.account = p_account and i.key = p_key;
    if not found then
        return;
    end if;
    if found_row.digest <> p_digest then
        perform base.problem('id-reused');
    end if;
    return query select found_row.status, found_row.reply;
end $$;

-- base.idempotency_finish(account, key, digest, status, reply): keeps the reply, in the same
-- transaction as the work. Writes base.idempotency.
create function base.idempotency_finish(p_account bigint, p_key text, p_digest bytea,
                                        p_status int, p_reply text) returns void
language sql as $$
    insert into base.idempotency (account, key, digest, status, reply)
    values (p_account, p_key, p_digest, p_status, p_reply)
$$;

-- base.replay(account, key, digest): how a write begins that may carry an Idempotency-Key (null: it
-- carries none): the reply to give again, or null: do the work, then base.replied. Problems as in
-- base.idempotency_claim.
create function base.replay(p_account bigint, p_key text, p_digest bytea) returns jsonb
language plpgsql as $$
begin
    if p_key is null then
        return null;
    end if;
    return (select c.reply::jsonb from base.idempotency_claim(p_account, p_key, p_digest) c);
end $$;

-- base.replied(account, key, digest, reply, status): how such a write ends: the reply, kept for the
-- same key. Writes base.idempotency.
create function base.replied(p_account bigint, p_key text, p_digest bytea, p_reply jsonb,
                             p_status int default 200) returns jsonb
language plpgsql as $$
begin
    if p_key is not null then
        perform base.idempotency_finish(p_account, p_key, p_digest, p_status, p_reply::text);
    end if;
    return p_reply;
end $$;

-- base.idempotency_forget(older_than): drops what is old enough; returns how many.
create function base.idempotency_forget(older_than interval default '1 day') returns bigint
language sql as $$
    with gone as (delete from base.idempotency where at < now() - older_than returning 1)
    select count(*) from gone
$$;

-- Data sets loaded from files, so that loading an unchanged one costs nothing.
create table base.loaded (
    name text primary key,
    digest bytea not null,
    at timestamptz not null default now()
);

-- base.is_loaded(name, digest); base.set_loaded(name, digest).
create function base.is_loaded(p_name text, p_digest bytea) returns boolean
language sql stable as $$
    select exists (select from base.loaded where name = p_name and digest = p_digest)
$$;

create function base.set_loaded(p_name text, p_digest bytea) returns void
language sql as $$
    insert into base.loaded (name, digest) values (p_name, p_digest)
    on conflict (name) do update set digest = excluded.digest, at = now()
$$;
