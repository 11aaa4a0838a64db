-- Taking a step: what it needs, what it makes, its event, and the one door to all of them, dossier.act.

-- dossier.check_needs(transition, body): problem invalid-fields naming each member that is missing.
create function dossier.check_needs(t dossier.transition, body jsonb) returns void
language plpgsql stable as $$
declare
    wrong jsonb;
begin
    select jsonb_agg(jsonb_build_object('pointer', '/' || member, 'code', 'required',
               'detail', 'This action needs it.', 'detail_vi', 'Thao tác này cần có.') order by n)
    into wrong
    from dossier.action a cross join unnest(a.needs || t.needs) with ordinality as need(member, n)
    where a.action = t.action and coalesce(body ->> member, '') = '';
    if wrong is not null then
        perform base.problem('invalid-fields', jsonb_build_object('errors', wrong));
    elsif t.action <> 'compensate' and (body ->> 'amount')::bigint < 1 then
        perform base.wrong_field('/amount', 'too_small', 'Số tiền phải lớn hơn 0.', 'An amount is more than 0.');
    end if;
end $$;

-- dossier.originals_here(dossier): the agency, or who received for it, holds originals that must go back; not
-- while they are on their way between the two.
create function dossier.originals_here(d dossier.dossier) returns boolean
language sql stable as $$
    select exists (select from dossier.document x
                   where x.dossier = d.id and x.originals > 0 and x.returned)
       and (d.filed_at is not null or exists (
            select from custody.shipment s
            where s.dossier = d.id and s.leg = 'outward' and s.state = 'delivered'))
       and not exists (
            select from custody.shipment s
            where s.dossier = d.id and s.leg = 'inter_agency' and s.state <> 'delivered')
$$;

-- dossier.delivery_office(dossier): the post office that brings something to the applicant.
create function dossier.delivery_office(d dossier.dossier) returns bigint
language sql stable as $$
    select coalesce(d.result_unit,
        (select c.delivery_office from postal.commune c
         where c.code = coalesce(d.result_commune, d.from_commune)),
        d.office)
$$;

-- dossier.make_leg(dossier, leg, weight_g, actor): the shipment that a step calls for, or null:
-- a result that is fetched or sent on line, or originals that are not there, need none.
-- Writes custody.*.
create function dossier.make_leg(d dossier.dossier, p_leg text, p_weight int, p_actor bigint)
returns text
language plpgsql as $$
begin
    if p_leg = 'supplement' then
        return custody.create_shipment(d.id, p_leg, d.office,
            case when d.accepted_at is null and not exists (
                     select from custody.shipment s where s.dossier = d.id and s.leg = 'inter_agency')
                 then coalesce(d.receiving, d.agency) else d.agency end,
            p_weight, p_actor);
    elsif p_leg = 'inter_agency' then
        return custody.create_shipment(d.id, p_leg, d.office, d.agency, coalesce(p_weight, d.weight_g),
                                       p_actor, d.receiving);
    end if;
    if (p_leg = 'result' and d.result_to_kind in ('address', 'post_office'))
       or (p_leg = 'originals' and dossier.originals_here(d)) then
        return custody.create_shipment(d.id, p_leg, d.office, dossier.delivery_office(d),
                                       coalesce(p_weight, d.weight_g), p_actor,
                                       case when dossier.to_forward(d) then d.receiving end);
    end if;
    return null;
end $$;

-- dossier.take_payment(dossier, body, actor, unit): a clerk took the amount in cash, which is all that is due in these
-- ledgers (null: in all); what its event says of it. Problem invalid-fields, with what is due.
-- Writes money.*.
create function dossier.take_payment(d dossier.dossier, body jsonb, p_actor bigint, p_unit bigint)
returns jsonb
language plpgsql as $$
declare
    v_ledgers text[] := array(select jsonb_array_elements_text(body -> 'ledgers') order by 1);
    v_due bigint := money.due(d.id, nullif(v_ledgers, '{}'));
begin
    if (body ->> 'amount')::bigint <> v_due then
        perform base.wrong_field('/amount', 'choice',
            format('Số phải thu là %s.', base.dong(v_due)), format('The amount due is %s.', base.dong(v_due)));
    end if;
    perform money.pay(d.id, p_actor, p_unit, nullif(v_ledgers, '{}'));
    return case when body ? 'ledgers' then jsonb_build_object('ledgers', v_ledgers) else '{}' end;
end $$;

-- dossier.settle(dossier, action, body, actor, unit): the money side of a step; what its event says of it.
-- Writes money.*.
create function dossier.settle(d dossier.dossier, p_action text, body jsonb, p_actor bigint, p_unit bigint)
returns jsonb
language plpgsql as $$
begin
    if p_action = 'ask_payment' then
        perform money.add_charges(d.id, jsonb_build_array(jsonb_build_object(
            'ledger', 'agency_fee', 'name', coalesce(body ->> 'name', 'Nghĩa vụ tài chính'),
            'amount', body -> 'amount')));
    elsif p_action = 'payment_received' then
        perform money.pay(d.id, p_actor, p_unit, '{agency_fee}');
    elsif p_action = 'take_payment' then
        return dossier.take_payment(d, body, p_actor, p_unit);
    elsif p_action = 'cancel_intake' then
        return money.cancel(d.id);
    elsif p_action = 'claim' then
        return dossier.claim_said(d, body);
    elsif p_action in ('compensate', 'refuse_claim') then
        return dossier.claim_decided(d, p_action, body);
    end if;
    return '{}';
end $$;

-- dossier.end_shipments(dossier, actor, data): its papers go back across the counter, or (data) into
-- another dossier: a step of each shipment that ends it. They are locked. Problem conflict: a scan
-- came just now. Writes custody.*.
create function dossier.end_shipments(d dossier.dossier, p_actor bigint, p_data jsonb default null)
returns void
language plpgsql as $$
declare
    s custody.shipment;
begin
    for s in select * from custody.shipment x where x.dossier = d.id order by x.number loop
        -- (one that committed while we waited for the lock would follow on the end)
        if s.last_at > now() or (custody.internal_scan(s.number, 'cancel', p_actor, d.office, now(),
                                     p_data => p_data, p_signed => d.id)).outcome <> 'recorded' then
            perform base.problem('conflict');
        end if;
    end loop;
end $$;

-- dossier.remark_of(body): what staff wrote with a step, as its event's remark: the reason, why it is
-- asked again, and a line for each paper that a supplement must bring.
create function dossier.remark_of(body jsonb) returns text
language sql immutable as $$
    select nullif(concat_ws(E'\n', body ->> 'reason', body ->> 'again_reason',
        (select string_agg(format('- %s%s%s', i ->> 'name',
                    case when (i ->> 'originals')::int > 0
                         then format(', %s bản chính', i ->> 'originals') end,
                    case when (i ->> 'copies')::int > 0
                         then format(', %s bản sao', i ->> 'copies') end), E'\n' order by n)
         from jsonb_array_elements(body -> 'items') with ordinality as list (i, n))), '')
$$;

-- dossier.list_items(dossier, event, body): the papers that a supplement must bring; without a list,
-- each line of the reason is one. Writes dossier.supplement_item.
create function dossier.list_items(p_dossier uuid, p_event uuid, body jsonb) returns void
language plpgsql as $$
begin
    insert into dossier.supplement_item (dossier, event, line, name, originals, copies)
    select p_dossier, p_event, n, i ->> 'name', coalesce((i ->> 'originals')::int, 0),
           coalesce((i ->> 'copies')::int, 0)
    from jsonb_array_elements(body -> 'items') with ordinality as list (i, n);
    if not found then
        insert into dossier.supplement_item (dossier, event, line, name, originals, copies)
        select p_dossier, p_event, row_number() over (order by n), trim(line), 0, 0
        from regexp_split_to_table(body ->> 'reason', E'\n') with ordinality as list (line, n)
        where trim(line) <> '';
    end if;
end $$;

-- dossier.supplement_here(dossier, event, body): the papers that a supplement brought are of the dossier: those
-- that the step counts (items), else those that were asked for last; what was not counted in sheets is no
-- paper. Reads dossier.supplement_item; writes dossier.document.
create function dossier.supplement_here(d dossier.dossier, p_event uuid, body jsonb) returns void
language sql as $$
    select dossier.write_documents(d.id, list.items, dossier.procedure_body(d.procedure, d.procedure_version), p_event)
    from (select jsonb_agg(jsonb_build_object('name', x.name, 'originals', x.originals, 'copies', x.copies) order by n) as items
          from (select i ->> 'name' as name, coalesce((i ->> 'originals')::int, 0) as originals,
                       coalesce((i ->> 'copies')::int, 0) as copies, n
                from jsonb_array_elements(body -> 'items') with ordinality as told (i, n)
                union all
                select i.name, i.originals, i.copies, i.line
                from dossier.supplement_item i
                where not body ? 'items' and i.dossier = d.id and i.name is not null
                  and i.event = (select l.event from dossier.supplement_item l where l.dossier = d.id
                                 order by l.event desc limit 1)) x
          where x.originals + x.copies > 0) list
    where list.items is not null
$$;

-- dossier.step(dossier, transition, actor, unit, body): takes it. Writes dossier.*, custody.*, money.*.
create function dossier.step(d dossier.dossier, t dossier.transition, p_actor bigint,
                             p_unit bigint, body jsonb) returns void
language plpgsql as $$
declare
    due timestamptz := dossier.next_due(d, t.action, body);
    number text := dossier.make_leg(d, t.makes, (body ->> 'weight_g')::int, p_actor);
    settled jsonb := dossier.settle(d, t.action, body, p_actor, p_unit);
    originals jsonb := dossier.originals_with(d, t.action, number);
    event uuid;
begin
    if t.action = 'cancel_intake' then
        perform dossier.end_shipments(d, p_actor);
    end if;
    event := dossier.record(d.id, t.action, now(), p_actor, p_unit,
        jsonb_strip_nulls(jsonb_build_object('from', d.status,
            'to', coalesce(t.to_status, d.back_to), 'due_at', due, 'number', number,
            'old_due_at', case when due is not null then d.due_at end,
            'amount', body -> 'amount', 'legal_basis', body -> 'legal_basis',
            'originals', originals)) || settled,
        p_remark => dossier.remark_of(body));
    if t.action = 'ask_supplement' then
        perform dossier.list_items(d.id, event, body);
    elsif t.action = 'supplement_received' then
        perform dossier.supplement_here(d, event, body);
    end if;
    if t.action in ('claim', 'compensate', 'refuse_claim') then
        perform dossier.claim_written(d.id, event, p_actor, p_unit);
    elsif t.to_status in (3, 8, 9) then
        perform dossier.end_askings(d.id, p_actor, p_unit);
    end if;
end $$;

-- dossier.changes_since(dossier, version): [{action, name, name_en, at, actor, unit, from, to}] of what
-- happened after the version that somebody saw. Reads custody.event, dossier.action, account.account.
create function dossier.changes_since(d dossier.dossier, p_version int) returns jsonb
language plpgsql stable as $$
begin
    return (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'action', substr(e.kind, 9), 'name', coalesce(a.name, w.vi), 'name_en', coalesce(a.name_en, w.en),
        'at', e.at, 'actor', nullif(c.name, ''), 'unit', u.name, 'from', f.name, 'to', s.name))
        order by (e.data ->> 'version')::int), '[]')
    from custody.event e
    left join dossier.action a on a.action = substr(e.kind, 9)
    left join lateral dossier.kind_word(e.kind) w on a.action is null
    left join account.account c on c.id = e.actor
    left join postal.unit u on u.id = e.unit
    left join dossier.status f on f.code = (e.data ->> 'from')::int
    left join dossier.status s on s.code = (e.data ->> 'to')::int
    where e.subject = d.id::text and e.kind like 'dossier.%'
      and (e.data ->> 'version')::int > p_version);
end $$;

-- dossier.check_version(dossier, version): problem precondition-failed, with `changes`, unless it is as
-- the asker saw it; null: any.
create function dossier.check_version(d dossier.dossier, p_version int) returns void
language plpgsql stable as $$
begin
    if p_version <> d.version then
        perform base.problem('precondition-failed', jsonb_build_object('version', d.version,
            'changes', dossier.changes_since(d, p_version)));
    end if;
end $$;

-- dossier.act(actor, unit, roles, key, action, body, if_match, idempotency key, digest): one step.
-- body: reason?, again_reason?, legal_basis?, items? [{name, originals?, copies?}], due_at?, amount?,
-- ledgers?, name?, weight_g?, number?, cause?. if_match: the version the asker saw, or null.
-- Returns dossier.view() with allowed_actions. Problems not-found, precondition-failed, forbidden,
-- action-not-allowed, invalid-fields, id-reused, in-progress. Writes dossier.*, custody.*, money.*.
create function dossier.act(p_actor bigint, p_unit bigint, p_roles int, p_key text, p_action text,
                            body jsonb, p_if_match int default null, p_idem text default null,
                            p_digest bytea default null) returns jsonb
language plpgsql as $$
declare
    d dossier.dossier;
    t dossier.transition;
    reply jsonb := base.replay(p_actor, p_idem, p_digest);
begin
    if reply is not null then
        return reply;
    end if;
    d := dossier.locate(p_key, p_actor, p_unit, p_roles);
    if p_action = 'cancel_intake' then
        -- A scan or signing locks the shipments before their dossier; so does this.
        perform custody.subject_lock(array(select number from custody.shipment
                                           where dossier = d.id));
    end if;
    select * into d from dossier.dossier where id = d.id for update;
    perform dossier.check_version(d, p_if_match);
    t := dossier.choose(d, p_action, p_actor, p_unit, p_roles);
    perform dossier.check_needs(t, body);
    perform dossier.step(d, t, p_actor, p_unit, body);
    return base.replied(p_actor, p_idem, p_digest,
                        dossier.view_for(d.id, p_actor, p_unit, p_roles));
end $$;
