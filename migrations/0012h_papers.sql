-- What other labels and papers say than that of a shipment: of a bag, of an invitation, of a dispatch
-- note. The applicant's part is joined by the program, as for a label.

-- label.bag(id, actor, unit, roles): one row as label.data gives it, of a bag: the document of
-- label/bag.h. Whoever may see the bag may see it: all staff. Problem not-found.
-- Reads container.*, postal.unit.
create function label.bag(p_id text, p_actor bigint, p_unit bigint, p_roles int)
returns table (facts jsonb, sealed bytea, key bytea)
language plpgsql stable as $$
declare
    c container.container;
    k container.closure := container.last_closure(p_id);
    weighed jsonb := container.weighed(p_id);
begin
    select * into c from container.container x where x.id = p_id;
    if not found then
        perform base.problem('not-found');
    end if;
    return query
        select jsonb_strip_nulls(jsonb_build_object(
                   'id', c.id, 'origin', jsonb_build_object('code', o.code, 'name', o.name),
                   'destination', jsonb_build_object('code', t.code, 'name', t.name),
                   'routing', label.routing(c.destination), 'year', d.year,
                   'made_at', coalesce(k.sealed_at, c.created_at), 'seal', k.seal,
                   'weight_g', case when (weighed ->> 'at')::timestamptz >= k.begun_at
                                    then (weighed ->> 'weight_g')::int end,
                   'items', (select count(*) from container.membership m
                             where m.closure = k.id and m.ended_at is null),
                   'highest', d.highest = c.id)),
               null::bytea, null::bytea
        from postal.unit o
        join postal.unit t on t.id = c.destination
        left join container.despatch d on d.id = c.despatch
        where o.id = c.origin;
end $$;

-- label.hours(unit): its office hours on a working day, as of today, [{from, to}]. Reads postal.*.
create function label.hours(p_unit bigint) returns jsonb
language sql stable as $$
    select jsonb_agg(jsonb_build_object('from', to_char(span.a, 'HH24:MI'),
                                        'to', to_char(span.b, 'HH24:MI')) order by span.a)
    from postal.hours_on(p_unit, base.vn_date(now())) u
    cross join lateral (
        values (u.opens, coalesce(u.break_from, u.closes)), (u.break_to, u.closes)) span (a, b)
    where span.a is not null
$$;

-- label.waits_at(shipment): the office where its addressee fetches it: where it is, or where it is
-- delivered from. Reads postal.unit.
create function label.waits_at(s custody.shipment) returns bigint
language sql stable as $$
    select coalesce((select u.id from custody.resolved(s.number) w
                     join postal.unit u on u.id = w.place and u.kind = 'post_office'),
                    label.unit_up(s.to_unit, 'post_office'), s.to_unit)
$$;

-- label.invited(shipment): {attempt, most, invited_on, until?}: of the invitation that was given last, or of
-- the next one from the day on which it may be given. Reads custody.*.
create function label.invited(s custody.shipment) returns jsonb
language plpgsql stable as $$
declare
    rule custody.delivery_rule;
    steps custody.delivery_step[] := custody.delivery_steps(s.number);
    today date := base.vn_date(now());
    given record;
    last record;
    v_until date := custody.held_until(custody.delivery_steps(s.number));
begin
    select * into rule from custody.delivery_rule r where r.leg = s.leg;
    select * into given from custody.invitation_flag(steps, s.leg, now());
    if given.flag is null then
        return jsonb_build_object('attempt', given.given + 1, 'most', rule.invitations,
            'invited_on', today, 'until', greatest(v_until, postal.add_working_days(
                label.waits_at(s), today, case when given.given + 1 < rule.invitations
                                               then rule.apart_days else rule.after_days end)));
    end if;
    select base.vn_date(i.at) as day, coalesce(i.return_on, i.next_on) as until into last
    from custody.invitations(steps, s.leg, 'infinity') i where i.counts order by i.at desc limit 1;
    return jsonb_strip_nulls(jsonb_build_object('attempt', given.given, 'most', rule.invitations,
        'invited_on', last.day, 'until', greatest(v_until, last.until)));
end $$;

-- label.invitation(number, actor, unit, roles): one row as label.data gives it: the document of
-- label/invitation.h. Problems not-found (also foreign), action-not-allowed: nobody is invited to
-- fetch it. The reading is recorded. Writes dossier.access.
create function label.invitation(p_number text, p_actor bigint, p_unit bigint, p_roles int)
returns table (facts jsonb, sealed bytea, key bytea)
language plpgsql as $$
declare
    s custody.shipment;
    v_office bigint;
    told jsonb;
begin
    select * into s from custody.shipment where number = p_number;
    if not found or not label.may_see(s, p_actor, p_unit, p_roles) then
        perform base.problem('not-found');
    elsif s.going_back or not custody.for_the_door(s) then
        perform base.problem('action-not-allowed', '{"allowed": []}');
    end if;
    if s.dossier is not null then
        insert into dossier.access (dossier, account, unit, what)
        values (s.dossier, p_actor, p_unit, 'invitation');
    end if;
    v_office := label.waits_at(s);
    told := label.facts(s);
    return query
        select jsonb_strip_nulls(jsonb_build_object(
                   'number', s.number, 'leg', s.leg, 'sender', told -> 'sender',
                   'recipient', told -> 'recipient', 'citizen', told -> 'citizen',
                   'citizen_place', told -> 'citizen_place',
                   'office', (select jsonb_build_object('code', u.code, 'name', u.name,
                                  'address', u.address, 'phone', u.phone,
                                  'hours', label.hours(u.id))
                              from postal.unit u where u.id = v_office),
                   'identity', rule.identity,
                   'addressee_only', coalesce(p.addressee_only and s.leg = 'result', false),
                   'old_papers', coalesce(p.old_papers and s.leg = 'result', false)))
               || label.invited(s), x.sealed, x.key
        from custody.delivery_rule rule
        left join dossier.dossier d on d.id = s.dossier
        left join procedure.procedure p on p.code = d.procedure and p.version = d.procedure_version
        left join dossier.personal x on x.dossier = s.dossier
        where rule.leg = s.leg;
end $$;

-- dossier.note_facts(dossier): the document of label/dispatch_note.h, but for what is sealed:
-- citizen_place and result_place stand behind the applicant's own lines; result_to: where the result
-- goes, or only how, when result_place says the rest; receipt: dossier.receipt_issue(). Reads postal.*,
-- money.charge, account.account.
create function dossier.note_facts(d dossier.dossier) returns jsonb
language plpgsql stable as $$
begin
    return (
        select jsonb_strip_nulls(jsonb_build_object(
            'code', d.code, 'service', d.service, 'accepted_at', d.created_at,
            'receipt', nullif(dossier.receipt_issue(d.id), '{}'),
            'number', (select s.number from custody.shipment s
                       where s.dossier = d.id and s.leg = 'outward'
                       order by s.created_at, s.number limit 1),
            'office', jsonb_build_object('name', o.name || ' (' || o.code || ')',
                'address', nullif(o.address, ''), 'phone', nullif(o.phone, '')),
            'agency', jsonb_build_object('name', a.name, 'address', nullif(a.address, ''),
                'phone', nullif(a.phone, '')),
            'clerk', (select c.name from account.account c
                      where c.id = d.created_by and c.roles & 2 <> 0),
            'procedure', jsonb_build_object('code', d.procedure,
                'name', dossier.procedure_body(d.procedure, d.procedure_version) ->> 'name'),
            'documents', (select coalesce(jsonb_agg(jsonb_build_object('name', x.name,
                    'originals', x.originals, 'copies', x.copies, 'returned', x.returned)
                    order by x.line), '[]')
                from dossier.document x where x.dossier = d.id and x.event is null),
            'weight_g', d.weight_g,
            'charges', (select coalesce(jsonb_agg(jsonb_build_object('ledger', k.ledger,
                    'name', k.name, 'amount', k.amount, 'paid', k.paid_at is not null)
                    order by k.id), '[]')
                from money.charge k where k.dossier = d.id and k.cancelled_at is null),
            'cancelled', d.cancelled_at is not null,
            'citizen_place', label.commune_place(d.from_commune),
            'result_place', case when d.result_to_kind = 'address'
                                 then label.commune_place(d.result_commune) end,
            'result_to', case d.result_to_kind
                when 'address' then 'Phát tại địa chỉ'
                when 'post_office' then 'Nhận tại ' || r.name || ', ' || r.address
                when 'agency' then 'Nhận tại cơ quan giải quyết'
                when 'online' then 'Nhận trực tuyến' end))
        from postal.unit o
        join postal.unit a on a.id = d.agency
        left join postal.unit r on r.id = d.result_unit
        where o.id = d.office);
end $$;

-- dossier.dispatch_note(key, actor, unit, roles): one row: facts (note_facts), and the sealed personal
-- part with its key. For whoever sees all of the dossier. The reading is recorded. Problems not-found,
-- forbidden. Writes dossier.access.
create function dossier.dispatch_note(p_key text, p_actor bigint, p_unit bigint, p_roles int)
returns table (facts jsonb, sealed bytea, key bytea)
language plpgsql as $$
declare
    d dossier.dossier := dossier.locate(p_key, p_actor, p_unit, p_roles);
begin
    if dossier.reach(d, p_actor, p_unit, p_roles) <> 'full' then
        perform base.problem('forbidden');
    end if;
    insert into dossier.access (dossier, account, unit, what)
    values (d.id, p_actor, p_unit, 'dispatch_note');
    return query select dossier.note_facts(d), x.sealed, x.key
                 from (select 1) as one left join dossier.personal x on x.dossier = d.id;
end $$;
