// ./dev bench track [--json FILE] [--dossiers N] [--large N] [--seconds N] [--rounds N] [--only PART,…]
//                   [--hits N] [--any-noise]
// Tracking by the service against nginx, Fastify and pgbench on the same data (see ./dev bench seed).
// Parts: hot, one loop on one processor against one worker of nginx with a file of the same size, the
// load from the other processor; misses, evenly over all numbers, each used once, all on both
// processors; scans, hits at a fixed rate (10,000 a second) with and without scans beside them; watchers, 10,000 idle
// streams; large, misses among ten times the dossiers (by default where that database is there).
// Peers before and after; ratios within a round, medians and ranges over the rounds. Ends with 1 when
// a bar is missed or a reply was not as it must be.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Cluster } from './cluster.mjs';
import { quiet_windows } from './machine.mjs';
import { CPUS } from './sides.mjs';
import { track_database } from './track_data.mjs';
import { Fastify, Nginx, Pgbench, Service, TrackWork } from './track_sides.mjs';
import { judge, print_table } from './track_table.mjs';

const { values: option } = parseArgs({ options: {
    json: { type: 'string' }, dossiers: { type: 'string', default: '1000000' },
    large: { type: 'string' }, seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' }, only: { type: 'string' }, communes: { type: 'string' },
    hits: { type: 'string', default: '10000' },
    'any-noise': { type: 'boolean', default: false } } });
const dossiers = Number(option.dossiers), seconds = Number(option.seconds), rounds = Number(option.rounds);
const HOT = 10000, CONNECTIONS = 64, STREAMS = 10000, HITS = Number(option.hits), SCANS = 5000, TOLD = 100;
const MOST_MISSES = 60000; // a second, at least so many keys for a window

const say = (text) => process.stderr.write(`== ${text}\n`);
const { quiet, counts } = quiet_windows({ any: option['any-noise'], say });
const wanted = (part) => !option.only || option.only.split(',').includes(part);

// --- what is looked up ---------------------------------------------------------------------------

const hot = { from: 0, size: Math.min(HOT, dossiers / 2) };
let used = 0;

// Numbers that this service has not been asked for.
function fresh(of = dossiers) {
    const size = Math.min(of, MOST_MISSES * (seconds + 2));
    return { from: (used++ * size) % of, size };
}

// The shipments of a round that are scanned: first those beside the hits, then the watched ones.
// None of them is in the hot set.
const part = Math.floor((dossiers - hot.size) / (2 * rounds));
const under_way = (n, half) => ({ from: hot.size + (2 * n + half) * part, size: part });

const failed = (round, name, r) => r.failures && round.wrong.push(`${name}: ${r.failures} wrong replies`);

async function served(side, setup, work) {
    await side.begin(setup);
    try {
        return await work(side);
    } finally {
        await side.stop();
    }
}

// --- hot -----------------------------------------------------------------------------------------

const alone = { cpus: '0', load_cpus: '1' };

async function nginx_hot(work, files, sendfile) {
    return served(new Nginx(work), { files, sendfile, ...alone }, async (side) => {
        const out = {};
        for (const form of Object.keys(files))
            out[form] = await quiet(`nginx, ${form}`,
                () => side.load({ form, connections: CONNECTIONS, seconds, near: files[form].near }));
        return out;
    });
}

async function service_hot(work, files) {
    return served(new Service(work, work.database), { loops: 1, ...alone }, async (side) => {
        const out = {};
        for (const form of Object.keys(files)) {
            const load = { form, slice: hot, connections: CONNECTIONS, near: files[form].near };
            await side.load({ ...load, rounds: 2, seconds: 1 });
            out[form] = await quiet(`service, hot ${form}`, () => side.load({ ...load, seconds }));
        }
        return out;
    });
}

async function samples(work) {
    return served(new Service(work, work.database), {}, async (side) => ({
        json: await side.sample('json', hot), page: await side.sample('page', hot) }));
}

// The faster of nginx's two ways to send a file.
async function nginx_best(work, files) {
    const rate = {};
    for (const sendfile of ['on', 'off']) {
        const r = await served(new Nginx(work), { files, sendfile, ...alone }, (side) => side.load(
            { connections: CONNECTIONS, seconds: 2, near: files.json.near }));
        rate[sendfile] = r.per_second;
    }
    say(`nginx: ${Math.round(rate.on)}/s with sendfile, ${Math.round(rate.off)}/s without`);
    return rate.on >= rate.off ? 'on' : 'off';
}

async function hot_round(round, work, { files, sendfile }) {
    round.nginx_before = await nginx_hot(work, files, sendfile);
    round.hot = await service_hot(work, files);
    round.nginx_after = await nginx_hot(work, files, sendfile);
    for (const side of ['nginx_before', 'hot', 'nginx_after'])
        for (const [form, r] of Object.entries(round[side])) failed(round, `${side}, ${form}`, r);
}

// --- misses --------------------------------------------------------------------------------------

async function pgbench_misses(work, of, clients_list) {
    const side = new Pgbench(work, work.database), out = {};
    await side.load({ clients: 8, slice: fresh(of), seconds: 1 });
    for (const clients of clients_list)
        out[clients] = await quiet(`pgbench, ${clients} clients`,
            () => side.load({ clients, slice: fresh(of), seconds }));
    out.best = clients_list.reduce((a, b) => (out[a].per_second >= out[b].per_second ? a : b));
    return out;
}

// A service anew for each window, so that nothing it is asked for is in its memory; it tells whether
// all answers were kept ones.
const service_misses = (work, slice) => quiet('service, misses', () =>
    served(new Service(work, work.database), {}, async (side) => {
        const r = await side.load({ slice: slice ?? fresh(), connections: CONNECTIONS, seconds });
        const { hits, kept, anew } = await side.sources();
        if (hits + anew > 0.001 * kept) r.failures += hits + anew;
        return r;
    }));

const fastify_misses = (work, setup, seconds_) => quiet(
    `Fastify, ${setup.processes} processes, pools of ${setup.pool}`,
    () => served(new Fastify(work, work.database), setup, (side) => side.load(
        { slice: fresh(), connections: CONNECTIONS, seconds: seconds_ })));

async function fastify_best(work) {
    let best;
    for (const processes of [1, 2])
        for (const pool of [4, 16, 32]) {
            const r = await fastify_misses(work, { processes, pool }, 2);
            if (!best || r.per_second > best.per_second)
                best = { processes, pool, per_second: r.per_second };
        }
    return best;
}

async function miss_round(round, work, { setup }) {
    round.before = await pgbench_misses(work, dossiers, [8, 32, 64]);
    round.misses = await service_misses(work);
    round.after = await pgbench_misses(work, dossiers, [round.before.best]);
    round.fastify = { setup, ...await fastify_misses(work, setup, seconds) };
    failed(round, 'misses', round.misses);
    failed(round, 'Fastify', round.fastify);
}

// --- beside scans, and watchers ------------------------------------------------------------------

const hits = { slice: hot, connections: CONNECTIONS, rate: HITS };

async function beside_round(round, work, n) {
    await served(new Service(work, work.database), {}, async (side) => {
        await side.load({ ...hits, rate: 0, rounds: 2, seconds: 1 });
        const quiet_hits = () => quiet(`hits at ${HITS}/s`, () => side.load({ ...hits, seconds }));
        round.hits_before = await quiet_hits();
        const scans = side.scans({ connections: CONNECTIONS, rate: SCANS, seconds: seconds + 2,
            slice: under_way(n, 0) });
        round.hits_beside = await quiet(`hits at ${HITS}/s beside scans`,
            () => side.load({ ...hits, seconds }));
        round.scans = (await scans).result;
        round.hits_after = await quiet_hits();
    });
    say(`scans beside the hits: ${Math.round(round.scans.per_second)}/s, p99 ${round.scans.p99} ms`);
    for (const name of ['hits_before', 'hits_beside', 'hits_after', 'scans'])
        failed(round, name, round[name]);
    if (round.scans.per_second < 0.98 * SCANS)
        round.wrong.push(`only ${Math.round(round.scans.per_second)} scans a second beside the hits`);
}

async function watch_round(round, work, n) {
    await served(new Service(work, work.database), {}, async (side) => {
        const slice = under_way(n, 1);
        round.watchers = await quiet('watchers told', () => side.watchers(
            { streams: Math.min(STREAMS, Math.floor(slice.size / 10)), slice, seconds, rate: TOLD }));
    });
    say(`a watcher: ${Math.round(round.watchers.each)} bytes of memory`);
    failed(round, 'watchers', round.watchers);
}

// --- among many more -----------------------------------------------------------------------------

// Each time over numbers that the database has in its memory, of few and of many.
async function large_round(round, work, large) {
    const misses = async (of, count) => {
        const slice = fresh(count);
        await of.warm(slice);
        return service_misses(of, slice);
    };
    round.small = await misses(work, dossiers);
    round.large = await misses(large, large.dossiers);
    round.small_after = await misses(work, dossiers);
    for (const name of ['small', 'large', 'small_after']) failed(round, name, round[name]);
}

// --- all -----------------------------------------------------------------------------------------

// work: where nothing changes; changing: its copy, of which answers go as scans come.
async function all_rounds(work, changing, large) {
    const chosen = {}, all = [];
    if (wanted('hot')) {
        chosen.files = await samples(work);
        say(`bytes an answer: ${Math.round(chosen.files.json.bytes)}, a page: ${Math.round(chosen.files.page.bytes)}`);
        chosen.sendfile = await nginx_best(work, chosen.files);
    }
    if (wanted('misses')) chosen.setup = await fastify_best(work);
    for (const one of [work, changing]) if (one) await one.cluster.warm(one.database);
    for (let n = 0; n < rounds; n++) {
        const round = { wrong: [], bytes: chosen.files && { json: chosen.files.json.bytes, page: chosen.files.page.bytes } };
        say(`round ${n + 1}`);
        if (wanted('hot')) await hot_round(round, work, chosen);
        if (wanted('misses')) await miss_round(round, work, chosen);
        if (wanted('scans')) await beside_round(round, changing, n);
        if (wanted('watchers')) await watch_round(round, changing, n);
        if (large) await large_round(round, work, large);
        all.push(round);
    }
    return all;
}

async function large_work(cluster) {
    const count = Number(option.large ?? 10 * dossiers), name = `track_${count}`;
    if (!wanted('large')) return null;
    if (!option.large && !await cluster.value('postgres', `select 1 from pg_database where datname = '${name}'`)) {
        say(`no ${name}: ./dev bench seed --dossiers ${count} makes it`);
        return null;
    }
    return TrackWork.make(cluster, await track_database(cluster, count, { ...option, say }), count);
}

const cluster = await Cluster.start({ cpus: CPUS });
process.exitCode = 1;
let work, changing, large;
try {
    say(`the cluster stands in ${cluster.folder}; processors ${CPUS} of ${cpus().length}`);
    const kept = await track_database(cluster, dossiers, { ...option, say });
    large = await large_work(cluster);
    work = await TrackWork.make(cluster, kept, dossiers);
    if (wanted('scans') || wanted('watchers')) {
        await cluster.copy(kept, 'bench_track');
        changing = await TrackWork.make(cluster, 'bench_track', dossiers);
    }
    const all = await all_rounds(work, changing, large);
    const report = judge(all, { ...counts, dossiers, seconds, large: large?.dossiers });
    print_table(report);
    if (option.json) writeFileSync(option.json, JSON.stringify({ ...report, rounds: all }, null, 1));
    process.exitCode = report.missed.length ? 1 : 0;
} finally {
    for (const one of [work, changing, large]) one?.remove();
    await cluster.drop('bench_track').catch(() => {});
    await cluster.stop();
}
