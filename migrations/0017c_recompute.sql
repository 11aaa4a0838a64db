-- What a change of the calendar does to promised dates: told beforehand, made on the word of whoever saw it,
-- and then the open dossiers reckoned anew, a batch at a time, each with its trace.

-- What a change would do. moves: how many promises of all kinds, kinds: of each, tag: of the change and what it
-- moves: up to a thousand the very promises and their dates, beyond that from which day to which and how
-- many within a tenth; so that a service with many dossiers can be asked and answered while they come in.
create type dossier.calendar_effect as (moves bigint, kinds jsonb, first jsonb, days jsonb, tag text);

-- dossier.code_of(what, key): of the dossier that it is a promise of. Reads dossier.dossier, dossier.asking.
create function dossier.code_of(p_what text, p_key uuid) returns text
language sql stable as $$
    select d.code from dossier.dossier d
    where d.id = case p_what when 'question' then (select a.dossier from dossier.asking a where a.id = p_key)
                             else p_key end
$$;

-- dossier.effect_of(change, from day, unit): by the calendar as it is now. Reads as dossier.due_moves,
-- question_moves, pickup_moves.
create function dossier.effect_of(p_change jsonb, p_from date, p_unit bigint) returns dossier.calendar_effect
language plpgsql stable set jit = off as $$
declare
    v_condition text := concat_ws(' and ',
        format('p.at >= (%L::date)::timestamp at time zone ''Asia/Ho_Chi_Minh''', p_from),
        case when p_unit is not null then format('p.unit = %s', p_unit) end);
    e dossier.calendar_effect;
    v_all text;
    v_pairs text;
begin
    with moved as materialized (
        select 'due' as what, 1 as pos, m.* from dossier.due_moves(v_condition) m
        union all select 'question', 2, m.* from dossier.question_moves(v_condition) m
        union all select 'pickup', 3, m.* from dossier.pickup_moves(v_condition) m),
    head as (select m.* from moved m order by m.was, m.pos, m.key limit 20),
    kind as (select w.*, coalesce(n.n, 0) as n from dossier.promise w
             left join (select m.what, count(*) as n from moved m group by m.what) n on n.what = w.what),
    pair as (select m.what, m.pos, base.vn_date(m.was) as was, base.vn_date(m.due) as due, count(*) as n
             from moved m group by 1, 2, 3, 4)
    select (select sum(k.n) from kind k),
           (select jsonb_agg(jsonb_build_object('what', k.what, 'vi', k.vi, 'en', k.en, 'count', k.n)
                       order by k.pos) from kind k),
           (select coalesce(jsonb_agg(jsonb_build_object('what', s.what, 'code', dossier.code_of(s.what, s.key),
                       'unit', dossier.unit_json(s.unit), 'old_due_at', s.was, 'due_at', s.due)
                       order by s.was, s.pos, s.key), '[]') from head s),
           (select coalesce(jsonb_agg(jsonb_build_object('what', p.what, 'from', p.was, 'to', p.due, 'count', p.n)
                       order by p.was, p.due, p.pos), '[]')
            from (select * from pair order by was, due, pos limit 100) p),
           (select string_agg(m.what || m.key || m.due, ',' order by m.pos, m.key)
            from (select * from moved limit 1001) m),
           (select string_agg(p.what || p.was || '>' || p.due, ',' order by p.pos, p.was, p.due) from pair p)
    into e.moves, e.kinds, e.first, e.days, v_all, v_pairs;
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
    select jsonb_build_object('moves', e.moves, 'kinds', e.kinds, 'first', e.first, 'days', e.days, 'tag', e.tag)
$$;

-- dossier.preview_calendar(body) -> jsonb {moves, kinds: [{what, vi, en, count}], days: [{what, from, to, count}],
-- first: [{what, code, unit, old_due_at, due_at}], tag, was}; unit: by whose calendar. Problems unknown-unit,
-- invalid-fields.
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
        perform base.problem('conflict', '{"detail": "Promised dates are still being reckoned after the change before.",
            "detail_vi": "Các ngày hẹn vẫn đang được tính lại sau lần thay đổi trước; xin thử lại sau."}');
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
    insert into dossier.recompute (change, at)
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
        from dossier.due_moves(format('p.key = any (%L::uuid[])', p_ids)) m
        join dossier.dossier d on d.id = m.key
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

-- dossier.recompute_questions(questions, change), dossier.recompute_pickups(dossiers, change): the same of
-- these; of a pick-up the draft that shows it gets its next version too.
-- Writes custody.event, dossier.dossier, dossier.asking, online.pickup, online.draft.
create function dossier.recompute_questions(p_ids uuid[], c postal.calendar_change) returns int
language plpgsql as $$
declare
    m record;
    v_count int := 0;
begin
    perform from dossier.dossier d
    where d.id in (select a.dossier from dossier.asking a where a.id = any (p_ids)) order by d.id for update;
    for m in select a.dossier, x.* from dossier.question_moves(format('p.key = any (%L::uuid[])', p_ids)) x
             join dossier.asking a on a.id = x.key order by a.dossier, a.id loop
        perform dossier.record(m.dossier, 'asking_recomputed', now(), c.account, m.unit, jsonb_build_object(
            'ask', m.key, 'answer_due_at', m.due, 'old_answer_due_at', m.was, 'change', c.id::text));
        perform dossier.project_askings(m.dossier);
        v_count := v_count + 1;
    end loop;
    return v_count;
end $$;

create function dossier.recompute_pickups(p_ids uuid[], c postal.calendar_change) returns int
language plpgsql as $$
declare
    m record;
    v_count int := 0;
begin
    perform from online.draft x where x.id = any (p_ids) order by x.id for update;
    -- (a courier who scans at this moment has the papers)
    perform custody.subject_lock(array(
        select k.number from dossier.pickup_moves(format('p.key = any (%L::uuid[])', p_ids)) x
        join online.pickup k on k.dossier = x.key));
    perform from dossier.dossier d where d.id = any (p_ids) order by d.id for update;
    for m in select x.key, x.unit, base.vn_date(x.was) as was, base.vn_date(x.due) as day, k.half, k.number
             from dossier.pickup_moves(format('p.key = any (%L::uuid[])', p_ids)) x
             join online.pickup k on k.dossier = x.key order by x.key loop
        perform dossier.record(m.key, 'pickup_moved', now(), c.account, m.unit, jsonb_build_object(
            'number', m.number, 'change', c.id::text,
            'pickup', jsonb_build_object('day', m.day, 'old_day', m.was, 'half', m.half)));
        update online.pickup k set day = m.day where k.dossier = m.key;
        update online.draft x set version = x.version + 1 where x.id = m.key;
        v_count := v_count + 1;
    end loop;
    return v_count;
end $$;

-- dossier.recompute_turn(change): it, locked, when its promises may be reckoned now: once the transactions are
-- over that may have read the calendar as it was; else null. Writes dossier.recompute.
create function dossier.recompute_turn(p_change bigint) returns dossier.recompute
language plpgsql as $$
declare
    r dossier.recompute;
begin
    select * into r from dossier.recompute x where x.change = p_change for update;
    if r.after_xid is null then
        update dossier.recompute x set after_xid = pg_snapshot_xmax(pg_current_snapshot())::text::bigint
        where x.change = p_change;
        return null;
    end if;
    return case when pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= r.after_xid then r end;
end $$;

-- dossier.recompute_some(most): the next so many open promises after the oldest change that is not done, one
-- kind after the other. Returns whether there is more to do. Any number of instances may call it: one
-- works. Writes dossier.recompute, and as recompute_due, recompute_questions, recompute_pickups.
create function dossier.recompute_some(p_most int) returns boolean
language plpgsql set enable_seqscan = off set jit = off as $$
declare
    r dossier.recompute;
    c postal.calendar_change;
    v_list dossier.promised[];
    v_ids uuid[];
    v_next text;
    v_most int;
    v_moved int;
begin
    if not exists (select from dossier.recompute x where x.done_at is null)
       or not pg_try_advisory_xact_lock(hashtext('dossier.recompute')) then
        return false;
    end if;
    select x.* into c from dossier.recompute n join postal.calendar_change x on x.id = n.change
    where n.done_at is null order by n.change limit 1;
    if not found then
        return false;
    end if;
    r := dossier.recompute_turn(c.id);
    if r.change is null then
        return true;
    end if;
    v_most := case r.what when 'due' then p_most else least(p_most, 100) end; -- (those one by one)
    v_list := array(select p from dossier.promises_after(r.what, r.at, r.key, v_most) p order by p.at, p.key);
    v_ids := array(select p.key from unnest(v_list) p);
    v_moved := case r.what when 'due' then dossier.recompute_due(v_ids, c)
                           when 'question' then dossier.recompute_questions(v_ids, c)
                           when 'pickup' then dossier.recompute_pickups(v_ids, c) end;
    if cardinality(v_ids) = v_most then
        update dossier.recompute x set at = (v_list[v_most]).at, key = (v_list[v_most]).key,
            seen = x.seen + v_most, moved = x.moved + v_moved
        where x.change = r.change;
        return true;
    end if;
    select w.what into v_next from dossier.promise w
    where w.pos > (select o.pos from dossier.promise o where o.what = r.what) order by w.pos limit 1;
    update dossier.recompute x set what = coalesce(v_next, x.what), key = default,
        at = c.from_day::timestamp at time zone 'Asia/Ho_Chi_Minh',
        seen = x.seen + cardinality(v_ids), moved = x.moved + v_moved,
        done_at = case when v_next is null then now() end
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
