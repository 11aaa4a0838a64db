// Files of drafts and dossiers below the program: adoption in one write beside what is still coming, the
// room of a dossier, results, and what erasure and the purge leave.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { test_database } from './cluster.mjs';
import { people } from './scans.mjs';

let db, all, refs = 0;
before(async () => {
    db = await test_database();
    all = await people(db);
});
after(() => db.end());

const asker = (login) => `${all[login].id}, ${all[login].unit}`;
const uuid = () => db.value('select base.uuid_v7()');
const hex = () => (refs++).toString(16).padStart(64, '0');

// SQL that puts a whole part of ten bytes.
const put = (login, roles, what, { ref = hex(), at = 0, len = 10, size = 10, files = 200, bytes = 1e8 } = {}) =>
    `select id, all_there from attachment.put(${asker(login)}, ${roles}, '${JSON.stringify({ ref, size, files, bytes,
        kind: 'document', ...what })}', ${at}, '\\x01', '\\x02', ${len})`;
async function whole(login, roles, what, more) {
    const [[id]] = await db.query(put(login, roles, what, more));
    return (await db.json(`select attachment.finish('${id}', 'application/pdf', 0, 0)`)).id;
}
const intake = async (login = 'clerk', roles = 2, more = {}) => (await db.json(`select dossier.intake(${asker(login)}, ${roles},
    jsonb_build_object('id', base.uuid_v7(), 'procedure', '1.004873', 'agency', '46-A1', 'service', 'send',
        'applicant_kind', 'citizen', 'from_commune', '19789', 'weight_g', 80,
        'documents', '[{"name": "Đơn", "originals": 1, "copies": 0}]'::jsonb, 'result_to_kind', 'online')
        || '${JSON.stringify(more)}', '\\x01', '\\x02', '\\x03', '\\x04', 'digest')`));
const problem = (sql) => db.query(sql).then(() => 'none', (error) => /DP001: ([a-z-]+)/.exec(error.message)?.[1] ?? error.message);
const ready = async () => {
    const one = await intake();
    for (const action of ['accept', 'start', 'result_ready'])
        await db.query(`select dossier.act(${asker('officer')}, 16, '${one.code}', '${action}', '{}')`);
    return one;
};

test('a draft is adopted in one write; what rolls back leaves it as it was', async () => {
    const draft = await uuid(), what = { place: 'draft', key: draft, procedure: '1.004873' };
    const ids = [await whole('clerk', 2, what), await whole('clerk', 2, { ...what, document: 'giấy tờ chứng minh NƠI cư trú' })];
    const [[half]] = await db.query(put('clerk', 2, what, { size: 20 }));
    const { id } = await intake(), session = db.session();
    await session.query('begin');
    assert.deepEqual(await session.query(`select attachment.adopt('${draft}', '${id}', ${all.clerk.id})`), [['2']]);
    await session.query('rollback');
    const of = (subject) => db.query(`select id from attachment.file where subject = '${subject}' order by id`).then((rows) => rows.flat());
    assert.deepEqual(await of(id), []);
    assert.deepEqual((await of(`draft:${draft}`)).sort(), [...ids, half].sort());
    assert.equal(await db.value(`select attachment.adopt('${draft}', '${id}', ${all.clerk.id})`), '2');
    assert.deepEqual((await of(id)).sort(), [...ids].sort());
    assert.deepEqual(await of(`draft:${draft}`), []);
    assert.deepEqual(await db.query(`select data ->> 'document', data ->> 'role' from custody.event
        where subject = '${id}' and kind = 'dossier.attach' order by (data ->> 'version')::int`),
        [[null, 'clerk'], ['Giấy tờ chứng minh nơi cư trú', 'clerk']]);
    assert.deepEqual(await db.query(`select * from dossier.rebuild_differences() where subject = '${id}'`), []);
    const other = await intake();
    assert.equal(await problem(`select attachment.adopt('${draft}', '${other.id}', ${all.clerk.id})`), 'conflict');
    assert.equal(await db.value(`select attachment.adopt('${await uuid()}', '${other.id}', ${all.clerk.id})`), '0', 'it had no files');
    const foreign = await uuid();
    await whole('clerk', 2, { ...what, key: foreign });
    assert.equal(await problem(`select attachment.adopt('${foreign}', '${other.id}', ${all.officer.id})`), 'not-found');
});

test('a last part beside the adoption: it is the dossier\'s, or refused; never lost in between', async () => {
    const [a, b] = [db.session(), db.session()];
    for (let round = 0; round < 20; round++) {
        const draft = await uuid(), what = { place: 'draft', key: draft, procedure: '1.004873' };
        await whole('clerk', 2, what);
        const [[file]] = await db.query(put('clerk', 2, what)), { id } = await intake();
        const finishing = a.query(`select attachment.finish('${file}', 'application/pdf', 0, 0)`).then(() => 'done', (error) => error.message);
        const adopting = b.query(`select attachment.adopt('${draft}', '${id}', ${all.clerk.id})`);
        const [finished, [[moved]]] = await Promise.all([finishing, adopting]);
        const there = await db.value(`select count(*) from attachment.file where subject = '${id}'`);
        assert.equal(there, moved);
        assert.ok(finished === 'done' ? moved === '2' : /not-found/.test(finished) && moved === '1', `${finished} ${moved}`);
        assert.equal(await db.value(`select count(*) from attachment.file where subject = 'draft:${draft}'`), '0');
    }
});

test('many who fill one dossier at once never pass its room, and nobody waits for ever', async () => {
    const { id, code } = await intake(), what = { place: 'dossier', key: code };
    const sessions = Array.from({ length: 12 }, () => db.session());
    const done = await Promise.all(sessions.map(async (session, n) => {
        let taken = 0;
        for (let i = 0; i < 4; i++)
            taken += await session.query(put(n % 2 ? 'clerk' : 'officer', n % 2 ? 2 : 16, what, { files: 30, bytes: 250 }))
                .then(() => 1, () => 0);
        return taken;
    }));
    assert.equal(done.reduce((a, b) => a + b), 25, 'ten bytes each');
    assert.equal(await db.value(`select sum(size) from attachment.file where subject = '${id}'`), '250');
});

test('of two people who begin the last file that a dossier takes one is refused', async () => {
    const { code } = await intake(), what = { place: 'dossier', key: code }, [a, b] = [db.session(), db.session()];
    await a.query('begin');
    await a.query(put('clerk', 2, what, { files: 1 }));
    const second = b.query(put('officer', 16, what, { files: 1 })).then(() => 'taken', (error) => /DP001: ([a-z-]+)/.exec(error.message)?.[1]);
    assert.equal(await Promise.race([second, new Promise((done) => { setTimeout(done, 300, 'waits'); })]), 'waits');
    await a.query('commit');
    assert.equal(await second, 'conflict');
});

test('what its rows say, and nothing else, says who may send', async () => {
    const rows = await db.query('select place, kind, roles from attachment.sender');
    const { code } = await intake(), shipment = await db.value(`select number from custody.shipment s
        join dossier.dossier d on d.id = s.dossier where d.code = '${code}'`);
    const keys = { dossier: code, shipment };
    for (const place of ['shipment', 'dossier', 'draft']) for (const kind of ['photo', 'signature', 'paper', 'document', 'result'])
        for (const [login, role] of [['clerk', 2], ['courier', 4], ['hub', 8], ['officer', 16]]) {
            const row = rows.find(([p, k]) => p === place && k === kind);
            const said = await problem(put(login, role, { place, kind, key: keys[place] ?? await uuid(), procedure: '1.004873' }));
            const expected = !row ? /^invalid-fields$/ : !(Number(row[2]) & role) ? /^forbidden$/ : /^(none|not-found|action-not-allowed)$/;
            assert.match(said, expected, `${place} ${kind} ${login}`);
        }
});

test('a result is sealed once a version; the first download is the proof, erasure leaves the seal', async () => {
    const { id, code } = await ready();
    const ref = hex(), file = await whole('officer', 16, { place: 'dossier', key: code, kind: 'result' }, { ref });
    const args = `${asker('officer')}, 16, '${code}', '${file}', '${ref}', null, null, null`;
    const next = await db.json(`select dossier.result_next(${args})`);
    assert.deepEqual([next.code, next.version, next.size], [code, 1, 10]);
    const sealed = JSON.stringify({ version: 1, sha256: hex(), at: '2026-11-27T10:00:00.123+07:00', key_id: 258, signature: '00'.repeat(64) });
    const sessions = [db.session(), db.session()];
    const both = await Promise.all(sessions.map((session) => session.query(`select dossier.result_seal(${args}, '${sealed}')`)
        .then(() => 'done', (error) => /DP001: ([a-z-]+)/.exec(error.message)?.[1])));
    assert.deepEqual(both.sort(), ['conflict', 'done']);
    assert.equal((await db.json(`select dossier.result_next(${args})`)).reply.version, 1, 'it is that already');
    const open = (pdf, key = code) => db.json(`select coalesce(dossier.result_open('${key}', '${id}', ${pdf}), 'null')`);
    assert.equal(await open(true, (await intake()).code), null, 'another number');
    assert.equal((await open(false)).version, 1);
    const status = () => db.value(`select status from dossier.dossier where id = '${id}'`);
    assert.equal(await status(), '9');
    assert.equal((await open(true)).version, 1);
    assert.equal(await status(), '10');
    await open(true);
    assert.equal(await db.value(`select count(*) from custody.event where subject = '${id}' and kind = 'dossier.download_result'`), '1');
    assert.deepEqual(await db.query(`select what, count(*) from dossier.access where dossier = '${id}' and what like 'result%'
        group by 1 order by 1`), [['result', '2'], ['result-seal', '1']]);
    assert.deepEqual(await db.query(`select * from dossier.rebuild_differences() where subject = '${id}'`), []);
    await db.query(`select dossier.erase('${id}')`);
    assert.equal(await open(true), null);
    assert.equal(await db.value(`select count(*) from attachment.file where subject = '${id}'`), '0');
    assert.deepEqual(await db.json(`select dossier.result_known('${code}', 1, decode(repeat('00', 64), 'hex'))`), { known: true });
});

test('the purge takes files with the last of a dossier\'s events', async () => {
    const { id, code } = await intake();
    await whole('clerk', 2, { place: 'dossier', key: code });
    const files = (from, to) => db.query(`select * from custody.purge_whole(custody.uuid_floor(now() + '${from}'),
        custody.uuid_floor(now() + '${to}'))`).then((rows) => rows.flat());
    assert.ok(!(await files('-1 day', '1 day')).includes(id), 'it has not ended');
    await db.query(`select dossier.act(${asker('officer')}, 16, '${code}', 'reject', '{"reason": "x", "legal_basis": "y"}')`);
    assert.ok((await files('-1 day', '1 day')).includes(id));
    assert.ok(!(await files('-1 day', '-1 hour')).includes(id), 'something younger is kept');
});

test('what a page asks for is answered from indexes', async () => {
    for (const query of [`select * from attachment.file f where f.subject = 'x' and f.whole_at is not null`,
        `select * from attachment.part p where p.file = gen_random_uuid() and p.at = 0`,
        `select * from dossier.result r where r.dossier = gen_random_uuid() and r.superseded_at is null`,
        `select * from attachment.draft a where a.account = 1 and a.adopted is null`]) {
        const plan = (await db.query(`set local enable_seqscan = off; explain ${query}`)).flat().join('\n');
        assert.doesNotMatch(plan, /Seq Scan/, query);
    }
});
