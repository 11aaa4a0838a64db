// The list of a bag against what was found: present, missing, surplus, on the wrong way. Whatever
// differs stands first; whoever opened the bag says when all of it has been looked at.
import { post, uuid7 } from './api.js';
import { s10, time } from './format.js';
import { ScanBox } from './scanbox.js';
import { Button, Chip, Empty, html, Trouble, Two, useAction, useState } from './ui.js';

const STATUS = { inside: ['Trong túi', 'In the bag', 'accent'], left: ['Đã lấy ra', 'Taken out', ''] };
const FINDING = { missing: ['Chưa thấy', 'Not yet seen', 'warn'], surplus: ['Thừa', 'Surplus', 'bad'],
                  missorted: ['Sai hướng', 'Missorted', 'bad'], present: ['Đã thấy', 'Seen', 'good'] };
const LOST = ['Thiếu', 'Missing', 'bad'];
const ORDER = ['surplus', 'missorted', 'missing'];
const rank = (row) => (ORDER.includes(row.finding) ? ORDER.indexOf(row.finding) : ORDER.length);

// What the list says of each row, given whether the check is over.
const words_of = (row, over) => (row.finding === 'missing' && over ? LOST : FINDING[row.finding] ?? STATUS[row.status]);

function Counts({ bag, at, onPick }) {
    const shown = ['present', ...ORDER].filter((finding) => bag[finding] > 0);
    return html`<div class="row" role="group" aria-label="Lọc bản kê">${shown.map((finding) => {
        const [vi, en, tone] = words_of({ finding }, bag.checked_at);
        return html`<button key=${finding} type="button" class=${`count-of ${tone}`} data-finding=${finding}
            aria-pressed=${String(at === finding)} onClick=${() => onPick(at === finding ? null : finding)}>
            <strong>${bag[finding]}</strong> <${Two} vi=${vi} en=${en} /></button>`;
    })}</div>`;
}

function Rows({ rows, over }) {
    return html`<div class="scroll"><table><thead><tr><th><${Two} vi="Số hiệu" en="Number" /></th>
        <th><${Two} vi="Đối chiếu" en="Check" /></th><th class="nowrap"><${Two} vi="Lúc" en="At" /></th></tr></thead>
        <tbody>${rows.map((row) => {
            const [vi, en, tone] = words_of(row, over);
            return html`<tr key=${row.number} data-number=${row.number}><td class="mono">${s10(row.number)}</td>
                <td><${Chip} vi=${vi} en=${en} tone=${tone} /></td>
                <td class="nowrap">${time(row.since).slice(11)}</td></tr>`;
        })}</tbody></table></div>`;
}

export function Manifest({ bag }) {
    const [only, setOnly] = useState(null);
    if (!bag.items.length) return html`<${Empty} vi="Túi chưa có bưu gửi nào." en="Empty so far." />`;
    const rows = bag.items.filter((row) => !only || row.finding === only);
    return html`<div class="stack tight"><p>${bag.opened_at
            ? html`<strong>${bag.seen}/${bag.expected}</strong><${Two} vi=" đã kiểm thấy sau khi mở túi" en="seen since it was opened" />`
            : html`<strong>${bag.expected}</strong><${Two} vi=" bưu gửi trong túi" en="items in the bag" />`}</p>
        <${Counts} bag=${bag} at=${only} onPick=${setOnly} />
        <${Rows} rows=${[...rows].sort((a, b) => rank(a) - rank(b))} over=${bag.checked_at} /></div>`;
}

// The end of the check. What differs then becomes a matter of both sides, so it is asked once more.
function Finish({ bag, onDone }) {
    const [asked, setAsked] = useState(false);
    const [event] = useState(uuid7);
    const { run, busy, problem } = useAction();
    const odd = ORDER.reduce((sum, finding) => sum + bag[finding], 0);
    const finish = () => run(async () => {
        await post(`/v1/containers/${encodeURIComponent(bag.id)}/checked`, { id: event });
        onDone();
    });
    return html`<div class="stack tight">
        ${asked && html`<div class="note warn" role="alert"><p><strong>Thiếu ${bag.missing}, thừa ${bag.surplus},
            sai hướng ${bag.missorted}.</strong> Mỗi mục thành một ngoại lệ của đơn vị gửi và của đơn vị mình.
            <span class="en" lang="en">Each becomes an exception of the sender and of this unit.</span></p></div>`}
        <div class="row"><${Button} main=${!odd || asked} busy=${busy} data-do="checked" vi="Kiểm xong túi" en="Check is over"
                onClick=${() => (odd && !asked ? setAsked(true) : finish())} />
            ${asked && html`<${Button} vi="Kiểm tiếp" en="Go on" onClick=${() => setAsked(false)} />`}</div>
        <${Trouble} problem=${problem} /></div>`;
}

// Scanning what comes out of an opened bag. What is not on its list was brought here all the same.
export function Check({ bag, me, queue, onChange }) {
    if (!bag.opened_at || bag.opened_unit !== me.unit?.code) return null;
    if (bag.checked_at) {
        return html`<div class="note" role="status">Đã kiểm xong lúc ${time(bag.checked_at)}.
            <span class="en" lang="en">Checked.</span></div>`;
    }
    const listed = new Set(bag.items.filter((row) => row.status !== 'surplus').map((row) => row.number));
    const scan = async (code) => {
        await queue.add(listed.has(code) ? 'unbag' : 'arrive', code, { container: bag.id });
        onChange();
    };
    return html`<div class="stack tight"><${ScanBox} name=${`out-${bag.id}`} label="Quét bưu gửi lấy ra khỏi túi"
            en="Scan what comes out" focus=${false} onCode=${scan} />
        <${Finish} key=${bag.missing + bag.surplus} bag=${bag} onDone=${onChange} /></div>`;
}
