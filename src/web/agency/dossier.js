// One dossier on the officer's desk: what it is, what may be done now, and its history.
import { get, get_tagged, post, uuid7 } from '../common/api.js';
import { s10, time, weight } from '../common/format.js';
import { rows, track } from '../common/model.js';
import { Button, Chip, Field, html, Trouble, Two, useAction, useLoad, useState } from '../common/ui.js';
import { ACTION, FINDING, LEG, STATE, STATUS } from '../common/words.js';

const NEED = {
    reason: ['Lý do', 'Reason', { tag: 'textarea', rows: 3, maxlength: 2000 }],
    due_at: ['Ngày hẹn mới', 'New date', { type: 'datetime-local' }],
    amount: ['Số tiền, đồng', 'Amount', { type: 'number', min: 1, inputmode: 'numeric' }],
    weight_g: ['Khối lượng, gam', 'Weight, g', { type: 'number', min: 1, inputmode: 'numeric' }],
};

function member(name, text) {
    if (name === 'amount' || name === 'weight_g') return Number(text) || 0;
    return name === 'due_at' && text ? `${text}:00+07:00` : text.trim();
}

// The form of one action: a field for each thing the service says it needs.
function Act({ action, busy, problem, onAct }) {
    const [values, set] = useState({});
    const needs = action.needs ?? [];
    const act = (e) => {
        e.preventDefault();
        onAct(action.action, Object.fromEntries(needs.map((name) => [name, member(name, values[name] ?? '')])));
    };
    return html`<form class="well stack tight" onSubmit=${act}>
        <p class="muted">${action.reason_vi ?? ''}</p>
        ${needs.map((name) => {
            const [label, en, how] = NEED[name] ?? [name, '', {}];
            return html`<${Field} key=${name} label=${label} en=${en} at=${`/${name}`} problem=${problem} name=${name}
                required value=${values[name] ?? ''} ...${how}
                onInput=${(e) => set({ ...values, [name]: e.target.value })} />`;
        })}
        <${Button} main type="submit" busy=${busy} vi=${action.name ?? ACTION[action.action]?.[0]}
            en=${action.name_en ?? ACTION[action.action]?.[1]} /></form>`;
}

const Stale = ({ onReload }) => html`<div class="note warn stack tight" role="alert">
    <p><strong>Người khác vừa cập nhật hồ sơ này.</strong> Thao tác chưa được ghi.
        <span class="en" lang="en">Somebody else has just changed this dossier; nothing was done.</span></p>
    <div><${Button} vi="Tải lại hồ sơ" en="Load again" onClick=${onReload} /></div></div>`;

function Actions({ view, etag, onDone }) {
    const [open, setOpen] = useState(null);
    const { run, busy, problem } = useAction();
    const [key] = useState(uuid7);
    const act = (action, more) => run(async () => {
        const headers = { 'idempotency-key': `${key}-${action}`, ...(etag ? { 'if-match': etag } : {}) };
        await post(`/v1/dossiers/${encodeURIComponent(view.code)}/actions`, { action, ...more }, headers);
        setOpen(null);
        onDone();
    });
    const pick = (action) => (action.needs?.length ? setOpen(open === action ? null : action) : act(action.action, {}));
    const stale = problem?.status === 412;
    return html`<section class="stack tight"><h3><${Two} vi="Thao tác" en="Actions" /></h3>
        <div class="row">${view.allowed_actions.map((action, i) => html`<${Button} key=${action.action}
            data-action=${action.action} busy=${busy} main=${i === 0} title=${action.reason_vi ?? ''}
            bad=${['reject', 'stop'].includes(action.action)} aria-expanded=${action.needs?.length
                ? String(open === action) : undefined}
            vi=${action.name ?? ACTION[action.action]?.[0]} en=${action.name_en ?? ACTION[action.action]?.[1]}
            onClick=${() => pick(action)} />`)}
            ${!view.allowed_actions.length && html`<p class="muted"><${Two} vi="Hiện không có thao tác nào."
                en="Nothing to do now." /></p>`}</div>
        ${open && html`<${Act} key=${open.action} action=${open} busy=${busy} problem=${problem} onAct=${act} />`}
        ${stale ? html`<${Stale} onReload=${onDone} />` : html`<${Trouble} problem=${problem}
            fields=${(open?.needs ?? []).map((name) => `/${name}`)} />`}</section>`;
}

function Facts({ view }) {
    const who = view.applicant ?? {};
    const address = who.address && [who.address.line, who.address.commune_name ?? who.address.commune]
        .filter(Boolean).join(', ');
    return html`<dl class="facts">
        <dt>Thủ tục</dt><dd>${view.procedure?.name ?? view.procedure} <span class="mono muted">${view.procedure?.code}</span></dd>
        <dt>Người nộp</dt><dd>${[who.name, who.phone].filter(Boolean).join(' · ')}</dd>
        ${address && html`<dt>Địa chỉ</dt><dd>${address}</dd>`}
        <dt>Tiếp nhận tại</dt><dd>${view.office?.name}, ${time(view.created_at)}</dd>
        <dt>Khối lượng</dt><dd>${weight(view.weight_g)}</dd>
        <dt>Ngày nộp</dt><dd>${view.filed_at ? time(view.filed_at) : 'Chưa ký giao nhận'}</dd>
        <dt>Hẹn trả</dt><dd>${view.due_at ? html`<strong>${time(view.due_at)}</strong>` : '—'}
            ${view.overdue && html` <${Chip} vi="Quá hạn" tone="bad" />`}</dd></dl>`;
}

const Documents = ({ list }) => html`<div class="scroll"><table><thead><tr><th>Giấy tờ</th>
    <th class="num">Bản chính</th><th class="num">Bản sao</th></tr></thead><tbody>${(list ?? []).map((row, i) => html`
    <tr key=${i}><td>${row.name}</td><td class="num">${row.originals}</td><td class="num">${row.copies}</td></tr>`)}
    </tbody></table></div>`;

const Shipments = ({ list }) => html`<ul class="list">${(list ?? []).map((one) => html`<li key=${one.number}>
    <a class="mono" href=${track(one.number)} target="_blank" rel="noopener">${s10(one.number)}</a>
    <span>${LEG[one.leg]?.[0] ?? one.leg}</span><${Chip} of=${STATE} code=${one.state} vi=${one.state_vi} />
    <small>${one.holder?.name}</small></li>`)}</ul>`;

function name_of(event) {
    const action = event.kind?.replace('dossier.', '');
    return event.name ?? event.vi ?? event.name_vi ?? ACTION[action]?.[0] ?? FINDING[action]?.[0] ?? event.kind;
}

function History({ code, version }) {
    const { data } = useLoad(async () => rows(await get(`/v1/dossiers/${encodeURIComponent(code)}/events`)), [code, version]);
    return html`<details><summary><${Two} vi="Lịch sử" en="History" /></summary><ul class="list">
        ${(data ?? []).map((event, i) => html`<li key=${i}><small class="nowrap">${time(event.at)}</small>
            <span>${name_of(event)}</span><small>${event.actor?.name ?? event.unit?.name ?? ''}</small></li>`)}</ul></details>`;
}

export function Dossier({ code, onChange }) {
    const { data, problem, reload } = useLoad(() => get_tagged(`/v1/dossiers/${encodeURIComponent(code)}`), [code]);
    if (!data) return html`<${Trouble} problem=${problem} retry=${reload} />`;
    const view = data.document;
    const done = () => { reload(); onChange(); };
    return html`<article class="card stack" data-code=${view.code}>
        <div class="row spread"><h2 class="mono">${view.code}</h2><${Chip} of=${STATUS} code=${view.status.code} /></div>
        <${Actions} key=${`${code}-${view.version}`} view=${view} etag=${data.etag} onDone=${done} />
        <${Facts} view=${view} />
        <h3><${Two} vi="Thành phần hồ sơ" en="Documents" /></h3><${Documents} list=${view.documents} />
        <h3><${Two} vi="Bưu gửi" en="Shipments" /></h3><${Shipments} list=${view.shipments} />
        <${History} code=${view.code} version=${view.version} /></article>`;
}
