-- What a label says by leg, who may see it, and how copies are counted.
create function pg_temp.account(p_login text) returns account.account
language sql as $$ select * from account.account where login = p_login $$;

create function pg_temp.unit(p_code text) returns bigint
language sql as $$ select id from postal.unit where code = p_code $$;

create function pg_temp.intake(change jsonb default '{}') returns uuid
language sql volatile as $$
    select (dossier.intake(c.id, c.unit_id, c.roles, jsonb_build_object(
        'id', base.uuid_v7(), 'procedure', '1.004873', 'agency', '46-A1', 'service', 'both',
        'applicant_kind', 'citizen', 'from_commune', '19789', 'weight_g', 80,
        'documents', '[{"name": "Đơn", "originals": 1, "copies": 0}]'::jsonb,
        'result_to_kind', 'address', 'result_commune', '19777') || change,
        '\x01', '\x02', '\x03', '\x04', 'digest') ->> 'id')::uuid
    from pg_temp.account('clerk') c
$$;

create function pg_temp.facts(p_login text, p_number text) returns jsonb
language sql volatile as $$
    select d.facts from pg_temp.account(p_login) a, label.data(p_number, a.id, a.unit_id, a.roles) d
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
    id uuid := pg_temp.intake();
    sent text := (select number from custody.shipment where dossier = id);
    back text := custody.create_shipment(id, 'result', pg_temp.unit('46-B1'), pg_temp.unit('46-B3'),
                                         60, (select a.id from pg_temp.account('officer') a));
    facts jsonb := pg_temp.facts('clerk', sent);
    agency jsonb := label.unit_party(pg_temp.unit('46-A1'));
    reads bigint;
begin
    -- Out: the applicant sends, the agency receives, the office takes back what cannot be delivered.
    assert facts ->> 'citizen' = 'sender' and facts ->> 'citizen_place' like 'phường %, %Huế', facts;
    assert facts -> 'recipient' = agency, facts;
    assert facts #>> '{return_to,name}' = facts #>> '{origin,name}', facts;
    assert facts #>> '{origin,code}' = '46-B1' and (facts ->> 'office')::int = 11, facts;
    assert facts #>> '{routing,postcode}' ~ '^[0-9]{5}$' and facts #>> '{routing,hub}' <> '', facts;
    assert facts ->> 'copy' = '1' and facts ->> 'weight_g' = '80', facts;
    assert facts::text !~* 'procedure|1\.004873|Đơn', 'the procedure is nobody''s business';

    -- Back: the agency sends, the applicant receives where they asked.
    facts := pg_temp.facts('officer', back);
    assert facts ->> 'citizen' = 'recipient' and facts -> 'sender' = agency, facts;
    assert facts ->> 'citizen_place' = label.commune_place('19777'), facts;
    assert facts -> 'return_to' = agency, facts;
    assert (pg_temp.facts('clerk', back) -> 'routing') = label.routing(pg_temp.unit('46-B3'));

    -- At a post office's counter: the office stands for the address.
    id := pg_temp.intake('{"result_to_kind": "post_office", "result_unit": "46-B2"}');
    back := custody.create_shipment(id, 'result', pg_temp.unit('46-B1'), pg_temp.unit('46-B2'), 60, 1);
    facts := pg_temp.facts('officer', back);
    assert facts ->> 'citizen_waits_at' like 'Bưu cục Thành Nội, %', facts;

    -- Between agencies nobody private stands on it.
    back := custody.create_shipment(id, 'inter_agency', pg_temp.unit('46-B1'), pg_temp.unit('46-A1'),
                                    60, 1);
    assert not pg_temp.facts('clerk', back) ? 'citizen';

    -- Reading is recorded, each time.
    select count(*) into reads from dossier.access where dossier = id and what = 'label';
    perform pg_temp.facts('clerk', back);
    assert (select count(*) from dossier.access where dossier = id and what = 'label') = reads + 1;

    -- Foreign and unknown alike.
    assert pg_temp.problem(format('select pg_temp.facts(%L, %L)', 'clerk2', sent)) = 'not-found';
    assert pg_temp.problem($s$ select pg_temp.facts('clerk', 'RR473124829VN') $s$) = 'not-found';
end $$;

-- Copies.
do $$
declare
    id uuid := pg_temp.intake();
    sent text := (select number from custody.shipment where dossier = id);
    a account.account := pg_temp.account('clerk');
    reply jsonb;
begin
    reply := label.print(array[sent, 'RR473124829VN', sent], a.id, a.unit_id, a.roles, 'shipment',
                         null, null, '\x00');
    assert reply #>> '{0,copy}' = '1' and reply #>> '{2,copy}' = '1', reply;
    assert reply #>> '{1,problem}' = 'not-found', reply;
    assert pg_temp.problem(format('select label.print(array[%L], %s, %s, %s, %L, %L, null, %L)', sent,
        a.id, a.unit_id, a.roles, 'shipment', '', '\x00')) = 'invalid-fields';
    assert (select copy from custody.shipment where number = sent) = 1, 'a refusal counts nothing';
    reply := label.print(array[sent], a.id, a.unit_id, a.roles, 'sticker', 'bẩn', null, '\x00');
    assert reply #>> '{0,copy}' = '2', reply;
    assert (select array_agg(reason order by copy) from label.print where number = sent)
           = array[null, 'bẩn'];
    assert label.known(sent, 11) ->> 'copy' = '2' and label.known(sent, 11) #>> '{office,id}' = '46-B1';
    assert label.known('RR473124829VN', 9999999) = '{"copy": null, "office": null}';
    assert pg_temp.facts('clerk', sent) ->> 'copy' = '2';
    begin
        update label.print set reason = 'x' where number = sent;
        assert false, 'what was printed cannot be changed';
    exception when insufficient_privilege then null;
    end;
end $$;
