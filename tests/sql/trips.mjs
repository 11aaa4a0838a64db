// Trips for the forecast's back-test: made from a seed, as the post carries things: forwarded the same
// day until 15:00, right-skewed transit in the working time of the destination, some in trouble, all
// slow around Tết and the National Day, results also brought on a Saturday.

export function random(seed) {
    let a = seed >>> 0;
    return () => {
        a = (a + 0x6d2b79f5) >>> 0;
        let t = Math.imul(a ^ (a >>> 15), a | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
}

const DAY = 86400000;
export const day_of = (iso) => Date.parse(`${iso}T00:00:00Z`) / DAY;
export const iso_day = (day) => new Date(day * DAY).toISOString().slice(0, 10);
const stamp = (day, hour) => {
    const minutes = Math.min(1439, Math.floor(hour * 60));
    return `${iso_day(day)}T${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}:00+07:00`;
};

// off: days of the calendar by kind, as [[day, kind]]; week: ISO days worked.
export class Calendar {
    constructor(rows, week = [1, 2, 3, 4, 5]) {
        this.rows = new Map(rows.map(([day, kind]) => [day_of(day), kind]));
        this.week = week;
    }

    works(day) {
        const kind = this.rows.get(day);
        return kind ? kind === 'swapped_working' : this.week.includes((day + 3) % 7 + 1);
    }

    // The nth working day after; 0: that day or the next that is worked.
    after(day, n) {
        let at = n > 0 ? day + 1 : day;
        for (let left = Math.max(n, 1); ; at++)
            if (this.works(at) && --left === 0) return at;
    }
}

const bell = (r) => Math.sqrt(-2 * Math.log(1 - r())) * Math.cos(2 * Math.PI * r());
// What the post has too much of before and after long holidays takes longer: [middle, days to each side].
const RUSH = [['2026-02-18', 9], ['2026-09-01', 5]].map(([day, days]) => [day_of(day), days]);

// One trip of a lane {median, spread, saturday?}, in working days: when it was accepted and when it came.
function trip(lane, first, last, r, post) {
    let accepted = first + Math.floor(r() * (last - first + 1));
    while (!post.works(accepted)) accepted++;
    const hour = 7.5 + 10.4 * r();
    const begins = hour < 15 ? accepted : post.after(accepted, 1);
    let took = lane.median * Math.exp(lane.spread * bell(r)) * (RUSH.some(([day, days]) => Math.abs(begins - day) <= days) ? 1.4 : 1);
    if (r() < 0.04) took += 1 + 4 * r();
    took += begins === accepted ? Math.max(0, hour - 9) / 12 : 0;
    let day = lane.calendar.after(begins, Math.floor(took));
    if (lane.saturday && day > begins + 2 && r() < 0.15)
        for (let d = day - 1; d > begins + 1; d--)
            if ((d + 3) % 7 + 1 === 6 && !post.rows.has(d)) { day = d; break; }
    const at = 7.6 + (took % 1) * 9.3;
    return { lane: lane.n, accepted_at: stamp(accepted, hour), begins,
        day, came_at: stamp(day, day === accepted ? Math.max(at, hour + 0.5) : at) };
}

export function trips(lane, count, first, last, seed, post) {
    const r = random(seed + lane.n * 7919);
    return Array.from({ length: count }, () => trip(lane, day_of(first), day_of(last), r, post));
}
