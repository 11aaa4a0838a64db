// Claims for what the post lost, damaged or delayed: what was claimed for which shipment, what a decision rests
// on, and the forms for whoever may claim or decide.
import { post, uuid7 } from './api.js';
import { count, day, number_meant, money, s10, time } from './format.js';
import { Button, Chip, Choice, Field, html, Trouble, Two, useAction, useState } from './ui.js';
import { LEG } from './words.js';

const CAUSE = { lost: ['Mất', 'Lost'], damaged: ['Hư hỏng', 'Damaged'], late: ['Chậm', 'Late'] };
const STATE = {
    claimed: ['Chờ giải quyết', 'Waits for a decision', 'warn'],
    compensated: ['Đã bồi thường', 'Compensated', 'good'],
    claim_refused: ['Không chấp nhận', 'Refused', 'bad'],
};

function useStep(view, etag, onDone, onAgain) {
    const [key] = useState(uuid7);
    const { run, busy, problem, clear } = useAction();
    const act = (action, body) => run(async () => {
        await post(`/v1/dossiers/${encodeURIComponent(view.code)}/actions`, { action, ...body },
            { 'idempotency-key': `${key}-${view.version}-${action}`, ...(etag ? { 'if-match': etag } : {}) });
        onDone();
    });
    // Somebody else was quicker: as it is now, with what was typed.
    const again = async () => { await onAgain(); clear(); };
    return { act, busy, problem, again: problem?.status === 412 && again };
}

const told = (text) => (text.trim() ? { reason: text.trim() } : {});

function New({ view, etag, onDone, onAgain }) {
    const [number, setNumber] = useState(view.claimable[0].number);
    const [cause, setCause] = useState('lost');
    const [reason, setReason] = useState('');
    const { act, busy, problem, again } = useStep(view, etag, onDone, onAgain);
    const leg = (one) => LEG[view.shipments.find((s) => s.number === one)?.leg]?.[0];
    const send = (e) => { e.preventDefault(); act('claim', { number, cause, ...told(reason) }); };
    return html`<form class="well stack tight" data-claim="new" onSubmit=${send}>
        <${Field} label="Bưu gửi" en="Shipment" at="/number" of="claim" problem=${problem} tag="select" value=${number}
            onInput=${(e) => setNumber(e.target.value)}>${view.claimable.map((one) => html`<option key=${one.number} value=${one.number}>
                ${s10(one.number)} · ${leg(one.number)} · đến hết ${day(one.until)}</option>`)}</${Field}>
        <${Choice} label="Vì" en="Because it was" name="cause" options=${CAUSE} value=${cause} onPick=${setCause} />
        <${Field} label="Nội dung khiếu nại" en="What happened" at="/reason" of="claim" problem=${problem} tag="textarea" rows="3"
            maxlength="2000" value=${reason} onInput=${(e) => setReason(e.target.value)} />
        <${Trouble} problem=${problem} retry=${again} fields=${['/number', '/reason']} />
        <div><${Button} main type="submit" busy=${busy} vi="Ghi nhận khiếu nại" en="Record the claim" /></div></form>`;
}

// The least is there already; more may be paid, and nothing at all with a reason.
function Decide({ view, etag, one, onDone, onAgain }) {
    const [amount, setAmount] = useState(one.basis ? count(one.basis.least) : '');
    const [reason, setReason] = useState('');
    const { act, busy, problem, again } = useStep(view, etag, onDone, onAgain);
    const pay = (e) => { e.preventDefault(); act('compensate', { number: one.number, amount: number_meant(amount), ...told(reason) }); };
    return html`<form class="well stack tight" data-claim="decide" onSubmit=${pay}>
        <${Field} label="Số tiền bồi thường, đồng" en="Amount" at="/amount" of=${one.number} problem=${problem}
            inputmode="numeric" required value=${amount} onInput=${(e) => setAmount(e.target.value)} />
        <${Field} label="Ý kiến giải quyết" en="Reason" at="/reason" of=${one.number} problem=${problem} tag="textarea" rows="2" maxlength="2000"
            value=${reason} onInput=${(e) => setReason(e.target.value)} />
        <${Trouble} problem=${problem} retry=${again} fields=${['/amount', '/reason']} />
        <div class="row"><${Button} main type="submit" busy=${busy} data-do="compensate" vi="Bồi thường" en="Compensate" />
            <${Button} bad busy=${busy} data-do="refuse" vi="Không chấp nhận" en="Refuse"
                onClick=${() => act('refuse_claim', { number: one.number, ...told(reason) })} /></div></form>`;
}

const Basis = ({ of }) => html`<dl class="facts">
    <dt><${Two} vi="Cước của bưu gửi" en="Its charge" /></dt><dd>${money(of.charge)}${of.unpaid > 0 && `, chưa thu ${money(of.unpaid)}`}</dd>
    ${of.before > 0 && html`<dt><${Two} vi="Đã bồi thường" en="Paid before" /></dt><dd>${money(of.before)}</dd>`}
    <dt><${Two} vi="Mức tối thiểu" en="The least" /></dt><dd><strong>${money(of.least)}</strong>
        <small> (${of.times} lần cước, gồm cả hoàn cước)</small></dd>
    <dt><${Two} vi="Dữ liệu bưu chính" en="The post's records" /></dt><dd>${of.borne_out ? html`<${Chip} vi="Xác nhận" en="bear it out" tone="good" />`
        : html`<${Chip} vi="Không xác nhận" en="do not show it" tone="warn" />`}</dd></dl>`;

const One = ({ one, children }) => html`<li data-claim=${one.state}><div class="grow stack tight">
    <div class="row spread"><strong><span class="mono">${s10(one.number)}</span> · ${one.cause_vi}</strong>
        <${Chip} of=${STATE} code=${one.state} /></div>
    <small>Khiếu nại ${time(one.claimed_at)}${one.decided_at && ` · giải quyết ${time(one.decided_at)}`}</small>
    ${one.said && html`<p>${one.said}</p>`}
    ${one.state === 'compensated' && html`<p class="note good">Đã bồi thường <strong>${money(one.amount)}</strong>${one.refund > 0
        && `, trong đó hoàn cước ${money(one.refund)}`}${one.waived > 0 && `; miễn cước chưa thu ${money(one.waived)}`}.</p>`}
    ${one.answer && html`<p class="note">${one.answer}</p>`}
    ${one.state === 'claimed' && one.basis && html`<${Basis} of=${one.basis} />`}
    ${children}</div></li>`;

export function Claims({ view, etag, onDone }) {
    const [open, setOpen] = useState(false);
    const may = (name) => view.allowed_actions.some((one) => one.action === name);
    const list = view.claims ?? [], fresh = may('claim') && view.claimable?.length > 0;
    if (!list.length && !fresh) return null;
    const done = () => { setOpen(false); onDone(); };
    return html`<section class="stack tight" data-claims><div class="row spread"><h3><${Two} vi="Khiếu nại bưu gửi" en="Claims" /></h3>
            ${fresh && html`<${Button} vi="Khiếu nại" en="Claim" data-do="claim" aria-expanded=${String(open)} onClick=${() => setOpen(!open)} />`}</div>
        ${open && fresh && html`<${New} view=${view} etag=${etag} onDone=${done} onAgain=${onDone} />`}
        <ul class="list">${list.map((one) => html`<${One} key=${one.id} one=${one}>
            ${one.state === 'claimed' && may('compensate') && html`<${Decide} view=${view} etag=${etag} one=${one} onDone=${done} onAgain=${onDone} />`}
            </${One}>`)}</ul></section>`;
}
