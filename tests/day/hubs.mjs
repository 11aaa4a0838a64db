// A sorting hub: what the vans bring is opened, sorted into lanes, and bagged for the next van.
import { count, fill_bags, office_receives, unpack } from './offices.mjs';
import { clock_time, HOUR, MINUTE } from './times.mjs';

const VAN_LEAVES = [12.25, 17, 30.5]; // to the offices: noon, evening, and at daybreak
const BETWEEN_LEAVES = [11.5, 16.25, 20.5]; // from hub to hub
const COUNTED_MOST = 3000;

export function open_hub(plan, hub) {
    const { world } = plan;
    hub.lanes = new Map();
    hub.lane = (code) => hub.lanes.get(code) ?? hub.lanes.set(code, new Set()).get(code);
    hub.receive = (bags, t) => hub_receives(plan, hub, bags, t);
    hub.mislay = (thing, bag, t) => mislay(plan, hub, thing, bag, t);
    const other = world.hubs.find((one) => one !== hub);
    for (const office of world.offices.filter((one) => one.hub === hub)) {
        office.receive = (bags, t) => office_receives(plan, office, bags, t);
        for (const hour of VAN_LEAVES) van(plan, hub, office, hour, office.driver);
    }
    // The one driver between the hubs goes out and comes back.
    for (const hour of BETWEEN_LEAVES)
        van(plan, hub, other, hour + (hub === world.hubs[0] ? 0 : 1.75), world.between);
    plan.at(clock_time(22.5), (t) => {
        const here = plan.things.filter((thing) => thing.where.ref === hub.code).length;
        if (here <= COUNTED_MOST) count(plan, hub, t);
    });
}

function van(plan, hub, to, hour, driver) {
    const leaves = clock_time(hour);
    plan.at(leaves - 20 * MINUTE, () => fill_bags(plan, hub, to, hub.lane(to.code), hub.clerk, leaves, driver));
}

// Where it goes next from this hub.
function next_stop(plan, hub, thing) {
    const office = plan.last_office(thing);
    return office.hub === hub ? office.code : office.hub.code;
}

function hub_receives(plan, hub, bags, t) {
    const sorted = [];
    const done = unpack(plan, hub, hub.clerk, bags, t, (thing, later) => {
        plan.put(thing, 'place', hub.code);
        if (plan.wrong('fallen_out', thing, later, 0.5)) {
            thing.hidden = true;
            if (later < clock_time(22)) search(plan, hub, thing);
            return null;
        }
        sorted.push(thing);
        return plan.wrong('missed_sort', thing, later) ? null : { kind: 'sort', thing };
    });
    plan.at(done + MINUTE, () => sorted.forEach((thing) => lay_in_lane(plan, hub, thing, done)));
}

// What nobody found by the evening is told as lost; in the morning it lies under a table.
function search(plan, hub, thing) {
    plan.scans(clock_time(23.2), plan.world.supervisor, [{ kind: 'lost', thing }], { plain: true });
    if (plan.dice.chance(0.5)) return;
    plan.scans(clock_time(29.5), hub.clerk, [{ kind: 'found', thing }], { plain: true });
    plan.at(clock_time(29.6), () => {
        thing.hidden = false;
        hub.lane(next_stop(plan, hub, thing)).add(thing);
    });
}

// The lane of its next stop, or by mistake another's.
function lay_in_lane(plan, hub, thing, t) {
    const other = strange_office(plan, hub, thing);
    const wrong = other && !thing.bags.some((bag) => bag.origin.kind === 'hub') && plan.wrong('misrouted', thing, t);
    hub.lane(wrong ? other.code : next_stop(plan, hub, thing)).add(thing);
}

// One of this hub's offices that is not on the thing's way.
function strange_office(plan, hub, thing) {
    const way = [thing.from.office ?? thing.from, thing.to.office ?? thing.to];
    const others = plan.world.offices.filter((one) => one.hub === hub && !way.includes(one));
    return others.length ? plan.dice.pick(others) : null;
}

// Scanned into this bag but put down in another's lane: true when it is not in this bag.
function mislay(plan, hub, thing, bag, t) {
    const other = strange_office(plan, hub, thing);
    if (!other || other === bag.destination || !plan.wrong('wrong_bag', thing, t)) return false;
    thing.unscanned = true;
    plan.at(t + HOUR, () => hub.lane(other.code).add(thing));
    return true;
}
