// Correcting an intake: the form begins with what is on record, and only what was changed goes out.
import { weight } from '../common/format.js';
import { Button, Choice, Field, html, Two, useState } from '../common/ui.js';
import { CommunePick, KIND } from './people.js';

const commune_of = (address) => (address ? { code: address.commune, name: address.commune_name ?? address.commune } : null);

const before = (view) => ({
    kind: view.applicant.kind, name: view.applicant.name, phone: view.applicant.phone, email: view.applicant.email ?? '',
    id_number: view.applicant.id_number ?? '', line: view.applicant.address.line, commune: commune_of(view.applicant.address),
    weight_g: String(view.weight_g), note: view.note ?? '',
    result_line: view.result_to.address?.line ?? '', result_commune: commune_of(view.result_to.address),
    // Whether originals go back was settled at the intake, where there are any.
    documents: view.documents.map(({ name, originals, copies, returned }) =>
        ({ name, originals, copies, ...(originals > 0 ? { returned } : {}) })),
});

const filled = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== ''));

const applicant = (now) => filled({ kind: now.kind, name: now.name.trim(), phone: now.phone.replace(/[\s.]/g, ''),
    email: now.email.trim(), id_number: now.id_number.trim(), address: { line: now.line.trim(), commune: now.commune?.code } });
const result = (now, view) => ({ ...(view.result_to.name ? { name: view.result_to.name } : {}),
    ...(view.result_to.phone ? { phone: view.result_to.phone } : {}),
    kind: 'address', address: { line: now.result_line.trim(), commune: now.result_commune?.code } });

// The members that differ, each whole, as the service takes them.
function changes(now, view) {
    const was = before(view), body = {};
    const differs = (part) => JSON.stringify(part(now, view)) !== JSON.stringify(part(was, view));
    if (differs(applicant)) body.applicant = applicant(now);
    if (view.result_to.address && differs(result)) body.result_to = result(now, view);
    if (differs((one) => one.documents)) body.documents = now.documents;
    if (now.weight_g !== was.weight_g) body.weight_g = Number(now.weight_g) || 0;
    if (now.note.trim() !== was.note) body.note = now.note.trim();
    return body;
}

function Papers({ rows, set }) {
    const change = (at, part) => set(rows.map((row, i) => (i === at ? { ...row, ...part } : row)));
    const input = (i, name, label) => html`<td class="narrow" data-label=${label}><input type="number" min="0" max="1000"
        inputmode="numeric" aria-label=${`${label}: ${rows[i].name}`} value=${rows[i][name]}
        onInput=${(e) => change(i, { [name]: Math.max(0, Number(e.target.value) || 0) })} /></td>`;
    return html`<table class="cards papers"><thead><tr><th><${Two} vi="Giấy tờ" en="Document" /></th>
        <th><${Two} vi="Bản chính" en="originals" /></th><th><${Two} vi="Bản sao" en="copies" /></th></tr></thead>
        <tbody>${rows.map((row, i) => html`<tr key=${row.name}><td>${row.name}</td>
            ${input(i, 'originals', 'Bản chính')}${input(i, 'copies', 'Bản sao')}</tr>`)}</tbody></table>`;
}

export function Correct({ view, send, busy, problem }) {
    const [now, setNow] = useState(() => before(view));
    const set = (part) => setNow((old) => ({ ...old, ...part }));
    const field = (name) => ({ value: now[name], problem, name: `correct-${name}`, onInput: (e) => set({ [name]: e.target.value }) });
    const correct = (e) => {
        e.preventDefault();
        send('corrections', changes(now, view), () => html`Đã sửa thông tin tiếp nhận; nhãn đã in mà nay sai thì phải in lại.
            <span class="en" lang="en">Corrected.</span>`);
    };
    return html`<form class="well stack tight" onSubmit=${correct} noValidate>
        <${Choice} label="Đối tượng" en="Kind" name="correct-kind" options=${KIND} value=${now.kind} onPick=${(kind) => set({ kind })} />
        <div class="fields">
            <${Field} label="Họ và tên" en="Name" at="/applicant/name" ...${field('name')} />
            <${Field} label="Điện thoại" en="Phone" at="/applicant/phone" inputmode="tel" ...${field('phone')} />
            <${Field} label="Số định danh" en="Identity no." at="/applicant/id_number" inputmode="numeric" ...${field('id_number')} />
            <${Field} label="Thư điện tử" en="E-mail" at="/applicant/email" type="email" ...${field('email')} />
            <${Field} label="Số nhà, đường, tổ, thôn" en="Street" at="/applicant/address/line" ...${field('line')} />
            <${CommunePick} name="correct-commune" at="/applicant/address/commune" problem=${problem} chosen=${now.commune}
                onPick=${(commune) => set({ commune })} />
            ${view.result_to.address && html`<${Field} label="Nơi trả kết quả: số nhà, đường" en="Result: street" at="/result_to/address/line"
                ...${field('result_line')} />
                <${CommunePick} label="Nơi trả kết quả: xã, phường" en="Result: commune" name="correct-result-commune"
                    at="/result_to/address/commune" problem=${problem} chosen=${now.result_commune} onPick=${(result_commune) => set({ result_commune })} />`}
            <${Field} label="Khối lượng, gam" en="Weight, g" at="/weight_g" type="number" min="1" max="30000" inputmode="numeric"
                hint=${`Đang ghi ${weight(view.weight_g)}`} ...${field('weight_g')} />
            <${Field} label="Ghi chú" en="Note" at="/note" ...${field('note')} /></div>
        <${Papers} rows=${now.documents} set=${(documents) => set({ documents })} />
        <p class="muted">Thủ tục, cơ quan hoặc dịch vụ sai: hủy rồi tiếp nhận lại.
            <span class="en" lang="en">A wrong procedure or agency: cancel and take in anew.</span></p>
        <${Button} main type="submit" busy=${busy} vi="Lưu sửa đổi" en="Save" /></form>`;
}
