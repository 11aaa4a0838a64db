// What a step needs to be told beside the code: small forms that give the further members of a scan.
import { Damage, Deliver, Fail, Hold, Repack } from './delivery.js';
import { Button, Field, html, Trouble, useState } from './ui.js';
import { Full } from './kept.js';
import { held } from './model.js';
import { Picker } from './picker.js';
import { SCAN } from './vocabulary.js';

function Bag({ onReady }) {
    const [bag, setBag] = useState(null);
    const search = async (q) => (await held()).containers
        .filter((one) => one.state === 'open' && one.id.includes(q.toUpperCase()));
    return html`<form class="stack" onSubmit=${(e) => { e.preventDefault(); if (bag) onReady({ container: bag.id }); }}>
        <${Picker} label="Túi đang mở" en="Open bag" name="bag-pick" search=${search} chosen=${bag} onPick=${setBag}
            text=${(one) => one.id} show=${(one) => html`<span class="mono">${one.id}</span><br />
                <small>đến ${one.destination}</small>`} />
        <${Button} main type="submit" disabled=${!bag} vi="Ghi nhận" en="Record" /></form>`;
}

function Why({ onReady }) {
    const [reason, setReason] = useState('');
    const ready = (e) => {
        e.preventDefault();
        onReady({ reason: reason.trim() });
    };
    return html`<form class="stack" onSubmit=${ready}>
        <${Field} label="Lý do" en="Reason" value=${reason} required maxlength="200"
            onInput=${(e) => setReason(e.target.value)} />
        <${Button} main type="submit" vi="Ghi nhận" en="Record" /></form>`;
}

const FORMS = { deliver: Deliver, fail: Fail, bag: Bag, return: Why, damage: Damage, redirect: Why, hold: Hold,
                repack: Repack };

// Steps that have a place of their own elsewhere on the page.
const ELSEWHERE = ['hand_over', 'assign', 'undo', 'reverse', 'confirm', 'close', 'count'];

// (A bag is sealed anew beside its list, with the number of the seal.)
export const buttons_of = (item) => (item?.allowed_actions ?? []).filter((action) =>
    !ELSEWHERE.includes(action.kind) && (action.kind !== 'repack' || item.number));

// One button an allowed step; a step that must be told more opens its form first. numbers: of what
// the step is done to; files: where its pictures are kept. What was filled in stays when the device
// has no room for the scan.
export function Steps({ actions, numbers, files, onStep, problem }) {
    const [open, setOpen] = useState(null);
    const [full, setFull] = useState(null);
    const Form = open && FORMS[open];
    const step = (kind, more) => {
        setFull(null);
        try {
            onStep(kind, more);
            setOpen(null);
        } catch (wrong) {
            if (!(wrong instanceof Full)) throw wrong;
            setFull(wrong);
        }
    };
    const pick = (kind) => (FORMS[kind] ? setOpen(kind === open ? null : kind) : step(kind, {}));
    return html`<div class="stack tight"><div class="steps">${actions.map((action) => html`
            <${Button} key=${action.kind} title=${action.reason ?? ''} data-kind=${action.kind}
                aria-expanded=${FORMS[action.kind] ? String(open === action.kind) : undefined}
                vi=${action.name ?? SCAN[action.kind]?.[0] ?? action.kind}
                en=${action.name_en ?? SCAN[action.kind]?.[1]} onClick=${() => pick(action.kind)} />`)}</div>
        ${Form && html`<div class="well"><${Form} key=${open} numbers=${numbers} files=${files}
            onReady=${(more) => step(open, more)} /></div>`}
        <${Trouble} problem=${full ?? problem} /></div>`;
}
