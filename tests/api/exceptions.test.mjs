// The work list by HTTP: one exception with its cause and what each answer would do, doing it, taking
// and giving back, filters and counts, and a search that the service opens and counts by itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { query } from '../fault/journal.mjs';
import { discard, own_service, show, until, uuid7 } from './service.mjs';
import { HUB, intake, OFFICE, ok, recorded } from './walk.mjs';

let house, all;
before(async () => {
    house = await own_service();
    all = Object.fromEntries(await Promise.all(['clerk', 'clerk2', 'courier', 'courier2', 'hub', 'officer', 'supervisor',
        'applicant'].map(async (name) => [name, await house.login(name)])));
});
after(() => discard(house));

const PATH = '/v1/custody/exceptions';
const list = async (who, more = '') => ok(await all[who].get(`${PATH}?limit=500${more}`));
const get = async (who, id) => ok(await all[who].get(`${PATH}/${id}`));
const post = (who, id, what, body, headers = {}) => all[who].send('POST', `${PATH}/${id}/${what}`, { body, headers });
const resolve = (who, id, decision, note, headers) => post(who, id, 'resolve', { decision, note }, headers);
const rebuilt = () => assert.deepEqual(query(house, 'select * from custody.rebuild()'), []);

async function strange() {
    const { number } = await intake(all.clerk);
    await recorded(all.courier, 'collect', number);
    assert.equal((await all.courier2.scan('take_over', number)).outcome, 'exception');
    return (await list('clerk2')).items.find((x) => x.subject === number);
}

async function refused(send, status, slug) {
    const texts = [];
    for (const language of ['vi', 'en']) {
        const reply = await send({ 'accept-language': language });
        assert.deepEqual([reply.status, reply.body.type], [status, `/problems/${slug}`], show(reply));
        texts.push(reply.body);
    }
    assert.notEqual(texts[0].title, texts[1].title);
    return texts[0];
}

test('one of them tells why, and what each answer would do; a supervisor takes the step back', async () => {
    const { id, subject, due_at, overdue, age_minutes } = await strange();
    assert.ok(Date.parse(due_at) > Date.now() && overdue === false && age_minutes >= 0);
    const seen = await get('clerk2', id);
    assert.match(seen.cause, /Lê Văn Thử.*giữ sau cùng.*Đỗ Văn Thử.*quét mà không có bàn giao/);
    const reverse = seen.answers.find((one) => one.code === 'reverse');
    assert.deepEqual([reverse.key, reverse.note, reverse.allowed, reverse.possible], ['r', true, false, true]);
    assert.match(reverse.after.holder.name, /Lê Văn Thử/);
    assert.equal((await get('supervisor', id)).answers.find((one) => one.code === 'reverse').allowed, true);
    const denied = await refused((more) => resolve('clerk2', id, 'reverse', 'x', more), 403, 'forbidden');
    assert.equal(denied.detail, 'Chỉ giám sát viên được làm việc này.');
    const wrong = await refused((more) => resolve('supervisor', id, 'reverse', undefined, more), 422, 'invalid-fields');
    assert.deepEqual(wrong.errors.map((one) => [one.pointer, one.code, one.detail]), [['/note', 'required', 'Xin ghi lý do.']]);
    const done = ok(await resolve('supervisor', id, 'reverse', 'quét nhầm', { 'idempotency-key': 'back' }));
    assert.match(done.after.holder.name, /Lê Văn Thử/);
    assert.deepEqual(ok(await resolve('supervisor', id, 'reverse', 'quét nhầm', { 'idempotency-key': 'back' })), done);
    const { holder } = ok(await all.courier.get(`/v1/custody/items/${subject}`));
    assert.match(holder.name, /Lê Văn Thử/);
    const second = await refused((more) => resolve('clerk2', id, 'accept', undefined, more), 409, 'conflict');
    assert.match(second.detail, /^Đặng Văn Mẫu.* đã xử lý lúc \d\d\/\d\d\/\d{4} \d\d:\d\d: Đảo thao tác\.$/);
    assert.deepEqual([second.first.decision, second.first.by], ['reverse', 'Đặng Văn Mẫu (thử nghiệm)']);
    assert.deepEqual((await get('clerk2', id)).answers, []);
    rebuilt();
});

test('an answer that cannot be is refused and decides nothing; one that makes no sense too', async () => {
    const { id, subject } = await strange();
    const seen = await get('clerk2', id);
    assert.deepEqual(seen.answers.filter((one) => !one.possible).map((one) => one.code), ['return']);
    const no = await refused((more) => resolve('clerk2', id, 'return', undefined, more), 409, 'action-not-allowed');
    assert.match(no.detail, /không phải người đang giữ/);
    for (const decision of ['maybe', 'confirm', 'lost', 'turned_up'])
        assert.deepEqual((await refused((more) => resolve('supervisor', id, decision, 'x', more), 422, 'invalid-fields'))
            .errors.map((one) => one.pointer), ['/decision']);
    await refused((more) => resolve('clerk2', id, 'accept', 'x'.repeat(1001), more), 422, 'invalid-fields');
    assert.equal((await get('clerk2', id)).resolved_at, undefined);
    // The courier brings it in; then it lies there, and may be given back to whoever had it.
    assert.equal((await all.clerk2.scan('arrive', subject)).outcome, 'exception', 'off its route');
    const back = (await get('clerk2', id)).answers.find((one) => one.code === 'return');
    assert.deepEqual([back.possible, back.after.offered.name], [true, 'Lê Văn Thử (thử nghiệm)']);
    ok(await resolve('clerk2', id, 'return'));
    await recorded(all.courier, 'take_over', subject);
    rebuilt();
});

test('who sees it and who decides', async () => {
    const { id } = await strange();
    for (const who of ['clerk', 'hub', 'officer']) assert.equal((await all[who].get(`${PATH}/${id}`)).status, 404);
    for (const who of ['applicant', 'courier']) assert.equal((await all[who].get(`${PATH}/${id}`)).status, 403);
    await refused((more) => resolve('clerk', id, 'accept', undefined, more), 403, 'forbidden');
    await refused((more) => resolve('officer', id, 'accept', undefined, more), 403, 'forbidden');
    await refused((more) => post('hub', id, 'take', undefined, more), 403, 'forbidden');
    for (const bad of ['999999999', 'x', '-1', '99999999999999999999999'])
        assert.equal((await all.supervisor.get(`${PATH}/${bad}`)).status, 404, bad);
    await refused((more) => post('clerk', '999999999', 'take', undefined, more), 404, 'not-found');
    assert.equal((await all.clerk.get(`${PATH}?next=x`)).status, 422);
    assert.equal((await all.clerk.get(`${PATH}?overdue=perhaps`)).status, 422);
    assert.equal((await all.clerk.get(`${PATH}?colour=red`)).status, 422);
});

test('taken, given back, by whom and when', async () => {
    const { id } = await strange();
    const key = { 'idempotency-key': 'take-it' };
    const taken = ok(await post('clerk2', id, 'take', undefined, key));
    assert.equal(taken.taken_by.name, 'Bùi Thị Mẫu (thử nghiệm)');
    assert.deepEqual(ok(await post('clerk2', id, 'take', undefined, key)), taken);
    assert.deepEqual((await list('clerk2', '&mine=true')).items.map((x) => x.id), [id]);
    assert.deepEqual((await list('supervisor', '&mine=true')).items, []);
    ok(await post('supervisor', id, 'take'));
    const busy = await refused((more) => post('clerk2', id, 'give_back', undefined, more), 409, 'conflict');
    assert.match(busy.detail, /^Đặng Văn Mẫu \(thử nghiệm\) đang xử lý, từ /);
    const { turns, taken_by } = ok(await post('supervisor', id, 'give_back'));
    assert.deepEqual([turns.map((one) => [one.name.split(' (')[0], one.taken]), taken_by],
        [[['Bùi Thị Mẫu', true], ['Đặng Văn Mẫu', true], ['Đặng Văn Mẫu', false]], undefined]);
    // Whoever has taken it keeps nobody from deciding.
    ok(await post('supervisor', id, 'take'));
    ok(await resolve('clerk2', id, 'accept'));
});

test('counts by age, kind and unit; one kind, one unit', async () => {
    const { counts, items } = await list('supervisor', '&counts=true');
    assert.equal(counts.open, items.length);
    assert.equal(counts.open, counts.overdue + counts.today + counts.later);
    assert.equal(counts.codes.reduce((sum, one) => sum + one.open, 0), counts.open);
    assert.ok(counts.units.every((one) => one.unit && one.unit_name));
    assert.equal((await list('supervisor', '&code=wrong_holder')).items.length,
        items.filter((x) => x.code === 'wrong_holder').length);
    assert.deepEqual((await list('supervisor', `&unit=${HUB}`)).items, items.filter((x) => x.unit === HUB));
    assert.equal((await list('clerk2', `&unit=${OFFICE}`)).items.length, 0);
    assert.equal((await list('clerk2')).counts, undefined);
    const closed = await list('clerk2', '&resolved=true');
    assert.ok(closed.items.length >= 2 && closed.items.every((x) => x.decision && x.decision_name && x.resolved_by));
});

test('the service opens a search by itself, once; it is seen again, and waits for a person', async () => {
    const { number } = await intake(all.clerk);
    const { id: sealed } = ok(await all.clerk.post('/v1/containers',
        { id: uuid7(), kind: 'receptacle', origin: OFFICE, destination: HUB }), 201);
    // Twenty days ago, told only now.
    const then = (hours) => {
        const at = Date.now() - 20 * 24 * 3600000 + hours * 3600000;
        return { id: uuid7(at), at: new Date(at).toISOString() };
    };
    await recorded(all.clerk, 'accept', number, then(0));
    await recorded(all.clerk, 'bag', number, { ...then(1), container: sealed });
    await recorded(all.clerk, 'close', sealed, then(2));
    await recorded(all.courier, 'depart', sealed, then(3));
    const task = await until('a search', async () => (await list('clerk', '&code=not_arrived')).items
        .find((x) => x.subject === sealed), { timeout: 30000 });
    assert.deepEqual([task.search, task.actor, task.unit], [true, 'Lê Văn Thử (thử nghiệm)', OFFICE]);
    const metric = async (name) => Number(new RegExp(`^dossierpost_${name} (\\d+)$`, 'm').exec(
        await (await fetch(`${house.url}/metrics`)).text())?.[1]);
    await until('the gauges', async () => await metric('exceptions_open') > 0 && await metric('searches_opened_total') === 1
        && await metric('search_lag') === 0,
        { timeout: 20000 });
    await recorded(all.hub, 'arrive', sealed);
    const seen = await get('clerk', task.id);
    assert.deepEqual([seen.seen.unit, seen.resolved_at], [HUB, undefined]);
    assert.deepEqual(seen.answers.map((one) => one.code), ['turned_up', 'here', 'lost', 'correct', 'dismiss']);
    ok(await resolve('clerk', task.id, 'turned_up'));
    assert.equal((await list('clerk', '&code=not_arrived')).items.length, 0);
    rebuilt();
});
