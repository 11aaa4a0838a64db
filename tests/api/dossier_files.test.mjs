// The files of a dossier and of a draft: what they may be, for which paper, who may send, see and read
// them, how many there may be; and how a draft's become the dossier's.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as zlib from 'node:zlib';
import { query } from '../fault/journal.mjs';
import { PLAIN_PAPERS, plain_procedure } from './online.mjs';
import { discard, own_service, show, uuid7 } from './service.mjs';
import { jpeg, pdf, PART, png, put_to, send_to, sha256 } from './pictures.mjs';
import { act, intake, intake_body, ok, people } from './walk.mjs';

let house, all, code, number;
const PROCEDURE = '1.004873', PAPER = 'Giấy tờ chứng minh nơi cư trú';

before(async () => {
    house = await own_service({ env: { DOSSIERPOST_ATTACHMENT_BYTES: '6000000', DOSSIERPOST_ATTACHMENT_FILES: '12' } });
    all = await people(house);
    for (const name of ['applicant', 'clerk2', 'officer2', 'courier2', 'supervisor', 'admin', 'integrator'])
        all[name] = await house.login(name);
    ({ code, number } = await intake(all.clerk));
});
after(() => discard(house));

const slug = ({ status, body }) => `${status} ${body.type?.replace('/problems/', '')}`;
const list = (who, place) => who.get(`/v1/attachments?${new URLSearchParams(place)}`);
const count = (where) => Number(query(house, `select count(*) from attachment.file f where ${where}`)[0]);
const id_of = (key) => query(house, `select dossier.find('${key}')`)[0];
const reads = (key) => Number(query(house, `select count(*) from dossier.access where dossier = '${id_of(key)}' and what = 'attachment'`)[0]);

// A PDF of one object, or of one stream with this dictionary and these bytes.
const object = (text) => Buffer.from(`%PDF-1.7\n1 0 obj\n${text}\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n`, 'latin1');
const stream = (dictionary, bytes) => Buffer.concat([
    Buffer.from(`%PDF-1.7\n2 0 obj\n<< ${dictionary} /Length ${bytes.length} >>\nstream\n`, 'latin1'), bytes,
    Buffer.from('\nendstream\nendobj\n%%EOF\n', 'latin1')]);
const objects = (text, dictionary = '/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode') =>
    stream(dictionary, zlib.deflateSync(Buffer.from(`8 0 ${text}`)));

test('a document of the checklist, from the clerk and the officer, is listed with its sender', async () => {
    const paper = jpeg(300, 200), note = pdf('ghi chu');
    const made = ok(await send_to(all.clerk, { dossier: code }, paper,
        { document: 'giay to CHUNG MINH noi cu tru', media: 'image/jpeg' }), 201);
    assert.equal(made.document, PAPER, 'in the words of the checklist');
    ok(await send_to(all.officer, { dossier: number }, note), 201);
    const { items } = ok(await list(all.officer, { dossier: code }));
    assert.deepEqual(items.map((one) => [one.kind, one.document, one.media, one.size, one.role, one.unit, one.readable]),
        [['document', PAPER, 'image/jpeg', paper.length, 'clerk', '46-B1', true],
         ['document', undefined, 'application/pdf', note.length, 'officer', '46-A1', true]]);
    assert.ok(items.every((one) => Date.parse(one.sent_at) && one.whole));
    const events = ok(await all.officer.get(`/v1/dossiers/${code}/events`)).items.filter((one) => one.kind === 'dossier.attach');
    assert.deepEqual(events.map((one) => one.document), [PAPER, undefined]);
    assert.doesNotMatch(JSON.stringify(events), new RegExp(sha256(paper)), 'no hash that confirms a guess');
    const wrong = await send_to(all.clerk, { dossier: code }, png(5, 6), { document: 'Sổ hộ khẩu của người khác' });
    assert.deepEqual([wrong.status, wrong.body.errors?.[0].pointer], [422, '/document'], show(wrong));
});

test('the same content for two papers is two files, for one it is one', async () => {
    const { code: other } = await intake(all.clerk), bytes = png(40, 41);
    const ids = [];
    for (const document of [PAPER, undefined, PAPER])
        ids.push((await send_to(all.clerk, { dossier: other }, bytes, { document })).body.id);
    assert.equal(new Set(ids).size, 2);
    assert.equal(ids[0], ids[2]);
});

test('it goes out as it came, as a file to keep, and each reading is recorded', async () => {
    const bytes = pdf('doc'), made = ok(await send_to(all.clerk, { dossier: code }, bytes), 201);
    const before = reads(code);
    const got = await all.officer.get(`/v1/attachments/${made.id}`);
    assert.deepEqual(got.body, bytes);
    assert.deepEqual(['content-type', 'content-disposition', 'x-content-type-options', 'content-security-policy', 'cache-control']
        .map((name) => got.headers.get(name)), ['application/pdf', `attachment; filename="${made.id}.pdf"`, 'nosniff',
        "default-src 'none'; sandbox", 'private, no-store']);
    assert.equal(reads(code), before + 1);
    const seen = query(house, `select a.login from dossier.access x join account.account a on a.id = x.account
        where x.dossier = '${id_of(code)}' and x.what = 'attachment' order by x.at desc limit 1`)[0];
    assert.equal(seen, 'officer');
    ok(await list(all.officer, { dossier: code }));
    assert.equal(reads(code), before + 1, 'a list is no reading');
});

test('who may send, see and read', async () => {
    const { code: mine } = await intake(all.clerk), bytes = png(50, 51);
    const file = ok(await send_to(all.clerk, { dossier: mine }, bytes), 201);
    for (const [who, expected] of [['clerk2', '404 not-found'], ['officer2', '404 not-found'], ['applicant', '404 not-found'],
        ['courier', '403 forbidden'], ['hub', '403 forbidden'], ['supervisor', '403 forbidden'], ['integrator', '403 forbidden']])
        assert.equal(slug(await send_to(all[who], { dossier: mine }, png(52, 53))), expected, who);
    assert.equal((await send_to(house.anybody(), { dossier: mine }, bytes)).status, 401);
    for (const who of ['clerk', 'officer', 'supervisor', 'admin'])
        assert.equal((await all[who].get(`/v1/attachments/${file.id}`)).status, 200, who);
    for (const who of ['clerk2', 'officer2', 'courier2', 'hub', 'applicant']) {
        assert.equal(slug(await all[who].get(`/v1/attachments/${file.id}`)), '404 not-found', who);
        assert.equal(slug(await list(all[who], { dossier: mine })), '404 not-found', who);
    }
    for (const wrong of [{}, { dossier: mine, draft: uuid7() }])
        assert.equal((await list(all.clerk, wrong)).status, 422);
    for (const place of [{}, { dossier: mine, shipment: number }, { dossier: mine, draft: uuid7() }])
        assert.equal((await put_to(all.clerk, place, bytes)).status, 422, JSON.stringify(place));
    for (const kind of ['photo', 'signature', 'paper']) {
        const reply = await put_to(all.clerk, { dossier: mine }, png(54, 55), { kind });
        assert.deepEqual([reply.status, reply.body.errors?.[0].pointer], [422, '/kind'], show(reply));
    }
    const shipped = await put_to(all.clerk, { shipment: number }, png(56, 57));
    assert.deepEqual([shipped.status, shipped.body.errors?.[0].pointer], [422, '/kind'], show(shipped));
    assert.equal(slug(await all.clerk.send('DELETE', `/v1/attachments/${file.id}`)), '409 conflict', 'it stays');
    assert.equal(slug(await all.officer.send('DELETE', `/v1/attachments/${file.id}`)), '403 forbidden');
});

test('a dossier that has ended takes no more', async () => {
    const one = await intake(all.clerk);
    await act(all.officer, one.code, 'reject', { reason: 'Không thuộc thẩm quyền.', legal_basis: 'Điều 12' });
    assert.equal(slug(await send_to(all.clerk, { dossier: one.code }, png(60, 61))), '409 action-not-allowed');
});

test('what it says it is and is not, in both languages', async () => {
    const lies = [[png(8, 9), 'application/pdf'], [pdf('x'), 'image/png'], [jpeg(), 'image/png']];
    for (const [bytes, media] of lies) {
        const said = [];
        for (const language of ['vi', 'en']) {
            const reply = await put_to(all.clerk, { dossier: code }, bytes, { media, headers: { 'accept-language': language } });
            assert.equal(slug(reply), '422 media-differs', show(reply));
            assert.notEqual(reply.body.found, media);
            said.push(reply.body.title);
        }
        assert.notEqual(said[0], said[1]);
    }
    const before = count('true');
    for (const [name, bytes] of Object.entries({
        html: Buffer.from('<!doctype html><script>alert(1)</script>'), zip: Buffer.from('504b0304140000000800', 'hex'),
        exe: Buffer.from('4d5a90000300000004000000ffff0000', 'hex'), svg: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
        'a PDF without an end': Buffer.from('%PDF-1.7\n1 0 obj << >> endobj\n'),
        'a PDF with a page behind it': Buffer.concat([pdf(), Buffer.from('<script>alert(1)</script>')]),
        'a PDF of version 9': Buffer.from(pdf().toString().replace('1.4', '9.4')) }))
        assert.match(slug(await send_to(all.clerk, { dossier: code }, bytes)), /^422 (not-a-picture|media-differs)$/, name);
    assert.equal(count('true'), before, 'nothing of it stays');
});

test('a PDF that is locked, runs something, holds files, or cannot be looked into', async () => {
    const locked = object('<< >>').toString('latin1').replace('/Root', '/Encrypt 5 0 R /Root');
    const action = '<< /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>';
    const twice = stream('/Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode]',
        zlib.deflateSync(zlib.deflateSync(Buffer.from(`8 0 ${action}`))));
    const refused = {
        'pdf-encrypted': [Buffer.from(locked, 'latin1'), Buffer.from(locked.replace('/Encrypt', '/#45ncr#79pt'), 'latin1'),
            stream('/Type /XRef /W [1 2 1] /Encrypt 3 0 R', Buffer.alloc(4))],
        'pdf-active': [object(action), object(action.replace('JavaScript', 'Java#53cript')), object('<< /S /Launch /F (calc.exe) >>'),
            object('<< /Names << /EmbeddedFiles 3 0 R >> >>'), object('<< /Type /EmbeddedFile >>'), object('<< /XFA 3 0 R >>'),
            object('<< /Subtype /RichMedia >>'), objects(action), objects(action, '/N 1 /First 4 /Filter /Fl'),
            objects(action, '/Type /Obj#53tm /N 1 /First 4 /Filter /FlateDecode'), twice,
            stream('/Type /ObjStm /N 1 /First 4 /Filter /ASCIIHexDecode', Buffer.from(Buffer.from(`8 0 ${action}`).toString('hex'))),
            Buffer.concat([object('<< >>'), object(action).subarray(9)])],
    };
    for (const [problem, files] of Object.entries(refused))
        for (const [n, bytes] of files.entries())
            assert.equal(slug(await send_to(all.clerk, { dossier: code }, bytes)), `422 ${problem}`, `${problem} ${n}`);
    const before = count(`subject = '${id_of(code)}' and whole_at is null`);
    assert.equal(before, 0);
    for (const [n, bytes] of [object('<< /Title (Launch of JavaScript) /OpenAction [3 0 R /Fit] /JSomething 1 >>'),
        objects('<< /Type /Page >>'), stream('/Filter /FlateDecode', zlib.deflateSync(Buffer.from('BT (x) Tj ET')))].entries())
        ok(await send_to(all.clerk, { dossier: (await intake(all.clerk)).code }, bytes), 201, String(n));
});

test('real PDFs: as they are made, with packed objects, locked, with a file within', async (t) => {
    const { code: one, number: leg } = await intake(all.clerk), folder = mkdtempSync(join(tmpdir(), 'pdfs-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const plain = join(folder, 'plain.pdf'), extra = join(folder, 'extra.txt');
    writeFileSync(plain, (await all.clerk.get(`/v1/labels/${leg}.pdf`)).body);
    writeFileSync(extra, 'x');
    const made = (name, ...options) => {
        const done = spawnSync('qpdf', [...options, plain, join(folder, name)], { encoding: 'utf8' });
        assert.equal(done.status, 0, done.stderr);
        return readFileSync(join(folder, name));
    };
    const add = (bytes) => send_to(all.clerk, { dossier: one }, bytes).then(slug);
    assert.equal(await add(readFileSync(plain)), '201 undefined');
    const packed = made('packed.pdf', '--object-streams=generate');
    assert.ok(packed.includes('/ObjStm'));
    assert.equal(await add(packed), '201 undefined');
    assert.equal(await add(made('linear.pdf', '--object-streams=generate', '--linearize')), '201 undefined');
    assert.equal(await add(made('locked.pdf', '--encrypt', 'mo', 'chu', '256', '--')), '422 pdf-encrypted');
    assert.equal(await add(made('limited.pdf', '--object-streams=generate', '--encrypt', '', 'chu', '256', '--print=none', '--')), '422 pdf-encrypted');
    for (const way of ['preserve', 'generate'])
        assert.equal(await add(made(`with-${way}.pdf`, `--object-streams=${way}`, '--add-attachment', extra, '--')), '422 pdf-active', way);
});

test('a PDF that unpacks without end is refused in time', async () => {
    const bomb = stream('/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode', zlib.deflateSync(Buffer.alloc(200e6, '1 ')));
    const began = Date.now();
    assert.equal(slug(await send_to(all.clerk, { dossier: code }, bomb)), '422 pdf-active');
    assert.ok(Date.now() - began < 15000);
});

test('too large alone is 413; too many or too much for one dossier is 409', async () => {
    const one = await intake(all.clerk), large = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(5242880, 32)]);
    assert.equal(slug(await put_to(all.clerk, { dossier: one.code }, large)), '413 too-large');
    const half = (n) => Buffer.concat([Buffer.from(`%PDF-1.7\n%${n}\n`), Buffer.alloc(3000000 - 30, 32), Buffer.from('%%EOF\n')]);
    ok(await send_to(all.clerk, { dossier: one.code }, half(1)), 201);
    const replies = await Promise.all([2, 3, 4, 5].map((n) => send_to(all.clerk, { dossier: one.code }, half(n))));
    assert.deepEqual(replies.map(slug).sort().slice(1), Array(3).fill('409 conflict'), 'also at once');
    assert.ok(replies.find((reply) => reply.status === 409).body.left < 3000000);
    const two = await intake(all.clerk);
    const sent = await Promise.all(Array.from({ length: 15 }, (_, n) => send_to(all.clerk, { dossier: two.code }, png(70 + n, 9))));
    assert.equal(sent.filter((reply) => reply.status === 201).length, 12);
    assert.equal(sent.filter((reply) => slug(reply) === '409 conflict').length, 3);
});

test('it goes on where it stopped, also in parallel and from two people', async () => {
    const one = await intake(all.clerk), bytes = png(700, 800, { noise: true });
    ok(await put_to(all.clerk, { dossier: one.code }, bytes));
    const told = await put_to(all.clerk, { dossier: one.code }, bytes, { offset: 0 });
    assert.deepEqual([slug(told), told.body.offset], ['409 offset-conflict', PART]);
    const ends = await Promise.all([all.clerk, all.officer].map(async (who) => {
        let reply = who === all.officer && ok(await put_to(who, { dossier: one.code }, bytes));
        for (let offset = PART; offset < bytes.length; offset += PART)
            reply = await put_to(who, { dossier: one.code }, bytes, { offset });
        return reply;
    }));
    assert.ok(ends.every((reply) => [200, 201].includes(reply.status) && reply.body.whole), ends.map(show).join('\n'));
    assert.equal(ends[0].body.id, ends[1].body.id);
    assert.deepEqual((await all.officer.get(`/v1/attachments/${ends[0].body.id}`)).body, bytes);
    assert.equal(query(house, `select count(*) from custody.event where subject = '${id_of(one.code)}' and kind = 'dossier.attach'`)[0], '1');
});

test('an officer who saw the dossier before the file came is told of it', async () => {
    const one = await intake(all.clerk), { version } = ok(await all.officer.get(`/v1/dossiers/${one.code}`));
    ok(await send_to(all.clerk, { dossier: one.code }, png(90, 91)), 201);
    const stale = await all.officer.post(`/v1/dossiers/${one.code}/actions`, { action: 'accept' },
        { headers: { 'if-match': `"${version}"` } });
    assert.equal(slug(stale), '412 precondition-failed');
});

// --- drafts --------------------------------------------------------------------------------------

test('a draft\'s files are its owner\'s alone, may be dropped, and become the dossier\'s in one write', async () => {
    const draft = uuid7(), place = { draft, procedure: PROCEDURE }, bytes = [jpeg(20, 30), pdf('to khai'), png(4, 5)];
    const first = ok(await send_to(all.applicant, place, bytes[0], { document: PAPER }), 201);
    ok(await send_to(all.applicant, { draft }, bytes[1]), 201);
    const gone = ok(await send_to(all.applicant, { draft }, bytes[2]), 201);
    const coming = png(600, 700, { noise: true });
    ok(await put_to(all.applicant, { draft }, coming));
    for (const who of ['clerk', 'officer', 'admin', 'clerk2']) {
        assert.equal(slug(await list(all[who], { draft })), '404 not-found', who);
        assert.equal(slug(await all[who].get(`/v1/attachments/${first.id}`)), '404 not-found', who);
    }
    assert.equal(slug(await send_to(all.clerk, place, bytes[2])), '404 not-found');
    assert.equal((await all.applicant.send('DELETE', `/v1/attachments/${gone.id}`)).status, 204);
    assert.equal(slug(await all.clerk.send('DELETE', `/v1/attachments/${first.id}`)), '404 not-found');
    const { items } = ok(await list(all.applicant, { draft }));
    assert.deepEqual(items.map((one) => [one.document, one.whole]), [[PAPER, true], [undefined, true], [undefined, false]]);
    assert.deepEqual((await all.applicant.get(`/v1/attachments/${first.id}`)).body, bytes[0]);

    plain_procedure(house, '1.900007');
    const made = ok(await all.applicant.post('/v1/dossiers', intake_body({ procedure: '1.900007', documents: PLAIN_PAPERS })), 201);
    const account = query(house, `select id from account.account where login = 'applicant'`)[0];
    const adopt = (dossier, who = account) => query(house, `select attachment.adopt('${draft}', '${dossier}', ${who})`)[0];
    assert.equal(adopt(id_of(made.code)), '2');
    assert.equal(adopt(id_of(made.code)), '0', 'done is done');
    const files = ok(await list(all.officer, { dossier: made.code })).items;
    assert.deepEqual(files.map((one) => [one.id === first.id, one.document, one.role]),
        [[true, PAPER, 'applicant'], [false, undefined, 'applicant']]);
    assert.deepEqual((await all.officer.get(`/v1/attachments/${first.id}`)).body, bytes[0]);
    assert.equal(slug(await list(all.applicant, { draft })), '404 not-found');
    assert.equal(slug(await send_to(all.applicant, place, png(7, 7))), '409 conflict');
    assert.equal(count(`subject = 'draft:${draft}'`), 0, 'what never came whole is gone');
});

test('a draft says of which procedure it is; there are twenty at most', async () => {
    const without = await put_to(all.applicant, { draft: uuid7() }, png(3, 3));
    assert.equal(without.body.errors?.[0].pointer, '/procedure', show(without));
    assert.equal(slug(await put_to(all.applicant, { draft: uuid7(), procedure: '9.999999' }, png(3, 3))), '422 unknown-procedure');
    assert.equal((await put_to(all.applicant, { draft: 'x', procedure: PROCEDURE }, png(3, 3))).status, 422);
    assert.equal(slug(await put_to(all.courier, { draft: uuid7(), procedure: PROCEDURE }, png(3, 3))), '403 forbidden');
    const made = await Promise.all(Array.from({ length: 25 }, () => put_to(all.clerk, { draft: uuid7(), procedure: PROCEDURE }, png(3, 3))));
    assert.equal(made.filter((reply) => reply.status === 201).length, 20);
    assert.equal(made.filter((reply) => slug(reply) === '409 conflict').length, 5);
    query(house, `update attachment.draft set touched_at = now() - interval '31 days' where adopted is null`);
    query(house, 'select attachment.expire()');
    assert.equal(count(`subject like 'draft:%'`), 0);
    assert.equal(query(house, `select count(*) from attachment.draft where adopted is null`)[0], '0');
    assert.ok(count(`subject not like 'draft:%'`) > 0, 'the others stay');
});

test('erasing a dossier takes its files with it', async () => {
    const one = await intake(all.clerk), file = ok(await send_to(all.clerk, { dossier: one.code }, png(95, 96)), 201);
    query(house, `select dossier.erase('${id_of(one.code)}')`);
    assert.equal(slug(await all.clerk.get(`/v1/attachments/${file.id}`)), '404 not-found');
    assert.equal(count(`subject = '${id_of(one.code)}'`), 0);
});
