// A new code for the applicant's receipt, when the old one was lost or seen by others.
import { post, uuid7 } from '../common/api.js';
import { NoteLink } from '../common/papers.js';
import { Button, Good, html, Trouble, Two, useAction, useState } from '../common/ui.js';

export function TrackingCode({ code }) {
    const [asked, setAsked] = useState(false);
    const [made, setMade] = useState(null);
    const [key, setKey] = useState(uuid7);
    const { run, busy, problem } = useAction();
    const renew = () => run(async () => {
        setMade(await post(`/v1/dossiers/${encodeURIComponent(code)}/receipt-code`, undefined, { 'idempotency-key': key }));
        setKey(uuid7());
        setAsked(false);
    });
    return html`<section class="stack tight" data-tracking-code=${code}>
        <div class="row"><${Button} vi="Cấp mã tra cứu mới" en="New receipt code" aria-expanded=${String(asked)}
            onClick=${() => setAsked(!asked)} /></div>
        ${asked && html`<div class="well stack tight"><p><${Two} vi="Mã in trên phiếu gửi trước đây sẽ không dùng được nữa."
                en="The code printed before opens nothing any more." /></p>
            <${Button} main busy=${busy} vi="Cấp mã" en="Issue" onClick=${renew} /></div>`}
        <${Trouble} problem=${problem} />
        ${made && html`<${Good}>Mã tra cứu mới: <strong class="mono" data-receipt=${made.receipt_code}>${made.receipt_code}</strong>.
            Xin in lại phiếu gửi cho người nộp. <span class="en" lang="en">Print the note again.</span>
            <span class="row"><${NoteLink} code=${code} /></span></${Good}>`}</section>`;
}
