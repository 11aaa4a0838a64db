// The forecast of whole legs, on trips that it has not seen: the day by which half are said to be there
// holds half of them, the other nine tenths. And its edges.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { test_database } from './cluster.mjs';
import { people, record, uuid7 } from './scans.mjs';
import { Calendar, day_of, iso_day, trips } from './trips.mjs';

let db, session, post, made = 0;
before(async () => {
    db = await test_database();
    session = db.session();
    post = new Calendar(await db.query('select day, kind from postal.calendar_day where unit_id is null'));
    await db.query(`insert into postal.commune (code, province_code, name, delivery_office) values
            ('00001', '01', 'Phường thử', null), ('90001', '52', 'Xã thử', null);
        insert into postal.unit (id, code, kind, name, name_en, parent_id, commune_code) values
            (900, '01-B1', 'post_office', 'Bưu cục thử Hà Nội', 'Hanoi', null, '00001'),
            (901, '52-B1', 'post_office', 'Bưu cục thử Gia Lai', 'Gia Lai', null, '90001');
        update postal.unit set weekdays = '{1,2,3,4,5,6}' where code = '46-B3';`, 'dossierpost_owner');
});
after(() => db.end());

const unit = (code) => db.value(`select id from postal.unit where code = '${code}'`);

// Which day of two is told goes by the dossier's id: the same ones at each run.
const seeded_id = (n) => `0199${String(n).padStart(4, '0')}-0000-7000-8000-000000000000`;

// Trips as shipments of dossiers with their scans; over: delivered when they came, else still under way.
async function keep(list, lanes, over) {
    const rows = list.map((one) => {
        const lane = lanes[one.lane], serial = String(10000000 + ++made);
        return { serial, id: uuid7(Date.parse(one.accepted_at)), dossier: seeded_id(made),
            last: uuid7(Date.parse(one.came_at)), from: lane.from, to: lane.to, leg: lane.leg,
            kind: lane.to_kind ?? 'address', accepted: one.accepted_at, came: one.came_at };
    });
    Object.assign(list, { ids: rows.map((row) => row.dossier) });
    for (let i = 0; i < rows.length; i += 500)
        await session.query(insert(rows.slice(i, i + 500), over));
}
const insert = (rows, over) => `
    create temp table trip as select x.*, ('RR' || x.serial || postal.s10_check_digit(x.serial) || 'VN') collate "C" as number
    from jsonb_to_recordset($json$${JSON.stringify(rows)}$json$) as x (serial text, id uuid, last uuid,
        dossier uuid, "from" int8, "to" int8, leg text, kind text, accepted timestamptz, came timestamptz);
    insert into dossier.dossier (id, code, procedure, procedure_version, agency, office, service,
        applicant_kind, from_commune, result_to_kind, weight_g, created_at, created_by, status, version)
    select t.dossier, t.number, '1.004873', 1, case t.leg when 'outward' then t."to" else t."from" end,
           11, 'both', 'citizen', '19777', t.kind, 80, t.accepted, 1,
           case t.leg when 'outward' then 1 else 9 end, 1 from trip t;
    insert into custody.shipment (number, dossier, leg, from_unit, to_unit, begun_place, created_at, state,
        holder_kind, holder_id)
    select t.number, t.dossier, t.leg, t."from", t."to", t."from", t.accepted,
           '${over ? 'delivered' : 'accepted'}', 'place', 11 from trip t;
    insert into custody.event (subject, id, kind, at, received_at, device_at, actor, unit, outcome, state, digest)
    select t.number, e.id, e.kind, e.at, e.at, e.at, 1, e.unit, 'recorded', e.state, '\\x01'
    from trip t cross join lateral (values
        (t.id, 'accept', t.accepted, t."from", 'accepted', true),
        (t.last, case t.kind when 'post_office' then 'at_delivery_office' else 'deliver' end, t.came, t."to",
         'delivered', ${over})) as e (id, kind, at, unit, state, there)
    where e.there;
    drop table trip;`;

// The log and the search to its end, then the lanes.
async function learn(now) {
    for (;;) {
        const [[given]] = await session.query('select given from custody.sequence(5000)');
        if (given !== '0') continue;
        const [[waiting]] = await session.query(`select count(*) from custody.event e where not exists (
            select from custody.log l where l.subject = e.subject and l.event_id = e.id)`);
        if (waiting === '0') break;
        await new Promise((done) => setTimeout(done, 50));
    }
    for (let read = '1'; read !== '0';)
        [[read]] = await session.query(`select read from custody.search_read('${now}', 2000)`);
    await session.query(`select custody.reckon_legs(1000, '${now}')`);
}

// Of trips that are under way at that time of each, the shares that came by the days told.
async function held(list, lanes, when) {
    const asked = list.map((one, i) => ({ id: list.ids[i], now: when(one, lanes[one.lane]), day: iso_day(one.day), lane: one.lane, came: one.came_at }))
        .filter((one) => Date.parse(one.now) < Date.parse(one.came));
    const rows = [];
    for (let i = 0; i < asked.length; i += 1000)
        rows.push(...await session.query(`select x.lane, e ->> 'by_50' >= x.day, e ->> 'by_90' >= x.day,
                (e ->> 'by_50')::date < base.vn_date(x.now) or e ->> 'by_90' < e ->> 'by_50', e ->> 'basis',
                postal.is_working_day(u.id, (e ->> 'by_50')::date) and postal.is_working_day(u.id, (e ->> 'by_90')::date)
            from jsonb_to_recordset($json$${JSON.stringify(asked.slice(i, i + 1000))}$json$)
                as x (id uuid, now timestamptz, day text, lane int)
            join dossier.dossier d on d.id = x.id
            join custody.shipment s on s.dossier = d.id join postal.unit u on u.id = s.to_unit
            cross join lateral (select dossier.outlook_at(d, x.now) -> 'expected' as e offset 0) o`));
    const share = (of, column) => of.filter((row) => row[column] === 't').length / of.length;
    assert.ok(rows.every((row) => row[3] === 'f'), 'a day in the past, or nine tenths before the half');
    assert.ok(rows.every((row) => row[4] === 'lane'));
    assert.ok(rows.every((row) => row[5] === 't'), 'a day off');
    return { n: rows.length, half: share(rows, 1), most: share(rows, 2),
        lanes: lanes.map((lane) => rows.filter((row) => row[0] === String(lane.n))).filter((of) => of.length)
            .map((of) => [of.length, share(of, 1), share(of, 2)]) };
}

function within({ n, half, most, lanes }, when) {
    const told = `${when}: of ${n} trips ${half.toFixed(3)} came by the one day, ${most.toFixed(3)} by the other; by lane `
        + lanes.map((lane) => lane.map((x) => +x.toFixed(2)).join(' ')).join(', ');
    console.log(told);
    assert.ok(n > 1000 && half >= 0.45 && half <= 0.55 && most >= 0.85 && most <= 0.95, told);
}

async function network() {
    const near = { median: 1.05, spread: 0.5, target: 1 }, province = { median: 1.9, spread: 0.45, target: 2 };
    const major = { median: 2.9, spread: 0.4, target: 3 }, far = { median: 4.1, spread: 0.45, target: 4 };
    const ways = [['46-B1', '46-A1', near], ['46-B2', '46-A2', near], ['46-B3', '46-A3', near], ['46-B6', '46-A7', near],
        ['46-B1', '46-A0', province], ['46-B2', '46-A0', province], ['46-B4', '46-A0', province], ['46-B5', '46-A0', province],
        ['46-B9', '46-A0', { ...province, median: 2.6 }], ['46-B8', '46-A0', province], ['46-B7', '46-A4', province],
        ['46-A0', '46-B1', province], ['46-A0', '46-B3', province], ['46-A0', '46-B9', { ...province, median: 2.4 }],
        ['46-A1', '46-B1', near], ['46-A2', '46-B2', near], ['01-B1', '46-A0', major], ['01-B1', '46-A1', major],
        ['46-A0', '01-B1', major], ['46-A6', '01-B1', major], ['52-B1', '46-A0', far], ['52-B1', '46-A1', far],
        ['46-A0', '52-B1', far], ['46-A8', '52-B1', far]];
    const ids = Object.fromEntries(await db.query('select code, id from postal.unit'));
    return ways.map(([from, to, kind], n) => ({ ...kind, n, from: ids[from], to: ids[to],
        leg: to.includes('-A') ? 'outward' : 'result', saturday: to.includes('-B'),
        to_kind: to === '46-B9' ? 'post_office' : 'address',
        calendar: to === '46-B3' ? new Calendar([...post.rows].map(([day, kind]) => [iso_day(day), kind]), [1, 2, 3, 4, 5, 6]) : post }));
}

test('back-test: the days hold half and nine tenths of trips it has not seen', async () => {
    const lanes = await network();
    const count = (lane) => [25, 60, 150, 400][lane.n % 4];
    await keep(lanes.flatMap((lane) => trips(lane, count(lane), '2026-02-02', '2026-07-24', 1, post)), lanes, true);
    await learn('2026-08-03T06:00:00+07:00');
    const unseen = lanes.flatMap((lane) => trips(lane, 120, '2026-08-03', '2026-09-25', 2, post));
    await keep(unseen, lanes, false);
    await db.query('analyze', 'postgres');
    const whole = await held(unseen, lanes, (one) => one.accepted_at);
    within(whole, 'at acceptance');
    // Half the target after it began, where that is a day before it: none is told for a day that is over.
    const long = unseen.filter((one) => lanes[one.lane].target > 1);
    long.ids = long.map((one) => unseen.ids[unseen.indexOf(one)]);
    for (const hour of ['09:30', '14:00'])
        within(await held(long, lanes, (one, lane) =>
            `${iso_day(lane.calendar.after(one.begins, Math.floor(lane.target / 2)))}T${hour}:00+07:00`), `mid-way, ${hour}`);
});

// --- edges ---------------------------------------------------------------------------------------

const told = async (took, elapsed, passed, share, u) => Number((await session.query(
    `select custody.told_days('{${took}}', ${elapsed}, ${passed}, ${share}, ${u})`))[0][0]);
// A lane of its own in which so many legs took so many days.
const lane = (from, to, took) => db.query(`insert into custody.leg_lane (from_unit, to_unit, ends, samples, took)
    values (${from}, ${to}, 'delivered', ${took.reduce((a, b) => a + b)}, '{${took}}')
    on conflict (from_unit, to_unit, ends) do update set samples = excluded.samples, took = excluded.took`);
const forecast = async (from, to, began, now) => (await db.query(`select f.by_50, f.by_90, f.basis
    from custody.leg_forecast(${from}, ${to}, 'delivered', '${began}', '${now}', 0.5) f`))[0];

test('nineteen legs are too few: the J+n target; twenty are a lane', async () => {
    const [from, to] = [await unit('01-B1'), await unit('46-A5')];
    const monday = '2026-10-05T09:00:00+07:00';
    await lane(from, to, [0, 19]);
    assert.deepEqual(await forecast(from, to, monday, monday), ['2026-10-08', '2026-10-08', 'j+n']);
    await lane(from, to, [0, 20]);
    assert.deepEqual(await forecast(from, to, monday, monday), ['2026-10-06', '2026-10-06', 'lane']);
});

test('after three o\u2019clock and over holidays only working days of the destination count', async () => {
    const [from, to] = [await unit('01-B1'), await unit('46-A5')];
    await lane(from, to, [0, 0, 40]);
    const by = async (began) => (await forecast(from, to, began, began))[0];
    assert.equal(await by('2026-10-05T14:59:00+07:00'), '2026-10-07');
    assert.equal(await by('2026-10-05T15:00:00+07:00'), '2026-10-08');
    assert.equal(await by('2026-10-09T09:00:00+07:00'), '2026-10-13', 'a Friday');
    assert.equal(await by('2026-02-13T09:00:00+07:00'), '2026-02-24', 'the last Friday before Tết');
    assert.equal(await by('2026-08-21T16:00:00+07:00'), '2026-08-25', 'the Saturday after it is worked');
    assert.deepEqual(await forecast(900, await unit('46-A7'), '2026-02-13T16:00:00+07:00', '2026-02-14T09:00:00+07:00'),
        ['2026-02-26', '2026-02-26', 'j+n']);
});

test('of two days the share is told that makes it half; never one on which nothing ever came', async () => {
    // Of 101 the rank is 50.5: 40 came on the first day, so 10.5 of the 60 of the second.
    assert.deepEqual(await db.query(`select custody.told_days('{0,40,60}', 0, 0, 0.5, (i + 0.5) / 1000), count(*)
        from generate_series(0, 999) i group by 1 order by 1`), [['1', '825'], ['2', '175']]);
    for (const u of [0, 0.5, 0.99]) assert.equal(await told([0, 0, 30], 0, 0, 0.5, u), 2);
    assert.equal(await db.value(`select avg(custody.dither('RR' || n)) between 0.49 and 0.51
        and min(custody.dither('RR' || n)) >= 0 and max(custody.dither('RR' || n)) < 1
        from generate_series(1, 10000) n`), 't');
});

test('under way: what took less is left out, today counts for what is left of it, and few that lasted so long are not asked', async () => {
    assert.equal(await told([10, 40, 40, 10], 2, 0, 0.5, 0), 0, 'most of the rest come that very day');
    assert.equal(await told([10, 40, 40, 10], 2, 0.9, 0.5, 0), 1, 'late in the day they do not');
    assert.equal(await told([10, 60, 20, 10], 3, 0, 0.9, 0), await told([10, 60, 20, 10], 2, 0, 0.9, 0), 'ten are too few');
    for (const [took, share] of [[[5, 9, 9, 2, 1], 0.5], [[20, 0, 0, 0, 1], 0.9], [[0, 0, 30], 0.9]])
        assert.ok(await told(took, 200, 0, share, 0.5) >= 0);
});

test('never a day that is over, never today after closing, and nine tenths never before the half', async () => {
    const [from, to] = [await unit('52-B1'), await unit('46-A3')];
    for (const took of [[3, 9, 5, 2, 1], [0, 20], [7, 0, 0, 14], [1, ...Array(59).fill(1)], [0, 0, 19]]) {
        await lane(from, to, took);
        const odd = await db.query(`select b.at, n.at, k, f.* from generate_series('2026-02-11 08:00+07'::timestamptz,
                '2026-02-14 20:00+07', '11 hours') b (at)
            cross join lateral generate_series(b.at, b.at + interval '30 days', '37 hours') n (at)
            cross join (values (0), (0.4), (0.999)) k (k)
            cross join lateral custody.leg_forecast(${from}, ${to}, 'delivered', b.at, n.at, k) f
            where f.by_50 is null or f.by_90 < f.by_50 or f.by_50 < base.vn_date(n.at)
               or f.by_50 = base.vn_date(n.at) and base.vn_time(n.at) >= '17:00'
               or not postal.is_working_day(${to}, f.by_50) or not postal.is_working_day(${to}, f.by_90)`);
        assert.deepEqual(odd.slice(0, 3), [], String(took));
    }
});
