// What belongs to a shift, on the pages: an intake corrected, cancelled, split, grouped and divided; the
// blind count at its end; one code that takes a whole list; numbers leased, given back and revoked.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { discard, own_service, PASSWORD, uuid7 } from '../api/service.mjs';
import { AGENCY, HUB, intake, ok, recorded } from '../api/walk.mjs';
import { at_first, Browser, pick, scan } from './browser.mjs';

describe('within a shift', () => {
    let house, browser, all;
    before(async () => {
        house = await own_service();
        browser = await Browser.open(house.url);
        all = Object.fromEntries(await Promise.all(['clerk', 'courier', 'hub', 'officer', 'supervisor']
            .map(async (name) => [name, await house.login(name)])));
    });
    after(async () => {
        await browser?.close();
        await discard(house);
    });

    const view = async (code) => ok(await all.clerk.get(`/v1/dossiers/${code}`));
    const desk_of = async (code) => {
        const page = await browser.staff('clerk', '/counter#dossiers');
        await page.locator(`button[data-code="${code}"]`).click();
        const desk = page.locator(`article[data-code="${code}"]`);
        await desk.locator('[data-action=correct_intake]').waitFor();
        return { page, desk };
    };

    it('corrects an intake: the form begins with what is on record, only what differs goes out', async () => {
        const { code } = await intake(all.clerk);
        const { page, desk } = await desk_of(code);
        await desk.locator('[data-action=correct_intake]').click();
        assert.equal(await desk.getByLabel(/Họ và tên/).inputValue(), 'Nguyễn Thị Thử');
        await browser.look(page, 'shift-correct');
        await desk.getByRole('button', { name: /Lưu sửa đổi/ }).click();
        await desk.getByText('Không có thông tin nào thay đổi.').waitFor();
        await desk.getByLabel(/Điện thoại/).fill('không có số');
        await desk.getByRole('button', { name: /Lưu sửa đổi/ }).click();
        await desk.getByText('Số điện thoại chưa đúng.').waitFor();
        await desk.getByLabel(/Điện thoại/).fill('0905 000 777');
        await desk.getByLabel(/Khối lượng, gam/).fill('300');
        const sent = page.waitForRequest('**/corrections');
        await desk.getByRole('button', { name: /Lưu sửa đổi/ }).click();
        assert.deepEqual(Object.keys((await sent).postDataJSON()), ['applicant', 'weight_g']);
        await desk.getByText('Đã sửa thông tin tiếp nhận').waitFor();
        await desk.getByText('0905000777').waitFor();
        const now = await view(code);
        assert.deepEqual([now.applicant.phone, now.applicant.address.line, now.weight_g], ['0905000777', '12 Lê Lợi', 300]);
        await page.close();
    });

    it('corrects a count of papers: whether the originals go back stays settled', async () => {
        const [form, proof] = ['Tờ khai cấp Giấy xác nhận tình trạng hôn nhân', 'Giấy tờ chứng minh nơi cư trú'];
        const { code } = await intake(all.clerk, { documents: [{ name: form, originals: 1, copies: 0, returned: true },
            { name: proof, originals: 1, copies: 1, returned: false }] });
        const { page, desk } = await desk_of(code);
        await desk.locator('[data-action=correct_intake]').click();
        await desk.getByLabel(`Bản chính: ${form}`).fill('2');
        const sent = page.waitForRequest('**/corrections');
        await desk.getByRole('button', { name: /Lưu sửa đổi/ }).click();
        assert.deepEqual((await sent).postDataJSON(), { documents: [{ name: form, originals: 2, copies: 0, returned: true },
            { name: proof, originals: 1, copies: 1, returned: false }] });
        await desk.getByText('Đã sửa thông tin tiếp nhận').waitFor();
        assert.deepEqual((await view(code)).documents.map((one) => one.returned), [true, false]);
        await page.close();
    });

    it('cancels an intake with its reason', async () => {
        const { code } = await intake(all.clerk);
        const { page, desk } = await desk_of(code);
        await desk.locator('[data-action=cancel_intake]').click();
        await desk.getByLabel(/Lý do/).fill('Nhập nhầm thủ tục');
        await desk.getByRole('button', { name: /^Hủy tiếp nhận/ }).last().click();
        await desk.getByText('Không được tiếp nhận', { exact: true }).waitFor();
        assert.equal(await desk.locator('[data-shift]').count(), 0, 'nothing is left to do within the shift');
        assert.equal((await view(code)).status.code, 3);
        await page.close();
    });

    it('splits, groups and divides, and leads from one to the other', async () => {
        const { code } = await intake(all.clerk);
        const { page, desk } = await desk_of(code);
        await desk.locator('[data-action=split_intake]').click();
        await desk.getByLabel(/Bản sao tách ra: Giấy tờ chứng minh/).fill('1');
        await desk.getByLabel(/Khối lượng phần tách ra/).fill('95');
        await desk.getByRole('button', { name: /^Tách hồ sơ/ }).last().click();
        await desk.getByText('Phần tách ra phải nhẹ hơn cả hồ sơ').waitFor();
        await desk.getByLabel(/Khối lượng phần tách ra/).fill('30');
        await browser.look(page, 'shift-split');
        await desk.getByRole('button', { name: /^Tách hồ sơ/ }).last().click();
        const made = await desk.locator('[data-made]').getAttribute('data-made');
        await desk.locator('[data-kin=split_into] a', { hasText: made }).waitFor();
        assert.deepEqual([(await view(made)).weight_g, (await view(made)).split_from], [30, code]);

        // Taken back: grouped again, by the number on the other's label.
        const other = (await view(made)).shipments[0].number;
        await desk.locator('[data-action=group_intake]').click();
        await scan(page, /Quét hồ sơ gộp vào/, other);
        await desk.locator(`[data-other="${other}"]`).waitFor();
        await browser.look(page, 'shift-group');
        await desk.getByRole('button', { name: /^Gộp hồ sơ/ }).last().click();
        await desk.locator('[data-kin=grouped] a', { hasText: made }).waitFor();
        assert.equal((await view(made)).grouped_into, code);

        await desk.locator('[data-action=make_pieces]').click();
        await desk.getByLabel(/Tất cả bao nhiêu kiện/).fill('3');
        await desk.getByLabel(/Kiện 1, gam/).fill('40');
        await desk.getByLabel(/Kiện 2, gam/).fill('20');
        await desk.getByLabel(/Kiện 3, gam/).fill('20');
        await browser.look(page, 'shift-pieces');
        await desk.getByRole('button', { name: /^Chia kiện/ }).last().click();
        await desk.getByText('Đã chia thành 3 kiện').waitFor();
        await desk.getByText('kiện 3/3').waitFor();
        assert.deepEqual((await view(code)).shipments.map((one) => one.weight_g), [40, 20, 20]);
        await browser.look(page, 'shift-divided');
        await page.close();
    });

    async function carried(count) {
        const numbers = [];
        for (let i = 0; i < count; i++) {
            const { number } = await intake(all.clerk);
            await recorded(all.courier, 'collect', number);
            numbers.push(number);
        }
        return numbers;
    }

    it('counts blindly: what should be there is not shown before the close', async () => {
        const [a, b, c] = await carried(3);
        const page = await browser.staff('courier', '/courier#count', { viewport: { width: 360, height: 780 } });
        await page.getByRole('button', { name: /Bắt đầu kiểm đếm/ }).click();
        await scan(page, /Quét bưu gửi hoặc túi/, a);
        await scan(page, /Quét bưu gửi hoặc túi/, a);
        await page.locator('[data-counted="1"]').waitFor();
        const stray = (await intake(all.clerk)).number;
        await recorded(all.clerk, 'accept', stray);
        // A reply that never came is sent again; a page that was closed goes on.
        await at_first(page, '**/v1/custody/counts', (route) => route.abort());
        await scan(page, /Quét bưu gửi hoặc túi/, stray);
        await page.getByText('chưa gửi được').waitFor();
        await page.reload();
        await page.locator('[data-counted="2"]').waitFor();
        assert.doesNotMatch(await page.locator('main').innerText(), new RegExp(`${b}|${c}`));
        await browser.look(page, 'count-blind');
        await scan(page, /Quét bưu gửi hoặc túi/, b);
        await page.locator('[data-counted="3"]').waitFor();
        await page.getByRole('button', { name: /Kết thúc và đối chiếu/ }).click();
        await page.locator(`[data-found=missing] [data-number="${c}"]`).waitFor();
        await page.locator(`[data-found=surplus] [data-number="${stray}"]`).waitFor();
        assert.equal(await page.locator('[data-found=missing] [data-number]').count(), 1);
        await browser.look(page, 'count-done');
        await page.getByRole('button', { name: /Kiểm đếm lần khác/ }).click();
        await page.getByRole('button', { name: /Bắt đầu kiểm đếm/ }).waitFor();
        const { items } = ok(await all.supervisor.get('/v1/custody/exceptions?limit=500'));
        assert.deepEqual(items.filter((one) => one.code.startsWith('count_')).map((one) => `${one.code} ${one.subject}`).sort(),
            [`count_missing ${c}`, `count_surplus ${stray}`]);
        await page.close();
    });

    it('counts what the hub holds as a place, with a code that cannot be read among it', async () => {
        const [number] = await carried(1);
        await recorded(all.hub, 'arrive', number);
        const page = await browser.staff('hub', '/hub#count');
        assert.equal(await page.getByRole('radio', { name: /Tại đơn vị/ }).isChecked(), true);
        await page.getByRole('button', { name: /Bắt đầu kiểm đếm/ }).click();
        await scan(page, /Quét bưu gửi hoặc túi/, 'không phải mã');
        await page.getByText('Mã quét không nhận ra').first().waitFor();
        await page.locator('[data-counted="0"]').waitFor();
        await scan(page, /Quét bưu gửi hoặc túi/, number);
        await page.locator('[data-counted="1"]').waitFor();
        await page.getByRole('button', { name: /Kết thúc và đối chiếu/ }).click();
        await page.getByText('Khớp.').waitFor();
        await page.close();
    });

    it('takes a whole list by the one code on the giver\'s screen', async () => {
        const numbers = await carried(2);
        const list = ok(await all.courier.post('/v1/custody/handovers', { id: uuid7(), to: AGENCY, items: numbers }), 201);
        const giver = await browser.staff('courier', '/courier#lists', { viewport: { width: 360, height: 780 } });
        await giver.locator(`button[data-handover="${list.id}"]`).click();
        const picture = giver.locator(`img[data-code="${list.id}"]`);
        await picture.scrollIntoViewIfNeeded();
        await browser.look(giver, 'list-code');
        await giver.waitForFunction((id) => document.querySelector(`img[data-code="${id}"]`)?.naturalWidth > 0, list.id);
        const file = join(browser.shots, 'list-code.png');
        writeFileSync(file, await picture.screenshot());
        const code = execFileSync('zbarimg', ['-q', '--raw', file], { encoding: 'utf8', stdio: 'pipe' }).trim();
        const taker = await browser.staff('officer', '/agency#sign');
        await scan(taker, /Quét một mã của bên giao/, 'RR461000019VN');
        await taker.getByText('Đây không phải mã của biên bản').waitFor();
        await scan(taker, /Quét một mã của bên giao/, code);
        await taker.getByText('Đã ký nhận 2 bưu gửi').waitFor();
        await browser.look(taker, 'list-taken');
        const paper = taker.getByRole('link', { name: /Biên bản để in/ });
        const pdf = await all.officer.get(await paper.getAttribute('href'));
        assert.equal(pdf.headers.get('content-type'), 'application/pdf');
        for (const number of numbers) assert.ok((await view(number)).filed_at);
        await giver.close();
        await taker.close();
    });

    it('opens the list that a telephone\'s own camera read, also when one must log in first', async () => {
        const numbers = await carried(1);
        const list = ok(await all.courier.post('/v1/custody/handovers', { id: uuid7(), to: AGENCY, items: numbers }), 201);
        const log_in = async (page, login) => {
            await page.getByLabel('Tên đăng nhập').fill(login);
            await page.getByLabel('Mật khẩu').fill(PASSWORD);
            await page.getByRole('button', { name: /^Đăng nhập/ }).click();
        };
        const page = await browser.person({ viewport: { width: 360, height: 780 } });
        await page.goto(`${house.url}/G/${list.id.toUpperCase()}`);
        await log_in(page, 'officer');
        await page.waitForURL(`${house.url}/agency#sign/${list.id}`);
        await page.locator(`button[data-handover="${list.id}"][aria-pressed=true]`).waitFor();
        await page.getByRole('button', { name: /Nhận đủ tất cả/ }).waitFor();
        await page.goto(`${house.url}/login?next=${encodeURIComponent(`//${new URL(house.url).host}/hub`)}`);
        await log_in(page, 'officer');
        await page.waitForURL(`${house.url}/agency`);
        const giver = await browser.staff('courier', '/courier#mine');
        await giver.goto(`${house.url}/g/${list.id}`);
        await giver.locator(`img[data-code="${list.id}"]`).waitFor();
        await page.close();
        await giver.close();
    });

    it('leases numbers at the counter, shows what became of them, and takes them back', async () => {
        const page = await browser.staff('clerk', '/counter#numbers');
        assert.equal(await page.getByRole('radio', { name: /Cuộn nhãn/ }).count(), 0, 'rolls are a supervisor\'s');
        await page.getByLabel(/Bao nhiêu số/).fill('501');
        await page.getByRole('button', { name: /Cấp dải số/ }).click();
        await page.getByText('Nhiều nhất 500 số hiệu.').waitFor();
        await page.getByLabel(/Bao nhiêu số/).fill('3');
        await page.getByRole('button', { name: /Cấp dải số/ }).click();
        await page.getByText('Đã cấp 3 số').waitFor();
        const [lease] = ok(await all.clerk.get('/v1/leases')).items;
        const { unused_numbers: [first] } = ok(await all.clerk.get(`/v1/leases/${lease.id}`));
        await intake(all.clerk, { number: first });
        await page.locator(`button[data-lease="${lease.id}"]`).click();
        const shown = page.locator(`section[data-lease="${lease.id}"]`);
        await shown.locator(`[data-number="${first}"] a`).waitFor();
        await browser.look(page, 'leases');
        await shown.getByRole('button', { name: /Trả lại dải số/ }).click();
        await shown.getByRole('button', { name: /^Trả lại Do it/ }).click();
        await page.locator(`section[data-lease="${lease.id}"][data-state=closed]`).waitFor();
        await page.close();

        const boss = await browser.staff('supervisor', '/admin');
        await pick(boss, /Bưu cục dùng dải số/, 'thuan hoa');
        await boss.locator(`button[data-lease="${lease.id}"]`).click();
        await boss.getByRole('radio', { name: /Cuộn nhãn/ }).check();
        await boss.getByLabel(/Bao nhiêu số/).fill('20');
        await boss.getByRole('button', { name: /Cấp dải số/ }).click();
        await boss.getByText('Đã cấp 20 số').waitFor();
        const other = boss.locator(`section[data-lease="${lease.id}"]`);
        await other.getByRole('button', { name: /^Thu hồi/ }).click();
        await other.getByLabel(/Lý do/).fill('Mất cuộn nhãn');
        await other.getByRole('button', { name: /Thu hồi dải số/ }).click();
        await boss.locator(`section[data-lease="${lease.id}"][data-state=revoked]`).waitFor();
        await browser.look(boss, 'admin-leases');
        await boss.close();
    });

    it('a count that was given up touches no other when its reply comes', async () => {
        const { number } = await intake(all.clerk);
        const page = await browser.staff('clerk', '/counter#count');
        const begin = () => page.getByRole('button', { name: /Bắt đầu kiểm đếm/ }).click();
        const give_up = () => page.getByRole('button', { name: /Bỏ lần này/ }).click();
        // What becomes of the next calls; held: its reply waits until it is let go.
        const fates = [], held = () => {
            let go;
            const released = new Promise((free) => { go = free; });
            fates.push(async (route) => { await released; await route.continue(); });
            const replied = page.waitForResponse('**/v1/custody/counts');
            return async () => { go(); await replied; await page.waitForTimeout(100); };
        };
        await page.route('**/v1/custody/counts', (route) => fates.shift()(route));
        const kept = () => page.evaluate(() => JSON.parse(localStorage.getItem('dossierpost.count.clerk')));
        await begin();
        let release = held();
        await scan(page, /Quét bưu gửi hoặc túi/, number);
        await page.getByText('chưa gửi được').waitFor();
        await give_up();
        await release();
        assert.equal(await kept(), null, 'none goes on');
        await begin();
        release = held();
        await scan(page, /Quét bưu gửi hoặc túi/, number);
        await page.getByText('chưa gửi được').waitFor();
        await give_up();
        await begin();
        fates.push((route) => route.abort());
        await scan(page, /Quét bưu gửi hoặc túi/, number);
        await page.getByText('Mất kết nối').waitFor();
        await release();
        assert.deepEqual((await kept()).unsent, [number], 'not sent with this one yet');
        await give_up();
        await page.close();
    });

    it('sends a long shift\'s scans in parts that the service takes', async () => {
        const digit = (serial) => {
            const c = 11 - [...serial].reduce((sum, n, i) => sum + n * [8, 6, 4, 2, 3, 5, 9, 7][i], 0) % 11;
            return c === 10 ? 0 : c === 11 ? 5 : c;
        };
        const codes = Array.from({ length: 501 }, (_, i) => String(70000000 + i)).map((serial) => `RR${serial}${digit(serial)}VN`);
        const page = await browser.staff('hub', '/hub#count');
        await page.evaluate((state) => localStorage.setItem('dossierpost.count.hub', JSON.stringify(state)),
            { id: uuid7(), of: 'person', codes, unsent: codes });
        await page.reload();
        const sizes = [];
        page.on('request', (one) => { if (/custody\/counts$/.test(one.url())) sizes.push(one.postDataJSON().items.length); });
        await page.getByRole('button', { name: /Kết thúc và đối chiếu/ }).click();
        await page.getByText('Đã kiểm 501').waitFor();
        assert.deepEqual([sizes.slice(0, 2), sizes.slice(2).every((size) => size === 0)], [[500, 1], true]);
        await page.close();
    });

    it('and no page complained', () => {
        assert.deepEqual(browser.complaints([/422|409|ERR_FAILED|404/]), []);
    });
});
