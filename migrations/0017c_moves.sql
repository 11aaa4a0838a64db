-- What was promised by the calendar, and what of it is another day or time by the calendar as it is now: the
-- due time of a dossier, of a question to another agency, and the day on which a courier fetches papers.

create table dossier.promise (
    what text collate "C" primary key,
    pos int not null,
    vi text not null,
    en text not null
);
insert into dossier.promise values
    ('due', 1, 'Ngày hẹn trả kết quả', 'Due dates of dossiers'),
    ('question', 2, 'Hạn trả lời cơ quan hỏi', 'Answers to other agencies'),
    ('pickup', 3, 'Lượt bưu tá đến nhận hồ sơ', 'Pick-ups of papers');

-- An open promise as it is kept, and by which calendar.
create type dossier.promised as (key uuid, unit bigint, at timestamptz);

-- dossier.promises(what): the statement that gives those that are open, {key, unit, at, x: the row itself}, by
-- an index in the order of (at, key). A pick-up is open from today on until the papers were fetched or the
-- dossier has ended; its time is the beginning of its day.
create function dossier.promises(p_what text) returns text
language sql immutable as $$
    select case p_what
        when 'due' then 'select d.id as key, d.agency as unit, d.due_at as at, d as x '
            'from dossier.dossier d where d.ended_at is null and d.due_at is not null'
        when 'question' then 'select a.id as key, a.asked as unit, a.due_at as at, a as x '
            'from dossier.asking a where a.answered_at is null and a.ended_at is null'
        when 'pickup' then 'select k.dossier as key, k.unit, '
            'k.day::timestamp at time zone ''Asia/Ho_Chi_Minh'' as at, k as x '
            'from online.pickup k join custody.shipment s on s.number = k.number '
            'join dossier.dossier d on d.id = k.dossier '
            'where s.state in (''created'', ''collection_assigned'') and d.ended_at is null '
            'and k.day::timestamp at time zone ''Asia/Ho_Chi_Minh'' > now() - interval ''1 day''' end
$$;

-- dossier.promises_after(what, at, key, most): the next of them behind that place.
create function dossier.promises_after(p_what text, p_at timestamptz, p_key uuid, p_most int)
returns setof dossier.promised
language plpgsql stable rows 500 set enable_seqscan = off set jit = off as $$
begin
    return query execute format('select p.key, p.unit, p.at from (%s) p where (p.at, p.key) > ($1, $2) '
                                'order by p.at, p.key limit $3', dossier.promises(p_what))
    using p_at, p_key, p_most;
end $$;

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

-- A promise that is another now.
create type dossier.move as (key uuid, unit bigint, was timestamptz, due timestamptz);

-- dossier.alike(statement): of what it gives, {key, unit, at, began, value, time_unit}, those whose time from
-- began is not at: reckoned once for all that began on one day (of working hours: at one time) by one
-- calendar and one term; so that a million cost little more than to read them. Without a value: due is
-- null, whoever asks reckons it. Reads postal.*.
create function dossier.alike(p_statement text) returns setof dossier.move
language plpgsql stable rows 1000 set jit = off as $$
begin
    return query execute format('
        with asked as materialized (%s),
        class as materialized (
            select u.unit, postal.calendar_class(u.unit) as class from (select distinct a.unit from asked a) u),
        began as materialized (
            select a.key, a.unit, a.at, c.class, a.value, a.time_unit,
                   case a.time_unit when ''working_day''
                        then (base.vn_date(a.began) + time ''12:00'') at time zone ''Asia/Ho_Chi_Minh''
                        else a.began end as since
            from asked a join class c on c.unit = a.unit),
        reckoned as materialized (
            select k.class, k.value, k.time_unit, k.since, postal.due_at(k.unit, k.since, k.value, k.time_unit) as due
            from (select b.class, b.value, b.time_unit, b.since, min(b.unit) as unit
                  from began b where b.value is not null group by 1, 2, 3, 4) k)
        select b.key, b.unit, b.at, r.due from began b
        left join reckoned r on r.class = b.class and r.value = b.value and r.time_unit = b.time_unit
             and r.since = b.since
        where r.due is distinct from b.at', p_statement);
end $$;

-- dossier.due_moves(condition): of the open promises p of which the condition holds those that are another.
-- Those of dossiers without a pause or an apology are reckoned alike, the others one by one.
-- Reads dossier.*, procedure.procedure, postal.*.
create function dossier.due_moves(p_condition text) returns setof dossier.move
language plpgsql stable rows 1000 set jit = off as $$
begin
    return query
        select n.* from (
            select m.key, m.unit, m.was,
                   coalesce(m.due, (select dossier.reckoned(d) from dossier.dossier d where d.id = m.key)) as due
            from dossier.alike(format('
                with open as materialized (
                    select p.key, p.unit, p.at, coalesce((p.x).filed_at, (p.x).accepted_at) as began, (p.x).procedure,
                           (p.x).procedure_version as version, (p.x).apologised_at is null and (p.x).supplements = 0
                           and not exists (select from dossier.pause s where s.dossier = p.key) as plain
                    from (%s) p where %s),
                term as materialized (
                    select t.procedure, t.version, (b.body #>> ''{time,value}'')::int as value,
                           b.body #>> ''{time,unit}'' as unit
                    from (select distinct o.procedure, o.version from open o where o.plain) t
                    cross join lateral dossier.procedure_body(t.procedure, t.version) as b (body))
                select o.key, o.unit, o.at, o.began, t.value, t.unit as time_unit
                from open o left join term t on o.plain and t.procedure = o.procedure and t.version = o.version',
                dossier.promises('due'), p_condition)) m
            offset 0) n
        where n.due <> n.was;
end $$;

-- dossier.question_moves(condition): the same of questions between agencies. Reads dossier.asking, postal.*.
create function dossier.question_moves(p_condition text) returns setof dossier.move
language plpgsql stable rows 100 set jit = off as $$
begin
    return query
        select m.* from dossier.alike(format(
            'select p.key, p.unit, p.at, (p.x).asked_at as began, (p.x).time as value, (p.x).time_unit '
            'from (%s) p where %s', dossier.promises('question'), p_condition)) m;
end $$;

-- dossier.pickup_moves(condition): the same of pick-ups: the courier comes on the day that was asked for, or
-- the next on which the office works; but never on one that has begun. Reads online.pickup, postal.*.
create function dossier.pickup_moves(p_condition text) returns setof dossier.move
language plpgsql stable rows 100 set jit = off as $$
begin
    return query execute format('
        with open as materialized (
            select p.key, p.unit, p.at, (p.x).wished, (p.x).day from (%s) p where %s),
        class as materialized (
            select u.unit, postal.calendar_class(u.unit) as class from (select distinct o.unit from open o) u),
        reckoned as materialized (
            select k.class, k.wished, k.day, online.kept_day(k.unit, k.wished, k.day) as kept
            from (select c.class, o.wished, o.day, min(o.unit) as unit
                  from open o join class c on c.unit = o.unit group by 1, 2, 3) k)
        select o.key, o.unit, o.at, r.kept::timestamp at time zone ''Asia/Ho_Chi_Minh''
        from open o join class c on c.unit = o.unit
        join reckoned r on r.class = c.class and r.wished = o.wished and r.day = o.day
        where r.kept <> o.day', dossier.promises('pickup'), p_condition);
end $$;
