// What was filed on line, in a browser: changed by whoever has its key, and brought to the counter.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Drafting, procedure, says } from '../api/online.mjs';
import { discard, own_service } from '../api/service.mjs';
import { COMMUNE, OFFICE, ok } from '../api/walk.mjs';
import { query, work_today } from '../fault/journal.mjs';
import { Browser, scan } from './browser.mjs';

const THREE = '1.900003';

describe('filed on line', () => {
    let house, browser;
    before(async () => {
        house = await own_service();
        work_today(house);
        procedure(house, THREE, 3);
        browser = await Browser.open(house.url);
    });
    after(async () => {
        await browser?.close();
        await discard(house);
    });
    const address = (code) => `${house.url}/online/file/${code}`;

    it('once filed: another day, no pick-up, and withdrawal, from its link too', async () => {
        const { days } = ok(await house.anybody().get(`/v1/pickups/days?commune=${COMMUNE}`)), draft = new Drafting(house.anybody());
        ok(await draft.begin(THREE, says({ bring: 'pickup', pickup: { day: days[0], half: 'morning' } })), 201);
        const { dossier } = ok(await draft.submit('"1"'), 201), page = await browser.person();
        page.on('dialog', (one) => one.accept());
        await page.goto(`${address(THREE)}#${draft.id}.${draft.key}`);
        await page.getByRole('button', { name: /^Mở bản nháp/ }).click();
        await page.locator(`[data-filed="${dossier.code}"]`).waitFor();
        const visit = page.locator('[data-change-pickup]'), vn = (day) => day.split('-').reverse().join('/');
        await visit.getByRole('button', { name: /Đổi ngày, buổi/ }).click();
        await visit.getByLabel(/Ngày đến nhận/).selectOption(days[2]);
        await visit.getByText('Buổi chiều').click();
        await page.locator('[data-withdraw]').getByRole('button', { name: /Xin rút hồ sơ/ }).click();
        await browser.look(page, 'online-after');
        await visit.getByRole('button', { name: /Đổi hẹn/ }).click();
        await page.getByText(vn(days[2])).first().waitFor();
        await page.getByText(/buổi chiều\./).waitFor();
        assert.equal(ok(await draft.get()).dossier.pickup.half, 'afternoon');
        await page.getByRole('button', { name: /Không cần đến nhận/ }).click();
        await page.getByText(/Xin mang giấy tờ ra/).waitFor();
        assert.equal(ok(await draft.get()).dossier.pickup, undefined);
        await page.locator('[data-withdraw] textarea').fill('Tôi nộp nhầm thủ tục.');
        await page.getByRole('button', { name: /Gửi yêu cầu rút hồ sơ/ }).click();
        await page.getByText(/Quý vị đã xin rút hồ sơ/).waitFor();
        await page.locator('[data-withdraw]').waitFor({ state: 'detached' });
        await page.getByRole('button', { name: /Hiện liên kết riêng/ }).click();
        assert.match(await page.getByLabel(/Liên kết riêng/).inputValue(), new RegExp(draft.id));
        await browser.look(page, 'online-withdrawn');
        assert.equal(ok(await draft.get()).dossier.status.code, 7);
        await page.close();
    });

    it('papers brought to the counter: seen due when scanned, taken in, weighed, paid', async () => {
        const draft = new Drafting(house.anybody());
        ok(await draft.begin(THREE, says({ drop: { unit: OFFICE } })), 201);
        const { dossier } = ok(await draft.submit('"1"'), 201), [{ number }] = dossier.shipments;
        query(house, `update dossier.dossier set created_at = created_at - interval '2 days' where id = '${draft.id}'`);
        const page = await browser.staff('clerk', '/counter#scan');
        await scan(page, /Quét mã/, number);
        await page.getByRole('link', { name: /Còn phải thu/ }).click();
        const panel = page.locator(`[data-take-in="${dossier.code}"]`);
        await panel.waitFor();
        await browser.look(page, 'counter-take-papers');
        await panel.getByRole('button', { name: /Nhận giấy tờ/ }).click();
        const grams = panel.getByLabel(/Khối lượng cân tại quầy/);
        await grams.fill('420');
        await panel.getByRole('button', { name: /Tính lại cước/ }).click();
        await panel.getByText(/Đã tính lại cước/).waitFor();
        await panel.locator('label').filter({ hasText: 'Phí, lệ phí của cơ quan' }).getByRole('checkbox').uncheck();
        await browser.look(page, 'counter-take-money');
        const due = ok(await draft.get()).dossier.charges.filter((one) => !one.paid_at && !one.cancelled_at);
        const postage = due.filter((one) => one.ledger === 'postage_out').reduce((sum, one) => sum + one.amount, 0);
        // Another clerk is quicker: that is told, and the panel shows what is due by then.
        ok(await (await house.login('clerk')).post(`/v1/dossiers/${dossier.code}/corrections`, { weight_g: 420, note: 'Cân lại' }));
        await panel.getByRole('button', { name: /Đã thu/ }).click();
        await panel.getByRole('alert').getByRole('button', { name: /Thử lại/ }).click();
        await panel.getByRole('alert').waitFor({ state: 'detached' });
        assert.equal(await panel.getByRole('checkbox', { name: /của cơ quan/ }).isChecked(), false);
        await panel.getByRole('button', { name: new RegExp(`Đã thu ${String(postage).replace(/(\d{3})$/, '.$1')} đ`) }).click();
        await panel.getByText(/Đã ghi nhận thu/).waitFor();
        await panel.getByRole('button', { name: /Đã thu 8.000 đ/ }).click();
        await page.getByText(/Đã ghi nhận thu 8.000 đ/).waitFor();
        await panel.waitFor({ state: 'detached' });
        assert.ok(ok(await draft.get()).dossier.charges.every((one) => one.paid_at || one.cancelled_at));
        await page.close();
    });

    it('no page complained', () => assert.deepEqual(browser.complaints([/status of (401|412)/]), []));
});
