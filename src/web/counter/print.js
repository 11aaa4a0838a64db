// Prints a shipment's label: on the printer that this counter chose, or from the browser. The next
// copy is allocated first; the key of that call is kept on this machine until it was answered, so that
// a lost reply never makes two copies of one.
import { answered, get, post, query, uuid7 } from '../common/api.js';
import { Job } from '../common/job.js';
import { recall, remember } from '../common/kept.js';
import { rows } from '../common/model.js';
import { Button, Field, Good, html, Trouble, Two, useAction, useLoad, useState } from '../common/ui.js';

const KEPT = 'dossierpost.prints'; // {body: key}, of what was not answered yet
const CHOSEN = 'dossierpost.printer'; // '': the browser

const keep = (body, key) => localStorage.setItem(KEPT, JSON.stringify({ ...recall(KEPT, {}), [body]: key }));

// {number, copy, links, job?} of the copy, or a Problem.
async function allocate(number, printer, reason) {
    const body = { numbers: [number], ...(printer ? { printer } : {}), ...(reason ? { reprint_reason: reason } : {}) };
    const text = JSON.stringify(body), key = recall(KEPT, {})[text] ?? uuid7();
    keep(text, key);
    try {
        const { labels: [made], job } = await post('/v1/labels/print', body, { 'idempotency-key': key });
        keep(text);
        if (made.problem) throw new Error('Không tìm thấy bưu gửi này. · No such shipment.');
        return { ...made, job };
    } catch (trouble) {
        if (answered(trouble)) keep(text);
        throw trouble;
    }
}

// The label alone, on paper of its own size: a hidden document of this origin.
async function print_here(number, template) {
    document.getElementById('print-frame')?.remove();
    const frame = document.createElement('iframe'), inside = document.implementation.createHTMLDocument(number);
    const style = inside.createElement('link'), label = inside.createElement('img');
    Object.assign(style, { rel: 'stylesheet', href: query('/v1/labels/page.css', { template }) });
    Object.assign(label, { alt: number, src: query(`/v1/labels/${number}.svg`, { template }) });
    inside.head.append(style);
    inside.body.append(label);
    frame.id = 'print-frame';
    frame.srcdoc = `<!doctype html>${inside.documentElement.outerHTML}`;
    const loaded = new Promise((done) => frame.addEventListener('load', done, { once: true }));
    document.body.append(frame);
    await loaded;
    if (!frame.contentDocument.images[0].naturalWidth) throw new Error('Không tải được nhãn. · The label did not load.');
    frame.contentWindow.print();
}

const Copy = ({ made }) => html`<${Good}>Bản in số ${made.copy}.${' '}<a href=${made.links.pdf} target="_blank"
    rel="noopener">Mở tệp PDF <span class="en" lang="en">Open the PDF</span></a></${Good}>`;

// Where this counter prints; it is remembered.
function Choose({ printers, at, onPick }) {
    if (!printers.length) return null;
    return html`<div><label><${Two} vi="In ra" en="Print on" />
        <select name="printer" value=${at} onChange=${(e) => onPick(e.target.value)}>
            <option value="">Trình duyệt của máy này · This browser</option>
            ${printers.map((one) => html`<option key=${one.id} value=${one.id}>${one.name}</option>`)}</select></label></div>`;
}

// The button; it asks why once the service says that this label was printed before.
export function Print({ number, ...look }) {
    const [made, setMade] = useState(null);
    const [asks, setAsks] = useState(false);
    const [reason, setReason] = useState('');
    const [chosen, setChosen] = useState(() => recall(CHOSEN, ''));
    const { data } = useLoad(() => get('/v1/printers'), []);
    const { run, busy, problem } = useAction();
    const printers = rows(data), printer = printers.some((one) => one.id === chosen) ? chosen : '';
    const choose = (id) => { remember(CHOSEN, id); setChosen(id); };
    const print = (why) => run(async () => {
        try {
            const copy = await allocate(number, printer, why);
            setMade(copy);
            setAsks(false);
            setReason('');
            if (!copy.job) await print_here(number);
        } catch (trouble) {
            setAsks((old) => old || !!trouble.at?.('/reprint_reason'));
            throw trouble;
        }
    });
    const again = (e) => {
        e.preventDefault();
        print(reason.trim());
    };
    // What a printer did not print. Of what may be out already there is another copy, with a reason.
    const from_browser = async (job, why) => {
        if (job.again) await allocate(number, '', why || `${job.printer_name}: ${job.trouble?.name ?? job.state_vi}`);
        await print_here(number, job.template);
    };
    return html`<div class="stack tight" data-print=${number}>
        <${Choose} printers=${printers} at=${printer} onPick=${choose} />
        ${!asks && html`<${Button} ...${look} busy=${busy} vi="In nhãn" en="Print" onClick=${() => print('')} />`}
        ${asks && html`<form class="well stack tight" onSubmit=${again}>
            <${Field} label="Lý do in lại" en="Why again" at="/reprint_reason" problem=${problem} value=${reason}
                name="reprint_reason" required maxlength="200" onInput=${(e) => setReason(e.target.value)} />
            <${Button} main type="submit" busy=${busy} vi="In lại" en="Print again" /></form>`}
        <${Trouble} problem=${asks && problem?.at?.('/reprint_reason') ? null : problem} fields=${['/reprint_reason']} />
        ${made && !made.job && html`<${Copy} made=${made} />`}
        ${made?.job && html`<${Job} key=${made.job.id} id=${made.job.id} onBrowser=${from_browser} />`}</div>`;
}
