-- Signing a hand-over: item by item, what differs, and who has what then.

-- custody.handover_sign(actor, unit, id, items, accept_all, at, key, digest): the taker's findings
-- and signature. items: [{number, finding, originals?, copies?, note?}]; what is not named is
-- missing, or present with accept_all. With an idempotency key the same call gives the stored reply.
-- Returns handover_get(). Problems: not-found, forbidden (not the taker's side), handover-closed,
-- id-reused, in-progress. Writes custody.*, dossier.*, base.idempotency.
create function custody.handover_sign(p_actor bigint, p_unit bigint, p_id uuid, p_items jsonb,
                                      p_accept_all boolean, p_at timestamptz default now(),
                                      p_key text default null, p_digest bytea default null)
returns jsonb
language plpgsql as $$
declare
    h custody.handover;
    reply jsonb := base.replay(p_actor, p_key, p_digest);
begin
    if reply is not null then
        return reply;
    end if;
    perform custody.handover_lock(p_id, p_items);
    h := custody.handover_to_sign(p_actor, p_unit, p_id);
    perform custody.handover_findings(p_id, p_items, p_accept_all);
    perform custody.handover_settle(h, p_actor, p_unit, least(coalesce(p_at, now()), now()));
    return base.replied(p_actor, p_key, p_digest, custody.handover_json(p_id));
end $$;

-- custody.handover_to_sign(actor, unit, id): the open list, locked, if it is theirs to sign.
-- Problems: not-found, forbidden, handover-closed.
create function custody.handover_to_sign(p_actor bigint, p_unit bigint, p_id uuid)
returns custody.handover
language plpgsql as $$
declare
    h custody.handover;
begin
    select * into h from custody.handover where id = p_id for update;
    if not found then
        perform base.problem('not-found');
    end if;
    if not coalesce((h.to_kind = 'person' and h.to_id = p_actor)
                    or (h.to_kind = 'unit' and h.to_id = p_unit and h.from_account <> p_actor),
                    false) then
        perform base.problem('forbidden', jsonb_build_object(
            'detail', 'Only the side that takes over signs.',
            'detail_vi', 'Chỉ bên nhận mới được ký nhận.'));
    end if;
    if h.state <> 'open' then
        perform base.problem('handover-closed', jsonb_strip_nulls(jsonb_build_object(
            'superseded_by', h.superseded_by)));
    end if;
    return h;
end $$;

-- custody.handover_settle(list, actor, unit, at): what the signature does. present, damaged,
-- surplus: custody moves to the taker; when the taker is the agency the leg goes to, that is its
-- delivery. missing, surplus, damaged, refused open exceptions. A bag that an agency took is opened by
-- it first. Tells dossier.agency_took what an agency took. Writes custody.*, container.*, dossier.*.
create function custody.handover_settle(h custody.handover, p_actor bigint, p_unit bigint,
                                        p_at timestamptz) returns void
language plpgsql as $$
declare
    v_item custody.handover_item;
    v_taken text[] := '{}';
    v_agency boolean := custody.to_agency(h);
begin
    if v_agency then
        perform custody.handover_open(h, p_actor, p_unit, p_at);
    end if;
    for v_item in select * from custody.handover_item x where x.handover = h.id
                  order by x.number loop
        if v_item.finding <> 'present' then
            perform custody.handover_differs(h, v_item, p_actor, p_unit, p_at);
        end if;
        if v_item.finding in ('present', 'damaged', 'surplus') then
            if not (v_agency and length(v_item.number) = 29) then
                perform custody.handover_take(h, v_item.number, p_actor, p_unit, p_at);
            end if;
            v_taken := v_taken || v_item.number;
        end if;
    end loop;
    update custody.handover set state = 'signed', signed_at = p_at, signed_by = p_actor,
                                signed_unit = p_unit
    where id = h.id;
    if v_taken <> '{}' and v_agency then
        perform dossier.agency_took(h, v_taken, p_actor, p_at);
    end if;
end $$;

-- custody.to_agency(list): whether an agency takes over. Reads postal.unit.
create function custody.to_agency(h custody.handover) returns boolean
language sql stable as $$
    select h.to_kind = 'unit' and exists (
        select from postal.unit u where u.id = h.to_id and u.kind = 'agency')
$$;

-- custody.bag_contents(bags): what lies in these now, at any depth: {bag: the one it lies in directly,
-- root: the one asked for, number, depth}. Reads container.container, container.membership.
create function custody.bag_contents(p_bags text[])
returns table (bag text, root text, number text, depth int)
language sql stable as $$
    with recursive inside (bag, root, number, depth) as (
        select c.id, c.id, m.subject, 1
        from container.container c
        join container.membership m on m.closure = c.inside and m.ended_at is null
        where c.id = any (p_bags)
        union all
        select c.id, i.root, m.subject, i.depth + 1
        from inside i
        join container.container c on c.id = i.number
        join container.membership m on m.closure = c.inside and m.ended_at is null
        where i.depth < 4)
    select * from inside
$$;

-- custody.handover_contents(id): puts what lies in the bags of a list on it, each on its bag's line.
-- Writes custody.handover_item, custody.handover (listed).
create function custody.handover_contents(p_id uuid) returns void
language plpgsql as $$
declare
    v_added text[];
begin
    with added as (
        insert into custody.handover_item as x (handover, number, line, bag)
        select distinct on (i.number) p_id, i.number, b.line, i.bag
        from custody.handover_item b
        cross join lateral custody.bag_contents(array[b.number]) i
        where b.handover = p_id and length(b.number) = 29
        order by i.number, i.depth
        on conflict (handover, number) do nothing
        returning x.number)
    select array_agg(a.number) into v_added from added a;
    update custody.handover set listed = listed || custody.handover_listed(v_added)
    where id = p_id and v_added is not null;
end $$;

-- custody.handover_open(list, actor, unit, at): the bags that an agency took, outermost first: each is
-- its own, and opened, in the instant before its contents are. What was said of the items is the check of the bag.
-- Writes custody.*, container.*.
create function custody.handover_open(h custody.handover, p_actor bigint, p_unit bigint,
                                      p_at timestamptz) returns void
language plpgsql as $$
declare
    v record;
    v_at timestamptz := p_at - interval '100 us';
begin
    for v in select x.number, x.bag, coalesce(i.depth, 0) as depth
             from custody.handover_item x
             left join lateral (select max(y.depth) as depth from custody.bag_contents(array(
                     select r.number from custody.handover_item r
                     where r.handover = h.id and r.bag is null and length(r.number) = 29)) y
                 where y.number = x.number) i on true
             where x.handover = h.id and length(x.number) = 29
               and x.finding in ('present', 'damaged', 'surplus')
             order by 3, x.number loop
        v_at := v_at + interval '2 us';
        if v.bag is null then
            perform custody.internal_scan(v.number, 'take_over', p_actor, p_unit, v_at, h.to_kind,
                                          h.to_id, p_signed => h.id);
        end if;
        if exists (select from container.container c where c.id = v.number and c.state <> 'open') then
            perform custody.internal_scan(v.number, 'open', p_actor, p_unit,
                                          v_at + interval '1 us',
                                          p_data => jsonb_build_object('handover', h.id));
            update container.closure k set checked_at = p_at, checked_by = p_actor
            from container.container c
            where c.id = v.number and k.container = c.id and k.opened_at is not null
              and k.checked_at is null;
        end if;
    end loop;
end $$;

-- custody.handover_lock(id, items): the shipments of the list and of the findings, in order.
create function custody.handover_lock(p_id uuid, p_items jsonb) returns void
language sql as $$
    with named as (
        select x.number from custody.handover_item x where x.handover = p_id
        union
        select i ->> 'number' from jsonb_array_elements(coalesce(p_items, '[]')) as i)
    select custody.subject_lock(array(
        select n.number from named n
        union
        select i.number from custody.bag_contents(array(select n.number from named n)) i))
$$;

-- custody.handover_findings(id, items, accept_all): writes what the taker found, line by line; a
-- number found twice counts as it was found last. Numbers that are not known here are found too. What
-- lies in a bag that nobody named anything of is found as the bag was: it was taken as a whole.
-- Writes custody.handover_item, custody.handover (listed: what is surplus joins it).
create function custody.handover_findings(p_id uuid, p_items jsonb, p_accept_all boolean)
returns void
language plpgsql as $$
declare
    v_agency boolean := (select custody.to_agency(h) from custody.handover h where h.id = p_id);
begin
    if v_agency then
        perform custody.handover_contents(p_id);
    end if;
    insert into custody.handover_item as x
        (handover, number, line, finding, originals, copies, note)
    select p_id, f.number, 1000 + f.line, coalesce(f.finding, 'present'), f.originals, f.copies,
           f.note
    from (select distinct on (i.number) i.*, n.line
          from jsonb_array_elements(coalesce(p_items, '[]')) with ordinality as n (item, line)
          cross join lateral jsonb_to_record(n.item)
              as i (number text, finding text, originals int, copies int, note text)
          order by i.number, n.line desc) f
    on conflict (handover, number) do update
        set finding = excluded.finding, originals = excluded.originals, copies = excluded.copies,
            note = excluded.note;
    -- What the giver did not list is surplus, whatever the taker calls it.
    update custody.handover_item set finding = 'surplus'
    where handover = p_id and line > 1000 and finding in ('present', 'damaged', 'surplus');
    update custody.handover set listed = listed || custody.handover_listed(x.numbers)
    from (select array_agg(number) as numbers from custody.handover_item
          where handover = p_id and line > 1000) x
    where id = p_id and x.numbers is not null;
    update custody.handover_item set finding = case when p_accept_all then 'present'
                                                    else 'missing' end
    where handover = p_id and finding is null and bag is null;
    if v_agency then
        perform custody.handover_contents(p_id); -- of what was surplus
        perform custody.handover_as_bag(p_id, p_accept_all);
    end if;
end $$;

-- custody.handover_as_bag(id, accept_all): what nobody said a word of, though it lies in a bag on the
-- list. A bag that was not taken keeps what is in it; one of which some items were named was counted,
-- and lacks the others. Writes custody.handover_item.
create function custody.handover_as_bag(p_id uuid, p_accept_all boolean) returns void
language plpgsql as $$
begin
    -- from the outside inwards: an inner bag has its finding first
    for v_depth in 1 .. 4 loop
        update custody.handover_item x set finding = case
            when b.finding in ('missing', 'refused') then b.finding
            when p_accept_all or not exists (
                select from custody.handover_item o
                where o.handover = p_id and o.bag = b.number and o.finding is not null) then 'present'
            else 'missing' end
        from custody.handover_item b
        where x.handover = p_id and x.finding is null and b.handover = p_id and b.number = x.bag
          and b.finding is not null;
    end loop;
end $$;

-- custody.handover_differs(list, item, …): a difference becomes an event of the shipment, with the
-- taker's note as its remark, and an exception for the giver's unit to answer.
create function custody.handover_differs(h custody.handover, v custody.handover_item,
                                         p_actor bigint, p_unit bigint, p_at timestamptz)
returns void
language plpgsql as $$
declare
    v_event uuid := base.uuid_v7();
begin
    perform custody.append(v.number, v_event, 'finding', p_actor, p_unit,
        jsonb_strip_nulls(jsonb_build_object('handover', h.id, 'finding', v.finding,
            'originals', v.originals, 'copies', v.copies)),
        p_mac => custody.keep_remark(v.number, v_event, v.note), p_at => p_at);
    if v.finding = 'damaged' then
        perform custody.internal_scan(v.number, 'damage', p_actor, p_unit, p_at,
                                      p_data => jsonb_build_object('handover', h.id));
    end if;
    insert into custody.exception (subject, event_id, code, detail, unit, actor)
    values (v.number, v_event, 'handover_' || v.finding, jsonb_build_object('handover', h.id),
            coalesce(h.from_unit, p_unit), p_actor);
end $$;

-- custody.handover_take(list, number, …): custody moves, by both signatures. A shipment that came
-- where its leg ends is delivered by it; one that is at its end already stays there.
create function custody.handover_take(h custody.handover, p_number text, p_actor bigint,
                                      p_unit bigint, p_at timestamptz) returns void
language plpgsql as $$
declare
    s custody.shipment;
begin
    select * into s from custody.shipment where number = p_number;
    if h.to_kind = 'unit'
       and h.to_id = (case when s.going_back then s.from_agency else s.to_agency end) then
        if s.state not in ('delivered', 'returned') then
            perform custody.internal_scan(p_number, 'deliver', p_actor, p_unit, p_at, 'unit',
                                          h.to_id, p_signed => h.id);
        end if;
        return;
    end if;
    perform custody.internal_scan(p_number, 'take_over', p_actor, p_unit, p_at, h.to_kind, h.to_id,
                                  p_signed => h.id);
end $$;

-- custody.handover_get(account, unit, supervisor, id): the list, for its two sides and supervisors of
-- their provinces. Problem not-found for everybody else.
create function custody.handover_get(p_account bigint, p_unit bigint, p_supervisor boolean,
                                     p_id uuid) returns jsonb
language plpgsql stable as $$
begin
    if not exists (
        select from custody.handover h
        where h.id = p_id and (h.from_account = p_account or h.from_unit = p_unit
            or (h.to_kind = 'person' and h.to_id = p_account)
            or (h.to_kind = 'unit' and h.to_id = p_unit)
            or p_supervisor and (postal.same_province(p_unit, h.from_unit)
                                 or h.to_kind = 'unit' and postal.same_province(p_unit, h.to_id)))) then
        perform base.problem('not-found');
    end if;
    return custody.handover_json(p_id);
end $$;

-- custody.handovers(account, unit): {"to_sign": [lists that wait for this person or unit],
-- "given": [own open lists]}, newest first, each {id, from, from_unit, to, created_at, items}.
create function custody.handovers(p_account bigint, p_unit bigint, p_limit int default 100)
returns jsonb
language sql stable as $$
    with lists as (
        select h.id, h.created_at, a.name as from_name, u.code as from_unit,
               u.name as from_unit_name,
               t.name as to_name,
               h.to_kind = 'person' and h.to_id = p_account
               or h.to_kind = 'unit' and h.to_id = p_unit as mine,
               (select count(*) from custody.handover_item x where x.handover = h.id) as items
        from custody.handover h
        left join account.account a on a.id = h.from_account
        left join postal.unit u on u.id = h.from_unit
        left join lateral custody.party(case h.to_kind when 'unit' then 'place' else 'person' end,
                                        h.to_id) t on true
        where h.state = 'open'
          and (h.to_kind = 'person' and h.to_id = p_account
               or h.to_kind = 'unit' and h.to_id = p_unit or h.from_account = p_account)
        order by h.created_at desc limit p_limit),
    told as (
        select l.mine, jsonb_build_object('id', l.id, 'from', l.from_name, 'from_unit', l.from_unit,
                   'from_unit_name', l.from_unit_name, 'to', l.to_name,
                   'created_at', l.created_at, 'items', l.items) as list, l.created_at
        from lists l)
    select jsonb_build_object(
        'to_sign', coalesce((select jsonb_agg(list order by created_at desc) from told where mine),
                            '[]'),
        'given', coalesce((select jsonb_agg(list order by created_at desc) from told
                           where not mine), '[]'))
$$;
