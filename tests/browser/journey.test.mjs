// The whole journey of 1.004873 by hand, in a real browser, across the pages: counter, courier, hub,
// agency and back, while the applicant's tracking page moves by itself.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { service } from '../api/service.mjs';
import { Browser, pick, scan, sign } from './browser.mjs';

// A step through "scan first": the code, then the button that the service allows.
async function step(page, label, code, kind) {
    await scan(page, label, code);
    await page.locator(`[data-found="${code}"] [data-kind="${kind}"]`).click();
    await outcome(page, code, 'recorded');
}

async function outcome(page, code, wanted) {
    const row = page.locator('.outcome').first();
    await page.waitForFunction(([c, w]) => {
        const first = document.querySelector('.outcome');
        return first?.textContent.replace(/\s/g, '').includes(c) && first.classList.contains(w);
    }, [code, wanted]).catch(async () => {
        throw new Error(`${code} should be ${wanted}: ${await row.textContent()}`);
    });
}

const tab = (page, name) => page.getByRole('tab', { name }).click();

async function make_bag(page, to, number, seal) {
    const shown = page.locator('section[data-bag]');
    const before = await shown.count() ? await shown.getAttribute('data-bag') : '';
    await pick(page, /Nơi đến/, to);
    await page.getByRole('button', { name: /Tạo túi/ }).click();
    await page.locator(`section[data-bag]:not([data-bag="${before}"])`).waitFor();
    const id = await shown.getAttribute('data-bag');
    const bag = page.locator(`section[data-bag="${id}"]`);
    await scan(page, /Quét bưu gửi vào túi/, number);
    await bag.locator('tbody tr').first().waitFor();
    await bag.getByLabel(/Số niêm phong/).fill(seal);
    await bag.getByRole('button', { name: /Đóng và niêm phong/ }).click();
    await bag.getByText(seal).waitFor();
    return id;
}

async function made_list(page) {
    const list = page.locator('section[data-handover]');
    await list.waitFor();
    return list.getAttribute('data-handover');
}

describe('the journey by hand', () => {
    let house, browser, clerk, courier, hub, officer, applicant;
    let number, code, first, second, result;

    before(async () => {
        house = await service();
        browser = await Browser.open(house.url);
        clerk = await browser.staff('clerk', '/counter');
        courier = await browser.staff('courier', '/courier', { viewport: { width: 360, height: 780 } });
        hub = await browser.staff('hub', '/hub');
        officer = await browser.staff('officer', '/agency');
    });
    after(async () => {
        await browser?.close();
        await house.stop();
    });

    it('begins at the first page, the login and the catalogue', async () => {
        const page = await browser.person();
        await page.goto(`${house.url}/`);
        await browser.look(page, 'home');
        await page.goto(`${house.url}/login`);
        assert.deepEqual((await page.locator('.well button').allTextContents()).map((text) => text.trim()),
            ['Giao dịch viênclerk', 'Bưu tácourier', 'Nhân viên khai tháchub', 'Cán bộ Một cửaofficer',
                'Giám sát viênsupervisor', 'Quản trị viênadmin']);
        await browser.look(page, 'login');
        await page.goto(`${house.url}/online`);
        await page.getByLabel(/Tìm thủ tục/).fill('tinh trang hon nhan');
        await page.getByRole('link', { name: /tình trạng hôn nhân/ }).click();
        await page.getByText('3 ngày làm việc').waitFor();
        await browser.look(page, 'procedure');
    });

    it('names what is missing beside the field', async () => {
        await pick(clerk, /Thủ tục/, 'tinh trang hon nhan');
        await pick(clerk, /Cơ quan giải quyết/, '46-A1');
        await clerk.getByLabel(/Họ và tên/).fill('Nguyễn Thị Thử');
        await clerk.keyboard.press('Control+Enter');
        await clerk.locator('[aria-invalid=true]').first().waitFor();
        await clerk.getByText('Xin xem các ô viền đỏ.').waitFor();
        const phone = clerk.getByLabel(/Điện thoại/);
        assert.equal(await phone.getAttribute('aria-invalid'), 'true');
        await browser.look(clerk, 'counter-missing');
    });

    it('registers the dossier, prices it and shows its label', async () => {
        await clerk.getByLabel(/Điện thoại/).fill('0905 000 123');
        await clerk.getByLabel(/Số nhà/).fill('12 Lê Lợi');
        await pick(clerk, /Xã, phường/, 'thuan hoa');
        await clerk.getByText(/^\d+\.000 đ$/).first().waitFor();
        await clerk.getByText('Xin xem các ô viền đỏ.').waitFor({ state: 'hidden' });
        await browser.look(clerk, 'counter-intake');
        await clerk.keyboard.press('Control+Enter');
        number = await clerk.locator('[data-number]').getAttribute('data-number');
        code = await clerk.locator('[data-code]').getAttribute('data-code');
        const label = clerk.getByAltText(/^Nhãn của/);
        await label.waitFor();
        await clerk.waitForFunction((img) => img.complete && img.naturalWidth > 300, await label.elementHandle());
        await clerk.getByRole('button', { name: /^In nhãn/ }).click();
        await clerk.getByText('Bản in số 1.').waitFor();
        await browser.look(clerk, 'counter-done');
    });

    it('can be followed by the applicant', async () => {
        applicant = await browser.person({ viewport: { width: 360, height: 780 } });
        await applicant.goto(`${house.url}/`);
        await applicant.getByLabel(/Số hiệu bưu gửi hoặc mã hồ sơ/).fill(number.toLowerCase());
        await applicant.getByRole('button', { name: /Tra cứu/ }).click();
        await applicant.waitForURL(`**/t/${number}`);
        await applicant.getByText(code).first().waitFor();
        await applicant.evaluate(() => { globalThis.same_page = true; });
        await browser.look(applicant, 'track-begin');
    });

    it('is accepted and bagged at the counter', async () => {
        await tab(clerk, /Quét/);
        await step(clerk, /Quét mã/, number, 'accept');
        await browser.look(clerk, 'counter-scan');
        await tab(clerk, /Túi/);
        first = await make_bag(clerk, '46-H1', number, 'VNP 000201');
        await browser.look(clerk, 'counter-bags');
    });

    it('travels with the courier to the hub', async () => {
        await step(courier, /Quét bưu gửi hoặc túi/, first, 'take_over');
        await step(courier, /Quét bưu gửi hoặc túi/, first, 'depart');
        assert.match(await courier.locator('.outcome').first().textContent(), /Xuất phát → Đang vận chuyển/);
        await browser.look(courier, 'courier-bag');
        await applicant.getByText(/vận chuyển|trên đường|rời/i).first().waitFor();
    });

    it('is opened, checked, sorted and sent on at the hub', async () => {
        await step(hub, /Quét túi hoặc bưu gửi/, first, 'arrive');
        await step(hub, /Quét túi hoặc bưu gửi/, first, 'open');
        await step(hub, /Quét túi hoặc bưu gửi/, number, 'sort');
        await tab(hub, /Túi/);
        await scan(hub, /Mã túi/, first);
        await hub.locator(`section[data-bag="${first}"]`).getByText('Đã thấy', { exact: true }).waitFor();
        await browser.look(hub, 'hub-manifest');
        second = await make_bag(hub, '46-B1', number, 'VNP 000202');
        await hub.locator(`section[data-bag="${second}"] [data-kind="depart"]`).click();
        await hub.getByText('Đang vận chuyển').first().waitFor();
    });

    it('comes to the delivery office', async () => {
        await tab(clerk, /Quét/);
        await step(clerk, /Quét mã/, second, 'arrive');
        await step(clerk, /Quét mã/, second, 'open');
        await step(clerk, /Quét mã/, number, 'at_delivery_office');
        await tab(clerk, /Đang giữ/);
        await clerk.locator(`li[data-number="${number}"] input`).check();
        await clerk.locator('[data-kind]').first().waitFor();
        await browser.look(clerk, 'counter-here');
    });

    it('is handed over to the agency, item by item', async () => {
        await step(courier, /Quét bưu gửi hoặc túi/, number, 'out_for_delivery');
        await browser.look(courier, 'courier-held');
        await tab(courier, /Giao nhận/);
        await pick(courier, /Đơn vị nhận/, '46-A1');
        await courier.locator(`form li[data-number="${number}"] input`).check();
        await courier.getByRole('button', { name: /Lập biên bản/ }).click();
        const list = await made_list(courier);
        await browser.look(courier, 'courier-list');
        await officer.reload();
        await tab(officer, /Ký nhận/);
        await officer.locator(`button[data-handover="${list}"]`).click();
        await scan(officer, /Quét từng bưu gửi/, number);
        await browser.look(officer, 'agency-sign');
        await officer.getByRole('button', { name: /^Ký nhận/ }).click();
        await officer.locator('[data-state=signed]').waitFor();
    });

    it('is accepted, processed and decided at the agency', async () => {
        await tab(officer, /Hồ sơ/);
        await scan(officer, /Mã hồ sơ hoặc số hiệu/, code);
        for (const [action, status] of [['accept', 'Được tiếp nhận'], ['start', 'Đang xử lý'],
            ['result_ready', 'Đã xử lý xong']]) {
            await officer.locator(`article [data-action="${action}"]`).click();
            await officer.locator('article').getByText(status, { exact: true }).waitFor();
            if (action === 'accept') await browser.look(officer, 'agency-dossier');
        }
        result = await officer.locator('article a.mono').nth(1).textContent();
        result = result.replace(/\s/g, '');
        assert.notEqual(result, number);
    });

    it('has its result handed back to the courier', async () => {
        await tab(officer, /Bàn giao kết quả/);
        await officer.getByRole('radio', { name: /Cá nhân/ }).check();
        await officer.getByLabel(/Tên đăng nhập của người nhận/).fill('courier');
        await officer.locator(`form li[data-number="${result}"] input`).check();
        await browser.look(officer, 'agency-results');
        await officer.getByRole('button', { name: /Lập biên bản/ }).click();
        const list = await made_list(officer);
        await courier.reload();
        await courier.locator(`button[data-handover="${list}"]`).click();
        await courier.getByRole('button', { name: /Nhận đủ tất cả và ký/ }).click();
        await courier.locator('[data-state=signed]').waitFor();
        await browser.look(courier, 'courier-signed');
    });

    it('is delivered to the applicant', async () => {
        await tab(clerk, /Quét/);
        await step(clerk, /Quét mã/, result, 'arrive');
        await tab(courier, /Đang giữ/);
        await step(courier, /Quét bưu gửi hoặc túi/, result, 'out_for_delivery');
        await courier.locator(`li[data-number="${result}"] input`).check();
        await courier.locator('[data-kind="deliver"]').click();
        await courier.getByLabel(/Họ và tên người nhận/).fill('Nguyễn Thị Thử');
        await courier.getByLabel(/Đã xem, đúng người nhận/).check();
        await courier.getByLabel(/Bốn số cuối/).fill('0123');
        await sign(courier);
        await browser.look(courier, 'courier-deliver');
        await courier.getByRole('button', { name: 'Ghi nhận Record' }).click();
        await outcome(courier, result, 'recorded');
    });

    it('told the applicant all the while, without a reload', async () => {
        await applicant.getByText('Đã trả kết quả').first().waitFor();
        assert.equal(await applicant.evaluate(() => globalThis.same_page), true);
        await browser.look(applicant, 'track-end');
        await clerk.goto(`${house.url}/counter#dossiers`);
        await clerk.locator(`button[data-code="${code}"]`).getByText('Đã trả kết quả').waitFor();
        await clerk.locator(`button[data-code="${code}"]`).click();
        await clerk.locator('article').getByText('Hiện không có thao tác nào.').waitFor();
        await browser.look(clerk, 'counter-dossiers');
    });

    it('shows the same in the dark', async () => {
        for (const page of [clerk, officer, applicant, courier]) await page.emulateMedia({ colorScheme: 'dark' });
        await browser.look(clerk, 'dark-counter-dossiers');
        await clerk.goto(`${house.url}/counter#intake`);
        await browser.look(clerk, 'dark-counter-intake');
        await browser.look(officer, 'dark-agency');
        await browser.look(courier, 'dark-courier');
        await browser.look(applicant, 'dark-track');
    });

    it('left no complaint in any console', () => {
        // The one refusal that the test asked for.
        assert.deepEqual(browser.complaints([/status of 422/]), []);
    });
});
