// The second factor of tracking: what it opens, to whom, how often it may be tried by two services on
// one database, and that nothing tells why it opens nothing.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { query } from '../fault/journal.mjs';
import { raw } from './probe.mjs';
import { Service, discard, own_service, show, until } from './service.mjs';
import { act, delivered, hand_over, intake, intake_body, ok, people, recorded, to_agency, to_delivery_office } from './walk.mjs';

const PROXY = { DOSSIERPOST_SERVER_TRUST_PROXY: 'true' };
let first, second, all, hosts = 0;

before(async () => {
    first = await own_service({ env: PROXY });
    all = await people(first);
    const url = (user) => `host=${first.state}/run user=${user} dbname=dossierpost`;
    second = new Service({ env: { ...PROXY, DOSSIERPOST_DATABASE_URL: url('dossierpost_service'),
        DOSSIERPOST_DATABASE_OWNER_URL: url('dossierpost_owner') } });
    rmSync(join(second.state, 'keys'), { recursive: true, force: true });
    execFileSync('cp', ['-a', join(first.state, 'keys'), second.state]);
    await second.start();
});
after(async () => {
    if (second?.child) await discard(second);
    await discard(first);
});

// An address that nobody had before.
const stranger = () => `10.1.${hosts >> 8}.${hosts++ & 255}`;
const unlock = (number, body, { house = first, from = stranger(), ...more } = {}) =>
    house.anybody().post(`/v1/track/${encodeURIComponent(number)}/unlock`, body,
        { ...more, headers: { 'x-forwarded-for': from, ...more.headers } });
const form = (number, text, { from = stranger(), headers = {} } = {}) =>
    first.anybody().send('POST', `/t/${encodeURIComponent(number)}/unlock`,
        { raw: text, headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': from, ...headers } });
const slug = ({ status, body }) => `${status} ${body.type?.replace('/problems/', '')}`;
const other_than = (code) => (code.startsWith('C') ? 'F' : 'C') + code.slice(1);
const count = (table, where) => Number(query(first, `select count(*) from ${table} where ${where}`)[0]);
const id_of = (code) => query(first, `select id from dossier.dossier where code = '${code}'`)[0];

// --- what is opened ------------------------------------------------------------------------------

const SECRET = /Thị Thử|0905000123|12 Lê Lợi|19789|hôn nhân|1\.004873|cư trú|046190/;

test('four digits open the masked people and the delivery, and nothing that is whole', async () => {
    const { code, number } = await intake(all.clerk);
    const { body } = { body: ok(await unlock(number, { phone: '0123' })) };
    assert.equal(body.code, code);
    assert.equal(body.by, 'phone');
    assert.deepEqual(body.applicant, { name: 'Nguyễn T*** T***', phone: '*** *** 123' });
    assert.equal(body.result.vi, 'Phát tại địa chỉ');
    assert.match(body.result.place, /^phường .+, thành phố Huế$/i);
    assert.deepEqual(body.download, { allowed: false });
    assert.ok(!('reads' in body), 'who read it is for the code alone');
    assert.doesNotMatch(JSON.stringify(body), SECRET);
    const by_code = await unlock(code.toLowerCase(), { phone: '0123' });
    assert.equal(by_code.status, 200, show(by_code));
    assert.equal(by_code.headers.get('cache-control'), 'no-store');
});

test('who receives the result instead is masked too', async () => {
    const { number } = await intake(all.clerk, { result_to: { kind: 'post_office', unit: '46-B2', name: 'Trần Văn Nhận Hộ',
        phone: '0914 777 654' } });
    const { result } = ok(await unlock(number, { phone: '0123' }));
    assert.deepEqual(result.recipient, { name: 'Trần V*** N*** H***', phone: '*** *** 654' });
    assert.equal(result.office.name, 'Bưu cục Thành Nội');
    assert.ok(result.office.address && result.office.hours.length);
    assert.ok(!('place' in result));
    assert.equal(slug(await unlock(number, { phone: '7654' })), '403 unlock-refused', 'only the applicant\'s own');
});

test('the code is printed once for all: in the reply, in its repeat; however it is typed', async () => {
    const body = intake_body();
    const made = ok(await all.clerk.post('/v1/dossiers', body), 201);
    assert.match(made.receipt_code, /^[0-9CFGHJKMNPRTVX]{4} [0-9CFGHJKMNPRTVX]{4}$/);
    assert.ok(!('receipt_issue' in made));
    const again = ok(await all.clerk.post('/v1/dossiers', body), 201);
    assert.equal(again.receipt_code, made.receipt_code);
    assert.ok(!JSON.stringify(ok(await all.clerk.get(`/v1/dossiers/${made.code}`))).includes('receipt'));
    const plain = made.receipt_code.replace(' ', '');
    const alike = plain.replace('0', 'O').replaceAll('0', 'd').replaceAll('1', 'l').replaceAll('2', 'z').replaceAll('5', 's')
        .replaceAll('8', 'b').replaceAll('V', 'u');
    for (const typed of [made.receipt_code, plain, plain.toLowerCase(), ` ${plain.slice(0, 2)}-${plain.slice(2)} `, alike]) {
        const opened = ok(await unlock(made.code, { code: typed }));
        assert.equal(opened.by, 'code', typed);
    }
    assert.equal(slug(await unlock(made.code, { code: other_than(plain) })), '403 unlock-refused');
});

test('nothing in the database holds a code, but its hash', async () => {
    const { made } = await intake(all.clerk);
    const plain = made.receipt_code.replace(' ', '');
    const tables = query(first, `select format('%I.%I', schemaname, tablename) from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema')`);
    assert.deepEqual(query(first, tables.map((table) => `select '${table}' from ${table} t
        where t::text like '%${plain}%' or t::text like '%${made.receipt_code}%'`).join(' union all ')), []);
    assert.ok(tables.includes('base.idempotency') && tables.includes('dossier.receipt'));
    assert.equal(query(first, `select length(hash) from dossier.receipt where dossier = '${id_of(made.code)}'`)[0], '32');
});

test('with the code the applicant sees which units read the data, never whose login', async () => {
    const { made, code } = await intake(all.clerk);
    ok(await all.officer.get(`/v1/dossiers/${code}`));
    ok(await all.clerk.get(`/v1/dossiers/${code}/events`));
    ok(await unlock(code, { phone: '0123' }));
    const opened = ok(await unlock(code, { code: made.receipt_code }));
    assert.deepEqual(opened.reads.map((one) => [one.what, one.unit?.id]), [['unlock-code', undefined],
        ['unlock-phone', undefined], ['events', '46-B1'], ['get', '46-A1']]);
    assert.ok(opened.reads.every((one) => one.vi && one.en && Date.parse(one.at)));
    const { name, login } = ok(await all.officer.get('/v1/auth/me'));
    assert.ok(!JSON.stringify(opened).includes(name));
    assert.ok(!JSON.stringify(opened.reads).includes(`"${login}"`));
});

test('who opens it again and again pushes no reading out of the list', async () => {
    const { made, code } = await intake(all.clerk);
    ok(await all.officer.get(`/v1/dossiers/${code}`));
    for (let i = 0; i < 6; i++) ok(await unlock(code, { phone: '0123' }));
    assert.equal(count('dossier.access', `dossier = '${id_of(code)}' and what = 'unlock-phone'`), 1, 'once in ten minutes');
    query(first, `insert into dossier.access (dossier, at, account, what)
        select '${id_of(code)}', now() - n * interval '1 second', 0, 'unlock-phone' from generate_series(1, 300) n`);
    const { reads } = ok(await unlock(code, { code: made.receipt_code }));
    assert.equal(reads.filter((one) => one.what === 'get').length, 1);
    assert.equal(reads.length, 21);
    const times = reads.map((one) => Date.parse(one.at));
    assert.deepEqual(times, [...times].sort((a, b) => b - a));
});

test('invitations, failures and who took it: by relation, with where to fetch it', async () => {
    const { code, number } = await intake(all.clerk);
    await to_delivery_office(all, number);
    await to_agency(all, number);
    for (const action of ['accept', 'start']) await act(all.officer, code, action);
    const view = await act(all.officer, code, 'result_ready');
    const result = view.shipments.find((one) => one.leg === 'result').number;
    await hand_over(all.officer, all.courier, 'courier', [result]);
    await recorded(all.clerk, 'arrive', result);
    await recorded(all.courier, 'out_for_delivery', result);
    await recorded(all.courier, 'fail', result, { reason: 'absent', next_action: 'invite' });
    const leg = (opened) => opened.shipments.find((one) => one.number === result);
    const waiting = leg(ok(await unlock(code, { phone: '0123' })));
    assert.deepEqual(waiting.failures.map((one) => [one.reason, one.reason_vi, one.next_en]),
        [['absent', 'Người nhận đi vắng', 'Invite to collect']]);
    assert.equal(waiting.invitations.length, 1);
    assert.equal(waiting.fetch.office.name, 'Bưu cục Thuận Hoá');
    assert.ok(waiting.fetch.office.phone && waiting.fetch.identity);
    assert.ok(!('received' in waiting));

    await recorded(all.clerk, 'hold', result);
    await recorded(all.courier, 'out_for_delivery', result);
    await recorded(all.courier, 'deliver', result, { recipient: { name: 'Lê Thị Nhận Thay', relation: 'family',
        id_checked: true, id_kind: 'CCCD', id_last: '9876', phone: '0988111222' },
        proof: { kind: 'signature', signature: 'M10 10L20 20 30 10' } });
    const taken = ok(await unlock(result, { phone: '0123' }));
    assert.equal(leg(taken).received.relation, 'family');
    assert.equal(leg(taken).received.relation_vi, 'Người trong gia đình');
    assert.ok(!('fetch' in leg(taken)));
    assert.doesNotMatch(JSON.stringify(taken), /Nhận Thay|9876|0988|M10 10/);
});

// --- the receipt ---------------------------------------------------------------------------------

test('a clerk issues a new code: the old one opens nothing, and the applicant sees it', async () => {
    const { code, made } = await intake(all.clerk);
    const path = `/v1/dossiers/${code}/receipt-code`, key = { headers: { 'idempotency-key': `again ${code}`.replace(' ', '-') } };
    const renewed = ok(await all.clerk.post(path, undefined, key), 201);
    assert.notEqual(renewed.receipt_code, made.receipt_code);
    assert.deepEqual(Object.keys(renewed).sort(), ['code', 'issued_at', 'receipt_code']);
    assert.equal(ok(await all.clerk.post(path, undefined, key), 201).receipt_code, renewed.receipt_code);
    assert.equal(slug(await unlock(code, { code: made.receipt_code })), '403 unlock-refused');
    const opened = ok(await unlock(code, { code: renewed.receipt_code }));
    assert.deepEqual(opened.reads.map((one) => one.what), ['unlock-code', 'receipt-code']);
    for (const [who, expected] of [['clerk2', 404], ['officer', 403], ['courier', 403], ['applicant', 403]])
        assert.equal((await (await first.login(who)).post(path)).status, expected, who);
    assert.equal((await first.anybody().post(path)).status, 401);
});

test('a repeat does not show a code that opens nothing any more', async () => {
    const { code } = await intake(all.clerk);
    const path = `/v1/dossiers/${code}/receipt-code`, key = { headers: { 'idempotency-key': `late-${code}` } };
    ok(await all.clerk.post(path, undefined, key), 201);
    ok(await all.clerk.post(path), 201);
    assert.equal(slug(await all.clerk.post(path, undefined, key)), '409 conflict');
});

test('what was split off has a code of its own', async () => {
    const { code, made } = await intake(all.clerk);
    const { id, documents } = intake_body();
    const part = ok(await all.clerk.post(`/v1/dossiers/${code}/split`, { id, documents: [documents[1]], weight_g: 10 }), 201);
    assert.notEqual(part.receipt_code, made.receipt_code);
    assert.equal(ok(await unlock(part.code, { code: part.receipt_code })).code, part.code);
    assert.equal(slug(await unlock(code, { code: part.receipt_code })), '403 unlock-refused');
});

test('once the personal data is erased neither factor opens anything', async () => {
    const { code, made } = await intake(all.clerk);
    query(first, `select dossier.erase('${id_of(code)}')`);
    assert.equal(slug(await unlock(code, { phone: '0123' })), '403 unlock-refused');
    assert.equal(slug(await unlock(code, { code: made.receipt_code })), '403 unlock-refused');
});

// --- nothing is told -----------------------------------------------------------------------------

const checked = (number) => number.slice(0, 10) + ((Number(number[10]) + 1) % 10) + 'VN';
const nobodys = (number) => ['RR999999999VN', 'EE471108151FR', checked(number), '000.00.16.H57-990101-0001',
    'x', "';--", '💌', '0'.repeat(900)];

test('wrong factor, unknown, foreign and mistyped numbers are answered alike, to the byte', async () => {
    const { number } = await intake(all.clerk);
    for (const factor of [{ phone: '9999' }, { code: 'CFGH JKMN' }]) {
        const bodies = new Set(), heads = new Set();
        for (const key of [number, ...nobodys(number)]) {
            const reply = await unlock(key, factor);
            assert.equal(reply.status, 403, `${key}: ${show(reply)}`);
            delete reply.body.instance;
            bodies.add(JSON.stringify(reply.body));
            heads.add([...reply.headers].filter(([name]) => !['date', 'x-request-id'].includes(name)).join('\n'));
        }
        assert.deepEqual([bodies.size, heads.size], [1, 1], [...heads].join('\n\n'));
    }
});

// RR900000123VN: what no office of these ever gives out.
function s10(letters, serial, country) {
    const digits = String(serial).padStart(8, '0');
    const sum = [8, 6, 4, 2, 3, 5, 9, 7].reduce((total, weight, i) => total + weight * Number(digits[i]), 0);
    const check = 11 - (sum % 11);
    return letters + digits + (check === 10 ? 0 : check === 11 ? 5 : check) + country;
}

// Milliseconds of a wrong try, median, by what is wrong; each number four times with each factor.
async function how_long(attempt) {
    const dossiers = [], many = 24, from = 40000 * attempt;
    for (let i = 0; i < many; i++) dossiers.push((await intake(all.clerk)).number);
    const kinds = {
        wrong: (i) => dossiers[i % many],
        unknown: (i) => s10('RR', 99000000 + from + i, 'VN'),
        foreign: (i) => s10('EE', 47000000 + from + i, 'FR'),
        mistyped: (i) => checked(s10('RR', 98000000 + from + i, 'VN')),
        absurd: (i) => `x${from + i}`,
    };
    const times = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
    for (let round = 0; round < 4 * many * 2; round++) {
        const turn = Object.entries(kinds);
        turn.push(...turn.splice(0, round % turn.length));
        for (const [kind, key] of turn) {
            const began = process.hrtime.bigint();
            const reply = await unlock(key(round >> 1), [{ phone: '9999' }, { code: 'CFGH JKMN' }][round % 2]);
            times[kind].push(Number(process.hrtime.bigint() - began) / 1e6);
            assert.equal(reply.status, 403, `${kind} ${round}: ${show(reply)}`);
        }
    }
    return Object.entries(times).map(([kind, list]) => [kind, list.sort((a, b) => a - b)[list.length >> 1]]);
}

test('and as long', async () => {
    let told;
    for (let attempt = 0; attempt < 4; attempt++) {
        const medians = await how_long(attempt), all_of = medians.map(([, ms]) => ms);
        told = medians.map(([kind, ms]) => `${kind} ${ms.toFixed(2)} ms`).join(', ');
        if (process.env.DOSSIERPOST_FIGURES) console.error(told);
        if (Math.max(...all_of) < 1.1 * Math.min(...all_of) + 0.1) return;
    }
    assert.fail(told);
});

test('a factor that can be none is told without a look at the number, and counts for nothing', async () => {
    const { number } = await intake(all.clerk);
    const from = stranger();
    const bodies = [{}, { phone: '0123', code: 'CFGH JKMN' }, { phone: '123' }, { phone: '12a4' }, { phone: '٠١٢٣' },
        { code: 'ABCD' }, { code: 'CFGHJKMNP' }, { code: 'CF*HJKMN' }, { code: 'ÂFGHJKMN' }, { phone: '0123', name: 'x' }, { phone: 123 }];
    for (const key of [number, 'RR999999999VN'])
        for (const body of bodies) assert.equal(slug(await unlock(key, body, { from })), '422 invalid-fields', JSON.stringify(body));
    assert.equal(slug(await unlock(number, undefined, { from })), '400 invalid-json');
    assert.equal(attempts_of(from), 0);
});

// --- how often -----------------------------------------------------------------------------------

const address_subject = (from) => `sha256(account.attempt_of_address('${from}'))`;
const number_subject = (id, by) => `sha256('unlock ${by} ${id}')`;
const attempts_of = (from) => Number(query(first, `select coalesce(sum(wrong), 0) from dossier.unlock_attempt
    where subject = ${address_subject(from)}`)[0]);
const waited = (subject) => query(first, `update dossier.unlock_attempt set wait_until = now() where subject = ${subject}`);
const retry = (reply) => Number(reply.headers.get('retry-after'));
const tally = (replies) => replies.reduce((counts, { status }) => ({ ...counts, [status]: (counts[status] ?? 0) + 1 }), {});

test('after five wrong tries for a number even the right digits wait, wherever they come from', async () => {
    const { code, number, made } = await intake(all.clerk);
    for (const key of [code, number, number.toLowerCase(), code, number])
        assert.equal((await unlock(key, { phone: '9999' })).status, 403);
    for (const house of [first, second]) {
        const reply = await unlock(code, { phone: '0123' }, { house });
        assert.equal(slug(reply), '429 too-many-requests');
        assert.ok(retry(reply) > 50 && retry(reply) <= 60, reply.headers.get('retry-after'));
    }
    assert.equal((await unlock(code, { code: made.receipt_code })).status, 200, 'the receipt is not kept out by guesses of digits');

    for (const wait of [120, 240]) {
        waited(number_subject(id_of(code), 'phone'));
        assert.equal((await unlock(code, { phone: '9999' })).status, 403);
        const reply = await unlock(code, { phone: '0123' });
        assert.ok(reply.status === 429 && retry(reply) > wait - 10 && retry(reply) <= wait, show(reply));
    }
    waited(number_subject(id_of(code), 'phone'));
    ok(await unlock(code, { phone: '0123' }));
    assert.equal(count('dossier.unlock_attempt', `subject = ${number_subject(id_of(code), 'phone')}`), 0, 'the right one ends it');
});

test('a number that nobody knows is put off just so', async () => {
    for (let i = 0; i < 5; i++) assert.equal((await unlock('RR 88888888 3 VN', { phone: '9999' })).status, 403);
    const reply = await unlock('rr888888883vn', { phone: '0123' });
    const { number } = await intake(all.clerk);
    for (let i = 0; i < 5; i++) await unlock(number, { phone: '9999' });
    const known = await unlock(number, { phone: '0123' });
    for (const one of [reply, known]) delete one.body.instance;
    assert.deepEqual([reply.status, reply.body], [known.status, known.body]);
});

test('tries at the same time at two services are five in all', async () => {
    const { code } = await intake(all.clerk);
    const replies = await Promise.all(Array.from({ length: 60 }, (_, i) =>
        unlock(code, { phone: String(1000 + i) }, { house: i % 2 ? first : second })));
    assert.deepEqual(tally(replies), { 403: 5, 429: 55 });
});

test('from one address twenty-five in all, at two services, whatever the numbers', async () => {
    const from = stranger();
    const replies = await Promise.all(Array.from({ length: 80 }, (_, i) =>
        unlock(s10('RR', 97000000 + i, 'VN'), { phone: '1234' }, { house: i % 2 ? first : second, from })));
    assert.deepEqual(tally(replies), { 403: 25, 429: 55 });
    const { code, made } = await intake(all.clerk);
    const late = await unlock(code, { phone: '0123' }, { from });
    assert.ok(late.status === 429 && retry(late) > 50 && retry(late) <= 60, show(late));
    assert.equal((await unlock(code, { phone: '0123' })).status, 200);
    assert.equal((await unlock(code, { code: made.receipt_code }, { from })).status, 200, 'digits keep no code out');

    // The right one takes back itself, not the wrong ones before it.
    waited(address_subject(from));
    ok(await unlock(code, { phone: '0123' }, { from }));
    assert.equal(attempts_of(from), 25);
    assert.equal((await unlock('x', { phone: '1234' }, { from })).status, 403);
    const grown = await unlock('y', { phone: '1234' }, { from });
    assert.ok(grown.status === 429 && retry(grown) > 100 && retry(grown) <= 120, grown.headers.get('retry-after'));
});

test('no wrong codes of strangers keep the holder of the receipt out', async () => {
    const { code, made } = await intake(all.clerk);
    for (let i = 0; i < 30; i++)
        assert.equal(slug(await unlock(code, { code: 'CFGH JKMN' })), '403 unlock-refused', `${i}`);
    ok(await unlock(code, { code: made.receipt_code }));
    const from = stranger();
    for (let i = 0; i < 30; i++) await unlock(code, { code: 'CFGH JKMN' }, { from });
    ok(await unlock(code, { code: made.receipt_code }, { from }), 200);
    ok(await unlock(code, { phone: '0123' }, { from }));
});

test('wrong codes from one address wait too, later and for less long', async () => {
    const from = stranger();
    for (let i = 0; i < 200; i++)
        assert.equal((await unlock(`c${i}`, { code: 'CFGH JKMN' }, { from })).status, 403, `${i}`);
    const late = await unlock('c', { code: 'CFGH JKMN' }, { from });
    assert.ok(late.status === 429 && retry(late) <= 2, show(late));
});

test('right ones count for nothing, also at the same time', async () => {
    const from = stranger();
    const { code } = await intake(all.clerk);
    for (let i = 0; i < 40; i++) ok(await unlock(code, { phone: '0123' }, { from, house: i % 2 ? first : second }));
    assert.equal(attempts_of(from), 0);
    const all_right = await Promise.all(Array.from({ length: 5 }, () => unlock(code, { phone: '0123' }, { from })));
    assert.deepEqual(tally(all_right), { 200: 5 });
    assert.equal(attempts_of(from), 0);
});

test('of an IPv6 address its /64 is counted', async () => {
    for (let i = 0; i < 25; i++)
        assert.equal((await unlock(`ip${i}`, { phone: '1234' }, { from: `2001:db8:1:2:${i.toString(16)}::1` })).status, 403);
    assert.equal((await unlock('ip99', { phone: '1234' }, { from: '2001:db8:1:2:ffff::9' })).status, 429);
    assert.equal((await unlock('ip99', { phone: '1234' }, { from: '2001:db8:1:3::1' })).status, 403);
});

test('an address counts as one, however it is spelled', async () => {
    const spelled = ['2001:DB8:9:8::1', '2001:db8:9:8:0:0:0:1', '2001:0db8:0009:0008::2'];
    for (const from of spelled) assert.equal((await unlock('s', { phone: '1234' }, { from })).status, 403);
    assert.equal(attempts_of('2001:db8:9:8::1'), 3);
    const from = stranger();
    for (const mapped of [`::ffff:${from}`, `::FFFF:${from}`, `0:0:0:0:0:ffff:${from}`, from])
        assert.equal((await unlock('s4', { phone: '1234' }, { from: mapped })).status, 403);
    assert.equal(attempts_of(from), 4);
});

test('behind a proxy the address is the last it wrote, on whichever line', async () => {
    const from = stranger(), body = '{"phone":"1234"}';
    for (let i = 0; i < 3; i++) {
        const bytes = `POST /v1/track/line${i}/unlock HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n`
            + `X-Forwarded-For: 192.0.2.${i}, 192.0.2.9\r\nX-Forwarded-For: ${from}\r\nContent-Length: ${body.length}\r\n`
            + `Connection: close\r\n\r\n${body}`;
        const answer = await raw(new URL(first.url).port, bytes);
        assert.equal(answer.replies()[0].status, 403);
    }
    assert.equal(attempts_of(from), 3);
    assert.equal(attempts_of('192.0.2.9') + attempts_of('192.0.2.0'), 0);
});

test('what is over is forgotten: one try each so often, and the row when it says nothing', async () => {
    const from = stranger();
    for (let i = 0; i < 20; i++) await unlock(`f${i}`, { phone: '1234' }, { from });
    query(first, `update dossier.unlock_attempt set since = since - interval '51 minutes' where subject = ${address_subject(from)}`);
    await unlock('f99', { phone: '1234' }, { from });
    assert.equal(attempts_of(from), 11);
    query(first, `update dossier.unlock_attempt set forget_at = now() - interval '1 second' where subject = ${address_subject(from)}`);
    await unlock('somebody else', { phone: '1234' });
    assert.equal(count('dossier.unlock_attempt', `subject = ${address_subject(from)}`), 0);
});

// --- the pages -----------------------------------------------------------------------------------

test('a page without scripts asks for it, alike for every number, and shows what was opened', async () => {
    const { code, number, made } = await intake(all.clerk);
    const shown = new Set();
    for (const key of [number, 'RR999999999VN', 'no-number']) {
        const page = await first.anybody().get(`/t/${key}/unlock`);
        assert.equal(page.status, 200);
        assert.equal(page.headers.get('cache-control'), 'no-store');
        shown.add(page.body.replaceAll(key, ''));
    }
    assert.equal(shown.size, 1);
    for (const [text, by] of [['phone=0123', 'phone'], [`code=${made.receipt_code.replace(' ', '+')}`, 'code'],
        [`phone=&code=${made.receipt_code.replace(' ', '%20')}`, 'code']]) {
        const page = await form(number, text);
        assert.equal(page.status, 200, page.body);
        assert.match(page.headers.get('content-type'), /^text\/html/);
        assert.equal(page.headers.get('cache-control'), 'no-store');
        assert.match(page.body, /Nguyễn T\*\*\* T\*\*\*/);
        assert.ok(page.body.includes(code));
        assert.doesNotMatch(page.body, SECRET);
        assert.doesNotMatch(page.body, /<script|style=|\{\{|\(null\)/);
        assert.equal(/Ai đã đọc dữ liệu/.test(page.body), by === 'code');
        for (const [, link] of page.body.matchAll(/(?:href|src|action)="([^"]+)"/g))
            assert.doesNotMatch(link, /0123|phone|code=/, 'nothing personal in an address');
    }
});

test('on the page too: wrong, unreadable, too often; what is typed is text', async () => {
    const { number } = await intake(all.clerk);
    const bodies = new Set();
    for (const key of [number, 'RR999999999VN', checked(number), 'EE471108151FR']) {
        const page = await form(key, 'phone=9999');
        assert.equal(page.status, 403);
        assert.match(page.body, /role="alert">Thông tin không khớp/);
        bodies.add(page.body.replaceAll(key, ''));
    }
    assert.equal(bodies.size, 1);
    for (const text of ['', 'phone=12', 'phone=0123&code=CFGHJKMN', 'code=a'])
        assert.equal((await form(number, text)).status, 422, text);
    for (const [text, status] of [['phone=0123&phone=9999', 422], ['phone=%', 400], ['phone=%zz12', 400], ['phone=%00123', 422],
        ['other=1', 422], ['phone=\u0001123', 422], ['code=CFGH\u202eJKMN', 422], ['code=\u0085', 422], ['ph\u0007one=1', 422],
        [Buffer.from('code=\xff\xfeABCDEF', 'latin1'), 422], [`code=${'A'.repeat(600)}`, 413]])
        assert.equal((await form(number, text)).status, status, text);
    assert.equal((await form(number, '{"phone":"0123"}', { headers: { 'content-type': 'application/json' } })).status, 415);
    for (let i = 0; i < 4; i++) await form(number, 'phone=9999');
    const late = await form(number, 'phone=0123');
    assert.equal(late.status, 429);
    assert.ok(retry(late) > 50);
    assert.match(late.body, /Xin thử lại sau 1 phút/);
    assert.match(late.body, /Mã tra cứu trên phiếu gửi hồ sơ vẫn mở được ngay/);
    const odd = await form('"><script>alert(1)', 'phone=9999');
    assert.ok(!odd.body.includes('<script>alert'));
    assert.match(odd.body, /href="\/t\/%22%3E%3Cscript/);
});

test('who is logged in at that browser may use the form, and a write elsewhere needs its header still', async () => {
    const { code } = await intake(all.clerk);
    const options = { headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': stranger() } };
    const client = await first.login('clerk');
    const send = (path, more) => fetch(first.url + path, { method: 'POST', ...more,
        headers: { cookie: client.cookie, ...more.headers } });
    assert.equal((await send(`/t/${code}/unlock`, { ...options, body: 'phone=0123' })).status, 200);
    assert.equal((await send(`/v1/dossiers/${code}/receipt-code`, { headers: {} })).status, 403);
    assert.equal((await send(`/v1/track/${code}/unlock`, { headers: { 'content-type': 'application/json' },
        body: '{"phone":"0123"}' })).status, 403);
});

test('a form on a page of another site opens nothing and spends no try', async () => {
    const { code } = await intake(all.clerk), from = stranger();
    const host = new URL(first.url).host;
    const foreign = [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://ngoai.example' },
        { origin: 'null' }, { origin: `http://${host}.ngoai.example` }, { origin: `http://${host}`, 'sec-fetch-site': 'cross-site' }];
    for (const headers of foreign) {
        const reply = await form(code, 'phone=9999', { from, headers });
        assert.equal(slug(reply), '403 csrf', JSON.stringify(headers));
    }
    assert.equal(attempts_of(from), 0);
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }, { origin: `http://${host}` }, {}])
        assert.equal((await form(code, 'phone=0123', { from, headers })).status, 200, JSON.stringify(headers));
});

test('a browser whose form is refused shows a page, a program gets a problem', async () => {
    const { number } = await intake(all.clerk);
    const sent = { 'sec-fetch-site': 'cross-site', accept: 'text/html,*/*;q=0.8' };
    const page = await form(number, 'phone=9999', { headers: sent });
    assert.equal(page.status, 403);
    assert.match(page.headers.get('content-type'), /^text\/html/);
    assert.match(page.body, /Thiếu dấu xác nhận của trang/);
    const program = await form(number, 'phone=9999', { headers: { ...sent, accept: 'application/json' } });
    assert.match(program.headers.get('content-type'), /problem\+json/);
});

test('neither factor nor name comes into the log', async () => {
    const { code, made } = await intake(all.clerk);
    ok(await unlock(code, { code: made.receipt_code }));
    await unlock(code, { phone: '7351' });
    await until('the lines', () => first.log().includes(`/v1/track/${code}/unlock 403`));
    const lines = first.log().split('\n').filter((line) => line.includes(code)).map((line) => line.replace(/\d+ bytes.*/, ''));
    assert.ok(!lines.some((line) => line.replaceAll(code, '').includes('7351')));
    assert.ok(![made.receipt_code, made.receipt_code.replace(' ', ''), 'Thị Thử', 'T***'].some((text) => first.log().includes(text)));
});
