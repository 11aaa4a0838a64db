-- Papers that are forms: which there are, in which version from which day, which were issued under
-- which number, and every print of them. A new paper is a row of paper.kind, a row of paper.form, a
-- template in labels/ and a function of the schema paper that gives its facts.

-- about: what a paper is of. events: of a dossier, each event of these kinds makes one, where to_status
-- is given only those that led there; a kind without events stands when paper.stands() says so. issuer: of a
-- dossier, agency: the one that decides, or the one-stop department that took the step for it; post: the
-- unit that took the step, or the office. roles: who may have it, bits of account.role. series: what its number ends with; null: it has none.
-- missing: why there is none yet.
create table paper.kind (
    kind text collate "C" primary key check (kind ~ '^[a-z_]{1,40}$'),
    pos int not null unique,
    name text not null,
    name_en text not null,
    about text not null check (about in ('dossier', 'exception', 'container', 'despatch', 'unit')),
    events text[] not null default '{}',
    to_status smallint,
    issuer text not null default 'agency' check (issuer in ('agency', 'post')),
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
('compensation', 95, 'Biên bản bồi thường', 'Compensation record', 'dossier', '{dossier.compensate}', null,
 1|2|32|64, 'BTBG', 'Chỉ có khi khiếu nại đã được bồi thường.', 'It comes with the compensation of a claim.'),
('irregularity', 100, 'Biên bản bất thường', 'Irregularity report', 'exception', '{}', null,
 2|4|8|16|32|64, 'BBBT', '', ''),
('bag_list', 110, 'Bảng kê bưu gửi trong túi', 'List of a bag', 'container', '{}', null,
 2|4|8|16|32|64, null, '', ''),
('despatch_list', 120, 'Bảng kê túi của chuyến thư', 'List of a despatch', 'despatch', '{}', null,
 2|4|8|16|32|64, null, '', ''),
('register', 130, 'Sổ theo dõi hồ sơ', 'Register', 'unit', '{}', null, 2|16|32|64, null, '', '');

update paper.kind set issuer = 'post' where kind in ('fee_receipt', 'authorisation', 'compensation');

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

-- One paper. occasion: which of several of that kind (an event's id, a payment's, '' where there is one
-- alone). copies: how often it was printed.
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

-- Every print of it. The reason of a further copy may name people: it is erased with them. Only added to.
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

-- paper.forget_reasons(subjects): what was written with reprints of their papers goes, the copies stay counted;
-- nothing else of a print ever changes, so this is the owner's. Writes paper.print.
create function paper.forget_reasons(p_subjects text[]) returns void
language sql security definer set search_path = pg_catalog as $$
    update paper.print set reason = null where subject = any (p_subjects) and reason is not null
$$;

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
-- issues it, and numbers it; after: where the page of it begins that is drawn, null: the first.
create type paper.thing as (
    kind text, subject text, occasion text, n int, at timestamptz, made_at timestamptz,
    unit bigint, dossier uuid, event uuid, after text
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

-- paper.of_dossier(dossier): every paper that there is of it, each kind in the order of its making. What a
-- one-stop department gave that received for the agency is its own, under its name and numbers.
-- Reads custody.event, money.payment, postal.unit.
create function paper.of_dossier(d dossier.dossier) returns setof paper.thing
language plpgsql stable as $$
begin
    return query
        select k.kind, d.id::text, e.id::text,
               row_number() over (partition by k.kind order by (e.data ->> 'version')::int)::int,
               e.at, d.created_at, coalesce(u.id, case k.issuer when 'post' then d.office else d.agency end),
               d.id, e.id, null::text
        from custody.event e
        join paper.kind k on k.about = 'dossier' and e.kind = any (k.events)
             and (k.to_status is null or (e.data ->> 'to')::smallint = k.to_status)
        left join postal.unit u on u.id = e.unit and (k.issuer = 'post' or u.kind = 'agency')
        where e.subject = d.id::text;
    return query
        select 'fee_receipt', d.id::text, p.id::text, row_number() over (order by p.id)::int, p.at,
               d.created_at, p.unit, d.id, null::uuid, null::text
        from money.payment p where p.dossier = d.id;
    return query
        select k.kind, d.id::text, '', 1, now(), d.created_at,
               case k.issuer when 'post' then d.office else d.agency end, d.id, null::uuid,
               null::text
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
