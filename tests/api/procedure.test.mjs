// The public catalogue: level 1 (everything about a procedure) and level 2 (forms to print), what is
// refused at filing, and which fees are charged.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { own_service, show, vn_day } from './service.mjs';
import { AGENCY, COMMUNE, intake_body, ok } from './walk.mjs';
import { query } from '../fault/journal.mjs';

let house, anybody, clerk, applicant;
before(async () => {
    house = await own_service();
    anybody = house.anybody();
    [clerk, applicant] = await Promise.all(['clerk', 'applicant'].map((name) => house.login(name)));
});
after(() => house.stop());

const codes = async (search) => {
    const reply = await anybody.get(`/v1/procedures${search}`);
    assert.equal(reply.status, 200, show(reply));
    return reply.body.items.map((one) => one.code);
};
const put = (entry) => query(house, `select procedure.put('${JSON.stringify(entry).replaceAll("'", "''")}')`);
const entry_of = (code) => JSON.parse(query(house, `select body - 'form' from procedure.find('${code}')`)[0]);
const lines = (reply, ledger = 'agency_fee') => reply.charges.filter((one) => one.ledger === ledger).map((one) => one.amount);

function text_of(pdf, how = []) {
    const folder = mkdtempSync(join(tmpdir(), 'dossierpost-form-'));
    try {
        writeFileSync(join(folder, 'a.pdf'), pdf);
        const text = execFileSync('pdftotext', [...how, join(folder, 'a.pdf'), '-'], { encoding: 'utf8' });
        const about = execFileSync('pdfinfo', [join(folder, 'a.pdf')], { encoding: 'utf8' });
        return { text: text.normalize('NFC').replace(/\s+/g, ' '), pages: Number(/Pages:\s+(\d+)/.exec(about)[1]), about };
    } finally {
        rmSync(folder, { recursive: true });
    }
}

test('the catalogue is found by words without diacritics, order or care, by code, by what it allows', async () => {
    assert.equal((await codes('')).length, 13);
    assert.deepEqual(await codes('?q=tinh%20trang%20hon%20nhan'), ['1.004873']);
    assert.equal((await codes('?q=ho%20chieu'))[0], '1.001456');
    assert.equal((await codes(`?q=${encodeURIComponent('Đăng ký thường trú'.normalize('NFD'))}`))[0], '1.004222');
    assert.equal((await codes('?q=truong%20tru%20dang%20ky'))[0], '1.004222');
    assert.deepEqual(await codes(`?q=${encodeURIComponent('HỘ KINH DOANH')}`), ['1.001612']);
    assert.deepEqual(await codes('?q=1.001193'), ['1.001193']);
    assert.deepEqual((await codes('?post=false')).sort(), ['1.000894', '1.003003']);
    assert.equal((await codes('?agency_level=commune')).length, 7);
    assert.deepEqual((await codes('?level=3')).includes('1.012756'), false);
    assert.deepEqual(await codes('?q=%25'), []);
    const seen = [];
    for (let next = ''; next !== undefined;) {
        const reply = ok(await anybody.get(`/v1/procedures?limit=5${next && `&next=${next}`}`));
        seen.push(...reply.items.map((one) => one.code));
        next = reply.next;
    }
    assert.deepEqual([seen.length, new Set(seen).size], [13, 13]);
    for (const bad of ['?limit=0', '?sort=name', '?next=x', '?level=5', `?q=${'a'.repeat(101)}`])
        assert.equal((await anybody.get(`/v1/procedures${bad}`)).status, 422, bad);
});

test('level 1: an entry has everything; it is not sent again unchanged', async () => {
    const reply = await anybody.get('/v1/procedures/1.004873');
    const body = ok(reply);
    assert.deepEqual([body.name, body.level, body.mode, body.post, body.version],
        ['Cấp Giấy xác nhận tình trạng hôn nhân', 4, 'full', true, 1]);
    assert.deepEqual(body.time, { unit: 'working_day', value: 3 });
    assert.equal(body.fees[0].amount, 15000);
    assert.equal(body.documents.length, 2);
    assert.equal(body.form.properties.purpose.position, 6);
    assert.deepEqual(body.refusals, {});
    assert.deepEqual(body.forms.map((form) => form.name), ['to-khai-cap-giay-xac-nhan-tinh-trang-hon-nhan']);
    const again = await anybody.get('/v1/procedures/1.004873', { headers: { 'if-none-match': reply.headers.get('etag') } });
    assert.equal(again.status, 304);
    const land = ok(await anybody.get('/v1/procedures/1.012756'));
    assert.match(land.refusals.online.detail_vi, /mức độ 2.*Phải kiểm tra thực địa/);
    const hiring = ok(await anybody.get('/v1/procedures/1.003003'));
    assert.equal(hiring.refusals.counter.detail_vi, 'Chỉ tiếp nhận trực tiếp theo thông báo');
    assert.match(hiring.refusals.online.detail_vi, /mức độ 1/);
    assert.deepEqual(hiring.forms, []);
    assert.deepEqual(ok(await anybody.get('/v1/procedures/2.000488')).conditions, ['reduced']);
});

test('a local code falls back to the national entry; an unknown one is not found', async () => {
    assert.equal((await anybody.get('/v1/procedures/1.004873.H57')).body.code, '1.004873');
    for (const code of ['9.999999', 'x', '%00', '1.00487', "1.004873'--"]) {
        const reply = await anybody.get(`/v1/procedures/${encodeURIComponent(code)}`);
        assert.equal(reply.status, 404, `${code}: ${show(reply)}`);
    }
    assert.equal((await anybody.send('POST', '/v1/procedures')).status, 405);
});

test('level 2: a form to print has the fields and the checklist of the procedure; level 1 has none', async () => {
    const reply = await anybody.get('/v1/procedures/1.012756/forms/don-dang-ky-dat-dai-mau-so-04');
    assert.equal(reply.status, 200, show(reply));
    assert.match(reply.headers.get('content-type'), /^application\/pdf/);
    const { text, pages, about } = text_of(reply.body);
    assert.match(about, /Page size:\s+595\.\d+ x 841\.\d+/, 'A4');
    assert.equal(pages, 1);
    for (const words of ['CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', 'ĐƠN ĐĂNG KÝ ĐẤT ĐAI (MẪU SỐ 04)', 'Họ và tên người nộp hồ sơ *',
        'Giấy tờ về quyền sử dụng đất', '1 bản chính', 'Trích đo địa chính thửa đất', '1.012756', 'Trang 1/1', 'cam đoan'])
        assert.ok(text.includes(words), `${words} in ${text}`);
    const fields = text_of((await anybody.get('/v1/procedures/1.004873/forms/to-khai-cap-giay-xac-nhan-tinh-trang-hon-nhan')).body).text;
    const at = ['Họ và tên người được cấp *', 'Ngày sinh *', 'Tình trạng hôn nhân *', 'Chưa đăng ký kết hôn với ai', 'Mục đích sử dụng'].map((words) => fields.indexOf(words));
    assert.ok(at.every((place, i) => place > (at[i - 1] ?? -1)), `${at} in ${fields}`);
    assert.equal((await anybody.get('/v1/procedures/1.004873/forms/to-khai-cap-giay-xac-nhan-tinh-trang-hon-nhan.pdf')).status, 200);
    const none = await anybody.get('/v1/procedures/1.003003/forms/phieu-dang-ky-du-tuyen', { headers: { 'accept-language': 'vi' } });
    assert.equal(none.status, 404);
    assert.match(none.body.detail, /mức độ 1/);
    for (const path of ['1.004873/forms/x', '9.999999/forms/x', '1.004873/forms/%2500'])
        assert.equal((await anybody.get(`/v1/procedures/${path}`)).status, 404, path);
});

test('a long form goes on over pages, whatever its fields are called', async () => {
    const properties = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`f${i}`, { type: 'string', position: i + 1,
        title: `Mục ${i + 1}: ${'<b>&amp;'.repeat(i % 3)} ${'nội dung dài '.repeat(i % 9)}`.trim(), title_en: `Field ${i + 1}` }]));
    put({ ...entry_of('1.004222'), code: '1.004222.H57', form: { type: 'object', properties } });
    const { text, pages } = text_of((await anybody.get('/v1/procedures/1.004222.H57/forms/to-khai-thay-doi-thong-tin-cu-tru-ct01')).body);
    assert.ok(pages >= 4, `${pages}`);
    assert.ok(text.includes('Mục 60') && text.includes('<b>&amp;') && text.includes(`Trang ${pages}/${pages}`));
});

test('filing on line asks the level, filing at a counter the post; each says why', async () => {
    const body = (procedure, more = {}) => intake_body({ procedure, agency: '46-A0', documents: [{ name: 'Giấy tờ', originals: 1, copies: 0 }], ...more });
    const online = await applicant.post('/v1/dossiers', body('1.012756'), { headers: { 'accept-language': 'vi' } });
    assert.equal(online.status, 422, show(online));
    assert.match(online.body.type, /procedure-not-online/);
    assert.match(online.body.detail, /mức độ 2.*gửi hồ sơ tại bưu cục.*Phải kiểm tra thực địa/);
    assert.equal((await clerk.post('/v1/dossiers', body('1.012756'))).status, 201, 'a clerk takes it in');
    for (const who of [applicant, clerk]) {
        const reply = await who.post('/v1/dossiers', body('1.003003'), { headers: { 'accept-language': 'vi' } });
        assert.equal(reply.status, 422);
        assert.match(reply.body.type, /procedure-not-by-post/);
        assert.match(reply.body.detail, /Chỉ tiếp nhận trực tiếp theo thông báo/);
    }
    assert.equal((await applicant.post('/v1/dossiers', intake_body())).status, 201);
});

test('an agency that is not competent is told which are', async () => {
    put({ ...entry_of('1.001612'), code: '1.001612.H57', units: ['46-A2', '46-A3'] });
    const refused = await clerk.post('/v1/dossiers', intake_body({ procedure: '1.001612.H57', agency: AGENCY }));
    assert.equal(refused.status, 422);
    assert.match(refused.body.type, /agency-not-competent/);
    assert.deepEqual(refused.body.allowed, ['46-A2', '46-A3']);
    assert.match(refused.body.detail, /46-A2/);
    assert.equal((await clerk.post('/v1/dossiers', intake_body({ procedure: '1.001612.H57', agency: '46-A2' }))).status, 201);
    assert.deepEqual(ok(await anybody.get('/v1/procedures/1.001612.H57')).agencies.map((one) => one.code), ['46-A2', '46-A3']);
});

test('the charge follows the condition that was chosen, and how it was filed', async () => {
    const file = (who, procedure, agency, fees) => who.post('/v1/dossiers', intake_body({ procedure, agency, ...fees && { fees } }));
    assert.deepEqual(lines(ok(await file(clerk, '2.000488', '46-A0'), 201)), [200000]);
    assert.deepEqual(lines(ok(await file(clerk, '2.000488', '46-A0', { when: ['reduced'] }), 201)), [100000]);
    assert.deepEqual(lines(ok(await file(clerk, '2.000635', AGENCY, { copies: 3 }), 201)), [24000]);
    assert.deepEqual(lines(ok(await file(clerk, '1.004222', AGENCY), 201)), [20000]);
    assert.deepEqual(lines(ok(await file(applicant, '1.004222', AGENCY), 201)), [10000], 'on line it costs less');
    assert.deepEqual(lines(ok(await file(clerk, '1.001193', AGENCY), 201)), []);
    assert.deepEqual(lines(ok(await file(clerk, '1.001193', AGENCY, { when: ['late'] }), 201)), [5000]);
    for (const [fees, pointer] of [[{ when: ['online'] }, '/fees/when/0'], [{ when: ['late', 'poor'] }, '/fees/when/1'], [{ copies: 0 }, '/fees/copies'],
        [{ copies: 101 }, '/fees/copies'], [{ what: 1 }, '/fees/what']]) {
        const reply = await file(clerk, '1.001193', AGENCY, fees);
        assert.equal(reply.status, 422, show(reply));
        assert.equal(reply.body.errors[0].pointer, pointer);
    }
    const quote = (more) => anybody.post('/v1/tariff/quotes', { procedure: '1.004222', from: COMMUNE, to: AGENCY, weight_g: 80, service: 'send', ...more });
    const fee = async (more) => lines({ charges: ok(await quote(more)).lines });
    assert.deepEqual([await fee({}), await fee({ online: true })], [[20000], [10000]]);
    assert.equal((await quote({ fees: { when: ['poor'] } })).status, 422);
});

test('a changed procedure is another version; a dossier keeps the one it was filed under', async () => {
    const filed = ok(await clerk.post('/v1/dossiers', intake_body({ procedure: '1.000656', documents: [{ name: 'Giấy báo tử', originals: 1, copies: 0 }] })), 201);
    put({ ...entry_of('1.000656'), time: { value: 2, unit: 'working_day' } });
    query(house, `select procedure.put(body || '{"level": 3}', '${vn_day(2)}') from procedure.find('1.000656')`);
    const now = ok(await anybody.get('/v1/procedures/1.000656'));
    assert.deepEqual([now.version, now.time.value, now.level, now.changes_on], [2, 2, 4, vn_day(2)]);
    assert.deepEqual(query(house, `select procedure_version from dossier.dossier where code = '${filed.code}'`).map(Number), [1]);
});
