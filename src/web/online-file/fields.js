// The procedure's own form, drawn from its description: the same JSON Schema that the service checks.
import { number_text } from '../common/answers.js';
import { number_meant } from '../common/format.js';
import { Field, html, Two, useState } from '../common/ui.js';

const LONG = 200;
const empty = (value) => value === '' || value === undefined || value === null;

// Its fields in their order: jsonb keeps none.
export const fields_of = (form) => Object.entries(form?.properties ?? {})
    .sort(([a, x], [b, y]) => (x.position ?? 0) - (y.position ?? 0) || a.localeCompare(b));

const title_of = (field, choice, i) => [field.enum_titles?.[i] ?? choice, field.enum_titles_en?.[i]].filter(Boolean).join(' · ');

function Tick({ name, field, required, at, value, set, error }) {
    const id = `form-${name}`;
    return html`<div class="full"><label class="check"><input id=${id} type="checkbox" checked=${value === true}
            aria-required=${required ? 'true' : undefined} aria-invalid=${error ? 'true' : undefined} aria-describedby=${error ? `${id}-e` : undefined}
            onChange=${(e) => set(e.target.checked)} />
        <span><${Two} vi=${`${field.title ?? name}${required ? ' *' : ''}`} en=${field.title_en} /></span></label>
        ${error && html`<p class="error" id=${`${id}-e`} data-at=${at}>${error}</p>`}</div>`;
}

const shape = (field, value) => {
    if (field.enum) return { tag: 'select' };
    if (field.format === 'date') return { type: 'date' };
    if ((field.maxLength ?? 0) > LONG) return { tag: 'textarea', rows: 3, full: true };
    return {};
};

// As it is typed while it is, and grouped afterwards.
function Whole({ value, set, ...field }) {
    const [typed, setTyped] = useState(null);
    return html`<${Field} ...${field} inputmode="numeric" value=${typed ?? (typeof value === 'number' ? number_text(value) : value ?? '')}
        onInput=${(e) => { setTyped(e.target.value); set(number_meant(e.target.value)); }} onBlur=${() => setTyped(null)} />`;
}

function One({ name, field, required, value, set, problem }) {
    const at = `/form/${name}`;
    if (field.type === 'boolean')
        return html`<${Tick} name=${name} field=${field} at=${at} value=${value} set=${set} required=${required}
            error=${problem?.at(at)} />`;
    const same = { label: `${field.title ?? name}${required ? ' *' : ''}`, en: field.title_en, at, problem,
                   'aria-required': required ? 'true' : undefined };
    if (field.type === 'integer') return html`<${Whole} ...${same} value=${value} set=${set} />`;
    return html`<${Field} ...${same} value=${value ?? ''} maxlength=${field.enum ? undefined : field.maxLength}
            onInput=${(e) => set(e.target.value)} ...${shape(field, value)}>
        ${field.enum && html`<option value="">—</option>${field.enum.map((choice, i) => html`
            <option key=${choice} value=${choice} selected=${choice === value}>${title_of(field, choice, i)}</option>`)}`}
        </${Field}>`;
}

// answers: {name: value}; what was emptied is left out, so that the service names what is missing.
export function FormFields({ form, answers = {}, problem, onChange }) {
    const required = new Set(form.required ?? []);
    const set = (name) => (value) => onChange(name, (old = {}) => {
        const { [name]: gone, ...rest } = old;
        return empty(value) ? rest : { ...rest, [name]: value };
    });
    return html`<div class="fields">${fields_of(form).map(([name, field]) => html`<${One} key=${name} name=${name}
        field=${field} required=${required.has(name)} value=${answers[name]} set=${set(name)} problem=${problem} />`)}</div>`;
}
