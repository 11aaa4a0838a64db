-- From a fold to what is kept: projections, memberships, closures, exceptions; and folding again
-- when something late changes the past.

-- custody.tell_dossier(numbers, events, at, what): shipments that were just delivered, whose delivery
-- was just taken back (taken_back), or which were declared lost (lost). A dossier that cannot be
-- brought up to date never undoes a scan: it opens an exception. What may go well in a moment is
-- raised, to be done again.
create function custody.tell_dossier(p_numbers text[], p_events uuid[], p_at timestamptz,
                                     p_what text default 'delivered') returns void
language plpgsql as $$
begin
    case p_what
        when 'delivered' then perform dossier.delivered(p_numbers, p_at);
        when 'taken_back' then perform dossier.undelivered(p_numbers, p_at);
        when 'lost' then perform dossier.lost(p_numbers);
    end case;
exception when others then
    if sqlstate in ('40001', '40P01', '55P03') then
        raise;
    end if;
    insert into custody.exception (subject, event_id, code, detail, unit)
    select x.number, x.event, 'dossier_not_told', jsonb_build_object('error', sqlerrm), e.unit
    from unnest(p_numbers, p_events) as x (number, event)
    left join custody.event e on e.subject = x.number and e.id = x.event
    on conflict do nothing;
end $$;

-- custody.ended(shipment before, folded): what it means for its dossier that the fold now ends
-- otherwise than was kept. Writes custody.exception, dossier.*.
create function custody.ended(s custody.shipment, f custody.folded) returns void
language plpgsql as $$
declare
    v_now text := (f.standing).state;
begin
    if v_now = 'lost' and s.state <> 'lost' and s.pieces > 1 then
        perform custody.tell_dossier(array[s.number], array[f.last_id], f.last_at, 'lost');
    end if;
    if s.state = v_now or s.state not in ('delivered', 'returned') and v_now <> 'delivered' then
        return;
    end if;
    if s.state in ('delivered', 'returned') then
        insert into custody.exception (subject, event_id, code, unit, actor)
        select s.number, e.id, 'delivery_taken_back', e.unit, e.actor
        from custody.event e where e.subject = s.number and e.id = f.last_id
        on conflict do nothing;
    end if;
    if s.leg = 'result' then
        perform custody.tell_dossier(
            array[s.number], array[case v_now when 'delivered' then f.ended_id else f.last_id end],
            case v_now when 'delivered' then f.ended_at else now() end,
            case v_now when 'delivered' then 'delivered' else 'taken_back' end);
    end if;
end $$;

-- custody.project(shipment before, folded): writes the projection of one shipment, its memberships,
-- an exception for every odd event that has none yet, and tells its dossier. Writes
-- custody.shipment, container.membership, custody.exception, dossier.*.
create function custody.project(p_before custody.shipment, f custody.folded) returns void
language plpgsql as $$
declare
    s custody.standing := f.standing;
    p_number text := p_before.number;
begin
    update custody.shipment set
        state = s.state, going_back = s.going_back, redirected = s.redirected, damaged = s.damaged,
        holder_kind = s.holder_kind, holder_id = s.holder_id, place = s.place,
        place_at = s.place_at, closure = s.closure, offered_kind = s.offered_kind,
        offered_to = s.offered_to, loose = f.loose,
        last_at = f.last_at, last_device = f.last_device, last_seq = f.last_seq,
        last_id = f.last_id, events = f.events
    where number = p_number;
    perform custody.keep_points(p_number, f);
    perform container.project_memberships(p_number, f);
    perform custody.open_exceptions(p_number, f);
    perform custody.ended(p_before, f);
end $$;

-- custody.keep_points(subject, folded): the points behind where the fold began, as it found them.
-- Writes custody.point.
create function custody.keep_points(p_subject text, f custody.folded) returns void
language plpgsql as $$
begin
    if exists (select from custody.point p where p.subject = p_subject and p.at > f.since) then
        delete from custody.point p
        where p.subject = p_subject and p.at > f.since
          and not exists (select from unnest(f.points) as x where x.at = p.at);
    elsif f.points is null then
        return;
    end if;
    insert into custody.point as p select x.* from unnest(f.points) as x
    on conflict (subject, at) do update
        set standing = excluded.standing, events = excluded.events, loose = excluded.loose,
            ended_id = excluded.ended_id, ended_at = excluded.ended_at,
            in_closure = excluded.in_closure, in_at = excluded.in_at,
            in_event = excluded.in_event, looked_at = excluded.looked_at, n = excluded.n,
            begun_at = excluded.begun_at, sealed_at = excluded.sealed_at, seal = excluded.seal
        where p is distinct from excluded;
end $$;

-- container.project_memberships(subject, folded): makes the subject's rows equal to the fold's.
create function container.project_memberships(p_subject text, f custody.folded) returns void
language plpgsql as $$
begin
    if f.in_closures is null
       and not exists (select from container.membership m
                       where m.subject = p_subject and m.began_at > f.since) then
        return;
    end if;
    delete from container.membership m
    where m.subject = p_subject and m.began_at > f.since
      and not exists (select from unnest(f.in_closures, f.in_events) as x (closure, event)
                      where x.closure = m.closure and x.event = m.began_event);
    insert into container.membership as m
        (closure, subject, began_at, began_event, ended_at, ended_event, looked_at)
    select x.closure, p_subject, x.at, x.event, x.out_at, x.out_event, x.looked_at
    from unnest(f.in_closures, f.in_at, f.in_events, f.out_at, f.out_events, f.looked_at)
        as x (closure, at, event, out_at, out_event, looked_at)
    on conflict (closure, subject, began_event) do update
        set began_at = excluded.began_at, ended_at = excluded.ended_at,
            ended_event = excluded.ended_event, looked_at = excluded.looked_at
        where (m.began_at, m.ended_at, m.ended_event, m.looked_at) is distinct from
              (excluded.began_at, excluded.ended_at, excluded.ended_event, excluded.looked_at);
end $$;

-- custody.open_exceptions(subject, folded): one for each odd event and code that a person must see.
-- They never close by themselves, also when a late scan explains them. Writes custody.exception.
create function custody.open_exceptions(p_subject text, f custody.folded) returns void
-- (plpgsql keeps the plan)
language plpgsql as $$
begin
    if f.odd_ids is null then
        return;
    end if;
    insert into custody.exception (subject, event_id, code, detail, unit, actor)
    select p_subject, e.id, o.code,
           jsonb_strip_nulls(jsonb_build_object('kind', e.kind, 'container', e.container)),
           e.unit, e.actor
    from unnest(f.odd_ids, f.odd_codes) as x (id, code)
    join custody.oddity o on o.code = x.code and o.opens
    join custody.event e on e.subject = p_subject and e.id = x.id
    where not exists (select from custody.exception q
                      where q.subject = p_subject and q.event_id = x.id and q.code = x.code)
    on conflict (subject, event_id, code) do nothing;
end $$;

-- container.project(container, folded): the same for a container, and its closures.
create function container.project(p_id text, f custody.folded) returns void
language plpgsql as $$
declare
    s custody.standing := f.standing;
begin
    insert into container.closure as k
        (container, n, begun_at, sealed_at, seal, opened_at, opened_unit, opened_by)
    select p_id, n, f.begun_at[n], f.sealed_at[n], f.seals[n], f.opened_at[n], f.opened_units[n],
           f.opened_by[n]
    from generate_subscripts(f.begun_at, 1) as n
    on conflict (container, n) do update
        set begun_at = excluded.begun_at, sealed_at = excluded.sealed_at, seal = excluded.seal,
            opened_at = excluded.opened_at, opened_unit = excluded.opened_unit,
            opened_by = excluded.opened_by
        where (k.begun_at, k.sealed_at, k.seal, k.opened_at, k.opened_unit, k.opened_by)
              is distinct from (excluded.begun_at, excluded.sealed_at, excluded.seal,
                                excluded.opened_at, excluded.opened_unit, excluded.opened_by);
    -- One that no longer is takes nothing in; its members are folded again, then it goes.
    update container.closure k set begun_at = 'infinity', sealed_at = null, opened_at = null
    where k.container = p_id and k.n > array_upper(f.begun_at, 1) and k.begun_at < 'infinity';
    update container.container set
        state = s.state, damaged = s.damaged, holder_kind = s.holder_kind,
        holder_id = s.holder_id, place = s.place, place_at = s.place_at, closure = s.closure,
        offered_kind = s.offered_kind, offered_to = s.offered_to,
        inside = (select k.id from container.closure k
                  where k.container = p_id and k.n = array_upper(f.begun_at, 1)),
        last_at = f.last_at, last_device = f.last_device, last_seq = f.last_seq,
        last_id = f.last_id, events = f.events
    where id = p_id;
    perform custody.keep_points(p_id, f);
    perform container.project_memberships(p_id, f);
    perform custody.open_exceptions(p_id, f);
end $$;

-- container.late_members(container, at): what must be folded again when an event of that time
-- changes the container, whose past before it stays as it is: members with scans judged from then on,
-- at any depth, and whatever was scanned into it since, also in vain (closed, unknown, nested too
-- deep). In an ordinary day: nothing, found out by two looks into an index.
create function container.late_members(p_container text, p_at timestamptz)
returns table (subject text)
-- (plpgsql keeps the plan)
language plpgsql stable rows 10 set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off as $$
begin
    return query
    with recursive inward (closure, depth) as (
        -- also the closure that this event opened
        select k.id, 1 from container.closure k
        where k.container = p_container and (k.opened_at is null or k.opened_at >= p_at)
        union
        select c.inside, i.depth + 1
        from inward i join container.container c on c.closure = i.closure
        where i.depth < 5)
    select m.subject from inward i
    join container.membership m on m.closure = i.closure and m.looked_at >= p_at
    union
    select t.subject from container.tried t where t.container = p_container and t.last_at >= p_at;
end $$;

-- custody.refold(subject, since): folds a shipment or container again and rewrites its projection.
-- since: from when on it may be otherwise. Returns the fold; null for an unknown subject, and for
-- one whose history was purged, which stays as it is.
create function custody.refold(p_subject text, p_since timestamptz default '-infinity')
returns custody.folded
language plpgsql as $$
declare
    s custody.shipment;
    c container.container;
    f custody.folded;
begin
    if custody.is_purged(p_subject) then
        return null;
    end if;
    select * into s from custody.shipment where number = p_subject for update;
    if found then
        f := custody.fold(s, p_since => p_since);
        perform custody.project(s, f);
        return f;
    end if;
    select * into c from container.container where id = p_subject for update;
    if found then
        f := custody.fold(c, p_since => p_since);
        perform container.project(p_subject, f);
        return f;
    end if;
    return null;
end $$;

-- custody.refold_inside(containers, since): after changes of these containers from those times on:
-- each thing that they concern is folded again once, containers first, as what is folded again and is
-- a container itself changes what lies in it likewise.
create function custody.refold_inside(p_containers text[], p_since timestamptz[]) returns void
language plpgsql as $$
declare
    v_bags text[] := p_containers;
    v_all text[] := p_containers;
    v_since timestamptz[] := p_since;
    v_items text[] := '{}';
    v_from timestamptz[] := '{}';
    x record;
    v_depth int := 0;
begin
    while v_bags <> '{}' and v_depth < 6 loop
        select array_agg(y.subject order by y.subject) filter (where y.bag) as bags,
               array_agg(y.since order by y.subject) filter (where y.bag) as bags_since,
               array_agg(y.subject) filter (where not y.bag) as items,
               array_agg(y.since) filter (where not y.bag) as items_since into x
        from (select m.subject, min(b.since) as since, length(m.subject) = 29 as bag
              from unnest(v_bags, v_since) as b (id, since)
              cross join lateral container.late_members(b.id, b.since) m
              group by m.subject) y;
        v_bags := coalesce(x.bags, '{}');
        v_all := v_all || v_bags;
        v_since := x.bags_since;
        v_items := v_items || x.items;
        v_from := v_from || x.items_since;
        perform custody.refold(b.id, b.since)
        from unnest(v_bags, v_since) with ordinality as b (id, since, ord) order by b.ord;
        v_depth := v_depth + 1;
    end loop;
    perform custody.refold(i.id, i.since)
    from (select u.id, min(u.since) as since from unnest(v_items, v_from) as u (id, since)
          group by u.id order by u.id) i;
    delete from container.closure k
    where k.container = any (v_all) and k.begun_at = 'infinity'
      and not exists (select from container.membership m where m.closure = k.id);
end $$;
