-- The agency's desk: what one agency asks another, and where the originals of a dossier are. Its lists:
-- 0018_inbox.sql.
-- Nothing here is a second copy: what is told is read from documents, events, shipments and questions.

-- --- originals -----------------------------------------------------------------------------------

-- dossier.originals(dossier): each line of its papers that has originals, and where they are: applicant,
-- office, post, receiving, agency, going_back, back, kept, lost; number: of the shipment that has them or
-- brought them. What went back, and with what, says the latest event that names the line; a shipment
-- that came back brought them back. A supplement is with whoever took it over. Reads dossier.document, custody.event, custody.shipment.
create function dossier.originals(d dossier.dossier)
returns table (line int, name text, originals int, returned boolean, place text, number text,
               at timestamptz)
language sql stable as $$
    select x.line, x.name, x.originals, x.returned,
        case when g.at is not null and g.number is null then 'back'
             when g.at is not null and gs.state = 'delivered' then 'back'
             when g.at is not null and gs.state = 'lost' then 'lost'
             when g.at is not null and gs.state <> 'returned' then 'going_back'
             when x.event is null and o.number is null then case when d.accepted_at is null then 'applicant'
                                                                 when x.returned then 'agency' else 'kept' end
             when x.event is null and o.state = 'lost' then 'lost'
             when x.event is null and o.state <> 'delivered' and o.holder_kind = 'place' and o.holder_id = d.office
                 then 'office'
             when x.event is null and o.state <> 'delivered' then 'post'
             when w.forwarded and f.number is null then 'receiving'
             when w.forwarded and f.state = 'lost' then 'lost'
             when w.forwarded and f.state <> 'delivered' then 'post'
             when x.returned then 'agency' else 'kept' end,
        coalesce(case when gs.state is distinct from 'returned' then g.number end, case when w.forwarded then f.number end, o.number),
        coalesce(g.at, e.at, d.filed_at)
    from dossier.document x
    left join custody.event e on e.subject = d.id::text and e.id = x.event
    cross join lateral (
        select d.receiving is not null and (x.event is null or e.unit = d.receiving) as forwarded) w
    left join lateral (
        select e.at, e.data #>> '{originals,number}' as number from custody.event e
        where e.subject = d.id::text and e.kind like 'dossier.%'
          and e.data #> '{originals,lines}' @> to_jsonb(x.line)
        order by (e.data ->> 'version')::int desc limit 1) g on true
    left join custody.shipment gs on gs.number = g.number
    left join lateral (
        select s.number, s.state, s.holder_kind, s.holder_id from custody.shipment s
        where s.dossier = d.id and s.leg = case when x.event is null then 'outward' else 'supplement' end
          and (x.event is null or s.created_at <= e.at)
        order by case when x.event is null then s.state = 'delivered' end, s.piece, s.created_at desc limit 1) o on true
    left join lateral (
        select s.number, s.state from custody.shipment s
        where s.dossier = d.id and s.leg = 'inter_agency' and (x.event is null or s.created_at > e.at)
        order by s.created_at desc limit 1) f on true
    where x.dossier = d.id and x.originals > 0
    order by x.line
$$;

-- dossier.originals_with(dossier, action, number): {lines, number?}: what goes back with this step: by
-- hand, or with the shipment that it makes; null: nothing. Reads as dossier.originals.
create function dossier.originals_with(d dossier.dossier, p_action text, p_number text) returns jsonb
language plpgsql stable as $$
begin
    if p_action <> 'return_originals'
       and (p_number is null or p_action not in ('reject', 'stop', 'result_ready', 'send_result')) then
        return null;
    end if;
    return (
        select jsonb_strip_nulls(jsonb_build_object('lines', jsonb_agg(o.line), 'number', p_number))
        from dossier.originals(d) o where o.returned and o.place in ('agency', 'receiving')
        having count(*) > 0);
end $$;

-- dossier.originals_json(dossier): [{line, name, originals, returned, place, number?, at?}].
create function dossier.originals_json(d dossier.dossier) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(o)) order by o.line), '[]')
    from dossier.originals(d) o
$$;

-- dossier.supplements_json(dossier): [{at, items: [{name?, originals, copies}]}], what each request for
-- a supplement asked for; no name: erased. Reads dossier.supplement_item, custody.event.
create function dossier.supplements_json(p_dossier uuid) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(jsonb_build_object('at', e.at, 'items', i.items) order by e.at), '[]')
    from (select s.event, jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', s.name,
              'originals', s.originals, 'copies', s.copies)) order by s.line) as items
          from dossier.supplement_item s where s.dossier = p_dossier group by s.event) i
    join custody.event e on e.subject = p_dossier::text and e.id = i.event
$$;

-- --- questions between agencies ------------------------------------------------------------------

-- dossier.askings_json(dossier, unit, all): [{id, asking, asked, asked_at, due_at, answered_at?, answer?,
-- ended_at?, overdue, mine, what?, reply?}]; what was written for whoever sees all of the dossier (all), and for the
-- agency that was asked. Reads dossier.asking, custody.remark.
create function dossier.askings_json(d dossier.dossier, p_unit bigint, p_all boolean) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', a.id,
        'asking', dossier.unit_json(a.asking), 'asked', dossier.unit_json(a.asked),
        'asked_at', a.asked_at, 'due_at', a.due_at, 'answered_at', a.answered_at,
        'answer', a.answer, 'ended_at', coalesce(a.ended_at, case when a.answered_at is null
                                                             then d.ended_at end),
        'overdue', coalesce(a.answered_at, a.ended_at, d.ended_at, now()) > a.due_at,
        'mine', a.asked = p_unit,
        'what', case when p_all or a.asked = p_unit then q.text end,
        'reply', case when p_all or a.asked = p_unit then r.text end)) order by a.asked_at, a.id), '[]')
    from dossier.asking a
    left join custody.remark q on q.subject = d.id::text and q.event = a.event
    left join custody.remark r on r.subject = d.id::text and r.event = a.answer_event
    where a.dossier = d.id
$$;

-- dossier.asked_unit(code, asking): the agency that is asked. Problem invalid-fields. Reads postal.unit.
create function dossier.asked_unit(p_code text, p_asking bigint) returns bigint
language plpgsql stable as $$
declare
    v_unit bigint;
begin
    select u.id into v_unit from postal.unit u
    where u.code = p_code and u.kind = 'agency' and u.valid_from <= base.vn_date(now())
      and (u.valid_to is null or u.valid_to > base.vn_date(now()));
    if v_unit is null then
        perform base.wrong_field('/agency', 'unknown', 'Không có cơ quan này.', 'No such agency.');
    elsif v_unit = p_asking then
        perform base.wrong_field('/agency', 'choice', 'Hãy chọn cơ quan khác với cơ quan hỏi.',
                                 'Another agency than the one that asks.');
    end if;
    return v_unit;
end $$;

-- dossier.ask_begin(actor, unit, roles, key, action, if_match): the dossier, locked, for a step of its
-- questions. Problems as dossier.act.
create function dossier.ask_begin(p_actor bigint, p_unit bigint, p_roles int, p_key text,
                                  p_action text, p_if_match int) returns dossier.dossier
language plpgsql as $$
declare
    d dossier.dossier := dossier.locate(p_key, p_actor, p_unit, p_roles);
begin
    select * into d from dossier.dossier where id = d.id for update;
    perform dossier.check_version(d, p_if_match);
    perform dossier.choose(d, p_action, p_actor, p_unit, p_roles);
    return d;
end $$;

-- dossier.ask_agency(actor, unit, roles, key, body, if_match, idempotency key, digest): another agency is
-- asked. body: id (client-made, never done twice), agency (code), what, time (how much), time_unit
-- (working_day, working_hour): the time counts by the calendar of the agency that is asked. Returns
-- dossier.view_for(). Problems as dossier.act. Writes dossier.asking, custody.event, custody.remark.
create function dossier.ask_agency(p_actor bigint, p_unit bigint, p_roles int, p_key text, body jsonb,
                                   p_if_match int, p_idem text, p_digest bytea) returns jsonb
language plpgsql as $$
declare
    d dossier.dossier;
    v_asked bigint;
    v_key text := coalesce(p_idem, 'ask ' || (body ->> 'id'));
    reply jsonb := base.replay(p_actor, v_key, p_digest);
begin
    if reply is not null then
        return reply;
    end if;
    d := dossier.ask_begin(p_actor, p_unit, p_roles, p_key, 'ask_agency', p_if_match);
    if exists (select from dossier.asking a where a.id = (body ->> 'id')::uuid) then
        perform base.problem('id-reused');
    end if;
    v_asked := dossier.asked_unit(body ->> 'agency', d.agency);
    perform dossier.record(d.id, 'ask_agency', now(), p_actor, p_unit,
        jsonb_build_object('from', d.status, 'ask', body ->> 'id', 'asking', d.agency, 'asked', v_asked,
            'time', body -> 'time', 'time_unit', body -> 'time_unit', 'answer_due_at', postal.due_at(v_asked, now(),
                (body ->> 'time')::int, body ->> 'time_unit')),
        p_remark => body ->> 'what');
    perform dossier.project_askings(d.id);
    return base.replied(p_actor, v_key, p_digest,
                        dossier.view_for(d.id, p_actor, p_unit, p_roles), 201);
end $$;

-- dossier.end_askings(dossier, actor, unit): it came to its end: nobody waits for an answer any more.
-- Writes dossier.asking, custody.event.
create function dossier.end_askings(p_dossier uuid, p_actor bigint, p_unit bigint) returns void
language plpgsql as $$
declare
    v_ask uuid;
begin
    for v_ask in select a.id from dossier.asking a
                 where a.dossier = p_dossier and a.answered_at is null and a.ended_at is null order by a.id loop
        perform dossier.record(p_dossier, 'end_asking', now(), p_actor, p_unit, jsonb_build_object('ask', v_ask));
        perform dossier.project_askings(p_dossier);
    end loop;
end $$;

-- dossier.end_question(actor, unit, roles, key, ask, body, if_match, idempotency key, digest): answered by the
-- agency that was asked (body: answer, reply), or not waited for any more (body without answer:
-- reason). Returns dossier.view_for(). Problems as dossier.act, not-found (no such question), conflict
-- (it is over). Writes dossier.asking, custody.event, custody.remark.
create function dossier.end_question(p_actor bigint, p_unit bigint, p_roles int, p_key text,
                                     p_ask uuid, body jsonb, p_if_match int, p_idem text,
                                     p_digest bytea) returns jsonb
language plpgsql as $$
declare
    d dossier.dossier;
    a dossier.asking;
    v_action text := case when body ? 'answer' then 'answer_agency' else 'end_asking' end;
    reply jsonb := base.replay(p_actor, p_idem, p_digest);
begin
    if reply is not null then
        return reply;
    end if;
    d := dossier.locate(p_key, p_actor, p_unit, p_roles);
    select * into a from dossier.asking x where x.id = p_ask and x.dossier = d.id;
    if not found then
        perform base.problem('not-found');
    end if;
    d := dossier.ask_begin(p_actor, p_unit, p_roles, p_key, v_action, p_if_match);
    select * into a from dossier.asking x where x.id = p_ask;
    if a.answered_at is not null or a.ended_at is not null then
        perform base.problem('conflict', jsonb_build_object(
            'detail', 'This question has been answered or withdrawn.',
            'detail_vi', 'Câu hỏi này đã được trả lời hoặc đã rút.'));
    elsif v_action = 'answer_agency' and a.asked <> p_unit then
        perform base.problem('forbidden');
    end if;
    perform dossier.record(d.id, v_action, now(), p_actor, p_unit,
        jsonb_strip_nulls(jsonb_build_object('from', d.status, 'ask', p_ask, 'answer', body -> 'answer')),
        p_remark => coalesce(body ->> 'reply', body ->> 'reason'));
    perform dossier.project_askings(d.id);
    return base.replied(p_actor, p_idem, p_digest,
                        dossier.view_for(d.id, p_actor, p_unit, p_roles));
end $$;
