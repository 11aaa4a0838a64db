// The door from every test to the real program. `service()` gives the instance that tests/run.mjs
// started for all files, or starts one of its own when a file is run alone; `own_service()` always
// starts a private one, for tests that stop, kill or overload it. The binary comes from
// DOSSIERPOST_BIN (default build/dossierpost), its state directory is thrown away at the end.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const PASSWORD = 'dossierpost-demo';
const SANITIZER = /ERROR: \w+Sanitizer|runtime error:|LeakSanitizer|WARNING: ThreadSanitizer/;

// The date in Vietnam, so many days from today.
export const vn_day = (days = 0) => new Date(Date.now() + days * 86400e3 + 7 * 3600e3).toISOString().slice(0, 10);
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// RFC 9562 version 7: sorts by time, as the event table wants it.
export function uuid7(at = Date.now()) {
    const bytes = randomBytes(16);
    bytes.writeUIntBE(at, 0, 6);
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    const hex = bytes.toString('hex');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

// Polls until `look` gives something; the error names what was waited for.
export async function until(what, look, { timeout = 15000, every = 50 } = {}) {
    const end = Date.now() + timeout;
    for (;;) {
        const found = await look();
        if (found) return found;
        if (Date.now() > end) throw new Error(`waited ${timeout} ms in vain for ${what}`);
        await sleep(every);
    }
}

// One caller with its own cookie. Replies are {status, headers, body}: JSON decoded, text as text,
// anything else as bytes.
export class Client {
    constructor(url) {
        this.url = url;
        this.cookie = '';
    }

    async send(method, path, { body, headers = {}, raw, timeout = 20000 } = {}) {
        const all = { 'x-dossierpost': '1', 'accept-language': 'en', ...headers };
        if (this.cookie) all.cookie = this.cookie;
        if (body !== undefined) all['content-type'] ??= 'application/json';
        const reply = await fetch(this.url + path, {
            method, headers: all, redirect: 'manual', signal: AbortSignal.timeout(timeout),
            body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
        });
        for (const line of reply.headers.getSetCookie?.() ?? [reply.headers.get('set-cookie')])
            if (line) this.cookie = line.split(';')[0];
        return { status: reply.status, headers: reply.headers, body: await decoded(reply) };
    }

    get(path, options) {
        return this.send('GET', path, options);
    }

    post(path, body, options = {}) {
        return this.send('POST', path, { ...options, body });
    }

    // One scan; gives its result row. The clock here counts whole milliseconds, the service's
    // microseconds: one more keeps a scan behind the command it follows (and never after receipt).
    async scan(kind, code, more = {}) {
        const scan = { id: uuid7(), code, kind, at: new Date(Date.now() + 1).toISOString(), ...more };
        const reply = await this.post('/v1/custody/scans', { scans: [scan] });
        if (reply.status !== 200) throw new Error(`scan ${kind} ${code}: ${show(reply)}`);
        return { ...reply.body.results[0], sent: scan };
    }
}

async function decoded(reply) {
    const type = reply.headers.get('content-type') ?? '';
    if (/json/.test(type)) return reply.json();
    if (/^text\/|xml/.test(type)) return reply.text();
    return Buffer.from(await reply.arrayBuffer());
}

export const show = (reply) => `${reply.status} ${JSON.stringify(reply.body)}`;

// What the tests and the program's users share: people who log in, and the stream of a dossier.
class Users {
    async login(name, password = PASSWORD) {
        const client = new Client(this.url);
        const reply = await client.post('/v1/auth/login', { login: name, password });
        if (reply.status !== 204) throw new Error(`login ${name}: ${show(reply)}`);
        return client;
    }

    anybody() {
        return new Client(this.url);
    }

    // Server-Sent Events; `events` fills with {id, event, data}.
    async watch(path, headers = {}) {
        const cut = new AbortController();
        const reply = await fetch(this.url + path, {
            headers: { accept: 'text/event-stream', ...headers }, signal: cut.signal,
        });
        const reader = reply.body.getReader();
        // Aborting alone leaves the connection open in Node 18.
        const close = () => { reader.cancel().catch(() => {}); cut.abort(); };
        const watch = { status: reply.status, events: [], close };
        watch.ended = collect(reader, watch.events).catch(() => {});
        return watch;
    }
}

async function collect(reader, events) {
    const text = new TextDecoder();
    let rest = '';
    for (let part; (part = await reader.read()) && !part.done;) {
        const blocks = (rest + text.decode(part.value, { stream: true })).split('\n\n');
        rest = blocks.pop();
        for (const block of blocks) {
            const event = {};
            for (const line of block.split('\n')) {
                const colon = line.indexOf(':');
                if (colon > 0) event[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
            }
            if (event.data !== undefined) events.push(event);
        }
    }
}

// The instance that tests/run.mjs keeps for everybody; stopping it is not a test file's business.
class Shared extends Users {
    constructor(url, log) {
        super();
        this.url = url;
        this.log_file = log;
        this.state = dirname(log);
    }

    log() {
        return readFileSync(this.log_file, 'utf8');
    }

    async stop() {}
}

export class Service extends Users {
    constructor(options = {}) {
        super();
        this.env = options.env ?? {};
        this.state = mkdtempSync(join(tmpdir(), 'dossierpost-'));
        chmodSync(this.state, 0o711); // the database's user must be able to pass
        this.text = '';
    }

    async start() {
        const binary = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
        const env = { ...process.env, DOSSIERPOST_LISTEN: '127.0.0.1:0',
                      DOSSIERPOST_STATE_DIR: this.state, DOSSIERPOST_TRACK_RATE: '0', ...this.env };
        const from = this.text.length;
        this.child = spawn(binary, ['serve', '--demo'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
        for (const pipe of [this.child.stdout, this.child.stderr])
            pipe.setEncoding('utf8').on('data', (text) => (this.text += text));
        this.exit = once(this.child, 'exit');
        const said = () => /listening on (http:\/\/\S+:\d+)/.exec(this.text.slice(from));
        const ended = () => this.child.exitCode !== null || this.child.signalCode !== null;
        await until('the listening line', () => said() || ended(), { timeout: 90000 });
        if (!said()) throw new Error(`the service did not start:\n${this.text.slice(from)}`);
        this.url = said()[1];
        await this.ready();
        return this;
    }

    ready() {
        return until('/readyz', () => fetch(this.url + '/readyz').then((r) => r.ok, () => false),
            { timeout: 60000 });
    }

    log() {
        return this.text;
    }

    // Lines that must never be there.
    faults(from = 0) {
        const bad = (line) => /^\S+ error |"level":"error"/.test(line) || SANITIZER.test(line);
        return this.text.slice(from).split('\n').filter(bad);
    }

    // SIGTERM; complains when it does not end in peace.
    async stop({ faults_allowed = false } = {}) {
        if (this.child.exitCode === null && this.child.signalCode === null) {
            this.child.kill('SIGTERM');
            const late = setTimeout(() => this.child.kill('SIGKILL'), 40000);
            await this.exit;
            clearTimeout(late);
        }
        const faults = this.faults();
        this.remove();
        if (this.child.exitCode !== 0)
            throw new Error(`ended with ${this.child.exitCode ?? this.child.signalCode}:\n` +
                            this.text.split('\n').slice(-30).join('\n'));
        if (faults.length && !faults_allowed)
            throw new Error(`the log holds errors:\n${faults.join('\n')}`);
    }

    // kill -9, no chance to tidy up.
    async killed() {
        this.child.kill('SIGKILL');
        await this.exit;
    }

    // The postmaster's pid, from the lock file of the embedded cluster, also while that is being made.
    postmaster() {
        for (const name of ['postgres', 'postgres.new']) {
            const pid = Number.parseInt(readIfThere(join(this.state, name, 'postmaster.pid')), 10);
            if (pid > 1) return pid;
        }
        return 0;
    }

    remove() {
        if (existsSync(this.state)) rmSync(this.state, { recursive: true, force: true });
    }
}

// A file may be gone, moved or renamed since its folder was read.
function readIfThere(path) {
    try {
        return readFileSync(path, 'utf8');
    } catch {
        return '';
    }
}

// Ends a private instance and its cluster for good, whatever state a failed test left it in.
export async function discard(service) {
    if (service.child.exitCode === null && service.child.signalCode === null) {
        service.child.kill('SIGTERM');
        const late = setTimeout(() => service.child.kill('SIGKILL'), 30000);
        await service.exit;
        clearTimeout(late);
    }
    const left = existsSync(service.state) ? service.postmaster() : 0;
    if (left) {
        try {
            process.kill(left, 'SIGINT');
        } catch { /* gone already */ }
        await sleep(500);
    }
    service.remove();
}

export const own_service = (options) => new Service(options).start();

export async function service() {
    const { DOSSIERPOST_TEST_URL: url, DOSSIERPOST_TEST_LOG: log } = process.env;
    return url ? new Shared(url, log) : own_service();
}
