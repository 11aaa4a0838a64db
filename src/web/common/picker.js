// A search field with a list under it (the combobox pattern): type, arrows, Enter.
import { html, Two, useComplaint, useEffect, useLayoutEffect, useRef, useState } from './ui.js';

// search(text) gives items; `show` draws one; `text` names the chosen one in the field;
// `barred(item)` gives a reason why it cannot be chosen.
export function Picker({ label, en, name, search, show, text, chosen, onPick, barred, problem, at,
                         hint, placeholder, focus }) {
    const [typed, setTyped] = useState(null); // null: shows what is chosen
    const [items, setItems] = useState([]);
    const [row, setRow] = useState(0);
    const field = useRef(null), turn = useRef(0);
    const found_for = useRef(null), wanted = useRef(false); // Enter came before the list did
    const open = typed !== null;
    const [error, changed] = useComplaint(problem, at);

    useLayoutEffect(() => { if (focus) field.current.focus(); }, []);
    useEffect(() => {
        if (!open) return undefined;
        const mine = ++turn.current;
        const wait = setTimeout(async () => {
            const found = await search(typed).catch(() => []);
            if (mine !== turn.current) return;
            found_for.current = typed;
            setItems(found);
            setRow(0);
            if (wanted.current) take(found[0]);
            wanted.current = false;
        }, typed ? 150 : 0);
        return () => clearTimeout(wait);
    }, [typed]);

    const take = (item) => {
        if (!item || barred?.(item)) return;
        changed();
        onPick(item);
        setTyped(null);
    };
    const pressed = (event) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step && !open) setTyped('');
        else if (step) setRow((row + step + items.length) % Math.max(items.length, 1));
        else if (event.key === 'Enter' && open && found_for.current === typed) take(items[row]);
        else if (event.key === 'Enter' && open) wanted.current = true;
        else if (event.key === 'Escape' && open) setTyped(null);
        else return;
        event.preventDefault();
    };
    const list = `${name}-list`;
    return html`<div class="pick">
        <label for=${name}><${Two} vi=${label} en=${en} /></label>
        <input id=${name} ref=${field} role="combobox" autocomplete="off" spellcheck=${false}
            aria-expanded=${String(open)} aria-controls=${list} aria-autocomplete="list"
            aria-activedescendant=${open && items[row] ? `${name}-${row}` : undefined}
            aria-invalid=${error ? 'true' : undefined}
            aria-describedby=${error ? `${name}-e` : undefined} placeholder=${placeholder}
            value=${open ? typed : chosen ? text(chosen) : ''}
            onInput=${(e) => { wanted.current = false; setTyped(e.target.value); }} onKeyDown=${pressed}
            onFocus=${(e) => e.target.select()} onClick=${() => !open && setTyped('')}
            onBlur=${() => setTimeout(() => wanted.current || setTyped(null), 150)} />
        ${hint && html`<p class="muted"><small>${hint}</small></p>`}
        ${error && html`<p class="error" id=${`${name}-e`}>${error}</p>`}
        <ul id=${list} role="listbox" aria-label=${label} hidden=${!open}>
            ${items.map((item, i) => html`<li key=${i} id=${`${name}-${i}`} role="option"
                aria-selected=${String(i === row)} aria-disabled=${String(!!barred?.(item))}
                onMouseDown=${(e) => { e.preventDefault(); take(item); }}>${show(item)}
                ${barred?.(item) && html`<br /><small>${barred(item)}</small>`}</li>`)}
            ${open && !items.length && html`<li aria-disabled="true" role="option"
                aria-selected="false"><${Two} vi="Không tìm thấy kết quả" en="Nothing found" /></li>`}
        </ul></div>`;
}
