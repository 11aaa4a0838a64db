-- The due-soon board: what is due at the agencies of whoever asks, the overdue first, with what is stuck in
-- the post told apart; read from the dossiers and exceptions, kept nowhere.

-- Open dossiers of an agency by their due time; what the counts of the board read is in it.
create index dossier_agency_due on dossier.dossier (agency, due_at, id)
    include (procedure, status, paused_at, supplements, cancelled_at)
    where ended_at is null and due_at is not null;

-- Where a due time lies from now, by the calendar of its agency: overdue, today, tomorrow (the next day
-- that it works), soon (to the third), later. A clock that stands still is paused, unless it was late.
-- As times: the ends of those days in Vietnam.
create type report.horizon as (agency bigint, today timestamptz, tomorrow timestamptz, soon timestamptz);

-- report.day_end(day): midnight behind it.
create function report.day_end(p_day date) returns timestamptz
language sql immutable parallel safe as $$ select (p_day + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh' $$;

-- report.horizons(agencies, now). Units of one calendar are reckoned once. Reads postal.*.
create function report.horizons(p_agencies bigint[], p_now timestamptz) returns setof report.horizon
language plpgsql stable rows 100 as $$
begin
    return query
        with class as materialized (
            select a as agency, postal.calendar_class(a) as class from unnest(p_agencies) a),
        day as materialized (
            select c.class, postal.add_working_days(min(c.agency), base.vn_date(p_now), 1) as tomorrow,
                   postal.add_working_days(min(c.agency), base.vn_date(p_now), 3) as soon
            from class c group by c.class)
        select c.agency, report.day_end(base.vn_date(p_now)), report.day_end(d.tomorrow), report.day_end(d.soon)
        from class c join day d using (class);
end $$;

-- report.bucket(timing, paused, due, today, tomorrow, soon): one of the words above.
create function report.bucket(p_timing text, p_paused timestamptz, p_due timestamptz, p_today timestamptz,
                              p_tomorrow timestamptz, p_soon timestamptz) returns text
language sql immutable parallel safe as $$
    select case when p_timing = 'late' then 'overdue' when p_paused is not null then 'paused'
                when p_due < p_today then 'today' when p_due < p_tomorrow then 'tomorrow'
                when p_due < p_soon then 'soon' else 'later' end
$$;

-- report.agencies(unit, roles, agency): those whose dates the asker may see: an officer the own agency, a
-- supervisor those of the province, an administrator all; or the one that is named. Problems unknown-unit,
-- forbidden. Reads postal.unit, postal.commune.
create function report.agencies(p_unit bigint, p_roles int, p_agency text) returns bigint[]
language plpgsql stable as $$
declare
    v_all bigint[] := case
        when p_roles & 64 <> 0 then postal.province_agencies(null)
        when p_roles & 32 <> 0 then postal.province_agencies(p_unit)
        when p_roles & 16 <> 0 then array[p_unit] else '{}' end;
    v_one bigint := case when p_agency is not null then postal.unit_by_code(p_agency) end;
begin
    if v_one is null then
        return v_all;
    elsif v_one <> all (v_all) then
        perform base.problem('forbidden');
    end if;
    return array[v_one];
end $$;

-- report.due_counts(agencies, now): open dossiers with a due time, by agency, procedure and bucket.
-- Reads dossier.dossier by dossier_agency_due alone.
create function report.due_counts(p_agencies bigint[], p_now timestamptz)
returns table (agency bigint, procedure text, bucket text, dossiers bigint)
language plpgsql stable rows 1000 set enable_seqscan = off set jit = off as $$
begin
    return query
        with h as materialized (select x.* from report.horizons(p_agencies, p_now) x)
        select d.agency, d.procedure,
               report.bucket(dossier.timing_of(d.due_at, null, d.paused_at, d.cancelled_at, d.supplements, p_now),
                             d.paused_at, d.due_at, h.today, h.tomorrow, h.soon), count(*)
        from h join dossier.dossier d on d.agency = h.agency and d.ended_at is null and d.due_at is not null
        group by 1, 2, 3;
end $$;

-- report.stuck(agencies, limit): what should have arrived by now and has not, of their dossiers, the oldest
-- first -> jsonb {count, items: [{code, number, leg, agency, unit, since, expected_by, due_at?}]}. The post's
-- clock, not the agency's. Reads the open searches of these agencies alone: custody.exception by
-- exception_agencies, custody.shipment, container.*, dossier.dossier.
create function report.stuck(p_agencies bigint[], p_most int) returns jsonb
language plpgsql stable set enable_seqscan = off set jit = off as $$
begin
    return (
        with open as materialized (
            select x.* from custody.exception x
            where x.resolved_at is null and x.agencies && p_agencies and x.agencies <> '{}'),
        thing as (select n as number, o.id from open o cross join lateral custody.within(o.subject) n),
        missing as materialized (
            select o.id, o.unit, o.detail, o.opened_at, d.code, d.agency, d.due_at, s.number, s.leg
            from thing t join open o on o.id = t.id
            join custody.shipment s on s.number = t.number
            join dossier.dossier d on d.id = s.dossier
            where d.agency = any (p_agencies)),
        head as (select m.*, row_number() over (order by m.opened_at, m.id) as n from missing m)
        select jsonb_build_object('count', count(*), 'items', coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'exception', s.id::text, 'code', s.code, 'number', s.number, 'leg', s.leg,
            'agency', dossier.unit_json(s.agency), 'unit', dossier.unit_json(s.unit), 'since', s.detail ->> 'since',
            'expected_by', s.detail ->> 'expected_by', 'due_at', s.due_at)) order by s.n)
            filter (where s.n <= p_most), '[]'))
        from head s);
end $$;

-- report.due(actor, unit, roles, args): the board. args: agency? (code) -> jsonb {as_of, totals: {overdue,
-- today, tomorrow, soon, later, paused}, groups: [{agency, procedures: [{code, name, overdue, …}],
-- overdue, …}], post: report.stuck}. Groups with the most that is late first, and only those with
-- something late, due by the third day, or paused. Problems unknown-unit, forbidden.
create function report.due(p_actor bigint, p_unit bigint, p_roles int, args jsonb) returns jsonb
language plpgsql stable set jit = off as $$
declare
    v_agencies bigint[] := report.agencies(p_unit, p_roles, args ->> 'agency');
begin
    return (
        with counted as materialized (select * from report.due_counts(v_agencies, now())),
        line as (
            select c.agency, c.procedure, jsonb_object_agg(c.bucket, c.dossiers) as n,
                   sum(c.dossiers) filter (where c.bucket = 'overdue') as late,
                   sum(c.dossiers) filter (where c.bucket in ('today', 'tomorrow', 'soon')) as near
            from counted c group by 1, 2),
        shown as (select l.* from line l where l.late > 0 or l.near > 0),
        per_agency as (
            select s.agency, sum(s.late) as late, sum(s.near) as near,
                   jsonb_agg(jsonb_build_object('code', s.procedure, 'name', p.name) || s.n
                             order by s.late desc nulls last, s.near desc nulls last, s.procedure) as procedures
            from shown s
            left join lateral (select x.body ->> 'name' as name from procedure.procedure x
                               where x.code = s.procedure order by x.version desc limit 1) p on true
            group by 1),
        agency_n as (
            select t.agency, jsonb_object_agg(t.bucket, t.n) as n
            from (select c.agency, c.bucket, sum(c.dossiers) as n from counted c group by 1, 2) t group by 1)
        select jsonb_build_object('as_of', now(),
            'totals', (select coalesce(jsonb_object_agg(t.bucket, t.n), '{}')
                       from (select c.bucket, sum(c.dossiers) as n from counted c group by 1) t),
            'groups', (select coalesce(jsonb_agg(jsonb_build_object('agency', dossier.unit_json(g.agency),
                           'procedures', g.procedures) || a.n
                           order by g.late desc nulls last, g.near desc nulls last, g.agency), '[]')
                       from (select * from per_agency order by late desc nulls last, near desc nulls last, agency
                             limit 200) g
                       join agency_n a using (agency)),
            'post', report.stuck(v_agencies, 50)));
end $$;

-- report.due_items(actor, unit, roles, args): the dossiers behind it, the most urgent first.
-- args: agency?, procedure?, bucket? (overdue, today, tomorrow, soon, later; without it all that are late or
-- due by the third day; paused ones are not urgent), limit?, next? -> jsonb {items: [{code, procedure,
-- agency, status, due_at, bucket, supplements, clock}], next?}. Problems as report.due, invalid-fields.
create function report.due_items(p_actor bigint, p_unit bigint, p_roles int, args jsonb) returns jsonb
language plpgsql stable set enable_seqscan = off set jit = off as $$
declare
    v_most int := least(coalesce((args ->> 'limit')::int, 50), 500);
    v_agencies bigint[] := report.agencies(p_unit, p_roles, args ->> 'agency');
    v_bucket text := args ->> 'bucket';
    c text := args ->> 'next';
    v_rows jsonb;
    v_where text;
begin
    if c !~ '^[0-9a-f]{10,15}[.][0-9a-f]{32}$' then
        perform base.wrong_field('/next', 'format', 'Con trỏ trang không đúng.', 'Not a cursor given by this list.');
    end if;
    v_where := concat_ws(' and ', 'd.ended_at is null and d.due_at is not null',
        case when args ? 'procedure' then format('d.procedure = %L', args ->> 'procedure') end,
        case when c is not null then format('(d.due_at, d.id) > (timestamptz ''epoch'' + %s * interval ''1 us'', %L)',
            ('x' || lpad(split_part(c, '.', 1), 16, '0'))::bit(64)::bigint, split_part(c, '.', 2)::uuid) end,
        case v_bucket when 'overdue' then dossier.timing_where('late')
                      when 'later' then format('d.due_at >= (%L::date + 1)::timestamp at time zone ''Asia/Ho_Chi_Minh''', base.vn_date(now()))
                      else format('d.due_at < (%L::date)::timestamp at time zone ''Asia/Ho_Chi_Minh''', base.vn_date(now()) + 60) end);
    -- An agency after the other by its own index, as many of each as a page may hold.
    execute format(
        'with h as materialized (select x.* from report.horizons($1, now()) x)
         select jsonb_agg(x.line order by x.due_at, x.id)
         from (select n.due_at, n.id, jsonb_build_object(''due'', n.due_at, ''id'', n.id, ''bucket'', n.bucket) as line
               from h cross join lateral (
                   select d.due_at, d.id, k.bucket
                   from dossier.dossier d cross join lateral (
                       select report.bucket(dossier.timing(d), d.paused_at, d.due_at, h.today, h.tomorrow, h.soon)
                              as bucket offset 0) k
                   where d.agency = h.agency and %s and %s
                   order by d.due_at, d.id limit $2 + 1) n
               order by n.due_at, n.id limit $2 + 1) x', v_where,
        case when v_bucket is null then 'k.bucket in (''overdue'', ''today'', ''tomorrow'', ''soon'')'
             else format('k.bucket = %L', v_bucket) end)
    into v_rows using v_agencies, v_most;
    v_rows := coalesce(v_rows, '[]');
    return jsonb_build_object('items', (
        select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('code', d.code,
                   'procedure', jsonb_build_object('code', d.procedure, 'name',
                       dossier.procedure_body(d.procedure, d.procedure_version) ->> 'name'),
                   'agency', dossier.unit_json(d.agency), 'status', dossier.status_json(d.status),
                   'received_at', coalesce(d.filed_at, d.accepted_at), 'due_at', d.due_at,
                   'bucket', x ->> 'bucket', 'clock', dossier.clock(d), 'supplements', d.supplements,
                   'apologised_at', d.apologised_at)) order by n), '[]')
        from jsonb_array_elements(v_rows) with ordinality as list (x, n)
        join dossier.dossier d on d.id = (x ->> 'id')::uuid where n <= v_most))
        || case when jsonb_array_length(v_rows) > v_most then jsonb_build_object('next',
               to_hex((extract(epoch from (v_rows -> (v_most - 1) ->> 'due')::timestamptz) * 1000000)::bigint) || '.'
               || replace(v_rows -> (v_most - 1) ->> 'id', '-', '')) else '{}' end;
end $$;
