// The service held against the truth: at each simulated hour what has moved since, at the end all of
// it, over HTTP; every exception on its lists, no more and no fewer; every injected error as its row in
// errors.mjs says; and the program's own proofs, verify and rebuild.
import { sleep } from '../api/service.mjs';
import { query } from '../fault/journal.mjs';
import { counts, every_exception } from './commands.mjs';
import { ERRORS, SEARCHES } from './errors.mjs';
import { check_searches } from './searches.mjs';
import { MINUTE, SECOND } from './times.mjs';
import { command } from './world.mjs';

const STANDING = `
    select concat_ws('|', x.number, w.state, w.holder_kind,
        coalesce(a.login, u.code, k.container, t.code, ''), coalesce(p.code, ''), coalesce(w.container, ''))
    from custody.shipment x
    cross join lateral custody.resolved(x.number) w
    left join account.account a on w.holder_kind = 'person' and a.id = w.holder_id
    left join postal.unit u on w.holder_kind in ('place', 'agency') and u.id = w.holder_id
    left join container.closure k on w.holder_kind = 'bag' and k.id = w.holder_id
    left join container.trip t on w.holder_kind = 'trip' and t.id = w.holder_id
    left join postal.unit p on p.id = w.place`;

// One row each that must be none.
const INVARIANTS = {
    'a thing lies in two bags at once': `select m.subject from container.membership m
        join container.closure k on k.id = m.closure
        where m.ended_at is null and k.opened_at is null group by m.subject having count(*) > 1`,
    'a shipment says a bag holds it and knows none': `select number from custody.shipment
        where (holder_kind = 'bag') <> (closure is not null)`,
    'a membership and its shipment differ': `select s.number from custody.shipment s
        left join container.membership m on m.closure = s.closure and m.subject = s.number
             and m.ended_at is null
        where s.closure is not null and m.subject is null`,
    'an event comes after what was received': `select id::text from custody.event where at > received_at`,
    'a filed dossier without a signed list': `select d.code from dossier.dossier d
        where d.filed_at is not null and not exists (
            select from custody.handover_item i join custody.handover h on h.id = i.handover
            join custody.shipment s on s.number = i.number
            where s.dossier = d.id and h.state = 'signed' and h.to_id = d.agency)`,
};

const line_of = (drive, key) => {
    const { state, holder, place, bag } = drive.truth.standing(key);
    const ref = ['bag', 'trip'].includes(holder.kind) ? drive.ids.get(holder.ref) : holder.ref;
    return [drive.ids.get(key), state, holder.kind, ref, place, bag ? drive.ids.get(bag) : ''].join('|');
};

const begun = (drive, what) => [...drive.truth.things.values()].filter((thing) => thing.what === what);

// Every shipment's state, holder and place, the sums, and what must never be: one query, many lines.
const CHECK = [`select 'standing|' || x.line from (${STANDING}) x (line)`,
    "select 'bag|' || id from container.container",
    "select concat_ws('|', 'dossier', code, status, filed_at is not null) from dossier.dossier",
    ...Object.entries(INVARIANTS).map(([what, sql]) =>
        `select 'never|${what}: ' || x.line from (${sql} limit 5) x (line)`)].join(' union all ');

export async function checkpoint(drive) {
    const told = new Map(), bags = [], dossiers = new Map();
    for (const line of query(drive.service, CHECK)) {
        const [what, first] = line.split('|'), rest = line.slice(what.length + 1);
        if (what === 'standing') told.set(first, rest);
        else if (what === 'bag') bags.push(first);
        else if (what === 'dossier') dossiers.set(first, line);
        else drive.differs(rest, 'there', 'never');
    }
    const things = begun(drive, 's');
    if (told.size !== things.length) drive.differs('how many shipments there are', told.size, things.length);
    for (const { key } of things) {
        const should = line_of(drive, key), is = told.get(drive.ids.get(key));
        if (is !== should) drive.differs(`where ${key} stands`, is, should);
    }
    if (bags.length !== begun(drive, 'c').length)
        drive.differs('how many bags there are', bags.length, begun(drive, 'c').length);
    compare_dossiers(drive, dossiers);
    for (const who of some_people(drive)) await held(drive, who);
    for (let i = 0; i < 10 && drive.codes.size; i++) await tracked(drive, drive.plan.dice.pick(drive.plan.dossiers));
}

function compare_dossiers(drive, told) {
    if (told.size !== drive.codes.size) drive.differs('how many dossiers there are', told.size, drive.codes.size);
    for (const [key, code] of drive.codes) {
        const { status, filed } = drive.truth.dossier(key);
        const should = ['dossier', code, status, filed ? 't' : 'f'].join('|');
        if (told.get(code) !== should) drive.differs(`dossier ${key}`, told.get(code), should);
    }
}

const some_people = (drive) => {
    const all = drive.plan.world.people.filter((one) => one.role === 'courier');
    return Array.from({ length: 4 }, () => drive.plan.dice.pick(all));
};

// What anybody may see of a dossier.
async function tracked(drive, { key }) {
    if (!drive.codes.has(key)) return;
    const { body } = await drive.ask('track', drive.plan.world.supervisor, 'GET',
        `/v1/track/${drive.codes.get(key)}`, undefined, 200);
    const told = [body.status.code, ...body.shipments.map((one) => `${one.number} ${one.state}`).sort()];
    const legs = drive.plan.things.filter((thing) => thing.dossier.key === key && drive.truth.thing(thing.key).what)
        .map((thing) => `${drive.ids.get(thing.key)} ${drive.truth.standing(thing.key).state}`).sort();
    const should = [drive.truth.dossier(key).status, ...legs];
    if (JSON.stringify(told) !== JSON.stringify(should)) drive.differs(`what tracking says of ${key}`, told, should);
}

// What a courier's own list says.
async function held(drive, who) {
    const { body } = await drive.ask('held', who, 'GET', '/v1/custody/held', undefined, 200);
    const told = [...body.items.map((one) => [one.number, one.by]), ...body.containers.map((one) => [one.id, one.by])]
        .filter(([, by]) => by !== 'place').map(([id]) => id).sort();
    const rides = [...drive.truth.trips].filter(([, trip]) => trip.carrier === who.login)
        .flatMap(([key]) => drive.truth.on_trip(key)).filter((key) => drive.truth.standing(key).state !== 'lost');
    const should = [...drive.truth.held('person', who.login), ...rides].filter((key) => counts(drive.truth, key))
        .map((key) => drive.ids.get(key)).sort();
    if (should.length < 500 && JSON.stringify(told) !== JSON.stringify(should))
        drive.differs(`what ${who.login} holds`, told, should);
}

// --- at the end ----------------------------------------------------------------------------------

async function each_by_http(drive) {
    const who = drive.plan.world.supervisor, left = begun(drive, 's').map((thing) => thing.key);
    const accounts = new Map(query(drive.service, "select id || '|' || login from account.account")
        .map((row) => row.split('|')));
    const lane = async () => {
        for (let key; (key = left.pop()); ) {
            const { body } = await drive.ask('items', who, 'GET', `/v1/custody/items/${drive.ids.get(key)}`, undefined, 200);
            const id = body.holder.kind === 'person' ? accounts.get(body.holder.id) : body.holder.id;
            const is = [body.number, body.state, body.holder.kind, id, body.container ?? '', body.damaged, body.returning];
            const s = drive.truth.standing(key), [number, state, kind, ref, , bag] = line_of(drive, key).split('|');
            const should = [number, state, kind, ref, bag, s.damaged, s.returning];
            if (JSON.stringify(is) !== JSON.stringify(should)) drive.differs(`what the service says of ${key}`, is, should);
        }
    };
    await Promise.all(Array.from({ length: 8 }, lane));
}

const counted = (list) => {
    const found = new Map();
    for (const one of list) found.set(one, (found.get(one) ?? 0) + 1);
    return found;
};

async function read_lists(drive) {
    const who = drive.plan.world.supervisor;
    return [...await every_exception(drive, who, false), ...await every_exception(drive, who, true)];
}

// What its lists hold, but for searches: "number code" → how often.
async function exceptions(drive) {
    const should = counted([...drive.truth.exceptions.values()].map((x) => `${drive.ids.get(x.subject)} ${x.code}`));
    let told, is, differs;
    for (let tries = 0; tries < 4; tries++) { // a list that is sorted anew while it is read skips lines
        told = await read_lists(drive);
        is = counted(told.filter((x) => !SEARCHES.has(x.code)).map((x) => `${x.subject} ${x.code}`));
        differs = [...new Set([...is.keys(), ...should.keys()])].filter((what) => is.get(what) !== should.get(what));
        if (!differs.length) break;
        await sleep(1500);
    }
    for (const what of differs) drive.differs(`exceptions ${what}`, is.get(what) ?? 0, should.get(what) ?? 0);
    return is;
}

// Whether anybody scanned it since, so that it can show: elsewhere, where it takes another's eyes.
function seen_after(drive, { kind, thing, t, unit }) {
    if (ERRORS[kind].counted) return drive.plan.counts.some((one) => one.unit === unit && one.t > t);
    const since = t + (ERRORS[kind].elsewhere ? 2 * MINUTE : SECOND);
    return drive.truth.thing(thing.key).events.some((e) => e.at > since && e.kind !== 'hand_over'
        && !(ERRORS[kind].elsewhere && e.unit === unit));
}

// A bag into which nothing was scanned in time cannot be sealed, and what is not sealed does not depart.
const sealed = (drive, bag) => drive.truth.thing(bag.key).events.some((e) => e.kind === 'close');

// By kind: how often it was done, how often a code of its row is on a list.
function errors(drive, listed) {
    const table = {};
    for (const error of drive.plan.errors) {
        const { kind, thing } = error;
        const row = table[kind] ??= { injected: 0, listed: 0, unscanned: 0 };
        row.injected++;
        const { shows } = ERRORS[kind];
        // (with more than one trouble, or with its bag astray, what shows of each is the truth's business)
        const alone = thing.troubles === 1 && !thing.bags.some((bag) => bag.error)
            && (!thing.items || sealed(drive, thing));
        if (shows.some((code) => listed.has(`${drive.ids.get(thing.key)} ${code}`))) row.listed++;
        else if (shows.length && !seen_after(drive, error)) row.unscanned++;
        else if (shows.length && alone) drive.differs(`${kind} of ${thing.key} shows nowhere`, [], shows);
    }
    return table;
}

// Where a thing really is, against what the scans tell: only things with which, or with whose bag,
// something went wrong, and which nobody scanned since, may be elsewhere.
function really(drive) {
    let astray = 0;
    for (const thing of drive.plan.things) {
        if (!drive.truth.thing(thing.key).what) continue;
        const { holder } = drive.truth.standing(thing.key);
        if (holder.kind === thing.where.kind && holder.ref === thing.where.ref) continue;
        if (thing.error || thing.bags.some((bag) => bag.error)) astray++;
        else drive.differs(`${thing.key} is elsewhere than its scans tell`, holder, thing.where);
    }
    return astray;
}

async function proofs(drive) {
    for (const args of [['verify'], ['rebuild']]) {
        const { status, out, err } = await command(drive.service, args);
        if (status !== 0 || args[0] === 'rebuild' && !out.includes('0 differences'))
            drive.differs(`dossierpost ${args[0]}`, `${status} ${out.slice(0, 500)}${err.slice(0, 500)}`, 0);
    }
}

export async function check_all(drive) {
    await each_by_http(drive);
    const listed = await exceptions(drive);
    const table = errors(drive, listed);
    const astray = really(drive), searches = await check_searches(drive);
    await proofs(drive);
    return { errors: table, astray, searches, exceptions: [...listed.values()].reduce((a, b) => a + b, 0) };
}
