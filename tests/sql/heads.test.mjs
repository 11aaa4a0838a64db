// The chain of what lay in a bag is joined to the bag's own: each event that names a container binds
// the head of its chain, as of that very position, however the sequencer cut its turns.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { test_database } from './cluster.mjs';
import { container, people, record, shipment, uuid7 } from './scans.mjs';

const OWNER = 'dossierpost_owner', NONE = '00'.repeat(32);
let db, session, everybody, time = Date.now() - 3600000;

before(async () => {
    db = await test_database();
    session = db.session();
    everybody = await people(db);
});
after(() => db.end());

const scan = (kind, who, subject, more = {}) =>
    ({ id: uuid7(time += 1000), kind, who, subject, at: new Date(time).toISOString(), ...more });
const all = (scans) => record(session, everybody, scans);

async function sequenced(most = 10000) {
    do await db.query(`select given from custody.sequence(${most})`);
    while (await db.value(`select 1 where (select count(*) from custody.event)
        > (select count(*) from custody.log)`));
}

// A walk through the log that knows of no turns.
async function joined_rightly() {
    const rows = await db.query(`select l.position, l.subject, l.event_id, encode(l.prev, 'hex'),
            encode(l.joined, 'hex'), encode(l.hash, 'hex'), e.container, encode(custody.event_bytes(e), 'hex')
        from custody.log l join custody.event e on e.subject = l.subject and e.id = l.event_id
        order by l.position`);
    const heads = new Map();
    for (const [position, subject, id, prev, joined, hash, bag, bytes] of rows) {
        assert.equal(prev, heads.get(subject) ?? NONE, `before ${position}`);
        assert.equal(joined, bag === null ? null : heads.get(bag) ?? NONE, `joined at ${position}`);
        assert.equal(hash, createHash('sha256')
            .update(Buffer.from(prev + (joined ?? '') + bytes, 'hex')).digest('hex'), `${position} ${id}`);
        heads.set(subject, hash);
    }
    return rows.map(([, subject, id, , joined, hash]) => ({ subject, id, joined, hash }));
}

test('a bag filled, carried, opened and emptied within one turn', async () => {
    const [a, b] = [await shipment(session), await shipment(session)];
    const bag = await container(session, '46-B1', '46-H1');
    await all([a, b].map((number) => scan('accept', 'clerk', number)));
    await all([a, b].map((number) => scan('bag', 'clerk', number, { container: bag })));
    await all([scan('close', 'clerk', bag)]);
    await all([scan('depart', 'courier', bag)]);
    await all([scan('arrive', 'hub', bag)]);
    const open = scan('open', 'hub', bag), out = [scan('unbag', 'hub', a), scan('unbag', 'hub', b)];
    const replies = await all([open, out[0]]);
    assert.deepEqual(replies.map((r) => r.outcome), ['recorded', 'recorded']);
    const late = scan('damage', 'hub', bag);
    await all([late]);
    await all([out[1]]);
    await sequenced();
    const rows = await joined_rightly(), of = (id) => rows.find((row) => row.id === id);
    assert.equal(of(out[0].id).joined, of(open.id).hash, 'the opening, though of the same call');
    assert.equal(of(out[1].id).joined, of(late.id).hash, 'what the bag met until it was emptied');
    const put_in = rows.find((row) => row.subject === a && row.joined !== null);
    assert.equal(put_in.joined, rows.find((row) => row.subject === bag).hash, 'the bag as it was begun');
});

test('bags in bags, in a circle, and not known yet, within one turn and event by event', async () => {
    const [inner, outer] = [await container(session, '46-B1', '46-H1'), await container(session, '46-B1', '46-H1')];
    const number = await shipment(session), unknown = inner.replace(/.{3}$/, '999');
    await sequenced();
    const before = await db.value('select position from custody.log_head');
    await all([scan('accept', 'clerk', number)]);
    await all([scan('bag', 'clerk', number, { container: inner }), scan('close', 'clerk', inner)]);
    await all([scan('bag', 'clerk', inner, { container: outer })]);
    await all([scan('bag', 'clerk', outer, { container: inner })]);
    await all([scan('bag', 'clerk', number, { container: unknown })]);
    await sequenced();
    const once = await joined_rightly();
    assert.equal(once.at(-1).joined, NONE);
    await db.query(`delete from custody.log where position > ${before};
        update custody.log_head set position = ${before}, next_xid = (select min(e.xid) from custody.event e
            where not exists (select from custody.log l where l.subject = e.subject and l.event_id = e.id))`, OWNER);
    await sequenced(1);
    assert.deepEqual(await joined_rightly(), once);
});
