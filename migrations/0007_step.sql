-- The one definition of a step, and the fold that uses it. record_scans uses the same step for the
-- scans that come in order; everything else is a fold of the subject's events.

-- custody.has_recipient(data): whether a recipient was told with the scan. Who, lies sealed.
create function custody.has_recipient(p_data jsonb) returns boolean
language sql immutable parallel safe as $$
    select coalesce(p_data ->> 'recipient' = 'true', false)
$$;

-- custody.step(what, standing before, the scan): one row. flag: a code of custody.oddity, or null;
-- ok: whether the step has effect. Reads custody.transition. A set-returning SQL function without
-- side effects, so the planner puts it into the statement that uses it.
--   p_into: closure that a bag scan goes into (null: no open bag); p_proof: a recipient is known
--   p_signed: it is the signing of a hand-over, or a dossier's cancelling; p_confirmed: a person let
--   the wrong holder's step count; at_place: the step shows that the thing is at p_unit
create function custody.step(
    p_what text, p_state text, p_going_back boolean, p_redirected boolean, p_damaged boolean,
    p_holder_kind text, p_holder_id bigint, p_place bigint, p_offered_kind text,
    p_offered_to bigint, p_from_agency bigint, p_to_agency bigint,
    p_kind text, p_actor bigint, p_unit bigint, p_target_kind text, p_target_id bigint,
    p_into bigint, p_proof boolean, p_signed boolean, p_confirmed boolean)
returns table (
    ok boolean, flag text, state text, going_back boolean, redirected boolean, damaged boolean,
    holder_kind text, holder_id bigint, place bigint, closure bigint, offered_kind text,
    offered_to bigint, in_bag boolean, at_place boolean)
language sql stable as $$
    select d.ok, d.flag,
        case when not d.ok then p_state
             when p_going_back and t.to_returning is not null then t.to_returning
             else coalesce(t.to_state, p_state) end,
        p_going_back or (d.ok and coalesce(t.sets = 'returning', false)),
        p_redirected or (d.ok and coalesce(t.sets = 'redirected', false)),
        p_damaged or (d.ok and coalesce(t.sets = 'damaged', false)),
        case when d.moves is null then p_holder_kind
             when d.moves = 'bag' then 'bag'
             when d.moves = 'place' then 'place'
             when d.moves = 'authority' then 'authority'
             when d.moves = 'consignee' and d.agency is not null then 'agency'
             when d.moves = 'consignee' then 'addressee'
             when d.moves = 'carrier' and p_target_kind = 'trip' then 'trip'
             when p_target_kind = 'unit' and p_signed then 'place'
             else 'person' end,
        case when d.moves is null then p_holder_id
             when d.moves = 'bag' then p_into
             when d.moves = 'place' then coalesce(p_unit, 0)
             when d.moves = 'authority' then 0
             when d.moves = 'consignee' then coalesce(d.agency, 0)
             when d.moves = 'carrier' and p_target_kind in ('trip', 'person') then p_target_id
             when p_signed then p_target_id
             else p_actor end,
        case when d.moves = 'place' then coalesce(p_unit, p_place)
             when d.moves = 'consignee' then coalesce(d.agency, p_place)
             when d.moves = 'taker' and p_signed and p_target_kind = 'unit' then p_target_id
             else p_place end,
        case when d.moves = 'bag' then p_into end,
        case when not d.ok then p_offered_kind when t.offers then p_target_kind
             when d.moves is null then p_offered_kind end,
        case when not d.ok then p_offered_to when t.offers then p_target_id
             when d.moves is null then p_offered_to end,
        coalesce(t.in_bag, false), coalesce(d.moves = 'place', false)
    from (values (1)) as one (row)
    left join custody.transition t
        on t.what = p_what and t.kind = p_kind and t.from_state = p_state and t.signed = p_signed
    cross join lateral (
        select coalesce((p_holder_kind = 'person' and p_holder_id = p_actor)
                        or (p_holder_kind in ('place', 'agency') and p_holder_id = p_unit), false)
               as mine,
               coalesce((p_offered_kind = 'person' and p_offered_to = p_actor)
                        or (p_offered_kind = 'unit' and p_offered_to = p_unit), false) as offered
        offset 0) w
    cross join lateral (
        select case when p_going_back or t.sets = 'returning' then p_from_agency
                    else p_to_agency end as agency) g
    cross join lateral (
        select case when t.kind is null then 'illegal_step'
                    when t.holder = 'bag' and p_into is null then 'closed_bag'
                    when t.holder = 'consignee' and g.agency is not null and not p_signed
                    then 'agency_not_signed'
                    when t.holder = 'consignee' and not p_proof then 'no_proof'
                    when p_confirmed then null
                    when (t.expects = 'holder' and not w.mine)
                      or (t.expects = 'taker' and not (w.mine or w.offered
                                                       or p_holder_kind <> 'person'))
                    then case t.stray when 'moves' then 'wrong_holder'
                                      else 'wrong_holder_waits' end
               end as flag
        offset 0) f
    cross join lateral (
        select f.flag is null or f.flag = 'wrong_holder' as ok, f.flag,
               case when (f.flag is null or f.flag = 'wrong_holder') and t.holder <> 'unchanged'
                    then t.holder end as moves,
               g.agency
        offset 0) d
$$;

create type custody.standing as (
    state text, going_back boolean, redirected boolean, damaged boolean, holder_kind text,
    holder_id bigint, place bigint, place_at timestamptz, closure bigint, offered_kind text,
    offered_to bigint);

-- What a fold finds: the standing, the greatest order key, which events were odd and why, the step
-- that ended it when it has ended, whether an undo or reverse names nothing that is here, the
-- memberships the subject had in bags, and (of a container) the closures of its contents.
create type custody.folded as (
    standing custody.standing,
    last_at timestamptz, last_device bigint, last_seq bigint, last_id uuid, events int,
    odd_ids uuid[], odd_codes text[], ended_id uuid, ended_at timestamptz, loose boolean,
    in_closures bigint[], in_at timestamptz[], in_events uuid[], out_at timestamptz[],
    out_events uuid[], looked_at timestamptz[],
    begun_at timestamptz[], sealed_at timestamptz[], seals text[], opened_at timestamptz[],
    opened_units bigint[], opened_by bigint[]);

-- custody.effective(subject, extra): the events that step, in order: without those that a valid
-- undo or reverse takes back, and without those that wait for a confirm. flag: an undo that takes
-- nothing back. confirmed: a person let it count. extra: an event that is not written yet (null:
-- none). Reads custody.event.
create function custody.effective(p_subject text, p_extra custody.event)
returns table (event custody.event, steps boolean, flag text, confirmed boolean)
language sql stable as $$
    with mine as materialized (
        select e as event from custody.event e where e.subject = p_subject
        union all
        select p_extra where (p_extra).id is not null),
    back as materialized (
        select (u.event).id, (u.event).refers,
               (u.event).kind = 'confirm'
               or (u.event).kind = 'reverse'
                  and (e.event).kind not in ('undo', 'reverse', 'confirm')
               or (u.event).kind = 'undo' and (e.event).kind not in ('undo', 'reverse', 'confirm')
                  and (e.event).refers is null and (u.event).actor = (e.event).actor
                  and (u.event).at - (e.event).at <= interval '10 minutes' as valid,
               (u.event).kind
        from mine u left join mine e on (e.event).id = (u.event).refers
        where (u.event).kind in ('undo', 'reverse', 'confirm'))
    select m.event,
           k.steps
           and not exists (select from back b where b.refers = (m.event).id and b.valid
                           and b.kind <> 'confirm')
           and ((m.event).warnings = '{}' or c.confirmed
                or not exists (select from custody.oddity o
                               where o.waits and o.code = any ((m.event).warnings))),
           case when exists (select from back b where b.id = (m.event).id
                             and b.valid is distinct from true) then 'undo_refused' end,
           c.confirmed
    from mine m
    join custody.scan_kind k on k.kind = (m.event).kind and (k.roles <> 0 or k.steps)
    cross join lateral (
        select exists (select from back b where b.refers = (m.event).id and b.kind = 'confirm')
               as confirmed) c
    order by (m.event).at, (m.event).device, (m.event).device_seq, (m.event).id
$$;

-- custody.too_fast(from, since, to, at): whether nobody can be at one unit at that time who was at
-- the other then: 120 km an hour by road up to 300 km, 900 in the air beyond, and five minutes by
-- which clocks may be off. Reads postal.unit, postal.commune. (plpgsql keeps the plan.)
create function custody.too_fast(p_from bigint, p_since timestamptz, p_to bigint,
                                 p_at timestamptz) returns boolean
language plpgsql stable as $$
declare
    v_km float8;
begin
    if p_from is null or p_since is null or p_to is null or p_from = p_to then
        return false;
    end if;
    select postal.kilometres(coalesce(f.lat, fc.lat), coalesce(f.lon, fc.lon),
                             coalesce(t.lat, tc.lat), coalesce(t.lon, tc.lon)) into v_km
    from postal.unit f
    join postal.commune fc on fc.code = f.commune_code
    join postal.unit t on t.id = p_to
    join postal.commune tc on tc.code = t.commune_code
    where f.id = p_from;
    return coalesce(extract(epoch from p_at - p_since) / 60 + 5
                    < case when v_km <= 300 then v_km / 2 else v_km / 15 end, false);
end $$;

-- custody.fold_events(subject, what, begun, from_agency, to_agency, route, until, extra): steps
-- through the events from how the subject began. until: leaves out what happened later. Writes
-- nothing. fold(shipment or container, …) below is the same for a row.
create function custody.fold_events(
    p_subject text, p_what text, p_begun custody.standing, p_from_agency bigint,
    p_to_agency bigint, p_route bigint[], p_until timestamptz, p_extra custody.event)
returns custody.folded
language plpgsql stable as $$
declare
    f custody.folded;
    s custody.standing := p_begun;
    was custody.standing;
    lies_active boolean;
    lies_sealed boolean;
    n record;
    r record;
    e custody.event;
    into_closure bigint;
    odd text;
    open_n int := 1;
begin
    f.events := 0;
    f.loose := false;
    f.last_at := '-infinity';
    f.last_device := 0;
    f.last_seq := 0;
    f.last_id := '00000000-0000-0000-0000-000000000000';
    f.begun_at := array['-infinity'::timestamptz];
    for r in select x.event, x.steps, x.flag, x.confirmed
             from custody.effective(p_subject, p_extra) x loop
        e := r.event;
        exit when e.at > p_until;
        f.events := f.events + 1;
        f.last_at := e.at;
        f.last_device := e.device;
        f.last_seq := e.device_seq;
        f.last_id := e.id;
        if r.flag is not null then
            f.odd_ids := f.odd_ids || e.id;
            f.odd_codes := f.odd_codes || r.flag;
            f.loose := true;
        end if;
        continue when not r.steps;

        was := s;
        if s.closure is not null then
            select l.state, l.holder_kind, l.holder_id, l.place, l.since, l.active, l.sealed
            into was.state, was.holder_kind, was.holder_id, was.place, was.place_at, lies_active,
                 lies_sealed
            from container.lies_at(s.closure, e.at) l;
            f.looked_at[cardinality(f.in_at)] := e.at;
        end if;
        into_closure := null;
        odd := null;
        if e.kind = 'bag' then
            into_closure := container.closure_for(e.container, e.at);
            if not exists (select from container.container c where c.id = e.container) then
                odd := 'unknown_bag';
            elsif p_what = 'c' and container.lies_in(into_closure, p_subject) then
                odd := 'bag_cycle';
            elsif p_what = 'c' and container.depth_of(into_closure)
                                   + container.height_of(p_subject) > 4 then
                odd := 'bag_too_deep';
            end if;
        end if;
        select * into n from custody.step(
            p_what, was.state, was.going_back, was.redirected, was.damaged, was.holder_kind,
            was.holder_id, was.place, was.offered_kind, was.offered_to,
            p_from_agency, p_to_agency,
            e.kind, e.actor, e.unit, e.target_kind, e.target_id, into_closure,
            custody.has_recipient(e.data) or e.refers is not null, e.refers is not null,
            -- What a trip holds, its carrier holds.
            r.confirmed or was.holder_kind = 'trip'
                           and container.carries(was.holder_id, e.actor));
        if odd is not null or n.flag is not null then
            f.odd_ids := f.odd_ids || e.id;
            f.odd_codes := f.odd_codes || coalesce(odd, n.flag);
        end if;
        continue when odd is not null or not n.ok;

        if n.at_place and not was.redirected and not custody.on_route(p_route, e.unit) then
            f.odd_ids := f.odd_ids || e.id;
            f.odd_codes := f.odd_codes || 'wrong_route'::text;
        end if;
        if e.kind = 'depart' and e.target_kind = 'trip'
           and container.trip_ended(e.target_id, e.at) then
            f.odd_ids := f.odd_ids || e.id;
            f.odd_codes := f.odd_codes || 'trip_ended'::text;
        end if;
        if n.at_place and custody.too_fast(was.place, was.place_at, e.unit, e.at) then
            f.odd_ids := f.odd_ids || e.id;
            f.odd_codes := f.odd_codes || 'impossible_speed'::text;
        end if;
        if s.closure is not null and n.in_bag then
            s.redirected := n.redirected;
            continue;
        end if;
        if s.closure is not null and lies_active then
            if lies_sealed or e.kind <> 'unbag' then
                f.odd_ids := f.odd_ids || e.id;
                f.odd_codes := f.odd_codes
                    || case when lies_sealed then 'sealed_bag' else 'left_bag' end;
            end if;
            f.out_at[cardinality(f.in_at)] := e.at;
            f.out_events[cardinality(f.in_at)] := e.id;
        end if;
        if n.state <> s.state then
            f.ended_id := e.id;
            f.ended_at := e.at;
        end if;
        s := (n.state, n.going_back, n.redirected, n.damaged, n.holder_kind, n.holder_id, n.place,
              case when n.at_place or n.place is distinct from was.place then e.at
                   else was.place_at end, n.closure, n.offered_kind,
              n.offered_to);
        if n.closure is not null then
            f.in_closures := f.in_closures || n.closure;
            f.in_at := f.in_at || e.at;
            f.in_events := f.in_events || e.id;
            f.out_at := f.out_at || null::timestamptz;
            f.out_events := f.out_events || null::uuid;
            f.looked_at := f.looked_at || null::timestamptz;
        end if;
        if p_what = 'c' and e.kind in ('close', 'repack') then
            f.sealed_at[open_n] := coalesce(f.sealed_at[open_n], e.at);
            f.seals[open_n] := coalesce(e.data ->> 'seal', f.seals[open_n]);
        elsif p_what = 'c' and e.kind = 'open' then
            f.opened_at[open_n] := e.at;
            f.opened_units[open_n] := e.unit;
            f.opened_by[open_n] := e.actor;
            open_n := open_n + 1;
            f.begun_at[open_n] := e.at;
        end if;
    end loop;
    f.standing := s;
    return f;
end $$;

-- custody.kept(shipment or container): the standing that its projection keeps.
create function custody.kept(s custody.shipment) returns custody.standing
language sql immutable as $$
    select row(s.state, s.going_back, s.redirected, s.damaged, s.holder_kind, s.holder_id, s.place,
               s.place_at, s.closure, s.offered_kind, s.offered_to)::custody.standing
$$;

create function custody.kept(c container.container) returns custody.standing
language sql immutable as $$
    select row(c.state, false, false, c.damaged, c.holder_kind, c.holder_id, c.place, c.place_at,
               c.closure, c.offered_kind, c.offered_to)::custody.standing
$$;

-- custody.fold(shipment or container, until, extra): see fold_events.
create function custody.fold(s custody.shipment, p_until timestamptz default 'infinity',
                             p_extra custody.event default null) returns custody.folded
language sql stable as $$
    select custody.fold_events(
        s.number, 's', row('created', false, false, false, 'place', s.begun_place, s.begun_place,
                           null, null, null, null)::custody.standing,
        s.from_agency, s.to_agency, s.route, p_until, p_extra)
$$;

create function custody.fold(c container.container, p_until timestamptz default 'infinity',
                             p_extra custody.event default null) returns custody.folded
language sql stable as $$
    select custody.fold_events(
        c.id, 'c', row('open', false, false, false, 'place', c.origin, c.origin, null, null, null,
                       null)::custody.standing,
        null, null, custody.route(c.origin, c.destination), p_until, p_extra)
$$;

-- container.lies_at(closure, at): state, holder and place of something in a closure, from the
-- innermost container outward. active: the membership lasts; sealed: its container was sealed;
-- since: when it is known to have come to its place, null while it is inside.
-- Reads container.closure, container.container, and the container's events when asked about a
-- time before its latest.
create function container.lies_at(
    p_closure bigint, p_at timestamptz,
    out state text, out holder_kind text, out holder_id bigint, out place bigint,
    out since timestamptz, out active boolean, out sealed boolean)
language plpgsql stable as $$
declare
    k container.closure;
    c container.container;
    s custody.standing;
    depth int := 0;
begin
    loop
        select * into k from container.closure x where x.id = p_closure;
        if k.opened_at <= p_at then
            state := 'arrived';
            holder_kind := 'place';
            holder_id := coalesce(k.opened_unit, 0);
            place := coalesce(k.opened_unit, 0);
            since := k.opened_at;
            active := coalesce(active, false);
            sealed := coalesce(sealed, false);
            return;
        end if;
        active := true;
        select * into c from container.container x where x.id = k.container;
        if c.last_at <= p_at then
            s := custody.kept(c);
        else
            s := (custody.fold(c, p_at)).standing;
        end if;
        sealed := coalesce(sealed, false) or coalesce(k.sealed_at <= p_at, false);
        state := case when s.state in ('departed', 'arrived', 'lost') then s.state
                      else 'bagged' end;
        holder_kind := s.holder_kind;
        holder_id := s.holder_id;
        place := s.place;
        depth := depth + 1;
        exit when s.closure is null or depth > 4;
        p_closure := s.closure;
    end loop;
end $$;

-- custody.party(kind, id): how a holder is known outside: the id of a person, the code of a unit,
-- the id of a container, and its name. Reads account.account, postal.unit, container.*. (plpgsql:
-- one look, into the table of its kind, and nothing to set up in the statement that may ask.)
create type custody.named as (ref text, name text);
create function custody.party(p_kind text, p_id bigint) returns custody.named
language plpgsql stable as $$
declare
    ref text;
    name text;
begin
    case p_kind
        when 'person' then
            select a.id::text, a.name into ref, name from account.account a where a.id = p_id;
        when 'place', 'agency' then
            select u.code, u.name into ref, name from postal.unit u where u.id = p_id;
        when 'bag' then
            select k.container, k.container into ref, name
            from container.closure k where k.id = p_id;
        when 'trip' then
            select t.code, t.code into ref, name from container.trip t where t.id = p_id;
        when 'addressee' then name := 'Người nhận';
        when 'authority' then name := 'Cơ quan có thẩm quyền';
        else null;
    end case;
    return (coalesce(ref, ''), coalesce(name, ''))::custody.named;
end $$;

-- custody.holder_json(kind, id): {kind, id, name}; of a trip also carrier, the person who holds what
-- rides on it.
create function custody.holder_json(p_kind text, p_id bigint) returns jsonb
language sql stable as $$
    select jsonb_build_object('kind', p_kind, 'id', ref, 'name', name)
           || case when p_kind = 'trip' then coalesce((
                  select jsonb_build_object('carrier', jsonb_build_object('id', a.id::text,
                                                                          'name', a.name))
                  from container.trip t join account.account a on a.id = t.carrier
                  where t.id = p_id), '{}') else '{}' end
    from custody.party(p_kind, p_id) where p_kind is not null
$$;

-- custody.resolved(number): where a shipment is really, through whatever it lies in, just now.
-- One row, or none for an unknown number. container: the innermost it lies in.
create function custody.resolved(p_number text)
returns table (number text, state text, holder_kind text, holder_id bigint, place bigint,
               container text, going_back boolean, redirected boolean, damaged boolean,
               offered_kind text, offered_to bigint)
language sql stable as $$
    select s.number, coalesce(l.state, s.state), coalesce(l.holder_kind, s.holder_kind),
           coalesce(l.holder_id, s.holder_id), coalesce(l.place, s.place),
           case when l.active then k.container end, s.going_back, s.redirected, s.damaged,
           s.offered_kind, s.offered_to
    from custody.shipment s
    left join container.closure k on k.id = s.closure
    left join lateral container.lies_at(s.closure, 'infinity') l on s.closure is not null
    where s.number = p_number
$$;

-- custody.standing_of(subject): holder and state of a shipment or container, through its bag.
create function custody.standing_of(p_subject text)
returns table (subject text, state text, holder_kind text, holder_id bigint)
language sql stable as $$
    select w.number, w.state, w.holder_kind, w.holder_id from custody.resolved(p_subject) w
    union all
    select c.id, coalesce(l.state, c.state), coalesce(l.holder_kind, c.holder_kind),
           coalesce(l.holder_id, c.holder_id)
    from container.container c
    left join lateral container.lies_at(c.closure, 'infinity') l on c.closure is not null
    where c.id = p_subject
$$;
