// The supervisor's desk: what waits for a decision at every unit of the province, the overdue first; what is
// due soon at its agencies; their registers; and what is claimed of the post.
import { Due } from '../common/due.js';
import { Exceptions } from '../common/exceptions.js';
import { time } from '../common/format.js';
import { Inbox } from '../common/inbox.js';
import { Register } from '../common/register.js';
import { start } from '../common/session.js';
import { html, Tabs, useHash } from '../common/ui.js';

const TABS = [
    { id: 'odd', vi: 'Ngoại lệ', en: 'Exceptions' },
    { id: 'due', vi: 'Hạn trả kết quả', en: 'Due dates' },
    { id: 'register', vi: 'Sổ theo dõi', en: 'Register' },
    { id: 'claims', vi: 'Khiếu nại', en: 'Claims' },
];

const CLAIMED = { name: 'claimed', vi: 'Chỉ hồ sơ có khiếu nại chờ giải quyết', en: 'Only with a claim to decide', on: true };
const oldest = (a, b) => a.created_at.localeCompare(b.created_at);
const Claimed = () => html`<${Inbox} order=${oldest} ask=${CLAIMED} more=${(row) => html`<small>${time(row.created_at)}</small>`} />`;

function Board({ me }) {
    const [at, go] = useHash('odd');
    const parts = { odd: () => html`<${Exceptions} me=${me} />`, due: () => html`<${Due} />`,
                    register: () => html`<${Register} me=${me} />`, claims: () => html`<${Claimed} />` };
    return html`<main class="page dense"><h1 class="hidden-text">Giám sát</h1>
        <${Tabs} tabs=${TABS} at=${at} onPick=${go} />
        <div key=${at}>${(parts[at] ?? parts.odd)()}</div></main>`;
}

start('/board', Board);
