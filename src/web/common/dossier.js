// One dossier on somebody's desk: what it is, what the service allows now, and its history.
import { get, get_tagged, post, uuid7 } from './api.js';
import { Answers } from './answers.js';
import { Files } from './attachments.js';
import { Claims } from './claims.js';
import { day, number_meant, money, s10, time, weight } from './format.js';
import { rows, track } from './model.js';
import { Late, Outlook } from './outlook.js';
import { NoteLink, Papers } from './papers.js';
import { Button, Chip, Field, html, Trouble, Two, useAction, useLoad, useState } from './ui.js';
import { HALF, LEG, STATUS, TONE } from './words.js';

const NEED = {
    reason: ['Lý do', 'Reason', { tag: 'textarea', rows: 3, maxlength: 2000 }],
    again_reason: ['Vì sao phải yêu cầu lần nữa', 'Why once more', { tag: 'textarea', rows: 2, maxlength: 2000 }],
    legal_basis: ['Căn cứ pháp lý', 'Legal basis', { maxlength: 500, placeholder: 'Điều, khoản, văn bản' }],
    name: ['Khoản phải nộp', 'What is to be paid', { maxlength: 200 }],
    due_at: ['Ngày hẹn mới', 'New date', { type: 'datetime-local' }],
    amount: ['Số tiền, đồng', 'Amount', { inputmode: 'numeric' }],
    weight_g: ['Khối lượng, gam', 'Weight, g', { inputmode: 'numeric' }],
};

function member(name, text) {
    if (name === 'amount' || name === 'weight_g') return number_meant(text);
    return name === 'due_at' && text ? `${text}:00+07:00` : text.trim();
}

const begun = (row) => row.name || row.originals || row.copies;

// The papers that a supplement must bring, or brought, a line each; one more appears as the last is begun, and each stays
// where it is while it is typed.
function Items({ list, came, problem, onChange }) {
    const rows = !list.length || begun(list.at(-1)) ? [...list, { name: '', originals: '', copies: '' }] : list;
    const set = (i, part) => onChange(rows.map((row, n) => (n === i ? { ...row, ...part } : row)));
    // Where the service has it, which hears of no empty lines.
    const at = (i, name) => ({ at: `/items/${rows.slice(0, i).filter(begun).length}/${name}`, of: `line-${i}`, problem: begun(rows[i]) && problem });
    return html`<fieldset><legend class="label">${came ? html`<${Two} vi="Giấy tờ đã nhận" en="Papers that came" />`
        : html`<${Two} vi="Giấy tờ phải bổ sung" en="Papers to be brought" />`}</legend>
        <div class="wanted stack tight">${rows.map((row, i) => html`<div class="fields" key=${i}>
            <${Field} label=${`Giấy tờ ${i + 1}`} en="paper" ...${at(i, 'name')} maxlength="300"
                value=${row.name} onInput=${(e) => set(i, { name: e.target.value })} />
            ${[['originals', 'Bản chính'], ['copies', 'Bản sao']].map(([name, vi]) => html`<${Field} key=${name}
                label=${`${vi} ${i + 1}`} en=${name} ...${at(i, name)} type="number" min="0"
                max="1000" inputmode="numeric" value=${row[name]} onInput=${(e) => set(i, { [name]: e.target.value })} />`)}
            </div>`)}</div></fieldset>`;
}

const listed = (rows) => rows.filter(begun).map((row) => ({ name: row.name.trim(),
    ...Object.fromEntries(['originals', 'copies'].filter((n) => row[n]).map((n) => [n, Number(row[n])])) }));

// What was asked for, as its fields have it; of a request in words alone nothing is counted.
const counted = (list) => (list ?? []).filter((item) => item.name && item.originals + item.copies > 0)
    .map(({ name, originals, copies }) => ({ name, originals: originals || '', copies: copies || '' }));

// The form of one action: a field for each thing the service says it needs, and may be told.
function Act({ action, asked_for, busy, problem, onAct }) {
    const came = action.action === 'supplement_received';
    const [values, set] = useState({});
    const [items, setItems] = useState(() => (came ? asked_for : []));
    const needs = action.needs ?? [], may = action.may ?? [];
    const none = came && asked_for.length > 0 && !items.some(begun); // would count as all that was asked for
    const told = [...needs, ...may.filter((name) => name !== 'items' && (values[name] ?? '').trim())];
    const act = (e) => {
        e.preventDefault();
        onAct(action.action, { ...Object.fromEntries(told.map((name) => [name, member(name, values[name] ?? '')])),
            ...(items.some(begun) ? { items: listed(items) } : {}) });
    };
    return html`<form class="well stack tight" onSubmit=${act}>
        <p class="muted">${action.reason_vi ?? ''} <span class="en" lang="en">${action.reason_en}</span></p>
        ${[...needs, ...may].map((name) => {
            if (name === 'items') return html`<${Items} key=${name} list=${items} came=${came} problem=${problem} onChange=${setItems} />`;
            const [label, en, how] = NEED[name] ?? [name, '', {}];
            return html`<${Field} key=${name} label=${label} en=${en} at=${`/${name}`} problem=${problem} name=${name}
                required=${needs.includes(name)} value=${values[name] ?? ''} ...${how}
                onInput=${(e) => set({ ...values, [name]: e.target.value })} />`;
        })}
        ${none && html`<p class="note warn" role="status">Xin ghi ít nhất một giấy tờ đã nhận. <span class="en" lang="en">Name what came.</span></p>`}
        <${Button} main type="submit" busy=${busy} disabled=${none} vi=${action.name}
            en=${action.name_en} /></form>`;
}

// Steps that take a dossier off its way.
const GRAVE = ['reject', 'cancel_intake', 'request_withdrawal', 'stop'];

// Not steps of its status: each wants a form of its own (counter/shift.js, counter/take_in.js, agency/questions.js,
// claims.js).
const FORMED = ['take_payment', 'split_intake', 'group_intake', 'make_pieces', 'correct_intake', 'ask_agency', 'answer_agency',
                'end_asking', 'claim', 'compensate', 'refuse_claim'];

// What happened since it was opened, so that nobody decides on what is no longer so.
const Change = ({ of: { name, name_en, actor, unit, at, to } }) => html`<li><small class="nowrap">${time(at)}</small>
    <span>${name} <span class="en" lang="en">${name_en}</span>${to && html` → <strong>${to}</strong>`}</span>
    <small>${[actor, unit].filter(Boolean).join(' · ')}</small></li>`;

const Stale = ({ changes, onReload }) => html`<div class="note warn stack tight" role="alert">
    <p><strong>Người khác vừa cập nhật hồ sơ này.</strong> Thao tác chưa được ghi nhận.
        <span class="en" lang="en">Somebody else has just changed this dossier; nothing was done.</span></p>
    <ul class="list">${(changes ?? []).map((one, i) => html`<${Change} key=${i} of=${one} />`)}</ul>
    <div><${Button} vi="Tải lại hồ sơ" en="Load again" onClick=${onReload} /></div></div>`;

// What was typed stays when somebody else was quicker and the dossier is loaded again.
function Actions({ view, etag, onDone }) {
    const [opened, setOpen] = useState(null); // by its name
    const { run, busy, problem } = useAction();
    const [key] = useState(uuid7);
    const act = (action, more) => run(async () => {
        const headers = { 'idempotency-key': `${key}-${view.version}-${action}`, ...(etag ? { 'if-match': etag } : {}) };
        await post(`/v1/dossiers/${encodeURIComponent(view.code)}/actions`, { action, ...more }, headers);
        setOpen(null);
        onDone();
    });
    const asks = (action) => (action.needs?.length ?? 0) + (action.may?.length ?? 0) > 0;
    const allowed = view.allowed_actions.filter((one) => !FORMED.includes(one.action));
    const open = allowed.find((one) => one.action === opened) ?? null;
    const pick = (action) => (asks(action) ? setOpen(open === action ? null : action.action) : act(action.action, {}));
    const told = problem?.status === 412, stale = told && problem.document.version !== view.version;
    return html`<section class="stack tight"><h3><${Two} vi="Thao tác" en="Actions" /></h3>
        <div class="row">${allowed.map((action, i) => html`<${Button} key=${action.action}
            data-action=${action.action} busy=${busy} title=${action.reason_vi ?? ''}
            main=${i === 0 && !GRAVE.includes(action.action)} bad=${GRAVE.includes(action.action)} aria-expanded=${asks(action)
                ? String(open === action) : undefined}
            vi=${action.name} en=${action.name_en}
            onClick=${() => pick(action)} />`)}
            ${!allowed.length && html`<p class="muted"><${Two} vi="Hiện không có thao tác nào."
                en="Nothing to do now." /></p>`}</div>
        ${open && html`<${Act} key=${open.action} action=${open} asked_for=${counted(view.asked_for?.at(-1)?.items)} busy=${busy} problem=${problem} onAct=${act} />`}
        ${stale ? html`<${Stale} changes=${problem.document.changes} onReload=${onDone} />` : !told && html`<${Trouble} problem=${problem}
            fields=${[...(open?.needs ?? []), ...(open?.may ?? [])].map((name) => `/${name}`)} />`}</section>`;
}

function Facts({ view }) {
    const who = view.applicant ?? {};
    const address = who.address && [who.address.line, who.address.commune_name ?? who.address.commune]
        .filter(Boolean).join(', ');
    return html`<dl class="facts">
        <dt><${Two} vi="Thủ tục" en="Procedure" /></dt><dd>${view.procedure?.name ?? view.procedure} <span class="mono muted">${view.procedure?.code}</span></dd>
        <dt><${Two} vi="Người nộp" en="Applicant" /></dt><dd>${[who.name, who.phone].filter(Boolean).join(' · ')}</dd>
        ${address && html`<dt><${Two} vi="Địa chỉ" en="Address" /></dt><dd>${address}</dd>`}
        <dt><${Two} vi="Tiếp nhận tại" en="Taken in at" /></dt><dd>${view.office?.name}, ${time(view.created_at)}</dd>
        ${view.receiving && html`<dt><${Two} vi="Nơi nhận thay" en="Received by" /></dt><dd>${view.receiving.name}</dd>`}
        <dt><${Two} vi="Khối lượng" en="Weight" /></dt><dd>${weight(view.weight_g)}</dd>
        ${view.pickup && !view.filed_at && html`<dt><${Two} vi="Bưu tá đến nhận" en="Pick-up" /></dt><dd data-pickup>${`${day(view.pickup.day)}, ${HALF[view.pickup.half][0].toLowerCase()}`}${view.pickup.wished && html` <${Chip} vi=${`Dời từ ${day(view.pickup.wished)}`} en="Moved" tone="warn" />`}</dd>`}
        <dt><${Two} vi="Ngày nộp" en="Filed" /></dt><dd>${view.filed_at ? time(view.filed_at) : 'Chưa ký giao nhận'}</dd>
        <dt><${Two} vi="Hẹn trả" en="Due" /></dt><dd>${view.due_at ? html`<strong>${time(view.due_at)}</strong>` : '—'}
            ${view.overdue ? html` <${Chip} vi="Quá hạn" tone="bad" />` : html` <${Late} of=${view} />`}</dd>
        <${Outlook} view=${view} /></dl>`;
}

const Documents = ({ list }) => html`<div class="scroll"><table><thead><tr><th><${Two} vi="Giấy tờ" en="Document" /></th>
    <th class="num"><${Two} vi="Bản chính" en="originals" /></th><th class="num"><${Two} vi="Bản sao" en="copies" /></th></tr></thead><tbody>${(list ?? []).map((row, i) => html`
    <tr key=${i}><td>${row.name ?? 'Đã xóa · Erased'}${row.supplement && html` <${Chip} vi="Bổ sung" en="supplement" />`}</td><td class="num">${row.originals}</td><td class="num">${row.copies}</td></tr>`)}
    </tbody></table></div>`;

const PLACE = {
    applicant: ['Người nộp giữ', 'With the applicant', ''], office: ['Tại bưu cục', 'At the post office', 'accent'],
    post: ['Đang gửi bưu chính', 'In the post', 'accent'], receiving: ['Tại nơi tiếp nhận', 'Where it was received', 'accent'],
    agency: ['Tại cơ quan', 'At the agency', 'warn'], going_back: ['Đang gửi trả', 'On its way back', 'accent'],
    back: ['Đã trả', 'Given back', 'good'], kept: ['Lưu hồ sơ', 'Kept', ''], lost: ['Thất lạc', 'Lost', 'bad'],
};

// Where each original is, and under which number it goes.
const Originals = ({ list }) => html`<div class="scroll" tabindex="0" role="region" aria-label="Bản chính"><table><thead><tr>
    <th><${Two} vi="Bản chính" en="Original" /></th><th class="num"><${Two} vi="Số tờ" en="sheets" /></th>
    <th><${Two} vi="Ở đâu" en="Where" /></th><th><${Two} vi="Bưu gửi" en="Shipment" /></th></tr></thead>
    <tbody>${list.map((row) => html`<tr key=${row.line} data-original=${row.line}><td>${row.name ?? 'Đã xóa · Erased'}</td><td class="num">${row.originals}</td>
        <td><${Chip} of=${PLACE} code=${row.place} /></td><td class="mono">${row.number ? s10(row.number) : '—'}</td></tr>`)}
    </tbody></table></div>`;

const AskedFor = ({ list }) => html`<ul class="list">${list.map((one, i) => html`<li key=${i}>
    <small class="nowrap">${time(one.at)}</small><ul>${one.items.map((item, n) => html`<li key=${n}>
        ${item.name ?? 'Đã xóa · Erased'}${item.originals > 0 && `, ${item.originals} bản chính`}${item.copies > 0 && `, ${item.copies} bản sao`}
    </li>`)}</ul></li>`)}</ul>`;

const Due = ({ line }) => {
    if (line.cancelled_at)
        return line.paid_at ? html`<${Chip} vi="Phải trả lại" en="To be given back" tone="bad" />`
            : html`<${Chip} vi="Không phải thu" en="Not due" />`;
    return line.paid_at ? html`<${Chip} vi="Đã thu" en="Paid" tone="good" />`
        : html`<${Chip} vi="Chưa thu" en="Not paid" tone="warn" />`;
};

const Charges = ({ list }) => html`<div class="scroll"><table><tbody>${list.map((line) => html`<tr key=${line.id}>
    <td>${line.name}</td><td class="num">${money(line.amount)}</td>
    <td class="num"><${Due} line=${line} /></td></tr>`)}</tbody></table></div>`;

const Shipments = ({ list, beside }) => html`<ul class="list">${list.map((one) => html`<li key=${one.number}>
    <a class="mono" href=${track(one.number)} target="_blank" rel="noopener">${s10(one.number)}</a>
    <span>${LEG[one.leg]?.[0] ?? one.leg}${one.pieces > 1 && ` · kiện ${one.piece}/${one.pieces}`}</span>
    <${Chip} vi=${one.state_vi} en=${one.state_en} tone=${TONE[one.state]} />
    <small>${one.holder?.name}</small>${beside?.(one)}</li>`)}</ul>`;

function History({ code, version }) {
    const { data } = useLoad(async () => rows(await get(`/v1/dossiers/${encodeURIComponent(code)}/events`)), [code, version]);
    return html`<details><summary><${Two} vi="Lịch sử" en="History" /></summary><ul class="list">
        ${(data ?? []).map((event, i) => html`<li key=${i}><small class="nowrap">${time(event.at)}</small>
            <span>${event.name ?? event.kind}</span><small>${event.actor?.name ?? event.unit?.name ?? ''}</small>
            ${(event.reason || event.legal_basis) && html`<p class="full muted">${[event.reason, event.legal_basis].filter(Boolean).join(' · ')}</p>`}</li>`)}</ul></details>`;
}

// What was one dossier with it, before it was split or grouped.
const KIN = [['grouped_into', 'Đã gộp vào', 'Grouped into'], ['grouped', 'Gồm cả', 'Includes'],
             ['split_from', 'Tách từ', 'Split from'], ['split_into', 'Đã tách thêm', 'Split into']];
const Kin = ({ view }) => KIN.filter(([name]) => view[name]).map(([name, vi, en]) => html`<p key=${name} data-kin=${name}>
    <${Two} vi=${vi} en=${en} />: ${[view[name]].flat().map((code) => html` <a class="mono" href=${track(code)} target="_blank"
        rel="noopener">${code}</a>`)}</p>`);

// `beside(shipment)`: what more a desk may do with each of its shipments; `forms`: a component for what
// wants a form of its own.
export function Dossier({ code, onChange, beside, forms: Forms }) {
    const { data, problem, reload } = useLoad(() => get_tagged(`/v1/dossiers/${encodeURIComponent(code)}`), [code]);
    if (!data) return html`<${Trouble} problem=${problem} retry=${reload} />`;
    const view = data.document;
    const done = () => { onChange(); return reload(); };
    return html`<article class="card stack" data-code=${view.code}>
        <div class="row spread"><h2 class="mono">${view.code}</h2><${Chip} of=${STATUS} code=${view.status.code} /></div>
        <${Actions} key=${code} view=${view} etag=${data.etag} onDone=${done} />
        ${Forms && html`<${Forms} key=${code} view=${view} etag=${data.etag} onDone=${done} />`}
        <${Kin} view=${view} />
        <${Facts} view=${view} />
        ${view.personal === 'full' && view.service !== 'none' && html`<div class="row"><${NoteLink} code=${view.code} /></div>`}
        ${view.papers?.length > 0 && html`<${Papers} list=${view.papers} onPrinted=${reload} />`}
        <h3><${Two} vi="Thành phần hồ sơ" en="Documents" /></h3><${Documents} list=${view.documents} />
        <${Answers} view=${view} />
        ${view.originals?.length > 0 && html`<h3><${Two} vi="Bản chính đang ở đâu" en="Where the originals are" /></h3>
            <${Originals} list=${view.originals} />`}
        ${view.asked_for?.length > 0 && html`<h3><${Two} vi="Đã yêu cầu bổ sung" en="Asked for" /></h3>
            <${AskedFor} list=${view.asked_for} />`}
        <${Files} view=${view} onDone=${done} />
        ${view.charges?.length > 0 && html`<h3><${Two} vi="Phí, lệ phí và giá cước" en="Fees and postage" /></h3>
            <${Charges} list=${view.charges} />`}
        <h3><${Two} vi="Bưu gửi" en="Shipments" /></h3><${Shipments} list=${view.shipments} beside=${beside} />
        <${Claims} key=${code} view=${view} etag=${data.etag} onDone=${done} />
        <${History} code=${view.code} version=${view.version} /></article>`;
}
