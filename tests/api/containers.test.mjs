// Bags beside their scans: what closes and what does not, weighing, new seals, the list of an opened
// bag against what was found in it, and the sorting plan.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { query } from '../fault/journal.mjs';
import { discard, own_service, ROOT, show, uuid7 } from './service.mjs';
import { AGENCY, bag, HUB, intake, OFFICE, ok, recorded, track } from './walk.mjs';

const folder = mkdtempSync(join(tmpdir(), 'dossierpost-containers-'));
let house, all;
before(async () => {
    house = await own_service();
    all = Object.fromEntries(await Promise.all(['clerk', 'clerk2', 'courier', 'hub', 'officer', 'supervisor',
        'applicant'].map(async (name) => [name, await house.login(name)])));
});
after(async () => {
    await discard(house);
    rmSync(folder, { recursive: true });
});

const rebuilt = () => assert.deepEqual(query(house, 'select * from custody.rebuild()'), []);
const view = async (id, more = '') => ok(await all.hub.get(`/v1/containers/${id}${more}`));
const command = (who, id, name, body, options = {}) => all[who].post(`/v1/containers/${id}/${name}`, body, options);
const data_of = (id, kind) => query(house, `select data from custody.event where subject = '${id}'
    and kind = '${kind}' order by at`).map(JSON.parse);

async function make(from = OFFICE, to = HUB, who = 'clerk') {
    return ok(await all[who].post('/v1/containers', { id: uuid7(), kind: 'receptacle', origin: from,
        destination: to }), 201).id;
}

// Papers at the clerk's office, on their way to an agency.
async function accepted(count = 1, agency = AGENCY, more = {}) {
    const numbers = [];
    for (let i = 0; i < count; i++) {
        const { number } = await intake(all.clerk, { agency, ...more });
        await recorded(all.clerk, 'accept', number);
        numbers.push(number);
    }
    return numbers;
}

// Sealed at the hub for an office, opened there by its clerk.
async function opened(numbers, to = OFFICE, by = 'clerk') {
    for (const number of numbers) await recorded(all.hub, 'arrive', number);
    const id = await bag(all.hub, HUB, to, numbers, 'VNP 000401');
    await recorded(all.hub, 'depart', id);
    await recorded(all[by], 'arrive', id);
    await recorded(all[by], 'open', id);
    return id;
}

async function refused(send, status, slug) {
    const texts = [];
    for (const language of ['vi', 'en']) {
        const reply = await send({ headers: { 'accept-language': language } });
        assert.deepEqual([reply.status, reply.body.type], [status, `/problems/${slug}`], show(reply));
        texts.push(reply.body);
    }
    assert.notEqual(texts[0].title, texts[1].title);
    return texts;
}

async function import_sorting(text) {
    const path = join(folder, 'plan.csv');
    writeFileSync(path, text);
    return import_file('sorting', path);
}
async function import_file(kind, path) {
    const { stdout } = await promisify(execFile)(resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost'),
        ['import', kind, path], { env: { ...process.env, DOSSIERPOST_STATE_DIR: house.state } });
    return Number.parseInt(stdout, 10);
}

test('an empty or a closed bag is not closed', async () => {
    const id = await make(), [number] = await accepted();
    const close = (o, who = 'clerk') => command(who, id, 'close', { seal: 'S1' }, o);
    const empty = await refused(close, 409, 'container-closed');
    assert.deepEqual(empty.map((one) => one.detail), ['Túi còn trống.', 'The container is empty.']);
    await recorded(all.clerk, 'bag', number, { container: id });
    await refused((o) => close(o, 'clerk2'), 403, 'forbidden');
    await recorded(all.clerk, 'unbag', number, { container: id });
    await refused(close, 409, 'container-closed');
    await recorded(all.clerk, 'bag', number, { container: id });
    const sealed = { id: uuid7(), seal: 'S1' };
    ok(await command('clerk', id, 'close', sealed));
    ok(await command('clerk', id, 'close', sealed));
    const closed = await refused(close, 409, 'container-closed');
    assert.deepEqual(closed.map((one) => one.detail), ['Túi không ở trạng thái mở.', 'The container is not open.']);
    const again = await all.clerk.scan('close', id);
    assert.deepEqual([again.outcome, again.warnings], ['exception', ['illegal_step']], 'a scan is a fact');
    rebuilt();
});

test('bags nest four deep and never in themselves', async () => {
    const [number] = await accepted(), bags = [];
    for (let depth = 0; depth < 5; depth++) {
        bags.push(await make());
        const inner = depth ? bags[depth - 1] : number;
        const reply = await all.clerk.scan('bag', inner, { container: bags[depth] });
        assert.deepEqual(reply.warnings, depth < 4 ? [] : ['bag_too_deep'], `${depth + 1} deep`);
        if (depth < 4) ok(await command('clerk', bags[depth], 'close', { seal: `S${depth}` }));
    }
    assert.equal((await view(bags[0])).outer, bags[1]);
    const itself = await all.clerk.scan('bag', bags[3], { container: bags[3] });
    assert.equal(itself.outcome, 'exception');
    await recorded(all.courier, 'depart', bags[3]);
    assert.equal(ok(await all.hub.get(`/v1/custody/items/${number}`)).state, 'departed');
    for (const id of bags.slice(0, 4)) assert.equal((await view(id)).state, 'departed');
    rebuilt();
});

test('a weighing is an event of the bag, and tells when it does not fit', async () => {
    const numbers = await accepted(3, AGENCY, { weight_g: 400 });
    const id = await bag(all.clerk, OFFICE, HUB, numbers, 'VNP 000402');
    const weigh = async (weight_g) => ok(await command('clerk', id, 'weigh', { id: uuid7(), weight_g }));
    const fine = await weigh(1450);
    assert.deepEqual([fine.weighed.weight_g, fine.weighed.items_g, fine.warnings], [1450, 1200, []]);
    assert.deepEqual((await weigh(1100)).warnings, [], 'within what scales are off');
    const light = await weigh(900), heavy = await weigh(4500);
    assert.deepEqual([light.warnings, heavy.warnings], [['weight_light'], ['weight_heavy']]);
    assert.deepEqual((await weigh(4400)).warnings, []);
    const words = ok(await all.clerk.get('/v1/custody/vocabulary')).warnings.map((one) => one.code);
    assert.ok(words.includes('weight_light') && words.includes('weight_heavy'));
    assert.deepEqual(data_of(id, 'weigh').map((one) => one.weight_g), [1450, 1100, 900, 4500, 4400]);
    const once = { id: uuid7(), weight_g: 1300 };
    ok(await command('clerk', id, 'weigh', once));
    ok(await command('clerk', id, 'weigh', once));
    await refused((o) => command('clerk', id, 'weigh', { ...once, weight_g: 1301 }, o), 422, 'id-reused');
    assert.equal(data_of(id, 'weigh').length, 6);
    await refused((o) => command('clerk2', id, 'weigh', { weight_g: 1 }, o), 403, 'forbidden');
    await refused((o) => command('courier', id, 'weigh', { weight_g: 1 }, o), 403, 'forbidden');
    for (const weight_g of [0, -1, 100001, 1.5, '1'])
        await refused((o) => command('clerk', id, 'weigh', { weight_g }, o), 422, 'invalid-fields');
    await refused((o) => command('clerk', 'VNAAAAVNAAAAAUN60001001010000', 'weigh', { weight_g: 1 }, o), 404, 'not-found');
    rebuilt();
});

test('a new seal: the event keeps the old one, the new one and why', async () => {
    const [number] = await accepted(), id = await make();
    await recorded(all.clerk, 'bag', number, { container: id });
    const reseal = (seal, reason = 'broken', who = 'clerk', o = {}) => command(who, id, 'reseal', { seal, reason }, o);
    await refused((o) => reseal('S2', 'broken', 'clerk', o), 409, 'container-closed');
    ok(await command('clerk', id, 'close', { seal: 'S1' }));
    const sealed_at = (await view(id)).sealed_at;
    const done = ok(await reseal('S2'));
    assert.deepEqual([done.seal, done.state, done.sealed_at], ['S2', 'closed', sealed_at]);
    await recorded(all.clerk, 'repack', id);
    assert.equal((await view(id)).seal, 'S2', 'a scan without a seal takes none away');
    await recorded(all.clerk, 'depart', id, { target: 'courier' });
    await refused((o) => reseal('S3', 'broken', 'clerk', o), 409, 'container-closed');
    await recorded(all.hub, 'arrive', id);
    await refused((o) => reseal('S3', 'broken', 'clerk', o), 403, 'forbidden');
    await refused((o) => reseal('S3', 'because', 'hub', o), 422, 'invalid-fields');
    const once = { id: uuid7(), seal: 'S3', reason: 'inspected' };
    ok(await command('hub', id, 'reseal', once));
    ok(await command('hub', id, 'reseal', once));
    assert.deepEqual(query(house, `select concat_ws(' ', kind, data ->> 'old_seal', data ->> 'seal', reason)
        from custody.event where subject = '${id}' and kind = 'repack' order by at`),
    ['repack S1 S2 broken', 'repack', 'repack S2 S3 inspected']);
    rebuilt();
});

test('the list of an opened bag against what was found in it', async () => {
    const [seen, scanned_out, missing] = await accepted(3), [wrong] = await accepted(1, '46-A2');
    const [surplus] = await accepted(), [elsewhere] = await accepted();
    const id = await opened([seen, scanned_out, missing, wrong, elsewhere]);
    const finding = async () => Object.fromEntries((await view(id)).items.map((one) => [one.number, one.finding]));
    assert.deepEqual(Object.values(await finding()), Array(5).fill('missing'), 'nobody has looked yet');
    await recorded(all.clerk, 'at_delivery_office', seen);
    await recorded(all.clerk, 'unbag', scanned_out, { container: id });
    await recorded(all.clerk, 'arrive', wrong, { container: id });
    await recorded(all.hub, 'take_over', elsewhere);
    assert.equal((await all.clerk.scan('arrive', surplus, { container: id })).outcome, 'recorded');
    await all.clerk.scan('arrive', 'EE471108151FR', { container: id });
    const list = await view(id);
    assert.deepEqual([list.expected, list.seen, list.present, list.missing, list.surplus, list.missorted],
        [5, 4, 3, 1, 2, 1]);
    assert.deepEqual(await finding(), { [seen]: 'present', [scanned_out]: 'present', [elsewhere]: 'present',
        [missing]: 'missing', [wrong]: 'missorted', [surplus]: 'surplus', EE471108151FR: 'surplus' });
    assert.equal(list.items.find((one) => one.number === wrong).status, 'seen');

    const pages = [];
    for (let next = ''; next !== undefined;) {
        const page = await view(id, `?limit=2${next && `&next=${next}`}`);
        assert.deepEqual([page.expected, page.surplus], [5, 2]);
        pages.push(page.items.map((one) => one.number));
        next = page.next;
    }
    assert.deepEqual(pages.map((page) => page.length), [2, 2, 2, 1]);
    assert.deepEqual(pages.flat(), list.items.map((one) => one.number));
    await refused((o) => all.hub.get(`/v1/containers/${id}?next=x`, o), 422, 'invalid-fields');
    await refused((o) => all.hub.get(`/v1/containers/${id}?limit=501`, o), 422, 'invalid-fields');

    await refused((o) => command('hub', id, 'checked', {}, o), 403, 'forbidden');
    const done = ok(await command('clerk', id, 'checked', { id: uuid7() }));
    assert.ok(done.checked_at && done.opened_unit === OFFICE);
    assert.deepEqual(data_of(id, 'checked'), [{ expected: 5, seen: 4, present: 3, missing: 1, surplus: 2, missorted: 1 }]);
    ok(await command('clerk', id, 'checked', { id: uuid7() }));
    assert.equal(data_of(id, 'checked').length, 1);

    // Both sides answer: the opener's clerk, and the hub that sealed it.
    const told = async (who) => {
        const { items } = ok(await all[who].get('/v1/custody/exceptions?limit=500'));
        return items.filter((one) => one.code.startsWith('bag_') && one.detail.bag === id)
            .map((one) => `${one.code} ${one.subject}`).sort();
    };
    const wanted = (tail) => [`bag_missing${tail} ${missing}`, `bag_missorted${tail} ${wrong}`,
        `bag_surplus${tail} ${surplus}`, `bag_surplus${tail} EE471108151FR`].sort();
    assert.deepEqual(await told('clerk'), wanted(''));
    assert.deepEqual(await told('hub'), wanted('_sent'));
    assert.deepEqual(query(house, `select data from custody.event where subject = '${missing}' and kind = 'finding'`)
        .map(JSON.parse), [{ bag: id, finding: 'missing' }]);
    const odd = ok(await all.hub.get('/v1/custody/exceptions?limit=500')).items.find((one) =>
        one.code === 'bag_missing_sent' && one.subject === missing);
    assert.ok(odd.text && odd.text_en && odd.text !== odd.text_en);
    ok(await all.hub.post(`/v1/custody/exceptions/${odd.id}/resolve`, { decision: 'correct', note: 'Đã tìm thấy.' }));

    await recorded(all.clerk, 'arrive', missing);
    assert.equal((await view(id)).missing, 0, 'it was found after all');
    rebuilt();
});

test('what was scanned out of a bag by mistake, and taken back, was never in it', async () => {
    const [inside] = await accepted(), strays = await accepted(3), unknown = 'RR471108151FR';
    const id = await opened([inside]), events = {};
    for (const number of [inside, ...strays, unknown])
        events[number] = (await all.clerk.scan('arrive', number, { container: id })).id;
    const surplus = async () => (await view(id)).items.filter((one) => one.finding === 'surplus').map((one) => one.number);
    assert.deepEqual(await surplus(), [...strays, unknown]);
    await recorded(all.clerk, 'undo', strays[0], { refers: events[strays[0]] });
    await recorded(all.supervisor, 'reverse', strays[1], { refers: events[strays[1]] });
    await all.clerk.scan('undo', unknown, { refers: events[unknown] });
    const not_mine = await all.hub.scan('undo', strays[2], { refers: events[strays[2]] });
    assert.deepEqual(not_mine.warnings, ['undo_refused']);
    assert.deepEqual(await surplus(), [strays[2]]);
    await recorded(all.clerk, 'undo', inside, { refers: events[inside] });
    assert.equal((await view(id)).missing, 1, 'nor is it here');
    ok(await command('clerk', id, 'checked', {}));
    assert.deepEqual(query(house, `select subject from custody.exception where code = 'bag_surplus'
        and detail ->> 'bag' = '${id}'`), [strays[2]]);
    rebuilt();
});

test('what is checked: only an opened bag, and while it is filled what would go astray', async () => {
    const [right, wrong] = [(await accepted())[0], (await accepted(1, '46-A2'))[0]];
    for (const number of [right, wrong]) await recorded(all.hub, 'arrive', number);
    const id = await make(HUB, OFFICE, 'hub');
    for (const number of [right, wrong]) await recorded(all.hub, 'bag', number, { container: id });
    const findings = (await view(id)).items.map((one) => [one.number, one.status, one.finding]);
    assert.deepEqual(findings, [[right, 'inside', undefined], [wrong, 'inside', 'missorted']]);
    await recorded(all.hub, 'unbag', wrong, { container: id });
    assert.deepEqual((await view(id)).items[1], { ...(await view(id)).items[1], status: 'left' });
    assert.deepEqual([(await view(id)).expected, (await view(id)).missorted], [1, 0]);
    const unopened = await refused((o) => command('hub', id, 'checked', {}, o), 409, 'container-closed');
    assert.equal(unopened[1].detail, 'The container has not been opened.');
    await recorded(all.hub, 'bag', wrong, { container: id });
    assert.equal((await view(id)).items.length, 2, 'in, out and in again is one line');
    rebuilt();
});

test('a bag that is used again: the check is of its last life', async () => {
    const [first] = await accepted(), id = await opened([first]);
    const [second, out] = await accepted(2);
    for (const number of [second, out]) await recorded(all.clerk, 'bag', number, { container: id });
    await recorded(all.clerk, 'unbag', out, { container: id });
    const done = ok(await command('clerk', id, 'checked', {}));
    assert.deepEqual(data_of(id, 'checked').map((one) => [one.missing, one.surplus]), [[1, 0]]);
    assert.deepEqual(done.items.map((one) => [one.number, one.status]), [[second, 'inside'], [out, 'left']]);
    rebuilt();
});

test('a history read before, during and after a bag', async () => {
    const { code, number } = await intake(all.clerk);
    await recorded(all.clerk, 'accept', number);
    const read = async () => {
        const seen = await track(house.anybody(), number), staff = ok(await all.officer.get(`/v1/dossiers/${code}/events`));
        return { place: seen.place, told: seen.timeline.map((one) => one.kind).reverse(),
            staff: staff.items.filter((one) => one.number === number)
                .map((one) => `${one.kind}${one.container ? '*' : ''}`) };
    };
    const before = await read();
    assert.deepEqual(before.told, ['dossier.register', 'accept']);
    assert.deepEqual(before.staff.filter((kind) => kind !== 'create'), ['accept']);

    const trip = ok(await all.clerk.post('/v1/trips', { id: uuid7(), to: HUB, carrier: 'courier' }), 201).code;
    const id = await bag(all.clerk, OFFICE, HUB, [number], 'VNP 000403');
    ok(await command('clerk', id, 'weigh', { weight_g: 300 }));
    ok(await command('clerk', id, 'reseal', { seal: 'VNP 000404', reason: 'broken' }));
    await recorded(all.clerk, 'depart', id, { target: trip });
    const during = await read();
    assert.deepEqual(during.told, [...before.told, 'bag', 'depart']);
    assert.deepEqual(during.staff, [...before.staff, 'bag', 'depart*']);
    assert.equal(during.place.moving, true);
    const shipment = ok(await all.officer.get(`/v1/dossiers/${code}`)).shipments[0];
    assert.deepEqual([shipment.state, shipment.holder.kind, shipment.holder.carrier?.name],
        ['departed', 'trip', 'Lê Văn Thử (thử nghiệm)']);

    ok(await all.hub.post(`/v1/trips/${trip}/arrive`, { id: uuid7() }));
    await recorded(all.hub, 'open', id);
    await recorded(all.hub, 'sort', number);
    await recorded(all.hub, 'damage', id);
    const after = await read();
    assert.deepEqual(after.told, [...during.told, 'arrive', 'open', 'sort']);
    assert.deepEqual(after.staff, [...during.staff, 'arrive*', 'open*', 'sort'], 'no step of the bag after it left');
    assert.deepEqual(query(house, `select kind from custody.event where subject = '${number}' order by at, id`),
        ['create', 'accept', 'bag', 'sort'], 'the bag was one write, whatever it held');
    rebuilt();
});

test('the sorting plan: what the network says, and what an administrator imports', async () => {
    const sort = async (args, who = 'hub') => ok(await all[who].get(`/v1/sorting?${new URLSearchParams(args)}`));
    const next = async (args, who) => { const s = await sort(args, who); return [s.next?.code, s.next?.bag, s.by, s.here]; };
    const [number] = await accepted();
    assert.deepEqual(await next({ number }), ['46-B1', 'B1', 'network', false]);
    assert.equal((await sort({ number })).to.name, 'Trung tâm Phục vụ hành chính công phường Thuận Hoá');
    assert.deepEqual(await next({ number }, 'clerk'), ['46-B1', 'B1', 'network', true]);
    assert.deepEqual(await next({ commune: '19960' }), ['46-B5', 'B5', 'network', false]);
    assert.deepEqual(await next({ commune: '19960' }, 'clerk'), ['46-H1', 'H1', 'network', false]);
    const open = await make(HUB, '46-B5', 'hub');
    assert.equal((await sort({ commune: '19960' })).open_bag, open);
    assert.deepEqual(await next({ number: open }), ['46-B5', 'B5', 'network', false]);

    writeFileSync(join(folder, 'c.csv'), 'province_code,province_name,commune_code,commune_name,latitude,longitude,'
        + 'delivery_office\n48,Thành phố Đà Nẵng,20194,Phường Hải Châu,16.06,108.22,48-B1\n');
    writeFileSync(join(folder, 'u.csv'), 'code,kind,name,name_en,parent,commune_code,postcode,opens,closes,s10_office\n'
        + '48-H1,hub,Trung tâm Đà Nẵng,Da Nang Hub,,20194,50000,07:30,18:00,481\n'
        + '48-B1,post_office,Bưu cục Hải Châu,Hai Chau Post Office,48-H1,20194,50200,07:30,18:00,482\n');
    for (const kind of ['c', 'u', 'c'])
        await import_file(kind === 'c' ? 'communes' : 'units', join(folder, `${kind}.csv`));
    assert.deepEqual(await next({ commune: '20194' }), ['48-H1', '48-H1', 'network', false]);
    assert.deepEqual(await next({ commune: '20194' }, 'clerk'), ['48-H1', '48-H1', 'network', false]);
    assert.deepEqual(await next({ from: '48-H1', commune: '19789' }), ['46-H1', '46-H1', 'network', false]);

    const HEAD = 'unit,commune,postcode,next,bag,valid_from,valid_to\n';
    const plan = `${HEAD}46-H1,,50,48-H1,DN-A,,\n46-H1,,502,48-B1,DN-B,,\n46-H1,19960,,46-B3,,,\n`
        + '46-H1,19789,,46-B2,CU,2025-08-01,2026-01-01\n46-H1,19753,,46-B4,SAU,2099-01-01,\n';
    assert.equal(await import_sorting(plan), 5);
    assert.equal(await import_sorting(plan), 0);
    assert.deepEqual(await next({ commune: '20194' }), ['48-B1', 'DN-B', 'postcode', false], 'the longer prefix');
    assert.deepEqual(await next({ commune: '19960' }), ['46-B3', 'B3', 'commune', false]);
    assert.deepEqual(await next({ commune: '19789' }), ['46-B1', 'B1', 'network', false], 'over');
    assert.deepEqual(await next({ commune: '19753' }), ['46-B2', 'B2', 'network', false], 'not yet');
    assert.deepEqual(await next({ commune: '19960' }, 'clerk'), ['46-H1', 'H1', 'network', false], 'of one unit only');
    assert.equal(await import_sorting(`${HEAD}46-H1,19960,,46-B4,,,\n`), 1);
    assert.deepEqual(await next({ commune: '19960' }), ['46-B4', 'B4', 'commune', false]);
    for (const [row, word] of [['46-H1,19960,502,46-B3,,,', 'check'], ['46-H1,,,46-B3,,,', 'null'], ['99,19960,,46-B3,,,', 'unit'],
        ['46-H1,19960,,46-A1,,,', 'next_unit'], ['46-H1,99999,,46-B3,,,', 'commune'], ['46-H1,,5x,46-B3,,,', 'postcode'],
        ['46-H1,19960,,46-H1,,,', 'check'], ['46-H1,19960,,46-B3,,2026-02-01,2026-01-01', 'check']])
        await assert.rejects(import_sorting(`${HEAD}46-H1,19777,,46-B5,,,\n${row}\n`),
            (error) => error.code === 1 && error.stderr.includes(word), row);
    assert.deepEqual(await next({ commune: '19777' }), ['46-B3', 'B3', 'network', false], 'nothing of a bad file');

    const ask = (args) => (o) => all.hub.get(`/v1/sorting?${args}`, o);
    await refused(ask(''), 422, 'invalid-fields');
    await refused(ask(`commune=19960&number=${number}`), 422, 'invalid-fields');
    await refused(ask('commune=99999'), 422, 'unknown-commune');
    await refused(ask('number=EE471108151FR'), 404, 'not-found');
    await refused(ask('number=nonsense'), 422, 'bad-code');
    await refused(ask('from=99-X&commune=19960'), 422, 'unknown-unit');
    await refused((o) => all.applicant.get('/v1/sorting?commune=19960', o), 403, 'forbidden');
});
