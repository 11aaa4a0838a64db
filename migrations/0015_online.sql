-- Filing on line: drafts. What an applicant prepares is kept, sealed by the program, until it is filed or
-- its time is over. It belongs to an account, or without one to whoever holds its secret: 32 random bytes
-- that the applicant's device makes and only it knows; here lies a digest that only the program can make
-- (base/seal.h). Unknown, foreign, expired and wrongly opened drafts are one: not found.

create sequence online.visitor;

-- id: made by the client; the dossier it becomes has the same. owner: the account, or below 0 a number for
-- whoever holds the secret (holder), as which its files and its dossier are theirs. procedure_version:
-- under which it was saved last. filed_at: it is a dossier now, where what it said lies.
create table online.draft (
    id uuid primary key,
    owner bigint not null,
    holder bytea check (length(holder) = 32),
    procedure text not null,
    procedure_version int not null,
    version int not null default 1,
    sealed bytea,
    key bytea,
    begun_at timestamptz not null default now(),
    touched_at timestamptz not null default now(),
    filed_at timestamptz,
    check ((holder is null) = (owner > 0)),
    check ((sealed is null) = (key is null) and (sealed is null) = (filed_at is not null))
) with (fillfactor = 70);
create index draft_owner on online.draft (owner, touched_at);
create index draft_old on online.draft (touched_at);
select base.grant_service('delete', 'online.draft');

-- What has been used of an allowance: drafts begun from an address, what is saved of a draft and from an
-- address. subject: a digest of which and whose. whole_at: when the allowance is whole again, as one of it
-- comes back each so often.
create table online.used (
    subject bytea primary key check (length(subject) = 32),
    whole_at timestamptz not null
) with (fillfactor = 70);
create index on online.used (whole_at);
select base.grant_service('delete', 'online.used');

create type online.allowance as (subject bytea, most int, each interval);

-- online.address(use, address): whose allowance that of an address is (account.attempt_of_address).
create function online.address(p_use text, p_address text) returns bytea
language sql immutable as $$
    select sha256(convert_to(p_use || ' ', 'utf8') || account.attempt_of_address(p_address))
$$;

-- online.spend(allowances): one of each: `most` may be had at once, and one more comes back `each` so often.
-- -> 0, or in how many seconds there is one of all; then none was taken. Writes online.used.
create function online.spend(p_of online.allowance[]) returns int
language plpgsql as $$
declare
    v_wait int;
begin
    -- Always in one order: no deadlock.
    perform pg_advisory_xact_lock(hashtextextended(encode(a.subject, 'hex'), 15))
    from (select subject from unnest(p_of) order by subject) a;
    select ceil(max(extract(epoch from u.whole_at - (a.most - 1) * a.each - now()))) into v_wait
    from unnest(p_of) a join online.used u using (subject);
    if v_wait > 0 then
        return v_wait;
    end if;
    insert into online.used (subject, whole_at) select a.subject, now() + a.each from unnest(p_of) a
    on conflict (subject) do update
        set whole_at = greatest(used.whole_at, now()) + (excluded.whole_at - now());
    return 0;
end $$;

-- online.in_effect(code): the procedure in effect. Problem unknown-procedure.
create function online.in_effect(p_code text) returns procedure.in_effect
language plpgsql stable as $$
declare
    p procedure.in_effect;
begin
    select * into p from procedure.find(p_code);
    if not found then
        perform base.problem('unknown-procedure');
    end if;
    return p;
end $$;

-- online.is_of(draft, account, holder): whether it belongs to them.
create function online.is_of(d online.draft, p_account bigint, p_holder bytea) returns boolean
language sql immutable as $$
    select case when d.holder is null then p_holder is null and d.owner = p_account
                else coalesce(d.holder = p_holder, false) end
$$;

-- online.open(id, account, holder, days): the draft, for whom it belongs to. Problem not-found alike for
-- all others, and for one not touched for so many days; one that was filed opens until it is forgotten.
create function online.open(p_id uuid, p_account bigint, p_holder bytea, p_days int) returns online.draft
language plpgsql stable as $$
declare
    d online.draft;
begin
    select * into d from online.draft x
    where x.id = p_id and (x.filed_at is not null or x.touched_at > now() - make_interval(days => p_days))
      and online.is_of(x, p_account, p_holder);
    if not found then
        perform base.problem('not-found');
    end if;
    return d;
end $$;

-- online.open_locked(id, account, holder, days): the same, locked.
create function online.open_locked(p_id uuid, p_account bigint, p_holder bytea, p_days int) returns online.draft
language plpgsql as $$
begin
    perform from online.draft x where x.id = p_id for update;
    return online.open(p_id, p_account, p_holder, p_days);
end $$;

-- online.open_for_change(id, account, holder, days): open_locked. Problems not-found, conflict (it was filed).
create function online.open_for_change(p_id uuid, p_account bigint, p_holder bytea, p_days int)
returns online.draft
language plpgsql as $$
declare
    d online.draft := online.open_locked(p_id, p_account, p_holder, p_days);
begin
    if d.filed_at is not null then
        perform base.problem('conflict', jsonb_build_object(
            'detail', 'This draft was filed; it changes no more.',
            'detail_vi', 'Bản nháp này đã được nộp, không sửa được nữa.'));
    end if;
    return d;
end $$;

-- online.files(draft): its files, the oldest first. Reads attachment.file.
create function online.files(p_draft uuid) returns jsonb
language plpgsql stable as $$
begin
    return (select coalesce(jsonb_agg(attachment.json(f) order by f.begun_at, f.id), '[]')
            from attachment.file f where f.subject = 'draft:' || p_draft);
end $$;

-- online.view(draft, days): {id, version, begun_at, touched_at, expires_at, files, procedure: the version in
-- effect now (procedure.get), changed: it was saved under another, refusal?: it is not filed on
-- line any more}; of what was filed {id, version, filed_at, dossier: as its owner sees it, with
-- allowed_actions, the issue of its receipt, and pickup (pickup_json)}.
-- Without what it says, which the program unseals. Reads procedure.*, dossier.*.
create function online.view(d online.draft, p_days int) returns jsonb
language plpgsql stable as $$
declare
    p procedure.in_effect;
begin
    if d.filed_at is not null then
        return jsonb_build_object('id', d.id, 'version', d.version, 'filed_at', d.filed_at,
            'dossier', dossier.view_for(d.id, d.owner, 0, 1) || dossier.receipt_issue(d.id));
    end if;
    p := online.in_effect(d.procedure);
    return jsonb_strip_nulls(jsonb_build_object('refusal', procedure.filing_refusal(p.body, 'online') - 'slug')) || jsonb_build_object(
        'id', d.id, 'version', d.version, 'begun_at', d.begun_at, 'touched_at', d.touched_at,
        'expires_at', d.touched_at + make_interval(days => p_days),
        'changed', p.version <> d.procedure_version, 'files', online.files(d.id),
        'procedure', procedure.get(d.procedure));
end $$;

-- online.begin_draft(id, account, holder, address, procedure, sealed, key, days, most): a new draft with what it
-- says at first, or the one of this id once more for whom it belongs to, as it is by now; one whose time is
-- over begins anew. holder: null for an account's, which may have twenty; without an account an address has
-- an allowance of so many a day. -> (retry_after: seconds until there is room, 0: begun; view; sealed and key:
-- what it says by now, null once it was filed). Problems unknown-procedure, procedure-not-online, id-reused,
-- conflict. Writes online.draft, online.used.
create function online.begin_draft(p_id uuid, p_account bigint, p_holder bytea, p_address text, p_procedure text,
                             p_sealed bytea, p_key bytea, p_days int, p_most int,
                             out retry_after int, out view jsonb, out sealed bytea, out key bytea)
language plpgsql as $$
declare
    d online.draft;
    p procedure.in_effect;
begin
    perform pg_advisory_xact_lock(hashtextextended('draft ' || p_id, 15));
    select * into d from online.draft x where x.id = p_id for update;
    if found and (d.procedure <> p_procedure or not online.is_of(d, p_account, p_holder)) then
        perform base.problem('id-reused');
    elsif d.filed_at is null and d.touched_at <= now() - make_interval(days => p_days) then
        perform online.forget(array[d.id]);
    elsif d.id is not null then
        select 0, online.view(d, p_days), d.sealed, d.key into retry_after, view, sealed, key;
        return;
    end if;
    p := online.in_effect(p_procedure);
    perform procedure.check_filing(p.body, 'online');
    retry_after := online.room(p_account, p_holder, p_address, p_most);
    if retry_after > 0 then
        return;
    end if;
    insert into online.draft (id, owner, holder, procedure, procedure_version, sealed, key)
    values (p_id, case when p_holder is null then p_account else -nextval('online.visitor') end, p_holder,
            p_procedure, p.version, p_sealed, p_key)
    returning * into d;
    select online.view(d, p_days), d.sealed, d.key into view, sealed, key;
end $$;

-- online.room(account, holder, address, most): counts one draft more; seconds to wait when it is one too
-- many for the address. Problem conflict: the account has twenty. Writes online.used.
create function online.room(p_account bigint, p_holder bytea, p_address text, p_most int) returns int
language plpgsql as $$
begin
    if p_holder is not null then
        return online.spend(array[(online.address('begin', p_address), p_most,
                                   interval '1 day' / p_most)::online.allowance]);
    end if;
    perform pg_advisory_xact_lock(hashtextextended('drafts of ' || p_account, 15));
    if (select count(*) from online.draft x where x.owner = p_account and x.filed_at is null) >= 20 then
        perform base.problem('conflict', jsonb_build_object(
            'detail', 'Twenty drafts of yours are kept; file or drop some of them.',
            'detail_vi', 'Quý vị đang có hai mươi bản nháp; xin nộp hoặc bỏ bớt.'));
    end if;
    return 0;
end $$;

-- online.change(id, account, holder, days, address, rate, burst) -> the draft, locked, for one save or one
-- part of a file more, and how many seconds to wait when that is too many: of a draft so many a minute in
-- the long run (0: no limit) and so many at once, and ten times as many of an address without account.
-- Problems not-found, conflict (it was filed). Writes online.used.
create function online.change(p_id uuid, p_account bigint, p_holder bytea, p_days int, p_address text,
                              p_rate int, p_burst int, out d online.draft, out retry_after int)
language plpgsql as $$
begin
    d := online.open_for_change(p_id, p_account, p_holder, p_days);
    retry_after := case when p_rate = 0 then 0 else online.spend(array(
        select (o.subject, o.times * p_burst, interval '1 minute' / (o.times * p_rate))::online.allowance
        from (values (sha256(convert_to('save of draft ' || p_id, 'utf8')), 1, true),
                     (online.address('save', p_address), 10, p_holder is not null)) as o (subject, times, counts)
        where o.counts)) end;
end $$;

-- online.get(id, account, holder, days): the draft and what it says, sealed; null once it was filed.
create function online.get(p_id uuid, p_account bigint, p_holder bytea, p_days int)
returns table (view jsonb, sealed bytea, key bytea, owner bigint, filed boolean, procedure text)
language plpgsql stable as $$
declare
    d online.draft := online.open(p_id, p_account, p_holder, p_days);
begin
    return query select online.view(d, p_days), d.sealed, d.key, d.owner, d.filed_at is not null, d.procedure;
end $$;

-- online.save(id, account, holder, days, address, rate, burst, version, sealed, key): what it says now, under
-- the procedure's version in effect; version: the draft's that was read. -> (retry_after: seconds until there
-- is room, and nothing is saved; 0: view). Problems not-found, conflict, precondition-failed.
-- Writes online.*, attachment.draft.
create function online.save(p_id uuid, p_account bigint, p_holder bytea, p_days int, p_address text, p_rate int,
                            p_burst int, p_version int, p_sealed bytea, p_key bytea,
                            out retry_after int, out view jsonb)
language plpgsql as $$
declare
    c record;
    d online.draft;
begin
    select * into c from online.change(p_id, p_account, p_holder, p_days, p_address, p_rate, p_burst);
    d := c.d;
    retry_after := c.retry_after;
    if retry_after > 0 then
        return;
    elsif d.version <> p_version then
        perform base.problem('precondition-failed');
    end if;
    update online.draft x
    set sealed = p_sealed, key = p_key, version = x.version + 1, touched_at = now(),
        procedure_version = (online.in_effect(x.procedure)).version
    where x.id = p_id returning * into d;
    update attachment.draft a set touched_at = now() where a.id = p_id;
    view := online.view(d, p_days);
end $$;

-- online.take_part(id, account, holder, days, address, rate, burst): a part of a file is about to come: as a
-- save it keeps the draft, with its files, for its whole time. -> (retry_after as in save; owner, procedure).
-- Problems not-found, conflict. Writes online.*, attachment.draft.
create function online.take_part(p_id uuid, p_account bigint, p_holder bytea, p_days int, p_address text,
                                 p_rate int, p_burst int,
                                 out retry_after int, out owner bigint, out procedure text)
language plpgsql as $$
declare
    c record;
    d online.draft;
begin
    select * into c from online.change(p_id, p_account, p_holder, p_days, p_address, p_rate, p_burst);
    d := c.d;
    retry_after := c.retry_after;
    if retry_after = 0 and d.touched_at < now() - interval '1 minute' then
        update online.draft x set touched_at = now() where x.id = p_id;
        update attachment.draft a set touched_at = now() where a.id = p_id;
    end if;
    owner := d.owner;
    procedure := d.procedure;
end $$;

-- online.drop(id, account, holder, days): it goes, with its files. Problems not-found, conflict.
-- Writes online.draft, attachment.*.
create function online.drop(p_id uuid, p_account bigint, p_holder bytea, p_days int) returns void
language plpgsql as $$
declare
    d online.draft := online.open_for_change(p_id, p_account, p_holder, p_days);
begin
    perform online.forget(array[d.id]);
end $$;

-- online.forget(ids): drafts that were not filed go with their files; of filed ones, whose files are the
-- dossier's, only what opened them.
-- Writes online.draft, attachment.*.
create function online.forget(p_ids uuid[]) returns void
language plpgsql as $$
begin
    perform from attachment.draft a where a.id = any (p_ids) order by a.id for update;
    delete from attachment.file f
    where f.subject in (select 'draft:' || i from unnest(p_ids) i);
    delete from attachment.draft a where a.id = any (p_ids);
    delete from online.draft x where x.id = any (p_ids);
end $$;

-- online.mine(account, days): the drafts of an account that are not filed, the latest first:
-- {items: [{id, procedure: {code, name, name_en}, version, touched_at, expires_at}]}.
create function online.mine(p_account bigint, p_days int) returns jsonb
language plpgsql stable as $$
begin
    return jsonb_build_object('items', (
        select coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'version', d.version,
                'touched_at', d.touched_at, 'expires_at', d.touched_at + make_interval(days => p_days),
                'procedure', jsonb_build_object('code', p.code, 'name', p.body ->> 'name',
                                                'name_en', p.body ->> 'name_en'))
                order by d.touched_at desc), '[]')
        from online.draft d
        cross join lateral procedure.find(d.procedure) p
        where d.owner = p_account and d.holder is null and d.filed_at is null
          and d.touched_at > now() - make_interval(days => p_days)));
end $$;

-- online.expire(days, most): forgets what was not touched for so long, at most so many, and allowances that
-- are whole again; also files of drafts that nobody began here (attachment.expire). What was filed stays
-- with whoever filed it until its dossier has ended so long ago. -> how many drafts. Writes online.*,
-- attachment.*.
create function online.expire(p_days int, p_most int default 500) returns int
language plpgsql as $$
declare
    v_old uuid[] := array(
        select d.id from online.draft d where d.touched_at <= now() - make_interval(days => p_days)
        order by d.touched_at limit p_most for update skip locked);
    v_going uuid[] := array(
        select x.id from dossier.dossier x where x.id = any (v_old)
        and coalesce(x.ended_at > now() - make_interval(days => p_days), true));
begin
    update online.draft d set touched_at = now() where d.id = any (v_going) and d.filed_at is not null;
    v_old := array(select o from unnest(v_old) o where o <> all (v_going));
    perform online.forget(v_old);
    perform attachment.expire(interval '1 day', make_interval(days => p_days));
    delete from online.used u where u.whole_at < now();
    return cardinality(v_old);
end $$;
