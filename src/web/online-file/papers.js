// The checklist: what the form stands for, what is sent as a file, what comes itself.
import { call, query } from '../common/api.js';
import { sha256 } from '../common/files.js';
import { Chip, html, Trouble, Two, useAction, useState } from '../common/ui.js';
import { headers_of, path_of } from './store.js';

const PART = 262144, TRIES = 1000, TYPES = ['application/pdf', 'image/jpeg', 'image/png'];
const size_text = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1).replace('.', ',')} MB`);

const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));

// One part, or how to go on: from another place, or after a while as the service asks. -> {whole?, offset, wait?}
async function send(draft, about, file, offset) {
    try {
        return (await call('POST', query(path_of(draft, '/files'), { ...about, offset }),
            file.slice(offset, offset + PART), headers_of(draft))).document;
    } catch (problem) {
        if (problem.slug === 'offset-conflict') return { offset: problem.document.offset };
        if (problem.status === 429 && problem.retry_after > 0) return { offset, wait: problem.retry_after };
        throw problem;
    }
}

// The whole of it in parts, on from where the service says; told({share, wait}) as it goes.
async function upload(draft, file, document, told) {
    const about = { sha256: await sha256(file), size: file.size, document,
                    media: TYPES.includes(file.type) ? file.type : undefined };
    for (let offset = 0, tries = 0; tries < TRIES; tries++) {
        told({ share: offset / file.size });
        const reply = await send(draft, about, file, offset);
        if (reply.whole) return;
        if (reply.wait) {
            told({ share: offset / file.size, wait: reply.wait });
            await pause(reply.wait);
        }
        offset = reply.offset;
    }
    throw new Error('Chưa gửi xong tệp. Xin thử lại. · The file is unfinished; please try again.');
}

const File = ({ one, onDrop, busy }) => html`<li data-file=${one.id}><span class="grow">
        ${one.media === 'application/pdf' ? 'PDF' : 'Ảnh'}, ${size_text(one.size)}
        ${one.whole ? html` <${Chip} vi="Đã gửi" en="Sent" tone="good" />` : html` <${Chip} vi="Chưa gửi xong" en="Unfinished" tone="warn" />`}</span>
    <button type="button" disabled=${busy} onClick=${onDrop}><${Two} vi="Bỏ tệp" en="Remove" /></button></li>`;

function Files({ draft, row, files, place, onStart, onDone }) {
    const { run, busy, problem } = useAction();
    const [going, setGoing] = useState(null); // {share, wait?}
    const id = `file-${place}`;
    const [sent, setSent] = useState('');
    const pick = (event) => {
        const [file] = event.target.files;
        const field = event.target;
        if (!file) return;
        setSent('');
        run(async () => {
            try {
                await onStart();
                await upload(draft, file, row.name, setGoing);
                setSent(file.name);
            } finally {
                setGoing(null);
                field.value = '';
                await onDone();
            }
        });
    };
    const drop = (one) => run(async () => {
        setSent('');
        await call('DELETE', path_of(draft, `/files/${one.id}`), undefined, headers_of(draft));
        await onDone();
    });
    return html`<div class="stack tight"><label for=${id}><${Two} vi="Gửi bản chụp, bản quét" en="Send a scan or a photo" /></label>
        <input id=${id} type="file" accept=${TYPES.join(',')} disabled=${busy} onChange=${pick} aria-describedby=${`${id}-h`} />
        <p class="muted"><small id=${`${id}-h`}>PDF không khóa, JPEG hoặc PNG. · An unlocked PDF, JPEG or PNG.</small>
            <small role="status">${sent && html`<br />Đã nhận được tệp ${sent}. <span lang="en">· The file has arrived.</span>`}</small></p>
        ${going && html`<progress max="1" value=${going.share} aria-label="Đang gửi tệp"></progress>`}
        ${going?.wait && html`<p class="muted" role="status" data-file-waits>Máy chủ yêu cầu đợi ${going.wait} giây; tệp sẽ tự gửi tiếp.
            <span class="en" lang="en">It goes on by itself.</span></p>`}
        <${Trouble} problem=${problem} />
        ${files.length > 0 && html`<ul class="list">${files.map((one) => html`<${File} key=${one.id} one=${one} busy=${busy}
            onDrop=${() => drop(one)} />`)}</ul>`}</div>`;
}

// A paper that comes itself: as many sheets as the checklist asks for, unless it is said otherwise.
function Itself({ row, place, paper, onChange }) {
    const set = (name) => (e) => onChange({ ...paper, [name]: Math.max(0, Math.min(1000, Number(e.target.value) || 0)) });
    const number = (name, words) => html`<div><label for=${`${name}-${place}`}><${Two} ...${words} /></label>
        <input id=${`${name}-${place}`} type="number" min="0" max="1000" inputmode="numeric" value=${paper[name]}
            onChange=${set(name)} /></div>`;
    const tick = (e) => onChange(e.target.checked ? { name: row.name, originals: row.originals ?? 0,
        copies: row.copies ?? 0 } : null);
    return html`<label class="check"><input type="checkbox" checked=${!!paper} onChange=${tick} />
            <span><${Two} vi="Nộp bản giấy" en="Give the paper itself" /></span></label>
        ${paper && html`<div class="fields">${number('originals', { vi: 'Bản chính', en: 'Originals' })}
            ${number('copies', { vi: 'Bản sao', en: 'Copies' })}</div>`}`;
}

const asked = (row) => [row.originals ? `${row.originals} bản chính` : '', row.copies ? `${row.copies} bản sao` : '']
    .filter(Boolean).join(', ');

// What is wrong with a line: that it is missing is said by its place in the checklist, the rest by that of what
// was stated among `papers`.
function wrong(problem, i, papers, name) {
    const at = `/documents/${i}`, n = papers.findIndex((one) => one.name === name), stated = `/documents/${n}`;
    return problem?.first((one) => one.pointer === at && one.code === 'required')
        ?? (n < 0 ? undefined : problem?.first((one) => one.pointer.startsWith(`${stated}/`)
            || (one.pointer === stated && one.code !== 'required')));
}

export function Papers({ draft, says, view, change, problem, onStart, onFiles }) {
    const papers = says.documents ?? [];
    const set = (row) => (paper) => change((old) => ({ documents: [
        ...(old.documents ?? []).filter((one) => one.name !== row.name), ...(paper ? [paper] : [])] }), '/documents');
    return html`<section class="card stack" id="papers"><h2><${Two} vi="Thành phần hồ sơ" en="Papers" /></h2>
        <ul class="stack plain-list">${view.procedure.documents.map((row, i) => {
            const error = wrong(problem, i, papers, row.name);
            const by_form = row.form && view.procedure.form;
            return html`<li key=${row.name} class="well stack tight" data-paper=${row.name}>
                <div><h3>${row.name}${!row.optional && !by_form && ' *'}</h3>
                    <small class="muted">${asked(row)}${row.optional && ' · nếu có · if there is one'}</small></div>
                ${by_form ? html`<p><${Two} vi="Tờ khai trực tuyến thay cho giấy tờ này." en="The form on line stands for it." /></p>`
                    : html`<${Files} draft=${draft} row=${row} place=${i} onStart=${onStart} onDone=${onFiles}
                            files=${view.files.filter((one) => one.document === row.name)} />
                        <${Itself} row=${row} place=${i} paper=${papers.find((one) => one.name === row.name)} onChange=${set(row)} />`}
                ${error && html`<p class="error" role="alert">${error}</p>`}</li>`;
        })}</ul></section>`;
}
