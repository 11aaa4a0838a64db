// Photos, signatures and papers made on this device, kept in IndexedDB until the service has them
// whole. The scan that names one goes first; a file goes in parts and on from where it stopped.
import { post_bytes, Problem, query, Unknown } from './api.js';

const PART = 262144, NAME = 'dossierpost', STORE = 'files';

const opened = () => new Promise((done, failed) => {
    const wish = indexedDB.open(NAME, 1);
    wish.onupgradeneeded = () => wish.result.createObjectStore(STORE, { keyPath: 'id' });
    wish.onsuccess = () => done(wish.result);
    wish.onerror = () => failed(wish.error);
});

// One request in a transaction of its own, done when it is on the disk.
async function ask(mode, make) {
    const database = await opened();
    try {
        return await new Promise((done, failed) => {
            const turn = database.transaction(STORE, mode);
            const wish = make(turn.objectStore(STORE));
            turn.oncomplete = () => done(wish.result);
            turn.onabort = () => failed(turn.error);
        });
    } finally {
        database.close();
    }
}

export async function sha256(blob) {
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// What no repeat can put right.
const hopeless = (problem) => problem instanceof Problem && [413, 422].includes(problem.status);
// What would meet every other file as well.
const stops = (problem) => problem instanceof Unknown
    || problem instanceof Problem && ([401, 429].includes(problem.status) || problem.status >= 500);

// The whole of it, in parts, from where the service says; `about`: what the query says of it. Gives what
// the service made of it.
export async function send_parts(about, blob) {
    for (let offset = 0, tries = 0; tries < 1000; tries++) {
        const path = query('/v1/attachments', { ...about, size: blob.size, offset });
        try {
            const reply = await post_bytes(path, blob.slice(offset, offset + PART));
            if (reply.whole) return reply;
            offset = reply.offset;
        } catch (problem) {
            if (problem.slug !== 'offset-conflict') throw problem;
            offset = problem.document.offset;
        }
    }
    throw new Error('a file without an end');
}

export class FileQueue extends EventTarget {
    constructor(owner) {
        super();
        this.owner = owner;
        this.sending = false;
        this.pause = 0;
        this.count = 0;
        this.aside = 0;
        addEventListener('online', () => this.flush());
    }

    // Gives the SHA-256 by which the scans of these shipments name it.
    async keep(shipments, blob, kind) {
        const hash = await sha256(blob);
        this.lasting ??= Promise.resolve(navigator.storage?.persist?.()).catch(() => {});
        for (const shipment of shipments)
            await ask('readwrite', (store) => store.put({ id: `${this.owner} ${shipment} ${hash}`, owner: this.owner,
                shipment, sha256: hash, kind, blob }));
        await this.look();
        return hash;
    }

    async mine(aside = false) {
        const all = await ask('readonly', (store) => store.getAll());
        return all.filter((file) => file.owner === this.owner && !!file.aside === aside);
    }

    async look() {
        const [{ length: count }, { length: aside }] = [await this.mine(), await this.mine(true)];
        if (count === this.count && aside === this.aside) return;
        Object.assign(this, { count, aside });
        this.dispatchEvent(new Event('change'));
    }

    // What the service would not take, once more: somebody has put right what was wrong.
    async again() {
        for (const { aside, ...file } of await this.mine(true)) await ask('readwrite', (store) => store.put(file));
        await this.flush();
    }

    async flush() {
        this.called = true;
        if (this.sending) return;
        clearTimeout(this.timer);
        this.sending = true;
        try {
            while (this.called) await this.each();
            this.pause = 0;
        } catch (problem) {
            this.pause = Math.min(60000, this.pause * 2 || 2000);
            this.timer = setTimeout(() => this.flush(), problem.retry_after ? problem.retry_after * 1000 : this.pause);
        } finally {
            this.sending = false;
            await this.look();
        }
    }

    // Every file once, also what is kept meanwhile. One that cannot be sent now (its shipment is not
    // known yet) holds up no other.
    async each() {
        const tried = new Set();
        let first;
        this.called = false;
        for (let file; (file = (await this.mine()).find((one) => !tried.has(one.id)));) {
            tried.add(file.id);
            try {
                await this.send(file);
            } catch (problem) {
                if (stops(problem)) throw problem;
                first ??= problem;
            }
        }
        if (first) throw first;
    }

    async send(file) {
        try {
            await this.whole(file);
            await ask('readwrite', (store) => store.delete(file.id));
        } catch (problem) {
            if (!hopeless(problem)) throw problem;
            await ask('readwrite', (store) => store.put({ ...file, aside: problem.slug }));
        }
        await this.look();
    }

    // Something of it was spoilt on its way: once more from the beginning.
    async whole(file) {
        try {
            await this.parts(file);
        } catch (problem) {
            if (problem.slug !== 'content-differs') throw problem;
            await this.parts(file);
        }
    }

    parts({ shipment, sha256: hash, kind, blob }) {
        return send_parts({ shipment, sha256: hash, kind }, blob);
    }
}

// A photo as it is sent: a JPEG of at most 1600 pixels a side, without what the camera wrote into it.
export async function smaller(file, side = 1600) {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.8));
}
