// Enumeration: many different numbers from one address are slowed, then refused, at two instances on
// one database as at one. Who asks about the same ones, who works here and who asks from elsewhere
// notices nothing. Callers choose their address among those of the loopback network.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ROOT, Service, own_service, sleep, until } from './service.mjs';
import { intake } from './walk.mjs';
import { psql_path, query } from '../fault/journal.mjs';

const RATE = 20, BURST = 20; // a number comes back in three seconds
const LIMITS = { DOSSIERPOST_TRACK_RATE: `${RATE}`, DOSSIERPOST_TRACK_BURST: `${BURST}` };
const numbers = [];
let first, second, clerk, last_address = 10;

before(async () => {
    first = await own_service({ env: LIMITS });
    clerk = await first.login('clerk');
    while (numbers.length < BURST + 5) numbers.push((await intake(clerk)).number);
    const url = (user) => `host=${first.state}/run user=${user} dbname=dossierpost`;
    second = new Service({ env: { ...LIMITS, DOSSIERPOST_DATABASE_URL: url('dossierpost_service'),
        DOSSIERPOST_DATABASE_OWNER_URL: url('dossierpost_owner') } });
    rmSync(join(second.state, 'keys'), { recursive: true, force: true });
    execFileSync('cp', ['-a', join(first.state, 'keys'), second.state]);
    await second.start();
});
after(async () => {
    if (second?.child) await second.stop();
    if (first) await first.stop();
});

const fresh_address = () => `127.0.1.${last_address++}`;

// {status, headers, body, ms}
function get(service, path, from, headers = {}) {
    const began = performance.now();
    return new Promise((done, failed) => {
        const sent = request(service.url + path, { localAddress: from, agent: false,
            headers: { 'accept-language': 'en', ...headers } });
        sent.on('error', failed).on('response', (reply) => {
            let body = '';
            const answer = () => done({ status: reply.statusCode, headers: reply.headers, body,
                                        ms: performance.now() - began });
            if (/event-stream/.test(reply.headers['content-type'])) {
                reply.destroy();
                answer();
                return;
            }
            reply.setEncoding('utf8').on('data', (text) => (body += text)).on('end', answer);
        }).end();
    });
}

const track = (service, number, from, headers) => get(service, `/v1/track/${number}`, from, headers);

// Keeps everybody from a table.
function lock(table, seconds) {
    const psql = [psql_path(), '-h', join(first.state, 'run'), '-U', 'dossierpost_owner', '-d', 'dossierpost',
        '-c', `begin; lock table ${table}; select pg_sleep(${seconds}); commit`];
    const command = process.getuid() === 0 ? ['runuser', '-u', 'postgres', '--', ...psql] : psql;
    return once(spawn(command[0], command.slice(1), { cwd: '/', stdio: 'ignore' }), 'exit');
}

// Valid, and never given out.
function unknown(serial) {
    const digits = String(serial).padStart(8, '0');
    const sum = [...digits].reduce((all, digit, i) => all + digit * [8, 6, 4, 2, 3, 5, 9, 7][i], 0);
    const check = 11 - sum % 11;
    return `RR${digits}${check === 10 ? 0 : check === 11 ? 5 : check}VN`;
}

// Half of the answers wait; `held` is all of them.
async function use_up(service, from) {
    const asked = numbers.slice(0, BURST).map((number) => track(service, number, from));
    await Promise.race([sleep(1500), Promise.all(asked)]);
    return { held: Promise.all(asked) };
}

describe('one address', () => {
    test('is answered at once, then later, then not', async () => {
        const from = fresh_address(), replies = [];
        for (const number of numbers) {
            replies.push(await track(first, number, from));
            if (replies.at(-1).status === 429) break;
        }
        const half = replies.slice(0, BURST / 2).map((one) => one.ms);
        assert.deepEqual(new Set(replies.slice(0, -1).map((one) => one.status)), new Set([200]));
        const waited = replies.slice(BURST / 2, -1).map((one) => one.ms);
        assert.ok(replies.length - 1 >= BURST / 2, `${replies.length} replies`);
        assert.ok(Math.min(...waited.slice(2)) > 150, `waited ${waited}`);
        assert.ok(Math.max(...half) < Math.max(...waited), `${half} and ${waited}`);
    });

    test('that asks for all at the same time is refused, and told when to come again', async () => {
        const from = fresh_address(), { held } = await use_up(first, from);
        const refused = await track(first, numbers[20], from);
        const page = await get(first, `/t/${numbers[21]}`, from, { accept: 'text/html' });
        const text = await get(first, `/t/${numbers[21]}.txt`, from);
        const stream = await get(first, `/v1/track/${numbers[22]}/events`, from);
        assert.deepEqual([refused, page, text, stream].map((one) => one.status), [429, 429, 429, 429]);
        assert.ok(refused.ms < 1500, 'a refusal is not held back');
        assert.match(refused.headers['retry-after'], /^[1-3]$/);
        const problem = JSON.parse(refused.body);
        assert.deepEqual([problem.type, problem.title],
            ['/problems/too-many-requests', 'Too many requests']);
        assert.match(page.headers['content-type'], /^text\/html/);
        assert.equal((await track(first, numbers[0], fresh_address())).status, 200);
        assert.ok((await held).every((one) => one.status === 200));
        await sleep(1000 * refused.headers['retry-after']);
        assert.equal((await track(first, numbers[22], from)).status, 200);
    });

    test('that is held back holds nobody else', async () => {
        const from = fresh_address();
        const held = numbers.slice(0, BURST).map((number) => track(first, number, from));
        await sleep(100);
        const others = [];
        while (others.length < 20) others.push(await track(first, numbers[0], fresh_address()));
        const times = others.map((one) => one.ms).sort((a, b) => a - b);
        assert.ok(times[10] < 100, `others took ${times}`);
        await Promise.all(held);
    });

    test('may ask for the same numbers again and again', async () => {
        const from = fresh_address();
        for (let i = 0; i < 200; i++) {
            const reply = await track(first, numbers[i % 3], from);
            assert.equal(reply.status, 200);
        }
    });

    test('is refused sooner for numbers that nobody knows, however they are unknown', async () => {
        for (const key of [unknown, (i) => `RR9000000${i}1VN`, (i) => `x${i}`, (i) => `EE47110815${i}FR`]) {
            const from = fresh_address(), statuses = [];
            for (let i = 0; i < 4; i++) statuses.push((await track(first, key(i), from)).status);
            assert.deepEqual(statuses, [404, 404, 429, 429], key(0));
        }
    });

    test('is known by a number in whatever way it is written', async () => {
        const from = fresh_address(), number = numbers[0];
        const wide = [...number].map((c) => String.fromCodePoint(c.codePointAt(0) + 0xfee0)).join('');
        for (let i = 0; i < 30; i++) {
            for (const way of [number, number.toLowerCase(), wide, number.split('').join(' ')]) {
                const reply = await track(first, encodeURIComponent(way), from);
                assert.equal(reply.status, 200, way);
            }
        }
        assert.equal((await track(first, numbers[1], from)).status, 200);
    });
});

describe('exempt', () => {
    test('are staff and their programs, not applicants', async () => {
        const ask = async (headers) => {
            const from = fresh_address();
            return (await Promise.all(numbers.map((one) => track(first, one, from, headers))))
                .filter((one) => one.status === 429).length;
        };
        const binary = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
        const url = `host=${first.state}/run user=dossierpost_owner dbname=dossierpost`;
        const key = (login) => String(execFileSync(binary, ['account', 'key', login, 'Thử'],
            { env: { ...process.env, DOSSIERPOST_STATE_DIR: first.state, DOSSIERPOST_DATABASE_URL: url } })).trim();
        assert.equal(await ask({ authorization: `Bearer ${key('clerk')}` }), 0);
        assert.ok(await ask({ authorization: `Bearer ${key('applicant')}` }) > 0, 'nor by a token');
        assert.equal(await ask({ cookie: clerk.cookie }), 0);
        const applicant = await first.login('applicant');
        assert.ok(await ask({ cookie: applicant.cookie }) > 0);
        assert.ok(await ask({ cookie: 'dossierpost=stale' }) > 0);
    });
});

describe('two instances', () => {
    test('count together', async () => {
        const from = fresh_address();
        await use_up(first, from);
        await sleep(1200);
        const replies = await Promise.all(numbers.slice(5).map((one) => track(second, one, from)));
        const answered = replies.filter((one) => one.status === 200).length;
        assert.ok(answered <= 3, `${answered} more answered`); // what came back meanwhile
        assert.equal((await track(second, numbers[0], fresh_address())).status, 200);
    });

    test('keep no address longer than its allowance needs', async () => {
        const from = fresh_address(), row = `select count(*) from dossier.track_use
            where address = '${from}'`;
        await track(first, numbers[0], from);
        await until('the address', () => query(first, row)[0] === '1');
        await until('its end', () => query(first, row)[0] === '0');
    });

    test('each go on alone while the table is out of reach', async () => {
        const from = fresh_address();
        const locked = lock('dossier.track_use', 6);
        await until('the lock to be missed', () =>
            /look-ups are counted by this instance alone/.test(first.log()));
        await use_up(first, from);
        assert.equal((await track(first, numbers[24], from)).status, 429);
        await locked;
    });
});

test('absurd questions are answered in time and bounded', async () => {
    for (const path of ['/v1/track/' + '0'.repeat(3000), '/t/' + '%EF%BC%90'.repeat(800),
        '/v1/track/' + '%EF%B7%BA'.repeat(170), '/v1/track/%FF%FE', '/v1/track/%00']) {
        const reply = await get(first, path, fresh_address());
        assert.ok([400, 404].includes(reply.status), `${path.slice(0, 30)} ${reply.status}`);
        assert.ok(reply.ms < 1000 && reply.body.length < 40000);
    }
    const long = await get(first, '/t?number=' + 'R'.repeat(7000), fresh_address());
    assert.equal(long.status, 422);
    const huge = await get(first, '/t?number=' + 'R'.repeat(20000), fresh_address());
    assert.ok([414, 431].includes(huge.status), `${huge.status}`);
    const many = await get(first, '/t?' + 'a=1&'.repeat(1500), fresh_address());
    assert.ok([400, 422].includes(many.status), `${many.status}`);
});
