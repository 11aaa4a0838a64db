-- What happened to a dossier, its shipments and the bags they lay in, in one order; and who of the staff
-- may read how much of it. Functions on the way of a look-up are plpgsql where they could be SQL: their
-- plans are kept, and planning is most of such a call.

-- dossier.spans(number): in which containers something lay and when, from the innermost outward.
-- Reads container.membership, container.closure.
create function dossier.spans(p_number text)
returns table (container text, since timestamptz, until timestamptz)
language sql stable as $$
    with recursive span (container, since, until, depth) as (
        select k.container, m.began_at,
               least(coalesce(m.ended_at, 'infinity'), coalesce(k.opened_at, 'infinity')), 1
        from container.membership m join container.closure k on k.id = m.closure
        where m.subject = p_number
        union all
        select k.container, greatest(s.since, m.began_at),
               least(s.until, coalesce(m.ended_at, 'infinity'), coalesce(k.opened_at, 'infinity')),
               s.depth + 1
        from span s
        join container.membership m on m.subject = s.container
        join container.closure k on k.id = m.closure
        where s.depth < 4 and m.began_at <= s.until
          and least(coalesce(m.ended_at, 'infinity'), coalesce(k.opened_at, 'infinity')) >= s.since)
    select container, since, until from span
$$;

-- dossier.subjects(dossier): everything whose events concern it: itself, its shipments, and the
-- containers they lie or lay in.
create function dossier.subjects(p_dossier uuid) returns setof text
language sql stable as $$
    select p_dossier::text
    union all
    select s.number from custody.shipment s where s.dossier = p_dossier
    union
    select p.container from custody.shipment s cross join lateral dossier.spans(s.number) p
    where s.dossier = p_dossier
$$;

-- dossier.without_effect(number): the events that the fold leaves out today. Only what ever was odd
-- can be left out, and that opened an exception: without one nothing is folded. Where the history
-- was purged, those that were odd at receipt.
-- Reads custody.exception, custody.event.
create function dossier.without_effect(p_number text) returns setof uuid
language plpgsql stable as $$
declare
    s custody.shipment;
    f custody.folded;
begin
    if not exists (select from custody.exception x where x.subject = p_number) then
        return;
    end if;
    if custody.is_purged(p_number) then
        return query select e.id from custody.event e
                     join custody.oddity o on o.code = any (e.warnings) and o.skips
                     where e.subject = p_number;
        return;
    end if;
    select * into s from custody.shipment where number = p_number;
    f := custody.fold(s);
    return query select odd.id from unnest(f.odd_ids, f.odd_codes) as odd (id, code)
                 join custody.oddity o on o.code = odd.code and o.skips;
end $$;

-- dossier.steps(subject, since, until): the events of a shipment or container that count today, in
-- their order. The fold is asked only where something is odd or taken back, which is seldom.
-- Reads custody.event.
create function dossier.steps(p_subject text, p_since timestamptz, p_until timestamptz)
returns setof custody.event
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
declare
    history custody.event[] := array(
        select e from custody.event e where e.subject = p_subject
        order by e.at, e.device, e.device_seq, e.id);
begin
    if exists (select from unnest(history) e
               where e.warnings <> '{}' or e.kind in ('undo', 'reverse', 'confirm')) then
        return query
            select (f.event).* from custody.effective(p_subject, null) f
            where f.steps and (f.event).at between p_since and p_until;
    else
        return query
            select e.* from unnest(history) e
            join custody.scan_kind k on k.kind = e.kind and k.steps
            where e.at between p_since and p_until;
    end if;
end $$;

-- dossier.moves(dossier): its events and those of its shipments and their bags, without what was
-- taken back or has no effect. leg is '' for the dossier's own. Reads custody.event.
create function dossier.moves(p_dossier uuid)
returns table (event custody.event, number text, leg text)
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
declare
    s record;
    bag record;
begin
    return query select e, null::text, '' from custody.event e
                 where e.subject = p_dossier::text and e.kind like 'dossier.%';
    for s in select x.number, x.leg from custody.shipment x where x.dossier = p_dossier loop
        return query select e, s.number, s.leg
                     from dossier.steps(s.number, '-infinity', 'infinity') e
                     where e.id not in (select dossier.without_effect(s.number));
        if exists (select from container.membership m where m.subject = s.number) then
            for bag in select distinct * from dossier.spans(s.number) loop
                return query select e, s.number, s.leg
                             from dossier.steps(bag.container, bag.since, bag.until) e
                             where e.kind in ('depart', 'arrive', 'open', 'take_over')
                               and not exists (select from custody.oddity o
                                               where o.skips and o.code = any (e.warnings));
            end loop;
        end if;
    end loop;
end $$;

-- dossier.place_json(unit): what the public may know of a place: {name, name_en, province, at}. at:
-- [longitude, latitude] to some hundred metres, its own or its commune's, and absent when neither is
-- known; it is an office's, never a person's. Reads postal.unit, postal.commune, postal.province.
create function dossier.place_json(p_unit bigint) returns jsonb
language plpgsql stable as $$
begin
    return (
        select jsonb_build_object('name', u.name, 'name_en', u.name_en, 'province', p.name)
               || case when u.lat is not null and u.lon is not null then
                      jsonb_build_object('at', jsonb_build_array(round(u.lon::numeric, 3),
                                                                 round(u.lat::numeric, 3)))
                  when c.lat is not null and c.lon is not null then
                      jsonb_build_object('at', jsonb_build_array(round(c.lon::numeric, 3),
                                                                 round(c.lat::numeric, 3)))
                  else '{}' end
        from postal.unit u
        left join postal.commune c on c.code = u.commune_code
        left join postal.province p on p.code = c.province_code
        where u.id = p_unit);
end $$;

-- dossier.heading(dossier): the agency that papers are being carried to, as place_json; null when
-- nothing is under way to one. Where a result goes is the applicant's own, and never told.
-- Reads custody.shipment.
create function dossier.heading(d dossier.dossier) returns jsonb
language plpgsql stable as $$
declare
    awaited text := case d.status when 1 then 'outward' when 5 then 'supplement' end;
begin
    if awaited is null or d.filed_at is not null and awaited = 'outward' then
        return null;
    end if;
    perform from custody.shipment s cross join lateral custody.resolved(s.number) now
        where s.dossier = d.id and s.leg = awaited and not now.going_back
          and now.state not in ('delivered', 'returned', 'lost', 'seized')
          and (awaited = 'outward' or now.state <> 'created');
    return case when found then dossier.place_json(d.agency) end;
end $$;

-- dossier.timeline(dossier) -> jsonb [{at, kind, vi, en, place}] newest first. The same sentence at
-- the same place twice running is told once.
create function dossier.timeline(p_dossier uuid) returns jsonb
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
begin
    return (
        with told as (
            select (m.event).at, (m.event).id, (m.event).kind, (m.event).unit, t.vi, t.en,
                   lag(t.vi || coalesce((m.event).unit, 0)) over w as before
            from dossier.moves(p_dossier) m
            cross join lateral (
                select x.vi, x.en from dossier.public_text x
                where x.kind = (m.event).kind and x.leg in (m.leg, '')
                order by x.leg desc limit 1) t
            window w as (order by (m.event).at, (m.event).id)),
        place as materialized (
            select u.unit, dossier.place_json(u.unit) as json
            from (select distinct t.unit from told t) u)
        select coalesce(jsonb_agg(jsonb_build_object('at', t.at, 'kind', t.kind, 'vi', t.vi,
                   'en', t.en, 'place', p.json) order by t.at desc, t.id desc), '[]')
        from told t left join place p on p.unit = t.unit
        where t.before is distinct from t.vi || coalesce(t.unit, 0));
end $$;

-- dossier.events(key, actor, unit, roles): the history for staff, oldest first, each with who, where
-- and in which shipment, what was written with it where the asker's reach is full, and its sealed
-- payload for the program to open and to cut to that reach (src/dossier/personal.h); reading it is
-- recorded. purged: where it is not whole. -> jsonb {code, purged?, personal: reach, items}.
-- Reads custody.*; writes dossier.access.
create function dossier.events(p_key text, p_actor bigint, p_unit bigint, p_roles int)
returns jsonb
language plpgsql as $$
declare
    d dossier.dossier := dossier.locate(p_key, p_actor, p_unit, p_roles);
    reach text := dossier.reach(d, p_actor, p_unit, p_roles);
begin
    insert into dossier.access (dossier, account, unit, what)
    values (d.id, p_actor, p_unit, 'events');
    return case when dossier.purged(d.id) then '{"purged": true}' else '{}' end::jsonb
           || jsonb_build_object('code', d.code, 'personal', reach, 'items', (
        select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'id', (m.event).id, 'at', (m.event).at, 'received_at', (m.event).received_at,
            'kind', (m.event).kind, 'number', m.number, 'leg', nullif(m.leg, ''),
            'container', case when (m.event).subject not in (m.number, d.id::text)
                              then (m.event).subject end,
            'name', coalesce(k.name_vi, t.vi), 'name_en', coalesce(k.name_en, t.en),
            'pickup', (m.event).data -> 'pickup', 'answer_due_at', (m.event).data -> 'answer_due_at',
            'actor', case when (m.event).actor <> 0
                       then jsonb_build_object('id', (m.event).actor::text, 'name', a.name) end,
            'unit', dossier.unit_json((m.event).unit), 'outcome', (m.event).outcome,
            'warnings', nullif(to_jsonb((m.event).warnings), '[]'),
            'reason', coalesce((m.event).reason, r.text), 'next_action', (m.event).next_action,
            'payload', case when (m.event).mac is not null
                                 and (reach <> 'none' or p_roles & (2 | 4 | 8 | 16 | 32 | 64) <> 0)
                            then custody.payload_of(m.event) end,
            'position', l.position,
            'from', (m.event).data -> 'from', 'to', (m.event).data -> 'to',
            'due_at', (m.event).data -> 'due_at',
            'corrected', (m.event).data -> 'corrected',
            'legal_basis', (m.event).data -> 'legal_basis', 'originals', (m.event).data -> 'originals',
            'document', (m.event).data -> 'document', 'result', (m.event).data -> 'result',
            'other', (m.event).data -> 'other', 'numbers', (m.event).data -> 'numbers',
            'give_back', (m.event).data -> 'give_back')) order by (m.event).at, (m.event).id), '[]')
        from dossier.moves(d.id) m
        left join custody.scan_kind k on k.kind = (m.event).kind
        left join lateral dossier.kind_word((m.event).kind) t on k.kind is null
        left join account.account a on a.id = (m.event).actor
        left join custody.remark r on r.subject = (m.event).subject and r.event = (m.event).id
             and reach = 'full'
        left join custody.log l on l.subject = (m.event).subject and l.event_id = (m.event).id));
end $$;
