// What was filed: its code, the code that opens more, the QR for the clerk, charges and what comes next.
import { money, s10 } from '../common/format.js';
import { track } from '../common/model.js';
import { Button, Chip, html, Two, useEffect, useRef } from '../common/ui.js';
import { ChangePickup, dated, HALF, Withdraw } from './after.js';
import { Onward } from './onward.js';

const LEDGER = { agency_fee: 'nộp cho cơ quan', postage_out: 'nộp cho bưu điện', postage_return: 'nộp cho bưu điện', extra: 'nộp cho bưu điện' };

function State({ one }) {
    if (one.cancelled_at) return html`<${Chip} vi="Không còn phải nộp" en="Not due any more" />`;
    return one.paid_at ? html`<${Chip} vi="Đã nộp" en="Paid" tone="good" />` : html`<${Chip} vi="Chưa nộp" en="To be paid" tone="warn" />`;
}

// By the dossier's status; in any other the papers say what comes next.
const NEXT = {
    3: ['Hồ sơ không được tiếp nhận; quý vị không phải gửi giấy tờ nào nữa.', 'It was not accepted; no paper is to be sent any more.'],
    5: ['Cơ quan yêu cầu bổ sung giấy tờ; xin xem yêu cầu ở trang theo dõi hồ sơ.', 'The agency asks for more papers; please see its tracking page.'],
    6: ['Cơ quan yêu cầu nộp tiền; xin xem các khoản phải nộp dưới đây.', 'The agency asks for a payment; please see the charges below.'],
    7: ['Quý vị đã xin rút hồ sơ; cơ quan sẽ trả lời.', 'You asked to withdraw it; the agency will answer.'],
    8: ['Hồ sơ đã dừng xử lý; quý vị không phải gửi giấy tờ nào nữa.', 'It was stopped; no paper is to be sent any more.'],
    9: ['Hồ sơ đã có kết quả; xin theo dõi việc trả kết quả.', 'There is a result; please follow its way to you.'],
    10: ['Kết quả đã được trả. Xin cảm ơn quý vị.', 'The result was delivered. Thank you.'],
};

// The papers that the applicant is still to give.
const to_give = (dossier) => !dossier.ended_at && dossier.shipments.some((one) => one.leg === 'outward'
    && ['created', 'collection_assigned'].includes(one.state));

function Next({ dossier, number }) {
    const { pickup } = dossier, said = NEXT[dossier.status.code];
    if (said) return html`<p><${Two} vi=${said[0]} en=${said[1]} /></p>`;
    if (!number) return html`<p>Hồ sơ đã đến cơ quan; quý vị không phải gửi giấy tờ nào.
        <span class="en" lang="en">It is with the agency; no paper is to be sent.</span></p>`;
    if (!to_give(dossier)) return html`<p>Bưu chính đã nhận giấy tờ; xin theo dõi hồ sơ. <span class="en" lang="en">The post has the papers.</span></p>`;
    if (pickup) return html`<p>Bưu tá của ${pickup.unit_name} đến nhận giấy tờ ngày <strong>${dated(pickup.day)}</strong>, ${HALF[pickup.half][0].toLowerCase()}.
        Xin đưa bưu tá xem mã dưới đây. <span class="en" lang="en">A courier fetches the papers then; please show this code.</span></p>`;
    return html`<p>Xin mang giấy tờ ra <strong>${dossier.office.name}</strong> và đưa giao dịch viên quét mã dưới đây.
        <span class="en" lang="en">Please bring the papers to this post office and let the clerk scan this code.</span></p>`;
}

// draft, etag: what was filed; onChange(reply) with it as it is after a change.
export function Done({ code, draft, dossier, etag, onChange, onNew }) {
    const number = dossier.shipments.find((one) => one.leg === 'outward')?.number;
    const key = number ?? dossier.code;
    const heading = useRef(null);
    useEffect(() => heading.current.focus(), []);
    return html`<article class="stack" data-filed=${dossier.code}>
        <div class="note good" role="status"><h2 tabindex="-1" ref=${heading}>Đã nộp hồ sơ. Xin cảm ơn quý vị.
            <span class="en" lang="en">Filed. Thank you.</span></h2></div>
        ${dossier.pickup?.wished && to_give(dossier) && html`<p class="note warn" data-pickup-moved>Lịch làm việc thay đổi: bưu tá đến nhận ngày
            <strong> ${dated(dossier.pickup.day)}</strong> thay cho ngày ${dated(dossier.pickup.wished)}.
            <span class="en" lang="en">The working calendar changed: the courier comes then instead.</span></p>`}
        <section class="card stack"><dl class="facts">
            <dt><${Two} vi="Mã hồ sơ" en="Dossier" /></dt><dd class="mono big">${dossier.code}</dd>
            ${number && html`<dt><${Two} vi="Bưu gửi" en="Shipment" /></dt><dd class="mono">${s10(number)}</dd>`}
            <dt><${Two} vi="Trạng thái" en="Status" /></dt><dd>${dossier.status.name}</dd>
            <dt><${Two} vi="Mã tra cứu" en="Receipt code" /></dt><dd class="mono big">${dossier.receipt_code}</dd></dl>
            <p class="muted">Xin giữ kín mã tra cứu: mã mở thông tin chi tiết và kết quả điện tử. ·
                Keep the receipt code to yourself: it opens details and the result on line.</p></section>
        <section class="card stack"><h2><${Two} vi="Việc tiếp theo" en="What comes next" /></h2><div role="status"><${Next} dossier=${dossier} number=${number} /></div>
            ${to_give(dossier) && dossier.qr && html`<p><img class="filed-code" width="180" height="180" alt=${`Mã QR ${number}`}
                src=${`data:image/svg+xml,${encodeURIComponent(dossier.qr)}`} /></p>`}
            ${dossier.pickup?.days && html`<${ChangePickup} draft=${draft} pickup=${dossier.pickup} etag=${etag} onChange=${onChange} />`}
            </section>
        <section class="card stack"><h2><${Two} vi="Các khoản phải nộp" en="Charges" /></h2>
            ${dossier.charges.length === 0 && html`<p><${Two} vi="Không có khoản nào." en="None." /></p>`}
            <ul class="list">${dossier.charges.map((one) => html`<li key=${one.id}><span class="grow">${one.name}
                <small> · ${LEDGER[one.ledger]}</small></span><strong>${money(one.amount)}</strong><${State} one=${one} /></li>`)}</ul></section>
        <${Withdraw} draft=${draft} dossier=${dossier} onChange=${onChange} />
        <${Onward} code=${code} draft=${draft} filed />
        <div class="row"><a class="button main" href=${track(key)}><${Two} vi="Theo dõi hồ sơ" en="Track it" /></a>
            <${Button} vi="Nộp hồ sơ khác" en="File another" onClick=${onNew} /></div></article>`;
}
