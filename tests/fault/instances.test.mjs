// Two services on one database, each with a state directory of its own: they share the folder of
// keys, or the second does not start.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Service, discard, own_service, uuid7 } from '../api/service.mjs';
import { intake, intake_body, ok, recorded } from '../api/walk.mjs';
import { query } from './journal.mjs';

let first, second, clerk, number;

before(async () => {
    first = await own_service();
    clerk = await first.login('clerk');
    ({ number } = await intake(clerk));
    await recorded(clerk, 'accept', number);
    const url = (user) => `host=${first.state}/run user=${user} dbname=dossierpost`;
    second = new Service({ env: { DOSSIERPOST_DATABASE_URL: url('dossierpost_service'),
        DOSSIERPOST_DATABASE_OWNER_URL: url('dossierpost_owner') } });
});
after(async () => {
    if (second.child) await discard(second);
    await discard(first);
});

// Milliseconds between checkpoints that were made while these recorded for so long; none is forced by
// 10,000 events.
async function checkpoints_apart(clients, milliseconds) {
    const from = Number(query(first, 'select coalesce(max(size), 0) from custody.checkpoint')[0]);
    const end = Date.now() + milliseconds;
    await Promise.all(clients.map(async (client) => {
        while (Date.now() < end) await recorded(client, 'count', number);
    }));
    return query(first, `select round(extract(epoch from at - lag(at) over (order by size)) * 1000)
        from custody.checkpoint where size > ${from}`).map(Number);
}

function once_a_second(apart, least) {
    assert.ok(apart.length >= least, `${apart.length} checkpoints`);
    assert.ok(Math.min(...apart) >= 1000, apart.join(' '));
}

describe('checkpoints', () => {
    it('are made at most once a second while events come', async () => {
        once_a_second(await checkpoints_apart([clerk], 9000), 4);
    });
});

const share = (names) => {
    rmSync(join(second.state, 'keys'), { recursive: true, force: true });
    execFileSync('cp', ['-a', join(first.state, 'keys'), second.state]);
    for (const name of names) rmSync(join(second.state, 'keys', `${name}.key`));
};

describe('a second service with other keys', () => {
    for (const [what, missing] of [['with none of the first', ['personal', 'log', 'label']],
        ['with another key for checkpoints', ['log']], ['with another key for labels', ['label']]]) {
        it(`does not start ${what}, and says in both languages what to do`, async () => {
            share(missing);
            const text = await second.start().then(() => 'it started', (error) => error.message);
            assert.match(text, new RegExp(`keys/${missing[0]}\\.key is not the key of this database`));
            assert.match(text, /share one folder keys\//);
            assert.match(text, /dùng chung một thư mục keys\//);
            assert.equal(second.child.exitCode, 1);
        });
    }

    it('leaves nothing of the key in the database', () => {
        const marks = query(first, `select name || ' ' || encode(mark, 'hex') from custody.key_mark`);
        assert.deepEqual(marks.map((line) => line.split(' ')[0]).sort(), ['label', 'log', 'personal', 'result']);
        const key = execFileSync('od', ['-An', '-v', '-tx1', join(first.state, 'keys/personal.key')],
            { encoding: 'utf8' }).replace(/\s/g, '');
        assert.equal(key.length, 64);
        assert.ok(!marks.some((line) => line.includes(key.slice(0, 16))));
    });
});

describe('a second service with the same keys', () => {
    let other;
    before(async () => {
        share([]);
        await second.start();
        other = await second.login('clerk');
    });

    it('knows a scan and an intake that the first recorded, and the first one its own', async () => {
        for (const [one, two] of [[clerk, other], [other, clerk]]) {
            const scan = { id: uuid7(), code: number, kind: 'count', at: new Date().toISOString() };
            const sent = ok(await one.post('/v1/custody/scans', { scans: [scan] }));
            assert.equal(sent.results[0].outcome, 'recorded');
            const again = ok(await two.post('/v1/custody/scans', { scans: [scan] }));
            assert.equal(again.results[0].outcome, 'duplicate', JSON.stringify(again));
            assert.equal(again.results[0].first.outcome, 'recorded');
            const body = intake_body();
            const made = ok(await one.post('/v1/dossiers', body), 201);
            assert.equal(ok(await two.post('/v1/dossiers', body), 201).code, made.code);
        }
        assert.equal(query(first, 'select count(distinct key) from custody.checkpoint')[0], '1');
    });

    it('makes a checkpoint at most once a second together with it', async () => {
        once_a_second(await checkpoints_apart([clerk, other], 9000), 4);
    });
});
