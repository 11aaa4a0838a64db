-- The catalogue of administrative procedures, versioned: a dossier keeps the version it was filed
-- under. body is the whole entry as it was loaded:
--   code, name, name_en?, agency_level, units? (codes of the agencies that are competent; absent:
--   every one of that level), level 1-4, mode full|partial, mode_reason?, mode_reason_en?,
--   post, post_refusal? and post_refusal_en?, addressee_only?, old_papers_recovered?,
--   time {value, unit}, clock_after_supplement, payment_step?, result, result_en?,
--   fees [{name, name_en?, amount, when?, adds?, per?}]: with `when` only under that condition, which is
--     chosen at filing (`online` holds for what is filed on line), and then instead of those without,
--     beside them when it `adds`; per "copy": for each copy that is asked for,
--   documents [{name, name_en?, originals, copies, optional?, returned?, recovered?, form?}],
--   form?: what is filled in on line, see procedure.wrong_form.

-- procedure.is_texts(list, fewest): whether it is a list of so many to 100 different texts of 1 to 200
-- characters.
create function procedure.is_texts(list jsonb, fewest int default 1) returns boolean
language sql immutable parallel safe as $$
    select case when jsonb_typeof(list) = 'array' then
        jsonb_array_length(list) between fewest and 100
        and not exists (select from jsonb_array_elements(list) one
                        where jsonb_typeof(one) <> 'string' or length(one #>> '{}') not between 1 and 200)
        and (select count(distinct one) from jsonb_array_elements(list) one) = jsonb_array_length(list)
        else false end
$$;

-- procedure.wrong_property(name, it): what is wrong with one field of a form, or null.
create function procedure.wrong_property(p_name text, it jsonb) returns text
language sql immutable parallel safe as $$
    select case
        when p_name !~ '^[a-z][a-z0-9_]{0,39}$' then 'the name of a field is small letters, figures and _'
        when coalesce(jsonb_typeof(it), '') <> 'object' then 'must be an object'
        when coalesce(it ->> 'type', '') not in ('string', 'integer', 'boolean')
            then 'type must be string, integer or boolean'
        when coalesce(length(it ->> 'title'), 0) not between 1 and 200
          or coalesce(length(it ->> 'title_en'), 0) not between 1 and 200
            then 'title and title_en must be texts of 1 to 200 characters'
        when coalesce(jsonb_typeof(it -> 'position'), '') <> 'number'
          or (it ->> 'position') !~ '^[0-9]{1,4}$' then 'position must be a whole number of 0 to 9999'
        when exists (select from jsonb_object_keys(it) key where key not in ('type', 'title', 'title_en',
                'position', 'format', 'enum', 'enum_titles', 'enum_titles_en', 'minLength', 'maxLength',
                'pattern', 'minimum', 'maximum'))
            then 'has a member that a field does not have'
        when exists (select from jsonb_each(it) m where m.key in ('minLength', 'maxLength', 'minimum',
                'maximum') and (jsonb_typeof(m.value) <> 'number' or m.value::text !~ '^-?[0-9]{1,12}$'))
            then 'minLength, maxLength, minimum and maximum must be whole numbers'
        when it ->> 'type' <> 'string' and it ?| array['format', 'enum', 'enum_titles', 'enum_titles_en',
                'minLength', 'maxLength', 'pattern'] then 'only a string has such a bound'
        when it ->> 'type' <> 'integer' and it ?| array['minimum', 'maximum']
            then 'only an integer has minimum and maximum'
        when coalesce((it ->> 'minLength')::bigint, 0) not between 0 and 4000
          or coalesce((it ->> 'maxLength')::bigint, 1) not between 1 and 4000
          or (it ->> 'minLength')::bigint > (it ->> 'maxLength')::bigint
          or (it ->> 'minimum')::bigint > (it ->> 'maximum')::bigint then 'its bounds leave no value'
        when it ? 'format' and it ->> 'format' is distinct from 'date' then 'format must be date'
        when it ? 'pattern' and (jsonb_typeof(it -> 'pattern') <> 'string'
                                 or length(it ->> 'pattern') not between 1 and 200)
            then 'pattern must be a text of 1 to 200 characters'
        when it ? 'enum' and not procedure.is_texts(it -> 'enum')
            then 'enum must be 1 to 100 different texts'
        when (it ? 'enum') <> (it ? 'enum_titles') or (it ? 'enum_titles_en' and not it ? 'enum')
            then 'enum and enum_titles come together'
        when exists (select from unnest(array['enum_titles', 'enum_titles_en']) words
                     where it ? words and (not procedure.is_texts(it -> words)
                        or jsonb_array_length(it -> words) <> jsonb_array_length(it -> 'enum')))
            then 'enum_titles has a text for each of enum' end
$$;

-- procedure.wrong_form(form): the first thing wrong with a form, as {field, detail}, or null: it is a
-- JSON Schema object of at most 60 properties, each of type string, integer or boolean, with title,
-- title_en and position (their order; jsonb keeps none), and perhaps format date, enum with enum_titles,
-- minLength, maxLength, pattern, minimum, maximum; `required` names some of them.
create function procedure.wrong_form(form jsonb) returns jsonb
language sql immutable strict parallel safe as $$
    select case
        when jsonb_typeof(form) <> 'object' or form ->> 'type' is distinct from 'object'
            then '{"field": "/form", "detail": "must be a JSON Schema of type object"}'::jsonb
        when exists (select from jsonb_object_keys(form) key
                     where key not in ('type', 'properties', 'required', 'title', 'title_en'))
            then '{"field": "/form", "detail": "has a member that a form does not have"}'
        when coalesce(jsonb_typeof(form -> 'properties'), '') <> 'object'
            then '{"field": "/form/properties", "detail": "must be an object"}'
        when (select count(*) from jsonb_object_keys(form -> 'properties')) not between 1 and 60
            then '{"field": "/form/properties", "detail": "must be 1 to 60"}'
        when form ? 'required' and (not procedure.is_texts(form -> 'required', 0)
             or exists (select from jsonb_array_elements_text(form -> 'required') name
                        where not form -> 'properties' ? name))
            then '{"field": "/form/required", "detail": "must be a list of names of properties"}'
        else (select jsonb_build_object('field', '/form/properties/' || p.key,
                                        'detail', procedure.wrong_property(p.key, p.value))
              from jsonb_each(form -> 'properties') p
              where procedure.wrong_property(p.key, p.value) is not null
              order by p.key limit 1) end
$$;

create table procedure.procedure (
    code text collate "C" not null
        check (code ~ '^[0-9]\.[0-9]{6}(\.H[0-9]{2}|(\.[0-9]{2,3}){3}\.[A-Z][0-9]{2})?$'),
    version int not null check (version > 0),
    valid_from date not null default base.vn_date(now()),
    valid_to date check (valid_to >= valid_from), -- the day from which it is in effect no more
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
    form jsonb generated always as (body -> 'form') stored
        check (procedure.wrong_form(form) is null),
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
    check (coalesce(jsonb_typeof(body -> 'fees'), '') = 'array'),
    check (not body ? 'units' or procedure.is_texts(body -> 'units'))
);
create index procedure_search on procedure.procedure using gin (search base.gin_trgm_ops);
create index procedure_name on procedure.procedure (name, code);

-- The version in effect today of each procedure. Versions begin in their order (procedure.put).
create view procedure.in_effect as
    select * from (
        select distinct on (code) * from procedure.procedure
        where valid_from <= base.vn_date(now())
        order by code, version desc) newest
    where valid_to is null or valid_to > base.vn_date(now());

-- procedure.put(entry, from): a new version when the entry says otherwise than the newest -> its version,
-- or 0 when nothing changed. The entry may say from when on (valid_from, when that is after the newest
-- began; else `from`, else today) and until when (valid_to: from that day on it is in effect no more). An entry without `form` keeps the one there
-- is; "form": null takes it away. Problem invalid-fields: it would begin before the newest version does.
-- Writes procedure.procedure.
create function procedure.put(p_entry jsonb, p_from date default null) returns int
language plpgsql as $$
declare
    newest procedure.procedure;
    said jsonb := p_entry - '{valid_from,valid_to}'::text[];
    begins date := coalesce(p_from, base.vn_date(now()));
    ends date := (p_entry ->> 'valid_to')::date;
    fresh int;
begin
    perform pg_advisory_xact_lock(hashtextextended(p_entry ->> 'code', 4));
    select * into newest from procedure.procedure where code = p_entry ->> 'code'
    order by version desc limit 1;
    if jsonb_typeof(said -> 'form') = 'null' then
        said := said - 'form';
    elsif not said ? 'form' and newest.form is not null then
        said := said || jsonb_build_object('form', newest.form);
    end if;
    -- A list that was written out and edited still says when the newest version began.
    if newest.code is null or (p_entry ->> 'valid_from')::date > newest.valid_from then
        begins := coalesce((p_entry ->> 'valid_from')::date, begins);
    end if;
    if newest.body = said and newest.valid_to is not distinct from ends then
        return 0;
    end if;
    if newest.body = said and coalesce(newest.valid_to > base.vn_date(now()), true) then
        update procedure.procedure set valid_to = ends
        where code = newest.code and version = newest.version;
        return newest.version;
    end if;
    if begins < newest.valid_from then
        -- The newest is one that began later: what is loaded begins with it at the earliest.
        perform base.wrong_field('/valid_from', 'too_small',
            format('Phiên bản mới nhất của %s có hiệu lực từ %s.', newest.code,
                   to_char(newest.valid_from, 'DD/MM/YYYY')),
            format('The newest version of %s is in effect from %s.', newest.code, newest.valid_from));
    end if;
    fresh := coalesce(newest.version, 0) + 1;
    insert into procedure.procedure (code, version, valid_from, valid_to, body)
    values (p_entry ->> 'code', fresh, begins, ends, said);
    return fresh;
end $$;

-- procedure.put_all(catalogue, from): {procedures: [entry…]} -> how many were new or changed.
create function procedure.put_all(catalogue jsonb, p_from date default null) returns bigint
language sql as $$
    select count(*) filter (where procedure.put(entry, p_from) > 0)
    from jsonb_array_elements(catalogue -> 'procedures') entry
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
