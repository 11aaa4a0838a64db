-- What containers, despatches and trips show: a bag's list against what was found, what rides on a
-- trip, a unit's despatches of a day, and where something goes next.

-- container.came_out(closure, subject): when something that is not on its list was first scanned as
-- coming out of it; null: never, or that was taken back, or it had been put in again by then.
-- Reads custody.event, container.*.
create function container.came_out(k container.closure, p_subject text) returns timestamptz
language plpgsql stable as $$
begin
    return (
        select min(e.at) from custody.event e
        where e.subject = p_subject and e.container = k.container and e.kind <> 'bag'
          and e.at >= k.opened_at
          and not exists (select from container.closure j
                          join container.membership m on m.closure = j.id
                          where j.container = k.container and j.n > k.n and m.subject = p_subject
                            and m.began_at <= e.at)
          and not custody.taken_back(p_subject, e.id));
end $$;

-- container.judged(container, closure): a row for each thing that is on the closure's list or was
-- found in it. status: inside (sealed in it now), left (by a scan of its own before the opening),
-- seen (scanned after the opening), not_seen, surplus (scanned as coming out of it, but not on the
-- list). finding: of what was opened present, missing, surplus; missorted: the bag's destination does
-- not serve where it goes, which is told while the bag is being filled, too.
-- Reads container.membership, container.tried, custody.shipment, custody.event (of the surplus).
create function container.judged(c container.container, k container.closure)
returns table (subject text, leg text, since timestamptz, status text, finding text)
language plpgsql stable rows 500 as $$
begin
    return query
        with listed as materialized (
            select distinct on (m.subject) m.subject, m.began_at, s.leg,
                   case when s.number is null then i.destination
                        when s.going_back then s.from_unit else s.to_unit end as ends,
                   case when m.ended_at is not null then 'left'
                        when k.opened_at is null then 'inside'
                        when coalesce(s.closure, i.closure) = k.id then 'not_seen'
                        else 'seen' end as status
            from container.membership m
            -- (each looked up: a walk along all numbers between the first and the last is longer)
            left join lateral (select x.number, x.leg, x.going_back, x.from_unit, x.to_unit,
                                      x.closure
                               from custody.shipment x where x.number = m.subject offset 0) s
                on true
            left join lateral (select x.destination, x.closure from container.container x
                               where x.id = m.subject and s.number is null offset 0) i on true
            where m.closure = k.id
            order by m.subject, m.began_at desc),
        surplus as materialized (
            select o.subject, o.at
            from (select t.subject, container.came_out(k, t.subject) as at
                  from container.tried t
                  where t.container = c.id and t.out_at >= k.opened_at
                    and not exists (select from listed l
                                    where l.subject = t.subject and l.status <> 'left')
                  offset 0) o
            where o.at is not null),
        going as materialized (
            select l.subject, l.leg, l.began_at as since, l.status, l.ends from listed l
            where l.subject not in (select x.subject from surplus x)
            union all
            select x.subject, s.leg, x.at, 'surplus',
                   case when s.number is null then i.destination
                        when s.going_back then s.from_unit else s.to_unit end
            from surplus x
            left join custody.shipment s on s.number = x.subject
            left join container.container i on i.id = x.subject)
        select g.subject, g.leg, g.since, g.status,
               case when g.status = 'left' then null
                    when g.status = 'surplus' then 'surplus'
                    when g.status = 'not_seen' then 'missing'
                    when not v.served then 'missorted'
                    when g.status = 'seen' then 'present' end
        from going g
        left join container.served(c.origin, c.destination, array(
            select distinct x.ends from going x where x.ends is not null)) v on v.unit = g.ends;
end $$;

-- container.manifest(container, closure, after, limit): {expected, seen, present, missing, surplus,
-- missorted: how many; items: [{number, leg?, since, status, finding?}], next?} in the order in which
-- they went in. after: the cursor `next`.
create function container.manifest(c container.container, k container.closure, p_after text,
                                   p_limit int) returns jsonb
language plpgsql stable as $$
declare
    v_since timestamptz := '-infinity';
    v_subject text := '';
begin
    if p_after is not null then
        if p_after !~ '^[0-9]{1,16}-[A-Z0-9]{13,29}$' then
            perform base.wrong_field('/next', 'format', 'Con trỏ không đúng.', 'Not a cursor of ours.');
        end if;
        v_since := 'epoch'::timestamptz + split_part(p_after, '-', 1)::bigint * interval '1 microsecond';
        v_subject := split_part(p_after, '-', 2);
    end if;
    return (
        with rows as materialized (select * from container.judged(c, k)),
        page as materialized (
            select r.* from rows r where (r.since, r.subject) > (v_since, v_subject)
            order by r.since, r.subject limit p_limit + 1),
        shown as materialized (
            select p.subject as number, p.leg, p.since, p.status, p.finding
            from page p order by p.since, p.subject limit p_limit)
        select jsonb_build_object(
            'expected', count(*) filter (where r.status not in ('left', 'surplus')),
            'seen', count(*) filter (where r.status = 'seen'),
            'present', count(*) filter (where r.finding = 'present'),
            'missing', count(*) filter (where r.finding = 'missing'),
            'surplus', count(*) filter (where r.finding = 'surplus'),
            'missorted', count(*) filter (where r.finding = 'missorted'),
            -- (as text, of codes that need no quoting: one call a line costs half as much again)
            'items', (select coalesce('[' || string_agg(
                          '{"number":"' || s.number || '","since":' || to_json(s.since)
                          || ',"status":"' || s.status || coalesce('","leg":"' || s.leg, '')
                          || coalesce('","finding":"' || s.finding, '') || '"}', ','
                          order by s.since, s.number) || ']', '[]')::jsonb from shown s))
            || coalesce((select jsonb_build_object('next', (extract(epoch from s.since)
                             * 1000000)::bigint || '-' || s.number)
                         from shown s where (select count(*) from page) > p_limit
                         order by s.since desc, s.number desc limit 1), '{}')
        from rows r);
end $$;

-- --- despatches ----------------------------------------------------------------------------------

-- container.despatch_json(despatch): {id, origin, destination, …, day, number, closed_at?, highest?,
-- trip?, receptacles: that hold something, items, weight_g?: of those that were weighed}.
create function container.despatch_json(d container.despatch) returns jsonb
language plpgsql stable as $$
begin
    return (
        with r as (
            select (select count(*) from container.membership m
                    where m.closure = k.id and m.ended_at is null) as items,
                   (container.weighed(c.id) ->> 'weight_g')::int as weight_g
            from container.container c
            join container.closure k on k.container = c.id and k.n = 1
            where c.despatch = d.id)
        select jsonb_strip_nulls(jsonb_build_object(
            'id', d.s8, 'origin', o.code, 'origin_name', o.name, 'destination', t.code,
            'destination_name', t.name, 'category', d.category, 'year', d.year,
            'number', d.number, 'day', d.day, 'closed_at', d.closed_at, 'highest', d.highest,
            'trip', (select x.code from container.trip x where x.id = d.trip),
            'receptacles', (select count(*) from r where r.items > 0),
            'items', (select coalesce(sum(r.items), 0) from r),
            'weight_g', (select sum(r.weight_g) from r)))
        from (values (1)) as one (row)
        left join postal.unit o on o.id = d.origin
        left join postal.unit t on t.id = d.destination);
end $$;

-- container.despatch_get(s8, after, limit): despatch_json and list: [{id, state, state_vi, state_en,
-- holder, seal?, items, weight_g?, highest}], next?; null when unknown. Of two that are ten years
-- apart, the later.
create function container.despatch_get(p_s8 text, p_after text default null,
                                       p_limit int default 500) returns jsonb
language plpgsql stable as $$
declare
    d container.despatch;
begin
    select * into d from container.despatch x where x.s8 = p_s8 order by x.year desc limit 1;
    if not found then
        return null;
    end if;
    return (
        with page as (
            select c.*, row_number() over (order by c.id) as line
            from container.container c
            where c.despatch = d.id and c.id > coalesce(p_after, '')
            order by c.id limit p_limit + 1)
        select container.despatch_json(d)
            || jsonb_build_object('list', coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                   'id', p.id, 'state', w.state, 'state_vi', n.name_vi, 'state_en', n.name_en,
                   'holder', custody.holder_json(w.holder_kind, w.holder_id), 'seal', k.seal,
                   'items', (select count(*) from container.membership m
                             where m.closure = k.id and m.ended_at is null),
                   'weight_g', (container.weighed(p.id) ->> 'weight_g')::int,
                   'highest', nullif(p.id = d.highest, false))) order by p.id)
                   filter (where p.line <= p_limit), '[]'))
            || case when count(*) > p_limit
                    then jsonb_build_object('next', max(p.id) filter (where p.line = p_limit))
                    else '{}' end
        from page p
        cross join lateral custody.standing_of(p.id) w
        join custody.state n on n.what = 'c' and n.code = w.state
        join container.closure k on k.container = p.id and k.n = 1);
end $$;

-- container.despatches(unit, day, after, limit): {unit, day, items: [despatch_json, with way: out or
-- in], next?}: what leaves the unit that day and what comes to it. unit: its code. Problem
-- unknown-unit, invalid-fields (no day).
create function container.despatches(p_unit text, p_day text, p_after bigint, p_limit int)
returns jsonb
language plpgsql stable as $$
declare
    v_unit bigint := postal.unit_by_code(p_unit);
    v_day date;
begin
    begin
        if p_day !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' then
            raise exception 'not a day';
        end if;
        v_day := coalesce(p_day::date, base.vn_date(now()));
    exception when others then
        perform base.wrong_field('/day', 'format', 'Ngày không có thật.', 'There is no such day.');
    end;
    return (
        with page as (
            select d as row, d.id from container.despatch d
            where (d.origin = v_unit or d.destination = v_unit) and d.day = v_day
              and d.id > coalesce(p_after, 0)
            order by d.id limit p_limit + 1),
        shown as (select * from page order by id limit p_limit)
        select jsonb_strip_nulls(jsonb_build_object('unit', p_unit, 'day', v_day,
            'items', (select coalesce(jsonb_agg(container.despatch_json(s.row)
                          || jsonb_build_object('way', case (s.row).origin when v_unit then 'out'
                                                            else 'in' end) order by s.id), '[]')
                      from shown s),
            'next', case when (select count(*) from page) > p_limit
                         then (select max(s.id)::text from shown s) end)));
end $$;

-- --- trips ---------------------------------------------------------------------------------------

-- container.trip_json(trip): {code, from, from_name, to, to_name, carrier?: {id, login, name},
-- departs_at?, created_at, ended_at?, arrived?, missing?, receptacles, loose, bagged}: how many
-- containers and single items ride on it now, and how many items lie in those containers.
create function container.trip_json(t container.trip) returns jsonb
language plpgsql stable as $$
begin
    return (
        select jsonb_strip_nulls(jsonb_build_object(
            'code', t.code, 'from', f.code, 'from_name', f.name, 'to', d.code, 'to_name', d.name,
            'carrier', case when a.id is not null then jsonb_build_object(
                           'id', a.id::text, 'login', a.login, 'name', a.name) end,
            'departs_at', t.departs_at, 'created_at', t.created_at, 'ended_at', t.ended_at,
            'arrived', t.arrived, 'missing', t.missing,
            'receptacles', (select count(*) from container.container c
                            where c.holder_kind = 'trip' and c.holder_id = t.id),
            'loose', (select count(*) from custody.shipment s
                      where s.holder_kind = 'trip' and s.holder_id = t.id),
            'bagged', (select count(*) from container.container c
                       join container.membership m on m.closure = c.inside and m.ended_at is null
                       where c.holder_kind = 'trip' and c.holder_id = t.id)))
        from (values (1)) as one (row)
        left join postal.unit f on f.id = t.from_unit
        left join postal.unit d on d.id = t.to_unit
        left join account.account a on a.id = t.carrier);
end $$;

-- container.riding(trip, after, limit): [{id or number, state, …, destination, despatch?, items?}] of
-- what the trip holds, containers before single items, by their codes.
create function container.riding(p_trip bigint, p_after text, p_limit int)
returns table (subject text, thing jsonb)
language plpgsql stable rows 100 as $$
begin
    return query
        select x.subject, jsonb_strip_nulls(x.thing || jsonb_build_object(
                   'state', x.state, 'state_vi', n.name_vi, 'state_en', n.name_en,
                   'destination', u.code, 'destination_name', u.name))
        from (
            select c.id as subject, c.state, 'c' as what, c.destination as ends,
                   jsonb_build_object('id', c.id, 'despatch', left(c.id, 20), 'items', (
                       select count(*) from container.membership m
                       where m.closure = c.inside and m.ended_at is null)) as thing
            from container.container c where c.holder_kind = 'trip' and c.holder_id = p_trip
            union all
            select s.number, s.state, 's', case when s.going_back then s.from_unit
                                                else s.to_unit end,
                   jsonb_build_object('number', s.number, 'leg', s.leg)
            from custody.shipment s where s.holder_kind = 'trip' and s.holder_id = p_trip) x
        join custody.state n on n.what = x.what and n.code = x.state
        left join postal.unit u on u.id = x.ends
        where p_after is null
           or (length(x.subject) = 13, x.subject) > (length(p_after) = 13, p_after)
        order by length(x.subject) = 13, x.subject
        limit p_limit;
end $$;

-- container.trip_get(code, after, limit): trip_json, despatches: [{id, destination, receptacles}] that
-- ride on it, and things: riding(), next?; null when unknown.
create function container.trip_get(p_code text, p_after text default null, p_limit int default 500)
returns jsonb
language plpgsql stable as $$
declare
    t container.trip;
begin
    select * into t from container.trip x where x.code = upper(p_code);
    if not found then
        return null;
    end if;
    return container.trip_json(t) || (
        with page as materialized (
            select r.*, row_number() over () as line
            from container.riding(t.id, p_after, p_limit + 1) r)
        select jsonb_build_object(
            'despatches', (
                select coalesce(jsonb_agg(jsonb_build_object('id', d.s8, 'destination', u.code,
                           'destination_name', u.name, 'receptacles', d.riding) order by d.s8), '[]')
                from (select x.s8, x.destination, count(*) as riding
                      from container.container c join container.despatch x on x.id = c.despatch
                      where c.holder_kind = 'trip' and c.holder_id = t.id
                      group by x.id) d
                left join postal.unit u on u.id = d.destination),
            'things', coalesce(jsonb_agg(p.thing order by p.line)
                               filter (where p.line <= p_limit), '[]'))
            || case when count(*) > p_limit
                    then jsonb_build_object('next', max(p.subject) filter (where p.line = p_limit))
                    else '{}' end
        from page p);
end $$;

-- container.trips(account, unit, supervisor, open, after, limit): {items: [trip_json], next?}, newest
-- first, of the trips that this person carries, and that leave or come to the unit; a supervisor's
-- province. Reads container.trip.
create function container.trips(p_account bigint, p_unit bigint, p_supervisor boolean,
                                p_open boolean, p_after bigint, p_limit int) returns jsonb
language plpgsql stable as $$
declare
    v_units bigint[] := custody.answers_for(p_unit, p_supervisor);
begin
    return (
        with page as (
            select t as row, t.id from container.trip t
            where (t.from_unit = any (v_units) or t.to_unit = any (v_units)
                   or t.carrier = p_account)
              and (p_open is null or (t.ended_at is null) = p_open)
              and (p_after is null or t.id < p_after)
            order by t.id desc limit p_limit + 1),
        shown as (select * from page order by id desc limit p_limit)
        select jsonb_strip_nulls(jsonb_build_object(
            'items', (select coalesce(jsonb_agg(container.trip_json(s.row) order by s.id desc), '[]')
                      from shown s),
            'next', case when (select count(*) from page) > p_limit
                         then (select min(s.id)::text from shown s) end)));
end $$;

-- --- where next ----------------------------------------------------------------------------------

-- container.open_bag(place, destination): the open receptacle of that lane that was made last, but for
-- those that can no longer be sealed: their despatch is closed (container.check_closable).
create function container.open_bag(p_place bigint, p_destination bigint) returns text
language plpgsql stable as $$
begin
    return (select c.id from container.container c
            where c.holder_kind = 'place' and c.holder_id = p_place and c.state = 'open'
              and c.origin = p_place and c.destination = p_destination
              and not exists (select from container.despatch d
                              join container.closure k on k.id = c.inside and k.n = 1
                              where d.id = c.despatch and d.closed_at is not null)
            order by c.created_at desc limit 1);
end $$;

-- container.sorting_of(from, commune, number): into which bag something goes at a unit (its code):
-- {from, to: {number?, unit?, commune, name}, next?: {code, name, bag}, here, by, open_bag?}. number: a
-- shipment or a container; one of it and commune is null. here: it is delivered from there. Without
-- next: nobody knows. Null for an unknown number. Problems unknown-unit, unknown-commune.
create function container.sorting_of(p_from text, p_commune text, p_number text) returns jsonb
language plpgsql stable as $$
declare
    v_from bigint := postal.unit_by_code(p_from);
    v_unit bigint;
    d container.destination;
    n record;
begin
    if p_commune is not null then
        d := container.destination_in(p_commune);
        if d.commune is null then
            perform base.problem('unknown-commune', jsonb_build_object('pointer', '/commune'));
        end if;
    else
        select case when s.going_back then s.from_unit else s.to_unit end into v_unit
        from custody.shipment s where s.number = p_number
        union all
        select c.destination from container.container c where c.id = p_number;
        if not found then
            return null;
        end if;
        select * into d from container.destinations(array[v_unit]);
    end if;
    select s.next, s.bag, s.rule, u.code, u.name into n
    from container.sort_to(v_from, array[d]) s left join postal.unit u on u.id = s.next;
    return jsonb_strip_nulls(jsonb_build_object(
        'from', p_from, 'here', coalesce(n.next = v_from, false), 'by', n.rule,
        'to', (select jsonb_build_object('number', p_number, 'unit', u.code, 'commune', c.code,
                                         'name', coalesce(u.name, c.name))
               from (values (1)) as one (row)
               left join postal.unit u on u.id = d.unit
               left join postal.commune c on c.code = d.commune),
        'next', case when n.code is not null then jsonb_build_object('code', n.code,
                    'name', n.name, 'bag', container.bag_code(p_from, n.code, n.bag)) end,
        'open_bag', container.open_bag(v_from, n.next)));
end $$;
