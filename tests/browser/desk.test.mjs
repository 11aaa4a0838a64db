// The agency's desk in a browser: lists by due time, keys, batch work, forms of the actions, a bag signed
// item by item, questions between agencies, and what changed meanwhile.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { discard, own_service, uuid7 } from '../api/service.mjs';
import { act, AGENCY, bag, hand_over, intake, OFFICE, ok, people, recorded } from '../api/walk.mjs';
import { Browser } from './browser.mjs';

describe('the desk', () => {
    let house, browser, all;
    before(async () => {
        house = await own_service();
        all = { ...await people(house), officer2: await house.login('officer2') };
        browser = await Browser.open(house.url);
    });
    after(async () => {
        await browser?.close();
        await discard(house);
    });

    const filed = async (more) => {
        const one = await intake(all.clerk, more);
        await recorded(all.clerk, 'accept', one.number);
        await recorded(all.courier, 'take_over', one.number);
        await hand_over(all.courier, all.officer, AGENCY, [one.number]);
        return one.code;
    };
    const view = async (code) => ok(await all.officer.get(`/v1/dossiers/${code}`));
    const group = (page, name) => page.locator(`button[data-group="${name}"]`);
    const with_original = { documents: [
        { name: 'Tờ khai cấp Giấy xác nhận tình trạng hôn nhân', originals: 1, copies: 0 },
        { name: 'Quyết định ly hôn', originals: 1, copies: 0, returned: true }] };

    it('goes through a list by keys, ticks, and accepts what is ticked together', async () => {
        const codes = [await filed(), await filed(), await filed()];
        const page = await browser.staff('officer', '/agency');
        await group(page, 'accept').click();
        await page.locator(`button[data-code="${codes[2]}"]`).waitFor();
        await page.locator('.list button[data-code]').first().focus();
        await page.keyboard.press('x');
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('x');
        await page.getByText('Đã chọn 2 hồ sơ').waitFor();
        // Somebody else was quicker with one of them.
        const [first] = await page.locator('.desk-row:has(input:checked) button').evaluateAll((list) => list.map((b) => b.dataset.code));
        await act(all.officer, first, 'accept');
        await browser.look(page, 'desk-batch');
        await page.locator('[data-together-action=accept]').click();
        await page.getByText('1 / 2 hồ sơ đã ghi nhận').waitFor();
        await page.locator('.error').getByText(first).waitFor();
        const states = await Promise.all(codes.map(async (code) => (await view(code)).status.code));
        assert.equal(states.filter((code) => code === 2).length, 2);
        // Letters are keys of the list alone: who speaks to the page, or writes, sets nothing off.
        await page.locator('body').click({ position: { x: 2, y: 300 } });
        await page.keyboard.press('/');
        assert.equal(await page.evaluate(() => document.activeElement.closest('.scan') !== null), false);
        await page.locator('.list button[data-code]').first().focus();
        await page.keyboard.press('/');
        assert.equal(await page.evaluate(() => document.activeElement.closest('.scan') !== null), true);
        await page.close();
    });

    it('asks for listed papers, refuses with a legal basis, and shows where the originals are', async () => {
        const code = await filed(with_original);
        const page = await browser.staff('officer', '/agency');
        await page.getByLabel(/Mã hồ sơ hoặc số hiệu/).fill(code);
        await page.keyboard.press('Enter');
        const article = page.locator(`article[data-code="${code}"]`);
        await article.locator('[data-action=ask_supplement]').click();
        await article.getByLabel(/^Lý do/).fill('Thiếu giấy tờ');
        await article.getByLabel(/^Giấy tờ 1/).fill('Bản sao căn cước');
        await article.getByLabel(/^Bản sao 1/).fill('1');
        await article.getByLabel(/^Giấy tờ 2/).fill('Ảnh 3×4');
        await browser.look(page, 'desk-supplement');
        await article.locator('form.well button[type=submit]').first().click();
        await article.getByText('Bản sao căn cước, 1 bản sao', { exact: true }).waitFor();
        assert.deepEqual((await view(code)).asked_for[0].items.map((one) => one.name), ['Bản sao căn cước', 'Ảnh 3×4']);
        await article.locator('[data-original="2"]').getByText('Tại cơ quan').waitFor();
        // What came is what was asked for, until the officer counts otherwise.
        await article.locator('[data-action=supplement_received]').click();
        assert.equal(await article.getByLabel(/^Giấy tờ 1/).inputValue(), 'Bản sao căn cước');
        assert.equal(await article.getByLabel(/^Bản sao 1/).inputValue(), '1');
        const send = article.locator('form.well button[type=submit]').first();
        for (const name of ['Giấy tờ', 'Bản sao']) await article.getByLabel(new RegExp(`^${name} 1`)).fill('');
        await article.getByText('Xin ghi ít nhất một giấy tờ đã nhận.').waitFor();
        assert.equal(await send.isEnabled(), false, 'nothing is not all that was asked for');
        await article.getByLabel(/^Bản chính 2/).fill('1');
        await send.click();
        await article.locator('p.error').waitFor();
        assert.equal(await article.getByLabel(/^Giấy tờ 2/).getAttribute('aria-invalid'), 'true', 'an empty line is no line');
        assert.equal(await article.getByLabel(/^Giấy tờ 1/).getAttribute('aria-invalid'), null);
        await article.getByLabel(/^Giấy tờ 1/).fill('Bản sao căn cước');
        await article.getByLabel(/^Bản sao 1/).fill('1');
        await article.getByLabel(/^Giấy tờ 2/).fill('Bản án ly hôn');
        await browser.look(page, 'desk-supplement-came');
        await article.locator('form.well button[type=submit]').first().click();
        await article.locator('[data-original="4"]').getByText('Tại cơ quan').waitFor();
        assert.deepEqual((await view(code)).documents.filter((one) => one.supplement).map((one) => [one.name, one.originals, one.copies]),
            [['Bản sao căn cước', 0, 1], ['Bản án ly hôn', 1, 0]]);
        await browser.look(page, 'desk-supplemented');
        const other = await filed(with_original);
        await page.getByLabel(/Mã hồ sơ hoặc số hiệu/).fill(other);
        await page.keyboard.press('Enter');
        const second = page.locator(`article[data-code="${other}"]`);
        await second.locator('[data-action=reject]').click();
        await second.getByLabel(/^Lý do/).fill('Không thuộc thẩm quyền');
        await second.getByLabel(/^Căn cứ pháp lý/).fill('Điều 17');
        await second.locator('form.well button[type=submit]').first().click();
        await second.locator('[data-original="2"]').getByText('Đang gửi trả').waitFor();
        await browser.look(page, 'desk-rejected');
        await page.close();
    });

    it('asks another agency, which answers on its own desk', async () => {
        const code = await filed();
        await act(all.officer, code, 'accept');
        const page = await browser.staff('officer', '/agency');
        await page.getByLabel(/Mã hồ sơ hoặc số hiệu/).fill(code);
        await page.keyboard.press('Enter');
        const asked = page.locator('[data-questions]');
        await asked.getByRole('button', { name: /Lấy ý kiến/ }).click();
        await asked.getByRole('combobox', { name: /Cơ quan được hỏi/ }).fill('Phú Bài');
        await asked.getByRole('option').first().click();
        await asked.getByLabel(/Nội dung cần ý kiến/).fill('Xác nhận nơi cư trú');
        await browser.look(page, 'desk-ask');
        await asked.getByRole('button', { name: /Gửi câu hỏi/ }).click();
        await asked.getByText('Xác nhận nơi cư trú').waitFor();
        const theirs = await browser.staff('officer2', '/agency');
        await group(theirs, 'asked').click();
        await theirs.locator(`button[data-code="${code}"]`).click();
        await theirs.getByLabel(/^Ý kiến/).fill('Đúng là cư trú tại phường');
        await browser.look(theirs, 'desk-answer');
        await theirs.getByRole('button', { name: /Gửi trả lời/ }).click();
        await theirs.getByText('Đúng là cư trú tại phường').waitFor();
        assert.equal((await view(code)).askings[0].answer, 'agreed');
        await Promise.all([page.close(), theirs.close()]);
    });

    it('says what changed when somebody else was quicker', async () => {
        const code = await filed();
        const page = await browser.staff('officer', '/agency');
        await page.getByLabel(/Mã hồ sơ hoặc số hiệu/).fill(code);
        await page.keyboard.press('Enter');
        const accept = page.locator('article [data-action=accept]');
        await accept.waitFor();
        await act(all.officer, code, 'ask_supplement', { reason: 'Thiếu bản sao' });
        await accept.click();
        const alert = page.getByRole('alert');
        await alert.getByText('Yêu cầu bổ sung', { exact: false }).first().waitFor();
        await alert.getByText('Yêu cầu bổ sung giấy tờ', { exact: true }).waitFor();
        await browser.look(page, 'desk-stale');
        await page.close();
    });

    it('keeps what was typed when the dossier is loaded again', async () => {
        const code = await filed();
        for (const action of ['accept', 'start']) await act(all.officer, code, action);
        const page = await browser.staff('officer', '/agency');
        await page.getByLabel(/Mã hồ sơ hoặc số hiệu/).fill(code);
        await page.keyboard.press('Enter');
        const article = page.locator(`article[data-code="${code}"]`), reason = article.getByLabel(/^Lý do/);
        await article.locator('[data-action=ask_supplement]').click();
        await reason.fill('Thiếu bản sao căn cước');
        ok(await all.officer.post(`/v1/dossiers/${code}/questions`,
            { id: uuid7(), agency: '46-A2', what: 'Xác nhận', time: 1, time_unit: 'working_day' }), 201);
        await article.locator('form.well button[type=submit]').first().click();
        await page.getByRole('alert').getByRole('button', { name: /^Tải lại hồ sơ/ }).click();
        await page.getByRole('alert').waitFor({ state: 'detached' });
        assert.equal(await reason.inputValue(), 'Thiếu bản sao căn cước');
        await article.locator('form.well button[type=submit]').first().click();
        await article.getByText('Thiếu bản sao căn cước').first().waitFor();
        assert.equal(ok(await all.officer.get(`/v1/dossiers/${code}`)).status.code, 5);
        await page.close();
    });

    it('signs for a bag item by item', async () => {
        const papers = [await intake(all.clerk), await intake(all.clerk)];
        for (const { number } of papers) await recorded(all.clerk, 'accept', number);
        const id = await bag(all.clerk, OFFICE, AGENCY, papers.map((one) => one.number), 'VNP 000881');
        await recorded(all.courier, 'take_over', id);
        const list = ok(await all.courier.post('/v1/custody/handovers', { id: uuid7(), to: AGENCY, items: [id] }), 201);
        const page = await browser.staff('officer', '/agency#sign');
        await page.locator(`button[data-handover="${list.id}"]`).click();
        await page.getByLabel(`Kiểm nhận ${id}`).selectOption('present');
        await page.getByRole('button', { name: /^Ký nhận/ }).waitFor();
        await page.getByLabel(`Kiểm nhận ${papers[0].number}`).selectOption('present');
        await page.getByText('Còn 1 bưu gửi chưa kiểm').waitFor();
        await page.getByLabel(`Kiểm nhận ${papers[1].number}`).selectOption('missing');
        await browser.look(page, 'desk-bag');
        await page.getByRole('button', { name: /^Ký nhận/ }).click();
        await page.locator('[data-state=signed]').waitFor();
        assert.ok((await view(papers[0].code)).filed_at);
        assert.equal((await view(papers[1].code)).filed_at, null);
        await page.close();
    });

    it('takes an amount as it is written, 50.000', async () => {
        const code = await filed();
        for (const action of ['accept', 'start']) await act(all.officer, code, action);
        const page = await browser.staff('officer', '/agency');
        await page.getByLabel(/Mã hồ sơ hoặc số hiệu/).fill(code);
        await page.keyboard.press('Enter');
        const article = page.locator(`article[data-code="${code}"]`), amount = article.getByLabel(/^Số tiền/);
        await article.locator('[data-action=ask_payment]').click();
        await amount.fill('1.50');
        await article.locator('form.well button[type=submit]').first().click();
        await article.locator('p.error').waitFor();
        assert.equal((await view(code)).status.code, 4);
        await amount.fill('50.000');
        await article.locator('form.well button[type=submit]').first().click();
        await article.getByRole('row', { name: /50\.000 đ/ }).waitFor();
        await page.close();
    });

    it('a page of one group that comes when another is shown is not among its rows', async () => {
        for (let i = 0; i < 2; i++) await act(all.officer, await filed(), 'accept');
        const left = await filed(), page = await browser.staff('officer', '/agency');
        let release;
        const held = new Promise((done) => { release = done; });
        await page.route(/\/v1\/inbox/, async (route) => {
            const url = new URL(route.request().url());
            url.searchParams.set('limit', '1'); // pages of one
            if (url.searchParams.has('next')) await held;
            await route.continue({ url: String(url) });
        });
        await group(page, 'accept').click();
        await group(page, 'due').click();
        await page.locator('.list button[data-code]').first().waitFor();
        const more = page.waitForResponse((one) => one.url().includes('next='));
        await page.getByRole('button', { name: /^Xem thêm/ }).click();
        await group(page, 'accept').click();
        await page.locator('.chip', { hasText: 'Mới đăng ký' }).first().waitFor();
        release();
        await more;
        await page.waitForTimeout(200);
        assert.equal(await page.locator('.list .chip', { hasText: 'Được tiếp nhận' }).count(), 0);
        assert.equal((await view(left)).status.code, 1);
        await page.close();
    });

    // (409, 412 and 422 are told as errors by the browser, and are what tests above ask for)
    it('made no page complain', () =>
        assert.deepEqual(browser.errors.filter((one) => !/status of (409|412|422)/.test(one)), []));
});
