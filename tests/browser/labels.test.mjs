// The courier's phone checks labels by itself: what is wrong with one is told at once, also without a
// network, and the scan is kept all the same.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { own_service, ROOT, until } from '../api/service.mjs';
import { signed_code } from '../api/signed_code.mjs';
import { intake, ok, people, recorded } from '../api/walk.mjs';
import { Browser, scan } from './browser.mjs';

const BIN = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
const vectors = JSON.parse(readFileSync(join(ROOT, 'labels/codes.json'), 'utf8'));
const altered = (code) => code.slice(0, -1) + (code.endsWith('A') ? 'B' : 'A');
const foreign = vectors.codes.find((row) => row.verdict === 'unknown-key').text;

// A browser that does not know Ed25519: an old telephone, or a page without TLS.
const OLD = () => {
    const { importKey, generateKey } = SubtleCrypto.prototype;
    const without = (real) => function of_old(...args) {
        return args.some((one) => one?.name === 'Ed25519')
            ? Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError')) : real.apply(this, args);
    };
    SubtleCrypto.prototype.importKey = without(importKey);
    SubtleCrypto.prototype.generateKey = without(generateKey);
};

for (const [kind, old] of [['a phone', false], ['an old phone', true]])
    describe(`labels on ${kind}`, () => {
        let house, browser, page, all, first, second, old_code, fresh_code, loaded;

        before(async () => {
            house = await own_service();
            browser = await Browser.open(house.url);
            all = await people(house);
            [first, second] = (await Promise.all([1, 2].map(async () => {
                const { number } = await intake(all.clerk);
                await recorded(all.clerk, 'accept', number);
                return number;
            })));
            ok(await all.clerk.post('/v1/labels/print', { numbers: [first, second] }));
            old_code = await signed_code(all.clerk, first);
            ok(await all.clerk.post('/v1/labels/print', { numbers: [first], reprint_reason: 'Nhãn bị rách' }));
            fresh_code = await signed_code(all.clerk, first);
            page = await browser.person({ viewport: { width: 360, height: 780 } });
            if (old) await page.context().addInitScript(OLD);
            loaded = [];
            page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
            await browser.enter(page, 'courier', '/courier');
            await page.locator('body[data-kept=yes]').waitFor({ state: 'attached' });
        });
        after(async () => {
            await browser?.close();
            await house.stop();
        });

        const read = (code) => scan(page, /Quét bưu gửi hoặc túi/, code);
        const told = (verdict) => page.locator(`[data-label="${verdict}"]`);
        const found = (code) => page.locator(`[data-found="${code.slice(-128)}"]`);

        it('has what it needs before the network goes', async () => {
            assert.equal(loaded.includes('/assets/lib/ed25519.js'), old, 'the library only where it is needed');
            await read(fresh_code);
            await found(fresh_code).getByText(first.slice(2, 10)).waitFor();
            assert.equal(await page.locator('[data-label]').count(), 0);
            await found(fresh_code).locator('[data-kind=take_over]').click();
            await page.locator('.outcome.recorded').first().waitFor();
        });

        it('says nothing of a good one off line, and shows its number', async () => {
            await page.context().setOffline(true);
            await page.getByText('Không có mạng.').waitFor();
            const code = await signed_code(all.clerk, second);
            await read(code);
            await found(code).getByText(second.slice(2, 10)).waitFor();
            assert.equal(await page.locator('[data-label]').count(), 0);
            if (old) await page.reload(); // the library is kept with the page
            if (old) await page.getByText('Không có mạng.').waitFor();
        });

        it('tells an altered one, and keeps the scan', async () => {
            await read(altered(old_code));
            await told('altered').getByText('nội dung đã bị sửa hoặc in lỗi').waitFor();
            await browser.look(page, `courier-label-altered${old ? '-old' : ''}`);
            await found(altered(old_code)).locator('[data-kind=take_over]').click();
            await page.locator('.outcome.waiting').waitFor();
        });

        it('tells one of another service, and one whose code cannot be read', async () => {
            await read(foreign);
            await told('unknown-key').getByText('hoặc được ký bằng khóa mới').waitFor();
            assert.doesNotMatch(await told('unknown-key').innerText(), /vẫn được ghi lại/, 'the service may refuse it');
            await browser.look(page, `courier-label-unknown${old ? '-old' : ''}`);
            await read(`${fresh_code.slice(0, -3)}1${fresh_code.slice(-2)}`);
            await told('no-code').waitFor();
        });

        it('tells an old copy, keeps the scan, and says no more of the next good one', async () => {
            await read(old_code);
            await told('superseded').getByText('Nhãn cũ (bản 1)').waitFor();
            assert.doesNotMatch(await told('superseded').innerText(), /bỏ nhãn/, 'it may be the only one');
            await browser.look(page, `courier-label-superseded${old ? '-old' : ''}`);
            await found(old_code).locator('[data-kind=take_over]').click();
            await until('two that wait', async () => await page.locator('.outcome.waiting').count() === 2);
            await read(fresh_code);
            await found(fresh_code).waitFor();
            await until('no note', async () => await page.locator('[data-label]').count() === 0);
        });

        it('hears of the same from the service once the network is back', async () => {
            await page.context().setOffline(false);
            await page.locator('.outcome.waiting').first().waitFor({ state: 'detached' });
            await page.locator('.outcome.refused').getByText('Mã QR không do hệ thống này ký.').waitFor();
            await page.locator('.outcome').getByText(/Nhãn cũ: lúc quét, nội dung đã thay đổi hoặc đã có nhãn in lại/).waitFor();
        });

        it('learns on line of a newer copy that it had not heard of', async () => {
            const { number } = await intake(all.clerk);
            await recorded(all.clerk, 'accept', number);
            ok(await all.clerk.post('/v1/labels/print', { numbers: [number] }));
            const code = await signed_code(all.clerk, number);
            ok(await all.clerk.post('/v1/labels/print', { numbers: [number], reprint_reason: 'Nhãn bị ướt' }));
            await read(code);
            await told('superseded').getByText('bản 2').waitFor();
        });

        it('tells one of a revoked key, on line and off', async () => {
            const { keys } = JSON.parse(spawnSync(BIN, ['key', 'list', '--json', '--state-dir', house.state]).stdout);
            assert.equal(spawnSync(BIN, ['key', 'revoke', keys[0].kid, '--state-dir', house.state]).status, 0);
            await until('the revocation', async () =>
                ok(await all.clerk.get('/v1/keys')).keys.some((key) => key.revoked_at));
            await page.evaluate(() => localStorage.removeItem('dossierpost.label_keys')); // ten minutes later
            await page.reload();
            await page.waitForFunction(() => /"revoked_at":"/.test(localStorage.getItem('dossierpost.label_keys')));
            await page.context().setOffline(true);
            await page.getByText('Không có mạng.').waitFor();
            await read(fresh_code);
            await told('revoked-key').getByText('Khóa bị thu hồi lúc').waitFor();
            await browser.look(page, `courier-label-revoked${old ? '-old' : ''}`);
            await page.context().setOffline(false);
        });

        it('complains of nothing else', () => {
            assert.deepEqual(browser.complaints([/ERR_INTERNET_DISCONNECTED/, /net::ERR/, /Failed to fetch/, /422/]), []);
        });
    });

// Neither the browser's own engine nor the library: what cannot be checked never passes for good.
describe('labels on a phone that cannot check signatures', () => {
    let house, browser, page;
    const LIBRARY = '**/assets/lib/ed25519.js';
    before(async () => {
        house = await own_service();
        browser = await Browser.open(house.url);
        page = await browser.person({ viewport: { width: 360, height: 780 }, serviceWorkers: 'block' });
        await page.context().addInitScript(OLD);
        await page.context().route(LIBRARY, (route) => route.abort());
        await browser.enter(page, 'courier', '/courier');
        await page.waitForFunction(() => localStorage.getItem('dossierpost.label_keys'));
    });
    after(async () => {
        await browser?.close();
        await house.stop();
    });

    const read = (code) => scan(page, /Quét bưu gửi hoặc túi/, code);
    const told = (verdict) => page.locator(`[data-label="${verdict}"]`);
    const forged = async () => {
        const all = await people(house), { number } = await intake(all.clerk);
        return altered(await signed_code(all.clerk, number));
    };

    it('says that it could not be checked, and does not blame the keys', async () => {
        await read(await forged());
        await told('unchecked').getByText('chưa tải được phần kiểm tra chữ ký').waitFor();
        assert.doesNotMatch(await told('unchecked').innerText(), /khóa công khai|vẫn được ghi lại/);
        await browser.look(page, 'courier-label-unchecked');
    });

    it('still knows a foreign one for foreign, having just asked for the keys', async () => {
        await read(foreign);
        await told('unknown-key').getByText('Nhãn này không do hệ thống ký.', { exact: true }).waitFor();
    });

    it('checks again once the library is there', async () => {
        await page.context().unroute(LIBRARY);
        await page.reload();
        await read(await forged());
        await told('altered').waitFor();
    });
});
