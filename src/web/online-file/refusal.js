// A refusal of a form that draws only some of its fields: what nothing drew is told apart from the rest.
import { Problem } from '../common/api.js';
import { html, Trouble, useLayoutEffect, useState } from '../common/ui.js';

// Remembers the pointers whose complaint was asked for, that is, drawn.
export class Refusal extends Problem {
    drawn = new Set();

    static of = (problem) => new Refusal(problem.status, problem.document, problem.retry_after);

    at(pointer) {
        return this.first((one) => one.pointer === pointer);
    }

    // The first complaint that answers to `test`, as text.
    first(test) {
        const found = this.errors.find(test);
        if (found) this.drawn.add(found.pointer);
        return found?.detail;
    }
}

// `trouble` in words, with those complaints that `refusal` did not draw. It is drawn once more after the fields were.
export function Beyond({ trouble, refusal }) {
    const [, count] = useState(0);
    useLayoutEffect(() => count(refusal?.drawn.size ?? 0));
    return html`<${Trouble} problem=${trouble} fields=${[...refusal?.drawn ?? []]} />`;
}

// To the first field with a complaint, or the first choice that has one.
export function go_to_first() {
    const first = document.querySelector('[aria-invalid=true], p.error');
    const field = first?.matches('p') ? first.parentElement.querySelector('input, select, textarea') : first;
    (first ?? document.querySelector('.note.bad'))?.scrollIntoView({ block: 'center' });
    field?.focus({ preventScroll: true });
}
