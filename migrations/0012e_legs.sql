-- Whole legs: from acceptance by the post (EMA) to delivery (EMI), or to the office where the applicant
-- fetches it. What is over is kept, behind the scans, for forecasts (0012i_forecast.sql) to learn from.

-- Whole legs that are over. began_on: the day from which days count. ends: see custody.leg_ends.
create table custody.leg_taken (
    number text collate "C" primary key,
    from_unit bigint not null,
    to_unit bigint not null,
    ends text not null check (ends in ('delivered', 'at_office')),
    began_on date not null,
    ended_on date not null
);
create index leg_taken_lane on custody.leg_taken (from_unit, to_unit, ends, ended_on);
create index leg_taken_ended on custody.leg_taken (ended_on);
select base.grant_service('delete', 'custody.leg_taken');

-- took[n + 1]: how many of the latest legs took n working days. dirty_at: one came or went since.
create table custody.leg_lane (
    from_unit bigint not null,
    to_unit bigint not null,
    ends text not null check (ends in ('delivered', 'at_office')),
    samples int not null default 0,
    took int[] not null default '{}',
    reckoned_at timestamptz not null default '-infinity',
    dirty_at timestamptz,
    primary key (from_unit, to_unit, ends)
);
create index leg_lane_dirty on custody.leg_lane (dirty_at) where dirty_at is not null;

-- custody.leg_ends(leg, result_to_kind): where the post's part ends. A result, or originals, that the
-- applicant fetches at an office: when it is there (at_office); all else: delivered.
create function custody.leg_ends(p_leg text, p_result_to_kind text) returns text
language sql immutable parallel safe as $$
    select case when p_leg in ('result', 'originals') and p_result_to_kind = 'post_office'
                then 'at_office' else 'delivered' end
$$;

-- What a leg's own scans say of it. began: accepted by the post; reached: seen at its destination;
-- ended: it moves no more; redirected: last sent elsewhere; waits: when it lay ready to be fetched.
create type custody.leg_times as (
    began timestamptz, reached timestamptz, ended timestamptz, redirected timestamptz,
    waits tstzmultirange);

-- custody.leg_times(shipment, ends): without what was taken back or had no effect at receipt.
-- Reads custody.event once, custody.oddity.
create function custody.leg_times(s custody.shipment, p_ends text) returns custody.leg_times
language plpgsql stable as $$
declare
    t custody.leg_times;
begin
    with told as (
        select e.id, e.kind, e.at, e.device, e.device_seq, e.unit, e.warnings,
               bool_or(e.kind in ('undo', 'reverse') and e.outcome = 'recorded') over w as taken_back,
               bool_or(e.kind = 'confirm') over w as confirmed
        from custody.event e
        where e.subject = s.number and e.kind not in ('create', 'count', 'damage', 'finding', 'resolve',
                                                      'correct', 'hand_over', 'repack')
        window w as (partition by case when e.kind in ('undo', 'reverse', 'confirm')
                                       then e.refers else e.id end)),
    stepped as (
        select x.kind, x.at, x.unit,
               lead(x.at) over (order by x.at, x.device, x.device_seq, x.id) as next_at
        from told x
        where x.kind not in ('undo', 'reverse', 'confirm', 'redirect') and not x.taken_back
          and (x.warnings = '{}' or x.confirmed
               or not exists (select from custody.oddity o
                              where o.skips and o.code = any (x.warnings))))
    select min(x.at) filter (where x.kind in ('accept', 'collect', 'take_over')),
           min(x.at) filter (where x.unit = s.to_unit
                             and x.kind in ('arrive', 'at_delivery_office', 'hold', 'deliver')),
           max(x.at) filter (where x.kind in ('deliver', 'cancel', 'seize')),
           range_agg(tstzrange(x.at, x.next_at)) filter (
               where s.leg in ('result', 'originals')
                 and (x.kind = 'hold' or x.kind = 'at_delivery_office' and p_ends = 'at_office'))
    into t.began, t.reached, t.ended, t.waits
    from stepped x;
    if s.state not in ('delivered', 'returned', 'seized') then
        t.ended := null;
    end if;
    if s.redirected then
        select max(e.at) into t.redirected from custody.event e
        where e.subject = s.number and e.kind = 'redirect';
    end if;
    return t;
end $$;

-- custody.legs_over(subjects): those of them that came to their end the straight way: neither turned
-- round nor sent elsewhere. Reads custody.shipment, custody.event, dossier.dossier.
create function custody.legs_over(p_subjects text[]) returns setof custody.leg_taken
language plpgsql stable rows 100 as $$
begin
    return query
        select s.number, s.from_unit, s.to_unit, x.ends,
               least(postal.forwarded_on(s.from_unit, t.began), base.vn_date(x.over)),
               base.vn_date(x.over)
        from unnest(p_subjects) as p (subject)
        join custody.shipment s on s.number = p.subject
        left join dossier.dossier d on d.id = s.dossier
        cross join lateral (select custody.leg_ends(s.leg, d.result_to_kind) as ends offset 0) e
        cross join lateral (select (l).* from (
            select custody.leg_times(s, e.ends) as l offset 0) l) t
        cross join lateral (select e.ends, case e.ends when 'at_office' then t.reached
                                           else t.ended end as over) x
        where s.from_unit is not null and s.to_unit is not null
          and not s.going_back and not s.redirected
          and (e.ends = 'at_office' or s.state = 'delivered') and x.over > t.began;
end $$;

-- custody.keep_legs(subjects, over, now): keeps those that are over, drops what was kept of the others.
-- Writes custody.leg_taken, custody.leg_lane.
create function custody.keep_legs(p_subjects text[], p_over custody.leg_taken[], p_now timestamptz)
returns void
language plpgsql as $$
declare
    v_kept custody.leg_taken[] := array(select k from custody.leg_taken k
                                        where k.number = any (p_subjects));
    v_gone custody.leg_taken[] := array(select k from unnest(v_kept) as k
                                        where k <> all (p_over));
    v_new custody.leg_taken[] := array(select l from unnest(p_over) as l
                                       where l <> all (v_kept));
begin
    if v_gone || v_new = '{}' then
        return;
    end if;
    delete from custody.leg_taken k using unnest(v_gone) as g where k.number = g.number;
    insert into custody.leg_taken select n.* from unnest(v_new) as n;
    insert into custody.leg_lane as l (from_unit, to_unit, ends, dirty_at)
    select distinct x.from_unit, x.to_unit, x.ends, p_now
    from unnest(v_gone || v_new) as x order by 1, 2, 3
    on conflict (from_unit, to_unit, ends) do update
        set dirty_at = coalesce(l.dirty_at, excluded.dirty_at);
end $$;
