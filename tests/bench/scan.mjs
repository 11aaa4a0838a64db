// ./dev bench scan [--json FILE] [--dossiers N] [--seconds N] [--rounds N] [--any-noise]
// Scans by the service against pgbench and Fastify on the same data: rounds of pgbench, service,
// pgbench, Fastify, each on a fresh copy of the same database; ratios within a round, medians and
// ranges over the rounds. Ends with 1 when a bar is missed or the sides wrote different rows.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Cluster, ROOT } from './cluster.mjs';
import { quiet_windows } from './machine.mjs';
import { Fastify, Pgbench, Service, Work } from './scan_sides.mjs';
import { judge, print_table } from './scan_table.mjs';
import { CPUS } from './sides.mjs';

const { values: option } = parseArgs({ options: {
    json: { type: 'string' }, dossiers: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '10' }, rounds: { type: 'string', default: '3' },
    'any-noise': { type: 'boolean', default: false }, 'no-fastify': { type: 'boolean' } } });
const dossiers = Number(option.dossiers), seconds = Number(option.seconds);
const CHECKED = 500;

const say = (text) => process.stderr.write(`== ${text}\n`);
const size = Math.floor(dossiers / 10);
const slice = (n) => ({ from: n * size, size });

const service_cases = {
    one_64: { connections: 64, slice: slice(1) },
    one_256: { connections: 256, slice: slice(2) },
    hundred: { connections: 16, scans: 100, slice: slice(3) },
    open_4000: { connections: 256, rate: 4000, slice: slice(4) },
    alone: { connections: 1, slice: slice(5) },
    even: { connections: 64, slice: slice(6) },
    hot: { connections: 64, hot: 20, slice: slice(7) },
};

const { quiet, counts } = quiet_windows({ any: option['any-noise'], say });

async function on_copy(cluster, template, name, work) {
    await cluster.copy(template, name);
    try {
        return await work(name);
    } finally {
        await cluster.drop(name);
    }
}

// What one list of scans left behind, without ids and times.
const left_behind = `select count(*), md5(string_agg(concat_ws('|', e.subject, e.kind, e.outcome,
        e.warnings, e.state, e.holder_kind, e.holder_id, e.actor, e.unit, e.device, s.state,
        s.holder_kind, s.holder_id, s.place, s.events, s.last_id = e.id, x.code), '/'
        order by e.subject))
    from custody.event e join custody.shipment s on s.number = e.subject
    left join custody.exception x on x.event_id = e.id
    where e.received_at > now() - interval '1 hour'`;

const events = async (cluster, name) =>
    Number(await cluster.value(name, 'select count(*) from custody.event'));

async function pgbench_round(work, name, clients_list) {
    const side = new Pgbench(work, name), out = {};
    out.rows = (await side.load({ clients: 1, slice: { from: 0, size: CHECKED },
        transactions: CHECKED }), await work.cluster.query(name, left_behind))[0].join(' ');
    await side.load({ clients: 8, slice: slice(8), seconds: 2 });
    for (const [n, clients] of clients_list.entries())
        out[clients] = await quiet(`pgbench, ${clients} clients`,
            () => side.load({ clients, slice: slice(n + 1), seconds }));
    out.best = clients_list.reduce((a, b) => (out[a].per_second >= out[b].per_second ? a : b));
    return out;
}

async function http_rows(side, work, name) {
    await side.load({ connections: 1, rounds: 1, slice: { from: 0, size: CHECKED } });
    return (await work.cluster.query(name, left_behind))[0].join(' ');
}

async function service_round(work, name) {
    const side = await new Service(work, name).begin(), out = {};
    try {
        out.rows = await http_rows(side, work, name);
        await side.load({ connections: 64, slice: slice(8), seconds: 2 });
        const before = await events(work.cluster, name);
        let answered = 0;
        for (const [which, load] of Object.entries(service_cases))
            out[which] = await quiet(`service, ${which}`, async () => {
                const r = await side.load({ ...load, seconds });
                answered += r.recorded + r.exceptions;
                if (r.failures) out.failed = `${r.failures} replies of ${which} were wrong`;
                return r;
            });
        const rows = await events(work.cluster, name) - before;
        if (rows !== answered) out.failed = `${answered} answered as written, ${rows} rows`;
        out.retries = await side.metric('dossierpost_db_batch_retries_total');
        out.batch = await side.metric('dossierpost_db_batch_items_total')
            / await side.metric('dossierpost_db_batches_total');
        out.deadlocks = Number(await work.cluster.value(name,
            'select deadlocks from pg_stat_database where datname = current_database()'));
        out.memory = side.memory;
    } finally {
        await side.stop();
    }
    return out;
}

const fastify_setups = [1, 2].flatMap((processes) => [4, 16, 32].map((pool) => ({ processes, pool })));

// The best set-up is looked for once, shortly, each on a copy of its own.
async function fastify_best(copy) {
    let best;
    for (const setup of fastify_setups)
        await copy('bench_setup', async (work, name) => {
            const side = await new Fastify(work, name).begin(setup);
            try {
                await side.load({ connections: 64, slice: slice(8), seconds: 1 });
                const r = await quiet(`Fastify, ${setup.processes} processes, pools of ${setup.pool}`,
                    () => side.load({ connections: 64, slice: slice(1), seconds: 2 }));
                if (!best || r.per_second > best.per_second)
                    best = { ...setup, per_second: r.per_second };
            } finally {
                await side.stop();
            }
        });
    return best;
}

async function fastify_round(work, name, setup) {
    const side = await new Fastify(work, name).begin(setup), out = { setup };
    try {
        out.rows = await http_rows(side, work, name);
        await side.load({ connections: 64, slice: slice(8), seconds: 2 });
        for (const which of ['one_64', 'one_256', 'open_4000'])
            out[which] = await quiet(`Fastify, ${which}`,
                () => side.load({ ...service_cases[which], seconds }));
    } finally {
        await side.stop();
    }
    return out;
}

async function rounds(cluster, template) {
    const work = await Work.make(cluster, template, dossiers), all = [];
    const copy = (name, run) => on_copy(cluster, template, name, (db) => run(work, db));
    try {
        const setup = option['no-fastify'] ? null : await fastify_best(copy);
        for (let n = 1; n <= Number(option.rounds); n++) {
            say(`round ${n}`);
            const round = {};
            round.before = await copy('bench_pgbench', (w, db) => pgbench_round(w, db, [1, 8, 32, 64]));
            round.service = await copy('bench_service', service_round);
            round.after = await copy('bench_pgbench',
                (w, db) => pgbench_round(w, db, [...new Set([1, 32, round.before.best])]));
            if (setup) round.fastify = await copy('bench_fastify', (w, db) => fastify_round(w, db, setup));
            all.push(round);
        }
    } finally {
        work.remove();
    }
    return all;
}

const cluster = await Cluster.start({ cpus: CPUS });
process.exitCode = 1;
try {
    say(`the cluster stands in ${cluster.folder}; everything runs on CPUs ${CPUS} of ${cpus().length}`);
    const binary = process.env.DOSSIERPOST_BIN ?? join(ROOT, 'build/dossierpost');
    const all = await rounds(cluster, await cluster.template(dossiers, binary, say));
    const report = judge(all, { ...counts, dossiers, seconds });
    print_table(report);
    if (option.json) writeFileSync(option.json, JSON.stringify({ ...report, rounds: all }, null, 1));
    process.exitCode = report.missed.length ? 1 : 0;
} finally {
    await cluster.stop();
}
