-- What the paper of a hand-over says beside the list: who stood on each side in which capacity, and
-- what was listed of each item. Nothing of the procedure, nothing of the applicant.

-- custody.handover_side(account, unit): {name?, capacity?, unit?, unit_name?, address?}; the unit of
-- the person where none is given. Reads account.*, postal.unit.
create function custody.handover_side(p_account bigint, p_unit bigint) returns jsonb
language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object('name', a.name,
        'capacity', (select string_agg(lower(r.name), ', ' order by r.bit) from account.role r
                     where r.bit & a.roles & (2 | 4 | 8 | 16 | 32) <> 0),
        'unit', u.code, 'unit_name', u.name, 'address', nullif(u.address, '')))
    from (values (1)) as one (row)
    left join account.account a on a.id = p_account
    left join postal.unit u on u.id = coalesce(p_unit, a.unit_id)
$$;

-- custody.handover_listed(numbers): {number: {piece?, pieces?, originals?, copies?, items?}}: what is
-- known of each item now: of a shipment in one piece the sheets that its dossier was filed with; of a bag how
-- many things lie in it. Reads custody.*, dossier.*, container.*.
create function custody.handover_listed(p_numbers text[]) returns jsonb
language sql stable as $$
    select coalesce(jsonb_object_agg(x.number, jsonb_strip_nulls(jsonb_build_object(
               'piece', case when s.pieces > 1 then s.piece end,
               'pieces', case when s.pieces > 1 then s.pieces end,
               'originals', d.originals, 'copies', d.copies, 'items', b.items))), '{}')
    from unnest(p_numbers) as x (number)
    left join custody.shipment s on s.number = x.number
    left join lateral (
        select sum(o.originals) as originals, sum(o.copies) as copies
        from dossier.document o
        where o.dossier = s.dossier and o.event is null and s.leg = 'outward' and s.pieces = 1) d on true
    left join lateral (
        select count(*) as items
        from (select c.id from container.closure c where c.container = x.number
              order by c.n desc limit 1) k
        join container.membership m on m.closure = k.id and m.ended_at is null
        having length(x.number) = 29) b on true
$$;

-- custody.handover_paper(account, unit, supervisor, id): handover_get with `giver` and `taker`
-- (handover_side) and `listed`, as it was when the item came on the list. Problem not-found.
create function custody.handover_paper(p_account bigint, p_unit bigint, p_supervisor boolean,
                                       p_id uuid) returns jsonb
language plpgsql stable as $$
declare
    told jsonb := custody.handover_get(p_account, p_unit, p_supervisor, p_id);
begin
    return (
        select told || jsonb_build_object(
            'giver', custody.handover_side(h.from_account, h.from_unit),
            'taker', custody.handover_side(
                coalesce(h.signed_by, case h.to_kind when 'person' then h.to_id end),
                case h.to_kind when 'unit' then h.to_id else h.signed_unit end),
            'listed', h.listed)
        from custody.handover h where h.id = p_id);
end $$;
