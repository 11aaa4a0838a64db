// Taking a dossier in: the form on the left, what it costs on the right, Ctrl+Enter to register.
import { answered, post, Unknown } from '../common/api.js';
import { money } from '../common/format.js';
import { procedure as procedure_of, procedures, units } from '../common/model.js';
import { Picker } from '../common/picker.js';
import { Button, Choice, Field, html, Trouble, Two, useAction, useEffect, useLayoutEffect, useLoad, useRef, useState }
    from '../common/ui.js';
import { SERVICE } from '../common/words.js';
import { Done } from './done.js';
import { body_of, checklist, drop, drop_sent, fresh, keep, keep_sent, load, quote_of, sent }
    from './draft.js';
import { Papers } from './papers.js';
import { CommunePick, KIND } from './people.js';

const RESULT = { address: ['Tại địa chỉ', 'To an address'],
                 post_office: ['Tại bưu cục', 'At a post office'] };
const SHOWN = ['/procedure', '/agency', '/receiving', '/applicant/name', '/applicant/phone', '/applicant/email',
               '/applicant/id_number', '/applicant/address/line', '/applicant/address/commune',
               '/weight_g', '/result_to/unit', '/result_to/address/line', '/result_to/address/commune'];

// Whether the unit may handle it, as far as is known; the service says for certain.
const competent = (procedure, unit) => (!unit.agency_level || unit.agency_level === procedure.agency_level)
    && (!procedure.units || procedure.units.includes(unit.code));

// The fees under a condition that the applicant states, and of how many copies.
function Conditions({ draft, set }) {
    const { fees, conditions = [] } = draft.procedure;
    const asked = fees.filter((fee) => conditions.includes(fee.when));
    const pick = (word, on) => set(({ when }) => ({ when: on ? [...when, word] : when.filter((one) => one !== word) }));
    return html`${asked.map((fee) => html`<label class="check" key=${fee.when}>
            <input type="checkbox" checked=${draft.when?.includes(fee.when)} onChange=${(e) => pick(fee.when, e.target.checked)} />
            <span>${fee.name} <small class="muted">${money(fee.amount)}</small></span></label>`)}
        ${fees.some((fee) => fee.per === 'copy') && html`<${Field} label="Số bản cần cấp" en="Copies" at="/fees/copies" type="number"
            min="1" max="100" value=${draft.copies ?? 1} onInput=${(e) => set({ copies: e.target.value })} />`}`;
}

// Any one-stop department of the province may take the papers over for the agency that decides.
const ITSELF = { code: null, name: 'Cơ quan giải quyết tự nhận' };

function Receiving({ draft, set, problem }) {
    const { agency } = draft;
    const search = async (q) => [...(q ? [] : [ITSELF]), ...(await units({ kind: 'agency', q, near: draft.commune?.code ?? agency.commune }))
        .filter((unit) => unit.province === agency.province && unit.code !== agency.code)];
    return html`<${Picker} label="Nơi nhận giấy tờ" en="Where the papers go" name="receiving" at="/receiving" problem=${problem}
        search=${search} text=${(one) => one.name} chosen=${draft.receiving ?? ITSELF}
        onPick=${(one) => set({ receiving: one.code ? one : null })}
        hint=${draft.receiving && 'Bộ phận Một cửa này nhận thay rồi chuyển cho cơ quan giải quyết.'}
        show=${(one) => html`${one.name}${one.address && html`<br /><small>${one.address}</small>`}`} />`;
}

function What({ draft, set, problem }) {
    const pick = async (row) => {
        const whole = await procedure_of(row.code);
        set(({ agency, receiving }) => ({ procedure: whole, documents: checklist(whole), when: [], copies: 1,
            ...(agency && competent(whole, agency) ? { agency, receiving } : { agency: null, receiving: null }) }));
    };
    const agencies = async (q) => {
        const found = await units({ kind: 'agency', q, near: draft.commune?.code });
        return found.filter((unit) => !draft.procedure || competent(draft.procedure, unit));
    };
    return html`<section class="card stack"><h2><${Two} vi="1. Thủ tục" en="Procedure" /></h2>
        <${Picker} label="Thủ tục" en="Procedure" name="procedure" at="/procedure" problem=${problem}
            focus search=${procedures} text=${(one) => `${one.name} (${one.code})`}
            chosen=${draft.procedure} onPick=${pick} placeholder="tên hoặc mã, ví dụ: hôn nhân, 1.004873"
            barred=${(one) => !one.post && (one.post_refusal ?? 'Thủ tục này phải nộp trực tiếp.')}
            show=${(one) => html`${one.name} <span class="mono muted">${one.code}</span>
                <br /><small lang="en">${one.name_en}</small>`} />
        <${Picker} label="Cơ quan giải quyết" en="Agency" name="agency" at="/agency" problem=${problem}
            search=${agencies} text=${(one) => one.name} chosen=${draft.agency}
            onPick=${(agency) => set({ agency, receiving: null })}
            show=${(one) => html`${one.name}<br /><small>${one.address}</small>`} />
        ${draft.procedure && html`<${Conditions} draft=${draft} set=${set} />`}
        <${Choice} label="Dịch vụ" en="Service" name="service" options=${SERVICE} value=${draft.service}
            onPick=${(service) => set({ service })} />
    </section>`;
}

function Who({ draft, set, problem }) {
    const field = (name) => ({ value: draft[name], problem, onInput: (e) => set({ [name]: e.target.value }) });
    return html`<section class="card stack"><h2><${Two} vi="2. Người nộp hồ sơ" en="Applicant" /></h2>
        <${Choice} label="Đối tượng" en="Kind" name="kind" options=${KIND} value=${draft.kind}
            onPick=${(kind) => set({ kind })} />
        <div class="fields">
            <${Field} label="Họ và tên" en="Name" at="/applicant/name" ...${field('name')} />
            <${Field} label="Điện thoại" en="Phone" at="/applicant/phone" inputmode="tel" ...${field('phone')} />
            <${Field} label="Số định danh" en="Identity no. (optional)" at="/applicant/id_number"
                inputmode="numeric" ...${field('id_number')} />
            <${Field} label="Thư điện tử" en="E-mail (optional)" at="/applicant/email" type="email"
                ...${field('email')} />
            <${Field} label="Số nhà, đường, tổ, thôn" en="Street" at="/applicant/address/line"
                ...${field('line')} />
            <${CommunePick} name="commune" at="/applicant/address/commune" problem=${problem}
                chosen=${draft.commune} onPick=${(commune) => set({ commune })} />
        </div></section>`;
}

function Where({ draft, set, problem }) {
    if (draft.service === 'send')
        return html`<section class="card"><h2><${Two} vi="4. Nhận kết quả" en="Result" /></h2>
            <p>Người nộp nhận kết quả tại cơ quan. <span class="en" lang="en">Fetched at the agency.</span></p>
        </section>`;
    return html`<section class="card stack"><h2><${Two} vi="4. Nhận kết quả" en="Result" /></h2>
        <${Choice} label="Trả kết quả" en="Return the result" name="result_kind" options=${RESULT}
            value=${draft.result_kind} onPick=${(result_kind) => set({ result_kind })} />
        ${draft.result_kind === 'post_office' ? html`
            <${Picker} label="Bưu cục" en="Post office" name="result_unit" at="/result_to/unit"
                problem=${problem} search=${(q) => units({ kind: 'post_office', q, near: draft.commune?.code })}
                text=${(one) => one.name} chosen=${draft.result_unit}
                onPick=${(result_unit) => set({ result_unit })}
                show=${(one) => html`${one.name}<br /><small>${one.address}</small>`} />` : html`
            <label class="check"><input type="checkbox" checked=${draft.same_address}
                onChange=${(e) => set({ same_address: e.target.checked })} />
                <span><${Two} vi="Cùng địa chỉ người nộp" en="Same address" /></span></label>
            ${!draft.same_address && html`<div class="fields">
                <${Field} label="Số nhà, đường, tổ, thôn" en="Street" at="/result_to/address/line"
                    problem=${problem} value=${draft.result_line}
                    onInput=${(e) => set({ result_line: e.target.value })} />
                <${CommunePick} name="result_commune" at="/result_to/address/commune" problem=${problem}
                    chosen=${draft.result_commune} onPick=${(result_commune) => set({ result_commune })} />
            </div>`}`}
    </section>`;
}

function Price({ draft }) {
    const asked = quote_of(draft);
    const { data, problem } = useLoad(async () => asked && post('/v1/tariff/quotes', asked),
        [JSON.stringify(asked)]);
    if (!asked) return html`<p class="muted"><${Two} vi="Chọn thủ tục, cơ quan và xã, phường để tính giá cước."
        en="Choose procedure, agency and commune for a price." /></p>`;
    if (!data) return html`<${Trouble} problem=${problem} />`;
    const date = data.arrives_on && data.arrives_on.split('-').reverse().join('/');
    return html`<table><tbody>${data.lines.map((line, i) => html`<tr key=${i}><td>${line.name}</td>
            <td class="num">${money(line.amount)}</td></tr>`)}
        <tr class="total"><td><${Two} vi="Tổng cộng" en="Total" /></td>
            <td class="num big">${money(data.total)}</td></tr></tbody></table>
        ${date && html`<p class="muted">Dự kiến đến cơ quan ngày ${date}.</p>`}`;
}

const Pending = ({ busy, onSend }) => html`<div class="note warn" role="alert">
    <p><strong>Một hồ sơ đã gửi đi nhưng chưa có trả lời.</strong> Xin gửi lại: hệ thống không ghi nhận hai lần.
    <span class="en" lang="en">One intake was sent but not answered; sending again is safe.</span></p>
    <${Button} main busy=${busy} vi="Gửi lại" en="Send again" onClick=${onSend} /></div>`;

export function Intake() {
    const [draft, setDraft] = useState(load);
    const [pending, setPending] = useState(sent);
    const [made, setMade] = useState(null);
    const { run, busy, problem } = useAction();
    // As typed so far, also when the page has not been drawn again since the last key.
    const now = useRef(draft);
    const put = (next) => setDraft(now.current = next);
    const set = (change) => {
        const old = now.current;
        put({ ...old, ...(typeof change === 'function' ? change(old) : change) });
        keep(now.current);
    };
    const send = (body) => run(async () => {
        keep_sent(body);
        try {
            setMade(await post('/v1/dossiers', body));
        } catch (trouble) {
            if (answered(trouble)) drop_sent();
            setPending(sent());
            throw trouble;
        }
        drop_sent();
        drop();
        setPending(null);
    });
    const submit = (event) => {
        event.preventDefault();
        if (!busy && !pending) send(body_of(now.current));
    };
    useLayoutEffect(() => {
        const pressed = (e) => e.ctrlKey && e.key === 'Enter' && submit(e);
        addEventListener('keydown', pressed);
        return () => removeEventListener('keydown', pressed);
    });
    useEffect(() => { if (problem) document.querySelector('[aria-invalid=true]')?.focus(); }, [problem]);
    if (made) return html`<${Done} made=${made} onNext=${() => { setMade(null); put(fresh()); }} />`;
    return html`<form class="two" onSubmit=${submit} noValidate>
        <div class="stack">
            <${What} draft=${draft} set=${set} problem=${problem} />
            <${Who} draft=${draft} set=${set} problem=${problem} />
            <${Papers} draft=${draft} set=${set} problem=${problem}>
                ${draft.agency && draft.service !== 'receive' && html`<${Receiving} draft=${draft} set=${set}
                    problem=${problem} />`}<//>
            <${Where} draft=${draft} set=${set} problem=${problem} />
        </div>
        <aside class="stack sticky">
            <section class="card stack tight"><h2><${Two} vi="Giá cước" en="Price" /></h2>
                <${Price} draft=${draft} />
                <label class="check"><input type="checkbox" checked=${draft.paid}
                    onChange=${(e) => set({ paid: e.target.checked })} />
                    <span><${Two} vi="Đã thu tiền mặt" en="Paid in cash" /></span></label></section>
            <${Trouble} problem=${problem instanceof Unknown && pending ? null : problem} fields=${SHOWN} />
            ${pending && html`<${Pending} busy=${busy} onSend=${() => send(pending)} />`}
            <${Button} main type="submit" class="wide" busy=${busy} disabled=${!!pending}
                vi="Nhận hồ sơ" en="Register" keys="Ctrl+Enter" />
            <${Button} plain vi="Xóa, nhập lại" en="Clear" onClick=${() => { drop(); put(fresh()); }} />
        </aside></form>`;
}
