// What a dossier may still take and what it took: the day of what is awaited next through its whole life,
// both clocks, and the warning for staff.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { test_database } from './cluster.mjs';
import { container, people, record, uuid7 } from './scans.mjs';

const DAY = 86400000, HOUR = DAY / 24;
// A Monday of two to three weeks ago there, of whose weeks no day is off.
const MONDAY = (() => {
    const day = Math.floor(Date.now() / DAY) - 15;
    return (day - (day + 3) % 7) * DAY - 7 * HOUR;
})();
const at = (days, hour) => new Date(MONDAY + days * DAY + hour * HOUR).toISOString();
const day = (days) => new Date(MONDAY + days * DAY + 8 * HOUR).toISOString().slice(0, 10);
let db, session, all;
// All by one connection: what it planned once it need not plan at each question.
const query = (sql) => session.query(sql);
const value = async (sql) => (await query(sql))[0]?.[0] ?? null;
const json = async (sql) => JSON.parse(await value(sql));
before(async () => {
    db = await test_database();
    session = db.session();
    all = await people(db);
    await query(`delete from postal.calendar_day where day > now() - interval '60 days'`);
});
after(() => db.end());

async function intake(more = {}) {
    const made = await json(`select dossier.intake(c.id, c.unit_id, c.roles,
        jsonb_build_object('id', base.uuid_v7(), 'procedure', '1.004873', 'agency', '46-A1', 'service', 'both',
            'applicant_kind', 'citizen', 'from_commune', '19777', 'weight_g', 80,
            'documents', '[{"name": "Đơn", "originals": 1, "copies": 0}]'::jsonb,
            'result_to_kind', 'address', 'result_commune', '19777') || '${JSON.stringify(more)}',
        '\\x01', '\\x02', '\\x03', '\\x04', 'digest') from account.account c where c.login = 'clerk'`);
    return { id: made.id, code: made.code, number: made.shipments[0].number };
}

async function scan(kind, who, subject, time, more = {}) {
    const id = uuid7(Date.parse(time));
    const [reply] = await record(session, all, [{ id, subject, kind, who, at: time, ...more }]);
    assert.equal(reply.outcome, 'recorded', JSON.stringify(reply));
    return id;
}
const taken = { recipient: 'x', data: { relation: 'self', id_checked: true, proof: 'signature', drawn: true } };

const outlook = (one, time) => json(`select dossier.outlook_at(d, '${time}') from dossier.dossier d where d.id = '${one.id}'`);
const expected = async (one, time) => (await outlook(one, time)).expected;
const late = (one, time) => value(`select dossier.late_at(d, '${time}') from dossier.dossier d where d.id = '${one.id}'`);
const lane = (from, to, took, ends = 'delivered') => query(`
    insert into custody.leg_lane (from_unit, to_unit, ends, samples, took)
    select f.id, t.id, '${ends}', ${took.reduce((a, b) => a + b)}, '{${took}}'
    from postal.unit f, postal.unit t where f.code = '${from}' and t.code = '${to}'
    on conflict (from_unit, to_unit, ends) do update set samples = excluded.samples, took = excluded.took`);
// As though the agency's steps had been taken then.
const stands = (one, what) => query(`update dossier.dossier set ${what} where id = '${one.id}'`);

async function learn(time) {
    for (let waiting = '1'; waiting !== '0';) {
        await session.query('select given from custody.sequence(5000)');
        [[waiting]] = await session.query(`select count(*) from custody.event e where not exists (
            select from custody.log l where l.subject = e.subject and l.event_id = e.id)`);
    }
    for (let read = '1'; read !== '0';)
        [[read]] = await session.query(`select read from custody.search_read('${time}')`);
    await session.query(`select custody.reckon_legs(1000, '${time}')`);
}

test('the outward leg: its target, then as its lane has it; what is over is nothing to wait for', async () => {
    const one = await intake();
    assert.deepEqual(await expected(one, at(0, 8)), { leg: 'outward', by_50: day(1), by_90: day(1), basis: 'j+n' },
        'not accepted yet: from now');
    await scan('accept', 'clerk', one.number, at(0, 9));
    await lane('46-B1', '46-A1', [0, 0, 0, 30]);
    assert.deepEqual(await expected(one, at(0, 10)), { leg: 'outward', by_50: day(3), by_90: day(3), basis: 'lane' });
    assert.deepEqual(await expected(one, at(3, 18)), { leg: 'outward', by_50: day(4), by_90: day(4), basis: 'lane' });
    await stands(one, `filed_at = '${at(2, 9)}'`);
    assert.equal(await expected(one, at(2, 10)), null);
});

test('sent elsewhere: from then on by the longest target; turned round or lost: nothing is told', async () => {
    const one = await intake();
    await scan('accept', 'clerk', one.number, at(0, 9));
    await scan('redirect', 'clerk', one.number, at(1, 9));
    assert.deepEqual(await expected(one, at(1, 10)), { leg: 'outward', by_50: day(7), by_90: day(7), basis: 'j+n' });
    const back = await intake();
    await scan('accept', 'clerk', back.number, at(0, 9));
    await scan('return', 'clerk', back.number, at(1, 9));
    assert.equal(await expected(back, at(1, 10)), null);
    const lost = await intake();
    await scan('accept', 'clerk', lost.number, at(0, 9));
    await scan('lost', 'supervisor', lost.number, at(1, 9));
    assert.equal(await expected(lost, at(1, 10)), null);
});

test('in a bag that is lost it is lost too', async () => {
    const one = await intake(), bag = await container(session, '46-B1', '46-H1');
    await scan('accept', 'clerk', one.number, at(0, 9));
    await scan('bag', 'clerk', one.number, at(0, 10), { container: bag });
    await scan('close', 'clerk', bag, at(0, 11));
    assert.notEqual(await expected(one, at(1, 10)), null);
    await scan('lost', 'supervisor', bag, at(1, 9));
    assert.equal(await expected(one, at(1, 10)), null);
});

test('a delivery that failed: a day only where somebody comes again', async () => {
    for (const [next_action, told] of [['retry', true], ['invite', false], ['hold', false], ['return', false]]) {
        const one = await intake();
        const number = await value(`select custody.create_shipment('${one.id}', 'result', 11, 11, 50, 1)`);
        await stands(one, `status = 9, filed_at = '${at(0, 9)}', accepted_at = '${at(0, 9)}', ended_at = '${at(0, 9)}'`);
        await scan('accept', 'officer', number, at(0, 9));
        await scan('out_for_delivery', 'courier', number, at(1, 9));
        const reason = next_action === 'return' ? 'refused' : 'absent';
        await scan('fail', 'courier', number, at(1, 10), { reason, next_action, data: { until: day(3) } });
        assert.equal(await expected(one, at(1, 11)) !== null, told, next_action);
    }
});

test('the agency works: the result, from its due day or from now; a pause or a result on line: nothing', async () => {
    const one = await intake();
    await lane('46-A1', '46-B3', [0, 0, 30]);
    await stands(one, `status = 4, filed_at = '${at(0, 9)}', accepted_at = '${at(0, 10)}', due_at = '${at(4, 17)}'`);
    // Ready at the close of a Friday: forwarded on Monday.
    assert.deepEqual(await expected(one, at(1, 9)), { leg: 'result', by_50: day(9), by_90: day(9), basis: 'lane' });
    assert.deepEqual(await expected(one, at(8, 9)), { leg: 'result', by_50: day(10), by_90: day(10), basis: 'lane' });
    assert.deepEqual([await late(one, at(1, 9)), await late(one, at(2, 14)), await late(one, at(2, 16)), await late(one, at(8, 9))],
        ['f', 'f', 't', 't'], 'late from when it could not be there by the due day');
    await stands(one, `status = 5, paused_at = '${at(1, 9)}'`);
    assert.deepEqual([await expected(one, at(2, 9)), await late(one, at(3, 9))], [null, 'f']);
    await stands(one, `status = 4, paused_at = null, result_to_kind = 'online'`);
    assert.deepEqual([await expected(one, at(2, 9)), await late(one, at(3, 9)), await late(one, at(7, 9))], [null, 'f', 't']);
    // The list of the agency's officer, as of now: past its due day.
    const list = async (args) => (await json(`select dossier.list(o.id, o.unit_id, o.roles, '${JSON.stringify(args)}')
        from account.account o where o.login = 'officer'`)).items;
    assert.deepEqual((await list({ late: true })).map((row) => [row.code, row.late]), [[one.code, true]]);
    assert.deepEqual((await list({})).filter((row) => row.late).length, 1);
});

test('a result on its way; ready to be fetched it is the applicant who is waited for', async () => {
    const one = await intake({ result_to_kind: 'post_office', result_unit: '46-B1', result_commune: null });
    const number = await value(`select custody.create_shipment('${one.id}', 'result', 11, 11, 50, 1)`);
    await stands(one, `status = 9, filed_at = '${at(0, 9)}', accepted_at = '${at(0, 9)}', due_at = '${at(3, 17)}', ended_at = '${at(2, 9)}'`);
    await scan('accept', 'officer', number, at(2, 9));
    await lane('46-A1', '46-B1', [0, 0, 30], 'at_office');
    assert.deepEqual(await expected(one, at(2, 10)), { leg: 'result', by_50: day(4), by_90: day(4), basis: 'lane' });
    assert.equal(await late(one, at(2, 10)), 't');
    await scan('at_delivery_office', 'clerk', number, at(3, 9));
    assert.deepEqual([await expected(one, at(3, 10)), await late(one, at(3, 10))], [null, 'f']);
    assert.deepEqual((await outlook(one, at(9, 10))).days, { agency: 2, post: 1, waiting: 4 });
    await scan('deliver', 'clerk', number, at(9, 11), taken);
    const { post, waiting } = (await outlook(one, at(12, 10))).days;
    assert.deepEqual([post, waiting], [1, 4], 'no longer than until it was fetched');
});

test('both clocks: pauses are not the agency\u2019s, and a supplement in the post not the applicant\u2019s', async () => {
    const one = await intake();
    await scan('accept', 'clerk', one.number, at(0, 9));
    assert.deepEqual((await outlook(one, at(1, 12))).days, { agency: 0, post: 1, waiting: 0 });
    await query(`update custody.shipment set state = 'delivered' where number = '${one.number}';
        insert into custody.event (subject, id, kind, at, received_at, device_at, actor, unit, outcome, digest)
        values ('${one.number}', '${uuid7(Date.parse(at(2, 9)))}', 'deliver', '${at(2, 9)}', now(), now(), 1, 31, 'recorded', '\\x01');
        insert into dossier.pause values ('${one.id}', 1, 'supplement', '${at(3, 9)}', '${at(10, 9)}'),
                                         ('${one.id}', 2, 'payment', '${at(11, 9)}', null)`);
    await stands(one, `status = 6, filed_at = '${at(2, 9)}', accepted_at = '${at(2, 9)}', paused_at = '${at(11, 9)}'`);
    const more = await value(`select custody.create_shipment('${one.id}', 'supplement', 11, 31, 50, 1)`);
    await scan('accept', 'clerk', more, at(7, 9));
    await scan('damage', 'clerk', more, at(8, 9));
    // Two days out, a day here, two days and a weekend waited for, two in the post and still not there.
    assert.deepEqual((await outlook(one, at(9, 9))).days, { agency: 1, post: 4, waiting: 2 });
    await query(`update custody.shipment set state = 'delivered' where number = '${more}';
        insert into custody.event (subject, id, kind, at, received_at, device_at, actor, unit, outcome, digest)
        values ('${more}', '${uuid7(Date.parse(at(9, 9)))}', 'deliver', '${at(9, 9)}', now(), now(), 1, 31, 'recorded', '\\x01')`);
    assert.deepEqual((await outlook(one, at(14, 9))).days, { agency: 2, post: 4, waiting: 4 });
});

test('what a supplement or one piece of several still takes', async () => {
    const one = await intake();
    await stands(one, `status = 5, paused_at = '${at(0, 9)}', filed_at = '${at(0, 8)}'`);
    assert.equal(await expected(one, at(1, 9)), null);
    const more = await value(`select custody.create_shipment('${one.id}', 'supplement', 11, 31, 50, 1)`);
    await scan('accept', 'clerk', more, at(1, 9));
    await lane('46-B1', '46-A1', [0, 0, 30]);
    assert.deepEqual(await expected(one, at(1, 10)), { leg: 'supplement', by_50: day(3), by_90: day(3), basis: 'lane' });
    const pieces = await intake();
    await scan('accept', 'clerk', pieces.number, at(0, 9));
    await query(`update custody.shipment set pieces = 2 where number = '${pieces.number}';
        select custody.begin_shipment('RR123456785VN', '${pieces.id}', 'outward', 11, 31, 50, 1, null, 2, 2);
        update custody.shipment set state = 'delivered' where number = '${pieces.number}'`);
    assert.deepEqual((await expected(pieces, at(1, 10))).by_50, day(3), 'the one that was not accepted yet, from now');
});

test('a lane learns from legs that are over, and forgets what was taken back', async () => {
    const one = await intake();
    const legs = () => query(`select k.number, k.ends, k.began_on, k.ended_on from custody.leg_taken k
        join custody.shipment s using (number) where s.dossier = '${one.id}' order by k.number`);
    const samples = () => query(`select l.samples, l.took from custody.leg_lane l where l.to_unit = 11 and l.from_unit = 31 and l.ends = 'delivered'`);
    const number = await value(`select custody.create_shipment('${one.id}', 'result', 11, 11, 50, 1)`);
    await scan('accept', 'officer', number, at(0, 16));
    await scan('out_for_delivery', 'courier', number, at(3, 9));
    await scan('deliver', 'courier', number, at(3, 10), taken);
    const back = await value(`select custody.create_shipment('${one.id}', 'result', 11, 11, 50, 1)`);
    await scan('accept', 'officer', back, at(0, 9));
    await scan('at_delivery_office', 'clerk', back, at(1, 9));
    await scan('return', 'clerk', back, at(2, 9));
    await learn(at(4, 9));
    assert.deepEqual(await legs(), [[number, 'delivered', day(1), day(3)]], 'after three: from the next day; one turned round is none');
    assert.deepEqual(await samples(), [['1', '{0,0,1}']]);
    const [[event]] = await query(`select id from custody.event where subject = '${number}' and kind = 'deliver'`);
    await scan('reverse', 'supervisor', number, at(4, 10), { refers: event });
    await learn(at(5, 9));
    assert.deepEqual(await legs(), []);
    assert.deepEqual(await samples(), [['0', '{}']]);
});

test('an edited calendar counts the days of legs anew', async () => {
    const one = await intake();
    const number = await value(`select custody.create_shipment('${one.id}', 'result', 11, 13, 50, 1)`);
    await scan('accept', 'officer', number, at(0, 9));
    await scan('out_for_delivery', 'courier', number, at(3, 9));
    await scan('deliver', 'courier', number, at(3, 10), taken);
    const took = () => value(`select took from custody.leg_lane where from_unit = 31 and to_unit = 13 and ends = 'delivered' and samples = 1`);
    await lane('46-A1', '46-B3', [0]);
    await learn(at(4, 9));
    assert.equal(await took(), '{0,0,0,1}');
    await query(`insert into postal.calendar_day (day, kind, name) values ('${day(2)}', 'holiday', 'Ngày nghỉ thử')`);
    await learn(at(4, 9));
    assert.equal(await took(), '{0,0,1}');
});

test('an answer that says today holds until the office closes, any other until midnight', async () => {
    const one = await intake();
    const today = await value(`select base.vn_date(now())`);
    const closes = (time) => db.query(`update postal.unit set closes = '${time}', opens = '00:00', break_from = null, break_to = null
        where code = '46-A1'`, 'dossierpost_owner');
    const until = (on) => value(`select (dossier.until_of(d, '{"leg": "outward", "by_50": "${on}"}') at time zone 'Asia/Ho_Chi_Minh')::text
        from dossier.dossier d where d.id = '${one.id}'`);
    await closes('23:59:59');
    assert.equal(await until(today), `${today} 23:59:59`);
    assert.match(await until('2099-01-01'), / 00:00:00$/);
    await closes('00:00:01');
    assert.match(await until(today), / 00:00:00$/, 'it is closed already');
});
