// Bags at a place: make one, fill it by scanning, seal it; see what should be in it and what is.
import { post, uuid7 } from './api.js';
import { buttons_of, Steps } from './forms.js';
import { Check, Manifest } from './manifest.js';
import { container, held, item as item_of, units } from './model.js';
import { BagLink, BagList } from './papers.js';
import { Picker } from './picker.js';
import { ScanBox } from './scanbox.js';
import { Reseal, Seal, Weigh } from './seals.js';
import { Thing } from './things.js';
import { Button, Chip, Empty, html, Picked, Trouble, Two, useAction, useLoad, useState } from './ui.js';
import { TONE } from './words.js';

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

const Head = ({ bag }) => html`<div><h2 class="mono">${bag.id}</h2><div class="row">
    <${Chip} vi=${bag.state_vi} en=${bag.state_en} tone=${TONE[bag.state]} />
    <span>${bag.origin_name} → ${bag.destination_name}</span>
    ${bag.seal && html`<span>Niêm phong <span class="mono">${bag.seal}</span></span>`}
    ${bag.outer && html`<span>Trong túi <span class="mono">${bag.outer}</span></span>`}
    ${bag.highest && html`<${Chip} vi="Túi cuối của chuyến thư" en="Last of its despatch" />`}</div></div>`;

// One bag: scanning fills it while it is open here, or checks its content after it was opened.
export function Bag({ id, me, queue, onChange }) {
    const { data, problem, reload } = useLoad(async () => {
        const [bag, thing] = await Promise.all([container(id), item_of(id)]);
        return { bag, actions: thing.allowed_actions };
    }, [id]);
    const refresh = () => { reload(); onChange?.(); };
    const scan = (kind, code, more) => queue.add(kind, code, more).then(refresh);
    if (!data) return html`<${Trouble} problem=${problem} retry=${reload} />`;
    const { bag, actions } = data;
    const may = (kind) => actions.some((action) => action.kind === kind);
    // An opened bag is checked first, then it may be filled again.
    const checks = bag.opened_at && !bag.checked_at && bag.opened_unit === me.unit?.code;
    const here = bag.holder?.kind === 'place' && bag.holder.id === me.unit?.code;
    return html`<section class="card stack" data-bag=${id}><${Head} bag=${bag} />
        <div class="row"><${BagLink} id=${id} /></div>
        <${BagList} id=${id} />
        ${may('close') && !checks && html`<${ScanBox} name=${`in-${id}`} label="Quét bưu gửi vào túi"
            en="Scan into the bag" focus=${false} onCode=${(code) => scan('bag', code, { container: id })} />`}
        <${Check} bag=${bag} me=${me} queue=${queue} onChange=${refresh} />
        <${Steps} actions=${buttons_of({ allowed_actions: actions })} numbers=${[id]} files=${queue.files}
            onStep=${(kind, more) => scan(kind, id, more)} />
        <${Manifest} bag=${bag} />
        ${may('close') && bag.expected > 0 && !bag.opened_at && html`<${Seal} id=${id} onSealed=${refresh} />`}
        ${here && bag.expected > 0 && !bag.opened_at && html`<${Weigh} bag=${bag} onWeighed=${refresh} />`}
        ${may('repack') && html`<${Reseal} bag=${bag} onSealed=${refresh} />`}</section>`;
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
        ${at ? html`<${Picked} key=${at}><${Bag} id=${at} me=${me} queue=${queue} onChange=${reload} /></${Picked}>`
            : html`<${Empty} vi="Chọn một túi, hoặc tạo túi mới." en="Pick a bag, or make one." />`}</div>`;
}
