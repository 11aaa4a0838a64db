-- Hand-overs (biên bản giao nhận): the giver's list, the taker's findings, both signatures. For an
-- agency the signing is the legal filing time of every dossier on it.

-- trip: what it goes on; the taker is then whoever carries that trip. listed: what was known of each
-- item when it came on the list (custody.handover_listed); what is signed does not change afterwards.
create table custody.handover (
    id uuid primary key,
    from_account bigint not null,
    from_unit bigint,
    to_kind text not null check (to_kind in ('person', 'unit')),
    to_id bigint not null,
    trip bigint references container.trip,
    state text not null default 'open' check (state in ('open', 'signed', 'superseded')),
    created_at timestamptz not null default now(),
    signed_at timestamptz,
    signed_by bigint,
    signed_unit bigint,
    superseded_by uuid,
    digest bytea not null,
    listed jsonb not null default '{}',
    check ((state = 'signed') = (signed_at is not null))
);
create index handover_open on custody.handover (to_kind, to_id) where state = 'open';
create index handover_given on custody.handover (from_account, created_at);

-- bag: what the item came in, where an agency signed for a bag: its contents are on the list too.
create table custody.handover_item (
    handover uuid not null references custody.handover,
    number text collate "C" not null,
    line int not null,
    bag text collate "C",
    finding text check (finding in ('present', 'missing', 'surplus', 'damaged', 'refused')),
    originals int check (originals >= 0),
    copies int check (copies >= 0),
    note text,
    primary key (handover, number)
);
create index handover_item_number on custody.handover_item (number);

-- custody.subject_lock(subjects): locks what a step of these may change, see custody.lock.
create function custody.subject_lock(p_subjects text[]) returns void
language plpgsql as $$
begin
    perform custody.lock(p_subjects, array_fill(now(), array[cardinality(p_subjects)]));
end $$;

-- custody.internal_scan(subject, kind, actor, unit, at, …, signed, refers): a step that the program
-- makes on behalf of a person, through the same code as a scan. refers: the event that it speaks of.
create function custody.internal_scan(
    p_subject text, p_kind text, p_actor bigint, p_unit bigint, p_at timestamptz,
    p_target_kind text default null, p_target_id bigint default null, p_data jsonb default null,
    p_signed uuid default null, p_refers uuid default null) returns custody.scan_reply
language plpgsql as $$
declare
    i custody.scan;
begin
    i.ord := 1;
    i.internal := true;
    i.id := base.uuid_v7();
    i.subject := p_subject;
    i.kind := p_kind;
    i.at := p_at;
    i.actor := p_actor;
    i.unit := p_unit;
    i.roles := 2147483647;
    i.target_kind := p_target_kind;
    i.target_id := p_target_id;
    i.data := p_data;
    i.refers := p_refers;
    i.digest := sha256(convert_to(concat_ws(E'\n', p_kind, p_signed, p_data, p_refers), 'UTF8'));
    return custody.record_one(i, now(), pg_current_xact_id()::text::bigint, p_signed);
end $$;

-- custody.handover_check(actor, unit, numbers): each is known, and held by the giver, the giver's unit or
-- a trip that the giver carries. Problems: unknown-shipment, conflict, with a line for each that is wrong.
create function custody.handover_check(p_actor bigint, p_unit bigint, p_numbers text[]) returns void
language plpgsql stable as $$
declare
    v_wrong jsonb;
begin
    select jsonb_agg(jsonb_build_object('pointer', '/items/' || (n.line - 1), 'code', 'unknown',
               'detail', n.number || ' is not known here.',
               'detail_vi', n.number || ' chưa có trong hệ thống.')) into v_wrong
    from unnest(p_numbers) with ordinality as n (number, line)
    where not exists (select from custody.standing_of(n.number));
    if v_wrong is not null then
        perform base.problem('unknown-shipment', jsonb_build_object('errors', v_wrong));
    end if;
    select jsonb_agg(jsonb_build_object('pointer', '/items/' || (n.line - 1), 'code', 'not_held',
               'detail', format('%s is held by %s.', n.number, case s.holder_kind
                   when 'addressee' then 'the addressee' when 'authority' then 'an authority'
                   else coalesce(nullif(p.name, ''), 'somebody else') end),
               'detail_vi', format('%s đang do %s giữ.', n.number, case s.holder_kind
                   when 'addressee' then 'người nhận' when 'authority' then 'cơ quan có thẩm quyền'
                   else coalesce(nullif(p.name, ''), 'bên khác') end)))
    into v_wrong
    from unnest(p_numbers) with ordinality as n (number, line)
    cross join lateral custody.standing_of(n.number) s
    left join lateral custody.party(s.holder_kind, s.holder_id) p on true
    where not coalesce((s.holder_kind = 'person' and s.holder_id = p_actor)
                       or (s.holder_kind in ('place', 'agency') and s.holder_id = p_unit)
                       or (s.holder_kind = 'trip' and container.carries(s.holder_id, p_actor)), false);
    if v_wrong is not null then
        perform base.problem('conflict', jsonb_build_object('errors', v_wrong,
            'detail', 'You hand over only what you or your unit hold.',
            'detail_vi', 'Chỉ bàn giao được những gì mình hoặc đơn vị mình đang giữ.'));
    end if;
end $$;

-- custody.handover_taker(to): the unit or person that a list names; for a trip its carrier, while it
-- is not over. Problem unknown-unit. Reads container.trip and as custody.taker.
create function custody.handover_taker(p_to text, out kind text, out id bigint, out trip bigint)
language plpgsql stable as $$
begin
    select case when t.kind = 'trip' then 'person' else t.kind end,
           case when t.kind = 'trip' then r.carrier else t.id end, r.id
    into kind, id, trip
    from custody.taker(p_to) t
    left join container.trip r on t.kind = 'trip' and r.id = t.id
    where t.kind <> 'trip' or r.carrier is not null and r.ended_at is null;
    if not found then
        perform base.problem('unknown-unit', jsonb_build_object(
            'detail', format('There is no unit, person or trip with a carrier "%s".', p_to),
            'detail_vi', format('Không có đơn vị, người hoặc chuyến có người vận chuyển nào là "%s".',
                                p_to)));
    end if;
end $$;

-- custody.handover_create(actor, unit, id, to, numbers, digest): the giver's list. What is on it
-- must be the giver's to give, see handover_check. An open list that names one of the items is
-- superseded. The same id with the same digest gives the list again. Returns handover_get().
-- Problems: unknown-unit (no such taker), unknown-shipment, conflict (not held by the giver),
-- id-reused. Writes custody.handover, custody.handover_item, custody.event (hand_over).
create function custody.handover_create(p_actor bigint, p_unit bigint, p_id uuid, p_to text,
                                        p_numbers text[], p_digest bytea) returns jsonb
language plpgsql as $$
declare
    v_taker record;
    v_digest bytea;
    v_number text;
begin
    perform pg_advisory_xact_lock(hashtextextended(p_id::text, 6));
    select digest into v_digest from custody.handover where id = p_id;
    if found then
        if v_digest <> p_digest then
            perform base.problem('id-reused');
        end if;
        return custody.handover_json(p_id);
    end if;
    v_taker := custody.handover_taker(p_to);
    perform custody.subject_lock(p_numbers);
    perform custody.handover_check(p_actor, p_unit, p_numbers);
    update custody.handover h set state = 'superseded', superseded_by = p_id
    where h.state = 'open' and h.id in (select x.handover from custody.handover_item x
                                        where x.number = any (p_numbers));
    insert into custody.handover (id, from_account, from_unit, to_kind, to_id, trip, digest, listed)
    values (p_id, p_actor, p_unit, v_taker.kind, v_taker.id, v_taker.trip, p_digest,
            custody.handover_listed(p_numbers));
    insert into custody.handover_item (handover, number, line)
    select p_id, n.number, min(n.line) from unnest(p_numbers) with ordinality as n (number, line)
    group by n.number;
    for v_number in select x.number from custody.handover_item x where x.handover = p_id
                    order by x.number loop
        perform custody.internal_scan(v_number, 'hand_over', p_actor, p_unit, now(), v_taker.kind,
                                      v_taker.id, jsonb_build_object('handover', p_id));
    end loop;
    return custody.handover_json(p_id);
end $$;

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

-- --- who holds rightly ---------------------------------------------------------------------------

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
