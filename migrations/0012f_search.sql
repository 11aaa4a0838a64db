-- What should have arrived by now and has not becomes one search task for whoever had it last. All of
-- this is read from the log behind the scans, by one instance at a time, so that no scan waits for it.

-- How long is too long. least_samples: journeys of a lane before its own times count. grace_minutes: of
-- the office hours of the place it goes to, beyond what the lane usually takes. unseen_minutes: of the
-- office hours where a bag was opened. days: how far back journeys count, leg_days: whole legs
-- (0012e_legs.sql), of which a lane has fewer; most: how many of a lane.
create table custody.search_rule (
    one boolean primary key default true check (one),
    least_samples int not null default 20 check (least_samples >= 20),
    share double precision not null default 0.95 check (share between 0.5 and 0.999),
    grace_minutes int not null default 60 check (grace_minutes between 0 and 2400),
    unseen_minutes int not null default 120 check (unseen_minutes between 1 and 2400),
    days int not null default 90 check (days between 7 and 400),
    leg_days int not null default 180 check (leg_days between 7 and 400),
    most int not null default 1000 check (most between 20 and 100000)
);
insert into custody.search_rule default values;

-- What is waited for: a way (something departed, from what it left to the place it goes to) or an opened
-- bag whose contents are to be seen (closure; from_unit: where it was opened). One for each event that
-- begins it. basis: lane or target; it and due_at are reckoned once somebody must wait: not of a way
-- that was over when it was read. ended: seen at a place. told_at: looked at when it was due.
create table custody.awaited (
    subject text collate "C" not null,
    event uuid not null,
    what text not null check (what in ('way', 'opened')),
    since timestamptz not null,
    from_unit bigint not null,
    to_unit bigint,
    closure bigint,
    due_at timestamptz,
    basis text check (basis in ('lane', 'target', 'opened')),
    samples int not null default 0,
    ended_at timestamptz,
    ended_unit bigint,
    told_at timestamptz,
    primary key (subject, event),
    check ((basis is null) = (due_at is null)),
    check (due_at is not null or ended_at is not null)
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

-- A way or an opened bag as the events tell it. trip: what it departed on.
create type custody.way as (
    subject text, event uuid, what text, at timestamptz, unit bigint, trip bigint, closure bigint,
    ended_at timestamptz, ended_unit bigint);

-- custody.ending_kinds(what): the kinds of scans that show something which had departed at a place.
create function custody.ending_kinds(p_what text) returns text[]
language plpgsql stable as $$
begin
    return array(select distinct t.kind from custody.transition t
                 where t.what = p_what and t.from_state = 'departed' and t.holder = 'place');
end $$;

-- custody.ways_of(subjects): what their events say they are awaited for: departures, each with the scan
-- at a place that follows it, unless it departed again before; and opened bags. What was taken back or
-- had no effect at receipt is left out.
-- Reads custody.event once a subject, container.closure.
create function custody.ways_of(p_subjects text[]) returns setof custody.way
language plpgsql stable rows 100 as $$
declare
    v_also constant text[] := '{depart,open,undo,reverse}';
    v_single text[] := v_also || custody.ending_kinds('s');
    v_bag text[] := v_also || custody.ending_kinds('c');
    v_skips text[] := array(select o.code from custody.oddity o where o.skips);
begin
    return query
        with told as (
            select e.subject, e.id, e.kind, e.at, e.device, e.device_seq, e.unit,
                   case e.target_kind when 'trip' then e.target_id end as trip,
                   e.kind not in ('undo', 'reverse') and not e.warnings && v_skips as counts,
                   bool_or(e.kind in ('undo', 'reverse') and e.outcome = 'recorded') over (
                       partition by e.subject, case when e.kind in ('undo', 'reverse')
                                                    then e.refers else e.id end) as taken_back
            from unnest(p_subjects) as p (subject)
            join custody.event e on e.subject = p.subject
            where e.kind = any (case length(p.subject) when 29 then v_bag else v_single end)),
        followed as (
            select t.*, lead(t.kind) over w as next, lead(t.at) over w as next_at,
                   lead(t.unit) over w as next_unit
            from told t where t.counts and not t.taken_back
            window w as (partition by t.subject order by t.at, t.device, t.device_seq, t.id))
        select f.subject::text, f.id, 'way', f.at, f.unit, f.trip, null::bigint,
               case when f.next <> 'depart' then f.next_at end,
               case when f.next <> 'depart' then f.next_unit end
        from followed f where f.kind = 'depart'
        union all
        select f.subject, f.id, 'opened', f.at, f.unit, null, k.id, null, null
        from followed f
        join container.closure k on k.container = f.subject and k.opened_at = f.at
        where f.kind = 'open';
end $$;

-- custody.bound_for(ways): as they are to be kept, with the unit that each left (where its trip began,
-- else the scanner's) and the one that it should reach next: where its trip goes, where the bag ends, or
-- the next place on the way of a shipment. Reads container.*, custody.shipment, postal.unit.
create function custody.bound_for(p_ways custody.way[]) returns setof custody.awaited
language plpgsql stable rows 100 set enable_hashjoin = on as $$
begin
    return query
        with ends as materialized (
            select w.*, coalesce(t.from_unit, w.unit, 0) as leaves,
                   coalesce(t.to_unit, c.destination) as straight,
                   case when s.going_back then s.from_unit else s.to_unit end as ends
            from unnest(p_ways) as w
            left join container.trip t on t.id = w.trip
            left join container.container c on c.id = case length(w.subject) when 29 then w.subject end
            left join custody.shipment s
                on s.number = case length(w.subject) when 13 then w.subject end),
        next as materialized (
            select d.unit, d.ends, custody.next_place(nullif(d.unit, 0), nullif(d.ends, 0)) as place
            from (select distinct coalesce(x.unit, 0) as unit, coalesce(x.ends, 0) as ends
                  from ends x where x.what = 'way' and x.straight is null
                                and length(x.subject) = 13) d)
        select x.subject, x.event, x.what, x.at, x.leaves,
               case x.what when 'way' then coalesce(x.straight, n.place) end, x.closure,
               null::timestamptz, null::text, 0, x.ended_at, x.ended_unit, null::timestamptz
        from ends x
        left join next n on n.unit = coalesce(x.unit, 0) and n.ends = coalesce(x.ends, 0)
                            and x.straight is null and x.what = 'way' and length(x.subject) = 13;
end $$;

-- custody.usual_way(from, to): how long a lane usually takes, from enough journeys (samples: of how
-- many); else days, its J+n target in working days. Reads custody.lane, postal.*.
create function custody.usual_way(p_from bigint, p_to bigint, p_least int, out usual interval,
                                  out days int, out samples int)
language plpgsql stable as $$
begin
    select l.samples, l.usual into samples, usual
    from custody.lane l where l.from_unit = p_from and l.to_unit = p_to;
    samples := coalesce(samples, 0);
    if samples >= p_least then
        return;
    end if;
    usual := null;
    select postal.transit_days(f.commune_code, t.commune_code, false) into days
    from postal.unit f, postal.unit t where f.id = p_from and t.id = p_to;
    days := coalesce(days, (select max(r.days) from postal.transit r));
end $$;

-- custody.due_for(awaited): the same rows; those that have not ended get when it is too late: past
-- what the lane usually takes, moved into the office hours of the place, and the grace; from too few
-- journeys the J+n target; of an opened bag the time to see what was in it. Each lane and each day of a
-- target is reckoned once. Reads custody.search_rule, custody.lane, postal.*.
create function custody.due_for(p_rows custody.awaited[]) returns setof custody.awaited
language plpgsql stable rows 100 set enable_hashjoin = on as $$
declare
    u custody.search_rule;
begin
    select * into u from custody.search_rule;
    return query
        with lanes as materialized (
            select d.*, w.*
            from (select distinct r.from_unit, coalesce(r.to_unit, 0) as to_unit
                  from unnest(p_rows) as r where r.what = 'way' and r.ended_at is null) d
            cross join lateral custody.usual_way(d.from_unit, d.to_unit, u.least_samples) w),
        targets as materialized (
            select l.to_unit, l.days, base.vn_date(r.since) as day,
                   postal.due_at(nullif(l.to_unit, 0), min(r.since), l.days, 'working_day') as due
            from unnest(p_rows) as r
            join lanes l on l.from_unit = r.from_unit and l.to_unit = coalesce(r.to_unit, 0)
            where r.what = 'way' and r.ended_at is null and l.usual is null
            group by 1, 2, 3)
        select r.subject, r.event, r.what, r.since, r.from_unit, r.to_unit, r.closure,
               case when r.what = 'opened' then postal.add_working_minutes(
                        nullif(r.from_unit, 0), r.since, u.unseen_minutes)
                    when l.usual is not null then postal.add_working_minutes(
                        r.to_unit, r.since + l.usual, u.grace_minutes)
                    else t.due end,
               case when r.what = 'opened' then 'opened' when l.usual is not null then 'lane'
                    when t.due is not null then 'target' end,
               coalesce(l.samples, 0), r.ended_at, r.ended_unit, r.told_at
        from unnest(p_rows) as r
        left join lanes l on r.what = 'way' and r.ended_at is null
             and l.from_unit = r.from_unit and l.to_unit = coalesce(r.to_unit, 0)
        left join targets t on t.to_unit = l.to_unit and t.days = l.days and l.usual is null
             and t.day = base.vn_date(r.since);
end $$;

-- custody.await_subjects(subjects, now): keeps what their events say. What is kept of a departure stays,
-- but for whether it ended. A lane with a journey more becomes dirty. All is reckoned before the first
-- write, since the log waits for a transaction that has written. Writes custody.awaited, custody.lane.
create function custody.await_subjects(p_subjects text[], p_now timestamptz) returns void
language plpgsql as $$
declare
    v_ways custody.way[] := array(
        select w.way from (select distinct on (x.subject, x.event) x as way, x.*
                           from custody.ways_of(p_subjects) x order by x.subject, x.event) w
        left join lateral (select a.* from custody.awaited a
                           where a.subject = w.subject and a.event = w.event offset 0) a on true
        where a.subject is null or w.what = 'way'
              and (a.ended_at, a.ended_unit) is distinct from (w.ended_at, w.ended_unit));
    v_rows custody.awaited[];
begin
    if v_ways = '{}' then
        return;
    end if;
    v_rows := array(select d from custody.due_for(array(
        select b from custody.bound_for(v_ways) b)) d);
    with told as (
        insert into custody.awaited as a select r.* from unnest(v_rows) as r
        on conflict (subject, event) do update set
            ended_at = excluded.ended_at, ended_unit = excluded.ended_unit,
            due_at = coalesce(a.due_at, excluded.due_at), basis = coalesce(a.basis, excluded.basis),
            samples = case when a.due_at is null then excluded.samples else a.samples end
        returning from_unit, ended_unit)
    insert into custody.lane as l (from_unit, to_unit, dirty_at)
    select distinct x.from_unit, x.ended_unit, p_now
    from told x
    where x.ended_unit is not null and x.ended_unit <> x.from_unit and x.from_unit <> 0
    order by 1, 2
    on conflict (from_unit, to_unit) do update set dirty_at = coalesce(l.dirty_at, excluded.dirty_at);
end $$;

-- custody.read_log(most, now): the next so many events of the log: what is awaited since, or no longer,
-- and whole legs that are over (0012e_legs.sql).
-- Returns how many. Reads custody.log, custody.event; writes as await_subjects, keep_legs,
-- custody.search_head.
create function custody.read_log(p_most int, p_now timestamptz) returns int
language plpgsql as $$
declare
    v_kinds text[] := array['depart', 'open', 'undo', 'reverse', 'confirm']
                      || custody.ending_kinds('s') || custody.ending_kinds('c');
    v_leg_kinds constant text[] := '{deliver,at_delivery_office,hold,return,redirect,undo,reverse,confirm}';
    v_from bigint := (select h.position from custody.search_head h);
    v_last bigint;
    v_count int;
    v_subjects text[];
    v_legs text[];
    v_over custody.leg_taken[];
begin
    select max(l.position), count(*),
           array_agg(distinct l.subject) filter (where e.kind = any (v_kinds)),
           array_agg(distinct l.subject) filter (where e.kind = any (v_leg_kinds)
                                                 and length(l.subject) = 13)
    into v_last, v_count, v_subjects, v_legs
    from (select g.position, g.subject, g.event_id from custody.log g
          where g.position > v_from order by g.position limit p_most) l
    left join custody.event e on e.subject = l.subject and e.id = l.event_id
        and (e.kind = any (v_kinds) or e.kind = any (v_leg_kinds));
    if v_count > 0 then
        v_over := array(select l from custody.legs_over(v_legs) l);
        perform custody.await_subjects(v_subjects, p_now);
        perform custody.keep_legs(v_legs, v_over, p_now);
        update custody.search_head set position = v_last;
    end if;
    return v_count;
end $$;

-- custody.step_over(why): leaves the next event of the log out. Returns words that name it.
create function custody.step_over(p_why text) returns text
language plpgsql as $$
declare
    l custody.log;
begin
    select g.* into l from custody.search_head h
    join custody.log g on g.position > h.position order by g.position limit 1;
    update custody.search_head set position = l.position;
    return format('event %s of %s at position %s: %s', l.event_id, l.subject, l.position, p_why);
end $$;

-- custody.searching(): whether this transaction is the one that searches. Any number of instances may
-- call what follows: one works, the others are answered at once.
create function custody.searching() returns boolean
language plpgsql as $$
begin
    return pg_try_advisory_xact_lock(hashtext('custody.search'));
end $$;

-- custody.search_read(now, most): reads on in the log. When something in it raises, half as much is
-- tried, down to the one event that does, which is stepped over. Returns how many were read, how many are
-- behind, whether fewer were tried than asked for, and the words for what was stepped over. Writes as
-- read_log.
create function custody.search_read(p_now timestamptz default now(), p_most int default 200,
                                    out read int, out behind bigint, out cut boolean,
                                    out passed_over text)
-- A turn is small beside the tables: the planner would read them whole. One plan for all turns: planning
-- anew costs more than a turn.
language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set jit = off set plan_cache_mode = force_generic_plan as $$
declare
    v_most int := p_most;
begin
    read := 0;
    while read = 0 and custody.searching() loop
        begin
            read := custody.read_log(v_most, p_now);
            exit;
        exception when others then
            -- What may go well in a moment, or lacks a right or a table, is no fault of the event.
            if left(sqlstate, 2) in ('25', '40', '42', '53', '55', '57', '58', 'XX') then
                raise;
            end if;
            if v_most = 1 then
                passed_over := custody.step_over(sqlerrm);
                read := 1;
            end if;
            v_most := greatest(v_most / 2, 1);
        end;
    end loop;
    cut := v_most < p_most;
    select l.position - h.position into behind from custody.log_head l, custody.search_head h;
end $$;

do $$
begin
    perform base.revoke_service('insert, update', 'custody.search_rule');
end $$;
