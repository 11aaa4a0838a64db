// What the program makes of a typed number or code (src/tracking/track_key.h) is what SQL makes of
// it, wherever SQL makes anything of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { ROOT, test_database } from './cluster.mjs';

const PROBE = join(dirname(resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost')),
    'tests/track_key_probe');
const KINDS = ['neither', 'number', 'code'];

function said_by_program(texts) {
    const out = execFileSync(PROBE, { input: texts.map((text) => `${text}\0`).join(''),
        maxBuffer: 1 << 28 });
    return String(out).split('\n').slice(0, -1).map((line) => ({ kind: KINDS[line[0]], form: line.slice(2) }));
}

// Of each text: what SQL accepts it as, and whether that is a number that can exist.
async function said_by_sql(session, texts) {
    const list = texts.map((text) => Buffer.from(text).toString('hex')).join(',');
    return session.query(`select n, postal.s10_valid(n), n ~ '^[A-Z]{2}[0-9]{9}[A-Z]{2}$'
        from unnest(string_to_array('${list}', ',')) with ordinality as t (hex, place)
        cross join lateral dossier.normal(convert_from(decode(hex, 'hex'), 'utf8')) n order by place`);
}

const letters = (of, least, most) =>
    fc.string({ unit: fc.constantFrom(...of), minLength: least, maxLength: most });
const digits = (least, most) => letters('0123456789', least, most);

const check_digit = (serial) => {
    const sum = [...serial].reduce((all, digit, i) => all + digit * [8, 6, 4, 2, 3, 5, 9, 7][i], 0);
    const c = 11 - sum % 11;
    return c === 10 ? '0' : c === 11 ? '5' : `${c}`;
};
const number = fc.tuple(letters('ERVCLUMQABNPZJKWrelx', 2, 2), digits(8, 8), letters('VNFRvn', 2, 2), digits(1, 1),
    fc.boolean()).map(([service, serial, country, any, good]) =>
    service + serial + (good ? check_digit(serial) : any) + country);
const code = fc.tuple(letters('0123456789.HGhg', 2, 25), digits(5, 9), digits(3, 10))
    .map((parts) => parts.join('-'));

// Marks dropped in anywhere, as people and copying do.
const marks = fc.array(fc.tuple(fc.nat(40), fc.constantFrom(' ', '.', '-', '\t', '\n', '\u00a0', '\u2013', '\u200b',
    '\u3000', '/', 'x', '\u041e', '\uff11', '\u0302')), { maxLength: 4 });
const typed = fc.tuple(fc.oneof(number, code), marks).map(([text, list]) =>
    list.reduce((now, [at, mark]) => now.slice(0, at) + mark + now.slice(at), text));
const anything = fc.oneof({ weight: 8, arbitrary: typed }, { weight: 1, arbitrary: number }, { weight: 1, arbitrary: code },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 80 }) },
    { weight: 1, arbitrary: letters('RVN0123456789.- OIL/Tt', 0, 70) })
    .map((text) => text.replaceAll('\0', ''));

test('the program and SQL agree on what is typed', async () => {
    const db = await test_database();
    const texts = ['', ...fc.sample(anything, { numRuns: 20000, seed: 20261127 })];
    const session = db.session();
    const mine = said_by_program(texts), theirs = await said_by_sql(session, texts);
    assert.equal(mine.length, texts.length);
    let accepted = 0;
    texts.forEach((text, i) => {
        const [form, valid, shape] = theirs[i];
        if (form === null) return;
        accepted++;
        const wanted = shape === 'f' ? { kind: 'code', form }
            : valid === 't' ? { kind: 'number', form } : { kind: 'neither', form: '' };
        assert.deepEqual(mine[i], wanted, JSON.stringify(text));
    });
    assert.ok(accepted > 5000, `${accepted} accepted`);
    const forms = mine.filter((one) => one.form).map((one) => one.form);
    const again = await said_by_sql(session, forms);
    forms.forEach((form, i) => assert.deepEqual(again[i][0], form));
    again.forEach(([form, valid, shape]) => assert.equal(shape, valid, form));
    assert.ok(forms.length > accepted / 2, `${forms.length} understood`);
    await db.end();
});
