// What this office took in, newest first, with the label to print again and the way to tracking.
import { day, s10, time, today } from '../common/format.js';
import { dossiers, label, track } from '../common/model.js';
import { Button, Chip, Empty, html, Trouble, Two, useAction, useLoad, useState } from '../common/ui.js';
import { STATUS } from '../common/words.js';
import { print_label } from './print.js';

function Row({ row, onPrint }) {
    const shipment = row.shipments?.[0];
    return html`<tr data-code=${row.code}><td class="nowrap">${time(row.created_at)}</td>
        <td class="mono nowrap">${row.code}${shipment && html`<br /><small>${s10(shipment.number)}</small>`}</td>
        <td>${row.procedure?.name ?? row.procedure}<br /><small>${row.agency?.name}</small></td>
        <td><${Chip} of=${STATUS} code=${row.status.code} />${shipment && html`<br />
            <small>${shipment.state_vi}</small>`}</td>
        <td class="nowrap">${shipment && html`<${Button} plain vi="In nhãn" en="Print"
                onClick=${() => onPrint(shipment.number)} /><a href=${label(shipment.number, 'pdf')} target="_blank"
                rel="noopener">PDF</a> `}<a href=${track(shipment?.number ?? row.code)} target="_blank"
                rel="noopener">Tra cứu</a></td></tr>`;
}

export function Today() {
    const [q, setQ] = useState('');
    const [only, setOnly] = useState(true);
    const { data, problem, reload } = useLoad(() => dossiers({ limit: 100 }), []);
    const { run, problem: trouble } = useAction();
    const fits = (row) => (!only || day(row.created_at) === today()) && (!q || JSON.stringify([row.code, row.shipments?.map((s) => s.number), row.procedure?.name])
        .toLowerCase().includes(q.toLowerCase()));
    const shown = (data ?? []).filter(fits);
    return html`<section class="card stack tight"><div class="row spread">
            <h2><${Two} vi="Hồ sơ của bưu cục" en="This office's dossiers" /></h2>
            <${Button} vi="Tải lại" en="Reload" onClick=${reload} /></div>
        <label for="today-q"><${Two} vi="Lọc" en="Filter" /></label>
        <input id="today-q" type="search" value=${q} onInput=${(e) => setQ(e.target.value)} />
        <label class="check"><input type="checkbox" checked=${only} onChange=${(e) => setOnly(e.target.checked)} />
            <span><${Two} vi=${`Chỉ hôm nay, ${today()}`} en="Today only" /></span></label>
        <${Trouble} problem=${problem ?? trouble} retry=${reload} />
        ${data && !shown.length && html`<${Empty} vi="Không có hồ sơ phù hợp." en="None." />`}
        ${shown.length > 0 && html`<div class="scroll"><table class="cards"><thead><tr><th>Nhận lúc</th><th>Mã hồ sơ, số hiệu</th>
            <th>Thủ tục, cơ quan</th><th>Trạng thái</th><th><span class="hidden-text">Nhãn, tra cứu</span></th></tr></thead>
            <tbody>${shown.map((row) => html`<${Row} key=${row.code} row=${row}
                onPrint=${(number) => run(() => print_label(number))} />`)}</tbody></table></div>`}
    </section>`;
}
