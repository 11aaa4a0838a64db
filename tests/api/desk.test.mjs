// The agency's desk: a journey to each exit, a bag signed item by item, originals, questions between
// agencies, receipt by another one-stop department, and two officers at one dossier.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { query } from '../fault/journal.mjs';
import { service, show, uuid7 } from './service.mjs';
import { act, AGENCY, bag, hand_over, intake, intake_body, OFFICE, ok, people, recorded, TAKEN } from './walk.mjs';

const OTHER = '46-A6';

describe('the desk', () => {
    let house, all;
    before(async () => {
        house = await service();
        all = { ...await people(house), officer2: await house.login('officer2'),
                supervisor: await house.login('supervisor') };
    });
    after(() => house.stop());

    const path = (code) => `/v1/dossiers/${encodeURIComponent(code)}`;
    const get = async (code, who = all.officer) => ok(await who.get(path(code)));
    const post = (who, code, body, headers) => who.post(`${path(code)}/actions`, body, { headers });
    const step = (code, action, more) => act(all.officer, code, action, more);
    const names = (view) => view.allowed_actions.map((one) => one.action);
    const rebuilt = async () => assert.deepEqual(query(house, 'select * from custody.rebuild()'), []);
    const problem = (reply, status, type) => {
        assert.equal(reply.status, status, show(reply));
        assert.match(reply.body.type, new RegExp(`/${type}$`));
        return reply.body;
    };
    // Papers in the courier's hands; filed: signed for by the agency.
    const carried = async (more) => {
        const one = await intake(all.clerk, more);
        await recorded(all.clerk, 'accept', one.number);
        await recorded(all.courier, 'take_over', one.number);
        return one;
    };
    const filed = async (more) => {
        const one = await carried(more);
        await hand_over(all.courier, all.officer, AGENCY, [one.number]);
        return one;
    };
    const processing = async (more) => {
        const one = await filed(more);
        await step(one.code, 'accept');
        await step(one.code, 'start');
        return one;
    };
    const inbox = async (group, who = all.officer) => {
        const found = [];
        for (let next = ''; next !== undefined;) {
            const page = ok(await who.get(`/v1/inbox?group=${group}&limit=500${next && `&next=${next}`}`));
            found.push(...page.items);
            next = page.next;
        }
        return found;
    };
    const listed = async (group, code, who) => (await inbox(group, who)).some((one) => one.code === code);
    const with_original = { documents: [
        { name: 'Tờ khai cấp Giấy xác nhận tình trạng hôn nhân', originals: 1, copies: 0 },
        { name: 'Quyết định ly hôn', originals: 1, copies: 0, returned: true }] };

    // --- exits -----------------------------------------------------------------------------------

    it('rejects with a legal basis, and the originals go back under a number of their own', async () => {
        const { code } = await filed(with_original);
        assert.ok(await listed('accept', code));
        const wrong = problem(await post(all.officer, code, { action: 'reject', reason: 'Sai thẩm quyền' }), 422, 'invalid-fields');
        assert.deepEqual(wrong.errors.map((one) => one.pointer), ['/legal_basis']);
        const view = await step(code, 'reject', { reason: 'Sai thẩm quyền', legal_basis: 'Điều 17 Nghị định 118/2025/NĐ-CP' });
        assert.equal(view.status.status, 'rejected');
        const back = view.shipments.find((one) => one.leg === 'originals');
        assert.deepEqual(view.originals.map((one) => [one.name, one.place, one.number ?? '']),
            [['Tờ khai cấp Giấy xác nhận tình trạng hôn nhân', 'kept', view.shipments[0].number],
             ['Quyết định ly hôn', 'going_back', back.number]]);
        assert.ok(!await listed('accept', code) && await listed('hand_over', code));
        const told = ok(await all.officer.get(`${path(code)}/events`)).items.find((one) => one.kind === 'dossier.reject');
        assert.equal(told.legal_basis, 'Điều 17 Nghị định 118/2025/NĐ-CP');
        await hand_over(all.officer, all.courier, 'courier', [back.number]);
        assert.ok(!await listed('hand_over', code));
        await recorded(all.clerk, 'arrive', back.number);
        await recorded(all.courier, 'out_for_delivery', back.number);
        await recorded(all.courier, 'deliver', back.number, TAKEN);
        assert.equal((await get(code)).originals[1].place, 'back');
    });

    it('asks for listed papers once, and again only with a reason', async () => {
        const { code } = await processing();
        assert.ok(await listed('due', code));
        let view = await step(code, 'ask_supplement', { reason: 'Thiếu giấy tờ', items: [
            { name: 'Bản sao căn cước', copies: 1 }, { name: 'Ảnh 3×4', originals: 2 }] });
        assert.deepEqual(view.asked_for[0].items, [{ name: 'Bản sao căn cước', originals: 0, copies: 1 },
            { name: 'Ảnh 3×4', originals: 2, copies: 0 }]);
        assert.ok(await listed('waiting', code) && !await listed('due', code));
        const more = await act(all.clerk, code, 'send_supplement', { weight_g: 30 });
        const number = more.shipments.at(-1).number;
        await recorded(all.clerk, 'accept', number);
        await recorded(all.courier, 'take_over', number);
        await hand_over(all.courier, all.officer, AGENCY, [number]);
        const came = ok(await all.officer.get(`${path(code)}/events`)).items.filter((one) => one.kind === 'dossier.supplement_came');
        assert.equal(came.length, 1);
        view = await step(code, 'supplement_received', { reason: 'Đủ' });
        assert.deepEqual([view.clock, view.pauses.length], ['running', 1]);
        const again = view.allowed_actions.find((one) => one.action === 'ask_supplement');
        assert.deepEqual([again.needs, again.may], [['reason', 'again_reason'], ['items']]);
        const wrong = problem(await post(all.officer, code, { action: 'ask_supplement', reason: 'x' }), 422, 'invalid-fields');
        assert.deepEqual(wrong.errors.map((one) => one.pointer), ['/again_reason']);
        view = await step(code, 'ask_supplement', { reason: 'Ảnh mờ\nThiếu chữ ký', again_reason: 'Ảnh nộp lần đầu không dùng được' });
        assert.deepEqual([view.supplements, view.asked_for.length], [2, 2]);
        assert.deepEqual(view.asked_for[1].items.map((one) => one.name), ['Ảnh mờ', 'Thiếu chữ ký']);
        await step(code, 'supplement_received');
        await rebuilt();
    });

    it('lets the applicant withdraw, refuses it with a reason, or grants it', async () => {
        const { code } = await processing(with_original);
        await act(all.clerk, code, 'request_withdrawal', { reason: 'Đổi ý' });
        assert.equal((await step(code, 'refuse_withdrawal', { reason: 'Đã có dự thảo' })).status.code, 4);
        await act(all.clerk, code, 'request_withdrawal', { reason: 'Vẫn muốn rút' });
        const view = await step(code, 'stop', { reason: 'Đồng ý cho rút' });
        assert.equal(view.status.status, 'stopped');
        assert.equal(view.originals[1].place, 'going_back');
    });

    it('stops what is not paid for, and says in 409 what may be done and why', async () => {
        const { code } = await processing();
        const refused = problem(await post(all.officer, code, { action: 'accept' }), 409, 'action-not-allowed');
        assert.deepEqual(refused.possible_from, ['registered']);
        assert.match(refused.detail, /Registered.*Being processed/);
        assert.ok(refused.allowed.every((one) => one.reason_vi && one.reason_en));
        await step(code, 'ask_payment', { amount: 50000, name: 'Phí thẩm định', reason: 'Theo biểu phí' });
        assert.ok(await listed('waiting', code));
        assert.equal((await step(code, 'stop', { reason: 'Không nộp phí' })).status.code, 8);
        assert.ok(!await listed('waiting', code));
        problem(await post(all.officer, code, { action: 'stop', reason: 'x' }), 409, 'action-not-allowed');
    });

    it('apologises once, in time, for a working day', async () => {
        const { code } = await processing();
        const view = await get(code);
        // Days away, whatever today is: the dossier's event gives it a due time in the future.
        query(house, `select dossier.record('${view.id}', 'clock_set', now(), null, null,
            jsonb_build_object('due_at', postal.due_at(d.agency, now(), 5, 'working_day')))
            from dossier.dossier d where d.id = '${view.id}'`);
        const [later] = query(house, `select to_char(postal.due_at(d.agency, d.due_at, 3, 'working_day')
            at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') from dossier.dossier d where d.id = '${view.id}'`);
        const done = await step(code, 'apologise', { reason: 'Chờ xác minh', due_at: later });
        assert.equal(Date.parse(done.due_at), Date.parse(later));
        assert.ok(done.apologised_at && !names(done).includes('apologise'));
        const again = problem(await post(all.officer, code, { action: 'apologise', reason: 'x', due_at: later }), 409, 'action-not-allowed');
        assert.match(again.detail, /once/);
    });

    it('takes an undeliverable result back, sends it again, or hands it out', async () => {
        const { code } = await processing(with_original);
        const ready = await step(code, 'result_ready');
        const number = ready.shipments.find((one) => one.leg === 'result').number;
        assert.deepEqual([ready.originals[1].place, ready.originals[1].number], ['going_back', number]);
        assert.ok(await listed('hand_over', code));
        await hand_over(all.officer, all.courier, 'courier', [number]);
        await recorded(all.clerk, 'arrive', number);
        await recorded(all.courier, 'out_for_delivery', number);
        await recorded(all.courier, 'fail', number, { reason: 'moved', next_action: 'return' });
        await recorded(all.clerk, 'return', number, { reason: 'Người nhận đã chuyển đi' });
        await hand_over(all.courier, all.officer, AGENCY, [number]);
        let view = await get(code);
        assert.equal(view.status.code, 9);
        assert.equal(view.shipments.find((one) => one.number === number).state, 'returned');
        assert.deepEqual([view.originals[1].place], ['agency']);
        assert.ok(await listed('came_back', code));
        assert.ok(['send_result', 'return_result', 'return_originals'].every((name) => names(view).includes(name)), names(view));
        view = await step(code, 'send_result');
        const second = view.shipments.at(-1);
        assert.notEqual(second.number, number);
        assert.deepEqual([second.leg, view.originals[1].place, view.originals[1].number], ['result', 'going_back', second.number]);
        assert.ok(!await listed('came_back', code) && !names(view).includes('send_result'));
        assert.deepEqual(query(house, `select came_back_at is null from dossier.dossier where code = '${code}'`), ['t']);
        await rebuilt();
    });

    it('gives originals back across the counter, once', async () => {
        const { code } = await processing({ ...with_original, result_to: { kind: 'agency' }, service: 'send' });
        let view = await step(code, 'result_ready');
        assert.equal(view.originals[1].place, 'agency');
        view = await step(code, 'return_originals', { reason: 'Người nộp đến lấy' });
        assert.deepEqual([view.originals[1].place, view.status.code], ['back', 9]);
        problem(await post(all.officer, code, { action: 'return_originals' }), 409, 'action-not-allowed');
    });

    // --- a bag, item by item ---------------------------------------------------------------------

    it('files the dossiers of a bag that is signed for, and an exception for each difference', async () => {
        const papers = [];
        for (let i = 0; i < 5; i++) {
            papers.push(await intake(all.clerk));
            await recorded(all.clerk, 'accept', papers[i].number);
        }
        const extra = await carried();
        const [present, missing, damaged, refused, silent] = papers.map((one) => one.number);
        const id = await bag(all.clerk, OFFICE, AGENCY, papers.map((one) => one.number), 'VNP 000777');
        await recorded(all.courier, 'take_over', id);
        const list = ok(await all.courier.post('/v1/custody/handovers', { id: uuid7(), to: AGENCY, items: [id] }), 201);
        const seen = ok(await all.officer.get(`/v1/custody/handovers/${list.id}`));
        assert.deepEqual(seen.items[0].inside.map((one) => one.number).sort(), papers.map((one) => one.number).sort());
        const signed = ok(await all.officer.post(`/v1/custody/handovers/${list.id}/sign`, { items: [
            { code: id, finding: 'present' }, { code: present, finding: 'present', originals: 1 },
            { code: damaged, finding: 'damaged', note: 'ướt' }, { code: refused, finding: 'refused' },
            { code: missing, finding: 'missing' }, { code: extra.number, finding: 'surplus' }] }));
        assert.deepEqual(Object.fromEntries(signed.items.map((one) => [one.number, one.finding])), { [id]: 'present',
            [present]: 'present', [missing]: 'missing', [damaged]: 'damaged', [refused]: 'refused', [silent]: 'missing',
            [extra.number]: 'surplus' });
        assert.ok(signed.items.filter((one) => ![id, extra.number].includes(one.number)).every((one) => one.bag === id));
        const open = ok(await all.clerk.get('/v1/custody/exceptions?limit=500')).items;
        const codes = (number) => open.filter((one) => one.subject === number).map((one) => one.code).sort();
        const views = Object.fromEntries(await Promise.all([...papers, extra].map(async (one) => [one.number, await get(one.code, all.clerk)])));
        for (const number of [present, damaged, extra.number]) {
            assert.ok(views[number].filed_at, number);
            assert.equal(views[number].shipments[0].state, 'delivered');
        }
        for (const number of [missing, refused, silent]) assert.equal(views[number].filed_at, null, number);
        assert.equal(new Set([present, damaged, extra.number].map((number) => views[number].filed_at)).size, 1);
        assert.deepEqual([codes(present), codes(missing), codes(refused), codes(silent), codes(damaged), codes(extra.number)],
            [[], ['handover_missing'], ['handover_refused'], ['handover_missing'], ['handover_damaged'], ['handover_surplus']]);
        assert.equal(ok(await all.clerk.get(`/v1/containers/${id}`)).state, 'open');
        await rebuilt();
    });

    it('takes a sealed bag as a whole with one code, and files what was in it', async () => {
        const papers = [await intake(all.clerk), await intake(all.clerk)];
        for (const { number } of papers) await recorded(all.clerk, 'accept', number);
        const id = await bag(all.clerk, OFFICE, AGENCY, papers.map((one) => one.number), 'VNP 000778');
        await recorded(all.courier, 'take_over', id);
        const list = ok(await all.courier.post('/v1/custody/handovers', { id: uuid7(), to: AGENCY, items: [id] }), 201);
        const signed = ok(await all.officer.post('/v1/custody/handovers/accept', { code: list.id }));
        assert.deepEqual(signed.items.map((one) => one.finding), ['present', 'present', 'present']);
        for (const { code } of papers) assert.ok((await get(code)).filed_at);
        const third = await intake(all.clerk);
        await recorded(all.clerk, 'accept', third.number);
        const lost = await bag(all.clerk, OFFICE, AGENCY, [third.number], 'VNP 000779');
        await recorded(all.courier, 'take_over', lost);
        const other = ok(await all.courier.post('/v1/custody/handovers', { id: uuid7(), to: AGENCY, items: [lost] }), 201);
        ok(await all.officer.post(`/v1/custody/handovers/${other.id}/sign`, { items: [{ code: lost, finding: 'refused' }] }));
        assert.equal((await get(third.code, all.clerk)).filed_at, null);
        await rebuilt();
    });

    // --- receiving unit, questions, two officers -------------------------------------------------

    it('receives for another agency of the province, accepts by its clock, and forwards', async () => {
        const { code, number, made } = await carried({ receiving: OTHER, ...with_original });
        assert.deepEqual([made.receiving.id, made.shipments[0].to.id, made.agency.id], [OTHER, OTHER, AGENCY]);
        await hand_over(all.courier, all.officer2, OTHER, [number]);
        let view = await get(code, all.officer2);
        assert.ok(view.filed_at);
        assert.equal(view.originals[1].place, 'receiving');
        assert.ok(await listed('receive', code, all.officer2));
        assert.ok(await listed('accept', code, all.officer2) && !await listed('accept', code), 'on the desk that has its papers');
        assert.deepEqual(ok(await all.officer2.get('/v1/dossiers?limit=1')).items.map((one) => one.code), [code], 'and in their dossiers');
        assert.deepEqual(names(view).filter((name) => ['accept', 'forward', 'start'].includes(name)), ['accept', 'forward']);
        await act(all.officer2, code, 'ask_supplement', { reason: 'Thiếu' });
        assert.ok(await listed('waiting', code, all.officer2) && !await listed('waiting', code));
        view = await act(all.officer2, code, 'supplement_received');
        assert.ok(!await listed('accept', code, all.officer2));
        assert.ok(view.due_at && !names(view).includes('start'));
        view = await act(all.officer2, code, 'forward');
        const leg = view.shipments.at(-1);
        assert.deepEqual([leg.leg, leg.from.id, leg.to.id], ['inter_agency', OTHER, AGENCY]);
        assert.ok(!await listed('receive', code, all.officer2) && !names(view).includes('forward'));
        await hand_over(all.officer2, all.courier, 'courier', [leg.number]);
        await hand_over(all.courier, all.officer, AGENCY, [leg.number]);
        view = await get(code);
        assert.equal(view.originals[1].place, 'agency');
        assert.ok(ok(await all.officer.get(`${path(code)}/events`)).items.some((one) => one.kind === 'dossier.forwarded'));
        assert.equal((await step(code, 'start')).status.code, 4);
        problem(await all.clerk.post('/v1/dossiers', { ...(await intake(all.clerk)).body, id: uuid7(), receiving: OFFICE }), 422, 'invalid-fields');
        await rebuilt();
    });

    it('forwards undecided papers, which are then to be accepted by the agency', async () => {
        const { code, number } = await carried({ receiving: OTHER });
        await hand_over(all.courier, all.officer2, OTHER, [number]);
        await act(all.officer2, code, 'forward');
        assert.ok(await listed('accept', code) && !await listed('accept', code, all.officer2));
        assert.equal((await step(code, 'accept')).status.code, 2);
    });

    it('lists what applicants bring themselves among what is to be accepted', async () => {
        const { code } = ok(await all.clerk.post('/v1/dossiers', intake_body({ service: 'receive' })), 201);
        const row = (await inbox('accept')).find((one) => one.code === code);
        assert.deepEqual([row.at, row.filed_at], [row.created_at, null]);
        assert.ok((await step(code, 'accept')).due_at);
        assert.ok(!await listed('accept', code) && await listed('due', code));
        const mistaken = ok(await all.clerk.post('/v1/dossiers', intake_body({ service: 'receive' })), 201);
        assert.ok(await listed('accept', mistaken.code));
        await act(all.clerk, mistaken.code, 'cancel_intake', { reason: 'Nhầm' });
        assert.ok(!await listed('accept', mistaken.code));
    });

    it('asks another agency, with a clock of its own, and is answered or waits no longer', async () => {
        const { code } = await processing();
        const before_ = await get(code);
        const body = { id: uuid7(), agency: OTHER, what: 'Xác nhận tình trạng cư trú', time: 2, time_unit: 'working_day' };
        const ask = (who, more, headers) => who.post(`${path(code)}/questions`, { ...body, ...more }, { headers });
        problem(await ask(all.officer2), 404, 'not-found');
        problem(await ask(all.officer, { agency: AGENCY, id: uuid7() }), 422, 'invalid-fields');
        const asked = ok(await ask(all.officer), 201);
        assert.equal(ok(await ask(all.officer), 201).askings.length, 1);
        problem(await ask(all.officer, { what: 'khác' }), 422, 'id-reused');
        const [one] = asked.askings;
        const [due] = query(house, `select extract(epoch from postal.due_at(u.id, '${one.asked_at}', 2, 'working_day'))::bigint
            from postal.unit u where u.code = '${OTHER}'`);
        assert.equal(Date.parse(one.due_at) / 1000, Number(due));
        assert.deepEqual([asked.status.code, asked.due_at, one.overdue, one.what], [4, before_.due_at, false, body.what]);
        assert.ok(await listed('asking', code) && await listed('asked', code, all.officer2));
        const theirs = await get(code, all.officer2);
        assert.deepEqual([theirs.askings[0].what, theirs.personal], [body.what, 'none'], 'what it is asked, and nothing personal');
        assert.deepEqual(names(theirs), ['answer_agency']);
        const answer = (who, more = {}) => who.post(`${path(code)}/questions/${one.id}/answer`, { answer: 'agreed', reply: 'Đúng', ...more });
        problem(await answer(all.officer), 403, 'forbidden');
        problem(await answer(all.officer2, { answer: 'maybe' }), 422, 'invalid-fields');
        const done = ok(await answer(all.officer2));
        assert.deepEqual([done.askings[0].answer, done.askings[0].reply], ['agreed', 'Đúng']);
        assert.ok(!await listed('asking', code) && !await listed('asked', code, all.officer2));
        problem(await answer(all.officer2), 403, 'forbidden');
        const second = { ...body, id: uuid7() };
        ok(await all.officer.post(`${path(code)}/questions`, second), 201);
        const ended = ok(await all.officer.post(`${path(code)}/questions/${second.id}/end`, { reason: 'Đã rõ' }));
        assert.ok(ended.askings[1].ended_at);
        problem(await all.officer.post(`${path(code)}/questions/${second.id}/end`, { reason: 'x' }), 409, 'action-not-allowed');
        await rebuilt();
    });

    it('tells the second of two officers what changed meanwhile', async () => {
        const { code } = await filed();
        const tag = (await all.officer.get(path(code))).headers.get('etag');
        const headers = { 'if-match': tag };
        const both = await Promise.all([post(all.officer, code, { action: 'accept' }, headers),
            post(all.officer, code, { action: 'ask_supplement', reason: 'Thiếu' }, headers)]);
        assert.deepEqual(both.map((one) => one.status).sort(), [200, 412]);
        const late = both.find((one) => one.status === 412).body;
        assert.equal(late.changes.length, 1);
        assert.ok(late.changes[0].name && late.changes[0].actor && late.changes[0].at && late.changes[0].to);
        assert.equal(`"${late.version}"`, (await all.officer.get(path(code))).headers.get('etag'));
    });

    it('lists by due time, overdue first, page by page, each once, for whom it belongs to', async () => {
        const made = [];
        for (let i = 0; i < 3; i++) made.push((await processing()).code);
        const [late] = made;
        query(house, `select dossier.record(d.id, 'clock_set', now(), null, null,
            jsonb_build_object('due_at', now() - interval '3 days')) from dossier.dossier d where d.code = '${late}'`);
        assert.ok(await listed('overdue', late));
        const seen = [];
        for (let next = ''; next !== undefined;) {
            const page = ok(await all.officer.get(`/v1/inbox?limit=2${next && `&next=${next}`}`));
            seen.push(...page.items);
            next = page.next;
        }
        assert.deepEqual(seen.map((one) => one.at), seen.map((one) => one.at).sort());
        assert.equal(new Set(seen.map((one) => one.code)).size, seen.length);
        assert.ok(made.every((code) => seen.some((one) => one.code === code)));
        const { groups } = ok(await all.officer.get('/v1/inbox?counts=true'));
        assert.ok(groups.find((one) => one.name === 'overdue').count >= 1);
        assert.ok(!(await inbox('due', all.officer2)).some((one) => made.includes(one.code)));
        problem(await all.officer.get(`/v1/inbox?agency=${OTHER}`), 403, 'forbidden');
        problem(await all.officer.get('/v1/inbox?next=nonsense'), 422, 'invalid-fields');
        problem(await all.supervisor.get('/v1/inbox'), 422, 'invalid-fields');
        assert.ok(ok(await all.supervisor.get(`/v1/inbox?agency=${AGENCY}&limit=500`)).items.length > 0);
    });

    it('gives on each list what its plain words say, of all that happened here', async () => {
        const forwarded = `exists (select from custody.shipment s where s.dossier = d.id and s.leg = 'inter_agency')`;
        const plain = (unit) => ({
            accept: `d.status = 1 and (d.filed_at is not null or d.service = 'receive')
                and case when d.receiving is not null and not ${forwarded} then d.receiving else d.agency end = ${unit}`,
            receive: `d.receiving = ${unit} and d.ended_at is null and dossier.to_forward(d)`,
            came_back: `d.agency = ${unit} and d.status = 9 and dossier.result_came_back(d)`,
        });
        for (const [code, who] of [[AGENCY, all.officer], [OTHER, all.officer2]])
            for (const [group, where] of Object.entries(plain(`postal.unit_by_code('${code}')`)))
                assert.deepEqual((await inbox(group, who)).map((one) => one.code).sort(),
                    query(house, `select d.code from dossier.dossier d where ${where}`).flat().sort(), `${group} of ${code}`);
        await rebuilt();
    });
});
