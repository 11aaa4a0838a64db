// The working calendar once more, as simply as it can be said: day after day, minute spans added up. What
// the database reckons is compared with it. Days are whole numbers since 1970 (Vietnam), times minutes
// since then.
export const DAY = 1440;
export const day_of = (text) => Date.parse(`${text}T00:00:00Z`) / 86400000;
export const day_text = (day) => new Date(day * 86400000).toISOString().slice(0, 10);
export const minute_of = (text) => Date.parse(`${text.replace(' ', 'T')}:00Z`) / 60000;
export const time_text = (minute) => new Date(minute * 60000).toISOString().slice(0, 16).replace('T', ' ');
const clock = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

export class Model {
    // `days`: [[day text, kind, own?]]; `hours`: [{from?, weekdays, opens, break_from?, break_to?, closes}], the
    // first one holds until the second begins.
    constructor(days, hours) {
        this.days = new Map();
        for (const [day, kind, own] of days)
            if (own || !this.days.get(day)?.own) this.days.set(day, { kind, own });
        this.hours = hours;
    }

    on(day) {
        return this.hours.filter((h) => !h.from || day_of(h.from) <= day).at(-1);
    }

    works(day) {
        const row = this.days.get(day_text(day));
        if (row) return row.kind === 'swapped_working';
        return this.on(day).weekdays.includes(((day + 3) % 7) + 1);
    }

    add_days(day, n) {
        let at = day;
        for (let left = n; left > 0;) if (this.works(++at)) left--;
        return at;
    }

    count(after, until) {
        let n = 0;
        for (let day = after + 1; day <= until; day++) n += this.works(day);
        return n;
    }

    closing(day) {
        return day * DAY + clock(this.on(day).closes);
    }

    spans(day) {
        if (!this.works(day)) return [];
        const h = this.on(day), base = day * DAY;
        return h.break_from ? [[base + clock(h.opens), base + clock(h.break_from)], [base + clock(h.break_to), base + clock(h.closes)]]
            : [[base + clock(h.opens), base + clock(h.closes)]];
    }

    minutes(from, to) {
        let n = 0;
        for (let day = Math.floor(from / DAY); day <= Math.floor(to / DAY); day++)
            for (const [a, b] of this.spans(day)) n += Math.max(0, Math.min(b, to) - Math.max(a, from));
        return n;
    }

    add_minutes(from, n) {
        let left = n;
        for (let day = Math.floor(from / DAY); ; day++)
            for (const [a, b] of this.spans(day)) {
                const start = Math.max(a, from);
                if (b <= start) continue;
                if (b - start >= left) return start + left;
                left -= b - start;
            }
    }

    due(from, { value, unit }) {
        return unit === 'working_hour' ? this.add_minutes(from, value * 60)
            : this.closing(this.add_days(Math.floor(from / DAY), value));
    }

    // `pauses`: [{kind, began, ended}] in order; `promised`: {at, due} of an apology.
    due_by(from, term, restart, pauses, promised) {
        let due = this.due(from, term), open = promised;
        const keep = () => {
            const day = Math.floor(open.due / DAY);
            due = this.works(day) ? open.due : this.closing(this.add_days(day, 1));
            open = null;
        };
        for (const p of pauses) {
            if (p.ended === undefined || p.ended <= from) continue;
            if (open && open.at <= p.began) keep();
            const began = Math.max(p.began, from);
            if (p.kind === 'supplement' && restart) due = this.due(p.ended, term);
            else if (term.unit === 'working_hour') {
                const lost = this.minutes(began, p.ended);
                if (lost) due = this.add_minutes(due, lost);
            } else {
                const lost = this.count(Math.floor(began / DAY), Math.floor(p.ended / DAY));
                if (lost) due = this.closing(this.add_days(Math.floor(due / DAY), lost));
            }
        }
        if (open) keep();
        return due;
    }
}

// A die that falls alike for one seed.
export function dice(seed) {
    let state = seed >>> 0;
    const next = () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    return { below: (n) => Math.floor(next() * n), pick: (list) => list[Math.floor(next() * list.length)], next };
}
