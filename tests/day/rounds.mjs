// Couriers' rounds from an office: to the agencies with lists that both sides sign, to addressees'
// doors, and back with results and with what could not be delivered. And the agencies' own work.
import { lay_down } from './offices.mjs';
import { clock_time, HOUR, MINUTE, SECOND } from './times.mjs';

const ROUNDS = [8.5, 10.6, 13.6, 15.7, 32];
const DOORS_MOST = 40, LIST_MOST = 100;
const REASONS = ['absent', 'absent', 'not_found', 'office_closed', 'no_authorisation'];

export function open_rounds(plan, office) {
    for (const agency of office.agencies) agency.ready = new Set();
    plan.agency_reads ??= (dossier, t) => agency_reads(plan, dossier, t);
    office.couriers.forEach((courier, i) => {
        Object.assign(courier, { office, free: 0, left: [],
            agencies: office.agencies.filter((_, n) => n % office.couriers.length === i) });
        const luck = plan.dice.next();
        if (luck < 0.06) courier.off = (luck < 0.03 ? 20 : -20) * MINUTE;
        else if (luck < 0.08) courier.off = 3 * HOUR;
        for (const hour of ROUNDS)
            plan.at(clock_time(hour) + i * 4 * MINUTE, (t) => t >= courier.free && set_out(plan, courier, t));
    });
}

const end_of = (thing) => thing.returning ? thing.from : thing.to;

// What the courier takes along now.
function load(plan, courier, dead) {
    const { office } = courier;
    const all = [...office.deliver];
    const to_agencies = dead ? [] : all.filter((thing) => courier.agencies.includes(end_of(thing)));
    const share = Math.ceil(all.length / office.couriers.length);
    const doors = all.filter((thing) => end_of(thing).kind === 'post_office')
        .slice(0, Math.min(DOORS_MOST, Math.max(3, share)));
    for (const thing of [...to_agencies, ...doors]) office.deliver.delete(thing);
    return { to_agencies, doors };
}

function set_out(plan, courier, t) {
    const { office } = courier;
    const dead = !courier.left.length && plan.dice.chance(plan.rate * 3);
    const { to_agencies, doors } = load(plan, courier, dead);
    const all = [...to_agencies, ...doors];
    if (dead && doors.length) phone_dies(plan, courier, doors, t);
    const first = all.find((thing) => plan.may_go_wrong(thing));
    if (courier.off && first && !courier.told) {
        courier.told = true;
        plan.note(Math.abs(courier.off) > HOUR ? 'clock_far' : 'clock_off', first, t);
    }
    act(plan, courier, t, all.map((thing) =>
        plan.wrong('missed_out', thing, t) ? null : { kind: 'out_for_delivery', thing }));
    for (const thing of all) plan.put(thing, 'person', courier.login);
    let now = t + all.length * 4 * SECOND + 3 * MINUTE, place = office;
    const back = { results: [], failed: [] };
    for (const agency of dead ? [] : courier.agencies) {
        const mine = to_agencies.filter((thing) => end_of(thing) === agency);
        const left = courier.left.filter((thing) => end_of(thing) === agency);
        if (!mine.length && !left.length && !agency.ready.size) continue;
        courier.left = courier.left.filter((thing) => !left.includes(thing));
        now = at_work(now + plan.travel(place, agency));
        place = agency;
        now = visit(plan, courier, agency, [...mine, ...left], now, back);
    }
    for (const thing of doors) {
        now += plan.dice.between(2, 5) * MINUTE;
        if (!knock(plan, courier, thing, now)) back.failed.push(thing);
    }
    now += plan.travel(place, office) + 3 * MINUTE;
    courier.free = Math.max(now, courier.dead_until ?? 0);
    plan.at(now, (later) => come_back(plan, courier, back, later));
}

// The scans of a courier: sent at once, or kept by a phone that is dead.
function act(plan, courier, t, list, more = {}) {
    return plan.scans(t, courier, list, courier.dead_until > t ? { ...more, box: courier.box } : more);
}

function phone_dies(plan, courier, doors, t) {
    courier.dead_until = t + plan.dice.between(3, 6) * HOUR;
    for (const thing of doors) if (plan.may_go_wrong(thing)) plan.note('dead_phone', thing, t);
    courier.box = plan.box(courier.dead_until, courier, doors);
}

// --- at the agency -------------------------------------------------------------------------------

function visit(plan, courier, agency, things, t, back) {
    for (let i = 0; i < things.length; i += LIST_MOST, t += 5 * MINUTE)
        give(plan, courier, agency, things.slice(i, i + LIST_MOST), t, back);
    const ready = [...agency.ready].slice(0, LIST_MOST);
    ready.forEach((thing) => agency.ready.delete(thing));
    for (const thing of ready) thing.unlisted = plan.wrong('no_list', thing, t);
    const listed = ready.filter((thing) => !thing.unlisted);
    if (listed.length) {
        const list = { key: `h${plan.serial}`, to: { kind: 'person', ref: courier.login }, things: listed };
        plan.op(t + 8 * MINUTE, 'list', agency.officer, { list, things: listed });
        plan.op(t + 10 * MINUTE, 'sign', courier, { list, things: listed, findings: new Map() });
    }
    plan.at(t + 10 * MINUTE, () => ready.forEach((thing) => plan.put(thing, 'person', courier.login)));
    back.results.push(...ready);
    return t + 12 * MINUTE;
}

function give(plan, courier, agency, things, t, back) {
    const findings = new Map(), listed = [];
    for (const thing of things) {
        const finding = ['missing', 'damaged', 'refused', 'surplus'].find((one) =>
            plan.wrong(`list_${one}`, thing, t)) ?? 'present';
        if (finding !== 'surplus') listed.push(thing);
        if (finding !== 'present') findings.set(thing, finding === 'surplus' ? 'present' : finding);
        settle(plan, courier, agency, thing, finding, t, back);
    }
    if (!listed.length) return;
    const list = { key: `h${plan.serial}`, to: { kind: 'place', ref: agency.code }, things: listed };
    plan.op(t + MINUTE, 'list', courier, { list, things: listed });
    plan.op(t + 4 * MINUTE, 'sign', agency.officer, { list, things, findings });
}

function settle(plan, courier, agency, thing, finding, t, back) {
    if (finding === 'missing') {
        // It lies where the courier left it, and comes along the next time.
        plan.put(thing, 'place', courier.office.code);
        courier.left.push(thing);
    } else if (finding === 'refused') {
        act(plan, courier, t + 6 * MINUTE, [{ kind: 'fail', thing, reason: 'office_closed', next_action: 'retry' }]);
        back.failed.push(thing);
    } else {
        plan.at(t + 4 * MINUTE, (later) => {
            plan.put(thing, 'agency', agency.code);
            if (!thing.returning) agency_reads(plan, thing.dossier, later);
        });
    }
}

// Office hours of an agency: a time outside moves to the next opening.
function at_work(t) {
    const hour = (t - clock_time(0)) / HOUR, day = Math.floor(hour / 24) * 24;
    const open = [[7.5, 11.4], [13.5, 16.9], [31.5, 35.4]].find(([, to]) => hour - day < to);
    return Math.max(t, clock_time(day + open[0]));
}

function agency_reads(plan, dossier, t) {
    const { dice } = plan, officer = dossier.agency.officer;
    const act = (at, action, more) => plan.op(at, 'act', officer, { dossier, action, ...more });
    const accepted = at_work(t + dice.between(10, 40) * MINUTE);
    if (dice.chance(0.02)) return act(accepted, 'reject', { reason: 'Không thuộc thẩm quyền', legal_basis: 'Điều 12' });
    act(accepted, 'accept');
    const started = at_work(accepted + dice.between(3, 8) * MINUTE);
    act(started, 'start');
    if (dice.chance(0.3)) return null;
    return plan.at(at_work(started + dice.between(20, 120) * MINUTE), (ready) => {
        const brings = ['address', 'post_office'].includes(dossier.result);
        const thing = brings ? plan.new_thing('result', dossier, dossier.agency, dossier.result_office) : null;
        act(ready, 'result_ready', { makes: thing, things: thing ? [thing] : [] });
        if (thing) plan.at(ready + 5 * MINUTE, () => dossier.agency.ready.add(thing));
    });
}

// --- at the door ---------------------------------------------------------------------------------

// True when it was delivered.
function knock(plan, courier, thing, t) {
    const { dice } = plan, other = courier.office.couriers.find((one) => one !== courier);
    const dead = courier.dead_until > t;
    if (dice.chance(0.15)) {
        const goes_back = dice.chance(0.15);
        act(plan, courier, t, [{ kind: 'fail', thing, reason: goes_back ? 'refused' : dice.pick(REASONS),
            next_action: goes_back ? 'return' : 'retry' }]);
        thing.goes_back = goes_back;
        return false;
    }
    const deliver = { kind: 'deliver', thing, recipient: true };
    if (!dead && other && !(other.dead_until > t) && plan.wrong('stranger', thing, t, 2)) {
        plan.scans(t, other, [deliver], { plain: true });
        plan.op(t + HOUR, 'resolve', plan.world.supervisor, { things: [thing], code: 'wrong_holder_waits' });
    } else if (!dead && plan.wrong('undone', thing, t)) {
        const slip = { kind: 'fail', thing, reason: 'absent', next_action: 'retry' };
        plan.scans(t - 100 * SECOND, courier, [slip], { plain: true });
        plan.scans(t - 60 * SECOND, courier, [{ kind: 'undo', thing, refers: slip }], { plain: true });
        plan.scans(t, courier, [deliver], { plain: true });
    } else {
        act(plan, courier, t, [deliver]);
    }
    plan.at(t, () => plan.put(thing, 'addressee', ''));
    return true;
}

function come_back(plan, courier, { results, failed }, t) {
    const { office } = courier;
    if (results.length) {
        plan.scans(t + MINUTE, office.clerk, results.map((thing) => ({ kind: 'arrive', thing })), { plain: true });
        plan.at(t + MINUTE, () => results.forEach((thing) => plan.put(thing, 'place', office.code)));
        const unlisted = results.filter((thing) => thing.unlisted);
        plan.scans(t + 2 * MINUTE, office.clerk, unlisted.map((thing) => ({ kind: 'accept', thing })),
            { plain: true });
        plan.at(t + 4 * MINUTE, (now) => results.forEach((thing) => lay_down(plan, office, thing, now)));
    }
    if (!failed.length) return;
    plan.scans(t + 6 * MINUTE, office.clerk, failed.map((thing) => ({ kind: 'hold', thing })), { plain: true });
    const back = failed.filter((thing) => thing.goes_back && !thing.returning);
    plan.scans(t + 9 * MINUTE, office.clerk, back.map((thing) => ({ kind: 'return', thing })), { plain: true });
    for (const thing of back) thing.returning = true;
    plan.at(t + 6 * MINUTE, () => failed.forEach((thing) => plan.put(thing, 'place', office.code)));
    plan.at(t + 12 * MINUTE, () => failed.forEach((thing) =>
        (plan.last_office(thing) === office ? office.deliver : office.out).add(thing)));
}
