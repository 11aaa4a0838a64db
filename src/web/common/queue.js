// Scans made on this device, kept until each stands on a receipt that the service signed. A scan
// gets its id (UUIDv7) and its number when it is made; it is sent again with the same id until an
// outcome comes back, so it is recorded exactly once however often the network or the page dies.
import { post, Problem, Unknown, uuid7 } from './api.js';
import { Device } from './device.js';
import { FileQueue } from './files.js';
import { recall, store } from './kept.js';
import { covered } from './receipt.js';
import { useEffect, useState } from './ui.js';

const BATCH = 100, SHOWN = 60;

export class ScanQueue extends EventTarget {
    constructor(owner) {
        super();
        this.key = `dossierpost.scans.${owner}`;
        this.device = new Device(owner);
        this.files = new FileQueue(owner);
        this.asked = new Map(); // id: resolve
        this.sending = false;
        this.pause = 0;
        addEventListener('online', () => this.flush());
        addEventListener('storage', (e) => e.key === this.key && this.changed());
        this.flush();
    }

    read() {
        return recall(this.key, { waiting: [], outcomes: [] });
    }

    // Reads, changes and writes in one turn: another tab cannot come between. Throws Full.
    write(change) {
        const state = this.read();
        change(state);
        store(this.key, state);
        this.changed();
    }

    changed() {
        this.dispatchEvent(new Event('change'));
    }

    // Gives the outcome of each once it is known; that may be hours later. All are kept, or none and
    // it throws Full at once.
    add_all(kind, codes, more = {}) {
        const scans = codes.map((code) => ({ id: uuid7(), code, kind, at: new Date().toISOString(), ...more }));
        this.write((state) => scans.forEach((scan) => {
            state.seq = (state.seq ?? 0) + 1;
            state.waiting.push({ ...scan, device_seq: state.seq });
        }));
        const outcomes = scans.map(({ id }) => new Promise((done) => this.asked.set(id, done)));
        this.flush();
        return outcomes;
    }

    add(kind, code, more) {
        return this.add_all(kind, [code], more)[0];
    }

    async flush() {
        if (this.sending) return;
        clearTimeout(this.timer);
        this.sending = true;
        try {
            for (let batch; (batch = this.read().waiting.slice(0, BATCH)).length;) await this.send(batch);
            this.pause = 0;
            this.files.flush(); // what the scans name comes after them
        } catch (problem) {
            this.pause = Math.min(30000, this.pause * 2 || 1000);
            const wait = problem.retry_after ? problem.retry_after * 1000 : this.pause;
            this.timer = setTimeout(() => this.flush(), wait);
        } finally {
            this.sending = false;
            this.changed();
        }
    }

    // A device's times are corrected by what its clock is off at sending.
    async post(batch) {
        const device = await this.device.id(batch[0].device_seq ?? 1);
        const { results, receipt } = await post('/v1/custody/scans',
            { scans: batch, device, sent_at: new Date().toISOString() });
        const stands = await covered(receipt, device);
        return results.filter((result) => stands.get(result.id) === result.outcome);
    }

    async send(batch) {
        let results;
        try {
            results = await this.post(batch);
        } catch (problem) {
            if (problem.slug === 'unknown-device') this.device.forget();
            if (!(problem instanceof Problem) || problem.slug === 'unknown-device'
                || [401, 429].includes(problem.status) || problem.status >= 500) throw problem;
            // The call as a whole was refused: find the scan it was about.
            if (batch.length > 1) {
                for (const scan of batch) await this.send([scan]);
                return;
            }
            this.set_aside(batch[0], problem.document);
            return;
        }
        results.forEach((result) => this.settle(batch.find((scan) => scan.id === result.id), result));
        if (results.length < batch.length) throw new Unknown();
    }

    // No receipt will ever come for it: it stays on the device, apart from what waits.
    set_aside(scan, problem) {
        this.write((state) => { state.aside = [...state.aside ?? [], scan]; });
        this.settle(scan, { id: scan.id, outcome: 'refused', problem });
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
