// The catalogue, levels 1 and 2: search, and everything about a procedure before one goes anywhere.
import { get, query } from './common/api.js';
import { day, money } from './common/format.js';
import { Frame } from './common/session.js';
import { Button, Chip, Empty, html, mount, Trouble, Two, useAction, useEffect, useHash, useLoad, useState } from './common/ui.js';

const UNIT = { working_day: ['ngày làm việc', 'working days'], working_hour: ['giờ làm việc', 'working hours'] };
const AGENCY = { commune: ['Cơ quan cấp xã', 'Commune'], province: ['Cơ quan cấp tỉnh', 'Province'] };
const WHEN = { late: ['khi quá hạn', 'when late'], online: ['khi nộp trực tuyến', 'filed on line'],
               reduced: ['đối tượng được giảm', 'reduced'] };
const LEVEL = {
    1: ['Cung cấp đầy đủ thông tin về thủ tục', 'Full information'],
    2: ['Có mẫu đơn để tải về, điền và gửi qua bưu chính', 'Forms to download, fill in and send'],
    3: ['Nộp trực tuyến; nhận kết quả và trả phí tại cơ quan', 'Filed on line, paid and collected at the agency'],
    4: ['Nộp và trả phí trực tuyến; kết quả trực tuyến, tại chỗ hoặc qua bưu chính',
        'Filed and paid on line; result on line, in person or by post'],
};
const AFTER = { restart: ['tính lại từ đầu sau khi bổ sung giấy tờ', 'starts anew after a supplement'],
                resume: ['tính tiếp sau khi bổ sung giấy tờ', 'goes on after a supplement'] };

// Both languages in one small line.
const Small = ({ vi, en }) => html`<br /><small class="muted">${vi} <span lang="en">· ${en}</span></small>`;

const Level = ({ one }) => html`<span class="chip accent" title=${LEVEL[one.level][1]}>Mức độ ${one.level}</span>
    <span class="chip">${one.mode === 'full' ? 'Toàn trình' : 'Một phần'}</span>`;
const ByPost = ({ one }) => (one.post
    ? html`<${Chip} vi="Nhận qua bưu chính" en="By post" tone="good" />`
    : html`<${Chip} vi="Nộp trực tiếp" en="In person" tone="warn" />`);

// Whether an original comes back, as far as the checklist says.
function fate(row) {
    if (row.recovered || row.returned === false) return ['thu hồi, không trả lại', 'kept by the agency'];
    return row.returned ? ['trả lại bản chính', 'original comes back'] : null;
}

function Documents({ one }) {
    return html`<div class="scroll" tabindex="0" role="group" aria-label="Thành phần hồ sơ"><table><thead><tr><th><${Two} vi="Giấy tờ" en="Document" /></th>
        <th class="num"><${Two} vi="Bản chính" en="originals" /></th><th class="num"><${Two} vi="Bản sao" en="copies" /></th></tr></thead>
        <tbody>${one.documents.map((row, i) => html`<tr key=${i}><td>${row.name}
            ${row.optional && html` <small class="muted">(nếu có)</small>`}${row.form && html` <small class="muted">(theo mẫu)</small>`}
            ${fate(row) && html`<${Small} vi=${fate(row)[0]} en=${fate(row)[1]} />`}</td>
            <td class="num">${row.originals ?? 0}</td><td class="num">${row.copies ?? 0}</td></tr>`)}
        </tbody></table></div>`;
}

function Fees({ fees }) {
    if (!fees.length) return html`<${Two} vi="Không thu phí, lệ phí" en="None" />`;
    return html`<ul>${fees.map((fee, i) => html`<li key=${i}>${fee.name}: <strong>${money(fee.amount)}</strong>
        ${fee.per && html` <small>mỗi bản</small>`}
        ${fee.when && html`<${Small} vi=${WHEN[fee.when]?.[0] ?? fee.when_vi ?? fee.when} en=${WHEN[fee.when]?.[1] ?? fee.when_en ?? fee.when} />`}
        ${fee.adds && html` <small>thu thêm</small>`}</li>`)}</ul>`;
}

function Agencies({ one }) {
    const [vi, en] = AGENCY[one.agency_level];
    if (!one.agencies) return html`<${Two} vi=${`${vi}, nơi có thẩm quyền`} en=${en} />`;
    return html`<ul>${one.agencies.map((unit) => html`<li key=${unit.code}>${unit.name}
        <br /><small class="muted">${[unit.address, unit.phone].filter(Boolean).join(' · ')}</small></li>`)}</ul>`;
}

// What to do next: file on line, take it to a post office, or why not.
function Filing({ one }) {
    const { online, counter } = one.refusals;
    return html`<section class="card stack" aria-label="Cách nộp">
        <h2><${Two} vi="Cách nộp hồ sơ" en="How to file" /></h2>
        ${online
            ? html`<div class="note warn"><p><strong><${Two} vi="Chưa nộp trực tuyến được" en="Not filed on line" /></strong></p>
                <p>${online.detail_vi}</p></div>`
            : html`<p><a class="button main" href=${`/online/file/${encodeURIComponent(one.code)}`}><${Two} vi="Nộp trực tuyến" en="File on line" /></a></p>`}
        ${counter
            ? html`<div class="note warn"><p><strong><${Two} vi="Bưu chính không nhận thủ tục này" en="Not handled by the post" /></strong></p>
                <p>${counter.detail_vi}</p></div>`
            : html`<p><${Two} vi="Nộp tại bưu cục bất kỳ, hoặc mời bưu tá đến nhận." en="At any post office, or called for at home." /></p>`}
        ${one.forms.length > 0 && html`<h3><${Two} vi="Mẫu đơn để in và điền" en="Forms to print" /></h3>
            <ul>${one.forms.map((form) => html`<li key=${form.name}>
                <a href=${`/v1/procedures/${encodeURIComponent(one.code)}/forms/${form.name}`}>${form.title} (PDF)</a></li>`)}</ul>`}
    </section>`;
}

function Asked({ form }) {
    const fields = Object.entries(form.properties).sort(([, a], [, b]) => a.position - b.position);
    return html`<details class="card"><summary><${Two} vi=${`Nội dung khai trên mẫu trực tuyến (${fields.length} mục)`} en="What the form on line asks" /></summary>
        <ol>${fields.map(([name, field]) => html`<li key=${name}>${field.title}${form.required?.includes(name) && html`<span aria-hidden="true"> *</span>`}
            <span class="en" lang="en">${field.title_en}</span></li>`)}</ol></details>`;
}

function Facts({ one }) {
    const [unit, unit_en] = UNIT[one.time.unit];
    const [after, after_en] = AFTER[one.clock_after_supplement];
    return html`<section class="card"><dl class="facts">
        <dt><${Two} vi="Mức độ" en="Level" /></dt><dd>${one.level}. <${Two} vi=${LEVEL[one.level][0]} en=${LEVEL[one.level][1]} />
            ${one.mode_reason && html`<br /><small>Một phần: ${one.mode_reason}</small>`}</dd>
        <dt><${Two} vi="Thời hạn" en="Time" /></dt><dd><${Two} vi=${`${one.time.value} ${unit}`} en=${unit_en} />
            <${Small} vi=${`Thời hạn ${after}`} en=${after_en} /></dd>
        <dt><${Two} vi="Phí, lệ phí" en="Fees" /></dt><dd><${Fees} fees=${one.fees} /></dd>
        <dt><${Two} vi="Cơ quan giải quyết" en="Agency" /></dt><dd><${Agencies} one=${one} /></dd>
        <dt><${Two} vi="Kết quả" en="Result" /></dt><dd>${one.result}
            ${one.addressee_only && html`<${Small} vi="Chỉ phát cho chính người nhận" en="Handed to the addressee only" />`}
            ${one.old_papers_recovered && html`<${Small} vi="Thu hồi giấy tờ cũ khi trả kết quả" en="Old papers are taken back" />`}</dd>
        <dt><${Two} vi="Hiệu lực" en="In effect" /></dt><dd>từ ${day(one.valid_from)}${one.valid_to && ` đến hết ngày trước ${day(one.valid_to)}`}
            <small class="muted"> (phiên bản ${one.version})</small>
            ${one.changes_on && html`<br /><small>Nội dung mới áp dụng từ ${day(one.changes_on)}</small>`}</dd></dl></section>`;
}

function Procedure({ code }) {
    const { data: one, problem } = useLoad(() => get(`/v1/procedures/${encodeURIComponent(code)}`), [code]);
    const back = html`<p><a href="#"><span aria-hidden="true">← </span><${Two} vi="Danh mục" en="All procedures" /></a></p>`;
    if (!one) return html`${problem && back}<${Trouble} problem=${problem} />`;
    return html`<article class="stack">
        ${back}
        <div><h1>${one.name}</h1><p class="muted" lang="en">${one.name_en}</p></div>
        <div class="row"><span class="mono">${one.code}</span><${Level} one=${one} /><${ByPost} one=${one} /></div>
        <${Filing} one=${one} />
        <${Facts} one=${one} />
        <section class="card"><h2><${Two} vi="Thành phần hồ sơ" en="Documents" /></h2>
            <${Documents} one=${one} /></section>
        ${one.form && html`<${Asked} form=${one.form} />`}
    </article>`;
}

const Tile = ({ one }) => html`<li><a class="tile" href=${`#${one.code}`}><strong>${one.name}</strong>
    <small lang="en">${one.name_en}</small>
    <span class="row"><span class="mono"><small>${one.code}</small></span><${Level} one=${one} /><${ByPost} one=${one} /></span></a></li>`;

const PAGE = 30;
const page_of = (q, level, next) => get(query('/v1/procedures', { q, level, next, limit: PAGE }));

function Catalogue() {
    const [text, setText] = useState('');
    const [asked, setAsked] = useState('');
    const [online, setOnline] = useState(false);
    const [more, setMore] = useState({ items: [] });
    const level = online ? 3 : undefined;
    useEffect(() => {
        const wait = setTimeout(() => setAsked(text.trim()), 200);
        return () => clearTimeout(wait);
    }, [text]);
    const { data, problem } = useLoad(async () => {
        const page = await page_of(asked, level);
        setMore({ items: [], next: page.next });
        return page;
    }, [asked, online]);
    const { run, busy, problem: unmore, clear } = useAction();
    useEffect(clear, [asked, online]);
    // What comes after another search was begun belongs to none.
    const on = () => run(async () => {
        const page = await page_of(asked, level, more.next);
        setMore((old) => (old === more ? { items: [...old.items, ...page.items], next: page.next } : old));
    });
    const found = data ? [...data.items, ...more.items] : [];
    return html`<h1><${Two} vi="Thủ tục hành chính" en="Procedures" /></h1>
        <label for="q"><${Two} vi="Tìm thủ tục" en="Search" /></label>
        <input id="q" type="search" value=${text} maxlength="100" placeholder="ví dụ: tình trạng hôn nhân, ho chieu"
            aria-describedby="q-h" onInput=${(e) => setText(e.target.value)} />
        <p class="muted" id="q-h"><small>Gõ không dấu, không theo thứ tự cũng được.
            <span class="en" lang="en">Diacritics and order do not matter.</span></small></p>
        <label class="check"><input type="checkbox" checked=${online} onChange=${(e) => setOnline(e.target.checked)} />
            <span><${Two} vi="Chỉ thủ tục nộp trực tuyến được" en="Filed on line only" /></span></label>
        <${Trouble} problem=${problem} />
        ${data && found.length === 0 && html`<${Empty} vi="Không có thủ tục phù hợp." en="Nothing fits." />`}
        <ul class="tiles" aria-live="polite">${found.map((one) => html`<${Tile} key=${one.code} one=${one} />`)}</ul>
        <${Trouble} problem=${unmore} />
        ${more.next && html`<p><${Button} busy=${busy} vi="Xem thêm" en="More" onClick=${on} /></p>`}`;
}

function Online() {
    const [code] = useHash('');
    return html`<${Frame} title="Thủ tục hành chính" en="Procedures"><main class="page">
        ${code ? html`<${Procedure} code=${code} key=${code} />` : html`<${Catalogue} />`}</main></${Frame}>`;
}

mount(html`<${Online} />`);
