// What may still be done once it was filed, by whoever the draft belongs to: another day for the courier or none,
// and the wish to have it all back.
import { call, get_tagged, uuid7 } from '../common/api.js';
import { Button, Choice, Field, html, Trouble, Two, useAction, useState } from '../common/ui.js';
import { headers_of, path_of } from './store.js';

export const HALF = { morning: ['Buổi sáng', 'Morning'], afternoon: ['Buổi chiều', 'Afternoon'] };
export const dated = (iso) => iso.split('-').reverse().join('/');

const CHANGED = 'Hồ sơ vừa có thay đổi; trang đã hiện thông tin mới. Xin xem lại rồi bấm lần nữa. · '
    + 'It has just changed, as the page shows now. Please look, and try again.';

// What is asked for, or what there is by now when somebody else was quicker or the reply was lost; it is wrong
// unless that is what was wished.
async function ask_for(draft, ask, wished, onChange) {
    try {
        onChange(await ask());
    } catch (trouble) {
        const now = await get_tagged(path_of(draft), headers_of(draft)).catch(() => null);
        if (now) onChange(now);
        if (!now || !wished(now.document.dossier)) throw trouble.status === 412 ? new Error(CHANGED) : trouble;
    }
}

export function ChangePickup({ draft, pickup, etag, onChange }) {
    const [open, setOpen] = useState(false);
    const [wish, setWish] = useState(null); // as it is, until another is chosen
    const { run, busy, problem } = useAction();
    const visit = wish ?? { day: pickup.day, half: pickup.half };
    const send = (method, body) => run(async () => {
        await ask_for(draft, () => call(method, path_of(draft, '/pickup'), body, headers_of(draft, { 'if-match': etag })),
            (now) => (body ? now.pickup?.day === body.day && now.pickup.half === body.half : !now.pickup), onChange);
        setOpen(false);
        setWish(null);
    });
    const change = (e) => { e.preventDefault(); send('PUT', visit); };
    const days = [...new Set([pickup.day, ...pickup.days])].sort();
    return html`<div class="stack tight" data-change-pickup><div class="row"><${Button} vi="Đổi ngày, buổi" en="Another day"
            aria-expanded=${String(open)} onClick=${() => setOpen(!open)} />
            <${Button} busy=${busy} vi="Không cần đến nhận" en="No pick-up" onClick=${() => confirm('Hủy hẹn đến nhận? Quý vị sẽ mang giấy tờ ra bưu cục.')
                && send('DELETE')} /></div>
        ${open && html`<form class="well stack tight" onSubmit=${change}>
            <${Field} label="Ngày đến nhận" en="Day" at="/day" problem=${problem} tag="select" value=${visit.day}
                onInput=${(e) => setWish({ ...visit, day: e.target.value })}>${days.map((day) => html`
                <option key=${day} value=${day} selected=${day === visit.day}>${dated(day)}</option>`)}</${Field}>
            <${Choice} label="Buổi" en="Half of the day" name="new-half" options=${HALF} value=${visit.half}
                onPick=${(half) => setWish({ ...visit, half })} />
            <div><${Button} main type="submit" busy=${busy} vi="Đổi hẹn" en="Change it" /></div></form>`}
        <${Trouble} problem=${problem} fields=${['/day']} /></div>`;
}

export function Withdraw({ draft, dossier, onChange }) {
    const [open, setOpen] = useState(false);
    const [reason, setReason] = useState('');
    const [key] = useState(uuid7);
    const { run, busy, problem } = useAction();
    const action = dossier.allowed_actions.find((one) => one.action === 'request_withdrawal');
    const ask = (e) => {
        e.preventDefault();
        const headers = headers_of(draft, { 'idempotency-key': `${key}-${dossier.version}`, 'if-match': `"${dossier.version}"` });
        run(() => ask_for(draft, async () => {
            await call('POST', path_of(draft, '/actions'), { action: action.action, reason: reason.trim() }, headers);
            return get_tagged(path_of(draft), headers_of(draft));
        }, (now) => now.status.code === 7, onChange));
    };
    if (!action) return html`<${Trouble} problem=${problem} />`;
    return html`<section class="card stack tight" data-withdraw><h2><${Two} vi="Rút hồ sơ" en="Withdraw it" /></h2>
        <p class="muted">${action.reason_vi} <span class="en" lang="en">${action.reason_en}</span></p>
        <div><${Button} vi=${action.name} en=${action.name_en} aria-expanded=${String(open)} onClick=${() => setOpen(!open)} /></div>
        ${open && html`<form class="well stack tight" onSubmit=${ask}>
            <${Field} label="Lý do" en="Reason" at="/reason" problem=${problem} tag="textarea" rows="3" maxlength="2000" required
                value=${reason} onInput=${(e) => setReason(e.target.value)} />
            <div><${Button} bad type="submit" busy=${busy} vi="Gửi yêu cầu rút hồ sơ" en="Ask for it" /></div></form>`}
        <${Trouble} problem=${problem} fields=${['/reason']} /></section>`;
}
