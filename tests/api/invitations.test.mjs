// Invitations, two at most and two working days apart; what nobody fetches; and the one-time code.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { query } from '../fault/journal.mjs';
import { discard, own_service, show, uuid7 } from './service.mjs';
import { act, intake, ok, people, recorded, TAKEN } from './walk.mjs';

const HOUR = 3600000, DAY = 24 * HOUR;
let house, all;

before(async () => {
    house = await own_service();
    all = await people(house);
    for (const name of ['supervisor', 'clerk2', 'courier2', 'applicant']) all[name] = await house.login(name);
});
after(() => discard(house));

const at = (time) => ({ at: new Date(time).toISOString() });

// A result with the courier at the door at that time.
async function at_the_door(time = Date.now() - HOUR, clerk = all.clerk) {
    const { code } = await intake(clerk);
    await act(all.officer, code, 'accept');
    await act(all.officer, code, 'start');
    const { number } = (await act(all.officer, code, 'result_ready')).shipments.find((one) => one.leg === 'result');
    await recorded(all.courier, 'take_over', number, at(time - 3000));
    await recorded(all.clerk, 'arrive', number, at(time - 2000));
    await recorded(all.courier, 'out_for_delivery', number, at(time - 1000));
    return { code, number };
}

const invited = (number, time) => all.courier.scan('fail', number,
    { reason: 'absent', next_action: 'invite', ...at(time) });
async function out_again(number, time) {
    await recorded(all.clerk, 'hold', number, at(time - 2000));
    await recorded(all.courier, 'out_for_delivery', number, at(time - 1000));
}
const delivery = async (number) => ok(await all.clerk.get(`/v1/custody/shipments/${number}/delivery`));
const today = () => query(house, `select base.vn_date(now())`)[0];
const day_of = (time, n) => query(house, `select postal.add_working_days(
    (select id from postal.unit where code = '46-B1'), base.vn_date('${new Date(time).toISOString()}'), ${n})`)[0];
const at_ten = (day) => Date.parse(`${day}T10:00:00+07:00`);
const told = ({ outcome, warnings, state }) => [outcome, warnings, state];
const command = (client, number, options = {}) =>
    client.send('POST', `/v1/custody/shipments/${number}/invitations`, options);

async function refused(send, status_code, slug) {
    const texts = [];
    for (const language of ['vi', 'en']) {
        const reply = await send({ headers: { 'accept-language': language } });
        assert.deepEqual([reply.status, reply.body.type], [status_code, `/problems/${slug}`], show(reply));
        texts.push(reply.body);
    }
    assert.notEqual(texts[0].title, texts[1].title);
    return texts[1];
}

describe('invitations', () => {
    const first = Date.now() - 30 * DAY;
    let number, second;

    it('the first counts from the day it is left', async () => {
        ({ number } = await at_the_door(first));
        const before = await delivery(number);
        assert.deepEqual([before.may_invite, before.next_invitation_on, before.invitations, before.return_on],
            [true, today(), [], undefined]);
        assert.deepEqual(told(await invited(number, first)), ['recorded', [], 'delivery_failed']);
        const now = await delivery(number);
        assert.deepEqual([now.next_invitation_on, now.may_invite], [day_of(first, 2), true]);
    });

    it('one too early is recorded, told, and does not count', async () => {
        const early = at_ten(day_of(first, 1));
        await out_again(number, early);
        assert.deepEqual(told(await invited(number, early)), ['exception', ['invitation_early'], 'delivery_failed']);
        const now = await delivery(number);
        assert.deepEqual([now.invitations.map((one) => one.counts), now.next_invitation_on],
            [[true, false], day_of(first, 2)]);
    });

    it('the second, two working days on, is the last; two further on it goes back', async () => {
        second = at_ten(day_of(first, 2));
        await out_again(number, second);
        assert.deepEqual(told(await invited(number, second)), ['recorded', [], 'delivery_failed']);
        const now = await delivery(number);
        assert.deepEqual([now.invitations.map((one) => one.counts), now.may_invite, now.next_invitation_on, now.return_on],
            [[true, false, true], false, undefined, day_of(second, 2)]);
        assert.ok(!now.next_actions.absent.includes('invite') && now.next_actions.absent.includes('retry'));
    });

    it('a third is recorded with an exception, and refused as a command', async () => {
        const third = second + 3 * DAY;
        await out_again(number, third);
        assert.deepEqual(told(await invited(number, third)), ['exception', ['invitation_third'], 'delivery_failed']);
        const problem = await refused((more) => command(all.clerk, number, more), 409, 'invitation-third');
        assert.equal(problem.return_on, day_of(second, 2));
        assert.equal((await delivery(number)).invitations.filter((one) => one.counts).length, 2);
    });

    it('that was taken back does not count', async () => {
        const { number: other } = await at_the_door();
        const { sent } = await invited(other, Date.now() - 1000);
        assert.equal((await delivery(other)).invitations.length, 1);
        await recorded(all.courier, 'undo', other, { refers: sent.id });
        const now = await delivery(other);
        assert.deepEqual([now.invitations, now.may_invite], [[], true]);
    });

    it('written at the office: by the unit that has it, once a request, and no second before its day', async () => {
        const { number: other } = await at_the_door(Date.now() - 2 * HOUR);
        await refused((more) => command(all.clerk, other, more), 409, 'action-not-allowed');
        await recorded(all.courier, 'fail', other, { reason: 'absent', next_action: 'hold' });
        await recorded(all.clerk, 'hold', other);
        await refused((more) => command(all.clerk2, other, more), 403, 'forbidden');
        await refused((more) => command(all.courier, other, more), 403, 'forbidden');
        await refused((more) => command(all.clerk, 'RR123456785VN', more), 404, 'not-found');
        const key = { headers: { 'idempotency-key': uuid7() } };
        const made = ok(await command(all.clerk, other, key));
        assert.deepEqual([made.invitations.length, made.next_invitation_on], [1, day_of(Date.now(), 2)]);
        assert.deepEqual(ok(await command(all.clerk, other, key)).invitations, made.invitations, 'a repeat');
        const problem = await refused((more) => command(all.clerk, other, more), 409, 'invitation-early');
        assert.equal(problem.next_on, day_of(Date.now(), 2));
        assert.equal(query(house, `select count(*) from custody.event where subject = '${other}' and kind = 'invite'`)[0], '1');
        assert.equal((await recorded(all.clerk, 'deliver', other, TAKEN)).state, 'delivered');
    });

    it('nothing unclaimed but what somebody must do: in its order', async () => {
        const list = async (client = all.clerk) => ok(await client.get('/v1/custody/unclaimed')).items;
        const mine = (items, of) => items.filter((one) => of.includes(one.number)).map((one) => [one.number, one.what]);
        const [fresh, waits, over] = [await at_the_door(), await at_the_door(Date.now() - 20 * DAY), await at_the_door()];
        await invited(fresh.number, Date.now() - 1000);
        await invited(waits.number, Date.now() - 20 * DAY);
        await recorded(all.courier, 'fail', over.number, { reason: 'absent', next_action: 'hold' });
        await recorded(all.clerk, 'hold', over.number, { until: '2026-01-05' });
        const of = [number, fresh.number, waits.number, over.number];
        assert.deepEqual(mine(await list(), of),
            [[number, 'return'], [waits.number, 'invite'], [over.number, 'hold_over']]);
        const row = (await list()).find((one) => one.number === number);
        assert.match(row.text, /chuyển hoàn cơ quan/);
        assert.match(row.text_en, /back to the agency/);
        assert.equal(row.taken_on, query(house, `select base.vn_date('${new Date(first - 3000).toISOString()}')`)[0]);
        assert.deepEqual(mine(await list(all.clerk2), of), []);
        query(house, `update custody.delivery_rule set unclaimed_months = 1, after_days = 60 where leg = 'result'`);
        const month = query(house, `select count(*) from custody.shipment where number = '${number}'
            and custody.taken_on(number) + interval '1 month' <= now()`)[0];
        if (month === '1') assert.deepEqual(mine(await list(), [number]), [[number, 'unclaimed']]);
        else assert.deepEqual(mine(await list(), [number]), [], 'sixty days must pass now');
        query(house, `update custody.delivery_rule set unclaimed_months = 6, after_days = 2 where leg = 'result'`);
        await recorded(all.courier, 'return', number);
        assert.deepEqual(mine(await list(), [number]), [], 'it is on its way back');
    });

    it('the device is told the same of everything it carries', async () => {
        const { number: mine } = await at_the_door();
        const { items } = ok(await all.courier.get('/v1/custody/deliveries'));
        assert.deepEqual(items.find((one) => one.number === mine),
            Object.fromEntries(Object.entries(await delivery(mine))
                .filter(([name]) => !['proofs_kept', 'files_unnamed'].includes(name))));
        assert.equal((await all.applicant.get('/v1/custody/deliveries')).status, 403);
    });
});

describe('the one-time code', () => {
    const issue = (client, number, options = {}) =>
        client.send('POST', `/v1/custody/shipments/${number}/delivery-code`, options);
    const by_code = (number, code, more = {}, who = all.courier) => who.scan('deliver', number,
        { ...TAKEN, proof: { kind: 'code', code }, ...more });
    const other = (code) => code.replace(/.$/, (digit) => String((Number(digit) + 1) % 10));

    it('is good again once the delivery that used it is taken back', async () => {
        for (const [kind, who] of [['undo', 'courier'], ['reverse', 'supervisor']]) {
            const { number } = await at_the_door();
            const { code } = ok(await issue(all.clerk, number), 201);
            const first = await by_code(number, code);
            assert.deepEqual(told(first), ['recorded', [], 'delivered']);
            assert.equal((await delivery(number)).code_issued, false);
            await recorded(all[who], kind, number, { refers: first.sent.id });
            assert.equal((await delivery(number)).code_issued, true, kind);
            assert.deepEqual(told(await by_code(number, code)), ['recorded', [], 'delivered'], kind);
            assert.equal((await delivery(number)).code_issued, false);
        }
    });

    it('is neither burnt nor found by who has nothing to do with the shipment', async () => {
        const { number } = await at_the_door();
        const { code } = ok(await issue(all.clerk, number), 201);
        const tries = [];
        for (let n = 0; n < 5; n++) tries.push((await by_code(number, other(code), {}, all.courier2)).warnings[0]);
        assert.deepEqual(tries, Array(5).fill('code_wrong'));
        assert.deepEqual((await by_code(number, code, {}, all.courier2)).warnings[0], 'code_expired');
        assert.deepEqual(told(await by_code(number, code)), ['recorded', [], 'delivered']);
    });

    it('proves a delivery, once', async () => {
        const { number, code: dossier } = await at_the_door();
        assert.equal((await delivery(number)).code_issued, false);
        const made = ok(await issue(all.clerk, number), 201);
        assert.match(made.code, /^[0-9]{6}$/);
        assert.ok(Date.parse(made.expires_at) > Date.now() + 71 * HOUR);
        assert.equal((await delivery(number)).code_issued, true);
        const wrong = await by_code(number, other(made.code));
        assert.deepEqual(told(wrong), ['exception', ['code_wrong'], 'out_for_delivery']);
        const right = await by_code(number, made.code);
        assert.deepEqual(told(right), ['recorded', [], 'delivered']);
        assert.equal(ok(await all.clerk.get(`/v1/dossiers/${dossier}`)).status.code, 10);
        const kept = query(house, `select data, digest from custody.event where subject = '${number}'`).join(' ');
        assert.ok(!kept.includes(`"${made.code}"`));
        const [{ id }] = (await ok(await all.clerk.get(`/v1/dossiers/${dossier}/events`)).items).filter((e) => e.id === right.sent.id);
        assert.ok(id);
        const { personal } = ok(await all.clerk.get(`/v1/dossiers/${dossier}/events`)).items.find((e) => e.id === right.sent.id);
        assert.deepEqual(personal.proof, { kind: 'code' }, 'nor is it sealed');
        assert.deepEqual(told(await by_code(number, made.code)), ['exception', ['code_expired'], 'delivered']);
    });

    it('is wrong five times and no more; a scan that is sent again counts once', async () => {
        const { number } = await at_the_door();
        const { code } = ok(await issue(all.clerk, number), 201);
        const bad = await by_code(number, other(code));
        for (let i = 0; i < 7; i++) {
            const again = ok(await all.courier.post('/v1/custody/scans', { scans: [bad.sent] })).results[0];
            assert.equal(again.outcome, 'duplicate');
        }
        for (let i = 0; i < 4; i++) assert.deepEqual((await by_code(number, other(code))).warnings, ['code_wrong']);
        assert.deepEqual(told(await by_code(number, code)), ['exception', ['code_expired'], 'out_for_delivery']);
        const next = ok(await issue(all.clerk, number), 201);
        assert.deepEqual(told(await by_code(number, next.code)), ['recorded', [], 'delivered']);
    });

    it('counts by the time of the scan, not of its coming', async () => {
        const [late, early] = [await at_the_door(Date.now() - 5 * HOUR), await at_the_door(Date.now() - 5 * HOUR)];
        for (const { number } of [late, early]) {
            const { code } = ok(await issue(all.clerk, number), 201);
            query(house, `update custody.delivery_code set expires_at = now() - interval '1 hour' where number = '${number}'`);
            const time = number === late.number ? Date.now() : Date.now() - 2 * HOUR;
            assert.deepEqual((await by_code(number, code, at(time))).warnings, number === late.number ? ['code_expired'] : []);
        }
    });

    it('of another shipment is wrong, and none issued is none', async () => {
        const [one, two] = [await at_the_door(), await at_the_door()];
        const { code } = ok(await issue(all.clerk, one.number), 201);
        assert.deepEqual((await by_code(two.number, code)).warnings, ['code_expired']);
        ok(await issue(all.clerk, two.number), 201);
        assert.deepEqual((await by_code(two.number, code)).warnings, ['code_wrong']);
        assert.deepEqual(told(await all.courier.scan('deliver', one.number, { ...TAKEN, proof: { kind: 'code' } })),
            ['exception', ['proof_missing'], 'delivered'], 'a code that nobody told is no proof');
    });

    it('is given again to the same request, and a new one makes the old one void', async () => {
        const { number } = await at_the_door();
        const key = { headers: { 'idempotency-key': uuid7() } };
        const made = ok(await issue(all.clerk, number, key), 201);
        assert.deepEqual(ok(await issue(all.clerk, number, key), 201), made);
        assert.equal(query(house, `select count(*) from base.idempotency where reply like '%${made.code}%'`)[0], '0');
        const fresh = ok(await issue(all.clerk, number), 201);
        assert.notEqual(fresh.code, made.code);
        assert.deepEqual((await by_code(number, made.code)).warnings, ['code_wrong']);
        for (let i = 0; i < 8; i++) ok(await issue(all.clerk, number), 201);
        await refused((more) => issue(all.clerk, number, more), 409, 'conflict');
    });

    it('is issued to who filed it or took it in, of what still has to be delivered', async () => {
        const { number } = await at_the_door(undefined, all.applicant);
        ok(await issue(all.applicant, number), 201);
        ok(await issue(all.clerk, number), 201);
        await refused((more) => issue(all.clerk2, number, more), 404, 'not-found');
        await refused((more) => issue(all.courier, number, more), 403, 'forbidden');
        await refused((more) => issue(house.anybody(), number, more), 401, 'unauthenticated');
        await refused((more) => issue(all.clerk, 'RR123456785VN', more), 404, 'not-found');
        const strange = await at_the_door();
        await refused((more) => issue(all.applicant, strange.number, more), 404, 'not-found');
        await recorded(all.courier, 'deliver', number, TAKEN);
        await refused((more) => issue(all.clerk, number, more), 409, 'action-not-allowed');
        const outward = await intake(all.clerk);
        await refused((more) => issue(all.clerk, outward.number, more), 409, 'action-not-allowed');
    });

    it('and after all that the events alone give what is kept', () => {
        assert.deepEqual(query(house, 'select subject, what, kept, folded from custody.rebuild()'), []);
    });
});
