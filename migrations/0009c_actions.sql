-- What may be done with a dossier: by whom, when, and whether what a step asks for is met.

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
