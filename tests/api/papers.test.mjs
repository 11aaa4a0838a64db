// Papers and labels over HTTP beside a shipment's label: of a bag, the invitation to collect, the
// dispatch note. Who gets them, what they say at each moment, and that the reading is recorded.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { codes_in } from './drawn.mjs';
import { query } from '../fault/journal.mjs';
import { discard, own_service, show, uuid7 } from './service.mjs';
import { act, bag, COMMUNE, HUB, intake, OFFICE, ok, recorded } from './walk.mjs';

const DAY = 86400000;
const folder = mkdtempSync(join(tmpdir(), 'dossierpost-papers-'));
let house, all;
before(async () => {
    house = await own_service();
    all = Object.fromEntries(await Promise.all(['clerk', 'clerk2', 'courier', 'courier2', 'officer', 'officer2',
        'supervisor', 'hub', 'applicant', 'admin'].map(async (name) => [name, await house.login(name)])));
});
after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await discard(house);
});

function file(name, bytes) {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
}

async function words(who, path) {
    const reply = await all[who].get(path);
    assert.equal(reply.status, 200, show(reply));
    assert.equal(reply.headers.get('content-type'), 'application/pdf');
    assert.equal(reply.headers.get('cache-control'), 'no-store');
    return execFileSync('pdftotext', [file('paper.pdf', reply.body), '-'], { encoding: 'utf8' })
        .normalize('NFC').replace(/\s+/g, ' ');
}

async function codes(who, path) {
    const reply = await all[who].get(path);
    assert.equal(reply.status, 200, show(reply));
    return codes_in(file('label.png', reply.body));
}

const status = async (who, path) => (await all[who].get(path)).status;
const slug = (reply) => [reply.status, String(reply.body?.type).split('/').at(-1)];
const says = (text, ...parts) => parts.forEach((part) => assert.ok(text.includes(part), `${part} in ${text}`));
const reads = (code, what) => Number(query(house, `select count(*) from dossier.access a join dossier.dossier d
    on d.id = a.dossier where d.code = '${code}' and a.what = '${what}'`)[0]);
const people_day = (iso) => iso.split('-').reverse().join('/');
const today = () => query(house, 'select base.vn_date(now())')[0];
const working_day = (day, n) => query(house, `select postal.add_working_days(
    (select id from postal.unit where code = '${OFFICE}'), '${day}', ${n})`)[0];

// --- bags ----------------------------------------------------------------------------------------

test('the label of a bag, while it is filled and after it was sealed', async () => {
    const made = ok(await all.clerk.post('/v1/containers', { id: uuid7(), kind: 'receptacle', origin: OFFICE,
        destination: HUB }), 201);
    const empty = await words('clerk', `/v1/labels/${made.id}.pdf`);
    says(empty, 'Trung tâm Khai thác', OFFICE, HUB, people_day(today()), 'BẢO ĐẢM', `${made.id.slice(16, 20)}/20`,
        `${made.id.slice(0, 6)} ${made.id.slice(6, 12)}`);
    assert.doesNotMatch(empty, /bưu gửi|VNP/);

    const { number } = await intake(all.clerk);
    await recorded(all.clerk, 'accept', number);
    const sealed = await bag(all.clerk, OFFICE, HUB, [number], 'VNP 000301');
    ok(await all.clerk.post(`/v1/containers/${sealed}/weigh`, { id: uuid7(), weight_g: 1250 }));
    const told = await words('hub', `/v1/labels/${sealed}.pdf`);
    says(told, 'VNP 000301', '1 bưu gửi', '1,3 kg');
    assert.doesNotMatch(told, /Nguyễn Thị Thử|RR \d/);
    const typed = `${sealed.slice(0, 6)} ${sealed.slice(6)}`.toLowerCase();
    for (const path of [`/v1/labels/${sealed}.png?dpi=300`, `/v1/labels/${encodeURIComponent(typed)}.png`])
        assert.deepEqual(await codes('courier', path), [`CODE-128:${sealed}`, `QR-Code:${sealed}`]);
    // What is read off it is a scan of the bag.
    await recorded(all.courier, 'take_over', (await codes('clerk', `/v1/labels/${sealed}.png`))[1].slice('QR-Code:'.length));
});

test('a bag has no label of a shipment, nor the other way round; an unknown one none', async () => {
    const { number } = await intake(all.clerk);
    const made = ok(await all.clerk.post('/v1/containers', { id: uuid7(), kind: 'receptacle', origin: OFFICE,
        destination: HUB }), 201);
    const unknown = `${made.id.slice(0, 20)}9990100${made.id.slice(27)}`;
    const rows = [[`${made.id}.pdf?template=shipment`, 400, 'invalid-fields'], [`${number}.pdf?template=bag`, 400, 'invalid-fields'],
        [`${number}.pdf?template=dispatch_note`, 400, 'invalid-fields'], [`${unknown}.pdf`, 404, 'not-found'],
        [`${made.id}0.pdf`, 404, 'not-found'], [`${made.id}.gif`, 404, 'not-found']];
    for (const [path, code, problem] of rows) {
        const reply = await all.clerk.get(`/v1/labels/${path}`);
        assert.equal(slug(reply)[1], problem, path);
        assert.ok(reply.status === code || reply.status === 422, `${path}: ${reply.status}`);
    }
    assert.equal(await status('applicant', `/v1/labels/${made.id}.pdf`), 403);
    assert.equal((await house.anybody().get(`/v1/labels/${made.id}.pdf`)).status, 401);
    const print = await all.clerk.post('/v1/labels/print', { numbers: [number], template: 'invitation' });
    assert.equal(slug(print)[1], 'invalid-fields', 'an invitation is no copy of a label');
});

test('four on a sheet, and one of them alone', async () => {
    const { number } = await intake(all.clerk);
    const read = await codes('clerk', `/v1/labels/${number}.png?template=shipment-a4`);
    assert.equal(read.length, 2);
    assert.equal(read[0], `CODE-128:${number}`);
});

// --- invitations ---------------------------------------------------------------------------------

// A result that somebody must fetch, with the courier since that time.
async function at_the_door(time, more) {
    const { code } = await intake(all.clerk, more);
    await act(all.officer, code, 'accept');
    await act(all.officer, code, 'start');
    const { number } = (await act(all.officer, code, 'result_ready')).shipments.find((one) => one.leg === 'result');
    const at = (ms) => ({ at: new Date(time + ms).toISOString() });
    await recorded(all.courier, 'take_over', number, at(-3000));
    await recorded(all.clerk, 'arrive', number, at(-2000));
    await recorded(all.courier, 'out_for_delivery', number, at(-1000));
    return { code, number };
}

test('an invitation says which it is: before it is given, after, and the last', async () => {
    const { code, number } = await at_the_door(Date.now() - 3600000);
    const path = `/v1/labels/${number}.pdf?template=invitation`;
    const before_it = await words('courier', path);
    says(before_it, 'GIẤY MỜI NHẬN BƯU GỬI', 'LẦN 1', 'Nguyễn Thị Thử', '12 Lê Lợi', people_day(today()),
        people_day(working_day(today(), 2)), 'Thẻ căn cước', 'giấy ủy quyền', 'các ngày làm');
    const office = query(house, `select name || '|' || address || '|' || phone from postal.unit where code = '${OFFICE}'`)[0];
    says(before_it, ...office.split('|'));
    assert.doesNotMatch(before_it, /hôn nhân|1\.004873|0905|\*\*\* 123/);
    assert.deepEqual(await codes('clerk', `/v1/labels/${number}.png?template=invitation`),
        [`CODE-128:${number}`, `QR-Code:${house.url.toUpperCase()}/T/${number}`]);
    assert.equal(reads(code, 'invitation'), 2);

    // Given today: the same one, also when it is printed again.
    const failed = await all.courier.scan('fail', number, { reason: 'absent', next_action: 'invite' });
    assert.equal(failed.outcome, 'recorded');
    says(await words('clerk', path), 'LẦN 1', people_day(today()), people_day(working_day(today(), 2)),
        'giấy mời lần tiếp theo');
});

test('the second invitation is the last, and says until when', async () => {
    const first = Date.now() - 20 * DAY;
    const { number } = await at_the_door(first);
    const path = `/v1/labels/${number}.pdf?template=invitation`;
    const scan = await all.courier.scan('fail', number, { reason: 'absent', next_action: 'invite',
        at: new Date(first).toISOString() });
    assert.equal(scan.outcome, 'recorded');
    says(await words('clerk', path), 'LẦN 2 · LẦN CUỐI', people_day(today()), people_day(working_day(today(), 2)));
    await recorded(all.clerk, 'hold', number, { at: new Date(first + 1000).toISOString() });
    ok(await all.clerk.post(`/v1/custody/shipments/${number}/invitations`, {}));
    says(await words('clerk', path), 'LẦN 2 · LẦN CUỐI', people_day(today()), 'chuyển hoàn nơi gửi');
});

test('nobody is invited to what goes to an agency or is not there yet; who may not see it gets none', async () => {
    const { number: outward } = await intake(all.clerk);
    await recorded(all.clerk, 'accept', outward);
    assert.deepEqual(slug(await all.clerk.get(`/v1/labels/${outward}.pdf?template=invitation`)), [409, 'action-not-allowed']);
    const { number } = await at_the_door(Date.now() - DAY);
    const path = `/v1/labels/${number}.pdf?template=invitation`;
    for (const [who, code] of [['clerk', 200], ['courier', 200], ['officer', 200], ['clerk2', 404], ['courier2', 404],
        ['officer2', 404], ['applicant', 403]])
        assert.equal(await status(who, path), code, who);
    assert.equal((await house.anybody().get(path)).status, 401);
});

// --- the dispatch note ---------------------------------------------------------------------------

test('the dispatch note of an intake: the whole contract, once for each reading', async () => {
    const body = { applicant: { kind: 'citizen', name: 'Nguyễn Thị Thử', phone: '0905000123', email: 'thu@example.vn',
        id_number: '046190001234', address: { line: '12 Lê Lợi', commune: COMMUNE } } };
    const { code, number, made } = await intake(all.clerk, body);
    const path = `/v1/dossiers/${code}/papers/dispatch_note.pdf`, before_it = reads(code, 'dispatch_note');
    const text = await words('clerk', path);
    const clerk = ok(await all.clerk.get('/v1/auth/me')).name;
    says(text, 'PHIẾU GỬI HỒ SƠ', code, `RR ${number.slice(2, 10)} ${number[10]} VN`, 'Nguyễn Thị Thử', '12 Lê Lợi, phường',
        '0905000123', 'thu@example.vn', 'MÃ TRA CỨU', made.receipt_code, made.agency.name, 'Cấp Giấy xác nhận tình trạng hôn nhân', '(1.004873)', clerk,
        'Tờ khai cấp Giấy xác nhận tình trạng hôn nhân', 'Cộng: 1 bản chính, 1 bản sao.', 'Phát tại địa chỉ: 12 Lê Lợi',
        made.total.toLocaleString('vi-VN'), 'Chưa thu', 'Bồi thường', `ngày ${people_day(today())}`);
    assert.doesNotMatch(text, /046190001234/, 'never an identity number');
    assert.equal(reads(code, 'dispatch_note'), before_it + 1);
    const by_number = await all.officer.get(`/v1/dossiers/${number}/papers/dispatch_note.pdf`);
    assert.equal(by_number.status, 200);
    assert.equal(by_number.headers.get('content-disposition'), `inline; filename="phieu-gui-${code}.pdf"`);

    await recorded(all.clerk, 'accept', number);
    await recorded(all.courier, 'take_over', number);
    for (const [who, expected] of [['clerk', 200], ['officer', 200], ['supervisor', 200], ['admin', 200], ['courier', 403],
        ['clerk2', 404], ['officer2', 404], ['courier2', 404], ['applicant', 404]])
        assert.equal(await status(who, path), expected, who);
    assert.equal((await house.anybody().get(path)).status, 401);
    for (const other of [`/v1/dossiers/${code}/papers/telegram.pdf`, `/v1/dossiers/${code}/papers/dispatch_note.png`,
        '/v1/dossiers/000.00.16.H57-200101-0001/papers/dispatch_note.pdf'])
        assert.equal(await status('clerk', other), 404, other);
});

test('what was erased is not on a paper, and the paper is drawn all the same', async () => {
    const { code, number } = await at_the_door(Date.now() - 3600000);
    query(house, `update dossier.personal set sealed = null, key = null, salt = null, erased_at = now()
        where dossier = (select id from dossier.dossier where code = '${code}')`);
    for (const path of [`/v1/dossiers/${code}/papers/dispatch_note.pdf`, `/v1/labels/${number}.pdf?template=invitation`]) {
        const text = await words('clerk', path);
        says(text, '(dữ liệu đã xoá)');
        assert.doesNotMatch(text, /Nguyễn Thị Thử|12 Lê Lợi|0905/);
    }
});

test('what an applicant wrote is text on every paper', async () => {
    const name = '^XA^FDx^FS <b>An</b> </text></svg>', line = '1 Lê Lợi 😀 ]]>&amp;';
    const { code } = await intake(all.clerk, { applicant: { kind: 'citizen', name, phone: '0905000123',
        address: { line, commune: COMMUNE } }, documents: [{ name: '<script>x</script> '.repeat(9).trim(), originals: 1, copies: 0 }] });
    const text = await words('clerk', `/v1/dossiers/${code}/papers/dispatch_note.pdf`);
    says(text, '^XA^FDx^FS <b>An</b>', ']]>&amp;', '<script>x</script>');
});

test('paid, received at a post office, cancelled: the note says so', async () => {
    const { code } = await intake(all.clerk, { paid: true, result_to: { kind: 'post_office', unit: '46-B2' } });
    const text = await words('clerk', `/v1/dossiers/${code}/papers/dispatch_note.pdf`);
    says(text, 'Tiền mặt, đã thu đủ', '(đã thu)', 'Nhận tại Bưu cục Thành Nội');
    await act(all.clerk, code, 'cancel_intake', { reason: 'nhận nhầm' });
    says(await words('clerk', `/v1/dossiers/${code}/papers/dispatch_note.pdf`), 'ĐÃ HỦY TIẾP NHẬN');

    const { body } = await intake(all.clerk);
    const back = ok(await all.clerk.post('/v1/dossiers', { ...body, id: uuid7(), service: 'receive' }), 201);
    const note = await words('clerk', `/v1/dossiers/${back.code}/papers/dispatch_note.pdf`);
    says(note, 'Nhận kết quả', back.code);
    assert.ok(note.indexOf(back.agency.name) < note.indexOf('Nguyễn Thị Thử'), 'the agency sends');
});
