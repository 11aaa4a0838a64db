-- Intake: a dossier is registered at a post office, or on line at the office that serves the
-- applicant's commune, in one transaction: code, documents, charges, outward shipment and event.

-- dossier.next_code(agency, at): the next code of that agency and day, 000.00.16.H57-261124-0001.
-- The counter's row stays locked until the transaction ends, so a rollback gives the number back
-- and two sessions never get the same. Writes dossier.code_counter.
create function dossier.next_code(p_agency bigint, at timestamptz) returns text
language plpgsql as $$
declare
    today date := base.vn_date(at);
    serial int;
    identity text;
begin
    select agency_identity into strict identity from postal.unit where id = p_agency;
    insert into dossier.code_counter as c (agency, day, last) values (p_agency, today, 1)
    on conflict (agency, day) do update set last = c.last + 1
    returning last into serial;
    return identity || to_char(today, '-YYMMDD-')
           || case when serial < 10000 then lpad(serial::text, 4, '0') else serial::text end;
end $$;

-- dossier.check_documents(list): each names a different paper and has at least one sheet.
create function dossier.check_documents(list jsonb) returns void
language plpgsql immutable as $$
declare
    d record;
begin
    for d in select doc, n - 1 as place,
                    count(*) over (partition by base.fold(doc ->> 'name') order by n) as seen
             from jsonb_array_elements(list) with ordinality as docs(doc, n) loop
        if d.seen > 1 then
            perform base.wrong_field(format('/documents/%s/name', d.place), 'repeated',
                'Giấy tờ này đã có trong danh sách.', 'This paper is in the list already.');
        end if;
        if (d.doc ->> 'originals')::int + (d.doc ->> 'copies')::int = 0 then
            perform base.wrong_field(format('/documents/%s', d.place), 'too_small',
                'Phải có ít nhất một bản chính hoặc một bản sao.',
                'There must be at least one original or one copy.');
        end if;
    end loop;
end $$;

-- dossier.missing_documents(procedure body, list): what the checklist asks for and the list lacks,
-- as warnings [{code, name, detail, detail_vi}]; the clerk decides, or who brings papers that were announced.
create function dossier.missing_documents(p_body jsonb, list jsonb) returns jsonb
language sql immutable as $$
    select coalesce(jsonb_agg(jsonb_build_object('code', 'document_missing', 'name', w.name,
        'detail_vi', format('Còn thiếu theo danh mục: %s (%s bản chính, %s bản sao).',
                            w.name, w.originals, w.copies),
        'detail', format('Missing from the checklist: %s (%s originals, %s copies).',
                         w.name, w.originals, w.copies))), '[]')
    from jsonb_to_recordset(p_body -> 'documents')
         as w(name text, originals int, copies int, optional boolean)
    left join jsonb_to_recordset(list) as h(name text, originals int, copies int)
         on base.fold(h.name) = base.fold(w.name)
    where not coalesce(w.optional, false)
      and (h.name is null or h.originals < w.originals
           or h.originals + h.copies < w.originals + w.copies)
$$;

-- dossier.check_result(body): where the result goes fits the service that was ordered.
create function dossier.check_result(body jsonb) returns void
language plpgsql immutable as $$
begin
    if (body ->> 'service' in ('send', 'none'))
       = (body ->> 'result_to_kind' in ('address', 'post_office')) then
        perform base.wrong_field('/result_to/kind', 'choice',
            'Dịch vụ gửi hồ sơ không trả kết quả qua bưu chính; dịch vụ nhận kết quả, hoặc gửi hồ '
            'sơ và nhận kết quả, trả tại địa chỉ hoặc bưu cục.',
            'Service "send" brings no result by post; "receive" and "both" bring it to an address '
            'or a post office.');
    end if;
    if body ->> 'result_to_kind' = 'post_office' and body ->> 'result_unit' is null then
        perform base.wrong_field('/result_to/unit', 'required',
            'Hãy cho biết bưu cục nhận kết quả.', 'Say at which post office.');
    end if;
end $$;

-- dossier.check_online_result(body, procedure): only what is on level 4 has its result on line.
create function dossier.check_online_result(body jsonb, p jsonb) returns void
language plpgsql immutable as $$
begin
    if body ->> 'result_to_kind' = 'online' and (p ->> 'level')::int < 4 then
        perform base.wrong_field('/result_to/kind', 'choice',
            'Thủ tục này chưa trả kết quả trực tuyến (chỉ ở mức độ 4).',
            'The result of this procedure does not come on line: that is level 4.');
    end if;
end $$;

-- dossier.check_commune(code, pointer): problem unknown-commune. Reads postal.commune.
create function dossier.check_commune(p_code text, pointer text) returns void
language plpgsql stable as $$
begin
    if not exists (select from postal.commune where code = p_code
                   and (valid_to is null or valid_to > base.vn_date(now()))) then
        perform base.problem('unknown-commune', jsonb_build_object('pointer', pointer));
    end if;
end $$;

-- dossier.check_receiving(body, agency): what the applicant brings to the agency, nobody receives for it. Problem
-- invalid-fields.
create function dossier.check_receiving(body jsonb, p_agency bigint) returns void
language plpgsql stable as $$
begin
    if body ->> 'service' = 'receive' and postal.receiving_unit(body ->> 'receiving', p_agency) is not null then
        perform base.wrong_field('/receiving', 'choice',
            'Người nộp mang giấy tờ đến cơ quan: không chọn nơi tiếp nhận khác.',
            'The applicant brings the papers to the agency: nobody receives them for it.');
    end if;
end $$;

-- dossier.intake_office(unit, roles, commune): the post office that takes the papers in: a clerk's own, the
-- one that was chosen on line (unit), else the one that serves the commune.
create function dossier.intake_office(p_unit bigint, p_roles int, p_commune text) returns bigint
language plpgsql stable as $$
declare
    office bigint;
begin
    select id into office from postal.unit
    where id = case when p_roles & 2 <> 0 or p_roles = 1 and p_unit > 0 then p_unit
                    else (select delivery_office from postal.commune where code = p_commune) end
      and kind = 'post_office';
    if office is null then
        perform base.problem('unknown-unit', jsonb_build_object(
            'detail', 'No post office takes this dossier in.',
            'detail_vi', 'Không có bưu cục nào nhận hồ sơ này.'));
    end if;
    return office;
end $$;

-- dossier.write_documents(dossier, list, procedure, event): its papers, behind those it has. Originals go back
-- unless the list or the procedure's checklist says they are kept. event: the step with which they came; null:
-- the intake. Writes dossier.document.
create function dossier.write_documents(p_dossier uuid, list jsonb, p jsonb, p_event uuid default null)
returns void
language sql as $$
    insert into dossier.document (dossier, line, event, name, originals, copies, returned)
    select p_dossier, n + (select coalesce(max(x.line), 0) from dossier.document x where x.dossier = p_dossier),
           p_event, doc ->> 'name', (doc ->> 'originals')::int, (doc ->> 'copies')::int,
           coalesce((doc ->> 'returned')::boolean, (w ->> 'returned')::boolean,
                    not coalesce((w ->> 'form')::boolean, false))
           and (doc ->> 'originals')::int > 0
    from jsonb_array_elements(list) with ordinality as docs(doc, n)
    left join lateral (select w from jsonb_array_elements(p -> 'documents') w
                       where base.fold(w ->> 'name') = base.fold(doc ->> 'name') limit 1) c on true
$$;

-- dossier.insert(body, procedure, agency, office, actor, digest): the bare record and its papers.
-- Writes dossier.dossier, dossier.document.
create function dossier.insert(body jsonb, p jsonb, p_agency bigint,
                               p_office bigint, p_actor bigint, p_digest bytea) returns uuid
language plpgsql as $$
declare
    new_id uuid := (body ->> 'id')::uuid;
begin
    insert into dossier.dossier (id, code, procedure, procedure_version, agency, receiving, office, service,
        applicant_kind, from_commune, result_to_kind, result_unit, result_commune, weight_g,
        created_at, created_by, digest, status, version)
    values (new_id, dossier.next_code(p_agency, now()), p ->> 'code', (p ->> 'version')::int, p_agency,
        postal.receiving_unit(body ->> 'receiving', p_agency), p_office,
        body ->> 'service', body ->> 'applicant_kind', body ->> 'from_commune',
        body ->> 'result_to_kind',
        case when body ->> 'result_to_kind' = 'post_office'
             then postal.unit_by_code(body ->> 'result_unit') end,
        case when body ->> 'result_to_kind' = 'address' then body ->> 'result_commune' end,
        (body ->> 'weight_g')::int, now(), p_actor, p_digest, 1, 0);
    perform dossier.write_documents(new_id, body -> 'documents', p);
    return new_id;
end $$;

-- dossier.charge(dossier, body, procedure, agency, online): what the intake costs, with the fees whose
-- conditions it chose, as lines of the ledgers; returns the quote. Writes money.charge.
create function dossier.charge(p_dossier uuid, body jsonb, p jsonb, p_agency bigint, online boolean)
returns jsonb
language plpgsql as $$
declare
    quote jsonb := postal.quote(p ->> 'code', body ->> 'from_commune', p_agency,
        (body ->> 'weight_g')::int, body ->> 'service',
        array(select jsonb_array_elements_text(body -> 'extras')), body -> 'fees', online,
        postal.receiving_unit(body ->> 'receiving', p_agency));
begin
    perform money.add_charges(p_dossier, quote -> 'lines');
    return quote;
end $$;

-- dossier.leased(body, office): what is odd about the number that was leased before the papers came
-- (body: number, at?), as a code of custody.oddity, or null; null also without such a number.
-- Whoever else begins it, or revokes its lease, waits until we commit. Problems as in
-- postal.use_leased. Reads postal.lease, custody.shipment.
create function dossier.leased(body jsonb, p_office bigint) returns text
language plpgsql as $$
begin
    if body ->> 'number' is null then
        return null;
    end if;
    if body ->> 'service' = 'receive' then
        perform base.wrong_field('/number', 'choice',
            'Dịch vụ nhận kết quả không có bưu gửi chiều đi.',
            'Service "receive" sends nothing out.');
    end if;
    perform custody.lock_number(body ->> 'number');
    return postal.use_leased(body ->> 'number', p_office, (body ->> 'at')::timestamptz);
end $$;

-- dossier.send_out(dossier, body, office, agency, actor, odd): the outward shipment, under the
-- number that was leased or the office's next one; what is odd about it opens an exception.
-- Writes custody.shipment, custody.event, custody.exception, postal.s10_block.
create function dossier.send_out(p_dossier uuid, body jsonb, p_office bigint, p_agency bigint,
                                 p_actor bigint, p_odd text) returns void
language plpgsql as $$
declare
    v_number text := body ->> 'number';
    v_weight int := (body ->> 'weight_g')::int;
begin
    if v_number is null then
        perform custody.create_shipment(p_dossier, 'outward', p_office, p_agency, v_weight,
                                        p_actor);
        return;
    end if;
    perform custody.begin_shipment(v_number, p_dossier, 'outward', p_office, p_agency, v_weight,
                                   p_actor);
    insert into custody.exception (subject, event_id, code, detail, unit, actor)
    select v_number, e.id, p_odd,
           jsonb_strip_nulls(jsonb_build_object('kind', e.kind, 'taken_in_at', body -> 'at',
                                                'lease', (postal.lease_of(v_number)).key)),
           p_office, p_actor
    from custody.event e where e.subject = v_number and e.kind = 'create' and p_odd is not null;
end $$;

-- dossier.odd_number(number, odd): the same as a list of warnings, like that of missing papers.
create function dossier.odd_number(p_number text, p_odd text) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(jsonb_build_object('code', o.code, 'name', p_number,
                                                 'detail_vi', o.text_vi, 'detail', o.text_en)), '[]')
    from custody.oddity o where o.code = p_odd
$$;

-- dossier.replay(id, actor, digest): the stored reply of an intake that was done before, with the issue
-- of its receipt's code today; null when this id is new. Problem id-reused. Reads dossier.dossier,
-- dossier.receipt, base.idempotency.
create function dossier.replay(p_id uuid, p_actor bigint, p_digest bytea) returns jsonb
language plpgsql as $$
declare
    d dossier.dossier;
    stored text;
begin
    select * into d from dossier.dossier where id = p_id;
    if not found then
        return null;
    end if;
    if d.created_by <> p_actor or d.digest is distinct from p_digest then
        perform base.problem('id-reused');
    end if;
    select reply into stored from base.idempotency
    where account = p_actor and key = 'dossier ' || p_id;
    return coalesce(stored::jsonb, dossier.view(p_id)) || dossier.receipt_issue(p_id);
end $$;

-- dossier.intake(actor, unit, roles, body, sealed, key, salt, mac, digest, receipt): registers a dossier.
-- body: id, procedure, agency (code), receiving? (code), service, applicant_kind, from_commune, documents, weight_g,
-- seal?, result_to_kind, result_unit? (code), result_commune?, extras?, fees? {when?, copies?} (which of
-- the procedure's fees, see procedure.fee_lines), paid?, number? and at? (of
-- papers taken in off line: the leased number they got, and when); nothing personal.
-- digest: of the whole intake; the same id and digest give the stored reply, another digest the
-- problem id-reused. receipt: the hash of its receipt's first code. Returns dossier.view() with
-- `warnings`, `arrives_on` and dossier.receipt_issue().
-- Writes dossier.*, money.*, custody.shipment, custody.event, custody.exception,
-- postal.s10_block.
create function dossier.intake(p_actor bigint, p_unit bigint, p_roles int, body jsonb,
                               p_sealed bytea, p_key bytea, p_salt bytea, p_mac bytea,
                               p_digest bytea, p_receipt bytea default null) returns jsonb
language plpgsql as $$
declare
    reply jsonb;
    p jsonb;
    agency bigint;
    office bigint;
    new_id uuid;
    event uuid;
    quote jsonb;
    odd text;
begin
    -- A second intake of this id waits here until the first has committed.
    perform pg_advisory_xact_lock(hashtextextended(body ->> 'id', 9));
    reply := dossier.replay((body ->> 'id')::uuid, p_actor, p_digest);
    if reply is not null then
        return reply;
    end if;
    p := procedure.for_service(body ->> 'procedure', body ->> 'service');
    agency := postal.unit_by_code(body ->> 'agency');
    perform procedure.check_agency(agency, p);
    perform procedure.check_fees(p, body -> 'fees');
    perform dossier.check_commune(body ->> 'from_commune', '/applicant/address/commune');
    perform dossier.check_result(body);
    perform dossier.check_online_result(body, p);
    perform procedure.check_filing(p, case when p_roles & 2 <> 0 then 'counter' else 'online' end);
    if body ->> 'result_to_kind' = 'address' then
        perform dossier.check_commune(body ->> 'result_commune', '/result_to/address/commune');
    end if;
    perform dossier.check_documents(body -> 'documents');
    perform dossier.check_receiving(body, agency);
    office := dossier.intake_office(p_unit, p_roles, body ->> 'from_commune');
    odd := dossier.leased(body, office);

    new_id := dossier.insert(body, p, agency, office, p_actor, p_digest);
    quote := dossier.charge(new_id, body, p, agency, p_roles & 2 = 0);
    if coalesce((body ->> 'paid')::boolean, false) then
        perform money.pay(new_id, p_actor, office, null);
    end if;
    if body ->> 'service' in ('send', 'both') then
        perform dossier.send_out(new_id, body, office,
            coalesce(postal.receiving_unit(body ->> 'receiving', agency), agency), p_actor, odd);
    end if;
    -- A commune is part of somebody's address, and an event is for ever.
    event := dossier.record(new_id, 'register', now(), p_actor, office, jsonb_strip_nulls(
        body - '{id,from_commune,result_commune}'::text[]
        || jsonb_build_object('fees', procedure.fee_places(p, body -> 'fees'))), p_mac);
    insert into dossier.personal (dossier, event, sealed, key, salt)
    values (new_id, event, p_sealed, p_key, p_salt);
    perform dossier.keep_receipt(new_id, p_receipt);
    reply := dossier.view(new_id) || dossier.receipt_issue(new_id) || jsonb_build_object('arrives_on', quote -> 'arrives_on',
        'warnings', dossier.missing_documents(p, body -> 'documents')
                    || dossier.odd_number(body ->> 'number', odd));
    perform base.idempotency_finish(p_actor, 'dossier ' || new_id, p_digest, 201, reply::text);
    return reply;
end $$;
