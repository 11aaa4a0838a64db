// Labels by the thousand from the command line: one stream, in the order of the file, in the memory
// of a few hundred.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { of_escpos, of_png, of_tspl, of_zpl } from './dots.mjs';
import { ROOT } from './service.mjs';

const BIN = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
const folder = mkdtempSync(join(tmpdir(), 'dossierpost-many-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const WEIGHTS = [8, 6, 4, 2, 3, 5, 9, 7];
function number_of(serial) {
    const digits = String(serial).padStart(8, '0');
    const sum = WEIGHTS.reduce((all, weight, i) => all + weight * digits[i], 0), check = 11 - sum % 11;
    return `RR${digits}${check === 10 ? 0 : check === 11 ? 5 : check}VN`;
}
const shown = (number) => number.replace(/^(..)(.{8})(.)(..)$/, '$1 $2 $3 $4');

const facts = (i) => ({
    number: number_of(20000000 + i), leg: 'outward', office: 11, printed_at: '2026-11-23T09:15:00+07:00',
    origin: { code: '46-B1', name: 'Bưu cục Thuận Hoá' },
    sender: { name: `Nguyễn Thị Ánh Nguyệt ${i}`, address: `Số ${i}, đường Phan Bội Châu, Huế` },
    recipient: { name: 'Bộ phận Một cửa phường Phú Xuân', address: '27 Lê Huân, thành phố Huế' },
    routing: { postcode: '49110', hub: 'Trung tâm Khai thác Huế', office: 'Bưu cục Thành Nội' },
});
const many = (count) => Array.from({ length: count }, (_, i) => facts(i));

function file(name, text) {
    writeFileSync(join(folder, name), typeof text === 'string' ? text : JSON.stringify(text));
    return join(folder, name);
}
const lines = (name, list) => file(name, list.map((one) => JSON.stringify(one)).join('\n') + '\n');

const OPTIONS = ['--state-dir', join(folder, 'state'), '--public-url', 'https://hoso.vn',
    '--log-level', 'error'];
function draw(input, name, ...options) {
    const out = join(folder, name);
    rmSync(out, { force: true });
    const { status, stderr } = spawnSync(BIN, ['label', input, ...OPTIONS, '--out', out, ...options],
        { encoding: 'utf8', timeout: 120000 });
    // A sanitizer that has no symbolizer says so.
    return { status, stderr: stderr.replace(/^==\d+==WARNING: .* symbolizer!\n/gm, ''), out };
}
function drawn(...call) {
    const { status, stderr, out } = draw(...call);
    assert.equal(status, 0, stderr);
    return out;
}

const run = (name, ...args) => execFileSync(name, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
const numbers_in = (pdf) => run('pdftotext', '-layout', pdf, '-').match(/RR \d{8} \d VN/g);

test('an array and one a line give the same pages, in their order, whatever the threads', () => {
    const list = many(230), wanted = list.map((one) => shown(one.number));
    const array = drawn(file('a.json', list), 'a.pdf', '--jobs', '3');
    const spaced = drawn(file('b.json', JSON.stringify(list, null, 2)), 'b.pdf', '--jobs', '1');
    assert.deepEqual(numbers_in(array), wanted);
    assert.deepEqual(numbers_in(spaced), wanted);
    assert.deepEqual(readFileSync(drawn(lines('c.jsonl', list), 'c.pdf')), readFileSync(array));
});

test('four strict readers find the joined PDF right', () => {
    const pdf = drawn(lines('r.jsonl', many(215)), 'r.pdf');
    assert.match(run('qpdf', '--check', pdf), /No syntax or stream encoding errors found/);
    assert.match(run('pdfinfo', pdf), /Pages: +215\n[^]*PDF version: +1\.4/);
    assert.match(run('mutool', 'info', pdf), /Pages: 215/);
    const fonts = run('pdffonts', pdf).trim().split('\n').slice(2);
    assert.ok(fonts.length > 0);
    for (const font of fonts) assert.match(font, /^[A-Z]{6}\+NotoSans.* yes +yes +yes/);
    for (const [page, i] of [[1, 0], [100, 99], [101, 100], [215, 214]]) {
        const stem = join(folder, `page-${page}`);
        run('pdftoppm', '-r', '203', '-png', '-singlefile', '-f', String(page), '-l', String(page), pdf, stem);
        const { stdout } = spawnSync('zbarimg', ['-q', '--nodbus', `${stem}.png`], { encoding: 'utf8' });
        assert.ok(stdout.includes(`CODE-128:${number_of(20000000 + i)}`), stdout);
    }
    // A page of the joined file is, dot for dot, the page drawn alone.
    const alone = drawn(file('alone.json', facts(100)), 'alone.pdf'), stem = join(folder, 'alone');
    run('pdftoppm', '-r', '203', '-png', '-singlefile', alone, stem);
    assert.deepEqual(readFileSync(`${stem}.png`), readFileSync(join(folder, 'page-101.png')));
});

test('four on a page; behind one that is wrong the others close up', () => {
    const list = many(122), good = list.map((one) => shown(one.number)).filter((_, i) => i !== 9);
    list[9] = { ...list[9], number: 'RR123456786VN' };
    const { status, out } = draw(lines('a4.jsonl', list), 'a4.pdf', '--template', 'shipment-a4');
    assert.equal(status, 1);
    // A part's last page alone lacks what was wrong in it.
    const on_page = run('pdftotext', '-layout', out, '-').split('\f').slice(0, -1)
        .map((text) => (text.match(/RR \d{8} \d VN/g) ?? []).length);
    assert.deepEqual(on_page, [...Array(24).fill(4), 3, ...Array(5).fill(4), 2]);
    assert.match(run('pdfinfo', out), /Pages: +31\n[^]*Page size: +595\.\d+ x 841\.\d+ pts \(A4\)/);
    assert.deepEqual(numbers_in(out).sort(), good.sort());
    assert.match(run('qpdf', '--check', out), /No syntax or stream encoding errors found/);
    const two = file('two.json', many(2));
    const own = draw(two, 'own.pdf', '--template', join(ROOT, 'labels/shipment-a4.svg'));
    assert.deepEqual([own.status, own.stderr], [0, '']);
    assert.deepEqual(readFileSync(own.out), readFileSync(drawn(two, 'a4.pdf', '--template', 'shipment-a4')));
});

test('for printers the labels come one after the other', () => {
    const list = many(3), input = file('p.json', list);
    const wanted = list.map((one, i) => of_png(readFileSync(drawn(file('one.json', one), `${i}.png`,
        '--format', 'png'))));
    const zpl = readFileSync(drawn(input, 'p.zpl', '--format', 'zpl'), 'latin1').split(/(?<=\^XZ\n)/);
    assert.deepEqual(zpl.map((one) => of_zpl(Buffer.from(one, 'latin1'))), wanted);
    const tspl = readFileSync(drawn(input, 'p.tspl', '--format', 'tspl'), 'latin1').split(/(?=SIZE \d)/);
    assert.deepEqual(tspl.map((one) => of_tspl(Buffer.from(one, 'latin1'), 203)), wanted);
    const roll = readFileSync(drawn(input, 'p.escpos', '--format', 'escpos'), 'latin1')
        .split(/(?<=\x1dVB\0)/);
    assert.deepEqual(roll.map((one) => of_escpos(Buffer.from(one, 'latin1'), 800)), wanted);
});

test('a label that is wrong is named; the rest is drawn', () => {
    const list = many(120), good = list.map((one) => shown(one.number));
    list[7] = { ...list[7], number: 'RR123456786VN' };
    list[110] = { ...list[110], leg: 'sideways' };
    const { status, stderr, out } = draw(lines('bad.jsonl', list), 'bad.pdf');
    assert.equal(status, 1);
    assert.match(stderr, /label 8, RR123456786VN: the number is not a valid S10 number/);
    assert.match(stderr, new RegExp(`label 111, ${list[110].number}: [^]*/leg: `));
    assert.equal(stderr.match(/dossierpost label:/g).length, 2);
    assert.deepEqual(numbers_in(out), good.filter((_, i) => i !== 7 && i !== 110));
    assert.match(run('qpdf', '--check', out), /No syntax or stream encoding errors found/);
});

test('a file that breaks off gives the labels before the break, and says so', () => {
    const text = JSON.stringify(many(5));
    for (const [name, broken] of [['cut', text.slice(0, -20)], ['comma', text.replace('},{"number"', '} {"number"')],
        ['more', `${text} x`]]) {
        const { status, stderr, out } = draw(file(`${name}.json`, broken), `${name}.pdf`);
        assert.equal(status, 1, name);
        assert.match(stderr, /from here on it is not JSON/, name);
        assert.equal(numbers_in(out).length, { cut: 4, comma: 1, more: 5 }[name], name);
    }
});

test('when nothing can be drawn there is no file', () => {
    for (const input of [[{ ...facts(1), number: 'RR123456786VN' }], '[]', '[1]', '']) {
        const { status, out } = draw(file('none.json', input), 'none.pdf');
        assert.equal(status, 1, JSON.stringify(input));
        assert.ok(!existsSync(out), JSON.stringify(input));
    }
});

test('what does not go into one stream, and odd numbers of threads, are refused', () => {
    const input = file('two.json', many(2));
    for (const format of ['png', 'svg'])
        assert.match(draw(input, 'two', '--format', format).stderr, /a file for each label/);
    for (const jobs of ['0', '-1', 'x', '65', ''])
        assert.equal(draw(input, 'two', '--jobs', jobs).status, 2, jobs);
});

test('progress is told when asked for', () => {
    const { stderr } = draw(file('t.json', many(250)), 't.pdf', '--progress');
    assert.match(stderr, /^\r100 labels\r200 labels\r250 labels\n$/);
    assert.equal(draw(file('t.json', many(2)), 't.pdf').stderr, '');
});

test('a disk that is full ends the drawing and leaves no half file', () => {
    const { status, stderr } = spawnSync(BIN, ['label', file('f.json', many(150)), ...OPTIONS],
        { encoding: 'utf8', stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'] });
    assert.equal(status, 1);
    assert.match(stderr, /No space left/);
});

// A file size limit is a disk that is full.
test('what cannot be written whole leaves what was there, and a device is never taken away', () => {
    const input = file('f.json', many(150)), one = file('one.json', many(1)), out = join(folder, 'kept.pdf');
    for (const facts of [input, one]) {
        writeFileSync(out, 'of yesterday');
        const { status, stderr } = spawnSync('bash', ['-c', 'trap "" XFSZ; ulimit -f 8; exec "$@"', '-', BIN,
            'label', facts, ...OPTIONS, '--out', out], { encoding: 'utf8' });
        assert.equal(status, 1);
        assert.match(stderr, /File too large/);
        assert.equal(readFileSync(out, 'utf8'), 'of yesterday');
        assert.throws(() => readFileSync(`${out}.part`));
        const device = join(folder, 'device');
        rmSync(device, { force: true });
        symlinkSync('/dev/full', device);
        const full = spawnSync(BIN, ['label', facts, ...OPTIONS, '--out', device], { encoding: 'utf8' });
        assert.equal(full.status, 1);
        assert.match(full.stderr, /No space left/);
        assert.equal(readlinkSync(device), '/dev/full');
    }
    const link = join(folder, 'link.pdf');
    symlinkSync(out, link);
    assert.equal(spawnSync(BIN, ['label', one, ...OPTIONS, '--out', link]).status, 0);
    assert.match(readFileSync(out, 'latin1'), /^%PDF-/);
    assert.equal(readlinkSync(link), out);
});

// A sanitizer keeps what was freed for a while; here it is not to be counted.
const env = { ...process.env, ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=1:` +
    'thread_local_quarantine_size_kb=16' };

// Peak of the process itself, in KiB, read when it has written all and before it ends.
function peak_of(count, ...options) {
    return new Promise((done, failed) => {
        const child = spawn(BIN, ['label', lines(`m${count}.jsonl`, many(count)), ...OPTIONS,
            '--jobs', '2', ...options], { env, stdio: ['ignore', 'pipe', 'inherit'] });
        let peak = 0, bytes = 0;
        child.stdout.on('data', (part) => {
            bytes += part.length;
            const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
            peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
        });
        child.on('error', failed);
        child.on('close', (code) => (code === 0 ? done({ peak, bytes }) : failed(new Error(`${code}`))));
    });
}

// 120 KB a label for a printer: whatever is held shows.
for (const [format, dpi, few, more] of [['pdf', '203', 200, 1200], ['tspl', '203', 100, 600],
    ['tspl', '600', 20, 80]])
    test(`${more} labels as ${format} at ${dpi} dpi need the memory of ${few}`, async () => {
        const short = await peak_of(few, '--format', format, '--dpi', dpi);
        const long = await peak_of(more, '--format', format, '--dpi', dpi);
        assert.ok(long.bytes > 0.8 * short.bytes * more / few);
        assert.ok(long.peak > 0 && long.peak <= 1.2 * short.peak, JSON.stringify({ short, long }));
    });
