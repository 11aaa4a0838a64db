// The courier at the door: the form asks for what this delivery needs, with or without a network, and
// signature and photo reach the service after the scan.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { query, work_today } from '../fault/journal.mjs';
import { discard, own_service, until, vn_day } from '../api/service.mjs';
import { png } from '../api/pictures.mjs';
import { signed_code } from '../api/signed_code.mjs';
import { act, AGENCY, intake, ok, people, recorded, TAKEN } from '../api/walk.mjs';
import { Browser, losing, scan, sign } from './browser.mjs';

describe('the courier at the door', () => {
    let house, browser, page, all;

    before(async () => {
        house = await own_service();
        query(house, `update account.account set unit_id = (select id from postal.unit where code = '46-A0')
            where login = 'officer2'`);
        browser = await Browser.open(house.url);
        all = await people(house);
        all.officer2 = await house.login('officer2');
        all.supervisor = await house.login('supervisor');
        page = await browser.staff('courier', '/courier', { viewport: { width: 360, height: 780 } });
        await page.locator('body[data-kept=yes]').waitFor({ state: 'attached' });
    });
    after(async () => {
        const complaints = browser?.complaints([/Failed to load resource|net::ERR|Failed to fetch/]) ?? [];
        await browser?.close();
        await discard(house);
        assert.deepEqual(complaints, []);
    });

    // A result that the courier has taken out.
    async function at_the_door(procedure = '1.004873') {
        const province = procedure !== '1.004873', officer = province ? all.officer2 : all.officer;
        const { code } = await intake(all.clerk, { procedure, agency: province ? '46-A0' : AGENCY });
        await act(officer, code, 'accept');
        await act(officer, code, 'start');
        const view = await act(officer, code, 'result_ready');
        const { number } = view.shipments.find((one) => one.leg === 'result');
        await recorded(all.courier, 'take_over', number);
        await recorded(all.clerk, 'arrive', number);
        await recorded(all.courier, 'out_for_delivery', number);
        return number;
    }
    const see = async (...numbers) => {
        await page.reload();
        for (const number of numbers) await page.locator(`li[data-number="${number}"]`).waitFor();
    };
    const choose = async (number, kind) => {
        await page.locator(`li[data-number="${number}"] input`).check();
        await page.locator(`[data-kind="${kind}"]`).click();
    };
    const record = () => page.getByRole('button', { name: 'Ghi nhận Record' }).click();
    const relations = () => page.getByLabel(/Quan hệ/).locator('option').evaluateAll((list) => list.map((one) => one.value));
    const delivery = async (number) => ok(await all.clerk.get(`/v1/custody/shipments/${number}/delivery`));
    const state = async (number) => ok(await all.clerk.get(`/v1/custody/items/${number}`)).state;
    const proofs = (number, count) => until('the files', async () => {
        const { proofs_kept } = await delivery(number);
        return proofs_kept.length === count && proofs_kept;
    });
    const odd = async (number) => ok(await all.supervisor.get('/v1/custody/exceptions?limit=500')).items
        .filter((one) => one.subject === number).map((one) => one.code);

    it('hands a passport to its owner alone, and takes the old one back', async () => {
        const number = await at_the_door('1.001456');
        await see(number);
        await choose(number, 'deliver');
        await page.getByText('chính người nhận', { exact: false }).first().waitFor();
        assert.deepEqual(await relations(), ['self']);
        await page.getByLabel(/Họ và tên người nhận/).fill('Nguyễn Thị Thử');
        await record();
        assert.equal(await page.locator('.outcome').count(), 0, 'the identity is not looked at');
        await page.getByLabel(/Đã xem, đúng người nhận/).check();
        await record();
        assert.equal(await page.locator('.outcome').count(), 0, 'nor is the old passport there');
        await page.getByLabel(/Đã thu hồi giấy tờ cũ/).check();
        await page.getByLabel(/Bốn số cuối/).fill('0123');
        await record();
        await page.getByText('Chưa có chữ ký.').waitFor();
        await sign(page);
        await browser.look(page, 'delivery-passport');
        await record();
        await until('the delivery', async () => (await state(number)) === 'delivered');
        const [signature] = await proofs(number, 1);
        assert.deepEqual([signature.kind, signature.media, signature.width], ['signature', 'image/png', 600]);
        await page.locator('[data-files]').waitFor({ state: 'detached' });
        assert.deepEqual(await odd(number), []);
    });

    it('keeps a photo without a network, through a reload, and sends the scan first', async () => {
        const number = await at_the_door();
        await see(number);
        await page.context().setOffline(true);
        await page.getByText('Không có mạng.').waitFor();
        await choose(number, 'deliver');
        await page.getByLabel(/Họ và tên người nhận/).fill('Trần Văn Thay');
        await page.getByLabel(/Quan hệ/).selectOption('proxy');
        await page.getByLabel(/Đã xem, đúng người nhận/).check();
        await page.getByRole('radio', { name: /Chụp ảnh/ }).check();
        await page.getByLabel(/ảnh lúc phát/).setInputFiles({ name: 'phat.png', mimeType: 'image/png',
            buffer: png(2400, 1200, { noise: true }) });
        await page.locator('img.preview').waitFor();
        await record();
        assert.equal(await page.locator('.outcome.waiting').count(), 0, 'a proxy needs a paper');
        await page.getByLabel(/Số, người lập/).fill('12/UQ');
        await browser.look(page, 'delivery-proxy-offline');
        await record();
        await page.locator('.outcome.waiting').waitFor();
        await page.locator('[data-files="1"]').waitFor();
        await page.reload();
        await page.locator('[data-files="1"]').waitFor();
        const order = [];
        page.on('request', (request) => request.method() === 'POST'
            && order.push(new URL(request.url()).pathname));
        await page.context().setOffline(false);
        await page.locator('.outcome.recorded').first().waitFor();
        const [photo] = await proofs(number, 1);
        assert.equal(photo.media, 'image/jpeg');
        assert.deepEqual([photo.width, photo.height], [1600, 800]);
        await page.locator('[data-files]').waitFor({ state: 'detached' });
        const sent = order.filter((path) => /scans|attachments/.test(path));
        assert.deepEqual([sent[0], sent.at(-1)], ['/v1/custody/scans', '/v1/attachments']);
        assert.equal(query(house, `select count(*) from custody.event where subject = '${number}' and kind = 'attach'`)[0], '1');
        assert.deepEqual(await odd(number), []);
    });

    const BOX = /Quét bưu gửi hoặc túi/;
    const found = (code) => page.locator(`[data-found="${code}"]`);

    it('of a signed code that it can check by itself asks what its shipment asks for', async () => {
        const number = await at_the_door(), whole = await signed_code(all.clerk, number), code = whole.slice(-128);
        await see(number);
        await scan(page, BOX, number);
        await found(number).waitFor(); // what may be done is learnt
        await page.context().setOffline(true);
        await page.getByText('Không có mạng.').waitFor();
        await scan(page, BOX, whole);
        await found(code).locator('[data-kind="deliver"]').click();
        await page.getByLabel(/Quan hệ/).waitFor();
        assert.ok((await relations()).length > 1, 'not the addressee alone');
        assert.equal(await page.getByText('Chưa tra được nhãn này').count(), 0);
        await page.context().setOffline(false);
        await recorded(all.courier, 'deliver', number, TAKEN);
    });

    it('of a signed code that it cannot check asks the strictest, and its proof comes all the same', async () => {
        const number = await at_the_door(), whole = await signed_code(all.clerk, number), code = whole.slice(-128);
        await see(number);
        await scan(page, BOX, number);
        await found(number).waitFor(); // what may be done is learnt
        await page.context().setOffline(true);
        await page.getByText('Không có mạng.').waitFor();
        await page.evaluate(() => localStorage.removeItem('dossierpost.label_keys'));
        await scan(page, BOX, whole);
        await page.locator('[data-label="unchecked"]').waitFor();
        await found(code).locator('[data-kind="deliver"]').click();
        await page.getByText('Chưa tra được nhãn này').waitFor();
        assert.deepEqual(await relations(), ['self']);
        await browser.look(page, 'delivery-unseen');
        await page.getByLabel(/Họ và tên người nhận/).fill('Nguyễn Thị Thử');
        await page.getByLabel(/Đã xem, đúng người nhận/).check();
        await page.getByLabel(/Đã thu hồi giấy tờ cũ/).check();
        await sign(page);
        await record();
        await page.locator('[data-files="1"]').waitFor();
        await page.context().setOffline(false);
        const [signature] = await proofs(number, 1);
        assert.equal(signature.kind, 'signature');
        await page.locator('[data-files]').waitFor({ state: 'detached' });
        assert.equal(await page.locator('[data-aside]').count(), 0);
        assert.deepEqual([await state(number), await odd(number)], ['delivered', []]);
    });

    it('does not say of the next person what was said of this one', async () => {
        const [first, second] = [await at_the_door(), await at_the_door()];
        await see(first, second);
        await page.getByLabel(/Lặp lại thao tác này/).check();
        await scan(page, BOX, first);
        await found(first).locator('[data-kind="deliver"]').click();
        await page.getByLabel(/Họ và tên người nhận/).fill('Nguyễn Thị Thử');
        await page.getByLabel(/Đã xem, đúng người nhận/).check();
        await sign(page);
        await record();
        await until('the first', async () => (await state(first)) === 'delivered');
        await scan(page, BOX, second);
        await found(second).waitFor();
        assert.equal(await state(second), 'out_for_delivery');
    });

    it('tells when the device cannot keep the picture, and records it once it can', async () => {
        const number = await at_the_door();
        await see(number);
        await page.evaluate(() => {
            globalThis.persisted = 0;
            navigator.storage.persist = async () => { globalThis.persisted++; };
            globalThis.put = IDBObjectStore.prototype.put;
            IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); };
        });
        await choose(number, 'deliver');
        await page.getByLabel(/Họ và tên người nhận/).fill('Nguyễn Thị Thử');
        await page.getByLabel(/Đã xem, đúng người nhận/).check();
        await sign(page);
        await record();
        await page.getByText('Thiết bị không giữ được ảnh').waitFor();
        await browser.look(page, 'delivery-full');
        assert.equal(await state(number), 'out_for_delivery');
        await page.evaluate(() => { IDBObjectStore.prototype.put = globalThis.put; });
        await record();
        await proofs(number, 1);
        assert.equal(await page.evaluate(() => globalThis.persisted), 1);
    });

    it('without room on the device: asks for what the rules ask, and loses no scan in silence', async (t) => {
        const number = await at_the_door('1.001456');
        t.after(() => page.evaluate(() => {
            Storage.prototype.setItem = globalThis.set_item;
            sessionStorage.removeItem('no-room');
        }));
        await page.addInitScript(() => {
            globalThis.set_item = Storage.prototype.setItem;
            if (sessionStorage.getItem('no-room'))
                Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
        });
        await page.evaluate(() => {
            for (const name of ['deliveries', 'held', 'kinds', 'vocabulary', 'me']) localStorage.removeItem(`dossierpost.${name}`);
            sessionStorage.setItem('no-room', 'yes');
        });
        await see(number);
        await choose(number, 'deliver');
        await page.getByText('Thủ tục này chỉ phát cho').waitFor();
        await page.getByLabel(/Họ và tên người nhận/).fill('Nguyễn Thị Thử');
        await page.getByLabel(/Đã xem, đúng người nhận/).check();
        await page.getByLabel(/Đã thu hồi giấy tờ cũ/).check();
        await sign(page);
        await record();
        await page.getByText('Thiết bị hết chỗ').waitFor();
        await browser.look(page, 'delivery-no-room');
        assert.equal(await page.getByLabel(/Họ và tên người nhận/).inputValue(), 'Nguyễn Thị Thử');
        await page.getByLabel(/Lặp lại thao tác này/).check();
        await scan(page, BOX, number);
        await found(number).locator('[data-kind="damage"]').waitFor();
        // Only what can be asked again is in the way now.
        await page.evaluate(() => {
            Storage.prototype.setItem = function set(key, text) {
                if (key.startsWith('dossierpost.scans') && this.getItem('dossierpost.deliveries'))
                    throw new DOMException('full', 'QuotaExceededError');
                globalThis.set_item.call(this, key, text);
            };
            localStorage.setItem('dossierpost.deliveries', '{}');
        });
        await page.locator('form').filter({ has: page.getByLabel(/Họ và tên người nhận/) })
            .getByRole('button', { name: 'Ghi nhận Record' }).click();
        await until('the delivery', async () => (await state(number)) === 'delivered');
    });

    it('asks what its deliveries require when the list of them has changed, and forgets none for want of room', async () => {
        const number = await at_the_door();
        let asked = 0, told;
        await page.route('**/v1/custody/deliveries', async (route) => {
            asked++;
            const reply = await route.fetch();
            await route.fulfill(told ? { json: told } : { response: reply });
        });
        await see(number);
        await until('the terms', () => asked === 1);
        await choose(number, 'damage');
        await page.getByLabel(/Hư hỏng thế nào/).fill('móp góc');
        await record();
        await page.locator('.outcome.recorded').first().waitFor();
        await page.waitForTimeout(500);
        assert.equal(asked, 1, 'nothing came, went or moved');
        const kept = () => page.evaluate(() => Object.keys(JSON.parse(localStorage.getItem('dossierpost.deliveries'))));
        assert.ok((await kept()).includes(number));
        for (const more of [true, false]) {
            told = { items: [], more };
            const before = asked;
            await see(number);
            await until('the terms', () => asked > before);
            await page.waitForTimeout(200);
            assert.equal((await kept()).includes(number), more);
        }
        await page.unroute('**/v1/custody/deliveries');
    });

    it('goes on where an upload stopped', async () => {
        const number = await at_the_door();
        await see(number);
        await choose(number, 'damage');
        await page.getByLabel(/Hư hỏng thế nào/).fill('rách phong bì');
        const cut = await losing(page, '**/v1/attachments?**', 2);
        await page.getByLabel(/ảnh hư hỏng/).setInputFiles({ name: 'rach.png', mimeType: 'image/png',
            buffer: png(1500, 1500, { noise: true }) });
        await page.locator('img.preview').waitFor();
        await browser.look(page, 'delivery-damage');
        await record();
        const [photo] = await proofs(number, 1);
        assert.equal(photo.scan, 'damage');
        assert.ok(cut.length >= 1);
        await page.locator('[data-files]').waitFor({ state: 'detached' });
    });

    it('tells when the next invitation may go out, and offers none before', async () => {
        const number = await at_the_door();
        await see(number);
        await choose(number, 'fail');
        await page.getByRole('radio', { name: /Gửi giấy mời nhận/ }).check();
        await record();
        await until('the invitation', async () => (await state(number)) === 'delivery_failed');
        await recorded(all.clerk, 'hold', number);
        await recorded(all.courier, 'out_for_delivery', number);
        await see(number);
        await choose(number, 'fail');
        const { next_invitation_on } = await delivery(number);
        const [y, m, d] = next_invitation_on.split('-');
        await page.getByText(`${d}/${m}/${y}`).waitFor();
        assert.equal(await page.getByRole('radio', { name: /Gửi giấy mời nhận/ }).count(), 0);
        await browser.look(page, 'delivery-fail');
        await page.getByLabel(/Lý do/).selectOption('moved');
        await page.getByRole('radio', { name: /Chuyển hoàn/ }).check();
        await record();
        await until('the failure', async () => (await state(number)) === 'delivery_failed');
    });

    it('is proved by a one-time code', async () => {
        const number = await at_the_door();
        const { code } = ok(await all.clerk.post(`/v1/custody/shipments/${number}/delivery-code`), 201);
        await see(number);
        await choose(number, 'deliver');
        await page.getByLabel(/Họ và tên người nhận/).fill('Nguyễn Thị Thử');
        await page.getByLabel(/Đã xem, đúng người nhận/).check();
        await page.getByRole('radio', { name: /Mã nhận/ }).check();
        await page.getByLabel(/Mã nhận một lần/).fill(code);
        await browser.look(page, 'delivery-code');
        await record();
        await until('the delivery', async () => (await state(number)) === 'delivered');
        assert.deepEqual(await odd(number), []);
    });

    it('holds at the office until a day, and repacks with a new seal', async () => {
        const number = await at_the_door();
        await recorded(all.courier, 'fail', number, { reason: 'damaged', next_action: 'hold' });
        const clerk = await browser.staff('clerk', '/counter#scan');
        const step = async (kind, label, value) => {
            await clerk.getByLabel(/Quét mã/).first().fill(number);
            await clerk.getByLabel(/Quét mã/).first().press('Enter');
            await clerk.locator(`[data-kind="${kind}"]`).click();
            await clerk.getByLabel(label).fill(value);
            await browser.look(clerk, `delivery-${kind}`);
            await clerk.getByRole('button', { name: /Ghi nhận Record/ }).click();
        };
        const until_day = vn_day(30);
        await step('hold', /Lưu giữ đến ngày/, until_day);
        await until('the hold', async () => (await delivery(number)).hold_until === until_day);
        await step('repack', /Số niêm phong mới/, 'VNP 000888');
        await until('the seal', () => query(house, `select 1 from custody.event
            where subject = '${number}' and kind = 'repack' and data ->> 'seal' = 'VNP 000888'`)[0]);
        await clerk.close();
    });

    it('shows the office what nobody fetches, and invites once more', async () => {
        const number = await at_the_door();
        await recorded(all.courier, 'fail', number, { reason: 'absent', next_action: 'invite' });
        await recorded(all.clerk, 'hold', number);
        work_today(house);
        query(house, `update custody.delivery_rule set apart_days = 0 where leg = 'result'`);
        const clerk = await browser.staff('clerk', '/counter#here');
        const row = clerk.locator(`[data-unclaimed="${number}"]`);
        await row.getByText('Gửi giấy mời lần tiếp theo.').waitFor();
        await browser.look(clerk, 'delivery-unclaimed');
        await row.getByRole('button', { name: /Đã gửi giấy mời/ }).click();
        await row.waitFor({ state: 'detached' });
        const { invitations, return_on } = await delivery(number);
        assert.deepEqual([invitations.length, !!return_on], [2, true]);
        await clerk.close();
    });
});
