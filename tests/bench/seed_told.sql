-- The answers that are kept (dossier.told), for seed_track.sql: some (bench.told_of) as the database makes
-- them; the others' after the one with the same life that is nearest to them, with their own numbers,
-- since only how large it is and where it lies matters. They hold for long, so that a bench some days
-- later finds them. tests/bench/told_pack packs them.
\set ON_ERROR_STOP 1
set check_function_bodies = off;
set search_path = '';

create table bench.sample (i int primary key, code text, number text collate "C", result text collate "C",
    dossier uuid, as_of bigint, tag text, subjects text, view text);
-- As text, for the peer that cannot unpack them.
create table bench.told_view (key text collate "C" primary key, dossier uuid not null, as_of bigint not null, until timestamptz not null,
    tag text collate "C" not null, subjects text collate "C" not null, view text collate "C" not null);
alter table bench.told_view alter column view set storage main;
alter table bench.told_view alter column view set compression lz4;

-- bench.samples(dossiers, part, parts): those of one of so many sessions.
create procedure bench.samples(dossiers int, part int, parts int)
language plpgsql as $$
declare
    size constant int := bench.told_of(dossiers);
begin
    for low in part * size .. dossiers - 1 by parts * size loop
        insert into bench.sample
        select t.i, t.code, t.number, t.result, a.id, a.as_of, a.tag, a.subjects, a.view
        from dossier.look_all(array(select t.dossier from bench.told t where t.i > low and t.i <= low + 100)) a
        join bench.told t on t.i > low and t.i <= low + 100 and t.dossier = a.id;
        commit;
    end loop;
end $$;

-- bench.told_row(told, sample): the answer of the one after the other's.
create function bench.told_row(t bench.told, m bench.sample,
    out key text, out dossier uuid, out as_of bigint, out until timestamptz, out tag text, out subjects text, out view text)
language sql stable as $$
    select t.number, t.dossier, m.as_of, now() + interval '30 days', left(md5(t.i::text), 16),
           replace(replace(replace(m.subjects, m.dossier::text, t.dossier::text), m.number, t.number),
                   coalesce(m.result, '-'), coalesce(t.result, '-')),
           replace(replace(replace(replace(m.view, m.code, t.code), m.number, t.number),
                           coalesce(m.result, '-'), coalesce(t.result, '-')), m.tag, left(md5(t.i::text), 16))
$$;

create view bench.told_of_sample as
select t.i, a.* from bench.told t
cross join (select bench.told_of(max(i)) as size from bench.told) s
join bench.sample m on m.i = (t.i - 1) / s.size * s.size + (t.i - 1) % s.size % 100 + 1
cross join lateral bench.told_row(t, m) a;

create procedure bench.told_done()
language plpgsql as $$
begin
    update dossier.told_head set position = (select position from custody.log_head);
    analyze dossier.told;
    analyze bench.told_view;
end $$;
