// What a device knows of labels without a network: the public keys that sign them and the newest copy
// of each shipment's label, as it was last told or seen.
import { get } from './api.js';
import { ready } from './ed25519.js';
import { recall, remember } from './kept.js';
import { judge, read } from './label_code.js';

const KEYS = 'dossierpost.label_keys', COPIES = 'dossierpost.copies';
const FRESH_MS = 600000, ROOM = 2000;

const keys_kept = () => recall(KEYS, null); // {at, keys}

async function ask_for_keys() {
    const { keys } = await get('/v1/keys');
    remember(KEYS, { at: Date.now(), keys: keys.filter((key) => key.purpose === 'label') });
}

// Asked for when what is kept is ten minutes old. What checks them comes with them, or is asked for
// again the next time.
export async function learn_keys() {
    const kept = keys_kept();
    if (!kept || Math.abs(Date.now() - kept.at) >= FRESH_MS) await ask_for_keys();
    await ready();
}

// `things`: shipments with their copies, and whatever else. The longest unheard of go when there is no
// room.
export function learn_copies(things) {
    const told = things.filter((one) => one.number && one.copy);
    if (!told.length) return;
    const old = new Map(Object.entries(recall(COPIES, {})));
    for (const { number, copy } of told) {
        const newest = Math.max(copy, old.get(number) ?? 0);
        old.delete(number);
        old.set(number, newest);
    }
    remember(COPIES, Object.fromEntries([...old].slice(-ROOM)));
}

// Whether this is meant to be a signed code, be it ever so wrong.
export const looks_signed = (text) => /(?:^|\/S\/)[A-Z0-9]{100,}$/i.test(text.trim());

async function checked(text) {
    let asked = false, kept = keys_kept();
    const ask = () => ask_for_keys().then(() => { asked = true; }, () => {});
    if (!kept) await ask();
    kept = keys_kept();
    if (!kept) return { verdict: 'unchecked', keys: false };
    learn_keys().catch(() => {}); // for the next one
    let said = await judge(text, kept.keys);
    if (said.verdict === 'unknown-key' && !asked) {
        await ask();
        kept = keys_kept();
        said = await judge(text, kept.keys);
    }
    if (said.verdict !== 'genuine') return { ...said, at: kept.at, asked };
    const newest = recall(COPIES, {})[said.number] ?? 0;
    learn_copies([said]);
    return newest > said.copy ? { ...said, verdict: 'superseded', newest } : said;
}

// Of a code that is not meant to be one, undefined; else as judge() says, and more verdicts:
// 'superseded' with `newest`; 'unchecked' where there are no `keys`, or nothing that checks them: what
// could not be checked never passes for good. `at`: when the keys were asked for; `asked`: just now.
export async function check_label(text) {
    if (!looks_signed(text)) return undefined;
    return checked(text).catch(() => ({ verdict: 'unchecked', keys: true }));
}

// The number a signed code names, be it true or not: what people know the thing by. Any other code
// stays as it is.
export const shown_number = (code) => read(code)?.number ?? code;
// The same to go by: undefined where nobody of ours signed it.
export const genuine_number = (said) =>
    (['genuine', 'superseded', 'revoked-key'].includes(said?.verdict) ? said.number : undefined);
