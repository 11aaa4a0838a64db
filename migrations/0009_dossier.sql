-- A dossier: its record, its people and papers apart, its pauses, supplements and questions, and small helpers.

-- The last number given for an agency on a day (Vietnam time).
create table dossier.code_counter (
    agency bigint not null,
    day date not null,
    last int not null,
    primary key (agency, day)
) with (fillfactor = 50);

create table dossier.dossier (
    id uuid primary key, -- made by the client
    code text collate "C" not null unique,
    procedure text not null,
    procedure_version int not null,
    agency bigint not null,
    office bigint not null,
    -- none: filed on line, nothing of it goes by post
    service text not null check (service in ('send', 'receive', 'both', 'none')),
    applicant_kind text not null,
    from_commune text not null,
    result_to_kind text not null
        check (result_to_kind in ('address', 'post_office', 'agency', 'online')),
    result_unit bigint,     -- where the result is fetched
    result_commune text,    -- where it is carried to
    weight_g int not null,
    receiving bigint,       -- the one-stop department that takes the papers over for the agency
    split_from uuid,        -- whose papers these were until they were split off
    created_at timestamptz not null,
    created_by bigint not null,
    digest bytea,           -- of the whole intake; gone after erasure
    -- projected from the events
    status smallint not null references dossier.status,
    back_to smallint references dossier.status, -- where a refused withdrawal returns to
    filed_at timestamptz,
    accepted_at timestamptz,
    due_at timestamptz,
    ended_at timestamptz,
    apologised_at timestamptz,
    paused_at timestamptz,
    cancelled_at timestamptz, -- the intake was a mistake
    grouped_into uuid,        -- or its papers are in that dossier
    forwarded_at timestamptz, -- whoever received it sent it on to the agency
    came_back_at timestamptz, -- its result could not be delivered and is back; not since it went again
    supplements int not null default 0,
    version int not null,
    -- The agency on whose desk it is: until it is accepted, whoever has its papers.
    desk bigint generated always as (case when accepted_at is null and forwarded_at is null
                                          then coalesce(receiving, agency) else agency end) stored
) with (fillfactor = 85);
create index on dossier.dossier (agency, status, due_at);
create index on dossier.dossier (agency, created_at, id);
create index on dossier.dossier (office, created_at, id);
create index on dossier.dossier (created_by, created_at, id);
create index on dossier.dossier (created_at, id);
-- The desk's lists, each in its own order: what runs by its due time, what waits for the applicant, what
-- is to be decided on (filed, or brought to the agency by the applicant, who has the post carry the result
-- alone), what is to be sent on to the agency, and whose result is back.
create index dossier_runs on dossier.dossier (agency, due_at, id)
    where ended_at is null and paused_at is null and due_at is not null;
create index dossier_waits on dossier.dossier (desk, paused_at, id) where paused_at is not null;
create index dossier_to_accept on dossier.dossier (desk, coalesce(filed_at, created_at), id)
    where status = 1 and (filed_at is not null or service = 'receive');
create index dossier_to_forward on dossier.dossier (receiving, filed_at, id)
    where filed_at is not null and forwarded_at is null and ended_at is null;
create index dossier_came_back on dossier.dossier (agency, came_back_at, id) where came_back_at is not null;
create index on dossier.dossier (receiving, created_at, id) where receiving is not null;
create index on dossier.dossier (receiving, status, due_at) where receiving is not null;
create index on dossier.dossier (split_from) where split_from is not null;
create index on dossier.dossier (grouped_into) where grouped_into is not null;

-- Sealed outside the database (base/seal.h). event: the one that keeps its mac, the registration or the
-- latest correction; what was corrected lies as the payload of the event before (custody.payload).
-- Erased: no payload, no key, no salt.
create table dossier.personal (
    dossier uuid primary key references dossier.dossier,
    event uuid not null,
    sealed bytea,
    key bytea,
    salt bytea,
    erased_at timestamptz,
    check ((sealed is null) = (key is null) and (key is null) = (salt is null)),
    check ((sealed is null) = (erased_at is not null))
);

-- event: the step with which a supplement came; null: of the intake.
create table dossier.document (
    dossier uuid not null references dossier.dossier,
    line int not null,
    event uuid,
    name text check (name is not null or event is not null), -- null: erased
    originals int not null check (originals between 0 and 1000),
    copies int not null check (copies between 0 and 1000),
    returned boolean not null, -- goes back to the applicant
    primary key (dossier, line)
);

-- When the agency's clock stood still; projected.
create table dossier.pause (
    dossier uuid not null references dossier.dossier,
    line int not null,
    kind text not null check (kind in ('supplement', 'payment')),
    began timestamptz not null,
    ended timestamptz,
    primary key (dossier, line)
);
select base.grant_service('delete', 'dossier.pause');
select base.grant_service('delete', 'dossier.document');

-- What a supplement must bring, line by line, as it was asked for by the event. Names may tell of
-- people, so they lie apart and can be erased; the event's mac covers them with its remark.
create table dossier.supplement_item (
    dossier uuid not null references dossier.dossier,
    event uuid not null,
    line int not null,
    name text, -- null: erased
    originals int not null check (originals between 0 and 1000),
    copies int not null check (copies between 0 and 1000),
    primary key (dossier, event, line)
);

-- What another agency was asked about a dossier; projected from its events, which carry no status. What
-- was asked and answered are their remarks. due_at: time (working_day, working_hour: time_unit) from
-- asked_at by the calendar of the agency that was asked, reckoned anew when that changes.
create table dossier.asking (
    id uuid primary key, -- made by the client
    dossier uuid not null references dossier.dossier,
    asking bigint not null,
    asked bigint not null,
    event uuid not null,
    asked_at timestamptz not null,
    time int not null,
    time_unit text not null,
    due_at timestamptz not null,
    answered_at timestamptz,
    answer text check (answer in ('agreed', 'refused', 'informed')),
    answer_event uuid,
    ended_at timestamptz -- not waited for any more
);
create index on dossier.asking (dossier);
create index asking_open on dossier.asking (asked, due_at, id)
    where answered_at is null and ended_at is null;
create index asking_mine on dossier.asking (asking, due_at, id)
    where answered_at is null and ended_at is null;
create index asking_due on dossier.asking (due_at, id) where answered_at is null and ended_at is null;
select base.grant_service('delete', 'dossier.asking');

-- What was claimed of the post for a shipment of it; projected from its events, of which the first is its
-- id. Why, and what was answered, are their remarks. Undecided: claimed; with an amount: compensated; else
-- claim_refused.
create table dossier.claim (
    event uuid primary key,
    dossier uuid not null references dossier.dossier,
    number text collate "C" not null,
    cause text not null check (cause in ('lost', 'damaged', 'late')),
    claimed_at timestamptz not null,
    decision uuid,
    decided_at timestamptz,
    amount bigint check (amount >= 0),
    check ((decision is null) = (decided_at is null) and (decision is not null or amount is null))
);
create index on dossier.claim (dossier);
create unique index claim_open on dossier.claim (number) where decided_at is null;
select base.grant_service('delete', 'dossier.claim');

-- Who read whose personal data, when, and what for. Only added to.
create table dossier.access (
    dossier uuid not null,
    at timestamptz not null default now(),
    account bigint not null,
    unit bigint,
    what text not null
);
create index on dossier.access (dossier, at);
select base.revoke_service('update', 'dossier.access');

-- --- small helpers -------------------------------------------------------------------------------

-- dossier.normal(code or number as people type it): upper case, no spaces or dots of grouping in an
-- S10; a dossier code keeps its dots. Null for what can be neither.
create function dossier.normal(typed text) returns text
language sql immutable parallel safe as $$
    select case
        when length(typed) > 64 then null
        when bare ~ '^[A-Z]{2}[0-9]{9}[A-Z]{2}$' then bare
        when dotted ~ '^[0-9A-Z.]{3,24}-[0-9]{6,8}-[0-9]{4,9}$' then dotted
    end
    from (select upper(regexp_replace(typed, '[[:space:].-]', '', 'g')) as bare,
                 upper(regexp_replace(typed, '[[:space:]]', '', 'g')) as dotted) as forms
$$;

-- dossier.find(code, number of a leg, or id): the dossier's id, or null.
-- Reads dossier.dossier, custody.shipment.
create function dossier.find(p_key text) returns uuid
language plpgsql stable as $$
declare
    key text := dossier.normal(p_key);
    found_id uuid;
begin
    if key is null then
        return case when p_key ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then
            (select id from dossier.dossier where id = p_key::uuid) end;
    end if;
    select id into found_id from dossier.dossier where code = key;
    if not found then
        select s.dossier into found_id from custody.shipment s where s.number = key;
    end if;
    return found_id;
end $$;

-- dossier.procedure_body(code, version): the procedure as it was filed under.
-- Reads procedure.procedure.
create function dossier.procedure_body(p_code text, p_version int) returns jsonb
language sql stable as $$
    select body from procedure.procedure where code = p_code and version = p_version
$$;

-- dossier.unit_json(unit): {id, name, name_en}. Reads postal.unit.
create function dossier.unit_json(p_unit bigint) returns jsonb
language plpgsql stable as $$
begin
    return (
        select jsonb_build_object('id', code, 'name', name, 'name_en', name_en)
        from postal.unit where id = p_unit);
end $$;
