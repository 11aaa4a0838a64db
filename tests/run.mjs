// Runs the suites that need the whole program: `node tests/run.mjs [--json FILE] [suite or file]…`
// (default: sql, api, browser, fault and day). The files of api and browser go in lanes, each with one
// service; fault tests and the day start their own; a suite with a run.mjs of its own (sql) is left to that.
// Output is flat TAP, one point a test, with what failed as comments behind it; the last line is
// JSON {"passed":…,"failed":…,"skipped":…}. Exit status 0 only when nothing failed.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { ROOT, Service, discard } from './api/service.mjs';

const SUITES = ['sql', 'api', 'browser', 'fault', 'day'];
const FILE_LIMIT_MS = 300000;
const LANES = 3; // more than processors: much of a test's time is waiting
// These go first, so that no lane is left alone with them at the end.
const LONG = ['label_kinds', 'printing', 'verify', 'crowd', 'journey', 'shift', 'delivery', 'counter', 'labels'];
const total = { passed: 0, failed: 0, skipped: 0 };

function files(names) {
    const found = [];
    for (const name of names) {
        const folder = resolve(ROOT, 'tests', name);
        if (existsSync(join(folder, 'run.mjs')))
            found.push(join(folder, 'run.mjs'));
        else if (existsSync(folder) && statSync(folder).isDirectory())
            found.push(...readdirSync(folder).filter((f) => f.endsWith('.test.mjs')).sort()
                .map((f) => join(folder, f)));
        else if (existsSync(resolve(name)))
            found.push(resolve(name));
        else if (!SUITES.includes(name))
            throw new Error(`no such suite or file: ${name}`);
    }
    return found;
}

// The leaves among the points of a TAP report: a point that closes deeper ones is their parent. (A
// line of a stack may begin with "ok", but has no number.)
function points(tap) {
    const found = [];
    let deeper = 0;
    for (const line of tap.split('\n')) {
        const point = /^(\s*)(not ok|ok) \d+ - (.*)$/.exec(line);
        if (!point) continue;
        const indent = point[1].length;
        if (indent >= deeper) found.push({ ok: point[2] === 'ok', name: point[3] });
        deeper = indent ? indent : 0;
    }
    return found;
}

// The lines from each "not ok" to the end of its YAML block, as comments.
function failures(tap) {
    const shown = [];
    let inside = false;
    for (const line of tap.split('\n')) {
        if (/^\s*not ok/.test(line)) inside = true;
        if (inside) shown.push(line);
        if (/^\s*\.\.\.$/.test(line)) inside = false;
    }
    return shown;
}

const comment = (lines) => lines.forEach((line) => line && console.log(`# ${line}`));

function point(ok, name) {
    const skipped = /# (SKIP|TODO)/i.test(name);
    total[!ok ? 'failed' : skipped ? 'skipped' : 'passed']++;
    console.log(`${ok ? 'ok' : 'not ok'} - ${name}`);
}

function run(file, env) {
    const how = file.endsWith('run.mjs') ? [] : ['--test', '--test-reporter=tap'];
    return new Promise((done) => {
        const child = spawn(process.execPath, [...how, file],
            { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
        let tap = '', noise = '';
        child.stdout.setEncoding('utf8').on('data', (text) => (tap += text));
        child.stderr.setEncoding('utf8').on('data', (text) => (noise += text));
        const late = setTimeout(() => child.kill('SIGKILL'), FILE_LIMIT_MS);
        child.on('close', (status, signal) => {
            clearTimeout(late);
            done({ tap, noise, status, signal });
        });
    });
}

async function run_file(file, env) {
    const name = relative(ROOT, file), began = Date.now();
    const { tap, noise, status, signal } = await run(file, env);
    // What failed comes last, with the comments that say why directly behind it.
    const seen = points(tap).sort((a, b) => b.ok - a.ok);
    for (const one of seen) point(one.ok, `${name}: ${one.name}`);
    const failed = seen.some((one) => !one.ok);
    if (status !== 0 && !failed) point(false, `${name}: ended with ${signal ?? status}`);
    if (failed) comment(failures(tap));
    if (status !== 0) comment(noise.split('\n').slice(-60));
    comment([`${name} took ${((Date.now() - began) / 1000).toFixed(1)} s`]);
}

const lanes = (list, run_lane) => Promise.all(Array.from({ length: Math.min(LANES, list.length) }, () => run_lane(list)));
const long_first = (list) => list.sort((a, b) => is_long(b) - is_long(a));
const is_long = (file) => LONG.includes(basename(file, '.test.mjs'));

// Takes files from the list until none is left; several may at once.
async function lane(list, env) {
    for (let file; (file = list.shift());) await run_file(file, env);
}

// A lane with one service for all its files.
async function lane_with_service(list) {
    const shared = new Service();
    const log = join(shared.state, 'service.log');
    try {
        await shared.start();
        writeFileSync(log, shared.text, { mode: 0o600 });
        for (const pipe of [shared.child.stdout, shared.child.stderr])
            pipe.on('data', (text) => existsSync(log) && appendFileSync(log, text));
        const env = { ...process.env, DOSSIERPOST_TEST_URL: shared.url, DOSSIERPOST_TEST_LOG: log };
        await lane(list, env);
        await shared.stop();
        point(true, 'the shared service: clean log, clean end');
    } catch (error) {
        point(false, 'the shared service: clean log, clean end');
        comment(error.message.split('\n'));
        if (shared.child) await discard(shared);
    }
}

const args = process.argv.slice(2);
const json = args.indexOf('--json');
const out = json < 0 ? null : args.splice(json, 2)[1];
const list = files(args.length ? args : SUITES);
const alone = (file) => /^tests\/(day|fault|sql)\//.test(relative(ROOT, file));
console.log('TAP version 13');
const own = list.filter(alone), timed = (file) => /(storm|stop)\.test|sql/.test(relative(ROOT, file));
await lane(own.filter(timed), process.env);
// Those that measure no time go several at once, each with a service and a database of its own.
await lanes(long_first(own.filter((file) => !timed(file))), (rest) => lane(rest, process.env));
await lanes(long_first(list.filter((file) => !alone(file))), lane_with_service);
console.log(`1..${total.passed + total.failed + total.skipped}`);
const line = JSON.stringify(total);
if (out) writeFileSync(out, line + '\n');
console.log(line);
process.exitCode = total.failed ? 1 : 0;
