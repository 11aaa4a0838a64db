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

-- What a scanned copy is worth: judged by what had been printed when it was scanned.
do $$
declare
    id uuid := pg_temp.intake();
    s custody.shipment;
    a account.account := pg_temp.account('clerk');
begin
    select * into s from custody.shipment where dossier = id;
    assert not label.superseded(s, 1, now()), 'nobody printed it yet';
    perform label.print(array[s.number], a.id, a.unit_id, a.roles, 'shipment', null, null, '\x00'),
            label.print(array[s.number], a.id, a.unit_id, a.roles, 'shipment', 'rách', null, '\x00');
    select * into s from custody.shipment where dossier = id;
    assert label.superseded(s, 1, now()) and not label.superseded(s, 2, now());
    assert not label.superseded(s, 1, now() - interval '1 second'), 'it was the newest then';
    s.copy := 3; -- what stands on it was corrected
    assert label.superseded(s, 2, now()) and label.superseded(s, 1, now() - interval '1 hour');
    s.copy := 300;
    assert label.superseded(s, 254, now()) and not label.superseded(s, 255, now());
end $$;

-- --- bags, invitations, dispatch notes -----------------------------------------------------------

do $$
declare
    v_id uuid := pg_temp.intake();
    clerk account.account := pg_temp.account('clerk');
    code text := (select d.code from dossier.dossier d where d.id = v_id);
    sent text := (select number from custody.shipment where dossier = v_id);
    bag text := container.create(clerk.id, clerk.unit_id, base.uuid_v7(), 'receptacle', '46-B1',
                                 '46-H1', 'digest') ->> 'id';
    facts jsonb;
begin
    select b.facts into facts from label.bag(bag, clerk.id, clerk.unit_id, clerk.roles) b;
    assert facts ->> 'id' = bag and facts #>> '{destination,code}' = '46-H1', facts;
    assert facts #>> '{routing,postcode}' ~ '^[0-9]{5}$' and facts ->> 'items' = '0', facts;
    assert not facts ? 'seal' and not facts ? 'weight_g', facts;
    assert pg_temp.problem(format('select label.bag(%L, 1, 1, 2)', left(bag, 20) || '999000000'))
           = 'not-found';

    -- Nobody is invited to fetch what an agency signs for.
    assert pg_temp.problem(format('select label.invitation(%L, %s, %s, %s)', sent, clerk.id,
                                  clerk.unit_id, clerk.roles)) = 'action-not-allowed';

    select n.facts into facts
    from dossier.dispatch_note(code, clerk.id, clerk.unit_id, clerk.roles) n;
    assert facts ->> 'number' = sent and facts #>> '{procedure,code}' = '1.004873', facts;
    assert facts #>> '{documents,0,name}' = 'Đơn' and jsonb_array_length(facts -> 'documents') = 1, facts;
    assert facts ->> 'result_place' = label.commune_place('19777'), facts;
    assert (select count(*) from dossier.access a where a.dossier = v_id and a.what = 'dispatch_note') = 1;
    assert pg_temp.problem(format('select dossier.dispatch_note(%L, a.id, a.unit_id, a.roles) '
                                  'from pg_temp.account(''clerk2'') a', code)) = 'not-found';
end $$;

-- A batch: what is read is recorded and counts nothing, what may not be seen is left out, a day is its
-- life.
do $$
declare
    one uuid := pg_temp.intake();
    two uuid := pg_temp.intake();
    first text := (select number from custody.shipment where dossier = one);
    second text := (select number from custody.shipment where dossier = two);
    a account.account := pg_temp.account('clerk');
    other account.account := pg_temp.account('clerk2');
    b jsonb;
    rows text[];
begin
    b := label.batch_make(array[second, 'RR473124829VN', first, second], '[{"number": "x"}]', a.id,
                          a.unit_id, a.roles, 'shipment', 203, 'pdf', null, '\x00');
    assert (b ->> 'total')::int = 3 and b ->> 'state' = 'waiting' and b ->> 'drawn' = '0', b;
    assert b #>> '{problems,0,number}' = 'x', b;
    assert b #>> '{problems,1,number}' = 'RR473124829VN', b;
    assert b #>> '{problems,1,problem}' = '/problems/not-found', b;
    assert label.batch_of((b ->> 'id')::uuid, other.id) is null;
    assert label.batch_begin((b ->> 'id')::uuid, other.id) is null;
    assert label.batch_begin((b ->> 'id')::uuid, a.id) ->> 'total' = '3';
    assert pg_temp.problem(format('select label.batch_make(array[%L], ''[]'', %s, %s, %s, %L, 203, '
        '''pdf'', null, %L)', first, other.id, other.unit_id, other.roles, 'shipment', '\x00'))
        = 'not-found';

    perform label.batch_note((b ->> 'id')::uuid, a.id, a.unit_id, a.roles, 1, 2, 1);
    assert (select array_agg(x.dossier order by x.dossier) from dossier.access x
            where x.dossier in (one, two) and x.what = 'label' and x.account = a.id)
           = (select array_agg(d order by d) from unnest(array[one, two]) as d);
    assert (select copy from custody.shipment where number = first) = 0;
    select array_agg(p.number || coalesce(p.facts ->> 'number', '-')) into rows
    from label.batch_page((b ->> 'id')::uuid, a.id, a.unit_id, a.roles, 1, 5) p;
    assert rows = array[first || first, second || second], rows::text;
    -- Somebody who may not see them any more.
    select array_agg(p.facts is null) into rows
    from label.batch_page((b ->> 'id')::uuid, other.id, other.unit_id, other.roles, 0, 9) p;
    assert rows = array['true', 'true', 'true'], rows::text;

    perform label.batch_ended((b ->> 'id')::uuid, 2, 'drawn', '[{"number": "y"}]');
    b := label.batch_of((b ->> 'id')::uuid, a.id);
    assert b ->> 'state' = 'drawn' and b ->> 'drawn' = '2' and jsonb_array_length(b -> 'problems') = 3, b;
    update label.batch set made_at = now() - interval '25 hours' where id = (b ->> 'id')::uuid;
    assert label.batch_of((b ->> 'id')::uuid, a.id) is null;
    assert label.batch_begin((b ->> 'id')::uuid, a.id) is null;
    perform label.batch_make(array[first], '[]', a.id, a.unit_id, a.roles, 'shipment', 203, 'zpl',
                             null, '\x00');
    assert not exists (select from label.batch where id = (b ->> 'id')::uuid), 'it is dropped';
end $$;
