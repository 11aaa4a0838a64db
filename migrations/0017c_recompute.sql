-- What a change of the calendar does to promised dates: told beforehand, made on the word of whoever saw it,
-- and then the open dossiers reckoned anew, a batch at a time, each with its trace.

-- postal.calendar_class(unit): alike for units with the same days and hours, whose dates are therefore
-- reckoned once for all. Reads postal.*.
create function postal.calendar_class(p_unit bigint) returns text
language sql stable as $$
    select concat_ws(';',
        (select (u.weekdays, u.opens, u.break_from, u.break_to, u.closes)::text from postal.unit u where u.id = p_unit),
        (select string_agg((c.day, c.kind)::text, ',' order by c.day) from postal.calendar_day c
         where c.unit_id = p_unit),
        (select string_agg((o.valid_from, o.weekdays, o.opens, o.break_from, o.break_to, o.closes)::text, ','
                           order by o.valid_from) from postal.office_time o where o.unit_id = p_unit))
$$;

-- dossier.due_moves(condition): of the open dossiers d of which the condition holds, those whose due time is
-- another by the calendar as it is now. Those without a pause or an apology are reckoned once for all that
-- began on one day (of working hours: at one time) by one calendar and one term; so that a million cost
-- little more than to read them. Reads dossier.*, procedure.procedure, postal.*.
create function dossier.due_moves(p_condition text)
returns table (id uuid, was timestamptz, due timestamptz)
language plpgsql stable rows 1000 set jit = off as $$
begin
    return query execute format('
        with open as materialized (
            select d.id, d.agency, d.due_at, coalesce(d.filed_at, d.accepted_at) as began, d.procedure,
                   d.procedure_version as version, d.apologised_at is null and d.supplements = 0
                   and not exists (select from dossier.pause p where p.dossier = d.id) as plain
            from dossier.dossier d
            where d.ended_at is null and d.due_at is not null and %s),
        term as materialized (
            select t.procedure, t.version, (b.body #>> ''{time,value}'')::int as value,
                   b.body #>> ''{time,unit}'' as unit
            from (select distinct o.procedure, o.version from open o where o.plain) t
            cross join lateral dossier.procedure_body(t.procedure, t.version) as b (body)),
        class as materialized (
            select a.agency, postal.calendar_class(a.agency) as class
            from (select distinct o.agency from open o where o.plain) a),
        asked as materialized (
            select o.id, o.due_at, o.agency, o.began, c.class, t.value, t.unit,
                   case t.unit when ''working_day'' then (base.vn_date(o.began) + time ''12:00'') at time zone ''Asia/Ho_Chi_Minh''
                               else o.began end as since
            from open o join term t on t.procedure = o.procedure and t.version = o.version
            join class c on c.agency = o.agency where o.plain),
        reckoned as materialized (
            select k.class, k.value, k.unit, k.since, postal.due_at(k.agency, k.since, k.value, k.unit) as due
            from (select a.class, a.value, a.unit, a.since, min(a.agency) as agency
                  from asked a group by 1, 2, 3, 4) k)
        select a.id, a.due_at, r.due from asked a
        join reckoned r on r.class = a.class and r.value = a.value and r.unit = a.unit and r.since = a.since
        where r.due <> a.due_at
        union all
        select x.id, x.due_at, x.due
        from (select d.id, d.due_at, dossier.reckoned(d) as due
              from open o join dossier.dossier d on d.id = o.id where not o.plain) x
        where x.due <> x.due_at', p_condition);
end $$;

-- What a change would do. tag: of the change and what it moves: up to a thousand the very dossiers and
-- their dates, beyond that from which day to which and how many within a tenth; so that a service with
-- many dossiers can be asked and answered while they come in.
create type dossier.calendar_effect as (moves bigint, first jsonb, days jsonb, tag text);

-- dossier.effect_of(change, from day, unit): by the calendar as it is now. Reads as dossier.due_moves.
create function dossier.effect_of(p_change jsonb, p_from date, p_unit bigint) returns dossier.calendar_effect
language plpgsql stable set jit = off as $$
declare
    e dossier.calendar_effect;
    v_all text;
    v_pairs text;
begin
    with moved as materialized (
        select m.* from dossier.due_moves(concat_ws(' and ',
            format('d.due_at >= (%L::date)::timestamp at time zone ''Asia/Ho_Chi_Minh''', p_from),
            case when p_unit is not null then format('d.agency = %s', p_unit) end)) m),
    head as (select m.* from moved m order by m.was, m.id limit 20),
    pair as (select base.vn_date(m.was) as was, base.vn_date(m.due) as due, count(*) as n
             from moved m group by 1, 2)
    select (select count(*) from moved),
           (select coalesce(jsonb_agg(jsonb_build_object('code', d.code, 'agency', dossier.unit_json(d.agency),
                       'old_due_at', s.was, 'due_at', s.due) order by s.was, s.id), '[]')
            from head s join dossier.dossier d on d.id = s.id),
           (select coalesce(jsonb_agg(jsonb_build_object('from', p.was, 'to', p.due, 'count', p.n)
                       order by p.was, p.due), '[]')
            from (select * from pair order by was, due limit 100) p),
           (select string_agg(m.id::text || m.due, ',' order by m.id) from (select * from moved limit 1001) m),
           (select string_agg(p.was || '>' || p.due, ',' order by p.was, p.due) from pair p)
    into e.moves, e.first, e.days, v_all, v_pairs;
    e.tag := left(encode(sha256(convert_to(concat_ws('|', p_change, case when e.moves <= 1000 then v_all
             else v_pairs || '|' || floor(ln(e.moves) / ln(1.1)) end), 'UTF8')), 'hex'), 32);
    return e;
end $$;

-- dossier.calendar_effect(change, unit): what it would do, were it made: it is written, looked at, and taken
-- back, so that no date is reckoned by two rules. Problem invalid-fields: it would leave too few days to
-- work. Writes nothing that stays.
create function dossier.calendar_effect(p_change jsonb, p_unit bigint) returns dossier.calendar_effect
language plpgsql as $$
declare
    e dossier.calendar_effect;
begin
    begin
        perform set_config('dossierpost.preview', 'on', true);
        perform postal.write_calendar(p_change, p_unit);
        e := dossier.effect_of(p_change, postal.calendar_from(p_change), p_unit);
        raise exception using errcode = 'DP002';
    exception
        when sqlstate 'DP002' then null;
        when raise_exception then
            perform postal.calendar_wrong('/days', 'Như vậy còn quá ít ngày làm việc.',
                                          'That would leave too few days to work.');
    end;
    return e;
end $$;

-- dossier.asked_change(body): (change, unit) of a request: without what is not the change itself. Problems
-- unknown-unit, invalid-fields.
create function dossier.asked_change(body jsonb, out change jsonb, out unit bigint)
language plpgsql stable as $$
begin
    change := body - 'reason' - 'confirm';
    unit := case when body ? 'unit' then postal.unit_by_code(body ->> 'unit') end;
    perform postal.check_calendar(change, unit);
end $$;

-- dossier.effect_json(effect).
create function dossier.effect_json(e dossier.calendar_effect) returns jsonb
language sql immutable as $$
    select jsonb_build_object('moves', e.moves, 'first', e.first, 'days', e.days, 'tag', e.tag)
$$;

-- dossier.preview_calendar(body) -> jsonb {moves, days: [{from, to, count}], first: [{code, agency, old_due_at,
-- due_at}], tag, was}. Problems unknown-unit, invalid-fields.
create function dossier.preview_calendar(body jsonb) returns jsonb
language plpgsql as $$
declare
    a record;
begin
    select * into a from dossier.asked_change(body);
    return dossier.effect_json(dossier.calendar_effect(a.change, a.unit))
           || jsonb_build_object('was', postal.calendar_was(a.change, a.unit));
end $$;

-- --- making it -----------------------------------------------------------------------------------

-- dossier.check_confirmed(effect, confirm): problems calendar-moves-dates (409: nobody was asked), with what
-- it moves; precondition-failed (412): it moves other dates than were confirmed.
create function dossier.check_confirmed(e dossier.calendar_effect, p_confirm text) returns void
language plpgsql as $$
begin
    if p_confirm is not null and p_confirm <> e.tag then
        perform base.problem('precondition-failed', dossier.effect_json(e));
    elsif p_confirm is null and e.moves > 0 then
        perform base.problem('calendar-moves-dates', dossier.effect_json(e));
    end if;
end $$;

-- dossier.change_calendar(actor, unit, body, idempotency key, digest): makes the change and lets the dates
-- be reckoned anew (dossier.recompute_some). body: the change, reason, confirm? (the tag of its preview).
-- One at a time, and none while dates are still being reckoned. -> jsonb {id, at, moves, was}. Problems
-- unknown-unit, invalid-fields, conflict (dates are being reckoned), those of dossier.check_confirmed.
-- Writes postal.*, dossier.recompute, custody.event.
create function dossier.change_calendar(p_actor bigint, p_unit bigint, body jsonb, p_idem text, p_digest bytea)
returns jsonb
language plpgsql as $$
declare
    reply jsonb := base.replay(p_actor, p_idem, p_digest);
    a record;
    e dossier.calendar_effect;
    c postal.calendar_change;
begin
    if reply is not null then
        return reply;
    end if;
    perform pg_advisory_xact_lock(hashtext('postal.calendar'));
    if exists (select from dossier.recompute where done_at is null) then
        perform base.problem('conflict', '{"detail": "Due dates are still being reckoned after the change before.",
            "detail_vi": "Ngày hẹn trả vẫn đang được tính lại sau lần thay đổi trước; xin thử lại sau."}');
    end if;
    select * into a from dossier.asked_change(body);
    e := dossier.calendar_effect(a.change, a.unit);
    perform dossier.check_confirmed(e, body ->> 'confirm');
    c.was := postal.calendar_was(a.change, a.unit);
    c.event := base.uuid_v7();
    perform postal.write_calendar(a.change, a.unit);
    perform custody.append('calendar:' || c.event, c.event, 'calendar.change', p_actor, p_unit,
                           jsonb_build_object('change', a.change, 'was', c.was, 'moves', e.moves));
    insert into postal.calendar_change (account, unit_id, reason, change, was, from_day, moves, event)
    values (p_actor, a.unit, body ->> 'reason', a.change, c.was, postal.calendar_from(a.change), e.moves, c.event)
    returning * into c;
    insert into dossier.recompute (change, due_at)
    values (c.id, c.from_day::timestamp at time zone 'Asia/Ho_Chi_Minh');
    return base.replied(p_actor, p_idem, p_digest, jsonb_build_object('id', c.id::text, 'at', c.at,
                        'moves', e.moves, 'was', c.was), 201);
end $$;

-- dossier.recompute_due(dossiers, change): reckons these anew and keeps what differs, each with an event of
-- its own that says from when to when and by which change. Returns how many. Locks them in the order of
-- their ids first. Writes custody.event, dossier.dossier.
create function dossier.recompute_due(p_ids uuid[], c postal.calendar_change) returns int
language plpgsql set jit = off as $$
declare
    v_count int;
begin
    perform from dossier.dossier d where d.id = any (p_ids) order by d.id for update;
    with moved as materialized (
        select d.id, d.agency, m.was, m.due, base.uuid_v7() as event, d.version + 1 as version
        from dossier.due_moves(format('d.id = any (%L::uuid[])', p_ids)) m
        join dossier.dossier d on d.id = m.id
        where not custody.is_purged(d.id::text)),
    told as (
        select m.*, jsonb_build_object('due_at', m.due, 'old_due_at', m.was, 'change', c.id::text,
                                       'version', m.version) as data from moved m),
    event as (
        insert into custody.event (subject, id, kind, at, received_at, device_at, actor, unit, outcome, data, digest)
        select t.id::text, t.event, 'dossier.due_recomputed', now(), now(), now(), c.account, t.agency, 'recorded',
               t.data, sha256(convert_to(concat_ws(E'\n', 'dossier.due_recomputed', t.data), 'UTF8'))
        from told t)
    update dossier.dossier d set due_at = m.due, version = m.version
    from moved m where d.id = m.id;
    get diagnostics v_count = row_count;
    return v_count;
end $$;

-- dossier.recompute_some(most): the next so many open dossiers after the oldest change that is not done.
-- Returns whether there is more to do. Any number of instances may call it: one works. Waits for the
-- transactions that may have read the calendar as it was. Writes dossier.recompute, and as recompute_due.
create function dossier.recompute_some(p_most int) returns boolean
language plpgsql set enable_seqscan = off set jit = off as $$
declare
    r dossier.recompute;
    c postal.calendar_change;
    v_ids uuid[];
    v_last dossier.dossier;
    v_moved int;
begin
    if not exists (select from dossier.recompute x where x.done_at is null)
       or not pg_try_advisory_xact_lock(hashtext('dossier.recompute')) then
        return false;
    end if;
    select * into r from dossier.recompute x where x.done_at is null order by x.change limit 1 for update;
    if not found then
        return false;
    elsif r.after_xid is null then
        update dossier.recompute x set after_xid = pg_snapshot_xmax(pg_current_snapshot())::text::bigint
        where x.change = r.change;
        return true;
    elsif pg_snapshot_xmin(pg_current_snapshot())::text::bigint < r.after_xid then
        return true;
    end if;
    select * into c from postal.calendar_change x where x.id = r.change;
    v_ids := array(select d.id from dossier.dossier d
                   where d.ended_at is null and d.due_at is not null and (d.due_at, d.id) > (r.due_at, r.dossier)
                   order by d.due_at, d.id limit p_most);
    select * into v_last from dossier.dossier d where d.id = v_ids[cardinality(v_ids)];
    v_moved := dossier.recompute_due(v_ids, c);
    update dossier.recompute x set seen = x.seen + cardinality(v_ids), moved = x.moved + v_moved,
        due_at = coalesce(v_last.due_at, x.due_at), dossier = coalesce(v_last.id, x.dossier),
        done_at = case when cardinality(v_ids) < p_most then now() end
    where x.change = r.change;
    return true;
end $$;

-- dossier.calendar_changes(limit, before): what was changed, the latest first -> jsonb {items: [{id, at, by,
-- unit?, reason, change, was, moves, moved, seen, done_at?}], next?}. Reads postal.calendar_change,
-- dossier.recompute.
create function dossier.calendar_changes(p_most int, p_before text) returns jsonb
language plpgsql stable as $$
declare
    v_before bigint;
begin
    if p_before !~ '^[0-9]{1,18}$' then
        perform base.wrong_field('/next', 'format', 'Con trỏ trang không đúng.', 'Not a cursor given by this list.');
    end if;
    v_before := p_before::bigint;
    return (
        with page as (
            select x.* from postal.calendar_change x where v_before is null or x.id < v_before
            order by x.id desc limit p_most + 1)
        select jsonb_strip_nulls(jsonb_build_object('next', case when count(*) > p_most then
                   (array_agg(p.id::text order by p.id desc))[p_most] end)) || jsonb_build_object('items', coalesce(
               jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', p.id::text, 'at', p.at,
                   'by', jsonb_build_object('id', p.account::text, 'name', a.name), 'unit', dossier.unit_json(p.unit_id),
                   'reason', p.reason, 'change', p.change, 'was', p.was, 'moves', p.moves, 'moved', r.moved,
                   'seen', r.seen, 'done_at', r.done_at)) order by p.id desc)
               filter (where p.n <= p_most), '[]'))
        from (select x.*, row_number() over (order by x.id desc) as n from page x) p
        left join account.account a on a.id = p.account
        left join dossier.recompute r on r.change = p.id);
end $$;
