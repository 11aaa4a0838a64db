// A database restored from a dump into another cluster: its events carry numbers of transactions
// that mean nothing there. Simulated by what the dump would bring: numbers, and the cluster's name.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { people, record, shipment, uuid7 } from './scans.mjs';
import { test_database } from './cluster.mjs';

const OWNER = 'dossierpost_owner';
let db, session, everybody, number;

before(async () => {
    db = await test_database();
    session = db.session();
    everybody = await people(db);
    number = await shipment(session);
    await scan();
});
after(() => db.end());

async function scan() {
    const [reply] = await record(session, everybody, [{ id: uuid7(Date.now()), kind: 'count', who: 'clerk',
        subject: number, at: new Date().toISOString() }]);
    assert.equal(reply.outcome, 'recorded');
    return reply.event;
}

const adopt = () => db.value('select custody.adopt()');
const ahead = (by) => db.query(`update custody.event set xid = xid + ${by};
    update custody.log_head set next_xid = next_xid + ${by}`, OWNER);
const elsewhere = () => db.query(`update custody.log_cluster set system_identifier = system_identifier + 1`, OWNER);
const clusters = () => db.query(`select at_position, system_identifier = (select system_identifier
    from pg_control_system()) from custody.log_cluster order by n`, OWNER);
// (what is under way in other databases of the cluster holds the sequencer back a while)
async function sequence() {
    for (let turn = 0; turn < 300; turn++) {
        await session.query('select given from custody.sequence(100)');
        if (await db.value(`select (select count(*) from custody.event) = (select count(*) from custody.log)`) === 't')
            return;
    }
    throw new Error('some events get no position');
}

// Every event once, chained, in the order that verify asks for; nothing is passed over or waits.
async function whole() {
    const rows = await db.query(`select l.position, l.event_id, l.hash = sha256(l.prev || custody.event_bytes(e)),
            l.prev = coalesce(lag(l.hash) over (partition by l.subject order by l.position), decode(repeat('00', 32), 'hex')),
            coalesce((e.xid, e.received_at, e.id) > lag((e.xid, e.received_at, e.id)) over (order by l.position), true)
        from custody.log l join custody.event e on e.subject = l.subject and e.id = l.event_id order by l.position`);
    assert.deepEqual(rows.map((row) => Number(row[0])), rows.map((_, i) => i + 1));
    assert.equal(new Set(rows.map((row) => row[1])).size, rows.length);
    assert.equal(await db.value('select count(*) from custody.event'), String(rows.length));
    assert.equal(await db.value('select position from custody.log_head'), String(rows.length));
    for (const row of rows) assert.deepEqual(row.slice(2), ['t', 't', 't'], row.join(' '));
    return rows.map((row) => row[1]);
}

test('a log that stayed where it is, or moved with its whole cluster, is left alone', async () => {
    await sequence();
    const state = `select string_agg(xid || ' ' || id, ',' order by xid, id) || (select next_xid from
        custody.log_head) from custody.event`;
    const then = await db.value(state);
    assert.equal(await adopt(), null);
    assert.equal(await db.value(state), then);
    assert.deepEqual(await clusters(), [['0', 't']]);
});

test('events that had no position come next, then those recorded here, each once', async () => {
    await sequence();
    const early = await whole();
    const waiting = [await scan(), await scan(), await scan()];
    await ahead(5000000);
    await elsewhere();
    const meanwhile = await scan(); // before the service looked
    assert.equal(await adopt(), '4');
    assert.equal(await adopt(), null);
    const later = await scan();
    await sequence();
    assert.deepEqual(await whole(), [...early, ...waiting, meanwhile, later]);
    assert.deepEqual(await clusters(), [['0', 'f'], [String(early.length), 't']]);

    // No transaction will ever have the numbers of those before.
    assert.equal(await db.value('select max(xid) < 0 from custody.event where id <> $$' + later + '$$'), 't');
});

test('it may move again and again, also to a copy of its cluster that lags behind', async () => {
    await sequence();
    const known = (await clusters()).length;
    for (let i = 0; i < 3; i++) {
        const waiting = await scan();
        await ahead(1000000); // the identifier is the same
        assert.equal(await adopt(), '1');
        await sequence();
        assert.equal((await whole()).at(-1), waiting);
    }
    assert.equal((await clusters()).length, known + 3);
});

test('into a cluster that has counted further than the log, but not than its newest events', async () => {
    await sequence();
    const waiting = await scan();
    await db.query(`update custody.event set xid = xid + 1000000 where id = '${waiting}'`, OWNER);
    assert.equal(await adopt(), '1');
    await sequence();
    assert.equal((await whole()).at(-1), waiting);
});

test('into a cluster that has counted further nothing is renumbered', async () => {
    await sequence();
    const waiting = await scan();
    await elsewhere();
    const kept = await db.value(`select min(xid) || ' ' || max(xid) from custody.event`);
    assert.equal(await adopt(), '1');
    assert.equal(await db.value(`select min(xid) || ' ' || max(xid) from custody.event`), kept);
    await sequence();
    assert.equal((await whole()).at(-1), waiting);
});

test('what was recorded here and passed over, because the old log was ahead, gets its position', async () => {
    await sequence();
    const passed = await scan();
    await db.query(`update custody.log_head set next_xid = (select max(xid) + 1
        from custody.event)`, OWNER);
    await elsewhere();
    await session.query('select given from custody.sequence(100)');
    assert.notEqual((await db.value('select count(*) from custody.log')), await db.value('select count(*) from custody.event'));
    assert.equal(await adopt(), '1');
    await sequence();
    assert.equal((await whole()).at(-1), passed);
});

test('it waits for who records just now, and who comes then is sequenced later', async () => {
    await sequence();
    await ahead(5000000);
    const busy = db.session();
    await busy.query('begin');
    const [under_way] = await record(busy, everybody, [{ id: uuid7(Date.now()), kind: 'count', who: 'clerk',
        subject: number, at: new Date().toISOString() }]);
    const adopting = adopt();
    await new Promise((done) => setTimeout(done, 300));
    await busy.query('commit');
    assert.equal(await adopting, '1');
    const later = await scan();
    await sequence();
    assert.deepEqual((await whole()).slice(-2), [under_way.event, later]);
});

test('the service may call it, and write neither the numbers nor the clusters', async () => {
    for (const sql of ['update custody.event set xid = 1', 'delete from custody.log_cluster',
        'insert into custody.log_cluster (system_identifier, at_position) values (1, 1)',
        'update custody.log_cluster set system_identifier = 1'])
        await assert.rejects(db.query(sql), /permission denied/, sql);
});
