// Devices: registered by whoever uses them, their clocks corrected at receipt, gaps in what they
// numbered shown, and a signed receipt for what they may delete.
import assert from 'node:assert/strict';
import { createPublicKey, randomUUID, verify, webcrypto } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { signed } from '../../src/web/common/receipt.js';
import { service, show, until, uuid7 } from './service.mjs';
import { intake, ok, people } from './walk.mjs';

globalThis.crypto ??= webcrypto; // what the page finds in a browser, and Node 18 does not give

// The text that src/custody/receipt.h says is signed.
const receipt_text = (r) => ['dossierpost receipt 1', r.device ?? '-', r.position ?? '-', r.at,
    ...r.ids.map((id, i) => `${r.outcomes[i]} ${id}`), ''].join('\n');

const genuine = (receipt) => verify(null, Buffer.from(receipt_text(receipt)),
    createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: receipt.key }, format: 'jwk' }),
    Buffer.from(receipt.signature, 'base64url'));

// That of tests/unit/custody_receipt.c.
const VECTOR = '{"device":"0193a000-0000-7000-8000-00000000000d","position":42,"at":"2026-11-24T09:15:00.123+07:00"'
    + ',"ids":["0193a000-0000-7000-8000-000000000001","mã lạ"],"outcomes":["recorded","refused"]'
    + ',"key":"iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w"'
    + ',"signature":"astX3Mh_EDOz9F2kekpBzywLd1wYQmscAbdkKWFdLiUdu9nulvlUdqlsaJZ2uKOls_5zIGYYR8DREeZFOV0zBw"}';

describe('devices', () => {
    let house, all;
    before(async () => {
        house = await service();
        all = { ...await people(house), supervisor: await house.login('supervisor') };
    });
    after(() => house.stop());

    const fresh = async () => (await intake(all.clerk)).number;
    const scan = (kind, code, more = {}) =>
        ({ id: uuid7(), code, kind, at: new Date().toISOString(), ...more });
    const register = async (who, id = randomUUID()) =>
        ok(await all[who].post('/v1/devices', { id, name: 'Máy quét số 1' }), 201);
    const send = (who, device, scans, more = {}) =>
        all[who].post('/v1/custody/scans', { scans, device: device.id, ...more });
    const sent = async (...args) => ok(await send(...args));
    const seen = async (device) => ok(await all.supervisor.get(`/v1/devices/${device.id}`));
    const problem = (reply, status, type) => {
        assert.equal(reply.status, status, show(reply));
        assert.match(reply.body.type, new RegExp(`/${type}$`));
    };
    const bearer = (token) => {
        const client = house.anybody();
        return (path, body) => client.post(path, body, { headers: { authorization: `Bearer ${token}` } });
    };
    const stamped = async (number, kind) => {
        const { code } = ok(await all.clerk.get(`/v1/dossiers/${number}`));
        return ok(await all.clerk.get(`/v1/dossiers/${code}/events`)).items
            .find((e) => e.number === number && e.kind === kind);
    };

    it('registers, gives its token once, lists and revokes', async () => {
        const device = await register('clerk');
        assert.match(device.token, /^dpk_/);
        const mine = ok(await all.clerk.get('/v1/devices')).items.find((d) => d.id === device.id);
        assert.deepEqual([mine.token, mine.name, mine.account.login, mine.unit, mine.last_seq, mine.gaps],
            [undefined, 'Máy quét số 1', 'clerk', '46-B1', 0, []]);
        problem(await all.courier.get(`/v1/devices/${device.id}`), 404, 'not-found');
        problem(await all.courier.post(`/v1/devices/${device.id}/revoke`), 404, 'not-found');
        problem(await all.courier.post('/v1/devices', { id: device.id, name: 'x' }), 422, 'id-reused');
        problem(await all.clerk.get('/v1/devices/what'), 404, 'not-found');
        problem(await all.clerk.get('/v1/devices?next=x'), 422, 'invalid-fields');

        const again = await register('clerk', device.id);
        const scans = [scan('accept', await fresh())];
        assert.equal((await bearer(device.token)('/v1/custody/scans', { scans })).status, 401);
        const reply = ok(await bearer(again.token)('/v1/custody/scans', { scans }));
        assert.equal(reply.results[0].outcome, 'recorded');
        assert.equal(reply.receipt.device, device.id);

        assert.ok(ok(await all.clerk.post(`/v1/devices/${device.id}/revoke`)).revoked_at);
        await until('the token to end on every loop', async () => (await Promise.all([1, 2, 3, 4].map(() =>
            bearer(again.token)('/v1/custody/scans', { scans })))).every((r) => r.status === 401));
        problem(await send('clerk', device, scans), 422, 'unknown-device');
        problem(await all.clerk.post('/v1/devices', { id: device.id, name: 'x' }), 422, 'id-reused');
    });

    it('lists in pages, the newest first', async () => {
        const made = [await register('hub'), await register('hub'), await register('hub')];
        const ids = [];
        for (let next = ''; next !== null;) {
            const page = ok(await all.hub.get(`/v1/devices?limit=2${next && `&next=${next}`}`));
            assert.ok(page.items.length <= 2);
            ids.push(...page.items.map((d) => d.id));
            next = page.next;
        }
        assert.equal(new Set(ids).size, ids.length);
        assert.deepEqual(ids.slice(0, 3), made.map((d) => d.id).reverse());
    });

    it('takes scans only from a device of the account that asks', async () => {
        const device = await register('clerk');
        const number = await fresh();
        problem(await send('courier', device, [scan('collect', number)]), 422, 'unknown-device');
        problem(await send('clerk', { id: randomUUID() }, [scan('accept', number)]), 422, 'unknown-device');
        assert.equal((await sent('clerk', device, [scan('accept', number)])).results[0].outcome, 'recorded');
    });

    it('moves the times of a device whose clock is off, once, and says so', async () => {
        const device = await register('clerk');
        const number = await fresh();
        const off = -1800000, clock = () => new Date(Date.now() + off).toISOString();
        const accept = scan('accept', number, { at: clock() });
        const first = await sent('clerk', device, [accept], { sent_at: clock() });
        assert.deepEqual([first.results[0].outcome, first.results[0].warnings],
            ['recorded', ['clock_corrected']]);
        const { at } = await stamped(number, 'accept');
        assert.ok(Math.abs(Date.parse(at) - Date.now()) < 30000, at);
        const { skew_ms, seen_at } = await seen(device);
        assert.ok(Math.abs(skew_ms + off) < 5000, String(skew_ms));
        assert.ok(Math.abs(Date.parse(seen_at) - Date.now()) < 30000);

        // Its clock is put right; what was recorded stays as it is.
        const again = await sent('clerk', device, [accept], { sent_at: new Date().toISOString() });
        assert.equal(again.results[0].outcome, 'duplicate');
        assert.equal((await stamped(number, 'accept')).at, at);
        const [later] = (await sent('clerk', device, [scan('damage', number)])).results;
        assert.deepEqual([later.outcome, later.warnings], ['recorded', []]);
    });

    it('leaves small differences, and a slow network, alone', async () => {
        const device = await register('clerk');
        const at = new Date().toISOString();
        await sent('clerk', device, [scan('accept', await fresh(), { at })], { sent_at: at });
        const number = await fresh();
        const slow = new Date(Date.now() - 20000).toISOString();
        await sent('clerk', device, [scan('accept', number, { at: slow })], { sent_at: slow });
        assert.equal(Date.parse((await stamped(number, 'accept')).at), Date.parse(slow));
        assert.ok((await seen(device)).skew_ms < 2000);
    });

    it('never lets a correction put a scan after its receipt', async () => {
        const device = await register('clerk');
        const number = await fresh();
        const slow = new Date(Date.now() - 600000).toISOString();
        await sent('clerk', device, [scan('accept', number)], { sent_at: slow });
        assert.ok(Date.parse((await stamped(number, 'accept')).at) <= Date.now());
    });

    it('shows the gaps in what a device numbered, and applies what came', async () => {
        const device = await register('clerk');
        const numbers = [await fresh(), await fresh(), await fresh(), await fresh()];
        const numbered = (i, seq) => scan('accept', numbers[i], { device_seq: seq });
        await sent('clerk', device, [numbered(0, 1)]);
        const late = await sent('clerk', device, [numbered(1, 7), numbered(2, 4)]);
        assert.deepEqual(late.results.map((r) => [r.outcome, r.state]),
            [['recorded', 'accepted'], ['recorded', 'accepted']]);
        const { last_seq, gaps } = await seen(device);
        assert.deepEqual([last_seq, gaps], [7, [{ from: 2, to: 3 }, { from: 5, to: 6 }]]);
        await sent('clerk', device, [numbered(3, 2), { ...numbered(3, 3), code: 'nonsense' }]);
        assert.deepEqual((await seen(device)).gaps, [{ from: 5, to: 6 }]);
    });

    it('counts from the first number a device names', async () => {
        const id = randomUUID();
        ok(await all.clerk.post('/v1/devices', { id, name: 'x', first_seq: 40 }), 201);
        await sent('clerk', { id }, [scan('accept', await fresh(), { device_seq: 42 })]);
        assert.deepEqual((await seen({ id })).gaps, [{ from: 40, to: 41 }]);
    });

    it('takes what is up to a minute late for a slow network, at the first sending too', async () => {
        const device = await register('clerk');
        const number = await fresh();
        const slow = new Date(Date.now() - 40000).toISOString();
        await sent('clerk', device, [scan('accept', number, { at: slow })], { sent_at: slow });
        assert.equal(Date.parse((await stamped(number, 'accept')).at), Date.parse(slow));
        assert.equal((await seen(device)).skew_ms, 0);
    });

    it('survives the strangest clocks, and hurts no neighbour', async () => {
        const device = await register('clerk');
        const [old, ordinary] = [await fresh(), await fresh()];
        const strange = (more) => sent('clerk', device, [scan('accept', old, { at: '1970-01-01T00:00:00Z' }),
            scan('accept', ordinary), scan('accept', ordinary, { at: '9999-01-01T00:00:00Z' })], more);
        for (const sent_at of ['9999-12-31T23:59:59Z', '1970-01-01T00:00:00Z', undefined]) {
            const { results } = await strange({ sent_at });
            assert.ok(['recorded', 'exception'].includes(results[0].outcome), JSON.stringify(results));
            assert.ok(['recorded', 'exception'].includes(results[1].outcome), JSON.stringify(results));
            assert.match(results[2].problem.type, /invalid-fields$/);
        }
    });

    it('keeps the order in which a device whose clock is ahead made its scans', async () => {
        const device = await register('hub');
        const number = await fresh();
        await all.clerk.scan('accept', number);
        await all.courier.scan('take_over', number);
        const at = (ms) => new Date(Date.now() + 3600000 + ms).toISOString();
        const list = ['sort', 'damage', 'arrive'].map((kind, i) =>
            scan(kind, number, { at: at(-i * 1000), device_seq: 3 - i }));
        await sent('hub', device, list);
        const { code } = ok(await all.clerk.get(`/v1/dossiers/${number}`));
        const events = ok(await all.clerk.get(`/v1/dossiers/${code}/events`)).items
            .filter((e) => e.number === number && ['arrive', 'damage', 'sort'].includes(e.kind));
        assert.deepEqual(events.map((e) => e.kind), ['arrive', 'damage', 'sort']);
        assert.equal(new Set(events.map((e) => e.received_at)).size, 3); // a batch each
        assert.ok(events.every((e) => Date.parse(e.at) <= Date.parse(e.received_at)));
    });

    it('gives a signed receipt over the outcomes in order, with the position', async () => {
        const device = await register('clerk');
        const accept = scan('accept', await fresh());
        const list = [accept, scan('accept', 'nonsense'), scan('accept', 'EE471108151FR'), accept];
        const { results, receipt } = await sent('clerk', device, list);
        assert.deepEqual(receipt.ids, list.map((s) => s.id));
        assert.deepEqual(receipt.outcomes, results.map((r) => r.outcome));
        assert.deepEqual(receipt.outcomes, ['recorded', 'refused', 'exception', 'duplicate']);
        assert.ok(genuine(receipt));
        assert.ok(!genuine({ ...receipt, ids: [...receipt.ids].reverse() }));
        assert.ok(Number.isInteger(receipt.position) && receipt.position > 0);
        assert.ok(!genuine({ ...receipt, position: 1 + receipt.position }));
        const { keys } = ok(await house.anybody().get('/v1/keys'));
        assert.ok(keys.some((k) => k.purpose === 'log' && k.x === receipt.key));
    });

    it('names no position where there is no event', async () => {
        const device = await register('clerk');
        const { receipt } = await sent('clerk', device, [scan('accept', 'nonsense')]);
        assert.deepEqual([receipt.position, receipt.outcomes], [null, ['refused']]);
        assert.ok(genuine(receipt));
    });

    it('has the page check the same signature', async () => {
        const receipt = JSON.parse(VECTOR);
        assert.equal(genuine(receipt), true);
        assert.equal(await signed(receipt), true);
        for (const wrong of [{ outcomes: ['recorded', 'recorded'] }, { at: receipt.at.replace('09:15', '09:16') },
            { device: null }, { key: `A${receipt.key.slice(1)}` }, { signature: 'x' }])
            assert.equal(await signed({ ...receipt, ...wrong }), false, JSON.stringify(wrong));
    });

    it('gives one without a device to whoever asks, and else none', async () => {
        const scans = [scan('accept', await fresh())];
        assert.equal(ok(await all.clerk.post('/v1/custody/scans', { scans })).receipt, undefined);
        const { receipt } = ok(await all.clerk.post('/v1/custody/scans?receipt=1', { scans }));
        assert.deepEqual([receipt.device, receipt.outcomes], [null, ['duplicate']]);
        assert.ok(genuine(receipt));
    });
});
