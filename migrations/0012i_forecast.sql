-- When a leg will be over, told from how long whole legs (0012e_legs.sql) took before.
--
-- Days are whole working days of the destination, counted from the day the post could forward the
-- papers (after 15:00: the next working morning). What is kept of a lane (origin, destination, how it
-- ends) is how many legs took 0, 1, 2 … days: with it a forecast needs one look into one row, also of a
-- leg that is under way for some days: those that took less are left out.
--
-- The day by which half (nine tenths) have come is hardly ever a whole day: perhaps 40 % come by the
-- second day and 70 % by the third. Told the third, far more than half would have it. So some are told
-- the second and some the third day, in the share that makes it half of all, 1 in 3 and 2 in 3 here;
-- which it is depends on the dossier alone (a hash of its id), so that what somebody was told stays.
-- A day on which nothing ever came is not told. Of n legs the share is taken of n + 1, the next one
-- being one more of them; so it holds from 20 legs as from 1,000.
--
-- From fewer than search_rule.least_samples legs: the J+n target (postal.transit), one day for both.

-- An edited calendar counts the days of legs anew.
create function custody.legs_anew() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    if current_setting('dossierpost.preview', true) = 'on' then
        return null;
    end if;
    update custody.leg_lane set reckoned_at = '-infinity', dirty_at = now() where samples > 0;
    return null;
end $$;
create trigger legs_anew after insert or update or delete on postal.calendar_day
    for each statement execute function custody.legs_anew();
create trigger legs_anew after insert or update or delete on postal.office_time
    for each statement execute function custody.legs_anew();

-- custody.lane_took(lane, rule, today): the lane with how many of its latest legs took how many days, by
-- the calendar of its destination as it is now; 60: that long or longer. Reads custody.leg_taken, postal.*.
create function custody.lane_took(l custody.leg_lane, r custody.search_rule, p_today date)
returns custody.leg_lane
language plpgsql stable as $$
begin
    with legs as materialized (
        select k.began_on, k.ended_on from custody.leg_taken k
        where k.from_unit = l.from_unit and k.to_unit = l.to_unit and k.ends = l.ends
          and k.ended_on > p_today - r.leg_days
        order by k.ended_on desc limit r.most),
    calendar as materialized (
        select c.day, c.works, sum(c.works::int) over (order by c.day) as n
        from (select g::date as day, postal.is_working_day(l.to_unit, g::date) as works
              from (select min(began_on) as first, max(ended_on) as last from legs) b
              cross join lateral generate_series(b.first, b.last, interval '1 day') g) c),
    took as (
        -- What came on a day off came by the next working day.
        select least(case when k.ended_on > k.began_on
                          then e.n - b.n + (not e.works)::int else 0 end, 60)::int as days
        from legs k
        join calendar b on b.day = k.began_on
        join calendar e on e.day = k.ended_on),
    counted as (select t.days, count(*)::int as n from took t group by t.days)
    select coalesce(sum(x.n), 0), coalesce(array_agg(coalesce(x.n, 0) order by g.days), '{}')
    into l.samples, l.took
    from generate_series(0, (select max(c.days) from counted c)) as g (days)
    left join counted x on x.days = g.days;
    return l;
end $$;

-- custody.reckon_legs(most, now): the lanes that have a leg more or less, unless it was done within ten
-- minutes. Writes custody.leg_lane.
create function custody.reckon_legs(p_most int, p_now timestamptz default now()) returns void
language plpgsql set enable_seqscan = off set jit = off as $$
declare
    v_lanes custody.leg_lane[];
begin
    if not custody.searching() then
        return;
    end if;
    v_lanes := array(
        select custody.lane_took(d.lane, r, base.vn_date(p_now))
        from (select x as lane from custody.leg_lane x
              where x.dirty_at is not null and x.reckoned_at <= p_now - interval '10 minutes'
              order by x.dirty_at limit p_most) d, custody.search_rule r);
    update custody.leg_lane l set samples = n.samples, took = n.took, reckoned_at = p_now,
                                  dirty_at = null
    from unnest(v_lanes) as n
    where l.from_unit = n.from_unit and l.to_unit = n.to_unit and l.ends = n.ends;
end $$;

-- custody.drop_legs(most, now): none counts that long. Writes custody.leg_taken.
create function custody.drop_legs(p_most int, p_now timestamptz default now()) returns void
language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
    if custody.searching() then
        delete from custody.leg_taken k using (
            select o.number from custody.leg_taken o
            where o.ended_on < base.vn_date(p_now) - 400 order by o.ended_on limit p_most) o
        where k.number = o.number;
    end if;
end $$;

-- --- when the next one will be there -------------------------------------------------------------

-- custody.dither(key): 0 ≤ u < 1, always the same for one key, evenly over many.
create function custody.dither(p_key text) returns double precision
language sql immutable parallel safe as $$
    select ('x' || left(md5(p_key), 8))::bit(32)::bigint / 4294967296.0
$$;

-- custody.leg_days(unit, from, to): the least n of which add_working_days(unit, from, n) is not before
-- the other day; 0 when that is not later. Reads postal.*.
create function custody.leg_days(p_unit bigint, p_from date, p_to date) returns int
language plpgsql stable as $$
begin
    return case when p_to > p_from then postal.working_days(p_unit, p_from, p_to - 1) + 1 else 0 end;
end $$;

-- A number of days, and the u (see custody.dither) from which on it is one less; null: for none.
create type custody.told_day as (days int, turn double precision);

-- custody.told_day(took, elapsed, passed, share): how many days after the first on which a leg may
-- still come (elapsed) that share of such is over; passed: how much of that first day is, 0..1. Where
-- fewer than 20 lasted so long, what is left is as after the last day of which there are 20.
create function custody.told_day(p_took int[], p_elapsed int, p_passed double precision,
                                 p_share double precision) returns custody.told_day
language plpgsql immutable as $$
declare
    v_last int := cardinality(p_took) - 1;
    v_from int := v_last + 1; -- from this day on the lane tells what is left
    v_legs double precision := 0;
    v_some double precision := 0;
    v_day int;
    v_rank double precision;
    v_here double precision;
begin
    while v_from > 0 and (v_from > p_elapsed or v_legs < 20) loop
        v_from := v_from - 1;
        v_legs := v_legs + p_took[v_from + 1];
    end loop;
    v_legs := v_legs - p_passed * p_took[v_from + 1];
    v_rank := least(p_share * (v_legs + 1), v_legs);
    for v_day in v_from .. v_last loop
        v_here := p_took[v_day + 1] * case when v_day = v_from then 1 - p_passed else 1 end;
        if v_some + v_here >= v_rank and v_here > 0 then
            return (v_day - v_from, case when v_some > 0 then (v_rank - v_some) / v_here end)::custody.told_day;
        end if;
        v_some := v_some + v_here;
    end loop;
    return (v_last - v_from, null)::custody.told_day; -- where sums of fractions fall short of the rank
end $$;

-- custody.told_days(took, elapsed, passed, share, u): of the leg of that u.
create function custody.told_days(p_took int[], p_elapsed int, p_passed double precision,
                                  p_share double precision, p_u double precision) returns int
language plpgsql immutable as $$
declare
    t custody.told_day := custody.told_day(p_took, p_elapsed, p_passed, p_share);
begin
    return t.days - coalesce(p_u >= t.turn, false)::int;
end $$;

-- custody.day_passed(unit, since, now): how much of today's hours there is over, 0..1, of a leg that
-- began then: today, only what is left of the day from then on counts. Reads postal.unit.
create function custody.day_passed(p_unit bigint, p_since timestamptz, p_now timestamptz)
returns double precision
language plpgsql stable as $$
declare
    v_hours postal.office_time := postal.hours_on(p_unit, base.vn_date(p_now));
    v_opens time := v_hours.opens;
    v_closes time := v_hours.closes;
    v_time time := base.vn_time(p_now);
begin
    if base.vn_date(p_since) = base.vn_date(p_now) then
        v_opens := greatest(v_opens, base.vn_time(p_since));
    end if;
    return case when v_time >= v_closes then 1 when v_time <= v_opens then 0
                else extract(epoch from v_time - v_opens) / extract(epoch from v_closes - v_opens) end;
end $$;

-- custody.leg_target(from, to): its J+n target in working days; the longest there is where the way is
-- not known. Reads postal.*.
create function custody.leg_target(p_from bigint, p_to bigint) returns int
language plpgsql stable as $$
declare
    n int;
begin
    select postal.transit_days(f.commune_code, t.commune_code, false) into n
    from postal.unit f, postal.unit t where f.id = p_from and t.id = p_to;
    return coalesce(n, (select max(r.days) from postal.transit r));
end $$;

-- The days by which half and nine tenths are over. basis: lane or j+n.
create type custody.leg_outlook as (by_50 date, by_90 date, basis text);

-- What a forecast is made from: a leg may still come on next, elapsed working days after the first; passed: how
-- much of that day is over; took: of its lane, null where too few are known.
create type custody.leg_base as (next date, elapsed int, passed double precision, took int[]);

-- custody.leg_base(from, to, ends, began, now): of a leg that began then and is not over now; never before
-- today, nor today once the destination has closed. from null: a way of which nothing is known.
-- Reads custody.leg_lane, custody.search_rule, postal.*.
create function custody.leg_base(p_from bigint, p_to bigint, p_ends text, p_began timestamptz, p_now timestamptz)
returns custody.leg_base
language plpgsql stable as $$
declare
    v_first date := postal.forwarded_on(p_from, p_began);
    b custody.leg_base;
begin
    b.next := greatest(base.vn_date(p_now), v_first);
    b.passed := 0;
    if b.next = base.vn_date(p_now) and postal.is_working_day(p_to, b.next) then
        b.passed := custody.day_passed(p_to, p_began, p_now);
    end if;
    b.next := postal.add_working_days(p_to, b.next, (b.passed >= 1)::int);
    b.passed := case when b.passed < 1 then b.passed else 0 end;
    b.elapsed := custody.leg_days(p_to, v_first, b.next);
    select l.took into b.took from custody.leg_lane l, custody.search_rule r
    where l.from_unit = p_from and l.to_unit = p_to and l.ends = p_ends
      and l.samples >= r.least_samples;
    return b;
end $$;

-- custody.leg_forecast(from, to, ends, began, now, u): of such legs as began then and are not over now.
-- u: see custody.dither. Reads as custody.leg_base.
create function custody.leg_forecast(p_from bigint, p_to bigint, p_ends text, p_began timestamptz,
                                     p_now timestamptz, p_u double precision)
returns custody.leg_outlook
language plpgsql stable as $$
declare
    b custody.leg_base := custody.leg_base(p_from, p_to, p_ends, p_began, p_now);
    v_half int;
    v_most int;
    f custody.leg_outlook;
begin
    if b.took is not null then
        f.basis := 'lane';
        v_half := custody.told_days(b.took, b.elapsed, b.passed, 0.5, p_u);
        v_most := custody.told_days(b.took, b.elapsed, b.passed, 0.9, p_u);
    else
        f.basis := 'j+n';
        v_half := greatest(custody.leg_target(p_from, p_to) - b.elapsed, 0);
        v_most := v_half;
    end if;
    f.by_50 := postal.add_working_days(p_to, b.next, v_half);
    f.by_90 := case when v_most = v_half then f.by_50
                    else postal.add_working_days(p_to, f.by_50, v_most - v_half) end;
    return f;
end $$;

-- custody.lane_days(from, to, ends, now): what leg_forecast tells of the legs of a lane: of one that begins now half
-- are over by late, or of u from turn on by early; most: no leg under way is told a later day than that.
create function custody.lane_days(p_from bigint, p_to bigint, p_ends text, p_now timestamptz,
    out early date, out late date, out turn double precision, out most date)
language plpgsql stable as $$
declare
    b custody.leg_base := custody.leg_base(p_from, p_to, p_ends, p_now, p_now);
    v_half int;
    v_longest int;
begin
    if b.took is null then
        v_half := greatest(custody.leg_target(p_from, p_to) - b.elapsed, 0);
        v_longest := custody.leg_target(p_from, p_to);
    else
        select (t).days, (t).turn into v_half, turn from custody.told_day(b.took, b.elapsed, b.passed, 0.5) t;
        select max((custody.told_day(b.took, n, 0, 0.5)).days) into v_longest
        from generate_series(0, cardinality(b.took) - 1) n;
    end if;
    late := postal.add_working_days(p_to, b.next, v_half);
    early := postal.add_working_days(p_to, b.next, v_half - (turn is not null)::int);
    -- (what is over of a day may add one to it)
    most := postal.add_working_days(p_to, greatest(b.next, base.vn_date(p_now) + 1), v_longest + 1);
end $$;
