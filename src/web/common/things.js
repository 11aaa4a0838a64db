// Scan first, then choose: the code is looked up, the steps that the service allows become buttons,
// and "the same again" does the chosen step at once for every code that follows. And the list of
// what one holds, with the same steps for one or many.
import { s10 } from './format.js';
import { buttons_of, Steps } from './forms.js';
import { item as item_of } from './model.js';
import { ScanBox } from './scanbox.js';
import { Chip, Empty, html, Trouble, Two, useState } from './ui.js';
import { LEG, SCAN, STATE } from './words.js';

export const number_of = (item) => item.number ?? item.code ?? item.id;

export function Thing({ item }) {
    const to = item.to?.name ?? item.destination?.name;
    return html`<div class="grow"><div class="row">
            <strong class="mono">${s10(number_of(item))}</strong><${Chip} of=${STATE} code=${item.state} />
            ${item.returning && html`<${Chip} vi="Chuyển hoàn" tone="warn" />`}
            ${item.damaged && html`<${Chip} vi="Hư hỏng" tone="bad" />`}</div>
        <small>${[LEG[item.leg]?.[0], item.holder?.name && `giữ: ${item.holder.name}`, to && `đến: ${to}`]
            .filter(Boolean).join(' · ')}</small></div>`;
}

// What the service allowed lately, for when it cannot be asked.
const KNOWN = 'dossierpost.kinds';
function remember(actions) {
    const known = new Set(JSON.parse(localStorage.getItem(KNOWN) ?? '[]'));
    actions.forEach((action) => known.add(action.kind));
    localStorage.setItem(KNOWN, JSON.stringify([...known]));
}
const known = () => JSON.parse(localStorage.getItem(KNOWN) ?? '[]').map((kind) => ({ kind }));

export function ScanFirst({ queue, onDone, label = 'Quét mã', en = 'Scan' }) {
    const [found, setFound] = useState(null); // {code, item?, actions, problem?}
    const [again, setAgain] = useState(false);
    const [same, setSame] = useState(null); // {kind, more}
    const step = async (code, kind, more) => {
        setFound(null);
        setSame(again ? { kind, more } : null);
        await queue.add(kind, code, more);
        onDone?.();
    };
    const read = async (code) => {
        if (same && again) return step(code, same.kind, same.more);
        try {
            const item = await item_of(code);
            remember(buttons_of(item));
            setFound({ code, item, actions: buttons_of(item) });
        } catch (problem) {
            setFound({ code, problem, actions: problem.status ? [] : known() });
        }
        return undefined;
    };
    return html`<div class="stack"><${ScanBox} label=${label} en=${en} onCode=${read} />
        <label class="check"><input type="checkbox" checked=${again}
            onChange=${(e) => { setAgain(e.target.checked); setSame(null); }} />
            <span>${same && again ? html`Mã tiếp theo: <strong>${SCAN[same.kind]?.[0]}</strong>`
                : html`<${Two} vi="Làm như nhau cho các mã tiếp theo" en="Same again for the next codes" />`}
            </span></label>
        ${found && html`<div class="card stack tight">
            ${found.item ? html`<${Thing} item=${found.item} />` : html`<strong class="mono">${s10(found.code)}</strong>`}
            <${Trouble} problem=${found.problem} />
            ${found.actions.length ? html`<${Steps} actions=${found.actions}
                    onStep=${(kind, more) => step(found.code, kind, more)} />`
                : !found.problem && html`<p class="muted"><${Two} vi="Không có thao tác nào vào lúc này."
                    en="Nothing to do with it now." /></p>`}</div>`}
    </div>`;
}

// Steps that every chosen item allows.
function common(items) {
    const [first, ...rest] = items.map(buttons_of);
    return (first ?? []).filter((action) => rest.every((list) => list.some((a) => a.kind === action.kind)));
}

export function HeldList({ items, queue, onDone, empty }) {
    const [chosen, setChosen] = useState([]);
    const here = items.filter((item) => chosen.includes(number_of(item)));
    const toggle = (number) => setChosen((old) =>
        (old.includes(number) ? old.filter((one) => one !== number) : [...old, number]));
    const step = async (kind, more) => {
        const sent = here.map((item) => queue.add(kind, number_of(item), more));
        setChosen([]);
        await Promise.all(sent);
        onDone?.();
    };
    if (!items.length) return html`<${Empty} ...${empty} />`;
    return html`<div class="stack"><ul class="list">${items.map((item) => html`<li key=${number_of(item)}
            data-number=${number_of(item)}><label class="check grow"><input type="checkbox"
            checked=${chosen.includes(number_of(item))} onChange=${() => toggle(number_of(item))} />
            <${Thing} item=${item} /></label></li>`)}</ul>
        ${items.length > 1 && html`<button type="button" class="plain" onClick=${() =>
            setChosen(here.length === items.length ? [] : items.map(number_of))}>
            <${Two} vi="Chọn tất cả" en="Select all" /></button>`}
        ${here.length > 0 && html`<div class="well stack tight"><strong>Đã chọn ${here.length}
            <span class="en" lang="en">selected</span></strong>
            <${Steps} actions=${common(here)} onStep=${step} /></div>`}
    </div>`;
}
