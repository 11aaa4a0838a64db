-- What a label needs to know, and who printed which copy. Nothing personal is stored here: the
-- program unseals the applicant's part (dossier.personal) and joins it to what these functions give.

-- Every copy that was printed. Copy 1 is the first; each further one has a reason, until it is erased. Only
-- added to.
create table label.print (
    number text collate "C" not null references custody.shipment,
    copy int not null check (copy > 0),
    at timestamptz not null default now(),
    actor bigint not null,
    unit bigint,
    template text not null,
    reason text check (copy = 1 or reason <> ''),
    primary key (number, copy)
);
select base.revoke_service('update', 'label.print');

-- label.forget_reasons(numbers): what was written with their reprints goes, the copies stay counted; nothing
-- else of a print ever changes, so this is the owner's. Writes label.print.
create function label.forget_reasons(p_numbers text[]) returns void
language sql security definer set search_path = pg_catalog as $$
    update label.print set reason = null where number = any (p_numbers) and reason is not null
$$;

-- label.unit_up(unit, kind): the unit itself or the nearest above it of that kind; null when none.
-- Reads postal.unit.
create function label.unit_up(p_unit bigint, p_kind text) returns bigint
language sql stable as $$
    with recursive up (id, kind, parent_id, depth) as (
        select u.id, u.kind, u.parent_id, 0 from postal.unit u where u.id = p_unit
        union all
        select u.id, u.kind, u.parent_id, up.depth + 1
        from up join postal.unit u on u.id = up.parent_id where up.depth < 6)
    select id from up where kind = p_kind order by depth limit 1
$$;

-- label.in_address(name): as it stands inside an address, "phường Thuận Hoá".
create function label.in_address(name text) returns text
language sql immutable as $$
    select case when name ~ '^(Phường|Xã|Đặc khu|Tỉnh|Thành phố) '
                then lower(left(name, 1)) || substr(name, 2) else name end
$$;

-- label.commune_place(commune): "phường Thuận Hoá, thành phố Huế". Reads postal.commune, province.
create function label.commune_place(p_commune text) returns text
language sql stable as $$
    select label.in_address(c.name) || ', ' || label.in_address(p.name) from postal.commune c
    join postal.province p on p.code = c.province_code where c.code = p_commune
$$;

-- label.unit_party(unit): {name, address} of a unit. Reads postal.unit.
create function label.unit_party(p_unit bigint) returns jsonb
language sql stable as $$
    select jsonb_build_object('name', name, 'address', address) from postal.unit where id = p_unit
$$;

-- label.routing(unit): {postcode, hub, office} of where a shipment goes. Reads postal.unit.
create function label.routing(p_unit bigint) returns jsonb
language sql stable as $$
    select jsonb_build_object(
        'postcode', coalesce(u.postcode, o.postcode, ''), 'hub', coalesce(h.name, ''),
        'office', coalesce(o.name, u.name))
    from postal.unit u
    left join postal.unit o on o.id = label.unit_up(u.id, 'post_office')
    left join postal.unit h on h.id = label.unit_up(u.id, 'hub')
    where u.id = p_unit
$$;

-- label.may_see(shipment, actor, unit, roles): its ends, who holds it rightly, and who may see its
-- dossier. Never null.
create function label.may_see(s custody.shipment, p_actor bigint, p_unit bigint, p_roles int)
returns boolean
language sql stable as $$
    select coalesce(p_roles & 64 <> 0
        or p_unit in (s.from_unit, s.to_unit)
        or custody.holds_rightly(s, p_actor, p_unit)
        or exists (select from dossier.dossier d where d.id = s.dossier
                   and dossier.in_scope(d, p_actor, p_unit, p_roles)), false)
$$;

-- label.facts(shipment): the document of label/facts.h, but for the applicant: `citizen` says which
-- of sender and recipient that is, `citizen_place` what stands behind (or instead of) the address.
-- Reads label.print, postal.*, dossier.dossier.
create function label.facts(s custody.shipment) returns jsonb
language plpgsql stable as $$
declare
    d dossier.dossier;
    origin bigint := coalesce(label.unit_up(s.from_unit, 'post_office'), s.from_unit);
    outward boolean := s.leg in ('outward', 'supplement');
    printed timestamptz := (select max(p.at) from label.print p where p.number = s.number);
    facts jsonb;
begin
    select * into d from dossier.dossier where id = s.dossier;
    facts := jsonb_build_object(
        'number', s.number, 'leg', s.leg, 'piece', s.piece, 'pieces', s.pieces,
        'copy', greatest(s.copy, 1),
        'office', coalesce((select u.s10_office from postal.unit u where u.id = origin), 0),
        'printed_at', to_char(coalesce(printed, s.created_at) at time zone 'UTC',
                              'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'origin', (select jsonb_build_object('code', u.code, 'name', u.name)
                   from postal.unit u where u.id = origin),
        'sender', label.unit_party(s.from_unit), 'recipient', label.unit_party(s.to_unit),
        'return_to', label.unit_party(case when outward then origin else s.from_unit end),
        'routing', label.routing(coalesce(s.to_unit, s.from_unit)));
    if s.weight_g > 0 then
        facts := facts || jsonb_build_object('weight_g', s.weight_g);
    end if;
    if d.id is null or s.leg in ('inter_agency', 'back_to_agency') then
        return facts;
    elsif outward then
        return facts || jsonb_build_object('citizen', 'sender',
                                           'citizen_place', label.commune_place(d.from_commune));
    elsif s.leg = 'result' and d.result_to_kind = 'post_office' then
        return facts || jsonb_build_object('citizen', 'recipient', 'citizen_waits_at',
            (select u.name || ', ' || u.address from postal.unit u where u.id = s.to_unit));
    end if;
    return facts || jsonb_build_object('citizen', 'recipient', 'citizen_place',
        label.commune_place(case when s.leg = 'result'
                                 then coalesce(d.result_commune, d.from_commune)
                                 else d.from_commune end));
end $$;

-- label.reading(shipment, actor, unit): one row: facts, and the sealed personal part with its key
-- (null: none, or erased). The reading is recorded. Writes dossier.access.
create function label.reading(s custody.shipment, p_actor bigint, p_unit bigint)
returns table (facts jsonb, sealed bytea, key bytea)
language plpgsql as $$
begin
    if s.dossier is not null then
        insert into dossier.access (dossier, account, unit, what)
        values (s.dossier, p_actor, p_unit, 'label');
    end if;
    return query select label.facts(s), x.sealed, x.key
                 from (select 1) as one left join dossier.personal x on x.dossier = s.dossier;
end $$;

-- label.data(number, actor, unit, roles): label.reading of a shipment that one may see; the copy is
-- not recorded. Problem not-found alike for unknown and foreign numbers. Writes dossier.access.
create function label.data(p_number text, p_actor bigint, p_unit bigint, p_roles int)
returns table (facts jsonb, sealed bytea, key bytea)
language plpgsql as $$
declare
    s custody.shipment;
begin
    select * into s from custody.shipment where number = p_number;
    if not found or not label.may_see(s, p_actor, p_unit, p_roles) then
        perform base.problem('not-found');
    end if;
    return query select * from label.reading(s, p_actor, p_unit);
end $$;

-- label.print_one(number, actor, unit, roles, template, reason): allocates the next copy;
-- {number, copy} or {number, problem}. Writes custody.shipment (copy), label.print.
create function label.print_one(p_number text, p_actor bigint, p_unit bigint, p_roles int,
                                p_template text, p_reason text) returns jsonb
language plpgsql as $$
declare
    s custody.shipment;
begin
    select * into s from custody.shipment where number = p_number for update;
    if not found or not label.may_see(s, p_actor, p_unit, p_roles) then
        return jsonb_build_object('number', p_number, 'problem', 'not-found');
    end if;
    if s.copy > 0 and coalesce(p_reason, '') = '' then
        perform base.wrong_field('/reprint_reason', 'required',
            p_number || ' đã được in: cần nêu lý do in lại.',
            p_number || ' was printed before: a reprint needs a reason.');
    end if;
    update custody.shipment set copy = s.copy + 1 where number = p_number;
    insert into label.print (number, copy, actor, unit, template, reason)
    values (p_number, s.copy + 1, p_actor, p_unit, p_template,
            case when s.copy > 0 then p_reason end);
    return jsonb_build_object('number', p_number, 'copy', s.copy + 1);
end $$;

-- label.copies(numbers, actor, unit, roles, template, reason): the next copy of each, in the order
-- given; the rest is printed when one is unknown. Returns [{number, copy} | {number, problem}].
-- Writes as label.print_one.
create function label.copies(p_numbers text[], p_actor bigint, p_unit bigint, p_roles int,
                             p_template text, p_reason text) returns jsonb
language sql as $$
    -- Rows are locked in the order of numbers, whatever the order asked for.
    with done as materialized (
        select n.number, label.print_one(n.number, p_actor, p_unit, p_roles, p_template, p_reason)
                         as result
        from (select distinct number from unnest(p_numbers) as number order by number) n)
    select jsonb_agg(done.result order by n.place)
    from unnest(p_numbers) with ordinality as n (number, place) join done using (number)
$$;

-- label.print(numbers, actor, unit, roles, template, reason, key, digest): label.copies. With an
-- idempotency key the same call gives the stored reply and allocates nothing. Writes as
-- label.print_one, base.idempotency.
create function label.print(p_numbers text[], p_actor bigint, p_unit bigint, p_roles int,
                            p_template text, p_reason text, p_key text, p_digest bytea)
returns jsonb
language plpgsql as $$
declare
    reply jsonb := base.replay(p_actor, p_key, p_digest);
begin
    return coalesce(reply, base.replied(p_actor, p_key, p_digest,
        label.copies(p_numbers, p_actor, p_unit, p_roles, p_template, p_reason)));
end $$;

-- label.superseded(shipment, copy, at): whether at that time there was a newer label than this copy,
-- or what stood on it had been corrected (copies that nobody printed yet; of these the time is not
-- kept). 255 stands for every copy from there on. Reads label.print.
create function label.superseded(s custody.shipment, p_copy int, p_at timestamptz)
returns boolean
language sql stable as $$
    select p_copy < 255 and s.copy > p_copy
       and s.copy - p_copy > (select count(*) from label.print p
                              where p.number = s.number and p.copy > p_copy and p.at > p_at)
$$;

-- label.known(number, office): what anybody may know of a genuine label: {copy (the current one; null
-- when the shipment is not known here), office: {id, name} or null}. Reads custody.shipment,
-- postal.unit.
create function label.known(p_number text, p_office int) returns jsonb
language sql stable as $$
    select jsonb_build_object(
        'copy', (select greatest(s.copy, 1) from custody.shipment s where s.number = p_number),
        'office', (select jsonb_build_object('id', u.code, 'name', u.name)
                   from postal.unit u where u.s10_office = p_office))
$$;
