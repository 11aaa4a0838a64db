// The result on line in a browser: the officer seals it, the applicant downloads it from the tracking
// page without scripts and without a login, and checks it.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { jpeg, pdf, sha256 } from '../api/pictures.mjs';
import { service } from '../api/service.mjs';
import { act, intake, ok, people } from '../api/walk.mjs';
import { Browser } from './browser.mjs';

describe('the result on line', () => {
    let house, browser, all, folder, code, receipt;
    const bytes = pdf('giay xac nhan tinh trang hon nhan');
    before(async () => {
        house = await service();
        browser = await Browser.open(house.url);
        all = await people(house);
        folder = mkdtempSync(join(tmpdir(), 'results-'));
        const { made } = await intake(all.clerk, { service: 'send', result_to: { kind: 'online' } });
        ({ code } = made);
        receipt = made.receipt_code;
        for (const action of ['accept', 'start', 'result_ready']) await act(all.officer, code, action);
    });
    after(async () => {
        await browser?.close();
        rmSync(folder, { recursive: true, force: true });
        await house.stop();
    });
    const kept = (name, content) => {
        const path = join(folder, name);
        writeFileSync(path, content);
        return path;
    };
    const downloaded = async (page, button) => {
        const [file] = await Promise.all([page.waitForEvent('download'), button.click()]);
        return [file.suggestedFilename(), readFileSync(await file.path())];
    };
    const opened = async (page) => {
        await page.getByLabel(/[Mm]ã tra cứu trên phiếu gửi/).fill(receipt);
        await page.getByRole('button', { name: 'Mở bằng mã' }).click();
        await page.getByRole('heading', { name: /Kết quả điện tử/ }).waitFor();
    };

    it('is sealed by the officer', async () => {
        const page = await browser.staff('officer', '/agency#inbox');
        await page.locator(`button[data-code="${code}"]`).click();
        const desk = page.locator(`article[data-code="${code}"]`);
        await desk.locator('[data-results] input[type=file]').setInputFiles(kept('ket-qua.pdf', bytes));
        await desk.getByRole('button', { name: /Ký niêm phong/ }).click();
        await desk.locator('[data-version="1"]').getByText('Hiện hành').waitFor();
        await desk.getByText('Người nộp tải bằng mã').waitFor();
        await browser.look(page, 'agency-result');
        assert.equal(await desk.locator('[data-files] [data-file]').count(), 0);
        const [name, content] = await downloaded(page, desk.locator('[data-version="1"] a'));
        assert.match(name, /\.pdf$/);
        assert.equal(sha256(content), sha256(bytes));
        await page.close();
    });

    it('a clerk adds a file for a paper of the checklist; a locked one is refused in words', async () => {
        const one = await intake(all.clerk);
        const page = await browser.staff('clerk', '/counter#dossiers');
        await page.locator(`button[data-code="${one.code}"]`).click();
        const files = page.locator(`article[data-code="${one.code}"] [data-files]`);
        const add = files.locator('form');
        await add.locator('input[type=file]').setInputFiles(kept('khoa.pdf',
            Buffer.from('%PDF-1.4\ntrailer << /Encrypt 5 0 R >>\n%%EOF\n')));
        await add.getByRole('button', { name: /Gửi tệp/ }).click();
        await files.getByRole('alert').getByText('Tệp PDF bị khóa hoặc mã hóa').waitFor();
        await browser.look(page, 'counter-file-refused');
        await add.locator('input[type=file]').setInputFiles(kept('cu-tru.jpg', jpeg(60, 40)));
        await add.locator('select').selectOption('Giấy tờ chứng minh nơi cư trú');
        await add.getByRole('button', { name: /Gửi tệp/ }).click();
        await files.locator('[data-file]').getByText('Giấy tờ chứng minh nơi cư trú').waitFor();
        await browser.look(page, 'counter-files');
        await page.close();
    });

    it('is looked at on every page of the applicant', async () => {
        const page = await browser.person();
        await page.goto(`${house.url}/t/${code}`);
        await page.getByRole('link', { name: /Nhận kết quả trực tuyến/ }).waitFor();
        await browser.look(page, 'track-result-online');
        await page.goto(`${house.url}/t/${code}/unlock`);
        await page.getByLabel(/bốn số cuối điện thoại/).fill('0123');
        await page.getByRole('button', { name: 'Mở bằng số điện thoại' }).click();
        await page.getByText('Bốn chữ số chưa đủ').waitFor();
        assert.equal(await page.getByRole('button', { name: /Tải kết quả/ }).count(), 0);
        await browser.look(page, 'unlock-needs-code');
        await page.getByRole('link', { name: /Nhập mã tra cứu/ }).click();
        await opened(page);
        await browser.look(page, 'unlock-download');
        await page.emulateMedia({ colorScheme: 'dark' });
        await browser.look(page, 'unlock-download-dark');
        await page.close();
    });

    it('is downloaded from the tracking page without scripts, then checked', async () => {
        const page = await browser.person({ javaScriptEnabled: false, acceptDownloads: true });
        await page.goto(`${house.url}/t/${code}`);
        await page.getByRole('link', { name: /Nhận kết quả trực tuyến/ }).click();
        await opened(page);
        const [proof, seal] = await downloaded(page, page.getByRole('button', { name: /Tải chữ ký niêm phong/ }));
        const [name, content] = await downloaded(page, page.getByRole('button', { name: /Tải kết quả/ }));
        assert.deepEqual([name, proof], [`ket-qua-${code}-1.pdf`, `ket-qua-${code}-1.seal.json`]);
        assert.deepEqual(content, bytes);
        assert.equal(ok(await all.officer.get(`/v1/dossiers/${code}`)).status.code, 10);
        await page.goto(`${house.url}/t/${code}`);
        await page.getByText('Kết quả đã được nhận trực tuyến').waitFor();
        await page.close();

        const checker = await browser.person();
        await checker.goto(`${house.url}/seal`);
        await checker.locator('[name=seal]').setInputFiles(kept('tai-ve.seal.json', seal));
        const check = async (name_of, pdf_bytes, verdict) => {
            await checker.locator('[name=pdf]').setInputFiles(kept(name_of, pdf_bytes));
            await checker.locator('[data-verdict]').waitFor({ state: 'detached' });
            await checker.getByRole('button', { name: /^Kiểm tra/ }).click();
            await checker.locator(`[data-verdict="${verdict}"]`).waitFor();
        };
        await check('tai-ve.pdf', content, 'genuine');
        await browser.look(checker, 'seal-genuine');
        await check('sua.pdf', Buffer.concat([content, Buffer.from('\n')]), 'other-file');
        await browser.look(checker, 'seal-other');
        await checker.close();
    });

    it('no page complained but of the refused file', () => {
        assert.deepEqual(browser.complaints([/Failed to load resource: .* 422/]), []);
    });
});
