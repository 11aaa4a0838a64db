// The searches, days after the day: whatever left and never came, or lay in an opened bag and was never
// seen, is on the list of whoever had it last; and nothing is there that had been seen by then.
import { query } from '../fault/journal.mjs';
import { until } from '../api/service.mjs';
import { every_exception } from './commands.mjs';
import { SEARCHES } from './errors.mjs';
import { clock_time } from './times.mjs';

// The Saturday morning: whatever left by the noon of Wednesday should have come on Friday.
const LATER = clock_time(4 * 24 + 8);

// How much the service has still to read or to tell.
const LEFT = `select case when l.position > h.position then l.position - h.position else (
        select count(*) from custody.awaited a
        where a.ended_at is null and a.told_at is null and a.due_at <= now()) + (
        select count(*) from custody.event e where not exists (
            select from custody.log g where g.subject = e.subject and g.event_id = e.id)) end
    from custody.log_head l, custody.search_head h`;

export async function check_searches(drive) {
    drive.clock.set(LATER);
    await until('the search', () => query(drive.service, LEFT)[0] === '0', 
        { timeout: 60_000 + 20 * drive.scanned, every: 1000 });
    const all = await every_exception(drive, drive.plan.world.supervisor, false);
    const tasks = all.filter((one) => SEARCHES.has(one.code));
    const keys = new Map([...drive.ids].map(([key, id]) => [id, key])), past = new Map();
    for (const task of tasks) {
        if (!past.has(task.opened_at)) past.set(task.opened_at, drive.truth.as_of(Date.parse(task.opened_at)));
        rightly(drive, task, keys.get(task.subject), past.get(task.opened_at));
    }
    const listed = await by_their_units(drive, tasks);
    for (const key of drive.truth.things.keys()) never_came(drive, key, listed);
    return { opened: tasks.length, never_came: [...drive.truth.things.keys()].filter((key) =>
        missing(drive.truth, key)).length };
}

// {code, unit, who, from: the unit that its trip left} of a thing for which somebody must look, else null.
function missing(truth, key) {
    const thing = truth.thing(key);
    if (!thing.what) return null;
    const { s } = truth.fold(thing);
    if (!s.inside) return s.state === 'departed' ? { code: 'not_arrived', ...last_holder(truth, s) } : null;
    const life = truth.fold(truth.thing(s.inside.bag)).lives.find((one) => one.begun === s.inside.begun);
    return life?.opened ? { code: 'not_seen_after_opening', unit: life.unit, who: life.by } : null;
}

function last_holder(truth, { holder }) {
    if (holder.kind === 'place') return { unit: holder.ref, who: undefined };
    if (holder.kind === 'person') return { who: holder.ref };
    const { carrier, from } = truth.trips.get(holder.ref);
    return { who: carrier, from };
}

// A task is for something that was missing as far as anybody knew then, and names who had it.
function rightly(drive, task, key, past) {
    const should = key && missing(past, key);
    if (!should) return drive.differs(`a search for ${key} ${task.subject}`, task, 'seen by then');
    const unit = should.unit ?? drive.plan.world.people.find((one) => one.login === should.who).unit;
    const is = [task.code, task.unit, task.actor?.split(' ')[0], should.from && task.detail.from];
    const known = [should.code, unit, should.who, should.from];
    if (JSON.stringify(is) !== JSON.stringify(known)) drive.differs(`who looks for ${key}`, is, known);
}

// What each unit's own list of searches says, as "subject code".
async function by_their_units(drive, tasks) {
    const { hubs, offices } = drive.plan.world, found = new Set();
    for (const code of new Set(tasks.map((task) => task.unit))) {
        const { clerk } = [...hubs, ...offices].find((one) => one.code === code);
        for (const one of await every_exception(drive, clerk, false))
            if (SEARCHES.has(one.code) && one.unit === code) found.add(`${one.subject} ${one.code}`);
    }
    for (const { subject, code } of tasks)
        if (!found.has(`${subject} ${code}`)) drive.differs(`the list of its unit for ${subject}`, undefined, code);
    return found;
}

function never_came(drive, key, listed) {
    const should = missing(drive.truth, key);
    if (should && !listed.has(`${drive.ids.get(key)} ${should.code}`))
        drive.differs(`${key} never came and nobody looks for it`, undefined, should);
}
