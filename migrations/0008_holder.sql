-- Who holds a shipment rightly.

-- custody.was_given(shipment, account, unit): whether somebody on its way offered it to this person
-- or unit (a list or a scan that names the taker), or turned it to that unit, or somebody who was
-- given it likewise. Reads custody.event.
create function custody.was_given(s custody.shipment, p_account bigint, p_unit bigint)
returns boolean
language sql stable as $$
    with recursive offer as (
        select (x.event).at, (x.event).actor, (x.event).unit, (x.event).target_kind as kind,
               (x.event).target_id as id
        from custody.effective(s.number, null) x
        where x.steps and (x.event).kind in ('hand_over', 'redirect')
          and (x.event).target_id is not null
          and not exists (select from custody.oddity o where o.code = any ((x.event).warnings)
                          and (o.skips or o.code = 'wrong_holder'))),
    given as (
        select o.* from offer o
        where o.unit > 0 and s.route is not null and custody.on_route(s.route, o.unit)
        union
        select o.* from given g join offer o
            on o.at >= g.at and (g.kind = 'person' and g.id = o.actor
                                 or g.kind = 'unit' and g.id = o.unit))
    select exists (select from given
                   where kind = 'person' and id = p_account or kind = 'unit' and id = p_unit)
$$;

-- custody.holds_rightly(shipment, account, unit): whether the person or the unit holds it, and not
-- by their own word alone: numbers can be guessed, and a scan makes anybody the holder. Their unit
-- is on its way, or they were given it.
create function custody.holds_rightly(s custody.shipment, p_account bigint, p_unit bigint)
returns boolean
language sql stable as $$
    select coalesce((s.holder_kind = 'person' and s.holder_id = p_account
                     or s.holder_kind = 'place' and s.holder_id = p_unit)
                    and (p_unit > 0 and s.route is not null and custody.on_route(s.route, p_unit)
                         or custody.was_given(s, p_account, p_unit)), false)
$$;
