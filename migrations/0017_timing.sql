-- On time, early, late: said here once, of the agency's clock and of the post's, which are told apart.

-- dossier.timing_of(due, ended, paused, cancelled, supplements, now): how the agency stands to what it
-- promised. Null: nothing was promised yet, or the intake was a mistake. late: its end (the first entry
-- into 9, else 8 or 3), or while it has none the time its clock has come to, is past the due time; and
-- whatever was supplemented more than once. Ended otherwise: early strictly before the due time, on_time
-- at it; both are in time. Else open. A pause is not the agency's: what stopped before the due time is
-- not late while it lasts.
create function dossier.timing_of(p_due timestamptz, p_ended timestamptz, p_paused timestamptz,
                                  p_cancelled timestamptz, p_supplements int, p_now timestamptz) returns text
language sql immutable parallel safe as $$
    select case
        when p_due is null or p_cancelled is not null then null
        when p_supplements > 1 or coalesce(p_ended, p_paused, p_now) > p_due then 'late'
        when p_ended is null then 'open'
        when p_ended < p_due then 'early'
        else 'on_time' end
$$;

-- dossier.timing_at(dossier, now): of a dossier.
create function dossier.timing_at(d dossier.dossier, p_now timestamptz) returns text
language sql immutable parallel safe as $$
    select dossier.timing_of(d.due_at, d.ended_at, d.paused_at, d.cancelled_at, d.supplements, p_now)
$$;

-- dossier.timing(dossier): as of now.
create function dossier.timing(d dossier.dossier) returns text
language sql stable as $$
    select dossier.timing_at(d, now())
$$;

-- dossier.timing_where(timing): the condition of a list, over the alias d.
create function dossier.timing_where(p_timing text) returns text
language sql immutable as $$
    select format('d.due_at is not null and dossier.timing_at(d, now()) = %L', p_timing)
$$;

-- custody.leg_due(shipment, times): the day by which the post should have carried it: J+n working days
-- of its destination after the day on which it could be forwarded (after 15:00: the next working
-- morning); null: the post does not have it yet, or its way is not known. Reads postal.*.
create function custody.leg_due(s custody.shipment, t custody.leg_times) returns date
language plpgsql stable as $$
begin
    if t.began is null or s.from_unit is null or s.to_unit is null then
        return null;
    end if;
    return postal.add_working_days(s.to_unit, postal.forwarded_on(s.from_unit, t.began),
                                   custody.leg_target(s.from_unit, s.to_unit));
end $$;

-- custody.leg_timing(due, end, now): early, on_time, late or open, by days, as the target is one of days.
create function custody.leg_timing(p_due date, p_ended timestamptz, p_now timestamptz) returns text
language sql immutable parallel safe as $$
    select case
        when p_due is null then null
        when base.vn_date(coalesce(p_ended, p_now)) > p_due then 'late'
        when p_ended is null then 'open'
        when base.vn_date(p_ended) < p_due then 'early'
        else 'on_time' end
$$;

-- dossier.post_timing_at(legs, result_to_kind, now): how the post stands to its targets -> [{number, leg,
-- began, due_on, ended?, timing}], a leg that it has had each. Of a leg that is fetched at an office the
-- end is when it lay ready there. Reads postal.*.
create function dossier.post_timing_at(p_legs dossier.told_leg[], p_result_to text, p_now timestamptz)
returns jsonb
language plpgsql stable as $$
begin
    return (
        select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'number', l.number, 'leg', l.leg, 'began', l.began, 'due_on', l.due, 'ended', l.over,
            'timing', custody.leg_timing(l.due, l.over, p_now))) order by l.began, l.number), '[]')
        from (select (x.shipment).number, (x.shipment).leg, (x.times).began,
                     custody.leg_due(x.shipment, x.times) as due,
                     case custody.leg_ends((x.shipment).leg, p_result_to)
                         when 'at_office' then coalesce((x.times).reached, (x.times).ended)
                         else (x.times).ended end as over
              from unnest(p_legs) x) l
        where l.began is not null and l.due is not null);
end $$;

-- dossier.timing_json(dossier, legs, now): {timing, post: [...]}: both clocks apart.
create function dossier.timing_json(d dossier.dossier, p_legs dossier.told_leg[], p_now timestamptz)
returns jsonb
language sql stable as $$
    select jsonb_build_object('timing', dossier.timing_at(d, p_now),
                              'post', dossier.post_timing_at(p_legs, d.result_to_kind, p_now))
$$;
