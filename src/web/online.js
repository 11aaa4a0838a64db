// The catalogue, level 1: everything about a procedure, before one goes anywhere.
import { get, query } from './common/api.js';
import { money } from './common/format.js';
import { Frame } from './common/session.js';
import { Chip, Empty, html, mount, Trouble, Two, useEffect, useHash, useLoad, useState } from './common/ui.js';

const UNIT = { working_day: 'ngày làm việc', working_hour: 'giờ làm việc' };
const AGENCY = { commune: 'UBND cấp xã', province: 'Cơ quan cấp tỉnh', ministry: 'Cơ quan trung ương' };
const WHEN = { late: 'khi quá hạn', online: 'khi nộp trực tuyến' };
const list = (reply) => reply.items ?? reply.procedures ?? [];

const Level = ({ one }) => html`<span class="chip accent">Mức ${one.level}</span>
    <span class="chip">${one.mode === 'full' ? 'Toàn trình' : 'Một phần'}</span>`;
const ByPost = ({ one }) => (one.post
    ? html`<${Chip} vi="Nhận qua bưu chính" tone="good" />`
    : html`<${Chip} vi="Nộp trực tiếp" tone="warn" />`);

function Documents({ one }) {
    return html`<div class="scroll"><table><thead><tr><th><${Two} vi="Giấy tờ" en="Document" /></th>
        <th class="num"><${Two} vi="Bản chính" en="originals" /></th><th class="num"><${Two} vi="Bản sao" en="copies" /></th></tr></thead>
        <tbody>${one.documents.map((row, i) => html`<tr key=${i}><td>${row.name}
            ${row.optional && html` <small>nếu có</small>`}${row.form && html` <small>theo mẫu</small>`}</td>
            <td class="num">${row.originals ?? 0}</td><td class="num">${row.copies ?? 0}</td></tr>`)}
        </tbody></table></div>`;
}

function Fees({ fees }) {
    if (!fees?.length) return html`<span>Không thu phí, lệ phí</span>`;
    return html`<ul>${fees.map((fee, i) => html`<li key=${i}>${fee.name}: <strong>${money(fee.amount)}</strong>
        ${fee.when && html` <small>${WHEN[fee.when] ?? fee.when}</small>`}
        ${fee.per && html` <small>mỗi bản</small>`}</li>`)}</ul>`;
}

function Procedure({ code }) {
    const { data: one, problem } = useLoad(() => get(`/v1/procedures/${encodeURIComponent(code)}`), [code]);
    if (!one) return html`<${Trouble} problem=${problem} />`;
    return html`<article class="stack">
        <p><a href="#">← Danh mục <span class="en" lang="en">All procedures</span></a></p>
        <div><h1>${one.name}</h1><p class="muted" lang="en">${one.name_en}</p></div>
        <div class="row"><span class="mono">${one.code}</span><${Level} one=${one} /><${ByPost} one=${one} /></div>
        ${!one.post && one.post_refusal && html`<div class="note warn">${one.post_refusal}</div>`}
        <section class="card"><dl class="facts">
            <dt><${Two} vi="Thời hạn" en="Time" /></dt><dd>${one.time ? `${one.time.value} ${UNIT[one.time.unit] ?? one.time.unit}` : '—'}</dd>
            <dt><${Two} vi="Phí, lệ phí" en="Fees" /></dt><dd><${Fees} fees=${one.fees} /></dd>
            <dt><${Two} vi="Cơ quan" en="Agency" /></dt><dd>${AGENCY[one.agency_level] ?? one.agency_level}</dd>
            <dt><${Two} vi="Kết quả" en="Result" /></dt><dd>${one.result}</dd></dl></section>
        <section class="card"><h2><${Two} vi="Thành phần hồ sơ" en="Documents" /></h2>
            <${Documents} one=${one} /></section>
    </article>`;
}

function Catalogue() {
    const [text, setText] = useState('');
    const [asked, setAsked] = useState('');
    useEffect(() => {
        const wait = setTimeout(() => setAsked(text), 200);
        return () => clearTimeout(wait);
    }, [text]);
    const { data, problem } = useLoad(() => get(query('/v1/procedures', { q: asked })), [asked]);
    return html`<h1><${Two} vi="Thủ tục hành chính" en="Procedures" /></h1>
        <label for="q"><${Two} vi="Tìm thủ tục" en="Search" /></label>
        <input id="q" type="search" value=${text} placeholder="ví dụ: tình trạng hôn nhân"
            onInput=${(e) => setText(e.target.value)} />
        <${Trouble} problem=${problem} />
        ${data && list(data).length === 0 && html`<${Empty} vi="Không có thủ tục phù hợp." en="Nothing fits." />`}
        <ul class="tiles">${data && list(data).map((one) => html`<li key=${one.code}>
            <a class="tile" href=${`#${one.code}`}><strong>${one.name}</strong>
            <small lang="en">${one.name_en}</small>
            <span class="row"><${Level} one=${one} /><${ByPost} one=${one} /></span></a></li>`)}</ul>`;
}

function Online() {
    const [code] = useHash('');
    return html`<${Frame} title="Thủ tục hành chính" en="Procedures"><main class="page">
        ${code ? html`<${Procedure} code=${code} key=${code} />` : html`<${Catalogue} />`}</main></${Frame}>`;
}

mount(html`<${Online} />`);
