// The second factor in a browser that runs no scripts, and the code that the counter gives out.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { service } from '../api/service.mjs';
import { act, hand_over, intake, ok, people, recorded, to_agency, to_delivery_office } from '../api/walk.mjs';
import { Browser } from './browser.mjs';

describe('the code on the receipt', () => {
    let house, browser, all;
    before(async () => {
        house = await service();
        browser = await Browser.open(house.url);
        all = await people(house);
    });
    after(async () => {
        await browser?.close();
        await house.stop();
    });

    // A result that waits to be fetched, after nobody was there.
    async function waiting() {
        const { code, number, made } = await intake(all.clerk);
        await to_delivery_office(all, number);
        await to_agency(all, number);
        for (const action of ['accept', 'start']) await act(all.officer, code, action);
        const view = await act(all.officer, code, 'result_ready');
        const result = view.shipments.find((one) => one.leg === 'result').number;
        await hand_over(all.officer, all.courier, 'courier', [result]);
        await recorded(all.clerk, 'arrive', result);
        await recorded(all.courier, 'out_for_delivery', result);
        await recorded(all.courier, 'fail', result, { reason: 'absent', next_action: 'invite' });
        await recorded(all.clerk, 'hold', result);
        return { code, result, receipt: made.receipt_code };
    }

    it('opens the details without scripts; four digits open less; what is wrong is said', async () => {
        const { code, result, receipt } = await waiting();
        const page = await browser.person({ javaScriptEnabled: false });
        await page.goto(`${house.url}/t/${result}/unlock`);
        await page.getByLabel(/[Mm]ã tra cứu trên phiếu gửi/).fill(receipt.toLowerCase());
        await page.getByRole('button', { name: 'Mở bằng mã' }).click();
        await page.getByText('Nguyễn T*** T***').waitFor();
        assert.equal(page.url(), `${house.url}/t/${result}/unlock`);
        await page.getByText('Người nhận đi vắng').waitFor();
        await page.getByRole('heading', { name: /Ai đã đọc dữ liệu/ }).waitFor();
        await page.getByRole('link', { name: /Về trang tra cứu/ }).click();
        await page.waitForURL(`**/t/${code}`);

        await page.goto(`${house.url}/t/${code}/unlock`);
        await page.getByLabel(/bốn số cuối điện thoại/).fill('9999');
        await page.getByRole('button', { name: 'Mở bằng số điện thoại' }).click();
        await page.getByRole('alert').getByText('Thông tin không khớp').waitFor();
        await page.getByLabel(/bốn số cuối điện thoại/).fill('0123');
        await page.getByRole('button', { name: 'Mở bằng số điện thoại' }).click();
        await page.getByText('*** *** 123').waitFor();
        assert.equal(await page.getByRole('heading', { name: /Ai đã đọc dữ liệu/ }).count(), 0);
        await page.close();
    });

    it('is readable at every width, for everybody', async () => {
        const { code, receipt } = await waiting();
        const page = await browser.person();
        await page.goto(`${house.url}/t/${code}/unlock`);
        await browser.look(page, 'unlock-form');
        await page.getByLabel(/bốn số cuối điện thoại/).fill('9999');
        await page.getByRole('button', { name: 'Mở bằng số điện thoại' }).click();
        await page.getByRole('alert').waitFor();
        await browser.look(page, 'unlock-wrong');
        await page.getByLabel(/[Mm]ã tra cứu trên phiếu gửi/).fill(receipt);
        await page.getByRole('button', { name: 'Mở bằng mã' }).click();
        await page.getByText('Nguyễn T*** T***').waitFor();
        await browser.look(page, 'unlock-opened');
        await page.emulateMedia({ colorScheme: 'dark' });
        await browser.look(page, 'unlock-opened-dark');
        await page.close();
    });

    it('is issued anew at the counter, and the old one opens nothing', async () => {
        const { code, made } = await intake(all.clerk);
        const page = await browser.staff('clerk', '/counter#dossiers');
        await page.locator(`button[data-code="${code}"]`).click();
        const desk = page.locator(`[data-tracking-code="${code}"]`);
        await desk.getByRole('button', { name: /Cấp mã tra cứu mới/ }).click();
        await browser.look(page, 'counter-tracking-code');
        await desk.getByRole('button', { name: /^Cấp mã\s*Issue/ }).click();
        const fresh = await desk.locator('[data-receipt]').getAttribute('data-receipt');
        const unlock = (receipt) => house.anybody().post(`/v1/track/${code}/unlock`, { code: receipt });
        assert.equal((await unlock(made.receipt_code)).status, 403);
        ok(await unlock(fresh));
        await page.close();
    });

    it('no page complained but of the wrong factor', () => {
        assert.deepEqual(browser.complaints([/\/unlock: Failed to load resource: .* 403/]), []);
    });
});
