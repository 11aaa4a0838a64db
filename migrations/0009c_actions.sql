-- What may be done with a dossier, the clock, and what the post tells it: filed, delivered.

-- dossier.is_asked(dossier, unit, open): whether this agency was asked about it, and (open) is still
-- waited for. Reads dossier.asking.
create function dossier.is_asked(p_dossier uuid, p_unit bigint, p_open boolean) returns boolean
language sql stable as $$
    select exists (select from dossier.asking a
                   where a.dossier = p_dossier and a.asked = p_unit
                     and (a.answered_at is null and a.ended_at is null or not p_open and a.answered_at is not null))
$$;

-- dossier.may(dossier, row's roles, actor, unit, roles): the agency's officers, those who received it
-- for the agency, those who were asked, the clerks of the office that took it in, supervisors of its
-- province, and whoever filed it.
create function dossier.may(d dossier.dossier, p_allowed int, p_actor bigint, p_unit bigint,
                            p_roles int) returns boolean
language sql stable as $$
    select (p_allowed & p_roles & 16 <> 0 and d.agency = p_unit)
        or (p_allowed & 256 <> 0 and p_roles & 16 <> 0 and coalesce(d.receiving = p_unit, false))
        or (p_allowed & 512 <> 0 and p_roles & 16 <> 0
            and dossier.is_asked(d.id, p_unit, true))
        or (p_allowed & p_roles & 2 <> 0 and d.office = p_unit)
        or (p_allowed & p_roles & 32 <> 0 and postal.same_province(p_unit, d.agency))
        or (p_allowed & p_roles & 1 <> 0 and d.created_by = p_actor)
$$;

-- dossier.in_scope(dossier, actor, unit, roles): may see it: administrators and integrators all,
-- supervisors their province; else its agency, its office, whoever filed it, the ends of its
-- shipments, and who holds one rightly. Never null. Reads custody.shipment.
create function dossier.in_scope(d dossier.dossier, p_actor bigint, p_unit bigint, p_roles int)
returns boolean
language sql stable as $$
    select coalesce(p_roles & (64 | 128) <> 0
        or (p_roles & 32 <> 0 and postal.same_province(p_unit, d.agency))
        or (p_roles & (2 | 4 | 8 | 16) <> 0 and p_unit in (d.agency, d.office, d.receiving))
        or (p_roles & 16 <> 0 and dossier.is_asked(d.id, p_unit, false))
        or d.created_by = p_actor
        or (p_roles & (2 | 4 | 8 | 16) <> 0 and exists (
            select from custody.shipment s where s.dossier = d.id
            and (p_unit in (s.from_unit, s.to_unit)
                 or custody.holds_rightly(s, p_actor, p_unit)))), false)
$$;

-- dossier.locate(key, actor, unit, roles): the dossier, if there is one that the asker may see;
-- problem not-found alike for unknown and foreign ones.
create function dossier.locate(p_key text, p_actor bigint, p_unit bigint, p_roles int)
returns dossier.dossier
language plpgsql stable as $$
declare
    d dossier.dossier;
begin
    select * into d from dossier.dossier where id = dossier.find(p_key);
    if not found or not dossier.in_scope(d, p_actor, p_unit, p_roles) then
        perform base.problem('not-found');
    end if;
    return d;
end $$;

-- dossier.taken_in_at(dossier): when its intake was: when it was registered, or its papers came to the post
-- later, as those of a filing on line do. Reads custody.event.
create function dossier.taken_in_at(d dossier.dossier) returns timestamptz
language sql stable as $$
    select greatest(d.created_at, (
        select min(e.at) from custody.shipment s
        join custody.event e on e.subject = s.number and e.kind in ('accept', 'collect')
        where s.dossier = d.id and s.leg = 'outward'))
$$;

-- dossier.in_shift(dossier, actor): whether its intake may still be cancelled or corrected: on the day
-- of the intake (Vietnam time; see taken_in_at), not filed, every shipment of it still with its office, or
-- with who asks, and on no list that waits for a signature. Reads custody.shipment, custody.transition,
-- custody.handover.
create function dossier.in_shift(d dossier.dossier, p_actor bigint) returns boolean
language sql stable as $$
    select d.filed_at is null and base.vn_date(dossier.taken_in_at(d)) = base.vn_date(now()) and not exists (
        select from custody.shipment s
        where s.dossier = d.id
          and (not (s.holder_kind = 'place' and s.holder_id = d.office
                    or s.holder_kind = 'person' and s.holder_id = p_actor)
               or not exists (select from custody.transition t
                              where t.what = 's' and t.kind = 'cancel' and t.from_state = s.state)
               or exists (select from custody.handover_item x
                          join custody.handover h on h.id = x.handover
                          where x.number = s.number and h.state = 'open')))
$$;

-- dossier.holds(dossier, condition, actor): whether it is met now. null: always.
create function dossier.holds(d dossier.dossier, p_condition text, p_actor bigint) returns boolean
language plpgsql stable as $$
begin
    return case p_condition
        when 'accepted' then d.accepted_at is not null
        when 'not_accepted' then d.accepted_at is null
        when 'apology_open' then d.due_at is not null and d.apologised_at is null
            and now() <= dossier.last_day_before(d.agency, d.due_at)
        when 'in_shift' then dossier.in_shift(d, p_actor) and not exists (
            select from dossier.claim k where k.dossier = d.id and k.amount is not null)
        when 'payment_due' then money.due(d.id, null) > 0
        when 'by_hand' then not exists (
            select from custody.shipment s where s.dossier = d.id and s.leg = 'result'
            and s.state not in ('delivered', 'returned', 'lost'))
        when 'first_supplement' then d.supplements = 0
        when 'asked_before' then d.supplements > 0
        when 'to_forward' then dossier.to_forward(d)
        when 'originals_held' then exists (select from dossier.originals(d) o where o.place = 'agency')
        when 'result_came_back' then dossier.result_came_back(d)
        when 'waits_for_agency' then exists (
            select from dossier.asking a
            where a.dossier = d.id and a.answered_at is null and a.ended_at is null)
        when 'claimable' then exists (select from dossier.claimable(d))
        when 'claim_open' then exists (
            select from dossier.claim k where k.dossier = d.id and k.decided_at is null)
        else p_condition is null
    end;
end $$;

-- dossier.to_forward(dossier): it was received for the agency, the papers lie with who received it, and
-- no leg between the two was made yet. Reads custody.shipment.
create function dossier.to_forward(d dossier.dossier) returns boolean
language sql stable as $$
    select d.receiving is not null and d.filed_at is not null
       and not exists (select from custody.shipment s
                       where s.dossier = d.id and (s.leg = 'inter_agency'
                             or s.leg = 'outward' and s.state not in ('delivered', 'lost')))
$$;

-- dossier.result_came_back(dossier): every result of it that was sent is back at the agency, or lost for good.
-- Reads custody.shipment.
create function dossier.result_came_back(d dossier.dossier) returns boolean
language sql stable as $$
    select coalesce(bool_and(s.state in ('returned', 'lost')), false)
    from custody.shipment s where s.dossier = d.id and s.leg = 'result'
$$;

-- dossier.allowed_actions(dossier, actor, unit, roles) -> jsonb [{action, name, name_en, to, needs,
-- may, reason_vi, reason_en}] in order; what the buttons show.
create function dossier.allowed_actions(d dossier.dossier, p_actor bigint, p_unit bigint,
                                        p_roles int) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(jsonb_build_object('action', a.action, 'name', a.name,
        'name_en', a.name_en, 'to', coalesce(t.to_status, d.back_to),
        'needs', to_jsonb(a.needs || t.needs), 'may', to_jsonb(a.may), 'reason_vi', t.reason, 'reason_en', t.reason_en) order by a.rank), '[]')
    from dossier.transition t join dossier.action a using (action)
    where t.from_status = d.status and dossier.may(d, t.roles, p_actor, p_unit, p_roles)
      and dossier.holds(d, t.condition, p_actor)
$$;

-- dossier.why_not(dossier, action): {detail_vi, detail}: the condition that is not met, or the states
-- that the action belongs to. Reads dossier.transition, dossier.condition, dossier.status.
create function dossier.why_not(d dossier.dossier, p_action text) returns jsonb
language sql stable as $$
    select coalesce(
        (select jsonb_build_object('detail_vi', c.reason, 'detail', c.reason_en)
         from dossier.transition x join dossier.condition c using (condition)
         where x.action = p_action and x.from_status = d.status limit 1),
        (select jsonb_build_object(
             'detail_vi', format('"%s" chỉ thực hiện được khi hồ sơ ở trạng thái: %s. Hồ sơ đang ở '
                                 'trạng thái "%s".', a.name, string_agg(s.name, ', ' order by s.code),
                                 now.name),
             'detail', format('"%s" belongs to: %s. The dossier is: %s.', a.name_en,
                              string_agg(s.name_en, ', ' order by s.code), now.name_en),
             'possible_from', jsonb_agg(s.status order by s.code))
         from dossier.action a
         join (select distinct action, from_status from dossier.transition) t using (action)
         join dossier.status s on s.code = t.from_status
         join dossier.status now on now.code = d.status
         where a.action = p_action group by a.name, a.name_en, now.name, now.name_en))
$$;

-- dossier.choose(dossier, action, actor, unit, roles): the transition that this step takes.
-- Problems forbidden (not yours to do), action-not-allowed (not now: why, and the allowed ones).
create function dossier.choose(d dossier.dossier, p_action text, p_actor bigint, p_unit bigint,
                               p_roles int) returns dossier.transition
language plpgsql stable as $$
declare
    t dossier.transition;
begin
    if not exists (select from dossier.transition x where x.action = p_action
                   and dossier.may(d, x.roles, p_actor, p_unit, p_roles)) then
        perform base.problem('forbidden');
    end if;
    select * into t from dossier.transition x
    where x.action = p_action and x.from_status = d.status
      and dossier.may(d, x.roles, p_actor, p_unit, p_roles)
      and dossier.holds(d, x.condition, p_actor);
    if not found then
        perform base.problem('action-not-allowed', dossier.why_not(d, p_action)
            || jsonb_build_object('status', dossier.status_json(d.status), 'version', d.version,
                   'allowed', dossier.allowed_actions(d, p_actor, p_unit, p_roles)));
    end if;
    return t;
end $$;

-- --- the clock -----------------------------------------------------------------------------------

-- dossier.last_day_before(unit, due): the end of the working day before the due day.
create function dossier.last_day_before(p_unit bigint, p_due timestamptz) returns timestamptz
language sql stable as $$
    select postal.closing(p_unit, day::date)
    from generate_series(base.vn_date(p_due) - 1, base.vn_date(p_due) - 366, interval '-1 day') day
    where postal.is_working_day(p_unit, day::date)
    limit 1
$$;

-- dossier.due_from(dossier, from): the procedure's working time counted from then.
create function dossier.due_from(d dossier.dossier, p_from timestamptz) returns timestamptz
language sql stable as $$
    select postal.due_at(d.agency, p_from, (body #>> '{time,value}')::int, body #>> '{time,unit}')
    from dossier.procedure_body(d.procedure, d.procedure_version) body
$$;

-- dossier.resumed(unit, unit_of, due, began, ended): the due time moved on by a pause: by the
-- working days, or the minutes of office hours, that passed while the clock stood still.
create function dossier.resumed(p_unit bigint, p_unit_of text, p_due timestamptz,
                                p_began timestamptz, p_ended timestamptz) returns timestamptz
language plpgsql stable as $$
declare
    lost int;
begin
    if p_unit_of = 'working_hour' then
        select ceil(coalesce(sum(extract(epoch from least(h.ends, p_ended)
                                         - greatest(h.starts, p_began))), 0) / 60) into lost
        from generate_series(base.vn_date(p_began), base.vn_date(p_ended), interval '1 day') day
        cross join lateral postal.office_hours(p_unit, day::date) h
        where h.starts < p_ended and h.ends > p_began;
        return case when lost = 0 then p_due
                    else postal.add_working_minutes(p_unit, p_due, lost) end;
    end if;
    select count(*) into lost
    from generate_series(base.vn_date(p_began) + 1, base.vn_date(p_ended), interval '1 day') day
    where postal.is_working_day(p_unit, day::date);
    return case when lost = 0 then p_due
                else postal.closing(p_unit, postal.add_working_days(p_unit, base.vn_date(p_due),
                                                                    lost)) end;
end $$;

-- dossier.kept_promise(unit, due): the date that an apology promised; where it has become a day off, the end
-- of the next working day.
create function dossier.kept_promise(p_unit bigint, p_due timestamptz) returns timestamptz
language sql stable as $$
    select case when p_due is null or postal.is_working_day(p_unit, base.vn_date(p_due)) then p_due
                else postal.closing(p_unit, postal.add_working_days(p_unit, base.vn_date(p_due), 1)) end
$$;

-- dossier.due_by(dossier, began, pauses, promised, promised_at): the due time by the calendar as it is now:
-- the working time from when the agency's clock began, moved on by each pause that has ended, in their
-- order (jsonb as dossier.pauses gives them): after a supplement the clock restarts or resumes, as the
-- procedure says, after a payment it resumes. What lay before the clock began moves nothing. A date that
-- an apology promised takes the place of what was reckoned until then. Reads postal.*.
create function dossier.due_by(d dossier.dossier, p_began timestamptz, p_pauses jsonb,
                               p_promised timestamptz default null, p_promised_at timestamptz default null)
returns timestamptz
language plpgsql stable as $$
declare
    body jsonb := dossier.procedure_body(d.procedure, d.procedure_version);
    restart boolean := body ->> 'clock_after_supplement' = 'restart';
    due timestamptz := dossier.due_from(d, p_began);
    p record;
begin
    for p in select x ->> 'kind' as kind, (x ->> 'began')::timestamptz as began, (x ->> 'ended')::timestamptz as ended
             from jsonb_array_elements(p_pauses) with ordinality as list (x, n) order by n loop
        continue when p.ended is null or p.ended <= p_began;
        if p_promised_at <= p.began then
            due := dossier.kept_promise(d.agency, p_promised);
            p_promised_at := null;
        end if;
        due := case when p.kind = 'supplement' and restart then dossier.due_from(d, p.ended)
                    else dossier.resumed(d.agency, body #>> '{time,unit}', due, greatest(p.began, p_began), p.ended) end;
    end loop;
    return case when p_promised_at is not null then dossier.kept_promise(d.agency, p_promised) else due end;
end $$;

-- dossier.reckoned(dossier, now): its due time reckoned anew from what its events say: filed, or accepted
-- across the desk (now, when neither was yet), its pauses, the date of its apology. One that goes on still
-- counts as ended now where it ends with this step. Reads dossier.pause, custody.event, postal.*.
create function dossier.reckoned(d dossier.dossier, p_now timestamptz default null) returns timestamptz
language plpgsql stable as $$
declare
    pauses jsonb := dossier.pauses(d.id);
    promised timestamptz;
begin
    if p_now is not null and d.paused_at is not null then
        pauses := jsonb_set(pauses, '{-1,ended}', to_jsonb(p_now));
    end if;
    if d.apologised_at is not null then
        select (e.data ->> 'due_at')::timestamptz into promised from custody.event e
        where e.subject = d.id::text and e.kind = 'dossier.apologise';
    end if;
    return dossier.due_by(d, coalesce(d.filed_at, d.accepted_at, p_now), pauses, promised, d.apologised_at);
end $$;

-- dossier.next_due(dossier, action, body): the due time a step sets; null: it sets none. An end out of a
-- pause, or of what was never accepted, keeps the time by which it is told whether it came in time.
create function dossier.next_due(d dossier.dossier, p_action text, body jsonb)
returns timestamptz
language plpgsql stable as $$
begin
    case
    when p_action in ('accept', 'supplement_received', 'payment_received')
         or p_action in ('reject', 'stop') and coalesce(d.filed_at, d.accepted_at) is not null
            and (d.due_at is null or d.paused_at is not null) then
        return dossier.reckoned(d, now());
    when p_action = 'apologise' then
        return dossier.checked_due(d, (body ->> 'due_at')::timestamptz);
    else
        return null;
    end case;
end $$;

-- dossier.checked_due(dossier, due): a new date promised by an apology: later, on a working day.
create function dossier.checked_due(d dossier.dossier, p_due timestamptz) returns timestamptz
language plpgsql stable as $$
begin
    if p_due <= d.due_at then
        perform base.wrong_field('/due_at', 'too_small',
            'Ngày hẹn mới phải sau ngày hẹn cũ.', 'The new date must be after the old one.');
    end if;
    if p_due > d.due_at + interval '1 year' then
        perform base.wrong_field('/due_at', 'too_big',
            'Ngày hẹn mới quá xa.', 'The new date is too far away.');
    end if;
    if not postal.is_working_day(d.agency, base.vn_date(p_due)) then
        perform base.wrong_field('/due_at', 'format',
            'Ngày hẹn mới phải là ngày làm việc.', 'The new date must be a working day.');
    end if;
    return p_due;
end $$;

-- --- steps ---------------------------------------------------------------------------------------

-- dossier.check_needs(transition, body): problem invalid-fields naming each member that is missing.
create function dossier.check_needs(t dossier.transition, body jsonb) returns void
language plpgsql stable as $$
declare
    wrong jsonb;
begin
    select jsonb_agg(jsonb_build_object('pointer', '/' || member, 'code', 'required',
               'detail', 'This action needs it.', 'detail_vi', 'Thao tác này cần có.') order by n)
    into wrong
    from dossier.action a cross join unnest(a.needs || t.needs) with ordinality as need(member, n)
    where a.action = t.action and coalesce(body ->> member, '') = '';
    if wrong is not null then
        perform base.problem('invalid-fields', jsonb_build_object('errors', wrong));
    elsif t.action <> 'compensate' and (body ->> 'amount')::bigint < 1 then
        perform base.wrong_field('/amount', 'too_small', 'Số tiền phải lớn hơn 0.', 'An amount is more than 0.');
    end if;
end $$;

-- dossier.originals_here(dossier): the agency, or who received for it, holds originals that must go back; not
-- while they are on their way between the two.
create function dossier.originals_here(d dossier.dossier) returns boolean
language sql stable as $$
    select exists (select from dossier.document x
                   where x.dossier = d.id and x.originals > 0 and x.returned)
       and (d.filed_at is not null or exists (
            select from custody.shipment s
            where s.dossier = d.id and s.leg = 'outward' and s.state = 'delivered'))
       and not exists (
            select from custody.shipment s
            where s.dossier = d.id and s.leg = 'inter_agency' and s.state <> 'delivered')
$$;

-- dossier.delivery_office(dossier): the post office that brings something to the applicant.
create function dossier.delivery_office(d dossier.dossier) returns bigint
language sql stable as $$
    select coalesce(d.result_unit,
        (select c.delivery_office from postal.commune c
         where c.code = coalesce(d.result_commune, d.from_commune)),
        d.office)
$$;

-- dossier.make_leg(dossier, leg, weight_g, actor): the shipment that a step calls for, or null:
-- a result that is fetched or sent on line, or originals that are not there, need none.
-- Writes custody.*.
create function dossier.make_leg(d dossier.dossier, p_leg text, p_weight int, p_actor bigint)
returns text
language plpgsql as $$
begin
    if p_leg = 'supplement' then
        return custody.create_shipment(d.id, p_leg, d.office,
            case when d.accepted_at is null and not exists (
                     select from custody.shipment s where s.dossier = d.id and s.leg = 'inter_agency')
                 then coalesce(d.receiving, d.agency) else d.agency end,
            p_weight, p_actor);
    elsif p_leg = 'inter_agency' then
        return custody.create_shipment(d.id, p_leg, d.office, d.agency, coalesce(p_weight, d.weight_g),
                                       p_actor, d.receiving);
    end if;
    if (p_leg = 'result' and d.result_to_kind in ('address', 'post_office'))
       or (p_leg = 'originals' and dossier.originals_here(d)) then
        return custody.create_shipment(d.id, p_leg, d.office, dossier.delivery_office(d),
                                       coalesce(p_weight, d.weight_g), p_actor,
                                       case when dossier.to_forward(d) then d.receiving end);
    end if;
    return null;
end $$;

-- dossier.take_payment(dossier, body, actor, unit): a clerk took the amount in cash, which is all that is due in these
-- ledgers (null: in all); what its event says of it. Problem invalid-fields, with what is due.
-- Writes money.*.
create function dossier.take_payment(d dossier.dossier, body jsonb, p_actor bigint, p_unit bigint)
returns jsonb
language plpgsql as $$
declare
    v_ledgers text[] := array(select jsonb_array_elements_text(body -> 'ledgers') order by 1);
    v_due bigint := money.due(d.id, nullif(v_ledgers, '{}'));
begin
    if (body ->> 'amount')::bigint <> v_due then
        perform base.wrong_field('/amount', 'choice',
            format('Số phải thu là %s.', base.dong(v_due)), format('The amount due is %s.', base.dong(v_due)));
    end if;
    perform money.pay(d.id, p_actor, p_unit, nullif(v_ledgers, '{}'));
    return case when body ? 'ledgers' then jsonb_build_object('ledgers', v_ledgers) else '{}' end;
end $$;

-- dossier.settle(dossier, action, body, actor, unit): the money side of a step; what its event says of it.
-- Writes money.*.
create function dossier.settle(d dossier.dossier, p_action text, body jsonb, p_actor bigint, p_unit bigint)
returns jsonb
language plpgsql as $$
begin
    if p_action = 'ask_payment' then
        perform money.add_charges(d.id, jsonb_build_array(jsonb_build_object(
            'ledger', 'agency_fee', 'name', coalesce(body ->> 'name', 'Nghĩa vụ tài chính'),
            'amount', body -> 'amount')));
    elsif p_action = 'payment_received' then
        perform money.pay(d.id, p_actor, p_unit, '{agency_fee}');
    elsif p_action = 'take_payment' then
        return dossier.take_payment(d, body, p_actor, p_unit);
    elsif p_action = 'cancel_intake' then
        return money.cancel(d.id);
    elsif p_action = 'claim' then
        return dossier.claim_said(d, body);
    elsif p_action in ('compensate', 'refuse_claim') then
        return dossier.claim_decided(d, p_action, body);
    end if;
    return '{}';
end $$;

-- dossier.end_shipments(dossier, actor, data): its papers go back across the counter, or (data) into
-- another dossier: a step of each shipment that ends it. They are locked. Problem conflict: a scan
-- came just now. Writes custody.*.
create function dossier.end_shipments(d dossier.dossier, p_actor bigint, p_data jsonb default null)
returns void
language plpgsql as $$
declare
    s custody.shipment;
begin
    for s in select * from custody.shipment x where x.dossier = d.id order by x.number loop
        -- (one that committed while we waited for the lock would follow on the end)
        if s.last_at > now() or (custody.internal_scan(s.number, 'cancel', p_actor, d.office, now(),
                                     p_data => p_data, p_signed => d.id)).outcome <> 'recorded' then
            perform base.problem('conflict');
        end if;
    end loop;
end $$;

-- dossier.remark_of(body): what staff wrote with a step, as its event's remark: the reason, why it is
-- asked again, and a line for each paper that a supplement must bring.
create function dossier.remark_of(body jsonb) returns text
language sql immutable as $$
    select nullif(concat_ws(E'\n', body ->> 'reason', body ->> 'again_reason',
        (select string_agg(format('- %s%s%s', i ->> 'name',
                    case when (i ->> 'originals')::int > 0
                         then format(', %s bản chính', i ->> 'originals') end,
                    case when (i ->> 'copies')::int > 0
                         then format(', %s bản sao', i ->> 'copies') end), E'\n' order by n)
         from jsonb_array_elements(body -> 'items') with ordinality as list (i, n))), '')
$$;

-- dossier.list_items(dossier, event, body): the papers that a supplement must bring; without a list,
-- each line of the reason is one. Writes dossier.supplement_item.
create function dossier.list_items(p_dossier uuid, p_event uuid, body jsonb) returns void
language plpgsql as $$
begin
    insert into dossier.supplement_item (dossier, event, line, name, originals, copies)
    select p_dossier, p_event, n, i ->> 'name', coalesce((i ->> 'originals')::int, 0),
           coalesce((i ->> 'copies')::int, 0)
    from jsonb_array_elements(body -> 'items') with ordinality as list (i, n);
    if not found then
        insert into dossier.supplement_item (dossier, event, line, name, originals, copies)
        select p_dossier, p_event, row_number() over (order by n), trim(line), 0, 0
        from regexp_split_to_table(body ->> 'reason', E'\n') with ordinality as list (line, n)
        where trim(line) <> '';
    end if;
end $$;

-- dossier.supplement_here(dossier, event, body): the papers that a supplement brought are of the dossier: those
-- that the step counts (items), else those that were asked for last; what was not counted in sheets is no
-- paper. Reads dossier.supplement_item; writes dossier.document.
create function dossier.supplement_here(d dossier.dossier, p_event uuid, body jsonb) returns void
language sql as $$
    select dossier.write_documents(d.id, list.items, dossier.procedure_body(d.procedure, d.procedure_version), p_event)
    from (select jsonb_agg(jsonb_build_object('name', x.name, 'originals', x.originals, 'copies', x.copies) order by n) as items
          from (select i ->> 'name' as name, coalesce((i ->> 'originals')::int, 0) as originals,
                       coalesce((i ->> 'copies')::int, 0) as copies, n
                from jsonb_array_elements(body -> 'items') with ordinality as told (i, n)
                union all
                select i.name, i.originals, i.copies, i.line
                from dossier.supplement_item i
                where not body ? 'items' and i.dossier = d.id and i.name is not null
                  and i.event = (select l.event from dossier.supplement_item l where l.dossier = d.id
                                 order by l.event desc limit 1)) x
          where x.originals + x.copies > 0) list
    where list.items is not null
$$;

-- dossier.step(dossier, transition, actor, unit, body): takes it. Writes dossier.*, custody.*, money.*.
create function dossier.step(d dossier.dossier, t dossier.transition, p_actor bigint,
                             p_unit bigint, body jsonb) returns void
language plpgsql as $$
declare
    due timestamptz := dossier.next_due(d, t.action, body);
    number text := dossier.make_leg(d, t.makes, (body ->> 'weight_g')::int, p_actor);
    settled jsonb := dossier.settle(d, t.action, body, p_actor, p_unit);
    originals jsonb := dossier.originals_with(d, t.action, number);
    event uuid;
begin
    if t.action = 'cancel_intake' then
        perform dossier.end_shipments(d, p_actor);
    end if;
    event := dossier.record(d.id, t.action, now(), p_actor, p_unit,
        jsonb_strip_nulls(jsonb_build_object('from', d.status,
            'to', coalesce(t.to_status, d.back_to), 'due_at', due, 'number', number,
            'old_due_at', case when due is not null then d.due_at end,
            'amount', body -> 'amount', 'legal_basis', body -> 'legal_basis',
            'originals', originals)) || settled,
        p_remark => dossier.remark_of(body));
    if t.action = 'ask_supplement' then
        perform dossier.list_items(d.id, event, body);
    elsif t.action = 'supplement_received' then
        perform dossier.supplement_here(d, event, body);
    end if;
    if t.action in ('claim', 'compensate', 'refuse_claim') then
        perform dossier.claim_written(d.id, event, p_actor, p_unit);
    elsif t.to_status in (3, 8, 9) then
        perform dossier.end_askings(d.id, p_actor, p_unit);
    end if;
end $$;

-- dossier.changes_since(dossier, version): [{action, name, name_en, at, actor, unit, from, to}] of what
-- happened after the version that somebody saw. Reads custody.event, dossier.action, account.account.
create function dossier.changes_since(d dossier.dossier, p_version int) returns jsonb
language plpgsql stable as $$
begin
    return (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'action', substr(e.kind, 9), 'name', coalesce(a.name, w.vi), 'name_en', coalesce(a.name_en, w.en),
        'at', e.at, 'actor', nullif(c.name, ''), 'unit', u.name, 'from', f.name, 'to', s.name))
        order by (e.data ->> 'version')::int), '[]')
    from custody.event e
    left join dossier.action a on a.action = substr(e.kind, 9)
    left join lateral dossier.kind_word(e.kind) w on a.action is null
    left join account.account c on c.id = e.actor
    left join postal.unit u on u.id = e.unit
    left join dossier.status f on f.code = (e.data ->> 'from')::int
    left join dossier.status s on s.code = (e.data ->> 'to')::int
    where e.subject = d.id::text and e.kind like 'dossier.%'
      and (e.data ->> 'version')::int > p_version);
end $$;

-- dossier.check_version(dossier, version): problem precondition-failed, with `changes`, unless it is as
-- the asker saw it; null: any.
create function dossier.check_version(d dossier.dossier, p_version int) returns void
language plpgsql stable as $$
begin
    if p_version <> d.version then
        perform base.problem('precondition-failed', jsonb_build_object('version', d.version,
            'changes', dossier.changes_since(d, p_version)));
    end if;
end $$;

-- dossier.act(actor, unit, roles, key, action, body, if_match, idempotency key, digest): one step.
-- body: reason?, again_reason?, legal_basis?, items? [{name, originals?, copies?}], due_at?, amount?,
-- ledgers?, name?, weight_g?, number?, cause?. if_match: the version the asker saw, or null.
-- Returns dossier.view() with allowed_actions. Problems not-found, precondition-failed, forbidden,
-- action-not-allowed, invalid-fields, id-reused, in-progress. Writes dossier.*, custody.*, money.*.
create function dossier.act(p_actor bigint, p_unit bigint, p_roles int, p_key text, p_action text,
                            body jsonb, p_if_match int default null, p_idem text default null,
                            p_digest bytea default null) returns jsonb
language plpgsql as $$
declare
    d dossier.dossier;
    t dossier.transition;
    reply jsonb := base.replay(p_actor, p_idem, p_digest);
begin
    if reply is not null then
        return reply;
    end if;
    d := dossier.locate(p_key, p_actor, p_unit, p_roles);
    if p_action = 'cancel_intake' then
        -- A scan or signing locks the shipments before their dossier; so does this.
        perform custody.subject_lock(array(select number from custody.shipment
                                           where dossier = d.id));
    end if;
    select * into d from dossier.dossier where id = d.id for update;
    perform dossier.check_version(d, p_if_match);
    t := dossier.choose(d, p_action, p_actor, p_unit, p_roles);
    perform dossier.check_needs(t, body);
    perform dossier.step(d, t, p_actor, p_unit, body);
    return base.replied(p_actor, p_idem, p_digest,
                        dossier.view_for(d.id, p_actor, p_unit, p_roles));
end $$;

-- --- what the post tells -------------------------------------------------------------------------

-- dossier.filed_then(dossier, at): as though it were filed.
create function dossier.filed_then(d dossier.dossier, p_at timestamptz) returns dossier.dossier
language plpgsql immutable as $$
begin
    d.filed_at := p_at;
    return d;
end $$;

-- dossier.filed(handover, numbers, at): the agency signed for these shipments: the legal filing
-- time of each dossier that came with an outward leg to it, all pieces of it but those that were
-- declared lost (one that went back is waited for); what another agency took by mistake, or whose
-- intake was cancelled, is not filed. A dossier accepted earlier, before the list was known here,
-- gets its due time counted from the filing. Reads custody.handover; writes custody.event,
-- dossier.dossier.
create function dossier.filed(p_handover uuid, p_numbers text[], p_at timestamptz) returns void
language plpgsql as $$
declare
    d dossier.dossier;
begin
    -- Locked first: of two signatures for two pieces of one dossier the later sees both.
    perform from dossier.dossier x
    where x.id in (select s.dossier from custody.shipment s where s.number = any (p_numbers) and s.leg = 'outward')
    order by x.id for update;
    for d in select x.* from dossier.dossier x
             where x.id in (select s.dossier from custody.shipment s
                            where s.number = any (p_numbers) and s.leg = 'outward')
               and x.filed_at is null and x.cancelled_at is null
               and not exists (select from custody.handover h
                               where h.id = p_handover and h.to_id <> x.agency
                                 and h.to_id is distinct from x.receiving)
               and not exists (select from custody.shipment o
                               where o.dossier = x.id and o.leg = 'outward' and o.pieces > 1
                                 and o.state not in ('delivered', 'lost')
                                 and o.number <> all (p_numbers))
             order by x.id for update loop
        perform dossier.record(d.id, 'filed', p_at, null,
            coalesce((select h.to_id from custody.handover h where h.id = p_handover), d.agency),
            jsonb_strip_nulls(jsonb_build_object('handover', p_handover, 'filed_at', p_at,
                'due_at', case when d.accepted_at is not null and d.ended_at is null
                               then dossier.reckoned(dossier.filed_then(d, p_at)) end)));
    end loop;
end $$;

-- dossier.agency_took(list, numbers, actor, at): an agency signed for these: outward legs are filed; what
-- was forwarded between agencies, a supplement, or a result that could not be delivered is told to
-- its dossier, as an event without effect on its status. Writes custody.event, dossier.dossier.
create function dossier.agency_took(h custody.handover, p_numbers text[], p_actor bigint,
                                    p_at timestamptz) returns void
language plpgsql as $$
declare
    v record;
begin
    -- All of them in one order, before any is looked at.
    perform from dossier.dossier x
    where x.id in (select s.dossier from custody.shipment s where s.number = any (p_numbers))
    order by x.id for update;
    perform dossier.filed(h.id, p_numbers, p_at);
    for v in select d.id, d.status, s.number, s.leg
             from custody.shipment s join dossier.dossier d on d.id = s.dossier
             where s.number = any (p_numbers)
               and (s.leg = 'inter_agency' and s.to_unit = h.to_id
                    or s.leg = 'supplement' and s.to_unit = h.to_id and s.state = 'delivered'
                    or s.leg = 'result' and s.from_unit = h.to_id and s.state = 'returned')
             order by d.id, s.number loop
        perform dossier.record(v.id, case v.leg when 'inter_agency' then 'forwarded'
                when 'supplement' then 'supplement_came' else 'result_back' end, p_at, p_actor, h.to_id,
            jsonb_build_object('from', v.status, 'number', v.number, 'handover', h.id));
    end loop;
end $$;

-- dossier.lost(numbers): a person declared these lost; where only they were still waited for, the
-- dossier was filed with the last signature for one of its pieces. Reads custody.handover; writes as
-- dossier.filed.
create function dossier.lost(p_numbers text[]) returns void
language plpgsql as $$
declare
    h record;
begin
    for h in select distinct on (d.id) d.id, l.id as list, l.signed_at
             from custody.shipment s
             join dossier.dossier d on d.id = s.dossier and d.filed_at is null
             join custody.shipment o on o.dossier = d.id and o.leg = 'outward' and o.number <> s.number
             join custody.handover_item i on i.number = o.number
                  and i.finding in ('present', 'damaged', 'surplus')
             join custody.handover l on l.id = i.handover and l.state = 'signed'
                  and l.to_kind = 'unit' and l.to_id in (d.agency, d.receiving)
             where s.number = any (p_numbers) and s.leg = 'outward' and s.pieces > 1
             order by d.id, l.signed_at desc loop
        perform dossier.filed(h.list, p_numbers, h.signed_at);
    end loop;
end $$;

-- dossier.delivered(numbers, at): proof of delivery of these shipments; a dossier whose result has
-- wholly arrived is done (9 -> 10). Other legs change no status. Writes custody.event, dossier.*.
create function dossier.delivered(p_numbers text[], p_at timestamptz) returns void
language plpgsql as $$
declare
    d dossier.dossier;
begin
    -- Locked first: of two deliveries at once the later one sees both.
    perform from dossier.dossier x
    where x.id in (select s.dossier from custody.shipment s
                   where s.number = any (p_numbers) and s.leg = 'result')
    order by x.id for update;
    for d in select x.* from dossier.dossier x
             where x.id in (select s.dossier from custody.shipment s
                            where s.number = any (p_numbers) and s.leg = 'result')
               and x.status = 9
               and not exists (select from custody.shipment o
                               where o.dossier = x.id and o.leg = 'result'
                                 and o.state not in ('delivered', 'returned', 'lost')
                                 and o.number <> all (p_numbers))
             order by x.id for update loop
        perform dossier.record(d.id, 'result_returned', p_at, null, null, '{"from": 9, "to": 10}');
    end loop;
end $$;

-- dossier.undelivered(numbers, at): the delivery of these was taken back (10 -> 9).
-- Writes custody.event, dossier.*.
create function dossier.undelivered(p_numbers text[], p_at timestamptz) returns void
language plpgsql as $$
declare
    d dossier.dossier;
begin
    for d in select x.* from dossier.dossier x
             where x.id in (select s.dossier from custody.shipment s
                            where s.number = any (p_numbers) and s.leg = 'result')
               and x.status = 10
             order by x.id for update loop
        perform dossier.record(d.id, 'delivery_taken_back', p_at, null, null,
                               '{"from": 10, "to": 9}');
    end loop;
end $$;
