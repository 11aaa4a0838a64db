-- Commands about trips and despatches: making and ending a trip, closing a despatch and sending it off
-- whole.

-- container.trip_code(unit): a new code of the unit's day. The transaction keeps others from it.
create function container.trip_code(p_unit bigint) returns text
language plpgsql as $$
declare
    v_head text := 'CX' || (select replace(u.code, '-', '') from postal.unit u where u.id = p_unit)
                   || '-' || to_char(base.vn_date(now()), 'YYMMDD') || '-';
    v_last int;
begin
    perform pg_advisory_xact_lock(hashtextextended(v_head, 8));
    select coalesce(max(substr(t.code, length(v_head) + 1)::int), 0) into v_last
    from container.trip t
    where t.code like v_head || '%' and substr(t.code, length(v_head) + 1) ~ '^[0-9]{1,6}$';
    return v_head || lpad((v_last + 1)::text, greatest(2, length((v_last + 1)::text)), '0');
end $$;

-- container.check_code(code): whether a trip may have it. A scan names units, people and trips in the
-- same way, so nobody else may have it. Problems invalid-fields, conflict.
create function container.check_code(p_code text) returns void
language plpgsql as $$
begin
    if p_code !~ '^[A-Z0-9][A-Z0-9-]{2,29}$' or p_code !~ '[A-Z]' then
        perform base.wrong_field('/code', 'format',
            'Mã chuyến gồm 3 đến 30 chữ cái, chữ số, gạch nối, có ít nhất một chữ cái.',
            'A code has 3 to 30 letters, digits and dashes, with one letter at least.');
    elsif p_code ~ '^CX.*-[0-9]{6}-[0-9]+$' then
        perform base.wrong_field('/code', 'format', 'Mã dạng "CX…-ngày-số" do hệ thống tự đặt.',
                                 'Codes like "CX…-day-number" are given by the program alone.');
    end if;
    perform pg_advisory_xact_lock(hashtextextended(p_code, 8));
    if exists (select from custody.taker(p_code)) then
        perform base.problem('conflict', jsonb_build_object(
            'detail', format('The code "%s" is taken.', p_code),
            'detail_vi', format('Mã "%s" đã có người dùng.', p_code)));
    end if;
end $$;

-- container.lane(from, to, unit): the two units, of which the first must be the actor's. Problems
-- unknown-unit, invalid-fields (the same twice), forbidden.
create function container.lane(p_from text, p_to text, p_unit bigint, out from_unit bigint,
                               out to_unit bigint)
language plpgsql stable as $$
begin
    from_unit := postal.unit_by_code(p_from);
    to_unit := postal.unit_by_code(p_to);
    if from_unit = to_unit then
        perform base.wrong_field('/to', 'choice', 'Nơi đến phải khác nơi đi.',
                                 'It must not end where it begins.');
    end if;
    if from_unit is distinct from p_unit then
        perform base.problem('forbidden', jsonb_build_object(
            'detail', 'A trip begins at your own unit.',
            'detail_vi', 'Chỉ lập chuyến xuất phát từ đơn vị của mình.'));
    end if;
end $$;

-- container.trip_create(actor, unit, request, body, digest): a trip from the actor's unit. body: {code?,
-- from, to, carrier?, departs_at?}; carrier: login or id of a person. The same request gives the same
-- trip again. Returns trip_get(). Problems as lane and check_code, invalid-fields (no such carrier),
-- id-reused. Writes container.trip.
create function container.trip_create(p_actor bigint, p_unit bigint, p_request uuid, body jsonb,
                                      p_digest bytea) returns jsonb
language plpgsql as $$
declare
    t container.trip;
    v_lane record;
    v_carrier bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended(p_request::text, 7));
    select * into t from container.trip x where x.request = p_request;
    if found then
        if t.digest <> p_digest then
            perform base.problem('id-reused');
        end if;
        return container.trip_get(t.code);
    end if;
    select * into v_lane from container.lane(body ->> 'from', body ->> 'to', p_unit);
    if body ? 'carrier' then
        select x.id into v_carrier from custody.taker(body ->> 'carrier') x where x.kind = 'person';
        if not found then
            perform base.wrong_field('/carrier', 'choice', 'Không có người nào có tên đăng nhập này.',
                                     'There is nobody with this login.');
        end if;
    end if;
    t.code := upper(body ->> 'code');
    if t.code is null then
        t.code := container.trip_code(v_lane.from_unit);
    else
        perform container.check_code(t.code);
    end if;
    insert into container.trip (code, request, digest, from_unit, to_unit, carrier, departs_at,
                                created_by)
    values (t.code, p_request, p_digest, v_lane.from_unit, v_lane.to_unit, v_carrier,
            (body ->> 'departs_at')::timestamptz, p_actor);
    return container.trip_get(t.code);
end $$;

-- container.open_trip(code): the trip, locked against whoever loads it, before anything that rides on
-- it. Problems not-found, trip-ended.
create function container.open_trip(p_code text) returns container.trip
language plpgsql as $$
declare
    t container.trip;
begin
    perform pg_advisory_xact_lock(hashtextextended(upper(p_code), 9));
    select * into t from container.trip x where x.code = upper(p_code) for no key update;
    if not found then
        perform base.problem('not-found');
    elsif t.ended_at is not null then
        perform base.problem('trip-ended', jsonb_build_object('ended_at', t.ended_at));
    end if;
    return t;
end $$;

-- container.on_trip(trip): what it holds, containers and single items.
create function container.on_trip(p_trip bigint) returns text[]
language sql stable as $$
    select array(select c.id from container.container c
                 where c.holder_kind = 'trip' and c.holder_id = p_trip
                 union all
                 select s.number from custody.shipment s
                 where s.holder_kind = 'trip' and s.holder_id = p_trip
                 order by 1)
$$;

-- container.trip_finish(trip, actor, unit, arrived): writes how it ended. What it still holds was seen by
-- nobody: the trip, and so its carrier, stays its holder, and an exception opens for the unit that sent
-- it. Over by the clock, not since the transaction began: what was loaded meanwhile was in time.
-- Writes container.trip, custody.event, custody.exception.
create function container.trip_finish(t container.trip, p_actor bigint, p_unit bigint,
                                      p_arrived int) returns void
language plpgsql as $$
declare
    v_left text[] := container.on_trip(t.id);
    v_subject text;
    v_event uuid;
begin
    foreach v_subject in array v_left loop
        v_event := base.uuid_v7();
        perform custody.append(v_subject, v_event, 'finding', p_actor, p_unit,
                               jsonb_build_object('trip', t.code, 'finding', 'missing'));
        insert into custody.exception (subject, event_id, code, detail, unit, actor)
        values (v_subject, v_event, 'trip_missing', jsonb_build_object('trip', t.code),
                t.from_unit, p_actor);
    end loop;
    update container.trip x set ended_at = clock_timestamp(), ended_by = p_actor, ended_unit = p_unit,
                                arrived = p_arrived, missing = cardinality(v_left)
    where x.id = t.id;
end $$;

-- container.trip_arrive(actor, unit, request, code, digest): at its destination everything that still
-- rides on it has come: an arrival of each, and the trip is over. What that has no effect on (it was
-- declared lost, its history was purged) is missing. The same request gives the same reply. Returns
-- trip_get(). Problems not-found, trip-ended, forbidden (elsewhere), id-reused, in-progress.
-- Writes as trip_finish, container.*, custody.*, base.idempotency.
create function container.trip_arrive(p_actor bigint, p_unit bigint, p_request uuid, p_code text,
                                      p_digest bytea) returns jsonb
language plpgsql as $$
declare
    t container.trip;
    v_subjects text[];
    v_subject text;
    v_told text[] := '{}';
    reply jsonb := base.replay(p_actor, p_request::text, p_digest);
begin
    if reply is not null then
        return reply;
    end if;
    t := container.open_trip(p_code);
    if t.to_unit is distinct from p_unit then
        perform base.problem('forbidden', jsonb_build_object(
            'detail', 'A trip arrives at its destination.',
            'detail_vi', 'Chỉ đơn vị nơi đến mới xác nhận chuyến đã đến.'));
    end if;
    v_subjects := container.on_trip(t.id);
    perform custody.subject_lock(v_subjects);
    foreach v_subject in array v_subjects loop
        -- (what was scanned by itself meanwhile is not on it any more)
        continue when not exists (select from custody.standing_of(v_subject) w
                                  where w.holder_kind = 'trip' and w.holder_id = t.id);
        perform custody.internal_scan(v_subject, 'arrive', p_actor, p_unit, now(),
                                      p_data => jsonb_build_object('trip', t.code));
        v_told := v_told || v_subject;
    end loop;
    perform container.trip_finish(t, p_actor, p_unit, cardinality(array(
        select unnest(v_told) except select unnest(container.on_trip(t.id)))));
    return base.replied(p_actor, p_request::text, p_digest, container.trip_get(t.code));
end $$;

-- container.trip_end(actor, unit, supervisor, request, code, digest): the trip is over, says its
-- carrier, either end of it or a supervisor of the province. What it still holds is missing. The same
-- request gives the same reply. Returns trip_get(). Problems as trip_arrive. Writes as trip_finish,
-- base.idempotency.
create function container.trip_end(p_actor bigint, p_unit bigint, p_supervisor boolean,
                                   p_request uuid, p_code text, p_digest bytea) returns jsonb
language plpgsql as $$
declare
    t container.trip;
    reply jsonb := base.replay(p_actor, p_request::text, p_digest);
begin
    if reply is not null then
        return reply;
    end if;
    t := container.open_trip(p_code);
    if not coalesce(t.carrier = p_actor or p_unit in (t.from_unit, t.to_unit)
                    or p_supervisor and postal.same_province(p_unit, t.from_unit), false) then
        perform base.problem('forbidden');
    end if;
    perform custody.subject_lock(container.on_trip(t.id));
    perform container.trip_finish(t, p_actor, p_unit, null);
    return base.replied(p_actor, p_request::text, p_digest, container.trip_get(t.code));
end $$;

-- --- despatches ----------------------------------------------------------------------------------

-- container.own_despatch(s8, unit): the despatch, which must leave from the unit. Of two that are ten
-- years apart, the later. Problems not-found, forbidden.
create function container.own_despatch(p_s8 text, p_unit bigint) returns container.despatch
language plpgsql stable as $$
declare
    d container.despatch;
begin
    select * into d from container.despatch x where x.s8 = p_s8 order by x.year desc limit 1;
    if not found then
        perform base.problem('not-found');
    elsif d.origin is distinct from p_unit then
        perform base.problem('forbidden', jsonb_build_object(
            'detail', 'Only the unit that a despatch leaves from may do this.',
            'detail_vi', 'Chỉ đơn vị gửi chuyến thư mới được làm việc này.'));
    end if;
    return d;
end $$;

-- container.despatch_close(actor, unit, s8): no more receptacles; the last that was sealed is the
-- highest. One that is empty does not count and can no longer be sealed. Closed before: the same again.
-- Returns despatch_get(). Problems not-found, forbidden, despatch-state (nothing sealed, or one with
-- something in it is not sealed). Writes container.despatch.
create function container.despatch_close(p_actor bigint, p_unit bigint, p_s8 text) returns jsonb
language plpgsql as $$
declare
    d container.despatch := container.own_despatch(p_s8, p_unit);
    v_open text[];
    v_highest text;
begin
    select * into d from container.despatch x where x.id = d.id for update;
    if d.closed_at is not null then
        return container.despatch_get(d.s8);
    end if;
    select array_agg(c.id order by c.id) filter (where k.sealed_at is null and exists (
               select from container.membership m where m.closure = k.id and m.ended_at is null)),
           max(c.id) filter (where k.sealed_at is not null)
    into v_open, v_highest
    from container.container c join container.closure k on k.container = c.id and k.n = 1
    where c.despatch = d.id;
    if v_open is not null or v_highest is null then
        perform base.problem('despatch-state', jsonb_strip_nulls(jsonb_build_object(
            'open', to_jsonb(v_open),
            'detail', case when v_open is null then 'No receptacle of it is sealed.'
                           else 'Receptacles of it are not sealed yet.' end,
            'detail_vi', case when v_open is null then 'Chưa có túi nào được niêm phong.'
                              else 'Còn túi chưa niêm phong.' end)));
    end if;
    update container.despatch set closed_at = now(), closed_by = p_actor, highest = v_highest
    where id = d.id;
    return container.despatch_get(d.s8);
end $$;

-- container.trip_named(code): the open trip that a despatch goes on, locked as by a scan that loads it.
-- Problems unknown-trip, trip-ended.
create function container.trip_named(p_code text) returns container.trip
language plpgsql as $$
declare
    t container.trip;
begin
    perform custody.lock_trips(array[upper(p_code)]);
    select * into t from container.trip x where x.code = upper(p_code);
    if not found then
        perform base.problem('unknown-trip', jsonb_build_object(
            'detail', format('There is no trip "%s".', p_code),
            'detail_vi', format('Không có chuyến "%s".', p_code)));
    elsif t.ended_at is not null then
        perform base.problem('trip-ended', jsonb_build_object('ended_at', t.ended_at));
    end if;
    return t;
end $$;

-- container.despatch_depart(actor, unit, request, s8, trip, digest): every sealed receptacle of a closed
-- despatch that the unit or the actor holds by itself departs on the trip; what lies in an outer bag
-- goes with that one. Events of the receptacles, none of what is in them. The same request gives the
-- same reply. Returns despatch_get() with departed. Problems as own_despatch and trip_named,
-- despatch-state (not closed, or nothing here to depart), id-reused, in-progress.
-- Writes container.*, custody.*, base.idempotency.
create function container.despatch_depart(p_actor bigint, p_unit bigint, p_request uuid, p_s8 text,
                                          p_trip text, p_digest bytea) returns jsonb
language plpgsql as $$
declare
    d container.despatch;
    t container.trip;
    v_ids text[];
    v_id text;
    r custody.scan_reply;
    v_departed int := 0;
    reply jsonb := base.replay(p_actor, p_request::text, p_digest);
begin
    if reply is not null then
        return reply;
    end if;
    d := container.own_despatch(p_s8, p_unit);
    t := container.trip_named(p_trip);
    v_ids := array(select c.id from container.container c where c.despatch = d.id order by c.id);
    if d.closed_at is not null then
        perform custody.subject_lock(v_ids);
        for v_id in select c.id from container.container c
                    where c.despatch = d.id and c.state in ('closed', 'arrived')
                      and (c.holder_kind = 'place' and c.holder_id = p_unit
                           or c.holder_kind = 'person' and c.holder_id = p_actor)
                    order by c.id loop
            r := custody.internal_scan(v_id, 'depart', p_actor, p_unit, now(), 'trip', t.id);
            v_departed := v_departed + (r.state = 'departed')::int;
        end loop;
    end if;
    if v_departed = 0 then
        perform base.problem('despatch-state', jsonb_build_object(
            'detail', case when d.closed_at is null then 'The despatch is not closed yet.'
                           else 'No receptacle of it is here to depart.' end,
            'detail_vi', case when d.closed_at is null then 'Chuyến thư chưa đóng.'
                              else 'Không còn túi nào của chuyến thư ở đây để xuất phát.' end));
    end if;
    update container.despatch set trip = t.id where id = d.id;
    return base.replied(p_actor, p_request::text, p_digest,
        container.despatch_get(d.s8) || jsonb_build_object('departed', v_departed));
end $$;
