// The queue of pictures on the device, against a service that answers as it is told: what one file
// meets holds up no other, nothing is given up in silence, and what is kept meanwhile goes too.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { service, until } from '../api/service.mjs';
import { Browser } from './browser.mjs';

describe('the queue of files', () => {
    let house, browser, page, asked, answer;

    before(async () => {
        house = await service();
        browser = await Browser.open(house.url);
        page = await browser.staff('courier', '/courier', { viewport: { width: 360, height: 780 } });
        await page.addInitScript(() => addEventListener('logged-out', (event) => event.stopImmediatePropagation()));
        await page.reload();
        await page.route('**/v1/attachments?**', async (route) => {
            const shipment = new URL(route.request().url()).searchParams.get('shipment');
            asked.push(shipment);
            const [status, body] = await answer(shipment);
            if (!status) return route.abort();
            await route.fulfill({ status, contentType: status < 300 ? 'application/json' : 'application/problem+json',
                body: JSON.stringify(body) });
            return undefined;
        });
    });
    beforeEach(async () => {
        asked = [];
        await page.evaluate(async () => {
            const { FileQueue } = await import('/assets/common/files.js');
            globalThis.files?.timer && clearTimeout(globalThis.files.timer);
            globalThis.files = new FileQueue('nobody');
            for (const aside of [false, true]) for (const file of await files.mine(aside)) {
                const wish = indexedDB.open('dossierpost', 1);
                await new Promise((done) => { wish.onsuccess = done; });
                const turn = wish.result.transaction('files', 'readwrite');
                turn.objectStore('files').delete(file.id);
                await new Promise((done) => { turn.oncomplete = done; });
                wish.result.close();
            }
        });
    });
    after(async () => {
        await browser?.close();
        await house.stop();
    });

    const WHOLE = [201, { whole: true }];
    const problem = (status, slug) => [status, { type: `/problems/${slug}`, title: slug, status }];
    const keep = (...shipments) => page.evaluate(async (list) => {
        for (const one of list) await files.keep([one], new Blob([one]), 'photo');
    }, shipments);
    const flush = () => page.evaluate(() => files.flush());
    const left = () => page.evaluate(async () => ({ waiting: (await files.mine()).map((one) => one.shipment),
        aside: (await files.mine(true)).map((one) => one.shipment), again: files.pause > 0 }));

    it('one whose shipment is not known yet holds up no other, and is tried again', async () => {
        answer = async (shipment) => (shipment === 'A' ? problem(404, 'not-found') : WHOLE);
        await keep('A', 'B', 'C');
        await flush();
        assert.deepEqual(asked, ['A', 'B', 'C']);
        assert.deepEqual(await left(), { waiting: ['A'], aside: [], again: true });
    });

    it('too many requests, a lost login, a broken service and no network stop it at once', async () => {
        for (const [status, slug] of [[401, 'unauthenticated'], [429, 'too-many-requests'], [503, 'busy'], [0, 'no network']]) {
            asked = [];
            answer = async () => problem(status, slug);
            await keep('A', 'B');
            await flush();
            assert.deepEqual([asked, (await left()).waiting], [['A'], ['A', 'B']], slug);
            await page.evaluate(() => clearTimeout(files.timer));
        }
    });

    it('what came otherwise than it was goes once more from the beginning', async () => {
        answer = async () => (asked.length === 1 ? problem(422, 'content-differs') : WHOLE);
        await keep('A');
        await flush();
        assert.deepEqual([asked, await left()], [['A', 'A'], { waiting: [], aside: [], again: false }]);
    });

    it('what is not taken is kept and counted, and goes again when somebody says so', async () => {
        answer = async () => problem(422, 'content-differs');
        await keep('A', 'B');
        await flush();
        assert.deepEqual([asked, await left()], [['A', 'A', 'B', 'B'], { waiting: [], aside: ['A', 'B'], again: false }]);
        assert.deepEqual(await page.evaluate(() => [files.count, files.aside]), [0, 2]);
        answer = async () => WHOLE;
        await page.evaluate(() => files.again());
        assert.deepEqual(await left(), { waiting: [], aside: [], again: false });
        assert.equal(await page.evaluate(() => files.aside), 0);
    });

    it('what is kept while another is sent goes with it', async () => {
        answer = async (shipment) => {
            if (shipment === 'A') await keep('B');
            return WHOLE;
        };
        await keep('A');
        await flush();
        assert.deepEqual([asked, (await left()).waiting], [['A', 'B'], []]);
    });

    it('the page says what was not taken, and what to do', async () => {
        answer = async () => problem(422, 'not-a-picture');
        await page.evaluate(async () => {
            const { FileQueue } = await import('/assets/common/files.js');
            const mine = new FileQueue('courier');
            await mine.keep(['A'], new Blob(['A']), 'photo');
            await mine.flush();
        });
        await page.reload();
        await page.locator('[data-aside="1"]').getByText('1 ảnh, chữ ký chưa gửi được.').waitFor();
        await browser.look(page, 'files-aside');
        answer = async () => WHOLE;
        await page.getByRole('button', { name: /Gửi lại/ }).click();
        await page.locator('[data-aside]').waitFor({ state: 'detached' });
        await until('the file', () => asked.length === 2);
    });
});
