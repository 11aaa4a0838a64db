// `dossierpost purge` beside a running service, and what `dossierpost verify` says afterwards: the
// number of positions that are gone, and every deletion that no purge explains.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ROOT, discard, own_service, until, uuid7 } from '../api/service.mjs';
import { intake, ok, people, recorded, whole_journey } from '../api/walk.mjs';
import { query } from './journal.mjs';

const first_of = (months, now = new Date()) => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1);
const day = (time) => new Date(time).toISOString().slice(0, 10);
const FROM = first_of(-3), BEFORE = day(first_of(-2)), NAME = `event_${day(FROM).slice(0, 7).replace('-', '')}`;
const KEPT = ['event', 'log', 'purge'];

let service, all, journey, fresh, late, first_scan;

function run(...args) {
    const binary = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
    const env = { ...process.env, DOSSIERPOST_STATE_DIR: service.state };
    return new Promise((done) => execFile(binary, args, { env },
        (error, out, told) => done({ status: error?.code ?? 0, out, told })));
}

async function json(...args) {
    const { status, out, told } = await run(...args, '--json');
    assert.match(out, /^[{[]/, `${args}: ${told}`);
    return { status, told, report: JSON.parse(out) };
}

const ask = (sql) => query(service, sql)[0];
const checkpoint = () => until('a checkpoint of the last event', () => ask(`select
    (select max(size) from custody.checkpoint) = position and position = (select count(*) from custody.event)
        + (select coalesce(sum(events), 0) from custody.purge) from custody.log_head`) === 't');

// All that happened is of that month, with its own ids; the log is made again from it.
const age = (number) => query(service, `
    create table public.moved as select id, overlay(id::text placing substr(custody.uuid_floor(to_timestamp(
        ${(FROM + 86400000) / 1000}) + row_number() over (order by xid, received_at, id) * interval '1 ms')::text, 1, 13)
        from 1 for 13)::uuid as old from custody.event;
    update custody.event e set id = m.old, at = e.at - back, received_at = e.received_at - back,
        device_at = e.device_at - back
    from public.moved m, (select now() - to_timestamp(${(FROM + 2 * 86400000) / 1000}) as back) b where m.id = e.id;
    update custody.payload p set event = m.old from public.moved m where m.id = p.event;
    update custody.remark p set event = m.old from public.moved m where m.id = p.event;
    truncate custody.log, custody.tree, custody.checkpoint;
    update custody.log_head set position = 0, next_xid = 0;
    select id from custody.event where subject = '${number}' and kind = 'accept'`);

before(async () => {
    service = await own_service();
    journey = await whole_journey(await people(service));
    await until('all to have positions', () => ask(`select (select count(*) from custody.event) = position
        from custody.log_head`) === 't');
    await service.killed();
    [first_scan] = age(journey.number);
    rmSync(join(service.state, 'checkpoints.log'));
    await service.start();
    all = await people(service);
    fresh = await intake(all.clerk);
    await recorded(all.clerk, 'accept', fresh.number);
    await checkpoint();
});
after(() => discard(service));

describe('purge', () => {
    it('says what would go, and what keeps a month back, and does nothing', async () => {
        query(service, `update custody.shipment set state = 'held' where number = '${journey.number}'`);
        const held = await run('purge', '--before', BEFORE);
        assert.equal(held.status, 1, held.told);
        assert.match(held.out, new RegExp(`${NAME}: \\d+ events, not purged:\n  ${journey.number} has not ended\n`));
        query(service, `update custody.shipment set state = 'delivered' where number = '${journey.number}'`);
        const would = await run('purge', '--before', BEFORE, '--dry-run');
        assert.deepEqual([would.status, would.out.match(/^\S+: \d+ events, would be purged\n$/)?.length], [0, 1], would.out + would.told);
        assert.equal(ask('select count(*) from custody.purge'), '0');
        assert.match((await run('purge', '--before', '2020-01-01')).out, /^no month of events lies wholly before/);
        assert.equal((await run('purge', '--dry-run')).status, 2);
        assert.equal((await run('purge', '--before', 'soon')).status, 1);
    });

    it('drops the month while the service goes on, and tells it in the log', async () => {
        const { status, report, told } = await json('purge', '--before', BEFORE);
        assert.equal(status, 0, JSON.stringify(report) + told);
        assert.deepEqual([report.length, report[0].partition, report[0].purged], [1, NAME, true]);
        assert.ok(report[0].events > 20);
        journey.gone = report[0].events;
        assert.equal(ask(`select to_regclass('custody.${NAME}') is null`), 't');
        await recorded(all.clerk, 'count', fresh.number);
    });

    it('leaves a repeat a duplicate, and a late scan an exception', async () => {
        const scan = (id) => all.clerk.scan('accept', journey.number, { id });
        const again = await scan(first_scan);
        assert.deepEqual([again.outcome, again.first], ['duplicate', { purged: true }]);
        late = uuid7(FROM + 5 * 86400000);
        const strange = await scan(late);
        assert.deepEqual([strange.outcome, strange.state], ['exception', 'delivered']);
        assert.ok(strange.warnings.includes('purged_history'));
        assert.equal((await scan(first_scan)).outcome, 'duplicate');
    });

    it('leaves tracking, history and rebuild, which say so', async () => {
        const view = ok(await service.anybody().get(`/v1/track/${journey.number}`));
        assert.equal(view.purged, true);
        const page = ok(await service.anybody().get(`/t/${journey.number}`));
        assert.match(page, /hết thời hạn lưu trữ/);
        assert.doesNotMatch(ok(await service.anybody().get(`/t/${fresh.number}`)), /hết thời hạn lưu trữ/);
        assert.equal(ok(await all.clerk.get(`/v1/dossiers/${journey.code}/events`)).purged, true);
        const { status, report, told } = await json('rebuild');
        assert.deepEqual([status, report], [0, []]);
        assert.match(told, /^\d+ skipped: their history was purged\n$/);
    });
});

describe('verify after a purge', () => {
    it('is good, and says how many are gone', async () => {
        await checkpoint();
        const { status, report } = await json('verify');
        assert.equal(status, 0, JSON.stringify(report));
        assert.equal(report.purged, journey.gone);
        assert.deepEqual([report.verified, report.uncovered], [Number(ask('select count(*) from custody.event')), 0]);
        assert.match((await run('verify')).out, new RegExp(`purged: ${journey.gone} positions, leaf kept`));
        const range = await json('verify', '--range', `1-${journey.gone + 2}`);
        assert.deepEqual([range.status, range.report.purged, range.report.verified], [0, journey.gone, 2],
            JSON.stringify(range.report));
        const one = await json('verify', '--subject', journey.number);
        assert.equal(one.status, 0, JSON.stringify(one.report));
        assert.ok(one.report.purged > 5 && one.report.verified === 1);
    });

    it('checks a bundle by the leaves that are left', async () => {
        const bundle = ok(await all.clerk.get(`/v1/dossiers/${journey.code}/evidence`));
        const file = join(service.state, 'bundle.json');
        const check = async (changed) => {
            writeFileSync(file, JSON.stringify(changed));
            return (await json('verify', '--bundle', file)).report;
        };
        const good = await check(bundle);
        assert.ok(good.ok && good.purged > 10, JSON.stringify(good));
        const gone = bundle.subjects.flatMap((s) => s.events).find((e) => e.purged);
        gone.event = uuid7();
        assert.equal((await check(bundle)).findings[0].problem, 'proof_wrong');
    });
});

const copy = (back) => query(service, KEPT.map((t) => back
    ? `truncate custody.${t}; insert into custody.${t} select * from public.kept_${t};`
    : `create table public.kept_${t} as table custody.${t};`).join(' '));

// Does it as the owner, verifies, puts everything back.
async function tampered(sql, ...args) {
    query(service, sql);
    try {
        const { status, report } = await json('verify', ...args);
        assert.equal(status, 1, JSON.stringify(report));
        return report.findings.map((f) => f.problem + (f.event ? ` ${f.event}` : ''));
    } finally {
        copy(true);
    }
}

describe('what no purge explains is named', () => {
    let victim, purge;
    before(async () => {
        await service.killed();
        copy(false);
        victim = ask(`select id from custody.event where subject = '${fresh.number}' and kind = 'accept'`);
        purge = ask('select event from custody.purge');
    });
    const forged = (event, name = 'event_209901') => `insert into custody.purge select '${name}', custody.uuid_floor(
        now() - interval '1 day'), custody.uuid_floor(now() + interval '1 day'), 1, position, position, before, at,
        by_role, '${event}' from custody.purge, (select position from custody.log_head) h (position);`
        .replace('1, position, position, before', '1, h.position, h.position, before');
    const gone = () => `delete from custody.event where id = '${victim}';`;

    it('a deletion outside the month, and a late one of the month', async () => {
        assert.deepEqual(await tampered(gone()), [`event_missing ${victim}`]);
        assert.deepEqual(await tampered(`delete from custody.event where id = '${late}'`), [`event_missing ${late}`]);
    });

    it('a purge that was only written down, or that borrows another one\'s event', async () => {
        for (const event of [uuid7(), purge, victim]) {
            assert.deepEqual(await tampered(forged(event) + gone()), ['purge_wrong', `event_missing ${victim}`]);
            const at = ask(`select position from custody.log where event_id = '${victim}'`);
            assert.deepEqual(await tampered(forged(event) + gone(), '--range', `${at}-${at}`),
                ['purge_wrong', `event_missing ${victim}`]);
        }
    });

    it('a purge that was widened, in its row alone or in its event, too', async () => {
        const wider = `update custody.purge set events = events + 1, position = (select position from custody.log_head),
            to_id = custody.uuid_floor(now() + interval '1 day');`;
        const event = `update custody.event e set data = jsonb_build_object('partition', p.name, 'from', p.from_id, 'to',
            p.to_id, 'events', p.events, 'position', p.position, 'checkpoint', p.checkpoint) from custody.purge p
            where p.event = e.id;`;
        assert.equal((await tampered(wider + gone()))[0], 'purge_wrong');
        assert.deepEqual(await tampered(wider + event + gone()), [`event_changed ${purge}`]);
        const at = ask(`select position from custody.log where event_id = '${victim}'`);
        assert.deepEqual(await tampered(wider + event + gone(), '--range', `${at}-${at}`),
            [`event_changed ${purge}`, 'purge_wrong']);
    });

    it('a purge whose own event is gone, or that is not there any more', async () => {
        const own = await tampered(`delete from custody.event where id = '${purge}'`);
        assert.equal(own[0], 'purge_wrong');
        assert.ok(own.includes(`event_missing ${purge}`) || own.length === 100);
        const none = await tampered('truncate custody.purge');
        assert.ok(none.every((one) => one.startsWith('event_missing')));
    });

    it('a month of which more or fewer are gone than its purge tells', async () => {
        const told = await tampered(`insert into custody.event select (jsonb_populate_record(e, jsonb_build_object(
            'id', l.event_id, 'subject', l.subject))).* from custody.event e, custody.log l
            where e.id = '${victim}' and l.position = 3`);
        assert.ok(told.includes('purge_wrong'), told.join(' '));
    });
});
