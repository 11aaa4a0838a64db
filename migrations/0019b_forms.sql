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
-- who.*, procedure.{name, code}, agency.{name, address, phone}: the one that issues it, else the one that
-- decides; office, signer. Reads dossier.dossier, postal.unit.
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
        from postal.unit a left join postal.unit o on o.id = d.office
        where a.id = coalesce((select u.id from postal.unit u where u.id = t.unit and u.kind = 'agency'),
                              d.agency));
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

-- paper.papers_then(thing): the dossier's papers as they were when the paper came to be, what came with it
-- included. Reads dossier.document.
create function paper.papers_then(t paper.thing) returns setof dossier.document
language sql stable as $$
    select x.* from dossier.document x
    where x.dossier = t.dossier and (x.event is null or t.event is null or x.event <= t.event)
$$;

-- paper.documents(thing, only returned): [{no, name, originals, copies, note?}]. Reads
-- dossier.document.
create function paper.documents(t paper.thing, p_returned boolean default false) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('no', n, 'name', coalesce(name, '(nội dung đã xoá)'),
        'originals', originals, 'copies', copies,
        'note', case when returned and originals > 0 then 'Trả lại bản chính' end)) order by n), '[]')
    from (select x.*, row_number() over (order by line) as n from paper.papers_then(t) x
          where (not p_returned or returned and originals > 0)) x
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
        'documents', paper.documents(t),
        'sum', (select 'Cộng: ' || coalesce(sum(originals), 0) || ' bản chính, '
                       || coalesce(sum(copies), 0) || ' bản sao.'
                from paper.papers_then(t) x),
        'result', paper.result_to(d))));
end $$;

-- paper.supplement_lines(thing): what must be brought, numbered, and behind it why, as far as that was written
-- apart. Reads dossier.supplement_item, custody.remark.
create function paper.supplement_lines(t paper.thing) returns jsonb
language sql stable as $$
    with item as (
        select i.line as no, coalesce(i.name, '(nội dung đã xoá)') as name,
               coalesce(i.name, '(nội dung đã xoá)')
               || case when i.originals > 0 then format(', %s bản chính', i.originals) else '' end
               || case when i.copies > 0 then format(', %s bản sao', i.copies) else '' end as text
        from dossier.supplement_item i where i.dossier = t.dossier and i.event = t.event
    ), why as (
        select place, btrim(line) as text
        from regexp_split_to_table(paper.remark(t), E'[\r\n]+') with ordinality as l (line, place)
        where btrim(line) <> '' and not exists (select from item i where btrim(line) in (i.name, '- ' || i.text))
    )
    select coalesce((select jsonb_agg(jsonb_build_object('no', no, 'text', text) order by no) from item), '[]')
        || coalesce((select jsonb_agg(jsonb_build_object('no', '', 'text', 'Lý do: ' || text) order by place)
                     from why), '[]')
$$;

-- paper.supplement_request(thing): turn?, items: [{no, text}].
create function paper.supplement_request(t paper.thing) returns jsonb
language plpgsql stable as $$
begin
    return paper.dossier(t, jsonb_strip_nulls(jsonb_build_object(
        'turn', case when t.n > 1 then 'LẦN ' || t.n end, 'items', paper.supplement_lines(t))));
end $$;

-- paper.refusal(thing): reasons: [{no, text}], basis?: the legal one, originals?: what goes back.
create function paper.refusal(t paper.thing) returns jsonb
language plpgsql stable as $$
begin
    return paper.dossier(t, jsonb_strip_nulls(jsonb_build_object(
        'reasons', paper.lines(paper.remark(t)),
        'basis', coalesce((select e.data ->> 'legal_basis' from paper.event(t) e), repeat('…', 40)),
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
    select 'Giấy tờ bản chính được trả lại: ' || string_agg(coalesce(x.name, '(nội dung đã xoá)') || ' (' || x.originals || ')', '; '
                                                           order by x.line)
           || coalesce('. Gửi qua bưu chính, số hiệu ' || (e.data ->> 'number'), '') || '.'
    from dossier.document x cross join paper.event(t) e
    where x.dossier = t.dossier and x.originals > 0 and e.data #> '{originals,lines}' @> to_jsonb(x.line)
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
