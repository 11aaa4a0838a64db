// Papers that come as a supplement are the dossier's: counted as they came, in one place each, and they go
// back as the others do.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { people } from './scans.mjs';
import { test_database } from './cluster.mjs';

let db, all;
before(async () => {
    db = await test_database();
    all = await people(db);
});
after(() => db.end());

const asker = (login) => `${all[login].id}, ${all[login].unit}`;
const intake = (more = {}) => db.json(`select dossier.intake(${asker('clerk')}, 2,
    jsonb_build_object('id', base.uuid_v7(), 'procedure', '1.004873', 'agency', '46-A1', 'service', 'both',
        'applicant_kind', 'citizen', 'from_commune', '19789', 'weight_g', 80,
        'documents', '[{"name": "Đơn", "originals": 1, "copies": 0}]'::jsonb, 'result_to_kind', 'address', 'result_commune', '19789')
        || '${JSON.stringify(more)}', '\\x01', '\\x02', '\\x03', '\\x04', 'digest')`);
const act = (code, action, body = {}, login = 'officer') =>
    db.json(`select dossier.act(${asker(login)}, 16, '${code}', '${action}', $b$${JSON.stringify(body)}$b$)`);
const ITEMS = [{ name: 'Giấy khai sinh', originals: 2, copies: 1 }, { name: 'Ảnh', copies: 3 }, { name: 'Ghi rõ họ tên' }];
const asked = async (more, items = ITEMS) => {
    const { code, id } = await intake(more);
    await act(code, 'accept');
    await act(code, 'start');
    await act(code, 'ask_supplement', { reason: 'Thiếu', items });
    return { code, id };
};
const brought = ({ documents }) => documents.filter((one) => one.supplement).map((one) => [one.name, one.originals, one.copies]);

test('what was asked for and came is counted, what is no sheet of paper is not', async () => {
    const { code } = await asked();
    const view = await act(code, 'supplement_received');
    assert.deepEqual(brought(view), [['Giấy khai sinh', 2, 1], ['Ảnh', 0, 3]]);
    assert.deepEqual(view.originals.map((one) => [one.line, one.name, one.originals, one.place]).at(-1), [2, 'Giấy khai sinh', 2, 'agency']);
    assert.equal(view.documents[0].supplement, undefined);
});

test('the officer counts what came, not what was asked for', async () => {
    const { code, id } = await asked();
    const view = await act(code, 'supplement_received', { items: [{ name: 'Giấy khai sinh', originals: 1 }] });
    assert.deepEqual(brought(view), [['Giấy khai sinh', 1, 0]]);
    // Its event covers the count with its remark.
    assert.equal(await db.value(`select text from custody.remark r join custody.event e on e.subject = r.subject and e.id = r.event
        where e.subject = '${id}' and e.kind = 'dossier.supplement_received'`), '- Giấy khai sinh, 1 bản chính');
    // A second supplement comes behind it, under the same name.
    await act(code, 'ask_supplement', { reason: 'Thiếu', again_reason: 'Khác', items: [{ name: 'Giấy khai sinh', originals: 1 }] });
    const again = await act(code, 'supplement_received');
    assert.deepEqual(again.originals.filter((one) => one.name === 'Giấy khai sinh').map((one) => one.line), [2, 3]);
});

test('they go back with the result, under its number', async () => {
    const { code } = await asked();
    await act(code, 'supplement_received');
    const ready = await act(code, 'result_ready');
    const line = ready.originals.find((one) => one.line === 2);
    assert.deepEqual([line.place, line.number], ['going_back', ready.shipments.find((one) => one.leg === 'result').number]);
});

test('what came to who receives for the agency lies there until it is forwarded', async () => {
    const { code, id } = await intake({ receiving: '46-A6' });
    const receiving = Number(await db.value(`select id from postal.unit where code = '46-A6'`));
    const there = (action, body = {}) => db.json(`select dossier.act(1, ${receiving}, 16, '${code}', '${action}', $b$${JSON.stringify(body)}$b$)`);
    await there('ask_supplement', { reason: 'Thiếu', items: [{ name: 'Ảnh gốc', originals: 1 }] });
    const place = async () => (await db.json(`select dossier.originals_json(d) from dossier.dossier d where id = '${id}'`))
        .find((one) => one.name === 'Ảnh gốc').place;
    await there('supplement_received');
    assert.equal(await place(), 'receiving');
    // The papers came across the desk, and the leg to the agency begins there.
    await db.query(`update custody.shipment set state = 'delivered' where dossier = '${id}' and leg = 'outward';
                    update dossier.dossier set filed_at = now() where id = '${id}'`);
    const sent = await there('forward');
    assert.equal(await place(), 'post');
    await db.query(`update custody.shipment set state = 'delivered' where number = '${sent.shipments.find((one) => one.leg === 'inter_agency').number}'`);
    assert.equal(await place(), 'agency');
});

test('what comes to who received for the agency after the papers went on lies there, not with them', async () => {
    const { code, id } = await intake({ receiving: '46-A6' });
    const receiving = Number(await db.value(`select id from postal.unit where code = '46-A6'`));
    const there = (action, body = {}) => db.json(`select dossier.act(1, ${receiving}, 16, '${code}', '${action}', $b$${JSON.stringify(body)}$b$)`);
    await db.query(`update custody.shipment set state = 'delivered' where dossier = '${id}' and leg = 'outward';
                    update dossier.dossier set filed_at = now() where id = '${id}'`);
    await there('forward');
    await there('ask_supplement', { reason: 'Thiếu', items: [{ name: 'Ảnh gốc', originals: 1 }] });
    const { originals } = await there('supplement_received');
    assert.deepEqual(originals.map((one) => [one.name, one.place]), [['Đơn', 'post'], ['Ảnh gốc', 'receiving']]);
});

test('a receipt tells of the papers that there were then', async () => {
    const { code, id } = await asked();
    await act(code, 'supplement_received');
    const names = async (kind) => db.json(`select coalesce(jsonb_agg(o ->> 'name'), '[]') from paper.of_dossier(
            (select d from dossier.dossier d where id = '${id}')) t cross join lateral jsonb_array_elements(paper.documents(t)) o
        where t.kind = '${kind}'`);
    assert.deepEqual(await names('receipt'), ['Đơn']);
    assert.deepEqual(await names('control_sheet'), ['Đơn', 'Giấy khai sinh', 'Ảnh']);
});

test('their names are erased with the dossier', async () => {
    const { code, id } = await asked();
    await act(code, 'supplement_received', { items: [{ name: 'Căn cước của ông Kín', originals: 1 }] });
    await db.query(`select dossier.erase('${id}')`);
    assert.equal(await db.value(`select count(*) from dossier.document where name like '%Kín%'`), '0');
    const { documents, originals } = await db.json(`select dossier.view('${id}')`);
    assert.deepEqual(documents.map((one) => [one.name, one.originals]), [['Đơn', 1], [undefined, 1]]);
    assert.equal(originals.at(-1).name, undefined);
});

test('postage is asked for to where the papers go, and from where the result comes', async () => {
    const quote = async (to, receiving) => {
        const { lines } = await db.json(`select postal.quote('1.004873', '19789', postal.unit_by_code('${to}'), 100, 'both',
            p_receiving => ${receiving ? `postal.unit_by_code('${receiving}')` : 'null'})`);
        return Object.fromEntries(lines.filter((one) => one.ledger !== 'agency_fee').map((one) => [one.ledger, one.amount]));
    };
    const [near, far] = await db.query(`select max(u.code) from postal.unit u cross join lateral postal.zone_between('19789', u.commune_code) z
        where u.kind = 'agency' and u.code like '46-%' and z in ('same_area', 'same_province') group by z order by z`);
    const here = await quote(near), there = await quote(far);
    assert.notEqual(here.postage_out, there.postage_out);
    assert.deepEqual(await quote(far, near), { postage_out: here.postage_out, postage_return: there.postage_return });
    const { id } = await intake({ agency: far[0], receiving: near[0] });
    assert.equal(Number(await db.value(`select amount from money.charge where dossier = '${id}' and ledger = 'postage_out'`)), here.postage_out);
});

test('nobody receives for an agency what the applicant brings there: it could not be forwarded', async () => {
    await assert.rejects(intake({ service: 'receive', receiving: '46-A6' }), /DP001: invalid-fields[^]*"pointer": "\/receiving"/);
    assert.equal((await intake({ service: 'receive' })).receiving, null);
    assert.equal((await intake({ service: 'receive', receiving: '46-A1' })).receiving, null, 'the agency itself');
    assert.equal((await intake({ service: 'send', result_to_kind: 'online', receiving: '46-A6' })).receiving.id, '46-A6');
});
