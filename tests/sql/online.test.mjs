// Drafts below the program: who opens one, versions, what goes when their time is over, one filing
// among many at the same moment, and that an undone filing leaves everything as it was.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { test_database } from './cluster.mjs';
import { people, record, uuid7 } from './scans.mjs';

const HOLDER = `decode(repeat('11', 32), 'hex')`, OTHER = `decode(repeat('22', 32), 'hex')`;
const ONLINE = '1.004873'; // of level 4, by post
let db, all;

before(async () => {
    db = await test_database();
    all = await people(db);
});
after(() => db.end());

const uuid = () => db.value('select base.uuid_v7()');
const problem = (sql) => db.query(sql).then(() => 'none', (error) => /DP001: ([a-z-]+)/.exec(error.message)?.[1] ?? error.message);
const key_of = (id, { account = 0, holder = HOLDER, days = 30 } = {}) => `'${id}', ${account}, ${holder}, ${days}`;
const begin = (id, { account = 0, holder = HOLDER, from = '10.0.0.1', code = ONLINE, most = 1000 } = {}) =>
    `select retry_after, view from online.begin_draft('${id}', ${account}, ${holder}, '${from}', '${code}', '\\x01', '\\x02', 30, ${most})`;
const allowance = ({ from = '10.0.0.1', rate = 0, burst = 5 } = {}) => `'${from}', ${rate}, ${burst}`;
const save = (id, version, who) => `select retry_after from online.save(${key_of(id, who)}, ${allowance(who)}, ${version}, '\\x03', '\\x04')`;
const part = (id, who) => `select retry_after from online.take_part(${key_of(id, who)}, ${allowance(who)})`;
const PAPERS = [{ name: 'Tờ khai cấp Giấy xác nhận tình trạng hôn nhân', originals: 1, copies: 0 },
                { name: 'Giấy tờ chứng minh nơi cư trú', originals: 0, copies: 1 }];
function submit(id, { version = 1, body = {}, how = { bring: 'drop' }, who } = {}) {
    const whole = { id, procedure: ONLINE, agency: '46-A1', service: 'send', applicant_kind: 'citizen', from_commune: '19789',
        weight_g: 100, documents: PAPERS, result_to_kind: 'agency', ...body };
    return `select online.submit(${key_of(id, who)}, ${version}, '${JSON.stringify(whole)}', '${JSON.stringify(how)}',
        '\\x01', '\\x02', decode(repeat('03', 32), 'hex'), decode(repeat('04', 32), 'hex'), 'digest', ${OTHER})`;
}
async function draft(options) {
    const id = await uuid();
    await db.query(begin(id, options));
    return id;
}

test('a draft opens for its holder or its account alone', async () => {
    const held = await draft(), owned = await draft({ account: all.clerk.id, holder: 'null' });
    const opens = (id, who) => problem(`select online.get(${key_of(id, who)})`);
    assert.equal(await opens(held), 'none');
    assert.equal(await opens(owned, { account: all.clerk.id, holder: 'null' }), 'none');
    for (const who of [{ holder: OTHER }, { holder: 'null' }, { holder: 'null', account: all.clerk.id }])
        assert.equal(await opens(held, who), 'not-found');
    for (const who of [{}, { holder: 'null' }, { holder: 'null', account: all.officer.id }, { account: all.clerk.id }])
        assert.equal(await opens(owned, who), 'not-found');
    const owner = await db.value(`select owner from online.draft where id = '${held}'`);
    assert.equal(await opens(held, { holder: 'null', account: owner }), 'not-found', 'its number opens nothing');
    assert.equal(await opens(await uuid()), 'not-found');
});

test('the version counts each save, and refuses one that saw another', async () => {
    const id = await draft();
    await db.query(save(id, 1));
    assert.equal(await problem(save(id, 1)), 'precondition-failed');
    const [a, b] = [db.session(), db.session()];
    const told = await Promise.all([a, b].map((one) => one.query(save(id, 2)).then(() => 'saved', (e) => /DP001: ([a-z-]+)/.exec(e.message)?.[1])));
    assert.deepEqual(told.sort(), ['precondition-failed', 'saved']);
    assert.equal(await db.value(`select version from online.draft where id = '${id}'`), '3');
    await a.end();
    await b.end();
});

test('an address begins so many a day: another comes back in its share of the day; the /64 of IPv6 is one', async () => {
    for (const from of ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2']) await draft({ from, most: 2 });
    const wait = async (from) => Number((await db.query(begin(await uuid(), { from, most: 2 })))[0][0]);
    const seconds = await wait('2001:db8:1:2::3');
    assert.ok(seconds > 43100 && seconds <= 43200, `${seconds}`);
    assert.equal(await wait('2001:db8:1:3::3'), 0);
    await db.query(`update online.used set whole_at = whole_at - interval '12 hours'`);
    assert.equal(await wait('2001:db8:1:2::3'), 0);
    assert.ok(await wait('2001:db8:1:2::3') > 43100, 'one came back, no more');
    assert.equal(await wait('2001:db8:1:3::3'), 0);
});

test('an allowance: so many at once, one more comes back each so often, all of one or none', async () => {
    const still = db.session(); // in one transaction time stands still
    await still.query('begin');
    const spend = (...of) => still.query(`select online.spend(array[${of.map(([name, most, each]) =>
        `(sha256('${name}'), ${most}, '${each} seconds')::online.allowance`).join()}])`).then(([[wait]]) => Number(wait));
    const pass = (seconds) => still.query(`update online.used set whole_at = whole_at - interval '${seconds} seconds'`);
    // Against the plain bucket: `most` tokens, one more each so often, whatever is asked when.
    for (let turn = 0; turn < 20; turn++) {
        const name = `bucket ${turn}`, most = 1 + turn % 5, each = 3 + turn % 7;
        let have = most, since = 0; // since the last whole token came back
        for (let step = 0; step < 15; step++) {
            const later = (turn * 31 + step * 17) % 12;
            await pass(later);
            for (since += later; since >= each && have < most; since -= each) have++;
            if (have === most) since = 0;
            const wait = await spend([name, most, each]);
            assert.equal(wait === 0, have > 0, `turn ${turn}, step ${step}: ${wait}`);
            if (have > 0) have--;
            else assert.equal(wait, each - since);
        }
    }
    assert.equal(await spend(['a', 2, 60], ['b', 1, 60]), 0);
    assert.ok(await spend(['a', 2, 60], ['b', 1, 60]) > 0);
    assert.equal(await spend(['a', 2, 60]), 0, 'what is refused took none');
    await still.query('rollback');
    await still.end();
    const sessions = Array.from({ length: 8 }, () => db.session());
    const told = await Promise.all(sessions.map((one, i) => one.query(`select online.spend(array[
        ${(i % 2 ? ['c', 'd'] : ['d', 'c']).map((name) => `(sha256('${name}'), 5, '1 hour')::online.allowance`)}])`)));
    assert.equal(told.filter(([[wait]]) => wait === '0').length, 5, 'at the same time, and in any order');
    for (const one of sessions) await one.end();
});

test('saves and parts are counted for the draft, and without an account for the address', async () => {
    const few = { rate: 1, burst: 2, from: '10.1.1.1' }, id = await draft(), wait = (sql) => db.value(sql).then(Number);
    assert.equal(await wait(save(id, 1, few)), 0);
    assert.equal(await wait(part(id, few)), 0);
    for (const more of [part(id, few), save(id, 2, few)]) assert.ok(await wait(more) > 55);
    assert.equal(await db.value(`select version from online.draft where id = '${id}'`), '2', 'a save that waits is not done');
    assert.equal(await wait(save(id, 2, { ...few, rate: 0 })), 0, 'without a limit');
    assert.equal(await problem(save(id, 1, { ...few, from: '10.1.1.2' })), 'none', 'told to wait before its version is looked at');
    const many = [];
    for (let i = 0; i < 21; i++) many.push(await wait(part(await draft(), { ...few, from: '10.1.1.3' })));
    assert.deepEqual([many.slice(0, 20).every((one) => one === 0), many[20] > 0], [true, true], 'ten times as many of an address');
    const account = { holder: 'null', account: all.officer.id };
    for (let i = 0; i < 3; i++) assert.equal(await wait(part(await draft(account), { ...few, ...account, from: '10.1.1.3' })), 0);
    assert.equal(await problem(part(id, { ...few, holder: OTHER })), 'not-found');
});

const file_of = async (id, name = id) => db.query(`select attachment.put((select owner from online.draft where id = '${id}'), 0, 1,
    '${JSON.stringify({ place: 'draft', key: id, procedure: ONLINE, kind: 'document', ref: name.replaceAll('-', '').padStart(64, '0'),
        size: 10, files: 9, bytes: 1e6 })}', 0, '\\x01', '\\x02', 10)`);
const grow_old = (ids, days = 30) => db.query(['online.draft', 'attachment.draft'].map((table) => `update ${table}
    set touched_at = touched_at - interval '${days} days 1 second' where id in (${ids.map((id) => `'${id}'`)})`).join(';'));

test('expiry takes what was not touched, with its files, and nothing else; what was filed stays until its dossier has ended', async () => {
    const old = await draft(), young = await draft(), filed = await draft(), ended = await draft();
    for (const id of [old, young, filed]) await file_of(id);
    for (const id of [filed, ended]) await db.query(submit(id));
    await db.query(`update dossier.dossier set ended_at = now() - interval '31 days' where id = '${ended}'`);
    await grow_old([old, filed, ended]);
    assert.equal(await problem(`select online.get(${key_of(filed)})`), 'none', 'it opens, however old');
    assert.equal(await problem(`select online.get(${key_of(old)})`), 'not-found');
    assert.equal(await db.value('select online.expire(30)'), '2');
    const left = (sql) => db.query(sql).then((rows) => rows.flat());
    const all_of = `('${old}', '${young}', '${filed}', '${ended}')`;
    assert.deepEqual(await left(`select id from online.draft where id in ${all_of} order by begun_at`), [young, filed]);
    assert.deepEqual(await left(`select subject from attachment.file where subject in ('draft:${old}', 'draft:${young}')`), [`draft:${young}`]);
    assert.deepEqual(await left(`select id from attachment.draft where id in ${all_of}`), [young], 'adopted rows go too');
    assert.deepEqual(await left(`select id from dossier.dossier where id in ${all_of} order by created_at`), [filed, ended], 'the dossiers stay');
    assert.equal(await problem(save(young, 1)), 'none');
    await db.query(`update dossier.dossier set ended_at = null where id = '${ended}'`);
});

test('what was filed stays as long as a draft does after its dossier has ended, however long that took', async () => {
    const id = await draft();
    await db.query(submit(id));
    const ends = (days) => db.query(`update dossier.dossier set ended_at = now() - interval '${days} days' where id = '${id}'`);
    await grow_old([id]);
    await ends(29);
    await db.query('select online.expire(30)');
    assert.equal(await problem(`select online.get(${key_of(id)})`), 'none', 'ended of late: it may still be read');
    await ends(31);
    await grow_old([id]);
    await db.query('select online.expire(30)');
    assert.equal(await problem(`select online.get(${key_of(id)})`), 'not-found');
    await db.query(`update dossier.dossier set ended_at = null where id = '${id}'`);
});

test('files that come keep the draft and the files it has for its whole time', async () => {
    const id = await draft();
    await file_of(id);
    await grow_old([id], 29);
    assert.equal(await db.value(part(id)), '0');
    await grow_old([id], 29);
    await db.query('select online.expire(30)');
    assert.equal(await db.value(`select count(*) from attachment.file where subject = 'draft:${id}'`), '1');
    assert.equal(await problem(`select online.get(${key_of(id)})`), 'none');
});

test('one whose time is over is begun anew under its id, by whom it belongs to alone', async () => {
    const id = await draft();
    await db.query(save(id, 1));
    await file_of(id);
    await grow_old([id]);
    assert.equal(await problem(begin(id, { holder: OTHER })), 'id-reused');
    assert.equal(await db.value(`select view ->> 'version' from (${begin(id)}) x`), '1');
    assert.equal(await db.value(`select count(*) from attachment.file where subject = 'draft:${id}'`), '0');
});

test('a day of a pick-up is a working day from tomorrow on, of the office that comes', async () => {
    const [[unit]] = await db.query(`select delivery_office from postal.commune where code = '19789'`);
    const days = (await db.query(`select online.pickup_days(${unit})`)).flat();
    assert.equal(days.length, 10);
    for (const day of days)
        assert.equal(await db.value(`select '${day}'::date > base.vn_date(now()) and postal.is_working_day(${unit}, '${day}')`), 't');
    await db.query(`insert into postal.calendar_day (day, kind, name, unit_id) values ('${days[1]}', 'holiday', 'Nghỉ', ${unit})`);
    const now = (await db.query(`select online.pickup_days(${unit})`)).flat();
    assert.deepEqual([now.includes(days[0]), now.includes(days[1])], [true, false]);
    const id = await draft(), how = (day) => ({ bring: 'pickup', day, half: 'morning', commune: '19789' });
    for (const day of [days[1], '2020-01-02', await db.value('select base.vn_date(now())')])
        assert.equal(await problem(submit(id, { how: how(day) })), 'invalid-fields', day);
    await db.query(submit(id, { how: how(days[0]) }));
    assert.deepEqual(await db.query(`select unit::text, day::text, half from online.pickup where dossier = '${id}'`),
        [[unit, days[0], 'morning']]);
});

test('filed in one write: undone it leaves the draft, many at once make one dossier', async () => {
    const id = await draft(), session = db.session();
    await session.query('begin');
    await session.query(submit(id));
    await session.query('rollback');
    assert.equal(await db.value(`select count(*) from dossier.dossier where id = '${id}'`), '0');
    assert.equal(await db.value(`select sealed is not null and filed_at is null from online.draft where id = '${id}'`), 't');
    const sessions = Array.from({ length: 4 }, () => db.session());
    const codes = await Promise.all(sessions.map((one) => one.query(`select v #>> '{dossier,code}' from (${submit(id)} as v) x`)));
    assert.equal(new Set(codes.flat(2)).size, 1);
    assert.equal(await db.value(`select count(*) from custody.event where subject = '${id}' and kind = 'dossier.register'`), '1');
    const bare = await draft(), nothing = { how: { bring: 'none' }, body: { service: 'none' } };
    await Promise.all(sessions.map((one) => one.query(submit(bare, nothing))));
    assert.equal(await db.value(`select count(*) from custody.event where subject = '${bare}' and kind = 'dossier.filed'`), '1');
    for (const one of [session, ...sessions]) await one.end();
    assert.deepEqual(await db.query(`select * from dossier.rebuild_differences() where subject = '${id}'`), []);
});

test('what a checklist requires, for each way of giving it', async () => {
    const list = (more, papers = [], id = '00000000-0000-0000-0000-000000000001') => db.json(`select online.missing('${JSON.stringify({
        mode: 'full', documents: [{ name: 'Đơn', originals: 1, form: true }, { name: 'Bản chính', originals: 1 },
                                  { name: 'Bản sao', copies: 1 }, { name: 'Khác', copies: 1, optional: true }], ...more })}',
        '${JSON.stringify(papers)}', '${id}')`).then((found) => found.map((one) => one.pointer.split('/').pop()).join());
    const paper = (name, originals, copies) => ({ name, originals, copies });
    assert.equal(await list({}), '0,1,2', 'without a form on line the declaration is a paper too');
    assert.equal(await list({ form: {} }), '1,2');
    assert.equal(await list({ form: {} }, [paper('bản CHÍNH', 1, 0), paper('Bản sao', 0, 1)]), '');
    assert.equal(await list({ form: {}, mode: 'partial' }, [paper('Bản chính', 0, 1), paper('Bản sao', 0, 1)]), '1');
    assert.equal(await list({ form: {} }, [paper('Bản chính', 0, 0), paper('Bản sao', 0, 1)]), '1');
});

test('a pick-up is changed and cancelled by whom it belongs to until somebody has the papers', async () => {
    const [[unit]] = await db.query(`select delivery_office from postal.commune where code = '19789'`);
    const [day, next] = (await db.query(`select online.pickup_days(${unit})`)).flat();
    const asked = async () => {
        const id = await draft();
        await db.query(submit(id, { how: { bring: 'pickup', day, half: 'morning', commune: '19789' } }));
        return id;
    };
    const change = (id, to, who, version = 1) => `select online.change_pickup(${key_of(id, who)}, ${version}, '${to}', 'afternoon')`;
    const cancel = (id, who, version = 1) => `select online.cancel_pickup(${key_of(id, who)}, ${version})`;
    const kinds = (id) => db.query(`select kind from custody.event where subject = '${id}' and kind like '%pickup' order by id`).then((rows) => rows.flat());
    const id = await asked();
    for (const who of [{ holder: OTHER }, { holder: 'null', account: all.clerk.id }])
        assert.deepEqual([await problem(change(id, next, who)), await problem(cancel(id, who))], ['not-found', 'not-found']);
    assert.equal(await problem(change(id, '2020-01-01')), 'invalid-fields');
    await db.query(change(id, next));
    assert.deepEqual(await db.query(`select day::text, half from online.pickup where dossier = '${id}'`), [[next, 'afternoon']]);
    assert.deepEqual((await db.json(`select dossier.events('${id}', ${all.supervisor.id}, ${all.supervisor.unit}, 32)`)).items
        .find((one) => one.kind === 'dossier.change_pickup').pickup, { day: next, old_day: day, half: 'afternoon' });
    assert.equal(await problem(cancel(id)), 'precondition-failed', 'it names what it saw');
    assert.equal(await problem(change(id, next)), 'none', 'the same once more, as after a lost reply');
    assert.equal(await problem(change(id, day)), 'precondition-failed');
    await db.query(change(id, next, undefined, 2));
    assert.deepEqual(await kinds(id), ['dossier.change_pickup'], 'said again it changes nothing');
    await db.query(cancel(id, undefined, 2));
    assert.equal(await problem(cancel(id, undefined, 3)), 'not-found');
    assert.deepEqual(await kinds(id), ['dossier.change_pickup', 'dossier.cancel_pickup']);
    assert.deepEqual(await db.query(`select * from dossier.rebuild_differences() where subject = '${id}'`), []);

    const late = await asked(), race = await asked();
    await db.query(`update custody.shipment set state = 'accepted' where dossier = '${late}'`);
    assert.deepEqual([await problem(change(late, next)), await problem(cancel(late))], ['action-not-allowed', 'action-not-allowed']);
    const sessions = [db.session(), db.session()];
    const told = await Promise.all([change(race, next), cancel(race)].map((sql, i) => sessions[i].query(sql).then(() => 'done', (e) => /DP001: ([a-z-]+)/.exec(e.message)?.[1])));
    assert.ok(told.includes('done') && told.some((one) => one === 'precondition-failed' || one === 'not-found'), told.join());
    const met = await asked(), [courier, owner] = sessions;
    const [[number]] = await db.query(`select number from custody.shipment where dossier = '${met}'`);
    await courier.query(`begin; select custody.subject_lock(array['${number}'])`);
    await courier.query(`update custody.shipment set state = 'accepted' where number = '${number}'`);
    const waits = owner.query(cancel(met)).then(() => 'done', (e) => /DP001: ([a-z-]+)/.exec(e.message)?.[1]);
    await new Promise((done) => setTimeout(done, 150));
    await courier.query('commit');
    assert.equal(await waits, 'action-not-allowed', 'a courier who scans at this moment has them');
    for (const one of sessions) await one.end();
});

test('a courier who has the papers at this moment is not told of another day', async () => {
    const [[unit]] = await db.query(`select delivery_office from postal.commune where code = '19789'`);
    const [day] = (await db.query(`select online.pickup_days(${unit})`)).flat();
    const id = await draft(), [courier, clock] = [db.session(), db.session()];
    await db.query(submit(id, { how: { bring: 'pickup', day, half: 'morning', commune: '19789' } }));
    const number = await db.value(`select number from online.pickup where dossier = '${id}'`);
    await db.query(`update online.pickup set wished = x.off, day = x.off from (select d::date as off
        from generate_series(base.vn_date(now()) + 1, base.vn_date(now()) + 20, interval '1 day') d
        where not postal.is_working_day(${unit}, d::date) limit 1) x where dossier = '${id}'`);
    const at = Date.now() - 1000;
    await courier.query('begin');
    const [reply] = await record(courier, all, [{ id: uuid7(at), subject: number, kind: 'collect', who: 'courier', at: new Date(at).toISOString() }]);
    assert.ok(['recorded', 'exception'].includes(reply.outcome), JSON.stringify(reply));
    const moved = clock.query(`select dossier.recompute_pickups(array['${id}']::uuid[], null::postal.calendar_change)`);
    await new Promise((done) => setTimeout(done, 300));
    await courier.query('commit');
    assert.deepEqual(await moved, [['0']]);
    assert.equal(await db.value(`select count(*) from custody.event where subject = '${id}' and kind = 'dossier.pickup_moved'`), '0');
    for (const one of [courier, clock]) await one.end();
});
