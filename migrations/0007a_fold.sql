-- The fold: what the events of a shipment or container come to, step by step, from their beginning or
-- from a point that was kept.

-- Where a fold of a subject's events may go on: what it had found when all events up to `at` were
-- taken in, and a later one followed. Of a container one for each time of an event but the last, so
-- that what lay in it at some time is judged without a fold; of a shipment only in long histories. in_*,
-- looked_at: of the membership that lasts; n, begun_at, sealed_at, seal: of the closure being filled.
create table custody.point (
    subject text collate "C" not null,
    at timestamptz not null,
    standing custody.standing not null,
    events int not null,
    loose boolean not null,
    ended_id uuid,
    ended_at timestamptz,
    in_closure bigint,
    in_at timestamptz,
    in_event uuid,
    looked_at timestamptz,
    n int not null,
    begun_at timestamptz not null,
    sealed_at timestamptz,
    seal text,
    primary key (subject, at)
) with (fillfactor = 60);
select base.grant_service('delete', 'custody.point');

-- What a fold finds: the standing, the greatest order key, which events were odd and why, the step
-- that ended it when it has ended, whether an undo or reverse names nothing that is here, the
-- memberships the subject had in bags, and (of a container) the closures of its contents, by their
-- numbers. since: it began behind the point of that time, so that what is odd, memberships, closures and
-- points are those after it, and those that lasted then; -infinity: it is whole.
create type custody.folded as (
    standing custody.standing,
    last_at timestamptz, last_device bigint, last_seq bigint, last_id uuid, events int,
    odd_ids uuid[], odd_codes text[], ended_id uuid, ended_at timestamptz, loose boolean,
    in_closures bigint[], in_at timestamptz[], in_events uuid[], out_at timestamptz[],
    out_events uuid[], looked_at timestamptz[],
    begun_at timestamptz[], sealed_at timestamptz[], seals text[], opened_at timestamptz[],
    opened_units bigint[], opened_by bigint[], since timestamptz, points custody.point[]);

-- custody.effective(subject, extra, since): the events that step, in order: without those that a
-- valid undo or reverse takes back, and without those that wait for a confirm. flag: an undo that
-- takes nothing back. confirmed: a person let it count. extra: an event that is not written yet
-- (null: none). since: only those later. Reads custody.event.
create function custody.effective(p_subject text, p_extra custody.event,
                                  p_since timestamptz default '-infinity')
returns table (event custody.event, steps boolean, flag text, confirmed boolean)
language sql stable as $$
    with mine as materialized (
        select e as event from custody.event e
        where e.subject = p_subject
          and (e.at > p_since or e.kind in ('undo', 'reverse', 'confirm'))
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
        from mine u
        left join lateral (
            select x as event from custody.event x
            where x.subject = p_subject and x.id = (u.event).refers
            union all
            select p_extra where (p_extra).id = (u.event).refers) e on true
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
    where (m.event).at > p_since
    order by (m.event).at, (m.event).device, (m.event).device_seq, (m.event).id
$$;

-- custody.taken_back(subject, event): whether a valid undo or reverse of it is there, by the rule of
-- effective() above. Reads custody.event. (plpgsql keeps the plan.)
create function custody.taken_back(p_subject text, p_event uuid) returns boolean
language plpgsql stable as $$
begin
    return exists (
        select from custody.event u
        join custody.event e on e.subject = u.subject and e.id = u.refers
        where u.subject = p_subject and u.refers = p_event
          and (u.kind = 'reverse' or u.kind = 'undo' and e.refers is null and u.actor = e.actor
                                     and u.at - e.at <= interval '10 minutes'));
end $$;

-- custody.long_history(): from how many events on points are kept of a shipment.
create function custody.long_history() returns int
language sql immutable parallel safe as 'select 16';

-- custody.fold_begun(subject, begun, since): an empty fold, or what the last point before that time
-- kept. Reads custody.point.
create function custody.fold_begun(p_subject text, p_begun custody.standing, p_since timestamptz)
returns custody.folded
language plpgsql stable as $$
declare
    p custody.point;
    f custody.folded;
begin
    if p_since > '-infinity' then
        select * into p from custody.point x
        where x.subject = p_subject and x.at < p_since order by x.at desc limit 1;
    end if;
    f.standing := coalesce(p.standing, p_begun);
    f.since := coalesce(p.at, '-infinity');
    f.last_at := f.since;
    f.last_device := 0;
    f.last_seq := 0;
    f.last_id := '00000000-0000-0000-0000-000000000000';
    f.events := coalesce(p.events, 0);
    f.loose := coalesce(p.loose, false);
    f.ended_id := p.ended_id;
    f.ended_at := p.ended_at;
    if p.in_closure is not null then
        f.in_closures := array[p.in_closure];
        f.in_at := array[p.in_at];
        f.in_events := array[p.in_event];
        f.out_at := array[null::timestamptz];
        f.out_events := array[null::uuid];
        f.looked_at := array[p.looked_at];
    end if;
    f.begun_at[coalesce(p.n, 1)] := coalesce(p.begun_at, '-infinity');
    if p.sealed_at is not null then
        f.sealed_at[p.n] := p.sealed_at;
        f.seals[p.n] := p.seal;
    end if;
    return f;
end $$;

-- custody.fold_point(subject, folded, standing): the point of a fold that has come so far.
create function custody.fold_point(p_subject text, f custody.folded, s custody.standing)
returns custody.point
language plpgsql immutable as $$
declare
    p custody.point;
    v_last int := case when s.closure is not null then cardinality(f.in_at) end;
begin
    p.subject := p_subject;
    p.at := f.last_at;
    p.standing := s;
    p.events := f.events;
    p.loose := f.loose;
    p.ended_id := f.ended_id;
    p.ended_at := f.ended_at;
    p.in_closure := f.in_closures[v_last];
    p.in_at := f.in_at[v_last];
    p.in_event := f.in_events[v_last];
    p.looked_at := f.looked_at[v_last];
    p.n := array_upper(f.begun_at, 1);
    p.begun_at := f.begun_at[p.n];
    p.sealed_at := f.sealed_at[p.n];
    p.seal := f.seals[p.n];
    return p;
end $$;

-- custody.fold_events(subject, what, begun, from_agency, to_agency, route, until, extra, since):
-- steps through the events from how the subject began. until: leaves out what happened later.
-- since: what was before is as it was when it was folded last, so that the last point before it is where
-- to begin. Writes nothing. fold(shipment or container, …) below is the same for a row.
create function custody.fold_events(
    p_subject text, p_what text, p_begun custody.standing, p_from_agency bigint,
    p_to_agency bigint, p_route bigint[], p_until timestamptz, p_extra custody.event,
    p_since timestamptz)
returns custody.folded
language plpgsql stable as $$
declare
    f custody.folded := custody.fold_begun(p_subject, p_begun, p_since);
    s custody.standing := f.standing;
    v_points custody.point[];
    was custody.standing;
    lies_active boolean;
    lies_sealed boolean;
    n record;
    r record;
    e custody.event;
    into_closure bigint;
    odd text;
    open_n int := array_upper(f.begun_at, 1);
begin
    for r in select x.event, x.steps, x.flag, x.confirmed
             from custody.effective(p_subject, p_extra, f.since) x loop
        e := r.event;
        exit when e.at > p_until;
        if e.at > f.last_at and f.last_at > f.since
           and (p_what = 'c' or f.events >= custody.long_history()) then
            v_points := v_points || custody.fold_point(p_subject, f, s);
        end if;
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
        if e.kind = 'depart' and coalesce(e.target_kind, '') = 'trip'
           and container.trip_ended(e.target_id, e.at) then
            f.odd_ids := f.odd_ids || e.id;
            f.odd_codes := f.odd_codes || 'trip_ended'::text;
        end if;
        -- (what came off it and lies here already may be scanned once more)
        if e.kind = 'arrive' and e.target_kind = 'trip'
           and (was.holder_kind <> 'trip' or was.holder_id <> e.target_id)
           and not (was.state = 'arrived' and was.holder_kind = 'place' and was.holder_id = e.unit) then
            f.odd_ids := f.odd_ids || e.id;
            f.odd_codes := f.odd_codes || 'trip_surplus'::text;
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
    f.points := v_points;
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

-- custody.begun(shipment or container): how it stood before its first event.
create function custody.begun(s custody.shipment) returns custody.standing
language sql immutable as $$
    select row('created', false, false, false, 'place', s.begun_place, s.begun_place, null, null,
               null, null)::custody.standing
$$;

create function custody.begun(c container.container) returns custody.standing
language sql immutable as $$
    select row('open', false, false, false, 'place', c.origin, c.origin, null, null, null,
               null)::custody.standing
$$;

-- custody.fold(shipment or container, until, extra, since): see fold_events.
create function custody.fold(s custody.shipment, p_until timestamptz default 'infinity',
                             p_extra custody.event default null,
                             p_since timestamptz default '-infinity') returns custody.folded
language sql stable as $$
    select custody.fold_events(s.number, 's', custody.begun(s), s.from_agency, s.to_agency, s.route,
                               p_until, p_extra, p_since)
$$;

create function custody.fold(c container.container, p_until timestamptz default 'infinity',
                             p_extra custody.event default null,
                             p_since timestamptz default '-infinity') returns custody.folded
language sql stable as $$
    select custody.fold_events(c.id, 'c', custody.begun(c), null, null, c.route, p_until, p_extra,
                               p_since)
$$;
