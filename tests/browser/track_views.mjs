// What the tests of the tracking page share: a dossier at its agency, views that the demo network cannot
// show, changed from a real one and drawn by tests/track_render.c, and axe.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { ROOT, service } from '../api/service.mjs';
import { act, intake, people, to_agency, to_delivery_office, track } from '../api/walk.mjs';
import { Browser } from './browser.mjs';

const RENDER = join(dirname(resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost')), 'tests/track_render');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const PHONE = { viewport: { width: 360, height: 640 } };

export const render = (view) => execFileSync(RENDER, { input: view ? JSON.stringify(view) : '' });

export const place = (name, province, lon, lat) => ({ name, name_en: name, province, at: [lon, lat] });
export const HANOI = place('Trung tâm Khai thác vận chuyển Hà Nội', 'Thành phố Hà Nội', 105.854, 21.028);
export const SAIGON = place('Trung tâm Khai thác vận chuyển Thành phố Hồ Chí Minh', 'Thành phố Hồ Chí Minh', 106.66, 10.8);
export const NINH_KIEU = place('Trung tâm Phục vụ hành chính công phường Ninh Kiều', 'Thành phố Cần Thơ', 105.785, 10.035);
const DAYS = { days: { agency: 5, post: 3, waiting: 12 } };

// A view with each part, at its longest; and one of each tone.
export function made_up(view) {
    const seen = (where, i) => ({ ...view.timeline[0], place: where, at: `2026-11-2${i}T08:00:00+07:00` });
    const far = { ...view, ...DAYS, to: NINH_KIEU, place: { ...SAIGON, moving: true },
        timeline: [...[SAIGON, HANOI].map(seen), ...view.timeline],
        expected: { leg: 'outward', by_50: '2026-12-30', by_90: '2027-01-02', basis: 'lane' } };
    const toned = (tone, step) => ({ ...view, ...DAYS, stage: { ...view.stage, tone, step } });
    return { far, wait: toned('wait', 4), trouble: toned('trouble', 5),
        done: { ...toned('done', 6), place: null, ended_at: '2026-11-27T08:00:00+07:00' }, unknown: null };
}

export async function no_fault(page, name) {
    if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(AXE);
    const found = await page.evaluate(async () => (await globalThis.axe.run(document)).violations
        .map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html).join(' | ')}`));
    assert.deepEqual(found, [], `axe on ${name}`);
}

export class Tracked {
    static async begin() {
        const one = new Tracked();
        one.shown = new Map();
        one.house = await service();
        one.browser = await Browser.open(one.house.url);
        one.all = await people(one.house);
        Object.assign(one, await intake(one.all.clerk));
        await to_delivery_office(one.all, one.number);
        await to_agency(one.all, one.number);
        await act(one.all.officer, one.code, 'accept');
        one.view = await track(one.all.clerk, one.code);
        return one;
    }

    async end() {
        await this.browser?.close();
        await this.house.stop();
    }

    async open(options, path = this.code) {
        const page = await this.browser.person(options);
        await page.goto(`${this.house.url}/t/${path}`);
        return page;
    }

    // A page of this view, with the service's own style and scripts.
    async open_made_up(page, view) {
        if (!this.shown.has(page)) // also asked for by the page itself, when the log has moved on
            await page.route('**/t/made-up', (route) => route.fulfill({ body: render(this.shown.get(page)),
                contentType: 'text/html; charset=utf-8' }));
        this.shown.set(page, view);
        await page.goto(`${this.house.url}/t/made-up`);
    }
}
