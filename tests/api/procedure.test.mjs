// The public catalogue.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { service, show } from './service.mjs';

let shared, anybody;
before(async () => {
    shared = await service();
    anybody = shared.anybody();
});
after(() => shared.stop());

const codes = async (query) => {
    const reply = await anybody.get(`/v1/procedures${query}`);
    assert.equal(reply.status, 200, show(reply));
    return reply.body.items.map((one) => one.code);
};

test('the catalogue is found by words without diacritics, by code, by what the post may do', async () => {
    assert.equal((await codes('')).length, 13);
    assert.deepEqual(await codes('?q=tinh%20trang%20hon%20nhan'), ['1.004873']);
    assert.deepEqual(await codes(`?q=${encodeURIComponent('HỘ KINH DOANH')}`), ['1.001612']);
    assert.deepEqual(await codes('?q=1.001193'), ['1.001193']);
    assert.deepEqual((await codes('?post=false')).sort(), ['1.000894', '1.003003']);
    assert.equal((await codes('?agency_level=commune')).length, 7);
    assert.deepEqual(await codes('?q=%25'), []);
    assert.equal((await codes('?limit=2')).length, 2);
});

test('an entry has levels, checklist, fees and time; it is not sent again unchanged', async () => {
    const reply = await anybody.get('/v1/procedures/1.004873');
    assert.equal(reply.status, 200);
    const { body } = reply;
    assert.equal(body.name, 'Cấp Giấy xác nhận tình trạng hôn nhân');
    assert.deepEqual([body.level, body.mode, body.post, body.version], [4, 'full', true, 1]);
    assert.deepEqual(body.time, { unit: 'working_day', value: 3 });
    assert.equal(body.fees[0].amount, 15000);
    assert.equal(body.documents.length, 2);
    const again = await anybody.get('/v1/procedures/1.004873',
        { headers: { 'if-none-match': reply.headers.get('etag') } });
    assert.equal(again.status, 304);
});

test('what the post may not handle says why', async () => {
    const { body } = await anybody.get('/v1/procedures/1.000894');
    assert.equal(body.post, false);
    assert.equal(body.post_refusal, 'Hai bên phải có mặt khi đăng ký');
});

test('a local code falls back to the national entry; an unknown one is not found', async () => {
    assert.equal((await anybody.get('/v1/procedures/1.004873.H57')).body.code, '1.004873');
    for (const code of ['9.999999', 'x', '%00', '1.00487', "1.004873'--"]) {
        const reply = await anybody.get(`/v1/procedures/${encodeURIComponent(code)}`);
        assert.equal(reply.status, 404, `${code}: ${show(reply)}`);
    }
    assert.equal((await anybody.get('/v1/procedures?limit=0')).status, 422);
    assert.equal((await anybody.get('/v1/procedures?sort=name')).status, 422);
    assert.equal((await anybody.send('POST', '/v1/procedures')).status, 405);
});
