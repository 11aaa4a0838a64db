-- The clock of a dossier: its due time, by the calendar as it is now.

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
