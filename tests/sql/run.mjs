// The SQL suite: node tests/sql/run.mjs [file …]. One throw-away cluster; each *.sql file runs in a
// transaction of its own that is rolled back and fails by raising; each *.test.mjs runs under
// node:test and takes databases from cluster.mjs. A .sql file is run as dossierpost_service, or as
// the owner when its first line is "-- as owner". Output is TAP.
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Cluster, ROOT } from './cluster.mjs';

const folder = join(ROOT, 'tests/sql');
const LIMIT_MS = 240000 * Math.max(1, Number(process.env.FAULT_HISTORIES ?? 0) / 200);
const wanted = process.argv.slice(2).map((name) => basename(name));
const all = readdirSync(folder).sort().filter((name) =>
    (name.endsWith('.sql') && name !== 'network.sql') || name.endsWith('.test.mjs'));
const names = wanted.length ? all.filter((name) => wanted.includes(name)) : all;

console.log('TAP version 13');
let cluster, count = 0, failed = 0;

function point(ok, name, why = '') {
    console.log(`${ok ? 'ok' : 'not ok'} ${++count} - ${name}`);
    if (ok) return;
    failed++;
    console.log(['  ---', ...why.split('\n').slice(0, 60).map((line) => `  ${line}`), '  ...']
        .join('\n'));
}

async function run_sql(db, name) {
    const text = readFileSync(join(folder, name), 'utf8');
    const user = text.startsWith('-- as owner') ? 'dossierpost_owner' : 'dossierpost_service';
    try {
        await db.file(join('tests/sql', name), user);
        point(true, name);
    } catch (error) {
        point(false, name, error.stderr ?? error.message);
    }
}

function run_tests(name) {
    const began = performance.now();
    const env = { ...process.env, DOSSIERPOST_SQL_CLUSTER: cluster.folder };
    return new Promise((done) => execFile(process.execPath,
        ['--test', '--test-reporter=tap', join(folder, name)],
        { env, maxBuffer: 1 << 26, timeout: LIMIT_MS }, (error, stdout, stderr) => {
            report_tests(name, error, stdout, stderr);
            console.log(`# ${name} took ${((performance.now() - began) / 1000).toFixed(1)} s`);
            done();
        }));
}

// What a report says of the point at this line: up to the end of its block.
function block(lines, at) {
    const end = lines.findIndex((line, i) => i > at && /^\s*\.\.\.$/.test(line));
    return lines.slice(at + 1, end < 0 ? undefined : end).join('\n');
}

function report_tests(name, error, stdout, stderr) {
    let seen = 0;
    const before = failed;
    const lines = stdout.split('\n');
    for (const [at, line] of lines.entries()) {
        const found = /^(?: {4})?(not ok|ok) \d+ - (.*)$/.exec(line);
        if (!found || found[2].endsWith(name)) continue;
        seen++;
        point(found[1] === 'ok', `${name}: ${found[2]}`, block(lines, at));
    }
    if (error && failed === before || !seen)
        point(false, `${name} ended with ${error?.signal ?? error?.code ?? 0}`, stdout + stderr);
}

// Two at a time, each in a database of its own; the longest begins first.
async function run_all_tests(list) {
    const lane = async () => {
        for (let name; (name = list.shift());) await run_tests(name);
    };
    await Promise.all([lane(), lane()]);
}

try {
    cluster = await Cluster.start();
    for (const signal of ['SIGINT', 'SIGTERM'])
        process.once(signal, () => cluster.stop().then(() => process.exit(1)));
    const db = await cluster.database();
    for (const name of names.filter((one) => one.endsWith('.sql'))) await run_sql(db, name);
    const longest = (name) => name !== 'fold.test.mjs';
    await run_all_tests(names.filter((one) => !one.endsWith('.sql'))
        .sort((x, y) => longest(x) - longest(y)));
} catch (error) {
    point(false, 'the cluster and its migrations', error.stderr ?? error.stack);
} finally {
    await cluster?.stop();
}
console.log(`1..${count}`);
process.exitCode = failed || !count ? 1 : 0;
