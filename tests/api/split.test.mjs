// Splitting, grouping and dividing over HTTP: the people go along sealed anew, one applicant is told
// from another, replies come again, look-ups lead on, refusals change nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { query } from '../fault/journal.mjs';
import { discard, own_service, ROOT, show, until, uuid7 } from './service.mjs';
import { AGENCY, hand_over, intake, ok, recorded } from './walk.mjs';

let house, all;
before(async () => {
    house = await own_service();
    all = Object.fromEntries(await Promise.all(['clerk', 'clerk2', 'courier', 'officer', 'supervisor', 'applicant']
        .map(async (name) => [name, await house.login(name)])));
});
after(() => discard(house));

const FORM = 'Tờ khai cấp Giấy xác nhận tình trạng hôn nhân', PROOF = 'Giấy tờ chứng minh nơi cư trú';
const part = (more = {}) => ({ id: uuid7(), documents: [{ name: PROOF, originals: 0, copies: 1 }], weight_g: 30, ...more });
const send = (what) => (who, code, body, headers = {}) => all[who].post(`/v1/dossiers/${code}/${what}`, body, { headers });
const split = send('split'), group = send('group'), pieces = send('pieces');
const view = async (code, who = 'clerk') => ok(await all[who].get(`/v1/dossiers/${encodeURIComponent(code)}`));
const events = async (code, who = 'clerk') => ok(await all[who].get(`/v1/dossiers/${code}/events`)).items;
const anybody = (code) => house.anybody().get(`/v1/track/${code}`);
const rebuilt = () => assert.deepEqual(query(house, 'select * from custody.rebuild()'), []);

// The same refusal in both languages; nothing is changed.
async function refused(call, status, slug, ...codes) {
    const before = await Promise.all(codes.map((code) => view(code, 'supervisor'))), texts = [];
    for (const language of ['vi', 'en']) {
        const reply = await call({ 'accept-language': language });
        assert.deepEqual([reply.status, reply.body.type], [status, `/problems/${slug}`], show(reply));
        texts.push(reply.body);
    }
    assert.notEqual(texts[0].title, texts[1].title);
    for (const error of texts[0].errors ?? []) assert.notEqual(error.detail, texts[1].errors[0].detail);
    assert.deepEqual(await Promise.all(codes.map((code) => view(code, 'supervisor'))), before);
    return texts[0];
}

test('a part becomes a dossier of its own, with the people, its code and its number', async () => {
    const { code, number, made } = await intake(all.clerk, { paid: true, note: 'Gọi trước' });
    await recorded(all.clerk, 'accept', number);
    const { version, allowed_actions } = await view(code);
    assert.ok(['split_intake', 'group_intake', 'make_pieces'].every((name) => allowed_actions.some((one) => one.action === name)));
    const body = part(), headers = { 'if-match': `"${version}"` };
    const reply = await split('clerk', code, body, headers), fresh = ok(reply, 201);
    assert.equal(reply.headers.get('location'), `/v1/dossiers/${fresh.code}`);
    assert.deepEqual(ok(await split('clerk', code, body, headers), 201), fresh, 'a lost reply comes again');
    assert.doesNotMatch(JSON.stringify(fresh), /Nguyễn Thị|0905/, 'the reply is kept, so it names nobody');
    const old = await view(code), now = await view(fresh.code);
    assert.deepEqual([now.applicant, now.note, now.result_to.address], [old.applicant, 'Gọi trước', old.result_to.address]);
    assert.equal(now.applicant.name, 'Nguyễn Thị Thử');
    assert.deepEqual([old.documents.map((x) => x.name), now.documents.map((x) => x.name)], [[FORM], [PROOF]]);
    assert.deepEqual([old.weight_g, now.weight_g, old.split_into, now.split_from], [50, 30, [fresh.code], code]);
    assert.equal(old.total + now.total, made.total);
    assert.ok(now.charges.every((line) => line.paid_at), 'what was paid stays paid');
    assert.equal((await all.clerk.get(`/v1/labels/${now.shipments[0].number}.pdf`)).status, 200);
    const told = (await events(code)).find((one) => one.kind === 'dossier.split_intake');
    assert.deepEqual([told.other, told.name, told.name_en], [fresh.code,
        'Một phần giấy tờ được tách thành hồ sơ riêng', 'Some of the papers became a dossier of their own']);
    for (const key of [code, fresh.code, number, now.shipments[0].number]) {
        const own = key === code || key === number ? code : fresh.code, other = own === code ? fresh.code : code;
        const [page, text] = await Promise.all([`/t/${key}`, `/t/${key}.txt`].map(async (path) => (await house.anybody().get(path)).body));
        const seen = ok(await anybody(key));
        assert.deepEqual([seen.code, seen.split_from, seen.split_into], [own, undefined, undefined]);
        for (const shown of [page, text, JSON.stringify(seen)])
            assert.ok(!shown.includes(other), 'who has the one code is not told the other');
        assert.doesNotMatch(page, /Nguyễn Thị|hôn nhân/);
    }
    await refused((more) => split('clerk', code, { ...body, weight_g: 20 }, more), 422, 'id-reused', code);
    // Both go their own way.
    await recorded(all.clerk, 'accept', now.shipments[0].number);
    await recorded(all.courier, 'take_over', now.shipments[0].number);
    await hand_over(all.courier, all.officer, AGENCY, [now.shipments[0].number]);
    assert.ok((await view(fresh.code)).filed_at);
    assert.ok(!(await view(code)).filed_at);
    rebuilt();
});

test('what is refused when splitting', async () => {
    const { code, number } = await intake(all.clerk);
    const invalid = async (change, pointer) => {
        const told = await refused((more) => split('clerk', code, part(change), more), 422, 'invalid-fields', code);
        assert.ok(told.errors.some((one) => one.pointer === pointer), `${pointer} in ${JSON.stringify(told)}`);
    };
    await invalid({ documents: [] }, '/documents');
    await invalid({ documents: [{ name: 'Giấy khác', originals: 1, copies: 0 }] }, '/documents/0');
    await invalid({ documents: [{ name: PROOF, originals: 0, copies: 9 }] }, '/documents/0');
    await invalid({ weight_g: 80 }, '/weight_g');
    await invalid({ charges: ['1; drop'] }, '/charges/0');
    await invalid({ charges: ['999999999999999999'] }, '/charges');
    await invalid({ note: 'x' }, '/note');
    await refused((more) => split('clerk2', code, part(), more), 404, 'not-found', code);
    await refused((more) => split('officer', code, part(), more), 403, 'forbidden', code);
    await refused((more) => split('applicant', code, part(), more), 403, 'forbidden', code);
    await refused((more) => split('clerk', code, part(), { ...more, 'if-match': '"9"' }), 412, 'precondition-failed', code);
    await recorded(all.courier, 'collect', number);
    const told = await refused((more) => split('clerk', code, part(), more), 409, 'action-not-allowed', code);
    assert.match(told.detail, /trong ngày tiếp nhận/);
});

test('two at once from one dossier: one of them', async () => {
    const { code } = await intake(all.clerk);
    const replies = await Promise.all(Array.from({ length: 4 }, () => split('clerk', code, part())));
    assert.equal(replies.filter((one) => one.status === 201).length, 1, replies.map(show).join('\n'));
    assert.ok(replies.every((one) => [201, 412, 422].includes(one.status)), replies.map(show).join('\n'));
    rebuilt();
});

test('two intakes of one applicant become one; the old code leads to it', async () => {
    const kept = await intake(all.clerk, { paid: true }), other = await intake(all.clerk);
    const headers = { 'idempotency-key': uuid7() };
    const done = ok(await group('clerk', kept.code, { other: other.number }, headers));
    assert.deepEqual(ok(await group('clerk', kept.code, { other: other.number }, headers)), done);
    assert.deepEqual([done.code, done.weight_g, done.total, done.grouped],
        [kept.code, 160, kept.made.total + other.made.total, [other.code]]);
    assert.deepEqual(done.documents.map((x) => [x.originals, x.copies]), [[2, 0], [0, 2]]);
    for (const key of [other.code, other.number]) {
        const old = await view(key);
        assert.deepEqual([old.code, old.grouped_into, old.status.code, old.allowed_actions], [other.code, kept.code, 3, []]);
        const seen = ok(await anybody(key));
        assert.deepEqual([seen.stage.code, seen.grouped_into], ['grouped', kept.code]);
        const page = (await house.anybody().get(`/t/${key}`)).body;
        assert.ok(page.includes(`href="/t/${kept.code}"`));
        assert.match(page, /đã được gộp vào một hồ sơ khác/);
        assert.match((await house.anybody().get(`/t/${key}.txt`)).body, new RegExp(`Đã gộp vào hồ sơ ${kept.code}`));
    }
    const scan = await all.courier.scan('take_over', other.number);
    assert.equal(scan.outcome, 'exception', 'the other\'s label is worth nothing');
    assert.equal((await events(other.code)).find((one) => one.kind === 'dossier.join_intake').other, kept.code);
    rebuilt();
});

test('what is not one applicant\'s, or does not belong together, stays apart', async () => {
    const kept = await intake(all.clerk), { applicant } = kept.body;
    const differs = async (change) => {
        const other = await intake(all.clerk, { applicant: { ...applicant, ...change } });
        const told = await refused((more) => group('clerk', kept.code, { other: other.code }, more), 422, 'invalid-fields', kept.code, other.code);
        assert.deepEqual(told.errors.map((one) => one.pointer), ['/other']);
    };
    // Nothing of the other's may be lost: where its result goes, who takes it, what is to be known.
    const proxy = { name: 'Trần Văn Hộ', phone: '0905000555' };
    const { result_to } = kept.body, address = { ...result_to.address, line: '99 Lê Lợi' };
    for (const more of [{ result_to: { ...result_to, address } }, { result_to: { kind: 'post_office', unit: '46-B1' } }, { result_to: { ...result_to, name: 'Trần Thị Nhận' } },
        { proxy }, { note: 'Chỉ giao buổi sáng' }, { result_to: { kind: 'address' }, applicant: { ...applicant, address } }]) {
        const other = await intake(all.clerk, more);
        const told = await refused((lang) => group('clerk', kept.code, { other: other.code }, lang), 422, 'invalid-fields', kept.code, other.code);
        assert.deepEqual(told.errors.map((one) => one.pointer), ['/other'], JSON.stringify(more));
    }
    const home = await intake(all.clerk, { result_to: { kind: 'address' } });
    ok(await group('clerk', (await intake(all.clerk, { proxy, note: 'Gọi trước' })).code, { other: home.code }), 200);
    await differs({ name: 'Nguyễn Thị Khác' });
    await differs({ phone: '0905000124' });
    // An identity number is told from another by its letters too; written otherwise it is the same one.
    for (const [one, other, same] of [['B1234567', 'C1234567', false], ['ABCDEFGH', 'HGFEDCBA', false], ['--------', '........', false], ['b 123-4567', 'B1234567', true]]) {
        const [left, right] = [await intake(all.clerk, { applicant: { ...applicant, id_number: one } }),
                               await intake(all.clerk, { applicant: { ...applicant, id_number: other } })];
        const reply = await group('clerk', left.code, { other: right.code });
        assert.equal(reply.status, same ? 200 : 422, `${one} ${other}: ${show(reply)}`);
    }
    const same = await intake(all.clerk, { applicant: { ...applicant, phone: '0905 000 123' } });
    await refused((more) => group('clerk', kept.code, { other: kept.code }, more), 422, 'invalid-fields', kept.code);
    await refused((more) => group('clerk', kept.code, { other: 'RR000000000VN' }, more), 422, 'invalid-fields', kept.code);
    await refused((more) => group('clerk2', kept.code, { other: same.code }, more), 404, 'not-found', kept.code, same.code);
    await refused((more) => group('officer', kept.code, { other: same.code }, more), 403, 'forbidden', kept.code, same.code);
    await refused((more) => group('clerk', kept.code, {}, more), 422, 'invalid-fields', kept.code);
    const agency = await intake(all.clerk, { agency: '46-A3' });
    await refused((more) => group('clerk', kept.code, { other: agency.code }, more), 422, 'invalid-fields', kept.code, agency.code);
    // Both ways at once: one of them, and no deadlock.
    const replies = await Promise.all([group('clerk', kept.code, { other: same.code }), group('clerk', same.code, { other: kept.code })]);
    assert.equal(replies.filter((one) => one.status === 200).length, 1, replies.map(show).join('\n'));
    assert.ok(replies.every((one) => [200, 409, 412].includes(one.status)), replies.map(show).join('\n'));
    rebuilt();
});

test('pieces: a number and a label each, one dossier', async () => {
    const { code, number } = await intake(all.clerk);
    const headers = { 'idempotency-key': uuid7() };
    const done = ok(await pieces('clerk', code, { pieces: 3, weights_g: [40, 30, 10] }, headers));
    assert.deepEqual(ok(await pieces('clerk', code, { pieces: 3, weights_g: [40, 30, 10] }, headers)), done);
    assert.deepEqual(done.shipments.map((one) => [one.piece, one.pieces, one.weight_g]), [[1, 3, 40], [2, 3, 30], [3, 3, 10]]);
    assert.equal(done.shipments[0].number, number);
    const numbers = done.shipments.map((one) => one.number);
    for (const one of numbers) {
        assert.equal((await view(one)).code, code);
        assert.equal(ok(await anybody(one)).shipments.length, 3);
    }
    assert.match((await house.anybody().get(`/t/${code}`)).body, /kiện 3\/3/);
    const labels = ok(await all.clerk.post('/v1/labels/print', { numbers }));
    assert.deepEqual(labels.labels.map((one) => one.copy), [1, 1, 1]);
    for (const bad of [{ pieces: 1 }, { pieces: 21 }, { pieces: 'x' }, {}, { pieces: 4, weights_g: [80] }, { pieces: 3 }])
        await refused((more) => pieces('clerk', code, bad, more), 422, 'invalid-fields', code);
    for (const one of numbers) await recorded(all.courier, 'take_over', one);
    await hand_over(all.courier, all.officer, AGENCY, numbers.slice(1));
    assert.ok(!(await view(code)).filed_at, 'one piece is still missing');
    await hand_over(all.courier, all.officer, AGENCY, numbers.slice(0, 1));
    assert.ok((await view(code)).filed_at);
    rebuilt();
});

test('everything sealed can still be proved, and erased', async () => {
    await until('every event in the log', () => query(house, `select 1 from custody.log_head
        where position = (select count(*) from custody.event)`).length);
    const run = (...args) => spawnSync(resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost'), args,
        { env: { ...process.env, DOSSIERPOST_STATE_DIR: house.state }, encoding: 'utf8' }).stdout;
    const found = JSON.parse(run('verify', '--json'));
    assert.equal(found.bad, 0);
    assert.equal(found.payloads, Number(query(house, 'select count(*) from dossier.personal')[0]));
    const { code } = await intake(all.clerk), fresh = ok(await split('clerk', code, part()), 201);
    const { code: other } = await intake(all.clerk);
    ok(await group('clerk', code, { other }));
    assert.equal(run('erase', code, '--by', 'supervisor'), `${code}: personal data erased\n`
        + `${fresh.code}: was one dossier with it and keeps its people's data\n`);
    for (const one of [code, other]) assert.equal((await view(one)).erased, true);
    assert.equal((await view(fresh.code)).applicant.name, 'Nguyễn Thị Thử', 'each is erased by itself');
    const whole = await intake(all.clerk);
    query(house, `select dossier.erase('${whole.made.id}')`);
    await refused((more) => split('clerk', whole.code, part(), more), 409, 'conflict', whole.code);
    await refused((more) => group('clerk', fresh.code, { other: whole.code }, more), 409, 'conflict', whole.code);
});
