// Papers to be printed: each opens as a PDF in a window of its own.
import { label, note } from './model.js';
import { html, Two } from './ui.js';

const Open = ({ href, vi, en }) => html`<a class="button" href=${href} target="_blank" rel="noopener">
    <${Two} vi=${vi} en=${en} /></a>`;

export const NoteLink = ({ code }) => html`<${Open} href=${note(code)} vi="In phiếu gửi" en="Dispatch note" />`;
export const BagLink = ({ id }) => html`<${Open} href=${label(id, 'pdf')} vi="In nhãn túi" en="Bag label" />`;
export const InviteLink = ({ number }) => html`<${Open} href=${label(number, 'pdf', { template: 'invitation' })}
    vi="In giấy mời" en="Invitation" />`;
