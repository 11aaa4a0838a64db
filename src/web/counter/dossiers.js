// What this office took in, newest first, and what its clerks may do with it.
import { day, s10, time, today } from '../common/format.js';
import { Inbox } from '../common/inbox.js';
import { html } from '../common/ui.js';
import { Print } from './print.js';
import { Shift } from './shift.js';
import { TakeIn } from './take_in.js';
import { TrackingCode } from './tracking_code.js';

const newest = (a, b) => b.created_at.localeCompare(a.created_at);

function where({ created_at, shipments: [one] }) {
    return html`<small>${[time(created_at), one && s10(one.number), one?.state_vi].filter(Boolean).join(' · ')}</small>`;
}

// What the counter may do with a dossier beside its steps.
const Counter = ({ view, etag, onDone }) => html`<${TakeIn} view=${view} etag=${etag} onDone=${onDone} />
    <${Shift} view=${view} etag=${etag} onDone=${onDone} />
    ${view.personal === 'full' && view.applicant && html`<${TrackingCode} code=${view.code} />`}`;

// first: the one to begin with.
export const Dossiers = ({ first }) => html`<${Inbox} first=${first} order=${newest} more=${where}
    only=${{ vi: `Chỉ hôm nay, ${today()}`, en: 'Today only', fits: (row) => day(row.created_at) === today() }}
    forms=${Counter} beside=${(shipment) => html`<${Print} number=${shipment.number} plain />`} />`;
