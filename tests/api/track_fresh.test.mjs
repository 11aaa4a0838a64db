// What was acknowledged is what is shown: at once by the instance that acknowledged it, within a second
// by another, and to whoever watches, also over a restart.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Service, discard, own_service, sleep, until } from './service.mjs';
import { psql_path, query } from '../fault/journal.mjs';
import { HUB, OFFICE, bag, intake, ok, recorded } from './walk.mjs';

let first, second, clerk, hub, officer, here, there;
const watchers = [];

before(async () => {
    first = await own_service({ env: { DOSSIERPOST_SERVER_LOOPS: '2' } });
    [clerk, hub, officer] = await Promise.all(['clerk', 'hub', 'officer'].map((n) => first.login(n)));
    const url = (user) => `host=${first.state}/run user=${user} dbname=dossierpost`;
    second = new Service({ env: { DOSSIERPOST_DATABASE_URL: url('dossierpost_service'),
        DOSSIERPOST_DATABASE_OWNER_URL: url('dossierpost_owner') } });
    cpSync(join(first.state, 'keys'), join(second.state, 'keys'), { recursive: true });
    await second.start();
    [here, there] = [first.anybody(), second.anybody()];
});
after(async () => {
    for (const one of watchers) one.close();
    if (second.child) await discard(second);
    await discard(first);
});

const latest = (reply) => reply.body.timeline[0].kind;
const look = async (who, key) => ok(await who.get(`/v1/track/${key}`)) && who.get(`/v1/track/${key}`);

// Alternately at two places, so that each is told and none is odd.
async function scans(number, times, check) {
    for (let i = 0; i < times; i++) {
        await recorded(i % 2 ? hub : clerk, i % 2 ? 'arrive' : 'depart', number);
        await check(i % 2 ? 'arrive' : 'depart');
    }
}

async function taken_in() {
    const one = await intake(clerk);
    await recorded(clerk, 'accept', one.number);
    return one;
}

test('a scan acknowledged is a scan visible, on every loop, from memory or not', async () => {
    const { code, number } = await taken_in();
    const lookers = Array.from({ length: 6 }, () => first.anybody());
    await Promise.all(lookers.map((one) => look(one, code)));
    await recorded(clerk, 'depart', number);
    const seen = await Promise.all(lookers.map((one) => one.get(`/v1/track/${code}`)));
    assert.deepEqual(seen.map(latest), seen.map(() => 'depart'));
    await recorded(hub, 'arrive', number);
    assert.equal(latest(await here.get(`/v1/track/${number}`)), 'arrive');
    await recorded(hub, 'sort', number);
    const page = await here.get(`/t/${code}`);
    assert.match(page.body, /Đã chia chọn/);
});

test('a command acknowledged is visible in the next look', async () => {
    const { code } = await taken_in();
    for (const [action, stage] of [['accept', 'accepted'], ['start', 'processing'],
        ['ask_supplement', 'supplement']]) {
        assert.notEqual((await here.get(`/v1/track/${code}`)).body.stage.code, stage);
        ok(await officer.post(`/v1/dossiers/${code}/actions`, { action, reason: 'Thiếu bản sao' }));
        assert.equal((await here.get(`/v1/track/${code}`)).body.stage.code, stage);
    }
});

test('what happens to a bag is seen by who asks for what lies in it', async () => {
    const { code, number } = await taken_in();
    const id = await bag(clerk, OFFICE, HUB, [number], 'NP7');
    await look(here, code);
    await look(there, code);
    await recorded(clerk, 'depart', id);
    assert.equal(latest(await here.get(`/v1/track/${code}`)), 'depart');
    await until('the other instance', async () =>
        latest(await there.get(`/v1/track/${code}`)) === 'depart', { timeout: 1000 });
});

test('another instance is never more than a second behind', async () => {
    const { code, number } = await taken_in();
    await look(there, code);
    let worst = 0;
    await scans(number, 8, async (kind) => {
        const began = performance.now();
        while (latest(await there.get(`/v1/track/${code}`)) !== kind) await sleep(5);
        worst = Math.max(worst, performance.now() - began);
    });
    assert.ok(worst < 1000, `${Math.round(worst)} ms`);
});

test('watchers of both instances are told of each step, and what a restart hid is sent after it', async () => {
    const { code, number } = await taken_in();
    const watch = async (service, headers) => {
        const one = await service.watch(`/v1/track/${code}/events`, headers);
        watchers.push(one);
        return one;
    };
    const told = (one, kind) => until(`${kind} told`, () => one.events.find((event) =>
        JSON.parse(event.data).timeline[0].kind === kind));
    const [near, far] = [await watch(first), await watch(second)];
    await scans(number, 2, async (kind) => { await told(near, kind); await told(far, kind); });
    const { id } = far.events.at(-1);
    assert.equal(id, near.events.at(-1).id, 'an answer has one tag, whoever gives it');

    await discard_soft(second);
    await recorded(hub, 'sort', number);
    await second.start();
    const back = await watch(second, { 'last-event-id': id });
    await told(back, 'sort');
    const idle = await watch(second, { 'last-event-id': back.events.at(-1).id });
    await sleep(300);
    assert.deepEqual(idle.events, []);
    const asked = await second.watch(`/v1/track/${code}/events?seen=${back.events.at(-1).id}`);
    watchers.push(asked);
    await recorded(hub, 'depart', number);
    for (const one of [back, idle, asked]) await told(one, 'depart');
});

// Ends it and keeps what it needs to start again.
async function discard_soft(service) {
    service.child.kill('SIGTERM');
    await service.exit;
    rmSync(join(service.state, 'run'), { recursive: true, force: true });
}

// A transaction that keeps the log from going on, and more events behind it than are listed at once.
async function hold_up(number) {
    const holder = spawn(psql_path(), ['-h', `${first.state}/run`, '-U', 'dossierpost_owner', '-d', 'dossierpost', '-qAtX'],
        { stdio: ['pipe', 'pipe', 'inherit'] });
    holder.stdin.write('begin; select pg_current_xact_id();\n');
    await once(holder.stdout, 'data');
    query(first, `insert into custody.event select (jsonb_populate_record(x.e, jsonb_build_object('subject',
            'x' || n, 'id', base.uuid_v7(), 'xid', pg_current_xact_id()::text))).*
        from (select e from custody.event e where e.subject = '${number}' and e.kind = 'count' limit 1) x,
             generate_series(1, 20100) n`);
    return holder;
}

test('also while the log is held up and too much waits to be listed', async () => {
    const { code, number } = await taken_in();
    await recorded(clerk, 'count', number);
    await look(here, code);
    await until('its answer is kept', () => query(first, `select 1 from dossier.told t
        join custody.shipment s on s.dossier = t.dossier where s.number = '${number}'`).length);
    const holder = await hold_up(number), other = second.anybody(); // which has been started again
    try {
        await scans(number, 4, async (kind) => {
            await sleep(900); // time for news that say nothing of it
            assert.equal(latest(await here.get(`/v1/track/${code}`)), kind);
            assert.equal(latest(await other.get(`/v1/track/${code}`)), kind);
        });
    } finally {
        holder.stdin.end('rollback;\n');
    }
    await until('the log goes on', () => query(first, `select 1 from custody.log where subject = 'x20100'`).length,
        { timeout: 60000 });
    assert.equal(latest(await here.get(`/v1/track/${code}`)), 'arrive');
});

test('answers from memory are counted, and say 304 to who has them', async () => {
    const { code } = await taken_in();
    const count = async (name) => Number(new RegExp(`^dossierpost_${name} (\\d+)`, 'm')
        .exec(await (await fetch(`${first.url}/metrics`)).text())[1]);
    const tag = await until('an answer that stays', async () => {
        const one = await here.get(`/v1/track/${code}`), two = await here.get(`/v1/track/${code}`);
        return one.body.tag === two.body.tag && one.headers.get('etag');
    });
    await until('hits', async () => {
        const before = await count('track_hits_total');
        await here.get(`/v1/track/${code}`);
        return await count('track_hits_total') > before;
    });
    for (const path of [`/v1/track/${code}`, `/t/${code}`]) {
        const whole = await here.get(path), etag = whole.headers.get('etag');
        const again = await here.get(path, { headers: { 'if-none-match': `"other", ${etag}` } });
        assert.deepEqual([again.status, again.headers.get('etag')], [304, etag]);
        assert.equal(again.headers.get('cache-control'), 'max-age=0, must-revalidate');
    }
    assert.match(tag, /^"[0-9a-f]{16}"$/);
    const form = async (how) => {
        const reply = await fetch(`${first.url}/t/${code}`, { headers: { 'accept-encoding': how } });
        return { text: await reply.text(), how: reply.headers.get('content-encoding'),
                 etag: reply.headers.get('etag'), vary: reply.headers.get('vary') };
    };
    const [plain, small] = [await form('identity'), await form('gzip, br')];
    assert.deepEqual([plain.how, small.how, plain.vary, small.vary],
        [null, 'gzip', 'Accept-Encoding', 'Accept-Encoding']);
    assert.equal(small.text, plain.text);
    assert.notEqual(small.etag, plain.etag);
});
