// The result on line: a PDF that an officer sends and the service seals, opened with the receipt's code
// and not with four digits, downloaded without a login, verified by a second implementation and after
// its erasure.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPublicKey, verify as check_signature } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { query } from '../fault/journal.mjs';
import { discard, own_service, show, until } from './service.mjs';
import { pdf, PART, png, send_to, sha256 } from './pictures.mjs';
import { act, delivered, intake, ok, people, to_agency, to_delivery_office, intake_body } from './walk.mjs';

let house, all, folder;

before(async () => {
    house = await own_service();
    all = await people(house);
    for (const name of ['officer2', 'supervisor', 'applicant']) all[name] = await house.login(name);
    folder = mkdtempSync(join(tmpdir(), 'results-'));
});
after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await discard(house);
});

const ONLINE = { service: 'send', result_to: { kind: 'online' } };
const slug = ({ status, body }) => `${status} ${body.type?.replace('/problems/', '')}`;
const unlock = (code, factor) => house.anybody().post(`/v1/track/${code}/unlock`, factor);
const fetch_result = (code, token, what) =>
    house.anybody().post(`/v1/track/${code}/result`, { token, ...what && { what } });
const results = (code) => `/v1/dossiers/${encodeURIComponent(code)}/results`;
const seal_it = (who, code, file, bytes, more = {}, options = {}) =>
    who.post(results(code), { attachment: file.id, sha256: sha256(bytes), ...more }, options);
const status_of = async (code) => ok(await all.officer.get(`/v1/dossiers/${code}`)).status.code;

// A dossier whose result is ready, and its receipt's code.
async function ready(more = ONLINE) {
    const { code, made, number } = await intake(all.clerk, more);
    for (const action of ['accept', 'start', 'result_ready']) await act(all.officer, code, action);
    return { code, number, receipt: made.receipt_code };
}

async function sealed(more = ONLINE, bytes = pdf(`ket qua ${Math.random()}`)) {
    const one = await ready(more);
    const file = ok(await send_to(all.officer, { dossier: one.code }, bytes, { kind: 'result' }), 201);
    const item = ok(await seal_it(all.officer, one.code, file, bytes), 201);
    return { ...one, bytes, file, item };
}

// What src/dossier/result_seal.h says, once more.
const signed_text = (s) => `dossierpost result 1\n${s.dossier}\n${s.version}\n${s.sha256}\n${s.size}\n${s.at}\n`;
async function verifies(seal) {
    const { keys } = ok(await house.anybody().get('/v1/keys'));
    const key = keys.find((one) => one.purpose === 'result' && one.kid === seal.kid && one.x === seal.key);
    return !!key && check_signature(null, Buffer.from(signed_text(seal)),
        createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key.x }, format: 'jwk' }),
        Buffer.from(seal.signature, 'base64url'));
}

const command = (...args) => {
    const done = spawnSync(process.env.DOSSIERPOST_BIN ?? 'build/dossierpost', ['verify-result', ...args],
        { encoding: 'utf8', env: { ...process.env, DOSSIERPOST_STATE_DIR: house.state } });
    return [done.status, done.stdout.trim().split(/\s/)[0], done.stderr];
};
const kept = (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
    return path;
};

// --- the way -------------------------------------------------------------------------------------

test('level 4: ready, sealed, opened with the code, downloaded, received', async () => {
    const one = await ready(), { code } = one, bytes = pdf('giay xac nhan');
    const stage = async () => ok(await house.anybody().get(`/v1/track/${code}`)).stage.code;
    assert.equal(await stage(), 'result_online_soon');
    assert.deepEqual(ok(await unlock(code, { code: one.receipt })).download, { allowed: false });
    const file = ok(await send_to(all.officer, { dossier: code }, bytes, { kind: 'result' }), 201);
    assert.deepEqual(ok(await unlock(code, { code: one.receipt })).download, { allowed: false }, 'not sealed yet');
    const item = ok(await seal_it(all.officer, code, file, bytes), 201);
    assert.deepEqual([item.code, item.version, item.attachment, item.kept], [code, 1, file.id, true]);
    assert.deepEqual([item.seal.dossier, item.seal.sha256, item.seal.size, item.seal.version],
        [code, sha256(bytes), bytes.length, 1]);
    assert.equal(await stage(), 'result_online');

    const by_phone = ok(await unlock(code, { phone: '0123' }));
    assert.deepEqual(by_phone.download, { allowed: false, needs_code: true });
    assert.doesNotMatch(JSON.stringify(by_phone), new RegExp(`${sha256(bytes)}|token`));
    const { download } = ok(await unlock(code, { code: one.receipt }));
    assert.deepEqual([download.allowed, download.result.sha256, download.result.size, download.result.version],
        [true, sha256(bytes), bytes.length, 1]);
    const left = Date.parse(download.expires_at) - Date.now();
    assert.ok(left > 9 * 60000 && left <= 600000, String(left));

    const seal = ok(await fetch_result(code, download.token, 'seal'));
    assert.deepEqual(seal, item.seal);
    assert.equal(await status_of(code), 9, 'the seal alone is no receipt');
    const got = await fetch_result(code, download.token);
    assert.equal(got.status, 200, show(got));
    assert.deepEqual(got.body, bytes);
    assert.deepEqual(['content-type', 'content-disposition', 'x-content-type-options', 'cache-control',
        'content-security-policy'].map((name) => got.headers.get(name)), ['application/pdf',
        `attachment; filename="ket-qua-${code}-1.pdf"`, 'nosniff', 'private, no-store', "default-src 'none'; sandbox"]);
    assert.ok(await verifies(seal));

    assert.equal(await status_of(code), 10);
    assert.equal(await stage(), 'done');
    const told = ok(await house.anybody().get(`/v1/track/${code}`)).timeline.map((one) => one.kind);
    assert.deepEqual(told.slice(0, 2), ['dossier.download_result', 'dossier.seal_result']);
    assert.equal((await fetch_result(code, download.token)).status, 200, 'and again');
    const { reads } = ok(await unlock(code, { code: one.receipt }));
    assert.deepEqual(reads.filter((read) => read.what.startsWith('result')).map((read) => read.what),
        ['result', 'result', 'result-seal'], 'each download is on record');
    assert.equal(query(house, `select count(*) from custody.event e join dossier.dossier d on e.subject = d.id::text
        where d.code = '${code}' and e.kind = 'dossier.download_result'`)[0], '1');
});

test('a result that goes by post keeps 9 when its copy is downloaded; delivery ends it', async () => {
    const { code, number, made } = await intake(all.clerk);
    await to_delivery_office(all, number);
    await to_agency(all, number);
    await act(all.officer, code, 'accept');
    await act(all.officer, code, 'start');
    const view = await act(all.officer, code, 'result_ready'), bytes = pdf('ban sao dien tu');
    const file = ok(await send_to(all.officer, { dossier: code }, bytes, { kind: 'result' }), 201);
    ok(await seal_it(all.officer, code, file, bytes), 201);
    const { download } = ok(await unlock(code, { code: made.receipt_code }));
    assert.deepEqual((await fetch_result(code, download.token)).body, bytes);
    assert.equal(await status_of(code), 9);
    await delivered(all, view.shipments.find((one) => one.leg === 'result').number);
    assert.equal(await status_of(code), 10);
});

test('ten first downloads at once are one receipt', async () => {
    const { code, receipt, bytes } = await sealed();
    const { download } = ok(await unlock(code, { code: receipt }));
    const got = await Promise.all(Array.from({ length: 10 }, () => fetch_result(code, download.token)));
    assert.ok(got.every((reply) => reply.status === 200 && reply.body.equals(bytes)), got.map(show).join('\n'));
    assert.equal(query(house, `select count(*) from custody.event e join dossier.dossier d on e.subject = d.id::text
        where d.code = '${code}' and e.kind = 'dossier.download_result'`)[0], '1');
    assert.equal(query(house, `select count(*) from dossier.access x join dossier.dossier d on d.id = x.dossier
        where d.code = '${code}' and x.what = 'result'`)[0], '10');
});

test('a long result comes whole, part by part', async () => {
    const head = Buffer.from('%PDF-1.7\n'), tail = Buffer.from('\n%%EOF\n');
    const bytes = Buffer.concat([head, Buffer.alloc(5 * PART + 77, 'x '), tail]);
    const { code, receipt } = await sealed(ONLINE, bytes);
    const { download } = ok(await unlock(code, { code: receipt }));
    const got = await fetch_result(code, download.token);
    assert.equal(sha256(got.body), sha256(bytes));
});

// --- passes --------------------------------------------------------------------------------------

test('a pass that is wrong, over, foreign or for nothing: one answer', async () => {
    const mine = await sealed(), other = await sealed(), nothing = await ready();
    const token = async ({ code, receipt }) => ok(await unlock(code, { code: receipt })).download.token;
    const good = await token(mine), foreign = await token(other), raw = Buffer.from(good, 'base64url');
    const changed = (at) => {
        const bytes = Buffer.from(raw);
        bytes[at] ^= 1;
        return bytes.toString('base64url');
    };
    // The same pass with its end a year on: only the digest tells.
    const bodies = new Set();
    for (const [code, wrong] of [[mine.code, changed(0)], [mine.code, changed(20)], [mine.code, changed(23)],
        [mine.code, changed(raw.length - 1)], [mine.code, foreign], [nothing.code, good], ['000.00.16.H57-990101-0001', good],
        ['x', good], [mine.code, 'x'], [mine.code, good.slice(1)], [mine.code, `${good}A`]]) {
        for (const what of ['pdf', 'seal']) {
            const reply = await fetch_result(code, wrong, what);
            assert.equal(slug(reply), '403 download-refused', show(reply));
            delete reply.body.instance;
            bodies.add(JSON.stringify(reply.body));
        }
    }
    assert.equal(bodies.size, 1);
    assert.equal((await fetch_result(mine.code, good)).status, 200);
    for (const body of [{}, { token: good, what: 'html' }, { token: 7 }])
        assert.equal((await house.anybody().post(`/v1/track/${mine.code}/result`, body)).status, 422);
    assert.equal((await house.anybody().get(`/v1/track/${mine.code}/result`)).status, 405);
});

test('the page\'s form does the same, and not for another site', async () => {
    const { code, receipt, bytes } = await sealed();
    const { download } = ok(await unlock(code, { code: receipt }));
    const form = (fields, headers = {}) => house.anybody().send('POST', `/t/${code}/result`, {
        raw: new URLSearchParams(fields).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } });
    assert.deepEqual((await form({ token: download.token, what: 'pdf' })).body, bytes);
    const seal = await form({ token: download.token, what: 'seal' });
    assert.match(seal.headers.get('content-disposition'), /^attachment; filename=".*\.seal\.json"$/);
    const refused = await form({ token: 'x', what: 'pdf' }, { accept: 'text/html' });
    assert.deepEqual([refused.status, refused.headers.get('content-type').split(';')[0]], [403, 'text/html']);
    assert.equal((await form({ token: download.token }, { origin: 'https://elsewhere.example' })).status, 403);
});

// --- who may seal --------------------------------------------------------------------------------

test('only an officer of its agency, only a result of it, only once it is ready', async () => {
    const one = await ready(), bytes = pdf('mot'), other = await sealed();
    for (const who of ['clerk', 'courier', 'supervisor', 'applicant', 'officer2']) {
        const reply = await send_to(all[who], { dossier: one.code }, bytes, { kind: 'result' });
        assert.match(slug(reply), who === 'officer2' || who === 'courier' || who === 'applicant'
            ? /^(403 forbidden|404 not-found)$/ : /^403 forbidden$/, who);
    }
    const file = ok(await send_to(all.officer, { dossier: one.code }, bytes, { kind: 'result' }), 201);
    for (const who of ['clerk', 'supervisor'])
        assert.equal(slug(await seal_it(all[who], one.code, file, bytes)), '403 forbidden');
    assert.equal(slug(await seal_it(all.officer2, one.code, file, bytes)), '404 not-found');
    assert.equal((await seal_it(house.anybody(), one.code, file, bytes)).status, 401);
    const wrong = async (body) => (await all.officer.post(results(one.code), body)).body.errors?.[0].pointer;
    assert.equal(await wrong({ attachment: other.file.id, sha256: sha256(other.bytes) }), '/attachment');
    assert.equal(await wrong({ attachment: file.id, sha256: sha256('other') }), '/sha256');
    assert.equal(await wrong({ attachment: file.id, sha256: 'Z'.repeat(64) }), '/sha256');
    assert.equal(await wrong({ attachment: 'x', sha256: sha256(bytes) }), '/attachment');
    const paper = ok(await send_to(all.clerk, { dossier: (await intake(all.clerk)).code }, bytes, { kind: 'document' }), 201);
    assert.equal(await wrong({ attachment: paper.id, sha256: sha256(bytes) }), '/attachment');

    const early = await intake(all.clerk, ONLINE);
    await act(all.officer, early.code, 'accept');
    assert.equal(slug(await send_to(all.officer, { dossier: early.code }, bytes, { kind: 'result' })),
        '409 action-not-allowed');
    await act(all.officer, early.code, 'start');
    const soon = ok(await send_to(all.officer, { dossier: early.code }, bytes, { kind: 'result' }), 201);
    const refused = await seal_it(all.officer, early.code, soon, bytes);
    assert.equal(slug(refused), '409 action-not-allowed');
    assert.ok(refused.body.allowed.some((action) => action.action === 'result_ready'), show(refused));
    assert.equal(slug(await send_to(all.officer, { dossier: one.code }, png(3, 3), { kind: 'result' })), '422 not-a-picture');
});

test('where the result is not given on line there is none', async () => {
    query(house, `select procedure.put(jsonb_set(jsonb_set(p.body, '{level}', '3'), '{code}', '"1.004873.H57"'))
        from procedure.procedure p where p.code = '1.004873' order by version limit 1`);
    const { code } = await ready({ procedure: '1.004873.H57', service: 'send', result_to: { kind: 'agency' } });
    const reply = await send_to(all.officer, { dossier: code }, pdf('x'), { kind: 'result' });
    assert.equal(slug(reply), '409 action-not-allowed', show(reply));
    const asked = await all.clerk.post('/v1/dossiers', intake_body({ procedure: '1.004873.H57', ...ONLINE }));
    assert.deepEqual([slug(asked), asked.body.errors[0].pointer], ['422 invalid-fields', '/result_to/kind'], 'that is level 4');
});

test('the same request again is the same seal; two officers at once make one', async () => {
    const one = await ready(), bytes = pdf('mot lan');
    const file = ok(await send_to(all.officer, { dossier: one.code }, bytes, { kind: 'result' }), 201);
    const { version } = ok(await all.officer.get(`/v1/dossiers/${one.code}`));
    const stale = await seal_it(all.officer, one.code, file, bytes, {}, { headers: { 'if-match': `"${version - 1}"` } });
    assert.equal(slug(stale), '412 precondition-failed');
    const key = { headers: { 'idempotency-key': `seal-${one.code}` } };
    const first = ok(await seal_it(all.officer, one.code, file, bytes, {}, key), 201);
    const again = ok(await seal_it(all.officer, one.code, file, bytes, {}, key));
    assert.deepEqual(again.seal, first.seal);
    assert.deepEqual(ok(await seal_it(all.officer, one.code, file, bytes)).seal, first.seal, 'also without the key');
    assert.equal(slug(await seal_it(all.officer, one.code, file, bytes, { reason: 'khác' }, key)), '422 id-reused');

    const two = await ready(), files = [];
    for (const words of ['ban a', 'ban b'])
        files.push([ok(await send_to(all.officer, { dossier: two.code }, pdf(words), { kind: 'result' }), 201), pdf(words)]);
    const made = await Promise.all([...files, ...files].map(([one_of, content]) => seal_it(all.officer, two.code, one_of, content)));
    const done = made.filter((reply) => reply.status === 201);
    assert.equal(done.length, 1, made.map(show).join('\n'));
    assert.ok(made.every((reply) => [200, 201, 409, 422].includes(reply.status)));
});

test('a wrong result is replaced: the old is kept and says so, the applicant is told', async () => {
    const { code, receipt, bytes, item } = await sealed();
    const { download } = ok(await unlock(code, { code: receipt }));
    assert.deepEqual((await fetch_result(code, download.token)).body, bytes);
    const better = pdf('ban dung'), file = ok(await send_to(all.officer, { dossier: code }, better, { kind: 'result' }), 201);
    const silent = await seal_it(all.officer, code, file, better);
    assert.equal(silent.body.errors?.[0].pointer, '/reason', show(silent));
    const second = ok(await seal_it(all.officer, code, file, better, { reason: 'Sai ngày sinh trên bản trước.' }), 201);
    assert.equal(second.version, 2);
    const list = ok(await all.supervisor.get(results(code))).items;
    assert.deepEqual(list.map((one) => [one.version, one.superseded_by, !!one.superseded_at, one.kept]),
        [[2, undefined, false, true], [1, 2, true, true]]);
    assert.deepEqual((await all.officer.get(`/v1/attachments/${item.attachment}`)).body, bytes, 'the old is kept');
    const opened = ok(await unlock(code, { code: receipt })).download;
    assert.deepEqual([opened.result.version, opened.result.replaced.version], [2, 1]);
    assert.deepEqual((await fetch_result(code, download.token)).body, better, 'an older pass gives what is current');
    const told = ok(await house.anybody().post('/v1/results/verify', { seal: item.seal, sha256: sha256(bytes) }));
    assert.deepEqual([told.genuine, told.verdict, told.superseded_by, !!told.superseded_at], [true, 'genuine', 2, true]);
    const back = await seal_it(all.officer, code, { id: item.attachment }, bytes, { reason: 'x' });
    assert.equal(slug(back), '409 conflict', 'what was replaced does not come back');
    assert.ok(!JSON.stringify(ok(await house.anybody().get(`/v1/track/${code}`))).includes('ngày sinh'));
    assert.equal(await status_of(code), 10);
});

// --- the seal ------------------------------------------------------------------------------------

test('the seal is checked by the command, with the keys of the service or kept in a file', async () => {
    const { bytes, item } = await sealed(), { seal } = item;
    const result = kept('result.pdf', bytes), proof = kept('seal.json', seal);
    assert.deepEqual(command(result, '--seal', proof).slice(0, 2), [0, 'genuine']);
    const keys = kept('keys.json', ok(await house.anybody().get('/v1/keys')));
    assert.deepEqual(command(result, '--seal', proof, '--keys', keys).slice(0, 2), [0, 'genuine']);
    const json = spawnSync(process.env.DOSSIERPOST_BIN ?? 'build/dossierpost',
        ['verify-result', result, '--seal', proof, '--keys', keys, '--json'], { encoding: 'utf8' });
    assert.deepEqual(JSON.parse(json.stdout), { verdict: 'genuine', dossier: seal.dossier, version: 1, at: seal.at,
        sha256: seal.sha256, kid: seal.kid });
    const other = kept('other.pdf', Buffer.concat([bytes, Buffer.from('\n')]));
    assert.deepEqual(command(other, '--seal', proof).slice(0, 2), [1, 'other-file']);
    for (const [name, change] of Object.entries({ version: 2, sha256: sha256('x'), size: seal.size + 1,
        at: seal.at.replace('T0', 'T1').replace('T2', 'T1'), dossier: seal.dossier.replace(/.$/, (d) => (d === '9' ? '8' : '9')) })) {
        if (seal[name] === change) continue;
        const [status, verdict] = command(result, '--seal', kept('changed.json', { ...seal, [name]: change }));
        assert.deepEqual([status, verdict], [1, 'altered'], name);
    }
    const none = ok(await house.anybody().get('/v1/keys')).keys.filter((key) => key.purpose !== 'result');
    assert.deepEqual(command(result, '--seal', proof, '--keys', kept('none.json', { keys: none })).slice(0, 2), [1, 'unknown-key']);
    assert.deepEqual(command(result, '--seal', kept('no.json', { ...seal, more: 1 })).slice(0, 2), [1, 'no-seal']);
    assert.deepEqual(command(result, '--seal', kept('no.json', 'x')).slice(0, 2), [1, 'no-seal']);
    assert.equal(command(result)[0], 2);
    assert.equal(command(join(folder, 'absent.pdf'), '--seal', proof)[0], 1);
});

test('anybody may ask of a seal on line', async () => {
    const { code, bytes, item } = await sealed(), { seal } = item;
    const ask = (body) => house.anybody().post('/v1/results/verify', body);
    assert.deepEqual(ok(await ask({ seal, sha256: sha256(bytes) })), { genuine: true, verdict: 'genuine', dossier: code,
        version: 1, at: seal.at, compared: true, known: true });
    assert.equal(ok(await ask({ seal })).compared, false);
    assert.deepEqual(ok(await ask({ seal, sha256: sha256('other') })), { genuine: false, verdict: 'other-file' });
    assert.deepEqual(ok(await ask({ seal: { ...seal, size: 1 } })), { genuine: false, verdict: 'altered' });
    assert.deepEqual(ok(await ask({ seal: { ...seal, kid: seal.kid === '0000' ? '0001' : '0000' } })),
        { genuine: false, verdict: 'unknown-key' });
    for (const wrong of [{}, { ...seal, type: 'x' }, { ...seal, key: 'x' }, { ...seal, at: '2026-11-23' }, { ...seal, version: 0 }])
        assert.equal(slug(await ask({ seal: wrong })), '422 seal-unreadable');
    assert.equal((await ask({ seal: 'x' })).status, 422);
});

test('a key that is revoked seals nothing any more, and what it sealed does not count', async () => {
    const { bytes, item } = await sealed();
    const run = (...args) => spawnSync(process.env.DOSSIERPOST_BIN ?? 'build/dossierpost', ['key', ...args],
        { encoding: 'utf8', env: { ...process.env, DOSSIERPOST_STATE_DIR: house.state } });
    const before = run('list', '--ring', 'result');
    assert.match(before.stdout, new RegExp(`^${item.seal.kid}  signs`, 'm'), before.stderr);
    const done = run('revoke', item.seal.kid, '--ring', 'result');
    assert.equal(done.status, 0, done.stderr);
    const judged = async () => ok(await house.anybody().post('/v1/results/verify', { seal: item.seal, sha256: sha256(bytes) }));
    await until('the service knows', async () => !(await judged()).genuine);
    assert.deepEqual(await judged(), { genuine: false, verdict: 'revoked-key' });
    const later = (await sealed()).item.seal;
    assert.notEqual(later.kid, item.seal.kid);
    assert.equal(ok(await house.anybody().post('/v1/results/verify', { seal: later })).genuine, true);
});

test('erased, the file is gone and the seal verifies all the same', async () => {
    const { code, receipt, bytes, item } = await sealed();
    const { download } = ok(await unlock(code, { code: receipt }));
    assert.equal((await fetch_result(code, download.token)).status, 200);
    query(house, `select dossier.erase(id) from dossier.dossier where code = '${code}'`);
    assert.equal(slug(await fetch_result(code, download.token)), '403 download-refused');
    assert.equal((await all.officer.get(`/v1/attachments/${item.attachment}`)).status, 404);
    assert.equal(query(house, `select count(*) from attachment.file f join dossier.dossier d on f.subject = d.id::text
        where d.code = '${code}'`)[0], '0');
    const told = ok(await house.anybody().post('/v1/results/verify', { seal: item.seal, sha256: sha256(bytes) }));
    assert.deepEqual([told.genuine, told.known], [true, true]);
    assert.deepEqual(ok(await all.officer.get(results(code))).items.map((one) => [one.version, one.kept]), [[1, false]]);
    assert.deepEqual(command(kept('gone.pdf', bytes), '--seal', kept('gone.json', item.seal)).slice(0, 2), [0, 'genuine']);
});
