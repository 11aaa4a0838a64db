// Two readers that know nothing of ours or of each other: zbarimg, and ZXing's ZXingReader. Each takes
// many pictures a process. What is read: Map of file → Set of "QR text" and "C128 text".
import { spawn } from 'node:child_process';

export const READERS = ['zbar', 'zxing'];

export function run(command, args, { input, env } = {}) {
    return new Promise((done, failed) => {
        const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: env ?? process.env });
        const out = [];
        let err = '';
        child.stdout.on('data', (part) => out.push(part));
        child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
        child.on('error', failed);
        child.on('close', (status, signal) => done({ status, signal, out: Buffer.concat(out), err }));
        child.stdin.on('error', () => {});
        child.stdin.end(input);
    });
}

// How each looks at a picture, and how it looks again when it saw nothing, as one who holds a scanner
// does: zbarimg along more lines, ZXing at smaller sizes. (At more than one size ZXing 1.4, that of
// Debian 12, fails an assertion where it sees the same bars twice; so it then looks for QR alone.)
const lines = (apart) => [`-Sx-density=${apart}`, `-Sy-density=${apart}`];
const LOOKS = {
    zbar: [lines(1), lines(2), lines(3)],
    zxing: [['-noscale', '-format', 'QRCode,Code128'], ['-format', 'QRCode']],
};

const found_in = (files) => new Map(files.map((file) => [file, new Set()]));

async function zbar(files, options) {
    const { out } = await run('zbarimg', ['-q', '--nodbus', '--xml', '-Sdisable', '-Sqrcode.enable', '-Scode128.enable',
        ...options, ...files]);
    const found = found_in(files);
    for (const [, file, inside] of out.toString().matchAll(/<source href='([^']*)'>(.*?)<\/source>/gs))
        for (const [, kind, text] of inside.matchAll(/type='([^']*)'.*?<data><!\[CDATA\[(.*?)\]\]>/gs))
            found.get(file).add(`${kind === 'QR-Code' ? 'QR' : 'C128'} ${text}`);
    return found;
}

// ZXing ends at a failed assertion with some spoilt pictures and takes those behind it along; then
// each gets a process of its own.
async function zxing(files, options) {
    const { out, signal } = await run('ZXingReader', ['-1', ...options, ...files]);
    const found = found_in(files);
    for (const [, file, kind, text] of out.toString().matchAll(/^(.*?) (QRCode|Code128) "(.*)"$/gm))
        found.get(file).add(`${kind === 'QRCode' ? 'QR' : 'C128'} ${text}`);
    if (signal && files.length > 1)
        for (const file of files) found.set(file, (await zxing([file], options)).get(file));
    return found;
}

const PROGRAMS = { zbar, zxing };

// {zbar: Map, zxing: Map}, each at its first look.
export async function read(files) {
    const out = {};
    for (const name of READERS) out[name] = await PROGRAMS[name](files, LOOKS[name][0]);
    return out;
}

// What a reader finds in a picture at its further looks, until `good` is content; true when it is.
export async function look_again(reader, file, good) {
    for (const options of LOOKS[reader].slice(1))
        if (good((await PROGRAMS[reader]([file], options)).get(file))) return true;
    return false;
}
