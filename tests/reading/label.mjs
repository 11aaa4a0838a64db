// What a label of a seed is, and whether what a reader found on it is what it says.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Dice } from '../day/dice.mjs';
import { SITES, facts } from './facts.mjs';

// Of each template: whose facts it is drawn from, what its QR says (the signed code, the tracking link
// or the number alone), which way its Code 128 lies, how many a page of it holds, and how often it is drawn.
const TEMPLATES = {
    'shipment': { paper: 'shipment', qr: 'signed', bars: 'across', places: 1, share: 4 },
    'shipment-a6': { paper: 'shipment', qr: 'signed', bars: 'across', places: 1, share: 3 },
    'shipment-a4': { paper: 'shipment', qr: 'signed', bars: 'across', places: 4, share: 1 },
    'sticker': { paper: 'shipment', qr: 'link', bars: null, places: 1, share: 3 },
    'bag': { paper: 'bag', qr: 'number', bars: 'down', places: 1, share: 1 },
    'invitation': { paper: 'invitation', qr: 'link', bars: 'across', places: 1, share: 1 },
};
export const NAMES = Object.keys(TEMPLATES);
export const MIX = { 203: 75, 300: 20, 600: 5 }; // parts of a hundred
export const BLOCK = 4; // seeds that share template, printer and site, and so become one PDF

export function label_of(seed, mix = MIX, templates = NAMES) {
    const block = new Dice(Math.floor(seed / BLOCK) ^ 0x5bd1e995), dice = new Dice(seed ^ 0x2c1b3c6d);
    const template = block.weighed(templates, (name) => TEMPLATES[name].share), row = TEMPLATES[template];
    const dpi = Number(block.weighed(Object.keys(mix), (one) => mix[one]));
    const its = facts(row.paper, seed);
    return { seed, template, dpi, ...row, site: block.pick(SITES), gray: block.chance(0.5), facts: its,
             number: its.number ?? its.id, dice, level: row.qr === 'signed' ? 'Q' : 'H' };
}

// The key that signs, the same in every run, as src/base/keyring.h has it in the state directory. Gives
// its public half.
export function write_key(state) {
    const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
    const seed = sha256('the labels of the reading test');
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    const open = createPublicKey({ key: der, format: 'der', type: 'pkcs8' });
    const id = sha256(Buffer.from(open.export({ format: 'jwk' }).x, 'base64url')).toString('hex', 0, 2);
    mkdirSync(join(state, 'keys'), { recursive: true, mode: 0o700 });
    writeFileSync(join(state, 'keys/label.key'), `${id} 1795758226423408 ${seed.toString('hex')}\n`, { mode: 0o600 });
    return open;
}

// A reading of label/code.h: is this the signed code of these facts?
function signed_truly(code, facts, key) {
    let bits = '';
    for (const c of code) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0');
    const raw = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
    return raw[0] === 1 && raw.readUIntBE(9, 3) === facts.office && raw[14] === Math.min(facts.copy, 255)
        && verify(null, raw.subarray(0, 16), key, raw.subarray(16));
}

function qr_true(label, text, key) {
    const link = { signed: `${label.site}/s/`, link: `${label.site}/t/`, number: '' }[label.qr].toUpperCase();
    if (!text.startsWith(link)) return false;
    const rest = text.slice(link.length);
    return label.qr !== 'signed' ? rest === label.number
        : /^[A-Z2-7]{128}$/.test(rest) && signed_truly(rest, label.facts, key);
}

// Of one picture's readings: which codes of this label were read truly, with nothing of their kind beside
// those of the `count` labels on it.
export function judge(label, texts, key, count = 1) {
    const qr = [...texts].filter((text) => text.startsWith('QR '));
    const bars = [...texts].filter((text) => text.startsWith('C128 '));
    const good = { QR: qr.length === count && qr.some((text) => qr_true(label, text.slice(3), key)),
                   C128: bars.length === count && bars.includes(`C128 ${label.number}`) };
    return label.bars ? good : { QR: good.QR && bars.length === 0 };
}
