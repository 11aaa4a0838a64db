// Scan first, then choose: the code is looked up, the steps that the service allows become buttons,
// and "the same again" does the chosen step at once for every code that follows. And the list of
// what one holds, with the same steps for one or many.
import { money, s10 } from './format.js';
import { buttons_of, Steps } from './forms.js';
import { recall, remember } from './kept.js';
import { check_label, genuine_number, learn_copies, shown_number } from './label_keys.js';
import { item as item_of } from './model.js';
import { ScanBox } from './scanbox.js';
import { Chip, Empty, html, Trouble, Two, useEffect, useState } from './ui.js';
import { SCAN } from './vocabulary.js';
import { LEG, TONE } from './words.js';

export const number_of = (item) => item.number ?? item.id;

export function Thing({ item }) {
    const to = item.to?.name ?? item.destination_name ?? item.destination;
    const about = [LEG[item.leg]?.[0], item.dossier?.length < 36 && item.dossier,
                   item.holder?.name && `đang giữ: ${item.holder.name}`, to && `đến: ${to}`,
                   Number.isInteger(item.items) && `${item.items} bưu gửi`];
    return html`<div class="grow"><div class="row">
            <strong class="mono wrap">${s10(number_of(item))}</strong>
            <${Chip} vi=${item.state_vi} en=${item.state_en} tone=${TONE[item.state]} />
            ${item.returning && html`<${Chip} vi="Chuyển hoàn" tone="warn" />`}
            ${item.damaged && html`<${Chip} vi="Hư hỏng" tone="bad" />`}</div>
        <small>${about.filter(Boolean).join(' · ')}</small>
        ${item.to_pay > 0 && html`<div><a href=${`/counter#dossiers/${encodeURIComponent(item.dossier)}`}>Còn phải thu ${money(item.to_pay)}
            <span class="en" lang="en">to be paid</span></a></div>`}</div>`;
}

// What the service allowed lately, for when it cannot be asked.
const KNOWN = 'dossierpost.kinds';
const known = () => recall(KNOWN, []).map((kind) => ({ kind }));

async function look(code) {
    const item = await item_of(code);
    const kinds = new Set(known().map((action) => action.kind));
    buttons_of(item).forEach((action) => kinds.add(action.kind));
    remember(KNOWN, [...kinds]);
    learn_copies([item]);
    return item;
}

// Who took one thing, and what proves it, says nothing of the next.
const personal = (more) => more.recipient || more.proof;

export function ScanFirst({ queue, onDone, label = 'Quét mã', en = 'Scan' }) {
    const [found, setFound] = useState(null); // {code, item?, number?, actions, problem?}
    const [again, setAgain] = useState(false);
    const [same, setSame] = useState(null); // {kind, more}
    const step = (code, kind, more) => {
        const [outcome] = queue.add_all(kind, [code], more);
        setFound(null);
        setSame(again && !personal(more) ? { kind, more } : null);
        return outcome.then(() => onDone?.());
    };
    const read = async (code) => {
        if (same && again) return step(code, same.kind, same.more);
        try {
            const item = await look(code);
            setFound({ code, item, actions: buttons_of(item) });
        } catch (problem) {
            const number = genuine_number(await check_label(code).catch(() => null));
            setFound({ code, number, problem: problem.status ? problem : null, actions: problem.status ? [] : known() });
        }
        return undefined;
    };
    return html`<div class="stack"><${ScanBox} label=${label} en=${en} onCode=${read} />
        <label class="check"><input type="checkbox" checked=${again}
            onChange=${(e) => { setAgain(e.target.checked); setSame(null); }} />
            <span>${same && again ? html`Mã tiếp theo: <strong>${SCAN[same.kind]?.[0]}</strong>`
                : html`<${Two} vi="Lặp lại thao tác này cho các mã tiếp theo" en="Same again for the next codes" />`}
            </span></label>
        ${found && html`<div class="well stack tight" data-found=${found.code}>
            ${found.item ? html`<${Thing} item=${found.item} />` : html`<strong class="mono wrap">${s10(shown_number(found.code))}</strong>`}
            <${Trouble} problem=${found.problem} />
            ${found.actions.length ? html`<${Steps} actions=${found.actions} files=${queue.files}
                    numbers=${[found.item ? number_of(found.item) : found.number ?? found.code]}
                    onStep=${(kind, more) => step(found.code, kind, more)} />`
                : !found.problem && html`<p class="muted"><${Two} vi="Không có thao tác nào vào lúc này."
                    en="Nothing to do with it now." /></p>`}</div>`}
    </div>`;
}

// Steps that every chosen thing allows.
function common(items) {
    const [first, ...rest] = items.map(buttons_of);
    return (first ?? []).filter((action) => rest.every((list) => list.some((a) => a.kind === action.kind)));
}

function Chosen({ codes, queue, onDone }) {
    const [actions, setActions] = useState(null);
    useEffect(() => {
        let live = true;
        Promise.all(codes.map(look)).then(common, (problem) => (problem.status ? [] : known()))
            .then((list) => live && setActions(list));
        return () => { live = false; };
    }, [codes.join()]);
    const step = (kind, more) => {
        const sent = queue.add_all(kind, codes, more);
        onDone();
        return Promise.all(sent).then(onDone);
    };
    return html`<div class="well stack tight"><strong>Đã chọn ${codes.length}
        <span class="en" lang="en">selected</span></strong>
        ${actions && (actions.length ? html`<${Steps} actions=${actions} numbers=${codes} files=${queue.files}
            onStep=${step} />`
            : html`<p class="muted"><${Two} vi="Các mục đã chọn không có thao tác chung." en="No step in common." /></p>`)}</div>`;
}

// `items`: shipments and bags. A chosen one shows what may be done with it.
export function HeldList({ items, queue, onDone, empty }) {
    const [chosen, setChosen] = useState([]);
    const codes = items.map(number_of).filter((code) => chosen.includes(code));
    const toggle = (code) => setChosen((old) =>
        (old.includes(code) ? old.filter((one) => one !== code) : [...old, code]));
    const all = codes.length === items.length;
    if (!items.length) return html`<${Empty} ...${empty} />`;
    return html`<div class="stack tight">
        ${items.length > 1 && html`<label class="check"><input type="checkbox" checked=${all}
            onChange=${() => setChosen(all ? [] : items.map(number_of))} />
            <span><${Two} vi="Chọn tất cả" en="Select all" /></span></label>`}
        <ul class="list">${items.map((item) => html`<li key=${number_of(item)} data-number=${number_of(item)}>
            <label class="check grow"><input type="checkbox" checked=${chosen.includes(number_of(item))}
                onChange=${() => toggle(number_of(item))} /><${Thing} item=${item} /></label></li>`)}</ul>
        ${codes.length > 0 && html`<${Chosen} key=${codes.join()} codes=${codes} queue=${queue}
            onDone=${() => { setChosen([]); onDone?.(); }} />`}</div>`;
}
