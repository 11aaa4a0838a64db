// Tracking: anybody with a number sees where the dossier is, and nothing personal.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { service, show, sleep, until, uuid7 } from './service.mjs';

let shared, clerk, officer, anybody;
before(async () => {
    shared = await service();
    [clerk, officer] = await Promise.all(['clerk', 'officer'].map((name) => shared.login(name)));
    anybody = shared.anybody();
});
const watchers = [];
after(() => {
    for (const one of watchers) one.close();
    return shared.stop();
});

async function watching(key, headers) {
    const one = await shared.watch(`/v1/track/${key}/events`, headers);
    watchers.push(one);
    return one;
}

async function registered() {
    const reply = await clerk.post('/v1/dossiers', {
        id: uuid7(), procedure: '1.004873', agency: '46-A1', service: 'both',
        applicant: { kind: 'citizen', name: 'Phạm Kín Tiếng', phone: '0987654321',
            address: { line: '77 Chi Lăng', commune: '19777' } },
        documents: [{ name: 'Tờ khai', originals: 1, copies: 0 }], weight_g: 60,
        result_to: { kind: 'address' },
    });
    assert.equal(reply.status, 201, show(reply));
    return { code: reply.body.code, number: reply.body.shipments[0].number, id: reply.body.id };
}

// The tag of an answer that a second look finds unchanged; the log may move in between.
function unchanged(code) {
    return until(`an unchanged /v1/track/${code}`, async () => {
        const tag = (await anybody.get(`/v1/track/${code}`)).headers.get('etag');
        const again = await anybody.get(`/v1/track/${code}`, { headers: { 'if-none-match': tag } });
        return again.status === 304 && again.headers.get('etag') === tag && tag;
    });
}

async function act(code, action, more = {}) {
    const reply = await officer.post(`/v1/dossiers/${code}/actions`, { action, ...more });
    assert.equal(reply.status, 200, show(reply));
    return reply.body;
}

const SECRET = /Kín Tiếng|0987|Chi Lăng|hôn nhân|1\.004873|19777|Tờ khai/;

test('by code or number, however it is typed, the same answer; nothing personal in any form', async () => {
    const { code, number, id } = await registered();
    const first = await anybody.get(`/v1/track/${code}`);
    assert.equal(first.status, 200, show(first));
    assert.equal(first.headers.get('cache-control'), 'max-age=0, must-revalidate');
    assert.equal(first.body.stage.vi, 'Hồ sơ đã được đăng ký tại bưu cục.');
    assert.equal(first.body.stage.en, 'The dossier is registered at the post office.');
    assert.equal(first.body.place.province, 'Thành phố Huế');
    const spaced = `${number.slice(0, 2)} ${number.slice(2, 10)} ${number.slice(10, 11)} VN`;
    for (const key of [number, number.toLowerCase(), spaced, code.toLowerCase()])
        assert.deepEqual((await anybody.get(`/v1/track/${encodeURIComponent(key)}`)).body.code, code);
    await unchanged(code);
    for (const path of [`/v1/track/${code}`, `/t/${number}`, `/t/${number}.txt`, `/T/${number}`]) {
        const reply = await anybody.get(path);
        assert.equal(reply.status, 200, path);
        assert.doesNotMatch(JSON.stringify(reply.body), SECRET, path);
        assert.ok(!JSON.stringify(reply.body).includes(id), path);
    }
});

test('the page is complete without scripts, the text fits a message', async () => {
    const { code, number } = await registered();
    const tag = await unchanged(code);
    await act(code, 'accept');
    const news = await anybody.get(`/v1/track/${code}`, { headers: { 'if-none-match': tag } });
    assert.deepEqual([news.status, news.body.stage?.code], [200, 'accepted']);
    const page = await anybody.get(`/T/${number}`);
    assert.match(page.headers.get('content-type'), /^text\/html/);
    assert.match(page.headers.get('content-security-policy'), /default-src 'self'/);
    assert.match(page.body, /Hồ sơ đã được tiếp nhận\./);
    assert.match(page.body, /The dossier has been accepted\./);
    assert.match(page.body, /aria-current="step"/);
    assert.match(page.body, /\d{2}\/\d{2}\/\d{4} \d{2}:\d{2}/);
    assert.ok(page.body.includes(code));
    assert.doesNotMatch(page.body, /<script>|style=|onclick=|\{\{/);
    for (const [, path] of page.body.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g))
        assert.equal((await anybody.get(path)).status, 200, path);
    const text = await anybody.get(`/t/${number.toLowerCase()}.txt`);
    assert.match(text.headers.get('content-type'), /^text\/plain/);
    assert.match(text.body, /Hẹn trả: \d{2}\/\d{2}\/\d{4} 17:00\./);
    assert.ok(text.body.length < 600);
});

test('unknown, mistyped and absurd numbers answer alike, on a page that helps', async () => {
    const { number } = await registered();
    const wrong = number.slice(0, 10) + ((Number(number[10]) + 1) % 10) + 'VN';
    const bodies = [];
    for (const key of [wrong, 'RR999999999VN', 'EE471108151FR', '000.00.16.H57-990101-0001',
        `${number}%C3%A9`, 'x', '%27%3B--', '%F0%9F%92%8C', '0'.repeat(900)]) {
        const reply = await anybody.get(`/v1/track/${key}`);
        assert.equal(reply.status, 404, `${key}: ${show(reply)}`);
        delete reply.body.instance;
        bodies.push(JSON.stringify(reply.body));
    }
    assert.equal(new Set(bodies).size, 1);
    const page = await anybody.get('/t/%3Cscript%3Ealert(1)');
    assert.equal(page.status, 404);
    assert.ok(!page.body.includes('<script>alert'));
    assert.match(page.body, /<form action="\/t"/);
    assert.equal((await anybody.get('/t/RR999999999VN.txt')).status, 404);
    const typed = await anybody.get('/t?number=rr%2012345678%205%20vn');
    assert.equal(typed.status, 303);
    assert.equal(typed.headers.get('location'), '/t/rr123456785vn');
    const odd = await anybody.get('/t?number=' + encodeURIComponent('x; a=b/é'));
    assert.deepEqual([odd.status, odd.headers.get('location')], [303, '/t/x%3Ba%3Db%2F%C3%A9']);
    const evil = await anybody.get('/t?number=' + encodeURIComponent('x\r\nSet-Cookie: a=b'));
    assert.equal(evil.status, 422);
    assert.deepEqual(['set-cookie', 'location'].map((name) => evil.headers.get(name)), [null, null]);
    assert.equal((await anybody.get('/t')).status, 200);
});

test('a watcher is sent the answer at once and again after each change', async () => {
    const { code } = await registered();
    const other = await registered();
    const watch = await watching(code);
    const bystander = await watching(other.number);
    assert.equal(watch.status, 200);
    const told = (watcher, stage) => watcher.events.find((one) => one.event === 'track'
        && JSON.parse(one.data).stage.code === stage);
    await until('the first view', () => told(watch, 'registered') && told(bystander, 'registered'));
    await act(code, 'accept');
    await until('the acceptance', () => told(watch, 'accepted'));
    await act(code, 'start');
    const last = await until('the start', () => told(watch, 'processing'));
    assert.match(last.id, /^[0-9a-f]{16}$/);
    assert.equal(last.id, JSON.parse(last.data).tag);
    const ids = watch.events.map((one) => one.id);
    assert.equal(new Set(ids).size, ids.length, 'the same answer is not told twice');
    assert.ok(!watch.events.some((one) => SECRET.test(one.data)));
    assert.ok(!bystander.events.some((one) => JSON.parse(one.data).code === code));

    // Who comes back with what was seen last is told only of what is new.
    watch.close();
    const back = await watching(code, { 'last-event-id': last.id });
    await sleep(150);
    assert.deepEqual(back.events, []);
    await act(code, 'ask_supplement', { reason: 'Thiếu bản sao' });
    const event = await until('the supplement', () => told(back, 'supplement'));
    assert.ok(!event.data.includes('Thiếu bản sao'), 'reasons are not public');
    const late = await watching(code, { 'last-event-id': last.id });
    await until('what was missed', () => told(late, 'supplement'));
    assert.equal((await watching('RR999999999VN')).status, 404);
});
