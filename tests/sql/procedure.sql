-- Versions, local codes, search.
do $$
declare
    body jsonb := (select p.body from procedure.find('1.004873') p);
    slug text;
begin
    assert (select count(*) from procedure.in_effect) = 13;
    assert procedure.put(body) = 0, 'an unchanged entry is no new version';
    assert procedure.put(jsonb_set(body, '{time,value}', '5')) = 2;
    assert procedure.get('1.004873') @> '{"version": 2, "time": {"value": 5}}';
    assert (select count(*) from procedure.procedure where code = '1.004873') = 2;
    assert (select count(*) from procedure.in_effect where code = '1.004873') = 1;

    assert procedure.get('1.004873.H57') @> '{"code": "1.004873"}', 'the national entry serves';
    assert procedure.put(body || '{"code": "1.004873.H57"}') = 1;
    assert procedure.get('1.004873.H57') @> '{"code": "1.004873.H57", "version": 1}';
    assert procedure.put(body || '{"code": "2.001218.000.00.00.H38"}') = 1;
    assert procedure.get('9.999999') is null and procedure.get('') is null;
    assert procedure.get('1.004873''--') is null and procedure.get('1.004873.') is null;

    foreach slug in array array['{"code": "abc"}', '{"level": 5}', '{"mode": "some"}',
            '{"post": false}', '{"time": {"value": 1, "unit": "day"}}', '{"documents": 1}',
            '{"clock_after_supplement": "none"}'] loop
        begin
            perform procedure.put(body || slug::jsonb);
            assert false, slug;
        exception when check_violation then null;
        end;
    end loop;
    foreach slug in array array['name', 'agency_level', 'level', 'mode', 'post', 'time', 'fees',
                                'documents', 'clock_after_supplement'] loop
        begin
            perform procedure.put(body - slug);
            assert false, slug;
        exception when check_violation or not_null_violation then null;
        end;
    end loop;
end $$;
