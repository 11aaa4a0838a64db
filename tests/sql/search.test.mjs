// What should have arrived by now: one search task for whoever had it last, past what the lane usually
// takes, or the J+n target while too few journeys are known; time is what the caller says it is.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { test_database } from './cluster.mjs';
import { container, people, record, shipment, uuid7 } from './scans.mjs';

const MINUTE = 60000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
// A Tuesday of last month at eight in the morning there; ids may be 60 days old at most.
const BEGIN = (() => {
    const day = new Date(Date.now() - 35 * DAY);
    day.setUTCDate(day.getUTCDate() + (9 - day.getUTCDay()) % 7);
    return Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate(), 1, 0);
})();
const at = (days, hour, minute = 0) => BEGIN + days * DAY + (hour - 8) * HOUR + minute * MINUTE;
const iso = (time) => new Date(time).toISOString();
let db, session, all;
before(async () => {
    db = await test_database();
    session = db.session();
    all = await people(db);
    await db.query(`delete from postal.calendar_day where day > now() - interval '60 days'`); // no holiday between
});
after(() => db.end());

async function scan(kind, who, subject, time, more = {}) {
    const [reply] = await record(session, all, [{ id: uuid7(time), subject, kind, who, at: iso(time), ...more }]);
    assert.ok(['recorded', 'exception'].includes(reply.outcome), JSON.stringify(reply));
    return reply;
}

// Every event has a position, for which the log waits while anybody else works in this cluster.
async function placed() {
    await session.query('update custody.log_head set position = position'); // its transaction has ended then
    for (const until = Date.now() + 60_000; ; await new Promise((done) => setTimeout(done, 20))) {
        const [[waiting]] = await session.query(`select count(*) from custody.event e where not exists (
            select from custody.log l where l.subject = e.subject and l.event_id = e.id)`);
        if (waiting === '0') break;
        assert.ok(Date.now() < until, `${waiting} events have no position`);
        await session.query('select given from custody.sequence(5000)');
    }
}

// The whole log, then turns of the search until nothing more is read.
async function search(time) {
    await placed();
    for (let read = '1'; read !== '0';) {
        const [[many, , , over]] = await session.query(`select * from custody.search_read('${iso(time)}')`);
        assert.equal(over, null);
        read = many;
    }
    await session.query(`select custody.reckon_lanes(50, '${iso(time)}')`);
    let opened = 0, told = 1;
    for (; told > 0; opened += told)
        [[told]] = (await session.query(`select custody.tell_missing(200, '${iso(time)}')`)).map((row) => row.map(Number));
    await session.query('select custody.exceptions_age(200)');
    return opened;
}
const tasks = async (subject) => (await db.query(`select x.code, u.code, a.login, x.resolved_at is null, x.detail
    from custody.exception x join custody.care c on c.oddity = x.code and c.seeks
    left join postal.unit u on u.id = x.unit left join account.account a on a.id = x.actor
    where x.subject = '${subject}' order by x.id`)).map((row) => [...row.slice(0, 4), JSON.parse(row[4])]);
const rebuilt = async () => assert.deepEqual(await db.query('select * from custody.rebuild()'), []);

async function loose(time, who = 'courier') {
    const number = await shipment(session);
    await scan('accept', 'clerk', number, time - HOUR);
    await scan('depart', who, number, time);
    return number;
}

async function bag(time, count = 2, { from = '46-B1', clerk = 'clerk', courier = 'courier' } = {}) {
    const id = await container(session, from, '46-H1'), inside = [];
    for (let i = 0; i < count; i++) {
        const number = await shipment(session);
        await scan('accept', clerk, number, time - HOUR);
        await scan('bag', clerk, number, time - HOUR / 2, { container: id });
        inside.push(number);
    }
    await scan('close', clerk, id, time - HOUR / 4);
    await scan('depart', courier, id, time);
    return { id, inside };
}

test('the way goes up to whoever serves the unit, across, and down again', async () => {
    const next = async (from, end) => db.value(`select u.code from postal.unit f, postal.unit e, postal.unit u
        where f.code = '${from}' and e.code = '${end}' and u.id = custody.next_place(f.id, e.id)`);
    assert.deepEqual([await next('46-B5', '46-A1'), await next('46-H1', '46-A1'), await next('46-B1', '46-A1'),
        await next('46-A1', '46-B5'), await next('46-A1', '46-A1')], ['46-H1', '46-B1', '46-A1', '46-B1', null]);
    await db.query(`insert into postal.commune (code, province_code, name) values ('00001', '01', 'Phường thử');
        insert into postal.unit (id, code, kind, name, name_en, parent_id, commune_code) values
        (900, '01-PP', 'province_post', 'Bưu điện thử', 'Test Post', null, '00001'),
        (901, '01-H1', 'hub', 'Trung tâm thử', 'Test Hub', 900, '00001'),
        (902, '01-B1', 'post_office', 'Bưu cục thử', 'Test Office', 901, '00001')`, 'dossierpost_owner');
    assert.deepEqual([await next('46-H1', '01-B1'), await next('01-H1', '01-B1'), await next('46-B1', '01-B1')],
        ['01-H1', '01-B1', '46-H1']);
});

const task_of = async (subject, who = 'supervisor') => db.json(`select custody.exception_get(${all[who].id}, ${all[who].unit},
    ${who === 'supervisor'}, x.id) from custody.exception x where x.subject = '${subject}' and x.resolved_at is null`);

test('a bag: not before the target of the lane, then one task, and never a second', async () => {
    const { id, inside } = await bag(at(0, 9));
    const arrived = await bag(at(0, 9));
    await scan('arrive', 'hub', arrived.id, at(0, 15));
    // Both lie in one province: J+2, the close of the second working day there.
    const due = at(2, 18);
    assert.equal(await search(due - MINUTE), 0);
    assert.deepEqual(await db.query(`select due_at = '${iso(due)}', basis, ended_at is null from custody.awaited
        where subject in ('${id}', '${arrived.id}') order by 3`), [[null, null, 'f'], ['t', 'target', 't']]);
    // One of what is in it is a dossier's: its agency's board names it, and nobody else's.
    const agency = all.officer.unit, other = all.officer2.unit;
    await db.query(`insert into dossier.dossier (id, code, procedure, procedure_version, agency, office, service, applicant_kind, from_commune,
            result_to_kind, weight_g, created_at, created_by, status, version)
        values (md5('${inside[0]}')::uuid, 'x', 'x', 1, ${agency}, 2, 'send', 'citizen', '19789', 'online', 80, now(), 1, 1, 1)`);
    await db.query(`update custody.shipment set dossier = md5(number)::uuid where number = '${inside[0]}'`);
    assert.equal(await search(due + MINUTE), 1);
    const stuck = async (unit) => (await db.json(`select report.stuck('{${unit}}', 9)`)).items.map((x) => x.number);
    assert.deepEqual([await stuck(agency), await stuck(other), await stuck(`${other},${agency}`)], [[inside[0]], [], [inside[0]]]);
    await db.query(`update custody.shipment set dossier = null where number = '${inside[0]}';
        delete from dossier.dossier where code = 'x'`, 'dossierpost_owner');
    const [[code, unit, who, open, detail]] = await tasks(id);
    assert.deepEqual([code, unit, who, open], ['not_arrived', '46-B1', 'courier', 't']);
    assert.deepEqual([detail.from, detail.to, detail.basis, detail.samples], ['46-B1', '46-H1', 'target', undefined]);
    for (const number of [...inside, ...arrived.inside, arrived.id]) assert.deepEqual(await tasks(number), []);
    assert.equal(await search(due + 9 * DAY), 0);
    assert.equal((await tasks(id)).length, 1);
    assert.match((await task_of(id, 'clerk')).cause, new RegExp('^Rời Bưu cục Thuận Hoá lúc \\d\\d/\\d\\d/\\d{4} 09:00, '
        + 'lẽ ra đến Trung tâm Khai thác vận chuyển Huế trước \\d\\d/\\d\\d/\\d{4} 18:00\\. Người giữ sau cùng: Lê Văn Thử'));
    await rebuilt();
});

test('a loose shipment; it turns up later: the task says where, and waits for a person', async () => {
    const number = await loose(at(0, 9)), back = await loose(at(0, 9));
    // The agency lies in the ward of the office: J+1, until it closes.
    assert.equal(await search(at(1, 17) - MINUTE), 0);
    await scan('arrive', 'clerk', back, at(1, 16));
    assert.equal(await search(at(1, 17) + MINUTE), 1);
    assert.deepEqual((await tasks(number))[0].slice(0, 4), ['not_arrived', '46-B1', 'courier', 't']);
    assert.deepEqual((await task_of(number)).seen, undefined);
    await scan('arrive', 'hub', number, at(3, 10));
    assert.equal(await search(at(3, 11)), 0);
    const seen = await task_of(number);
    assert.deepEqual([seen.seen.unit_name, new Date(seen.seen.at).getTime(), seen.code],
        ['Trung tâm Khai thác vận chuyển Huế', at(3, 10), 'not_arrived']);
    await db.query(`select custody.exception_resolve(${all.clerk.id}, ${all.clerk.unit}, false, ${seen.id}, 'turned_up', null)`);
    assert.deepEqual((await tasks(number)).map((row) => row[3]), ['f']);
    assert.equal(await search(at(9, 11)), 0, 'what was decided is not asked again');
    await rebuilt();
});

test('what lay in an opened bag and was not scanned since, each by itself', async () => {
    const { id, inside: [seen, first, second] } = await bag(at(6, 9), 3);
    await scan('arrive', 'hub', id, at(6, 11));
    await scan('open', 'hub', id, at(6, 17)); // the hub closes at 18:00: an hour of today, one of tomorrow
    await scan('sort', 'hub', seen, at(6, 17, 10));
    assert.equal(await search(at(7, 8, 29)), 0);
    assert.equal(await search(at(7, 8, 31)), 2);
    for (const number of [first, second]) {
        const [[code, unit, who, open, detail]] = await tasks(number);
        assert.deepEqual([code, unit, who, open, detail.bag], ['not_seen_after_opening', '46-H1', 'hub', 't', id]);
    }
    assert.deepEqual([await tasks(seen), await tasks(id)], [[], []]);
    assert.match((await task_of(first, 'hub')).cause, new RegExp(`^Túi ${id} mở tại Trung tâm .* lúc .* 17:00; bưu gửi này chưa được quét`));
    await scan('sort', 'hub', first, at(7, 9));
    assert.equal(await search(at(8, 9)), 0);
    assert.equal((await task_of(first, 'hub')).seen.kind_name, 'Chia chọn');
    assert.equal((await task_of(second, 'hub')).seen, undefined);
    await rebuilt();
});

test('departed twice with nothing between: one task, and no journey is made of it', async () => {
    const number = await shipment(session);
    await scan('accept', 'clerk', number, at(7, 8));
    await scan('depart', 'clerk', number, at(7, 10));
    await scan('depart', 'courier', number, at(7, 9)); // told late
    assert.equal(await search(at(8, 17, 1)), 1);
    assert.deepEqual(await db.query(`select ended_at is null, told_at is not null from custody.awaited
        where subject = '${number}'`), [['t', 't'], ['t', 't']]);
    assert.equal((await tasks(number)).length, 1);
    await rebuilt();
});

test('taken back, declared lost, departed anew, or told late: no task, or one for the last way', async () => {
    const undone = await loose(at(7, 9)), lost = await loose(at(7, 9)), late = await loose(at(7, 9));
    const depart = await db.value(`select id from custody.event where subject = '${undone}' and kind = 'depart'`);
    await scan('reverse', 'supervisor', undone, at(7, 10), { refers: depart });
    await scan('lost', 'supervisor', lost, at(7, 10));
    const { id } = await bag(at(7, 9));
    assert.equal(await search(at(7, 12)), 0);
    // An office that was off line tells what it saw in the morning.
    await scan('arrive', 'clerk', late, at(7, 9, 30));
    await scan('arrive', 'hub', id, at(7, 16));
    await scan('depart', 'hub', id, at(8, 9));
    assert.equal(await search(at(8, 18)), 0);
    for (const number of [undone, lost, late, id]) assert.deepEqual(await tasks(number), []);
    assert.deepEqual(await db.query(`select ended_unit = ${all.hub.unit}, told_at is null from custody.awaited
        where subject = '${id}' order by since`), [['t', 't'], [null, 't']]);
    assert.equal(await search(at(14, 18, 1)), 1);
    assert.deepEqual((await tasks(id)).map((row) => row.slice(0, 3)), [['not_arrived', '46-H1', 'hub']]);
    await rebuilt();
});

test('on a trip the carrier had it last, and the trip says where it goes', async () => {
    await db.query(`insert into container.trip (code, from_unit, to_unit, carrier) select 'CT-1', f.id, t.id,
        ${all.courier2.id} from postal.unit f, postal.unit t where f.code = '46-H1' and t.code = '46-B5'`);
    const { id } = await bag(at(8, 9));
    await scan('arrive', 'hub', id, at(8, 12));
    await scan('depart', 'hub', id, at(9, 9), { target: 'CT-1' });
    await search(at(20, 9));
    const [[code, unit, who, , detail]] = await tasks(id);
    assert.deepEqual([code, unit, who, detail.from, detail.to], ['not_arrived', '46-B5', 'courier2', '46-H1', '46-B5']);
});

test('what a driver of the hub loads at an office has left the office', async () => {
    await db.query(`insert into container.trip (code, from_unit, to_unit, carrier) select 'CT-2', f.id, t.id,
        ${all.hub.id} from postal.unit f, postal.unit t where f.code = '46-B5' and t.code = '46-H1'`);
    const id = await container(session, '46-B5', '46-H1'), number = await shipment(session);
    await scan('bag', 'clerk2', number, at(9, 8), { container: id });
    await scan('close', 'clerk2', id, at(9, 8, 10));
    await scan('depart', 'hub', id, at(9, 9), { target: 'CT-2' });
    await search(at(20, 9));
    const [[code, unit, who, , detail]] = await tasks(id);
    assert.deepEqual([code, unit, who, detail.from, detail.to], ['not_arrived', '46-H1', 'hub', '46-B5', '46-H1']);
});

test('twenty journeys make a lane: its 95th percentile, into office hours, and an hour of them', async () => {
    const lane = async () => (await db.query(`select samples, extract(epoch from usual)::int from custody.lane
        where from_unit = ${all.clerk2.unit} and to_unit = ${all.hub.unit}`))[0];
    const other = { from: '46-B5', clerk: 'clerk2', courier: 'courier2' };
    const journey = async (day, minutes) => {
        const { id } = await bag(at(day, 8, 30), 1, other);
        await scan('arrive', 'hub', id, at(day, 8, 30) + minutes * MINUTE);
    };
    for (let i = 1; i < 20; i++) await journey(21, i * 10);
    const early = await bag(at(21, 9), 1, other);
    await search(at(21, 12));
    await search(at(21, 12, 11));
    assert.deepEqual(await lane(), ['19', '10860']);
    const basis = async ({ id }) => (await db.query(`select basis, samples, due_at = '${iso(at(21, 13, 10) + 30000)}',
        due_at at time zone 'Asia/Ho_Chi_Minh' from custody.awaited where subject = '${id}'`))[0];
    const next = await bag(at(21, 9), 1, other);
    await search(at(21, 12, 12));
    assert.deepEqual([(await basis(early))[0], (await basis(next)).slice(0, 2)], ['target', ['target', '19']]);
    await journey(21, 200);
    await search(at(21, 12, 13));
    await search(at(21, 12, 30));
    assert.deepEqual(await lane(), ['20', '11430'], 'ninety-five of a hundred took 190 and a half minutes');
    const quick = await bag(at(21, 9), 1, other), evening = await bag(at(21, 16, 30), 1, other);
    await search(at(21, 12, 31));
    assert.deepEqual((await basis(quick)).slice(0, 3), ['lane', '20', 't'], (await basis(quick))[3]);
    assert.match((await basis(evening))[3], / 08:30:00$/, 'the next morning, for nobody scans at night');
    assert.equal((await tasks(quick.id)).length, 0);
    await search(at(21, 13, 9));
    assert.equal((await tasks(quick.id)).length, 0);
    await search(at(21, 13, 12));
    const [[, , , , detail]] = await tasks(quick.id);
    assert.deepEqual([detail.basis, detail.samples], ['lane', 20]);
    await assert.rejects(db.query('update custody.search_rule set least_samples = 5', 'dossierpost_owner'), /violates check/);
    await rebuilt();
});

test('event by event or all at once, in whatever order the log has it, the same is awaited', async () => {
    const kept = () => db.query(`select subject, event, what, ended_at, ended_unit, closure from custody.awaited
        order by 1, 2`);
    const before_it = await kept();
    assert.ok(before_it.length > 30 && before_it.filter((row) => row[3]).length > 25);
    for (const most of [1, 7, 100000]) {
        await session.query('begin');
        await session.query('delete from custody.awaited');
        await session.query('update custody.search_head set position = 0');
        for (let read = 1; read > 0;)
            [[read]] = await session.query(`select custody.read_log(${most}, '${iso(at(21, 14))}')`);
        const rows = await session.query(`select subject, event, what, ended_at, ended_unit, closure
            from custody.awaited order by 1, 2`);
        await session.query('rollback');
        assert.deepEqual(rows, before_it, `${most} at a time`);
    }
});

test('an arrival that was read at once and is taken back: it is awaited from then on', async () => {
    const number = await loose(at(22, 9));
    const { event } = await scan('arrive', 'clerk', number, at(22, 10));
    const kept = () => db.query(`select due_at = '${iso(at(23, 17))}', basis, ended_at is null from custody.awaited
        where subject = '${number}'`);
    await search(at(22, 11));
    assert.deepEqual(await kept(), [[null, null, 'f']], 'nobody waits for it');
    await scan('reverse', 'supervisor', number, at(22, 12), { refers: event });
    await search(at(23, 16));
    assert.deepEqual([await kept(), await tasks(number)], [[['t', 'target', 't']], []]);
    assert.equal(await search(at(23, 17, 1)), 1);
    assert.deepEqual((await tasks(number)).map((row) => row[0]), ['not_arrived']);
    await rebuilt();
});

test('what cannot be reckoned is stepped over, alone, and named', async () => {
    await search(at(24, 8));
    const before = await loose(at(24, 9)), { id } = await bag(at(24, 9), 1, { from: '46-B5', clerk: 'clerk2', courier: 'courier2' });
    const after_it = await loose(at(24, 10));
    await db.query(`update postal.unit set weekdays = '{}' where code = '46-H1';
        delete from custody.lane where to_unit = ${all.hub.unit}`, 'dossierpost_owner');
    await placed();
    const over = [], missed = await db.value(`select id from custody.event where unit = ${all.hub.unit} limit 1`);
    let calls = 0, cuts = 0;
    for (let read = '1'; read !== '0'; calls++) {
        const [[many, , cut, words]] = await session.query(`select * from custody.search_read('${iso(at(24, 11))}')`);
        if (words) over.push(words);
        cuts += cut === 't';
        read = many;
    }
    assert.ok(cuts >= over.length && calls <= 1 + 8 * over.length, `${calls} turns for ${over.length}`);
    await db.query(`insert into custody.exception (subject, event_id, code, unit)
        select subject, id, 'wrong_holder', unit from custody.event where id = '${missed}'`);
    await db.query('select custody.exceptions_age(200)');
    assert.equal(await db.value(`select due_at > opened_at and due_at < opened_at + interval '9 days' from custody.exception
        where event_id = '${missed}' and code = 'wrong_holder'`), 't', 'due by the clock');
    const depart = await db.value(`select id from custody.event where subject = '${id}' and kind = 'depart'`);
    assert.ok(over.length > 0 && over.every((words) => words.includes(id) && /too few working days/.test(words)), over.join());
    assert.ok(over.some((words) => words.includes(depart)));
    assert.deepEqual(await db.query(`select subject from custody.awaited where subject in ('${before}', '${id}', '${after_it}')
        order by subject`), [before, after_it].sort().map((one) => [one]));
    await db.query(`update postal.unit set weekdays = '{1,2,3,4,5,6}' where code = '46-H1'`, 'dossierpost_owner');
});

test('of several instances one searches; the others are told how many wait', async () => {
    const [a, b] = [db.session(), db.session()];
    await a.query('begin');
    await db.query('update custody.search_head set position = position - 10');
    await a.query('select * from custody.search_read(now(), 3)');
    await b.query(`set lock_timeout = '2s'`);
    const [[read, behind]] = await b.query('select * from custody.search_read()');
    const [[told]] = await b.query('select custody.tell_missing(200)');
    await b.query('select custody.reckon_lanes(5), custody.drop_awaited(5)');
    const [[open]] = await b.query('select open from custody.exceptions_waiting()');
    await a.query('commit');
    assert.deepEqual([read, behind, told], ['0', '10', '0']);
    assert.ok(Number(open) > 5);
    assert.deepEqual(await b.query('select * from custody.search_read()'), [['7', '0', 'f', null]]);
    await Promise.all([a.end(), b.end()]);
});

// What each statement of these calls does, also those inside functions.
async function plans(name, folder, ...statements) {
    const loud = `load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;
        set client_min_messages = log;`;
    const { stderr } = await promisify(execFile)('psql', ['-h', folder, '-X', '-q', '-U', 'postgres', '-d', name,
        '-v', 'ON_ERROR_STOP=1', '-c', `begin; set local role dossierpost_service`.replace('begin; set local role dossierpost_service', loud),
        ...statements.flatMap((sql) => ['-c', sql])], { maxBuffer: 1 << 28 });
    return stderr;
}

test('the search and the list go by indexes, however many there are', async () => {
    const many = await test_database();
    const numbers = `select 'R' || chr(65 + g % 20) || lpad(g::text, 8, '0') || '0VN' as number, g`;
    await many.query(`set local synchronous_commit = off;
        insert into custody.shipment (number, leg, begun_place, created_at, state, holder_kind, holder_id, place)
            select number, 'outward', 11, now(), case when g % 50 = 0 then 'departed' else 'accepted' end, 'place', 11, 11
            from (${numbers} from generate_series(1, 20000) g) n;
        insert into custody.event (subject, id, kind, at, received_at, device_at, actor, unit, outcome, digest)
            select number, base.uuid_v7(), k, now() - interval '9 days', now(), now(), 1, 11, 'recorded', '\\x'
            from (${numbers} from generate_series(1, 20000) g) n,
                 unnest(case when g % 50 = 0 then '{accept,depart}'::text[] else '{accept,count}' end) k;
        insert into custody.log (position, subject, event_id, prev, hash)
            select row_number() over (), subject, id, '\\x', '\\x' from custody.event;
        insert into custody.exception (subject, event_id, code, unit, due_at, resolved_at, actor)
            select subject, id, 'wrong_holder', 1 + (row_number() over ()) % 39, now() - interval '1 hour',
                   case when (row_number() over ()) % 20 <> 0 then now() end, 1 from custody.event;
        insert into container.container (id, origin, destination, created_at, holder_kind, holder_id)
            select 'VN46' || lpad(g::text, 25, '0'), 11, 2, now(), 'place', 11 from generate_series(1, 3000) g;
        insert into container.closure (container, n, begun_at, sealed_at, opened_at, opened_unit)
            select id, 1, '-infinity', now(), now() - interval '9 days', 2 from container.container;
        insert into container.membership (closure, subject, began_at, began_event)
            select k.id, n.number, now(), gen_random_uuid() from container.closure k
            join (${numbers} from generate_series(1, 20000) g) n on n.g / 7 = k.id;
        insert into custody.awaited (subject, event, what, since, from_unit, closure, due_at, basis, ended_at, ended_unit)
            select k.container, gen_random_uuid(), 'opened', now() - interval '9 days', 2, k.id,
                   now() - interval '8 days' + k.id * interval '6 minutes', 'opened', null, null from container.closure k;
        insert into custody.awaited (subject, event, what, since, from_unit, to_unit, due_at, basis, ended_at, ended_unit)
            select number, gen_random_uuid(), 'way', now() - interval '30 days', 11 + g % 9, 2, now(), 'target', now(), 2
            from (${numbers} from generate_series(1, 20000) g) n;
        insert into custody.lane (from_unit, to_unit, dirty_at) select 11 + g, 2, now() from generate_series(0, 8) g`,
    'dossierpost_owner');
    await many.query('analyze', 'postgres');
    const turn = 'select * from custody.search_read(now(), 500)';
    const told = await plans(many.name, many.folder, turn, turn, turn, 'select custody.reckon_lanes(50)',
        'select custody.tell_missing(200)', 'select custody.exceptions_age(200)', 'select custody.drop_awaited(200)',
        'select * from custody.exceptions_waiting()',
        `select custody.exceptions(11, false, true, 0, 100, p_counts => 1)`,
        `select custody.exceptions(1, true, true, 0, 100, p_overdue => true)`,
        `select custody.exceptions(1, true, false, 0, 100)`,
        `select custody.exception_get(1, 11, false, (select min(id) from custody.exception x where x.unit = 11 and resolved_at is null))`);
    assert.ok((told.match(/Query Text/g) ?? []).length > 30, told.slice(0, 2000));
    for (const table of ['log', 'awaited', 'exception', 'event_\\d+', 'event_default', 'shipment', 'membership', 'closure', 'container'])
        assert.ok(new RegExp(`Index (Only )?Scan .* on (custody\\.|container\\.)?${table.replace('\\d+', '')}`).test(told)
            || ['event_default'].includes(table), `${table} is read`);
    // The other months' partitions are empty here.
    const month = await many.value('select tableoid::regclass from custody.event limit 1');
    const big = new RegExp(`Seq Scan on (${month.split('.').pop()}|log|awaited|exception|shipment|membership|closure|container)\\b`);
    const whole = told.split('Query Text').filter((one) => big.test(one));
    assert.deepEqual(whole.map((one) => one.slice(0, 3000)), []);
    assert.ok(Number(await many.value(`select count(*) from custody.exception where code = 'not_seen_after_opening'`)) === 0
        && Number(await many.value('select position from custody.search_head')) === 1500);
});
