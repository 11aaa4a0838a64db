// Numbers that leave an office's block before the papers exist: leased to a counter that goes off line,
// or for a roll of labels; what became of each; given back, or revoked.
import { get, post, query, uuid7 } from './api.js';
import { count, day, s10, time } from './format.js';
import { rows, track, units } from './model.js';
import { Picker } from './picker.js';
import { Button, Chip, Choice, Empty, Field, Good, html, Picked, Trouble, Two, useAction, useLoad, useState } from './ui.js';

const KIND = { counter: ['Quầy ngoại tuyến', 'Counter off line'], roll: ['Cuộn nhãn in sẵn', 'Printed roll'] };
const TONE = { open: 'good', expired: 'warn', closed: '', revoked: 'bad' };
const ENDS = { '': ['Tất cả', 'All'], used: ['Đã dùng', 'Used'], scanned: ['Đã quét, chưa có hồ sơ', 'Scanned, no dossier'],
               unused: ['Chưa dùng', 'Unused'] };

const is_supervisor = (me) => me.roles.some((role) => role === 'supervisor' || role === 'admin');
const office_of = (me) => (me.unit?.kind === 'post_office' ? me.unit : null);

function Unit({ unit, setUnit, problem }) {
    return html`<${Picker} label="Bưu cục dùng dải số" en="Office" name="lease-unit" at="/unit" problem=${problem}
        search=${(q) => units({ kind: 'post_office', q })} text=${(one) => one.name} chosen=${unit} onPick=${setUnit}
        show=${(one) => html`${one.name}<br /><small>${one.address}</small>`} />`;
}

function Make({ kinds, unit, onMade }) {
    const [kind, setKind] = useState('counter');
    const [number, setNumber] = useState('50');
    const [days, setDays] = useState('');
    const [id, setId] = useState(uuid7);
    const [made, setMade] = useState(null);
    const { run, busy, problem } = useAction();
    const make = (e) => {
        e.preventDefault();
        run(async () => {
            const body = { id, kind, count: Number(number) || 0, unit: unit.code, ...(days ? { days: Number(days) } : {}) };
            setMade(await post('/v1/leases', body));
            setId(uuid7());
            onMade();
        });
    };
    return html`<form class="card stack" onSubmit=${make}><h2><${Two} vi="Cấp trước một dải số" en="Lease numbers" /></h2>
        ${kinds.length > 1 && html`<${Choice} label="Dùng cho" en="For" name="lease-kind" value=${kind} onPick=${setKind}
            options=${Object.fromEntries(kinds.map((one) => [one, KIND[one]]))} />`}
        <div class="fields"><${Field} label="Bao nhiêu số" en="How many" at="/count" problem=${problem} type="number" min="1"
                inputmode="numeric" name="count" required value=${number} onInput=${(e) => setNumber(e.target.value)} />
            <${Field} label="Hiệu lực, ngày" en="Days (optional)" at="/days" problem=${problem} type="number" min="1"
                inputmode="numeric" name="days" value=${days} onInput=${(e) => setDays(e.target.value)} /></div>
        <${Trouble} problem=${problem} fields=${['/count', '/days']} />
        ${made && html`<${Good}>Đã cấp ${count(made.count)} số: <strong class="mono nowrap">${s10(made.first)}</strong> đến${' '}
            <strong class="mono nowrap">${s10(made.last)}</strong>. <span class="en" lang="en">Leased.</span></${Good}>
            <details><summary><${Two} vi="Danh sách số hiệu" en="The numbers" /></summary>
                <textarea class="mono" rows="6" readonly aria-label="Danh sách số hiệu">${made.numbers.join('\n')}</textarea></details>`}
        <${Button} main type="submit" busy=${busy} disabled=${!unit} vi="Cấp dải số" en="Lease" /></form>`;
}

const Row = ({ row, at, onPick }) => html`<li><button type="button" class="wide left" data-lease=${row.id}
    aria-pressed=${String(row.id === at)} onClick=${() => onPick(row.id)}><span class="grow">
        <strong class="mono nowrap">${s10(row.first)}</strong> – <span class="mono nowrap">${s10(row.last)}</span><br />
        <small>${[row.kind_name, `${count(row.count)} số`, `đã dùng ${count(row.used)}`, `đến ${day(row.expires_at)}`].join(' · ')}</small>
    </span><${Chip} vi=${row.state_vi} en=${row.state_en} tone=${TONE[row.state]} /></button></li>`;

// The numbers of a lease, a page after another.
function Numbers({ id }) {
    const [state, setState] = useState('');
    const [next, setNext] = useState(undefined);
    const { data, problem, reload } = useLoad(() => get(query(`/v1/leases/${id}/numbers`, { state, next })), [id, state, next]);
    const pick = (now) => { setNext(undefined); setState(now); };
    return html`<div class="stack tight"><label for="lease-end"><${Two} vi="Đối chiếu từng số" en="What became of each" /></label>
        <select id="lease-end" value=${state} onChange=${(e) => pick(e.target.value)}>
            ${Object.entries(ENDS).map(([code, [vi, en]]) => html`<option key=${code} value=${code}>${vi} · ${en}</option>`)}</select>
        <${Trouble} problem=${problem} retry=${reload} />
        <ul class="list">${rows(data).map((row) => html`<li key=${row.number} data-number=${row.number}>
            <span class="mono">${s10(row.number)}</span><span class="grow">${ENDS[row.state][0]}</span>
            ${row.dossier && html`<a class="mono" href=${track(row.dossier)} target="_blank" rel="noopener">${row.dossier}</a>`}
            <small class="nowrap">${time(row.at)}</small></li>`)}</ul>
        ${data && !rows(data).length && html`<${Empty} vi="Không có số nào." en="None." />`}
        <div class="row">${next && html`<${Button} plain vi="Về đầu" en="First page" onClick=${() => setNext(undefined)} />`}
            ${data?.next && html`<${Button} vi="Trang sau" en="Next page" onClick=${() => setNext(data.next)} />`}</div></div>`;
}

// Giving back, and for supervisors revoking; both once for all, so they ask twice.
function End({ lease, boss, onDone }) {
    const [what, setWhat] = useState(null); // close, force, revoke
    const [reason, setReason] = useState('');
    const [key] = useState(uuid7);
    const { run, busy, problem } = useAction();
    const end = (e) => {
        e.preventDefault();
        const why = reason.trim() ? { reason: reason.trim() } : {};
        const path = what === 'revoke' ? 'revoke' : 'close';
        run(async () => {
            await post(`/v1/leases/${lease.id}/${path}`, { ...why, ...(what === 'force' ? { force: true } : {}) },
                { 'idempotency-key': `${key}-${what}` });
            onDone();
        });
    };
    if (lease.state === 'revoked' || (lease.state === 'closed' && !boss)) return null;
    const must = what === 'force' || what === 'revoke';
    return html`<div class="stack tight"><div class="row">
            ${lease.state !== 'closed' && html`<${Button} vi="Trả lại dải số" en="Close" aria-expanded=${String(what === 'close')}
                onClick=${() => setWhat('close')} />`}
            ${boss && html`<${Button} bad vi="Thu hồi" en="Revoke" aria-expanded=${String(what === 'revoke')}
                onClick=${() => setWhat('revoke')} />`}</div>
        ${what && html`<form class="well stack tight" onSubmit=${end}>
            <p>${what === 'revoke' ? 'Nhãn của dải số này không còn giá trị, kể cả nhãn đã in.'
                : 'Các số chưa dùng bị hủy, không bao giờ cấp lại.'}</p>
            <${Field} label="Lý do" en=${must ? 'Reason' : 'Reason (optional)'} at="/reason" problem=${problem} name="lease-reason"
                required=${must} maxlength="1000" value=${reason} onInput=${(e) => setReason(e.target.value)} />
            <${Button} main type="submit" busy=${busy} vi=${what === 'revoke' ? 'Thu hồi dải số' : 'Trả lại'} en="Do it" />
            ${problem?.slug === 'lease-unreconciled' && boss && what === 'close' && html`<${Button} bad
                vi="Vẫn trả lại, có lý do" en="Close all the same" onClick=${() => setWhat('force')} />`}</form>`}
        <${Trouble} problem=${problem} fields=${['/reason']} />
        ${problem?.document?.numbers && html`<p class="mono">${problem.document.numbers.map(s10).join(', ')}</p>`}</div>`;
}

function Lease({ id, boss, onChange }) {
    const { data, problem, reload } = useLoad(() => get(`/v1/leases/${id}`), [id]);
    if (!data) return html`<${Trouble} problem=${problem} retry=${reload} />`;
    const by = (who, at, why) => [time(at), who?.name, why].filter(Boolean).join(' · ');
    return html`<section class="card stack" data-lease=${id} data-state=${data.state}>
        <div class="row spread"><h2 class="mono">${s10(data.first)} – ${s10(data.last)}</h2>
            <${Chip} vi=${data.state_vi} en=${data.state_en} tone=${TONE[data.state]} /></div>
        <dl class="facts"><dt><${Two} vi="Loại" en="Kind" /></dt><dd>${data.kind_name}, ${data.unit_name}</dd>
            <dt><${Two} vi="Cấp lúc" en="Leased" /></dt><dd>${by(data.leased_by, data.leased_at)}</dd>
            <dt><${Two} vi="Hết hạn" en="Expires" /></dt><dd>${time(data.expires_at)}</dd>
            <dt><${Two} vi="Đã dùng" en="Used" /></dt><dd>${count(data.used)} / ${count(data.count)}; đã quét chưa có hồ sơ: ${count(data.scanned)};
                chưa dùng: ${count(data.unused)}</dd>
            ${data.closed_at && html`<dt><${Two} vi="Trả lại" en="Closed" /></dt><dd>${by(data.closed_by, data.closed_at, data.closed_why)}</dd>`}
            ${data.revoked_at && html`<dt><${Two} vi="Thu hồi" en="Revoked" /></dt>
                <dd>${by(data.revoked_by, data.revoked_at, data.revoked_why)}</dd>`}</dl>
        <${End} key=${data.state} lease=${data} boss=${boss} onDone=${() => { reload(); onChange(); }} />
        <${Numbers} id=${id} /></section>`;
}

export function Leases({ me }) {
    const boss = is_supervisor(me);
    const [unit, setUnit] = useState(office_of(me));
    const [at, setAt] = useState(null);
    const { data, problem, reload } = useLoad(async () => (unit ? get(query('/v1/leases', { unit: unit.code })) : null), [unit?.code]);
    return html`<div class="two list-first"><div class="stack">
            ${boss && html`<section class="card"><${Unit} unit=${unit} setUnit=${(one) => { setAt(null); setUnit(one); }} /></section>`}
            <${Make} kinds=${boss ? ['counter', 'roll'] : ['counter']} unit=${unit} onMade=${reload} />
            <section class="card stack tight"><h2><${Two} vi="Dải số của bưu cục" en="Leases of the office" /></h2>
                <${Trouble} problem=${problem} retry=${reload} />
                ${data && !data.items.length && html`<${Empty} vi="Chưa cấp dải số nào." en="None yet." />`}
                <ul class="list">${rows(data).map((row) => html`<${Row} key=${row.id} row=${row} at=${at} onPick=${setAt} />`)}</ul></section></div>
        ${at ? html`<${Picked} key=${at}><${Lease} id=${at} boss=${boss} onChange=${reload} /></${Picked}>`
            : html`<${Empty} vi="Chọn một dải số." en="Pick a lease." />`}</div>`;
}
