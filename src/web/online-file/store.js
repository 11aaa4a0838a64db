// A draft as this device keeps it: whose it is, what it says, and its saving while one types. Without an
// account the device makes the secret that opens it; it lies in this browser's storage, and behind # of a
// link that the applicant may copy to go on elsewhere, and travels only in a header.
import { call, get_tagged, Problem, uuid7 } from '../common/api.js';
import { useEffect, useRef, useState } from '../common/ui.js';

const KEPT = 'dossierpost.drafts', WAIT = 700;

function kept() {
    try {
        return JSON.parse(localStorage.getItem(KEPT)) ?? {};
    } catch {
        return {};
    }
}

const keep = (code, draft) => localStorage.setItem(KEPT, JSON.stringify({ ...kept(), [code]: draft }));

export function forget(code) {
    const { [code]: gone, ...rest } = kept();
    localStorage.setItem(KEPT, JSON.stringify(rest));
}

function secret() {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

export const path_of = (draft, more = '') => `/v1/drafts/${draft.id}${more}`;
export const headers_of = (draft, more = {}) => (draft.key ? { 'x-draft-key': draft.key, ...more } : more);
export const link_of = (code, draft) =>
    `${location.origin}/online/file/${encodeURIComponent(code)}#${draft.id}.${draft.key}`;

// A link from another device: it is kept here, and gone from the address.
function from_link(code) {
    const [, id, key] = /^#([0-9a-f-]{36})\.([\w-]{43})$/.exec(location.hash) ?? [];
    if (!id) return null;
    keep(code, { id, key });
    history.replaceState(null, '', location.pathname);
    return { id, key };
}

// Whoever is logged in as an applicant; asked quietly, for most are not.
async function account() {
    const reply = await fetch('/v1/auth/me', { headers: { 'x-dossierpost': '1' } }).catch(() => null);
    const me = reply?.ok ? await reply.json() : null;
    return me?.roles?.includes('applicant') ? me : null;
}

async function mine(code) {
    const { document } = await call('GET', '/v1/drafts');
    const found = document.items.find((one) => one.procedure.code === code);
    return found ? { id: found.id } : null;
}

async function begin(code, draft) {
    const { document, etag } = await call('POST', '/v1/drafts', { id: draft.id, procedure: code }, headers_of(draft));
    return { document, etag };
}

// The draft of this procedure that is at hand, or a new one. -> {draft, me, document, etag}.
export async function open_draft(code) {
    const linked = from_link(code), me = linked ? null : await account();
    let draft = linked ?? kept()[code] ?? (me && await mine(code));
    if (draft) {
        try {
            return { draft, me, ...await get_tagged(path_of(draft), headers_of(draft)) };
        } catch (problem) {
            if (problem.status !== 404 || linked) throw problem;
            forget(code);
        }
    }
    draft = me ? { id: uuid7() } : { id: uuid7(), key: secret() };
    if (draft.key) keep(code, draft); // before it is asked for: a lost reply loses nothing
    return { draft, me, fresh: true, ...await begin(code, draft) };
}

const words = (trouble) => (trouble instanceof Problem && trouble.status === 412 ? 'other'
    : trouble instanceof Problem && trouble.status === 413 ? 'large' : 'lost');

// What one types, saved a moment later; one save at a time, always of the newest. state: saved, typing,
// saving, lost (tried again), other (somebody saved elsewhere: nothing is overwritten unasked), large.
export function useSaving(opened) {
    const [says, setSays] = useState(opened.document.says ?? {});
    const [view, setView] = useState(opened.document);
    const [state, setState] = useState('saved');
    const now = useRef({ says, etag: opened.etag, timer: 0, busy: false, dirty: false, state: 'saved' }).current;
    const tell = (word) => { now.state = word; setState(word); };

    const took = ({ document, etag }) => {
        now.etag = etag;
        setView(document);
    };
    const save = async () => {
        clearTimeout(now.timer);
        if (now.busy || !now.dirty || now.state === 'other') return now.running;
        now.busy = true;
        now.dirty = false;
        tell('saving');
        now.running = call('PUT', path_of(opened.draft), now.says, headers_of(opened.draft, { 'if-match': now.etag }))
            .then((reply) => { took(reply); tell(now.dirty ? 'typing' : 'saved'); }, (trouble) => {
                now.dirty = true;
                tell(words(trouble));
            });
        await now.running;
        now.busy = false;
        if (now.state === 'lost') now.timer = setTimeout(save, 4000);
        else if (now.dirty && now.state === 'typing') await save();
        return undefined;
    };
    const change = (part) => {
        now.says = { ...now.says, ...(typeof part === 'function' ? part(now.says) : part) };
        now.dirty = true;
        setSays(now.says);
        if (now.state !== 'other') tell('typing');
        clearTimeout(now.timer);
        now.timer = setTimeout(save, WAIT);
    };
    // What the service has now, in place of what was typed here.
    const reload = async () => {
        const reply = await get_tagged(path_of(opened.draft), headers_of(opened.draft));
        took(reply);
        now.says = reply.document.says ?? {};
        now.dirty = false;
        setSays(now.says);
        tell('saved');
        return reply;
    };
    // What was typed here, in place of what another tab saved.
    const insist = async () => {
        took(await get_tagged(path_of(opened.draft), headers_of(opened.draft)));
        tell('typing');
        now.dirty = true;
        await save();
    };
    const refresh = async () => took(await get_tagged(path_of(opened.draft), headers_of(opened.draft)));
    useEffect(() => {
        const hidden = () => { if (document.visibilityState === 'hidden') save(); };
        addEventListener('visibilitychange', hidden);
        return () => removeEventListener('visibilitychange', hidden);
    }, []);
    return { says, view, state, change, save, reload, insist, refresh, etag: () => now.etag, clean: () => !now.dirty };
}
