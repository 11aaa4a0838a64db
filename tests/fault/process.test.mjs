// The process as the machine sees it: what the service manager hears of it, whose it is, and how
// many of its loops answer.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Service, discard, sleep, until } from '../api/service.mjs';
import { intake, people } from '../api/walk.mjs';

const LOOPS = 4;

// --- the service manager -------------------------------------------------------------------------

// As systemd listens on NOTIFY_SOCKET; a line a message.
const LISTEN = `
import os, socket, sys
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
while True:
    print(manager.recv(4096).decode(), flush=True)`;

// Stops every thread of a process but its first, until standard input ends.
const HOLD = `
import ctypes, os, sys
ATTACH, DETACH, ALL = 16, 17, 0x40000000
ptrace = ctypes.CDLL(None, use_errno=True).ptrace
ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
pid = int(sys.argv[1])
held = [int(tid) for tid in os.listdir(f"/proc/{pid}/task") if int(tid) != pid]
for tid in held:
    if ptrace(ATTACH, tid, None, None) != 0:
        sys.exit(os.strerror(ctypes.get_errno()))
    os.waitpid(tid, ALL)
print("held", flush=True)
sys.stdin.read()
for tid in held:
    ptrace(DETACH, tid, None, None)`;

function python(script, ...args) {
    const child = spawn('python3', ['-c', script, ...args.map(String)]);
    const process = { child, text: '', told: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => (process.text += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (process.told += text));
    process.ended = new Promise((done) => child.once('close', done));
    return process;
}

let service, manager;
const heard = () => manager.text.split('\n').filter(Boolean);
const beats = () => heard().filter((line) => line === 'WATCHDOG=1').length;

before(async () => {
    service = new Service({ env: { DOSSIERPOST_SERVER_LOOPS: String(LOOPS) } });
    service.env.NOTIFY_SOCKET = join(service.state, 'notify');
    manager = python(LISTEN, service.env.NOTIFY_SOCKET);
    await until('the socket', () => existsSync(service.env.NOTIFY_SOCKET));
    await service.start();
});
after(async () => {
    manager.child.kill();
    await discard(service);
});

test('the service manager hears once that it is ready, then about once a second that it lives', async () => {
    await until('READY', () => heard().length > 0);
    assert.equal(heard()[0], 'READY=1');
    const from = beats();
    await sleep(3500);
    assert.ok(beats() - from >= 2 && beats() - from <= 4, manager.text);
    assert.equal(heard().filter((line) => line === 'READY=1').length, 1);
});

test('the service manager hears nothing while a loop stands still', async (t) => {
    const holder = python(HOLD, service.child.pid);
    await Promise.race([holder.ended, until('the hold', () => holder.text)]);
    if (!holder.text) return t.skip(holder.told.trim());
    await sleep(1500);
    const from = beats();
    await sleep(3500);
    const meanwhile = beats() - from;
    holder.child.stdin.end();
    await holder.ended;
    assert.equal(meanwhile, 0);
    await until('it to be heard of again', () => beats() > from);
});

// --- its loops -----------------------------------------------------------------------------------

const status_of = (path) => Object.fromEntries(readFileSync(`${path}/status`, 'utf8').trim().split('\n')
    .map((line) => line.split(/:\s*/)));
const threads_of = (pid) => readdirSync(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`);
const switches = () => new Map(threads_of(service.child.pid)
    .map((thread) => [thread, Number(status_of(thread).voluntary_ctxt_switches)]));

const fetch_anew = (agent) => new Promise((done, failed) => {
    get(`${service.url}/healthz`, { agent }, (reply) => reply.resume().on('end', done)).on('error', failed);
});

// A loop wakes for each connection; one that gets none, a few times a second.
test('its loops share the port: new connections come to each of them', async () => {
    const agent = new Agent({ keepAlive: false });
    const earlier = switches();
    for (let i = 0; i < 100 * LOOPS; i++) await fetch_anew(agent);
    const woken = [...switches()].map(([thread, count]) => count - earlier.get(thread));
    assert.ok(woken.filter((count) => count >= 40).length >= LOOPS, woken.join(' '));
});

// --- its user ------------------------------------------------------------------------------------

const root = { skip: process.getuid() !== 0 && 'not started by root' };
const ids = (text) => [...new Set(text.trim().split(/\s+/).filter(Boolean).map(Number))];

// For the database's user, to whom the embedded database's own SQL may lead.
const database_may = (...test) => {
    try {
        execFileSync('runuser', ['-u', 'postgres', '--', 'test', ...test], { cwd: '/' });
        return true;
    } catch {
        return false;
    }
};

test('started by root it is root no more, in none of its threads, for good', root, () => {
    const [user] = ids(status_of(`/proc/${service.postmaster()}`).Uid);
    assert.notEqual(user, 0);
    for (const thread of threads_of(service.child.pid)) {
        const status = status_of(thread);
        assert.deepEqual(ids(status.Uid), [user]);
        assert.ok(!ids(`${status.Gid} ${status.Groups}`).includes(0));
        assert.match(status.CapPrm, /^0+$/);
    }
});

test('its keys and the checkpoints it writes stay out of the database\'s reach', root, async () => {
    await intake((await people(service)).clerk);
    const log = join(service.state, 'checkpoints.log'), keys = join(service.state, 'keys');
    await until('a checkpoint outside the database', () => statSync(log).size > 0);
    assert.equal(statSync(log).uid, 0);
    assert.ok(!database_may('-w', log) && !database_may('-w', service.state));
    assert.equal(statSync(keys).uid, 0);
    assert.ok(!database_may('-x', keys));
    assert.ok(!database_may('-r', `/proc/${service.child.pid}/environ`), 'its memory is its own');
});

test('it starts a database that died', async () => {
    const killed = service.postmaster();
    process.kill(killed, 'SIGKILL');
    await until('another PostgreSQL', () => ![0, killed].includes(service.postmaster()), { timeout: 60000 });
    await service.ready();
    await intake((await people(service)).clerk);
});

// --- its end -------------------------------------------------------------------------------------

test('the service manager hears at once that it is stopping; the next start finds all in order', async () => {
    service.child.kill('SIGTERM');
    await until('STOPPING', () => heard().includes('STOPPING=1'));
    await service.exit;
    assert.equal(service.child.exitCode, 0, service.text);
    assert.equal(service.postmaster(), 0);
    const told = heard();
    assert.ok(!told.slice(told.indexOf('STOPPING=1')).includes('READY=1'));
    await service.start();
    await intake((await people(service)).clerk);
    await service.stop({ faults_allowed: true });
});
