// Drafts below the program: who opens one, versions, what goes when their time is over, one filing
// among many at the same moment, and that an undone filing leaves everything as it was.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { test_database } from './cluster.mjs';
import { people } from './scans.mjs';

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
const save = (id, version, who) => `select online.save(${key_of(id, who)}, ${version}, '\\x03', '\\x04')`;
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

test('the count of an address: so many a day, forgotten after it, the /64 of IPv6 as one', async () => {
    for (const from of ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2']) await draft({ from, most: 2 });
    const wait = async (from) => Number((await db.query(begin(await uuid(), { from, most: 2 })))[0][0]);
    assert.ok(await wait('2001:db8:1:2::3') > 86000);
    assert.equal(await wait('2001:db8:1:3::3'), 0);
    await db.query(`update online.begun set at = at - interval '25 hours'`);
    assert.equal(await wait('2001:db8:1:2::3'), 0);
});

test('expiry takes what was not touched, with its files, and nothing else', async () => {
    const old = await draft(), young = await draft(), filed = await draft();
    for (const id of [old, young]) {
        const owner = await db.value(`select owner from online.draft where id = '${id}'`);
        await db.query(`select attachment.put(${owner}, 0, 1, '${JSON.stringify({ place: 'draft', key: id, procedure: ONLINE,
            kind: 'document', ref: id.replaceAll('-', '').padStart(64, '0'), size: 10, files: 9, bytes: 1e6 })}', 0, '\\x01', '\\x02', 10)`);
    }
    await db.query(submit(filed));
    await db.query(`update online.draft set touched_at = now() - interval '30 days 1 second' where id in ('${old}', '${filed}')`);
    assert.equal(await db.value('select online.expire(30)'), '2');
    const left = (sql) => db.query(sql).then((rows) => rows.flat());
    assert.deepEqual(await left(`select id from online.draft where id in ('${old}', '${young}', '${filed}')`), [young]);
    assert.deepEqual(await left(`select subject from attachment.file where subject in ('draft:${old}', 'draft:${young}')`), [`draft:${young}`]);
    assert.deepEqual(await left(`select id from dossier.dossier where id = '${filed}'`), [filed], 'the dossier stays');
    assert.equal(await problem(save(young, 1)), 'none');
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
