-- The log: positions and hashes for what is surely committed, apart from the scans' transactions.

-- custody.event_bytes(event): the canonical bytes of an event, which its chain hashes; from them
-- the event can be read back, so no two events have the same. Version 2: a byte 2; id (16 bytes);
-- at, received_at, device_at (8 bytes each, microseconds since 2000-01-01 UTC, big endian); device,
-- device_seq, actor (8 bytes each); then unit, subject, kind, outcome, warnings (as PostgreSQL
-- prints text[]), state, holder_kind, holder_id, target_kind, target_id, container, refers, reason,
-- next_action, data (as PostgreSQL prints jsonb), digest and mac (in hex), each as its length in
-- bytes ":" text, and ":" alone for none. xid is left out: it says when, not what.
-- src/custody/canon.c makes the same bytes. Stable, not immutable, so that it is inlined.
create function custody.event_bytes(e custody.event) returns bytea
language sql stable parallel safe as $$
    select '\x02'::bytea || uuid_send(e.id) || timestamptz_send(e.at)
        || timestamptz_send(e.received_at) || timestamptz_send(e.device_at)
        || int8send(e.device) || int8send(e.device_seq) || int8send(e.actor)
        || convert_to(concat(
            octet_length(e.unit::text), ':', e.unit,
            octet_length(e.subject), ':', e.subject, octet_length(e.kind), ':', e.kind,
            octet_length(e.outcome), ':', e.outcome,
            octet_length(e.warnings::text), ':', e.warnings::text,
            octet_length(e.state), ':', e.state,
            octet_length(e.holder_kind), ':', e.holder_kind,
            octet_length(e.holder_id::text), ':', e.holder_id,
            octet_length(e.target_kind), ':', e.target_kind,
            octet_length(e.target_id::text), ':', e.target_id,
            octet_length(e.container), ':', e.container,
            octet_length(e.refers::text), ':', e.refers,
            octet_length(e.reason), ':', e.reason,
            octet_length(e.next_action), ':', e.next_action,
            octet_length(e.data::text), ':', e.data,
            2 * length(e.digest), ':', encode(e.digest, 'hex'),
            2 * length(e.mac), ':', encode(e.mac, 'hex')), 'UTF8')
$$;

-- custody.chain(first, bytes): over the events of one subject in order, SHA-256 of the hash before
-- and the event's bytes; first: the subject's last hash in the log, 32 zeros when it has none. An
-- event that names a container has that container's head before its bytes: so the history of what
-- lay in a bag is joined to the bag's own, exactly, also after it left.
create function custody.chain_step(hash bytea, first bytea, bytes bytea) returns bytea
language plpgsql immutable parallel safe as $$
begin
    return sha256(coalesce(hash, first) || bytes);
end $$;
create aggregate custody.chain(first bytea, bytes bytea) (
    sfunc = custody.chain_step, stype = bytea);

-- custody.head(subject, before): the hash of the subject's last event in the log before a position;
-- 32 zeros: there is none. Reads custody.log. (plpgsql keeps the plan; SQL would plan each call.)
create function custody.head(p_subject text, p_before bigint) returns bytea
-- (plpgsql keeps the plan)
language plpgsql stable as $$
begin
    return coalesce((select l.hash from custody.log l
                     where l.subject = p_subject and l.position < p_before
                     order by l.position desc limit 1), decode(repeat('00', 32), 'hex'));
end $$;

-- custody.turn(from, to, last): the events of the transactions from <= xid < to with the positions
-- they get, which begin behind last. nth: the how manieth of its subject in the turn. Reads
-- custody.event.
create function custody.turn(p_from bigint, p_to bigint, p_last bigint)
returns table (place bigint, nth bigint, subject text, id uuid, container text, bytes bytea)
language sql stable as $$
    select p_last + row_number() over (order by e.xid, e.received_at, e.id, e.subject),
           row_number() over (partition by e.subject order by e.xid, e.received_at, e.id),
           e.subject, e.id, e.container, custody.event_bytes(e)
    from custody.event e where e.xid >= p_from and e.xid < p_to
$$;

-- custody.place_containers(from, to, last): the containers' events of a turn, one by one, since one
-- may name another of the same turn. Reads custody.event; writes custody.log.
create function custody.place_containers(p_from bigint, p_to bigint, p_last bigint) returns void
language plpgsql as $$
declare
    r record;
    v_prev bytea;
    v_joined bytea;
begin
    for r in select * from custody.turn(p_from, p_to, p_last) t
             where length(t.subject) = 29 order by t.place loop
        v_prev := custody.head(r.subject, r.place);
        v_joined := case when r.container is not null then custody.head(r.container, r.place) end;
        insert into custody.log (position, subject, event_id, prev, joined, hash)
        values (r.place, r.subject, r.id, v_prev, v_joined,
                sha256(v_prev || coalesce(v_joined, '') || r.bytes));
    end loop;
end $$;

-- custody.place_others(from, to, last, count): the events of a turn that are no container's: each
-- subject's first, which in most turns is its only one, and then the rest, chained to that. count:
-- how many there are. Reads custody.event; writes custody.log.
create function custody.place_others(p_from bigint, p_to bigint, p_last bigint, p_count int)
returns void
language plpgsql as $$
declare
    v_firsts int;
begin
    insert into custody.log (position, subject, event_id, prev, joined, hash)
    select t.place, t.subject, t.id, f.prev, f.joined,
           sha256(f.prev || coalesce(f.joined, '') || t.bytes)
    from custody.turn(p_from, p_to, p_last) t
    left join lateral (
        select l.hash from custody.log l where l.subject = t.subject and l.position <= p_last
        order by l.position desc limit 1) h on true
    cross join lateral (
        select coalesce(h.hash, decode(repeat('00', 32), 'hex')) as prev,
               case when t.container is not null then custody.head(t.container, t.place) end
                   as joined
        offset 0) f
    where t.nth = 1 and length(t.subject) <> 29;
    get diagnostics v_firsts = row_count;
    if v_firsts = p_count then
        return;
    end if;
    insert into custody.log (position, subject, event_id, prev, joined, hash)
    select c.place, c.subject, c.id,
           coalesce(lag(c.hash) over (partition by c.subject order by c.place), c.first), c.joined,
           c.hash
    from (select t.subject, t.id, t.place, f.first, f.joined,
                 custody.chain(f.first, coalesce(f.joined, '') || t.bytes)
                     over (partition by t.subject order by t.place rows unbounded preceding)
                 as hash
          from custody.turn(p_from, p_to, p_last) t
          cross join lateral (
              select custody.head(t.subject, t.place) as first,
                     case when t.container is not null
                          then custody.head(t.container, t.place) end as joined
              offset 0) f
          where t.nth > 1 and length(t.subject) <> 29) c;
end $$;

-- custody.next_turn(from, end, most): the transactions of from <= xid < end whose events, about as
-- many as most, are the next to be placed: those before xid to. At least one transaction is taken
-- whole. count: how many events; containers: how many of them are a container's. Reads custody.event.
create function custody.next_turn(p_from bigint, p_end bigint, p_most int,
                                  out turn_to bigint, out count int, out containers int)
-- (one walk along the index, however many wait behind)
language plpgsql stable set plan_cache_mode = force_generic_plan set enable_seqscan = off
set enable_bitmapscan = off set enable_sort = off as $$
begin
    with ahead as materialized (
        select e.xid, e.subject from custody.event e where e.xid >= p_from and e.xid < p_end
        order by e.xid limit p_most + 1),
    until as (
        select case when count(*) <= p_most then p_end
                    when min(a.xid) < max(a.xid) then max(a.xid) end as xid
        from ahead a)
    select u.xid, count(a.xid), count(*) filter (where length(a.subject) = 29)
    into turn_to, count, containers
    from until u left join ahead a on a.xid < u.xid group by u.xid;
    if turn_to is null then
        select min(e.xid) + 1 into turn_to from custody.event e where e.xid >= p_from;
        select count(*), count(*) filter (where length(e.subject) = 29) into count, containers
        from custody.event e where e.xid >= p_from and e.xid < turn_to;
    end if;
end $$;

-- custody.sequence(max): gives up to about max events, whose transactions have surely ended, the
-- next positions, and chains each to the one before of its subject: the containers' first, so that
-- the others find their heads. Any number of instances may call it; one works, the others get
-- given = 0 at once. One NOTIFY log, 'first-last'.
-- Returns how many were given a position and the last position. Reads custody.event; writes
-- custody.log, custody.log_head.
create function custody.sequence(p_max int default 5000, out given int, out last bigint)
language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
    v_from bigint;
    v_to bigint;
    v_end bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    v_containers int;
begin
    given := 0;
    if not pg_try_advisory_xact_lock(hashtext('custody.sequence')) then
        select position into last from custody.log_head;
        return;
    end if;
    select position, next_xid into last, v_from from custody.log_head;
    select t.turn_to, t.count, t.containers into v_to, given, v_containers
    from custody.next_turn(v_from, v_end, p_max) t;
    if given = 0 then
        -- Nothing to write down but how far we looked, and that not at every turn.
        update custody.log_head set next_xid = v_to where next_xid < v_to - 100000;
        return;
    end if;
    if v_containers > 0 then
        perform custody.place_containers(v_from, v_to, last);
    end if;
    perform custody.place_others(v_from, v_to, last, given - v_containers);
    update custody.log_head set position = last + given, next_xid = v_to;
    perform pg_notify('log', (last + 1) || '-' || (last + given));
    last := last + given;
end $$;

-- custody.rebuild(): folds every shipment and container again and compares with what is kept, and
-- the dossiers' statuses likewise, but those whose history was purged. Changes nothing. One row a
-- difference; none: all is equal.
create function custody.rebuild()
returns table (subject text, what text, kept jsonb, folded jsonb)
language plpgsql stable as $$
declare
    s custody.shipment;
    c container.container;
    f custody.folded;
begin
    for s in select * from custody.shipment where not custody.is_purged(number) loop
        f := custody.fold(s);
        subject := s.number;
        what := 'shipment';
        kept := to_jsonb(custody.kept(s)) || jsonb_build_object(
            'last', s.last_id, 'at', s.last_at, 'events', s.events, 'loose', s.loose);
        folded := to_jsonb(f.standing) || jsonb_build_object(
            'last', f.last_id, 'at', f.last_at, 'events', f.events, 'loose', f.loose);
        if kept <> folded then
            return next;
        end if;
        return query select * from container.compare_memberships(s.number, f);
        return query select * from custody.compare_points(s.number, f);
        return query select * from custody.compare_beginning(s);
    end loop;
    for c in select * from container.container where not custody.is_purged(id) loop
        f := custody.fold(c);
        subject := c.id;
        what := 'container';
        kept := to_jsonb(custody.kept(c))
                || jsonb_build_object('last', c.last_id, 'at', c.last_at, 'events', c.events);
        folded := to_jsonb(f.standing)
                || jsonb_build_object('last', f.last_id, 'at', f.last_at, 'events', f.events);
        if kept <> folded then
            return next;
        end if;
        return query select * from container.compare_memberships(c.id, f);
        return query select * from custody.compare_points(c.id, f);
        return query select * from container.compare_closures(c.id, f);
    end loop;
    return query select d.subject, d.what, to_jsonb(d.kept), to_jsonb(d.folded)
                 from dossier.rebuild_differences() d;
end $$;

-- The parts of rebuild: each returns a row only when it found a difference.
create function container.compare_memberships(p_subject text, f custody.folded)
returns table (subject text, what text, kept jsonb, folded jsonb)
language sql stable as $$
    select p_subject, 'membership', k.list, n.list
    from (select coalesce(jsonb_agg(jsonb_build_array(m.closure, m.began_at, m.began_event,
                     m.ended_at, m.ended_event) order by m.began_at, m.closure, m.began_event), '[]') as list
          from container.membership m where m.subject = p_subject) k,
         (select coalesce(jsonb_agg(jsonb_build_array(x.c, x.a, x.e, x.oa, x.oe)
                     order by x.a, x.c, x.e), '[]') as list
          from unnest(f.in_closures, f.in_at, f.in_events, f.out_at, f.out_events)
              as x (c, a, e, oa, oe)) n
    where k.list <> n.list
$$;

-- Of a shipment not all are kept.
create function custody.compare_points(p_subject text, f custody.folded)
returns table (subject text, what text, kept jsonb, folded jsonb)
language sql stable as $$
    select p_subject, 'point', to_jsonb(k), to_jsonb(x)
    from (select p.* from custody.point p where p.subject = p_subject) k
    full join unnest(f.points) x on x.at = k.at
    where k.at is null and length(p_subject) = 29 or x.at is null
       or to_jsonb(k) <> to_jsonb(x)
$$;

create function container.compare_closures(p_container text, f custody.folded)
returns table (subject text, what text, kept jsonb, folded jsonb)
language sql stable as $$
    select p_container, 'closure', k.list, n.list
    from (select coalesce(jsonb_agg(jsonb_build_array(m.n, m.begun_at, m.sealed_at, m.seal,
                     m.opened_at, m.opened_unit) order by m.n), '[]') as list
          from container.closure m where m.container = p_container) k,
         (select jsonb_agg(jsonb_build_array(i, f.begun_at[i], f.sealed_at[i], f.seals[i],
                     f.opened_at[i], f.opened_units[i]) order by i) as list
          from generate_subscripts(f.begun_at, 1) as i) n
    where k.list <> n.list
$$;

-- How a shipment began is told by its create event, and by what corrected it since.
create function custody.compare_beginning(s custody.shipment)
returns table (subject text, what text, kept jsonb, folded jsonb)
language sql stable as $$
    select s.number, 'beginning', k.list, e.data || coalesce(c.data, '{}')
    from (select jsonb_build_object('dossier', s.dossier, 'leg', s.leg, 'from', s.from_unit,
                     'to', s.to_unit, 'piece', s.piece, 'pieces', s.pieces,
                     'weight_g', s.weight_g) as list) k
    left join custody.event e on e.subject = s.number and e.kind = 'create'
    left join lateral (select jsonb_object_agg(m.key, m.value order by x.id) as data
                       from custody.event x cross join lateral jsonb_each(x.data) m
                       where x.subject = s.number and x.kind = 'correct') c on true
    where e.data || coalesce(c.data, '{}') is distinct from k.list
$$;

-- custody.history(subject): [{id, kind, name, name_en, subject, at, received_at, unit, place,
-- actor, outcome, warnings, effect, container, reason, next_action}] in order: the subject's own
-- events, and those of the bags it lay in while it lay there. effect: whether the event counts; of
-- one whose history was purged, what is left of it, by what was said at receipt.
-- reason, next_action: of a failure.
create function custody.history(p_subject text) returns jsonb
language plpgsql stable as $$
declare
    s custody.shipment;
    c container.container;
    f custody.folded;
begin
    select * into s from custody.shipment where number = p_subject and not custody.is_purged(number);
    select * into c from container.container where id = p_subject and not custody.is_purged(id);
    if s.number is not null then
        f := custody.fold(s);
    elsif c.id is not null then
        f := custody.fold(c);
    end if;
    return (
        with recursive spans (subject, since, until, depth) as (
            select p_subject collate "C", '-infinity'::timestamptz, 'infinity'::timestamptz, 0
            union all
            select k.container, greatest(m.began_at, w.since),
                   least(m.ended_at, k.opened_at, w.until), w.depth + 1
            from spans w
            join container.membership m on m.subject = w.subject
            join container.closure k on k.id = m.closure
            where w.depth < 5 and m.began_at <= w.until
              and coalesce(m.ended_at, k.opened_at, 'infinity') >= w.since),
        counts as (
            select (x.event).id, x.steps from custody.effective(p_subject, null) x),
        odd as (
            select distinct o.id from unnest(f.odd_ids, f.odd_codes) as o (id, code)
            join custody.oddity d on d.code = o.code and d.skips
            union
            select e.id from custody.event e
            join custody.oddity d on d.code = any (e.warnings) and d.skips
            where e.subject = p_subject and custody.is_purged(p_subject))
        select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'id', e.id, 'kind', e.kind, 'name', k.name_vi, 'name_en', k.name_en,
            'subject', e.subject, 'at', e.at, 'received_at', e.received_at,
            'unit', u.code, 'place', u.name, 'actor', a.name, 'outcome', e.outcome,
            'warnings', to_jsonb(e.warnings),
            'effect', e.subject <> p_subject or coalesce(n.steps, true)
                      and not exists (select from odd where odd.id = e.id),
            'container', e.container, 'reason', e.reason, 'next_action', e.next_action,
            'refers', e.refers))
            order by e.kind <> 'create', e.at, e.device, e.device_seq, e.id), '[]')
        from (select distinct subject, since, until from spans) w
        join custody.event e on e.subject = w.subject and e.at >= w.since and e.at <= w.until
             and (e.subject = p_subject or e.kind <> 'create')
        left join custody.scan_kind k on k.kind = e.kind
        left join counts n on n.id = e.id and e.subject = p_subject
        left join postal.unit u on u.id = e.unit
        left join account.account a on a.id = e.actor);
end $$;
