// The tracking page as people meet it: without scripts, on a small phone, over a slow network; and what
// scripts add. How it looks is in track_looks.test.mjs.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { until } from '../api/service.mjs';
import { act, track } from '../api/walk.mjs';
import { PHONE, Tracked, made_up, no_fault, render } from './track_views.mjs';

const BUDGET = 30 * 1024;

describe('the tracking page', () => {
    let tracked, house, browser, all, code, number, view;

    before(async () => {
        tracked = await Tracked.begin();
        ({ house, browser, all, code, number, view } = tracked);
    });
    after(() => tracked?.end());

    it('is complete without scripts', async () => {
        const page = await tracked.open({ ...PHONE, javaScriptEnabled: false }, number.toLowerCase());
        for (const text of [code, view.stage.vi, view.stage.en, view.next.vi, view.place.name, 'Hẹn trả kết quả',
            `${house.url}/t/${code}`])
            await page.getByText(text).first().waitFor();
        assert.match(await page.locator('.steps [aria-current=step]').textContent(), /hiện tại: Giải quyết/);
        assert.equal(await page.locator('.line li').count(), view.timeline.length);
        assert.ok(await page.locator('.map rect').count() >= 2);
        assert.ok(await page.locator('.map .went').getAttribute('d'));
        assert.equal(await page.locator('button:visible').count(), 1, 'only what asks works without scripts');
        assert.equal(await page.locator(`a[href="/t/${code}/unlock"]`).count(), 1);
        await page.getByLabel(/Tra cứu số hiệu khác/).fill(number);
        await page.getByRole('button', { name: 'Tra cứu' }).click();
        await page.waitForURL(`**/t/${number}`);
    });

    it('says where, who and when on the first screen of a small phone', async () => {
        const page = await tracked.open(PHONE);
        for (const [name, one] of [['real', null], ...Object.entries(made_up(view)).filter(([, one]) => one)]) {
            if (one) await tracked.open_made_up(page, one);
            for (const part of ['.say', '.now dl']) {
                const [top, bottom] = await page.evaluate((css) => {
                    const box = document.querySelector(css).getBoundingClientRect();
                    return [box.top, box.bottom];
                }, part);
                assert.ok(top > 0 && bottom <= 640, `${part} of ${name} ends at ${bottom}`);
            }
        }
    });

    it('weighs little', async () => {
        const page = await browser.person(PHONE);
        const parts = [];
        page.on('response', (reply) => parts.push(reply));
        await page.goto(`${house.url}/t/${code}`);
        await page.waitForFunction(() => !document.querySelector('[data-print]').hidden);
        let zipped = 0, sent = 0;
        const loaded = parts.filter((reply) => !new URL(reply.url()).pathname.endsWith('/events'));
        for (const reply of loaded) {
            zipped += gzipSync(await reply.body()).length;
            sent += (await reply.request().sizes()).responseBodySize;
        }
        const names = loaded.map((reply) => new URL(reply.url()).pathname);
        for (const name of [`/t/${code}`, '/assets/track.css', '/assets/track.js', '/assets/common/codes.js', '/assets/icon.svg'])
            assert.ok(names.includes(name), `${name} in ${names}`);
        console.log(`# ${names.length} parts: ${zipped} bytes compressed, ${sent} as sent by the service itself`);
        assert.ok(zipped <= BUDGET, `${zipped} bytes`);
        assert.ok(sent <= BUDGET, `${sent} bytes as sent`);
        // A journey as long as they come.
        const many = { ...made_up(view).far, timeline: Array.from({ length: 8 }, () => view.timeline).flat() };
        assert.ok(zipped + gzipSync(render(many)).length <= BUDGET, 'a long one');
    });

    it('tells those who only see its link nothing of the dossier', async () => {
        const { body } = await house.anybody().get(`/t/${code}`);
        const told = [...body.matchAll(/<(?:meta|title)[^>]*>[^<]*/g)].map(([tag]) => tag).join('\n');
        assert.match(told, /property="og:title" content="Tra cứu hồ sơ"/);
        for (const secret of [code, number, view.stage.vi, view.place.name, view.place.province])
            assert.ok(!told.includes(secret), `${secret} in ${told}`);
        assert.match(told, /name="robots" content="noindex"/);
    });

    it('is the same whoever asks and however the number was typed', async () => {
        const bodies = new Set();
        for (const typed of [code, code.toLowerCase(), number, number.toLowerCase(), ` ${number}`])
            for (const headers of [{}, { 'accept-language': 'en', host: 'evil.example', 'user-agent': 'x' }])
                bodies.add((await house.anybody().get(`/t/${encodeURIComponent(typed)}`, { headers })).body);
        assert.equal(bodies.size, 1);
    });

    it('tells of a mistyped number before it asks, and understands look-alikes', async () => {
        const page = await tracked.open(PHONE);
        const asked = [];
        page.on('request', (request) => request.isNavigationRequest() && asked.push(request.url()));
        const field = page.getByLabel(/Tra cứu số hiệu khác/);
        const wrong = number.slice(0, 10) + ((Number(number[10]) + 1) % 10) + number.slice(11);
        for (const typed of [wrong, wrong.toLowerCase().replace(/^(..)/, '$1 ')]) {
            await field.fill(typed);
            await field.press('Enter');
            const said = page.getByRole('alert');
            await said.getByText('Số hiệu sai chữ số kiểm tra').waitFor();
            assert.match(await said.innerText(), /Wrong check digit/);
            assert.equal(await field.getAttribute('aria-invalid'), 'true');
            await no_fault(page, 'the told slip');
        }
        assert.deepEqual(asked, []);
        await field.fill(number.toLowerCase().replaceAll('0', 'о').replace('r', 'ｒ')); // Cyrillic о, a full-width r
        assert.equal(await page.getByRole('alert').isVisible(), false);
        await field.press('Enter');
        await page.waitForURL(`**/t/${number}`);
        await page.getByText(view.stage.vi).first().waitFor();
    });

    it('follows the dossier without being loaded again, and copies its link', async () => {
        const page = await tracked.open();
        await page.evaluate(() => { globalThis.before = document.querySelector('.now'); });
        await page.waitForFunction(() => !document.querySelector('[data-print]').hidden);
        await act(all.officer, code, 'start');
        const now = await until('the new view', async () => {
            const next = await track(all.clerk, code);
            return next.stage.code === 'processing' && next;
        });
        await page.locator('.say').getByText(now.stage.vi).waitFor();
        assert.equal(await page.evaluate(() => globalThis.before === document.querySelector('.now')), true,
            'a screen reader tells what changes in what it knows');
        assert.equal(await page.locator('.line li').count(), now.timeline.length);
        assert.equal(await page.locator('.share').count(), 1);
        await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
        await page.getByRole('button', { name: 'Sao chép liên kết' }).click();
        await page.getByText('Đã sao chép').waitFor();
        assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${house.url}/t/${code}`);
    });

    it('complains of nothing', () => {
        assert.deepEqual(browser.complaints(), []);
    });
});
