// What agencies ask each other about a dossier: asked, answered, or waited for no longer.
import { post, uuid7 } from '../common/api.js';
import { time } from '../common/format.js';
import { units } from '../common/model.js';
import { Picker } from '../common/picker.js';
import { Button, Chip, Choice, Field, html, Trouble, Two, useAction, useState } from '../common/ui.js';

const ANSWER = { agreed: ['Đồng ý', 'Agreed', 'good'], refused: ['Không đồng ý', 'Refused', 'bad'],
                 informed: ['Cho ý kiến', 'Informed', 'accent'] };
const UNIT = { working_day: ['Ngày làm việc', 'Working days'], working_hour: ['Giờ làm việc', 'Working hours'] };

const path = (view, id, what) => `/v1/dossiers/${encodeURIComponent(view.code)}/questions${id ? `/${id}/${what}` : ''}`;

function Ask({ view, onDone }) {
    const [agency, setAgency] = useState(null);
    const [value, set] = useState({ what: '', time: '2', time_unit: 'working_day' });
    const [id] = useState(uuid7);
    const { run, busy, problem } = useAction();
    const ask = (e) => {
        e.preventDefault();
        run(async () => {
            await post(path(view), { id, agency: agency.code, ...value, what: value.what.trim(), time: Number(value.time) });
            onDone();
        });
    };
    return html`<form class="well stack tight" onSubmit=${ask}>
        <${Picker} label="Cơ quan được hỏi" en="Agency" name="ask-agency" search=${(q) => units({ kind: 'agency', q })}
            chosen=${agency} onPick=${setAgency} text=${(one) => one.name} at="/agency" problem=${problem}
            show=${(one) => html`${one.name}<br /><small>${one.address}</small>`} />
        <${Field} label="Nội dung cần ý kiến" en="What is asked" at="/what" problem=${problem} tag="textarea" rows="3" required
            maxlength="2000" value=${value.what} onInput=${(e) => set({ ...value, what: e.target.value })} />
        <${Field} label="Thời hạn trả lời" en="Within" at="/time" problem=${problem} type="number" min="1" max="365" required
            value=${value.time} onInput=${(e) => set({ ...value, time: e.target.value })} />
        <${Choice} label="Tính theo" en="Counted in" name="ask-unit" options=${UNIT} value=${value.time_unit}
            onPick=${(time_unit) => set({ ...value, time_unit })} />
        <${Trouble} problem=${problem} fields=${['/agency', '/what', '/time']} />
        <${Button} main type="submit" busy=${busy} disabled=${!agency} vi="Gửi câu hỏi" en="Ask" /></form>`;
}

function Answer({ view, one, onDone }) {
    const [answer, setAnswer] = useState('agreed');
    const [reply, setReply] = useState('');
    const [key] = useState(uuid7);
    const { run, busy, problem } = useAction();
    const send = (e) => {
        e.preventDefault();
        run(async () => {
            await post(path(view, one.id, 'answer'), { answer, reply: reply.trim() }, { 'idempotency-key': key });
            onDone();
        });
    };
    return html`<form class="well stack tight" onSubmit=${send}>
        <${Choice} label="Trả lời" en="Answer" name=${`answer-${one.id}`} options=${ANSWER} value=${answer} onPick=${setAnswer} />
        <${Field} label="Ý kiến" en="In words" at="/reply" problem=${problem} tag="textarea" rows="3" required maxlength="2000"
            value=${reply} onInput=${(e) => setReply(e.target.value)} />
        <${Trouble} problem=${problem} fields=${['/reply']} />
        <${Button} main type="submit" busy=${busy} vi="Gửi trả lời" en="Answer" /></form>`;
}

function End({ view, one, onDone }) {
    const [reason, setReason] = useState('');
    const [key] = useState(uuid7);
    const { run, busy, problem } = useAction();
    const send = (e) => {
        e.preventDefault();
        run(async () => {
            await post(path(view, one.id, 'end'), { reason: reason.trim() }, { 'idempotency-key': key });
            onDone();
        });
    };
    return html`<details><summary><${Two} vi="Không chờ nữa" en="Wait no longer" /></summary>
        <form class="well stack tight" onSubmit=${send}><${Field} label="Lý do" en="Reason" at="/reason" problem=${problem} required
            maxlength="2000" value=${reason} onInput=${(e) => setReason(e.target.value)} />
        <${Trouble} problem=${problem} fields=${['/reason']} />
        <${Button} type="submit" busy=${busy} vi="Ghi nhận" en="Record" /></form></details>`;
}

const State = ({ one }) => {
    if (one.answer) return html`<${Chip} of=${ANSWER} code=${one.answer} />`;
    if (one.ended_at) return html`<${Chip} vi="Không chờ nữa" en="No longer waited for" />`;
    return html`<${Chip} vi=${`${one.overdue ? 'Quá hạn' : 'Hạn trả lời'} ${time(one.due_at)}`} en=${one.overdue ? 'Overdue' : 'Due'}
        tone=${one.overdue ? 'bad' : 'accent'} />`;
};

// The questions of one dossier; whoever may ask or answer finds the form here.
export function Questions({ view, onDone }) {
    const [asking, setAsking] = useState(false);
    const may = (name) => view.allowed_actions.some((one) => one.action === name);
    const list = view.askings ?? [];
    if (!list.length && !may('ask_agency')) return null;
    const done = () => { setAsking(false); onDone(); };
    return html`<section class="stack tight" data-questions><div class="row spread"><h3><${Two} vi="Ý kiến cơ quan khác" en="Other agencies" /></h3>
            ${may('ask_agency') && html`<${Button} vi="Lấy ý kiến" en="Ask" aria-expanded=${String(asking)}
                onClick=${() => setAsking(!asking)} />`}</div>
        ${asking && html`<${Ask} view=${view} onDone=${done} />`}
        <ul class="list">${list.map((one) => html`<li key=${one.id} data-question=${one.id}><div class="grow stack tight">
            <div class="row spread"><strong>${one.mine ? one.asking.name : one.asked.name}</strong><${State} one=${one} /></div>
            <small>${time(one.asked_at)}${one.mine && ' · hỏi cơ quan mình'}</small>
            ${one.what && html`<p>${one.what}</p>`}
            ${one.reply && html`<p class="note good">${one.reply}</p>`}
            ${one.mine && may('answer_agency') && !one.answer && !one.ended_at && html`<${Answer} view=${view} one=${one} onDone=${done} />`}
            ${!one.mine && may('end_asking') && !one.answer && !one.ended_at && html`<${End} view=${view} one=${one} onDone=${done} />`}
            </div></li>`)}</ul></section>`;
}
