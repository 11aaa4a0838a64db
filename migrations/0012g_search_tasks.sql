-- What the search does once the log is read: lanes, tasks for what is missing, and what is old. Each is a
-- call of its own: the log takes in nothing newer while one that has written lasts.

-- custody.reckon_lanes(most, now): those with a journey more, unless it was done within ten minutes: how
-- long half of the latest journeys took, and the share of search_rule. Writes custody.lane.
create function custody.reckon_lanes(p_most int, p_now timestamptz default now()) returns void
language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set jit = off as $$
declare
    r custody.search_rule;
    v_lanes custody.lane[];
begin
    if not custody.searching() then
        return;
    end if;
    select * into r from custody.search_rule;
    select array_agg(row(d.from_unit, d.to_unit, t.samples, t.half, t.usual, p_now, null)::custody.lane)
    into v_lanes
    from (select x.from_unit, x.to_unit from custody.lane x
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
              order by a.since desc limit r.most) j) t;
    update custody.lane l set samples = n.samples, half = n.half, usual = n.usual,
                              reckoned_at = p_now, dirty_at = null
    from unnest(v_lanes) as n where l.from_unit = n.from_unit and l.to_unit = n.to_unit;
end $$;

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

-- custody.within(subject): the shipments in it, at whatever depth, or itself. Reads as custody.bag_contents.
create function custody.within(p_subject text) returns setof text
language plpgsql stable rows 10 as $$
begin
    if length(p_subject) <> 29 then
        return next p_subject;
    else
        return query select b.number from custody.bag_contents(array[p_subject]) b where length(b.number) <> 29;
    end if;
end $$;

-- custody.agencies_of(subject): those whose dossiers are in it. Reads custody.shipment, dossier.dossier.
create function custody.agencies_of(p_subject text) returns bigint[]
language plpgsql stable as $$
begin
    return array(select distinct d.agency from custody.within(p_subject) n
                 join custody.shipment s on s.number = n join dossier.dossier d on d.id = s.dossier order by 1);
end $$;

-- custody.tasks_for(awaited): the tasks for what is missing of it, as exceptions.
create function custody.tasks_for(a custody.awaited) returns setof custody.exception
language plpgsql stable rows 10 as $$
declare
    x custody.exception;
    m record;
begin
    x.actor := (select k.opened_by from container.closure k where k.id = a.closure);
    for m in select * from custody.missing(a) loop
        x.subject := m.subject;
        x.event_id := m.event;
        x.code := m.code;
        x.detail := jsonb_strip_nulls(jsonb_build_object(
            'since', a.since, 'from', (select u.code from postal.unit u where u.id = a.from_unit),
            'to', (select u.code from postal.unit u where u.id = a.to_unit),
            'expected_by', a.due_at, 'basis', a.basis, 'samples', nullif(a.samples, 0), 'bag', m.bag));
        select h.unit, coalesce(h.person, x.actor) into x.unit, x.actor
        from custody.last_holder(m.subject, nullif(a.from_unit, 0)) h;
        x.agencies := custody.agencies_of(m.subject);
        return next x;
    end loop;
end $$;

-- custody.tell_missing(most, now): what is due and has not come opens a task, once, for the unit and the
-- person that had it last. Returns how many. Writes custody.exception, custody.awaited.
create function custody.tell_missing(p_most int, p_now timestamptz default now()) returns int
language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set jit = off as $$
declare
    v_due custody.awaited[];
    v_tasks custody.exception[];
    v_count int;
begin
    if not custody.searching() then
        return 0;
    end if;
    v_due := array(select a from custody.awaited a
                   where a.ended_at is null and a.told_at is null and a.due_at <= p_now
                   order by a.due_at limit p_most);
    v_tasks := array(select t from unnest(v_due) as d cross join lateral custody.tasks_for(d) t);
    update custody.awaited a set told_at = p_now
    from unnest(v_due) as d where a.subject = d.subject and a.event = d.event;
    insert into custody.exception (subject, event_id, code, detail, unit, actor, opened_at, agencies)
    select t.subject, t.event_id, t.code, t.detail, t.unit, t.actor, p_now, t.agencies from unnest(v_tasks) as t
    on conflict (subject, event_id, code) do nothing;
    get diagnostics v_count = row_count;
    return v_count;
end $$;

-- custody.drop_awaited(most, now): no journey counts that long. Writes custody.awaited.
create function custody.drop_awaited(p_most int, p_now timestamptz default now()) returns void
language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
    if custody.searching() then
        delete from custody.awaited a using (
            select o.subject, o.event from custody.awaited o
            where o.since < p_now - interval '400 days'
            order by o.since limit p_most) o
        where a.subject = o.subject and a.event = o.event;
    end if;
end $$;

-- custody.exceptions_waiting(now): how many exceptions are open, and how many of them overdue.
create function custody.exceptions_waiting(p_now timestamptz default now(), out open bigint,
                                           out overdue bigint)
language plpgsql stable set enable_seqscan = off as $$
begin
    select count(*), count(*) filter (where x.due_at < p_now) into open, overdue
    from custody.exception x where x.resolved_at is null;
end $$;
