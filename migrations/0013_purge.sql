-- The end of the time of keeping: whole partitions of old events go, with their personal payloads.
-- Their rows in the log stay, so that chains, tree and proofs are as they were; the purge is an event
-- itself. All of it is the owner's: the service drops nothing.

-- custody.purgeable(before): the partitions of months that lie wholly before that day (in UTC, as
-- they do) and before all ids that may still come, oldest first. Reads the catalogue.
create function custody.purgeable(p_before date)
returns table (name text, from_id uuid, to_id uuid)
language sql stable as $$
    select c.relname::text, custody.uuid_floor(d.month at time zone 'UTC'),
           custody.uuid_floor((d.month + interval '1 month') at time zone 'UTC')
    from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
    cross join lateral (
        select to_date(substring(c.relname from '^event_([0-9]{4}(?:0[1-9]|1[0-2]))$'),
                       'YYYYMM')::timestamp as month) d
    where i.inhparent = 'custody.event'::regclass
      and d.month + interval '1 month'
          <= least(p_before, now() at time zone 'UTC' - interval '60 days')
    order by 1
$$;

-- custody.purge_subjects(from, to): whose history a purge of these ids touches: the subjects of the
-- events, and what lay in the containers among them, at any depth, which is judged by theirs.
-- Reads custody.event, container.*.
create function custody.purge_subjects(p_from uuid, p_to uuid) returns setof text
language sql stable as $$
    with recursive touched (subject) as (
        select e.subject from custody.event e
        where e.id >= p_from and e.id < p_to and e.subject <> 'purge'
        union
        select m.subject from touched t
        join container.closure k on k.container = t.subject
        join container.membership m on m.closure = k.id)
    select t.subject from touched t
$$;

-- custody.purge_whole(from, to): the dossiers, and subjects of none, of which nothing is left when these ids go: a
-- dossier that has ended, once no shipment of it has anything younger. With them go their files and all
-- that is personal; until then that is needed, as proof or to deliver. Reads custody.*, container.*,
-- dossier.dossier.
create function custody.purge_whole(p_from uuid, p_to uuid) returns setof text
language sql stable as $$
    with touched as materialized (
        select t.subject, s.dossier
        from custody.purge_subjects(p_from, p_to) as t (subject)
        left join custody.shipment s on s.number = t.subject),
    belongs as materialized (
        select distinct coalesce(t.dossier::text, t.subject) as subject,
               coalesce(t.dossier, case when length(t.subject) = 36 then t.subject::uuid end)
                   as dossier
        from touched t)
    select b.subject from belongs b
    where not exists (select from custody.event e where e.subject = b.subject and e.id >= p_to)
      and not exists (select from custody.shipment s
                      join custody.event e on e.subject = s.number and e.id >= p_to
                      where s.dossier = b.dossier)
      and not exists (select from dossier.dossier d join dossier.status t on t.code = d.status
                      where d.id = b.dossier and not t.ends)
$$;

-- custody.purge_hindered(subject, before): why its history may not go yet, or null: under_way (a
-- shipment or dossier that has not ended), not_empty (a container, or what lies in one), recent (an
-- event on that day or later), exception (an open one), handover (it is on an open list), claim (one waits
-- for a decision).
-- Reads custody.*, container.*, dossier.dossier.
create function custody.purge_hindered(p_subject text, p_before timestamptz) returns text
language sql stable as $$
    select case
        when exists (select from custody.shipment s
                     join custody.state n on n.what = 's' and n.code = s.state
                     where s.number = p_subject and not n.ended and s.state <> 'lost')
          or exists (select from dossier.dossier d join dossier.status t on t.code = d.status
                     where d.id = case when length(p_subject) = 36 then p_subject::uuid end
                       and not t.ends) then 'under_way'
        when exists (select from container.closure k
                     join container.membership m on m.closure = k.id and m.ended_at is null
                     where k.container = p_subject and k.opened_at is null)
          or exists (select from container.container c join container.closure k on k.id = c.closure
                     where c.id = p_subject and k.opened_at is null) then 'not_empty'
        when exists (select from custody.event e
                     where e.subject = p_subject and e.received_at >= p_before) then 'recent'
        when exists (select from custody.exception x
                     where x.subject = p_subject and x.resolved_at is null) then 'exception'
        when exists (select from custody.handover_item i join custody.handover h on h.id = i.handover
                     where i.number = p_subject and h.state = 'open') then 'handover'
        when exists (select from dossier.claim k
                     where k.decided_at is null and p_subject in (k.number, k.dossier::text)) then 'claim'
        end
$$;

-- custody.purge_look(name, before): {partition, from, to, events, position, checkpoint, refused?:
-- {count, first: [{subject?, why}]}} of a purgeable partition. position: the highest, checkpoint:
-- the size of the first that covers it. why, beside those above: unplaced (an event without
-- position), uncovered (no checkpoint covers it). Problem: there is no such partition.
-- Reads custody.*, container.*, dossier.*.
create function custody.purge_look(p_name text, p_before date) returns jsonb
language plpgsql stable as $$
declare
    w record;
    v_events bigint;
    v_placed bigint;
    v_last bigint;
    v_size bigint;
    v_refused jsonb;
begin
    select * into w from custody.purgeable(p_before) x where x.name = p_name;
    if not found then
        raise exception 'no partition % that may be purged', p_name;
    end if;
    select count(*), count(l.position), coalesce(max(l.position), 0)
    into v_events, v_placed, v_last
    from custody.event e
    left join custody.log l on l.subject = e.subject and l.event_id = e.id
    where e.id >= w.from_id and e.id < w.to_id and e.subject <> 'purge';
    select coalesce(min(c.size), 0) into v_size from custody.checkpoint c where c.size >= v_last;
    if v_placed < v_events then
        v_refused := jsonb_build_object('count', v_events - v_placed,
                                        'first', '[{"why": "unplaced"}]'::jsonb);
    elsif v_size < v_last then
        v_refused := '{"count": 1, "first": [{"why": "uncovered"}]}';
    else
        with hindered as (
            select s.subject, h.why, row_number() over (order by s.subject) as place
            from custody.purge_subjects(w.from_id, w.to_id) as s (subject)
            cross join lateral custody.purge_hindered(
                s.subject, p_before::timestamp at time zone 'UTC') as h (why)
            where h.why is not null)
        select jsonb_build_object('count', count(*), 'first', jsonb_agg(
                   jsonb_build_object('subject', h.subject, 'why', h.why) order by h.place)
                   filter (where h.place <= 5)) into v_refused
        from hindered h having count(*) > 0;
    end if;
    return jsonb_strip_nulls(jsonb_build_object('partition', w.name, 'from', w.from_id,
        'to', w.to_id, 'events', v_events, 'position', v_last, 'checkpoint', v_size,
        'refused', v_refused));
end $$;

-- custody.purge_drop(look, before, xid): drops the partition of which that is the look. xid: the
-- oldest transaction then under way. Events of purges that lie in it stay, in the default partition.
-- An error when something came to it since. Writes custody.*, makes and drops nothing else.
create function custody.purge_drop(p_look jsonb, p_before date, p_xid bigint) returns void
language plpgsql as $$
declare
    v_name text := p_look ->> 'partition';
    v_from uuid := p_look ->> 'from';
    v_to uuid := p_look ->> 'to';
    v_event uuid := base.uuid_v7();
    v_whole text[] := array(select s from custody.purge_whole(v_from, v_to) as s);
    v_dossiers uuid[] := array(select s::uuid from unnest(v_whole) s where length(s) = 36);
begin
    insert into custody.purged (subject)
    select s from custody.purge_subjects(v_from, v_to) as s on conflict do nothing;
    -- None of its scans is taken as it comes: all go the careful way.
    update custody.shipment s set loose = true
    from custody.purged u where u.subject = s.number and not s.loose;
    delete from custody.payload p where p.event >= v_from and p.event < v_to;
    delete from custody.remark r where r.event >= v_from and r.event < v_to and r.subject <> 'purge';
    update dossier.document x set name = null
    where x.event >= v_from and x.event < v_to
      and x.dossier in (select s::uuid from custody.purge_subjects(v_from, v_to) as s where length(s) = 36);
    update dossier.supplement_item i set name = null where i.event >= v_from and i.event < v_to;
    perform attachment.erase(v_whole);
    perform dossier.forget(v_dossiers);
    perform custody.forget_notes(v_whole || array(select s.number from custody.shipment s
                                                  where s.dossier = any (v_dossiers)));
    delete from custody.proof_pending p where p.event >= v_from and p.event < v_to;
    -- Kept answers that tell of them go; who makes one now waits until the purge is over.
    perform from dossier.told_head for update;
    delete from dossier.told;
    lock table custody.event in access exclusive mode;
    if exists (select from custody.event e where e.xid >= p_xid
               and (e.id >= v_from and e.id < v_to
                    or exists (select from custody.purged u where u.subject = e.subject))) then
        raise exception using errcode = '55P03', message = 'an event has come meanwhile';
    end if;
    insert into custody.purge (name, from_id, to_id, events, position, checkpoint, before, event)
    values (v_name, v_from, v_to, (p_look ->> 'events')::bigint, (p_look ->> 'position')::bigint,
            (p_look ->> 'checkpoint')::bigint, p_before, v_event);
    perform custody.append('purge', v_event, 'purge', 0, null, p_look);
    execute format('alter table custody.event detach partition custody.%I', v_name);
    execute format('insert into custody.event select * from custody.%I where subject = ''purge''',
                   v_name);
    execute format('drop table custody.%I', v_name);
end $$;

-- custody.purge_partition(name, before, dry): purges it, or says why not: what purge_look says, and
-- purged: whether it did. busy: others read or wrote events all the time. dry: only looks.
create function custody.purge_partition(p_name text, p_before date, p_dry boolean) returns jsonb
language plpgsql set lock_timeout = '3s' as $$
declare
    v_xid bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    v_look jsonb := custody.purge_look(p_name, p_before);
begin
    if p_dry or v_look ? 'refused' then
        return v_look || '{"purged": false}';
    end if;
    perform custody.purge_drop(v_look, p_before, v_xid);
    return v_look || '{"purged": true}';
exception when lock_not_available or deadlock_detected then
    return v_look || '{"purged": false, "refused": {"count": 1, "first": [{"why": "busy"}]}}';
end $$;

do $$
begin
    perform base.revoke_service('execute', 'function custody.purge_drop(jsonb, date, bigint)');
    perform base.revoke_service('execute', 'function custody.purge_partition(text, date, boolean)');
end $$;
