// A print job as the clerk sees it: where it is, what holds it up, and what may be done about it.
import { get, post } from './api.js';
import { time } from './format.js';
import { Button, Chip, Field, html, Trouble, Two, useAction, useEffect, useLoad, useState } from './ui.js';

const TONE = { waiting: 'warn', sending: 'accent', printed: 'good', failed: 'bad', uncertain: 'bad', cancelled: '' };
const OPEN = ['waiting', 'sending'];
export const is_over = (job) => !OPEN.includes(job.state);

export const Where = ({ job }) => html`<${Chip} vi=${job.total > 1 ? `${job.state_vi} ${job.done}/${job.total}` : job.state_vi}
    en=${job.state_en} tone=${TONE[job.state]} />`;

// Looks again while the job is on its way.
export function useJob(id) {
    const { data: job, problem, reload } = useLoad(() => get(`/v1/labels/jobs/${id}`), [id]);
    useEffect(() => {
        if (!job || is_over(job)) return undefined;
        const again = setTimeout(reload, 1000);
        return () => clearTimeout(again);
    }, [job, problem]);
    return { job, problem, reload };
}

const Words = ({ job }) => html`
    ${job.trouble && html`<p><strong>${job.trouble.name}</strong> <span class="en" lang="en">${job.trouble.name_en}</span></p>`}
    ${job.state === 'waiting' && job.tries > 0 && html`<p class="muted">Hệ thống tự thử lại lúc ${time(job.next_at)}.
        <span class="en" lang="en">It will be tried again then.</span></p>`}
    ${job.again && html`<p>Nhãn này có thể đã ra giấy. In lại sẽ được ghi là bản in mới; xin huỷ tờ cũ nếu tìm thấy.
        <span class="en" lang="en">It may be out already: printing it again makes a new copy.</span></p>`}`;

// onBrowser(job, reason) prints it from the browser instead.
export function Job({ id, onBrowser }) {
    const { job, problem: lost, reload } = useJob(id);
    const [reason, setReason] = useState('');
    const { run, busy, problem } = useAction();
    if (!job) return html`<${Trouble} problem=${lost} retry=${reload} />`;
    const send = (what, body) => run(async () => {
        await post(`/v1/labels/jobs/${id}/${what}`, body);
        await reload();
    });
    const why = reason.trim();
    const again = () => send('retry', job.again && why ? { reason: why } : {});
    const away = () => run(async () => {
        if (job.state !== 'cancelled') await post(`/v1/labels/jobs/${id}/cancel`);
        await onBrowser(job, why);
        await reload();
    });
    const bad = ['failed', 'uncertain'].includes(job.state);
    return html`<div class=${`note stack tight ${bad ? 'bad' : job.state === 'printed' ? 'good' : job.trouble ? 'warn' : ''}`}
            data-job=${id} data-state=${job.state} role="status">
        <div class="row"><${Where} job=${job} /><span>${[job.printer_name,
            job.total === 1 && job.copies[0] && `bản in số ${job.copies[0]}`].filter(Boolean).join(', ')}</span></div>
        <${Words} job=${job} />
        ${job.again && html`<${Field} label="Lý do in lại" en="Why again (optional)" at="/reason" problem=${problem}
            name="job-reason" maxlength="200" value=${reason} onInput=${(e) => setReason(e.target.value)} />`}
        ${job.state !== 'printed' && html`<div class="row">
            ${job.state !== 'sending' && html`<${Button} main=${bad} busy=${busy} vi="Thử lại" en="Try again" onClick=${again} />`}
            ${!is_over(job) && html`<${Button} busy=${busy || job.cancel} vi=${job.cancel ? 'Đang huỷ…' : 'Huỷ'} en="Cancel"
                onClick=${() => send('cancel')} />`}
            ${onBrowser && job.state !== 'sending' && html`<${Button} plain busy=${busy} vi="In từ trình duyệt" en="Print from the browser"
                onClick=${away} />`}</div>`}
        <${Trouble} problem=${problem ?? lost} fields=${['/reason']} /></div>`;
}
