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
