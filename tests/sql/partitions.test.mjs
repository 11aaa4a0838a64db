// Partitions of events by month: an id that came long before its month waits in the default
// partition and moves when the month's own is made; log, chain and sequencer notice nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { people, record, shipment, uuid7 } from './scans.mjs';
import { test_database } from './cluster.mjs';

const OWNER = 'dossierpost_owner';
let db, session, everybody;

before(async () => {
    db = await test_database();
    session = db.session();
    everybody = await people(db);
});
after(() => db.end());

const sequence = () => db.sequence();
const log = async () => db.query(`select l.position, l.subject, l.event_id, l.hash,
        l.hash = sha256(l.prev || coalesce(l.joined, '') || custody.event_bytes(e)), e.xid
    from custody.log l join custody.event e on e.subject = l.subject and e.id = l.event_id
    order by l.position`);
const place = (id) => db.value(`select tableoid::regclass::text from custody.event where id = '${id}'`);
const first_of = (months, now = new Date()) => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1);
const name = (time) => `custody.event_${new Date(time).toISOString().slice(0, 7).replace('-', '')}`;
const make = (time) => db.value(`select custody.make_partitions_at('${new Date(time).toISOString()}')`, OWNER);

async function early(number, time) {
    const id = uuid7(time);
    const [reply] = await record(session, everybody, [{ id, kind: 'count', who: 'clerk', subject: number,
        at: new Date().toISOString() }]);
    assert.equal(reply.outcome, 'exception');
    assert.ok(reply.warnings.includes('id_window'));
    return id;
}

test('there are those from three months back to the next', async () => {
    const names = (await db.query(`select c.oid::regclass::text from pg_class c join pg_inherits on inhrelid = c.oid
        where inhparent = 'custody.event'::regclass order by 1`)).flat();
    const months = [-3, -2, -1, 0, 1].map((n) => name(first_of(n)));
    assert.deepEqual(names.sort(), [...months, 'custody.event_default'].sort());
    assert.equal(await db.value('select custody.make_partitions()'), '0');
});

test('an id four months ahead moves to its partition when its month comes, and those after are made',
    async () => {
        const number = await shipment(session);
        const id = await early(number, first_of(4) + 86400000);
        const edge = await early(number, first_of(5)); // the first millisecond of the month after
        await sequence();
        const waiting = await early(number, first_of(4) + 3600000); // has no position yet
        const kept = await log();
        assert.equal(await place(id), 'custody.event_default');
        assert.equal(await make(first_of(3)), '3');
        assert.equal(await place(id), name(first_of(4)));
        assert.equal(await place(waiting), name(first_of(4)));
        assert.equal(await place(edge), 'custody.event_default');
        assert.equal(await make(first_of(5)), '2');
        assert.equal(await place(edge), name(first_of(5)));

        assert.deepEqual((await log()).slice(0, kept.length), kept);
        await sequence();
        const now = await log();
        assert.ok(now.every((row) => row[4] === 't'));
        assert.deepEqual(now.map((row) => Number(row[0])), now.map((_, i) => i + 1));
        for (const one of [id, edge, waiting]) assert.equal(now.filter((row) => row[2] === one).length, 1);
        assert.equal(await db.value('select count(*) from custody.event'), String(now.length));
        const [again] = await record(session, everybody, [{ id, kind: 'accept', who: 'clerk',
            subject: number, at: new Date().toISOString() }]);
        assert.deepEqual([again.outcome, again.problem], ['refused', 'id-reused']);
    });

test('a new partition has the indexes of the others, and the service may only add to it', async () => {
    const about = async (table) => db.query(`select replace(pg_get_indexdef(indexrelid), '${table.slice(14)}', ''),
        has_table_privilege('dossierpost_service', '${table}', 'insert'),
        has_table_privilege('dossierpost_service', '${table}', 'update, delete, truncate')
        from pg_index where indrelid = '${table}'::regclass order by 1`);
    assert.deepEqual(await about(name(first_of(5))), await about(name(first_of(0))));
    assert.equal((await about(name(first_of(5))))[0][2], 'f');
    await assert.rejects(db.query(`select custody.make_partitions_at(now() + interval '9 years')`),
        /permission denied/);
    await assert.rejects(db.query(`select custody.make_partition(now() + interval '9 years')`),
        /permission denied/);
});

test('one that cannot be made does not keep the others from being made', async () => {
    const number = await shipment(session);
    const id = await early(number, first_of(8));
    const reader = db.session();
    await reader.query('begin');
    await reader.query('select count(*) from custody.event_default');
    assert.equal(await make(first_of(7)), '0'); // it gives way to the reader
    await reader.query('commit');
    assert.equal(await place(id), 'custody.event_default');
    // Somebody's own table stands where one of them should.
    await db.query(`create table custody.strange partition of custody.event
        for values from (custody.uuid_floor('${new Date(first_of(7)).toISOString()}'))
        to (custody.uuid_floor('${new Date(first_of(7) + 3600000).toISOString()}'))`, OWNER);
    assert.equal(await make(first_of(7)), '1');
    assert.equal(await place(id), name(first_of(8)));
});
