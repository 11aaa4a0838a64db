// Labels over HTTP: drawn for who may see the shipment, copies counted, codes checked by anybody.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get as http_get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { codes_in, text_of as text_in } from './drawn.mjs';
import { service, show, uuid7 } from './service.mjs';

const PNG = 'image/png';
const folder = mkdtempSync(join(tmpdir(), 'dossierpost-label-'));
let shared, anybody, clerk;
before(async () => {
    shared = await service();
    anybody = shared.anybody();
    clerk = await shared.login('clerk');
});
after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await shared.stop();
});

async function filed(applicant = {}) {
    const reply = await clerk.post('/v1/dossiers', {
        id: uuid7(), procedure: '1.004873', agency: '46-A1', service: 'both',
        applicant: { kind: 'citizen', name: 'Nguyễn Thị Ánh Nguyệt', phone: '0912345789',
                     address: { line: '25 Phan Bội Châu', commune: '19789' }, ...applicant },
        documents: [{ name: 'Tờ khai cấp Giấy xác nhận tình trạng hôn nhân', originals: 1,
                      copies: 0 }],
        weight_g: 80, result_to: { kind: 'address' },
    });
    assert.equal(reply.status, 201, show(reply));
    return reply.body.shipments[0].number;
}

function file(name, bytes) {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
}

const scan = (bytes) => codes_in(file('label.png', bytes));
const text_of = (bytes) => text_in(file('label.pdf', bytes));

async function label(number, format = 'png', query = '', client = clerk) {
    const reply = await client.get(`/v1/labels/${number}.${format}${query}`);
    assert.equal(reply.status, 200, show(reply));
    return reply;
}

const code_of = async (number) => /[A-Z2-7]{128}$/.exec(scan((await label(number)).body)[1])[0];
const verify = (code) => anybody.post('/v1/verify', { code });
const print = (numbers, more = {}, headers = {}) =>
    clerk.post('/v1/labels/print', { numbers, ...more }, { headers });
const slug = (reply) => [reply.status, String(reply.body?.type).split('/').at(-1)];

test('a shipment\'s label is drawn in every format and leads back to it', async () => {
    const number = await filed();
    const types = { pdf: 'application/pdf', png: PNG, svg: 'image/svg+xml',
                    zpl: 'application/vnd.zebra-zpl', tspl: 'application/vnd.tsc-tspl' };
    for (const [format, type] of Object.entries(types)) {
        const { headers } = await label(number, format, '?dpi=300');
        assert.equal(headers.get('content-type').split(';')[0], type);
        assert.equal(headers.get('cache-control'), 'no-store');
        assert.equal(headers.get('content-disposition'), `inline; filename="${number}.${format}"`);
    }
    const roll = await label(number, 'escpos', '?template=sticker');
    assert.equal(roll.headers.get('content-type'), 'application/octet-stream');
    const [bars, qr] = scan((await label(number)).body);
    assert.equal(bars, `CODE-128:${number}`);
    assert.ok(qr.startsWith(`QR-Code:${shared.url.toUpperCase()}/S/`), qr);
    assert.deepEqual(scan((await label(number, 'png', '?template=sticker')).body),
        [`QR-Code:${shared.url.toUpperCase()}/T/${number}`]);

    const found = await verify(qr.slice('QR-Code:'.length));
    assert.equal(found.status, 200, show(found));
    assert.equal(found.body.genuine, true);
    assert.equal(found.body.number, number);
    assert.equal(found.body.copy, 1);
    assert.equal(found.body.superseded, false);
    assert.equal(found.body.demo, true);
    assert.deepEqual(found.body.office, { id: '46-B1', name: 'Bưu cục Thuận Hoá' });
    assert.match(found.body.printed_on, /^20\d\d-\d\d-\d\d$/);
    const { body } = await anybody.get('/v1/keys');
    assert.ok(body.keys.some((key) => key.kid === found.body.key && key.signing));
});

// fetch() lets nobody name another Host.
const called = (path, host) => new Promise((done, failed) => {
    http_get(shared.url + path, { headers: { host, cookie: clerk.cookie } }, async (reply) => {
        const parts = [];
        for await (const part of reply) parts.push(part);
        done(Buffer.concat(parts));
    }).on('error', failed);
});

test('links lead to the service\'s own address, whatever a client calls it', async () => {
    const number = await filed(), host = 'evil.example:8080';
    assert.deepEqual(scan(await called(`/v1/labels/${number}.png?template=sticker`, host)),
        [`QR-Code:${shared.url.toUpperCase()}/T/${number}`]);
    const signed = scan(await called(`/v1/labels/${number}.png`, host))[1];
    assert.ok(signed.startsWith(`QR-Code:${shared.url.toUpperCase()}/S/`), signed);
    const text = text_of(await called(`/v1/labels/${number}.pdf`, host));
    assert.doesNotMatch(text, /evil/);
    const view = JSON.parse(await called(`/v1/dossiers/${number}`, host));
    assert.equal(view.tracking_url, `${shared.url}/t/${number}`);
});

test('a telephone\'s camera that follows a signed code lands on tracking', async () => {
    const number = await filed(), code = await code_of(number);
    for (const path of [`/S/${code}`, `/s/${code.toLowerCase()}`]) {
        const reply = await anybody.get(path);
        assert.equal(reply.status, 302);
        assert.equal(reply.headers.get('location'), `/t/${number}`);
    }
    const altered = code.slice(0, -1) + (code.endsWith('A') ? 'B' : 'A');
    assert.deepEqual(slug(await anybody.get(`/S/${altered}`)), [422, 'bad-signature']);
    assert.deepEqual(slug(await anybody.get('/S/nothing')), [422, 'bad-code']);
    assert.deepEqual(slug(await verify(altered)), [422, 'bad-signature']);
    assert.deepEqual(slug(await verify(number)), [422, 'bad-code']);
    assert.deepEqual(slug(await anybody.post('/v1/verify', { code })).slice(0, 1), [200]);
    assert.deepEqual(slug(await anybody.post('/v1/verify', {})), [422, 'invalid-fields']);
});

test('copies are counted by print, never by looking; a reprint has a reason', async () => {
    const number = await filed();
    await label(number);
    await label(number, 'pdf');
    const first = await print([number]);
    assert.equal(first.status, 200, show(first));
    assert.equal(first.body.labels[0].copy, 1);
    assert.equal(first.body.labels[0].links.pdf, `/v1/labels/${number}.pdf?template=shipment`);
    const code = await code_of(number);
    const refused = await print([number]);
    assert.deepEqual(slug(refused), [422, 'invalid-fields']);
    assert.equal(refused.body.errors[0].pointer, '/reprint_reason');
    const second = await print([number], { reprint_reason: 'Nhãn bị rách', template: 'shipment-a6' });
    assert.equal(second.body.labels[0].copy, 2, show(second));
    assert.equal((await clerk.get(second.body.labels[0].links.pdf)).status, 200);
    assert.match(text_of((await label(number, 'pdf')).body), /IN LẠI \(2\)/);
    assert.equal((await verify(await code_of(number))).body.copy, 2);
    assert.equal((await verify(code)).body.superseded, true);
});

test('the same print sent again allocates nothing', async () => {
    const number = await filed(), headers = { 'idempotency-key': uuid7() };
    const first = await print([number], {}, headers), again = await print([number], {}, headers);
    assert.deepEqual(again.body, first.body);
    assert.equal(again.body.labels[0].copy, 1);
    assert.deepEqual(slug(await print([number], { reprint_reason: 'x' }, headers)),
        [422, 'id-reused']);
});

test('a key that is no key is refused', async () => {
    const number = await filed();
    for (const key of ['\xff', 'two words', 'x'.repeat(65)])
        assert.deepEqual(slug(await print([number], {}, { 'idempotency-key': key })),
            [400, 'bad-request'], JSON.stringify(key));
});

test('an unknown number among others: the rest is printed, in the order asked', async () => {
    const numbers = [await filed(), 'RR473124829VN', await filed()];
    const { status, body } = await print(numbers);
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(body.labels.map((one) => one.number), numbers);
    assert.deepEqual(body.labels.map((one) => one.copy ?? one.problem),
        [1, '/problems/not-found', 1]);
    assert.deepEqual(slug(await print(['RR473124828VN'])), [422, 'bad-check-digit']);
    assert.deepEqual(slug(await print(['JR473124829VN'])), [422, 'invalid-fields']);
    assert.deepEqual(slug(await print([])), [422, 'invalid-fields']);
});

test('every number that is none is named where it stands, in both languages', async () => {
    const numbers = ['RR473124829VN', 'không phải số', 'RR473124828VN'];
    const said = await Promise.all(['vi', 'en'].map((language) =>
        print(numbers, {}, { 'accept-language': language })));
    for (const reply of said) {
        assert.deepEqual(slug(reply), [422, 'invalid-fields']);
        assert.deepEqual(reply.body.errors.map((one) => [one.pointer, one.code]),
            [['/numbers/1', 'format'], ['/numbers/2', 'check_digit']]);
    }
    const [vi, en] = said.map((reply) => [reply.body, ...reply.body.errors].map((one) => one.detail));
    assert.ok([...vi, ...en].every((text) => text.endsWith('.')), JSON.stringify([vi, en]));
    assert.ok(vi.every((text, i) => text !== en[i]), JSON.stringify([vi, en]));
});

test('only who may see the shipment gets its label; unknown and foreign answer alike', async () => {
    const number = await filed();
    const path = `/v1/labels/${number}.png`;
    assert.equal((await anybody.get(path)).status, 401);
    assert.equal((await (await shared.login('applicant')).get(path)).status, 403);
    const other = await shared.login('clerk2');
    const foreign = await other.get(path), unknown = await other.get('/v1/labels/RR473124829VN.png');
    assert.deepEqual(slug(foreign), [404, 'not-found']);
    assert.deepEqual(slug(unknown), [404, 'not-found']);
    assert.equal((await (await shared.login('officer')).get(path)).status, 200);
});

test('what is wrong in the request is named', async () => {
    const number = await filed();
    for (const [path, wanted] of [['RR473124828VN.png', [422, 'bad-check-digit']],
        [`${number}.gif`, [404, 'not-found']], [number, [404, 'not-found']],
        ['x.png', [404, 'not-found']], [`${number}.png?dpi=0`, [422, 'invalid-fields']],
        [`${number}.png?dpi=200`, [422, 'invalid-fields']],
        [`${number}.png?template=nothing`, [422, 'invalid-fields']],
        [`${number}.png?colour=red`, [422, 'invalid-fields']],
        [`${number}.escpos?template=shipment-a6`, [422, 'invalid-fields']],
        ['JR473124829VN.png', [404, 'not-found']]]) {
        const [vi, en] = await Promise.all(['vi', 'en'].map((language) =>
            clerk.get(`/v1/labels/${path}`, { headers: { 'accept-language': language } })));
        assert.deepEqual([slug(vi), slug(en)], [wanted, wanted], path);
        assert.notEqual(vi.body.title, en.body.title, path);
        assert.notEqual(vi.body.detail, en.body.detail, path);
    }
});

test('neither procedure nor telephone nor anything secret is on the label', async () => {
    const number = await filed({ id_number: '046123456789' });
    const text = text_of((await label(number, 'pdf')).body);
    assert.ok(text.includes('Nguyễn Thị Ánh Nguyệt') && text.includes('25 Phan Bội Châu'), text);
    assert.ok(text.includes('*** *** 789'));
    assert.doesNotMatch(text, /hôn nhân|1\.004873|Tờ khai/);
    assert.doesNotMatch(text.replace(/\s/g, ''), /0912345|046123456789/);
});
