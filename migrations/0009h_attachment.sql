-- Files that people send: pictures and papers, sealed by the program part by part (src/base/seal.h)
-- as they come, and known by their content. Erasing a dossier destroys its files.

-- subject: the dossier's id as text, or the number of a shipment that has no dossier. ref: a digest
-- of the file's SHA-256 that only the program can make, in hex: events name a file by it, and after
-- its erasure it confirms no guess. media, width, height: what the content is; null until it is whole.
-- Whole it is there once; until then everybody sends their own, which nobody else can spoil.
create table attachment.file (
    id uuid primary key default base.uuid_v7(),
    subject text collate "C" not null,
    ref text collate "C" not null check (ref ~ '^[0-9a-f]{64}$'),
    kind text not null check (kind in ('photo', 'signature', 'paper')),
    size int not null check (size > 0),
    received int not null default 0,
    account bigint not null,
    unit bigint,
    begun_at timestamptz not null default now(),
    whole_at timestamptz,
    media text,
    width int,
    height int,
    check ((whole_at is null) = (media is null)),
    check (received <= size)
);
create unique index file_whole on attachment.file (subject, ref) where whole_at is not null;
create unique index file_begun on attachment.file (subject, ref, account) where whole_at is null;
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

-- attachment.has(subject, ref): whether the whole file is there.
create function attachment.has(p_subject text, p_ref text) returns boolean
language plpgsql stable as $$
begin
    return exists (select from attachment.file f where f.subject = p_subject and f.ref = p_ref
                   and f.whole_at is not null);
end $$;

-- attachment.json(file): {id, kind, media, size, width?, height?, whole, offset: what is expected
-- next}.
create function attachment.json(f attachment.file) returns jsonb
language sql immutable as $$
    select jsonb_strip_nulls(jsonb_build_object('id', f.id, 'kind', f.kind, 'media', f.media,
               'size', f.size, 'width', nullif(f.width, 0), 'height', nullif(f.height, 0),
               'whole', f.whole_at is not null, 'offset', f.received))
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

-- attachment.begin_file(subject, ref, actor, unit, kind, size): what is there of this file: the
-- whole, else what this account sends of it, begun now when there is nothing. Problem conflict (too
-- many unfinished of theirs, too many whole of the dossier). Subject and ref are locked.
-- Writes attachment.file.
create function attachment.begin_file(p_subject text, p_ref text, p_actor bigint, p_unit bigint,
                                      p_kind text, p_size int) returns attachment.file
language plpgsql as $$
declare
    f attachment.file;
begin
    select * into f from attachment.file x
    where x.subject = p_subject and x.ref = p_ref
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
    elsif (select count(*) from attachment.file x
           where x.subject = p_subject and x.whole_at is not null) >= 200 then
        perform base.problem('conflict', jsonb_build_object(
            'detail', 'Two hundred files are kept of this dossier; it takes no more.',
            'detail_vi', 'Hồ sơ này đã có hai trăm tệp, không nhận thêm được nữa.'));
    end if;
    insert into attachment.file (subject, ref, kind, size, account, unit)
    values (p_subject, p_ref, p_kind, p_size, p_actor, p_unit) returning * into f;
    return f;
end $$;

-- attachment.put(actor, unit, roles, number, ref, kind, size, at, sealed, key, len): the part that
-- begins at that byte. Returns json(); all_there: the last part is in but nobody has looked yet
-- whether the file is what it says (then parts(), and finish or drop). A file that is there already
-- takes no more. Problems not-found, offset-conflict (with the offset expected), invalid-fields (past
-- the size, or another size than at its beginning), conflict (begin_file). Writes attachment.*.
create function attachment.put(p_actor bigint, p_unit bigint, p_roles int, p_number text,
                               p_ref text, p_kind text, p_size int, p_at int, p_sealed bytea,
                               p_key bytea, p_len int,
                               out reply jsonb, out id uuid, out all_there boolean)
language plpgsql as $$
declare
    v_subject text := attachment.subject_of(p_number, p_actor, p_unit, p_roles);
    f attachment.file;
begin
    perform pg_advisory_xact_lock(hashtextextended(v_subject || p_ref, 9));
    -- Its sender says otherwise now how long it is: from the beginning.
    delete from attachment.file x
    where p_at = 0 and x.subject = v_subject and x.ref = p_ref and x.account = p_actor
      and x.whole_at is null and (x.size <> p_size or x.kind <> p_kind);
    f := attachment.begin_file(v_subject, p_ref, p_actor, p_unit, p_kind, p_size);
    if f.whole_at is null and f.received < f.size then
        if p_at <> f.received then
            perform base.problem('offset-conflict', jsonb_build_object('offset', f.received));
        elsif p_size <> f.size or f.received + p_len > f.size then
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

-- attachment.finish(id, media, width, height): it is whole and what it says; when somebody else's was
-- so before, that is the file. Every scan that named it before gets an event that tells so. Returns
-- json(). Problem not-found. Writes attachment.file, custody.event, custody.proof_pending.
create function attachment.finish(p_id uuid, p_media text, p_width int, p_height int) returns jsonb
language plpgsql as $$
declare
    f attachment.file;
    v_whole attachment.file;
    v_numbers text[];
    r record;
begin
    select * into f from attachment.file x where x.id = p_id;
    perform pg_advisory_xact_lock(hashtextextended(f.subject || f.ref, 9));
    select * into v_whole from attachment.file x
    where x.subject = f.subject and x.ref = f.ref and x.whole_at is not null;
    if found then
        delete from attachment.file x where x.id = p_id and x.whole_at is null;
        return attachment.json(v_whole);
    end if;
    update attachment.file x set whole_at = now(), media = p_media, width = p_width,
                                 height = p_height
    where x.id = p_id returning * into f;
    if not found then
        perform base.problem('not-found'); -- whoever looked at it too has dropped it
    end if;
    -- A scan that is recorded at this moment finds the file, or waits for the same shipment's lock.
    v_numbers := array(select s.number from custody.shipment s
                       where s.dossier = case when length(f.subject) = 36 then f.subject::uuid end
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
    return attachment.json(f);
end $$;

-- attachment.drop_file(id): it is not what it said: nothing of it stays. Writes attachment.*.
create function attachment.drop_file(p_id uuid) returns void
language sql as $$
    delete from attachment.file f where f.id = p_id and f.whole_at is null
$$;

-- attachment.get(id, actor, unit, roles): media, kind and the sealed parts, for whoever may see all
-- that is personal in its dossier, and for who sent it. Reading it is recorded. Problem not-found.
-- Writes dossier.access.
create function attachment.get(p_id uuid, p_actor bigint, p_unit bigint, p_roles int)
returns table (media text, sealed bytea, key bytea)
language plpgsql as $$
declare
    f attachment.file;
    d dossier.dossier;
begin
    select * into f from attachment.file x where x.id = p_id and x.whole_at is not null;
    select * into d from dossier.dossier x
    where x.id = case when length(f.subject) = 36 then f.subject::uuid end;
    if f.id is null
       or not (f.account = p_actor
               or d.id is not null and dossier.in_scope(d, p_actor, p_unit, p_roles)
                  and dossier.reach(d, p_actor, p_unit, p_roles) = 'full') then
        perform base.problem('not-found');
    end if;
    if d.id is not null then
        insert into dossier.access (dossier, account, unit, what)
        values (d.id, p_actor, p_unit, 'attachment');
    end if;
    return query select f.media, p.sealed, p.key from attachment.part p
                 where p.file = p_id order by p.at;
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
                 and f.ref = a.ref and f.whole_at is not null
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
            where f.subject = coalesce(s.dossier::text, s.number) and f.whole_at is not null
              and f.ref <> all (v_named));
end $$;

-- attachment.erase(subjects): destroys the files of these. True when there were any.
create function attachment.erase(p_subjects text[]) returns boolean
language plpgsql as $$
begin
    delete from attachment.file f where f.subject = any (p_subjects);
    return found;
end $$;

-- attachment.expire(older than): drops what was begun long ago and never came whole.
create function attachment.expire(older_than interval default '1 day') returns bigint
language sql as $$
    with gone as (
        delete from attachment.file f
        where f.whole_at is null and f.begun_at < now() - older_than returning 1)
    select count(*) from gone
$$;
