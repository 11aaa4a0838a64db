// The sides of the bench of tracking: the service, nginx with a file, Fastify, pgbench. Each gives what
// a load of it brought: {per_second, p50, p99 (milliseconds), sent, failures, cpu, took, foreign}.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PEER_OPTIONS, ROOT } from './cluster.mjs';
import { cpu_of, rss, sleep, watched } from './machine.mjs';
import { number_text, set_number, STRIDE } from './scan_cte.mjs';
import { http_load, Work } from './scan_sides.mjs';
import { CPUS, Http, pgbench_result, pinned } from './sides.mjs';
import { BINARY } from './track_data.mjs';
import { track_sql } from './track_sql.mjs';

const LOADS = join(ROOT, 'build/tests/bench');

// Every address may look up as much as it likes; enough streams fit, and 10,000 answers with their pages.
const OPEN = { DOSSIERPOST_TRACK_RATE: '0', DOSSIERPOST_SERVER_CONNECTIONS: '15000',
               DOSSIERPOST_TRACK_CACHE: '256' };

// What is asked for: of all dossiers in an order in which neighbours lie far apart, those from a place.
export class TrackWork {
    static async make(cluster, database, dossiers) {
        const work = new TrackWork();
        work.scans = await Work.make(cluster, database, dossiers);
        // The keys that every service on this database brings.
        await cluster.query(database, 'truncate custody.key_mark');
        work.state = mkdtempSync(join(tmpdir(), 'dossierpost-bench-'));
        return Object.assign(work, { cluster, database, dossiers, folder: work.scans.folder });
    }

    // Lines of "path code" for a form: json or page.
    async keys(form, { from, size }) {
        const path = join(this.folder, `${form}-${from}-${size}`);
        if (readdirSync(this.folder).includes(path.split('/').at(-1))) return path;
        const rows = await this.cluster.query(this.database, `select t.number, t.code
            from generate_series(${from}::bigint, ${from + size - 1}) k
            join bench.told t on t.i = 1 + k * ${STRIDE} % ${this.dossiers} order by k`);
        const prefix = form === 'page' ? '/t/' : '/v1/track/';
        writeFileSync(path, rows.map(([number, code]) => `${prefix}${number} ${code}\n`).join(''));
        return path;
    }

    // Reads the answers of those once, each by its key: a scan of the whole table would leave nothing there.
    warm({ from, size }) {
        return this.cluster.query(this.database, `set enable_hashjoin = off; set enable_mergejoin = off;
            set enable_seqscan = off; set max_parallel_workers_per_gather = 0; select sum(length(a.packed)), sum(length(v.view))
            from generate_series(${from}::bigint, ${from + size - 1}) k
            join bench.told t on t.i = 1 + k * ${STRIDE} % ${this.dossiers}
            join dossier.told a on a.key = t.number
            left join bench.told_view v on v.key = t.number`);
    }

    // As pgbench asks for them.
    script(clients, { from }) {
        const path = join(this.folder, 'track.sql');
        writeFileSync(path, `\\set turn :turn + 1
\\set k ${from} + :client_id + :turn * ${clients}
\\set i 1 + :k * ${STRIDE} % ${this.dossiers}
${set_number}${track_sql(number_text)};
`);
        return path;
    }

    remove() {
        this.scans.remove();
        rmSync(this.state, { recursive: true, force: true });
    }
}

async function get_load(port, { input, cpus, ...load }) {
    const args = Object.entries({ port, warmup: 1, ...load }).flatMap(([k, v]) => [`--${k}`, String(v)]);
    const { out, err } = await pinned(join(LOADS, 'get_load'), args, { input, cpus, ok: [0, 1] });
    if (err) process.stderr.write(err);
    const { cpu, ...result } = JSON.parse(out);
    return { result, cpu: { generator: cpu } };
}

// load: {form, slice, connections, seconds, rate, rounds, near}; cpus: of the generator.
class Tracked extends Http {
    async load({ form = 'json', slice, ...load }) {
        const input = await this.input(form, slice);
        return watched(this.groups(), () => get_load(this.port, { input, cpus: this.load_cpus, ...load }));
    }

    groups() {
        return { service: this.child.pid, postgres: this.work.cluster.pid };
    }

    input(form, slice) {
        return this.work.keys(form, slice);
    }
}

export class Service extends Tracked {
    begin({ loops, cpus = CPUS, load_cpus = CPUS } = {}) {
        Object.assign(this, { cpus, load_cpus });
        return this.start(BINARY, ['serve'], { ...this.service_env(), ...OPEN,
            DOSSIERPOST_STATE_DIR: this.work.state, ...(loops && { DOSSIERPOST_SERVER_LOOPS: String(loops) }) }, '/readyz');
    }

    // What it answers for some of the keys: how long on average, how far in a text stands, and the one
    // that is most like it.
    async sample(form, slice, count = 200) {
        const lines = readFileSync(await this.work.keys(form, slice), 'utf8').split('\n').slice(0, count);
        const bodies = [];
        for (const line of lines) {
            const [path, code] = line.split(' ');
            const reply = await fetch(`http://127.0.0.1:${this.port}${path}`,
                { headers: { 'accept-encoding': 'identity' } });
            const body = Buffer.from(await reply.arrayBuffer());
            const at = body.indexOf(code);
            if (reply.status !== 200 || at < 0) throw new Error(`${path}: ${reply.status}, ${body}`);
            bodies.push({ body, code, near: at + code.length });
        }
        const bytes = bodies.reduce((sum, b) => sum + b.body.length, 0) / bodies.length;
        const far = (b) => Math.abs(b.body.length - bytes);
        const like = bodies.reduce((a, b) => (far(a) <= far(b) ? a : b));
        return { ...like, bytes, near: Math.max(...bodies.map((b) => b.near)) + 64 };
    }

    // Look-ups so far, by where their answers came from.
    async sources() {
        const names = ['hits', 'kept', 'anew'];
        const found = await Promise.all(names.map((name) => this.metric(`dossierpost_track_${name}_total`)));
        return Object.fromEntries(names.map((name, i) => [name, found[i]]));
    }

    // Scans on their own shipments, at a rate, for as long as the load runs.
    scans(load) {
        return http_load(this.work.scans, this.port, load);
    }

    // Streams of shipments under way: what each costs of resident memory (bytes), and how soon after a
    // scan's reply its stream was told (milliseconds). Their answers are made anew and lie in memory
    // before, so that nothing else grows.
    async watchers({ streams, slice, seconds, rate }) {
        const { work, port } = this, input = await work.scans.shipments(slice);
        const numbers = readFileSync(input, 'utf8').split('\n').slice(0, streams).map((l) => l.split(' ')[0]);
        await work.cluster.script(work.database, `delete from dossier.told t where t.key in (${numbers.map((n) => `'${n}'`).join()})`);
        const warm = join(work.folder, 'watched');
        writeFileSync(warm, numbers.map((n) => `/v1/track/${n} ${n}\n`).join(''));
        await get_load(port, { input: warm, connections: 16, rounds: 2, seconds: 1, near: 0 });
        await sleep(2000);
        const before = rss(this.child.pid);
        let open = 0;
        const r = await watched(this.groups(), async () => {
            const args = Object.entries({ port, sessions: work.scans.sessions, connections: streams,
                seconds, rate, warmup: 1, idle: 4 }).flatMap(([k, v]) => [`--${k}`, String(v)]);
            const { out, err } = await pinned(join(LOADS, 'watch_load'), args, { input, ok: [0, 1],
                told: (text) => /^open/m.test(text) && setTimeout(() => (open = rss(this.child.pid)), 3000) });
            if (err) process.stderr.write(err);
            const { cpu, ...result } = JSON.parse(out.slice(out.indexOf('{')));
            return { result, cpu: { generator: cpu } };
        });
        return { ...r, streams, each: (open - before) * 2 ** 20 / streams };
    }
}

const nginx_conf = (folder, port, sendfile) => `worker_processes 1;
daemon off;
pid ${folder}/pid;
error_log stderr warn;
events { worker_connections 4096; use epoll; multi_accept on; }
http {
    access_log off;
    sendfile ${sendfile};
    tcp_nopush ${sendfile};
    tcp_nodelay on;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    open_file_cache max=100 inactive=600s;
    open_file_cache_valid 600s;
    types { application/json json; text/html html; }
    server {
        listen 127.0.0.1:${port} backlog=1024;
        root ${folder}/files;
        location / { }
    }
}
`;

const names = { json: 'track.json', page: 'track.html' };

// files: {json, page}, each as Service.sample gives it.
export class Nginx extends Tracked {
    begin({ files, sendfile = 'on', cpus = CPUS, load_cpus = CPUS }) {
        Object.assign(this, { files, cpus, load_cpus });
        const folder = this.state; // which its worker, somebody else, reads
        chmodSync(folder, 0o755);
        mkdirSync(join(folder, 'files'));
        writeFileSync(join(folder, 'nginx.conf'), nginx_conf(folder, this.port, sendfile));
        for (const [form, { body, code }] of Object.entries(files)) {
            writeFileSync(join(folder, 'files', names[form]), body);
            writeFileSync(join(folder, form), `/${names[form]} ${code}\n`.repeat(1000));
        }
        return this.start('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], {}, `/${names.json}`);
    }

    input(form) {
        return join(this.state, form);
    }
}

export class Fastify extends Tracked {
    begin({ processes, pool }) {
        this.setup = { processes, pool };
        return this.start(process.execPath, ['tests/bench/fastify_track.mjs', String(this.port),
            String(processes), String(pool), this.work.cluster.peer_url(this.database)],
            { NODE_ENV: 'production' }, '/');
    }
}

export class Pgbench {
    constructor(work, database) {
        Object.assign(this, { work, database });
    }

    load({ clients, slice, seconds }) {
        const { cluster, folder } = this.work, script = this.work.script(clients, slice);
        let cpu = 0;
        return watched({ postgres: cluster.pid }, async () => {
            const { out } = await pinned(join(cluster.bin, 'pgbench'), ['-h', cluster.folder, '-U',
                'postgres', '-n', '-M', 'prepared', '-f', script, '-D', 'turn=-1', '-c',
                String(clients), '-j', String(Math.min(2, clients)), '-T', String(seconds), '-l',
                '--log-prefix', join(folder, 'pgbench'), this.database],
                { watch: (pid) => (cpu = cpu_of(pid) || cpu), env: { PGOPTIONS: PEER_OPTIONS } });
            return { cpu: { generator: cpu }, result: { clients, ...pgbench_result(folder, out) } };
        });
    }
}
