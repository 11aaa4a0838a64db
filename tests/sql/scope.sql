-- Who sees what beyond the own unit: supervisors their province, people without a unit nothing, and
-- holders only what is on their way or was given to them.
create function pg_temp.account(p_login text) returns account.account
language sql as $$ select * from account.account where login = p_login $$;

create function pg_temp.unit(p_code text) returns bigint
language sql as $$ select id from postal.unit where code = p_code $$;

-- The number of a dossier's shipment from the clerk's office to the agency of its ward.
create function pg_temp.intake() returns text
language sql volatile as $$
    select dossier.intake(c.id, c.unit_id, c.roles, jsonb_build_object(
        'id', base.uuid_v7(), 'procedure', '1.004873', 'agency', '46-A1', 'service', 'both',
        'applicant_kind', 'citizen', 'from_commune', '19789', 'weight_g', 80,
        'documents', '[{"name": "Đơn", "originals": 1, "copies": 0}]'::jsonb,
        'result_to_kind', 'address', 'result_commune', '19777'),
        '\x01', '\x02', '\x03', '\x04', 'digest') #>> '{shipments,0,number}'
    from pg_temp.account('clerk') c
$$;

-- Another province, with a post, a hub and an office of its own.
insert into postal.commune (code, province_code, name) values ('00001', '01', 'Phường thử');
insert into postal.unit (id, code, kind, name, name_en, parent_id, commune_code) values
    (900, '01-PP', 'province_post', 'Bưu điện thử', 'Test Post', null, '00001'),
    (901, '01-H1', 'hub', 'Trung tâm thử', 'Test Hub', 900, '00001'),
    (902, '01-B1', 'post_office', 'Bưu cục thử', 'Test Office', 901, '00001');

create function pg_temp.sees(p_number text, p_actor bigint, p_unit bigint, p_roles int)
returns text
language sql stable as $$
    select concat_ws(' ', case when dossier.in_scope(d, p_actor, p_unit, p_roles) then 'dossier' end,
                     case when label.may_see(s, p_actor, p_unit, p_roles) then 'label' end)
    from custody.shipment s join dossier.dossier d on d.id = s.dossier where s.number = p_number
$$;

create function pg_temp.problem(statement text) returns text
language plpgsql as $$
begin
    execute statement;
    return null;
exception when sqlstate 'DP001' then
    return sqlerrm;
end $$;

do $$
declare
    mine text := pg_temp.intake();
    far text;
    here constant bigint := pg_temp.unit('46-PP');
    whole constant text := 'dossier label';
begin
    assert postal.same_province(here, pg_temp.unit('46-A1')) and not postal.same_province(900, here);
    assert postal.same_province(0, here) and not postal.same_province(900, null);

    -- A supervisor: the own province; without a unit: every one. An administrator: all.
    assert pg_temp.sees(mine, 1, here, 32) = whole and pg_temp.sees(mine, 1, 0, 32) = whole;
    assert pg_temp.sees(mine, 1, 900, 32) = '', pg_temp.sees(mine, 1, 900, 32);
    assert pg_temp.sees(mine, 1, 900, 64) = whole;

    -- Nobody sees it by having no unit at all, and the answer is never "unknown".
    assert pg_temp.sees(mine, 1, null, 2) = '' and pg_temp.sees(mine, 1, 0, 2) = '';
    assert dossier.in_scope(d, 1, null, 2) is false from dossier.dossier d limit 1;
    assert label.may_see(s, 1, null, 2) is false from custody.shipment s limit 1;
    assert pg_temp.problem(format('select label.data(%L, 1, null, 2)', mine)) = 'not-found';
    assert pg_temp.problem(format('select dossier.locate(%L, 1, null, 2)', mine)) = 'not-found';

    -- Between provinces any hub is on the way, and only a hub that holds it.
    select custody.create_shipment(s.dossier, 'inter_agency', pg_temp.unit('46-B1'), 902, 60, 1)
    into far from custody.shipment s where s.number = mine;
    assert (select 0 = any (route) from custody.shipment s where s.number = far);
    assert pg_temp.sees(far, 1, 901, 8) = '';
    update custody.shipment s set holder_kind = 'place', holder_id = 901 where s.number = far;
    assert pg_temp.sees(far, 1, 901, 8) = whole;
    update custody.shipment s set holder_kind = 'person', holder_id = 77 where s.number = far;
    assert pg_temp.sees(far, 77, 901, 4) = whole;
    assert pg_temp.sees(far, 77, 0, 4) = '' and pg_temp.sees(far, 77, null, 4) = '',
        'a person without a unit is on no way';
    assert pg_temp.sees(far, 77, pg_temp.unit('46-B9'), 4) = '';
    -- A way that is not known leads nobody to personal data.
    update custody.shipment s set route = null where s.number = far;
    assert pg_temp.sees(far, 77, pg_temp.unit('46-B9'), 4) = '';
end $$;

-- Work lists and devices: a supervisor's are those of the province.
do $$
declare
    clerk account.account := pg_temp.account('clerk');
    mine text := pg_temp.intake();
    list jsonb;
    event uuid;
    device uuid := gen_random_uuid();
    hue constant bigint := pg_temp.unit('46-PP');
begin
    insert into custody.exception (subject, event_id, code, unit)
    select 'here', gen_random_uuid(), 'wrong_holder', u.id from postal.unit u where u.code = '46-B1'
    union all select 'agency', gen_random_uuid(), 'wrong_holder', pg_temp.unit('46-A1')
    union all select 'nobody', gen_random_uuid(), 'wrong_holder', null
    union all select 'no unit', gen_random_uuid(), 'wrong_holder', 0;
    assert (select array_agg(x ->> 'subject') @> '{here,agency,nobody,"no unit"}'
            from jsonb_array_elements(custody.exceptions(hue, true, true, 0, 500) -> 'items') x);
    assert (select array_agg(x ->> 'subject' order by x ->> 'subject') = '{"no unit",nobody}'
            from jsonb_array_elements(custody.exceptions(900, true, true, 0, 500) -> 'items') x);
    assert (select array_agg(x ->> 'subject') @> '{here,agency,nobody,"no unit"}'
            from jsonb_array_elements(custody.exceptions(0, true, true, 0, 500) -> 'items') x);
    assert custody.exceptions(0, false, true, 0) -> 'items' = '[]';
    assert (select array_agg(x ->> 'subject' order by x ->> 'subject') = '{agency,here}'
            from jsonb_array_elements(custody.exceptions(clerk.unit_id, false, true, 0, 500) -> 'items') x);
    assert pg_temp.problem(format('select custody.exception_resolve(1, 900, true, %s, %L, %L)',
        (select id from custody.exception where subject = 'here'), 'dismiss', 'x')) = 'forbidden';
    assert pg_temp.problem(format('select custody.exception_resolve(1, 0, false, %s, %L, %L)',
        (select id from custody.exception where subject = 'nobody'), 'dismiss', 'x')) = 'forbidden';
    assert pg_temp.problem(format('select custody.exception_resolve(1, %s, true, %s, %L, %L)', hue,
        (select id from custody.exception where subject = 'agency'), 'dismiss', 'x')) is null;

    -- What could not be told to a dossier waits where it happened.
    event := (select e.id from custody.event e where e.subject = mine and e.kind = 'create');
    update custody.shipment set leg = 'result' where number = mine;
    update dossier.dossier d set status = 9 from custody.shipment s
    where s.number = mine and d.id = s.dossier;
    perform custody.tell_dossier(array[mine], array[event], null); -- a time that no event takes
    assert (select x.unit = clerk.unit_id from custody.exception x
            where x.subject = mine and x.code = 'dossier_not_told'),
        (select x.detail from custody.exception x where x.subject = mine);

    -- Devices.
    perform account.device_register(clerk.id, clerk.unit_id, device, 'Máy', sha256('token'));
    assert account.device_get(clerk.id, clerk.unit_id, 2, device) is not null;
    assert account.device_get(1000, clerk.unit_id, 2, device) is null;
    assert account.device_get(1000, hue, 32, device) is not null
       and account.device_get(1000, 0, 32, device) is not null
       and account.device_get(1000, 900, 64, device) is not null;
    assert account.device_get(1000, 900, 32, device) is null;
    assert account.devices(1000, 900, 32, 0, 10) -> 'items' = '[]';
    assert account.device_revoke(1000, 900, 32, device) is null;
    assert (select revoked_at is null from account.device d where d.key = device);

    -- A list, for its sides and the supervisors of their provinces.
    list := custody.handover_create(clerk.id, clerk.unit_id, gen_random_uuid(), '46-A1', array[mine],
                                    '\x01');
    assert pg_temp.problem(format('select custody.handover_get(1000, 900, true, %L)', list ->> 'id'))
         = 'not-found';
    assert custody.handover_get(1000, hue, true, (list ->> 'id')::uuid) = list;
    -- A trip takes nothing over.
    insert into container.trip (code, from_unit, to_unit) values ('T1', hue, 900);
    assert pg_temp.problem(format('select custody.handover_create(%s, %s, %L, %L, array[%L], %L)',
        clerk.id, clerk.unit_id, gen_random_uuid(), 'T1', mine, '\x01')) = 'unknown-unit';
end $$;
