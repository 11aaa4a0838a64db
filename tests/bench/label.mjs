// ./dev bench label [--labels N] [--rounds N] [--json FILE]
// Labels a second and bytes, beside what draws them in Node: pdfkit with qrcode doing the same label, and
// bwip-js the QR code alone. Each side in a process of its own on one core, in turn; medians and ranges
// over the rounds. The batch on both cores is the program itself, its start included. Every side's last
// output is read back. Ends with 1 when a bar is missed or an output is not what it must be.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import bwip from 'bwip-js/node';
import { median } from './machine.mjs';

const { values: option } = parseArgs({ options: { json: { type: 'string' },
    labels: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '5' } } });
const HERE = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const LABELS = Number(option.labels), ROUNDS = Number(option.rounds), ROOT = resolve(HERE, '../..');
const BIN = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
const folder = mkdtempSync(join(tmpdir(), 'dossierpost-bench-'));
const at = (name) => join(folder, name);

// --- the labels ----------------------------------------------------------------------------------

const pick = (list, i) => list[i % list.length];
const FAMILY = ['Nguyễn', 'Trần', 'Lê', 'Phạm', 'Hoàng', 'Huỳnh', 'Phan', 'Vũ', 'Võ', 'Đặng', 'Bùi'];
const MIDDLE = ['Thị Ánh', 'Văn', 'Thị Thu', 'Đức', 'Ngọc', 'Thị', 'Minh', 'Quốc', 'Hữu'];
const GIVEN = ['Nguyệt', 'Dũng', 'Hạnh', 'Bình', 'Trâm', 'Tuấn', 'Yến', 'Khoa', 'Phượng', 'Ẩn', 'Đạt', 'Quỳnh', 'Sỹ'];
const STREET = ['Phan Bội Châu', 'Lê Lợi', 'Nguyễn Huệ', 'Hoàng Hoa Thám', 'Điện Biên Phủ', 'Bà Triệu', 'Chu Văn An'];

function number_of(i) {
    const serial = String(12345678 + i), weights = [8, 6, 4, 2, 3, 5, 9, 7];
    const rest = 11 - [...serial].reduce((sum, digit, k) => sum + digit * weights[k], 0) % 11;
    return `RR${serial}${{ 10: 0, 11: 5 }[rest] ?? rest}VN`;
}

const facts_of = (i) => ({
    number: number_of(i), leg: 'outward', piece: 1, pieces: 1, copy: 1, office: 11, weight_g: 60 + i % 300,
    printed_at: '2026-11-23T09:15:00+07:00',
    origin: { code: '46-B1', name: 'Bưu cục Thuận Hoá' },
    sender: { name: `${pick(FAMILY, i)} ${pick(MIDDLE, i * 7)} ${pick(GIVEN, i * 5)}`, phone: `0912 345 ${String(i % 1000).padStart(3, '0')}`,
              address: `${1 + i % 280} ${pick(STREET, i)}, phường Thuận Hoá, thành phố Huế` },
    recipient: { name: 'Bộ phận Một cửa phường Phú Xuân', address: '27 Lê Huân, phường Phú Xuân, thành phố Huế' },
    return_to: { name: 'Bưu cục Thuận Hoá', address: '8 Hoàng Hoa Thám, thành phố Huế' },
    routing: { postcode: '49110', hub: 'Trung tâm Khai thác Huế', office: 'Bưu cục Thành Nội' },
});

let dice = 1;
const letter = () => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[(dice = (dice * 1103515245 + 12345) % 2147483648) >> 16 & 31];
const facts = Array.from({ length: LABELS }, (_, i) => facts_of(i)), last = facts.at(-1);
const given = facts.map((one) => ({ facts: one, groups: one.number.replace(/^(..)(.{8})(.)(..)$/, '$1 $2 $3 $4'),
    code: `HTTPS://HOSO.VN/S/${Array.from({ length: 128 }, letter).join('')}`, link: `hoso.vn/t/${one.number}`,
    bars: bwip.raw('code128', one.number, {})[0].sbs }));
const lines = (list) => `${list.map((one) => JSON.stringify(one)).join('\n')}\n`;
writeFileSync(at('facts.jsonl'), lines(facts));
writeFileSync(at('given.jsonl'), lines(given));

// --- the sides -----------------------------------------------------------------------------------

function run(command, args, input) {
    const { status, stdout, stderr } = spawnSync(command, args, { input, encoding: 'utf8', maxBuffer: 1 << 26 });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
    return stdout;
}

const on_one = (args, input) => JSON.parse(run('taskset', ['-c', '1', ...args], input));
const ours = (kind, threads = 1) => () => (threads === 1 ? on_one : (args, input) => JSON.parse(run(args[0], args.slice(1), input)))(
    [join(ROOT, 'build/tests/bench/label_draw'), kind, 'shipment', '203', String(threads), at(`ours.${kind}`)],
    readFileSync(at('facts.jsonl')));
const peer = (kind) => () => on_one([process.execPath, join(HERE, 'label_peer.mjs'), kind, at(`peer.${kind}`)],
    readFileSync(at('given.jsonl')));

// The program as somebody calls it.
const book = (jobs) => () => {
    const out = at(`book${jobs}.pdf`), began = performance.now();
    const command = [BIN, 'label', at('facts.jsonl'), '--state-dir', at('state'), '--public-url', 'https://hoso.vn',
        '--jobs', String(jobs), '--out', out];
    run(jobs === 1 ? 'taskset' : command[0], jobs === 1 ? ['-c', '1', ...command] : command.slice(1));
    return { labels: LABELS, seconds: (performance.now() - began) / 1000, bytes: statSync(out).size };
};

const SIDES = {
    'ours, PDF, a page a document': ours('pdf'), 'pdfkit + qrcode, a page a document': peer('pdf'),
    'ours, all in one PDF, one core': book(1), 'ours, all in one PDF, both cores': book(2),
    'pdfkit + qrcode, all in one PDF': peer('book'),
    'ours, PNG 203 dpi, 1 bit': ours('png'), 'ours, ZPL': ours('zpl'), 'bwip-js, PNG of the QR alone': peer('qr'),
    'ours, PDF, both cores': ours('pdf', 2), 'ours, PNG, both cores': ours('png', 2),
};
const BARS = [
    ['a page a document / pdfkit', 'ours, PDF, a page a document', 'pdfkit + qrcode, a page a document', 15],
    ['all in one, one core / pdfkit', 'ours, all in one PDF, one core', 'pdfkit + qrcode, all in one PDF', 2.5],
    ['all in one, both cores / pdfkit', 'ours, all in one PDF, both cores', 'pdfkit + qrcode, all in one PDF', 5],
    ['PNG / bwip-js', 'ours, PNG 203 dpi, 1 bit', 'bwip-js, PNG of the QR alone', 5],
    ['ZPL / PNG', 'ours, ZPL', 'ours, PNG 203 dpi, 1 bit', 1],
];
const BYTES = [['PDF of one label', 'ours, PDF, a page a document', 30 * 1024], ['ZPL', 'ours, ZPL', 12 * 1024]];

// --- what came out -------------------------------------------------------------------------------

const wrong = [];
const read = (image) => spawnSync('zbarimg', ['-q', '--nodbus', image], { encoding: 'utf8' }).stdout;

function check(name, file, { pages, codes }) {
    let image = file;
    if (pages) {
        const told = Number(/Pages: +(\d+)/.exec(run('pdfinfo', [file]))[1]);
        if (told !== pages) wrong.push(`${name}: ${told} pages, not ${pages}`);
        run('pdftoppm', ['-r', '203', '-png', '-singlefile', '-f', String(pages), file, at('page')]);
        const text = run('pdftotext', ['-f', String(pages), '-layout', file, '-']);
        if (!text.includes(last.sender.name)) wrong.push(`${name}: its text lacks ${last.sender.name}`);
        image = at('page.png');
    }
    const found = read(image);
    for (const code of codes) if (!code.test(found)) wrong.push(`${name}: ${code} is not read from it`);
}

function check_all() {
    const bars = new RegExp(`CODE-128:${last.number}`), signed = /QR-Code:HTTPS:\/\/HOSO\.VN\/S\/[A-Z2-7]{128}/;
    check('ours, pdf', at('ours.pdf'), { pages: 1, codes: [bars, signed] });
    check('ours, png', at('ours.png'), { codes: [bars, signed] });
    for (const jobs of [1, 2]) check(`ours, book, ${jobs}`, at(`book${jobs}.pdf`), { pages: LABELS, codes: [bars, signed] });
    check('peer, pdf', at('peer.pdf'), { pages: 1, codes: [bars, new RegExp(given.at(-1).code)] });
    check('peer, book', at('peer.book'), { pages: LABELS, codes: [bars, new RegExp(given.at(-1).code)] });
    check('peer, qr', at('peer.qr'), { codes: [new RegExp(given.at(-1).code)] });
    if (!/^\^XA[^]*:Z64:[^]*\^XZ\n$/.test(readFileSync(at('ours.zpl'), 'latin1'))) wrong.push('ours, zpl: it is no label');
}

// --- rounds --------------------------------------------------------------------------------------

const range = (list, digits) => `${median(list).toFixed(digits)} (${Math.min(...list).toFixed(digits)}–${Math.max(...list).toFixed(digits)})`;
const rounds = [];
process.exitCode = 1;
try {
    for (let round = 0; round < ROUNDS; round++) {
        rounds.push(Object.fromEntries(Object.entries(SIDES).map(([name, side]) => [name, side()])));
        process.stderr.write(`== round ${round + 1} of ${ROUNDS}\n`);
    }
    check_all();
    const rate = (name) => rounds.map((one) => one[name].labels / one[name].seconds);
    const size = (name) => median(rounds.map((one) => one[name].bytes / one[name].labels));
    const say = (text) => process.stdout.write(`${text}\n`);
    say(`${LABELS} labels, ${ROUNDS} rounds, ${availableParallelism()} cores; labels a second, median (range); bytes a label`);
    for (const name of Object.keys(SIDES)) say(`  ${name.padEnd(38)} ${range(rate(name), 0).padStart(22)} ${Math.round(size(name)).toLocaleString('en').padStart(8)} B`);
    let missed = wrong.length;
    for (const [name, a, b, bar] of BARS) {
        const ratios = rate(a).map((value, i) => value / rate(b)[i]), met = median(ratios) >= bar;
        missed += !met;
        say(`  ${name}: ${range(ratios, 2)}, bar ${bar}: ${met ? 'met' : 'MISSED'}`);
    }
    for (const [name, side, bar] of BYTES) {
        missed += size(side) > bar;
        say(`  ${name}: ${Math.round(size(side)).toLocaleString('en')} bytes, bar ${bar.toLocaleString('en')}: ${size(side) <= bar ? 'met' : 'MISSED'}`);
    }
    for (const text of wrong) say(`  WRONG ${text}`);
    if (option.json) writeFileSync(option.json, JSON.stringify({ labels: LABELS, rounds, wrong }, null, 1));
    process.exitCode = missed ? 1 : 0;
} finally {
    rmSync(folder, { recursive: true, force: true });
}
