-- A log that moved: events carry transaction numbers of the cluster that recorded them, and a dump
-- restored into another cluster, which counts its own, would be sequenced wrongly or not at all.

-- Every cluster the log has lived in, the last one is where it is. at_position: the log's end when
-- it came.
create table custody.log_cluster (
    n int generated always as identity primary key,
    system_identifier bigint not null,
    at_position bigint not null,
    at timestamptz not null default now()
);
insert into custody.log_cluster (system_identifier, at_position)
select c.system_identifier, 0 from pg_control_system() c;

-- custody.log_moved(): whether the log's transaction numbers are of another cluster (strange), or of
-- transactions that this one has not begun (ahead: also when the clusters are copies of each other,
-- whose identifiers are equal). A copy of the whole cluster, as after a failover, is neither.
-- Reads custody.log_cluster, custody.log_head, custody.event.
create function custody.log_moved(out strange boolean, out ahead boolean)
language sql stable as $$
    select (select k.system_identifier from custody.log_cluster k order by k.n desc limit 1)
               is distinct from (select c.system_identifier from pg_control_system() c),
           (select h.next_xid from custody.log_head h)
               > pg_snapshot_xmin(pg_current_snapshot())::text::bigint
           or coalesce((select max(e.xid) from custody.event e)
                       >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint, false)
$$;

-- custody.adopt(): makes a log that was restored from a dump this cluster's. Called before a service
-- sequences for the first time; does nothing where nothing moved. All events there are get numbers
-- below zero, which no transaction of any cluster will ever have: those that have positions in their
-- old order, then those that have none, also ones recorded here meanwhile, by receipt; the sequencer
-- goes on with the latter. The number is no part of an event's hash. Takes as long as writing the
-- events again, and scans wait meanwhile. In the owner's name: the service changes no event.
-- Returns how many events had no position; null when nothing moved.
-- Writes custody.event (xid), custody.log_head, custody.log_cluster.
create function custody.adopt() returns bigint
language plpgsql security definer set search_path = pg_catalog as $$
declare
    v_moved record;
    v_waiting bigint;
    v_behind boolean;
    v_greatest bigint;
begin
    select * into v_moved from custody.log_moved();
    if not v_moved.strange and not v_moved.ahead then
        return null;
    end if;
    perform pg_advisory_xact_lock(hashtext('custody.sequence'));
    -- Whoever records has ended or not begun: what is seen from now on is all there is.
    lock table custody.event in share row exclusive mode;
    select * into v_moved from custody.log_moved();
    if not v_moved.strange and not v_moved.ahead then
        return null;
    end if;
    select count(*), coalesce(bool_or(e.xid < h.next_xid), false) into v_waiting, v_behind
    from custody.event e cross join custody.log_head h
    where not exists (select from custody.log l
                      where l.subject = e.subject and l.event_id = e.id);
    if v_moved.ahead or v_behind then
        select greatest(max(e.xid), 0) into v_greatest from custody.event e;
        update custody.event e set xid = e.xid - v_greatest - 1 - v_waiting;
        update custody.event e set xid = w.place - 1 - v_waiting
        from (select n.subject, n.id,
                     row_number() over (order by n.received_at, n.xid, n.id, n.subject) as place
              from custody.event n
              where not exists (select from custody.log l
                                where l.subject = n.subject and l.event_id = n.id)) w
        where e.subject = w.subject and e.id = w.id;
        update custody.log_head set next_xid = -v_waiting;
    end if;
    insert into custody.log_cluster (system_identifier, at_position)
    select c.system_identifier, h.position from pg_control_system() c, custody.log_head h;
    return v_waiting;
end $$;

do $$
begin
    perform base.revoke_service('insert, update', 'custody.log_cluster');
end $$;
