// Hand-overs: a list made by the giver, signed item by item by the taker.
import { post, uuid7 } from './api.js';
import { s10, time } from './format.js';
import { handover, handovers, paper, units } from './model.js';
import { Picker } from './picker.js';
import { ScanBox } from './scanbox.js';
import { number_of, Thing } from './things.js';
import { Button, Chip, Empty, html, Trouble, Two, useAction, useLoad, useState } from './ui.js';
import { FINDING, STATE } from './words.js';

// `items`: what the giver holds. `to`: units it may go to, as filters of the unit list.
export function MakeList({ items, kinds, onMade }) {
    const [to, setTo] = useState(null);
    const [chosen, setChosen] = useState([]);
    const [id, setId] = useState(uuid7);
    const { run, busy, problem } = useAction();
    const places = async (q) => (await Promise.all(kinds.map((kind) => units({ kind, q })))).flat();
    const toggle = (number) => setChosen((old) =>
        (old.includes(number) ? old.filter((one) => one !== number) : [...old, number]));
    const make = (e) => {
        e.preventDefault();
        run(async () => {
            const made = await post('/v1/custody/handovers',
                { id, to: { kind: 'unit', id: to.code }, items: chosen });
            setId(uuid7());
            setChosen([]);
            onMade(made);
        });
    };
    return html`<form class="card stack" onSubmit=${make}>
        <h2><${Two} vi="Lập biên bản giao nhận" en="New hand-over" /></h2>
        <${Picker} label="Bên nhận" en="Taker" name="handover-to" search=${places} chosen=${to} onPick=${setTo}
            text=${(one) => one.name} at="/to" problem=${problem}
            show=${(one) => html`${one.name}<br /><small>${one.address}</small>`} />
        <${ScanBox} name="handover-scan" label="Quét để chọn" en="Scan to pick" focus=${false}
            onCode=${(code) => setChosen((old) => (old.includes(code) ? old : [...old, code]))} />
        ${items.length === 0 && html`<${Empty} vi="Không giữ bưu gửi nào." en="Nothing held." />`}
        <ul class="list">${items.map((item) => html`<li key=${number_of(item)}><label class="check grow">
            <input type="checkbox" checked=${chosen.includes(number_of(item))}
                onChange=${() => toggle(number_of(item))} /><${Thing} item=${item} /></label></li>`)}
            ${chosen.filter((code) => !items.some((item) => number_of(item) === code)).map((code) => html`
                <li key=${code}><label class="check grow"><input type="checkbox" checked
                    onChange=${() => toggle(code)} /><strong class="mono">${s10(code)}</strong></label></li>`)}</ul>
        <${Trouble} problem=${problem} fields=${['/to']} />
        <${Button} main type="submit" busy=${busy} disabled=${!to || !chosen.length}
            vi=${`Lập biên bản (${chosen.length})`} en="Make the list" /></form>`;
}

function Finding({ row, value, onChange }) {
    return html`<tr class=${value.finding === 'present' ? 'hit' : ''} data-number=${row.number}>
        <td><strong class="mono nowrap">${s10(row.number)}</strong>${row.dossier?.code && html`<br />
            <small class="mono">${row.dossier.code}</small>`}</td>
        <td><select aria-label=${`Kết quả kiểm: ${row.number}`} value=${value.finding}
            onChange=${(e) => onChange({ finding: e.target.value })}>
            <option value="">Chưa kiểm</option>
            ${Object.entries(FINDING).map(([code, [vi, en]]) => html`<option key=${code} value=${code}
                selected=${code === value.finding}>${vi} · ${en}</option>`)}</select></td>
        <td><input aria-label=${`Ghi chú: ${row.number}`} value=${value.note ?? ''}
            onInput=${(e) => onChange({ note: e.target.value })} /></td></tr>`;
}

// The taker's side: scanning an item marks it present; what was never scanned must be judged.
export function SignList({ id, onSigned }) {
    const { data, problem: trouble, reload } = useLoad(() => handover(id), [id]);
    const [found, setFound] = useState({});
    const { run, busy, problem } = useAction();
    if (!data) return html`<${Trouble} problem=${trouble} retry=${reload} />`;
    const list = data.items.map((row) => ({ ...row, number: row.number ?? row.code }));
    const value = (number) => found[number] ?? { finding: '' };
    const set = (number, part) => setFound((old) => ({ ...old, [number]: { ...value(number), ...part } }));
    const sign = (body) => run(async () => {
        await post(`/v1/custody/handovers/${encodeURIComponent(id)}/sign`, body);
        onSigned();
        reload();
    });
    const judged = Object.entries(found).filter(([, v]) => v.finding)
        .map(([code, v]) => ({ code, finding: v.finding, ...(v.note ? { note: v.note } : {}) }));
    const surplus = Object.keys(found).filter((number) => !list.some((row) => row.number === number));
    const open = data.state === 'open';
    return html`<section class="card stack" data-handover=${id}>
        <div class="row spread"><h2><${Two} vi="Biên bản giao nhận" en="Hand-over" /></h2>
            <${Chip} of=${STATE} code=${data.state} /></div>
        <dl class="facts"><dt>Bên giao</dt><dd>${[data.from?.name, data.from?.unit?.name ?? data.from_unit?.name]
                .filter(Boolean).join(' · ')}</dd>
            <dt>Bên nhận</dt><dd>${data.to?.name}</dd><dt>Lập lúc</dt><dd>${time(data.created_at)}</dd>
            ${data.signed_at && html`<dt>Ký lúc</dt><dd>${time(data.signed_at)}</dd>`}</dl>
        ${open && data.may_sign !== false && html`<${ScanBox} name=${`sign-${id}`} label="Quét từng bưu gửi" focus=${false}
            en="Scan each item" onCode=${(code) => set(code, { finding: list.some((r) => r.number === code)
                ? 'present' : 'surplus' })} />`}
        <div class="scroll"><table class="cards"><thead><tr><th>Số hiệu</th><th>Kiểm nhận</th><th>Ghi chú</th></tr></thead>
            <tbody>${list.map((row) => (open ? html`<${Finding} key=${row.number} row=${row}
                    value=${value(row.number)} onChange=${(part) => set(row.number, part)} />`
                : html`<tr key=${row.number}><td class="mono">${s10(row.number)}</td>
                    <td>${FINDING[row.finding]?.[0] ?? ''}</td><td>${row.note}</td></tr>`))}
                ${open && surplus.map((number) => html`<${Finding} key=${number} row=${{ number }}
                    value=${value(number)} onChange=${(part) => set(number, part)} />`)}</tbody></table></div>
        <${Trouble} problem=${problem} />
        ${open && data.may_sign !== false && html`<div class="row">
            <${Button} main busy=${busy} disabled=${judged.length < list.length}
                vi=${`Ký nhận (${judged.length}/${list.length})`} en="Sign" onClick=${() => sign({ items: judged })} />
            <${Button} busy=${busy} vi="Nhận đủ tất cả và ký" en="All present, sign"
                onClick=${() => sign({ items: [], accept_all: true })} /></div>`}
        <p><a href=${paper(id)} target="_blank" rel="noopener">
            <${Two} vi="Bản in biên bản (PDF)" en="Printed list" /></a></p></section>`;
}

export function Lists({ data, at, onPick, empty }) {
    if (!data?.length) return html`<${Empty} ...${empty} />`;
    return html`<ul class="list">${data.map((row) => html`<li key=${row.id}><button type="button" class="wide left"
        aria-pressed=${String(row.id === at)} data-handover=${row.id} onClick=${() => onPick(row.id)}>
        <span class="grow"><strong>${row.from?.name ?? ''} → ${row.to?.name ?? ''}</strong><br />
            <small>${time(row.created_at)} · ${row.count ?? row.items?.length ?? 0} bưu gửi</small></span>
        <${Chip} of=${STATE} code=${row.state} /></button></li>`)}</ul>`;
}

// Both sides of hand-overs at one place: make one on the left, see or sign one on the right.
export function HandOvers({ items, kinds, onDone }) {
    const [at, setAt] = useState(null);
    const { data, problem, reload } = useLoad(() => handovers({}), []);
    const done = () => { reload(); onDone?.(); };
    return html`<div class="two even"><${MakeList} items=${items} kinds=${kinds}
            onMade=${(made) => { setAt(made.id); done(); }} />
        <div class="stack"><section class="card"><h2><${Two} vi="Biên bản" en="Hand-overs" /></h2>
            <${Trouble} problem=${problem} retry=${reload} />
            <${Lists} data=${data} at=${at} onPick=${setAt}
                empty=${{ vi: 'Chưa có biên bản nào.', en: 'None yet.' }} /></section>
            ${at && html`<${SignList} key=${at} id=${at} onSigned=${done} />`}</div></div>`;
}
