-- Jobs: strictly in a printer's order, in one instance's hands, and what becomes of them when that is
-- gone.
create function pg_temp.shipment() returns text
language plpgsql as $$
declare
    c account.account := (select a from account.account a where login = 'clerk');
    id uuid := (dossier.intake(c.id, c.unit_id, c.roles, jsonb_build_object(
        'id', base.uuid_v7(), 'procedure', '1.004873', 'agency', '46-A1', 'service', 'both',
        'applicant_kind', 'citizen', 'from_commune', '19789', 'weight_g', 80,
        'documents', '[{"name": "Đơn", "originals": 1, "copies": 0}]'::jsonb,
        'result_to_kind', 'address', 'result_commune', '19777'),
        '\x01', '\x02', '\x03', '\x04', 'digest') ->> 'id')::uuid;
begin
    return (select number from custody.shipment where dossier = id);
end $$;

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
    clerk account.account := (select a from account.account a where login = 'clerk');
    boss account.account := (select a from account.account a where login = 'admin');
    one uuid := gen_random_uuid(); -- two instances
    two uuid := gen_random_uuid();
    printer uuid := gen_random_uuid();
    a uuid;
    b uuid;
    given jsonb;
    id uuid;
begin
    perform label.printer_make(boss.id, boss.unit_id, boss.roles, jsonb_build_object(
        'id', printer, 'unit', '46-B1', 'name', 'Máy in', 'uri', 'socket://127.0.0.1', 'language', 'pdf',
        'dpi', 203, 'template', 'shipment'));
    a := (label.print_on(array[pg_temp.shipment(), pg_temp.shipment()], clerk.id, clerk.unit_id,
        clerk.roles, null, null, printer, null, null) #>> '{job,id}')::uuid;
    b := (label.print_on(array[pg_temp.shipment()], clerk.id, clerk.unit_id, clerk.roles, null, null,
        printer, null, null) #>> '{job,id}')::uuid;

    -- The first, once; not the second while the first is open.
    given := label.claim(one, 10) -> 'taken';
    assert jsonb_array_length(given) = 1 and (given #>> '{0,id}')::uuid = a, given;
    assert label.claim(two, 10) -> 'taken' = '[]';
    assert (select count(*) = 1 from label.job_next(a, one, 1));
    assert (select count(*) = 0 from label.job_next(a, two, 1)), 'it is not theirs';
    assert not label.job_begun(a, two, null);
    assert label.job_told(a, two, 'printed', null) = 'left';
    assert (select done = 0 and not begun from label.job j where j.id = a);

    -- Nothing had left when its instance went: it waits again, for anybody; the old one is shut out.
    update label.job j set lease_until = now() - interval '1 second' where j.id = a;
    assert (label.claim(two, 10) #>> '{taken,0,id}')::uuid = a;
    assert label.job_told(a, one, 'printed', null) = 'left', 'the old one is shut out';

    -- Something had: nobody prints it again by himself, and the next job goes on.
    assert label.job_begun(a, two, null);
    update label.job j set lease_until = now() - interval '1 second' where j.id = a;
    assert (label.claim(one, 10) #>> '{taken,0,id}')::uuid = b;
    assert (select state = 'uncertain' and trouble = 'interrupted' from label.job j where j.id = a);

    -- A printer that knows it is asked.
    assert label.job_begun(b, one, 7);
    update label.job j set lease_until = now() - interval '1 second' where j.id = b;
    given := label.claim(two, 10) #> '{taken,0}';
    assert (given ->> 'id')::uuid = b and given ->> 'begun' = 'true' and given ->> 'remote' = '7', given;
    assert label.job_told(b, two, 'held', 'media-empty') = 'ask';
    assert label.job_cancel(b, clerk.id, clerk.unit_id, clerk.roles) #>> '{trouble,name}' = 'Hết giấy';
    assert label.job_told(b, two, 'held', 'media-empty') = 'cancel';
    assert label.job_told(b, two, 'cancelled', 'canceled') = 'left';
    assert (select state = 'cancelled' and lease_by is null from label.job j where j.id = b);

    -- A person decides: another copy of what may be out, with a reason; the rest as it was.
    given := label.job_retry(a, clerk.id, clerk.unit_id, clerk.roles, null);
    assert given -> 'copies' = '[2, 1]' and given ->> 'state' = 'waiting', given;
    assert (select reason like 'Chưa rõ%' from label.print p
            where p.number = given #>> '{numbers,0}' and p.copy = 2);

    -- Later each time, at most five minutes, and not for ever.
    for i in 1 .. 30 loop
        update label.job j set next_at = now() where j.id = a;
        assert (label.claim(one, 10) #>> '{taken,0,id}')::uuid = a, i;
        assert label.job_told(a, one, 'again', 'unreachable') = 'left';
        assert (select next_at - now() = least(interval '5 minutes', interval '5 seconds' * 2 ^ (i - 1))
                from label.job j where j.id = a), i;
    end loop;
    assert (select state = 'waiting' and tries = 30 from label.job j where j.id = a);
    update label.job j set next_at = now() where j.id = a;
    perform label.claim(one, 10);
    perform label.job_told(a, one, 'again', 'unreachable');
    assert (select state = 'failed' from label.job j where j.id = a);

    -- Somebody else's.
    assert pg_temp.problem(format('select label.job_cancel(%L, 0, null, 2)', a)) = 'not-found';
    id := gen_random_uuid();
    assert pg_temp.problem(format('select label.printer_place(%L, 1, 64)', id)) = 'not-found';
end $$;
