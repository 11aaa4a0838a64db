// The checker is shown what it must find: in copies of a database that a storm has filled, rows are
// lost, doubled, edited and swapped by the owner's hand. It must name each, and nothing else.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { discard, own_service, sleep } from '../api/service.mjs';
import { query } from './journal.mjs';
import { Storm, check } from './scan_storm.mjs';

const TABLE = 'custody.event';
const copy_row = `create temp table t as select * from ${TABLE} where id = `;
const unkeyed = `alter table ${TABLE} drop constraint event_pkey;`;

describe('the checker', () => {
    let service, storm, victims;
    before(async () => {
        service = await own_service();
        storm = await new Storm(service, 'storm', { clients: 4, give_up: 0 }).prepare();
        storm.go();
        await sleep(1500);
        await storm.end();
        await sleep(1500); // the sequencer has looked again
        victims = query(service, `select e.id from ${TABLE} e join custody.log l
            on (l.subject, l.event_id) = (e.subject, e.id)
            where e.kind in ('depart', 'arrive') order by e.id limit 4`);
        assert.equal(victims.length, 4);
    });
    after(() => discard(service));

    // The service is gone by then: a database in use cannot be copied.
    let copies = 0;
    async function tampered(sql) {
        const name = `copy${++copies}`;
        const root = { user: 'postgres', database: 'postgres' };
        query(service, `create database ${name} template dossierpost`, root);
        query(service, sql, { user: 'postgres', database: name });
        const verdict = await check(service, [storm], { database: name, program: false });
        query(service, `drop database ${name}`, root);
        return verdict;
    }
    const names = (verdict, what, id) => {
        assert.equal(verdict.ok, false);
        assert.match(verdict.text, new RegExp(`^${what} ${id}`, 'm'), verdict.text);
    };

    it('finds nothing wrong where nothing is', async () => {
        const verdict = await check(service, [storm]);
        assert.ok(verdict.ok, verdict.text);
        assert.ok(verdict.figures.acknowledged > 50, verdict.text);
        assert.equal(verdict.figures.unknown, 0);
        await service.killed();
        await sleep(500);
    });

    it('names a lost row', async () => {
        const verdict = await tampered(`delete from ${TABLE} where id = '${victims[0]}'`);
        names(verdict, 'lost', victims[0]);
        assert.match(verdict.text, /^chain \d+ names .* which is not there$/m);
        assert.equal(verdict.figures.findings, 2);
    });

    it('names a doubled row', async () => {
        const verdict = await tampered(`${unkeyed} insert into ${TABLE} select * from ${TABLE}
            where id = '${victims[1]}'`);
        names(verdict, 'doubled', victims[1]);
        assert.equal(verdict.figures.findings, 1);
    });

    it('names a row doubled under a new id', async () => {
        const twin = '01900000-0000-7000-8000-000000000001';
        const verdict = await tampered(`${copy_row} '${victims[1]}';
            update t set id = '${twin}'; insert into ${TABLE} select * from t`);
        names(verdict, 'doubled', twin);
    });

    for (const [what, change] of [['kind', "kind = 'lost'"],
                                  ['time', "device_at = device_at - interval '1 hour'"]])
        it(`names a row with its ${what} edited`, async () => {
            const verdict = await tampered(
                `update ${TABLE} set ${change} where id = '${victims[2]}'`);
            names(verdict, 'edited', victims[2]);
            assert.match(verdict.text, /^chain \d+: .* is not what was hashed$/m);
        });

    it('names an edit of what no client sent by the chain', async () => {
        const verdict = await tampered(
            `update ${TABLE} set holder_id = 4711 where id = '${victims[2]}'`);
        assert.match(verdict.text, new RegExp(`^chain \\d+: ${victims[2]} .*not what was hashed`));
        assert.equal(verdict.figures.findings, 1);
    });

    it('names two rows that were swapped', async () => {
        const [a, b] = victims.slice(2);
        const verdict = await tampered(`${unkeyed} update ${TABLE} set id = case id
            when '${a}' then '${b}'::uuid else '${a}' end where id in ('${a}', '${b}')`);
        names(verdict, 'swapped', a);
        names(verdict, 'swapped', b);
    });

    it('names two entries of a chain that were swapped', async () => {
        const verdict = await tampered(`alter table custody.log drop constraint log_pkey;
            update custody.log l set position = a + b - position
            from (select min(position) as a, max(position) as b from custody.log
                  where subject = '${storm.hot}') two where position in (a, b)`);
        assert.equal(verdict.ok, false);
        assert.match(verdict.text, new RegExp(`^chain \\d+ does not follow .* ${storm.hot}$`, 'm'));
    });
});
