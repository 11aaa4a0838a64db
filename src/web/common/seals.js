// The seal and the weight of a bag.
import { post, uuid7 } from './api.js';
import { time, weight } from './format.js';
import { Button, Field, html, Trouble, useAction, useState } from './ui.js';
import { WARNING } from './vocabulary.js';

const WHY = { broken: ['Niêm phong cũ bị đứt', 'The old seal broke'], damaged: ['Túi bị rách, hỏng', 'The bag is damaged'],
              inspected: ['Đã mở kiểm tra theo yêu cầu', 'Opened by order'],
              wrong_number: ['Ghi sai số niêm phong', 'The number was wrong'] };

// One command about a bag: its id is new each time one went through.
function useCommand(id, name, onDone) {
    const [event, setEvent] = useState(uuid7);
    const { run, busy, problem } = useAction();
    const send = (body) => run(async () => {
        const reply = await post(`/v1/containers/${encodeURIComponent(id)}/${name}`, { id: event, ...body });
        setEvent(uuid7());
        onDone(reply);
    });
    return { send, busy, problem };
}

export function Seal({ id, onSealed }) {
    const [seal, setSeal] = useState('');
    const { send, busy, problem } = useCommand(id, 'close', onSealed);
    return html`<form class="stack tight" onSubmit=${(e) => { e.preventDefault(); send({ seal: seal.trim() }); }}>
        <${Field} label="Số niêm phong" en="Seal number" at="/seal" problem=${problem} value=${seal} required
            name="seal" maxlength="40" onInput=${(e) => setSeal(e.target.value)} />
        <${Button} main type="submit" busy=${busy} vi="Đóng và niêm phong" en="Close and seal" />
        <${Trouble} problem=${problem} fields=${['/seal']} /></form>`;
}

export function Reseal({ bag, onSealed }) {
    const [seal, setSeal] = useState('');
    const [reason, setReason] = useState('broken');
    const { send, busy, problem } = useCommand(bag.id, 'reseal', () => { setSeal(''); onSealed(); });
    return html`<details class="well"><summary>Niêm phong lại <span class="en" lang="en">New seal</span></summary>
        <form class="stack tight" onSubmit=${(e) => { e.preventDefault(); send({ seal: seal.trim(), reason }); }}>
            <${Field} label="Số niêm phong mới" en="New seal number" at="/seal" problem=${problem} value=${seal} required
                maxlength="40" onInput=${(e) => setSeal(e.target.value)} />
            <${Field} label="Lý do niêm phong lại" en="Why" tag="select" at="/reason" problem=${problem} value=${reason}
                onChange=${(e) => setReason(e.target.value)}>
                ${Object.entries(WHY).map(([code, [vi, en]]) => html`<option key=${code} value=${code}
                    selected=${code === reason}>${vi} · ${en}</option>`)}</${Field}>
            <${Button} main type="submit" busy=${busy} vi="Ghi niêm phong mới" en="Seal again" />
            <${Trouble} problem=${problem} fields=${['/seal', '/reason']} /></form></details>`;
}

const Odd = ({ code }) => html`<div class="note warn" role="status">${WARNING[code]?.[0] ?? code}
    <span class="en" lang="en">${WARNING[code]?.[1]}</span></div>`;

export function Weigh({ bag, onWeighed }) {
    const [grams, setGrams] = useState('');
    const { send, busy, problem } = useCommand(bag.id, 'weigh', () => { setGrams(''); onWeighed(); });
    const { weighed } = bag;
    return html`<form class="stack tight" onSubmit=${(e) => { e.preventDefault(); send({ weight_g: Number(grams) }); }}>
        <div class="row line weigh"><${Field} label="Khối lượng cả túi (g)" en="Gross weight" at="/weight_g" problem=${problem}
                type="number" inputmode="numeric" min="1" max="100000" required value=${grams}
                onInput=${(e) => setGrams(e.target.value)} />
            <${Button} type="submit" busy=${busy} vi="Ghi cân" en="Weigh" /></div>
        ${weighed && html`<p data-weighed=${weighed.weight_g}>Đã cân <strong>${weight(weighed.weight_g)}</strong>
            ${weighed.items_g !== undefined && html` · bưu gửi ${weight(weighed.items_g)}`} · ${time(weighed.at)}
            <span class="en" lang="en">weighed</span></p>`}
        ${weighed?.warning && html`<${Odd} code=${weighed.warning} />`}
        <${Trouble} problem=${problem} fields=${['/weight_g']} /></form>`;
}
