// The desk: what is to be done now, overdue and due soon first. Arrows go through the list, Enter opens,
// x ticks, / goes to the scan field; what is ticked is done together, each for itself.
import { get, post, query, uuid7 } from '../common/api.js';
import { Dossier } from '../common/dossier.js';
import { hours_left, time } from '../common/format.js';
import { number_behind } from '../common/model.js';
import { Late } from '../common/outlook.js';
import { ScanBox } from '../common/scanbox.js';
import { Button, Chip, Empty, html, Picked, Trouble, Two, useAction, useEffect, useLoad, useState } from '../common/ui.js';
import { STATUS } from '../common/words.js';
import { Questions } from './questions.js';

const MOST = 100; // as far as the service counts

// What may be done to many at once: steps that need no words.
const TOGETHER = [['accept', 'Tiếp nhận', 'Accept'], ['start', 'Bắt đầu xử lý', 'Start'],
                  ['result_ready', 'Đã có kết quả', 'Result ready']];

// When it is due, and how near that is.
export function due(row) {
    if (!row.filed_at && row.status.code === 1 && row.service === 'receive')
        return html`<${Chip} vi="Người nộp mang đến" en="Brought by the applicant" tone="accent" />`;
    if (!row.filed_at && row.status.code === 1)
        return html`<${Chip} vi="Chưa ký nhận" en="Not handed over yet" tone="warn" />`;
    if (!row.due_at || row.ended_at) return null;
    const left = hours_left(row.due_at);
    const tone = left < 0 ? 'bad' : left < 24 ? 'warn' : '';
    const words = left < 0 ? 'Quá hạn' : left < 24 ? 'Sắp đến hạn' : 'Hẹn trả';
    return html`<${Chip} vi=${`${words} ${time(row.due_at)}`} tone=${tone} />${left >= 0 && html`<${Late} of=${row} />`}`;
}

const Row = ({ row, at, ticked, onPick, onTick }) => html`<li class="desk-row"><label class="check tick"><input type="checkbox"
        aria-label=${`Chọn ${row.code}`} checked=${ticked} onChange=${() => onTick(row.code)} /></label>
    <button type="button" class="wide left" aria-pressed=${String(row.code === at)} data-code=${row.code}
        onClick=${() => onPick(row.code)}><span class="grow"><strong class="mono">${row.code}</strong><br />
        <span>${row.procedure.name}</span><br /><span class="row"><${Chip} of=${STATUS} code=${row.status.code} />${due(row)}</span></span>
    </button></li>`;

// Always in sight; another list shows itself when something is on it.
const FIRST = ['due', 'overdue', 'today', 'soon', 'accept', 'waiting'];

const Groups = ({ groups, at, onPick }) => html`<div class="groups" role="group" aria-label="Nhóm hồ sơ">${groups
    .filter((one) => one.count > 0 || one.name === at || FIRST.includes(one.name)).map((one) => html`
    <button type="button" key=${one.name} data-group=${one.name} aria-pressed=${String(one.name === at)}
        class=${one.name === 'overdue' && one.count ? 'bad' : ''} onClick=${() => onPick(one.name)}>
        <span>${one.vi} <span class="en" lang="en">${one.en}</span></span>
        <strong class="num">${one.count >= MOST ? `${MOST}+` : one.count}</strong></button>`)}</div>`;

// Does one step to each of these as the list showed them; gives what became of each.
async function together(action, rows) {
    const told = [];
    for (const { code, version } of rows) {
        try {
            await post(`/v1/dossiers/${encodeURIComponent(code)}/actions`, { action },
                { 'idempotency-key': uuid7(), 'if-match': `"${version}"` });
            told.push({ code, good: true });
        } catch (problem) {
            told.push({ code, good: false, why: problem.message });
        }
    }
    return told;
}

function Together({ rows, onDone }) {
    const { run, busy } = useAction();
    const [told, setTold] = useState([]);
    const act = (action) => run(async () => {
        const became = await together(action, rows);
        setTold(became);
        onDone(became.filter((one) => !one.good).map((one) => one.code));
    });
    const good = told.filter((one) => one.good).length;
    if (!rows.length && !told.length) return null;
    return html`<div class="well stack tight" data-together>
        ${rows.length > 0 && html`<p><strong>Đã chọn ${rows.length} hồ sơ</strong> <span class="en" lang="en">ticked</span></p>
            <div class="row">${TOGETHER.map(([action, vi, en]) => html`<${Button} key=${action} data-together-action=${action}
                busy=${busy} vi=${vi} en=${en} onClick=${() => act(action)} />`)}</div>`}
        ${told.length > 0 && html`<div role="status"><p>${good} / ${told.length} hồ sơ đã ghi nhận <span class="en" lang="en">done</span></p>
            <ul>${told.filter((one) => !one.good).map((one) => html`<li key=${one.code} class="error">
                <span class="mono">${one.code}</span>: ${one.why}</li>`)}</ul></div>`}</div>`;
}

// One list, a page at a time.
function usePages(group) {
    const [more, setMore] = useState([]);
    const first = useLoad(() => get(query('/v1/inbox', { group, counts: true, limit: 50 })), [group]);
    const next = useAction();
    useEffect(() => setMore([]), [group, first.data]);
    const last = more.at(-1) ?? first.data;
    const items = [first.data, ...more].flatMap((page) => page?.items ?? []);
    // What comes after another group was shown belongs to none.
    const load = () => next.run(async () => {
        const page = await get(query('/v1/inbox', { group, limit: 50, next: last.next }));
        setMore((old) => (old === more ? [...old, page] : old));
    });
    return { ...first, items, next, ends: !last?.next, load };
}

// Keys of the list, while it has the focus.
const keys = (onTick) => (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const buttons = [...event.currentTarget.querySelectorAll('button[data-code]')];
    const here = buttons.findIndex((one) => one.closest('li').contains(document.activeElement));
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (event.key === '/') document.querySelector('.scan input')?.focus();
    else if (event.key === 'x') onTick(buttons[here].dataset.code);
    else if (step) buttons[Math.min(Math.max(here + step, 0), buttons.length - 1)].focus();
    else return;
    event.preventDefault();
};

export function Desk() {
    const [group, setGroup] = useState('due');
    const [at, setAt] = useState(null);
    const [ticked, setTicked] = useState([]);
    const { data, items, problem, reload, next, ends, load } = usePages(group);
    const tick = (code) => setTicked((old) => (old.includes(code) ? old.filter((one) => one !== code) : [...old, code]));
    const pick = (name) => { setGroup(name); setTicked([]); };
    const done = (left) => { setTicked(left); reload(); };
    return html`<div class="two list-first"><section class="card stack tight">
            <${ScanBox} name="inbox-scan" label="Mã hồ sơ hoặc số hiệu" en="Code or number"
                onCode=${(code) => number_behind(code).then(setAt, () => setAt(code))} />
            <${Groups} groups=${data?.groups ?? []} at=${group} onPick=${pick} />
            <${Trouble} problem=${problem} retry=${reload} />
            <${Together} rows=${items.filter((row) => ticked.includes(row.code))} onDone=${done} />
            <p class="muted keys"><small><kbd>↑</kbd> <kbd>↓</kbd> đi trong danh sách, <kbd>Enter</kbd> mở, <kbd>x</kbd> chọn, <kbd>/</kbd> quét
                <span class="en" lang="en">move, open, tick, scan</span></small></p>
            ${data && !items.length && html`<${Empty} vi="Không có hồ sơ nào." en="No dossiers." />`}
            <ul class="list" onKeyDown=${keys(tick)}>${items.map((row) => html`<${Row} key=${row.code} row=${row} at=${at}
                ticked=${ticked.includes(row.code)} onPick=${setAt} onTick=${tick} />`)}</ul>
            ${!ends && html`<${Button} busy=${next.busy} vi="Xem thêm" en="More" onClick=${load} />`}
            <${Trouble} problem=${next.problem} /></section>
        ${at ? html`<${Picked} key=${at}><${Dossier} code=${at} onChange=${reload} forms=${Questions} /></${Picked}>`
            : html`<${Empty} vi="Chọn một hồ sơ để xem và xử lý." en="Pick a dossier." />`}</div>`;
}
