-- Commands about containers: making one, closing it, and what lies in it.

-- container.create(actor, unit, request, kind, origin, destination, digest): a new open receptacle,
-- held by its origin, which must be the actor's unit. origin, destination: unit codes. The same
-- request id gives the same container again. Returns get(). Problems: unknown-unit, forbidden,
-- id-reused, invalid-fields (origin = destination). Writes container.*, custody.event.
create function container.create(p_actor bigint, p_unit bigint, p_request uuid, p_kind text,
                                 p_origin text, p_destination text, p_digest bytea)
returns jsonb
language plpgsql as $$
declare
    v_origin bigint;
    v_destination bigint;
    v_id text;
    v_despatch bigint;
    v_digest bytea;
    v_closure bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended(p_request::text, 7));
    select c.id, e.digest into v_id, v_digest
    from container.container c left join custody.event e on e.subject = c.id and e.id = p_request
    where c.request = p_request;
    if found then
        if v_digest <> p_digest then
            perform base.problem('id-reused');
        end if;
        return container.get(v_id);
    end if;
    v_origin := postal.unit_by_code(p_origin);
    v_destination := postal.unit_by_code(p_destination);
    if v_origin = v_destination then
        perform base.wrong_field('/destination', 'choice', 'Nơi đến phải khác nơi đi.',
                                 'The destination must differ from the origin.');
    end if;
    if v_origin is distinct from p_unit then
        perform base.problem('forbidden', jsonb_build_object(
            'detail', 'A container begins at your own unit.',
            'detail_vi', 'Chỉ tạo túi tại đơn vị của mình.'));
    end if;
    select a.id, a.despatch into v_id, v_despatch
    from container.allocate(v_origin, v_destination) a;
    perform custody.lock(array[v_id], array['-infinity'::timestamptz]);
    insert into container.container (id, kind, request, despatch, origin, destination, route,
                                     created_at, created_by, holder_kind, holder_id, place)
    values (v_id, p_kind, p_request, v_despatch, v_origin, v_destination,
            custody.route(v_origin, v_destination), now(), p_actor, 'place', v_origin, v_origin);
    insert into container.closure (container, n, begun_at) values (v_id, 1, '-infinity')
    returning id into v_closure;
    update container.container set inside = v_closure where id = v_id;
    perform custody.append(v_id, p_request, 'create', p_actor, p_unit, jsonb_build_object(
        'kind', p_kind, 'origin', v_origin, 'destination', v_destination), p_digest => p_digest);
    if exists (select from custody.event where subject = v_id and id <> p_request) then
        perform custody.refold(v_id);
    end if;
    perform custody.refold_inside(array[v_id], array['-infinity'::timestamptz]);
    return container.get(v_id);
end $$;

-- container.check_holder(container, actor, unit): problem forbidden when somebody else holds it.
create function container.check_holder(c container.container, p_actor bigint, p_unit bigint)
returns void
language plpgsql as $$
begin
    if not (c.holder_kind = 'place' and c.holder_id = p_unit
            or c.holder_kind = 'person' and c.holder_id = p_actor
            or c.holder_kind = 'trip' and container.carries(c.holder_id, p_actor)) then
        perform base.problem('forbidden', jsonb_build_object(
            'detail', 'Somebody else holds this container.',
            'detail_vi', 'Túi này do bên khác đang giữ.'));
    end if;
end $$;

-- container.check_closable(container, actor, unit): problems container-closed (not open, or empty),
-- forbidden, despatch-state.
create function container.check_closable(c container.container, p_actor bigint, p_unit bigint)
returns void
language plpgsql as $$
declare
    v_closed timestamptz;
begin
    if c.state <> 'open' or not exists (
            select from container.membership m
            where m.closure = c.inside and m.ended_at is null) then
        perform base.problem('container-closed', jsonb_build_object(
            'state', c.state, 'detail', case c.state when 'open' then 'The container is empty.'
                else 'The container is not open.' end,
            'detail_vi', case c.state when 'open' then 'Túi còn trống.'
                else 'Túi không ở trạng thái mở.' end));
    end if;
    perform container.check_holder(c, p_actor, p_unit);
    -- Locked, so that a despatch closes either before or after. A bag that was opened somewhere and is
    -- used again is no longer one of it.
    select d.closed_at into v_closed from container.despatch d
    where d.id = c.despatch
      and exists (select from container.closure k where k.id = c.inside and k.n = 1)
    for share of d;
    if v_closed is not null then
        perform base.problem('despatch-state', jsonb_build_object(
            'detail', 'The despatch of this container is closed.',
            'detail_vi', 'Chuyến thư của túi này đã đóng, không nhận thêm túi.'));
    end if;
end $$;

-- container.close(actor, unit, roles, event, container, seal, digest): closes an open container
-- with something in it; its contents are sealed from now on. The same event id with the same digest
-- gives the same answer. Returns get(). Problems: not-found, container-closed, forbidden (held by
-- somebody else), despatch-state (its despatch is closed), id-reused. Writes container.*,
-- custody.event.
create function container.close(p_actor bigint, p_unit bigint, p_roles int, p_event uuid,
                                p_container text, p_seal text, p_digest bytea) returns jsonb
language plpgsql as $$
declare
    c container.container;
    i custody.scan;
    r custody.scan_reply;
begin
    perform custody.lock(array[p_container], array[now()]);
    select * into c from container.container where id = p_container;
    if not found then
        perform base.problem('not-found');
    end if;
    if not exists (select from custody.event where subject = p_container and id = p_event) then
        perform container.check_closable(c, p_actor, p_unit);
    end if;
    i.ord := 1;
    i.internal := true;
    i.id := p_event;
    i.subject := p_container;
    i.kind := 'close';
    i.at := now();
    i.actor := p_actor;
    i.unit := p_unit;
    i.roles := p_roles;
    i.data := jsonb_build_object('seal', p_seal);
    i.digest := p_digest;
    r := custody.record_one(i, now(), pg_current_xact_id()::text::bigint);
    if r.outcome = 'refused' then
        perform base.problem(r.problem);
    end if;
    return container.get(p_container);
end $$;

-- container.weighed(id): {weight_g, items_g?, at, warning?} of its latest weighing, or null.
create function container.weighed(p_id text) returns jsonb
language plpgsql stable as $$
begin
    return (select e.data || jsonb_build_object('at', e.at) from custody.event e
            where e.subject = p_id and e.kind = 'weigh' order by e.at desc, e.id desc limit 1);
end $$;

-- container.last_closure(id): its latest closure that had something in it; else its latest.
create function container.last_closure(p_id text) returns container.closure
language plpgsql stable as $$
begin
    return (select x from container.closure x where x.container = p_id
            order by exists (select from container.membership m where m.closure = x.id) desc, x.n desc
            limit 1);
end $$;

-- container.head(container, closure): {id, kind, state, state_vi, state_en, origin, destination,
-- despatch, highest?, holder, outer?, seal?, sealed_at?, opened_at?, opened_unit?, checked_at?,
-- weighed?, created_at}.
create function container.head(c container.container, k container.closure) returns jsonb
language plpgsql stable as $$
begin
    return (
        select jsonb_strip_nulls(jsonb_build_object(
            'id', c.id, 'kind', c.kind, 'state', w.state, 'state_vi', n.name_vi,
            'state_en', n.name_en, 'origin', o.code, 'origin_name', o.name,
            'destination', d.code, 'destination_name', d.name, 'despatch', left(c.id, 20),
            'highest', nullif((select h.highest = c.id from container.despatch h
                               where h.id = c.despatch), false),
            'holder', custody.holder_json(w.holder_kind, w.holder_id),
            'outer', (select q.container from container.closure q where q.id = c.closure),
            'seal', k.seal, 'sealed_at', k.sealed_at, 'opened_at', k.opened_at,
            'opened_unit', (select u.code from postal.unit u where u.id = k.opened_unit),
            'checked_at', k.checked_at, 'weighed', container.weighed(c.id),
            'created_at', c.created_at))
        from custody.standing_of(c.id) w
        join custody.state n on n.what = 'c' and n.code = w.state
        left join postal.unit o on o.id = c.origin
        left join postal.unit d on d.id = c.destination);
end $$;

-- container.summary(container): head() of its last closure and expected: how many are on that list.
create function container.summary(c container.container) returns jsonb
language plpgsql stable as $$
declare
    k container.closure := container.last_closure(c.id);
begin
    return container.head(c, k) || jsonb_build_object('expected', (
        select count(*) from container.membership m where m.closure = k.id and m.ended_at is null));
end $$;

-- container.get(id, after, limit): head() and manifest() of its last closure; null when unknown.
create function container.get(p_id text, p_after text default null, p_limit int default 500)
returns jsonb
language plpgsql stable as $$
declare
    c container.container;
    k container.closure := container.last_closure(p_id);
begin
    select * into c from container.container x where x.id = p_id;
    if not found then
        return null;
    end if;
    return container.head(c, k) || container.manifest(c, k, p_after, p_limit);
end $$;
