// The blind count at the end of a shift: who counts is told nothing before the close; then what is
// missing and what is too much is an event and an exception. A count moves nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { query } from '../fault/journal.mjs';
import { discard, own_service, show, uuid7 } from './service.mjs';
import { bag, HUB, intake, OFFICE, ok, recorded } from './walk.mjs';

let house, all;
before(async () => {
    house = await own_service();
    all = Object.fromEntries(await Promise.all(['clerk', 'clerk2', 'courier', 'hub', 'supervisor', 'applicant']
        .map(async (name) => [name, await house.login(name)])));
});
after(() => discard(house));

const add = (who, id, items, of = 'person', headers = {}) =>
    all[who].post('/v1/custody/counts', { id, of, items }, { headers });
const close = (who, id, headers = {}) => all[who].send('POST', `/v1/custody/counts/${id}/close`, { headers });
const get = (who, id) => all[who].get(`/v1/custody/counts/${id}`);
const codes = (list) => list.map((one) => one.code);
const rebuilt = () => assert.deepEqual(query(house, 'select * from custody.rebuild()'), []);
const standing = () => query(house, `select number, state, holder_kind, holder_id, place, closure, offered_to
    from custody.shipment union all select id, state, holder_kind, holder_id, place, closure, offered_to
    from container.container order by 1`);

// The open exceptions of these codes: [subject, code].
async function odd(...of) {
    const { items } = ok(await all.supervisor.get('/v1/custody/exceptions?limit=500'));
    return items.filter((one) => of.includes(one.code)).map((one) => `${one.code} ${one.subject} ${one.unit}`);
}
const found = { missing: (number) => `count_missing ${number} ${OFFICE}`,
                surplus: (number) => `count_surplus ${number} ${OFFICE}` };

// Papers that somebody holds: the courier by collecting them, else the clerk's office.
async function papers(count, who = 'courier') {
    const numbers = [];
    for (let i = 0; i < count; i++) {
        const { number } = await intake(all.clerk);
        await recorded(all[who], who === 'courier' ? 'collect' : 'accept', number);
        numbers.push(number);
    }
    return numbers;
}

// The courier hands in everything, so that the next story begins with empty hands.
async function hand_in() {
    for (const { number } of ok(await all.courier.get('/v1/custody/held')).items.filter((one) => one.by === 'person'))
        await recorded(all.clerk, 'arrive', number);
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

test('what is held and not counted is missing, what is counted and not held is too much', async () => {
    const [a, b, c, d] = await papers(4), [office] = await papers(1, 'clerk');
    const unknown = 'EE471108151FR', id = uuid7(), before = standing();
    assert.deepEqual(Object.keys(ok(await add('courier', id, []))).sort(),
        ['account', 'begun_at', 'counted', 'id', 'name', 'of', 'unit']);
    assert.equal(ok(await add('courier', id, [a, b.toLowerCase()])).counted, 2);
    assert.equal(ok(await add('courier', id, [b, office, unknown])).counted, 4, 'twice scanned counts once');
    const blind = ok(await get('courier', id));
    assert.ok(![a, b, c, d].some((number) => JSON.stringify(blind).includes(number)), 'nothing is shown before');
    assert.deepEqual(await odd('count_missing', 'count_surplus'), []);

    const done = ok(await close('courier', id));
    assert.deepEqual([done.found, codes(done.missing), codes(done.surplus)], [2, [c, d].sort(), [unknown, office].sort()]);
    assert.equal(done.surplus.find((one) => one.code === office).holder.id, OFFICE);
    assert.ok(done.closed_at && done.counted === 4);
    assert.deepEqual((await odd('count_missing', 'count_surplus')).sort(), [found.missing(c), found.missing(d),
        found.surplus(unknown), found.surplus(office)].sort());
    assert.deepEqual(await odd('wrong_holder'), [], 'a surplus is no scan of a wrong holder');
    assert.deepEqual(query(house, `select subject from custody.event where kind = 'count' order by 1`), [a, b].sort());
    assert.deepEqual(standing(), before, 'a count moves nothing');

    assert.deepEqual(ok(await close('courier', id)), done);
    assert.deepEqual(ok(await add('courier', id, [a, office], 'person')), done, 'a repeat');
    assert.deepEqual(ok(await get('courier', id)), done);
    assert.deepEqual(ok(await get('supervisor', id)), done);
    for (const who of ['clerk', 'clerk2']) assert.equal((await get(who, id)).status, 404);
    assert.equal((await odd('count_missing', 'count_surplus')).length, 4);
    await hand_in();
    rebuilt();
});

test('what changes hands while it is counted is neither', async () => {
    const [left_counted, left, stays] = await papers(3), [given, passed] = await papers(2, 'clerk');
    const id = uuid7();
    ok(await add('courier', id, [left_counted, given, passed]));
    await recorded(all.clerk, 'arrive', left_counted);
    await recorded(all.clerk, 'arrive', left);
    for (const number of [given, passed]) await recorded(all.courier, 'take_over', number);
    await recorded(all.clerk, 'arrive', passed);
    const [fresh] = await papers(1);
    ok(await add('courier', id, [stays]));
    const done = ok(await close('courier', id));
    assert.deepEqual([done.found, done.missing, done.surplus], [4, [], []]);
    assert.ok(fresh);
    await hand_in();
    rebuilt();
});

test('a sealed bag counts as a bag; what is in it and scanned alone is too much', async () => {
    const [inside, loose] = await papers(2, 'clerk');
    const sealed = await bag(all.clerk, OFFICE, HUB, [inside], 'VNP 000201');
    await recorded(all.courier, 'take_over', sealed);
    const id = uuid7();
    ok(await add('courier', id, [sealed]));
    const done = ok(await close('courier', id));
    assert.deepEqual([done.found, done.missing, done.surplus], [1, [], []]);
    const second = uuid7();
    ok(await add('courier', second, [inside]));
    const other = ok(await close('courier', second));
    assert.deepEqual([other.found, codes(other.missing), codes(other.surplus)], [0, [sealed], [inside]]);
    const { container } = ok(await all.clerk.get(`/v1/custody/items/${inside}`));
    assert.equal(container, sealed, 'it lies where it lay');
    assert.ok(loose);
    await recorded(all.hub, 'arrive', sealed);
    rebuilt();
});

test('a place is counted by whoever works there, with what lies loose in opened bags', async () => {
    const [seen, unseen] = await papers(2, 'clerk');
    const sealed = await bag(all.clerk, OFFICE, HUB, [seen, unseen], 'VNP 000202');
    await recorded(all.hub, 'arrive', sealed);
    await recorded(all.hub, 'open', sealed);
    const held = ok(await all.hub.get('/v1/custody/held'));
    const rest = [...held.items.map((one) => one.number), ...held.containers.map((one) => one.id)]
        .filter((code) => code !== unseen && code !== seen);
    const id = uuid7();
    ok(await add('hub', id, [seen, ...rest], 'place'));
    const done = ok(await close('hub', id));
    assert.deepEqual([done.found, codes(done.missing), done.surplus], [1 + rest.length, [unseen], []]);
    assert.deepEqual((await odd('count_missing')).filter((one) => one.includes(unseen)),
        [`count_missing ${unseen} ${HUB}`]);
    const own = uuid7();
    ok(await add('hub', own, [seen]));
    assert.deepEqual(codes(ok(await close('hub', own)).surplus), [seen], 'the place holds it, not the person');
    rebuilt();
});

test('what is refused, in both languages', async () => {
    const [number] = await papers(1), id = uuid7();
    const bad = await refused((more) => add('courier', id, [number, 'EE471108152FR', 'x'], 'person', more), 422,
        'invalid-fields');
    assert.deepEqual(bad.errors.map((one) => one.pointer), ['/items/1', '/items/2']);
    assert.equal((await get('courier', id)).status, 404, 'nothing was counted');
    await refused((more) => add('courier', id, Array(501).fill(number), 'person', more), 422, 'invalid-fields');
    await refused((more) => add('courier', id, [number], 'all', more), 422, 'invalid-fields');
    await refused((more) => add('applicant', id, [number], 'person', more), 403, 'forbidden');
    await refused((more) => close('courier', id, more), 404, 'not-found');
    ok(await add('courier', id, []));
    await refused((more) => add('clerk', id, [number], 'person', more), 422, 'id-reused');
    await refused((more) => add('courier', id, [number], 'place', more), 422, 'id-reused');
    await refused((more) => close('clerk', id, more), 404, 'not-found');
    await refused((more) => close('supervisor', id, more), 404, 'not-found');
    assert.deepEqual(codes(ok(await close('courier', id)).missing), [number]);
    await refused((more) => add('courier', id, [number], 'person', more), 409, 'count-closed');
    const { title, detail } = (await add('courier', id, [number], 'person', { 'accept-language': 'vi' })).body;
    assert.deepEqual([title, detail], ['Lần kiểm đếm đã kết thúc', 'Lần kiểm đếm này đã kết thúc; hãy bắt đầu lần khác.']);
    await hand_in();
    rebuilt();
});

test('two devices of one count at once, and a close beside them', async () => {
    const numbers = await papers(6), id = uuid7();
    ok(await add('courier', id, []));
    await Promise.all(numbers.map((number, i) => add('courier', id, [number, numbers[(i + 1) % 6]]).then(ok)));
    const closes = await Promise.all([close('courier', id), close('courier', id)]);
    assert.deepEqual(ok(closes[0]), ok(closes[1]));
    assert.deepEqual([ok(closes[0]).found, ok(closes[0]).missing, ok(closes[0]).surplus], [6, [], []]);
    const counted = numbers.map((number) => `'${number}'`);
    assert.equal(query(house, `select count(*) from custody.event where kind = 'count' and subject in (${counted})`)[0], '6');
    await hand_in();
    rebuilt();
});
