// What the delivery of each shipment requires, as the service told last: kept for when there is no
// network. Of one it never told, the common rules are asked for; the service judges at receipt.
import { get } from './api.js';
import { useEffect, useState } from './ui.js';

const KEPT = 'dossierpost.deliveries';
const COMMON = { identity: true, addressee_only: false, old_papers: false, proofs: ['signature', 'photo', 'code'],
                 invitations: [], may_invite: true };

function kept() {
    try {
        return JSON.parse(localStorage.getItem(KEPT)) ?? {};
    } catch {
        return {};
    }
}

const keep = (list) => localStorage.setItem(KEPT, JSON.stringify(
    Object.fromEntries(list.map((one) => [one.number, one]))));

// Asks for everything that I carry.
export async function learn_terms() {
    const { items } = await get('/v1/custody/deliveries');
    keep(items);
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
    }), first);
}

const known = (numbers) => together(numbers.map((number) => kept()[number] ?? COMMON));

export function useTerms(numbers) {
    const [terms, set] = useState(() => known(numbers));
    useEffect(() => {
        let live = true;
        Promise.all(numbers.slice(0, 20).map((number) =>
            get(`/v1/custody/shipments/${encodeURIComponent(number)}/delivery`)))
            .then((list) => {
                const all = kept();
                list.forEach((one) => { all[one.number] = one; });
                keep(Object.values(all).slice(-500));
                if (live) set(known(numbers));
            }, () => {}); // off line: what is kept counts
        return () => { live = false; };
    }, [numbers.join()]);
    return terms;
}
