// What one types, saved a moment later, the first of it by beginning the draft: one save at a time, always of the
// newest. Nothing of another tab is overwritten unasked, and a save whose reply was lost is known again by what it
// said.
import { call, get_tagged, Problem } from '../common/api.js';
import { useEffect, useRef, useState } from '../common/ui.js';
import { fields_of } from './fields.js';
import { begin, forget, headers_of, path_of, signed_out } from './store.js';

const WAIT = 700, AGAIN = 4000, LOST_MAX = 20;

// As JSON with its members in order, for two that may have come by different ways.
const sorted = (value) => JSON.stringify(value, (name, one) => (one && typeof one === 'object' && !Array.isArray(one)
    ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one));

const kind_fits = (field, value) => (field.type === 'boolean' ? typeof value === 'boolean'
    : field.type === 'integer' ? ['number', 'string'].includes(typeof value) : typeof value === 'string');

// The answers that this form still asks for; the same object when all of them fit.
function fit(says, form) {
    if (!says.form) return says;
    const fields = Object.fromEntries(fields_of(form)), answers = Object.entries(says.form);
    const kept = answers.filter(([name, value]) => Object.hasOwn(fields, name) && kind_fits(fields[name], value));
    return kept.length === answers.length ? says : { ...says, form: Object.fromEntries(kept) };
}

// What a save that was not done comes to. Only those that were lost or must wait are tried again by themselves.
function outcome(trouble, begun) {
    if (!(trouble instanceof Problem) || trouble.status >= 500) return 'lost';
    const gone = begun ? 'gone' : 'refused'; // nothing that was not begun can be gone
    return { 412: 'other', 413: 'large', 429: 'waiting', 404: gone, 409: gone }[trouble.status] ?? 'refused';
}

const version_of = (etag) => Number(/\d+/.exec(etag ?? '')?.[0] ?? 0);

// state: new (nothing to keep yet), saved, typing, saving, lost (tried again), waiting (until again_at, as the
// service asked), out (the account's session ended), other (somebody saved elsewhere), large, refused and gone (no
// retry cures it; refusal says why).
// changed: the procedure is another than it was saved under. etag: null before the draft is begun.
class Saving {
    constructor(code, { draft, document, etag }, draw) {
        const says = document.says ?? {}, fitting = fit(says, document.procedure?.form);
        const changed = !!document.changed, dirty = changed || fitting !== says;
        Object.assign(this, { code, draft, draw, etag, changed, dirty, view: document, says: fitting, refusal: null, timer: 0,
                              state: dirty ? 'typing' : etag ? 'saved' : 'new', running: null, lost: [], again_at: 0, dropped: false });
    }

    tell(state, refusal = null) {
        Object.assign(this, { state, refusal });
        this.draw();
    }

    // A view that the service gave; when the procedure has changed meanwhile, what is left of it is to be saved.
    take({ document, etag }) {
        const moved = document.procedure && document.procedure.version !== this.view.procedure?.version;
        const fitting = moved ? fit(this.says, document.procedure.form) : this.says;
        Object.assign(this, { etag, view: document, lost: [], dirty: this.dirty || fitting !== this.says, says: fitting,
                              changed: this.changed || moved || !!document.changed });
    }

    take_all(reply) {
        this.says = reply.document.says ?? {};
        this.dirty = false;
        this.take(reply);
        this.tell(this.dirty ? 'typing' : 'saved');
        if (this.dirty) this.save();
        return reply;
    }

    get() {
        return get_tagged(path_of(this.draft), headers_of(this.draft));
    }

    change(part) {
        this.says = { ...this.says, ...(typeof part === 'function' ? part(this.says) : part) };
        this.dirty = true;
        if (this.state === 'other' || this.state === 'waiting') this.draw();
        else this.tell('typing');
        if (this.state !== 'waiting') this.later(WAIT);
    }

    later(wait) {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.save(), wait);
    }

    // keepalive: the page may be gone before the reply.
    save(keepalive = false) {
        const early = this.state === 'waiting' ? this.again_at - Date.now() : 0;
        if (this.dropped) return Promise.resolve();
        if (early > 0) {
            this.later(early); // a clock may go back while one waits
            return Promise.resolve();
        }
        clearTimeout(this.timer);
        if (!this.running && this.dirty && this.state !== 'other')
            this.running = this.put(keepalive).finally(() => { this.running = null; });
        return this.running ?? Promise.resolve();
    }

    async put(keepalive) {
        const sent = this.says;
        this.dirty = false;
        this.tell('saving');
        try {
            if (this.etag) this.went_well(await call('PUT', path_of(this.draft), sent, headers_of(this.draft, { 'if-match': this.etag }), { keepalive }));
            else this.begun(await begin(this.code, this.draft, sent, keepalive), sent);
        } catch (trouble) {
            await this.not_saved(trouble, sent);
        }
    }

    async not_saved(trouble, sent) {
        const kind = outcome(trouble, this.etag), wait = 1000 * (trouble.retry_after ?? 0);
        this.dirty = true;
        const was = ['gone', 'refused'].includes(kind) && await signed_out(this.draft) ? 'out' : kind;
        if (was === 'other' && await this.sent_ourselves(sent)) return;
        if (was === 'lost') this.lost = [...this.lost.filter((one) => one !== sent), sent].slice(-LOST_MAX);
        this.again_at = Date.now() + wait;
        this.tell(was, was === 'refused' || was === 'gone' ? trouble : null);
        if (was === 'lost' || was === 'waiting') this.later(Math.max(was === 'lost' ? AGAIN : 0, wait));
        else if (this.says !== sent) this.later(WAIT); // typed meanwhile, and perhaps the cure
    }

    // Another tab may have begun it, or we ourselves by a request whose reply was lost.
    begun(reply, sent) {
        if (reply.document.dossier) throw new Problem(409, { title: 'Bản nháp này đã được nộp. · It was filed.' });
        if (this.goes_on(reply, sent, {})) return;
        this.dirty = true;
        this.take(reply);
        this.tell('other');
    }

    went_well(reply) {
        this.take(reply);
        this.tell(this.dirty ? 'typing' : 'saved');
        if (this.dirty) this.later(0);
    }

    // Goes on from what the service has when that is ours: what was sent, now or in a save whose reply was lost.
    goes_on(reply, ...ours) {
        const there = sorted(reply?.document.says ?? null);
        const known = [...this.lost, ...ours].find((one) => sorted(one) === there);
        if (!known) return false;
        this.dirty = this.says !== known;
        this.went_well(reply);
        return true;
    }

    async sent_ourselves(sent) {
        return this.goes_on(await this.get().catch(() => null), sent);
    }

    // Before a file comes or the link is shown: there is a draft, also when nothing was typed. What hinders it
    // is thrown.
    async start() {
        if (!this.etag) this.dirty = true;
        await this.settle();
        if (!this.etag) throw this.refusal ?? new Error('Chưa lưu được bản nháp. Xin thử lại. · The draft could not be saved.');
    }

    // Until all is saved. False: it could not be.
    async settle() {
        do await this.save();
        while (this.dirty && this.state === 'typing');
        return !this.dirty;
    }

    // Nothing of it is kept any more, here or there, also of what is on its way or was never answered.
    async drop() {
        this.dropped = true;
        await this.running;
        try {
            if (this.etag || this.lost.length) await call('DELETE', path_of(this.draft), undefined, headers_of(this.draft));
        } catch (trouble) {
            this.dropped = trouble.status === 404;
            if (!this.dropped) throw trouble;
        }
        forget(this.draft);
    }

    // What the service has now, in place of what was typed here.
    async reload() {
        await this.running;
        return this.take_all(await this.get());
    }

    // What was typed here, in place of what another tab saved.
    async insist() {
        this.take(await this.get());
        this.dirty = true;
        this.tell('typing');
        await this.save();
    }

    // The files, after one came or went; the rest too, unless it would overwrite what is typed here.
    async refresh() {
        if (!this.etag) return;
        await this.running;
        const reply = await this.get();
        const newer = version_of(reply.etag) - version_of(this.etag);
        if (newer > 0 && !this.dirty && !this.running) { this.take_all(reply); return; }
        this.view = { ...this.view, files: reply.document.files ?? this.view.files };
        if (newer > 0 && !this.running) this.tell('other');
        else this.draw();
    }
}

// Nothing that is not saved leaves with the page unasked.
function ask_first(saving, event) {
    if (saving.dirty && !saving.dropped && !['typing', 'saving', 'gone'].includes(saving.state)) event.preventDefault();
}

export function useSaving(code, opened) {
    const [, count] = useState(0);
    const kept = useRef(null);
    kept.current ??= new Saving(code, opened, () => count((n) => n + 1));
    const saving = kept.current;
    useEffect(() => {
        const hidden = () => {
            if (document.visibilityState === 'hidden') saving.save(true);
            else if (saving.state === 'out') saving.save(); // perhaps they logged in meanwhile, in another tab
        };
        const leaving = (event) => ask_first(saving, event);
        addEventListener('visibilitychange', hidden);
        addEventListener('beforeunload', leaving);
        saving.save();
        return () => {
            removeEventListener('visibilitychange', hidden);
            removeEventListener('beforeunload', leaving);
        };
    }, []);
    return saving;
}
