-- Papers, asked for: who may have which, what is drawn, and the record of a print.

-- --- who asks for which --------------------------------------------------------------------------

-- paper.of_a_dossier(kind, key, n, actor, unit, roles): the paper of a dossier that the asker sees all
-- of; n: which of several, the last when null. Problems not-found, forbidden, paper-missing.
create function paper.of_a_dossier(k paper.kind, p_key text, p_n int, p_actor bigint,
                                   p_unit bigint, p_roles int) returns paper.thing
language plpgsql stable as $$
declare
    d dossier.dossier := dossier.locate(p_key, p_actor, p_unit, p_roles);
    t paper.thing;
begin
    if k.roles & p_roles = 0 or (dossier.reach(d, p_actor, p_unit, p_roles) <> 'full'
                                 and not paper.carries(k, d, p_actor, p_unit)) then
        perform base.problem('forbidden');
    end if;
    select * into t from paper.of_dossier(d) x
    where x.kind = k.kind and x.n = coalesce(p_n, x.n) order by x.n desc limit 1;
    if t.kind is null then
        perform base.problem('paper-missing', jsonb_build_object('detail', k.missing_en,
                                                                 'detail_vi', k.missing));
    end if;
    return t;
end $$;

-- paper.carries(kind, dossier, actor, unit): whoever brings the result has the list of the papers that
-- are recovered with it. Reads custody.shipment.
create function paper.carries(k paper.kind, d dossier.dossier, p_actor bigint, p_unit bigint)
returns boolean
language sql stable as $$
    select k.roles & 4 <> 0 and exists (
        select from custody.shipment s where s.dossier = d.id and s.leg = 'result'
        and custody.holds_rightly(s, p_actor, p_unit))
$$;

-- paper.of_another(kind, of, args, unit, roles): the paper of an exception (its id), a bag (S9), a
-- despatch (S8) or a unit (its code). Problems not-found, forbidden.
create function paper.of_another(k paper.kind, p_of text, p_args jsonb, p_unit bigint, p_roles int)
returns paper.thing
language plpgsql stable as $$
declare
    t paper.thing;
begin
    if k.roles & p_roles = 0 then
        perform base.problem('forbidden');
    end if;
    case k.about
    when 'exception' then
        select k.kind, x.id::text, '', 1, x.opened_at, x.opened_at, x.unit into t
        from custody.exception x
        where x.id::text = p_of and (p_roles & 64 <> 0 or coalesce(x.unit, 0)
              = any (custody.answers_for(p_unit, p_roles & 32 <> 0)));
    when 'container' then
        select k.kind, c.id, '', 1, c.created_at, c.created_at, c.origin into t
        from container.container c where c.id = p_of;
    when 'despatch' then
        select k.kind, d.s8, d.year::text, 1, d.day::timestamptz, d.day::timestamptz, d.origin into t
        from container.despatch d where d.s8 = p_of order by d.year desc limit 1;
    when 'unit' then
        t := paper.of_unit(k, p_of, p_args, p_unit, p_roles);
    end case;
    if t.kind is null then
        perform base.problem('not-found');
    end if;
    t.unit := coalesce(t.unit, p_unit, 0);
    return t;
end $$;

-- paper.of_unit(kind, code, args, unit, roles): the register of a unit over days: one's own, those of
-- the province for supervisors, all for administrators. args: from, to (days), next? (where a page begins).
-- Null: not theirs. Problem invalid-fields.
create function paper.of_unit(k paper.kind, p_code text, p_args jsonb, p_unit bigint, p_roles int)
returns paper.thing
language plpgsql stable as $$
declare
    u postal.unit;
    day_from date := paper.day_of(p_args, 'from');
    day_to date := paper.day_of(p_args, 'to');
begin
    select * into u from postal.unit x where x.code = p_code;
    if u.id is null or not coalesce(p_roles & 64 <> 0
            or p_roles & 32 <> 0 and postal.same_province(p_unit, u.id) or u.id = p_unit, false) then
        return null;
    elsif day_to < day_from or day_to > day_from + 92 then
        perform base.wrong_field('/to', case when day_to < day_from then 'too_small' else 'too_big' end,
            'Một sổ dài nhất 93 ngày, từ ngày trước đến ngày sau.',
            'A register covers at most 93 days, the earlier first.');
    end if;
    return row(k.kind, u.code, day_from || '/' || day_to, 1, now(), day_to::timestamptz, u.id, null,
               null, p_args ->> 'next')::paper.thing;
end $$;

-- paper.day_of(args, name): a day among the arguments. Problem invalid-fields.
create function paper.day_of(p_args jsonb, p_name text) returns date
language plpgsql stable as $$
begin
    if p_args ->> p_name is null then
        perform base.wrong_field('/' || p_name, 'required', 'Hãy cho biết ngày.', 'Say the day.');
    elsif not postal.is_day(p_args ->> p_name) then
        perform base.wrong_field('/' || p_name, 'format', 'Ngày viết như 2026-11-23.',
                                 'A day such as 2026-11-23.');
    end if;
    return (p_args ->> p_name)::date;
end $$;

-- paper.find(of a dossier?, kind, of, args, actor, unit, roles): problem not-found for a kind that
-- there is not, or of something else.
create function paper.find(p_dossier boolean, p_kind text, p_of text, p_args jsonb, p_actor bigint,
                           p_unit bigint, p_roles int) returns paper.thing
language plpgsql stable as $$
declare
    k paper.kind;
begin
    select * into k from paper.kind x
    where x.kind = p_kind and (x.about = 'dossier') = p_dossier;
    if not found then
        perform base.problem('not-found');
    elsif p_dossier then
        return paper.of_a_dossier(k, p_of, (p_args ->> 'n')::int, p_actor, p_unit, p_roles);
    end if;
    return paper.of_another(k, p_of, p_args, p_unit, p_roles);
end $$;

-- --- drawing and printing ------------------------------------------------------------------------

-- paper.form_of(thing): the version in force when what it is of was made.
create function paper.form_of(t paper.thing) returns paper.form
language sql stable as $$
    select f from paper.form f
    where f.kind = t.kind and f.valid_from <= base.vn_date(t.made_at)
    order by f.valid_from desc limit 1
$$;

-- paper.place(unit): where it signs: "Thuận Hoá", the province for an agency of the province.
create function paper.place(u postal.unit) returns text
language sql stable as $$
    select regexp_replace(case when u.agency_level = 'province' or u.kind = 'province_post'
                               then p.name else c.name end,
                          '^(Phường|Xã|Đặc khu|Tỉnh|Thành phố) ', '')
    from postal.commune c join postal.province p on p.code = c.province_code
    where c.code = u.commune_code
$$;

-- paper.heads(kind, thing, issued, version): the facts that every form has: org, place_day, number,
-- reprint, form.
create function paper.heads(k paper.kind, t paper.thing, i paper.issued, p_version text)
returns jsonb
language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object(
        'org', upper(u.name), 'org_address', nullif(u.address, ''), 'org_phone', nullif(u.phone, ''),
        'place_day', paper.place(u) || to_char(base.vn_date(t.at),
            '", ngày "DD" tháng "MM" năm "YYYY'),
        'number', case when k.series is not null then 'Số: ' || coalesce(paper.number_text(k, i),
                           '……/' || extract(year from base.vn_date(t.at)) || '/' || k.series) end,
        'reprint', case when i.copies > 1 then 'BẢN IN LẠI số ' || i.copies - 1 end,
        'form', 'Mẫu ' || p_version, 'title', k.name))
    from (values (1)) as one (row) left join postal.unit u on u.id = t.unit
$$;

-- paper.draw(of a dossier?, kind, of, args, actor, unit, roles): {template, title, file, track?,
-- barcode?, facts (src/label/form.h), people: [{sealed, key} in hex, or {}], dossiers?: whose these are,
-- next?}. In facts stands {personal: path, of?, place?} for what the program puts there from people[of].
-- next: where the next page of a long one begins (args.next); its rows, people and what the facts before
-- lack go behind those before. Nobody is shown it before paper.read. Problems as paper.find. Reads much.
create function paper.draw(p_dossier boolean, p_kind text, p_of text, p_args jsonb, p_actor bigint,
                           p_unit bigint, p_roles int) returns jsonb
language plpgsql stable as $$
declare
    t paper.thing := paper.find(p_dossier, p_kind, p_of, p_args, p_actor, p_unit, p_roles);
    f paper.form := paper.form_of(t);
    k paper.kind;
    i paper.issued;
    made jsonb;
begin
    select * into k from paper.kind x where x.kind = t.kind;
    select * into i from paper.issued x
    where x.kind = t.kind and x.subject = t.subject and x.occasion = t.occasion;
    execute format('select paper.%I($1)', t.kind) into made using t;
    return jsonb_build_object('template', f.template,
            'title', concat_ws(' ', k.name, made ->> 'about'),
            'file', replace(t.kind, '_', '-') || coalesce('-' || (made ->> 'about'), ''),
            'people', paper.people(made -> 'dossiers'))
        || jsonb_strip_nulls(jsonb_build_object('track', made -> 'track', 'barcode', made -> 'barcode',
               'dossiers', nullif(made -> 'dossiers', '[]'), 'next', made -> 'next'))
        || jsonb_build_object('facts', paper.heads(k, t, i, f.version) || (made -> 'facts'));
end $$;

-- paper.read(dossiers, kind, actor, unit): that somebody reads their people on such a paper. Writes
-- dossier.access.
create function paper.read(p_dossiers jsonb, p_kind text, p_actor bigint, p_unit bigint) returns void
language sql as $$
    insert into dossier.access (dossier, account, unit, what)
    select d::uuid, p_actor, p_unit, 'paper.' || p_kind from jsonb_array_elements_text(p_dossiers) d
$$;

-- paper.people(dossiers): the sealed personal part of each, [{sealed, key}, or {} where it was
-- erased], in their order. Reads dossier.personal.
create function paper.people(p_dossiers jsonb) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
               'sealed', encode(p.sealed, 'hex'), 'key', encode(p.key, 'hex'))) order by d.n), '[]')
    from jsonb_array_elements_text(p_dossiers) with ordinality as d (id, n)
    left join dossier.personal p on p.dossier = d.id::uuid
$$;

-- paper.issue(thing): its row, made and numbered when it is printed first; locked. Two who print at
-- once get one number. Writes paper.issued, paper.counter.
create function paper.issue(t paper.thing) returns paper.issued
language plpgsql as $$
declare
    i paper.issued;
    k paper.kind;
    v_year int := extract(year from base.vn_date(now()));
begin
    select * into k from paper.kind x where x.kind = t.kind;
    insert into paper.issued (kind, subject, occasion, unit)
    values (t.kind, t.subject, t.occasion, t.unit) on conflict do nothing;
    select * into i from paper.issued x
    where x.kind = t.kind and x.subject = t.subject and x.occasion = t.occasion for update;
    if i.number is null and k.series is not null then
        insert into paper.counter as c (unit, kind, year, last) values (t.unit, t.kind, v_year, 1)
        on conflict (unit, kind, year) do update set last = c.last + 1
        returning c.last into i.number;
        i.year := v_year;
    end if;
    return i;
end $$;

-- paper.print(of a dossier?, kind, of, args, reason, actor, unit, roles, key, digest): the next copy:
-- {name, copy, number?, version, at}. A copy after the first needs a reason. With an idempotency key
-- the same call gives the stored reply. Problems as paper.find, and invalid-fields. Writes paper.*,
-- base.idempotency.
create function paper.print(p_dossier boolean, p_kind text, p_of text, p_args jsonb, p_reason text,
                            p_actor bigint, p_unit bigint, p_roles int, p_key text, p_digest bytea)
returns jsonb
language plpgsql as $$
declare
    reply jsonb := base.replay(p_actor, p_key, p_digest);
    t paper.thing;
    i paper.issued;
    k paper.kind;
    f paper.form;
begin
    if reply is not null then
        return reply;
    end if;
    t := paper.find(p_dossier, p_kind, p_of, p_args, p_actor, p_unit, p_roles);
    f := paper.form_of(t);
    i := paper.issue(t);
    if i.copies > 0 and coalesce(p_reason, '') = '' then
        perform base.wrong_field('/reason', 'required', 'Giấy này đã được in: cần nêu lý do in lại.',
                                 'It was printed before: a reprint needs a reason.');
    end if;
    update paper.issued x set copies = x.copies + 1, year = i.year, number = i.number
    where x.kind = i.kind and x.subject = i.subject and x.occasion = i.occasion returning * into i;
    insert into paper.print (kind, subject, occasion, copy, version, actor, unit, reason)
    values (i.kind, i.subject, i.occasion, i.copies, f.version, p_actor, p_unit,
            case when i.copies > 1 then p_reason end);
    select * into k from paper.kind x where x.kind = t.kind;
    return base.replied(p_actor, p_key, p_digest, jsonb_strip_nulls(jsonb_build_object(
        'name', k.kind, 'title', k.name, 'copy', i.copies, 'number', paper.number_text(k, i),
        'version', f.version, 'at', now())));
end $$;

-- paper.listed_for(key, actor, unit, roles): {items: paper.listed()} of a dossier. Problems not-found,
-- forbidden.
create function paper.listed_for(p_key text, p_actor bigint, p_unit bigint, p_roles int)
returns jsonb
language plpgsql stable as $$
declare
    d dossier.dossier := dossier.locate(p_key, p_actor, p_unit, p_roles);
begin
    if dossier.reach(d, p_actor, p_unit, p_roles) <> 'full' then
        perform base.problem('forbidden');
    end if;
    return jsonb_build_object('items', paper.listed(d, p_roles));
end $$;
