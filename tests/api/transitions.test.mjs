// The one table of steps, as others see it: the vocabulary, `dossierpost report transitions` and the
// page of the documentation say what the database enforces.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { query } from '../fault/journal.mjs';
import { discard, own_service, ROOT, show } from './service.mjs';
import { ok } from './walk.mjs';

// The arrows of a Mermaid state diagram, "a b: label"; what leaves a state as it is, "a a: label".
function arrows(text) {
    const found = [];
    for (const line of text.split('\n')) {
        const arrow = /^ +(\w+) --> (\w+) : (.+)$/.exec(line), within = /^ +(\w+) : (.+)$/.exec(line);
        const [from, to, labels] = arrow ? arrow.slice(1) : within ? [within[1], within[1], within[2]] : [];
        for (const label of labels?.split(', ') ?? []) found.push(`${from} ${to}: ${label}`);
    }
    return found.sort();
}

// The same from the rows; a signing stands there only where no scan does the same.
function expected(rows) {
    const found = new Set();
    const arrow = (row, to, why = '') => `${row.what}_${row.from} ${row.what}_${to}: ${row.kind}${why}`;
    for (const row of rows) {
        if (!row.signed) found.add(arrow(row, row.to));
        if (row.to_returning) found.add(arrow(row, row.to_returning, ' (returning)'));
    }
    for (const row of rows.filter((one) => one.signed))
        if (!found.has(arrow(row, row.to))) found.add(arrow(row, row.to, ' (signed)'));
    return [...found].sort();
}

describe('the table of steps', () => {
    let house, rows;
    before(async () => {
        house = await own_service();
        rows = JSON.parse(query(house, `select jsonb_agg(jsonb_build_object(
            'what', case what when 's' then 'shipment' else 'container' end, 'kind', kind, 'from', from_state,
            'to', coalesce(to_state, from_state), 'to_returning', to_returning, 'signed', signed, 'holder', holder,
            'expects', expects, 'reason', reason_vi, 'reason_en', reason_en)) from custody.transition`)[0]);
    });
    after(() => discard(house));

    const report = (...args) => {
        const env = { ...process.env, DOSSIERPOST_STATE_DIR: house.state };
        const done = spawnSync(resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost'),
            ['report', ...args], { env, encoding: 'utf8', timeout: 60000 });
        return { status: done.status, out: done.stdout, told: done.stderr };
    };
    const as_set = (list) => list.map((row) => JSON.stringify(Object.entries(row).sort())).sort();

    it('is drawn from the database', () => {
        const { status, out, told } = report('transitions');
        assert.equal(status, 0, told);
        assert.match(out, /^stateDiagram-v2\n/);
        assert.deepEqual(arrows(out), expected(rows));
        assert.match(out, /^ {8}state "Đã tạo bưu gửi · Created" as shipment_created$/m);
        assert.match(out, /^ {8}\[\*\] --> shipment_created$/m);
        assert.match(out, /^ {8}\[\*\] --> container_open$/m);
        const ends = [...out.matchAll(/^ +(\w+) --> \[\*\]$/gm)].map((m) => m[1]);
        assert.deepEqual(ends, ['shipment_delivered', 'shipment_returned', 'shipment_seized']);
    });

    it('is listed with its reasons', () => {
        const { status, out } = report('transitions', '--json');
        assert.equal(status, 0);
        assert.deepEqual(as_set(JSON.parse(out)), as_set(rows));
    });

    it('is part of the vocabulary', async () => {
        const courier = await house.login('courier');
        const { transitions, states } = ok(await courier.get('/v1/custody/vocabulary'));
        assert.deepEqual(as_set(transitions), as_set(rows));
        const known = new Set(states.map((s) => `${s.what} ${s.code}`));
        for (const row of transitions) assert.ok(known.has(`${row.what} ${row.from}`) && known.has(`${row.what} ${row.to}`));
    });

    it('is on a page for everybody, in both languages', async () => {
        for (const [lang, title, reason] of [['vi', 'Các bước của bưu gửi và túi', 'reason'],
            ['en', 'Steps of shipments and bags', 'reason_en']]) {
            const reply = await house.anybody().get('/docs/custody', { headers: { 'accept-language': lang } });
            assert.equal(reply.status, 200, show(reply));
            assert.ok(reply.body.includes(`<h1>${title}</h1>`));
            assert.equal(reply.body.match(/<tr><td>/g).length, rows.length);
            for (const row of rows) assert.ok(reply.body.includes(`<td>${row[reason]}`), row[reason]);
            assert.ok(reply.body.includes('shipment_created --&gt; shipment_accepted : '));
        }
        assert.ok((await house.anybody().get('/docs')).body.includes('/docs/custody'));
    });

    it('is the only report, and says so', () => {
        for (const args of [[], ['everything'], ['transitions', '--xml'], ['transitions', '--json', 'x']]) {
            const { status, told } = report(...args);
            assert.equal(status, 2);
            assert.match(told, /usage: dossierpost report transitions \[--json\]/);
        }
    });
});
