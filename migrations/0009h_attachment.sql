-- Files that people send: pictures and papers, sealed by the program part by part (src/base/seal.h)
-- as they come, and known by their content. Erasing a dossier destroys its files. They are not searched
-- for viruses: nothing here runs, unpacks or shows one.

-- Who may send which kind of file to what, by roles (bits of account.role) within their scope
-- (attachment.subject_for), and in which status of the dossier (null: any).
create table attachment.sender (
    place text not null check (place in ('shipment', 'dossier', 'draft')),
    kind text not null check (kind in ('photo', 'signature', 'paper', 'document', 'result')),
    roles int not null,
    statuses smallint[],
    primary key (place, kind)
);
insert into attachment.sender values
    ('shipment', 'photo', 1 | 2 | 4 | 8 | 16, null),
    ('shipment', 'signature', 1 | 2 | 4 | 8 | 16, null),
    ('shipment', 'paper', 1 | 2 | 4 | 8 | 16, null),
    ('draft', 'document', 1 | 2, null),
    ('dossier', 'document', 1 | 2 | 16, '{1,2,4,5,6,7}'),
    ('dossier', 'result', 16, '{4,9,10}');
select base.revoke_service('insert, update', 'attachment.sender');

-- What an applicant or a clerk prepares before it is filed: its files wait under 'draft:' and its id,
-- until adopt() moves them. Whoever sends the first file has it. adopted: the dossier it became, kept for
-- what comes late.
create table attachment.draft (
    id uuid primary key, -- made by the client
    account bigint not null,
    procedure text not null,
    begun_at timestamptz not null default now(),
    touched_at timestamptz not null default now(),
    adopted uuid
);
create index draft_open on attachment.draft (account) where adopted is null;
create index draft_old on attachment.draft (touched_at);
select base.grant_service('delete', 'attachment.draft');

-- subject: the dossier's id as text, the number of a shipment that has no dossier, or 'draft:' and the
-- id of a draft. ref: a digest
-- of the file's SHA-256 that only the program can make, in hex: events name a file by it, and after
-- its erasure it confirms no guess. document: the line of the checklist that it is for, in the words of
-- the checklist; null: of none. role: as what its sender sent it. media, width, height: what the
-- content is; null until it is whole.
-- Whole it is there once, for each thing that it is meant for (slot); until then everybody sends their
-- own, which nobody else can spoil.
create function attachment.slot(p_kind text, p_document text) returns text
language sql immutable as $$
    select case p_kind when 'document' then 'document ' || coalesce(p_document, '')
                       when 'result' then 'result' else '' end
$$;
create table attachment.file (
    id uuid primary key default base.uuid_v7(),
    subject text collate "C" not null,
    ref text collate "C" not null check (ref ~ '^[0-9a-f]{64}$'),
    kind text not null check (kind in ('photo', 'signature', 'paper', 'document', 'result')),
    document text check (document is null or kind = 'document'),
    slot text not null generated always as (attachment.slot(kind, document)) stored,
    size int not null check (size > 0),
    received int not null default 0,
    account bigint not null,
    unit bigint,
    role text not null default 'courier',
    begun_at timestamptz not null default now(),
    whole_at timestamptz,
    media text,
    width int,
    height int,
    check ((whole_at is null) = (media is null)),
    check (received <= size)
);
create unique index file_whole on attachment.file (subject, ref, slot) where whole_at is not null;
create unique index file_begun on attachment.file (subject, ref, slot, account) where whole_at is null;
create index file_unfinished on attachment.file (begun_at) where whole_at is null;
create index file_account on attachment.file (account) where whole_at is null;

create table attachment.part (
    file uuid not null references attachment.file on delete cascade,
    at int not null, -- its first byte in the file
    sealed bytea not null,
    key bytea not null,
    primary key (file, at)
);
select base.grant_service('delete', 'attachment.file');
select base.grant_service('delete', 'attachment.part');

-- attachment.has(subject, ref): whether the whole file of a delivery is there.
create function attachment.has(p_subject text, p_ref text) returns boolean
language plpgsql stable as $$
begin
    return exists (select from attachment.file f where f.subject = p_subject and f.ref = p_ref
                   and f.slot = '' and f.whole_at is not null);
end $$;

-- attachment.json(file): {id, kind, document?, media, size, width?, height?, whole, offset: what is
-- expected next}.
create function attachment.json(f attachment.file) returns jsonb
language sql immutable as $$
    select jsonb_strip_nulls(jsonb_build_object('id', f.id, 'kind', f.kind, 'document', f.document,
               'media', f.media,
               'size', f.size, 'width', nullif(f.width, 0), 'height', nullif(f.height, 0),
               'whole', f.whole_at is not null, 'offset', f.received))
$$;

-- attachment.dossier_of(subject): the dossier whose files these are, or null.
create function attachment.dossier_of(p_subject text) returns uuid
language sql immutable as $$
    select case when length(p_subject) = 36 then p_subject::uuid end
$$;

-- attachment.draft_of(subject): likewise the draft.
create function attachment.draft_of(p_subject text) returns uuid
language sql immutable as $$
    select case when p_subject like 'draft:%' then substr(p_subject, 7)::uuid end
$$;

-- attachment.role_name(roles): as what somebody sends: the first of theirs that has to do with papers.
create function attachment.role_name(p_roles int) returns text
language sql immutable as $$
    select case when p_roles & 16 <> 0 then 'officer' when p_roles & 2 <> 0 then 'clerk'
                when p_roles & 4 <> 0 then 'courier' when p_roles & 8 <> 0 then 'hub'
                else 'applicant' end
$$;

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

-- attachment.check_room(subject, size, most files, most bytes): problem conflict when it would be too much
-- for one dossier or draft; what is still coming counts. Nobody else adds to it until the transaction ends.
-- Reads attachment.file.
create function attachment.check_room(p_subject text, p_size int, p_files int, p_bytes bigint)
returns void
language plpgsql as $$
declare
    v_files bigint;
    v_bytes bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended('room of ' || p_subject, 9));
    select count(*), coalesce(sum(x.size), 0) into v_files, v_bytes
    from attachment.file x where x.subject = p_subject;
    if v_files >= p_files then
        perform base.problem('conflict', jsonb_build_object(
            'detail', format('%s files are kept of this dossier; it takes no more.', p_files),
            'detail_vi', format('Hồ sơ này đã có %s tệp, không nhận thêm được nữa.', p_files)));
    elsif v_bytes + p_size > p_bytes then
        perform base.problem('conflict', jsonb_build_object('left', p_bytes - v_bytes,
            'detail', 'The files of this dossier would be too large together.',
            'detail_vi', 'Tổng dung lượng các tệp của hồ sơ này vượt quá giới hạn.'));
    end if;
end $$;

-- attachment.begin_file(subject, actor, unit, role, what, document): what is there of this file: the
-- whole, else what this account sends of it, begun now when there is nothing. what: as in put().
-- Problem conflict (too many unfinished of theirs, check_room). Subject and ref are locked.
-- Writes attachment.file.
create function attachment.begin_file(p_subject text, p_actor bigint, p_unit bigint, p_role text,
                                      what jsonb, p_document text) returns attachment.file
language plpgsql as $$
declare
    f attachment.file;
begin
    select * into f from attachment.file x
    where x.subject = p_subject and x.ref = what ->> 'ref'
      and x.slot = attachment.slot(what ->> 'kind', p_document)
      and (x.whole_at is not null or x.account = p_actor)
    order by x.whole_at limit 1;
    if found then
        return f;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('files of ' || p_actor, 9));
    if (select count(*) from attachment.file x
        where x.account = p_actor and x.whole_at is null) >= 50 then
        perform base.problem('conflict', jsonb_build_object(
            'detail', 'Fifty files of yours are unfinished; finish them, or wait a day.',
            'detail_vi', 'Quý vị còn năm mươi tệp chưa gửi xong; hãy gửi nốt hoặc đợi một ngày.'));
    end if;
    perform attachment.check_room(p_subject, (what ->> 'size')::int, (what ->> 'files')::int,
                                  (what ->> 'bytes')::bigint);
    insert into attachment.file (subject, ref, kind, document, size, account, unit, role)
    values (p_subject, what ->> 'ref', what ->> 'kind', p_document, (what ->> 'size')::int, p_actor, p_unit,
            p_role)
    returning * into f;
    return f;
end $$;

-- attachment.put(actor, unit, roles, what, at, sealed, key, len): the part that begins at that byte.
-- what: place, key and procedure? (subject_for), kind, document?, ref, size; files and bytes: how much one
-- dossier may have. Returns json(); all_there: the last part is in but nobody has looked yet
-- whether the file is what it says (then parts(), and finish or drop). A file that is there already
-- takes no more. Problems those of subject_for, offset-conflict (with the offset expected),
-- invalid-fields (past the size, or another size than at its beginning; no such document), conflict
-- (begin_file). Writes attachment.*.
create function attachment.put(p_actor bigint, p_unit bigint, p_roles int, what jsonb, p_at int,
                               p_sealed bytea, p_key bytea, p_len int,
                               out reply jsonb, out id uuid, out all_there boolean)
language plpgsql as $$
declare
    v_subject text := attachment.subject_for(what, p_actor, p_unit, p_roles);
    v_document text := attachment.document_for(v_subject, what ->> 'document');
    v_size int := (what ->> 'size')::int;
    f attachment.file;
begin
    perform pg_advisory_xact_lock(hashtextextended(v_subject || (what ->> 'ref'), 9));
    -- Its sender says otherwise now how long it is: from the beginning.
    delete from attachment.file x
    where p_at = 0 and x.subject = v_subject and x.ref = what ->> 'ref' and x.account = p_actor
      and x.whole_at is null and x.slot = attachment.slot(what ->> 'kind', v_document)
      and (x.size <> v_size or x.kind <> what ->> 'kind');
    f := attachment.begin_file(v_subject, p_actor, p_unit, attachment.role_name(p_roles), what, v_document);
    if f.whole_at is null and f.received < f.size then
        if p_at <> f.received then
            perform base.problem('offset-conflict', jsonb_build_object('offset', f.received));
        elsif v_size <> f.size or f.received + p_len > f.size then
            perform base.wrong_field('/size', 'too_big', 'Tệp dài hơn kích thước đã báo.',
                                     'The file is longer than its size says.');
        end if;
        insert into attachment.part (file, at, sealed, key) values (f.id, p_at, p_sealed, p_key);
        update attachment.file x set received = received + p_len where x.id = f.id
        returning * into f;
    end if;
    reply := attachment.json(f);
    id := f.id;
    all_there := f.whole_at is null and f.received = f.size;
end $$;

-- attachment.parts(id): the sealed parts of a file in order.
create function attachment.parts(p_id uuid) returns table (sealed bytea, key bytea)
language sql stable as $$
    select p.sealed, p.key from attachment.part p where p.file = p_id order by p.at
$$;

-- attachment.tell_scans(file): every scan of its shipments that named it before it came gets an event
-- that tells so. Writes custody.event, custody.proof_pending.
create function attachment.tell_scans(f attachment.file) returns void
language plpgsql as $$
declare
    v_numbers text[];
    r record;
begin
    -- A scan that is recorded at this moment finds the file, or waits for the same shipment's lock.
    v_numbers := array(select s.number from custody.shipment s
                       where s.dossier = attachment.dossier_of(f.subject)
                          or s.number = f.subject order by 1);
    perform from custody.shipment s where s.number = any (v_numbers)
        order by s.number for no key update;
    for r in
        delete from custody.proof_pending p
        where p.ref = f.ref and p.subject = any (v_numbers)
        returning p.subject, p.event loop
        perform custody.append(r.subject, base.uuid_v7(), 'attach', f.account, f.unit,
                               jsonb_build_object('attachment', f.ref), p_refers => r.event);
    end loop;
end $$;

-- attachment.record(file, dossier): the dossier's own event of it, which names it by its ref and says what
-- it is for. Writes custody.event, dossier.dossier.
create function attachment.record(f attachment.file, p_dossier uuid) returns void
language plpgsql as $$
begin
    perform dossier.record(p_dossier, 'attach', now(), f.account, f.unit, jsonb_strip_nulls(
        jsonb_build_object('attachment', f.ref, 'kind', f.kind, 'document', f.document, 'role', f.role)));
end $$;

-- attachment.finish(id, media, width, height): it is whole and what it says; when somebody else's was
-- so before, that is the file. Its dossier, or the scans that named it, have an event of it. Returns
-- json(). Problem not-found. Writes attachment.*, custody.event, custody.proof_pending, dossier.dossier.
create function attachment.finish(p_id uuid, p_media text, p_width int, p_height int) returns jsonb
language plpgsql as $$
declare
    f attachment.file;
    v_whole attachment.file;
begin
    select * into f from attachment.file x where x.id = p_id;
    -- (whoever adopts the draft waits, or has dropped it)
    update attachment.draft a set touched_at = now() where a.id = attachment.draft_of(f.subject);
    perform pg_advisory_xact_lock(hashtextextended(f.subject || f.ref, 9));
    select * into v_whole from attachment.file x
    where x.subject = f.subject and x.ref = f.ref and x.slot = f.slot and x.whole_at is not null;
    if found then
        delete from attachment.file x where x.id = p_id and x.whole_at is null;
        return attachment.json(v_whole);
    end if;
    update attachment.file x set whole_at = now(), media = p_media, width = p_width,
                                 height = p_height
    where x.id = p_id returning * into f;
    if not found then
        perform base.problem('not-found'); -- whoever looked at it too has dropped it
    elsif f.slot = '' then
        perform attachment.tell_scans(f);
    elsif attachment.dossier_of(f.subject) is not null then
        perform attachment.record(f, attachment.dossier_of(f.subject));
    end if;
    return attachment.json(f);
end $$;

-- attachment.drop_file(id): it is not what it said: nothing of it stays. Writes attachment.*.
create function attachment.drop_file(p_id uuid) returns void
language sql as $$
    delete from attachment.file f where f.id = p_id and f.whole_at is null
$$;

-- attachment.readable(file, actor, unit, roles): whether somebody may read it: who sees all that is
-- personal in its dossier, and who sent it.
create function attachment.readable(f attachment.file, p_actor bigint, p_unit bigint, p_roles int)
returns boolean
language plpgsql stable as $$
declare
    d dossier.dossier;
begin
    select * into d from dossier.dossier x where x.id = attachment.dossier_of(f.subject);
    return f.account = p_actor
        or d.id is not null and dossier.in_scope(d, p_actor, p_unit, p_roles)
           and dossier.reach(d, p_actor, p_unit, p_roles) = 'full';
end $$;

-- attachment.open_file(id, actor, unit, roles): {media, size} of a file that is about to be read part by
-- part (part_at); the reading is recorded. Problem not-found. Writes dossier.access.
create function attachment.open_file(p_id uuid, p_actor bigint, p_unit bigint, p_roles int) returns jsonb
language plpgsql as $$
declare
    f attachment.file;
begin
    select * into f from attachment.file x where x.id = p_id and x.whole_at is not null;
    if f.id is null or not attachment.readable(f, p_actor, p_unit, p_roles) then
        perform base.problem('not-found');
    end if;
    insert into dossier.access (dossier, account, unit, what)
    select d, p_actor, p_unit, 'attachment' from attachment.dossier_of(f.subject) d where d is not null;
    return jsonb_build_object('media', f.media, 'size', f.size);
end $$;

-- attachment.part_at(id, at): the sealed part that begins at that byte; no row behind the last.
create function attachment.part_at(p_id uuid, p_at int) returns table (sealed bytea, key bytea)
language sql stable as $$
    select p.sealed, p.key from attachment.part p where p.file = p_id and p.at = p_at
$$;

-- attachment.listed(file, actor, unit, roles): a row of list().
create function attachment.listed(f attachment.file, p_actor bigint, p_unit bigint, p_roles int)
returns jsonb
language sql stable as $$
    select attachment.json(f) || jsonb_strip_nulls(jsonb_build_object(
        'sent_at', f.whole_at, 'role', f.role, 'unit', (select u.code from postal.unit u where u.id = f.unit),
        'readable', case when f.whole_at is not null
                         then attachment.readable(f, p_actor, p_unit, p_roles) end))
$$;

-- attachment.list(actor, unit, roles, place, key): {may_send?: kinds_now() of a dossier, items: [{id, kind, document?, media, size, width?,
-- height?, whole, offset, sent_at, role, unit?, readable}]}, the oldest first: of a dossier what is whole,
-- for those who see it; of a draft, its owner's, also what is still coming. Problem not-found.
-- Reads attachment.*, dossier.dossier.
create function attachment.list(p_actor bigint, p_unit bigint, p_roles int, p_place text, p_key text)
returns jsonb
language plpgsql stable as $$
declare
    d dossier.dossier;
    v_subject text := case p_place when 'draft' then (select 'draft:' || a.id from attachment.draft a
              where a.id = p_key::uuid and a.account = p_actor and a.adopted is null) end;
begin
    if p_place = 'dossier' then
        d := dossier.locate(p_key, p_actor, p_unit, p_roles);
        v_subject := d.id::text;
    elsif v_subject is null then
        perform base.problem('not-found');
    end if;
    return jsonb_strip_nulls(jsonb_build_object('may_send',
            case when d.id is not null then attachment.kinds_now(d, p_actor, p_unit, p_roles) end))
        || jsonb_build_object('items', (
        select coalesce(jsonb_agg(attachment.listed(f, p_actor, p_unit, p_roles)
                                  order by f.begun_at, f.id), '[]')
        from attachment.file f
        where f.subject = v_subject and (f.whole_at is not null or p_place = 'draft')));
end $$;

-- attachment.remove(id, actor): drops a file of the asker's own draft; what belongs to a dossier or a
-- shipment stays. Problems not-found, conflict. Writes attachment.file.
create function attachment.remove(p_id uuid, p_actor bigint) returns void
language plpgsql as $$
declare
    f attachment.file;
begin
    select * into f from attachment.file x where x.id = p_id and x.account = p_actor;
    if not found then
        perform base.problem('not-found');
    end if;
    perform from attachment.draft a where a.id = attachment.draft_of(f.subject) for share;
    delete from attachment.file x where x.id = p_id and x.subject = f.subject and x.subject like 'draft:%';
    if not found then
        perform base.problem('conflict', jsonb_build_object(
            'detail', 'A file of a dossier stays with it.',
            'detail_vi', 'Tệp đã thuộc về hồ sơ thì được giữ cùng hồ sơ.'));
    end if;
end $$;

-- attachment.adopt(draft, dossier, account): the whole files of a draft become the dossier's, in the
-- transaction that files it, and what is not whole goes. Returns how many the dossier has of it; once
-- done the same again changes nothing; 0 without such a draft: it had no files. Problems not-found (draft
-- or dossier of somebody else), conflict (it became another dossier). Call it behind the dossier's first
-- event. Writes attachment.*, custody.event, dossier.dossier.
create function attachment.adopt(p_draft uuid, p_dossier uuid, p_account bigint) returns int
language plpgsql as $$
declare
    a attachment.draft;
    f attachment.file;
    v_count int := 0;
begin
    select * into a from attachment.draft x where x.id = p_draft for update;
    if not found then
        return 0;
    elsif a.account <> p_account
          or not exists (select from dossier.dossier d where d.id = p_dossier and d.created_by = p_account) then
        perform base.problem('not-found');
    elsif a.adopted is not null and a.adopted <> p_dossier then
        perform base.problem('conflict', jsonb_build_object(
            'detail', 'This draft was filed as another dossier.',
            'detail_vi', 'Bản nháp này đã được nộp thành hồ sơ khác.'));
    end if;
    for f in select * from attachment.file x
             where x.subject = 'draft:' || p_draft and x.whole_at is not null
               and not exists (select from attachment.file y
                               where y.subject = p_dossier::text and y.ref = x.ref and y.slot = x.slot
                                 and y.whole_at is not null)
             order by x.whole_at, x.id loop
        update attachment.file x set subject = p_dossier::text where x.id = f.id;
        perform attachment.record(f, p_dossier);
        v_count := v_count + 1;
    end loop;
    delete from attachment.file x where x.subject = 'draft:' || p_draft;
    update attachment.draft x set adopted = p_dossier, touched_at = now() where x.id = p_draft;
    return v_count;
end $$;

-- attachment.of_shipment(shipment): the whole files that its scans name: [{event, kind, id, media,
-- size, width?, height?}]. Reads custody.event, attachment.file.
create function attachment.of_shipment(s custody.shipment) returns jsonb
language plpgsql stable as $$
begin
    return (select coalesce(jsonb_agg(jsonb_build_object('event', e.id, 'scan', e.kind)
                       || attachment.json(f) - 'whole' - 'offset' order by e.at, f.id), '[]')
            from custody.event e
            cross join lateral jsonb_array_elements_text(e.data -> 'attachments') as a (ref)
            join attachment.file f on f.subject = coalesce(s.dossier::text, s.number)
                 and f.ref = a.ref and f.slot = '' and f.whole_at is not null
            where e.subject = s.number and e.data ? 'attachments');
end $$;

-- attachment.unnamed(shipment): the whole files of its dossier that no scan of any of its shipments
-- names (theirs was refused, or never came): [{id, kind, media, size, width?, height?, sent_at,
-- unit?}], the oldest first. Reads custody.shipment, custody.event, attachment.file.
create function attachment.unnamed(s custody.shipment) returns jsonb
language plpgsql stable as $$
declare
    v_named text[] := array(
        select a.ref from custody.event e
        cross join lateral jsonb_array_elements_text(e.data -> 'attachments') as a (ref)
        where e.subject in (select s.number
                            union select y.number from custody.shipment y
                            where y.dossier = s.dossier)
          and e.data ? 'attachments');
begin
    return (select coalesce(jsonb_agg(attachment.json(f) - 'whole' - 'offset'
                       || jsonb_strip_nulls(jsonb_build_object(
                              'sent_at', f.whole_at,
                              'unit', (select u.code from postal.unit u where u.id = f.unit)))
                       order by f.whole_at, f.id), '[]')
            from attachment.file f
            where f.subject = coalesce(s.dossier::text, s.number) and f.slot = ''
              and f.whole_at is not null and f.ref <> all (v_named));
end $$;

-- attachment.erase(subjects): destroys the files of these. True when there were any.
create function attachment.erase(p_subjects text[]) returns boolean
language plpgsql as $$
begin
    delete from attachment.file f where f.subject = any (p_subjects);
    return found;
end $$;

-- attachment.expire(older than, drafts older than): drops what was begun long ago and never came whole,
-- old drafts, and the files of those that were not filed. Writes attachment.*.
create function attachment.expire(older_than interval default '1 day',
                                  drafts_older interval default '30 days') returns bigint
language sql as $$
    with drafts as (
        delete from attachment.draft a
        where a.touched_at < now() - drafts_older returning a.id),
    gone as (
        delete from attachment.file f
        where f.whole_at is null and f.begun_at < now() - older_than
           or f.subject in (select 'draft:' || d.id from drafts d) returning 1)
    select count(*) from gone
$$;
