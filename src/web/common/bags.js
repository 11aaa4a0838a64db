// Bags at a place: make one, fill it by scanning, seal it; see what should be in it and what is.
import { post, uuid7 } from './api.js';
import { s10, time } from './format.js';
import { buttons_of, Steps } from './forms.js';
import { container, containers, item as item_of, units } from './model.js';
import { Picker } from './picker.js';
import { ScanBox } from './scanbox.js';
import { Button, Chip, Empty, Field, html, Trouble, Two, useAction, useLoad, useState } from './ui.js';
import { STATE } from './words.js';

const SEEN = { seen: ['Đã thấy', 'Seen', 'good'], expected: ['Chưa thấy', 'Not yet seen', 'warn'],
               missing: ['Thiếu', 'Missing', 'bad'], surplus: ['Thừa', 'Surplus', 'bad'],
               missorted: ['Sai hướng', 'Missorted', 'bad'], inside: ['Trong túi', 'In the bag', 'accent'] };

function NewBag({ me, onMade }) {
    const [to, setTo] = useState(null);
    const { run, busy, problem } = useAction();
    const [id, setId] = useState(uuid7);
    const places = async (q) => (await units({ q })).filter((unit) =>
        ['hub', 'post_office', 'province_post'].includes(unit.kind) && unit.code !== me.unit?.code);
    const make = (e) => {
        e.preventDefault();
        run(async () => {
            const made = await post('/v1/containers',
                { id, kind: 'receptacle', origin: me.unit.code, destination: to.code });
            setTo(null);
            setId(uuid7());
            onMade(made.id ?? made.code);
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
    const { run, busy, problem } = useAction();
    const close = (e) => {
        e.preventDefault();
        run(async () => {
            await post(`/v1/containers/${encodeURIComponent(id)}/close`, { seal: seal.trim() });
            onSealed();
        });
    };
    return html`<form class="row" onSubmit=${close}><div class="grow">
            <${Field} label="Số niêm phong" en="Seal" at="/seal" problem=${problem} value=${seal} required
                onInput=${(e) => setSeal(e.target.value)} /></div>
        <${Button} main type="submit" busy=${busy} vi="Đóng túi" en="Close" />
        <${Trouble} problem=${problem} fields=${['/seal']} /></form>`;
}

function Manifest({ bag }) {
    const items = bag.items ?? bag.manifest ?? [];
    if (!items.length) return html`<${Empty} vi="Túi chưa có gì." en="Empty so far." />`;
    return html`<div class="scroll"><table><thead><tr><th>Số hiệu <span lang="en">Number</span></th>
        <th>Đối chiếu <span lang="en">Check</span></th><th>Giờ</th></tr></thead>
        <tbody>${items.map((row) => html`<tr key=${row.number ?? row.code}>
            <td class="mono nowrap">${s10(row.number ?? row.code ?? row.subject)}</td>
            <td><${Chip} of=${SEEN} code=${row.check ?? row.status ?? (bag.state === 'open' ? 'inside' : 'expected')} /></td>
            <td class="nowrap">${time(row.seen_at ?? row.began_at ?? row.at).slice(-5)}</td></tr>`)}</tbody></table></div>`;
}

// One bag: scanning fills it while it is open here, or checks its content after it was opened.
export function Bag({ id, queue, onChange }) {
    const { data: bag, problem, reload } = useLoad(() => container(id), [id]);
    const { data: held, reload: again } = useLoad(() => item_of(id).catch(() => null), [id]);
    const refresh = () => { reload(); again(); onChange?.(); };
    const scan = async (kind, code, more) => { await queue.add(kind, code, more); refresh(); };
    if (!bag) return html`<${Trouble} problem=${problem} retry=${reload} />`;
    const actions = held?.allowed_actions ?? bag.allowed_actions ?? [];
    const may = (kind) => actions.some((action) => action.kind === kind);
    const filling = may('close');
    return html`<section class="card stack" data-bag=${id}>
        <div><h2 class="mono">${id}</h2><div class="row"><${Chip} of=${STATE} code=${bag.state} />
            <span>${bag.origin?.name} → ${bag.destination?.name}</span>
            ${bag.seal && html`<span>Niêm phong <span class="mono">${bag.seal}</span></span>`}</div></div>
        ${bag.state === 'open' && html`<${ScanBox} name=${`in-${id}`} label="Quét bưu gửi vào túi"
            en="Scan into the bag" focus=${false} onCode=${(code) => scan('bag', code, { container: id })} />`}
        <${Steps} actions=${buttons_of({ allowed_actions: actions })} onStep=${(kind, more) => scan(kind, id, more)} />
        <${Manifest} bag=${bag} />
        ${filling && html`<${Seal} id=${id} onSealed=${refresh} />`}</section>`;
}

export function Bags({ me, queue }) {
    const [at, setAt] = useState(null);
    const { data, problem, reload } = useLoad(() => containers({}), []);
    return html`<div class="two list-first"><div class="stack">
            <${NewBag} me=${me} onMade=${(id) => { setAt(id); reload(); }} />
            <section class="card"><h2><${Two} vi="Túi ở đây" en="Bags here" /></h2>
                <${Trouble} problem=${problem} retry=${reload} />
                ${data?.length === 0 && html`<${Empty} vi="Không có túi nào." en="No bag." />`}
                <ul class="list">${data?.map((bag) => html`<li key=${bag.id}>
                    <button type="button" class="wide left" aria-pressed=${String(bag.id === at)}
                        data-bag=${bag.id} onClick=${() => setAt(bag.id)}><span class="grow">
                        <span class="mono wrap">${bag.id}</span><br />
                        <small>${bag.origin?.name} → ${bag.destination?.name}</small></span>
                        <${Chip} of=${STATE} code=${bag.state} /></button></li>`)}</ul></section></div>
        ${at ? html`<${Bag} key=${at} id=${at} queue=${queue} onChange=${reload} />`
            : html`<${Empty} vi="Chọn một túi, hoặc tạo túi mới." en="Pick a bag, or make one." />`}</div>`;
}
