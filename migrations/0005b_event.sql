-- Custody, the truth: events, in one table for shipments, containers and dossiers; their log; the
-- projection of shipments; exceptions. The service may add events, never change them.

-- custody.uuid_floor(at): the least version-7 UUID of that millisecond. (At UTC, whose epoch is
-- immutable: so it is inlined.)
create function custody.uuid_floor(at timestamptz) returns uuid
language sql immutable parallel safe as $$
    select (lpad(to_hex(floor(extract(epoch from at at time zone 'UTC') * 1000)::bigint), 12, '0')
            || '00000000000000000000')::uuid
$$;

-- subject: a shipment's number, a container's id, or a dossier's id as text.
-- at: when it happened as far as we believe (device time, corrected, never after received_at).
-- outcome, warnings, state, holder_*: what was answered at receipt, not what the fold says today.
-- container: the bag it went into, or (unbag) out of as far as was known then.
-- refers: the event an undo, reverse or confirm speaks of, the hand-over that was signed, or the dossier
-- whose intake was cancelled.
-- xid: the transaction, for the sequencer's "surely committed"; ids do not come in commit order.
create table custody.event (
    subject text collate "C" not null,
    id uuid not null,
    kind text collate "C" not null,
    at timestamptz not null,
    received_at timestamptz not null,
    device_at timestamptz not null,
    device bigint not null default 0,
    device_seq bigint not null default 0,
    actor bigint not null,
    unit bigint,
    outcome text not null check (outcome in ('recorded', 'exception')),
    warnings text[] not null default '{}',
    state text collate "C",
    holder_kind text,
    holder_id bigint,
    target_kind text,
    target_id bigint,
    container text collate "C",
    refers uuid,
    reason text,
    next_action text,
    data jsonb,
    digest bytea not null,
    mac bytea,
    xid bigint not null default (pg_current_xact_id()::text::bigint),
    primary key (subject, id)
) partition by range (id);

create table custody.event_default partition of custody.event default;

-- The sequencer reads (a <= xid < b). Transactions come nearly in order, so that an entry goes to
-- the index's last page and costs a scan next to nothing; a BRIN index is read whole at each turn.
create index event_xid on custody.event (xid);

-- Partitions that were dropped after their time (custody.purge_partition): ids from from_id to before
-- to_id, how many events went, the highest position among them, the checkpoint that covers it, and
-- the event that tells it (subject 'purge'). Their rows in the log stay.
create table custody.purge (
    name text primary key,
    from_id uuid not null,
    to_id uuid not null,
    events bigint not null,
    position bigint not null,
    checkpoint bigint,
    before date not null,
    at timestamptz not null default now(),
    by_role text not null default session_user,
    event uuid not null
);

-- Whose events, or those of a container that they lay in, went with a partition: they cannot be
-- folded any more, and what is kept of them stays as it is.
create table custody.purged (
    subject text collate "C" primary key
);

-- custody.is_purged(subject): whether it is one of them. Reads custody.purged.
create function custody.is_purged(p_subject text) returns boolean
language plpgsql stable as $$
begin
    return exists (select from custody.purged where subject = p_subject);
end $$;

-- custody.make_partition(month): the partition of the month that begins then. What lies of it in the
-- default partition, its ids having come too early, moves over unchanged: the log knows an event by
-- subject and id, and its hash leaves xid and place out. Made apart and then attached, so that
-- scans go on beside it. The owner's: the service makes no tables.
create function custody.make_partition(p_month timestamptz) returns void
language plpgsql set search_path = pg_catalog as $$
declare
    v_name text := 'event_' || to_char(p_month at time zone 'UTC', 'YYYYMM');
    v_from uuid := custody.uuid_floor(p_month);
    v_to uuid := custody.uuid_floor((p_month at time zone 'UTC' + interval '1 month')
                                    at time zone 'UTC');
begin
    execute format('create table custody.%I (like custody.event including defaults '
                   'including constraints)', v_name);
    -- Default privileges would let the service update a partition behind its parent's back.
    perform base.revoke_service('update, delete, truncate', 'custody.' || quote_ident(v_name));
    lock table custody.event_default in access exclusive mode;
    execute format('with early as (delete from custody.event_default where id >= $1 and id < $2 '
                   'returning *) insert into custody.%I select * from early', v_name)
        using v_from, v_to;
    execute format('alter table custody.event attach partition custody.%I '
                   'for values from (%L) to (%L)', v_name, v_from, v_to);
end $$;

-- custody.make_partitions_at(now): partitions by month from three back, which holds whatever is 60
-- days behind, to the next one, made a whole month before its first id. An id beyond them lands in
-- the default partition until its month comes; that any id over a day ahead or 60 days behind is an
-- exception is custody.record_one's business. A month that was purged is not made again. One that
-- cannot be made (somebody reads the default partition for long) is told and tried again a day
-- later; the others are made. Returns how many.
create function custody.make_partitions_at(p_now timestamptz) returns int
language plpgsql set search_path = pg_catalog set lock_timeout = '3s' as $$
declare
    v_month timestamptz;
    v_made int := 0;
begin
    perform pg_advisory_xact_lock(hashtext('custody.make_partitions'));
    for v_month in select generate_series(
            date_trunc('month', p_now at time zone 'UTC') - interval '3 months',
            date_trunc('month', p_now at time zone 'UTC') + interval '1 month',
            interval '1 month') at time zone 'UTC' loop
        continue when to_regclass('custody.event_' || to_char(v_month at time zone 'UTC', 'YYYYMM'))
                      is not null
                   or exists (select from custody.purge p
                              where p.name = 'event_' || to_char(v_month at time zone 'UTC', 'YYYYMM'));
        begin
            perform custody.make_partition(v_month);
            v_made := v_made + 1;
        exception when others then
            raise warning 'no partition of events for %: %',
                to_char(v_month at time zone 'UTC', 'YYYY-MM'), sqlerrm;
        end;
    end loop;
    return v_made;
end $$;

-- custody.make_partitions(): those of today. Called at start and daily. As the owner.
create function custody.make_partitions() returns int
language sql security definer set search_path = pg_catalog as $$
    select custody.make_partitions_at(now())
$$;

-- Personal payload of an event (recipient, proof, exact place, words of somebody's own), sealed by the
-- program; the event keeps mac. Erasing key and salt leaves every chain valid.
create table custody.payload (
    subject text collate "C" not null,
    event uuid not null,
    sealed bytea not null,
    key bytea,
    salt bytea,
    primary key (subject, event)
);

-- custody.route(from, to): the units where something on its way between two units belongs: both
-- ends and those that serve them (delivery office, hub); with 0 among them when the ends lie in two
-- provinces, so that any hub is on the way. Null when an end is not known. Reads postal.unit.
create function custody.route(p_from bigint, p_to bigint) returns bigint[]
-- (plpgsql keeps the plan)
language plpgsql stable strict as $$
begin
    return (
        with recursive line (unit, parent) as (
            select u.id, u.parent_id from postal.unit u where u.id in (p_from, p_to)
            union
            select u.id, u.parent_id from line l join postal.unit u on u.id = l.parent)
        select array_agg(distinct l.unit)
               || case when (select count(distinct c.province_code) from postal.unit u
                             join postal.commune c on c.code = u.commune_code
                             where u.id in (p_from, p_to)) > 1
                       then array[0::bigint] else '{}' end
        from line l);
end $$;

-- custody.on_route(route, unit): whether a unit is on that way; a way that is not known takes in
-- every unit, and no way leaves out a unit that is not known. (plpgsql keeps the plan.)
create function custody.on_route(p_route bigint[], p_unit bigint) returns boolean
language plpgsql stable as $$
begin
    if p_route is null or p_unit is null or p_unit = any (p_route) then
        return true;
    end if;
    return 0 = any (p_route)
        and exists (select from postal.unit u where u.id = p_unit and u.kind = 'hub');
end $$;

-- Where every shipment stands: the fold of its events over how it began. from and to: the units of
-- the leg; *_agency when that unit is an agency, which then holds it at the end.
-- begun_place: who held it at the beginning (a leg begins with the final holder of the leg before).
-- route: where it belongs on its way, see custody.route; null when an end is not known.
-- last_*: the greatest order key seen. closure: the bag it lies in. place_at: since when it is known
-- to have been at its place. loose: an undo or reverse of it names a scan that has not come, so that
-- none may be taken as it comes.
create table custody.shipment (
    number text collate "C" primary key,
    dossier uuid,
    leg text not null check (leg in ('outward', 'supplement', 'inter_agency', 'result',
                                     'originals', 'back_to_agency')),
    piece int not null default 1,
    pieces int not null default 1,
    from_unit bigint,
    to_unit bigint,
    from_agency bigint,
    to_agency bigint,
    begun_place bigint not null,
    route bigint[],
    copy int not null default 0,
    weight_g int,
    created_at timestamptz not null,
    state text collate "C" not null default 'created',
    going_back boolean not null default false,
    redirected boolean not null default false,
    damaged boolean not null default false,
    holder_kind text not null
        check (holder_kind in ('person', 'place', 'bag', 'trip', 'addressee', 'agency',
                               'authority')),
    holder_id bigint not null,
    place bigint,
    place_at timestamptz,
    closure bigint,
    offered_kind text,
    offered_to bigint,
    loose boolean not null default false,
    last_at timestamptz not null default '-infinity',
    last_device bigint not null default 0,
    last_seq bigint not null default 0,
    last_id uuid not null default '00000000-0000-0000-0000-000000000000',
    events int not null default 0,
    check ((holder_kind = 'bag') = (closure is not null))
) with (fillfactor = 80);
create index shipment_dossier on custody.shipment (dossier);
create index shipment_holder on custody.shipment (holder_kind, holder_id);
-- What an agency is to hand over, as one expression: of its parts the planner cannot know how they go together,
-- and would read all that lies there.
create index shipment_to_hand_over on custody.shipment (
    (case when holder_kind = 'place' and holder_id = from_agency and piece = 1 then from_agency end), created_at, dossier)
    where state = 'created';
create index shipment_closure on custody.shipment (closure) where closure is not null;

-- What opened for a person to decide. One for each (subject, event, code), or one at a time for each
-- (subject, code) where custody.oddity says once; nothing closes itself.
-- due_at: when it should be decided, infinity until that was reckoned (custody.exceptions_age: not
-- within the scan). taken_by: who says that they are at it. agencies: of a search, those whose dossiers it is
-- about (custody.agencies_of).
create table custody.exception (
    id bigint generated always as identity primary key,
    subject text collate "C" not null,
    event_id uuid not null,
    code text collate "C" not null references custody.oddity,
    detail jsonb not null default '{}',
    unit bigint,
    actor bigint,
    opened_at timestamptz not null default now(),
    decision text,
    note text,
    resolved_by bigint,
    resolved_at timestamptz,
    due_at timestamptz not null default 'infinity',
    taken_by bigint,
    taken_at timestamptz,
    agencies bigint[] not null default '{}',
    unique (subject, event_id, code)
);
-- Unit 0 is that of whoever has none.
create index exception_open on custody.exception (coalesce(unit, 0), due_at, id)
    where resolved_at is null;
create index exception_done on custody.exception (coalesce(unit, 0), resolved_at desc, id desc)
    where resolved_at is not null;
create index exception_new on custody.exception (id)
    where due_at = 'infinity' and resolved_at is null;
create index exception_agencies on custody.exception using gin (agencies)
    where resolved_at is null and agencies <> '{}';

-- The log: every committed event once, in positions without gaps, chained by subject. joined: of an
-- event that names a container, the head of that container's chain then.
create table custody.log (
    position bigint primary key,
    subject text collate "C" not null,
    event_id uuid not null,
    prev bytea not null,
    joined bytea,
    hash bytea not null
);
create index log_subject on custody.log (subject, position);

create table custody.log_head (
    one boolean primary key default true check (one),
    position bigint not null,
    next_xid bigint not null
);
insert into custody.log_head (position, next_xid) values (0, 0);

-- custody.was_purged(subject, event): whether it is one that went with its partition: the log knows it
-- by its leaf. Reads custody.purged, custody.log, custody.purge.
create function custody.was_purged(p_subject text, p_event uuid) returns boolean
language plpgsql stable as $$
begin
    return custody.is_purged(p_subject) and exists (
        select from custody.log l
        join custody.purge p on l.event_id >= p.from_id and l.event_id < p.to_id
             and l.position <= p.position
        where l.subject = p_subject and l.event_id = p_event
          and not exists (select from custody.event e
                          where e.subject = p_subject and e.id = p_event));
end $$;

-- custody.append(subject, id, kind, actor, unit, data, digest, mac, refers, at): an event
-- that is no scan (a dossier's status, a hand-over's list). True when it was new; false when the id
-- was there with the same digest, or was purged; problem id-reused with another one.
-- Writes custody.event.
create function custody.append(
    p_subject text, p_id uuid, p_kind text, p_actor bigint, p_unit bigint,
    p_data jsonb default null, p_digest bytea default null, p_mac bytea default null,
    p_refers uuid default null, p_at timestamptz default now())
returns boolean
language plpgsql as $$
declare
    v_digest bytea := coalesce(p_digest,
        sha256(convert_to(concat_ws(E'\n', p_kind, p_data), 'UTF8')));
    v_first bytea;
begin
    if custody.was_purged(p_subject, p_id) then
        return false;
    end if;
    insert into custody.event (subject, id, kind, at, received_at, device_at, actor, unit, outcome,
                               data, digest, mac, refers)
    values (p_subject, p_id, p_kind, least(p_at, now()), now(), p_at, coalesce(p_actor, 0), p_unit,
            'recorded', p_data, v_digest, p_mac, p_refers)
    on conflict (subject, id) do nothing;
    if found then
        return true;
    end if;
    select digest into v_first from custody.event where subject = p_subject and id = p_id;
    if v_first is distinct from v_digest then
        perform base.problem('id-reused');
    end if;
    return false;
end $$;

-- base.uuid_v7(): an id for events that the program itself makes, ordered by time to the microsecond:
-- what one transaction makes has one time, and is folded in the order of its ids.
create function base.uuid_v7() returns uuid
language sql volatile as $$
    select (lpad(to_hex(micro / 1000), 12, '0') || '7' || lpad(to_hex(micro % 1000 * 4096 / 1000), 3, '0')
            || to_hex(8 + (get_byte(decode(substr(r, 1, 2), 'hex'), 0) & 3)) || substr(r, 18))::uuid
    from (select replace(gen_random_uuid()::text, '-', '') as r,
                 floor(extract(epoch from clock_timestamp()) * 1000000)::bigint as micro offset 0) made
$$;

do $$
begin
    perform base.revoke_service('execute', 'function custody.make_partition(timestamptz)');
    perform base.revoke_service('execute', 'function custody.make_partitions_at(timestamptz)');
    perform base.revoke_service('update, delete, truncate', 'custody.event');
    perform base.revoke_service('update, delete, truncate', 'custody.event_default');
    perform base.revoke_service('update, delete, truncate', 'custody.log');
    perform base.revoke_service('insert, update', 'custody.purge');
    perform base.revoke_service('insert, update', 'custody.purged');
    perform base.revoke_service('insert, update', 'custody.scan_kind');
    perform base.revoke_service('insert, update', 'custody.transition');
    perform base.revoke_service('insert, update', 'custody.state');
    perform base.revoke_service('insert, update', 'custody.oddity');
    perform base.revoke_service('insert, update', 'custody.failure_reason');
    perform base.revoke_service('insert, update', 'custody.next_action');
    perform custody.make_partitions();
end $$;
