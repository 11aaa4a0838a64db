// The expected day and both clocks, as anybody sees them, from real scans; and the staff's warning.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { service, show, vn_day } from './service.mjs';
import { act, delivered, intake, ok, people, recorded, to_agency, to_delivery_office, track } from './walk.mjs';

let shared, all, anybody;
before(async () => {
    shared = await service();
    all = await people(shared);
    anybody = shared.anybody();
});
after(() => shared.stop());

function told(view, leg) {
    assert.deepEqual(Object.keys(view.expected).sort(), ['basis', 'by_50', 'by_90', 'leg'], show({ body: view }));
    const { by_50, by_90, basis } = view.expected;
    assert.equal(view.expected.leg, leg);
    assert.match(`${by_50} ${by_90}`, /^\d{4}-\d\d-\d\d \d{4}-\d\d-\d\d$/);
    assert.ok(vn_day() <= by_50 && by_50 <= by_90, `${by_50} ${by_90}`);
    assert.equal(basis, 'j+n', 'nobody has a history here');
    return by_50;
}

function counted({ days }) {
    assert.deepEqual(Object.keys(days).sort(), ['agency', 'post', 'waiting']);
    assert.ok(Object.values(days).every((n) => Number.isInteger(n) && n >= 0), JSON.stringify(days));
}

test('from the counter to the applicant: what is awaited next, and nothing when nothing is', async () => {
    const { code, number } = await intake(all.clerk);
    const see = () => track(anybody, code);
    told(await see(), 'outward');
    await to_delivery_office(all, number);
    told(await see(), 'outward');
    await to_agency(all, number);
    const filed = await see();
    assert.equal(filed.expected, null, 'no day is promised before the agency accepts');
    counted(filed);
    const due = (await act(all.officer, code, 'accept')).due_at;
    const first = told(await see(), 'result');
    assert.ok(first > due.slice(0, 10), 'ready by the due day, then carried');
    await act(all.officer, code, 'start');
    await act(all.officer, code, 'ask_supplement', { reason: 'Thiếu bản sao.' });
    const paused = await see();
    assert.equal(paused.expected, null);
    counted(paused);
    await act(all.officer, code, 'supplement_received');
    const result = (await act(all.officer, code, 'result_ready')).shipments.find((one) => one.leg === 'result').number;
    assert.ok(told(await see(), 'result') < first);
    await delivered(all, result);
    const done = await see();
    assert.equal(done.expected, null);
    counted(done);
});

test('nothing personal and no unit of staff in them', async () => {
    const { code, number } = await intake(all.clerk);
    await recorded(all.clerk, 'accept', number);
    const { expected, days } = await track(anybody, code);
    assert.doesNotMatch(JSON.stringify([expected, days]), /Thử|0905|Lê Lợi|46-/);
});

test('staff see the same with a warning, and list those warned of', async () => {
    const { code, number } = await intake(all.clerk);
    await recorded(all.clerk, 'accept', number);
    const view = ok(await all.clerk.get(`/v1/dossiers/${code}`));
    told(view, 'outward');
    counted(view);
    assert.equal(view.late, false);
    const rows = ok(await all.clerk.get('/v1/dossiers?late=true')).items;
    assert.deepEqual(rows.filter((row) => !row.late || row.code === code), []);
    assert.equal((await all.clerk.get('/v1/dossiers?late=perhaps')).status, 422);
});
