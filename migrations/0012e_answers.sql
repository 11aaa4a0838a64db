-- What each answer to an exception would do, found by folding its subject's events with it.

-- What an act would make of its subject. why: code of what speaks against it, or null. odd: codes that
-- would open then and do not stand now.
create type custody.trial as (
    kind text, target_kind text, target_id bigint, standing custody.standing, why text, odd text[]);

-- custody.act(subject, kind, actor, unit, at, refers, target): an event as the act would write it.
create function custody.act(p_subject text, p_kind text, p_actor bigint, p_unit bigint,
                            p_at timestamptz, p_refers uuid, p_target_kind text, p_target_id bigint)
returns custody.event
language plpgsql immutable as $$
declare
    e custody.event;
begin
    e.subject := p_subject;
    e.id := 'ffffffff-ffff-7fff-bfff-ffffffffffff';
    e.kind := p_kind;
    e.at := p_at;
    e.received_at := p_at;
    e.device := 0;
    e.device_seq := 0;
    e.actor := p_actor;
    e.unit := p_unit;
    e.warnings := '{}';
    e.refers := p_refers;
    e.target_kind := p_target_kind;
    e.target_id := p_target_id;
    return e;
end $$;

-- custody.odd_of(folded): its oddities that a person must see, as 'event code', but for one event.
create function custody.odd_of(f custody.folded, p_without uuid) returns text[]
language sql stable as $$
    select array(select o.id || ' ' || o.code from unnest(f.odd_ids, f.odd_codes) as o (id, code)
                 join custody.oddity d on d.code = o.code and d.opens
                 where o.id is distinct from p_without)
$$;

-- custody.try_act(fold now, act): see custody.trial. why: the code of what would be odd about the act
-- itself, no_effect when nothing would change. Writes nothing.
create function custody.try_act(f custody.folded, e custody.event) returns custody.trial
language plpgsql stable as $$
declare
    t custody.trial;
    n custody.folded := custody.fold_of(e.subject, 'infinity', e);
    v_before text[] := custody.odd_of(f, e.id);
    v_after text[] := custody.odd_of(n, e.id);
begin
    t.kind := e.kind;
    t.target_kind := e.target_kind;
    t.target_id := e.target_id;
    t.standing := n.standing;
    t.odd := array(select split_part(a, ' ', 2) from unnest(v_after) a where a <> all (v_before));
    t.why := n.odd_codes[array_position(n.odd_ids, e.id)];
    if t.why is null and n.standing is not distinct from f.standing and v_before <@ v_after then
        t.why := 'no_effect';
    end if;
    return t;
end $$;

-- custody.had_before(event): the person or unit that had its subject before it: as a taker.
create function custody.had_before(e custody.event, out kind text, out id bigint)
language plpgsql stable as $$
declare
    s custody.standing := (custody.before(e)).standing;
    l record;
begin
    if s.closure is not null then
        select x.holder_kind, x.holder_id, x.place into l from container.lies_at(s.closure, e.at) x;
        s.holder_kind := l.holder_kind;
        s.holder_id := l.holder_id;
        s.place := l.place;
    end if;
    kind := case when s.holder_kind = 'person' then 'person' when s.place is not null then 'unit' end;
    id := case when s.holder_kind = 'person' then s.holder_id else s.place end;
end $$;

-- custody.try_answer(exception, fold now, answer, actor, unit): the trial of what the answer does; of
-- several kinds the first that nothing speaks against, else the last.
create function custody.try_answer(x custody.exception, f custody.folded, w custody.answer,
                                   p_actor bigint, p_unit bigint) returns custody.trial
language plpgsql stable as $$
declare
    t custody.trial;
    e custody.event;
    v_to record;
    v_kind text;
begin
    t.standing := f.standing;
    if w.does in ('nothing', 'search') or w.does = 'confirm' and custody.others_wait(x) then
        return t;
    elsif f.standing is null then
        t.why := case when custody.is_purged(x.subject) then 'purged_history' else 'unknown_shipment' end;
        return t;
    elsif w.does in ('confirm', 'reverse') then
        return custody.try_act(f, custody.act(x.subject, w.does, p_actor, p_unit, now(), x.event_id,
                                              null, null));
    end if;
    if w.does = 'offer' then
        select * into e from custody.event where subject = x.subject and id = x.event_id;
        select * into v_to from custody.had_before(e);
        if v_to.id is null or v_to.kind = 'person' and v_to.id = p_actor
           or v_to.kind = 'unit' and v_to.id = p_unit then
            t.why := 'no_effect';
            return t;
        end if;
    else
        select null::text as kind, null::bigint as id into v_to;
    end if;
    foreach v_kind in array w.kinds loop
        t := custody.try_act(f, custody.act(x.subject, v_kind, p_actor, p_unit, now(), null, v_to.kind,
                                            v_to.id));
        exit when t.why is null;
    end loop;
    return t;
end $$;

-- custody.standing_json(subject, standing): {state, state_vi, state_en, holder, place, place_name,
-- container?, offered?}, through whatever it lies in; null for none.
create function custody.standing_json(p_subject text, s custody.standing) returns jsonb
language plpgsql stable as $$
declare
    l record;
    v_bag text;
begin
    if s is null then
        return null;
    end if;
    if s.closure is not null then
        select * into l from container.lies_at(s.closure, 'infinity') x;
        s.state := l.state;
        s.holder_kind := l.holder_kind;
        s.holder_id := l.holder_id;
        s.place := l.place;
        v_bag := (select k.container from container.closure k where k.id = s.closure and l.active);
    end if;
    return (
        select jsonb_strip_nulls(jsonb_build_object('state', s.state, 'state_vi', n.name_vi,
            'state_en', n.name_en, 'holder', custody.holder_json(s.holder_kind, s.holder_id),
            'place', u.code, 'place_name', u.name, 'container', v_bag,
            'offered', custody.holder_json(
                case s.offered_kind when 'unit' then 'place' else s.offered_kind end, s.offered_to)))
        from custody.state n
        left join postal.unit u on u.id = s.place
        where n.what = case length(p_subject) when 29 then 'c' else 's' end and n.code = s.state);
end $$;

-- custody.answer_json(exception, answer, trial, supervisor, now): {code, key, name, name_en, would,
-- would_en, note (must be given), allowed, possible, why?, why_en?, after?, tells_dossier?, then: [{code,
-- text, text_en}]}. after: where it would stand then.
create function custody.answer_json(x custody.exception, w custody.answer, t custody.trial,
                                    p_supervisor boolean, p_now custody.standing) returns jsonb
language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object(
        'code', w.code, 'key', w.key, 'name', w.name_vi, 'name_en', w.name_en, 'would', w.would_vi,
        'would_en', w.would_en, 'note', w.note, 'allowed', p_supervisor or not w.supervisor,
        'possible', t.why is null,
        'why', case when t.why = 'no_effect' then 'Không làm thay đổi gì.' else o.text_vi end,
        'why_en', case when t.why = 'no_effect' then 'It would change nothing.' else o.text_en end,
        'after', case when t.why is null then custody.standing_json(x.subject, t.standing) end,
        'tells_dossier', nullif(t.why is null and s.leg = 'result'
            and ((t.standing).state = 'delivered') <> ((p_now).state = 'delivered'), false)))
        || jsonb_build_object('then', (
            select coalesce(jsonb_agg(jsonb_build_object('code', d.code, 'text', d.text_vi,
                       'text_en', d.text_en) order by d.code), '[]')
            from custody.oddity d where d.code = any (t.odd) and t.why is null))
    from (values (1)) as one (row)
    left join custody.oddity o on o.code = t.why
    left join custody.shipment s on s.number = x.subject
$$;

-- custody.exception_get(actor, unit, supervisor, id): one of those that answers_for gives, as in the
-- list, with cause, cause_en, before (where it stands now), answers (see answer_json; none when decided),
-- and turns: [{name, taken, at}], who took it and gave it back. Null for any other.
create function custody.exception_get(p_actor bigint, p_unit bigint, p_supervisor boolean, p_id bigint,
                                      p_now timestamptz default now())
returns jsonb
language plpgsql stable as $$
declare
    x custody.exception;
    f custody.folded;
    v_cause record;
    v_answers jsonb := '[]';
begin
    select * into x from custody.exception where id = p_id;
    if not found
       or not coalesce(x.unit = any (custody.answers_for(p_unit, p_supervisor)), p_supervisor) then
        return null;
    end if;
    f := custody.fold_of(x.subject);
    select * into v_cause from custody.likely_cause(x);
    if x.resolved_at is null then
        select coalesce(jsonb_agg(custody.answer_json(x, w, custody.try_answer(x, f, w, p_actor, p_unit),
                                                      p_supervisor, f.standing) order by n.pos), '[]')
        into v_answers
        from unnest((custody.care_of(x.code)).answers) with ordinality as n (code, pos)
        join custody.answer w on w.code = n.code;
    end if;
    return (select i.item from custody.exceptions_of(array[p_id], p_now) i)
        || jsonb_strip_nulls(jsonb_build_object('cause', v_cause.vi, 'cause_en', v_cause.en,
               'before', custody.standing_json(x.subject, f.standing)))
        || jsonb_build_object('answers', v_answers, 'turns', (
               select coalesce(jsonb_agg(jsonb_build_object('name', a.name, 'taken', t.taken,
                          'at', t.at) order by t.id), '[]')
               from custody.exception_turn t join account.account a on a.id = t.account
               where t.exception = p_id));
end $$;
