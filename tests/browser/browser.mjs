// Debian's Chromium for tests: one process, a context (cookies, storage) for each person, and every
// console error of every page collected.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { PASSWORD } from '../api/service.mjs';

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const WIDTHS = [360, 768, 1280];

export class Browser {
    static async open(url) {
        const browser = new Browser();
        browser.url = url;
        browser.errors = [];
        browser.shots = process.env.DOSSIERPOST_SHOTS ?? mkdtempSync(join(tmpdir(), 'dossierpost-shots-'));
        browser.keep = !!process.env.DOSSIERPOST_SHOTS;
        browser.chromium = await chromium.launch({
            executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: ARGS,
        });
        return browser;
    }

    async close() {
        await this.chromium.close();
        if (!this.keep) rmSync(this.shots, { recursive: true, force: true });
    }

    // A new person with cookies of their own. `expected`: statuses that a page may meet.
    async person(options = {}) {
        const context = await this.chromium.newContext({ viewport: { width: 1280, height: 900 },
            locale: 'vi-VN', ...options });
        context.setDefaultTimeout(10000);
        // Without a window Chromium crashes when it is to print a PDF; what would be printed is told.
        await context.addInitScript(() => {
            window.print = () => {
                const shown = document.querySelector('img')?.getAttribute('src');
                top.document.documentElement.dataset.printed = shown?.split('?')[0] ?? location.pathname;
            };
        });
        const page = await context.newPage();
        page.on('pageerror', (error) => this.errors.push(`${page.url()}: ${error.message}`));
        page.on('console', (message) => {
            if (message.type() === 'error') this.errors.push(`${page.url()}: ${message.text()}`);
        });
        return page;
    }

    // Logs in by the form and lands on the person's own page.
    async enter(page, login, path) {
        await page.goto(`${this.url}/login?next=${encodeURIComponent(path)}`);
        await page.getByLabel('Tên đăng nhập').fill(login);
        await page.getByLabel('Mật khẩu').fill(PASSWORD);
        await page.getByRole('button', { name: /^Đăng nhập/ }).click();
        await page.waitForURL(`**${path}`);
    }

    async staff(login, path, options) {
        const page = await this.person(options);
        await this.enter(page, login, path);
        return page;
    }

    // A picture at each width where they are kept (DOSSIERPOST_SHOTS=folder), nothing wider than the window,
    // and no serious fault by axe.
    async look(page, name) {
        const before = page.viewportSize();
        for (const width of WIDTHS) {
            await page.setViewportSize({ width, height: 900 });
            await page.waitForTimeout(150);
            await page.evaluate(() => scrollTo(0, 0));
            if (this.keep) await page.screenshot({ path: join(this.shots, `${name}-${width}.png`), fullPage: true });
            const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(over <= 0, `${name} is ${over} px too wide at ${width}`);
            await this.axe(page, `${name} at ${width}`);
        }
        await page.setViewportSize(before);
    }

    async axe(page, name) {
        if (!await page.evaluate(() => !!globalThis.axe)) await page.evaluate(AXE);
        const found = await page.evaluate(async () => {
            const result = await globalThis.axe.run(document,
                { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'], preload: false });
            return result.violations.filter((v) => ['serious', 'critical'].includes(v.impact))
                .map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html).join(' | ')}`);
        });
        assert.deepEqual(found, [], `axe on ${name}`);
    }

    // What pages complained of, but for the refusals that a test provoked itself.
    complaints(expected = []) {
        return this.errors.filter((text) => !expected.some((pattern) => pattern.test(text)));
    }
}

// Picks from a search field by typing.
export async function pick(page, label, text) {
    const field = page.getByRole('combobox', { name: label });
    await field.fill(text);
    await page.getByRole('listbox', { name: label }).getByRole('option').first().waitFor();
    await page.waitForFunction(([t]) => {
        const option = document.querySelector('.pick ul:not([hidden]) li[aria-selected=true]');
        return option && document.activeElement?.value === t;
    }, [text]);
    await page.waitForTimeout(250);
    await field.press('Enter');
}

// The first requests to this path are answered by `answer(route)`, those after them by the service. (The
// driver's own option for it lets go of a request that is still held.)
export async function at_first(page, path, answer, times = 1) {
    let left = times;
    await page.route(path, (route) => left-- > 0 ? answer(route) : route.fallback());
}

// The service answers, but its first replies never come to the page: their statuses are given.
export async function losing(page, path, times) {
    const lost = [];
    await at_first(page, path, async (route) => {
        lost.push((await route.fetch()).status());
        await route.abort();
    }, times);
    return lost;
}

export async function scan(page, label, code) {
    const field = page.getByLabel(label, { exact: false }).and(page.locator('input')).first();
    await field.fill(code);
    await field.press('Enter');
}

// A stroke in the frame for signatures.
export async function sign(page) {
    const frame = page.locator('canvas.signature');
    await frame.scrollIntoViewIfNeeded();
    const box = await frame.boundingBox();
    await page.mouse.move(box.x + 30, box.y + box.height / 2);
    await page.mouse.down();
    for (let x = 40; x < box.width - 30; x += 12)
        await page.mouse.move(box.x + x, box.y + box.height * (0.5 + 0.3 * Math.sin(x / 15)));
    await page.mouse.up();
    await page.getByText('Đã ký.').waitFor();
}
