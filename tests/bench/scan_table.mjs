// From the rounds to figures, bars and a table.
import { judged, median_of, print_figures, print_results } from './table.mjs';
import { median } from './machine.mjs';

const mean = (a, b) => (a + b) / 2;

// Ratios within each round; pgbench is what it did before and after the service.
function ratios(round) {
    const { before, service: s, after, fastify: f } = round;
    const best = mean(before[before.best].per_second, after[before.best].per_second);
    const memory = s.memory.slice(4), third = Math.floor(memory.length / 3);
    return {
        'one scan, 256 connections / pgbench': s.one_256.per_second / best,
        'one scan, 256 connections / Fastify': f && s.one_256.per_second / f.one_256.per_second,
        'one scan, 64 connections / pgbench': s.one_64.per_second / best,
        'p99, 64 connections / pgbench, 32 clients':
            s.one_64.p99 / mean(before[32].p99, after[32].p99),
        '100 scans a request / pgbench': s.hundred.per_second / best,
        'open loop, 4,000/s: p99 / Fastify': f && s.open_4000.p99 / f.open_4000.p99,
        'one courier: median / pgbench, 1 client': s.alone.p50 / mean(before[1].p50, after[1].p50),
        'hot mix / even mix': s.hot.per_second / s.even.per_second,
        'deadlocks and retried batches': s.deadlocks + s.retries,
        'memory of the service, MB, most': Math.max(...s.memory),
        'memory, last third / middle third':
            median(memory.slice(2 * third)) / median(memory.slice(third, 2 * third)),
    };
}

const bars = {
    'one scan, 256 connections / pgbench': ['least', 3.5],
    'one scan, 256 connections / Fastify': ['least', 5],
    'one scan, 64 connections / pgbench': ['least', 2.3],
    'p99, 64 connections / pgbench, 32 clients': ['most', 1],
    '100 scans a request / pgbench': ['least', 4.5],
    'open loop, 4,000/s: p99 / Fastify': ['most', 1 / 8],
    'one courier: median / pgbench, 1 client': ['most', 1.3],
    'hot mix / even mix': ['least', 0.7],
    'deadlocks and retried batches': ['most', 0],
    'memory of the service, MB, most': ['most', 64],
    'memory, last third / middle third': ['most', 1.1],
};

function figures(rounds) {
    const rows = [];
    const add = (name, pick) => rows.push(...median_of(name, rounds.flatMap(pick)));
    for (const clients of [1, 8, 32, 64])
        add(`pgbench, ${clients} clients`, (r) => [r.before[clients], r.after[clients]]);
    for (const which of Object.keys(rounds[0].service).filter((k) => rounds[0].service[k]?.cpu))
        add(`service, ${which}`, (r) => [r.service[which]]);
    for (const which of ['one_64', 'one_256', 'open_4000'])
        add(`Fastify, ${which}`, (r) => [r.fastify?.[which]]);
    return rows;
}

export function judge(rounds, about) {
    const { results, missed } = judged(bars, rounds.map(ratios));
    for (const [n, r] of rounds.entries()) {
        const rows = new Set([r.before.rows, r.service.rows, r.after.rows, r.fastify?.rows ?? r.before.rows]);
        if (rows.size > 1) missed.push(`round ${n + 1}: the sides wrote different rows: ` +
                                       `${[...rows].join(', ')}`);
        if (r.service.failed) missed.push(`round ${n + 1}: ${r.service.failed}`);
    }
    return { ...about, figures: figures(rounds), results, missed,
             batch: median(rounds.map((r) => r.service.batch)), rows: rounds[0].service.rows };
}

export function print_table(report) {
    print_figures(report, 'scans/s', `${report.dossiers} dossiers`);
    console.log(`scans a batch: ${report.batch.toFixed(0)}; rows compared: ${report.rows}\n`);
    print_results(report);
}
