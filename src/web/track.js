// Live updates of the tracking page. The page is complete without this: when the service tells of a
// change, the same page is asked for again and its main part is put in place of the old one.
const main = () => document.querySelector('main');
const { track, position } = main().querySelector('[data-track]')?.dataset ?? {};

// What only works with a script is hidden until one runs.
const reveal = () => document.querySelectorAll('[data-print]').forEach((one) => (one.hidden = false));

async function refresh() {
    const reply = await fetch(location.pathname, { headers: { accept: 'text/html' } });
    if (!reply.ok) return;
    const fresh = new DOMParser().parseFromString(await reply.text(), 'text/html').querySelector('main');
    const said = (root) => root.querySelector('.say')?.textContent;
    const moved = said(fresh) !== said(main());
    main().replaceWith(document.adoptNode(fresh));
    reveal();
    if (moved) main().querySelector('.now')?.classList.add('changed');
}

if (track && 'EventSource' in window) {
    let seen = position;
    const stream = new EventSource(`/v1/track/${encodeURIComponent(track)}/events`);
    stream.addEventListener('track', (event) => {
        if (event.lastEventId === seen) return;
        seen = event.lastEventId;
        refresh().catch(() => {});
    });
}
reveal();
document.addEventListener('click', (event) => {
    if (event.target.closest?.('[data-print]')) print();
});
