// The work list of what was recorded although something was odd: what happened, and the decision of
// a person, who says why. Nothing on it closes by itself.
import { get, post } from './api.js';
import { s10, time } from './format.js';
import { Button, Choice, Empty, Field, html, Trouble, Two, useAction, useLoad, useState } from './ui.js';

const DECISION = { accept: ['Đúng thực tế', 'The fact stands'],
                   correct: ['Đã sửa bằng lượt quét khác', 'Put right by other scans'],
                   dismiss: ['Không cần xử lý', 'Nothing to do'] };

function Decide({ id, onDone }) {
    const [decision, setDecision] = useState('accept');
    const [note, setNote] = useState('');
    const { run, busy, problem } = useAction();
    const send = (e) => {
        e.preventDefault();
        run(async () => {
            await post(`/v1/custody/exceptions/${encodeURIComponent(id)}/resolve`,
                { decision, note: note.trim() }, { 'idempotency-key': `resolve-${id}` });
            onDone();
        });
    };
    return html`<form class="well stack tight" onSubmit=${send}>
        <${Choice} label="Quyết định" en="Decision" name=${`decision-${id}`} options=${DECISION} value=${decision}
            onPick=${setDecision} />
        <${Field} label="Lý do" en="Why" at="/note" problem=${problem} value=${note} required maxlength="1000"
            onInput=${(e) => setNote(e.target.value)} />
        <${Trouble} problem=${problem} fields=${['/note']} />
        <div><${Button} main type="submit" busy=${busy} vi="Ghi quyết định" en="Decide" /></div></form>`;
}

function Row({ row, open, onOpen, onDone }) {
    return html`<li data-exception=${row.subject}><div class="grow stack tight">
        <div class="row spread"><strong class="mono">${s10(row.subject)}</strong><small>${time(row.opened_at)}</small></div>
        <div>${row.text} <span class="en" lang="en">${row.text_en}</span></div>
        <small>${[row.kind_name, row.actor, row.unit_name, row.at && time(row.at), row.dossier]
            .filter(Boolean).join(' · ')}</small>
        ${open ? html`<${Decide} id=${row.id} onDone=${onDone} />`
            : html`<div><${Button} vi="Xử lý" en="Decide" onClick=${onOpen} /></div>`}</div></li>`;
}

export function Exceptions() {
    const [at, setAt] = useState(null);
    const { data, problem, reload } = useLoad(() => get('/v1/custody/exceptions'), []);
    const done = () => { setAt(null); reload(); };
    return html`<section class="card"><h2><${Two} vi="Ngoại lệ chờ xử lý" en="Exceptions to decide" /></h2>
        <${Trouble} problem=${problem} retry=${reload} />
        ${data?.items.length === 0 && html`<${Empty} vi="Không có ngoại lệ nào." en="None." />`}
        <ul class="list">${data?.items.map((row) => html`<${Row} key=${row.id} row=${row} open=${row.id === at}
            onOpen=${() => setAt(row.id)} onDone=${done} />`)}</ul></section>`;
}
