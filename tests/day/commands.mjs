// The operations of a plan that ask for something to become true, each with what it means for the
// truth: intakes, bags, lists and signatures, the agencies' steps, decisions, counts. Called with the
// drive as `this`.
import { uuid7 } from '../api/service.mjs';
import { time_text } from './drive.mjs';
import { TRIP_COMMANDS } from './trip_commands.mjs';

const LIST_MOST = 500;

export const COMMANDS = { lease, intake, bag, close, list, sign, act, resolve, count, ...TRIP_COMMANDS };

async function lease({ who, office }) {
    const { body } = await this.ask('lease', who, 'POST', '/v1/leases',
        { id: uuid7(this.clock.now()), kind: 'counter', count: 200 }, 201);
    office.numbers = body.numbers;
}

async function intake({ who, dossier, things: [thing], lease: leased }) {
    const home = { line: '12 Lê Lợi', commune: dossier.commune };
    const to = { kind: dossier.result };
    if (to.kind === 'post_office') to.unit = dossier.result_office.code;
    if (to.kind === 'address') to.address = home;
    const body = { id: uuid7(this.clock.now()), procedure: dossier.procedure, agency: dossier.agency.code,
        service: dossier.service, weight_g: 80, result_to: to, paid: true,
        applicant: { kind: 'citizen', name: 'Nguyễn Thị Thử', phone: dossier.phone, address: home },
        documents: [{ name: this.forms.get(dossier.procedure), originals: 1, copies: 0 }] };
    if (leased) Object.assign(body, { number: this.id_of(thing), at: time_text(leased.at * 1000) });
    const { body: made } = await this.ask('intakes', who, 'POST', '/v1/dossiers', body, 201);
    this.codes.set(dossier.key, made.code);
    this.truth.dossiers.set(dossier.key, { status: 1, filed: false, result: null });
    if (!thing) return;
    this.ids.set(thing.key, made.shipments[0].number);
    this.truth.begin(thing.key, dossier.office.code, dossier.agency.code);
}

async function bag({ who, bag: one }) {
    const { body } = await this.ask('bags', who, 'POST', '/v1/containers',
        { id: uuid7(this.clock.now()), kind: 'receptacle', destination: one.destination.code }, 201);
    this.ids.set(one.key, body.id);
    this.truth.begin_bag(one.key, one.origin.code, one.destination.code);
}

// A bag into which nothing was scanned cannot be closed.
async function close({ who, bag: one }) {
    const inside = [...this.truth.thing(one.key).members].some((key) => this.truth.standing(key).bag === one.key);
    const at = this.stamp() / 1000, id = uuid7(at);
    await this.ask('bags', who, 'POST', `/v1/containers/${this.id_of(one)}/close`,
        { id, seal: `VNP ${one.key}` }, inside ? 200 : 409);
    if (inside) this.truth.receive(one.key, { id, kind: 'close', at, actor: who.login, unit: who.unit });
}

// --- hand-overs ----------------------------------------------------------------------------------

function holds(truth, who, thing) {
    const { holder } = truth.standing(thing.key);
    return holder.kind === 'person' && holder.ref === who.login
        || holder.kind === 'trip' && truth.trips.get(holder.ref).carrier === who.login
        || ['place', 'agency'].includes(holder.kind) && holder.ref === who.unit;
}

// What the giver is not known to hold is refused; then it is scanned, and goes on the list.
async function list({ who, list: one }) {
    one.id = uuid7(this.clock.now());
    const body = { id: one.id, to: one.to.ref, items: one.things.map((thing) => this.id_of(thing)) };
    const strange = one.things.filter((thing) => !holds(this.truth, who, thing));
    if (strange.length) {
        await this.ask('lists', who, 'POST', '/v1/custody/handovers', body, 409);
        await this.scan({ who, scans: strange.map((thing) => ({ kind: 'take_over', thing })) });
        one.things = one.things.filter((thing) => holds(this.truth, who, thing));
        body.items = one.things.map((thing) => this.id_of(thing));
    }
    if (!body.items.length) return;
    const at = this.stamp() / 1000;
    await this.ask('lists', who, 'POST', '/v1/custody/handovers', body, 201);
    for (const thing of one.things)
        this.truth.receive(thing.key, { id: uuid7(at), kind: 'hand_over', at, actor: who.login, unit: who.unit,
            target: one.to });
}

async function sign({ who, list: one, things, findings }) {
    const found = things.map((thing) => ({ thing, code: this.id_of(thing),
        finding: findings.get(thing) ?? 'present' }));
    if (!one.things.length) return;
    const at = this.stamp() / 1000;
    await this.ask('lists', who, 'POST', `/v1/custody/handovers/${one.id}/sign`,
        { items: found.map(({ code, finding }) => ({ code, finding })) }, 200);
    for (const { thing, finding } of found) {
        const surplus = !one.things.includes(thing) && ['present', 'damaged'].includes(finding);
        settle(this.truth, who, one, thing, surplus ? 'surplus' : finding, at);
    }
}

function settle(truth, who, one, { key, leg, dossier }, finding, at) {
    const tell = (kind, more) =>
        truth.receive(key, { id: uuid7(at), kind, at, actor: who.login, unit: who.unit, ...more });
    if (finding !== 'present') truth.except(key, uuid7(at), `handover_${finding}`);
    if (finding === 'damaged') tell('damage');
    if (finding === 'missing' || finding === 'refused') return;
    if (leg === 'outward' && one.to.ref === dossier.agency.code) truth.dossiers.get(dossier.key).filed = true;
    const thing = truth.thing(key), { state, returning } = truth.fold(thing).s;
    if (one.to.ref !== (returning ? thing.from_agency : thing.to_agency))
        tell('take_over', { signed: true, target: one.to });
    else if (!['delivered', 'returned'].includes(state))
        tell('deliver', { signed: true, target: one.to });
}

// --- dossiers, exceptions ------------------------------------------------------------------------

async function act({ who, dossier, action, reason, legal_basis, makes }) {
    const code = encodeURIComponent(this.codes.get(dossier.key));
    const { body } = await this.ask('actions', who, 'POST', `/v1/dossiers/${code}/actions`, { action, reason, legal_basis }, 200);
    const known = this.truth.dossiers.get(dossier.key);
    known.status = { accept: 2, reject: 3, start: 4, result_ready: 9 }[action];
    if (!makes) return;
    known.result = makes.key;
    this.ids.set(makes.key, body.shipments.find((one) => one.leg === makes.leg).number);
    this.truth.begin(makes.key, dossier.agency.code, makes.to.code);
}

// A supervisor lets a step count that waited.
async function resolve({ who, things: [thing], code }) {
    const known = [...this.truth.exceptions.values()].find((x) => x.subject === thing.key && x.code === code);
    const open = await every_exception(this, who, false);
    const found = open.find((x) => x.subject === this.id_of(thing) && x.code === code);
    if (!found !== !known) this.differs(`${code} of ${thing.key}`, found, known);
    if (!found || !known) return;
    const at = this.stamp() / 1000;
    await this.ask('decisions', who, 'POST', `/v1/custody/exceptions/${found.id}/resolve`,
        { decision: 'accept', note: 'Đã hỏi hai bưu tá' }, 200);
    this.truth.receive(thing.key, { id: uuid7(at), kind: 'confirm', at, actor: who.login, unit: who.unit,
        refers: known.event });
}

export async function every_exception(drive, who, resolved) {
    const all = [];
    for (let next = '0'; next; ) {
        const { body } = await drive.ask('lists of exceptions', who, 'GET',
            `/v1/custody/exceptions?limit=500&resolved=${resolved}&next=${next}`, undefined, 200);
        all.push(...body.items);
        next = body.next;
    }
    return all;
}

// --- counts --------------------------------------------------------------------------------------

// Blind: what lies there is scanned, and the close tells what is missing and what is too much.
async function count({ who, unit, things }) {
    const id = uuid7(this.clock.now()), known = things.filter((thing) => this.ids.has(thing.key));
    const expected = new Set(this.truth.held('place', unit.code).filter((key) => counts(this.truth, key)));
    const codes = known.map((thing) => this.id_of(thing));
    for (let i = 0; i === 0 || i < codes.length; i += LIST_MOST)
        await this.ask('counts', who, 'POST', '/v1/custody/counts',
            { id, of: 'place', items: codes.slice(i, i + LIST_MOST) }, 200);
    const at = this.stamp() / 1000;
    const surplus = known.filter(({ key }) => {
        if (this.truth.held_by(key, 'place', unit.code)) {
            this.truth.receive(key, { id: uuid7(at), kind: 'count', at, actor: who.login, unit: who.unit });
            expected.delete(key);
            return false;
        }
        this.truth.except(key, uuid7(at), 'count_surplus');
        return true;
    }).map(({ key }) => key);
    for (const key of expected) this.truth.except(key, uuid7(at), 'count_missing');
    const { body } = await this.ask('counts', who, 'POST', `/v1/custody/counts/${id}/close`, {}, 200);
    const codes_of = (keys) => [...keys].map((key) => this.ids.get(key)).sort();
    const told = { missing: body.missing.map((x) => x.code).sort(), surplus: body.surplus.map((x) => x.code).sort() };
    const should = { missing: codes_of(expected), surplus: codes_of(surplus) };
    if (JSON.stringify(told) !== JSON.stringify(should)) this.differs(`count of ${unit.code}`, told, should);
}

// A bag that is open elsewhere than where it began is only a bag.
export function counts(truth, key) {
    const thing = truth.thing(key), { state, place } = truth.standing(key);
    return thing.what !== 'c' || state !== 'open' || place === thing.begun;
}
