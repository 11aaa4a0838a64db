// The register of an agency, page after page, with its export; and the control sheet of one dossier.
import { get, query } from './api.js';
import { day, s10, time } from './format.js';
import { rows, units } from './model.js';
import { ControlSheetLink, RegisterPaper } from './papers.js';
import { Picker } from './picker.js';
import { Button, Chip, Empty, Field, html, Picked, Trouble, Two, useEffect, useLoad, useState } from './ui.js';
import { LEG, STATUS } from './words.js';

export const TIMING = {
    early: ['Sớm hạn', 'Early', 'good'],
    on_time: ['Đúng hạn', 'On time', 'good'],
    open: ['Trong hạn', 'In time so far', ''],
    late: ['Quá hạn', 'Late', 'bad'],
};

const Party = ({ of }) => html`${of?.name}${of?.unit && of.unit.name !== of.name && html`<br /><small>${of.unit.name}</small>`}`;

const Hop = ({ hop }) => html`<tr><td class="num" data-label="Lúc">${time(hop.at)}</td>
    <td>${hop.name ?? hop.kind}${hop.number && html`<br /><small class="mono nowrap">${s10(hop.number)}</small>${' '}
        <small>${(LEG[hop.leg] ?? [''])[0]}</small>`}</td>
    <td data-label="Giao"><${Party} of=${hop.giver} /></td><td data-label="Nhận"><${Party} of=${hop.receiver} /></td>
    <td data-label="Hạn">${hop.due_on ? day(hop.due_on) : time(hop.due_at)}</td>
    <td>${hop.timing && html`<${Chip} of=${TIMING} code=${hop.timing} />`}</td><td>${hop.note}</td></tr>`;

export function ControlSheet({ code }) {
    const { data, problem, reload } = useLoad(() => get(`/v1/dossiers/${encodeURIComponent(code)}/control-sheet`), [code]);
    if (!data) return html`<${Trouble} problem=${problem} retry=${reload} />`;
    return html`<section class="card stack tight" data-sheet=${code}><h2><${Two} vi="Phiếu kiểm soát quá trình giải quyết" en="Control sheet" /></h2>
        <p><strong class="mono">${data.code}</strong> · ${data.procedure.name}<br /><small>${data.agency.name}</small></p>
        <div class="row"><${Chip} of=${STATUS} code=${data.status.code} />
            ${data.timing && html`<${Chip} of=${TIMING} code=${data.timing} />`}
            ${data.due_at && html`<span>Hẹn trả <strong>${time(data.due_at)}</strong></span>`}</div>
        <div class="row"><${ControlSheetLink} code=${data.code} /></div>
        <p><${Two} vi=${`Cơ quan ${data.days.agency} ngày làm việc, bưu chính ${data.days.post}, chờ người nộp ${data.days.waiting}.`}
            en="Working days of the agency, in the post, waiting for the applicant." /></p>
        <div class="scroll" tabindex="0" role="region" aria-label="Từng lần giao nhận"><table class="cards"><thead><tr>
            ${[['Thời điểm', 'Time'], ['Bước', 'Step'], ['Bên giao', 'Giver'], ['Bên nhận', 'Receiver'], ['Hạn', 'Due'],
               ['Đánh giá', 'Timing'], ['Ghi chú', 'Note']].map(([vi, en]) => html`<th scope="col" key=${en}><${Two} vi=${vi} en=${en} /></th>`)}
            </tr></thead><tbody>${data.hops.map((hop) => html`<${Hop} key=${hop.n} hop=${hop} />`)}</tbody></table></div></section>`;
}

const Row = ({ row, at, onPick }) => html`<li><button type="button" class="wide left" data-code=${row.code}
    aria-pressed=${String(row.code === at)} onClick=${() => onPick(row.code)}><span class="grow">
        <strong class="mono">${row.code}</strong><br />${row.procedure.name}<br />
        <small>${[`Nhận ${time(row.received_at)}`, row.due_at && `hẹn ${time(row.due_at)}`,
                  row.ended_at && `xong ${time(row.ended_at)}`].filter(Boolean).join(' · ')}</small><br />
    <span class="row"><${Chip} of=${STATUS} code=${row.status.code} />
        ${row.timing && html`<${Chip} of=${TIMING} code=${row.timing} />`}</span></span></button></li>`;

function Pages({ asked, at, onPick }) {
    const [list, setList] = useState([]);
    const [next, setNext] = useState(undefined);
    const { data, problem, reload } = useLoad(() => get(query('/v1/reports/register', { ...asked, limit: 50, next })), [next]);
    useEffect(() => { if (data) setList((old) => (next ? [...old, ...rows(data)] : rows(data))); }, [data]);
    return html`<${Trouble} problem=${problem} retry=${reload} />
        ${data && !list.length && html`<${Empty} vi="Sổ không có hồ sơ nào như vậy." en="No such dossiers in the register." />`}
        <ul class="list">${list.map((row) => html`<${Row} key=${row.code} row=${row} at=${at} onPick=${onPick} />`)}</ul>
        ${data?.next && html`<${Button} vi="Xem thêm" en="More" onClick=${() => setNext(data.next)} />`}`;
}

// `me`: an officer's own agency needs no choosing.
export function Register({ me }) {
    const own = me.roles.includes('officer') && me.unit;
    const [agency, setAgency] = useState(own ? { code: me.unit.code ?? me.unit.id, name: me.unit.name } : null);
    const [from, setFrom] = useState('');
    const [to, setTo] = useState('');
    const [timing, setTiming] = useState('');
    const [at, setAt] = useState(null);
    const asked = { agency: agency?.code, from, to, timing };
    return html`<div class="two list-first"><section class="card stack tight"><h2><${Two} vi="Sổ theo dõi hồ sơ" en="Register of dossiers" /></h2>
            ${!own && html`<${Picker} label="Cơ quan" en="Agency" name="register-agency" chosen=${agency} onPick=${setAgency}
                search=${(q) => units({ kind: 'agency', q })} text=${(one) => one.name} show=${(one) => html`${one.name}<br />
                    <small>${one.address}</small>`} />`}
            <div class="fields"><${Field} label="Nhận từ ngày" en="Received from" type="date" at="/from" value=${from} onInput=${(e) => setFrom(e.target.value)} />
                <${Field} label="Đến ngày" en="To" type="date" at="/to" value=${to} onInput=${(e) => setTo(e.target.value)} /></div>
            <label for="register-timing"><${Two} vi="Đánh giá" en="Timing" /></label>
            <select id="register-timing" value=${timing} onChange=${(e) => setTiming(e.target.value)}>
                <option value="">Tất cả · All</option>
                ${Object.entries(TIMING).map(([code, [vi, en]]) => html`<option key=${code} value=${code}>${vi} · ${en}</option>`)}</select>
            ${agency && html`<a class="button" href=${query('/v1/reports/register.csv', asked)} download>
                <${Two} vi="Tải sổ dạng CSV" en="Download as CSV" /></a>
                <${RegisterPaper} unit=${agency.code} from=${from} to=${to} />
                <${Pages} key=${JSON.stringify(asked)} asked=${asked} at=${at} onPick=${setAt} />`}</section>
        ${at ? html`<${Picked} key=${at}><${ControlSheet} code=${at} /></${Picked}>`
            : html`<${Empty} vi="Chọn một hồ sơ để xem phiếu kiểm soát." en="Pick a dossier to see its control sheet." />`}</div>`;
}
