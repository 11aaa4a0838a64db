// The signed code has two implementations: the program's, and that of the courier's page. Both say what
// the published vectors say, and the same of anything else.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, sign, webcrypto } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import * as ed25519 from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { library_engine, own_engine } from '../../src/web/common/ed25519.js';
import { judge } from '../../src/web/common/label_code.js';
import { s10_digit } from '../../src/web/common/codes.js';
import { ROOT } from './service.mjs';

const BIN = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
const VECTORS = join(ROOT, 'labels/codes.json');
const folder = mkdtempSync(join(tmpdir(), 'dossierpost-codes-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let engines;
before(async () => {
    engines = { library: library_engine(ed25519, sha512), own: await own_engine(webcrypto.subtle) };
});

function command(args, input) {
    const done = spawnSync(BIN, ['verify-label', ...args], { input, encoding: 'utf8', maxBuffer: 1 << 26 });
    return { status: done.status, out: done.stdout, told: done.stderr };
}

function judged(texts, file) {
    const done = command(['-', '--keys', file, '--json'], texts.map((text) => `${text}\n`).join(''));
    const lines = done.out.split('\n').filter(Boolean).map((line) => JSON.parse(line));
    assert.equal(lines.length, texts.length, done.told);
    assert.equal(done.status, lines.every((one) => one.verdict === 'genuine') ? 0 : 1);
    return lines;
}

test('a browser without Ed25519, and a page without TLS, say that they have no engine', async () => {
    const old = { importKey: async () => { throw new DOMException('Unrecognized name.', 'NotSupportedError'); } };
    for (const subtle of [null, old, { importKey: async () => ({}), verify: async () => false }])
        await assert.rejects(own_engine(subtle));
});

// --- the published vectors -----------------------------------------------------------------------

const published = JSON.parse(readFileSync(VECTORS, 'utf8'));
const expected = ({ name, text, ...said }) => said;

test('both implementations say what the published vectors say', async () => {
    for (const row of published.codes) {
        const { out } = command([row.text, '--keys', VECTORS, '--json']);
        assert.deepEqual(JSON.parse(out), expected(row), row.name);
        for (const [name, engine] of Object.entries(engines))
            assert.deepEqual(await judge(row.text, published.keys, engine), expected(row), `${name}: ${row.name}`);
    }
    const verdicts = new Set(published.codes.map((row) => row.verdict));
    assert.deepEqual([...verdicts].sort(), ['altered', 'genuine', 'no-code', 'revoked-key', 'unknown-key']);
});

test('the command tells by its exit status and in words', () => {
    const of = (verdict) => published.codes.find((row) => row.verdict === verdict).text;
    const said = (...args) => command([...args, '--keys', VECTORS]);
    assert.deepEqual([said(of('genuine')).status, said(of('altered')).status, said('x').status], [0, 1, 1]);
    assert.match(said(of('genuine')).out, /^genuine {2}RR123456785VN {2}copy 1 {2}2026-11-23 {2}office 12 {2}key 5647\n$/);
    assert.match(said(of('altered')).out, /^altered {2}key 5647\n$/, 'nothing of what it says');
    for (const args of [[], ['--keys'], [of('genuine'), 'x'], ['--json'], [of('genuine'), '--what']])
        assert.equal(command(args).status, 2, args.join(' '));
    assert.equal(command(['-', '--keys', VECTORS], '').status, 1, 'nothing was shown to be genuine');
});

test('keys that are none are refused, with the reason', () => {
    const file = join(folder, 'none.json'), code = published.codes[0].text;
    for (const [text, why] of [['', /none\.json: /], ['[]', /there is no array "keys"/],
        ['{"keys":[{"kid":"0000","x":"A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg"}]}', /is not that of its public half/],
        ['{"keys":[],"keys":[]}', /none\.json: /]]) {
        writeFileSync(file, text);
        const done = command([code, '--keys', file]);
        assert.deepEqual([done.status, done.out], [1, ''], text);
        assert.match(done.told, why, text);
    }
    const nowhere = command([code, '--state-dir', join(folder, 'nowhere')]);
    assert.equal(nowhere.status, 1);
    assert.match(nowhere.told, /no keys that may be read/);
});

// --- anything else -------------------------------------------------------------------------------

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', BASE32 = `${LETTERS}234567`;

function base32(bytes) {
    const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    return bits.match(/.{5}/g).map((five) => BASE32[parseInt(five, 2)]).join('');
}

function key_of(seed) {
    const secret = createPrivateKey({ format: 'der', type: 'pkcs8',
        key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seed)]) });
    const { x } = createPublicKey(secret).export({ format: 'jwk' });
    const kid = createHash('sha256').update(Buffer.from(x, 'base64url')).digest('hex').slice(0, 4);
    return { secret, kid, x };
}

// A third hand, that of this test, signs.
function signed({ key, kid = key.kid, version, number, office, day, copy, flags }) {
    const head = Buffer.alloc(16), pair = (two) => LETTERS.indexOf(two[0]) * 26 + LETTERS.indexOf(two[1]);
    head.writeUInt8(version, 0);
    head.writeUInt16BE(parseInt(kid, 16), 1);
    const packed = (pair(number) * 1e8 + Number(number.slice(2, 10))) * 676 + pair(number.slice(11));
    head.writeUIntBE(packed, 3, 6);
    head.writeUIntBE(office, 9, 3);
    head.writeUInt16BE(day, 12);
    head.writeUInt8(copy, 14);
    head.writeUInt8(flags, 15);
    return base32(Buffer.concat([head, sign(null, head, key.secret)]));
}

const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
const letter = fc.constantFrom(...LETTERS);
const number = fc.tuple(fc.constantFrom(...'ERVCLUMQABNPZ', ...'ERVCLUMQABNPZ', ...LETTERS), letter,
    fc.nat(99999999), letter, letter).map(([a, b, serial, c, d]) => {
    const digits = String(serial).padStart(8, '0');
    return `${a}${b}${digits}${s10_digit(digits)}${c}${d}`;
});
const mostly = (usual, other) => fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: other });
const content = fc.record({
    whose: fc.nat(3), // 0 and 1 good, 2 revoked, 3 unknown
    lies: mostly(fc.constant(false), fc.constant(true)), // names the first key as its own
    version: mostly(fc.constant(1), fc.nat(255)),
    number, office: fc.nat(0xffffff), day: fc.nat(0xffff), copy: fc.nat(255), flags: fc.nat(255),
});
const character = fc.oneof(fc.constantFrom(...BASE32), fc.constantFrom(...'0189=-/ é'));
const edit = fc.oneof(
    { weight: 12, arbitrary: fc.constant((text) => text) },
    { weight: 4, arbitrary: fc.tuple(fc.nat(127), character).map(([at, c]) => (text) => text.slice(0, at) + c + text.slice(at + 1)) },
    { weight: 1, arbitrary: fc.nat(127).map((at) => (text) => text.slice(0, at) + text.slice(at + 1)) },
    { weight: 1, arbitrary: fc.tuple(fc.nat(128), character).map(([at, c]) => (text) => text.slice(0, at) + c + text.slice(at)) },
    { weight: 1, arbitrary: fc.tuple(fc.nat(126), fc.nat(126)).map(([a, b]) => (text) => {
        const list = [...text];
        [list[a], list[b]] = [list[b], list[a]];
        return list.join('');
    }) });
const shape = fc.oneof(fc.constant((text) => text), fc.constant((text) => text.toLowerCase()),
    fc.infiniteStream(fc.boolean()).map((coins) => (text) =>
        [...text].map((c) => (coins.next().value ? c.toLowerCase() : c)).join('')));
const prefix = mostly(fc.constantFrom('', 'HTTP://127.0.0.1:8080/S/', 'https://hoso.example.vn/s/', '/S/'), fc.oneof(
    fc.constantFrom('S/', 'HTTPS://HOSO.VN/T/', 'https://hoso.example.vn/s', ' ', 'x/ſ/'),
    fc.string({ maxLength: 20 }).map((text) => `${text.replace(/[\n\0]/g, '')}/S/`)));
const suffix = mostly(fc.constantFrom('', '\r', ' ', '\t \v\f'), fc.constantFrom(' x', '/', '\u00a0'));

const case_of = fc.record({ content, edit, shape, prefix, suffix });

test('the program and the page say the same of anything', async () => {
    const file = join(folder, 'keys.json');
    const seen = {};
    let count = 0;
    await fc.assert(fc.asyncProperty(fc.uniqueArray(seed, { minLength: 4, maxLength: 4, selector: String }),
        fc.array(case_of, { minLength: 60, maxLength: 60 }), async (seeds, cases) => {
            const keys = seeds.map(key_of);
            const list = keys.slice(0, 3).map(({ kid, x }, i) => ({ kid, x, purpose: 'label',
                revoked_at: i === 2 ? '2026-11-25T08:00:00.000+07:00' : null }));
            fc.pre(new Set(keys.map((key) => key.kid)).size === 4);
            writeFileSync(file, JSON.stringify({ keys: list }));
            const texts = cases.map((one) => {
                const { whose, lies, ...said } = one.content;
                const code = signed({ key: keys[whose], kid: lies ? keys[0].kid : undefined, ...said });
                return one.prefix + one.edit(one.shape(code)) + one.suffix;
            });
            const told = judged(texts, file);
            for (const [i, text] of texts.entries()) {
                for (const [name, engine] of Object.entries(engines))
                    assert.deepEqual(await judge(text, list, engine), told[i], `${name}: ${JSON.stringify(text)}`);
                const untouched = cases[i].edit('A'.repeat(128)) === 'A'.repeat(128);
                if (untouched && told[i].number) assert.equal(told[i].number, cases[i].content.number);
                seen[told[i].verdict] = (seen[told[i].verdict] ?? 0) + 1;
                count++;
            }
        }), { numRuns: 40 });
    console.log(`# ${count} texts: ${JSON.stringify(seen)}`);
    for (const verdict of ['genuine', 'revoked-key', 'unknown-key', 'altered', 'no-code'])
        assert.ok(seen[verdict] > count / 50, `${verdict} hardly ever came: ${JSON.stringify(seen)}`);
});

test('what the program signs, the page finds genuine, with what was signed', async () => {
    const state = join(folder, 'state'), file = join(folder, 'facts.json'), image = join(folder, 'label.png');
    const [facts] = fc.sample(fc.array(fc.record({ number: number.filter((one) => 'ERVCLUMQABNPZ'.includes(one[0])),
        office: fc.nat(0xffffff), copy: fc.integer({ min: 1, max: 300 }), day: fc.integer({ min: 20000, max: 30000 }) }),
    { minLength: 12, maxLength: 12 }), 1);
    const texts = facts.map(({ number: one, office, copy, day }) => {
        const party = { name: 'Nguyễn Thị Thử', address: '12 Lê Lợi' };
        writeFileSync(file, JSON.stringify({ number: one, office, copy, leg: 'outward',
            printed_at: new Date(day * 86400000).toISOString(), origin: { code: '46-B1', name: 'Thuận Hoá' },
            sender: party, recipient: party, routing: { postcode: '49110', hub: 'Huế', office: 'Thành Nội' } }));
        const drawn = spawnSync(BIN, ['label', file, '--format', 'png', '--out', image, '--state-dir', state,
            '--public-url', 'https://hoso.vn'], { encoding: 'utf8' });
        assert.equal(drawn.status, 0, drawn.stderr);
        return spawnSync('zbarimg', ['-q', '--nodbus', '--raw', image], { encoding: 'utf8' }).stdout.split('\n')
            .find((line) => line.startsWith('HTTPS://HOSO.VN/S/'));
    });
    const { keys } = JSON.parse(spawnSync(BIN, ['key', 'list', '--json', '--state-dir', state], { encoding: 'utf8' }).stdout);
    for (const [i, text] of texts.entries()) {
        const said = await judge(text, keys, engines.library);
        const { number: one, office, copy, day } = facts[i];
        assert.deepEqual([said.verdict, said.number, said.office, said.copy, said.printed_on],
            ['genuine', one, office, Math.min(copy, 255), new Date(day * 86400000).toISOString().slice(0, 10)]);
    }
});
