// What else was promised by the calendar, besides due dates: the time of an agency that was asked, and the day of a
// pick-up. A change names them by kind, moves each with an event of its own, and leaves alone what is over.
// Whatever is asked, answered, fetched and changed in whatever order, what is kept is what a model reckons.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { test_database } from './cluster.mjs';
import { DAY, day_of, day_text, Model } from './clock_model.mjs';
import { people, record, uuid7 } from './scans.mjs';

const COMMUNE = '19789', ONLINE = '1.004873', OFFICE = '46-B1', ASKED = ['46-A6', '46-A2'];
const HOLDER = `decode(repeat('11', 32), 'hex')`;
let db, session, all, today;
const query = (sql) => session.query(sql);
const value = async (sql) => (await query(sql))[0]?.[0] ?? null;
const json = async (sql) => JSON.parse(await value(sql));
const quoted = (what) => `'${JSON.stringify(what).replaceAll("'", "''")}'`;

before(async () => {
    db = await test_database();
    session = db.session();
    all = await people(db);
    // Nothing announced lies in the way of what is changed here.
    await query(`delete from postal.calendar_day where day > now() - interval '60 days'`);
    today = day_of(await value('select base.vn_date(now())::text'));
    assert.equal(await value(`select u.code from postal.commune c join postal.unit u on u.id = c.delivery_office where c.code = '${COMMUNE}'`), OFFICE);
});
after(() => db.end());

const asker = (login) => `${all[login].id}, ${all[login].unit}`;
async function processing() {
    const { id, code } = await json(`select dossier.intake(${asker('clerk')}, 2, jsonb_build_object('id', base.uuid_v7(), 'procedure', '1.004873',
        'agency', '46-A1', 'service', 'send', 'applicant_kind', 'citizen', 'from_commune', '${COMMUNE}', 'weight_g', 80,
        'documents', '[{"name": "Đơn", "originals": 1, "copies": 0}]'::jsonb, 'result_to_kind', 'agency'), '\\x01', '\\x02', '\\x03', '\\x04', 'digest')`);
    for (const action of ['accept', 'start'])
        await query(`select dossier.act(${asker('officer')}, 16, '${code}', '${action}', '{}')`);
    return { id, code };
}
async function ask({ code }, agency, time, time_unit) {
    const id = uuid7(Date.now());
    await query(`select dossier.ask_agency(${asker('officer')}, 16, '${code}', ${quoted({ id, agency, what: 'Hỏi', time, time_unit })}, null, null, '\\x01')`);
    return id;
}
const answer = async (one, id) => query(`select dossier.end_question(1, (select asked from dossier.asking where id = '${id}'), 16, '${one.code}', '${id}',
    '{"answer": "agreed", "reply": "x"}', null, null, null)`);
async function pickup(nth) {
    const id = uuid7(Date.now());
    await query(`select online.begin_draft('${id}', 0, ${HOLDER}, '10.0.0.1', '${ONLINE}', '\\x01', '\\x02', 30, 1000)`);
    const [day] = (await query(`select online.pickup_days(postal.unit_by_code('${OFFICE}')) offset ${nth} limit 1`)).flat();
    const body = { id, procedure: ONLINE, agency: '46-A1', service: 'send', applicant_kind: 'citizen', from_commune: COMMUNE, weight_g: 100,
        documents: [{ name: 'Tờ khai cấp Giấy xác nhận tình trạng hôn nhân', originals: 1, copies: 0 },
                    { name: 'Giấy tờ chứng minh nơi cư trú', originals: 0, copies: 1 }], result_to_kind: 'agency' };
    const how = { bring: 'pickup', day, half: 'morning', commune: COMMUNE };
    const view = await json(`select online.submit('${id}', 0, ${HOLDER}, 30, 1, ${quoted(body)}, ${quoted(how)}, '\\x01', '\\x02',
        decode(repeat('03', 32), 'hex'), decode(repeat('04', 32), 'hex'), 'digest', ${HOLDER})`);
    return { id, day, number: view.dossier.shipments[0].number, code: view.dossier.code };
}
async function fetched(one) {
    const scan = { id: uuid7(Date.now()), subject: one.number, kind: 'accept', at: new Date().toISOString(), who: 'clerk' };
    const [reply] = await record(session, all, [scan]);
    assert.equal(reply.state, 'accepted', JSON.stringify(reply));
}
const preview = (body) => json(`select dossier.preview_calendar(${quoted(body)})`);
const change = (body) => json(`select dossier.change_calendar(a.id, a.unit_id, ${quoted({ reason: 'Thông báo thử', ...body })}, null, '\\x01')
    from account.account a where a.login = 'admin'`);
const made = async (body) => {
    const told = await preview(body);
    await change({ ...body, confirm: told.tag });
    return told;
};
// (It waits for whoever else writes in the cluster, other tests among them.)
async function reckon(most = 500, turns = Infinity) {
    const until = Date.now() + 60000;
    for (let n = 0; n < turns && await value(`select dossier.recompute_some(${most})`) === 't'; n++) {
        assert.ok(Date.now() < until, 'it never ends');
        await new Promise((done) => setTimeout(done, 5));
    }
}
const counts = (told) => Object.fromEntries(told.kinds.map((x) => [x.what, x.count]));
const differences = () => query('select subject, what, kept, folded from dossier.rebuild_differences()');
const asking = async (id) => (await query(`select due_at, base.vn_date(due_at)::text from dossier.asking where id = '${id}'`))[0];
const events = (id, kind) => query(`select e.data, e.actor, e.unit from custody.event e where e.subject = '${id}' and e.kind like 'dossier.${kind}'
    order by (e.data ->> 'version')::int`).then((rows) => rows.map(([data, actor, unit]) => ({ ...JSON.parse(data), actor, unit })));

test('a day off of the agency that was asked moves its time, not that of the dossier; and back again', async () => {
    const one = await processing();
    const [open, over, elsewhere] = [await ask(one, '46-A6', 3, 'working_day'), await ask(one, '46-A6', 3, 'working_day'), await ask(one, '46-A2', 3, 'working_day')];
    await answer(one, over);
    const [was, day] = await asking(open), own = await value(`select due_at from dossier.dossier where id = '${one.id}'`);
    const version = Number(await value(`select version from dossier.dossier where id = '${one.id}'`));
    const off = { unit: '46-A6', days: [{ day, kind: 'compensatory', name: 'Sửa trụ sở' }] };
    const told = await preview(off);
    assert.deepEqual([counts(told), told.moves], [{ due: 0, question: 1, pickup: 0 }, 1]);
    assert.deepEqual(told.first.map((x) => [x.what, x.code, x.unit.id]), [['question', one.code, '46-A6']]);
    assert.deepEqual(told.days.map((x) => [x.what, x.from, x.count]), [['question', day, 1]]);
    const error = await change(off).catch((why) => why);
    assert.match(String(error.stderr), /calendar-moves-dates/, 'nobody was asked');
    await change({ ...off, confirm: told.tag });
    await reckon();
    const [due] = await asking(open);
    assert.equal(due, await value(`select '${told.first[0].due_at}'::timestamptz`));
    assert.deepEqual([await asking(over), await asking(elsewhere)].map(([at]) => at), [was, was], 'answered, or of another agency');
    assert.equal(await value(`select due_at from dossier.dossier where id = '${one.id}'`), own);
    const [event, ...more] = await events(one.id, 'asking_recomputed');
    assert.equal(more.length, 0);
    assert.deepEqual([event.ask, event.version, Date.parse(event.answer_due_at), Date.parse(event.old_answer_due_at), Number(event.actor)],
        [open, version + 1, Date.parse(told.first[0].due_at), Date.parse(told.first[0].old_due_at), all.admin.id]);
    const seen = (await json(`select dossier.view_for('${one.id}', ${asker('officer')}, 16)`)).askings.find((x) => x.id === open);
    assert.equal(Date.parse(seen.due_at), Date.parse(event.answer_due_at));
    const named = (await json(`select dossier.events('${one.code}', ${asker('officer')}, 16)`)).items.find((x) => x.kind === 'dossier.asking_recomputed');
    assert.ok(named.name && named.name_en && named.answer_due_at);
    assert.deepEqual(await differences(), []);
    const [record] = (await json('select dossier.calendar_changes(1, null)')).items;
    assert.deepEqual([record.moves, record.moved], [1, 1]);

    assert.equal((await made({ unit: '46-A6', days: [{ day, kind: 'usual' }] })).moves, 1);
    await reckon();
    assert.equal((await asking(open))[0], was);
    assert.deepEqual(await differences(), []);
    // A kept time that no event bears out is found.
    await query(`update dossier.asking set due_at = due_at + interval '1 day' where id = '${open}'`);
    assert.deepEqual((await differences()).map(([subject, what]) => [subject, what]), [[one.id, 'dossier.askings']]);
    await query(`select dossier.project_askings('${one.id}')`);
});

test('a pick-up goes to the next day on which the office fetches, and back; what was fetched stays', async () => {
    const one = await pickup(3), gone = await pickup(3), ended = await pickup(3), beside = await pickup(4), other = await pickup(5);
    assert.deepEqual([one.day, one.day], [gone.day, ended.day]);
    await fetched(gone);
    await query(`select dossier.record('${ended.id}', 'request_withdrawal', now(), 1, null, '{"from": 1, "to": 7}'),
        dossier.record('${ended.id}', 'stop', now(), 1, null, '{"from": 7, "to": 8}')`);
    const next = await value(`select postal.add_working_days(postal.unit_by_code('${OFFICE}'), '${one.day}', 1)::text`);
    const off = { unit: OFFICE, days: [{ day: one.day, kind: 'holiday', name: 'Nghỉ thử' }] };
    const told = await made(off);
    assert.deepEqual(counts(told), { due: 0, question: 0, pickup: 1 });
    assert.deepEqual(told.days, [{ what: 'pickup', from: one.day, to: next, count: 1 }]);
    assert.equal(told.first[0].unit.id, OFFICE);
    await reckon();
    const kept = (id) => query(`select day::text, wished::text, half from online.pickup where dossier = '${id}'`).then(([row]) => row);
    assert.deepEqual([await kept(one.id), await kept(gone.id), await kept(ended.id), await kept(other.id)],
        [[next, one.day, 'morning'], [one.day, one.day, 'morning'], [one.day, one.day, 'morning'], [other.day, other.day, 'morning']]);
    const [event] = await events(one.id, 'pickup_moved');
    assert.deepEqual([event.pickup, event.number], [{ day: next, old_day: one.day, half: 'morning' }, one.number]);
    // Whoever looks sees it: staff, the holder of the draft, the public that it moved, the office on that day.
    assert.deepEqual((await json(`select dossier.view_for('${one.id}', ${asker('officer')}, 16)`)).pickup.day, next);
    const mine = await json(`select view from online.get('${one.id}', 0, ${HOLDER}, 30)`);
    assert.deepEqual([mine.dossier.pickup.day, mine.dossier.pickup.wished], [next, one.day]);
    const told_to_all = await json(`select view from dossier.look('${one.number}')`);
    assert.equal(told_to_all.timeline[0].kind, 'dossier.pickup_moved');
    const unit = await value(`select postal.unit_by_code('${OFFICE}')`);
    const visits = async (day) => (await query(`select visit ->> 'number' from online.pickups(1, ${unit}, 2, '${day}')`)).flat();
    assert.ok((await visits(next)).includes(one.number) && !(await visits(one.day)).includes(one.number));
    assert.equal(await value(`select version from online.draft where id = '${one.id}'`), '2', 'whoever has seen it is told');
    // Another was asked for on the very day that the one was moved to: it stays.
    assert.equal(beside.day, next);
    assert.equal((await made({ unit: OFFICE, days: [{ day: one.day, kind: 'usual' }] })).moves, 1);
    await reckon();
    assert.deepEqual([await kept(one.id), await kept(beside.id)], [[one.day, one.day, 'morning'], [next, next, 'morning']]);
    assert.equal((await events(one.id, 'pickup_moved')).length, 2);
    assert.deepEqual(await differences(), []);
});

test('a pick-up of today that becomes a day off goes on; one that is over, or lies back, does not come again', async () => {
    const unit = await value(`select postal.unit_by_code('${OFFICE}')`);
    const kept = (wished, day) => value(`select online.kept_day(${unit}, '${day_text(today + wished)}', '${day_text(today + day)}')::text`);
    await query('begin');
    await query(`delete from postal.calendar_day; insert into postal.calendar_day (day, kind, name)
        select d::date, case when d = base.vn_date(now()) then 'holiday' else 'swapped_working' end, 'x'
        from generate_series(base.vn_date(now()) - 9, base.vn_date(now()) + 9, interval '1 day') d`);
    assert.equal(await kept(0, 0), day_text(today + 1), 'not today, so tomorrow');
    assert.equal(await kept(-2, 0), day_text(today + 1), 'asked for before today: not back to then');
    assert.equal(await kept(-2, 4), day_text(today + 4), 'told a day to come: it stays');
    assert.equal(await kept(2, 4), day_text(today + 2), 'the day that was asked for is worked again');
    await query('rollback');
    const one = await pickup(0);
    await query(`update online.pickup set wished = base.vn_date(now()) - 1, day = base.vn_date(now()) - 1 where dossier = '${one.id}'`);
    assert.equal(await value(`select count(*) from (${await value(`select dossier.promises('pickup')`)}) p where p.key = '${one.id}'`), '0');
    await query(`update online.pickup set day = base.vn_date(now()) where dossier = '${one.id}'`);
    assert.equal(await value(`select count(*) from (${await value(`select dossier.promises('pickup')`)}) p where p.key = '${one.id}'`), '1');
    await query(`update online.pickup set day = '${one.day}', wished = '${one.day}' where dossier = '${one.id}'`);
});

test('each kind of promise is walked by an index, a batch at a time', async () => {
    await query(`begin; set local enable_seqscan = off; set local enable_sort = off`);
    for (const what of ['due', 'question', 'pickup']) {
        const sql = await value(`select dossier.promises('${what}')`);
        const plan = (await query(`explain (costs off) select p.key, p.unit, p.at from (${sql}) p
            where (p.at, p.key) > (now(), '00000000-0000-0000-0000-000000000000') order by p.at, p.key limit 500`)).map(([line]) => line).join('\n');
        assert.match(plan, /Index Cond: .*ROW\(/, plan);
        assert.doesNotMatch(plan, /Sort|Seq Scan/, plan);
    }
    await query('rollback');
});

test('whatever is asked, fetched and changed in whatever order: kept is what a model reckons', async () => {
    const units = ['46-A6', '46-A2', OFFICE];
    const hours = [{ weekdays: [1, 2, 3, 4, 5], opens: '08:00', closes: '16:00' }, { weekdays: [1, 2, 3, 4, 5, 6], opens: '07:00', break_from: '11:00', break_to: '13:30', closes: '17:30' },
        { weekdays: [2, 4, 6], opens: '07:30', closes: '15:00' }];
    const step = fc.oneof(
        { weight: 3, arbitrary: fc.record({ do: fc.constant('ask'), to: fc.nat(1), time: fc.integer({ min: 1, max: 7 }), hours: fc.boolean() }) },
        { weight: 2, arbitrary: fc.record({ do: fc.constant('pickup'), nth: fc.nat(9) }) },
        { weight: 2, arbitrary: fc.record({ do: fc.constant('rather'), which: fc.nat(9), nth: fc.option(fc.nat(9)) }) },
        fc.record({ do: fc.constantFrom('answer', 'fetch'), which: fc.nat(9) }),
        { weight: 3, arbitrary: fc.record({ do: fc.constant('days'), unit: fc.option(fc.constantFrom(...units)), kind: fc.constantFrom('holiday', 'compensatory', 'swapped_working', 'usual'),
            from: fc.nat(14), long: fc.integer({ min: 1, max: 4 }) }) },
        fc.record({ do: fc.constant('hours'), unit: fc.constantFrom(...units), from: fc.integer({ min: 1, max: 12 }), which: fc.option(fc.nat(2)) }),
        { weight: 2, arbitrary: fc.record({ do: fc.constant('reckon'), most: fc.integer({ min: 1, max: 3 }), turns: fc.integer({ min: 1, max: 5 }) }) });
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 20 }), async (steps) => {
        await query(`delete from postal.calendar_day where day > now() - interval '60 days'; delete from postal.office_time`);
        const base = Object.fromEntries((await query(`select code, weekdays::text, to_char(opens, 'HH24:MI'), to_char(break_from, 'HH24:MI'), to_char(break_to, 'HH24:MI'),
            to_char(closes, 'HH24:MI') from postal.unit where code in ('${units.join(`', '`)}')`)).map(([code, weekdays, opens, break_from, break_to, closes]) =>
            [code, { weekdays: JSON.parse(weekdays.replace('{', '[').replace('}', ']')), opens, break_from, break_to, closes }]));
        const days = new Map(), times = new Map(); // "unit day" -> kind, "unit day" -> hours
        const model = (unit) => new Model([...days].map(([key, kind]) => [key.split(' ')[1], kind, key.split(' ')[0] === unit, key.split(' ')[0]])
            .filter(([, , own, whose]) => own || whose === 'all'),
        [base[unit], ...[...times].filter(([key]) => key.startsWith(unit)).map(([, h]) => h).sort((a, b) => a.from.localeCompare(b.from))]);
        const one = await processing(), asks = [], picks = [];
        const changes = async (body) => {
            const told = await preview(body).catch(() => null); // too few days to work
            if (!told) return false;
            return change({ ...body, confirm: told.tag }).then(() => true, (why) => {
                assert.match(String(why.stderr), /conflict/, 'only while the one before is reckoned');
                return false;
            });
        };
        for (const s of steps) {
            if (s.do === 'ask') {
                const id = await ask(one, ASKED[s.to], s.time, s.hours ? 'working_hour' : 'working_day');
                asks.push({ id, unit: ASKED[s.to], term: { value: s.time, unit: s.hours ? 'working_hour' : 'working_day' }, open: true });
            } else if (s.do === 'pickup') {
                const it = await pickup(s.nth);
                picks.push({ ...it, first: it.day, open: true });
            } else if (s.do === 'rather' && picks.length) {
                // Another day; or the one that is told now, said to be right.
                const it = picks[s.which % picks.length], [[now, version]] = await query(`select k.day::text, d.version from online.pickup k
                    join online.draft d on d.id = k.dossier where k.dossier = '${it.id}'`);
                const days = (await query(`select online.pickup_days(postal.unit_by_code('${OFFICE}'))`)).flat();
                const day = s.nth === null ? now : days[s.nth];
                if (!it.open || !days.includes(day)) continue;
                await query(`select online.change_pickup('${it.id}', 0, ${HOLDER}, 30, ${version}, '${day}', 'afternoon')`);
                it.day = day;
            } else if (s.do === 'answer' && asks.length) {
                const it = asks[s.which % asks.length];
                if (it.open) await answer(one, it.id);
                it.open = false;
            } else if (s.do === 'fetch' && picks.length) {
                const it = picks[s.which % picks.length];
                if (it.open) await fetched(it);
                it.open = false;
            } else if (s.do === 'days') {
                const list = Array.from({ length: s.long }, (_, i) => ({ day: day_text(today + s.from + i), kind: s.kind, ...(s.kind === 'usual' ? {} : { name: 'Thử' }) }));
                if (await changes({ ...(s.unit ? { unit: s.unit } : {}), days: list }))
                    for (const { day } of list) {
                        if (s.kind === 'usual') days.delete(`${s.unit ?? 'all'} ${day}`);
                        else days.set(`${s.unit ?? 'all'} ${day}`, s.kind);
                    }
            } else if (s.do === 'hours') {
                const from = day_text(today + s.from), h = s.which === null ? { remove: true } : hours[s.which];
                if (await changes({ unit: s.unit, hours: { valid_from: from, ...h } })) {
                    if (s.which === null) times.delete(`${s.unit} ${from}`);
                    else times.set(`${s.unit} ${from}`, { from, ...h });
                }
            } else if (s.do === 'reckon') await reckon(s.most, s.turns);
        }
        await reckon(3);
        assert.deepEqual(await differences(), []);
        for (const it of asks.filter((x) => x.open)) {
            const [[at, due]] = await query(`select extract(epoch from asked_at), extract(epoch from due_at) from dossier.asking where id = '${it.id}'`);
            const reckoned = model(it.unit).due((Number(at) + 25200) / 60, it.term);
            assert.ok(Math.abs(reckoned * 60 - 25200 - due) < 1, `${JSON.stringify(it)}: ${new Date(due * 1000).toISOString()} and not ${new Date((reckoned * 60 - 25200) * 1000).toISOString()}`);
        }
        for (const it of picks.filter((x) => x.open)) {
            const reckoned = day_text(model(OFFICE).add_days(day_of(it.day) - 1, 1));
            assert.equal(await value(`select day::text from online.pickup where dossier = '${it.id}'`), reckoned, JSON.stringify(it));
        }
        // Their events are a chain: each goes on where the one before ended, and says something new.
        const chain = (list, first, old, now) => list.reduce((at, x) => {
            assert.equal(old(x), at);
            assert.notEqual(now(x), at);
            return now(x);
        }, first);
        const told = await events(one.id, 'asking_recomputed'), [...asked] = await events(one.id, 'ask_agency');
        for (const it of asks) {
            const end = chain(told.filter((x) => x.ask === it.id), asked.find((x) => x.ask === it.id).answer_due_at, (x) => x.old_answer_due_at, (x) => x.answer_due_at);
            assert.equal(await value(`select due_at = '${end}' from dossier.asking where id = '${it.id}'`), 't');
        }
        for (const it of picks) {
            let day = it.first;
            for (const x of await events(it.id, '%pickup%')) {
                // (the applicant may keep the day, for another half of it)
                assert.ok(x.pickup.old_day === day && (x.pickup.day !== day || !x.change), JSON.stringify(x));
                day = x.pickup.day;
            }
            assert.equal(await value(`select day::text from online.pickup where dossier = '${it.id}'`), day);
        }
    }), { numRuns: Number(process.env.PROMISE_RUNS ?? 8), includeErrorInReport: true });
});
