-- Erasure: what is personal goes, with its keys; the events stay.

-- dossier.forget(dossiers): what is personal of these, but for what lies apart from single events: their people
-- with key and salt, the papers that a supplement was to bring and brought, why their papers and the reports of their shipments were
-- printed again. True when there was something left. Writes dossier.personal, dossier.supplement_item,
-- dossier.document, dossier.dossier, paper.print.
create function dossier.forget(p_dossiers uuid[]) returns boolean
language plpgsql as $$
declare
    v_found boolean;
begin
    update dossier.personal set sealed = null, key = null, salt = null, erased_at = now()
    where dossier = any (p_dossiers) and erased_at is null;
    v_found := found;
    update dossier.supplement_item set name = null where dossier = any (p_dossiers) and name is not null;
    v_found := found or v_found;
    update dossier.document set name = null
    where dossier = any (p_dossiers) and event is not null and name is not null;
    v_found := found or v_found;
    update dossier.dossier set digest = null where id = any (p_dossiers) and digest is not null;
    perform paper.forget_reasons(p_dossiers::text[] || array(
        select x.id::text from custody.shipment s join custody.exception x on x.subject = s.number
        where s.dossier = any (p_dossiers)));
    return v_found;
end $$;

-- dossier.erase_one(dossier, actor): destroys the personal data of one dossier and of its shipments:
-- payload, key and salt, and what staff wrote. The events keep their HMACs, so every chain stays
-- valid. What arrives later, as from a courier who was offline, goes with the next call. True, and
-- an event that says who did it, when there was something left to erase. Writes custody.event and as
-- dossier.forget and custody.erase.
create function dossier.erase_one(p_dossier uuid, p_actor bigint) returns boolean
language plpgsql as $$
declare
    -- Alone: in "f() or true" the planner leaves out f.
    erased boolean := custody.erase(array(
        select p_dossier::text union all
        select number from custody.shipment where dossier = p_dossier));
begin
    erased := dossier.forget(array[p_dossier]) or erased;
    if not erased then
        return false;
    end if;
    perform dossier.record(p_dossier, 'erase', now(), p_actor, null, '{}');
    return true;
end $$;

-- dossier.erase(dossier, actor): erase_one of it and of all whose papers were grouped into it, at any
-- depth: they are this dossier since. What was split off lives on by itself, see people_kept. True when
-- there was something left. Reads dossier.dossier; writes as erase_one.
create function dossier.erase(p_dossier uuid, p_actor bigint default 0) returns boolean
language sql as $$
    with recursive own (id) as (
        select p_dossier
        union
        select d.id from own o join dossier.dossier d on d.grouped_into = o.id)
    select bool_or(dossier.erase_one(id, p_actor)) from (select id from own order by id) o
$$;

-- dossier.people_kept(dossier): codes of the others that were one dossier with it, at any distance, and
-- of which the same people's data was not erased. Reads dossier.dossier, dossier.personal.
create function dossier.people_kept(p_dossier uuid) returns text[]
language sql stable as $$
    with recursive kin (id) as (
        select p_dossier
        union
        select n.id from kin k
        join dossier.dossier d on d.id = k.id
        cross join lateral (
            select unnest(array[d.split_from, d.grouped_into]) union all
            select x.id from dossier.dossier x where x.split_from = d.id union all
            select x.id from dossier.dossier x where x.grouped_into = d.id) n (id)
        where n.id is not null)
    select coalesce(array_agg(d.code order by d.code), '{}')
    from kin k
    join dossier.dossier d on d.id = k.id
    join dossier.personal x on x.dossier = d.id and x.erased_at is null
    where k.id <> p_dossier
$$;
