// What the service's role may do to the log's tree, checkpoints and marks: add, and nothing else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { test_database } from './cluster.mjs';

const OWNER = 'dossierpost_owner';
let db;

before(async () => (db = await test_database()));
after(() => db.end());

const rights = (table) => db.value(`select string_agg(r, ' ' order by r) from unnest(array['select', 'insert',
    'update', 'delete', 'truncate', 'references', 'trigger']) r
    where has_table_privilege('dossierpost_service', '${table}', r)`);
const refused = (sql) => assert.rejects(db.query(sql), /permission denied/, sql);
const put = (size, at, user) => db.value(`select custody.checkpoint_put(${size}, sha256('${size}'), '${at}',
    sha256('k'), sha256('a') || sha256('b'), array[8], array[${size}], array[sha256('${size}')])`, user);

test('tree, checkpoints and key marks may be added to, never changed or removed', async () => {
    assert.equal(await put(100, '2026-11-23T09:15:00+07'), 't');
    assert.equal(await db.value(`select custody.key_fits('personal', sha256('a'))`), 't');
    for (const table of ['custody.tree', 'custody.checkpoint', 'custody.key_mark', 'custody.log',
        'custody.event', 'custody.event_default'])
        assert.equal(await rights(table), 'insert select', table);
    assert.equal(await rights('custody.log_origin'), 'select');
    await refused(`update custody.checkpoint set root = sha256('x')`);
    await refused('delete from custody.checkpoint');
    await refused('truncate custody.checkpoint');
    await refused(`update custody.tree set hash = sha256('x')`);
    await refused('delete from custody.tree');
    await refused(`insert into custody.checkpoint select size, sha256('x'), at, key, signature
        from custody.checkpoint on conflict (size) do update set root = excluded.root`);
    await refused(`update custody.key_mark set mark = sha256('x')`);
    await refused('update custody.log_origin set origin = gen_random_uuid()');
    await refused('insert into custody.log_origin values (true, gen_random_uuid())');
});

test('a checkpoint within a second of the last is left out, and 10,000 events later it is not', async () => {
    const sizes = async () => (await db.query('select size from custody.checkpoint order by 1')).flat();
    await db.query('truncate custody.checkpoint', OWNER);
    assert.equal(await put(100, '2026-11-23T09:15:00.000+07'), 't');
    assert.equal(await put(101, '2026-11-23T09:15:00.999+07'), 'f');
    assert.equal(await put(101, '2026-11-23T09:14:59.500+07'), 'f');
    assert.equal(await put(10099, '2026-11-23T09:15:00.010+07'), 'f');
    assert.equal(await put(10100, '2026-11-23T09:15:00.010+07'), 't');
    assert.equal(await put(10101, '2026-11-23T09:15:01.010+07'), 't');
    assert.equal(await put(10102, '2026-11-23T08:00:00+07'), 't', 'a clock that was far ahead');
    assert.equal(await put(10101, '2026-11-23T09:20:00+07'), 'f', 'smaller than the last');
    assert.deepEqual(await sizes(), ['100', '10100', '10101', '10102']);
    assert.equal(await db.value('select count(*) from custody.tree where index in (101, 10099)'), '2');
});

test('whoever is first decides what the keys are', async () => {
    assert.equal(await db.value(`select custody.key_fits('log', sha256('a'))`), 't');
    assert.equal(await db.value(`select custody.key_fits('log', sha256('b'))`), 'f');
    assert.equal(await db.value(`select custody.key_fits('log', sha256('a'))`), 't');
});
