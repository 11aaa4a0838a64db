-- The register (sổ theo dõi hồ sơ) of an agency: what it received, in the order in which it did, read from
-- the dossiers and their events; it is written nowhere else.

create index dossier_received on dossier.dossier (agency, (coalesce(filed_at, accepted_at)), id)
    where coalesce(filed_at, accepted_at) is not null;

-- report.register_agency(unit, roles, code): whose register is asked for: an officer's own agency; of the
-- others one that they must name, a supervisor's in the own province. Problems forbidden, unknown-unit,
-- invalid-fields. Reads postal.unit.
create function report.register_agency(p_unit bigint, p_roles int, p_code text) returns bigint
language plpgsql stable as $$
declare
    v_agency bigint := case when p_code is not null then postal.unit_by_code(p_code)
                            when p_roles & 16 <> 0 then p_unit end;
begin
    if v_agency is null then
        perform base.wrong_field('/agency', 'required', 'Cần chọn cơ quan của sổ.',
                                 'A register is that of one agency.');
    elsif not (p_roles & 64 <> 0 or p_roles & 32 <> 0 and postal.same_province(p_unit, v_agency)
               or p_roles & 16 <> 0 and v_agency = p_unit) then
        perform base.problem('forbidden');
    end if;
    return v_agency;
end $$;

-- report.register_where(agency, args): the conditions over the alias d. args: from?, to? (days of receipt,
-- both counted), procedure?, timing?, next?. Problem invalid-fields for a cursor that was not given.
create function report.register_where(p_agency bigint, args jsonb) returns text
language plpgsql immutable as $$
declare
    c text := args ->> 'next';
begin
    if c !~ '^[0-9a-f]{10,15}[.][0-9a-f]{32}$' then
        perform base.wrong_field('/next', 'format', 'Con trỏ trang không đúng.',
                                 'Not a cursor given by this list.');
    elsif args ? 'from' and not postal.is_day(args ->> 'from') or args ? 'to' and not postal.is_day(args ->> 'to') then
        perform base.wrong_field(case when args ? 'from' and not postal.is_day(args ->> 'from') then '/from' else '/to' end,
                                 'format', 'Ngày viết như 2026-11-23.', 'A day such as 2026-11-23.');
    end if;
    return concat_ws(' and ', format('d.agency = %s', p_agency), 'coalesce(d.filed_at, d.accepted_at) is not null',
        case when args ? 'from' then format('coalesce(d.filed_at, d.accepted_at) >= (%L::date)::timestamp at time zone ''Asia/Ho_Chi_Minh''',
                                            args ->> 'from') end,
        case when args ? 'to' then format('coalesce(d.filed_at, d.accepted_at) < (%L::date + 1)::timestamp at time zone ''Asia/Ho_Chi_Minh''',
                                          args ->> 'to') end,
        case when args ? 'procedure' then format('d.procedure = %L', args ->> 'procedure') end,
        case when args ? 'timing' then dossier.timing_where(args ->> 'timing') end,
        case when c is not null then format(
            '(coalesce(d.filed_at, d.accepted_at), d.id) > (timestamptz ''epoch'' + %s * interval ''1 us'', %L)',
            ('x' || lpad(split_part(c, '.', 1), 16, '0'))::bit(64)::bigint, split_part(c, '.', 2)::uuid) end);
end $$;

-- report.returned_at(dossier): when the result came to the applicant, by its events; null: it did not.
-- Reads custody.event.
create function report.returned_at(d dossier.dossier) returns timestamptz
language plpgsql stable as $$
begin
    if d.status <> 10 then
        return null;
    end if;
    return (select max(e.at) from custody.event e
            where e.subject = d.id::text and e.kind like 'dossier.%' and e.data ->> 'to' = '10');
end $$;

-- report.given_at(dossier): when its result left the agency by post. Reads custody.shipment, custody.event.
create function report.given_at(p_legs dossier.told_leg[]) returns timestamptz
language sql immutable as $$
    select min((l.times).began) from unnest(p_legs) l where (l.shipment).leg = 'result'
$$;

-- report.row(dossier, number, now): one line of the register; nothing personal. Reads custody.*, postal.*.
create function report.row(d dossier.dossier, p_now timestamptz) returns jsonb
language plpgsql stable as $$
declare
    v_legs dossier.told_leg[] := dossier.told_legs(d);
begin
    return jsonb_strip_nulls(jsonb_build_object('code', d.code,
        'procedure', jsonb_build_object('code', d.procedure, 'version', d.procedure_version,
            'name', dossier.procedure_body(d.procedure, d.procedure_version) ->> 'name'),
        'applicant_kind', d.applicant_kind, 'office', dossier.unit_json(d.office),
        'registered_at', d.created_at, 'received_at', coalesce(d.filed_at, d.accepted_at),
        'accepted_at', d.accepted_at, 'due_at', d.due_at, 'status', dossier.status_json(d.status),
        'ended_at', d.ended_at, 'given_at', report.given_at(v_legs), 'returned_at', report.returned_at(d),
        'result_to', d.result_to_kind, 'clock', dossier.clock(d), 'supplements', d.supplements,
        'apologised_at', d.apologised_at, 'pauses', dossier.pauses(d.id),
        'days', dossier.days_at(d, v_legs, p_now)) || dossier.timing_json(d, v_legs, p_now));
end $$;

-- report.register(actor, unit, roles, args): a page of the register, by the time of receipt.
-- args: agency? (code; an officer's own without it), from?, to?, procedure?, timing? (early, on_time, late,
-- open), limit?, next? -> jsonb {agency, items, next?}. Problems forbidden, unknown-unit, invalid-fields.
-- Reads dossier.*, custody.*, postal.*.
create function report.register(p_actor bigint, p_unit bigint, p_roles int, args jsonb) returns jsonb
language plpgsql stable as $$
declare
    v_most int := least(coalesce((args ->> 'limit')::int, 50), 500);
    v_agency bigint := report.register_agency(p_unit, p_roles, args ->> 'agency');
    v_rows dossier.dossier[];
    v_last dossier.dossier;
begin
    execute format('select array(select d from dossier.dossier d where %s '
                   'order by coalesce(d.filed_at, d.accepted_at), d.id limit %s)',
                   report.register_where(v_agency, args), v_most + 1) into v_rows;
    v_last := v_rows[v_most];
    return jsonb_build_object('agency', dossier.unit_json(v_agency), 'items', coalesce((
               select jsonb_agg(report.row(v_rows[n], now()) order by n)
               from generate_series(1, least(v_most, cardinality(v_rows))) n), '[]'))
        || case when cardinality(v_rows) > v_most then jsonb_build_object('next',
               to_hex((extract(epoch from coalesce(v_last.filed_at, v_last.accepted_at)) * 1000000)::bigint)
               || '.' || replace(v_last.id::text, '-', '')) else '{}' end;
end $$;

-- report.timing_vi(timing): in words.
create function report.timing_vi(p_timing text) returns text
language sql immutable parallel safe as $$
    select case p_timing when 'early' then 'Sớm hạn' when 'on_time' then 'Đúng hạn' when 'late' then 'Quá hạn'
                         when 'open' then 'Trong hạn' else '' end
$$;

-- report.csv(value): a field of RFC 4180; what a spreadsheet would take for a formula begins with an apostrophe.
create function report.csv(p_value text) returns text
language sql immutable parallel safe as $$
    select case when v ~ '[",\r\n]' then '"' || replace(v, '"', '""') || '"' else v end
    from (select case when p_value ~ '^[=+@\t\r-]' then '''' || p_value else coalesce(p_value, '') end as v) x
$$;

-- report.csv_time(json time): 23/11/2026 08:05, in Vietnam.
create function report.csv_time(p_at text) returns text
language sql stable as $$
    select coalesce(to_char(p_at::timestamptz at time zone 'Asia/Ho_Chi_Minh', 'DD/MM/YYYY HH24:MI'), '')
$$;

-- report.csv_line(row of the register, number): one line of the export, ended by CR LF.
create function report.csv_line(r jsonb, p_number bigint) returns text
language sql stable as $$
    select array_to_string(array[p_number::text, report.csv(r ->> 'code'), report.csv(r #>> '{procedure,code}'),
        report.csv(r #>> '{procedure,name}'),
        case r ->> 'applicant_kind' when 'citizen' then 'Công dân' when 'enterprise' then 'Doanh nghiệp'
             when 'household' then 'Hộ gia đình' else report.csv(r ->> 'applicant_kind') end,
        report.csv(r #>> '{office,name}'), report.csv_time(r ->> 'received_at'), report.csv_time(r ->> 'accepted_at'),
        report.csv_time(r ->> 'due_at'), report.csv(r #>> '{status,name}'), report.csv_time(r ->> 'ended_at'),
        report.csv_time(r ->> 'given_at'), report.csv_time(r ->> 'returned_at'),
        case r ->> 'result_to' when 'address' then 'Tại địa chỉ' when 'post_office' then 'Tại bưu cục'
             when 'agency' then 'Tại cơ quan' when 'online' then 'Trực tuyến' else '' end,
        report.timing_vi(r ->> 'timing'), r ->> 'supplements', report.csv_time(r ->> 'apologised_at'),
        r #>> '{days,agency}', r #>> '{days,post}', r #>> '{days,waiting}',
        report.timing_vi((select case when bool_or(x ->> 'timing' = 'late') then 'late'
                                      when bool_or(x ->> 'timing' = 'open') then 'open'
                                      when bool_or(x ->> 'timing' = 'on_time') then 'on_time'
                                      else max(x ->> 'timing') end
                          from jsonb_array_elements(r -> 'post') x))], ',', '') || E'\r\n'
$$;

-- report.register_lines(actor, unit, roles, args): a page of it as lines, and where the next begins (null:
-- this was the last). Numbered on through the pages by args.number, which next carries behind its point.
create function report.register_lines(p_actor bigint, p_unit bigint, p_roles int, args jsonb)
returns table (lines text, next text)
language plpgsql stable as $$
declare
    v_next text := args ->> 'next';
    v_number bigint := coalesce(nullif(split_part(v_next, '/', 2), '')::bigint, 0);
    v_page jsonb;
begin
    v_page := report.register(p_actor, p_unit, p_roles, case when v_next is null then args
        else args || jsonb_build_object('next', split_part(v_next, '/', 1)) end);
    return query
        select coalesce((select string_agg(report.csv_line(x, v_number + n), '' order by n)
                         from jsonb_array_elements(v_page -> 'items') with ordinality as list (x, n)), ''),
               (v_page ->> 'next') || '/' || (v_number + jsonb_array_length(v_page -> 'items'));
end $$;
