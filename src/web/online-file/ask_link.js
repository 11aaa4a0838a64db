// Before the draft of a link is opened: whoever gave the link reads what is typed there.
import { Button, html } from '../common/ui.js';

export const AskLink = ({ link, onOpen, onLeave }) => html`<section class="card stack" data-ask-link>
    <h2>Mở bản nháp từ liên kết? <span class="en" lang="en">Open the draft of this link?</span></h2>
    <p>Bản nháp này không được tạo trên thiết bị này. Chỉ mở nếu chính quý vị đã lập bản nháp hoặc tin người gửi liên kết:
        ai có liên kết đều đọc được những gì quý vị nhập.
        <span class="en" lang="en">It was not begun on this device. Whoever has the link reads what you type there.</span></p>
    ${link.beside && html`<p>Bản nháp của thủ tục này trên thiết bị vẫn được giữ riêng.
        <span class="en" lang="en">The draft that this device has of the procedure is kept apart.</span></p>`}
    <div class="row"><${Button} main vi="Mở bản nháp" en="Open it" onClick=${onOpen} />
        <${Button} vi="Không mở" en="Do not open" onClick=${onLeave} /></div></section>`;
