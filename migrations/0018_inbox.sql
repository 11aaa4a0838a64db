-- The desk's lists: one walk along an index each.

-- The desk's lists. runs: over dossiers whose clock runs, between two bounds of the due time.
create table dossier.inbox_group (
    name text collate "C" primary key,
    vi text not null,
    en text not null,
    pos int not null
);
insert into dossier.inbox_group values
    ('due', 'Theo hạn trả', 'By due time', 1),
    ('overdue', 'Quá hạn', 'Overdue', 2),
    ('today', 'Đến hạn hôm nay', 'Due today', 3),
    ('soon', 'Sắp đến hạn', 'Due soon', 4),
    ('accept', 'Chờ tiếp nhận', 'To accept', 5),
    ('receive', 'Chờ chuyển cơ quan có thẩm quyền', 'To forward', 6),
    ('asked', 'Cơ quan khác hỏi', 'Asked of us', 7),
    ('asking', 'Chờ cơ quan khác trả lời', 'We asked', 8),
    ('waiting', 'Chờ người nộp', 'Waiting for the applicant', 9),
    ('hand_over', 'Chờ bàn giao bưu chính', 'To hand over', 10),
    ('came_back', 'Kết quả chuyển hoàn', 'Results that came back', 11);

-- dossier.soon_ends(unit): until when a due time is soon: the end of the second working day from today.
create function dossier.soon_ends(p_unit bigint) returns timestamptz
language sql stable as $$
    select postal.closing(p_unit, postal.add_working_days(p_unit, base.vn_date(now()), 2))
$$;

-- dossier.inbox_runs(unit, since, until): the part of the due-ordered list between two times.
create function dossier.inbox_runs(p_unit bigint, p_since timestamptz, p_until timestamptz)
returns text
language sql immutable as $$
    select format('select d, d.due_at as at, d.id as key from dossier.dossier d where d.agency = %s '
        'and d.ended_at is null and d.paused_at is null and d.due_at is not null', p_unit)
        || case when p_since is null then '' else format(' and d.due_at >= %L', p_since) end
        || case when p_until is null then '' else format(' and d.due_at < %L', p_until) end
$$;

-- dossier.inbox_query(unit, group, cursor): the statement that gives a list in its order, each row
-- {d, at, key}: one walk along an index. Its rows are cut by whoever runs it.
create function dossier.inbox_query(p_unit bigint, p_group text, p_after text default null)
returns text
language plpgsql stable as $$
declare
    v_tomorrow timestamptz := (base.vn_date(now()) + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh';
    v_soon timestamptz := greatest(dossier.soon_ends(p_unit), v_tomorrow);
    v_order text[] := case
        when p_group in ('asked', 'asking') then '{a.due_at,a.id}'
        when p_group = 'accept' then '{"coalesce(d.filed_at, d.created_at)",d.id}'
        when p_group = 'waiting' then '{d.paused_at,d.id}'
        when p_group = 'hand_over' then '{s.created_at,s.dossier}'
        when p_group = 'receive' then '{d.filed_at,d.id}'
        when p_group = 'came_back' then '{d.came_back_at,d.id}'
        else '{d.due_at,d.id}' end;
    v_sql text := case p_group
        when 'due' then dossier.inbox_runs(p_unit, null, null)
        when 'overdue' then dossier.inbox_runs(p_unit, null, now())
        when 'today' then dossier.inbox_runs(p_unit, now(), v_tomorrow)
        when 'soon' then dossier.inbox_runs(p_unit, v_tomorrow, v_soon + interval '1 second')
        when 'accept' then format('select d, coalesce(d.filed_at, d.created_at) as at, d.id as key '
            'from dossier.dossier d where d.desk = %s and d.status = 1 '
            'and (d.filed_at is not null or d.service = ''receive'')', p_unit)
        when 'waiting' then format('select d, d.paused_at as at, d.id as key from dossier.dossier d '
            'where d.desk = %s and d.paused_at is not null', p_unit)
        when 'receive' then format('select d, d.filed_at as at, d.id as key from dossier.dossier d '
            'where d.receiving = %s and d.filed_at is not null and d.forwarded_at is null and d.ended_at is null '
            'and dossier.to_forward(d)', p_unit)
        when 'asked' then format('select d, a.due_at as at, a.id as key from dossier.asking a '
            'join dossier.dossier d on d.id = a.dossier and d.ended_at is null '
            'where a.asked = %s and a.answered_at is null and a.ended_at is null', p_unit)
        when 'asking' then format('select d, a.due_at as at, a.id as key from dossier.asking a '
            'join dossier.dossier d on d.id = a.dossier and d.ended_at is null '
            'where a.asking = %s and a.answered_at is null and a.ended_at is null', p_unit)
        when 'hand_over' then format('select d, s.created_at as at, s.dossier as key from custody.shipment s '
            'join dossier.dossier d on d.id = s.dossier where s.state = ''created'' and case when s.holder_kind = ''place'' '
            'and s.holder_id = s.from_agency and s.piece = 1 then s.from_agency end = %s', p_unit)
        when 'came_back' then format('select d, d.came_back_at as at, d.id as key from dossier.dossier d '
            'where d.agency = %s and d.came_back_at is not null and dossier.result_came_back(d)', p_unit) end;
begin
    return v_sql || case when p_after is null then '' else
               format(' and (%s, %s) > (%s)', v_order[1], v_order[2], dossier.cursor_after(p_after)) end
           || format(' order by %s, %s', v_order[1], v_order[2]);
end $$;

-- dossier.inbox_count(unit, group, most): how many are on a list, counted no further than `most`.
create function dossier.inbox_count(p_unit bigint, p_group text, p_most int) returns int
language plpgsql stable as $$
declare
    v_count int;
begin
    execute format('select count(*) from (%s limit %s) x', dossier.inbox_query(p_unit, p_group), p_most)
    into v_count;
    return v_count;
end $$;

-- dossier.inbox_unit(unit, roles, args): whose desk it is: an officer's own agency, or for supervisors one
-- of their province (agency). Problems forbidden, unknown-unit, invalid-fields.
create function dossier.inbox_unit(p_unit bigint, p_roles int, args jsonb) returns bigint
language plpgsql stable as $$
declare
    v_unit bigint := case when args ? 'agency' then postal.unit_by_code(args ->> 'agency')
                          when p_roles & 16 <> 0 then p_unit end;
begin
    if v_unit is null then
        perform base.wrong_field('/agency', 'required', 'Hãy chọn cơ quan.', 'Say which agency.');
    elsif not (p_roles & 16 <> 0 and v_unit = p_unit or p_roles & 64 <> 0
               or p_roles & 32 <> 0 and postal.same_province(p_unit, v_unit)) then
        perform base.problem('forbidden');
    end if;
    return v_unit;
end $$;

-- dossier.inbox(actor, unit, roles, args): one list of a desk. args: group? (due: overdue first, then by due
-- time), agency? (of supervisors), counts? (how many are on each list, up to 100), limit?, next? ->
-- {group, items, next?, groups?: [{name, vi, en, count}]}; an item as dossier.brief(), with `at`, the
-- time by which the list is ordered. Reads dossier.*, custody.shipment.
create function dossier.inbox(p_actor bigint, p_unit bigint, p_roles int, args jsonb) returns jsonb
language plpgsql stable as $$
declare
    v_unit bigint := dossier.inbox_unit(p_unit, p_roles, args);
    v_group text := coalesce(args ->> 'group', 'due');
    v_most int := least(coalesce((args ->> 'limit')::int, 50), 500);
    v_rows jsonb;
    v_last text;
begin
    execute format('select jsonb_agg(dossier.brief(x.d) || jsonb_build_object(''at'', x.at) order by x.n) '
        'filter (where x.n <= %1$s), max(to_hex((extract(epoch from x.at) * 1000000)::bigint) || ''.'' '
        '|| replace(x.key::text, ''-'', '''')) filter (where x.n = %1$s and x.more) '
        'from (select y.*, row_number() over () as n, count(*) over () > %1$s as more '
        'from (%2$s limit %3$s) y) x', v_most, dossier.inbox_query(v_unit, v_group, args ->> 'next'),
        v_most + 1)
    into v_rows, v_last;
    return jsonb_strip_nulls(jsonb_build_object('group', v_group, 'next', v_last))
        || jsonb_build_object('items', coalesce(v_rows, '[]'))
        || case when (args ->> 'counts')::boolean then jsonb_build_object('groups', (
               select jsonb_agg(jsonb_build_object('name', g.name, 'vi', g.vi, 'en', g.en,
                   'count', dossier.inbox_count(v_unit, g.name, 100)) order by g.pos)
               from dossier.inbox_group g)) else '{}' end;
end $$;
