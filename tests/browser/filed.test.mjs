// The page of what was filed on line, as it is met later: what comes next by its state, and changes that meet
// those of somebody else or lose their reply.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Drafting, procedure, says } from '../api/online.mjs';
import { discard, own_service, PASSWORD } from '../api/service.mjs';
import { act, AGENCY, COMMUNE, OFFICE, ok, people, recorded } from '../api/walk.mjs';
import { work_today } from '../fault/journal.mjs';
import { Browser, losing } from './browser.mjs';

const CODE = '1.900003', EXPECTED = [/status of (401|404|409|412|422)/, /ERR_FAILED/];
const vn = (day) => day.split('-').reverse().join('/');

describe('what was filed on line', () => {
    let house, browser, all, days;
    before(async () => {
        house = await own_service();
        work_today(house);
        procedure(house, CODE, 3);
        all = await people(house);
        ({ days } = ok(await house.anybody().get(`/v1/pickups/days?commune=${COMMUNE}`)));
        browser = await Browser.open(house.url);
    });
    after(async () => {
        await browser?.close();
        await discard(house);
    });
    async function filed(more) {
        const draft = new Drafting(house.anybody());
        ok(await draft.begin(CODE, says(more)), 201);
        const { dossier } = ok(await draft.submit('"1"'), 201);
        return { draft, dossier, number: dossier.shipments[0]?.number };
    }
    const visit = () => filed({ bring: 'pickup', pickup: { day: days[0], half: 'morning' } });
    async function shown({ draft, dossier }) {
        const page = await browser.person();
        page.on('dialog', (one) => one.accept());
        await page.goto(`${house.url}/online/file/${CODE}#${draft.id}.${draft.key}`);
        await page.getByRole('button', { name: /^Mở bản nháp/ }).click();
        await page.locator(`[data-filed="${dossier.code}"]`).waitFor();
        return page;
    }
    async function other_day(page, day) {
        const panel = page.locator('[data-change-pickup]'), field = panel.getByLabel(/Ngày đến nhận/);
        if (!await field.count()) await panel.getByRole('button', { name: /Đổi ngày, buổi/ }).click();
        await field.selectOption(day);
        await panel.getByRole('button', { name: /Đổi hẹn/ }).click();
    }
    const coming = (page) => page.locator('section', { has: page.getByRole('heading', { name: /^Việc tiếp theo/ }) });
    const change = async (draft, to) => ok(await draft.pickup(to, (await draft.get()).headers.get('etag')));

    it('says what comes next by its state: nothing is asked for when it has ended', async () => {
        const one = await filed({ drop: { unit: OFFICE } });
        ok(await one.draft.action({ action: 'request_withdrawal', reason: 'Tôi nộp nhầm.' }, { 'idempotency-key': `w-${one.draft.id}` }));
        await act(all.officer, one.dossier.code, 'stop', { reason: 'Người nộp xin rút.' });
        const page = await shown(one), next = coming(page);
        await next.getByText(/Hồ sơ đã dừng/).waitFor();
        assert.equal(await page.getByText(/Xin mang giấy tờ/).count(), 0);
        assert.equal(await page.locator('.filed-code').count(), 0);
        await browser.look(page, 'filed-stopped');
        await page.close();
    });

    it('another day meets what another window chose: that is told and shown, and the next try goes', async () => {
        const one = await visit(), page = await shown(one);
        await change(one.draft, { day: days[3], half: 'afternoon' });
        await other_day(page, days[1]);
        await page.locator('[data-change-pickup]').getByRole('alert').waitFor();
        await coming(page).locator('strong').getByText(vn(days[3])).waitFor();
        await browser.look(page, 'filed-other-window');
        await other_day(page, days[1]);
        await coming(page).locator('strong').getByText(vn(days[1])).waitFor();
        assert.equal(await page.getByRole('alert').count(), 0);
        await page.close();
    });

    it('a change whose reply was lost is seen done', async () => {
        const one = await visit(), page = await shown(one), next = coming(page);
        assert.ok(await losing(page, /\/pickup$/, 2));
        await other_day(page, days[2]);
        await next.locator('strong').getByText(vn(days[2])).waitFor();
        assert.equal(await page.getByRole('alert').count(), 0);
        await page.getByRole('button', { name: /Không cần đến nhận/ }).click();
        await next.getByText(/Xin mang giấy tờ ra/).waitFor();
        await page.close();
    });

    it('the wish to withdraw meets a dossier that moved on: what was written stays, the next try goes', async () => {
        const one = await visit(), page = await shown(one), panel = page.locator('[data-withdraw]');
        await recorded(all.clerk, 'accept', one.number);
        await act(all.clerk, one.dossier.code, 'take_payment', { amount: one.dossier.charges
            .filter((line) => line.ledger === 'postage_out').reduce((sum, line) => sum + line.amount, 0), ledgers: ['postage_out'] });
        await panel.getByRole('button', { name: /Xin rút hồ sơ/ }).click();
        await panel.getByLabel(/Lý do/).fill('Tôi nộp nhầm thủ tục.');
        await panel.getByRole('button', { name: /Gửi yêu cầu/ }).click();
        await panel.getByRole('alert').waitFor();
        await coming(page).getByText(/Bưu chính đã nhận/).waitFor();
        assert.equal(await panel.getByLabel(/Lý do/).inputValue(), 'Tôi nộp nhầm thủ tục.');
        await panel.getByRole('button', { name: /Gửi yêu cầu/ }).click();
        await page.getByText(/Quý vị đã xin rút hồ sơ/).waitFor();
        await page.close();
    });

    it('an account comes back to what it filed by a link that opens for it alone', async () => {
        const draft = new Drafting(await house.login('applicant'), { key: null });
        ok(await draft.begin(CODE, says({ bring: 'pickup', pickup: { day: days[0], half: 'morning' } })), 201);
        const { dossier } = ok(await draft.submit('"1"'), 201), link = `${house.url}/online/file/${CODE}#${draft.id}`;
        const page = await browser.person();
        await page.goto(link);
        await page.getByLabel('Tên đăng nhập').fill('applicant');
        await page.getByLabel('Mật khẩu').fill(PASSWORD);
        await page.getByRole('button', { name: /^Đăng nhập/ }).click();
        await page.locator(`[data-filed="${dossier.code}"]`).waitFor();
        await page.locator('[data-change-pickup]').waitFor();
        await page.getByRole('button', { name: /Hiện liên kết/ }).click();
        assert.equal(await page.getByLabel(/^Liên kết/).inputValue(), link);
        await browser.look(page, 'filed-account');
        await page.reload();
        await page.locator(`[data-filed="${dossier.code}"]`).waitFor();
        const stranger = await browser.person();
        await browser.enter(stranger, 'clerk', '/');
        await stranger.goto(link);
        await stranger.locator('[data-filed], [role=alert], input[name=login]').first().waitFor();
        assert.equal(await stranger.locator('[data-filed]').count(), 0);
        for (const one of [page, stranger]) await one.close();
    });

    it('no page complained', () => assert.deepEqual(browser.complaints(EXPECTED), []));
});
