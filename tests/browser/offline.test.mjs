// The courier's phone loses its network: the page still opens, scans are kept with their ids, and
// each is recorded exactly once when the network is back, also when a reply was lost on its way.
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { receipt_text } from '../../src/web/common/receipt.js';
import { service, until } from '../api/service.mjs';
import { intake, ok, people, recorded } from '../api/walk.mjs';
import { at_first, Browser, losing, scan } from './browser.mjs';

describe('the courier without a network', () => {
    let house, browser, page, all, first, second, third, fourth, fifth, sixth;

    before(async () => {
        house = await service();
        browser = await Browser.open(house.url);
        all = await people(house);
        [first, second, third, fourth, fifth, sixth] = await Promise.all([1, 2, 3, 4, 5, 6].map(async () => {
            const { number } = await intake(all.clerk);
            await recorded(all.clerk, 'accept', number);
            return number;
        }));
        page = await browser.staff('courier', '/courier', { viewport: { width: 360, height: 780 } });
        await page.locator('body[data-kept=yes]').waitFor({ state: 'attached' });
    });
    after(async () => {
        await browser?.close();
        await house.stop();
    });

    const field = /Quét bưu gửi hoặc túi/;
    const step = async (number, kind) => {
        await scan(page, field, number);
        await page.locator(`[data-found="${number}"] [data-kind="${kind}"]`).click();
    };
    const times = async (number, kind) => {
        const view = ok(await all.clerk.get(`/v1/dossiers/${number}`));
        const events = ok(await all.clerk.get(`/v1/dossiers/${view.code}/events`)).items;
        return events.filter((event) => event.kind === kind && event.number === number).length;
    };

    it('learns on line what it may do', async () => {
        await step(first, 'take_over');
        await page.locator('.outcome.recorded').first().waitFor();
        assert.equal(await times(first, 'take_over'), 1);
    });

    it('keeps scans while there is no network', async () => {
        await page.context().setOffline(true);
        await step(second, 'take_over');
        await page.locator('.outcome.waiting').waitFor();
        await page.getByText('1 lượt quét đang chờ gửi').waitFor();
        assert.equal(await times(second, 'take_over'), 0);
    });

    it('opens again without a network, with what was scanned', async () => {
        await page.reload();
        await page.getByText('Không có mạng.').waitFor();
        await page.getByText('1 lượt quét đang chờ gửi').waitFor();
        await page.locator(`li[data-number="${first}"]`).waitFor();
        assert.match(await page.locator('.outcome.waiting').textContent(), /Nhận bàn giao/);
        await browser.look(page, 'courier-offline');
    });

    it('sends them once the network is back', async () => {
        await page.context().setOffline(false);
        await page.locator('.outcome.recorded').first().waitFor();
        await page.locator(`li[data-number="${second}"]`).waitFor();
        assert.equal(await times(second, 'take_over'), 1);
    });

    it('asks again when a reply was lost, and is told: recorded before', async () => {
        const lost = await losing(page, '**/v1/custody/scans');
        await step(third, 'take_over');
        await page.locator('.outcome.duplicate').waitFor();
        assert.equal(lost.length, 1);
        assert.equal(await times(third, 'take_over'), 1);
        await page.locator(`li[data-number="${third}"]`).waitFor();
    });

    it('keeps a scan whose receipt is not genuine, until one is', async () => {
        let forged = 0;
        await at_first(page, '**/v1/custody/scans', async (route) => {
            const reply = await route.fetch();
            const body = await reply.json();
            body.receipt.signature = body.receipt.signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'));
            forged++;
            await route.fulfill({ response: reply, json: body });
        });
        await step(fourth, 'take_over');
        await until('a forged receipt', () => forged);
        await page.locator('.outcome.waiting').waitFor();
        await page.locator('.outcome.duplicate').nth(1).waitFor();
        await page.locator('.outcome.waiting').waitFor({ state: 'detached' });
        assert.equal(await times(fourth, 'take_over'), 1);
    });

    it('keeps a scan whose receipt names no position in the log, until one does', async () => {
        const { publicKey, privateKey } = generateKeyPairSync('ed25519');
        const key = publicKey.export({ format: 'jwk' }).x;
        await at_first(page, '**/v1/keys', async (route) => {
            const reply = await route.fetch();
            const body = await reply.json();
            body.keys.push({ purpose: 'log', x: key });
            await route.fulfill({ response: reply, json: body });
        });
        let told = 0;
        await at_first(page, '**/v1/custody/scans', async (route) => {
            const reply = await route.fetch();
            const body = await reply.json();
            Object.assign(body.receipt, { position: null, key });
            body.receipt.signature = sign(null, Buffer.from(receipt_text(body.receipt)), privateKey)
                .toString('base64url');
            told++;
            await route.fulfill({ response: reply, json: body });
        });
        await step(sixth, 'take_over');
        await until('a receipt without a position', () => told);
        await page.locator('.outcome.waiting').waitFor();
        await page.locator('.outcome.duplicate').nth(2).waitFor();
        await page.locator('.outcome.waiting').waitFor({ state: 'detached' });
        assert.equal(await times(sixth, 'take_over'), 1);
    });

    it('is one device to the service, which misses nothing of what it numbered', async () => {
        const kept = await page.evaluate(() => JSON.parse(localStorage.getItem('dossierpost.device.courier')));
        const device = ok(await all.courier.get(`/v1/devices/${kept.id}`));
        assert.deepEqual([device.last_seq, device.gaps], [5, []]);
        assert.ok(Math.abs(device.skew_ms) < 2000, String(device.skew_ms));
    });

    it('registers anew when its device was revoked, and loses nothing', async () => {
        const read = () => page.evaluate(() => JSON.parse(localStorage.getItem('dossierpost.device.courier')).id);
        const old = await read();
        ok(await all.courier.post(`/v1/devices/${old}/revoke`));
        await step(fifth, 'take_over');
        await page.locator(`li[data-number="${fifth}"]`).waitFor();
        assert.notEqual(await read(), old);
        assert.equal(await times(fifth, 'take_over'), 1);
        const { gaps } = ok(await all.courier.get(`/v1/devices/${await read()}`));
        assert.deepEqual(gaps, []);
    });

    it('tells at once when a number was mistyped', async () => {
        const wrong = third.replace(/\d(?=VN$)/, (digit) => String((Number(digit) + 1) % 10));
        await scan(page, field, wrong);
        await page.getByText('Số hiệu sai chữ số kiểm tra').waitFor();
    });

    it('complained of nothing but the lost network', () => {
        assert.deepEqual(browser.complaints([/ERR_INTERNET_DISCONNECTED|ERR_FAILED|status of 422/]), []);
    });
});
