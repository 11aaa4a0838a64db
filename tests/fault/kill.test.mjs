// kill -9 in the middle of the journey, under a small load, of the service and of PostgreSQL: every
// acknowledged write is there exactly once, and the journey goes on with the same state directory.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { discard, own_service, sleep, until, uuid7 } from '../api/service.mjs';
import { act, delivered, intake, ok, people, processed, to_agency, to_delivery_office, track }
    from '../api/walk.mjs';
import { Journal, query } from './journal.mjs';

const ready = (service) => until('the service to recover',
    () => fetch(`${service.url}/readyz`).then((r) => r.ok, () => false), { timeout: 60000 });

function rebuilt(service) {
    assert.deepEqual(query(service, 'select * from custody.rebuild()'), []);
}

// Runs the load, kills in its middle, and lets it run on until the killed part is back.
async function killed_under_load(service, journal, all, number, kill) {
    const running = [1, 2, 3].map(() => journal.load(all, number));
    await until('the load to be under way',
        () => journal.entries.filter((entry) => entry.acknowledged).length > 20);
    await kill();
    await sleep(300);
    journal.stopped = true;
    await Promise.all(running);
    assert.ok(journal.entries.length > 20);
}

describe('kill -9 of the service', () => {
    let service, dossier, all;
    before(async () => { service = await own_service(); });
    after(() => discard(service));

    it('loses no acknowledged write and doubles none', async () => {
        all = await people(service);
        dossier = await intake(all.clerk);
        await to_delivery_office(all, dossier.number);
        const journal = new Journal();
        await killed_under_load(service, journal, all, dossier.number, () => service.killed());
        await service.start();
        journal.check(service);
        for (const client of Object.values(all)) client.url = service.url;
        await journal.again();
        journal.check(service);
        rebuilt(service);
    });

    it('would have noticed a lost write', () => {
        const journal = new Journal();
        journal.entries.push({ id: uuid7(), kind: 'scan', acknowledged: 'recorded' });
        assert.throws(() => journal.check(service), /answered recorded/);
    });

    it('lets the journey go on, with the sessions there were', async () => {
        await to_agency(all, dossier.number);
        const result = await processed(all, dossier.code);
        await delivered(all, result);
        assert.equal((await track(service.anybody(), dossier.code)).status.code, 10);
        rebuilt(service);
    });

    it('stops cleanly afterwards', () => service.stop());
});

describe('kill -9 of PostgreSQL', () => {
    let service, dossier, all;
    before(async () => { service = await own_service(); });
    after(() => discard(service));

    it('loses no acknowledged write, and the service recovers unaided', async () => {
        all = await people(service);
        dossier = await intake(all.clerk);
        await to_delivery_office(all, dossier.number);
        await to_agency(all, dossier.number);
        const journal = new Journal();
        const other = await intake(all.clerk);
        await killed_under_load(service, journal, all, other.number, async () => {
            const pid = service.postmaster();
            assert.ok(pid > 1, 'the postmaster is known');
            process.kill(pid, 'SIGKILL');
            const health = await fetch(`${service.url}/healthz`);
            assert.equal(health.status, 200);
        });
        await ready(service);
        journal.check(service);
        await journal.again();
        journal.check(service);
        rebuilt(service);
    });

    it('lets the journey go on without a new login', async () => {
        assert.equal((await act(all.officer, dossier.code, 'accept')).status.code, 2);
        await act(all.officer, dossier.code, 'start');
        const view = await act(all.officer, dossier.code, 'result_ready');
        await delivered(all, view.shipments.find((one) => one.leg === 'result').number);
        const seen = ok(await service.anybody().get(`/v1/track/${dossier.number}`));
        assert.equal(seen.status.code, 10);
        rebuilt(service);
    });

    it('stops cleanly afterwards', () => service.stop({ faults_allowed: true }));
});
