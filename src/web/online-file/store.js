// The drafts that this device opens: whose they are, and what opens them. Without an account the device makes
// the secret; it lies in this browser's storage, and behind # of a link that the applicant may copy to go on
// elsewhere, and travels only in a header. A link's draft beside one of the device's own, and whatever was
// filed, is this tab's only: it is gone with the tab, and on a shared computer for the next person.
//
// A draft has its id from when the page opens, so that tabs beside each other have one; the service hears of it
// with the first thing worth keeping.
import { call, get, get_tagged, Problem, uuid7 } from '../common/api.js';
import { to_login } from '../common/session.js';

const KEPT = 'dossierpost.drafts';

// {code of a procedure, of an account's with its id: {id, key?, begun?: the service has it}}: localStorage for this
// device's, sessionStorage for this tab's.
function kept(storage) {
    try {
        return JSON.parse(storage.getItem(KEPT)) ?? {};
    } catch {
        return {};
    }
}

const write = (storage, drafts) => storage.setItem(KEPT, JSON.stringify(drafts));
const keep = (storage, place, draft) => write(storage, { ...kept(storage), [place]: draft });
const place_of = (code, me) => (me ? `${code} ${me.id}` : code);

// Changes the draft of this id wherever it lies: another one of the same procedure stays.
function change(id, to) {
    for (const storage of [sessionStorage, localStorage]) {
        const drafts = Object.entries(kept(storage)).map(([place, one]) => [place, one.id === id ? to(one) : one]);
        write(storage, Object.fromEntries(drafts.filter(([, one]) => one)));
    }
}

export const forget = (draft) => change(draft.id, () => null);
const has_begun = (draft) => change(draft.id, (one) => ({ ...one, begun: true }));

export function was_filed(code, draft) {
    forget(draft);
    keep(sessionStorage, code, { ...draft, begun: true });
}

function secret() {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

export const path_of = (draft, more = '') => `/v1/drafts/${draft.id}${more}`;
export const headers_of = (draft, more = {}) => (draft.key ? { 'x-draft-key': draft.key, ...more } : more);
export const link_of = (code, draft) =>
    `${location.origin}/online/file/${encodeURIComponent(code)}#${[draft.id, draft.key].filter(Boolean).join('.')}`;

// The draft that the address names, if it does: {id, key: none of an account's, which opens it once logged in, known:
// the device has it, beside: it has another}.
export function linked(code) {
    const [, id, key] = /^#([0-9a-f-]{36})(?:\.([\w-]{43}))?$/.exec(location.hash) ?? [];
    if (!id) return null;
    if (!key) return { id, known: true };
    const own = kept(localStorage)[code];
    const known = [own, kept(sessionStorage)[code]].some((one) => one?.id === id && one.key === key);
    return { id, key, known, beside: !!own && own.id !== id };
}

export const leave_address = () => history.replaceState(null, '', location.pathname);

// Takes over the draft of a link; what the device made itself is not overwritten.
export function take_over(code, { id, key }) {
    const own = kept(localStorage)[code];
    keep(own && own.key !== key ? sessionStorage : localStorage, code, { id, key, begun: true });
    leave_address();
}

// Asked quietly, for most are not logged in.
const asked_who = () => fetch('/v1/auth/me', { headers: { 'x-dossierpost': '1' } });

// Whoever is logged in as an applicant.
async function account() {
    const reply = await asked_who().catch(() => null);
    const me = reply?.ok ? await reply.json() : null;
    return me?.roles?.includes('applicant') ? me : null;
}

async function mine(code) {
    const { document } = await call('GET', '/v1/drafts');
    const found = document.items.find((one) => one.procedure.code === code);
    return found ? { id: found.id } : null;
}

// Whether it is an account's whose session has ended.
export const signed_out = async (draft) => !draft.key && (await asked_who().catch(() => null))?.status === 401;

// A complaint about what it says at first, as one about a save.
function as_of_a_save(problem) {
    const errors = (problem.errors ?? []).map((one) => ({ ...one, pointer: one.pointer.replace(/^\/says(?=\/)/, '') }));
    return problem instanceof Problem ? new Problem(problem.status, { ...problem.document, errors }, problem.retry_after) : problem;
}

// Begins it with what it says; what it says already when it was begun before.
export async function begin(code, draft, says, keepalive) {
    try {
        const reply = await call('POST', '/v1/drafts', { id: draft.id, procedure: code, says }, headers_of(draft), { keepalive });
        has_begun(draft);
        return reply;
    } catch (problem) {
        throw as_of_a_save(problem);
    }
}

async function opened(code, draft) {
    const reply = await get_tagged(path_of(draft), headers_of(draft));
    if (reply.document.dossier) was_filed(code, draft);
    else has_begun(draft);
    return reply;
}

// One that is at hand, or null when the service does not have it.
async function still_there(code, draft) {
    try {
        return await opened(code, draft);
    } catch (problem) {
        if (problem.status !== 404) throw problem;
        if (draft.begun) forget(draft);
        return null;
    }
}

// What a draft looks like before the service hears of it.
async function fresh(code) {
    const procedure = await get(`/v1/procedures/${encodeURIComponent(code)}`), refusal = procedure.refusals?.online;
    if (refusal) throw new Problem(422, { type: '/problems/procedure-not-online', detail: refusal.detail_vi,
                                          title: 'Thủ tục chưa nộp trực tuyến được' });
    return { etag: null, document: { procedure, files: [], says: {} } };
}

// The draft of this procedure that is at hand, this tab's before the account's before the device's, or one that
// is not begun. `link`: that one or none. -> {draft, me, document, etag: null before it is begun}.
export async function open_draft(code, link) {
    const me = await account();
    if (link && !link.key && !me) {
        to_login();
        return new Promise(() => {}); // the page goes
    }
    if (link) {
        const draft = { id: link.id, key: link.key };
        return { draft, me, ...await opened(code, draft) };
    }
    const place = place_of(code, me);
    const at_hand = [() => kept(sessionStorage)[code], () => me && mine(code), () => kept(localStorage)[place],
                     () => me && kept(localStorage)[code]];
    for (const find of at_hand) {
        const draft = await find(), reply = draft && await still_there(code, draft);
        if (reply) return { draft, me, ...reply };
    }
    const draft = kept(localStorage)[place] ?? (me ? { id: uuid7() } : { id: uuid7(), key: secret() });
    keep(localStorage, place, draft);
    return { draft, me, ...await fresh(code) };
}
