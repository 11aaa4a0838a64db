// On time, early, late; the register, the control sheet and the board of what is due: as the events have it,
// for whoever may see it, and from indexes however many dossiers there are.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { test_database } from './cluster.mjs';
import { people, record, uuid7 } from './scans.mjs';

let db, session, all;
const query = (sql) => session.query(sql);
const value = async (sql) => (await query(sql))[0]?.[0] ?? null;
const json = async (sql) => JSON.parse(await value(sql));
const quoted = (what) => `'${JSON.stringify(what).replaceAll("'", "''")}'`;

before(async () => {
    db = await test_database();
    session = db.session();
    all = await people(db);
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
const filed = (one, days = 0) => query(`select dossier.filed(base.uuid_v7(), array['${one.number}'], now() - interval '${days} days')`);
const as = (who, call) => json(`select ${call.replace('WHO', 'a.id, a.unit_id, a.roles')} from account.account a where a.login = '${who}'`);
const register = (who, args = {}) => as(who, `report.register(WHO, ${quoted(args)})`);
const problem = async (promise) => /DP001: (\S+)/.exec((await promise.catch((why) => why)).stderr ?? '')?.[1];

test('early, on time, late: by the end that counts, a pause left out, two supplements late', async () => {
    const due = '2026-03-10 17:00+07';
    const timing = (d) => value(`select dossier.timing_at(jsonb_populate_record(null::dossier.dossier, ${quoted({ supplements: 0, due_at: due, ...d })}),
        '2026-03-11 09:00+07')`);
    const table = [
        [{ ended_at: '2026-03-10 16:59:59+07' }, 'early'], [{ ended_at: due }, 'on_time'], [{ ended_at: '2026-03-10 17:00:01+07' }, 'late'],
        [{ ended_at: '2026-03-09 08:00+07', supplements: 1 }, 'early'], [{ ended_at: '2026-03-09 08:00+07', supplements: 2 }, 'late'],
        [{}, 'late'], [{ due_at: '2026-03-12 17:00+07' }, 'open'], [{ due_at: '2026-03-12 17:00+07', supplements: 2 }, 'late'],
        [{ paused_at: '2026-03-10 10:00+07' }, 'open'], [{ paused_at: '2026-03-10 18:00+07' }, 'late'],
        [{ due_at: null }, null], [{ cancelled_at: '2026-03-01 09:00+07' }, null],
    ];
    for (const [d, expected] of table) assert.equal(await timing(d), expected, JSON.stringify(d));
    for (const [day, ended, now, expected] of [['2026-03-10', '2026-03-10 23:00+07', '2026-03-20', 'on_time'], ['2026-03-10', '2026-03-09 08:00+07', '2026-03-20', 'early'],
        ['2026-03-10', '2026-03-11 00:00+07', '2026-03-20', 'late'], ['2026-03-10', null, '2026-03-10 23:00+07', 'open'], ['2026-03-10', null, '2026-03-11 01:00+07', 'late']])
        assert.equal(await value(`select custody.leg_timing('${day}', ${ended ? `'${ended}'` : 'null'}, '${now}')`), expected);
});

test('an end out of a pause counts by the time the agency used; a rejection by the time it would have had', async () => {
    const one = await intake();
    await filed(one);
    await act(one, 'accept');
    await act(one, 'start');
    await act(one, 'ask_supplement', { reason: 'Thiếu' });
    // It was asked for forty days ago, within the time, and nothing ever came.
    await query(`update dossier.dossier set filed_at = filed_at - interval '40 days', accepted_at = accepted_at - interval '40 days',
        paused_at = paused_at - interval '39 days' where id = '${one.id}'`);
    await query(`update dossier.pause set began = began - interval '39 days' where dossier = '${one.id}'`);
    const view = await act(one, 'stop', { reason: 'Không bổ sung' });
    assert.equal(view.timing, 'early', JSON.stringify(view));
    assert.ok(view.due_at > view.ended_at);
    const bad = await intake();
    await filed(bad, 60);
    const rejected = await act(bad, 'reject', { reason: 'Không thuộc thẩm quyền', legal_basis: 'Điều 17' });
    assert.equal(rejected.timing, 'late');
    const soon = await intake();
    await filed(soon);
    assert.equal((await act(soon, 'reject', { reason: 'Không thuộc thẩm quyền', legal_basis: 'Điều 17' })).timing, 'early');
});

test('the register: in the order of receipt, of one agency, page by page, with both clocks', async () => {
    const list = [];
    for (const days of [9, 3, 6, 1]) {
        const one = await intake({ agency: '46-A6' });
        await filed(one, days);
        list.push([days, one]);
    }
    await intake({ agency: '46-A6' }); // not received yet
    const order = list.sort((a, b) => b[0] - a[0]).map(([, one]) => one.code);
    const first = list[0][1];
    await act(first, 'accept', {}, 'officer2');
    await act(first, 'start', {}, 'officer2');
    await act(first, 'result_ready', {}, 'officer2');
    const whole = await register('officer2');
    assert.deepEqual(whole.items.map((row) => row.code), order);
    assert.equal(whole.agency.id, '46-A6');
    const [row] = whole.items;
    assert.ok(['early', 'late'].includes(row.timing) && row.ended_at && row.due_at && row.procedure.name);
    assert.deepEqual(Object.keys(row.days).sort(), ['agency', 'post', 'waiting']);
    const pages = [];
    for (let next; ;) {
        const page = await register('officer2', { limit: 2, ...(next ? { next } : {}) });
        pages.push(page.items.length);
        assert.ok(page.items.every((one, i) => one.code === order[pages.slice(0, -1).reduce((a, b) => a + b, 0) + i]));
        next = page.next;
        if (!next) break;
    }
    assert.deepEqual(pages, [2, 2]);
    const day = await value(`select (base.vn_date(now()) - 5)::text`);
    assert.deepEqual((await register('officer2', { from: day })).items.map((x) => x.code), order.slice(2));
    assert.deepEqual((await register('officer2', { to: day })).items.map((x) => x.code), order.slice(0, 2));
    assert.equal((await register('supervisor', { agency: '46-A6' })).items.length, 4);
    assert.equal((await register('admin', { agency: '46-A6', timing: row.timing })).items[0].code, first.code);
    assert.equal(await problem(register('officer', { agency: '46-A6' })), 'forbidden');
    assert.equal(await problem(register('supervisor')), 'invalid-fields');
    assert.equal(await problem(register('officer2', { next: 'x' })), 'invalid-fields');
    assert.equal(await problem(register('officer2', { from: '2026-02-30' })), 'invalid-fields');
    // The same as lines: numbered on through the pages, times as people write them, nothing a spreadsheet runs.
    const lines = [];
    for (let next = null; ;) {
        const [[text, more]] = await query(`select l.lines, l.next from account.account a, report.register_lines(a.id, a.unit_id, a.roles,
            ${quoted({ limit: 3, ...(next ? { next } : {}) })}) l where a.login = 'officer2'`);
        lines.push(...text.split('\r\n').filter(Boolean));
        next = more;
        if (!next) break;
    }
    assert.deepEqual(lines.map((line) => line.split(',').slice(0, 2)), order.map((code, i) => [String(i + 1), code]));
    assert.match(lines[0], /,\d\d\/\d\d\/\d{4} \d\d:\d\d,/);
    assert.deepEqual(await query(`select report.csv('=1+1'), report.csv('a,"b"'), report.csv(null), report.csv('ơ')`), [[`'=1+1`, '"a,""b"""', '', 'ơ']]);
});

async function scan(kind, who, subject, at, more = {}) {
    const [reply] = await record(session, all, [{ id: uuid7(at), subject, kind, who, at: new Date(at).toISOString(), ...more }]);
    assert.equal(reply.outcome, 'recorded', JSON.stringify(reply));
}

test('the control sheet: every change of hands and step, from whom to whom, with its timing', async () => {
    const one = await intake(), hour = 3600000, began = Date.now() - 30 * hour;
    await scan('accept', 'clerk', one.number, began);
    await scan('out_for_delivery', 'courier', one.number, began + hour);
    await filed(one);
    await act(one, 'accept');
    await act(one, 'start');
    await act(one, 'ask_supplement', { reason: 'Thiếu giấy khai sinh' });
    await act(one, 'supplement_received');
    await act(one, 'result_ready');
    const sheet = await json(`select report.control_sheet('${one.id}')`);
    assert.equal(sheet.code, one.code);
    assert.equal(sheet.timing, 'early');
    assert.deepEqual(sheet.post.map((leg) => [leg.leg, leg.timing]), [['outward', sheet.post[0].timing]]);
    assert.deepEqual(sheet.hops.map((hop) => [hop.clock, hop.kind, hop.giver.kind, hop.receiver.kind]), [
        ['post', 'accept', 'applicant', 'place'], ['post', 'out_for_delivery', 'place', 'person'],
        ['agency', 'dossier.accept', 'applicant', 'agency'], ['agency', 'dossier.start', 'agency', 'experts'],
        ['agency', 'dossier.ask_supplement', 'agency', 'applicant'], ['agency', 'dossier.supplement_received', 'applicant', 'agency'],
        ['agency', 'dossier.result_ready', 'experts', 'agency']]);
    assert.deepEqual(sheet.hops.map((hop) => hop.n), [1, 2, 3, 4, 5, 6, 7]);
    assert.equal(sheet.hops.at(-1).timing, 'early');
    assert.equal(sheet.hops[4].note, 'Thiếu giấy khai sinh');
    assert.ok(sheet.hops.every((hop) => hop.name && hop.giver.name && hop.receiver.name));
    assert.equal(await value(`select report.control_sheet('00000000-0000-0000-0000-000000000000')`), null);
    const asked = (who) => as(who, `report.control_sheet_for('${one.code}', WHO)`);
    assert.equal((await asked('officer')).code, one.code);
    assert.equal(await problem(asked('officer2')), 'not-found');
    assert.equal(await problem(asked('courier')), 'forbidden');
    assert.equal(await value(`select count(*) from dossier.access where dossier = '${one.id}' and what = 'control_sheet'`), '1');
});

test('the board: overdue, today, the next working days, by agency and procedure; the post apart', async () => {
    await query(`update dossier.dossier set due_at = null where ended_at is null`); // of the tests before
    const at = async (n) => value(`select postal.closing(u, postal.add_working_days(u, base.vn_date(now()), ${n})) from postal.unit_by_code('46-A1') u`);
    const made = {};
    for (const [name, due] of [['gone', `now() - interval '3 days'`], ['next', `'${await at(1)}'`], ['third', `'${await at(3)}'`], ['far', `'${await at(9)}'`]]) {
        made[name] = await intake();
        await filed(made[name]);
        await act(made[name], 'accept');
        await query(`update dossier.dossier set due_at = ${due} where id = '${made[name].id}'`);
    }
    const twice = await intake({ agency: '46-A6' });
    await filed(twice);
    await act(twice, 'accept', {}, 'officer2');
    await query(`update dossier.dossier set supplements = 2 where id = '${twice.id}'`);
    const board = await as('supervisor', `report.due(WHO, '{}')`);
    assert.deepEqual(board.totals, { overdue: 2, tomorrow: 1, soon: 1, later: 1 });
    assert.deepEqual(board.groups.map((g) => [g.agency.id, g.overdue, g.procedures.length]).sort(), [['46-A1', 1, 1], ['46-A6', 1, 1]]);
    assert.deepEqual(board.post, { count: 0, items: [] });
    assert.deepEqual((await as('officer', `report.due(WHO, '{}')`)).groups.map((g) => g.agency.id), ['46-A1']);
    assert.equal(await problem(as('officer', `report.due(WHO, '{"agency": "46-A6"}')`)), 'forbidden');
    const items = (who, args) => as(who, `report.due_items(WHO, ${quoted(args)})`);
    assert.deepEqual((await items('officer', {})).items.map((x) => [x.code, x.bucket]),
        [[made.gone.code, 'overdue'], [made.next.code, 'tomorrow'], [made.third.code, 'soon']]);
    assert.deepEqual((await items('supervisor', { bucket: 'overdue' })).items.map((x) => x.code), [made.gone.code, twice.code]);
    assert.deepEqual((await items('supervisor', { bucket: 'later' })).items.map((x) => x.code), [made.far.code]);
    const page = await items('supervisor', { limit: 2 });
    assert.deepEqual((await items('supervisor', { limit: 2, next: page.next })).items.map((x) => x.bucket).length, 2);
    // What the post should have delivered by now.
    await query(`insert into custody.exception (subject, event_id, code, unit, actor, agencies, detail) values ('${made.next.number}', base.uuid_v7(), 'not_arrived', 2, 1,
        custody.agencies_of('${made.next.number}'), '{"expected_by": "2026-03-10T09:00:00+07:00"}')`);
    const { post } = await as('supervisor', `report.due(WHO, '{}')`);
    assert.deepEqual([post.count, post.items[0].code, post.items[0].number], [1, made.next.code, made.next.number]);
    assert.equal((await as('officer2', `report.due(WHO, '{}')`)).post.count, 0, 'of another agency');
    await query(`update custody.exception set resolved_at = now() where subject = '${made.next.number}'`);
    assert.equal((await as('supervisor', `report.due(WHO, '{}')`)).post.count, 0);
});

// Every plan of these calls, also of what functions do inside.
async function plans(name, folder, statements) {
    const loud = `load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;
        set client_min_messages = log`;
    const { stderr } = await promisify(execFile)('psql', ['-h', folder, '-X', '-q', '-U', 'postgres', '-d', name, '-v', 'ON_ERROR_STOP=1',
        ...[loud, ...statements].flatMap((sql) => ['-c', sql])], { maxBuffer: 1 << 28 });
    return stderr;
}

test('at scale no page reads all dossiers, events or shipments', async () => {
    const many = await test_database();
    const one = await many.query(`select id from postal.unit where kind = 'agency' order by id`);
    await many.query(`set local synchronous_commit = off; 
        insert into dossier.dossier (id, code, procedure, procedure_version, agency, office, service, applicant_kind, from_commune, result_to_kind,
            weight_g, created_at, created_by, status, filed_at, accepted_at, due_at, ended_at, supplements, version)
        select gen_random_uuid(), 'G09.20-20260609-' || lpad(g::text, 7, '0'), '1.004873', 1, ('{${one.flat()}}'::bigint[])[1 + g % ${one.length}], 11, 'both',
            'citizen', '19777', 'agency', 80, t.at, 1, case when g % 20 = 0 then 4 else 10 end, t.at, t.at, t.at + interval '5 days',
            case when g % 20 <> 0 then t.at + interval '3 days' end, 0, 3
        from generate_series(1, 40000) g cross join lateral (select now() - g * interval '7 minutes' as at) t;
        insert into custody.shipment (number, dossier, leg, begun_place, created_at, state, holder_kind, holder_id, place)
        select 'R' || chr(65 + n::int % 20) || lpad(n::text, 8, '0') || '0VN', d.id, 'outward', 11, d.created_at, 'delivered', 'agency', d.agency, 11
        from (select x.*, row_number() over () as n from dossier.dossier x) d;
        insert into custody.event (subject, id, kind, at, received_at, device_at, actor, unit, outcome, data, digest)
        select d.id::text, base.uuid_v7(), 'dossier.accept', d.created_at, now(), now(), 1, d.agency, 'recorded', '{"version": 2}', '\\x' from dossier.dossier d;
        insert into custody.exception (subject, event_id, code, unit, actor, agencies)
        select s.number, base.uuid_v7(), 'not_arrived', 2, 1, custody.agencies_of(s.number) from custody.shipment s where s.number like 'RA%'`);
    await many.query('analyze dossier.dossier; analyze custody.shipment; analyze custody.exception; analyze custody.event; analyze postal.unit', 'dossierpost_owner');
    const code = await many.value(`select code from dossier.dossier limit 1`);
    const who = `a.id, a.unit_id, a.roles`, from = (login) => `from account.account a where a.login = '${login}'`;
    const told = await plans(many.name, many.folder, [
        `select report.register(${who}, '{"agency": "46-A1"}') ${from('supervisor')}`,
        `select report.register(${who}, '{"from": "2026-11-01", "timing": "late"}') ${from('officer')}`,
        `select report.due(${who}, '{}') ${from('supervisor')}`, `select report.due(${who}, '{}') ${from('officer')}`,
        `select report.due_items(${who}, '{}') ${from('supervisor')}`, `select report.due_items(${who}, '{"bucket": "overdue"}') ${from('officer')}`,
        `select report.control_sheet_for('${code}', ${who}) ${from('admin')}`,
        `select dossier.list(${who}, '{"timing": "late"}') ${from('officer')}`,
        `select dossier.preview_calendar(jsonb_build_object('days', jsonb_build_array(jsonb_build_object('day', base.vn_date(now()) + 1, 'kind', 'holiday', 'name', 'x'))))`,
        `insert into postal.calendar_change (account, reason, change, was, from_day, moves, event) values (1, 'x', '{}', '{}', current_date, 0, base.uuid_v7())`,
        `insert into dossier.recompute (change, after_xid, at) select id, 0, now() - interval '3 days' from postal.calendar_change`,
        `select dossier.recompute_some(100)`,
    ]);
    for (const index of ['dossier_agency_due', 'dossier_by_receipt', 'dossier_open_due', 'exception_agencies']) assert.match(told, new RegExp(`using ${index}\\b|on ${index}\\b`));
    // (Months without an event are read whole: there is nothing in them.)
    assert.deepEqual([...new Set(told.match(/Seq Scan on (dossier\b|event\w*|shipment\b|exception\b)[^\n]*rows=(?!1 )[^\n]*/g) ?? [])], []);
    await many.end();
});
