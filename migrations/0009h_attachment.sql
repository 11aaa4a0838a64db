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
