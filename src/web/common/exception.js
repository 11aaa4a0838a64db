// One exception, open: its likely cause, where the thing stands, and each answer with its key. A key
// shows what the answer would do; Enter does it.
import { get, post, Problem, uuid7 } from './api.js';
import { time } from './format.js';
import { Irregularity } from './papers.js';
import { Button, Chip, Field, html, Trouble, Two, useAction, useLayoutEffect, useLoad, useRef, useState } from './ui.js';
import { TONE } from './words.js';

const path = (id, what = '') => `/v1/custody/exceptions/${encodeURIComponent(id)}${what}`;

// Where a thing stands: its state, who has it, where.
function Standing({ vi, en, at }) {
    if (!at) return null;
    const about = [at.holder?.name && `giữ: ${at.holder.name}`,
                   at.place_name && at.place_name !== at.holder?.name && `tại: ${at.place_name}`,
                   at.container && `trong túi ${at.container}`, at.offered?.name && `đề nghị giao cho: ${at.offered.name}`];
    return html`<div class="standing"><span class="muted"><${Two} vi=${vi} en=${en} /></span>
        <span class="grow"><${Chip} vi=${at.state_vi} en=${at.state_en} tone=${TONE[at.state]} /> ${about.filter(Boolean).join(' · ')}</span></div>`;
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function Would({ answer, before }) {
    return html`<p>${answer.would} <span class="en" lang="en">${answer.would_en}</span></p>
        ${answer.after && !same(answer.after, before) ? html`<${Standing} vi="Trước" en="Before" at=${before} />
                <${Standing} vi="Sau" en="After" at=${answer.after} />`
            : before && html`<p class="muted"><${Two} vi="Nơi ở và người giữ không đổi." en="State, holder and place stay." /></p>`}
        ${answer.tells_dossier && html`<p><${Two} vi="Hồ sơ cũng được cập nhật theo." en="The dossier follows." /></p>`}
        ${answer.then.map((one) => html`<p class="error" key=${one.code}>Sẽ phát sinh: ${one.text}
            <span class="en" lang="en">${one.text_en}</span></p>`)}`;
}

// The same answer again has the same key, so that a lost reply does no harm.
function useKey() {
    const kept = useRef({});
    return (about) => {
        if (kept.current.about !== about) kept.current = { about, key: uuid7() };
        return kept.current.key;
    };
}

function Chosen({ id, answer, before, onDone, onStale, onLeave }) {
    const [note, setNote] = useState('');
    const { run, busy, problem } = useAction();
    const key = useKey(), form = useRef(null);
    // At once: the next letter of a quick hand belongs into the field, and must not choose another answer.
    useLayoutEffect(() => { (form.current.querySelector('textarea:required') ?? form.current.querySelector('button')).focus(); }, []);
    const send = (e) => {
        e.preventDefault();
        if (busy) return;
        const body = { decision: answer.code, ...(note.trim() && { note: note.trim() }) };
        run(async () => {
            try {
                onDone(await post(path(id, '/resolve'), body, { 'idempotency-key': key(JSON.stringify(body)) }));
            } catch (trouble) {
                if (trouble instanceof Problem && trouble.slug === 'conflict') onStale(trouble);
                else throw trouble;
            }
        });
    };
    const keys = (e) => {
        if (e.key === 'Enter' && !e.shiftKey && e.target.tagName === 'TEXTAREA') {
            e.preventDefault();
            form.current.requestSubmit();
        } else if (e.key === 'Escape') {
            e.stopPropagation();
            onLeave();
        }
    };
    return html`<form class="stack tight" ref=${form} data-answer=${answer.code} onSubmit=${send} onKeyDown=${keys}>
        <${Would} answer=${answer} before=${before} />
        <${Field} tag="textarea" rows="2" label=${answer.note ? 'Lý do' : 'Ghi chú (nếu có)'} en=${answer.note ? 'Why' : 'Note'}
            at="/note" problem=${problem} value=${note} required=${answer.note} maxlength="1000"
            onInput=${(e) => setNote(e.target.value)} />
        <${Trouble} problem=${problem} fields=${['/note']} />
        <div class="row"><${Button} main type="submit" busy=${busy} vi="Ghi quyết định" en="Decide" keys="Enter" />
            <${Button} plain vi="Thôi" en="Leave" keys="Esc" onClick=${onLeave} /></div></form>`;
}

function Answer({ answer, chosen, onPick }) {
    const shut = !answer.possible || !answer.allowed;
    const why = !answer.allowed ? html`<${Two} vi="Giám sát viên mới làm được." en="A supervisor's." />`
        : html`Chưa được: ${answer.why} <span class="en" lang="en">${answer.why_en}</span>`;
    return html`<li><button type="button" disabled=${shut} aria-pressed=${String(chosen)} aria-keyshortcuts=${answer.key}
            onClick=${() => onPick(answer.code)}><kbd>${answer.key.toUpperCase()}</kbd>
            <span><${Two} vi=${answer.name} en=${answer.name_en} /></span></button>
        ${shut && html`<small>${why}</small>`}</li>`;
}

// `keys`: a ref that gets what a key of the page does here: true when it meant something.
export function Open({ id, may, me, keys, onDone, onChange }) {
    const { data, problem, reload } = useLoad(() => get(path(id)), [id]);
    const [code, setCode] = useState(null);
    const [stale, setStale] = useState(null);
    const turn = useAction(), well = useRef(null);
    const answer = data?.answers.find((one) => one.code === code);
    const mine = data?.taken_by?.id === me.id;
    const take = () => turn.run(async () => {
        await post(path(id, mine ? '/give_back' : '/take'), undefined, { 'idempotency-key': uuid7() });
        await reload();
        onChange();
    });
    keys.current = (key) => {
        const picked = may && data?.answers.find((one) => one.key === key && one.possible && one.allowed);
        if (picked) setCode(picked.code);
        else if (may && key === 'n' && data) take();
        else if (key === 'Escape' && code) setCode(null);
        else if (key === 'Enter' && answer) well.current.querySelector('form')?.requestSubmit();
        else return false;
        return true;
    };
    if (!data) return html`<${Trouble} problem=${problem} retry=${reload} />`;
    return html`<div class="well stack tight" data-open=${id} ref=${well}>
        <p><strong><${Two} vi="Nguyên nhân có thể" en="Likely cause" /></strong><br />${data.cause}
            <span class="en" lang="en">${data.cause_en}</span></p>
        ${data.remark && html`<p><strong><${Two} vi="Ghi chú khi đó" en="Noted then" /></strong><br />${data.remark}</p>`}
        <${Standing} vi="Hiện nay" en="Now" at=${data.before} />
        <${Trouble} problem=${stale ?? turn.problem} retry=${stale && onChange} />
        ${!may ? html`<p class="muted"><${Two} vi="Bưu cục phục vụ cơ quan sẽ xử lý." en="The office that serves the agency decides." /></p>`
            : !stale && html`<ul class="answers">${data.answers.map((one) => html`<${Answer} key=${one.code} answer=${one}
                    chosen=${one.code === code} onPick=${setCode} />`)}</ul>
                ${answer && html`<${Chosen} key=${answer.code} id=${id} answer=${answer} before=${data.before}
                    onDone=${onDone} onStale=${setStale} onLeave=${() => setCode(null)} />`}
                <div><${Button} plain busy=${turn.busy} vi=${mine ? 'Trả lại, không xử lý nữa' : 'Nhận xử lý'}
                    en=${mine ? 'Give back' : 'Take it'} keys="N" onClick=${take} /></div>`}
        ${may && html`<${Irregularity} id=${id} />`}
        ${data.turns.length > 0 && html`<small>${data.turns.map((one) =>
            `${one.name} ${one.taken ? 'nhận' : 'trả lại'} lúc ${time(one.at)}`).join(' · ')}</small>`}</div>`;
}
