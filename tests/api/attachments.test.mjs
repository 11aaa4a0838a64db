// Files: in parts that go on where they stopped, known by their content, pictures and papers alone,
// sealed, seen only by who may, and gone with their dossier.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { query } from '../fault/journal.mjs';
import { discard, own_service, show, until } from './service.mjs';
import { signed_code } from './signed_code.mjs';
import { chunk, jpeg, PART, pdf, png, PNG_MARK, put, send_file, sha256 } from './pictures.mjs';
import { intake, ok, people, recorded } from './walk.mjs';

let house, all, code, number;

before(async () => {
    house = await own_service();
    all = await people(house);
    for (const name of ['applicant', 'clerk2', 'courier2', 'supervisor', 'admin']) all[name] = await house.login(name);
    ({ code, number } = await intake(all.clerk));
    await recorded(all.courier, 'collect', number);
});
after(() => discard(house));

const count = (what) => Number(query(house, `select count(*) from attachment.${what}`)[0]);

async function refused(send, status, slug) {
    const said = [];
    for (const language of ['vi', 'en']) {
        const reply = await send({ headers: { 'accept-language': language } });
        assert.deepEqual([reply.status, reply.body.type], [status, `/problems/${slug}`], show(reply));
        said.push(reply.body);
    }
    assert.notEqual(said[0].title, said[1].title);
    return said[1];
}

test('a small picture in one part; the same again is the same file', async () => {
    const bytes = png(20, 10);
    const made = ok(await put(all.courier, number, bytes, { kind: 'signature' }), 201);
    const { id, ...rest } = made;
    assert.deepEqual(rest, { kind: 'signature', media: 'image/png', size: bytes.length, width: 20, height: 10,
        whole: true, offset: bytes.length });
    for (const who of ['courier', 'clerk'])
        assert.deepEqual(ok(await put(all[who], number, bytes, { kind: 'signature' })), made);
    assert.deepEqual([count('file'), count('part')], [1, 1]);
    const got = await all.clerk.get(`/v1/attachments/${id}`);
    assert.equal(got.status, 200);
    assert.deepEqual(got.body, bytes);
    const header = (name) => got.headers.get(name);
    assert.deepEqual([header('content-type'), header('x-content-type-options'), header('content-disposition')],
        ['image/png', 'nosniff', `attachment; filename="${id}.png"`]);
    assert.match(header('content-security-policy'), /default-src 'none'; sandbox/);
    assert.match(header('cache-control'), /no-store/);
});

test('the shipment is named by whatever a scanner read of it, but for a bag', async () => {
    const bytes = png(21, 10), whole = await signed_code(all.clerk, number);
    const codes = [whole, whole.slice(-128), `${house.url}/t/${number}`, ` ${number.toLowerCase()} `];
    const ids = [];
    for (const code of codes) ids.push((await put(all.courier, code, bytes)).body.id);
    assert.deepEqual(ids, Array(4).fill(ids[0] ?? 'an id'));
    const forged = `${whole.slice(0, -1)}${whole.endsWith('A') ? 'Q' : 'A'}`;
    for (const code of [forged, 'VNAAALVNAAACAUN60001001010000', 'x'.repeat(401)]) {
        const reply = await put(all.courier, code, bytes);
        assert.deepEqual([reply.status, reply.body.errors?.[0].pointer], [422, '/shipment'], show(reply));
    }
});

test('in parts: a wrong offset is told the expected one, and nothing is taken twice', async () => {
    const bytes = png(800, 900, { noise: true });
    assert.ok(bytes.length > 2 * PART);
    const first = ok(await put(all.courier, number, bytes));
    assert.deepEqual([first.whole, first.offset, first.media], [false, PART, undefined]);
    for (const offset of [0, 1, 2 * PART]) {
        const { offset: expected } = await refused((more) =>
            put(all.courier, number, bytes, { offset, ...more }), 409, 'offset-conflict');
        assert.equal(expected, PART);
    }
    assert.equal((await all.clerk.get(`/v1/attachments/${first.id}`)).status, 404, 'not whole yet');
    ok(await put(all.courier, number, bytes, { offset: PART }));
    const done = ok(await put(all.courier, number, bytes, { offset: 2 * PART }), 201);
    assert.deepEqual([done.whole, done.width, done.height, done.id], [true, 800, 900, first.id]);
    assert.deepEqual((await all.courier.get(`/v1/attachments/${done.id}`)).body, bytes);
});

test('a JPEG as a photo, a PDF as a paper only', async () => {
    const photo = jpeg(640, 480, 3000), paper = pdf();
    const made = ok(await put(all.courier, number, photo), 201);
    assert.deepEqual([made.media, made.width, made.height], ['image/jpeg', 640, 480]);
    await refused((more) => put(all.courier, number, paper, more), 422, 'not-a-picture');
    const kept = ok(await put(all.courier, number, paper, { kind: 'paper' }), 201);
    assert.deepEqual([kept.media, kept.width], ['application/pdf', undefined]);
    assert.equal((await all.courier.get(`/v1/attachments/${kept.id}`)).headers.get('content-type'), 'application/pdf');
});

test('what is no picture is refused, at its first bytes or at its last, and nothing of it stays', async () => {
    const before = [count('file'), count('part')];
    const half = png(300, 300, { noise: true }), good = png(9, 9);
    const bad_crc = Buffer.from(good);
    bad_crc[bad_crc.length - 20] ^= 1;
    const wrong = {
        text: Buffer.from('Đây là một đoạn văn bản, không phải ảnh.'),
        html: Buffer.from('<!doctype html><script>alert(1)</script>'),
        gif: Buffer.concat([Buffer.from('GIF89a'), Buffer.alloc(100)]),
        svg: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
        'the mark alone': Buffer.concat([PNG_MARK, Buffer.from('and then nothing')]),
        'cut short': half.subarray(0, half.length - 30),
        'something behind its end': Buffer.concat([good, Buffer.from('<script>')]),
        'a wrong check sum': bad_crc,
        'sides of 0': png(0, 5), 'sides too long': png(10001, 1),
        'a chunk that nobody knows': Buffer.concat([good.subarray(0, 33), chunk('ABCD'), good.subarray(33)]),
        'a JPEG without a frame': Buffer.from('ffd8ffe000040102ffd9', 'hex'),
        'a JPEG without an end': jpeg().subarray(0, 80),
        'short': Buffer.from('89504e47', 'hex'),
    };
    for (const [name, bytes] of Object.entries(wrong)) {
        const reply = await put(all.courier, number, bytes);
        assert.deepEqual([reply.status, reply.body.type], [422, '/problems/not-a-picture'], `${name}: ${show(reply)}`);
    }
    await refused((more) => put(all.courier, number, good, { hash: sha256('other'), ...more }), 422, 'content-differs');
    assert.deepEqual([count('file'), count('part')], before);
    const again = ok(await put(all.courier, number, good), 201);
    assert.equal(again.width, 9, 'the same file, right this time');
});

// All at once, of which only the length is told: the answer does not wait for the body.
const head_alone = (length) => new Promise((done, failed) => {
    const { hostname, port } = new URL(house.url);
    let text = '';
    const socket = connect(port, hostname, () => socket.write(`POST /v1/attachments HTTP/1.1\r\nHost: ${hostname}\r\n`
        + `Content-Type: image/png\r\nContent-Length: ${length}\r\n\r\n`));
    socket.on('data', (part) => { text += part; }).on('end', () => done(text)).on('error', failed);
});

test('what is too large is refused before it has come', async () => {
    const large = Buffer.concat([png(), Buffer.alloc(10 * 1024 * 1024)]);
    await refused((more) => put(all.courier, number, large, more), 413, 'too-large');
    assert.match(await head_alone(large.length), /^HTTP\/1\.1 413 [^]*\/problems\/too-large/);
    assert.match(await head_alone(PART + 1), /^HTTP\/1\.1 413 /);
    const bytes = png(700, 700, { noise: true });
    const fault = await refused((more) => put(all.courier, number, bytes, { size: 1000, ...more }), 422, 'invalid-fields');
    assert.equal(fault.errors[0].pointer, '/size');
    for (const [more, pointer] of [[{ hash: 'Z'.repeat(64) }, '/sha256'], [{ kind: 'film' }, '/kind'],
        [{ hash: 'ab' }, '/sha256'], [{ part: 0 }, '']]) {
        const reply = await put(all.courier, number, bytes, more);
        assert.deepEqual([reply.status, reply.body.errors?.[0].pointer], [422, pointer], show(reply));
    }
    assert.equal((await put(all.courier, 'RR123', bytes)).status, 422);
});

test('only who has to do with it may send, and only who may see it all may read', async () => {
    const bytes = png(31, 7);
    await refused((more) => put(all.courier, 'RR123456785VN', bytes, more), 404, 'not-found');
    await refused((more) => put(all.courier2, number, bytes, more), 404, 'not-found');
    await refused((more) => put(house.anybody(), number, bytes, more), 401, 'unauthenticated');
    await refused((more) => put(all.supervisor, number, bytes, more), 403, 'forbidden');
    const { id } = ok(await put(all.courier, number, bytes), 201);
    for (const who of ['courier', 'clerk', 'officer', 'supervisor', 'admin'])
        assert.equal((await all[who].get(`/v1/attachments/${id}`)).status, 200, who);
    for (const who of ['hub', 'clerk2', 'courier2', 'applicant'])
        await refused((more) => all[who].get(`/v1/attachments/${id}`, more), 404, 'not-found');
    assert.equal((await house.anybody().get(`/v1/attachments/${id}`)).status, 401);
    const shown = ok(await put(all.clerk, number, png(32, 7)), 201);
    await refused((more) => all.courier.get(`/v1/attachments/${shown.id}`, more), 404, 'not-found');
    assert.equal((await all.clerk.get('/v1/attachments/x')).status, 404);
    const read = query(house, `select count(*) from dossier.access x join dossier.dossier d on d.id = x.dossier
        where d.code = '${code}' and x.what = 'attachment'`)[0];
    assert.ok(Number(read) >= 5, 'who read is kept');
});

test('the same content in two dossiers: two files, so that erasing one leaves the other', async () => {
    const bytes = png(33, 3), other = await intake(all.clerk);
    const mine = ok(await put(all.clerk, number, bytes), 201), theirs = ok(await put(all.clerk, other.number, bytes), 201);
    assert.notEqual(mine.id, theirs.id);
    assert.equal(query(house, `select count(*) from attachment.part
        where position('\\x${PNG_MARK.toString('hex')}'::bytea in sealed) > 0`)[0], '0', 'sealed');
    assert.ok(!query(house, 'select ref from attachment.file').includes(sha256(bytes)), 'not known by its own hash');
    query(house, `select dossier.erase(id) from dossier.dossier where code = '${other.code}'`);
    assert.equal((await all.clerk.get(`/v1/attachments/${theirs.id}`)).status, 404);
    assert.deepEqual((await all.clerk.get(`/v1/attachments/${mine.id}`)).body, bytes);
    assert.equal(query(house, `select count(*) from attachment.part where file = '${theirs.id}'`)[0], '0');
});

test('parts of a file that never came whole are gone after a day; too many are refused', async () => {
    const bytes = png(600, 600, { noise: true });
    const { id } = ok(await put(all.courier, number, bytes));
    query(house, 'select attachment.expire()');
    assert.equal(query(house, `select count(*) from attachment.part where file = '${id}'`)[0], '1');
    query(house, `update attachment.file set begun_at = begun_at - interval '25 hours' where id = '${id}'`);
    query(house, 'select custody.daily()');
    assert.equal(query(house, `select count(*) from attachment.file where id = '${id}'`)[0], '0');
    assert.equal(query(house, `select count(*) from attachment.part where file = '${id}'`)[0], '0');
    ok(await send_file(all.courier, number, bytes), 201);
    query(house, `insert into attachment.file (subject, ref, kind, size, account)
        select 'x', encode(sha256(n::text::bytea), 'hex'), 'photo', 1, id from account.account, generate_series(1, 50) n
        where login = 'courier'`);
    await refused((more) => put(all.courier, number, png(41, 4), more), 409, 'conflict');
    query(house, `delete from attachment.file where subject = 'x'`);
});

// The request goes out whole, and its sender hangs up at once.
const gone = (client, method, path, body = Buffer.alloc(0)) => new Promise((done, failed) => {
    const { hostname, port } = new URL(house.url);
    const socket = connect(port, hostname, () => socket.write(Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n`
        + `Host: ${hostname}\r\nX-Dossierpost: 1\r\nCookie: ${client.cookie}\r\nContent-Length: ${body.length}\r\n\r\n`), body]),
        () => setTimeout(() => socket.destroy(), 3 + 12 * Math.random())));
    socket.on('close', done).on('error', failed);
});

test('who hangs up while the whole is put together: it is whole all the same', async () => {
    for (let round = 0; round < 6; round++) {
        const bytes = png(900, 900, { noise: true }), last = bytes.length - bytes.length % PART;
        for (let offset = 0; offset < last; offset += PART) ok(await put(all.clerk, number, bytes, { offset }));
        const path = `/v1/attachments?${new URLSearchParams({ shipment: number, sha256: sha256(bytes), kind: 'photo',
            size: bytes.length, offset: last })}`;
        await gone(all.clerk, 'POST', path, bytes.subarray(last));
        const { id } = await until('the whole', async () => {
            const { body } = await put(all.clerk, number, bytes, { offset: last });
            return body.whole && body;
        });
        await Promise.all([1, 2, 3].map(() => gone(all.clerk, 'GET', `/v1/attachments/${id}`)));
        assert.deepEqual((await all.clerk.get(`/v1/attachments/${id}`)).body, bytes);
    }
});

test('what cannot be opened is told so', async () => {
    const bytes = png(22, 9), { id } = ok(await put(all.clerk, number, bytes), 201);
    query(house, `update attachment.part set sealed = set_byte(sealed, 60, get_byte(sealed, 60) # 1) where file = '${id}'`);
    assert.equal((await all.clerk.get(`/v1/attachments/${id}`)).status, 500);
});

test('small parts are refused, but for the last', async () => {
    const bytes = png(530, 600, { noise: true });
    const before = count('part');
    for (const part of [64, 16383]) {
        const fault = await refused((more) => put(all.courier, number, bytes, { part, ...more }), 422, 'invalid-fields');
        assert.equal(fault.errors[0].pointer, '');
    }
    assert.equal(count('part'), before);
    ok(await put(all.courier, number, bytes, { part: 16384 }));
    ok(await put(all.courier, number, bytes, { offset: 16384 }));
    const left = bytes.length - 16384 - PART;
    ok(await put(all.courier, number, bytes, { offset: 16384 + PART, part: left - 100 }));
    ok(await put(all.courier, number, bytes, { offset: bytes.length - 100 }), 201);
});

test('many at once do not pass the bound of unfinished files', async () => {
    const sent = await Promise.all(Array.from({ length: 70 }, (_, n) =>
        put(all.courier, number, png(540 + n, 600, { noise: true }), { part: 16384 })));
    const unfinished = Number(query(house, `select count(*) from attachment.file f join account.account a on a.id = f.account
        where a.login = 'courier' and f.whole_at is null`)[0]);
    assert.equal(unfinished, 50);
    assert.ok(sent.every(({ status }) => [200, 409].includes(status)), sent.map(show).join('\n'));
    query(house, 'delete from attachment.file where whole_at is null');
});

test('a dossier takes two hundred files', async () => {
    const other = await intake(all.clerk), bytes = png(42, 4);
    query(house, `insert into attachment.file (subject, ref, kind, size, received, account, whole_at, media)
        select d.id::text, encode(sha256(n::text::bytea), 'hex'), 'photo', 1, 1, 1, now(), 'image/png'
        from dossier.dossier d, generate_series(1, 199) n where d.code = '${other.code}'`);
    const { id } = ok(await put(all.clerk, other.number, bytes), 201);
    await refused((more) => put(all.clerk, other.number, png(43, 4), more), 409, 'conflict');
    assert.equal(ok(await put(all.clerk, other.number, bytes)).id, id, 'what is there is there');
});

test('what another sends under the same name spoils nothing', async () => {
    const bytes = png(500, 600, { noise: true }), hash = sha256(bytes), other = png(500, 601, { noise: true });
    ok(await put(all.courier, number, other, { hash, size: bytes.length }));
    const first = ok(await put(all.clerk, number, bytes));
    assert.equal(first.offset, PART);
    const done = ok(await put(all.clerk, number, bytes, { offset: PART }), 201);
    assert.deepEqual([done.whole, done.id], [true, first.id]);
    assert.equal(ok(await put(all.courier, number, bytes, { offset: PART })).id, done.id, 'it is there already');
    assert.deepEqual((await all.clerk.get(`/v1/attachments/${done.id}`)).body, bytes);
});

test('two are half way when one of them ends: the other\'s last part finds it whole', async () => {
    const bytes = png(510, 600, { noise: true }), ids = [];
    for (const who of ['courier', 'clerk']) ids.push(ok(await put(all[who], number, bytes)).id);
    assert.notEqual(ids[0], ids[1]);
    const ends = await Promise.all(['courier', 'clerk'].map((who) => put(all[who], number, bytes, { offset: PART })));
    assert.ok(ends.every((reply) => [200, 201].includes(reply.status) && reply.body.whole), ends.map(show).join('\n'));
    assert.equal(ends[0].body.id, ends[1].body.id);
});

test('a size that was told wrong is told again from the beginning', async () => {
    const bytes = png(520, 600, { noise: true });
    ok(await put(all.courier, number, bytes, { size: bytes.length + 5 }));
    const fault = await refused((more) => put(all.courier, number, bytes, { offset: PART, ...more }), 422, 'invalid-fields');
    assert.equal(fault.errors[0].pointer, '/size');
    ok(await send_file(all.courier, number, bytes), 201);
});

test('two at once send the same file: one file, both are answered', async () => {
    const bytes = png(52, 5);
    const replies = await Promise.all([1, 2, 3, 4].map(() => put(all.clerk, number, bytes)));
    assert.ok(replies.every((reply) => [200, 201].includes(reply.status)), replies.map(show).join('\n'));
    assert.equal(new Set(replies.map((reply) => reply.body.id)).size, 1);
});
