// A dossier whose result goes in two shipments is done when both have come, at the time of the later
// one, however they are delivered.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { people, record, uuid7 } from './scans.mjs';
import { test_database } from './cluster.mjs';

let db, all, made = 0;

before(async () => {
    db = await test_database();
    all = await people(db);
});
after(() => db.end());

const scan = (subject, kind, who, more = {}) => ({ id: uuid7(Date.now()), subject, kind, who,
    at: new Date(Date.now() - 3600000 + 1000 * ++made).toISOString(), ...more });
const deliver = (number) => scan(number, 'deliver', 'courier', { recipient: 'Nguyễn Thị Thử',
    data: { relation: 'self', id_checked: true, proof: 'signature', drawn: true } });

// Both shipments at the door; the dossier waits with 9.
async function two_results() {
    const [[dossier]] = await db.query(`select (dossier.intake(${all.clerk.id}, ${all.clerk.unit}, 2,
        jsonb_build_object('id', base.uuid_v7(), 'procedure', '1.004873', 'agency', '46-A1', 'service', 'both',
        'applicant_kind', 'citizen', 'from_commune', '19789', 'weight_g', 80,
        'documents', '[{"name": "Đơn", "originals": 1, "copies": 0}]'::jsonb,
        'result_to_kind', 'address', 'result_commune', '19777'),
        '\\x01', '\\x02', '\\x03', '\\x04', '${uuid7(Date.now())}')) ->> 'id'`);
    const numbers = [];
    for (let i = 0; i < 2; i++) {
        const [[number]] = await db.query(`select custody.create_shipment('${dossier}', 'result',
            ${all.clerk.unit}, ${all.clerk.unit}, 50, 0)`);
        for (const [kind, who] of [['take_over', 'courier'], ['arrive', 'clerk'], ['out_for_delivery', 'courier']])
            assert.equal((await record(db, all, [scan(number, kind, who)]))[0].outcome, 'recorded', kind);
        numbers.push(number);
    }
    await db.query(`update dossier.dossier set status = 9 where id = '${dossier}'`, 'dossierpost_owner');
    return { dossier, numbers };
}

const status_of = async (dossier) => Number(await db.value(`select status from dossier.dossier where id = '${dossier}'`));
const returned_at = (dossier) => db.value(`select extract(epoch from e.at) * 1000 from custody.event e
    where e.subject = '${dossier}' and e.kind = 'dossier.result_returned'`);

test('both in one call: done at the time of the later one', async () => {
    const { dossier, numbers } = await two_results();
    const scans = numbers.map(deliver);
    for (const reply of await record(db, all, scans)) assert.equal(reply.outcome, 'recorded');
    assert.equal(await status_of(dossier), 10);
    assert.equal(Number(await returned_at(dossier)), Date.parse(scans[1].at));
});

test('both at once, in two transactions: neither is overlooked', async () => {
    const { dossier, numbers } = await two_results(), [one, two] = [db.session(), db.session()];
    await one.query('begin');
    await two.query('begin');
    await record(one, all, [deliver(numbers[0])]);
    const second = record(two, all, [deliver(numbers[1])]);
    await new Promise((done) => setTimeout(done, 400));
    await one.query('commit');
    await second;
    await two.query('commit');
    assert.equal(await status_of(dossier), 10);
});
