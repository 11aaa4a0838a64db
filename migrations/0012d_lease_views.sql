-- What became of leased numbers: used, scanned without a shipment, or unused.

alter table postal.lease_state add foreign key (oddity) references custody.oddity;

-- postal.lease_low(lease), postal.lease_high(lease): its numbers lie between these two texts; so
-- may numbers of other countries.
create function postal.lease_low(l postal.lease) returns text
language sql immutable as $$ select l.indicator || lpad(l.first::text, 8, '0') $$;

create function postal.lease_high(l postal.lease) returns text
language sql immutable as $$ select l.indicator || lpad(l.last::text, 8, '0') || ':' $$;

-- postal.lease_scanned(lease): its numbers that scans have and no shipment: when the last was, how
-- many, and their exceptions that are open.
-- Reads custody.event, custody.shipment, custody.exception.
create function postal.lease_scanned(l postal.lease)
returns table (number text, last_at timestamptz, scans bigint, exceptions text[])
language sql stable as $$
    select e.subject, max(e.at), count(*),
           array(select x.id::text from custody.exception x
                 where x.subject = e.subject and x.resolved_at is null order by x.id)
    from custody.event e
    where e.subject between postal.lease_low(l) and postal.lease_high(l) and e.subject like '%VN'
      and e.kind <> 'resolve'
      and not exists (select from custody.shipment s where s.number = e.subject)
    group by e.subject
$$;

-- postal.lease_loose(lease): those of them that still wait for a person, the first twenty.
create function postal.lease_loose(l postal.lease) returns text[]
language sql stable as $$
    select array(select s.number from postal.lease_scanned(l) s where s.exceptions <> '{}'
                 order by s.number limit 20)
$$;

-- postal.lease_numbers(lease): all its numbers, each with its state: used (and by which dossier),
-- scanned, or unused. Reads custody.*, dossier.dossier.
create function postal.lease_numbers(l postal.lease)
returns table (number text, state text, dossier text, at timestamptz, scans bigint,
               exceptions text[])
language sql stable as $$
    with used as materialized (
        select s.number, d.code, s.created_at
        from custody.shipment s left join dossier.dossier d on d.id = s.dossier
        where s.number between postal.lease_low(l) and postal.lease_high(l)),
    scanned as materialized (select * from postal.lease_scanned(l))
    select n.number,
           case when u.number is not null then 'used' when s.number is not null then 'scanned'
                else 'unused' end,
           u.code, coalesce(u.created_at, s.last_at), s.scans, nullif(s.exceptions, '{}')
    from (select postal.s10_number(l.indicator, serial) as number
          from generate_series(l.first, l.last) serial) n
    left join used u on u.number = n.number
    left join scanned s on s.number = n.number
$$;

-- postal.lease_person(account): {id, name}, or null.
create function postal.lease_person(p_account bigint) returns jsonb
language sql stable as $$
    select jsonb_build_object('id', id::text, 'name', name) from account.account where id = p_account
$$;

-- postal.lease_json(lease): the facts. first, last: with their check digits.
-- Reads postal.lease_kind, postal.lease_state, account.*.
create function postal.lease_json(l postal.lease) returns jsonb
language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object(
        'id', l.key, 'kind', k.kind, 'kind_name', k.name_vi, 'kind_name_en', k.name_en,
        'state', s.state, 'state_vi', s.name_vi, 'state_en', s.name_en,
        'unit', u.code, 'unit_name', u.name, 'device', d.key, 'indicator', l.indicator,
        'first', postal.s10_number(l.indicator, l.first),
        'last', postal.s10_number(l.indicator, l.last), 'count', l.last - l.first + 1,
        'leased_at', l.leased_at, 'leased_by', postal.lease_person(l.leased_by),
        'expires_at', l.expires_at,
        'closed_at', l.closed_at, 'closed_by', postal.lease_person(l.closed_by),
        'closed_why', l.closed_why,
        'revoked_at', l.revoked_at, 'revoked_by', postal.lease_person(l.revoked_by),
        'revoked_why', l.revoked_why))
    from postal.lease_kind k, postal.lease_state s, postal.unit u
    left join account.device d on d.id = l.device
    where k.kind = l.kind and s.state = postal.lease_now(l) and u.id = l.unit_id
$$;

-- postal.lease_made(lease): with its numbers, for whoever prints them.
create function postal.lease_made(l postal.lease) returns jsonb
language sql stable as $$
    select postal.lease_json(l) || jsonb_build_object('numbers', (
        select jsonb_agg(postal.s10_number(l.indicator, serial) order by serial)
        from generate_series(l.first, l.last) serial))
$$;

-- postal.lease_counted(lease): with how many of them are used, scanned and unused.
create function postal.lease_counted(l postal.lease) returns jsonb
language sql stable as $$
    select postal.lease_json(l) || jsonb_build_object(
        'used', u.n, 'scanned', s.n, 'unused', l.last - l.first + 1 - u.n - s.n)
    from (select count(*) as n from custody.shipment
          where number between postal.lease_low(l) and postal.lease_high(l)
            and number like '%VN') u,
         (select count(*) as n from postal.lease_scanned(l)) s
$$;

-- postal.lease_view(lease): with those counts and the unused numbers, the first 500.
create function postal.lease_view(l postal.lease) returns jsonb
language sql stable as $$
    select postal.lease_counted(l) || jsonb_build_object('unused_numbers', (
        select coalesce(jsonb_agg(n.number order by n.number), '[]')
        from (select number from postal.lease_numbers(l) where state = 'unused'
              order by number limit 500) n))
$$;

-- postal.lease_get(unit, roles, key): lease_view, or null.
create function postal.lease_get(p_unit bigint, p_roles int, p_key uuid) returns jsonb
language sql stable as $$
    select postal.lease_view(l) from postal.lease l
    where l.key = p_key and postal.lease_reaches(p_unit, p_roles, l.unit_id)
$$;

-- postal.leases(unit, roles, of, state, after, limit): {items: [lease_counted], next} of one unit,
-- see postal.lease_unit, the newest first. state, or null; after: 0, or the cursor `next`.
create function postal.leases(p_unit bigint, p_roles int, p_of text, p_state text, p_after bigint,
                              p_limit int) returns jsonb
language plpgsql stable as $$
declare
    v_unit bigint := postal.lease_unit(p_unit, p_roles, p_of);
begin
    return (
        with page as (
            select l, row_number() over (order by l.id desc) as n
            from postal.lease l
            where l.unit_id = v_unit and (p_state is null or postal.lease_now(l) = p_state)
              and (p_after = 0 or l.id < p_after)
            order by l.id desc limit p_limit + 1)
        select jsonb_build_object(
            'items', coalesce(jsonb_agg(postal.lease_counted(l) order by n)
                              filter (where n <= p_limit), '[]'),
            'next', case when count(*) > p_limit
                         then (max((l).id) filter (where n = p_limit))::text end)
        from page);
end $$;

-- postal.lease_report(unit, roles, key, state, after, limit): the reconciliation {items: [{number,
-- state, dossier?, at?, scans?, exceptions?}], next} in order; null for no such lease. at: when the
-- shipment was made, or of the last scan. exceptions: ids of the open ones. state, or null; after:
-- the cursor `next`, or ''.
create function postal.lease_report(p_unit bigint, p_roles int, p_key uuid, p_state text,
                                    p_after text, p_limit int) returns jsonb
language sql stable as $$
    select (
        with page as (
            select n.*, row_number() over (order by n.number) as place
            from postal.lease_numbers(l) n
            where n.number > p_after and (p_state is null or n.state = p_state)
            order by n.number limit p_limit + 1)
        select jsonb_build_object(
            'items', coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                'number', number, 'state', state, 'dossier', dossier, 'at', at, 'scans', scans,
                'exceptions', exceptions)) order by place) filter (where place <= p_limit), '[]'),
            'next', case when count(*) > p_limit
                         then max(number) filter (where place = p_limit) end)
        from page)
    from postal.lease l
    where l.key = p_key and postal.lease_reaches(p_unit, p_roles, l.unit_id)
$$;
