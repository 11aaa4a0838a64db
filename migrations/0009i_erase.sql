-- Erasure: what is personal goes, with its keys; the events stay.

-- dossier.erase_one(dossier, actor): destroys the personal data of one dossier and of its shipments:
-- payload, key and salt, and what staff wrote. The events keep their HMACs, so every chain stays
-- valid. What arrives later, as from a courier who was offline, goes with the next call. True, and
-- an event that says who did it, when there was something left to erase. Writes dossier.personal,
-- dossier.dossier, custody.event and as custody.erase.
create function dossier.erase_one(p_dossier uuid, p_actor bigint) returns boolean
language plpgsql as $$
declare
    -- Alone: in "f() or true" the planner leaves out f.
    erased boolean := custody.erase(array(
        select p_dossier::text union all
        select number from custody.shipment where dossier = p_dossier));
begin
    update dossier.personal set sealed = null, key = null, salt = null, erased_at = now()
    where dossier = p_dossier and erased_at is null;
    erased := found or erased;
    update dossier.document set name = null where dossier = p_dossier and event is not null and name is not null;
    update dossier.supplement_item set name = null where dossier = p_dossier and name is not null;
    if not (found or erased) then
        return false;
    end if;
    update dossier.dossier set digest = null where id = p_dossier;
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
