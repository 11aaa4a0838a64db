// A database that is slow is not asked for every answer anew: who comes waits for what is news, and is
// answered from memory.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { discard, own_service, sleep } from './service.mjs';
import { query } from '../fault/journal.mjs';
import { intake, ok, recorded } from './walk.mjs';

const SLOW = 1.5; // seconds a question for news takes; an answer to one is good for one second
let service, clerk, anybody;

before(async () => {
    service = await own_service({ env: { DOSSIERPOST_SERVER_LOOPS: '1' } });
    clerk = await service.login('clerk');
    anybody = service.anybody();
});
after(() => discard(service));

const by = { user: 'dossierpost_owner' };
const news = `(p_after bigint, p_most int) returns table (subject text, event uuid, pos bigint) language plpgsql`;

function slow_news() {
    query(service, 'alter function dossier.news(bigint, int) rename to news_at_once', by);
    query(service, `create function dossier.news${news} as $$ begin perform pg_sleep(${SLOW});
        return query select * from dossier.news_at_once(p_after, p_most); end $$`, by);
}

async function counted(name) {
    const { body } = await anybody.get('/metrics');
    return Number(new RegExp(`^dossierpost_track_${name}_total (\\d+)`, 'm').exec(body)[1]);
}

test('while news comes slowly answers come from memory, and none of them is old', async () => {
    const { code, number } = await intake(clerk);
    await recorded(clerk, 'accept', number);
    for (let i = 0; i < 2; i++) ok(await anybody.get(`/v1/track/${code}`));
    slow_news();
    await sleep(1000 * SLOW);
    const anew = await counted('anew'), hits = await counted('hits');
    for (let i = 0; i < 3; i++)
        await Promise.all(Array.from({ length: 20 }, async () => ok(await anybody.get(`/v1/track/${code}`))));
    assert.equal(await counted('anew'), anew);
    assert.ok(await counted('hits') >= hits + 60);
    await recorded(clerk, 'depart', number);
    const seen = ok(await anybody.get(`/v1/track/${code}`));
    assert.equal(seen.timeline[0].kind, 'depart');
});
