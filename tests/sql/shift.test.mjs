// Within the shift: an intake that was a mistake is cancelled, by whom and while it may be, and its
// shipment ends with it; one with a mistake in it is corrected; whatever is refused changes nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { people, record, uuid7 } from './scans.mjs';
import { test_database } from './cluster.mjs';

const REASON = 'Nhập nhầm hồ sơ của bà Lý Thị Nhầm';
let db, all;
before(async () => {
    db = await test_database();
    all = await people(db);
});
after(() => db.end());

const asker = (login) => `${all[login].id}, ${all[login].unit}, ${all[login].roles}`;

async function intake(more = {}) {
    const body = { procedure: '1.004873', agency: '46-A1', service: 'both', applicant_kind: 'citizen',
        from_commune: '19789', weight_g: 80, documents: [{ name: 'Đơn', originals: 1, copies: 0 }],
        result_to_kind: 'address', result_commune: '19777', ...more };
    const view = await db.json(`select dossier.intake(${asker('clerk')}, $b$${JSON.stringify(body)}$b$::jsonb
        || jsonb_build_object('id', base.uuid_v7()), '\\x01', '\\x02', '\\x03', '\\x04', 'digest')`);
    return { id: view.id, code: view.code, number: view.shipments[0]?.number, view };
}

const cancel = (login, { code }, more = '', body = { reason: REASON }) =>
    `select dossier.act(${asker(login)}, '${code}', 'cancel_intake', $b$${JSON.stringify(body)}$b$${more})`;

async function scanned(kind, who, number, at = Date.now(), more = {}) {
    const [reply] = await record(db, all, [{ id: uuid7(at), subject: number, kind, who,
        at: new Date(at).toISOString(), ...more }]);
    return reply;
}
async function recorded(...args) {
    const reply = await scanned(...args);
    assert.equal(reply.outcome, 'recorded', JSON.stringify(reply));
}

const offered = async (login, { id }) => (await db.json(`select dossier.view_for('${id}', ${asker(login)})`))
    .allowed_actions.map((one) => one.action);
const shipment = ({ number }) => db.json(`select to_jsonb(s) from custody.shipment s where number = '${number}'`);
const rebuilt = async () => assert.deepEqual(await db.query('select * from custody.rebuild()'), []);

// Everything that a step of this dossier could change.
const whole = ({ id, number }) => db.json(`select jsonb_build_object(
    'dossier', (select to_jsonb(d) from dossier.dossier d where id = '${id}'),
    'shipment', (select to_jsonb(s) from custody.shipment s where number = '${number}'),
    'charges', (select jsonb_agg(c order by id) from money.charge c where dossier = '${id}'),
    'events', (select count(*) from custody.event where subject in ('${id}', '${number}')),
    'remarks', (select count(*) from custody.remark where subject in ('${id}', '${number}')),
    'exceptions', (select count(*) from custody.exception where subject in ('${id}', '${number}')))`);

async function refused(slug, statement, papers) {
    const before = await whole(papers);
    await assert.rejects(db.query(statement), (error) => {
        assert.match(String(error.stderr), new RegExp(`ERROR: +DP001: ${slug}\\b`));
        return true;
    });
    assert.deepEqual(await whole(papers), before);
}

test('a cancelled intake ends as not accepted, its shipment with the sender, its money told', async () => {
    const one = await intake({ paid: true });
    await recorded('accept', 'clerk', one.number);
    assert.ok((await offered('clerk', one)).includes('cancel_intake'));
    const view = await db.json(cancel('clerk', one));
    assert.deepEqual([view.status.code, view.clock, view.allowed_actions], [3, 'ended', []]);
    assert.ok(view.cancelled_at);
    assert.equal(view.cancelled_at, view.ended_at);
    assert.ok(one.view.total > 0 && one.view.charges.length > 1);
    assert.deepEqual([view.total, view.give_back], [0, one.view.total]);
    assert.deepEqual(view.charges.map(({ cancelled_at, ...line }) => line), one.view.charges);
    assert.ok(view.charges.every((line) => line.cancelled_at && line.paid_at));

    const { state, holder_kind, going_back } = await shipment(one);
    assert.deepEqual([state, holder_kind, going_back], ['returned', 'addressee', true]);
    const [[kind, data, reason]] = await db.query(`select e.kind, e.data, r.text from custody.event e
        join custody.remark r on r.subject = e.subject and r.event = e.id where e.subject = '${one.id}'`);
    assert.deepEqual([kind, reason], ['dossier.cancel_intake', REASON]);
    const told = JSON.parse(data);
    assert.deepEqual([told.from, told.to, told.give_back, told.not_due], [1, 3, one.view.total, 0]);
    assert.equal(Object.values(told.by_ledger).reduce((a, b) => a + b), one.view.total);
    assert.equal(await db.value(`select refers from custody.event where subject = '${one.number}'
        and kind = 'cancel' and outcome = 'recorded'`), one.id);

    const next = await intake();
    assert.ok(next.code > one.code && next.number !== one.number);
    await refused('action-not-allowed', cancel('clerk', one), one);
    await rebuilt();
});

test('what was not paid is not due any more; papers that never lay at a counter are cancelled too', async () => {
    const one = await intake();
    const view = await db.json(cancel('clerk', one));
    assert.deepEqual([view.total, view.give_back], [0, 0]);
    const told = await db.json(`select data from custody.event where subject = '${one.id}'
        and kind = 'dossier.cancel_intake'`);
    assert.deepEqual([told.give_back, told.not_due, told.by_ledger], [0, one.view.total, {}]);
    assert.equal(await db.value(`select money.pay('${one.id}', 1, 1, null)`), '0');
    assert.equal((await shipment(one)).state, 'returned');

    const bare = await intake({ service: 'receive', result_to_kind: 'post_office', result_unit: '46-B3' });
    assert.equal(bare.number, undefined);
    assert.equal((await db.json(cancel('clerk', bare))).status.code, 3);
    await rebuilt();
});

test('the public reads it in both languages, and that it was no refusal of the agency', async () => {
    const one = await intake();
    await db.query(cancel('clerk', one));
    for (const key of [one.code, one.number]) {
        const seen = await db.json(`select view from dossier.look('${key}')`);
        assert.deepEqual([seen.stage.code, seen.stage.tone, seen.place], ['cancelled', 'done', null]);
        assert.match(seen.stage.vi, /đã hủy việc tiếp nhận/);
        assert.match(seen.stage.en, /cancelled this intake/);
        assert.deepEqual(seen.timeline.map((line) => line.kind).sort(),
            ['cancel', 'dossier.cancel_intake', 'dossier.register']);
        assert.ok(!JSON.stringify(seen).includes('Nhầm'));
    }
    const other = await intake();
    await db.query(`select dossier.act(${asker('officer')}, '${other.code}', 'reject', '{"reason": "x", "legal_basis": "y"}')`);
    assert.equal((await db.json(`select view from dossier.look('${other.code}')`)).stage.code, 'rejected');
});

test('whose and when: each refusal changes nothing', async () => {
    const one = await intake();
    await refused('not-found', cancel('clerk2', one), one);
    await refused('forbidden', cancel('officer', one), one);
    await refused('invalid-fields', cancel('clerk', one, '', {}), one);
    await refused('precondition-failed', cancel('clerk', one, ', 7'), one);
    await db.query(`update dossier.dossier set created_at = (base.vn_date(now())::timestamp
        at time zone 'Asia/Ho_Chi_Minh') - interval '1 second' where id = '${one.id}'`);
    assert.ok(!(await offered('clerk', one)).includes('cancel_intake'));
    await refused('action-not-allowed', cancel('clerk', one), one);
    await db.query(`update dossier.dossier set created_at = base.vn_date(now())::timestamp
        at time zone 'Asia/Ho_Chi_Minh' where id = '${one.id}'`);
    assert.ok((await offered('supervisor', one)).includes('cancel_intake'));
    assert.equal((await db.json(cancel('supervisor', one))).status.code, 3);

    const filed = await intake();
    await db.query(`select dossier.filed(base.uuid_v7(), array['${filed.number}'], now())`);
    await refused('action-not-allowed', cancel('clerk', filed), filed);
    const accepted = await intake();
    await db.query(`select dossier.act(${asker('officer')}, '${accepted.code}', 'accept', '{}')`);
    await refused('action-not-allowed', cancel('clerk', accepted), accepted);
    await rebuilt();
});

test('not while the papers are with somebody else, in a bag, or on a list that waits', async () => {
    const carried = await intake();
    await recorded('collect', 'courier', carried.number);
    await refused('action-not-allowed', cancel('clerk', carried), carried);
    await recorded('arrive', 'clerk', carried.number);
    assert.equal((await db.json(cancel('clerk', carried))).status.code, 3, 'brought to the office');

    const own = await intake();
    await recorded('take_over', 'clerk', own.number);
    assert.ok(!(await offered('supervisor', own)).includes('cancel_intake'));
    assert.equal((await db.json(cancel('clerk', own))).status.code, 3, 'in the clerk\'s own hands');

    const bagged = await intake();
    await recorded('accept', 'clerk', bagged.number);
    const { id: bag } = await db.json(`select container.create(${all.clerk.id}, ${all.clerk.unit},
        base.uuid_v7(), 'receptacle', '46-B1', '46-H1', '\\x01')`);
    await recorded('bag', 'clerk', bagged.number, Date.now(), { container: bag });
    await refused('action-not-allowed', cancel('clerk', bagged), bagged);

    const listed = await intake();
    await recorded('accept', 'clerk', listed.number);
    const list = await db.json(`select custody.handover_create(${all.clerk.id}, ${all.clerk.unit},
        base.uuid_v7(), 'courier', array['${listed.number}'], '\\x01')`);
    await refused('action-not-allowed', cancel('clerk', listed), listed);
    await db.query(`select custody.handover_sign(${all.courier.id}, ${all.courier.unit}, '${list.id}',
        '[{"number": "${listed.number}", "finding": "missing"}]', false)`);
    assert.equal((await db.json(cancel('clerk', listed))).status.code, 3, 'the courier did not take it');
    await rebuilt();
});

test('what is scanned of it afterwards is recorded, moves nothing, and a person sees it', async () => {
    const one = await intake();
    await recorded('accept', 'clerk', one.number, Date.now() - 2000);
    await db.query(cancel('clerk', one));
    for (const [kind, who] of [['take_over', 'courier'], ['depart', 'clerk'], ['arrive', 'hub'],
        ['accept', 'clerk'], ['count', 'clerk']]) {
        const reply = await scanned(kind, who, one.number);
        assert.deepEqual([reply.outcome, reply.state, reply.warnings], ['exception', 'returned', ['illegal_step']], kind);
    }
    const end = await db.value(`select id from custody.event where subject = '${one.number}' and kind = 'cancel'`);
    const undo = await scanned('undo', 'clerk', one.number, Date.now(), { refers: end });
    assert.deepEqual([undo.outcome, undo.state], ['exception', 'returned']);
    const by_hand = await scanned('cancel', 'clerk', one.number);
    assert.deepEqual([by_hand.outcome, by_hand.problem], ['refused', 'invalid-fields']);
    await assert.rejects(db.query(`select custody.handover_create(${all.clerk.id}, ${all.clerk.unit},
        base.uuid_v7(), '46-A1', array['${one.number}'], '\\x01')`), /conflict/);
    // An agency that finds it all the same on a list of others signs for no filing.
    const other = await intake();
    await recorded('accept', 'clerk', other.number);
    const list = await db.json(`select custody.handover_create(${all.clerk.id}, ${all.clerk.unit},
        base.uuid_v7(), '46-A1', array['${other.number}'], '\\x01')`);
    await db.query(`select custody.handover_sign(${all.officer.id}, ${all.officer.unit}, '${list.id}',
        '[{"number": "${one.number}", "finding": "surplus"}]', true)`);
    assert.deepEqual(await db.query(`select filed_at is null from dossier.dossier
        where id in ('${one.id}', '${other.id}') order by code`), [['t'], ['f']]);
    assert.equal((await shipment(one)).state, 'returned');
    await rebuilt();
});

test('a courier who had it already, and tells it later, still has it; a person decides', async () => {
    const one = await intake();
    const before = Date.now() - 1000;
    await db.query(cancel('clerk', one));
    const late = await scanned('collect', 'courier', one.number, before);
    assert.equal(late.state, 'accepted', JSON.stringify(late));
    const { state, holder_kind, holder_id } = await shipment(one);
    assert.deepEqual([state, holder_kind, holder_id], ['accepted', 'person', all.courier.id]);
    const [[exception]] = await db.query(`select id from custody.exception
        where subject = '${one.number}' and code = 'wrong_holder_waits'`);
    await rebuilt();
    await db.query(`select custody.exception_resolve(${all.supervisor.id}, ${all.supervisor.unit}, true,
        ${exception}, 'accept', 'đã lấy lại')`);
    assert.equal((await shipment(one)).state, 'returned');
    await rebuilt();
});

test('signing and cancelling at once: one of them, and nobody waits for the other for ever', async () => {
    for (const first of ['sign', 'cancel']) {
        const one = await intake();
        await recorded('accept', 'clerk', one.number);
        const take = `select custody.internal_scan('${one.number}', 'take_over', ${all.courier.id},
            ${all.courier.unit}, now())`;
        const lock = `select custody.subject_lock(array['${one.number}'])`;
        const [a, b] = [db.session(), db.session()];
        await a.query('begin');
        await b.query('begin');
        await a.query(lock);
        const waits = first === 'sign' ? assert.rejects(b.query(cancel('clerk', one)), /action-not-allowed|conflict/)
            : b.query(`${lock}; ${take}`);
        if (first === 'sign') await a.query(take);
        else await a.query(cancel('clerk', one));
        await a.query('commit');
        await waits;
        await b.query('commit');
        const status = await db.value(`select status from dossier.dossier where id = '${one.id}'`);
        assert.deepEqual([status, (await shipment(one)).state],
            first === 'sign' ? ['1', 'accepted'] : ['3', 'returned']);
        await rebuilt();
    }
});

// --- corrections ---------------------------------------------------------------------------------

const PEOPLE = { applicant_kind: 'citizen', from_commune: '19789', result_to_kind: 'address',
    result_commune: '19777', corrected: [] };
const correct = (login, { code }, body, { sealed = 'new', version = 1, more = '' } = {}) =>
    `select dossier.correct(${asker(login)}, '${code}', $b$${JSON.stringify({ ...PEOPLE, ...body })}$b$,
        '${sealed}', 'key ${sealed}', 'salt ${sealed}', 'mac ${version}', ${version}${more})`;
const personal = ({ id }) => db.query(`select encode(sealed, 'hex'), encode(key, 'hex'),
    encode(salt, 'hex'), (select encode(mac, 'hex') from custody.event e
        where e.subject = dossier::text and e.id = p.event)
    from dossier.personal p where dossier = '${id}'`).then(([row]) => row);
const hex = (...list) => list.map((one) => Buffer.from(one).toString('hex'));
const FIRST = ['01', '02', '03', '04'];

test('a correction says which members, and keeps what stood there sealed beside its own event', async () => {
    const one = await intake();
    assert.ok((await offered('clerk', one)).includes('correct_intake'));
    const view = await db.json(correct('clerk', one, { corrected: ['applicant.name'] }, { sealed: 'second' }));
    assert.deepEqual([view.status.code, view.version], [1, 2]);
    await db.query(correct('supervisor', one, { corrected: ['applicant.phone', 'note'] },
        { sealed: 'third', version: 2 }));
    assert.deepEqual(await personal(one), hex('third', 'key third', 'salt third', 'mac 2'));
    assert.deepEqual(await db.query(`select e.kind, e.data -> 'corrected', p.sealed, e.mac
        from custody.payload p join custody.event e on e.subject = p.subject and e.id = p.event
        where p.subject = '${one.id}' order by e.id`), [
        ['dossier.register', null, '\\x01', '\\x04'],
        ['dossier.correct_intake', '["applicant.name"]', `\\x${Buffer.from('second').toString('hex')}`,
            `\\x${Buffer.from('mac 1').toString('hex')}`]]);
    const told = await db.json(`select data from custody.event where subject = '${one.id}'
        order by id desc limit 1`);
    assert.deepEqual(told, { from: 1, to: 1, version: 3, corrected: ['applicant.phone', 'note'] });
    await rebuilt();
});

test('weight, papers and places: the record, the postage and the shipment follow', async () => {
    const one = await intake({ paid: true });
    const paid = one.view.total, old = one.view.charges.filter((line) => line.ledger !== 'agency_fee');
    const view = await db.json(correct('clerk', one, { weight_g: 300,
        documents: [{ name: 'Đơn', originals: 0, copies: 2 }, { name: 'Ảnh', originals: 1, copies: 0 }] }));
    assert.deepEqual([view.weight_g, view.documents.map((d) => [d.name, d.originals, d.copies, d.returned])],
        [300, [['Đơn', 0, 2, false], ['Ảnh', 1, 0, true]]]);
    const data = await db.json(`select data from custody.event where subject = '${one.id}' order by id desc limit 1`);
    assert.deepEqual(data.corrected, ['weight_g', 'documents']);
    const was = old.reduce((sum, line) => sum + line.amount, 0);
    const fresh = view.charges.filter((line) => !line.cancelled_at && !line.paid_at);
    assert.deepEqual([data.give_back, data.not_due], [was, 0]);
    assert.equal(data.to_pay, fresh.reduce((sum, line) => sum + line.amount, 0));
    assert.deepEqual(fresh.map((line) => line.ledger), old.map((line) => line.ledger));
    assert.ok(data.to_pay > was && view.total === paid - was + data.to_pay && view.give_back === was);
    assert.equal((await shipment(one)).weight_g, 300);
    assert.deepEqual(await personal(one), FIRST, 'nothing personal changed');

    const moved = await db.json(correct('clerk', one, { result_to_kind: 'post_office', result_unit: '46-B3',
        corrected: ['result_to'] }, { version: 2 }));
    assert.deepEqual([moved.result_to.kind, moved.result_to.unit], ['post_office', '46-B3']);
    await db.query(correct('clerk', one, { weight_g: 200 }, { version: 3 }));
    assert.equal((await shipment(one)).weight_g, 200);
    await rebuilt();
    await db.query(cancel('clerk', one));
    await rebuilt();
});

test('a corrected count leaves settled whether the originals go back', async () => {
    const returned = async (documents, more = {}) => {
        const one = await intake({ documents: [{ name: 'Đơn', originals: 1, copies: 0, returned: false }, { name: 'Sổ', originals: 1, copies: 1 }] });
        const view = await db.json(correct('clerk', one, { documents, ...more }));
        await rebuilt();
        return view.documents.map((x) => [x.name, x.originals, x.returned]);
    };
    assert.deepEqual(await returned([{ name: 'Đơn', originals: 2, copies: 0 }, { name: 'Sổ', originals: 3, copies: 1 }]),
        [['Đơn', 2, false], ['Sổ', 3, true]]);
    assert.deepEqual(await returned([{ name: 'đơn', originals: 2, copies: 0 }, { name: 'Sổ', originals: 1, copies: 1, returned: false }]),
        [['đơn', 2, false], ['Sổ', 1, false]], 'unless the correction says so');
    assert.deepEqual(await returned([{ name: 'Đơn', originals: 1, copies: 0, returned: true }, { name: 'Sổ', originals: 0, copies: 1 }]),
        [['Đơn', 1, true], ['Sổ', 0, false]]);
});

test('a label that was printed is superseded where what stands on it is wrong', async () => {
    const one = await intake();
    const copy = async () => (await shipment(one)).copy;
    await db.query(correct('clerk', one, { corrected: ['applicant.name'] }));
    assert.equal(await copy(), 0, 'not printed yet');
    await db.query(`select label.print_one('${one.number}', ${asker('clerk')}, 'a6', null)`);
    await db.query(correct('clerk', one, { corrected: ['note', 'applicant.email', 'result_to.name'] }, { version: 2 }));
    assert.equal(await copy(), 1, 'that does not stand on it');
    await db.query(correct('clerk', one, { corrected: ['applicant.address.line'] }, { version: 3 }));
    assert.equal(await copy(), 2);
    await db.query(correct('clerk', one, { weight_g: 90 }, { version: 4 }));
    assert.equal((await db.json(`select label.known('${one.number}', 1)`)).copy, 3);
});

test('a correction that is refused changes nothing', async () => {
    const one = await intake();
    const change = { corrected: ['applicant.name'] };
    const wrong = [['not-found', 'clerk2', change], ['forbidden', 'officer', change],
        ['invalid-fields', 'clerk', {}], ['invalid-fields', 'clerk', { weight_g: 80 }],
        ['invalid-fields', 'clerk', { documents: [{ name: 'Đơn', originals: 1, copies: 0 }] }],
        ['precondition-failed', 'clerk', change, { version: 2 }],
        ['unknown-commune', 'clerk', { ...change, from_commune: '99999' }],
        ['unknown-commune', 'clerk', { ...change, result_commune: '99999' }],
        ['invalid-fields', 'clerk', { ...change, result_to_kind: 'online' }],
        ['invalid-fields', 'clerk', { documents: [{ name: 'Đơn', originals: 0, copies: 0 }] }],
        ['unknown-unit', 'clerk', { ...change, result_to_kind: 'post_office', result_unit: '99-X' }]];
    for (const [slug, login, body, more] of wrong) await refused(slug, correct(login, one, body, more), one);
    assert.deepEqual(await personal(one), FIRST);
    await recorded('collect', 'courier', one.number);
    await refused('action-not-allowed', correct('clerk', one, change), one);
    const gone = await intake();
    await db.query(cancel('clerk', gone));
    await refused('action-not-allowed', correct('clerk', gone, change, { version: 2 }), gone);
    const erased = await intake();
    await db.query(`select dossier.erase('${erased.id}')`);
    await refused('conflict', correct('clerk', erased, change, { version: 2 }), erased);
});

test('the same key once; of two at the same version one', async () => {
    const one = await intake();
    const again = correct('clerk', one, { weight_g: 90 }, { more: `, 'once', 'digest'` });
    const first = await db.json(again);
    assert.deepEqual(await db.json(again), first);
    assert.equal(await db.value(`select count(*) from custody.event where subject = '${one.id}'`), '2');
    const other = correct('clerk', one, { weight_g: 91 }, { more: `, 'once', 'other'` });
    await refused('id-reused', other, one);
    const [a, b] = [db.session(), db.session()];
    await a.query('begin');
    await a.query(correct('clerk', one, { weight_g: 95 }, { version: 2 }));
    const late = assert.rejects(b.query(correct('supervisor', one, { weight_g: 96 }, { version: 2 })),
        /precondition-failed/);
    await a.query('commit');
    await late;
    assert.equal((await shipment(one)).weight_g, 95);
    await rebuilt();
});

// The tables in which any of these words stand, as text or as bytes.
async function found(words) {
    const tables = await db.query(`select format('%I.%I', schemaname, tablename) from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema')`, 'dossierpost_owner');
    const forms = words.flatMap((word) => [word, Buffer.from(word).toString('hex')]);
    const hit = [];
    for (const [table] of tables)
        if (Number(await db.value(`select count(*) from ${table} t where t::text like any
            (array[${forms.map((word) => `'%${word}%'`)}])`, 'dossierpost_owner'))) hit.push(table);
    return hit.sort();
}

test('erased, no version of a name is left', async () => {
    const one = await intake();
    const names = ['Tên Cũ Sai', 'Tên Vừa Sửa', 'Tên Đúng Rồi'];
    for (const [n, sealed] of names.entries())
        await db.query(correct('clerk', one, { corrected: ['applicant.name'] }, { sealed, version: n + 1 }));
    assert.deepEqual(await found(names), ['custody.payload', 'dossier.personal']);
    await db.query(`select dossier.erase('${one.id}')`);
    assert.deepEqual(await found(names), []);
    await rebuilt();
});

test('the reason is erased with the dossier', async () => {
    assert.notEqual(await db.value(`select count(*) from custody.remark where text = '${REASON}'`), '0');
    await db.query('select dossier.erase(id) from dossier.dossier');
    assert.equal(await db.value(`select count(*) from custody.remark where text is not null`), '0');
    await rebuilt();
});
