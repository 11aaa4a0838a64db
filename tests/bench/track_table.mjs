// From the rounds of the bench of tracking to figures, bars and a table.
import { judged, median_of, print_figures, print_results } from './table.mjs';

const mean = (a, b) => (a + b) / 2;

// Ratios within each round; a peer is what it did before and after the service.
function ratios(r) {
    const nginx = (form) => r.hot && mean(r.nginx_before[form].per_second, r.nginx_after[form].per_second);
    const best = r.before && mean(r.before[r.before.best].per_second, r.after[r.before.best].per_second);
    return {
        'hot answers / nginx, a file of that size': r.hot && r.hot.json.per_second / nginx('json'),
        'hot pages / nginx, a file of that size': r.hot && r.hot.page.per_second / nginx('page'),
        'misses / Fastify': r.misses && r.misses.per_second / r.fastify.per_second,
        'misses / pgbench': r.misses && r.misses.per_second / best,
        'p99 of hits beside scans / without': r.scans
            && r.hits_beside.p99 / mean(r.hits_before.p99, r.hits_after.p99),
        'memory of an idle watcher, KiB': r.watchers && r.watchers.each / 1024,
        'a watcher is told, p99, ms': r.watchers && r.watchers.p99,
        'misses, ten times the dossiers / misses': r.large
            && r.large.per_second / mean(r.small.per_second, r.small_after.per_second),
    };
}

const bars = {
    'hot answers / nginx, a file of that size': ['least', 1],
    'hot pages / nginx, a file of that size': ['least', 0.6],
    'misses / Fastify': ['least', 3.5],
    'misses / pgbench': ['least', 0.9],
    'p99 of hits beside scans / without': ['most', 3],
    'memory of an idle watcher, KiB': ['most', 4],
    'a watcher is told, p99, ms': ['most', 50],
    'misses, ten times the dossiers / misses': ['least', 0.85],
};

const windows = {
    'nginx, file of an answer': (r) => [r.nginx_before?.json, r.nginx_after?.json],
    'service, hot answers': (r) => [r.hot?.json],
    'nginx, file of a page': (r) => [r.nginx_before?.page, r.nginx_after?.page],
    'service, hot pages': (r) => [r.hot?.page],
    'pgbench, 8 clients': (r) => [r.before?.[8], r.after?.[8]],
    'pgbench, 32 clients': (r) => [r.before?.[32], r.after?.[32]],
    'pgbench, 64 clients': (r) => [r.before?.[64], r.after?.[64]],
    'service, misses': (r) => [r.misses],
    'Fastify, misses': (r) => [r.fastify],
    'service, hits in an open loop': (r) => [r.hits_before, r.hits_after],
    'service, hits beside scans': (r) => [r.hits_beside],
    'service, watchers told': (r) => [r.watchers],
    'service, misses, for the next': (r) => [r.small, r.small_after],
    'service, misses, ten times the dossiers': (r) => [r.large],
};

export function judge(rounds, about) {
    const { results, missed } = judged(bars, rounds.map(ratios));
    for (const [n, r] of rounds.entries())
        missed.push(...r.wrong.map((text) => `round ${n + 1}: ${text}`));
    return { ...about, results, missed, bytes: rounds[0].bytes, figures: Object.entries(windows)
        .flatMap(([name, pick]) => median_of(name, rounds.flatMap(pick))) };
}

// Who had no time left: a server of one thread and the load each have a processor to themselves.
function print_bound(report) {
    for (const f of report.figures)
        if (/hot|nginx/.test(f.name))
            console.log(`${f.name}: the server ${Math.round(100 * f.busy.service)} % of its processor, ` +
                `the load ${Math.round(100 * f.busy.generator)} % of the other`);
}

export function print_table(report) {
    print_figures(report, 'a second', `${report.dossiers} dossiers`);
    if (report.bytes)
        console.log(`bytes an answer: ${Math.round(report.bytes.json)}, a page: ${Math.round(report.bytes.page)}`);
    print_bound(report);
    console.log();
    print_results(report);
}
