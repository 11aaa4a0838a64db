-- One dossier through intake, every exit, its clock, tracking and erasure.
create function pg_temp.account(p_login text) returns account.account
language sql as $$ select * from account.account where login = p_login $$;

-- The body of an intake as the program passes it, with some members replaced.
create function pg_temp.body(change jsonb default '{}') returns jsonb
language sql volatile as $$
    select jsonb_build_object('id', base.uuid_v7(), 'procedure', '1.004873', 'agency', '46-A1',
        'service', 'both', 'applicant_kind', 'citizen', 'from_commune', '19777',
        'documents', jsonb_build_array(
            jsonb_build_object('name', 'Tờ khai cấp Giấy xác nhận tình trạng hôn nhân',
                               'originals', 1, 'copies', 0),
            jsonb_build_object('name', 'Giấy tờ chứng minh nơi cư trú',
                               'originals', 0, 'copies', 1)),
        'weight_g', 80, 'result_to_kind', 'address', 'result_commune', '19777') || change
$$;

create function pg_temp.intake(change jsonb default '{}', digest text default 'same')
returns jsonb language sql volatile as $$
    select dossier.intake(c.id, c.unit_id, c.roles, pg_temp.body(change), '\x01', '\x02', '\x03',
                          '\x04', digest::bytea)
    from pg_temp.account('clerk') c
$$;

create function pg_temp.act(p_login text, p_key text, p_action text, body jsonb default '{}',
                            if_match int default null) returns jsonb
language sql volatile as $$
    select dossier.act(a.id, a.unit_id, a.roles, p_key, p_action, body, if_match)
    from pg_temp.account(p_login) a
$$;

-- What tracking tells of a number, as it is made anew.
create function pg_temp.track(p_key text) returns jsonb
language sql volatile as $$ select a.view::jsonb from dossier.look(p_key) a $$;

-- The slug and detail of the problem that a statement raises; null when it raises none.
create function pg_temp.problem(statement text, out slug text, out detail jsonb)
language plpgsql as $$
declare
    text_of_detail text;
begin
    execute statement;
exception when sqlstate 'DP001' then
    get stacked diagnostics slug = message_text, text_of_detail = pg_exception_detail;
    detail := text_of_detail::jsonb;
end $$;

create function pg_temp.count_all() returns text language sql volatile as $$
    select concat_ws(' ', (select count(*) from dossier.dossier), (select count(*) from dossier.personal),
        (select count(*) from dossier.document), (select count(*) from money.charge),
        (select count(*) from custody.shipment), (select count(*) from custody.event),
        (select sum(last) from dossier.code_counter), (select sum(next) from postal.s10_block))
$$;

-- --- intake --------------------------------------------------------------------------------------
do $$
declare
    view jsonb := pg_temp.intake();
    again jsonb;
    code text := view ->> 'code';
    before text;
    wrong record;
begin
    assert code ~ ('^000\.00\.[0-9]{2}\.H57-' || to_char(base.vn_date(now()), 'YYMMDD') || '-0001$')
        or code ~ ('-' || to_char(base.vn_date(now()), 'YYMMDD') || '-0001$'), code;
    assert view #>> '{status,code}' = '1' and view #>> '{status,name}' = 'Mới đăng ký';
    assert jsonb_array_length(view -> 'shipments') = 1;
    assert view #>> '{shipments,0,leg}' = 'outward' and view #>> '{shipments,0,state}' = 'created';
    assert postal.s10_valid(view #>> '{shipments,0,number}');
    assert view #>> '{shipments,0,holder,kind}' = 'place'
       and view #>> '{shipments,0,holder,id}' = '46-B1', view #> '{shipments,0,holder}';
    assert view ->> 'tracking_url' = '/t/' || (view #>> '{shipments,0,number}');
    assert view -> 'warnings' = '[]', view -> 'warnings';
    assert view ->> 'total' = (select sum(amount)::text from money.charge
                               where dossier = (view ->> 'id')::uuid);
    assert view -> 'charges' @> '[{"ledger": "agency_fee", "amount": 15000}]';
    assert view -> 'charges' @> '[{"ledger": "postage_out"}, {"ledger": "postage_return"}]';
    assert view::text !~ '\\x', 'nothing sealed in a view';
    assert (select data::text !~ '19777' and data ->> 'procedure' = '1.004873' from custody.event
            where subject = view ->> 'id' and kind = 'dossier.register'), 'an address in an event';

    -- The same id and content: the same reply; other content: refused; nothing is added.
    before := pg_temp.count_all();
    again := dossier.intake(c.id, c.unit_id, c.roles,
                 pg_temp.body(jsonb_build_object('id', view ->> 'id')), '\x01', '\x02', '\x03',
                 '\x04', 'same') from pg_temp.account('clerk') c;
    assert again = view;
    assert (pg_temp.problem(format('select pg_temp.intake(%L, %L)',
        jsonb_build_object('id', view ->> 'id'), 'other'))).slug = 'id-reused';

    -- Everything wrong is named and changes nothing.
    for wrong in values
        ('{"procedure": "9.999999"}'::jsonb, 'unknown-procedure'),
        ('{"procedure": "1.000894"}', 'procedure-not-by-post'),
        ('{"procedure": "1.003003"}', 'procedure-not-by-post'),
        ('{"procedure": "2.000488"}', 'agency-not-competent'),
        ('{"agency": "46-B1"}', 'agency-not-competent'),
        ('{"agency": "99-X"}', 'unknown-unit'),
        ('{"from_commune": "99999"}', 'unknown-commune'),
        ('{"result_commune": "99999"}', 'unknown-commune'),
        ('{"service": "send"}', 'invalid-fields'),
        ('{"result_to_kind": "online"}', 'invalid-fields'),
        ('{"result_to_kind": "post_office"}', 'invalid-fields'),
        ('{"documents": [{"name": "A", "originals": 0, "copies": 0}]}', 'invalid-fields'),
        ('{"documents": [{"name": "Á", "originals": 1, "copies": 0},
                         {"name": "a", "originals": 1, "copies": 0}]}', 'invalid-fields') loop
        assert (pg_temp.problem(format('select pg_temp.intake(%L)', wrong.column1))).slug
               = wrong.column2, wrong;
    end loop;
    assert (pg_temp.problem(format('select pg_temp.intake(%L)', '{"procedure": "1.000894"}'))).detail
           ->> 'detail_vi' = 'Hai bên phải có mặt khi đăng ký';
    assert pg_temp.count_all() = before, 'a refused intake left something behind';

    -- What the checklist misses is a warning; the code counts on; paid in cash.
    view := pg_temp.intake('{"documents": [{"name": "Đơn", "originals": 1, "copies": 0}],
                             "paid": true}');
    assert view ->> 'code' like '%-0002';
    assert jsonb_array_length(view -> 'warnings') = 2;
    assert not exists (select from money.charge where dossier = (view ->> 'id')::uuid
                       and paid_at is null);

    -- A local code falls back to the national procedure. Nothing goes out for `receive`.
    view := pg_temp.intake('{"procedure": "1.004873.H57", "service": "receive",
                             "result_to_kind": "post_office", "result_unit": "46-B3"}');
    assert view -> 'shipments' = '[]' and view ->> 'tracking_url' = '/t/' || (view ->> 'code');
    assert (pg_temp.track(view ->> 'code')) #>> '{stage,code}' = 'direct';
end $$;

-- --- the table of transitions --------------------------------------------------------------------
do $$
declare
    wanted constant jsonb := '{"1": [2,3,5,7], "2": [4], "3": [], "4": [5,6,7,8,9], "5": [2,4,7,8],
        "6": [4,7,8], "7": [8], "8": [], "9": [10], "10": [9]}';
    s record;
begin
    for s in select code, name, ends from dossier.status loop
        assert wanted -> s.code::text = (
            select coalesce(jsonb_agg(distinct to_status order by to_status)
                            filter (where to_status <> from_status), '[]')
            from dossier.transition where from_status = s.code), s;
    end loop;
    assert (select to_status is null from dossier.transition where action = 'refuse_withdrawal');
    assert not exists (select from dossier.transition where reason = '' or reason_en = '');
    assert not exists (select from dossier.action a where not exists (
        select from dossier.transition t where t.action = a.action));
    -- Only proof of delivery or of a download, its taking back, what an agency's signature tells, and the
    -- end of what was grouped into another dossier are the system's own.
    assert (select array_agg(action order by action) from dossier.transition where roles = 0)
           = '{delivery_taken_back,download_result,forwarded,join_intake,result_back,result_returned,
               supplement_came}';
end $$;

-- --- the whole way -------------------------------------------------------------------------------
do $$
declare
    view jsonb := pg_temp.intake();
    code text := view ->> 'code';
    outward text := view #>> '{shipments,0,number}';
    d dossier.dossier;
    seen record;
    result text;
    track jsonb;
begin
    -- Not now: 409 with what is allowed; not yours: 403; foreign: as if it were not there.
    seen := pg_temp.problem(format('select pg_temp.act(%L, %L, %L)', 'officer', code, 'start'));
    assert seen.slug = 'action-not-allowed', seen;
    assert jsonb_path_query_array(seen.detail, '$.allowed[*].action')
           = '["accept", "reject", "ask_supplement", "request_withdrawal"]', seen;
    assert seen.detail #>> '{allowed,0,reason_vi}' <> '';
    seen := pg_temp.problem(format('select pg_temp.act(%L, %L, %L)', 'clerk', code, 'accept'));
    assert seen.slug = 'forbidden', seen;
    seen := pg_temp.problem(format('select pg_temp.act(%L, %L, %L)', 'officer2', code, 'accept'));
    assert seen.slug = 'not-found', seen;
    seen := pg_temp.problem(format('select pg_temp.act(%L, %L, %L, %L, 99)', 'officer', code,
                                   'accept', '{}'));
    assert seen.slug = 'precondition-failed', seen;
    seen := pg_temp.problem(format('select pg_temp.act(%L, %L, %L)', 'officer', code, 'reject'));
    assert seen.slug = 'invalid-fields' and seen.detail #>> '{errors,0,pointer}' = '/reason', seen;

    perform dossier.filed(base.uuid_v7(), array[outward], '2026-02-13 09:00+07');
    view := pg_temp.act('officer', outward, 'accept', '{}', (view ->> 'version')::int + 1);
    assert view #>> '{status,status}' = 'accepted';
    assert (view ->> 'filed_at')::timestamptz = '2026-02-13 09:00+07';
    -- Three working days from Friday 13 February over Tết.
    assert (view ->> 'due_at')::timestamptz = '2026-02-25 17:00+07', view ->> 'due_at';
    perform pg_temp.act('officer', code, 'start');
    view := pg_temp.act('officer', code, 'result_ready');
    assert view #>> '{status,code}' = '9' and view ->> 'clock' = 'ended';
    result := view #>> '{shipments,1,number}';
    assert view #>> '{shipments,1,leg}' = 'result' and view #>> '{shipments,1,holder,id}' = '46-A1';
    assert view #>> '{shipments,1,to,id}' = '46-B3', view #> '{shipments,1}';
    assert view -> 'allowed_actions' = '[]', view -> 'allowed_actions';
    seen := pg_temp.problem(format('select pg_temp.act(%L, %L, %L)', 'officer', code,
                                   'return_result'));
    assert seen.slug = 'action-not-allowed'
       and seen.detail ->> 'detail_vi' like 'Kết quả đang gửi qua bưu chính%', seen;

    perform dossier.delivered(array[outward], now());
    assert (select status from dossier.dossier x where x.code = view ->> 'code') = 9;
    perform dossier.delivered(array[result], now());
    perform dossier.delivered(array[result], now());
    select * into d from dossier.dossier x where x.code = view ->> 'code';
    assert d.status = 10 and d.ended_at is not null;

    track := pg_temp.track(lower(overlay(result placing ' ' from 3 for 0)));
    assert track ->> 'code' = code and track #>> '{stage,code}' = 'done';
    assert track #>> '{timeline,0,vi}' = 'Hồ sơ hoàn thành';
    assert track::text !~* 'hôn nhân|1.004873|19777', 'tracking names the procedure or a place of the applicant';
    assert pg_temp.track(outward) = track and pg_temp.track(code) = track;
    assert pg_temp.track('RR000000000VN') is null and pg_temp.track('') is null
       and pg_temp.track(d.id::text) is null and pg_temp.track(repeat('x', 5000)) is null;

    perform dossier.undelivered(array[result], now());
    assert (select status from dossier.dossier x where x.id = d.id) = 9;
end $$;

-- --- the clock -----------------------------------------------------------------------------------
do $$
declare
    example record;
    view jsonb;
    code text;
    d dossier.dossier;
begin
    -- One working day (MODEL's examples), filed first and accepted later.
    for example in values ('2026-02-13'::date, '2026-02-23'::date), ('2026-01-09', '2026-01-10'),
                          ('2026-04-24', '2026-04-28'), ('2026-08-28', '2026-09-03') loop
        view := pg_temp.intake('{"procedure": "2.000635"}');
        perform dossier.filed(base.uuid_v7(), array[view #>> '{shipments,0,number}'],
                              (example.column1 + time '09:00') at time zone 'Asia/Ho_Chi_Minh');
        view := pg_temp.act('officer', view ->> 'code', 'accept');
        assert (view ->> 'due_at')::timestamptz
             = (example.column2 + time '17:00') at time zone 'Asia/Ho_Chi_Minh', example;
    end loop;

    -- Accepted before the signed list was known: counted from the filing once it is.
    view := pg_temp.intake();
    code := view ->> 'code';
    view := pg_temp.act('officer', code, 'accept');
    assert (view ->> 'due_at')::timestamptz > now();
    perform dossier.filed(base.uuid_v7(), array[view #>> '{shipments,0,number}'],
                          '2026-04-24 10:00+07');
    select * into d from dossier.dossier x where x.code = view ->> 'code';
    assert d.due_at = '2026-05-04 17:00+07', d.due_at; -- 28, 29 April, then the holidays

    -- A pause over Tết of five working days moves a resumed date by five working days.
    assert dossier.resumed(d.agency, 'working_day', '2026-02-12 17:00+07', '2026-02-10 09:00+07',
                           '2026-02-24 09:00+07') = '2026-02-26 17:00+07';
    assert dossier.resumed(d.agency, 'working_day', '2026-03-12 17:00+07', '2026-03-10 09:00+07',
                           '2026-03-10 16:00+07') = '2026-03-12 17:00+07';
    assert dossier.resumed(d.agency, 'working_hour', '2026-03-10 16:00+07', '2026-03-10 10:00+07',
                           '2026-03-10 14:30+07') = '2026-03-11 09:00+07';

    -- After a supplement the clock restarts, or goes on where it stood, as the procedure says.
    for example in values ('1.004873', false), ('1.004222', true) loop
        view := pg_temp.intake(jsonb_build_object('procedure', example.column1));
        code := view ->> 'code';
        perform dossier.filed(base.uuid_v7(), array[view #>> '{shipments,0,number}'],
                              '2026-03-02 09:00+07');
        perform pg_temp.act('officer', code, 'accept');
        perform pg_temp.act('officer', code, 'start');
        select * into d from dossier.dossier x where x.code = view ->> 'code';
        perform pg_temp.act('officer', code, 'ask_supplement', '{"reason": "Thiếu"}');
        view := pg_temp.act('officer', code, 'supplement_received');
        assert ((view ->> 'due_at')::timestamptz = d.due_at) = example.column2, example;
        assert example.column2 or (view ->> 'due_at')::timestamptz = dossier.due_from(d, now());
    end loop;

    -- Supplement before acceptance: the dossier is accepted when it comes.
    view := pg_temp.intake();
    code := view ->> 'code';
    view := pg_temp.act('officer', code, 'ask_supplement', '{"reason": "Thiếu bản sao"}');
    assert view ->> 'clock' = 'paused' and (pg_temp.track(code) #>> '{stage,code}') = 'supplement';
    view := pg_temp.act('clerk', code, 'send_supplement', '{"weight_g": 20}');
    assert view #>> '{shipments,1,leg}' = 'supplement';
    view := pg_temp.act('officer', code, 'supplement_received');
    assert view #>> '{status,code}' = '2' and view ->> 'due_at' is not null;
    assert jsonb_array_length(view -> 'pauses') = 1 and view #>> '{pauses,0,ended}' is not null;

    -- A second one, a payment, a refused withdrawal; then stopped: originals go back.
    perform pg_temp.act('officer', code, 'start');
    perform pg_temp.act('officer', code, 'ask_supplement',
        '{"reason": "Còn thiếu", "again_reason": "Giấy tờ mới hết hạn"}');
    perform pg_temp.act('clerk', code, 'request_withdrawal', '{"reason": "Không cần nữa"}');
    view := pg_temp.act('officer', code, 'refuse_withdrawal', '{"reason": "Đã có dự thảo"}');
    assert view #>> '{status,code}' = '5' and view ->> 'clock' = 'paused' and view ->> 'supplements' = '2';
    view := pg_temp.act('officer', code, 'supplement_received');
    assert view #>> '{status,code}' = '4';
    view := pg_temp.act('officer', code, 'ask_payment', '{"amount": 500000}');
    assert view -> 'charges' @> '[{"ledger": "agency_fee", "amount": 500000}]';
    view := pg_temp.act('clerk', code, 'payment_received');
    assert not (view -> 'charges' @> '[{"amount": 500000}]' and exists (
        select from money.charge where dossier = (view ->> 'id')::uuid and ledger = 'agency_fee'
        and paid_at is null));

    -- An apology: once, later, on a working day, not on the last day.
    assert (pg_temp.problem(format('select pg_temp.act(%L, %L, %L, %L)', 'officer', code,
        'apologise', jsonb_build_object('reason', 'x', 'due_at', now())))).slug = 'invalid-fields';
    select * into d from dossier.dossier x where x.code = view ->> 'code';
    view := pg_temp.act('officer', code, 'apologise', jsonb_build_object('reason', 'Chờ xác minh',
        'due_at', postal.due_at(d.agency, d.due_at, 3, 'working_day')));
    assert (view ->> 'due_at')::timestamptz = postal.due_at(d.agency, d.due_at, 3, 'working_day');
    assert (pg_temp.problem(format('select pg_temp.act(%L, %L, %L, %L)', 'officer', code,
        'apologise', jsonb_build_object('reason', 'x', 'due_at', d.due_at + interval '20 days'))))
        .slug = 'action-not-allowed';
    view := pg_temp.act('officer', code, 'stop', '{"reason": "Không thể giải quyết"}');
    assert view #>> '{status,code}' = '8' and jsonb_array_length(view -> 'shipments') = 2,
        'no originals of a dossier that never came';

    view := pg_temp.intake('{"procedure": "1.012756", "agency": "46-A0", "documents":
        [{"name": "Giấy tờ về quyền sử dụng đất", "originals": 1, "copies": 0}]}');
    perform dossier.filed(base.uuid_v7(), array[view #>> '{shipments,0,number}'], now());
    select dossier.act(0, x.agency, 16, x.code, 'reject',
        '{"reason": "Sai thẩm quyền", "legal_basis": "Điều 12"}')
    into view from dossier.dossier x where x.code = view ->> 'code';
    assert view #>> '{shipments,1,leg}' = 'originals', view -> 'shipments';
end $$;

-- --- online result, lists, access, erasure, rebuild ----------------------------------------------
do $$
declare
    view jsonb := pg_temp.intake('{"service": "send", "result_to_kind": "online"}');
    code text := view ->> 'code';
    list jsonb;
    seen record;
    before int;
begin
    perform pg_temp.act('officer', code, 'accept');
    perform pg_temp.act('officer', code, 'start');
    view := pg_temp.act('officer', code, 'result_ready');
    assert jsonb_array_length(view -> 'shipments') = 1;
    assert view #>> '{allowed_actions,0,action}' = 'return_result';
    assert (pg_temp.track(code) #>> '{stage,code}') = 'result_online_soon';
    view := pg_temp.act('officer', code, 'return_result');
    assert view #>> '{status,code}' = '10';

    select g.*, count(*) over () as n into seen
    from pg_temp.account('clerk') a, dossier.get(code, a.id, a.unit_id, a.roles) g;
    assert seen.n = 1 and seen.sealed = '\x01' and seen.key = '\x02';
    assert exists (select from dossier.access where dossier = (view ->> 'id')::uuid and what = 'get');
    select count(*) into before from dossier.access;
    assert (pg_temp.problem(format('select dossier.get(%L, a.id, a.unit_id, a.roles)
        from pg_temp.account(%L) a', code, 'clerk2'))).slug = 'not-found';
    assert (select count(*) from dossier.access) = before;

    select dossier.list(a.id, a.unit_id, a.roles, '{"limit": 3}') into list
    from pg_temp.account('officer') a;
    assert jsonb_array_length(list -> 'items') = 3 and list ? 'next';
    select dossier.list(a.id, a.unit_id, a.roles,
                        jsonb_build_object('limit', 500, 'next', list -> 'next')) into list
    from pg_temp.account('officer') a;
    assert jsonb_array_length(list -> 'items') > 3 and not list ? 'next';
    assert (pg_temp.problem('select dossier.list(1, 1, 32, ''{"next": "x"}'')')).slug
           = 'invalid-fields';
    select dossier.list(a.id, a.unit_id, a.roles, jsonb_build_object('q', lower(code),
        'status', 10, 'agency', '46-A1', 'procedure', '1.004873')) into list
    from pg_temp.account('supervisor') a;
    assert jsonb_array_length(list -> 'items') = 1;
    select dossier.list(a.id, a.unit_id, a.roles, '{}') into list from pg_temp.account('officer2') a;
    assert list -> 'items' = '[]';
    -- A supervisor sees the own province, one without a unit every one.
    assert dossier.in_scope(d, 1, a.unit_id, a.roles) and dossier.in_scope(d, 1, 0, a.roles)
           and not dossier.in_scope(d, 1, a.unit_id, 4)
    from pg_temp.account('supervisor') a cross join dossier.dossier d
    where d.code = view ->> 'code';
    insert into postal.commune (code, province_code, name) values ('00001', '01', 'Phường thử');
    insert into postal.unit (id, code, kind, name, name_en, commune_code)
    values (900, '01-PP', 'province_post', 'Bưu điện thử', 'Test Post', '00001');
    assert not dossier.in_scope(d, 1, 900, 32) and dossier.in_scope(d, 1, 900, 64)
    from dossier.dossier d where d.code = view ->> 'code';
    assert dossier.list(1, 900, 32, '{}') -> 'items' = '[]';
    select dossier.events(code, a.id, a.unit_id, a.roles) into list from pg_temp.account('clerk') a;
    assert list #>> '{items,0,kind}' in ('dossier.register', 'create')
       and list #>> '{items,-1,kind}' = 'dossier.return_result';

    assert not exists (select from dossier.rebuild_differences()),
        (select string_agg(r::text, E'\n') from dossier.rebuild_differences() r);
    select count(*) into before from custody.event where subject = view ->> 'id';
    insert into custody.payload (subject, event, sealed, key, salt)
    select s.number, base.uuid_v7(), '\x01', '\x02', '\x03' from custody.shipment s
    where s.dossier = (view ->> 'id')::uuid;
    assert dossier.erase((view ->> 'id')::uuid);
    assert not exists (select from custody.payload where salt is not null);
    assert not dossier.erase((view ->> 'id')::uuid);
    assert exists (select from dossier.personal where dossier = (view ->> 'id')::uuid
                   and sealed is null and key is null and salt is null);
    assert (select count(*) from custody.event where subject = view ->> 'id') = before + 1;
    -- What a courier who was offline brings afterwards goes with the next call.
    insert into custody.payload (subject, event, sealed, key, salt)
    select s.number, base.uuid_v7(), '\x01', '\x02', '\x03' from custody.shipment s
    where s.dossier = (view ->> 'id')::uuid limit 1;
    assert dossier.erase((view ->> 'id')::uuid, 7);
    assert not exists (select from custody.payload p join custody.shipment s on s.number = p.subject
                       where s.dossier = (view ->> 'id')::uuid
                         and (p.sealed <> '' or p.key is not null or p.salt is not null));
    assert not dossier.erase((view ->> 'id')::uuid, 7);
    assert (select array_agg(actor order by xid, id) from custody.event
            where subject = view ->> 'id' and kind = 'dossier.erase') = '{0,7}';
    assert (select mac from custody.event where subject = view ->> 'id' and kind = 'dossier.register')
           = '\x04', 'the event keeps its HMAC';
    assert not exists (select from dossier.rebuild_differences());
    -- A kept column that differs from the events is found.
    update dossier.dossier set status = 4 where id = (view ->> 'id')::uuid;
    assert (select array_agg(what) from dossier.rebuild_differences()) = '{dossier.status}';
end $$;
