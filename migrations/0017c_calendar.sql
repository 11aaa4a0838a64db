-- Writing the calendar: what a change is, whether it is one, what was there before, and its record. What it
-- does to promised dates: 0017c_moves.sql, 0017c_recompute.sql.

-- Who changed what, when and why, and what was there before. Only added to. from_day: no date before it can
-- move. The same stands in the log (kind 'calendar.change', each a subject of
-- its own, so that an old one may be purged).
create table postal.calendar_change (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    account bigint not null,
    unit_id bigint references postal.unit, -- null: everywhere
    reason text not null,
    change jsonb not null,
    was jsonb not null,
    from_day date not null,
    moves bigint not null, -- how many dates it would move, as was confirmed
    event uuid not null
);
select base.revoke_service('update', 'postal.calendar_change');

-- How far the open promises were reckoned anew after a change: of this kind up to (at, key). after_xid: transactions
-- that may have read the calendar before it; until they are over nothing is reckoned, so that no date that
-- one of them sets is left out.
create table dossier.recompute (
    change bigint primary key references postal.calendar_change,
    after_xid bigint,
    what text not null default 'due', -- of dossier.promise
    at timestamptz not null,
    key uuid not null default '00000000-0000-0000-0000-000000000000',
    seen bigint not null default 0,
    moved bigint not null default 0,
    done_at timestamptz
);
create index recompute_open on dossier.recompute (change) where done_at is null;

create index dossier_open_due on dossier.dossier (due_at, id) where ended_at is null and due_at is not null;

-- A change is jsonb {unit?: code, days?: [{day, kind: holiday|compensatory|swapped_working|usual, name?}],
-- hours?: {valid_from, weekdays, opens, break_from?, break_to?, closes} | {valid_from, remove: true}}.
-- usual: the day has no row of its own any more.

-- postal.calendar_wrong(pointer, vi, en): ends with invalid-fields.
create function postal.calendar_wrong(p_pointer text, p_vi text, p_en text) returns void
language plpgsql as $$
begin
    perform base.wrong_field(p_pointer, 'format', p_vi, p_en);
end $$;

-- postal.check_calendar(change, unit): what the shape alone does not say. Problem invalid-fields.
create function postal.check_calendar(p_change jsonb, p_unit bigint) returns void
language plpgsql stable as $$
declare
    today date := base.vn_date(now());
    d record;
    h jsonb := p_change -> 'hours';
begin
    if h is null and coalesce(jsonb_array_length(p_change -> 'days'), 0) = 0 then
        perform postal.calendar_wrong('/days', 'Chưa có gì để thay đổi.', 'There is nothing to change.');
    elsif h is not null and p_unit is null then
        perform postal.calendar_wrong('/unit', 'Giờ làm việc là của một đơn vị.', 'Office hours are those of a unit.');
    end if;
    for d in select n - 1 as n, x ->> 'day' as day, x ->> 'kind' as kind, x ->> 'name' as name,
                    count(*) over (partition by x ->> 'day') as times
             from jsonb_array_elements(p_change -> 'days') with ordinality as list (x, n) order by n loop
        if not postal.is_day(d.day) or d.day::date not between today - 400 and today + 2000 then
            perform postal.calendar_wrong(format('/days/%s/day', d.n), 'Ngày không đúng, hoặc quá xa.',
                                          'Not a day, or too far away.');
        elsif d.times > 1 then
            perform postal.calendar_wrong(format('/days/%s/day', d.n), 'Ngày này có hai lần.',
                                          'This day is there twice.');
        elsif d.kind <> 'usual' and coalesce(d.name, '') = '' then
            perform postal.calendar_wrong(format('/days/%s/name', d.n), 'Cần tên của ngày nghỉ hoặc ngày làm bù.',
                                          'A day off or worked has a name.');
        end if;
    end loop;
    if h is not null and (not postal.is_day(h ->> 'valid_from')
                          or (h ->> 'valid_from')::date not between today - 400 and today + 2000) then
        perform postal.calendar_wrong('/hours/valid_from', 'Ngày không đúng, hoặc quá xa.',
                                      'Not a day, or too far away.');
    elsif h is not null and not coalesce((h ->> 'remove')::boolean, false) then
        perform postal.check_hours(h);
    end if;
end $$;

-- postal.is_day(text): whether it is a day as YYYY-MM-DD.
create function postal.is_day(p_text text) returns boolean
language plpgsql immutable as $$
begin
    return p_text ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' and p_text::date is not null;
exception when others then
    return false;
end $$;

-- postal.check_hours(hours): each there and in order. Problem invalid-fields.
create function postal.check_hours(h jsonb) returns void
language plpgsql stable as $$
declare
    v_name text;
    good boolean;
begin
    if coalesce(jsonb_array_length(h -> 'weekdays'), 0) = 0
       or (select count(distinct x) <> count(*) from jsonb_array_elements(h -> 'weekdays') x) then
        perform postal.calendar_wrong('/hours/weekdays', 'Cần ít nhất một ngày làm việc, không lặp.',
                                      'At least one day of the week, each once.');
    end if;
    foreach v_name in array '{opens,closes,break_from,break_to}'::text[] loop
        if h ->> v_name !~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' or v_name in ('opens', 'closes') and h ->> v_name is null then
            perform postal.calendar_wrong('/hours/' || v_name, 'Giờ viết như 07:30.', 'A time such as 07:30.');
        end if;
    end loop;
    good := h ->> 'opens' < h ->> 'closes' and ((h ->> 'break_from' is null) = (h ->> 'break_to' is null))
        and (h ->> 'break_from' is null or h ->> 'opens' < h ->> 'break_from'
             and h ->> 'break_from' < h ->> 'break_to' and h ->> 'break_to' < h ->> 'closes');
    if not good then
        perform postal.calendar_wrong('/hours', 'Các giờ phải theo thứ tự: mở cửa, nghỉ, làm lại, đóng cửa.',
                                      'The times come in order: opens, break, again, closes.');
    end if;
end $$;

-- postal.calendar_from(change): the first day that it says something of.
create function postal.calendar_from(p_change jsonb) returns date
language sql immutable as $$
    select least((select min((x ->> 'day')::date) from jsonb_array_elements(p_change -> 'days') x),
                 (p_change #>> '{hours,valid_from}')::date)
$$;

-- postal.calendar_was(change, unit): what stands now where it would write -> jsonb {days: [...], hours?}.
-- Reads postal.calendar_day, postal.office_time.
create function postal.calendar_was(p_change jsonb, p_unit bigint) returns jsonb
language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object(
        'days', (select jsonb_agg(jsonb_build_object('day', x ->> 'day', 'kind', coalesce(c.kind, 'usual'),
                                                     'name', c.name) order by x ->> 'day')
                 from jsonb_array_elements(p_change -> 'days') x
                 left join postal.calendar_day c on c.day = (x ->> 'day')::date
                      and coalesce(c.unit_id, 0) = coalesce(p_unit, 0)),
        'hours', case when p_change ? 'hours' then jsonb_build_object('that_day',
                     to_jsonb(postal.hours_on(p_unit, (p_change #>> '{hours,valid_from}')::date)) - 'unit_id',
                     'row', exists (select from postal.office_time o where o.unit_id = p_unit
                                    and o.valid_from = (p_change #>> '{hours,valid_from}')::date)) end))
$$;

-- postal.write_calendar(change, unit): writes it. Writes postal.calendar_day, postal.office_time.
create function postal.write_calendar(p_change jsonb, p_unit bigint) returns void
language plpgsql as $$
declare
    h jsonb := p_change -> 'hours';
begin
    delete from postal.calendar_day c using jsonb_array_elements(p_change -> 'days') x
    where c.day = (x ->> 'day')::date and coalesce(c.unit_id, 0) = coalesce(p_unit, 0);
    insert into postal.calendar_day (day, unit_id, kind, name)
    select (x ->> 'day')::date, p_unit, x ->> 'kind', x ->> 'name'
    from jsonb_array_elements(p_change -> 'days') x where x ->> 'kind' <> 'usual';
    if h is null then
        return;
    end if;
    delete from postal.office_time o where o.unit_id = p_unit and o.valid_from = (h ->> 'valid_from')::date;
    if not coalesce((h ->> 'remove')::boolean, false) then
        insert into postal.office_time (unit_id, valid_from, weekdays, opens, break_from, break_to, closes)
        values (p_unit, (h ->> 'valid_from')::date,
                array(select x::int from jsonb_array_elements_text(h -> 'weekdays') x order by 1),
                (h ->> 'opens')::time, (h ->> 'break_from')::time, (h ->> 'break_to')::time, (h ->> 'closes')::time);
    end if;
end $$;
