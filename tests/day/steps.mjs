// What a scan may do, written from the model and the field's table of scan kinds, not from the
// program: from which states, to which, who holds it then, and who must have held it before.
//   holder: unchanged, place (the scanner's unit), taker (the scanner), bag, carrier, consignee
//   before: any; holder (the scanner or the unit); taker (from a person only by an offer)
//   waits: by somebody who does not hold it, it has no effect until a person decides
const UNDER_WAY = 'accepted bagged departed arrived sorted at_delivery_office out_for_delivery '
    + 'delivery_failed held';
const OPEN = `created collection_assigned ${UNDER_WAY}`;
const BAG_OPEN = 'open closed bagged departed arrived';

const step = (from, to, holder, before = 'any', more = {}) =>
    ({ from: new Set(from.split(' ')), to, holder, before, ...more });

export const ITEM = {
    accept: step('created collection_assigned', 'accepted', 'place', 'taker'),
    collect: step('created collection_assigned', 'accepted', 'taker'),
    bag: step('accepted arrived sorted at_delivery_office held', 'bagged', 'bag', 'holder'),
    unbag: step('bagged departed arrived', 'arrived', 'place'),
    depart: step('accepted bagged sorted arrived held', 'departed', 'carrier', 'taker'),
    // (also what was bagged or accepted elsewhere and came, and what is seen a second time)
    arrive: step('departed bagged accepted arrived', 'arrived', 'place'),
    sort: step('accepted arrived', 'sorted', 'place', 'holder'),
    at_delivery_office: step('accepted departed arrived sorted', 'at_delivery_office', 'place'),
    out_for_delivery: step('accepted arrived sorted at_delivery_office held', 'out_for_delivery', 'taker', 'taker'),
    hand_over: step(OPEN, null, 'unchanged', 'holder', { offers: true }),
    take_over: step(OPEN, null, 'taker', 'taker', { begins: true }),
    deliver: step('out_for_delivery at_delivery_office held', 'delivered', 'consignee', 'holder',
        { waits: true, back: 'returned' }),
    fail: step('out_for_delivery', 'delivery_failed', 'taker', 'holder'),
    hold: step('delivery_failed at_delivery_office arrived', 'held', 'place'),
    return: step('delivery_failed held at_delivery_office arrived accepted', 'held', 'unchanged', 'any',
        { sets: 'returning' }),
    damage: step(OPEN, null, 'unchanged', 'any', { sets: 'damaged' }),
    lost: step(OPEN, 'lost', 'unchanged'),
    found: step('lost', 'arrived', 'place'),
    count: step(OPEN, null, 'unchanged', 'holder'),
};

export const BAG = {
    bag: step('closed arrived', 'bagged', 'bag', 'holder'),
    close: step('open', 'closed', 'unchanged', 'holder'),
    open: step('closed bagged departed arrived', 'open', 'place', 'taker'),
    depart: step('closed bagged arrived', 'departed', 'carrier', 'taker'),
    arrive: step('closed bagged departed arrived', 'arrived', 'place'),
    hand_over: step(BAG_OPEN, null, 'unchanged', 'holder', { offers: true }),
    take_over: step(BAG_OPEN, null, 'taker', 'taker'),
    count: step(BAG_OPEN, null, 'unchanged', 'holder'),
};

// Signing a hand-over moves custody by two signatures: from any open state.
ITEM.signed = {
    take_over: step(OPEN, null, 'taker', 'any', { begins: true }),
    deliver: step(OPEN, 'delivered', 'consignee', 'any', { back: 'returned' }),
};
BAG.signed = { take_over: step(BAG_OPEN, null, 'taker', 'any') };

// Codes that open no exception.
const TOLD_ONLY = new Set(['left_bag', 'clock_corrected']);
export const opens = (code) => !TOLD_ONLY.has(code);
// Whether a scan with this code has no effect.
const SKIPS = new Set(['illegal_step', 'wrong_holder_waits', 'closed_bag', 'unknown_bag', 'no_proof',
    'agency_not_signed']);
export const skips = (code) => SKIPS.has(code);

const same = (a, b) => a && b && a.kind === b.kind && a.ref === b.ref;
const person = (login) => ({ kind: 'person', ref: login });
const place = (unit) => ({ kind: 'place', ref: unit });

function flag_of(t, was, e, into, end) {
    if (!t?.from.has(was.state)) return 'illegal_step';
    if (t.holder === 'bag' && !into) return 'closed_bag';
    if (t.holder === 'consignee' && end && !e.signed) return 'agency_not_signed';
    if (t.holder === 'consignee' && !e.proof && !e.signed) return 'no_proof';
    if (e.confirmed || t.before === 'any') return null;
    const mine = same(was.holder, person(e.actor))
        || ['place', 'agency'].includes(was.holder.kind) && was.holder.ref === e.unit;
    const offered = same(was.offered, person(e.actor)) || same(was.offered, place(e.unit));
    const right = mine || t.before === 'taker' && (offered || was.holder.kind !== 'person');
    return right ? null : t.waits ? 'wrong_holder_waits' : 'wrong_holder';
}

function holder_after(t, was, e, into, end) {
    switch (t.holder) {
    case 'place': return place(e.unit);
    case 'bag': return { kind: 'bag', ref: into.bag, into };
    case 'consignee': return end ? { kind: 'agency', ref: end } : { kind: 'addressee', ref: '' };
    case 'taker': return e.signed ? e.target : person(e.actor);
    case 'carrier': return e.target ?? person(e.actor);
    default: return was.holder;
    }
}

// One step: {flag, now} from where it stood. into: the open life of the bag it goes into.
export function take_step(table, thing, was, e, into) {
    const t = e.signed ? table.signed[e.kind] : table[e.kind];
    const back = was.returning || t?.sets === 'returning';
    const end = back ? thing.from_agency : thing.to_agency;
    const flag = flag_of(t, was, e, into, end);
    if (flag && flag !== 'wrong_holder') return { flag, now: null };
    const moves = t.holder !== 'unchanged';
    const holder = holder_after(t, was, e, into, end);
    const state = was.returning && t.back ? t.back : t.to
        ?? (t.begins && /^(created|collection_assigned)$/.test(was.state) ? 'accepted' : was.state);
    const at_place = t.holder === 'place';
    const where = at_place ? e.unit : t.holder === 'consignee' ? end ?? was.place
        : t.holder === 'taker' && e.signed && e.target.kind === 'place' ? e.target.ref : was.place;
    return { flag, at_place, now: {
        state, holder, place: where, offered: t.offers ? e.target : moves ? null : was.offered,
        place_at: at_place || where !== was.place ? e.at : was.place_at, returning: back,
        damaged: was.damaged || t.sets === 'damaged',
        inside: t.holder === 'bag' ? into : null } };
}
