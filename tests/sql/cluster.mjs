// A throw-away PostgreSQL cluster with the project's migrations: for tests/sql and for trying SQL by
// hand. Unix socket only, run by an unprivileged user, gone after stop(). As in production the
// owner role owns everything and the service role is what tests log in as.
//
//   const cluster = await Cluster.start();            // template database: migrations + network.sql
//   const db = await cluster.database();              // a copy of its own
//   await db.query('select 1 as one');                // [['1']]: rows of texts, null for NULL
//   const a = db.session(); await a.query('begin');   // one connection kept open
//   await cluster.stop();
//
// In a *.test.mjs run by tests/sql/run.mjs: `const db = await test_database()`.
import { execFile, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
const exec = promisify(execFile);
const NULL = '\u0001null';
const COLUMN = '\u0002';
const ROW = '\u0003';
const MARK = '\u0004end\n';
let made = 0;

async function binaries() {
    const base = '/usr/lib/postgresql';
    const version = readdirSync(base).map(Number).filter(Boolean).sort((a, b) => a - b).at(-1);
    return join(base, String(version), 'bin');
}

function psql_args(database, user) {
    return ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose',
        '-F', COLUMN, '-R', ROW, '-P', `null=${NULL}`, '-U', user, '-d', database];
}

function rows(text) {
    const body = text.endsWith('\n') ? text.slice(0, -1) : text;
    return body === '' ? [] : body.split(ROW)
        .map((row) => row.split(COLUMN).map((value) => (value === NULL ? null : value)));
}

// A connection that stays: statements in order, each answered before the next is sent.
class Session {
    constructor(folder, database, user) {
        this.child = spawn('psql', ['-h', folder, ...psql_args(database, user),
            '-v', 'ON_ERROR_STOP=0', '-f', '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
        this.out = '';
        this.err = '';
        this.waiting = null;
        this.child.stdout.setEncoding('utf8').on('data', (text) => {
            this.out += text;
            this.look();
        });
        this.child.stderr.setEncoding('utf8').on('data', (text) => {
            this.err += text;
            this.look();
        });
        this.child.stdin.on('error', () => {}); // it says why it ended on the other side
        this.child.on('close', () => {
            this.ended = true;
            this.waiting?.failed(new Error(`the session ended: ${this.err}`));
        });
    }

    // The answer is whole when its mark has come by both pipes.
    look() {
        const end = this.out.indexOf(MARK), err_end = this.err.indexOf(MARK);
        if (end < 0 || err_end < 0 || !this.waiting) return;
        const text = this.out.slice(0, end), err = this.err.slice(0, err_end);
        this.out = this.out.slice(end + MARK.length);
        this.err = this.err.slice(err_end + MARK.length);
        const { done, failed } = this.waiting;
        this.waiting = null;
        if (/^psql:.*ERROR:|^ERROR:|FATAL:/m.test(err)) failed(Object.assign(new Error(err), { stderr: err }));
        else done(rows(text));
    }

    // Whether it keeps the program from ending: only while it is asked.
    hold(wanted) {
        for (const one of [this.child, this.child.stdin, this.child.stdout, this.child.stderr])
            one[wanted ? 'ref' : 'unref']();
    }

    query(sql) {
        return new Promise((done, failed) => {
            if (this.ended) return failed(new Error(`the session has ended: ${this.err}`));
            this.waiting = { done, failed };
            this.child.stdin.write(`${sql}\n;\n\\echo ${MARK}\\warn ${MARK}`);
        });
    }

    async end() {
        if (this.ended) return;
        this.child.stdin.end('\\q\n');
        await new Promise((done) => this.child.on('close', done));
    }
}

export class Database {
    constructor(folder, name) {
        this.folder = folder;
        this.name = name;
        this.sessions = [];
        this.kept = {}; // idle connections of each user
    }

    // One statement or several, in one transaction; rows of the last. By connections that are kept, as
    // the program's are: a new one plans everything anew.
    async query(sql, user = 'dossierpost_service') {
        const idle = (this.kept[user] ??= []);
        const session = idle.pop() ?? new Session(this.folder, this.name, user);
        session.hold(true);
        try {
            return await session.query(`begin;\n${sql}\n;commit; reset all`);
        } finally {
            session.hold(false);
            idle.push(session);
        }
    }

    async value(sql, user) {
        return (await this.query(sql, user))[0]?.[0] ?? null;
    }

    async json(sql, user) {
        return JSON.parse(await this.value(sql, user));
    }

    // Gives every event its position, and tells the last; a transaction of another database of the
    // cluster may hold some back for a while.
    async sequence() {
        for (;;) {
            await this.query('select custody.sequence(10000)');
            const [[all, last]] = await this.query(`select not exists (select from custody.event e
                where e.xid >= h.next_xid), h.position from custody.log_head h`);
            if (all === 't') return last;
        }
    }

    // The file in a transaction that is rolled back; deferred constraints are checked.
    async file(path, user = 'dossierpost_service') {
        await exec('psql', ['-h', this.folder, ...psql_args(this.name, user), '-c', 'begin',
            '-f', path, '-c', 'set constraints all immediate', '-c', 'rollback'],
            { maxBuffer: 1 << 26, cwd: ROOT });
    }

    session(user = 'dossierpost_service') {
        const session = new Session(this.folder, this.name, user);
        this.sessions.push(session);
        return session;
    }

    async end() {
        await Promise.all(this.sessions.map((session) => session.end()));
    }
}

export class Cluster {
    // filled: with the two roles and the template database, else empty.
    static async start({ filled = true } = {}) {
        const cluster = new Cluster();
        cluster.bin = await binaries();
        cluster.folder = mkdtempSync(join(tmpdir(), 'dossierpost-sql-'));
        if (userInfo().uid === 0) {
            const { stdout } = await exec('id', ['-u', 'postgres']);
            const { stdout: group } = await exec('id', ['-g', 'postgres']);
            chownSync(cluster.folder, Number(stdout), Number(group));
        }
        chmodSync(cluster.folder, 0o755);
        try {
            await cluster.as_user('initdb', '-D', join(cluster.folder, 'data'), '-A', 'trust', '-U',
                'postgres', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync');
            await cluster.as_user('pg_ctl', '-D', join(cluster.folder, 'data'), '-l',
                join(cluster.folder, 'log'), '-w', '-o', `-k ${cluster.folder} -h '' -c fsync=off `
                + '-c shared_buffers=64MB -c max_connections=60 -c log_min_messages=warning', 'start');
            if (filled) await cluster.fill_template();
        } catch (error) {
            await cluster.stop();
            throw error;
        }
        return cluster;
    }

    as_user(program, ...args) {
        const line = [join(this.bin, program), ...args];
        const root = userInfo().uid === 0;
        return exec(root ? 'runuser' : line[0], root ? ['-u', 'postgres', '--', ...line]
            : line.slice(1), { cwd: '/' });
    }

    async fill_template() {
        const first = new Database(this.folder, 'postgres');
        for (const sql of ['create role dossierpost_owner login',
            'create role dossierpost_service login']) await first.query(sql, 'postgres');
        await this.create_database('template', 'template0');
        const template = new Database(this.folder, 'template');
        for (const name of readdirSync(join(ROOT, 'migrations')).sort()) {
            if (!name.endsWith('.sql')) continue;
            await exec('psql', ['-h', this.folder, ...psql_args('template', 'dossierpost_owner'),
                '-1', '-f', join('migrations', name)], { cwd: ROOT });
        }
        await exec('psql', ['-h', this.folder, ...psql_args('template', 'dossierpost_owner'),
            '-1', '-f', 'tests/sql/network.sql'], { cwd: ROOT });
        return template;
    }

    create_database(name, template) {
        return exec('psql', ['-h', this.folder, ...psql_args('postgres', 'postgres'), '-c',
            `create database "${name}" template "${template}" owner dossierpost_owner`]);
    }

    // A copy of the template for whoever asks; from another process too (environment).
    async database() {
        const name = `test_${process.pid}_${++made}`;
        await this.create_database(name, 'template');
        return new Database(this.folder, name);
    }

    async stop() {
        if (!this.folder) return;
        await this.as_user('pg_ctl', '-D', join(this.folder, 'data'), '-m', 'immediate', '-w', 'stop')
            .catch(() => {});
        rmSync(this.folder, { recursive: true, force: true });
        this.folder = null;
    }
}

// For a *.test.mjs: a database of its own in the cluster that run.mjs started.
export async function test_database() {
    const folder = process.env.DOSSIERPOST_SQL_CLUSTER;
    if (!folder) throw new Error('run it as: node tests/sql/run.mjs NAME.test.mjs');
    const cluster = new Cluster();
    cluster.folder = folder;
    return cluster.database();
}
