-- Recording scans: the set-based path for what comes in order and is as expected, and the careful
-- path, one row at a time, for everything else.

-- A scan as a row. target: whom it names, as text; target_kind and target_id when that is known.
-- reason, next_action: codes of a failure. mac, sealed, key, salt: of its personal payload.
-- internal: made by the program itself.
create type custody.scan as (
    ord int, id uuid, subject text, kind text, at timestamptz, actor bigint, unit bigint,
    roles int, device bigint, device_seq bigint, container text, target text, refers uuid,
    reason text, next_action text, data jsonb, digest bytea, mac bytea, sealed bytea, key bytea,
    salt bytea, target_kind text, target_id bigint, internal boolean);

-- holder_ref, holder_name: null when it is the person who scanned or their unit, whose names the caller
-- has. kept: of a duplicate with a personal payload, its salt and the event's mac, to compare with; null
-- when there is none, or none any more.
create type custody.scan_reply as (
    ord int, outcome text, shipment text, state text, holder_kind text, holder_id bigint,
    holder_ref text, holder_name text, warnings text[], problem text, first jsonb, event uuid,
    kept bytea);

-- custody.malformed(scan): the slug of what is wrong with the scan in itself, or null.
create function custody.malformed(i custody.scan) returns text
language sql stable as $$
    select case
        when k.kind is null or k.roles = 0 and i.internal is not true
          or i.id is null or i.at is null or i.digest is null then 'invalid-fields'
        when i.subject is null then 'bad-code'
        when i.subject !~ '^([A-Z]{2}[0-9]{9}[A-Z]{2}|[A-Z0-9]{29})$' then 'bad-code'
        when length(i.subject) = 13 and not postal.s10_valid(i.subject) then 'bad-check-digit'
        when i.internal is not true and coalesce(i.roles, 0) & k.roles = 0 then 'forbidden'
        when 'reason' = any (k.needs) and coalesce(i.reason, '') = ''
          or 'next_action' = any (k.needs) and coalesce(i.next_action, '') = ''
          or 'container' = any (k.needs) and coalesce(i.container, '') = ''
          or 'target' = any (k.needs) and coalesce(i.target, i.target_kind) is null
          or i.kind = 'fail' and custody.failure_wrong(i.reason, i.next_action)
          or 'refers' = any (k.needs) and i.refers is null then 'invalid-fields'
        end
    from (values (1)) as one (row)
    left join custody.scan_kind k on k.kind = i.kind and (k.roles <> 0 or k.steps)
$$;

-- custody.skew(data): by how much the scan's time was moved at receipt, because its device's clock
-- was off: the program leaves it in the event's data.
create function custody.skew(p_data jsonb) returns interval
language sql immutable as $$
    select coalesce((p_data ->> 'skew_ms')::bigint, 0) * interval '1 millisecond'
$$;

-- custody.record_one(scan, now, xid, signed): the careful path, for anything that is late, odd,
-- repeated, in a bag, about a container, or wrong. What it may change is locked already
-- (custody.lock). signed: the hand-over whose signing this is, or the dossier that is cancelled.
create function custody.record_one(i custody.scan, p_now timestamptz, p_xid bigint,
                                   p_signed uuid default null)
returns custody.scan_reply
language plpgsql as $$
declare
    r custody.scan_reply;
    s custody.shipment;
    c container.container;
    e custody.event;
    x custody.event;
    f custody.folded;
    v_what text := case length(i.subject) when 29 then 'c' else 's' end;
    v_odd text[] := '{}';
    v_from timestamptz;
    v_purged boolean;
begin
    r.ord := i.ord;
    r.shipment := i.subject;
    r.event := i.id;
    r.warnings := '{}';
    r.problem := custody.malformed(i);
    if r.problem is null and i.target is not null then
        select t.kind, t.id into i.target_kind, i.target_id from custody.taker(i.target) t;
        r.problem := case when i.target_id is null then 'unknown-unit' end;
    end if;
    if r.problem is not null then
        r.outcome := 'refused';
        return r;
    end if;

    select * into x from custody.event where subject = i.subject and id = i.id;
    if found then
        return custody.seen_before(i, x);
    end if;
    v_purged := exists (select from custody.purged u where u.subject = i.subject);
    if v_purged and custody.was_purged(i.subject, i.id) then
        r.outcome := 'duplicate';
        r.first := jsonb_build_object('purged', true);
        return r;
    end if;
    if v_what = 's' then
        select * into s from custody.shipment where number = i.subject;
    else
        select * into c from container.container where id = i.subject;
    end if;

    if s.number is null and c.id is null then
        v_odd := v_odd || case when v_what = 'c' then 'unknown_bag'
                               when (postal.lease_of(i.subject)).revoked_at is not null
                                   then 'revoked_number'
                               else 'unknown_shipment' end;
    end if;
    if v_purged then
        v_odd := v_odd || 'purged_history'::text;
    end if;
    if i.at > p_now + interval '5 minutes' then
        v_odd := v_odd || 'clock_ahead'::text;
    end if;
    if i.internal is not true
       and (i.id > custody.uuid_floor(p_now + interval '1 day')
            or i.id < custody.uuid_floor(p_now - interval '60 days')) then
        v_odd := v_odd || 'id_window'::text;
    end if;
    if abs(extract(epoch from custody.skew(i.data))) > 3600 or i.data ? 'clock_off_ms' then
        v_odd := v_odd || 'clock_far'::text;
    elsif abs(extract(epoch from custody.skew(i.data))) > 300 then
        v_odd := v_odd || 'clock_corrected'::text;
    end if;
    if i.at < p_now - interval '60 days' then
        v_odd := v_odd || 'held_too_long'::text;
    end if;

    if i.internal is not true and s.number is not null
       and (i.kind in ('deliver', 'fail') or i.data ? 'attachments') then
        v_odd := v_odd || custody.delivery_odd(i, s);
    end if;

    e.subject := i.subject;
    e.id := i.id;
    e.kind := i.kind;
    e.at := least(i.at, p_now);
    e.received_at := p_now;
    e.device_at := i.at - custody.skew(i.data);
    e.device := coalesce(i.device, 0);
    e.device_seq := coalesce(i.device_seq, 0);
    e.actor := coalesce(i.actor, 0);
    e.unit := i.unit;
    e.target_kind := i.target_kind;
    e.target_id := i.target_id;
    e.container := coalesce(i.container, case i.kind when 'unbag' then
        (select k.container from container.closure k where k.id = coalesce(s.closure, c.closure))
        end);
    e.refers := case when i.kind in ('undo', 'reverse', 'confirm') then i.refers else p_signed end;
    e.reason := i.reason;
    e.next_action := i.next_action;
    e.data := i.data;
    e.digest := i.digest;
    e.mac := i.mac;
    e.xid := p_xid;
    e.warnings := v_odd;

    if v_purged then
        f.standing := case v_what when 's' then custody.kept(s) else custody.kept(c) end;
    elsif s.number is not null then
        f := custody.fold(s, 'infinity', e);
    elsif c.id is not null then
        f := custody.fold(c, 'infinity', e);
    end if;
    if f.odd_ids is not null then
        v_odd := v_odd || array(select o.code from unnest(f.odd_ids, f.odd_codes) as o (id, code)
                                where o.id = i.id and o.code <> all (v_odd));
    end if;
    e.warnings := v_odd;
    e.outcome := case when exists (select from custody.oddity o
                                   where o.code = any (v_odd) and o.opens)
                      then 'exception' else 'recorded' end;
    e.state := (f.standing).state;
    e.holder_kind := (f.standing).holder_kind;
    e.holder_id := (f.standing).holder_id;
    insert into custody.event select e.* on conflict (subject, id) do nothing;
    if not found then
        select * into x from custody.event where subject = i.subject and id = i.id;
        return custody.seen_before(i, x);
    end if;
    if i.sealed is not null then
        insert into custody.payload (subject, event, sealed, key, salt)
        values (i.subject, i.id, i.sealed, i.key, i.salt);
    end if;
    insert into custody.exception (subject, event_id, code, detail, unit, actor)
    select i.subject, i.id, o.code,
           jsonb_strip_nulls(jsonb_build_object('kind', i.kind, 'container', i.container)),
           i.unit, i.actor
    from custody.oddity o where o.code = any (v_odd) and o.opens
    on conflict (subject, event_id, code) do nothing;

    if v_purged then
        null;
    elsif s.number is not null then
        perform custody.project(s, f);
    elsif c.id is not null then
        perform container.project(i.subject, f);
        if e.refers is not null then
            select least(u.at, e.at) into v_from from custody.event u
            where u.subject = i.subject and u.id = e.refers;
        end if;
        perform custody.refold_inside(i.subject, coalesce(v_from, e.at), v_from is not null
            or (e.at, e.device, e.device_seq, e.id)
               <= (c.last_at, c.last_device, c.last_seq, c.last_id));
    end if;
    r.outcome := e.outcome;
    r.state := e.state;
    r.holder_kind := e.holder_kind;
    r.holder_id := e.holder_id;
    r.warnings := v_odd;
    select p.ref, p.name into r.holder_ref, r.holder_name
    from custody.party(r.holder_kind, r.holder_id) p;
    return r;
end $$;

-- custody.seen_before(scan, event): duplicate with what was answered first, or id-reused. The digest
-- says which personal members there are, not what is in them: that the program compares with kept.
-- Reads custody.shipment, container.container, custody.payload.
create function custody.seen_before(i custody.scan, x custody.event) returns custody.scan_reply
language plpgsql stable as $$
declare
    r custody.scan_reply;
begin
    r.ord := i.ord;
    r.shipment := i.subject;
    r.event := i.id;
    r.warnings := '{}';
    if x.digest <> i.digest then
        r.outcome := 'refused';
        r.problem := 'id-reused';
        return r;
    end if;
    r.outcome := 'duplicate';
    r.warnings := x.warnings;
    if x.mac is not null then
        select p.salt || x.mac into r.kept from custody.payload p
        where p.subject = x.subject and p.event = x.id;
    end if;
    select s.state, s.holder_kind, s.holder_id into r.state, r.holder_kind, r.holder_id
    from custody.shipment s where s.number = i.subject
    union all
    select c.state, c.holder_kind, c.holder_id from container.container c where c.id = i.subject;
    select p.ref, p.name into r.holder_ref, r.holder_name
    from custody.party(r.holder_kind, r.holder_id) p;
    r.first := jsonb_build_object('outcome', x.outcome, 'state', x.state,
                                  'holder', custody.holder_json(x.holder_kind, x.holder_id));
    return r;
end $$;

-- custody.reach(subjects, at, bags, refers): what scans of these subjects may change or are judged
-- by, apart from the subjects themselves: shipments whose past a scanned container changes, and
-- containers: scanned, named, or around either, outward. Reads container.*, custody.shipment.
create function custody.reach(p_subjects text[], p_at timestamptz[], p_bags text[], p_refers uuid[],
                              out members text[], out containers text[])
-- (plpgsql keeps the plan)
language plpgsql stable set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set jit = off as $$
begin
    with recursive changed (id, at, late) as (
        select c.id, case when x.refers is null then least(x.at, now()) else '-infinity' end,
               x.refers is not null or x.at <= c.last_at
        from unnest(p_subjects, p_at, p_refers) as x (id, at, refers)
        join container.container c on c.id = x.id
        union
        select m.subject, h.at, true
        from changed h
        cross join lateral container.late_members(h.id, h.at, h.late) m
        where length(m.subject) = 29),
    member as (
        select m.subject from changed h
        cross join lateral container.late_members(h.id, h.at, h.late) m),
    outward (id) as (
        select h.id from changed h
        union
        select b collate "C" from unnest(p_bags) as b where b is not null
        union
        select k.container
        from (select s from unnest(p_subjects) as s union select m.subject from member m) x (number)
        join custody.shipment s on s.number = x.number
        join container.closure k on k.id = s.closure),
    around as (
        select o.id from outward o
        union
        select k.container from around a
        join container.container c on c.id = a.id
        join container.closure k on k.id = c.closure)
    select array(select m.subject from member m where length(m.subject) = 13),
           array(select a.id from around a)
    into members, containers;
end $$;

-- custody.lock(subjects, at, bags, refers): locks what scans of these subjects may change: the
-- shipments by number, then the containers by id, then by name the numbers that are not known yet
-- (whoever begins them takes the same lock: one of us sees the other). What came to it meanwhile is
-- found by a second look, and then all is let go and locked anew, so that the order always holds.
-- Returns how many of the subjects are shipments.
create function custody.lock(p_subjects text[], p_at timestamptz[], p_bags text[] default '{}',
                             p_refers uuid[] default '{}') returns int
language plpgsql as $$
declare
    v_scanned boolean := exists (select from unnest(p_subjects) as s where length(s) = 29);
    v_known int;
    v_first record;
    v_then record;
begin
    loop
        begin
            select * into v_first from custody.reach(p_subjects, p_at, p_bags, p_refers);
            perform from custody.shipment s
            where s.number = any (p_subjects || v_first.members)
            order by s.number for no key update;
            if v_scanned then
                perform from container.container c where c.id = any (v_first.containers)
                order by c.id for no key update;
            else
                perform from container.container c where c.id = any (v_first.containers)
                order by c.id for share;
            end if;
            select count(*) into v_known from custody.shipment s where s.number = any (p_subjects);
            perform pg_advisory_xact_lock(hashtextextended(x.subject, 5))
            from (select distinct u.subject from unnest(p_subjects || p_bags) as u (subject)
                  where u.subject is not null
                    and not exists (select from custody.shipment s where s.number = u.subject)
                    and not exists (select from container.container c where c.id = u.subject)
                  order by u.subject) x;
            select * into v_then from custody.reach(p_subjects, p_at, p_bags, p_refers);
            if v_then.members <@ v_first.members and v_then.containers <@ v_first.containers
               and v_known = (select count(*) from custody.shipment s
                              where s.number = any (p_subjects)) then
                return v_known;
            end if;
            raise exception using errcode = 'DP001', message = 'more has come';
        exception when sqlstate 'DP001' then
            null;
        end;
    end loop;
end $$;

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
                on c.id = case when u.kind = 'bag' then u.container end and c.state = 'open'
                   and c.last_at <= a.at
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
                   or not u.data ?| '{skew_ms,clock_off_ms,attachments,code}')
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
              and (s.closure is null or z.opened_at <= a.at and not n.in_bag)
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
-- raises for a row. Locks the shipments in the order of their numbers, then the containers, then
-- reads. actor, unit, roles: who scanned. at: the device's time, corrected
-- (data.skew_ms tells by how much). target: a unit's code,
-- a person's login or id, a trip's code. digest: of the scan's content but for its personal payload:
-- sealed, key, salt, mac. Reads custody.scan_kind, custody.transition; writes custody.event,
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
    r custody.scan_reply;
    i custody.scan;
    v_now timestamptz := now();
    v_xid bigint := pg_current_xact_id()::text::bigint;
    v_count int := cardinality(p_ord);
    v_locked int;
    v_deep boolean;
    v_first int[];
    v_seen int[];
    v_careful int[];
    v_orderly int;
begin
    -- (most batches speak of no container: that is seen without a query)
    v_deep := (array_remove(p_container, null) <> '{}'
               or length(array_to_string(p_subject, '')) <> 13 * v_count)
              and exists (select from unnest(p_container, p_subject) as x (bag, subject)
                          where x.bag is not null or length(x.subject) = 29);
    if not v_deep then
        select count(*), coalesce(bool_or(l.closure is not null), false) into v_locked, v_deep
        from (select s.closure from custody.shipment s where s.number = any (p_subject)
              order by s.number for no key update) l;
    end if;
    if v_deep or v_locked <> v_count then
        v_locked := custody.lock(p_subject, p_at, p_container, p_refers);
    end if;
    -- A subject that comes twice in one call is taken the careful way from its second scan on.
    if v_locked <> v_count then
        select array_agg(x.ord) into v_first
        from (select min(u.ord) as ord from unnest(p_ord, p_subject) as u (ord, subject)
              group by u.subject) x;
    end if;

    loop
        begin
            return query select * from custody.record_orderly(
                p_ord, p_id, p_subject, p_kind, p_at, p_actor, p_unit, p_roles, p_device,
                p_device_seq, p_container, p_target, p_reason, p_next_action, p_data, p_digest,
                p_mac, v_first, v_seen, v_now, v_xid);
            get diagnostics v_orderly = row_count;
            exit;
        exception when unique_violation then
            -- Something was seen before: it goes the careful way, and the others once more.
            select coalesce(array_agg(u.ord), p_ord) into v_seen
            from unnest(p_ord, p_subject, p_id) as u (ord, subject, id)
            join custody.event e on e.subject = u.subject and e.id = u.id
            where v_seen is null;
        end;
    end loop;

    if v_orderly < v_count then
        -- (of two with one id and subject only the first was written)
        select array_agg(u.ord) into v_careful
        from unnest(p_ord, p_subject, p_id) as u (ord, subject, id)
        where u.ord <> all (v_first)
           or not exists (select from custody.event e
                          where e.subject = u.subject and e.id = u.id and e.xid = v_xid);
    end if;
    -- Personal payloads, beside the events they belong to, and dossiers whose result was delivered.
    if array_remove(p_sealed, null) <> '{}' then
        insert into custody.payload (subject, event, sealed, key, salt)
        select u.subject, u.id, u.sealed, u.key, u.salt
        from unnest(p_ord, p_subject, p_id, p_sealed, p_key, p_salt)
            as u (ord, subject, id, sealed, key, salt)
        where u.sealed is not null and (v_careful is null or u.ord <> all (v_careful));
    end if;
    if 'deliver' = any (p_kind) then
        perform custody.tell_dossier(array_agg(s.number), array_agg(e.id), e.at)
        from unnest(p_ord, p_subject, p_id) as u (ord, subject, id)
        join custody.event e on e.subject = u.subject and e.id = u.id and e.state = 'delivered'
        join custody.shipment s on s.number = u.subject and s.leg = 'result'
        where v_careful is null or u.ord <> all (v_careful)
        group by e.at;
    end if;
    if v_careful is null then
        return;
    end if;
    for i in
        select u.*, null::text, null::bigint, false
        from unnest(p_ord, p_id, p_subject, p_kind, p_at, p_actor, p_unit, p_roles, p_device,
                    p_device_seq, p_container, p_target, p_refers, p_reason, p_next_action,
                    p_data, p_digest, p_mac, p_sealed, p_key, p_salt)
            as u (ord, id, subject, kind, at, actor, unit, roles, device, device_seq, container,
                  target, refers, reason, next_action, data, digest, mac, sealed, key, salt)
        where u.ord = any (v_careful)
        order by u.at, u.ord
    loop
        r := custody.record_one(i, v_now, v_xid);
        return next r;
    end loop;
end $$;
