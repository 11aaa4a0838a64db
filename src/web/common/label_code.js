// The signed code on a label, read and checked without the service. The layout and the verdicts are
// those of src/label/code.h and labels/README.md; `dossierpost verify-label --json` says the same.
import { s10_digit } from './codes.js';
import { bytes, ready } from './ed25519.js';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', BASE32 = `${LETTERS}234567`;
const SERVICES = 'ERVCLUMQABNPZ';
const VERSION = 1, CHARS = 128, BYTES = 80, HEAD = 16, DEMO = 1;

// --- reading -------------------------------------------------------------------------------------

// The 128 characters, bare or behind /S/; undefined when there are none. A scanner may end its text
// with a line break.
function characters(text) {
    const whole = text.replace(/[ \t\n\v\f\r]+$/, '');
    const code = whole.slice(-CHARS), before = whole.slice(0, -CHARS);
    return code.length === CHARS && (before === '' || /\/[Ss]\/$/.test(before)) ? code : undefined;
}

const value_of = (letter) => BASE32.indexOf(letter >= 'a' && letter <= 'z' ? letter.toUpperCase() : letter);

function raw_of(code) {
    const out = new Uint8Array(BYTES);
    let held = 0, bits = 0, at = 0;
    for (const letter of code) {
        const value = value_of(letter);
        if (value < 0) return undefined;
        held = (held << 5 | value) & 0xfff;
        bits += 5;
        if (bits < 8) continue;
        bits -= 8;
        out[at++] = held >> bits;
    }
    return out;
}

const number_in = (part) => part.reduce((sum, byte) => sum * 256 + byte, 0); // 48 bits at most
const pair = (value) => LETTERS[Math.floor(value / 26)] + LETTERS[value % 26];

// The S10 number in 48 bits; undefined when there is none.
function s10_in(part) {
    const packed = number_in(part), country = packed % 676, rest = Math.floor(packed / 676);
    const service = Math.floor(rest / 1e8), serial = String(rest % 1e8).padStart(8, '0');
    if (service >= 676 || !SERVICES.includes(pair(service)[0])) return undefined;
    return pair(service) + serial + s10_digit(serial) + pair(country);
}

// What the code says, believed or not: {key, number, office, printed_on, copy, flags, demo, signed,
// signature}; undefined when the text is no signed code.
export function read(text) {
    const code = characters(text), raw = code && raw_of(code);
    if (!raw || raw[0] !== VERSION) return undefined;
    const day = number_in(raw.subarray(12, 14));
    return {
        key: number_in(raw.subarray(1, 3)).toString(16).padStart(4, '0'),
        number: s10_in(raw.subarray(3, 9)),
        office: number_in(raw.subarray(9, 12)),
        printed_on: new Date(day * 86400000).toISOString().slice(0, 10),
        copy: raw[14], flags: raw[15], demo: (raw[15] & DEMO) !== 0,
        signed: raw.subarray(0, HEAD), signature: raw.subarray(HEAD),
    };
}

// --- judging -------------------------------------------------------------------------------------

// `keys`: those of GET /v1/keys. {verdict: 'genuine' | 'revoked-key' | 'unknown-key' | 'altered' |
// 'no-code', …}; what the code says only where it was signed.
export async function judge(text, keys, verify) {
    const code = read(text);
    if (!code) return { verdict: 'no-code' };
    const key = keys.find((one) => one.kid === code.key && (one.purpose ?? 'label') === 'label');
    if (!key) return { verdict: 'unknown-key', key: code.key };
    const check = verify ?? await ready();
    if (!await check(code.signature, code.signed, bytes(key.x))) return { verdict: 'altered', key: code.key };
    if (!code.number) return { verdict: 'no-code' };
    const { signed, signature, ...said } = code;
    return key.revoked_at ? { verdict: 'revoked-key', ...said, revoked_at: key.revoked_at }
        : { verdict: 'genuine', ...said };
}
