-- The control sheet (phiếu kiểm soát quá trình giải quyết): every change of hands of a dossier and every
-- step of the agency, from its events; nothing of it is kept.

-- Between whom a step of a dossier goes, for the sheet: parties 'applicant', 'post', 'agency' (its
-- one-stop desk), 'experts' (who works on it there). A step without a row is not on the sheet; that the
-- agency signed for the papers is a change of hands of the shipment.
create table report.step_parties (
    kind text collate "C" primary key,
    giver text not null,
    receiver text not null
);
insert into report.step_parties values
    ('dossier.accept', 'applicant', 'agency'),
    ('dossier.reject', 'agency', 'applicant'),
    ('dossier.start', 'agency', 'experts'),
    ('dossier.ask_supplement', 'agency', 'applicant'),
    ('dossier.supplement_received', 'applicant', 'agency'),
    ('dossier.ask_payment', 'agency', 'applicant'),
    ('dossier.payment_received', 'applicant', 'agency'),
    ('dossier.request_withdrawal', 'applicant', 'agency'),
    ('dossier.refuse_withdrawal', 'agency', 'applicant'),
    ('dossier.stop', 'agency', 'applicant'),
    ('dossier.apologise', 'agency', 'applicant'),
    ('dossier.due_recomputed', 'agency', 'agency'),
    ('dossier.result_ready', 'experts', 'agency'),
    ('dossier.return_result', 'agency', 'applicant'),
    ('dossier.download_result', 'agency', 'applicant'),
    ('dossier.filed', 'applicant', 'agency'), -- where nothing came by post
    ('dossier.ask_agency', 'agency', 'asked'),
    ('dossier.answer_agency', 'asked', 'agency'),
    ('dossier.end_asking', 'agency', 'asked'),
    ('dossier.asking_recomputed', 'asked', 'asked'),
    ('dossier.return_originals', 'agency', 'applicant'),
    ('dossier.result_back', 'post', 'agency'),
    ('dossier.send_result', 'agency', 'post');

create table report.party (
    party text collate "C" primary key,
    vi text not null,
    en text not null
);
insert into report.party values
    ('applicant', 'Người nộp hồ sơ', 'Applicant'),
    ('agency', 'Bộ phận Một cửa', 'One-stop department'),
    ('experts', 'Bộ phận chuyên môn', 'Specialist division'),
    ('asked', 'Cơ quan được hỏi', 'Agency asked'),
    ('post', 'Bưu chính', 'The post');

-- report.party_json(party, unit): {kind, name, name_en, unit?}. Reads report.party, postal.unit.
create function report.party_json(p_party text, p_unit bigint) returns jsonb
language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object('kind', p.party, 'name', p.vi, 'name_en', p.en,
        'unit', case when p.party <> 'applicant' then dossier.unit_json(p_unit) end))
    from report.party p where p.party = p_party
$$;

-- report.party_unit(party, dossier, event): which unit stands for it in that step: the agency that took it,
-- which may have received it for the one that decides.
create function report.party_unit(p_party text, d dossier.dossier, e custody.event) returns bigint
language plpgsql stable as $$
begin
    return case p_party
        when 'post' then null
        when 'asked' then (select a.asked from dossier.asking a where a.id = (e.data ->> 'ask')::uuid)
        else coalesce((select u.id from postal.unit u where u.id = e.unit and u.kind = 'agency'
                       and e.kind <> 'dossier.answer_agency'), d.agency) end;
end $$;

-- report.holder_party(kind, id, unit): a holder of a shipment as a party {kind, name, unit?}.
create function report.holder_party(p_kind text, p_id bigint) returns jsonb
language sql stable as $$
    select case p_kind when 'addressee' then report.party_json('applicant', null)
           else jsonb_strip_nulls(custody.holder_json(p_kind, p_id) - 'id' || jsonb_build_object('unit',
               case p_kind when 'person' then (select dossier.unit_json(a.unit_id) from account.account a
                                               where a.id = p_id) end)) end
$$;

-- report.hands(dossier): each change of hands of its shipments: from whom to whom. What only goes into a
-- bag or onto a trip, or out of it, is none: those are in somebody's hands. Reads custody.*.
create function report.hands(d dossier.dossier)
returns table (id uuid, at timestamptz, kind text, number text, leg text, giver jsonb, receiver jsonb, ends boolean)
language plpgsql stable as $$
begin
    return query
        with held as (
            select (m.event).id, (m.event).at, (m.event).kind, m.number, m.leg, (m.event).holder_kind as hk,
                   (m.event).holder_id as hi, s.begun_place,
                   lag((m.event).holder_kind) over w as was_kind, lag((m.event).holder_id) over w as was_id
            from dossier.moves(d.id) m
            join custody.shipment s on s.number = m.number
            where (m.event).holder_kind in ('person', 'place', 'addressee', 'agency', 'authority')
            window w as (partition by m.number order by (m.event).at, (m.event).id))
        select h.id, h.at, h.kind, h.number, h.leg,
               case when h.was_kind is not null then report.holder_party(h.was_kind, h.was_id)
                    when h.leg in ('outward', 'supplement') then report.party_json('applicant', null)
                    else report.holder_party('place', h.begun_place) end,
               report.holder_party(h.hk, h.hi), h.hk in ('addressee', 'agency')
        from held h
        where (h.hk, h.hi) is distinct from (h.was_kind, h.was_id)
          and (h.was_kind is not null or h.leg in ('outward', 'supplement')
               or (h.hk, h.hi) is distinct from ('place', h.begun_place));
end $$;

-- report.hops(dossier, now): the lines of the sheet in their order -> [{n, at, clock: post|agency, kind,
-- name, name_en, giver, receiver, number?, leg?, due_at? | due_on?, timing?, note?}]. timing is told where
-- something came to its end: the agency's at its end, the post's where a leg arrived; in between only
-- that it is late already. Reads custody.*, postal.*.
create function report.hops(d dossier.dossier, p_now timestamptz) returns jsonb
language plpgsql stable as $$
declare
    v_post jsonb := dossier.post_timing_at(dossier.told_legs(d), d.result_to_kind, p_now);
begin
    return (
        with post as (
            select x ->> 'number' as number, (x ->> 'due_on')::date as due, x ->> 'timing' as timing
            from jsonb_array_elements(v_post) x),
        line as (
            select h.id, h.at, 'post' as clock, h.kind, h.number, h.leg, h.giver, h.receiver,
                   null::timestamptz as due_at, p.due as due_on,
                   case when h.ends then custody.leg_timing(p.due, h.at, p_now)
                        when base.vn_date(h.at) > p.due then 'late' end as timing, null::text as note
            from report.hands(d) h left join post p on p.number = h.number
            union all
            select e.id, e.at, 'agency', e.kind, null, null, report.party_json(s.giver, report.party_unit(s.giver, d, e)),
                   report.party_json(s.receiver, report.party_unit(s.receiver, d, e)), d.due_at, null,
                   case when (e.data ->> 'to')::int in (3, 8, 9) then dossier.timing_at(d, p_now)
                        when e.at > d.due_at then 'late' end,
                   (select r.text from custody.remark r where r.subject = e.subject and r.event = e.id)
            from custody.event e join report.step_parties s on s.kind = e.kind
            where e.subject = d.id::text and not (e.kind = 'dossier.filed' and e.data ? 'handover'))
        select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('n', l.n, 'at', l.at, 'clock', l.clock,
            'kind', l.kind, 'name', coalesce(k.name_vi, t.vi), 'name_en', coalesce(k.name_en, t.en), 'giver', l.giver, 'receiver', l.receiver, 'number', l.number, 'leg', l.leg,
            'due_at', l.due_at, 'due_on', l.due_on, 'timing', l.timing, 'note', l.note)) order by l.n), '[]')
        from (select x.*, row_number() over (order by x.at, x.id) as n from line x) l
        left join custody.scan_kind k on k.kind = l.kind
        left join lateral dossier.kind_word(l.kind) t on k.kind is null);
end $$;

-- report.control_sheet(dossier, now): all of the sheet but what is personal -> jsonb {code, procedure {code,
-- version, name}, agency, status, received_at, accepted_at, due_at, ended_at, timing, post: [...], pauses,
-- supplements, apologised_at, days {agency, post, waiting}, purged?, hops}. Null for an unknown one.
-- Reads dossier.*, custody.*, postal.*.
create function report.control_sheet(p_dossier uuid, p_now timestamptz default now()) returns jsonb
language plpgsql stable as $$
declare
    d dossier.dossier;
    v_legs dossier.told_leg[];
begin
    select * into d from dossier.dossier where id = p_dossier;
    if not found then
        return null;
    end if;
    v_legs := dossier.told_legs(d);
    return jsonb_strip_nulls(jsonb_build_object('code', d.code,
        'procedure', jsonb_build_object('code', d.procedure, 'version', d.procedure_version,
            'name', dossier.procedure_body(d.procedure, d.procedure_version) ->> 'name'),
        'agency', dossier.unit_json(d.agency), 'office', dossier.unit_json(d.office),
        'status', dossier.status_json(d.status), 'received_at', coalesce(d.filed_at, d.accepted_at),
        'accepted_at', d.accepted_at, 'due_at', d.due_at, 'ended_at', d.ended_at,
        'clock', dossier.clock(d), 'pauses', dossier.pauses(d.id), 'supplements', d.supplements,
        'apologised_at', d.apologised_at, 'days', dossier.days_at(d, v_legs, p_now),
        'purged', case when dossier.purged(d.id) then true end)
        || dossier.timing_json(d, v_legs, p_now)) || jsonb_build_object('hops', report.hops(d, p_now));
end $$;

-- report.control_sheet_for(key, actor, unit, roles): the same, for whoever sees all of the dossier: staff
-- whose reach is full; the reading is recorded. Problems not-found, forbidden. Writes dossier.access.
create function report.control_sheet_for(p_key text, p_actor bigint, p_unit bigint, p_roles int)
returns jsonb
language plpgsql as $$
declare
    d dossier.dossier := dossier.locate(p_key, p_actor, p_unit, p_roles);
begin
    if dossier.reach(d, p_actor, p_unit, p_roles) <> 'full' then
        perform base.problem('forbidden');
    end if;
    insert into dossier.access (dossier, account, unit, what)
    values (d.id, p_actor, p_unit, 'control_sheet');
    return report.control_sheet(d.id);
end $$;
