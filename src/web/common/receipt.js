// The service's signed word for what it has: only what stands on one may be deleted here. The text
// that is signed is described in src/custody/receipt.h.
import { get } from './api.js';
import { bytes, ready } from './ed25519.js';

const KEYS = 'dossierpost.keys';

export const receipt_text = (receipt) =>
    ['dossierpost receipt 1', receipt.device ?? '-', receipt.position ?? '-', receipt.at,
        ...receipt.ids.map((id, i) => `${receipt.outcomes[i]} ${id}`), ''].join('\n');

// True, false, or null where nothing here can tell.
export async function signed(receipt) {
    const verify = await ready().catch(() => null);
    if (!verify) return null;
    try {
        return await verify(bytes(receipt.signature), new TextEncoder().encode(receipt_text(receipt)),
            bytes(receipt.key));
    } catch {
        return false;
    }
}

// The keys the service said it signs its log with; asked for again when one is new.
async function is_ours(key) {
    const kept = localStorage.getItem(KEYS)?.split(' ') ?? [];
    if (kept.includes(key)) return true;
    const log = (await get('/v1/keys')).keys.filter((one) => one.purpose === 'log').map((one) => one.x);
    localStorage.setItem(KEYS, log.join(' '));
    return log.includes(key);
}

// id: outcome, of what a receipt for this device covers; empty when it is not genuine. Without a
// position in the log it is no promise about events: only about what was refused, which has none.
// Where the browser has no Ed25519 and no library came, the connection itself has to be trusted.
export async function covered(receipt, device) {
    if (!receipt || receipt.device !== device) return new Map();
    const good = await signed(receipt);
    if (good === false || (good && !await is_ours(receipt.key))) return new Map();
    return new Map(receipt.ids.map((id, i) => [id, receipt.outcomes[i]])
        .filter(([, outcome]) => receipt.position !== null || outcome === 'refused'));
}
