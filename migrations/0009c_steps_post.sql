-- Steps that nobody asks for: what a signature, a delivery or a loss makes of a dossier.

-- dossier.filed_then(dossier, at): as though it were filed.
create function dossier.filed_then(d dossier.dossier, p_at timestamptz) returns dossier.dossier
language plpgsql immutable as $$
begin
    d.filed_at := p_at;
    return d;
end $$;

-- dossier.filed(handover, numbers, at): the agency signed for these shipments: the legal filing
-- time of each dossier that came with an outward leg to it, all pieces of it but those that were
-- declared lost (one that went back is waited for); what another agency took by mistake, or whose
-- intake was cancelled, is not filed. A dossier accepted earlier, before the list was known here,
-- gets its due time counted from the filing. Reads custody.handover; writes custody.event,
-- dossier.dossier.
create function dossier.filed(p_handover uuid, p_numbers text[], p_at timestamptz) returns void
language plpgsql as $$
declare
    d dossier.dossier;
begin
    -- Locked first: of two signatures for two pieces of one dossier the later sees both.
    perform from dossier.dossier x
    where x.id in (select s.dossier from custody.shipment s where s.number = any (p_numbers) and s.leg = 'outward')
    order by x.id for update;
    for d in select x.* from dossier.dossier x
             where x.id in (select s.dossier from custody.shipment s
                            where s.number = any (p_numbers) and s.leg = 'outward')
               and x.filed_at is null and x.cancelled_at is null
               and not exists (select from custody.handover h
                               where h.id = p_handover and h.to_id <> x.agency
                                 and h.to_id is distinct from x.receiving)
               and not exists (select from custody.shipment o
                               where o.dossier = x.id and o.leg = 'outward' and o.pieces > 1
                                 and o.state not in ('delivered', 'lost')
                                 and o.number <> all (p_numbers))
             order by x.id for update loop
        perform dossier.record(d.id, 'filed', p_at, null,
            coalesce((select h.to_id from custody.handover h where h.id = p_handover), d.agency),
            jsonb_strip_nulls(jsonb_build_object('handover', p_handover, 'filed_at', p_at,
                'due_at', case when d.accepted_at is not null and d.ended_at is null
                               then dossier.reckoned(dossier.filed_then(d, p_at)) end)));
    end loop;
end $$;

-- dossier.agency_took(list, numbers, actor, at): an agency signed for these: outward legs are filed; what
-- was forwarded between agencies, a supplement, or a result that could not be delivered is told to
-- its dossier, as an event without effect on its status. Writes custody.event, dossier.dossier.
create function dossier.agency_took(h custody.handover, p_numbers text[], p_actor bigint,
                                    p_at timestamptz) returns void
language plpgsql as $$
declare
    v record;
begin
    -- All of them in one order, before any is looked at.
    perform from dossier.dossier x
    where x.id in (select s.dossier from custody.shipment s where s.number = any (p_numbers))
    order by x.id for update;
    perform dossier.filed(h.id, p_numbers, p_at);
    for v in select d.id, d.status, s.number, s.leg
             from custody.shipment s join dossier.dossier d on d.id = s.dossier
             where s.number = any (p_numbers)
               and (s.leg = 'inter_agency' and s.to_unit = h.to_id
                    or s.leg = 'supplement' and s.to_unit = h.to_id and s.state = 'delivered'
                    or s.leg = 'result' and s.from_unit = h.to_id and s.state = 'returned')
             order by d.id, s.number loop
        perform dossier.record(v.id, case v.leg when 'inter_agency' then 'forwarded'
                when 'supplement' then 'supplement_came' else 'result_back' end, p_at, p_actor, h.to_id,
            jsonb_build_object('from', v.status, 'number', v.number, 'handover', h.id));
    end loop;
end $$;

-- dossier.lost(numbers): a person declared these lost; where only they were still waited for, the
-- dossier was filed with the last signature for one of its pieces. Reads custody.handover; writes as
-- dossier.filed.
create function dossier.lost(p_numbers text[]) returns void
language plpgsql as $$
declare
    h record;
begin
    for h in select distinct on (d.id) d.id, l.id as list, l.signed_at
             from custody.shipment s
             join dossier.dossier d on d.id = s.dossier and d.filed_at is null
             join custody.shipment o on o.dossier = d.id and o.leg = 'outward' and o.number <> s.number
             join custody.handover_item i on i.number = o.number
                  and i.finding in ('present', 'damaged', 'surplus')
             join custody.handover l on l.id = i.handover and l.state = 'signed'
                  and l.to_kind = 'unit' and l.to_id in (d.agency, d.receiving)
             where s.number = any (p_numbers) and s.leg = 'outward' and s.pieces > 1
             order by d.id, l.signed_at desc loop
        perform dossier.filed(h.list, p_numbers, h.signed_at);
    end loop;
end $$;

-- dossier.delivered(numbers, at): proof of delivery of these shipments; a dossier whose result has
-- wholly arrived is done (9 -> 10). Other legs change no status. Writes custody.event, dossier.*.
create function dossier.delivered(p_numbers text[], p_at timestamptz) returns void
language plpgsql as $$
declare
    d dossier.dossier;
begin
    -- Locked first: of two deliveries at once the later one sees both.
    perform from dossier.dossier x
    where x.id in (select s.dossier from custody.shipment s
                   where s.number = any (p_numbers) and s.leg = 'result')
    order by x.id for update;
    for d in select x.* from dossier.dossier x
             where x.id in (select s.dossier from custody.shipment s
                            where s.number = any (p_numbers) and s.leg = 'result')
               and x.status = 9
               and not exists (select from custody.shipment o
                               where o.dossier = x.id and o.leg = 'result'
                                 and o.state not in ('delivered', 'returned', 'lost')
                                 and o.number <> all (p_numbers))
             order by x.id for update loop
        perform dossier.record(d.id, 'result_returned', p_at, null, null, '{"from": 9, "to": 10}');
    end loop;
end $$;

-- dossier.undelivered(numbers, at): the delivery of these was taken back (10 -> 9).
-- Writes custody.event, dossier.*.
create function dossier.undelivered(p_numbers text[], p_at timestamptz) returns void
language plpgsql as $$
declare
    d dossier.dossier;
begin
    for d in select x.* from dossier.dossier x
             where x.id in (select s.dossier from custody.shipment s
                            where s.number = any (p_numbers) and s.leg = 'result')
               and x.status = 10
             order by x.id for update loop
        perform dossier.record(d.id, 'delivery_taken_back', p_at, null, null,
                               '{"from": 10, "to": 9}');
    end loop;
end $$;
