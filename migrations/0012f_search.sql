-- What should have arrived by now and has not becomes one search task for whoever had it last. All of
-- this is read from the log behind the scans, by one instance at a time, so that no scan waits for it.

-- How long is too long. least_samples: journeys of a lane before its own times count. grace_minutes: of
-- the office hours of the place it goes to, beyond what the lane usually takes. unseen_minutes: of the
-- office hours where a bag was opened. days: how far back journeys count; most: how many of a lane.
create table custody.search_rule (
    one boolean primary key default true check (one),
    least_samples int not null default 20 check (least_samples >= 20),
    share double precision not null default 0.95 check (share between 0.5 and 0.999),
    grace_minutes int not null default 60 check (grace_minutes between 0 and 2400),
    unseen_minutes int not null default 120 check (unseen_minutes between 1 and 2400),
    days int not null default 90 check (days between 7 and 400),
    most int not null default 1000 check (most between 20 and 100000)
);
insert into custody.search_rule default values;

-- What is waited for: a way (something departed, from what it left to the place it goes to) or an opened
-- bag whose contents are to be seen (closure; from_unit: where it was opened). One for each event that
-- begins it. basis: lane or target. ended: seen at a place. told_at: looked at when it was due.
create table custody.awaited (
    subject text collate "C" not null,
    event uuid not null,
    what text not null check (what in ('way', 'opened')),
    since timestamptz not null,
    from_unit bigint not null,
    to_unit bigint,
    closure bigint,
    due_at timestamptz not null,
    basis text not null check (basis in ('lane', 'target', 'opened')),
    samples int not null default 0,
    ended_at timestamptz,
    ended_unit bigint,
    told_at timestamptz,
    primary key (subject, event)
) with (fillfactor = 80);
create index awaited_due on custody.awaited (due_at) where ended_at is null and told_at is null;
create index awaited_lane on custody.awaited (from_unit, ended_unit, since)
    where what = 'way' and ended_at is not null;
create index awaited_since on custody.awaited (since);
select base.grant_service('delete', 'custody.awaited');

-- How long journeys between two units take. dirty_at: one came since that was reckoned.
create table custody.lane (
    from_unit bigint not null,
    to_unit bigint not null,
    samples int not null default 0,
    half interval,
    usual interval,
    reckoned_at timestamptz not null default '-infinity',
    dirty_at timestamptz,
    primary key (from_unit, to_unit)
);
create index lane_dirty on custody.lane (dirty_at) where dirty_at is not null;

-- How far into the log it was read.
create table custody.search_head (
    one boolean primary key default true check (one),
    position bigint not null default 0
);
insert into custody.search_head default values;

-- custody.next_place(from, end): where something that leaves one unit comes next on its way to another:
-- up to whoever serves it, across to the other hub, or down. Reads postal.unit.
create function custody.next_place(p_from bigint, p_end bigint) returns bigint
language plpgsql stable as $$
declare
    v_line bigint[]; -- the end and those above it
    v_hub bigint;
    v_place int;
    v_parent postal.unit;
begin
    with recursive line (unit, parent, kind, n) as (
        select u.id, u.parent_id, u.kind, 1 from postal.unit u where u.id = p_end
        union all
        select u.id, u.parent_id, u.kind, l.n + 1
        from line l join postal.unit u on u.id = l.parent where l.n < 8)
    select array_agg(l.unit order by l.n), max(l.unit) filter (where l.kind = 'hub')
    into v_line, v_hub from line l;
    v_place := array_position(v_line, p_from);
    if v_place is not null then
        return case when v_place > 1 then v_line[v_place - 1] end;
    end if;
    select p.* into v_parent from postal.unit u join postal.unit p on p.id = u.parent_id
    where u.id = p_from;
    return case when v_parent.kind in ('hub', 'post_office') then v_parent.id
                else coalesce(v_hub, p_end) end;
end $$;

-- custody.heads_for(departure): the unit that a shipment or container on its way should reach next.
create function custody.heads_for(e custody.event) returns bigint
language plpgsql stable as $$
declare
    v_trip bigint;
    v_end bigint;
begin
    if e.target_kind = 'trip' then
        select t.to_unit into v_trip from container.trip t where t.id = e.target_id;
    end if;
    if v_trip is not null then
        return v_trip;
    end if;
    if length(e.subject) = 29 then
        return (select c.destination from container.container c where c.id = e.subject);
    end if;
    select case when s.going_back then s.from_unit else s.to_unit end into v_end
    from custody.shipment s where s.number = e.subject;
    return custody.next_place(e.unit, v_end);
end $$;

-- custody.expected_by(from, to, since): when it is too late: past what the lane usually takes, moved
-- into the office hours of the place, and the grace; from too few journeys the J+n target in working
-- days. Reads custody.lane, postal.*.
create function custody.expected_by(p_from bigint, p_to bigint, p_since timestamptz,
                                    out due_at timestamptz, out basis text, out samples int)
language plpgsql stable as $$
declare
    u custody.search_rule;
    l custody.lane;
    v_days int;
begin
    select * into u from custody.search_rule;
    select * into l from custody.lane x where x.from_unit = p_from and x.to_unit = p_to;
    samples := coalesce(l.samples, 0);
    if samples >= u.least_samples then
        basis := 'lane';
        due_at := postal.add_working_minutes(p_to, p_since + l.usual, u.grace_minutes);
        return;
    end if;
    basis := 'target';
    select postal.transit_days(f.commune_code, t.commune_code, false) into v_days
    from postal.unit f, postal.unit t where f.id = p_from and t.id = p_to;
    due_at := postal.due_at(p_to, p_since,
        coalesce(v_days, (select max(r.days) from postal.transit r)), 'working_day');
end $$;

-- custody.ways_of(subjects): what their events say they are awaited for: departures, each with the scan
-- at a place that follows it, unless it departed again before; and opened bags. What was taken back or
-- had no effect at receipt is left out.
-- Reads custody.event, container.closure.
create function custody.ways_of(p_subjects text[])
returns table (begins custody.event, what text, closure bigint, ended_at timestamptz, ended_unit bigint)
language sql stable as $$
    with told as materialized (
        select e as event, e.subject, e.at, e.device, e.device_seq, e.id, e.kind
        from unnest(p_subjects) as p (subject)
        join custody.event e on e.subject = p.subject
        where (e.kind in ('depart', 'open') or exists (
                   select from custody.transition t
                   where t.kind = e.kind and t.from_state = 'departed' and t.holder = 'place'
                     and t.what = case length(e.subject) when 29 then 'c' else 's' end))
          and not exists (select from custody.oddity o where o.code = any (e.warnings) and o.skips)
          and not exists (select from custody.event b
                          where b.subject = e.subject and b.refers = e.id
                            and b.kind in ('undo', 'reverse') and b.outcome = 'recorded')),
    followed as (
        select t.*, lead(t.event) over w as next
        from told t
        window w as (partition by t.subject order by t.at, t.device, t.device_seq, t.id))
    select f.event, 'way', null::bigint, case when (f.next).kind <> 'depart' then (f.next).at end,
           case when (f.next).kind <> 'depart' then (f.next).unit end
    from followed f where f.kind = 'depart'
    union all
    select f.event, 'opened', k.id, null, null
    from followed f
    join container.closure k on k.container = f.subject and k.opened_at = f.at
    where f.kind = 'open'
$$;

-- custody.await_subjects(subjects): keeps what their events say. What is kept of a departure stays, but
-- for whether it ended. A lane with a journey more becomes dirty. Writes custody.awaited, custody.lane.
create function custody.await_subjects(p_subjects text[], p_now timestamptz) returns void
language plpgsql as $$
begin
    with found as materialized (select * from custody.ways_of(p_subjects)),
    ended as (
        update custody.awaited a set ended_at = f.ended_at, ended_unit = f.ended_unit
        from found f
        where a.subject = (f.begins).subject and a.event = (f.begins).id and f.what = 'way'
          and (a.ended_at, a.ended_unit) is distinct from (f.ended_at, f.ended_unit)
        returning a.from_unit, a.ended_unit),
    begun as (
        insert into custody.awaited (subject, event, what, since, from_unit, to_unit, closure, due_at,
                                     basis, samples, ended_at, ended_unit)
        select (f.begins).subject, (f.begins).id, f.what, (f.begins).at,
               coalesce((f.begins).unit, 0), case f.what when 'way' then d.to_unit end, f.closure,
               b.due_at, b.basis, b.samples, f.ended_at, f.ended_unit
        from found f
        cross join lateral (
            select case f.what when 'way' then custody.heads_for(f.begins) end as to_unit offset 0) d
        cross join lateral (
            select x.* from custody.expected_by((f.begins).unit, d.to_unit, (f.begins).at) x
            where f.what = 'way'
            union all
            select postal.add_working_minutes((f.begins).unit, (f.begins).at, r.unseen_minutes),
                   'opened', 0
            from custody.search_rule r where f.what = 'opened') b
        where not exists (select from custody.awaited a
                          where a.subject = (f.begins).subject and a.event = (f.begins).id)
        returning from_unit, ended_unit)
    insert into custody.lane as l (from_unit, to_unit, dirty_at)
    select distinct x.from_unit, x.ended_unit, p_now
    from (select * from ended union all select * from begun) x
    where x.ended_unit is not null and x.ended_unit <> x.from_unit and x.from_unit <> 0
    on conflict (from_unit, to_unit) do update set dirty_at = coalesce(l.dirty_at, excluded.dirty_at);
end $$;

-- custody.read_log(most, now): the next so many events of the log: what is awaited since, or no longer.
-- Returns how many. Reads custody.log, custody.event; writes as await_subjects, custody.search_head.
create function custody.read_log(p_most int, p_now timestamptz) returns int
language plpgsql as $$
declare
    v_from bigint := (select h.position from custody.search_head h);
    v_last bigint;
    v_count int;
    v_subjects text[];
begin
    select max(l.position), count(*), array_agg(distinct l.subject) filter (where e.id is not null)
    into v_last, v_count, v_subjects
    from (select * from custody.log g where g.position > v_from order by g.position limit p_most) l
    left join custody.event e on e.subject = l.subject and e.id = l.event_id
        and (e.kind in ('depart', 'open', 'undo', 'reverse', 'confirm')
             or exists (select from custody.transition t
                        where t.kind = e.kind and t.from_state = 'departed' and t.holder = 'place'));
    if v_count > 0 then
        perform custody.await_subjects(v_subjects, p_now);
        update custody.search_head set position = v_last;
    end if;
    return v_count;
end $$;

-- custody.reckon_lanes(most, now): those with a journey more, unless it was done within ten minutes: how
-- long half of the latest journeys took, and the share of search_rule. Writes custody.lane.
create function custody.reckon_lanes(p_most int, p_now timestamptz) returns void
language sql as $$
    update custody.lane l set samples = n.samples, half = n.half, usual = n.usual,
                              reckoned_at = p_now, dirty_at = null
    from custody.search_rule r, lateral (
        select d.from_unit, d.to_unit, t.* from (
            select x.from_unit, x.to_unit from custody.lane x
            where x.dirty_at is not null and x.reckoned_at <= p_now - interval '10 minutes'
            order by x.dirty_at limit p_most) d
        cross join lateral (
            select count(*) as samples,
                   percentile_cont(0.5) within group (order by j.took) as half,
                   percentile_cont(r.share) within group (order by j.took) as usual
            from (select a.ended_at - a.since as took from custody.awaited a
                  where a.from_unit = d.from_unit and a.ended_unit = d.to_unit and a.what = 'way'
                    and a.ended_at is not null
                    and a.since > p_now - make_interval(days => r.days)
                  order by a.since desc limit r.most) j) t) n
    where l.from_unit = n.from_unit and l.to_unit = n.to_unit
$$;

-- custody.missing(awaited): what of it is missing, with the event that the task names: what is on
-- its way still, or each thing that lay in the bag and was not seen by itself since the opening.
-- Reads custody.shipment, container.*.
create function custody.missing(a custody.awaited)
returns table (subject text, event uuid, code text, bag text)
language plpgsql stable rows 10 as $$
begin
    if a.what = 'opened' then
        return query
            select m.subject, m.began_event, 'not_seen_after_opening', k.container
            from container.closure k
            join container.membership m on m.closure = k.id and m.ended_at is null
            left join custody.shipment s on s.number = m.subject
            left join container.container c on c.id = m.subject
            where k.id = a.closure and k.opened_at is not null
              and coalesce(s.closure, c.closure) = k.id;
        return;
    end if;
    return query
        select a.subject, a.event, 'not_arrived', null::text
        where not exists (select from custody.awaited n
                          where n.subject = a.subject and n.what = 'way' and n.since > a.since)
          and (exists (select from custody.shipment s where s.number = a.subject
                       and s.state = 'departed' and s.closure is null)
               or exists (select from container.container c where c.id = a.subject
                          and c.state = 'departed' and c.closure is null));
end $$;

-- custody.tell_missing(most, now): what is due and has not come opens a task, once, for the unit and the
-- person that had it last. Returns how many. Writes custody.exception, custody.awaited.
create function custody.tell_missing(p_most int, p_now timestamptz) returns int
language plpgsql as $$
declare
    v_count int;
begin
    with due as materialized (
        select * from custody.awaited a
        where a.ended_at is null and a.told_at is null and a.due_at <= p_now
        order by a.due_at limit p_most),
    told as (
        update custody.awaited a set told_at = p_now from due d
        where a.subject = d.subject and a.event = d.event)
    insert into custody.exception (subject, event_id, code, detail, unit, actor, opened_at)
    select m.subject, m.event, m.code, jsonb_strip_nulls(jsonb_build_object(
               'since', d.since, 'from', f.code, 'to', t.code, 'expected_by', d.due_at,
               'basis', d.basis, 'samples', nullif(d.samples, 0), 'bag', m.bag)),
           h.unit, coalesce(h.person, k.opened_by), p_now
    from due d
    cross join lateral custody.missing(d) m
    cross join lateral custody.last_holder(m.subject, nullif(d.from_unit, 0)) h
    left join container.closure k on k.id = d.closure
    left join postal.unit f on f.id = d.from_unit
    left join postal.unit t on t.id = d.to_unit
    on conflict (subject, event_id, code) do nothing;
    get diagnostics v_count = row_count;
    return v_count;
end $$;

-- custody.search_missing(now, most): one turn of the search: reads on in the log, reckons lanes, opens
-- tasks for what is missing at that time, sets due times of new exceptions, drops what is old. Any number
-- of instances may call it: one works, the others get read = 0 at once. Returns how many events were
-- read and tasks opened, and how many exceptions are open and overdue.
-- Writes custody.awaited, custody.lane, custody.exception, custody.search_head.
create function custody.search_missing(p_now timestamptz default now(), p_most int default 1000,
                                       out read int, out opened int, out open bigint,
                                       out overdue bigint)
-- A turn is small beside the tables: the planner would read them whole.
language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set jit = off as $$
begin
    read := 0;
    opened := 0;
    if pg_try_advisory_xact_lock(hashtext('custody.search_missing')) then
        read := custody.read_log(p_most, p_now);
        perform custody.reckon_lanes(50, p_now);
        opened := custody.tell_missing(200, p_now);
        perform custody.exceptions_age(200);
        delete from custody.awaited a using (
            select o.subject, o.event from custody.awaited o
            where o.since < p_now - interval '400 days'
            order by o.since limit p_most) o
        where a.subject = o.subject and a.event = o.event;
    end if;
    select count(*), count(*) filter (where x.due_at < p_now) into open, overdue
    from custody.exception x where x.resolved_at is null;
end $$;

do $$
begin
    perform base.revoke_service('insert, update', 'custody.search_rule');
end $$;
