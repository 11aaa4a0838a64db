// A claim on the pages: made at the counter, decided on the supervisor's board, printed.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { query } from '../fault/journal.mjs';
import { discard, own_service } from '../api/service.mjs';
import { act, intake, ok, people, recorded } from '../api/walk.mjs';
import { Browser } from './browser.mjs';

describe('claims', () => {
    let house, browser, all;
    before(async () => {
        house = await own_service();
        all = { ...await people(house), supervisor: await house.login('supervisor') };
        browser = await Browser.open(house.url);
    });
    after(async () => {
        await browser?.close();
        await discard(house);
    });
    const claims = (page, code) => page.locator(`article[data-code="${code}"] [data-claims]`);

    it('claimed at the counter, compensated on the board, its record printed', async () => {
        const { code, number, made } = await intake(all.clerk, { paid: true });
        const cost = made.charges.find((line) => line.ledger === 'postage_out').amount;
        await recorded(all.clerk, 'accept', number);
        const counter = await browser.staff('clerk', '/counter#dossiers');
        await counter.getByText(code).first().click();
        const form = claims(counter, code);
        await form.locator('[data-do="claim"]').click();
        await counter.locator('[data-action="request_withdrawal"]').click(); // a form with a reason of its own
        await form.locator('label', { has: counter.locator('input[value="lost"]') }).click();
        await form.getByLabel(/Nội dung khiếu nại/).fill('Cơ quan chưa nhận được giấy tờ gửi từ hôm 20, đã gọi nhiều lần mà chưa ai trả lời');
        await browser.look(counter, 'claims-new');
        assert.match(await form.locator('textarea').inputValue(), /Cơ quan chưa nhận/);
        // Somebody else acts meanwhile: nothing is lost of what was typed.
        ok(await all.clerk.post(`/v1/dossiers/${code}/corrections`, { note: 'Khách gọi lại' }));
        await form.getByRole('button', { name: /Ghi nhận khiếu nại/ }).click();
        await form.getByRole('button', { name: /Thử lại/ }).click();
        await form.getByRole('alert').waitFor({ state: 'detached' });
        assert.match(await form.locator('textarea').inputValue(), /Cơ quan chưa nhận/);
        await form.getByRole('button', { name: /Ghi nhận khiếu nại/ }).click();
        await form.locator('li[data-claim="claimed"]').waitFor();
        assert.equal(await form.locator('[data-claim="decide"]').count(), 0, 'a clerk does not decide');
        await counter.close();

        const board = await browser.staff('supervisor', '/board#claims');
        await board.getByText(code).first().click();
        const desk = claims(board, code), amount = desk.getByLabel(/Số tiền bồi thường/);
        await desk.locator('[data-claim="decide"]').waitFor();
        const written = (sum) => String(sum).replace(/(\d{3})$/, '.$1');
        assert.equal(await amount.inputValue(), written(4 * cost), 'the least stands there, as it is written');
        await desk.getByText(/Không xác nhận/).waitFor();
        await amount.fill(String(4 * cost - 1));
        await desk.locator('[data-do="compensate"]').click();
        await desk.getByText(/Mức bồi thường tối thiểu/).waitFor();
        await browser.look(board, 'claims-decide');
        await amount.fill(written(4 * cost));
        await desk.getByLabel(/Ý kiến giải quyết/).fill('Đã tìm ở mọi bưu cục, không thấy');
        // Somebody else acts meanwhile: nothing is lost of what was typed.
        await act(all.officer, code, 'accept');
        await desk.locator('[data-do="compensate"]').click();
        await desk.getByRole('button', { name: /Thử lại/ }).click();
        await desk.getByRole('alert').waitFor({ state: 'detached' });
        assert.match(await desk.getByLabel(/Ý kiến giải quyết/).inputValue(), /mọi bưu cục/);
        await desk.locator('[data-do="compensate"]').click();
        await desk.locator('li[data-claim="compensated"]').waitFor();
        await board.locator(`article[data-code="${code}"] [data-paper="compensation"]`).getByText(/Biên bản bồi thường/).waitFor();
        await browser.look(board, 'claims-done');
        assert.deepEqual(query(house, `select amount from money.compensation where number = '${number}'`), [String(4 * cost)]);
        await board.close();
    });

    it('refused with its reason', async () => {
        const { code, number } = await intake(all.clerk);
        await recorded(all.clerk, 'accept', number);
        ok(await all.clerk.post(`/v1/dossiers/${code}/actions`, { action: 'claim', number, cause: 'late' }));
        const board = await browser.staff('supervisor', '/board#claims');
        await board.getByText(code).first().click();
        const desk = claims(board, code);
        await desk.locator('[data-do="refuse"]').click();
        await desk.getByText(/cần có/).first().waitFor();
        await desk.getByLabel(/Ý kiến giải quyết/).fill('Còn trong chỉ tiêu thời gian');
        await desk.locator('[data-do="refuse"]').click();
        await desk.locator('li[data-claim="claim_refused"]').getByText('Còn trong chỉ tiêu thời gian').waitFor();
        await board.close();
    });
});
