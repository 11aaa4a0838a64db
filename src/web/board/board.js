// The supervisor's desk: what waits for a decision at every unit of the province, the overdue first.
import { Exceptions } from '../common/exceptions.js';
import { start } from '../common/session.js';
import { html } from '../common/ui.js';

const Board = ({ me }) => html`<main class="page dense"><h1 class="hidden-text">Giám sát</h1>
    <${Exceptions} me=${me} /></main>`;

start('/board', Board);
