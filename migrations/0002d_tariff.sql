-- What conveyance costs and how long it may take. Rates are the ceilings of 2017; rows are never
-- changed but ended (valid_to) and followed by new ones, so an old charge can be explained.

create table postal.zone (
    zone text primary key,
    rank int not null unique,
    name text not null,
    name_en text not null
);
insert into postal.zone (zone, rank, name, name_en) values
    ('same_area', 1, 'Nội khu vực', 'Within one area'),
    ('same_province', 2, 'Nội tỉnh', 'Within one province'),
    ('same_region', 3, 'Liên tỉnh nội vùng', 'Between provinces of one region'),
    ('adjacent_regions', 4, 'Liên tỉnh cận vùng', 'Between adjacent regions'),
    ('far_regions', 5, 'Liên tỉnh cách vùng', 'Between regions that do not touch');

-- The zone between two provinces of different regions.
create table postal.region_zone (
    a text not null,
    b text not null,
    zone text not null references postal.zone,
    primary key (a, b)
);
insert into postal.region_zone (a, b, zone) values
    ('north', 'central', 'adjacent_regions'), ('central', 'north', 'adjacent_regions'),
    ('central', 'south', 'adjacent_regions'), ('south', 'central', 'adjacent_regions'),
    ('north', 'south', 'far_regions'), ('south', 'north', 'far_regions');

create table postal.tariff (
    zone text not null references postal.zone,
    direction text not null check (direction in ('out', 'return')),
    over_g int not null check (over_g >= 0),
    up_to_g int check (up_to_g > over_g), -- null: no upper end, and
    each_g int check (each_g > 0),        -- price is for each started each_g over over_g
    price bigint not null check (price >= 0),
    valid_from date not null default '2017-01-01',
    valid_to date check (valid_to > valid_from),
    primary key (zone, direction, over_g, valid_from),
    check ((up_to_g is null) = (each_g is not null))
);

insert into postal.tariff (zone, direction, over_g, up_to_g, each_g, price)
select zone, direction, over_g, up_to_g, each_g, price
from (values
    (0, 100, null, 'out', '{26000,30000,30500,31000,31500}'::bigint[]),
    (0, 100, null, 'return', '{26000,30000,30500,31000,31500}'),
    (100, 250, null, 'out', '{26000,30000,31000,34000,38000}'),
    (100, 250, null, 'return', '{27000,31000,32000,35000,39000}'),
    (250, 500, null, 'out', '{26500,30500,32500,38000,51000}'),
    (250, 500, null, 'return', '{28500,32500,34500,40000,53000}'),
    (500, null, 500, 'out', '{2200,2900,3600,6300,9700}'),
    (500, null, 500, 'return', '{2200,2900,3600,6300,9700}')
) as step (over_g, up_to_g, each_g, direction, prices)
join postal.zone on true
cross join lateral (select prices[rank] as price) at_rank;

-- Transit targets: J+n working days, and with delivery of the appointment note.
create table postal.transit (
    relation text primary key
        check (relation in ('same_area', 'same_province', 'major_cities', 'other')),
    days int not null check (days > 0),
    days_with_note int not null check (days_with_note >= days)
);
insert into postal.transit (relation, days, days_with_note) values
    ('same_area', 1, 2), ('same_province', 2, 4), ('major_cities', 3, 6), ('other', 4, 8);

-- postal.zone_between(commune, commune) -> zone; problem unknown-commune.
-- Reads postal.commune, postal.province, postal.region_zone.
create function postal.zone_between(from_commune text, to_commune text) returns text
language plpgsql stable as $$
declare
    a record;
    b record;
begin
    select c.code, c.province_code, c.area, p.region into a
    from postal.commune c join postal.province p on p.code = c.province_code
    where c.code = from_commune;
    select c.code, c.province_code, c.area, p.region into b
    from postal.commune c join postal.province p on p.code = c.province_code
    where c.code = to_commune;
    if a.code is null or b.code is null then
        perform base.problem('unknown-commune');
    end if;
    if a.code = b.code or (a.province_code = b.province_code and a.area = b.area) then
        return 'same_area';
    elsif a.province_code = b.province_code then
        return 'same_province';
    elsif a.region = b.region then
        return 'same_region';
    end if;
    return (select zone from postal.region_zone z where z.a = a.region and z.b = b.region);
end $$;

-- postal.postage(zone, direction, weight_g, day) -> đồng. Reads postal.tariff.
create function postal.postage(p_zone text, p_direction text, weight_g int, p_day date)
returns bigint language sql stable as $$
    with valid as (
        select * from postal.tariff t
        where t.zone = p_zone and t.direction = p_direction
          and t.valid_from <= p_day and (t.valid_to is null or t.valid_to > p_day))
    select (select price from valid
            where over_g < greatest(weight_g, 1) and each_g is null
            order by over_g desc limit 1)
         + coalesce((select price * ((weight_g - over_g + each_g - 1) / each_g) from valid
                     where each_g is not null and over_g < weight_g), 0)
$$;

-- postal.transit_days(commune, commune, with_note) -> working days. Reads postal.transit. (plpgsql keeps
-- the plan)
create function postal.transit_days(from_commune text, to_commune text, with_note boolean)
returns int language plpgsql stable as $$
begin
    return (
        select case when with_note then t.days_with_note else t.days end
        from postal.zone_between(from_commune, to_commune) zone
        join postal.transit t on t.relation = case
            when zone in ('same_area', 'same_province') then zone
            when (select bool_and(p.major) from postal.commune c
                  join postal.province p on p.code = c.province_code
                  where c.code in (from_commune, to_commune)) then 'major_cities'
            else 'other' end);
end $$;

-- postal.receiving_unit(code, agency): the one-stop department that takes the papers over for the
-- agency that decides: any of its province; null when none is named, or it is the agency itself. Problem
-- invalid-fields. Reads postal.unit.
create function postal.receiving_unit(p_code text, p_agency bigint) returns bigint
language plpgsql stable as $$
declare
    v_unit bigint := case when p_code is not null then postal.unit_by_code(p_code) end;
begin
    if p_code is null or v_unit = p_agency then
        return null;
    elsif not exists (select from postal.unit u where u.id = v_unit and u.kind = 'agency')
          or not postal.same_province(v_unit, p_agency) then
        perform base.wrong_field('/receiving', 'choice',
            'Nơi tiếp nhận phải là bộ phận Một cửa trong cùng tỉnh, thành phố.',
            'Only a one-stop department of the same province receives for it.');
    end if;
    return v_unit;
end $$;

-- postal.quote(procedure, from commune, to agency, weight_g, service, extras): what the applicant
-- will pay, in the ledgers it goes to, and when the papers arrive. receiving: the unit where they go when it
-- takes them over for the agency, from where the result comes; zone: of the way out, if there is one. service: send, receive, both, or none;
-- extras: 'appointment_note'; fees, online: which of the agency's fees, see procedure.fee_lines.
-- -> jsonb {zone, zone_name, lines: [{ledger, name, name_en, amount}],
-- total, transit_days, forwarded_on, arrives_on}. Problems unknown-procedure,
-- procedure-not-by-post, unknown-commune, unknown-unit. Reads postal.*, procedure.procedure.
create function postal.quote(p_procedure text, from_commune text, to_unit bigint, weight_g int,
                             service text, extras text[] default '{}', fees jsonb default null,
                             online boolean default false, p_receiving bigint default null)
returns jsonb language plpgsql stable as $$
declare
    today date := base.vn_date(now());
    offer jsonb := procedure.for_service(p_procedure, service);
    agency postal.unit;
    receives postal.unit;
    zone postal.zone;
    back postal.zone;
    lines jsonb;
    days int;
    leaves date;
begin
    select * into agency from postal.unit u where u.id = to_unit and u.kind = 'agency';
    if not found then
        perform base.problem('unknown-unit');
    end if;
    select * into receives from postal.unit u where u.id = coalesce(p_receiving, to_unit);
    select * into back from postal.zone z
    where z.zone = postal.zone_between(from_commune, agency.commune_code);
    select * into zone from postal.zone z
    where z.zone = case when service in ('send', 'both')
                        then postal.zone_between(from_commune, receives.commune_code) else back.zone end;

    perform procedure.check_fees(offer, fees);
    select jsonb_agg(line order by place) into lines from (
        select n as place, fee || '{"ledger": "agency_fee"}' as line
        from jsonb_array_elements(procedure.fee_lines(offer, fees, online)) with ordinality as list(fee, n)
        union all
        select 1000, jsonb_build_object('ledger', 'postage_out', 'name', 'Cước gửi hồ sơ',
               'name_en', 'Postage to the agency',
               'amount', postal.postage(zone.zone, 'out', weight_g, today))
        where service in ('send', 'both')
        union all
        select 1001, jsonb_build_object('ledger', 'postage_return', 'name', 'Cước trả kết quả',
               'name_en', 'Postage of the result',
               'amount', postal.postage(back.zone, 'return', weight_g, today))
        where service in ('receive', 'both')) all_lines;

    days := postal.transit_days(from_commune, receives.commune_code,
                                'appointment_note' = any (extras));
    leaves := postal.forwarded_on(null, now());
    return jsonb_build_object('zone', zone.zone, 'zone_name', zone.name,
        'zone_name_en', zone.name_en, 'lines', coalesce(lines, '[]'),
        'total', (select coalesce(sum((line ->> 'amount')::bigint), 0)
                  from jsonb_array_elements(coalesce(lines, '[]')) line),
        'transit_days', days, 'forwarded_on', leaves,
        'arrives_on', postal.add_working_days(null, leaves, days));
end $$;
