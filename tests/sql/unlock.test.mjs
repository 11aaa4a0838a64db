// The second factor's count: locks without a deadlock, rows that go, and a number that is known costs
// what an unknown one does.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { test_database } from './cluster.mjs';

const HASH = `decode(repeat('ab', 32), 'hex')`;
let db, numbers;

before(async () => {
    db = await test_database();
    numbers = (await db.query(`select dossier.intake(c.id, c.unit_id, c.roles,
            jsonb_build_object('id', base.uuid_v7(), 'procedure', '1.004873', 'agency', '46-A1', 'service', 'both',
                'applicant_kind', 'citizen', 'from_commune', '19777', 'weight_g', 80,
                'documents', '[{"name": "Đơn", "originals": 1, "copies": 0}]'::jsonb,
                'result_to_kind', 'address', 'result_commune', '19777'),
            decode(repeat('01', 400), 'hex'), '\\x02', '\\x03', '\\x04', 'digest', ${HASH}) #>> '{shipments,0,number}'
        from account.account c, generate_series(1, 30) where c.login = 'clerk'`)).map(([number]) => number);
});
after(() => db.end());

const begin = (key, from, by = 'phone') =>
    `select retry_after, id, sealed is not null, receipt is not null from dossier.unlock_begin('${key}', '${by}', '${from}')`;

test('a known number gives what is compared, any other nothing; the program looks the same', async () => {
    const [[wait, id, sealed, receipt]] = await db.query(begin(numbers[0].toLowerCase(), '10.0.0.1'));
    assert.deepEqual([wait, sealed, receipt], ['0', 't', 't']);
    assert.match(id, /^[0-9a-f-]{36}$/);
    for (const key of ['RR999999999VN', 'x', '', id, 'y'.repeat(5000)])
        assert.deepEqual(await db.query(begin(key, '10.0.0.1')), [['0', null, 'f', 'f']], key.slice(0, 40));
});

test('twenty sessions that try the same numbers from the same addresses end without a deadlock', async () => {
    const sessions = Array.from({ length: 20 }, () => db.session());
    const tried = await Promise.all(sessions.map(async (session, i) => {
        let allowed = 0;
        for (let n = 0; n < 15; n++) {
            const [[wait]] = await session.query(begin(numbers[1 + (n + i) % 3], `10.2.0.${(n * 7 + i) % 4}`));
            allowed += wait === '0';
            if (n % 5 === 4) await session.query(`select dossier.unlock_forget()`);
        }
        return allowed;
    }));
    assert.equal(tried.reduce((a, b) => a + b), 15, 'five for each of three numbers');
});

test('a try that began before another counts as one, though its clock stands further back', async () => {
    const early = db.session();
    await early.query('begin');
    await early.query('select now()');
    for (let n = 0; n < 3; n++) await db.query(begin(numbers[9], '10.4.0.1'));
    await early.query(begin(numbers[9], '10.4.0.2'));
    await early.query('commit');
    const wrong = await db.query(`select wrong from dossier.unlock_attempt
        where subject in (select subject from dossier.unlock_subjects(dossier.find('${numbers[9]}')::text, 'phone', '10.4.0.2'))`);
    assert.deepEqual(wrong.flat().map(Number).sort(), [1, 4]);
});

test('rows that say nothing any more go, also while others count', async () => {
    await db.query(`update dossier.unlock_attempt set forget_at = now() - interval '1 minute'`);
    const holder = db.session();
    await holder.query('begin');
    await holder.query('select * from dossier.unlock_attempt limit 1 for update');
    const before_it = Number(await db.value('select count(*) from dossier.unlock_attempt'));
    await db.query(begin('z', '10.3.0.1'));
    assert.equal(Number(await db.value(`select count(*) from dossier.unlock_attempt where forget_at < now()`)), 1);
    assert.ok(before_it > 1);
    await holder.query('rollback');
});

test('the limits and the words are the owner\'s', async () => {
    for (const table of ['unlock_limit', 'result_word', 'access_word'])
        await assert.rejects(db.query(`update dossier.${table} set ${table === 'unlock_limit' ? 'free = 9' : "vi = 'x'"}`), /permission denied/);
});

// Microseconds of a try, median, the kinds in turn.
const measured = (kinds) => db.query(`
    create temp table took (kind text, us float) on commit drop;
    do $$
    declare
        kinds text[] := '{${kinds.join(',')}}';
        numbers text[] := '{${numbers.join(',')}}';
        began timestamptz;
        kind text;
    begin
        for r in 1 .. 900 loop
            if r % 20 = 1 then
                truncate dossier.unlock_attempt;
            end if;
            foreach kind in array array(select k from unnest(kinds) k order by random()) loop
                began := clock_timestamp();
                perform * from dossier.unlock_begin(case kind when 'known' then numbers[1 + r % 30]
                    when 'unknown' then 'RR9' || lpad(r::text, 8, '0') || 'VN' else 'x' || r end,
                    case when r % 2 = 0 then 'phone' else 'code' end, '10.' || r % 250 || '.0.1');
                insert into took values (kind, extract(epoch from clock_timestamp() - began) * 1e6);
            end loop;
        end loop;
    end $$;
    select kind, percentile_cont(0.5) within group (order by us) from took group by kind`, 'dossierpost_owner');

test('a try costs as much for an unknown number and for none at all as for a known one', async () => {
    let told;
    for (let attempt = 0; attempt < 4; attempt++) {
        const medians = (await measured(['known', 'unknown', 'absurd'])).map(([kind, us]) => [kind, Number(us)]);
        const all = medians.map(([, us]) => us), apart = Math.max(...all) / Math.min(...all);
        told = medians.map(([kind, us]) => `${kind} ${us.toFixed(0)} µs`).join(', ');
        if (process.env.DOSSIERPOST_FIGURES) console.error(told);
        if (apart < 1.08) return;
    }
    assert.fail(told);
});

test('only the code, a result and data that is there let a result be downloaded', async () => {
    await db.query(`insert into attachment.file (subject, ref, kind, size, received, account, whole_at, media)
        select d.id::text, encode(sha256('result'), 'hex'), 'result', 1, 1, 1, now(), 'application/pdf'
        from dossier.dossier d order by d.id limit 1`);
    const row = (status, by) => `select dossier.may_download(jsonb_populate_record(d, '{"status": ${status}}'), ${by})
        from dossier.dossier d order by d.id limit 1`;
    assert.equal(await db.value(row(9, `'code'`)), 'f', 'not sealed yet');
    await db.query(`insert into dossier.result (dossier, version, file, sha256, size, at, key_id, signature, account)
        select f.subject::uuid, 1, f.id, sha256('x'), 1, now(), 1, sha256('x') || sha256('x'), 1 from attachment.file f`);
    for (const [status, by, may] of [[9, `'code'`, 't'], [10, `'code'`, 't'], [4, `'code'`, 'f'], [8, `'code'`, 'f'],
        [9, `'phone'`, 'f'], [9, 'null', 'f'], [9, `'Code'`, 'f']])
        assert.equal(await db.value(row(status, by)), may, `${status} ${by}`);
    assert.equal(await db.value(`with gone as (update dossier.personal set sealed = null, key = null, salt = null,
        erased_at = now() returning 1) select count(*) from gone`), '30');
    assert.equal(await db.value(row(9, `'code'`)), 'f');
});
