// Logging in and out, who may ask, and what is told to those who may not.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { PASSWORD, ROOT, own_service, service, show, until } from './service.mjs';

let shared;
before(async () => (shared = await service()));
after(() => shared.stop());

const exec = promisify(execFile);
const problem = (reply, status, slug) => {
    assert.equal(reply.status, status, show(reply));
    assert.match(reply.headers.get('content-type'), /^application\/problem\+json/);
    assert.equal(reply.body.type, `/problems/${slug}`);
};
const login = (client, body) => client.post('/v1/auth/login', body);

test('a login gives a cookie that scripts cannot read, and me says who it is', async () => {
    const client = shared.anybody();
    const reply = await login(client, { login: 'clerk', password: PASSWORD });
    assert.equal(reply.status, 204);
    const cookie = reply.headers.get('set-cookie');
    assert.match(cookie, /^dossierpost=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Lax$/);
    const me = await client.get('/v1/auth/me');
    assert.equal(me.status, 200);
    assert.equal(me.headers.get('cache-control'), 'no-store');
    assert.equal(me.body.login, 'clerk');
    assert.deepEqual(me.body.roles, ['clerk']);
    assert.equal(me.body.role_names[0].name, 'Giao dịch viên');
    assert.equal(me.body.unit.code, '46-B1');
    assert.equal(me.body.demo, true);
});

test('a login is found in any case, each login is a session of its own', async () => {
    const [a, b] = [shared.anybody(), shared.anybody()];
    assert.equal((await login(a, { login: 'Officer', password: PASSWORD })).status, 204);
    assert.equal((await login(b, { login: 'officer', password: PASSWORD })).status, 204);
    assert.notEqual(a.cookie, b.cookie);
    assert.equal((await a.post('/v1/auth/logout')).status, 204);
    assert.equal((await b.get('/v1/auth/me')).status, 200);
});

test('after logout the cookie is worth nothing, on every connection', async () => {
    const client = await shared.login('hub');
    const { cookie } = client;
    for (let i = 0; i < 8; i++)
        assert.equal((await client.get('/v1/auth/me')).status, 200);
    const reply = await client.post('/v1/auth/logout');
    assert.equal(reply.status, 204);
    assert.match(reply.headers.get('set-cookie'), /^dossierpost=; Path=\/; Max-Age=0/);
    client.cookie = cookie;
    // Other loops hear of it by NOTIFY.
    await until('every loop to forget', async () => {
        const replies = await Promise.all(Array.from({ length: 12 }, () =>
            client.get('/v1/auth/me', { headers: { connection: 'close' } })));
        return replies.every((one) => one.status === 401);
    }, { timeout: 3000 });
    assert.equal((await client.get('/v1/procedures')).status, 200, 'public pages still open');
});

test('a wrong password and an unknown login look alike, and take alike long', async () => {
    const client = shared.anybody();
    const times = { courier2: [], nobody: [] };
    const bodies = {};
    for (let i = 0; i < 4; i++) {
        for (const name of Object.keys(times)) {
            const began = performance.now();
            const reply = await login(client, { login: name, password: 'not the password' });
            times[name].push(performance.now() - began);
            problem(reply, 401, 'login-refused');
            assert.equal(reply.headers.get('set-cookie'), null);
            delete reply.body.instance;
            bodies[name] = reply.body;
        }
    }
    assert.deepEqual(bodies.courier2, bodies.nobody);
    const middle = (list) => list.sort((a, b) => a - b)[1];
    const ratio = middle(times.nobody) / middle(times.courier2);
    assert.ok(ratio > 0.4 && ratio < 2.5, `unknown/wrong = ${ratio}`);
});

test('a body that is wrong is named by its member', async () => {
    const client = shared.anybody();
    for (const [body, pointer] of [
        [{ login: 'clerk' }, '/password'],
        [{ login: 'clerk', password: 7 }, '/password'],
        [{ login: '', password: PASSWORD }, '/login'],
        [{ login: 'clerk', password: PASSWORD, admin: true }, '/admin'],
        [{ login: 'clerk\u0000', password: PASSWORD }, '/login'],
        [{ login: 'clerk', password: 'x'.repeat(201) }, '/password']]) {
        const reply = await login(client, body);
        if (reply.status === 400) continue; // NUL is no JSON for our parser
        problem(reply, 422, 'invalid-fields');
        assert.ok(reply.body.errors.some((one) => one.pointer === pointer), show(reply));
    }
    problem(await client.send('POST', '/v1/auth/login', { raw: '{',
        headers: { 'content-type': 'application/json' } }), 400, 'invalid-json');
    problem(await login(client, { login: 'clerk', password: 'x'.repeat(6000) }), 413, 'too-large');
});

test('who is nobody is told so; public pages open to everybody all the same', async () => {
    const client = shared.anybody();
    problem(await client.get('/v1/auth/me'), 401, 'unauthenticated');
    client.cookie = `dossierpost=${'A'.repeat(43)}`;
    problem(await client.get('/v1/auth/me'), 401, 'unauthenticated');
    assert.equal((await client.get('/v1/procedures')).status, 200);
    client.cookie = 'dossierpost=%00\u00e9;;';
    problem(await client.get('/v1/auth/me'), 401, 'unauthenticated');
    client.cookie = '';
    const headers = { authorization: `Bearer dpk_${'A'.repeat(43)}` };
    problem(await client.get('/v1/auth/me', { headers }), 401, 'unauthenticated');
    assert.equal((await client.get('/v1/procedures', { headers })).status, 200);
});

test('a second factor is not taken as long as none is asked for', async () => {
    const reply = await login(shared.anybody(), { login: 'clerk', password: PASSWORD, totp: '123456' });
    problem(reply, 422, 'invalid-fields');
    assert.deepEqual(reply.body.errors.map((one) => [one.pointer, one.code]), [['/totp', 'unknown']]);
});

test('a write by cookie needs the header that other sites cannot send', async () => {
    const client = await shared.login('supervisor');
    const bare = await fetch(shared.url + '/v1/auth/logout',
        { method: 'POST', headers: { cookie: client.cookie } });
    assert.equal(bare.status, 403);
    assert.equal((await bare.json()).type, '/problems/csrf');
    assert.equal((await client.get('/v1/auth/me')).status, 200);
});

test('a service of its own: attempts, keys, closed accounts, https', async (t) => {
    const own = await own_service({ env: { DOSSIERPOST_ACCOUNT_LOGIN_ATTEMPTS: '2',
        DOSSIERPOST_PUBLIC_URL: 'https://post.example' } });
    t.after(() => own.stop());
    const binary = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
    const env = { ...process.env, DOSSIERPOST_STATE_DIR: own.state };
    const cli = (...args) => exec(binary, ['account', ...args], { env });

    const reply = await login(own.anybody(), { login: 'admin', password: PASSWORD });
    assert.match(reply.headers.get('set-cookie'), /^__Host-dossierpost=.*; Secure$/);
    const admin = await own.login('admin');
    assert.equal((await admin.get('/v1/auth/me')).status, 200);
    admin.cookie = admin.cookie.replace('__Host-', '');
    assert.equal((await admin.get('/v1/auth/me')).status, 401, 'the plain name is for http');

    for (let i = 0; i < 2; i++)
        problem(await login(own.anybody(), { login: 'clerk', password: 'wrong' }), 401,
            'login-refused');
    const late = await login(own.anybody(), { login: 'clerk', password: PASSWORD });
    problem(late, 429, 'too-many-requests');
    assert.ok(Number(late.headers.get('retry-after')) > 800);
    await own.login('clerk2');

    const { stdout } = await cli('key', 'integrator', 'cổng một cửa');
    const headers = { authorization: `Bearer ${stdout.trim()}` };
    const program = own.anybody();
    const me = await program.get('/v1/auth/me', { headers });
    assert.equal(me.body.login, 'integrator', show(me));
    assert.equal((await fetch(own.url + '/v1/auth/logout', { method: 'POST', headers })).status, 204,
        'a program needs no page marker');
    await cli('disable', 'integrator');
    await until('the key to be closed', async () =>
        (await program.get('/v1/auth/me', { headers })).status === 401, { timeout: 3000 });

    const listed = JSON.parse((await cli('list', '--json')).stdout);
    assert.equal(listed.length, 11);
    assert.equal(listed.find((one) => one.login === 'integrator').state, 'disabled');
    await assert.rejects(cli('disable', 'nobody'), (error) => error.code === 1);
    await assert.rejects(cli('frobnicate'), (error) => error.code === 2);
});
