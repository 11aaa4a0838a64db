// Numbers leased before the papers exist: to a counter that goes off line, or for a roll of labels.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { query } from '../fault/journal.mjs';
import { service, show, uuid7 } from './service.mjs';
import { intake, intake_body, OFFICE, ok, people, recorded, track } from './walk.mjs';

describe('leased numbers', () => {
    let house, all;
    before(async () => {
        house = await service();
        all = await people(house);
        for (const name of ['clerk2', 'supervisor', 'admin', 'applicant']) all[name] = await house.login(name);
    });
    after(() => house.stop());

    const make = (who, more = {}) =>
        all[who].post('/v1/leases', { id: uuid7(), kind: 'counter', count: 4, ...more });
    const lease = async (more, who = 'clerk') => ok(await make(who, more), 201);
    const look = async (id, who = 'clerk') => ok(await all[who].get(`/v1/leases/${id}`));
    const numbers = async (id, query = '') => ok(await all.clerk.get(`/v1/leases/${id}/numbers${query}`));
    const take_in = (number, more = {}, who = 'clerk') =>
        all[who].post('/v1/dossiers', intake_body({ number, ...more }));
    const revoke = (id, reason = 'Mất cuộn nhãn', who = 'supervisor') =>
        all[who].post(`/v1/leases/${id}/revoke`, { reason });
    const close = (id, body = {}, who = 'clerk', headers = {}) =>
        all[who].post(`/v1/leases/${id}/close`, body, { headers });
    const expire = (id) => query(house, `update postal.lease set leased_at = now() - interval '9 days',
        expires_at = now() - interval '1 day' where key = '${id}'`);
    const ago = (hours) => new Date(Date.now() - hours * 3600000).toISOString();
    const newest = async () => (await all.supervisor.get('/v1/dossiers?limit=1')).body.items[0]?.code;

    // Every page of the open exceptions about a number, as the clerk's office sees them.
    async function exceptions(number) {
        const found = [];
        for (let next = ''; next !== undefined;) {
            const page = ok(await all.clerk.get(`/v1/custody/exceptions?limit=500${next && `&next=${next}`}`));
            found.push(...page.items.filter((x) => x.subject === number));
            next = page.next;
        }
        return found;
    }

    // The same request in both languages: the same problem, worded differently. Nothing is changed.
    async function refused(ask, status, slug) {
        const texts = [], before = await newest();
        for (const language of ['vi', 'en']) {
            const reply = await ask({ headers: { 'accept-language': language } });
            assert.equal(reply.status, status, show(reply));
            assert.equal(reply.body.type, `/problems/${slug}`, show(reply));
            texts.push(reply.body);
        }
        assert.notEqual(texts[0].title, texts[1].title);
        assert.notEqual(texts[0].detail, texts[1].detail);
        assert.equal(await newest(), before);
        return texts[1];
    }
    const refused_intake = (number, status, slug, more = {}, who = 'clerk') => refused((options) =>
        all[who].post('/v1/dossiers', intake_body({ number, ...more }), options), status, slug);

    it('a counter leases numbers, works off line, and sends its papers later', async () => {
        const made = await lease({ count: 5 });
        assert.equal(made.numbers.length, 5);
        const serials = made.numbers.map((n) => Number(n.slice(2, 10)));
        assert.deepEqual(serials, serials.map((_, i) => serials[0] + i));
        for (const number of made.numbers) {
            const sum = [8, 6, 4, 2, 3, 5, 9, 7].reduce((n, w, i) => n + w * Number(number[2 + i]), 0);
            assert.equal(Number(number[10]), { 10: 0, 11: 5 }[11 - sum % 11] ?? 11 - sum % 11, number);
        }
        assert.deepEqual([made.state, made.state_vi, made.unit, made.kind, made.first, made.last, made.count],
            ['open', 'Đang dùng', OFFICE, 'counter', made.numbers[0], made.numbers[4], 5]);
        assert.equal(Math.round((new Date(made.expires_at) - new Date(made.leased_at)) / 3600000), 7 * 24);
        assert.ok(!made.numbers.includes((await intake(all.clerk)).number), 'nobody else gets them');

        const [number] = made.numbers;
        const early = await all.courier.scan('collect', number);
        assert.deepEqual([early.outcome, early.warnings], ['exception', ['unknown_shipment']]);
        const [waits] = (await numbers(made.id, '?state=scanned')).items;
        assert.deepEqual([waits.number, waits.scans, waits.exceptions],
            [number, 1, (await exceptions(number)).map((x) => x.id)]);

        const spelled = `${number.slice(0, 2)} ${number.slice(2, 10)} ${number[10]} vn`.toLowerCase();
        const body = intake_body({ number: spelled, at: ago(1) });
        const sent = await all.clerk.post('/v1/dossiers', body);
        const { code, shipments, warnings, tracking_url } = ok(sent, 201);
        assert.deepEqual([shipments[0].number, shipments[0].leg, shipments[0].state],
            [number, 'outward', 'accepted']);
        assert.ok(tracking_url.endsWith(`/t/${number}`));
        assert.deepEqual(warnings, []);
        assert.deepEqual((await all.clerk.post('/v1/dossiers', { ...body, number })).body, sent.body);
        for (const key of [code, number])
            assert.equal(ok(await all.clerk.get(`/v1/dossiers/${key}`)).code, code);
        assert.equal((await track(house.anybody(), number)).code, (await track(house.anybody(), code)).code);
        await recorded(all.clerk, 'arrive', number);

        await refused_intake(number, 409, 'number-used');
        await refused((options) => all.clerk.post('/v1/dossiers', { ...body, weight_g: 81 }, options),
            422, 'id-reused');
        const { used, scanned, unused, unused_numbers } = await look(made.id);
        assert.deepEqual([used, scanned, unused, unused_numbers], [1, 0, 4, made.numbers.slice(1)]);
        const report = await numbers(made.id);
        assert.deepEqual([report.items.map((n) => n.state), report.items[0].dossier, report.next],
            [['used', 'unused', 'unused', 'unused', 'unused'], code, null]);
        const page = await numbers(made.id, '?limit=2&state=unused');
        assert.deepEqual((await numbers(made.id, `?state=unused&next=${page.next}`)).items.map((n) => n.number),
            made.numbers.slice(3));
    });

    it('takes no number but one that was leased to the clerk\'s own office', async () => {
        const made = await lease();
        const [number] = made.numbers;
        const wrong_digit = `${number.slice(0, 10)}${(Number(number[10]) + 1) % 10}VN`;
        await refused_intake(number, 422, 'number-not-leased', {}, 'clerk2');
        await refused_intake((await intake(all.clerk)).number, 422, 'number-not-leased');
        await refused_intake('EE471108151FR', 422, 'number-not-leased');
        await refused_intake(wrong_digit, 422, 'bad-check-digit');
        await refused_intake('JJ123456785VN', 422, 'bad-code');
        await refused_intake('nonsense', 422, 'bad-code');
        await refused_intake('VNHUIAVNHUIBACUN60001001010000'.slice(0, 29), 422, 'bad-code');
        const wrong = async (...args) => (await refused_intake(...args)).errors.map((e) => e.pointer);
        assert.deepEqual(await wrong(number, 422, 'invalid-fields', {}, 'applicant'), ['/number']);
        assert.deepEqual(await wrong(number, 422, 'invalid-fields', { service: 'receive' }), ['/number']);
        assert.deepEqual(await wrong(number, 422, 'invalid-fields', { at: 'yesterday' }), ['/at']);
        assert.deepEqual(await wrong(undefined, 422, 'invalid-fields', { at: ago(1) }), ['/at']);
        assert.deepEqual((await look(made.id)).unused_numbers, made.numbers);
    });

    it('takes a number of an expired lease, with an exception for the office', async () => {
        const made = await lease({ days: 1 });
        assert.equal(Math.round((new Date(made.expires_at) - new Date(made.leased_at)) / 3600000), 24);
        expire(made.id);
        assert.equal((await look(made.id)).state, 'expired');
        const late = ok(await take_in(made.numbers[0]), 201);
        assert.deepEqual(late.warnings.map((w) => [w.code, w.name]), [['lease_expired', made.numbers[0]]]);
        assert.ok(late.warnings[0].detail && late.warnings[0].detail_vi);
        const [opened] = await exceptions(made.numbers[0]);
        assert.deepEqual([opened.code, opened.dossier, opened.unit, opened.detail.lease],
            ['lease_expired', late.code, OFFICE, made.id]);
        ok(await all.clerk.post(`/v1/custody/exceptions/${opened.id}/resolve`,
            { decision: 'accept', note: 'Máy gửi về muộn' }));
        const then = ok(await take_in(made.numbers[1], { at: ago(48) }), 201);
        assert.deepEqual([then.warnings, await exceptions(made.numbers[1])], [[], []]);
    });

    it('refuses a number of a revoked lease, unless the papers were taken in before', async () => {
        const made = await lease({ kind: 'roll', unit: OFFICE }, 'supervisor');
        expire(made.id);
        assert.equal((await revoke(made.id, 'x', 'clerk')).status, 403);
        await refused((options) => all.supervisor.post(`/v1/leases/${made.id}/revoke`, {}, options),
            422, 'invalid-fields');
        const headers = { 'idempotency-key': randomUUID() };
        const path = `/v1/leases/${made.id}/revoke`;
        const gone = ok(await all.supervisor.post(path, { reason: 'Mất cuộn nhãn' }, { headers }));
        assert.deepEqual([gone.state, gone.revoked_why, gone.revoked_by.name, gone.unused],
            ['revoked', 'Mất cuộn nhãn', ok(await all.supervisor.get('/v1/auth/me')).name, 4]);
        assert.deepEqual(ok(await all.supervisor.post(path, { reason: 'Mất cuộn nhãn' }, { headers })), gone);
        await refused((options) => all.supervisor.post(path, { reason: 'x' }, options), 409, 'conflict');

        await refused_intake(made.numbers[0], 422, 'number-revoked');
        const stolen = await all.courier.scan('collect', made.numbers[0]);
        assert.deepEqual([stolen.outcome, stolen.warnings], ['exception', ['revoked_number']]);
        assert.deepEqual((await exceptions(made.numbers[0])).map((x) => x.code), ['revoked_number']);
        const before = ok(await take_in(made.numbers[1], { at: ago(48) }), 201);
        assert.deepEqual(before.warnings.map((w) => w.code), ['lease_revoked']);
        assert.deepEqual((await exceptions(made.numbers[1])).map((x) => x.dossier), [before.code]);
        await recorded(all.clerk, 'accept', made.numbers[1]);
    });

    it('closes what is reconciled; with loose numbers only a supervisor, who says why', async () => {
        const made = await lease();
        const [number, other] = made.numbers;
        const used = ok(await take_in(other), 201);
        await all.courier.scan('collect', number);
        const path = `/v1/leases/${made.id}/close`;
        const told = await refused((options) => all.clerk.post(path, {}, options), 409, 'lease-unreconciled');
        assert.deepEqual(told.numbers, [number]);
        assert.equal((await close(made.id, { force: true, reason: 'x' })).status, 403);
        await refused((options) => all.supervisor.post(path, { force: true }, options), 422, 'invalid-fields');
        const [open] = await exceptions(number);
        ok(await all.clerk.post(`/v1/custody/exceptions/${open.id}/resolve`,
            { decision: 'dismiss', note: 'Nhãn hỏng, đã hủy' }));
        const headers = { 'idempotency-key': randomUUID() };
        const closed = ok(await close(made.id, {}, 'clerk', headers));
        assert.deepEqual([closed.state, closed.used, closed.scanned, closed.unused], ['closed', 1, 1, 2]);
        assert.deepEqual(ok(await close(made.id, {}, 'clerk', headers)), closed);
        const [scanned] = (await numbers(made.id, '?state=scanned')).items;
        assert.deepEqual([scanned.number, scanned.scans, scanned.exceptions], [number, 1, undefined]);
        await refused((options) => all.clerk.post(path, {}, options), 409, 'conflict');
        assert.equal((await numbers(made.id, '?state=used')).items[0].dossier, used.code);
        const late = ok(await take_in(made.numbers[3]), 201);
        assert.deepEqual(late.warnings.map((w) => w.code), ['lease_closed']);
        const next = await lease({ count: 500 });
        assert.ok(!next.numbers.includes(made.numbers[2]), 'what was given up is not given again');
        assert.equal(ok(await revoke(made.id)).state, 'revoked', 'a closed one can be revoked');

        const forced = await lease();
        await all.courier.scan('collect', forced.numbers[0]);
        const done = ok(await close(forced.id, { force: true, reason: 'Máy hỏng' }, 'supervisor'));
        assert.deepEqual([done.state, done.closed_why, done.scanned], ['closed', 'Máy hỏng', 1]);
        assert.equal((await exceptions(forced.numbers[0])).length, 1, 'it still waits for a person');
    });

    it('gives each role what is its business, and no more numbers than there may be', async () => {
        const roll = await lease({ kind: 'roll', unit: OFFICE, count: 1000 }, 'supervisor');
        assert.equal(new Set(roll.numbers).size, 1000);
        assert.equal(Math.round((new Date(roll.expires_at) - new Date(roll.leased_at)) / 86400000), 730);
        ok(await take_in(roll.numbers[999]), 201);
        assert.equal((await close(roll.id)).status, 403);
        const wrong = [['clerk', { count: 501 }], ['clerk', { count: 0 }], ['clerk', { days: 31 }],
            ['clerk', { days: 0 }], ['clerk', { kind: 'gift' }], ['clerk', { colour: 'red' }],
            ['clerk', { indicator: 'JJ' }], ['clerk', { indicator: 'r1' }],
            ['supervisor', { kind: 'roll', count: 5001 }], ['supervisor', { kind: 'roll', days: 1096 }]];
        for (const [who, more, status = 422, slug = 'invalid-fields'] of [...wrong,
            ['clerk', { kind: 'roll' }, 403, 'forbidden'], ['clerk', { unit: '46-B5' }, 403, 'forbidden'],
            ['courier', {}, 403, 'forbidden'], ['applicant', {}, 403, 'forbidden'],
            ['admin', { unit: '46-B99' }, 422, 'unknown-unit'],
            ['clerk', { device: randomUUID() }, 422, 'unknown-device'],
            ['supervisor', { unit: '46-A1' }, 503, 'numbers-exhausted'],
            ['clerk', { indicator: 'CC' }, 503, 'numbers-exhausted']])
            await refused((options) => all[who].post('/v1/leases',
                { id: uuid7(), kind: 'counter', count: 2, ...more }, options), status, slug);
        assert.equal((await house.anybody().post('/v1/leases', {})).status, 401);
        assert.match((await lease({ indicator: 'EE', count: 1 })).first, /^EE461/);

        const device = ok(await all.clerk.post('/v1/devices', { id: randomUUID(), name: 'Máy quầy 1' }), 201);
        const id = uuid7(), body = { id, kind: 'counter', count: 3, device: device.id };
        const made = ok(await all.clerk.post('/v1/leases', body), 201);
        assert.equal(made.device, device.id);
        assert.deepEqual(ok(await all.clerk.post('/v1/leases', body), 201), made);
        await refused((options) => all.clerk.post('/v1/leases', { ...body, count: 4 }, options),
            422, 'id-reused');
        const bearer = await house.anybody().post('/v1/leases', { kind: 'counter', count: 1 },
            { headers: { authorization: `Bearer ${device.token}` } });
        assert.equal(ok(bearer, 201).device, device.id);
    });

    it('is listed for its own office, for supervisors and administrators', async () => {
        const made = [await lease({ count: 1 }), await lease({ count: 1 }), await lease({ count: 1 })];
        ok(await close(made[1].id));
        const seen = [];
        for (let next = ''; next !== null && seen.length < 200;) {
            const page = ok(await all.clerk.get(`/v1/leases?state=open&limit=1${next && `&next=${next}`}`));
            assert.ok(page.items.length <= 1);
            seen.push(...page.items.map((l) => l.id));
            next = page.next;
        }
        assert.deepEqual(seen.slice(0, 2), [made[2].id, made[0].id]);
        for (const who of ['supervisor', 'admin']) {
            const { items } = ok(await all[who].get(`/v1/leases?unit=${OFFICE}&limit=3`));
            assert.deepEqual(items.map((l) => [l.id, l.state, l.unused]),
                [[made[2].id, 'open', 1], [made[1].id, 'closed', 1], [made[0].id, 'open', 1]]);
            assert.equal((await look(made[0].id, who)).unit, OFFICE);
        }
        const { id } = made[0];
        for (const path of [`/v1/leases/${id}`, `/v1/leases/${id}/numbers`, '/v1/leases/what',
            `/v1/leases/${randomUUID()}`])
            assert.equal((await all.clerk2.get(path)).status, 404, path);
        assert.equal((await close(id, {}, 'clerk2')).status, 404);
        assert.equal((await all.clerk2.get(`/v1/leases?unit=${OFFICE}`)).status, 403);
        assert.equal((await all.courier.get(`/v1/leases/${id}`)).status, 403);
        for (const bad of ['/v1/leases?next=x', '/v1/leases?state=lost', `/v1/leases/${id}/numbers?next=x`])
            assert.equal((await all.clerk.get(bad)).status, 422, bad);
    });
});
