// The whole journey as scans: what the public sees at each stage, and that bags are followed.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, test_database } from './cluster.mjs';
import { keep, kept_as_told, kept_text } from './kept.mjs';

// Where papers are being carried to, as the map dashes it.
const heading = async (j) => (await j.db.json(`select dossier.heading(d) from dossier.dossier d
    where d.code = '${j.made.code}'`))?.name ?? null;

const intake = (change = '{}') => `select dossier.intake(c.id, c.unit_id, c.roles,
    jsonb_build_object('id', base.uuid_v7(), 'procedure', '1.004873', 'agency', '46-A1',
        'service', 'both', 'applicant_kind', 'citizen', 'from_commune', '19777', 'weight_g', 80,
        'documents', '[{"name": "Đơn", "originals": 1, "copies": 0}]'::jsonb,
        'result_to_kind', 'address', 'result_commune', '19777') || '${change}',
    '\\x01', '\\x02', '\\x03', '\\x04', 'digest') from account.account c where c.login = 'clerk'`;

// Journey: everything a test does to one dossier, each in a transaction of its own.
class Journey {
    static async begin(db, change) {
        const one = new Journey();
        one.db = db;
        one.made = await db.json(intake(change));
        one.number = one.made.shipments[0]?.number;
        return one;
    }

    async scan(login, subject, kind, { container = null, at = 'clock_timestamp()', refers = null,
        id = null, reason = null, outcome: wanted = 'recorded' } = {}) {
        const text = (value) => (value === null ? 'null' : `'${value}'`);
        const [row] = await this.db.query(`select r.outcome, r.state, r.warnings, x.id
            from (select a.*, coalesce(${text(id)}::uuid, base.uuid_v7()) as scan
                  from account.account a where a.login = '${login}') a
            cross join lateral (select a.scan as id) x
            cross join lateral custody.record_scans(array[1], array[a.scan], array['${subject}'],
                array['${kind}'], array[${at}], array[a.id], array[a.unit_id], array[a.roles],
                array[0::bigint], array[0::bigint], array[${text(container)}::text],
                array[null::text], array[${text(refers)}::uuid], array[${text(reason)}::text],
                array[${reason ? "'retry'" : 'null'}::text],
                array['{"recipient": true, "relation": "self", "id_checked": true, "proof": "signature", "drawn": true}'::jsonb],
                array[sha256(convert_to('${subject}${kind}${refers}', 'UTF8'))],
                array['\\x01'::bytea], array['\\x01'::bytea], array['\\x01'::bytea],
                array['\\x01'::bytea]) r`);
        const [outcome, state, warnings, scan] = row;
        assert.equal(outcome, wanted, `${kind} of ${subject}: ${row}`);
        return { state, warnings, scan };
    }

    act(login, action, body = '{}') {
        return this.db.json(`select dossier.act(a.id, a.unit_id, a.roles, '${this.made.code}',
            '${action}', '${body}') from account.account a where a.login = '${login}'`);
    }

    async bag(login, subject, destination) {
        const bag = await this.db.json(`select container.create(a.id, a.unit_id, base.uuid_v7(),
            'receptacle', u.code, '${destination}', 'd') from account.account a
            join postal.unit u on u.id = a.unit_id where a.login = '${login}'`);
        await this.scan(login, subject, 'bag', { container: bag.id });
        await this.db.query(`select container.close(a.id, a.unit_id, a.roles, base.uuid_v7(),
            '${bag.id}', 'NP1', 'd') from account.account a where a.login = '${login}'`);
        return bag.id;
    }

    track(key = this.made.code) {
        return this.db.json(`select view from dossier.look('${key}')`);
    }

    async at(stage, step) {
        const view = await this.track();
        assert.equal(view.stage.code, stage, JSON.stringify(view, null, 1));
        if (step) assert.equal(view.stage.step, step);
        return view;
    }

    async hand_over(from, to, numbers, signer) {
        const list = await this.db.json(`select custody.handover_create(a.id, a.unit_id,
            base.uuid_v7(), '${to}', array['${numbers.join("','")}'], 'd')
            from account.account a where a.login = '${from}'`);
        await this.db.query(`select custody.handover_sign(a.id, a.unit_id, '${list.id}', '[]', true)
            from account.account a where a.login = '${signer}'`);
    }
}

test('counter, bag, hub, courier, agency, result, delivered: each stage told in plain words', async () => {
    const db = await test_database();
    const j = await Journey.begin(db);
    const first = await j.at('registered', 1);
    assert.equal(first.place.name, 'Bưu cục Thuận Hoá');
    assert.match(await heading(j), /phường Thuận Hoá/);
    assert.equal(first.place.province, 'Thành phố Huế');
    assert.equal(first.due_at, null);
    await j.scan('clerk', j.number, 'accept');
    await j.at('accepted_by_post', 1);
    const bag = await j.bag('clerk', j.number, '46-H1');
    await j.at('to_agency', 2);
    await j.scan('courier', bag, 'depart');
    assert.equal((await j.at('to_agency', 2)).place.moving, true);
    await j.scan('hub', bag, 'arrive');
    let view = await j.at('to_agency', 2);
    assert.deepEqual(view.place, { name: 'Trung tâm Khai thác vận chuyển Huế', moving: false,
        name_en: 'Huế Sorting Hub', province: 'Thành phố Huế', at: [107.635, 16.421] });
    assert.equal(view.timeline[0].kind, 'arrive');
    await j.scan('hub', bag, 'open');
    await j.scan('hub', j.number, 'sort');
    await j.scan('courier', j.number, 'out_for_delivery');
    await j.at('to_agency_out', 2);
    await j.hand_over('courier', '46-A1', [j.number], 'officer');
    view = await j.at('at_agency', 3);
    assert.ok(view.filed_at);
    assert.match(view.place.name, /phường Thuận Hoá/);
    assert.equal(await heading(j), null, 'it is there');
    await j.act('officer', 'accept');
    assert.ok((await j.at('accepted', 4)).due_at);
    await j.act('officer', 'start');
    await j.at('processing', 4);
    const ready = await j.act('officer', 'result_ready');
    const result = ready.shipments.at(-1).number;
    await j.at('result_ready', 5);
    await j.hand_over('officer', 'courier', [result], 'courier');
    await j.at('result_on_way', 5);
    assert.equal(await heading(j), null, 'where a result goes is not told');
    await j.scan('courier', result, 'out_for_delivery');
    await j.at('result_out', 5);
    await j.scan('courier', result, 'deliver');
    view = await j.at('done', 6);
    assert.equal(view.status.code, 10);
    assert.equal(view.place, null);
    const kinds = view.timeline.map((row) => row.kind);
    assert.deepEqual(kinds.slice(0, 2).sort(), ['deliver', 'dossier.result_returned']);
    for (const kind of ['depart', 'arrive', 'open', 'sort', 'dossier.filed', 'dossier.accept'])
        assert.ok(kinds.includes(kind), `${kind} in ${kinds}`);
    assert.ok(view.timeline.every((row, i, all) => !i || row.at <= all[i - 1].at));

    // Any leg leads to the whole dossier, typed as people type.
    for (const key of [j.number, result, ` ${result.toLowerCase()} `, j.made.code.toLowerCase(),
        `${j.number.slice(0, 2)} ${j.number.slice(2, 10)} ${j.number.slice(10, 11)} vn`])
        assert.deepEqual(await j.track(key), view);
    // The public learns neither the procedure nor anything of the applicant.
    const told = JSON.stringify(view);
    for (const secret of ['1.004873', 'hôn nhân', '19777', 'Vỹ Dạ', 'Đơn', 'sealed', j.made.id])
        assert.ok(!told.includes(secret), secret);
    assert.deepEqual(await db.query('select * from custody.rebuild()'), []);

    // Taking the delivery back takes the end back.
    const [[scan]] = await db.query(`select id from custody.event where subject = '${result}'
        and kind = 'deliver'`);
    await j.scan('courier', result, 'undo', { refers: scan });
    assert.equal((await j.at('result_out')).status.code, 9);
    assert.ok(!(await j.track()).timeline.some((row) => row.vi.startsWith('Đã trả kết quả')));
    await j.scan('courier', result, 'deliver');
    await j.at('done', 6);
    assert.deepEqual(await db.query('select * from custody.rebuild()'), []);
});

test('a bag whose opening is told late: the delivery that followed it ends the dossier', async () => {
    const db = await test_database();
    const j = await Journey.begin(db);
    await j.hand_over('clerk', '46-A1', [j.number], 'officer');
    await j.act('officer', 'accept');
    await j.act('officer', 'start');
    const result = (await j.act('officer', 'result_ready')).shipments.at(-1).number;
    await j.hand_over('officer', 'courier', [result], 'courier');
    await j.scan('clerk', result, 'arrive');
    const bag = await j.bag('clerk', result, '46-H1');
    await j.scan('courier', bag, 'depart');
    const then = await db.value('select clock_timestamp()');
    await j.scan('courier', result, 'out_for_delivery', { outcome: 'exception' });
    await j.scan('courier', result, 'deliver', { outcome: 'exception' });
    assert.equal((await j.track()).status.code, 9);
    const opening = await j.scan('clerk', bag, 'open', { at: `'${then}'::timestamptz`,
        outcome: 'exception' });
    assert.equal((await j.at('done', 6)).status.code, 10);
    await j.scan('supervisor', bag, 'reverse', { refers: opening.scan });
    assert.equal((await j.track()).status.code, 9);
    assert.equal(await db.value(`select count(*) from custody.exception
        where subject = '${result}' and code = 'delivery_taken_back'`), '1');
    assert.deepEqual(await db.query('select * from custody.rebuild()'), []);
});

// What dossier.news says behind a position: {log, told, placed: [subject…], waiting: [subject…]}.
async function news(db, after, most = 1000) {
    const rows = await db.query(`select subject, pos from dossier.news(${after}, ${most})`);
    const of = (wanted) => rows.slice(2).filter(([subject, pos]) => subject !== null
        && (pos === null) === wanted).map(([subject]) => subject);
    return { log: Number(rows[0][1]), told: Number(rows[1][1]), placed: of(false), waiting: of(true),
             too_much: rows.length === 3 && rows[2][0] === null };
}

test('what is new is told by subject, also while it waits for its position', async () => {
    const db = await test_database();
    const j = await Journey.begin(db);
    const sequence = () => db.sequence();
    const first = await news(db, 0);
    assert.deepEqual([first.log, first.placed.length], [0, 0]);
    assert.ok(first.waiting.includes(j.made.id) && first.waiting.includes(j.number));
    const start = Number(await sequence());
    assert.deepEqual(await news(db, start),
        { log: start, told: 0, placed: [], waiting: [], too_much: false });
    assert.ok((await news(db, 0)).placed.includes(j.number));
    await j.scan('clerk', j.number, 'accept');
    assert.deepEqual((await news(db, start)).waiting, [j.number]);
    const then = Number(await sequence());
    assert.deepEqual((await news(db, start)).placed, [j.number]);
    assert.deepEqual((await news(db, then)).placed, []);
    assert.deepEqual((await news(db, 0, 1)).too_much, true);
    await j.scan('clerk', j.number, 'count');
    await j.scan('clerk', j.number, 'count');
    assert.deepEqual((await news(db, then, 1)).too_much, true);
});

test('a kept answer goes when anything of it moved, also through a bag, and is told again', async () => {
    const db = await test_database();
    const [j, other] = [await Journey.begin(db), await Journey.begin(db)];
    const sequence = () => db.sequence();
    const kept = async () => (await db.query('select dossier from dossier.told')).flat();
    const gone = async () => (await db.query(`select gone, more from dossier.told_on(1000)`))[0];
    await sequence();
    assert.deepEqual(await gone(), [null, 'f'], 'nothing is kept yet');
    const tell = (...keys) => db.value(keep(...keys));
    assert.equal(await tell(j.made.code, j.number, other.made.code), '3');
    assert.equal(await db.value(kept_as_told), '3');
    await j.scan('clerk', j.number, 'accept');
    assert.deepEqual(await gone(), [null, 'f'], 'it has no position yet');
    const bag = await j.bag('clerk', j.number, '46-H1');
    await sequence();
    assert.deepEqual((await gone())[0].split(' ').sort(), [j.made.code, j.number].sort(), 'by each key it was asked for');
    assert.deepEqual(await kept(), [other.made.id]);
    await tell(j.made.code);
    assert.ok((await db.value(kept_text(j.made.id))).includes(bag));
    await j.scan('courier', bag, 'depart');
    await sequence();
    assert.deepEqual(await gone(), [j.made.code, 'f']);
    await tell(j.made.code);
    await j.scan('hub', bag, 'arrive');
    await j.scan('hub', bag, 'open');
    await j.scan('hub', j.number, 'sort');
    await sequence();
    assert.equal((await gone())[0], j.made.code);
    await tell(j.made.code);
    assert.equal((await j.track()).timeline[0].kind, 'sort');
    assert.equal(await db.value(kept_as_told), '2');
    const made = await db.value(`select as_of from dossier.told where dossier = '${j.made.id}'`);
    await db.query(`update dossier.told set as_of = as_of + 1 where dossier = '${j.made.id}'`);
    assert.equal(await tell(j.made.code), '0', 'an older answer does not take the place of a newer');
    await db.query('delete from dossier.told');
    await db.query('update dossier.told_head set position = position + 1', 'dossierpost_owner');
    assert.equal(await tell(j.made.code), '0', 'what was touched since may have been taken away before it came');
    await db.query('update dossier.told_head set position = position - 1', 'dossierpost_owner');
    assert.equal(await tell(j.made.code), '1');
    assert.ok(Number(made) > 0);
});

test('an odd scan is not told to the public; when a late one explains it, it is', async () => {
    const db = await test_database();
    const j = await Journey.begin(db);
    await j.scan('clerk', j.number, 'accept', { at: "now() - interval '50 minutes'" });
    const [[outcome]] = await db.query(`select r.outcome from account.account a
        cross join lateral custody.record_scans(array[1], array[base.uuid_v7()],
            array['${j.number}'], array['fail'], array[now()], array[a.id], array[a.unit_id],
            array[a.roles], array[0::bigint], array[0::bigint], array[null::text],
            array[null::text], array[null::uuid], array['absent'], array['retry'],
            array[null::jsonb], array['\\x0a'::bytea], array[null::bytea], array[null::bytea],
            array[null::bytea], array[null::bytea]) r
        where a.login = 'courier'`);
    assert.equal(outcome, 'exception');
    assert.ok(!(await j.track()).timeline.some((row) => row.kind === 'fail'));
    await j.scan('courier', j.number, 'out_for_delivery', { at: "now() - interval '10 minutes'" });
    const view = await j.at('to_agency_held');
    assert.equal(view.timeline[0].kind, 'fail');
    assert.ok(!JSON.stringify(view).includes('absent'));
});

test('a list signed by another agency files nothing', async () => {
    const db = await test_database();
    const j = await Journey.begin(db);
    await j.scan('clerk', j.number, 'accept');
    await j.hand_over('clerk', '46-A6', [j.number], 'officer2');
    assert.equal((await j.track()).filed_at, null);
});

test('a staff list and a look-up read indexes, not whole tables', async () => {
    const db = await test_database();
    const plan = (sql) => db.query(`set local enable_seqscan = off; explain ${sql}`)
        .then((rows) => rows.flat().join('\n'));
    for (const sql of [`select * from dossier.dossier d where d.agency = 31
        order by d.created_at desc, d.id desc limit 51`,
        `select * from dossier.dossier d where d.office = 11
        order by d.created_at desc, d.id desc limit 51`,
        `select * from dossier.dossier d where d.created_by = 1
        order by d.created_at desc, d.id desc limit 51`,
        `select * from dossier.dossier d order by d.created_at desc, d.id desc limit 51`,
        `select * from dossier.dossier where code = 'X'`,
        `select * from custody.shipment where dossier = '${'0'.repeat(32)}'`,
        `select * from dossier.access where dossier = '${'0'.repeat(32)}'`]) {
        const text = await plan(sql);
        assert.ok(!/Seq Scan|Sort/.test(text), `${sql}\n${text}`);
    }
});

test('a place is where its office is, else where its commune is, else nowhere', async () => {
    const db = await test_database();
    const at = async () => (await db.json(`select dossier.place_json(u.id) from postal.unit u
        where u.code = '46-B1'`)).at;
    assert.deepEqual(await at(), [107.584, 16.456]);
    await db.query(`update postal.unit set lat = null where code = '46-B1'`);
    const [[lon, lat]] = await db.query(`select round(c.lon::numeric, 3)::float, round(c.lat::numeric, 3)::float
        from postal.commune c join postal.unit u on u.commune_code = c.code where u.code = '46-B1'`);
    assert.deepEqual(await at(), [Number(lon), Number(lat)]);
    await db.query(`update postal.commune c set lon = null from postal.unit u
        where u.commune_code = c.code and u.code = '46-B1'`);
    assert.equal(await at(), undefined);
});

test('every event of a dossier has words for staff', async () => {
    const db = await test_database(), folder = join(ROOT, 'migrations');
    const text = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
    const kinds = [...text.matchAll(/dossier\.record\([^,;]+, *'([a-z_]+)'/g)].map(([, kind]) => kind);
    assert.ok(kinds.includes('erase') && kinds.includes('pickup_moved') && kinds.length > 15, kinds.join());
    assert.deepEqual(await db.query(`select distinct k from unnest('{${kinds}}' || array(select action from dossier.action)) k
        cross join lateral dossier.kind_word('dossier.' || k) w where w.vi is null or w.en is null order by k`), []);
});
