// The API as the pages see it: JSON in and out, a refusal is a Problem with the document's fields,
// a lost connection is an Unknown: the same body may be sent again.

export class Problem extends Error {
    constructor(status, document, retry_after) {
        super(document.detail || document.title || `HTTP ${status}`);
        Object.assign(this, { status, document, retry_after });
        this.slug = (document.type || '').split('/').pop();
        this.errors = document.errors || [];
    }

    // The first complaint about a field, by its JSON pointer.
    at(pointer) {
        return this.errors.find((e) => e.pointer === pointer)?.detail;
    }

    // Complaints that none of these fields shows.
    beyond(pointers) {
        return this.errors.filter((e) => !pointers.includes(e.pointer));
    }
}

export class Unknown extends Error {
    constructor() {
        super('Mất kết nối, chưa rõ máy chủ đã ghi nhận hay chưa. Xin gửi lại: hệ thống không ghi nhận hai lần.');
    }
}

// Whether the service said that it did not do it. Anything else may have been done.
export const answered = (trouble) =>
    trouble instanceof Problem && trouble.status < 500 && trouble.slug !== 'in-progress';

// {document, etag} of any call, for pages that need the tag or headers of their own. keepalive: it goes on
// when the page is closed (bodies up to 64 KiB).
export async function call(method, path, body, headers = {}, { keepalive = false } = {}) {
    const init = { method, keepalive, headers: { 'x-dossierpost': '1', 'accept-language': 'vi', ...headers } };
    if (body instanceof Blob) {
        init.headers['content-type'] = 'application/octet-stream';
        init.body = body;
    } else if (body !== undefined) {
        init.headers['content-type'] = 'application/json';
        init.body = JSON.stringify(body);
    }
    let reply, text;
    try {
        reply = await fetch(path, init);
        text = await reply.text();
    } catch {
        throw new Unknown();
    }
    const document = /json/.test(reply.headers.get('content-type') || '') ? JSON.parse(text) : null;
    if (reply.ok) return { document, etag: reply.headers.get('etag') };
    if (reply.status === 401 && path !== '/v1/auth/login') dispatchEvent(new Event('logged-out'));
    if (reply.status === 502 || reply.status === 504) throw new Unknown();
    throw new Problem(reply.status, document || {}, Number(reply.headers.get('retry-after')) || 0);
}

export const get = async (path) => (await call('GET', path)).document;
export const get_tagged = (path, headers) => call('GET', path, undefined, headers);
export const post = async (path, body, headers) => (await call('POST', path, body, headers)).document;

export const put = async (path, body) => (await call('PUT', path, body)).document;

export const post_bytes = async (path, blob) => (await call('POST', path, blob)).document;

// A query string of what is set.
export function query(path, parameters) {
    const set = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '');
    return set.length ? `${path}?${new URLSearchParams(set)}` : path;
}

// RFC 9562 version 7: client-made, sorted by time.
export function uuid7() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    let at = Date.now();
    for (let i = 5; i >= 0; i--, at = Math.floor(at / 256)) bytes[i] = at & 255;
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
