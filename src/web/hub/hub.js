// The sorting hub: bags in, opened and checked against their manifests, sorted into new bags, out.
import { Bags } from '../common/bags.js';
import { Count } from '../common/count.js';
import { Exceptions } from '../common/exceptions.js';
import { HandOvers } from '../common/handover.js';
import { held } from '../common/model.js';
import { useQueue } from '../common/queue.js';
import { Outcomes, Waiting } from '../common/scanbox.js';
import { start } from '../common/session.js';
import { HeldList, ScanFirst } from '../common/things.js';
import { html, Tabs, Trouble, Two, useHash, useEffect, useLoad } from '../common/ui.js';
import { SortHint } from './sorting.js';
import { Trips } from './trips.js';

const TABS = [
    { id: 'scan', vi: 'Quét', en: 'Scan' },
    { id: 'bags', vi: 'Túi', en: 'Bags' },
    { id: 'trips', vi: 'Chuyến', en: 'Trips' },
    { id: 'here', vi: 'Tại trung tâm', en: 'At the hub' },
    { id: 'lists', vi: 'Giao nhận', en: 'Hand-over' },
    { id: 'odd', vi: 'Ngoại lệ', en: 'Exceptions' },
    { id: 'count', vi: 'Kiểm đếm', en: 'Count' },
];

function Hub({ me }) {
    const [at, go, what] = useHash('scan');
    const { queue, waiting, outcomes } = useQueue(me);
    const { data, problem, reload } = useLoad(held, []);
    const items = data?.items ?? [];
    useEffect(() => { reload(); }, [at, outcomes[0]?.id]);
    const tabs = TABS.map((tab) => (tab.id === 'here' ? { ...tab, count: items.length } : tab));
    const parts = {
        scan: () => html`<div class="two even"><div class="stack"><section class="card"><${ScanFirst} queue=${queue}
                    onDone=${reload} label="Quét túi hoặc bưu gửi" en="Scan a bag or an item" /></section>
                <${SortHint} outcomes=${outcomes} /></div>
            <section class="card"><h2><${Two} vi="Kết quả quét" en="Outcomes" /></h2>
                <${Outcomes} waiting=${waiting} outcomes=${outcomes} /></section></div>`,
        bags: () => html`<${Bags} me=${me} queue=${queue} />`,
        trips: () => html`<${Trips} me=${me} queue=${queue} waiting=${waiting} outcomes=${outcomes} />`,
        here: () => html`<section class="card"><h2><${Two} vi="Bưu gửi tại trung tâm" en="Items here" /></h2>
            <${Trouble} problem=${problem} retry=${reload} />
            <${HeldList} items=${items} queue=${queue} onDone=${reload}
                empty=${{ vi: 'Không có bưu gửi nào ở đây.', en: 'Nothing is here.' }} /></section>`,
        lists: () => html`<${HandOvers} items=${items} first=${what} kinds=${['post_office', 'agency', 'hub']}
            onDone=${reload} />`,
        odd: () => html`<${Exceptions} me=${me} />`,
        count: () => html`<${Count} me=${me} kinds=${['place', 'person']} />`,
    };
    return html`<main class="page dense"><h1 class="hidden-text">Trung tâm khai thác</h1>
        <${Tabs} tabs=${tabs} at=${at} onPick=${go} /><${Waiting} waiting=${waiting} />
        <div key=${at}>${(parts[at] ?? parts.scan)()}</div></main>`;
}

start('/hub', Hub);
