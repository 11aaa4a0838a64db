// What nobody fetches at this office, and what is to be done with it.
import { post, uuid7 } from '../common/api.js';
import { day, s10 } from '../common/format.js';
import { unclaimed } from '../common/model.js';
import { InviteLink } from '../common/papers.js';
import { Button, Chip, Empty, html, Trouble, Two, useAction, useLoad, useRef } from '../common/ui.js';

const told = ({ invitations, return_on, hold_until, unclaimed_on }) => [
    invitations > 0 && `đã mời ${invitations} lần`, return_on && `chuyển hoàn từ ${day(return_on)}`,
    hold_until && `lưu đến ${day(hold_until)}`, unclaimed_on && `hết thời hạn lưu giữ ${day(unclaimed_on)}`,
].filter(Boolean).join(' · ');

function Row({ row, onDone }) {
    const { run, busy, problem } = useAction();
    const key = useRef(uuid7()); // a repeat after a lost reply invites once
    const invite = () => run(async () => {
        await post(`/v1/custody/shipments/${row.number}/invitations`, undefined, { 'idempotency-key': key.current });
        onDone();
    });
    return html`<li data-unclaimed=${row.number}><div class="grow stack tight">
        <div class="row"><strong class="mono">${s10(row.number)}</strong><${Chip} vi=${row.state_vi} en=${row.state_en} /></div>
        <div><${Two} vi=${row.text} en=${row.text_en} /></div><small>${told(row)}</small>
        ${row.what === 'invite' && html`<div class="row"><${InviteLink} number=${row.number} />
            <${Button} busy=${busy} vi="Đã gửi giấy mời" en="Invited" onClick=${invite} /></div>`}
        <${Trouble} problem=${problem} /></div></li>`;
}

export function Unclaimed() {
    const { data, problem, reload } = useLoad(unclaimed, []);
    return html`<section class="card stack tight"><h2><${Two} vi="Chưa có người nhận" en="Unclaimed" /></h2>
        <${Trouble} problem=${problem} retry=${reload} />
        ${data?.length === 0 && html`<${Empty} vi="Không có việc gì phải làm hôm nay." en="Nothing to do today." />`}
        <ul class="list">${data?.map((row) => html`<${Row} key=${row.number} row=${row} onDone=${reload} />`)}</ul></section>`;
}
