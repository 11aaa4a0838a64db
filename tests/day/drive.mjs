// Plays a plan against the service. Time goes in turns of three simulated minutes: the clock is set,
// everything of that turn is sent, side by side where it does not touch the same thing or person, and
// the next turn waits for the replies. So commands happen at their simulated times, and what the truth
// is told comes in the order in which the service took it. A scan's own time is taken when it is made:
// a phone that is off keeps it and sends it later. Every reply is held against the truth at once.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, sleep, uuid7 } from '../api/service.mjs';
import { TAKEN } from '../api/walk.mjs';
import { Caller } from './caller.mjs';
import { COMMANDS } from './commands.mjs';
import { HOUR, MINUTE } from './times.mjs';
import { Truth } from './truth.mjs';

const TURN = 3 * MINUTE, BODY_MOST = 400;

export class Drive {
    constructor(service, plan, { say = () => {}, speed = Infinity, checkpoint = async () => {} } = {}) {
        Object.assign(this, { service, plan, say, speed, checkpoint });
        this.clock = service.clock;
        this.truth = new Truth(plan.world.units, () => this.clock.now());
        this.caller = new Caller(service.url);
        this.ids = new Map(); // of a thing or bag, as the service knows it
        this.codes = new Map(); // of a dossier
        this.wrong = []; // replies that are not as the truth has it
        this.scanned = 0;
        this.last = 0;
        this.busy = new Map(); // what is under way for a thing or person
        this.forms = new Map(JSON.parse(readFileSync(join(ROOT, 'conf/procedures.json'), 'utf8')).procedures
            .map((one) => [one.code, one.documents.find((paper) => paper.form)?.name ?? one.documents[0].name]));
    }

    // Microseconds, each later than the one before, and not before what the service did just now.
    stamp() {
        return (this.last = Math.max(this.last + 1, (this.clock.now() + 1) * 1000));
    }

    async run() {
        const began = Date.now(), first = this.plan.ops[0].t;
        let hour = 0;
        for (let i = 0; i < this.plan.ops.length;) {
            const turn = Math.floor(this.plan.ops[i].t / TURN) * TURN;
            const now = Math.floor((turn - first) / HOUR);
            if (now > hour) await this.checkpoint(this, (hour = now));
            const early = (turn - first) / this.speed - (Date.now() - began);
            if (early > 0) await sleep(early);
            this.clock.set(turn);
            const from = i;
            while (i < this.plan.ops.length && this.plan.ops[i].t < turn + TURN) i++;
            await this.turn(this.plan.ops.slice(from, i));
        }
        await this.checkpoint(this, Infinity);
        this.caller.close();
    }

    async turn(ops) {
        const all = [];
        for (const op of ops) {
            if (op.do === 'count') await Promise.all(all);
            const keys = this.keys(op), before = keys.map((key) => this.busy.get(key)).filter(Boolean);
            const done = Promise.all(before).then(() => this.play(op));
            for (const key of keys) this.busy.set(key, done);
            all.push(done);
            if (op.do === 'count') await Promise.all(all);
        }
        await Promise.all(all);
        this.busy.clear();
    }

    // Whatever must not happen beside it: the person, the things, and the bags they were put into.
    keys(op) {
        const things = [...op.things ?? [], ...(op.scans ?? []).map((scan) => scan.thing)];
        if (op.do === 'sync') things.push(...op.box.things);
        for (const scan of op.scans ?? []) if (scan.container) things.push(scan.container);
        const keys = new Set([op.who.login]);
        for (const trip of [op.trip, ...(op.scans ?? []).map((scan) => scan.trip)]) if (trip) keys.add(trip.key);
        const add = (thing) => {
            keys.add(thing.key);
            thing.bags.forEach(add);
        };
        things.forEach(add);
        return [...keys];
    }

    async play(op) {
        try {
            await (this[op.do] ?? COMMANDS[op.do]).call(this, op);
        } catch (error) {
            const when = new Date(op.t).toISOString();
            throw new Error(`${op.do} by ${op.who.login} at ${when}: ${error.message}`, { cause: error });
        }
    }

    differs(what, told, known) {
        this.wrong.push({ what, told, known });
        if (this.wrong.length > 20) throw new Error(`too much is not as it should be: ${JSON.stringify(this.wrong)}`);
    }

    async ask(kind, who, method, path, body, status) {
        const reply = await this.caller.send(kind, method, path, who.key, body);
        if (![status].flat().includes(reply.status))
            throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)} to ${JSON.stringify(body)}`);
        return reply;
    }

    // --- scans ------------------------------------------------------------------------------------

    scan(op) {
        return this.send(op.who, op.scans.map((scan) => this.made(op.who, scan)), op);
    }

    // What is kept of a scan: what the device sends, and what the truth will be told.
    made(who, scan) {
        const at = this.stamp(), id = uuid7(at / 1000);
        if (!scan.again) scan.id = id;
        const target = scan.thing.stray ? this.stray(scan.thing) : this.id_of(scan.thing);
        const sent = { id, code: target, kind: scan.kind, at: time_text(at + (who.off ?? 0) * 1000) };
        if (scan.container) sent.container = this.id_of(scan.container);
        if (scan.trip) sent.target = this.id_of(scan.trip);
        if (scan.reason) Object.assign(sent, { reason: scan.reason, next_action: scan.next_action });
        if (scan.refers) sent.refers = scan.refers.id;
        if (scan.recipient) Object.assign(sent, TAKEN);
        if (who.device) sent.device_seq = (who.seq = (who.seq ?? 0) + 1);
        const event = { id, kind: scan.kind, at: at / 1000, actor: who.login, unit: who.unit,
            target: scan.trip && { kind: 'trip', ref: scan.trip.key },
            container: scan.container?.key, refers: scan.refers?.id, proof: !!scan.recipient,
            warnings: Math.abs(who.off ?? 0) > HOUR ? ['clock_far'] : [] };
        return { sent, event, key: scan.thing.key };
    }

    // In bodies that the service takes.
    async send(who, list, op = {}) {
        op.body = list;
        for (let i = 0; i < list.length; i += BODY_MOST) await this.send_body(who, list.slice(i, i + BODY_MOST));
    }

    async send_body(who, list) {
        const body = { scans: list.map((one) => one.sent) };
        if (who.role === 'courier') Object.assign(body, { device: await this.device(who),
            sent_at: time_text((this.clock.now() + (who.off ?? 0)) * 1000) });
        const { body: reply } = await this.ask('scans', who, 'POST', '/v1/custody/scans', body, 200);
        reply.results.forEach((told, i) => this.compare(list[i], told));
    }

    compare({ sent, event, key }, told) {
        this.scanned++;
        const outcome = this.truth.receive(key, event);
        const thing = this.truth.thing(key), state = thing.what ? this.truth.fold(thing).s.state : null;
        if (told.outcome !== outcome || outcome !== 'duplicate' && (told.state ?? null) !== state)
            this.differs(`${sent.kind} of ${key} ${sent.code}`, told, { outcome, state });
    }

    // What has no line: the scans are made now and sent later.
    async make(op) {
        op.box.kept.push(...op.scans.map((scan) => this.made(op.who, scan)));
        await sleep(2);
    }

    async sync({ who, box: { kept }, twice }) {
        await this.send(who, kept);
        if (twice) await this.send(who, kept);
    }

    resend({ who, of }) {
        return this.send(who, of.body);
    }

    // A courier's phone, registered when it is first used.
    async device(who) {
        return who.device ??= (await this.ask('device', who, 'POST', '/v1/devices',
            { id: uuid7(this.clock.now()), name: `Máy của ${who.login}` }, 201)).body.id;
    }

    id_of(thing) {
        const id = this.ids.get(thing.key) ?? this.leased_number(thing);
        if (!id) throw new Error(`${thing.key} has no number yet`);
        return id;
    }

    leased_number(thing) {
        const number = thing.leased && thing.leased.office.numbers[thing.leased.index];
        if (number) this.ids.set(thing.key, number);
        return number;
    }

    // A well-formed number that nobody has.
    stray(thing) {
        const serial = String(98000000 + Number(thing.key.slice(1)));
        const sum = [8, 6, 4, 2, 3, 5, 9, 7].reduce((n, weight, i) => n + weight * Number(serial[i]), 0);
        const number = `RR${serial}${{ 10: 0, 11: 5 }[11 - sum % 11] ?? 11 - sum % 11}VN`;
        this.ids.set(thing.key, number);
        return number;
    }
}

// RFC 3339 from microseconds.
export function time_text(at) {
    const whole = Math.floor(at / 1000);
    return new Date(whole).toISOString().replace('Z', `${String(Math.floor(at - whole * 1000)).padStart(3, '0')}Z`);
}
