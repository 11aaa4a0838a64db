-- Files that are whole: reading, listing, taking back, adopting, erasing.

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
