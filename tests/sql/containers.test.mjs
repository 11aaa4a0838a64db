// Containers below the service: what a list costs, which bag serves what, how despatches are numbered,
// and a despatch that closes beside its last bag.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { container, people, record, shipment, uuid7 } from './scans.mjs';
import { test_database } from './cluster.mjs';

const HOUR = 3600000;
let db, session, everybody;
before(async () => {
    db = await test_database();
    session = db.session();
    everybody = await people(db);
});
after(() => db.end());

let clock = 0;
const one = async (kind, who, subject, more = {}) => {
    const at = Date.now() - HOUR + 1000 * ++clock;
    const [reply] = await record(session, everybody, [{ id: uuid7(at), kind, who, subject,
        at: new Date(at).toISOString(), ...more }]);
    assert.notEqual(reply.outcome, 'refused', JSON.stringify(reply));
    return reply;
};
const unit = (code) => `(select id from postal.unit where code = '${code}')`;
const close = (id, where = session) => where.query(`select container.close(a.id, a.unit_id, a.roles, base.uuid_v7(),
    '${id}', 'VNP 1', '\\x01') from account.account a where login = 'clerk'`);
const close_despatch = (id, where = session) => where.query(`select container.despatch_close(a.id, a.unit_id,
    '${id.slice(0, 20)}') from account.account a where login = 'clerk'`);

async function filled(to = '46-H1') {
    const id = await container(session, '46-B1', to), number = await shipment(session);
    await one('accept', 'clerk', number);
    await one('bag', 'clerk', number, { container: id });
    return id;
}

// An opened bag with so many items on its list, of which none was seen, as rows.
async function large(items, first) {
    const id = await container(session, '46-H1', '46-B1');
    await db.query(`update container.closure set sealed_at = now() - interval '2 hours', seal = 'S',
        opened_at = now() - interval '1 hour', opened_unit = ${unit('46-B1')} where container = '${id}'`);
    await db.query(`with made as (
        insert into custody.shipment (number, leg, from_unit, to_unit, begun_place, created_at, holder_kind,
                                      holder_id, closure)
        select 'CP' || lpad(i::text, 8, '0') || postal.s10_check_digit(lpad(i::text, 8, '0')) || 'VN', 'outward',
               ${unit('46-H1')}, case when i % 10 = 0 then ${unit('46-A2')} else ${unit('46-A1')} end,
               ${unit('46-H1')}, now(), 'bag', k.id, k.id
        from container.closure k, generate_series(${first}, ${first + items - 1}) as i where k.container = '${id}'
        returning number, closure)
        insert into container.membership (closure, subject, began_at, began_event)
        select closure, number, now() - interval '3 hours', gen_random_uuid() from made`);
    await db.query('analyze custody.shipment, container.membership', 'dossierpost_owner');
    return id;
}

// Pages of memory that it touched.
async function touched(sql) {
    const plan = async () => (await session.query(`explain (analyze, buffers, format json) ${sql}`))
        .flat().join('');
    await plan();
    const [{ Plan: top }] = JSON.parse(await plan());
    return top['Shared Hit Blocks'] + top['Shared Read Blocks'];
}

test('a list of a thousand items is read once, and told in pages', async () => {
    const [half, whole] = [await large(500, 1000), await large(1000, 2000)];
    const costs = [];
    for (const id of [half, whole]) costs.push(await touched(`select container.get('${id}')`));
    assert.ok(costs[1] < 2.4 * costs[0], `500 items: ${costs[0]} pages, 1000: ${costs[1]}`);
    assert.ok(costs[1] < 10 * 1000, `${costs[1]} pages for 1000 items`);
    const page = async (after) => db.json(`select container.get('${whole}', ${after ? `'${after}'` : 'null'})`);
    const first = await page(), second = await page(first.next);
    assert.deepEqual([first.expected, first.missing, first.items.length, second.items.length, second.next],
        [1000, 1000, 500, 500, undefined]);
    const numbers = [...first.items, ...second.items].map((item) => item.number);
    assert.equal(new Set(numbers).size, 1000);
    assert.deepEqual(numbers, [...numbers].sort(), 'of one instant: by number');
    await db.query(`update custody.shipment s set closure = null, holder_kind = 'place', state = 'arrived'
        from container.closure k where k.id = s.closure and k.container = '${whole}'`);
    const seen = await page();
    assert.deepEqual([seen.present, seen.missorted, seen.missing], [900, 100, 0]);
});

test('which bag serves what: to the office itself, through a hub, never back', async () => {
    await db.query(`insert into postal.commune (code, province_code, name) values ('20194', '48', 'Hải Châu')`,
        'dossierpost_owner');
    await db.query(`insert into postal.unit (code, kind, name, name_en, commune_code, parent_id) values
        ('48-H1', 'hub', 'Trung tâm Đà Nẵng', 'Da Nang Hub', '20194', null)`, 'dossierpost_owner');
    await db.query(`insert into postal.unit (code, kind, name, name_en, commune_code, parent_id) values
        ('48-B1', 'post_office', 'Bưu cục Hải Châu', 'Hai Chau', '20194', ${unit('48-H1')})`, 'dossierpost_owner');
    const served = async (from, to, ends) => db.value(`select served from container.served(${unit(from)}, ${unit(to)},
        array[${unit(ends)}])`);
    for (const [from, to, ends, wanted] of [
        ['46-H1', '46-B1', '46-A1', 't'],  // an agency of that office
        ['46-H1', '46-B1', '46-A2', 'f'],  // of another office
        ['46-H1', '46-B2', '46-B2', 't'],
        ['46-B1', '46-H1', '46-A2', 't'], ['46-B1', '46-H1', '46-A1', 't'], // through its hub
        ['46-B1', '46-B2', '46-A2', 't'], ['46-B1', '46-B2', '46-A3', 'f'],
        ['46-B1', '46-H1', '48-B1', 't'], ['46-B1', '48-H1', '48-B1', 't'],
        ['46-H1', '48-H1', '48-B1', 't'], ['46-H1', '48-H1', '46-A1', 'f'], // it would come back
        ['46-H1', '46-B1', '48-B1', 'f'], ['48-H1', '46-H1', '46-A1', 't']])
        assert.equal(await served(from, to, ends), wanted, `${ends} in a bag ${from} to ${to}`);
    await db.query(`select container.put_sorting('[{"unit":"46-H1","commune":"19753","next":"46-B1"}]')`,
        'dossierpost_owner');
    assert.equal(await served('46-H1', '46-B1', '46-A2'), 't', 'the plan says so');
});

test('despatches of a lane are numbered, and a closed one gets no more', async () => {
    const serial = (id) => Number(id.slice(16, 20)), receptacle = (id) => Number(id.slice(20, 23));
    const first = await filled('46-B3'), second = await container(session, '46-B1', '46-B3');
    assert.deepEqual([receptacle(first), receptacle(second), serial(second)], [1, 2, serial(first)]);
    assert.equal(await db.value(`select s8 from container.despatch order by id desc limit 1`), first.slice(0, 20));
    await assert.rejects(close_despatch(first), /despatch-state/);
    await close(first);
    await close_despatch(first);
    const other = await container(session, '46-B1', '46-B3');
    assert.deepEqual([serial(other), receptacle(other)], [serial(first) + 1, 1]);
    await db.query(`update container.despatch set receptacles = 999 where s8 = '${other.slice(0, 20)}'`,
        'dossierpost_owner');
    const more = await container(session, '46-B1', '46-B3');
    assert.deepEqual([serial(more), receptacle(more)], [serial(other) + 1, 1]);
});

// What waits for `first` until that has committed: whether it was done, or the problem.
async function beside(first, then) {
    const [a, b] = [db.session(), db.session()];
    let told = null;
    await a.query('begin');
    await first(a);
    const waiting = then(b).then(() => 'done', (error) => /despatch-state|trip-ended|forbidden/.exec(error.message)?.[0] ?? error.message)
        .then((word) => (told = word));
    await new Promise((done) => setTimeout(done, 200));
    assert.equal(told, null, 'it waits');
    await a.query('commit');
    return waiting;
}

test('the last bag and its despatch close at the same time: one after the other', async () => {
    const highest = (id) => db.value(`select highest from container.despatch where s8 = '${id.slice(0, 20)}'`);
    const sealed = await filled('46-B4'), last = await filled('46-B4');
    await close(sealed);
    assert.equal(await beside((a) => close(last, a), (b) => close_despatch(last, b)), 'done');
    assert.equal(await highest(last), last);

    const first = await filled('46-B4'), late = await container(session, '46-B1', '46-B4');
    await close(first);
    const number = await shipment(session);
    await one('accept', 'clerk', number);
    const closes = (a) => close_despatch(first, a).then(() => one('bag', 'clerk', number, { container: late }));
    assert.equal(await beside(closes, (b) => close(late, b)), 'despatch-state');
    assert.equal(await highest(first), first);
});

const checked = (id, who, where = session) => where.query(`select container.checked(a.id, a.unit_id, base.uuid_v7(),
    '${id}', '\\x01') from account.account a where login = '${who}'`);

test('what is scanned while its bag is checked is not missing, and a bag is weighed by its holder', async () => {
    const id = await filled();
    await close(id);
    for (const [kind, who] of [['depart', 'clerk'], ['arrive', 'hub'], ['open', 'hub']])
        await one(kind, who, id, { at: new Date().toISOString() });
    const [[number]] = await db.query(`select m.subject from container.membership m join container.closure k
        on k.id = m.closure where k.container = '${id}'`);
    const arrive = (a) => record(a, everybody, [{ id: uuid7(Date.now()), kind: 'arrive', who: 'hub', subject: number,
        at: new Date().toISOString() }]);
    assert.equal(await beside(arrive, (b) => checked(id, 'hub', b)), 'done');
    assert.deepEqual(await db.query(`select data ->> 'seen', data ->> 'missing' from custody.event where subject = '${id}'
        and kind = 'checked'`), [['1', '0']]);

    const gone = await filled();
    await close(gone);
    const depart = (a) => record(a, everybody, [{ id: uuid7(Date.now()), kind: 'depart', who: 'clerk', subject: gone,
        at: new Date().toISOString(), target: 'courier' }]);
    assert.equal(await beside(depart, (b) => b.query(`select container.weigh(a.id, a.unit_id, base.uuid_v7(), '${gone}',
        1000, '\\x01') from account.account a where login = 'clerk'`)), 'forbidden');
});

test('nobody checks a bag of which it is not known who opened it, but the unit where it was', async () => {
    const id = await large(2, 9000);
    await db.query(`update container.closure set opened_unit = ${unit('46-H1')} where container = '${id}'`);
    await assert.rejects(checked(id, 'clerk'), /forbidden/);
    await checked(id, 'hub');
});

const new_trip = async (more = {}) => (await session.query(`select container.trip_create(a.id, a.unit_id, base.uuid_v7(),
    '${JSON.stringify({ from: '46-B1', to: '46-H1', ...more })}', '\\x01') ->> 'code' from account.account a where login = 'clerk'`))[0][0];

test('what is scanned out of the bag it lay in is out of that, named or not', async () => {
    for (const named of [true, false]) {
        const id = await container(session, '46-B1', '46-H1'), [x, y] = [await shipment(session), await shipment(session)];
        for (const number of [x, y]) {
            await one('accept', 'clerk', number);
            await one('bag', 'clerk', number, { container: id });
            for (const kind of ['close', 'open']) await one(kind, 'clerk', id);
        }
        await one('unbag', 'clerk', x, named ? { container: id } : {});
        assert.deepEqual(await db.query(`select j.subject, j.finding from container.container c
            join container.closure k on k.container = c.id and k.n = 2, container.judged(c, k) j
            where c.id = '${id}' order by j.since`), [[y, 'missing'], [x, 'surplus']], `named: ${named}`);
    }
});

test('a list for a trip is made while the trip is taken in', async () => {
    const code = await new_trip({ carrier: 'courier' }), number = await shipment(session);
    const id = await filled();
    await one('accept', 'clerk', number);
    await one('bag', 'clerk', number, { container: id });
    await one('unbag', 'clerk', number);
    await one('close', 'clerk', id);
    assert.equal((await one('depart', 'clerk', id, { target: code })).state, 'departed');
    const [a, b] = [db.session(), db.session()];
    await a.query('begin');
    await a.query(`select custody.subject_lock(array['${number}'])`);
    const taken = b.query(`select container.trip_arrive(a.id, a.unit_id, base.uuid_v7(), '${code}', '\\x01')
        from account.account a where login = 'hub'`);
    await new Promise((done) => setTimeout(done, 300));
    await a.query(`select custody.handover_create(a.id, a.unit_id, base.uuid_v7(), '${code}', array['${number}'], '\\x01')
        from account.account a where login = 'clerk'`);
    await a.query('commit');
    await taken;
    assert.equal(await db.value(`select count(h.trip) from custody.handover h join custody.handover_item i
        on i.handover = h.id where i.number = '${number}'`), '1');
    await Promise.all([a.end(), b.end()]);
});

test('a trip that two people take in at once is taken in by one', async () => {
    const made = await new_trip();
    const number = await shipment(session);
    await one('accept', 'clerk', number);
    await one('depart', 'clerk', number, { target: made });
    const arrive = (where) => where.query(`select container.trip_arrive(a.id, a.unit_id, base.uuid_v7(), '${made}',
        '\\x01') from account.account a where login = 'hub'`);
    assert.equal(await beside(arrive, arrive), 'trip-ended');
    assert.equal(await db.value(`select count(*) from custody.event where subject = '${number}' and kind = 'arrive'`), '1');
    assert.deepEqual(await session.query(`select * from custody.rebuild() where subject = '${number}'`), []);
});

test('what is loaded while its trip ends came before the end, or is told that it was over', async () => {
    const over = (name, code, where) => where.query(`select container.trip_${name}(a.id, a.unit_id,
        ${name === 'end' ? 'false, ' : ''}base.uuid_v7(), '${code}', '\\x01') from account.account a where login = 'hub'`);
    const load = async (where, code, subject) => (await record(where, everybody, [{ id: uuid7(Date.now()), kind: 'depart',
        who: 'clerk', subject, at: new Date(Date.now() + 5).toISOString(), target: code }]))[0];
    const left = (code) => db.query(`select t.arrived, t.missing, (select count(*) from custody.exception x
        where x.code = 'trip_missing' and x.detail ->> 'trip' = t.code) from container.trip t where t.code = '${code}'`);
    for (const [name, wanted] of [['arrive', ['1', '0', '0']], ['end', [null, '1', '1']]]) {
        const code = await new_trip(), loose = await shipment(session);
        await one('accept', 'clerk', loose);
        assert.equal(await beside((a) => load(a, code, loose), (b) => over(name, code, b)), 'done');
        assert.deepEqual(await left(code), [wanted], name);
    }
    const code = await new_trip(), id = await filled();
    await close(id);
    let told;
    assert.equal(await beside((a) => over('end', code, a), async (b) => (told = await load(b, code, id))), 'done');
    assert.deepEqual([told.outcome, told.warnings], ['exception', ['trip_ended']]);
    // Loaded after whoever ends it began, and before it is over: no fold says otherwise later.
    const slow = await new_trip(), early = await shipment(session), ends = db.session();
    await one('accept', 'clerk', early);
    await ends.query('begin');
    assert.deepEqual((await load(session, slow, early)).warnings, []);
    await over('end', slow, ends);
    await ends.query('commit');
    await ends.end();
    assert.deepEqual(await left(slow), [[null, '1', '1']]);
    await one('damage', 'clerk', early);
    assert.deepEqual(await db.query(`select code from custody.exception where subject = '${early}' order by 1`),
        [['trip_missing']], 'folded again, it was loaded in time');
    // A despatch waits likewise.
    const gone = await new_trip(), sealed = await filled('46-B5');
    await close(sealed);
    await close_despatch(sealed);
    assert.equal(await beside((a) => over('end', gone, a), (b) => b.query(`select container.despatch_depart(a.id,
        a.unit_id, base.uuid_v7(), '${sealed.slice(0, 20)}', '${gone}', '\\x01') from account.account a
        where login = 'clerk'`)), 'trip-ended');
});

test('what has no effect on a thing is not counted: nothing departs or arrives whose history was purged', async () => {
    const gone = (subject) => db.query(`insert into custody.purged values ('${subject}')`, 'dossierpost_owner');
    const code = await new_trip(), [first, second] = [await filled('46-B6'), await filled('46-B6')];
    for (const id of [first, second]) await close(id);
    await close_despatch(first);
    await gone(first);
    const depart = `select container.despatch_depart(a.id, a.unit_id, base.uuid_v7(), '${first.slice(0, 20)}', '${code}',
        '\\x01') from account.account a where login = 'clerk'`;
    const [[text]] = await session.query(depart), view = JSON.parse(text);
    assert.deepEqual([view.departed, view.list.map((row) => row.state)], [1, ['closed', 'departed']]);
    await assert.rejects(session.query(depart), /despatch-state/, 'nothing is left to depart');
    const loose = await shipment(session);
    await one('accept', 'clerk', loose);
    await one('depart', 'clerk', loose, { target: code });
    await gone(loose);
    const [[over]] = await session.query(`select container.trip_arrive(a.id, a.unit_id, base.uuid_v7(), '${code}', '\\x01')
        from account.account a where login = 'hub'`);
    const { arrived, missing, things } = JSON.parse(over);
    assert.deepEqual([arrived, missing, things.map((thing) => thing.number)], [1, 1, [loose]]);
    assert.deepEqual(await db.query(`select unit = ${unit('46-B1')} from custody.exception where code = 'trip_missing'
        and subject = '${loose}'`), [['t']]);
});

test('the service keeps its hands off the plan but for reading', async () => {
    await assert.rejects(session.query('delete from container.sorting'), /permission denied/);
    await assert.rejects(session.query('delete from container.trip'), /permission denied/);
});
