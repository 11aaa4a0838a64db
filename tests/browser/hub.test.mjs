// The sorting hub by hand: which bag a sorted item goes into, a bag weighed and sealed anew, trips out
// and in, and an opened bag checked against its list; with scanner and keyboard.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { own_service, discard, uuid7 } from '../api/service.mjs';
import { bag, HUB, intake, OFFICE, ok, recorded } from '../api/walk.mjs';
import { Browser, pick, scan } from './browser.mjs';

const tab = (page, name) => page.getByRole('tab', { name }).click();

describe('the hub', () => {
    let house, browser, hub, all;
    before(async () => {
        house = await own_service();
        all = { clerk: await house.login('clerk'), hub: await house.login('hub') };
        browser = await Browser.open(house.url);
        hub = await browser.staff('hub', '/hub');
    });
    after(async () => {
        await browser?.close();
        await discard(house);
    });

    async function papers(count, agency = '46-A1') {
        const numbers = [];
        for (let i = 0; i < count; i++) {
            const { number } = await intake(all.clerk, { agency });
            await recorded(all.clerk, 'accept', number);
            numbers.push(number);
        }
        return numbers;
    }

    it('tells into which bag each sorted item goes', async () => {
        const [first, second] = [(await papers(1))[0], (await papers(1, '46-A6'))[0]];
        for (const number of [first, second]) await recorded(all.hub, 'arrive', number);
        await scan(hub, /Quét túi hoặc bưu gửi/, first);
        await hub.locator('label.check input').check();
        await hub.locator(`[data-found="${first}"] [data-kind="sort"]`).click();
        const way = hub.locator('[data-goto="46-B1"]');
        await way.getByText('B1', { exact: true }).waitFor();
        await way.getByText('Bưu cục Thuận Hoá').waitFor();
        await way.getByText('Chưa có túi mở cho hướng này.').waitFor();
        const { id } = ok(await all.hub.post('/v1/containers', { id: uuid7(), kind: 'receptacle', origin: HUB,
            destination: '46-B5' }), 201);
        await scan(hub, /Quét túi hoặc bưu gửi/, second);
        const other = hub.locator('[data-goto="46-B5"]');
        await other.getByText('Bưu cục Phú Bài').waitFor();
        await other.getByText(id).waitFor();
        await way.waitFor({ state: 'detached' });
        const size = await other.locator('.goto-code').evaluate((node) => parseFloat(getComputedStyle(node).fontSize));
        assert.ok(size > 50, `${size} px is not to be read from two steps away`);
        await browser.look(hub, 'hub-sort');
        await hub.locator('label.check input').uncheck();
    });

    it('fills, seals, weighs and seals a bag anew, and warns of what would go astray', async () => {
        const [right] = await papers(1), [wrong] = await papers(1, '46-A2');
        for (const number of [right, wrong]) await recorded(all.hub, 'arrive', number);
        await hub.keyboard.press('Alt+2');
        await pick(hub, /Nơi đến/, '46-B1');
        await hub.getByRole('button', { name: /Tạo túi/ }).click();
        const shown = hub.locator('section[data-bag]');
        await shown.waitFor();
        const id = await shown.getAttribute('data-bag');
        await scan(hub, /Quét bưu gửi vào túi/, right);
        await shown.locator(`tr[data-number="${right}"]`).waitFor();
        await scan(hub, /Quét bưu gửi vào túi/, wrong);
        await shown.locator(`tr[data-number="${wrong}"]`).getByText('Sai hướng').waitFor();
        await browser.look(hub, 'hub-bag-missorted');
        await shown.getByLabel(/Số niêm phong/).fill('VNP 000501');
        await hub.keyboard.press('Enter');
        await shown.getByText('VNP 000501').first().waitFor();
        await shown.getByLabel(/Khối lượng cả túi/).fill('20');
        await hub.keyboard.press('Enter');
        await shown.locator('[data-weighed="20"]').waitFor();
        await shown.getByText('Túi nhẹ hơn tổng khối lượng bưu gửi trong túi.').waitFor();
        await shown.locator('summary').click();
        await shown.getByText('VNP 000501').waitFor();
        await shown.getByLabel(/Số niêm phong mới/).fill('VNP 000502');
        await shown.getByLabel(/Lý do niêm phong lại/).selectOption('damaged');
        await browser.look(hub, 'hub-bag-reseal');
        await shown.getByRole('button', { name: /Ghi niêm phong mới/ }).click();
        await shown.getByText('VNP 000502').first().waitFor();
        const seen = ok(await all.hub.get(`/v1/containers/${id}`));
        assert.deepEqual([seen.seal, seen.weighed.weight_g, seen.weighed.warning], ['VNP 000502', 20, 'weight_light']);
    });

    it('makes a trip, puts a despatch and a loose item on it', async () => {
        const [loose] = await papers(1);
        await recorded(all.hub, 'arrive', loose);
        await hub.keyboard.press('Alt+3');
        await pick(hub, /Đi đến/, '46-B1');
        await hub.getByLabel(/Người áp tải/).fill('nobody');
        await hub.getByRole('button', { name: /Lập chuyến/ }).click();
        await hub.getByText('Không có người nào có tên đăng nhập này.').waitFor();
        await hub.getByLabel(/Người áp tải/).fill('courier');
        await hub.getByLabel(/Giờ xuất phát/).fill('2026-11-27T18:30');
        await hub.getByRole('button', { name: /Lập chuyến/ }).click();
        const trip = hub.locator('section[data-trip]');
        await trip.waitFor();
        const row = trip.locator('[data-despatch]').first();
        await row.locator('[data-do="close"]').click();
        await row.locator('[data-do="depart"]').click();
        await row.getByText(/^Chuyến CX/).waitFor();
        await scan(hub, /Quét xếp lên chuyến/, loose);
        await trip.locator(`[data-riding="${loose}"]`).waitFor();
        assert.equal(await trip.locator('[data-riding]').count(), 2);
        await browser.look(hub, 'hub-trip-out');
        const code = await trip.getAttribute('data-trip'), view = ok(await all.clerk.get(`/v1/trips/${code}`));
        assert.deepEqual([view.receptacles, view.loose, view.bagged, view.carrier.login], [1, 1, 2, 'courier']);
        assert.equal(Date.parse(view.departs_at), Date.parse('2026-11-27T11:30:00Z'));
    });

    it('takes a trip in by scanning; what nobody saw, or nobody had loaded, becomes an exception', async () => {
        const [inside, seen, lost, extra] = await papers(4);
        const { code } = ok(await all.clerk.post('/v1/trips', { id: uuid7(), to: HUB, carrier: 'courier' }), 201);
        const id = await bag(all.clerk, OFFICE, HUB, [inside], 'VNP 000503');
        for (const thing of [id, seen, lost]) await recorded(all.clerk, 'depart', thing, { target: code });
        await scan(hub, /Mã chuyến/, code.toLowerCase());
        const trip = hub.locator(`section[data-trip="${code}"]`);
        await trip.locator(`[data-riding="${id}"]`).waitFor();
        await browser.look(hub, 'hub-trip-in');
        for (const thing of [id, seen]) {
            await scan(hub, /Quét dỡ xuống/, thing);
            await trip.locator(`[data-riding="${thing}"]`).waitFor({ state: 'detached' });
        }
        await scan(hub, /Quét dỡ xuống/, extra);
        await trip.getByText('Dỡ xuống từ chuyến này nhưng chưa được quét xếp lên chuyến.').waitFor();
        await trip.locator('[data-do="end"]').click();
        await trip.getByText('Còn 1 mục chưa dỡ xuống.').waitFor();
        await browser.look(hub, 'hub-trip-end');
        await trip.locator('[data-do="end"]').click();
        await trip.getByText('Đã kết thúc').waitFor();
        const told = ok(await all.clerk.get('/v1/custody/exceptions?limit=500')).items
            .filter((one) => one.code === 'trip_missing').map((one) => one.subject);
        assert.deepEqual(told, [lost]);
    });

    it('takes a whole trip in at once', async () => {
        const [loose] = await papers(1);
        const { code } = ok(await all.clerk.post('/v1/trips', { id: uuid7(), to: HUB }), 201);
        await recorded(all.clerk, 'depart', loose, { target: code });
        await hub.reload();
        await hub.locator(`button[data-trip="${code}"]`).click();
        await hub.locator(`section[data-trip="${code}"] [data-do="arrive"]`).click();
        await hub.locator(`section[data-trip="${code}"]`).getByText('Đã kết thúc').waitFor();
        assert.equal(ok(await all.hub.get(`/v1/custody/items/${loose}`)).state, 'arrived');
    });

    it('checks an opened bag against its list', async () => {
        const [seen, missing, surplus] = await papers(3);
        const id = await bag(all.clerk, OFFICE, HUB, [seen, missing], 'VNP 000504');
        await recorded(all.clerk, 'depart', id, { target: 'courier' });
        await recorded(all.hub, 'arrive', id);
        await recorded(all.hub, 'open', id);
        await tab(hub, /Túi/);
        await scan(hub, /Mã túi/, id);
        const shown = hub.locator(`section[data-bag="${id}"]`);
        await shown.locator('[data-finding="missing"]').getByText('2').waitFor();
        assert.equal(await hub.getByLabel(/Quét bưu gửi vào túi/).count(), 0, 'it is checked before it is filled again');
        await scan(hub, /Quét bưu gửi lấy ra khỏi túi/, seen);
        await shown.locator(`tr[data-number="${seen}"]`).getByText('Đã thấy').waitFor();
        await scan(hub, /Quét bưu gửi lấy ra khỏi túi/, surplus);
        await shown.locator(`tr[data-number="${surplus}"]`).getByText('Thừa').waitFor();
        const { state, holder } = ok(await all.hub.get(`/v1/custody/items/${surplus}`));
        assert.deepEqual([state, holder.id], ['arrived', HUB], 'what is not on the list came here all the same');
        assert.equal(await shown.locator('tbody tr').first().getAttribute('data-number'), surplus, 'what differs is first');
        await shown.locator('[data-do="checked"]').click();
        await shown.getByText('Thiếu 1, thừa 1, sai hướng 0.').waitFor();
        await browser.look(hub, 'hub-check');
        await shown.locator('[data-do="checked"]').click();
        await shown.getByText(/Đã kiểm xong lúc/).waitFor();
        await shown.locator(`tr[data-number="${missing}"]`).getByText('Thiếu').waitFor();
        await shown.locator('[data-finding="missing"]').click();
        assert.equal(await shown.locator('tbody tr').count(), 1);
        await browser.look(hub, 'hub-checked');
        await hub.getByLabel(/Quét bưu gửi vào túi/).waitFor();
        assert.equal(await shown.getByLabel(/Số niêm phong/).count(), 0, 'nothing is in it yet');
        const told = async (who) => ok(await all[who].get('/v1/custody/exceptions?limit=500')).items
            .filter((one) => one.detail.bag === id).map((one) => `${one.code} ${one.subject}`).sort();
        assert.deepEqual(await told('hub'), [`bag_missing ${missing}`, `bag_surplus ${surplus}`]);
        assert.deepEqual(await told('clerk'), [`bag_missing_sent ${missing}`, `bag_surplus_sent ${surplus}`]);
    });

    it('left no complaint in any console', () => {
        assert.deepEqual(browser.complaints([/status of 422/]), []);
    });
});
