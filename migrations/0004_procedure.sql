-- The catalogue of administrative procedures, versioned: a dossier keeps the version it was filed
-- under. body is the whole entry (levels, checklist, fees, times) as it was loaded.

create table procedure.procedure (
    code text collate "C" not null
        check (code ~ '^[0-9]\.[0-9]{6}(\.H[0-9]{2}|(\.[0-9]{2,3}){3}\.[A-Z][0-9]{2})?$'),
    version int not null check (version > 0),
    valid_from date not null default base.vn_date(now()),
    body jsonb not null check (jsonb_typeof(body) = 'object'),
    loaded_at timestamptz not null default now(),
    name text not null generated always as (body ->> 'name') stored,
    agency_level text not null generated always as (body ->> 'agency_level') stored
        check (agency_level in ('province', 'commune')),
    level int not null generated always as ((body ->> 'level')::int) stored
        check (level between 1 and 4),
    mode text not null generated always as (body ->> 'mode') stored
        check (mode in ('full', 'partial')),
    post boolean not null generated always as ((body ->> 'post')::boolean) stored,
    addressee_only boolean not null generated always as
        (coalesce((body ->> 'addressee_only')::boolean, false)) stored,
    old_papers boolean not null generated always as -- are recovered when the result is delivered
        (coalesce((body ->> 'old_papers_recovered')::boolean, false)) stored,
    search text generated always as
        (base.fold((body ->> 'name') || ' ' || coalesce(body ->> 'name_en', '') || ' '
                   || code)) stored,
    primary key (code, version),
    check (body ->> 'code' = code),
    check (post = (coalesce(body ->> 'post_refusal', '') = '')), -- refused: with the reason
    check (coalesce(body #>> '{time,unit}', '') in ('working_day', 'working_hour')),
    check (coalesce((body #>> '{time,value}')::int, 0) > 0),
    check (coalesce(body ->> 'clock_after_supplement', '') in ('restart', 'resume')),
    check (coalesce(jsonb_typeof(body -> 'documents'), '') = 'array'),
    check (coalesce(jsonb_typeof(body -> 'fees'), '') = 'array')
);

-- The version in effect today of each procedure.
create view procedure.in_effect as
    select distinct on (code) * from procedure.procedure
    where valid_from <= base.vn_date(now())
    order by code, version desc;

-- procedure.put(body): a new version when the entry differs from the newest -> its version, or 0
-- when nothing changed. Writes procedure.procedure.
create function procedure.put(p_body jsonb) returns int
language plpgsql as $$
declare
    newest procedure.procedure;
    fresh int;
begin
    perform pg_advisory_xact_lock(hashtextextended(p_body ->> 'code', 4));
    select * into newest from procedure.procedure where code = p_body ->> 'code'
    order by version desc limit 1;
    if newest.body = p_body then
        return 0;
    end if;
    fresh := coalesce(newest.version, 0) + 1;
    insert into procedure.procedure (code, version, body)
    values (p_body ->> 'code', fresh, p_body);
    return fresh;
end $$;

-- procedure.put_all(catalogue): {procedures: [body…]} -> how many were new or changed.
create function procedure.put_all(catalogue jsonb) returns bigint
language sql as $$
    select count(*) filter (where procedure.put(body) > 0)
    from jsonb_array_elements(catalogue -> 'procedures') body
$$;

-- procedure.base_code(code): without the local suffix, 1.000948.H38 -> 1.000948; null where the
-- code has not the shape of one.
create function procedure.base_code(p_code text) returns text
language sql immutable parallel safe as $$
    select substring(p_code from '^([0-9]\.[0-9]{6})(?:\.[0-9A-Z.]+)?$')
$$;

-- procedure.find(code): the version in effect; a local code falls back to the national entry.
-- No row when there is none.
create function procedure.find(p_code text) returns setof procedure.in_effect
language sql stable as $$
    select p.* from procedure.in_effect p
    where p.code in (p_code, procedure.base_code(p_code))
    order by length(p.code) desc limit 1
$$;

-- procedure.for_post(code) -> body with its version; problems unknown-procedure,
-- procedure-not-by-post (with the reason).
create function procedure.for_post(p_code text) returns jsonb
language plpgsql stable as $$
declare
    entry procedure.in_effect;
begin
    select * into entry from procedure.find(p_code);
    if not found then
        perform base.problem('unknown-procedure');
    end if;
    if not entry.post then
        perform base.problem('procedure-not-by-post',
            jsonb_strip_nulls(jsonb_build_object('detail', entry.body ->> 'post_refusal_en',
                                                 'detail_vi', entry.body ->> 'post_refusal')));
    end if;
    return entry.body || jsonb_build_object('version', entry.version);
end $$;

-- procedure.for_service(code, service): the same; where nothing goes by post (none) the post need not
-- handle it.
create function procedure.for_service(p_code text, p_service text) returns jsonb
language plpgsql stable as $$
declare
    entry procedure.in_effect;
begin
    if p_service <> 'none' then
        return procedure.for_post(p_code);
    end if;
    select * into entry from procedure.find(p_code);
    if not found then
        perform base.problem('unknown-procedure');
    end if;
    return entry.body || jsonb_build_object('version', entry.version);
end $$;

-- procedure.list(q, level of agency or null, only by post, limit): short entries whose name or
-- code holds the words of q -> jsonb list.
create function procedure.list(p_q text, p_agency_level text, by_post boolean, max_rows int)
returns jsonb language sql stable as $$
    select coalesce(jsonb_agg(found.entry order by found.name, found.code), '[]')
    from (select p.name, p.code,
            jsonb_build_object('code', p.code, 'version', p.version, 'name', p.name,
                'name_en', p.body ->> 'name_en', 'agency_level', p.agency_level,
                'level', p.level, 'mode', p.mode, 'post', p.post, 'time', p.body -> 'time')
            || case when p.post then '{}' else
                   jsonb_build_object('post_refusal', p.body ->> 'post_refusal') end as entry
          from procedure.in_effect p
          where (p_agency_level is null or p.agency_level = p_agency_level)
            and (by_post is null or p.post = by_post)
            and (base.like_pattern(p_q) is null or p.search like base.like_pattern(p_q))
          order by p.name, p.code
          limit max_rows) found
$$;

-- procedure.get(code) -> the whole entry with its version; null when there is none.
create function procedure.get(p_code text) returns jsonb
language sql stable as $$
    select p.body || jsonb_build_object('version', p.version, 'valid_from', p.valid_from)
    from procedure.find(p_code) p
$$;
