// Intake at the same time: distinct codes without gaps, one dossier an id, events in one order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { test_database } from './cluster.mjs';

// Until that many sessions of the database wait for a lock.
async function waiting_for_locks(db, count) {
    for (let i = 0; i < 200; i++) {
        const n = await db.value(`select count(*) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'`, 'postgres');
        if (Number(n) >= count) return;
    }
    throw new Error('nobody waits for a lock');
}

const problem = (slug) => (error) => String(error.stderr ?? error.message).includes(slug);

const intake = (id, digest = 'same') => `select dossier.intake(c.id, c.unit_id, c.roles,
    jsonb_build_object('id', ${id}, 'procedure', '1.004873', 'agency', '46-A1', 'service', 'both',
        'applicant_kind', 'citizen', 'from_commune', '19777', 'weight_g', 80,
        'documents', '[{"name": "Đơn", "originals": 1, "copies": 0}]'::jsonb,
        'result_to_kind', 'address', 'result_commune', '19777'),
    '\\x01', '\\x02', '\\x03', '\\x04', '${digest}') ->> 'code'
    from account.account c where c.login = 'clerk'`;
const fresh = intake('base.uuid_v7()');
const serial = (code) => Number(code.split('-').at(-1));

test('two sessions of one agency and day get distinct codes; a rollback leaves no gap', async () => {
    const db = await test_database();
    const [a, b] = [db.session(), db.session()];
    await a.query('begin');
    const first = (await a.query(fresh))[0][0];
    await b.query('begin');
    const waiting = b.query(fresh);
    await waiting_for_locks(db, 1);
    await a.query('rollback');
    const second = (await waiting)[0][0];
    assert.equal(second, first);
    await b.query('commit');
    assert.equal(serial((await a.query(fresh))[0][0]), serial(first) + 1);
    await db.end();
});

test('eight sessions register eighty dossiers: codes 1 to 80', async () => {
    const db = await test_database();
    await Promise.all(Array.from({ length: 8 }, async () => {
        const session = db.session();
        for (let i = 0; i < 10; i++) await session.query(fresh);
    }));
    const codes = await db.query('select code from dossier.dossier');
    assert.deepEqual(codes.map(([code]) => serial(code)).sort((x, y) => x - y),
        Array.from({ length: 80 }, (_, i) => i + 1));
    assert.equal(await db.value('select count(*) from custody.shipment'), '80');
    assert.deepEqual(await db.query('select * from dossier.rebuild_differences()'), []);
    await db.end();
});

test('the same id from two sessions at once is one dossier and one reply', async () => {
    const db = await test_database();
    const id = await db.value('select base.uuid_v7()');
    const [a, b, c] = [db.session(), db.session(), db.session()];
    await a.query('begin');
    const first = await a.query(intake(`'${id}'`));
    const again = b.query(intake(`'${id}'`));
    const other = assert.rejects(c.query(intake(`'${id}'`, 'other')), problem('id-reused'));
    await waiting_for_locks(db, 2);
    await a.query('commit');
    assert.deepEqual(await again, first);
    await other;
    assert.equal(await db.value('select count(*) from dossier.dossier'), '1');
    await db.end();
});

test('two officers at once: one step is taken, the other is told what is allowed now', async () => {
    const db = await test_database();
    const code = await db.value(fresh);
    const act = (action) => `select dossier.act(a.id, a.unit_id, a.roles, '${code}', '${action}',
        '{"reason": "x", "legal_basis": "y"}') from account.account a where a.login = 'officer'`;
    const [a, b] = [db.session(), db.session()];
    await a.query('begin');
    await b.query('begin'); // began first to wait, and reads what the other left
    await a.query(act('accept'));
    const late = assert.rejects(b.query(act('reject')), problem('action-not-allowed'));
    await waiting_for_locks(db, 1);
    await a.query('commit');
    await late;
    await b.query('rollback');
    assert.equal(await db.value('select status from dossier.dossier'), '2');
    await db.end();
});

test('a code grows beyond four digits', async () => {
    const db = await test_database();
    await db.query(`insert into dossier.code_counter values
        (postal.unit_by_code('46-A1'), base.vn_date(now()), 9999)`);
    assert.match(await db.value(fresh), /-10000$/);
    assert.equal(await db.value(`select dossier.normal(code) = code from dossier.dossier`), 't');
});

test('the service may not change what was read by whom, nor delete a dossier', async () => {
    const db = await test_database();
    await db.query(fresh);
    for (const sql of ['delete from dossier.dossier', 'update dossier.access set what = what',
        'delete from dossier.personal', 'update custody.event set reason = reason'])
        await assert.rejects(db.query(sql), problem('permission denied'));
});
