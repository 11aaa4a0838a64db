-- The desk of one agency with so many dossiers (:dossiers), most of them ended: what an office has after
-- years. Of a hundred 3 run, one waits for the applicant, one is to be accepted (every second brought by the
-- applicant), one has a result that is to be handed over, two were received for another agency and sent on
-- (one not yet), and of two the result came back (one went again); each has one shipment, which reached the
-- agency. As rows, without events.
set session_replication_role = replica;
set synchronous_commit = off;

create unlogged table bench_inbox as
select i, md5('inbox ' || i)::uuid as id, i % 100 as life, a.id as agency, o.id as office, x.id as other,
       now() - interval '900 days' * (:dossiers - i) / :dossiers as began,
       'RR' || lpad(i::text, 9, '0') || 'VN' as number
from generate_series(1, :dossiers) i
cross join (select id from postal.unit where code = '46-A1') a
cross join (select id from postal.unit where code = '46-B1') o
cross join (select id from postal.unit where code = '46-A6') x;

insert into dossier.dossier (id, code, procedure, procedure_version, agency, office, service, applicant_kind,
    from_commune, result_to_kind, weight_g, created_at, created_by, status, filed_at, accepted_at, due_at,
    ended_at, paused_at, receiving, forwarded_at, came_back_at, version)
select id, '000.21.16.H57-200101-' || lpad(i::text, 7, '0'), '1.004873', 1, case when life in (6, 7) then other else agency end, office,
       case when life = 4 and i % 200 = 4 then 'receive' else 'both' end, 'citizen',
       '19789', 'address', 80, began, 1,
       case when life < 3 then 4 when life = 3 then 5 when life = 4 then 1 when life in (5, 8) then 9
            when life = 6 then 2 else 10 end,
       case when life <> 4 or i % 200 <> 4 then began + interval '1 day' end, case when life <> 4 then began + interval '1 day' end,
       case when life < 4 then now() + interval '40 days' * (i::bigint * 7919 % 1000 - 300) / 1000
            when life <> 4 then began + interval '9 days' end,
       case when life > 4 and life <> 6 then began + interval '8 days' end,
       case when life = 3 then began + interval '2 days' end, case when life in (6, 7) then agency end,
       case when life = 7 then began + interval '2 days' end, case when life = 8 then began + interval '20 days' end, 5
from bench_inbox order by i;

insert into custody.shipment (number, dossier, leg, from_unit, to_unit, from_agency, to_agency, begun_place,
    weight_g, created_at, holder_kind, holder_id, place, state)
select number, id, case when life in (5, 8, 9) then 'result' else 'outward' end,
       case when life in (5, 8, 9) then agency else office end, case when life in (5, 8, 9) then office else agency end,
       case when life in (5, 8, 9) then agency end, case when life not in (5, 8, 9) then agency end, office, 80, began,
       case when life = 5 then 'place' else 'agency' end, agency, agency,
       case when life = 5 then 'created' when life in (8, 9) then 'returned' else 'delivered' end
from bench_inbox order by i;

drop table bench_inbox;
-- The next service that looks at it brings keys of its own.
truncate custody.key_mark;
