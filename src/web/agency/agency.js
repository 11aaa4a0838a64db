// The one-stop department's desk: what must be signed for, what is due, and one dossier at a time.
import { hours_left, time } from '../common/format.js';
import { HandOvers, List, Lists } from '../common/handover.js';
import { dossiers, handovers, held, number_behind } from '../common/model.js';
import { useQueue } from '../common/queue.js';
import { Outcomes, ScanBox, Waiting } from '../common/scanbox.js';
import { start } from '../common/session.js';
import { HeldList, ScanFirst } from '../common/things.js';
import { Chip, Empty, html, Picked, Tabs, Trouble, Two, useHash, useEffect, useLoad, useState } from '../common/ui.js';
import { STATUS } from '../common/words.js';
import { Dossier } from '../common/dossier.js';

const TABS = [
    { id: 'inbox', vi: 'Hồ sơ', en: 'Dossiers' },
    { id: 'sign', vi: 'Ký nhận', en: 'Sign for' },
    { id: 'out', vi: 'Bàn giao kết quả', en: 'Hand out results' },
    { id: 'scan', vi: 'Quét', en: 'Scan' },
];
const FILTERS = { '': ['Tất cả', 'All'], ...Object.fromEntries(Object.entries(STATUS)
    .map(([code, words]) => [code, words])) };

function due(row) {
    if (!row.filed_at && row.status.code === 1)
        return html`<${Chip} vi="Chưa ký nhận" en="Not handed over yet" tone="warn" />`;
    if (!row.due_at || row.ended_at) return null;
    const left = hours_left(row.due_at);
    const tone = left < 0 ? 'bad' : left < 24 ? 'warn' : '';
    const words = left < 0 ? 'Quá hạn' : left < 24 ? 'Sắp đến hạn' : 'Hẹn trả';
    return html`<${Chip} vi=${`${words} ${time(row.due_at)}`} tone=${tone} />`;
}

// Overdue and due soon first, what has no date yet last.
const by_due = (a, b) => (a.due_at ?? '9').localeCompare(b.due_at ?? '9');

function Inbox() {
    const [status, setStatus] = useState('');
    const [at, setAt] = useState(null);
    const { data, problem, reload } = useLoad(() => dossiers({ status, limit: 200 }), [status]);
    const list = (data ?? []).slice().sort(by_due);
    return html`<div class="two list-first"><section class="card stack tight">
            <${ScanBox} name="inbox-scan" label="Mã hồ sơ hoặc số hiệu" en="Code or number"
                onCode=${(code) => number_behind(code).then(setAt, () => setAt(code))} />
            <label for="status"><${Two} vi="Trạng thái" en="Status" /></label>
            <select id="status" value=${status} onChange=${(e) => setStatus(e.target.value)}>
                ${Object.entries(FILTERS).map(([code, [vi, en]]) => html`<option key=${code} value=${code}>${vi} · ${en}</option>`)}
            </select>
            <${Trouble} problem=${problem} retry=${reload} />
            ${data && !list.length && html`<${Empty} vi="Không có hồ sơ nào." en="No dossiers." />`}
            <ul class="list">${list.map((row) => html`<li key=${row.code}><button type="button" class="wide left"
                aria-pressed=${String(row.code === at)} data-code=${row.code} onClick=${() => setAt(row.code)}>
                <span class="grow"><strong class="mono">${row.code}</strong><br />
                    <span>${row.procedure.name}</span><br />
                    <span class="row"><${Chip} of=${STATUS} code=${row.status.code} />${due(row)}</span></span>
                </button></li>`)}</ul></section>
        ${at ? html`<${Picked} key=${at}><${Dossier} code=${at} onChange=${reload} /></${Picked}>`
            : html`<${Empty} vi="Chọn một hồ sơ để xem và xử lý." en="Pick a dossier." />`}</div>`;
}

function Sign({ lists, problem, reload }) {
    const [at, setAt] = useState(null);
    return html`<div class="two list-first"><section class="card stack tight">
            <h2><${Two} vi="Biên bản chờ ký" en="To be signed" /></h2>
            <${Trouble} problem=${problem} retry=${reload} />
            <${Lists} rows=${lists} at=${at} onPick=${setAt}
                empty=${{ vi: 'Không có biên bản nào chờ ký.', en: 'Nothing to sign.' }} />
            <p class="muted"><small>Giờ ký là ngày nộp hồ sơ theo pháp luật.
                <span lang="en">The time of signing is the legal filing time.</span></small></p></section>
        ${at ? html`<${Picked} key=${at}><${List} id=${at} sign onSigned=${reload} /></${Picked}>`
            : html`<${Empty} vi="Chọn một biên bản." en="Pick a list." />`}</div>`;
}

function Agency({ me }) {
    const [at, go] = useHash('inbox');
    const { queue, waiting, outcomes } = useQueue(me);
    const lists = useLoad(handovers, []);
    const here = useLoad(held, []);
    const items = here.data?.items ?? [];
    const open = lists.data?.to_sign ?? [];
    const count = { sign: open.length, out: items.length };
    const done = () => { lists.reload(); here.reload(); };
    useEffect(done, [at, outcomes[0]?.id]);
    const parts = {
        inbox: () => html`<${Inbox} />`,
        sign: () => html`<${Sign} lists=${open} problem=${lists.problem} reload=${done} />`,
        out: () => html`<div class="stack"><section class="card"><h2><${Two} vi="Bưu gửi tại cơ quan" en="Items here" /></h2>
            <${HeldList} items=${items} queue=${queue} onDone=${done}
                empty=${{ vi: 'Không có bưu gửi nào chờ bàn giao.', en: 'Nothing waits.' }} /></section>
            <${HandOvers} items=${items} kinds=${['post_office', 'hub']} onDone=${done} /></div>`,
        scan: () => html`<div class="two even"><section class="card"><${ScanFirst} queue=${queue} onDone=${done} /></section>
            <section class="card"><${Outcomes} waiting=${waiting} outcomes=${outcomes} /></section></div>`,
    };
    return html`<main class="page dense"><h1 class="hidden-text">Bộ phận Một cửa</h1>
        <${Tabs} tabs=${TABS.map((tab) => ({ ...tab, count: count[tab.id] }))} at=${at} onPick=${go} />
        <${Waiting} waiting=${waiting} /><div key=${at}>${(parts[at] ?? parts.inbox)()}</div></main>`;
}

start('/agency', Agency);
