// Printers at the desks: described and tried by the supervisor, chosen at the counter, and what the
// clerk sees and does when one does not print.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { IppPrinter } from '../api/printers.mjs';
import { service, uuid7 } from '../api/service.mjs';
import { intake, ok, people } from '../api/walk.mjs';
import { Browser } from './browser.mjs';

describe('printers at the desks', () => {
    const name = `Máy in quầy ${uuid7().slice(-6)}`;
    let house, browser, all, ipp;

    before(async () => {
        house = await service();
        browser = await Browser.open(house.url);
        all = await people(house);
        ipp = new IppPrinter();
        await ipp.start();
    });
    after(async () => {
        await browser?.close();
        await ipp?.stop();
        await house.stop();
    });

    const codes_in = (pdf) => {
        const path = join(browser.shots, 'printed.pdf');
        writeFileSync(path, pdf);
        execFileSync('pdftoppm', ['-r', '203.2', '-mono', '-singlefile', path, join(browser.shots, 'printed')]);
        return spawnSync('zbarimg', ['-q', '--nodbus', join(browser.shots, 'printed.pbm')], { encoding: 'utf8' }).stdout.trim().split('\n');
    };
    // The clerk's desk with this dossier open.
    const at_desk = async () => {
        const { number, code } = await intake(all.clerk);
        const page = await browser.staff('clerk', '/counter#dossiers');
        await page.locator(`button[data-code="${code}"]`).click();
        return { page, number, code, desk: page.locator(`[data-print="${number}"]`) };
    };
    const choose = (desk) => desk.getByLabel(/^In ra/).selectOption({ label: name });
    const print = (desk) => desk.getByRole('button', { name: /^In nhãn/ }).click();

    it('a supervisor adds a printer, asks how it is, and reads its test page back', async () => {
        const page = await browser.staff('supervisor', '/admin#printers');
        const office = page.getByRole('combobox', { name: /Đơn vị/ });
        await office.fill('46-B1');
        await page.getByRole('option').first().waitFor();
        await page.waitForTimeout(250);
        await office.press('Enter');
        await page.getByRole('button', { name: /^Thêm máy in/ }).click();
        await page.getByLabel(/^Tên máy in/).fill(name);
        await page.getByLabel(/^Địa chỉ/).fill('http://nowhere/');
        await page.getByRole('button', { name: /^Lưu/ }).click();
        await page.getByText(/Địa chỉ có dạng ipp/).waitFor();
        await browser.look(page, 'printers-form');
        await page.getByLabel(/^Địa chỉ/).fill(ipp.uri);
        await page.getByRole('button', { name: /^Lưu/ }).click();
        const card = page.locator('[data-printer]');
        await card.getByRole('heading', { name }).waitFor();
        await card.getByRole('button', { name: /^Hỏi máy in/ }).click();
        await card.locator('[data-printer-state=idle]').waitFor();

        await card.getByRole('button', { name: /^In trang thử/ }).click();
        await card.locator('[data-job][data-state=printed]').waitFor();
        const codes = codes_in(ipp.printed().at(-1)).map((one) => one.split(':')[1]);
        for (const kind of ['Q3', 'B3']) {
            await card.getByLabel(/^Quét mã trên trang thử/).fill(codes.find((one) => one.endsWith(kind)));
            await card.getByLabel(/^Thước 40 mm/).fill('40,2');
            await card.getByLabel(/^Quét mã trên trang thử/).press('Enter');
            await card.getByText(kind === 'B3' ? /Mã vạch: đạt, đọc được 3 chấm/ : /QR: đạt, đọc được 3 chấm/).waitFor();
        }
        await card.getByText('Kích thước đúng.').waitFor();
        await browser.look(page, 'printers-tested');
        await card.getByLabel(/^Quét mã trên trang thử/).fill(codes.find((one) => one.endsWith('Q2')));
        await card.getByLabel(/^Thước 40 mm/).fill('27');
        await card.getByRole('button', { name: /^Kiểm tra/ }).click();
        await card.getByText(/có lẽ đây là máy in 300 dpi/).waitFor();
        await page.close();
    });

    it('the counter prints on the printer it chose, and remembers it', async () => {
        const { page, number, code, desk } = await at_desk();
        await choose(desk);
        await print(desk);
        await desk.locator('[data-job][data-state=printed]').waitFor();
        assert.ok(codes_in(ipp.printed().at(-1)).includes(`CODE-128:${number}`));
        await page.reload();
        await page.locator(`button[data-code="${code}"]`).click();
        await page.waitForFunction((text) => document.querySelector('[data-print] select')?.selectedOptions[0].textContent === text, name);
        await page.close();
    });

    it('out of paper is told in words, and goes on', async () => {
        ipp.mode('paper');
        const { page, desk } = await at_desk();
        await choose(desk);
        await print(desk);
        await desk.getByText('Hết giấy').waitFor();
        await browser.look(page, 'counter-print-paper');
        ipp.mode('');
        await desk.locator('[data-job][data-state=printed]').waitFor();
        await page.close();
    });

    it('a printer that is off: the clerk prints from the browser, and the job is put away', async () => {
        await ipp.power_off();
        const { page, number, desk } = await at_desk();
        await choose(desk);
        await print(desk);
        await desk.getByText(/Không kết nối được với máy in/).waitFor();
        await browser.look(page, 'counter-print-off');
        await desk.getByRole('button', { name: /^In từ trình duyệt/ }).click();
        await page.locator(`html[data-printed="/v1/labels/${number}.svg"]`).waitFor();
        await desk.locator('[data-job][data-state=cancelled]').waitFor();
        assert.equal((ok(await all.clerk.get('/v1/labels/jobs?limit=1'))).items[0].state, 'cancelled');
        await ipp.power_on();

        // What the browser would print: one page, as large as the label, and it scans.
        const sheet = await page.context().newPage();
        await sheet.goto(`${house.url}/login`);
        await sheet.setContent(await page.locator('#print-frame').getAttribute('srcdoc'), { waitUntil: 'load' });
        const pdf = await sheet.pdf({ preferCSSPageSize: true, printBackground: true });
        const codes = codes_in(pdf);
        const info = execFileSync('pdfinfo', [join(browser.shots, 'printed.pdf')], { encoding: 'utf8' });
        assert.match(info, /Pages:\s+1\n/);
        const [, width, height] = /Page size:\s+([\d.]+) x ([\d.]+)/.exec(info).map(Number);
        assert.ok(Math.abs(width - 283.5) < 1 && Math.abs(height - 425.2) < 1, info);
        assert.ok(codes.includes(`CODE-128:${number}`) && codes.some((one) => one.startsWith('QR-Code:')), codes.join());
        await page.close();
    });

    it('what may be out already is printed again as another copy, with the reason', async () => {
        ipp.mode('fail');
        const { page, number, desk } = await at_desk();
        await choose(desk);
        await print(desk);
        await desk.locator('[data-job][data-state=failed]').waitFor();
        await desk.getByText('Nhãn này có thể đã ra giấy.', { exact: false }).waitFor();
        await browser.look(page, 'counter-print-failed');
        ipp.mode('');
        await desk.getByLabel(/^Lý do in lại/).fill('Máy in kẹt giấy giữa chừng');
        await desk.getByRole('button', { name: /^Thử lại/ }).click();
        await desk.locator('[data-job][data-state=printed]').waitFor();
        assert.deepEqual(ok(await all.clerk.get('/v1/labels/jobs?limit=1')).items[0].copies, [2]);
        assert.ok(codes_in(ipp.printed().at(-1)).includes(`CODE-128:${number}`));
        await page.close();
    });

    it('the clerk sees the office\'s printers and what was printed', async () => {
        const page = await browser.staff('clerk', '/counter#printers');
        await page.getByRole('button', { name: new RegExp(name) }).click();
        const card = page.locator('[data-printer]');
        await card.getByText('Đã in').first().waitFor();
        assert.equal(await card.getByRole('button', { name: /^Sửa/ }).count(), 0);
        await browser.look(page, 'counter-printers');
        await page.close();
    });

    it('no page complained', () => {
        assert.deepEqual(browser.complaints([/422/]), []);
    });
});
