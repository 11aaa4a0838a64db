// Papers that are forms, over HTTP: of each what it says, as text with its fonts inside, with the
// dossier's QR code and its page numbers; copies, numbers and reasons; and every Vietnamese letter in
// every slot of every template. Which there are and who may have them is tests/sql/paper.test.mjs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { codes_in, drawing, raster } from './drawn.mjs';
import { query, work_today } from '../fault/journal.mjs';
import { discard, own_service, ROOT, show, uuid7, vn_day } from './service.mjs';
import { act, AGENCY, bag, COMMUNE, HUB, intake, OFFICE, ok, recorded, to_agency } from './walk.mjs';

const run = (program, ...args) => execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
const { folder, drawn } = drawing('forms');
let house, all;
before(async () => {
    house = await own_service();
    work_today(house);
    all = Object.fromEntries(await Promise.all(['clerk', 'clerk2', 'courier', 'courier2', 'officer', 'officer2',
        'supervisor', 'hub', 'applicant', 'admin'].map(async (name) => [name, await house.login(name)])));
});
after(() => discard(house));

const says = (text, ...parts) => parts.forEach((part) => assert.ok(text.includes(part), `${part} in ${text}`));
const people_day = (iso) => iso.split('-').reverse().join('/');
const slug = (reply) => [reply.status, String(reply.body?.type).split('/').at(-1)];
const path_of = (code, name, more = '') => `/v1/dossiers/${code}/papers/${name}.pdf${more}`;
const print = (who, code, name, body = {}) => all[who].post(`/v1/dossiers/${code}/papers/${name}/prints`, body);

// A4 across is 842 × 595 points, A5 upright 420 × 595.
const A5 = /Page size: +419\.\d+ x 595/, A4 = /Page size: +841\.\d+ x 595/;

// The paper as a file, which is a proper one: {path, words, pages: [text]}.
function sheet(bytes, size = A5) {
    const path = join(folder, `${uuid7()}.pdf`);
    writeFileSync(path, bytes);
    if (process.env.DOSSIERPOST_SHOTS) writeFileSync(join(process.env.DOSSIERPOST_SHOTS, `form-${uuid7().slice(-6)}.pdf`), bytes);
    const info = run('pdfinfo', path), fonts = run('pdffonts', path).trim().split('\n').slice(2);
    const pages = run('pdftotext', path, '-').normalize('NFC').split('\f').slice(0, -1);
    assert.match(info, size);
    assert.ok(fonts.length > 0 && fonts.every((line) => /NotoSans/.test(line) && / yes yes yes /.test(line)), fonts.join('\n'));
    pages.forEach((page, i) => says(page, `Trang ${i + 1}/${pages.length}`, 'Mẫu 2025', 'MẪU – KHÔNG CÓ GIÁ TRỊ'));
    return { path, pages, words: pages.join(' ').replace(/\s+/g, ' ') };
}

async function paper(who, path, size) {
    const reply = await all[who].get(path);
    assert.equal(reply.status, 200, show(reply));
    assert.equal(reply.headers.get('content-type'), 'application/pdf');
    assert.equal(reply.headers.get('cache-control'), 'no-store');
    return sheet(reply.body, size);
}

const NATION = ['CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', 'Độc lập - Tự do - Hạnh phúc'];
// What every form of a dossier has; nobody's identity number.
function form(one, code, ...parts) {
    says(one.words, ...NATION, code, ...parts);
    assert.deepEqual(codes_in(raster(one.path, 200)), [`QR-Code:${house.url.toUpperCase()}/T/${code}`]);
    assert.doesNotMatch(one.words, /046190001234/);
}

const APPLICANT = { kind: 'citizen', name: 'Nguyễn Thị Thử', phone: '0905000123', email: 'thu@example.vn',
    id_number: '046190001234', address: { line: '12 Lê Lợi', commune: COMMUNE } };
const filed = async (more = {}) => {
    const { code, number, made } = await intake(all.clerk, { applicant: APPLICANT, ...more });
    await recorded(all.clerk, 'accept', number);
    await to_agency(all, number);
    return { code, number, made };
};
const agency = () => JSON.parse(query(house, `select to_jsonb(u) from postal.unit u where code = '${AGENCY}'`)[0]);

test('the receipt: what was promised, and what was handed in', async () => {
    const { code } = await filed();
    assert.deepEqual(slug(await all.officer.get(path_of(code, 'receipt'))), [409, 'paper-missing']);
    const refused = await all.officer.get(path_of(code, 'receipt'), { headers: { 'accept-language': 'vi' } });
    assert.equal(refused.body.detail, 'Chỉ có khi hồ sơ đã được tiếp nhận.');
    const { due_at } = await act(all.officer, code, 'accept');
    const one = await paper('officer', path_of(code, 'receipt'));
    // (not by the locale: what each knows of it differs from one Node to the next)
    const there = new Date(Date.parse(due_at) + 7 * 3600000).toISOString();
    const [hour, day] = [there.slice(11, 16), there.slice(0, 10)];
    form(one, code, 'GIẤY TIẾP NHẬN HỒ SƠ', 'VÀ HẸN TRẢ KẾT QUẢ', 'Nguyễn Thị Thử', '12 Lê Lợi, phường Thuận Hoá',
        '0905000123', 'thu@example.vn', 'Cấp Giấy xác nhận tình trạng hôn nhân', '1.004873', 'Tờ khai cấp Giấy xác nhận',
        'Cộng: 1 bản chính, 1 bản sao.', 'ngày làm việc', `${hour} ngày ${people_day(day)}`, 'Phát tại địa chỉ',
        agency().name.toUpperCase(), 'Số: ……/');
    assert.doesNotMatch(one.words, /IN LẠI/);
    const now = vn_day().split('-');
    says(one.words, `ngày ${now[2]} tháng ${now[1]} năm ${now[0]}`);
});

test('GET counts nothing; a print has its number, a reprint its reason and its mark', async () => {
    const { code } = await filed();
    await act(all.officer, code, 'accept');
    await paper('clerk', path_of(code, 'receipt'));
    assert.equal(query(house, `select count(*) from paper.issued i join dossier.dossier d on d.id::text = i.subject
        where d.code = '${code}'`)[0], '0');
    const first = ok(await print('officer', code, 'receipt'));
    assert.deepEqual([first.copy, first.version], [1, '2025']);
    says((await paper('officer', path_of(code, 'receipt'))).words, `Số: ${first.number}`);
    const again = await print('officer', code, 'receipt');
    assert.deepEqual([...slug(again), again.body.errors[0].pointer], [422, 'invalid-fields', '/reason']);
    const second = ok(await print('clerk', code, 'receipt', { reason: 'khách làm mất' }));
    assert.deepEqual([second.copy, second.number], [2, first.number]);
    says((await paper('officer', path_of(code, 'receipt'))).words, 'BẢN IN LẠI số 1', `Số: ${first.number}`);
    assert.deepEqual(slug(await print('applicant', code, 'receipt')), [403, 'forbidden']);
    const list = ok(await all.officer.get(`/v1/dossiers/${code}`)).papers;
    assert.deepEqual(list.map((one) => [one.name, one.copies]), [['receipt', 2], ['control_sheet', 0], ['authorisation', 0]]);
    for (const one of list) assert.equal((await all.officer.get(one.pdf)).status, 200, one.pdf);
    assert.deepEqual(ok(await all.officer.get(`/v1/dossiers/${code}/papers`)).items, list);
});

test('asked for a supplement twice: a paper each, and the second says so', async () => {
    const { code } = await filed();
    await act(all.officer, code, 'accept');
    await act(all.officer, code, 'start');
    await act(all.officer, code, 'ask_supplement', { reason: 'Bản sao Giấy chứng nhận kết hôn\nẢnh 3×4, nền trắng' });
    const one = await paper('officer', path_of(code, 'supplement_request'));
    form(one, code, 'PHIẾU YÊU CẦU', 'BỔ SUNG, HOÀN THIỆN HỒ SƠ', 'Kính gửi', 'Nguyễn Thị Thử',
        'Bản sao Giấy chứng nhận kết hôn', 'Ảnh 3×4, nền trắng', agency().phone, 'thời hạn giải quyết tạm dừng');
    assert.doesNotMatch(one.words, /LẦN/);
    await act(all.officer, code, 'supplement_received');
    await act(all.officer, code, 'ask_supplement', { reason: 'Chữ ký của người nộp', again_reason: 'Đơn mới nộp chưa ký' });
    says((await paper('officer', path_of(code, 'supplement_request'))).words, 'LẦN 2', 'Chữ ký của người nộp');
    const first = (await paper('clerk', path_of(code, 'supplement_request', '?n=1'))).words;
    says(first, 'Ảnh 3×4');
    assert.doesNotMatch(first, /LẦN 2|Chữ ký của người/);
    const numbers = [ok(await print('officer', code, 'supplement_request', { n: 1 })), ok(await print('officer', code, 'supplement_request', { n: 2 }))];
    assert.notEqual(numbers[0].number, numbers[1].number);
    assert.deepEqual(slug(await all.officer.get(path_of(code, 'supplement_request', '?n=9'))), [409, 'paper-missing']);
});

test('refused, stopped, apologised: the letter says why, and what comes next', async () => {
    const { code } = await filed({ documents: [{ name: 'Hộ chiếu cũ', originals: 1, copies: 0, returned: true }] });
    const { needs } = ok(await all.officer.get(`/v1/dossiers/${code}`)).allowed_actions.find((one) => one.action === 'reject');
    await act(all.officer, code, 'reject', { reason: 'Không thuộc thẩm quyền của phường',
        ...(needs.includes('legal_basis') && { legal_basis: 'Điều 5' }) });
    form(await paper('officer', path_of(code, 'refusal')), code, 'PHIẾU TỪ CHỐI TIẾP NHẬN', 'Không thuộc thẩm quyền của phường',
        'Căn cứ pháp lý', 'Giấy tờ bản chính được trả lại: Hộ chiếu cũ (1)', 'khiếu nại');

    const stopped = await filed();
    await act(all.officer, stopped.code, 'accept');
    await act(all.officer, stopped.code, 'start');
    await act(all.officer, stopped.code, 'stop', { reason: 'Người nộp rút hồ sơ' });
    form(await paper('officer', path_of(stopped.code, 'stopping')), stopped.code, 'DỪNG GIẢI QUYẾT HỒ SƠ', 'Người nộp rút hồ sơ');

    const late = await filed();
    const { due_at } = await act(all.officer, late.code, 'accept');
    const day = query(house, `select postal.add_working_days((select id from postal.unit where code = '${AGENCY}'),
        base.vn_date('${due_at}'), 5)`)[0];
    // An apology goes out by the day before the due day: that lies far enough ahead here.
    query(house, `update dossier.dossier set due_at = due_at + interval '20 days' where code = '${late.code}'`);
    const new_day = query(house, `select postal.add_working_days((select id from postal.unit where code = '${AGENCY}'),
        '${day}', 30)`)[0];
    await act(all.officer, late.code, 'apologise', { reason: 'Phải lấy ý kiến của sở', due_at: `${new_day}T17:00:00+07:00` });
    form(await paper('officer', path_of(late.code, 'apology')), late.code, 'PHIẾU XIN LỖI VÀ HẸN LẠI', 'Phải lấy ý kiến của sở',
        'xin lỗi', `17:00 ngày ${people_day(new_day)}`);
    // The receipt keeps what it promised.
    assert.ok(!(await paper('officer', path_of(late.code, 'receipt'))).words.includes(people_day(new_day)));
});

test('the control sheet: who gave what to whom, and when', async () => {
    const { code, number } = await filed();
    await act(all.officer, code, 'accept');
    await act(all.officer, code, 'start');
    const { shipments } = await act(all.officer, code, 'result_ready');
    const result = shipments.find((one) => one.leg === 'result').number;
    await recorded(all.courier, 'take_over', result);
    const one = await paper('officer', path_of(code, 'control_sheet'));
    form(one, code, 'PHIẾU KIỂM SOÁT', 'Chấp nhận', 'Người nộp hồ sơ', 'Bộ phận Một cửa', number, result, 'Sớm hạn');
    const courier = ok(await all.courier.get('/v1/auth/me')).name;
    says(one.words.replace(/\s/g, ''), courier.split(' ')[0]);
    assert.deepEqual(slug(await all.applicant.get(path_of(code, 'control_sheet'))), [404, 'not-found']);
});

test('a fee receipt for each payment, with the amount in words', async () => {
    const { code, made } = await intake(all.clerk, { applicant: APPLICANT, paid: true });
    const one = await paper('clerk', path_of(code, 'fee_receipt'));
    form(one, code, 'BIÊN LAI', 'Nguyễn Thị Thử', made.total.toLocaleString('vi-VN'), 'đồng.', ok(await all.clerk.get('/v1/auth/me')).name);
    const words = query(house, `select paper.spoken(${made.total})`)[0];
    says(one.words.toLowerCase(), words);
    const unpaid = await intake(all.clerk);
    assert.deepEqual(slug(await all.clerk.get(path_of(unpaid.code, 'fee_receipt'))), [409, 'paper-missing']);
});

test('an authorisation, with blanks for the pen; old papers that are recovered', async () => {
    const { code } = await intake(all.clerk, { applicant: APPLICANT, proxy: { name: 'Trần Văn Thay', phone: '0905000999' } });
    form(await paper('clerk', path_of(code, 'authorisation')), code, 'GIẤY ỦY QUYỀN', 'Nguyễn Thị Thử', 'Trần Văn Thay',
        '0905000999', 'Số giấy tờ tùy thân');
    const plain = await intake(all.clerk, { applicant: APPLICANT });
    says((await paper('clerk', path_of(plain.code, 'authorisation'))).words, 'Bên được ủy quyền', 'Họ và tên:');
    const old = query(house, `select code || ' ' || (body ->> 'agency_level') from procedure.in_effect where old_papers and post limit 1`)[0].split(' ');
    const unit = query(house, `select code from postal.unit where kind = 'agency' and agency_level = '${old[1]}'
        order by code <> '${AGENCY}', code limit 1`)[0];
    const officer = unit === AGENCY ? 'officer' : 'admin';
    const { code: with_old } = await intake(all.clerk, { procedure: old[0], agency: unit, applicant: APPLICANT });
    assert.deepEqual(slug(await all.clerk.get(path_of(with_old, 'recovered_papers'))), [409, 'paper-missing']);
    query(house, `select dossier.record((select id from dossier.dossier where code = '${with_old}'), step, now(), 1, null, data::jsonb)
        from (values ('accept', '{"from": 1, "to": 2}'), ('start', '{"from": 2, "to": 4}'), ('result_ready', '{"from": 4, "to": 9}')) x (step, data)`);
    form(await paper(officer, path_of(with_old, 'recovered_papers')), with_old, 'GIẤY TỜ CŨ THU HỒI', 'NGƯỜI THU HỒI');
});

test('the report of an irregularity, without a name of the applicant', async () => {
    const { code, number } = await intake(all.clerk, { applicant: APPLICANT });
    await recorded(all.courier, 'collect', number);
    assert.equal((await all.courier2.scan('take_over', number)).outcome, 'exception');
    const id = query(house, `select id from custody.exception where subject = '${number}' order by id limit 1`)[0];
    const path = `/v1/papers/irregularity/${id}.pdf`;
    const one = await paper('supervisor', path);
    says(one.words, ...NATION, 'BIÊN BẢN BẤT THƯỜNG', `RR ${number.slice(2, 10)} ${number[10]} VN`, code, 'Chưa xử lý');
    assert.doesNotMatch(one.words, /Nguyễn Thị Thử|12 Lê Lợi|hôn nhân/);
    assert.deepEqual(codes_in(raster(one.path, 200)), [`QR-Code:${house.url.toUpperCase()}/T/${number}`]);
    assert.equal((await all.applicant.get(path)).status, 403);
    assert.equal((await house.anybody().get(path)).status, 401);
    assert.deepEqual(slug(await all.officer2.get(path)), [404, 'not-found']);
    assert.deepEqual(slug(await all.supervisor.get('/v1/papers/irregularity/999999.pdf')), [404, 'not-found']);
    assert.deepEqual(slug(await all.supervisor.get('/v1/papers/irregularity/x%27--.pdf')), [404, 'not-found']);
    const printed = ok(await all.supervisor.post(`/v1/papers/irregularity/${id}/prints`, {}));
    assert.match(printed.number, /^1\/20\d\d\/BBBT$/);
});

test('lists of a bag and of its despatch', async () => {
    const numbers = [];
    for (let i = 0; i < 3; i++) {
        const { number } = await intake(all.clerk);
        await recorded(all.clerk, 'accept', number);
        numbers.push(number);
    }
    const sealed = await bag(all.clerk, OFFICE, HUB, numbers, 'VNP 000771');
    const one = await paper('hub', `/v1/papers/bag_list/${sealed}.pdf`);
    says(one.words, 'BẢNG KÊ', 'VNP 000771', 'Cộng: 3 bưu gửi.', ...numbers.map((n) => `RR ${n.slice(2, 10)} ${n[10]} VN`));
    assert.deepEqual(codes_in(raster(one.path, 300)), [`CODE-128:${sealed}`]);
    assert.doesNotMatch(one.words, /Nguyễn Thị|hôn nhân/);
    const list = await paper('clerk', `/v1/papers/despatch_list/${sealed.slice(0, 20)}.pdf`);
    says(list.words, 'TÚI CỦA CHUYẾN THƯ', 'VNP 000771', sealed.slice(0, 20));
    assert.deepEqual(slug(await all.hub.get('/v1/papers/despatch_list/VNAAALVNAAAHAUN99999.pdf')), [404, 'not-found']);
});

test('the register, across A4, on as many pages as it needs, its head on each', async () => {
    const path = `/v1/papers/register/${AGENCY}.pdf?from=${vn_day()}&to=${vn_day(1)}`;
    const count = Number(query(house, `select count(*) from dossier.dossier d join postal.unit u on u.id = d.agency
        where u.code = '${AGENCY}' and coalesce(d.filed_at, d.accepted_at) is not null`)[0]);
    for (let i = count; i < 45; i++) {
        const { code } = await intake(all.clerk, { applicant: { ...APPLICANT, name: `Người thứ ${i} có một cái tên rất dài, rất dài` } });
        await act(all.officer, code, 'accept');
    }
    const one = await paper('officer', path, A4);
    assert.ok(one.pages.length > 2, `${one.pages.length} pages`);
    one.pages.slice(0, -1).forEach((page) => says(page.replace(/\s+/g, ' '), 'STT', 'Mã hồ sơ', 'Người nộp'));
    const codes = query(house, `select d.code from dossier.dossier d join postal.unit u on u.id = d.agency
        where u.code = '${AGENCY}' and coalesce(d.filed_at, d.accepted_at) is not null`);
    says((await paper('clerk', path.replace(AGENCY, OFFICE), A4)).words, 'BƯU CỤC', ...codes);
    says(one.words, 'SỔ THEO DÕI HỒ SƠ', `Từ ngày ${people_day(vn_day())}`, `Cộng: ${codes.length} hồ sơ`, ...codes);
    assert.doesNotMatch(one.words, /046190001234/);
    const empty = await paper('officer', `/v1/papers/register/${AGENCY}.pdf?from=2026-01-05&to=2026-01-06`, A4);
    says(empty.words, 'Không có hồ sơ nào');
    assert.deepEqual(slug(await all.officer.get(`/v1/papers/register/${AGENCY}.pdf`)), [422, 'invalid-fields']);
    assert.deepEqual(slug(await all.officer2.get(path)), [404, 'not-found']);
    ok(await all.officer.post(`/v1/papers/register/${AGENCY}/prints`, { from: vn_day(), to: vn_day() }));
});

test('a register longer than one page of the database: each with its people, whose reading is recorded once', async () => {
    const whose = [];
    for (const name of ['Lê Thị Trăm Đầu', 'Phạm Văn Phần Sau'])
        whose.push((await intake(all.clerk, { applicant: { ...APPLICANT, name } })).code);
    query(house, `with made as (
        insert into dossier.dossier (id, code, procedure, procedure_version, agency, office, service, applicant_kind, from_commune,
            result_to_kind, weight_g, created_at, created_by, status, filed_at, accepted_at, version)
        select base.uuid_v7(), 'TRANG-' || i, d.procedure, d.procedure_version, d.agency, d.office, 'send', 'citizen', d.from_commune,
            'agency', 80, at, d.created_by, 4, at, at, 3
        from generate_series(1, 230) i, dossier.dossier d, lateral (select timestamptz '2025-03-03 08:00+07' + i * interval '1 s' as at) x
        where d.code = '${whose[0]}' returning id, code)
        insert into dossier.personal (dossier, event, sealed, key, salt)
        select m.id, p.event, p.sealed, p.key, p.salt from made m, dossier.dossier d join dossier.personal p on p.dossier = d.id
        where d.code = case when split_part(m.code, '-', 2)::int <= 100 then '${whose[0]}' else '${whose[1]}' end`);
    const recorded_now = () => Number(query(house, `select count(*) from dossier.access a join dossier.dossier d on d.id = a.dossier
        where d.code like 'TRANG-%' and a.what = 'paper.register'`)[0]);
    const one = await paper('officer', `/v1/papers/register/${AGENCY}.pdf?from=2025-03-03&to=2025-03-03`, A4);
    const bare = one.words.replace(/\s/g, ''), times = (text) => bare.split(text.replace(/\s/g, '')).length - 1;
    says(one.words, 'Cộng: 230 hồ sơ');
    for (const i of [1, 100, 101, 200, 201, 230]) assert.ok(one.words.includes(`TRANG-${i} `), `${i}`);
    assert.deepEqual([times('Lê Thị Trăm Đầu'), times('Phạm Văn Phần Sau')], [100, 130]);
    assert.equal(recorded_now(), 230);
    assert.equal((await all.officer.get(`/v1/papers/register/${AGENCY}.pdf?from=2025-03-03&to=2025-03-03&next=x`)).status, 422);
    // Who leaves meanwhile leaves nothing behind: the log is looked through at the end.
    for (const ms of [1, 20, 60, 120, 240])
        await all.officer.get(`/v1/papers/register/${AGENCY}.pdf?from=2025-03-03&to=2025-03-03`, { timeout: ms }).catch(() => {});
    assert.equal((await paper('officer', `/v1/papers/register/${AGENCY}.pdf?from=2025-03-03&to=2025-03-03`, A4)).pages.length, one.pages.length);
});

test('long lists go on with their head, and hostile words stay words', async () => {
    const name = '^XA^FDx^FS <b>An</b> </text></svg> &amp;', documents = Array.from({ length: 60 },
        (_, i) => ({ name: `Giấy tờ thứ ${i + 1} ${'<script>x</script> '.repeat(i % 7)}`.trim(), originals: 1, copies: i }));
    const { code } = await filed({ applicant: { ...APPLICANT, name, address: { line: '1 Lê Lợi ]]> '.repeat(12).trim(), commune: COMMUNE } }, documents });
    await act(all.officer, code, 'accept');
    const one = await paper('officer', path_of(code, 'receipt'));
    assert.ok(one.pages.length >= 3);
    for (const page of one.pages.slice(0, -1)) says(page.replace(/\s+/g, ' '), 'Tên giấy tờ', code);
    says(one.words, '^XA^FDx^FS <b>An</b> </text></svg>', '&amp;', '<script>x</script>', 'Giấy tờ thứ 60');
});

test('further pages begin at the top, and signatures do not stand alone on one', () => {
    const items = (n) => Array.from({ length: n }, (_, i) => ({ no: i + 1, text: `Giấy tờ thứ ${i + 1}, bản sao có chứng thực của cơ quan đã cấp, còn nguyên vẹn và đủ trang` }));
    const pages = [];
    for (let n = 5; n <= 22; n++) {
        const pdf = drawn({ paper: 'form', title: 'Giấy', facts: { code: 'X-1', items: items(n), signer: 'Trần Thị Bình' } }, 'pdf',
            '--template', 'form-supplement-request');
        const list = run('pdftotext', '-bbox', pdf, '-').split('<page ').slice(1).map((page) =>
            [...page.matchAll(/yMin="([\d.]+)"[^>]*>([^<]*)</g)].map(([, y, word]) => [Number(y), word]));
        list.forEach((words) => assert.ok(Math.min(...words.map(([y]) => y)) < 40, `${n}: nothing above ${words[0]}`));
        const last = list.at(-1).map(([, word]) => word).join(' ');
        assert.match(last, /NGƯỜI HƯỚNG DẪN/);
        assert.match(last, /Sau khi|Giấy tờ thứ|Cách nộp|Nếu cần|Cơ quan:|Địa chỉ:/, `${n}: ${last}`);
        pages.push(list.length);
    }
    assert.ok(pages[0] === 1 && pages.at(-1) === 2, `${pages}`);
});

test('what was erased is not on a form, and the form is drawn all the same', async () => {
    const { code } = await filed();
    await act(all.officer, code, 'accept');
    query(house, `update dossier.personal set sealed = null, key = null, salt = null, erased_at = now()
        where dossier = (select id from dossier.dossier where code = '${code}')`);
    const { words } = await paper('officer', path_of(code, 'receipt'));
    says(words, '(dữ liệu đã xoá)');
    assert.doesNotMatch(words, /Nguyễn Thị Thử|12 Lê Lợi|0905/);
});

// --- letters -------------------------------------------------------------------------------------

const TONES = ['', '\u0300', '\u0309', '\u0303', '\u0301', '\u0323'];
const LETTERS = ['đ', ...[...'aăâeêioôơuưy'].flatMap((vowel) => TONES.map((tone) => (vowel + tone).normalize('NFC')))]
    .filter((letter) => !/^[a-z]$/.test(letter));
const threes = (change) => Array.from({ length: Math.ceil(LETTERS.length / 3) }, (_, i) =>
    LETTERS.slice(3 * i, 3 * i + 3).join('')[change]());

// A value at the end of a path, of which what follows a hyphen is no part.
function put(facts, path, value) {
    const parts = path.split('-')[0].split('.');
    let at = facts;
    for (const part of parts.slice(0, -1)) at = (at[part] ??= {});
    at[parts.at(-1)] = value;
}

test('all 134 letters, in both forms that they come in, in every slot of every form', () => {
    assert.equal(LETTERS.length * 2, 134);
    const templates = readdirSync(join(ROOT, 'labels')).filter((name) => /^form-.*\.svg$/.test(name));
    assert.equal(templates.length, 15);
    for (const template of templates) {
        const bands = readFileSync(join(ROOT, 'labels', template), 'utf8').split(/<g id="/).slice(1)
            .map((text) => ({ band: text.slice(0, text.indexOf('"')), // (the column of running numbers is too narrow for a word)
                slots: [...text.matchAll(/<text id="([^"]+)"/g)].map((m) => m[1]).filter((id) => !id.endsWith('.no')) }))
            .filter(({ band, slots }) => !['first', 'next'].includes(band) && slots.length);
        for (const form of ['NFC', 'NFD'])
            for (const change of ['toLowerCase', 'toUpperCase']) {
                const words = threes(change), facts = {};
                let slots = 0;
                for (const { band, slots: ids } of bands) {
                    const rows = ids.filter((id) => id.startsWith(`${band}.`)), row = {};
                    rows.forEach((id) => put(row, id.slice(band.length + 1), words.join(' ').normalize(form)));
                    if (rows.length) facts[band] = [row];
                    ids.filter((id) => !rows.includes(id)).forEach((id) => put(facts, id, words.join(' ').normalize(form)));
                    slots += ids.length;
                }
                const pdf = drawn({ paper: 'form', title: 'Giấy', facts }, 'pdf', '--template', template.slice(0, -4));
                const read = run('pdftotext', pdf, '-').split(/\s+/);
                for (const word of words)
                    assert.ok(read.filter((one) => one === word.normalize('NFC')).length >= slots, `${word} in ${template}, ${form}`);
            }
    }
});
