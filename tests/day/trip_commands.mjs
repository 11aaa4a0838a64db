// The operations of a plan about trips: one is made, comes in as a whole, or is over with whatever nobody
// saw come off. Called with the drive as `this`.
import { uuid7 } from '../api/service.mjs';
import { time_text } from './drive.mjs';

export const TRIP_COMMANDS = { trip, trip_arrive, trip_end };

// Every third has a code of its own.
async function trip({ who, trip: one, leaves }) {
    const { from, to, driver, key } = one, own = Number(key.slice(1)) % 3 === 0;
    const body = { id: uuid7(this.clock.now()), from: from.code, to: to.code, carrier: driver.login,
        departs_at: time_text(leaves * 1000), ...own && { code: `XE-${key}` } };
    const { body: made } = await this.ask('trips', who, 'POST', '/v1/trips', body, 201);
    this.ids.set(key, made.code);
    this.truth.begin_trip(key, driver.login, from.code);
}

// present: what lies in the van; what of it was not on the trip is scanned in by itself.
async function trip_arrive({ who, trip: one, present }) {
    const came = this.truth.on_trip(one.key);
    const { told, at } = await finish(this, who, one, 'arrive');
    for (const key of came)
        this.truth.receive(key, { id: uuid7(at), kind: 'arrive', at, actor: who.login, unit: who.unit });
    over(this, one, told, at, came);
    const surplus = present.filter(({ key }) => !came.includes(key));
    if (surplus.length) await this.scan({ who, scans: surplus.map((thing) => ({ kind: 'arrive', thing, trip: one })) });
}

async function trip_end({ who, trip: one }) {
    const { told, at } = await finish(this, who, one, 'end');
    over(this, one, told, at, []);
}

async function finish(drive, who, one, how) {
    const at = drive.stamp() / 1000, path = `/v1/trips/${drive.id_of(one)}/${how}`;
    const { body } = await drive.ask('ends of trips', who, 'POST', path, { id: uuid7(at) }, 200);
    return { told: body, at };
}

// What it still holds is missing.
function over(drive, { key }, told, at, came) {
    const { truth, ids } = drive, left = truth.on_trip(key);
    for (const one of left) truth.except(one, uuid7(at), 'trip_missing');
    Object.assign(truth.trips.get(key), { ended: at, missing: left.length });
    const is = [told.arrived ?? 0, told.missing, told.things.map((thing) => thing.id ?? thing.number).sort()];
    const should = [came.filter((one) => !left.includes(one)).length, left.length, left.map((one) => ids.get(one)).sort()];
    if (JSON.stringify(is) !== JSON.stringify(should)) drive.differs(`the end of ${key}`, is, should);
}
