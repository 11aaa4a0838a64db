// The sides of the bench: the service, pgbench, Fastify. Each starts on a database of its own and
// gives what a load of it brought: {per_second, p50, p99 (milliseconds), sent, …, cpu, foreign}.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PEER_OPTIONS, ROOT } from './cluster.mjs';
import { cpu_of, watched } from './machine.mjs';
import { pgbench_script, STRIDE } from './scan_cte.mjs';
import { CPUS, Http, pgbench_result, pinned } from './sides.mjs';

// What the generators read: shipments of a slice of the order, the sessions of who scans.
export class Work {
    static async make(cluster, template, dossiers) {
        const work = new Work();
        work.folder = mkdtempSync(join(tmpdir(), 'dossierpost-bench-'));
        Object.assign(work, { cluster, template, dossiers });
        const [row] = await cluster.query(template, `select count(*) filter (where roles <> 8),
            count(*) filter (where roles = 8), min(account), max(unit) filter (where roles = 8)
            from bench.scanner`);
        const [clerks, hubs, first_account, hub_unit] = row.map(Number);
        work.facts = { dossiers, clerks, hubs, first_account, hub_unit };
        const tokens = await cluster.query(template,
            "select translate(encode(token, 'base64'), '+/=', '-_') from bench.scanner order by n");
        work.sessions = join(work.folder, 'sessions');
        writeFileSync(work.sessions, tokens.map(([t]) => t + '\n').join(''));
        return work;
    }

    // scans > 1: in blocks of shipments that stand at the same point and are scanned by the same.
    async shipments({ from, size }, scans = 1) {
        const path = join(this.folder, `shipments-${from}-${size}-${scans}`);
        if (readdirSync(this.folder).includes(path.split('/').at(-1))) return path;
        const slice = `select s.*, k from generate_series(${from}, ${from + size - 1}) k
            join bench.shipment s on s.i = 1 + k::bigint * ${STRIDE} % ${this.dossiers}`;
        const rows = await this.cluster.query(this.template, scans === 1
            ? `select number, events, clerk, hub from (${slice}) x order by k`
            : `select number, events, clerk, hub from (
                   select *, (row_number() over w - 1) / ${scans} as block, count(*) over
                       (partition by events, clerk, hub) / ${scans} as blocks
                   from (${slice}) x window w as (partition by events, clerk, hub order by k)) x
               where block < blocks order by md5(concat_ws(' ', events, clerk, hub, block)), k`);
        writeFileSync(path, rows.map((r) => r.join(' ') + '\n').join(''));
        return path;
    }

    remove() {
        rmSync(this.folder, { recursive: true, force: true });
    }
}

// load: {slice, connections, seconds, scans, rate, hot, rounds}
export async function http_load(work, port, load) {
    const { slice, scans = 1, ...rest } = load;
    const args = Object.entries({ port, sessions: work.sessions, scans, warmup: 1, ...rest })
        .flatMap(([k, v]) => [`--${k}`, String(v)]);
    const { out, err } = await pinned(join(ROOT, 'build/tests/bench/scan_load'), args,
        { input: await work.shipments(slice, scans), ok: [0, 1] });
    if (err) process.stderr.write(err);
    const { cpu, ...result } = JSON.parse(out);
    return { result, cpu: { generator: cpu } };
}

class Scanned extends Http {
    load(load) {
        return watched({ service: this.child.pid, postgres: this.work.cluster.pid },
            () => http_load(this.work, this.port, load));
    }
}

export class Service extends Scanned {
    begin() {
        return this.start(process.env.DOSSIERPOST_BIN ?? join(ROOT, 'build/dossierpost'), ['serve'],
            this.service_env(), '/readyz');
    }
}

export class Fastify extends Scanned {
    begin({ processes, pool }) {
        this.setup = { processes, pool };
        return this.start(process.execPath, ['tests/bench/fastify_scan.mjs', String(this.port),
            String(processes), String(pool), this.work.cluster.peer_url(this.database)],
            { NODE_ENV: 'production' }, '/');
    }
}

export class Pgbench {
    constructor(work, database) {
        Object.assign(this, { work, database });
    }

    // transactions: so many in all, once over the slice; else for so many seconds.
    load({ clients, slice, seconds, transactions }) {
        const { cluster, facts, folder } = this.work;
        const script = join(folder, 'scan.sql'), log = join(folder, 'pgbench');
        writeFileSync(script, pgbench_script(facts, clients, slice));
        const length = transactions ? ['-t', String(transactions / clients)] : ['-T', String(seconds)];
        let cpu = 0;
        return watched({ postgres: cluster.pid }, async () => {
            const { out } = await pinned(join(cluster.bin, 'pgbench'), ['-h', cluster.folder, '-U',
                'postgres', '-n', '-M', 'prepared', '-f', script, '-D', 'turn=-1', '-c',
                String(clients), '-j', String(Math.min(2, clients)), ...length, '-l',
                '--log-prefix', log, this.database],
                { watch: (pid) => (cpu = cpu_of(pid) || cpu), env: { PGOPTIONS: PEER_OPTIONS } });
            return { cpu: { generator: cpu }, result: { clients, ...pgbench_result(folder, out) } };
        });
    }
}
