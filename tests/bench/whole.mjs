// ./dev bench whole [--dossiers N] [--scans N] [--plans] [--json FILE]
// What is asked of the whole of the data (by default 1 million dossiers with 10 million events): the
// plans of a batch of scans there, of which none may read a big table whole; the projections folded
// again from all events and compared with those kept; the log verified from its first position.
// Ends with 1 when a plan reads a table whole, a projection differs or the log is not good.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Cluster, ROOT } from './cluster.mjs';

const { values: option } = parseArgs({ options: { json: { type: 'string' },
    dossiers: { type: 'string', default: '1000000' }, scans: { type: 'string', default: '64' },
    plans: { type: 'boolean', default: false } } });
const say = (text) => process.stderr.write(`== ${text}\n`);
const BIG = /Seq Scan on (?:event|shipment|log|dossier|payload|exception|checkpoint|tree|session)\w*/g;
const NAME = 'bench_whole';

// The next step of so many shipments, each by whoever makes it; batch by batch.
const todo = (batches, count) => `create temp table todo as
    select (s.i - 1) / ${count} as batch, (s.i - 1) % ${count} + 1 as ord, base.uuid_v7() as id, s.number,
           bench.kind(s.events) as kind, c.account, c.unit, c.roles
    from bench.shipment s join bench.scanner c
        on c.n = case when (s.events - 2) % 5 between 1 and 3 then s.hub else s.clerk end
    where s.i <= ${batches * count}`;

// One call, as the service sends it.
const batch = (n) => `
    select count(*) filter (where r.outcome = 'recorded') from (
        select array_agg(x.ord::int order by x.ord) as ord, array_agg(x.id order by x.ord) as id,
               array_agg(x.number order by x.ord) as number, array_agg(x.kind order by x.ord) as kind,
               array_agg(now() order by x.ord) as at, array_agg(x.account order by x.ord) as account,
               array_agg(x.unit order by x.ord) as unit, array_agg(x.roles order by x.ord) as roles,
               array_agg(0::bigint) as seq, array_agg(null::text) as none, array_agg(null::uuid) as no_id,
               array_agg(null::jsonb) as data, array_agg(null::bytea) as no_bytes,
               array_agg(sha256(convert_to(x.number, 'UTF8')) order by x.ord) as digest
        from todo x where x.batch = ${n}) i
    cross join lateral custody.record_scans(i.ord, i.id, i.number, i.kind, i.at, i.account, i.unit,
        i.roles, i.account, i.seq, i.none, i.none, i.no_id, i.none, i.none, i.data, i.digest,
        i.no_bytes, i.no_bytes, i.no_bytes, i.no_bytes) r`;

// With every nested plan, as auto_explain tells them. The first batches warm and settle the plans.
async function plans(cluster) {
    const { stdout, stderr } = await cluster.script(NAME, `set client_min_messages = log;
        ${todo(9, Number(option.scans))}; load 'auto_explain'; ${[0, 1, 2, 3, 4, 5, 6, 7].map(batch).join(';\n')};
        set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;
        set auto_explain.log_analyze = on; set auto_explain.log_buffers = on;
        set auto_explain.log_timing = off; ${batch(8)};
        set auto_explain.log_min_duration = -1; select * from custody.sequence(100000)`);
    const whole = [...new Set(stderr.match(BIG) ?? [])];
    if (option.plans) process.stdout.write(stderr);
    return { recorded: stdout.trim().split('\n').slice(0, 9).map(Number), whole, text: stderr };
}

function program(...args) {
    const env = { ...process.env, DOSSIERPOST_DATABASE_URL: cluster.url(NAME), DOSSIERPOST_STATE_DIR: '/nonexistent' };
    const began = performance.now();
    return new Promise((done) => execFile(process.env.DOSSIERPOST_BIN ?? join(ROOT, 'build/dossierpost'), args,
        { env, maxBuffer: 1 << 28 }, (error, out, told) => done({ status: error?.code ?? 0, out, told,
            seconds: (performance.now() - began) / 1000 })));
}

const cluster = await Cluster.start();
process.exitCode = 1;
try {
    const binary = process.env.DOSSIERPOST_BIN ?? join(ROOT, 'build/dossierpost');
    await cluster.copy(await cluster.template(Number(option.dossiers), binary, say), NAME);
    const report = { dossiers: Number(option.dossiers),
        events: Number(await cluster.value(NAME, 'select count(*) from custody.event')) };
    say(`${report.events} events`);
    const { recorded, whole, text } = await plans(cluster);
    report.batch = { scans: Number(option.scans), recorded, whole };
    say(`a batch of ${option.scans}: ${recorded.join(' ')} recorded; tables read whole: ${whole.join(', ') || 'none'}`);
    const rebuilt = await program('rebuild', '--json');
    report.rebuild = { seconds: rebuilt.seconds, differences: JSON.parse(rebuilt.out).length };
    say(`folded again in ${rebuilt.seconds.toFixed(0)} s: ${report.rebuild.differences} differences`);
    const verified = await program('verify', '--json');
    report.verify = { seconds: verified.seconds, ...JSON.parse(verified.out) };
    say(`verified in ${verified.seconds.toFixed(0)} s: ${report.verify.verified} of ${report.verify.events}` +
        `, uncovered ${report.verify.uncovered}, ${report.verify.findings.length} findings`);
    const good = whole.length === 0 && recorded.every((n) => n === Number(option.scans))
        && rebuilt.status === 0 && verified.status === 0;
    if (option.json) writeFileSync(option.json, JSON.stringify({ ...report, plans: text }, null, 1));
    process.exitCode = good ? 0 : 1;
} finally {
    await cluster.drop(NAME).catch(() => {});
    await cluster.stop();
}
