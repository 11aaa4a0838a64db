-- What a file is of, and who may send it.

-- attachment.subject_of(number, actor, unit, roles): where files of this shipment belong, for those
-- who see its dossier and for whoever scanned it. Problem not-found alike for unknown and foreign.
create function attachment.subject_of(p_number text, p_actor bigint, p_unit bigint, p_roles int)
returns text
language plpgsql stable as $$
declare
    s custody.shipment;
    d dossier.dossier;
begin
    select * into s from custody.shipment where number = p_number;
    select * into d from dossier.dossier where id = s.dossier;
    if s.number is null
       or not (dossier.in_scope(d, p_actor, p_unit, p_roles)
               or exists (select from custody.event e
                          where e.subject = p_number and e.actor = p_actor)) then
        perform base.problem('not-found');
    end if;
    return coalesce(s.dossier::text, s.number);
end $$;

-- attachment.may_send(dossier, sender, actor, unit, roles): whether somebody may send it such a file, but
-- for its status: of a dossier its applicant, clerks of its office and officers of its agency.
create function attachment.may_send(d dossier.dossier, w attachment.sender, p_actor bigint, p_unit bigint,
                                    p_roles int) returns boolean
language plpgsql stable as $$
begin
    return dossier.may(d, w.roles, p_actor, p_unit, p_roles);
end $$;

-- attachment.kinds_now(dossier, actor, unit, roles): the kinds of files that somebody may send it now: what
-- the forms offer. Reads attachment.sender.
create function attachment.kinds_now(d dossier.dossier, p_actor bigint, p_unit bigint, p_roles int)
returns jsonb
language plpgsql stable as $$
begin
    return (select coalesce(jsonb_agg(w.kind order by w.kind), '[]') from attachment.sender w
            where w.place = 'dossier' and d.status = any (w.statuses)
              and attachment.may_send(d, w, p_actor, p_unit, p_roles)
              and (w.kind <> 'result' or dossier.is_electronic(d)));
end $$;

-- attachment.subject_of_dossier(key, kind, actor, unit, roles): the same of a dossier: its applicant,
-- clerks of its office and officers of its agency, as attachment.sender says; of a result only where it
-- may be had on line. Problems not-found, forbidden, action-not-allowed. Reads dossier.dossier.
create function attachment.subject_of_dossier(p_key text, p_kind text, p_actor bigint, p_unit bigint,
                                              p_roles int) returns text
language plpgsql stable as $$
declare
    d dossier.dossier := dossier.locate(p_key, p_actor, p_unit, p_roles);
    w attachment.sender;
begin
    select * into strict w from attachment.sender x where x.place = 'dossier' and x.kind = p_kind;
    if not attachment.may_send(d, w, p_actor, p_unit, p_roles) then
        perform base.problem('forbidden');
    elsif d.status <> all (w.statuses) then
        perform base.problem('action-not-allowed', jsonb_build_object('allowed', '[]'::jsonb,
            'detail', 'In its present status the dossier takes no such file.',
            'detail_vi', 'Ở trạng thái hiện tại, hồ sơ không nhận loại tệp này.'));
    elsif p_kind = 'result' then
        perform dossier.check_electronic(d);
    end if;
    return d.id::text;
end $$;

-- attachment.subject_of_draft(draft, procedure, actor): the same of a draft, which begins
-- with its first file. Nobody adopts it until the transaction ends. Problems not-found (somebody else's),
-- conflict (filed already, or twenty drafts), unknown-procedure, invalid-fields. Writes attachment.draft.
create function attachment.subject_of_draft(p_draft uuid, p_procedure text, p_actor bigint)
returns text
language plpgsql as $$
declare
    a attachment.draft;
begin
    select * into a from attachment.draft x where x.id = p_draft for share;
    if not found then
        if p_procedure is null then
            perform base.wrong_field('/procedure', 'required', 'Hãy cho biết thủ tục của bản nháp.',
                                     'Say of which procedure the draft is.');
        elsif not exists (select from procedure.find(p_procedure)) then
            perform base.problem('unknown-procedure');
        end if;
        perform pg_advisory_xact_lock(hashtextextended('drafts of ' || p_actor, 9));
        if (select count(*) from attachment.draft x
            where x.account = p_actor and x.adopted is null) >= 20 then
            perform base.problem('conflict', jsonb_build_object(
                'detail', 'Files of twenty drafts of yours are kept; file or drop some of them.',
                'detail_vi', 'Quý vị đang có tệp của hai mươi bản nháp; hãy nộp hoặc bỏ bớt.'));
        end if;
        insert into attachment.draft (id, account, procedure) values (p_draft, p_actor, p_procedure)
        on conflict do nothing;
        select * into a from attachment.draft x where x.id = p_draft for share;
    end if;
    if a.account <> p_actor then
        perform base.problem('not-found');
    elsif a.adopted is not null then
        perform base.problem('conflict', jsonb_build_object(
            'detail', 'This draft was filed; send the file to the dossier.',
            'detail_vi', 'Bản nháp này đã được nộp; hãy gửi tệp vào hồ sơ.'));
    end if;
    return 'draft:' || p_draft;
end $$;

-- attachment.subject_for(what, actor, unit, roles): whose file it becomes. what: place (shipment,
-- dossier, draft), key (number, code, or the draft's id), kind, procedure?. The one place that says who
-- may send. Problems forbidden, invalid-fields, and those of the three places. Reads attachment.sender.
create function attachment.subject_for(what jsonb, p_actor bigint, p_unit bigint, p_roles int)
returns text
language plpgsql as $$
declare
    w attachment.sender;
begin
    select * into w from attachment.sender x where x.place = what ->> 'place' and x.kind = what ->> 'kind';
    if not found then
        perform base.wrong_field('/kind', 'choice', 'Nơi này không nhận loại tệp đó.',
                                 'A file of this kind is not taken here.');
    elsif w.roles & p_roles = 0 then
        perform base.problem('forbidden');
    end if;
    return case what ->> 'place'
        when 'shipment' then attachment.subject_of(what ->> 'key', p_actor, p_unit, p_roles)
        when 'dossier' then attachment.subject_of_dossier(what ->> 'key', what ->> 'kind', p_actor, p_unit,
                                                          p_roles)
        else attachment.subject_of_draft((what ->> 'key')::uuid, what ->> 'procedure', p_actor) end;
end $$;

-- attachment.document_for(subject, name): the line of the checklist that is meant, as the checklist (or
-- the dossier's own list) writes it. Problem invalid-fields. Reads dossier.*, procedure.procedure,
-- attachment.draft.
create function attachment.document_for(p_subject text, p_name text) returns text
language plpgsql stable as $$
declare
    v_dossier uuid := attachment.dossier_of(p_subject);
    v_name text;
begin
    if p_name is null then
        return null;
    end if;
    select n.name into v_name from (
        select x.name, 0 as place from dossier.document x where x.dossier = v_dossier
        union all
        select w ->> 'name', 1
        from (select dossier.procedure_body(d.procedure, d.procedure_version) as body
              from dossier.dossier d where d.id = v_dossier
              union all
              select p.body from attachment.draft a, procedure.find(a.procedure) p
              where a.id = attachment.draft_of(p_subject)) p
        cross join lateral jsonb_array_elements(p.body -> 'documents') w) n
    where base.fold(n.name) = base.fold(p_name)
    order by n.place limit 1;
    if v_name is null then
        perform base.wrong_field('/document', 'choice', 'Giấy tờ này không có trong danh mục của hồ sơ.',
                                 'The checklist of the dossier has no such paper.');
    end if;
    return v_name;
end $$;
