// Papers that are forms: which there are after which step, in which version, under which number, and
// who may have them. What they look like is tests/api/forms.test.mjs.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { ROOT, test_database } from './cluster.mjs';

let db;
before(async () => { db = await test_database(); });

const who = (login) => `(select id from account.account where login = '${login}'),
    (select unit_id from account.account where login = '${login}'), (select roles from account.account where login = '${login}')`;

async function intake(more = {}) {
    const body = { procedure: '1.004873', agency: '46-A1', service: 'both', applicant_kind: 'citizen', from_commune: '19789',
        weight_g: 80, documents: [{ name: 'Đơn', originals: 1, copies: 0, returned: true }], result_to_kind: 'address',
        result_commune: '19777', ...more };
    return db.value(`select dossier.intake(${who('clerk')}, jsonb_build_object('id', base.uuid_v7())
        || '${JSON.stringify(body)}', '\\x01', '\\x02', '\\x03', '\\x04', 'digest') ->> 'id'`);
}
const act = (id, action, more = {}) => db.query(`select dossier.act(${who('officer')}, '${id}', '${action}',
    '${JSON.stringify({ reason: 'lý do', ...more })}')`);
const names = async (id, login = 'officer') => (await db.query(`select p ->> 'name' from jsonb_array_elements(
    paper.listed_for('${id}', ${who(login)}) -> 'items') p`)).flat();
const printing = (name, of, { reason = null, login = 'officer', args = {}, dossier = true, key = null } = {}) =>
    `select paper.print(${dossier}, '${name}', '${of}', '${JSON.stringify(args)}', ${reason ? `'${reason}'` : 'null'},
        ${who(login)}, ${key ? `'${key}'` : 'null'}, '\\x05')`;
const print = (name, of, more) => db.json(printing(name, of, more));
const drawing = (name, of, { login = 'officer', args = {}, dossier = true } = {}) =>
    `select paper.draw(${dossier}, '${name}', '${of}', '${JSON.stringify(args)}', ${who(login)})`;
const draw = (name, of, more) => db.json(drawing(name, of, more));
const refused = (statement, slug) => assert.rejects(db.query(statement), (e) => e.stderr.includes(`ERROR:  DP001: ${slug}`), slug);

async function blocked() {
    for (let i = 0; i < 200; i++)
        if (await db.value(`select count(*) from pg_stat_activity where datname = current_database()
            and wait_event_type = 'Lock'`, 'postgres') !== '0') return;
    throw new Error('nobody waits for a lock');
}

test('every kind of paper has a version, a template and a function', async () => {
    const rows = await db.query(`select k.kind, f.template, to_regprocedure('paper.' || k.kind || '(paper.thing)') is not null
        from paper.kind k left join paper.form f using (kind)`);
    assert.equal(rows.length, 14);
    for (const [kind, template, made] of rows) {
        assert.equal(made, 't', kind);
        assert.ok(existsSync(join(ROOT, 'labels', `${template}.svg`)), `${kind}: ${template}`);
    }
});

test('a paper is there after the step that makes it, and not before', async () => {
    const id = await intake();
    assert.deepEqual(await names(id), ['authorisation']);
    for (const name of ['receipt', 'supplement_request', 'refusal', 'apology', 'stopping', 'control_sheet', 'fee_receipt',
        'recovered_papers'])
        await refused(drawing(name, id), 'paper-missing');
    await act(id, 'accept');
    assert.deepEqual(await names(id), ['receipt', 'control_sheet', 'authorisation']);
    await act(id, 'start');
    await act(id, 'ask_supplement', { reason: 'Thiếu ảnh' });
    await act(id, 'supplement_received');
    await act(id, 'ask_supplement', { reason: 'Thiếu chữ ký', again_reason: 'Lần đầu chưa thấy',
        items: [{ name: 'Đơn có chữ ký', originals: 1 }] });
    assert.deepEqual(await names(id), ['receipt', 'supplement_request', 'supplement_request', 'control_sheet', 'authorisation']);
    const [first, last] = [await draw('supplement_request', id, { args: { n: 1 } }), await draw('supplement_request', id)];
    assert.deepEqual([first.facts.items, first.facts.turn], [[{ no: 1, text: 'Thiếu ảnh' }], undefined]);
    assert.deepEqual([last.facts.items, last.facts.turn], [[{ no: 1, text: 'Đơn có chữ ký, 1 bản chính' },
        { no: '', text: 'Lý do: Thiếu chữ ký' }, { no: '', text: 'Lý do: Lần đầu chưa thấy' }], 'LẦN 2']);
    await refused(drawing('supplement_request', id, { args: { n: 3 } }), 'paper-missing');
    await act(id, 'stop');
    assert.deepEqual(await names(id), ['receipt', 'supplement_request', 'supplement_request', 'stopping', 'control_sheet']);
    const other = await intake();
    await act(other, 'reject', { reason: 'Không thuộc thẩm quyền.\n\n - Sai mẫu', legal_basis: 'Điều 5' });
    assert.deepEqual(await names(other), ['refusal']);
    assert.deepEqual((await draw('refusal', other)).facts.reasons,
        [{ no: 1, text: 'Không thuộc thẩm quyền.' }, { no: 2, text: 'Sai mẫu' }]);
    await refused(drawing('telegram', id), 'not-found');
    await refused(drawing('irregularity', id), 'not-found');
    await refused(drawing('receipt', id, { dossier: false }), 'not-found');
});

test('a supplement before the acceptance: the receipt comes when it has arrived', async () => {
    const id = await intake();
    await act(id, 'ask_supplement');
    assert.ok(!(await names(id)).includes('receipt'));
    await act(id, 'supplement_received');
    assert.ok((await names(id)).includes('receipt'));
});

test('the first print numbers it, each further one needs a reason; every one is kept', async () => {
    const id = await intake();
    await act(id, 'accept');
    const before_it = (await draw('receipt', id)).facts;
    assert.match(before_it.number, /^Số: ……\/20\d\d\/TNHS$/);
    assert.equal(before_it.reprint, undefined);
    const one = await print('receipt', id);
    assert.equal(one.copy, 1);
    assert.match(one.number, /^\d+\/20\d\d\/TNHS$/);
    assert.deepEqual((await draw('receipt', id)).facts.number, `Số: ${one.number}`);
    await refused(printing('receipt', id), 'invalid-fields');
    await refused(printing('receipt', id, { reason: '' }), 'invalid-fields');
    const two = await print('receipt', id, { reason: 'nhòe mực', login: 'clerk' });
    assert.deepEqual([two.copy, two.number], [2, one.number]);
    assert.equal((await draw('receipt', id)).facts.reprint, 'BẢN IN LẠI số 1');
    assert.deepEqual(await db.query(`select copy, version, reason, (select login from account.account a where a.id = p.actor)
        from paper.print p where subject = '${id}' order by copy`),
        [['1', '2025', null, 'officer'], ['2', '2025', 'nhòe mực', 'clerk']]);
    for (const change of ["update paper.print set reason = 'x'", 'delete from paper.print'])
        await assert.rejects(db.query(change), /permission denied/);
    assert.equal((await db.json(`select paper.listed_for('${id}', ${who('officer')}) #> '{items,0}'`)).copies, 2);
});

test('the same request twice is one print', async () => {
    const id = await intake();
    await act(id, 'accept');
    const key = `print-${id}`;
    assert.deepEqual(await print('receipt', id, { key }), await print('receipt', id, { key }));
    assert.equal(await db.value(`select copies from paper.issued where subject = '${id}' and kind = 'receipt'`), '1');
});

test('numbers follow each other in an agency, without a gap and without a race', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => intake()));
    for (const id of ids) await act(id, 'accept');
    const got = await Promise.all(ids.map((id) => print('receipt', id)));
    const numbers = got.map((one) => Number(one.number.split('/')[0])).sort((a, b) => a - b);
    numbers.forEach((number, i) => assert.equal(number, numbers[0] + i));
    const elsewhere = await intake({ agency: '46-A6' });
    await db.query(`select dossier.act(${who('officer2')}, '${elsewhere}', 'accept', '{}')`);
    assert.match((await print('receipt', elsewhere, { login: 'officer2' })).number, /^1\//);

    // Two print the same paper at once: one number, two copies, and the later must say why.
    const [a, b] = [db.session(), db.session()];
    const id = await intake();
    await act(id, 'accept');
    await a.query('begin');
    const first = JSON.parse((await a.query(printing('receipt', id)))[0][0]);
    const waiting = b.query(printing('receipt', id, { reason: 'một bản nữa' }));
    await blocked();
    await a.query('commit');
    const second = JSON.parse((await waiting)[0][0]);
    assert.deepEqual([second.copy, second.number], [2, first.number]);
    // A rollback gives the number back.
    const last = await intake();
    await act(last, 'accept');
    await a.query('begin');
    const lost = JSON.parse((await a.query(printing('receipt', last)))[0][0]).number;
    await a.query('rollback');
    assert.equal((await print('receipt', last)).number, lost);
    await Promise.all([a.end(), b.end()]);
});

test('what a department gave that received for the agency is under its own name and numbers', async () => {
    const unit = async (code) => (await db.query(`select upper(name), name, phone from postal.unit where code = '${code}'`))[0];
    const [own, theirs] = [await unit('46-A1'), await unit('46-A3')];
    const own_before = Number((await (async () => { const id = await intake(); await act(id, 'accept'); return print('receipt', id); })())
        .number.split('/')[0]);
    const id = await intake({ agency: '46-A3', receiving: '46-A1' });
    await act(id, 'ask_supplement');
    const asked = await draw('supplement_request', id);
    assert.deepEqual([asked.facts.org, asked.facts.agency.name, asked.facts.agency.phone ?? ''], own);
    await act(id, 'supplement_received');
    const { facts } = await draw('receipt', id);
    assert.deepEqual([facts.org, facts.agency.name], own.slice(0, 2));
    assert.equal(Number((await print('receipt', id)).number.split('/')[0]), own_before + 1, 'the next of the department');
    // What the deciding agency gives itself is its own.
    const decides = `select id from postal.unit where code = '46-A3'`;
    await db.query(`select dossier.record('${id}', 'start', now(), 1, (${decides}), '{"from": 2, "to": 4}'),
        dossier.record('${id}', 'stop', now(), 1, (${decides}), '{"from": 4, "to": 8}', p_remark => 'lý do')`);
    const stopped = await draw('stopping', id, { login: 'admin' });
    assert.deepEqual([stopped.facts.org, stopped.facts.agency.name], theirs.slice(0, 2));
    assert.match((await print('stopping', id, { login: 'admin' })).number, /^1\//);
});

test('what was made under a version is printed in it for ever', async () => {
    const old = await intake(), id = await intake();
    await act(old, 'accept');
    await act(id, 'accept');
    await db.query(`insert into paper.form (kind, version, valid_from, template)
        select 'receipt', '2027', base.vn_date(created_at) + 1, 'form-receipt-2027' from dossier.dossier where id = '${id}'`);
    assert.equal((await draw('receipt', id)).template, 'form-receipt');
    await db.query(`update dossier.dossier set created_at = created_at + interval '1 day' where id = '${id}'`);
    assert.deepEqual([(await draw('receipt', id)).template, (await draw('receipt', id)).facts.form], ['form-receipt-2027', 'Mẫu 2027']);
    assert.deepEqual([(await print('receipt', id)).version, (await print('receipt', old)).version], ['2027', '2025']);
    await db.query(`delete from paper.form where version = '2027'`, 'dossierpost_owner');
});

test('a receipt says what was taken, whatever becomes of the charges and of who took it', async () => {
    const clerk = who('clerk'), code = (id) => db.value(`select code from dossier.dossier where id = '${id}'`);
    const receipts = async (id) => Promise.all((await db.query(`select (p ->> 'n') from jsonb_array_elements(
        paper.listed_for('${id}', ${clerk}) -> 'items') p where p ->> 'name' = 'fee_receipt'`))
        .map(([n]) => draw('fee_receipt', id, { login: 'clerk', args: n ? { n: Number(n) } : {} })));
    const [id, other] = [await intake({ paid: true, documents: [{ name: 'Đơn', originals: 1, copies: 2 }] }), await intake({ paid: true })];
    const number = (await print('fee_receipt', id, { login: 'clerk' })).number;
    const [first] = await receipts(id), [others] = await receipts(other);
    const taken = await db.json(`select to_jsonb(sum(amount)) from money.charge where dossier = '${id}'`);
    assert.deepEqual(first.facts.total, { money: taken });
    assert.equal(first.facts.rows.reduce((sum, row) => sum + row.amount.money, 0), taken);
    assert.equal(first.facts.number, `Số: ${number}`);

    // A part goes its own way, the rest becomes dearer, another comes in, and the clerk goes elsewhere.
    const part = await db.value(`select base.uuid_v7()`);
    await db.query(`select dossier.split(${clerk}, '${await code(id)}', '${JSON.stringify({ id: part, weight_g: 20,
        documents: [{ name: 'Đơn', originals: 0, copies: 1 }] })}', '\\x11', '\\x12', '\\x13', '\\x14', null, 'd')`);
    await db.query(`select dossier.correct(${clerk}, '${id}', '{"applicant_kind": "citizen", "from_commune": "19789",
        "result_to_kind": "address", "result_commune": "19777", "weight_g": 400, "corrected": []}', '\\x21', '\\x22', '\\x23', '\\x24', null)`);
    await db.query(`select dossier.group(${clerk}, '${await code(id)}', '${await code(other)}', null, null)`);
    assert.deepEqual(await receipts(id), [first]);
    assert.deepEqual(await receipts(part), [], 'nothing was taken for it by itself');
    const [kept] = await receipts(other);
    assert.deepEqual([kept.facts.total, kept.facts.rows], [others.facts.total, others.facts.rows]);

    // What became dearer is taken too: a receipt of its own; what is open is taken once.
    const open = await db.json(`select to_jsonb(sum(amount)) from money.charge where dossier = '${id}' and paid_at is null
        and cancelled_at is null`);
    const pay = `select money.pay('${id}', (select id from account.account where login = 'clerk'), (select unit_id
        from account.account where login = 'clerk'), null)`;
    assert.equal(Number(await db.value(pay)), open);
    assert.equal(await db.value(pay), '0');
    const both = await receipts(id);
    assert.deepEqual([both.length, both[0].facts.rows, both[1].facts.total], [2, first.facts.rows, { money: open }]);
    assert.ok((await print('fee_receipt', id, { login: 'clerk', args: { n: 2 } })).number);
    await db.query("update account.account set unit_id = (select id from postal.unit where code = '46-B2') where login = 'clerk'");
    assert.equal((await draw('fee_receipt', id, { login: 'supervisor', args: { n: 1 } })).facts.org, first.facts.org);
    await db.query("update account.account set unit_id = (select id from postal.unit where code = '46-B1') where login = 'clerk'");
    for (const change of ["update money.payment set lines = '[1]'", 'delete from money.payment'])
        await assert.rejects(db.query(change), /permission denied/);
});

test('two who take what is open take it once', async () => {
    const id = await intake(), pay = `select money.pay('${id}', 1, 1, null)`, [a, b] = [db.session(), db.session()];
    await a.query('begin');
    const [[first]] = await a.query(pay), waiting = b.query(pay);
    await blocked();
    await a.query('commit');
    assert.ok(Number(first) > 0);
    assert.deepEqual([await waiting, await db.value(`select count(*) from money.payment where dossier = '${id}'`)], [[['0']], '1']);
    await Promise.all([a.end(), b.end()]);
});

test('each sees the papers that are theirs', async () => {
    const id = await intake();
    await act(id, 'accept');
    for (const login of ['officer2', 'clerk2', 'courier2', 'applicant']) {
        await refused(drawing('receipt', id, { login }), 'not-found');
        await refused(printing('receipt', id, { login }), 'not-found');
    }
    for (const login of ['clerk', 'officer', 'supervisor', 'admin'])
        assert.equal((await draw('receipt', id, { login })).template, 'form-receipt', login);
    const own = await db.value(`select dossier.intake(${who('applicant')}, jsonb_build_object('id', base.uuid_v7(),
        'procedure', '1.004873', 'agency', '46-A1', 'service', 'both', 'applicant_kind', 'citizen', 'from_commune', '19789',
        'weight_g', 80, 'result_to_kind', 'address', 'result_commune', '19777', 'office', '46-B1', 'documents',
        '[{"name": "Giấy tờ chứng minh nơi cư trú", "originals": 0, "copies": 1}]'::jsonb),
        '\\x01', '\\x02', '\\x03', '\\x04', 'digest') ->> 'id'`);
    await act(own, 'accept');
    assert.deepEqual(await names(own, 'applicant'), ['receipt', 'authorisation']);
    await refused(drawing('control_sheet', own, { login: 'applicant' }), 'forbidden');
    await refused(printing('register', '46-A1', { dossier: false, login: 'applicant',
        args: { from: '2026-01-01', to: '2026-01-02' } }), 'forbidden');
    const days = { from: '2026-01-01', to: '2026-01-31' };
    await refused(drawing('register', '46-A1', { dossier: false, login: 'officer2', args: days }), 'not-found');
    for (const [args, pointer] of [[{}, '/from'], [{ from: '2026-01-01' }, '/to'], [{ from: '2026-02-30', to: '2026-03-01' }, '/from'],
        [{ from: '1/1/2026', to: '2026-01-01' }, '/from'], [{ from: '2026-01-02', to: '2026-01-01' }, '/to'],
        [{ from: '2026-01-01', to: '2026-12-31' }, '/to']])
        await assert.rejects(db.query(drawing('register', '46-A1', { dossier: false, args })),
            (e) => e.stderr.includes('invalid-fields') && e.stderr.includes(pointer), JSON.stringify(args));
});

test('personal data stays sealed, its reading is recorded, and no identity number is asked for', async () => {
    const id = await intake();
    await act(id, 'accept');
    const reads = () => db.value(`select count(*) from dossier.access where dossier = '${id}' and what like 'paper.%'`);
    const document = await draw('receipt', id);
    assert.deepEqual(document.people, [{ sealed: '01', key: '02' }]);
    assert.equal(document.facts.who.name.personal, 'applicant.name');
    assert.doesNotMatch(JSON.stringify(document.facts), /id_number/);
    assert.deepEqual(document.dossiers, [id], 'whose reading the program records before it shows anything');
    const read = (one, name, login = 'officer') => db.query(`select paper.read('${JSON.stringify(one.dossiers)}', '${name}',
        (select id from account.account where login = '${login}'), 1)`);
    assert.equal(await reads(), '0');
    await read(document, 'receipt');
    await print('receipt', id);
    assert.equal(await reads(), '1', 'a print tells nothing');
    const register = await draw('register', '46-A1', { dossier: false,
        args: await db.json(`select jsonb_build_object('from', base.vn_date(now()), 'to', base.vn_date(now()) + 1)`) });
    assert.equal(register.people.length, register.facts.rows.length);
    assert.ok(register.facts.rows.length > 10);
    assert.ok(register.dossiers.includes(id));
    await read(register, 'register');
    assert.equal(await reads(), '2', 'a register reads everybody on it');
});

test('drawing is a look-up: every paper of a dossier comes from a read-only transaction', async () => {
    const id = await intake({ paid: true });
    for (const [action, more] of [['accept'], ['start'], ['ask_supplement'], ['supplement_received'], ['stop']]) await act(id, action, more);
    const session = db.session();
    await session.query('begin read only');
    for (const name of new Set(await names(id))) assert.match((await session.query(drawing(name, id)))[0][0], /"template"/, name);
    await session.query('rollback');
    await session.end();
});

// Bare dossiers, received one each minute of these days of 2025, and where each ended.
const bare = (count, agency, office) => db.query(`insert into dossier.dossier (id, code, procedure, procedure_version, agency, office,
        service, applicant_kind, from_commune, result_to_kind, weight_g, created_at, created_by, status, filed_at, accepted_at, due_at,
        ended_at, version)
    select base.uuid_v7(), 'p-${agency}-' || i, '1.004873', 1, a.id, o.id, 'send', 'citizen', '19789', 'online', 80, at, 1,
           case when i % 3 = 0 then 9 else 4 end, at, at, at + interval '1 day', case when i % 3 = 0 then at + i % 2 * interval '2 days' end, 3
    from generate_series(1, ${count}) i, postal.unit a, postal.unit o,
         lateral (select timestamptz '2025-03-03 08:00+07' + i / 2 * interval '1 minute' as at) x
    where a.code = '${agency}' and o.code = '${office}'`);

test('a register is read page by page, each dossier once, with one sum of all', async () => {
    await bare(251, '46-A7', '46-B9');
    const days = { from: '2025-03-01', to: '2025-04-01' };
    for (const [unit, login] of [['46-A7', 'admin'], ['46-B9', 'admin']]) {
        const pages = [];
        for (let next; next !== null; next = pages.at(-1).next ?? null)
            pages.push(await draw('register', unit, { dossier: false, login, args: { ...days, ...(next && { next }) } }));
        assert.deepEqual(pages.map((page) => page.facts.rows.length), [100, 100, 51]);
        pages.forEach((page) => assert.equal(page.people.length, page.facts.rows.length));
        const rows = pages.flatMap((page) => page.facts.rows);
        assert.deepEqual(rows.map((row) => row.no), Array.from({ length: 251 }, (_, i) => i + 1));
        assert.deepEqual(rows.map((row) => row.code), (await db.query(`select code from dossier.dossier
            where code like 'p-46-A7-%' order by filed_at, id`)).flat());
        rows.forEach((row, i) => assert.equal(row.who.name.of, i, 'its own place among the people'));
        assert.deepEqual(pages.map((page) => page.facts.sums), [undefined, undefined,
            'Cộng: 251 hồ sơ; 83 đã giải quyết, 168 đang giải quyết, ' + (await db.value(`select count(*) from dossier.dossier d
                where code like 'p-46-A7-%' and dossier.timing(d) = 'late'`)) + ' quá hạn.']);
        assert.equal(pages[0].facts.none, undefined);
    }
    await refused(drawing('register', '46-A7', { dossier: false, login: 'admin', args: { ...days, next: 'x or true' } }), 'invalid-fields');
    // As many as it holds, and one more.
    await bare(5001, '46-A8', '46-B9');
    const whole = drawing('register', '46-A8', { dossier: false, login: 'admin', args: days });
    await refused(whole, 'invalid-fields');
    await db.query("delete from dossier.dossier where code = 'p-46-A8-1'", 'dossierpost_owner');
    assert.equal((await db.json(whole)).facts.rows.length, 100);
});

// The other way round, by a reader that shares nothing with what writes.
function heard(words) {
    const small = { không: 0, một: 1, mốt: 1, hai: 2, ba: 3, bốn: 4, năm: 5, lăm: 5, sáu: 6, bảy: 7, tám: 8, chín: 9 };
    let total = 0n, part = 0, digit = null;
    for (const word of words.replace('nghìn tỷ', 'nghìn-tỷ').split(' ')) {
        const scale = { nghìn: 1000n, triệu: 1000000n, tỷ: 1000000000n, 'nghìn-tỷ': 1000000000000n }[word];
        if (word in small) { part += digit ?? 0; digit = small[word]; }
        else if (word === 'mười') { part += (digit ?? 0) + 10; digit = 0; }
        else if (word === 'mươi') { part += digit * 10; digit = 0; }
        else if (word === 'trăm') { part += digit * 100; digit = 0; }
        else if (scale) { total += BigInt(part + (digit ?? 0)) * scale; part = 0; digit = 0; }
        else assert.equal(word, 'linh');
    }
    return total + BigInt(part + (digit ?? 0));
}

test('an amount in words is the amount', async () => {
    const worked = { 0: 'không', 5: 'năm', 10: 'mười', 11: 'mười một', 15: 'mười lăm', 21: 'hai mươi mốt', 25: 'hai mươi lăm',
        100: 'một trăm', 105: 'một trăm linh năm', 26000: 'hai mươi sáu nghìn', 30500: 'ba mươi nghìn năm trăm',
        1000005: 'một triệu không trăm linh năm', 2000000000: 'hai tỷ', 1001000: 'một triệu không trăm linh một nghìn' };
    for (const [number, words] of Object.entries(worked))
        assert.equal(await db.value(`select paper.spoken(${number})`), words);
    const rows = await db.query(`select n, paper.spoken(n) from (select floor(random() * 10 ^ (random() * 14.9))::bigint as n
        from generate_series(1, 3000) union all select generate_series(0, 1200)) x`);
    for (const [number, words] of rows) assert.equal(heard(words), BigInt(number), words);
    assert.equal(await db.value('select paper.spoken(-1)'), null);
});
