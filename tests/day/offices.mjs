// A post office: the counter through the day, the van's bags in and out, the count in the evening.
import { clock_time, HOUR, MINUTE, SECOND } from './times.mjs';
import { from_dock, lay_on_dock, send_off } from './trips.mjs';

// Parts of the day's intakes in the hours from 07:30 on.
const CURVE = [0.09, 0.15, 0.17, 0.13, 0.06, 0.04, 0.10, 0.13, 0.09, 0.04];
const VAN_LEAVES = [10.25, 15, 17.8, 34];
export const BAG_MOST = 60, BODY_MOST = 25;
const COMMUNE_WORK = ['1.001193', '1.000656', '1.004873', '2.000635', '1.004222', '1.001612'];
const PROVINCE_WORK = ['2.000488', '2.002011'];
const OUTAGE = { from: clock_time(8.6), to: clock_time(9.8) };

export function open_office(plan, office) {
    const { dice, world } = plan;
    Object.assign(office, { out: new Set(), deliver: new Set(), counter: new Set() });
    const weights = world.offices.reduce((sum, one) => sum + one.weight, 0);
    const first = world.offices.indexOf(office) === 0;
    const share = Math.floor(plan.wanted * office.weight / weights);
    const others = first ? plan.wanted - world.offices.reduce((sum, one) =>
        sum + Math.floor(plan.wanted * one.weight / weights), 0) : 0;
    office.outage = world.offices.indexOf(office) % 6 === 1 ? OUTAGE : null;
    if (office.outage) outage(plan, office);
    for (let i = 0; i < share + others; i++) {
        const hour = dice.weighed(CURVE.map((part, n) => ({ part, n })), (one) => one.part).n;
        plan.at(clock_time(7.5 + hour) + dice.between(0, HOUR - MINUTE), (t) => take_in(plan, office, t));
    }
    for (const hour of VAN_LEAVES) {
        const t = clock_time(hour);
        plan.at(t - 20 * MINUTE, () => fill_bags(plan, office, office.hub, office.out, office.clerk, t, office.driver));
    }
    plan.at(clock_time(18.4), (t) => count(plan, office, t));
}

// --- the counter ---------------------------------------------------------------------------------

function new_dossier(plan, office) {
    const { dice, world } = plan;
    const near = office.agencies.length && dice.chance(0.4);
    const agency = near ? dice.pick(office.agencies) : dice.pick(world.agencies);
    const service = dice.weighed([['both', 7], ['send', 2], ['receive', 1]], ([, n]) => n)[0];
    const commune = dice.pick(office.communes.length && dice.chance(0.8) ? office.communes
        : world.offices.find((one) => one.communes.length).communes).code;
    const result = service === 'send' ? dice.pick(['agency', 'online'])
        : dice.weighed([['address', 4], ['post_office', 1]], ([, n]) => n)[0];
    const home = world.communes.find((c) => c.commune_code === commune).delivery_office;
    const dossier = { key: `d${plan.dossiers.length + 1}`, office, agency, service, commune, result,
        result_office: result === 'post_office' ? office : world.units.get(home),
        procedure: dice.pick(agency.level === 'province' ? PROVINCE_WORK : COMMUNE_WORK),
        phone: `09${String(dice.whole(0, 99999999)).padStart(8, '0')}` };
    plan.dossiers.push(dossier);
    return dossier;
}

function take_in(plan, office, t) {
    const dossier = new_dossier(plan, office);
    const off = office.outage && t >= office.outage.from && t < office.outage.to;
    const thing = dossier.service === 'receive' ? null
        : (dossier.thing = plan.new_thing('outward', dossier, office, dossier.agency));
    if (off && thing) return take_in_off_line(plan, office, dossier, thing, t);
    plan.op(t, 'intake', office.clerk, { dossier, things: thing ? [thing] : [] });
    if (!thing) return plan.at(t + 2 * HOUR, (later) => plan.agency_reads(dossier, later));
    accept(plan, office, thing, t + plan.dice.between(1, 3) * MINUTE);
}

function accept(plan, office, thing, t) {
    if (!plan.wrong('missed_accept', thing, t, 0.5)) {
        plan.scans(t, office.clerk, [{ kind: 'accept', thing }]);
        if (plan.dice.chance(plan.rate / 2)) {
            const typo = { key: `x${plan.errors.length + 1}`, stray: true, bags: [] };
            plan.note('mistyped', typo, t);
            plan.scans(t + 20 * SECOND, office.clerk, [{ kind: 'accept', thing: typo }], { plain: true });
        }
    }
    plan.at(t + MINUTE, (later) => lay_down(plan, office, thing, later));
}

// Here to stay until a courier takes it, or to go on with the van.
export function lay_down(plan, office, thing, t) {
    plan.put(thing, 'place', office.code);
    if (plan.last_office(thing) !== office) return office.out.add(thing);
    if (!plan.wrong('missed_arrival', thing, t))
        plan.scans(t, office.clerk, [{ kind: 'at_delivery_office', thing }]);
    await_end(plan, office, thing, t + 2 * MINUTE);
}

// What is fetched at the counter waits there; the rest goes with a courier.
export function await_end(plan, office, thing, t) {
    const fetched = thing.leg === 'result' && thing.dossier.result === 'post_office' && !thing.returning;
    if (!fetched) return office.deliver.add(thing);
    office.counter.add(thing);
    plan.at(t + plan.dice.between(0.3, 3) * HOUR, (later) => {
        if (!opening(later) || thing.where.kind !== 'place') return;
        office.counter.delete(thing);
        plan.scans(later, office.clerk, [{ kind: 'deliver', thing, recipient: true }], { plain: true });
        plan.put(thing, 'addressee', '');
    });
}

const opening = (t) => { const hour = (t - clock_time(0)) / HOUR % 24; return hour >= 7.5 && hour < 17.9; };

// Without a line: the papers get leased numbers, and everything is sent when the line is back.
function outage(plan, office) {
    office.leased = [];
    plan.op(clock_time(7.2), 'lease', office.clerk, { office });
    plan.at(office.outage.to, (t) => {
        for (const { dossier, thing, at, index } of office.leased)
            plan.op(t, 'intake', office.clerk, { dossier, things: [thing], lease: { office, index, at } });
    });
    office.box = plan.box(office.outage.to + MINUTE, office.clerk);
}

function take_in_off_line(plan, office, dossier, thing, t) {
    office.leased.push({ dossier, thing, at: t, index: office.leased.length });
    thing.leased = { office, index: office.leased.length - 1 };
    plan.note('counter_offline', thing, t);
    office.box.things.push(thing);
    plan.scans(t + 2 * MINUTE, office.clerk, [{ kind: 'accept', thing }], { plain: true, box: office.box });
    if (t + 10 * MINUTE < office.outage.to && plan.dice.chance(0.1)) {
        plan.note('early_courier', thing, t);
        plan.scans(t + 5 * MINUTE, office.couriers[0], [{ kind: 'damage', thing }], { plain: true });
    }
    plan.at(office.outage.to + 3 * MINUTE, (later) => lay_down(plan, office, thing, later));
}

// --- bags ----------------------------------------------------------------------------------------

// Bags of what goes from one unit to another, closed before the van leaves; from hub to hub several
// go in one outer bag. With them goes what was left on the dock.
export function fill_bags(plan, from, to, waiting, who, leaves, driver) {
    const all = [...waiting], bags = [];
    const each = Math.min(2 * MINUTE, 8 * MINUTE / (all.length / BAG_MOST));
    waiting.clear();
    for (let i = 0; i < all.length; i += BAG_MOST)
        bags.push(fill_one(plan, from, to, all.slice(i, i + BAG_MOST), who, leaves - 18 * MINUTE + bags.length * each));
    const sealed = bags.length && from.kind === 'hub' && to.kind === 'hub'
        ? [fill_one(plan, from, to, bags, who, leaves - 6 * MINUTE)] : bags;
    const load = [...from_dock(from, to), ...sealed];
    if (load.length) send_off(plan, from, to, load, leaves, driver);
}

function fill_one(plan, from, to, list, who, t) {
    const bag = plan.new_bag(from, to, who);
    plan.op(t, 'bag', who, { bag, things: [bag] });
    const scans = list.map((thing) => into_bag(plan, from, thing, bag, t, list.length));
    for (let i = 0; i < scans.length; i += BODY_MOST)
        plan.scans(t + 20 * SECOND + i * SECOND, who, scans.slice(i, i + BODY_MOST));
    plan.op(t + 100 * SECOND + list.length * SECOND, 'close', who, { bag, things: [bag] });
    plan.put(bag, 'place', from.code);
    return bag;
}

// The scan of a thing that goes into a bag, or null; where it really lies is its own matter.
function into_bag(plan, from, thing, bag, t, count) {
    const scan = { kind: 'bag', thing, container: bag };
    if (thing.unscanned) {
        thing.unscanned = false;
        bag.items.push(thing);
        return null;
    }
    if (thing.items) {
        thing.bags.push(bag);
        bag.items.push(thing);
        return scan;
    }
    if (count > 2 && thing.bags.length < 2 && plan.wrong('missed_bag', thing, t, from.kind === 'hub' ? 0 : 1)) {
        bag.items.push(thing);
        return null;
    }
    thing.bags.push(bag);
    if (count > 2 && plan.wrong('left_behind', thing, t, from.kind === 'hub' ? 0 : 1)) {
        from.forgotten ??= [];
        from.forgotten.push(thing);
    } else if (count > 2 && from.kind === 'hub' && from.mislay(thing, bag, t)) {
        // it lies in another bag
    } else {
        bag.items.push(thing);
    }
    return scan;
}

// Bags came out of an outer one.
function scan_in(plan, unit, who, bags, t) {
    const scanned = bags.filter((bag) => !plan.wrong('missed_bag_arrival', bag, t));
    plan.scans(t, who, scanned.map((thing) => ({ kind: 'arrive', thing })));
    unit.receive(bags, t);
}

// Bags have come and are opened. seen: what is done with each thing that is taken out.
export function unpack(plan, unit, who, bags, t, seen) {
    plan.scans(t + 3 * MINUTE, who, bags.map((thing) => ({ kind: 'open', thing })));
    let later = t + 5 * MINUTE;
    for (const bag of bags) {
        bag.open = true;
        const inner = bag.items.filter((thing) => thing.items);
        if (inner.length) plan.at(later + MINUTE, (now) => scan_in(plan, unit, who, inner, now));
        const scans = bag.items.filter((thing) => !thing.items).map((thing) => seen(thing, later));
        for (let i = 0; i < scans.length; i += BODY_MOST, later += MINUTE)
            plan.scans(later, who, scans.slice(i, i + BODY_MOST));
        bag.items = [];
    }
    return later;
}

// The van from the hub: what ends here waits for a courier, what strayed here goes back.
export function office_receives(plan, office, bags, t) {
    const here = [];
    const done = unpack(plan, office, office.clerk, bags, t, (thing, later) => {
        plan.put(thing, 'place', office.code);
        if (plan.last_office(thing) !== office) {
            plan.at(later + MINUTE, () => office.out.add(thing));
            return { kind: 'arrive', thing };
        }
        here.push(thing);
        if (plan.wrong('missed_arrival', thing, later)) return null;
        return { kind: 'at_delivery_office', thing };
    });
    plan.at(done + MINUTE, (now) => here.forEach((thing) => await_end(plan, office, thing, now)));
}

// --- the evening ---------------------------------------------------------------------------------

// Whatever lies here is counted, blind; what nobody expected here is then scanned in.
export function count(plan, unit, t) {
    const lies_here = (thing) => thing.where.kind === 'place' && thing.where.ref === unit.code;
    const packed = new Set(plan.bags.flatMap((bag) => bag.items));
    const here = [...plan.things.filter((thing) => lies_here(thing) && !thing.hidden),
        ...plan.bags.filter((bag) => lies_here(bag) && !bag.open)].filter((one) => !packed.has(one));
    plan.op(t, 'count', unit.clerk, { unit, things: here });
    plan.counts.push({ unit: unit.code, t });
    for (const thing of unit.forgotten ?? []) {
        if (!lies_here(thing)) continue;
        plan.scans(t + 10 * MINUTE, unit.clerk, [{ kind: 'arrive', thing }], { plain: true });
        plan.at(t + 11 * MINUTE, () => thing.items ? lay_on_dock(unit, thing) : unit.out.add(thing));
    }
    unit.forgotten = [];
}
