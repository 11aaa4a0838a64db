-- The facts of the papers that are not of one step: of payments and claims, of the dossier as it is, over events.

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

-- paper.spoken_money(amount): "Hai mươi sáu nghìn đồng."
create function paper.spoken_money(p_amount bigint) returns text
language sql immutable as $$
    select upper(left(w, 1)) || substr(w, 2) || ' đồng.' from paper.spoken(p_amount) w
$$;

-- paper.fee_receipt(thing): one payment: paid_at, rows: [{no, name, kind, amount}], total, spoken, taker.
-- Reads money.payment.
create function paper.fee_receipt(t paper.thing) returns jsonb
language plpgsql stable as $$
begin
    return (
        select paper.dossier(t, jsonb_build_object('paid_at', paper.time(p.at),
            'taker', paper.person(p.taker), 'rows', l.rows, 'total', paper.money(l.total),
            'spoken', paper.spoken_money(l.total)))
        from money.payment p
        cross join lateral (
            select sum((line ->> 'amount')::bigint)::bigint as total,
                   jsonb_agg(jsonb_build_object('no', n, 'name', line -> 'name',
                       'kind', case line ->> 'ledger' when 'agency_fee' then 'Phí, lệ phí của cơ quan'
                           when 'postage_out' then 'Cước chiều gửi'
                           when 'postage_return' then 'Cước chiều trả' else 'Dịch vụ cộng thêm' end,
                       'amount', paper.money((line ->> 'amount')::bigint)) order by n) as rows
            from jsonb_array_elements(p.lines) with ordinality as list (line, n)) l
        where p.dossier = t.dossier and p.id::text = t.occasion);
end $$;

-- paper.leg(leg): which way a shipment goes, in a few words.
create function paper.leg(p_leg text) returns text
language sql immutable as $$
    select case p_leg when 'outward' then 'Gửi hồ sơ đến cơ quan' when 'supplement' then 'Gửi giấy tờ bổ sung'
               when 'inter_agency' then 'Chuyển giữa các cơ quan' when 'result' then 'Trả kết quả'
               when 'originals' then 'Trả bản chính' else 'Chuyển hoàn về cơ quan' end
$$;

-- paper.compensation(thing): the claim for a shipment and what was paid: shipment, leg, cause,
-- claimed_at, said?, found, charge, unpaid?, times, before?, least, amount, refund, spoken, answer?. Reads
-- custody.event, custody.remark, money.liability.
create function paper.compensation(t paper.thing) returns jsonb
language plpgsql stable as $$
begin
    return (
        select paper.dossier(t, jsonb_strip_nulls(jsonb_build_object(
            'shipment', jsonb_build_object('code', e.data ->> 'number'),
            'leg', (select paper.leg(s.leg) from custody.shipment s where s.number = e.data ->> 'number'),
            'cause', l.name, 'claimed_at', paper.time(q.at),
            'said', (select coalesce(r.text, '(nội dung đã xoá)') from custody.remark r
                     where r.subject = t.subject and r.event = q.id),
            'found', case when (b ->> 'borne_out')::boolean then 'Dữ liệu của bưu chính xác nhận.'
                          else 'Theo căn cứ của người giải quyết.' end,
            'charge', paper.money((b ->> 'charge')::bigint),
            'unpaid', paper.money(nullif((b ->> 'unpaid')::bigint, 0)),
            'times', b ->> 'times' || ' lần cước, gồm cả phần hoàn cước',
            'before', paper.money(nullif((b ->> 'before')::bigint, 0)),
            'least', paper.money((b ->> 'least')::bigint),
            'amount', paper.money((e.data ->> 'amount')::bigint),
            'refund', paper.money((e.data ->> 'refund')::bigint),
            'spoken', paper.spoken_money((e.data ->> 'amount')::bigint),
            'answer', paper.remark(t))))
        from paper.event(t) e
        join custody.event q on q.subject = e.subject and q.id = (e.data ->> 'claim')::uuid
        join money.liability l on l.cause = e.data ->> 'cause'
        cross join lateral (select e.data -> 'basis' as b) x);
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

-- paper.hop(line of report.hops): {no, at, step, giver, taker, timely?, note?}.
create function paper.hop(h jsonb) returns jsonb
language sql immutable as $$
    select jsonb_strip_nulls(jsonb_build_object('no', h -> 'n',
        'at', jsonb_build_object('time', h -> 'at'), 'step', h ->> 'name',
        'giver', h #>> '{giver,name}', 'taker', h #>> '{receiver,name}',
        'timely', nullif(report.timing_vi(h ->> 'timing'), ''),
        'note', concat_ws('; ', h ->> 'number', h ->> 'note')))
$$;

-- paper.control_sheet(thing): report.control_sheet() on paper: hops, received_at, due_at, span, state,
-- timely.
create function paper.control_sheet(t paper.thing) returns jsonb
language plpgsql stable as $$
begin
    return (
        select paper.dossier(t, jsonb_strip_nulls(jsonb_build_object(
            'hops', (select coalesce(jsonb_agg(paper.hop(h) order by n), '[]')
                     from jsonb_array_elements(told -> 'hops') with ordinality as l (h, n)),
            'received_at', paper.time(coalesce(d.filed_at, d.accepted_at)),
            'due_at', paper.time(d.due_at), 'span', paper.span(d.procedure, d.procedure_version),
            'state', told #>> '{status,name}',
            'timely', nullif(report.timing_vi(told ->> 'timing'), ''))))
        from dossier.dossier d cross join lateral report.control_sheet(d.id) told
        where d.id = t.dossier);
end $$;

-- paper.register_query(thing, after, most): SQL that gives the dossiers of a register in its order behind a cursor,
-- {d, at}, so many at most: those that an agency received on these days (report.register_where), those that a
-- post office took in.
create function paper.register_query(t paper.thing, p_after text, p_most int) returns text
language plpgsql stable as $$
declare
    v_from text := split_part(t.occasion, '/', 1);
    v_to text := split_part(t.occasion, '/', 2);
    v_agency boolean := (select kind = 'agency' from postal.unit where id = t.unit);
    v_at text := case when v_agency then 'coalesce(d.filed_at, d.accepted_at)' else 'd.created_at' end;
begin
    return format('select d, %s as at from dossier.dossier d where %s and d.cancelled_at is null', v_at,
        case when v_agency then report.register_where(t.unit, jsonb_build_object('from', v_from, 'to', v_to))
             else format('d.office = %s and d.created_at >= (%L::date)::timestamp at time zone ''Asia/Ho_Chi_Minh'' '
                 'and d.created_at < (%L::date + 1)::timestamp at time zone ''Asia/Ho_Chi_Minh''',
                 t.unit, v_from, v_to) end)
        || case when p_after is null then '' else format(' and (%s, d.id) > (%s)', v_at, dossier.cursor_after(p_after)) end
        || format(' order by %s, d.id limit %s', v_at, p_most);
end $$;

-- paper.register_fits(thing): problem invalid-fields: more than 5,000.
create function paper.register_fits(t paper.thing) returns void
language plpgsql stable as $$
declare
    v_count int;
begin
    execute format('select count(*) from (%s) x', paper.register_query(t, null, 5001)) into v_count;
    if v_count > 5000 then
        perform base.wrong_field('/to', 'too_big', 'Hơn 5.000 hồ sơ: hãy chọn ít ngày hơn.',
                                 'More than 5,000 dossiers: take fewer days.');
    end if;
end $$;

-- paper.register_row(dossier, its line, n): a line of it: {no, code, procedure, who: {name, contact}, received, due?,
-- ended?, timely?, result, note}; who is at place n - 1 of the people.
create function paper.register_row(d dossier.dossier, r jsonb, p_n bigint) returns jsonb
language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object('no', p_n, 'code', d.code,
        'procedure', r #>> '{procedure,name}',
        'who', jsonb_build_object(
            'name', jsonb_build_object('personal', 'applicant.name', 'of', p_n - 1),
            'contact', jsonb_strip_nulls(jsonb_build_object('personal', 'applicant.address',
                'of', p_n - 1, 'place', label.commune_place(d.from_commune),
                'with', 'applicant.phone'))),
        'received', paper.day(coalesce(d.filed_at, d.accepted_at, d.created_at)),
        'due', paper.day(d.due_at), 'ended', paper.day(d.ended_at),
        'timely', nullif(report.timing_vi(r ->> 'timing'), ''),
        'result', paper.result_to(d) ->> 'how', 'note', r #>> '{status,name}'))
$$;

-- paper.register(thing): a page of the register of a unit on the days of its occasion, 100 at most: from, to,
-- rows (of paper.register_row); with the last one sums, none. after, and next: the cursor, behind it how many
-- there were before, ended, and late. Problem invalid-fields: more than 5,000. Reads dossier.dossier.
create function paper.register(t paper.thing) returns jsonb
language plpgsql stable as $$
declare
    v_after text := nullif(split_part(t.after, '/', 1), '');
    v_before int[] := case when t.after is null then '{0,0,0}'
                           else (string_to_array(t.after, '/'))[2:4]::int[] end;
    v_rows jsonb;
    v_ids jsonb;
    v_now int[];
    v_last text;
begin
    if t.after is null then
        perform paper.register_fits(t);
    end if;
    execute format('with page as materialized (
            select x.d, x.at, row_number() over (order by x.at, (x.d).id) as n from (%s) x),
        told as materialized (select p.*, report.row(p.d, now()) as r from page p where p.n <= 100)
        select jsonb_agg(paper.register_row(d, r, n + $1) order by n), jsonb_agg((d).id order by n),
               array[count(*), count(*) filter (where (d).ended_at is not null),
                     count(*) filter (where r ->> ''timing'' = ''late'')]::int[],
               (select to_hex((extract(epoch from p.at) * 1000000)::bigint) || ''.'' || replace((p.d).id::text, ''-'', '''')
                from page p where p.n = 100 and exists (select from page where n = 101))
        from told', paper.register_query(t, v_after, 101))
    using v_before[1] into v_rows, v_ids, v_now, v_last;
    v_now := array(select v_now[i] + v_before[i] from generate_series(1, 3) i);
    return jsonb_build_object('about', t.subject, 'dossiers', coalesce(v_ids, '[]'),
        'next', v_last || '/' || array_to_string(v_now, '/'),
        'facts', jsonb_strip_nulls(jsonb_build_object(
            'from', jsonb_build_object('day', split_part(t.occasion, '/', 1)),
            'to', jsonb_build_object('day', split_part(t.occasion, '/', 2)), 'rows', coalesce(v_rows, '[]'),
            'sums', case when v_last is null then format('Cộng: %s hồ sơ; %s đã giải quyết, %s đang giải quyết, '
                '%s quá hạn.', v_now[1], v_now[2], v_now[1] - v_now[2], v_now[3]) end,
            'none', case when v_now[1] = 0 then 'Không có hồ sơ nào trong những ngày này.' end)));
end $$;
