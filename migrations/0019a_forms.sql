-- What the forms of a dossier say: one function a paper, named as its kind. Each gives {about: the
-- dossier's code, dossiers: [whose people it names], track, facts: src/label/form.h}. Nothing personal
-- is here: {personal: path} is filled in by the program; an identity number never is.

-- paper.who(of): the applicant, of the people at this place of the list.
create function paper.who(p_of int default 0, p_place text default null) returns jsonb
language sql immutable as $$
    select jsonb_build_object(
        'name', jsonb_build_object('personal', 'applicant.name', 'of', p_of),
        'address', jsonb_strip_nulls(jsonb_build_object('personal', 'applicant.address', 'of', p_of,
                                                        'place', p_place)),
        'phone', jsonb_build_object('personal', 'applicant.phone', 'of', p_of),
        'email', jsonb_build_object('personal', 'applicant.email', 'of', p_of))
$$;

-- paper.time(at), paper.day(at), paper.money(amount): values that the program writes for people.
create function paper.time(at timestamptz) returns jsonb
language sql immutable as $$ select jsonb_build_object('time', at) where at is not null $$;

create function paper.day(at timestamptz) returns jsonb
language sql immutable as $$ select jsonb_build_object('day', at) where at is not null $$;

create function paper.money(amount bigint) returns jsonb
language sql immutable as $$
    select jsonb_build_object('money', amount) where amount is not null
$$;

-- paper.remark(thing): what was written with the event that made it; null: nothing. Reads
-- custody.remark.
create function paper.remark(t paper.thing) returns text
language sql stable as $$
    select coalesce(r.text, '(nội dung đã xoá)') from custody.remark r
    where r.subject = t.subject and r.event = t.event
$$;

-- paper.event(thing): the event that made it. Reads custody.event.
create function paper.event(t paper.thing) returns custody.event
language sql stable as $$
    select e from custody.event e where e.subject = t.subject and e.id = t.event
$$;

-- paper.person(account): their name. Reads account.account.
create function paper.person(p_account bigint) returns text
language sql stable as $$ select name from account.account where id = p_account $$;

-- paper.dossier(thing, facts): the paper of a dossier: what all of them say of it, and facts. code,
-- who.*, procedure.{name, code}, agency.{name, address, phone}, office, signer. Reads dossier.dossier,
-- postal.unit.
create function paper.dossier(t paper.thing, p_facts jsonb) returns jsonb
language plpgsql stable as $$
declare
    d dossier.dossier;
begin
    select * into strict d from dossier.dossier where id = t.dossier;
    return (
        select jsonb_build_object('about', d.code, 'track', d.code,
            'dossiers', jsonb_build_array(d.id),
            'facts', jsonb_strip_nulls(jsonb_build_object('code', d.code,
                'who', paper.who(0, label.commune_place(d.from_commune)),
                'procedure', jsonb_build_object('code', d.procedure,
                    'name', dossier.procedure_body(d.procedure, d.procedure_version) ->> 'name'),
                'agency', jsonb_build_object('name', a.name, 'address', nullif(a.address, ''),
                    'phone', nullif(a.phone, '')),
                'office', o.name,
                'signer', (select paper.person(e.actor) from paper.event(t) e))) || p_facts)
        from postal.unit a left join postal.unit o on o.id = d.office where a.id = d.agency);
end $$;

-- paper.result_to(dossier): where and how its result is handed out. Reads postal.unit.
create function paper.result_to(d dossier.dossier) returns jsonb
language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object(
        'how', case d.result_to_kind when 'address' then 'Phát tại địa chỉ, qua bưu chính'
                   when 'post_office' then 'Nhận tại ' || r.name
                   when 'agency' then 'Nhận tại Bộ phận Một cửa của cơ quan'
                   else 'Nhận trực tuyến bằng mã tra cứu' end,
        'address', case d.result_to_kind
            when 'address' then jsonb_strip_nulls(jsonb_build_object(
                'personal', 'result_to.address', 'place', label.commune_place(d.result_commune)))
            when 'post_office' then to_jsonb(nullif(r.address, ''))
            when 'agency' then to_jsonb(nullif(a.address, '')) end))
    from (values (1)) as one (row)
    left join postal.unit r on r.id = d.result_unit
    left join postal.unit a on a.id = d.agency
$$;

-- paper.span(procedure, version): "15 ngày làm việc", the time that the procedure gives.
create function paper.span(p_code text, p_version int) returns text
language sql stable as $$
    select body #>> '{time,value}' || case body #>> '{time,unit}'
               when 'working_hour' then ' giờ làm việc' else ' ngày làm việc' end
    from (select dossier.procedure_body(p_code, p_version) as body) p
$$;

-- paper.documents(dossier, only returned): [{no, name, originals, copies, note?}]. Reads
-- dossier.document.
create function paper.documents(p_dossier uuid, p_returned boolean default false) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('no', n, 'name', name,
        'originals', originals, 'copies', copies,
        'note', case when returned and originals > 0 then 'Trả lại bản chính' end)) order by n), '[]')
    from (select x.*, row_number() over (order by line) as n from dossier.document x
          where x.dossier = p_dossier and (not p_returned or returned and originals > 0)) x
$$;

-- paper.lines(text): a row for each line that says something, [{no, text}].
create function paper.lines(p_text text) returns jsonb
language sql immutable as $$
    select coalesce(jsonb_agg(jsonb_build_object('no', n, 'text', line) order by n), '[]')
    from (select btrim(line, E' \t-•') as line, row_number() over (order by place) as n
          from regexp_split_to_table(p_text, E'[\r\n]+') with ordinality as l (line, place)
          where btrim(line, E' \t-•') <> '') x
$$;

-- --- of a step -----------------------------------------------------------------------------------

-- paper.receipt(thing): received_at, due_at, span, documents, sum, result.{how, address}. The date is
-- the one promised at acceptance; a dossier accepted before it was filed has it counted from the
-- filing. An apology does not change it: that is a paper of its own.
create function paper.receipt(t paper.thing) returns jsonb
language plpgsql stable as $$
declare
    d dossier.dossier;
begin
    select * into strict d from dossier.dossier where id = t.dossier;
    return paper.dossier(t, jsonb_strip_nulls(jsonb_build_object(
        'received_at', paper.time(coalesce(d.filed_at, t.at)),
        'due_at', paper.time((
            select (e.data ->> 'due_at')::timestamptz from custody.event e
            where e.subject = t.subject and e.data ? 'due_at'
              and (e.id = t.event or e.kind = 'dossier.filed')
            order by (e.data ->> 'version')::int desc limit 1)),
        'span', paper.span(d.procedure, d.procedure_version),
        'documents', paper.documents(d.id),
        'sum', (select 'Cộng: ' || coalesce(sum(originals), 0) || ' bản chính, '
                       || coalesce(sum(copies), 0) || ' bản sao.'
                from dossier.document x where x.dossier = d.id),
        'result', paper.result_to(d))));
end $$;

-- paper.supplement_request(thing): turn?, items: [{no, text, why?}]: those that the step lists, or each line of what was written.
create function paper.supplement_request(t paper.thing) returns jsonb
language plpgsql stable as $$
declare
    listed jsonb := (select e.data -> 'items' from paper.event(t) e);
    said text := paper.remark(t);
begin
    return paper.dossier(t, jsonb_strip_nulls(jsonb_build_object(
        'turn', case when t.n > 1 then 'LẦN ' || t.n end,
        'reason', case when jsonb_typeof(listed) = 'array' then said end,
        'items', case when jsonb_typeof(listed) = 'array' then (
            select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('no', n,
                       'text', coalesce(i ->> 'name', i ->> 'text', i #>> '{}'),
                       'why', coalesce(i ->> 'reason', i ->> 'why'))) order by n)
            from jsonb_array_elements(listed) with ordinality as l (i, n))
            else paper.lines(said) end)));
end $$;

-- paper.refusal(thing): reasons: [{no, text}], basis?: the legal one, originals?: what goes back.
create function paper.refusal(t paper.thing) returns jsonb
language plpgsql stable as $$
begin
    return paper.dossier(t, jsonb_strip_nulls(jsonb_build_object(
        'reasons', paper.lines(paper.remark(t)),
        'basis', coalesce((select coalesce(e.data ->> 'legal_basis', e.data ->> 'basis')
                           from paper.event(t) e), repeat('…', 40)),
        'back', paper.going_back(t))));
end $$;

-- paper.stopping(thing): reasons, back?.
create function paper.stopping(t paper.thing) returns jsonb
language plpgsql stable as $$
begin
    return paper.dossier(t, jsonb_strip_nulls(jsonb_build_object(
        'received_at', (select paper.time(coalesce(d.filed_at, d.accepted_at))
                        from dossier.dossier d where d.id = t.dossier),
        'reasons', paper.lines(paper.remark(t)), 'back', paper.going_back(t))));
end $$;

-- paper.going_back(thing): what becomes of the originals that the step sends back; null: there are none.
create function paper.going_back(t paper.thing) returns text
language sql stable as $$
    select 'Giấy tờ bản chính được trả lại: ' || string_agg(x.name || ' (' || x.originals || ')', '; '
                                                           order by x.line)
           || coalesce('. Gửi qua bưu chính, số hiệu ' || (e.data ->> 'number'), '') || '.'
    from dossier.document x cross join paper.event(t) e
    where x.dossier = t.dossier and x.returned and x.originals > 0
    group by e.data
$$;

-- paper.apology(thing): received_at, old_due_at, due_at, reasons.
create function paper.apology(t paper.thing) returns jsonb
language plpgsql stable as $$
begin
    return (
        select paper.dossier(t, jsonb_strip_nulls(jsonb_build_object(
            'received_at', paper.time(coalesce(d.filed_at, d.accepted_at)),
            'old_due_at', paper.time((e.data ->> 'old_due_at')::timestamptz),
            'due_at', paper.time((e.data ->> 'due_at')::timestamptz),
            'reasons', paper.lines(paper.remark(t)), 'result', paper.result_to(d))))
        from paper.event(t) e join dossier.dossier d on d.id = t.dossier);
end $$;

-- --- money ---------------------------------------------------------------------------------------

-- paper.spoken(number): in words, as a receipt has it: 26000 → "hai mươi sáu nghìn". Below a million
-- millions.
create function paper.spoken(p_number bigint) returns text
language plpgsql immutable strict as $$
declare
    digits text[] := '{không,một,hai,ba,bốn,năm,sáu,bảy,tám,chín}';
    scales text[] := '{"",nghìn,triệu,tỷ,"nghìn tỷ"}';
    said text := '';
    part int;
    hundreds int;
    tens int;
    ones int;
    word text;
begin
    if p_number < 0 or p_number >= 1000000000000000 then
        return null;
    elsif p_number = 0 then
        return 'không';
    end if;
    for scale in reverse 4..0 loop
        part := mod(div(p_number, 1000::numeric ^ scale), 1000);
        continue when part = 0;
        hundreds := part / 100;
        tens := part / 10 % 10;
        ones := part % 10;
        word := concat_ws(' ',
            case when hundreds > 0 or said <> '' then digits[hundreds + 1] || ' trăm' end,
            case when tens > 1 then digits[tens + 1] || ' mươi' when tens = 1 then 'mười'
                 when ones > 0 and (hundreds > 0 or said <> '') then 'linh' end,
            case when ones = 1 and tens > 1 then 'mốt' when ones = 5 and tens > 0 then 'lăm'
                 when ones > 0 then digits[ones + 1] end,
            nullif(scales[scale + 1], ''));
        said := said || case when said = '' then '' else ' ' end || word;
    end loop;
    return said;
end $$;

-- paper.fee_receipt(thing): one payment: paid_at, rows: [{no, name, kind, amount}], sum, spoken, taker,
-- what was given back marked. Reads money.charge.
create function paper.fee_receipt(t paper.thing) returns jsonb
language plpgsql stable as $$
declare
    total bigint;
    told jsonb;
    taker bigint;
begin
    select sum(k.amount), min(k.paid_by), jsonb_agg(jsonb_build_object('no', k.n, 'name', k.name
               || case when k.cancelled_at is not null then ' (phải hoàn trả)' else '' end,
               'kind', case k.ledger when 'agency_fee' then 'Phí, lệ phí của cơ quan'
                           when 'postage_out' then 'Cước chiều gửi'
                           when 'postage_return' then 'Cước chiều trả' else 'Dịch vụ cộng thêm' end,
               'amount', paper.money(k.amount)) order by k.n)
    into total, taker, told
    from (select x.*, row_number() over (order by x.ledger <> 'agency_fee', x.id) as n
          from money.charge x
          where x.dossier = t.dossier
            and (extract(epoch from x.paid_at) * 1000000)::bigint::text = t.occasion) k;
    return paper.dossier(t, jsonb_build_object('rows', told, 'paid_at', paper.time(t.at),
        'total', paper.money(total), 'taker', paper.person(taker),
        'spoken', upper(left(paper.spoken(total), 1)) || substr(paper.spoken(total), 2) || ' đồng.'));
end $$;

-- --- without a step ------------------------------------------------------------------------------

-- paper.authorisation(thing): the applicant gives, somebody takes; what is not known is left to the
-- pen. proxy.*: who was named at the intake.
create function paper.authorisation(t paper.thing) returns jsonb
language plpgsql stable as $$
begin
    return (
        select paper.dossier(t, jsonb_build_object('result', paper.result_to(d),
            'blank_name', true, 'blank_phone', true,
            'proxy', jsonb_build_object('name', '{"personal": "proxy.name"}'::jsonb,
                                        'phone', '{"personal": "proxy.phone"}'::jsonb)))
        from dossier.dossier d where d.id = t.dossier);
end $$;

-- paper.recovered_papers(thing): rows: [{no, name}] that the procedure names as to be recovered, three
-- to be written where it names none; surrendered: what the delivery said of it. Reads custody.event.
create function paper.recovered_papers(t paper.thing) returns jsonb
language plpgsql stable as $$
begin
    return (
        select paper.dossier(t, jsonb_strip_nulls(jsonb_build_object(
            'rows', (
                select coalesce(jsonb_agg(jsonb_build_object('no', n, 'name', x.name) order by n),
                                '[{"no": 1}, {"no": 2}, {"no": 3}]')
                from (select p ->> 'name' as name, row_number() over () as n
                      from jsonb_array_elements(body -> 'documents') p
                      where coalesce(p ->> 'recovered', 'false') <> 'false') x),
            'surrendered', (
                select 'Người phát đã ghi nhận thu hồi giấy tờ cũ khi trả kết quả.'
                from custody.shipment s
                join custody.event e on e.subject = s.number and e.kind = 'deliver'
                where s.dossier = d.id and s.leg = 'result' and e.data ? 'old_paper' limit 1))))
        from dossier.dossier d
        cross join lateral dossier.procedure_body(d.procedure, d.procedure_version) body
        where d.id = t.dossier);
end $$;

-- --- over events ---------------------------------------------------------------------------------

-- paper.punctual(due, ended, supplements): early, on time or late as a word; null: no date yet. More
-- than one request for a supplement counts as late.
create function paper.punctual(p_due timestamptz, p_ended timestamptz, p_supplements int)
returns text
language sql stable as $$
    select case when p_due is null then null
        when p_supplements > 1 or coalesce(p_ended, now()) > p_due then 'Quá hạn'
        when p_ended is null then 'Trong hạn'
        when base.vn_date(p_ended) < base.vn_date(p_due) then 'Sớm hạn' else 'Đúng hạn' end
$$;

-- paper.hops(dossier): per hop, in order: {at, giver, taker, step, note?, timely?}: who gave the papers or the work,
-- who took them: each step of the dossier, whose giver is who had it before, and each change of hands of its shipments. Reads
-- custody.event, custody.shipment, account.account, postal.unit.
create function paper.hops(p_dossier uuid) returns jsonb
language plpgsql stable as $$
begin
    return (
        with steps as (
            select e.at, e.id, e.subject, e.actor, e.unit, e.kind, e.data, null::text as number,
                   coalesce(a.name, case e.kind when 'dossier.register' then 'Tiếp nhận tại bưu cục'
                                when 'dossier.filed' then 'Cơ quan ký nhận hồ sơ' end) as step
            from custody.event e
            left join dossier.action a on e.kind = 'dossier.' || a.action
            where e.subject = p_dossier::text and e.kind like 'dossier.%'
              and (e.kind in ('dossier.register', 'dossier.filed', 'dossier.apologise')
                   or e.data ? 'to')
              and e.kind <> 'dossier.result_returned'),
        moves as (
            select e.at, e.id, e.subject, e.holder_kind, e.holder_id, s.number, s.leg, e.kind,
                   e.actor, e.unit,
                   lag(e.holder_kind) over w as was_kind, lag(e.holder_id) over w as was_id
            from custody.shipment s
            join custody.event e on e.subject = s.number and e.outcome = 'recorded'
                 and e.holder_kind is not null
            where s.dossier = p_dossier
            window w as (partition by s.number order by e.at, e.id)),
        hops as (
            select s.at, s.id, s.step, null::text as giver,
                   coalesce(paper.person(s.actor), u.name) as taker,
                   case when s.data ? 'due_at' and s.kind <> 'dossier.filed'
                        then 'Hẹn trả ' || to_char((s.data ->> 'due_at')::timestamptz
                                 at time zone 'Asia/Ho_Chi_Minh', 'HH24:MI DD/MM/YYYY') end as note,
                   case when (s.data ->> 'to')::int in (3, 8, 9) then (
                       select paper.punctual(d.due_at, s.at, d.supplements)
                       from dossier.dossier d where d.id = p_dossier) end as timely
            from steps s left join postal.unit u on u.id = s.unit
            union all
            select m.at, m.id, coalesce(k.name_vi, m.kind),
                   custody.holder_json(m.was_kind, m.was_id) ->> 'name',
                   custody.holder_json(m.holder_kind, m.holder_id) ->> 'name',
                   m.number, null
            from moves m left join custody.scan_kind k on k.kind = m.kind
            where (m.was_kind, m.was_id) is distinct from (m.holder_kind, m.holder_id))
        select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('no', n, 'at', paper.time(at),
                   'step', step, 'giver', coalesce(giver, before), 'taker', taker, 'note', note,
                   'timely', timely)) order by n), '[]')
        from (select h.*, row_number() over w as n, lag(taker) over w as before
              from hops h window w as (order by h.at, h.id)) h);
end $$;

-- paper.control_sheet(thing): hops, received_at, due_at, span, state, timely.
create function paper.control_sheet(t paper.thing) returns jsonb
language plpgsql stable as $$
begin
    return (
        select paper.dossier(t, jsonb_strip_nulls(jsonb_build_object('hops', paper.hops(d.id),
            'received_at', paper.time(coalesce(d.filed_at, d.accepted_at)),
            'due_at', paper.time(d.due_at), 'span', paper.span(d.procedure, d.procedure_version),
            'state', (select name from dossier.status where code = d.status),
            'timely', paper.punctual(d.due_at, d.ended_at, d.supplements))))
        from dossier.dossier d where d.id = t.dossier);
end $$;

-- paper.register(thing): the register of a unit: the dossiers that came to it (an agency) or were taken
-- in by it (a post office) on the days of its occasion: from, to, rows: [{no, code, procedure, who.*,
-- received, due, ended, timely?, result, note?}], sums. Problem invalid-fields: more than 2,000.
-- Reads dossier.dossier.
create function paper.register(t paper.thing) returns jsonb
language plpgsql stable as $$
declare
    day_from date := split_part(t.occasion, '/', 1);
    day_to date := split_part(t.occasion, '/', 2);
    at_from timestamptz := day_from::timestamp at time zone 'Asia/Ho_Chi_Minh';
    at_to timestamptz := (day_to + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh';
    agency boolean := (select kind = 'agency' from postal.unit where id = t.unit);
    ids uuid[];
begin
    if agency then
        ids := array(select d.id from dossier.dossier d
                     where d.agency = t.unit and d.created_at >= at_from and d.created_at < at_to
                       and d.cancelled_at is null order by d.created_at, d.id limit 2001);
    else
        ids := array(select d.id from dossier.dossier d
                     where d.office = t.unit and d.created_at >= at_from and d.created_at < at_to
                       and d.cancelled_at is null order by d.created_at, d.id limit 2001);
    end if;
    if cardinality(ids) > 2000 then
        perform base.wrong_field('/to', 'too_big', 'Hơn 2.000 hồ sơ: hãy chọn ít ngày hơn.',
                                 'More than 2,000 dossiers: take fewer days.');
    end if;
    return (
        with rows as (
            select x.n, d as whole, d.*
            from unnest(ids) with ordinality as x (id, n) join dossier.dossier d on d.id = x.id)
        select jsonb_build_object('about', t.subject, 'dossiers', to_jsonb(ids),
            'facts', jsonb_build_object(
                'from', jsonb_build_object('day', day_from), 'to', jsonb_build_object('day', day_to),
                'sums', 'Cộng: ' || count(*) || ' hồ sơ; '
                    || count(*) filter (where ended_at is not null) || ' đã giải quyết, '
                    || count(*) filter (where ended_at is null) || ' đang giải quyết, '
                    || count(*) filter (where paper.punctual(due_at, ended_at, supplements)
                                              = 'Quá hạn') || ' quá hạn.',
                'none', case when count(*) = 0 then 'Không có hồ sơ nào trong những ngày này.' end,
                'rows', coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('no', n,
                    'code', code,
                    'procedure', dossier.procedure_body(procedure, procedure_version) ->> 'name',
                    'who', jsonb_build_object(
                        'name', jsonb_build_object('personal', 'applicant.name', 'of', n - 1),
                        'contact', jsonb_strip_nulls(jsonb_build_object('personal',
                            'applicant.address', 'of', n - 1,
                            'place', label.commune_place(from_commune), 'with', 'applicant.phone'))),
                    'received', paper.day(coalesce(filed_at, created_at)),
                    'due', paper.day(due_at), 'ended', paper.day(ended_at),
                    'timely', paper.punctual(due_at, ended_at, supplements),
                    'result', paper.result_to(whole) ->> 'how',
                    'note', (select name from dossier.status s where s.code = rows.status)))
                    order by n), '[]')))
        from rows);
end $$;
