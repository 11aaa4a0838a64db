// The agency's desk: when the next leg is expected, both clocks, and which dossiers will be late.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { service } from '../api/service.mjs';
import { act, AGENCY, hand_over, intake, people, recorded } from '../api/walk.mjs';
import { Browser } from './browser.mjs';

describe('what a dossier may still take', () => {
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

    it('tells the officer the day, both clocks, and those that will be late when asked', async () => {
        const { code, number } = await intake(all.clerk);
        await recorded(all.clerk, 'accept', number);
        await recorded(all.courier, 'out_for_delivery', number);
        await hand_over(all.courier, all.officer, AGENCY, [number]);
        await act(all.officer, code, 'accept');
        const page = await browser.staff('officer', '/agency#inbox');
        // As the service would answer when the day is near.
        await page.route(/\/v1\/dossiers(\/|\?)/, async (route) => {
            const reply = await route.fetch({ url: route.request().url().replace('&late=true', '') });
            const body = await reply.json();
            for (const one of body.items ?? [body]) one.late = true;
            return route.fulfill({ response: reply, json: body });
        });
        const asked = page.waitForRequest(/\/v1\/dossiers\?.*late=true/);
        await page.locator('input[name="late"]').check();
        await asked;
        const row = page.locator(`[data-code="${code}"]`).first();
        await row.getByText('Dự kiến đến trễ hẹn').waitFor();
        await row.click();
        const facts = page.locator('article .facts');
        await facts.getByText('Dự kiến đến trễ hẹn').waitFor();
        assert.match(await facts.innerText(), /\d\d\/\d\d\/\d{4} Trả kết quả, theo chỉ tiêu toàn trình/);
        assert.match(await facts.innerText(), /Cơ quan 0 · Bưu chính 0 · Chờ người nộp 0/);
        await browser.look(page, 'agency-outlook');
        await page.close();
        assert.deepEqual(browser.complaints(), []);
    });
});
