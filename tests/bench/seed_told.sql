-- The answers that are kept (dossier.told), for seed_track.sql: some (bench.told_of) as the program makes
-- them; the others' after the one with the same life that is nearest to them, with their own numbers,
-- since only how large it is and where it lies matters. They hold for long, so that a bench some days
-- later finds them.
\set ON_ERROR_STOP 1
set check_function_bodies = off;
set search_path = '';

-- bench.tell(dossiers, part, parts): those of one of so many sessions.
create procedure bench.tell(dossiers int, part int, parts int)
language plpgsql as $$
declare
    size constant int := bench.told_of(dossiers);
begin
    for low in part * size .. dossiers - 1 by parts * size loop
        perform dossier.tell(array(select t.dossier from bench.told t where t.i > low and t.i <= low + 100));
        update dossier.told t set until = now() + interval '30 days'
        from bench.told b where b.i > low and b.i <= low + 100 and t.dossier = b.dossier;
        insert into dossier.told (dossier, as_of, until, tag, subjects, view)
        select t.dossier, m.as_of, m.until, left(md5(t.i::text), 16),
               replace(replace(replace(m.subjects, m.dossier::text, t.dossier::text), l.number, t.number),
                       coalesce(l.result, '-'), coalesce(t.result, '-')),
               replace(replace(replace(replace(m.view, l.code, t.code), l.number, t.number),
                               coalesce(l.result, '-'), coalesce(t.result, '-')),
                       m.tag, left(md5(t.i::text), 16))
        from bench.told t
        join bench.told l on l.i = low + (t.i - 1) % 100 + 1
        join dossier.told m on m.dossier = l.dossier
        where t.i > low + 100 and t.i <= low + size order by t.i;
        commit;
    end loop;
end $$;

create procedure bench.told_done()
language plpgsql as $$
begin
    update dossier.told_head set position = (select position from custody.log_head);
    analyze dossier.told;
end $$;
