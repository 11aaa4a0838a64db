// The working calendar on the administrator's page: a change that moves promised dates is shown before it is
// done; the supervisor's board of what is due, and the register with its control sheet.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { discard, own_service } from '../api/service.mjs';
import { act, intake, ok, recorded, to_agency } from '../api/walk.mjs';
import { Browser, pick } from './browser.mjs';

describe('the calendar, what is due, the register', () => {
    let house, browser, all, one;

    before(async () => {
        house = await own_service();
        browser = await Browser.open(house.url);
        all = Object.fromEntries(await Promise.all(['clerk', 'courier', 'officer', 'supervisor', 'admin']
            .map(async (name) => [name, await house.login(name)])));
        one = await accepted();
    });
    after(async () => {
        await browser?.close();
        await discard(house);
    });

    async function accepted() {
        const { code, number } = await intake(all.clerk);
        await recorded(all.clerk, 'accept', number);
        await to_agency(all, number);
        const { due_at } = await act(all.officer, code, 'accept');
        return { code, number, due_at, day: new Date(Date.parse(due_at) + 7 * 3600e3).toISOString().slice(0, 10) };
    }

    it('shows which promised dates a day off would move, and moves them when told to', async () => {
        const page = await browser.staff('admin', '/admin#calendar');
        await page.getByRole('heading', { name: /^Thêm, đổi hoặc bỏ ngày/ }).waitFor();
        await browser.look(page, 'calendar');
        await page.locator('[name=calendar-day]').fill(one.day);
        await page.locator('[name=calendar-name]').fill('Nghỉ thử');
        await page.getByRole('button', { name: /^Đưa vào danh sách/ }).click();
        await page.locator('[name=calendar-reason]').fill('Thông báo thử số 1');
        await page.getByRole('button', { name: /^Ghi thay đổi/ }).click();
        await page.locator('[data-moves="1"]').waitFor();
        assert.match(await page.locator('[data-moves]').innerText(), new RegExp(one.code.replaceAll('.', '\\.')));
        assert.equal(ok(await all.officer.get(`/v1/dossiers/${one.code}`)).due_at, one.due_at, 'nothing was done yet');
        await browser.look(page, 'calendar-moves');
        await page.getByRole('button', { name: /^Dời 1 ngày hẹn/ }).click();
        await page.getByText(/^Đã ghi thay đổi/).waitFor();
        await page.locator('[data-part=changes]').getByText('1 ngày hẹn đã dời').waitFor();
        assert.notEqual(ok(await all.officer.get(`/v1/dossiers/${one.code}`)).due_at, one.due_at);
        await browser.look(page, 'calendar-done');
        // What else came meanwhile is not moved unseen.
        const next = await accepted();
        await page.locator('[name=calendar-day]').fill(next.day);
        await page.locator('[name=calendar-name]').fill('Nghỉ thử nữa');
        await page.getByRole('button', { name: /^Đưa vào danh sách/ }).click();
        await page.locator('[name=calendar-reason]').fill('Thông báo thử số 2');
        await page.getByRole('button', { name: /^Ghi thay đổi/ }).click();
        await page.locator('[data-moves]').waitFor();
        await accepted();
        await page.getByRole('button', { name: /^Dời \d+ ngày hẹn/ }).click();
        await page.getByText(/danh sách đã khác/).waitFor();
    });

    it('sets the office hours of one unit from a day on', async () => {
        const page = await browser.staff('admin', '/admin#calendar');
        await page.getByText('Một đơn vị').click();
        await pick(page, /^Đơn vị/, 'Phu Xuan');
        const form = page.locator('[data-form=hours]');
        await form.getByText(/Hiện nay/).waitFor();
        await page.locator('[name=hours-from]').fill(`${new Date().getUTCFullYear() + 1}-06-01`);
        await page.locator('[name=hours-opens]').fill('07:00');
        await form.locator('[name=calendar-reason]').fill('Giờ mùa hè');
        await form.getByRole('button', { name: /^Ghi thay đổi/ }).click();
        await form.getByText(/^Đã ghi thay đổi/).waitFor();
        await form.getByText(/Từ 01\/06\/\d{4}.*07:00/).waitFor();
        await browser.look(page, 'calendar-hours');
    });

    it('counts what is due and overdue, and opens what is behind a number', async () => {
        const page = await browser.staff('supervisor', '/board#due');
        await page.locator('[data-total=overdue]').waitFor();
        await page.locator('[data-part=post]').waitFor();
        const number = page.locator('[data-agency="46-A1"] table button').first();
        if (await number.count()) {
            await number.click();
            await page.getByText(one.code).first().waitFor();
        }
        await browser.look(page, 'board-due');
    });

    it('shows an officer the own agency, without choosing one', async () => {
        const page = await browser.staff('officer', '/agency#due');
        await page.locator('[data-total=overdue]').waitFor();
        await page.goto(`${browser.url}/agency#register`);
        await page.locator(`[data-code="${one.code}"]`).click();
        await page.locator(`[data-sheet="${one.code}"]`).getByText('Bộ phận Một cửa').first().waitFor();
        await browser.look(page, 'agency-register');
    });

    it('opens the register of an agency and a control sheet from it', async () => {
        const page = await browser.staff('supervisor', '/board#register');
        await pick(page, /^Cơ quan/, 'Thuan Hoa');
        await page.locator(`[data-code="${one.code}"]`).click();
        const sheet = page.locator(`[data-sheet="${one.code}"]`);
        await sheet.getByText('Bộ phận Một cửa').first().waitFor();
        assert.match(await sheet.innerText(), /Người nộp hồ sơ/);
        await browser.look(page, 'register');
        const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /^Tải sổ dạng CSV/ }).click()]);
        assert.match(file.suggestedFilename(), /\.csv$/);
        assert.deepEqual(browser.complaints([/status of 409/, /status of 412/]), []);
    });
});
