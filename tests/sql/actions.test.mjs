// What a person is offered is what the person can do: for every state, holder and role each step that
// allowed_actions offers is recorded when it is done, and each that it does not offer is not. The
// steps are really made, by record_scans, and taken back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { people } from './scans.mjs';
import { test_database } from './cluster.mjs';

let db, session;

// Who asks is "me" at "my unit"; the others are somebody else's. All of it lives in the session.
const PARTS = `
    create temp sequence tick;
    create temp table who (name text primary key, id bigint);
    create temp table situation (name text, subject text);
    create temp table offer (name text, role int, kinds text[]);
    create temp table found (name text, kind text, outcome text);

    create function pg_temp.who(p_name text) returns bigint language sql stable as
        $$ select id from pg_temp.who where name = p_name $$;

    -- One scan by record_scans, long ago and twenty minutes after the one before: "recorded", or what
    -- else came of it.
    create function pg_temp.scan(p_subject text, p_kind text, p_actor bigint, p_unit bigint,
                                 p_roles int default 62, p_into text default null) returns text
    language sql as $$
        select concat_ws(' ', r.outcome, r.problem, nullif(array_to_string(r.warnings, ' '), ''))
        from custody.record_scans(array[1], array[base.uuid_v7()], array[p_subject],
            array[p_kind], array[now() - interval '50 days' + nextval('tick') * interval '20 minutes'],
            array[p_actor], array[p_unit], array[p_roles], array[p_actor], array[0::bigint],
            array[case p_kind when 'bag' then p_into end],
            array[case when p_kind in ('assign', 'hand_over') then 'courier2' end],
            array[null::uuid], array[case p_kind when 'fail' then 'absent' end],
            array[case p_kind when 'fail' then 'retry' end],
            array[case p_kind when 'deliver' then '{"recipient": true}'::jsonb end],
            array[sha256(convert_to(p_kind || currval('tick'), 'UTF8'))],
            array[null::bytea], array[null::bytea], array[null::bytea], array[null::bytea]) r $$;

    -- Both sides sign a hand-over: whoever held it, it is theirs now, in the state it had.
    create function pg_temp.give(p_subject text, p_kind text, p_id bigint) returns void
    language plpgsql as $$
    declare
        i custody.scan;
    begin
        i.ord := 1;
        i.internal := true;
        i.id := base.uuid_v7();
        i.subject := p_subject;
        i.kind := 'take_over';
        i.at := now() - interval '50 days' + nextval('tick') * interval '20 minutes';
        i.actor := pg_temp.who('they');
        i.unit := pg_temp.who('their unit');
        i.roles := 62;
        i.digest := '\\x02';
        i.target_kind := p_kind;
        i.target_id := p_id;
        perform custody.record_one(i, now(), pg_current_xact_id()::text::bigint,
                                   base.uuid_v7());
    end $$;

    -- Who asked whom: they, who hold it, offer it to me or to my unit.
    create function pg_temp.offer(p_subject text, p_target text) returns void
    language sql as $$
        select 1 from custody.record_scans(array[1], array[base.uuid_v7()], array[p_subject],
            array['hand_over'], array[now() - interval '50 days' + nextval('tick') * interval '20 minutes'],
            array[pg_temp.who('they')], array[pg_temp.who('their unit')], array[62],
            array[pg_temp.who('they')], array[0::bigint], array[null::text], array[p_target],
            array[null::uuid], array[null::text], array[null::text], array[null::jsonb],
            array[sha256(convert_to(currval('tick')::text, 'UTF8'))], array[null::bytea],
            array[null::bytea], array[null::bytea], array[null::bytea]) $$;

    create function pg_temp.shipment(p_begun text default 'my unit') returns text language sql as $$
        select custody.create_shipment(null, 'outward', pg_temp.who('office'),
            (select id from postal.unit where code = '46-B5'), 100, 1, pg_temp.who(p_begun)) $$;
    create function pg_temp.bag() returns text language sql as $$
        select container.create(pg_temp.who('me'), pg_temp.who('my unit'), base.uuid_v7(),
            'receptacle', '46-B1', '46-H1', '\\x01') ->> 'id' $$;

    -- Does each step of a path as somebody who may.
    create function pg_temp.go(p_subject text, p_path text, p_into text default null) returns text
    language plpgsql as $$
    declare
        v_kind text;
        v_got text;
    begin
        foreach v_kind in array string_to_array(p_path, ' ') loop
            v_got := pg_temp.scan(p_subject, v_kind, pg_temp.who('me'), pg_temp.who('my unit'), 62,
                                  p_into);
            if v_got <> 'recorded' then
                raise exception '% of % (%) was %', v_kind, p_subject, p_path, v_got;
            end if;
        end loop;
        return p_subject;
    end $$;

    create function pg_temp.hold(p_subject text, p_holder text) returns text
    language plpgsql as $$
    begin
        case p_holder
            when 'me' then perform pg_temp.give(p_subject, 'person', pg_temp.who('me'));
            when 'my unit' then perform pg_temp.give(p_subject, 'unit', pg_temp.who('my unit'));
            when 'their unit' then perform pg_temp.give(p_subject, 'unit', pg_temp.who('their unit'));
            else perform pg_temp.give(p_subject, 'person', pg_temp.who('they'));
        end case;
        if p_holder like 'they, offered to %' then
            perform pg_temp.offer(p_subject, split_part(p_holder, ' to ', 2));
        end if;
        return p_subject;
    end $$;

    -- What each is offered, by role; all in one query, which plans the functions once.
    create function pg_temp.ask_all() returns void language sql as $$
        insert into offer
        select x.name, x.role, coalesce((select array_agg(a ->> 'kind' order by a ->> 'kind')
                                         from jsonb_array_elements(x.list) a), '{}')
        from (select s.name, r as role,
                  case length(s.subject) when 13
                      then custody.allowed_actions(s.subject, r, pg_temp.who('my unit'), pg_temp.who('me'))
                      else custody.container_actions(s.subject, r, pg_temp.who('my unit'), pg_temp.who('me'))
                  end as list
              from situation s cross join unnest(array[2, 4, 8, 16, 32, 62]) r) x $$;

    -- Every kind of step in every situation, by somebody who has every role; each is taken back.
    create function pg_temp.try_all(p_into text) returns void language plpgsql as $$
    declare
        s record;
        v_kind text;
        v_got text;
    begin
        for s in select * from situation loop
            for v_kind in select kind from custody.scan_kind where roles <> 0 and steps loop
                begin
                    v_got := pg_temp.scan(s.subject, v_kind, pg_temp.who('me'),
                                          pg_temp.who('my unit'), 62, p_into);
                    raise exception sqlstate 'ZZ001' using message = v_got;
                exception when sqlstate 'ZZ001' then
                    insert into found values (s.name, v_kind, sqlerrm);
                end;
            end loop;
        end loop;
    end $$;
`;

before(async () => {
    db = await test_database();
    session = db.session();
    const { clerk, courier2 } = await people(db);
    await session.query(PARTS);
    await session.query(`insert into who values ('me', ${clerk.id}), ('my unit', ${clerk.unit}),
        ('they', ${courier2.id}), ('their unit', ${courier2.unit}), ('office', ${clerk.unit})`);
});
after(() => db.end());

const HOLDERS = ['me', 'my unit', 'they', 'their unit', 'they, offered to clerk', 'they, offered to 46-B1'];
const PATHS = {
    accepted: 'accept', departed: 'accept depart', arrived: 'accept arrive', sorted: 'accept sort',
    at_delivery_office: 'accept at_delivery_office', out_for_delivery: 'accept out_for_delivery',
    delivery_failed: 'accept out_for_delivery fail', held: 'accept arrive hold',
};
const ENDS = {
    delivered: 'accept out_for_delivery deliver', lost: 'accept lost', seized: 'accept seize',
    returned: 'accept out_for_delivery fail return out_for_delivery deliver',
};

// A test that leaves nothing behind.
const trying = (name, action, options = {}) => test(name, options, async (t) => {
    await session.query('begin');
    try {
        await action(t);
    } finally {
        await session.query('rollback');
    }
});

// What was offered and not recorded, or recorded and not offered; and what one role alone is offered
// beside that, or not. A warning that needs nobody's decision (left_bag) is no exception.
async function compare(t, into) {
    await session.query('select pg_temp.ask_all()');
    await session.query(`select pg_temp.try_all('${into}')`);
    const [[tries, recorded]] = await session.query(
        `select count(*), count(*) filter (where outcome like 'recorded%') from found`);
    t.diagnostic(`${tries} steps made, ${recorded} of them recorded`);
    assert.deepEqual(await session.query(`select f.name, f.kind, f.outcome
        from found f join offer o on o.name = f.name and o.role = 62
        where f.kind = any (o.kinds) <> (f.outcome like 'recorded%') order by 1, 2`), []);
    assert.deepEqual(await session.query(`select o.name, o.role, o.kinds, x.kinds
        from offer o join offer every on every.name = o.name and every.role = 62
        cross join lateral (select coalesce(array_agg(k.kind order by k.kind), '{}') as kinds
            from custody.scan_kind k where k.roles & o.role <> 0 and k.kind = any (every.kinds)) x
        where o.kinds <> x.kinds`), []);
}

async function situations(rows) {
    await session.query(`insert into situation values ${rows.map(([name, sql]) => `('${name}', ${sql})`).join(', ')}`);
}

const item = (bag) => `pg_temp.go(pg_temp.go(pg_temp.shipment(), 'accept'), 'bag', '${bag}')`;
const inner = (bag) => `pg_temp.go(pg_temp.go(pg_temp.bag(), 'close'), 'bag', '${bag}')`;

trying('shipments: in every state, with every holder', async (t) => {
    const [[into]] = await session.query('select pg_temp.bag()');
    await situations([
        ...['my unit', 'their unit'].flatMap((unit) => [
            [`created, ${unit}`, `pg_temp.shipment('${unit}')`],
            [`collection_assigned, ${unit}`, `pg_temp.go(pg_temp.shipment('${unit}'), 'assign')`]]),
        ...Object.entries(PATHS).flatMap(([state, path]) => HOLDERS.map((holder) =>
            [`${state}, ${holder}`, `pg_temp.hold(pg_temp.go(pg_temp.shipment(), '${path}'), '${holder}')`])),
        ...Object.entries(ENDS).map(([state, path]) => [state, `pg_temp.go(pg_temp.shipment(), '${path}')`]),
    ]);
    const states = await session.query(`select split_part(x.name, ',', 1), s.state, count(*)
        from situation x join custody.shipment s on s.number = x.subject group by 1, 2`);
    assert.ok(states.every(([name, state]) => name === state), JSON.stringify(states));
    assert.equal(states.length, 14);
    await compare(t, into);
});

trying('shipments in bags: still open, and opened again', async (t) => {
    const [[into], [open], [opened]] = await session.query('select pg_temp.bag() from generate_series(1, 3)');
    await situations([['in an open bag', item(open)], ['in a bag that was opened', item(opened)]]);
    await session.query(`select pg_temp.go('${opened}', 'close depart arrive open')`);
    await compare(t, into);
});

trying('containers: in every state, with every holder', async (t) => {
    const [[into], [outer]] = await session.query('select pg_temp.bag() from generate_series(1, 2)');
    const paths = { open: null, closed: 'close', departed: 'close depart', arrived: 'close depart arrive' };
    await situations([
        ...Object.entries(paths).flatMap(([state, path]) => HOLDERS.map((holder) => [`${state}, ${holder}`,
            `pg_temp.hold(${path ? `pg_temp.go(pg_temp.bag(), '${path}')` : 'pg_temp.bag()'}, '${holder}')`])),
        ['lost', `pg_temp.go(pg_temp.bag(), 'close lost')`], ['in an open container', inner(outer)],
    ]);
    await compare(t, into);
});

trying('things under a seal: bagged, on their way, arrived', async (t) => {
    const [[into], [sealed], [departed], [arrived]] = await session.query(
        'select pg_temp.bag() from generate_series(1, 4)');
    await situations([[sealed, 'sealed'], [departed, 'on its way'], [arrived, 'arrived']].flatMap(([id, name]) => [
        [`a shipment in a bag, ${name}`, item(id)], [`a container in another, ${name}`, inner(id)]]));
    for (const [id, path] of [[sealed, 'close'], [departed, 'close depart'], [arrived, 'close depart arrive']])
        await session.query(`select pg_temp.go('${id}', '${path}')`);
    await compare(t, into);
});

trying('a role that may not make a kind of scan is refused, whatever the state', async () => {
    const [[number]] = await session.query(`select pg_temp.go(pg_temp.shipment(), 'accept')`);
    const wrong = await session.query(`select k.kind, r, x.outcome
        from custody.scan_kind k cross join unnest(array[2, 4, 8, 16, 32]) r
        cross join lateral (select pg_temp.scan('${number}', k.kind, pg_temp.who('me'),
            pg_temp.who('my unit'), r) as outcome offset 0) x
        where k.roles & r = 0 and x.outcome <> (case when k.roles = 0 then 'refused invalid-fields'
                                                     else 'refused forbidden' end)`);
    assert.deepEqual(wrong, []);
});
