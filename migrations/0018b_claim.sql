-- Claims: the post lost, damaged or delayed a shipment; the applicant, or a clerk for them, says so, and a
-- supervisor pays or refuses. Said and decided by events of the dossier (dossier.act); dossier.claim is
-- their projection, and what was paid stands in money.compensation.

-- dossier.claim_until(accepted): the last day of a claim: six months after the post accepted the shipment.
create function dossier.claim_until(p_accepted timestamptz) returns date
language sql immutable as $$ select (base.vn_date(p_accepted) + interval '6 months')::date $$;

-- dossier.leg_ledger(leg): the ledger of what its way costs.
create function dossier.leg_ledger(p_leg text) returns text
language sql immutable parallel safe as $$
    select case when p_leg in ('outward', 'supplement', 'inter_agency') then 'postage_out' else 'postage_return' end
$$;

-- What a way costs: charge; paid and due: of that; and of what was compensated for any shipment that went
-- it, refunded and waived: of that too.
create type dossier.way_cost as (charge bigint, paid bigint, due bigint, refunded bigint, waived bigint);

-- dossier.way_cost(dossier, leg). Reads money.*, custody.shipment.
create function dossier.way_cost(p_dossier uuid, p_leg text) returns dossier.way_cost
language sql stable as $$
    select (k.charge, k.paid, k.due, p.refunded, p.waived)::dossier.way_cost
    from (select coalesce(sum(m.amount), 0)::bigint as charge,
                 coalesce(sum(m.amount) filter (where m.paid_at is not null), 0)::bigint as paid,
                 coalesce(sum(m.amount) filter (where m.paid_at is null and m.cancelled_at is null), 0)::bigint as due
          from money.charge m
          where m.dossier = p_dossier and (m.cancelled_at is null or m.waived_by is not null)
            and m.ledger = dossier.leg_ledger(p_leg)) k,
         (select coalesce(sum(c.refund), 0)::bigint as refunded, coalesce(sum(c.waived), 0)::bigint as waived
          from custody.shipment s join money.compensation c on c.number = s.number
          where s.dossier = p_dossier and dossier.leg_ledger(s.leg) = dossier.leg_ledger(p_leg)) p
$$;

-- dossier.claim_ways(dossier): its shipments that the post accepted, in their order, and what a claim for
-- each rests on: charge: what its way costs; unpaid: of that, also what was waived for it before; due: what of
-- that a compensation waives; refundable: what of it may still be given back. A piece of several has its
-- share, rounded up, and a supplement or originals on their way cost what the way does; but nothing is waived
-- or given back twice. before: compensation paid for it; found: the causes that the post's own records bear out.
-- Reads custody.*, postal.*, money.*.
create function dossier.claim_ways(d dossier.dossier)
returns table (number text, leg text, accepted_at timestamptz, charge bigint, unpaid bigint, due bigint,
               refundable bigint, before bigint, found text[])
language plpgsql stable as $$
declare
    v_legs dossier.told_leg[] := dossier.told_legs(d);
    v_post jsonb := dossier.post_timing_at(v_legs, d.result_to_kind, now());
begin
    return query
        select (l.shipment).number, (l.shipment).leg, (l.times).began, ceil((k).charge::numeric / l.pieces)::bigint,
               c.waived + o.due, o.due,
               greatest(least(ceil((k).paid::numeric / l.pieces)::bigint - c.refunded, (k).paid - (k).refunded), 0),
               c.paid,
               array_remove(array[
                   case when (l.shipment).state = 'lost' then 'lost' end,
                   case when (l.shipment).damaged or exists (
                       select from custody.exception x
                       where x.subject = (l.shipment).number and x.code = 'handover_damaged') then 'damaged' end,
                   case when v_post @> jsonb_build_array(jsonb_build_object(
                       'number', (l.shipment).number, 'timing', 'late')) then 'late' end], null)
        from (select x.*, (x.shipment).pieces from unnest(v_legs) x) l
        cross join lateral (select dossier.way_cost(d.id, (l.shipment).leg) as k offset 0) w
        cross join lateral (
            select coalesce(sum(p.amount), 0)::bigint as paid, coalesce(sum(p.refund), 0)::bigint as refunded,
                   coalesce(sum(p.waived), 0)::bigint as waived
            from money.compensation p where p.number = (l.shipment).number) c
        cross join lateral (
            select greatest(least(ceil(((k).due + (k).waived)::numeric / l.pieces)::bigint - c.waived, (k).due), 0)
                   as due) o
        where (l.times).began is not null
        order by (l.shipment).created_at, (l.shipment).number;
end $$;

-- dossier.claimable(dossier): the shipments for which a claim may be made today, and until when. Not while one
-- waits, nor once a loss or damage was compensated; that a late one is lost after all may still be claimed.
create function dossier.claimable(d dossier.dossier) returns table (number text, until date)
language sql stable as $$
    select w.number, dossier.claim_until(w.accepted_at)
    from dossier.claim_ways(d) w
    where d.cancelled_at is null and base.vn_date(now()) <= dossier.claim_until(w.accepted_at)
      and not exists (
          select from dossier.claim k
          where k.number = w.number
            and (k.decided_at is null or k.amount is not null and k.cause in ('lost', 'damaged')))
$$;

-- dossier.claimable_json(dossier): [{number, until}].
create function dossier.claimable_json(d dossier.dossier) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(to_jsonb(c)), '[]') from dossier.claimable(d) c
$$;

-- dossier.claim_said(dossier, body): what the event of a claim (body: number, cause) says. Problems
-- invalid-fields: not a shipment that may be claimed, or for this cause it was compensated.
create function dossier.claim_said(d dossier.dossier, body jsonb) returns jsonb
language plpgsql stable as $$
declare
    v_number text := dossier.normal(body ->> 'number');
begin
    if not exists (select from dossier.claimable(d) c where c.number = v_number) then
        perform base.wrong_field('/number', 'choice', (select reason from dossier.condition
            where condition = 'claimable'), (select reason_en from dossier.condition where condition = 'claimable'));
    elsif not exists (select from money.liability l where l.cause = body ->> 'cause') then
        perform base.wrong_field('/cause', 'choice', 'Khiếu nại vì mất, hư hỏng hoặc chậm.',
                                 'A claim is for a loss, damage or delay.');
    elsif exists (select from dossier.claim k where k.number = v_number and k.amount is not null
                  and k.cause = body ->> 'cause') then
        perform base.wrong_field('/cause', 'repeated', 'Bưu gửi này đã được bồi thường vì lý do đó.',
                                 'The shipment was compensated for that already.');
    end if;
    return jsonb_build_object('number', v_number, 'cause', body ->> 'cause');
end $$;

-- dossier.claim_basis(dossier, number, cause): {charge, unpaid, due, refundable, times, before, least, borne_out}:
-- what a decision rests on. borne_out: whether the post's own records show the cause. Null when the post does
-- not have it any more, its acceptance having been taken back. Reads as claim_ways.
create function dossier.claim_basis(d dossier.dossier, p_number text, p_cause text) returns jsonb
language sql stable as $$
    select jsonb_build_object('charge', w.charge, 'unpaid', w.unpaid, 'due', w.due,
        'refundable', w.refundable, 'times', l.times, 'before', w.before, 'least', money.compensation_least(w.charge, w.unpaid, l.times, w.before),
        'borne_out', p_cause = any (w.found))
    from dossier.claim_ways(d) w cross join money.liability l
    where w.number = p_number and l.cause = p_cause
$$;

-- dossier.claim_decided(dossier, action, body): what the event of a decision says of the claim that waits for
-- the shipment `number`. Less than the least is not paid, and what the post's records do not bear out not
-- without a reason. Problems conflict: none waits; invalid-fields.
create function dossier.claim_decided(d dossier.dossier, p_action text, body jsonb) returns jsonb
language plpgsql stable as $$
declare
    k dossier.claim;
    v_basis jsonb;
    v_amount bigint := (body ->> 'amount')::bigint;
    v_told jsonb;
begin
    select * into k from dossier.claim x
    where x.dossier = d.id and x.number = dossier.normal(body ->> 'number') and x.decided_at is null;
    if not found then
        perform base.problem('conflict', jsonb_build_object('detail', 'No claim for this shipment waits for a decision.',
            'detail_vi', 'Không có khiếu nại nào về bưu gửi này đang chờ giải quyết.'));
    end if;
    v_told := jsonb_build_object('claim', k.event, 'number', k.number, 'cause', k.cause);
    if p_action = 'refuse_claim' then
        return v_told;
    end if;
    v_basis := dossier.claim_basis(d, k.number, k.cause);
    if v_basis is null then
        perform base.problem('conflict', jsonb_build_object(
            'detail', 'That the post accepted the shipment was taken back: the claim can only be refused.',
            'detail_vi', 'Việc bưu chính nhận bưu gửi này đã bị hủy: chỉ có thể không chấp nhận khiếu nại.'));
    elsif v_amount < (v_basis ->> 'least')::bigint then
        perform base.wrong_field('/amount', 'too_small',
            format('Mức bồi thường tối thiểu là %s.', base.dong((v_basis ->> 'least')::bigint)),
            format('The least is %s.', base.dong((v_basis ->> 'least')::bigint)));
    elsif v_amount = 0 and (v_basis ->> 'due')::bigint = 0 then
        perform base.wrong_field('/amount', 'too_small', 'Không có cước nào để miễn: hãy nêu số tiền bồi thường.',
                                 'There is no charge to waive: say what is paid.');
    elsif not (v_basis ->> 'borne_out')::boolean and coalesce(body ->> 'reason', '') = '' then
        perform base.wrong_field('/reason', 'required',
            'Dữ liệu của bưu chính không cho thấy điều được khiếu nại: hãy nêu căn cứ bồi thường.',
            'The records of the post do not show what is claimed: say why it is paid.');
    end if;
    return v_told || jsonb_build_object('basis', v_basis, 'waived', v_basis -> 'due',
                                        'refund', least((v_basis ->> 'refundable')::bigint, v_amount));
end $$;

-- dossier.claim_written(dossier, event, actor, unit): after the event of a claim or its decision. Writes
-- dossier.claim, money.*.
create function dossier.claim_written(p_dossier uuid, p_event uuid, p_actor bigint, p_unit bigint) returns void
language plpgsql as $$
begin
    perform dossier.project_claims(p_dossier);
    insert into money.compensation (event, dossier, number, cause, amount, refund, waived, payer, unit)
    select e.id, p_dossier, e.data ->> 'number', e.data ->> 'cause', (e.data ->> 'amount')::bigint,
           (e.data ->> 'refund')::bigint, (e.data ->> 'waived')::bigint, p_actor, p_unit
    from custody.event e
    where e.subject = p_dossier::text and e.id = p_event and e.kind = 'dossier.compensate';
    perform money.waive(p_dossier, dossier.leg_ledger(s.leg), c.waived, c.event)
    from money.compensation c join custody.shipment s on s.number = c.number
    where c.event = p_event and c.waived > 0;
end $$;

-- dossier.claims_json(dossier, all): [{id, number, cause, cause_vi, cause_en, state: claimed, compensated or
-- claim_refused, claimed_at, decided_at?, amount?, refund?, waived?, basis?, said?, answer?}]; of one that waits the
-- basis is as of now. What was written is for whoever sees all of the dossier. Reads custody.event,
-- custody.remark and as claim_basis.
create function dossier.claims_json(d dossier.dossier, p_all boolean) returns jsonb
language plpgsql stable as $$
begin
    return (
        select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', k.event, 'number', k.number,
            'cause', k.cause, 'cause_vi', l.name, 'cause_en', l.name_en,
            'state', case when k.decided_at is null then 'claimed' when k.amount is not null then 'compensated'
                          else 'claim_refused' end,
            'claimed_at', k.claimed_at, 'decided_at', k.decided_at, 'amount', k.amount,
            'refund', x.data -> 'refund', 'waived', x.data -> 'waived',
            'basis', case when k.decided_at is null then dossier.claim_basis(d, k.number, k.cause)
                          else x.data -> 'basis' end,
            'said', case when p_all then q.text end, 'answer', case when p_all then r.text end))
            order by k.claimed_at, k.event), '[]')
        from dossier.claim k
        join money.liability l on l.cause = k.cause
        left join custody.event x on x.subject = d.id::text and x.id = k.decision
        left join custody.remark q on q.subject = d.id::text and q.event = k.event
        left join custody.remark r on r.subject = d.id::text and r.event = k.decision
        where k.dossier = d.id);
end $$;
