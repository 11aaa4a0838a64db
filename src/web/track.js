// What scripts add to the tracking page, which is complete without them: it follows the dossier as it
// moves, tells of a mistyped number before it asks, and shares, copies and prints.
import { meant, slip } from './common/codes.js';

const main = () => document.querySelector('main');
const { track, tag } = main().querySelector('[data-track]')?.dataset ?? {};

// --- following ------------------------------------------------------------------------------------

// What only works with a script is hidden until one runs.
function reveal() {
    const able = { print: true, copy: !!navigator.clipboard, share: !!navigator.share };
    for (const name in able)
        for (const one of document.querySelectorAll(`[data-${name}]`)) one.hidden = !able[name];
}

// Asks for the same page again. The first part stays in place and is filled anew, because a screen
// reader tells what changes inside it.
async function refresh() {
    const reply = await fetch(location.pathname, { headers: { accept: 'text/html' } });
    if (!reply.ok) return;
    const fresh = new DOMParser().parseFromString(await reply.text(), 'text/html').querySelector('main');
    const [old, now] = [main(), fresh].map((root) => root.querySelector('.now'));
    const moved = old.querySelector('.say')?.textContent !== now.querySelector('.say')?.textContent;
    old.className = now.className + (moved ? ' changed' : '');
    old.replaceChildren(...now.childNodes);
    while (old.nextSibling) old.nextSibling.remove();
    now.remove();
    main().append(...fresh.childNodes);
    reveal();
}

if (track && 'EventSource' in window) {
    let seen = tag;
    const stream = new EventSource(`/v1/track/${encodeURIComponent(track)}/events?seen=${tag}`);
    stream.addEventListener('track', (event) => {
        if (event.lastEventId === seen) return;
        seen = event.lastEventId;
        refresh().catch(() => {});
    });
}

// --- sharing --------------------------------------------------------------------------------------

const link = () => document.querySelector('[data-link]').href;

const actions = {
    print: () => print(),
    share: () => navigator.share({ title: document.title, url: link() }).catch(() => {}),
    async copy(button) {
        await navigator.clipboard.writeText(link());
        button.textContent = 'Đã sao chép';
    },
};

document.addEventListener('click', ({ target }) => {
    const button = target.closest?.('button');
    const action = Object.keys(actions).find((name) => button && name in button.dataset);
    if (action) Promise.resolve(actions[action](button)).catch(() => {});
});

// --- asking ---------------------------------------------------------------------------------------

const field = document.querySelector('#number');
const said = document.querySelector('#slip');

function say(text) {
    said.textContent = text;
    said.hidden = !text;
    if (text) field.setAttribute('aria-invalid', 'true');
    else field.removeAttribute('aria-invalid');
}

field.form.addEventListener('submit', (event) => {
    const number = meant(field.value);
    const wrong = slip(number);
    say(wrong);
    if (!wrong) {
        field.value = number;
        return;
    }
    event.preventDefault();
    field.focus();
});
field.addEventListener('input', () => say(''));
reveal();
