// What was taken in as one and is two, as two and is one, and one dossier in pieces: papers, weight and
// money add up to what they were; look-ups lead on; whatever is refused changes nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { people, record, uuid7 } from './scans.mjs';
import { test_database } from './cluster.mjs';

let db, all;
before(async () => {
    db = await test_database();
    all = await people(db);
});
after(() => db.end());

const asker = (login) => `${all[login].id}, ${all[login].unit}, ${all[login].roles}`;
const PAPERS = [{ name: 'Đơn', originals: 1, copies: 0 }, { name: 'Giấy khai sinh', originals: 1, copies: 2 },
    { name: 'Sổ hộ khẩu', originals: 0, copies: 3 }];

async function intake(more = {}) {
    const body = { procedure: '1.004873', agency: '46-A1', service: 'both', applicant_kind: 'citizen',
        from_commune: '19789', weight_g: 90, documents: PAPERS, result_to_kind: 'address', result_commune: '19777', ...more };
    const view = await db.json(`select dossier.intake(${asker('clerk')}, $b$${JSON.stringify(body)}$b$::jsonb
        || jsonb_build_object('id', base.uuid_v7()), '\\x01', '\\x02', '\\x03', '\\x04', 'digest')`);
    return { id: view.id, code: view.code, number: view.shipments[0]?.number, view };
}

const PART = { documents: [{ name: 'giấy khai sinh', originals: 1, copies: 1 }], weight_g: 30 };
const split = (login, { code }, body = PART, more = {}) => {
    const { version = 'null', digest = 'd', id = uuid7() } = more;
    return `select dossier.split(${asker(login)}, '${code}', $b$${JSON.stringify({ id, ...body })}$b$,
        '\\x11', '\\x12', '\\x13', '\\x14', ${version}, '${digest}')`;
};
const group = (login, kept, other, more = 'null, null') =>
    `select dossier.group(${asker(login)}, '${kept.code}', '${other.code}', ${more})`;
const pieces = (login, { code }, count, weights = null, more = 'null') =>
    `select dossier.pieces(${asker(login)}, '${code}', ${count},
        ${weights ? `array[${weights}]::int[]` : 'null'}, ${more})`;

async function scanned(kind, who, number, more = {}) {
    const at = Date.now();
    const [reply] = await record(db, all, [{ id: uuid7(at), subject: number, kind, who, at: new Date(at).toISOString(), ...more }]);
    assert.equal(reply.outcome, 'recorded', JSON.stringify(reply));
}

const rebuilt = async () => assert.deepEqual(await db.query('select * from custody.rebuild()'), []);
const view = ({ id }) => db.json(`select dossier.view('${id}')`);
const shipment = (number) => db.json(`select to_jsonb(s) from custody.shipment s where number = '${number}'`);
// Every line of money of these dossiers: due or not, paid or not, by ledger.
const money = async (...list) => Object.fromEntries((await db.query(`
    select ledger || case when paid_at is null then '' else ' paid' end
           || case when cancelled_at is null then '' else ' cancelled' end, sum(amount)
    from money.charge where dossier in (${list.map(({ id }) => `'${id}'`)}) group by 1 order by 1`)));
const papers = async (one) => (await view(one)).documents.map((x) => [x.name, x.originals, x.copies]);

// Everything that a step of these dossiers could change.
const whole = (...list) => db.json(`select jsonb_build_object(
    'dossiers', (select jsonb_agg(d order by id) from dossier.dossier d),
    'documents', (select jsonb_agg(x order by dossier, line) from dossier.document x),
    'shipments', (select jsonb_agg(s order by number) from custody.shipment s),
    'charges', (select jsonb_agg(c order by id) from money.charge c),
    'personal', (select count(*) from dossier.personal),
    'events', (select count(*) from custody.event))`);

async function refused(slug, statement, pointer) {
    const before = await whole();
    await assert.rejects(db.query(statement), (error) => {
        assert.match(String(error.stderr), new RegExp(`ERROR: +DP001: ${slug}\\b`));
        if (pointer) assert.ok(String(error.stderr).includes(`"pointer": "${pointer}"`), String(error.stderr));
        return true;
    });
    assert.deepEqual(await whole(), before);
}

test('papers that were two dossiers become two, and nothing is lost between them', async () => {
    const one = await intake({ paid: true });
    await scanned('accept', 'clerk', one.number);
    await db.query(`update custody.shipment set copy = 1 where number = '${one.number}'`);
    const before = await money(one);
    const made = await db.json(split('clerk', one));
    assert.notEqual(made.code, one.code);
    assert.deepEqual(await papers(one), [['Đơn', 1, 0], ['Giấy khai sinh', 0, 1], ['Sổ hộ khẩu', 0, 3]]);
    assert.deepEqual(await papers(made), [['Giấy khai sinh', 1, 1]]);
    const old = await view(one);
    assert.deepEqual([old.weight_g, made.weight_g], [60, 30]);
    assert.deepEqual([old.split_into, made.split_from], [[made.code], one.code]);
    assert.deepEqual([made.shipments.length, made.shipments[0].state, made.shipments[0].weight_g], [1, 'created', 30]);
    const label = await shipment(one.number);
    assert.deepEqual([label.weight_g, label.copy], [60, 2], 'the label that was printed is superseded');
    assert.deepEqual(await money(one, made), before);
    assert.deepEqual(await db.query(`select name, ledger, created_at, paid_at, payment from money.charge where dossier = '${made.id}' order by id`),
        await db.query(`select name, ledger, created_at, paid_at, payment from money.charge where dossier = '${one.id}'
            and ledger <> 'agency_fee' order by id`), 'each as it was paid, in their order');
    const [third] = [await money(made)];
    for (const [ledger, amount] of Object.entries(third))
        assert.equal(Number(amount), Math.floor(Number(before[ledger]) / 3), `${ledger}: the share by weight`);
    assert.ok(!Object.keys(third).some((ledger) => ledger.startsWith('agency_fee')), 'fees stay with their procedure');
    const [[kind, data]] = await db.query(`select kind, data from custody.event where subject = '${one.id}'
        and kind = 'dossier.split_intake'`);
    const told = JSON.parse(data);
    assert.deepEqual([kind, told.into, told.other, told.weight_g], ['dossier.split_intake', made.id, made.code, 30]);
    assert.equal(await db.value(`select encode(mac, 'hex') from custody.event where subject = '${made.id}'`), '14');
    assert.equal(await db.value(`select encode(sealed, 'hex') from dossier.personal where dossier = '${made.id}'`), '11');
    await rebuilt();
});

test('the new one may be another procedure\'s or another agency\'s; a fee goes along when it is named', async () => {
    const one = await intake(), before = await money(one);
    const fee = one.view.charges.find((line) => line.ledger === 'agency_fee') ?? one.view.charges[0];
    const made = await db.json(split('clerk', one, { ...PART, procedure: '1.004222', agency: '46-A3', charges: [fee.id] }));
    assert.deepEqual([made.procedure.code, made.agency.id], ['1.004222', '46-A3']);
    assert.match(made.code, /^000\./);
    assert.equal(made.shipments[0].to.id, '46-A3');
    assert.ok(made.charges.some((line) => line.id === fee.id && line.amount === fee.amount));
    assert.deepEqual(await money(one, made), before);
    await rebuilt();
});

test('what cannot be split, and by whom and when not', async () => {
    const one = await intake();
    const wrong = [
        [{ documents: [{ name: 'Không có', originals: 1, copies: 0 }] }, '/documents/0'],
        [{ documents: [{ name: 'Đơn', originals: 2, copies: 0 }] }, '/documents/0'],
        [{ documents: [{ name: 'Đơn', originals: 0, copies: 1 }] }, '/documents/0'],
        [{ documents: [...PAPERS] }, '/documents'],
        [{ documents: [PAPERS[0], PAPERS[0]] }, '/documents/1/name'],
        [{ weight_g: 90 }, '/weight_g'],
        [{ charges: ['999999999'] }, '/charges'],
    ];
    for (const [change, pointer] of wrong) await refused('invalid-fields', split('clerk', one, { ...PART, ...change }), pointer);
    await refused('unknown-procedure', split('clerk', one, { ...PART, procedure: '9.999999' }));
    await refused('unknown-unit', split('clerk', one, { ...PART, agency: '46-X9' }));
    await refused('agency-not-competent', split('clerk', one, { ...PART, agency: '46-B1' }));
    await refused('not-found', split('clerk2', one));
    await refused('forbidden', split('officer', one));
    await refused('precondition-failed', split('clerk', one, PART, { version: 7 }));
    const id = uuid7();
    const made = await db.json(split('clerk', one, PART, { id }));
    assert.deepEqual(await db.json(split('clerk', one, PART, { id, version: 1 })), made, 'a lost reply comes again');
    await refused('id-reused', split('clerk', one, PART, { id, digest: 'e' }));
    await scanned('collect', 'courier', one.number);
    await refused('action-not-allowed', split('clerk', one));
    await rebuilt();
});

test('two intakes that are one become one; the other says where it went, for ever', async () => {
    const kept = await intake({ paid: true }), other = await intake({ paid: true, weight_g: 40,
        documents: [PAPERS[1], { name: 'Ảnh', originals: 0, copies: 2 }] });
    await scanned('accept', 'clerk', other.number);
    const before = await money(kept, other);
    const made = await db.json(group('clerk', kept, other));
    assert.equal(made.id, kept.id);
    assert.deepEqual(await papers(kept), [['Đơn', 1, 0], ['Giấy khai sinh', 2, 4], ['Sổ hộ khẩu', 0, 3], ['Ảnh', 0, 2]]);
    assert.deepEqual([made.weight_g, made.shipments[0].weight_g, made.grouped], [130, 130, [other.code]]);
    assert.deepEqual(await money(kept), before);
    const gone = await view(other);
    assert.deepEqual([gone.status.code, gone.clock, gone.grouped_into, gone.total], [3, 'ended', kept.code, 0]);
    assert.ok(gone.cancelled_at);
    assert.equal((await shipment(other.number)).state, 'returned');
    assert.equal(await db.value(`select data ->> 'into' from custody.event where subject = '${other.number}' and kind = 'cancel'`), kept.id);
    for (const key of [other.code, other.number, other.number.toLowerCase()]) {
        const seen = await db.json(`select view from dossier.look('${key}')`);
        assert.deepEqual([seen.stage.code, seen.code, seen.grouped_into], ['grouped', other.code, kept.code]);
        assert.doesNotMatch(JSON.stringify(seen), /go back to the applicant|trả lại giấy tờ/);
    }
    assert.equal(await db.value(`select status from dossier.fold('${other.id}')`), '3');
    await rebuilt();
});

test('who is erased goes with all that was grouped; what was split off is named', async () => {
    const [kept, other, first, aside] = [await intake(), await intake(), await intake(), await intake()];
    const part = await db.json(split('clerk', kept));
    await db.query(group('clerk', other, first));
    await db.query(group('clerk', kept, other));
    const left = async (...list) => Promise.all(list.map(({ id }) => db.value(`select count(*) from dossier.personal
        where dossier = '${id}' and num_nulls(sealed, key, salt, erased_at) = 1`)));
    const named = (one) => db.json(`select to_jsonb(dossier.people_kept('${one.id}'))`);
    const codes = (...list) => list.map(({ code }) => code).sort();
    assert.deepEqual(await named(first), codes(kept, other, part));
    assert.deepEqual(await named(aside), []);
    assert.equal(await db.value(`select dossier.erase('${first.id}', 7)`), 't');
    assert.deepEqual(await left(kept, other, first, part), ['1', '1', '0', '1'], 'alone, what it is grouped into lives on');
    assert.deepEqual(await named(first), codes(kept, other, part));
    assert.equal(await db.value(`select dossier.erase('${kept.id}', 7)`), 't');
    assert.deepEqual(await left(kept, other, first, part, aside), ['0', '0', '0', '1', '1']);
    assert.deepEqual(await db.query(`select count(*), min(actor) from custody.event where kind = 'dossier.erase'
        and subject in ('${kept.id}', '${other.id}', '${first.id}')`), [['3', '7']]);
    assert.deepEqual([await named(kept), await named(part)], [[part.code], []]);
    assert.equal(await db.value(`select dossier.erase('${kept.id}', 7)`), 'f', 'nothing is left');
    assert.equal(await db.value(`select dossier.erase('${part.id}', 7)`), 't');
    assert.deepEqual([await named(kept), await left(aside)], [[], ['1']]);
    await rebuilt();
});

test('what is not grouped', async () => {
    const kept = await intake(), other = await intake();
    await refused('invalid-fields', group('clerk', kept, kept), '/other');
    for (const more of [{ agency: '46-A3' }, { service: 'send', result_to_kind: 'agency' }, { applicant_kind: 'household' }])
        await refused('invalid-fields', group('clerk', kept, await intake(more)), '/other');
    await refused('invalid-fields', group('clerk', kept, await intake({ weight_g: 29990 })), '/other');
    for (const more of [{ result_commune: '19789' }, { result_to_kind: 'post_office', result_unit: '46-B3' }])
        await refused('invalid-fields', group('clerk', kept, await intake(more)), '/other');
    const lines = (count) => Array.from({ length: count }, (_, i) => ({ name: `Giấy ${i}`, originals: 0, copies: 1 }));
    const full = await intake({ documents: lines(97) });
    await db.query(group('clerk', full, await intake({ documents: [...PAPERS, ...lines(9)] })));
    await refused('invalid-fields', group('clerk', full, await intake({ documents: [{ name: 'Giấy khác', originals: 1, copies: 0 }] })), '/other');
    await refused('not-found', group('clerk', kept, { code: '000.00.16.H57-261124-9999' }));
    await refused('forbidden', group('officer', kept, other));
    await refused('not-found', group('clerk2', kept, other));
    await refused('precondition-failed', group('clerk', kept, other, '9, null'));
    await refused('precondition-failed', group('clerk', kept, other, 'null, 9'));
    await scanned('collect', 'courier', other.number);
    await refused('action-not-allowed', group('clerk', kept, other));
    const third = await intake();
    await db.query(group('clerk', kept, third));
    await refused('action-not-allowed', group('clerk', kept, third));
    await refused('action-not-allowed', group('clerk', third, kept));
});

test('papers in pieces: a number each, and filed and delivered only with the last', async () => {
    const one = await intake();
    await scanned('accept', 'clerk', one.number);
    await db.query(`update custody.shipment set copy = 1 where number = '${one.number}'`);
    const made = await db.json(pieces('clerk', one, 3));
    const list = made.shipments;
    assert.deepEqual(list.map((x) => [x.piece, x.pieces, x.leg, x.weight_g]),
        [[1, 3, 'outward', 30], [2, 3, 'outward', 30], [3, 3, 'outward', 30]]);
    assert.equal(new Set(list.map((x) => x.number)).size, 3);
    assert.equal((await shipment(one.number)).copy, 2);
    const more = (await db.json(pieces('clerk', one, 4, [40, 20, 20, 10]))).shipments;
    assert.deepEqual(more.map((x) => [x.piece, x.pieces, x.weight_g]), [[1, 4, 40], [2, 4, 20], [3, 4, 20], [4, 4, 10]]);
    await rebuilt();
    const numbers = more.map((x) => x.number);
    for (const number of numbers) assert.equal(await db.value(`select code from dossier.dossier where id = dossier.find('${number}')`), one.code);
    for (const number of numbers) await scanned('take_over', 'courier', number);
    const hand = async (numbers_now) => {
        const id = uuid7();
        await db.query(`select custody.handover_create(${all.courier.id}, ${all.courier.unit}, '${id}', '46-A1',
            array[${numbers_now.map((n) => `'${n}'`)}], '\\x01')`);
        await db.query(`select custody.handover_sign(${all.officer.id}, ${all.officer.unit}, '${id}', null, true)`);
    };
    await hand(numbers.slice(1));
    assert.equal((await view(one)).filed_at, null, 'a part of the papers is no filing');
    const stage = (await db.json(`select view from dossier.look('${one.code}')`)).stage.code;
    assert.notEqual(stage, 'at_agency', 'the piece that is least far counts');
    await hand(numbers.slice(0, 1));
    assert.ok((await view(one)).filed_at);
    await rebuilt();
});

// The officer's signature for these, from the courier's hands; its time.
async function handed(numbers, findings = null) {
    const id = uuid7();
    await db.query(`select custody.handover_create(${all.courier.id}, ${all.courier.unit}, '${id}', '46-A1',
        array[${numbers.map((n) => `'${n}'`)}], '\\x01')`);
    await db.query(`select custody.handover_sign(${all.officer.id}, ${all.officer.unit}, '${id}',
        ${findings ? `$f$${JSON.stringify(findings)}$f$` : 'null'}, true)`);
    return { id, at: (await db.json(`select to_jsonb(h) from custody.handover h where id = '${id}'`)).signed_at };
}

async function in_pieces(count) {
    const one = await intake();
    await scanned('accept', 'clerk', one.number);
    const numbers = (await db.json(pieces('clerk', one, count))).shipments.map((x) => x.number);
    for (const number of numbers) await scanned('take_over', 'courier', number);
    return { one, numbers };
}
const filing = async ({ id }) => (await db.query(`select data -> 'filed_at', data ->> 'handover' from custody.event
    where subject = '${id}' and kind = 'dossier.filed'`)).map(([at, list]) => [JSON.parse(at), list]);

test('a piece that is declared lost is waited for no more; filed is then what was signed last', async () => {
    const { one, numbers: [first, second, third] } = await in_pieces(3);
    await handed([first]);
    const last = await handed([second]);
    assert.equal((await view(one)).filed_at, null);
    await scanned('lost', 'supervisor', third);
    assert.deepEqual(await filing(one), [[last.at, last.id]]);
    assert.equal(Date.parse((await view(one)).filed_at), Date.parse(last.at));
    await scanned('found', 'clerk', third);
    assert.equal((await filing(one)).length, 1, 'once');

    // Missing on the list: a person's decision about it says the same.
    const { one: other, numbers: pair } = await in_pieces(2);
    const list = await handed(pair, [{ number: pair[1], finding: 'missing' }]);
    assert.equal((await view(other)).filed_at, null);
    const [[exception]] = await db.query(`select id from custody.exception where subject = '${pair[1]}' and code = 'handover_missing'`);
    await db.query(`select custody.exception_resolve(${all.supervisor.id}, ${all.supervisor.unit}, true, ${exception}, 'lost', 'mất')`);
    assert.deepEqual(await filing(other), [[list.at, list.id]]);

    // Lost before the others arrived; and with nothing signed nothing is filed.
    const { one: early, numbers: [kept, gone] } = await in_pieces(2);
    await scanned('lost', 'supervisor', gone);
    assert.deepEqual(await filing(early), []);
    const signed = await handed([kept]);
    assert.deepEqual(await filing(early), [[signed.at, signed.id]]);
    await rebuilt();
});

test('a piece that went back to the sender has not arrived', async () => {
    const { one, numbers: [first, second] } = await in_pieces(2);
    await scanned('arrive', 'clerk', second);
    await scanned('return', 'clerk', second, { reason: 'refused' });
    await scanned('deliver', 'clerk', second, { recipient: 'A', data: { relation: 'self', id_checked: true, proof: 'signature', drawn: true } });
    assert.equal((await shipment(second)).state, 'returned');
    await handed([first]);
    assert.deepEqual(await filing(one), []);
});

test('what cannot be divided', async () => {
    const one = await intake(), bare = await intake({ service: 'receive' });
    await refused('invalid-fields', pieces('clerk', bare, 2), '/pieces');
    await refused('invalid-fields', pieces('clerk', one, 1), '/pieces');
    await refused('invalid-fields', pieces('clerk', one, 2, [50, 50]), '/weights_g');
    await refused('invalid-fields', pieces('clerk', one, 2, [90]), '/weights_g');
    await refused('precondition-failed', pieces('clerk', one, 2, null, '9'));
    await refused('forbidden', pieces('officer', one, 2));
    await db.query(pieces('clerk', one, 2));
    await refused('invalid-fields', pieces('clerk', one, 2), '/pieces');
    await scanned('collect', 'courier', (await view(one)).shipments[1].number);
    await refused('action-not-allowed', pieces('clerk', one, 3));
    await refused('action-not-allowed', `select dossier.act(${asker('clerk')}, '${one.code}', 'cancel_intake', '{"reason": "x"}')`);
    await refused('action-not-allowed', split('clerk', one));
});

test('after each of them a correction and a cancelling go on as before', async () => {
    const one = await intake(), made = await db.json(split('clerk', one));
    await db.query(pieces('clerk', one, 2));
    const correct = (await db.json(`select dossier.correct(${asker('clerk')}, '${one.code}',
        '{"applicant_kind": "citizen", "from_commune": "19789", "result_to_kind": "address", "result_commune": "19777",
          "weight_g": 71, "corrected": []}', '\\x21', '\\x22', '\\x23', '\\x24', 3)`));
    assert.deepEqual(correct.shipments.map((x) => x.weight_g), [36, 35]);
    await db.query(`select dossier.act(${asker('clerk')}, '${made.code}', 'cancel_intake', '{"reason": "x"}')`);
    await db.query(`select dossier.act(${asker('clerk')}, '${one.code}', 'cancel_intake', '{"reason": "x"}')`);
    assert.deepEqual(await db.query(`select state from custody.shipment where dossier in ('${one.id}', '${made.id}')`),
        [['returned'], ['returned'], ['returned']]);
    await rebuilt();
});

test('a correction afterwards costs what the quote changes by, and nothing where it does not', async () => {
    const body = (weight_g) => `'{"applicant_kind": "citizen", "from_commune": "19789", "result_to_kind": "address",
        "result_commune": "19777", "weight_g": ${weight_g}, "corrected": []}', '\\x21', '\\x22', '\\x23', '\\x24'`;
    const correct = async ({ code }, weight_g) => db.query(`select dossier.correct(${asker('clerk')}, '${code}', ${body(weight_g)}, null)`);
    const quoted = async (weight_g) => Object.fromEntries((await db.json(`select postal.quote('1.004873', '19789',
        (select id from postal.unit where code = '46-A1'), ${weight_g}, 'both')`)).lines.map((line) => [line.ledger, line.amount]));
    const due = async (...list) => Object.fromEntries((await db.query(`select ledger, sum(amount) from money.charge
        where dossier in (${list.map(({ id }) => `'${id}'`)}) and cancelled_at is null group by 1 order by 1`))
        .map(([ledger, amount]) => [ledger, Number(amount)]));
    const dearer = async (before, from, to) => {
        const [was, now] = [await quoted(from), await quoted(to)];
        return Object.fromEntries(Object.entries(before).map(([ledger, amount]) => [ledger, amount + now[ledger] - was[ledger]]));
    };
    for (const paid of [true, false]) {
        const one = await intake({ paid }), whole = await due(one), made = await db.json(split('clerk', one));
        const [kept, part] = [await money(one), await money(made)];
        await correct(one, 61);
        await correct(made, 31);
        assert.deepEqual([await money(one), await money(made)], [kept, part], 'a gram more: every line is as it was');
        assert.deepEqual(await due(one, made), whole);
        await correct(one, 300);
        assert.deepEqual(await due(one, made), await dearer(whole, 61, 300));
        await correct(one, 60);
        assert.deepEqual(await due(one, made), whole, 'and back again');
    }
    const poor = await intake({ weight_g: 1000, paid: true });
    const postage = poor.view.charges.filter(({ ledger }) => ledger.startsWith('postage')).map(({ id }) => id);
    assert.ok(postage.length > 1);
    const rich = await db.json(split('clerk', poor, { ...PART, charges: postage }));
    const [rest, gone] = [await due(poor), await money(rich)];
    for (const grams of [60, 970, 50, 300, 970]) {
        await correct(poor, grams);
        assert.deepEqual(await due(poor), rest, `${grams} g: cheaper than nothing is nothing, and comes off later`);
    }
    await correct(poor, 2000);
    assert.deepEqual(await due(poor), { ...rest, ...await dearer(Object.fromEntries(Object.keys(await quoted(970))
        .filter((ledger) => ledger.startsWith('postage')).map((ledger) => [ledger, 0])), 970, 2000) });
    assert.deepEqual(await money(rich), gone);
    const kept = await intake({ paid: true }), other = await intake({ weight_g: 60 });
    const both = await due(kept, other);
    await db.query(group('clerk', kept, other));
    const lines = await money(kept);
    await correct(kept, 151);
    assert.deepEqual(await money(kept), lines, 'grouped: likewise');
    await correct(kept, 400);
    assert.deepEqual(await due(kept), await dearer(both, 151, 400));
    await rebuilt();
});

test('two signatures at once, each for a piece: the later files the dossier', async () => {
    const one = await intake(), view = await db.json(pieces('clerk', one, 2));
    const numbers = view.shipments.map((s) => s.number), [a, b] = [db.session(), db.session()];
    const sign = (number) => `update custody.shipment set state = 'delivered' where number = '${number}';
        select dossier.filed(base.uuid_v7(), array['${number}'], now())`;
    await a.query('begin');
    await b.query('begin');
    await a.query(sign(numbers[0]));
    const second = b.query(sign(numbers[1]));
    await new Promise((done) => setTimeout(done, 200));
    await a.query('commit');
    await second;
    await b.query('commit');
    assert.equal(await db.value(`select filed_at is not null from dossier.dossier where id = '${one.id}'`), 't');
});

test('a result that was lost in the post can be sent again, and the new one ends the dossier', async () => {
    const one = await intake(), allowed = async () => (await db.json(`select dossier.allowed_actions(d, ${asker('officer')})
        from dossier.dossier d where d.id = '${one.id}'`)).map((x) => x.action);
    const act = (action, body = '{}') => db.json(`select dossier.act(${asker('officer')}, '${one.code}', '${action}', '${body}')`);
    for (const action of ['accept', 'start', 'result_ready']) await act(action);
    assert.ok(!(await allowed()).includes('send_result'), 'it is in the post');
    await db.query(`update custody.shipment set state = 'lost' where dossier = '${one.id}' and leg = 'result'`);
    assert.ok((await allowed()).includes('send_result'));
    const number = (await act('send_result', '{"weight_g": 20}')).shipments.filter((s) => s.leg === 'result' && s.state !== 'lost')[0].number;
    await db.query(`update custody.shipment set state = 'delivered' where number = '${number}'`);
    await db.query(`select dossier.delivered(array['${number}'], now())`);
    assert.equal(await db.value(`select status from dossier.dossier where id = '${one.id}'`), '10');
});
