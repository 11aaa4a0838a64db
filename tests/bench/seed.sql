-- The data the benches run on, over the demo network: N dossiers with an event and a shipment each,
-- and nine to eleven events a shipment (ten on average), spread over the post offices and over 85
-- days, folded and chained as the program itself would have: as though the first of all lives had
-- been one transaction, then the second. Run once into the template, as the superuser:
--   psql -v dossiers=1000000 -f tests/bench/seed.sql
-- A shipment goes: create, accept, then depart, arrive (hub), sort, depart, arrive (office) for ever.
\set ON_ERROR_STOP 1
set session_replication_role = replica;
set synchronous_commit = off;
set work_mem = '256MB';
set maintenance_work_mem = '1GB';
set search_path = '';

create schema bench;

-- Who scans: a clerk (who also carries) at each post office, four people at the hub. The cookie is
-- the session's 32 bytes, of which the table keeps the hash.
insert into account.account (login, name, unit_id, roles)
select 'bench.' || lower(u.code), 'Giao dịch viên ' || u.name, u.id, 2 | 4
from postal.unit u where u.kind = 'post_office' order by u.id;
insert into account.account (login, name, unit_id, roles)
select 'bench.hub' || i, 'Khai thác viên ' || i, u.id, 8
from postal.unit u, generate_series(1, 4) i where u.kind = 'hub';

create table bench.scanner as
select row_number() over (order by a.roles, a.id)::int - 1 as n, a.id as account, a.unit_id as unit,
       a.roles, sha256(convert_to('bench ' || a.login, 'UTF8')) as token
from account.account a where a.login like 'bench.%';
insert into account.session (account, token_hash, expires_at)
select account, sha256(token), now() + interval '10 years' from bench.scanner;

select count(*) filter (where roles <> 8) as clerks, count(*) filter (where roles = 8) as hubs
from bench.scanner \gset

-- One row a shipment: who handles it, how many events it has, when they began.
create unlogged table bench.plan as
select i, ('RR' || serial || postal.s10_check_digit(serial) || 'VN') collate "C" as number,
       md5('dossier ' || i)::uuid as dossier, 9 + i % 3 as events,
       c.account as clerk, c.unit as office, h.account as hub, h.unit as hub_unit, g.id as agency,
       custody.route(c.unit, g.id) as route,
       date_trunc('second', now()) - interval '85 days' + interval '78 days' * i / :dossiers as began
from (select i, (60000000 + i)::text as serial from generate_series(1, :dossiers) i) s
join bench.scanner c on c.n = i % :clerks
join bench.scanner h on h.n = :clerks + i % :hubs
cross join lateral (select min(u.id) as id from postal.unit u where u.kind = 'agency') g;

-- Kinds by place in a shipment's life, from 0.
create function bench.kind(j int) returns text language sql immutable as $$
    select case when j = 0 then 'create' when j = 1 then 'accept'
                else (array['depart', 'arrive', 'sort', 'depart', 'arrive'])[(j - 2) % 5 + 1] end
$$;

create unlogged table bench.life as
select j, bench.kind(j) as kind, j > 2 and (j - 2) % 5 between 1 and 3 as hub,
       case bench.kind(j) when 'create' then 'created' when 'accept' then 'accepted'
            when 'depart' then 'departed' when 'arrive' then 'arrived' else 'sorted' end as state,
       case when bench.kind(j) = 'depart' then 'person' else 'place' end as holder_kind
from generate_series(0, 10) j;

insert into dossier.dossier (id, code, procedure, procedure_version, agency, office, service,
    applicant_kind, from_commune, result_to_kind, weight_g, created_at, created_by, status,
    version)
select p.dossier, '000.00.46.H57-' || to_char(p.began, 'YYMMDD') || '-' || lpad(p.i::text, 7, '0'),
       '1.004873', 1, p.agency, p.office, 'both', 'citizen',
       (select min(code) from postal.commune), 'post_office', 200, p.began, p.clerk, 1, 1
from bench.plan p;

insert into custody.event (subject, id, kind, at, received_at, device_at, device, actor, unit,
    outcome, state, holder_kind, holder_id, data, digest, xid)
select p.number,
       (lpad(to_hex((extract(epoch from e.at) * 1000)::bigint), 12, '0') || '7'
        || substr(e.h, 1, 3) || '8' || substr(e.h, 4, 15))::uuid,
       l.kind, e.at, e.at, e.at, case when l.j = 0 then 0 else e.actor end, e.actor, e.unit,
       'recorded', case when l.j > 0 then l.state end, case when l.j > 0 then l.holder_kind end,
       case when l.j = 0 then null when l.holder_kind = 'person' then e.actor else e.unit end,
       case when l.j = 0 then jsonb_build_object('dossier', p.dossier, 'leg', 'outward',
           'from', p.office, 'to', p.agency, 'piece', 1, 'pieces', 1, 'weight_g', 200) end,
       sha256(convert_to(e.h, 'UTF8')), l.j + 1
from bench.life l
join bench.plan p on l.j < p.events
cross join lateral (
    select p.began + l.j * interval '3 hours' as at, md5(p.i || '.' || l.j) as h,
           case when l.hub then p.hub else p.clerk end as actor,
           case when l.hub then p.hub_unit else p.office end as unit) e
order by e.at;

insert into custody.event (subject, id, kind, at, received_at, device_at, actor, unit, outcome, data,
                           digest, xid)
select p.dossier::text, (lpad(to_hex((extract(epoch from p.began) * 1000)::bigint), 12, '0') || '7'
           || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid,
       'dossier.register', p.began, p.began, p.began, p.clerk, p.office, 'recorded',
       jsonb_build_object('version', 1), sha256(convert_to(h, 'UTF8')), 1
from bench.plan p cross join lateral md5(p.i || '.register') as h;

insert into custody.shipment (number, dossier, leg, from_unit, to_unit, to_agency, begun_place,
    route, weight_g, created_at, state, holder_kind, holder_id, place, place_at, last_at,
    last_device, last_id, events)
select p.number, p.dossier, 'outward', p.office, p.agency, p.agency, p.office, p.route, 200,
       p.began, e.state, e.holder_kind, e.holder_id,
       case when e.kind = 'depart' then case when l.hub then p.hub_unit else p.office end
            else e.unit end,
       case when e.kind = 'depart' then e.at - interval '3 hours' else e.at end, e.at, e.device, e.id, p.events - 1
from bench.plan p
join bench.life l on l.j = p.events - 1
join custody.event e on e.subject = p.number and e.kind = l.kind
     and e.at = p.began + (p.events - 1) * interval '3 hours';

-- The log, chained by subject, in the order of (transaction, receipt, id).
insert into custody.log (position, subject, event_id, prev, hash)
select row_number() over (order by e.received_at, e.id, e.subject), e.subject, e.id, z.none,
       sha256(z.none || custody.event_bytes(e))
from custody.event e, decode(repeat('00', 32), 'hex') as z (none) where e.xid = 1;
do $$
declare
    round int;
    last bigint;
begin
    for round in 1 .. 10 loop
        select max(position) into last from custody.log;
        insert into custody.log (position, subject, event_id, prev, hash)
        select last + row_number() over (order by e.received_at, e.id, e.subject), e.subject, e.id,
               p.hash,
               sha256(p.hash || custody.event_bytes(e))
        from bench.plan b
        join bench.life l on l.j = round and l.j < b.events
        join custody.event e on e.subject = b.number and e.kind = l.kind
             and e.at = b.began + round * interval '3 hours'
        join lateral (select g.hash from custody.log g where g.subject = b.number
                      order by g.position desc limit 1) p on true;
    end loop;
end $$;
update custody.log_head set position = (select max(position) from custody.log),
                            next_xid = pg_current_xact_id()::text::bigint + 1;
-- As long ago as most of it is, it has been searched for what is missing.
update custody.search_head set position = (select position from custody.log_head);

-- Whoever serves a copy brings keys of its own.
delete from custody.key_mark;

-- What the load generators ask for: a shipment, how many events it has, who scans it.
create table bench.shipment as
select p.i, p.number, p.events, c.n as clerk, h.n as hub
from bench.plan p join bench.scanner c on c.account = p.clerk
join bench.scanner h on h.account = p.hub;
drop table bench.plan;
drop table bench.life;
grant usage on schema bench to public;
grant select on all tables in schema bench to public;
reset session_replication_role;
