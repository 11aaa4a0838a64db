// The words of the post: kinds of scan, states, warnings, reasons of a failure and what follows
// it, as the database has them: {code: [Vietnamese, English]}. Each page asks once; the last answer
// is kept for when there is no network.
import { get } from './api.js';
import { recall, remember } from './kept.js';

const KEPT = 'dossierpost.vocabulary';

export let SCAN = {}, SHIPMENT = {}, CONTAINER = {}, WARNING = {}, REASON = {}, NEXT = {};
// Who may take a delivery, and what may follow a failed one: rows as the service has them.
export let RELATIONS = [], FAILURES = [];

const table = (list) => Object.fromEntries(list.map((row) => [row.code, [row.name, row.name_en]]));

function take({ kinds, states, warnings, reasons, next_actions, relations, failures }) {
    const of = (what) => table(states.filter((row) => row.what === what));
    [SCAN, WARNING, REASON, NEXT] = [kinds, warnings, reasons, next_actions].map(table);
    [RELATIONS, FAILURES] = [relations ?? [], failures ?? []];
    [SHIPMENT, CONTAINER] = ['shipment', 'container'].map(of);
}

export async function learn() {
    try {
        const words = await get('/v1/custody/vocabulary');
        remember(KEPT, words);
        take(words);
    } catch (problem) {
        const kept = recall(KEPT, null);
        if (!kept) throw problem;
        take(kept);
    }
}

// The state of whatever has this code: receptacles have 29 characters.
export const state_words = (code, state) => (code?.length === 29 ? CONTAINER : SHIPMENT)[state];
