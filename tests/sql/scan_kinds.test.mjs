// The table of transitions against the list of scan kinds it was made from (tests/sql/scan_kinds.csv):
// who may scan, from which state to which, and who holds the thing then. Where they differ on
// purpose, the difference is named here with its reason; any other fails.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT, test_database } from './cluster.mjs';

const MEANT = {
    'arrive: also from accepted arrived':
        'an arrival confirms what came with its bag, or was handed in after it was accepted',
    'take_over: from collection_assigned created to accepted':
        'taking it over begins the carriage of what was only created',
    'open: also from container arrived bagged departed':
        'a sealed bag that is opened has come, whether its arrival was scanned or not',
    'deliver: signed, from any open': 'both sides sign for it, so no state forbids it',
    'take_over: signed, from any open': 'both sides sign for it, so nobody need have offered it',
    'sort: EDE at a transit hub': 'the UPU has a code of its own for it',
    'confirm: not listed': 'a supervisor applies what a device held too long',
    'cancel: not listed': 'written by the program when an intake is cancelled, never scanned',
    'correct: not listed': 'written by the program when an intake is corrected, never scanned',
    'checked: not listed': 'written by the program when an opened bag was checked, never scanned',
    'weigh: not listed': 'written by the program when a bag is weighed, never scanned',
    'create: not listed': 'written by the program, never scanned',
    'attach: not listed': 'written by the program when a file of a scan has come, never scanned',
    'invite: not listed': 'written by the program when the office invites, never scanned',
    'finding: not listed': 'written by the program, never scanned',
    'resolve: not listed': 'written by the program, never scanned',
};

const STAFF = { clerk: 2, courier: 4, hub: 8, officer: 16, supervisor: 32 };
const ANY = Object.values(STAFF).reduce((a, b) => a | b);
const HOLDER = { 'unchanged': 'unchanged', 'the office': 'place', 'the place': 'place', 'the courier': 'taker',
    'the taker': 'taker', 'the bag': 'bag', 'the trip or courier': 'carrier', 'addressee or agency': 'consignee',
    'the authority': 'authority', 'the last holder stays answerable': 'unchanged', "the finder's place": 'place' };
// Kinds that take an event back have no row of their own among the transitions.
const BACK = ['undo', 'reverse'];

const listed = readFileSync(join(ROOT, 'tests/sql/scan_kinds.csv'), 'utf8').trimEnd().split('\n').slice(1)
    .map((line) => line.split(','))
    .map(([kind, who, from, to, holder, emsevt, note]) => ({ kind, who, from, to, holder, emsevt, note }));

let db, kinds, rows, open;
before(async () => {
    db = await test_database();
    kinds = await db.json('select jsonb_agg(k) from custody.scan_kind k');
    rows = await db.json('select jsonb_agg(t) from custody.transition t');
    open = await db.json(`select jsonb_agg(code) from custody.state
        where what = 's' and not ended and code <> 'lost'`);
});
after(() => db.end());

const sorted = (list) => [...list].sort().join(' ');
const less = (list, without) => list.filter((one) => !without.includes(one));

function roles_of({ who }) {
    if (['holder', 'any staff'].includes(who) || who.startsWith('the same person')) return ANY;
    return who.split('|').reduce((bits, role) => bits | (STAFF[role] ?? assert.fail(role)), 0);
}

// [what, states], as the list says it.
function from_of({ from }) {
    if (from.startsWith('container ')) return ['c', from.slice(10).split('|')];
    return ['s', from === 'any open' ? open : from.split('|')];
}

function state_of(to) {
    return to === 'unchanged' ? null : to.replace('container ', '');
}

function* differences_of(one) {
    const { kind } = one, of = kinds.find((k) => k.kind === kind);
    if (!of) return yield `${kind}: no such kind`;
    if (of.roles !== roles_of(one)) yield `${kind}: by others (${of.roles})`;
    if ((of.emsevt ?? '') !== one.emsevt) yield `${kind}: ${of.emsevt}`;
    const transit = /(\w+) at a transit hub/.exec(one.note)?.[1] ?? null;
    if (of.emsevt_transit !== transit) yield `${kind}: ${of.emsevt_transit} at a transit hub`;
    for (const need of ['reason', 'next_action'])
        if (of.needs.includes(need) !== /required/.test(one.note)) yield `${kind}: needs ${of.needs}`;
    if (of.steps === BACK.includes(kind)) yield `${kind}: steps`;
    if (!BACK.includes(kind)) yield* steps_of(one);
}

function* steps_of(one) {
    const { kind } = one, [what, from] = from_of(one), to = state_of(one.to);
    const mine = rows.filter((row) => row.what === what && row.kind === kind && !row.signed);
    const states = mine.map((row) => row.from_state), where = what === 'c' ? 'container ' : '';
    const extra = less(states, from), missing = less(from, states);
    if (extra.length) yield `${kind}: also from ${where}${sorted(extra)}`;
    if (missing.length) yield `${kind}: not from ${where}${sorted(missing)}`;
    for (const other of new Set(mine.map((row) => row.to_state)))
        if (other !== to) {
            const those = mine.filter((row) => row.to_state === other).map((row) => row.from_state);
            yield `${kind}: from ${sorted(those)} to ${other ?? 'unchanged'}`;
        }
    for (const row of mine) {
        if (row.holder !== HOLDER[one.holder]) yield `${kind}: from ${row.from_state} held by ${row.holder}`;
        if (one.who === 'holder' && row.expects !== 'holder')
            yield `${kind}: from ${row.from_state} by whoever does not hold it`;
        const flag = /flag (returning|redirected|damaged)/.exec(one.note)?.[1];
        if (kind === 'deliver' ? row.to_returning !== 'returned' : (row.sets ?? undefined) !== flag)
            yield `${kind}: from ${row.from_state} sets ${row.sets}`;
    }
    const signed = rows.filter((row) => row.kind === kind && row.signed && row.what === 's')
        .map((row) => row.from_state);
    if (signed.length) yield `${kind}: signed, from ${sorted(signed) === sorted(open) ? 'any open' : sorted(signed)}`;
}

test('every listed kind is enforced as it is listed, but for what differs on purpose', () => {
    const found = listed.flatMap((one) => [...differences_of(one)]);
    const names = listed.map((one) => one.kind);
    for (const { kind } of kinds) if (!names.includes(kind)) found.push(`${kind}: not listed`);
    assert.equal(new Set(names).size, names.length);
    assert.deepEqual([...new Set(found)].sort(), Object.keys(MEANT).sort());
});

// The list speaks of shipments; a container that is scanned goes the same ways.
test('what a container does is what the list says a shipment does', () => {
    const alone = ['open', 'close'];
    for (const row of rows.filter((one) => one.what === 'c' && !alone.includes(one.kind))) {
        const one = listed.find(({ kind }) => kind === row.kind);
        assert.equal(row.holder, HOLDER[one.holder], row.kind);
        assert.equal(row.to_state, state_of(one.to), row.kind);
        assert.ok(!['delivered', 'returned', 'seized'].includes(row.to_state), row.kind);
    }
});

test('every transition has its reason in both languages, and every state can be reached and left', () => {
    for (const row of rows) assert.ok(row.reason_vi.length > 10 && row.reason_en.length > 10, JSON.stringify(row));
    const begun = { s: 'created', c: 'open' };
    for (const what of ['s', 'c']) {
        const of = rows.filter((row) => row.what === what);
        const seen = new Set([begun[what]]);
        for (let before = 0; before < seen.size;) {
            before = seen.size;
            for (const row of of)
                if (seen.has(row.from_state)) [row.to_state, row.to_returning].filter(Boolean).forEach((s) => seen.add(s));
        }
        assert.ok(of.every((row) => seen.has(row.from_state)));
    }
});

test('the list is the one the network was described with', (t) => {
    const shared = join(ROOT, '../shared/data/scan_kinds.csv');
    if (!existsSync(shared)) return t.skip('../shared is not there');
    assert.equal(readFileSync(join(ROOT, 'tests/sql/scan_kinds.csv'), 'utf8'), readFileSync(shared, 'utf8'));
});
