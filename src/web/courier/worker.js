// Keeps the courier's page on the phone: what was fetched last is shown when there is no network.
// Only the page and its modules; what the API says is never kept here.
const KEPT = 'courier';
const ours = (url) => url.origin === location.origin &&
    (url.pathname === '/courier' || url.pathname.startsWith('/assets/'));

async function fetched(request) {
    const cache = await caches.open(KEPT);
    try {
        const reply = await fetch(request);
        if (reply.ok) await cache.put(request, reply.clone());
        return reply;
    } catch (lost) {
        const kept = await cache.match(request);
        if (kept) return kept;
        throw lost;
    }
}

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
    if (event.request.method === 'GET' && ours(new URL(event.request.url)))
        event.respondWith(fetched(event.request));
});
// The page names what it had loaded before this worker was there.
self.addEventListener('message', (event) => event.waitUntil((async () => {
    const named = new Set(event.data.keep.filter((url) => ours(new URL(url))));
    await (await caches.open(KEPT)).addAll([...named]); // takes no address twice
    event.source.postMessage('kept');
})()));
