// A dump of a database, restored into another cluster, where transactions count from the beginning.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { after, before, it } from 'node:test';
import { ROOT, Service, discard, own_service, until } from '../api/service.mjs';
import { intake, recorded } from '../api/walk.mjs';
import { Cluster } from '../sql/cluster.mjs';
import { psql_path, query } from './journal.mjs';

let first, second, cluster, number, waiting;

const as_postgres = (program, args, input) => {
    const command = [join(psql_path(), '..', program), ...args];
    return process.getuid() === 0
        ? execFileSync('runuser', ['-u', 'postgres', '--', ...command], { input, cwd: '/', maxBuffer: 1 << 28 })
        : execFileSync(command[0], args, { input, cwd: '/', maxBuffer: 1 << 28 });
};
const psql = (database, sql, user = 'postgres') => as_postgres('psql',
    ['-XAtq', '-h', cluster.folder, '-U', user, '-d', database, '-v', 'ON_ERROR_STOP=1', '-1', '-f', '-'], sql)
    .toString().trim();
const ask = (sql) => psql('dossierpost', sql, 'dossierpost_owner');

before(async () => {
    [first, cluster] = await Promise.all([own_service(), Cluster.start({ filled: false })]);
    const clerk = await first.login('clerk');
    ({ number } = await intake(clerk));
    await recorded(clerk, 'accept', number);
    for (let i = 0; i < 20; i++) await recorded(clerk, 'count', number);
    await until('all to have positions', () => query(first, `select (select count(*) from custody.log)
        = (select count(*) from custody.event)`)[0] === 't');
    await first.killed(); // its database runs on
    waiting = [1, 2, 3].map((n) => query(first, `with one as (select base.uuid_v7() as id)
        select id from one where custody.append('${number}', id, 'finding', 1, 1, '{"n": ${n}}')`)[0]);
    psql('postgres', 'create role dossierpost_owner login; create role dossierpost_service login');
    as_postgres('createdb', ['-h', cluster.folder, '-U', 'postgres', '-O', 'dossierpost_owner', 'dossierpost']);
    psql('dossierpost', as_postgres('pg_dump', ['-h', join(first.state, 'run'), '-U', 'dossierpost_owner',
        'dossierpost']));
    const url = (user) => `host=${cluster.folder} user=${user} dbname=dossierpost`;
    second = new Service({ env: { DOSSIERPOST_DATABASE_URL: url('dossierpost_service'),
        DOSSIERPOST_DATABASE_OWNER_URL: url('dossierpost_owner'), DOSSIERPOST_DATABASE_ALLOW_UNSAFE: 'yes' } });
    for (const what of ['keys', 'checkpoints.log'])
        execFileSync('cp', ['-a', join(first.state, what), second.state]);
});
after(async () => {
    if (second?.child) await discard(second);
    await discard(first);
    await cluster.stop();
});

it('goes on where the log ended: each event once, what waited first, what is new behind it', async () => {
    const xid = Number(ask('select pg_snapshot_xmax(pg_current_snapshot())::text'));
    assert.ok(xid < Number(ask('select next_xid from custody.log_head')), 'the new cluster is not behind');
    const ended = Number(ask('select position from custody.log_head'));
    await second.start();
    const clerk = await second.login('clerk');
    const fresh = [];
    for (let i = 0; i < 5; i++) fresh.push((await recorded(clerk, 'count', number)).id);
    const events = Number(ask('select count(*) from custody.event'));
    const log = () => ask(`select string_agg(event_id::text, ' ' order by position) from custody.log
        where position > ${ended}`).split(' ');
    await until('all to have positions', () => log().length >= events - ended);
    await until('a checkpoint over them', () =>
        ask('select max(size) = (select count(*) from custody.log) from custody.checkpoint') === 't');
    assert.deepEqual(log(), [...waiting, ...fresh]);
    // Scans may come before the log is looked at; they wait with the others, behind them.
    const [, before] = /came from another cluster.* (\d+) events without a position come first/.exec(second.log());
    assert.ok(before >= waiting.length && before <= waiting.length + fresh.length, before);
    assert.equal(ask('select count(*) from custody.log_cluster'), '2');
});

it('verifies, every event of it, also against the checkpoints that were kept outside before', async () => {
    const binary = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
    const env = { ...process.env, ...second.env, DOSSIERPOST_STATE_DIR: second.state };
    const text = await new Promise((done) => execFile(binary, ['verify', '--json'], { env },
        (_, out, told) => done(out || told)));
    const report = JSON.parse(text);
    assert.ok(report.ok, text);
    assert.equal(report.verified, Number(ask('select count(*) from custody.event')));
    assert.equal(report.uncovered, 0);
    assert.ok(report.checkpoints > 1);
});

it('looks again at the next start, and finds nothing to do', async () => {
    await second.killed();
    const from = second.text.length;
    await second.start();
    const clerk = await second.login('clerk');
    await recorded(clerk, 'count', number);
    await until('all to have positions', () => ask(`select (select count(*) from custody.log)
        = (select count(*) from custody.event)`) === 't');
    assert.doesNotMatch(second.text.slice(from), /another cluster/);
    assert.equal(ask('select count(*) from custody.log_cluster'), '2');
});
