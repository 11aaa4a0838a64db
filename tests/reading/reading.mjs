// Labels from seeds, drawn by the program as a picture and as a PDF that poppler prints at the printer's
// dpi, four at a time, and read back by two readers. Some are spoilt (spoil.mjs) and read again. A label is
// wholly its seed, and four seeds make a batch: what fails is kept and plays again alone.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ROOT } from '../api/service.mjs';
import { BLOCK, MIX, NAMES, judge, label_of, write_key } from './label.mjs';
import { read_pbm, read_png } from './picture.mjs';
import { READERS, look_again, read, run } from './readers.mjs';
import { SPOILS } from './spoil.mjs';
import { faults, find_bars, find_symbol } from './symbol.mjs';

const BIN = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
const A_BATCH = 16;
const QR_NAMES = { signed: 'signed', link: 'short', number: 'short' };

// --- drawing -------------------------------------------------------------------------------------------

async function must_run(command, args, input) {
    const { status, signal, err } = await run(command, args, { input });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${signal ?? status} ${err}`);
}

// A picture of each label, and one PDF of all; what each label's files are, and how many share its page.
async function draw(labels, folder) {
    const [{ seed, site, template, dpi, places, gray }] = labels, stem = join(folder, String(seed));
    const label = (facts, format, out) => must_run(BIN, ['label', '-', '--state-dir', join(folder, 'state'), '--public-url',
        site, '--template', template, '--dpi', String(dpi), '--format', format, '--out', out], JSON.stringify(facts));
    for (const one of labels) await label(one.facts, 'png', join(folder, `${one.seed}.png`));
    await label(labels.map((one) => one.facts), 'pdf', `${stem}.pdf`);
    await must_run('pdftoppm', ['-r', String(dpi), gray ? '-gray' : '-mono', `${stem}.pdf`, stem]);
    return labels.map((one, i) => {
        const page = `${stem}-${Math.floor(i / places) + 1}`, png = join(folder, `${one.seed}.png`), pdf = `${page}.pgm`;
        if (!gray && i % places === 0) read_pbm(`${page}.pbm`).save(pdf); // ZXing takes no PBM
        return { png, pdf, all: [png, `${stem}.pdf`, pdf, ...(gray ? [] : [`${page}.pbm`])],
                 beside: Math.min(places, labels.length - i + i % places) };
    });
}

// --- figures -------------------------------------------------------------------------------------------

class Figures {
    constructor() {
        this.rows = new Map();
        this.failed = [];
    }

    add(key, good, again) {
        if (!this.rows.has(key)) this.rows.set(key, { of: 0, read: 0 });
        const row = this.rows.get(key);
        row.of++;
        if (good) row.read++;
        if (again !== undefined) row.again = (row.again ?? 0) + again;
        return good;
    }

    table() {
        return Object.fromEntries([...this.rows].sort(([a], [b]) => a.localeCompare(b)).map(([key, row]) => [key, row]));
    }
}

// What failed is kept: the pictures and the facts.
function keep(bed, label, what, files) {
    const folder = join(bed.kept, String(label.seed));
    mkdirSync(folder, { recursive: true });
    const { dice, picture, symbol, bars_at, ...plain } = label;
    writeFileSync(join(folder, 'label.json'), JSON.stringify(plain, null, 2) + '\n');
    for (const file of files) copyFileSync(file, join(folder, file.split('/').at(-1)));
    bed.figures.failed.push({ seed: label.seed, template: label.template, dpi: label.dpi, what, kept: folder,
        replay: `./dev bench reading --seed ${label.seed - label.seed % BLOCK} --labels ${BLOCK} --spoil 1 --mix ${Object.values(bed.mix)}`
            + ` --templates ${bed.templates}` });
}

function count_sources(bed, label, files, found) {
    for (const source of ['png', 'pdf'])
        for (const reader of READERS) {
            const good = judge(label, found[reader].get(files[source]), bed.key, source === 'pdf' ? files.beside : 1);
            for (const [code, ok] of Object.entries(good))
                if (!bed.figures.add(`${label.template} ${label.dpi} ${source} ${reader} ${code}`, ok))
                    keep(bed, label, `${code} from ${source} by ${reader}`, files.all);
        }
}

// Where the codes are in the clean picture, and what is wrong with them there.
function measure(label, file) {
    try {
        label.picture = read_png(file);
        label.symbol = find_symbol(label.picture);
        if (label.bars) label.bars_at = find_bars(label.picture, label.bars);
        return faults(label);
    } catch (error) {
        return [error.message];
    }
}

function spoil(bed, label, files, folder) {
    const wrong = measure(label, files.png);
    for (const what of wrong) keep(bed, label, what, files.all);
    if (wrong.length) return [];
    const wanted = SPOILS.filter((one) => one.code === 'QR' || label.bars);
    return wanted.flatMap((one) => Array(one.times).fill(one)).map((one, i) => {
        const { picture, errors } = one.make(label, label.dice.fork());
        return { label, spoil: one, errors, file: picture.save(join(folder, `${label.seed}-spoilt-${i}.pgm`)) };
    });
}

// At the first look, or `again` at any look, as the row of the table asks.
async function count_spoilt(bed, one, found) {
    const { label, spoil, file } = one, kind = spoil.code === 'QR' ? QR_NAMES[label.qr] : 'Code 128';
    const name = `spoilt: ${spoil.name}, ${kind}`;
    if (one.errors) bed.figures.add(`${name}: within the code's own bound`, one.errors.worst <= one.errors.bound);
    for (const reader of READERS) {
        const good = (texts) => judge({ ...label, bars: label.bars ?? 'across' }, texts, bed.key)[spoil.code];
        const read = good(found[reader].get(file));
        const again = spoil.looks > 1 ? read || await look_again(reader, file, good) : undefined;
        bed.figures.add(`${name}: ${reader}`, read, again);
        if (spoil.must && !(again ?? read))
            keep(bed, label, `${spoil.name}, ${kind}, by ${reader}${one.errors
                ? `: ${one.errors.worst} of ${one.errors.bound} in a block` : ''}`, [file]);
    }
}

async function batch(bed, labels) {
    const folder = bed.folder, drawn = [], spoilt = [];
    const block = ({ seed }) => Math.floor(seed / BLOCK);
    for (let i = 0; i < labels.length; i = drawn.length)
        drawn.push(...await draw(labels.filter((label) => block(label) === block(labels[i])), folder));
    const found = await read([...new Set(drawn.flatMap((files) => [files.png, files.pdf]))]);
    labels.forEach((label, i) => {
        count_sources(bed, label, drawn[i], found);
        if (label.seed % bed.spoil_every === 0) spoilt.push(...spoil(bed, label, drawn[i], folder));
    });
    if (spoilt.length) {
        const again = await read(spoilt.map((one) => one.file));
        for (const one of spoilt) await count_spoilt(bed, one, again);
    }
    const files = [...drawn.flatMap((one) => one.all), ...spoilt.map((one) => one.file)];
    for (const file of new Set(files)) unlinkSync(file);
}

// --- the whole -----------------------------------------------------------------------------------------

// {rows, failed, seconds}; failing labels are left in `kept`. spoil_every: every so many-th seed is spoilt too.
export async function play({ seed, labels, spoil_every = 10, mix = MIX, templates = NAMES, lanes = 2,
    say = () => {}, kept = join(ROOT, 'build/reading') }) {
    const folder = mkdtempSync(join(tmpdir(), 'dossierpost-reading-')), began = Date.now();
    const bed = { folder, kept, figures: new Figures(), spoil_every, mix, templates };
    let next = seed, told = 0;
    const lane = async () => {
        for (let from; (from = next) < seed + labels;) {
            next = Math.min(from + A_BATCH, seed + labels);
            await batch(bed, Array.from({ length: next - from }, (_, i) => label_of(from + i, mix, templates)));
            if (Math.floor((next - seed) / 500) > told) {
                told = Math.floor((next - seed) / 500);
                say(`${next - seed} labels, ${bed.figures.failed.length} failed`, bed.figures);
            }
        }
    };
    try {
        bed.key = write_key(join(folder, 'state'));
        await Promise.all(Array.from({ length: lanes }, lane));
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
    return { rows: bed.figures.table(), failed: bed.figures.failed, seconds: (Date.now() - began) / 1000 };
}
