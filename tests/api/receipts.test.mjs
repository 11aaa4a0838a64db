// What a device is told when things do not go well: a log that stands still, a database that cannot
// write its scans.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { psql_path, query } from '../fault/journal.mjs';
import { own_service, show, sleep, uuid7 } from './service.mjs';
import { intake, ok, people } from './walk.mjs';

// A transaction that stays open and may have written: nothing after it is surely committed.
async function open_transaction(service) {
    const line = [psql_path(), '-h', join(service.state, 'run'), '-U', 'dossierpost_owner', '-XAtq',
        'dossierpost'];
    const all = process.getuid() === 0 ? ['runuser', '-u', 'postgres', '--', ...line] : line;
    const child = spawn(all[0], all.slice(1), { stdio: ['pipe', 'pipe', 'inherit'], cwd: '/' });
    child.stdin.write('begin; select pg_current_xact_id();\n');
    await new Promise((done) => child.stdout.once('data', done));
    return () => new Promise((done) => child.on('close', done) && child.stdin.end());
}

describe('receipts', () => {
    let house, all, device;
    before(async () => {
        house = await own_service();
        all = await people(house);
        device = ok(await all.clerk.post('/v1/devices', { id: randomUUID(), name: 'Máy quét' }), 201).id;
    });
    after(() => house.stop({ faults_allowed: true }));

    const fresh = async () => (await intake(all.clerk)).number;
    const scan = (kind, code, more = {}) =>
        ({ id: uuid7(), code, kind, at: new Date().toISOString(), ...more });
    const timed = async (body) => {
        const began = performance.now();
        const reply = await all.clerk.post('/v1/custody/scans', body);
        return { ...ok(reply), took: performance.now() - began };
    };
    const of_device = (scans) => timed({ scans, device });

    it('come as soon as the log has passed the scans, whichever loop they are on', async () => {
        for (let i = 0; i < 12; i++) {
            const reply = await of_device([scan('damage', await fresh()), scan('damage', await fresh())]);
            const [last] = query(house, `select max(position) from custody.log
                where event_id in ('${reply.results.map((r) => r.id).join("','")}')`);
            assert.equal(reply.receipt.position, Number(last));
            assert.ok(reply.took < 900, `${reply.took} ms`);
        }
    });

    it('wait a second for a log that stands still, and nobody else does', async () => {
        const [mine, theirs] = [await fresh(), await fresh()];
        const end = await open_transaction(house);
        const waiting = [scan('accept', mine)];
        const held = of_device(waiting);
        await sleep(100);
        const other = await timed({ scans: [scan('accept', theirs)] });
        assert.ok(other.took < 500, `${other.took} ms`);
        const without = await held;
        assert.deepEqual([without.results[0].outcome, without.receipt.position], ['recorded', null]);
        assert.ok(without.took > 900 && without.took < 3000, `${without.took} ms`);
        await end();
        const again = await of_device(waiting);
        assert.equal(again.results[0].outcome, 'duplicate');
        assert.ok(again.receipt.position > 0);
    });

    it('name the position once the transaction that held the log has ended', async () => {
        const number = await fresh();
        const end = await open_transaction(house);
        const held = of_device([scan('accept', number)]);
        await sleep(300);
        await end();
        const reply = await held;
        assert.ok(reply.receipt.position > 0, JSON.stringify(reply));
    });

    it('are not given for what the database could not write, and 500 is the answer when that is all', async () => {
        const number = await fresh();
        query(house, `create function public.broken() returns trigger language plpgsql as
            $$ begin raise exception 'broken' using errcode = '22000'; end $$;
            create trigger broken before insert on custody.event for each row
                when (new.kind = 'repack') execute function public.broken()`, { user: 'postgres' });
        const [bad, worse, good] = [scan('repack', number), scan('repack', number), scan('accept', number)];
        for (const more of [{}, { device }]) {
            const reply = await all.clerk.post('/v1/custody/scans', { scans: [bad, worse], ...more });
            assert.equal(reply.status, 500, show(reply));
            assert.match(reply.body.type, /internal$/);
            assert.equal(reply.body.receipt, undefined);
        }
        const mixed = await of_device([bad, good]);
        assert.deepEqual(mixed.results.map((r) => [r.outcome, r.problem?.type]),
            [['refused', '/problems/internal'], ['recorded', undefined]]);
        assert.deepEqual(mixed.receipt.ids, [good.id]);
        query(house, 'drop trigger broken on custody.event; drop function public.broken()', { user: 'postgres' });
        const { results, receipt } = await of_device([bad, worse]);
        assert.deepEqual(receipt.ids, results.map((r) => r.id));
    });
});
