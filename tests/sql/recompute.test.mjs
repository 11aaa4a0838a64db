// A change of the calendar: what it would move is told beforehand and the same afterwards, done only on the
// word of whoever saw it, a batch at a time, with a trace for each dossier; and nothing else moves.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { test_database } from './cluster.mjs';
import { dice } from './clock_model.mjs';

let db, session;
const query = (sql) => session.query(sql);
const value = async (sql) => (await query(sql))[0]?.[0] ?? null;
const json = async (sql) => JSON.parse(await value(sql));
const quoted = (what) => `'${JSON.stringify(what).replaceAll("'", "''")}'`;

before(async () => {
    db = await test_database();
    session = db.session();
    // Nothing announced lies in the way of what is changed here.
    await query(`delete from postal.calendar_day where day > now() - interval '60 days'`);
});
after(() => db.end());

async function intake(more = {}) {
    const made = await json(`select dossier.intake(c.id, c.unit_id, c.roles,
        jsonb_build_object('id', base.uuid_v7(), 'procedure', '1.004873', 'agency', '46-A1', 'service', 'both',
            'applicant_kind', 'citizen', 'from_commune', '19777', 'weight_g', 80,
            'documents', '[{"name": "Đơn", "originals": 1, "copies": 0}]'::jsonb,
            'result_to_kind', 'address', 'result_commune', '19777') || '${JSON.stringify(more)}',
        '\\x01', '\\x02', '\\x03', '\\x04', 'digest') from account.account c where c.login = 'clerk'`);
    return { id: made.id, code: made.code, number: made.shipments[0].number };
}
const act = (one, action, body = {}, who = 'officer') => json(`select dossier.act(a.id, a.unit_id, a.roles, '${one.code}', '${action}', ${quoted(body)})
    from account.account a where a.login = '${who}'`);
async function accepted(more, who = more?.agency === '46-A6' ? 'officer2' : 'officer') {
    const one = await intake(more);
    await query(`select dossier.filed(base.uuid_v7(), array['${one.number}'], now())`);
    await act(one, 'accept', {}, who);
    await act(one, 'start', {}, who);
    return one;
}
const due = (one) => value(`select due_at from dossier.dossier where id = '${one.id}'`);
const due_day = (one) => value(`select base.vn_date(due_at)::text from dossier.dossier where id = '${one.id}'`);
const preview = (change) => json(`select dossier.preview_calendar(${quoted(change)})`);
const change = (body, key = null) => json(`select dossier.change_calendar(a.id, a.unit_id, ${quoted({ reason: 'Thông báo thử', ...body })},
    ${key ? `'${key}'` : 'null'}, '\\x01') from account.account a where a.login = 'admin'`);
async function refused(body) {
    const error = await change(body).catch((why) => why);
    assert.ok(error.stderr, 'it was not refused');
    const [, slug] = /ERROR: +DP001: (\S+)/.exec(error.stderr) ?? [null, error.stderr];
    const [, detail] = /DETAIL: +(\{.*)/.exec(error.stderr) ?? [];
    return { slug, ...(detail ? JSON.parse(detail) : {}) };
}
// (It waits for whoever else writes in the cluster, other tests among them.)
async function reckon(most = 500) {
    const until = Date.now() + 60000;
    while (await value(`select dossier.recompute_some(${most})`) === 't') {
        assert.ok(Date.now() < until, 'it never ends');
        await new Promise((done) => setTimeout(done, 5));
    }
}
const differences = async () => Number(await value('select count(*) from dossier.rebuild_differences()'));
const by_rule = async () => Number(await value(`select count(*) from dossier.dossier d where d.ended_at is null and d.due_at is not null
    and dossier.reckoned(d) <> d.due_at`));

test('a day off on the due day: asked first, done as it was told, with a trace; back again', async () => {
    const one = await accepted(), other = await accepted({ agency: '46-A6' });
    const before = await due(one), day = await due_day(one);
    const body = { days: [{ day, kind: 'holiday', name: 'Nghỉ thử' }] };
    const told = await preview(body);
    assert.equal(told.moves, 2);
    assert.deepEqual(told.first.map((x) => x.code).sort(), [one.code, other.code].sort());
    assert.ok(told.first.every((x) => x.what === 'due' && x.due_at > x.old_due_at && x.unit.name));
    assert.deepEqual(told.kinds.map((x) => [x.what, x.count]), [['due', 2], ['question', 0], ['pickup', 0]]);
    assert.deepEqual(told.was.days.map((x) => x.kind), ['usual']);
    assert.equal(await value(`select count(*) from postal.calendar_day where day = '${day}'`), '0', 'a preview leaves nothing');
    assert.equal(await due(one), before);

    const asked = await refused(body);
    assert.equal(asked.slug, 'calendar-moves-dates');
    assert.equal(asked.tag, told.tag);
    // One more dossier since: not what was confirmed.
    const third = await accepted();
    const stale = await refused({ ...body, confirm: told.tag });
    assert.equal(stale.slug, 'precondition-failed');
    assert.equal(stale.moves, 3);
    const made = await change({ ...body, confirm: stale.tag }, 'key-1');
    assert.equal(made.moves, 3);
    assert.deepEqual(await change({ ...body, confirm: stale.tag }, 'key-1'), made, 'the same key, the same reply');
    assert.equal(await due(one), before, 'not within the change');
    assert.equal((await refused({ days: [{ day, kind: 'usual' }] })).slug, 'conflict', 'dates are being reckoned');

    await reckon(2);
    assert.equal(await due(one), await value(`select '${told.first.find((x) => x.code === one.code).due_at}'::timestamptz`));
    assert.notEqual(await due(third), before);
    const events = await query(`select e.data ->> 'old_due_at', e.data ->> 'due_at', e.actor, e.data ->> 'change' from custody.event e
        where e.subject = '${one.id}' and e.kind = 'dossier.due_recomputed'`);
    assert.equal(events.length, 1);
    assert.deepEqual([events[0][2], events[0][3]], [await value(`select id::text from account.account where login = 'admin'`), made.id]);
    assert.equal(await value(`select timestamptz '${events[0][0]}'`), before);
    const [record] = (await json(`select dossier.calendar_changes(10, null)`)).items;
    assert.deepEqual([record.id, record.moves, record.moved, record.was.days[0].kind], [made.id, 3, 3, 'usual']);
    assert.ok(record.done_at && record.by.name && record.reason);
    assert.equal(await value(`select count(*) from custody.event where subject like 'calendar:%' and kind = 'calendar.change'`), '1');
    assert.equal(await differences(), 0);

    const back = await refused({ days: [{ day, kind: 'usual' }] });
    await change({ days: [{ day, kind: 'usual' }], confirm: back.tag });
    await reckon();
    assert.equal(await due(one), before, 'as it was');
    assert.equal(await differences(), 0);
});

test('of one unit: its days and its hours move its own dossiers alone', async () => {
    const one = await accepted(), other = await accepted({ agency: '46-A6' });
    const [mine, theirs] = [await due(one), await due(other)];
    const day = await due_day(one);
    const off = { unit: '46-A1', days: [{ day, kind: 'compensatory', name: 'Sửa trụ sở' }] };
    assert.ok((await preview(off)).first.every((x) => x.unit.id === '46-A1'));
    await change({ ...off, confirm: (await preview(off)).tag });
    await reckon();
    assert.notEqual(await due(one), mine);
    assert.equal(await due(other), theirs);
    await change({ unit: '46-A1', days: [{ day, kind: 'usual' }], confirm: (await preview({ unit: '46-A1', days: [{ day, kind: 'usual' }] })).tag });
    await reckon();
    assert.equal(await due(one), mine);
    const hours = { unit: '46-A1', hours: { valid_from: day, weekdays: [1, 2, 3, 4, 5, 6, 7], opens: '08:00', closes: '16:00' } };
    const told = await preview(hours);
    assert.ok(told.moves >= 1);
    await change({ ...hours, confirm: told.tag });
    await reckon();
    assert.match(await value(`select (due_at at time zone 'Asia/Ho_Chi_Minh')::text from dossier.dossier where id = '${one.id}'`), / 16:00:00$/);
    assert.equal(await due(other), theirs);
    const now = await json(`select postal.hours(postal.unit_by_code('46-A1'), base.vn_date(now()))`);
    assert.equal(now.at(-1).closes, '16:00');
    const gone = { unit: '46-A1', hours: { valid_from: day, remove: true } };
    await change({ ...gone, confirm: (await preview(gone)).tag });
    await reckon();
    assert.equal(await due(one), mine);
    assert.equal(await differences(), 0);
});

test('what is wrong with a change is told at its field; nothing moved needs no asking', async () => {
    const wrong = async (body, pointer) => assert.equal((await refused(body)).errors?.[0].pointer, pointer, JSON.stringify(body));
    const day = await value(`select (base.vn_date(now()) + 300)::text`);
    await wrong({}, '/days');
    await wrong({ days: [{ day: '2026-02-30', kind: 'holiday', name: 'x' }] }, '/days/0/day');
    await wrong({ days: [{ day: '1999-02-03', kind: 'holiday', name: 'x' }] }, '/days/0/day');
    await wrong({ days: [{ day, kind: 'holiday' }] }, '/days/0/name');
    await wrong({ days: [{ day, kind: 'usual' }, { day, kind: 'holiday', name: 'x' }] }, '/days/0/day');
    await wrong({ hours: { valid_from: day, weekdays: [1], opens: '08:00', closes: '16:00' } }, '/unit');
    const hours = (more) => ({ unit: '46-A1', hours: { valid_from: day, weekdays: [1], opens: '08:00', closes: '16:00', ...more } });
    await wrong(hours({ weekdays: [] }), '/hours/weekdays');
    await wrong(hours({ closes: '25:00' }), '/hours/closes');
    await wrong(hours({ closes: '07:00' }), '/hours');
    await wrong(hours({ break_from: '11:00' }), '/hours');
    assert.equal((await refused({ unit: 'nowhere', days: [{ day, kind: 'holiday', name: 'x' }] })).slug, 'unknown-unit');
    assert.equal((await change({ days: [{ day, kind: 'holiday', name: 'Xa' }] })).moves, 0);
    await reckon();
});

test('a calendar without a day to work is refused as such', async () => {
    await accepted();
    const body = { unit: '46-A1', hours: { valid_from: await value(`select base.vn_date(now())::text`), weekdays: [7], opens: '08:00', closes: '16:00' } };
    await change({ ...body, confirm: (await preview(body)).tag });
    await reckon();
    assert.deepEqual(await query(`select u ->> 'opens', u ->> 'closes' from jsonb_array_elements(postal.units('agency', '46-A1', null, false, 5)) u`),
        [['08:00', '16:00']], 'as anybody is told');
    // Every Sunday from here on is off: there is none left for more than a year.
    const sundays = await query(`select d::date::text from generate_series(base.vn_date(now()), base.vn_date(now()) + 420, interval '1 day') d
        where extract(isodow from d) = 7`);
    const days = sundays.map(([day]) => ({ day, kind: 'holiday', name: 'x' }));
    assert.equal((await refused({ unit: '46-A1', days })).errors?.[0].pointer, '/days');
    const gone = { unit: '46-A1', hours: { valid_from: body.hours.valid_from, remove: true } };
    await change({ ...gone, confirm: (await preview(gone)).tag });
    await reckon();
});

test('by whichever way a dossier came to its date, it is the one that the rule gives; and grouped as one by one', async () => {
    const die = dice(7), list = [];
    for (let i = 0; i < 14; i++) {
        const one = await intake({ procedure: die.pick(['1.004873', '1.004222', '2.000635']) });
        const file = () => query(`select dossier.filed(base.uuid_v7(), array['${one.number}'], now() - interval '${die.below(9)} days')`);
        const first = die.below(3);
        if (first) await file();
        if (die.below(4) === 0) {
            await act(one, 'ask_supplement', { reason: 'Thiếu' });
            await act(one, 'supplement_received');
        } else await act(one, 'accept');
        await act(one, 'start');
        if (die.below(2)) {
            await act(one, 'ask_supplement', { reason: 'Thiếu' });
            if (!first) await file();
            await act(one, 'supplement_received');
        } else if (die.below(2)) {
            await act(one, 'ask_payment', { amount: 5000 });
            if (die.below(2)) await act(one, 'payment_received');
        }
        list.push(one);
    }
    // Some stood still for days, for a payment.
    for (let i = 0; i < 4; i++) {
        const one = await intake({ procedure: '1.004873' });
        await query(`select dossier.filed(base.uuid_v7(), array['${one.number}'], now() - interval '9 days')`);
        await act(one, 'accept');
        await act(one, 'start');
        await query(`select dossier.record(d.id, 'ask_payment', now() - interval '8 days', 1, d.agency, '{"from": 4, "to": 6}'),
            dossier.record(d.id, 'payment_received', now() - interval '${i} days', 1, d.agency, '{"from": 6, "to": 4}') from dossier.dossier d where id = '${one.id}'`);
        await query(`select dossier.record(d.id, 'due_recomputed', now(), 1, d.agency, jsonb_build_object('due_at', dossier.reckoned(d)))
            from dossier.dossier d where id = '${one.id}'`);
    }
    assert.equal(await by_rule(), 0);
    assert.equal(await value(`select count(*) from dossier.due_moves('true')`), '0');
    assert.equal(await differences(), 0);
    const days = (await query(`select distinct base.vn_date(due_at)::text from dossier.dossier where ended_at is null and due_at is not null limit 5`))
        .map(([day]) => ({ day, kind: 'holiday', name: 'Thử' }));
    await query(`begin; select postal.write_calendar(${quoted({ days })}, null)`);
    assert.deepEqual((await query(`select key::text, due::text from dossier.due_moves('true') order by key`)),
        await query(`select d.id::text, dossier.reckoned(d)::text from dossier.dossier d where d.ended_at is null and d.due_at is not null
            and dossier.reckoned(d) <> d.due_at order by d.id`));
    await query('rollback');
    const told = await preview({ days });
    await change({ days, confirm: told.tag });
    await reckon(3);
    assert.equal(await by_rule(), 0);
    assert.equal(await differences(), 0);
    const [record] = (await json(`select dossier.calendar_changes(1, null)`)).items;
    assert.equal(record.moved, told.moves, 'as many as were told');
});

test('the dates wait for whoever read the calendar before; who accepts meanwhile is not forgotten', async () => {
    const one = await intake();
    await query(`select dossier.filed(base.uuid_v7(), array['${one.number}'], now())`);
    const slow = db.session();
    const body = { days: [{ day: await value(`select postal.add_working_days(postal.unit_by_code('46-A1'), base.vn_date(now()), 1)::text`),
        kind: 'holiday', name: 'Vội' }] };
    await slow.query('begin');
    await slow.query(`select dossier.act(a.id, a.unit_id, a.roles, '${one.code}', 'accept', '{}') from account.account a where a.login = 'officer'`);
    const told = await preview(body);
    await change({ ...body, confirm: told.tag });
    assert.equal(await value('select dossier.recompute_some(500)'), 't');
    for (let i = 0; i < 3; i++) assert.equal(await value('select dossier.recompute_some(500)'), 't');
    assert.equal(await value('select seen from dossier.recompute order by change desc limit 1'), '0', 'it waits');
    await slow.query('commit');
    await reckon();
    assert.equal(await by_rule(), 0, 'the one accepted meanwhile too');
    assert.equal(await differences(), 0);
    await slow.end();
});
