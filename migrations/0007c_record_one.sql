-- Recording one scan: what a scan and its reply are, and the careful path, for everything that is
-- not in order or not as expected.

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
-- (plpgsql keeps the plan)
language plpgsql stable as $$
begin
    return (select case
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
    left join custody.scan_kind k on k.kind = i.kind and (k.roles <> 0 or k.steps));
end $$;

-- custody.skew(data): by how much the scan's time was moved at receipt, because its device's clock
-- was off: the program leaves it in the event's data.
create function custody.skew(p_data jsonb) returns interval
language sql immutable as $$
    select coalesce((p_data ->> 'skew_ms')::bigint, 0) * interval '1 millisecond'
$$;

-- custody.changed_since(event, loose): from when on its subject's history may be otherwise because of
-- it: its own time, that of the event it takes back or confirms, or that of one which takes it back
-- and came before it (loose: there may be such). Reads custody.event.
create function custody.changed_since(e custody.event, p_loose boolean) returns timestamptz
language plpgsql stable as $$
declare
    v_since timestamptz := e.at;
begin
    if e.refers is not null then
        select least(x.at, v_since) into v_since from custody.event x
        where x.subject = e.subject and x.id = e.refers;
        v_since := coalesce(v_since, e.at);
    end if;
    if p_loose then
        select least(min(x.at), v_since) into v_since from custody.event x
        where x.subject = e.subject and x.refers = e.id;
    end if;
    return v_since;
end $$;

-- custody.record_one(scan, now, xid, signed): the careful path, for one scan: see record_fact. What it
-- may change is locked already (custody.lock).
create function custody.record_one(i custody.scan, p_now timestamptz, p_xid bigint,
                                   p_signed uuid default null)
returns custody.scan_reply
language plpgsql as $$
declare
    f record;
begin
    select * into f from custody.record_fact(i, p_now, p_xid, p_signed);
    if f.since is not null then
        perform custody.refold_inside(array[i.subject], array[f.since]);
    end if;
    return f.reply;
end $$;

-- custody.record_fact(scan, now, xid, signed): the careful path, for anything that is late, odd,
-- repeated, in a bag, about a container, or wrong, but for what lies in a container: since that time
-- (null: never) it is to be folded again. signed: the hand-over whose signing this is, or the dossier
-- that is cancelled.
create function custody.record_fact(i custody.scan, p_now timestamptz, p_xid bigint, p_signed uuid,
                                    out reply custody.scan_reply, out since timestamptz)
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
    v_since timestamptz;
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
        reply := r;
        return;
    end if;

    select * into x from custody.event where subject = i.subject and id = i.id;
    if found then
        reply := custody.seen_before(i, x);
        return;
    end if;
    v_purged := exists (select from custody.purged u where u.subject = i.subject);
    if v_purged and custody.was_purged(i.subject, i.id) then
        r.outcome := 'duplicate';
        r.first := jsonb_build_object('purged', true);
        reply := r;
        return;
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

    if i.data ? 'label_revoked' then
        v_odd := v_odd || 'revoked_label'::text;
    end if;
    if s.copy > (i.data ->> 'label_copy')::int
       and label.superseded(s, (i.data ->> 'label_copy')::int, least(i.at, p_now)) then
        v_odd := v_odd || 'superseded_label'::text;
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
        v_since := custody.changed_since(e, s.loose);
        f := custody.fold(s, 'infinity', e, v_since);
    elsif c.id is not null then
        v_since := custody.changed_since(e, true);
        f := custody.fold(c, 'infinity', e, v_since);
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
        reply := custody.seen_before(i, x);
        return;
    end if;
    if e.container is not null then
        perform container.try(array[e.subject], array[e.container], array[e.at],
                              array[e.kind <> 'bag']);
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
      and not (o.once and exists (select from custody.exception q
                                  where q.subject = i.subject and q.code = o.code
                                    and q.resolved_at is null))
    on conflict (subject, event_id, code) do nothing;

    if v_purged then
        null;
    elsif s.number is not null then
        perform custody.project(s, f);
    elsif c.id is not null then
        perform container.project(i.subject, f);
        since := v_since;
    end if;
    r.outcome := e.outcome;
    r.state := e.state;
    r.holder_kind := e.holder_kind;
    r.holder_id := e.holder_id;
    r.warnings := v_odd;
    select p.ref, p.name into r.holder_ref, r.holder_name
    from custody.party(r.holder_kind, r.holder_id) p;
    reply := r;
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
