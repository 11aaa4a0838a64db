// Despatches and trips: what rides on a trip is held by it, and so by its carrier; a whole despatch
// departs in one call, an event a receptacle and none an item; a trip ends where it arrives, or with
// exceptions for what nobody saw come off.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { query } from '../fault/journal.mjs';
import { discard, own_service, show, uuid7 } from './service.mjs';
import { bag, hand_over, HUB, intake, OFFICE, ok, recorded } from './walk.mjs';

let house, all;
before(async () => {
    house = await own_service();
    all = Object.fromEntries(await Promise.all(['clerk', 'clerk2', 'courier', 'courier2', 'hub', 'officer',
        'supervisor', 'applicant'].map(async (name) => [name, await house.login(name)])));
});
after(() => discard(house));

const trip_body = (more = {}) => ({ id: uuid7(), from: OFFICE, to: HUB, carrier: 'courier', ...more });
const new_trip = async (more) => ok(await all.clerk.post('/v1/trips', trip_body(more)), 201);
const trip = async (code, who = 'clerk', more = '') => ok(await all[who].get(`/v1/trips/${code}${more}`));
const despatch = async (s8, who = 'clerk') => ok(await all[who].get(`/v1/despatches/${s8}`));
const rebuilt = () => assert.deepEqual(query(house, 'select * from custody.rebuild()'), []);
const events = (subject) => query(house,
    `select kind from custody.event where subject = '${subject}' order by at, id`);
const riding = (view) => view.things.map((one) => one.id ?? one.number);

async function accepted(count = 1) {
    const numbers = [];
    for (let i = 0; i < count; i++) {
        const { number } = await intake(all.clerk);
        await recorded(all.clerk, 'accept', number);
        numbers.push(number);
    }
    return numbers;
}

async function odd(...codes) {
    const { items } = ok(await all.supervisor.get('/v1/custody/exceptions?limit=500'));
    return items.filter((one) => codes.includes(one.code)).map((one) => `${one.code} ${one.subject} ${one.unit}`).sort();
}

// The same refusal in both languages, worded differently.
async function refused(send, status, slug) {
    const texts = [];
    for (const language of ['vi', 'en']) {
        const reply = await send({ headers: { 'accept-language': language } });
        assert.deepEqual([reply.status, reply.body.type], [status, `/problems/${slug}`], show(reply));
        texts.push(reply.body);
    }
    assert.notEqual(texts[0].title, texts[1].title);
    return texts[1];
}

test('a trip is made once, with a code of its own or one that nobody else has', async () => {
    const body = trip_body({ departs_at: '2026-11-26T18:00:00+07:00' });
    const made = ok(await all.clerk.post('/v1/trips', body), 201);
    assert.match(made.code, /^CX46B1-\d{6}-\d\d$/);
    assert.deepEqual([made.from, made.to, made.carrier.login, made.receptacles, made.loose, made.bagged, made.things],
        [OFFICE, HUB, 'courier', 0, 0, 0, []]);
    assert.equal(Date.parse(made.departs_at), Date.parse('2026-11-26T11:00:00Z'));
    assert.deepEqual(ok(await all.clerk.post('/v1/trips', body), 201), made);
    await refused((o) => all.clerk.post('/v1/trips', { ...body, to: '46-B2' }, o), 422, 'id-reused');
    const next = await new_trip();
    assert.equal(Number(next.code.slice(-2)), Number(made.code.slice(-2)) + 1);
    assert.equal((await new_trip({ code: 'xe-75h-1' })).code, 'XE-75H-1');
    await refused((o) => all.clerk.post('/v1/trips', trip_body({ code: 'XE-75H-1' }), o), 409, 'conflict');
    await refused((o) => all.clerk.post('/v1/trips', trip_body({ code: '46-B9' }), o), 409, 'conflict');
    for (const code of ['46', '123456', 'CX46B1-261126-07', 'cx-1-000000-1', 'XE 1', 'XE.1', 'XE/1', '-XE', 'X'.repeat(31)])
        await refused((o) => all.clerk.post('/v1/trips', trip_body({ code }), o), 422, 'invalid-fields');
    await refused((o) => all.clerk.post('/v1/trips', trip_body({ from: HUB, to: OFFICE }), o), 403, 'forbidden');
    await refused((o) => all.clerk.post('/v1/trips', trip_body({ to: OFFICE }), o), 422, 'invalid-fields');
    await refused((o) => all.clerk.post('/v1/trips', trip_body({ to: '99-X' }), o), 422, 'unknown-unit');
    await refused((o) => all.clerk.post('/v1/trips', trip_body({ carrier: 'nobody' }), o), 422, 'invalid-fields');
    await refused((o) => all.clerk.post('/v1/trips', trip_body({ carrier: HUB }), o), 422, 'invalid-fields');
    await refused((o) => all.courier.post('/v1/trips', trip_body(), o), 403, 'forbidden');
    await refused((o) => all.clerk.get('/v1/trips/NOWHERE', o), 404, 'not-found');
    await refused((o) => all.applicant.get(`/v1/trips/${made.code}`, o), 403, 'forbidden');
});

test('what departs on a trip is held by it, and so by its carrier', async () => {
    const { code } = await new_trip(), [inside, second, loose] = await accepted(3);
    const id = await bag(all.clerk, OFFICE, HUB, [inside, second], 'VNP 000301');
    const left = await recorded(all.clerk, 'depart', id, { target: code });
    assert.deepEqual([left.state, left.holder.kind, left.holder.id], ['departed', 'trip', code]);
    await recorded(all.clerk, 'depart', loose, { target: code });
    const view = await trip(code);
    assert.deepEqual([view.receptacles, view.loose, view.bagged, riding(view)], [1, 1, 2, [id, loose]]);
    assert.deepEqual(view.despatches, [{ id: id.slice(0, 20), destination: HUB,
        destination_name: 'Trung tâm Khai thác vận chuyển Huế', receptacles: 1 }]);
    const seen = ok(await all.clerk.get(`/v1/custody/items/${inside}`));
    assert.deepEqual([seen.state, seen.container, seen.holder.kind, seen.holder.carrier.name],
        ['departed', id, 'trip', 'Lê Văn Thử (thử nghiệm)']);
    const held = ok(await all.courier.get('/v1/custody/held'));
    assert.ok(held.containers.some((one) => one.id === id && one.by === 'trip'));
    assert.ok(held.items.some((one) => one.number === loose && one.by === 'trip'));
    assert.ok(!ok(await all.courier2.get('/v1/custody/held')).items.some((one) => one.number === loose));

    const pages = [];
    for (let next = ''; next !== undefined;) {
        const page = await trip(code, 'clerk', `?limit=1${next && `&next=${next}`}`);
        pages.push(...riding(page));
        next = page.next;
    }
    assert.deepEqual(pages, [id, loose]);

    const may = async (who) => ok(await all[who].get(`/v1/custody/items/${loose}`)).allowed_actions.map((a) => a.kind);
    assert.ok((await may('courier')).includes('hand_over'));
    assert.ok(!(await may('courier2')).includes('hand_over'));
    assert.deepEqual((await all.courier2.scan('hand_over', loose, { target: 'clerk2' })).warnings, ['wrong_holder']);
    const offered = await recorded(all.courier, 'hand_over', loose, { target: 'courier2' });
    assert.deepEqual([offered.holder.kind, offered.holder.id], ['trip', code], 'an offer moves nothing');
    await recorded(all.courier2, 'take_over', loose);
    assert.deepEqual(riding(await trip(code)), [id]);
    rebuilt();
});

test('its carrier hands over what rides on it, against a signature', async () => {
    const { code } = await new_trip(), [number] = await accepted();
    await recorded(all.clerk, 'depart', number, { target: code });
    await refused((o) => all.courier2.post('/v1/custody/handovers', { id: uuid7(), to: HUB, items: [number] }, o),
        409, 'conflict');
    const signed = await hand_over(all.courier, all.hub, HUB, [number]);
    assert.equal(signed.state, 'signed');
    const { holder } = ok(await all.hub.get(`/v1/custody/items/${number}`));
    assert.deepEqual([holder.kind, holder.id], ['place', HUB]);
    assert.deepEqual(riding(await trip(code)), []);
    rebuilt();
});

test('trips of a unit and of a carrier, open and over', async () => {
    const { code } = await new_trip();
    const codes = async (who, more = '') => ok(await all[who].get(`/v1/trips${more}`)).items.map((one) => one.code);
    for (const who of ['clerk', 'hub', 'courier', 'supervisor'])
        assert.ok((await codes(who, '?open=true')).includes(code), who);
    for (const who of ['clerk2', 'courier2']) assert.deepEqual(await codes(who), []);
    ok(await all.courier.post(`/v1/trips/${code}/end`, {}));
    assert.ok(!(await codes('clerk', '?open=true')).includes(code));
    assert.ok((await codes('clerk', '?open=false')).includes(code));
    const first = ok(await all.clerk.get('/v1/trips?limit=1'));
    const second = ok(await all.clerk.get(`/v1/trips?limit=1&next=${first.next}`));
    assert.equal(first.items[0].code, code);
    assert.notEqual(second.items[0].code, code);
    await refused((o) => all.clerk.get('/v1/trips?next=x', o), 422, 'invalid-fields');
});

test('a despatch closes when all is sealed, and departs whole', async () => {
    const numbers = await accepted(4), { code } = await new_trip();
    const make = async () => ok(await all.clerk.post('/v1/containers',
        { id: uuid7(), kind: 'receptacle', origin: OFFICE, destination: '46-B2' }), 201).id;
    const [first, second, empty] = [await make(), await make(), await make()];
    const s8 = first.slice(0, 20), command = (name, body, who = 'clerk', o = {}) =>
        all[who].post(`/v1/despatches/${s8}/${name}`, body, o);
    assert.equal(second.slice(0, 20), s8);
    assert.deepEqual([first, second].map((id) => id.slice(20)), ['001010000', '002010000']);
    await refused((o) => command('close', {}, 'clerk', o), 409, 'despatch-state');
    for (const [id, list] of [[first, numbers.slice(0, 2)], [second, numbers.slice(2)]])
        for (const number of list) await recorded(all.clerk, 'bag', number, { container: id });
    ok(await all.clerk.post(`/v1/containers/${first}/close`, { seal: 'VNP 000302' }));
    const open = await refused((o) => command('close', {}, 'clerk', o), 409, 'despatch-state');
    assert.deepEqual(open.open, [second]);
    await refused((o) => command('depart', { trip: code }, 'clerk', o), 409, 'despatch-state');
    ok(await all.clerk.post(`/v1/containers/${second}/close`, { seal: 'VNP 000303' }));
    ok(await all.clerk.post(`/v1/containers/${second}/weigh`, { weight_g: 700 }));
    await refused((o) => command('close', {}, 'clerk2', o), 403, 'forbidden');
    const closed = ok(await command('close', {}));
    assert.deepEqual([closed.id, closed.highest, closed.receptacles, closed.items, closed.weight_g],
        [s8, second, 2, 4, 700]);
    assert.deepEqual(closed.list.map((one) => [one.id, one.state, one.items, one.highest ?? false]),
        [[first, 'closed', 2, false], [second, 'closed', 2, true], [empty, 'open', 0, false]]);
    assert.equal(ok(await all.clerk.get(`/v1/containers/${second}`)).highest, true);
    assert.equal(ok(await all.clerk.get(`/v1/containers/${first}`)).highest, undefined);
    assert.deepEqual(ok(await command('close', {})), closed, 'closed before: the same again');
    assert.notEqual((await make()).slice(0, 20), s8, 'the next receptacle is one of another despatch');
    const [late] = await accepted();
    await recorded(all.clerk, 'bag', late, { container: empty });
    await refused((o) => all.clerk.post(`/v1/containers/${empty}/close`, { seal: 'X' }, o), 409, 'despatch-state');

    await refused((o) => command('depart', { trip: 'NOWHERE' }, 'clerk', o), 422, 'unknown-trip');
    await refused((o) => command('depart', { trip: code }, 'hub', o), 403, 'forbidden');
    const before = numbers.map(events), id = uuid7();
    const gone = ok(await command('depart', { id, trip: code }));
    assert.deepEqual([gone.departed, gone.trip, gone.list.map((one) => one.state)],
        [2, code, ['departed', 'departed', 'open']]);
    assert.deepEqual(ok(await command('depart', { id, trip: code })), gone);
    await refused((o) => command('depart', { id: uuid7(), trip: code }, 'clerk', o), 409, 'despatch-state');
    assert.deepEqual(numbers.map(events), before, 'no item has an event of it');
    assert.deepEqual(events(first).filter((kind) => kind === 'depart'), ['depart']);
    assert.deepEqual([(await trip(code)).despatches[0].receptacles, (await trip(code)).bagged], [2, 4]);
    assert.equal(ok(await all.hub.get(`/v1/custody/items/${numbers[3]}`)).state, 'departed');
    rebuilt();
});

test('a unit’s despatches of a day', async () => {
    const list = async (more, who = 'clerk') => ok(await all[who].get(`/v1/despatches${more}`)).items;
    const out = await list('');
    assert.ok(out.length >= 2 && out.every((one) => one.way === 'out' && one.origin === OFFICE));
    const [known] = out, into = await list(`?unit=${HUB}`);
    assert.ok(into.some((one) => one.id === known.id && one.way === 'in'));
    assert.deepEqual(await list('?day=2026-01-05'), []);
    assert.equal((await despatch(known.id.toLowerCase())).id, known.id);
    assert.equal((await despatch(known.list?.[0]?.id ?? `${known.id}001010000`)).id, known.id);
    for (const day of ['2026-02-31', '31/12/2026', 'yesterday!'])
        await refused((o) => all.clerk.get(`/v1/despatches?day=${encodeURIComponent(day)}`, o), 422, 'invalid-fields');
    await refused((o) => all.clerk.get('/v1/despatches?unit=99-X', o), 422, 'unknown-unit');
    for (const s8 of ['VNAAAAVNAAAAAUN60001', 'what', `${known.id}0`, `${known.id.slice(0, 19)}-`])
        await refused((o) => all.clerk.get(`/v1/despatches/${s8}`, o), 404, 'not-found');
    const page = ok(await all.clerk.get('/v1/despatches?limit=1'));
    assert.notEqual(ok(await all.clerk.get(`/v1/despatches?limit=1&next=${page.next}`)).items[0].id, known.id);
});

test('where something goes next: never into a bag whose despatch is closed', async () => {
    const hint = async () => ok(await all.clerk.get('/v1/sorting?commune=19960')).open_bag;
    const make = async () => ok(await all.clerk.post('/v1/containers', { id: uuid7(), kind: 'receptacle', origin: OFFICE,
        destination: HUB }), 201).id;
    const [number] = await accepted(), sealed = await bag(all.clerk, OFFICE, HUB, [number], 'VNP 000306');
    const empty = await make();
    assert.equal(await hint(), empty);
    ok(await all.clerk.post(`/v1/despatches/${sealed.slice(0, 20)}/close`, {}));
    assert.equal(await hint(), undefined, 'it can no longer be sealed');
    const other = await make();
    assert.equal(await hint(), other);
});

test('at its destination all that rides on it arrives, and the trip is over', async () => {
    const { code } = await new_trip(), [inside, loose, scanned] = await accepted(3);
    const id = await bag(all.clerk, OFFICE, HUB, [inside], 'VNP 000304');
    for (const thing of [id, loose, scanned]) await recorded(all.clerk, 'depart', thing, { target: code });
    await recorded(all.hub, 'arrive', scanned);
    await refused((o) => all.clerk.post(`/v1/trips/${code}/arrive`, { id: uuid7() }, o), 403, 'forbidden');
    const request = { id: uuid7() };
    const done = ok(await all.hub.post(`/v1/trips/${code}/arrive`, request));
    assert.deepEqual([done.arrived, done.missing, done.things], [2, 0, []]);
    assert.ok(done.ended_at);
    assert.deepEqual(ok(await all.hub.post(`/v1/trips/${code}/arrive`, request)), done);
    assert.deepEqual(events(scanned).filter((kind) => kind === 'arrive'), ['arrive']);
    assert.deepEqual(events(inside), ['create', 'accept', 'bag']);
    for (const thing of [inside, loose, scanned]) {
        const { state, holder } = ok(await all.hub.get(`/v1/custody/items/${thing}`));
        assert.deepEqual([state, holder.kind, holder.id], ['arrived', 'place', HUB]);
    }
    await refused((o) => all.hub.post(`/v1/trips/${code}/arrive`, { id: uuid7() }, o), 409, 'trip-ended');
    await refused((o) => all.courier.post(`/v1/trips/${code}/end`, { id: uuid7() }, o), 409, 'trip-ended');
    await refused((o) => all.hub.post('/v1/trips/NOWHERE/arrive', { id: uuid7() }, o), 404, 'not-found');
    const [late] = await accepted(), told = await all.clerk.scan('depart', late, { target: code });
    assert.deepEqual([told.outcome, told.warnings, told.holder.kind], ['exception', ['trip_ended'], 'trip']);
    const early = await all.clerk.scan('depart', (await accepted())[0], { target: code,
        at: new Date(Date.parse(done.ended_at) - 1).toISOString() });
    assert.ok(!early.warnings.includes('trip_ended'), 'it went before the end, and was sent later');
    rebuilt();
});

test('a trip ends without what nobody saw: exceptions, and its carrier stays answerable', async () => {
    const { code } = await new_trip(), [inside, loose] = await accepted(2);
    const id = await bag(all.clerk, OFFICE, HUB, [inside], 'VNP 000305');
    for (const thing of [id, loose]) await recorded(all.clerk, 'depart', thing, { target: code });
    await recorded(all.hub, 'arrive', id);
    for (const who of ['courier2', 'clerk2'])
        await refused((o) => all[who].post(`/v1/trips/${code}/end`, { id: uuid7() }, o), 403, 'forbidden');
    const done = ok(await all.courier.post(`/v1/trips/${code}/end`, { id: uuid7() }));
    assert.deepEqual([done.missing, riding(done)], [1, [loose]]);
    assert.deepEqual(await odd('trip_missing'), [`trip_missing ${loose} ${OFFICE}`]);
    assert.ok(ok(await all.courier.get('/v1/custody/held')).items.some((one) => one.number === loose));
    await recorded(all.hub, 'arrive', loose);
    assert.ok(!ok(await all.courier.get('/v1/custody/held')).items.some((one) => one.number === loose));
    rebuilt();
});

test('what is put on a trip that is over, or told so late, is its carrier’s to answer for too', async () => {
    const held = async () => ok(await all.courier.get('/v1/custody/held'));
    const { code } = await new_trip(), [inside, loose, late] = await accepted(3);
    const id = await bag(all.clerk, OFFICE, HUB, [inside], 'VNP 000308');
    const done = ok(await all.courier.post(`/v1/trips/${code}/end`, { id: uuid7() }));
    assert.equal(done.missing, 0);
    for (const thing of [id, loose])
        assert.deepEqual((await all.clerk.scan('depart', thing, { target: code })).warnings, ['trip_ended']);
    await recorded(all.clerk, 'depart', late, { target: code, at: new Date(Date.parse(done.ended_at) - 1).toISOString() });
    const { items, containers } = await held();
    assert.ok(containers.some((one) => one.id === id && one.by === 'trip'), 'a bag');
    for (const number of [loose, late])
        assert.ok(items.some((one) => one.number === number && one.by === 'trip'), number);
    for (const thing of [id, loose, late]) await recorded(all.hub, 'arrive', thing);
    assert.ok(!(await held()).items.some((one) => one.by === 'trip' && [loose, late].includes(one.number)));
    rebuilt();
});

test('what comes off a trip on which nobody had put it is an exception, and arrives', async () => {
    const { code } = await new_trip(), [inside, other, loose, known] = await accepted(4);
    const id = await bag(all.clerk, OFFICE, HUB, [inside, other], 'VNP 000309');
    await recorded(all.clerk, 'depart', known, { target: code });
    for (const thing of [id, loose]) {
        const told = await all.hub.scan('arrive', thing, { target: code });
        assert.deepEqual([told.outcome, told.warnings, told.state, told.holder.id], ['exception', ['trip_surplus'], 'arrived', HUB]);
    }
    for (const thing of [id, loose, known, known])
        await recorded(all.hub, 'arrive', thing, { target: code });
    assert.deepEqual(await odd('trip_surplus'), [`trip_surplus ${id} ${HUB}`, `trip_surplus ${loose} ${HUB}`].sort());
    const { missing } = ok(await all.hub.post(`/v1/trips/${code}/arrive`, { id: uuid7() }));
    assert.equal(missing, 0);
    rebuilt();
});

test('what lies in a bag that rides on a trip is no surplus when it is taken off by itself', async () => {
    const { code } = await new_trip(), [inside] = await accepted(1);
    const id = await bag(all.clerk, OFFICE, HUB, [inside], 'VNP 000310');
    await recorded(all.clerk, 'depart', id, { target: code });
    assert.deepEqual((await all.hub.scan('arrive', inside, { target: code })).warnings, ['sealed_bag']);
    rebuilt();
});

test('what was declared lost on the way does not arrive with its trip', async () => {
    const { code } = await new_trip(), [loose, lost] = await accepted(2);
    for (const thing of [loose, lost]) await recorded(all.clerk, 'depart', thing, { target: code });
    await recorded(all.supervisor, 'lost', lost);
    const done = ok(await all.hub.post(`/v1/trips/${code}/arrive`, { id: uuid7() }));
    assert.deepEqual([done.arrived, done.missing, riding(done)], [1, 1, [lost]]);
    assert.ok((await odd('trip_missing')).includes(`trip_missing ${lost} ${OFFICE}`));
    assert.equal(ok(await all.hub.get(`/v1/custody/items/${lost}`)).state, 'lost');
    rebuilt();
});

test('two arrivals at once are one', async () => {
    const { code } = await new_trip(), numbers = await accepted(3);
    for (const number of numbers) await recorded(all.clerk, 'depart', number, { target: code });
    const replies = await Promise.all([1, 2].map(() => all.hub.post(`/v1/trips/${code}/arrive`, { id: uuid7() })));
    assert.deepEqual(replies.map((reply) => reply.status).sort(), [200, 409], replies.map(show).join());
    for (const number of numbers) assert.deepEqual(events(number).filter((kind) => kind === 'arrive'), ['arrive']);
    rebuilt();
});
