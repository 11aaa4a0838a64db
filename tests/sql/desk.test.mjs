// The desk below the program: its lists walk indexes, its questions are a fold of their events whatever
// happens in whatever order, and originals are in one place each.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { people, uuid7 } from './scans.mjs';
import { test_database } from './cluster.mjs';

const GROUPS = ['due', 'overdue', 'today', 'soon', 'accept', 'receive', 'asked', 'asking', 'waiting', 'hand_over', 'came_back'];
let db, all;
before(async () => {
    db = await test_database();
    all = await people(db);
});
after(() => db.end());

const asker = (login) => `${all[login].id}, ${all[login].unit}`;
const intake = (more = {}) => db.json(`select dossier.intake(${asker('clerk')}, 2,
    jsonb_build_object('id', base.uuid_v7(), 'procedure', '1.004873', 'agency', '46-A1', 'service', 'send',
        'applicant_kind', 'citizen', 'from_commune', '19789', 'weight_g', 80,
        'documents', '[{"name": "Đơn", "originals": 1, "copies": 0}]'::jsonb, 'result_to_kind', 'online')
        || '${JSON.stringify(more)}', '\\x01', '\\x02', '\\x03', '\\x04', 'digest')`);
const act = (login, code, action, body = {}) =>
    db.json(`select dossier.act(${asker(login)}, 16, '${code}', '${action}', $b$${JSON.stringify(body)}$b$)`);
const slug = (sql) => db.query(sql).then(() => 'done', (error) => /DP001: ([a-z-]+)/.exec(error.stderr ?? error.message)?.[1] ?? String(error.stderr));
const rebuilt = async () => assert.deepEqual(await db.query('select * from custody.rebuild()'), []);

test('every list is a walk along an index: no table of dossiers, events or shipments is read through', async () => {
    const own = await test_database();
    await own.query(`insert into dossier.dossier (id, code, procedure, procedure_version, agency, office, service, applicant_kind,
            from_commune, result_to_kind, weight_g, created_at, created_by, status, filed_at, accepted_at, due_at,
            ended_at, paused_at, receiving, forwarded_at, came_back_at, version)
        select md5('d' || i)::uuid, 'x-' || i, '1.004873', 1, case when i % 3 = 0 then ${all.officer.unit} else 1 end, 2,
               case when i % 150 = 2 then 'receive' else 'send' end,
               'citizen', '19789', 'online', 80, now() - i * interval '1 minute', 1,
               case when i % 50 = 0 then 4 when i % 50 = 1 then 5 when i % 50 = 2 then 1 when i % 50 = 3 then 9 else 10 end,
               case when i % 150 <> 2 then now() end, case when i % 50 <> 2 then now() end,
               case when i % 50 <> 2 then now() + (i % 1000 - 300) * interval '1 hour' end,
               case when i % 50 > 2 then now() end, case when i % 50 = 1 then now() end,
               case when i % 3 = 1 and i % 2 = 0 then ${all.officer.unit} end, case when i % 12 <> 10 then now() end,
               case when i % 300 = 3 then now() - i * interval '1 minute' end, 3
        from generate_series(1, 20000) i;
        insert into custody.shipment (number, dossier, leg, from_unit, to_unit, from_agency, begun_place, weight_g, created_at,
            holder_kind, holder_id, place, state)
        select 'RR' || lpad(i::text, 9, '0') || 'VN', md5('d' || i)::uuid, case when i % 500 = 3 or i % 300 = 3 then 'result' else 'outward' end, 2,
               case when i % 3 = 0 then ${all.officer.unit} else 1 end, ${all.officer.unit}, 2, 80, now(),
               case when i % 500 = 3 then 'place' else 'agency' end, ${all.officer.unit}, 2,
               case when i % 500 = 3 then 'created' when i % 300 = 3 then 'returned' else 'delivered' end
        from generate_series(1, 20000) i;
        analyze dossier.dossier; analyze custody.shipment; analyze dossier.asking;`);
    for (const group of GROUPS) {
        for (const next of [null, '5f5e0ffffffff.00000000000070008000000000000000']) {
            const sql = await own.value(`select dossier.inbox_query(${all.officer.unit}, '${group}', ${next ? `'${next}'` : 'null'})`);
            const plan = (await own.query(`explain (costs off) ${sql} limit 51`)).map(([line]) => line).join('\n');
            assert.doesNotMatch(plan, /Seq Scan on (dossier|shipment|event)|shipment_holder/, `${group}:\n${plan}`);
            if (!['asked', 'asking'].includes(group)) {
                // (Of few rows a bitmap and a sort cost no more.)
                const walk = (await own.query(`set local enable_bitmapscan = off; set local enable_sort = off;
                    explain (costs off) ${sql} limit 51`)).map(([line]) => line).join('\n');
                assert.doesNotMatch(walk, /Sort/, `${group}:\n${walk}`);
                assert.match(walk, /Index Scan using (dossier_(runs|agency_due|to_accept|waits|to_forward|came_back)|shipment_to_hand_over)\b/, walk);
            }
        }
    }
    const page = await own.json(`select dossier.inbox(${asker('officer')}, 16, '{"group": "overdue", "limit": 40}')`);
    assert.equal(page.items.length, 40);
    assert.ok(page.items.every((one) => one.overdue));
    for (const group of ['accept', 'receive', 'came_back']) {
        const { items } = await own.json(`select dossier.inbox(${asker('officer')}, 16, '{"group": "${group}", "limit": 40}')`);
        assert.ok(items.length > 0, group);
        assert.deepEqual(items.map((one) => one.at), items.map((one) => one.at).sort(), group);
    }
    await own.end();
});

test('questions: any history, against a small model; the fold gives what is kept', async () => {
    const asked = ['46-A6', '46-A2', '46-A3'];
    await fc.assert(fc.asyncProperty(fc.array(fc.record({ what: fc.constantFrom('ask', 'answer', 'end', 'pause', 'resume'),
        which: fc.nat(3), to: fc.nat(2) }), { minLength: 3, maxLength: 14 }), async (steps) => {
        const { code, id } = await intake();
        await act('officer', code, 'accept');
        await act('officer', code, 'start');
        const model = new Map(); // id -> state
        let paused = false, supplements = 0;
        for (const { what, which, to } of steps) {
            const ids = [...model.keys()], one = ids[which % Math.max(ids.length, 1)];
            if (what === 'ask') {
                const ask = uuid7();
                const got = await slug(`select dossier.ask_agency(${asker('officer')}, 16, '${code}', '{"id": "${ask}", "agency": "${asked[to]}",
                    "what": "x", "time": 1, "time_unit": "working_day"}', null, null, '\\x01')`);
                assert.equal(got, paused ? 'action-not-allowed' : 'done');
                if (!paused) model.set(ask, 'open');
            } else if ((what === 'answer' || what === 'end') && one) {
                const unit = await db.value(`select asked from dossier.asking where id = '${one}'`);
                const body = what === 'answer' ? '{"answer": "agreed", "reply": "x"}' : '{"reason": "x"}';
                const who = what === 'answer' ? `1, ${unit}` : asker('officer');
                const got = await slug(`select dossier.end_question(${who}, 16, '${code}', '${one}', '${body}', null, null, null)`);
                if (model.get(one) === 'open') {
                    assert.equal(got, 'done');
                    model.set(one, what);
                } else {
                    assert.notEqual(got, 'done');
                }
            } else if (what === 'pause' && !paused) {
                await act('officer', code, 'ask_supplement', { reason: 'x', ...(supplements++ ? { again_reason: 'y' } : {}) });
                paused = true;
            } else if (what === 'resume' && paused) {
                await act('officer', code, 'supplement_received');
                paused = false;
            }
        }
        const kept = await db.query(`select id, case when answered_at is not null then 'answer' when ended_at is not null then 'end'
            else 'open' end from dossier.asking where dossier = '${id}' order by id`);
        assert.deepEqual(kept, [...model].sort());
        const d = await db.json(`select to_jsonb(d) from dossier.dossier d where id = '${id}'`);
        assert.deepEqual([d.status, d.supplements], [paused ? 5 : 4, supplements]);
    }), { numRuns: 12 });
    await rebuilt();
    // A kept row that the events do not bear out is found, and made again.
    const changed = await db.value(`update dossier.asking set due_at = due_at + interval '1 day'
        where id = (select id from dossier.asking limit 1) returning dossier`);
    const differs = await db.query('select what from custody.rebuild()');
    assert.deepEqual(differs, [['dossier.askings']]);
    await db.query(`select dossier.project_askings('${changed}')`);
    await rebuilt();
});

test('what was asked for is erased with the dossier; the events stay', async () => {
    const { code, id } = await intake();
    await act('officer', code, 'ask_supplement', { reason: 'Thiếu', items: [{ name: 'Căn cước của ông Kín', copies: 1 }] });
    assert.equal(await db.value(`select count(*) from dossier.supplement_item where name = 'Căn cước của ông Kín'`), '1');
    assert.equal(await db.value(`select count(*) from custody.event where data::text like '%Kín%'`), '0');
    await db.query(`select dossier.erase('${id}')`);
    assert.equal(await db.value(`select count(*) from dossier.supplement_item where dossier = '${id}' and name is not null`), '0');
    const [asked] = await db.json(`select dossier.supplements_json('${id}')`);
    assert.deepEqual(asked.items, [{ originals: 0, copies: 1 }]);
});

test('the receiving department must be one of the province', async () => {
    const wrong = (receiving) => slug(`select dossier.intake(${asker('clerk')}, 2, jsonb_build_object('id', base.uuid_v7(),
        'procedure', '1.004873', 'agency', '46-A1', 'receiving', '${receiving}', 'service', 'send', 'applicant_kind', 'citizen',
        'from_commune', '19789', 'weight_g', 80, 'documents', '[{"name": "Đơn", "originals": 1, "copies": 0}]'::jsonb,
        'result_to_kind', 'online'), '\\x01', '\\x02', '\\x03', '\\x04', 'digest')`);
    assert.deepEqual([await wrong('46-B1'), await wrong('nobody'), await wrong('46-A6')], ['invalid-fields', 'unknown-unit', 'done']);
    assert.equal(await db.value(`select receiving from dossier.dossier where id = '${(await intake({ receiving: '46-A1' })).id}'`), null);
});
