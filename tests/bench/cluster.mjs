// The benches' own PostgreSQL cluster: Unix socket only, an unprivileged user, settings as the
// embedded ones, durable. It holds a template with the data, made once, and a fresh copy a round.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync, chownSync, chmodSync }
    from 'node:fs';
import { totalmem, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
const exec = promisify(execFile);
const root = userInfo().uid === 0;

function binaries() {
    const base = '/usr/lib/postgresql';
    return join(base, String(Math.max(...readdirSync(base).map(Number).filter(Boolean))), 'bin');
}

const clamp = (value, least, most) => Math.max(least, Math.min(most, Math.floor(value)));

// As src/db/embedded_settings.c writes them for a database that has a quarter of the machine.
function settings(folder) {
    const all = totalmem() / 2 ** 20, budget = all / 4;
    return `listen_addresses = ''
unix_socket_directories = '${folder}'
unix_socket_permissions = 0777
fsync = on
full_page_writes = on
synchronous_commit = on
wal_level = replica
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9
wal_compression = lz4
jit = off
random_page_cost = 1.1
default_toast_compression = pglz
autovacuum_naptime = 15s
autovacuum_vacuum_scale_factor = 0.05
autovacuum_vacuum_insert_scale_factor = 0.1
autovacuum_analyze_scale_factor = 0.05
autovacuum_vacuum_cost_limit = 1000
timezone = 'Asia/Ho_Chi_Minh'
lc_messages = 'C'
log_checkpoints = on
log_lock_waits = on
shared_buffers = ${clamp(budget * 2 / 3, 16, 16384)}MB
effective_cache_size = ${clamp(all / 2, 64, 1 << 20)}MB
work_mem = ${clamp(budget / 128, 2, 64)}MB
maintenance_work_mem = ${clamp(budget / 16, 16, 1024)}MB
wal_buffers = ${clamp(budget / 64, 4, 64)}MB
max_wal_size = 8192MB
min_wal_size = 1024MB
max_connections = 200
huge_pages = try
`;
}

export const PEER_OPTIONS = '-c plan_cache_mode=force_generic_plan';

export class Cluster {
    // folder: kept between runs. cpus: a taskset list for the server, or nothing.
    static async start({ cpus } = {}) {
        const c = new Cluster();
        c.bin = binaries();
        c.folder = process.env.DOSSIERPOST_BENCH_DIR
            ?? (root ? '/var/lib/dossierpost/bench' : join(ROOT, 'build-bench'));
        c.data = join(c.folder, 'data');
        mkdirSync(c.folder, { recursive: true });
        if (root) {
            const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
            chownSync(c.folder, id('-u'), id('-g'));
        }
        chmodSync(c.folder, 0o755);
        if (!existsSync(join(c.data, 'PG_VERSION')))
            await c.as_user('initdb', '-D', c.data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8',
                '--locale=C.UTF-8');
        writeFileSync(join(c.data, 'bench.conf'), settings(c.folder));
        const conf = join(c.data, 'postgresql.conf');
        if (!readFileSync(conf, 'utf8').includes('bench.conf'))
            writeFileSync(conf, "include 'bench.conf'\n", { flag: 'a' });
        await c.as_user('pg_ctl', '-D', c.data, 'status').catch(() =>
            c.as_user('pg_ctl', '-D', c.data, '-l', join(c.data, 'log'), '-w', 'start'));
        c.pid = Number(readFileSync(join(c.data, 'postmaster.pid'), 'utf8').split('\n')[0]);
        if (cpus) await exec('taskset', ['-a', '-cp', cpus, String(c.pid)]);
        return c;
    }

    as_user(program, ...args) {
        const line = [join(this.bin, program), ...args];
        return exec(root ? 'runuser' : line[0],
            root ? ['-u', 'postgres', '--', ...line] : line.slice(1),
            { cwd: '/', stdio: 'ignore', maxBuffer: 1 << 24 });
    }

    url(database, user = 'postgres') {
        return `postgresql:///${database}?host=${encodeURIComponent(this.folder)}&user=${user}`;
    }

    // As a peer that knows PostgreSQL connects: its one statement is planned once, not again and
    // again because a plan for the values at hand looks cheaper.
    peer_url(database) {
        return this.url(database) + '&options=' + encodeURIComponent(PEER_OPTIONS);
    }

    // Rows as arrays of texts.
    async query(database, sql) {
        const { stdout } = await exec(join(this.bin, 'psql'), ['-X', '-q', '-A', '-t', '-F', '\t',
            '-v', 'ON_ERROR_STOP=1', '-h', this.folder, '-U', 'postgres', '-d', database, '-c', sql],
            { maxBuffer: 1 << 30 });
        return stdout.split('\n').filter(Boolean).map((line) => line.split('\t'));
    }

    async value(database, sql) {
        return (await this.query(database, sql))[0]?.[0] ?? null;
    }

    // Several statements in one session: what they print, and what the server tells.
    script(database, sql) {
        const done = exec(join(this.bin, 'psql'), ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1',
            '-h', this.folder, '-U', 'postgres', '-d', database], { maxBuffer: 1 << 30 });
        done.child.stdin.end(sql);
        return done;
    }

    file(database, path, vars = {}) {
        const list = Object.entries(vars).flatMap(([k, v]) => ['-v', `${k}=${v}`]);
        return exec(join(this.bin, 'psql'), ['-X', '-q', ...list, '-h', this.folder, '-U', 'postgres',
            '-d', database, '-f', path], { cwd: ROOT, maxBuffer: 1 << 26 });
    }

    // A database that stays, for this program's migrations and these files; made when it is not there.
    // fill: writes the data into it. Tells its name.
    async kept(name, binary, files, fill, say = () => {}) {
        const digest = (await exec('sha256sum', [
            ...readdirSync(join(ROOT, 'migrations')).map((n) => join('migrations', n)), ...files],
            { cwd: ROOT })).stdout;
        const mark = `${name.split('_').at(-1)} ${(await import('node:crypto')).createHash('sha256')
            .update(digest).digest('hex').slice(0, 16)}`;
        const found = await this.value('postgres', `select shobj_description(oid, 'pg_database')
            from pg_database where datname = '${name}'`);
        if (found === mark) return name;
        say(`making the data: ${name}`);
        await this.query('postgres', `drop database if exists ${name}`);
        await this.query('postgres', `create database ${name} template template0`);
        await with_program(binary, ['--demo'], this.url(name), async () => {});
        await fill(name);
        // The tree and the checkpoint of what was seeded.
        await with_program(binary, [], this.url(name), async () => {
            while (await this.value(name, `select 1 from custody.log_head h where h.position > 0
                and not exists (select from custody.checkpoint c where c.size >= h.position)`))
                await new Promise((done) => setTimeout(done, 1000));
        });
        // Each service of a bench begins its copy with keys of its own.
        await this.query(name, 'truncate custody.key_mark');
        await this.query(name, 'vacuum (freeze, analyze)');
        await this.query('postgres', `comment on database ${name} is '${mark}'`);
        return name;
    }

    // The template for the benches of scans: so many dossiers over the demo network.
    template(dossiers, binary, say) {
        return this.kept(`template_${dossiers}`, binary, ['tests/bench/seed.sql'],
            (name) => this.file(name, 'tests/bench/seed.sql', { dossiers }), say);
    }

    // A fresh copy, written out, so that no round pays for another's pages.
    async copy(template, name) {
        await this.query('postgres', `drop database if exists ${name}`);
        await this.query('postgres',
            `create database ${name} template ${template} strategy file_copy`);
        await this.query('postgres', 'checkpoint');
        await exec('sync');
    }

    // Into the database's memory: all but the past, which nothing here reads.
    async warm(name) {
        await this.query(name, 'create extension if not exists pg_prewarm');
        await this.query(name, `select sum(pg_prewarm(c.oid)) from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'i') and n.nspname not like 'pg%' and pg_relation_size(c.oid) < 4e9
                and not (c.relkind = 'r' and n.nspname = 'custody' and c.relname ~ '^(event|log)')`);
    }

    drop(name) {
        return this.query('postgres', `drop database if exists ${name} with (force)`);
    }

    async stop() {
        await this.as_user('pg_ctl', '-D', this.data, '-m', 'fast', '-w', 'stop');
    }
}

// While the program serves that database: migrations, the demo network, the log's tree.
async function with_program(binary, options, url, work) {
    const state = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim();
    const child = spawn(binary, ['serve', ...options], { stdio: ['ignore', 'pipe', 'pipe'], env: {
        ...process.env, DOSSIERPOST_LISTEN: '127.0.0.1:0', DOSSIERPOST_STATE_DIR: state,
        DOSSIERPOST_DATABASE_URL: url } });
    let text = '';
    await new Promise((done, failed) => {
        for (const pipe of [child.stdout, child.stderr])
            pipe.setEncoding('utf8').on('data', (part) => {
                text += part;
                if (/listening on /.test(text)) done();
            });
        child.on('exit', () => failed(new Error(`the service did not start:\n${text}`)));
    });
    child.removeAllListeners('exit');
    await work();
    const gone = new Promise((done) => child.on('exit', done));
    child.kill('SIGTERM');
    await gone;
    execFileSync('rm', ['-rf', state]);
}
