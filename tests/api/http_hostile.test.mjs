// Bytes that a hostile or broken client sends to the HTTP front. Each is answered with one refusal
// and the end of the connection, and nothing hidden behind it is ever taken for a request.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hostile } from './hostile.mjs';
import { Probe } from './probe.mjs';

const H = 'Host: a\r\n';
const SMUGGLED = 'GET /v1/things/smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
const get = (lines) => `GET /v1/hello HTTP/1.1\r\n${lines}\r\n`;
const post = (lines, body = '') => `POST /v1/echo HTTP/1.1\r\n${H}${lines}\r\n${body}`;
const chunk = (body) => post('Transfer-Encoding: chunked\r\n', body);
let probe;

before(async () => { probe = await Probe.start({ DOSSIERPOST_LOG_LEVEL: 'info' }); });
after(() => probe.stop());

// One refusal with this status, then the end; what follows in the same bytes is not answered.
async function refused(bytes, status) {
    const answer = await probe.raw(bytes + SMUGGLED, { wait: 3000 });
    const replies = answer.replies();
    assert.equal(replies.length, 1, answer.text);
    assert.equal(replies[0].status, status, answer.text);
    assert.equal(replies[0].headers.connection, 'close');
    assert.match(replies[0].headers['content-type'], /^application\/problem\+json/);
    const problem = JSON.parse(replies[0].body);
    assert.equal(problem.status, status);
    assert.equal(problem.instance, replies[0].headers['x-request-id']);
    assert.ok(answer.ended, 'the server must close');
    assert.doesNotMatch(probe.log, /smuggled/);
}

describe('refused with one reply and the end of the connection', () => {
    for (const [name, [bytes, status]] of Object.entries(hostile('/v1/hello', '/v1/echo')))
        test(name, () => refused(bytes, status));
});

describe('never taken for a request', () => {
    test('a request inside a body of known length', async () => {
        const answer = await probe.raw(
            post(`Content-Length: ${SMUGGLED.length}\r\n`, SMUGGLED) + get(H));
        const replies = answer.replies();
        assert.equal(replies.length, 2);
        assert.equal(JSON.parse(replies[0].body).body, SMUGGLED);
        assert.match(replies[1].body, /hello/);
    });

    test('a request inside a chunk', async () => {
        const size = SMUGGLED.length.toString(16);
        const answer = await probe.raw(chunk(`${size}\r\n${SMUGGLED}\r\n0\r\n\r\n`) + get(H));
        const replies = answer.replies();
        assert.equal(replies.length, 2);
        assert.equal(JSON.parse(replies[0].body).body, SMUGGLED);
    });

    test('the body of a request to nowhere', async () => {
        const answer = await probe.raw(
            `POST /nowhere HTTP/1.1\r\n${H}Content-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`);
        assert.deepEqual(answer.replies().map((r) => r.status), [404]);
        assert.ok(answer.ended);
    });

    test('the body of a GET', async () => {
        const answer = await probe.raw(
            `GET /v1/hello HTTP/1.1\r\n${H}Content-Type: application/json\r\n` +
            `Content-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`);
        assert.deepEqual(answer.replies().map((r) => r.status), [400]);
    });

    test('what follows Connection: close', async () => {
        const answer = await probe.raw(get(`${H}Connection: close\r\n`) + SMUGGLED);
        assert.deepEqual(answer.replies().map((r) => r.status), [200]);
        assert.ok(answer.ended);
    });

    test('none of all these reached a handler', () => assert.doesNotMatch(probe.log, /smuggled/));
});

test('a refusal reaches a client that goes on sending', async () => {
    const head = post('Content-Length: 900000\r\n');
    for (const pieces of [[head + 'x'.repeat(900000)], [head, ...Array(50).fill('x'.repeat(16000))]]) {
        const answer = await probe.raw(pieces, { gap: 5, wait: 4000, deaf: 500 });
        assert.deepEqual(answer.replies().map((r) => r.status), [413]);
        assert.equal(answer.error, undefined, 'a reset may overtake the reply');
    }
});
