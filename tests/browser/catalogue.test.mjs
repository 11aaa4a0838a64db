// The public catalogue in a browser: search as one types, a procedure's page, what refuses filing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { procedure } from '../api/online.mjs';
import { own_service } from '../api/service.mjs';
import { Browser } from './browser.mjs';

let house, browser, page;
before(async () => {
    house = await own_service();
    browser = await Browser.open(house.url);
    page = await browser.person();
});
after(async () => {
    await browser.close();
    await house.stop();
});

const names = () => page.locator('.tile strong').allTextContents();

test('the search forgives, while one types', async () => {
    await page.goto(`${house.url}/online`);
    await page.locator('.tile').nth(12).waitFor();
    await browser.look(page, 'online-catalogue');
    for (const [typed, name] of [['ho chieu', 'Cấp hộ chiếu phổ thông ở trong nước'], ['thuong tru dang ky', 'Đăng ký thường trú']]) {
        await page.getByLabel('Tìm thủ tục').fill(typed);
        await page.waitForFunction((wanted) => document.querySelector('.tile strong')?.textContent === wanted
            && document.querySelectorAll('.tile').length < 8, name);
    }
    await browser.look(page, 'online-found');
    await page.getByLabel('Tìm thủ tục').fill('xyzzy');
    await page.getByText('Không có thủ tục phù hợp.').waitFor();
    await page.getByLabel('Tìm thủ tục').fill('');
    await page.getByLabel('Chỉ thủ tục nộp trực tuyến được').check();
    await page.waitForFunction(() => document.querySelectorAll('.tile').length === 11);
    assert.ok(!(await names()).includes('Xét tuyển viên chức'));
});

test('a procedure of level 4 says everything and leads to filing', async () => {
    await page.goto(`${house.url}/online#1.002809`);
    await page.getByRole('heading', { name: 'Đổi giấy phép lái xe' }).waitFor();
    assert.equal(await page.getByRole('link', { name: /^Nộp trực tuyến/ }).getAttribute('href'), '/online/file/1.002809');
    for (const words of ['135.000 đ', '5 ngày làm việc', 'tính lại từ đầu', 'thu hồi, không trả lại', 'Thu hồi giấy tờ cũ', 'Mức độ 4'])
        assert.ok(await page.getByText(words).first().isVisible(), words);
    await page.getByText('Nội dung khai trên mẫu trực tuyến').click();
    await page.getByText('Số giấy phép lái xe đã cấp').waitFor();
    await browser.look(page, 'online-procedure');
    const form = await page.request.get(house.url + await page.getByRole('link', { name: /\(PDF\)/ }).getAttribute('href'));
    assert.equal(form.headers()['content-type'], 'application/pdf');
});

test('levels 1 and 2 refuse filing on line with their reason', async () => {
    await page.goto(`${house.url}/online#1.003003`);
    await page.getByText('Chỉ tiếp nhận trực tiếp theo thông báo').waitFor();
    assert.equal(await page.getByRole('link', { name: /^Nộp trực tuyến/ }).count(), 0);
    assert.equal(await page.getByRole('link', { name: /\(PDF\)/ }).count(), 0);
    await browser.look(page, 'online-level-1');
    await page.goto(`${house.url}/online#1.012756`);
    await page.getByText(/mức độ 2, chưa nộp trực tuyến được/).waitFor();
    assert.equal(await page.getByRole('link', { name: /\(PDF\)/ }).count(), 1);
    assert.ok(await page.getByText('Nộp tại bưu cục bất kỳ').isVisible());
    await browser.look(page, 'online-level-2');
    assert.deepEqual(browser.complaints(), []);
});

test('more of a long list: busy while it comes, a refusal is told, and nothing of another search is mixed in', async () => {
    for (let i = 0; i < 35; i++) procedure(house, `1.9100${String(10 + i)}`, 3, { name: `Thủ tục dài số ${10 + i}` });
    const tiles = () => page.locator('.tile').count(), more = page.getByRole('button', { name: /Xem thêm/ });
    let mode = 'fails', let_go;
    const gate = new Promise((done) => { let_go = done; });
    await page.route(/\/v1\/procedures\?.*next=/, async (route) => {
        if (mode === 'fails') return route.abort();
        if (mode === 'slow') await gate;
        return route.fallback().catch(() => {});
    });
    await page.goto(`${house.url}/online`);
    await page.getByLabel('Tìm thủ tục').fill('thu tuc dai so');
    await page.waitForFunction(() => document.querySelectorAll('.tile').length === 30
        && document.querySelector('.tile strong').textContent === 'Thủ tục dài số 10');
    await more.click();
    await page.getByRole('alert').getByText(/Mất kết nối/).waitFor();
    await browser.look(page, 'online-more-refused');
    assert.equal(await tiles(), 30);
    mode = 'slow';
    await more.click();
    await page.locator('button[aria-busy=true]').filter({ hasText: 'Xem thêm' }).waitFor();
    assert.ok(await more.isDisabled());
    assert.equal(await page.getByRole('alert').count(), 0);
    await page.getByLabel('Tìm thủ tục').fill('ho chieu');
    await page.waitForFunction(() => document.querySelectorAll('.tile').length < 8);
    const found = await tiles();
    let_go();
    await page.waitForTimeout(300);
    assert.equal(await tiles(), found);
    mode = 'pass';
    await page.getByLabel('Tìm thủ tục').fill('thu tuc dai so');
    await page.waitForFunction(() => document.querySelectorAll('.tile').length === 30);
    await more.click();
    await page.waitForFunction(() => document.querySelectorAll('.tile').length === 35);
    assert.equal(new Set(await names()).size, 35);
    assert.equal(await more.count(), 0);
});
