// The work list: what is odd gets a likely cause, answers that tell beforehand what they would do and
// then do exactly that, and a due time by the unit's office hours. Nothing on it closes by itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { test_database } from './cluster.mjs';
import { container, people, record, shipment, uuid7 } from './scans.mjs';

const MINUTE = 60000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
let db, session, all, clock;
before(async () => {
    db = await test_database();
    session = db.session();
    all = await people(db);
    clock = Date.now() - 2 * DAY; // a minute on with each scan
});
after(() => db.end());

const asker = (login) => `${all[login].id}, ${all[login].unit}, ${login === 'supervisor'}`;
const answerer = (login) => `${all[login].unit}, ${login === 'supervisor'}`;
const unit_of = async (code) => Number(await db.value(`select id from postal.unit where code = '${code}'`));
const json = async (sql) => JSON.parse((await session.query(sql))[0][0]);

async function one(kind, who, subject, more = {}) {
    const at = more.time ?? (clock += MINUTE);
    const scan = { id: uuid7(at), subject, kind, who, at: new Date(at).toISOString(), ...more };
    delete scan.time;
    const [reply] = await record(session, all, [scan]);
    return { ...reply, scan };
}
const odd = async (subject, code) => Number((await session.query(`select id from custody.exception
    where subject = '${subject}' and code = '${code}' and resolved_at is null order by id desc limit 1`))[0]?.[0]);
const get = (login, id) => json(`select custody.exception_get(${asker(login)}, ${id})`);
const resolve = (login, id, decision, note = 'đã gọi hỏi', more = '') => json(`select custody.exception_resolve(
    ${asker(login)}, ${id}, '${decision}', ${note === null ? 'null' : `'${note}'`}${more})`);
const list = (login, more = '') => json(`select custody.exceptions(${answerer(login)}, true, 0${more})`);
const by_code = (answers) => Object.fromEntries(answers.map((one) => [one.code, one]));
const problem = (slug) => (error) => {
    assert.match(String(error.message), new RegExp(`DP001: ${slug}\\b`));
    return true;
};
const rebuilt = async () => assert.deepEqual(await db.query('select * from custody.rebuild()'), []);

// A shipment that the courier collected and another courier scanned without its being handed over.
async function strange() {
    const number = await shipment(session);
    await one('collect', 'courier', number);
    const { scan } = await one('take_over', 'courier2', number);
    return { number, scan, id: await odd(number, 'wrong_holder') };
}

async function sealed(number = null) {
    const bag = await container(session, '46-B1', '46-H1');
    const inside = number ?? await shipment(session);
    await one('accept', 'clerk', inside);
    await one('bag', 'clerk', inside, { container: bag });
    await one('close', 'clerk', bag);
    return { bag, inside };
}

test('the rules name each other rightly, in both languages, and every oddity is cared for', async () => {
    assert.deepEqual(await db.query(`select c.oddity from custody.care c
        left join custody.oddity o on o.code = c.oddity
        where c.oddity <> '' and (o.code is null or not o.opens)`), []);
    assert.deepEqual(await db.query(`select c.oddity, a from custody.care c, unnest(c.answers) a
        where not exists (select from custody.answer w where w.code = a)`), []);
    assert.deepEqual(await db.query(`select w.code from custody.answer w
        where w.does in ('step', 'offer') and w.kinds = '{}' or w.name_vi = '' or w.would_vi = ''
           or not exists (select from custody.care c where w.code = any (c.answers))
           or exists (select from unnest(w.kinds) k where not exists (
                select from custody.scan_kind s where s.kind = k))`), []);
    assert.deepEqual(await db.query(`select c.oddity from custody.care c
        where c.cause_vi = '' or c.cause_en = '' or cardinality(c.answers) = 0`), []);
    assert.equal(await db.value(`select (custody.care_of('no such code')).oddity = ''`), 't');
    // What the contract has always taken stays an answer where it means something.
    assert.deepEqual(await db.query(`select o.code from custody.oddity o
        cross join lateral custody.care_of(o.code) c where o.opens and not c.seeks
          and not (c.answers && '{accept,confirm}' and 'dismiss' = any (c.answers))`), []);
    await assert.rejects(db.query(`update custody.care set hours = 1`), /permission denied/);
});

test('a wrong holder: who had it, and what each answer would do', async () => {
    const { number, id } = await strange();
    const seen = await get('clerk2', id);
    assert.match(seen.cause, /^Lê Văn Thử.* giữ sau cùng \(từ \d\d\/\d\d\/\d{4} \d\d:\d\d\); Đỗ Văn Thử.* quét mà không có bàn giao: nhiều khả năng việc bàn giao chưa được quét\.$/);
    assert.match(seen.cause_en, /had it last \(since .*\).*most likely the hand-over was not scanned/);
    assert.deepEqual([seen.before.state, seen.before.holder.id], ['accepted', String(all.courier2.id)]);
    assert.deepEqual(seen.answers.map((one) => [one.code, one.key, one.possible, one.allowed, one.note]), [
        ['accept', 'a', true, true, false], ['return', 'v', false, true, false],
        ['reverse', 'r', true, false, true], ['correct', 'c', true, true, true],
        ['search', 's', true, true, false], ['dismiss', 'd', true, true, true]]);
    const answers = by_code(seen.answers);
    assert.equal(answers.reverse.after.holder.id, String(all.courier.id));
    assert.deepEqual(answers.accept.after, seen.before);
    assert.match(answers.return.why, /không phải người đang giữ/, 'only who holds it may offer it');
    // Who has it, may give it back.
    const theirs = by_code((await json(`select custody.exception_get(${all.courier2.id}, ${all.clerk2.unit}, false,
        ${id})`)).answers);
    assert.deepEqual([theirs.return.possible, theirs.return.after.offered.id], [true, String(all.courier.id)]);
    assert.deepEqual((await list('clerk2')).items.find((row) => row.id === String(id)).subject, number);
    assert.equal(await session.query(`select custody.exception_get(${asker('clerk')}, ${id})`).then(([[row]]) => row), null);
});

test('a list that was made and not signed is named as the cause', async () => {
    const number = await shipment(session);
    await one('collect', 'courier', number);
    await session.query(`select custody.handover_create(${all.courier.id}, ${all.courier.unit}, base.uuid_v7(), 'clerk2',
        array['${number}'], '\\x01')`);
    await one('take_over', 'courier2', number, { time: Date.now() });
    const id = await odd(number, 'wrong_holder');
    assert.match((await get('supervisor', id)).cause, /chưa được quét/);
    const result = await shipment(session, 'result');
    await one('take_over', 'courier', result);
    await one('out_for_delivery', 'courier', result);
    await session.query(`select custody.handover_create(${all.courier.id}, ${all.courier.unit}, base.uuid_v7(), 'courier2',
        array['${result}'], '\\x01')`);
    await one('deliver', 'courier2', result, { time: Date.now(), recipient: 'ai đó' });
    const waits = await odd(result, 'wrong_holder_waits');
    assert.match((await get('supervisor', waits)).cause, /biên bản giao nhận lập lúc .* chưa được ký/);
});

// Every answer to many odd things: where it would stand, against where it stands once that was done.
test('what an answer would do is what it does', async () => {
    const made = [];
    const made_by = async (code, subject) => made.push([code, subject, await odd(subject, code)]);
    await made_by('wrong_holder', (await strange()).number);
    {
        // What came after it would be odd without it.
        const { number } = await strange();
        await one('depart', 'courier2', number);
        await made_by('wrong_holder', number);
    }
    {
        const number = await shipment(session);
        await one('accept', 'clerk', number);
        await one('sort', 'hub', number);
        await made_by('wrong_holder', number);
    }
    {
        const number = await shipment(session);
        await one('accept', 'clerk', number);
        await one('arrive', 'clerk2', number, { time: clock += DAY / 2 });
        await made_by('wrong_route', number);
    }
    {
        const number = await shipment(session, 'result');
        await one('take_over', 'courier', number);
        await one('arrive', 'clerk', number);
        await one('out_for_delivery', 'courier', number);
        await one('deliver', 'courier2', number, { recipient: 'ai đó' });
        await made_by('wrong_holder_waits', number);
    }
    {
        const { bag, inside } = await sealed();
        await one('depart', 'courier', bag);
        await one('arrive', 'hub', inside);
        await made_by('sealed_bag', inside);
        await one('take_over', 'courier2', bag);
        await made_by('wrong_holder', bag);
    }
    {
        const { bag } = await sealed();
        const late = await shipment(session);
        await one('accept', 'clerk', late);
        await one('bag', 'clerk', late, { container: bag });
        await made_by('closed_bag', late);
    }
    {
        const number = await shipment(session);
        await one('sort', 'hub', number);
        await made_by('illegal_step', number);
        await one('count', 'hub', 'EE471108151FR');
        await made_by('unknown_shipment', 'EE471108151FR');
    }
    for (const [what, of] of [['missing', 'clerk'], ['surplus', 'hub']]) {
        const number = await shipment(session);
        await one('accept', 'clerk', number);
        const count = await db.value('select base.uuid_v7()');
        await session.query(`select custody.count_add(${all[of].id}, ${all[of].unit}, '${count}', true,
            array[${what === 'surplus' ? `'${number}'` : ''}]::text[])`);
        await session.query(`select custody.count_close(${all[of].id}, '${count}')`);
        await made_by(`count_${what}`, number);
    }
    let tried = 0, refused = 0, odd_then = 0;
    for (const [code, subject, id] of made) {
        assert.ok(id, `${code} of ${subject}`);
        for (const who of ['clerk', 'hub', 'clerk2', 'supervisor']) {
            const seen = await json(`select coalesce(custody.exception_get(${asker(who)}, ${id}), 'null')`);
            for (const answer of seen?.answers ?? []) {
                if (!answer.allowed) continue;
                const name = `${code} of ${subject}: ${answer.code} by ${who}`;
                await session.query('begin');
                // The same moment for both.
                const [before_it] = (await get(who, id)).answers.filter((one) => one.code === answer.code);
                if (!answer.possible) {
                    await assert.rejects(resolve(who, id, answer.code), problem('action-not-allowed'), name);
                    assert.ok(answer.why && answer.why_en, name);
                    refused++;
                    await session.query('rollback');
                    continue;
                }
                const had = await session.query(`select count(*) from custody.exception`);
                const reply = await resolve(who, id, answer.code);
                assert.deepEqual(reply.after ?? null, before_it.after ?? null, name);
                const stands = await session.query(`select state, holder_kind, holder_id
                    from custody.standing_of('${subject}')`);
                const told = before_it.after && await session.query(`select '${before_it.after.state}',
                    '${before_it.after.holder.kind}', (select id from custody.standing_of('${subject}') s
                        cross join lateral (select s.holder_id as id) x
                        join lateral custody.party(s.holder_kind, s.holder_id) p on p.ref = '${before_it.after.holder.id}')`);
                if (told) assert.deepEqual(stands, told, name);
                const opened = Number(await session.query(`select count(*) from custody.exception`)) - Number(had);
                assert.equal(opened, before_it.then.length + (answer.code === 'search' ? 1 : 0), name);
                assert.equal((await session.query(`select decision, resolved_by from custody.exception where id = ${id}`)).join(),
                    `${answer.code},${all[who].id}`);
                tried++;
                odd_then += before_it.then.length;
                await session.query('rollback');
            }
        }
    }
    assert.ok(tried > 60 && refused > 5 && odd_then > 0, `${tried} tried, ${refused} refused, ${odd_then} odd then`);
    await rebuilt();
});

test('each does its act: reverse, confirm, here, lost, and the projections follow', async () => {
    const { number, id } = await strange();
    await assert.rejects(resolve('clerk2', id, 'reverse'), problem('forbidden'));
    await assert.rejects(resolve('supervisor', id, 'reverse', null), problem('invalid-fields'));
    await assert.rejects(resolve('supervisor', id, 'lost'), problem('invalid-fields'));
    const reply = await resolve('supervisor', id, 'reverse');
    assert.equal(reply.after.holder.id, String(all.courier.id));
    assert.equal(await db.value(`select holder_id from custody.shipment where number = '${number}'`), String(all.courier.id));
    assert.deepEqual(await db.query(`select kind, actor from custody.event where subject = '${number}'
        and kind in ('reverse', 'resolve') order by kind`), [['resolve', String(all.supervisor.id)],
        ['reverse', String(all.supervisor.id)]]);

    const old = await shipment(session);
    await one('accept', 'clerk', old, { time: Date.now() - 70 * DAY });
    const late = await odd(old, 'held_too_long');
    assert.equal(by_code((await get('clerk', late)).answers).confirm.after.state, 'accepted');
    assert.equal((await resolve('clerk', late, 'accept', null)).decision, 'confirm', 'as it was called before');
    assert.equal(await db.value(`select state from custody.shipment where number = '${old}'`), 'accepted');
    await rebuilt();
});

test('a search goes to the unit and person that had it last, and one may say that it turned up', async () => {
    const { number, id } = await strange();
    await resolve('clerk2', id, 'search', null);
    const [[task, unit, actor, code]] = await db.query(`select id, unit, actor, code from custody.exception
        where subject = '${number}' and resolved_at is null`);
    assert.deepEqual([code, Number(unit), Number(actor)], ['search_asked', all.courier2.unit, all.courier2.id]);
    const before_it = await get('clerk2', task);
    assert.deepEqual([before_it.search, before_it.seen], [true, undefined]);
    await one('arrive', 'clerk2', number, { time: Date.now() });
    const seen = await get('clerk2', task);
    assert.deepEqual([seen.seen.unit, seen.seen.kind_name, seen.resolved_at], ['46-B5', 'Đến', undefined]);
    await resolve('clerk2', task, 'turned_up', null);
    assert.equal(await odd(number, 'search_asked'), NaN);
    const lost = await strange();
    await resolve('clerk2', lost.id, 'search', null);
    const away = await odd(lost.number, 'search_asked');
    await assert.rejects(resolve('clerk2', away, 'lost'), problem('forbidden'));
    await assert.rejects(resolve('supervisor', away, 'lost', ''), problem('invalid-fields'));
    assert.equal((await resolve('supervisor', away, 'lost')).after.state, 'lost');
    await rebuilt();
});

test('the second who decides is told who decided what; a key gives the same reply again', async () => {
    const { number, id } = await strange();
    const key = `, 'k', '\\x0102'`;
    const first = await resolve('clerk2', id, 'accept', 'đúng', key);
    assert.deepEqual(await resolve('clerk2', id, 'accept', 'đúng', key), first);
    await assert.rejects(resolve('clerk2', id, 'dismiss', 'x', `, 'k', '\\x03'`), problem('id-reused'));
    await assert.rejects(resolve('supervisor', id, 'reverse'), (error) => {
        assert.match(error.message, /DP001: conflict/);
        assert.match(error.message, /Bùi Thị Mẫu.* đã xử lý lúc .*: Chấp nhận như đã ghi\./);
        assert.match(error.message, /"first": \{"at": ".*", "by": "Bùi Thị Mẫu[^"]*", "decision": "accept"\}/);
        return true;
    });
    assert.equal(await db.value(`select holder_id from custody.shipment where number = '${number}'`), String(all.courier2.id));

    // At once: one of them, the other waits and is told.
    const other = await strange();
    const [a, b] = [db.session(), db.session()];
    const say = (s, who, what) => s.query(`select custody.exception_resolve(${asker(who)}, ${other.id}, '${what}', 'x')`);
    await a.query('begin');
    await say(a, 'supervisor', 'reverse');
    const late = assert.rejects(say(b, 'clerk2', 'accept'), problem('conflict'));
    await new Promise((done) => setTimeout(done, 150));
    await a.query('commit');
    await late;
    await rebuilt();
});

test('one takes it, others see who has it; given back it is free', async () => {
    const { id } = await strange();
    const turn = (who, take, more = '') => json(`select custody.exception_turn(${asker(who)}, ${id}, ${take}${more})`);
    const taken = await turn('clerk2', true);
    assert.equal(taken.taken_by.id, String(all.clerk2.id));
    assert.deepEqual((await turn('clerk2', true)).turns.length, 1, 'again changes nothing');
    const colleague = `${all.courier2.id}, ${all.clerk2.unit}, false`;
    await assert.rejects(json(`select custody.exception_turn(${colleague}, ${id}, true)`), problem('conflict'));
    await assert.rejects(json(`select custody.exception_turn(${asker('clerk')}, ${id}, true)`), problem('forbidden'));
    assert.equal((await list('clerk2', `, p_taken_by => ${all.clerk2.id}`)).items.length, 1);
    assert.equal((await turn('supervisor', true)).taken_by.id, String(all.supervisor.id));
    const back = await turn('supervisor', false, `, 'back', '\\x01'`);
    assert.deepEqual(await turn('supervisor', false, `, 'back', '\\x01'`), back);
    assert.equal(back.taken_by, undefined);
    assert.deepEqual(back.turns.map((one) => one.taken), [true, true, false]);
    assert.equal((await list('clerk2', `, p_taken_by => ${all.clerk2.id}`)).items.length, 0);
});

test('ages by office hours; the overdue first; counts, kinds, units and pages', async () => {
    const fresh = await test_database(), units = {};
    for (const code of ['46-B1', '46-A1', '46-H1']) units[code] = await unit_of(code);
    // Thursday 22 January 2026 16:00; the office works from 07:30 to 18:00 without a break.
    const opened = `timestamptz '2026-01-22 16:00+07'`;
    const put = (code, unit, at, n) => fresh.query(`insert into custody.exception (subject, event_id, code, unit,
        opened_at, actor) select 'S' || g, gen_random_uuid(), '${code}', ${unit}, ${at}, 1 from generate_series(1, ${n}) g`);
    await put('illegal_step', units['46-B1'], opened, 3);
    await put('wrong_holder', units['46-B1'], opened, 2);
    await put('no_proof', units['46-A1'], `${opened} - interval '3 days'`, 1);
    await put('illegal_step', units['46-H1'], `${opened} - interval '9 days'`, 4);
    const asked = (more, unit = all.clerk.unit, supervisor = false) => fresh.json(`select custody.exceptions(${unit},
        ${supervisor}, true, 0${more})`);
    const unreckoned = (await asked(`, p_now => ${opened}`)).items;
    assert.equal(new Date(unreckoned.find((x) => x.code === 'wrong_holder').due_at).toISOString(), '2026-01-23T02:30:00.000Z',
        'told before it is kept');
    assert.equal(await fresh.value('select custody.exceptions_age(7)'), '7');
    assert.equal(await fresh.value('select custody.exceptions_age(7)'), '3');
    assert.equal(await fresh.value('select custody.exceptions_age(7)'), '0');
    assert.deepEqual(await fresh.query(`select distinct code, due_at at time zone 'Asia/Ho_Chi_Minh' from custody.exception where unit = ${units['46-B1']}
        order by 1`), [['illegal_step', '2026-01-23 13:30:00'], ['wrong_holder', '2026-01-23 09:30:00']]);
    const now = `, p_now => timestamptz '2026-01-23 13:00+07'`;
    const { items, counts } = await asked(`${now}, p_counts => 1`);
    assert.deepEqual(items.map((x) => [x.code, x.overdue]), [['no_proof', true], ['wrong_holder', true],
        ['wrong_holder', true], ...Array(3).fill(['illegal_step', false])]);
    // The agency has a break, and its week no weekend; today is until now.
    assert.deepEqual(items.slice(0, 2).map((x) => x.age_minutes), [60 + 3 * 450 + 240, 120 + 330]);
    assert.deepEqual([counts.open, counts.overdue, counts.today, counts.later], [6, 3, 3, 0]);
    assert.deepEqual(counts.codes.map((x) => [x.code, x.open, x.overdue]),
        [['wrong_holder', 2, 2], ['no_proof', 1, 1], ['illegal_step', 3, 0]]);
    assert.deepEqual((await asked(`${now}, p_overdue => true`)).items.length, 3);
    assert.deepEqual((await asked(`${now}, p_code => 'illegal_step'`)).items.length, 3);

    const province = await asked(`${now}, p_counts => 1, p_overdue => true`, all.supervisor.unit, true);
    assert.deepEqual(province.counts.units.map((x) => [x.unit, x.open, x.overdue]),
        [['46-H1', 4, 4], ['46-B1', 5, 2], ['46-A1', 1, 1]]);
    assert.equal(province.items.length, 7);
    assert.equal(province.items[0].unit, '46-H1');
    assert.deepEqual((await asked(`, p_of => '46-A1'${now}`, all.supervisor.unit, true)).items.map((x) => x.unit), ['46-A1']);
    assert.deepEqual((await asked(`, p_of => '46-H1'${now}`)).items, [], 'not this office\'s');
    // Page by page nothing is lost or told twice.
    const seen = [];
    for (let after = 0, guard = 0; after !== undefined && guard < 20; guard++) {
        const page = await fresh.json(`select custody.exceptions(${all.supervisor.unit}, true, true, ${after}, 3${now})`);
        assert.ok(page.items.length <= 3);
        seen.push(...page.items.map((x) => x.id));
        after = page.next;
    }
    assert.equal(new Set(seen).size, 10);
    assert.equal(seen.length, 10);
    assert.deepEqual(seen, (await asked(now, all.supervisor.unit, true)).items.map((x) => x.id));
});

test('the cause, where the data tell it', async () => {
    const cause = async (subject, code) => (await get('supervisor', await odd(subject, code))).cause;
    const fast = await shipment(session);
    await one('accept', 'clerk', fast);
    await one('arrive', 'hub', fast, { data: { skew_ms: -7200000 } });
    assert.match(await cause(fast, 'clock_far'), /^Đồng hồ thiết bị nhanh 2 giờ so với máy chủ\.$/);
    const far = await shipment(session);
    await one('accept', 'clerk', far);
    await one('arrive', 'clerk2', far, { time: clock + 30000 });
    assert.match(await cause(far, 'impossible_speed'), /^Trước đó ở Bưu cục Thuận Hoá, cách \d+ km, chỉ 1 phút\. Nhiều khả năng đồng hồ/);
    const ahead = await shipment(session);
    await one('accept', 'clerk', ahead, { time: Date.now() + 3 * HOUR });
    assert.match(await cause(ahead, 'clock_ahead'), /nhanh (3 giờ|179 phút|2 giờ)/);

    const { bag, inside } = await sealed();
    const late = await shipment(session);
    await one('accept', 'clerk', late);
    await one('bag', 'clerk', late, { container: bag });
    assert.match(await cause(late, 'closed_bag'), /^Túi đã niêm phong lúc \d\d\/\d\d\/\d{4} \d\d:\d\d, trước lượt quét này/);
    await one('arrive', 'hub', inside);
    assert.match(await cause(inside, 'sealed_bag'), new RegExp(`^Theo hệ thống vẫn ở trong túi ${bag}, niêm phong lúc`));

    const early = await shipment(session);
    await one('sort', 'hub', early);
    assert.match(await cause(early, 'illegal_step'), /^Lúc đó: "Đã tạo bưu gửi"; thao tác này chỉ làm được từ: Bưu chính đã nhận, Đã đến\. Nhiều khả năng thiếu/);

    await one('accept', 'clerk', 'EE471108151FR');
    assert.match(await cause('EE471108151FR', 'unknown_shipment'), /không thuộc dải số nào/);
    const next = await db.value(`select indicator || lpad((next + 5)::text, 8, '0')
        || postal.s10_check_digit(lpad((next + 5)::text, 8, '0')) || 'VN' from postal.s10_block b
        join postal.unit u on u.id = b.unit_id where u.code = '46-B1' and indicator = 'RR'`);
    await one('accept', 'clerk', next);
    assert.match(await cause(next, 'unknown_shipment'), /thuộc dải số của Bưu cục Thuận Hoá nhưng chưa có hồ sơ/);
    const number = await db.value(`select numbers ->> 0 from account.account a cross join lateral (select postal.lease_make(a.id,
        a.unit_id, a.roles, 0, base.uuid_v7(), '\\x01', '{"kind": "counter", "count": 1}') -> 'numbers' as numbers) l
        where a.login = 'clerk'`);
    await one('accept', 'clerk', number);
    assert.match(await cause(number, 'unknown_shipment'), /đã cấp trước cho Bưu cục Thuận Hoá nhưng hồ sơ chưa gửi về/);
});
