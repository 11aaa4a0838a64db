// Hand-overs: a list made by the giver, signed item by item by the taker.
import { post, uuid7 } from './api.js';
import { list_code } from './codes.js';
import { count, s10, time } from './format.js';
import { handover, handovers, number_behind, units } from './model.js';
import { Picker } from './picker.js';
import { ScanBox } from './scanbox.js';
import { number_of, Thing } from './things.js';
import { Button, Chip, Choice, Empty, Field, Good, html, Picked, Trouble, Two, useAction, useEffect, useLoad, useState } from './ui.js';
import { FINDING, HANDOVER } from './words.js';

const TAKER = { unit: ['Đơn vị', 'A unit'], person: ['Cá nhân', 'A person'] };

function Taker({ kinds, to, setTo, problem }) {
    const [kind, setKind] = useState('unit');
    const places = async (q) => (await Promise.all(kinds.map((one) => units({ kind: one, q })))).flat();
    return html`<div class="stack tight"><${Choice} label="Bên nhận" en="Taker" name="taker" options=${TAKER}
            value=${kind} onPick=${(now) => { setKind(now); setTo(null); }} />
        ${kind === 'unit' ? html`<${Picker} label="Đơn vị nhận" en="Taking unit" name="handover-to" search=${places}
            chosen=${to} onPick=${setTo} text=${(one) => one.name} at="/to" problem=${problem}
            show=${(one) => html`${one.name}<br /><small>${one.address}</small>`} />`
        : html`<${Field} label="Tên đăng nhập của người nhận" en="Taker's login" at="/to" problem=${problem}
            name="taker-login" autocapitalize="none" value=${to?.code ?? ''}
            onInput=${(e) => setTo({ code: e.target.value.trim() })} />`}</div>`;
}

// `items`: what the giver holds. `kinds`: of units it usually goes to.
export function MakeList({ items, kinds, onMade }) {
    const [to, setTo] = useState(null);
    const [chosen, setChosen] = useState([]);
    const [id, setId] = useState(uuid7);
    const { run, busy, problem } = useAction();
    const toggle = (code) => setChosen((old) =>
        (old.includes(code) ? old.filter((one) => one !== code) : [...old, code]));
    const scanned = useAction();
    const choose = async (read) => {
        const code = await number_behind(read);
        setChosen((old) => (old.includes(code) ? old : [...old, code]));
    };
    const make = (e) => {
        e.preventDefault();
        run(async () => {
            const made = await post('/v1/custody/handovers', { id, to: to.code, items: chosen });
            setId(uuid7());
            setChosen([]);
            onMade(made);
        });
    };
    const others = chosen.filter((code) => !items.some((item) => number_of(item) === code));
    return html`<form class="card stack" onSubmit=${make}>
        <h2><${Two} vi="Lập biên bản giao nhận" en="New hand-over" /></h2>
        <${Taker} kinds=${kinds} to=${to} setTo=${setTo} problem=${problem} />
        <${ScanBox} inside name="handover-scan" label="Quét để chọn" en="Scan to pick" focus=${false}
            onCode=${(read) => scanned.run(() => choose(read))} />
        ${items.length === 0 && html`<${Empty} vi="Không giữ bưu gửi nào." en="Nothing held." />`}
        <ul class="list">${items.map((item) => html`<li key=${number_of(item)} data-number=${number_of(item)}>
            <label class="check grow"><input type="checkbox" checked=${chosen.includes(number_of(item))}
                onChange=${() => toggle(number_of(item))} /><${Thing} item=${item} /></label></li>`)}
            ${others.map((code) => html`<li key=${code}><label class="check grow"><input type="checkbox" checked
                onChange=${() => toggle(code)} /><strong class="mono">${s10(code)}</strong></label></li>`)}</ul>
        <${Trouble} problem=${problem ?? scanned.problem} fields=${['/to']} />
        <${Button} main type="submit" busy=${busy} disabled=${!to?.code || !chosen.length}
            vi=${`Lập biên bản (${chosen.length})`} en="Make the list" /></form>`;
}

// What the taker counts in each item, and writes down for both sides.
const COUNTED = [['originals', 'Bản chính', 'originals'], ['copies', 'Bản sao', 'copies']];
const counts = (one) => Object.fromEntries(COUNTED.map(([name]) => [name, one[name]])
    .filter(([, text]) => /^\d+$/.test(text ?? '')).map(([name, text]) => [name, Number(text)]));

const Head = ({ counted }) => html`<thead><tr><th><${Two} vi="Số hiệu" en="Number" /></th>
    <th><${Two} vi="Kiểm nhận" en="Found" /></th>${counted && COUNTED.map(([name, vi, en]) =>
    html`<th key=${name} class="num"><${Two} vi=${vi} en=${en} /></th>`)}<th><${Two} vi="Ghi chú" en="Note" /></th></tr></thead>`;

function Finding({ row, value, onChange }) {
    return html`<tr class=${value.finding === 'present' ? 'hit' : ''} data-number=${row.number}>
        <td><strong class="mono">${s10(row.number)}</strong>${row.dossier && html`<br />
            <small class="mono">${row.dossier}</small>`}${row.bag && html`<br /><small>trong túi · in the bag</small>`}
            ${row.inside && html`<br /><small>${row.inside.length} bưu gửi trong túi <span class="en" lang="en">in it</span></small>`}</td>
        <td><select aria-label=${`Kiểm nhận ${row.number}`} onChange=${(e) => onChange({ finding: e.target.value })}>
            <option value="" selected=${!value.finding}>Chưa kiểm · Not checked</option>
            ${Object.entries(FINDING).map(([code, [vi, en]]) => html`<option key=${code} value=${code}
                selected=${code === value.finding}>${vi} · ${en}</option>`)}</select></td>
        ${COUNTED.map(([name, vi]) => html`<td key=${name} class="narrow" data-label=${vi}><input type="number" min="0"
            max="10000" inputmode="numeric" aria-label=${`${vi} ${row.number}`} value=${value[name] ?? ''}
            onInput=${(e) => onChange({ [name]: e.target.value, finding: value.finding || 'present' })} /></td>`)}
        <td><input aria-label=${`Ghi chú ${row.number}`} placeholder="Ghi chú" value=${value.note ?? ''}
            onInput=${(e) => onChange({ note: e.target.value })} /></td></tr>`;
}

// What a list names, each bag followed by what lies in it.
const unfolded = (items) => items.flatMap((row) => [row, ...(row.inside ?? [])]);

function Signing({ data, onSign, busy, problem }) {
    const [found, setFound] = useState({});
    const scanned = useAction();
    const rows = unfolded(data.items);
    const listed = (code) => rows.some((row) => row.number === code);
    const value = (code) => found[code] ?? { finding: '' };
    const set = (code, part) => setFound((old) => ({ ...old, [code]: { ...(old[code] ?? { finding: '' }), ...part } }));
    const surplus = Object.keys(found).filter((code) => !listed(code)).map((number) => ({ number }));
    const judged = Object.entries(found).filter(([, one]) => one.finding)
        .map(([code, one]) => ({ code, finding: one.finding, ...counts(one), ...(one.note ? { note: one.note } : {}) }));
    // A bag that nobody looked into is taken as a whole.
    const opened = (bag) => rows.some((row) => row.bag === bag && value(row.number).finding);
    const open = rows.filter((row) => !value(row.number).finding && (!row.bag || opened(row.bag))).length;
    return html`<${ScanBox} name=${`sign-${data.id}`} label="Quét từng bưu gửi" en="Scan each item" focus=${false}
            onCode=${(read) => scanned.run(async () => {
                const code = await number_behind(read);
                set(code, { finding: listed(code) ? 'present' : 'surplus' });
            })} />
        <table class="cards papers signing"><${Head} counted />
            <tbody>${[...rows, ...surplus].map((row) => html`<${Finding} key=${row.number} row=${row}
                value=${value(row.number)} onChange=${(part) => set(row.number, part)} />`)}</tbody></table>
        <${Trouble} problem=${problem ?? scanned.problem} />
        <div class="row"><${Button} main busy=${busy} disabled=${open > 0}
                vi=${open ? `Còn ${open} bưu gửi chưa kiểm` : 'Ký nhận'} en=${open ? 'to check' : 'Sign'}
                onClick=${() => onSign({ items: judged })} />
            <${Button} busy=${busy} vi="Nhận đủ tất cả và ký" en="All present, sign"
                onClick=${() => onSign({ items: judged, accept_all: true })} /></div>`;
}

function Findings({ items }) {
    const counted = items.some((row) => COUNTED.some(([name]) => name in row));
    return html`<table class="cards papers signing"><${Head} counted=${counted} /><tbody>${items.map((row) => html`
        <tr key=${row.number}><td class="mono">${s10(row.number)}</td><td>${FINDING[row.finding]?.[0] ?? row.state_vi}</td>
        ${counted && COUNTED.map(([name, vi]) => html`<td key=${name} class="num" data-label=${vi}>${row[name] ?? '–'}</td>`)}
        <td>${row.note}</td></tr>`)}</tbody></table>`;
}

// The log's signed head, so that a paper kept in a drawer bears witness to all before it.
function LogHead({ of }) {
    return of && html`<dt><${Two} vi="Mã nhật ký" en="Log head" /></dt>
        <dd data-log-size=${of.size}>${count(of.size)} dòng · ${time(of.at)}<br />
            <small class="mono">${of.root.match(/.{8}/g).join(' ')}</small></dd>`;
}

// One list; the taker's side signs, the giver sees it wait.
export function List({ id, sign, onSigned }) {
    const { data, problem: trouble, reload } = useLoad(() => handover(id), [id]);
    const { run, busy, problem } = useAction();
    if (!data) return html`<${Trouble} problem=${trouble} retry=${reload} />`;
    const signed = (body) => run(async () => {
        await post(`/v1/custody/handovers/${encodeURIComponent(id)}/sign`, body,
            { 'idempotency-key': `sign-${id}` });
        await reload(); // first: what is signed is nobody's to take any more
        onSigned();
    });
    return html`<section class="card stack paper" data-handover=${id} data-state=${data.state}>
        <div class="row spread"><h2><${Two} vi="Biên bản giao nhận" en="Hand-over" /></h2>
            <${Chip} of=${HANDOVER} code=${data.state} /></div>
        <dl class="facts"><dt><${Two} vi="Bên giao" en="Giver" /></dt><dd>${[data.from.name, data.from.unit_name].filter(Boolean).join(' · ')}</dd>
            <dt><${Two} vi="Bên nhận" en="Taker" /></dt><dd>${data.to.name}</dd>
            <dt><${Two} vi="Lập lúc" en="Made" /></dt><dd>${time(data.created_at)}</dd>
            ${data.signed_at && html`<dt><${Two} vi="Ký lúc" en="Signed" /></dt><dd>${time(data.signed_at)} · ${data.signed_by}</dd>`}
            <${LogHead} of=${data.checkpoint} /></dl>
        ${data.state === 'open' && sign ? html`<${Signing} data=${data} busy=${busy} problem=${problem} onSign=${signed} />`
            : html`<${Findings} items=${data.items} />`}
        ${data.state === 'open' && !sign && html`<p class="muted"><${Two} vi="Chờ bên nhận kiểm và ký."
            en="Waits for the taker." /></p><${Code} id=${id} />`}
        <div><a class="button" href=${`/v1/custody/handovers/${encodeURIComponent(id)}.pdf`} target="_blank"
            rel="noopener"><${Two} vi="Biên bản để in (PDF)" en="The paper" /></a></div></section>`;
}

// The one code of the giver's list, read off a screen or the paper: all of it is taken and signed for.
export function TakeAll({ onSigned }) {
    const { run, problem } = useAction();
    const [made, setMade] = useState(null);
    const take = (code) => run(async () => {
        setMade(null);
        const id = list_code(code);
        if (!id) throw new Error('Đây không phải mã của biên bản giao nhận. · Not the code of a hand-over list.');
        const signed = await post('/v1/custody/handovers/accept', { code }, { 'idempotency-key': `take-${id}` });
        setMade(signed);
        onSigned(signed);
    });
    return html`<div class="stack tight"><${ScanBox} name="take-all" focus=${false} onCode=${take}
            label="Quét một mã của bên giao: nhận đủ tất cả" en="Scan the giver's one code: take all" />
        ${made && html`<${Good}>Đã ký nhận ${made.items.length} bưu gửi của ${made.from.name}.
            <span class="en" lang="en">Signed for.</span></${Good}>`}
        <${Trouble} problem=${problem} /></div>`;
}

// What the giver holds out: the taker scans it.
const Code = ({ id }) => html`<figure class="code-card"><img width="200" height="200" data-code=${id}
    src=${`/v1/custody/handovers/${encodeURIComponent(id)}.svg`} alt="Mã QR của biên bản này" />
    <figcaption><${Two} vi="Bên nhận quét mã này để nhận đủ tất cả và ký."
        en="The taker scans this to take all and sign." /></figcaption></figure>`;

export function Lists({ rows, at, onPick, empty }) {
    if (!rows?.length) return html`<${Empty} ...${empty} />`;
    return html`<ul class="list">${rows.map((row) => html`<li key=${row.id}><button type="button" class="wide left"
        aria-pressed=${String(row.id === at)} data-handover=${row.id} onClick=${() => onPick(row.id)}>
        <span class="grow"><strong>${row.from} → ${row.to}</strong><br />
            <small>${[row.from_unit_name, time(row.created_at), `${row.items} bưu gửi`].filter(Boolean).join(' · ')}
            </small></span></button></li>`)}</ul>`;
}

// Which list is open, and how to open another; `first`: the one that the address names.
export function useList(first) {
    const [at, setAt] = useState(first ?? null);
    useEffect(() => { if (first) setAt(first); }, [first]);
    return [at, setAt];
}

// Both sides of hand-overs at one place: make one on the left, see or sign one on the right.
export function HandOvers({ items, kinds, first, onDone }) {
    const [at, setAt] = useList(first);
    const { data, problem, reload } = useLoad(handovers, []);
    const done = () => { reload(); onDone?.(); };
    const sign = !!data?.to_sign.some((row) => row.id === at);
    return html`<div class="two even"><${MakeList} items=${items} kinds=${kinds}
            onMade=${(made) => { setAt(made.id); done(); }} />
        <div class="stack"><section class="card stack tight">
            <h2><${Two} vi="Chờ tôi ký nhận" en="For me to sign" /></h2>
            <${TakeAll} onSigned=${(signed) => { setAt(signed.id); done(); }} />
            <${Trouble} problem=${problem} retry=${reload} />
            <${Lists} rows=${data?.to_sign} at=${at} onPick=${setAt}
                empty=${{ vi: 'Không có biên bản chờ ký.', en: 'Nothing to sign.' }} />
            <h2><${Two} vi="Tôi đã lập, chờ bên nhận ký" en="Mine, waiting" /></h2>
            <${Lists} rows=${data?.given} at=${at} onPick=${setAt}
                empty=${{ vi: 'Không có.', en: 'None.' }} /></section>
            ${at && html`<${Picked} key=${at}><${List} id=${at} sign=${sign} onSigned=${done} /></${Picked}>`}</div></div>`;
}
