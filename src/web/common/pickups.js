// Visits that applicants asked for when they filed on line: where a courier fetches the papers, and when.
// The office gives each to a courier; a courier sees their own.
import { get, post, query, uuid7 } from './api.js';
import { day as dated, money, s10 } from './format.js';
import { communes } from './model.js';
import { Button, Chip, Empty, Field, html, Trouble, Two, useAction, useLoad, useRef, useState } from './ui.js';
import { HALF } from './words.js';

const iso_today = () => new Date(Date.now() + 7 * 3600e3).toISOString().slice(0, 10); // in Vietnam

// A scan like any other; the same id again is recorded once.
function Assign({ number, onDone }) {
    const [login, setLogin] = useState('');
    const { run, busy, problem } = useAction();
    const scan = useRef(null); // begun with the press, the same until it was answered
    const give = (event) => {
        event.preventDefault();
        scan.current ??= { id: uuid7(), at: new Date().toISOString() };
        run(async () => {
            const { results: [one] } = await post('/v1/custody/scans',
                { scans: [{ ...scan.current, kind: 'assign', code: number, target: login.trim() }] });
            scan.current = null;
            if (one.outcome === 'refused') throw new Error('Không có người này, hoặc bưu gửi không còn chờ đến nhận. · Not known, or not waiting.');
            onDone();
        });
    };
    return html`<form class="row line" onSubmit=${give}>
        <div class="grow"><${Field} label="Tên đăng nhập của bưu tá" en="Courier's login" at=${`/courier-${number}`} required
            autocapitalize="none" value=${login} onInput=${(e) => setLogin(e.target.value)} /></div>
        <${Button} type="submit" busy=${busy} vi="Giao bưu tá" en="Assign" /><${Trouble} problem=${problem} /></form>`;
}

const sheets = (row) => [row.originals && `${row.originals} bản chính`, row.copies && `${row.copies} bản sao`].filter(Boolean).join(', ');

// Its code is what the address has.
function Commune({ code }) {
    const { data } = useLoad(async () => code && (await communes(code)).find((one) => one.code === code), [code]);
    return data ? `, ${data.name}` : '';
}

function Visit({ one, assigns, onDone }) {
    const waiting = ['created', 'collection_assigned'].includes(one.state);
    return html`<li data-visit=${one.number}><div class="grow stack tight">
        <div class="row"><strong class="mono">${s10(one.number)}</strong><${Chip} of=${HALF} code=${one.half} tone="accent" />
            ${one.wished && html`<${Chip} vi=${`Dời từ ${dated(one.wished)}`} en="Moved" tone="warn" />`}
            <${Chip} vi=${one.state_vi} en=${one.state_en} tone=${waiting ? 'warn' : 'good'} /></div>
        ${one.erased ? html`<p>Dữ liệu cá nhân đã được xóa.</p>` : html`<div><strong>${one.name}</strong> · <a href=${`tel:${one.phone}`}>${one.phone}</a><br />
            ${one.address?.line}<${Commune} code=${one.address?.commune} /></div>`}
        <small>${one.procedure_name}: ${(one.documents ?? []).map((row) => `${row.name} (${sheets(row)})`).join('; ')}</small>
        ${one.to_pay > 0 && html`<small>Cước phải thu: ${money(one.to_pay)} · Postage to collect</small>`}
        ${one.courier && html`<small>Bưu tá: ${one.courier.name}</small>`}
        ${assigns && one.state === 'created' && html`<${Assign} number=${one.number} onDone=${onDone} />`}</div></li>`;
}

export function Pickups({ assigns = false }) {
    const [day, setDay] = useState(iso_today);
    const { data, problem, reload } = useLoad(async () => (await get(query('/v1/pickups', { day }))).items, [day]);
    return html`<section class="card stack tight" data-pickups><h2><${Two} vi="Đến nhận hồ sơ tận nơi" en="Pick-ups" /></h2>
        <div class="fields"><${Field} label="Ngày" en="Day" at="/pickups-day" type="date" required value=${day}
            onInput=${(e) => e.target.value && setDay(e.target.value)} /></div>
        <${Trouble} problem=${problem} retry=${reload} />
        ${data?.length === 0 && html`<${Empty} vi="Không có lượt nào trong ngày này." en="None on this day." />`}
        <ul class="list">${data?.map((one) => html`<${Visit} key=${one.number} one=${one} assigns=${assigns} onDone=${reload} />`)}</ul></section>`;
}
