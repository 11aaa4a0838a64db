-- Papers that are forms: which there are, in which version from which day, which were issued under
-- which number, and every print of them. A new paper is a row of paper.kind, a row of paper.form, a
-- template in labels/ and a function of the schema paper that gives its facts.

-- about: what a paper is of. events: of a dossier, each event of these kinds makes one, where to_status
-- is given only those that led there; a kind without events stands when paper.stands() says so. roles:
-- who may have it, bits of account.role. series: what its number ends with; null: it has none.
-- missing: why there is none yet.
create table paper.kind (
    kind text collate "C" primary key check (kind ~ '^[a-z_]{1,40}$'),
    pos int not null unique,
    name text not null,
    name_en text not null,
    about text not null check (about in ('dossier', 'exception', 'container', 'despatch', 'unit')),
    events text[] not null default '{}',
    to_status smallint,
    roles int not null,
    series text check (series <> ''),
    missing text not null default '',
    missing_en text not null default ''
);

insert into paper.kind
    (kind, pos, name, name_en, about, events, to_status, roles, series, missing, missing_en) values
('receipt', 10, 'Giấy tiếp nhận hồ sơ và hẹn trả kết quả', 'Receipt and appointment', 'dossier',
 '{dossier.accept,dossier.supplement_received}', 2, 1|2|16|32|64, 'TNHS',
 'Chỉ có khi hồ sơ đã được tiếp nhận.', 'It comes with the acceptance of the dossier.'),
('supplement_request', 20, 'Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ', 'Request for a supplement',
 'dossier', '{dossier.ask_supplement}', null, 1|2|16|32|64, 'BSHS',
 'Chỉ có khi cơ quan đã yêu cầu bổ sung.', 'It comes with the request for a supplement.'),
('refusal', 30, 'Phiếu từ chối tiếp nhận giải quyết hồ sơ', 'Refusal', 'dossier',
 '{dossier.reject}', null, 1|2|16|32|64, 'TCHS',
 'Chỉ có khi cơ quan không tiếp nhận hồ sơ.', 'It comes with the refusal of the dossier.'),
('apology', 40, 'Phiếu xin lỗi và hẹn lại ngày trả kết quả', 'Apology and new date', 'dossier',
 '{dossier.apologise}', null, 1|2|16|32|64, 'XLHL',
 'Chỉ có khi cơ quan đã xin lỗi và hẹn lại.', 'It comes with the apology and its new date.'),
('stopping', 50, 'Thông báo dừng giải quyết hồ sơ', 'Notice of stopping', 'dossier',
 '{dossier.stop}', null, 1|2|16|32|64, 'DGQ',
 'Chỉ có khi cơ quan đã dừng giải quyết.', 'It comes with the stopping of the dossier.'),
('control_sheet', 60, 'Phiếu kiểm soát quá trình giải quyết hồ sơ', 'Control sheet', 'dossier',
 '{}', null, 2|16|32|64, null,
 'Chỉ có khi hồ sơ đã đến cơ quan.', 'It begins when the dossier has reached the agency.'),
('fee_receipt', 70, 'Biên lai thu phí, lệ phí', 'Fee receipt', 'dossier', '{}', null,
 1|2|16|32|64, 'BLTP',
 'Chỉ có khi đã thu tiền của hồ sơ.', 'It comes with a payment.'),
('authorisation', 80, 'Giấy ủy quyền nhận kết quả', 'Authorisation', 'dossier', '{}', null,
 1|2|16|32|64, null,
 'Hồ sơ đã kết thúc, hoặc kết quả chỉ trả cho chính người nộp.',
 'The dossier has ended, or its result is for the applicant alone.'),
('recovered_papers', 90, 'Danh mục giấy tờ cũ thu hồi', 'List of recovered papers', 'dossier', '{}',
 null, 2|4|16|32|64, 'THGT',
 'Thủ tục không thu hồi giấy tờ cũ, hoặc chưa có kết quả để trả.',
 'The procedure recovers no old papers, or there is no result yet.'),
('irregularity', 100, 'Biên bản bất thường', 'Irregularity report', 'exception', '{}', null,
 2|4|8|16|32|64, 'BBBT', '', ''),
('bag_list', 110, 'Bảng kê bưu gửi trong túi', 'List of a bag', 'container', '{}', null,
 2|4|8|16|32|64, null, '', ''),
('despatch_list', 120, 'Bảng kê túi của chuyến thư', 'List of a despatch', 'despatch', '{}', null,
 2|4|8|16|32|64, null, '', ''),
('register', 130, 'Sổ theo dõi hồ sơ', 'Register', 'unit', '{}', null, 2|16|32|64, null, '', '');

-- The versions of each form. What was made from valid_from on is printed in it, for ever; template:
-- its name in labels/, or in the folder of the option label.templates.
create table paper.form (
    kind text collate "C" not null references paper.kind,
    version text not null check (version <> ''),
    valid_from date not null,
    template text not null check (template ~ '^form-[a-z0-9-]{1,50}$'),
    primary key (kind, valid_from),
    unique (kind, version)
);
insert into paper.form (kind, version, valid_from, template)
select kind, '2025', '2000-01-01', 'form-' || replace(kind, '_', '-') from paper.kind;

-- One paper. occasion: which of several of that kind (an event's id, the time of a payment, '' where
-- there is one alone). copies: how often it was printed.
create table paper.issued (
    kind text collate "C" not null references paper.kind,
    subject text collate "C" not null,
    occasion text collate "C" not null,
    unit bigint not null,
    year int,
    number int check (number > 0),
    copies int not null default 0,
    issued_at timestamptz not null default now(),
    primary key (kind, subject, occasion),
    unique (unit, kind, year, number),
    check ((year is null) = (number is null))
);

-- Every print of it. Only added to.
create table paper.print (
    kind text collate "C" not null,
    subject text collate "C" not null,
    occasion text collate "C" not null,
    copy int not null check (copy > 0),
    version text not null,
    at timestamptz not null default now(),
    actor bigint not null,
    unit bigint,
    reason text check (copy = 1 or reason <> ''),
    primary key (kind, subject, occasion, copy),
    foreign key (kind, subject, occasion) references paper.issued
);
select base.revoke_service('update', 'paper.print');

-- The last number that a unit gave to a paper of that kind in a year.
create table paper.counter (
    unit bigint not null,
    kind text collate "C" not null references paper.kind,
    year int not null,
    last int not null,
    primary key (unit, kind, year)
) with (fillfactor = 50);

-- What a paper is of. subject, occasion: as in paper.issued; n: its place among those of its kind;
-- at: when it came to be; made_at: when what it is of was made, which chooses the version; unit: who
-- issues it, and numbers it.
create type paper.thing as (
    kind text, subject text, occasion text, n int, at timestamptz, made_at timestamptz,
    unit bigint, dossier uuid, event uuid
);

-- --- what there is -------------------------------------------------------------------------------

-- paper.stands(kind, dossier): whether there is this paper of it, of a kind without events.
-- Reads procedure.procedure.
create function paper.stands(p_kind text, d dossier.dossier) returns boolean
language plpgsql stable as $$
declare
    p procedure.procedure;
begin
    select * into p from procedure.procedure x
    where x.code = d.procedure and x.version = d.procedure_version;
    return coalesce(case p_kind
        when 'control_sheet' then d.filed_at is not null or d.accepted_at is not null
        when 'authorisation' then d.status not in (3, 8, 10) and not p.addressee_only
        when 'recovered_papers' then d.status in (9, 10) and p.old_papers end, false);
end $$;

-- paper.of_dossier(dossier): every paper that there is of it, each kind in the order of its making.
-- Reads custody.event, money.charge, account.account.
create function paper.of_dossier(d dossier.dossier) returns setof paper.thing
language plpgsql stable as $$
begin
    return query
        select k.kind, d.id::text, e.id::text,
               row_number() over (partition by k.kind order by (e.data ->> 'version')::int)::int,
               e.at, d.created_at, d.agency, d.id, e.id
        from custody.event e
        join paper.kind k on k.about = 'dossier' and e.kind = any (k.events)
             and (k.to_status is null or (e.data ->> 'to')::smallint = k.to_status)
        where e.subject = d.id::text;
    return query
        select 'fee_receipt', d.id::text, (extract(epoch from c.paid_at) * 1000000)::bigint::text,
               row_number() over (order by c.paid_at)::int, c.paid_at, d.created_at,
               coalesce(a.unit_id, d.office), d.id, null::uuid
        from (select k.paid_at, min(k.paid_by) as paid_by from money.charge k
              where k.dossier = d.id and k.paid_at is not null group by k.paid_at) c
        left join account.account a on a.id = c.paid_by;
    return query
        select k.kind, d.id::text, '', 1, now(), d.created_at,
               case k.kind when 'authorisation' then d.office else d.agency end, d.id, null::uuid
        from paper.kind k
        where k.about = 'dossier' and k.events = '{}' and paper.stands(k.kind, d);
end $$;

-- paper.number_text(kind, issued): "12/2026/TNHS"; null before it was issued, or without a series.
create function paper.number_text(k paper.kind, i paper.issued) returns text
language sql immutable as $$
    select i.number || '/' || i.year || '/' || k.series
$$;

-- paper.listed(dossier, roles): [{name, title, title_en, n?, at, number?, copies, pdf, prints}] of
-- those that these roles may have, in the order of their kinds: what a page shows. n: where there are
-- several. pdf, prints: paths. Reads paper.*, custody.event.
create function paper.listed(d dossier.dossier, p_roles int) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
               'name', k.kind, 'title', k.name, 'title_en', k.name_en,
               'n', case when t.several then t.n end,
               'at', case when t.occasion <> '' then t.at end,
               'number', paper.number_text(k, i), 'copies', coalesce(i.copies, 0),
               'pdf', '/v1/dossiers/' || d.code || '/papers/' || k.kind || '.pdf'
                      || case when t.several then '?n=' || t.n else '' end,
               'prints', '/v1/dossiers/' || d.code || '/papers/' || k.kind || '/prints'))
               order by k.pos, t.n), '[]')
    from (select x.*, count(*) over (partition by x.kind) > 1 as several
          from paper.of_dossier(d) x) t
    join paper.kind k on k.kind = t.kind and k.roles & p_roles <> 0
    left join paper.issued i on i.kind = t.kind and i.subject = t.subject
              and i.occasion = t.occasion
$$;

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
-- the province for supervisors, all for administrators. args: from, to (days). Null: not theirs.
-- Problem invalid-fields.
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
               null)::paper.thing;
end $$;

-- paper.day_of(args, name): a day among the arguments. Problem invalid-fields.
create function paper.day_of(p_args jsonb, p_name text) returns date
language plpgsql stable as $$
begin
    if p_args ->> p_name !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' then
        raise invalid_datetime_format;
    elsif p_args ->> p_name is null then
        perform base.wrong_field('/' || p_name, 'required', 'Hãy cho biết ngày.', 'Say the day.');
    end if;
    return (p_args ->> p_name)::date;
exception when invalid_datetime_format or datetime_field_overflow then
    perform base.wrong_field('/' || p_name, 'format', 'Ngày phải có dạng 2026-11-23.',
                             'A day is written 2026-11-23.');
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
-- barcode?, facts (src/label/form.h), people: [{sealed, key} in hex, or {}]}. In facts stands
-- {personal: path, of?, place?} for what the program puts there from people[of]. The reading of a
-- dossier's people is recorded. Problems as paper.find. Reads much; writes dossier.access.
create function paper.draw(p_dossier boolean, p_kind text, p_of text, p_args jsonb, p_actor bigint,
                           p_unit bigint, p_roles int) returns jsonb
language plpgsql as $$
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
    insert into dossier.access (dossier, account, unit, what)
    select (d #>> '{}')::uuid, p_actor, p_unit, 'paper.' || t.kind
    from jsonb_array_elements(made -> 'dossiers') d;
    return jsonb_build_object('template', f.template,
            'title', concat_ws(' ', k.name, made ->> 'about'),
            'file', replace(t.kind, '_', '-') || coalesce('-' || (made ->> 'about'), ''),
            'people', paper.people(made -> 'dossiers'))
        || jsonb_strip_nulls(jsonb_build_object('track', made -> 'track',
                                                'barcode', made -> 'barcode'))
        || jsonb_build_object('facts', paper.heads(k, t, i, f.version) || (made -> 'facts'));
end $$;

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
