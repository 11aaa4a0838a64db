// What this office took in, newest first, and what its clerks may do with it.
import { day, s10, time, today } from '../common/format.js';
import { Inbox } from '../common/inbox.js';
import { html } from '../common/ui.js';
import { Print } from './print.js';
import { Shift } from './shift.js';

const newest = (a, b) => b.created_at.localeCompare(a.created_at);

function where({ created_at, shipments: [one] }) {
    return html`<small>${[time(created_at), one && s10(one.number), one?.state_vi].filter(Boolean).join(' · ')}</small>`;
}

export const Dossiers = () => html`<${Inbox} order=${newest} more=${where}
    only=${{ vi: `Chỉ hôm nay, ${today()}`, en: 'Today only', fits: (row) => day(row.created_at) === today() }}
    forms=${Shift} beside=${(shipment) => html`<${Print} number=${shipment.number} plain />`} />`;
