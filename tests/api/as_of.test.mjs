// How a dossier stood at some time: what the present view said then, the view of then says for ever.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { service, show, sleep } from './service.mjs';
import { AGENCY, HUB, OFFICE, TAKEN, act, bag, hand_over, intake, ok, people, recorded } from './walk.mjs';
import { query } from '../fault/journal.mjs';

let house, all;
before(async () => {
    house = await service();
    all = await people(house);
    all.supervisor = await house.login('supervisor');
});
after(() => house.stop());

const as_of = (client, key, at) => client.get(`/v1/dossiers/${encodeURIComponent(key)}?as_of=${
    encodeURIComponent(new Date(at).toISOString())}`);

// Of a view what must be the same for ever.
const essence = (view) => ({
    status: view.status.code, due_at: view.due_at, filed_at: view.filed_at, accepted_at: view.accepted_at,
    ended_at: view.ended_at, clock: view.clock, pauses: view.pauses, supplements: view.supplements,
    version: view.version, overdue: view.overdue, apologised_at: view.apologised_at,
    shipments: view.shipments.map(({ number, leg, state, returning, holder }) =>
        ({ number, leg, state, returning, holder })),
});

// The present view after each step, with a time that lies behind the step and before the next.
class Diary {
    constructor(code) {
        this.code = code;
        this.pages = [];
    }

    async write(what) {
        const view = ok(await all.supervisor.get(`/v1/dossiers/${this.code}`));
        await sleep(3);
        this.pages.push({ what, at: Date.now(), view });
        await sleep(3);
    }

    async compare() {
        for (const { what, at, view } of this.pages) {
            const then = ok(await as_of(all.supervisor, this.code, at));
            assert.deepEqual(essence(then), essence(view), what);
            assert.equal(then.recorded_later, 0, what);
            assert.ok(then.timeline.every((one) => Date.parse(one.at) <= at), what);
        }
    }
}

describe('the journey', () => {
    let diary, code, number, began;

    it('is written down as it goes', async () => {
        began = Date.now();
        ({ code, number } = await intake(all.clerk));
        diary = new Diary(code);
        await diary.write('registered');
        await recorded(all.clerk, 'accept', number);
        await diary.write('accepted at the counter');
        const out = await bag(all.clerk, OFFICE, HUB, [number], 'VNP 000201');
        await diary.write('bagged');
        for (const [who, kind] of [['courier', 'take_over'], ['courier', 'depart'], ['hub', 'arrive'], ['hub', 'open']]) {
            await recorded(all[who], kind, out);
            await diary.write(`${kind} of the bag`);
        }
        await recorded(all.hub, 'sort', number);
        await diary.write('sorted');
        const back = await bag(all.hub, HUB, OFFICE, [number], 'VNP 000202');
        for (const [who, kind] of [['hub', 'depart'], ['clerk', 'arrive'], ['clerk', 'open']]) {
            await recorded(all[who], kind, back);
            await diary.write(`${kind} of the second bag`);
        }
        await recorded(all.clerk, 'at_delivery_office', number);
        await recorded(all.courier, 'out_for_delivery', number);
        await diary.write('out for delivery');
        await hand_over(all.courier, all.officer, AGENCY, [number]);
        await diary.write('filed');
        for (const [action, more] of [['accept'], ['start'], ['ask_supplement', { reason: 'Thiếu bản sao' }],
            ['supplement_received'], ['ask_payment', { amount: 8000, name: 'Lệ phí' }], ['payment_received'],
            ['request_withdrawal', { reason: 'Đổi ý' }], ['refuse_withdrawal', { reason: 'Đã giải quyết' }],
            ['result_ready']]) {
            await act(all.officer, code, action, more);
            await diary.write(action);
        }
        const now = ok(await all.supervisor.get(`/v1/dossiers/${code}`));
        const result = now.shipments.find((one) => one.leg === 'result').number;
        await hand_over(all.officer, all.courier, 'courier', [result]);
        await recorded(all.clerk, 'arrive', result);
        await recorded(all.courier, 'out_for_delivery', result);
        await diary.write('result out');
        await recorded(all.courier, 'deliver', result, TAKEN);
        await diary.write('delivered');
    });

    it('stands at each of these times as it was seen then', () => diary.compare());

    it('is found by every number, for each of the staff whose it is', async () => {
        const { at, view } = diary.pages.at(-1);
        for (const key of [number, view.shipments.at(-1).number, view.id, code.toLowerCase()])
            assert.equal(ok(await as_of(all.officer, key, at)).code, code);
        const seen = ok(await as_of(all.clerk, code, at));
        for (const secret of ['Nguyễn Thị Thử', '0905000123', '12 Lê Lợi', 'Tờ khai'])
            assert.ok(!JSON.stringify(seen).includes(secret), secret);
        assert.ok(seen.timeline.length > 15 && seen.timeline.some((one) => one.container));
    });

    it('is not told to others, nor of times of which there is nothing to tell', async () => {
        const [applicant, officer2] = await Promise.all(['applicant', 'officer2'].map((one) => house.login(one)));
        const { at } = diary.pages.at(-1);
        assert.equal((await as_of(applicant, code, at)).status, 403);
        assert.equal((await as_of(house.anybody(), code, at)).status, 401);
        assert.equal((await as_of(officer2, code, at)).status, 404);
        assert.equal((await as_of(all.officer, '000.00.16.H57-990101-0001', at)).status, 404);
        for (const [time, why] of [[Date.now() + 60000, 'future'], [began - 60000, 'before']]) {
            const reply = await as_of(all.officer, code, time);
            assert.equal(reply.status, 422, show(reply));
            assert.deepEqual([reply.body.errors[0].pointer, reply.body.errors[0].code], ['/as_of', why]);
        }
        for (const bad of ['', 'yesterday', '2026-11-23', '2026-11-23T09:15:00', '2026-13-01T00:00:00Z'])
            assert.equal((await all.officer.get(`/v1/dossiers/${code}?as_of=${bad}`)).status, 422, bad);
        const offset = new Date(at + 7 * 3600000).toISOString().replace('Z', '+07:00');
        const same = ok(await all.officer.get(`/v1/dossiers/${code}?as_of=${encodeURIComponent(offset)}`));
        assert.equal(Date.parse(same.as_of), at);
    });
});

describe('what was purged', () => {
    it('is not guessed at', async () => {
        const { code, made } = await intake(all.clerk);
        await sleep(5);
        const at = Date.now();
        query(house, `insert into custody.purged values ('${made.id}')`);
        const reply = await as_of(all.supervisor, code, at);
        query(house, `delete from custody.purged where subject = '${made.id}'`);
        assert.equal(reply.status, 410, show(reply));
        assert.match(reply.body.type, /\/history-purged$/);
        assert.equal((await as_of(all.supervisor, code, at)).status, 200);
    });
});

describe('what became known later', () => {
    it('counts from when it happened, and is marked', async () => {
        const { code, number } = await intake(all.clerk);
        await sleep(5);
        const happened = Date.now();
        await sleep(300);
        const asked = Date.now();
        await sleep(50);
        await recorded(all.clerk, 'accept', number, { at: new Date(happened).toISOString() });
        const then = ok(await as_of(all.supervisor, code, asked));
        assert.equal(then.shipments[0].state, 'accepted');
        assert.equal(then.recorded_later, 1);
        assert.deepEqual(then.timeline.map((one) => [one.kind, one.recorded_later ?? false]),
            [['accept', true], ['dossier.register', false]]);
        const before = ok(await as_of(all.supervisor, code, happened - 1));
        assert.equal(before.shipments[0].state, 'created');
        assert.equal(ok(await as_of(all.supervisor, code, Date.now())).recorded_later, 0);
    });

    it('is left out when it was taken back', async () => {
        const { code, number } = await intake(all.clerk);
        const scan = await recorded(all.clerk, 'accept', number);
        await sleep(5);
        const at = Date.now();
        assert.equal(ok(await as_of(all.supervisor, code, at)).shipments[0].state, 'accepted');
        await recorded(all.clerk, 'undo', number, { refers: scan.sent.id });
        assert.equal(ok(await as_of(all.supervisor, code, at)).shipments[0].state, 'created');
    });
});
