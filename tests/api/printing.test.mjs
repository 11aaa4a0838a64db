// Printing: jobs on a real IPP printer and on port 9100, what goes wrong with them, and that nothing
// of it holds up anybody else.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { codes_in } from './drawn.mjs';
import { of_escpos, of_png, of_tspl, of_zpl } from './dots.mjs';
import { free_port, hung_printer, IppPrinter, RawPrinter } from './printers.mjs';
import { service, show, sleep, until, uuid7 } from './service.mjs';
import { intake, ok } from './walk.mjs';

const folder = mkdtempSync(join(tmpdir(), 'dossierpost-printing-'));
let shared, clerk, boss, admin, other, ipp;
before(async () => {
    shared = await service();
    [clerk, boss, admin, other] = await Promise.all(['clerk', 'supervisor', 'admin', 'clerk2'].map((one) => shared.login(one)));
    ipp = new IppPrinter();
    await ipp.start();
});
after(async () => {
    await ipp?.stop();
    rmSync(folder, { recursive: true, force: true });
    await shared.stop();
});

const slug = (reply) => [reply.status, String(reply.body?.type).split('/').at(-1)];
const filed = async () => (await intake(clerk)).number;

// A PDF at the printer's own resolution, dot for dot.
function dots_of(pdf, dpi = 203) {
    const path = join(folder, 'label.pdf');
    writeFileSync(path, pdf);
    execFileSync('pdftoppm', ['-r', String(dpi === 203 ? 203.2 : dpi), '-mono', '-singlefile', path, join(folder, 'label')]);
    return join(folder, 'label.pbm');
}

const numbers_of = (documents) => documents.map((pdf) => codes_in(dots_of(pdf)).find((one) => one.startsWith('CODE-128:')).slice(9));

let made = 0;
const printer_body = (uri, more = {}) => ({ name: `Máy in ${++made}`, uri, language: 'pdf', dpi: 203, template: 'shipment', ...more });
const printer = async (uri, more) => ok(await boss.post('/v1/printers',
    { id: uuid7(), unit: '46-B1', ...printer_body(uri, more) }), 201);
const print = (numbers, on, more = {}, headers = {}) =>
    clerk.post('/v1/labels/print', { numbers, printer: on.id, ...more }, { headers });
const job = async (id) => ok(await clerk.get(`/v1/labels/jobs/${id}`));
const reaches = (id, state, more = () => true, timeout = 20000) => until(`job ${state}`, async () => {
    const now = await job(id);
    return now.state === state && more(now) && now;
}, { timeout, every: 100 });

test('labels come out of a real IPP printer, one after another, and scan', async () => {
    ipp.mode('');
    const on = await printer(ipp.uri), numbers = [await filed(), await filed(), await filed()];
    const from = ipp.printed().length;
    const reply = ok(await print(numbers, on));
    assert.deepEqual(reply.labels.map((one) => one.copy), [1, 1, 1]);
    assert.equal(reply.job.link, `/v1/labels/jobs/${reply.job.id}`);
    assert.equal(reply.job.printer, on.id);
    const done = await reaches(reply.job.id, 'printed');
    assert.deepEqual([done.total, done.done, done.state_vi], [3, 3, 'Đã in']);
    assert.deepEqual(numbers_of(ipp.printed().slice(from)), numbers);
});

test('over TLS too', async () => {
    ipp.mode('');
    const on = await printer(ipp.uri.replace('ipp:', 'ipps:')), number = await filed(), from = ipp.printed().length;
    await reaches(ok(await print([number], on)).job.id, 'printed');
    assert.deepEqual(numbers_of(ipp.printed().slice(from)), [number]);
    assert.equal(ok(await clerk.get(`/v1/printers/${on.id}/state`)).reachable, true);
});

test('port 9100 gets each document whole', async () => {
    const raw = await new RawPrinter().start(), on = await printer(raw.uri, { language: 'png' });
    const numbers = [await filed(), await filed()];
    const { job: { id } } = ok(await print(numbers, on));
    await reaches(id, 'printed');
    const seen = raw.printed.map((png, i) => {
        writeFileSync(join(folder, `${i}.png`), png);
        return codes_in(join(folder, `${i}.png`)).find((one) => one.startsWith('CODE-128:')).slice(9);
    });
    assert.deepEqual(seen, numbers);
    await raw.stop();
});

test('label printers get their own language, on port 9100 and through a queue', async () => {
    ipp.mode('');
    const raw = await new RawPrinter().start();
    const read = { zpl: of_zpl, tspl: (file) => of_tspl(file, 203), escpos: (file) => of_escpos(file, 800) };
    for (const language of Object.keys(read)) {
        for (const uri of language === 'zpl' ? [raw.uri, ipp.uri] : [raw.uri]) {
            const on = await printer(uri, { language }), number = await filed();
            await reaches(ok(await print([number], on)).job.id, 'printed');
            const sent = uri === raw.uri ? raw.printed.at(-1) : ipp.printed().at(-1);
            const png = (await clerk.get(`/v1/labels/${number}.png`)).body;
            assert.deepEqual(read[language](sent), of_png(png), `${language} on ${uri}`);
        }
    }
    // This one looks into what is not described to it, and does not know it.
    const blind = await printer(ipp.uri, { language: 'escpos' });
    assert.equal((await reaches(ok(await print([await filed()], blind)).job.id, 'failed')).trouble.code, 'format');
    const a6 = await boss.post('/v1/printers', { id: uuid7(), unit: '46-B1', ...printer_body(raw.uri, { language: 'escpos', template: 'shipment-a6' }) });
    assert.equal(a6.body.errors[0].pointer, '/template', 'too wide for such paper');
    await raw.stop();
});

test('a printer that is off is tried again, later each time; by hand at once', async () => {
    const port = await free_port(), on = await printer(`socket://127.0.0.1:${port}`), number = await filed();
    const { job: { id } } = ok(await print([number], on));
    const waits = await reaches(id, 'waiting', (now) => now.tries === 1);
    assert.equal(waits.trouble.code, 'unreachable');
    assert.match(waits.trouble.name, /máy in/);
    const wait = new Date(waits.next_at) - Date.now();
    assert.ok(wait > 2000 && wait <= 5100, `${wait} ms`);
    const again = await reaches(id, 'waiting', (now) => now.tries === 2);
    assert.ok(new Date(again.next_at) - new Date(again.changed_at) > 9000, 'twice as long');
    const raw = await new RawPrinter().start(port);
    ok(await clerk.post(`/v1/labels/jobs/${id}/retry`, {}));
    const done = await reaches(id, 'printed', undefined, 3000);
    assert.deepEqual(done.copies, [1], 'nothing was out: the same copy');
    assert.equal(raw.printed.length, 1);
    await raw.stop();
});

test('jobs of one printer keep their order; a second waits for the first', async () => {
    const port = await free_port(), on = await printer(`socket://127.0.0.1:${port}`, { language: 'png', template: 'sticker' });
    const numbers = [await filed(), await filed(), await filed()], ids = [];
    for (const one of numbers) ids.push(ok(await print([one], on)).job.id);
    await reaches(ids[0], 'waiting', (now) => now.tries === 1);
    assert.deepEqual((await job(ids[2])).tries, 0, 'nobody overtakes');
    const raw = await new RawPrinter().start(port);
    ok(await clerk.post(`/v1/labels/jobs/${ids[0]}/retry`, {}));
    await reaches(ids[2], 'printed');
    const seen = raw.printed.map((png) => {
        writeFileSync(join(folder, 'sticker.png'), png);
        return codes_in(join(folder, 'sticker.png'))[0].split('/').at(-1);
    });
    assert.deepEqual(seen, numbers);
    const list = ok(await clerk.get(`/v1/labels/jobs?printer=${on.id}&limit=2`));
    assert.deepEqual(list.items.map((one) => one.id), [ids[2], ids[1]]);
    const rest = ok(await clerk.get(`/v1/labels/jobs?printer=${on.id}&limit=2&next=${list.next}`));
    assert.deepEqual([rest.items.map((one) => one.id), rest.next], [[ids[0]], null]);
    await raw.stop();
});

test('cut after half of the bytes it is uncertain; to print again makes the next copy', async () => {
    let cut = 1;
    const raw = await new RawPrinter((socket, length) => cut && length > 3000 && cut-- && socket.resetAndDestroy()).start();
    const on = await printer(raw.uri), numbers = [await filed(), await filed()];
    const { job: { id } } = ok(await print(numbers, on));
    const doubt = await reaches(id, 'uncertain');
    assert.equal(doubt.trouble.code, 'cut');
    assert.equal(doubt.done, 0);
    assert.deepEqual(doubt.again, [numbers[0]], 'the one that may be out');
    await sleep(1500);
    assert.equal(raw.printed.length, 0, 'nobody prints it again by himself');
    const after_it = ok(await print([await filed()], on)).job.id;
    await reaches(after_it, 'printed');
    const retried = ok(await clerk.post(`/v1/labels/jobs/${id}/retry`, { reason: 'Cáp máy in bị rút' }));
    assert.deepEqual(retried.copies, [2, 1]);
    await reaches(id, 'printed');
    assert.deepEqual(numbers_of(raw.printed.slice(1)), numbers);
    assert.deepEqual(slug(await clerk.post(`/v1/labels/jobs/${id}/retry`, {})), [409, 'conflict']);
    await raw.stop();
});

test('four to a sheet; a sheet in doubt makes new copies of all that are on it', async () => {
    let cut = 0;
    const raw = await new RawPrinter((socket, length) => cut && length > 3000 && cut-- && socket.resetAndDestroy()).start();
    const on = await printer(raw.uri, { template: 'shipment-a4' });
    const numbers = await Promise.all(Array.from({ length: 7 }, filed));
    const on_sheets = () => raw.printed.map((pdf) => codes_in(dots_of(pdf)).filter((one) => one.startsWith('CODE-128:'))
        .map((one) => one.slice(9)));
    const first = ok(await print(numbers, on)).job.id;
    assert.equal((await reaches(first, 'printed')).done, 7);
    assert.deepEqual(on_sheets(), [numbers.slice(0, 4).sort(), numbers.slice(4).sort()]);

    cut = 1;
    raw.printed.length = 0;
    const { job: { id } } = ok(await print(numbers, on, { reprint_reason: 'In lại cả tờ' }));
    assert.deepEqual((await reaches(id, 'uncertain')).again, numbers.slice(0, 4));
    ok(await clerk.post('/v1/labels/print', { numbers: [numbers[1]], reprint_reason: 'Đã in nơi khác' }));
    const retried = ok(await clerk.post(`/v1/labels/jobs/${id}/retry`, {}));
    assert.deepEqual(retried.copies, [3, 2, 3, 3, 2, 2, 2], 'of one there is a later copy already');
    await reaches(id, 'printed');
    // What else was printed meanwhile is left out, and its place taken by the next.
    assert.deepEqual(on_sheets(), [[0, 2, 3, 4].map((i) => numbers[i]).sort(), numbers.slice(5).sort()]);
    await raw.stop();
});

test('a slow printer gets its time', async () => {
    const slow = await new RawPrinter((socket) => {
        socket.pause();
        setTimeout(() => socket.resume(), 300);
    }).start();
    ipp.mode('slow 3');
    const one = await printer(slow.uri), two = await printer(ipp.uri);
    const first = ok(await print([await filed()], one)).job.id, second = ok(await print([await filed()], two)).job.id;
    await reaches(first, 'printed');
    assert.equal((await reaches(second, 'sending')).done, 0);
    await reaches(second, 'printed');
    ipp.mode('');
    await slow.stop();
});

test('out of paper is said in words, and printing goes on when there is some', async () => {
    ipp.mode('paper');
    const on = await printer(ipp.uri), number = await filed(), from = ipp.printed().length;
    const { job: { id } } = ok(await print([number], on));
    const waits = await reaches(id, 'sending', (now) => now.trouble?.code === 'media-empty');
    assert.deepEqual([waits.trouble.name, waits.trouble.name_en], ['Hết giấy', 'Out of paper']);
    const state = ok(await clerk.get(`/v1/printers/${on.id}/state`));
    assert.equal(state.reachable, true);
    assert.ok(state.reasons.some((one) => one.name === 'Hết giấy'), show({ body: state }));
    ipp.mode('');
    await reaches(id, 'printed');
    assert.deepEqual(numbers_of(ipp.printed().slice(from)), [number]);
});

test('cancelled: what waits at once, what a printer has at the printer', async () => {
    ipp.mode('paper');
    const on = await printer(ipp.uri), from = ipp.printed().length;
    const held = ok(await print([await filed()], on)).job.id, waits = ok(await print([await filed()], on)).job.id;
    await reaches(held, 'sending', (now) => now.trouble?.code === 'media-empty');
    assert.equal(ok(await clerk.post(`/v1/labels/jobs/${waits}/cancel`)).state, 'cancelled');
    assert.equal(ok(await clerk.post(`/v1/labels/jobs/${held}/cancel`)).cancel, true);
    await sleep(1000);
    ipp.mode('');
    const end = await until('the end', async () => { const now = await job(held); return now.state !== 'sending' && now; });
    assert.ok(['cancelled', 'printed'].includes(end.state), end.state);
    assert.equal(ipp.printed().length - from <= 1, true);
    assert.deepEqual(slug(await other.post(`/v1/labels/jobs/${held}/cancel`)), [404, 'not-found']);
});

test('a job that the printer gives up has failed', async () => {
    ipp.mode('fail');
    const on = await printer(ipp.uri), number = await filed();
    const { job: { id } } = ok(await print([number], on));
    const failed = await reaches(id, 'failed');
    assert.equal(failed.trouble.code, 'aborted');
    ipp.mode('');
    assert.deepEqual(ok(await clerk.post(`/v1/labels/jobs/${id}/retry`, {})).copies, [2]);
    await reaches(id, 'printed');
});

test('the printer is killed while it prints: nobody knows, and nobody prints it twice', async () => {
    ipp.mode('slow 30');
    const on = await printer(ipp.uri), number = await filed(), from = ipp.printed().length;
    const { job: { id } } = ok(await print([number], on));
    await reaches(id, 'sending');
    await until('the document at the printer', () => ipp.text.includes('Send-Document') || ipp.text.includes('SEND'), { timeout: 5000 })
        .catch(() => {});
    await sleep(1500);
    await ipp.power_off();
    await reaches(id, 'sending', (now) => now.trouble?.code === 'unreachable');
    ipp.mode('');
    await ipp.power_on();
    const doubt = await reaches(id, 'uncertain');
    assert.equal(doubt.trouble.code, 'forgotten');
    assert.equal(ipp.printed().length, from);
    ok(await clerk.post(`/v1/labels/jobs/${id}/retry`, {}));
    await reaches(id, 'printed');
    assert.deepEqual(numbers_of(ipp.printed().slice(from)), [number]);
});

test('what is no printer, or does not speak the language, is said at once', async () => {
    const web = await printer(shared.url.replace('http:', 'ipp:') + '/nothing'), wrong = await printer(ipp.uri.replace('/ipp/print', '/ipp/other'));
    for (const [on, code] of [[web, 'not-found'], [wrong, 'not-found']]) {
        const { job: { id } } = ok(await print([await filed()], on));
        assert.equal((await reaches(id, 'failed')).trouble.code, code);
    }
});

test('ten printers hang and nobody else waits', async () => {
    const hung = await Promise.all(Array.from({ length: 10 }, hung_printer));
    const numbers = await Promise.all(Array.from({ length: 10 }, filed));
    const ids = [];
    for (const [i, one] of hung.entries()) {
        const on = await printer(i % 2 ? one.uri : one.uri.replace('socket:', 'ipp:'));
        ids.push(ok(await print([numbers[i]], on)).job.id);
    }
    await until('all in hand', async () => hung.every((one) => one.calls > 0));
    ipp.mode('');
    const on = await printer(ipp.uri), good = ok(await print([await filed()], on)).job.id;
    const times = [];
    for (let i = 0; i < 20; i++) {
        const began = performance.now();
        assert.equal((await shared.anybody().get('/healthz')).status, 200);
        assert.equal((await clerk.scan('accept', numbers[i % 10], {})).outcome !== undefined, true);
        times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    assert.ok(times[18] < 500, `healthz and a scan took ${times.map((t) => Math.round(t))} ms`);
    await reaches(good, 'printed');
    const one = await job(ids[1]);
    assert.ok(['sending', 'waiting', 'uncertain'].includes(one.state));
    await Promise.all(hung.map((printer_there) => printer_there.stop()));
});

test('printers are made and changed by who rules the unit, used by its staff, seen by no one else', async () => {
    const body = { id: uuid7(), unit: '46-B1', ...printer_body('ipp://127.0.0.1:9/ipp/print') };
    assert.deepEqual(slug(await clerk.post('/v1/printers', body)), [403, 'forbidden']);
    const first = ok(await admin.post('/v1/printers', body), 201);
    assert.deepEqual(ok(await admin.post('/v1/printers', body), 201), first, 'the same id makes no other');
    const twice = await boss.post('/v1/printers', { ...body, id: uuid7() });
    assert.equal(twice.body.errors[0].pointer, '/name');
    for (const [uri, pointer] of [['http://127.0.0.1/', '/uri'], ['ipp://user:secret@127.0.0.1/ipp', '/uri'],
        ['socket://127.0.0.1:99999', '/uri'], ['socket://127.0.0.1/x', '/uri'], ['ipp://127.0.0.1/a?b', '/uri'],
        ['file:///etc/passwd', '/uri'], ['ipp://-x/', '/uri'], ['ipp://[::zz]/', '/uri']]) {
        const reply = await boss.post('/v1/printers', { ...body, id: uuid7(), name: 'Khác', uri });
        assert.equal(reply.status, 422, uri);
        assert.ok(reply.body.errors.some((one) => one.pointer === pointer), show(reply));
    }
    const listed = ok(await clerk.get('/v1/printers')).items.find((one) => one.id === first.id);
    assert.equal(listed.uri, undefined, 'where it is is for those who rule');
    assert.equal(ok(await boss.get('/v1/printers?unit=46-B1')).items.find((one) => one.id === first.id).uri, body.uri);
    assert.deepEqual(slug(await other.get('/v1/printers?unit=46-B1')), [403, 'forbidden']);
    assert.deepEqual(slug(await other.get(`/v1/printers/${first.id}/state`)), [404, 'not-found']);
    assert.deepEqual(slug(await other.post('/v1/labels/print', { numbers: [await filed()], printer: first.id })), [422, 'invalid-fields']);

    const state = ok(await clerk.get(`/v1/printers/${first.id}/state`));
    assert.deepEqual([state.state, state.reachable, state.reasons[0].code], ['unreachable', false, 'unreachable']);
    const waiting = ok(await print([await filed()], first)).job.id;
    const change = { ...printer_body(body.uri), name: first.name, active: false, version: first.version };
    const put = (to) => boss.send('PUT', `/v1/printers/${first.id}`, { body: to });
    assert.equal(ok(await put(change)).active, false);
    assert.deepEqual(slug(await put(change)), [412, 'precondition-failed']);
    assert.equal((await reaches(waiting, 'cancelled')).state, 'cancelled');
    assert.equal((await print([await filed()], first)).body.errors[0].pointer, '/printer');
    assert.ok(!ok(await clerk.get('/v1/printers')).items.some((one) => one.id === first.id));
});

test('print is one write: its key gives the same job; an unknown number does not stop the rest', async () => {
    const raw = await new RawPrinter().start(), on = await printer(raw.uri);
    const number = await filed(), headers = { 'idempotency-key': uuid7() };
    const first = ok(await print([number, 'RR999999987VN'], on, {}, headers));
    const again = ok(await print([number, 'RR999999987VN'], on, {}, headers));
    assert.equal(again.job.id, first.job.id);
    assert.deepEqual(first.labels.map((one) => one.copy ?? one.problem), [1, '/problems/not-found']);
    assert.deepEqual((await reaches(first.job.id, 'printed')).numbers, [number]);
    assert.equal(raw.printed.length, 1);
    const refused = await print([number], on);
    assert.equal(refused.body.errors[0].pointer, '/reprint_reason');
    assert.equal(ok(await print(['RR999999987VN'], on)).job, undefined);
    await raw.stop();
});

test('a label of which there is a later copy is left out', async () => {
    const port = await free_port(), on = await printer(`socket://127.0.0.1:${port}`), number = await filed();
    const { job: { id } } = ok(await print([number], on));
    await reaches(id, 'waiting', (now) => now.tries === 1);
    ok(await clerk.post('/v1/labels/print', { numbers: [number], reprint_reason: 'In từ trình duyệt' }));
    const raw = await new RawPrinter().start(port);
    ok(await clerk.post(`/v1/labels/jobs/${id}/retry`, {}));
    await reaches(id, 'printed');
    assert.equal(raw.printed.length, 0);
    await raw.stop();
});

test('the test page shows what the printer can do, and reads back', async () => {
    const raw = await new RawPrinter().start();
    for (const [dpi, language, needed] of [[203, 'png', 3], [300, 'png', 4], [600, 'png', 8], [203, 'pdf', 3], [300, 'pdf', 4]]) {
        const on = await printer(raw.uri, { dpi, language });
        const made_job = ok(await clerk.post(`/v1/printers/${on.id}/test`), 201);
        assert.match(made_job.test_code, /^\d{8}$/);
        await reaches(made_job.id, 'printed');
        const path = join(folder, 'test.png');
        writeFileSync(path, raw.printed.at(-1));
        if (process.env.DOSSIERPOST_SHOTS)
            writeFileSync(join(process.env.DOSSIERPOST_SHOTS, `test-${dpi}.${language}`), raw.printed.at(-1));
        const codes = codes_in(language === 'pdf' ? dots_of(raw.printed.at(-1), dpi) : path).map((one) => one.split(':')[1]);
        for (const kind of ['Q', 'B'])
            assert.ok(codes.includes(`T${made_job.test_code}${kind}${needed}`), `${dpi} ${kind}: ${codes}`);
        const read = (code, more = {}) => clerk.post(`/v1/printers/${on.id}/test/scan`, { code, ...more });
        const qr = ok(await read(`T${made_job.test_code}Q${needed}`, { measured_tenths: 400 }));
        assert.deepEqual([qr.kind, qr.module, qr.needed, qr.good, qr.size.right],
            ['qr', needed, needed, { qr: true, code128: false }, true]);
        const bars = ok(await read(`T${made_job.test_code}B${needed}`, { measured_tenths: Math.round(400 * dpi / 300) }));
        assert.deepEqual(bars.good, { qr: true, code128: true });
        assert.deepEqual(bars.read, { qr: [needed], code128: [needed] });
        assert.equal(bars.size.dpi, 300, 'what the printer would have to be');
        assert.deepEqual(slug(await read(`T${made_job.test_code === '00000000' ? '1' : '0'.repeat(8)}Q1`)), [422, 'bad-code']);
    }
    const small = await printer(raw.uri, { language: 'png', template: 'sticker' });
    await reaches(ok(await clerk.post(`/v1/printers/${small.id}/test`), 201).id, 'printed');
    writeFileSync(join(folder, 'small.png'), raw.printed.at(-1));
    if (process.env.DOSSIERPOST_SHOTS) writeFileSync(join(process.env.DOSSIERPOST_SHOTS, 'test-small.png'), raw.printed.at(-1));
    assert.ok(codes_in(join(folder, 'small.png')).some((one) => /Q3$/.test(one)));
    await raw.stop();
});

test('the paper of a template, for a browser', async () => {
    const css = await clerk.get('/v1/labels/page.css?template=sticker');
    assert.match(css.headers.get('content-type'), /^text\/css/);
    assert.match(css.body, /@page\{size:50mm 30mm;margin:0\}/);
    assert.match((await clerk.get('/v1/labels/page.css')).body, /@page\{size:100mm 150mm;/);
    assert.equal((await clerk.get('/v1/labels/page.css?template=none')).status, 404);
});
