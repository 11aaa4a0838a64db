// Dossiers over HTTP: intake, steps, lists, and every bad input with its own problem document, in
// both languages, changing nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { service, show, uuid7 } from './service.mjs';
import { recorded } from './walk.mjs';

let shared, clerk, officer, clerk2, supervisor, applicant, courier, courier2, hub, admin, integrator;
before(async () => {
    shared = await service();
    [clerk, officer, clerk2, supervisor, applicant, courier, courier2, hub, admin, integrator] =
        await Promise.all(['clerk', 'officer', 'clerk2', 'supervisor', 'applicant', 'courier', 'courier2',
            'hub', 'admin', 'integrator'].map((name) => shared.login(name)));
});
after(() => shared.stop());

const intake = (change = {}) => ({
    id: uuid7(), procedure: '1.004873', agency: '46-A1', service: 'both',
    applicant: { kind: 'citizen', name: 'Lê Thị Ẩn Danh', phone: '0912 345 678',
        email: 'an.danh@example.vn', id_number: '046123456789',
        address: { line: '12 Lê Lợi', commune: '19777' } },
    documents: [
        { name: 'Tờ khai cấp Giấy xác nhận tình trạng hôn nhân', originals: 1, copies: 0 },
        { name: 'Giấy tờ chứng minh nơi cư trú', originals: 0, copies: 1 }],
    weight_g: 80, result_to: { kind: 'address', address: { line: '5 Nguyễn Huệ', commune: '19789' } },
    note: 'Gọi trước khi đến', ...change,
});

async function registered(change) {
    const reply = await clerk.post('/v1/dossiers', intake(change));
    assert.equal(reply.status, 201, show(reply));
    return reply.body;
}

const act = (who, code, action, more = {}, headers = {}) =>
    who.post(`/v1/dossiers/${code}/actions`, { action, ...more }, { headers });

async function done(who, code, action, more) {
    const reply = await act(who, code, action, more);
    assert.equal(reply.status, 200, show(reply));
    return reply.body;
}

// The same request in both languages: the same problem, worded differently.
async function refused(who, path, body, status, slug, raw) {
    const texts = [];
    for (const language of ['vi', 'en']) {
        const reply = await who.post(path, body, { raw, headers: { 'accept-language': language } });
        assert.equal(reply.status, status, show(reply));
        assert.match(reply.headers.get('content-type'), /^application\/problem\+json/);
        assert.equal(reply.body.type, `/problems/${slug}`);
        assert.equal(reply.headers.get('content-language'), language);
        texts.push(reply.body);
    }
    assert.notEqual(texts[0].title, texts[1].title);
    assert.notEqual(texts[0].detail, texts[1].detail);
    return texts[0];
}

const newest = async () =>
    (await supervisor.get('/v1/dossiers?limit=1')).body.items[0]?.code ?? 'none';

test('an intake gives a code, a shipment, charges and where to go on', async () => {
    const body = intake({ paid: true });
    const reply = await clerk.post('/v1/dossiers', body);
    assert.equal(reply.status, 201, show(reply));
    const made = reply.body;
    assert.match(made.code, /^\d{3}\.\d{2}\.[0-9A-Z]{2}\.H57-\d{6}-\d{4,}$|^[0-9A-Z.]+-\d{6}-\d{4,}$/);
    assert.equal(reply.headers.get('location'), `/v1/dossiers/${made.code}`);
    assert.deepEqual([made.status.code, made.status.name], [1, 'Mới đăng ký']);
    const [shipment] = made.shipments;
    assert.match(shipment.number, /^RR\d{9}VN$/);
    assert.deepEqual([shipment.leg, shipment.state], ['outward', 'created']);
    assert.deepEqual([shipment.holder.kind, shipment.holder.id], ['place', '46-B1']);
    assert.equal(made.tracking_url, `${shared.url}/t/${shipment.number}`);
    assert.ok(made.charges.every((line) => line.amount > 0 && line.paid_at));
    assert.equal(made.total, made.charges.reduce((sum, line) => sum + line.amount, 0));
    assert.ok(made.charges.some((line) => line.ledger === 'agency_fee' && line.amount === 15000));
    assert.equal(made.links.self, `/v1/dossiers/${made.code}`);
    assert.ok(!JSON.stringify(made).includes('Ẩn Danh'), 'the reply is kept, so it names nobody');

    const again = await clerk.post('/v1/dossiers', body);
    assert.equal(again.status, 201);
    assert.deepEqual(again.body, made);
    await refused(clerk, '/v1/dossiers', { ...body, weight_g: 81 }, 422, 'id-reused');
    await refused(applicant, '/v1/dossiers', { ...body, paid: false }, 422, 'id-reused');
});

test('staff in scope read it with the personal part; others find nothing', async () => {
    const { code, shipments: [{ number }], id } = await registered();
    for (const key of [code, number, id, number.toLowerCase()]) {
        const reply = await clerk.get(`/v1/dossiers/${key}`);
        assert.equal(reply.status, 200, show(reply));
        assert.equal(reply.body.applicant.name, 'Lê Thị Ẩn Danh');
        assert.match(reply.body.applicant.address.commune_name, /^Phường Vỹ Dạ, /);
        assert.equal(reply.body.result_to.address.line, '5 Nguyễn Huệ');
        assert.equal(reply.body.note, 'Gọi trước khi đến');
        assert.equal(reply.headers.get('etag'), `"${reply.body.version}"`);
    }
    const desk = (await officer.get(`/v1/dossiers/${code}`)).body;
    assert.deepEqual(desk.allowed_actions.map((one) => one.action),
        ['accept', 'reject', 'ask_supplement', 'request_withdrawal']);
    assert.ok(desk.allowed_actions.every((one) => one.reason_vi && one.reason_en && one.name));
    assert.equal((await supervisor.get(`/v1/dossiers/${code}`)).status, 200);
    for (const who of [clerk2, applicant]) {
        const foreign = await who.get(`/v1/dossiers/${code}`);
        const unknown = await who.get('/v1/dossiers/000.00.16.H57-200101-0001');
        assert.equal(foreign.status, 404);
        delete foreign.body.instance;
        delete unknown.body.instance;
        assert.deepEqual(foreign.body, unknown.body);
    }
    assert.equal((await shared.anybody().get(`/v1/dossiers/${code}`)).status, 401);
    const history = await clerk.get(`/v1/dossiers/${code}/events`);
    assert.ok(history.body.items.some((one) => one.kind === 'dossier.register'));
    assert.ok(!JSON.stringify(history.body).includes('Ẩn Danh'));
});

// What each way to the personal data answers: the dossier, its history, its label, a printed copy.
async function seen_by(who, { code, number }) {
    const print = await who.post('/v1/labels/print', { numbers: [number], reprint_reason: 'thử' });
    const replies = await Promise.all([`/v1/dossiers/${code}`, `/v1/dossiers/${number}`,
        `/v1/dossiers/${code}/events`, `/v1/labels/${number}.svg`].map((path) => who.get(path)));
    return [...replies.map((one) => one.status), print.body.labels[0].copy > 0 ? 200 : 404];
}
const SEES = [200, 200, 200, 200, 200], NOTHING = [404, 404, 404, 404, 404];

async function carried() {
    const { code, shipments: [{ number }] } = await registered();
    await recorded(clerk, 'accept', number, { at: new Date(Date.now() - 3600000).toISOString() });
    return { code, number };
}
const listed = async (who) => (await who.get('/v1/dossiers?limit=500')).body.items.map((one) => one.code);

test('whoever scans a guessed number is recorded, and sees nothing of its dossier', async () => {
    const papers = await carried();
    for (const [who, kind, more] of [[hub, 'hand_over', { target: 'courier2' }], [courier2, 'take_over'],
        [clerk2, 'arrive'], [courier2, 'take_over'],
        [clerk2, 'hand_over', { target: 'courier2' }], [courier2, 'depart'],
        [clerk2, 'redirect', { target: '46-B5' }], [clerk2, 'arrive'], [clerk2, 'count']]) {
        const { outcome } = await who.scan(kind, papers.number, more);
        assert.ok(['recorded', 'exception'].includes(outcome), kind);
        assert.deepEqual(await seen_by(who, papers), NOTHING, kind);
    }
    const { body } = await clerk.get(`/v1/dossiers/${papers.code}`);
    assert.equal(body.shipments[0].holder.id, '46-B5', 'the scan stands');

    const early = await registered();
    const guessed = { code: early.code, number: early.shipments[0].number };
    await courier2.scan('collect', guessed.number);
    assert.deepEqual(await seen_by(courier2, guessed), NOTHING);
    assert.ok(!(await listed(courier2)).includes(guessed.code));
});

test('a finding on a list gives nothing that was not given', async () => {
    const papers = await carried(), own = await clerk2.post('/v1/dossiers', intake());
    const mine = own.body.shipments[0].number;
    await recorded(clerk2, 'accept', mine);
    const list = await clerk2.post('/v1/custody/handovers', { id: uuid7(), to: 'courier2', items: [mine] });
    const signed = await courier2.post(`/v1/custody/handovers/${list.body.id}/sign`, { items: [
        { code: mine, finding: 'present' }, { code: papers.number, finding: 'surplus' }] });
    assert.equal(signed.status, 200, show(signed));
    const held = (await courier2.get('/v1/custody/held')).body.items.map((one) => one.number);
    assert.ok(held.includes(papers.number) && held.includes(mine));
    assert.deepEqual(await seen_by(courier2, papers), NOTHING);
    assert.deepEqual(await seen_by(courier2, { code: own.body.code, number: mine }), SEES);
    assert.ok(!(await listed(courier2)).includes(papers.code));
});

test('whoever is on the way, or was given it, sees it for as long as they hold it', async () => {
    const papers = await carried();
    await recorded(courier, 'take_over', papers.number);
    assert.deepEqual(await seen_by(courier, papers), SEES);
    assert.deepEqual(await seen_by(hub, papers), NOTHING);
    await recorded(hub, 'arrive', papers.number);
    assert.deepEqual(await seen_by(hub, papers), SEES);
    assert.ok((await listed(hub)).includes(papers.code));
    await recorded(hub, 'hand_over', papers.number, { target: 'courier2' });
    assert.deepEqual(await seen_by(courier2, papers), NOTHING, 'offered, not taken');
    await recorded(courier2, 'take_over', papers.number);
    assert.deepEqual(await seen_by(hub, papers), NOTHING, 'no longer the hub\'s');
    assert.deepEqual(await seen_by(courier2, papers), SEES);
    assert.ok((await listed(courier2)).includes(papers.code));
    const list = await courier2.post('/v1/custody/handovers',
        { id: uuid7(), to: 'clerk2', items: [papers.number] });
    assert.deepEqual(await seen_by(clerk2, papers), NOTHING, 'offered, not taken');
    await clerk2.post(`/v1/custody/handovers/${list.body.id}/sign`, { accept_all: true });
    assert.deepEqual(await seen_by(clerk2, papers), SEES);
    for (const who of [clerk, officer, supervisor])
        assert.equal((await who.get(`/v1/dossiers/${papers.code}`)).status, 200);

    const turned = await carried();
    await recorded(clerk, 'redirect', turned.number, { target: '46-B5' });
    assert.deepEqual(await seen_by(clerk2, turned), NOTHING);
    await recorded(clerk2, 'arrive', turned.number);
    assert.deepEqual(await seen_by(clerk2, turned), SEES);
});

test('of the personal part everybody sees what the role needs', async () => {
    const proxy = { name: 'Trần Thị Thay', phone: '0905 000 777', id_number: '046999888777',
        authorisation: 'UQ 12/2026' };
    const { code, shipments: [{ number }] } = await registered({ proxy });
    await recorded(clerk, 'accept', number);
    await done(officer, code, 'ask_supplement', { reason: 'Thiếu căn cước của ông Kín' });
    const seen = async (who) => {
        const [view, story] = await Promise.all([`/v1/dossiers/${code}`, `/v1/dossiers/${code}/events`]
            .map((path) => who.get(path)));
        assert.deepEqual([view.status, story.status], [200, 200], show(view));
        const text = JSON.stringify(view.body);
        return { view: view.body, story: JSON.stringify(story.body), names: ['Lê Thị Ẩn Danh', '0912 345 678',
            'an.danh@example.vn', '046123456789', '12 Lê Lợi', '19777', '5 Nguyễn Huệ', '19789',
            'Trần Thị Thay', '0905 000 777', '046999888777', 'UQ 12', 'Gọi trước khi đến']
            .map((word) => (text.includes(word) ? 1 : 0)).join('') };
    };
    for (const [who, reach, names] of [[clerk, 'full', '1111111111111'], [officer, 'full', '1111111111111'],
        [supervisor, 'full', '1111111111111'], [admin, 'full', '1111111111111']]) {
        const { view, story, names: found } = await seen(who);
        assert.deepEqual([view.personal, found], [reach, names]);
        assert.match(story, /ông Kín/);
    }
    const lesser = async (who, reach, names) => {
        const { view, story, names: found } = await seen(who);
        assert.deepEqual([view.personal, found, view.erased], [reach, names, undefined]);
        assert.ok(view.allowed_actions && view.procedure && view.result_to.kind === 'address');
        assert.doesNotMatch(story, /ông Kín/);
    };
    await recorded(courier, 'take_over', number);
    await lesser(courier, 'delivery', '1100111111000');
    await recorded(hub, 'arrive', number);
    await lesser(hub, 'none', '0000000000000');
    await lesser(integrator, 'none', '0000000000000');
    const own = await applicant.post('/v1/dossiers', intake());
    const mine = (await applicant.get(`/v1/dossiers/${own.body.code}`)).body;
    assert.deepEqual([mine.personal, mine.applicant.id_number], ['full', '046123456789']);
});

test('bad intakes: each its own problem, in both languages, and nothing is registered', async () => {
    const before = await newest();
    const bad = (change) => ({ ...intake(), ...change });
    const applicant_with = (change) => ({ applicant: { ...intake().applicant, ...change } });
    const cases = [
        [{ surprise: 1 }, 'invalid-fields', '/surprise'],
        [{ weight_g: '80' }, 'invalid-fields', '/weight_g'],
        [{ weight_g: 0 }, 'invalid-fields', '/weight_g'],
        [{ weight_g: 80.5 }, 'invalid-fields', '/weight_g'],
        [{ id: 'x' }, 'invalid-fields', '/id'],
        [{ service: 'fetch' }, 'invalid-fields', '/service'],
        [{ documents: [] }, 'invalid-fields', '/documents'],
        [{ documents: [{ name: 'Đơn', originals: 1 }] }, 'invalid-fields', '/documents/0/copies'],
        [{ documents: [{ name: 'Đơn', originals: 0, copies: 0 }] }, 'invalid-fields', '/documents/0'],
        [{ documents: [1, 2].map(() => ({ name: 'Đơn', originals: 1, copies: 0 })) },
            'invalid-fields', '/documents/1/name'],
        [applicant_with({ phone: 'gọi tôi nhé' }), 'invalid-fields', '/applicant/phone'],
        [applicant_with({ email: 'ở nhà' }), 'invalid-fields', '/applicant/email'],
        [applicant_with({ name: 'A\u202eB' }), 'invalid-fields', '/applicant/name'],
        [applicant_with({ name: '' }), 'invalid-fields', '/applicant/name'],
        [applicant_with({ address: { line: '1' } }), 'invalid-fields', '/applicant/address/commune'],
        [{ result_to: { kind: 'agency' } }, 'invalid-fields', '/result_to/kind'],
        [{ result_to: { kind: 'post_office' } }, 'invalid-fields', '/result_to/unit'],
        [{ procedure: '9.999999' }, 'unknown-procedure'],
        [{ procedure: '1.000894' }, 'procedure-not-by-post'],
        [{ procedure: '2.000488' }, 'agency-not-competent'],
        [{ agency: '46-B1' }, 'agency-not-competent'],
        [{ agency: '99-ZZ' }, 'unknown-unit'],
        [applicant_with({ address: { line: '1', commune: '99999' } }), 'unknown-commune'],
    ];
    for (const [change, slug, pointer] of cases) {
        const problem = await refused(clerk, '/v1/dossiers', bad(change), 422, slug);
        if (pointer)
            assert.ok(problem.errors.some((one) => one.pointer === pointer && one.detail),
                `${pointer} in ${JSON.stringify(problem)}`);
    }
    const english = await clerk.post('/v1/dossiers', bad({ procedure: '1.000894' }),
        { headers: { 'accept-language': 'vi' } });
    assert.equal(english.body.detail, 'Hai bên phải có mặt khi đăng ký');
    for (const [text, status, slug] of [['{"id": ', 400, 'invalid-json'],
        ['{"id": 1, "id": 2}', 400, 'invalid-json'], ['[]', 422, 'invalid-fields'],
        ['{"note": "' + 'x'.repeat(70000) + '"}', 413, 'too-large']])
        await refused(clerk, '/v1/dossiers', {}, status, slug, text);
    await refused(applicant, '/v1/dossiers', { ...intake(), paid: true }, 422, 'invalid-fields');
    await refused(officer, '/v1/dossiers', intake(), 403, 'forbidden');
    await refused(shared.anybody(), '/v1/dossiers', intake(), 401, 'unauthenticated');
    assert.equal(await newest(), before, 'a refused intake registered something');
});

test('steps: what the status does not allow is told with what it allows, and why', async () => {
    const { code } = await registered();
    const path = `/v1/dossiers/${code}/actions`;
    const version = (await officer.get(`/v1/dossiers/${code}`)).body.version;
    const problem = await refused(officer, path, { action: 'result_ready' }, 409,
        'action-not-allowed');
    assert.deepEqual(problem.allowed.map((one) => one.action),
        ['accept', 'reject', 'ask_supplement', 'request_withdrawal']);
    await refused(clerk, path, { action: 'accept' }, 403, 'forbidden');
    await refused(clerk2, path, { action: 'request_withdrawal', reason: 'x' }, 404, 'not-found');
    for (const [body, pointer] of [[{ action: 'fly' }, '/action'], [{}, '/action'],
        [{ action: 'result_returned' }, '/action'], [{ action: 'reject' }, '/reason'],
        [{ action: 'reject', reason: '' }, '/reason'],
        [{ action: 'accept', why: 'x' }, '/why'],
        [{ action: 'apologise', reason: 'x', due_at: 'tomorrow' }, '/due_at']]) {
        const wrong = await refused(officer, path, body, 422, 'invalid-fields');
        assert.ok(wrong.errors.some((one) => one.pointer === pointer), JSON.stringify(wrong));
    }
    for (const tag of ['"999"', 'nonsense', '""', `W/"${version + 1}"`]) {
        const reply = await act(officer, code, 'accept', {}, { 'if-match': tag });
        assert.equal(reply.status, 412, `${tag}: ${show(reply)}`);
    }
    assert.equal((await officer.get(`/v1/dossiers/${code}`)).body.version, version);
    const accepted = await act(officer, code, 'accept', {}, { 'if-match': `"${version}"` });
    assert.equal(accepted.status, 200, show(accepted));
    assert.equal(accepted.headers.get('etag'), `"${version + 1}"`);
    assert.ok(accepted.body.due_at);
    assert.equal((await act(officer, code, 'start', {}, { 'if-match': `"${version}"` })).status, 412);
});

test('an Idempotency-Key: the same step once, another body refused', async () => {
    const { code } = await registered();
    const headers = { 'idempotency-key': uuid7() };
    const first = await act(officer, code, 'accept', {}, headers);
    assert.equal(first.status, 200, show(first));
    const again = await act(officer, code, 'accept', {}, headers);
    assert.equal(again.status, 200, show(again));
    assert.deepEqual(again.body, first.body);
    const other = await act(officer, code, 'start', {}, headers);
    assert.equal(other.status, 422);
    assert.equal(other.body.type, '/problems/id-reused');
});

test('supplement, payment, withdrawal and stop, with their pauses', async () => {
    const { code } = await registered();
    await done(officer, code, 'accept');
    await done(officer, code, 'start');
    let view = await done(officer, code, 'ask_supplement', { reason: 'Thiếu bản sao căn cước' });
    assert.deepEqual([view.status.code, view.clock], [5, 'paused']);
    view = await done(clerk, code, 'send_supplement', { weight_g: 20 });
    assert.equal(view.shipments.at(-1).leg, 'supplement');
    view = await done(officer, code, 'supplement_received');
    assert.deepEqual([view.status.code, view.clock], [4, 'running']);
    view = await done(officer, code, 'ask_payment', { amount: 50000, name: 'Phí thẩm định' });
    assert.ok(view.charges.some((line) => line.amount === 50000 && !line.paid_at));
    view = await done(clerk, code, 'payment_received');
    assert.ok(view.charges.some((line) => line.amount === 50000 && line.paid_at));
    view = await done(clerk, code, 'request_withdrawal', { reason: 'Không cần nữa' });
    assert.equal(view.status.code, 7);
    view = await done(officer, code, 'stop', { reason: 'Theo yêu cầu của người nộp' });
    assert.equal(view.status.code, 8);
    assert.equal(view.pauses.length, 2);
    const history = (await officer.get(`/v1/dossiers/${code}/events`)).body.items;
    assert.ok(history.some((one) => one.reason === 'Theo yêu cầu của người nộp'));
});

test('the result: sent by post, or handed out when nothing is in the post', async () => {
    const posted = await registered();
    for (const action of ['accept', 'start']) await done(officer, posted.code, action);
    const view = await done(officer, posted.code, 'result_ready');
    const result = view.shipments.at(-1);
    assert.deepEqual([result.leg, result.holder.id], ['result', '46-A1']);
    await refused(officer, `/v1/dossiers/${posted.code}/actions`, { action: 'return_result' }, 409,
        'action-not-allowed');

    const fetched = await registered({ service: 'send', result_to: { kind: 'agency' } });
    for (const action of ['accept', 'start', 'result_ready'])
        await done(officer, fetched.code, action);
    const last = await done(officer, fetched.code, 'return_result');
    assert.equal(last.status.code, 10);
    assert.equal(last.shipments.length, 1);
});

test('an applicant files on line and sees the own dossiers only', async () => {
    const reply = await applicant.post('/v1/dossiers', intake());
    assert.equal(reply.status, 201, show(reply));
    assert.equal(reply.body.office.id, '46-B3', 'the office that serves the commune');
    const mine = (await applicant.get('/v1/dossiers')).body.items;
    assert.ok(mine.some((one) => one.code === reply.body.code));
    const own = await applicant.get(`/v1/dossiers/${reply.body.code}`);
    assert.deepEqual(own.body.allowed_actions.map((one) => one.action), ['request_withdrawal']);
    const theirs = await registered();
    assert.ok(!(await applicant.get('/v1/dossiers')).body.items
        .some((one) => one.code === theirs.code));
});

test('lists: pages by an opaque cursor, filters, scope', async () => {
    const made = [];
    for (let i = 0; i < 3; i++) made.unshift((await registered()).code);
    const seen = [];
    for (let next = ''; next !== undefined;) {
        const { status, body } = await clerk.get(`/v1/dossiers?limit=2${next && `&next=${next}`}`);
        assert.equal(status, 200);
        assert.ok(body.items.length <= 2);
        seen.push(...body.items.map((one) => one.code));
        next = body.next;
    }
    assert.equal(new Set(seen).size, seen.length);
    assert.deepEqual(seen.filter((code) => made.includes(code)), made);
    const found = await officer.get(`/v1/dossiers?q=${made[0]}&status=1&agency=46-A1`);
    assert.deepEqual(found.body.items.map((one) => one.code), [made[0]]);
    assert.deepEqual((await clerk2.get(`/v1/dossiers?q=${made[0]}`)).body.items, []);
    assert.ok(!JSON.stringify(found.body).includes('Ẩn Danh'));
    for (const query of ['limit=0', 'limit=501', 'status=11', 'next=zz', 'sort=x', 'overdue=maybe'])
        assert.equal((await clerk.get(`/v1/dossiers?${query}`)).status, 422, query);
});

test('twenty intakes at once get twenty codes', async () => {
    const replies = await Promise.all(Array.from({ length: 20 },
        () => clerk.post('/v1/dossiers', intake())));
    assert.ok(replies.every((one) => one.status === 201));
    assert.equal(new Set(replies.map((one) => one.body.code)).size, 20);
    assert.equal(new Set(replies.map((one) => one.body.shipments[0].number)).size, 20);
});

test('the log names nobody', () => {
    assert.ok(!/Ẩn Danh|0912 345|an\.danh|Nguyễn Huệ/.test(shared.log()));
});
