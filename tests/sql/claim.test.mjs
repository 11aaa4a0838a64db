// Claims for what the post lost, damaged or delayed: who says so, until when, the least that is paid, and
// what is decided once. The paper of it is tests/api/claims.test.mjs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { people, record, uuid7 } from './scans.mjs';
import { test_database } from './cluster.mjs';

const OWNER = 'dossierpost_owner';
let db, all;
before(async () => {
    db = await test_database();
    all = await people(db);
});
after(() => db.end());

const asker = (login) => `${all[login].id}, ${all[login].unit}, ${all[login].roles}`;
async function intake(more = {}) {
    const body = { procedure: '1.004873', agency: '46-A1', service: 'both', applicant_kind: 'citizen', from_commune: '19789',
        weight_g: 90, documents: [{ name: 'Đơn', originals: 1, copies: 0 }], result_to_kind: 'address', result_commune: '19777',
        paid: true, ...more };
    const view = await db.json(`select dossier.intake(${asker('clerk')}, $b$${JSON.stringify(body)}$b$::jsonb
        || jsonb_build_object('id', base.uuid_v7()), '\\x01', '\\x02', '\\x03', '\\x04', 'digest')`);
    return { id: view.id, code: view.code, number: view.shipments[0].number };
}
async function scanned(kind, who, number) {
    const at = Date.now() - 1000;
    const [reply] = await record(db, all, [{ id: uuid7(at), subject: number, kind, who, at: new Date(at).toISOString() }]);
    assert.equal(reply.outcome, 'recorded', JSON.stringify(reply));
}
async function accepted(more) {
    const one = await intake(more);
    await scanned('accept', 'clerk', one.number);
    return one;
}
// As though the post had accepted it at noon that many days ago.
const long_ago = (number, days) => db.query(`update custody.event set at = (base.vn_date(now()) - ${days}
    + time '12:00') at time zone 'Asia/Ho_Chi_Minh' where subject = '${number}' and kind = 'accept'`, OWNER);
const stepping = (login, { code }, action, body, more = 'null') =>
    `select dossier.act(${asker(login)}, '${code}', '${action}', $b$${JSON.stringify(body)}$b$, ${more})`;
const step = (...args) => db.json(stepping(...args));
const claim = (one, cause, more = {}, login = 'clerk') => step(login, one, 'claim', { number: one.number, cause, ...more });
const pay = (one, amount, more = {}) => step('supervisor', one, 'compensate', { number: one.number, amount, ...more });
const refuse = (one, reason = 'không có căn cứ') => step('supervisor', one, 'refuse_claim', { number: one.number, reason });
const charged = async ({ id }, ledger = 'postage_out') => Number(await db.value(`select sum(amount) from money.charge
    where dossier = '${id}' and ledger = '${ledger}' and cancelled_at is null`));
const paid = async ({ id }) => (await db.query(`select cause, amount, refund, payer from money.compensation
    where dossier = '${id}' order by at, event`)).map(([cause, ...rest]) => [cause, ...rest.map(Number)]);
// (of the dossiers: some acceptances were moved to another day)
const changed = async () => (await db.query("select what from custody.rebuild() where what like 'dossier.%'")).flat();
const rebuilt = async () => assert.deepEqual(await changed(), []);

// Refused, and nothing is otherwise than before.
async function refused(statement, slug, pointer) {
    const whole = () => db.json(`select jsonb_build_object('events', (select count(*) from custody.event),
        'claims', (select jsonb_agg(k order by event) from dossier.claim k),
        'money', (select jsonb_agg(m order by event) from money.compensation m))`);
    const was = await whole();
    await assert.rejects(db.query(statement), ({ stderr }) => {
        assert.match(stderr, new RegExp(`DP001: ${slug}\\b`));
        if (pointer) assert.ok(stderr.includes(`"pointer": "${pointer}"`), stderr);
        return true;
    });
    assert.deepEqual(await whole(), was);
}

test('the least: so many times the charge, its refund included, less what was waived or paid before', async () => {
    const sum = fc.integer({ min: 0, max: 1000000000 });
    const rows = fc.sample(fc.record({ charge: sum, unpaid: sum, times: fc.constantFrom(1, 4), before: sum }), 2000);
    const told = await db.json(`select jsonb_agg(money.compensation_least(charge, unpaid, times, before) order by n)
        from rows from (jsonb_to_recordset($j$${JSON.stringify(rows)}$j$)
            as (charge bigint, unpaid bigint, times int, before bigint)) with ordinality as x (charge, unpaid, times, before, n)`);
    rows.forEach(({ charge, unpaid, times, before }, i) =>
        assert.equal(told[i], Math.max(times * charge - unpaid - before, 0), JSON.stringify(rows[i])));
    assert.deepEqual(await db.query('select cause, times from money.liability order by 1'), [['damaged', '4'], ['late', '1'], ['lost', '4']]);
});

test('six months: the last day, by the calendar of Vietnam', async () => {
    for (const [accepted_at, last] of [['2026-05-28 08:00+07', '2026-11-28'], ['2026-05-28 23:30+07', '2026-11-28'],
        ['2026-05-28 00:10+07', '2026-11-28'], ['2026-08-31 12:00+07', '2027-02-28'], ['2026-12-31 12:00+07', '2027-06-30']])
        assert.equal(await db.value(`select dossier.claim_until('${accepted_at}')`), last, accepted_at);
    const one = await accepted();
    const oldest = Number(await db.value(`select max(n) from generate_series(150, 200) n where base.vn_date(now()) <=
        dossier.claim_until((base.vn_date(now()) - n + time '12:00') at time zone 'Asia/Ho_Chi_Minh')`));
    assert.ok(oldest >= 180 && oldest <= 184);
    await long_ago(one.number, oldest + 1);
    await refused(stepping('clerk', one, 'claim', { number: one.number, cause: 'lost' }), 'action-not-allowed');
    await long_ago(one.number, oldest);
    assert.equal((await claim(one, 'lost')).claims[0].state, 'claimed');
});

test('who claims, for what, and what is refused', async () => {
    const one = await intake(), body = { number: one.number, cause: 'lost' };
    await refused(stepping('clerk', one, 'claim', body), 'action-not-allowed'); // the post does not have it yet
    await scanned('accept', 'clerk', one.number);
    for (const login of ['officer', 'supervisor', 'admin']) await refused(stepping(login, one, 'claim', body), 'forbidden');
    for (const login of ['clerk2', 'applicant', 'officer2']) await refused(stepping(login, one, 'claim', body), 'not-found');
    await refused(stepping('clerk', one, 'claim', { number: one.number }), 'invalid-fields', '/cause');
    await refused(stepping('clerk', one, 'claim', { cause: 'lost' }), 'invalid-fields', '/number');
    const other = await accepted();
    for (const number of [other.number, 'RR000000005VN', 'x']) await refused(stepping('clerk', one, 'claim', { number, cause: 'lost' }), 'invalid-fields', '/number');
    await refused(stepping('clerk', one, 'claim', { number: one.number, cause: 'stolen' }), 'invalid-fields', '/cause');
    await refused(stepping('clerk', one, 'claim', body, '7'), 'precondition-failed');
    assert.deepEqual((await db.json(`select dossier.view_for('${one.id}', ${asker('clerk')})`)).claimable.map((x) => x.number), [one.number]);
    const spaced = one.number.replace(/(\d{4})/, ' $1 ').toLowerCase();
    const view = await step('clerk', one, 'claim', { number: spaced, cause: 'lost', reason: 'Không thấy đến' });
    assert.deepEqual(view.claims.map((k) => [k.number, k.cause, k.state, k.said]), [[one.number, 'lost', 'claimed', 'Không thấy đến']]);
    assert.deepEqual(view.claimable, []);
    await refused(stepping('clerk', one, 'claim', { number: one.number, cause: 'late' }), 'action-not-allowed'); // one at a time
    for (const login of ['clerk', 'officer']) {
        await refused(stepping(login, one, 'compensate', { number: one.number, amount: 1e9 }), 'forbidden');
        await refused(stepping(login, one, 'refuse_claim', { number: one.number, reason: 'x' }), 'forbidden');
    }
    await refused(stepping('supervisor', one, 'refuse_claim', { number: one.number }), 'invalid-fields', '/reason');
    await refused(stepping('supervisor', one, 'compensate', { number: other.number, amount: 1e9, reason: 'x' }), 'conflict');
    assert.equal(view.status.code, 1, 'the dossier is where it was');
    await rebuilt();
});

test('lost: at least four times, by a decision that stands', async () => {
    const one = await accepted(), cost = await charged(one), charges = await db.json(`select money.charges('${one.id}')`);
    await refused(stepping('supervisor', one, 'compensate', { number: one.number, amount: 1e9 }), 'action-not-allowed'); // no claim
    await claim(one, 'lost');
    const waiting = (await db.json(`select dossier.view_for('${one.id}', ${asker('supervisor')})`)).claims[0];
    assert.deepEqual(waiting.basis, { charge: cost, unpaid: 0, due: 0, refundable: cost, times: 4, before: 0, least: 4 * cost, borne_out: false });
    await refused(stepping('supervisor', one, 'compensate', { number: one.number, amount: 4 * cost - 1, reason: 'x' }), 'invalid-fields', '/amount');
    await refused(stepping('supervisor', one, 'compensate', { number: one.number, amount: 4 * cost }), 'invalid-fields', '/reason');
    await scanned('lost', 'supervisor', one.number);
    const view = await pay(one, 4 * cost), told = view.claims[0];
    assert.deepEqual([told.state, told.amount, told.refund, told.basis.borne_out], ['compensated', 4 * cost, cost, true]);
    assert.deepEqual(await paid(one), [['lost', 4 * cost, cost, all.supervisor.id]]);
    assert.deepEqual(await db.json(`select money.charges('${one.id}')`), charges, 'charges are another ledger');
    const [[data]] = await db.query(`select data from custody.event where subject = '${one.id}' and kind = 'dossier.compensate'`);
    assert.deepEqual((({ number, cause, amount, basis }) => [number, cause, amount, basis.least])(JSON.parse(data)),
        [one.number, 'lost', 4 * cost, 4 * cost]);
    await refused(stepping('supervisor', one, 'compensate', { number: one.number, amount: 1e9 }), 'action-not-allowed');
    await refused(stepping('supervisor', one, 'refuse_claim', { number: one.number, reason: 'x' }), 'action-not-allowed');
    await refused(stepping('clerk', one, 'claim', { number: one.number, cause: 'damaged' }), 'action-not-allowed');
    for (const change of ['update money.compensation set amount = 1', 'delete from money.compensation'])
        await assert.rejects(db.query(change), /permission denied/);
    await rebuilt();
    await db.query(`update dossier.claim set amount = 1 where dossier = '${one.id}'`);
    assert.deepEqual(await changed(), ['dossier.claims'], 'what was changed beside the events shows');
    await db.query(`select dossier.project_claims('${one.id}')`);
});

test('damaged: as the post noted it; refused with a reason, and claimed anew', async () => {
    const one = await accepted(), cost = await charged(one);
    await claim(one, 'damaged');
    const view = await refuse(one, 'Bao bì nguyên vẹn');
    assert.deepEqual(view.claims.map((k) => [k.state, k.answer, k.amount]), [['claim_refused', 'Bao bì nguyên vẹn', undefined]]);
    assert.deepEqual(await paid(one), []);
    await scanned('damage', 'clerk', one.number);
    await claim(one, 'damaged', { reason: 'Ảnh chụp kèm theo' });
    await refused(stepping('supervisor', one, 'compensate', { number: one.number, amount: 4 * cost - 1 }), 'invalid-fields', '/amount');
    assert.deepEqual((await pay(one, 4 * cost + 500)).claims.map((k) => k.state), ['claim_refused', 'compensated']);
    await rebuilt();
});

test('late: the charge is refunded; lost after all: the rest of four times', async () => {
    const one = await accepted(), cost = await charged(one);
    await claim(one, 'late');
    await refused(stepping('supervisor', one, 'compensate', { number: one.number, amount: cost }), 'invalid-fields', '/reason');
    await long_ago(one.number, 40);
    await refused(stepping('supervisor', one, 'compensate', { number: one.number, amount: cost - 1 }), 'invalid-fields', '/amount');
    await pay(one, cost);
    await refused(stepping('clerk', one, 'claim', { number: one.number, cause: 'late' }), 'invalid-fields', '/cause');
    await scanned('lost', 'supervisor', one.number);
    await claim(one, 'lost');
    await refused(stepping('supervisor', one, 'compensate', { number: one.number, amount: 3 * cost - 1 }), 'invalid-fields', '/amount');
    await pay(one, 3 * cost);
    assert.deepEqual(await paid(one), [['late', cost, cost, all.supervisor.id], ['lost', 3 * cost, 0, all.supervisor.id]]);
});

test('what was not paid is not refunded; a piece has its share; a result its own way', async () => {
    const open = await accepted({ paid: false }), cost = await charged(open);
    const least = async ({ id, number }, cause) => (await db.json(`select dossier.claim_basis(d, '${number}', '${cause}')
        from dossier.dossier d where id = '${id}'`)).least;
    assert.deepEqual([await least(open, 'lost'), await least(open, 'late')], [3 * cost, 0]);
    const many = await intake();
    const [, , third] = (await db.json(`select dossier.pieces(${asker('clerk')}, '${many.code}', 3, null, null)`)).shipments;
    await scanned('accept', 'clerk', third.number);
    assert.equal(await least({ id: many.id, number: third.number }, 'lost'), 4 * Math.ceil(await charged(many) / 3));
    const back = await accepted();
    for (const action of ['accept', 'start', 'result_ready']) await step('officer', back, action, {});
    const [[result]] = await db.query(`select number from custody.shipment where dossier = '${back.id}' and leg = 'result'`);
    await scanned('take_over', 'courier', result);
    assert.equal(await least({ id: back.id, number: result }, 'damaged'), 4 * await charged(back, 'postage_return'));
    // Whatever has become of the dossier.
    await scanned('lost', 'supervisor', result);
    await claim({ ...back, number: result }, 'lost');
    await pay({ ...back, number: result }, 4 * await charged(back, 'postage_return'));
    await rebuilt();
});

// What a compensation leaves to be paid, and what the applicant has of it in the end.
const due = async ({ id }, ledger) => Number(await db.value(`select money.due('${id}', ${ledger ? `'{${ledger}}'` : 'null'})`));

test('what comes off the least as waived is not due any more, and no less is paid for a loss after it', async () => {
    const one = await accepted({ paid: false }), cost = await charged(one), all_due = await due(one);
    await claim(one, 'late');
    await refused(stepping('supervisor', one, 'compensate', { number: one.number, amount: 0 }), 'invalid-fields', '/reason');
    const [told_late] = (await pay(one, 0, { reason: 'chậm' })).claims;
    assert.deepEqual([told_late.state, told_late.amount, told_late.waived], ['compensated', 0, cost]);
    assert.equal(await due(one, 'postage_out'), 0);
    assert.equal(await due(one), all_due - cost, 'the way back and the fees are due as before');
    assert.deepEqual(await paid(one), [['late', 0, 0, all.supervisor.id]]);
    await scanned('lost', 'supervisor', one.number);
    await claim(one, 'lost');
    await refused(stepping('supervisor', one, 'compensate', { number: one.number, amount: 3 * cost - 1 }), 'invalid-fields', '/amount');
    await pay(one, 3 * cost);
    assert.deepEqual(await paid(one), [['late', 0, 0, all.supervisor.id], ['lost', 3 * cost, 0, all.supervisor.id]]);
    const told = (await db.json(`select money.charges('${one.id}')`)).filter((line) => line.ledger === 'postage_out');
    assert.ok(told.every((line) => line.cancelled_at && !line.paid_at) && told.reduce((sum, line) => sum + line.amount, 0) === cost);
    const nothing = await accepted();
    await db.query(`update money.charge set cancelled_at = now() where dossier = '${nothing.id}'`, OWNER);
    await claim(nothing, 'late');
    await refused(stepping('supervisor', nothing, 'compensate', { number: nothing.number, amount: 0, reason: 'x' }), 'invalid-fields', '/amount');
    for (const [login, action] of [['clerk', 'take_payment'], ['officer', 'ask_payment']]) {
        const other = await accepted({ paid: false });
        if (action === 'ask_payment') for (const name of ['accept', 'start']) await step('officer', other, name, {});
        await refused(stepping(login, other, action, { amount: 0, reason: 'x', ledgers: ['extra'] }), 'invalid-fields', '/amount');
    }
    await rebuilt();
});

test('of pieces each is waived its share, and all of them no more than there is', async () => {
    const many = await intake({ paid: false }), cost = await charged(many);
    const { shipments } = await db.json(`select dossier.pieces(${asker('clerk')}, '${many.code}', 3, null, null)`);
    let left = cost;
    for (const { number } of shipments) {
        await scanned('accept', 'clerk', number);
        await claim({ ...many, number }, 'late');
        await pay({ ...many, number }, 1, { reason: 'chậm' });
        left = Math.max(left - Math.ceil(cost / 3), 0);
        assert.equal(await due(many, 'postage_out'), left);
    }
    assert.equal(left, 0);
});

test('the charge of a way is given back once, however many shipments went it', async () => {
    const many = await intake(), cost = await charged(many);
    const { shipments } = await db.json(`select dossier.pieces(${asker('clerk')}, '${many.code}', 3, null, null)`);
    for (const { number } of shipments) {
        await scanned('accept', 'clerk', number);
        await claim({ ...many, number }, 'lost');
        await pay({ ...many, number }, 4 * cost, { reason: 'mất' });
    }
    assert.equal((await paid(many)).reduce((sum, [, , refund]) => sum + refund, 0), cost);
});

test('two who decide at once: one decision; the same request twice: one payment', async () => {
    const one = await accepted(), [a, b] = [db.session(), db.session()];
    await claim(one, 'lost');
    const body = { number: one.number, amount: 1000000, reason: 'thất lạc' };
    await a.query('begin');
    await a.query(stepping('supervisor', one, 'compensate', body));
    const second = b.query(stepping('supervisor', one, 'refuse_claim', { number: one.number, reason: 'x' }))
        .then(() => 'done', (error) => String(error.stderr ?? error.message));
    await new Promise((done) => setTimeout(done, 200));
    await a.query('commit');
    assert.match(await second, /action-not-allowed/);
    await Promise.all([a.end(), b.end()]);
    const two = await accepted();
    await claim(two, 'lost');
    const again = stepping('supervisor', two, 'compensate', { ...body, number: two.number }, `null, 'k-${two.id}', '\\x01'`);
    assert.deepEqual(await db.json(again), await db.json(again));
    assert.equal((await paid(two)).length, 1);
});

test('a claim whose acceptance was taken back is not paid, and nothing else decides on it but a refusal', async () => {
    const one = await intake(), at = Date.now() - 1000, id = uuid7(at);
    await record(db, all, [{ id, subject: one.number, kind: 'accept', who: 'clerk', at: new Date(at).toISOString() }]);
    await claim(one, 'lost');
    const [undone] = await record(db, all, [{ id: uuid7(at + 1), subject: one.number, kind: 'undo', who: 'clerk', refers: id, at: new Date(at + 1).toISOString() }]);
    assert.equal(undone.outcome, 'recorded', JSON.stringify(undone));
    await refused(stepping('supervisor', one, 'compensate', { number: one.number, amount: 1, reason: 'x' }), 'conflict');
    assert.deepEqual((await refuse(one)).claims.map((k) => k.state), ['claim_refused']);
});

test('an intake that was compensated is not cancelled: its charge would be given back twice', async () => {
    const one = await accepted();
    const may = async () => (await db.json(`select dossier.view_for('${one.id}', ${asker('clerk')})`)).allowed_actions.map((x) => x.action);
    assert.ok((await may()).includes('cancel_intake'));
    await claim(one, 'damaged');
    await pay(one, 4 * await charged(one), { reason: 'rách' });
    await refused(stepping('clerk', one, 'cancel_intake', { reason: 'nhầm' }), 'action-not-allowed');
    assert.ok(!(await may()).some((action) => ['correct_intake', 'split_intake', 'group_intake', 'make_pieces'].includes(action)));
});

test('an agency that was only asked about a dossier sees nothing of its claims and its pick-up', async () => {
    const one = await accepted(), seen = async (login) => db.json(`select dossier.view_for('${one.id}', ${asker(login)})`);
    await db.query(`insert into online.pickup select '${one.id}', '${one.number}', ${all.clerk.unit}, base.vn_date(now()) + 1, base.vn_date(now()) + 1, 'morning'`);
    await claim(one, 'lost', { reason: 'Không thấy đến' });
    await step('officer', one, 'accept', {});
    const asked = await db.value(`select code from postal.unit where id = ${all.officer2.unit}`);
    await db.query(`select dossier.ask_agency(${asker('officer')}, '${one.code}', jsonb_build_object('id', base.uuid_v7(),
        'agency', '${asked}', 'what', 'x', 'time', 1, 'time_unit', 'working_day'), null, null, '\\x01')`);
    assert.deepEqual([(await seen('officer2')).claims, (await seen('officer2')).pickup], [[], undefined]);
    for (const login of ['clerk', 'officer', 'supervisor'])
        assert.deepEqual([(await seen(login)).claims.length, (await seen(login)).pickup?.half], [1, 'morning'], login);
});

test('a purge waits for a decision, and a list of the supervisor shows what waits', async () => {
    const one = await accepted();
    await scanned('lost', 'supervisor', one.number);
    const why = () => db.value(`select custody.purge_hindered('${one.number}', 'infinity')`);
    const listed = async () => (await db.json(`select dossier.list(${asker('supervisor')}, '{"claimed": true, "limit": 500}')`))
        .items.map(({ code }) => code);
    assert.deepEqual([await why(), (await listed()).includes(one.code)], [null, false]);
    await claim(one, 'lost');
    assert.deepEqual([await why(), (await listed()).includes(one.code)], ['claim', true]);
    await refuse(one);
    assert.deepEqual([await why(), (await listed()).includes(one.code)], [null, false]);
});

test('what waits is found by its claims, however many dossiers there are', async () => {
    await db.query(`insert into dossier.dossier (id, code, procedure, procedure_version, agency, office, service, applicant_kind,
            from_commune, result_to_kind, weight_g, created_at, created_by, status, version)
        select base.uuid_v7(), 'y-' || i, '1.004873', 1, ${all.officer.unit}, ${all.clerk.unit}, 'send', 'citizen', '19789', 'online', 80,
               now() - i * interval '1 minute', 1, 1, 1 from generate_series(1, 20000) i;
        analyze dossier.dossier; analyze dossier.claim`, OWNER);
    const parts = await db.query(`select dossier.listed(s || ' and ' || dossier.wanted('{"claimed": true}'), '{"claimed": true}', 51)
        from unnest(dossier.scope(${asker('supervisor')})) s`);
    const plan = (await Promise.all(parts.map(([part]) => db.query(`explain (costs off) ${part}`)))).flat(2).join('\n');
    assert.match(plan, /dossier_pkey/, plan);
    assert.doesNotMatch(plan, /Seq Scan on dossier|created_at_id_idx/, plan);
});
