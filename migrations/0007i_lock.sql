-- What a scan locks, in one order for all: first the trips that it puts something on; then by name the
-- containers whose past it changes (alone) or is judged by (with others), and with them the numbers that
-- nobody has begun; then the shipments by number. So the members of a container stay while it is held,
-- whoever waits holds nothing that the one before it needs, and those who wait come in their turn.

-- custody.lock_trips(targets): the trips among whom scans name, with others who load them; whoever ends a
-- trip is alone with it (container.open_trip). Reads container.trip.
create function custody.lock_trips(p_targets text[]) returns void
language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(hashtextextended(x.code, 9))
    from (select t.code from container.trip t where t.code = any (p_targets) order by 1 offset 0) x;
end $$;

-- custody.reach(subjects, at, bags, refers): what scans of these subjects may change or are judged by.
-- alone: containers that are scanned, or folded again because one they lie in is; numbers not known
-- yet (whoever begins them takes the same lock: one of us sees the other). beside: containers named,
-- or that anything among these was ever scanned into, outward. members: shipments that are folded
-- again. known: how many of the subjects are shipments. Reads container.*, custody.shipment.
create function custody.reach(p_subjects text[], p_at timestamptz[], p_bags text[], p_refers uuid[],
                              out alone text[], out beside text[], out members text[], out known int)
language plpgsql stable set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off as $$
declare
    v_bags text[];
    v_since timestamptz[];
    v_depth int := 0;
begin
    alone := '{}';
    members := '{}';
    select count(*) into known from custody.shipment s where s.number = any (p_subjects);
    if known < cardinality(p_subjects) then
        alone := array(select distinct u.subject from unnest(p_subjects) as u (subject)
                       where u.subject is not null and not exists (
                           select from custody.shipment s where s.number = u.subject));
        -- (what was taken back before it came may count from before its own time)
        select array_agg(x.id),
               array_agg(case when x.refers is null and not exists (
                                  select from custody.event u
                                  where u.subject = x.id and u.kind in ('undo', 'reverse')
                                    and not exists (select from custody.event y
                                                    where y.subject = u.subject and y.id = u.refers))
                              then least(x.at, now()) else '-infinity' end)
        into v_bags, v_since
        from unnest(p_subjects, p_at, p_refers) as x (id, at, refers) where length(x.id) = 29;
    end if;
    while v_bags is not null and v_depth < 6 loop
        with late as (
            select m.subject, min(b.since) as since
            from unnest(v_bags, v_since) as b (id, since)
            cross join lateral container.late_members(b.id, b.since) m
            group by m.subject)
        select array_agg(l.subject) filter (where length(l.subject) = 29),
               array_agg(l.since) filter (where length(l.subject) = 29),
               members || array_agg(l.subject) filter (where length(l.subject) = 13)
        into v_bags, v_since, members
        from late l;
        alone := alone || v_bags;
        v_depth := v_depth + 1;
    end loop;
    beside := array(
        with recursive around (id) as (
            select u.id collate "C" from unnest(p_subjects || alone || members || p_bags) as u (id)
            union
            select t.container from around a join container.tried t on t.subject = a.id)
        select a.id from around a where length(a.id) = 29);
end $$;

-- custody.lock(subjects, at, bags, refers): locks what scans of these subjects may change or are
-- judged by. At first that is taken to be what they name and what they were scanned into, which mostly
-- it is; what else there is, or came to it meanwhile, is found by a look: then all is let go and locked
-- anew with that, so that the order always holds; what was found once is locked each time, and while the
-- containers are held no more shipments come to them, so that it comes to an end. known: how many of the
-- subjects are shipments; members: how many shipments are folded again; bags: how many containers and
-- unknown numbers are locked alone.
create function custody.lock(p_subjects text[], p_at timestamptz[], p_bags text[] default '{}',
                             p_refers uuid[] default '{}',
                             out known int, out members int, out bags int)
language plpgsql as $$
declare
    v_alone text[] := array(select x from unnest(p_subjects) as x where length(x) = 29);
    v_beside text[] := array(select x from unnest(p_bags) as x where length(x) = 29
                             union
                             select t.container from container.tried t
                             where t.subject = any (p_subjects || p_bags));
    v_members text[] := '{}';
    n record;
begin
    loop
        begin
            perform case when x.alone then pg_advisory_xact_lock(x.key)
                         else pg_advisory_xact_lock_shared(x.key) end
            from (select hashtextextended(u.subject, 5) as key, bool_or(u.alone) as alone
                  from (select a, true from unnest(v_alone) as a
                        union all
                        select b, false from unnest(v_beside) as b) as u (subject, alone)
                  group by 1 order by 1) x;
            loop
                begin
                    select count(*) filter (where s.number = any (p_subjects)) into known
                    from (select s.number from custody.shipment s
                          where s.number = any (p_subjects || v_members)
                          order by s.number for no key update) s;
                    select * into n from custody.reach(p_subjects, p_at, p_bags, p_refers);
                    if not (n.alone <@ v_alone and n.beside <@ (v_alone || v_beside)) then
                        raise exception using errcode = 'DP002', message = 'more containers';
                    elsif not n.members <@ v_members or n.known <> known then
                        raise exception using errcode = 'DP003', message = 'more shipments';
                    end if;
                    members := cardinality(n.members);
                    bags := cardinality(n.alone);
                    return;
                exception when sqlstate 'DP003' then
                    v_members := v_members || n.members;
                end;
            end loop;
        exception when sqlstate 'DP002' then
            v_alone := v_alone || n.alone;
            v_beside := v_beside || n.beside;
            v_members := v_members || n.members;
        end;
    end loop;
end $$;

-- custody.lock_number(number): the number that a shipment is to begin under, alone; and before it what
-- it was scanned into.
create function custody.lock_number(p_number text) returns void
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(p_number, 5));
    if exists (select from container.tried t where t.subject = p_number) then
        raise exception using errcode = 'DP002', message = 'containers come first';
    end if;
exception when sqlstate 'DP002' then -- (the number is let go)
    perform custody.lock(array[p_number], array['-infinity'::timestamptz]);
end $$;
