// Keys of labels beside a running service: a new one signs while older ones verify, a revoked one
// proves nothing; and labels that a newer copy has taken the place of.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { own_service, ROOT, service, show, until, uuid7 } from './service.mjs';
import { signed_code } from './signed_code.mjs';
import { intake, ok, people, recorded } from './walk.mjs';

const BIN = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
const slug = (reply) => [reply.status, String(reply.body?.type).split('/').at(-1)];
const scan_of = (code, more = {}) =>
    ({ id: uuid7(), code, kind: 'accept', at: new Date().toISOString(), ...more });
const sent = async (client, scan) => ok(await client.post('/v1/custody/scans', { scans: [scan] })).results[0];

function command(house, ...args) {
    const done = spawnSync(BIN, [...args, '--state-dir', house.state], { encoding: 'utf8' });
    return { status: done.status, out: done.stdout, told: done.stderr };
}

function keys(house, ...args) {
    const done = command(house, 'key', ...args, '--json');
    assert.equal(done.status, 0, done.told);
    return JSON.parse(done.out).keys;
}

const signing = (list) => list.find((key) => key.signing).kid;

describe('keys that labels are signed with', () => {
    let house, all, first, first_code, second;
    before(async () => {
        house = await own_service();
        all = await people(house);
    });
    after(() => house.stop());

    const published = async () =>
        ok(await house.anybody().get('/v1/keys')).keys.filter((key) => key.purpose === 'label');
    const heard = (kid) => until('the new key', async () => signing(await published()) === kid);
    const verify = (code, language = 'vi') =>
        house.anybody().post('/v1/verify', { code }, { headers: { 'accept-language': language } });
    const label = async () => signed_code(all.clerk, (await intake(all.clerk)).number);

    it('are one at first', async () => {
        const list = await published();
        assert.deepEqual(list, keys(house, 'list'));
        assert.equal(list.length, 1);
        first = list[0].kid;
        assert.deepEqual([list[0].signing, list[0].revoked_at], [true, null]);
        assert.match(list[0].created_at, /^20\d\d-\d\d-\d\dT/);
        first_code = await label();
        assert.equal(ok(await verify(first_code)).key, first);
    });

    // The file is the test's, the service runs as another user where the test is root.
    it('verify at the service as soon as they are made', async () => {
        second = signing(keys(house, 'new'));
        assert.notEqual(second, first);
        const seed = readFileSync(join(house.state, 'keys/label.key'), 'utf8').split('\n')[1].split(' ')[2];
        const key = createPrivateKey({ format: 'der', type: 'pkcs8',
            key: Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex') });
        const head = Buffer.from(`01${second}000000000000000001000101`.padEnd(32, '0'), 'hex');
        head.writeUIntBE(1 + 676 * (1e8 * (17 * 26 + 17) + 12345678), 3, 6);
        const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
        const bits = [...Buffer.concat([head, sign(null, head, key)])]
            .map((byte) => byte.toString(2).padStart(8, '0')).join('');
        const code = bits.match(/.{5}/g).map((five) => letters[parseInt(five, 2)]).join('');
        assert.deepEqual([ok(await verify(code)).genuine, ok(await verify(code)).key], [true, second]);
    });

    it('sign from then on, and older ones still verify', async () => {
        await heard(second);
        const code = await label();
        assert.equal(ok(await verify(code)).key, second);
        assert.equal(ok(await verify(first_code)).key, first);
        assert.equal(statSync(join(house.state, 'keys/label.key')).mode & 0o777, 0o600);
    });

    it('are published before they sign, where that is asked', async () => {
        const list = keys(house, 'new', '--in', '24');
        assert.equal(signing(list), second);
        await until('three keys', async () => (await published()).length === 3);
        assert.equal(signing(await published()), second);
    });

    it('prove nothing once they are revoked, and it is said that they were', async () => {
        const { number } = await intake(all.clerk), code = await signed_code(all.clerk, number);
        assert.equal(ok(await verify(code)).key, second);
        const before_that = scan_of(code);
        assert.deepEqual((await sent(all.clerk, before_that)).warnings, []);

        const list = keys(house, 'revoke', second);
        assert.notEqual(signing(list), second);
        await heard(signing(list));
        const [vi, en] = [await verify(code), await verify(code, 'en')];
        for (const reply of [vi, en]) {
            assert.deepEqual(slug(reply), [422, 'revoked-key'], show(reply));
            assert.deepEqual([reply.body.genuine, reply.body.number, reply.body.key], [false, number, second]);
        }
        assert.match(vi.body.title, /thu hồi/);
        assert.match(en.body.title, /revoked/);
        assert.match(vi.body.detail, /xin báo bưu cục để in lại nhãn/, 'anybody may read it');
        assert.match(en.body.detail, /please tell the post office/);
        const told = (await published()).find((key) => key.kid === second);
        assert.equal(told.revoked_at, vi.body.revoked_at);
        assert.equal(told.signing, false);

        // What is scanned is a fact all the same, and a person looks at it.
        const again = await sent(all.clerk, before_that);
        assert.equal(again.outcome, 'duplicate');
        const result = await sent(all.clerk, scan_of(code, { kind: 'count' }));
        assert.deepEqual([result.outcome, result.shipment], ['exception', number]);
        assert.ok(result.warnings.includes('revoked_label'), JSON.stringify(result));
        assert.ok((await sent(all.clerk, scan_of(code, { kind: 'count' }))).warnings.includes('revoked_label'));
        const open = ok(await all.clerk.get('/v1/custody/exceptions')).items;
        assert.equal(open.filter((one) => one.code === 'revoked_label').length, 1, 'once until it is decided');
        const opened = await house.anybody().get(new URL(code).pathname);
        assert.deepEqual([opened.status, opened.headers.get('location')], [302, `/t/${number}`]);
        assert.equal(ok(await all.clerk.get(`/v1/custody/items/${code.slice(-128)}`)).number, number);

        // The label is drawn again with the key that signs now.
        assert.equal(ok(await verify(await signed_code(all.clerk, number))).key, signing(list));
    });

    it('are checked without the service by what it published', async () => {
        const file = join(house.state, 'published.json');
        writeFileSync(file, JSON.stringify(ok(await house.anybody().get('/v1/keys'))));
        const said = (...args) => {
            const done = command(house, 'verify-label', ...args, '--json');
            return [done.status, JSON.parse(done.out).verdict];
        };
        assert.deepEqual(said(first_code), [0, 'genuine']);
        assert.deepEqual(said(first_code, '--keys', file), [0, 'genuine']);
        keys(house, 'revoke', first);
        assert.deepEqual(said(first_code), [1, 'revoked-key']);
        assert.deepEqual(said(first_code, '--keys', file), [0, 'genuine'], 'as it was published then');
        await until('the revocation', async () => slug(await verify(first_code))[1] === 'revoked-key');
    });

    it('are the same after a new start, though the first is revoked', async () => {
        const list = await published();
        house.child.kill('SIGTERM');
        await house.exit;
        await house.start();
        assert.deepEqual(await published(), list);
        assert.deepEqual(slug(await verify(first_code)), [422, 'revoked-key']);
        all = await people(house);
        assert.equal(ok(await verify(await label())).key, signing(list));
    });
});

describe('a label that a newer copy has taken the place of', () => {
    let house, all, number, old, fresh, printed_at;
    before(async () => {
        house = await service();
        all = await people(house);
        ({ number } = await intake(all.clerk));
        const print = (more) => all.clerk.post('/v1/labels/print', { numbers: [number], ...more });
        ok(await print());
        old = await signed_code(all.clerk, number);
        await recorded(all.clerk, 'accept', old);
        printed_at = Date.now();
        await new Promise((done) => setTimeout(done, 30));
        ok(await print({ reprint_reason: 'Nhãn bị rách' }));
        fresh = await signed_code(all.clerk, number);
    });
    after(() => house.stop());

    const count = (code, more = {}) => sent(all.clerk, scan_of(code, { kind: 'count', ...more }));

    it('warns, and is recorded without an exception', async () => {
        const result = await count(old);
        assert.deepEqual([result.outcome, result.warnings, result.shipment],
            ['recorded', ['superseded_label'], number]);
        const again = await count(old.toLowerCase());
        assert.deepEqual([again.outcome, again.warnings], ['recorded', ['superseded_label']]);
        const open = ok(await all.clerk.get('/v1/custody/exceptions')).items;
        assert.deepEqual(open.filter((one) => one.subject === number || one.number === number), []);
    });

    it('says nothing of the newest copy, the number, or a scan made before the reprint', async () => {
        for (const code of [fresh, number, `${house.url}/T/${number}`])
            assert.deepEqual((await count(code)).warnings, [], code);
        const late = await count(old, { at: new Date(printed_at).toISOString() });
        assert.ok(!late.warnings.includes('superseded_label'), JSON.stringify(late));
    });

    it('is the same at the verification, and the page learns the newest copy', async () => {
        const verify = async (code) => ok(await house.anybody().post('/v1/verify', { code }));
        assert.deepEqual([(await verify(old)).superseded, (await verify(fresh)).superseded], [true, false]);
        assert.equal(ok(await all.clerk.get(`/v1/custody/items/${number}`)).copy, 2);
        const mine = ok(await all.clerk.get('/v1/custody/held')).items.find((one) => one.number === number);
        assert.equal(mine.copy, 2);
    });

    it('is so too when what stands on it was corrected, before it is printed again', async () => {
        const other = await intake(all.clerk);
        ok(await all.clerk.post('/v1/labels/print', { numbers: [other.number] }));
        const code = await signed_code(all.clerk, other.number);
        ok(await all.clerk.post(`/v1/dossiers/${other.code}/corrections`, { weight_g: 120 }));
        const result = await sent(all.clerk, scan_of(code));
        assert.deepEqual([result.outcome, result.warnings], ['recorded', ['superseded_label']]);
    });

    it('is told in both languages', async () => {
        const { warnings } = ok(await all.clerk.get('/v1/custody/vocabulary'));
        const row = warnings.find((one) => one.code === 'superseded_label');
        assert.match(row.name, /^Nhãn cũ.*nội dung đã thay đổi hoặc đã có nhãn in lại/);
        assert.match(row.name_en, /old label.*changed, or .*printed again/);
    });
});

describe('either code on a label opens tracking with a plain camera', () => {
    let house, all, number, code;
    before(async () => {
        house = await service();
        all = await people(house);
        ({ number } = await intake(all.clerk));
        code = (await signed_code(all.clerk, number)).slice(-128);
    });
    after(() => house.stop());

    it('in capitals, as it is printed, and in small letters, as some telephones make it', async () => {
        const anybody = house.anybody();
        for (const path of [`/S/${code}`, `/s/${code}`, `/S/${code.toLowerCase()}`, `/s/${code.toLowerCase()}`]) {
            const reply = await anybody.get(path);
            assert.deepEqual([reply.status, reply.headers.get('location')], [302, `/t/${number}`], path);
        }
        for (const path of [`/T/${number}`, `/t/${number}`, `/T/${number.toLowerCase()}`, `/t/${number.toLowerCase()}`]) {
            const reply = await anybody.get(path, { headers: { accept: 'text/html' } });
            assert.equal(reply.status, 200, path);
            assert.match(reply.headers.get('content-type'), /^text\/html/);
            assert.match(String(reply.body), new RegExp(number.slice(2, 10)), path);
        }
    });
});
