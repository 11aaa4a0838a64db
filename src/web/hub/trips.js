// Trips: made here, loaded by scanning or a despatch at a time, unloaded by scanning; and what is over.
import { post, uuid7 } from '../common/api.js';
import { time, weight } from '../common/format.js';
import { despatches, trip as trip_of, trips as trips_of, units } from '../common/model.js';
import { DespatchList } from '../common/papers.js';
import { Picker } from '../common/picker.js';
import { Outcomes, ScanBox } from '../common/scanbox.js';
import { Thing } from '../common/things.js';
import { Button, Chip, Empty, Field, html, Picked, Trouble, Two, useAction, useLoad, useState } from '../common/ui.js';
import { TONE } from '../common/words.js';

const PLACES = ['hub', 'post_office', 'province_post'];

// A command whose id stays the same until it went through.
function useCommand(onDone) {
    const [id, setId] = useState(uuid7);
    const { run, busy, problem } = useAction();
    const send = (path, body = {}) => run(async () => {
        const reply = await post(path, { id, ...body });
        setId(uuid7());
        onDone(reply);
    });
    return { send, busy, problem };
}

function NewTrip({ me, onMade }) {
    const [to, setTo] = useState(null);
    const [carrier, setCarrier] = useState('');
    const [code, setCode] = useState('');
    const [leaves, setLeaves] = useState('');
    const { send, busy, problem } = useCommand((made) => { setCode(''); onMade(made.code); });
    const places = async (q) => (await units({ q })).filter((unit) =>
        PLACES.includes(unit.kind) && unit.code !== me.unit?.code);
    const make = (e) => {
        e.preventDefault();
        send('/v1/trips', { to: to.code, ...(carrier.trim() && { carrier: carrier.trim() }),
            ...(code.trim() && { code: code.trim() }), ...(leaves && { departs_at: `${leaves}:00+07:00` }) });
    };
    return html`<form class="card stack tight" onSubmit=${make}><h2><${Two} vi="Chuyến mới" en="New trip" /></h2>
        <${Picker} label="Đi đến" en="To" name="trip-to" search=${places} chosen=${to} onPick=${setTo}
            text=${(one) => one.name} problem=${problem} at="/to"
            show=${(one) => html`${one.name} <small class="mono">${one.code}</small>`} />
        <${Field} label="Người áp tải" en="Carrier" at="/carrier" problem=${problem} value=${carrier} maxlength="64"
            hint="Tên đăng nhập; để trống nếu chưa biết." onInput=${(e) => setCarrier(e.target.value)} />
        <${Field} label="Giờ xuất phát" en="Leaves at" at="/departs_at" problem=${problem} type="datetime-local"
            value=${leaves} onInput=${(e) => setLeaves(e.target.value)} />
        <${Field} label="Mã chuyến" en="Code" at="/code" problem=${problem} value=${code} maxlength="30"
            hint="Để trống thì hệ thống tự cấp." onInput=${(e) => setCode(e.target.value)} />
        <${Trouble} problem=${problem} fields=${['/to', '/carrier', '/departs_at', '/code']} />
        <${Button} main type="submit" busy=${busy} disabled=${!to} vi="Lập chuyến" en="Make" /></form>`;
}

const Line = ({ row }) => html`<span class="grow"><strong class="mono">${row.code}</strong>
    <br />${row.from_name} → ${row.to_name}
    <br /><small>${[row.carrier?.name, row.departs_at && time(row.departs_at), `${row.receptacles} túi`,
        `${row.loose} bưu gửi lẻ`, row.ended_at && `kết thúc ${time(row.ended_at)}`].filter(Boolean).join(' · ')}</small></span>`;

// A despatch that leaves from here: it is closed, then put on the trip whole.
function Despatch({ row, trip, onDone }) {
    const { send, busy, problem } = useCommand(onDone);
    const path = `/v1/despatches/${row.id}`;
    return html`<li data-despatch=${row.id}><div class="grow"><strong class="mono wrap">${row.id}</strong>
            ${row.closed_at && html` <${Chip} vi="Đã đóng" en="Closed" tone="good" />`}
            ${row.trip && html` <${Chip} vi=${`Chuyến ${row.trip}`} en="On a trip" tone="accent" />`}
            <br /><small>${[row.destination_name, `${row.receptacles} túi`, `${row.items} bưu gửi`,
                row.weight_g && weight(row.weight_g)].filter(Boolean).join(' · ')}</small>
            <${Trouble} problem=${problem} /></div><${DespatchList} id=${row.id} />
        ${!row.closed_at ? html`<${Button} busy=${busy} data-do="close" vi="Đóng chuyến thư" en="Close"
                onClick=${() => send(`${path}/close`)} />`
            : !row.trip && html`<${Button} main busy=${busy} data-do="depart" vi="Xếp lên chuyến này" en="Put on this trip"
                onClick=${() => send(`${path}/depart`, { trip })} />`}</li>`;
}

function Despatches({ trip, onDone }) {
    const { data, problem, reload } = useLoad(despatches, []);
    const out = (data ?? []).filter((row) => row.way === 'out' && row.receptacles > 0);
    const done = () => { reload(); onDone(); };
    return html`<div><h3><${Two} vi="Chuyến thư đi hôm nay" en="Today's despatches" /></h3>
        <${Trouble} problem=${problem} retry=${reload} />
        ${data && !out.length && html`<${Empty} vi="Chưa có chuyến thư nào có túi." en="None with bags yet." />`}
        <ul class="list">${out.map((row) => html`<${Despatch} key=${row.id} row=${row} trip=${trip} onDone=${done} />`)}</ul></div>`;
}

function Riding({ view }) {
    if (!view.things.length) return html`<${Empty} vi="Không có gì trên chuyến." en="Nothing rides on it." />`;
    return html`<h3><${Two} vi="Trên chuyến" en="Riding on it" /></h3>
        <ul class="list">${view.things.map((row) => html`<li key=${row.id ?? row.number}
            data-riding=${row.id ?? row.number}><${Thing} item=${row} /></li>`)}</ul>
        ${view.next && html`<p class="muted"><${Two} vi="Chỉ hiện 500 mục đầu." en="The first 500." /></p>`}`;
}

// Everything has come, or the trip is over without what nobody saw: that is asked once more.
function Over({ view, me, onDone }) {
    const [asked, setAsked] = useState(false);
    const { send, busy, problem } = useCommand(onDone);
    const left = view.receptacles + view.loose, path = `/v1/trips/${view.code}`;
    return html`<div class="stack tight">
        ${asked && html`<div class="note warn" role="alert"><p><strong>Còn ${left} mục chưa dỡ xuống.</strong> Mỗi mục thành một
            ngoại lệ, người áp tải vẫn chịu trách nhiệm. <span class="en" lang="en">Each becomes an exception; the carrier stays answerable.</span></p></div>`}
        <div class="row">${me.unit?.code === view.to && left > 0 && !asked && html`<${Button} main busy=${busy} data-do="arrive"
                vi="Tất cả đã đến" en="All has come" onClick=${() => send(`${path}/arrive`)} />`}
            <${Button} busy=${busy} bad=${asked} data-do="end" vi="Kết thúc chuyến" en="End the trip"
                onClick=${() => (left && !asked ? setAsked(true) : send(`${path}/end`))} />
            ${asked && html`<${Button} vi="Dỡ tiếp" en="Go on" onClick=${() => setAsked(false)} />`}</div>
        <${Trouble} problem=${problem} /></div>`;
}

function Trip({ code, me, queue, waiting, outcomes, onChange }) {
    const { data: view, problem, reload } = useLoad(() => trip_of(code), [code]);
    const refresh = () => { reload(); onChange(); };
    if (!view) return html`<${Trouble} problem=${problem} retry=${reload} />`;
    const leaves = view.from === me.unit?.code, open = !view.ended_at;
    const scan = async (thing) => {
        await queue.add(leaves ? 'depart' : 'arrive', thing, { target: view.code });
        refresh();
    };
    return html`<section class="card stack" data-trip=${view.code}>
        <div><h2 class="mono">${view.code}</h2><div class="row">
            ${open ? html`<${Chip} vi="Đang chạy" en="Under way" tone=${TONE.departed} />`
                : html`<${Chip} vi="Đã kết thúc" en="Over" tone=${view.missing ? 'bad' : 'good'} />`}
            <span>${view.from_name} → ${view.to_name}</span>
            ${view.carrier && html`<span>Áp tải: ${view.carrier.name}</span>`}</div>
            <p><strong>${view.receptacles}</strong> túi (${view.bagged} bưu gửi) · <strong>${view.loose}</strong> bưu gửi lẻ
                <span class="en" lang="en">bags, loose items</span></p></div>
        ${open && html`<${ScanBox} name=${`trip-${view.code}`} label=${leaves ? 'Quét xếp lên chuyến' : 'Quét dỡ xuống'}
            en=${leaves ? 'Scan on to it' : 'Scan off it'} onCode=${scan} />
            <${Outcomes} waiting=${waiting} outcomes=${outcomes} limit=${2} />`}
        ${open && leaves && html`<${Despatches} trip=${view.code} onDone=${refresh} />`}
        <${Riding} view=${view} />
        ${open && html`<${Over} key=${view.receptacles + view.loose} view=${view} me=${me} onDone=${refresh} />`}</section>`;
}

export function Trips({ me, queue, waiting, outcomes }) {
    const [at, setAt] = useState(null);
    const [over, setOver] = useState(false);
    const { data, problem, reload } = useLoad(() => trips_of(!over), [over]);
    const made = (code) => { setAt(code); reload(); };
    return html`<div class="two list-first"><div class="stack"><section class="card stack tight">
            <h2><${Two} vi="Chuyến đi và đến" en="Trips out and in" /></h2>
            <${ScanBox} name="trip-scan" label="Mã chuyến" en="Trip code" focus=${false}
                onCode=${(code) => setAt(code)} />
            <label class="check"><input type="checkbox" checked=${over} onChange=${(e) => setOver(e.target.checked)} />
                <span><${Two} vi="Xem chuyến đã kết thúc" en="Those that are over" /></span></label>
            <${Trouble} problem=${problem} retry=${reload} />
            ${data?.length === 0 && html`<${Empty} vi="Không có chuyến nào." en="No trip." />`}
            <ul class="list">${data?.map((row) => html`<li key=${row.code}><button type="button" class="wide left"
                aria-pressed=${String(row.code === at)} data-trip=${row.code} onClick=${() => setAt(row.code)}>
                <${Line} row=${row} /></button></li>`)}</ul></section>
            <${NewTrip} me=${me} onMade=${made} /></div>
        ${at ? html`<${Picked} key=${at}><${Trip} code=${at} me=${me} queue=${queue} waiting=${waiting}
                outcomes=${outcomes} onChange=${reload} /></${Picked}>`
            : html`<${Empty} vi="Chọn một chuyến, hoặc lập chuyến mới." en="Pick a trip, or make one." />`}</div>`;
}
