// What the service promises while things break: scans that were acknowledged are there once, those
// that failed are not, the others at most once, and the chain is whole. Says how often by the
// environment, so that `./dev soak` runs the same for longer: FAULT_KILLS, FAULT_DB_KILLS, FAULT_CUTS,
// FAULT_STALL (seconds), FAULT_CONNECTIONS, FAULT_DISK (seconds), FAULT_BAGS (seconds).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Service, discard, own_service, sleep, until } from '../api/service.mjs';
import { CuttingProxy } from './cutting_proxy.mjs';
import { Health } from './health.mjs';
import { query } from './journal.mjs';
import { BagStorm } from './bag_storm.mjs';
import { Storm, check } from './scan_storm.mjs';

const wanted = (name, fallback) => Number(process.env[`FAULT_${name}`] ?? fallback);
const KILLS = wanted('KILLS', 10), DB_KILLS = wanted('DB_KILLS', 4), CUTS = wanted('CUTS', 500);
const STALL = wanted('STALL', 6), CONNECTIONS = wanted('CONNECTIONS', 1000), DISK = wanted('DISK', 3);
const BAGS = wanted('BAGS', 0);

const random = (least, most) => least + Math.random() * (most - least);

// The checker's verdict of all that was sent to this service so far; says what it counted.
async function sound(t, service, storm) {
    assert.deepEqual(storm.odd ?? [], []);
    await chained(service);
    const verdict = await check(service, service.storms);
    assert.ok(verdict.ok, verdict.text);
    assert.ok(verdict.figures.acknowledged > 0, verdict.text);
    t.diagnostic(JSON.stringify({ checked: verdict.figures, sent: storm.figures }));
    return verdict.figures;
}

// Every event has got its place in the log, whatever its sequencer went through.
const chained = (service) => until('the log to have every event', () => query(service,
    'select (select count(*) from custody.event) = (select count(*) from custody.log)')[0] === 't',
{ timeout: 30000 });

// New scans are acknowledged again.
const recovered = (storm) => {
    const before = storm.figures.acknowledged;
    return until('scans to be acknowledged again', () => storm.figures.acknowledged > before + 20,
        { timeout: 60000 });
};

async function storm_for(service, name, action, { Kind = Storm, ...options } = {}) {
    const storm = await new Kind(service, name, options).prepare();
    (service.storms ??= []).push(storm);
    try {
        await action(storm);
    } finally {
        await storm.end();
    }
}

describe('a storm of scans', () => {
    let service;
    before(async () => { service = await own_service({ env: { DOSSIERPOST_DATABASE_QUEUE: '64' } }); });
    after(() => discard(service));

    const storming = (name, action, options) => (t) =>
        storm_for(service, name, (storm) => action(storm, t), options);

    it(`kill -9 of the service, ${KILLS} times`, storming('kills', async (storm, t) => {
        storm.go();
        for (let i = 0; i < KILLS; i++) {
            await sleep(random(50, 600));
            await service.killed();
            await service.start();
        }
        await recovered(storm);
        await storm.halt();
        await sound(t, service, storm);
    }));

    it(`kill -9 of PostgreSQL, ${DB_KILLS} times`, storming('database_kills', async (storm, t) => {
        storm.go();
        for (let i = 0; i < DB_KILLS; i++) {
            await sleep(random(50, 600));
            const killed = service.postmaster();
            process.kill(killed, 'SIGKILL');
            // Its orphans may go on serving for a moment.
            await until('another PostgreSQL', () => ![0, killed].includes(service.postmaster()),
                { timeout: 60000 });
            // The pauses between its starts grow while it does not last: it has not lasted here.
            await service.ready();
            await recovered(storm);
            if (i % 4 === 3) await service.killed().then(() => service.start());
        }
        await storm.halt();
        await sound(t, service, storm);
    }));

    it(`${CUTS} replies cut after the commit, and sent again`, storming('cuts', async (storm, t) => {
        const proxy = await new CuttingProxy(service).start();
        Object.assign(proxy, { share: 0.5, cuts_max: CUTS });
        storm.through = proxy.url;
        storm.go();
        await until('the cuts', () => proxy.cuts >= CUTS, { timeout: 60000 + CUTS * 50 });
        await recovered(storm);
        await storm.halt();
        proxy.stop();
        await sound(t, service, storm);
        assert.ok(proxy.answered > CUTS * 0.9, `${proxy.answered} of ${proxy.cuts} were written`);
        const { duplicate } = storm.figures;
        t.diagnostic(`${proxy.written.size} bodies were written unheard; ${duplicate} scans answered duplicate`);
        assert.ok(proxy.written.size > 10 && duplicate >= proxy.written.size, 'written ones answer duplicate');
    }, { clients: 16, flock: 2, give_up: 0 }));

    it(`a database that stands still for ${STALL} s`, storming('stall', async (storm, t) => {
        storm.go();
        await recovered(storm);
        const health = new Health(service.url);
        const stopped = halted(service.postmaster());
        const busy = storm.figures.busy;
        // Bodies of five: the bound of the queue falls into the middle of one, which then must not
        // say that nothing was done.
        const crowd = Array.from({ length: 300 }, (_, i) => storm.count(i, 5));
        await sleep(STALL * 1000);
        const refused = storm.figures.busy - busy;
        for (const pid of stopped) process.kill(pid, 'SIGCONT');
        await recovered(storm);
        const { count, median, late, worst } = await health.stop();
        await storm.halt();
        await Promise.all(crowd);
        t.diagnostic(`${count} × /healthz: half in ${median.toFixed(1)} ms, 99 % in ${late.toFixed(1)} ms, `
            + `all in ${worst.toFixed(1)} ms; ${refused} scans answered busy`);
        assert.ok(refused > 0, 'the queue is bounded');
        assert.ok(median <= 10 && late <= 50, `health answers in ${median} and ${late} ms`);
        await sound(t, service, storm);
    }));

    it(`${CONNECTIONS} connections at once`, storming('crowd', async (storm, t) => {
        storm.patience = 60000;
        const began = Date.now();
        const outcomes = await Promise.all(
            Array.from({ length: CONNECTIONS }, (_, i) => storm.count(i)));
        t.diagnostic(`${CONNECTIONS} answered in ${Date.now() - began} ms`);
        assert.ok(outcomes.every(Boolean));
        assert.equal(storm.figures.unknown, 0);
        await sound(t, service, storm);
    }, { give_up: 0 }));

    it('leaves projections that are what the events say, and stops cleanly', async () => {
        assert.deepEqual(query(service, 'select * from custody.rebuild()'), []);
        await service.stop({ faults_allowed: true });
    });
});

describe('a storm of bags', () => {
    const skip = !BAGS && 'FAULT_BAGS is not set: ./dev soak asks for it';
    let service;
    before(async () => { service = skip || await own_service({ env: { DOSSIERPOST_SERVER_LOOPS: '4' } }); });
    after(() => skip || discard(service));

    it(`${BAGS} s of bags and what lies in them, from four loops: in one order of locks`, { skip }, async (t) => {
        await storm_for(service, 'bags', async (storm) => {
            storm.go();
            await sleep(BAGS * 1000);
            await storm.halt();
            await sound(t, service, storm);
            assert.deepEqual([storm.figures.busy, storm.figures.unknown], [0, 0]);
        }, { Kind: BagStorm, clients: 14, flock: 2, give_up: 0 });
        assert.deepEqual(query(service, 'select * from custody.rebuild()'), []);
        await sleep(1500); // the sessions tell their figures within a second
        assert.deepEqual(query(service, "select deadlocks from pg_stat_database where datname = 'dossierpost'"), ['0']);
        await service.stop();
    });
});

// SIGSTOP for the postmaster and each of its processes, which it cannot replace then.
function halted(postmaster) {
    const parent = (pid) => {
        try {
            return Number(/\) \S (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))[1]);
        } catch {
            return 0;
        }
    };
    assert.ok(postmaster > 1);
    process.kill(postmaster, 'SIGSTOP');
    const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number)
        .filter((pid) => parent(pid) === postmaster);
    for (const pid of children) process.kill(pid, 'SIGSTOP');
    return [postmaster, ...children];
}

describe('a full disk', () => {
    let service, mounted = '';
    before(() => {
        service = new Service();
        try {
            if (process.getuid() !== 0) throw new Error('only root can mount');
            execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m,mode=711', 'tmpfs', service.state],
                { stdio: 'pipe' });
            mounted = service.state;
        } catch (error) {
            service.remove();
            service.why = error.message.split('\n')[0];
        }
    });
    after(async () => {
        if (!mounted) return;
        service.remove = () => {};
        if (service.child) await discard(service);
        execFileSync('umount', [mounted]);
        delete service.remove;
        service.remove();
    });

    it('is told, loses nothing acknowledged, and is over when there is space again', async (t) => {
        if (!mounted) return t.skip(service.why);
        await service.start();
        await storm_for({ ...at(service), state: '/tmp' }, `full-${process.pid}`, async (storm) => {
            storm.go();
            await recovered(storm);
            const ballast = join(service.state, 'ballast');
            const failed = () => storm.figures.busy + storm.figures.unknown;
            const before = failed();
            fill(ballast);
            const full = Date.now();
            await until('writes to fail', () => failed() > before, { timeout: 60000 });
            while (Date.now() < full + DISK * 1000) {
                await sleep(100);
                fill(ballast);
            }
            assert.equal((await fetch(`${service.url}/healthz`)).status, 200);
            unlinkSync(ballast);
            await recovered(storm);
            await storm.halt();
            await chained(service);
            const verdict = await check(service, [storm]);
            unlinkSync(storm.disk.path);
            assert.ok(verdict.ok, verdict.text);
            t.diagnostic(JSON.stringify({ checked: verdict.figures, sent: storm.figures }));
            assert.deepEqual(storm.odd ?? [], []);
        });
    });
});

// The service with its journals elsewhere: the clients' disks are not full.
const at = (service) => ({
    get url() { return service.url; },
    login: (name) => service.login(name),
});

// Everything that is free, and what has become free since.
function fill(path) {
    const file = openSync(path, 'a');
    for (let size = 1 << 20; size >= 512; ) {
        try {
            writeSync(file, Buffer.alloc(size, 1));
        } catch (error) {
            if (error.code !== 'ENOSPC') throw error;
            size >>= 1;
        }
    }
    fsyncSync(file);
    closeSync(file);
}
