// Filing on line in a browser: without an account, by a person whose browser closes meanwhile, in two tabs,
// with what is wrong shown at its field, until the code that the clerk scans.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Drafting, FORM, ORIGINAL, procedure } from '../api/online.mjs';
import { pdf } from '../api/pictures.mjs';
import { discard, own_service } from '../api/service.mjs';
import { ok } from '../api/walk.mjs';
import { query, work_today } from '../fault/journal.mjs';
import { Browser, pick } from './browser.mjs';

const THREE = '1.900003', FOUR = '1.900004', AGREED = '1.900005', MOVES = '1.900006';
const EXPECTED = [/status of (400|404|409|412|422|401|429)/, /ERR_FAILED/];
const { truthful, ...OTHERS } = FORM.properties;
const INCOME = { type: 'integer', title: 'Thu nhập', title_en: 'Income', minimum: 0, maximum: 999999999, position: 4 };

describe('filing on line', () => {
    let house, browser, folder;
    before(async () => {
        house = await own_service();
        work_today(house);
        procedure(house, THREE, 3);
        procedure(house, FOUR, 4, { form: { ...FORM, properties: { ...FORM.properties, income: INCOME } } });
        procedure(house, AGREED, 3, { form: { ...FORM, required: [...FORM.required, 'truthful'] } });
        procedure(house, MOVES, 3);
        browser = await Browser.open(house.url);
        folder = mkdtempSync(join(tmpdir(), 'online-'));
    });
    after(async () => {
        await browser?.close();
        rmSync(folder, { recursive: true, force: true });
        await discard(house);
    });
    const address = (code) => `${house.url}/online/file/${code}`;
    const saved = (page) => page.locator('[data-saved=saved]').waitFor();
    async function person(page) {
        await page.getByText('Công dân', { exact: false }).click();
        await page.getByLabel(/^Họ và tên/).fill('Trần Thị Trực Tuyến');
        await page.getByLabel(/^Điện thoại/).fill('0905 111 222');
        await page.getByLabel(/^Số nhà/).first().fill('7 Nguyễn Huệ');
        await pick(page, 'Xã, phường *', 'thuan hoa');
        await pick(page, 'Cơ quan *', 'thuan hoa');
    }
    const purpose = (page) => page.getByLabel(/^Mục đích sử dụng/);
    const says_purpose = (page, text) => page.waitForFunction((t) => [...document.querySelectorAll('#form input')]
        .some((one) => one.value === t), text);
    const file_it = (page) => page.getByRole('button', { name: /^Nộp hồ sơ/ }).click();
    // The draft of a page, for another device that has its secret.
    async function beside(page, code) {
        const { [code]: draft } = JSON.parse(await page.evaluate(() => localStorage.getItem('dossierpost.drafts')));
        return new Drafting(house.anybody(), draft);
    }
    async function save_beside(draft, change) {
        const { headers, body } = await draft.get();
        ok(await draft.save(change(body.says), headers.get('etag')));
    }
    // What is saved goes through `answer` from now on.
    const saves = (page, answer) => page.route(/\/v1\/drafts\/[^/]+$/,
        (route) => (route.request().method() === 'PUT' ? answer(route) : route.fallback()));
    async function answers(page) {
        await page.getByLabel(/^Mục đích sử dụng/).fill('Để đăng ký kết hôn');
        await page.getByLabel(/^Ngày sinh/).fill('1990-02-28');
        await page.getByLabel(/^Số bản/).fill('2');
    }

    it('says at each field what is wrong, and shows the fields in their order', async () => {
        const page = await browser.person();
        await page.goto(address(THREE));
        await page.getByRole('heading', { name: /Thủ tục thử mức độ 3/ }).waitFor();
        const labels = await page.locator('#form label').allTextContents();
        assert.deepEqual(labels.map((text) => text.slice(0, 6)), ['Mục đí', 'Ngày s', 'Số bản', 'Tình t', 'Số địn', 'Tôi ca']);
        await browser.look(page, 'online-empty');
        await page.getByLabel(/^Mục đích sử dụng/).fill('x');
        await page.getByLabel(/^Số bản/).fill('99');
        const copies = page.getByLabel(/^Số bản/);
        await page.waitForFunction((id) => document.getElementById(id)?.getAttribute('aria-invalid') === 'true', await copies.getAttribute('id'));
        assert.match(await page.locator(`#${await copies.getAttribute('aria-describedby')}`).textContent(), /Nhiều nhất là 20/);
        await page.getByRole('button', { name: /^Nộp hồ sơ/ }).click();
        await page.getByText('Xin điền mục này.').first().waitFor();
        await browser.look(page, 'online-wrong');
        await page.close();
    });

    it('survives a closed page, and files with a pick-up', async () => {
        const page = await browser.person();
        await page.goto(address(THREE));
        await answers(page);
        await person(page);
        await saved(page);
        await page.close();
        const again = await page.context().newPage();
        await again.goto(address(THREE));
        assert.equal(await again.getByLabel(/^Mục đích sử dụng/).inputValue(), 'Để đăng ký kết hôn');
        await again.waitForFunction(() => document.querySelector('#agency')?.value.length > 3);
        assert.match(await again.getByRole('combobox', { name: /Xã, phường/ }).inputValue(), /Thuận Hóa|Thuận Hoá/i);
        await again.locator(`[data-paper="${ORIGINAL}"]`).getByLabel(/Nộp bản giấy/).check();
        await again.getByText('Bưu tá đến nhận tận nơi').click();
        const days = again.getByLabel(/^Ngày đến nhận/);
        await again.waitForFunction(() => document.querySelectorAll('select[name=pickup-day] option').length > 3);
        await days.selectOption({ index: 1 });
        await again.getByText('Buổi sáng').click();
        await again.getByText('Tại cơ quan giải quyết').click();
        await again.getByText('Tổng cộng (dự kiến)').waitFor();
        await saved(again);
        await browser.look(again, 'online-filled');
        const day = await days.inputValue();
        await again.getByRole('button', { name: /^Nộp hồ sơ/ }).click();
        await again.locator('[data-filed]').waitFor();
        await again.getByText('Mã tra cứu').first().waitFor();
        await browser.look(again, 'online-filed');
        const code = await again.locator('[data-filed]').getAttribute('data-filed');
        await again.reload();
        await again.locator(`[data-filed="${code}"]`).waitFor();

        const counter = await browser.staff('clerk', '/counter#pickups');
        await counter.locator('[data-pickups] input[type=date]').fill(day);
        const visit = counter.locator('[data-visit]').filter({ hasText: 'Trần Thị Trực Tuyến' });
        await visit.getByLabel(/Tên đăng nhập của bưu tá/).fill('courier');
        await visit.getByRole('button', { name: /Giao bưu tá/ }).click();
        await visit.getByText(/^Bưu tá:/).waitFor();
        await browser.look(counter, 'counter-pickups');
        const courier = await browser.staff('courier', '/courier#pickups');
        await courier.locator('[data-pickups] input[type=date]').fill(day);
        await courier.locator('[data-visit]').getByText('7 Nguyễn Huệ').waitFor();
        await browser.look(courier, 'courier-pickups');
        for (const one of [again, counter, courier]) await one.close();
    });

    it('opening leaves no trace; the first field, file or link begins the draft, one for all tabs', async () => {
        const drafts = () => Number(query(house, `select count(*) from online.draft where procedure = '${FOUR}'`)[0]);
        const kept = (page) => page.evaluate(() => JSON.parse(localStorage.getItem('dossierpost.drafts')));
        const fresh = (page) => page.locator('[data-saved=new]').waitFor();
        const page = await browser.person(), other = await page.context().newPage();
        for (const one of [page, other, page]) {
            await one.goto(address(FOUR));
            await fresh(one);
        }
        await browser.look(page, 'online-new');
        const [{ [FOUR]: draft }, { [FOUR]: same }] = [await kept(page), await kept(other)];
        assert.deepEqual([drafts(), draft.id], [0, same.id]);
        await purpose(page).fill('Từ thẻ thứ nhất');
        await saved(page);
        await purpose(other).fill('Từ thẻ thứ hai');
        await other.locator('[data-elsewhere]').getByText(/tờ khai/).waitFor();
        await other.getByRole('button', { name: /Giữ bản đang nhập ở đây/ }).click();
        await saved(other);
        await page.reload();
        await says_purpose(page, 'Từ thẻ thứ hai');
        assert.equal(drafts(), 1);
        for (const one of [page, other]) await one.close();

        const filer = await browser.person(), path = join(folder, 'dau.pdf');
        writeFileSync(path, pdf('tệp đầu tiên'));
        await filer.goto(address(FOUR));
        await fresh(filer);
        await filer.locator(`[data-paper="${ORIGINAL}"] input[type=file]`).setInputFiles(path);
        await filer.locator('[data-file]').getByText('Đã gửi').waitFor();
        await filer.reload();
        await filer.locator('[data-file]').getByText('Đã gửi').waitFor();
        assert.equal(drafts(), 2);
        const linker = await browser.person();
        await linker.goto(address(FOUR));
        await linker.getByRole('button', { name: /Hiện liên kết riêng/ }).click();
        const link = await linker.getByLabel(/Liên kết riêng/).inputValue();
        assert.equal(drafts(), 3);
        await filer.goto(link);
        await filer.locator('[data-ask-link]').waitFor();
        const leaver = await browser.person();
        await leaver.goto(address(FOUR));
        leaver.on('dialog', (one) => one.accept());
        await leaver.getByRole('button', { name: /^Bỏ bản nháp/ }).click();
        await leaver.waitForURL('**/online');
        assert.equal(drafts(), 3);
        for (const one of [filer, linker, leaver]) await one.close();
    });

    it('waits as long as the service asks, and goes on by itself; a first save whose reply was lost too', async () => {
        const page = await browser.person(), path = join(folder, 'doi.pdf');
        writeFileSync(path, pdf('tệp phải đợi'));
        let mode = 'lost', refused = 0;
        const busy = (route, seconds) => route.fulfill({ status: 429, headers: { 'retry-after': String(seconds), 'content-type': 'application/problem+json' },
            body: JSON.stringify({ type: '/problems/too-many-requests', title: 'Quá nhiều yêu cầu', status: 429, detail: 'Hãy chờ.' }) });
        await page.route(/\/v1\/drafts/, async (route) => {
            const method = route.request().method();
            if (mode === 'lost' && method === 'POST') {
                mode = 'pass';
                await route.fetch();
                return route.abort();
            }
            if (mode !== 'busy' || method === 'GET') return route.fallback();
            refused++;
            if (refused === 2) mode = 'pass';
            return busy(route, 2);
        });
        await page.goto(address(THREE));
        await purpose(page).fill('Lần đầu bị mất phản hồi');
        await page.locator('[data-saved=lost]').waitFor();
        await purpose(page).fill('Nhập tiếp');
        await saved(page);
        assert.equal(await page.locator('[data-elsewhere]').count(), 0);
        const other = await beside(page, THREE);
        assert.equal((await other.get()).body.says.form.purpose, 'Nhập tiếp');

        mode = 'busy';
        await purpose(page).fill('Phải đợi');
        await page.locator('[data-saved=waiting]').waitFor();
        await purpose(page).fill('Phải đợi, và nhập tiếp');
        assert.equal(await page.locator('[data-saved=waiting]').count(), 1);
        await browser.axe(page, 'waiting');
        await page.evaluate(() => { // the clock is set back meanwhile
            const now = Date.now;
            Date.now = () => now() - 1500;
        });
        await saved(page);
        assert.equal((await other.get()).body.says.form.purpose, 'Phải đợi, và nhập tiếp');
        assert.equal(refused, 2);
        [mode, refused] = ['busy', 1];
        const paper = page.locator(`[data-paper="${ORIGINAL}"]`);
        await paper.locator('input[type=file]').setInputFiles(path);
        await paper.locator('[data-file-waits]').waitFor();
        await paper.getByText('Đã gửi').waitFor();
        await page.close();
    });

    it('two tabs: the second chooses whose it keeps', async () => {
        const page = await browser.person();
        await page.goto(address(THREE));
        await answers(page);
        await saved(page);
        const other = await page.context().newPage();
        await other.goto(address(THREE));
        await other.getByLabel(/^Mục đích sử dụng/).fill('Từ thẻ thứ hai');
        await saved(other);
        await page.getByLabel(/^Số bản/).fill('3');
        await page.locator('[data-elsewhere]').getByText(/tờ khai/).waitFor();
        await browser.look(page, 'online-elsewhere');
        await page.getByRole('button', { name: /Dùng bản đã lưu ở nơi khác/ }).click();
        await page.waitForFunction(() => [...document.querySelectorAll('#form input')].some((one) => one.value === 'Từ thẻ thứ hai'));
        await saved(page);
        await page.close();
        await other.close();
    });

    it('level 4: a file instead of paper, progress told, removed and sent again; filed on line', async () => {
        const page = await browser.person();
        await page.goto(address(FOUR));
        await answers(page);
        await page.getByLabel(/^Thu nhập/).pressSequentially('120.500.000');
        await person(page);
        assert.equal(await page.getByLabel(/^Thu nhập/).inputValue(), '120.500.000');
        const paper = page.locator(`[data-paper="${ORIGINAL}"]`), path = join(folder, 'giay.pdf');
        writeFileSync(path, pdf('giay chung sinh'));
        await paper.locator('input[type=file]').setInputFiles(path);
        await paper.getByText('Đã gửi').waitFor();
        await paper.locator('[role=status]').getByText('Đã nhận được tệp giay.pdf').waitFor();
        await paper.getByRole('button', { name: /Bỏ tệp/ }).click();
        await paper.locator('[data-file]').waitFor({ state: 'detached' });
        await paper.locator('input[type=file]').setInputFiles(path);
        await paper.getByText('Đã gửi').waitFor();
        await page.getByText('Không có giấy tờ nào, nộp hoàn toàn trực tuyến').click();
        await page.getByText('Trực tuyến (tệp PDF có niêm phong)').click();
        await saved(page);
        await page.getByRole('button', { name: /^Nộp hồ sơ/ }).click();
        const filed = page.locator('[data-filed]');
        await filed.waitFor();
        await filed.getByText('Chưa nộp').first().waitFor();
        await browser.look(page, 'online-filed-4');
        const code = await filed.getAttribute('data-filed');
        ok(await house.anybody().get(`/v1/track/${code}`));
        await page.getByRole('link', { name: /Theo dõi hồ sơ/ }).click();
        await page.getByText(code).first().waitFor();
        await page.close();

        const desk = await browser.staff('officer', '/agency#inbox');
        await desk.locator(`button[data-code="${code}"]`).click();
        const form = desk.locator(`article[data-code="${code}"] [data-answers]`);
        await form.getByText('Để đăng ký kết hôn').waitFor();
        assert.deepEqual((await form.locator('dt').allTextContents()).map((text) => text.slice(0, 6)), ['Mục đí', 'Ngày s', 'Số bản', 'Thu nh']);
        await form.getByText('120.500.000').waitFor();
        await form.getByText('28/02/1990').waitFor();
        await browser.look(desk, 'agency-answers');
        await desk.close();
    });

    it('a file that arrives brings what another tab saved, and overwrites nothing', async () => {
        const page = await browser.person(), path = join(folder, 'tep.pdf');
        writeFileSync(path, pdf('tep'));
        await page.goto(address(FOUR));
        await purpose(page).fill('Từ thẻ thứ nhất');
        await saved(page);
        const other = await beside(page, FOUR), field = page.locator(`[data-paper="${ORIGINAL}"] input[type=file]`);
        const said = (text) => (says) => ({ ...says, form: { purpose: text } });
        await save_beside(other, said('Từ máy khác'));
        await field.setInputFiles(path);
        await says_purpose(page, 'Từ máy khác');
        await saved(page);
        await saves(page, (route) => route.abort());
        await purpose(page).fill('Đang nhập ở đây');
        await page.locator('[data-saved=lost]').waitFor();
        await save_beside(other, said('Từ máy khác nữa'));
        await page.getByRole('button', { name: /Bỏ tệp/ }).click();
        await page.locator('[data-elsewhere]').waitFor();
        await page.locator('[data-file]').waitFor({ state: 'detached' });
        assert.equal(await purpose(page).inputValue(), 'Đang nhập ở đây');
        assert.equal((await other.get()).body.says.form.purpose, 'Từ máy khác nữa');
        await page.close();
    });

    it('a save whose reply was lost goes on by itself; one that cannot be saved is not filed, and says so', async () => {
        const page = await browser.person();
        await page.goto(address(THREE));
        await answers(page);
        await person(page);
        await page.locator(`[data-paper="${ORIGINAL}"]`).getByLabel(/Nộp bản giấy/).check();
        await page.getByText('Mang ra bưu cục').click();
        await page.getByText('Tại cơ quan giải quyết').click();
        await saved(page);
        const other = await beside(page, THREE);
        let mode = 'lost';
        await saves(page, async (route) => {
            if (mode === 'gone') return route.abort();
            if (mode === 'pass') return route.fallback();
            const was = mode;
            mode = 'pass';
            if (was === 'slow') await page.waitForTimeout(600);
            const response = await route.fetch();
            return was === 'lost' ? route.abort() : route.fulfill({ response });
        });
        await purpose(page).fill('Phản hồi bị mất');
        await page.locator('[data-saved=lost]').waitFor();
        await purpose(page).fill('Nhập tiếp sau đó');
        await saved(page);
        assert.equal((await other.get()).body.says.form.purpose, 'Nhập tiếp sau đó');
        assert.equal(await page.locator('[data-elsewhere]').count(), 0);

        mode = 'gone';
        await purpose(page).fill('Chưa lưu được');
        await file_it(page);
        await page.getByText('Chưa lưu được bản nháp nên chưa nộp. Xin thử lại.').waitFor();
        await browser.axe(page, 'not saved');
        mode = 'slow';
        const bodies = [];
        page.on('request', (one) => one.method() === 'PUT' && bodies.push(one.postDataJSON().form.purpose));
        await purpose(page).fill('Đang lưu');
        await page.locator('[data-saved=saving]').waitFor();
        await purpose(page).fill('Nhập trong khi đang lưu');
        await file_it(page);
        await page.locator('[data-filed]').waitFor();
        assert.deepEqual(bodies.slice(-2), ['Đang lưu', 'Nhập trong khi đang lưu']);

        assert.match(await page.locator('h2:focus').textContent({ timeout: 2000 }), /Đã nộp hồ sơ/);
        const next = await page.context().newPage();
        await next.goto(address(THREE));
        await purpose(next).waitFor();
        assert.equal(await next.locator('[data-filed]').count(), 0);
        await page.reload();
        await page.locator('[data-filed]').waitFor();
        for (const one of [page, next]) await one.close();
    });

    it('every complaint of a refused filing shows somewhere, and the first field has the focus', async () => {
        const page = await browser.person();
        await page.goto(address(AGREED));
        await page.getByLabel(/^Số bản/).fill('hai');
        await page.getByLabel(/^Tôi cam đoan/).check();
        await page.getByLabel(/^Tôi cam đoan/).uncheck();
        await page.getByText('Phải là một số nguyên.').waitFor();
        await saved(page);
        await save_beside(await beside(page, AGREED), (says) => ({ ...says, form: { ...says.form, before: 'x' },
            proxy: {}, documents: [{ name: ORIGINAL, originals: 2000, copies: 0 }] }));
        await page.reload();
        assert.equal(await page.getByLabel(/^Tôi cam đoan.*\*/).getAttribute('aria-required'), 'true');
        await file_it(page);
        await page.getByText('Xin đánh dấu vào mục này.').waitFor();
        assert.match(await page.evaluate(() => document.activeElement.labels[0].textContent), /^Mục đích/);
        await page.locator('#who').locator('[data-at="/applicant/kind"]').waitFor();
        await page.locator(`[data-paper="${ORIGINAL}"] p.error`).waitFor();
        await page.getByRole('alert').getByText('/proxy/').first().waitFor();
        await browser.look(page, 'online-refused-fields');
        await page.getByText('Công dân', { exact: false }).click();
        await page.locator('[data-at="/applicant/kind"]').waitFor({ state: 'detached' });
        await saved(page);
        assert.equal('before' in (await (await beside(page, AGREED)).get()).body.says.form, false);
        await page.close();
    });

    it('goes on when the procedure changes: what is no longer asked goes', async () => {
        const page = await browser.person(), form = { ...FORM, required: ['purpose'], properties: OTHERS };
        await page.goto(address(MOVES));
        await answers(page);
        await page.getByLabel(/^Tôi cam đoan/).check();
        await saved(page);
        const draft = await beside(page, MOVES), form_of = async () => (await draft.get()).body;
        procedure(house, MOVES, 3, { form });
        await purpose(page).fill('Khi thủ tục đổi');
        await page.getByText('Thủ tục đã thay đổi').waitFor();
        await saved(page);
        assert.deepEqual(Object.keys((await form_of()).says.form).sort(), ['born_on', 'copies', 'purpose']);
        const { copies, ...fewer } = OTHERS;
        procedure(house, MOVES, 3, { form: { ...form, properties: fewer } });
        await page.reload();
        await page.getByText('Thủ tục đã thay đổi').waitFor();
        await saved(page);
        const { changed, says } = await form_of();
        assert.equal(changed, false);
        assert.deepEqual(Object.keys(says.form).sort(), ['born_on', 'purpose']);
        await page.close();
    });

    it('a save that no trying again cures says why and waits for a change; a closing page is saved', async () => {
        const page = await browser.person();
        await page.addInitScript(() => {
            const real = fetch;
            globalThis.fetch = (path, init) => {
                if (init?.method === 'PUT') sessionStorage.setItem('kept-alive', String(init.keepalive));
                return real(path, init);
            };
        });
        await page.goto(address(THREE));
        let times = 0;
        page.on('request', (one) => { times += /\/v1\/drafts/.test(one.url()) && ['PUT', 'POST'].includes(one.method()); });
        await purpose(page).evaluate((field) => { // as a paste that the field's greatest length cuts
            field.value = `nửa ký tự ${String.fromCharCode(0xd83d)}`;
            field.dispatchEvent(new Event('input', { bubbles: true }));
        });
        await page.locator('[data-saved=refused]').waitFor();
        await page.locator('[data-not-saved]').getByRole('alert').waitFor();
        await browser.axe(page, 'refused save');
        await page.waitForTimeout(4500);
        assert.equal(times, 1);
        await purpose(page).fill('cả ký tự');
        await saved(page);
        await purpose(page).fill('ngay trước khi đóng');
        await page.evaluate(() => {
            Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
            dispatchEvent(new Event('visibilitychange'));
        });
        assert.equal(await page.evaluate(() => sessionStorage.getItem('kept-alive')), 'true');
        await saved(page);
        ok(await (await beside(page, THREE)).send('DELETE'), 204);
        await purpose(page).fill('đã bị bỏ');
        await page.getByText('Bản nháp đã được nộp hoặc bị bỏ ở nơi khác.').waitFor();
        await page.close();
    });

    it('what the first save refuses shows at its field, and nothing unsaved leaves with the page unasked', async () => {
        const page = await browser.person(), asked = [];
        page.on('dialog', (one) => { asked.push(one.type()); return one.dismiss(); });
        await page.goto(address(THREE));
        await purpose(page).pressSequentially('chép từ nơi khác');
        await purpose(page).fill('chép từ nơi khác\u200e');
        await page.locator('[data-saved=refused]').waitFor();
        assert.equal(await purpose(page).getAttribute('aria-invalid'), 'true');
        await page.getByText(/ký tự điều khiển/).first().waitFor();
        await page.close({ runBeforeUnload: true });
        await page.waitForTimeout(500);
        assert.deepEqual([asked, page.isClosed()], [['beforeunload'], false]);
        await page.close();
    });

    it('a draft that is dropped is not begun by its last save', async () => {
        const drafts = () => Number(query(house, `select count(*) from online.draft`)[0]), before = drafts();
        const page = await browser.person();
        let held;
        page.on('dialog', (one) => one.accept());
        await page.route(/\/v1\/drafts$/, async (route) => {
            if (route.request().method() !== 'POST' || held) return route.fallback();
            held = true;
            await route.fetch();
            return route.abort();
        });
        await page.goto(address(FOUR));
        await purpose(page).fill('không muốn lưu nữa');
        await page.locator('[data-saved=lost]').waitFor();
        assert.equal(drafts(), before + 1);
        await page.getByRole('button', { name: /^Bỏ bản nháp/ }).click();
        await page.waitForURL('**/online');
        assert.equal(drafts(), before);
        await page.goto(address(FOUR));
        await purpose(page).fill('lại không muốn nữa');
        await page.getByRole('button', { name: /^Bỏ bản nháp/ }).click();
        await page.waitForURL('**/online');
        await page.getByRole('heading', { name: /Thủ tục hành chính/ }).waitFor();
        await page.waitForTimeout(300);
        assert.equal(drafts(), before);
        await page.close();
    });

    it('a session that ended loses nothing: one logs in beside, comes back, and it is saved', async () => {
        const page = await browser.person();
        await browser.enter(page, 'applicant', '/');
        await page.goto(address(AGREED));
        await purpose(page).fill('Trước khi hết phiên');
        await saved(page);
        await page.context().clearCookies();
        await purpose(page).fill('Sau khi hết phiên');
        await page.locator('[data-signed-out]').waitFor();
        await browser.look(page, 'online-signed-out');
        const login = await page.context().newPage();
        await browser.enter(login, 'applicant', '/');
        await login.close();
        await page.evaluate(() => dispatchEvent(new Event('visibilitychange')));
        await saved(page);
        assert.equal(await purpose(page).inputValue(), 'Sau khi hết phiên');
        await page.reload();
        await says_purpose(page, 'Sau khi hết phiên');
        await page.close();
    });

    it('a private link opens the draft on another device once one agrees, and leaves the address', async () => {
        const page = await browser.person();
        await page.goto(address(THREE));
        await purpose(page).fill('Trên máy thứ nhất');
        await saved(page);
        await page.getByRole('button', { name: /Hiện liên kết riêng/ }).click();
        const link = await page.getByLabel(/Liên kết riêng/).inputValue();
        const other = await browser.person();
        await other.goto(link);
        await other.locator('[data-ask-link]').waitFor();
        await browser.look(other, 'online-ask-link');
        await other.getByRole('button', { name: /^Mở bản nháp/ }).click();
        await says_purpose(other, 'Trên máy thứ nhất');
        assert.equal(new URL(other.url()).hash, '');
        const stranger = await browser.person();
        await stranger.goto(address(THREE));
        assert.equal(await purpose(stranger).inputValue(), '');
        await purpose(stranger).fill('Của máy này');
        await saved(stranger);
        await stranger.evaluate((to) => { location.hash = new URL(to).hash; }, link);
        await stranger.getByText(/trên thiết bị vẫn được giữ riêng/).waitFor();
        await stranger.getByRole('button', { name: /^Không mở/ }).click();
        await says_purpose(stranger, 'Của máy này');
        await stranger.goto(link);
        await stranger.getByRole('button', { name: /^Mở bản nháp/ }).click();
        await says_purpose(stranger, 'Trên máy thứ nhất');
        const again = await stranger.context().newPage();
        await again.goto(address(THREE));
        await says_purpose(again, 'Của máy này');
        for (const one of [page, other, stranger, again]) await one.close();
    });

    it('an account goes on with its own draft before one that the device has', async () => {
        const page = await browser.person(), mine = new Drafting(await house.login('applicant'), { key: null });
        await page.goto(address(THREE));
        await purpose(page).fill('Của người không tài khoản');
        await saved(page);
        ok(await mine.begin(THREE), 201);
        await save_beside(mine, () => ({ form: { purpose: 'Của tài khoản' } }));
        await browser.enter(page, 'applicant', '/');
        await page.goto(address(THREE));
        await says_purpose(page, 'Của tài khoản');
        await page.close();
    });

    it('a procedure that is not filed on line says why', async () => {
        const page = await browser.person();
        await page.goto(address('1.012756'));
        await page.getByText(/mức độ 2/).waitFor();
        await browser.look(page, 'online-refused');
        await page.close();
    });

    it('no page complained', () => assert.deepEqual(browser.complaints(EXPECTED), []));
});
