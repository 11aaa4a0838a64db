// The courier's page: one hand, sunlight, no network. What I hold comes first; every scan is kept on
// the device until the service has acknowledged it.
import { Count } from '../common/count.js';
import { ready } from '../common/ed25519.js';
import { HandOvers } from '../common/handover.js';
import { recall, remember } from '../common/kept.js';
import { learn_copies, learn_keys } from '../common/label_keys.js';
import { held } from '../common/model.js';
import { Pickups } from '../common/pickups.js';
import { useQueue } from '../common/queue.js';
import { Outcomes, Sending, Waiting } from '../common/scanbox.js';
import { start } from '../common/session.js';
import { learn_terms } from '../common/terms.js';
import { HeldList, ScanFirst } from '../common/things.js';
import { html, Tabs, Trouble, Two, useHash, useLoad, useEffect, useRef, useState } from '../common/ui.js';

const KEPT = 'dossierpost.held';

const standing = (list) => list.map((one) => `${one.number ?? one.id} ${one.state}`).join();

// The list as it was last seen, for when there is no network; and what each asks for at the door,
// asked again when something has come, gone or moved.
function useHeld() {
    const [kept] = useState(() => recall(KEPT, []));
    const learnt = useRef(null);
    const { data, problem, reload } = useLoad(async () => {
        const { items, containers } = await held();
        const mine = [...containers, ...items].filter((one) => one.by !== 'place');
        remember(KEPT, mine);
        learn_copies(mine);
        await learn_keys().catch(() => {}); // what was told before counts
        if (learnt.current !== standing(mine)) {
            learnt.current = standing(mine);
            await learn_terms().catch(() => { learnt.current = null; });
        }
        return mine;
    }, []);
    return { items: data ?? kept, problem, reload };
}

function useOnline() {
    const [online, set] = useState(navigator.onLine);
    useEffect(() => {
        const changed = () => set(navigator.onLine);
        addEventListener('online', changed);
        addEventListener('offline', changed);
        return () => {
            removeEventListener('online', changed);
            removeEventListener('offline', changed);
        };
    }, []);
    return online;
}

const Offline = () => html`<div class="note warn" role="status"><strong>Không có mạng.</strong> Xin cứ
    tiếp tục quét: thiết bị giữ lại và tự gửi khi có mạng. <span class="en" lang="en">Offline: keep scanning, it is sent later.</span></div>`;

function Mine({ queue, waiting, outcomes, items, problem, reload }) {
    return html`<div class="two even"><div class="stack">
            <section class="card"><${ScanFirst} queue=${queue} onDone=${reload} label="Quét bưu gửi hoặc túi"
                en="Scan an item or a bag" /></section>
            <section class="card"><h2><${Two} vi=${`Tôi đang giữ (${items.length})`} en="I hold" /></h2>
                <${Trouble} problem=${problem} retry=${reload} />
                <${HeldList} items=${items} queue=${queue} onDone=${reload}
                    empty=${{ vi: 'Hiện không giữ bưu gửi nào.', en: 'You hold nothing.' }} /></section></div>
        <section class="card"><h2><${Two} vi="Kết quả quét" en="Outcomes" /></h2>
            <${Outcomes} waiting=${waiting} outcomes=${outcomes} limit=${8} /></section></div>`;
}

function Courier({ me }) {
    const [at, go, what] = useHash('mine');
    const { queue, waiting, outcomes } = useQueue(me);
    const { items, problem, reload } = useHeld();
    const online = useOnline();
    useEffect(() => { reload(); }, [at, online, outcomes[0]?.id]);
    const tabs = [{ id: 'mine', vi: 'Đang giữ', en: 'I hold', count: items.length },
                  { id: 'lists', vi: 'Giao nhận', en: 'Hand-over' },
                  { id: 'pickups', vi: 'Đến nhận', en: 'Pick-ups' },
                  { id: 'outcomes', vi: 'Lượt quét', en: 'Scans', count: waiting.length },
                  { id: 'count', vi: 'Kiểm đếm', en: 'Count' }];
    const parts = {
        mine: () => html`<${Mine} queue=${queue} waiting=${waiting} outcomes=${outcomes} items=${items}
            problem=${online ? problem : null} reload=${reload} />`,
        lists: () => html`<${HandOvers} items=${items} first=${what} kinds=${['agency', 'post_office', 'hub']} onDone=${reload} />`,
        pickups: () => html`<${Pickups} />`,
        outcomes: () => html`<section class="card"><${Outcomes} waiting=${waiting} outcomes=${outcomes}
            limit=${60} /></section>`,
        count: () => html`<${Count} me=${me} kinds=${['person']} />`,
    };
    return html`<main class="page hand"><h1 class="hidden-text">Bưu tá</h1>
        ${!online && html`<${Offline} />`}<${Waiting} waiting=${waiting} /><${Sending} files=${queue.files} />
        <${Tabs} tabs=${tabs} at=${at} onPick=${go} />
        <div key=${at}>${(parts[at] ?? parts.mine)()}</div></main>`;
}

// The page itself stays on the phone (worker.js); `data-kept` tells that it does.
async function keep_page() {
    const registration = await navigator.serviceWorker?.register('/courier-worker.js', { scope: '/courier' });
    if (!registration) return;
    const worker = (await navigator.serviceWorker.ready).active;
    await ready().catch(() => {}); // with what checks labels
    navigator.serviceWorker.addEventListener('message', () => { document.body.dataset.kept = 'yes'; });
    const keep = performance.getEntriesByType('resource').map((entry) => entry.name);
    worker.postMessage({ keep: [`${location.origin}/courier`, ...keep] });
}

start('/courier', Courier, { offline: true });
addEventListener('load', () => keep_page().catch(() => {}));
