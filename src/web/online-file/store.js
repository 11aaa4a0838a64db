// The drafts that this device opens: whose they are, and what opens them. Without an account the device makes
// the secret; it lies in this browser's storage, and behind # of a link that the applicant may copy to go on
// elsewhere, and travels only in a header. A link's draft beside one of the device's own, and whatever was
// filed, is this tab's only: it is gone with the tab, and on a shared computer for the next person.
import { call, get_tagged, uuid7 } from '../common/api.js';

const KEPT = 'dossierpost.drafts';

// {code of a procedure: {id, key?}}: localStorage for this device's, sessionStorage for this tab's.
function kept(storage) {
    try {
        return JSON.parse(storage.getItem(KEPT)) ?? {};
    } catch {
        return {};
    }
}

const keep = (storage, code, draft) => storage.setItem(KEPT, JSON.stringify({ ...kept(storage), [code]: draft }));

// Only the draft of this id: another one of the same procedure stays.
export function forget(code, id) {
    for (const storage of [sessionStorage, localStorage]) {
        const { [code]: draft, ...rest } = kept(storage);
        if (draft?.id === id) storage.setItem(KEPT, JSON.stringify(rest));
    }
}

export function was_filed(code, draft) {
    forget(code, draft.id);
    keep(sessionStorage, code, draft);
}

function secret() {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

export const path_of = (draft, more = '') => `/v1/drafts/${draft.id}${more}`;
export const headers_of = (draft, more = {}) => (draft.key ? { 'x-draft-key': draft.key, ...more } : more);
export const link_of = (code, draft) =>
    `${location.origin}/online/file/${encodeURIComponent(code)}#${draft.id}.${draft.key}`;

// The draft that the address names, if it does: {id, key, known: the device has it, beside: it has another}.
export function linked(code) {
    const [, id, key] = /^#([0-9a-f-]{36})\.([\w-]{43})$/.exec(location.hash) ?? [];
    if (!id) return null;
    const own = kept(localStorage)[code];
    const known = [own, kept(sessionStorage)[code]].some((one) => one?.id === id && one.key === key);
    return { id, key, known, beside: !!own && own.id !== id };
}

export const leave_address = () => history.replaceState(null, '', location.pathname);

// Takes over the draft of a link; what the device made itself is not overwritten.
export function take_over(code, { id, key }) {
    const own = kept(localStorage)[code];
    keep(own && own.key !== key ? sessionStorage : localStorage, code, { id, key });
    leave_address();
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

async function opened(code, draft) {
    const reply = await get_tagged(path_of(draft), headers_of(draft));
    if (reply.document.dossier) was_filed(code, draft);
    return reply;
}

// One that is at hand, or null when it is there no more.
async function still_there(code, draft) {
    try {
        return await opened(code, draft);
    } catch (problem) {
        if (problem.status !== 404) throw problem;
        forget(code, draft.id);
        return null;
    }
}

// The draft of this procedure that is at hand, this tab's before the account's before the device's, or a new
// one. `link`: that one or none. -> {draft, me, document, etag}.
export async function open_draft(code, link) {
    const me = await account();
    if (link) {
        const draft = { id: link.id, key: link.key };
        return { draft, me, ...await opened(code, draft) };
    }
    const at_hand = [() => kept(sessionStorage)[code], () => me && mine(code), () => kept(localStorage)[code]];
    for (const find of at_hand) {
        const draft = await find(), reply = draft && await still_there(code, draft);
        if (reply) return { draft, me, ...reply };
    }
    const draft = me ? { id: uuid7() } : { id: uuid7(), key: secret() };
    if (draft.key) keep(localStorage, code, draft); // before it is asked for: a lost reply loses nothing
    return { draft, me, fresh: true, ...await begin(code, draft) };
}
