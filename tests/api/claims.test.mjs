// A shipment that the post lost, over HTTP: claimed by the clerk for the applicant and by the applicant alone,
// paid by the supervisor, on paper; and what everybody may see of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { codes_in, drawing, raster } from './drawn.mjs';
import { query } from '../fault/journal.mjs';
import { discard, own_service, show, uuid7 } from './service.mjs';
import { COMMUNE, intake, intake_body, OFFICE, ok, recorded } from './walk.mjs';

const { folder } = drawing('claims');
let house, all;
before(async () => {
    house = await own_service();
    all = Object.fromEntries(await Promise.all(['clerk', 'clerk2', 'officer', 'supervisor', 'applicant']
        .map(async (name) => [name, await house.login(name)])));
});
after(() => discard(house));

const slug = (reply) => [reply.status, String(reply.body?.type).split('/').at(-1)];
const step = (who, code, action, more = {}, headers = {}) => all[who].post(`/v1/dossiers/${code}/actions`, { action, ...more }, { headers });
const dong = (amount) => `${amount.toLocaleString('vi-VN')} đ`;
const allowed = (view) => view.allowed_actions.map((one) => one.action);
const APPLICANT = { kind: 'citizen', name: 'Nguyễn Thị Thử', phone: '0905000123', id_number: '046190001234',
    address: { line: '12 Lê Lợi', commune: COMMUNE } };

async function paper(who, path) {
    const reply = await all[who].get(path);
    assert.equal(reply.status, 200, show(reply));
    const file = join(folder, `${uuid7()}.pdf`);
    writeFileSync(file, reply.body);
    return { file, words: execFileSync('pdftotext', [file, '-'], { encoding: 'utf8' }).normalize('NFC').replace(/\s+/g, ' ') };
}

test('lost, claimed, compensated, and on paper', async () => {
    const { code, number, made } = await intake(all.clerk, { applicant: APPLICANT, paid: true });
    assert.deepEqual(ok(await all.clerk.get(`/v1/dossiers/${code}`)).claimable, []);
    assert.deepEqual(slug(await step('clerk', code, 'claim', { number, cause: 'lost' })), [409, 'action-not-allowed']);
    await recorded(all.clerk, 'accept', number);
    const cost = made.charges.find((line) => line.ledger === 'postage_out').amount;
    const view = ok(await all.clerk.get(`/v1/dossiers/${code}`));
    assert.ok(allowed(view).includes('claim'));
    assert.deepEqual(view.claimable.map((one) => one.number), [number]);
    await recorded(all.supervisor, 'lost', number);

    for (const [body, pointer] of [[{ number }, '/cause'], [{ number, cause: 'stolen' }, '/cause'], [{ number: 'RR1', cause: 'lost' }, '/number'],
        [{ number, cause: 'lost', until: 1 }, '/until']]) {
        const reply = await step('clerk', code, 'claim', body);
        assert.ok(reply.body.errors.some((one) => one.pointer === pointer) && reply.status === 422, show(reply));
    }
    const key = { 'idempotency-key': uuid7(), 'if-match': `"${view.version}"` };
    const said = { number, cause: 'lost', reason: 'Cơ quan chưa nhận được' };
    const claimed = ok(await step('clerk', code, 'claim', said, key));
    assert.deepEqual(ok(await step('clerk', code, 'claim', said, key)), claimed, 'a lost reply comes again');
    assert.deepEqual(slug(await step('clerk', code, 'claim', { ...said, cause: 'late' }, key)), [422, 'id-reused']);
    assert.equal(claimed.claims.length, 1);
    assert.equal(slug(await step('clerk', code, 'compensate', { number, amount: 1000000 }))[0], 403);

    // The supervisor finds it, with what it rests on.
    const { items } = ok(await all.supervisor.get('/v1/dossiers?claimed=true'));
    assert.deepEqual(items.map((one) => one.code), [code]);
    const seen = ok(await all.supervisor.get(`/v1/dossiers/${code}`));
    assert.deepEqual([allowed(seen).filter((one) => one !== 'claim'), seen.claims[0].basis.least, seen.claims[0].basis.borne_out],
        [['compensate', 'refuse_claim'], 4 * cost, true]);
    const little = await step('supervisor', code, 'compensate', { number, amount: 4 * cost - 1 });
    assert.deepEqual([little.status, little.body.errors[0].pointer], [422, '/amount']);
    assert.ok(JSON.stringify(little.body).includes(dong(4 * cost)), show(little));
    assert.deepEqual(slug(await all.clerk.get(`/v1/dossiers/${code}/papers/compensation.pdf`)), [409, 'paper-missing']);
    assert.deepEqual(slug(await step('supervisor', code, 'compensate', { number, amount: 5 * cost }, { 'if-match': '"1"' })), [412, 'precondition-failed']);
    const paid = ok(await step('supervisor', code, 'compensate', { number, amount: 5 * cost, reason: 'Đã tìm, không thấy' }));
    assert.deepEqual([paid.claims[0].state, paid.claims[0].amount, paid.claims[0].refund], ['compensated', 5 * cost, cost]);
    assert.deepEqual(slug(await step('supervisor', code, 'compensate', { number, amount: 5 * cost })), [409, 'action-not-allowed']);
    assert.deepEqual(ok(await all.supervisor.get('/v1/dossiers?claimed=true')).items, []);

    const path = ok(await all.supervisor.get(`/v1/dossiers/${code}/papers`)).items.find((one) => one.name === 'compensation').pdf;
    const supervisor = ok(await all.supervisor.get('/v1/auth/me')), unit = query(house, `select upper(u.name) from postal.unit u
        join account.account a on a.unit_id = u.id where a.login = 'supervisor'`)[0];
    const { file, words } = await paper('supervisor', path);
    for (const part of ['CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', unit, 'BIÊN BẢN BỒI THƯỜNG', code, 'Nguyễn Thị Thử', '12 Lê Lợi', '0905000123',
        `RR ${number.slice(2, 10)} ${number[10]} VN`, 'Gửi hồ sơ đến cơ quan', 'Mất', 'Cơ quan chưa nhận được', 'bưu chính xác nhận', dong(cost),
        dong(4 * cost), '4 lần cước', dong(5 * cost), 'Đã tìm, không thấy', supervisor.name, 'Trang 1/1'])
        assert.ok(words.includes(part), `${part} in ${words}`);
    assert.ok(words.toLowerCase().includes(query(house, `select paper.spoken(${5 * cost})`)[0]));
    assert.doesNotMatch(words, /046190001234|Cước chưa thu|Đã bồi thường trước/);
    assert.deepEqual(codes_in(raster(file, 200)), [`QR-Code:${house.url.toUpperCase()}/T/${code}`]);
    assert.match(ok(await all.supervisor.post(`/v1/dossiers/${code}/papers/compensation/prints`, {})).number, /^1\/20\d\d\/BTBG$/);
    assert.equal((await all.officer.get(path)).status, 403, 'the agency has no part in it');

    // The history names it; the public does not hear of it.
    const events = ok(await all.clerk.get(`/v1/dossiers/${code}/events`)).items;
    assert.deepEqual(events.filter((e) => ['dossier.claim', 'dossier.compensate'].includes(e.kind)).map((e) => [e.name, e.reason]),
        [['Khiếu nại bưu gửi', 'Cơ quan chưa nhận được'], ['Bồi thường', 'Đã tìm, không thấy']]);
    assert.doesNotMatch(JSON.stringify(ok(await house.anybody().get(`/v1/track/${number}`))), /claim|compensat|khiếu nại|bồi thường/i);
    // Erased: neither what was said nor what was answered is left on it.
    query(house, `select dossier.erase((select id from dossier.dossier where code = '${code}'))`);
    const bare = (await paper('supervisor', path)).words;
    assert.ok(bare.includes('(nội dung đã xoá)') && bare.includes(dong(5 * cost)));
    assert.doesNotMatch(bare, /Cơ quan chưa nhận|Đã tìm|Nguyễn Thị Thử/);
});

test('an applicant claims for what they filed themselves; refused, with its reason', async () => {
    const made = ok(await all.applicant.post('/v1/dossiers', intake_body({ applicant: APPLICANT })), 201);
    const { code, shipments: [{ number }] } = made;
    query(house, `update dossier.dossier set office = (select id from postal.unit where code = '${OFFICE}') where code = '${code}'`);
    await recorded(all.clerk, 'accept', number);
    assert.ok(allowed(ok(await all.applicant.get(`/v1/dossiers/${code}`))).includes('claim'));
    assert.deepEqual(slug(await step('clerk2', code, 'claim', { number, cause: 'late' })), [404, 'not-found']);
    ok(await step('applicant', code, 'claim', { number, cause: 'late', reason: 'Chậm ba ngày' }));
    assert.deepEqual(slug(await step('applicant', code, 'claim', { number, cause: 'late' })), [409, 'action-not-allowed']);
    assert.deepEqual(slug(await step('supervisor', code, 'refuse_claim', { number })), [422, 'invalid-fields']);
    ok(await step('supervisor', code, 'refuse_claim', { number, reason: 'Còn trong chỉ tiêu thời gian' }));
    const { claims: [one] } = ok(await all.applicant.get(`/v1/dossiers/${code}`));
    assert.deepEqual([one.state, one.answer, one.said, one.amount], ['claim_refused', 'Còn trong chỉ tiêu thời gian', 'Chậm ba ngày', undefined]);
    assert.deepEqual(slug(await all.applicant.get(`/v1/dossiers/${code}/papers/compensation.pdf`)), [409, 'paper-missing']);
});
