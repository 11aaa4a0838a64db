// The working calendar on the administrator's page: a change that moves promised dates is shown before it is
// done; the supervisor's board of what is due, and the register with its control sheet.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Drafting, procedure, says } from '../api/online.mjs';
import { discard, own_service, until, uuid7 } from '../api/service.mjs';
import { act, COMMUNE, intake, ok, recorded, to_agency } from '../api/walk.mjs';
import { query } from '../fault/journal.mjs';
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

    it('names questions and pick-ups that it would move, and whoever looks afterwards sees the new day', async () => {
        procedure(house, '1.900003', 3);
        const draft = new Drafting(house.anybody()), asked = await accepted();
        ok(await draft.begin('1.900003'), 201);
        const { days } = ok(await house.anybody().get(`/v1/pickups/days?commune=${COMMUNE}`)), off = days[6];
        const filed = ok(await draft.filed(says({ bring: 'pickup', pickup: { day: off, half: 'morning' } })), 201).dossier;
        // A question that is due on that very day.
        const time = query(house, `select postal.working_days(u, base.vn_date(now()), '${off}') from postal.unit_by_code('46-A6') u`)[0];
        ok(await all.officer.post(`/v1/dossiers/${asked.code}/questions`, { id: uuid7(), agency: '46-A6', what: 'Xác nhận', time: Number(time), time_unit: 'working_day' }), 201);
        const page = await browser.staff('admin', '/admin#calendar');
        await page.locator('[name=calendar-day]').fill(off);
        await page.locator('[name=calendar-name]').fill('Nghỉ thử');
        await page.getByRole('button', { name: /^Đưa vào danh sách/ }).click();
        await page.locator('[name=calendar-reason]').fill('Thông báo thử số 3');
        await page.getByRole('button', { name: /^Ghi thay đổi/ }).click();
        await page.locator('[data-kind=question]').getByText('Hạn trả lời cơ quan hỏi').waitFor();
        await page.locator('[data-kind=pickup]').getByText('Lượt bưu tá đến nhận hồ sơ').waitFor();
        assert.match(await page.locator('[data-moves] table').innerText(), new RegExp(filed.code.replaceAll('.', '\\.')));
        await browser.look(page, 'calendar-kinds');
        await page.getByRole('button', { name: /^Dời \d+ ngày hẹn/ }).click();
        await page.getByText(/^Đã ghi thay đổi/).waitFor();
        const { day } = await until('the pick-up is moved', async () => {
            const { pickup } = ok(await draft.get()).dossier;
            return pickup.day !== off && pickup;
        });
        const told = `${day.slice(8)}/${day.slice(5, 7)}/${day.slice(0, 4)}`;
        const mine = await browser.person();
        await mine.goto(`${house.url}/online/file/1.900003#${draft.id}.${draft.key}`);
        await mine.getByRole('button', { name: /^Mở bản nháp/ }).click();
        await mine.locator('[data-pickup-moved]').getByText(told).waitFor();
        await browser.look(mine, 'online-pickup-moved');
        const counter = await browser.staff('clerk', '/counter#pickups');
        await counter.locator('[data-pickups] input[type=date]').fill(day);
        await counter.locator(`[data-visit="${filed.shipments[0].number}"]`).getByText(/Dời từ/).waitFor();
        await browser.look(counter, 'counter-visit-moved');
        const desk = await browser.staff('clerk', '/counter#dossiers');
        await desk.getByRole('button').filter({ hasText: filed.code }).click();
        await desk.locator('[data-pickup]').getByText(told).waitFor();
        await browser.look(desk, 'counter-pickup-moved');
        const public_page = await browser.person();
        await public_page.goto(`${house.url}/t/${filed.code}/unlock`);
        await public_page.locator('[name=phone]').fill('1222');
        await public_page.locator('[name=phone]').press('Enter');
        await public_page.getByText(told).waitFor();
        await browser.look(public_page, 'unlocked-pickup');
        for (const one of [page, mine, counter, desk, public_page]) await one.close();
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
        assert.deepEqual(browser.complaints([/status of (401|409|412)/]), []);
    });
});
