// A blind count at the end of a shift: scan all that lies before you. What should be there is not shown
// until the close tells the differences. What was scanned stays on the device until it was answered.
import { answered, post, uuid7 } from './api.js';
import { s10, time } from './format.js';
import { ScanBox } from './scanbox.js';
import { Button, Choice, Empty, Good, html, Trouble, Two, useAction, useRef, useState } from './ui.js';

const OF = { place: ['Tại đơn vị', 'At this unit'], person: ['Tôi đang giữ', 'In my hands'] };
const SHOWN = 8, AT_ONCE = 500;
const key = (login) => `dossierpost.count.${login}`;

function read(login) {
    try {
        return JSON.parse(localStorage.getItem(key(login)));
    } catch {
        return null;
    }
}

// {state, keep, change}: the count going on, as this device keeps it: {id, of, codes, unsent, done?}.
// `change` is of one count: what comes back when it was given up meanwhile touches no other.
function useCount(login) {
    const [state, set] = useState(() => read(login));
    const keep = (next) => {
        if (next) localStorage.setItem(key(login), JSON.stringify(next));
        else localStorage.removeItem(key(login));
        set(next);
    };
    const change = (id, how) => {
        const now = read(login);
        if (now?.id === id) keep(how(now));
        else set(now);
    };
    return { state, keep, change };
}

// Sends what is unsent, as much in a call as the service takes; at least one call: also an empty hand
// is counted. What the service cannot read is taken off the list; the person is told why.
async function send(login, id, change) {
    const without = (codes) => change(id, (now) => ({ ...now, unsent: now.unsent.filter((one) => !codes.includes(one)) }));
    let now = read(login);
    do {
        if (now?.id !== id) return;
        const items = now.unsent.slice(0, AT_ONCE);
        try {
            await post('/v1/custody/counts', { id, of: now.of, items });
            without(items);
        } catch (trouble) {
            if (answered(trouble) && trouble.errors.length) {
                const bad = items.filter((_, i) => trouble.at(`/items/${i}`));
                without(bad);
                change(id, (now) => ({ ...now, codes: now.codes.filter((one) => !bad.includes(one)) }));
            }
            throw trouble;
        }
        now = read(login);
    } while (now?.unsent.length);
}

const Lines = ({ vi, en, rows, name }) => html`<section data-found=${name}><h3><${Two} vi=${`${vi} (${rows.length})`} en=${en} /></h3>
    ${rows.length ? html`<ul class="list">${rows.map((row) => html`<li key=${row.code} data-number=${row.code}>
        <strong class="mono wrap">${s10(row.code)}</strong><small class="grow">${row.holder?.name ? `đang giữ: ${row.holder.name}` : ''}</small></li>`)}</ul>`
        : html`<${Empty} vi="Không có." en="None." />`}</section>`;

const Result = ({ done, onNext }) => html`<div class="stack" data-count=${done.id}>
    ${done.missing.length + done.surplus.length === 0
        ? html`<${Good}><strong>Khớp.</strong> Đã kiểm ${done.found}, không thiếu, không thừa.
            <span class="en" lang="en">Everything is there.</span></${Good}>`
        : html`<div class="note warn" role="status"><strong>Có chênh lệch.</strong> Đã kiểm ${done.counted}, đúng ${done.found}.
            Mỗi chênh lệch là một ngoại lệ chờ xử lý. <span class="en" lang="en">Each difference waits as an exception.</span></div>`}
    <p class="muted">${done.name} · ${time(done.begun_at)} – ${time(done.closed_at)}</p>
    <div class="two even"><${Lines} name="missing" vi="Thiếu" en="Missing" rows=${done.missing} />
        <${Lines} name="surplus" vi="Thừa" en="Too much" rows=${done.surplus} /></div>
    <div><${Button} vi="Kiểm đếm lần khác" en="Another count" onClick=${onNext} /></div></div>`;

function Begin({ kinds, onBegin }) {
    const [of, setOf] = useState(kinds[0]);
    return html`<form class="stack" onSubmit=${(e) => { e.preventDefault(); onBegin(of); }}>
        <p><${Two} vi="Quét mọi thứ đang thấy trước mặt. Danh sách hệ thống chỉ hiện ra khi kết thúc."
            en="Scan all that lies before you; what should be there is shown at the end." /></p>
        ${kinds.length > 1 && html`<${Choice} label="Kiểm đếm" en="Count" name="count-of" value=${of} onPick=${setOf}
            options=${Object.fromEntries(kinds.map((kind) => [kind, OF[kind]]))} />`}
        <${Button} main type="submit" vi="Bắt đầu kiểm đếm" en="Begin" /></form>`;
}

function Going({ login, state, keep, change }) {
    const { id } = state;
    const { run, busy, problem } = useAction();
    const sending = useRef(Promise.resolve());
    // One call at a time, in the order of scanning.
    const flush = () => {
        sending.current = sending.current.catch(() => {}).then(() => read(login)?.unsent.length && send(login, id, change));
        return sending.current;
    };
    const scanned = (code) => {
        change(id, (now) => (now.codes.includes(code) ? now
            : { ...now, codes: [code, ...now.codes], unsent: [...now.unsent, code] }));
        run(flush);
    };
    const close = () => run(async () => {
        await flush();
        await send(login, id, change);
        if (read(login)?.id !== id) return;
        const done = await post(`/v1/custody/counts/${id}/close`);
        change(id, (now) => ({ ...now, done }));
    });
    return html`<div class="stack" data-counting=${id}>
        <${ScanBox} name="count-scan" label="Quét bưu gửi hoặc túi" en="Scan an item or a bag" onCode=${scanned} />
        <p class="big" aria-live="polite"><strong data-counted=${state.codes.length}>${state.codes.length}</strong>
            <${Two} vi=" đã quét" en="scanned" /> · ${OF[state.of][0]}</p>
        ${state.unsent.length > 0 && html`<div class="note warn" role="status">${state.unsent.length} mã chưa gửi được; thiết bị giữ lại.
            <span class="en" lang="en">Not sent yet, kept here.</span></div>`}
        <${Trouble} problem=${problem} />
        <ul class="list">${state.codes.slice(0, SHOWN).map((code) => html`<li key=${code} class="mono wrap">${s10(code)}</li>`)}</ul>
        <div class="row"><${Button} main busy=${busy} vi="Kết thúc và đối chiếu" en="Close and compare" onClick=${close} />
            <${Button} plain vi="Bỏ lần này" en="Give up" onClick=${() => keep(null)} /></div></div>`;
}

// `kinds`: of what somebody here may count, the usual one first.
export function Count({ me, kinds }) {
    const { state, keep, change } = useCount(me.login);
    const begin = (of) => keep({ id: uuid7(), of, codes: [], unsent: [] });
    return html`<section class="card stack"><h2><${Two} vi="Kiểm đếm cuối ca" en="Count at the end of the shift" /></h2>
        ${!state ? html`<${Begin} kinds=${kinds} onBegin=${begin} />`
            : state.done ? html`<${Result} done=${state.done} onNext=${() => keep(null)} />`
            : html`<${Going} key=${state.id} login=${me.login} state=${state} keep=${keep} change=${change} />`}</section>`;
}
