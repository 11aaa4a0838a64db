// The calendar over HTTP: who may change it, what it would move asked first, done on the word of whoever saw
// it, the dates reckoned anew in the background; and the register, the control sheet and the board.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Drafting, procedure, says } from './online.mjs';
import { discard, own_service, show, until, uuid7, vn_day } from './service.mjs';
import { act, COMMUNE, intake, OFFICE, ok, recorded, to_agency } from './walk.mjs';

let house, all;
before(async () => {
    house = await own_service();
    all = Object.fromEntries(await Promise.all(['clerk', 'courier', 'officer', 'officer2', 'supervisor', 'admin']
        .map(async (name) => [name, await house.login(name)])));
});
after(() => discard(house));

const view = async (code, who = 'officer') => ok(await all[who].get(`/v1/dossiers/${code}`));
const changes = '/v1/calendar/changes';
const slug = (reply) => reply.body.type?.split('/').pop();

async function accepted() {
    const { code, number } = await intake(all.clerk);
    await recorded(all.clerk, 'accept', number);
    await to_agency(all, number);
    const { due_at } = await act(all.officer, code, 'accept');
    await act(all.officer, code, 'start');
    return { code, number, due_at };
}
const due_day = (due_at) => new Date(Date.parse(due_at) + 7 * 3600e3).toISOString().slice(0, 10);

test('a day off that moves promised dates: 409 with what it moves, then done with its tag, and told', async () => {
    const one = await accepted(), day = due_day(one.due_at);
    const body = { days: [{ day, kind: 'holiday', name: 'Nghỉ thử' }], reason: 'Thông báo thử số 1' };
    for (const who of ['officer', 'clerk', 'supervisor'])
        assert.equal((await all[who].post(changes, body)).status, 403, who);
    assert.equal((await house.anybody().post(changes, body)).status, 401);
    const told = ok(await all.admin.post('/v1/calendar/previews', { days: body.days }));
    assert.equal(told.moves, 1);
    assert.equal(told.first[0].code, one.code);
    assert.ok(Date.parse(told.first[0].due_at) > Date.parse(one.due_at));
    const asked = await all.admin.post(changes, body);
    assert.equal(asked.status, 409, show(asked));
    assert.deepEqual([slug(asked), asked.body.tag, asked.body.moves], ['calendar-moves-dates', told.tag, 1]);
    const stale = await all.admin.post(changes, { ...body, confirm: 'f'.repeat(32) });
    assert.deepEqual([stale.status, stale.body.tag], [412, told.tag]);
    assert.ok(!(ok(await all.admin.get(`/v1/calendar?year=${day.slice(0, 4)}`)).days.some((x) => x.day === day && x.name === 'Nghỉ thử')));

    const headers = { 'idempotency-key': uuid7() };
    const made = await all.admin.post(changes, { ...body, confirm: told.tag }, { headers });
    assert.equal(made.status, 201, show(made));
    assert.deepEqual((await all.admin.post(changes, { ...body, confirm: told.tag }, { headers })).body, made.body);
    const now = await until('the date is reckoned anew', async () => {
        const seen = await view(one.code);
        return seen.due_at !== one.due_at && seen;
    });
    assert.equal(Date.parse(now.due_at), Date.parse(told.first[0].due_at));
    const { items } = ok(await all.officer.get(`/v1/dossiers/${one.code}/events`));
    const event = items.find((x) => x.kind === 'dossier.due_recomputed');
    assert.ok(event && event.name && Date.parse(event.due_at) === Date.parse(now.due_at), JSON.stringify(items));
    const done = await until('the change is done', async () => {
        const [last] = ok(await all.supervisor.get(changes)).items;
        return last.done_at && last;
    });
    assert.deepEqual([done.moved, done.moves, done.reason, done.was.days[0].kind], [1, 1, body.reason, 'usual']);
    assert.equal(ok(await all.admin.get(`/v1/calendar?year=${day.slice(0, 4)}`)).days.find((x) => x.day === day).name, 'Nghỉ thử');
});

test('questions and pick-ups move too, once, also when the service is killed right behind the change', async () => {
    procedure(house, '1.900003', 3);
    const one = await accepted(), draft = new Drafting(house.anybody());
    ok(await draft.begin('1.900003'), 201);
    const { days } = ok(await house.anybody().get(`/v1/pickups/days?commune=${COMMUNE}`));
    const filed = ok(await draft.filed(says({ bring: 'pickup', pickup: { day: days[4], half: 'afternoon' } })), 201).dossier;
    const path = `/v1/dossiers/${one.code}`, number = filed.shipments[0].number;
    const { askings: [asked] } = ok(await all.officer.post(`${path}/questions`, { id: uuid7(), agency: '46-A6', what: 'Xác nhận', time: 4, time_unit: 'working_day' }), 201);
    const etag = (await draft.get()).headers.get('etag');
    const off = [...new Set([days[4], due_day(asked.due_at)])].map((day) => ({ day, kind: 'holiday', name: 'Nghỉ thử' }));
    const told = ok(await all.admin.post('/v1/calendar/previews', { days: off }));
    const kinds = Object.fromEntries(told.kinds.map((x) => [x.what, x.count]));
    assert.ok(kinds.question === 1 && kinds.pickup === 1, JSON.stringify(told));
    assert.equal(told.moves, kinds.due + 2);
    assert.ok(told.first.some((x) => x.what === 'question' && x.code === one.code && x.unit.id === '46-A6'));
    assert.ok(told.first.some((x) => x.what === 'pickup' && x.code === filed.code && x.unit.id === OFFICE));
    assert.equal((await all.admin.post(changes, { days: off, reason: 'Thông báo thử', confirm: told.tag })).status, 201);
    house.child.kill('SIGKILL');
    await house.exit;
    await house.start();
    for (const name of Object.keys(all)) all[name] = await house.login(name);
    draft.client = house.anybody();
    await until('the change is done', async () => ok(await all.supervisor.get(changes)).items[0].done_at);

    const moved = (what) => told.first.find((x) => x.what === what), day = due_day(moved('pickup').due_at);
    const [now] = (await view(one.code)).askings;
    assert.equal(Date.parse(now.due_at), Date.parse(moved('question').due_at));
    const events = async (code, kind) => ok(await all.supervisor.get(`/v1/dossiers/${code}/events`)).items.filter((x) => x.kind === kind);
    const [event, ...again] = await events(one.code, 'dossier.asking_recomputed');
    assert.ok(again.length === 0 && event.name && event.name_en && Date.parse(event.answer_due_at) === Date.parse(now.due_at), JSON.stringify(event));
    const sheet = ok(await all.officer.get(`${path}/control-sheet`)).hops.find((hop) => hop.kind === 'dossier.asking_recomputed');
    assert.equal(sheet.receiver.unit.id, '46-A6');

    const seen = await draft.get();
    assert.deepEqual([seen.body.dossier.pickup.day, seen.body.dossier.pickup.wished, seen.body.dossier.pickup.half], [day, days[4], 'afternoon']);
    assert.notEqual(seen.headers.get('etag'), etag, 'another version: nothing older is kept as it was');
    assert.equal((await view(filed.code, 'clerk')).pickup.day, day);
    const [trace, ...more] = await events(filed.code, 'dossier.pickup_moved');
    assert.deepEqual([trace.pickup, more.length], [{ day, old_day: days[4], half: 'afternoon' }, 0]);
    const visits = async (on) => ok(await all.clerk.get(`/v1/pickups?day=${on}`)).items.filter((x) => x.number === number);
    assert.deepEqual([(await visits(days[4])).length, (await visits(day)).map((x) => x.wished)], [0, [days[4]]]);
    assert.ok(ok(await house.anybody().get(`/v1/track/${number}`)).timeline.some((x) => x.kind === 'dossier.pickup_moved'));
    const opened = ok(await house.anybody().post(`/v1/track/${number}/unlock`, { phone: '1222' }));
    assert.equal(opened.pickup.day, day);
});

test('a service that is killed right behind a change reckons on when it comes back; once', async () => {
    const one = await accepted(), days = [{ day: due_day(one.due_at), kind: 'compensatory', name: 'Nghỉ bù thử' }];
    const told = ok(await all.admin.post('/v1/calendar/previews', { days }));
    const made = await all.admin.post(changes, { days, reason: 'Thông báo thử số 2', confirm: told.tag });
    assert.equal(made.status, 201, show(made));
    house.child.kill('SIGKILL');
    await house.exit;
    await house.start();
    for (const name of Object.keys(all)) all[name] = await house.login(name);
    const done = await until('the change is done', async () => {
        const [last] = ok(await all.supervisor.get(changes)).items;
        return last.done_at && last;
    });
    assert.equal(done.moved, told.moves);
    assert.equal(Date.parse((await view(one.code)).due_at), Date.parse(told.first.find((x) => x.code === one.code).due_at));
    const { items } = ok(await all.officer.get(`/v1/dossiers/${one.code}/events`));
    assert.equal(items.filter((x) => x.kind === 'dossier.due_recomputed').length, 1);
});

test('the hours of a unit; and what is wrong with a change, by its field', async () => {
    const from = vn_day(200);
    const hours = { valid_from: from, weekdays: [1, 2, 3, 4, 5, 6], opens: '07:00', break_from: '11:00', break_to: '13:00', closes: '16:30' };
    const made = await all.admin.post(changes, { unit: '46-A2', hours, reason: 'Giờ mùa hè' });
    assert.equal(made.status, 201, show(made));
    const seen = ok(await all.admin.get('/v1/calendar?unit=46-A2'));
    assert.deepEqual(seen.hours.at(-1), hours);
    await until('the change is done', async () => ok(await all.admin.get(changes)).items[0].done_at);
    for (const [body, pointer] of [[{ days: [{ day: '2026-13-01', kind: 'holiday', name: 'x' }] }, '/days/0/day'], [{ days: [{ day: from, kind: 'holiday' }] }, '/days/0/name'],
        [{ days: [{ day: from, kind: 'feast', name: 'x' }] }, '/days/0/kind'], [{ hours }, '/unit'], [{ unit: '46-A2', hours: { ...hours, closes: '06:00' } }, '/hours'],
        [{ unit: '46-A2', hours: { ...hours, weekdays: [8] } }, '/hours/weekdays/0'], [{ days: [{ day: from, kind: 'usual', more: 1 }] }, '/days/0/more']]) {
        const reply = await all.admin.post(changes, { reason: 'x', ...body });
        assert.equal(reply.status, 422, show(reply));
        assert.equal(reply.body.errors[0].pointer, pointer, show(reply));
    }
    assert.equal((await all.admin.post(changes, { days: [{ day: from, kind: 'usual' }] })).body.errors[0].pointer, '/reason');
});

test('two administrators at once: one change is made, the other is asked again or told to wait', async () => {
    const one = await accepted(), day = due_day(one.due_at);
    const body = { days: [{ day, kind: 'holiday', name: 'Nghỉ thử' }], reason: 'Cùng lúc' };
    const { tag } = ok(await all.admin.post('/v1/calendar/previews', { days: body.days }));
    const replies = await Promise.all([0, 1].map(() => all.admin.post(changes, { ...body, confirm: tag })));
    assert.deepEqual(replies.map((x) => x.status).sort((a, b) => a - b)[0], 201, replies.map(show).join(' '));
    assert.ok(replies.some((x) => [409, 412].includes(x.status)), replies.map(show).join(' '));
    await until('the change is done', async () => ok(await all.admin.get(changes)).items[0].done_at);
});

test('the register, as pages and as CSV; the control sheet; the board', async () => {
    const one = await accepted();
    await act(all.officer, one.code, 'result_ready');
    const page = ok(await all.officer.get('/v1/reports/register?limit=1'));
    assert.equal(page.items.length, 1);
    const whole = ok(await all.officer.get('/v1/reports/register?limit=500'));
    const row = whole.items.find((x) => x.code === one.code);
    assert.equal(row.timing, 'early');
    assert.ok(whole.items.length > 1 && page.next);
    assert.equal((await all.officer2.get('/v1/reports/register?agency=46-A1')).status, 403);
    assert.equal((await all.clerk.get('/v1/reports/register')).status, 403);
    assert.equal((await all.supervisor.get('/v1/reports/register')).body.errors[0].pointer, '/agency');
    const reply = await fetch(`${house.url}/v1/reports/register.csv?agency=46-A1`, { headers: { cookie: all.supervisor.cookie } });
    assert.equal(reply.status, 200);
    assert.match(reply.headers.get('content-type'), /^text\/csv/);
    assert.match(reply.headers.get('content-disposition'), /^attachment/);
    const bytes = Buffer.from(await reply.arrayBuffer()), lines = bytes.toString('utf8').split('\r\n');
    assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf], 'a spreadsheet knows its letters');
    assert.equal(lines.length, whole.items.length + 2);
    assert.equal(lines.find((line) => line.includes(one.code)).split(',')[0], String(whole.items.findIndex((x) => x.code === one.code) + 1));
    assert.match(lines.find((line) => line.includes(one.code)), /,Sớm hạn,/);

    const sheet = ok(await all.officer.get(`/v1/dossiers/${one.code}/control-sheet`));
    assert.deepEqual(sheet.hops.map((hop) => hop.n), sheet.hops.map((_, i) => i + 1));
    assert.ok(sheet.hops.some((hop) => hop.clock === 'post' && hop.receiver.kind === 'agency'), JSON.stringify(sheet.hops));
    assert.equal(sheet.hops.find((hop) => hop.kind === 'dossier.result_ready').timing, 'early');
    assert.equal((await all.officer2.get(`/v1/dossiers/${one.code}/control-sheet`)).status, 404);
    assert.equal((await all.courier.get(`/v1/dossiers/${one.code}/control-sheet`)).status, 403);
    const seen = await view(one.code);
    assert.deepEqual([seen.timing, seen.overdue, seen.post[0].leg], ['early', false, 'outward']);
    assert.ok(ok(await all.officer.get('/v1/dossiers?timing=early')).items.some((x) => x.code === one.code));
    assert.ok(ok(await all.officer.get('/v1/dossiers?timing=late')).items.every((x) => x.code !== one.code));

    const board = ok(await all.supervisor.get('/v1/reports/due'));
    assert.ok(board.as_of && board.totals && Array.isArray(board.groups) && board.post.count === 0, JSON.stringify(board));
    const items = ok(await all.officer.get('/v1/reports/due/items?bucket=later')).items;
    assert.ok(items.every((x) => x.bucket === 'later'));
    assert.equal((await all.clerk.get('/v1/reports/due')).status, 403);
    assert.equal((await all.supervisor.get('/v1/reports/due?agency=nowhere')).status, 422);
});
