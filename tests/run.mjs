// Runs the suites that need the whole program: `node tests/run.mjs [--json FILE] [suite or file]…`
// (default: api, browser and fault). Starts one service that all files of api and browser
// share, runs each file with Node's test runner, shows what failed, and closes with one line of JSON
// {"passed":…,"failed":…,"skipped":…}. Exit status 0 only when nothing failed.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ROOT, Service, discard } from './api/service.mjs';

const SUITES = ['api', 'browser', 'fault'];
const FILE_LIMIT_MS = 240000;
const total = { passed: 0, failed: 0, skipped: 0 };

function files(names) {
    const found = [];
    for (const name of names) {
        const folder = resolve(ROOT, 'tests', name);
        if (existsSync(folder) && statSync(folder).isDirectory())
            found.push(...readdirSync(folder).filter((f) => f.endsWith('.test.mjs')).sort()
                .map((f) => join(folder, f)));
        else if (existsSync(resolve(name)))
            found.push(resolve(name));
        else if (!SUITES.includes(name))
            throw new Error(`no such suite or file: ${name}`);
    }
    return found;
}

function counts(tap) {
    const count = (word) => Number(new RegExp(`^# ${word} (\\d+)`, 'm').exec(tap)?.[1] ?? 0);
    return { passed: count('pass'), failed: count('fail') + count('cancelled'),
             skipped: count('skipped') + count('todo') };
}

// The lines of a TAP report from each "not ok" to the end of its YAML block.
function failures(tap) {
    const shown = [];
    let inside = false;
    for (const line of tap.split('\n')) {
        if (/^\s*not ok/.test(line)) inside = true;
        if (inside) shown.push(line);
        if (/^\s*\.\.\.$/.test(line)) inside = false;
    }
    return shown.join('\n');
}

function run(file, env) {
    return new Promise((done) => {
        const child = spawn(process.execPath, ['--test', '--test-reporter=tap', file],
            { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
        let tap = '', noise = '';
        child.stdout.setEncoding('utf8').on('data', (text) => (tap += text));
        child.stderr.setEncoding('utf8').on('data', (text) => (noise += text));
        const late = setTimeout(() => child.kill('SIGKILL'), FILE_LIMIT_MS);
        child.on('exit', (status, signal) => {
            clearTimeout(late);
            done({ tap, noise, status, signal });
        });
    });
}

async function run_file(file, env) {
    const began = Date.now();
    const { tap, noise, status, signal } = await run(file, env);
    const seen = counts(tap);
    if (status !== 0 && seen.failed === 0) seen.failed = 1;
    for (const name of Object.keys(total)) total[name] += seen[name];
    const took = ((Date.now() - began) / 1000).toFixed(1);
    console.log(`${relative(ROOT, file)}: ${seen.passed} passed, ${seen.failed} failed, ` +
                `${seen.skipped} skipped (${took} s)`);
    if (seen.failed) console.log(failures(tap) + noise + (signal ? `ended by ${signal}\n` : ''));
}

async function with_service(list, action) {
    const shared = new Service();
    const log = join(shared.state, 'service.log');
    try {
        await shared.start();
        writeFileSync(log, shared.text, { mode: 0o600 });
        for (const pipe of [shared.child.stdout, shared.child.stderr])
            pipe.on('data', (text) => existsSync(log) && appendFileSync(log, text));
        const env = { ...process.env, DOSSIERPOST_TEST_URL: shared.url, DOSSIERPOST_TEST_LOG: log };
        for (const file of list) await action(file, env);
        await shared.stop();
        total.passed++;
        console.log('the shared service: clean log, clean end');
    } catch (error) {
        total.failed++;
        console.log(`the shared service: ${error.message}`);
        if (shared.child) await discard(shared);
    }
}

const args = process.argv.slice(2);
const json = args.indexOf('--json');
const out = json < 0 ? null : args.splice(json, 2)[1];
const list = files(args.length ? args : SUITES);
const alone = (file) => relative(ROOT, file).startsWith('tests/fault/');
const together = list.filter((file) => !alone(file));
if (together.length) await with_service(together, run_file);
for (const file of list.filter(alone)) await run_file(file, process.env);
const line = JSON.stringify(total);
if (out) writeFileSync(out, line + '\n');
console.log(line);
process.exitCode = total.failed ? 1 : 0;
