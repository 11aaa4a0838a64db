// What supervisors and administrators keep in order: numbers that were leased to offices,
// the offices' printers, and the working calendar.
import { Calendar } from '../common/calendar.js';
import { Leases } from '../common/leases.js';
import { Printers } from '../common/printers.js';
import { start } from '../common/session.js';
import { html, Tabs, useHash } from '../common/ui.js';

const TABS = [{ id: 'numbers', vi: 'Dải số', en: 'Numbers' }, { id: 'printers', vi: 'Máy in', en: 'Printers' },
    { id: 'calendar', vi: 'Lịch làm việc', en: 'Calendar' }];

function Admin({ me }) {
    const [at, go] = useHash('numbers');
    const parts = { numbers: () => html`<${Leases} me=${me} />`, printers: () => html`<${Printers} me=${me} />`,
                    calendar: () => html`<${Calendar} me=${me} />` };
    return html`<main class="page dense"><h1 class="hidden-text">Quản trị</h1>
        <${Tabs} tabs=${TABS} at=${at} onPick=${go} />
        <div key=${at}>${(parts[at] ?? parts.numbers)()}</div></main>`;
}

start('/admin', Admin);
