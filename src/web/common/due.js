// What is due soon and what is overdue: how many at each agency and procedure, and the dossiers behind a
// number; what is stuck in the post stands apart, as its days are not the agency's.
import { get, query } from './api.js';
import { count, s10, time } from './format.js';
import { rows, track } from './model.js';
import { Button, Chip, Empty, html, Picked, Trouble, Two, useEffect, useLoad, useState } from './ui.js';
import { LEG, STATUS } from './words.js';

export const BUCKET = {
    overdue: ['Quá hạn', 'Overdue', 'bad'],
    today: ['Hôm nay', 'Today', 'warn'],
    tomorrow: ['Ngày làm việc kế tiếp', 'Next working day', 'accent'],
    soon: ['Trong 3 ngày làm việc', 'Within 3 working days', ''],
    paused: ['Đang tạm dừng', 'Clock stopped', ''],
    later: ['Còn lâu', 'Later', ''],
};
const URGENT = ['overdue', 'today', 'tomorrow', 'soon'];

const Number = ({ n, bucket, wanted, about, onPick }) => {
    const [vi, en, tone] = BUCKET[bucket];
    const picked = wanted.bucket === bucket && wanted.agency === about.agency && wanted.procedure === about.procedure;
    return n ? html`<button type="button" class="plain" aria-pressed=${String(picked)}
            aria-label=${`${vi}: ${n}. ${about.text}`} title=${en} onClick=${() => onPick({ ...about, bucket })}>
            <${Chip} vi=${count(n)} tone=${tone} /></button>` : html`<span class="muted">0</span>`;
};

const Line = ({ line, name, about, wanted, onPick }) => html`<tr><th scope="row">${name}</th>
    ${URGENT.map((bucket) => html`<td class="num" key=${bucket} data-label=${BUCKET[bucket][0]}>
        <${Number} n=${line[bucket] ?? 0} bucket=${bucket} about=${about} wanted=${wanted} onPick=${onPick} /></td>`)}</tr>`;

function Group({ group, wanted, onPick }) {
    const agency = { agency: group.agency.id, text: group.agency.name };
    return html`<section class="card" data-agency=${group.agency.id}><h2>${group.agency.name}</h2>
        <div class="scroll"><table class="cards due"><thead><tr><th scope="col"><${Two} vi="Thủ tục" en="Procedure" /></th>
            ${URGENT.map((one) => html`<th scope="col" class="num" key=${one}><${Two} vi=${BUCKET[one][0]} en=${BUCKET[one][1]} /></th>`)}
            </tr></thead><tbody>
            ${group.procedures.length > 1 && html`<${Line} line=${group} about=${agency} wanted=${wanted} onPick=${onPick}
                name=${html`<${Two} vi="Tất cả thủ tục" en="All procedures" />`} />`}
            ${group.procedures.map((one) => html`<${Line} key=${one.code} line=${one} wanted=${wanted} onPick=${onPick}
                about=${{ ...agency, procedure: one.code, text: `${one.name}, ${group.agency.name}` }}
                name=${html`${one.name} <small class="mono nowrap">${one.code}</small>`} />`)}
        </tbody></table></div></section>`;
}

const Item = ({ row }) => html`<li><span class="grow"><a class="mono" href=${track(row.code)}>${row.code}</a><br />
        ${row.procedure.name}<br /><small>${row.agency.name}</small></span>
    <span class="row"><${Chip} of=${STATUS} code=${row.status.code} />
        <${Chip} vi=${`Hẹn ${time(row.due_at)}`} en=${`Due ${time(row.due_at)}`} tone=${BUCKET[row.bucket]?.[2]} />
        ${row.supplements > 1 && html`<${Chip} vi=${`Bổ sung ${row.supplements} lần`} en="Supplements" tone="bad" />`}</span></li>`;

// The dossiers behind a number, a page after another.
function Items({ wanted }) {
    const [list, setList] = useState([]);
    const [next, setNext] = useState(undefined);
    const { text, ...asked } = wanted;
    const { data, problem, reload } = useLoad(() => get(query('/v1/reports/due/items', { ...asked, next })), [next]);
    useEffect(() => { if (data) setList((old) => (next ? [...old, ...rows(data)] : rows(data))); }, [data]);
    return html`<section class="card stack tight"><h2><${Two} vi=${BUCKET[wanted.bucket][0]} en=${BUCKET[wanted.bucket][1]} /></h2>
        <p class="muted">${text}</p><${Trouble} problem=${problem} retry=${reload} />
        ${data && !list.length && html`<${Empty} vi="Không còn hồ sơ nào." en="None any more." />`}
        <ul class="list">${list.map((row) => html`<${Item} key=${row.code} row=${row} />`)}</ul>
        ${data?.next && html`<${Button} vi="Xem thêm" en="More" onClick=${() => setNext(data.next)} />`}</section>`;
}

const Stuck = ({ post }) => html`<section class="card" data-part="post"><h2><${Two} vi="Bưu gửi bị kẹt, tính vào thời gian bưu chính"
        en="Stuck in the post: the post's days, not the agency's" /></h2>
    ${post.count ? html`<p><strong>${count(post.count)}</strong> bưu gửi đáng lẽ đã đến nơi.
            <span class="en" lang="en">should have arrived by now.</span></p>`
        : html`<${Empty} vi="Không có bưu gửi nào bị kẹt." en="Nothing is stuck." />`}
    <ul class="list">${post.items.map((one) => html`<li key=${one.exception + one.number}><span class="grow">
        <span class="mono nowrap">${s10(one.number)}</span> · ${(LEG[one.leg] ?? [one.leg])[0]}<br />
        <small>${one.unit?.name}${one.expected_by && ` · lẽ ra đến ${time(one.expected_by)}`}</small></span>
        <a href=${track(one.code)} class="mono">${one.code}</a></li>`)}</ul></section>`;

export function Due() {
    const { data, problem, reload } = useLoad(() => get('/v1/reports/due'), []);
    const [wanted, setWanted] = useState({});
    useEffect(() => {
        const again = setInterval(reload, 60000);
        return () => clearInterval(again);
    }, []);
    if (!data) return html`<${Trouble} problem=${problem} retry=${reload} />`;
    const key = [wanted.bucket, wanted.agency, wanted.procedure].join('|');
    return html`<div class="stack"><${Trouble} problem=${problem} retry=${reload} />
        <section class="card row" aria-label="Tổng số">${[...URGENT, 'paused'].map((one) => html`<span class="row" key=${one} data-total=${one}>
            <span class="big">${count(data.totals[one] ?? 0)}</span><${Chip} of=${BUCKET} code=${one} /></span>`)}
            <span class="grow"></span><small class="muted">Lúc ${time(data.as_of)}</small></section>
        <div class="two even"><div class="stack">
            ${!data.groups.length && html`<${Empty} vi="Không có hồ sơ quá hạn hoặc sắp đến hạn." en="Nothing is overdue or due soon." />`}
            ${data.groups.map((group) => html`<${Group} key=${group.agency.id} group=${group} wanted=${wanted} onPick=${setWanted} />`)}
            <${Stuck} post=${data.post} /></div>
        ${wanted.bucket ? html`<${Picked} key=${key}><${Items} wanted=${wanted} /></${Picked}>`
            : html`<${Empty} vi="Chọn một con số để xem từng hồ sơ." en="Pick a number to see the dossiers." />`}</div></div>`;
}
