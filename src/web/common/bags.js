// Bags at a place: make one, fill it by scanning, seal it; see what should be in it and what is.
import { post, uuid7 } from './api.js';
import { s10, time } from './format.js';
import { buttons_of, Steps } from './forms.js';
import { container, held, item as item_of, units } from './model.js';
import { Picker } from './picker.js';
import { ScanBox } from './scanbox.js';
import { Thing } from './things.js';
import { Button, Chip, Empty, Field, html, Picked, Trouble, Two, useAction, useLoad, useState } from './ui.js';
import { TONE } from './words.js';

const CHECK = { inside: ['Trong túi', 'In the bag', 'accent'], seen: ['Đã thấy', 'Seen', 'good'],
                not_seen: ['Chưa thấy', 'Not yet seen', 'warn'], left: ['Đã lấy ra', 'Taken out', ''] };
const BAG_PLACES = ['hub', 'post_office', 'province_post'];

// What is scanned while a new bag is being made must not fall into the bag that was shown before.
function NewBag({ me, onBegin, onMade }) {
    const [to, setTo] = useState(null);
    const [id, setId] = useState(uuid7);
    const { run, busy, problem } = useAction();
    const places = async (q) => (await units({ q })).filter((unit) =>
        BAG_PLACES.includes(unit.kind) && unit.code !== me.unit?.code);
    const make = (e) => {
        e.preventDefault();
        onBegin();
        run(async () => {
            const made = await post('/v1/containers',
                { id, kind: 'receptacle', origin: me.unit.code, destination: to.code });
            setId(uuid7());
            onMade(made.id);
        });
    };
    return html`<form class="card stack tight" onSubmit=${make}>
        <h2><${Two} vi="Túi mới" en="New bag" /></h2>
        <${Picker} label="Nơi đến" en="Destination" name="bag-to" search=${places} chosen=${to} onPick=${setTo}
            text=${(one) => one.name} problem=${problem} at="/destination"
            show=${(one) => html`${one.name} <small class="mono">${one.code}</small>`} />
        <${Trouble} problem=${problem} fields=${['/destination']} />
        <${Button} main type="submit" busy=${busy} disabled=${!to} vi="Tạo túi" en="Make" /></form>`;
}

function Seal({ id, onSealed }) {
    const [seal, setSeal] = useState('');
    const [event] = useState(uuid7);
    const { run, busy, problem } = useAction();
    const close = (e) => {
        e.preventDefault();
        run(async () => {
            await post(`/v1/containers/${encodeURIComponent(id)}/close`, { id: event, seal: seal.trim() });
            onSealed();
        });
    };
    return html`<form class="stack tight" onSubmit=${close}>
        <${Field} label="Số niêm phong" en="Seal number" at="/seal" problem=${problem} value=${seal} required
            name="seal" onInput=${(e) => setSeal(e.target.value)} />
        <${Button} main type="submit" busy=${busy} vi="Đóng và niêm phong" en="Close and seal" />
        <${Trouble} problem=${problem} fields=${['/seal']} /></form>`;
}

function Manifest({ bag }) {
    if (!bag.items.length) return html`<${Empty} vi="Túi chưa có bưu gửi nào." en="Empty so far." />`;
    return html`<p>${bag.opened_at
            ? html`<strong>${bag.seen}/${bag.expected}</strong><${Two} vi=" đã kiểm thấy sau khi mở túi" en="seen since it was opened" />`
            : html`<strong>${bag.expected}</strong><${Two} vi=" bưu gửi trong túi" en="items in the bag" />`}</p>
        <div class="scroll"><table><thead><tr><th><${Two} vi="Số hiệu" en="Number" /></th>
        <th><${Two} vi="Đối chiếu" en="Check" /></th><th class="nowrap"><${Two} vi="Vào túi" en="Since" /></th></tr></thead>
        <tbody>${bag.items.map((row) => html`<tr key=${row.number}>
            <td class="mono nowrap">${s10(row.number)}</td><td><${Chip} of=${CHECK} code=${row.status} /></td>
            <td class="nowrap">${time(row.since).slice(11)}</td></tr>`)}</tbody></table></div>`;
}

// One bag: scanning fills it while it is open here, or checks its content after it was opened.
export function Bag({ id, queue, onChange }) {
    const { data, problem, reload } = useLoad(async () => {
        const [bag, thing] = await Promise.all([container(id), item_of(id)]);
        return { bag, actions: thing.allowed_actions };
    }, [id]);
    const refresh = () => { reload(); onChange?.(); };
    const scan = async (kind, code, more) => { await queue.add(kind, code, more); refresh(); };
    if (!data) return html`<${Trouble} problem=${problem} retry=${reload} />`;
    const { bag, actions } = data;
    const fills = actions.some((action) => action.kind === 'close');
    return html`<section class="card stack" data-bag=${id}>
        <div><h2 class="mono">${id}</h2><div class="row">
            <${Chip} vi=${bag.state_vi} en=${bag.state_en} tone=${TONE[bag.state]} />
            <span>${bag.origin_name} → ${bag.destination_name}</span>
            ${bag.seal && html`<span>Niêm phong <span class="mono">${bag.seal}</span></span>`}</div></div>
        ${fills && html`<${ScanBox} name=${`in-${id}`} label="Quét bưu gửi vào túi"
            en="Scan into the bag" focus=${false} onCode=${(code) => scan('bag', code, { container: id })} />`}
        <${Steps} actions=${buttons_of({ allowed_actions: actions })} numbers=${[id]} files=${queue.files}
            onStep=${(kind, more) => scan(kind, id, more)} />
        <${Manifest} bag=${bag} />
        ${fills && bag.items.length > 0 && html`<${Seal} id=${id} onSealed=${refresh} />`}</section>`;
}

export function Bags({ me, queue }) {
    const [at, setAt] = useState(null);
    const { data, problem, reload } = useLoad(held, []);
    const find = (code) => { setAt(code); reload(); };
    return html`<div class="two list-first"><div class="stack">
            <${NewBag} me=${me} onBegin=${() => setAt(null)} onMade=${find} />
            <section class="card stack tight"><h2><${Two} vi="Túi ở đây" en="Bags here" /></h2>
                <${ScanBox} name="bag-scan" label="Mã túi" en="Bag code" focus=${false} onCode=${find} />
                <${Trouble} problem=${problem} retry=${reload} />
                ${data?.containers.length === 0 && html`<${Empty} vi="Không có túi nào." en="No bag." />`}
                <ul class="list">${data?.containers.map((bag) => html`<li key=${bag.id}>
                    <button type="button" class="wide left" aria-pressed=${String(bag.id === at)}
                        data-bag=${bag.id} onClick=${() => setAt(bag.id)}><${Thing} item=${bag} /></button></li>`)}
                </ul></section></div>
        ${at ? html`<${Picked} key=${at}><${Bag} id=${at} queue=${queue} onChange=${reload} /></${Picked}>`
            : html`<${Empty} vi="Chọn một túi, hoặc tạo túi mới." en="Pick a bag, or make one." />`}</div>`;
}
