// What becomes of a scan: recorded, duplicate, exception or refused; exactly once; and that nothing
// is ever taken back from the log.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { container, people, record, shipment, uuid7 } from './scans.mjs';
import { test_database } from './cluster.mjs';

const HOUR = 3600000, DAY = 24 * HOUR;
let db, session, everybody;

before(async () => {
    db = await test_database();
    session = db.session();
    everybody = await people(db);
});
after(() => db.end());

let clock = 0;
const scan = (kind, who, subject, more = {}) => {
    const at = more.time ?? Date.now() - HOUR + 1000 * ++clock;
    return { id: uuid7(at), kind, who, subject, at: new Date(at).toISOString(), ...more };
};
const one = async (...args) => (await record(session, everybody, [scan(...args)]))[0];
const told = (reply) => [reply.outcome, reply.state, reply.holder_kind, reply.holder_ref];
const count = async (sql) => Number(await db.value(`select count(*) from ${sql}`));
const equal_to_folds = async () =>
    assert.deepEqual(await session.query('select * from custody.rebuild()'), []);
const me = (login) => String(everybody[login].id);

test('a scan in order is recorded and moves custody', async () => {
    const number = await shipment(session, 'result');
    assert.deepEqual(told(await one('accept', 'clerk', number)), ['recorded', 'accepted', 'place', '46-B1']);
    assert.deepEqual(told(await one('out_for_delivery', 'courier', number)),
        ['recorded', 'out_for_delivery', 'person', me('courier')]);
    assert.deepEqual(told(await one('deliver', 'courier', number, { recipient: 'Hoàng Thị Thử' })),
        ['recorded', 'delivered', 'addressee', '']);
    assert.equal(await count(`custody.event where subject = '${number}'`), 4);
    assert.equal(await count(`custody.payload where subject = '${number}'`), 1);
    await equal_to_folds();
});

test('a repeat is a duplicate that tells what was answered first', async () => {
    const number = await shipment(session);
    const accept = scan('accept', 'clerk', number);
    await record(session, everybody, [accept]);
    await one('out_for_delivery', 'courier', number);
    const [again] = await record(session, everybody, [accept]);
    assert.equal(again.outcome, 'duplicate');
    assert.equal(again.state, 'out_for_delivery');
    assert.deepEqual([again.first.outcome, again.first.state, again.first.holder.id],
        ['recorded', 'accepted', '46-B1']);
    assert.equal(await count(`custody.event where subject = '${number}'`), 3);
});

test('an id with other content is refused, also when it comes later in time', async () => {
    const number = await shipment(session);
    const accept = scan('accept', 'clerk', number);
    await record(session, everybody, [accept]);
    const late = new Date(Date.now() - 60000).toISOString();
    const neighbour = await shipment(session);
    const [refused, fine] = await record(session, everybody,
        [{ ...accept, kind: 'arrive', at: late }, scan('accept', 'clerk', neighbour)]);
    assert.deepEqual([refused.outcome, refused.problem], ['refused', 'id-reused']);
    assert.equal(fine.outcome, 'recorded');
    assert.equal(await count(`custody.event where subject = '${number}'`), 2);
    await equal_to_folds();
});

test('one call may bring one subject many times and one scan twice', async () => {
    const number = await shipment(session, 'result');
    const accept = scan('accept', 'clerk', number);
    const replies = await record(session, everybody, [accept, accept,
        scan('out_for_delivery', 'courier', number),
        scan('deliver', 'courier', number, { recipient: 'A' })]);
    assert.deepEqual(replies.map((r) => r.outcome), ['recorded', 'duplicate', 'recorded', 'recorded']);
    assert.equal(replies[3].state, 'delivered');
    await equal_to_folds();
});

test('a repeat is told what to compare its personal payload with, until that is erased', async () => {
    const number = await shipment(session, 'result');
    const kept = '\\x' + Buffer.from('AA').toString('hex'); // salt and mac
    const [early, accept] = [scan('deliver', 'courier', number, { recipient: 'A' }), scan('accept', 'clerk', number)];
    const again = async (...scans) => (await record(session, everybody, scans)).map((r) => [r.outcome, r.kept]);
    assert.deepEqual(await again(early, early, accept, accept),
        [['exception', null], ['duplicate', kept], ['recorded', null], ['duplicate', null]]);
    await one('out_for_delivery', 'courier', number);
    const deliver = scan('deliver', 'courier', number, { recipient: 'A' });
    assert.deepEqual(await again(deliver), [['recorded', null]]);
    assert.deepEqual(await again(deliver, early), [['duplicate', kept], ['duplicate', kept]]);
    await db.query(`select custody.erase(array['${number}'])`);
    assert.deepEqual(await again(deliver, early), [['duplicate', null], ['duplicate', null]]);
});

test('only what is wrong in itself is refused, and alone', async () => {
    const number = await shipment(session);
    const wrong = (number.slice(0, 10) + (Number(number[10]) + 1) % 10 + 'VN');
    const replies = await record(session, everybody, [
        scan('accept', 'clerk', wrong), scan('accept', 'clerk', 'nonsense'),
        scan('sort', 'courier', number), scan('fly', 'clerk', number),
        scan('fail', 'courier', number), scan('fail', 'courier', number, { reason: 'x', next_action: 'retry' }),
        scan('bag', 'clerk', number), scan('hand_over', 'clerk', number, { target: 'nobody' }),
        scan('undo', 'clerk', number), scan('create', 'clerk', number),
        scan('accept', 'clerk', null), { ...scan('accept', 'clerk', number), id: null },
        scan('accept', 'clerk', number)]);
    assert.deepEqual(replies.map((r) => r.problem), ['bad-check-digit', 'bad-code', 'forbidden',
        'invalid-fields', 'invalid-fields', 'invalid-fields', 'invalid-fields', 'unknown-unit',
        'invalid-fields', 'invalid-fields', 'bad-code', 'invalid-fields', null]);
    assert.equal(replies.at(-1).outcome, 'recorded');
    assert.equal(await count(`custody.event where subject = '${number}'`), 2);
});

test('what is out of place is recorded, with a warning and an exception', async () => {
    const number = await shipment(session, 'result');
    await one('accept', 'clerk', number);
    const illegal = await one('fail', 'courier', number, { reason: 'absent', next_action: 'retry' });
    assert.deepEqual([illegal.outcome, illegal.state, illegal.warnings], ['exception', 'accepted', ['illegal_step']]);
    await one('out_for_delivery', 'courier', number);
    // Somebody else's hands: custody follows the thing, but not to the end.
    const strange = await one('deliver', 'courier2', number, { recipient: 'A' });
    assert.deepEqual([strange.outcome, strange.state, strange.warnings],
        ['exception', 'out_for_delivery', ['wrong_holder_waits']]);
    const taken = await one('take_over', 'courier2', number);
    assert.deepEqual([taken.outcome, taken.holder_ref, taken.warnings],
        ['exception', me('courier2'), ['wrong_holder']]);
    const unproved = await one('deliver', 'courier2', number);
    assert.deepEqual([unproved.outcome, unproved.state, unproved.warnings],
        ['exception', 'out_for_delivery', ['no_proof']]);
    assert.deepEqual((await db.query(`select code from custody.exception where subject = '${number}' order by id`))
        .flat(), ['illegal_step', 'wrong_holder_waits', 'wrong_holder', 'no_proof']);
    await equal_to_folds();
});

test('an agency is delivered to by its signature alone', async () => {
    const number = await shipment(session);
    await one('accept', 'clerk', number);
    await one('out_for_delivery', 'courier', number);
    const scanned = await one('deliver', 'courier', number, { recipient: 'Hoàng Thị Thử' });
    assert.deepEqual([scanned.outcome, scanned.state, scanned.warnings],
        ['exception', 'out_for_delivery', ['agency_not_signed']]);
    const actions = await db.json(`select custody.allowed_actions('${number}', 4, ${everybody.courier.unit},
        ${everybody.courier.id})`);
    assert.ok(!actions.some((action) => action.kind === 'deliver'), 'the button is not offered');
});

test('a step that waits for a person counts once that person says yes', async () => {
    const number = await shipment(session, 'result');
    await one('accept', 'clerk', number);
    await one('out_for_delivery', 'courier', number);
    await one('deliver', 'courier2', number, { recipient: 'A' });
    const id = await db.value(`select id from custody.exception where subject = '${number}'`);
    await session.query(`select custody.exception_resolve(${everybody.clerk.id}, ${everybody.clerk.unit},
        true, ${id}, 'accept', 'Bưu tá đã đổi tuyến cho nhau.')`);
    assert.deepEqual(await db.query(`select state, holder_kind from custody.shipment where number = '${number}'`),
        [['delivered', 'addressee']]);
    assert.equal(await count(`custody.exception where subject = '${number}'`), 1);
    await equal_to_folds();
});

test('a scan that was taken back before it came has no effect', async () => {
    const number = await shipment(session), other = await shipment(session);
    await one('accept', 'clerk', number);
    const lost = scan('take_over', 'courier', number), time = Date.now() - HOUR + 1000 * clock;
    await one('reverse', 'supervisor', number, { refers: lost.id, time: time - 500 });
    const [late] = await record(session, everybody, [lost]);
    assert.deepEqual(told(late), ['recorded', 'accepted', 'place', '46-B1']);
    await one('accept', 'clerk', other);
    await equal_to_folds();
});

test('where nobody can be, and where it does not belong: recorded, and told', async () => {
    const [[far]] = await db.query(`insert into account.account (login, name, unit_id, roles)
        select 'far', 'Bùi Thị Xa', id, 2 from postal.unit where code = '46-B9' returning id, unit_id`,
    'dossierpost_owner');
    everybody.far = { id: Number(far), unit: Number(await db.value("select id from postal.unit where code = '46-B9'")),
                      roles: 2 };
    const number = await shipment(session);
    await one('accept', 'clerk', number);
    const astray = await one('arrive', 'far', number);
    assert.deepEqual([astray.outcome, astray.state, astray.holder_ref, astray.warnings],
        ['exception', 'arrived', '46-B9', ['wrong_route', 'impossible_speed']]);
    const slow = await shipment(session), at = Date.now() - 8 * HOUR;
    await one('accept', 'clerk', slow, { time: at });
    assert.deepEqual((await one('arrive', 'far', slow, { time: at + 2 * HOUR })).warnings, ['wrong_route']);
    assert.deepEqual((await one('arrive', 'hub', slow, { time: at + 2 * HOUR + 60000 })).warnings, ['impossible_speed']);
    assert.deepEqual((await one('arrive', 'clerk', slow, { time: at + 4 * HOUR })).warnings, []);
    await equal_to_folds();
});

test('a clock that was far off is a person’s to look at', async () => {
    const number = await shipment(session);
    const reply = async (data, kind) => (await one(kind, 'clerk', number, { data })).warnings;
    assert.deepEqual(await reply({ skew_ms: 400000 }, 'accept'), ['clock_corrected']);
    assert.deepEqual(await reply({ skew_ms: -4000000 }, 'accept'), ['clock_far', 'illegal_step']);
    assert.deepEqual(await reply({ clock_off_ms: 9e11 }, 'damage'), ['clock_far']);
});

// A courier goes on scanning a label until it is printed again: a person looks at it once.
test('a label of a revoked key is one exception until it is decided', async () => {
    const number = await shipment(session), data = { label_copy: 1, label_revoked: true };
    const opened = () => db.query(`select event_id, resolved_at is not null from custody.exception
        where subject = '${number}' and code = 'revoked_label' order by id`);
    const scans = [];
    const again = async (kind, more = {}) => {
        const reply = await one(kind, 'clerk', number, { data, ...more });
        assert.deepEqual([reply.outcome, reply.warnings], ['exception', ['revoked_label']]);
        scans.push(reply.event);
    };
    const time = Date.now() - HOUR;
    await again('accept', { time });
    await again('count', { time: time + 120000 });
    await again('count', { time: time + 60000 }); // late, and the fold is made anew
    assert.deepEqual(await opened(), [[scans[0], 'f']]);
    assert.equal(await count(`custody.event where subject = '${number}' and 'revoked_label' = any (warnings)`), 3);
    await equal_to_folds();
    await session.query(`select (custody.refold('${number}')).last_id`);
    assert.deepEqual(await opened(), [[scans[0], 'f']]);

    const id = await db.value(`select id from custody.exception where event_id = '${scans[0]}'`);
    await session.query(`select custody.exception_resolve(${everybody.clerk.id}, ${everybody.clerk.unit},
        true, ${id}, 'dismiss', 'Nhãn đúng của bưu gửi.')`);
    await again('count');
    await again('count');
    assert.deepEqual(await opened(), [[scans[0], 't'], [scans[3], 'f']]);

    const other = await shipment(session);
    await one('accept', 'clerk', other, { data });
    assert.equal(await count(`custody.exception where subject = '${other}' and code = 'revoked_label'`), 1);
});

test('into a bag, out and in again within one instant', async () => {
    const number = await shipment(session), bag = await container(session, '46-B1', '46-H1');
    await one('accept', 'clerk', number);
    const time = Date.now() - 1000;
    for (const [seq, kind] of ['bag', 'unbag', 'bag'].entries())
        assert.deepEqual((await one(kind, 'clerk', number, { container: bag, time, seq })).outcome, 'recorded');
    assert.equal(await count(`container.membership where subject = '${number}'`), 2);
    await equal_to_folds();
});

test('an offer makes the taker the expected one', async () => {
    const number = await shipment(session);
    await one('collect', 'courier', number);
    await one('hand_over', 'courier', number, { target: 'courier2' });
    assert.deepEqual(told(await one('take_over', 'courier2', number)),
        ['recorded', 'accepted', 'person', me('courier2')]);
});

test('scans of an unknown number wait for it and attach', async () => {
    const [[next]] = await session.query(`select indicator || lpad(next::text, 8, '0')
        || postal.s10_check_digit(lpad(next::text, 8, '0')) || 'VN' from postal.s10_block b
        join postal.unit u on u.id = b.unit_id where u.code = '46-B1' and indicator = 'RR'`);
    const early = await one('collect', 'courier', next);
    assert.deepEqual([early.outcome, early.state, early.warnings], ['exception', null, ['unknown_shipment']]);
    assert.equal(await shipment(session), next);
    assert.equal(await db.value(`select state from custody.shipment where number = '${next}'`), 'accepted');
    await equal_to_folds();
});

test('an unknown number and its shipment made at the same time: neither misses the other', async () => {
    const [a, b] = [db.session(), db.session()];
    const [[next]] = await session.query(`select indicator || lpad(next::text, 8, '0')
        || postal.s10_check_digit(lpad(next::text, 8, '0')) || 'VN' from postal.s10_block b
        join postal.unit u on u.id = b.unit_id where u.code = '46-B1' and indicator = 'RR'`);
    await a.query('begin');
    await record(a, everybody, [scan('collect', 'courier', next)]);
    const making = shipment(b);
    await new Promise((done) => setTimeout(done, 200));
    await a.query('commit');
    assert.equal(await making, next);
    assert.equal(await db.value(`select state from custody.shipment where number = '${next}'`), 'accepted');
});

test('times: a clock ahead is cut to the receipt, far ids are exceptions, the old waits for a yes', async () => {
    const number = await shipment(session);
    const ahead = await one('accept', 'clerk', number, { time: Date.now() + 2 * HOUR });
    assert.deepEqual([ahead.outcome, ahead.state, ahead.warnings], ['exception', 'accepted', ['clock_ahead']]);
    assert.equal(await count(`custody.event where subject = '${number}' and at > received_at`), 0);
    const far = await one('count', 'clerk', number, { id: uuid7(Date.now() + 9 * DAY) });
    assert.deepEqual(far.warnings, ['id_window']);
    const old = await shipment(session);
    const held = scan('accept', 'clerk', old, { time: Date.now() - 70 * DAY });
    const [reply] = await record(session, everybody, [held]);
    assert.deepEqual([reply.outcome, reply.state, reply.warnings.sort()],
        ['exception', 'created', ['held_too_long', 'id_window']]);
    const id = await db.value(`select id from custody.exception where subject = '${old}' and code = 'held_too_long'`);
    await session.query(`select custody.exception_resolve(a.id, a.unit_id, true, ${id}, 'accept', 'đã gọi bưu cục')
        from account.account a where login = 'supervisor'`);
    assert.equal(await db.value(`select state from custody.shipment where number = '${old}'`), 'accepted');
    await equal_to_folds();
});

test('undo within ten minutes by the same person, reverse by a supervisor', async () => {
    const number = await shipment(session);
    const accept = scan('accept', 'clerk', number);
    await record(session, everybody, [accept]);
    const other = await one('undo', 'clerk2', number, { refers: accept.id });
    assert.deepEqual([other.outcome, other.state, other.warnings], ['exception', 'accepted', ['undo_refused']]);
    assert.equal((await one('undo', 'clerk', number, { refers: accept.id })).state, 'created');
    const again = scan('accept', 'clerk', number);
    await record(session, everybody, [again]);
    const late = await one('undo', 'clerk', number, { refers: again.id, time: Date.parse(again.at) + 11 * 60000 });
    assert.deepEqual([late.state, late.warnings], ['accepted', ['undo_refused']]);
    assert.equal((await one('reverse', 'supervisor', number, { refers: again.id })).state, 'created');
    await equal_to_folds();
});

test('a bag: contents follow it; not into itself, not five deep, not when sealed', async () => {
    const bags = [];
    for (let i = 0; i < 5; i++) bags.push(await container(session, '46-B1', '46-H1'));
    const number = await shipment(session);
    await one('accept', 'clerk', number);
    await one('bag', 'clerk', number, { container: bags[0] });
    await one('close', 'clerk', bags[0]);
    const sealed = await one('bag', 'clerk', (await shipment(session)), { container: bags[0] });
    assert.deepEqual([sealed.outcome, sealed.warnings], ['exception', ['illegal_step']]);
    const ready = await shipment(session);
    await one('accept', 'clerk', ready);
    assert.deepEqual((await one('bag', 'clerk', ready, { container: bags[0] })).warnings, ['closed_bag']);
    for (let i = 1; i < 4; i++) {
        assert.equal((await one('bag', 'clerk', bags[i - 1], { container: bags[i] })).outcome, 'recorded');
        await one('close', 'clerk', bags[i]);
    }
    assert.deepEqual((await one('bag', 'clerk', bags[3], { container: bags[4] })).warnings, ['bag_too_deep']);
    assert.equal((await one('depart', 'courier', bags[3])).outcome, 'recorded');
    const [where] = await session.query(`select state, holder_kind, holder_id, container from custody.resolved('${number}')`);
    assert.deepEqual(where, ['departed', 'person', me('courier'), bags[0]]);
    await one('arrive', 'hub', bags[3]);
    const early = await one('arrive', 'hub', number);
    assert.deepEqual([early.outcome, early.state, early.warnings], ['exception', 'arrived', ['sealed_bag']]);
    const loop = await container(session, '46-H1', '46-B1');
    assert.deepEqual((await one('bag', 'hub', loop, { container: loop })).warnings, ['bag_cycle']);
    await one('bag', 'hub', number, { container: loop });
    await one('close', 'hub', loop);
    await equal_to_folds();
    const story = await db.json(`select custody.history('${number}')`);
    const told = story.map((e) => `${e.kind}${e.subject === number ? '' : '*'}`);
    assert.deepEqual(told.filter((kind) => kind !== 'close*' && kind !== 'bag*'),
        ['create', 'accept', 'bag', 'depart*', 'arrive*', 'arrive', 'bag']);
});

test('closing an empty or closed container is a problem, not an event', async () => {
    const bag = await container(session, '46-B1', '46-H1');
    const close = (who) => session.query(`select container.close(a.id, a.unit_id, a.roles, base.uuid_v7(),
        '${bag}', 'VNP 1', '\\x01') from account.account a where login = '${who}'`);
    await assert.rejects(close('clerk'), /container-closed/);
    const number = await shipment(session);
    await one('accept', 'clerk', number);
    await one('bag', 'clerk', number, { container: bag });
    await assert.rejects(close('clerk2'), /forbidden/);
    await close('clerk');
    await assert.rejects(close('clerk'), /container-closed/);
    assert.equal(await count(`custody.event where subject = '${bag}' and kind = 'close'`), 1);
});

// Any open transaction of the cluster (autovacuum's, too) holds the sequencer's horizon back a while.
async function sequenced(enough) {
    for (let turn = 0; turn < 400 && !await enough(); turn++) {
        await session.query('select given from custody.sequence(50)');
        await new Promise((done) => setTimeout(done, 5));
    }
    assert.ok(await enough());
}

test('the sequencer: dense, once, chained, whoever calls it', async () => {
    const others = [db.session(), db.session(), db.session()];
    await Promise.all(others.map((s) => s.query('select * from custody.sequence(7)')));
    await sequenced(async () => await count('custody.event') === await count('custody.log'));
    assert.equal(await count(`(select position, row_number() over (order by position) as n from custody.log) x
        where position <> n`), 0);
    assert.equal(await count(`custody.event e where not exists (select from custody.log l
        where l.subject = e.subject and l.event_id = e.id)`), 0);
    assert.equal(await count(`(select l.hash, l.prev, coalesce(l.joined, '') || custody.event_bytes(e) as bytes,
            lag(l.hash, 1, decode(repeat('00', 32), 'hex')) over (partition by l.subject order by l.position) as before
        from custody.log l join custody.event e on e.subject = l.subject and e.id = l.event_id) x
        where prev <> before or hash <> sha256(prev || bytes)`), 0);
});

test('a turn takes whole transactions, about as many events as asked for', async () => {
    const all = (await db.query('select xid, length(subject) from custody.event order by xid'))
        .map(([xid, length]) => ({ xid: Number(xid), bag: Number(length) === 29 }));
    const xids = [...new Set(all.map((e) => e.xid))], last = xids.at(-1);
    const most_of = (n) => Math.max(...xids.map((x) => all.filter((e) => e.xid === x).length)) > n;
    assert.ok(xids.length > 30 && most_of(2) && all.some((e) => e.bag));
    for (const from of [0, xids[3], xids[3] + 1, last, last + 1])
        for (const end of [xids[9], last, last + 1, last + 1000])
            for (const most of [1, 2, 7, 50, 100000]) {
                const ahead = all.filter((e) => e.xid >= from && e.xid < end);
                // (the first that goes too far ends the turn, unless it is the only one)
                const to = ahead.length <= most ? end : Math.max(ahead[most].xid, ahead[0].xid + 1);
                const taken = ahead.filter((e) => e.xid < to);
                const [turn] = await db.query(`select * from custody.next_turn(${from}, ${end}, ${most})`);
                assert.deepEqual(turn.map(Number), [to, taken.length, taken.filter((e) => e.bag).length],
                    `${most} of ${from} to ${end}`);
            }
});

test('the sequencer leaves out what is not surely committed, and finds it later', async () => {
    const [first, second] = [await shipment(session), await shipment(session)];
    const given = () => count(`custody.log where subject in ('${first}', '${second}')`);
    await sequenced(async () => await given() === 2);
    const open = db.session();
    await open.query('begin');
    await record(open, everybody, [scan('accept', 'clerk', first)]);
    await one('accept', 'clerk', second);
    await session.query('select * from custody.sequence()');
    assert.equal(await given(), 2);
    await open.query('commit');
    await sequenced(async () => await given() === 4);
});

test('the service cannot change or remove what happened', async () => {
    const tables = (await db.query(`select c.oid::regclass from pg_class c join pg_namespace n
        on n.oid = c.relnamespace where n.nspname = 'custody' and c.relkind in ('r', 'p')
        and (c.relname like 'event%' or c.relname = 'log')`)).flat();
    assert.ok(tables.length >= 8, tables.join());
    for (const table of tables) {
        for (const sql of [`update ${table} set subject = subject`, `delete from ${table}`, `truncate ${table}`])
            await assert.rejects(session.query(sql), /permission denied/, sql);
    }
    await assert.rejects(session.query('delete from custody.shipment'), /permission denied/);
    await assert.rejects(session.query(`update custody.transition set to_state = 'delivered'`), /permission denied/);
});

test('a shipment has exactly one holder of a known kind', async () => {
    const number = await shipment(session);
    const owner = db.session('dossierpost_owner');
    for (const set of [`holder_id = null`, `holder_kind = 'nobody'`, `holder_kind = null`, `holder_kind = 'bag'`])
        await assert.rejects(owner.query(`update custody.shipment set ${set} where number = '${number}'`), /violates/);
});

test('a tampered projection is found by rebuild', async () => {
    const number = await shipment(session);
    const owner = db.session('dossierpost_owner');
    await owner.query(`update custody.shipment set state = 'delivered' where number = '${number}'`);
    const found = await session.query('select subject, what from custody.rebuild()');
    assert.deepEqual(found, [[number, 'shipment']]);
    await owner.query(`select custody.refold('${number}')`);
    await equal_to_folds();
});
