// What the clerk sees and prints when a dossier was registered.
import { money, s10 } from '../common/format.js';
import { label, track } from '../common/model.js';
import { NoteLink } from '../common/papers.js';
import { Button, html, Two, useLayoutEffect, useRef } from '../common/ui.js';
import { Print } from './print.js';

function Label({ number }) {
    const card = useRef(null);
    useLayoutEffect(() => card.current?.querySelector('button')?.focus(), []);
    return html`<section class="card stack tight" ref=${card}>
        <h2><${Two} vi="Nhãn bưu gửi" en="Label" /></h2>
        <${Print} number=${number} main class="wide" />
        <img class="preview" src=${label(number, 'png', { dpi: 203 })} alt=${`Nhãn của ${s10(number)}`} />
    </section>`;
}

const Missing = ({ warnings }) => (warnings?.length ? html`<div class="note warn"><ul>
    ${warnings.map((row, i) => html`<li key=${i}>${row.detail_vi ?? row.detail ?? row}</li>`)}</ul></div>` : null);

export function Done({ made, onNext }) {
    const shipment = made.shipments?.[0];
    const address = new URL(made.tracking_url, location.href);
    const total = (made.charges ?? []).reduce((sum, line) => sum + line.amount, 0);
    return html`<div class="two"><section class="card stack">
        <div class="note good" role="status"><strong>Đã nhận hồ sơ.</strong>
            <span class="en" lang="en">Registered.</span></div>
        <dl class="facts">
            <dt><${Two} vi="Mã hồ sơ" en="Code" /></dt><dd class="code" data-code=${made.code}>${made.code}</dd>
            ${shipment && html`<dt><${Two} vi="Số hiệu" en="Number" /></dt>
                <dd class="code" data-number=${shipment.number}>${s10(shipment.number)}</dd>`}
            ${made.receipt_code && html`<dt><${Two} vi="Mã tra cứu" en="Receipt code" /></dt>
                <dd class="code" data-receipt=${made.receipt_code}>${made.receipt_code}</dd>`}
            <dt><${Two} vi="Trạng thái" en="Status" /></dt><dd>${made.status.name}</dd>
            <dt><${Two} vi="Tra cứu" en="Tracking" /></dt>
            <dd><a href=${address.pathname} target="_blank" rel="noopener">${address.href}</a></dd>
        </dl>
        <${Missing} warnings=${made.warnings} />
        <div class="scroll"><table><tbody>${(made.charges ?? []).map((line, i) => html`<tr key=${i}>
            <td>${line.name}</td><td class="num">${money(line.amount)}</td></tr>`)}
            <tr class="total"><td><${Two} vi="Tổng cộng" en="Total" /></td><td class="num">${money(total)}</td></tr>
        </tbody></table></div>
        ${shipment && html`<div class="row line"><img class="preview small" width="176"
            src=${label(shipment.number, 'png', { template: 'sticker', dpi: 203 })}
            alt="Mã QR của liên kết tra cứu" />
            <p class="grow muted"><${Two} vi="Xin đưa mã này cho người nộp: quét mã để biết hồ sơ đang ở đâu."
                en="For the applicant: scanning it opens the tracking page." /></p></div>`}
        <div class="row"><${Button} main vi="Hồ sơ tiếp theo" en="Next dossier" onClick=${onNext} />
            <${NoteLink} code=${made.code} />
            <a class="button" href=${track(shipment?.number ?? made.code)} target="_blank" rel="noopener">
                <${Two} vi="Xem trang tra cứu" en="Tracking page" /></a></div>
    </section>${shipment && html`<${Label} number=${shipment.number} />`}</div>`;
}
