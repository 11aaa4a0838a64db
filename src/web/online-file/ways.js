// How the papers get there, how the result comes back, and what it costs.
import { get, post, query } from '../common/api.js';
import { money } from '../common/format.js';
import { units } from '../common/model.js';
import { Picker } from '../common/picker.js';
import { Field, html, Trouble, Two, useLoad } from '../common/ui.js';
import { Address, Chosen, with_member } from './people.js';

const BRING = { pickup: ['Bưu tá đến nhận tận nơi', 'A courier fetches them'],
                drop: ['Mang ra bưu cục', 'I bring them to a post office'],
                none: ['Không có giấy tờ nào, nộp hoàn toàn trực tuyến', 'None: all on line'] };
const HALF = { morning: ['Buổi sáng', 'Morning'], afternoon: ['Buổi chiều', 'Afternoon'] };
const RESULT = { online: ['Trực tuyến (tệp PDF có niêm phong)', 'On line'],
                 address: ['Qua bưu chính, tại địa chỉ', 'By post, to an address'],
                 post_office: ['Qua bưu chính, tại bưu cục', 'By post, at a post office'],
                 agency: ['Tại cơ quan giải quyết', 'At the agency'] };
const dated = (iso) => iso.split('-').reverse().join('/');

const Office = ({ label, name, at, problem, chosen, near, onPick }) => html`<${Picker} label=${label} en="Post office"
    name=${name} at=${at} problem=${problem} search=${(q) => units({ kind: 'post_office', q, near })}
    text=${(one) => one.name} chosen=${chosen} onPick=${onPick} placeholder="nhập vài chữ của tên bưu cục"
    show=${(one) => html`${one.name}<br /><small>${one.address}</small>`} />`;

function Visit({ says, change, problem, known, learn }) {
    const visit = says.pickup ?? {}, home = says.applicant?.address?.commune;
    const commune = visit.address ? visit.address.commune : home;
    const { data, problem: trouble } = useLoad(async () => commune && get(query('/v1/pickups/days', { commune })), [commune]);
    const set = (name, value) => change((old) => ({ pickup: with_member(old.pickup, name, value) }), `/pickup/${name}`);
    return html`<div class="well stack tight">
        ${!commune && html`<p><${Two} vi="Xin chọn xã, phường ở mục người nộp hồ sơ trước." en="Choose the applicant's commune first." /></p>`}
        <${Trouble} problem=${trouble} />
        ${data?.unit_name && html`<p><${Two} vi=${`Bưu tá của ${data.unit_name} đến nhận.`} en="A courier of this office comes." /></p>`}
        <${Field} label="Ngày đến nhận *" en="Day" at="/pickup/day" problem=${problem} tag="select" name="pickup-day"
            value=${visit.day ?? ''} onInput=${(e) => set('day', e.target.value)}><option value="">—</option>
            ${(data?.days ?? []).map((one) => html`<option key=${one} value=${one} selected=${one === visit.day}>${dated(one)}</option>`)}</${Field}>
        <${Chosen} label="Buổi *" en="Half of the day" name="half" at="/pickup/half" problem=${problem} options=${HALF}
            value=${visit.half} onPick=${(half) => set('half', half)} />
        <label class="check"><input type="checkbox" checked=${!visit.address}
            onChange=${(e) => set('address', e.target.checked ? '' : {})} />
            <span><${Two} vi="Tại địa chỉ người nộp hồ sơ" en="At the applicant's address" /></span></label>
        ${visit.address && html`<div class="fields"><${Address} at="/pickup/address" name="pickup-commune" address=${visit.address}
            problem=${problem} commune=${known(visit.address.commune)} onCommune=${learn}
            onChange=${(address) => set('address', address)} /></div>`}</div>`;
}

export function Bring({ says, change, problem, known, unit, learn }) {
    return html`<section class="card stack" id="bring"><h2><${Two} vi="Gửi giấy tờ bản giấy" en="How the papers get there" /></h2>
        <${Chosen} label="Cách gửi *" en="Way" name="bring" at="/bring" problem=${problem} options=${BRING} value=${says.bring}
            onPick=${(bring) => change({ bring }, '/bring')} />
        ${says.bring === 'pickup' && html`<${Visit} says=${says} change=${change} problem=${problem} known=${known} learn=${learn} />`}
        ${says.bring === 'drop' && html`<div class="well stack tight">
            <${Office} label="Bưu cục" name="drop" at="/drop/unit" problem=${problem} chosen=${unit(says.drop?.unit)}
                near=${says.applicant?.address?.commune}
                onPick=${(one) => { learn(one); change({ drop: { unit: one.code } }, '/drop/unit'); }} />
            <p class="muted"><small>Không chọn thì là bưu cục phục vụ địa chỉ người nộp. Sau khi nộp, trang này có mã QR để giao
                dịch viên quét. · When none is chosen: the one that serves your address. Afterwards a QR code is shown for the clerk.</small></p>
            </div>`}</section>`;
}

export function Result({ says, change, problem, procedure, known, unit, learn }) {
    const to = says.result_to ?? {};
    const options = procedure.level >= 4 ? RESULT : Object.fromEntries(Object.entries(RESULT).filter(([key]) => key !== 'online'));
    const set = (name, value) => change((old) => ({ result_to: with_member(old.result_to, name, value) }), `/result_to/${name}`);
    return html`<section class="card stack" id="result"><h2><${Two} vi="Nhận kết quả" en="The result" /></h2>
        <${Chosen} label="Cách nhận *" en="Way" name="result_to" options=${options} value=${to.kind} problem=${problem}
            at=${problem?.at('/result_to') ? '/result_to' : '/result_to/kind'} onPick=${(kind) => change({ result_to: { kind } }, '/result_to/kind')} />
        ${to.kind === 'online' && html`<p class="muted">Mở bằng mã tra cứu nhận được khi nộp. · Opened with the code given when it is filed.</p>`}
        ${to.kind === 'agency' && html`<p class="muted">Nộp phí, lệ phí và nhận kết quả tại cơ quan. · Pay and collect at the agency.</p>`}
        ${to.kind === 'post_office' && html`<${Office} label="Bưu cục *" name="result_unit" at="/result_to/unit" problem=${problem}
            chosen=${unit(to.unit)} near=${says.applicant?.address?.commune} onPick=${(one) => { learn(one); set('unit', one.code); }} />`}
        ${to.kind === 'address' && html`<label class="check"><input type="checkbox" checked=${!to.address}
                onChange=${(e) => set('address', e.target.checked ? '' : {})} />
                <span><${Two} vi="Cùng địa chỉ người nộp hồ sơ" en="Same address as the applicant" /></span></label>
            ${to.address && html`<div class="fields"><${Address} at="/result_to/address" name="result_commune" address=${to.address}
                problem=${problem} commune=${known(to.address.commune)} onCommune=${learn}
                onChange=${(address) => set('address', address)} /></div>`}`}</section>`;
}

const service_of = (says) => {
    const sends = says.bring !== 'none', receives = ['address', 'post_office'].includes(says.result_to?.kind);
    return sends && receives ? 'both' : sends ? 'send' : receives ? 'receive' : 'none';
};

// The conditions of the procedure's fees that hold, and how many copies where each is paid for.
function Fees({ says, change, problem, procedure }) {
    const conditions = procedure.conditions ?? [], copies = procedure.fees.some((fee) => fee.per === 'copy');
    const chosen = says.fees?.when ?? [];
    const tick = (one) => (e) => change((old) => ({ fees: with_member(old.fees, 'when', e.target.checked
        ? [...chosen, one] : chosen.filter((other) => other !== one)) }), '/fees');
    const name_of = (one) => procedure.fees.find((fee) => fee.when === one)?.name ?? one;
    if (!conditions.length && !copies) return null;
    return html`<div class="well stack tight">${conditions.map((one) => html`<label class="check" key=${one}>
            <input type="checkbox" checked=${chosen.includes(one)} onChange=${tick(one)} /><span>${name_of(one)}</span></label>`)}
        ${copies && html`<${Field} label="Số bản kết quả" en="Copies of the result" at="/fees/copies" problem=${problem} type="number"
            min="1" inputmode="numeric" value=${says.fees?.copies ?? 1}
            onInput=${(e) => change((old) => ({ fees: with_member(old.fees, 'copies', Number(e.target.value) || '') }), '/fees/copies')} />`}</div>`;
}

export function Price({ says, change, problem: refused, procedure }) {
    const from = says.applicant?.address?.commune;
    const asked = says.agency && from && says.bring && says.result_to?.kind
        && { procedure: procedure.code, from, to: says.agency, weight_g: 100, service: service_of(says), online: true,
             ...says.fees && { fees: says.fees } };
    const { data, problem } = useLoad(async () => asked && post('/v1/tariff/quotes', asked), [JSON.stringify(asked)]);
    return html`<section class="card stack" id="price"><h2><${Two} vi="Phí, lệ phí và cước" en="Fees and postage" /></h2>
        <${Fees} says=${says} change=${change} problem=${refused} procedure=${procedure} />
        <${Trouble} problem=${problem} />
        ${!asked && html`<p class="muted"><${Two} vi="Tính được khi đã chọn xã, phường, cơ quan, cách gửi và cách nhận."
            en="Known once commune, agency and both ways are chosen." /></p>`}
        ${data && html`<table><tbody>${data.lines.map((line, i) => html`<tr key=${i}><td>${line.name}</td>
                <td class="num">${money(line.amount)}</td></tr>`)}
            <tr class="total"><td><${Two} vi="Tổng cộng (dự kiến)" en="Total, estimated" /></td><td class="num big">${money(data.total)}</td></tr></tbody></table>
            <p class="muted"><small>Cước tính cho hồ sơ đến 100 g; chưa thu khoản nào khi nộp. · Postage for up to 100 g; nothing is paid by filing.</small></p>`}</section>`;
}
