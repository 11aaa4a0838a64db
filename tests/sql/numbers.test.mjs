// S10 numbers are never given twice, whoever asks at the same time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { test_database } from './cluster.mjs';

const problem = (slug) => (error) => String(error.stderr ?? error.message).includes(slug);

// Until another session of this database waits for a lock.
async function blocked(db) {
    const look = `select count(*) from pg_stat_activity where datname = current_database()
        and wait_event_type = 'Lock'`;
    for (let i = 0; i < 200; i++)
        if (await db.value(look, 'postgres') !== '0') return;
    throw new Error('nobody waits for a lock');
}

test('the check digit agrees with the published number and refuses reserved letters', async () => {
    const db = await test_database();
    const answers = await db.query(`select n, postal.s10_valid(n) from unnest('{EE471108151FR,
        EE471108152FR,JE471108151FR,KE471108151FR,SE471108151FR,TE471108151FR,WE471108151FR,
        DE471108151FR,ee471108151fr,EE47110815FR}'::text[]) n`);
    assert.deepEqual(answers.filter(([, valid]) => valid === 't').map(([n]) => n),
        ['EE471108151FR']);
    // 11 - sum % 11 of 10 and 11 are written 0 and 5.
    assert.deepEqual(await db.query(`select postal.s10_check_digit(s)
        from unnest('{47110815,00000008,00000015}'::text[]) s`), [['1'], ['0'], ['5']]);
    assert.equal(await db.value(`select bool_and(postal.s10_valid('RR' || lpad(i::text, 8, '0')
        || postal.s10_check_digit(lpad(i::text, 8, '0')) || 'VN'))
        from generate_series(0, 99999999, 9999991) i`), 't');
});

test('two sessions at once get different numbers, a rollback gives its number back', async () => {
    const db = await test_database();
    const ask = `select postal.allocate_number(postal.unit_by_code('46-B1'), 'RR')`;
    const [a, b] = [db.session(), db.session()];
    await a.query('begin');
    const first = (await a.query(ask))[0][0];
    await b.query('begin');
    const waiting = b.query(ask);
    await blocked(db);
    await a.query('commit');
    const second = (await waiting)[0][0];
    assert.notEqual(first, second);
    await b.query('rollback');
    assert.equal((await a.query(ask))[0][0], second);
    await db.end();
});

test('the last number of a block goes to one of two, the other takes the next block', async () => {
    const db = await test_database();
    await db.query(`insert into postal.s10_block (unit_id, indicator, first, last, next)
        select postal.unit_by_code('46-B1'), 'LL', f, f + 1, f from unnest('{10,20}'::int[]) f`);
    const ask = `select postal.allocate_number(postal.unit_by_code('46-B1'), 'LL')`;
    const [a, b] = [db.session(), db.session()];
    await a.query(ask);
    await a.query('begin');
    await a.query(ask);
    const waiting = b.query(ask);
    await blocked(db);
    await a.query('commit');
    assert.match((await waiting)[0][0], /^LL00000020/);
    await b.query(ask);
    await assert.rejects(b.query(ask), problem('numbers-exhausted'));
    await db.end();
});

test('eight sessions draw four hundred numbers without a twin', async () => {
    const db = await test_database();
    const drawn = await Promise.all(Array.from({ length: 8 }, () => db.query(`select
        postal.allocate_number(postal.unit_by_code('46-B2'), 'RR') from generate_series(1, 50)`)));
    const numbers = drawn.flat(2);
    assert.equal(new Set(numbers).size, 400);
    assert.equal(await db.value(`select next - first from postal.s10_block where indicator = 'RR'
        and unit_id = postal.unit_by_code('46-B2')`), '400');
});

test('blocks never overlap', async () => {
    const db = await test_database();
    const add = (indicator, first, last) => db.query(`insert into postal.s10_block
        (unit_id, indicator, first, last, next)
        values (postal.unit_by_code('46-B1'), '${indicator}', ${first}, ${last}, ${first})`);
    await add('QQ', 100, 199);
    await add('QR', 100, 199);
    await add('QQ', 200, 299);
    await assert.rejects(add('QQ', 199, 210), problem('s10_block_int8range_excl'));
});
