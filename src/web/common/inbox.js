// A desk's dossiers: one is found by its code or any of its numbers, or picked from the list, and
// dealt with beside it.
import { Dossier } from './dossier.js';
import { dossiers, number_behind } from './model.js';
import { ScanBox } from './scanbox.js';
import { Chip, Empty, html, Picked, Trouble, Two, useLoad, useState } from './ui.js';
import { STATUS } from './words.js';

const FILTERS = { '': ['Tất cả', 'All'], ...STATUS };

const Row = ({ row, at, more, onPick }) => html`<li><button type="button" class="wide left"
    aria-pressed=${String(row.code === at)} data-code=${row.code} onClick=${() => onPick(row.code)}>
    <span class="grow"><strong class="mono">${row.code}</strong><br /><span>${row.procedure.name}</span><br />
        <span class="row"><${Chip} of=${STATUS} code=${row.status.code} />${more(row)}</span></span>
    </button></li>`;

// `order` of the list; `more(row)`: what else to see of one; `only`: {vi, en, fits(row)}, a narrower
// list to begin with; `ask`: {name, vi, en, on?}, a condition the service knows, asked for when ticked (on: to begin with);
// `first`: the code of the one to begin with; `beside`, `forms`: see Dossier.
export function Inbox({ first, order, more, only, ask, beside, forms }) {
    const [status, setStatus] = useState('');
    const [narrow, setNarrow] = useState(!!only);
    const [asked, setAsked] = useState(!!ask?.on);
    const [at, setAt] = useState(first ?? null);
    const { data, problem, reload } = useLoad(() => dossiers({ status, limit: 200,
        ...(asked ? { [ask.name]: true } : {}) }), [status, asked]);
    const list = (data ?? []).filter((row) => !narrow || only.fits(row)).sort(order);
    return html`<div class="two list-first"><section class="card stack tight">
            <${ScanBox} name="inbox-scan" label="Mã hồ sơ hoặc số hiệu" en="Code or number"
                onCode=${(code) => number_behind(code).then(setAt, () => setAt(code))} />
            <label for="status"><${Two} vi="Trạng thái" en="Status" /></label>
            <select id="status" value=${status} onChange=${(e) => setStatus(e.target.value)}>
                ${Object.entries(FILTERS).map(([code, [vi, en]]) => html`<option key=${code} value=${code}>${vi} · ${en}</option>`)}
            </select>
            ${only && html`<label class="check"><input type="checkbox" checked=${narrow}
                onChange=${(e) => setNarrow(e.target.checked)} /><span><${Two} ...${only} /></span></label>`}
            ${ask && html`<label class="check"><input type="checkbox" name=${ask.name} checked=${asked}
                onChange=${(e) => setAsked(e.target.checked)} /><span><${Two} vi=${ask.vi} en=${ask.en} /></span></label>`}
            <${Trouble} problem=${problem} retry=${reload} />
            ${data && !list.length && html`<${Empty} vi="Không có hồ sơ nào." en="No dossiers." />`}
            <ul class="list">${list.map((row) => html`<${Row} key=${row.code} row=${row} at=${at} more=${more}
                onPick=${setAt} />`)}</ul></section>
        ${at ? html`<${Picked} key=${at}><${Dossier} code=${at} onChange=${reload} beside=${beside}
                forms=${forms} /></${Picked}>`
            : html`<${Empty} vi="Chọn một hồ sơ để xem và xử lý." en="Pick a dossier." />`}</div>`;
}
