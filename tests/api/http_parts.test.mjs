// Replies in parts: chunked as RFC 9112 says, kept back for a slow client, ended with one that left.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { Probe, sleep } from './probe.mjs';

let probe;
before(async () => { probe = await Probe.start({ DOSSIERPOST_SERVER_REQUEST_TIMEOUT: '3' }); });
after(() => probe.stop());

const sent = async () => (await fetch(`${probe.url}/v1/parts/sent`)).json();
const call = (path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

// Decodes strictly: sizes in hexadecimal, every line end where it belongs, the last chunk last.
function unchunked(bytes) {
    const parts = [];
    let at = 0;
    for (;;) {
        const line = bytes.indexOf('\r\n', at), size = bytes.toString('latin1', at, line);
        assert.match(size, /^[0-9a-f]+$/);
        const len = Number.parseInt(size, 16);
        at = line + 2 + len;
        assert.equal(bytes.toString('latin1', at, at + 2), '\r\n');
        parts.push(bytes.subarray(line + 2, at));
        at += 2;
        if (len === 0) return { body: Buffer.concat(parts), parts: parts.length - 1, rest: bytes.subarray(at) };
    }
}

function talk(text) {
    const socket = connect(probe.port, '127.0.0.1'), got = [];
    socket.on('data', (part) => got.push(part));
    socket.on('error', () => {});
    socket.write(text);
    return { socket, got, closed: new Promise((done) => { socket.on('close', done); }) };
}

// Until what came ends so: what the service has sent is not yet here, however quick the machine.
async function ends(got, mark) {
    const tail = () => Buffer.concat(got.slice(-8)).subarray(-mark.length).toString('latin1');
    for (let i = 0; i < 1200 && tail() !== mark; i++) await sleep(50);
}
const LAST_CHUNK = '\r\n0\r\n\r\n', HELLO = '"n":[1,2,3,4,5,6,7,8]}';

test('what comes is what was sent, chunk by chunk, and the connection goes on', async () => {
    const { socket, got } = talk(call('/v1/parts?bytes=250000') + call('/v1/hello'));
    await ends(got, HELLO);
    const all = Buffer.concat(got), end = all.indexOf('\r\n\r\n') + 4, head = all.toString('latin1', 0, end);
    assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(head, /\r\nTransfer-Encoding: chunked\r\n/);
    assert.doesNotMatch(head, /Content-Length|Connection: close/);
    const { body, parts, rest } = unchunked(all.subarray(end));
    assert.deepEqual([body.length, parts], [250000, 3]);
    assert.ok(body.every((byte) => byte === 120));
    assert.match(rest.toString('latin1'), /^HTTP\/1\.1 200 OK\r\n[^]*"hello":"world"/);
    socket.destroy();
});

test('nothing at all is a body without parts', async () => {
    const reply = await fetch(`${probe.url}/v1/parts?bytes=0`);
    assert.equal(await reply.text(), '');
});

test('who asks for the head alone gets it alone', async () => {
    const { socket, got } = talk(call('/v1/parts?bytes=9000').replace('GET', 'HEAD') + call('/v1/hello'));
    await ends(got, HELLO);
    assert.match(Buffer.concat(got).toString('latin1'),
        /^HTTP\/1\.1 200 OK\r\n(?:[^\r]+\r\n)+\r\nHTTP\/1\.1 200 OK\r\n[^]*"hello"/);
    socket.destroy();
});

test('a reply that is not whole breaks the connection off', async () => {
    await assert.rejects(fetch(`${probe.url}/v1/parts?bytes=300000&ms=1`).then((reply) => reply.text()));
    assert.equal((await fetch(`${probe.url}/v1/hello`)).status, 200);
});

test('a slow client is waited for, and gets all', async () => {
    const bytes = 60000000, { socket, got } = talk(call(`/v1/parts?bytes=${bytes}`));
    socket.pause();
    await sleep(500);
    const first = await sent();
    assert.ok(first.sent > 0 && first.sent < 30000000, `${first.sent} sent and nobody reads`);
    await sleep(500);
    assert.deepEqual(await sent(), first);
    socket.resume();
    await ends(got, LAST_CHUNK);
    const all = Buffer.concat(got), { body } = unchunked(all.subarray(all.indexOf('\r\n\r\n') + 4));
    assert.equal(body.length, bytes);
    socket.destroy();
});

test('a client that leaves while it is waited for ends the reply', async () => {
    const { ended } = await sent(), { socket } = talk(call('/v1/parts?bytes=60000000'));
    socket.pause();
    await sleep(300);
    socket.resetAndDestroy?.() ?? socket.destroy();
    for (let i = 0; i < 40 && (await sent()).ended === ended; i++) await sleep(50);
    assert.equal((await sent()).ended, ended + 1);
});

test('a client that takes nothing for the whole request time is left', async () => {
    const { ended } = await sent(), { socket, closed } = talk(call('/v1/parts?bytes=60000000'));
    socket.pause();
    for (let i = 0; i < 100 && (await sent()).ended === ended; i++) await sleep(50);
    assert.equal((await sent()).ended, ended + 1);
    socket.resume();
    await closed;
});

test('a program that stops breaks off what would take long, and ends', async () => {
    const own = await Probe.start(), began = Date.now();
    const socket = connect(own.port, '127.0.0.1');
    socket.on('error', () => {}).write(call('/v1/parts?bytes=60000000'));
    socket.pause();
    await sleep(300);
    await own.stop();
    assert.ok(Date.now() - began < 5000, `${Date.now() - began} ms`);
    socket.destroy();
});
