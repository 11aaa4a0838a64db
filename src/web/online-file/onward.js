// The link of a draft, which opens it elsewhere, also when it was filed; of an account's only then, for it has the others
// at hand.
import { Button, html, Trouble, Two, useAction, useState } from '../common/ui.js';
import { link_of } from './store.js';

// onStart: makes that there is something to open.
export function Onward({ code, draft, onStart, filed }) {
    const [shown, setShown] = useState(false);
    const { run, busy, problem } = useAction();
    if (!draft.key && !filed) return null;
    const show = () => run(async () => { await onStart?.(); setShown(true); });
    const [vi, en] = filed ? ['Quay lại hồ sơ này', 'Come back to it'] : ['Làm tiếp trên thiết bị khác', 'Go on elsewhere'];
    return html`<section class="card stack tight"><h2><${Two} vi=${vi} en=${en} /></h2>
        <p class="muted">${!draft.key ? html`Trang này chỉ còn trong thẻ trình duyệt đang mở. Liên kết mở lại trang khi quý vị đã đăng nhập, để đổi hẹn,
            xin rút hồ sơ. · Only this tab has the page. The link opens it again once you are logged in.` : filed ? html`Trang này chỉ còn trong thẻ trình duyệt đang mở. Liên kết riêng mở lại trang để đổi hẹn, xin rút hồ sơ;
            ai có liên kết cũng làm được: xin giữ kín. · Only this tab has the page. The link opens it again; keep it to yourself.`
            : html`Bản nháp được giữ ở máy chủ và mở được bằng trình duyệt này. Ai có liên kết riêng cũng mở được: xin giữ kín. ·
            Whoever has the link opens the draft: keep it to yourself.`}</p>
        <${Trouble} problem=${problem} />
        ${shown ? html`<div><label for="onward">${draft.key ? html`<${Two} vi="Liên kết riêng" en="Private link" />` : html`<${Two} vi="Liên kết" en="Link" />`}</label>
            <input id="onward" class="mono" readonly value=${link_of(code, draft)} onFocus=${(e) => e.target.select()} /></div>`
            : html`<div><${Button} busy=${busy} vi=${draft.key ? 'Hiện liên kết riêng' : 'Hiện liên kết'} en="Show the link" onClick=${show} /></div>`}</section>`;
}
