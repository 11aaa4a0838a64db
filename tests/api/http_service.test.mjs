// The HTTP front as part of the whole service: it refuses what it refuses alone, and it is what
// /openapi.json says it is.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hostile } from './hostile.mjs';
import { raw } from './probe.mjs';
import { service } from './service.mjs';

let it, api;
before(async () => {
    it = await service();
    api = await (await fetch(`${it.url}/openapi.json`)).json();
});
after(() => it.stop());

test('hostile requests are refused', async () => {
    const port = new URL(it.url).port;
    const rows = hostile('/healthz', '/v1/auth/login', 'Content-Type: application/json\r\n');
    for (const [name, [bytes, status]] of Object.entries(rows)) {
        const answer = await raw(port, bytes + `GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n`, { wait: 3000 });
        assert.deepEqual(answer.replies().map((r) => r.status), [status], name);
        assert.ok(answer.ended, name);
    }
});

// Every operation of the description: [method, path, operation].
const operations = () => Object.entries(api.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => [method.toUpperCase(), path, operation]));

async function ask(method, path) {
    const abort = new AbortController();
    const reply = await fetch(it.url + path.replaceAll(/\{\w+\}/g, 'zz-none'),
        { method, headers: { 'accept-language': 'en' }, redirect: 'manual', signal: abort.signal });
    const stream = /event-stream/.test(reply.headers.get('content-type'));
    const body = stream ? '' : await reply.text();
    abort.abort();
    return { status: reply.status, headers: reply.headers, body };
}

describe('the description is true', () => {
    test('operations have names of their own and a text in both languages', () => {
        const names = operations().map(([, , operation]) => operation.operationId);
        assert.equal(new Set(names).size, names.length);
        for (const [method, path, operation] of operations())
            assert.ok(operation.summary && operation['x-summary-vi'], `${method} ${path} has no text`);
    });

    test('each is there, and asks who you are exactly when it says so', async () => {
        for (const [method, path, operation] of operations()) {
            const { status, headers, body } = await ask(method, path);
            const what = `${method} ${path}: ${status} ${body.slice(0, 200)}`;
            assert.ok(status !== 405 && status < 500, what);
            assert.equal(status === 401 && !/login-refused/.test(body), Boolean(operation.security), what);
            assert.ok(headers.get('x-request-id'), what);
            if (status >= 400 && path.startsWith('/v1/')) { // pages have pages for that
                assert.match(headers.get('content-type'), /^application\/problem\+json/, what);
                assert.equal(JSON.parse(body).instance, headers.get('x-request-id'), what);
            }
        }
    });

    test('what it does not name is refused with 405 and the methods it names', async () => {
        for (const [path, item] of Object.entries(api.paths)) {
            const named = Object.keys(item).map((name) => name.toUpperCase());
            const other = ['DELETE', 'PUT', 'POST', 'GET'].find((method) => !named.includes(method));
            const { status, headers } = await ask(other, path);
            if (status !== 405) continue; // a path with a parameter in that place takes it
            const allowed = headers.get('allow').split(', ');
            assert.deepEqual(named.filter((name) => !allowed.includes(name)), [], path);
        }
    });
});
