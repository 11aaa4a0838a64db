// Scans made on this device, kept until the service has acknowledged each one. A scan gets its id
// (UUIDv7) when it is made; it is sent again with the same id until an outcome comes back, so it
// is recorded exactly once however often the network or the page dies.
import { post, Problem, uuid7 } from './api.js';
import { useEffect, useState } from './ui.js';

const BATCH = 100, SHOWN = 60;

export class ScanQueue extends EventTarget {
    constructor(owner) {
        super();
        this.key = `dossierpost.scans.${owner}`;
        this.asked = new Map(); // id: resolve
        this.sending = false;
        this.pause = 0;
        addEventListener('online', () => this.flush());
        addEventListener('storage', (e) => e.key === this.key && this.changed());
        if (this.read().waiting.length) this.flush();
    }

    read() {
        try {
            return JSON.parse(localStorage.getItem(this.key)) ?? { waiting: [], outcomes: [] };
        } catch {
            return { waiting: [], outcomes: [] };
        }
    }

    // Reads, changes and writes in one turn: another tab cannot come between.
    write(change) {
        const state = this.read();
        change(state);
        localStorage.setItem(this.key, JSON.stringify(state));
        this.changed();
    }

    changed() {
        this.dispatchEvent(new Event('change'));
    }

    // Gives the outcome once it is known; that may be hours later.
    add(kind, code, more = {}) {
        const scan = { id: uuid7(), code, kind, at: new Date().toISOString(), ...more };
        const outcome = new Promise((done) => this.asked.set(scan.id, done));
        this.write((state) => state.waiting.push(scan));
        this.flush();
        return outcome;
    }

    async flush() {
        if (this.sending) return;
        clearTimeout(this.timer);
        this.sending = true;
        try {
            for (let batch; (batch = this.read().waiting.slice(0, BATCH)).length;) await this.send(batch);
            this.pause = 0;
        } catch (problem) {
            this.pause = Math.min(30000, this.pause * 2 || 1000);
            const wait = problem.retry_after ? problem.retry_after * 1000 : this.pause;
            this.timer = setTimeout(() => this.flush(), wait);
        } finally {
            this.sending = false;
            this.changed();
        }
    }

    async send(batch) {
        let results;
        try {
            results = (await post('/v1/custody/scans', { scans: batch })).results;
        } catch (problem) {
            if (!(problem instanceof Problem) || [401, 429, 503].includes(problem.status)) throw problem;
            // The call as a whole was refused: find the scan it was about.
            if (batch.length > 1) {
                for (const scan of batch) await this.send([scan]);
                return;
            }
            results = [{ id: batch[0].id, outcome: 'refused', problem: problem.document }];
        }
        results.forEach((result) => this.settle(batch.find((scan) => scan.id === result.id), result));
    }

    settle(scan, result) {
        this.write((state) => {
            state.waiting = state.waiting.filter((one) => one.id !== result.id);
            state.outcomes = [{ ...result, code: scan.code, kind: scan.kind, at: scan.at },
                ...state.outcomes].slice(0, SHOWN);
        });
        this.asked.get(result.id)?.(result);
        this.asked.delete(result.id);
    }
}

// The queue of whoever is logged in, with its content as state of the page.
const queues = new Map();
export function useQueue(me) {
    if (!queues.has(me.login)) queues.set(me.login, new ScanQueue(me.login));
    const queue = queues.get(me.login);
    const [state, set] = useState(() => queue.read());
    useEffect(() => {
        const changed = () => set(queue.read());
        queue.addEventListener('change', changed);
        return () => queue.removeEventListener('change', changed);
    }, []);
    return { queue, ...state };
}
