-- What the papers say that are not of a dossier: {about, barcode?, facts}, see 0019a. Nothing personal
-- is on them, and nothing of the procedure: bags and lists lie about.

-- paper.told_by(detail): what of an exception's detail a reader understands, as a sentence; null:
-- nothing.
create function paper.told_by(p_detail jsonb) returns text
language sql immutable as $$
    select string_agg(w.word || ': ' || case d.value when 'missing' then 'thiếu'
               when 'surplus' then 'thừa' when 'damaged' then 'hư hỏng' when 'refused' then 'từ chối'
               when 'present' then 'đủ' else d.value end, '; ' order by w.pos)
    from jsonb_each_text(case when jsonb_typeof(p_detail) = 'object' then p_detail else '{}' end) d
    join (values ('finding', 1, 'Kiểm nhận'), ('originals', 2, 'bản chính'), ('copies', 3, 'bản sao'),
                 ('container', 4, 'túi')) as w (key, pos, word) using (key)
    where length(d.value) <= 60
$$;

-- paper.irregularity(thing): what was found odd of a shipment or bag, who found it where, what was
-- decided. Reads custody.*.
create function paper.irregularity(t paper.thing) returns jsonb
language plpgsql stable as $$
begin
    return (
        select jsonb_build_object('about', t.subject,
            'facts', jsonb_strip_nulls(jsonb_build_object(
                'subject', jsonb_build_object('code', x.subject),
                'dossier', i ->> 'dossier',
                'what', i ->> 'text',
                'detail', paper.told_by(x.detail),
                'step', i ->> 'kind_name',
                'at', paper.time((i ->> 'at')::timestamptz),
                'where', concat_ws(', ', u.name, nullif(u.address, '')),
                'found_by', i ->> 'actor',
                'opened_at', paper.time(x.opened_at),
                'state', (select s.name_vi from custody.standing_of(x.subject) w
                          join custody.state s on s.code = w.state
                               and s.what = case when length(x.subject) = 13 then 's' else 'c' end),
                'holder', (select custody.holder_json(w.holder_kind, w.holder_id) ->> 'name'
                           from custody.standing_of(x.subject) w),
                'remark', i ->> 'remark',
                'decision', coalesce(i ->> 'decision_name', 'Chưa xử lý'),
                'decided', concat_ws(', ', i ->> 'resolved_by', to_char(x.resolved_at
                               at time zone 'Asia/Ho_Chi_Minh', 'HH24:MI DD/MM/YYYY')),
                'note', i ->> 'note')))
            || case when length(x.subject) = 13 then jsonb_build_object('track', x.subject,
                                                                       'barcode', x.subject)
                    else '{}' end
        from custody.exception x
        join custody.exceptions_of(array[x.id], now()) e (id, item) on true
        cross join lateral (select e.item as i) j
        left join postal.unit u on u.id = x.unit
        where x.id::text = t.subject);
end $$;

-- paper.bag_list(thing): what lies in a bag, or lay in it when it was sealed last: rows: [{no, code, leg?,
-- to?, weight?}], sums, seal?, destination, despatch?. Reads container.*, custody.shipment.
create function paper.bag_list(t paper.thing) returns jsonb
language plpgsql stable as $$
declare
    c container.container;
    k container.closure := container.last_closure(t.subject);
begin
    select * into strict c from container.container x where x.id = t.subject;
    return (
        with rows as (
            select m.subject, s.leg, s.weight_g, u.name as goes_to,
                   row_number() over (order by m.began_at, m.subject) as n
            from container.membership m
            left join custody.shipment s on s.number = m.subject
            left join postal.unit u on u.id = s.to_unit
            where m.closure = k.id and m.ended_at is null)
        select jsonb_build_object('about', c.id, 'barcode', c.id, 'facts',
            jsonb_strip_nulls(jsonb_build_object('id', jsonb_build_object('code', c.id),
                'origin', o.name || ' (' || o.code || ')',
                'destination', g.name || ' (' || g.code || ')',
                'seal', k.seal, 'made_at', paper.time(c.created_at),
                'sealed_at', paper.time(k.sealed_at),
                'despatch', lpad(d.number::text, 4, '0') || '/' || d.year,
                'weight', case when (container.weighed(c.id) ->> 'at')::timestamptz >= k.begun_at
                    then jsonb_build_object('weight', (container.weighed(c.id) ->> 'weight_g')::int)
                    end,
                'rows', (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('no', r.n,
                    'code', jsonb_build_object('code', r.subject),
                    'leg', case r.leg when 'outward' then 'Gửi cơ quan' when 'supplement' then 'Bổ sung'
                        when 'inter_agency' then 'Liên cơ quan' when 'result' then 'Trả kết quả'
                        when 'originals' then 'Trả bản chính' when 'back_to_agency'
                        then 'Chuyển hoàn' else 'Túi' end,
                    'to', r.goes_to,
                    'weight', case when r.weight_g is not null
                                   then jsonb_build_object('weight', r.weight_g) end)) order by r.n),
                    '[]') from rows r),
                'sums', (select 'Cộng: ' || count(*) || ' bưu gửi.' from rows))))
        from postal.unit o
        left join postal.unit g on g.id = c.destination
        left join container.despatch d on d.id = c.despatch
        where o.id = c.origin);
end $$;

-- paper.despatch_list(thing): the bags of a despatch: rows: [{no, code, seal?, items, weight?, state,
-- highest?}], sums. Reads container.*. Problem invalid-fields: more than 999, which no despatch has.
create function paper.despatch_list(t paper.thing) returns jsonb
language plpgsql stable as $$
declare
    told jsonb := container.despatch_get(t.subject, null, 1000);
begin
    return jsonb_build_object('about', t.subject, 'facts', jsonb_strip_nulls(jsonb_build_object(
        'id', t.subject, 'despatch', lpad(told ->> 'number', 4, '0') || '/' || (told ->> 'year'),
        'origin', (told ->> 'origin_name') || ' (' || (told ->> 'origin') || ')',
        'destination', (told ->> 'destination_name') || ' (' || (told ->> 'destination') || ')',
        'day', jsonb_build_object('day', told ->> 'day'),
        'closed_at', paper.time((told ->> 'closed_at')::timestamptz), 'trip', told ->> 'trip',
        'sums', 'Cộng: ' || (told ->> 'receptacles') || ' túi có bưu gửi, '
                || (told ->> 'items') || ' bưu gửi.',
        'rows', (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('no', n,
                     'code', jsonb_build_object('code', r ->> 'id'), 'seal', r ->> 'seal',
                     'items', r -> 'items', 'state', r ->> 'state_vi',
                     'weight', case when r ? 'weight_g'
                                    then jsonb_build_object('weight', r -> 'weight_g') end,
                     'highest', case when r ? 'highest' then 'Túi cuối' end)) order by n), '[]')
                 from jsonb_array_elements(told -> 'list') with ordinality as l (r, n)))));
end $$;
