// A database that its own owner tampers with: `dossierpost verify` names each deed, or says that
// what was touched is not covered by any checkpoint.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ROOT, discard, own_service, until, uuid7 } from '../api/service.mjs';
import { act, intake, ok, people, recorded, whole_journey } from '../api/walk.mjs';
import { query } from './journal.mjs';

const KEPT = ['custody.event', 'custody.log', 'custody.checkpoint', 'custody.tree', 'custody.log_head',
    'custody.payload', 'dossier.personal', 'custody.remark'];
const keep_name = (table) => `public.kept_${table.split('.')[1]}`;

let service, all, journey, folder, held; // held: a checkpoint kept outside, with later events

function run(...args) {
    const binary = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
    const env = { ...process.env, DOSSIERPOST_STATE_DIR: service.state };
    return new Promise((done) => execFile(binary, args, { env },
        (error, out, told) => done({ status: error?.code ?? 0, out, told })));
}

async function verify(...args) {
    const { status, out, told } = await run('verify', '--json', ...args);
    assert.ok(out.startsWith('{'), `verify ${args}: ${told}`);
    return { status, ...JSON.parse(out) };
}

const position = () => Number(query(service, 'select position from custody.log_head')[0]);

async function checkpoint(timeout = 15000) {
    await until('a checkpoint of the last event', () => {
        const [size, last, waiting] = query(service, `select (select max(size) from custody.checkpoint)
            || ' ' || position || ' ' || (select count(*) from custody.event)
            from custody.log_head`)[0].split(' ').map(Number);
        return size === last && last === waiting;
    }, { timeout });
    return ok(await service.anybody().get('/v1/integrity/checkpoint'));
}

function restore() {
    query(service, KEPT.map((t) => `truncate ${t}; insert into ${t} select * from ${keep_name(t)};`)
        .join(' '));
}

// Does it as the owner, verifies, puts everything back.
async function tampered(sql, ...args) {
    query(service, sql);
    try {
        return await verify(...args);
    } finally {
        restore();
    }
}

function first(report, problem, about = {}) {
    assert.equal(report.status, 1, JSON.stringify(report));
    assert.equal(report.ok, false);
    assert.equal(report.findings[0].problem, problem, JSON.stringify(report.findings.slice(0, 3)));
    for (const [name, value] of Object.entries(about))
        assert.equal(report.findings[0][name], value, JSON.stringify(report.findings[0]));
}

// The n-th event of a subject, with its position.
function event_of(subject, n) {
    const [event, at] = query(service, `select event_id || ' ' || position from custody.log
        where subject = '${subject}' order by position offset ${n} limit 1`)[0].split(' ');
    return { subject, event, position: Number(at) };
}

const at = (e) => `subject = '${e.subject}' and id = '${e.event}'`;

// What an attacker who knows the code would do after changing an event: chain and tree anew (what
// is deleted of the tree is of the changed positions).
const recomputed = (subject) => `
    update custody.log l set hash = c.hash, prev = coalesce(c.before, l.prev)
    from (select position, hash, lag(hash) over (order by position) as before
          from (select l.position, custody.chain('\\x${'00'.repeat(32)}', coalesce(l.joined, '') || custody.event_bytes(e))
                    over (order by l.position rows unbounded preceding) as hash
                from custody.log l join custody.event e on e.subject = l.subject and e.id = l.event_id
                where l.subject = '${subject}') x) c
    where c.position = l.position;
    delete from custody.tree where (index + 1) << level >=
        (select min(position) from custody.log where subject = '${subject}');`;

before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dossierpost-held-'));
    service = await own_service();
    all = await people(service);
    journey = await whole_journey(all);
    [journey.id] = query(service, `select id from dossier.dossier where code = '${journey.code}'`);
    const other = await intake(all.clerk);
    await recorded(all.clerk, 'accept', other.number);
    await checkpoint(); // before the first block of the tree is full
    // More than one tile of the tree.
    for (let i = 0; i < 3; i++) {
        const scans = Array.from({ length: 90 }, (_, n) => ({
            id: uuid7(), code: other.number, kind: 'count',
            at: new Date(Date.now() + n).toISOString() }));
        ok(await all.clerk.post('/v1/custody/scans', { scans }));
    }
    held = await checkpoint();
    writeFileSync(join(folder, 'held.json'), JSON.stringify(held));
    const remarked = await intake(all.clerk);
    await act(all.officer, remarked.code, 'reject', { reason: 'Không thuộc thẩm quyền.', legal_basis: 'Điều 12' });
    const late = await intake(all.clerk);
    await recorded(all.clerk, 'accept', late.number);
    journey.late = late;
    await checkpoint();
    query(service, KEPT.map((t) => `create table ${keep_name(t)} as table ${t};`).join(' '));
    await service.killed(); // its database runs on; nobody sequences while it is tampered with
});
after(async () => {
    await discard(service);
    rmSync(folder, { recursive: true, force: true });
});

describe('a log that nobody touched', () => {
    it('verifies, every event of it', async () => {
        const report = await verify();
        assert.equal(report.status, 0, JSON.stringify(report));
        assert.equal(report.verified, position());
        assert.equal(report.uncovered, 0);
        assert.ok(report.events > 256);
    });

    it('verifies in a range, for one shipment, and against what was kept outside', async () => {
        const range = await verify('--range', '250-260');
        assert.deepEqual([range.status, range.verified], [0, 11], JSON.stringify(range));
        const one = await verify('--subject', journey.number);
        assert.equal(one.status, 0, JSON.stringify(one));
        assert.ok(one.verified > 8);
        assert.equal((await verify('--checkpoint', join(folder, 'held.json'))).status, 0);
        const line = join(service.state, 'checkpoints.log');
        assert.ok(readFileSync(line, 'utf8').split('\n').length > 1);
        assert.equal((await verify('--checkpoint', line)).status, 0);
    });
});

describe('what was tampered with is named', () => {
    it('an event that was deleted', async () => {
        const e = event_of(journey.number, 2);
        first(await tampered(`delete from custody.event where ${at(e)}`), 'event_missing', e);
    });

    const changes = {
        at: "at + interval '1 minute'", received_at: "received_at + interval '1 us'",
        device_at: "device_at - interval '1 s'", device: 'device + 1', device_seq: 'device_seq + 1',
        actor: 'actor + 1', unit: 'coalesce(unit, 0) + 1', kind: "'found'", outcome: "'exception'",
        warnings: "'{stray}'", state: "'lost'", holder_kind: "'authority'", holder_id: '99',
        target_kind: "'unit'", target_id: '7', container: "'X'", refers: 'gen_random_uuid()',
        reason: "'x'", next_action: "'retry'", data: `'{"a": 1}'`, digest: "'\\x00'", mac: "'\\x01'",
    };
    it(`an event of which one of ${Object.keys(changes).length} fields was changed`, async () => {
        const e = event_of(journey.number, 3);
        for (const [field, value] of Object.entries(changes)) {
            query(service, `update custody.event set ${field} = ${value} where ${at(e)}`);
            const report = await verify('--range', `${e.position}-${e.position}`);
            first(report, 'event_changed', e);
            restore();
        }
        first(await tampered(`update custody.event set actor = 1 where ${at(e)}`), 'event_changed', e);
    });

    const copy = (e, id, xid) => `insert into custody.event
        (subject, id, kind, at, received_at, device_at, actor, unit, outcome, digest, xid)
        select subject, '${id}', kind, at, received_at, device_at, actor, unit, outcome, digest, ${xid}
        from custody.event where ${at(e)}`;
    const fresh = '01900000-0000-7000-8000-000000000001';

    it('an event inserted without a position', async () => {
        const e = event_of(journey.number, 1);
        first(await tampered(copy(e, fresh, 'xid')), 'event_without_position',
            { subject: e.subject, event: fresh });
        const one = await tampered(copy(e, fresh, 'xid'), '--subject', e.subject);
        first(one, 'event_without_position', { event: fresh });
    });

    it('an event inserted with a position', async () => {
        const e = event_of(journey.number, 1), last = position();
        const log = (at) => `insert into custody.log select ${at}, subject, '${fresh}',
            hash, null, sha256(hash || custody.event_bytes((select e from custody.event e
            where e.id = '${fresh}'))) from custody.log where subject = '${e.subject}'
            order by position desc limit 1`;
        const behind = await tampered(`${copy(e, fresh, 'xid')}; ${log(last + 1)}`);
        first(behind, 'event_out_of_order', { position: last + 1, event: fresh });
        const moved = await tampered(`${copy(e, fresh, 'xid')}; ${log(last + 1)};
            update custody.log_head set position = position + 1`);
        first(moved, 'event_out_of_order');
        assert.ok(moved.findings[0].detail.includes(String(last + 1)));
    });

    it('two events that were swapped in the log', async () => {
        const a = event_of(journey.number, 0).position, b = a + 1;
        const swap = `update custody.log set position = -1 where position = ${a};
            update custody.log set position = ${a} where position = ${b};
            update custody.log set position = ${b} where position = -1;`;
        const report = await tampered(swap);
        first(report, 'event_out_of_order', { position: a });
        assert.ok(report.findings.some((one) => one.problem === 'root_differs'));
        assert.equal(report.verified < 10, true);
    });

    it('two events of one subject whose contents were swapped', async () => {
        const a = event_of(journey.number, 2), b = event_of(journey.number, 3);
        const none = '00000000-0000-0000-0000-000000000000';
        first(await tampered(`update custody.event set id = '${none}' where ${at(a)};
            update custody.event set id = '${a.event}' where ${at(b)};
            update custody.event set id = '${b.event}' where id = '${none}'`), 'event_changed', a);
    });

    it('a row of the log that was deleted, in the middle or at the end', async () => {
        const e = event_of(journey.number, 2), last = position();
        first(await tampered(`delete from custody.log where position = ${e.position}`), 'row_missing',
            { position: e.position });
        first(await tampered(`delete from custody.log where position = ${last};
            update custody.log_head set position = position - 1`), 'log_short');
        const range = await tampered(`delete from custody.log where position = ${e.position}`,
            '--range', `${e.position - 1}-${e.position + 1}`);
        assert.ok(range.findings.some((f) => f.problem === 'row_missing' && f.position === e.position));
    });

    it('the last event of a subject that was deleted with its row, also where only it is asked for', async () => {
        const e = event_of(journey.number, query(service, `select count(*) - 1 from custody.log
            where subject = '${journey.number}'`)[0]);
        const gone = `delete from custody.event where ${at(e)};
            delete from custody.log where position = ${e.position};`;
        first(await tampered(gone, '--subject', e.subject), 'row_missing', { position: e.position });
        const closed = `${gone} update custody.log set position = -position where position > ${e.position};
            update custody.log set position = -position - 1 where position < 0;
            update custody.log_head set position = position - 1;`;
        first(await tampered(closed, '--subject', e.subject), 'root_differs');
        // What covered it in the database is gone, too: the one outside knows.
        const bare = `${closed} delete from custody.tree;
            delete from custody.checkpoint where size >= ${e.position};`;
        first(await tampered(bare, '--subject', e.subject, '--checkpoint', join(folder, 'held.json')),
            'root_differs');
        const last = await tampered(`delete from custody.event where ${at(event_of(journey.late.number, 1))};
            delete from custody.log where position = ${position()};
            update custody.log_head set position = position - 1`, '--subject', journey.late.number);
        first(last, 'log_short');
    });

    it('a checkpoint that was changed, or signed with a key of their own', async () => {
        const size = `(select max(size) from custody.checkpoint)`;
        first(await tampered(`update custody.checkpoint set root = sha256(root) where size = ${size}`),
            'signature_wrong');
        first(await tampered(`update custody.checkpoint set at = at + interval '1 s'
            where size = ${size}`), 'signature_wrong');
        first(await tampered(`update custody.checkpoint set size = size + 1 where size = ${size}`),
            'log_short');
        const { publicKey, privateKey } = generateKeyPairSync('ed25519');
        const text = `dossierpost checkpoint 1\n${held.origin}\n${held.size}\n${held.root}\n${held.at}\n`;
        const hex = (bytes) => `'\\x${bytes.toString('hex')}'`;
        first(await tampered(`update custody.checkpoint
            set key = ${hex(Buffer.from(publicKey.export({ format: 'jwk' }).x, 'base64url'))},
                signature = ${hex(sign(null, Buffer.from(text), privateKey))}
            where size = ${held.size}`), 'key_unknown');
    });

    it('a stored subtree that was changed, removed or invented', async () => {
        first(await tampered('update custody.tree set hash = sha256(hash)'), 'tree_differs');
        first(await tampered('delete from custody.tree'), 'tree_differs');
        first(await tampered(`insert into custody.tree values (8, ${position() >> 8}, sha256(''))`),
            'tree_differs');
    });
});

describe('personal data', () => {
    const deliver = () => query(service, `select subject || ' ' || event from custody.payload`)[0].split(' ');

    it('is held against the events that speak of it', async () => {
        const report = await verify();
        assert.equal(report.payloads, Number(query(service, `select (select count(*) from custody.payload)
            + (select count(*) from dossier.personal) + (select count(*) from custody.remark)`)[0]));
        assert.deepEqual([report.erased, report.unopened], [0, 0]);
        assert.ok((await verify('--subject', journey.result)).payloads === 1);
    });

    it('is named when it was changed, exchanged or removed, and not what the chain does not say', async () => {
        const [subject, event] = deliver();
        for (const change of ['sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1)',
            'salt = sha256(salt)', `(sealed, key, salt) = (select sealed, key, salt from dossier.personal
                where dossier = (select dossier from custody.shipment where number = subject))`]) {
            const report = await tampered(`update custody.payload set ${change} where event = '${event}'`);
            first(report, 'payload_wrong', { subject, event });
            assert.equal(report.bad, 1);
        }
        const gone = await tampered(`delete from custody.payload where event = '${event}'`,
            '--subject', subject);
        first(gone, 'payload_wrong', { subject, event, detail: 'it is missing' });
        const { id } = journey;
        first(await tampered(`update dossier.personal set sealed = '\\x00' where dossier = '${id}'`),
            'payload_wrong', { subject: id });
        first(await tampered(`update custody.remark set text = text || '.'`), 'payload_wrong');
    });

    it('is not looked into where the key is not, which is told', async () => {
        const key = join(service.state, 'keys/personal.key'), away = `${key}.away`;
        for (const other of [false, true]) {
            renameSync(key, away);
            if (other) writeFileSync(key, Buffer.alloc(32), { mode: 0o600 });
            try {
                const report = await verify();
                assert.equal(report.status, 0, JSON.stringify(report));
                assert.ok(report.unopened >= 3 && report.payloads === 1, JSON.stringify(report));
            } finally {
                renameSync(away, key);
            }
        }
    });
});

describe('an owner who makes every hash anew', () => {
    const forged = (e) => `update custody.event set actor = actor + 1 where ${at(e)};
        ${recomputed(e.subject)}`;

    it('is found by the checkpoints in the database', async () => {
        const e = event_of(journey.number, 3);
        first(await tampered(forged(e)), 'root_differs');
        const one = await tampered(forged(e), '--subject', e.subject);
        assert.equal(one.status, 1);
        assert.ok(one.verified < 4); // what checkpoints.log covers
    });

    it('is found by a checkpoint that was kept outside when those are gone', async () => {
        const e = event_of(journey.number, 1);
        const sql = `${forged(e)} delete from custody.checkpoint;`;
        const report = await tampered(sql, '--checkpoint', join(folder, 'held.json'));
        first(report, 'root_differs');
        assert.equal(report.verified, 0);
        first(await tampered(sql), 'root_differs'); // checkpoints.log of the service knows, too
    });

    it('is found by the head on a hand-over paper, typed in as it is printed', async () => {
        const { checkpoint: paper } = query(service, `select custody.handover_json(id) from custody.handover
            order by created_at limit 1`).map((text) => JSON.parse(text))[0];
        const head = `${paper.size}:${paper.root.match(/.{8}/g).join(' ')}`;
        assert.equal((await verify('--head', head)).status, 0);
        const e = event_of(journey.number, 1);
        const sql = `${forged(e)} delete from custody.checkpoint;`;
        const file = join(service.state, 'checkpoints.log');
        renameSync(file, `${file}.away`);
        try {
            assert.equal((await tampered(sql)).status, 0, 'nothing else is held outside');
            first(await tampered(sql, '--head', head), 'root_differs');
        } finally {
            renameSync(`${file}.away`, file);
        }
        assert.equal((await run('verify', '--head', `${paper.size}:${paper.root}0`)).status, 2);
    });

    it('gets away with what no checkpoint covers, which is told and never called verified', async () => {
        const e = event_of(journey.late.number, 1);
        assert.ok(e.position > held.size);
        const report = await tampered(
            `${forged(e)} delete from custody.checkpoint where size >= ${e.position}`,
            '--checkpoint', join(folder, 'held.json'));
        assert.equal(report.status, 0, JSON.stringify(report));
        assert.ok(report.covered_to >= held.size && report.covered_to < e.position);
        assert.equal(report.uncovered, position() - report.covered_to);
        assert.equal(report.verified, report.covered_to);
    });
});

describe('what may happen', () => {
    before(async () => {
        await service.start();
        all.clerk.url = service.url;
    });

    it('erasure of a dossier leaves every chain valid, also of what arrives after it', async () => {
        const sound = async (erased) => {
            await checkpoint();
            const report = await verify('--checkpoint', join(folder, 'held.json'));
            assert.equal(report.status, 0, JSON.stringify(report));
            assert.deepEqual([report.verified, report.erased], [position(), erased]);
        };
        const erase = (...args) => run('erase', ...args);
        assert.match((await erase('RR461999995VN', '--by', 'admin')).told, /there is no dossier/);
        assert.match((await erase(journey.code, '--by', 'clerk')).told, /not the login of a supervisor/);
        assert.equal((await erase(journey.code)).status, 2);
        assert.match((await erase(journey.code, '--by', 'supervisor')).out, /: personal data erased/);
        await sound(2); // the intake and the recipient
        assert.match((await erase(journey.result, '--by', 'admin')).out, /nothing was left/);

        all.courier.url = service.url;
        const late = await all.courier.scan('deliver', journey.result,
            { recipient: { name: 'Nguyễn Thị Thử' }, at: new Date(Date.now() - 60000).toISOString() });
        assert.equal(late.outcome, 'exception', JSON.stringify(late));
        await sound(2);
        assert.match((await erase(journey.code, '--by', 'admin')).out, /: personal data erased/);
        await sound(3);
        assert.equal(query(service, `select count(*) from custody.payload p
            join custody.shipment s on s.number = p.subject where s.dossier = '${journey.id}'
            and (p.sealed <> '' or p.key is not null or p.salt is not null)`)[0], '0');
        assert.deepEqual(query(service, `select a.login from custody.event e join account.account a
            on a.id = e.actor where e.subject = '${journey.id}' and e.kind = 'dossier.erase'
            order by e.received_at`), ['supervisor', 'admin']);
        assert.match((await erase(journey.code, '--by', 'admin')).out, /nothing was left/);
    });

    it('a bundle is checked without a database, and not when a letter of it was changed', async () => {
        const file = join(folder, 'bundle.json');
        const bundle = ok(await all.clerk.get(`/v1/dossiers/${journey.code}/evidence`));
        assert.deepEqual(bundle.subjects.map((s) => s.what),
            ['dossier', 'shipment', 'shipment', 'container', 'container']);
        writeFileSync(file, JSON.stringify(bundle));
        const report = await verify('--bundle', file);
        assert.equal(report.status, 0, JSON.stringify(report));
        assert.ok(report.verified > 25 && report.verified === report.events);
        bundle.subjects[1].events[2].fields.actor++;
        writeFileSync(file, JSON.stringify(bundle));
        first(await verify('--bundle', file), 'event_changed',
            { position: bundle.subjects[1].events[2].position });
        const old = ok(await all.clerk.get(
            `/v1/dossiers/${journey.code}/evidence?size=${held.size}`));
        writeFileSync(file, JSON.stringify(old));
        assert.equal((await verify('--bundle', file, '--checkpoint', join(folder, 'held.json'))).status, 0);
        assert.equal((await verify('--bundle', file, '--head', `${held.size}:${held.root}`)).status, 0);
        first(await verify('--bundle', file, '--head', `${held.size}:${'0'.repeat(64)}`), 'root_differs');
        const lines = ['x', `${held.origin} ${held.size} ${held.root} ${held.at} ${held.key} ` +
            held.signature, readFileSync(join(service.state, 'checkpoints.log'), 'utf8')];
        writeFileSync(join(folder, 'held.log'), lines.join('\n'));
        assert.equal((await verify('--bundle', file, '--checkpoint', join(folder, 'held.log'))).status, 0);
        const stranger = await service.login('clerk2');
        const path = `/v1/dossiers/${journey.late.code}/evidence`;
        assert.equal((await stranger.get(path)).status, 404);
        assert.equal((await service.anybody().get(path)).status, 401);
    });

    // Scans of the late shipment, five a call, until `more` says no; gives how many.
    async function busy(more) {
        let count = 0;
        do {
            const scans = Array.from({ length: 5 }, () => ({ id: uuid7(), code: journey.late.number,
                kind: 'count', at: new Date().toISOString() }));
            ok(await all.clerk.post('/v1/custody/scans', { scans }));
            count += scans.length;
        } while (more());
        return count;
    }

    it('a checkpoint held outside may be newer than the moment at which verify began', async () => {
        const pipe = join(folder, 'pipe');
        execFileSync('mkfifo', [pipe]);
        const reported = verify('--checkpoint', pipe);
        const end = await open(pipe, 'w'); // once verify reads
        await busy(() => false);
        const newer = await checkpoint();
        await end.writeFile(JSON.stringify(newer));
        await end.close();
        const report = await reported;
        assert.equal(report.status, 0, JSON.stringify(report));
        assert.ok(report.covered_to >= newer.size);
        assert.ok(report.verified >= newer.size);
    });

    it('a service that records and checkpoints meanwhile is no finding', async () => {
        const least = Date.now() + 6000, most = Date.now() + 60000;
        let reports = 0;
        const going = () => Date.now() < least || (reports <= 5 && Date.now() < most);
        const counting = busy(going);
        while (going()) {
            const report = await verify();
            assert.equal(report.status, 0, JSON.stringify(report));
            reports++;
        }
        const count = await counting;
        assert.ok(count > 50 && reports > 5, `${count} scans, ${reports} reports`);
        await checkpoint();
    });

    it('the service ends cleanly, and its last checkpoint is in the file', async () => {
        const last = position();
        service.child.kill('SIGTERM');
        await service.exit;
        assert.equal(service.child.exitCode, 0, service.text.slice(-3000));
        const lines = readFileSync(join(service.state, 'checkpoints.log'), 'utf8').trim().split('\n');
        assert.equal(Number(lines.at(-1).split(' ')[1]), last);
    });

    it('half a line in checkpoints.log is told, hurts no line after it and is no finding', async () => {
        const file = join(service.state, 'checkpoints.log');
        appendFileSync(file, `${held.origin} 999 00ff`); // the disk was full
        let report = await verify();
        assert.deepEqual([report.status, report.unread], [0, 1], JSON.stringify(report));
        await service.start();
        all.clerk.url = service.url;
        await busy(() => false);
        await checkpoint();
        const last = position();
        service.child.kill('SIGTERM');
        await service.exit;
        const lines = readFileSync(file, 'utf8').split('\n');
        const half = lines.indexOf(`${held.origin} 999 00ff`);
        assert.ok(half > 0 && lines.length > half + 2, lines.slice(-4).join('\n'));
        report = await verify('--checkpoint', file);
        assert.deepEqual([report.status, report.unread, report.verified], [0, 1, last]);

        // As it was written once: the next line on the same one.
        lines.splice(half, 2, lines[half] + lines[half + 1]);
        lines.splice(half + 1, 0, '\0\0\0\0'); // and what a power cut leaves of a line
        writeFileSync(file, lines.slice(0, half + 2).join('\n'));
        await service.start(); // only for its database
        await service.killed();
        query(service, 'truncate custody.checkpoint');
        report = await verify();
        assert.deepEqual([report.status, report.unread], [0, 1], JSON.stringify(report));
        assert.equal(report.covered_to, Number(lines[half].split(' ').at(-5)));
        writeFileSync(file, 'nothing to read\n');
        assert.equal((await verify()).unread, 1);
        first(await verify('--checkpoint', file), 'malformed');
    });
});

describe('a log of more than 65,536 positions', () => {
    it('has its stored tree compared at every level', async () => {
        await service.start();
        query(service, `insert into custody.event (subject, id, kind, at, received_at, device_at, actor,
                outcome, digest)
            select 'X' || n % 1000, base.uuid_v7(), 'count', now(), now(), now(), 1, 'recorded', ''
            from generate_series(1, 66000) n`);
        await checkpoint(90000);
        await service.killed();
        const report = await verify();
        assert.deepEqual([report.status, report.verified], [0, position()], JSON.stringify(report));
        const tree = 'create table public.kept_high as select * from custody.tree where level = 16;';
        query(service, `${tree} update custody.tree set hash = sha256(hash) where level = 16`);
        const changed = await verify();
        first(changed, 'tree_differs', { detail: 'over positions 1 to 65536 it differs' });
        assert.equal(changed.bad, 1);
        query(service, 'delete from custody.tree where level = 16');
        first(await verify(), 'tree_differs', { detail: 'over positions 1 to 65536 it is missing' });
    });
});
