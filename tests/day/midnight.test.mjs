// A page that is open when the day ends counts its days on, though nothing happens.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { discard, sleep, until, uuid7 } from '../api/service.mjs';
import { intake, recorded } from '../api/walk.mjs';
import { service_at } from './clock.mjs';

const MIDNIGHT = Date.parse('2026-11-25T00:00:00+07:00');
let service, watcher;

before(async () => {
    service = await service_at(MIDNIGHT - 9 * 3600000);
});
after(async () => {
    watcher?.close();
    await discard(service);
});

const days = (event) => JSON.parse(event.data).days.post;

test('whoever watches over midnight is told of the new day', async () => {
    const clerk = await service.login('clerk');
    const { code, number } = await intake(clerk);
    const at = service.clock.now();
    await recorded(clerk, 'accept', number, { id: uuid7(at), at: new Date(at).toISOString() });
    watcher = await service.watch(`/v1/track/${code}/events`);
    await until('the first answer', () => watcher.events.length > 0);
    const before = watcher.events.length;
    assert.equal(days(watcher.events.at(-1)), 0);
    // Ten minutes or hours alone change nothing; the end of the day does.
    service.clock.set(MIDNIGHT - 6000);
    await sleep(4000);
    assert.equal(watcher.events.length, before);
    await until('the new day', () => watcher.events.length > before, { timeout: 20000 });
    assert.equal(days(watcher.events.at(-1)), 1);
});
