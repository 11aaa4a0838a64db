// Where the papers are printed from: each link opens what it says, for whoever stands there.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { query, work_today } from '../fault/journal.mjs';
import { discard, own_service, vn_day } from '../api/service.mjs';
import { act, bag, HUB, intake, OFFICE, ok, people, recorded } from '../api/walk.mjs';
import { Browser } from './browser.mjs';

describe('papers', () => {
    let house, browser, all;
    before(async () => {
        house = await own_service();
        all = await people(house);
        browser = await Browser.open(house.url);
    });
    after(async () => {
        await browser?.close();
        await discard(house);
    });

    // The link with this name, which opens a PDF for who sees it.
    async function opens(within, name, who) {
        const link = within.getByRole('link', { name });
        await link.waitFor();
        const path = await link.getAttribute('href');
        assert.equal(await link.getAttribute('target'), '_blank');
        const reply = await all[who].get(path);
        assert.deepEqual([reply.status, reply.headers.get('content-type')], [200, 'application/pdf'], path);
        return path;
    }

    it('the dispatch note, on the desk of the clerk and of the officer', async () => {
        const { code } = await intake(all.clerk);
        for (const [who, page_path] of [['clerk', '/counter#dossiers'], ['officer', '/agency#inbox']]) {
            const page = await browser.staff(who, page_path);
            await page.getByText(code).first().click();
            const path = await opens(page.locator(`article[data-code="${code}"]`), /In phiếu gửi/, who);
            assert.equal(path, `/v1/dossiers/${code}/papers/dispatch_note.pdf`);
            await browser.look(page, `papers-${who}`);
            await page.close();
        }
    });

    it('a form: looked at, printed with its number, printed again with a reason', async () => {
        const { code } = await intake(all.clerk);
        await act(all.officer, code, 'accept');
        const page = await browser.staff('officer', '/agency');
        await page.getByText(code).first().click();
        const row = page.locator(`article[data-code="${code}"] [data-paper="receipt"]`);
        assert.equal(await opens(row, /Xem/, 'officer'), `/v1/dossiers/${code}/papers/receipt.pdf`);
        await row.locator('[data-do="print"]').click();
        await row.getByText(/Đã ghi bản in 1, số \d+\/\d{4}\/TNHS/).waitFor();
        await opens(row, /Mở để in/, 'officer');
        await row.locator('[data-do="print"]').filter({ hasText: 'In lại' }).click();
        await row.getByLabel(/Lý do in lại/).fill('máy in kẹt giấy');
        await browser.look(page, 'papers-form');
        await row.getByRole('button', { name: /Ghi nhận bản in lại/ }).click();
        await row.getByText(/Đã ghi bản in 2/).waitFor();
        assert.deepEqual(query(house, `select p.copy, p.reason from paper.print p join dossier.dossier d on d.id::text = p.subject
            where d.code = '${code}' order by p.copy`), ['1|', '2|máy in kẹt giấy']);
        await page.close();
    });

    it('the register over chosen days, and the control sheet of one on it', async () => {
        const { code } = await intake(all.clerk);
        await act(all.officer, code, 'accept');
        const page = await browser.staff('officer', '/agency#register');
        assert.equal(await page.locator('[data-register]').count(), 0);
        await page.getByLabel(/Nhận từ ngày/).fill(vn_day());
        await page.getByLabel(/Đến ngày/).fill(vn_day());
        await opens(page.locator('[data-register]'), /Xem/, 'officer');
        await page.getByText(code).first().click();
        assert.equal(await opens(page.locator(`[data-sheet="${code}"]`), /In phiếu/, 'officer'),
            `/v1/dossiers/${code}/papers/control_sheet.pdf`);
        await browser.look(page, 'papers-register');
        await page.close();
    });

    it('the label of a bag, at the hub', async () => {
        const { number } = await intake(all.clerk);
        await recorded(all.clerk, 'accept', number);
        const sealed = await bag(all.clerk, OFFICE, HUB, [number], 'VNP 000401');
        await recorded(all.hub, 'arrive', sealed);
        const page = await browser.staff('hub', '/hub#bags');
        await page.getByText(sealed).first().click();
        assert.equal(await opens(page.locator(`[data-bag="${sealed}"]`), /In nhãn túi/, 'hub'), `/v1/labels/${sealed}.pdf`);
        await opens(page.locator(`[data-bag="${sealed}"] [data-paper="bag_list"]`), /Xem/, 'hub');
        await browser.look(page, 'papers-bag');
        await page.close();
    });

    it('the invitation, for the courier at the door and for the office', async () => {
        const { code, number: outward } = await intake(all.clerk);
        await recorded(all.clerk, 'accept', outward);
        await recorded(all.courier, 'out_for_delivery', outward);
        await act(all.officer, code, 'accept');
        await act(all.officer, code, 'start');
        const { number } = (await act(all.officer, code, 'result_ready')).shipments.find((one) => one.leg === 'result');
        await recorded(all.courier, 'take_over', number);
        await recorded(all.clerk, 'arrive', number);
        await recorded(all.courier, 'out_for_delivery', number);
        const courier = await browser.staff('courier', '/courier', { viewport: { width: 360, height: 780 } });
        const fails = async (what) => {
            await courier.locator(`li[data-number="${what}"] input`).check();
            await courier.locator('[data-kind="fail"]').click();
        };
        await fails(number);
        assert.equal(await courier.getByRole('link', { name: /In giấy mời/ }).count(), 0);
        await courier.getByRole('radio', { name: /giấy mời|mời/i }).check();
        await opens(courier, /In giấy mời/, 'courier');
        await browser.look(courier, 'papers-invitation');
        // Nobody is invited to fetch what an agency signs for.
        await courier.reload();
        await fails(outward);
        await courier.getByRole('radio', { name: /giấy mời|mời/i }).check();
        assert.equal(await courier.getByRole('link', { name: /In giấy mời/ }).count(), 0);
        await courier.close();

        await recorded(all.courier, 'fail', number, { reason: 'absent', next_action: 'invite' });
        await recorded(all.clerk, 'hold', number);
        work_today(house);
        query(house, `update custody.delivery_rule set apart_days = 0 where leg = 'result'`);
        const clerk = await browser.staff('clerk', '/counter#here');
        await opens(clerk.locator(`[data-unclaimed="${number}"]`), /In giấy mời/, 'clerk');
        await clerk.close();
        ok(await all.clerk.get(`/v1/custody/shipments/${number}/delivery`));
    });
});
