-- The sorting plan: into which bag something goes at a unit, by where it is to end. What the network
-- itself says is the plan; rows that an administrator imports come before it.

-- key: what the row is looked up by. bag: the short code on the pigeonhole, when it is not the code of
-- the next unit. A later valid_from replaces the row before it.
create table container.sorting (
    unit bigint not null references postal.unit,
    commune text collate "C" references postal.commune,
    postcode text collate "C" check (postcode ~ '^[0-9]{1,5}$'),
    key text collate "C" not null generated always as (
        coalesce('c' || commune, 'p' || postcode)) stored,
    next_unit bigint not null references postal.unit,
    bag text check (length(bag) between 1 and 12),
    valid_from date not null default '2025-07-01',
    valid_to date,
    primary key (unit, key, valid_from),
    check (num_nonnulls(commune, postcode) = 1),
    check (unit <> next_unit),
    check (valid_to > valid_from)
);

-- Where something is to end: the unit or the commune, the office that delivers there and its hub.
create type container.destination as (
    unit bigint, commune text, postcode text, office bigint, hub bigint);

-- container.hub_for(unit, province): the hub of a unit: itself, the one that serves it, else the first
-- of the province. Reads postal.unit, postal.commune.
create function container.hub_for(p_unit bigint, p_province text) returns bigint
language plpgsql stable as $$
begin
    return coalesce(
        (select u.id from postal.unit u where u.id = p_unit and u.kind = 'hub'),
        (select h.id from postal.unit u join postal.unit h on h.id = u.parent_id
         where u.id = p_unit and h.kind = 'hub' and h.valid_to is null),
        (select h.id from postal.unit h join postal.commune c on c.code = h.commune_code
         where h.kind = 'hub' and h.valid_to is null and c.province_code = p_province
         order by h.id limit 1));
end $$;

-- container.destinations(units): one row for each unit that is known. What goes to an agency ends at
-- the office that serves it.
create function container.destinations(p_units bigint[]) returns setof container.destination
language plpgsql stable rows 20 as $$
begin
    return query
        select u.id, u.commune_code, u.postcode, o.id, container.hub_for(o.id, c.province_code)
        from postal.unit u
        join postal.commune c on c.code = u.commune_code
        cross join lateral (select case u.kind
            when 'agency' then coalesce(u.parent_id, c.delivery_office) else u.id end as id) o
        where u.id = any (p_units);
end $$;

-- container.destination_in(commune): the same for an address there; null for an unknown commune.
create function container.destination_in(p_commune text) returns container.destination
language plpgsql stable as $$
begin
    return (
        select row(null::bigint, c.code, u.postcode, u.id,
                   container.hub_for(u.id, c.province_code))::container.destination
        from postal.commune c left join postal.unit u on u.id = c.delivery_office
        where c.code = p_commune and (c.valid_to is null or c.valid_to > base.vn_date(now())));
end $$;

-- container.sort_to(from, destinations): where each goes next from that unit; next = from: it is
-- delivered from here; null: nobody knows. rule: commune or postcode (a row of the plan; a commune comes
-- before a postcode, a longer one before a shorter), or network: to the office itself from its own hub,
-- else to the hub of the office. Reads container.sorting, postal.unit.
create function container.sort_to(p_from bigint, p_to container.destination[])
returns table (unit bigint, commune text, next bigint, bag text, rule text)
language plpgsql stable rows 20 as $$
declare
    v_hub boolean := exists (select from postal.unit u where u.id = p_from and u.kind = 'hub');
    v_today date := base.vn_date(now());
begin
    return query
        select d.unit, d.commune,
               coalesce(s.next_unit, case
                   when d.office = p_from then p_from
                   when v_hub and d.hub = p_from then d.office
                   else d.hub end),
               s.bag, case when s.unit is null then 'network' when s.commune is null then 'postcode'
                           else 'commune' end
        from unnest(p_to) as d
        left join lateral (
            select r.* from container.sorting r
            where r.unit = p_from
              and r.key in ('c' || d.commune, 'p' || d.postcode, 'p' || left(d.postcode, 4),
                            'p' || left(d.postcode, 3), 'p' || left(d.postcode, 2),
                            'p' || left(d.postcode, 1))
              and r.valid_from <= v_today and (r.valid_to is null or r.valid_to > v_today)
            order by r.commune nulls last, length(r.postcode) desc, r.valid_from desc limit 1) s
            on d.office is distinct from p_from;
end $$;

-- container.served(origin, destination of a bag, units): whether what goes to each of these belongs in
-- a bag of that lane: the plan of the origin says so, it ends there, or there is its hub, or another
-- hub that sends it on and not back. Where nobody knows, it belongs.
create function container.served(p_origin bigint, p_destination bigint, p_units bigint[])
returns table (unit bigint, served boolean)
language plpgsql stable rows 20 as $$
declare
    v_to container.destination[] := array(select d from container.destinations(p_units) d);
    v_hub boolean := exists (
        select from postal.unit u where u.id = p_destination and u.kind = 'hub');
begin
    return query
        select o.unit, o.next is null or o.next = p_destination
               or n.next is null or n.next = p_destination
               or v_hub and (d.hub = p_destination or n.next <> p_origin)
        from unnest(v_to) as d
        join container.sort_to(p_origin, v_to) o on o.unit = d.unit
        join container.sort_to(p_destination, v_to) n on n.unit = d.unit;
end $$;

-- container.put_sorting(list): adds or changes rows of the plan. list: [{unit, commune or postcode,
-- next, bag?, valid_from?, valid_to?}], units by their codes. Returns how many were new or changed.
-- Writes container.sorting.
create function container.put_sorting(list jsonb) returns int
language plpgsql as $$
declare
    changed int;
begin
    insert into container.sorting as s
        (unit, commune, postcode, next_unit, bag, valid_from, valid_to)
    select u.id, row.commune, row.postcode, n.id, row.bag, coalesce(row.valid_from, '2025-07-01'),
           row.valid_to
    from jsonb_to_recordset(list) as row(unit text, commune text, postcode text, next text,
                                         bag text, valid_from date, valid_to date)
    left join postal.unit u on u.code = row.unit and u.valid_to is null
    left join postal.unit n on n.code = row.next and n.valid_to is null and n.kind <> 'agency'
    on conflict (unit, key, valid_from) do update set
        next_unit = excluded.next_unit, bag = excluded.bag, valid_to = excluded.valid_to
    where (s.next_unit, s.bag, s.valid_to)
          is distinct from (excluded.next_unit, excluded.bag, excluded.valid_to);
    get diagnostics changed = row_count;
    return changed;
end $$;

-- container.bag_code(from, unit, bag): how a bag to that unit is called at the other: its code in the
-- plan, else the unit's code, short within one province.
create function container.bag_code(p_from text, p_to text, p_bag text) returns text
language sql immutable as $$
    select coalesce(p_bag, case when split_part(p_from, '-', 1) = split_part(p_to, '-', 1)
                                     and p_to like '%-%'
                                then substr(p_to, strpos(p_to, '-') + 1) else p_to end)
$$;
