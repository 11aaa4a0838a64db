-- Containers: receptacles in despatches on trips. One scan of a bag is one event in the bag's own
-- chain; what lies in it follows through the closure, without a write for each item.

-- A trip of a vehicle or person between two units. What departs with its code as the target is held by
-- the trip, and so by its carrier, who is fixed when it is made: folding again what rode on it must
-- give the same. arrived, missing: what its end found. request: the client's id of its making.
create table container.trip (
    id bigint generated always as identity primary key,
    code text collate "C" not null unique,
    request uuid unique,
    digest bytea,
    from_unit bigint not null,
    to_unit bigint not null,
    carrier bigint,
    departs_at timestamptz,
    created_at timestamptz not null default now(),
    created_by bigint,
    ended_at timestamptz,
    ended_by bigint,
    ended_unit bigint,
    arrived int,
    missing int,
    check (from_unit <> to_unit)
);
create index trip_from on container.trip (from_unit, id);
create index trip_to on container.trip (to_unit, id);
create index trip_carrier on container.trip (carrier, id) where ended_at is null or missing > 0;
create index trip_over on container.trip (carrier, ended_at);

-- container.carries(trip, account): whether that person carries the trip.
create function container.carries(p_trip bigint, p_account bigint) returns boolean
language plpgsql stable as $$
begin
    return exists (select from container.trip t where t.id = p_trip and t.carrier = p_account);
end $$;

-- container.trip_ended(trip, at): whether it was over then.
create function container.trip_ended(p_trip bigint, p_at timestamptz) returns boolean
language plpgsql stable as $$
begin
    return exists (select from container.trip t where t.id = p_trip and t.ended_at <= p_at);
end $$;

-- custody.taker(to): whom a scan or list names: a unit by its code, a person by login or account
-- id, a trip by its code. No row: nobody.
create function custody.taker(p_to text) returns table (kind text, id bigint)
language sql stable as $$
    select 'unit', u.id from postal.unit u
    where u.code = p_to and u.valid_from <= base.vn_date(now())
      and (u.valid_to is null or u.valid_to > base.vn_date(now()))
    union all
    select 'person', a.id from account.account a
    where a.disabled_at is null and (a.login = p_to or a.id::text = p_to)
    union all
    select 'trip', t.id from container.trip t where t.code = p_to
    limit 1
$$;

-- container.office_code(unit): 6 letters for a unit in S8 and S9 ids: VN and the unit in base 26.
create function container.office_code(p_unit bigint) returns text
language sql immutable strict as $$
    select 'VN' || string_agg(chr(65 + (p_unit / power(26, digit)::bigint % 26)::int), ''
                              order by digit desc)
    from generate_series(0, 3) as digit
$$;

-- UPU S8: a despatch is a day's receptacles of one lane; its number is 4 digits a lane and year. s8:
-- the 20 characters that every receptacle of it begins with; the same come again after ten years.
-- closed: it gets no more receptacles. The id of a receptacle (S9) is fixed when it is made, long
-- before anybody knows which is the last, so its highest-number flag stays 0 and highest tells it.
create table container.despatch (
    id bigint generated always as identity primary key,
    origin bigint not null,
    destination bigint not null,
    category text not null default 'A' check (category ~ '^[A-D]$'),
    year int not null,
    number int not null check (number between 1 and 9999),
    day date not null,
    s8 text collate "C" not null generated always as (
        container.office_code(origin) || container.office_code(destination) || category || 'UN'
        || year % 10 || lpad(number::text, 4, '0')) stored,
    receptacles int not null default 0,
    closed_at timestamptz,
    closed_by bigint,
    highest text collate "C",
    trip bigint references container.trip,
    unique (origin, destination, category, year, number),
    check ((closed_at is null) = (highest is null))
);
create index despatch_day on container.despatch (origin, day, destination);
create index despatch_in on container.despatch (destination, day);
create index despatch_s8 on container.despatch (s8, year);
create index despatch_trip on container.despatch (trip) where trip is not null;

-- Where every container stands: the fold of its own events. Same shape as custody.shipment.
-- closure: the outer closure it lies in; inside: the closure of its own contents just now; route: the
-- units on its way (custody.route).
create table container.container (
    id text collate "C" primary key,
    kind text not null default 'receptacle' check (kind in ('receptacle')),
    request uuid unique,
    despatch bigint references container.despatch,
    origin bigint not null,
    destination bigint not null,
    route bigint[],
    created_at timestamptz not null,
    created_by bigint,
    state text collate "C" not null default 'open',
    damaged boolean not null default false,
    holder_kind text not null
        check (holder_kind in ('person', 'place', 'bag', 'trip', 'authority')),
    holder_id bigint not null,
    place bigint,
    place_at timestamptz,
    closure bigint,
    offered_kind text,
    offered_to bigint,
    inside bigint,
    last_at timestamptz not null default '-infinity',
    last_device bigint not null default 0,
    last_seq bigint not null default 0,
    last_id uuid not null default '00000000-0000-0000-0000-000000000000',
    events int not null default 0,
    check ((holder_kind = 'bag') = (closure is not null))
) with (fillfactor = 80);
create index container_holder on container.container (holder_kind, holder_id);
create index container_despatch on container.container (despatch, id);

-- One sealed life of a container: filled from begun_at, sealed at sealed_at, opened at opened_at,
-- which ends every membership in it at once. checked_at: whoever opened it said that all that was in
-- it has been scanned.
create table container.closure (
    id bigint generated always as identity primary key,
    container text collate "C" not null references container.container,
    n int not null,
    begun_at timestamptz not null,
    sealed_at timestamptz,
    seal text,
    opened_at timestamptz,
    opened_unit bigint,
    opened_by bigint,
    checked_at timestamptz,
    checked_by bigint,
    unique (container, n)
) with (fillfactor = 80);

-- What lay in a closure and when. ended_*: it left by a scan of its own; else opened_at ends it.
-- looked_at: its latest scan that was judged by where the closure was then.
create table container.membership (
    closure bigint not null,
    subject text collate "C" not null,
    began_at timestamptz not null,
    began_event uuid not null,
    ended_at timestamptz,
    ended_event uuid,
    looked_at timestamptz,
    primary key (closure, subject, began_event)
);
create index membership_subject on container.membership (subject);
create index membership_looked on container.membership (closure, looked_at)
    where looked_at is not null;

-- Which containers something was ever scanned into or as coming out of, with effect or without:
-- whose past it is judged by. last_at, out_at: the time of its latest scan of that kind.
create table container.tried (
    subject text collate "C" not null,
    container text collate "C" not null,
    last_at timestamptz not null default '-infinity',
    out_at timestamptz not null default '-infinity',
    primary key (subject, container)
);
create index tried_container on container.tried (container, last_at);

-- container.try(subjects, containers, at, out): they were scanned into those then, or (out) as
-- coming out of those. Writes container.tried.
create function container.try(p_subjects text[], p_containers text[], p_at timestamptz[],
                              p_out boolean[])
returns void
language plpgsql as $$
begin
    insert into container.tried as t (subject, container, last_at, out_at)
    select u.subject, u.container,
           max(case when u.out then '-infinity' else least(u.at, now()) end),
           max(case when u.out then u.at else '-infinity' end)
    from unnest(p_subjects, p_containers, p_at, p_out) as u (subject, container, at, out)
    where u.container is not null
    group by 1, 2
    on conflict (subject, container) do update
        set last_at = greatest(t.last_at, excluded.last_at),
            out_at = greatest(t.out_at, excluded.out_at)
        where t.last_at < excluded.last_at or t.out_at < excluded.out_at;
end $$;

-- container.looked(subjects, ids, at): these scans of theirs, then, were judged by the closure that
-- each lay in until then. Writes container.membership.
create function container.looked(p_subjects text[], p_ids uuid[], p_at timestamptz[])
returns void
language plpgsql as $$
begin
    update container.membership m set looked_at = least(l.at, now())
    from (select u.at, x.closure, x.subject, x.began_event
          from unnest(p_subjects, p_ids, p_at) as u (subject, id, at)
          cross join lateral (
              select * from container.membership y
              where y.subject = u.subject and y.began_event <> u.id
              order by y.began_at desc limit 1) x) l
    where (m.closure, m.subject, m.began_event) = (l.closure, l.subject, l.began_event)
      and m.ended_at is null;
end $$;

-- container.closure_for(container, at): the closure something scanned into the container at that
-- time goes to; null when it was sealed then. Reads container.closure. (plpgsql keeps the plan, here
-- and below.)
create function container.closure_for(p_container text, p_at timestamptz) returns bigint
language plpgsql stable as $$
begin
    return (
        select id from container.closure
        where container = p_container and begun_at <= p_at
          and (sealed_at is null or p_at <= sealed_at) and (opened_at is null or p_at < opened_at)
        order by n desc limit 1);
end $$;

-- container.depth_of(closure): how many containers deep, outward, a closure's content lies.
create function container.depth_of(p_closure bigint) returns int
language plpgsql stable as $$
begin
    return (
        with recursive outward (closure, depth) as (
            select p_closure, 1
            union all
            select c.closure, o.depth + 1
            from outward o
            join container.closure k on k.id = o.closure
            join container.container c on c.id = k.container
            where c.closure is not null and o.depth < 10)
        select max(depth) from outward);
end $$;

-- container.height_of(container): containers below it, itself counted. Reads memberships.
create function container.height_of(p_container text) returns int
language plpgsql stable as $$
begin
    return (
        with recursive inward (id, height) as (
            select p_container collate "C", 1
            union all
            select inner_one.id, i.height + 1
            from inward i
            join container.container c on c.id = i.id
            join container.container inner_one on inner_one.closure = c.inside
            where i.height < 10)
        select max(height) from inward);
end $$;
create index container_closure on container.container (closure) where closure is not null;

-- container.lies_in(outer closure, container): whether the closure lies in that container, at any
-- depth: putting the container into it would make a cycle.
create function container.lies_in(p_closure bigint, p_container text) returns boolean
language plpgsql stable as $$
begin
    return (
        with recursive outward (closure, container, depth) as (
            select k.id, k.container, 1 from container.closure k where k.id = p_closure
            union all
            select k.id, k.container, o.depth + 1
            from outward o
            join container.container c on c.id = o.container
            join container.closure k on k.id = c.closure
            where o.depth < 10)
        select exists (select from outward where container = p_container));
end $$;

-- container.allocate(origin, destination, at): the next receptacle id (UPU S9, 29 characters) of
-- today's despatch of the lane, of a further one when that is closed. Locks and writes container.despatch.
create function container.allocate(p_origin bigint, p_destination bigint, out id text,
                                   out despatch bigint)
language plpgsql as $$
declare
    v_day date := base.vn_date(now());
    v_year int := extract(year from v_day);
    v_number int;
    v_s8 text;
    v_receptacle int;
begin
    perform pg_advisory_xact_lock(hashtextextended(p_origin || '>' || p_destination, 2));
    update container.despatch d set receptacles = receptacles + 1
    where d.id = (select x.id from container.despatch x
                  where x.origin = p_origin and x.destination = p_destination and x.day = v_day
                    and x.receptacles < 999 and x.closed_at is null order by x.number desc limit 1)
    returning d.id, d.s8, d.receptacles into despatch, v_s8, v_receptacle;
    if despatch is null then
        select coalesce(max(x.number), 0) % 9999 + 1 into v_number from container.despatch x
        where x.origin = p_origin and x.destination = p_destination and x.year = v_year;
        insert into container.despatch (origin, destination, year, number, day, receptacles)
        values (p_origin, p_destination, v_year, v_number, v_day, 1)
        returning container.despatch.id, s8, receptacles into despatch, v_s8, v_receptacle;
    end if;
    id := v_s8 || lpad(v_receptacle::text, 3, '0') || '0' || '1' || '0000';
end $$;
select base.grant_service('delete', 'container.membership');
select base.grant_service('delete', 'container.closure');
