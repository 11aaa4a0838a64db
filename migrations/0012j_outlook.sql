-- What a dossier may still take, and what it took: the expected day of what is awaited next, both clocks,
-- and whether staff should be warned. How legs are forecast: 0012i_forecast.sql. (One plan for all: to
-- plan anew for each dossier costs more than the look.)

-- A shipment of a dossier, and what its scans say.
create type dossier.told_leg as (shipment custody.shipment, times custody.leg_times);

-- dossier.told_legs(dossier): all of them, the latest last; the state of one in a bag is as the bag has it.
-- Reads custody.shipment, custody.event, container.closure.
create function dossier.told_legs(d dossier.dossier) returns dossier.told_leg[]
language plpgsql stable as $$
declare
    s custody.shipment;
    v_legs dossier.told_leg[] := '{}';
begin
    for s in select * from custody.shipment x where x.dossier = d.id order by x.created_at, x.number loop
        if s.closure is not null then
            s.state := (select now.state from custody.resolved(s.number) now);
        end if;
        v_legs := v_legs || row(s, custody.leg_times(s, custody.leg_ends(s.leg, d.result_to_kind)))::dossier.told_leg;
    end loop;
    return v_legs;
end $$;

-- dossier.awaited_leg(dossier, legs): the one in the post that is waited for now, of pieces the one that
-- is least far; null when there is none. Reads custody.state.
create function dossier.awaited_leg(d dossier.dossier, p_legs dossier.told_leg[])
returns dossier.told_leg
language plpgsql stable as $$
declare
    v_leg text := case when d.status = 1 and d.filed_at is null then 'outward'
                       when d.status = 5 then 'supplement' when d.status = 9 then 'result'
                       when d.status in (3, 8) then 'originals' end;
    l dossier.told_leg;
    v_found dossier.told_leg;
    v_pos int;
    v_least int;
begin
    foreach l in array p_legs loop
        continue when (l.shipment).leg is distinct from v_leg;
        if (l.shipment).pieces > 1 then
            select st.pos into v_pos from custody.state st
            where st.what = 's' and st.code = (l.shipment).state;
            continue when v_pos > v_least;
            v_least := v_pos;
        end if;
        v_found := l;
    end loop;
    return v_found;
end $$;

-- dossier.expected_json(leg, outlook): {leg, by_50, by_90, basis}.
create function dossier.expected_json(p_leg text, f custody.leg_outlook) returns jsonb
language sql immutable as $$
    select jsonb_build_object('leg', p_leg, 'by_50', f.by_50, 'by_90', f.by_90, 'basis', f.basis)
$$;

-- dossier.comes_again(number): whether its last delivery that failed is followed by another visit.
-- Reads as custody.delivery_steps.
create function dossier.comes_again(p_number text) returns boolean
language plpgsql stable as $$
begin
    return coalesce((
        select f.next_action = 'retry' from unnest(custody.delivery_steps(p_number)) f
        where f.kind = 'fail' order by f.at desc, f.id desc limit 1), false);
end $$;

-- dossier.leg_expected(dossier, leg, now): its forecast; null when it is over, going back, lost, lies
-- ready for its people to fetch it, or nobody comes again after a delivery that failed. Sent elsewhere:
-- the longest J+n target from then on. Reads as custody.leg_forecast, dossier.comes_again.
create function dossier.leg_expected(d dossier.dossier, l dossier.told_leg, p_now timestamptz)
returns jsonb
language plpgsql stable as $$
declare
    s custody.shipment := l.shipment;
    t custody.leg_times := l.times;
    v_ends text := custody.leg_ends(s.leg, d.result_to_kind);
begin
    if s.number is null or s.going_back or s.state in ('delivered', 'returned', 'lost', 'seized')
       or s.state = 'held' and s.leg in ('result', 'originals')
       or v_ends = 'at_office' and t.reached is not null
       or s.state = 'delivery_failed' and not dossier.comes_again(s.number) then
        return null;
    end if;
    return dossier.expected_json(s.leg, custody.leg_forecast(
        case when t.redirected is null then s.from_unit end, s.to_unit, v_ends,
        coalesce(t.redirected, t.began, p_now), p_now, custody.dither(d.id::text)));
end $$;

-- dossier.result_expected(dossier, ready, now): when the result comes if it is ready then; null where it
-- is not carried to anybody. Reads as custody.leg_forecast.
create function dossier.result_expected(d dossier.dossier, p_ready timestamptz, p_now timestamptz)
returns custody.leg_outlook
language plpgsql stable as $$
begin
    if d.result_to_kind in ('address', 'post_office') then
        return custody.leg_forecast(d.agency, dossier.delivery_office(d),
                                    custody.leg_ends('result', d.result_to_kind), p_ready, p_now,
                                    custody.dither(d.id::text));
    end if;
    return null;
end $$;

-- dossier.expected_at(dossier, legs, now): the days by which half, and nine tenths, of what is awaited
-- next are there: {leg, by_50, by_90, basis}; null where nothing is, or nothing can be said. A leg that
-- is under way; while the agency works, the result: from its due date, or from now when that is past.
-- Reads custody.leg_lane, postal.*.
create function dossier.expected_at(d dossier.dossier, p_legs dossier.told_leg[], p_now timestamptz)
returns jsonb
language plpgsql stable as $$
declare
    f custody.leg_outlook;
begin
    if d.status not in (2, 4) then
        return dossier.leg_expected(d, dossier.awaited_leg(d, p_legs), p_now);
    elsif d.due_at is null or d.paused_at is not null then
        return null;
    end if;
    f := dossier.result_expected(d, greatest(d.due_at, p_now), p_now);
    return case when f.basis is not null then dossier.expected_json('result', f) end;
end $$;

-- --- both clocks ---------------------------------------------------------------------------------

-- dossier.span(began, ended): null: it lasts; what ended before it began is none.
create function dossier.span(p_began timestamptz, p_ended timestamptz) returns tstzrange
language sql immutable parallel safe as $$
    select tstzrange(p_began, case when p_ended is not null then greatest(p_began, p_ended) end)
$$;

-- dossier.days_of(unit, times): how many working days of the unit lie in them; of each span the first
-- day is left out, so that spans which follow each other add up to the whole. Reads postal.*.
create function dossier.days_of(p_unit bigint, p_times tstzmultirange) returns int
language plpgsql stable as $$
begin
    if isempty(p_times) then
        return 0;
    end if;
    return (
        select sum(postal.working_days(p_unit, base.vn_date(lower(span)), base.vn_date(upper(span))))
        from unnest(p_times) as span);
end $$;

-- dossier.days_at(dossier, legs, now): working days, by the agency's calendar, so far: {agency: on its
-- clock, which stands still in a pause; post: a leg under way; waiting: for the applicant, in a pause
-- without anything in the post, or while something lies ready to be fetched}.
-- Reads dossier.pause, postal.*.
create function dossier.days_at(d dossier.dossier, p_legs dossier.told_leg[], p_now timestamptz)
returns jsonb
language plpgsql stable as $$
declare
    v_so_far constant tstzmultirange := tstzmultirange(tstzrange(null, p_now));
    v_began timestamptz := coalesce(d.filed_at, d.accepted_at);
    v_agency tstzmultirange := '{}';
    v_post tstzmultirange := '{}';
    v_ready tstzmultirange := '{}';
    v_pauses tstzmultirange := v_so_far * coalesce((
        select range_agg(tstzrange(p.began, coalesce(p.ended, d.ended_at)))
        from dossier.pause p where p.dossier = d.id), '{}');
    l dossier.told_leg;
begin
    foreach l in array p_legs loop
        if (l.times).began is not null then
            v_post := v_post + tstzmultirange(dossier.span((l.times).began, (l.times).ended));
        end if;
        v_ready := v_ready + coalesce((l.times).waits, '{}');
    end loop;
    v_ready := v_ready * v_so_far;
    v_post := v_post * v_so_far - v_ready;
    if v_began is not null then
        v_agency := tstzmultirange(dossier.span(v_began, d.ended_at)) * v_so_far - v_pauses - v_post;
    end if;
    return jsonb_build_object(
        'agency', dossier.days_of(d.agency, v_agency), 'post', dossier.days_of(d.agency, v_post),
        'waiting', dossier.days_of(d.agency, v_pauses + v_ready - v_post));
end $$;

-- dossier.outlook_at(dossier, now): {expected, days} as of then; dossier.outlook: as of now; with one
-- reading of its scans. dossier.staff_outlook: with how the post stands to its targets.
create function dossier.outlook_at(d dossier.dossier, p_now timestamptz) returns jsonb
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
declare
    v_legs dossier.told_leg[] := dossier.told_legs(d);
begin
    return jsonb_build_object('expected', dossier.expected_at(d, v_legs, p_now),
                              'days', dossier.days_at(d, v_legs, p_now));
end $$;

create function dossier.outlook(d dossier.dossier) returns jsonb
language plpgsql stable as $$
begin
    return dossier.outlook_at(d, now());
end $$;

create function dossier.staff_outlook(d dossier.dossier) returns jsonb
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
declare
    v_legs dossier.told_leg[] := dossier.told_legs(d);
begin
    return jsonb_build_object('expected', dossier.expected_at(d, v_legs, now()),
                              'days', dossier.days_at(d, v_legs, now()),
                              'post', dossier.post_timing_at(v_legs, d.result_to_kind, now()));
end $$;

-- --- a warning for staff -------------------------------------------------------------------------

-- dossier.late_at(dossier, now): whether its result is rather expected after the due day than by then:
-- on its way, by the day of which half have come; at the agency, by the same day if it were ready now,
-- so that the warning comes as late as something can still be done, and at the due time at last. By the
-- half and not by nine tenths: one that is wrong more often than right is soon read over.
-- Reads as dossier.expected_at.
create function dossier.late_at(d dossier.dossier, p_now timestamptz) returns boolean
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
declare
    v_due date := base.vn_date(d.due_at);
begin
    if v_due is null or d.paused_at is not null or d.status not in (2, 4, 9)
       or v_due > base.vn_date(p_now) + 30 then -- no lane takes so long
        return false;
    elsif d.status = 9 then
        return coalesce((dossier.expected_at(d, dossier.told_legs(d), p_now) ->> 'by_50')::date > v_due, false);
    end if;
    return p_now > d.due_at
        or coalesce((dossier.result_expected(d, p_now, p_now)).by_50 > v_due, false);
end $$;

-- dossier.late(dossier): as of now.
create function dossier.late(d dossier.dossier) returns boolean
language plpgsql stable as $$
begin
    return dossier.late_at(d, now());
end $$;

-- dossier.late_candidates(condition): the statement that gives {created_at, id, sure} of what may be late among the
-- dossiers d of which the condition holds, newest first. Those at an agency are settled by their lane, which is
-- looked at once: sure. A result in the post may be late when it is due by the longest that any leg of its
-- lane may still take. (That it has reached its office is kept a moment after the scan.)
create function dossier.late_candidates(p_condition text) returns text
language sql immutable as $$
    select format($q$
        with open as materialized (
            select d.id, d.created_at, d.status, d.agency, d.due_at, custody.leg_ends('result', d.result_to_kind) as ends,
                   case when d.status = 9 then null when d.result_to_kind in ('address', 'post_office')
                        then coalesce(d.result_unit, c.delivery_office, d.office) end as unit -- dossier.delivery_office
            from dossier.dossier d
            left join postal.commune c on c.code = coalesce(d.result_commune, d.from_commune)
            where (%s) and d.status in (2, 4, 9) and d.paused_at is null
              and d.due_at < (base.vn_date(now()) + 31)::timestamp at time zone 'Asia/Ho_Chi_Minh'),
        post as materialized (
            select o.id, o.created_at, o.due_at, o.ends, s.from_unit, s.to_unit, s.redirected
            from open o join custody.shipment s on s.dossier = o.id
            where o.status = 9 and s.leg = 'result' and not s.going_back
              and s.state not in ('delivered', 'returned', 'lost', 'seized', 'held')
              and not exists (select from custody.leg_taken k where k.number = s.number)),
        lane as materialized (
            select l.from_unit, l.to_unit, l.ends, n.turn,
                   n.early::timestamp at time zone 'Asia/Ho_Chi_Minh' as early, -- the days begin
                   n.late::timestamp at time zone 'Asia/Ho_Chi_Minh' as late,
                   n.most::timestamp at time zone 'Asia/Ho_Chi_Minh' as most
            from (select o.agency as from_unit, o.unit as to_unit, o.ends from open o where o.unit is not null
                  union select p.from_unit, p.to_unit, p.ends from post p) l
            cross join lateral custody.lane_days(l.from_unit, l.to_unit, l.ends, now()) n)
        select o.created_at, o.id, true as sure
        from open o left join lane l on l.from_unit = o.agency and l.to_unit = o.unit and l.ends = o.ends
        where o.status <> 9 and (o.due_at < now() or o.due_at < l.early
                                 or o.due_at < l.late and custody.dither(o.id::text) < l.turn)
        union all
        select distinct p.created_at, p.id, false
        from post p join lane l on l.from_unit = p.from_unit and l.to_unit = p.to_unit and l.ends = p.ends
        where p.due_at < l.most or p.redirected
        order by created_at desc, id desc$q$, p_condition)
$$;

-- dossier.late_first(condition, most): {created_at, id} of the late ones among the dossiers d of which the
-- condition holds, newest first, so many; of the candidates that are not sure one after the other is
-- asked until there are so many. Reads dossier.dossier, custody.shipment, custody.leg_taken, and as dossier.late.
create function dossier.late_first(p_condition text, p_most int)
returns table (created_at timestamptz, id uuid)
language plpgsql stable rows 51 set jit = off set work_mem = '16MB' set enable_mergejoin = off as $$
declare
    c record;
    v_left int := p_most;
begin
    for c in execute dossier.late_candidates(p_condition) loop
        exit when v_left = 0;
        if c.sure or dossier.late((select d from dossier.dossier d where d.id = c.id)) then
            created_at := c.created_at;
            id := c.id;
            return next;
            v_left := v_left - 1;
        end if;
    end loop;
end $$;
