-- What custody shows together with the dossiers: lists of hand-overs, the work list of exceptions.

-- custody.handover_json(id): {id, state, from: {account, name, unit, unit_name}, to: {kind, id,
-- name, trip?}, created_at, signed_at?, signed_by?, superseded_by?, checkpoint?: {size, root, at} (the
-- log's last, which the paper carries), items: [{number, leg, dossier, state, state_vi, state_en,
-- finding?, originals?, copies?, note?}]}.
create function custody.handover_json(p_id uuid) returns jsonb
language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object(
        'id', h.id, 'state', h.state,
        'from', jsonb_build_object('account', h.from_account::text, 'name', a.name,
                                   'unit', u.code, 'unit_name', u.name),
        'to', jsonb_build_object('kind', h.to_kind, 'id', t.ref, 'name', t.name, 'trip', r.code),
        'created_at', h.created_at, 'signed_at', h.signed_at, 'signed_by', g.name,
        'superseded_by', h.superseded_by,
        'checkpoint', (select jsonb_build_object('size', c.size, 'root', encode(c.root, 'hex'),
                                                 'at', c.at)
                       from custody.checkpoint_of(null) c),
        'items', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'number', x.number, 'leg', s.leg, 'dossier', d.code, 'state', n.code,
                'state_vi', n.name_vi, 'state_en', n.name_en, 'finding', x.finding,
                'originals', x.originals, 'copies', x.copies, 'note', x.note)
                order by x.line, x.number), '[]')
            from custody.handover_item x
            left join custody.shipment s on s.number = x.number
            left join dossier.dossier d on d.id = s.dossier
            left join lateral custody.standing_of(x.number) w on true
            left join custody.state n on n.code = w.state
                 and n.what = case length(x.number) when 29 then 'c' else 's' end
            where x.handover = h.id)))
    from custody.handover h
    left join account.account a on a.id = h.from_account
    left join postal.unit u on u.id = h.from_unit
    left join account.account g on g.id = h.signed_by
    left join container.trip r on r.id = h.trip
    left join lateral custody.party(case h.to_kind when 'unit' then 'place' else 'person' end,
                                    h.to_id) t on true
    where h.id = p_id
$$;

-- The work list of exceptions. Nothing on it closes by itself.

-- custody.answers_for(unit, supervisor): the units whose exceptions this one answers for: itself,
-- and the agencies that it serves, where nobody has the means; a supervisor every unit of the
-- province, and who has none (0). Reads postal.unit.
create function custody.answers_for(p_unit bigint, p_supervisor boolean) returns bigint[]
language sql stable as $$
    select array(
        select u.id from postal.unit u
        where u.id = p_unit or u.parent_id = p_unit and u.kind = 'agency'
        union
        select u.id from postal.unit u join postal.commune c on c.code = u.commune_code
        where p_supervisor and (coalesce(p_unit, 0) = 0 or c.province_code = (
            select h.province_code from postal.unit m
            join postal.commune h on h.code = m.commune_code where m.id = p_unit))
        union
        select 0 where p_supervisor)
$$;

-- custody.exceptions(unit, supervisor, open, after, limit): {items: [{id, subject, dossier, code,
-- text, text_en, kind, kind_name, at, received_at, unit, unit_name, actor, opened_at, detail,
-- remark?, decision?, note?, resolved_by?, resolved_at?}], next?}, of the units that answers_for
-- gives. after: the cursor `next`. remark: what was written about it then.
create function custody.exceptions(p_unit bigint, p_supervisor boolean, p_open boolean,
                                   p_after bigint, p_limit int default 100) returns jsonb
language sql stable as $$
    with page as (
        select x.* from custody.exception x
        where (x.unit = any (custody.answers_for(p_unit, p_supervisor))
               or p_supervisor and x.unit is null)
          and (x.resolved_at is null) = p_open
          and x.id > coalesce(p_after, 0)
        order by x.id limit p_limit + 1),
    shown as (select * from page order by id limit p_limit)
    select jsonb_strip_nulls(jsonb_build_object(
        'items', coalesce((
            select jsonb_agg(jsonb_build_object(
                'id', x.id::text, 'subject', x.subject, 'dossier', d.code, 'code', x.code,
                'text', o.text_vi, 'text_en', o.text_en, 'kind', e.kind, 'kind_name', k.name_vi,
                'kind_name_en', k.name_en, 'at', e.at, 'received_at', e.received_at,
                'unit', u.code, 'unit_name', u.name, 'actor', a.name, 'opened_at', x.opened_at,
                'detail', x.detail, 'remark', m.text, 'decision', x.decision, 'note', x.note,
                'resolved_by', r.name, 'resolved_at', x.resolved_at) order by x.id)
            from shown x
            join custody.oddity o on o.code = x.code
            left join custody.event e on e.subject = x.subject and e.id = x.event_id
            left join custody.remark m on m.subject = x.subject and m.event = x.event_id
            left join custody.scan_kind k on k.kind = e.kind
            left join custody.shipment s on s.number = x.subject
            left join dossier.dossier d on d.id = s.dossier
            left join postal.unit u on u.id = x.unit
            left join account.account a on a.id = x.actor
            left join account.account r on r.id = x.resolved_by), '[]'),
        'next', case when (select count(*) from page) > p_limit
                     then (select max(id)::text from shown) end))
$$;

-- custody.exception_resolve(actor, unit, supervisor, id, decision, note, key, digest): a person's
-- decision, kept with who and why, and as an event of the subject. accept: the fact stands (a scan
-- held too long, or a step of the wrong holder, is applied now); correct: other scans put it right; dismiss: nothing to do. With an
-- idempotency key the same call gives the stored reply. Returns the exception.
-- Problems: not-found, forbidden (others answer for it), conflict (decided already), id-reused,
-- in-progress. Writes custody.exception, custody.event, custody.remark, base.idempotency and, for
-- accept of a late scan, the projections.
create function custody.exception_resolve(p_actor bigint, p_unit bigint, p_supervisor boolean,
                                          p_id bigint, p_decision text, p_note text,
                                          p_key text default null, p_digest bytea default null)
returns jsonb
language plpgsql as $$
declare
    x custody.exception;
    i custody.scan;
    v_event uuid := base.uuid_v7();
    kept record;
    reply jsonb;
begin
    if p_key is not null then
        select * into kept from base.idempotency_claim(p_actor, p_key, p_digest);
        if found then
            return kept.reply::jsonb;
        end if;
    end if;
    select * into x from custody.exception where id = p_id;
    if not found then
        perform base.problem('not-found');
    end if;
    perform custody.subject_lock(array[x.subject]);
    select * into x from custody.exception where id = p_id for update;
    if not coalesce(x.unit = any (custody.answers_for(p_unit, p_supervisor)), p_supervisor) then
        perform base.problem('forbidden');
    end if;
    if x.resolved_at is not null then
        perform base.problem('conflict', jsonb_build_object(
            'detail', 'This exception was decided already.',
            'detail_vi', 'Ngoại lệ này đã được xử lý.'));
    end if;
    update custody.exception set decision = p_decision, note = p_note, resolved_by = p_actor,
                                 resolved_at = now()
    where id = p_id;
    perform custody.append(x.subject, v_event, 'resolve', p_actor, p_unit,
        jsonb_build_object('exception', p_id, 'code', x.code, 'decision', p_decision),
        p_mac => custody.keep_remark(x.subject, v_event, p_note), p_refers => x.event_id);
    if p_decision = 'accept' and x.code in ('held_too_long', 'wrong_holder_waits') then
        i.ord := 1;
        i.internal := true;
        i.id := base.uuid_v7();
        i.subject := x.subject;
        i.kind := 'confirm';
        i.at := now();
        i.actor := p_actor;
        i.unit := p_unit;
        i.roles := 2147483647;
        i.refers := x.event_id;
        i.digest := sha256(convert_to('confirm ' || x.event_id, 'UTF8'));
        perform custody.record_one(i, now(), pg_current_xact_id()::text::bigint);
    end if;
    reply := jsonb_build_object('id', p_id::text, 'subject', x.subject, 'code', x.code,
                                'decision', p_decision, 'note', p_note, 'resolved_at', now());
    if p_key is not null then
        perform base.idempotency_finish(p_actor, p_key, p_digest, 200, reply::text);
    end if;
    return reply;
end $$;
