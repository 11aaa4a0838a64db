// Limits of time and number: dripped requests, idle connections, too many of them, no descriptors
// left, slow readers, clients that leave. Others are served all the while, and nothing spins.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Answer, Probe, sleep } from './probe.mjs';

const GET = 'GET /v1/hello HTTP/1.1\r\nHost: a\r\n\r\n';

async function open(probe, request) {
    const socket = connect(probe.port, '127.0.0.1');
    const answer = new Answer(socket);
    if (request) socket.write(request);
    await Promise.race([once(socket, 'connect'), answer.closed]);
    return answer;
}

async function hello(probe) {
    const began = Date.now();
    const reply = await fetch(`${probe.url}/v1/hello`, { headers: { connection: 'close' } });
    assert.equal(reply.status, 200);
    await reply.arrayBuffer();
    return Date.now() - began;
}

describe('a deadline for the whole request', () => {
    let probe;
    before(async () => {
        probe = await Probe.start({
            DOSSIERPOST_SERVER_REQUEST_TIMEOUT: '1', DOSSIERPOST_SERVER_IDLE_TIMEOUT: '2',
        });
    });
    after(() => probe.stop());

    const drip = async (bytes) => {
        const began = Date.now();
        const answer = await probe.raw([...bytes], { gap: 50, wait: 5000 });
        const took = Date.now() - began;
        assert.ok(took > 900 && took < 3000, `${took} ms`);
        return answer.replies();
    };

    test('a request line byte by byte is cut', async () => {
        const [reply] = await drip(`GET /${'a'.repeat(100)}`);
        assert.equal(reply.status, 408);
        assert.equal(JSON.parse(reply.body).type, '/problems/request-timeout');
    });

    test('fields byte by byte are cut', async () => {
        const [reply] = await drip(`GET / HTTP/1.1\r\nHost: a\r\nA: ${'b'.repeat(100)}`);
        assert.equal(reply.status, 408);
    });

    test('a body byte by byte is cut', async () => {
        const head = 'POST /v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n';
        const [reply] = await drip([head, ...'x'.repeat(100)]);
        assert.equal(reply.status, 408);
    });

    test('chunks byte by byte are cut', async () => {
        const head = 'POST /v1/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
        const [reply] = await drip([head, ...'1\r\nx\r\n'.repeat(20)]);
        assert.equal(reply.status, 408);
    });

    test('a slow but timely request is served', async () => {
        const answer = await probe.raw([...GET], { gap: 10, wait: 200 });
        assert.equal(answer.replies()[0].status, 200);
    });

    test('an idle connection is closed without a word', async () => {
        const answer = await open(probe);
        await Promise.race([answer.closed, sleep(4000)]);
        assert.ok(answer.ended);
        assert.equal(answer.bytes.length, 0);
    });

    test('a handler may take longer than a request may', async () => {
        const reply = await fetch(`${probe.url}/v1/later?ms=1800`);
        assert.equal(reply.status, 200);
    });

    test('who does not read a large reply is dropped, and costs nothing meanwhile', async () => {
        const answer = await open(probe);
        answer.socket.pause();
        answer.socket.write('GET /v1/big?bytes=50000000 HTTP/1.1\r\nHost: a\r\n\r\n');
        let cpu = -1; // of making the reply, which is over when it rises no more
        while (probe.cpu() !== cpu) {
            cpu = probe.cpu();
            await sleep(150);
        }
        assert.equal(await connections(probe), 2);
        await sleep(2500);
        assert.equal(await connections(probe), 1);
        assert.ok(probe.cpu() - cpu < 0.3, `${probe.cpu() - cpu} s`);
        answer.socket.destroy();
    });
});

async function connections(probe) {
    const text = await (await fetch(`${probe.url}/metrics`, { headers: { connection: 'close' } })).text();
    return Number(/_http_connections (\d+)/.exec(text)[1]);
}

describe('more connections than allowed', () => {
    let probe;
    before(async () => { probe = await Probe.start({ DOSSIERPOST_SERVER_CONNECTIONS: '32' }); });
    after(() => probe.stop());

    test('idle ones make room for new ones', async () => {
        const idle = await Promise.all(Array.from({ length: 200 }, () => open(probe)));
        await sleep(600);
        for (let i = 0; i < 5; i++) assert.ok(await hello(probe) < 500);
        assert.ok(await connections(probe) <= 32);
        const cpu = probe.cpu();
        await sleep(1000);
        assert.ok(probe.cpu() - cpu < 0.2, 'it must not spin');
        idle.forEach((a) => a.socket.destroy());
    });

    test('when none is idle a new one gets 503, and those at work are served', async () => {
        await sleep(100);
        const busy = await Promise.all(Array.from({ length: 32 }, () => open(probe)));
        const request = 'GET /v1/later?ms=1500 HTTP/1.1\r\nHost: a\r\n\r\n';
        busy.forEach((a) => a.socket.write(request));
        await sleep(300);
        const cpu = probe.cpu();
        const more = await Promise.all(Array.from({ length: 300 }, () => open(probe)));
        await Promise.race([Promise.all(more.map((a) => a.closed)), sleep(3000)]);
        const texts = more.map((a) => a.text).filter((text) => text);
        assert.ok(texts.length > 100);
        texts.forEach((text) => assert.match(text, /^HTTP\/1\.1 (503|200) /));
        await sleep(1500);
        busy.forEach((a) => assert.equal(a.replies()[0]?.status, 200));
        assert.ok(probe.cpu() - cpu < 0.6, 'it must not spin');
        [...busy, ...more].forEach((a) => a.socket.destroy());
        await sleep(300);
        assert.ok(await hello(probe) < 500);
    });
});

describe('as many half-open connections as allowed', () => {
    let probe;
    before(async () => { probe = await Probe.start({ DOSSIERPOST_SERVER_CONNECTIONS: '32' }); });
    after(() => probe.stop());

    test('make room for whoever sends a request whole', async () => {
        const head = 'GET / HTTP/1.1\r\nHost: a\r\n';
        const body = 'POST /v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n';
        const half = await Promise.all(Array.from({ length: 32 }, (_, i) => open(probe, i % 2 ? head : body)));
        const drip = setInterval(() => half.forEach((a) => a.ended || a.socket.write('X')), 100);
        try {
            await sleep(2300);
            for (let i = 0; i < 40; i++) assert.ok(await hello(probe) < 500);
            assert.ok(half.filter((a) => !a.ended).length >= 25, 'no more go than are in the way');
        } finally {
            clearInterval(drip);
            half.forEach((a) => a.socket.destroy());
        }
    });
});

describe('no descriptors left', () => {
    let probe;
    before(async () => {
        probe = await Probe.start({}, ['prlimit', '--nofile=40:40']);
    });
    after(() => probe.stop());

    test('it waits without spinning and recovers', async () => {
        const request = 'GET /v1/later?ms=2500 HTTP/1.1\r\nHost: a\r\n\r\n';
        const held = await Promise.all(Array.from({ length: 100 }, () => open(probe, request)));
        await sleep(500);
        const cpu = probe.cpu();
        await sleep(1000);
        assert.ok(probe.cpu() - cpu < 0.2, 'it must not spin');
        assert.match(probe.log, /cannot accept a connection/);
        assert.ok(probe.log.length < 20000, 'the log must not be flooded');
        held.forEach((a) => a.socket.destroy());
        await sleep(600);
        assert.ok(await hello(probe) < 1000);
    });
});

describe('clients that leave', () => {
    let probe;
    before(async () => { probe = await Probe.start(); });
    after(() => probe.stop());
    const counts = async () => (await fetch(`${probe.url}/v1/counts`)).json();

    test('are noticed while a handler waits; its reply goes nowhere', async () => {
        for (let i = 0; i < 5; i++)
            await probe.raw('GET /v1/later?ms=700 HTTP/1.1\r\nHost: a\r\n\r\n', { wait: 200 });
        await sleep(1000);
        assert.deepEqual(await counts(), { waiting: 0, left: 5 });
        assert.match(probe.log, /client has gone/);
    });

    test('are noticed while somebody looks up who they are', async () => {
        const request = 'GET /v1/mine HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer slow\r\n\r\n';
        for (let i = 0; i < 5; i++) await probe.raw(request, { wait: 1 });
        await sleep(200);
        assert.equal((await fetch(`${probe.url}/v1/hello`)).status, 200);
    });

    test('may leave in the middle of a request', async () => {
        for (let i = 1; i < GET.length; i += 7) await probe.raw(GET.slice(0, i), { wait: 1 });
        assert.equal((await fetch(`${probe.url}/v1/hello`)).status, 200);
    });
});

describe('stopping', () => {
    test('finishes what is in flight, closes the rest, and ends', async () => {
        const probe = await Probe.start();
        const idle = await open(probe);
        const stream = await open(probe);
        stream.socket.write('GET /v1/stream HTTP/1.1\r\nHost: a\r\n\r\n');
        const slow = await open(probe);
        slow.socket.write('GET /v1/later?ms=800 HTTP/1.1\r\nHost: a\r\n\r\n');
        await sleep(200);
        const stopped = probe.stop();
        await sleep(200);
        assert.ok(idle.ended && stream.ended && !slow.ended);
        assert.ok((await open(probe)).ended, 'nothing new is accepted');
        await stopped;
        await slow.closed;
        const [reply] = slow.replies();
        assert.equal(reply.status, 200);
        assert.equal(reply.headers.connection, 'close');
    });

    test('a port in use is not shared with a second service', async () => {
        const probe = await Probe.start();
        await assert.rejects(Probe.start({ DOSSIERPOST_LISTEN: `127.0.0.1:${probe.port}` }),
            /Address already in use/);
        await probe.stop();
    });
});
