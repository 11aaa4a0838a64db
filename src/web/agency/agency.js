// The one-stop department's desk: what must be signed for, what is due, and one dossier at a time.
import { Due } from '../common/due.js';
import { Exceptions } from '../common/exceptions.js';
import { HandOvers, List, Lists, TakeAll, useList } from '../common/handover.js';
import { Inbox } from '../common/inbox.js';
import { handovers, held } from '../common/model.js';
import { useQueue } from '../common/queue.js';
import { Register } from '../common/register.js';
import { Outcomes, Waiting } from '../common/scanbox.js';
import { start } from '../common/session.js';
import { HeldList, ScanFirst } from '../common/things.js';
import { Empty, html, Picked, Tabs, Trouble, Two, useHash, useEffect, useLoad } from '../common/ui.js';
import { Desk, due } from './desk.js';
import { Questions } from './questions.js';

const TABS = [
    { id: 'desk', vi: 'Bàn làm việc', en: 'Desk' },
    { id: 'inbox', vi: 'Hồ sơ', en: 'Dossiers' },
    { id: 'sign', vi: 'Ký nhận', en: 'Sign for' },
    { id: 'out', vi: 'Bàn giao kết quả', en: 'Hand out results' },
    { id: 'scan', vi: 'Quét', en: 'Scan' },
    { id: 'odd', vi: 'Ngoại lệ', en: 'Exceptions' },
    { id: 'due', vi: 'Hạn trả', en: 'Due dates' },
    { id: 'register', vi: 'Sổ theo dõi', en: 'Register' },
];

const LATE = { name: 'late', vi: 'Chỉ hồ sơ dự kiến đến trễ hẹn', en: 'Only those expected after their due day' };

// Overdue and due soon first, what has no date yet last.
const by_due = (a, b) => (a.due_at ?? '9').localeCompare(b.due_at ?? '9');

function Sign({ lists, first, problem, reload }) {
    const [at, setAt] = useList(first);
    return html`<div class="two list-first"><section class="card stack tight">
            <h2><${Two} vi="Biên bản chờ ký" en="To be signed" /></h2>
            <${TakeAll} onSigned=${(signed) => { setAt(signed.id); reload(); }} />
            <${Trouble} problem=${problem} retry=${reload} />
            <${Lists} rows=${lists} at=${at} onPick=${setAt}
                empty=${{ vi: 'Không có biên bản nào chờ ký.', en: 'Nothing to sign.' }} />
            <p class="muted"><small>Thời điểm ký là thời điểm nộp hồ sơ theo quy định của pháp luật.
                <span class="en" lang="en">The time of signing is the legal filing time.</span></small></p></section>
        ${at ? html`<${Picked} key=${at}><${List} id=${at} sign onSigned=${reload} /></${Picked}>`
            : html`<${Empty} vi="Chọn một biên bản." en="Pick a list." />`}</div>`;
}

function Agency({ me }) {
    const [at, go, what] = useHash('desk');
    const { queue, waiting, outcomes } = useQueue(me);
    const lists = useLoad(handovers, []);
    const here = useLoad(held, []);
    const items = here.data?.items ?? [];
    const open = lists.data?.to_sign ?? [];
    const count = { sign: open.length, out: items.length };
    const done = () => { lists.reload(); here.reload(); };
    useEffect(done, [at, outcomes[0]?.id]);
    const parts = {
        desk: () => html`<${Desk} />`,
        inbox: () => html`<${Inbox} order=${by_due} more=${due} ask=${LATE} forms=${Questions} />`,
        sign: () => html`<${Sign} lists=${open} first=${what} problem=${lists.problem} reload=${done} />`,
        out: () => html`<div class="stack"><section class="card"><h2><${Two} vi="Bưu gửi tại cơ quan" en="Items here" /></h2>
            <${HeldList} items=${items} queue=${queue} onDone=${done}
                empty=${{ vi: 'Không có bưu gửi nào chờ bàn giao.', en: 'Nothing waits.' }} /></section>
            <${HandOvers} items=${items} kinds=${['post_office', 'hub']} onDone=${done} /></div>`,
        scan: () => html`<div class="two even"><section class="card"><${ScanFirst} queue=${queue} onDone=${done} /></section>
            <section class="card"><${Outcomes} waiting=${waiting} outcomes=${outcomes} /></section></div>`,
        odd: () => html`<${Exceptions} me=${me} />`,
        due: () => html`<${Due} />`,
        register: () => html`<${Register} me=${me} />`,
    };
    return html`<main class="page dense"><h1 class="hidden-text">Bộ phận Một cửa</h1>
        <${Tabs} tabs=${TABS.map((tab) => ({ ...tab, count: count[tab.id] }))} at=${at} onPick=${go} />
        <${Waiting} waiting=${waiting} /><div key=${at}>${(parts[at] ?? parts.desk)()}</div></main>`;
}

start('/agency', Agency);
