-- What custody shows together with the dossiers: lists of hand-overs, the work list of exceptions.

-- custody.inside_json(bag): [{number, bag, leg?, dossier?}], what an agency finds in a bag that waits for
-- its signature. Reads custody.shipment, dossier.dossier and as custody.bag_contents.
create function custody.inside_json(p_bag text) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('number', i.number, 'bag', i.bag,
        'leg', s.leg, 'dossier', d.code)) order by i.depth, i.number), '[]')
    from custody.bag_contents(array[p_bag]) i
    left join custody.shipment s on s.number = i.number
    left join dossier.dossier d on d.id = s.dossier
$$;

-- custody.handover_json(id): {id, state, from: {account, name, unit, unit_name}, to: {kind, id,
-- name, trip?}, created_at, signed_at?, signed_by?, superseded_by?, checkpoint?: {size, root, at} (the
-- log's last, which the paper carries), items: [{number, leg, dossier, state, state_vi, state_en,
-- finding?, originals?, copies?, note?, bag? (what it came in), inside? (inside_json, of a bag that an
-- agency has yet to sign for)}]}.
create function custody.handover_json(p_id uuid) returns jsonb
language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object(
        'id', h.id, 'state', h.state,
        'from', jsonb_build_object('account', h.from_account::text, 'name', a.name,
                                   'unit', u.code, 'unit_name', u.name),
        'to', jsonb_build_object('kind', h.to_kind, 'id', t.ref, 'name', t.name, 'trip', r.code),
        'created_at', h.created_at, 'signed_at', h.signed_at, 'signed_by', g.name,
        'superseded_by', h.superseded_by,
        'checkpoint', (select jsonb_build_object('size', c.size, 'root', encode(c.root, 'hex'),
                                                 'at', c.at)
                       from custody.checkpoint_of(null) c),
        'items', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'number', x.number, 'leg', s.leg, 'dossier', d.code, 'state', n.code,
                'state_vi', n.name_vi, 'state_en', n.name_en, 'finding', x.finding,
                'originals', x.originals, 'copies', x.copies, 'note', x.note, 'bag', x.bag,
                'inside', case when h.state = 'open' and length(x.number) = 29
                                    and custody.to_agency(h)
                               then custody.inside_json(x.number) end)
                order by x.line, x.bag nulls first, x.number), '[]')
            from custody.handover_item x
            left join custody.shipment s on s.number = x.number
            left join dossier.dossier d on d.id = s.dossier
            left join lateral custody.standing_of(x.number) w on true
            left join custody.state n on n.code = w.state
                 and n.what = case length(x.number) when 29 then 'c' else 's' end
            where x.handover = h.id)))
    from custody.handover h
    left join account.account a on a.id = h.from_account
    left join postal.unit u on u.id = h.from_unit
    left join account.account g on g.id = h.signed_by
    left join container.trip r on r.id = h.trip
    left join lateral custody.party(case h.to_kind when 'unit' then 'place' else 'person' end,
                                    h.to_id) t on true
    where h.id = p_id
$$;

-- The work list of exceptions. Nothing on it closes by itself.

-- custody.answers_for(unit, supervisor): the units whose exceptions this one answers for: itself,
-- and the agencies that it serves, where nobody has the means; a supervisor every unit of the
-- province, and who has none (0). Reads postal.unit.
create function custody.answers_for(p_unit bigint, p_supervisor boolean) returns bigint[]
language sql stable as $$
    select array(
        select u.id from postal.unit u
        where u.id = p_unit or u.parent_id = p_unit and u.kind = 'agency'
        union
        select u.id from postal.unit u join postal.commune c on c.code = u.commune_code
        where p_supervisor and (coalesce(p_unit, 0) = 0 or c.province_code = (
            select h.province_code from postal.unit m
            join postal.commune h on h.code = m.commune_code where m.id = p_unit))
        union
        select 0 where p_supervisor)
$$;

-- custody.seen_since(exception): the first scan of what is searched for since it should have been seen
-- that shows it at hand, as {at, unit, unit_name, kind_name, kind_name_en, actor}. Reads custody.event.
create function custody.seen_since(x custody.exception) returns table (seen jsonb)
language plpgsql stable rows 1 as $$
begin
    return query
        select jsonb_strip_nulls(jsonb_build_object('at', e.at, 'unit', u.code, 'unit_name', u.name,
                   'kind_name', k.name_vi, 'kind_name_en', k.name_en, 'actor', a.name))
        from custody.event e
        join custody.scan_kind k on k.kind = e.kind and k.steps and k.roles <> 0
             and k.kind not in ('lost', 'hand_over', 'redirect')
        left join postal.unit u on u.id = e.unit
        left join account.account a on a.id = e.actor
        where e.subject = x.subject
          and e.at > coalesce((x.detail ->> 'since')::timestamptz, x.opened_at)
        order by e.at limit 1;
end $$;

-- custody.exceptions_of(ids, now): one row each: {id, subject, dossier, code, text, text_en, search?,
-- kind, kind_name, at, received_at, unit, unit_name, actor, opened_at, age_minutes (of the unit's
-- working time), due_at, overdue, taken_by?: {id, name}, taken_at?, seen?: {at, unit, unit_name, kind_name,
-- actor}, detail, remark?, decision?, note?, resolved_by?, resolved_at?}. seen: of what is searched for,
-- its first scan since. remark: what was written about it then.
create function custody.exceptions_of(p_ids bigint[], p_now timestamptz)
returns table (id bigint, item jsonb)
language sql stable as $$
    select x.id, jsonb_strip_nulls(jsonb_build_object(
        'id', x.id::text, 'subject', x.subject, 'dossier', d.code, 'code', x.code,
        'text', o.text_vi, 'text_en', o.text_en, 'search', nullif(c.seeks, false), 'kind', e.kind,
        'kind_name', k.name_vi, 'kind_name_en', k.name_en, 'at', e.at,
        'received_at', e.received_at, 'unit', u.code, 'unit_name', u.name, 'actor', a.name,
        'opened_at', x.opened_at, 'detail', x.detail, 'remark', m.text)
        || jsonb_build_object(
        'age_minutes', postal.working_minutes(x.unit, x.opened_at, least(x.resolved_at, p_now)),
        'due_at', b.due_at, 'overdue', b.due_at < coalesce(x.resolved_at, p_now),
        'taken_by', case when t.id is not null
                         then jsonb_build_object('id', t.id::text, 'name', t.name) end,
        'taken_at', x.taken_at, 'seen', s.seen, 'decision', x.decision,
        'decision_name', w.name_vi, 'decision_name_en', w.name_en, 'note', x.note,
        'resolved_by', r.name, 'resolved_at', x.resolved_at))
    from unnest(p_ids) as p (id)
    join custody.exception x on x.id = p.id
    join custody.oddity o on o.code = x.code
    cross join lateral custody.care_of(x.code) c
    cross join lateral (select case when x.due_at = 'infinity' then custody.due_of(x.unit, x.opened_at,
                            x.code) else x.due_at end as due_at offset 0) b
    left join lateral custody.seen_since(x) s on c.seeks
    left join custody.event e on e.subject = x.subject and e.id = x.event_id
    left join custody.remark m on m.subject = x.subject and m.event = x.event_id
    left join custody.scan_kind k on k.kind = e.kind
    left join custody.shipment h on h.number = x.subject
    left join dossier.dossier d on d.id = h.dossier
    left join custody.answer w on w.code = x.decision
    left join postal.unit u on u.id = x.unit
    left join account.account a on a.id = x.actor
    left join account.account t on t.id = x.taken_by
    left join account.account r on r.id = x.resolved_by
$$;

-- custody.exceptions_page(units, open, after, limit, code, overdue, taken_by, now): ids in the order of
-- the list, from each unit's index no more than a page: the open ones that are overdue longest first,
-- the decided ones latest first. after: id of the page's last before, or 0.
create function custody.exceptions_page(
    p_units bigint[], p_open boolean, p_after bigint, p_limit int, p_code text, p_overdue boolean,
    p_taken_by bigint, p_now timestamptz)
returns table (id bigint)
language plpgsql stable as $$
declare
    a custody.exception;
begin
    select * into a from custody.exception x where x.id = p_after;
    if p_open then
        return query
            select n.id from unnest(p_units) as u (id)
            cross join lateral (
                select x.id, x.due_at from custody.exception x
                where coalesce(x.unit, 0) = u.id and x.resolved_at is null
                  and (x.due_at, x.id) > (coalesce(a.due_at, '-infinity'), coalesce(a.id, 0))
                  and (not p_overdue or x.due_at < p_now) and (p_code is null or x.code = p_code)
                  and (p_taken_by is null or x.taken_by = p_taken_by)
                order by x.due_at, x.id limit p_limit) n
            order by n.due_at, n.id limit p_limit;
        return;
    end if;
    return query
        select n.id from unnest(p_units) as u (id)
        cross join lateral (
            select x.id, x.resolved_at from custody.exception x
            where coalesce(x.unit, 0) = u.id and x.resolved_at is not null
              and (a.id is null or (x.resolved_at, x.id) < (a.resolved_at, a.id))
              and (not p_overdue or x.due_at < x.resolved_at)
              and (p_code is null or x.code = p_code)
              and (p_taken_by is null or x.taken_by = p_taken_by)
            order by x.resolved_at desc, x.id desc limit p_limit) n
        order by n.resolved_at desc, n.id desc limit p_limit;
end $$;

-- custody.exceptions_counted(units, account, now): of the open ones {open, overdue, today, later, taken,
-- mine, codes: [{code, text, text_en, open, overdue}], units: [{unit, unit_name, open, overdue}]}.
-- today: due before its end.
create function custody.exceptions_counted(p_units bigint[], p_account bigint, p_now timestamptz)
returns jsonb
language plpgsql stable as $$
begin
    return (
        with mine as materialized (
            select coalesce(x.unit, 0) as unit, x.code, count(*) as n,
                   count(*) filter (where x.due_at < p_now) as late,
                   count(*) filter (where x.due_at >= p_now
                                      and base.vn_date(least(x.due_at, p_now + interval '9 days'))
                                          = base.vn_date(p_now)) as today,
                   count(x.taken_by) as taken,
                   count(*) filter (where x.taken_by = p_account) as own
            from unnest(p_units) as u (id)
            join custody.exception x on coalesce(x.unit, 0) = u.id and x.resolved_at is null
            group by 1, 2)
        select jsonb_build_object('open', coalesce(sum(m.n), 0), 'overdue', coalesce(sum(m.late), 0),
            'today', coalesce(sum(m.today), 0),
            'later', coalesce(sum(m.n - m.late - m.today), 0),
            'taken', coalesce(sum(m.taken), 0), 'mine', coalesce(sum(m.own), 0),
            'codes', (select coalesce(jsonb_agg(jsonb_build_object('code', c.code, 'text', o.text_vi,
                          'text_en', o.text_en, 'open', c.n, 'overdue', c.late)
                          order by c.late desc, c.n desc, c.code), '[]')
                      from (select s.code, sum(s.n) as n, sum(s.late) as late from mine s
                            group by s.code) c join custody.oddity o on o.code = c.code),
            'units', (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('unit', u.code,
                          'unit_name', u.name, 'open', c.n, 'overdue', c.late))
                          order by c.late desc, c.n desc, u.code), '[]')
                      from (select s.unit, sum(s.n) as n, sum(s.late) as late from mine s
                            group by s.unit) c left join postal.unit u on u.id = c.unit))
        from mine m);
end $$;

-- custody.exceptions(unit, supervisor, open, after, limit, code, of, overdue, taken_by, counts for, now):
-- {items: [see exceptions_of], next?, counts?} of the units that answers_for gives, or of that one of
-- them whose code is `of`. after: the cursor `next`. counts: see exceptions_counted; null: not asked.
create function custody.exceptions(
    p_unit bigint, p_supervisor boolean, p_open boolean, p_after bigint, p_limit int default 100,
    p_code text default null, p_of text default null, p_overdue boolean default false,
    p_taken_by bigint default null, p_counts bigint default null, p_now timestamptz default now())
returns jsonb
-- A page is small beside the tables: the planner would read them whole.
language plpgsql stable set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set jit = off as $$
declare
    v_units bigint[] := array(
        select a.id from unnest(custody.answers_for(p_unit, p_supervisor)) as a (id)
        where p_of is null or a.id = (select u.id from postal.unit u where u.code = p_of));
    v_ids bigint[] := array(
        select p.id from custody.exceptions_page(v_units, p_open, p_after, p_limit + 1, p_code,
                                                 p_overdue, p_taken_by, p_now) p);
    v_reply jsonb;
begin
    select jsonb_build_object('items', coalesce(jsonb_agg(
               i.item order by array_position(v_ids, i.id)), '[]')) into v_reply
    from custody.exceptions_of(v_ids[:p_limit], p_now) i;
    if cardinality(v_ids) > p_limit then
        v_reply := v_reply || jsonb_build_object('next', v_ids[p_limit]::text);
    end if;
    if p_counts is not null then
        v_reply := v_reply || jsonb_build_object(
            'counts', custody.exceptions_counted(v_units, p_counts, p_now));
    end if;
    return v_reply;
end $$;
