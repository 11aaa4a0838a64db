-- How the data that tracking is measured on is made, over the network of seed_network.sql: N dossiers of
-- 78 days, most of them finished, spread over the offices and agencies of every province; about twelve
-- events each, and those of the bags in which they travelled. A day is a turn: it is written in the
-- order in which it happened. Several sessions share the days, or the answers (track_data.mjs).
-- p_all: with all events and their log; without, where they have no room, only the events of the bags
-- and of those whose answers are made (bench.told_of). What a look-up reads is the same.
\set ON_ERROR_STOP 1
set check_function_bodies = off;
set search_path = '';

-- What can happen, in hours from the beginning. s: of the outward leg, the same while it is still under
-- way ('u'), the dossier, the result's leg. goes: the status it brings.
create table bench.story (
    s text, j int, kind text, h float8, who text, state text, holder text, goes int);
insert into bench.story values
    ('o', 0, 'create', 0, 'clerk', null, null, null),
    ('o', 1, 'accept', 0.1, 'clerk', 'accepted', 'place', null),
    ('o', 2, 'bag', 2, 'clerk', 'bagged', 'bag', null),
    ('o', 3, 'deliver', 40, 'officer', 'delivered', 'agency', null),
    ('d', 0, 'dossier.register', 0, 'clerk', null, null, 1),
    ('d', 1, 'dossier.filed', 40, 'officer', null, null, null),
    ('d', 2, 'dossier.accept', 42, 'officer', null, null, 2),
    ('d', 3, 'dossier.start', 46, 'officer', null, null, 4),
    ('d', 4, 'dossier.result_ready', 112, 'officer', null, null, 9),
    ('d', 5, 'dossier.result_returned', 140, 'clerk', null, null, 10),
    ('r', 0, 'create', 112, 'officer', null, null, null),
    ('r', 1, 'accept', 116, 'clerk', 'accepted', 'place', null),
    ('r', 2, 'out_for_delivery', 134, 'clerk', 'out_for_delivery', 'person', null),
    ('r', 3, 'deliver', 140, 'clerk', 'delivered', 'addressee', null);
-- As in seed.sql, so that the same load scans them on.
insert into bench.story
select 'u', j, k.kind, 3 * j, case when j > 2 and (j - 2) % 5 between 1 and 3 then 'sorter' else 'clerk' end,
       k.state, case k.kind when 'create' then null when 'depart' then 'person' else 'place' end
from generate_series(0, 10) j
cross join lateral (
    select a[1] as kind, a[2] as state from (select case when j = 0 then '{create,NULL}'
        when j = 1 then '{accept,accepted}' else ('{"{depart,departed}","{arrive,arrived}",'
        '"{sort,sorted}","{depart,departed}","{arrive,arrived}"}'::text[])[(j - 2) % 5 + 1] end::text[]) x (a)) k;

-- How far lives have come: how many events of each part; until: of a hundred, those before it.
create table bench.life (life text, until int, o int, u int, d int, r int, status int);
insert into bench.life values
    ('finished', 60, 4, 0, 6, 4, 10), ('fetched', 70, 4, 0, 6, 0, 10), ('under way', 85, 0, 9, 1, 0, 1),
    ('in a bag', 92, 3, 0, 1, 0, 1), ('processing', 98, 4, 0, 4, 0, 4), ('coming', 100, 4, 0, 5, 2, 9);

create function bench.number(i int, kind text) returns text
language sql immutable parallel safe as $$
    select kind || (60000000 + i) || postal.s10_check_digit((60000000 + i)::text) || 'VN'
$$;
create function bench.id(at timestamptz, key text) returns uuid
language sql immutable parallel safe as $$
    select (lpad(to_hex((extract(epoch from at at time zone 'UTC') * 1000)::bigint), 12, '0') || '7'
            || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid from md5(key) as h
$$;
-- Of so many dossiers one hundred in a row have answers of their own, then again.
create function bench.told_of(dossiers int) returns int
language sql immutable as $$ select greatest(5000, dossiers / 20000 * 100) $$;

-- A session's day: its dossiers, all those of an office in one bag; and the events of them, each with
-- who made it and where.
create procedure bench.begin()
language plpgsql as $$
begin
    create temp table plan (
        i int, number text collate "C", result text collate "C", dossier uuid, life text, o int, u int,
        d int, r int, status int, code text collate "C", began timestamptz, bag text collate "C",
        told boolean, n int);
    create temp view happened as
    select p.i, p.began, p.bag, p.life, p.dossier, p.told, st.*, n.agency as to_agency,
           n.office as from_office,
           case st.s when 'd' then p.dossier::text when 'r' then p.result else p.number end as subject,
           p.began + st.h * interval '1 hour' as at,
           case st.who when 'sorter' then n.sorter when 'officer' then n.officer else n.clerk end as actor,
           case st.who when 'sorter' then n.hub when 'officer' then n.agency else n.office end as unit,
           case st.s when 'o' then p.o when 'u' then p.u when 'd' then p.d else p.r end = st.j + 1 as last
    from plan p join bench.lane n on n.n = p.n
    join bench.story st on st.j < case st.s when 'o' then p.o when 'u' then p.u when 'd' then p.d
                                            else p.r end;
end $$;

create function bench.plan_day(day int, days int, dossiers int, first timestamptz, p_all boolean)
returns void
language sql as $$
    truncate plan;
    insert into plan
    select x.i, bench.number(x.i, 'RR'), case when l.r > 0 then bench.number(x.i, 'RA') end,
           bench.id(x.began, 'dossier ' || x.i), l.life, l.o,
           case when l.u > 0 then l.u + x.i % 100 % 3 else 0 end, l.d, l.r, l.status,
           n.identity || to_char(x.began, '-YYMMDD-') || lpad(x.i::text, 7, '0'), x.began,
           case when l.o > 0 then container.office_code(n.office) || container.office_code(n.hub)
               || case when l.life = 'in a bag' then 'B' else 'A' end || 'UN6'
               || lpad((day + 1)::text, 4, '0') || '001010100' end,
           p_all or (x.i - 1) % bench.told_of(dossiers) < 100, n.n
    from (select i, first + day * interval '1 day' + interval '8 hours'
                 + interval '9 hours' * (i - f.low) / (f.high - f.low + 1) as began
          from (select (dossiers::bigint * day / days)::int + 1 as low,
                       (dossiers::bigint * (day + 1) / days)::int as high) f
          cross join generate_series(f.low, f.high) i) x
    join bench.lane n on n.n = x.i::bigint * 7919 % (select count(*) from bench.lane)
    join lateral (select * from bench.life y where (x.i - 1) % 100 < y.until order by y.until limit 1) l
         on true
    order by x.i
$$;

create procedure bench.fill_dossiers()
language sql as $$
    insert into dossier.dossier (id, code, procedure, procedure_version, agency, office, service,
        applicant_kind, from_commune, result_to_kind, weight_g, created_at, created_by, status, filed_at,
        accepted_at, due_at, ended_at, version)
    select p.dossier, p.code, '1.004873', 1,
           n.agency, n.office, 'both', 'citizen', n.commune,
           case when p.life = 'fetched' then 'agency' else 'address' end, 200, p.began, n.clerk, p.status,
           case when p.d > 1 then p.began + interval '40 hours' end,
           case when p.d > 2 then p.began + interval '42 hours' end,
           case when p.d > 2 then p.began + interval '10 days' end,
           case when p.d > 4 then p.began + interval '112 hours' end, p.d
    from plan p join bench.lane n on n.n = p.n order by p.i
$$;

create procedure bench.fill_events(turn bigint)
language sql as $$
    insert into custody.event (subject, id, kind, at, received_at, device_at, device, actor, unit, outcome,
        state, holder_kind, holder_id, container, refers, data, digest, xid)
    select h.subject, bench.id(h.at, h.subject || h.j),
           case when h.life = 'fetched' and h.j = 5 then 'dossier.return_result' else h.kind end, h.at, h.at,
           h.at, case when h.j = 0 or h.s = 'd' then 0 else h.actor end, h.actor, h.unit, 'recorded', h.state,
           h.holder, case h.holder when 'place' then h.unit when 'person' then h.actor
                                   when 'agency' then h.unit when 'addressee' then 0 end,
           case when h.kind = 'bag' then h.bag end,
           case when h.s = 'o' and h.kind = 'deliver' then bench.id(h.at, 'hand-over ' || h.i) end,
           case when h.s = 'd' then jsonb_strip_nulls(jsonb_build_object('version', h.j + 1, 'to', h.goes,
                    'filed_at', case when h.j = 1 then h.at end,
                    'due_at', case when h.j = 2 then h.began + interval '10 days' end))
                when h.j = 0 then jsonb_build_object('dossier', h.dossier, 'leg',
                    case h.s when 'r' then 'result' else 'outward' end, 'from', h.unit, 'to',
                    case h.s when 'r' then h.from_office else h.to_agency end, 'piece', 1, 'pieces', 1,
                    'weight_g', 200)
                when h.s = 'r' and h.kind = 'deliver' then '{"recipient": true}' end,
           sha256(convert_to(h.subject || h.j, 'UTF8')), turn
    from happened h where h.told order by h.at
$$;

-- A turn's events in the log, chained by subject; who names a bag is joined to the bag's beginning, which
-- is all that its chain was by then.
create procedure bench.fill_log(turn bigint)
language plpgsql as $$
declare
    none constant bytea := decode(repeat('00', 32), 'hex');
    last bigint;
begin
    select position into last from custody.log_head;
    create temp table placed on commit drop as
    select last + row_number() over (order by e.at, e.id, e.subject) as place, e.subject, e.id, e.container,
           custody.event_bytes(e) as bytes
    from custody.event e where e.xid = turn;
    create temp table bag_begun on commit drop as
    select distinct on (p.subject) p.subject as bag, sha256(none || p.bytes) as hash
    from placed p where length(p.subject) = 29 order by p.subject, p.place;
    insert into custody.log (position, subject, event_id, prev, joined, hash)
    select c.place, c.subject, c.id,
           coalesce(lag(c.hash) over (partition by c.subject order by c.place), none), c.joined, c.hash
    from (select p.*, b.hash as joined, custody.chain(none, coalesce(b.hash, '') || p.bytes)
                     over (partition by p.subject order by p.place rows unbounded preceding) as hash
          from placed p
          left join bag_begun b on b.bag = p.container) c;
    update custody.log_head set position = coalesce((select max(place) from placed), last);
end $$;

-- Bags: filled, closed, taken to the hub and opened there; those with what is in a bag still are on the way.
create procedure bench.fill_bags(turn bigint, day timestamptz)
language plpgsql as $$
begin
    create temp table bag on commit drop as
    select b.*, n.*, nextval('container.closure_id_seq') as closure,
           case when b.opened then nextval('container.closure_id_seq') end as inside,
           bench.id(day, b.bag || 0) as request
    from (select bag, bool_or(life <> 'in a bag') as opened, min(n) as n from plan
          where bag is not null group by bag) b (bag, opened, lane)
    join bench.lane n on n.n = b.lane;
    create temp table bag_event on commit drop as
    select b.bag, e.*, day + e.h * interval '1 hour' as at,
           case when e.h < 30 then b.clerk else b.sorter end as actor,
           case when e.h < 30 then b.office else b.hub end as unit,
           e.j = case when b.opened then 4 else 2 end as last
    from bag b
    join (values (0, 'create', 7, null, null), (1, 'close', 20, 'closed', 'place'),
                 (2, 'depart', 21, 'departed', 'person'), (3, 'arrive', 30, 'arrived', 'place'),
                 (4, 'open', 31, 'open', 'place')) as e (j, kind, h, state, holder)
         on b.opened or e.j <= 2;
    insert into custody.event (subject, id, kind, at, received_at, device_at, device, actor, unit, outcome,
        state, holder_kind, holder_id, data, digest, xid)
    select e.bag, bench.id(e.at, e.bag || e.j), e.kind, e.at, e.at, e.at,
           case when e.j = 0 then 0 else e.actor end, e.actor, e.unit, 'recorded', e.state, e.holder,
           case e.holder when 'place' then e.unit when 'person' then e.actor end,
           case when e.j = 0 then jsonb_build_object('kind', 'receptacle', 'origin', b.office, 'destination',
                b.hub) end, sha256(convert_to(e.bag || e.j, 'UTF8')), turn
    from bag_event e join bag b on b.bag = e.bag order by e.at;
    insert into container.container (id, request, origin, destination, route, created_at, created_by, state,
        holder_kind, holder_id, place, place_at, inside, last_at, last_device, last_id, events)
    select b.bag, b.request, b.office, b.hub, b.to_hub, day + interval '7 hours', b.clerk, e.state, e.holder,
           case e.holder when 'place' then e.unit else e.actor end,
           case e.holder when 'place' then e.unit else b.office end,
           case when b.opened then day + interval '31 hours' end, coalesce(b.inside, b.closure),
           e.at, e.actor, bench.id(e.at, e.bag || e.j), e.j
    from bag b join bag_event e on e.bag = b.bag and e.last;
    insert into container.closure (id, container, n, begun_at, sealed_at, opened_at, opened_unit, opened_by)
    overriding system value
    select b.closure, b.bag, 1, '-infinity'::timestamptz, day + interval '20 hours',
           case when b.opened then day + interval '31 hours' end, case when b.opened then b.hub end,
           case when b.opened then b.sorter end
    from bag b
    union all
    select b.inside, b.bag, 2, day + interval '31 hours', null, null, null, null from bag b where b.opened;
    insert into container.membership (closure, subject, began_at, began_event)
    select b.closure, p.number, e.at, bench.id(e.at, p.number || 2)
    from plan p join bag b on b.bag = p.bag
    cross join lateral (select p.began + interval '2 hours' as at) e where p.told;
    insert into custody.point
    select (p).* from container.container c join bag b on b.bag = c.id
    cross join lateral unnest((custody.fold(c)).points) p;
end $$;

create procedure bench.fill_shipments()
language sql as $$
    insert into custody.shipment (number, dossier, leg, from_unit, to_unit, from_agency, to_agency,
        begun_place, route, weight_g, created_at, state, holder_kind, holder_id, place, place_at, closure,
        last_at, last_device, last_id, events)
    select h.subject, h.dossier, case h.s when 'r' then 'result' else 'outward' end,
           case h.s when 'r' then n.agency else n.office end, case h.s when 'r' then n.office else n.agency end,
           case when h.s = 'r' then n.agency end, case when h.s <> 'r' then n.agency end,
           case h.s when 'r' then n.agency else n.office end, n.route, 200,
           h.began + case h.s when 'r' then interval '112 hours' else interval '0' end, h.state, h.holder,
           case h.holder when 'place' then h.unit when 'agency' then h.unit when 'bag' then k.id
                         when 'person' then h.actor else 0 end,
           case h.kind when 'depart' then case when h.j = 2 or h.who = 'clerk' then n.office else n.hub end
                       when 'deliver' then case when h.s = 'o' then n.agency else n.office end
                       else h.unit end,
           case h.kind when 'depart' then h.at - interval '3 hours' when 'bag' then h.began + interval '6 minutes'
                else case h.s when 'r' then h.began + interval '116 hours' else h.at end end,
           k.id, h.at, h.actor, bench.id(h.at, h.subject || h.j), h.j
    from happened h join plan p on p.i = h.i join bench.lane n on n.n = p.n
    left join container.closure k on h.holder = 'bag' and k.container = h.bag and k.n = 1
    where h.last and h.s <> 'd' order by h.i
$$;

-- bench.fill(dossiers, all, part, parts): the days of one of so many sessions.
create procedure bench.fill(dossiers int, p_all boolean, part int, parts int)
language plpgsql as $$
declare
    first constant timestamptz := date_trunc('day', now()) - interval '85 days';
begin
    call bench.begin();
    for day in part .. 77 by parts loop
        perform bench.plan_day(day, 78, dossiers, first, p_all);
        call bench.fill_dossiers();
        call bench.fill_events(3 + day);
        call bench.fill_bags(3 + day, first + day * interval '1 day');
        call bench.fill_shipments();
        insert into bench.shipment
        select p.i, p.number, p.u, n.clerk_n, n.sorter_n from plan p join bench.lane n on n.n = p.n
        where p.u > 0 and p.told;
        insert into bench.told select p.i, p.dossier, p.code, p.number, p.result from plan p;
        commit;
    end loop;
end $$;

-- What the load generators ask for: shipments to be scanned on, as in seed.sql; and everything that can
-- be looked up.
create table bench.shipment (i int, number text, events int, clerk int, hub int);
create table bench.told (i int, dossier uuid, code text, number text collate "C", result text collate "C");

-- bench.finish(all): what comes when all days are there.
create procedure bench.finish(p_all boolean)
language plpgsql as $$
begin
    create unique index on bench.told (i);
    analyze;
    for turn in 3 .. 80 loop
        exit when not p_all;
        call bench.fill_log(turn);
        commit;
    end loop;
    update custody.log_head set next_xid = pg_current_xact_id()::text::bigint + 1;
    -- As long ago as most of it is, it has been searched for what is missing.
    update custody.search_head set position = (select position from custody.log_head);
    delete from custody.key_mark;
    grant usage on schema bench to public;
    grant select on all tables in schema bench to public;
end $$;
