// Papers that are brought later than they were filed, and money that is still due: taken in, weighed, paid for.
import { post, uuid7 } from '../common/api.js';
import { money } from '../common/format.js';
import { Button, Field, Good, html, Trouble, Two, useAction, useRef, useState } from '../common/ui.js';

const LEDGER = { postage_out: ['Cước gửi hồ sơ', 'Postage out'], postage_return: ['Cước trả kết quả', 'Postage back'],
                 agency_fee: ['Phí, lệ phí của cơ quan', 'The agency’s fees'], extra: ['Dịch vụ thêm', 'Extras'] };
const NOT_TAKEN = 'Bưu gửi không còn chờ nhận tại đây; xin quét lại. · It does not wait here any more.';

// {ledger: amount} of what is still to be paid.
function due_of(charges) {
    const due = {};
    for (const { ledger, amount, paid_at, cancelled_at } of charges)
        if (!paid_at && !cancelled_at) due[ledger] = (due[ledger] ?? 0) + amount;
    return due;
}

// A scan like any other; the same id again is recorded once.
function Accept({ number, onDone }) {
    const { run, busy, problem } = useAction();
    const scan = useRef(null);
    const take = () => run(async () => {
        scan.current ??= { id: uuid7(), at: new Date().toISOString(), kind: 'accept', code: number };
        const { results: [one] } = await post('/v1/custody/scans', { scans: [scan.current] });
        scan.current = null;
        if (!['recorded', 'duplicate'].includes(one.outcome)) throw new Error(NOT_TAKEN);
        onDone();
    });
    return html`<div class="row spread"><span><${Two} vi="Giấy tờ chưa được giao cho bưu cục." en="The papers are not here yet." /></span>
        <${Button} main busy=${busy} data-take-papers vi="Nhận giấy tờ" en="Take them in" onClick=${take} /></div>
        <${Trouble} problem=${problem} />`;
}

function Weigh({ view, send, busy, problem }) {
    const [grams, setGrams] = useState(String(view.weight_g));
    const weigh = (e) => { e.preventDefault(); send('corrections', { weight_g: Number(grams) || 0 }, 'Đã tính lại cước theo khối lượng cân tại quầy.'); };
    return html`<form class="stack tight" onSubmit=${weigh} noValidate><${Field} label="Khối lượng cân tại quầy, gam" en="Weight here, g"
            at="/weight_g" problem=${problem} type="number" min="1" max="30000" inputmode="numeric" value=${grams}
            onInput=${(e) => setGrams(e.target.value)} />
        <div><${Button} type="submit" busy=${busy} disabled=${Number(grams) === view.weight_g} vi="Tính lại cước" en="Price it" /></div></form>`;
}

function Pay({ due, send, busy }) {
    const [left_out, setLeftOut] = useState([]);
    const ledgers = Object.keys(due).filter((one) => !left_out.includes(one));
    const sum = ledgers.reduce((total, one) => total + due[one], 0);
    const tick = (one) => (e) => setLeftOut((old) => (e.target.checked ? old.filter((other) => other !== one) : [...old, one]));
    const take = async (e) => {
        e.preventDefault();
        const taken = await send('actions', { action: 'take_payment', amount: sum, ledgers }, `Đã ghi nhận thu ${money(sum)}. Xin in biên lai.`);
        if (taken) setLeftOut([]);
    };
    return html`<form class="stack tight" onSubmit=${take}><fieldset><legend class="label"><${Two} vi="Còn phải thu" en="Still due" /></legend>
            ${Object.keys(LEDGER).filter((one) => due[one]).map((one) => html`<label class="check" key=${one}>
                <input type="checkbox" checked=${!left_out.includes(one)} onChange=${tick(one)} />
                <span class="grow"><${Two} vi=${LEDGER[one][0]} en=${LEDGER[one][1]} /></span><strong class="nowrap">${money(due[one])}</strong></label>`)}</fieldset>
        <div><${Button} main type="submit" busy=${busy} disabled=${sum === 0} vi=${`Đã thu ${money(sum)}`} en="Taken in cash" /></div></form>`;
}

// `view` and `etag` as they were read; onDone() reads them again, and tells when it has.
export function TakeIn({ view, etag, onDone }) {
    const [told, setTold] = useState(null);
    const [key, setKey] = useState(uuid7);
    const { run, busy, problem, clear } = useAction();
    const may = (action) => view.allowed_actions.some((one) => one.action === action);
    const waits = view.shipments.find((one) => one.leg === 'outward' && ['created', 'collection_assigned'].includes(one.state));
    const send = (what, body, words) => run(async () => {
        await post(`/v1/dossiers/${encodeURIComponent(view.code)}/${what}`, body,
            { 'idempotency-key': `${key}-${what}`, ...(etag ? { 'if-match': etag } : {}) });
        setKey(uuid7());
        setTold(words);
        onDone();
    });
    const again = async () => { await onDone(); clear(); };
    const due = due_of(view.charges);
    if (!may('take_payment')) return told && html`<${Good}>${told}</${Good}>`;
    return html`<section class="well stack tight" data-take-in=${view.code}><h3><${Two} vi="Nhận giấy tờ và thu tiền" en="Papers and money" /></h3>
        ${waits && html`<${Accept} number=${waits.number} onDone=${onDone} />`}
        ${!waits && may('correct_intake') && html`<${Weigh} key=${view.weight_g} view=${view} send=${send} busy=${busy} problem=${problem} />`}
        <${Pay} due=${due} send=${send} busy=${busy} />
        <${Trouble} problem=${problem} retry=${problem?.status === 412 && again} fields=${['/weight_g']} />
        ${told && html`<${Good}>${told}</${Good}>`}</section>`;
}
