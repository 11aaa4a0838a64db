// The list of those that will be late: the same dossiers as one by one, whatever their lane, state, due day and
// pieces; and of many open ones only so many are asked as the list shows.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { test_database } from './cluster.mjs';
import { people } from './scans.mjs';

const OPEN = 4000;
let db, all, unit;
before(async () => {
    db = await test_database();
    all = await people(db);
    unit = all.officer.unit;
    const other = all.officer2.unit, office = all.clerk.unit;
    // Every mixture of status, way, lane, state and due day, most of them in more than one.
    await db.query(`set local session_replication_role = replica;
        create temp table seed on commit drop as
        select i, md5('late ' || i)::uuid as id, case when i % 5 < 2 then 4 when i % 5 = 2 then 2 else 9 end as status,
            ('{address,post_office,agency,online}'::text[])[1 + i / 5 % 4] as kind, i / 20 % 11 as state,
            now() - i * interval '31 minutes' as began, base.vn_date(now()) + (i * 7919 % 23 - 8) as due from generate_series(1, ${OPEN}) i;
        insert into dossier.dossier (id, code, procedure, procedure_version, agency, receiving, office, service, applicant_kind, from_commune, result_to_kind,
            result_unit, result_commune, weight_g, created_at, created_by, status, filed_at, accepted_at, due_at, ended_at, paused_at, supplements, version)
        select s.id, 'G09.20-20260609-' || lpad(i::text, 7, '0'), '1.004873', 1, case when i % 17 = 0 then ${other} else ${unit} end,
            case when i % 34 = 0 then ${unit} end, ${office}, 'both', 'citizen', c.code, kind, case when kind = 'post_office' then o.id end,
            case when kind = 'address' then c.code end, 80, began, 1, status, began, began, due::timestamp at time zone 'Asia/Ho_Chi_Minh' + interval '10 hours',
            case when status = 9 then began end, case when status = 4 and i % 13 = 0 then now() end, 0, 5
        from seed s
        join (select code, row_number() over (order by code) - 1 as n, count(*) over () as m from postal.commune where delivery_office is not null) c on c.n = s.i % c.m
        join (select id, row_number() over (order by id) - 1 as n, count(*) over () as m from postal.unit where kind = 'post_office') o on o.n = s.i % o.m;
        insert into custody.shipment (number, dossier, leg, piece, pieces, from_unit, to_unit, from_agency, begun_place, created_at, state, going_back, redirected,
            holder_kind, holder_id, place)
        select 'R' || chr(64 + p) || lpad(i::text, 8, '0') || '0VN', d.id, 'result', p, case when i % 29 = 0 then 2 else 1 end, d.agency, dossier.delivery_office(d), d.agency,
            d.agency, began, ('{created,accepted,departed,departed,at_delivery_office,out_for_delivery,delivery_failed,held,delivered,returned,lost}'::text[])[1 + (state + p - 1) % 11],
            i % 23 = 0, i % 19 = 0, 'place', d.agency, d.agency
        from seed s join dossier.dossier d on d.id = s.id cross join generate_series(1, case when i % 29 = 0 then 2 else 1 end) p
        where s.status = 9 and kind in ('address', 'post_office');
        insert into custody.event (subject, id, kind, at, received_at, device_at, actor, unit, outcome, reason, next_action, digest)
        select h.number, base.uuid_v7(), k.kind, now() - interval '3 days' + k.n * interval '7 hours', now(), now(), 1, k.unit, 'recorded', k.reason,
            case when k.kind = 'fail' then case when h.created_at > now() - interval '20 days' then 'retry' else 'hold' end end, '\\x'
        from custody.shipment h cross join lateral (values ('accept', 0, h.from_unit, null, h.state <> 'created'), ('arrive', 2, h.to_unit, null, h.state = 'at_delivery_office'),
            ('redirect', 3, h.from_unit, null, h.redirected), ('fail', 4, h.to_unit, 'absent', h.state = 'delivery_failed')) as k (kind, n, unit, reason, wanted)
        where k.wanted and h.leg = 'result';
        insert into custody.leg_lane (from_unit, to_unit, ends, samples, took)
        select a, x.id, e, case when x.id % 3 = 0 then 5 else 100 end, case when x.id % 2 = 0 then '{5,30,40,15,5,3,2}' else '{0,60,10,0,0,0,0,30}' end::int[]
        from unnest('{${unit},${other}}'::bigint[]) a, postal.unit x, unnest('{delivered,at_office}'::text[]) e where x.kind = 'post_office';
        insert into custody.leg_taken select h.number, h.from_unit, h.to_unit, 'at_office', base.vn_date(now()) - 3, base.vn_date(now()) - 2
        from custody.shipment h join dossier.dossier d on d.id = h.dossier
        where h.state = 'at_delivery_office' and d.result_to_kind = 'post_office' and not h.going_back and not h.redirected`, 'postgres');
    await db.query('analyze dossier.dossier; analyze custody.shipment; analyze custody.event', 'dossierpost_owner');
});
after(() => db.end());

const first = (condition, most) => db.query(`select id from dossier.late_first('${condition}', ${most})`).then((rows) => rows.flat());

test('the same as one by one, newest first', async () => {
    for (const condition of [`d.agency = ${unit}`, `d.receiving = ${unit}`, 'true', `d.agency = ${unit} and d.status = 9`]) {
        const each = (await db.query(`select d.id from dossier.dossier d where ${condition} and dossier.late(d) order by d.created_at desc, d.id desc`)).flat();
        const found = await first(condition, OPEN);
        assert.deepEqual(found, each, condition);
        assert.ok(each.length > 9, `${condition}: ${each.length}`);
        assert.deepEqual(await first(condition, 7), each.slice(0, 7));
    }
});

test('of those that are late and those that are not by a share, both are among them', async () => {
    // Only then the list above says something: alike in all but their id, some are told the earlier day.
    const mixed = await db.query(`select d.result_unit, base.vn_date(d.due_at), count(*) from dossier.dossier d
        where d.agency = ${unit} and d.status in (2, 4) and d.paused_at is null and d.result_to_kind = 'post_office' and d.due_at > now()
        group by 1, 2 having bool_or(dossier.late(d)) and not bool_and(dossier.late(d))`);
    assert.ok(mixed.length > 0);
});

test('a page of the list, for the agency and for whoever receives for it', async () => {
    const page = async (args) => db.json(`select dossier.list(${all.officer.id}, ${unit}, 16, '${JSON.stringify(args)}')`);
    const rows = [];
    for (let next; ;) {
        const got = await page({ late: true, limit: 200, ...(next ? { next } : {}) });
        rows.push(...got.items);
        if (!(next = got.next)) break;
    }
    const each = (await db.query(`select d.id from dossier.dossier d where ${unit} in (d.agency, d.receiving) and dossier.late(d)
        order by d.created_at desc, d.id desc`)).flat();
    assert.deepEqual(rows.map((row) => row.id), each);
    assert.ok(rows.every((row) => row.late));
    assert.ok(rows.some((row) => row.receiving?.id === '46-A1') && rows.some((row) => row.status.code === 9));
});

test('of thousands that are open hardly more are asked than the list shows', async () => {
    await db.query(`create sequence dossier.asked; grant usage on sequence dossier.asked to public;
        create or replace function dossier.late(d dossier.dossier) returns boolean language plpgsql as $$
        begin perform nextval('dossier.asked'); return dossier.late_at(d, now()); end $$`, 'dossierpost_owner');
    for (const condition of [`d.agency = ${unit}`, `d.agency = ${unit} and d.status = 9`]) {
        const before = Number(await db.value(`select nextval('dossier.asked')`));
        assert.equal((await first(condition, 51)).length, 51);
        const asked = Number(await db.value(`select nextval('dossier.asked')`)) - before - 1;
        assert.ok(asked < 120, `${condition}: ${asked} were asked`);
    }
});
