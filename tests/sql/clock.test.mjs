// The clock: worked examples over Tết 2026 and the swapped days, and the rules as properties over random
// calendars, hours, pauses and apologies, compared with a model that counts day by day.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { test_database } from './cluster.mjs';
import { DAY, day_of, day_text, dice, minute_of, Model, time_text } from './clock_model.mjs';

const SEED = Number(process.env.CLOCK_SEED ?? 20260213);
let db, session;
const query = (sql) => session.query(sql);
const value = async (sql) => (await query(sql))[0]?.[0] ?? null;
const vn = (minute) => `'${time_text(minute)}+07'`;
// Many questions in one: [sql of a time] -> minutes.
const minutes = async (list) => (await query(`select n, to_char(x at time zone 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD HH24:MI')
    from (values ${list.map((sql, i) => `(${i}, ${sql})`).join(', ')}) as v (n, x) order by n`)).map(([, text]) => text && minute_of(text));

before(async () => {
    db = await test_database();
    session = db.session('dossierpost_owner');
});
after(() => db.end());

test('worked examples in working days: Tết 2026, holidays, and the swapped Saturdays', async () => {
    const table = [
        ['2026-02-13', 1, '2026-02-23'], ['2026-01-09', 1, '2026-01-10'], // as the model of the field has them
        ['2026-04-24', 1, '2026-04-28'], ['2026-08-28', 1, '2026-09-03'],
        ['2025-12-31', 1, '2026-01-05'], // 1 January, 2 January swapped, the weekend
        ['2026-01-08', 2, '2026-01-10'], ['2026-01-09', 2, '2026-01-12'], ['2026-01-02', 1, '2026-01-05'],
        ['2026-02-12', 2, '2026-02-23'], ['2026-02-10', 5, '2026-02-24'], ['2026-02-13', 15, '2026-03-13'],
        ['2026-02-14', 1, '2026-02-23'], ['2026-02-18', 1, '2026-02-23'], ['2026-02-18', 3, '2026-02-25'], // filed on a day off
        ['2026-04-29', 1, '2026-05-04'], ['2026-04-24', 3, '2026-05-04'],
        ['2026-08-21', 1, '2026-08-22'], ['2026-08-21', 2, '2026-08-24'], ['2026-08-27', 2, '2026-09-03'],
        ['2026-11-23', 1, '2026-11-25'],
    ];
    for (const [from, n, due] of table)
        assert.equal(await value(`select (postal.due_at(postal.unit_by_code('46-A1'), '${from} 09:10+07', ${n}, 'working_day')
            at time zone 'Asia/Ho_Chi_Minh')::text`), `${due} 17:00:00`, `${from} + ${n}`);
});

test('worked examples in working hours, and the 15:00 rule', async () => {
    for (const [from, n, due] of [
        ['2026-02-13 16:00', 2, '2026-02-23 08:30'], // an hour before Tết, an hour after
        ['2026-01-09 15:30', 4, '2026-01-10 10:00'], // on into the worked Saturday
        ['2026-08-22 11:00', 1, '2026-08-22 14:00'], ['2026-08-31 09:00', 1, '2026-09-03 08:30'],
        ['2026-03-02 07:30', 8, '2026-03-03 08:00']]) {
        assert.equal(await value(`select to_char(postal.due_at(postal.unit_by_code('46-A1'), '${from}+07', ${n}, 'working_hour')
            at time zone 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD HH24:MI')`), due, `${from} + ${n} h`);
    }
    for (const [at, on] of [['2026-02-13 14:59', '2026-02-13'], ['2026-02-13 15:00', '2026-02-23'], ['2026-01-09 15:00', '2026-01-10'],
        ['2026-08-21 16:00', '2026-08-22'], ['2026-08-28 15:30', '2026-09-03'], ['2026-08-22 14:00', '2026-08-22'],
        ['2026-08-31 08:00', '2026-09-03']])
        assert.equal(await value(`select postal.forwarded_on(postal.unit_by_code('46-B1'), '${at}+07')::text`), on, at);
});

// A calendar by dice, in the database and in the model: national days, days of the one unit that win over
// them, and hours that change now and then.
async function calendar(die) {
    const days = new Map();
    for (let i = 0; i < 30; i++) {
        const day = day_text(day_of('2026-01-01') + die.below(240)), own = die.below(3) === 0;
        days.set(day + own, [day, die.pick(['holiday', 'compensatory', 'swapped_working']), own]);
    }
    const hours = (from) => ({ from, weekdays: die.pick([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6], [2, 3, 4, 5, 6], [1, 3, 5]]),
        ...die.pick([{ opens: '07:30', break_from: '11:30', break_to: '13:30', closes: '17:00' }, { opens: '08:00', closes: '16:30' },
            { opens: '07:00', break_from: '11:00', break_to: '14:00', closes: '17:30' }]) });
    const all = [hours(), ...[60, 130].slice(die.below(3)).map((n) => hours(day_text(day_of('2026-01-01') + n + die.below(30))))];
    const sql = (h) => `'{${h.weekdays}}', '${h.opens}', ${h.break_from ? `'${h.break_from}', '${h.break_to}'` : 'null, null'}, '${h.closes}'`;
    const set = (h) => `weekdays = '{${h.weekdays}}', opens = '${h.opens}', break_from = ${h.break_from ? `'${h.break_from}'` : 'null'},
        break_to = ${h.break_to ? `'${h.break_to}'` : 'null'}, closes = '${h.closes}'`;
    await query(`delete from postal.calendar_day; delete from postal.office_time;
        update postal.unit set ${set(all[0])} where code = '46-A1';
        ${[...days.values()].map(([day, kind, own]) => `insert into postal.calendar_day (day, unit_id, kind, name)
            values ('${day}', ${own ? `postal.unit_by_code('46-A1')` : 'null'}, '${kind}', 'x')`).join(';')};
        ${all.slice(1).map((h) => `insert into postal.office_time (unit_id, valid_from, weekdays, opens, break_from, break_to, closes)
            values (postal.unit_by_code('46-A1'), '${h.from}', ${sql(h)})`).join(';')}`);
    return new Model([...days.values()], all);
}

test('over random calendars: first day excluded, never on a day off, onward, and as the model counts', async () => {
    const die = dice(SEED);
    for (let turn = 0; turn < 8; turn++) {
        const m = await calendar(die), u = `postal.unit_by_code('46-A1')`;
        const asked = Array.from({ length: 60 }, () => ({ from: (day_of('2026-01-02') + die.below(200)) * DAY + die.below(DAY),
            term: { value: 1 + die.below(20), unit: die.pick(['working_day', 'working_day', 'working_hour']) } }));
        const due = (from, term) => `postal.due_at(${u}, ${vn(from)}, ${term.value}, '${term.unit}')`;
        const got = await minutes(asked.map(({ from, term }) => due(from, term)));
        const more = await minutes(asked.map(({ from, term }) => due(from, { ...term, value: term.value + 1 })));
        const later = await minutes(asked.map(({ from, term }) => due(from + 37, term)));
        for (const [i, { from, term }] of asked.entries()) {
            const said = `${JSON.stringify(term)} from ${time_text(from)}: ${time_text(got[i])}, seed ${SEED}`;
            assert.equal(got[i], m.due(from, term), `${said}, the model ${time_text(m.due(from, term))}`);
            assert.ok(m.works(Math.floor(got[i] / DAY)), `on a day off: ${said}`);
            assert.ok(more[i] > got[i] && later[i] >= got[i], `not onward: ${said}`);
            if (term.unit === 'working_day') {
                assert.ok(Math.floor(got[i] / DAY) > Math.floor(from / DAY), `the first day counts: ${said}`);
                assert.equal(m.count(Math.floor(from / DAY), Math.floor(got[i] / DAY)), term.value, said);
            } else assert.equal(m.minutes(from, got[i]), term.value * 60, said);
        }
        const spans = asked.map(({ from }) => [from, from + die.below(60 * DAY)]);
        const counted = await query(`select postal.working_days(${u}, a::date, b::date), postal.working_minutes(${u}, a at time zone 'Asia/Ho_Chi_Minh',
            b at time zone 'Asia/Ho_Chi_Minh') from (values ${spans.map(([a, b], n) => `(${n}, '${time_text(a)}'::timestamp, '${time_text(b)}'::timestamp)`).join(', ')}) v (n, a, b) order by n`);
        for (const [i, [a, b]] of spans.entries())
            assert.deepEqual(counted[i].map(Number), [m.count(Math.floor(a / DAY), Math.floor(b / DAY)), m.minutes(a, b)],
                `${time_text(a)} to ${time_text(b)}`);
    }
});

test('pauses and an apology: resume moves by what was lost, restart begins anew, as the model has it', async () => {
    const die = dice(SEED + 1);
    const terms = {};
    for (const code of ['1.004222', '1.004873']) {
        const [[v, unit, after_supplement]] = await query(`select body #>> '{time,value}', body #>> '{time,unit}', body ->> 'clock_after_supplement'
            from procedure.procedure where code = '${code}' order by version desc limit 1`);
        terms[code] = { term: { value: Number(v), unit }, restart: after_supplement === 'restart' };
    }
    assert.deepEqual(Object.values(terms).map((x) => x.restart).sort(), [false, true]);
    // Of a procedure in hours, which the catalogue of the tests has none of.
    await query(`insert into procedure.procedure (code, version, body) select p.code, 9001, p.body || '{"time": {"value": 12, "unit": "working_hour"}}'
        from procedure.procedure p where code = '1.004222' order by version desc limit 1`);
    for (let turn = 0; turn < 6; turn++) {
        const m = await calendar(die);
        const asked = Array.from({ length: 50 }, () => {
            const hours = die.below(3) === 0, code = hours ? '1.004222' : die.pick(Object.keys(terms));
            const from = (day_of('2026-01-05') + die.below(60)) * DAY + 450 + die.below(570), pauses = [];
            let at = from - 2 * DAY, promised;
            for (let i = die.below(4); i > 0; i--) {
                const began = at + die.below(6 * DAY), ended = began + die.below(12 * DAY);
                pauses.push({ kind: die.pick(['supplement', 'payment']), began, ended });
                at = ended + 1;
            }
            if (die.below(3) === 0) promised = { at, due: at + (3 + die.below(20)) * DAY };
            if (die.below(3) === 0) pauses.push({ kind: 'payment', began: at + 5, ended: die.below(2) ? at + 5 + die.below(5 * DAY) : undefined });
            return { code, from, pauses, promised, version: hours ? 9001 : null,
                ...(hours ? { term: { value: 12, unit: 'working_hour' }, restart: terms[code].restart } : terms[code]) };
        });
        const json = (pauses) => JSON.stringify(pauses.map((p) => ({ kind: p.kind, began: `${time_text(p.began)}+07`,
            ...(p.ended === undefined ? {} : { ended: `${time_text(p.ended)}+07` }) })));
        const got = await minutes(asked.map((one) => `dossier.due_by(jsonb_populate_record(null::dossier.dossier, jsonb_build_object(
            'agency', postal.unit_by_code('46-A1'), 'procedure', '${one.code}', 'procedure_version', ${one.version
                ?? `(select max(version) from procedure.procedure where code = '${one.code}' and version < 9000)`})),
            ${vn(one.from)}, '${json(one.pauses)}', ${one.promised ? `${vn(one.promised.due)}, ${vn(one.promised.at)}` : 'null, null'})`));
        for (const [i, one] of asked.entries()) {
            const said = `${JSON.stringify(one)} gave ${time_text(got[i])}, seed ${SEED}`;
            assert.equal(got[i], m.due_by(one.from, one.term, one.restart, one.pauses, one.promised), said);
            assert.ok(m.works(Math.floor(got[i] / DAY)), `on a day off: ${said}`);
            const inside = one.pauses.filter((p) => p.ended !== undefined && p.ended > one.from)
                .map((p) => [Math.max(p.began, one.from), p.ended]);
            // Resumed: its time and the sum of the intervals, no more and no less.
            if (one.promised || one.restart && one.pauses.some((p) => p.kind === 'supplement')) continue;
            if (one.term.unit === 'working_day')
                assert.equal(m.count(Math.floor(one.from / DAY), Math.floor(got[i] / DAY)), one.term.value
                    + inside.reduce((n, [a, b]) => n + m.count(Math.floor(a / DAY), Math.floor(b / DAY)), 0), said);
            else assert.equal(m.minutes(one.from, got[i]), one.term.value * 60 + inside.reduce((n, [a, b]) => n + m.minutes(a, b), 0), said);
        }
    }
});
