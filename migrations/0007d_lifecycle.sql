-- The life of a shipment beside its scans: making it, reading it, and what may be done with it.

-- custody.create_shipment(dossier, leg, office, to_unit, weight, actor, from_unit): a leg with the
-- next number of the office's block. Held by the office, or by from_unit (default for papers that
-- leave an agency: the dossier's agency), where the leg before ended. Scans of this number that
-- came earlier attach now. Returns the number. Problem numbers-exhausted.
-- Writes custody.shipment, custody.event (kind create).
create function custody.create_shipment(
    p_dossier uuid, p_leg text, p_office bigint, p_to_unit bigint, p_weight_g int, p_actor bigint,
    p_from_unit bigint default null)
returns text
language plpgsql as $$
declare
    v_number text := postal.allocate_number(p_office, 'RR');
begin
    perform custody.begin_shipment(v_number, p_dossier, p_leg, p_office, p_to_unit, p_weight_g,
                                   p_actor, p_from_unit);
    return v_number;
end $$;

-- custody.begin_shipment(number, …): the same for a number that exists already (an offline office's
-- leased one, a pre-printed roll). Piece n of m: each piece its own number.
create function custody.begin_shipment(
    p_number text, p_dossier uuid, p_leg text, p_office bigint, p_to_unit bigint, p_weight_g int,
    p_actor bigint, p_from_unit bigint default null, p_piece int default 1, p_pieces int default 1)
returns void
language plpgsql as $$
declare
    v_from bigint := p_from_unit;
    v_at timestamptz := now();
begin
    if v_from is null and p_leg in ('result', 'originals') then
        select d.agency into v_from from dossier.dossier d where d.id = p_dossier;
    end if;
    v_from := coalesce(v_from, p_office);
    perform custody.lock_number(p_number);
    insert into custody.shipment (number, dossier, leg, piece, pieces, from_unit, to_unit,
                                  from_agency, to_agency, begun_place, route, weight_g, created_at,
                                  holder_kind, holder_id, place)
    values (p_number, p_dossier, p_leg, p_piece, p_pieces, v_from, p_to_unit,
            (select u.id from postal.unit u where u.id = v_from and u.kind = 'agency'),
            (select u.id from postal.unit u where u.id = p_to_unit and u.kind = 'agency'),
            v_from, custody.route(v_from, p_to_unit), p_weight_g, v_at, 'place', v_from, v_from);
    perform custody.append(p_number, base.uuid_v7(), 'create', p_actor, p_office,
        jsonb_build_object('dossier', p_dossier, 'leg', p_leg, 'from', v_from, 'to', p_to_unit,
                           'piece', p_piece, 'pieces', p_pieces, 'weight_g', p_weight_g));
    if exists (select from custody.event where subject = p_number and kind <> 'create') then
        perform custody.refold(p_number);
    end if;
end $$;

-- custody.allowed_actions(number, roles, unit, account): [{kind, name, name_en, reason, reason_en}]
-- of the scans that this person could make now without an exception. Reads custody.transition.
create function custody.allowed_actions(p_number text, p_roles int, p_unit bigint, p_account bigint)
returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(jsonb_build_object(
               'kind', k.kind, 'name', k.name_vi, 'name_en', k.name_en, 'reason', t.reason_vi,
               'reason_en', t.reason_en, 'needs', to_jsonb(k.needs)) order by k.pos), '[]')
    from custody.shipment s
    cross join lateral custody.resolved(s.number) w
    join custody.transition t on t.what = 's' and t.from_state = w.state and not t.signed
    join custody.scan_kind k on k.kind = t.kind and k.roles & p_roles <> 0
    cross join lateral custody.step(
        's', w.state, w.going_back, w.redirected, w.damaged, w.holder_kind, w.holder_id, w.place,
        w.offered_kind, w.offered_to, s.from_agency, s.to_agency, k.kind, p_account, p_unit,
        null, null, 0, true, false,
        w.holder_kind = 'trip' and container.carries(w.holder_id, p_account)) n
    left join lateral container.lies_at(s.closure, 'infinity') l on s.closure is not null
    where s.number = p_number and n.flag is null
      and (n.in_bag or not coalesce(l.active and l.sealed, false))
      and (not n.at_place or w.redirected or custody.on_route(s.route, p_unit))
$$;

-- custody.shipment_json(number): {number, leg, state, state_vi, state_en, holder, container,
-- going_back, redirected, damaged}, resolved through whatever it lies in. Null when unknown.
create function custody.shipment_json(p_number text) returns jsonb
language sql stable as $$
    select jsonb_build_object(
               'number', s.number, 'leg', s.leg, 'piece', s.piece, 'pieces', s.pieces,
               'copy', greatest(s.copy, 1),
               'state', w.state, 'state_vi', n.name_vi, 'state_en', n.name_en,
               'holder', custody.holder_json(w.holder_kind, w.holder_id),
               'container', w.container, 'returning', w.going_back, 'redirected', w.redirected,
               'damaged', w.damaged)
    from custody.shipment s
    cross join lateral custody.resolved(s.number) w
    join custody.state n on n.what = 's' and n.code = w.state
    where s.number = p_number
$$;

-- custody.held(account, unit): what this person, and this unit as a place, hold now:
-- {"items": [{number, copy, leg, state, state_vi, state_en, since, by: person|place|trip, dossier}],
-- "containers": [{id, state, destination, items}]}. Things in bags are under their bag. by trip: on one
-- that this person carries, also one that ended without them, or to which they were put later: a device
-- may keep its scans for 60 days.
create function custody.held(p_account bigint, p_unit bigint, p_limit int default 500)
returns jsonb
language sql stable as $$
    with trips as (
        select t.id from container.trip t
        where t.carrier = p_account
          and (t.ended_at is null or t.missing > 0 or t.ended_at > now() - interval '60 days')),
    mine as (
        (select s.number, s.copy, s.leg, s.state, s.last_at, s.created_at, s.holder_kind, s.dossier
         -- (offset 0: by the holder's index, never along all numbers until enough are found)
         from (select * from custody.shipment
               where holder_kind = 'person' and holder_id = p_account offset 0) s
         where s.state <> 'lost'
         order by s.number limit p_limit)
        union all
        (select s.number, s.copy, s.leg, s.state, s.last_at, s.created_at, s.holder_kind, s.dossier
         from (select * from custody.shipment
               where holder_kind = 'place' and holder_id = p_unit offset 0) s
         where s.state <> 'lost'
         order by s.number limit p_limit)
        union all
        (select s.number, s.copy, s.leg, s.state, s.last_at, s.created_at, s.holder_kind, s.dossier
         from trips t
         join custody.shipment s on s.holder_kind = 'trip' and s.holder_id = t.id
              and s.state <> 'lost'
         order by s.number limit p_limit)
        union all
        -- Opened bags: their content lies here, not yet seen.
        (select s.number, s.copy, s.leg, 'arrived', k.opened_at, s.created_at, 'place', s.dossier
         from container.closure k
         join custody.shipment s on s.closure = k.id
         where k.opened_unit = p_unit and k.opened_at > now() - interval '30 days'
         order by s.number limit p_limit)),
    bags as (
        select c.id, c.state, c.destination, c.holder_kind,
               (select count(*) from container.membership m
                where m.closure = c.inside and m.ended_at is null) as items
        from (select 'person' as kind, p_account as id
              union all
              select 'place', p_unit
              union all
              select 'trip', t.id from trips t) h
        join container.container c on c.holder_kind = h.kind and c.holder_id = h.id
        where c.state <> 'lost'
          and (c.state <> 'open' or c.place = c.origin)
        order by c.id limit p_limit)
    select jsonb_build_object(
        'items', coalesce((
            select jsonb_agg(jsonb_build_object(
                'number', m.number, 'copy', greatest(m.copy, 1), 'leg', m.leg, 'state', m.state, 'state_vi', n.name_vi,
                'state_en', n.name_en, 'by', m.holder_kind, 'dossier', m.dossier,
                'since', to_jsonb(case when m.last_at > '-infinity' then m.last_at
                                       else m.created_at end)) order by m.number)
            from mine m join custody.state n on n.what = 's' and n.code = m.state), '[]'),
        'containers', coalesce((
            select jsonb_agg(jsonb_build_object(
                'id', b.id, 'state', b.state, 'state_vi', n.name_vi, 'state_en', n.name_en,
                'by', b.holder_kind, 'destination', u.code, 'items', b.items) order by b.id)
            from bags b
            join custody.state n on n.what = 'c' and n.code = b.state
            left join postal.unit u on u.id = b.destination), '[]'))
$$;
