-- Deciding about an exception: taking it, and doing what was decided through the same code as a scan.

-- custody.exception_open(unit, supervisor, id): the exception, locked, when it waits and is theirs.
-- Problems: not-found, forbidden (others answer for it), conflict (with first: who decided what).
create function custody.exception_open(p_unit bigint, p_supervisor boolean, p_id bigint)
returns custody.exception
language plpgsql as $$
declare
    x custody.exception;
    v_who text;
    w custody.answer;
begin
    select * into x from custody.exception where id = p_id for update;
    if not found then
        perform base.problem('not-found');
    end if;
    if not coalesce(x.unit = any (custody.answers_for(p_unit, p_supervisor)), p_supervisor) then
        perform base.problem('forbidden');
    end if;
    if x.resolved_at is not null then
        v_who := (select a.name from account.account a where a.id = x.resolved_by);
        select * into w from custody.answer where code = x.decision;
        perform base.problem('conflict', jsonb_build_object(
            'first', jsonb_build_object('decision', x.decision, 'by', v_who, 'at', x.resolved_at),
            'detail', format('%s decided it at %s: %s.', v_who,
                             custody.words_of_time(x.resolved_at), coalesce(w.name_en, x.decision)),
            'detail_vi', format('%s đã xử lý lúc %s: %s.', v_who,
                                custody.words_of_time(x.resolved_at), coalesce(w.name_vi, x.decision))));
    end if;
    return x;
end $$;

-- custody.answer_to(exception, code, supervisor, note): the answer of that code, of those that make
-- sense for it. accept lets a step that waits count. Problems: invalid-fields, forbidden.
create function custody.answer_to(x custody.exception, p_code text, p_supervisor boolean, p_note text)
returns custody.answer
language plpgsql stable as $$
declare
    v_answers text[] := (custody.care_of(x.code)).answers;
    w custody.answer;
begin
    select * into w from custody.answer a
    where a.code = case when p_code = 'accept' and p_code <> all (v_answers) then 'confirm'
                        else p_code end and a.code = any (v_answers);
    if w.code is null then
        perform base.wrong_field('/decision', 'choice',
            format('Chỉ có thể là: %s.', array_to_string(v_answers, ', ')),
            format('One of: %s.', array_to_string(v_answers, ', ')));
    elsif w.supervisor and not p_supervisor then
        perform base.problem('forbidden', jsonb_build_object(
            'detail', 'Only a supervisor may do this.',
            'detail_vi', 'Chỉ giám sát viên được làm việc này.'));
    elsif w.note and coalesce(p_note, '') = '' then
        perform base.wrong_field('/note', 'required', 'Xin ghi lý do.', 'Say why.');
    end if;
    return w;
end $$;

-- custody.last_holder(subject, unit): the person, if any, who holds it now, and their unit, else the
-- unit that holds it; through bags and trips. unit: when none is known.
create function custody.last_holder(p_subject text, p_unit bigint, out person bigint, out unit bigint)
language plpgsql stable as $$
begin
    select a.id, coalesce(a.unit_id, case when w.holder_kind in ('place', 'agency')
                                          then w.holder_id end, t.from_unit)
    into person, unit
    from custody.standing_of(p_subject) w
    left join container.trip t on t.id = case w.holder_kind when 'trip' then w.holder_id end
    left join account.account a
        on a.id = coalesce(t.carrier, case w.holder_kind when 'person' then w.holder_id end);
    unit := coalesce(unit, p_unit);
end $$;

-- custody.do_answer(exception, answer, event of the decision, actor, unit): does what it does.
-- Problem action-not-allowed, when that cannot be. Writes as record_one, or custody.exception.
create function custody.do_answer(x custody.exception, w custody.answer, p_event uuid, p_actor bigint,
                                  p_unit bigint) returns void
language plpgsql as $$
declare
    t custody.trial := custody.try_answer(x, custody.fold_of(x.subject), w, p_actor, p_unit);
    r custody.scan_reply;
    v_why custody.oddity;
begin
    if t.why is not null then
        select * into v_why from custody.oddity where code = t.why;
        perform base.problem('action-not-allowed', jsonb_build_object('answer', w.code,
            'detail', coalesce(v_why.text_en, 'It would change nothing.'),
            'detail_vi', coalesce(v_why.text_vi, 'Không làm thay đổi gì.')));
    elsif w.does = 'confirm' and custody.others_wait(x) then
        return; -- the last of its decisions lets it count
    elsif w.does in ('confirm', 'reverse') then
        r := custody.internal_scan(x.subject, w.does, p_actor, p_unit, now(), p_refers => x.event_id);
    elsif w.does in ('step', 'offer') then
        r := custody.internal_scan(x.subject, t.kind, p_actor, p_unit, now(), t.target_kind,
                                   t.target_id, jsonb_build_object('exception', x.id));
    elsif w.does = 'search' then
        insert into custody.exception (subject, event_id, code, detail, unit, actor)
        select x.subject, p_event, 'search_asked', jsonb_build_object('exception', x.id), h.unit,
               h.person
        from custody.last_holder(x.subject, x.unit) h;
    end if;
    if r.outcome = 'refused' then
        perform base.problem(r.problem);
    end if;
end $$;

-- custody.exception_resolve(actor, unit, supervisor, id, decision, note, key, digest): a person's
-- decision, kept with who and why, and as an event of the subject; and what the answer does, in the same
-- transaction. decision: code of custody.answer. With an idempotency key the same call gives the stored
-- reply. Returns the exception. Problems: as exception_open, answer_to and do_answer; id-reused,
-- in-progress. Writes custody.exception, custody.event, custody.remark, base.idempotency, projections.
create function custody.exception_resolve(p_actor bigint, p_unit bigint, p_supervisor boolean,
                                          p_id bigint, p_decision text, p_note text,
                                          p_key text default null, p_digest bytea default null)
returns jsonb
language plpgsql as $$
declare
    x custody.exception;
    w custody.answer;
    v_event uuid := base.uuid_v7();
    reply jsonb := base.replay(p_actor, p_key, p_digest);
begin
    if reply is not null then
        return reply;
    end if;
    select * into x from custody.exception where id = p_id;
    -- An act that names the event changes what came after it too, see custody.reach.
    perform custody.lock(array[x.subject], array[now()], '{}', array[x.event_id])
    where x.id is not null;
    x := custody.exception_open(p_unit, p_supervisor, p_id);
    w := custody.answer_to(x, p_decision, p_supervisor, p_note);
    update custody.exception set decision = w.code, note = p_note, resolved_by = p_actor,
                                 resolved_at = now()
    where id = p_id;
    perform custody.append(x.subject, v_event, 'resolve', p_actor, p_unit,
        jsonb_build_object('exception', p_id, 'code', x.code, 'decision', w.code),
        p_mac => custody.keep_remark(x.subject, v_event, p_note), p_refers => x.event_id);
    perform custody.do_answer(x, w, v_event, p_actor, p_unit);
    return base.replied(p_actor, p_key, p_digest, jsonb_build_object(
        'id', p_id::text, 'subject', x.subject, 'code', x.code, 'decision', w.code, 'note', p_note,
        'resolved_at', now(),
        'after', custody.standing_json(x.subject, (custody.fold_of(x.subject)).standing)));
end $$;

-- custody.exception_turn(actor, unit, supervisor, id, take, key, digest): takes it to deal with it, or
-- gives it back; again changes nothing. A supervisor may take it from somebody, and give back for them.
-- Returns exception_get(). Problems: as exception_open; conflict (somebody else has it, with first: who
-- and since when); id-reused, in-progress. Writes custody.exception, custody.exception_turn.
create function custody.exception_turn(p_actor bigint, p_unit bigint, p_supervisor boolean,
                                       p_id bigint, p_take boolean, p_key text default null,
                                       p_digest bytea default null) returns jsonb
language plpgsql as $$
declare
    x custody.exception;
    reply jsonb := base.replay(p_actor, p_key, p_digest);
    v_who text;
begin
    if reply is not null then
        return reply;
    end if;
    x := custody.exception_open(p_unit, p_supervisor, p_id);
    if x.taken_by <> p_actor and not p_supervisor then
        v_who := (select a.name from account.account a where a.id = x.taken_by);
        perform base.problem('conflict', jsonb_build_object(
            'first', jsonb_build_object('by', v_who, 'at', x.taken_at),
            'detail', format('%s has it since %s.', v_who, custody.words_of_time(x.taken_at)),
            'detail_vi', format('%s đang xử lý, từ %s.', v_who, custody.words_of_time(x.taken_at))));
    end if;
    if p_take and x.taken_by is distinct from p_actor or not p_take and x.taken_by is not null then
        update custody.exception set taken_by = case when p_take then p_actor end,
                                     taken_at = case when p_take then now() end
        where id = p_id;
        insert into custody.exception_turn (exception, account, taken) values (p_id, p_actor, p_take);
    end if;
    return base.replied(p_actor, p_key, p_digest,
                        custody.exception_get(p_actor, p_unit, p_supervisor, p_id));
end $$;
