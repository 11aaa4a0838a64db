// A write whose reply is lost is sent again from the page, and done once: the person sees their own
// signature or decision, not a conflict with it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { service, uuid7 } from '../api/service.mjs';
import { AGENCY, intake, ok, people, recorded } from '../api/walk.mjs';
import { Browser, losing } from './browser.mjs';

describe('a lost reply', () => {
    let house, all, browser;
    before(async () => {
        house = await service();
        all = { ...await people(house), courier2: await house.login('courier2') };
        browser = await Browser.open(house.url);
    });
    after(async () => {
        await browser?.close();
        await house.stop();
    });

    it('of a signature: the list is signed when it is sent again', async () => {
        const { number, code } = await intake(all.clerk);
        await recorded(all.clerk, 'accept', number);
        await recorded(all.courier, 'take_over', number);
        const list = ok(await all.courier.post('/v1/custody/handovers',
            { id: uuid7(), to: AGENCY, items: [number] }), 201);
        const officer = await browser.staff('officer', '/agency');
        const lost = await losing(officer, '**/sign');
        await officer.goto(`${house.url}/agency#sign`);
        await officer.locator(`button[data-handover="${list.id}"]`).click();
        const sign = officer.getByRole('button', { name: /Nhận đủ tất cả và ký/ });
        await sign.click();
        await officer.getByText('Mất kết nối').first().waitFor();
        assert.deepEqual(lost, [200]);
        await sign.click();
        await officer.locator('[data-state=signed]').waitFor();
        const { items } = ok(await all.clerk.get(`/v1/dossiers/${code}/events`));
        assert.equal(items.filter((one) => one.kind === 'dossier.filed').length, 1);
    });

    it('of a decision: the exception is decided when it is sent again', async () => {
        const { number } = await intake(all.clerk);
        await recorded(all.courier, 'collect', number);
        await all.courier2.scan('take_over', number);
        const clerk2 = await browser.staff('clerk2', '/counter');
        const lost = await losing(clerk2, '**/resolve');
        await clerk2.goto(`${house.url}/counter#odd`);
        const row = clerk2.locator(`li[data-exception="${number}"]`);
        await row.getByRole('button', { name: /Xử lý/ }).first().click();
        await row.getByRole('button', { name: /Không cần xử lý/ }).click();
        await row.getByLabel(/Lý do/).fill('Đã gọi bưu tá');
        const decide = row.getByRole('button', { name: /Ghi quyết định/ });
        await decide.click();
        await clerk2.getByText('Mất kết nối').first().waitFor();
        assert.deepEqual(lost, [200]);
        await decide.click();
        await row.waitFor({ state: 'detached' });
    });
});
