// The documents that lie on the counter, against the procedure's checklist, and what they weigh.
import { Field, html, Two, useState } from '../common/ui.js';

function Line({ row, i, change }) {
    const count = (name, what) => html`<input type="number" min="0" max="99" value=${row[name]}
        aria-label=${`${what}: ${row.name}`} disabled=${!row.here}
        onInput=${(e) => change({ [name]: Math.max(0, Number(e.target.value) || 0) })} />`;
    return html`<tr><td><label class="check"><input type="checkbox" checked=${row.here} name=${`document-${i}`}
            onChange=${(e) => change({ here: e.target.checked })} />
            <span>${row.name}${row.optional && html` <small>nếu có</small>`}</span></label></td>
        <td class="narrow" data-label="Bản chính">${count('originals', 'Bản chính')}</td>
        <td class="narrow" data-label="Bản sao">${count('copies', 'Bản sao')}</td></tr>`;
}

export function Papers({ draft, set, problem, children }) {
    const [more, setMore] = useState('');
    const change = (at, part) => set({
        documents: draft.documents.map((row, i) => (i === at ? { ...row, ...part } : row)),
    });
    const add = () => {
        const name = more.trim();
        if (!name) return;
        set({ documents: [...draft.documents, { name, originals: 0, copies: 1, here: true }] });
        setMore('');
    };
    const missing = draft.documents.filter((row) => !row.here && !row.optional);
    const error = problem?.errors?.find((e) => e.pointer.startsWith('/documents'));
    return html`<section class="card stack"><h2><${Two} vi="3. Thành phần hồ sơ" en="Documents" /></h2>
        ${draft.documents.length === 0 ? html`<p class="muted">
            <${Two} vi="Danh mục hiện ra khi đã chọn thủ tục." en="The checklist comes with the procedure." /></p>`
        : html`<div class="scroll"><table class="cards papers"><thead><tr><th><${Two} vi="Giấy tờ" en="Document" /></th>
            <th><${Two} vi="Bản chính" en="originals" /></th>
            <th><${Two} vi="Bản sao" en="copies" /></th></tr></thead>
            <tbody>${draft.documents.map((row, i) => html`<${Line} key=${i} row=${row} i=${i}
                change=${(part) => change(i, part)} />`)}</tbody></table></div>`}
        ${missing.length > 0 && html`<div class="note warn" role="status">Còn thiếu:
            ${missing.map((row) => row.name).join('; ')}.
            <span class="en" lang="en">Missing; you decide.</span></div>`}
        ${error && html`<p class="error" role="alert">${error.detail}</p>`}
        <div class="fields">
            <${Field} label="Giấy tờ khác" en="Another document" value=${more}
                onInput=${(e) => setMore(e.target.value)} onChange=${add}
                onKeyDown=${(e) => { if (e.key === 'Enter' && !e.ctrlKey) { e.preventDefault(); add(); } }} />
            <${Field} label="Khối lượng, gam" en="Weight, g" at="/weight_g" problem=${problem} type="number"
                min="1" max="30000" inputmode="numeric" value=${draft.weight_g}
                onInput=${(e) => set({ weight_g: e.target.value })} />
            <${Field} label="Ghi chú" en="Note (optional)" at="/note" problem=${problem} value=${draft.note}
                onInput=${(e) => set({ note: e.target.value })} />
        </div>${children}</section>`;
}
