// The counter's and the courier's harder moments: a reply that never came, hands that never leave
// the keyboard, a delivery that fails, a scanned label, a list with something missing.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { service } from '../api/service.mjs';
import { act, AGENCY, intake, ok, people, recorded } from '../api/walk.mjs';
import { Browser, losing, pick, scan } from './browser.mjs';

const FAR = '46-A6'; // in the same province

describe('at the counter and on the road', () => {
    let house, browser, all;

    before(async () => {
        house = await service();
        browser = await Browser.open(house.url);
        all = await people(house);
    });
    after(async () => {
        await browser?.close();
        await house.stop();
    });

    const brought = async () => {
        const { number, code } = await intake(all.clerk);
        await recorded(all.clerk, 'accept', number);
        await recorded(all.courier, 'out_for_delivery', number);
        return { number, code };
    };
    // The clerk decides about the exception of this shipment, and it leaves the list.
    const decides = async (number) => {
        const page = await browser.staff('clerk', '/counter#odd');
        const row = page.locator(`[data-exception="${number}"]`);
        await row.getByRole('button', { name: /Xử lý/ }).click();
        await row.getByRole('button', { name: /Đã sửa bằng lượt quét khác/ }).click();
        await row.getByLabel(/Lý do/).fill('Bưu tá tìm thấy và giao chuyến sau.');
        await browser.look(page, 'counter-odd');
        await row.getByRole('button', { name: /Ghi quyết định/ }).click();
        await row.waitFor({ state: 'detached' });
        await page.close();
    };
    const dossiers = async () => ok(await all.clerk.get('/v1/dossiers?limit=500')).items.length;

    it('registers by keyboard alone', async () => {
        const page = await browser.staff('clerk', '/counter');
        const keys = page.keyboard;
        const type = async (text, ...after_it) => {
            await keys.type(text);
            for (const key of after_it) await keys.press(key);
        };
        await page.getByRole('combobox', { name: /Thủ tục/ }).waitFor();
        // Enter comes before the lists do: the first match is taken when it is there.
        await type('1.004873', 'Enter', 'Tab');
        await page.getByText('Giấy tờ chứng minh nơi cư trú').waitFor();
        await type('46-A1', 'Enter', 'Tab', 'Tab', 'Tab');
        await type('Trần Văn Phím', 'Tab');
        await type('0905000321', 'Tab', 'Tab', 'Tab');
        await type('1 Hùng Vương', 'Tab');
        await type('thuan hoa', 'Enter');
        await page.waitForFunction(() => [...document.querySelectorAll('input')].some((one) => /Phường Thuận Hoá,/.test(one.value)));
        await keys.press('Control+Enter');
        await page.locator('[data-number]').waitFor();
        const [code, receipt] = await Promise.all(['code', 'receipt'].map((what) =>
            page.locator(`[data-${what}]`).first().getAttribute(`data-${what}`)));
        ok(await house.anybody().post(`/v1/track/${code}/unlock`, { code: receipt }));
        const note = await page.getByRole('link', { name: /In phiếu gửi/ }).getAttribute('href');
        assert.equal((await all.clerk.get(note)).headers.get('content-type'), 'application/pdf');
        await page.close();
    });

    it('sends papers to another one-stop department that receives for the agency, at the price of that way', async () => {
        const page = await browser.staff('clerk', '/counter');
        await pick(page, /Thủ tục/, '1.004873');
        await pick(page, /Cơ quan giải quyết/, AGENCY);
        await page.getByLabel(/Họ và tên/).fill('Lê Thị Xa');
        await page.getByLabel(/Điện thoại/).fill('0905000322');
        await page.getByLabel(/Số nhà, đường/).first().fill('2 Lê Lợi');
        await pick(page, /Xã, phường/, 'thuan hoa');
        const postage = () => page.locator('aside tr', { hasText: 'Cước gửi hồ sơ' }).locator('.num').textContent();
        await page.locator('aside tr', { hasText: 'Cước gửi hồ sơ' }).waitFor();
        const near = await postage();
        assert.equal(await page.getByRole('combobox', { name: /Nơi nhận giấy tờ/ }).inputValue(), 'Cơ quan giải quyết tự nhận');
        const priced = page.waitForResponse('**/v1/tariff/quotes');
        await pick(page, /Nơi nhận giấy tờ/, FAR);
        await (await priced).finished();
        await page.waitForFunction((old) => [...document.querySelectorAll('aside tr')].some((row) =>
            /Cước gửi hồ sơ/.test(row.textContent) && !row.textContent.includes(old)), near);
        await browser.look(page, 'counter-receiving');
        const made = page.waitForResponse((reply) => reply.url().endsWith('/v1/dossiers') && reply.request().method() === 'POST');
        await page.getByRole('button', { name: /Nhận hồ sơ/ }).click();
        const { receiving, agency, shipments } = await (await made).json();
        assert.deepEqual([receiving.id, agency.id, shipments[0].to.id], [FAR, AGENCY, FAR]);
        await page.close();
    });

    it('sends the last key typed, and keeps what was picked while a reply was on its way', async () => {
        const page = await browser.staff('clerk', '/counter');
        let arrive;
        const both_picked = new Promise((done) => { arrive = done; });
        await page.route('**/v1/procedures/1.004873', (route) => both_picked.then(() => route.continue()));
        await pick(page, /Thủ tục/, '1.004873');
        await pick(page, /Cơ quan giải quyết/, AGENCY);
        arrive();
        await page.getByText('Giấy tờ chứng minh nơi cư trú').waitFor();
        const refused = page.waitForResponse('**/v1/dossiers');
        await page.getByLabel(/Họ và tên/).evaluate((field) => {
            field.value = 'Hồ Thị Nhanh';
            field.dispatchEvent(new InputEvent('input', { bubbles: true }));
            field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true }));
        });
        const pointers = (await (await refused).json()).errors.map((one) => one.pointer);
        assert.ok(pointers.includes('/applicant/phone'));
        for (const known of ['/applicant/name', '/agency'])
            assert.ok(!pointers.includes(known), `${known} was there`);
        await page.close();
    });

    it('sends an intake again when the reply was lost, and registers it once', async () => {
        const page = await browser.staff('clerk', '/counter');
        const count = await dossiers();
        await pick(page, /Thủ tục/, 'tinh trang hon nhan');
        await pick(page, /Cơ quan giải quyết/, AGENCY);
        await page.getByLabel(/Họ và tên/).fill('Lê Thị Mất Mạng');
        await page.getByLabel(/Điện thoại/).fill('0905000456');
        await page.getByLabel(/Số nhà/).fill('3 Đống Đa');
        await pick(page, /Xã, phường/, 'thuan hoa');
        await losing(page, '**/v1/dossiers');
        await page.keyboard.press('Control+Enter');
        await page.getByText('chưa có trả lời').waitFor();
        await page.reload();
        await page.getByText('chưa có trả lời').waitFor();
        await browser.look(page, 'counter-unanswered');
        await page.getByRole('button', { name: /Gửi lại/ }).click();
        await page.locator('[data-number]').waitFor();
        assert.equal(await dossiers(), count + 1);
        await page.close();
    });

    it('tells why a delivery failed, and holds it at the office', async () => {
        const { number } = await brought();
        const courier = await browser.staff('courier', '/courier', { viewport: { width: 360, height: 780 } });
        await courier.locator(`li[data-number="${number}"] input`).check();
        await courier.locator('[data-kind="fail"]').click();
        const words = ok(await all.courier.get('/v1/custody/vocabulary'));
        assert.deepEqual(await courier.getByLabel(/Lý do/).locator('option').allTextContents(),
            words.reasons.map((row) => `${row.name} · ${row.name_en}`));
        for (const reason of ['absent', 'address_bad', 'office_closed']) {
            await courier.getByLabel(/Lý do/).selectOption(reason);
            const may = words.failures.filter((row) => row.reason === reason).map((row) => row.next_action);
            assert.deepEqual(await courier.getByRole('radio').evaluateAll((list) => list.map((one) => one.value)),
                words.next_actions.map((row) => row.code).filter((code) => may.includes(code)));
        }
        await courier.getByRole('radio', { name: /Lưu tại bưu cục/ }).check();
        await browser.look(courier, 'courier-fail');
        await courier.getByRole('button', { name: /Ghi nhận Record/ }).click();
        await courier.locator('.outcome.recorded').first().waitFor();
        const clerk = await browser.staff('clerk', '/counter#scan');
        await scan(clerk, /Quét mã/, number);
        await clerk.locator('[data-kind="hold"]').click();
        await clerk.getByRole('button', { name: /Ghi nhận Record/ }).click();
        await clerk.locator('.outcome.recorded').first().waitFor();
        const view = ok(await all.clerk.get(`/v1/dossiers/${number}`));
        assert.equal(view.shipments[0].state, 'held');
        await courier.close();
        await clerk.close();
    });

    const code_on = async (number) => {
        const label = await all.clerk.get(`/v1/labels/${number}.png?dpi=300`);
        const file = join(browser.shots, 'label.png');
        writeFileSync(file, label.body);
        return execFileSync('zbarimg', ['-q', '--raw', file], { encoding: 'utf8', stdio: 'pipe' })
            .split('\n').find((line) => /\/S\//i.test(line));
    };
    const copy_behind = async (code) => ok(await all.clerk.post('/v1/verify', { code }));

    it('prints a copy that counts, once though the reply was lost, and another only with a reason', async () => {
        const { number, code } = await intake(all.clerk);
        const page = await browser.staff('clerk', '/counter#dossiers');
        await page.locator(`button[data-code="${code}"]`).click();
        const desk = page.locator(`[data-print="${number}"]`);
        const print = desk.getByRole('button', { name: /^In nhãn/ });
        await losing(page, '**/v1/labels/print');
        await print.click();
        await desk.getByText(/Mất kết nối/).waitFor();
        await print.click();
        await desk.getByText('Bản in số 1.').waitFor();
        const first = await code_on(number);
        await print.click();
        await desk.getByLabel(/Lý do in lại/).fill('Nhãn bị rách');
        await browser.look(page, 'counter-reprint');
        await desk.getByRole('button', { name: /^In lại/ }).click();
        await desk.getByText('Bản in số 2.').waitFor();
        assert.equal((await copy_behind(first)).superseded, true);
        assert.equal((await copy_behind(await code_on(number))).copy, 2);
        await page.locator(`html[data-printed="/v1/labels/${number}.svg"]`).waitFor();
        const pdf = await desk.getByRole('link', { name: /PDF/ }).getAttribute('href');
        writeFileSync(join(browser.shots, 'label.pdf'), (await all.clerk.get(pdf)).body);
        assert.match(execFileSync('pdftotext', [join(browser.shots, 'label.pdf'), '-'], { encoding: 'utf8' }), /IN LẠI \(2\)/);
        await page.close();
    });

    it('offers the clerk exactly what the service allows: supplement, payment, withdrawal', async () => {
        const { code } = await intake(all.clerk, { paid: true });
        const page = await browser.staff('clerk', '/counter#dossiers');
        const desk = page.locator(`article[data-code="${code}"]`);
        const offered = async (status, ...actions) => {
            await page.reload();
            await scan(page, /Mã hồ sơ hoặc số hiệu/, code);
            await desk.getByText(status, { exact: true }).waitFor();
            const view = ok(await all.clerk.get(`/v1/dossiers/${code}`));
            const shown = await desk.locator('[data-action]').evaluateAll((all) => all.map((one) => one.dataset.action));
            const allowed = view.allowed_actions.map((one) => one.action);
            assert.deepEqual(shown, allowed.filter((one) => one !== 'take_payment')); // which has a panel of its own
            assert.equal(await desk.locator('[data-take-in]').count(), allowed.includes('take_payment') ? 1 : 0);
            assert.deepEqual(shown, actions);
        };
        for (const action of ['accept', 'start']) await act(all.officer, code, action);
        await act(all.officer, code, 'ask_supplement', { reason: 'Thiếu bản sao căn cước' });
        await offered('Yêu cầu bổ sung giấy tờ', 'send_supplement', 'request_withdrawal');
        await desk.locator('[data-action=send_supplement]').click();
        await desk.getByLabel(/Khối lượng/).fill('20');
        await desk.getByRole('button', { name: /^Gửi giấy tờ bổ sung/ }).last().click();
        await desk.getByText('Giấy tờ bổ sung', { exact: true }).waitFor();
        assert.equal(await desk.getByRole('button', { name: /^In nhãn/ }).count(), 2);
        await act(all.officer, code, 'supplement_received');
        await act(all.officer, code, 'ask_payment', { amount: 50000, name: 'Phí thẩm định' });
        await offered('Yêu cầu thực hiện nghĩa vụ tài chính', 'payment_received', 'request_withdrawal');
        await desk.getByRole('row', { name: /Phí thẩm định 50.000 đ Chưa thu/ }).waitFor();
        await browser.look(page, 'counter-payment');
        await desk.locator('[data-action=payment_received]').click();
        await desk.getByRole('row', { name: /Phí thẩm định 50.000 đ Đã thu/ }).waitFor();
        await desk.locator('[data-action=request_withdrawal]').click();
        await desk.getByLabel(/Lý do/).fill('Người nộp không cần nữa');
        await desk.getByRole('button', { name: /^Xin rút hồ sơ/ }).last().click();
        await desk.getByText('Công dân yêu cầu rút hồ sơ', { exact: true }).waitFor();
        await page.close();
    });

    it('reads the signed code of a printed label', async () => {
        const { number } = await intake(all.clerk);
        const code = await code_on(number);
        const page = await browser.staff('clerk', '/counter#scan');
        await scan(page, /Quét mã/, code);
        await page.locator('[data-kind="accept"]').click();
        await page.locator('.outcome.recorded').waitFor();
        const view = ok(await all.clerk.get(`/v1/dossiers/${number}`));
        assert.equal(view.shipments[0].state, 'accepted');
        await page.close();
    });

    it('signs a list with something missing, and the difference is for a person', async () => {
        const [one, two] = [await brought(), await brought()];
        const list = ok(await all.courier.post('/v1/custody/handovers',
            { to: AGENCY, items: [one.number, two.number] }), 201);
        const page = await browser.staff('officer', '/agency#sign');
        await page.locator(`button[data-handover="${list.id}"]`).click();
        await scan(page, /Quét từng bưu gửi/, one.number);
        await page.getByText('Còn 1 bưu gửi chưa kiểm').waitFor();
        await page.getByLabel(`Bản chính ${one.number}`).fill('1');
        await page.getByLabel(`Bản sao ${one.number}`).fill('2');
        await page.getByLabel(`Kiểm nhận ${two.number}`).selectOption('missing');
        await page.getByRole('button', { name: /^Ký nhận/ }).click();
        await page.locator('[data-state=signed]').waitFor();
        await browser.look(page, 'agency-signed');
        const signed = ok(await all.officer.get(`/v1/custody/handovers/${list.id}`)).items;
        const counted = (number) => signed.filter((row) => row.number === number)
            .map(({ finding, originals, copies }) => [finding, originals, copies]);
        assert.deepEqual(counted(one.number), [['present', 1, 2]]);
        assert.deepEqual(counted(two.number), [['missing', undefined, undefined]]);
        const filed = async (code) => ok(await all.officer.get(`/v1/dossiers/${code}`)).filed_at;
        assert.ok(await filed(one.code));
        assert.equal(await filed(two.code), null);
        const open = ok(await all.clerk.get('/v1/custody/exceptions?limit=500')).items;
        assert.ok(open.some((row) => row.subject === two.number && row.code === 'handover_missing'));
        await page.close();
        await decides(two.number);
    });

    it('says no, and why, when two officers act at once', async () => {
        const { code, number } = await brought();
        const list = ok(await all.courier.post('/v1/custody/handovers', { to: AGENCY, items: [number] }), 201);
        ok(await all.officer.post(`/v1/custody/handovers/${list.id}/sign`, { accept_all: true }));
        const page = await browser.staff('officer', '/agency');
        await scan(page, /Mã hồ sơ hoặc số hiệu/, code);
        const reject = page.locator('article [data-action="reject"]');
        await reject.click();
        await page.getByLabel(/Lý do/).fill('Không thuộc thẩm quyền');
        await page.getByLabel(/Căn cứ pháp lý/).fill('Điều 17');
        ok(await all.officer.post(`/v1/dossiers/${code}/actions`, { action: 'accept' }));
        await page.getByRole('button', { name: /Không tiếp nhận Refuse/ }).last().click();
        await page.getByRole('alert').waitFor();
        await browser.look(page, 'agency-stale');
        await page.getByRole('button', { name: /Tải lại hồ sơ/ }).click();
        await page.locator('article').getByText('Được tiếp nhận', { exact: true }).waitFor();
        await page.close();
    });

    it('shows the tab it stands on, also on a phone', async () => {
        const page = await browser.staff('clerk', '/counter#odd', { viewport: { width: 360, height: 780 } });
        await page.getByRole('tab', { name: /Ngoại lệ/, selected: true }).waitFor();
        await page.waitForFunction(() => {
            const { left, right } = document.querySelector('[role=tab][aria-selected=true]').getBoundingClientRect();
            return left >= 0 && right <= innerWidth;
        });
        await page.close();
    });

    it('goes to the part named in the address, also when that comes while the page is first drawn', async () => {
        const page = await browser.staff('clerk', '/counter');
        await page.addInitScript(() => new MutationObserver((_, observer) => {
            if (!document.querySelector('[role=tablist]')) return;
            observer.disconnect();
            location.hash = '#odd';
        }).observe(document, { childList: true, subtree: true }));
        await page.reload();
        await page.getByRole('tab', { name: /Ngoại lệ/, selected: true }).waitFor();
        await page.close();
    });

    it('turns away whoever has no business here', async () => {
        const page = await browser.staff('courier', '/courier');
        await page.goto(`${house.url}/agency`);
        await page.getByText('Trang này dành cho vai trò khác.').waitFor();
        await page.getByRole('button', { name: /Đăng xuất/ }).click();
        await page.waitForURL('**/login');
        await page.goto(`${house.url}/courier`);
        await page.waitForURL('**/login?next=*');
        await page.close();
    });

    it('left no unexpected complaint in any console', () => {
        assert.deepEqual(browser.complaints([/ERR_FAILED/, /status of 4(01|12|22)/]), []);
    });
});
