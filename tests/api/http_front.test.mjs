// What the HTTP front does for honest clients: framing, headers, languages, validators, streams.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Answer, Probe, sleep } from './probe.mjs';
import { connect } from 'node:net';

const H = 'Host: a\r\n';
const GET = `GET /v1/hello HTTP/1.1\r\n${H}\r\n`;
let probe;
before(async () => { probe = await Probe.start(); });
after(() => probe.stop());

const call = (path, options = {}) => fetch(probe.url + path, options);
const send = (path, body, headers = {}) => call(path, {
    method: 'POST', body, headers: { 'content-type': 'application/json', ...headers },
});

describe('framing', () => {
    test('pipelined requests are answered in order', async () => {
        const paths = Array.from({ length: 50 }, (_, i) => i);
        const bytes = paths.map((i) => `GET /v1/things/${i} HTTP/1.1\r\n${H}\r\n`).join('');
        const replies = (await probe.raw(bytes)).replies();
        assert.deepEqual(replies.map((r) => JSON.parse(r.body).a), paths.map(String));
    });

    test('also when one of them waits', async () => {
        const waits = `GET /v1/later?ms=150 HTTP/1.1\r\n${H}\r\n`;
        const things = `GET /v1/things/x HTTP/1.1\r\n${H}\r\n`;
        const replies = (await probe.raw(waits + things + waits + things, { wait: 600 })).replies();
        assert.deepEqual(replies.map((r) => /hello/.test(r.body)), [true, false, true, false]);
    });

    test('many large pipelined replies arrive whole', async () => {
        const big = `GET /v1/big?bytes=300000 HTTP/1.1\r\n${H}\r\n`;
        const answer = await probe.raw(big.repeat(20), { wait: 0, close: false });
        for (let i = 0; i < 200 && answer.bytes.length < 20 * 300000; i++) await sleep(50);
        await sleep(100);
        answer.socket.destroy();
        const replies = answer.replies();
        assert.deepEqual(replies.map((r) => r.body.length), Array(20).fill(300000));
    });

    test('a request cut anywhere is read the same', async () => {
        const body = '5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n';
        const whole = `POST /v1/echo HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n${body}${GET}`;
        const cuts = Array.from({ length: whole.length - 1 }, (_, i) => i + 1);
        await Promise.all(cuts.map(async (at) => {
            const pieces = [whole.slice(0, at), whole.slice(at)];
            const replies = (await probe.raw(pieces, { gap: 20, wait: 500 })).replies();
            assert.equal(replies.length, 2, `cut at ${at}`);
            assert.equal(JSON.parse(replies[0].body).body, 'hello world');
        }));
    });

    test('Expect: 100-continue gets its answer before the body', async () => {
        const head = `POST /v1/echo HTTP/1.1\r\n${H}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`;
        const answer = await probe.raw(head, { close: false });
        assert.equal(answer.text, 'HTTP/1.1 100 Continue\r\n\r\n');
        answer.socket.write('hello');
        await sleep(100);
        assert.equal(JSON.parse(answer.replies()[0].body).body, 'hello');
        answer.socket.destroy();
    });

    test('… or the refusal', async () => {
        const head = `POST /v1/echo HTTP/1.1\r\n${H}Expect: 100-continue\r\nContent-Length: 99999\r\n\r\n`;
        const answer = await probe.raw(head, { wait: 3000 });
        assert.deepEqual(answer.replies().map((r) => r.status), [413]);
        assert.doesNotMatch(answer.text, /100 Continue/);
    });

    test('HEAD is GET without the body', async () => {
        const answer = await probe.raw(`HEAD /v1/hello HTTP/1.1\r\n${H}Connection: close\r\n\r\n`);
        assert.match(answer.text, /Content-Length: 39\r\n/);
        assert.ok(answer.text.endsWith('\r\n\r\n'));
    });

    test('a body of exactly the limit is taken', async () => {
        const reply = await call('/v1/echo', { method: 'POST', body: 'x'.repeat(65536) });
        assert.equal((await reply.json()).length, 65536);
    });

    test('an absolute target of this host', async () => {
        const answer = await probe.raw(`GET http://A/v1/hello HTTP/1.1\r\n${H}\r\n`);
        assert.equal(answer.replies()[0].status, 200);
    });
});

describe('routes', () => {
    test('405 names the methods', async () => {
        const reply = await call('/v1/hello', { method: 'DELETE' });
        assert.equal(reply.status, 405);
        assert.equal(reply.headers.get('allow'), 'GET, HEAD, OPTIONS');
    });

    test('so does OPTIONS, for a path and for all', async () => {
        const one = await call('/v1/typed', { method: 'OPTIONS' });
        assert.equal(one.status, 204);
        assert.equal(one.headers.get('allow'), 'POST, OPTIONS');
        const all = (await probe.raw(`OPTIONS * HTTP/1.1\r\n${H}\r\n`)).replies();
        assert.equal(all[0].status, 204);
        assert.match(all[0].headers.allow, /DELETE/);
    });

    test('parameters are decoded and normalised', async () => {
        const reply = await call('/v1/things/a%20b/parts/a%CC%81');
        assert.deepEqual(await reply.json(), { a: 'a b', b: 'á', url: `${probe.url}/x` });
    });

    test('input is checked by the tables', async () => {
        const good = await send('/v1/typed?ms=5', '{"name":"Đỗ"}');
        assert.deepEqual(await good.json(), { body: { name: 'Đỗ' }, args: { ms: 5 } });
        const codes = async (path, body) => {
            const reply = await send(path, body, { 'accept-language': 'en' });
            assert.equal(reply.status, 422);
            return (await reply.json()).errors.map((e) => `${e.pointer} ${e.code}`);
        };
        assert.deepEqual(await codes('/v1/typed', '{}'), ['/name required']);
        assert.deepEqual(await codes('/v1/typed', '{"name":"a","b":1}'), ['/b unknown']);
        assert.deepEqual(await codes('/v1/typed?ms=x', '{"name":"a"}'), ['/ms type']);
        assert.deepEqual(await codes('/v1/typed?no=1', '{"name":"a"}'), ['/no unknown']);
        assert.deepEqual(await codes('/v1/typed?ms=1&ms=2', '{"name":"a"}'), ['/ms repeated']);
        assert.deepEqual(await codes('/v1/typed?ms=%01', '{"name":"a"}'), ['/ms controls']);
        assert.equal((await send('/v1/typed', '{"name":')).status, 400);
        assert.equal((await send('/v1/typed', '{}', { 'content-type': 'text/plain' })).status, 415);
        assert.equal((await call('/v1/hello?x=1')).status, 422);
        assert.equal((await call('/?utm_source=x')).status, 200);
    });

    test('Idempotency-Key is checked', async () => {
        const status = async (key) =>
            (await call('/v1/key', { method: 'POST', headers: { 'idempotency-key': key } })).status;
        assert.equal(await status('a-1'), 200);
        assert.equal(await status('x'.repeat(64)), 200);
        assert.equal(await status('x'.repeat(65)), 400);
        assert.equal(await status('a b'), 400);
        assert.equal(await status(''), 400);
    });
});

describe('who asks', () => {
    const mine = async (method, headers) => (await call('/v1/mine', { method, headers })).status;

    test('nobody, somebody without the role, somebody with it', async () => {
        assert.equal(await mine('GET', {}), 401);
        assert.equal(await mine('GET', { authorization: 'Bearer bad' }), 401);
        assert.equal(await mine('GET', { authorization: 'Bearer good' }), 200);
        assert.equal(await mine('GET', { authorization: 'Bearer slow' }), 200);
        const other = await call('/v1/other', { headers: { authorization: 'Bearer good' } });
        assert.equal(other.status, 403);
    });

    test('bad credentials do not close what is public', async () => {
        const reply = await call('/v1/hello', { headers: { authorization: 'Bearer bad' } });
        assert.equal(reply.status, 200);
    });

    test('a write by cookie needs the page marker', async () => {
        const cookie = 'x=y; probe=good';
        assert.equal(await mine('GET', { cookie }), 200);
        assert.equal(await mine('POST', { cookie }), 403);
        assert.equal(await mine('POST', { cookie, 'x-dossierpost': '1' }), 200);
    });
});

describe('headers', () => {
    test('on every reply', async () => {
        const ids = new Set();
        for (const path of ['/v1/hello', '/nowhere', '/docs', '/healthz']) {
            const { headers } = await call(path);
            ids.add(headers.get('x-request-id'));
            assert.equal(headers.get('x-content-type-options'), 'nosniff');
            assert.ok(headers.get('referrer-policy'));
            assert.ok(Math.abs(new Date(headers.get('date')) - Date.now()) < 2000);
            if (path !== '/docs') assert.equal(headers.get('cache-control'), 'no-store');
        }
        assert.equal(ids.size, 4);
    });

    test('HTML has a strict policy', async () => {
        const policy = (await call('/docs')).headers.get('content-security-policy');
        assert.match(policy, /default-src 'self'/);
        assert.doesNotMatch(policy, /'unsafe-|https?:/);
    });

    test('problems speak the reader\'s language', async () => {
        const title = async (language) =>
            (await (await call('/no', { headers: { 'accept-language': language } })).json()).title;
        assert.equal(await title(''), 'Không tìm thấy');
        assert.equal(await title('fr'), 'Không tìm thấy');
        assert.equal(await title('vi-VN,vi;q=0.9,en;q=0.8'), 'Không tìm thấy');
        assert.equal(await title('en-US,en;q=0.9,vi;q=0.8'), 'Not found');
        assert.equal(await title('fr, en;q=0.5'), 'Not found');
    });

    test('a person at a wrong page gets a page', async () => {
        const reply = await call('/no', { headers: { accept: 'text/html', 'accept-language': 'en' } });
        assert.equal(reply.status, 404);
        assert.match(await reply.text(), /<h1>Not found<\/h1>/);
    });

    test('traceparent goes into the log when it is well formed', async () => {
        const id = '4bf92f3577b34da6a3ce929d0e0e4736';
        await call('/v1/hello', { headers: { traceparent: `00-${id}-00f067aa0ba902b7-01` } });
        const bad = ['x', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `00-${id}-xx`, `01-${id}`];
        for (const traceparent of bad) await call('/v1/hello', { headers: { traceparent } });
        assert.equal(probe.log.split('trace=').length, 2);
        assert.match(probe.log, new RegExp(`trace=${id}`));
    });

    test('forwarded headers count only behind a trusted proxy', async () => {
        const headers = { 'x-forwarded-for': '1.2.3.4, 5.6.7.8', 'x-forwarded-proto': 'https' };
        const ask = async (at) =>
            (await fetch(`${at.url}/v1/echo`, { method: 'POST', body: '', headers })).json();
        assert.deepEqual(await ask(probe).then((r) => [r.peer, r.https]), ['127.0.0.1', false]);
        const trusting = await Probe.start({ DOSSIERPOST_SERVER_TRUST_PROXY: 'true' });
        assert.deepEqual(await ask(trusting).then((r) => [r.peer, r.https]), ['5.6.7.8', true]);
        await trusting.stop();
    });
});

describe('pages of its own', () => {
    test('every problem has a page in both languages', async () => {
        const list = await (await call('/problems')).text();
        const links = [...list.matchAll(/href="(\/problems\/[a-z-]+)"/g)].map((m) => m[1]);
        assert.ok(links.length > 30);
        for (const link of links) {
            const page = await (await call(link)).text();
            assert.match(page, /<html lang="vi">[^]*lang="en"/);
        }
        assert.equal((await call('/problems/none')).status, 404);
    });

    test('the description names every route and is a fixed document', async () => {
        const reply = await call('/openapi.json');
        const api = await reply.json();
        assert.equal(api.openapi, '3.1.0');
        assert.ok(api.paths['/v1/things/{a}/parts/{b}'].get);
        assert.deepEqual(api.paths['/v1/mine'].post.security, [{ session: [] }, { bearer: [] }]);
        const etag = reply.headers.get('etag');
        const again = await call('/openapi.json', { headers: { 'if-none-match': `"x", W/${etag}` } });
        assert.equal(again.status, 304);
        assert.match(await (await call('/docs')).text(), /GET \/v1\/things\/\{a\}/);
    });

    test('embedded files: validators, compression, caching', async () => {
        const path = '/assets/style.css';
        const ask = async (headers, at = path) => (await probe.raw(
            `GET ${at} HTTP/1.1\r\n${H}${headers}\r\n`)).replies()[0];
        const plain = await ask('');
        assert.equal(plain.status, 200);
        assert.equal(plain.headers['cache-control'], 'no-cache');
        assert.match(plain.headers['content-type'], /text\/css/);
        const answer = await probe.raw(
            `GET ${path} HTTP/1.1\r\n${H}Accept-Encoding: gzip\r\nConnection: close\r\n\r\n`);
        assert.match(answer.text, /Content-Encoding: gzip\r\n/);
        const packed = answer.bytes.subarray(answer.bytes.indexOf('\r\n\r\n') + 4);
        assert.equal(gunzipSync(packed).toString(), plain.body);
        assert.equal((await ask(`If-None-Match: ${plain.headers.etag}\r\n`)).status, 304);
        const version = plain.headers.etag.slice(1, 17);
        assert.match((await ask('', `${path}?v=${version}`)).headers['cache-control'], /immutable/);
        assert.equal((await ask('', `${path}?v=0000000000`)).headers['cache-control'], 'no-cache');
        assert.equal((await ask('', '/assets/../web/style.css')).status, 404);
    });
});

describe('event streams', () => {
    const open = async () => {
        const socket = connect(probe.port, '127.0.0.1');
        const answer = new Answer(socket);
        socket.write(`GET /v1/stream HTTP/1.1\r\n${H}\r\n`);
        await sleep(100);
        return answer;
    };
    const publish = async (body) =>
        (await (await call('/v1/publish', { method: 'POST', body })).json()).streams;

    test('deliver what is sent, and are closed when the client leaves', async () => {
        const answer = await open();
        assert.match(answer.text, /Content-Type: text\/event-stream\r\n/);
        assert.match(answer.text, /\r\n\r\nid: 0\nevent: hello\ndata: {}\n\n$/);
        assert.equal(await publish('{"a":1}'), 1);
        await sleep(50);
        assert.ok(answer.text.endsWith('id: 1\ndata: {"a":1}\n\n'));
        answer.socket.destroy();
        await sleep(50);
        assert.equal(await publish('{}'), 0);
    });

    test('have a head for who asks for no more', async () => {
        const answer = await probe.raw(`HEAD /v1/stream HTTP/1.1\r\n${H}\r\n${GET}`);
        const [head] = answer.text.split('\r\n\r\n');
        assert.match(head, /text\/event-stream/);
        assert.match(answer.text, /"hello":"world"/);
    });

    test('stay in order for who reads in fits and starts', async () => {
        const answer = await open();
        const filler = 'x'.repeat(20000);
        for (let i = 0; i < 600; i++) {
            if (i % 40 === 0) answer.socket.pause();
            if (i % 40 === 39) answer.socket.resume();
            if (await publish(JSON.stringify({ i, filler })) === 0) break;
        }
        answer.socket.resume();
        await sleep(300);
        const events = answer.text.split('\n\n').slice(1, -1);
        assert.ok(events.length > 40);
        events.forEach((text, i) => assert.equal(JSON.parse(text.split('data: ')[1]).i, i));
        answer.socket.destroy();
    });

    test('are dropped when they are not read', async () => {
        const [reader, sleeper] = [await open(), await open()];
        sleeper.socket.pause();
        let streams = 2;
        for (let i = 0; i < 400 && streams === 2; i++) streams = await publish('x'.repeat(50000));
        assert.equal(streams, 1);
        assert.ok(reader.bytes.length > 100000);
        [reader, sleeper].forEach((a) => a.socket.destroy());
    });
});
