// Clients that walk shipments through legal journeys while things break. Each writes down what it
// is about to send and what came of it, on the disk, before it goes on; check.py compares that with
// the database afterwards. A scan whose reply is lost is sent again with the same id, as a phone
// does; a part of them is given up instead.
import { execFile } from 'node:child_process';
import { openSync, closeSync, fsync, write } from 'node:fs';
import { Agent, request } from 'node:http';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ROOT, sleep, uuid7 } from '../api/service.mjs';
import { intake, people } from '../api/walk.mjs';
import { psql_path } from './journal.mjs';

const write_all = promisify(write), sync = promisify(fsync), run = promisify(execFile);
const FOLDER = dirname(fileURLToPath(import.meta.url));

// Lines that are on the disk when put() is over; those that come meanwhile share the next fsync.
export class Disk {
    constructor(path) {
        this.path = path;
        this.file = openSync(path, 'a');
        this.text = '';
        this.turn = null;
    }

    put(lines) {
        this.text += lines.map((line) => JSON.stringify(line) + '\n').join('');
        this.turn ??= this.writing.then(() => this.flush());
        return this.turn;
    }

    writing = Promise.resolve();

    flush() {
        const bytes = Buffer.from(this.text);
        this.text = '';
        this.turn = null;
        this.writing = write_all(this.file, bytes).then(() => sync(this.file));
        return this.writing;
    }

    async close() {
        await (this.turn ?? this.writing);
        closeSync(this.file);
    }
}

// One more step than a journey needs: it may fail, be held and go out again for ever.
const WAY = ['accept clerk', 'depart courier', 'arrive hub', 'sort hub', 'depart courier',
    'arrive clerk', 'at_delivery_office clerk', 'out_for_delivery courier', 'fail courier',
    'hold clerk', 'out_for_delivery courier', 'fail courier', 'return courier',
    'depart courier', 'arrive clerk'].map((step) => step.split(' '));
const AGAIN = WAY.indexOf(WAY.find(([kind]) => kind === 'depart'));
const MORE = { fail: { reason: 'absent', next_action: 'retry' } };
const KEPT = new Set(['recorded', 'exception', 'duplicate']);

export class Storm {
    constructor(service, name, { clients = 8, flock = 3, give_up = 0.1 } = {}) {
        Object.assign(this, { service, clients, flock, give_up });
        this.disk = new Disk(join(service.state, `${name}.journal`));
        this.figures = { sent: 0, acknowledged: 0, duplicate: 0, refused: 0, busy: 0, unknown: 0,
                         given_up: 0 };
        this.running = [];
        this.tries = 0;
    }

    async prepare() {
        this.cookies = Object.fromEntries(Object.entries(await people(this.service))
            .map(([name, client]) => [name, client.cookie]));
        const clerk = await this.service.login('clerk');
        this.shipments = [];
        for (let i = 0; i < this.clients * this.flock + 1; i++)
            this.shipments.push((await intake(clerk)).number);
        this.hot = this.shipments.pop();
        this.agent = new Agent({ keepAlive: true, maxSockets: 20000 });
        return this;
    }

    go() {
        this.stopped = false;
        this.running = Array.from({ length: this.clients }, (_, i) => this.walk(i));
    }

    async halt() {
        this.stopped = true;
        await Promise.all(this.running);
    }

    async end() {
        await this.halt();
        this.agent.destroy();
        await this.disk.close();
    }

    // A client's shipments go together, step by step; now and then everybody counts the same one.
    async walk(client) {
        const flock = this.shipments.slice(client * this.flock, (client + 1) * this.flock);
        for (let step = 0; !this.stopped; step = step + 1 < WAY.length ? step + 1 : AGAIN) {
            const [kind, who] = WAY[step];
            const scans = flock.map((code) => this.scan(kind, code));
            if (Math.random() < 0.2) scans.push(this.scan('count', this.hot));
            if (!await this.insist(who, scans)) step = Math.max(step - 1, 0);
            else if (Math.random() < 0.03) await this.reuse(who, scans[0]);
        }
    }

    scan(kind, code) {
        return { id: uuid7(), code, kind, at: new Date().toISOString(), ...MORE[kind] };
    }

    // Until it is acknowledged, given up or the storm is over. Gives whether it was acknowledged.
    async insist(who, scans) {
        for (let pause = 20; ; pause = Math.min(pause * 2, 2000)) {
            const outcomes = await this.attempt(who, scans);
            if (outcomes.every((outcome) => KEPT.has(outcome))) return true;
            if (outcomes.includes('refused'))
                throw new Error(`refused: ${JSON.stringify(scans)} ${outcomes}`);
            if (this.stopped || Math.random() < this.give_up) {
                this.figures.given_up += scans.length;
                return false;
            }
            const least = outcomes.includes('busy') ? Math.max(pause, 200) : 20;
            await sleep(least * (1 + Math.random()));
        }
    }

    // The i-th of a crowd of clients beside those that walk, with some scans in one body.
    count(i, some = 1) {
        const code = (j) => this.shipments[(i * some + j) % this.shipments.length];
        return this.insist('clerk',
            Array.from({ length: some }, (_, j) => this.scan('count', code(j))));
    }

    // The same id with other content must be refused, and must not be there.
    async reuse(who, scan) {
        await this.attempt(who, [{ ...scan, kind: 'damage', reason: undefined,
                                   next_action: undefined }]);
    }

    async attempt(who, scans) {
        const turn = ++this.tries;
        const lines = scans.map(({ id, code, kind, at }) =>
            ({ op: 'intent', id, try: turn, shipment: code, kind, at }));
        await this.disk.put(lines);
        const outcomes = outcomes_of(await this.post(who, { scans }), scans.length);
        await this.disk.put(lines.map((line, i) =>
            ({ ...line, op: 'outcome', outcome: outcomes[i] })));
        this.figures.sent += scans.length;
        for (const outcome of outcomes) {
            if (KEPT.has(outcome)) this.figures.acknowledged++;
            if (outcome in this.figures) this.figures[outcome]++;
        }
        return outcomes;
    }

    // Gives {status, body, headers}, or null when there was no whole reply.
    post(who, body) {
        const url = new URL('/v1/custody/scans', this.through ?? this.service.url);
        const text = JSON.stringify(body);
        const headers = { 'content-type': 'application/json', 'x-dossierpost': '1',
                          'content-length': Buffer.byteLength(text), cookie: this.cookies[who] };
        return new Promise((done) => {
            const req = request(url, { method: 'POST', agent: this.agent, headers });
            req.setTimeout(this.patience ?? 8000, () => req.destroy());
            req.on('error', () => done(null));
            req.on('response', (reply) => take(reply, done));
            req.end(text);
        }).then((reply) => this.noticed(reply));
    }

    noticed(reply) {
        if (reply && ![200, 503].includes(reply.status))
            (this.odd ??= []).push(`${reply.status} ${reply.text.slice(0, 300)}`);
        if (reply?.status === 503 && !reply.headers['retry-after'])
            (this.odd ??= []).push('503 without Retry-After');
        return reply;
    }
}

function take(reply, done) {
    let text = '';
    reply.setEncoding('utf8').on('data', (part) => (text += part)).on('error', () => done(null));
    reply.on('close', () => done(reply.complete
        ? { status: reply.statusCode, headers: reply.headers, text } : null));
}

function outcomes_of(reply, count) {
    const all = (outcome) => Array(count).fill(outcome);
    if (!reply) return all('unknown');
    const body = JSON.parse(reply.text);
    if (reply.status === 200)
        return body.results.map(({ outcome, problem }) =>
            problem?.type === '/problems/internal' ? 'unknown' : outcome);
    return all(body.type === '/problems/busy' ? 'busy' : 'unknown');
}

// The independent checker's verdict: {ok, text, figures}.
export async function check(service, storms, { database = 'dossierpost', program = true } = {}) {
    const binary = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
    const args = [join(FOLDER, 'check.py'), '--socket', join(service.state, 'run'), '--psql',
        psql_path(), '--database', database,
        ...(process.getuid() === 0 ? ['--as', 'postgres'] : []),
        ...(program ? ['--binary', binary, '--state', service.state] : []),
        ...storms.map((storm) => storm.disk.path)];
    const done = await run('python3', args, { maxBuffer: 1 << 26 }).catch((error) => error);
    const text = `${done.stdout}${done.stderr}`;
    const last = done.stdout.trimEnd().split('\n').pop();
    return { ok: !done.code, text, figures: last.startsWith('{') ? JSON.parse(last) : {} };
}
