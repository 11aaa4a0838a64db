// What the sides of a bench have in common: programs pinned to the processors that they may have.
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './cluster.mjs';
import { rss, sleep } from './machine.mjs';

export const CPUS = '0,1';
const PORT = 18088;

// A program pinned to the CPUs of the bench; its output when it ends well. watch(pid): each 100 ms;
// told(text): what it prints, as it comes.
export async function pinned(program, args,
    { input, ok = [0], watch, told, env = {}, cpus = CPUS } = {}) {
    const child = spawn('taskset', ['-c', cpus, program, ...args],
        { stdio: [input ? openSync(input, 'r') : 'ignore', 'pipe', 'pipe'],
          env: { ...process.env, ...env } });
    let out = '', err = '';
    child.stdout.setEncoding('utf8').on('data', (part) => {
        out += part;
        told?.(part);
    });
    child.stderr.setEncoding('utf8').on('data', (part) => (err += part));
    const timer = watch && setInterval(() => watch(child.pid), 100);
    const code = await new Promise((done) => child.on('close', done));
    clearInterval(timer);
    if (!ok.includes(code)) throw new Error(`${program} ended with ${code}: ${err || out}`);
    return { out, err };
}

// What pgbench told, and wrote of each transaction (milliseconds; the files go). In a window too short
// for many clients it may have done nothing.
export function pgbench_result(folder, out) {
    const times = [];
    for (const name of readdirSync(folder).filter((n) => n.startsWith('pgbench.'))) {
        for (const line of readFileSync(join(folder, name), 'utf8').split('\n'))
            if (line) times.push(Number(line.split(' ')[2]) / 1000);
        rmSync(join(folder, name));
    }
    const at = Float64Array.from(times).sort();
    const q = (p) => at[Math.floor(p * (at.length - 1))] ?? 0;
    return { sent: at.length, p50: q(0.5), p99: q(0.99),
             per_second: Number(/^tps = (\S+)/m.exec(out)?.[1] ?? 0) };
}

// A program that answers HTTP on a database of its own, until it is stopped.
export class Http {
    constructor(work, database, cpus = CPUS) {
        Object.assign(this, { work, database, cpus, port: PORT });
        this.state = mkdtempSync(join(tmpdir(), 'dossierpost-bench-'));
    }

    async start(program, args, env, ready) {
        this.child = spawn('taskset', ['-c', this.cpus, program, ...args],
            { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'], cwd: ROOT });
        for (let i = 0; ; i++) {
            if (await fetch(`http://127.0.0.1:${this.port}${ready}`).then((r) => r.status < 500,
                () => false)) break;
            if (i > 300 || this.child.exitCode !== null) throw new Error(`${program} does not answer`);
            await sleep(100);
        }
        this.memory = [];
        this.timer = setInterval(() => this.memory.push(rss(this.child.pid)), 250);
        return this;
    }

    service_env() {
        return { DOSSIERPOST_LISTEN: `127.0.0.1:${this.port}`, DOSSIERPOST_STATE_DIR: this.state,
                 DOSSIERPOST_DATABASE_URL: this.work.cluster.url(this.database),
                 DOSSIERPOST_LOG_LEVEL: 'warn' };
    }

    async metric(name) {
        const text = await (await fetch(`http://127.0.0.1:${this.port}/metrics`)).text();
        return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1] ?? NaN);
    }

    async stop() {
        clearInterval(this.timer);
        const gone = this.child.exitCode !== null ? null
            : new Promise((done) => this.child.on('exit', done));
        this.child.kill('SIGTERM');
        await gone;
        rmSync(this.state, { recursive: true, force: true });
    }
}

