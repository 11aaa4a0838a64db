// The working calendar as an administrator keeps it: days off and worked, office hours of a unit. What would
// move a promised date is shown first, and done only when whoever saw it says so.
import { get, post, Problem, query, uuid7 } from './api.js';
import { count, day, time, today } from './format.js';
import { rows, units } from './model.js';
import { Picker } from './picker.js';
import { Button, Chip, Choice, Empty, Field, Good, html, Trouble, Two, useAction, useEffect, useLoad, useState } from './ui.js';

export const KIND = {
    holiday: ['Nghỉ lễ', 'Holiday', 'bad'],
    compensatory: ['Nghỉ bù', 'Day in lieu', 'warn'],
    swapped_working: ['Làm bù', 'Worked instead', 'accent'],
    usual: ['Như thường lệ', 'As usual', ''],
};
const WEEK = { 1: ['T2', 'Mon'], 2: ['T3', 'Tue'], 3: ['T4', 'Wed'], 4: ['T5', 'Thu'], 5: ['T6', 'Fri'], 6: ['T7', 'Sat'], 7: ['CN', 'Sun'] };
const weekday = (date) => WEEK[((new Date(`${date}T12:00:00Z`).getUTCDay() + 6) % 7) + 1][0];
const span = (h) => (h.break_from ? `${h.opens}–${h.break_from}, ${h.break_to}–${h.closes}` : `${h.opens}–${h.closes}`);

// Of a unit only its own days are removed there.
function Days({ days, of, onPick }) {
    return html`<ul class="list">${days.map((one) => html`<li key=${one.day + (one.unit ?? '')}><span class="nowrap mono">${weekday(one.day)} ${day(one.day)}</span>
        <span class="grow">${one.name}${one.unit && html`<br /><small>${one.unit}</small>`}</span><${Chip} of=${KIND} code=${one.kind} />
        ${onPick && !one.unit === !of && html`<${Button} plain vi="Bỏ" en="Remove" aria-label=${`Bỏ Remove ${day(one.day)}`}
            onClick=${() => onPick(one)} />`}</li>`)}</ul>`;
}

// What would move, before it is done: of a pick-up the day, of the others the time.
function Moves({ effect }) {
    const kind = Object.fromEntries(effect.kinds.map((one) => [one.what, one]));
    const at = (one, name) => (one.what === 'pickup' ? day(one[name]) : time(one[name]));
    return html`<div class="note warn" role="alert" data-moves=${effect.moves}>
        <p><strong>Thay đổi này dời ${count(effect.moves)} ngày hẹn.</strong>
            <span class="en" lang="en">Promised dates that this moves: ${count(effect.moves)}.</span></p>
        <ul class="list">${effect.kinds.filter((one) => one.count > 0).map((one) => html`<li key=${one.what} data-kind=${one.what}>
            <span class="grow"><${Two} vi=${one.vi} en=${one.en} /></span><strong class="num">${count(one.count)}</strong></li>`)}</ul>
        <div class="scroll" tabindex="0" role="region" aria-label="Những ngày hẹn sẽ dời"><table class="cards"><thead><tr><th scope="col"><${Two} vi="Hồ sơ" en="Dossier" /></th>
            <th scope="col"><${Two} vi="Hẹn cũ" en="Old" /></th><th scope="col"><${Two} vi="Hẹn mới" en="New" /></th></tr></thead>
            <tbody>${effect.first.map((one, i) => html`<tr key=${i}><td><span class="mono">${one.code}</span><br /><small>${[kind[one.what].vi, one.unit?.name].join(' · ')}</small></td>
                <td class="nowrap" data-label="Hẹn cũ">${at(one, 'old_due_at')}</td><td class="nowrap" data-label="Hẹn mới">${at(one, 'due_at')}</td></tr>`)}</tbody></table></div>
        ${effect.moves > effect.first.length && html`<p>… và ${count(effect.moves - effect.first.length)} ngày hẹn khác.
            <span class="en" lang="en">and others.</span></p>`}</div>`;
}

const effect_in = (problem) => problem instanceof Problem && problem.document.tag
    && ['calendar-moves-dates', 'precondition-failed'].includes(problem.slug) && problem.document;

// `change`: the body but for reason and confirm; null: nothing to send yet.
function Apply({ change, onDone }) {
    const [reason, setReason] = useState('');
    const [key, setKey] = useState(uuid7);
    const [made, setMade] = useState(null);
    const { run, busy, problem, clear } = useAction();
    useEffect(clear, [JSON.stringify(change)]);
    const effect = effect_in(problem);
    const send = (confirm) => run(async () => {
        const reply = await post('/v1/calendar/changes', { ...change, reason, ...(confirm ? { confirm } : {}) },
                                 { 'Idempotency-Key': confirm ? `${key}-${confirm.slice(0, 8)}` : key });
        setMade(reply);
        setReason('');
        setKey(uuid7());
        onDone();
    });
    return html`<${Field} label="Theo thông báo nào, vì sao" en="By which notice, and why" tag="textarea" rows="2" name="calendar-reason"
            at="/reason" problem=${effect ? null : problem} value=${reason} onInput=${(e) => { setReason(e.target.value); setMade(null); }} full />
        ${effect && problem.slug === 'precondition-failed' && html`<div class="note bad" role="alert">
            <p><strong>Từ lúc xem trước, danh sách đã khác.</strong> <span class="en" lang="en">The list has changed meanwhile.</span></p></div>`}
        ${effect ? html`<${Moves} effect=${effect} />` : html`<${Trouble} problem=${problem} fields=${['/reason']} />`}
        ${made && html`<${Good}>Đã ghi thay đổi${made.moves > 0 && `; ${count(made.moves)} ngày hẹn đang được tính lại`}.
            <span class="en" lang="en">Done.</span></${Good}>`}
        <div class="row">${effect
            ? html`<${Button} main busy=${busy} vi=${`Dời ${count(effect.moves)} ngày hẹn`} en="Move them" onClick=${() => send(effect.tag)} />
                <${Button} plain vi="Thôi" en="Leave it" onClick=${clear} />`
            : html`<${Button} main busy=${busy} disabled=${!change || !reason.trim()} vi="Ghi thay đổi" en="Save" onClick=${() => send()} />`}</div>`;
}

function DayForm({ unit, taken, onDone }) {
    const [list, setList] = useState([]);
    const [at, setAt] = useState('');
    const [kind, setKind] = useState('holiday');
    const [name, setName] = useState('');
    useEffect(() => { if (taken) setList((old) => [...old.filter((x) => x.day !== taken.day), { day: taken.day, kind: 'usual' }]); }, [taken]);
    const add = () => {
        setList((old) => [...old.filter((x) => x.day !== at), { day: at, kind, ...(kind === 'usual' ? {} : { name: name.trim() }) }]
            .sort((a, b) => a.day.localeCompare(b.day)));
        setAt('');
    };
    const change = list.length ? { ...(unit ? { unit: unit.code } : {}), days: list } : null;
    return html`<section class="card stack tight" data-form="days"><h2><${Two} vi="Thêm, đổi hoặc bỏ ngày" en="Add, change or remove days" /></h2>
        <div class="fields"><${Field} label="Ngày" en="Day" type="date" name="calendar-day" at="/day" value=${at} onInput=${(e) => setAt(e.target.value)} />
            <div><label for="calendar-kind"><${Two} vi="Là ngày" en="Kind" /></label>
                <select id="calendar-kind" value=${kind} onChange=${(e) => setKind(e.target.value)}>
                    ${Object.entries(KIND).map(([code, [vi, en]]) => html`<option key=${code} value=${code}>${vi} · ${en}</option>`)}</select></div>
            ${kind !== 'usual' && html`<${Field} label="Tên ngày" en="Name" name="calendar-name" at="/name" maxlength="200" value=${name}
                onInput=${(e) => setName(e.target.value)} full />`}</div>
        <div><${Button} vi="Đưa vào danh sách" en="Put on the list" disabled=${!at || (kind !== 'usual' && !name.trim())} onClick=${add} /></div>
        <ul class="list">${list.map((one, i) => html`<li key=${one.day}><span class="mono nowrap">${weekday(one.day)} ${day(one.day)}</span>
            <span class="grow">${one.name}</span><${Chip} of=${KIND} code=${one.kind} />
            <${Button} plain vi="Bỏ" en="Take off" aria-label=${`Bỏ Take off ${day(one.day)}`}
                onClick=${() => setList((old) => old.filter((_, j) => j !== i))} /></li>`)}</ul>
        <${Apply} change=${change} onDone=${() => { setList([]); onDone(); }} /></section>`;
}

function HoursForm({ unit, hours, onDone }) {
    const now = hours?.[0];
    const [form, setForm] = useState(null);
    const set = (name) => (e) => setForm({ ...h, [name]: e.target.value });
    const h = form ?? { valid_from: '', weekdays: now?.weekdays ?? [1, 2, 3, 4, 5], opens: now?.opens ?? '07:30', break_from: now?.break_from ?? '',
                        break_to: now?.break_to ?? '', closes: now?.closes ?? '17:00' };
    const turn = (n) => setForm({ ...h, weekdays: h.weekdays.includes(n) ? h.weekdays.filter((x) => x !== n) : [...h.weekdays, n].sort() });
    const { break_from, break_to, ...rest } = h;
    const change = h.valid_from ? { unit: unit.code, hours: { ...rest, ...(break_from ? { break_from } : {}), ...(break_to ? { break_to } : {}) } } : null;
    return html`<section class="card stack tight" data-form="hours"><h2><${Two} vi="Giờ làm việc của đơn vị" en="Office hours of the unit" /></h2>
        <ul class="list">${(hours ?? []).map((one, i) => html`<li key=${one.valid_from ?? i}><span class="grow">
            ${`${i === 0 ? 'Hiện nay' : `Từ ${day(one.valid_from)}`}: ${one.weekdays.map((n) => WEEK[n][0]).join(', ')}, ${span(one)}`}</span></li>`)}</ul>
        <fieldset><legend class="label"><${Two} vi="Ngày làm việc trong tuần" en="Days of the week" /></legend><div class="choice">
            ${Object.entries(WEEK).map(([n, words]) => html`<label key=${n}><input type="checkbox" checked=${h.weekdays.includes(Number(n))}
                onChange=${() => turn(Number(n))} /><span>${words[0]}</span></label>`)}</div></fieldset>
        <div class="fields"><${Field} label="Áp dụng từ ngày" en="From" type="date" name="hours-from" at="/hours/valid_from" value=${h.valid_from} onInput=${set('valid_from')} />
            ${[['opens', 'Mở cửa', 'Opens'], ['break_from', 'Nghỉ trưa từ', 'Break from'], ['break_to', 'Làm lại lúc', 'Break to'], ['closes', 'Đóng cửa', 'Closes']]
                .map(([name, vi, en]) => html`<${Field} key=${name} label=${vi} en=${en} inputmode="numeric" placeholder="07:30" maxlength="5" name=${`hours-${name}`} at=${`/hours/${name}`}
                    value=${h[name]} onInput=${set(name)} />`)}</div>
        <${Apply} change=${change} onDone=${() => { setForm(null); onDone(); }} /></section>`;
}

const Change = ({ one }) => html`<li data-change=${one.id}><span class="grow"><strong>${one.reason}</strong><br />
        <small>${[time(one.at), one.by?.name, one.unit?.name ?? 'Cả nước'].filter(Boolean).join(' · ')}</small><br />
        ${(one.change.days ?? []).map((d, i) => html`<span key=${d.day}>${i > 0 && '; '}<span class="mono nowrap">${day(d.day)}</span>${' '}
            ${(KIND[one.was.days?.find((w) => w.day === d.day)?.kind] ?? KIND.usual)[0]} → ${KIND[d.kind][0]}</span>`)}
        ${one.change.hours && html`<span>Giờ làm việc từ ${day(one.change.hours.valid_from)}: ${one.change.hours.remove ? 'như trước' : span(one.change.hours)}</span>`}</span>
    <${Chip} vi=${one.done_at ? `${count(one.moved)} ngày hẹn đã dời` : `đang tính lại: ${count(one.moved ?? 0)}`} tone=${one.done_at ? 'good' : 'warn'} /></li>`;

export function Calendar({ me }) {
    const this_year = Number(today().slice(6));
    const [unit, setUnit] = useState(null);
    const [whose, setWhose] = useState('all');
    const [year, setYear] = useState(this_year);
    const [taken, setTaken] = useState(null);
    const seen = useLoad(() => get(query('/v1/calendar', { year, unit: unit?.code })), [year, unit]);
    const past = useLoad(() => get('/v1/calendar/changes'), []);
    const done = () => { setTaken(null); seen.reload(); past.reload(); };
    const working = rows(past.data).some((one) => !one.done_at);
    useEffect(() => {
        if (!working) return undefined;
        const again = setTimeout(past.reload, 1500);
        return () => clearTimeout(again);
    }, [working, past.data]);
    const writes = me.roles.includes('admin');
    return html`<div class="two even"><section class="card stack tight"><h2><${Two} vi="Lịch làm việc" en="Working calendar" /></h2>
            <${Choice} label="Của" en="Of" name="calendar-whose" value=${whose} options=${{ all: ['Cả nước', 'Everywhere'], unit: ['Một đơn vị', 'One unit'] }}
                onPick=${(v) => { setWhose(v); if (v === 'all') setUnit(null); }} />
            ${whose === 'unit' && html`<${Picker} label="Đơn vị" en="Unit" name="calendar-unit" chosen=${unit} onPick=${setUnit}
                search=${(q) => units({ q })} text=${(one) => one.name} show=${(one) => html`${one.name}<br /><small>${one.address}</small>`} />`}
            <label for="calendar-year"><${Two} vi="Năm" en="Year" /></label>
            <select id="calendar-year" value=${year} onChange=${(e) => setYear(Number(e.target.value))}>
                ${[-1, 0, 1, 2].map((n) => html`<option key=${n} value=${this_year + n}>${this_year + n}</option>`)}</select>
            <${Trouble} problem=${seen.problem} retry=${seen.reload} />
            ${seen.data && !seen.data.days.length && html`<${Empty} vi="Năm này chưa có ngày nào." en="No days yet." />`}
            ${seen.data && html`<${Days} days=${seen.data.days} of=${unit} onPick=${writes && setTaken} />`}</section>
        <div class="stack">${writes && html`<${DayForm} key=${unit?.code ?? ''} unit=${unit} taken=${taken} onDone=${done} />
            ${unit && html`<${HoursForm} key=${unit.code} unit=${unit} hours=${seen.data?.hours} onDone=${done} />`}`}
            <section class="card" data-part="changes"><h2><${Two} vi="Các lần thay đổi" en="Changes made" /></h2><${Trouble} problem=${past.problem} retry=${past.reload} />
                ${past.data && !rows(past.data).length && html`<${Empty} vi="Chưa có thay đổi nào." en="None yet." />`}
                <ul class="list">${rows(past.data).map((one) => html`<${Change} key=${one.id} one=${one} />`)}</ul></section></div></div>`;
}
