// POST /v1/custody/scans: every scan has its own outcome, exactly once, whoever sends it how often.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { service, show, uuid7 } from './service.mjs';
import { bag, HUB, intake, OFFICE, ok, people, recorded } from './walk.mjs';

describe('scans', () => {
    let house, all;
    before(async () => {
        house = await service();
        all = { ...await people(house), clerk2: await house.login('clerk2'),
                courier2: await house.login('courier2'), supervisor: await house.login('supervisor') };
    });
    after(() => house.stop());

    const fresh = async () => (await intake(all.clerk)).number;
    const scan = (kind, code, more = {}) =>
        ({ id: uuid7(), code, kind, at: new Date().toISOString(), ...more });
    const send = (who, scans) => all[who].post('/v1/custody/scans', { scans });
    const results = async (who, scans) => ok(await send(who, scans)).results;
    const wrong_digit = (number) => `${number.slice(0, 10)}${(Number(number[10]) + 1) % 10}VN`;

    it('answers each in its place: good, malformed, foreign, forged and repeated', async () => {
        const [one, two] = [await fresh(), await fresh()];
        const accept = scan('accept', one);
        const list = [accept, scan('accept', wrong_digit(two)), scan('accept', 'JJ123456785VN'),
            scan('accept', 'A'.repeat(128)), scan('accept', 'EE471108151FR'), accept,
            scan('sort', two), scan('accept', two), scan('dance', two),
            scan('accept', two, { at: 'yesterday' }), { ...scan('accept', two), id: '7' }];
        const found = await results('clerk', list);
        assert.deepEqual(found.map((r) => r.id), list.map((s) => s.id));
        assert.deepEqual(found.map((r) => r.outcome), ['recorded', 'refused', 'refused', 'refused',
            'exception', 'duplicate', 'refused', 'recorded', 'refused', 'refused', 'refused']);
        assert.deepEqual(found.map((r) => r.problem?.type.split('/').at(-1)), [undefined,
            'bad-check-digit', 'bad-code', found[3].problem.type.split('/').at(-1), undefined, undefined,
            'forbidden', undefined, 'invalid-fields', 'invalid-fields', 'invalid-fields']);
        assert.match(found[3].problem.type, /bad-(code|signature)$/);
        assert.deepEqual(found[4].warnings, ['unknown_shipment']);
        assert.deepEqual([found[0].shipment, found[0].state, found[0].holder.kind, found[0].holder.id],
            [one, 'accepted', 'place', OFFICE]);
        assert.equal(found[5].first.outcome, 'recorded');
        assert.equal(found[5].first.holder.id, OFFICE);
    });

    it('speaks the reader\'s language about a refusal', async () => {
        const body = { scans: [scan('accept', 'nonsense')] };
        const read = async (lang) => ok(await all.clerk.post('/v1/custody/scans', body,
            { headers: { 'accept-language': lang } })).results[0].problem.title;
        assert.equal(await read('en'), 'Unreadable code');
        assert.equal(await read('vi'), 'Mã quét không nhận ra');
    });

    it('reads numbers as people and labels write them', async () => {
        const number = await fresh();
        const spaced = `${number.slice(0, 2)} ${number.slice(2, 10)} ${number[10]} vn`.toLowerCase();
        assert.equal((await recorded(all.clerk, 'accept', spaced)).shipment, number);
        for (const link of [`HTTPS://HOSO.VN/T/${number}`, `${house.url}/t/${number.toLowerCase()}`])
            assert.equal((await recorded(all.clerk, 'damage', link)).shipment, number);
    });

    it('refuses a body that is not as agreed, whole, and names the member', async () => {
        const number = await fresh();
        const invalid = async (body, status, pointer) => {
            const reply = await all.clerk.post('/v1/custody/scans', body);
            assert.equal(reply.status, status, show(reply));
            if (pointer) assert.ok(reply.body.errors.some((e) => e.pointer === pointer), show(reply));
        };
        await invalid({ scans: [] }, 422, '/scans');
        await invalid({}, 422, '/scans');
        await invalid({ scans: [scan('accept', number, { colour: 'red' })] }, 422, '/scans/0/colour');
        await invalid({ scans: [scan('accept', 7)] }, 422, '/scans/0/code');
        await invalid({ scans: Array.from({ length: 501 }, () => scan('accept', number)) }, 422, '/scans');
        await invalid({ scans: [scan('accept', number, { reason: 'x'.repeat(1 << 20) })] }, 413);
        assert.equal((await house.anybody().post('/v1/custody/scans', { scans: [] })).status, 401);
        const applicant = await house.login('applicant');
        assert.equal((await applicant.post('/v1/custody/scans',
            { scans: [scan('accept', number)] })).status, 403);
        assert.deepEqual((await recorded(all.clerk, 'accept', number)).warnings, []);
    });

    it('is done once when sent eight times at once by eight connections', async () => {
        const number = await fresh();
        const accept = scan('accept', number);
        const replies = await Promise.all(Array.from({ length: 8 }, () => send('clerk', [accept])));
        const outcomes = replies.map((reply) => ok(reply).results[0].outcome).sort();
        assert.deepEqual(outcomes, [...Array(7).fill('duplicate'), 'recorded']);
    });

    it('refuses an id with other content, and another person\'s repeat', async () => {
        const number = await fresh();
        const accept = scan('accept', number);
        await results('clerk', [accept]);
        const reused = (reply) => assert.match(reply[0].problem?.type ?? '', /id-reused$/, JSON.stringify(reply));
        reused(await results('clerk', [{ ...accept, at: new Date(Date.now() - 1000).toISOString() }]));
        reused(await results('clerk2', [accept]));
    });

    it('takes 500 in one call, in any order, and again', async () => {
        const numbers = await Promise.all(Array.from({ length: 20 }, fresh));
        const now = Date.now();
        const list = numbers.flatMap((number) => Array.from({ length: 25 }, (_, i) => {
            const at = now - 100000 + i * 1000;
            return { ...scan(i ? 'damage' : 'accept', number), id: uuid7(at), at: new Date(at).toISOString() };
        })).sort((a, b) => a.id.slice(-6) < b.id.slice(-6) ? -1 : 1);
        const first = await results('clerk', list);
        assert.equal(first.length, 500);
        assert.ok(first.every((r) => ['recorded', 'exception'].includes(r.outcome)));
        for (const number of numbers) {
            const { shipments } = ok(await all.clerk.get(`/v1/dossiers/${number}`));
            assert.equal(shipments.find((s) => s.number === number).state, 'accepted');
        }
        assert.ok((await results('clerk', list)).every((r) => r.outcome === 'duplicate'));
    });

    it('records what another courier holds as an exception, for a person to decide', async () => {
        const number = await fresh();
        await recorded(all.courier, 'collect', number);
        const [strange] = await results('courier2', [scan('take_over', number)]);
        assert.deepEqual([strange.outcome, strange.warnings], ['exception', ['wrong_holder']]);
        const of = async (who, path = '/v1/custody/exceptions?limit=500') => ok(await all[who].get(path)).items
            .find((x) => x.subject === number);
        const opened = await of('clerk2'); // the unit of whoever scanned
        assert.equal(opened.code, 'wrong_holder');
        assert.equal(await of('clerk'), undefined);
        assert.equal((await of('supervisor')).id, opened.id);
        const resolve = (who, body = { decision: 'accept', note: 'đã xác nhận với bưu tá' }, headers = {}) =>
            all[who].post(`/v1/custody/exceptions/${opened.id}/resolve`, body, { headers });
        assert.equal((await resolve('clerk')).status, 403);
        assert.equal((await resolve('clerk2', { decision: 'maybe', note: 'x' })).status, 422);
        const key = { 'idempotency-key': `resolve-${opened.id}` };
        const decided = ok(await resolve('clerk2', undefined, key));
        assert.equal(decided.decision, 'accept');
        assert.deepEqual(ok(await resolve('clerk2', undefined, key)), decided, 'the reply was lost');
        assert.equal((await resolve('clerk2', { decision: 'dismiss', note: 'x' }, key)).status, 422);
        assert.equal((await resolve('clerk2')).status, 409);
        assert.equal(await of('clerk2'), undefined);
        const closed = await of('supervisor', '/v1/custody/exceptions?resolved=true&limit=500');
        assert.equal(closed.note, 'đã xác nhận với bưu tá');
        assert.equal((await all.clerk.post('/v1/custody/exceptions/999999999/resolve',
            { decision: 'dismiss', note: 'x' })).status, 404);
    });

    it('lets the office decide what an agency that it serves has raised', async () => {
        const number = await fresh();
        await recorded(all.courier, 'collect', number);
        const [strange] = await results('officer', [scan('take_over', number)]);
        assert.deepEqual(strange.warnings, ['wrong_holder']);
        const of = async (who) => ok(await all[who].get('/v1/custody/exceptions?limit=500')).items
            .find((x) => x.subject === number);
        const opened = await of('officer');
        assert.equal(opened.unit, '46-A1');
        assert.deepEqual([await of('clerk'), await of('supervisor')], [opened, opened]);
        assert.deepEqual([await of('clerk2'), await of('hub')], [undefined, undefined]);
        const resolve = (who) => all[who].post(`/v1/custody/exceptions/${opened.id}/resolve`,
            { decision: 'dismiss', note: 'cán bộ quét nhầm' });
        for (const who of ['officer', 'clerk2', 'hub']) assert.equal((await resolve(who)).status, 403);
        ok(await resolve('clerk'));
        assert.equal(await of('officer'), undefined);
    });

    it('tells everybody what they hold', async () => {
        const number = await fresh();
        await recorded(all.clerk, 'accept', number);
        const mine = async (who, code = number) => ok(await all[who].get('/v1/custody/held')).items
            .find((item) => item.number === code);
        assert.equal((await mine('clerk')).by, 'place');
        await recorded(all.courier, 'take_over', number);
        assert.equal((await mine('courier')).by, 'person');
        assert.equal(await mine('courier2'), undefined);
    });

    it('has a vocabulary in two languages', async () => {
        const words = ok(await all.courier.get('/v1/custody/vocabulary'));
        for (const list of ['kinds', 'states', 'warnings', 'reasons', 'next_actions'])
            assert.ok(words[list].length > 3 && words[list].every((w) => w.code && w.name && w.name_en), list);
    });

    it('makes containers once, closes only what is open and filled, and shows the manifest', async () => {
        const body = { id: uuid7(), kind: 'receptacle', origin: OFFICE, destination: HUB };
        const made = ok(await all.clerk.post('/v1/containers', body), 201);
        assert.match(made.id, /^VN[A-Z]{4}VN[A-Z]{4}A[A-Z]{2}\d{14}$/);
        assert.equal(ok(await all.clerk.post('/v1/containers', body), 201).id, made.id);
        const problem = async (promise, status, type) => {
            const reply = await promise;
            assert.equal(reply.status, status, show(reply));
            assert.match(reply.body.type, new RegExp(`/${type}$`));
        };
        await problem(all.clerk.post('/v1/containers', { ...body, destination: '46-B2' }), 422, 'id-reused');
        await problem(all.clerk.post('/v1/containers', { ...body, id: uuid7(), destination: 'X1' }), 422, 'unknown-unit');
        await problem(all.clerk.post('/v1/containers', { ...body, id: uuid7(), destination: OFFICE }), 422, 'invalid-fields');
        await problem(all.clerk.post('/v1/containers', { ...body, id: uuid7(), origin: HUB, destination: OFFICE }), 403, 'forbidden');
        await problem(all.clerk.post(`/v1/containers/${made.id}/close`, { seal: 'S1' }), 409, 'container-closed');
        await problem(all.clerk.get('/v1/containers/VNAAAAVNAAAAAUN60001001010000'), 404, 'not-found');
        await problem(all.clerk.get('/v1/containers/what'), 404, 'not-found');
        const number = await fresh();
        await recorded(all.clerk, 'accept', number);
        const id = await bag(all.clerk, OFFICE, HUB, [number], 'S2');
        await problem(all.clerk.post(`/v1/containers/${id}/close`, { seal: 'S3' }), 409, 'container-closed');
        await recorded(all.courier, 'depart', id);
        await recorded(all.hub, 'arrive', id);
        await recorded(all.hub, 'open', id);
        const manifest = async () => {
            const view = ok(await all.hub.get(`/v1/containers/${id}`));
            return [view.expected, view.seen, view.items[0].status, view.seal];
        };
        assert.deepEqual(await manifest(), [1, 0, 'not_seen', 'S2']);
        await recorded(all.hub, 'sort', number);
        assert.deepEqual(await manifest(), [1, 1, 'seen', 'S2']);
    });
});
