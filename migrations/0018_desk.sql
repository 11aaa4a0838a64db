-- The agency's desk: its lists, what one agency asks another, where the originals of a dossier are.
-- Nothing here is a second copy: the lists are indexes over dossiers, shipments and questions.

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

-- --- the inbox -----------------------------------------------------------------------------------

-- The desk's lists. runs: over dossiers whose clock runs, between two bounds of the due time.
create table dossier.inbox_group (
    name text collate "C" primary key,
    vi text not null,
    en text not null,
    pos int not null
);
insert into dossier.inbox_group values
    ('due', 'Theo hạn trả', 'By due time', 1),
    ('overdue', 'Quá hạn', 'Overdue', 2),
    ('today', 'Đến hạn hôm nay', 'Due today', 3),
    ('soon', 'Sắp đến hạn', 'Due soon', 4),
    ('accept', 'Chờ tiếp nhận', 'To accept', 5),
    ('receive', 'Chờ chuyển cơ quan có thẩm quyền', 'To forward', 6),
    ('asked', 'Cơ quan khác hỏi', 'Asked of us', 7),
    ('asking', 'Chờ cơ quan khác trả lời', 'We asked', 8),
    ('waiting', 'Chờ người nộp', 'Waiting for the applicant', 9),
    ('hand_over', 'Chờ bàn giao bưu chính', 'To hand over', 10),
    ('came_back', 'Kết quả chuyển hoàn', 'Results that came back', 11);

-- dossier.soon_ends(unit): until when a due time is soon: the end of the second working day from today.
create function dossier.soon_ends(p_unit bigint) returns timestamptz
language sql stable as $$
    select postal.closing(p_unit, postal.add_working_days(p_unit, base.vn_date(now()), 2))
$$;

-- dossier.inbox_runs(unit, since, until): the part of the due-ordered list between two times.
create function dossier.inbox_runs(p_unit bigint, p_since timestamptz, p_until timestamptz)
returns text
language sql immutable as $$
    select format('select d, d.due_at as at, d.id as key from dossier.dossier d where d.agency = %s '
        'and d.ended_at is null and d.paused_at is null and d.due_at is not null', p_unit)
        || case when p_since is null then '' else format(' and d.due_at >= %L', p_since) end
        || case when p_until is null then '' else format(' and d.due_at < %L', p_until) end
$$;

-- dossier.inbox_query(unit, group, cursor): the statement that gives a list in its order, each row
-- {d, at, key}: one walk along an index. Its rows are cut by whoever runs it.
create function dossier.inbox_query(p_unit bigint, p_group text, p_after text default null)
returns text
language plpgsql stable as $$
declare
    v_tomorrow timestamptz := (base.vn_date(now()) + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh';
    v_soon timestamptz := greatest(dossier.soon_ends(p_unit), v_tomorrow);
    v_order text[] := case
        when p_group in ('asked', 'asking') then '{a.due_at,a.id}'
        when p_group = 'accept' then '{"coalesce(d.filed_at, d.created_at)",d.id}'
        when p_group = 'waiting' then '{d.paused_at,d.id}'
        when p_group = 'hand_over' then '{s.created_at,s.dossier}'
        when p_group = 'receive' then '{d.filed_at,d.id}'
        when p_group = 'came_back' then '{d.came_back_at,d.id}'
        else '{d.due_at,d.id}' end;
    v_sql text := case p_group
        when 'due' then dossier.inbox_runs(p_unit, null, null)
        when 'overdue' then dossier.inbox_runs(p_unit, null, now())
        when 'today' then dossier.inbox_runs(p_unit, now(), v_tomorrow)
        when 'soon' then dossier.inbox_runs(p_unit, v_tomorrow, v_soon + interval '1 second')
        when 'accept' then format('select d, coalesce(d.filed_at, d.created_at) as at, d.id as key '
            'from dossier.dossier d where d.desk = %s and d.status = 1 '
            'and (d.filed_at is not null or d.service = ''receive'')', p_unit)
        when 'waiting' then format('select d, d.paused_at as at, d.id as key from dossier.dossier d '
            'where d.desk = %s and d.paused_at is not null', p_unit)
        when 'receive' then format('select d, d.filed_at as at, d.id as key from dossier.dossier d '
            'where d.receiving = %s and d.filed_at is not null and d.forwarded_at is null and d.ended_at is null '
            'and dossier.to_forward(d)', p_unit)
        when 'asked' then format('select d, a.due_at as at, a.id as key from dossier.asking a '
            'join dossier.dossier d on d.id = a.dossier and d.ended_at is null '
            'where a.asked = %s and a.answered_at is null and a.ended_at is null', p_unit)
        when 'asking' then format('select d, a.due_at as at, a.id as key from dossier.asking a '
            'join dossier.dossier d on d.id = a.dossier and d.ended_at is null '
            'where a.asking = %s and a.answered_at is null and a.ended_at is null', p_unit)
        when 'hand_over' then format('select d, s.created_at as at, s.dossier as key from custody.shipment s '
            'join dossier.dossier d on d.id = s.dossier where s.from_agency = %1$s and s.state = ''created'' '
            'and s.holder_kind = ''place'' and s.holder_id = %1$s and s.piece = 1', p_unit)
        when 'came_back' then format('select d, d.came_back_at as at, d.id as key from dossier.dossier d '
            'where d.agency = %s and d.came_back_at is not null and dossier.result_came_back(d)', p_unit) end;
begin
    return v_sql || case when p_after is null then '' else
               format(' and (%s, %s) > (%s)', v_order[1], v_order[2], dossier.cursor_after(p_after)) end
           || format(' order by %s, %s', v_order[1], v_order[2]);
end $$;

-- dossier.inbox_count(unit, group, most): how many are on a list, counted no further than `most`.
create function dossier.inbox_count(p_unit bigint, p_group text, p_most int) returns int
language plpgsql stable as $$
declare
    v_count int;
begin
    execute format('select count(*) from (%s limit %s) x', dossier.inbox_query(p_unit, p_group), p_most)
    into v_count;
    return v_count;
end $$;

-- dossier.inbox_unit(unit, roles, args): whose desk it is: an officer's own agency, or for supervisors one
-- of their province (agency). Problems forbidden, unknown-unit, invalid-fields.
create function dossier.inbox_unit(p_unit bigint, p_roles int, args jsonb) returns bigint
language plpgsql stable as $$
declare
    v_unit bigint := case when args ? 'agency' then postal.unit_by_code(args ->> 'agency')
                          when p_roles & 16 <> 0 then p_unit end;
begin
    if v_unit is null then
        perform base.wrong_field('/agency', 'required', 'Hãy chọn cơ quan.', 'Say which agency.');
    elsif not (p_roles & 16 <> 0 and v_unit = p_unit or p_roles & 64 <> 0
               or p_roles & 32 <> 0 and postal.same_province(p_unit, v_unit)) then
        perform base.problem('forbidden');
    end if;
    return v_unit;
end $$;

-- dossier.inbox(actor, unit, roles, args): one list of a desk. args: group? (due: overdue first, then by due
-- time), agency? (of supervisors), counts? (how many are on each list, up to 100), limit?, next? ->
-- {group, items, next?, groups?: [{name, vi, en, count}]}; an item as dossier.brief(), with `at`, the
-- time by which the list is ordered. Reads dossier.*, custody.shipment.
create function dossier.inbox(p_actor bigint, p_unit bigint, p_roles int, args jsonb) returns jsonb
language plpgsql stable as $$
declare
    v_unit bigint := dossier.inbox_unit(p_unit, p_roles, args);
    v_group text := coalesce(args ->> 'group', 'due');
    v_most int := least(coalesce((args ->> 'limit')::int, 50), 500);
    v_rows jsonb;
    v_last text;
begin
    execute format('select jsonb_agg(dossier.brief(x.d) || jsonb_build_object(''at'', x.at) order by x.n) '
        'filter (where x.n <= %1$s), max(to_hex((extract(epoch from x.at) * 1000000)::bigint) || ''.'' '
        '|| replace(x.key::text, ''-'', '''')) filter (where x.n = %1$s and x.more) '
        'from (select y.*, row_number() over () as n, count(*) over () > %1$s as more '
        'from (%2$s limit %3$s) y) x', v_most, dossier.inbox_query(v_unit, v_group, args ->> 'next'),
        v_most + 1)
    into v_rows, v_last;
    return jsonb_strip_nulls(jsonb_build_object('group', v_group, 'next', v_last))
        || jsonb_build_object('items', coalesce(v_rows, '[]'))
        || case when (args ->> 'counts')::boolean then jsonb_build_object('groups', (
               select jsonb_agg(jsonb_build_object('name', g.name, 'vi', g.vi, 'en', g.en,
                   'count', dossier.inbox_count(v_unit, g.name, 100)) order by g.pos)
               from dossier.inbox_group g)) else '{}' end;
end $$;
