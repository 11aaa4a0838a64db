-- What a scan locks, in one order for all: first by name the containers whose past it changes (alone)
-- or is judged by (with others), and with them the numbers that nobody has begun; then the shipments by
-- number. So the members of a container stay while it is held, whoever waits holds nothing that the
-- one before it needs, and those who wait come in their turn.

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
        select array_agg(x.id), array_agg(case when x.refers is null then least(x.at, now())
                                               else '-infinity' end) into v_bags, v_since
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
-- judged by. What came to it meanwhile is found by a second look: then all is let go and locked anew
-- with that, so that the order always holds; what was found once is locked each time, so that it
-- comes to an end. Returns how many of the subjects are shipments.
create function custody.lock(p_subjects text[], p_at timestamptz[], p_bags text[] default '{}',
                             p_refers uuid[] default '{}') returns int
language plpgsql as $$
declare
    f record;
    n record;
begin
    select * into f from custody.reach(p_subjects, p_at, p_bags, p_refers);
    loop
        begin
            perform case when x.alone then pg_advisory_xact_lock(x.key)
                         else pg_advisory_xact_lock_shared(x.key) end
            from (select hashtextextended(u.subject, 5) as key, bool_or(u.alone) as alone
                  from (select a, true from unnest(f.alone) as a
                        union all
                        select b, false from unnest(f.beside) as b) as u (subject, alone)
                  group by 1 order by 1) x;
            perform from custody.shipment s
            where s.number = any (p_subjects || f.members)
            order by s.number for no key update;
            select * into n from custody.reach(p_subjects, p_at, p_bags, p_refers);
            if n.alone <@ f.alone and n.beside <@ (f.alone || f.beside) and n.members <@ f.members
               and n.known = f.known then
                return n.known;
            end if;
            raise exception using errcode = 'DP002', message = 'more has come';
        exception when sqlstate 'DP002' then
            f.alone := f.alone || n.alone;
            f.beside := f.beside || n.beside;
            f.members := f.members || n.members;
            f.known := n.known;
        end;
    end loop;
end $$;
