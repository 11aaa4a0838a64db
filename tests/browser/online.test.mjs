// Filing on line in a browser: without an account, by a person whose browser closes meanwhile, in two tabs,
// with what is wrong shown at its field, until the code that the clerk scans.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ORIGINAL, procedure } from '../api/online.mjs';
import { pdf } from '../api/pictures.mjs';
import { discard, own_service } from '../api/service.mjs';
import { ok } from '../api/walk.mjs';
import { work_today } from '../fault/journal.mjs';
import { Browser, pick } from './browser.mjs';

const THREE = '1.900003', FOUR = '1.900004';
const EXPECTED = [/status of (404|412|422|401)/];

describe('filing on line', () => {
    let house, browser, folder;
    before(async () => {
        house = await own_service();
        work_today(house);
        procedure(house, THREE, 3);
        procedure(house, FOUR, 4);
        browser = await Browser.open(house.url);
        folder = mkdtempSync(join(tmpdir(), 'online-'));
    });
    after(async () => {
        await browser?.close();
        rmSync(folder, { recursive: true, force: true });
        await discard(house);
    });
    const address = (code) => `${house.url}/online/file/${code}`;
    const saved = (page) => page.locator('[data-saved=saved]').waitFor();
    async function person(page) {
        await page.getByText('Công dân', { exact: false }).click();
        await page.getByLabel(/^Họ và tên/).fill('Trần Thị Trực Tuyến');
        await page.getByLabel(/^Điện thoại/).fill('0905 111 222');
        await page.getByLabel(/^Số nhà/).first().fill('7 Nguyễn Huệ');
        await pick(page, 'Xã, phường *', 'thuan hoa');
        await pick(page, 'Cơ quan *', 'thuan hoa');
    }
    async function answers(page) {
        await page.getByLabel(/^Mục đích sử dụng/).fill('Để đăng ký kết hôn');
        await page.getByLabel(/^Ngày sinh/).fill('1990-02-28');
        await page.getByLabel(/^Số bản/).fill('2');
    }

    it('says at each field what is wrong, and shows the fields in their order', async () => {
        const page = await browser.person();
        await page.goto(address(THREE));
        await page.getByRole('heading', { name: /Thủ tục thử mức độ 3/ }).waitFor();
        const labels = await page.locator('#form label').allTextContents();
        assert.deepEqual(labels.map((text) => text.slice(0, 6)), ['Mục đí', 'Ngày s', 'Số bản', 'Tình t', 'Số địn', 'Tôi ca']);
        await browser.look(page, 'online-empty');
        await page.getByLabel(/^Mục đích sử dụng/).fill('x');
        await page.getByLabel(/^Số bản/).fill('99');
        const copies = page.getByLabel(/^Số bản/);
        await page.waitForFunction((id) => document.getElementById(id)?.getAttribute('aria-invalid') === 'true', await copies.getAttribute('id'));
        assert.match(await page.locator(`#${await copies.getAttribute('aria-describedby')}`).textContent(), /Nhiều nhất là 20/);
        await page.getByRole('button', { name: /^Nộp hồ sơ/ }).click();
        await page.getByText('Xin điền mục này.').first().waitFor();
        await browser.look(page, 'online-wrong');
        await page.close();
    });

    it('survives a closed page, and files with a pick-up', async () => {
        const page = await browser.person();
        await page.goto(address(THREE));
        await answers(page);
        await person(page);
        await saved(page);
        await page.close();
        const again = await page.context().newPage();
        await again.goto(address(THREE));
        assert.equal(await again.getByLabel(/^Mục đích sử dụng/).inputValue(), 'Để đăng ký kết hôn');
        await again.waitForFunction(() => document.querySelector('#agency')?.value.length > 3);
        assert.match(await again.getByRole('combobox', { name: /Xã, phường/ }).inputValue(), /Thuận Hóa|Thuận Hoá/i);
        await again.locator(`[data-paper="${ORIGINAL}"]`).getByLabel(/Nộp bản giấy/).check();
        await again.getByText('Bưu tá đến nhận tận nơi').click();
        const days = again.getByLabel(/^Ngày đến nhận/);
        await again.waitForFunction(() => document.querySelectorAll('select[name=pickup-day] option').length > 3);
        await days.selectOption({ index: 1 });
        await again.getByText('Buổi sáng').click();
        await again.getByText('Tại cơ quan giải quyết').click();
        await again.getByText('Tổng cộng (dự kiến)').waitFor();
        await saved(again);
        await browser.look(again, 'online-filled');
        const day = await days.inputValue();
        await again.getByRole('button', { name: /^Nộp hồ sơ/ }).click();
        await again.locator('[data-filed]').waitFor();
        await again.getByText('Mã tra cứu').first().waitFor();
        await browser.look(again, 'online-filed');
        const code = await again.locator('[data-filed]').getAttribute('data-filed');
        await again.reload();
        await again.locator(`[data-filed="${code}"]`).waitFor();

        const counter = await browser.staff('clerk', '/counter#pickups');
        await counter.locator('[data-pickups] input[type=date]').fill(day);
        const visit = counter.locator('[data-visit]').filter({ hasText: 'Trần Thị Trực Tuyến' });
        await visit.getByLabel(/Tên đăng nhập của bưu tá/).fill('courier');
        await visit.getByRole('button', { name: /Giao bưu tá/ }).click();
        await visit.getByText(/^Bưu tá:/).waitFor();
        await browser.look(counter, 'counter-pickups');
        const courier = await browser.staff('courier', '/courier#pickups');
        await courier.locator('[data-pickups] input[type=date]').fill(day);
        await courier.locator('[data-visit]').getByText('7 Nguyễn Huệ').waitFor();
        await browser.look(courier, 'courier-pickups');
        for (const one of [again, counter, courier]) await one.close();
    });

    it('two tabs: the second chooses whose it keeps', async () => {
        const page = await browser.person();
        await page.goto(address(THREE));
        await answers(page);
        await saved(page);
        const other = await page.context().newPage();
        await other.goto(address(THREE));
        await other.getByLabel(/^Mục đích sử dụng/).fill('Từ thẻ thứ hai');
        await saved(other);
        await page.getByLabel(/^Số bản/).fill('3');
        await page.locator('[data-elsewhere]').getByText(/tờ khai/).waitFor();
        await browser.look(page, 'online-elsewhere');
        await page.getByRole('button', { name: /Dùng bản đã lưu ở nơi khác/ }).click();
        await page.waitForFunction(() => [...document.querySelectorAll('#form input')].some((one) => one.value === 'Từ thẻ thứ hai'));
        await saved(page);
        await page.close();
        await other.close();
    });

    it('level 4: a file instead of paper, progress told, removed and sent again; filed on line', async () => {
        const page = await browser.person();
        await page.goto(address(FOUR));
        await answers(page);
        await person(page);
        const paper = page.locator(`[data-paper="${ORIGINAL}"]`), path = join(folder, 'giay.pdf');
        writeFileSync(path, pdf('giay chung sinh'));
        await paper.locator('input[type=file]').setInputFiles(path);
        await paper.getByText('Đã gửi').waitFor();
        await paper.getByRole('button', { name: /Bỏ tệp/ }).click();
        await paper.locator('[data-file]').waitFor({ state: 'detached' });
        await paper.locator('input[type=file]').setInputFiles(path);
        await paper.getByText('Đã gửi').waitFor();
        await page.getByText('Không có giấy tờ nào, nộp hoàn toàn trực tuyến').click();
        await page.getByText('Trực tuyến (tệp PDF có niêm phong)').click();
        await saved(page);
        await page.getByRole('button', { name: /^Nộp hồ sơ/ }).click();
        const filed = page.locator('[data-filed]');
        await filed.waitFor();
        await filed.getByText('Chưa nộp').first().waitFor();
        await browser.look(page, 'online-filed-4');
        const code = await filed.getAttribute('data-filed');
        ok(await house.anybody().get(`/v1/track/${code}`));
        await page.getByRole('link', { name: /Theo dõi hồ sơ/ }).click();
        await page.getByText(code).first().waitFor();
        await page.close();

        const desk = await browser.staff('officer', '/agency#inbox');
        await desk.locator(`button[data-code="${code}"]`).click();
        const form = desk.locator(`article[data-code="${code}"] [data-answers]`);
        await form.getByText('Để đăng ký kết hôn').waitFor();
        assert.deepEqual((await form.locator('dt').allTextContents()).map((text) => text.slice(0, 6)), ['Mục đí', 'Ngày s', 'Số bản']);
        await form.getByText('28/02/1990').waitFor();
        await browser.look(desk, 'agency-answers');
        await desk.close();
    });

    it('a private link opens the draft on another device, and leaves the address', async () => {
        const page = await browser.person();
        await page.goto(address(THREE));
        await page.getByLabel(/^Mục đích sử dụng/).fill('Trên máy thứ nhất');
        await saved(page);
        await page.getByRole('button', { name: /Hiện liên kết riêng/ }).click();
        const link = await page.getByLabel(/Liên kết riêng/).inputValue();
        const other = await browser.person();
        await other.goto(link);
        await other.getByRole('button', { name: /^Mở bản nháp/ }).click();
        await other.waitForFunction(() => [...document.querySelectorAll('#form input')].some((one) => one.value === 'Trên máy thứ nhất'));
        assert.equal(new URL(other.url()).hash, '');
        const stranger = await browser.person();
        await stranger.goto(address(THREE));
        assert.equal(await stranger.getByLabel(/^Mục đích sử dụng/).inputValue(), '');
        for (const one of [page, other, stranger]) await one.close();
    });

    it('a procedure that is not filed on line says why', async () => {
        const page = await browser.person();
        await page.goto(address('1.012756'));
        await page.getByText(/mức độ 2/).waitFor();
        await browser.look(page, 'online-refused');
        await page.close();
    });

    it('no page complained', () => assert.deepEqual(browser.complaints(EXPECTED), []));
});
