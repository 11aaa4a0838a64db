// Long histories of bags and what lies in them, mostly late and partly taken back. What is folded
// again, and from where, is chosen by what a scan can change; here that is compared, batch after
// batch, with folds of everything from the beginning.
import assert from 'node:assert/strict';
import { before, after, test } from 'node:test';
import { container, people, record, shipment, uuid7 } from './scans.mjs';
import { test_database } from './cluster.mjs';

// Other histories every day; the seed stands in the tests' names, and FAULT_SEED replays them.
const SEED = Number(process.env.FAULT_SEED ?? Math.floor(Date.now() / 86400000));
const SEEDED = `(FAULT_SEED=${SEED})`;
const BATCHES = Number(process.env.FAULT_HISTORIES ?? 200) / 2, SESSIONS = 4, ITEMS = 5, BAGS = 3;
const OF_A_BAG = { clerk: ['close', 'open', 'arrive'], hub: ['close', 'open', 'arrive', 'depart'],
                   courier: ['depart', 'take_over'] };
const OF_AN_ITEM = { clerk: ['accept', 'arrive', 'unbag', 'damage'], hub: ['arrive', 'sort', 'unbag', 'depart'],
                     courier: ['take_over', 'damage', 'depart'] };
const OTHER = { clerk: 'clerk2', hub: 'supervisor', courier: 'courier2' };
let db, everybody;

before(async () => {
    db = await test_database();
    everybody = await people(db);
});
after(() => db.end());

// mulberry32
function randomness(seed) {
    return () => {
        seed = (seed + 0x6d2b79f5) | 0;
        let x = Math.imul(seed ^ (seed >>> 15), 1 | seed);
        x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
        return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
    };
}

class Play {
    constructor(session, things, seed) {
        Object.assign(this, { session, things, random: randomness(seed), sent: [], held: [] });
    }

    any(list) {
        return list[Math.floor(this.random() * list.length)];
    }

    chance(share) {
        return this.random() < share;
    }

    // Within the last minutes, whole seconds, so that some are of one instant.
    at() {
        const back = this.chance(0.4) ? this.random() * 5 : this.random() * 300;
        return new Date(Math.floor(Date.now() / 1000 - back) * 1000).toISOString();
    }

    scan() {
        const { bags, items } = this.things, who = this.any(Object.keys(OTHER));
        const made = { id: uuid7(Date.now()), at: this.at(), who, seq: Math.floor(this.random() * 3) };
        const taken = this.chance(0.1) && this.sent.length ? this.any(this.sent) : null;
        if (taken && this.chance(0.5))
            return { ...made, subject: taken.subject, kind: 'undo', who: taken.who, refers: taken.id };
        if (taken) return { ...made, subject: taken.subject, kind: 'reverse', who: 'supervisor', refers: taken.id };
        if (this.chance(0.35)) {
            const subject = this.any(bags);
            return subject !== bags.at(-1) && this.chance(0.25)
                ? { ...made, subject, kind: 'bag', who: this.any(['clerk', 'hub']), container: bags.at(-1) }
                : { ...made, subject, kind: this.any(OF_A_BAG[who]) };
        }
        const subject = this.any(items);
        return this.chance(0.35) ? { ...made, subject, kind: 'bag', who: this.any(['clerk', 'hub']), container: this.any(bags) }
            : { ...made, subject, kind: this.any(OF_AN_ITEM[who]) };
    }

    // Some are held back, and may be taken back before they come.
    async batch() {
        const made = Array.from({ length: 1 + Math.floor(this.random() * 5) }, () => this.scan());
        this.sent.push(...made.filter(({ kind }) => !['undo', 'reverse'].includes(kind)));
        const scans = made.filter((scan) => !this.chance(0.2) || !this.held.push(scan));
        if (this.chance(0.3)) scans.push(...this.held.splice(0, 4));
        if (this.chance(0.1)) scans.push(this.any(this.sent));
        if (!scans.length) return;
        for (const reply of await record(this.session, everybody, scans))
            assert.ok(['recorded', 'exception', 'duplicate'].includes(reply.outcome), JSON.stringify(reply));
    }
}

async function things(session) {
    const made = { items: [], bags: [] };
    for (let i = 0; i < ITEMS; i++) made.items.push(await shipment(session));
    for (let i = 0; i < BAGS; i++) made.bags.push(await container(session, '46-B1', '46-H1'));
    return made;
}

test(`${BATCHES} batches, mostly late: after each of them all is what the events say ${SEEDED}`, async () => {
    const session = db.session();
    const play = new Play(session, await things(session), SEED);
    for (let i = 0; i < BATCHES; i++) {
        await play.batch();
        assert.deepEqual(await session.query('select * from custody.rebuild()'), [], `after batch ${i}`);
    }
    const [[points]] = await session.query(`select count(distinct length(subject)) from custody.point`);
    assert.equal(points, '2', 'there are points of both');
});

test(`the same from ${SESSIONS} sessions at once, and none waits for ever ${SEEDED}`, async () => {
    const first = db.session(), all = await things(first);
    await Promise.all(Array.from({ length: SESSIONS }, async (_, i) => {
        const play = new Play(db.session(), all, SEED + 1 + i);
        for (let n = 0; n < BATCHES / 2; n++) await play.batch();
    }));
    assert.deepEqual(await first.query('select * from custody.rebuild()'), []);
    await new Promise((done) => setTimeout(done, 1500)); // the sessions tell their figures within a second
    assert.deepEqual(await first.query(`select deadlocks from pg_stat_database
                                        where datname = current_database()`), [['0']]);
});

// Scans a second apart, from two minutes ago on.
const scans = (...list) => list.map(([kind, who, subject, second, more]) => ({
    id: uuid7(Date.now()), kind, who, subject, seq: 0, ...more,
    at: new Date(Math.floor(Date.now() / 1000) * 1000 - 120000 + second * 1000).toISOString() }));
const sound = async (session) => assert.deepEqual(await session.query('select * from custody.rebuild()'), []);
const soon = () => new Promise((done) => setTimeout(done, 400));

test('what a late scan of an outer bag makes possible is done, at any depth', async () => {
    const session = db.session(), { items: [one, two], bags: [bag, , outer] } = await things(session);
    const send = (...list) => record(session, everybody, scans(...list));
    await send(['accept', 'clerk', one, 0], ['accept', 'clerk', two, 1], ['bag', 'clerk', one, 2, { container: bag }]);
    await send(['close', 'clerk', bag, 3], ['bag', 'clerk', bag, 4, { container: outer }]);
    await send(['close', 'clerk', outer, 5], ['lost', 'supervisor', outer, 6]);
    await send(['open', 'hub', bag, 20], ['bag', 'hub', two, 22, { container: bag }]);
    const of_two = () => session.query(`select state from custody.shipment where number = '${two}'`);
    assert.deepEqual(await of_two(), [['accepted']]);
    const [found] = scans(['found', 'supervisor', outer, 8]);
    await record(session, everybody, [found]);
    await sound(session);
    assert.deepEqual(await of_two(), [['bagged']]);
    // And when that is taken back, so is what it made possible.
    await send(['reverse', 'supervisor', outer, 30, { refers: found.id }]);
    await sound(session);
    assert.deepEqual(await of_two(), [['accepted']]);
});

test('a bag that the same call closes takes nothing in afterwards', async () => {
    const session = db.session(), { items: [item], bags: [bag] } = await things(session);
    await record(session, everybody, scans(['accept', 'clerk', item, 0]));
    const [, put] = await record(session, everybody, scans(['close', 'clerk', bag, 5], ['bag', 'clerk', item, 7, { container: bag }]));
    assert.deepEqual([put.outcome, put.state, put.warnings], ['exception', 'accepted', ['closed_bag']]);
    await sound(session);
});

test('a late scan that takes a bag its opening leaves nothing of it', async () => {
    const session = db.session(), { items: [item], bags: [bag, empty] } = await things(session);
    const send = (...list) => record(session, everybody, scans(...list));
    await send(['accept', 'clerk', item, 0], ['bag', 'clerk', item, 1, { container: bag }]);
    for (const one of [bag, empty]) {
        await send(['close', 'clerk', one, 2]);
        await send(['open', 'clerk', one, 60]);
        await send(['lost', 'supervisor', one, 30]);
        await sound(session);
    }
});

test('what is scanned into a bag waits for whoever changes its past', async () => {
    const [one, two] = [db.session(), db.session()];
    const { items: [item], bags: [bag] } = await things(one);
    await record(one, everybody, scans(['accept', 'clerk', item, 0]));
    await one.query('begin');
    await record(one, everybody, scans(['close', 'clerk', bag, 5]));
    const put = record(two, everybody, scans(['bag', 'clerk', item, 7, { container: bag }]));
    await soon();
    await one.query('commit');
    const [reply] = await put;
    assert.deepEqual(reply.warnings, ['closed_bag']);
    await sound(one);
});

// Their outcomes would cross: each has read before the other commits.
test('a bag that something came to while its scan waited is looked for', async () => {
    const [one, two, three] = [db.session(), db.session(), db.session()];
    const { items: [item, other], bags: [bag, second] } = await things(one);
    await record(one, everybody, scans(['accept', 'clerk', item, 0], ['accept', 'clerk', other, 0]));
    await one.query('begin');
    await record(one, everybody, scans(['bag', 'clerk', item, 2, { container: bag }]));
    await two.query('begin');
    const looks = record(two, everybody, scans(['bag', 'clerk', other, 3, { container: second }], ['sort', 'hub', item, 9]));
    await soon();
    await three.query('begin');
    const goes = record(three, everybody, arrival(bag));
    await soon();
    await one.query('commit');
    await goes;
    await soon();
    await three.query('commit');
    await looks;
    await two.query('commit');
    await sound(one);
});

const arrival = (bag) => scans(['close', 'clerk', bag, 4]).concat(scans(['depart', 'courier', bag, 5]))
    .concat(scans(['arrive', 'hub', bag, 6]));

test('a late scan waits for whoever changes a bag that it might put its thing into', async () => {
    const [one, two] = [db.session(), db.session()];
    const { items: [item], bags: [bag] } = await things(one);
    const [reply] = await record(one, everybody, scans(['bag', 'clerk', item, 2, { container: bag }]));
    assert.deepEqual(reply.warnings, ['illegal_step']);
    await record(one, everybody, scans(['sort', 'hub', item, 9]));
    await one.query('begin');
    await record(one, everybody, arrival(bag));
    await two.query('begin');
    const late = record(two, everybody, scans(['accept', 'clerk', item, 0]));
    await soon();
    await one.query('commit');
    await late;
    await two.query('commit');
    await sound(one);
});

test('what is taken back before it comes, by a clock that was behind', async () => {
    const session = db.session(), { items: [item], bags: [bag] } = await things(session);
    const [left] = scans(['close', 'clerk', bag, 5]);
    await record(session, everybody, scans(['accept', 'clerk', item, 0], ['bag', 'clerk', item, 1, { container: bag }]));
    await record(session, everybody, scans(['undo', 'clerk', bag, 2, { refers: left.id }]));
    await record(session, everybody, scans(['damage', 'clerk', bag, 3]));
    await record(session, everybody, scans(['damage', 'clerk', bag, 4]));
    await record(session, everybody, [left]);
    await sound(session);
});

test('a point that was tampered with is found by rebuild, and put right by a fold', async () => {
    const owner = db.session('dossierpost_owner');
    const found = () => owner.query('select what from custody.rebuild()');
    const [[subject]] = await owner.query(`select min(subject) from custody.point`);
    for (const change of [`update custody.point set events = events + 1 where subject = '${subject}'
                               and at = (select min(at) from custody.point where subject = '${subject}')`,
        `update custody.point set at = at + interval '1 us' where subject = '${subject}'
             and at = (select min(at) from custody.point where subject = '${subject}')`]) {
        await owner.query(change);
        assert.ok((await found()).flat().includes('point'));
        await owner.query(`select custody.refold('${subject}')`);
        assert.deepEqual(await found(), []);
    }
});
