-- Recording scans: the set-based path for what comes in order and is as expected; the rest goes the
-- careful path, one row at a time.

-- custody.record_orderly(…): the scans that come in order and are as expected, in one statement:
-- only those in p_only (null: all) and not in p_without (null: none). One row for each it wrote. No
-- look whether they were seen before: a scan later than its shipment's last hardly ever was, and if
-- so unique_violation undoes it all. The shipments are locked. Arguments as in record_scans.
create function custody.record_orderly(
    p_ord int[], p_id uuid[], p_subject text[], p_kind text[], p_at timestamptz[],
    p_actor bigint[], p_unit bigint[], p_roles int[], p_device bigint[], p_device_seq bigint[],
    p_container text[], p_target text[], p_reason text[], p_next_action text[], p_data jsonb[],
    p_digest bytea[], p_mac bytea[], p_only int[], p_without int[], p_now timestamptz,
    p_xid bigint)
returns setof custody.scan_reply
-- The rule tables are small: the planner would read them whole for every scan.
language plpgsql set enable_seqscan = off set jit = off as $$
declare
    v_low constant uuid := custody.uuid_floor(p_now - interval '60 days');
    v_high constant uuid := custody.uuid_floor(p_now + interval '1 day');
begin
    return query
        with fresh as (
            select u.*, a.at, n.*, w.since, s.ctid as row, s.events, z.container as lay_in
            from unnest(p_ord, p_id, p_subject, p_kind, p_at, p_actor, p_unit, p_roles, p_device,
                        p_device_seq, p_container, p_target, p_reason, p_next_action, p_data,
                        p_digest, p_mac)
                as u (ord, id, subject, kind, told, actor, unit, roles, device, device_seq,
                      container, target, reason, next_action, data, digest, mac)
            cross join lateral (select least(u.told, p_now) as at) a
            join custody.scan_kind k on k.kind = u.kind and k.steps and u.roles & k.roles <> 0
                and (k.needs = '{}'
                     or (('reason' <> all (k.needs) or u.reason <> '')
                         and ('next_action' <> all (k.needs) or u.next_action <> '')
                         and ('container' <> all (k.needs) or u.container <> '')
                         and not (u.kind = 'fail'
                                  and custody.failure_wrong(u.reason, u.next_action))))
                and u.target is null and 'target' <> all (k.needs)
            join custody.shipment s on s.number = u.subject
            left join container.closure z on z.id = s.closure
            left join container.container c
                on c.id = case when u.kind = 'bag' and u.container <> all (p_subject)
                               then u.container end
                   and c.state = 'open' and c.last_at <= a.at
            cross join lateral (
                select case when z.id is null then s.state else 'arrived' end as state,
                       case when z.id is null then s.holder_kind else 'place' end as holder_kind,
                       case when z.id is null then s.holder_id else coalesce(z.opened_unit, 0) end
                           as holder_id,
                       case when z.id is null then s.place else coalesce(z.opened_unit, 0) end
                           as place,
                       case when z.id is null then s.place_at else z.opened_at end as since,
                       custody.has_recipient(u.data) as proof
                offset 0) w -- (computed once, not for each use)
            cross join lateral custody.step(
                's', w.state, s.going_back, s.redirected, s.damaged, w.holder_kind, w.holder_id,
                w.place, s.offered_kind, s.offered_to, s.from_agency, s.to_agency,
                u.kind, u.actor, u.unit, null, null, c.inside,
                w.proof, false, false) n
            where (u.data is null
                   or not u.data ?| '{skew_ms,clock_off_ms,attachments,code,label_revoked}'
                      and coalesce((u.data ->> 'label_copy')::int >= s.copy, true))
              and (u.kind not in ('deliver', 'fail')
                   or u.next_action is distinct from 'invite'
                      and custody.delivery_flags(s.dossier, s.leg, u.kind, u.reason,
                                                 u.next_action, u.data) = '{}')
              and not s.loose
              and (not n.at_place or s.redirected or s.route is null or u.unit = any (s.route)
                   or custody.on_route(s.route, u.unit))
              and (not n.at_place or w.place = u.unit or w.since is null
                   or a.at - w.since > interval '12 hours'
                   or not custody.too_fast(w.place, w.since, u.unit, a.at))
              and (a.at, coalesce(u.device, 0), coalesce(u.device_seq, 0), u.id)
                  > (s.last_at, s.last_device, s.last_seq, s.last_id)
              and n.flag is null
              -- (a bag that is scanned in this call itself comes first)
              and (s.closure is null or z.opened_at <= a.at and not n.in_bag
                                        and z.container <> all (p_subject))
              and u.told <= p_now + interval '5 minutes'
              and u.told >= p_now - interval '60 days'
              and u.id between v_low and v_high
              and (p_only is null or u.ord = any (p_only))
              and (p_without is null or u.ord <> all (p_without))),
        written as (
            insert into custody.event
                (subject, id, kind, at, received_at, device_at, device, device_seq, actor, unit,
                 outcome, state, holder_kind, holder_id, container, reason, next_action, data,
                 digest, mac, xid)
            select subject, id, kind, at, p_now, told, coalesce(device, 0), coalesce(device_seq, 0),
                   actor, unit, 'recorded', state, holder_kind, holder_id,
                   coalesce(container, case kind when 'unbag' then lay_in end), reason,
                   next_action, data, digest, mac, p_xid
            from fresh),
        moved as (
            update custody.shipment s set
                state = f.state, going_back = f.going_back, redirected = f.redirected,
                damaged = f.damaged, holder_kind = f.holder_kind, holder_id = f.holder_id,
                place = f.place, place_at = case when f.at_place then f.at else f.since end,
                closure = f.closure, offered_kind = f.offered_kind,
                offered_to = f.offered_to, last_at = f.at, last_device = coalesce(f.device, 0),
                last_seq = coalesce(f.device_seq, 0), last_id = f.id, events = f.events + 1
            from fresh f where s.ctid = f.row), -- it is locked, so it stays where it is
        joined as (
            insert into container.membership (closure, subject, began_at, began_event)
            select f.closure, f.subject, f.at, f.id
            from fresh f where f.closure is not null and f.kind = 'bag')
        select f.ord, 'recorded', f.subject, f.state, f.holder_kind, f.holder_id, (p.p).ref,
               (p.p).name, '{}'::text[], null::text, null::jsonb, f.id, null::bytea
        from fresh f
        cross join lateral (
            select case when f.holder_kind = 'person' and f.holder_id = f.actor
                          or f.holder_kind = 'place' and f.holder_id = f.unit then null
                        else custody.party(f.holder_kind, f.holder_id) end as p
            offset 0) p;
end $$;

-- custody.record_scans(arrays of one length): one row out for each row in, in any order; never
-- raises for a row. Locks, then reads: the trips that are named; and where no container is spoken of or
-- lain in, only the shipments, in the order of their numbers, else as custody.lock does. actor, unit,
-- roles: who scanned. at: the device's time, corrected (data.skew_ms tells by how much). target: a
-- unit's code, a person's login or id, a trip's code. digest: of the scan's content but for its personal
-- payload: sealed, key, salt, mac. Reads custody.scan_kind, custody.transition; writes custody.event,
-- custody.shipment, custody.payload, container.*, custody.exception; no NOTIFY, no hashing.
create function custody.record_scans(
    p_ord int[], p_id uuid[], p_subject text[], p_kind text[], p_at timestamptz[],
    p_actor bigint[], p_unit bigint[], p_roles int[], p_device bigint[], p_device_seq bigint[],
    p_container text[], p_target text[], p_refers uuid[], p_reason text[], p_next_action text[],
    p_data jsonb[], p_digest bytea[], p_mac bytea[], p_sealed bytea[], p_key bytea[],
    p_salt bytea[])
returns setof custody.scan_reply
-- One plan for all batches: planning anew costs a small batch more than it could gain.
language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
    f record;
    r custody.scan_reply;
    i custody.scan;
    v_now timestamptz := now();
    v_xid bigint := pg_current_xact_id()::text::bigint;
    v_count int := cardinality(p_ord);
    v_locked int;
    v_deep boolean;
    v_quiet boolean := false;
    v_lying text[];
    v_last timestamptz;
    v_first int[];
    v_seen int[];
    v_careful int[];
    v_orderly int;
    v_bags text[] := '{}';
    v_since timestamptz[] := '{}';
begin
    -- (most batches speak of no container: that is seen without a query)
    v_deep := (array_remove(p_container, null) <> '{}'
               or length(array_to_string(p_subject, '')) <> 13 * v_count)
              and exists (select from unnest(p_container, p_subject) as x (bag, subject)
                          where x.bag is not null or length(x.subject) = 29);
    if array_remove(p_target, null) <> '{}' then
        perform custody.lock_trips(p_target);
    end if;
    loop
        begin
            if v_deep then
                select l.known, v_count = 1 and l.bags = 1 and l.members = 0
                into v_locked, v_quiet
                from custody.lock(p_subject, p_at, p_container, p_refers) l;
                -- (these, then which: not all that lies in any bag, then these)
                v_lying := case when v_locked > 0 then array(
                    select x.number from (select s.number, s.closure from custody.shipment s
                                          where s.number = any (p_subject) offset 0) x
                    where x.closure is not null) end;
            elsif v_locked is null then
                select count(*), bool_or(l.closure is not null or l.loose), max(l.last_at)
                into v_locked, v_deep, v_last
                from (select s.closure, s.loose, s.last_at from custody.shipment s
                      where s.number = any (p_subject) order by s.number for no key update) l;
                v_deep := v_deep or v_locked <> v_count;
                -- (this, too, is hardly ever asked)
                if not v_deep and (v_last >= any (p_at) or array_remove(p_refers, null) <> '{}') then
                    v_deep := exists (select from container.tried t
                                      where t.subject = any (p_subject));
                end if;
                if v_deep then
                    raise exception using errcode = 'DP002', message = 'containers come first';
                end if;
            end if;
            if v_locked = 0 then -- (no shipment at all)
                v_orderly := 0;
                v_careful := p_ord;
                exit;
            end if;
            -- A subject that comes twice in one call is taken the careful way from its second scan on.
            if v_locked <> v_count then
                select array_agg(x.ord) into v_first
                from (select min(u.ord) as ord from unnest(p_ord, p_subject) as u (ord, subject)
                      group by u.subject) x;
            end if;
            return query select * from custody.record_orderly(
                p_ord, p_id, p_subject, p_kind, p_at, p_actor, p_unit, p_roles, p_device,
                p_device_seq, p_container, p_target, p_reason, p_next_action, p_data, p_digest,
                p_mac, v_first, v_seen, v_now, v_xid);
            get diagnostics v_orderly = row_count;
            exit;
        exception
            when sqlstate 'DP002' then
                null; -- the shipments are let go
            when unique_violation then
                -- Something was seen before: it goes the careful way, and the others once more, locked
                -- anew.
                v_locked := null;
                select coalesce(array_agg(u.ord), p_ord) into v_seen
                from unnest(p_ord, p_subject, p_id) as u (ord, subject, id)
                join custody.event e on e.subject = u.subject and e.id = u.id
                where v_seen is null;
        end;
    end loop;

    if v_orderly < v_count and v_careful is null then
        -- (of two with one id and subject only the first was written)
        select array_agg(u.ord) into v_careful
        from unnest(p_ord, p_subject, p_id) as u (ord, subject, id)
        where u.ord <> all (v_first)
           or not exists (select from custody.event e
                          where e.subject = u.subject and e.id = u.id and e.xid = v_xid);
    end if;
    -- Personal payloads, beside the events they belong to, and dossiers that a delivery or a loss concerns.
    if array_remove(p_sealed, null) <> '{}' then
        insert into custody.payload (subject, event, sealed, key, salt)
        select u.subject, u.id, u.sealed, u.key, u.salt
        from unnest(p_ord, p_subject, p_id, p_sealed, p_key, p_salt)
            as u (ord, subject, id, sealed, key, salt)
        where u.sealed is not null and (v_careful is null or u.ord <> all (v_careful));
    end if;
    if 'deliver' = any (p_kind) then
        perform custody.tell_dossier(array_agg(s.number), array_agg(e.id), max(e.at))
        from unnest(p_ord, p_subject, p_id) as u (ord, subject, id)
        join custody.event e on e.subject = u.subject and e.id = u.id and e.state = 'delivered'
        join custody.shipment s on s.number = u.subject and s.leg = 'result'
        where v_careful is null or u.ord <> all (v_careful)
        group by s.dossier order by s.dossier;
    end if;
    if 'lost' = any (p_kind) then
        perform custody.tell_dossier(array_agg(s.number), array_agg(e.id), v_now, 'lost')
        from unnest(p_ord, p_subject, p_id) as u (ord, subject, id)
        join custody.event e on e.subject = u.subject and e.id = u.id and e.state = 'lost'
        join custody.shipment s on s.number = u.subject and s.pieces > 1
        where v_careful is null or u.ord <> all (v_careful)
        having count(*) > 0;
    end if;
    if v_deep and v_orderly > 0 then
        perform container.try(
                    array_agg(u.subject),
                    -- (out of what it lay in, if the scan does not say)
                    array_agg(coalesce(u.container, case u.kind when 'unbag' then (
                        select e.container from custody.event e
                        where e.subject = u.subject and e.id = u.id) end)),
                    array_agg(u.at), array_agg(u.kind <> 'bag')),
                container.looked(array_agg(u.subject) filter (where u.subject = any (v_lying)),
                                 array_agg(u.id) filter (where u.subject = any (v_lying)),
                                 array_agg(u.at) filter (where u.subject = any (v_lying)))
        from unnest(p_ord, p_id, p_subject, p_kind, p_container, p_at)
            as u (ord, id, subject, kind, container, at)
        where v_careful is null or u.ord <> all (v_careful);
    end if;
    if v_careful is null then
        return;
    end if;
    -- Containers first, then once what lies in them, then the others, judged by all that.
    for i in
        select u.*, null::text, null::bigint, false
        from unnest(p_ord, p_id, p_subject, p_kind, p_at, p_actor, p_unit, p_roles, p_device,
                    p_device_seq, p_container, p_target, p_refers, p_reason, p_next_action,
                    p_data, p_digest, p_mac, p_sealed, p_key, p_salt)
            as u (ord, id, subject, kind, at, actor, unit, roles, device, device_seq, container,
                  target, refers, reason, next_action, data, digest, mac, sealed, key, salt)
        where u.ord = any (v_careful)
        order by length(u.subject) is distinct from 29, u.at, u.ord
    loop
        if v_bags <> '{}' and length(i.subject) is distinct from 29 then
            perform custody.refold_inside(v_bags, v_since);
            v_bags := '{}';
        end if;
        select * into f from custody.record_fact(i, v_now, v_xid, null);
        if f.since is not null then
            v_bags := v_bags || i.subject;
            v_since := v_since || f.since;
        end if;
        r := f.reply;
        return next r;
    end loop;
    -- (a bag alone that holds nothing that would see this scan otherwise, and lost no closure by it)
    if v_bags <> '{}' and not (v_quiet and v_since[1] = least(p_at[1], v_now)
                               and p_refers[1] is null
                               and not exists (select from container.closure k
                                               where k.container = v_bags[1]
                                                 and k.begun_at = 'infinity')) then
        perform custody.refold_inside(v_bags, v_since);
    end if;
end $$;
