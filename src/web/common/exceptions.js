// The work list of what was recorded although something was odd, and of what is searched for: the
// overdue first, moved along with j and k or the arrows. Nothing on it closes by itself.
import { get, query } from './api.js';
import { Open } from './exception.js';
import { s10, time } from './format.js';
import { Button, Chip, Empty, Good, html, Trouble, Two, useLayoutEffect, useLoad, useRef, useState } from './ui.js';

const PAGE = 50, MOST = 500;
const VIEWS = [
    { id: 'all', vi: 'Tất cả', en: 'All', of: 'open', ask: {} },
    { id: 'overdue', vi: 'Quá hạn', en: 'Overdue', of: 'overdue', ask: { overdue: true } },
    { id: 'mine', vi: 'Tôi nhận', en: 'Mine', of: 'mine', ask: { mine: true } },
];

// 3 giờ 20 phút of office hours.
function age(minutes) {
    const hours = Math.floor(minutes / 60), rest = minutes % 60;
    return [hours && `${hours} giờ`, (rest || !hours) && `${rest} phút`].filter(Boolean).join(' ');
}

function Row({ row, open, onOpen, children }) {
    const about = [row.kind_name, row.actor, row.unit_name, row.at && time(row.at), row.dossier];
    return html`<li data-exception=${row.subject} data-id=${row.id} tabindex="-1" class=${open ? 'open' : ''}>
        <div class="grow stack tight">
            <div class="row spread"><strong class="mono">${s10(row.subject)}</strong>
                <span class="row"><${Chip} vi=${`${row.overdue ? 'Quá hạn' : 'Hạn'} ${time(row.due_at)}`}
                        en=${row.overdue ? 'Overdue' : 'Due'} tone=${row.overdue ? 'bad' : ''} />
                    ${row.search && html`<${Chip} vi="Tìm kiếm" en="Search" tone="accent" />`}
                    ${row.taken_by && html`<${Chip} vi=${row.taken_by.name} en="Taken" tone="warn" />`}</span></div>
            <div>${row.text} <span class="en" lang="en">${row.text_en}</span></div>
            ${row.seen && html`<div class="note good"><${Two} vi=${`Đã thấy lúc ${time(row.seen.at)} tại ${row.seen.unit_name
                ?? row.seen.actor} (${row.seen.kind_name})`} en="It was seen" /></div>`}
            <small>${about.filter(Boolean).join(' · ')} · chờ ${age(row.age_minutes)} làm việc</small>
            ${open ? children : html`<div><${Button} vi="Xử lý" en="Decide" aria-expanded="false" onClick=${onOpen} /></div>`}
        </div></li>`;
}

function Filters({ counts, view, code, unit, onView, onCode, onUnit }) {
    const kinds = counts?.codes ?? [], units = counts?.units.filter((one) => one.unit) ?? [];
    return html`<div class="stack tight"><div class="row" role="group" aria-label="Lọc">${VIEWS.map((one) => html`
            <button key=${one.id} type="button" aria-pressed=${String(one.id === view)} onClick=${() => onView(one.id)}>
                <${Two} vi=${`${one.vi} ${counts?.[one.of] ?? ''}`} en=${one.en} /></button>`)}
            ${counts && html`<small>Đến hạn hôm nay ${counts.today}, sau đó ${counts.later}
                <span class="en" lang="en">due today, later</span></small>`}</div>
        <div class="fields">
            <div><label for="odd-code"><${Two} vi="Loại" en="Kind" /></label>
                <select id="odd-code" value=${code} onChange=${(e) => onCode(e.target.value)}>
                    <option value="">Mọi loại</option>
                    ${kinds.map((one) => html`<option value=${one.code} key=${one.code}>${one.text} (${one.open})</option>`)}
                </select></div>
            ${(units.length > 1 || unit) && html`<div><label for="odd-unit"><${Two} vi="Đơn vị" en="Unit" /></label>
                <select id="odd-unit" value=${unit} onChange=${(e) => onUnit(e.target.value)}>
                    <option value="">Mọi đơn vị</option>
                    ${units.map((one) => html`<option value=${one.unit} key=${one.unit}>${one.unit_name}: quá hạn ${one.overdue}/${one.open}</option>`)}
                </select></div>`}</div></div>`;
}

const typing = (target) => /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable;

// Moves along the rows; the keys of the open one go to it. Every key meets what is drawn, however
// quickly it follows the last.
function useKeys(ids, at, setAt, list, keys) {
    useLayoutEffect(() => {
        const pressed = (e) => {
            if (e.defaultPrevented || e.altKey || e.ctrlKey || e.metaKey || typing(e.target)) return;
            if (e.key === 'Enter' && /^(BUTTON|A)$/.test(e.target.tagName)) return; // its own
            const here = list.current?.contains(e.target);
            const by = { j: 1, k: -1, ...(here && { ArrowDown: 1, ArrowUp: -1 }) }[e.key];
            if (by && ids.length) {
                const place = at === null ? (by > 0 ? 0 : ids.length - 1) : ids.indexOf(at) + by;
                setAt(ids[Math.max(0, Math.min(place, ids.length - 1))]);
            } else if (at === null || !keys.current?.(e.key.length === 1 ? e.key.toLowerCase() : e.key)) {
                if (e.key !== 'Escape' || at === null) return;
                setAt(null);
            }
            e.preventDefault();
        };
        addEventListener('keydown', pressed);
        return () => removeEventListener('keydown', pressed);
    });
    useLayoutEffect(() => {
        const row = at !== null && list.current?.querySelector(`[data-id="${at}"]`);
        row?.focus?.({ preventScroll: true });
        row?.scrollIntoView?.({ block: 'nearest' });
    }, [at]);
}

export function Exceptions({ me }) {
    const [view, setView] = useState('all');
    const [code, setCode] = useState('');
    const [unit, setUnit] = useState('');
    const [limit, setLimit] = useState(PAGE);
    const [at, setAt] = useState(null);
    const [told, setTold] = useState('');
    const list = useRef(null), keys = useRef(null);
    const ask = { ...VIEWS.find((one) => one.id === view).ask, code, unit, counts: true, limit };
    const { data, problem, reload } = useLoad(() => get(query('/v1/custody/exceptions', ask)), [JSON.stringify(ask)]);
    const rows = data?.items ?? [], ids = rows.map((row) => row.id);
    const may = me.roles.some((role) => ['clerk', 'hub', 'supervisor'].includes(role));
    const pick = (set) => (value) => { setAt(null); setLimit(PAGE); set(value); };
    useKeys(ids, at, setAt, list, keys);
    // The next one is at hand when one was decided.
    const done = async (row) => {
        const next = ids[ids.indexOf(row.id) + 1] ?? null;
        setTold(`${s10(row.subject)}: đã ghi quyết định.`);
        keys.current = null;
        setAt(null);
        await reload();
        setAt(next);
    };
    return html`<section class="card stack tight"><h2><${Two} vi="Ngoại lệ chờ xử lý" en="Exceptions to decide" /></h2>
        <${Filters} counts=${data?.counts} view=${view} code=${code} unit=${unit} onView=${pick(setView)}
            onCode=${pick(setCode)} onUnit=${pick(setUnit)} />
        <${Trouble} problem=${problem} retry=${reload} />
        ${told && html`<${Good}>${told}</${Good}>`}
        ${data && rows.length === 0 && html`<${Empty} vi="Không có ngoại lệ nào." en="None." />`}
        <p class="muted keys"><kbd>J</kbd> <kbd>K</kbd> chuyển dòng, phím chữ chọn cách xử lý, <kbd>Enter</kbd> thực hiện
            <span class="en" lang="en">move, choose, do</span></p>
        <ul class="list worklist" ref=${list}>${rows.map((row) => html`<${Row} key=${row.id} row=${row} open=${row.id === at}
            onOpen=${() => setAt(row.id)}><${Open} id=${row.id} may=${may} me=${me} keys=${keys}
                onDone=${() => done(row)} onChange=${reload} /></${Row}>`)}</ul>
        ${data?.next && limit < MOST && html`<div><${Button} vi="Xem thêm" en="More"
            onClick=${() => setLimit(Math.min(limit + PAGE, MOST))} /></div>`}</section>`;
}
