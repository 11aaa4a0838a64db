-- What staff see of a dossier. Nothing here is personal: the program adds what it unseals.

-- dossier.shipments(dossier) -> jsonb list in order of their making; where each is really, also
-- when it lies in a bag. Reads custody.*.
create function dossier.shipments(p_dossier uuid) returns jsonb
language plpgsql stable as $$
begin
    return (
        select coalesce(jsonb_agg(jsonb_build_object('number', s.number, 'leg', s.leg,
            'piece', s.piece, 'pieces', s.pieces, 'state', now.state, 'state_vi', st.name_vi,
            'state_en', st.name_en, 'returning', now.going_back, 'weight_g', s.weight_g,
            'holder', custody.holder_json(now.holder_kind, now.holder_id),
            'from', dossier.unit_json(s.from_unit), 'to', dossier.unit_json(s.to_unit),
            'created_at', s.created_at) order by s.created_at, s.number), '[]')
        from custody.shipment s
        cross join lateral custody.resolved(s.number) now
        left join custody.state st on st.what = 's' and st.code = now.state
        where s.dossier = p_dossier);
end $$;

-- dossier.status_json(code) -> {code, status, name, name_en}.
create function dossier.status_json(p_code smallint) returns jsonb
language plpgsql stable as $$
begin
    return (
        select jsonb_build_object('code', code, 'status', status, 'name', name, 'name_en', name_en)
        from dossier.status where code = p_code);
end $$;

-- dossier.clock(dossier): waiting (not yet the agency's), running, paused or ended.
create function dossier.clock(d dossier.dossier) returns text
language sql immutable as $$
    select case when d.ended_at is not null then 'ended' when d.paused_at is not null then 'paused'
                when d.filed_at is null and d.accepted_at is null then 'waiting'
                else 'running' end
$$;

-- dossier.links(code, number): where to go on, as paths.
create function dossier.links(p_code text, p_number text) returns jsonb
language sql immutable as $$
    select jsonb_strip_nulls(jsonb_build_object(
        'self', '/v1/dossiers/' || p_code,
        'events', '/v1/dossiers/' || p_code || '/events',
        'actions', '/v1/dossiers/' || p_code || '/actions',
        'track', '/v1/track/' || coalesce(p_number, p_code),
        'label', '/v1/labels/' || p_number || '.pdf',
        'label_png', '/v1/labels/' || p_number || '.png',
        'label_svg', '/v1/labels/' || p_number || '.svg'))
$$;

-- dossier.brief(dossier): a row of a list.
create function dossier.brief(d dossier.dossier) returns jsonb
language plpgsql stable as $$
begin
    return (
        select jsonb_build_object('id', d.id, 'code', d.code,
            'procedure', jsonb_build_object('code', d.procedure, 'version', d.procedure_version,
                'name', p.body ->> 'name', 'name_en', p.body ->> 'name_en'),
            'agency', dossier.unit_json(d.agency), 'office', dossier.unit_json(d.office),
            'receiving', case when d.receiving is not null then dossier.unit_json(d.receiving) end,
            'service', d.service, 'status', dossier.status_json(d.status),
            'applicant_kind', d.applicant_kind, 'created_at', d.created_at,
            'filed_at', d.filed_at, 'accepted_at', d.accepted_at, 'due_at', d.due_at,
            'ended_at', d.ended_at, 'cancelled_at', d.cancelled_at, 'clock', dossier.clock(d),
            'timing', dossier.timing(d), 'overdue', coalesce(dossier.timing(d) = 'late', false),
            'late', dossier.late(d), 'shipments', dossier.shipments(d.id), 'version', d.version)
        from (select dossier.procedure_body(d.procedure, d.procedure_version) as body) p);
end $$;

-- dossier.kin(dossier): the codes of what was one dossier with it, each where there is one:
-- {split_from, split_into: [..], grouped_into, grouped: [..]}. Reads dossier.dossier.
create function dossier.kin(d dossier.dossier) returns jsonb
language plpgsql stable as $$
begin
    return jsonb_strip_nulls(jsonb_build_object(
        'split_from', (select code from dossier.dossier where id = d.split_from),
        'split_into', (select jsonb_agg(code order by code) from dossier.dossier
                       where split_from = d.id),
        'grouped_into', (select code from dossier.dossier where id = d.grouped_into),
        'grouped', (select jsonb_agg(code order by code) from dossier.dossier
                    where grouped_into = d.id)));
end $$;

-- dossier.view(id): all of it, without actions. tracking_url is a path; the program puts its own
-- address in front. commune_names explains the codes in the personal part. pickup: see online.pickup_json.
-- Reads dossier.*, online.pickup, custody.shipment, money.charge.
create function dossier.view(p_id uuid) returns jsonb
language plpgsql stable as $$
declare
    d dossier.dossier;
    number text;
begin
    select * into d from dossier.dossier where id = p_id;
    select s.number into number from custody.shipment s
    where s.dossier = d.id order by s.created_at desc, s.number desc limit 1;
    return dossier.brief(d) || dossier.kin(d) || dossier.staff_outlook(d)
           || jsonb_strip_nulls(jsonb_build_object('pickup', online.pickup_json(d.id))) || jsonb_build_object(
        'weight_g', d.weight_g,
        'result_to', jsonb_strip_nulls(jsonb_build_object('kind', d.result_to_kind,
            'unit', (select code from postal.unit where id = d.result_unit),
            'unit_name', (select name from postal.unit where id = d.result_unit),
            'commune', d.result_commune)),
        'documents', (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', name,
            'originals', originals, 'copies', copies, 'returned', returned,
            'supplement', case when event is not null then true end)) order by line), '[]')
            from dossier.document where dossier = d.id),
        'charges', money.charges(d.id),
        'total', (select coalesce(sum(amount), 0) from money.charge
                  where dossier = d.id and cancelled_at is null),
        'give_back', (select coalesce(sum(amount), 0) from money.charge
                      where dossier = d.id and cancelled_at is not null and paid_at is not null),
        'commune_names', (select jsonb_object_agg(c.code, c.name || ', ' || p.name)
            from postal.commune c join postal.province p on p.code = c.province_code
            where c.code in (d.from_commune, d.result_commune)),
        'pauses', dossier.pauses(d.id), 'supplements', d.supplements,
        'asked_for', dossier.supplements_json(d.id), 'originals', dossier.originals_json(d),
        'apologised_at', d.apologised_at,
        'tracking_url', '/t/' || coalesce(number, d.code),
        'links', dossier.links(d.code, number));
end $$;

-- dossier.view_for(id, actor, unit, roles): with what the asker may do. What was asked for is for whoever sees all
-- of it; claims and a pick-up are the post's and not for an agency that was only asked.
create function dossier.view_for(p_id uuid, p_actor bigint, p_unit bigint, p_roles int)
returns jsonb
language plpgsql stable as $$
declare
    d dossier.dossier;
    v_reach text;
    v_asked boolean;
begin
    select * into d from dossier.dossier x where x.id = p_id;
    v_reach := dossier.reach(d, p_actor, p_unit, p_roles);
    v_asked := v_reach = 'none' and p_roles & 128 = 0;
    return dossier.view(p_id)
           - case when v_reach = 'full' then '' else 'asked_for' end
           - case when v_asked then 'pickup' else '' end
           || jsonb_build_object('allowed_actions', dossier.allowed_actions(d, p_actor, p_unit, p_roles),
               'askings', dossier.askings_json(d, p_unit, v_reach = 'full'),
               'claims', case when v_asked then '[]' else dossier.claims_json(d, v_reach = 'full') end,
               'claimable', case when dossier.may(d, 1 | 2, p_actor, p_unit, p_roles)
                                 then dossier.claimable_json(d) else '[]' end);
end $$;

-- dossier.reach(dossier, actor, unit, roles): how much of its personal part somebody sees who is in
-- scope. full: whoever filed it on line, clerks of its office, officers of its agency, supervisors,
-- administrators. delivery: who brings something to its people (src/dossier/personal.h). none: hubs,
-- whom the label tells enough, integrators, and an agency that is only asked something.
create function dossier.reach(d dossier.dossier, p_actor bigint, p_unit bigint, p_roles int)
returns text
language sql stable as $$
    select case
        when p_roles & 64 <> 0
          or p_roles & 32 <> 0 and postal.same_province(p_unit, d.agency)
          or p_roles & 16 <> 0 and p_unit in (d.agency, d.receiving)
          or p_roles & 2 <> 0 and p_unit = d.office
          or p_roles & 1 <> 0 and p_actor = d.created_by then 'full'
        when p_roles & (2 | 4) = 0 and p_roles & 16 <> 0 and dossier.is_asked(d.id, p_unit, false)
          and not exists (select from custody.shipment s
                          where s.dossier = d.id and p_unit in (s.from_unit, s.to_unit)) then 'none'
        when p_roles & (2 | 4 | 16) <> 0 then 'delivery'
        else 'none' end
$$;

-- dossier.get(key, actor, unit, roles): the dossier by code, number of a leg or id, with its sealed
-- personal data, whose reading is recorded; `personal` in the view says how much of it the asker may
-- see: the program cuts the rest; `papers` those it may have printed (paper.listed). Problem not-found.
-- Writes dossier.access.
create function dossier.get(p_key text, p_actor bigint, p_unit bigint, p_roles int)
returns table (view jsonb, version int, sealed bytea, key bytea)
language plpgsql as $$
declare
    d dossier.dossier := dossier.locate(p_key, p_actor, p_unit, p_roles);
    reach text := dossier.reach(d, p_actor, p_unit, p_roles);
begin
    insert into dossier.access (dossier, account, unit, what) values (d.id, p_actor, p_unit, 'get');
    view := dossier.view_for(d.id, p_actor, p_unit, p_roles)
            || jsonb_build_object('personal', reach)
            || case when reach = 'full'
                    then jsonb_build_object('papers', paper.listed(d, p_roles)) else '{}' end;
    if reach = 'none' then
        view := (view #- '{result_to,commune}') - 'commune_names';
    end if;
    return query
        select view, d.version, case when reach <> 'none' then x.sealed end,
               case when reach <> 'none' then x.key end
        from dossier.personal x where x.dossier = d.id;
end $$;

-- dossier.scope(actor, unit, roles): the conditions a list is cut down to, over the alias d: each has an
-- index in the order of lists, and no dossier meets two. (None has the agency that receives it for itself.) Reads postal.*.
create function dossier.scope(p_actor bigint, p_unit bigint, p_roles int) returns text[]
language sql stable as $$
    select case
        when p_roles & (64 | 128) <> 0 or p_roles & 32 <> 0 and coalesce(p_unit, 0) = 0 then array['true']
        when p_roles & 32 <> 0 then array[format('d.agency = any (%L::bigint[])', postal.province_agencies(p_unit))]
        when p_roles & 16 <> 0 then array[format('d.agency = %L::bigint', p_unit),
                                          format('d.receiving = %L::bigint', p_unit)]
        when p_roles & 2 <> 0 then array[format('d.office = %L::bigint', p_unit)]
        when p_roles & (4 | 8) <> 0 then array[format(
            'd.id in (select s.dossier from custody.shipment s where ((s.holder_kind = ''person'' '
            'and s.holder_id = %1$L::bigint) or (s.holder_kind = ''place'' and s.holder_id = '
            '%2$L::bigint)) and custody.holds_rightly(s, %1$L::bigint, %2$L::bigint))',
            p_actor, p_unit)]
        else array[format('d.created_by = %L::bigint', p_actor)] end
$$;

-- dossier.cursor_of(dossier), dossier.cursor_where(cursor): where a page of a list ended and how the
-- next goes on; opaque outside. Problem invalid-fields for one that this list never gave.
create function dossier.cursor_of(d dossier.dossier) returns text
language sql immutable as $$
    select to_hex((extract(epoch from d.created_at) * 1000000)::bigint) || '.'
           || replace(d.id::text, '-', '')
$$;

-- dossier.cursor_after(cursor): where the page before ended, as SQL. Problem invalid-fields for one that no
-- list gave.
create function dossier.cursor_after(cursor text) returns text
language plpgsql immutable as $$
begin
    if cursor !~ '^[0-9a-f]{10,15}[.][0-9a-f]{32}$' then
        perform base.wrong_field('/next', 'format', 'Con trỏ trang không đúng.',
                                 'Not a cursor given by this list.');
    end if;
    return format('timestamptz ''epoch'' + %s * interval ''1 us'', %L::uuid',
        ('x' || lpad(split_part(cursor, '.', 1), 16, '0'))::bit(64)::bigint,
        split_part(cursor, '.', 2)::uuid);
end $$;

create function dossier.cursor_where(cursor text) returns text
language plpgsql immutable as $$
begin
    return format('(d.created_at, d.id) < (%s)', dossier.cursor_after(cursor));
end $$;

-- dossier.wanted(args): the conditions of a list over the alias d, one for each argument given.
create function dossier.wanted(args jsonb) returns text
language plpgsql stable as $$
begin
    return concat_ws(' and ', 'true',
        case when args ? 'next' then dossier.cursor_where(args ->> 'next') end,
        case when args ? 'q' then format('d.id = %L', coalesce(dossier.find(args ->> 'q'),
                                         '00000000-0000-0000-0000-000000000000')) end,
        case when args ? 'status' then format('d.status = %s', (args ->> 'status')::int) end,
        case when args ? 'agency'
             then format('d.agency = %s', postal.unit_by_code(args ->> 'agency')) end,
        case when args ? 'office'
             then format('d.office = %s', postal.unit_by_code(args ->> 'office')) end,
        case when args ? 'procedure' then format('d.procedure = %L', args ->> 'procedure') end,
        case when args ? 'timing' then dossier.timing_where(args ->> 'timing') end,
        case when (args ->> 'claimed')::boolean
             then 'd.id = any (array(select k.dossier from dossier.claim k where k.decided_at is null))' end,
        case when (args ->> 'overdue')::boolean
             then 'd.ended_at is null and d.due_at is not null and d.paused_at is null '
                  'and (d.due_at < now() or d.supplements > 1)' end);
end $$;

-- dossier.listed(condition, args, most): the statement that gives {created_at, id} of the newest dossiers d of which
-- the condition holds: of all, or (late) of those that dossier.late_first tells.
create function dossier.listed(p_condition text, args jsonb, p_most int) returns text
language sql immutable as $$
    select case when (args ->> 'late')::boolean
                then format('select x.* from dossier.late_first(%L, %s) x', p_condition, p_most)
                else format('(select d.created_at, d.id from dossier.dossier d where %s '
                            'order by d.created_at desc, d.id desc limit %s)', p_condition, p_most) end
$$;

-- dossier.list(actor, unit, roles, args): the asker's dossiers, newest first.
-- args: q? (code or number), status? (1..10), agency? office? procedure? (codes), overdue?, timing?, late?
-- (the forecast passes the due day), claimed? (a claim waits for a decision), limit?, next? -> {items, next?}. Reads dossier.*, custody.shipment.
create function dossier.list(p_actor bigint, p_unit bigint, p_roles int, args jsonb)
returns jsonb
language plpgsql stable as $$
declare
    most int := least(coalesce((args ->> 'limit')::int, 50), 500);
    found_rows dossier.dossier[];
begin
    execute format('select array(select (select d from dossier.dossier d where d.id = x.id) from (%s) x '
                   'order by x.created_at desc, x.id desc limit %s)',
        (select string_agg(dossier.listed(s || ' and ' || dossier.wanted(args), args, most + 1), ' union all ')
         from unnest(dossier.scope(p_actor, p_unit, p_roles)) s), most + 1)
    into found_rows;
    return jsonb_strip_nulls(jsonb_build_object('next', case when cardinality(found_rows) > most
               then dossier.cursor_of(found_rows[most]) end))
        || jsonb_build_object('items', coalesce((
               select jsonb_agg(dossier.brief(found_rows[n]) order by n)
               from generate_series(1, least(most, cardinality(found_rows))) n), '[]'));
end $$;
