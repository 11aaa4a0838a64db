// How the tracking page looks: to axe in any light at any width, on paper, to a phone's camera; and the
// map of the journey.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { run } from '../reading/readers.mjs';
import { WIDTHS } from './browser.mjs';
import { HANOI, NINH_KIEU, PHONE, SAIGON, Tracked, made_up, no_fault, place } from './track_views.mjs';

async function qr_of(file) {
    return (await run('zbarimg', ['-q', '--raw', '--nodbus', '-Sdisable', '-Sqrcode.enable', file])).out.toString().trim();
}

describe('the looks of the tracking page', () => {
    let tracked, house, browser, code, view;

    before(async () => {
        tracked = await Tracked.begin();
        ({ house, browser, code, view } = tracked);
    });
    after(() => tracked?.end());

    it('has no fault by axe, and nothing is cut off, in any light at any width', async () => {
        const page = await browser.person();
        for (const [name, one] of Object.entries(made_up(view)))
            for (const colorScheme of ['light', 'dark']) {
                await page.emulateMedia({ colorScheme });
                if (colorScheme === 'light') await tracked.open_made_up(page, one);
                for (const width of WIDTHS) {
                    await page.setViewportSize({ width, height: 900 });
                    if (browser.keep) await page.screenshot({ path: join(browser.shots, `track-${name}-${colorScheme}-${width}.png`), fullPage: true });
                    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
                    assert.ok(over <= 0, `${name} is ${over} px too wide at ${width}`);
                    // Tones differ in colour alone.
                    if (name === 'far' || width === 360) await no_fault(page, `${name}, ${colorScheme}, ${width}`);
                }
            }
    });

    it('has a map on which nothing lies on anything else, at 320 px', async () => {
        const page = await browser.person({ viewport: { width: 320, height: 640 } });
        const { far, done } = made_up(view);
        const around = [HANOI, SAIGON, NINH_KIEU, place('a', 'Thành phố Đà Nẵng', 108.2, 16.05), place('b', 'Tỉnh Quảng Ngãi', 108.8, 15.12),
            place('c', 'Tỉnh Gia Lai', 109.2, 13.8), place('d', 'Tỉnh Lâm Đồng', 108.44, 11.94), place('e', 'Thành phố Hải Phòng', 106.7, 20.86)];
        const all_over = { ...far, timeline: around.map((where, i) => ({ ...view.timeline[0], place: where, at: `2026-11-1${i}T08:00:00+07:00` })) };
        for (const [name, one] of Object.entries({ far, done, all_over })) {
            await tracked.open_made_up(page, one);
            const boxes = await page.evaluate(() => [...document.querySelectorAll('.map rect, .map text.name, .map text.rule')]
                .map((each) => {
                    const { x, y, width, height } = each.getBBox();
                    return { text: each.textContent, x, y, width, height };
                }));
            assert.ok(boxes.length >= 4, name);
            if (name !== 'done') assert.ok(boxes.some(({ text }) => /Cần Thơ/.test(text)), 'names where provinces are crossed');
            const size = await page.evaluate(() => document.querySelector('.map svg').viewBox.baseVal.height);
            for (const [i, a] of boxes.entries()) {
                assert.ok(a.x >= 0 && a.x + a.width <= 320 && a.y >= 0 && a.y + a.height <= size, `${a.text} on ${name}`);
                for (const b of boxes.slice(0, i))
                    assert.ok(a.x >= b.x + b.width || b.x >= a.x + a.width || a.y >= b.y + b.height || b.y >= a.y + a.height,
                        `${name}: ${JSON.stringify([a, b])}`);
            }
            assert.ok(await page.locator('.map text').first().evaluate((each) => each.getBoundingClientRect().height) >= 9, 'too small to read');
            if (browser.keep) await page.screenshot({ path: join(browser.shots, `track-map-${name}.png`), fullPage: true });
        }
    });

    it('shows a code that leads back to it', async () => {
        for (const colorScheme of ['light', 'dark']) {
            const page = await tracked.open({ ...PHONE, colorScheme });
            const file = join(browser.shots, `track-qr-${colorScheme}.png`);
            await page.screenshot({ path: file, fullPage: true });
            assert.equal(await qr_of(file), `${house.url}/T/${code}`.toUpperCase());
        }
        assert.equal((await house.anybody().get(`/T/${code}`)).status, 200);
    });

    it('prints on one sheet what matters, with the code', async () => {
        const page = await tracked.open({ colorScheme: 'dark' });
        const pdf = join(browser.shots, 'track.pdf'), picture = join(browser.shots, 'track-print');
        writeFileSync(pdf, await page.pdf({ format: 'A4', margin: { top: '12mm', bottom: '12mm', left: '12mm', right: '12mm' } }));
        const { out } = await run('pdftotext', ['-layout', pdf, '-']);
        const text = out.toString();
        assert.equal(text.split('\f').length - 1, 1, 'sheets');
        for (const part of [code, view.stage.vi, 'Hành trình']) assert.ok(text.includes(part), part);
        await run('pdftotext', ['-raw', pdf, `${pdf}.txt`]);
        assert.ok(readFileSync(`${pdf}.txt`, 'utf8').replace(/\s/g, '').includes(`${house.url}/t/${code}`), 'its link');
        for (const part of ['Tra cứu số hiệu khác', 'In trang', 'Xem thêm']) assert.ok(!text.includes(part), part);
        await run('pdftoppm', ['-r', '150', '-png', '-singlefile', pdf, picture]);
        assert.equal(await qr_of(`${picture}.png`), `${house.url}/T/${code}`.toUpperCase());
    });

    it('complains of nothing', () => {
        assert.deepEqual(browser.complaints(), []);
    });
});
