// The catalogue as SQL: versions with dates, what a form may be, who is competent, what is charged, how it
// may be filed, and a search that forgives and is answered from an index.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { test_database } from './cluster.mjs';

let db;
before(async () => { db = await test_database(); });
after(() => db.end());

const text = (value) => `'${JSON.stringify(value).replaceAll("'", "''")}'`;
const one = async (sql) => (await db.query(sql))[0][0];
const json = async (sql) => JSON.parse(await one(sql));
const entry = (more = {}) => ({ code: '9.000001', name: 'Thủ tục thử', agency_level: 'commune', level: 4, mode: 'full', post: true,
    time: { value: 3, unit: 'working_day' }, clock_after_supplement: 'restart', fees: [],
    documents: [{ name: 'Tờ khai', originals: 1, copies: 0, form: true }], result: 'Giấy', ...more });
const put = (value, from) => one(`select procedure.put(${text(value)}${from ? `, '${from}'` : ''})`).then(Number);
const day = async (days) => one(`select (base.vn_date(now()) + ${days})::text`);
const wrong = async (value) => (await db.query(`select field from procedure.wrong_entry(${text(value)}) order by 1`)).map((row) => row[0]);
const problem = (slug, more = /./) => (error) => {
    assert.match(error.stderr ?? error.message, new RegExp(slug));
    assert.match(error.stderr ?? error.message, more);
    return true;
};
const search = async (q, more = {}) => json(`select procedure.search(${text({ q, limit: 20, ...more })})`);
const codes = async (q, more) => (await search(q, more)).items.map((row) => row.code);

test('a version begins on its day; what is said again is no version; an end ends it', async () => {
    assert.equal(await put(entry()), 1);
    assert.equal(await put(entry()), 0);
    assert.equal(await put(entry({ level: 3 }), await day(10)), 2);
    const now = await json("select procedure.get('9.000001')");
    assert.deepEqual([now.version, now.level, now.changes_on], [1, 4, await day(10)], 'the next one waits for its day');
    await assert.rejects(put(entry({ level: 2 })), problem('invalid-fields', /valid_from/));
    assert.equal(await put(entry({ code: '9.000002', valid_from: '2025-07-01' })), 1);
    assert.equal((await json("select procedure.get('9.000002')")).valid_from, '2025-07-01');
    assert.equal(await put(entry({ code: '9.000002', valid_from: '2025-07-01', level: 3 })), 2, 'an edited list does not rewrite the past');
    assert.equal((await json("select procedure.get('9.000002')")).valid_from, await day(0));
    assert.equal(await put(entry({ code: '9.000002', level: 3, valid_to: await day(1) })), 2, 'an end is no other version');
    assert.equal((await json("select procedure.get('9.000002')")).valid_to, await day(1));
    assert.equal(await put(entry({ code: '9.000003' })), 1);
    assert.equal(await put(entry({ code: '9.000003', valid_to: await day(0) })), 1);
    assert.equal(await one("select procedure.get('9.000003')"), null, 'it is in effect no more');
    assert.equal(await put(entry({ code: '9.000003' })), 2, 'and begins anew');
});

test('a form is kept by an entry that does not speak of it, and its shape is checked', async () => {
    const form = { type: 'object', required: ['a'], properties: { a: { type: 'string', title: 'Một', title_en: 'One', position: 1, maxLength: 10 } } };
    assert.equal(await put(entry({ code: '9.000010', form })), 1);
    assert.equal(await put(entry({ code: '9.000010' })), 0);
    assert.deepEqual((await json("select procedure.get('9.000010')")).form, form);
    assert.equal(await put(entry({ code: '9.000010', form: null })), 2);
    assert.equal((await json("select procedure.get('9.000010')")).form, undefined);
    const bad = (change) => json(`select to_jsonb(procedure.wrong_form(${text(change(structuredClone(form)))}))`);
    assert.equal(await one(`select procedure.wrong_form(${text(form)})`), null);
    for (const [change, field] of [
        [(f) => ({ ...f, type: 'array' }), '/form'], [(f) => ({ ...f, then: {} }), '/form'], [() => 7, '/form'],
        [(f) => ({ ...f, properties: {} }), '/form/properties'],
        [(f) => ({ ...f, properties: Object.fromEntries(Array.from({ length: 61 }, (_, i) => [`f${i}`, f.properties.a])) }), '/form/properties'],
        [(f) => ({ ...f, required: ['b'] }), '/form/required'], [(f) => ({ ...f, required: 'a' }), '/form/required'],
        ...[{ type: 'number' }, { title: '' }, { title_en: undefined }, { position: '1' }, { position: 1.5 }, { format: 'uri' },
            { minimum: 1 }, { minLength: 5, maxLength: 2 }, { maxLength: 4001 }, { pattern: '' }, { enum: ['x'] }, { enum: ['x'], enum_titles: [] },
            { enum: ['x', 'x'], enum_titles: ['1', '2'] }, { enum_titles: ['x'] }, { $ref: '#' }, { maxLength: 'x' }, { position: null }]
            .map((more) => [(f) => { Object.assign(f.properties.a, more); return f; }, '/form/properties/a'])])
        assert.equal((await bad(change))?.field, field, String(change));
    await assert.rejects(put(entry({ code: '9.000011', form: { type: 'object', properties: {} } })), problem('check'));
});

test('each wrong field of an entry is named', async () => {
    assert.deepEqual(await wrong(entry()), []);
    assert.deepEqual(await wrong(entry({ level: 5, post: false, mode: 'some', typo: 1 })), ['/level', '/mode', '/post_refusal', '/typo']);
    assert.deepEqual(await wrong(entry({ time: { value: 0, unit: 'day' } })), ['/time/unit', '/time/value']);
    assert.deepEqual(await wrong(entry({ units: ['46-A1', 'NO-1'] })), ['/units/1']);
    assert.deepEqual(await wrong(entry({ documents: [{ name: 'x', originals: 0, copies: 0 }, { name: 'y', originals: 1, copies: 0, returned: 1 }] })),
        ['/documents/0', '/documents/1/returned']);
    assert.deepEqual(await wrong(entry({ fees: [{ name: 'x', amount: -1 }, { name: 'y', amount: 1, when: 'A b' }, { name: 'z', amount: 1, per: 'page' }] })),
        ['/fees/0', '/fees/1/when', '/fees/2/per']);
    assert.deepEqual(await wrong(entry({ valid_from: '2026-02-30', code: 'x' })), ['/code', '/valid_from']);
    assert.deepEqual(await wrong([]), ['', '/agency_level', '/clock_after_supplement', '/code', '/documents', '/fees', '/level', '/mode', '/name',
        '/post', '/time/unit', '/time/value']);
    assert.equal((await db.query("select 1 from procedure.in_effect p cross join procedure.wrong_entry(p.body) where p.code < '9'")).length, 0);
});

test('only agencies that are competent: the others are told which', async () => {
    const check = (unit, body) => db.query(`select procedure.check_agency(postal.unit_by_code('${unit}'), ${text(body)})`);
    await check('46-A1', entry());
    await check('46-A2', entry({ units: ['46-A2'] }));
    await assert.rejects(check('46-A0', entry()), problem('agency-not-competent', /46-A1/));
    await assert.rejects(check('46-A1', entry({ units: ['46-A2', '46-A3'] })), problem('agency-not-competent', /46-A2.*46-A3/));
    await assert.rejects(check('46-B1', entry()), problem('agency-not-competent'));
});

test('fees: a condition that holds takes the place of what has none, or adds to it; each copy is paid', async () => {
    const fees = [{ name: 'Lệ phí', amount: 20000 }, { name: 'Trực tuyến', amount: 10000, when: 'online' }, { name: 'Giảm', amount: 5000, when: 'reduced' },
        { name: 'Quá hạn', amount: 3000, when: 'late', adds: true }];
    const cost = async (chosen, online = false, list = fees) => (await json(
        `select procedure.fee_lines(${text({ fees: list })}, ${chosen ? text(chosen) : 'null'}, ${online})`)).map((line) => line.amount);
    assert.deepEqual(await cost(null), [20000]);
    assert.deepEqual(await cost(null, true), [10000]);
    assert.deepEqual(await cost({ when: ['reduced'] }), [5000]);
    assert.deepEqual(await cost({ when: ['late'] }), [20000, 3000]);
    assert.deepEqual(await cost({ when: ['late'] }, true), [10000, 3000]);
    assert.deepEqual(await cost({ when: ['online'] }), [20000], 'on line is how it is filed, nobody chooses it');
    const copies = [{ name: 'Bản sao', amount: 8000, per: 'copy' }, { name: 'Khác', amount: 1000 }];
    assert.deepEqual(await cost(null, false, copies), [8000, 1000]);
    assert.deepEqual(await cost({ copies: 3 }, false, copies), [24000, 1000]);
    await db.query(`select procedure.check_fees(${text({ fees })}, ${text({ when: ['late'] })})`);
    for (const when of ['online', 'poor'])
        await assert.rejects(db.query(`select procedure.check_fees(${text({ fees })}, ${text({ when: ['late', when] })})`),
            problem('invalid-fields', /fees\/when\/1/));
});

test('how a level may be filed, with its reason', async () => {
    const refusal = async (body, channel) => JSON.parse(await one(`select procedure.filing_refusal(${text(body)}, '${channel}')`));
    for (const level of [3, 4]) assert.equal(await refusal(entry({ level }), 'online'), null);
    for (const level of [1, 2]) {
        const said = await refusal(entry({ level, mode: 'partial', mode_reason: 'Phải kiểm tra thực địa' }), 'online');
        assert.equal(said.slug, 'procedure-not-online');
        assert.match(said.detail_vi, new RegExp(`mức độ ${level}.*Phải kiểm tra thực địa`));
        assert.equal(await refusal(entry({ level }), 'counter'), null, 'a clerk takes it in for the post');
    }
    const said = await refusal(entry({ post: false, post_refusal: 'Hai bên phải có mặt' }), 'counter');
    assert.deepEqual([said.slug, said.detail_vi], ['procedure-not-by-post', 'Hai bên phải có mặt']);
});

test('the search forgives missing diacritics, order, small slips and decomposed letters', async () => {
    for (const [q, code] of [['ho chieu', '1.001456'], ['chieu ho', '1.001456'], ['HỘ CHIẾU', '1.001456'], ['Hộ chiếu'.normalize('NFD'), '1.001456'],
        ['ho chiue', '1.001456'], ['ho cheiu', '1.001456'], ['passprot', '1.001456'], ['dang ky thuong tru', '1.004222'],
        ['đăng ký thường trú'.normalize('NFD'), '1.004222'], ['thuong tru dang ky', '1.004222'], ['dang ki thuong tru', '1.004222'],
        ['ket hon', '1.000894'], ['ly lich tu phap', '2.000488'], ['giay phep lai xe', '1.002809'], ['lai xe', '1.002809'],
        ['tinh trang hon nhan', '1.004873'], ['1.004873', '1.004873'], ['004873', '1.004873'], ['dat dai', '1.012756']])
        assert.equal((await codes(q))[0], code, q);
    assert.deepEqual(await codes('1.001193'), ['1.001193'], 'a code is forgiven nothing');
    for (const q of ['%', '_', '\\', "'", '☃', '9.999999', 'xyzzy qwerty', "a'; drop table x; --"]) await codes(q);
    for (const q of ['%', '_', '☃', '9.999999', 'xyzzy qwerty']) assert.deepEqual(await codes(q), [], q);
    assert.ok((await codes('a '.repeat(50))).length >= 0, 'many words are looked for as eight');
});

test('among ten thousand, pages follow each other without a gap and every search is answered from an index', async () => {
    await db.query(`insert into procedure.procedure (code, version, valid_from, body)
        select code, 1, '2025-07-01', ${text(entry())}::jsonb || jsonb_build_object('code', code, 'name', format('%s %s lĩnh vực %s số %s',
            (array['Cấp mới','Cấp lại','Gia hạn','Đăng ký','Thu hồi','Xác nhận'])[n % 6 + 1],
            (array['giấy phép','chứng chỉ','giấy xác nhận','quyết định','văn bằng'])[n % 5 + 1],
            (array['xây dựng','đất đai','y tế','giáo dục','thuỷ sản','giao thông','văn hoá'])[n % 7 + 1], n))
        from generate_series(1, 10000) n cross join lateral (select format('8.%s', lpad(n::text, 6, '0')) as code) c;
        analyze procedure.procedure`);
    const seen = [];
    for (let next; ;) {
        const page = await search('gia han y te', { limit: 100, ...next && { next } });
        seen.push(...page.items.map((row) => row.code));
        if (!(next = page.next)) break;
    }
    assert.equal(new Set(seen).size, seen.length);
    assert.ok(seen.length > 100, `${seen.length}`);
    const listed = await search('', { limit: 500 });
    assert.equal(listed.items.length, 500);
    assert.ok(listed.next);
    assert.notEqual((await search('', { limit: 1, next: listed.next })).items[0].code, listed.items[499].code);
    for (const next of ['x', '', '!!!!', 'WyJhIl0', Buffer.from('["a","b","c"]').toString('base64url')])
        await assert.rejects(search('x', { next }), problem('invalid-fields', /next/), next);
    assert.deepEqual((await codes('ho chieu'))[0], '1.001456');
    for (const args of [{ q: 'ho chieu' }, { q: 'dang ky thuong tru' }, { q: '1.004873' }, { q: 'passprot' }, { q: '' }, { q: 'ho cheiu', loose: true }]) {
        const { loose = false, ...rest } = args;
        const sql = await one(`select procedure.search_sql(${text({ limit: 20, ...rest })}, ${loose})`);
        const plan = (await db.query(`set local enable_seqscan = off; set local pg_trgm.word_similarity_threshold = 0.5; explain ${sql}`)).flat().join('\n');
        assert.doesNotMatch(plan, /Seq Scan on procedure p\b/, `${JSON.stringify(args)}\n${plan}`);
        assert.match(plan, args.q ? /procedure_search/ : /procedure_name/, plan);
    }
});

test('the catalogue as cells of CSV says the same', async () => {
    const [[differ, rows]] = await db.query(`select count(*) filter (where e.entry <> procedure.from_cells(to_jsonb(c))), count(*)
        from procedure.entries() e join procedure.cells c using (code)`);
    assert.deepEqual([differ, Number(rows) > 13], ['0', true]);
});
