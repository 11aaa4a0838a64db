// Starting and stopping: what is in flight is finished, nothing is left behind.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { Service, discard, own_service, sleep, until } from '../api/service.mjs';

const BODY = JSON.stringify({ login: 'clerk', password: 'dossierpost-demo' });

// The head and half of the body; `finish` sends the rest.
async function half_sent(service) {
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    const half = { text: '', closed: false };
    socket.setEncoding('utf8').on('data', (text) => (half.text += text));
    socket.on('close', () => (half.closed = true)).on('error', () => {});
    await new Promise((done) => socket.once('connect', done));
    socket.write(`POST /v1/auth/login HTTP/1.1\r\nHost: ${hostname}:${port}\r\n` +
        'Content-Type: application/json\r\nX-Dossierpost: 1\r\n' +
        `Content-Length: ${BODY.length}\r\n\r\n${BODY.slice(0, 10)}`);
    await sleep(200);
    half.finish = () => socket.write(BODY.slice(10));
    half.leave = () => socket.destroy();
    return half;
}

const running = (pid) => {
    try {
        process.kill(pid, 0);
        return true;
    } catch {
        return false;
    }
};

test('SIGTERM finishes the request that is arriving, takes no new one, and stops the database', async () => {
    const service = await own_service();
    try {
        const postmaster = service.postmaster();
        assert.ok(postmaster > 0 && running(postmaster));
        const half = await half_sent(service);
        service.child.kill('SIGTERM');
        await until('new connections to be refused',
            () => fetch(service.url + '/healthz').then(() => false, () => true));
        assert.equal(service.child.exitCode, null);
        half.finish();
        await until('the reply', () => half.closed);
        assert.match(half.text, /^HTTP\/1\.1 204 /);
        assert.match(half.text, /^connection: close\r$/im);
        await service.exit;
        assert.equal(service.child.exitCode, 0, service.text);
        assert.ok(!running(postmaster));
        assert.deepEqual(service.faults(), []);
    } finally {
        await discard(service);
    }
});

// With many loops the request hardly ever is on the one that has the signals.
test('what does not end within server.stop_timeout is cut', async () => {
    const service = await own_service({ env: {
        DOSSIERPOST_SERVER_LOOPS: '8', DOSSIERPOST_SERVER_STOP_TIMEOUT: '1',
        DOSSIERPOST_SERVER_REQUEST_TIMEOUT: '600' } });
    try {
        const half = await half_sent(service);
        service.child.kill('SIGTERM');
        await service.exit;
        assert.equal(service.child.exitCode, 0, service.text);
        assert.match(service.text, /some requests did not end within 1 s/);
        half.leave();
    } finally {
        await discard(service);
    }
});

// A password is compared for some 50 ms, one after the other, and its login is continued afterwards.
test('logins whose passwords still wait for comparison at the end are dropped cleanly', async () => {
    const service = await own_service({ env: {
        DOSSIERPOST_SERVER_WORKERS: '1', DOSSIERPOST_SERVER_STOP_TIMEOUT: '1',
        DOSSIERPOST_ACCOUNT_LOGIN_ATTEMPTS: '1000' } });
    try {
        const logins = Array.from({ length: 60 }, () => fetch(service.url + '/v1/auth/login', {
            method: 'POST', body: BODY, headers: { 'Content-Type': 'application/json' },
        }).then((reply) => reply.status, () => 'cut'));
        await Promise.race(logins);
        service.child.kill('SIGTERM');
        await service.exit;
        assert.equal(service.child.exitCode, 0, service.text);
        assert.ok((await Promise.all(logins)).includes('cut'), 'nothing was left to drop');
        assert.deepEqual(service.faults(), []);
    } finally {
        await discard(service);
    }
});

test('a second signal ends it at once, and the next start takes the database over', async () => {
    const service = await own_service({ env: { DOSSIERPOST_SERVER_LOOPS: '8' } });
    try {
        const half = await half_sent(service);
        service.child.kill('SIGTERM');
        await until('the stop', () => /finishing what is in flight/.test(service.text));
        service.child.kill('SIGTERM');
        await service.exit;
        assert.equal(service.child.exitCode, 1);
        half.leave();
        await service.start();
        const client = await service.login('clerk');
        assert.equal((await client.get('/v1/auth/me')).status, 200);
        await service.stop({ faults_allowed: true });
    } finally {
        await discard(service);
    }
});

test('a signal while it starts leaves nothing behind', async () => {
    const service = new Service();
    const started = service.start().catch((error) => error);
    try {
        await until('the database', () => existsSync(service.state) && service.postmaster());
        const postmaster = service.postmaster();
        service.child.kill('SIGTERM');
        await service.exit;
        await started;
        assert.equal(service.child.exitCode, 0, service.text);
        assert.ok(!running(postmaster), 'the database still runs');
    } finally {
        await discard(service);
    }
});

test('a stop while the database stands still ends in peace', async () => {
    const service = await own_service({ env: { DOSSIERPOST_SERVER_STOP_TIMEOUT: '1' } });
    const backends = readFileSync(`/proc/${service.postmaster()}/task/${service.postmaster()}/children`, 'utf8')
        .trim().split(' ').map(Number);
    try {
        for (const pid of backends) process.kill(pid, 'SIGSTOP');
        await sleep(1500); // long enough for the sequencer's call to be under way
        service.child.kill('SIGTERM');
        await sleep(4000);
        for (const pid of backends) process.kill(pid, 'SIGCONT');
        await service.exit;
        assert.equal(service.child.exitCode, 0, service.text);
    } finally {
        for (const pid of backends.filter(running)) process.kill(pid, 'SIGCONT');
        await discard(service);
    }
});
