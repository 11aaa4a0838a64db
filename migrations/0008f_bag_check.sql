-- Commands about a bag on its way: weighing, a new seal, and the end of the check of an opened one.

-- container.weight_of(closure): what its items weigh together as far as was told; null when nothing
-- was, or not of all. Bags in it count by their own weighing.
create function container.weight_of(p_closure bigint) returns int
language plpgsql stable as $$
begin
    return (
        select case when count(*) = count(w.weight_g) then sum(w.weight_g) end
        from container.membership m
        left join custody.shipment s on s.number = m.subject
        cross join lateral (select coalesce(s.weight_g, (container.weighed(m.subject)
                                                         ->> 'weight_g')::int) as weight_g) w
        where m.closure = p_closure and m.ended_at is null);
end $$;

-- container.weight_odd(gross, items): weight_light or weight_heavy, or null: a scale and the rounding
-- at the counter are off by 100 g or a twentieth, an empty bag with its seal weighs up to 3 kg.
create function container.weight_odd(p_gross int, p_items int) returns text
language sql immutable as $$
    select case when p_gross < p_items - greatest(100, p_items / 20) then 'weight_light'
                when p_gross > p_items + p_items / 5 + 3000 then 'weight_heavy' end
$$;

-- container.weigh(actor, unit, event, container, weight_g, digest): the gross weight, as an event of the
-- container. The same event id gives the same answer. Returns head() with warnings.
-- Problems not-found, forbidden (held by somebody else), id-reused. Writes custody.event.
create function container.weigh(p_actor bigint, p_unit bigint, p_event uuid, p_container text,
                                p_weight_g int, p_digest bytea) returns jsonb
language plpgsql as $$
declare
    c container.container;
    v_items int;
    v_odd text;
begin
    perform custody.lock(array[p_container], array[now()]);
    select * into c from container.container x where x.id = p_container;
    if not found then
        perform base.problem('not-found');
    end if;
    if not exists (select from custody.event e where e.subject = c.id and e.id = p_event) then
        perform container.check_holder(c, p_actor, p_unit);
    end if;
    v_items := container.weight_of(c.inside);
    v_odd := container.weight_odd(p_weight_g, v_items);
    perform custody.append(c.id, p_event, 'weigh', p_actor, p_unit,
        jsonb_strip_nulls(jsonb_build_object('weight_g', p_weight_g, 'items_g', v_items,
                                             'warning', v_odd)), p_digest);
    return container.summary(c) || jsonb_build_object('warnings', coalesce(
        (select jsonb_agg(e.data -> 'warning') from custody.event e
         where e.subject = c.id and e.id = p_event and e.data ? 'warning'), '[]'));
end $$;

-- container.reseal(actor, unit, roles, event, container, seal, reason, digest): a new seal on a sealed
-- container; its event tells the old one, the new one and why. reason: broken, damaged, inspected,
-- wrong_number. The same event id gives the same answer. Returns get(). Problems not-found,
-- container-closed (not sealed, or on its way), forbidden, id-reused. Writes container.*, custody.event.
create function container.reseal(p_actor bigint, p_unit bigint, p_roles int, p_event uuid,
                                 p_container text, p_seal text, p_reason text, p_digest bytea)
returns jsonb
language plpgsql as $$
declare
    c container.container;
    i custody.scan;
    r custody.scan_reply;
begin
    perform custody.lock(array[p_container], array[now()]);
    select * into c from container.container x where x.id = p_container;
    if not found then
        perform base.problem('not-found');
    end if;
    if not exists (select from custody.event e where e.subject = c.id and e.id = p_event) then
        if c.state not in ('closed', 'arrived') then
            perform base.problem('container-closed', jsonb_build_object('state', c.state,
                'detail', 'Only a sealed container that lies here gets a new seal.',
                'detail_vi', 'Chỉ niêm phong lại túi đã niêm phong và đang ở tại chỗ.'));
        end if;
        perform container.check_holder(c, p_actor, p_unit);
    end if;
    i.ord := 1;
    i.internal := true;
    i.id := p_event;
    i.subject := c.id;
    i.kind := 'repack';
    i.at := now();
    i.actor := p_actor;
    i.unit := p_unit;
    i.roles := p_roles;
    i.reason := p_reason;
    i.data := jsonb_strip_nulls(jsonb_build_object('seal', p_seal, 'old_seal', (
        select k.seal from container.closure k where k.id = c.inside)));
    i.digest := p_digest;
    r := custody.record_one(i, now(), pg_current_xact_id()::text::bigint);
    if r.outcome = 'refused' then
        perform base.problem(r.problem);
    end if;
    return container.get(c.id);
end $$;

-- container.sender_of(closure): the unit that sealed it; the container's origin when that is not known.
create function container.sender_of(c container.container, k container.closure) returns bigint
language sql stable as $$
    select coalesce((select e.unit from custody.event e
                     where e.subject = c.id and e.kind = 'close' and e.at <= k.sealed_at
                     order by e.at desc limit 1), c.origin)
$$;

-- container.checked(actor, unit, event, container, digest): whoever opened the bag has scanned all that
-- was in it. What is missing, surplus or missorted becomes an event of the thing and an exception for
-- the opener and one for the sender. Once for each opening; later calls give the same. Returns get().
-- Problems not-found, container-closed (it was not opened), forbidden (opened elsewhere), id-reused.
-- Writes container.closure, custody.event, custody.exception.
create function container.checked(p_actor bigint, p_unit bigint, p_event uuid, p_container text,
                                  p_digest bytea) returns jsonb
language plpgsql as $$
declare
    c container.container;
    k container.closure;
    v_sender bigint;
    v_list jsonb;
    v record;
begin
    -- (whatever is scanned as out of it, or lies in it, locks it with others)
    perform custody.lock(array[p_container], array[now()]);
    select * into c from container.container x where x.id = p_container;
    if not found then
        perform base.problem('not-found');
    end if;
    select * into k from container.closure x
    where x.container = c.id and x.opened_at is not null order by x.n desc limit 1 for update;
    if not found then
        perform base.problem('container-closed', jsonb_build_object('state', c.state,
            'detail', 'The container has not been opened.', 'detail_vi', 'Túi chưa được mở.'));
    elsif k.opened_by is distinct from p_actor and k.opened_unit is distinct from p_unit then
        perform base.problem('forbidden', jsonb_build_object(
            'detail', 'Only the unit that opened the container checks it.',
            'detail_vi', 'Chỉ đơn vị đã mở túi mới kiểm túi.'));
    elsif k.checked_at is not null then
        return container.get(c.id);
    end if;
    v_sender := container.sender_of(c, k);
    v_list := container.manifest(c, k, null, 1000000);
    for v in select j.number, j.finding
             from jsonb_to_recordset(v_list -> 'items') as j (number text collate "C", finding text)
             where j.finding in ('missing', 'surplus', 'missorted') order by j.number loop
        perform container.check_differs(c.id, v.number, v.finding, p_actor, p_unit, v_sender);
    end loop;
    perform custody.append(c.id, p_event, 'checked', p_actor, p_unit,
                           v_list - '{items,next}'::text[], p_digest);
    update container.closure set checked_at = now(), checked_by = p_actor where id = k.id;
    return container.get(c.id);
end $$;

-- container.check_differs(container, subject, finding, actor, unit, sender): one difference, told to
-- both. (Their details name the bag apart from what refolds with it: see exception_container.)
create function container.check_differs(p_bag text, p_subject text, p_finding text, p_actor bigint,
                                        p_unit bigint, p_sender bigint) returns void
language plpgsql as $$
declare
    v_event uuid := base.uuid_v7();
begin
    perform custody.append(p_subject, v_event, 'finding', p_actor, p_unit,
                           jsonb_build_object('bag', p_bag, 'finding', p_finding));
    insert into custody.exception (subject, event_id, code, detail, unit, actor)
    select p_subject, v_event, 'bag_' || p_finding || x.tail, jsonb_build_object('bag', p_bag),
           x.unit, p_actor
    from (values ('', p_unit), ('_sent', p_sender)) as x (tail, unit)
    where x.tail = '' or p_sender is distinct from p_unit;
end $$;

-- How a person decides about what the check of a bag, or the end of a trip, found.
insert into custody.care (oddity, hours, answers, cause_vi, cause_en) values
('bag_missing', 4, '{search,here,lost,correct,accept,dismiss}',
 'Nhiều khả năng chưa từng vào túi, hoặc đã được lấy ra mà không quét.',
 'Most likely it never went into the bag, or was taken out without a scan.'),
('bag_missing_sent', 4, '{here,search,correct,accept,dismiss}',
 'Nhiều khả năng còn ở đơn vị gửi, hoặc đã xếp vào túi khác.',
 'Most likely it stayed with the sender, or went into another bag.'),
('bag_surplus', 8, '{here,accept,correct,dismiss}',
 'Nhiều khả năng đơn vị gửi xếp vào túi mà không quét.',
 'Most likely the sender put it in without a scan.'),
('bag_surplus_sent', 8, '{accept,correct,dismiss}',
 'Nhiều khả năng đã xếp vào túi mà không quét.', 'Most likely it was put in without a scan.'),
('bag_missorted', 4, '{accept,correct,dismiss}', 'Nhiều khả năng chia chọn nhầm túi.',
 'Most likely it was sorted into the wrong bag.'),
('bag_missorted_sent', 16, '{accept,correct,dismiss}', 'Nhiều khả năng chia chọn nhầm túi.',
 'Most likely it was sorted into the wrong bag.'),
('trip_missing', 4, '{search,here,lost,correct,accept,dismiss}',
 'Nhiều khả năng đã dỡ xuống mà không quét, hoặc còn trên xe.',
 'Most likely it was unloaded without a scan, or is still on board.'),
('trip_surplus', 8, '{here,accept,correct,dismiss}',
 'Nhiều khả năng đã xếp lên xe mà không quét, hoặc xếp nhầm xe.',
 'Most likely it was loaded without a scan, or into the wrong van.'),
('trip_ended', 8, '{accept,reverse,correct,dismiss}',
 'Nhiều khả năng chọn nhầm chuyến, hoặc lượt quét gửi muộn.',
 'Most likely the wrong trip was chosen, or the scan came late.');
