-- One thing somebody has just scanned: what it is, where it stands, and what may be done with it.

-- custody.container_actions(id, roles, unit, account): as custody.allowed_actions, of a container.
-- Reads custody.transition.
create function custody.container_actions(p_id text, p_roles int, p_unit bigint, p_account bigint)
returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(jsonb_build_object(
               'kind', k.kind, 'name', k.name_vi, 'name_en', k.name_en, 'reason', t.reason_vi,
               'reason_en', t.reason_en, 'needs', to_jsonb(k.needs)) order by k.pos), '[]')
    from container.container c
    cross join lateral custody.standing_of(c.id) w
    join custody.transition t on t.what = 'c' and t.from_state = w.state and not t.signed
    join custody.scan_kind k on k.kind = t.kind and k.roles & p_roles <> 0
    cross join lateral custody.step(
        'c', w.state, false, false, c.damaged, w.holder_kind, w.holder_id, c.place,
        c.offered_kind, c.offered_to, null, null, k.kind, p_account, p_unit, null, null, 0, true,
        false, w.holder_kind = 'trip' and container.carries(w.holder_id, p_account)) n
    left join lateral container.lies_at(c.closure, 'infinity') l on c.closure is not null
    where c.id = p_id and n.flag is null
      and (n.in_bag or not coalesce(l.active and l.sealed, false))
      and (not n.at_place or custody.on_route(c.route, p_unit))
$$;

-- custody.thing(code, roles, unit, account): a shipment {number, leg, dossier, state, holder, from,
-- to, …} or a container {id, state, holder, origin, destination, …}, with allowed_actions; null
-- when unknown; to a clerk of the office that takes its papers in also to_pay, what is still due. Nothing of
-- it is personal. Reads custody.*, container.*, dossier.dossier, money.charge.
create function custody.thing(p_code text, p_roles int, p_unit bigint, p_account bigint)
returns jsonb
language sql stable as $$
    select custody.shipment_json(s.number) || jsonb_build_object(
               'dossier', d.code, 'from', dossier.unit_json(s.from_unit),
               'to', dossier.unit_json(s.to_unit),
               'allowed_actions', custody.allowed_actions(s.number, p_roles, p_unit, p_account))
           || case when s.leg = 'outward' and p_roles & 2 <> 0 and d.office = p_unit and d.cancelled_at is null
                   then jsonb_build_object('to_pay', money.due(d.id, null)) else '{}' end
    from custody.shipment s left join dossier.dossier d on d.id = s.dossier
    where s.number = p_code
    union all
    select container.summary(c) || jsonb_build_object(
               'allowed_actions', custody.container_actions(c.id, p_roles, p_unit, p_account))
    from container.container c
    where c.id = p_code
$$;
