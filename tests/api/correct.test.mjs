// Within the shift, over HTTP: an intake is cancelled or corrected by the office that made it, and
// everybody is told what became of it in both languages; what is refused changes nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { query } from '../fault/journal.mjs';
import { PLAIN_PAPERS, plain_procedure } from './online.mjs';
import { discard, own_service, ROOT, show, until, uuid7 } from './service.mjs';
import { hand_over, intake, intake_body, ok, recorded } from './walk.mjs';

let house, all;
before(async () => {
    house = await own_service();
    all = Object.fromEntries(await Promise.all(['clerk', 'clerk2', 'courier', 'officer', 'supervisor', 'applicant']
        .map(async (name) => [name, await house.login(name)])));
});
after(() => discard(house));

const act = (who, code, body, headers = {}) => all[who].post(`/v1/dossiers/${code}/actions`, body, { headers });
const cancel = (who, code, headers) => act(who, code, { action: 'cancel_intake', reason: 'Nhập nhầm thủ tục' }, headers);
const correct = (who, code, body, headers = {}) =>
    all[who].post(`/v1/dossiers/${code}/corrections`, body, { headers });
const view = async (code, who = 'clerk') => ok(await all[who].get(`/v1/dossiers/${code}`));
const history = async (code, who = 'clerk') => ok(await all[who].get(`/v1/dossiers/${code}/events`)).items;
const allowed = async (code, who) => (await view(code, who)).allowed_actions.map((one) => one.action);

// What `dossierpost verify` says of the sealed parts, once every event stands in the log.
async function sealed() {
    await until('every event in the log', () => query(house, `select 1 from custody.log_head
        where position = (select count(*) from custody.event)`).length);
    const { stdout } = spawnSync(resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost'),
        ['verify', '--json'], { env: { ...process.env, DOSSIERPOST_STATE_DIR: house.state }, encoding: 'utf8' });
    const { bad, payloads, erased } = JSON.parse(stdout);
    return { bad, payloads, erased };
}

// The same refusal in both languages; the dossier stays as it is.
async function refused(send, code, status, slug) {
    const before = await view(code, 'supervisor'), texts = [];
    for (const language of ['vi', 'en']) {
        const reply = await send({ 'accept-language': language });
        assert.deepEqual([reply.status, reply.body.type], [status, `/problems/${slug}`], show(reply));
        assert.equal(reply.headers.get('content-language'), language);
        texts.push(reply.body);
    }
    assert.notEqual(texts[0].title, texts[1].title);
    assert.deepEqual(await view(code, 'supervisor'), before);
    return texts;
}

test('a clerk cancels an intake: papers and money go back, and everybody is told', async () => {
    const { code, number, made } = await intake(all.clerk, { paid: true });
    await recorded(all.clerk, 'accept', number);
    assert.ok((await allowed(code, 'clerk')).includes('cancel_intake'));
    assert.ok((await allowed(code, 'supervisor')).includes('cancel_intake'));
    assert.ok(!(await allowed(code, 'officer')).includes('cancel_intake'));
    const headers = { 'idempotency-key': uuid7() };
    const done = ok(await cancel('clerk', code, headers));
    assert.deepEqual(ok(await cancel('clerk', code, headers)), done);
    assert.deepEqual([done.status.code, done.shipments[0].state, done.shipments[0].holder.kind],
        [3, 'returned', 'addressee']);
    assert.deepEqual([done.total, done.give_back, done.charges.length], [0, made.total, made.charges.length]);
    const event = (await history(code)).find((one) => one.kind === 'dossier.cancel_intake');
    assert.deepEqual([event.reason, event.give_back, event.name, event.name_en],
        ['Nhập nhầm thủ tục', made.total, 'Bưu cục hủy việc tiếp nhận hồ sơ', 'The post office cancelled the intake']);

    const seen = ok(await house.anybody().get(`/v1/track/${number}`));
    assert.deepEqual([seen.stage.code, seen.code], ['cancelled', code]);
    const page = (await house.anybody().get(`/t/${number}`)).body;
    assert.match(page, /đã hủy việc tiếp nhận hồ sơ này/);
    assert.match(page, /cancelled this intake/);
    assert.doesNotMatch(JSON.stringify(seen) + page, /Nhập nhầm/);

    const scan = await all.courier.scan('take_over', number);
    assert.deepEqual([scan.outcome, scan.state], ['exception', 'returned']);
    const [vi, en] = await refused((more) => cancel('clerk', code, more), code, 409, 'action-not-allowed');
    assert.deepEqual([vi.allowed, en.allowed], [[], []]);
    const next = await intake(all.clerk);
    assert.ok(next.code > code && next.number !== number);
});

test('who may not cancel, and when not', async () => {
    const { code, number } = await intake(all.clerk);
    await refused((more) => cancel('clerk2', code, more), code, 404, 'not-found');
    await refused((more) => cancel('officer', code, more), code, 403, 'forbidden');
    await refused((more) => cancel('courier', code, more), code, 403, 'forbidden');
    await refused((more) => act('clerk', code, { action: 'cancel_intake' }, more), code, 422, 'invalid-fields');
    await refused((more) => cancel('clerk', code, { ...more, 'if-match': '"9"' }), code, 412, 'precondition-failed');
    await recorded(all.courier, 'collect', number);
    const [vi, en] = await refused((more) => cancel('clerk', code, more), code, 409, 'action-not-allowed');
    assert.match(vi.detail, /trong ngày tiếp nhận/);
    assert.match(en.detail, /day of the intake/);
    assert.ok(vi.allowed.some((one) => one.action === 'request_withdrawal'));
    await recorded(all.clerk, 'arrive', number);
    assert.ok((await allowed(code, 'clerk')).includes('cancel_intake'), 'brought back');
    await hand_over(all.clerk, all.officer, '46-A1', [number]);
    await refused((more) => cancel('supervisor', code, more), code, 409, 'action-not-allowed');

    plain_procedure(house, '1.900007');
    const own = ok(await all.applicant.post('/v1/dossiers', intake_body({ procedure: '1.900007', documents: PLAIN_PAPERS })), 201);
    assert.deepEqual(await allowed(own.code, 'applicant'), ['request_withdrawal']);
    await refused((more) => cancel('applicant', own.code, more), own.code, 403, 'forbidden');
});

test('a clerk corrects an intake: the new is shown, the old lies in the history, sealed', async () => {
    const { code, number, body, made } = await intake(all.clerk);
    const printed = ok(await all.clerk.post('/v1/labels/print', { numbers: [number] }));
    assert.equal(printed.labels[0].copy, 1);
    const applicant = { ...body.applicant, name: 'Nguyễn Thị Đúng', phone: '0905000999' };
    const { version } = await view(code);
    const headers = { 'idempotency-key': uuid7(), 'if-match': `"${version}"` };
    const change = { applicant, weight_g: 300, note: 'Gọi buổi chiều' };
    const reply = await correct('clerk', code, change, headers), done = ok(reply);
    assert.equal(reply.headers.get('etag'), `"${version + 1}"`);
    assert.deepEqual(ok(await correct('clerk', code, change, headers)), done);
    assert.doesNotMatch(JSON.stringify(done), /Nguyễn Thị|0905/, 'the reply is kept, so it names nobody');
    assert.deepEqual([done.weight_g, done.shipments[0].weight_g], [300, 300]);
    assert.ok(done.total > made.total);

    const now = await view(code);
    assert.deepEqual([now.applicant.name, now.applicant.phone, now.applicant.address.line, now.note],
        ['Nguyễn Thị Đúng', '0905000999', '12 Lê Lợi', 'Gọi buổi chiều']);
    assert.equal(now.result_to.address.line, '12 Lê Lợi', 'what is not named stays');
    const event = (await history(code)).find((one) => one.kind === 'dossier.correct_intake');
    assert.deepEqual(event.corrected.sort(), ['applicant.name', 'applicant.phone', 'note', 'weight_g']);
    const register = (await history(code)).find((one) => one.kind === 'dossier.register');
    assert.equal(register.personal.applicant.name, 'Nguyễn Thị Thử', 'what stood there before');
    assert.doesNotMatch(query(house, `select string_agg(e::text, '') from custody.event e`)[0], /Nguyễn|0905/);
    const label = await all.clerk.get(`/v1/labels/${number}.svg`);
    assert.equal(label.status, 200);
    const again = ok(await all.clerk.post('/v1/labels/print', { numbers: [number], reprint_reason: 'sửa tên' }));
    assert.equal(again.labels[0].copy, 3, 'copy 2 superseded what was printed');

    const before = await sealed();
    assert.equal(before.bad, 0);
    // A second correction, then erasure: no version is left.
    ok(await correct('supervisor', code, { applicant: { ...applicant, name: 'Nguyễn Thị Đúng Hẳn' } }));
    assert.equal((await history(code)).filter((one) => one.personal).length, 2);
    assert.deepEqual(await sealed(), { ...before, payloads: before.payloads + 1 });
    query(house, `select dossier.erase('${now.id}')`);
    const gone = await history(code);
    assert.equal(gone.filter((one) => one.personal).length, 0);
    assert.equal((await view(code)).erased, true);
    await refused((more) => correct('clerk', code, { note: 'x' }, more), code, 409, 'conflict');
    assert.deepEqual(await sealed(), { bad: 0, payloads: before.payloads - 2, erased: before.erased + 3 });
    assert.deepEqual(query(house, 'select * from custody.rebuild()'), []);
});

test('what cannot be corrected, by whom and when not', async () => {
    const { code, number, body } = await intake(all.clerk);
    const applicant = { ...body.applicant, name: 'Nguyễn Thị Khác' };
    for (const [change, pointer] of [[{ procedure: '1.004222' }, '/procedure'], [{ agency: '46-A0' }, '/agency'],
        [{ service: 'send' }, '/service'], [{ applicant: { ...applicant, phone: 'không có' } }, '/applicant/phone'],
        [{ applicant: { name: 'Chỉ tên' } }, '/applicant/kind'], [{ weight_g: 0 }, '/weight_g'],
        [{ result_to: { kind: 'agency' } }, '/result_to/kind'], [{}, ''], [{ applicant: body.applicant }, '']]) {
        const [vi] = await refused((more) => correct('clerk', code, change, more), code, 422, 'invalid-fields');
        assert.ok(vi.errors.some((one) => one.pointer === pointer), `${pointer} in ${JSON.stringify(vi)}`);
    }
    await refused((more) => correct('clerk2', code, { applicant }, more), code, 404, 'not-found');
    await refused((more) => correct('officer', code, { applicant }, more), code, 403, 'forbidden');
    await refused((more) => correct('clerk', code, { applicant }, { ...more, 'if-match': '"7"' }), code, 412,
        'precondition-failed');
    await recorded(all.courier, 'collect', number);
    const [vi] = await refused((more) => correct('clerk', code, { applicant }, more), code, 409, 'action-not-allowed');
    assert.ok(vi.detail && vi.allowed);
    await refused((more) => act('clerk', code, { action: 'correct_intake' }, more), code, 422, 'invalid-fields');
});
