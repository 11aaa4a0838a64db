// Hand-overs: two sides, item by item, signed once, by the right side.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { s10_digit } from '../../src/web/common/codes.js';
import { query } from '../fault/journal.mjs';
import { service, show, uuid7 } from './service.mjs';
import { AGENCY, HUB, intake, intake_body, OFFICE, ok, people, recorded } from './walk.mjs';

// What a telephone reads off an SVG picture of a QR code: its path drawn on a page of dots.
function qr(svg) {
    const side = Number(/viewBox="0 0 (\d+)/.exec(svg)[1]), scale = 4, width = side * scale;
    const dots = Buffer.alloc(width * width, 255);
    let x = 0, y = 0;
    for (const [, step, across, down, run] of svg.matchAll(/([Mm])(\d+) (\d+)(?:\.5)?h(\d+)(?!v)/g)) {
        [x, y] = step === 'M' ? [Number(across), Number(down)] : [x + Number(across), y];
        for (let row = y * scale; row < (y + 1) * scale; row++)
            dots.fill(0, row * width + x * scale, row * width + (x + Number(run)) * scale);
        x += Number(run);
    }
    const input = Buffer.concat([Buffer.from(`P5 ${width} ${width} 255\n`), dots]);
    const path = join(mkdtempSync(join(tmpdir(), 'dossierpost-qr-')), 'qr.pgm');
    writeFileSync(path, input);
    const { stdout } = spawnSync('zbarimg', ['-q', '--raw', '--nodbus', path], { encoding: 'utf8' });
    rmSync(dirname(path), { recursive: true });
    return stdout.split('\n').filter(Boolean);
}

describe('hand-overs', () => {
    let house, all;
    before(async () => {
        house = await service();
        all = { ...await people(house), courier2: await house.login('courier2'),
                officer2: await house.login('officer2'), supervisor: await house.login('supervisor'),
                clerk2: await house.login('clerk2') };
    });
    after(() => house.stop());

    const carried = async (count) => Promise.all(Array.from({ length: count }, async () => {
        const { code, number } = await intake(all.clerk);
        await recorded(all.clerk, 'accept', number);
        await recorded(all.courier, 'take_over', number);
        return { code, number };
    }));
    const make = (who, to, items, more = {}) =>
        all[who].post('/v1/custody/handovers', { id: uuid7(), to, items, ...more });
    // A number of no office's block.
    const unknown_number = () => {
        const serial = String(Math.floor(Math.random() * 1e6)).padStart(8, '9');
        return `RR${serial}${s10_digit(serial)}VN`;
    };
    const sign = (who, id, body = { accept_all: true }) =>
        all[who].post(`/v1/custody/handovers/${id}/sign`, body);
    const problem = (reply, status, type) => {
        assert.equal(reply.status, status, show(reply));
        assert.match(reply.body.type, new RegExp(`/${type}$`));
        return reply.body;
    };
    const dossier = async (code) => ok(await all.clerk.get(`/v1/dossiers/${encodeURIComponent(code)}`));

    it('is made once, waits for the taker, and files every dossier at one stroke', async () => {
        const papers = await carried(3);
        const body = { id: uuid7(), to: AGENCY, items: papers.map((p) => p.number) };
        const list = ok(await all.courier.post('/v1/custody/handovers', body), 201);
        assert.deepEqual([list.state, list.items.length, list.to.id], ['open', 3, AGENCY]);
        assert.equal(ok(await all.courier.post('/v1/custody/handovers', body), 201).id, list.id);
        problem(await all.courier.post('/v1/custody/handovers',
            { ...body, items: body.items.slice(1) }), 422, 'id-reused');
        const waiting = ok(await all.officer.get('/v1/custody/handovers')).to_sign;
        assert.ok(waiting.some((one) => one.id === list.id));
        problem(await sign('courier', list.id), 403, 'forbidden');
        problem(await sign('officer2', list.id), 403, 'forbidden');
        problem(await sign('officer', list.id, {}), 422, 'invalid-fields');
        const signed = ok(await sign('officer', list.id));
        assert.equal(signed.state, 'signed');
        assert.ok(signed.items.every((item) => item.finding === 'present' && item.state === 'delivered'));
        const views = await Promise.all(papers.map((p) => dossier(p.code)));
        assert.equal(new Set(views.map((v) => v.filed_at)).size, 1);
        assert.ok(views.every((v) => v.filed_at && v.status.code === 1));
        problem(await sign('officer', list.id), 409, 'handover-closed');
        assert.ok(!ok(await all.officer.get('/v1/custody/handovers')).to_sign.some((one) => one.id === list.id));
    });

    it('names the differences, and moves only what the taker has', async () => {
        const papers = await carried(5);
        const [present, missing, damaged, refused, extra] = papers.map((p) => p.number);
        const list = ok(await make('courier', AGENCY, [present, missing, damaged, refused]), 201);
        const signed = ok(await sign('officer', list.id, { items: [
            { code: present, finding: 'present', originals: 1, copies: 1 },
            { code: damaged, finding: 'damaged', note: 'ướt góc' },
            { code: refused, finding: 'refused', note: 'không thuộc thẩm quyền' },
            { code: extra, finding: 'present' }] }));
        const finding = Object.fromEntries(signed.items.map((i) => [i.number, i.finding]));
        assert.deepEqual(finding, { [present]: 'present', [missing]: 'missing', [damaged]: 'damaged',
            [refused]: 'refused', [extra]: 'surplus' });
        const views = Object.fromEntries(await Promise.all(papers.map(async (p) =>
            [p.number, await dossier(p.code)])));
        const holder = (number) => views[number].shipments[0].holder;
        for (const number of [present, damaged, extra]) {
            assert.equal(holder(number).id, AGENCY);
            assert.ok(views[number].filed_at);
        }
        for (const number of [missing, refused]) {
            assert.equal(holder(number).kind, 'person');
            assert.ok(!views[number].filed_at);
        }
        const open = ok(await all.clerk.get('/v1/custody/exceptions?limit=500')).items;
        const code = (number) => open.filter((x) => x.subject === number).map((x) => x.code);
        assert.deepEqual([code(missing), code(refused), code(extra), code(present)],
            [['handover_missing'], ['handover_refused'], ['handover_surplus'], []]);
        assert.ok(code(damaged).includes('handover_damaged'));
    });

    it('keeps what was found under a number that is not known yet, for a person', async () => {
        const [{ number }] = await carried(1);
        const list = ok(await make('courier', AGENCY, [number]), 201);
        const unknown = unknown_number();
        const signed = ok(await sign('officer', list.id, { items: [{ code: number, finding: 'missing' },
            { code: number, finding: 'present' }, { code: unknown, finding: 'present', note: 'không có nhãn' }] }));
        assert.deepEqual(signed.items.map((one) => [one.number, one.finding]),
            [[number, 'present'], [unknown, 'surplus']], 'what was found last counts');
        const open = ok(await all.clerk.get('/v1/custody/exceptions?limit=500')).items
            .filter((one) => one.subject === unknown);
        const surplus = open.find((one) => one.code === 'handover_surplus');
        assert.deepEqual([surplus.kind, surplus.unit, surplus.actor],
            ['finding', OFFICE, ok(await all.officer.get('/v1/auth/me')).name]);
        assert.ok(!open.some((one) => one.subject === number));
    });

    it('between two couriers moves custody without an exception', async () => {
        const [{ number }] = await carried(1);
        const list = ok(await make('courier', 'courier2', [number]), 201);
        const signed = ok(await sign('courier2', list.id));
        assert.equal(signed.items[0].finding, 'present');
        const held = ok(await all.courier2.get('/v1/custody/held')).items;
        assert.ok(held.some((item) => item.number === number && item.by === 'person'));
        problem(await make('courier', AGENCY, [number]), 409, 'conflict');
    });

    it('is superseded by a newer list with one of its items', async () => {
        const [a, b] = (await carried(2)).map((p) => p.number);
        const old = ok(await make('courier', AGENCY, [a, b]), 201);
        const fresh = ok(await make('courier', AGENCY, [b]), 201);
        const said = problem(await sign('officer', old.id), 409, 'handover-closed');
        assert.equal(said.superseded_by, fresh.id);
        assert.equal(ok(await all.courier.get(`/v1/custody/handovers/${old.id}`)).state, 'superseded');
        assert.equal(ok(await sign('officer', fresh.id)).items.length, 1);
    });

    it('refuses strangers, unknown takers, unknown and unreadable items', async () => {
        const [{ number }] = await carried(1);
        problem(await make('courier', 'nowhere', [number]), 422, 'unknown-unit');
        problem(await make('courier2', AGENCY, [number]), 409, 'conflict');
        problem(await make('courier', AGENCY, ['EE471108151FR']), 422, 'unknown-shipment');
        const bad = problem(await make('courier', AGENCY, [number, 'RR1']), 422, 'invalid-fields');
        assert.deepEqual(bad.errors.map((e) => [e.pointer, e.code]), [['/items/1', 'bad-code']]);
        const list = ok(await make('courier', AGENCY, [number]), 201);
        problem(await all.courier2.get(`/v1/custody/handovers/${list.id}`), 404, 'not-found');
        ok(await all.supervisor.get(`/v1/custody/handovers/${list.id}`));
        problem(await all.courier.get(`/v1/custody/handovers/${uuid7()}`), 404, 'not-found');
        problem(await all.courier.get('/v1/custody/handovers/what'), 404, 'not-found');
        problem(await sign('officer', list.id, { items: [{ code: number, finding: 'eaten' }] }), 422,
            'invalid-fields');
    });

    it('is signed once, also when both hands press at the same time', async () => {
        const [{ number, code }] = await carried(1);
        const list = ok(await make('courier', AGENCY, [number]), 201);
        const replies = await Promise.all(Array.from({ length: 6 }, () => sign('officer', list.id)));
        assert.deepEqual(replies.map((r) => r.status).sort(), [200, 409, 409, 409, 409, 409]);
        const story = ok(await all.clerk.get(`/v1/dossiers/${encodeURIComponent(code)}/events`));
        assert.equal(JSON.stringify(story).split('"kind":"deliver"').length, 2);
    });

    it('gives a signature whose reply was lost its reply again', async () => {
        const [{ number, code }] = await carried(1);
        const list = ok(await make('courier', AGENCY, [number]), 201);
        const body = { items: [{ code: number, finding: 'present', note: 'đủ' }] };
        const signing = (key, more = body, who = 'officer') => all[who].post(
            `/v1/custody/handovers/${list.id}/sign`, more, { headers: { 'idempotency-key': key } });
        problem(await signing('hai từ'.normalize('NFD').replace(/[^ -~]/g, '')), 400, 'bad-request');
        const replies = await Promise.all(Array.from({ length: 6 }, () => signing(`sign-${list.id}`)));
        const first = replies.find((reply) => reply.status === 200);
        for (const reply of replies.filter((one) => one.status !== 200))
            problem(reply, 409, 'in-progress');
        const again = await signing(`sign-${list.id}`);
        assert.deepEqual([again.status, again.body], [200, first.body]);
        assert.equal(first.body.state, 'signed');
        problem(await signing(`sign-${list.id}`, { accept_all: true }), 422, 'id-reused');
        problem(await signing('another'), 409, 'handover-closed');
        problem(await signing(`sign-${list.id}`, body, 'officer2'), 403, 'forbidden');
        const story = ok(await all.clerk.get(`/v1/dossiers/${encodeURIComponent(code)}/events`));
        assert.equal(JSON.stringify(story).split('"kind":"deliver"').length, 2);
    });

    const take_all = (who, code, options) => all[who].post('/v1/custody/handovers/accept', { code }, options);
    const held = async (who) => ok(await all[who].get('/v1/custody/held')).items
        .filter((one) => one.by === 'person').map((one) => one.number);

    it('is taken whole by one code that the giver shows', async () => {
        const papers = await carried(3);
        const numbers = papers.map((p) => p.number);
        const list = ok(await make('courier', 'courier2', numbers), 201);
        const picture = await all.courier.get(`/v1/custody/handovers/${list.id}.svg`);
        assert.equal(picture.status, 200);
        assert.equal(picture.headers.get('content-type'), 'image/svg+xml');
        const [code] = qr(picture.body);
        assert.match(code, /\/G\/[0-9A-F-]{36}$/);
        // A telephone's own camera opens the list where its person signs; who is not logged in comes back.
        const desks = { officer: '/agency#sign', courier: '/courier#lists', hub: '/hub#lists', clerk: '/counter#lists' };
        const opened = async (client, path) => {
            const reply = await client.get(path);
            assert.equal(reply.status, 303, path);
            return reply.headers.get('location');
        };
        for (const path of [new URL(code).pathname, `/g/${list.id}`, `/g/${list.id.toUpperCase()}`]) {
            for (const [who, desk] of Object.entries(desks)) assert.equal(await opened(all[who], path), `${desk}/${list.id}`);
            assert.equal(await opened(all.supervisor, path), '/');
            assert.equal(await opened(house.anybody(), path), `/login?next=/g/${list.id}`);
        }
        for (const wrong of ['x', `${list.id}0`, list.id.slice(1)])
            assert.equal((await all.courier2.get(`/g/${wrong}`)).status, 404, wrong);
        problem(await take_all('officer', code), 403, 'forbidden');
        problem(await take_all('courier', code), 403, 'forbidden');
        for (const wrong of ['RR123456785VN', list.id.slice(1), `x${list.id}`, code.replace('/G/', '/T/'), '/G/'])
            problem(await take_all('courier2', wrong), 422, 'bad-code');
        problem(await take_all('courier2', uuid7()), 404, 'not-found');
        const options = { headers: { 'idempotency-key': `take-${list.id}` } };
        const signed = ok(await take_all('courier2', code, options));
        assert.deepEqual([signed.state, signed.items.map((one) => one.finding)], ['signed', Array(3).fill('present')]);
        assert.deepEqual(ok(await take_all('courier2', code, options)), signed, 'a lost reply comes again');
        problem(await take_all('courier2', code), 409, 'handover-closed');
        problem(await all.courier.get(`/v1/custody/handovers/${list.id}.svg`), 409, 'handover-closed');
        const older = ok(await make('courier2', 'courier', numbers), 201);
        const newer = ok(await make('courier2', 'courier', numbers), 201);
        problem(await all.courier2.get(`/v1/custody/handovers/${older.id}.svg`), 409, 'handover-closed');
        ok(await all.courier2.get(`/v1/custody/handovers/${newer.id}.svg`));
        const mine = await held('courier2');
        assert.ok(numbers.every((number) => mine.includes(number)));
        const open = ok(await all.clerk.get('/v1/custody/exceptions?limit=500')).items;
        assert.ok(!open.some((x) => numbers.includes(x.subject)), 'without an exception');
    });

    it('an agency takes all by the bare id too, and that is the filing', async () => {
        const papers = await carried(2);
        const list = ok(await make('courier', AGENCY, papers.map((p) => p.number)), 201);
        problem(await take_all('officer2', list.id), 403, 'forbidden');
        assert.equal(ok(await take_all('officer', list.id)).state, 'signed');
        for (const { code } of papers) assert.ok((await dossier(code)).filed_at);
        const old = ok(await make('courier', AGENCY, (await carried(1)).map((p) => p.number)), 201);
        const fresh = ok(await make('courier', AGENCY, old.items.map((one) => one.number)), 201);
        assert.equal(problem(await take_all('officer', old.id), 409, 'handover-closed').superseded_by, fresh.id);
    });

    it('between two couriers names the differences, and each keeps what it has', async () => {
        const [a, b, c] = (await carried(3)).map((p) => p.number);
        const list = ok(await make('courier', 'courier2', [a, b]), 201);
        problem(await sign('clerk2', list.id), 403, 'forbidden');
        const signed = ok(await sign('courier2', list.id, { items: [{ code: a, finding: 'damaged', note: 'rách mép' },
            { code: c, finding: 'present' }] }));
        assert.deepEqual(Object.fromEntries(signed.items.map((i) => [i.number, i.finding])),
            { [a]: 'damaged', [b]: 'missing', [c]: 'surplus' });
        const mine = await held('courier2');
        assert.deepEqual([a, b, c].map((number) => mine.includes(number)), [true, false, true]);
        assert.ok((await held('courier')).includes(b), 'who gave it and cannot show it still answers for it');
        problem(await sign('courier2', list.id), 409, 'handover-closed');
    });

    // The trip is made in the database: whoever carries it signs.
    async function trip(who) {
        const code = `XE-${uuid7().slice(-12)}`.toUpperCase();
        const account = ok(await all[who].get('/v1/auth/me')).id;
        query(house, `insert into container.trip (code, from_unit, to_unit, carrier)
            select '${code}', h.id, o.id, (select id from account.account where id::text = '${account}' or login = '${who}')
            from postal.unit h, postal.unit o where h.code = '${HUB}' and o.code = '${OFFICE}'`);
        return code;
    }

    async function at_hub(count) {
        const numbers = (await carried(count)).map((p) => p.number);
        for (const number of numbers) await recorded(all.hub, 'arrive', number);
        return numbers;
    }

    it('from the hub to a trip is signed by its carrier, and from the trip given on by them', async () => {
        const [a, b] = await at_hub(2), code = await trip('courier');
        problem(await make('hub', 'XE-NOBODY', [a]), 422, 'unknown-unit');
        const list = ok(await make('hub', code, [a, b]), 201);
        assert.deepEqual([list.to.kind, list.to.trip, list.to.name],
            ['person', code, ok(await all.courier.get('/v1/auth/me')).name]);
        problem(await sign('courier2', list.id), 403, 'forbidden');
        problem(await sign('hub', list.id), 403, 'forbidden');
        ok(await take_all('courier', list.id));
        assert.ok((await held('courier')).includes(a));
        // What departs on the trip is the trip's; its carrier alone gives it on.
        await recorded(all.courier, 'depart', a, { target: code });
        const standing = ok(await all.hub.get(`/v1/custody/items/${a}`)).holder;
        assert.deepEqual([standing.kind, standing.id], ['trip', code]);
        problem(await make('courier2', OFFICE, [a]), 409, 'conflict');
        problem(await make('hub', OFFICE, [a]), 409, 'conflict');
        const on = ok(await make('courier', OFFICE, [a, b]), 201);
        problem(await sign('hub', on.id), 403, 'forbidden');
        const signed = ok(await sign('clerk', on.id, { items: [{ code: a, finding: 'present' },
            { code: b, finding: 'refused', note: 'sai bưu cục' }] }));
        assert.deepEqual(Object.fromEntries(signed.items.map((i) => [i.number, i.finding])),
            { [a]: 'present', [b]: 'refused' });
        assert.equal(ok(await all.clerk.get(`/v1/custody/items/${a}`)).holder.id, OFFICE);
        assert.ok((await held('courier')).includes(b));
        assert.deepEqual(query(house, 'select * from custody.rebuild()'), []);
    });

    it('to a trip without a carrier, or one that is over, is to nobody', async () => {
        const [number] = await at_hub(1), code = await trip('courier');
        query(house, `update container.trip set carrier = null where code = '${code}'`);
        problem(await make('hub', code, [number]), 422, 'unknown-unit');
        const over = await trip('courier');
        query(house, `update container.trip set ended_at = now() where code = '${over}'`);
        problem(await make('hub', over, [number]), 422, 'unknown-unit');
    });

    it('takes a bag as one item', async () => {
        const [{ number }] = await carried(1);
        await recorded(all.clerk, 'arrive', number);
        const made = ok(await all.clerk.post('/v1/containers',
            { id: uuid7(), kind: 'receptacle', origin: OFFICE, destination: '46-H1' }), 201);
        await recorded(all.clerk, 'bag', number, { container: made.id });
        ok(await all.clerk.post(`/v1/containers/${made.id}/close`, { seal: 'S' }));
        const list = ok(await make('clerk', 'courier', [made.id]), 201);
        ok(await sign('courier', list.id));
        const { containers } = ok(await all.courier.get('/v1/custody/held'));
        assert.equal(containers.find((c) => c.id === made.id).items, 1);
    });

    it('says what is wrong in a sentence of the reader\'s language', async () => {
        const [{ number }] = await carried(1);
        const container = (destination) => ({ id: uuid7(), kind: 'receptacle', origin: OFFICE, destination });
        const wrong = [
            ['courier', '/v1/custody/handovers', { id: uuid7(), to: 'nowhere', items: [number] }, /nowhere/],
            ['courier', '/v1/custody/handovers', { id: uuid7(), to: AGENCY, items: ['EE471108151FR'] }, /EE471108151FR/],
            ['courier2', '/v1/custody/handovers', { id: uuid7(), to: AGENCY, items: [number] }, new RegExp(number)],
            ['clerk', '/v1/containers', container('99-X'), /99-X/],
            ['clerk', '/v1/dossiers', { ...intake_body(), service: 'send' }, /\S+ \S+/]];
        for (const [who, path, body, names] of wrong) {
            const said = {};
            for (const lang of ['vi', 'en']) {
                const { status, body: told } = await all[who].post(path, body,
                    { headers: { 'accept-language': lang } });
                assert.ok(status === 422 || status === 409, JSON.stringify(told));
                said[lang] = told.errors?.[0].detail ?? told.detail;
                assert.match(said[lang], names);
                assert.match(said[lang], /^\p{Lu}.* .*\.$/u, 'a sentence');
            }
            assert.notEqual(said.vi, said.en);
            assert.doesNotMatch(said.vi, /\b(is|send|receive|both|place)\b/);
        }
    });
});
