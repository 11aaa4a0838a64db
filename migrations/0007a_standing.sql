-- Where things are, through what they lie in, and who holds them.

-- container.lies_at(closure, at): state, holder and place of something in a closure, from the
-- innermost container outward. active: the membership lasts; sealed: its container was sealed;
-- since: when it is known to have come to its place, null while it is inside.
-- Reads container.closure, container.container, and custody.point when asked about a time before
-- the container's latest event.
create function container.lies_at(
    p_closure bigint, p_at timestamptz,
    out state text, out holder_kind text, out holder_id bigint, out place bigint,
    out since timestamptz, out active boolean, out sealed boolean)
language plpgsql stable as $$
declare
    k container.closure;
    c container.container;
    s custody.standing;
    depth int := 0;
begin
    loop
        select * into k from container.closure x where x.id = p_closure;
        if k.opened_at <= p_at then
            state := 'arrived';
            holder_kind := 'place';
            holder_id := coalesce(k.opened_unit, 0);
            place := coalesce(k.opened_unit, 0);
            since := k.opened_at;
            active := coalesce(active, false);
            sealed := coalesce(sealed, false);
            return;
        end if;
        active := true;
        select * into c from container.container x where x.id = k.container;
        if c.last_at <= p_at then
            s := custody.kept(c);
        else
            select (p.standing).* into s from custody.point p
            where p.subject = c.id and p.at <= p_at order by p.at desc limit 1;
            if not found then
                s := custody.begun(c);
            end if;
        end if;
        sealed := coalesce(sealed, false) or coalesce(k.sealed_at <= p_at, false);
        state := case when s.state in ('departed', 'arrived', 'lost') then s.state
                      else 'bagged' end;
        holder_kind := s.holder_kind;
        holder_id := s.holder_id;
        place := s.place;
        depth := depth + 1;
        exit when s.closure is null or depth > 4;
        p_closure := s.closure;
    end loop;
end $$;

-- custody.party(kind, id): how a holder is known outside: the id of a person, the code of a unit,
-- the id of a container, and its name. Reads account.account, postal.unit, container.*. (plpgsql:
-- one look, into the table of its kind, and nothing to set up in the statement that may ask.)
create type custody.named as (ref text, name text);
create function custody.party(p_kind text, p_id bigint) returns custody.named
language plpgsql stable as $$
declare
    ref text;
    name text;
begin
    case p_kind
        when 'person' then
            select a.id::text, a.name into ref, name from account.account a where a.id = p_id;
        when 'place', 'agency' then
            select u.code, u.name into ref, name from postal.unit u where u.id = p_id;
        when 'bag' then
            select k.container, k.container into ref, name
            from container.closure k where k.id = p_id;
        when 'trip' then
            select t.code, t.code into ref, name from container.trip t where t.id = p_id;
        when 'addressee' then name := 'Người nhận';
        when 'authority' then name := 'Cơ quan có thẩm quyền';
        else null;
    end case;
    return (coalesce(ref, ''), coalesce(name, ''))::custody.named;
end $$;

-- custody.holder_json(kind, id): {kind, id, name}; of a trip also carrier, the person who holds what
-- rides on it.
create function custody.holder_json(p_kind text, p_id bigint) returns jsonb
language sql stable as $$
    select jsonb_build_object('kind', p_kind, 'id', ref, 'name', name)
           || case when p_kind = 'trip' then coalesce((
                  select jsonb_build_object('carrier', jsonb_build_object('id', a.id::text,
                                                                          'name', a.name))
                  from container.trip t join account.account a on a.id = t.carrier
                  where t.id = p_id), '{}') else '{}' end
    from custody.party(p_kind, p_id) where p_kind is not null
$$;

-- custody.resolved(number): where a shipment is really, through whatever it lies in, just now.
-- One row, or none for an unknown number. container: the innermost it lies in.
create function custody.resolved(p_number text)
returns table (number text, state text, holder_kind text, holder_id bigint, place bigint,
               container text, going_back boolean, redirected boolean, damaged boolean,
               offered_kind text, offered_to bigint)
language sql stable as $$
    select s.number, coalesce(l.state, s.state), coalesce(l.holder_kind, s.holder_kind),
           coalesce(l.holder_id, s.holder_id), coalesce(l.place, s.place),
           case when l.active then k.container end, s.going_back, s.redirected, s.damaged,
           s.offered_kind, s.offered_to
    from custody.shipment s
    left join container.closure k on k.id = s.closure
    left join lateral container.lies_at(s.closure, 'infinity') l on s.closure is not null
    where s.number = p_number
$$;

-- custody.standing_of(subject): holder and state of a shipment or container, through its bag.
create function custody.standing_of(p_subject text)
returns table (subject text, state text, holder_kind text, holder_id bigint)
language sql stable as $$
    select w.number, w.state, w.holder_kind, w.holder_id from custody.resolved(p_subject) w
    union all
    select c.id, coalesce(l.state, c.state), coalesce(l.holder_kind, c.holder_kind),
           coalesce(l.holder_id, c.holder_id)
    from container.container c
    left join lateral container.lies_at(c.closure, 'infinity') l on c.closure is not null
    where c.id = p_subject
$$;
