-- Tracking: what anybody who has a number may see (no names, addresses, phones, documents, and not
-- the procedure), in plain sentences.

-- dossier.stage_of(dossier): the public stage. Reads custody.shipment, dossier.leg_stage.
create function dossier.stage_of(d dossier.dossier) returns text
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
declare
    awaited text := case d.status when 1 then 'outward' when 5 then 'supplement' when 9 then 'result' end;
    latest text;
    turned boolean;
begin
    if awaited is not null then
        select now.state, now.going_back into latest, turned
        from custody.shipment s cross join lateral custody.resolved(s.number) now
        left join custody.state st on st.what = 's' and st.code = now.state
        where s.dossier = d.id and s.leg = awaited
        -- Of pieces the one that is least far.
        order by case when s.pieces > 1 then st.pos end, s.created_at desc, s.number desc limit 1;
    end if;
    return case d.status
        when 1 then case
            when d.filed_at is not null then 'at_agency'
            when latest is null then 'direct'
            when turned then 'returning'
            else (select l.stage from dossier.leg_stage l
                  where l.leg = 'outward' and l.state = latest) end
        when 2 then 'accepted'
        when 3 then case when d.grouped_into is not null then 'grouped'
                         when d.cancelled_at is null then 'rejected' else 'cancelled' end
        when 4 then 'processing'
        when 5 then case when latest is null then 'supplement' else coalesce(
            (select l.stage from dossier.leg_stage l
             where l.leg = 'supplement' and l.state = latest), 'supplement_sent') end
        when 6 then 'payment'
        when 7 then 'withdrawal'
        when 8 then 'stopped'
        when 9 then case
            when latest is null and d.result_to_kind = 'online' then
                case when dossier.may_download(d, 'code') then 'result_online' else 'result_online_soon' end
            when latest is null then 'result_at_agency'
            when turned and latest <> 'returned' then 'result_back'
            else (select l.stage from dossier.leg_stage l
                  where l.leg = 'result' and l.state = latest) end
        when 10 then 'done'
    end;
end $$;

-- dossier.place_of(dossier): where it is: {name, name_en, province, moving}; null once it is over.
create function dossier.place_of(d dossier.dossier) returns jsonb
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
declare
    w record;
begin
    if d.status in (3, 8, 10) then
        return null;
    end if;
    select now.* into w
    from custody.shipment s cross join lateral custody.resolved(s.number) now
    left join custody.state st on st.what = 's' and st.code = now.state
    where s.dossier = d.id
      and s.leg = case when d.status = 9 then 'result' when d.filed_at is null then 'outward' end
    order by case when s.pieces > 1 then st.pos end, s.created_at desc, s.number desc limit 1;
    if w.number is null or w.holder_kind = 'agency' then
        return dossier.place_json(case when w.holder_kind = 'agency' then w.holder_id
                                       else d.agency end) || '{"moving": false}';
    end if;
    return dossier.place_json(w.place)
           || jsonb_build_object('moving', w.holder_kind <> 'place' or w.state = 'departed');
end $$;

-- dossier.purged(dossier): whether events of it or of what it lay in are gone after their time.
create function dossier.purged(p_dossier uuid) returns boolean
language sql stable as $$
    select custody.is_purged(p_dossier::text)
        or exists (select from custody.shipment s
                   where s.dossier = p_dossier and custody.is_purged(s.number))
$$;

-- dossier.public_view(dossier) -> jsonb: all that tracking shows; of dossier.kin only what its papers
-- lie in or with: a part that was split off is another dossier, whose code its own people have.
-- purged: only where it is so.
create function dossier.public_view(d dossier.dossier) returns jsonb
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
begin
    return (
        select jsonb_build_object('code', d.code, 'status', dossier.status_json(d.status),
            'stage', jsonb_build_object('code', g.stage, 'step', g.step, 'tone', g.tone, 'vi', g.vi,
                                        'en', g.en),
            'next', jsonb_build_object('vi', g.next_vi, 'en', g.next_en),
            'place', dossier.place_of(d), 'to', dossier.heading(d), 'created_at', d.created_at,
            'filed_at', d.filed_at, 'accepted_at', d.accepted_at, 'clock', dossier.clock(d),
            'due_at', case when d.paused_at is null then d.due_at end,
            'result_due_on', case when d.paused_at is null then base.vn_date(d.due_at) end,
            'ended_at', d.ended_at, 'apologised', d.apologised_at is not null,
            'shipments', (
                select coalesce(jsonb_agg(jsonb_build_object('number', s.number, 'leg', s.leg,
                    'leg_vi', l.vi, 'leg_en', l.en, 'piece', s.piece, 'pieces', s.pieces,
                    'state', now.state, 'state_vi', st.name_vi,
                    'state_en', st.name_en) order by s.created_at, s.number), '[]')
                from custody.shipment s
                cross join lateral custody.resolved(s.number) now
                join dossier.leg l on l.leg = s.leg
                left join custody.state st on st.what = 's' and st.code = now.state
                where s.dossier = d.id),
            'timeline', dossier.timeline(d.id))
            || case when dossier.purged(d.id) then '{"purged": true}' else '{}' end::jsonb
            || dossier.outlook(d) || dossier.kin(d) - '{split_from,split_into}'::text[]
        from dossier.stage g where g.stage = dossier.stage_of(d));
end $$;

-- dossier.until_of(dossier, expected): the next midnight; where something is expected today, the closing of
-- the office that it comes to, unless that is past. Reads custody.shipment, postal.unit.
create function dossier.until_of(d dossier.dossier, p_expected jsonb) returns timestamptz
language plpgsql stable as $$
declare
    v_today constant date := base.vn_date(now());
    v_midnight constant timestamptz := (v_today + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh';
    v_closing timestamptz;
begin
    if (p_expected ->> 'by_50')::date is distinct from v_today then
        return v_midnight;
    end if;
    v_closing := postal.closing(coalesce(
        (select s.to_unit from custody.shipment s where s.dossier = d.id and s.leg = p_expected ->> 'leg'
         order by s.created_at desc, s.number desc limit 1), dossier.delivery_office(d)), v_today);
    return case when v_closing > now() then least(v_closing, v_midnight) else v_midnight end;
end $$;

-- dossier.answer(dossier): the public view as text with its tag (the same view has the same one, on
-- every instance); the subjects whose events may change it, by spaces; and when it changes though
-- nothing happens: what counts days does at midnight, what is expected today when offices close.
create function dossier.answer(p_dossier uuid,
    out until timestamptz, out tag text, out subjects text, out view text)
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
declare
    d dossier.dossier;
    shown jsonb;
begin
    select * into d from dossier.dossier where id = p_dossier;
    shown := dossier.public_view(d);
    tag := left(md5(shown::text), 16);
    view := (shown || jsonb_build_object('tag', tag))::text;
    subjects := (select string_agg(s, ' ') from dossier.subjects(p_dossier) s);
    until := case when d.status in (3, 8, 10) and not exists (
                      select from custody.shipment s join custody.state n on n.what = 's' and n.code = s.state
                      where s.dossier = d.id and not n.ended) then now() + interval '30 days'
                  else dossier.until_of(d, shown -> 'expected') end;
end $$;

-- dossier.look_all(dossiers): their answers, made anew. Reads dossier.*, custody.*, container.*.
create function dossier.look_all(p_ids uuid[])
returns table (id uuid, as_of bigint, until timestamptz, tag text, subjects text, view text)
language plpgsql stable as $$
begin
    return query
        select d.id, h.position, a.until, a.tag, a.subjects, a.view
        from dossier.dossier d
        cross join custody.log_head h
        cross join lateral dossier.answer(d.id) a
        where d.id = any (p_ids);
end $$;

-- dossier.look(code or number): the answer of one. No row for what is unknown or mistyped.
create function dossier.look(p_key text)
returns table (id uuid, as_of bigint, until timestamptz, tag text, subjects text, view text)
language plpgsql stable as $$
begin
    return query
        select a.* from dossier.look_all(array[dossier.find(p_key)]) a
        where dossier.normal(p_key) is not null;
end $$;
