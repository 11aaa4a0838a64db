// The rules of delivery in the database: invitations over Tết, who is asked for rules and who is not,
// and a file and the scan that names it, at the same moment.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { vn_day } from '../api/service.mjs';
import { people, record, uuid7 } from './scans.mjs';
import { test_database } from './cluster.mjs';

const SELF = { relation: 'self', id_checked: true, proof: 'signature', drawn: true };
const REF = 'a'.repeat(64);
let db, all;

before(async () => {
    db = await test_database();
    all = await people(db);
});
after(() => db.end());

// An hour ago, each a second after the one before: also within one transaction in order.
let made = 0;
const scan = (subject, kind, who, more = {}) => ({ id: uuid7(Date.now()), subject, kind, who,
    at: new Date(Date.now() - 3600000 + 1000 * ++made).toISOString(), ...more });
const told = ([{ outcome, warnings, state }]) => [outcome, warnings, state];

// A result of a dossier, with the courier at the door. (Its holder before is the agency as a place.)
async function at_the_door(session = db) {
    const [[dossier]] = await session.query(`select (dossier.intake(${all.clerk.id}, ${all.clerk.unit}, 2,
        jsonb_build_object('id', base.uuid_v7(), 'procedure', '1.004873', 'agency', '46-A1', 'service', 'both',
        'applicant_kind', 'citizen', 'from_commune', '19789', 'weight_g', 80,
        'documents', '[{"name": "Đơn", "originals": 1, "copies": 0}]'::jsonb,
        'result_to_kind', 'address', 'result_commune', '19777'),
        '\\x01', '\\x02', '\\x03', '\\x04', '${uuid7(Date.now())}')) ->> 'id'`);
    const [[number]] = await session.query(`select custody.create_shipment('${dossier}', 'result',
        ${all.clerk.unit}, ${all.clerk.unit}, 50, 0)`);
    for (const [kind, who] of [['take_over', 'courier'], ['arrive', 'clerk'], ['out_for_delivery', 'courier']])
        assert.deepEqual(told(await record(session, all, [scan(number, kind, who)]))[0], 'recorded', kind);
    return { number, dossier };
}

const invite = (number, at) => db.query(`select custody.append('${number}', base.uuid_v7(), 'invite', 0,
    ${all.clerk.unit}, p_at => '${at}+07')`);
const invitations = async (number, until = 'infinity') => (await db.query(`select counts, next_on, return_on
    from custody.invitations(custody.delivery_steps('${number}'), 'result', '${until}')`)).map((row) => row.join(' '));

test('two working days between invitations, Tết and a worked Saturday counted as the calendar has them', async () => {
    const { number } = await at_the_door();
    await invite(number, '2026-02-13 16:00');
    assert.deepEqual(await invitations(number), ['t 2026-02-24 '], 'Monday the 23rd is the first');
    await invite(number, '2026-02-23 23:59');
    assert.deepEqual((await invitations(number))[1], 'f 2026-02-24 ');
    await invite(number, '2026-02-24 00:01');
    assert.deepEqual((await invitations(number))[2], 't  2026-02-26');
    await invite(number, '2026-03-02 09:00');
    assert.deepEqual((await invitations(number))[3], 'f  2026-02-26');
    assert.equal((await invitations(number, '2026-02-13 16:00+07')).length, 1);
    const other = await at_the_door();
    await invite(other.number, '2026-01-08 10:00'); // Thursday; Saturday the 10th is worked
    assert.deepEqual(await invitations(other.number), ['t 2026-01-10 ']);
});

test('how many, how far apart and until when is data', async () => {
    const { number } = await at_the_door();
    await db.query(`update custody.delivery_rule set invitations = 3, apart_days = 1, after_days = 5
        where leg = 'result'`, 'dossierpost_owner');
    for (const day of [2, 3, 4]) await invite(number, `2026-03-0${day} 10:00`);
    assert.deepEqual(await invitations(number), ['t 2026-03-03 ', 't 2026-03-04 ', 't  2026-03-11']);
    await db.query(`update custody.delivery_rule set invitations = 2, apart_days = 2, after_days = 2
        where leg = 'result'`, 'dossierpost_owner');
});

test('the service cannot change the rules', async () => {
    for (const [table, what] of [['delivery_rule', 'identity = false'], ['recipient_relation', 'authorised = true'],
        ['failure_next', `next_action = 'retry'`], ['unclaimed_action', 'pos = 1']])
        await assert.rejects(db.query(`update custody.${table} set ${what}`), /permission denied/, table);
});

test('only a delivery and a failure are asked about rules', async (t) => {
    const { number } = await at_the_door(), session = db.session('dossierpost_owner');
    t.after(() => session.query('rollback')); // whatever happens here: others wait for its locks
    await session.query('begin');
    await session.query(`create or replace function custody.delivery_flags(p_dossier uuid, p_leg text, p_kind text,
        p_reason text, p_next text, p_data jsonb) returns text[] language plpgsql stable as
        $$ begin raise exception 'asked'; end $$`);
    const { number: fresh } = await at_the_door(session);
    for (const [kind, who] of [['damage', 'courier'], ['arrive', 'clerk'], ['hold', 'clerk'], ['count', 'clerk']])
        await record(session, all, [scan(fresh, kind, who)]);
    for (const more of [{ kind: 'deliver', recipient: 'A' }, { kind: 'fail', reason: 'absent', next_action: 'retry' }]) {
        await session.query('savepoint here');
        await assert.rejects(record(session, all, [scan(number, more.kind, 'courier', more)]), /asked/);
        await session.query('rollback to here');
    }
    await session.query('rollback');
    const done = await record(db, all, [scan(number, 'deliver', 'courier', { recipient: 'A', data: SELF })]);
    assert.deepEqual(told(done), ['recorded', [], 'delivered']);
});

test('what a delivery requires is told with one fold at most, and with none where nothing failed', async (t) => {
    const { number } = await at_the_door(), owner = db.session('dossierpost_owner');
    t.after(() => owner.query('rollback'));
    const told_now = async (what) => {
        await owner.query(`alter sequence folds restart`);
        await owner.query(`select ${what}`);
        return Number((await owner.query(`select nextval('folds')`))[0][0]) - 1;
    };
    await owner.query('begin');
    await owner.query(`create sequence folds;
        alter function custody.effective(text, custody.event, timestamptz) rename to effective_once;
        create function custody.effective(p_subject text, p_extra custody.event, p_since timestamptz default '-infinity')
        returns table (event custody.event, steps boolean, flag text, confirmed boolean) language plpgsql volatile as
        $$ begin perform nextval('folds'); return query select * from custody.effective_once(p_subject, p_extra, p_since); end $$`);
    const asked = [`custody.delivery_json(s) from custody.shipment s where s.number = '${number}'`,
        `custody.deliveries(${all.courier.id}, -1)`];
    const others = Number((await owner.query(`select count(*) from custody.shipment s where s.holder_id = ${all.courier.id}
        and s.holder_kind = 'person' and exists (select from custody.event e where e.subject = s.number
            and e.kind in ('fail', 'invite', 'hold'))`))[0][0]);
    assert.deepEqual([await told_now(asked[0]), await told_now(asked[1])], [0, others]);
    await record(owner, all, [scan(number, 'fail', 'courier', { reason: 'absent', next_action: 'invite' })]);
    assert.deepEqual([await told_now(asked[0]), await told_now(asked[1])], [1, others + 1]);
    await record(owner, all, [scan(number, 'hold', 'clerk', { data: { until: vn_day(30) } })]);
    assert.equal(await told_now(`custody.unclaimed(${all.clerk.unit})`), 1);
    const [[view]] = await owner.query(`select ${asked[0]}`);
    assert.deepEqual([JSON.parse(view).hold_until, JSON.parse(view).invitations.length], [vn_day(30), 1]);
});

test('a device is told of its own first and of what the office has, neither in the room of the other', async () => {
    const own = [await at_the_door(), await at_the_door()].map((one) => one.number), lying = [];
    for (let n = 0; n < 2; n++) {
        const { number } = await at_the_door();
        await record(db, all, [scan(number, 'fail', 'courier', { reason: 'absent', next_action: 'hold' })]);
        await record(db, all, [scan(number, 'hold', 'clerk')]);
        lying.push(number);
    }
    const told_of = (limit = '', unit = all.clerk.unit) =>
        db.json(`select custody.deliveries(${all.courier.id}, ${unit}${limit})`);
    const numbers_of = ({ items }) => items.map((one) => one.number);
    const whole = await told_of(), numbers = numbers_of(whole), mine = numbers_of(await told_of('', -1));
    assert.equal(whole.more, false);
    assert.deepEqual(numbers.slice(0, mine.length), mine, 'own first');
    const office = numbers.slice(mine.length);
    for (const [list, of] of [[mine, own], [office, lying]]) {
        assert.ok(of.every((number) => list.includes(number)));
        assert.deepEqual(list, [...list].sort());
    }
    const few = await told_of(', 1');
    assert.deepEqual([numbers_of(few), few.more], [[mine[0], office[0]], true]);
    const most = Math.max(mine.length, office.length);
    for (const [room, more] of [[most, false], [most - 1, true]]) assert.equal((await told_of(`, ${room}`)).more, more);
    assert.deepEqual(await db.json(`select custody.deliveries(-1, -1)`), { more: false, items: [] });
});

test('a shipment without a dossier has no rules', async () => {
    const [[number]] = await db.query(`select custody.create_shipment(null, 'result', ${all.clerk.unit},
        ${all.clerk.unit}, 50, 0)`);
    await record(db, all, [scan(number, 'accept', 'clerk')]);
    await record(db, all, [scan(number, 'out_for_delivery', 'courier')]);
    assert.deepEqual(told(await record(db, all, [scan(number, 'deliver', 'courier', { recipient: 'A' })])),
        ['recorded', [], 'delivered']);
});

const file = async (dossier) => (await db.query(`insert into attachment.file (subject, ref, kind, size, received, account)
    values ('${dossier}', '${REF}', 'photo', 1, 1, ${all.courier.id}) returning id`))[0][0];
const NAMED = { relation: 'self', id_checked: true, proof: 'photo', pictured: true, attachments: [REF] };
const finish = (session, id) => session.query(`select attachment.finish('${id}', 'image/png', 1, 1)`);
const attached = (number) => db.value(`select count(*) from custody.event where subject = '${number}' and kind = 'attach'`);
const waiting = (number) => db.value(`select count(*) from custody.proof_pending where subject = '${number}'`);

test('a file that comes while its scan is recorded: one of them sees the other', async () => {
    const { number, dossier } = await at_the_door();
    const [one, two] = [db.session(), db.session()], id = await file(dossier);
    await one.query('begin');
    const done = await record(one, all, [scan(number, 'deliver', 'courier', { recipient: 'A', data: NAMED })]);
    assert.deepEqual(told(done), ['recorded', ['proof_pending'], 'delivered']);
    const ended = finish(two, id);
    assert.equal(await Promise.race([ended.then(() => 'ended'), new Promise((d) => setTimeout(d, 300, 'waits'))]), 'waits');
    await one.query('commit');
    await ended;
    assert.deepEqual([await attached(number), await waiting(number)], ['1', '0']);

    const next = await at_the_door(), later = await file(next.dossier);
    await one.query('begin');
    await finish(one, later);
    const recorded = record(two, all, [scan(next.number, 'deliver', 'courier', { recipient: 'A', data: NAMED })]);
    await new Promise((d) => setTimeout(d, 300));
    await one.query('commit');
    assert.deepEqual(told(await recorded), ['recorded', [], 'delivered']);
    assert.deepEqual([await attached(next.number), await waiting(next.number)], ['0', '0']);
    one.end();
    two.end();
});

test('wrong codes at once are counted one by one', async () => {
    const { number } = await at_the_door();
    await db.query(`insert into custody.delivery_code (number, request, hash, issued_at, expires_at)
        values ('${number}', base.uuid_v7(), '\\x01', now(), now() + interval '1 hour')`);
    const sessions = [1, 2, 3, 4, 5, 6, 7].map(() => db.session());
    const done = await Promise.all(sessions.map((session) => record(session, all,
        [scan(number, 'deliver', 'courier', { recipient: 'A', data: { ...SELF, drawn: undefined, proof: 'code', code: '02' } })])));
    const flags = done.map(([one]) => one.warnings.join()).sort();
    assert.deepEqual(flags, [...Array(2).fill('code_expired'), ...Array(5).fill('code_wrong')]);
    assert.equal(await db.value(`select tries from custody.delivery_code where number = '${number}'`), '5');
    sessions.forEach((session) => session.end());
});

test('what was decided at receipt stays when the rules change: the fold asks no rule', async () => {
    const { number } = await at_the_door();
    const odd = await record(db, all, [scan(number, 'deliver', 'courier', { recipient: 'A', data: { ...SELF, relation: 'proxy' } })]);
    assert.deepEqual(told(odd), ['exception', ['proxy_without_authorisation'], 'out_for_delivery']);
    await db.query(`update custody.recipient_relation set authorised = true where code = 'proxy'`, 'dossierpost_owner');
    await db.query(`select custody.refold('${number}')`);
    assert.equal(await db.value(`select state from custody.shipment where number = '${number}'`), 'out_for_delivery');
    await db.query(`update custody.recipient_relation set authorised = false where code = 'proxy'`, 'dossierpost_owner');
    assert.deepEqual(await db.query('select subject, what, kept, folded from custody.rebuild()'), []);
});
