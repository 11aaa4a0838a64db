// The few parts every page is made of: bilingual texts, fields that show their own error, notices,
// tabs, a search field with a pick list, and the hooks that load and act.
import { h, render } from '../lib/preact.js';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from '../lib/hooks.js';
import htm from '../lib/htm.js';
import { Problem } from './api.js';

export { render, useCallback, useEffect, useLayoutEffect, useRef, useState };
export const html = htm.bind(h);

// Vietnamese first, English beside it, small.
export const Two = ({ vi, en }) => html`${vi}<span class="en" lang="en">${en}</span>`;
export const pair = (words, code) =>
    words ? html`<${Two} vi=${words[0]} en=${words[1]} />` : html`<span>${code}</span>`;

export function Chip({ of, code, vi, en, tone }) {
    const [name = code, english = '', feel = ''] = of?.[code] ?? [vi, en, tone];
    return html`<span class=${`chip ${tone ?? feel}`} title=${english}>${name}</span>`;
}

const id_of = (pointer) => `f${pointer.replace(/[^\w]/g, '-')}`;

// The API's complaint about the field at this JSON pointer, until the person changes the field.
export function useComplaint(problem, at) {
    const [changed, set] = useState(null);
    const error = problem instanceof Problem && at && problem !== changed ? problem.at(at) : undefined;
    return [error, () => set(problem)];
}

// A labelled control; `at` is the JSON pointer under which the API complains about it. `of`: which of several forms
// on the page it belongs to.
export function Field({ label, en, at, of = '', problem, tag = 'input', full, children, hint, onInput, ...rest }) {
    const id = id_of(`${of}${at ?? `/${label}`}`);
    const [error, changed] = useComplaint(problem, at);
    const told = [error && `${id}-e`, hint && `${id}-h`].filter(Boolean).join(' ') || undefined;
    return html`<div class=${full ? 'full' : ''}>
        <label for=${id}><${Two} vi=${label} en=${en} /></label>
        ${h(tag, { id, 'aria-invalid': error ? 'true' : undefined, 'aria-describedby': told,
                   autocomplete: 'off', ...rest,
                   onInput: (e) => { changed(); onInput?.(e); } }, children)}
        ${hint && html`<p class="muted" id=${`${id}-h`}><small>${hint}</small></p>`}
        ${error && html`<p class="error" id=${`${id}-e`}>${error}</p>`}
    </div>`;
}

// Radio buttons as one row of large targets. `options`: {value: [vi, en]}.
export function Choice({ label, en, name, options, value, onPick }) {
    return html`<fieldset><legend class="label"><${Two} vi=${label} en=${en} /></legend>
        <div class="choice">${Object.entries(options).map(([key, words]) => html`
            <label key=${key}><input type="radio" name=${name} value=${key} checked=${key === value}
                onChange=${() => onPick(key)} /><span>${pair(words, key)}</span></label>`)}
        </div></fieldset>`;
}

// What went wrong, in words; fields that show their own error are left out.
export function Trouble({ problem, fields = [], retry }) {
    if (!problem) return null;
    const document = problem.document ?? {};
    const errors = problem instanceof Problem ? problem.beyond(fields) : [];
    const beside = errors.length < (problem.errors?.length ?? 0);
    return html`<div class=${`note bad${beside && !errors.length ? ' beside' : ''}`} role="alert">
        <p><strong>${document.title ?? problem.message}</strong></p>
        <p>${beside ? html`<${Two} vi="Xin xem các ô viền đỏ." en="See the fields marked red." />`
            : document.detail !== document.title && document.detail}</p>
        ${errors.map((e) => html`<p><span class="mono">${e.pointer}</span> ${e.detail}</p>`)}
        ${problem.retry_after > 0 && html`<p>Xin thử lại sau ${problem.retry_after} giây.</p>`}
        ${retry && html`<p><button type="button" onClick=${retry}>
            <${Two} vi="Thử lại" en="Try again" /></button></p>`}
    </div>`;
}

export const Good = ({ children }) => html`<div class="note good" role="status">${children}</div>`;
export const Empty = ({ vi, en }) => html`<p class="empty"><${Two} vi=${vi} en=${en} /></p>`;

// `tabs`: [{id, vi, en, count?}]. Alt with a digit picks one; the address keeps the choice.
export function Tabs({ tabs, at, onPick }) {
    useLayoutEffect(() => {
        const pressed = (event) => {
            const tab = event.altKey && tabs[Number(event.code?.replace('Digit', '')) - 1];
            if (!tab) return;
            event.preventDefault();
            onPick(tab.id);
        };
        addEventListener('keydown', pressed);
        return () => removeEventListener('keydown', pressed);
    });
    const bar = useRef(null);
    useEffect(() => {
        bar.current.querySelector('[aria-selected=true]')?.scrollIntoView({ inline: 'center', block: 'nearest' });
    }, [at, tabs.filter((tab) => tab.count > 0).length]);
    return html`<div class="tabs" role="tablist" ref=${bar}>${tabs.map((tab, i) => html`
        <button key=${tab.id} role="tab" type="button" aria-selected=${String(tab.id === at)}
            title=${`Alt+${i + 1}`} onClick=${() => onPick(tab.id)}>
            ${tab.vi}${tab.count > 0 && html` <span class="count">${tab.count}</span>`}
            <span class="en" lang="en">${tab.en}</span></button>`)}</div>`;
}

// The part of the page named behind # in the address, how to go to another, and what to open there:
// #part/what.
export function useHash(fallback) {
    const read = () => location.hash.slice(1) || fallback;
    const [hash, set] = useState(read);
    useEffect(() => {
        const changed = () => set(read());
        addEventListener('hashchange', changed);
        changed(); // it may have changed since it was drawn
        return () => removeEventListener('hashchange', changed);
    }, []);
    const [at, what] = hash.split('/');
    return [at, (id) => { location.hash = id; }, what];
}

// {data, problem, reload}; what was loaded before stays while it loads again.
export function useLoad(load, about) {
    const [state, set] = useState({ data: null, problem: null });
    const turn = useRef(0);
    const reload = useCallback(async () => {
        const mine = ++turn.current;
        try {
            const data = await load();
            if (mine === turn.current) set({ data, problem: null });
        } catch (problem) {
            if (mine === turn.current) set((old) => ({ ...old, problem }));
        }
    }, about);
    useEffect(() => { reload(); }, [reload]);
    return { ...state, reload };
}

// {run, busy, problem}: run(action) tells what the action gave, or null when it failed.
export function useAction() {
    const [state, set] = useState({ busy: false, problem: null });
    const run = async (action) => {
        set({ busy: true, problem: null });
        try {
            const given = await action();
            set({ busy: false, problem: null });
            return given ?? true;
        } catch (problem) {
            set({ busy: false, problem });
            return null;
        }
    };
    return { ...state, run, clear: () => set({ busy: false, problem: null }) };
}

export function Button({ main, bad, plain, busy, vi, en, keys, ...rest }) {
    const look = [main && 'main', bad && 'bad', plain && 'plain', rest.class].filter(Boolean);
    return html`<button type="button" ...${rest} class=${look.join(' ')}
        disabled=${busy || rest.disabled} aria-busy=${busy ? 'true' : undefined}>
        <span>${vi}</span><span class="en" lang="en">${en}</span>${keys && html`<kbd>${keys}</kbd>`}
    </button>`;
}

// What was picked from a list beside it. On a phone it stands below the list, so it comes into view.
export function Picked({ children }) {
    const place = useRef(null);
    useEffect(() => {
        if (innerWidth < 960) place.current.scrollIntoView({ block: 'start' });
    }, []);
    return html`<div ref=${place}>${children}</div>`;
}

// Mounts one page: whatever stood in the shell before gives way.
export function mount(view) {
    const root = document.getElementById('app');
    root.replaceChildren();
    render(view, root);
}
