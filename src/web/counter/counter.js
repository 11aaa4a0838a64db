// The counter: dense and keyboard-first. Alt with a digit changes the part; the address keeps it.
import { Bags } from '../common/bags.js';
import { Count } from '../common/count.js';
import { Exceptions } from '../common/exceptions.js';
import { HandOvers } from '../common/handover.js';
import { Leases } from '../common/leases.js';
import { held } from '../common/model.js';
import { Pickups } from '../common/pickups.js';
import { Printers } from '../common/printers.js';
import { useQueue } from '../common/queue.js';
import { Outcomes, Sending, Waiting } from '../common/scanbox.js';
import { start } from '../common/session.js';
import { HeldList, ScanFirst } from '../common/things.js';
import { html, Tabs, Trouble, Two, useHash, useEffect, useLoad } from '../common/ui.js';
import { Intake } from './intake.js';
import { Dossiers } from './dossiers.js';
import { Unclaimed } from './unclaimed.js';

const TABS = [
    { id: 'intake', vi: 'Nhận hồ sơ', en: 'Intake' },
    { id: 'scan', vi: 'Quét', en: 'Scan' },
    { id: 'bags', vi: 'Túi', en: 'Bags' },
    { id: 'lists', vi: 'Giao nhận', en: 'Hand-over' },
    { id: 'here', vi: 'Đang giữ', en: 'Here, deliver' },
    { id: 'dossiers', vi: 'Hồ sơ', en: 'Dossiers' },
    { id: 'pickups', vi: 'Nhận tận nơi', en: 'Pick-ups' },
    { id: 'odd', vi: 'Ngoại lệ', en: 'Exceptions' },
    { id: 'count', vi: 'Kiểm đếm', en: 'Count' },
    { id: 'numbers', vi: 'Dải số', en: 'Numbers' },
    { id: 'printers', vi: 'Máy in', en: 'Printers' },
];

const Scan = ({ queue, waiting, outcomes, reload }) => html`<div class="two even">
    <section class="card"><${ScanFirst} queue=${queue} onDone=${reload} /></section>
    <section class="card"><h2><${Two} vi="Kết quả quét" en="Outcomes" /></h2>
        <${Outcomes} waiting=${waiting} outcomes=${outcomes} /></section></div>`;

const Here = ({ items, problem, queue, reload }) => html`<div class="two even"><section class="card">
    <h2><${Two} vi="Bưu gửi tại bưu cục" en="Items at this office" /></h2>
    <${Trouble} problem=${problem} retry=${reload} />
    <${HeldList} items=${items} queue=${queue} onDone=${reload}
        empty=${{ vi: 'Không có bưu gửi nào ở đây.', en: 'Nothing is here.' }} /></section><${Unclaimed} /></div>`;

function Counter({ me }) {
    const [at, go, what] = useHash('intake');
    const { queue, waiting, outcomes } = useQueue(me);
    const { data, problem, reload } = useLoad(held, []);
    const items = data?.items ?? [];
    useEffect(() => { reload(); }, [at, outcomes[0]?.id]);
    const tabs = TABS.map((tab) => (tab.id === 'here' ? { ...tab, count: items.length } : tab));
    const parts = {
        intake: () => html`<${Intake} onMade=${reload} />`,
        scan: () => html`<${Scan} queue=${queue} waiting=${waiting} outcomes=${outcomes} reload=${reload} />`,
        bags: () => html`<${Bags} me=${me} queue=${queue} />`,
        lists: () => html`<${HandOvers} items=${items} first=${what} kinds=${['hub', 'post_office', 'agency']} onDone=${reload} />`,
        here: () => html`<${Here} items=${items} problem=${problem} queue=${queue} reload=${reload} />`,
        dossiers: () => html`<${Dossiers} key=${what} first=${what && decodeURIComponent(what)} />`,
        pickups: () => html`<${Pickups} assigns />`,
        odd: () => html`<${Exceptions} me=${me} />`,
        count: () => html`<${Count} me=${me} kinds=${['place', 'person']} />`,
        numbers: () => html`<${Leases} me=${me} />`,
        printers: () => html`<${Printers} me=${me} />`,
    };
    return html`<main class="page dense"><h1 class="hidden-text">Quầy giao dịch</h1>
        <${Tabs} tabs=${tabs} at=${at} onPick=${go} />
        <${Waiting} waiting=${waiting} /><${Sending} files=${queue.files} />
        <div key=${at}>${(parts[at] ?? parts.intake)()}</div></main>`;
}

start('/counter', Counter);
