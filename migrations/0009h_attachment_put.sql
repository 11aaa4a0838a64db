-- Taking a file in, part by part, until it is whole.

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
