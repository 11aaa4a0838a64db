// The paper of a hand-over: both sides, item by item, what differs in words, the log's checkpoint; as
// text with its fonts inside, on as many pages as it needs.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { query } from '../fault/journal.mjs';
import { discard, own_service, show, until, uuid7 } from './service.mjs';
import { AGENCY, bag, HUB, intake, OFFICE, ok, recorded } from './walk.mjs';

const run = (program, ...args) => execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
const folder = mkdtempSync(join(tmpdir(), 'dossierpost-paper-'));
let house, all;
before(async () => {
    house = await own_service();
    all = Object.fromEntries(await Promise.all(['clerk', 'courier', 'courier2', 'officer', 'officer2', 'supervisor',
        'hub', 'applicant'].map(async (name) => [name, await house.login(name)])));
});
after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await discard(house);
});

const groups = (number) => `${number.slice(0, 2)} ${number.slice(2, 10)} ${number[10]} ${number.slice(11)}`;
const make = async (who, to, items) => ok(await all[who].post('/v1/custody/handovers', { id: uuid7(), to, items }), 201);
const sign = async (who, id, body = { accept_all: true }) => ok(await all[who].post(`/v1/custody/handovers/${id}/sign`, body));

async function carried(count, more) {
    const made = [];
    for (let i = 0; i < count; i++) {
        const { code, number } = await intake(all.clerk, more);
        await recorded(all.clerk, 'accept', number);
        await recorded(all.courier, 'take_over', number);
        made.push({ code, number });
    }
    return made;
}

// The paper as a file: {path, text, pages: [text], fonts: [[name, …]]}.
async function paper(who, id) {
    const reply = await all[who].get(`/v1/custody/handovers/${id}.pdf`);
    assert.equal(reply.status, 200, show(reply));
    assert.equal(reply.headers.get('content-type'), 'application/pdf');
    const path = join(folder, `${uuid7()}.pdf`);
    writeFileSync(path, reply.body);
    if (process.env.DOSSIERPOST_SHOTS) run('pdftoppm', '-png', '-r', '80', path, join(process.env.DOSSIERPOST_SHOTS, `paper-${id.slice(-4)}`));
    const text = run('pdftotext', '-layout', path, '-').normalize('NFC');
    return { path, text, words: text.replace(/\s+/g, ' '), pages: text.split('\f').slice(0, -1),
             info: run('pdfinfo', path), fonts: run('pdffonts', path).trim().split('\n').slice(2) };
}

// What a telephone reads off the last page.
function qr(path) {
    const stem = join(folder, uuid7());
    run('pdftoppm', '-png', '-r', '200', path, stem);
    const pictures = readdirSync(folder).filter((name) => name.startsWith(stem.slice(folder.length + 1)));
    return pictures.flatMap((name) => spawnSync('zbarimg', ['-q', '--raw', '--nodbus', join(folder, name)],
        { encoding: 'utf8' }).stdout.split('\n').filter(Boolean));
}

const sequenced = () => until('every event under a checkpoint', () => query(house, `select 1
    where (select max(size) from custody.checkpoint) = (select count(*) from custody.event)`).length);

test('one item, before and after the signature', async () => {
    const [{ code, number }] = await carried(1);
    const { id } = await make('courier', AGENCY, [number]);
    await sequenced();
    const open = await paper('courier', id);
    assert.match(open.words, /CHƯA KÝ NHẬN/);
    assert.match(open.words, /1 bưu gửi, chờ bên nhận kiểm và ký\./);
    assert.doesNotMatch(open.words, /Đã ký nhận điện tử/);
    await sign('officer', id, { items: [{ code: number, finding: 'present', originals: 1, copies: 1 }] });
    const done = await paper('officer', id);
    const name = async (who) => ok(await all[who].get('/v1/auth/me')).name;
    for (const part of ['CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', 'BIÊN BẢN GIAO NHẬN', `Số: ${id}`, groups(number), code,
        'Gửi cơ quan', 'Đủ', 'Không có chênh lệch.', 'ĐẠI DIỆN BÊN GIAO', 'Trang 1/1',
        '1 bưu gửi: 1 đủ, 0 thiếu, 0 thừa, 0 hư hỏng, 0 từ chối nhận.', 'Giấy tờ: 1 bản chính, 1 bản sao.',
        `Ông/Bà: ${await name('courier')}, bưu tá`, `Ông/Bà: ${await name('officer')}, cán bộ một cửa`])
        assert.ok(done.words.includes(part), `${part} in ${done.text}`);
    assert.doesNotMatch(done.words, /CHƯA KÝ/);
    assert.match(done.words, /Đã lập và ký điện tử lúc \d\d:\d\d ngày \d\d\/\d\d\/\d{4}/);
    assert.match(done.words, /Đã ký nhận điện tử lúc \d\d:\d\d ngày \d\d\/\d\d\/\d{4}/);
    assert.match(done.info, /Pages: +1\n/);
    assert.match(done.info, /595\.\d+ x 841\.\d+ pts \(A4\)/);
    assert.ok(done.fonts.length >= 2);
    for (const font of done.fonts) assert.match(font, /NotoSans.* yes yes yes +\d+ +\d+$/, 'embedded, subset, with letters');
    // Never the procedure, never the applicant.
    assert.doesNotMatch(done.words, /1\.004873|hôn nhân|Nguyễn Thị Thử|0905|Lê Lợi/);
});

test('its codes take all of it, and lead to the checkpoint that is printed', async () => {
    const [{ number }] = await carried(1);
    const { id } = await make('courier', AGENCY, [number]);
    await sequenced();
    const open = qr((await paper('courier', id)).path).filter((code) => /\/G\//.test(code));
    assert.equal(open.length, 1);
    ok(await all.officer.post('/v1/custody/handovers/accept', { code: open[0] }));
    await sequenced();
    const done = await paper('courier', id);
    const [link, ...rest] = qr(done.path);
    assert.deepEqual(rest, [], 'signed: nothing is left to take');
    const size = Number(/\/C\/(\d+)$/.exec(link)[1]);
    const { root } = ok(await house.anybody().get(`/v1/integrity/checkpoint?size=${size}`));
    assert.ok(done.words.includes(root.match(/.{8}/g).join(' ')), 'the root in groups');
    for (const path of [`/C/${size}`, `/c/${size}`]) {
        const page = await house.anybody().get(path);
        assert.equal(page.status, 200);
        assert.ok(page.body.includes(root));
    }
    // It says what was looked at, and how the rest is told; never that nothing was changed.
    for (const [language, said] of [['vi', /Đây là mốc mà hệ thống này đã ký\. Nếu tờ giấy .* ghi khác, thì một trong hai đã bị sửa/],
        ['en', /This is the checkpoint that this service signed\. If the paper .* one of the two was changed/]]) {
        const { body } = await house.anybody().get(`/c/${size}`, { headers: { 'accept-language': language } });
        assert.match(body, said);
        assert.ok(body.includes(`dossierpost verify --head ${size}:${root}`));
        assert.doesNotMatch(body, /không bị sửa|nothing before/);
    }
    for (const path of ['/c/0', '/c/x', '/c/99999999999', '/c/1e3'])
        assert.equal((await house.anybody().get(path)).status, 404, path);
});

test('differences are said in words, and what was counted beside what was listed', async () => {
    const papers = await carried(6);
    const [present, missing, damaged, refused, other, extra] = papers.map((one) => one.number);
    const { id } = await make('courier', AGENCY, [present, missing, damaged, refused, other]);
    const note = 'Phong bì rách ở góc trên bên trái, giấy tờ bên trong bị ướt một phần nhưng còn đọc được, '
        + 'hai bên cùng xác nhận trước khi ký.';
    await sign('officer', id, { items: [
        { code: present, finding: 'present', originals: 1, copies: 1 },
        { code: damaged, finding: 'damaged', note },
        { code: refused, finding: 'refused', note: 'Không thuộc thẩm quyền' },
        { code: other, finding: 'present', originals: 0, copies: 1 },
        { code: extra, finding: 'present' }] });
    const done = await paper('supervisor', id);
    for (const part of ['6 bưu gửi: 2 đủ, 1 thiếu, 1 thừa, 1 hư hỏng, 1 từ chối nhận. Bên nhận đã nhận 4.',
        `Thiếu (1): ${groups(missing)}.`, `Thừa (1): ${groups(extra)}.`, `Hư hỏng (1): ${groups(damaged)}.`,
        `Từ chối (1): ${groups(refused)}.`,
        'Giấy tờ: 3 bản chính, 4 bản sao.', // of the four that were taken
        `${groups(other)}: đếm được 0 bản chính, 1 bản sao; kê khai 1 bản chính, 1 bản sao.`])
        assert.ok(done.words.includes(part), `${part} in ${done.text}`);
    assert.match(done.text, /0\/1/);
    assert.doesNotMatch(done.words, /Không có chênh lệch/);
    // A long note is set whole: the row grows with it.
    for (const word of note.split(' ')) assert.ok(done.words.includes(word), word);
    assert.doesNotMatch(done.words, /…/);
});

test('what was signed stays as it was listed: a correction and a refilled bag change no paper', async () => {
    const { code, number } = await intake(all.clerk), extra = await intake(all.clerk), inside = await intake(all.clerk);
    for (const one of [number, extra.number, inside.number]) await recorded(all.clerk, 'accept', one);
    const sealed = await bag(all.clerk, OFFICE, HUB, [inside.number], 'VNP 000204');
    const { id } = await make('clerk', 'courier', [number, sealed]);
    await sign('courier', id, { items: [{ code: number, finding: 'present', originals: 0, copies: 1 },
        { code: sealed, finding: 'present' }, { code: extra.number, finding: 'present', originals: 2, copies: 1 }] });
    const [before, listed] = [await paper('courier', id), query(house, `select listed from custody.handover where id = '${id}'`)[0]];
    for (const part of [`${groups(number)}: đếm được 0 bản chính, 1 bản sao; kê khai 1 bản chính, 1 bản sao.`,
        `${groups(extra.number)}: đếm được 2 bản chính, 1 bản sao; kê khai 1 bản chính, 1 bản sao.`, 'Túi, 1 bưu gửi'])
        assert.ok(before.words.includes(part), `${part} in ${before.text}`);
    // Both come back; the counter writes down what was really there, the bag is filled anew.
    for (const one of [number, extra.number, sealed]) await recorded(all.clerk, 'arrive', one);
    for (const [one, originals] of [[code, 0], [extra.code, 2]]) {
        const { documents } = ok(await all.clerk.get(`/v1/dossiers/${one}`));
        ok(await all.clerk.post(`/v1/dossiers/${one}/corrections`, { documents: documents.map(({ name, copies }) =>
            ({ name, originals: copies ? 0 : originals, copies })).filter((one) => one.originals + one.copies) }));
    }
    await recorded(all.clerk, 'open', sealed);
    for (let i = 0; i < 3; i++) {
        const more = await intake(all.clerk);
        await recorded(all.clerk, 'accept', more.number);
        await recorded(all.clerk, 'bag', more.number, { container: sealed });
    }
    const after_all = await paper('courier', id);
    const table = ({ words }) => words.slice(0, words.indexOf('ĐẠI DIỆN BÊN GIAO'));
    assert.equal(table(after_all), table(before));
    assert.equal(query(house, `select listed from custody.handover where id = '${id}'`)[0], listed);
});

test('pieces whose sheets stand nowhere are said not to be in the sum', async () => {
    const { code, number } = await intake(all.clerk), whole = await intake(all.clerk);
    const { shipments } = ok(await all.clerk.post(`/v1/dossiers/${code}/pieces`, { pieces: 4 }));
    const numbers = [whole.number, ...shipments.map((one) => one.number)];
    for (const one of numbers) {
        await recorded(all.clerk, 'accept', one);
        await recorded(all.courier, 'take_over', one);
    }
    const { id } = await make('courier', AGENCY, numbers);
    assert.ok((await paper('courier', id)).words.includes('Giấy tờ: 1 bản chính, 1 bản sao; chưa kể giấy tờ trong 4 kiện của hồ sơ nhiều kiện.'));
    await sign('officer', id, { accept_all: true, items: [{ code: numbers[2], finding: 'present', originals: 0, copies: 1 },
        { code: numbers[3], finding: 'refused' }] });
    const { words } = await paper('officer', id);
    assert.ok(words.includes('Giấy tờ: 1 bản chính, 2 bản sao; chưa kể giấy tờ trong 2 kiện của hồ sơ nhiều kiện.'), words);
    assert.equal(number, numbers[1]);
});

test('three hundred items go on over pages, each with its head and its number', async () => {
    const papers = await carried(300, { service: 'send', result_to: { kind: 'agency' } });
    const { id } = await make('courier', AGENCY, papers.map((one) => one.number));
    const lost = papers.filter((_, i) => i % 100 === 7).map((one) => one.number);
    await sign('officer', id, { accept_all: true, items: lost.map((code) => ({ code, finding: 'missing' })) });
    const { pages, words, info } = await paper('courier', id);
    const count = Number(/Pages: +(\d+)/.exec(info)[1]);
    assert.equal(count, pages.length);
    assert.ok(count >= 7 && count <= 10, `${count} pages`);
    pages.forEach((page, i) => {
        assert.ok(page.includes(`Trang ${i + 1}/${count}`), `page ${i + 1}`);
        assert.ok(page.includes(`Số: ${id}`));
        if (/RR \d{8} \d VN +000/.test(page)) assert.match(page, /STT +Số hiệu +Mã hồ sơ/);
    });
    const rows = [...words.matchAll(/ (\d+) (RR \d{8} \d VN) 000\./g)].map((hit) => [Number(hit[1]), hit[2]]);
    assert.deepEqual(rows.map(([n]) => n), papers.map((_, i) => i + 1));
    assert.deepEqual(rows.map(([, number]) => number), papers.map((one) => groups(one.number)));
    assert.ok(words.includes(`Thiếu (3): ${lost.map(groups).join('; ')}.`));
    assert.ok(words.includes('300 bưu gửi: 297 đủ, 3 thiếu'));
});

test('a bag is one item, and a superseded list says so', async () => {
    const { number } = await intake(all.clerk);
    await recorded(all.clerk, 'accept', number);
    const sealed = await bag(all.clerk, OFFICE, HUB, [number], 'VNP 000203');
    const { id } = await make('clerk', 'courier', [sealed]);
    const { words } = await paper('clerk', id);
    assert.ok(words.includes('Túi, 1 bưu gửi'));
    for (const group of [`${sealed.slice(0, 6)} ${sealed.slice(6, 12)}`, `${sealed.slice(13, 15)} ${sealed[15]}`,
        sealed.slice(25)]) assert.ok(words.includes(group), `${group} in ${words}`);
    await make('clerk', 'courier2', [sealed]);
    assert.match((await paper('clerk', id)).words, /ĐÃ ĐƯỢC THAY THẾ BẰNG BIÊN BẢN KHÁC/);
});

test('who may not read the list gets no paper', async () => {
    const [{ number }] = await carried(1);
    const { id } = await make('courier', AGENCY, [number]);
    const status = async (who, name = `${id}.pdf`) => (await all[who].get(`/v1/custody/handovers/${name}`)).status;
    assert.equal(await status('officer'), 200);
    assert.equal(await status('supervisor'), 200);
    assert.equal(await status('courier2'), 404);
    assert.equal(await status('officer2'), 404);
    assert.equal(await status('applicant'), 403);
    assert.equal(await status('courier', `${uuid7()}.pdf`), 404);
    assert.equal(await status('courier', 'what.pdf'), 404);
    assert.equal(await status('courier', `${id}.png`), 404);
    assert.equal((await house.anybody().get(`/v1/custody/handovers/${id}.pdf`)).status, 401);
});
