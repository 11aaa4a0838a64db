// Bytes that a hostile or broken client sends to the HTTP front. Each is answered with one refusal
// and the end of the connection, and nothing hidden behind it is ever taken for a request.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Probe } from './probe.mjs';

const H = 'Host: a\r\n';
const SMUGGLED = 'GET /v1/things/smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
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

const get = (lines) => `GET /v1/hello HTTP/1.1\r\n${lines}\r\n`;
const post = (lines, body = '') => `POST /v1/echo HTTP/1.1\r\n${H}${lines}\r\n${body}`;

const REFUSED = {
    'two Hosts': [get(H + H), 400],
    'no Host': [get(''), 400],
    'an empty Host': [get('Host:\r\n'), 400],
    'two equal Content-Lengths': [post('Content-Length: 5\r\nContent-Length: 5\r\n', 'hello'), 400],
    'two Content-Lengths': [post('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello'), 400],
    'Content-Length +5': [post('Content-Length: +5\r\n', 'hello'), 400],
    'Content-Length "5 5"': [post('Content-Length: 5 5\r\n', 'hello'), 400],
    'Content-Length 0x5': [post('Content-Length: 0x5\r\n', 'hello'), 400],
    'Content-Length 5,5': [post('Content-Length: 5,5\r\n', 'hello'), 400],
    'Content-Length -1': [post('Content-Length: -1\r\n', 'hello'), 400],
    'Content-Length empty': [post('Content-Length: \r\n', 'hello'), 400],
    'Content-Length beyond 64 bits': [post('Content-Length: 99999999999999999999\r\n'), 400],
    'Content-Length over the limit': [post('Content-Length: 65537\r\n'), 413],
    'Content-Length and Transfer-Encoding':
        [post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'), 400],
    'Transfer-Encoding and Content-Length':
        [post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'), 400],
    'Transfer-Encoding xchunked': [post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'), 501],
    'Transfer-Encoding "chunked, gzip"':
        [post('Transfer-Encoding: chunked, gzip\r\n', '0\r\n\r\n'), 501],
    'Transfer-Encoding gzip': [post('Transfer-Encoding: gzip\r\n', '0\r\n\r\n'), 501],
    'Transfer-Encoding "chunked" twice':
        [post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'), 400],
    'Transfer-Encoding by vertical tab': [post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n'), 400],
    'bare LF behind the request line': [`GET /v1/hello HTTP/1.1\n${H}\r\n`, 400],
    'bare LF behind a field': ['GET /v1/hello HTTP/1.1\r\nHost: a\n\r\n', 400],
    'bare LF at the end of the head': [`GET /v1/hello HTTP/1.1\r\n${H}\n`, 400],
    'bare CR in a field': [get(`${H}A: b\rContent-Length: 5\r\n`), 400],
    'NUL in a field': [get(`${H}A: b\0c\r\n`), 400],
    'NUL in the target': [`GET /\0 HTTP/1.1\r\n${H}\r\n`, 400],
    'obs-fold': [get(`${H}A: b\r\n c: d\r\n`), 400],
    'a folded first field': [get(` ${H}`), 400],
    'a space before the colon': [get('Host : a\r\n'), 400],
    'an empty field name': [get(`${H}: b\r\n`), 400],
    'a field without a colon': [get(`${H}abc\r\n`), 400],
    'an absolute target of another host': [`GET http://b/v1/hello HTTP/1.1\r\n${H}\r\n`, 400],
    'an asterisk for GET': [`GET * HTTP/1.1\r\n${H}\r\n`, 400],
    'a fragment': [`GET /v1/hello#x HTTP/1.1\r\n${H}\r\n`, 400],
    'a bad percent escape': [`GET /v1/things/%zz HTTP/1.1\r\n${H}\r\n`, 400],
    'half a percent escape': [`GET /v1/things/%4 HTTP/1.1\r\n${H}\r\n`, 400],
    '%00': [`GET /v1/things/%00 HTTP/1.1\r\n${H}\r\n`, 400],
    'an escaped line end': [`GET /v1/things/%0d%0a HTTP/1.1\r\n${H}\r\n`, 400],
    'an escaped slash': [`GET /v1/things%2f7 HTTP/1.1\r\n${H}\r\n`, 400],
    'broken UTF-8': [`GET /v1/things/%ff%fe HTTP/1.1\r\n${H}\r\n`, 400],
    'a bidirectional override': [`GET /v1/things/%e2%80%ae HTTP/1.1\r\n${H}\r\n`, 400],
    'HTTP/1.0': [`GET /v1/hello HTTP/1.0\r\n${H}\r\n`, 505],
    'the preface of HTTP/2': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
    'an unknown method': [`BREW /v1/hello HTTP/1.1\r\n${H}\r\n`, 501],
    'CONNECT': [`CONNECT a:80 HTTP/1.1\r\n${H}\r\n`, 501],
    'an unknown expectation': [post('Content-Length: 5\r\nExpect: tea\r\n'), 417],
    'a TLS hello': ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n', 400],
    'a request line of 9 KiB': [`GET /${'a'.repeat(9000)} HTTP/1.1\r\n${H}\r\n`, 414],
    'a request line without end': ['a'.repeat(20000), 414],
    'fields of 17 KiB': [get(`${H}A: ${'b'.repeat(17000)}\r\n`), 431],
    '101 fields': [get(H + 'A: b\r\n'.repeat(100)), 431],
};
const chunk = (body) => post('Transfer-Encoding: chunked\r\n', body);
for (const size of ['0x5', '-1', '+5', '5 ;x', ' 5', '5 ', '', 'g', 'fffffffff', '000000005'])
    REFUSED[`chunk size "${size}"`] = [chunk(`${size}\r\nhello\r\n0\r\n\r\n`), 400];
Object.assign(REFUSED, {
    'a chunk size over the limit': [chunk(`ffffff\r\n${'x'.repeat(70000)}`), 413],
    'many chunks over the limit': [chunk(`8000\r\n${'x'.repeat(0x8000)}\r\n`.repeat(3)), 413],
    'a chunk without CRLF behind it': [chunk('5\r\nhello0\r\n\r\n'), 400],
    'a chunk longer than its size': [chunk('5\r\nhello world\r\n0\r\n\r\n'), 400],
    'a chunk size ended by LF': [chunk('5\nhello\r\n0\r\n\r\n'), 400],
    'LF in a chunk extension': [chunk('5;a\nb\r\nhello\r\n0\r\n\r\n'), 400],
    'an endless chunk extension': [chunk(`5;${'a'.repeat(300)}\r\nhello\r\n0\r\n\r\n`), 400],
    'trailer fields': [chunk('5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n'), 400],
});

describe('refused with one reply and the end of the connection', () => {
    for (const [name, [bytes, status]] of Object.entries(REFUSED))
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
    const answer = await probe.raw(
        [post('Content-Length: 900000\r\n'), ...Array(50).fill('x'.repeat(16000))],
        { gap: 5, wait: 4000 });
    assert.deepEqual(answer.replies().map((r) => r.status), [413]);
});
