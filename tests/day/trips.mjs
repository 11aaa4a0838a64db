// Vans and the bags that ride in them from unit to unit: what is loaded with which code, what really lies
// in the van, and how an arrival is told: the trip as a whole, bag by bag, or by a list that both sign.
import { HOUR, MINUTE } from './times.mjs';

// How a bag is loaded wrongly. code: of which trip it is scanned (own, other: of another van that leaves
// then, old: of one that is over); lies: own or other van, dock: it stays behind, under: it is never
// taken out again. ways: of arrival at which this may be; often: against other errors.
const LOADED = {
    missed_depart: { code: null, lies: 'own', ways: ['whole', 'scans'] },
    off_list: { code: null, lies: 'own', ways: ['signed'], often: 8 },
    left_off_trip: { code: 'own', lies: 'dock', ways: ['scans', 'signed'] },
    left_off_whole: { code: 'own', lies: 'dock', ways: ['whole'] },
    wrong_trip: { code: 'other', lies: 'other', ways: ['whole', 'scans', 'signed'] },
    wrong_van: { code: 'own', lies: 'other', ways: ['whole', 'scans', 'signed'] },
    old_trip: { code: 'old', lies: 'own', ways: ['whole', 'scans'] },
    stays_in_van: { code: 'own', lies: 'under', ways: ['scans', 'signed'], often: 0.5 },
};
const RIGHT = { code: 'own', lies: 'own' };
const ARRIVALS = { whole, scans, signed };

// --- what waits to go on -------------------------------------------------------------------------

const dock_of = (unit, code) => {
    unit.dock ??= new Map();
    return unit.dock.get(code) ?? unit.dock.set(code, new Set()).get(code);
};

export function from_dock(unit, to) {
    const waiting = dock_of(unit, to.code), bags = [...waiting];
    waiting.clear();
    return bags;
}

// A closed bag that is not at its end lies ready for the van that goes there.
export function lay_on_dock(unit, bag) {
    const end = bag.destination, over = end.hub && end.hub !== unit ? end.hub : end;
    dock_of(unit, unit.kind === 'hub' ? over.code : unit.hub.code).add(bag);
}

// --- out -----------------------------------------------------------------------------------------

export function send_off(plan, from, to, load, leaves, driver) {
    const trip = plan.new_trip(from, to, driver);
    const van = { trip, load, leaves, aboard: [], listed: [], under: [], left: [],
        way: plan.dice.pick(Object.keys(ARRIVALS)) };
    from.vans ??= new Map();
    if (!from.vans.has(leaves)) from.vans.set(leaves, []);
    from.vans.get(leaves).push(van);
    plan.op(leaves - 7 * MINUTE, 'trip', from.clerk, { trip, leaves });
    plan.at(leaves - 3 * MINUTE, () => load_van(plan, van));
    plan.at(leaves, () => van.aboard.concat(van.under).forEach((bag) => plan.put(bag, 'trip', trip.key)));
    plan.at(leaves + plan.travel(from, to), (t) => arrive(plan, van, t));
}

// To an office a sorter scans what goes aboard, elsewhere the driver, whose phone may be dead.
function load_van(plan, van) {
    const { trip: { from, to, driver }, load, leaves } = van;
    const loader = from.kind === 'hub' && to.kind !== 'hub' ? from.clerk : driver;
    const box = loader === driver ? dead_phone(plan, van) : null;
    const others = from.vans.get(leaves).filter((other) => other !== van);
    const more = box ? { box } : {};
    const scans = load.map((bag) => load_bag(plan, van, others, bag, box));
    if (loader === driver)
        plan.scans(leaves - 2 * MINUTE, driver, load.map((thing) => ({ kind: 'take_over', thing })), more);
    plan.scans(leaves - MINUTE, loader, scans, more);
}

// The scan of a bag that is loaded, or null.
function load_bag(plan, van, others, bag, dead) {
    const may = ([kind, { code, lies, ways, often = 2 }]) => ways.includes(van.way)
        && (code !== 'old' || van.trip.driver.over) && (lies !== 'other' || others.length)
        && (kind !== 'off_list' || van.listed.length) && plan.wrong(kind, bag, van.leaves, often);
    const how = (dead ? null : Object.entries(LOADED).find(may)?.[1]) ?? RIGHT;
    const other = how.lies === 'other' ? plan.dice.pick(others) : null;
    ({ own: van.aboard, other: other?.aboard, under: van.under, dock: van.left })[how.lies].push(bag);
    const trip = { own: van.trip, other: other?.trip, old: van.trip.driver.over }[how.code];
    for (const one of [van, other]) one?.trip.things.add(bag);
    trip?.things.add(bag);
    if (trip === van.trip) van.listed.push(bag);
    return trip ? { kind: 'depart', thing: bag, trip } : null;
}

// The scans of the loading come when the van has long arrived.
function dead_phone(plan, van) {
    const { trip: { from, to, driver }, load, leaves } = van;
    if (!load.every((bag) => plan.may_go_wrong(bag)) || !plan.dice.chance(plan.rate * 2)) return null;
    for (const bag of load) plan.note('dead_loader', bag, leaves);
    van.way = 'scans';
    van.dead = true;
    return plan.box(leaves + plan.travel(from, to) + plan.dice.between(0.2, 1.2) * HOUR, driver, load);
}

// --- in ------------------------------------------------------------------------------------------

function arrive(plan, van, t) {
    const { trip: { to, driver }, aboard } = van;
    for (const bag of aboard) plan.put(bag, 'place', to.code);
    (van.way === 'signed' && !van.listed.length ? scans : ARRIVALS[van.way])(plan, van, t);
    driver.over = van.trip;
    const here = aboard.filter((bag) => bag.destination === to);
    for (const bag of aboard) if (!here.includes(bag)) plan.at(t + 6 * MINUTE, () => lay_on_dock(to, bag));
    if (here.length) to.receive(here, t);
    for (const bag of van.left) left_behind(plan, van, bag, t);
}

// Whoever is told that it is missing looks on the dock; else it is found when it is counted there.
function left_behind(plan, { trip: { from }, way }, bag, t) {
    if (way === 'whole') return (from.forgotten ??= []).push(bag);
    plan.scans(t + 30 * MINUTE, from.clerk, [{ kind: 'arrive', thing: bag }], { plain: true });
    return plan.at(t + 31 * MINUTE, () => lay_on_dock(from, bag));
}

// Whatever rides on the trip has come; what is there and was not on it is scanned by itself.
function whole(plan, { trip, aboard }, t) {
    plan.op(t, 'trip_arrive', trip.to.clerk, { trip, things: [...trip.things], present: aboard });
}

function scans(plan, { trip, aboard, dead }, t) {
    const seen = aboard.filter((bag) => !plan.wrong('missed_unload', bag, t, 2));
    plan.scans(t, trip.to.clerk, seen.map((thing) => ({ kind: 'arrive', thing, trip })));
    plan.op(t + 2 * MINUTE, 'trip_end', dead ? trip.to.clerk : trip.driver, { trip, things: [...trip.things] });
}

function signed(plan, { trip, aboard, listed }, t) {
    const { to, driver } = trip, things = [...new Set([...listed, ...aboard])];
    const list = { key: `h${plan.serial}`, to: { kind: 'place', ref: to.code }, things: [...listed] };
    const findings = new Map(listed.filter((bag) => !aboard.includes(bag)).map((bag) => [bag, 'missing']));
    plan.op(t, 'list', driver, { list, things });
    plan.op(t + MINUTE, 'sign', to.clerk, { list, things, findings });
    plan.op(t + 2 * MINUTE, 'trip_end', driver, { trip, things: [...trip.things] });
    const strays = aboard.filter((bag) => bag.destination !== to);
    plan.scans(t + 2.5 * MINUTE, to.clerk, strays.map((thing) => ({ kind: 'arrive', thing })), { plain: true });
}
