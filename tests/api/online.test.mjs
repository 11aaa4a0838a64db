// Filing on line: from the empty draft to the result in hand at level 3 and at level 4, and everything that
// may go wrong on the way.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { query, work_today } from '../fault/journal.mjs';
import { ANSWERS, COPY, DECLARATION, Drafting, FORM, ORIGINAL, PERSON, PLAIN_PAPERS, plain_procedure, procedure, says,
         secret } from './online.mjs';
import { pdf, png, send_to, sha256 } from './pictures.mjs';
import { discard, own_service, show, uuid7 } from './service.mjs';
import { AGENCY, COMMUNE, OFFICE, act, hand_over, intake_body, ok, people, recorded, track } from './walk.mjs';

const THREE = '1.900003', FOUR = '1.900004', CHANGING = '1.900005', PLAIN = '1.900007';
let house, all;

before(async () => {
    house = await own_service({ env: { DOSSIERPOST_ONLINE_DRAFTS: '1000', DOSSIERPOST_ONLINE_BYTES: '400000' } });
    work_today(house);
    procedure(house, THREE, 3);
    procedure(house, FOUR, 4);
    all = await people(house);
    for (const name of ['applicant', 'clerk2', 'courier2', 'supervisor']) all[name] = await house.login(name);
});
after(() => discard(house));

const slug = ({ status, body }) => `${status} ${body?.type?.replace('/problems/', '')}`;
const visitor = (more) => new Drafting(house.anybody(), more);
const pointers = (reply) => (reply.body.errors ?? []).map((one) => one.pointer);
const value = (sql) => query(house, sql)[0];
async function begun(code = THREE, more) {
    const draft = visitor(more);
    ok(await draft.begin(code), 201);
    return draft;
}
const status_of = async (code) => ok(await all.officer.get(`/v1/dossiers/${code}`)).status.code;

// --- the two ways --------------------------------------------------------------------------------

test('level 3: a form, a pick-up at home, and the result fetched at the agency', async () => {
    const draft = await begun(), { days, unit } = ok(await house.anybody().get(`/v1/pickups/days?commune=${COMMUNE}`));
    assert.equal(unit, OFFICE);
    assert.ok(days.length >= 5 && days.every((day) => /^\d{4}-\d\d-\d\d$/.test(day)));
    const filed = await draft.filed(says({ bring: 'pickup', pickup: { day: days[0], half: 'morning' } }));
    const { dossier } = ok(filed, 201), { code } = dossier;
    const [shipment] = dossier.shipments;
    assert.deepEqual([dossier.status.code, dossier.status.name, dossier.service, shipment.state, shipment.leg],
        [1, 'Mới đăng ký', 'send', 'created', 'outward']);
    assert.deepEqual(dossier.pickup, { day: days[0], half: 'morning', unit: OFFICE, unit_name: dossier.pickup.unit_name, days });
    assert.match(dossier.receipt_code, /^\w{4} \w{4}$/);
    assert.match(dossier.qr, /^<svg /);
    assert.ok(dossier.charges.length >= 2 && dossier.charges.every((one) => !one.paid_at), 'nothing is paid by filing');

    // The post office sees where to go, gives it to a courier, who alone sees it then.
    const visits = async (who) => ok(await who.get(`/v1/pickups?day=${days[0]}`)).items.filter((one) => one.dossier === code);
    const [visit] = await visits(all.clerk);
    assert.deepEqual([visit.name, visit.phone, visit.address.line, visit.half, visit.documents[0].name],
        [PERSON.name, PERSON.phone, PERSON.address.line, 'morning', ORIGINAL]);
    assert.equal(value(`select count(*) from dossier.access where what = 'pickup' and dossier = '${draft.id}'`), '1');
    assert.deepEqual(await visits(all.clerk2), []);
    assert.deepEqual(await visits(all.courier), []);
    await recorded(all.clerk, 'assign', shipment.number, { target: 'courier' });
    assert.equal((await visits(all.courier))[0].courier.login, 'courier');
    assert.deepEqual(await visits(all.courier2), []);
    await recorded(all.courier, 'collect', shipment.number);
    assert.equal((await visits(all.clerk))[0].state, 'accepted');
    assert.equal(ok(await draft.get()).dossier.pickup.days, undefined);
    assert.equal(slug(await draft.pickup({ day: days[1], half: 'morning' }, '"2"')), '409 action-not-allowed');

    await recorded(all.courier, 'out_for_delivery', shipment.number);
    await hand_over(all.courier, all.officer, AGENCY, [shipment.number]);
    for (const action of ['accept', 'start', 'result_ready']) await act(all.officer, code, action);
    await act(all.officer, code, 'return_result');
    assert.equal(await status_of(code), 10);
    const told = await track(house.anybody(), code);
    assert.doesNotMatch(JSON.stringify(told), /Trực Tuyến|Nguyễn Huệ|0905/);
    const view = ok(await all.officer.get(`/v1/dossiers/${code}`));
    assert.deepEqual([view.form, view.applicant.name], [ANSWERS, PERSON.name], 'the officer reads the form');
    const carried = ok(await all.courier.get(`/v1/dossiers/${code}`));
    assert.equal(carried.form, undefined, 'a courier does not');
});

test('level 4: files alone, filed at once, the sealed result on line', async () => {
    const draft = await begun(FOUR), bytes = pdf('giay chung sinh');
    const file = ok(await draft.file(bytes, ORIGINAL), 201);
    assert.equal(file.document, ORIGINAL);
    assert.deepEqual(ok(await draft.get()).files.map((one) => [one.document, one.whole]), [[ORIGINAL, true]]);
    assert.deepEqual((await draft.send('GET', `/files/${file.id}`)).body, bytes);
    const filed = await draft.filed(says({ bring: 'none', documents: [], result_to: { kind: 'online' } }));
    const { dossier } = ok(filed, 201), { code } = dossier;
    assert.deepEqual([dossier.service, dossier.shipments, dossier.status.code, dossier.clock], ['none', [], 1, 'running']);
    assert.ok(dossier.filed_at, 'without paper it is with the agency at once');
    assert.deepEqual(dossier.charges.map((one) => [one.ledger, one.amount, one.paid_at]), [['agency_fee', 8000, undefined]]);

    const { items } = ok(await all.officer.get(`/v1/attachments?dossier=${code}`));
    assert.deepEqual(items.map((one) => [one.document, one.role, one.readable]), [[ORIGINAL, 'applicant', true]]);
    assert.deepEqual((await all.officer.get(`/v1/attachments/${file.id}`)).body, bytes);
    assert.equal((await all.officer.get(`/v1/dossiers/${code}/papers/dispatch_note.pdf`)).status, 200);
    for (const action of ['accept', 'start', 'result_ready']) await act(all.officer, code, action);
    const result = pdf('ket qua muc do 4');
    const sent = ok(await send_to(all.officer, { dossier: code }, result, { kind: 'result' }), 201);
    ok(await all.officer.post(`/v1/dossiers/${code}/results`, { attachment: sent.id, sha256: sha256(result) }), 201);
    const { download } = ok(await house.anybody().post(`/v1/track/${code}/unlock`, { code: dossier.receipt_code }));
    const got = await house.anybody().post(`/v1/track/${code}/result`, { token: download.token });
    assert.deepEqual(got.body, result);
    assert.equal(await status_of(code), 10);
    assert.deepEqual(query(house, `select * from dossier.rebuild_differences() where subject = '${draft.id}'`), []);
});

test('with an account: its own drafts, and its own dossier afterwards', async () => {
    const draft = new Drafting(all.applicant, { key: null });
    ok(await draft.begin(THREE), 201);
    assert.ok(ok(await all.applicant.get('/v1/drafts')).items.some((one) => one.id === draft.id && one.procedure.code === THREE));
    for (const other of [new Drafting(all.clerk, { key: null, id: draft.id }), visitor({ id: draft.id })])
        assert.equal(slug(await other.get()), '404 not-found');
    const { dossier } = ok(await draft.filed(says()), 201);
    assert.equal(ok(await all.applicant.get(`/v1/dossiers/${dossier.code}`)).applicant.name, PERSON.name);
    assert.ok(!ok(await all.applicant.get('/v1/drafts')).items.some((one) => one.id === draft.id));
    ok(await all.applicant.post(`/v1/dossiers/${dossier.code}/actions`, { action: 'request_withdrawal', reason: 'Đổi ý.' }));
});

test('brought to a post office: the clerk scans the code of that very dossier and takes it', async () => {
    const { dossier } = ok(await (await begun()).filed(says({ drop: { unit: OFFICE } })), 201);
    const number = dossier.shipments[0].number;
    assert.equal(dossier.office.id, OFFICE);
    const url = new URL(dossier.tracking_url);
    assert.equal(url.pathname, `/t/${number}`);
    const seen = ok(await all.clerk.get(`/v1/dossiers/${number}`));
    assert.deepEqual([seen.code, seen.documents[0].name, seen.applicant.name], [dossier.code, ORIGINAL, PERSON.name]);
    const taken = await recorded(all.clerk, 'accept', `${url.origin}${url.pathname}`.toUpperCase());
    assert.deepEqual([taken.state, taken.shipment], ['accepted', number]);
    const wrong = await (await begun()).filed(says({ drop: { unit: AGENCY } }));
    assert.deepEqual([slug(wrong), pointers(wrong)], ['422 invalid-fields', ['/drop/unit']], show(wrong));
});

test('brought later than it was filed: the clerk weighs it, sees what is due, and takes it once', async () => {
    const draft = await begun(), { dossier } = ok(await draft.filed(says({ drop: { unit: OFFICE } })), 201), { code } = dossier;
    const number = dossier.shipments[0].number, view = async () => ok(await all.clerk.get(`/v1/dossiers/${code}`));
    const due = (charges, ledgers) => charges.filter((one) => !one.paid_at && !one.cancelled_at && (!ledgers || ledgers.includes(one.ledger)))
        .reduce((sum, one) => sum + one.amount, 0);
    const allowed = async (who = all.clerk) => ok(await who.get(`/v1/dossiers/${code}`)).allowed_actions.map((one) => one.action);
    const take = (body, who = all.clerk) => who.send('POST', `/v1/dossiers/${code}/actions`, { body: { action: 'take_payment', ...body },
        headers: { 'accept-language': 'vi' } });
    query(house, `update dossier.dossier set created_at = created_at - interval '3 days' where id = '${draft.id}'`);
    assert.ok(!(await allowed()).includes('correct_intake'), 'the papers are not here');
    await recorded(all.clerk, 'accept', number);
    assert.ok((await allowed()).includes('correct_intake'));
    const told = due((await view()).charges);
    ok(await all.clerk.post(`/v1/dossiers/${code}/corrections`, { weight_g: 420 }));
    const heavy = await view(), postage = due(heavy.charges, ['postage_out']);
    assert.ok(due(heavy.charges) > told, 'dearer');
    const quote = ok(await house.anybody().post('/v1/tariff/quotes', { procedure: THREE, from: COMMUNE, to: AGENCY, weight_g: 420, service: 'send' }));
    assert.equal(postage, quote.lines.find((one) => one.ledger === 'postage_out').amount);

    const wrong = await take({ amount: told });
    assert.deepEqual([slug(wrong), pointers(wrong)], ['422 invalid-fields', ['/amount']]);
    assert.match(wrong.body.errors[0].detail, new RegExp(`${postage + 8000}`.replace(/(\d{3})$/, '[.]$1')));
    assert.deepEqual(pointers(await take({})), ['/amount']);
    assert.deepEqual(pointers(await take({ amount: 1, ledgers: ['gifts'] })), ['/ledgers/0']);
    for (const [who, answer] of [[all.clerk2, '404 not-found'], [all.officer, '403 forbidden']])
        assert.equal(slug(await take({ amount: postage + 8000 }, who)), answer);
    assert.equal(due((await view()).charges), postage + 8000, 'nothing was taken');
    const parts = await Promise.all([1, 2, 3].map(() => take({ amount: postage, ledgers: ['postage_out'] })));
    assert.deepEqual(parts.map((one) => one.status).sort(), [200, 422, 422], 'once, whoever is first');
    assert.equal(due((await view()).charges), 8000);
    ok(await take({ amount: 8000 }));
    const paid = await view();
    assert.deepEqual([due(paid.charges), paid.charges.filter((one) => one.paid_at).map((one) => one.amount).sort((a, b) => a - b)],
        [0, [8000, postage].sort((a, b) => a - b)]);
    assert.ok(!(await allowed()).includes('take_payment'));
    assert.equal(slug(await take({ amount: 8000 })), '409 action-not-allowed');
    assert.equal(ok(await all.clerk.get(`/v1/dossiers/${code}`)).papers.filter((one) => one.name === 'fee_receipt').length > 0, true);
    assert.deepEqual(query(house, `select * from dossier.rebuild_differences() where subject = '${draft.id}'`), []);
});

// --- after it was filed --------------------------------------------------------------------------

test('whoever holds the secret changes the pick-up, cancels it, and asks to withdraw; nobody else', async () => {
    const draft = await begun(), { days } = ok(await house.anybody().get(`/v1/pickups/days?commune=${COMMUNE}`));
    assert.equal(slug(await draft.action({ action: 'request_withdrawal', reason: 'Chưa nộp.' })), '409 conflict');
    assert.equal(slug(await draft.pickup({ day: days[0], half: 'morning' }, '"1"')), '404 not-found');
    const filed = await draft.filed(says({ bring: 'pickup', pickup: { day: days[0], half: 'morning' } }));
    const { dossier } = ok(filed, 201), tag = filed.headers.get('etag');
    assert.deepEqual(dossier.allowed_actions.map((one) => one.action), ['request_withdrawal']);
    const visits = async (day) => ok(await all.clerk.get(`/v1/pickups?day=${day}`)).items.filter((one) => one.dossier === dossier.code).length;

    for (const stranger of [visitor({ id: draft.id }), new Drafting(all.applicant, { key: null, id: draft.id }), visitor({ key: null, id: draft.id }),
                            visitor({ id: uuid7(), key: draft.key })]) {
        const withdrawn = await stranger.action({ action: 'request_withdrawal', reason: 'Của người khác.' });
        const told = [withdrawn, await stranger.pickup({ day: days[1], half: 'morning' }, tag), await stranger.pickup(null, tag)];
        assert.deepEqual(told.map(slug), Array(3).fill('404 not-found'));
    }
    for (const [to, pointer] of [[{ day: '2020-01-01', half: 'morning' }, '/day'], [{ day: '2026-02-30', half: 'morning' }, '/day'],
                                 [{ day: days[1], half: 'night' }, '/half']])
        assert.deepEqual(pointers(await draft.pickup(to, tag)), [pointer]);
    assert.equal(slug(await draft.send('PUT', '/pickup', { body: { day: days[1], half: 'morning' } })), '412 precondition-failed');

    const changed = await draft.pickup({ day: days[1], half: 'afternoon' }, tag);
    assert.deepEqual([ok(changed).dossier.pickup.day, changed.body.dossier.pickup.half], [days[1], 'afternoon']);
    assert.equal(changed.body.dossier.receipt_code, dossier.receipt_code);
    assert.deepEqual([await visits(days[0]), await visits(days[1])], [0, 1]);
    assert.equal(slug(await draft.pickup(null, tag)), '412 precondition-failed');
    const told = ok(await all.clerk.get(`/v1/dossiers/${dossier.code}/events`)).items.find((one) => one.kind === 'dossier.change_pickup');
    assert.match(told.name, /đổi hẹn/);
    const cancelled = await draft.pickup(null, changed.headers.get('etag'));
    assert.equal(ok(cancelled).dossier.pickup, undefined);
    assert.equal(await visits(days[1]), 0);

    assert.deepEqual(pointers(await draft.action({ action: 'request_withdrawal' })), ['/reason']);
    assert.equal(slug(await draft.action({ action: 'accept' })), '403 forbidden');
    assert.equal(slug(await draft.action({ action: 'request_withdrawal', reason: 'x' }, { 'if-match': '"99"' })), '412 precondition-failed');
    const once = { 'idempotency-key': uuid7() }, wish = { action: 'request_withdrawal', reason: 'Tôi nộp nhầm thủ tục.' };
    const first = ok(await draft.action(wish, once));
    assert.equal(first.status.code, 7);
    assert.deepEqual(ok(await draft.action(wish, once)), first);
    assert.equal(slug(await draft.action(wish)), '409 action-not-allowed');
    assert.deepEqual(ok(await draft.get()).dossier.allowed_actions, []);
    await act(all.officer, dossier.code, 'stop', { reason: 'Theo yêu cầu của người nộp.' });
    assert.equal(ok(await draft.get()).dossier.status.code, 8);
});

test('a withdrawn dossier is not driven for; an account does it by the same routes', async () => {
    const draft = new Drafting(all.applicant, { key: null }), { days } = ok(await house.anybody().get(`/v1/pickups/days?commune=${COMMUNE}`));
    ok(await draft.begin(THREE, says({ bring: 'pickup', pickup: { day: days[2], half: 'morning' } })), 201);
    const { dossier } = ok(await draft.submit('"1"'), 201);
    const visits = async () => ok(await all.clerk.get(`/v1/pickups?day=${days[2]}`)).items.filter((one) => one.dossier === dossier.code).length;
    assert.equal(await visits(), 1);
    ok(await draft.action({ action: 'request_withdrawal', reason: 'Đổi ý.' }));
    assert.equal(await visits(), 0);
    await act(all.officer, dossier.code, 'refuse_withdrawal', { reason: 'Hồ sơ hợp lệ.' });
    assert.equal(await visits(), 1);
});

test('whoever opens it with the second factor sees the pick-up while it is still to come', async () => {
    const draft = visitor(), { days } = ok(await house.anybody().get(`/v1/pickups/days?commune=${COMMUNE}`));
    ok(await draft.begin(THREE, says({ bring: 'pickup', pickup: { day: days[1], half: 'morning' } })), 201);
    const { dossier } = ok(await draft.submit('"1"'), 201);
    const seen = async () => ok(await house.anybody().post(`/v1/track/${dossier.code}/unlock`, { code: dossier.receipt_code })).pickup?.day;
    assert.equal(await seen(), days[1]);
    await recorded(all.clerk, 'accept', dossier.shipments[0].number);
    assert.equal(await seen(), undefined);
});

// --- what is refused -----------------------------------------------------------------------------

test('levels 1 and 2 refuse a draft and say why, in both languages', async () => {
    for (const code of ['1.003003', '1.012756']) {
        const said = [];
        for (const language of ['vi', 'en']) {
            const reply = await visitor({ language }).begin(code);
            assert.equal(slug(reply), '422 procedure-not-online', show(reply));
            said.push(reply.body.detail);
        }
        assert.match(said[0], /mức độ [12]/);
        assert.match(said[1], /level [12]/);
    }
    assert.equal(slug(await visitor().begin('1.999999')), '422 unknown-procedure');
    assert.equal(value(`select count(*) from online.draft where procedure in ('1.003003', '1.012756')`), '0');
});

test('each field that does not fit is named, while typing and at the end, in both languages', async () => {
    const form = { purpose: 'x', born_on: '2026-02-30', copies: 21, marital: 'widowed', id_number: '12', truthful: 'yes', more: 1 };
    const expected = { purpose: 'too_short', born_on: 'format', copies: 'too_big', marital: 'choice', id_number: 'format',
                       truthful: 'type', more: 'unknown' };
    const details = {};
    for (const language of ['vi', 'en']) {
        const draft = await begun(THREE, { language });
        const saved = await draft.save(says({ form }), '"1"');
        const found = Object.fromEntries(ok(saved).errors.map((one) => [one.pointer.replace('/form/', ''), one.code]));
        assert.deepEqual(found, expected);
        const refused = await draft.submit(saved.headers.get('etag'));
        assert.equal(slug(refused), '422 invalid-fields');
        assert.deepEqual(pointers(refused).sort(), Object.keys(expected).map((name) => `/form/${name}`).sort());
        details[language] = refused.body.errors.map((one) => one.detail);
        assert.deepEqual(ok(await draft.get()).says.form, form, 'what is wrong is kept');
    }
    details.vi.forEach((text, i) => assert.notEqual(text, details.en[i]));
    const empty = await begun(), refused = await empty.submit('"1"');
    assert.deepEqual(pointers(refused).sort(), ['/agency', '/applicant/address/commune',
        '/applicant/address/line', '/applicant/kind', '/applicant/name', '/applicant/phone', '/bring', '/form/born_on',
        '/form/copies', '/form/purpose', '/result_to/kind']);
});

test('people, places, ways and papers that do not fit', async () => {
    const nothing = { bring: 'none', documents: [] };
    const wrong = {
        '/applicant/phone': { applicant: { ...PERSON, phone: '12 tám ba' } },
        '/applicant/email': { applicant: { ...PERSON, email: 'không phải thư' } },
        '/applicant/address/commune': { applicant: { ...PERSON, address: { line: 'x', commune: '1' } } },
        '/documents/1': nothing,
        '/bring': { bring: 'none' },
        '/pickup/day': { bring: 'pickup', pickup: { day: '2020-01-01', half: 'morning' } },
        '/pickup/half': { bring: 'pickup', pickup: { day: '2020-01-01', half: 'night' } },
        '/result_to/kind': { result_to: { kind: 'online' } },
        '/result_to/unit': { result_to: { kind: 'post_office' } },
    };
    for (const [pointer, more] of Object.entries(wrong)) {
        const reply = await (await begun()).filed(says(more));
        assert.deepEqual([slug(reply), pointers(reply)], ['422 invalid-fields', [pointer]], `${pointer}: ${show(reply)}`);
        assert.match(reply.body.errors[0].detail, /[ạảấầẩậắằặẹẻẽếềểễệỉịọỏốồổộớờởợụủứừửữựỳýỵđ]/i, 'in Vietnamese');
    }
    const away = await (await begun()).filed(says({ agency: '46-B1' }));
    assert.match(slug(away), /^422 (agency-not-competent|unknown-unit)$/);
    assert.equal(value(`select count(*) from dossier.dossier where procedure = '${THREE}' and from_commune = '1'`), '0');
});

test('a required original of level 3 is not replaced by its scan; a copy that is optional may be missing', async () => {
    const draft = await begun();
    ok(await draft.file(png(30, 31), ORIGINAL), 201);
    ok(await draft.file(png(32, 33), COPY), 201);
    const refused = await draft.filed(says({ bring: 'none', documents: [] }));
    assert.deepEqual(pointers(refused), ['/documents/1']);
    assert.match(refused.body.errors[0].detail, new RegExp(ORIGINAL));
    assert.doesNotMatch(JSON.stringify(refused.body), new RegExp(DECLARATION), 'the form stands for the declaration');
});

test('files: in parts, removed, of what they claim, within the room of a draft, and of its owner alone', async () => {
    const draft = await begun(FOUR), bytes = png(550, 550, { noise: true });
    assert.ok(bytes.length > 262144 && bytes.length < 400000, `${bytes.length}`);
    const first = await draft.send('POST', `/files?${new URLSearchParams({ sha256: sha256(bytes), size: bytes.length })}`,
        { raw: bytes.subarray(0, 262144), headers: { 'content-type': 'application/octet-stream' } });
    assert.deepEqual([first.status, first.body.whole, first.body.offset], [200, false, 262144]);
    assert.equal(ok(await draft.get()).files[0].offset, 262144, 'the draft says where it stopped');
    const file = ok(await draft.file(bytes), 201);
    const more = await draft.file(png(551, 550, { noise: true }));
    assert.equal(slug(more), '409 conflict', 'too much together');
    assert.equal(slug(await draft.file(Buffer.from('<script>alert(1)</script>'.padEnd(60)))), '422 not-a-picture');
    assert.equal(slug(await draft.file(pdf('x'), 'Không có trong danh mục')), '422 invalid-fields');
    const thief = visitor({ id: draft.id });
    for (const [method, path] of [['GET', `/files/${file.id}`], ['DELETE', `/files/${file.id}`], ['GET', ''], ['DELETE', '']])
        assert.equal(slug(await thief.send(method, path)), '404 not-found');
    assert.equal(slug(await thief.file(pdf('y'))), '404 not-found');
    assert.equal(slug(await (await begun()).send('DELETE', `/files/${file.id}`)), '404 not-found', 'a file of another draft');
    assert.equal((await draft.send('DELETE', `/files/${file.id}`)).status, 204);
    assert.deepEqual(ok(await draft.get()).files, []);
});

test('an intake of the applicant\'s own is of papers on paper: what is missing is a warning, as at the counter', async () => {
    plain_procedure(house, PLAIN);
    for (const client of [all.applicant, all.clerk]) {
        const lacks = ok(await client.post('/v1/dossiers', intake_body({ procedure: PLAIN, documents: PLAIN_PAPERS.slice(0, 1) })), 201);
        assert.deepEqual(lacks.warnings.map((one) => one.code), ['document_missing']);
        assert.deepEqual(ok(await client.post('/v1/dossiers', intake_body({ procedure: PLAIN, documents: PLAIN_PAPERS })), 201).warnings, []);
    }
    ok(await all.applicant.post('/v1/dossiers', intake_body({ procedure: THREE })), 201);
});

// --- saving --------------------------------------------------------------------------------------

test('a draft begins with what was typed first; once more it gives what it says by now', async () => {
    const draft = visitor(), first = { form: { purpose: 'gõ lần đầu' } };
    const made = await draft.begin(THREE, first);
    assert.deepEqual([ok(made, 201).says, made.body.version, made.headers.get('etag')], [first, 1, '"1"']);
    assert.ok(made.body.errors.some((one) => one.pointer === '/agency'));
    const again = await draft.begin(THREE, { form: { purpose: 'gõ lần sau' } });
    assert.deepEqual([ok(again, 201).says, again.body.version], [first, 1], 'what was there is not overwritten');
    assert.deepEqual(ok(await draft.get()).says, first);
    assert.deepEqual(pointers(await visitor().begin(THREE, { price: 1 })), ['/says/price']);
    assert.equal(slug(await visitor().begin(THREE, { note: 'x'.repeat(60000) })), '413 too-large');
    const row = value(`select encode(sealed, 'escape') from online.draft where id = '${draft.id}'`);
    assert.ok(!row.includes('gõ lần đầu'));
});

test('two tabs: the second is told, and nothing of the first is lost', async () => {
    const draft = await begun();
    const one = await draft.save({ form: { purpose: 'của thẻ thứ nhất' } }, '"1"');
    assert.deepEqual([one.status, one.headers.get('etag'), one.body.version], [200, '"2"', 2]);
    const two = await draft.save({ form: { purpose: 'của thẻ thứ hai' } }, '"1"');
    assert.equal(slug(two), '412 precondition-failed');
    assert.equal(slug(await draft.submit('"1"')), '412 precondition-failed');
    assert.equal(slug(await draft.send('PUT', '', { body: {} })), '412 precondition-failed', 'a change names what it saw');
    assert.equal(ok(await draft.get()).says.form.purpose, 'của thẻ thứ nhất');
    const replies = await Promise.all(['a', 'b', 'c', 'd'].map((text) => draft.save({ note: text }, '"2"')));
    assert.deepEqual(replies.map((reply) => reply.status).sort(), [200, 412, 412, 412]);
});

test('a closed browser and a restarted service lose nothing; a repeat of the beginning is the same draft', async () => {
    const draft = await begun();
    ok(await draft.save(says(), '"1"'));
    const again = await draft.begin(THREE);
    assert.deepEqual([again.status, again.body.version], [201, 2]);
    assert.equal(slug(await visitor({ id: draft.id }).begin(THREE)), '422 id-reused');
    house.child.kill('SIGTERM');
    await house.exit;
    await house.start();
    const later = new Drafting(house.anybody(), { id: draft.id, key: draft.key });
    assert.deepEqual(ok(await later.get()).says, says());
    all = await people(house);
    for (const name of ['applicant', 'clerk2', 'courier2', 'supervisor']) all[name] = await house.login(name);
});

test('filed once, however often and from wherever it is sent', async () => {
    const draft = await begun();
    const saved = await draft.save(says(), '"1"'), tag = saved.headers.get('etag');
    const replies = await Promise.all(Array.from({ length: 4 }, () => draft.submit(tag)));
    assert.ok(replies.every((reply) => [200, 201].includes(reply.status)), replies.map(show).join('\n'));
    const codes = new Set(replies.map((reply) => reply.body.dossier.code));
    assert.equal(codes.size, 1);
    assert.equal(new Set(replies.map((reply) => reply.body.dossier.receipt_code)).size, 1);
    assert.equal(value(`select count(*) from dossier.dossier where id = '${draft.id}'`), '1');
    assert.equal(value(`select count(*) from custody.shipment where dossier = '${draft.id}'`), '1');
    const late = ok(await draft.get());
    assert.deepEqual([late.dossier.code, late.says], [[...codes][0], undefined], 'whoever lost the reply finds it');
    assert.equal(slug(await draft.save({}, '"2"')), '409 conflict');
    assert.equal(slug(await draft.send('DELETE')), '409 conflict');
    assert.equal(slug(await draft.file(pdf('late'))), '409 conflict');
});

test('a new version of the procedure: told, carried over where it fits, looked at before it is filed', async () => {
    procedure(house, CHANGING, 3);
    const draft = await begun(CHANGING);
    const saved = await draft.save(says(), '"1"');
    ok(saved);
    const { copies, ...rest } = FORM.properties;
    procedure(house, CHANGING, 3, { form: { ...FORM, required: ['purpose', 'reason'],
        properties: { ...rest, marital: { type: 'boolean', title: 'Đã kết hôn', title_en: 'Married', position: 4 },
                      reason: { type: 'string', title: 'Lý do', title_en: 'Reason', position: 9 } } } });
    const now = ok(await draft.get());
    assert.deepEqual([now.changed, now.left_over.sort(), now.procedure.version], [true, ['copies', 'marital'], 2]);
    assert.deepEqual(Object.keys(now.says.form).sort(), ['born_on', 'id_number', 'purpose', 'truthful']);
    assert.deepEqual(now.errors.map((one) => one.pointer), ['/form/reason']);
    assert.equal(copies.type, 'integer');
    const refused = await draft.submit(saved.headers.get('etag'));
    assert.equal(refused.status, 422, 'the new form asks for more');
    const { reason, ...known } = { ...now.says.form, reason: 'Theo mẫu mới' };
    const once = await draft.save(says({ form: { ...known, reason } }), saved.headers.get('etag'));
    assert.equal(ok(once).changed, false);
    const { dossier } = ok(await draft.submit(once.headers.get('etag')), 201);
    assert.equal(dossier.procedure.version, 2);

    procedure(house, CHANGING, 3);
    const other = await begun(CHANGING), kept = await other.save(says(), '"1"');
    procedure(house, CHANGING, 3, { form: FORM, result: 'Giấy khác' });
    assert.equal(slug(await other.submit(kept.headers.get('etag'))), '409 conflict', 'it fits, but nobody has seen it');
    procedure(house, CHANGING, 2);
    assert.match(ok(await other.get()).refusal.detail_vi, /mức độ 2/);
    const last = await other.save(says(), kept.headers.get('etag'));
    assert.equal(slug(await other.submit(last.headers.get('etag'))), '422 procedure-not-online');
});

// --- who may -------------------------------------------------------------------------------------

test('unknown, foreign and wrongly opened drafts are told alike; nobody without secret or account', async () => {
    const draft = await begun(), bare = ({ body: { instance, ...body }, status }) => JSON.stringify([status, body]);
    const tries = [visitor({ id: uuid7() }), visitor({ id: draft.id }), visitor({ id: draft.id, key: 'kurz' }),
                   new Drafting(all.applicant, { id: draft.id, key: null }), new Drafting(all.applicant, { key: null }),
                   visitor({ id: 'not-an-id' }),
                   visitor({ key: null, id: draft.id }), new Drafting(all.courier, { key: null, id: draft.id })];
    const told = new Set();
    for (const one of tries) told.add(bare(await one.get()));
    assert.equal(told.size, 1, [...told].join('\n'));
    for (const nobody of [visitor({ key: null }), visitor({ key: 'short' }), new Drafting(all.courier, { key: null })])
        assert.equal(slug(await nobody.begin(THREE)), '422 invalid-fields');
    const forged = await all.applicant.send('POST', '/v1/drafts', { body: { id: uuid7(), procedure: THREE },
        headers: { 'x-dossierpost': '' } });
    assert.ok([201, 403].includes(forged.status));
    const bare_cookie = await fetch(`${house.url}/v1/drafts`, { method: 'POST', headers: { cookie: all.applicant.cookie,
        'content-type': 'application/json', 'sec-fetch-site': 'cross-site' }, body: JSON.stringify({ id: uuid7(), procedure: THREE }) });
    assert.equal(bare_cookie.status, 403, 'a page of another site rides on no cookie');
});

test('what it says lies sealed, and only a keyed digest of the secret', async () => {
    const draft = await begun();
    ok(await draft.save(says(), '"1"'));
    const row = value(`select d::text || encode(coalesce(sealed, ''), 'escape') from online.draft d where id = '${draft.id}'`);
    for (const secret_text of [PERSON.name, ANSWERS.purpose, draft.key, Buffer.from(draft.key, 'base64url').toString('hex')])
        assert.ok(!row.includes(secret_text), secret_text);
    const { dossier } = ok(await draft.submit('"2"'), 201);
    assert.equal(value(`select sealed is null and key is null from online.draft where id = '${draft.id}'`), 't', 'it lies once');
    const events = query(house, `select data::text from custody.event where subject = '${draft.id}'`).join();
    assert.doesNotMatch(events, /Trực Tuyến|Nguyễn Huệ|1990/);
    assert.ok(dossier.code);
});

test('a draft over its time is not found, and goes with its files', async () => {
    const draft = await begun(FOUR);
    ok(await draft.file(pdf('se het han'), ORIGINAL), 201);
    query(house, `update online.draft set touched_at = now() - interval '31 days' where id = '${draft.id}'`);
    assert.equal(slug(await draft.get()), '404 not-found');
    assert.equal(value('select online.expire(30)'), '1');
    assert.equal(value(`select count(*) from attachment.file where subject = 'draft:${draft.id}'`), '0');
    assert.equal(value(`select count(*) from online.draft where id = '${draft.id}'`), '0');
});

test('bounded: a body too large, unknown members, and an account with twenty drafts', async () => {
    const draft = await begun();
    assert.equal(slug(await draft.save({ note: 'x'.repeat(60000) }, '"1"')), '413 too-large');
    assert.deepEqual(pointers(await draft.save({ price: 1 }, '"1"')), ['/price']);
    assert.equal(slug(await draft.save({ form: { a: '\u202e' } }, '"1"')), '422 invalid-fields');
    const many = [];
    for (let i = 0; i < 21; i++) {
        const one = new Drafting(all.clerk2, { key: null });
        many.push(await one.begin(THREE));
    }
    assert.deepEqual([many[19].status, slug(many[20])], [201, '409 conflict']);
});

test('an address begins so many a day without an account, also when it drops them', async () => {
    const small = await own_service({ env: { DOSSIERPOST_ONLINE_DRAFTS: '3' } });
    try {
        procedure(small, THREE, 3);
        const mine = () => new Drafting(small.anybody());
        for (let i = 0; i < 3; i++) {
            const draft = mine();
            ok(await draft.begin(THREE), 201);
            assert.equal((await draft.send('DELETE')).status, 204);
        }
        const refused = await mine().begin(THREE);
        assert.equal(slug(refused), '429 too-many-requests');
        assert.ok(Math.abs(Number(refused.headers.get('retry-after')) - 86400 / 3) < 60, refused.headers.get('retry-after'));
        const account = new Drafting(await small.login('applicant'), { key: null });
        ok(await account.begin(THREE), 201);
        assert.equal(secret().length, 43);
    } finally {
        await discard(small);
    }
});

test('saves and parts of files past the allowance wait, say how long, and are not done', async () => {
    const small = await own_service({ env: { DOSSIERPOST_ONLINE_RATE: '30', DOSSIERPOST_ONLINE_BURST: '4' } });
    try {
        procedure(small, FOUR, 4);
        const draft = new Drafting(small.anybody()), bytes = pdf('tệp đến chậm');
        ok(await draft.begin(FOUR), 201);
        for (let i = 1; i <= 3; i++) ok(await draft.save({ note: `lần ${i}` }, `"${i}"`));
        ok(await draft.file(bytes, ORIGINAL), 201);
        const save = await draft.save({ note: 'lần 4' }, '"4"'), part = await draft.file(pdf('tệp thứ hai'), ORIGINAL);
        for (const reply of [save, part]) {
            assert.equal(slug(reply), '429 too-many-requests');
            const wait = Number(reply.headers.get('retry-after'));
            assert.ok(wait >= 1 && wait <= 2, `${wait}`);
        }
        const now = ok(await draft.get());
        assert.deepEqual([now.says.note, now.version, now.files.length], ['lần 3', 4, 1]);
        const other = new Drafting(small.anybody());
        ok(await other.begin(FOUR), 201);
        ok(await other.save({ note: 'của bản khác' }, '"1"'), 200);
        await new Promise((done) => setTimeout(done, 2100));
        ok(await draft.save({ note: 'lần 4' }, '"4"'));
    } finally {
        await discard(small);
    }
});
