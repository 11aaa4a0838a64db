// What the pages ask the API for, in one place.
import { get, query } from './api.js';
import { is_signed } from './codes.js';

// A list reply is {items: […], next?}; some short lists come bare.
export const rows = (reply) => (Array.isArray(reply) ? reply : reply?.items ?? []);
const list = async (path, parameters = {}) => rows(await get(query(path, parameters)));

export const procedures = (q) => list('/v1/procedures', { q });
export const procedure = (code) => get(`/v1/procedures/${encodeURIComponent(code)}`);
export const units = (parameters) => list('/v1/units', parameters);
export const communes = (q) => list('/v1/communes', { q });
export const dossiers = (parameters) => list('/v1/dossiers', parameters);
// {items, containers}: what I and my unit hold.
export const held = () => get('/v1/custody/held');
// {to_sign, given}: open lists of both sides.
export const handovers = () => get('/v1/custody/handovers');
// What nobody fetches here: [{number, what, text, …}].
export const unclaimed = () => list('/v1/custody/unclaimed');
// Any shipment or bag by its code, with allowed_actions.
export const item = (code) => get(`/v1/custody/items/${encodeURIComponent(code)}`);
// The number on a label whose signed code was scanned; any other code is a number already.
export const number_behind = async (code) => (is_signed(code) ? (await item(code)).number : code);
// A bag with its whole list, whatever pages it comes in.
export async function container(id) {
    const path = `/v1/containers/${encodeURIComponent(id)}`, bag = await get(path);
    for (let { next } = bag; next;) {
        const page = await get(query(path, { next }));
        bag.items.push(...page.items);
        next = page.next;
    }
    return bag;
}
// Where something goes next from here: {next: {code, name, bag}, here, open_bag?}.
export const sorting = (number) => get(query('/v1/sorting', { number }));
export const trips = (open) => list('/v1/trips', { open });
export const trip = (code) => get(`/v1/trips/${encodeURIComponent(code)}`);
// A unit's despatches of today, out and in.
export const despatches = () => list('/v1/despatches', { limit: 500 });
export const handover = (id) => get(`/v1/custody/handovers/${encodeURIComponent(id)}`);

export const label = (number, form, parameters = {}) =>
    query(`/v1/labels/${encodeURIComponent(number)}.${form}`, parameters);
export const note = (code) => `/v1/dossiers/${encodeURIComponent(code)}/papers/dispatch_note.pdf`;
export const track = (number) => `/t/${encodeURIComponent(number)}`;
