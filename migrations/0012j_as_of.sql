-- A dossier as it stood at some time, for staff who look into what happened: a complaint, a deadline, a
-- thing that is missing.
--
-- As it stood is what was so, not what was known: what counts is when something happened
-- (custody.event.at). A scan that a telephone handed in an hour late had already moved the papers, and
-- whoever asks where they were wants to hear that; an event that came to be known only after the time
-- asked about is marked recorded_later, so that nobody is blamed for what nobody could see. A scan
-- that was taken back never happened. Names of units and people are today's.

-- dossier.shipments_at(dossier, at) -> jsonb list of those made by then, as dossier.shipments gives them;
-- container: the innermost it lay in. Reads custody.*, container.*.
create function dossier.shipments_at(p_dossier uuid, p_at timestamptz) returns jsonb
language plpgsql stable as $$
declare
    told jsonb := '[]';
    s custody.shipment;
    was custody.standing;
    lay record;
begin
    for s in select * from custody.shipment x
             where x.dossier = p_dossier and x.created_at <= p_at order by x.created_at, x.number loop
        was := (custody.fold(s, p_at)).standing;
        select l.*, k.container into lay
        from container.closure k cross join lateral container.lies_at(k.id, p_at) l
        where k.id = was.closure;
        told := told || jsonb_strip_nulls(jsonb_build_object('number', s.number, 'leg', s.leg,
            'piece', s.piece, 'pieces', s.pieces, 'state', coalesce(lay.state, was.state),
            'returning', was.going_back, 'redirected', was.redirected, 'damaged', was.damaged,
            'holder', custody.holder_json(coalesce(lay.holder_kind, was.holder_kind),
                                          coalesce(lay.holder_id, was.holder_id)),
            'place', dossier.unit_json(coalesce(lay.place, was.place)),
            'container', case when lay.active then lay.container end,
            'created_at', s.created_at));
    end loop;
    return (
        select coalesce(jsonb_agg(one || jsonb_build_object('state_vi', st.name_vi,
                                                            'state_en', st.name_en) order by n), '[]')
        from jsonb_array_elements(told) with ordinality as list (one, n)
        left join custody.state st on st.what = 's' and st.code = one ->> 'state');
end $$;

-- dossier.timeline_at(dossier, at) -> jsonb: what had happened to it, its shipments and what they lay in,
-- newest first. Reads custody.*.
create function dossier.timeline_at(p_dossier uuid, p_at timestamptz) returns jsonb
language plpgsql stable as $$
begin
    return (
        select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'id', (m.event).id, 'at', (m.event).at, 'received_at', (m.event).received_at,
            'recorded_later', case when (m.event).received_at > p_at then true end,
            'kind', (m.event).kind, 'name', coalesce(k.name_vi, t.vi),
            'name_en', coalesce(k.name_en, t.en), 'number', m.number, 'leg', nullif(m.leg, ''),
            'container', case when (m.event).subject not in (m.number, p_dossier::text)
                              then (m.event).subject end,
            'actor', case when (m.event).actor <> 0
                       then jsonb_build_object('id', (m.event).actor::text, 'name', a.name) end,
            'unit', dossier.unit_json((m.event).unit), 'outcome', (m.event).outcome))
            order by (m.event).at desc, (m.event).id desc), '[]')
        from dossier.moves(p_dossier) m
        left join custody.scan_kind k on k.kind = (m.event).kind
        left join lateral dossier.kind_word((m.event).kind) t on k.kind is null
        left join account.account a on a.id = (m.event).actor
        where (m.event).at <= p_at);
end $$;

-- dossier.moment(dossier, at): checks that there is something to tell of that time: not to come, not
-- before the registration, and nothing of it purged. Problems invalid-fields, history-purged.
create function dossier.moment(d dossier.dossier, p_at timestamptz) returns void
language plpgsql stable as $$
begin
    if p_at > now() then
        perform base.wrong_field('/as_of', 'future', 'Thời điểm này chưa đến.',
                                 'That time has not come yet.');
    elsif p_at < d.created_at then
        perform base.wrong_field('/as_of', 'before', 'Lúc đó hồ sơ chưa được đăng ký.',
                                 'The dossier was not registered yet.');
    elsif dossier.purged(d.id) then
        perform base.problem('history-purged');
    end if;
end $$;

-- dossier.as_of(key, at, actor, unit, roles): the dossier by code, number of a leg or id as it stood at
-- that time: status, clock and due date from its own events, each shipment's state, holder and place
-- from theirs, and the timeline up to then. recorded_later: how many of its entries nobody had
-- recorded yet. Nothing personal, which may have been corrected since: the present view has it. The
-- scope is that of the present view, and the reading is recorded as there. Problems not-found, and
-- those of dossier.moment. Reads custody.*; writes dossier.access.
create function dossier.as_of(p_key text, p_at timestamptz, p_actor bigint, p_unit bigint, p_roles int)
returns jsonb
language plpgsql as $$
declare
    d dossier.dossier := dossier.locate(p_key, p_actor, p_unit, p_roles);
    f dossier.folded;
    timeline jsonb;
begin
    perform dossier.moment(d, p_at);
    insert into dossier.access (dossier, account, unit, what) values (d.id, p_actor, p_unit, 'as_of');
    f := dossier.fold(d.id, p_at);
    d.status := f.status;
    d.filed_at := f.filed_at;
    d.accepted_at := f.accepted_at;
    d.ended_at := f.ended_at;
    d.paused_at := f.paused_at;
    d.due_at := f.due_at;
    d.cancelled_at := f.cancelled_at;
    d.supplements := f.supplements;
    timeline := dossier.timeline_at(d.id, p_at);
    return jsonb_build_object('as_of', p_at, 'id', d.id, 'code', d.code,
        'procedure', (select jsonb_build_object('code', d.procedure, 'version', d.procedure_version,
                             'name', body ->> 'name', 'name_en', body ->> 'name_en')
                      from dossier.procedure_body(d.procedure, d.procedure_version) as body),
        'agency', dossier.unit_json(d.agency), 'office', dossier.unit_json(d.office),
        'service', d.service, 'status', dossier.status_json(d.status), 'created_at', d.created_at,
        'filed_at', d.filed_at, 'accepted_at', d.accepted_at, 'due_at', f.due_at,
        'ended_at', d.ended_at, 'cancelled_at', f.cancelled_at, 'apologised_at', f.apologised_at,
        'clock', dossier.clock(d), 'pauses', f.pauses, 'supplements', f.supplements,
        'timing', dossier.timing_at(d, p_at), 'overdue', coalesce(dossier.timing_at(d, p_at) = 'late', false),
        'version', f.version, 'shipments', dossier.shipments_at(d.id, p_at), 'timeline', timeline,
        'recorded_later', (select count(*) from jsonb_array_elements(timeline) e
                           where e ? 'recorded_later'));
end $$;
