-- The public answers that are kept, so that a look-up is one row by its key however long the history
-- is; and what is new in the log, by which an instance knows whether a kept answer still holds.
--
-- Every row of dossier.told holds all that the log told up to told_head.position, which told_on moves
-- when it has taken away the rows that were touched. Whoever reads a row asks what is news behind that
-- position (src/tracking/track_news.h). A row that is not there is no fault: the answer is made anew.

-- By the key that was asked for, a number or a code, so that a look-up is one row of one table, however
-- many ways there are to a dossier; dossier: for what takes the answers of a dossier away.
-- as_of: the log's position when the answer was made, all of which is in it. packed: its tag, subjects and
-- view, as the program packs them (src/tracking/track_pack.h): what is as small as this stays in memory.
create table dossier.told (
    key text collate "C" primary key,
    dossier uuid not null,
    as_of bigint not null,
    until timestamptz not null,
    packed bytea not null
);
create index told_dossier on dossier.told (dossier);
select base.grant_service('delete', 'dossier.told');
alter table dossier.told alter column packed set storage external; -- it is pressed already

create table dossier.told_head (
    only_one boolean primary key default true check (only_one),
    position bigint not null default 0
);
insert into dossier.told_head default values;

-- dossier.keep(keys, dossiers, as_of, until, packed): keeps answers that dossier.look gave a moment ago. Few
-- at once: the sequencer waits for what writes. One made before the head went past it may lack what was
-- taken away meanwhile, and is not kept. Returns how many. Writes dossier.told.
create function dossier.keep(p_keys text[], p_ids uuid[], p_as_of bigint[], p_until timestamptz[], p_packed bytea[])
returns int
language plpgsql as $$
declare
    v_head bigint;
    kept int;
begin
    select position into v_head from dossier.told_head for share;
    insert into dossier.told as t (key, dossier, as_of, until, packed)
    select a.* from unnest(p_keys, p_ids, p_as_of, p_until, p_packed) a (key, id, as_of, until, packed)
    where a.as_of >= v_head order by a.key
    on conflict (key) do update set dossier = excluded.dossier, as_of = excluded.as_of,
        until = excluded.until, packed = excluded.packed
        where t.as_of <= excluded.as_of;
    get diagnostics kept = row_count;
    return kept;
end $$;

-- dossier.touched(first, last): the dossiers that events in these positions of the log concern, also
-- through a bag they lie or lay in. Reads custody.log, container.*, custody.shipment.
create function dossier.touched(p_first bigint, p_last bigint) returns setof uuid
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
declare
    -- Arrays, since the planner takes what a recursive query gives for whole tables.
    found text[] := array(select distinct l.subject from custody.log l
                          where l.position between p_first and p_last);
    moved text[] := found;
begin
    while cardinality(found) > 0 loop
        found := array(
            select distinct m.subject from unnest(found) t
            join container.closure k on k.container = t
            join container.membership m on m.closure = k.id
            where m.subject <> all (moved));
        moved := moved || found;
    end loop;
    return query
        select s.dossier from unnest(moved) t join custody.shipment s on s.number = t
        union
        select t::uuid from unnest(moved) t where length(t) = 36;
end $$;

-- dossier.told_on(most): takes away what the next `most` positions of the log touched and moves the
-- head behind them. Returns the keys whose answers went (spaces between), to be told again by whoever
-- has the time, and whether more is waiting. One works, the others get nothing. Writes dossier.told, told_head.
create function dossier.told_on(p_most int, out gone text, out more boolean)
language plpgsql as $$
declare
    v_from bigint;
    v_head bigint := (select position from custody.log_head);
    v_to bigint;
begin
    more := false;
    select position into v_from from dossier.told_head
    where position < v_head for update skip locked;
    if not found then
        return;
    end if;
    v_to := least(v_head, v_from + p_most);
    if not exists (select from dossier.told) then
        v_to := v_head;
    else
        with away as (
            delete from dossier.told t using dossier.touched(v_from + 1, v_to) d
            where t.dossier = d returning t.key)
        select string_agg(key, ' ' order by key) into gone from away;
    end if;
    update dossier.told_head set position = v_to;
    more := v_to < v_head;
end $$;

-- dossier.news(after, most): what happened behind a position: a row for each event, pos null while it
-- has none yet. Before them two rows without a subject: the log's position, and told_head's. after
-- null: behind told_head. Where there is more than `most`, in the log or waiting for it, only those
-- two, and a third with pos 0. Reads custody.log, custody.event.
create function dossier.news(p_after bigint, p_most int)
returns table (subject text, event uuid, pos bigint)
language plpgsql stable set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
    v_log custody.log_head;
    v_told bigint := (select position from dossier.told_head);
    waiting int;
begin
    select * into v_log from custody.log_head;
    return query values (null::text, null::uuid, v_log.position), (null, null, v_told);
    p_after := coalesce(p_after, v_told);
    select count(*) into waiting from (
        select from custody.event e where e.xid >= v_log.next_xid limit p_most + 1) w;
    if waiting > p_most or v_log.position - p_after > p_most then
        return query values (null::text, null::uuid, 0::bigint);
        return;
    end if;
    return query select l.subject, l.event_id, l.position from custody.log l
                 where l.position > p_after and l.position <= v_log.position;
    return query select e.subject, e.id, null::bigint from custody.event e
                 where e.xid >= v_log.next_xid;
end $$;
