// The files of one dossier: what is there, a form to add one, and the result on line with its seal.
import { get, post, query, uuid7 } from './api.js';
import { send_parts, sha256 } from './files.js';
import { time } from './format.js';
import { Button, Chip, Field, Good, html, Trouble, Two, useAction, useLoad, useState } from './ui.js';

const TYPES = { 'image/png': 'PNG', 'image/jpeg': 'JPEG', 'application/pdf': 'PDF' };
const ROLES = { applicant: ['người nộp, trực tuyến', 'the applicant'], clerk: ['giao dịch viên', 'clerk'],
    officer: ['cán bộ Một cửa', 'officer'], courier: ['bưu tá', 'courier'], hub: ['trung tâm', 'hub'] };
const KINDS = { photo: ['Ảnh phát', 'Photo'], signature: ['Chữ ký', 'Signature'], paper: ['Giấy tờ khi phát', 'Paper'],
    result: ['Kết quả điện tử', 'Result'] };

const size_text = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1).replace('.', ',')} MB`);

// Sends it whole; gives {id, sha256}.
async function send(about, file) {
    const hash = await sha256(file);
    const media = TYPES[file.type] ? file.type : undefined;
    const { id } = await send_parts({ ...about, sha256: hash, ...media && { media } }, file);
    return { id, sha256: hash };
}

const Row = ({ one }) => html`<li data-file=${one.id}>
    <span class="grow">${one.readable ? html`<a href=${`/v1/attachments/${one.id}`} download>${title(one)}</a>` : title(one)}
        <br /><small>${TYPES[one.media] ?? one.media}, ${size_text(one.size)} · ${ROLES[one.role]?.[0] ?? one.role}
        ${one.unit && ` ${one.unit}`} · ${time(one.sent_at)}</small></span></li>`;

function title(one) {
    if (one.document) return one.document;
    const [vi, en] = KINDS[one.kind] ?? ['Giấy tờ khác', 'Another paper'];
    return html`<${Two} vi=${vi} en=${en} />`;
}

function Add({ view, onDone }) {
    const [file, setFile] = useState(null);
    const [document, setDocument] = useState('');
    const { run, busy, problem } = useAction();
    const add = (event) => {
        event.preventDefault();
        const form = event.target;
        run(async () => {
            await send({ dossier: view.code, kind: 'document', ...document && { document } }, file);
            form.reset();
            setFile(null);
            onDone();
        });
    };
    return html`<form class="well stack tight" onSubmit=${add}>
        <${Field} label="Thêm tệp" en="Add a file" at="/file" problem=${problem} type="file" name="file" required
            accept="application/pdf,image/jpeg,image/png" hint="PDF không khóa, JPEG hoặc PNG. · An unlocked PDF, JPEG or PNG."
            onChange=${(e) => setFile(e.target.files[0])} />
        <${Field} label="Dành cho giấy tờ" en="For which paper" at="/document" problem=${problem} tag="select" name="document"
            value=${document} onChange=${(e) => setDocument(e.target.value)}>
            <option value="">Giấy tờ khác · Another paper</option>
            ${(view.documents ?? []).map((one) => html`<option key=${one.name} value=${one.name}>${one.name}</option>`)}</${Field}>
        <${Trouble} problem=${problem} fields=${['/document']} />
        <div><${Button} type="submit" busy=${busy} disabled=${!file} vi="Gửi tệp" en="Send" /></div></form>`;
}

const Version = ({ one }) => html`<li data-version=${one.version}>
    <span class="grow">${one.kept ? html`<a href=${`/v1/attachments/${one.attachment}`} download>Bản ${one.version}</a>` : `Bản ${one.version}`}
        <small> · ký niêm phong ${time(one.seal?.at)}</small><br /><small class="mono">${one.seal?.sha256.slice(0, 16)}…</small></span>
    ${one.superseded_at ? html`<${Chip} vi=${`Đã thay bằng bản ${one.superseded_by}`} en="Superseded" tone="warn" />`
        : html`<${Chip} vi="Hiện hành" en="Current" tone="good" />`}</li>`;

// A first version needs no reason; another one replaces it for the applicant.
function Seal({ view, versions, onDone }) {
    const [file, setFile] = useState(null);
    const [reason, setReason] = useState('');
    const [key] = useState(uuid7);
    const { run, busy, problem } = useAction();
    const again = versions.length > 0;
    const seal = (event) => {
        event.preventDefault();
        const form = event.target;
        run(async () => {
            const sent = await send({ dossier: view.code, kind: 'result' }, file);
            await post(`/v1/dossiers/${encodeURIComponent(view.code)}/results`,
                { attachment: sent.id, sha256: sent.sha256, ...reason.trim() && { reason: reason.trim() } },
                { 'idempotency-key': `${key}-${sent.sha256.slice(0, 16)}` });
            form.reset();
            setFile(null);
            onDone();
        });
    };
    return html`<form class="well stack tight" onSubmit=${seal}>
        <${Field} label=${again ? 'Thay bằng tệp PDF' : 'Tệp PDF kết quả'} en=${again ? 'Replace it with' : 'The result as PDF'}
            at="/attachment" problem=${problem} type="file" name="result" required accept="application/pdf"
            onChange=${(e) => setFile(e.target.files[0])} />
        ${again && html`<${Field} label="Lý do thay" en="Why it is replaced" at="/reason" problem=${problem} tag="textarea" rows="2"
            name="reason" required maxlength="2000" value=${reason} onInput=${(e) => setReason(e.target.value)} />`}
        <${Trouble} problem=${problem} fields=${['/reason', '/attachment']} />
        <div><${Button} main=${!again} type="submit" busy=${busy} disabled=${!file} vi="Ký niêm phong và trả trực tuyến"
            en="Seal and give on line" /></div></form>`;
}

function Results({ view, may, onDone }) {
    const { data, problem, reload } = useLoad(async () =>
        (await get(`/v1/dossiers/${encodeURIComponent(view.code)}/results`)).items, [view.code, view.version]);
    const done = () => { reload(); onDone(); };
    const open = may && [9, 10].includes(view.status.code);
    if (!open && !data?.length) return null;
    return html`<section class="stack tight" data-results><h3><${Two} vi="Kết quả điện tử" en="Result on line" /></h3>
        <${Trouble} problem=${problem} retry=${reload} />
        ${data?.length > 0 && html`<${Good}>Người nộp tải bằng mã tra cứu trên phiếu gửi hồ sơ.
            <span class="en" lang="en">The applicant downloads it with the code on the receipt.</span></${Good}>`}
        <ul class="list">${(data ?? []).map((one) => html`<${Version} key=${one.version} one=${one} />`)}</ul>
        ${open && data && html`<${Seal} key=${data.length} view=${view} versions=${data} onDone=${done} />`}</section>`;
}

export function Files({ view, onDone }) {
    const { data, problem, reload } = useLoad(() => get(query('/v1/attachments', { dossier: view.code })), [view.code, view.version]);
    const done = () => { reload(); onDone(); };
    const items = (data?.items ?? []).filter((one) => one.kind !== 'result'), may = data?.may_send ?? [];
    return html`<section class="stack tight" data-files><h3><${Two} vi="Tệp của hồ sơ" en="Files" /></h3>
        <${Trouble} problem=${problem} retry=${reload} />
        ${data && !items.length && html`<p class="muted"><${Two} vi="Chưa có tệp nào." en="None yet." /></p>`}
        <ul class="list">${items.map((one) => html`<${Row} key=${one.id} one=${one} />`)}</ul>
        ${may.includes('document') && html`<${Add} view=${view} onDone=${done} />`}
        </section><${Results} view=${view} may=${may.includes('result')} onDone=${done} />`;
}
