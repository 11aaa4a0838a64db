// What the delivery of each shipment requires, as the service told last: kept for when there is no
// network. Of one it never told, the common rules are asked for; of a label whose signed code could not
// be checked here, nobody can say which shipment it is, and so the strictest. The service judges at
// receipt.
import { get } from './api.js';
import { is_signed } from './codes.js';
import { recall, remember } from './kept.js';
import { useEffect, useState } from './ui.js';

const KEPT = 'dossierpost.deliveries';
const COMMON = { identity: true, addressee_only: false, old_papers: false, proofs: ['signature', 'photo', 'code'],
                 invitations: [], may_invite: true };
const STRICTEST = { ...COMMON, addressee_only: true, old_papers: true, unseen: true };
const ROOM = 1000; // shipments

const kept = () => recall(KEPT, {});

// These come last; of the others the oldest go when there is no room.
function keep(list, others) {
    const fresh = new Set(list.map((one) => one.number));
    const rows = [...others.filter((one) => !fresh.has(one.number)), ...list].slice(-ROOM);
    remember(KEPT, Object.fromEntries(rows.map((one) => [one.number, one])));
}

// Asks for everything that I carry. What the answer had no room for is not forgotten.
export async function learn_terms() {
    const { items, more } = await get('/v1/custody/deliveries');
    keep(items, more ? Object.values(kept()) : []);
}

// The strictest of several: what is done once is good for each.
function together(list) {
    const [first, ...rest] = list;
    return rest.reduce((all, one) => ({
        ...all,
        identity: all.identity || one.identity,
        addressee_only: all.addressee_only || one.addressee_only,
        old_papers: all.old_papers || one.old_papers,
        proofs: all.proofs.filter((kind) => kind !== 'code' && one.proofs.includes(kind)),
        may_invite: all.may_invite && one.may_invite,
        next_invitation_on: all.may_invite ? one.next_invitation_on : all.next_invitation_on,
        return_on: all.return_on ?? one.return_on,
        unseen: all.unseen || one.unseen,
    }), first);
}

const unknown = (number) => (is_signed(number) ? STRICTEST : COMMON);

// `told`: of these, what the service said just now.
function known(numbers, told = {}) {
    const old = kept();
    return together(numbers.map((number) => told[number] ?? old[number] ?? unknown(number)));
}

export function useTerms(numbers) {
    const [terms, set] = useState(() => known(numbers));
    useEffect(() => {
        let live = true;
        const asked = numbers.slice(0, 20);
        Promise.all(asked.map((number) => get(`/v1/custody/shipments/${encodeURIComponent(number)}/delivery`)))
            .then((list) => {
                keep(list, Object.values(kept()));
                if (live) set(known(numbers, Object.fromEntries(asked.map((number, i) => [number, list[i]]))));
            }, () => {}); // off line: what is kept counts
        return () => { live = false; };
    }, [numbers.join()]);
    return terms;
}
