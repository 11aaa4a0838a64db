// Within the shift: what was taken in wrongly is corrected, split, grouped or divided into pieces. Each
// is a form that the service's allowed_actions open; none goes out twice, each names the version seen.
import { post, uuid7 } from '../common/api.js';
import { money, s10, weight } from '../common/format.js';
import { number_behind, procedures, units } from '../common/model.js';
import { Picker } from '../common/picker.js';
import { ScanBox } from '../common/scanbox.js';
import { Button, Field, Good, html, Trouble, Two, useAction, useState } from '../common/ui.js';
import { Correct } from './correct.js';

const NUMBER = { type: 'number', inputmode: 'numeric' };

function SplitLine({ row, value, set }) {
    const input = (name, label) => html`<td class="narrow" data-label=${label}><input type="number" min="0" max=${row[name]}
        inputmode="numeric" aria-label=${`${label} tách ra: ${row.name}`} value=${value?.[name] ?? 0}
        onInput=${(e) => set({ ...value, [name]: Math.max(0, Number(e.target.value) || 0) })} /></td>`;
    return html`<tr><td>${row.name}<br /><small>${`${row.originals} bản chính, ${row.copies} bản sao`}</small></td>
        ${input('originals', 'Bản chính')}${input('copies', 'Bản sao')}</tr>`;
}

function Split({ view, send, busy, problem }) {
    const [id] = useState(uuid7);
    const [parts, setParts] = useState({});
    const [grams, setGrams] = useState('');
    const [procedure, setProcedure] = useState(null);
    const [agency, setAgency] = useState(null);
    const [charges, setCharges] = useState([]);
    const open = view.charges.filter((line) => !line.cancelled_at);
    const split = (e) => {
        e.preventDefault();
        const documents = view.documents.map((row) => ({ name: row.name, originals: 0, copies: 0, ...parts[row.name] }))
            .filter((row) => row.originals + row.copies > 0);
        send('split', { id, documents, weight_g: Number(grams) || 0, charges,
            ...(procedure ? { procedure: procedure.code } : {}), ...(agency ? { agency: agency.code } : {}) },
        (made) => html`Đã tách thành hồ sơ <strong class="mono" data-made=${made.code}>${made.code}</strong>${made.shipments[0]
            && html`, bưu gửi <strong class="mono">${s10(made.shipments[0].number)}</strong>`}. Xin in nhãn mới cho cả hai.
            <span class="en" lang="en">Split; print both labels.</span>`);
    };
    return html`<form class="well stack tight" onSubmit=${split}>
        <p class="muted">Chọn số bản chuyển sang hồ sơ mới. Cước chia theo khối lượng; tổng tiền không đổi.</p>
        <table class="cards papers"><thead><tr><th><${Two} vi="Giấy tờ" en="Document" /></th><th><${Two} vi="Bản chính" en="originals" /></th>
            <th><${Two} vi="Bản sao" en="copies" /></th></tr></thead>
            <tbody>${view.documents.map((row) => html`<${SplitLine} key=${row.name} row=${row} value=${parts[row.name]}
                set=${(now) => setParts((old) => ({ ...old, [row.name]: now }))} />`)}</tbody></table>
        <div class="fields"><${Field} label="Khối lượng phần tách ra, gam" en="Its weight, g" at="/weight_g" problem=${problem} ...${NUMBER}
                min="1" required name="split-weight" value=${grams} hint=${`Cả hồ sơ nặng ${weight(view.weight_g)}`}
                onInput=${(e) => setGrams(e.target.value)} />
            <${Picker} label="Thủ tục của hồ sơ mới" en="Its procedure" name="split-procedure" at="/procedure" problem=${problem}
                search=${procedures} chosen=${procedure} onPick=${setProcedure} placeholder="để trống nếu như cũ"
                text=${(one) => `${one.name} (${one.code})`} show=${(one) => html`${one.name} <span class="mono muted">${one.code}</span>`}
                barred=${(one) => !one.post && (one.post_refusal ?? 'Thủ tục này phải nộp trực tiếp.')} />
            <${Picker} label="Cơ quan của hồ sơ mới" en="Its agency" name="split-agency" at="/agency" problem=${problem}
                search=${(q) => units({ kind: 'agency', q })} chosen=${agency} onPick=${setAgency} placeholder="để trống nếu như cũ"
                text=${(one) => one.name} show=${(one) => html`${one.name}<br /><small>${one.address}</small>`} /></div>
        ${open.length > 0 && html`<fieldset><legend class="label"><${Two} vi="Khoản thu chuyển hẳn sang hồ sơ mới" en="Charges that go along whole" /></legend>
            ${open.map((line) => html`<label class="check" key=${line.id}><input type="checkbox" checked=${charges.includes(line.id)}
                onChange=${(e) => setCharges(e.target.checked ? [...charges, line.id] : charges.filter((one) => one !== line.id))} />
                <span>${line.name} · ${money(line.amount)}</span></label>`)}</fieldset>`}
        <${Button} main type="submit" busy=${busy} vi="Tách hồ sơ" en="Split" /></form>`;
}

function Group({ view, send, busy }) {
    const [other, setOther] = useState('');
    const group = (e) => {
        e.preventDefault();
        send('group', { other }, (made) => html`Đã gộp hồ sơ <strong class="mono">${other}</strong> vào hồ sơ này; nhãn của hồ sơ đó
            không còn giá trị. Xin in lại nhãn ${s10(made.shipments[0]?.number ?? '')}. <span class="en" lang="en">Grouped.</span>`);
    };
    return html`<form class="well stack tight" onSubmit=${group}>
        <p class="muted">Hồ sơ kia của cùng người nộp, cùng thủ tục: giấy tờ và tiền nhập vào <span class="mono">${view.code}</span>, hồ sơ kia kết thúc.</p>
        <${ScanBox} inside name="group-scan" label="Quét hồ sơ gộp vào" en="Scan the other" focus=${false}
            onCode=${(code) => number_behind(code).then(setOther, () => setOther(code))} />
        ${other && html`<p>Gộp: <strong class="mono" data-other=${other}>${s10(other)}</strong></p>`}
        <${Button} main type="submit" busy=${busy} disabled=${!other} vi="Gộp hồ sơ" en="Group" /></form>`;
}

function Pieces({ view, send, busy, problem }) {
    const now = view.shipments.filter((one) => one.leg === 'outward').length;
    const [many, setMany] = useState(String(now + 1));
    const [grams, setGrams] = useState([]);
    const wanted = Math.min(Number(many) || 0, 20);
    const some = grams.slice(0, wanted).some((text) => text);
    const divide = (e) => {
        e.preventDefault();
        const weights = Array.from({ length: wanted }, (_, i) => Number(grams[i]) || 0);
        send('pieces', { pieces: Number(many) || 0, ...(some ? { weights_g: weights } : {}) },
            (made) => html`Đã chia thành ${made.shipments.length} kiện. Xin in nhãn cho từng kiện. <span class="en" lang="en">Divided.</span>`);
    };
    return html`<form class="well stack tight" onSubmit=${divide}>
        <div class="fields"><${Field} label="Tất cả bao nhiêu kiện" en="Pieces in all" at="/pieces" problem=${problem} ...${NUMBER}
                min=${now + 1} max="20" required name="pieces" value=${many} onInput=${(e) => setMany(e.target.value)} />
            ${Array.from({ length: wanted }, (_, i) => html`<${Field} key=${i} label=${`Kiện ${i + 1}, gam`} en="g (optional)"
                at=${`/weights_g/${i}`} problem=${problem} ...${NUMBER} min="1" name=${`piece-${i + 1}`} value=${grams[i] ?? ''}
                onInput=${(e) => setGrams((old) => Object.assign([...old], { [i]: e.target.value }))} />`)}</div>
        <p class="muted">Để trống khối lượng thì chia đều ${weight(view.weight_g)}.</p>
        <${Button} main type="submit" busy=${busy} vi="Chia kiện" en="Divide" /></form>`;
}

const FORMS = {
    correct_intake: { part: Correct, fields: ['/applicant/name', '/applicant/phone', '/applicant/email', '/applicant/id_number',
        '/applicant/address/line', '/applicant/address/commune', '/weight_g', '/note', '/result_to/address/line', '/result_to/address/commune'] },
    split_intake: { part: Split, fields: ['/weight_g', '/procedure', '/agency'] },
    group_intake: { part: Group, fields: [] },
    make_pieces: { part: Pieces, fields: ['/pieces'] },
};

// `view` and `etag` as they were read; onDone() reads them again.
export function Shift({ view, etag, onDone }) {
    const [open, setOpen] = useState(null);
    const [told, setTold] = useState(null);
    const [key, setKey] = useState(uuid7);
    const { run, busy, problem, clear } = useAction();
    // Of an erased dossier only the papers are left.
    const allowed = view.allowed_actions.filter((one) => FORMS[one.action] && (view.applicant || one.action === 'make_pieces'));
    const send = (what, body, good) => run(async () => {
        const made = await post(`/v1/dossiers/${encodeURIComponent(view.code)}/${what}`, body,
            { 'idempotency-key': `${key}-${what}`, ...(etag ? { 'if-match': etag } : {}) });
        setKey(uuid7());
        setTold(good(made));
        setOpen(null);
        onDone();
    });
    if (!allowed.length && !told) return null;
    const form = allowed.some((one) => one.action === open) && FORMS[open];
    return html`<section class="stack tight" data-shift=${view.code}>
        ${allowed.length > 0 && html`<h3><${Two} vi="Trong ca" en="Within the shift" /></h3>`}
        <div class="row">${allowed.map((one) => html`<${Button} key=${one.action} data-action=${one.action} title=${one.reason_vi}
            aria-expanded=${String(open === one.action)} vi=${one.name} en=${one.name_en}
            onClick=${() => { clear(); setTold(null); setOpen(open === one.action ? null : one.action); }} />`)}</div>
        ${form && html`<${form.part} key=${open} view=${view} send=${send} busy=${busy} problem=${problem} />`}
        <${Trouble} problem=${problem} fields=${form ? form.fields : []} />
        ${told && html`<${Good}>${told}</${Good}>`}</section>`;
}
