-- Time: days off, office hours, and when something is due. Everything counts in Vietnam's time.

create table postal.calendar_day (
    day date not null,
    unit_id bigint references postal.unit, -- null: everywhere
    kind text not null check (kind in ('holiday', 'compensatory', 'swapped_working')),
    name text not null
);
create unique index on postal.calendar_day (day, coalesce(unit_id, 0));
select base.grant_service('delete', 'postal.calendar_day');

-- When a unit works from a day on, until the next row; before its first row, and for a unit without one,
-- what postal.unit says. Only a change of the calendar (0017c_calendar.sql) writes either table.
create table postal.office_time (
    unit_id bigint not null references postal.unit,
    valid_from date not null,
    weekdays int[] not null check (weekdays <@ '{1,2,3,4,5,6,7}' and cardinality(weekdays) between 1 and 7),
    opens time not null,
    break_from time,
    break_to time,
    closes time not null,
    primary key (unit_id, valid_from),
    check (opens < closes),
    check ((break_from is null) = (break_to is null)),
    check (break_from is null or (opens < break_from and break_from < break_to and break_to < closes))
);
select base.grant_service('delete', 'postal.office_time');

-- The national calendar of 2026 as announced, and of 2027 what is fixed by law already. An
-- administrator edits it; Tết and the swaps of 2027 come with the government's notice.
insert into postal.calendar_day (day, kind, name) values
    ('2026-01-01', 'holiday', 'Tết Dương lịch'),
    ('2026-01-02', 'compensatory', 'Nghỉ hoán đổi với ngày 10/01/2026'),
    ('2026-01-10', 'swapped_working', 'Làm bù cho ngày 02/01/2026'),
    ('2026-02-16', 'holiday', 'Tết Nguyên đán Bính Ngọ'),
    ('2026-02-17', 'holiday', 'Tết Nguyên đán Bính Ngọ'),
    ('2026-02-18', 'holiday', 'Tết Nguyên đán Bính Ngọ'),
    ('2026-02-19', 'holiday', 'Tết Nguyên đán Bính Ngọ'),
    ('2026-02-20', 'holiday', 'Tết Nguyên đán Bính Ngọ'),
    ('2026-04-26', 'holiday', 'Giỗ Tổ Hùng Vương'),
    ('2026-04-27', 'compensatory', 'Nghỉ bù Giỗ Tổ Hùng Vương'),
    ('2026-04-30', 'holiday', 'Ngày Chiến thắng'),
    ('2026-05-01', 'holiday', 'Ngày Quốc tế Lao động'),
    ('2026-08-22', 'swapped_working', 'Làm bù cho ngày 31/08/2026'),
    ('2026-08-31', 'compensatory', 'Nghỉ hoán đổi với ngày 22/08/2026'),
    ('2026-09-01', 'holiday', 'Quốc khánh'),
    ('2026-09-02', 'holiday', 'Quốc khánh'),
    ('2026-11-24', 'holiday', 'Ngày Văn hóa Việt Nam'),
    ('2027-01-01', 'holiday', 'Tết Dương lịch'),
    ('2027-04-30', 'holiday', 'Ngày Chiến thắng'),
    ('2027-05-01', 'holiday', 'Ngày Quốc tế Lao động'),
    ('2027-05-03', 'compensatory', 'Nghỉ bù Ngày Quốc tế Lao động'),
    ('2027-09-02', 'holiday', 'Quốc khánh'),
    ('2027-11-24', 'holiday', 'Ngày Văn hóa Việt Nam');

-- postal.hours_on(unit, day): what holds for the unit that day, were it worked. unit null, or unknown:
-- Monday to Friday, 07:30–11:30, 13:30–17:00. Reads postal.unit, postal.office_time. (plpgsql keeps the
-- plan, here and below: deadlines ask it day by day)
create function postal.hours_on(p_unit bigint, p_day date) returns postal.office_time
language plpgsql stable as $$
declare
    t postal.office_time;
begin
    select * into t from postal.office_time o
    where o.unit_id = p_unit and o.valid_from <= p_day order by o.valid_from desc limit 1;
    if found then
        return t;
    end if;
    select u.id, u.valid_from, u.weekdays, u.opens, u.break_from, u.break_to, u.closes into t
    from postal.unit u where u.id = p_unit;
    if not found then
        t.weekdays := '{1,2,3,4,5}';
        t.opens := '07:30';
        t.break_from := '11:30';
        t.break_to := '13:30';
        t.closes := '17:00';
    end if;
    return t;
end $$;

-- postal.is_working_day(unit, day): the unit's own row of the calendar wins over the national one,
-- and any row over the unit's week.
create function postal.is_working_day(p_unit bigint, p_day date) returns boolean
language plpgsql stable as $$
begin
    return coalesce(
        (select c.kind = 'swapped_working' from postal.calendar_day c
         where c.day = p_day and (c.unit_id is null or c.unit_id = p_unit)
         order by c.unit_id nulls last limit 1),
        extract(isodow from p_day)::int = any ((postal.hours_on(p_unit, p_day)).weekdays));
end $$;

-- postal.add_working_days(unit, day, n): the nth working day after day, which itself never counts;
-- n = 0: day itself or the next working day.
create function postal.add_working_days(p_unit bigint, p_day date, n int) returns date
language plpgsql stable as $$
declare
    v_left int := greatest(n, 1);
    v_day date := p_day + (n > 0)::int;
begin
    if n < 0 or n > 10000 then
        raise exception 'working days out of range: %', n;
    end if;
    loop
        if postal.is_working_day(p_unit, v_day) then
            v_left := v_left - 1;
            exit when v_left = 0;
        end if;
        v_day := v_day + 1;
        -- A year with no day worked is a broken calendar, not a deadline.
        if v_day > p_day + n * 3 + 366 then
            raise exception 'the calendar of unit % has too few working days after %', p_unit, p_day;
        end if;
    end loop;
    return v_day;
end $$;

-- postal.working_days(unit, after, until): how many working days follow the one day up to the other: by
-- whole weeks, and the rows of the calendar between; so that a long time costs as little as a short one.
-- Reads postal.unit, postal.office_time, postal.calendar_day.
create function postal.working_days(p_unit bigint, p_after date, p_until date) returns int
language plpgsql stable as $$
declare
    v_week int[];
    v_cut date;
    n int;
begin
    if p_until <= p_after then
        return 0;
    end if;
    select min(o.valid_from) - 1 into v_cut from postal.office_time o
    where o.unit_id = p_unit and o.valid_from > p_after + 1 and o.valid_from <= p_until;
    if v_cut is not null then
        return postal.working_days(p_unit, p_after, v_cut) + postal.working_days(p_unit, v_cut, p_until);
    end if;
    v_week := (postal.hours_on(p_unit, p_after + 1)).weekdays;
    n := (p_until - p_after) / 7 * cardinality(v_week);
    for i in 1 .. (p_until - p_after) % 7 loop
        n := n + (extract(isodow from p_after + i)::int = any (v_week))::int;
    end loop;
    return n + coalesce((
        select sum((c.kind = 'swapped_working')::int - (extract(isodow from c.day)::int = any (v_week))::int)
        from (select distinct on (x.day) x.day, x.kind from postal.calendar_day x
              where x.day > p_after and x.day <= p_until and (x.unit_id is null or x.unit_id = p_unit)
              order by x.day, x.unit_id nulls last) c), 0);
end $$;

-- postal.office_hours(unit, day): when the unit works that day, as one or two spans, in order; no
-- rows on a day off.
create function postal.office_hours(p_unit bigint, p_day date)
returns table (starts timestamptz, ends timestamptz)
language sql stable as $$
    select (p_day + span.a) at time zone 'Asia/Ho_Chi_Minh',
           (p_day + span.b) at time zone 'Asia/Ho_Chi_Minh'
    from postal.hours_on(p_unit, p_day) h
    cross join lateral (
        select h.opens as a, coalesce(h.break_from, h.closes) as b
        union all
        select h.break_to, h.closes where h.break_to is not null) span
    where postal.is_working_day(p_unit, p_day)
    order by 1
$$;

-- postal.closing(unit, day): the end of office hours.
create function postal.closing(p_unit bigint, p_day date) returns timestamptz
language plpgsql stable as $$
begin
    return (p_day + (postal.hours_on(p_unit, p_day)).closes) at time zone 'Asia/Ho_Chi_Minh';
end $$;

-- postal.add_working_minutes(unit, from, minutes): when that much office time has passed.
create function postal.add_working_minutes(p_unit bigint, p_from timestamptz, minutes int)
returns timestamptz language plpgsql stable as $$
declare
    left_over interval := make_interval(mins => minutes);
    day date := base.vn_date(p_from);
    span record;
    days_off int := 0;
begin
    loop
        days_off := days_off + 1;
        for span in select greatest(starts, p_from) as a, ends as b
                    from postal.office_hours(p_unit, day) where ends > p_from loop
            days_off := 0;
            if span.b - span.a >= left_over then
                return span.a + left_over;
            end if;
            left_over := left_over - (span.b - span.a);
        end loop;
        if days_off > 366 then
            raise exception 'the calendar of unit % has no working day after %', p_unit, day;
        end if;
        day := day + 1;
    end loop;
end $$;

-- postal.working_minutes(unit, from, to): office time between the two, in minutes.
-- Reads postal.unit, postal.office_time, postal.calendar_day. (plpgsql keeps the plan: lists ask it for every row)
create function postal.working_minutes(p_unit bigint, p_from timestamptz, p_to timestamptz)
returns int language plpgsql stable as $$
declare
    u postal.office_time;
    v_cut timestamptz;
begin
    select min(o.valid_from)::timestamp at time zone 'Asia/Ho_Chi_Minh' into v_cut from postal.office_time o
    where o.unit_id = p_unit and o.valid_from > base.vn_date(p_from)
      and o.valid_from <= base.vn_date(p_to - interval '1 us');
    if v_cut is not null then
        return postal.working_minutes(p_unit, p_from, v_cut) + postal.working_minutes(p_unit, v_cut, p_to);
    end if;
    u := postal.hours_on(p_unit, base.vn_date(p_from));
    return (
        select coalesce(sum(extract(epoch from least(n.b, p_to) - greatest(n.a, p_from))) / 60, 0)
        from generate_series(base.vn_date(p_from)::timestamp, base.vn_date(p_to)::timestamp,
                             interval '1 day') as d (day)
        left join lateral (
            select c.kind from postal.calendar_day c
            where c.day = d.day::date and (c.unit_id is null or c.unit_id = p_unit)
            order by c.unit_id nulls last limit 1) c on true
        cross join lateral (
            select (d.day + u.opens) at time zone 'Asia/Ho_Chi_Minh' as a,
                   (d.day + coalesce(u.break_from, u.closes)) at time zone 'Asia/Ho_Chi_Minh' as b
            union all
            select (d.day + u.break_to) at time zone 'Asia/Ho_Chi_Minh',
                   (d.day + u.closes) at time zone 'Asia/Ho_Chi_Minh' where u.break_to is not null) n
        where coalesce(c.kind = 'swapped_working', extract(isodow from d.day)::int = any (u.weekdays))
          and n.b > p_from and n.a < p_to);
end $$;

-- postal.due_at(unit, from, value, unit_of): working_day: the end of office hours of the value-th
-- working day after the day of from; working_hour: value hours of office time after from.
-- Reads postal.unit, postal.office_time, postal.calendar_day.
create function postal.due_at(p_unit bigint, p_from timestamptz, p_value int, p_unit_of text)
returns timestamptz language plpgsql stable as $$
begin
    if p_value < 1 then
        raise exception 'a time limit of % %', p_value, p_unit_of;
    end if;
    if p_unit_of = 'working_hour' then
        return postal.add_working_minutes(p_unit, p_from, p_value * 60);
    elsif p_unit_of = 'working_day' then
        return postal.closing(p_unit,
                              postal.add_working_days(p_unit, base.vn_date(p_from), p_value));
    end if;
    raise exception 'unknown unit of time: %', p_unit_of;
end $$;

-- postal.forwarded_on(unit, at): the day a dossier handed in at a post office goes on to the
-- agency: the same working day before 15:00, else the next working morning.
create function postal.forwarded_on(p_unit bigint, at timestamptz) returns date
language sql stable as $$
    select case when postal.is_working_day(p_unit, base.vn_date(at))
                     and base.vn_time(at) < time '15:00'
                then base.vn_date(at)
                else postal.add_working_days(p_unit, base.vn_date(at), 1) end
$$;

-- postal.calendar(first, last, unit): the rows that differ from a usual week -> jsonb list.
create function postal.calendar(p_first date, p_last date, p_unit bigint) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('day', c.day, 'kind', c.kind,
               'name', c.name, 'unit', u.code)) order by c.day, c.unit_id nulls first), '[]')
    from postal.calendar_day c
    left join postal.unit u on u.id = c.unit_id
    where c.day between p_first and p_last and (c.unit_id is null or c.unit_id = p_unit)
$$;

-- postal.hours(unit, from): what holds for a unit on that day and what was decided to come -> jsonb list
-- [{valid_from?, weekdays, opens, break_from?, break_to?, closes}]; the first is the one of that day.
create function postal.hours(p_unit bigint, p_from date) returns jsonb
language sql stable as $$
    select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('valid_from', h.valid_from, 'weekdays', h.weekdays,
               'opens', to_char(h.opens, 'HH24:MI'), 'break_from', to_char(h.break_from, 'HH24:MI'),
               'break_to', to_char(h.break_to, 'HH24:MI'), 'closes', to_char(h.closes, 'HH24:MI')))
               order by h.valid_from nulls first)
    from (select * from postal.hours_on(p_unit, p_from)
          union all
          select * from postal.office_time o where o.unit_id = p_unit and o.valid_from > p_from) h
$$;
