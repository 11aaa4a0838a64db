// The printers of an office: how each is, its test page, what was printed on it; who rules the unit
// adds and changes them.
import { get, query } from './api.js';
import { s10, time } from './format.js';
import { Job, Where } from './job.js';
import { rows, units } from './model.js';
import { Picker } from './picker.js';
import { PrinterForm } from './printer_form.js';
import { TestPage } from './test_page.js';
import { Button, Chip, Empty, html, Picked, Trouble, Two, useAction, useLoad, useState } from './ui.js';

const rules = (me) => me.roles.some((role) => role === 'supervisor' || role === 'admin');
const STATE = { idle: ['Sẵn sàng', 'Ready', 'good'], reachable: ['Có trả lời', 'It answers', 'good'],
                processing: ['Đang in', 'Printing', 'accent'], stopped: ['Đang dừng', 'Stopped', 'bad'],
                unreachable: ['Không kết nối được', 'Unreachable', 'bad'] };

// Asked only when somebody wants to know: a printer that is off takes seconds.
function State({ id }) {
    const [told, setTold] = useState(null);
    const { run, busy, problem } = useAction();
    const ask = () => run(async () => setTold(await get(`/v1/printers/${id}/state`)));
    return html`<div class="stack tight"><div class="row"><${Button} busy=${busy} vi="Hỏi máy in" en="Ask the printer" onClick=${ask} />
            ${told && html`<span data-printer-state=${told.state}><${Chip} of=${STATE} code=${told.state} /></span>`}</div>
        ${told && html`<ul>${told.reasons.filter((one) => one.code !== 'none').map((one) => html`<li key=${one.code}>
            <${Two} vi=${one.name} en=${one.name_en} /></li>`)}</ul>`}
        <${Trouble} problem=${problem} /></div>`;
}

const what = (job) => (job.kind === 'test' ? 'Trang in thử' : job.numbers.length > 1
    ? `${s10(job.numbers[0])} và ${job.numbers.length - 1} nhãn khác` : s10(job.numbers[0]));

function Jobs({ printer }) {
    const [at, setAt] = useState(null);
    const { data, problem, reload } = useLoad(() => get(query('/v1/labels/jobs', { printer: printer.id, limit: 10 })), [printer.id]);
    return html`<section class="stack tight"><div class="row spread"><h3><${Two} vi="Các lần in gần đây" en="Recent jobs" /></h3>
            <${Button} plain vi="Xem lại" en="Refresh" onClick=${reload} /></div>
        <${Trouble} problem=${problem} retry=${reload} />
        ${data && !data.items.length && html`<${Empty} vi="Chưa in gì." en="Nothing yet." />`}
        <ul class="list">${rows(data).map((job) => html`<li key=${job.id}>
            <button type="button" class="wide left" aria-expanded=${String(at === job.id)}
                onClick=${() => setAt(at === job.id ? null : job.id)}><span class="grow">${what(job)}<br />
                <small>${[time(job.at), job.by.name, job.trouble?.name].filter(Boolean).join(' · ')}</small></span>
                <${Where} job=${job} /></button>
            ${at === job.id && html`<div class="grow"><${Job} id=${job.id} /></div>`}</li>`)}</ul></section>`;
}

const about = (one) => `${one.language.toUpperCase()} · ${one.dpi} dpi · ${one.template}`;

function Printer({ printer, boss, onChange }) {
    const [edit, setEdit] = useState(false);
    const [prints, setPrints] = useState(0);
    return html`<section class="card stack" data-printer=${printer.id}>
        <div class="row spread"><h2>${printer.name}</h2>
            ${!printer.active && html`<${Chip} vi="Ngừng dùng" en="Not in use" tone="bad" />`}</div>
        <dl class="facts"><dt><${Two} vi="Đơn vị" en="Office" /></dt><dd>${printer.unit_name}</dd>
            <dt><${Two} vi="In bằng" en="Prints" /></dt><dd>${about(printer)}</dd>
            ${printer.uri && html`<dt><${Two} vi="Địa chỉ" en="Address" /></dt><dd class="mono">${printer.uri}</dd>`}</dl>
        ${boss && !edit && html`<div class="row"><${Button} vi="Sửa" en="Change" onClick=${() => setEdit(true)} /></div>`}
        ${edit && html`<${PrinterForm} printer=${printer} onDone=${() => { setEdit(false); onChange(); }} />`}
        ${printer.active && html`<${State} id=${printer.id} /><${TestPage} printer=${printer}
            onPrint=${() => setPrints((old) => old + 1)} />`}
        <${Jobs} key=${prints} printer=${printer} /></section>`;
}

export function Printers({ me }) {
    const boss = rules(me);
    const [unit, setUnit] = useState(me.unit ?? null);
    const [at, setAt] = useState(null); // an id, or 'new'
    const { data, problem, reload } = useLoad(async () => (unit ? get(query('/v1/printers', { unit: unit.code })) : null), [unit?.code]);
    const printer = rows(data).find((one) => one.id === at);
    return html`<div class="two list-first"><div class="stack">
            ${boss && html`<section class="card"><${Picker} label="Đơn vị" en="Office" name="printer-unit" chosen=${unit}
                search=${(q) => units({ q })} text=${(one) => one.name} onPick=${(one) => { setAt(null); setUnit(one); }}
                show=${(one) => html`${one.name}<br /><small>${one.address}</small>`} /></section>`}
            <section class="card stack tight"><h2><${Two} vi="Máy in của đơn vị" en="Printers" /></h2>
                <${Trouble} problem=${problem} retry=${reload} />
                ${data && !data.items.length && html`<${Empty} vi="Chưa có máy in nào. Nhãn vẫn in được từ trình duyệt."
                    en="None yet: labels print from the browser." />`}
                <ul class="list">${rows(data).map((one) => html`<li key=${one.id}><button type="button" class="wide left"
                    aria-pressed=${String(one.id === at)} onClick=${() => setAt(one.id)}><span class="grow"><strong>${one.name}</strong><br />
                    <small>${about(one)}</small></span>${!one.active && html`<${Chip} vi="Ngừng dùng" en="Not in use" tone="bad" />`}
                    </button></li>`)}</ul>
                ${boss && unit && html`<${Button} vi="Thêm máy in" en="Add a printer" aria-expanded=${String(at === 'new')}
                    onClick=${() => setAt('new')} />`}</section></div>
        ${at === 'new' ? html`<${Picked} key="new"><section class="card stack"><h2><${Two} vi="Máy in mới" en="New printer" /></h2>
                <${PrinterForm} unit=${unit} onDone=${(made) => { setAt(made.id); reload(); }} /></section></${Picked}>`
            : printer ? html`<${Picked} key=${at}><${Printer} key=${printer.version} printer=${printer} boss=${boss} onChange=${reload} /></${Picked}>`
                : html`<${Empty} vi="Chọn một máy in." en="Pick a printer." />`}</div>`;
}
