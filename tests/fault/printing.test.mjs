// What becomes of jobs when the service that prints them is killed, and when two print at once: every
// label comes out once, or a person is asked.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { hung_printer, IppPrinter, RawPrinter } from '../api/printers.mjs';
import { discard, own_service, Service, sleep, until, uuid7 } from '../api/service.mjs';
import { intake, ok } from '../api/walk.mjs';
import { query } from './journal.mjs';

const LEASE = 30000;
let first, second, ipp, clerk, boss;

before(async () => {
    first = await own_service();
    [clerk, boss] = await Promise.all(['clerk', 'supervisor'].map((name) => first.login(name)));
    ipp = new IppPrinter();
    await ipp.start();
});
after(async () => {
    await ipp?.stop();
    if (second?.child) await discard(second);
    await discard(first);
});

const printer = async (uri) => ok(await boss.post('/v1/printers', { id: uuid7(), unit: '46-B1', name: uri, uri,
    language: 'png', dpi: 203, template: 'sticker' }), 201).id;
const print = async (on, numbers) => ok(await clerk.post('/v1/labels/print', { numbers, printer: on })).job.id;
const job = async (id) => ok(await clerk.get(`/v1/labels/jobs/${id}`));
const reaches = (id, fits, timeout = 20000) => until(`the job ${fits}`, async () => {
    const now = await job(id);
    return fits(now) && now;
}, { timeout, every: 200 });
const begun = (id) => query(first, `select begun from label.job where id = '${id}'`)[0] === 't';

describe('kill -9 of the service while it prints', () => {
    it('asks the printer that can be asked, doubts what nobody knows, and begins again what never left', async () => {
        const silent = await hung_printer(), hung = await hung_printer();
        const slow = await on_slow();
        const lost = await print(await printer(silent.uri), [(await intake(clerk)).number, (await intake(clerk)).number]);
        const never = await print(await printer(hung.uri.replace('socket', 'ipp')), [(await intake(clerk)).number]);
        await until('all three at their printers', async () => begun(slow) && begun(lost) && hung.calls > 0, { every: 20 });
        assert.equal(begun(never), false);
        await first.killed();
        const from = Date.now();
        await first.start();
        clerk.url = boss.url = first.url;
        assert.equal((await job(slow)).state, 'sending', 'until the lease is over nobody takes it');
        await reaches(never, (now) => now.state === 'waiting' && now.tries >= 1, LEASE + 30000);
        assert.ok(Date.now() - from > LEASE / 2, 'not before the lease was over');
        await reaches(slow, (now) => now.state === 'printed');
        assert.equal(ipp.printed().length, 1, 'the printer was asked: it is out once');
        const doubt = await reaches(lost, (now) => now.state === 'uncertain');
        assert.deepEqual([doubt.trouble.code, doubt.done, doubt.again], ['interrupted', 0, [doubt.numbers[0]]]);
        await sleep(2000);
        assert.equal(silent.calls, 1, 'nothing was sent again');
        await silent.stop();
        await hung.stop();
    });

    async function on_slow() {
        ipp.mode('slow 9');
        const id = await print(await printer(ipp.uri), [(await intake(clerk)).number]);
        await until('the document at the printer', () => begun(id), { every: 20 });
        await sleep(500);
        ipp.mode('');
        return id;
    }

    it('ends in peace with printers that hang', async () => {
        const hung = await Promise.all([hung_printer(), hung_printer()]);
        await print(await printer(hung[0].uri), [(await intake(clerk)).number]);
        await print(await printer(hung[1].uri.replace('socket', 'ipp')), [(await intake(clerk)).number]);
        await until('both called', () => hung.every((one) => one.calls > 0));
        const from = Date.now();
        first.child.kill('SIGTERM');
        await first.exit;
        assert.equal(first.child.exitCode, 0);
        assert.ok(Date.now() - from < 8000, `it took ${Date.now() - from} ms`);
        await Promise.all(hung.map((one) => one.stop()));
        await first.start();
        clerk.url = boss.url = first.url;
    });
});

describe('two services on one database', () => {
    it('print every label once, each printer\'s in order', async () => {
        const url = (user) => `host=${first.state}/run user=${user} dbname=dossierpost`;
        second = new Service({ env: { DOSSIERPOST_DATABASE_URL: url('dossierpost_service'),
            DOSSIERPOST_DATABASE_OWNER_URL: url('dossierpost_owner') } });
        execFileSync('cp', ['-a', join(first.state, 'keys'), second.state]);
        await second.start();
        const numbers = [];
        for (let i = 0; i < 12; i++) numbers.push((await intake(clerk)).number);
        const raw = await Promise.all([1, 2, 3].map(() => new RawPrinter().start()));
        const there = await Promise.all(raw.map((one) => printer(one.uri)));
        const jobs = [];
        for (let i = 0; i < 12; i += 2) jobs.push(await print(there[i / 2 % 3], [numbers[i], numbers[i + 1]]));
        for (const id of jobs) await reaches(id, (now) => now.state === 'printed', 40000);
        assert.deepEqual(raw.map((one) => one.printed.length), [4, 4, 4]);
        const twice = query(first, 'select max(copy) from label.print where at > now() - interval \'1 minute\'');
        assert.deepEqual(twice, ['1']);
        await Promise.all(raw.map((one) => one.stop()));
    });
});
