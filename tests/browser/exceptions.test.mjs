// The work list on the pages: by keyboard alone, saying beforehand what a key would do; what somebody
// else decided meanwhile; and who may only look on.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { query } from '../fault/journal.mjs';
import { discard, own_service, until, uuid7 } from '../api/service.mjs';
import { HUB, intake, OFFICE, ok, recorded } from '../api/walk.mjs';
import { Browser, losing } from './browser.mjs';

describe('the work list', () => {
    let house, browser, all;

    before(async () => {
        house = await own_service();
        browser = await Browser.open(house.url);
        all = Object.fromEntries(await Promise.all(['clerk', 'clerk2', 'courier', 'courier2', 'hub', 'officer', 'supervisor']
            .map(async (name) => [name, await house.login(name)])));
    });
    after(async () => {
        await browser?.close();
        await discard(house);
    });

    const PATH = '/v1/custody/exceptions';
    const open = async (who, subject) => ok(await all[who].get(`${PATH}?limit=500`)).items.filter((x) => x.subject === subject);
    const holder = async (number) => ok(await all.clerk.get(`/v1/custody/items/${number}`)).holder?.name;
    async function strange(who = 'courier2') {
        const { number } = await intake(all.clerk);
        await recorded(all.courier, 'collect', number);
        assert.equal((await all[who].scan('take_over', number)).outcome, 'exception');
        return number;
    }
    const row = (page, number) => page.locator(`[data-exception="${number}"]`);
    const current = (page) => page.locator('.worklist > li.open').getAttribute('data-exception');

    it('is moved along with j, k and the arrows, and decided without leaving the keyboard', async () => {
        const numbers = [await strange(), await strange(), await strange()];
        const page = await browser.staff('supervisor', '/board');
        const keys = page.keyboard;
        await row(page, numbers[2]).waitFor();
        assert.equal(await page.evaluate(async () => {
            for (let i = 0; i < 2; i++) {
                document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }));
                for (let turn = 0; turn < 10; turn++) await null; // drawn, but not yet painted
            }
            return document.querySelector('.worklist > li.open')?.dataset.exception;
        }), numbers[1], 'two quick keys move two rows');
        for (const [key, number] of [['k', 0], ['j', 1], ['j', 2], ['j', 2], ['k', 1], ['ArrowDown', 2], ['ArrowUp', 1], ['ArrowUp', 0]]) {
            await keys.press(key);
            await page.locator(`li.open[data-exception="${numbers[number]}"] [data-open]`).waitFor();
        }
        await page.getByText(/giữ sau cùng/).waitFor();
        await keys.press('r');
        const form = row(page, numbers[0]).locator('[data-answer="reverse"]');
        await form.getByText(/giữ: Lê Văn Thử/).waitFor();
        assert.match(await form.innerText(), /Trước[^]*Đỗ Văn Thử[^]*Sau[^]*Lê Văn Thử/);
        assert.match(await holder(numbers[0]), /Đỗ Văn Thử/, 'nothing was done yet');
        await browser.look(page, 'board-reverse');
        // It must be said why; Enter without a word does nothing.
        await keys.press('Enter');
        assert.equal((await open('supervisor', numbers[0])).length, 1);
        await keys.press('Escape');
        await form.waitFor({ state: 'detached' });
        await keys.press('r');
        await keys.type('quét nhầm túi');
        await keys.press('Enter');
        await row(page, numbers[0]).waitFor({ state: 'detached' });
        await until('the step taken back', async () => /Lê Văn Thử/.test(await holder(numbers[0])));
        // The next one is open already; what needs no reason is two keys.
        await page.locator(`li.open[data-exception="${numbers[1]}"] [data-open]`).waitFor();
        await keys.press('a');
        await row(page, numbers[1]).locator('[data-answer="accept"]').waitFor();
        await keys.press('Enter');
        await row(page, numbers[1]).waitFor({ state: 'detached' });
        const [done] = ok(await all.supervisor.get(`${PATH}?resolved=true`)).items;
        assert.deepEqual([done.subject, done.decision, done.note], [numbers[1], 'accept', undefined]);
        await page.locator(`li.open[data-exception="${numbers[2]}"] [data-open]`).waitFor();
        await keys.press('n');
        await row(page, numbers[2]).getByText('Đặng Văn Mẫu', { exact: false }).first().waitFor();
        await until('taken', async () => (await open('supervisor', numbers[2]))[0].taken_by);
        await page.getByRole('button', { name: /Tôi nhận 1/ }).click();
        await row(page, numbers[2]).waitFor();
        await page.close();
    });

    it('letters in a field are letters, and keys that mean nothing here do nothing', async () => {
        const number = await strange();
        const page = await browser.staff('clerk2', '/counter#odd');
        await row(page, number).getByRole('button', { name: /Xử lý/ }).click();
        await row(page, number).getByText(/Giám sát viên mới làm được/).waitFor();
        await page.keyboard.press('r'); // a supervisor's
        await page.keyboard.press('v'); // not possible: somebody else has it
        await page.keyboard.press('z');
        assert.equal(await page.locator('[data-answer]').count(), 0);
        await page.evaluate(() => new MutationObserver((_, watch) => {
            const note = document.querySelector('[data-answer] textarea');
            if (!note) return;
            watch.disconnect();
            window.at_once = document.activeElement === note;
        }).observe(document, { childList: true, subtree: true }));
        await page.keyboard.press('d');
        const note = row(page, number).getByLabel(/Lý do/);
        await note.waitFor();
        assert.equal(await page.evaluate(() => window.at_once), true, 'the field has the focus as soon as it is there');
        await page.keyboard.type('ajkrn');
        assert.equal(await note.inputValue(), 'ajkrn');
        assert.equal(await current(page), number);
        await browser.look(page, 'counter-worklist');
        await page.close();
    });

    it('tells who decided what when somebody was quicker', async () => {
        const number = await strange();
        const page = await browser.staff('clerk2', '/counter#odd');
        await row(page, number).getByRole('button', { name: /Xử lý/ }).click();
        await row(page, number).getByRole('button', { name: /Chấp nhận như đã ghi/ }).click();
        await row(page, number).locator('[data-answer="accept"] button:focus').waitFor();
        const [{ id }] = await open('clerk2', number);
        ok(await all.supervisor.post(`${PATH}/${id}/resolve`, { decision: 'reverse', note: 'quét nhầm' }));
        await page.keyboard.press('Enter');
        await page.getByText(/^Đặng Văn Mẫu.* đã xử lý lúc .*: Đảo thao tác\.$/).waitFor();
        await browser.look(page, 'counter-worklist-late');
        assert.equal(await page.locator('[data-answer], .answers').count(), 0);
        await page.getByRole('button', { name: /Thử lại/ }).click();
        await row(page, number).waitFor({ state: 'detached' });
        await page.close();
    });

    it('does it once when the reply was lost', async () => {
        const number = await strange();
        const page = await browser.staff('clerk2', '/counter#odd');
        await row(page, number).getByRole('button', { name: /Xử lý/ }).click();
        await row(page, number).getByRole('button', { name: /Giao tìm kiếm/ }).click();
        await row(page, number).locator('[data-answer="search"] button:focus').waitFor();
        await losing(page, '**/resolve');
        await page.keyboard.press('Enter');
        await page.getByText(/Mất kết nối/).waitFor();
        await row(page, number).getByRole('button', { name: /Ghi quyết định/ }).click();
        await page.getByText(/đã ghi quyết định/).waitFor();
        const tasks = await open('clerk2', number);
        assert.deepEqual(tasks.map((x) => [x.code, x.actor.split(' (')[0]]), [['search_asked', 'Đỗ Văn Thử']]);
        await row(page, number).getByText('Tìm kiếm', { exact: true }).waitFor();
        await page.close();
    });

    it('shows a search and where the thing turned up; an overdue one first; an agency looks on', async () => {
        const { number } = await intake(all.clerk);
        const { id: bag } = ok(await all.clerk.post('/v1/containers',
            { id: uuid7(), kind: 'receptacle', origin: OFFICE, destination: HUB }), 201);
        const then = (hours) => {
            const at = Date.now() - 20 * 24 * 3600000 + hours * 3600000;
            return { id: uuid7(at), at: new Date(at).toISOString() };
        };
        await recorded(all.clerk, 'accept', number, then(0));
        await recorded(all.clerk, 'bag', number, { ...then(1), container: bag });
        await recorded(all.clerk, 'close', bag, then(2));
        await recorded(all.courier, 'depart', bag, then(3));
        const fresh = await strange('officer');
        await until('the search', async () => (await open('clerk', bag)).length, { timeout: 30000 });
        await recorded(all.hub, 'arrive', bag);
        query(house, `update custody.exception set due_at = now() - interval '2 hours' where subject = '${bag}'`);
        const page = await browser.staff('clerk', '/counter#odd');
        await row(page, fresh).waitFor();
        assert.equal(await page.locator('.worklist > li').first().getAttribute('data-exception'), bag);
        await row(page, bag).getByText(/^Đã thấy lúc \d\d\/\d\d\/\d{4} \d\d:\d\d tại Trung tâm .* \(Đến\)/).waitFor();
        await row(page, bag).getByText(/^Quá hạn/).waitFor();
        await page.getByRole('button', { name: /^Quá hạn 1/ }).click();
        await row(page, fresh).waitFor({ state: 'detached' });
        await page.keyboard.press('j');
        await page.getByText(/Rời Bưu cục Thuận Hoá lúc/).waitFor();
        await browser.look(page, 'counter-search');
        await page.keyboard.press('t');
        await row(page, bag).locator('[data-answer="turned_up"]').waitFor();
        await page.keyboard.press('Enter');
        await row(page, bag).waitFor({ state: 'detached' });
        await page.close();

        const officer = await browser.staff('officer', '/agency#odd');
        await row(officer, fresh).getByRole('button', { name: /Xử lý/ }).click();
        await officer.getByText('Bưu cục phục vụ cơ quan sẽ xử lý.').waitFor();
        assert.equal(await officer.locator('.answers').count(), 0);
        await browser.look(officer, 'agency-worklist');
        await officer.close();
        const hub = await browser.staff('hub', '/hub#odd');
        await hub.getByText('Không có ngoại lệ nào.').waitFor();
        await browser.look(hub, 'hub-worklist');
        await hub.close();
    });

    it('left no unexpected complaint in any console', () => {
        assert.deepEqual(browser.complaints([/ERR_FAILED/, /status of 4(01|09|22)/]), []);
    });
});
