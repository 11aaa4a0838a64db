// Prints a shipment's label. The next copy is allocated first; the key of that call is kept on this
// machine until it was answered, so that a lost reply never makes two copies of one. Then the PDF of
// that copy is printed from a hidden frame of this origin.
import { answered, post, uuid7 } from '../common/api.js';
import { Button, Field, Good, html, Trouble, useAction, useState } from '../common/ui.js';

const KEPT = 'dossierpost.prints'; // {body: key}, of what was not answered yet

function keys() {
    try {
        return JSON.parse(localStorage.getItem(KEPT)) ?? {};
    } catch {
        return {};
    }
}

const keep = (body, key) => localStorage.setItem(KEPT, JSON.stringify({ ...keys(), [body]: key }));

// {number, copy, links} of the copy, or a Problem.
async function allocate(number, reason) {
    const body = { numbers: [number], ...(reason ? { reprint_reason: reason } : {}) };
    const text = JSON.stringify(body), key = keys()[text] ?? uuid7();
    keep(text, key);
    try {
        const [made] = (await post('/v1/labels/print', body, { 'idempotency-key': key })).labels;
        keep(text);
        if (made.problem) throw new Error('Không tìm thấy bưu gửi này. · No such shipment.');
        return made;
    } catch (trouble) {
        if (answered(trouble)) keep(text);
        throw trouble;
    }
}

async function print_pdf(path) {
    document.getElementById('print-frame')?.remove();
    const frame = document.createElement('iframe');
    frame.id = 'print-frame';
    frame.src = path;
    const loaded = new Promise((done) => frame.addEventListener('load', done, { once: true }));
    document.body.append(frame);
    await loaded;
    frame.contentWindow.print();
}

const Copy = ({ made }) => html`<${Good}>Bản in số ${made.copy}.${' '}<a href=${made.links.pdf} target="_blank"
    rel="noopener">Mở tệp PDF <span class="en" lang="en">Open the PDF</span></a></${Good}>`;

// The button; it asks why once the service says that this label was printed before.
export function Print({ number, ...look }) {
    const [made, setMade] = useState(null);
    const [asks, setAsks] = useState(false);
    const [reason, setReason] = useState('');
    const { run, busy, problem } = useAction();
    const print = (why) => run(async () => {
        try {
            const copy = await allocate(number, why);
            setMade(copy);
            setAsks(false);
            setReason('');
            await print_pdf(copy.links.pdf);
        } catch (trouble) {
            setAsks((old) => old || !!trouble.at?.('/reprint_reason'));
            throw trouble;
        }
    });
    const again = (e) => {
        e.preventDefault();
        print(reason.trim());
    };
    return html`<div class="stack tight" data-print=${number}>
        ${!asks && html`<${Button} ...${look} busy=${busy} vi="In nhãn" en="Print" onClick=${() => print('')} />`}
        ${asks && html`<form class="well stack tight" onSubmit=${again}>
            <${Field} label="Lý do in lại" en="Why again" at="/reprint_reason" problem=${problem} value=${reason}
                name="reprint_reason" required maxlength="200" onInput=${(e) => setReason(e.target.value)} />
            <${Button} main type="submit" busy=${busy} vi="In lại" en="Print again" /></form>`}
        <${Trouble} problem=${asks && problem?.at?.('/reprint_reason') ? null : problem} fields=${['/reprint_reason']} />
        ${made && html`<${Copy} made=${made} />`}</div>`;
}
