// The answers to a form that was filled in on line, in the form's own words and order, for whoever may read
// all of the dossier. What today's form does not have any more is shown by its bare name.
import { count } from './format.js';
import { procedure } from './model.js';
import { html, Two, useLoad } from './ui.js';

const dated = (text) => text.split('-').reverse().join('/');

// 100.000.000, but 1990: four digits may be a year.
export const number_text = (number) => (Math.abs(number) < 10000 ? String(number) : `${number < 0 ? '-' : ''}${count(Math.abs(number))}`);

function said(field, value) {
    if (typeof value === 'boolean') return value ? 'Có' : 'Không';
    if (typeof value === 'number') return number_text(value);
    if (field?.format === 'date') return dated(value);
    const at = field?.enum?.indexOf(value) ?? -1;
    return at >= 0 ? field.enum_titles?.[at] ?? value : String(value);
}

export function Answers({ view }) {
    const answers = Object.entries(view.form ?? {});
    const { data } = useLoad(async () => answers.length && (await procedure(view.procedure.code)).form, [view.code]);
    if (!answers.length) return null;
    const fields = data?.properties ?? {};
    const place = ([name]) => fields[name]?.position ?? 10000;
    return html`<section class="stack tight" data-answers><h3><${Two} vi="Tờ khai trực tuyến" en="Form filled in on line" /></h3>
        <dl class="facts">${answers.sort((a, b) => place(a) - place(b)).map(([name, value]) => html`
            <dt key=${name}><${Two} vi=${fields[name]?.title ?? name} en=${fields[name]?.title_en} /></dt>
            <dd>${said(fields[name], value)}</dd>`)}</dl></section>`;
}
