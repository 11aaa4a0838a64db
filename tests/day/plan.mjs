// A day of the province from a seed, before anything is sent: what people do, where every thing really
// is, and which acts are scanned, sent, forgotten or done twice. The result is a list of operations in
// the order of their times (see drive.mjs), the same for the same seed and size.
import { Dice } from './dice.mjs';
import { ERRORS } from './errors.mjs';
import { open_hub } from './hubs.mjs';
import { open_office } from './offices.mjs';
import { open_rounds } from './rounds.mjs';
import { END, HOUR, MINUTE, SECOND } from './times.mjs';
import { kilometres, plan_world } from './world.mjs';

// Of those that may go wrong, how many do: enough that a short day meets every kind, and few enough
// that a long one is still a day of work.
const rate_of = (dossiers) => Math.min(0.03, Math.max(0.004, 8 / dossiers));

export class Plan {
    // trouble: how many times more goes wrong than usual; from 2 on several things with one thing.
    constructor(seed, size, dossiers, trouble = 1) {
        this.seed = seed;
        this.dice = new Dice(seed);
        this.world = plan_world(this.dice.fork(), size);
        this.wanted = dossiers;
        this.trouble = trouble;
        this.rate = rate_of(dossiers) * trouble;
        this.queue = [];
        this.ops = [];
        this.dossiers = [];
        this.things = [];
        this.bags = [];
        this.trips = [];
        this.errors = [];
        this.counts = [];
        this.serial = 0;
    }

    // --- time -------------------------------------------------------------------------------------

    // What happens then. Those of one time happen in the order in which they were put down.
    at(t, act) {
        const entry = { t, n: this.serial++, act };
        let i = this.queue.push(entry) - 1;
        for (; i > 0; i = (i - 1) >> 1) {
            const above = this.queue[(i - 1) >> 1];
            if (before(above, entry)) break;
            this.queue[i] = above;
        }
        this.queue[i] = entry;
    }

    next() {
        const first = this.queue[0], last = this.queue.pop();
        const list = this.queue;
        if (first === last) return first;
        let i = 0;
        for (let down; (down = 2 * i + 1) < list.length; i = down) {
            if (down + 1 < list.length && before(list[down + 1], list[down])) down++;
            if (before(last, list[down])) break;
            list[i] = list[down];
        }
        list[i] = last;
        return first;
    }

    run() {
        for (const office of this.world.offices) open_office(this, office);
        for (const hub of this.world.hubs) open_hub(this, hub);
        for (const office of this.world.offices) open_rounds(this, office);
        while (this.queue.length) {
            const { t, act } = this.next();
            if (t > END) break;
            this.now = t;
            act(t);
        }
        this.ops = this.ops.filter((op) => op.t <= END)
            .sort((a, b) => a.t - b.t || a.n - b.n);
        return this;
    }

    // By road, with the turns it takes, and a few minutes to load.
    travel(from, to) {
        return Math.round((kilometres(from, to) * 1.35 / 40 * 60 + 4) * MINUTE);
    }

    // --- things -----------------------------------------------------------------------------------

    new_thing(leg, dossier, from, to) {
        const thing = { key: `s${this.things.length + 1}`, leg, dossier, from, to, returning: false, bags: [],
            where: { kind: 'place', ref: from.code } };
        this.things.push(thing);
        return thing;
    }

    new_bag(origin, destination, who) {
        const bag = { key: `b${this.bags.length + 1}`, origin, destination, who, items: [], bags: [],
            where: { kind: 'place', ref: origin.code } };
        this.bags.push(bag);
        return bag;
    }

    new_trip(from, to, driver) {
        const trip = { key: `t${this.trips.length + 1}`, from, to, driver, things: new Set() };
        this.trips.push(trip);
        return trip;
    }

    // Where it really is from now on. A bag takes along what lies in it.
    put(thing, kind, ref) {
        thing.where = { kind, ref };
        for (const one of thing.items ?? []) this.put(one, kind, ref);
    }

    // The post office that brings a thing to its end, or the agency's when it goes back.
    last_office(thing) {
        const end = thing.returning ? thing.from : thing.to;
        return end.office ?? end;
    }

    // --- operations -------------------------------------------------------------------------------

    op(t, what, who, more) {
        const op = { t, n: this.serial++, do: what, who, ...more };
        this.ops.push(op);
        return op;
    }

    // Scans by one person, one after the other; each is {kind, thing, …}, null one that was not made.
    // They are sent at once, or kept by what has no line and sent later, or sent twice.
    scans(t, who, list, more = {}) {
        const made = list.filter(Boolean);
        if (!made.length) return null;
        const twice = made.filter((scan) => REPEATS_SHOW.has(scan.kind) && !more.plain
            && this.wrong('double_scan', scan.thing, t, 0.3));
        const box = more.box ?? (more.plain ? null : this.late(made, t, who));
        const op = this.op(t, box ? 'make' : 'scan', who, { scans: made, box });
        if (twice.length)
            this.op(t + 5 * SECOND, box ? 'make' : 'scan', who,
                { scans: twice.map((scan) => ({ ...scan, again: true })), box });
        if (!box && !more.plain && made.length > 1 && this.dice.chance(this.rate)) {
            this.note('resent', made[0].thing, t);
            this.op(t + 10 * SECOND, 'resend', who, { of: op, scans: made });
        }
        return op;
    }

    // Now and then a scanner has no line for some hours: a box of scans that is sent then.
    late(made, t, who) {
        const free = made.filter(({ thing }) => this.may_go_wrong(thing));
        if (free.length < made.length || !this.dice.chance(this.rate)) return null;
        for (const { thing } of free) this.note('sent_late', thing, t);
        return this.box(t + this.dice.between(0.2, 5) * HOUR, who, made.map(({ thing }) => thing));
    }

    // What is made before and sent then, in the order in which it was made; by some twice.
    box(t, who, things = []) {
        const box = { kept: [], things };
        this.op(t, 'sync', who, { box, twice: this.dice.chance(0.2) });
        return box;
    }

    // --- errors -----------------------------------------------------------------------------------

    // Whether this goes wrong with this thing now. On an ordinary day a thing has one trouble at
    // most, so that each shows by itself; factor: for occasions that come more or less often than others.
    wrong(kind, thing, t, factor = 1) {
        if (!this.may_go_wrong(thing) || !this.dice.chance(this.rate * factor)) return false;
        this.note(kind, thing, t);
        return true;
    }

    may_go_wrong(thing) {
        return !thing.error || this.trouble > 1 && thing.troubles < 4;
    }

    note(kind, thing, t) {
        if (!ERRORS[kind]) throw new Error(`no such error: ${kind}`);
        const error = { kind, thing, t, unit: thing.where?.ref };
        if (kind !== 'resent') {
            thing.error ??= error;
            thing.troubles = (thing.troubles ?? 0) + 1;
        }
        this.errors.push(error);
        return error;
    }
}

// Kinds of scan of which a second one is a step that is not allowed.
const REPEATS_SHOW = new Set(['accept', 'bag', 'sort', 'at_delivery_office', 'out_for_delivery']);

const before = (a, b) => a.t < b.t || a.t === b.t && a.n < b.n;
