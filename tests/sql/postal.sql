-- Worked examples of the calendar, and the tariff against the published table.
do $$
declare
    hue constant bigint := postal.unit_by_code('46-A1');
    b1 constant bigint := postal.unit_by_code('46-B1');
    example record;
    found_text text;
begin
    -- One working day: Tết 2026, a worked Saturday, Hùng Kings' day on a Sunday, a swapped Monday.
    for example in values ('2026-02-13'::date, '2026-02-23'::date), ('2026-01-09', '2026-01-10'),
                          ('2026-04-24', '2026-04-28'), ('2026-08-28', '2026-09-03') loop
        assert postal.add_working_days(hue, example.column1, 1) = example.column2,
            format('%s: %s', example, postal.add_working_days(hue, example.column1, 1));
        assert postal.due_at(hue, example.column1 + time '09:00' at time zone 'Asia/Ho_Chi_Minh',
                             1, 'working_day')
             = (example.column2 + time '17:00') at time zone 'Asia/Ho_Chi_Minh';
    end loop;

    -- The day changes at midnight in Vietnam, not in Greenwich.
    assert postal.due_at(hue, '2026-03-02 23:59+07', 1, 'working_day') = '2026-03-03 17:00+07';
    assert postal.due_at(hue, '2026-03-03 00:00+07', 1, 'working_day') = '2026-03-04 17:00+07';

    -- Hours are office time: over lunch, over the evening, over the weekend, from before opening.
    assert postal.due_at(hue, '2026-03-02 10:30+07', 2, 'working_hour') = '2026-03-02 14:30+07';
    assert postal.due_at(hue, '2026-03-02 16:30+07', 1, 'working_hour') = '2026-03-03 08:00+07';
    assert postal.due_at(hue, '2026-03-06 16:30+07', 4, 'working_hour') = '2026-03-09 11:00+07';
    assert postal.due_at(hue, '2026-03-02 05:00+07', 4, 'working_hour') = '2026-03-02 11:30+07';
    assert postal.due_at(hue, '2026-03-02 12:00+07', 1, 'working_hour') = '2026-03-02 14:30+07';
    assert postal.due_at(hue, '2026-03-02 07:30+07', 15, 'working_hour') = '2026-03-03 17:00+07';
    assert postal.due_at(b1, '2026-03-02 07:30+07', 5, 'working_hour') = '2026-03-02 12:30+07';

    -- 15:00 at the post office's counter.
    assert postal.forwarded_on(b1, '2026-03-02 14:59:59+07') = '2026-03-02';
    assert postal.forwarded_on(b1, '2026-03-02 15:00+07') = '2026-03-03';
    assert postal.forwarded_on(b1, '2026-03-06 15:00+07') = '2026-03-09';
    assert postal.forwarded_on(b1, '2026-03-07 09:00+07') = '2026-03-09';
    assert postal.forwarded_on(b1, '2026-01-10 09:00+07') = '2026-01-10';

    -- A day off of one unit is nobody else's.
    insert into postal.calendar_day (day, unit_id, kind, name)
    values ('2026-03-03', hue, 'holiday', 'Sửa trụ sở'),
           ('2026-02-16', b1, 'swapped_working', 'Trực Tết');
    assert postal.add_working_days(hue, '2026-03-02', 1) = '2026-03-04';
    assert postal.add_working_days(b1, '2026-03-02', 1) = '2026-03-03';
    assert postal.add_working_days(b1, '2026-02-13', 1) = '2026-02-16';
    assert jsonb_array_length(postal.calendar('2026-01-01', '2026-12-31', null)) = 17;
    assert jsonb_array_length(postal.calendar('2026-01-01', '2026-12-31', hue)) = 18;

    -- Always onward, never on a day off, n days apart by counting.
    for example in
        select day::date as day, n from generate_series('2026-01-01'::date, '2027-03-01', '5 days') day,
            unnest('{1,2,7,20}'::int[]) n loop
        assert postal.is_working_day(null, postal.add_working_days(null, example.day, example.n));
        assert (select count(*) from generate_series(example.day + 1,
                    postal.add_working_days(null, example.day, example.n), '1 day') d
                where postal.is_working_day(null, d::date)) = example.n, example::text;
        assert postal.add_working_days(null, example.day, example.n)
             < postal.add_working_days(null, example.day, example.n + 1);
        assert postal.add_working_days(null, example.day, example.n)
            <= postal.add_working_days(null, example.day + 1, example.n);
        assert postal.due_at(null, example.day + time '08:15' at time zone 'Asia/Ho_Chi_Minh',
                             example.n, 'working_hour')
             < postal.due_at(null, example.day + time '08:15' at time zone 'Asia/Ho_Chi_Minh',
                             example.n + 1, 'working_hour');
        assert postal.is_working_day(null, base.vn_date(postal.due_at(null,
            example.day + time '16:59' at time zone 'Asia/Ho_Chi_Minh', example.n, 'working_hour')));
    end loop;

    -- The tariff at the ends of its steps.
    for example in values
        ('same_area', 'out', 1, 26000), ('same_area', 'out', 100, 26000),
        ('same_area', 'return', 101, 27000), ('same_area', 'return', 500, 28500),
        ('same_province', 'out', 250, 30000), ('same_province', 'return', 251, 32500),
        ('same_region', 'out', 100, 30500), ('adjacent_regions', 'return', 250, 35000),
        ('far_regions', 'out', 500, 51000), ('far_regions', 'out', 501, 60700),
        ('far_regions', 'out', 1000, 60700), ('far_regions', 'return', 1001, 72400),
        ('same_area', 'out', 2000, 33100) loop
        assert postal.postage(example.column1, example.column2, example.column3, '2026-06-01')
             = example.column4, format('%s: %s', example,
             postal.postage(example.column1, example.column2, example.column3, '2026-06-01'));
    end loop;
    assert postal.postage('same_area', 'out', 100, '2016-12-31') is null;

    -- Zones and transit targets.
    assert postal.zone_between('19789', '19789') = 'same_area';
    assert postal.zone_between('19789', '19777') = 'same_area';
    assert postal.zone_between('19789', '20107') = 'same_province';
    perform postal.put_communes('[
        {"province_code": "01", "commune_code": "00004", "commune_name": "Phường Ba Đình"},
        {"province_code": "79", "commune_code": "26734", "commune_name": "Phường Sài Gòn"},
        {"province_code": "44", "commune_code": "19333", "commune_name": "Phường Đông Hà"}]');
    assert postal.zone_between('19789', '00004') = 'adjacent_regions';
    assert postal.zone_between('26734', '00004') = 'far_regions';
    assert postal.zone_between('19789', '19333') = 'same_region';
    assert postal.transit_days('19789', '19777', false) = 1;
    assert postal.transit_days('19789', '20107', false) = 2;
    assert postal.transit_days('19789', '00004', false) = 3;
    assert postal.transit_days('19789', '19333', true) = 8;

    begin
        perform postal.zone_between('19789', '99999');
        assert false, 'an unknown commune has no zone';
    exception when sqlstate 'DP001' then
        get stacked diagnostics found_text = message_text;
        assert found_text = 'unknown-commune';
    end;

    -- A quote.
    assert (postal.quote('1.004873', '19789', hue, 80, 'both') ->> 'total')::int
         = 15000 + 26000 + 26000;
    assert jsonb_array_length(postal.quote('1.001193', '19789', hue, 80, 'send') -> 'lines') = 1;
    begin
        perform postal.quote('1.000894', '19789', hue, 80, 'both');
        assert false, 'a marriage is not registered by post';
    exception when sqlstate 'DP001' then
        get stacked diagnostics found_text = pg_exception_detail;
        assert found_text::jsonb ->> 'detail_vi' = 'Hai bên phải có mặt khi đăng ký';
    end;

    -- Units: without diacritics, nearest first, hubs for staff only.
    assert jsonb_array_length(postal.units('agency', null, null, false, 100)) = 9;
    assert postal.units('post_office', null, '20044', false, 100) -> 0 ->> 'code' = '46-B9';
    assert postal.units(null, 'thuan hoa', null, false, 100) @> '[{"code": "46-A1"}]';
    assert not postal.units(null, null, null, false, 100) @> '[{"kind": "hub"}]';
    assert postal.units('hub', null, null, true, 100) -> 0 ->> 'parent' = '46-PP';
    assert postal.communes('thuy xuan', null, 10) -> 0 ->> 'code' = '19813';
    assert jsonb_array_length(postal.communes(null, '46', 100)) = 40;
    assert jsonb_array_length(postal.communes('100%', null, 100)) = 0;
end $$;

-- Provinces: all 34, and no postcode begins in two of them.
do $$
declare
    twice text;
begin
    assert (select count(*) from postal.province where valid_to is null) = 34;
    select string_agg(prefix || ' ' || names, '; ') into twice
    from (select prefix, string_agg(p.name, ', ') as names
          from postal.province p cross join unnest(p.postcode_prefixes) as prefix
          group by prefix having count(*) > 1) shared;
    assert twice is null, twice;
    assert not exists (select from postal.province p cross join unnest(p.postcode_prefixes) as prefix
                       where prefix !~ '^[0-9]{2}$');
    assert (select postcode_prefixes from postal.province where code = '68') = '{65,66,77}';
    assert (select postcode_prefixes from postal.province where code = '75') = '{67,76}';
end $$;
