// What supervisors and administrators keep in order: numbers that were leased to offices.
import { Leases } from '../common/leases.js';
import { start } from '../common/session.js';
import { html, Tabs, useHash } from '../common/ui.js';

const TABS = [{ id: 'numbers', vi: 'Dải số', en: 'Numbers' }];

function Admin({ me }) {
    const [at, go] = useHash('numbers');
    const parts = { numbers: () => html`<${Leases} me=${me} />` };
    return html`<main class="page dense"><h1 class="hidden-text">Quản trị</h1>
        <${Tabs} tabs=${TABS} at=${at} onPick=${go} />
        <div key=${at}>${(parts[at] ?? parts.numbers)()}</div></main>`;
}

start('/admin', Admin);
