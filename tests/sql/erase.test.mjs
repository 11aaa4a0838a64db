// What staff wrote in their own words stands in no event, and its erasure leaves every chain valid.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { people, record, uuid7 } from './scans.mjs';
import { test_database } from './cluster.mjs';

const REASON = 'Bà Nguyễn Thị Ẩn chưa nộp bản sao', FINDING = 'ông Trần Văn Kín nói là rách',
    DECISION = 'đã gọi chị Lê Thị Giấu', REPRINT = 'anh Phạm Văn Khuất làm mất bản trước',
    WORDS = [REASON, FINDING, DECISION, REPRINT];
let db, all, dossier, number;

before(async () => {
    db = await test_database();
    all = await people(db);
});
after(() => db.end());

const asker = (login) => `${all[login].id}, ${all[login].unit}`;

// (what is under way in other databases of the cluster holds the sequencer back a while)
async function sequenced() {
    do await db.query('select given from custody.sequence()');
    while (await db.value(`select 1 where (select count(*) from custody.event)
        > (select count(*) from custody.log)`));
    return db.value('select position from custody.log_head');
}

// Every event stands in the log, and gives the hash that stands there behind the one before.
async function chain_holds() {
    await sequenced();
    assert.deepEqual(await db.query(`
        select e.subject, e.id from custody.event e
        left join (select *, coalesce(lag(hash) over (partition by subject order by position),
                                      decode(repeat('00', 32), 'hex')) as before
                   from custody.log) l on l.subject = e.subject and l.event_id = e.id
        where l.prev is distinct from l.before
           or l.hash is distinct from sha256(l.prev || coalesce(l.joined, '') || custody.event_bytes(e))`), []);
}

// The tables in which any of these words stand.
async function found(words) {
    const tables = await db.query(`select format('%I.%I', schemaname, tablename) from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema')`, 'dossierpost_owner');
    const hit = [];
    for (const [table] of tables)
        if (Number(await db.value(`select count(*) from ${table} t where t::text like any
            (array[${words.map((word) => `'%${word}%'`)}])`, 'dossierpost_owner'))) hit.push(table);
    return hit.sort();
}

test('a reason, a finding\'s note and a decision\'s note are remarks of their events', async () => {
    const view = await db.json(`select dossier.intake(${asker('clerk')}, 2, jsonb_build_object(
        'id', base.uuid_v7(), 'procedure', '1.004873', 'agency', '46-A1', 'service', 'both',
        'applicant_kind', 'citizen', 'from_commune', '19789', 'weight_g', 80,
        'documents', '[{"name": "Đơn", "originals": 1, "copies": 0}]'::jsonb,
        'result_to_kind', 'address', 'result_commune', '19777'),
        '\\x01', '\\x02', '\\x03', '\\x04', 'digest')`);
    [dossier, number] = [view.id, view.shipments[0].number];
    const at = Date.now() - 5000;
    await record(db, all, [{ id: uuid7(at), subject: number, kind: 'accept', who: 'clerk',
        at: new Date(at).toISOString() }]);
    const list = await db.json(`select custody.handover_create(${asker('clerk')}, base.uuid_v7(),
        '46-A1', array['${number}'], '\\x01')`);
    const items = JSON.stringify([{ number, finding: 'damaged', note: FINDING }]);
    await db.query(`select custody.handover_sign(${asker('officer')}, '${list.id}', '${items}', false,
        p_key => 'sign', p_digest => '\\x01')`);
    const { items: odd } = await db.json(`select custody.exceptions(${all.clerk.unit}, false, true, 0)`);
    const damaged = odd.find((one) => one.code === 'handover_damaged');
    assert.equal(damaged.remark, FINDING);
    await db.query(`select custody.exception_resolve(${asker('clerk')}, false, ${damaged.id}, 'accept',
        '${DECISION}', 'resolve', '\\x01')`);
    await db.query(`select dossier.act(${asker('officer')}, 16, '${view.code}', 'ask_supplement',
        '{"reason": "${REASON}"}')`);
    const told = await db.json(`select dossier.events('${view.code}', ${asker('officer')}, 16)`);
    assert.equal(told.items.find((one) => one.kind === 'dossier.ask_supplement').reason, REASON);

    assert.ok(!(await found(WORDS)).some((table) => /custody\.(event|log)/.test(table)));
    assert.equal(await db.value(`select count(*) from custody.remark r join custody.event e
        on e.subject = r.subject and e.id = r.event
        where e.mac = base.hmac_sha256(r.salt, convert_to(r.text, 'UTF8'))`), '3');
    await chain_holds();
});

test('why papers and labels were printed again stands beside the prints', async () => {
    const odd = await db.value(`select id from custody.exception where subject = '${number}' order by id limit 1`);
    for (const reason of ['null', `'${REPRINT}'`]) {
        await db.query(`select paper.print(true, 'authorisation', '${dossier}', '{}', ${reason}, ${asker('clerk')}, 2, null, null)`);
        await db.query(`select paper.print(false, 'irregularity', '${odd}', '{}', ${reason}, ${asker('clerk')}, 2, null, null)`);
        await db.query(`select label.print(array['${number}'], ${asker('clerk')}, 2, 'shipment', ${reason}, null, null)`);
    }
    for (const table of ['paper.print', 'label.print'])
        await assert.rejects(db.query(`update ${table} set reason = 'x'`), /permission denied/);
    assert.deepEqual((await found([REPRINT])), ['label.print', 'paper.print']);
});

test('a condition that was chosen for a fee is in no event', async () => {
    const word = 'người khuyết tật nặng';
    await db.query(`update procedure.procedure set body = jsonb_set(body, '{fees}', body -> 'fees' ||
        '[{"name": "Lệ phí", "amount": 1000, "when": "${word}"}, {"name": "Lệ phí", "amount": 2000, "when": "khác"}]')
        where code = '1.004873'`, 'dossierpost_owner');
    const intake = (fees) => db.json(`select dossier.intake(${asker('clerk')}, 2, jsonb_build_object(
        'id', base.uuid_v7(), 'procedure', '1.004873', 'agency', '46-A1', 'service', 'send', 'applicant_kind', 'citizen',
        'from_commune', '19789', 'weight_g', 80, 'documents', '[{"name": "Đơn", "originals": 1, "copies": 0}]'::jsonb,
        'result_to_kind', 'agency') || '${JSON.stringify(fees)}', '\\x01', '\\x02', '\\x03', '\\x04', 'digest')`);
    const told = async (fees) => {
        const view = await intake(fees);
        return [view.charges.find((line) => line.ledger === 'agency_fee').amount, await db.json(`select coalesce(data -> 'fees', 'null')
            from custody.event where subject = '${view.id}' and kind = 'dossier.register'`)];
    };
    const base_fees = Number(await db.value("select jsonb_array_length(body -> 'fees') - 2 from procedure.in_effect where code = '1.004873'"));
    assert.deepEqual(await told({ fees: { when: [word], copies: 2 } }), [1000, { lines: [base_fees + 1], copies: 2 }]);
    assert.equal((await told({}))[1], null);
    assert.ok(!(await found([word])).some((table) => /custody\.(event|log)/.test(table)));
});

test('erasing leaves no word, and every chain valid', async () => {
    const macs = () => db.query(`select e.id, e.mac from custody.event e
        join custody.remark r on r.subject = e.subject and r.event = e.id order by e.id`);
    const [before, last] = [await macs(), await sequenced()];
    assert.equal(await db.value(`select dossier.erase('${dossier}')`), 't');
    assert.deepEqual(await found(WORDS), []);
    assert.deepEqual(await db.query(`select kind, copies, (select count(*) from paper.print p where p.subject = i.subject
        and p.kind = i.kind) from paper.issued i order by 1`), [['authorisation', '2', '2'], ['irregularity', '2', '2']]);
    assert.equal(await db.value(`select count(*) from label.print where number = '${number}'`), '2');
    assert.equal(await db.value('select count(*) from custody.remark where salt is not null'), '0');
    assert.deepEqual(await macs(), before);
    await chain_holds();
    assert.equal(Number(await sequenced()), Number(last) + 1, 'the erasure itself is an event');
    assert.deepEqual(await db.query('select * from custody.rebuild()'), []);
});
