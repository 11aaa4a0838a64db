// The simulation's own account of what the service must say, given which scans were made and have
// come: holder, place and state of every thing as the fold of its events in the order of their times,
// and every exception that a person must find on a list. Small, and apart from the program's own
// rules: MODEL.md is what both are written from.
import { kilometres } from './world.mjs';
import { BAG, ITEM, opens, skips, take_step } from './steps.mjs';

const MINUTE = 60000, UNDO_LIMIT = 10 * MINUTE;
const ROAD_KM_H = 120, CLOCKS_OFF = 5 * MINUTE; // nobody is faster within one province

export class Truth {
    // now: the time of receipt.
    constructor(units, now = () => 0) {
        this.units = units;
        this.now = now;
        this.things = new Map();
        this.trips = new Map(); // {carrier, from, riders: what was ever put on it, ended, missing}
        this.dossiers = new Map(); // {status, filed, result: key of the leg that brings it}
        this.exceptions = new Map(); // "subject event code" → {subject, code}
        this.flagged = new Set(); // "subject event"
        this.arrivals = 0;
    }

    // --- what comes to be -------------------------------------------------------------------------

    // A thing that only its scans know yet has no beginning.
    thing(key) {
        if (!this.things.has(key)) this.things.set(key, { key, events: [], members: new Set() });
        return this.things.get(key);
    }

    // A leg of a dossier begins where the leg before ended.
    begin(key, from, to) {
        const agency = (unit) => this.units.get(unit)?.kind === 'agency' ? unit : null;
        Object.assign(this.thing(key), { what: 's', begun: from, from_agency: agency(from), to_agency: agency(to),
            route: this.route(from, to) });
        this.look(this.thing(key));
    }

    begin_bag(key, origin, destination) {
        Object.assign(this.thing(key), { what: 'c', begun: origin, route: this.route(origin, destination) });
        this.look(this.thing(key));
    }

    begin_trip(key, carrier, from) {
        this.trips.set(key, { carrier, from, riders: new Set(), ended: null, missing: 0 });
    }

    // Both ends, and whatever serves them.
    route(...ends) {
        const way = new Set();
        for (let unit of ends)
            for (; unit; unit = this.units.get(unit)?.parent) way.add(unit);
        return way;
    }

    // Signing is the filing; a result that is proved to be delivered is the end.
    dossier(key) {
        const dossier = this.dossiers.get(key);
        const home = dossier.result && this.fold(this.thing(dossier.result)).s.state === 'delivered';
        return { filed: dossier.filed, status: dossier.status === 9 && home ? 10 : dossier.status };
    }

    // Events as they come, in the order in which the service takes them.
    receive(key, event) {
        const thing = this.thing(key);
        if (thing.events.some((e) => e.id === event.id)) return 'duplicate';
        thing.events.push({ ...event, came: this.now(), arrived: this.arrivals++ });
        thing.events.sort((a, b) => a.at - b.at || a.arrived - b.arrived);
        if (!thing.what) this.except(key, event.id, 'unknown_shipment');
        if (event.kind === 'bag') this.thing(event.container).members.add(key);
        if (event.target?.kind === 'trip') this.trips.get(event.target.ref).riders.add(key);
        for (const code of event.warnings ?? []) this.except(key, event.id, code);
        this.look(thing);
        return this.flagged.has(`${key} ${event.id}`) ? 'exception' : 'recorded';
    }

    // Something beside the steps that a person must see: a difference on a list, or in a count.
    except(subject, event, code) {
        if (!opens(code)) return;
        this.exceptions.set(`${subject} ${event} ${code}`, { subject, event, code });
        this.flagged.add(`${subject} ${event}`);
    }

    // Again through everything that an event changes.
    look(thing) {
        thing.kept = null;
        if (!thing.what) return;
        const { s, odd } = this.fold(thing);
        for (const { id, code } of odd) this.except(thing.key, id, code);
        // What came late may say that it never was delivered: that is for a person to see.
        if (thing.ended && thing.ended !== s.state)
            this.except(thing.key, thing.events.at(-1).id, 'delivery_taken_back');
        thing.ended = ['delivered', 'returned'].includes(s.state) ? s.state : null;
        if (thing.what === 'c')
            for (const key of thing.members) this.look(this.thing(key));
    }

    // --- the fold ---------------------------------------------------------------------------------

    // Which events step: not those that were taken back, nor those that wait for a person.
    effective(thing, odd) {
        const back = new Set(), confirmed = new Set();
        for (const u of thing.events) {
            if (u.kind === 'confirm') confirmed.add(u.refers);
            if (u.kind !== 'undo') continue;
            const first = thing.events.find((e) => e.id === u.refers);
            if (first && first.actor === u.actor && u.at - first.at <= UNDO_LIMIT) back.add(first.id);
            else odd.push({ id: u.id, code: 'undo_refused' });
        }
        return thing.events.filter((e) => !['undo', 'confirm', 'finding'].includes(e.kind) && !back.has(e.id))
            .map((e) => confirmed.has(e.id) ? { ...e, confirmed: true } : e);
    }

    fold(thing, until) {
        if (until !== undefined) return this.folded(thing, until);
        return thing.kept ??= this.folded(thing, Infinity);
    }

    folded(thing, until) {
        const odd = [], lives = [{ bag: thing.key, begun: -Infinity }];
        let s = { state: thing.what === 'c' ? 'open' : 'created', holder: { kind: 'place', ref: thing.begun },
            place: thing.begun, offered: null, place_at: null, returning: false, damaged: false, inside: null };
        for (const e of this.effective(thing, odd)) {
            if (e.at > until) break;
            s = this.one(thing, s, e, odd) ?? s;
            if (thing.what !== 'c' || odd.some((o) => o.id === e.id && skips(o.code))) continue;
            if (e.kind === 'close') lives.at(-1).sealed ??= e.at;
            if (e.kind === 'open') {
                Object.assign(lives.at(-1), { opened: e.at, unit: e.unit, by: e.actor });
                lives.push({ bag: thing.key, begun: e.at });
            }
        }
        return { s, odd, lives };
    }

    one(thing, s, e, odd) {
        const told = (code) => odd.push({ id: e.id, code });
        const lies = s.inside ? this.lies(s.inside, e.at) : null;
        const was = lies ? { ...s, ...lies } : s;
        const into = e.kind === 'bag' ? this.open_life(e.container, e.at) : null;
        const mine = was.holder.kind === 'trip' && this.trips.get(was.holder.ref).carrier === e.actor;
        const { flag, now, at_place } = take_step(thing.what === 'c' ? BAG : ITEM, thing, was,
            mine ? { ...e, confirmed: true } : e, into);
        if (flag) told(flag);
        if (!now) return null;
        if (e.target?.kind === 'trip') this.odd_trip(was, e).forEach(told);
        if (at_place && !thing.route.has(e.unit)) told('wrong_route');
        if (at_place && this.too_fast(was, e)) told('impossible_speed');
        if (lies?.active && lies.sealed) told('sealed_bag');
        return now;
    }

    too_fast(was, e) {
        if (was.place === e.unit || was.place_at == null) return false;
        const km = kilometres(this.units.get(was.place), this.units.get(e.unit));
        return e.at - was.place_at + CLOCKS_OFF < km / ROAD_KM_H * 60 * MINUTE;
    }

    // The life of a bag that was open at that time.
    open_life(bag, at) {
        const thing = this.thing(bag);
        if (!thing.what) return null;
        return this.fold(thing).lives.findLast((life) => life.begun <= at
            && !(life.sealed < at) && !(life.opened <= at)) ?? null;
    }

    // Where something in that life of a bag is at a time, from the innermost bag outward. Lives are known
    // anew after each event: one is known by the bag and when it began. active: it is in there still.
    lies(inside, at, within = { active: false, sealed: false }) {
        const bag = this.thing(inside.bag), life = this.fold(bag).lives.find((l) => l.begun === inside.begun);
        if (life?.opened <= at)
            return { ...within, state: 'arrived', holder: { kind: 'place', ref: life.unit }, place: life.unit,
                place_at: life.opened };
        const { s } = this.fold(bag, at);
        const now = { state: ['departed', 'arrived', 'lost'].includes(s.state) ? s.state : 'bagged',
            holder: s.holder, place: s.place, place_at: null, active: true,
            sealed: within.sealed || life?.sealed <= at };
        return s.inside ? this.lies(s.inside, at, now) : now;
    }

    // Where it stands now, through whatever it lies in: {state, holder, place, bag}.
    standing(key) {
        const { s } = this.fold(this.thing(key));
        const lies = s.inside ? this.lies(s.inside, Infinity) : null;
        return { ...s, ...lies, bag: lies?.active ? s.inside.bag : null };
    }

    // What was known then.
    as_of(time) {
        const past = new Truth(this.units);
        past.trips = this.trips;
        past.thing = (key) => {
            if (past.things.has(key)) return past.things.get(key);
            const thing = this.thing(key), events = thing.events.filter((e) => e.came <= time);
            past.things.set(key, { ...thing, kept: null, events });
            return past.things.get(key);
        };
        return past;
    }

    // --- who holds what ---------------------------------------------------------------------------

    odd_trip({ state, holder }, e) {
        const { ended } = this.trips.get(e.target.ref), on_it = holder.kind === 'trip' && holder.ref === e.target.ref;
        const here = state === 'arrived' && holder.kind === 'place' && holder.ref === e.unit;
        if (e.kind === 'arrive') return on_it || here ? [] : ['trip_surplus'];
        return e.kind === 'depart' && ended !== null && ended <= e.at ? ['trip_ended'] : [];
    }

    // What a trip holds, by itself and not in a bag.
    on_trip(key) {
        const rides = ({ kind, ref }) => kind === 'trip' && ref === key;
        return [...this.trips.get(key).riders].filter((one) => rides(this.fold(this.thing(one)).s.holder));
    }

    // What somebody or a place holds, by itself and not in a bag.
    held(kind, ref) {
        return [...this.things.keys()].filter((key) => this.held_by(key, kind, ref));
    }

    held_by(key, kind, ref) {
        if (!this.thing(key).what) return false;
        const { holder, bag, state } = this.standing(key);
        return !bag && holder.kind === kind && holder.ref === ref && state !== 'lost';
    }
}
