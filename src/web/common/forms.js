// What a step needs to be told beside the code: small forms that give the further members of a scan.
import { Button, Choice, Field, html, Trouble, Two, useState } from './ui.js';
import { held } from './model.js';
import { Picker } from './picker.js';
import { NEXT, REASON, SCAN } from './vocabulary.js';

const RELATION = { self: ['Chính người nhận', 'The addressee'], family: ['Người trong gia đình', 'Family'],
                   proxy: ['Người được ủy quyền', 'Authorised person'], office: ['Văn thư cơ quan', 'Office'] };

function Deliver({ onReady }) {
    const [name, setName] = useState('');
    const [relation, setRelation] = useState('self');
    const [id_number, setId] = useState('');
    const [authorisation, setPaper] = useState('');
    const ready = (e) => {
        e.preventDefault();
        const paper = relation === 'proxy' ? { authorisation: authorisation.trim() } : {};
        onReady({ recipient: { name: name.trim(), relation, id_number: id_number.replace(/\s/g, ''), ...paper } });
    };
    return html`<form class="stack" onSubmit=${ready}>
        <${Field} label="Họ và tên người nhận" en="Recipient" name="recipient" value=${name} required maxlength="200"
            onInput=${(e) => setName(e.target.value)} />
        <${Choice} label="Quan hệ" en="Relation" name="relation" options=${RELATION} value=${relation}
            onPick=${setRelation} />
        ${relation === 'proxy' && html`<${Field} label="Giấy ủy quyền: số, ngày" en="Authorisation" required
            name="authorisation" maxlength="200" value=${authorisation} onInput=${(e) => setPaper(e.target.value)} />`}
        <${Field} label="Số giấy tờ tùy thân đã kiểm tra" en="Identity paper checked" name="id_number" required
            minlength="4" maxlength="20" value=${id_number} onInput=${(e) => setId(e.target.value)} />
        <${Button} main type="submit" vi="Ghi nhận" en="Record" /></form>`;
}

function Fail({ onReady }) {
    const [reason, setReason] = useState('absent');
    const [next_action, setNext] = useState('retry');
    return html`<form class="stack" onSubmit=${(e) => { e.preventDefault(); onReady({ reason, next_action }); }}>
        <${Field} label="Lý do" en="Reason" tag="select" name="reason" value=${reason}
            onChange=${(e) => setReason(e.target.value)}>
            ${Object.entries(REASON).map(([code, [vi, en]]) => html`<option key=${code} value=${code}
                selected=${code === reason}>${vi} · ${en}</option>`)}</${Field}>
        <${Choice} label="Việc tiếp theo" en="Next" name="next" options=${NEXT} value=${next_action}
            onPick=${setNext} />
        <${Button} main type="submit" vi="Ghi nhận" en="Record" /></form>`;
}

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

const FORMS = { deliver: Deliver, fail: Fail, bag: Bag, return: Why, damage: Why, redirect: Why };

// Steps that have a place of their own elsewhere on the page.
const ELSEWHERE = ['hand_over', 'assign', 'undo', 'reverse', 'confirm', 'close', 'count'];

// (A bag is sealed anew beside its list, with the number of the seal.)
export const buttons_of = (item) => (item?.allowed_actions ?? []).filter((action) =>
    !ELSEWHERE.includes(action.kind) && (action.kind !== 'repack' || item.number));

// One button an allowed step; a step that must be told more opens its form first.
export function Steps({ actions, onStep, problem }) {
    const [open, setOpen] = useState(null);
    const Form = open && FORMS[open];
    const pick = (kind) => (FORMS[kind] ? setOpen(kind === open ? null : kind) : onStep(kind, {}));
    return html`<div class="stack tight"><div class="steps">${actions.map((action) => html`
            <${Button} key=${action.kind} title=${action.reason ?? ''} data-kind=${action.kind}
                aria-expanded=${FORMS[action.kind] ? String(open === action.kind) : undefined}
                vi=${action.name ?? SCAN[action.kind]?.[0] ?? action.kind}
                en=${action.name_en ?? SCAN[action.kind]?.[1]} onClick=${() => pick(action.kind)} />`)}</div>
        ${Form && html`<div class="well"><${Form} key=${open}
            onReady=${(more) => { onStep(open, more); setOpen(null); }} /></div>`}
        <${Trouble} problem=${problem} /></div>`;
}
