-- The second factor of tracking: who tries it, how often, and from where. The last four digits of a
-- telephone are one of ten thousand, so wrong tries are counted for the number and for the address,
-- here, where all instances count together.

-- free: so many wrong tries are answered at once; the wait after that one is first_wait and doubles
-- with each further one up to longest_wait. One try is forgotten each so often. An address may be a whole
-- village behind one router. A receipt's code is one of 23^8, which nobody guesses: wrong ones are counted
-- for the address alone ('code'), so that no stranger's tries keep the holder of the receipt out.
create table dossier.unlock_limit (
    subject text primary key check (subject in ('number', 'address', 'code')),
    free int not null check (free between 1 and 1000),
    first_wait interval not null,
    longest_wait interval not null,
    each interval not null
);
insert into dossier.unlock_limit values
    ('number', 5, '1 minute', '1 day', '36 hours'),
    ('address', 25, '1 minute', '1 hour', '5 minutes'),
    ('code', 200, '1 second', '1 minute', '1 minute');
select base.revoke_service('insert, update', 'dossier.unlock_limit');

-- wrong: tries that were counted and not taken back, of which one goes each so often from `since`.
-- forget_at: when the row says nothing any more.
create table dossier.unlock_attempt (
    subject bytea primary key check (length(subject) = 32),
    wrong int not null check (wrong >= 0),
    since timestamptz not null,
    wait_until timestamptz,
    forget_at timestamptz not null
) with (fillfactor = 70);
create index on dossier.unlock_attempt (forget_at);
select base.grant_service('delete', 'dossier.unlock_attempt');

-- dossier.unlock_subjects(number, by, address) -> (subject, limit of dossier.unlock_limit), in the order in
-- which they are locked: of digits the number (the dossier's id, or what was typed where there is none:
-- all numbers of a dossier are one) and the address; of a code the address alone, apart from its digits.
create function dossier.unlock_subjects(p_number text, p_by text, p_address text)
returns table (subject bytea, counted_as text)
language plpgsql immutable as $$
begin
    if p_by = 'code' then
        return query select sha256('code '::bytea || account.attempt_of_address(p_address)), 'code';
        return;
    end if;
    return query values
        (sha256(convert_to(format('unlock %s %s', p_by, p_number), 'utf8')), 'number'),
        (sha256(account.attempt_of_address(p_address)), 'address');
end $$;

-- dossier.unlock_lock(subject): nobody else counts it until the transaction ends. Always the number
-- before the address: no deadlock.
create function dossier.unlock_lock(p_subject bytea) returns void
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(encode(p_subject, 'hex'), 11));
end $$;

-- dossier.unlock_count(subject, limit): one wrong try more. Writes dossier.unlock_attempt.
create function dossier.unlock_count(p_subject bytea, p_limit text) returns void
language plpgsql as $$
declare
    a dossier.unlock_attempt;
    l dossier.unlock_limit;
    gone int;
begin
    select * into strict l from dossier.unlock_limit x where x.subject = p_limit;
    select * into a from dossier.unlock_attempt x where x.subject = p_subject;
    -- Whoever waited for the lock may have begun before the other counted.
    gone := greatest(0, least(a.wrong, floor(extract(epoch from now() - a.since) / extract(epoch from l.each))));
    a.wrong := coalesce(a.wrong - gone, 0) + 1;
    a.since := case when a.wrong = 1 then now() else a.since + gone * l.each end;
    a.wait_until := case when a.wrong >= l.free then now() + least(
        l.first_wait * power(2, least(a.wrong - l.free, 20)), l.longest_wait) end;
    a.forget_at := greatest(a.since + a.wrong * l.each, a.wait_until);
    insert into dossier.unlock_attempt values (p_subject, a.wrong, a.since, a.wait_until, a.forget_at)
    on conflict (subject) do update
        set wrong = excluded.wrong, since = excluded.since, wait_until = excluded.wait_until,
            forget_at = excluded.forget_at;
end $$;

-- dossier.unlock_forget(most): drops rows that say nothing any more; each try does, so that the table
-- stays as small as what is going on. Writes dossier.unlock_attempt.
create function dossier.unlock_forget(most int default 20) returns void
language sql as $$
    delete from dossier.unlock_attempt where subject in (
        select subject from dossier.unlock_attempt where forget_at < now()
        order by forget_at limit most for update skip locked)
$$;

-- dossier.unlock_begin(key, by, address): counts a try (dossier.unlock_subjects) before
-- anything is compared, so that tries at the same time count too. -> (retry_after seconds, 0: go on;
-- the dossier and what the program compares; all null for a number that nobody knows, which costs the
-- same). by: phone or code. Writes dossier.unlock_attempt.
create function dossier.unlock_begin(p_key text, p_by text, p_address text)
returns table (retry_after int, id uuid, sealed bytea, key bytea, receipt bytea)
language plpgsql as $$
declare
    v_normal text := dossier.normal(p_key);
    -- What can be no number is looked for as one that nobody has.
    v_id uuid := dossier.find(coalesce(v_normal, 'AA000000000AA'));
    v_number text := coalesce(v_id::text, v_normal, p_key);
    subjects bytea[];
    one record;
    wait int;
begin
    for one in select * from dossier.unlock_subjects(v_number, p_by, p_address) loop
        perform dossier.unlock_lock(one.subject);
        subjects := subjects || one.subject;
    end loop;
    select ceil(extract(epoch from max(a.wait_until) - now())) into wait
    from dossier.unlock_attempt a where a.subject = any (subjects);
    if wait > 0 then
        return query select wait, null::uuid, null::bytea, null::bytea, null::bytea;
        return;
    end if;
    for one in select * from dossier.unlock_subjects(v_number, p_by, p_address) loop
        perform dossier.unlock_count(one.subject, one.counted_as);
    end loop;
    perform dossier.unlock_forget();
    return query
        select 0, v_id, x.sealed, x.key, r.hash
        from (select coalesce(v_id, '00000000-0000-0000-0000-000000000000') as id) w
        left join dossier.personal x on x.dossier = w.id
        left join dossier.receipt r on r.dossier = w.id;
end $$;

-- dossier.unlock_open(dossier, by, address): it was right: the try no longer counts, nor those before it
-- for this number; the reading is recorded, once in ten minutes, so that nobody fills the record.
-- -> dossier.unlocked().
-- Writes dossier.unlock_attempt, dossier.access.
create function dossier.unlock_open(p_dossier uuid, p_by text, p_address text) returns jsonb
language plpgsql as $$
declare
    d dossier.dossier;
    one record;
begin
    for one in select * from dossier.unlock_subjects(p_dossier::text, p_by, p_address) loop
        perform dossier.unlock_lock(one.subject);
        -- Past the free ones each try waits for the one before it, so the wait is this one's own.
        update dossier.unlock_attempt a set wait_until = null,
            wrong = case one.counted_as when 'number' then 0 else greatest(a.wrong - 1, 0) end
        where a.subject = one.subject;
    end loop;
    delete from dossier.unlock_attempt a where a.wrong = 0 and a.subject in (
        select x.subject from dossier.unlock_subjects(p_dossier::text, p_by, p_address) x);
    select * into strict d from dossier.dossier where id = p_dossier;
    insert into dossier.access (dossier, account, what)
    select d.id, 0, 'unlock-' || p_by
    where not exists (select from dossier.access a
                      where a.dossier = d.id and a.at > now() - interval '10 minutes'
                        and a.account = 0 and a.what = 'unlock-' || p_by);
    return dossier.unlocked(d, p_by);
end $$;
