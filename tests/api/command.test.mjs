// The command line: its table, its exit codes, its configuration, its manual.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { after } from 'node:test';
import { ROOT } from './service.mjs';

const BINARY = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
const folder = mkdtempSync(join(tmpdir(), 'dossierpost-command-'));
after(() => rmSync(folder, { recursive: true }));

function run(args, env = {}, program = BINARY) {
    const clean = Object.fromEntries(Object.entries(process.env)
        .filter(([name]) => !name.startsWith('DOSSIERPOST_')));
    const done = spawnSync(program, args, { env: { ...clean, ...env }, encoding: 'utf8' });
    return { status: done.status, out: done.stdout, told: done.stderr };
}

function shown(args, env) {
    const done = run(['conf', '--show', ...args], env);
    assert.equal(done.status, 0, done.told);
    return Object.fromEntries(done.out.trimEnd().split('\n').map((line) => line.split(/ = ?/)));
}

const commands = (help) =>
    help.split('\noptions')[0].split('commands:\n')[1].match(/^ {2}\S+/gm).map((c) => c.trim());

test('help and version answer with status 0', () => {
    for (const args of [['help'], ['--help'], ['-h']]) {
        const done = run(args);
        assert.equal(done.status, 0);
        assert.match(done.out, /^ {2}serve +run the service\n +chạy dịch vụ$/m);
        assert.match(done.out, /^ {2}--server-request-timeout=1\.\.600$/m);
    }
    assert.match(run(['--version']).out, /^dossierpost \d+\.\d+\.\d+\n$/);
});

test('every command tells what it takes, with status 0', () => {
    for (const name of commands(run(['help']).out)) {
        for (const args of [['--help'], ['-h'], ['x', '--help']]) {
            const done = run([name, ...args]);
            const what = `${name} ${args.join(' ')}: ${done.told}`;
            assert.equal(done.status, 0, what);
            assert.equal(done.told, '', what);
            assert.match(done.out, new RegExp(`^usage: dossierpost ${name}\\b`), what);
            assert.match(done.out, /^ {2}--server-request-timeout=1\.\.600$/m, what);
        }
    }
    assert.equal(run(['nothing', '--help']).status, 2);
});

test('a wrong command line ends with status 2 and says why', () => {
    for (const [args, why] of [
        [[], /usage/],
        [['nothing'], /there is no command nothing/],
        [['serve', 'now'], /serve takes options only/],
        [['serve', '--no-such-option'], /serve takes options only/],
        [['conf'], /usage: dossierpost conf/],
        [['help', '--server-loops=many'], /--server-loops: server\.loops must be a whole number/],
        [['help', '--config', join(folder, 'none')], /none: No such file/],
        [['migrate', 'sideways'], /usage/],
    ]) {
        const done = run(args);
        assert.equal(done.status, 2, args.join(' '));
        assert.match(done.told + done.out, why);
    }
});

test('what cannot be started ends with status 1', () => {
    const done = run(['migrate', '--database-url', 'host=127.0.0.1 port=1 connect_timeout=2']);
    assert.equal(done.status, 1);
    assert.notEqual(done.told, '');
});

test('a command that looks at the database makes none', () => {
    const nowhere = join(folder, 'nowhere'), file = join(folder, 'communes.csv');
    writeFileSync(file, 'commune_code\n');
    for (const args of [['verify'], ['verify', '--subject', 'RR461000019VN'], ['rebuild'], ['demo'],
        ['account', 'list'], ['import', 'communes', file], ['migrate', '--check']]) {
        const done = run([...args, '--state-dir', nowhere]);
        assert.equal(done.status, 1, args.join(' '));
        assert.match(done.told, /there is no database in the state directory \S+nowhere/, args.join(' '));
        assert.equal(done.out, '', args.join(' '));
        assert.ok(!existsSync(nowhere), args.join(' '));
    }
});

test('./dev do looks where ./dev run keeps its state, unless told otherwise', () => {
    const place = (env) => /^state_dir = (.*)$/m.exec(
        run(['do', 'conf', '--show'], { DOSSIERPOST_BIN: BINARY, ...env }, join(ROOT, 'dev')).out)?.[1];
    assert.ok([join(ROOT, 'state')].includes(place()) || /^\/var\/lib\/dossierpost\/[0-9a-f]{12}$/.test(place()), place());
    assert.equal(place({ DOSSIERPOST_STATE_DIR: '/srv/papers' }), '/srv/papers');
});

test('a flag goes before the environment, that before the file, that before the default', () => {
    const file = join(folder, 'dossierpost.conf');
    writeFileSync(file, 'state_dir = /tmp/a\n[server]\nloops = 3\nworkers = 4\n[log]\nformat = json\n');
    const all = shown(['--config', file, '--server-loops', '5'],
        { DOSSIERPOST_SERVER_LOOPS: '7', DOSSIERPOST_SERVER_WORKERS: '6' });
    assert.equal(all['server.loops'], '5');
    assert.equal(all['server.workers'], '6');
    assert.equal(all['log.format'], 'json');
    assert.equal(all['state_dir'], '/tmp/a');
    assert.equal(all['server.idle_timeout'], '75');
});

test('a password in the database address is never shown', () => {
    const done = run(['conf', '--show', '--database-url=postgresql://a:geheim@b/c']);
    assert.match(done.out, /^database\.url = \(set\)$/m);
    assert.doesNotMatch(done.out, /geheim/);
});

test('the sample is the one in conf/, and reading it is the default', () => {
    const sample = run(['conf', '--sample']).out;
    assert.equal(sample, readFileSync(join(ROOT, 'conf/dossierpost.conf.sample'), 'utf8'));
    const live = join(folder, 'live.conf');
    writeFileSync(live, sample.replace(/^#(?! )/gm, ''));
    assert.deepEqual(shown(['--config', live]), shown([]));
});

test('the systemd unit is more patient than the program', () => {
    const unit = readFileSync(join(ROOT, 'conf/dossierpost.service'), 'utf8');
    const limit = (name) => new RegExp(`^Timeout${name}Sec=(.*)$`, 'm').exec(unit)[1];
    const database = readFileSync(join(ROOT, 'src/db/embedded.c'), 'utf8');
    const patience = Number(/STOP_MAX = (\d+) \* 1000000/.exec(database)[1]) * 1.1; // then SIGQUIT
    assert.ok(Number(limit('Stop')) > Number(shown([])['server.stop_timeout']) + patience);
    assert.equal(limit('Start'), 'infinity');
});

test('the manual names every command, and no other', () => {
    const page = readFileSync(join(ROOT, 'conf/dossierpost.1'), 'utf8');
    const section = page.split('.SH COMMANDS\n')[1].split('.SH ')[0];
    const named = section.split('.TP\n').slice(1).map((part) => /^\.\w+ ([\w-]+)/.exec(part)[1]);
    assert.deepEqual(named.sort(), commands(run(['help']).out).sort());
});
