// Labels asked for together over HTTP: one stream, drawn as the client takes it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { of_png, of_zpl } from './dots.mjs';
import { discard, own_service, show, sleep, until, uuid7 } from './service.mjs';

const UNKNOWN = 'RR473124829VN';
const folder = mkdtempSync(join(tmpdir(), 'dossierpost-batch-'));
let own, clerk, other, numbers, foreign;

before(async () => {
    // A sanitizer keeps what was freed for a while; here it is not to be counted.
    own = await own_service({ env: { ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:` +
        'quarantine_size_mb=1:thread_local_quarantine_size_kb=16' } });
    clerk = await own.login('clerk');
    other = await own.login('clerk2');
    numbers = [];
    for (let i = 0; i < 12; i++) numbers.push(await filed(clerk, '46-A1', `Người gửi ${i}`));
    foreign = await filed(other, '46-A2', 'Người khác');
});
after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await discard(own);
});

async function filed(client, agency, name) {
    const reply = await client.post('/v1/dossiers', {
        id: uuid7(), procedure: '1.004873', agency, service: 'both',
        applicant: { kind: 'citizen', name, phone: '0912345789',
                     address: { line: '25 Phan Bội Châu', commune: '19789' } },
        documents: [{ name: 'Tờ khai', originals: 1, copies: 0 }],
        weight_g: 80, result_to: { kind: 'address' },
    });
    assert.equal(reply.status, 201, show(reply));
    return reply.body.shipments[0].number;
}

const ask = (list, more = {}, options = {}) =>
    clerk.post('/v1/labels/batch', { numbers: list, ...more }, options);
async function made(list, more = {}) {
    const reply = await ask(list, more);
    assert.equal(reply.status, 201, show(reply));
    return reply.body;
}
const slug = (reply) => [reply.status, String(reply.body?.type).split('/').at(-1)];
const progress = async (batch) => (await clerk.get(batch.links.self)).body;
const times = (count) => Array.from({ length: count }, (_, i) => numbers[i % numbers.length]);
const shown = (number) => number.replace(/^(..)(.{8})(.)(..)$/, '$1 $2 $3 $4');

function tool(name, bytes, ...args) {
    const path = join(folder, 'batch.pdf');
    writeFileSync(path, bytes);
    return execFileSync(name, args.map((arg) => (arg === '%' ? path : arg)), { encoding: 'utf8' });
}

// A reply whose bytes are taken only when asked for.
function opened(path) {
    return new Promise((done, failed) => {
        const call = request(own.url + path, { headers: { cookie: clerk.cookie } }, (reply) => {
            reply.pause();
            done({ reply, leave: () => call.destroy() });
        });
        call.on('error', failed).end();
    });
}

test('one PDF, in the order asked; what cannot be drawn is named, the rest is drawn', async () => {
    const asked = [numbers[3], UNKNOWN, shown(numbers[1]), foreign, numbers[0].replace(/.VN$/, 'xVN'),
        'RR473124828VN', numbers[0]];
    const batch = await made(asked), wanted = [numbers[3], numbers[1], numbers[0]];
    assert.equal(batch.total, 3);
    const problem_of = Object.fromEntries(batch.problems.map((one) => [one.number, one.problem]));
    assert.deepEqual(problem_of, { [UNKNOWN]: '/problems/not-found', [foreign]: '/problems/not-found',
        [asked[4]]: '/problems/not-found', RR473124828VN: '/problems/bad-check-digit' });
    assert.deepEqual(batch.links, { self: `/v1/labels/batches/${batch.id}`,
        labels: `/v1/labels/batches/${batch.id}.pdf` });
    const reply = await clerk.get(batch.links.labels);
    assert.equal(reply.status, 200, show(reply));
    assert.equal(reply.headers.get('content-type'), 'application/pdf');
    assert.equal(reply.headers.get('transfer-encoding'), 'chunked');
    assert.equal(reply.headers.get('cache-control'), 'no-store');
    assert.match(tool('qpdf', reply.body, '--check', '%'), /No syntax or stream encoding errors found/);
    const text = tool('pdftotext', reply.body, '-layout', '%', '-');
    assert.deepEqual(text.match(/RR \d{8} \d VN/g), wanted.map(shown));
    assert.match(text, /Người gửi 3[^]*Người gửi 1[^]*Người gửi 0/);
    const { state, drawn, total, problems } = await progress(batch);
    assert.deepEqual([state, drawn, total, problems.length], ['drawn', 3, 3, 4]);
});

test('sheets of four are full, but for the last', async () => {
    const batch = await made(times(101), { template: 'shipment-a4' });
    const { body } = await clerk.get(batch.links.labels);
    assert.match(tool('pdfinfo', body, '%'), /Pages: +26\n/);
    assert.equal(tool('pdftotext', body, '-layout', '%', '-').match(/RR \d{8} \d VN/g).length, 101);
});

test('drawing a batch counts no copies', async () => {
    const batch = await made([numbers[5]]);
    assert.equal((await clerk.get(batch.links.labels)).status, 200);
    const printed = await clerk.post('/v1/labels/print', { numbers: [numbers[5]] });
    assert.equal(printed.body.labels?.[0].copy, 1, show(printed));
});

test('for printers it is what each label is alone, one after the other', async () => {
    const batch = await made(numbers.slice(0, 3), { format: 'zpl', dpi: 300, template: 'sticker' });
    const { body } = await clerk.get(batch.links.labels);
    const wanted = [];
    for (const number of numbers.slice(0, 3))
        wanted.push(of_png((await clerk.get(`/v1/labels/${number}.png?template=sticker&dpi=300`)).body));
    const parts = body.toString('latin1').split(/(?<=\^XZ\n)/);
    assert.deepEqual(parts.map((one) => of_zpl(Buffer.from(one, 'latin1'))), wanted);
});

test('only its maker sees it, in its own format, and only while it is one', async () => {
    const batch = await made([numbers[0]]);
    for (const path of [batch.links.self, batch.links.labels])
        assert.deepEqual(slug(await other.get(path)), [404, 'not-found']);
    assert.equal((await own.anybody().get(batch.links.labels)).status, 401);
    for (const path of [`${batch.links.self}.zpl`, `/v1/labels/batches/${uuid7()}.pdf`,
        `/v1/labels/batches/${uuid7()}`, '/v1/labels/batches/x.pdf'])
        assert.deepEqual(slug(await clerk.get(path)), [404, 'not-found'], path);
});

test('what is wrong in the request is named', async () => {
    for (const [list, more, wanted] of [[[], {}, [422, 'invalid-fields']],
        [times(10001), {}, [422, 'invalid-fields']], [[UNKNOWN, foreign], {}, [404, 'not-found']],
        [numbers, { format: 'png' }, [422, 'invalid-fields']], [numbers, { dpi: 0 }, [422, 'invalid-fields']],
        [numbers, { dpi: 204 }, [422, 'invalid-fields']],
        [numbers, { template: 'nothing' }, [422, 'invalid-fields']],
        [numbers, { template: 'shipment-a6', format: 'escpos' }, [422, 'invalid-fields']]])
        assert.deepEqual(slug(await ask(list, more)), wanted, JSON.stringify(more));
});

test('the same request sent again is the same batch', async () => {
    const headers = { 'idempotency-key': uuid7() };
    const first = await ask(numbers, {}, { headers }), again = await ask(numbers, {}, { headers });
    assert.equal(first.status, 201, show(first));
    assert.deepEqual(again.body, first.body);
});

const memory = () => {
    const status = readFileSync(`/proc/${own.child.pid}/status`, 'utf8');
    return { now: Number(/VmRSS:\s+(\d+)/.exec(status)[1]), peak: Number(/VmHWM:\s+(\d+)/.exec(status)[1]) };
};

// 120 KB a label: far more than what the sockets between hold.
test('a slow client slows the drawing; memory stays', { timeout: 120000 }, async () => {
    const few = await made(times(200), { format: 'tspl' });
    assert.equal((await clerk.get(few.links.labels)).status, 200);
    const before_it = memory(), batch = await made(times(800), { format: 'tspl' });
    const { reply } = await opened(batch.links.labels);
    const stalled = await until('the drawing to wait', async () => {
        const first = await progress(batch);
        await sleep(700);
        const { drawn, state } = await progress(batch);
        return state === 'drawing' && drawn > 0 && drawn === first.drawn && drawn;
    });
    assert.ok(stalled < 500, `${stalled} of 800 drawn and nobody reads`);
    let bytes = 0;
    reply.on('data', (part) => { bytes += part.length; });
    reply.resume();
    await new Promise((done) => { reply.on('end', done); });
    assert.ok(bytes > 800 * 120000, `${bytes} bytes`);
    assert.deepEqual(await progress(batch).then(({ state, drawn }) => [state, drawn]), ['drawn', 800]);
    const then = memory();
    assert.ok(then.peak <= 1.2 * before_it.peak, JSON.stringify({ before_it, then }));
});

test('a client that leaves ends the drawing', async () => {
    const batch = await made(times(3000), { format: 'tspl' });
    const { leave } = await opened(batch.links.labels);
    await sleep(300);
    leave();
    const ended = await until('the drawing to end', async () => {
        const now = await progress(batch);
        return now.state === 'stopped' && now;
    });
    assert.ok(ended.drawn < 1000, `${ended.drawn} of 3000`);
    assert.equal((await clerk.get(`/v1/labels/${numbers[0]}.png`)).status, 200);
    // It can be drawn again, from its beginning.
    const { reply, leave: leave_again } = await opened(batch.links.labels);
    assert.equal(reply.statusCode, 200);
    leave_again();
    await until('the second drawing to end', async () => (await progress(batch)).state === 'stopped');
});

test('six times as many labels in one PDF need the same memory', { timeout: 120000 }, async () => {
    const few = await made(times(200)), many = await made(times(1200));
    const first = await clerk.get(few.links.labels), before_it = memory();
    const { body } = await clerk.get(many.links.labels, { timeout: 60000 }), then = memory();
    assert.equal(first.status, 200);
    assert.match(tool('pdfinfo', body, '%'), /Pages: +1200/);
    assert.ok(then.peak <= 1.2 * before_it.peak, JSON.stringify({ before_it, then }));
});
