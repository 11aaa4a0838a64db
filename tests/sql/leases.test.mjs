// Leased numbers: never shared with whoever asks at the same time, never given twice, and what an
// intake or a scan with one of them makes of its lease.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { test_database } from './cluster.mjs';
import { container, people, record, uuid7 } from './scans.mjs';

const problem = (slug) => (error) => String(error.stderr ?? error.message).includes(slug);
const serial = (number) => Number(number.slice(2, 10));

// Until that many sessions of this database wait for a lock.
async function blocked(db, count = 1) {
    const look = `select count(*) from pg_stat_activity where datname = current_database()
        and wait_event_type = 'Lock'`;
    for (let i = 0; i < 200; i++)
        if (Number(await db.value(look, 'postgres')) >= count) return;
    throw new Error('nobody waits for a lock');
}

const as = (login, what) => `select ${what} from account.account a where a.login = '${login}'`;
const ask = (body, { login = 'clerk', key = 'base.uuid_v7()', digest = '01' } = {}) =>
    as(login, `postal.lease_make(a.id, a.unit_id, a.roles, 0, ${key}, '\\x${digest}',
        '${JSON.stringify({ kind: 'counter', ...body })}')`);
const single = `select postal.allocate_number(postal.unit_by_code('46-B1'), 'RR')`;
const lease = async (session, body, more) => JSON.parse((await session.query(ask(body, more)))[0][0]);
const revoke = (id) => as('supervisor', `postal.lease_revoke(a.id, a.unit_id, a.roles, '${id}',
    'mất cuộn nhãn', null, null)`);
const close = (id, login = 'clerk') => as(login, `postal.lease_close(a.id, a.unit_id, a.roles, '${id}',
    false, null, null, null)`);
const expire = (db, id) => db.query(`update postal.lease set leased_at = now() - interval '9 days',
    expires_at = now() - interval '1 day' where key = '${id}'`, 'dossierpost_owner');
const view = async (db, id, login = 'clerk') => db.json(as(login,
    `postal.lease_get(a.unit_id, a.roles, '${id}')`));
const intake = (number, { at, id = 'base.uuid_v7()', login = 'clerk' } = {}) => as(login,
    `dossier.intake(a.id, a.unit_id, a.roles, jsonb_strip_nulls(jsonb_build_object('id', ${id},
        'procedure', '1.004873', 'agency', '46-A1', 'service', 'both', 'applicant_kind', 'citizen',
        'from_commune', '19777', 'weight_g', 80, 'documents',
        '[{"name": "Đơn", "originals": 1, "copies": 0}]'::jsonb, 'result_to_kind', 'address',
        'result_commune', '19777', 'number', '${number}', 'at', (${at ?? 'null'})::timestamptz)),
        '\\x01', '\\x02', '\\x03', '\\x04', 'same') ->> 'code'`);
const odd = async (db, number) => (await db.query(`select code from custody.exception
    where subject = '${number}' order by id`)).flat();

test('a lease and a single number at once share none; a rollback gives the lease back', async () => {
    const db = await test_database();
    const [a, b] = [db.session(), db.session()];
    for (const end of ['commit', 'rollback']) {
        await a.query('begin');
        const { numbers } = await lease(a, { count: 10 });
        const waiting = b.query(single);
        await blocked(db);
        await a.query(end);
        const [[next]] = await waiting;
        assert.equal(serial(next), serial(numbers[0]) + (end === 'commit' ? 10 : 0));
    }
    await db.end();
});

test('eight sessions lease and draw at once: no number is given twice, none is lost', async () => {
    const db = await test_database();
    const given = (await Promise.all(Array.from({ length: 8 }, async () => {
        const session = db.session(), mine = [];
        for (let i = 0; i < 12; i++) {
            if (i % 3) mine.push((await session.query(single))[0][0]);
            else mine.push(...(await lease(session, { count: 1 + 7 * (i % 4) })).numbers);
        }
        return mine;
    }))).flat();
    assert.equal(new Set(given).size, given.length);
    assert.equal(Number(await db.value(`select next - first from postal.s10_block where indicator = 'RR'
        and unit_id = postal.unit_by_code('46-B1')`)), given.length);
    assert.equal(await db.value(`select bool_and(postal.s10_valid(n))
        from unnest('{${given.join(',')}}'::text[]) n`), 't');
    await db.end();
});

test('in whatever order numbers are drawn, leased, given back and revoked, each comes once', async () => {
    const db = await test_database();
    const session = db.session();
    for (let seed = 1; seed <= 12; seed++) {
        let state = seed;
        const random = (below) => (state = state * 48271 % 2147483647) % below;
        const given = [], leases = [];
        for (let step = 0; step < 25; step++) {
            const what = random(6), one = leases[random(leases.length || 1)];
            if (what < 2) given.push((await session.query(single))[0][0]);
            else if (what < 4) {
                leases.push(await lease(session, { count: 1 + random(20), days: 1 + random(30) }));
                given.push(...leases.at(-1).numbers);
            } else if (one) {
                await session.query(what === 4 ? close(one.id) : revoke(one.id)).catch((error) =>
                    assert.match(error.message, /conflict/));
            }
        }
        assert.equal(new Set(given).size, given.length, `seed ${seed}`);
        const sorted = given.map(serial).sort((x, y) => x - y);
        assert.equal(sorted.at(-1) - sorted[0] + 1, given.length, `seed ${seed}: none is lost`);
        for (const { id } of leases) await session.query(close(id)).catch(() => {});
    }
    await db.end();
});

test('a lease is of one block; what is too short for it serves single numbers', async () => {
    const db = await test_database();
    await db.query(`insert into postal.s10_block (unit_id, indicator, first, last, next)
        select postal.unit_by_code('46-B1'), 'LL', f, l, f from (values (10, 14), (20, 29)) b (f, l)`);
    const more = (count) => lease(session, { count, indicator: 'LL' });
    const session = db.session();
    assert.deepEqual((await more(8)).numbers.map(serial), [20, 21, 22, 23, 24, 25, 26, 27]);
    assert.match((await session.query(single.replace('RR', 'LL')))[0][0], /^LL00000010/);
    await assert.rejects(more(5), problem('numbers-exhausted'));
    assert.deepEqual((await more(4)).numbers.map(serial), [11, 12, 13, 14]);
    assert.deepEqual((await more(2)).numbers.map(serial), [28, 29]);
    await assert.rejects(more(1), problem('numbers-exhausted'));
    await db.end();
});

test('a unit has so many open leases of a kind; the one too many takes nothing', async () => {
    const db = await test_database();
    await db.query(`update postal.lease_kind set open_most = 2 where kind = 'counter'`,
        'dossierpost_owner');
    const first = await lease(db, { count: 3 }), second = await lease(db, { count: 3 });
    await assert.rejects(lease(db, { count: 3 }), problem('conflict'));
    await lease(db, { kind: 'roll', unit: '46-B1', count: 3 }, { login: 'supervisor' });
    await db.query(close(first.id));
    const third = await lease(db, { count: 3 });
    await assert.rejects(lease(db, { count: 3 }), problem('conflict'));
    await expire(db, second.id);
    const fourth = await lease(db, { count: 3 });
    assert.deepEqual([third, fourth].map((l) => serial(l.numbers[0]) - serial(first.numbers[0])), [9, 12]);
});

test('the same id is the same lease, from two sessions at once too; other content is refused', async () => {
    const db = await test_database();
    const [a, b] = [db.session(), db.session()];
    const key = `'${await db.value('select base.uuid_v7()')}'`;
    await a.query('begin');
    const first = await lease(a, { count: 4 }, { key });
    const again = lease(b, { count: 4 }, { key });
    await blocked(db);
    await a.query('commit');
    assert.deepEqual(await again, first);
    await assert.rejects(lease(b, { count: 4 }, { key, digest: '02' }), problem('id-reused'));
    await db.end();
});

test('leases never overlap, and the service neither deletes one nor changes their rules', async () => {
    const db = await test_database();
    const { numbers: [number] } = await lease(db, { count: 10 });
    await assert.rejects(db.query(`insert into postal.lease (key, digest, kind, unit_id, indicator,
        first, last, leased_by, expires_at) select base.uuid_v7(), '\\x', kind, unit_id, indicator,
        ${serial(number)} + 9, ${serial(number)} + 20, leased_by, expires_at from postal.lease`),
    problem('lease_int8range_excl'));
    for (const sql of ['delete from postal.lease', 'update postal.lease_kind set most = 9999',
        'update postal.lease_state set oddity = null'])
        await assert.rejects(db.query(sql), problem('permission denied'));
});

test('two intakes of one number at once: one has it, the other is told', async () => {
    const db = await test_database();
    const { numbers: [number] } = await lease(db, { count: 2 });
    const [a, b] = [db.session(), db.session()];
    await a.query('begin');
    const [[code]] = await a.query(intake(number));
    const late = assert.rejects(b.query(intake(number)), problem('number-used'));
    await blocked(db);
    await a.query('commit');
    await late;
    assert.deepEqual(await db.query(`select d.code from custody.shipment s
        join dossier.dossier d on d.id = s.dossier where s.number = '${number}'`), [[code]]);
    assert.equal(await db.value('select count(*) from dossier.dossier'), '1');
    await db.end();
});

test('an intake of a number that was scanned into a bag waits for the bag first', async () => {
    const db = await test_database(), everybody = await people(db);
    const { numbers: [number] } = await lease(db, { count: 1 }), id = await container(db, '46-B1', '46-H1');
    const [a, b] = [db.session(), db.session()];
    const scan = (subject, kind, more) => record(b, everybody, [{ id: uuid7(Date.now()), kind, who: 'clerk', subject,
        at: new Date(Date.now() - 1000).toISOString(), ...more }]);
    await scan(number, 'bag', { container: id });
    await b.query('begin');
    await scan(id, 'damage');
    const taken = a.query(intake(number));
    await blocked(db);
    await scan(number, 'accept');
    await b.query('commit');
    await taken;
    assert.deepEqual(await db.query('select * from custody.rebuild()'), []);
    await db.end();
});

test('a revocation and an intake at once: whichever commits first counts', async () => {
    const db = await test_database();
    const [a, b] = [db.session(), db.session()];
    const [first, second] = [await lease(db, { count: 1 }), await lease(db, { count: 1 })];
    await a.query('begin');
    await a.query(intake(first.numbers[0]));
    const revoked = b.query(revoke(first.id));
    await blocked(db);
    await a.query('commit');
    await revoked;
    assert.deepEqual([(await view(db, first.id)).state, (await view(db, first.id)).used], ['revoked', 1]);

    await b.query('begin');
    await b.query(revoke(second.id));
    const late = assert.rejects(a.query(intake(second.numbers[0])), problem('number-revoked'));
    await blocked(db);
    await b.query('commit');
    await late;

    const third = await lease(db, { count: 1 });
    await a.query('begin');
    await a.query('select now()'); // began before
    await b.query(revoke(third.id));
    await assert.rejects(a.query(intake(third.numbers[0])), problem('number-revoked'));
    await a.query('rollback');
    assert.equal(await db.value('select count(*) from dossier.dossier'), '1');
    await db.end();
});

test('what an intake makes of its number, by what is known of when it was', async () => {
    const db = await test_database();
    const ago = (interval) => `now() - interval '${interval}'`;
    const codes = async (change, at, count = 1) => {
        const made = await lease(db, { count });
        await change(made.id);
        await db.query(intake(made.numbers[0], { at }));
        return odd(db, made.numbers[0]);
    };
    const expired = (id) => expire(db, id);
    const revoked = async (id) => {
        await expire(db, id);
        await db.query(revoke(id));
    };
    assert.deepEqual(await codes(() => {}), []);
    assert.deepEqual(await codes(() => {}, 'now() + interval \'30 days\''), []);
    assert.deepEqual(await codes(expired), ['lease_expired']);
    assert.deepEqual(await codes(expired, ago('1 hour')), ['lease_expired']);
    assert.deepEqual(await codes(expired, ago('2 days')), []);
    assert.deepEqual(await codes((id) => db.query(close(id)), ago('1 hour')), ['lease_closed']);
    assert.deepEqual(await codes(revoked, ago('2 days')), ['lease_revoked']);
    await assert.rejects(codes(revoked), problem('number-revoked'));
    await assert.rejects(codes(revoked, 'now() + interval \'1 hour\''), problem('number-revoked'));
    await assert.rejects(db.query(intake(await db.value(single))), problem('number-not-leased'));
    const { numbers: [number] } = await lease(db, { count: 1 });
    await assert.rejects(db.query(intake(number, { login: 'clerk2' })), problem('number-not-leased'));
    await assert.rejects(db.query(intake(number.replace('VN', 'FR'))), problem('number-not-leased'));
    assert.deepEqual(await db.query('select * from custody.rebuild()'), []);
});

test('a scan of a number that no shipment has says whether its lease was revoked', async () => {
    const db = await test_database();
    const everybody = await people(db);
    const kept = await lease(db, { count: 2 }), gone = await lease(db, { count: 3 });
    await db.query(intake(gone.numbers[1]));
    await db.query(revoke(gone.id));
    const foreign = gone.numbers[2].replace('VN', 'FR');
    const bag = 'VN46A1AVN46B1ACUN60001001010000'.slice(0, 29);
    const time = Date.now();
    const subjects = [kept.numbers[0], gone.numbers[0], gone.numbers[1], foreign, bag];
    const replies = await record(db, everybody, subjects.map((subject) => ({
        id: uuid7(time), subject, kind: subject === bag ? 'arrive' : 'accept',
        at: new Date(time).toISOString(), who: 'clerk' })));
    assert.deepEqual(replies.map((r) => r.warnings), [['unknown_shipment'], ['revoked_number'], [],
        ['unknown_shipment'], ['unknown_bag']]);
    assert.deepEqual(await odd(db, gone.numbers[0]), ['revoked_number']);
    assert.match(await db.value(`select (custody.likely_cause(x)).vi from custody.exception x
        where x.subject = '${gone.numbers[0]}'`), /đã bị thu hồi/);
    const report = await db.json(as('clerk', `postal.lease_report(a.unit_id, a.roles, '${gone.id}', null,
        '', 10)`));
    assert.deepEqual(report.items.map((n) => [n.number, n.state]),
        gone.numbers.map((n, i) => [n, ['scanned', 'used', 'unused'][i]]));
    const { used, scanned, unused, unused_numbers } = await view(db, gone.id);
    assert.deepEqual([used, scanned, unused, unused_numbers], [1, 1, 1, [gone.numbers[2]]]);

    // The papers come after all: they were taken in before.
    await db.query(intake(gone.numbers[0], { at: `(select leased_at from postal.lease
        where key = '${gone.id}')` }));
    assert.equal(await db.value(`select state from custody.shipment where number = '${gone.numbers[0]}'`),
        'accepted');
    assert.deepEqual(await odd(db, gone.numbers[0]), ['revoked_number', 'lease_revoked']);
    assert.deepEqual(await db.query('select * from custody.rebuild()'), []);
});
