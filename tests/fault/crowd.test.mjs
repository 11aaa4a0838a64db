// Thousands of idle and half-open connections: who asks where a dossier is waits no longer for them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT, own_service, sleep, until } from '../api/service.mjs';
import { intake } from '../api/walk.mjs';

const IDLE = 2500, HALF = 2500, ROUNDS = 3, ASKED = 600;
const LEAST_MS = 10; // below, a busy machine is what is measured
let house, number, child;

before(async () => {
    house = await own_service();
    ({ number } = await intake(await house.login('clerk')));
});
after(() => {
    child?.kill();
    return house.stop();
});

async function crowd() {
    const port = new URL(house.url).port;
    child = spawn(process.execPath, [join(ROOT, 'tests/fault/crowd.mjs'), port, IDLE, HALF],
        { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    // What the kernel took in the service may still have to accept.
    await until('all of them', async () => {
        const text = await (await fetch(`${house.url}/metrics`)).text();
        return Number(/_http_connections (\d+)/.exec(text)[1]) > IDLE + HALF - 10;
    });
}

function ask(agent) {
    const began = performance.now();
    return new Promise((done, failed) => {
        request(`${house.url}/v1/track/${number}`, { agent }, (reply) => {
            if (reply.statusCode !== 200) failed(new Error(`status ${reply.statusCode}`));
            reply.resume().on('end', () => done(performance.now() - began));
        }).on('error', failed).end();
    });
}

// At a steady pace, some on connections of their own.
async function p99() {
    const agent = new Agent({ keepAlive: true, maxSockets: 16 }), times = [];
    for (let i = 0; i < ASKED; i++) {
        times.push(ask(i % 10 ? agent : false));
        await sleep(5);
    }
    const sorted = (await Promise.all(times)).sort((a, b) => a - b);
    agent.destroy();
    return sorted[Math.floor(ASKED * 0.99)];
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

test('others wait no longer than twice as long as usual', async (t) => {
    const alone = [], among = [];
    await p99();
    for (let i = 0; i < ROUNDS; i++) {
        alone.push(await p99());
        await crowd();
        among.push(await p99());
        child.stdin.end();
        await once(child, 'exit');
    }
    const told = `p99 in ms: alone ${alone.map(Math.round)}, among ${IDLE + HALF} others ${among.map(Math.round)}`;
    t.diagnostic(told);
    assert.ok(median(among) <= 2 * Math.max(median(alone), LEAST_MS), told);
});
