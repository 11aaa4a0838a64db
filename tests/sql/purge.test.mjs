// The end of the time of keeping: which months of events may go, what stays of them, and what comes
// later about what is gone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { container, people, record, shipment, uuid7 } from './scans.mjs';
import { test_database } from './cluster.mjs';
import { keep } from './kept.mjs';

const OWNER = 'dossierpost_owner', ID = '01900000-0000-7000-8000-000000000009';
const DAY = 86400000;
// The third month back is wholly over 60 days old, whatever today is.
const first_of = (months, now = new Date()) => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1);
const EVENTS = 13; // that went
const FROM = first_of(-3), TO = first_of(-2);
const day = (time) => new Date(time).toISOString().slice(0, 10);
const NAME = `event_${day(FROM).slice(0, 7).replace('-', '')}`;
let db, session, everybody, owner;
let ended, lost, bagged, bag, dossier; // all of that month, and done with

// What was just recorded happened that month instead: its own ids, times of receipt, positions none.
async function aged(subjects) {
    const list = subjects.map((s) => `'${s}'`);
    await owner.query(`update custody.event e set received_at = n.at, at = least(e.at, n.at), device_at = n.at,
            id = overlay(n.id::text placing substr(custody.uuid_floor(n.at)::text, 1, 13) from 1 for 13)::uuid
        from (select subject, id, to_timestamp(${(FROM + DAY) / 1000}) + row_number() over (order by xid, id) * interval '1 s' as at
              from custody.event where subject in (${list})) n
        where e.subject = n.subject and e.id = n.id;
        update custody.shipment s set last_id = e.id, last_at = e.at from custody.event e
        where s.number in (${list}) and e.subject = s.number and e.kind <> 'create'
          and e.at = (select max(x.at) from custody.event x where x.subject = s.number)`);
}

async function sequence() {
    for (let more = true; more;) {
        await session.query('select given from custody.sequence(10000)');
        more = await db.value(`select 1 where (select count(*) from custody.event) >
            (select count(*) from custody.log l join custody.event e on e.subject = l.subject and e.id = l.event_id)`);
    }
}
const checkpoint = () => db.query(`insert into custody.checkpoint (size, root, at, key, signature)
    select position, sha256('r'), now(), sha256('k'), sha256('a') || sha256('b') from custody.log_head
    where position > 0 on conflict do nothing`);
const scan = async (kind, subject, more = {}) => (await record(session, everybody, [{ id: uuid7(Date.now()),
    kind, who: 'clerk', subject, at: new Date(Date.now() - 1000).toISOString(), ...more }]))[0];
const purge = (dry = false, to = TO, name = NAME) =>
    db.json(`select custody.purge_partition('${name}', '${day(to)}', ${dry})`, OWNER);
// What a look says after this, which is taken back.
async function undone(sql) {
    await owner.query('begin');
    try {
        await owner.query(sql);
        return JSON.parse((await owner.query(`select custody.purge_partition('${NAME}', '${day(TO)}', true)`))[0][0]);
    } finally {
        await owner.query('rollback');
    }
}
const rebuilt = () => session.query('select * from custody.rebuild()');
const state = () => db.query(`select c.relname, (select count(*) from custody.event), (select count(*) from custody.payload),
    (select count(*) from custody.purge), (select count(*) from custody.purged), (select sum(s.loose::int) from custody.shipment s)
    from pg_inherits join pg_class c on c.oid = inhrelid where inhparent = 'custody.event'::regclass order by 1`);

before(async () => {
    db = await test_database();
    session = db.session();
    owner = db.session(OWNER);
    everybody = await people(db);
    [lost, bagged] = [await shipment(session), await shipment(session)];
    const view = await db.json(`select dossier.intake(${everybody.clerk.id}, ${everybody.clerk.unit}, 2,
        jsonb_build_object('id', base.uuid_v7(), 'procedure', '1.004873', 'agency', '46-A1', 'service', 'both',
        'applicant_kind', 'citizen', 'from_commune', '19789', 'weight_g', 80,
        'documents', '[{"name": "Đơn", "originals": 1, "copies": 0}]'::jsonb, 'result_to_kind', 'address',
        'result_commune', '19777'), '\\x01', '\\x02', '\\x03', '\\x04', 'digest')`);
    [dossier, ended] = [view, view.shipments[0].number];
    bag = await container(session, '46-B1', '46-H1');
    for (const [kind, subject, more] of [['accept', ended, { recipient: 'Nguyễn Văn Kín' }],
        ['seize', ended, { who: 'supervisor' }], ['lost', lost, { who: 'supervisor' }], ['accept', bagged],
        ['bag', bagged, { container: bag }], ['close', bag, { data: { seal: 'S1' } }], ['open', bag],
        ['seize', bagged, { who: 'supervisor' }]])
        assert.equal((await scan(kind, subject, more)).outcome, 'recorded', kind);
    await owner.query(`update dossier.dossier set status = 10, ended_at = created_at where id = '${dossier.id}'`);
});
after(() => db.end());

test('a month goes only when it lies wholly before the day and 60 days back', async () => {
    const names = async (before) => (await db.query(`select name from custody.purgeable('${before}')`)).flat();
    assert.deepEqual(await names(day(TO)), [NAME]);
    assert.deepEqual(await names(day(TO - DAY)), []);
    const now = Date.now();
    const months = [-3, -2, -1, 0, 1].filter((n) => first_of(n + 1) <= now - 60 * DAY);
    assert.deepEqual(await names('2999-01-01'), months.map((n) =>
        `event_${day(first_of(n)).slice(0, 7).replace('-', '')}`));
    await assert.rejects(purge(false, TO, 'event_default'), /no partition event_default that may be purged/);
    await assert.rejects(purge(false, TO - DAY), /no partition/);
    await assert.rejects(db.query(`select custody.purge_partition('${NAME}', '${day(TO)}', false)`), /permission denied/);
    for (const table of ['custody.purge', 'custody.purged'])
        await assert.rejects(db.query(`insert into ${table} select * from ${table}`), /permission denied/);
});

test('what keeps it: no position, no checkpoint, and subjects that are not done with', async () => {
    await aged([ended, lost, bagged, bag, dossier.id]);
    assert.equal(await db.value('select count(*) from custody.payload'), '1');
    await owner.query(`update custody.payload p set event = e.id from custody.event e
        where e.subject = p.subject and e.mac is not null`);
    assert.deepEqual((await purge()).refused, { count: EVENTS, first: [{ why: 'unplaced' }] });
    await sequence();
    assert.deepEqual((await purge()).refused, { count: 1, first: [{ why: 'uncovered' }] });
    await checkpoint();
    const good = await purge(true);
    assert.deepEqual([good.refused, good.purged, good.events, good.position, good.checkpoint],
        [undefined, false, EVENTS, EVENTS, EVENTS], JSON.stringify(good));

    const cases = [
        ['under_way', ended, `update custody.shipment set state = 'arrived' where number = '${ended}'`],
        ['under_way', bagged, `update custody.shipment set state = 'arrived' where number = '${bagged}'`],
        ['under_way', dossier.id, `update dossier.dossier set status = 4 where id = '${dossier.id}'`],
        ['recent', lost, `update custody.event set received_at = '${day(TO)}T00:00Z'
            where subject = '${lost}' and kind = 'lost'`],
        ['exception', ended, `insert into custody.exception (subject, event_id, code)
            select subject, id, 'clock_far' from custody.event where subject = '${ended}' limit 1`],
        ['handover', ended, `insert into custody.handover (id, from_account, to_kind, to_id, digest)
            values ('${ID}', 1, 'unit', 1, '\\x01');
            insert into custody.handover_item (handover, number, line) values ('${ID}', '${ended}', 1)`],
        ['not_empty', bag, `update container.closure set opened_at = null where container = '${bag}'`],
        // Nothing of it is of that month, but it is judged by the bag that it lay in.
        ['under_way', bagged, `delete from custody.log where subject = '${bagged}';
            delete from custody.event where subject = '${bagged}';
            update custody.shipment set state = 'arrived' where number = '${bagged}'`],
    ];
    for (const [why, subject, sql] of cases)
        assert.deepEqual((await undone(sql)).refused, { count: 1, first: [{ subject, why }] }, sql);
});

test('a look changes nothing', async () => {
    const kept = await state();
    assert.equal((await purge(true)).purged, false);
    assert.deepEqual(await state(), kept);
});

let late;

test('an event that has come since the look keeps it', async () => {
    const kept = await state();
    for (const subject of [lost, await shipment(session)]) {
        await owner.query('begin');
        const [[xid, look]] = await owner.query(`select pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
            custody.purge_look('${NAME}', '${day(TO)}')`);
        await owner.query(`select custody.append('${subject}', base.uuid_v7(), 'finding', 1, 1)`);
        const drop = owner.query(`select custody.purge_drop('${look}', '${day(TO)}', ${xid})`);
        await (subject === lost ? assert.rejects(drop, /an event has come meanwhile/) : drop);
        await owner.query('rollback');
    }
    assert.deepEqual((await state()).map((row) => row[0]), kept.map((row) => row[0]));
});

test('who records all the while keeps it', async () => {
    const busy = db.session();
    await busy.query('begin');
    await record(busy, everybody, [{ id: uuid7(FROM + 2 * DAY), kind: 'count', who: 'clerk', subject: lost,
        at: new Date().toISOString() }]);
    const kept = await state();
    const told = await purge();
    assert.deepEqual([told.purged, told.refused], [false, { count: 1, first: [{ why: 'busy' }] }]);
    await busy.query('rollback');
    assert.deepEqual(await state(), kept);
});

test('files stay as long as a shipment of their dossier has something younger, and go with that', async (t) => {
    t.after(() => owner.query('rollback')); // whatever happens here: others wait for its locks
    const far = 'ffffffff-0000-7000-8000-000000000000', from = `custody.uuid_floor('${day(TO)}T00:00Z')`;
    const gone = async () => (await owner.query(`select custody.purge_whole(${from}, '${far}')`)).flat();
    await owner.query('begin');
    await owner.query(`insert into attachment.file (subject, ref, kind, size, account)
        values ('${dossier.id}', repeat('b', 64), 'photo', 1, 1);
        select custody.create_shipment('${dossier.id}', 'result', ${everybody.clerk.unit}, ${everybody.clerk.unit}, 50, 0)`);
    const people = () => owner.query(`select erased_at is null, sealed is not null from dossier.personal where dossier = '${dossier.id}'`);
    const [[told]] = await owner.query(`select custody.purge_partition('${NAME}', '${day(TO)}', false)`);
    assert.equal(JSON.parse(told).purged, true, told);
    assert.equal((await owner.query('select count(*) from attachment.file'))[0][0], '1');
    assert.deepEqual(await people(), [['t', 't']], 'whoever brings it needs the address');
    assert.ok((await gone()).includes(dossier.id), 'when the younger month goes');
    await owner.query(`update dossier.dossier set status = 4 where id = '${dossier.id}'`);
    assert.ok(!(await gone()).includes(dossier.id), 'not while it is under way');
});

test('it goes: its rows in the log stay, payloads and files go, and the purge is an event', async () => {
    const log = () => db.query(`select position, subject, event_id, prev, hash from custody.log where subject <> 'purge' order by 1`);
    [late] = await db.query(`select id, kind from custody.event where subject = '${ended}' and kind = 'accept'`);
    for (const subject of [dossier.id, '00000000-0000-4000-8000-000000000001'])
        await db.query(`insert into attachment.file (subject, ref, kind, size, account)
            values ('${subject}', repeat('a', 64), 'photo', 1, 1)`);
    const kept = await log();
    // What was written with reprints, and with a decision.
    await db.query(`insert into paper.issued (kind, subject, occasion, unit, copies) values ('authorisation', '${dossier.id}', '', 1, 2);
        insert into paper.print (kind, subject, occasion, copy, version, actor, reason)
        select 'authorisation', '${dossier.id}', '', n, '2025', 1, case n when 2 then 'ông Kín làm mất' end from generate_series(1, 2) n;
        insert into label.print (number, copy, actor, template, reason) values ('${ended}', 1, 1, 'shipment', null),
            ('${ended}', 2, 1, 'shipment', 'ông Kín làm rách');
        insert into custody.exception (subject, event_id, code, decision, note, resolved_at)
        select subject, id, 'clock_far', 'dismiss', 'ông Kín gọi', now() from custody.event where subject = '${ended}' limit 1`);
    await db.query(keep(dossier.code));
    assert.equal(await db.value('select count(*) from dossier.told'), '1');
    const told = await purge();
    assert.deepEqual([told.purged, told.refused], [true, undefined], JSON.stringify(told));
    assert.equal(await db.value('select count(*) from dossier.told'), '0', 'what was kept told of them');
    assert.deepEqual((await db.query('select subject from attachment.file')).flat(),
        ['00000000-0000-4000-8000-000000000001']);
    assert.equal(await db.value(`select to_regclass('custody.${NAME}')`), null);
    assert.deepEqual(await log(), kept);
    assert.equal(await db.value('select count(*) from custody.payload'), '0');
    assert.deepEqual(await db.query(`select num_nonnulls(sealed, key, salt), erased_at is not null, (select digest is null from
        dossier.dossier d where d.id = p.dossier) from dossier.personal p where dossier = '${dossier.id}'`), [['0', 't', 't']]);
    assert.deepEqual(await db.query(`select copy, reason from paper.print where subject = '${dossier.id}' union all
        select copy, reason from label.print where number = '${ended}' union all
        select 0, note from custody.exception where subject = '${ended}' order by 1`),
        [['0', null], ['1', null], ['1', null], ['2', null], ['2', null]], 'counted, without a word');
    await sequence();
    assert.equal(await db.value(`select e.data = jsonb_build_object('partition', p.name, 'from', p.from_id, 'to', p.to_id,
        'events', p.events, 'position', p.position, 'checkpoint', p.checkpoint) and p.events = ${EVENTS} and p.by_role = '${OWNER}'
        from custody.purge p join custody.event e on e.subject = 'purge' and e.id = p.event
        join custody.log l on l.subject = e.subject and l.event_id = e.id`), 't');
    assert.deepEqual((await db.query('select subject from custody.purged order by 1')).flat(),
        [ended, lost, bagged, bag, dossier.id].sort());
});

test('the event of a purge outlives its own month', async () => {
    await owner.query('begin');
    await owner.query(`select custody.make_partition('2020-01-01T00:00Z');
        update custody.event set id = '016f5e66-e800-7000-8000-000000000001' where subject = 'purge'`);
    assert.equal((await owner.query(`select tableoid::regclass from custody.event where subject = 'purge'`))[0][0],
        'custody.event_202001');
    const [[text]] = await owner.query(`select custody.purge_partition('event_202001', '2020-02-01', false)`);
    assert.deepEqual([JSON.parse(text).purged, JSON.parse(text).events], [true, 0]);
    assert.equal((await owner.query(`select tableoid::regclass from custody.event where subject = 'purge'
        and id < '${uuid7(TO)}'`))[0][0], 'custody.event_default');
    await owner.query('rollback');
});

test('nothing is made again in its place', async () => {
    const made = `select custody.make_partitions_at('${new Date(first_of(0)).toISOString()}')`;
    assert.equal(await db.value(made, OWNER), '0');
    assert.equal(await db.value(`select to_regclass('custody.${NAME}')`), null);
});

const standing = (number) => db.value(`select jsonb_build_object('state', state, 'holder', holder_id, 'last', last_id,
    'events', events) from custody.shipment where number = '${number}'`);

test('a repeat of what is gone is a duplicate, whatever it says', async () => {
    const kept = await standing(ended);
    const again = await scan('accept', ended, { id: late[0] });
    assert.deepEqual([again.outcome, again.first, again.problem], ['duplicate', { purged: true }, null]);
    assert.equal(await db.value(`select count(*) from custody.event where id = '${late[0]}'`), '0');
    assert.equal(await db.value(`select custody.append('${ended}', '${late[0]}', 'finding', 1, 1)`), 'f');
    assert.equal(await standing(ended), kept);
});

test('a scan that comes now is an exception, and where it stands stays as it was', async () => {
    for (const [subject, kind, more] of [[lost, 'found', {}], [ended, 'accept', {}],
        [ended, 'undo', { refers: late[0] }], [bagged, 'count', { id: uuid7(FROM + 3 * DAY) }]]) {
        const kept = await standing(subject);
        const sent = { id: uuid7(Date.now()), at: new Date(Date.now() - 1000).toISOString(), ...more };
        const told = await scan(kind, subject, sent);
        assert.equal(told.outcome, 'exception', kind);
        assert.ok(told.warnings.includes('purged_history'), `${kind} ${told.warnings}`);
        assert.equal(await standing(subject), kept);
        assert.equal(told.state, JSON.parse(kept).state);
        assert.equal(await db.value(`select count(*) from custody.exception where event_id = '${sent.id}'
            and code = 'purged_history'`), '1');
        const again = await scan(kind, subject, sent);
        assert.deepEqual([again.outcome, again.first.outcome], ['duplicate', 'exception']);
    }
    const opened = await db.value(`select to_jsonb(c) from container.container c where id = '${bag}'`);
    assert.ok((await scan('depart', bag)).warnings.includes('purged_history'));
    assert.equal(await db.value(`select to_jsonb(c) from container.container c where id = '${bag}'`), opened);
    await sequence();
    assert.equal(await db.value(`select tableoid::regclass from custody.event where subject = '${bagged}'
        and id < '${uuid7(TO)}'`), 'custody.event_default');
});

test('commands about it fold nothing, and a repeated one makes nothing twice', async () => {
    for (const subject of [ended, lost, bagged]) {
        const kept = await standing(subject);
        await db.query(`select custody.refold('${subject}')`);
        assert.equal(await standing(subject), kept);
    }
    const kept = `select to_jsonb(d) - 'digest' from dossier.dossier d where id = '${dossier.id}'`;
    const then = await db.value(kept);
    assert.equal(await db.value(`select dossier.erase('${dossier.id}', 1)`), 'f', 'nothing is left to erase');
    assert.equal(await db.value(kept), then);
    assert.equal(await db.value(`select container.create(${everybody.clerk.id}, ${everybody.clerk.unit}, c.request,
        'receptacle', '46-B1', '46-H1', '\\x01') ->> 'id' from container.container c where c.id = '${bag}'`), bag);
});

test('projections are compared without it, and made partitions leave what came late where it is', async () => {
    assert.deepEqual(await rebuilt(), []);
    const fresh = await shipment(session);
    assert.equal((await scan('accept', fresh)).outcome, 'recorded');
    await owner.query(`update custody.shipment set state = 'lost' where number = '${fresh}'`);
    assert.deepEqual((await rebuilt()).map((row) => row[0]), [fresh]);
    assert.equal(await db.value(`select custody.make_partitions_at('${new Date(first_of(0)).toISOString()}')`, OWNER), '0');
});

test('history and evidence say what is left', async () => {
    const story = await db.json(`select custody.history('${ended}')`);
    assert.deepEqual(story.map((one) => [one.kind, one.effect]), [['accept', false], ['undo', false]]);
    const size = await db.value('select position from custody.log_head');
    const evidence = await db.json(`select custody.evidence_of('${ended}', 'shipment', '-infinity', 'infinity', ${size})`);
    assert.deepEqual(evidence.events.map((one) => one.purged ?? false), [true, true, true, false, false]);
    assert.deepEqual([evidence.whole, evidence.uncovered], [true, 0]);
    assert.equal(evidence.events[1].event, late[0]);
    assert.equal(evidence.events[0].fields, undefined);
    for (const [key, purged] of [[ended, true], [dossier.code, true]]) {
        const view = await db.json(`select view from dossier.look('${key}')`);
        assert.equal(view.purged ?? false, purged);
        assert.deepEqual(view.timeline.map((one) => one.kind), []);
    }
    assert.equal(await db.value(`select custody.position_of('${ended}', '${late[0]}') > 0`), 't');
});
