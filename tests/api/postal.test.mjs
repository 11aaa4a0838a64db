// Units, communes, the calendar and prices, as anybody may ask for them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { service, show } from './service.mjs';

let shared, anybody;
before(async () => {
    shared = await service();
    anybody = shared.anybody();
});
after(() => shared.stop());

const QUOTE = { procedure: '1.004873', from: '19789', to: '46-A1', weight_g: 80, service: 'both' };
const quote = (more) => anybody.post('/v1/tariff/quotes', { ...QUOTE, ...more });
const items = async (client, path) => {
    const reply = await client.get(path);
    assert.equal(reply.status, 200, show(reply));
    return reply.body.items;
};

test('a quote names each ledger, the total and the day of arrival', async () => {
    const { status, body } = await quote({});
    assert.equal(status, 200);
    assert.deepEqual(body.lines.map((one) => [one.ledger, one.amount]),
        [['agency_fee', 15000], ['postage_out', 26000], ['postage_return', 26000]]);
    assert.equal(body.total, 67000);
    assert.equal(body.zone, 'same_area');
    assert.equal(body.transit_days, 1);
    assert.match(body.arrives_on, /^20\d\d-\d\d-\d\d$/);
    assert.ok(body.arrives_on > body.forwarded_on);
    assert.equal((await quote({ from: '20107', service: 'send' })).body.total, 15000 + 30000);
    assert.equal((await quote({ extras: ['appointment_note'] })).body.transit_days, 2);
    assert.equal((await quote({ weight_g: 30000, service: 'send' })).body.total,
        15000 + 26500 + 59 * 2200);
});

test('papers that another department receives cost the way there, the result the way from the agency', async () => {
    const money = async (more) => Object.fromEntries((await quote(more)).body.lines.map((one) => [one.ledger, one.amount]));
    const near = await money({}), far = await money({ to: '46-A6' });
    assert.notEqual(near.postage_out, far.postage_out);
    assert.deepEqual(await money({ receiving: '46-A6' }), { ...near, postage_out: far.postage_out });
    assert.equal((await quote({ receiving: '46-B1' })).body.errors[0].pointer, '/receiving');
});

test('a quote for what does not exist or may not go by post says which', async () => {
    for (const [more, slug] of [[{ procedure: '9.999999' }, 'unknown-procedure'],
        [{ procedure: '1.000894' }, 'procedure-not-by-post'], [{ from: '99999' }, 'unknown-commune'],
        [{ to: '46-A99' }, 'unknown-unit'], [{ to: '46-B1' }, 'unknown-unit'],
        [{ weight_g: 0 }, 'invalid-fields'], [{ weight_g: 30001 }, 'invalid-fields'],
        [{ weight_g: '80' }, 'invalid-fields'], [{ service: 'fly' }, 'invalid-fields'],
        [{ extras: ['gift'] }, 'invalid-fields'], [{ colour: 'red' }, 'invalid-fields']]) {
        const reply = await quote(more);
        assert.equal(reply.status, 422, show(reply));
        assert.equal(reply.body.type, `/problems/${slug}`);
    }
    const vi = await anybody.post('/v1/tariff/quotes', { ...QUOTE, procedure: '1.000894' },
        { headers: { 'accept-language': 'vi' } });
    assert.equal(vi.body.detail, 'Hai bên phải có mặt khi đăng ký');
});

test('units: nearest first, without diacritics; hubs are for staff', async () => {
    const near = await items(anybody, '/v1/units?kind=post_office&near=19777');
    assert.equal(near.length, 9);
    assert.equal(near[0].code, '46-B3');
    const km = near.map((one) => one.distance_km);
    assert.deepEqual(km, [...km].sort((a, b) => a - b));
    const found = await items(anybody, '/v1/units?q=phuong%20kim%20long&kind=agency');
    assert.deepEqual(found.map((one) => one.code), ['46-A5']);
    assert.deepEqual(await items(anybody, '/v1/units?kind=hub'), []);
    assert.equal(found[0].agency_identity, undefined);
    const clerk = await shared.login('clerk');
    assert.equal((await items(clerk, '/v1/units?kind=hub'))[0].code, '46-H1');
    assert.equal((await items(clerk, '/v1/units?q=46-A1'))[0].agency_identity, '000.21.16.H57');
    assert.equal((await anybody.get('/v1/units?kind=castle')).status, 422);
});

test('communes: by words, by code, by province', async () => {
    const [first] = await items(anybody, '/v1/communes?q=thuan%20hoa');
    assert.equal(first.name, 'Phường Thuận Hoá');
    assert.equal(first.delivery_office, '46-B1');
    assert.equal((await items(anybody, '/v1/communes?q=20044'))[0].name, 'Xã A Lưới 2');
    assert.equal((await items(anybody, '/v1/communes?province=46')).length, 40);
    assert.deepEqual(await items(anybody, '/v1/communes?q=_____'), []);
});

test('the calendar of 2026', async () => {
    const { body } = await anybody.get('/v1/calendar?year=2026');
    assert.equal(body.days.length, 17);
    assert.deepEqual(body.days.find((one) => one.day === '2026-08-22'),
        { day: '2026-08-22', kind: 'swapped_working', name: 'Làm bù cho ngày 31/08/2026' });
    assert.equal((await anybody.get('/v1/calendar')).status, 200);
    assert.equal((await anybody.get('/v1/calendar?unit=nowhere')).status, 422);
});
