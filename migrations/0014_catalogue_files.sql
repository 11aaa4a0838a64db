-- The catalogue and the network as files: what is wrong with a row before any is written, the catalogue as
-- CSV, and what an import changed (cmd/load.h).

-- procedure.is_count(value, most): whether it is a whole number of 0 to most.
create function procedure.is_count(value jsonb, most bigint) returns boolean
language sql immutable parallel safe as $$
    select case when jsonb_typeof(value) = 'number' and value::text ~ '^[0-9]{1,12}$'
                then value::text::bigint <= most else false end
$$;

-- procedure.is_text(value, most): whether it is a text of 1 to most characters, without controls.
create function procedure.is_text(value jsonb, most int) returns boolean
language sql immutable parallel safe as $$
    select coalesce(jsonb_typeof(value) = 'string' and length(value #>> '{}') between 1 and most
                    and btrim(value #>> '{}') <> '' and value #>> '{}' !~ '[\u0001-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]',
                    false)
$$;

-- procedure.is_day(value): whether it is a date as 2026-11-23, or absent.
create function procedure.is_day(value jsonb) returns boolean
language plpgsql immutable as $$
begin
    return value is null or jsonb_typeof(value) = 'string' and postal.is_day(value #>> '{}');
end $$;

-- procedure.wrong_members(list, pointer, known, flags): members of the objects of a list that are not known,
-- and flags among them that are not true or false.
create function procedure.wrong_members(list jsonb, pointer text, known text[], flags text[])
returns table (field text, detail text)
language sql immutable as $$
    select concat(pointer, '/', n - 1, '/', m.key),
           case when m.key = any (flags) then 'must be true or false' else 'is not known' end
    from jsonb_array_elements(case when jsonb_typeof(list) = 'array' then list else '[]' end)
         with ordinality as l(one, n)
    cross join lateral jsonb_each(case when jsonb_typeof(one) = 'object' then one else '{}' end) m
    where case when m.key = any (flags) then jsonb_typeof(m.value) <> 'boolean' else m.key <> all (known) end
$$;

-- procedure.wrong_documents(list), procedure.wrong_fees(list): the papers of a checklist, or the fees,
-- that do not fit.
create function procedure.wrong_documents(list jsonb) returns table (field text, detail text)
language sql immutable as $$
    select format('/documents/%s', n - 1), 'must have a name, originals and copies, one sheet at least'
    from jsonb_array_elements(list) with ordinality as l(one, n)
    where not (procedure.is_text(one -> 'name', 300) and procedure.is_count(one -> 'originals', 1000)
               and procedure.is_count(one -> 'copies', 1000))
       or (one ->> 'originals' = '0' and one ->> 'copies' = '0')
    union all
    select * from procedure.wrong_members(list, '/documents', '{name,name_en,originals,copies,note,note_en}',
                                          '{optional,returned,recovered,form}')
$$;

create function procedure.wrong_fees(list jsonb) returns table (field text, detail text)
language sql immutable as $$
    select format('/fees/%s', n - 1), 'must have a name and an amount in whole đồng'
    from jsonb_array_elements(list) with ordinality as l(one, n)
    where not (procedure.is_text(one -> 'name', 300) and procedure.is_count(one -> 'amount', 100000000000))
    union all
    select format('/fees/%s/when', n - 1), 'must be a word of small letters, figures and _'
    from jsonb_array_elements(list) with ordinality as l(one, n)
    where one ? 'when' and coalesce(one ->> 'when', '') !~ '^[a-z][a-z0-9_]{0,39}$'
    union all
    select format('/fees/%s/per', n - 1), 'must be copy'
    from jsonb_array_elements(list) with ordinality as l(one, n)
    where one ? 'per' and one ->> 'per' is distinct from 'copy'
    union all
    select * from procedure.wrong_members(list, '/fees', '{name,name_en,amount,when,when_vi,when_en,per}', '{adds}')
$$;

-- procedure.wrong_entry(entry): everything that is wrong with an entry, each as the field and why; none:
-- procedure.put takes it. Reads postal.unit.
create function procedure.wrong_entry(e jsonb) returns table (field text, detail text)
language sql stable as $$
    select w.field, w.detail
    from (values
        (jsonb_typeof(e) = 'object', '', 'must be an object'),
        (coalesce(e ->> 'code' ~ '^[0-9]\.[0-9]{6}(\.H[0-9]{2}|(\.[0-9]{2,3}){3}\.[A-Z][0-9]{2})?$', false),
         '/code', 'is not the code of a procedure'),
        (procedure.is_text(e -> 'name', 500), '/name', 'must be a text of 1 to 500 characters'),
        (coalesce(e ->> 'agency_level' in ('province', 'commune'), false), '/agency_level',
         'must be province or commune'),
        (procedure.is_count(e -> 'level', 4) and e ->> 'level' <> '0', '/level', 'must be 1 to 4'),
        (coalesce(e ->> 'mode' in ('full', 'partial'), false), '/mode', 'must be full or partial'),
        (coalesce(jsonb_typeof(e -> 'post') = 'boolean', false), '/post', 'must be true or false'),
        (e -> 'post' is distinct from 'false' or procedure.is_text(e -> 'post_refusal', 500), '/post_refusal',
         'must say why the post may not handle it'),
        (e -> 'post' is distinct from 'true' or not e ? 'post_refusal', '/post_refusal',
         'stands only where the post may not handle it'),
        (procedure.is_count(e #> '{time,value}', 10000) and e #>> '{time,value}' <> '0', '/time/value',
         'must be a whole number above 0'),
        (coalesce(e #>> '{time,unit}' in ('working_day', 'working_hour'), false), '/time/unit',
         'must be working_day or working_hour'),
        (coalesce(e ->> 'clock_after_supplement' in ('restart', 'resume'), false), '/clock_after_supplement',
         'must be restart or resume'),
        (coalesce(jsonb_typeof(e -> 'documents') = 'array', false), '/documents', 'must be a list'),
        (coalesce(jsonb_typeof(e -> 'fees') = 'array', false), '/fees', 'must be a list'),
        (not e ? 'units' or procedure.is_texts(e -> 'units'), '/units', 'must be a list of codes of agencies'),
        (procedure.is_day(e -> 'valid_from'), '/valid_from', 'must be a date as 2026-11-23'),
        (procedure.is_day(e -> 'valid_to'), '/valid_to', 'must be a date as 2026-11-23')
    ) as w (good, field, detail) where not w.good
    union all
    select '/' || m.key, case when m.key in ('addressee_only', 'old_papers_recovered', 'payment_step')
                              then 'must be true or false' else 'must be a text of 1 to 500 characters' end
    from jsonb_each(case when jsonb_typeof(e) = 'object' then e else '{}' end) m
    where case when m.key in ('addressee_only', 'old_papers_recovered', 'payment_step')
                    then jsonb_typeof(m.value) <> 'boolean'
               when m.key in ('name_en', 'mode_reason', 'mode_reason_en', 'post_refusal', 'post_refusal_en',
                              'result', 'result_en', 'legal_basis')
                    then not procedure.is_text(m.value, 500) else false end
    union all
    select '/' || key, 'is not known'
    from jsonb_object_keys(case when jsonb_typeof(e) = 'object' then e else '{}' end) key
    where key <> all ('{code,name,name_en,agency_level,units,level,mode,mode_reason,mode_reason_en,post,
        post_refusal,post_refusal_en,addressee_only,old_papers_recovered,time,clock_after_supplement,
        payment_step,fees,documents,result,result_en,legal_basis,form,valid_from,valid_to}'::text[])
    union all
    select w.* from procedure.wrong_documents(e -> 'documents') w
    where jsonb_typeof(e -> 'documents') = 'array'
    union all
    select w.* from procedure.wrong_fees(e -> 'fees') w where jsonb_typeof(e -> 'fees') = 'array'
    union all
    select format('/units/%s', n - 1), format('there is no agency "%s"', code)
    from jsonb_array_elements_text(case when procedure.is_texts(e -> 'units') then e -> 'units' else '[]' end)
         with ordinality as list(code, n)
    where not exists (select from postal.unit u where u.code = list.code and u.kind = 'agency')
    union all
    select wrong ->> 'field', wrong ->> 'detail'
    from procedure.wrong_form(nullif(e -> 'form', 'null')) wrong where wrong is not null
$$;

-- procedure.put_list(entries, from): as procedure.put_all, of a list.
create function procedure.put_list(list jsonb, p_from date) returns bigint
language sql as $$
    select procedure.put_all(jsonb_build_object('procedures', list), p_from)
$$;

-- procedure.end_others(codes, from): the procedures in effect that are not among them are in effect no more
-- from that day (null: today) on; how many. Writes procedure.procedure.
create function procedure.end_others(codes text[], p_from date) returns bigint
language sql as $$
    with ended as (
        update procedure.procedure p set valid_to = greatest(coalesce(p_from, base.vn_date(now())), p.valid_from)
        where p.code <> all (codes) and p.valid_to is null
          and p.version = (select max(n.version) from procedure.procedure n where n.code = p.code)
        returning 1)
    select count(*) from ended
$$;

-- procedure.entries(): the newest version of each procedure that has not ended, as an entry that
-- procedure.put takes and finds unchanged.
create function procedure.entries() returns table (code text, entry jsonb)
language sql stable as $$
    select p.code, p.body || jsonb_strip_nulls(jsonb_build_object('valid_from', p.valid_from,
                                                                  'valid_to', p.valid_to))
    from (select distinct on (q.code) q.* from procedure.procedure q order by q.code, q.version desc) p
    where p.valid_to is null or p.valid_to > base.vn_date(now())
$$;

-- procedure.exported() -> {procedures: [entry…]}, by code.
create function procedure.exported() returns jsonb
language sql stable as $$
    select jsonb_build_object('procedures', coalesce(jsonb_agg(entry order by code), '[]'))
    from procedure.entries()
$$;

-- --- as CSV --------------------------------------------------------------------------------------

-- procedure.cell(text): what a cell holds that is JSON; a text where it is none.
create function procedure.cell(value text) returns jsonb
language plpgsql immutable strict as $$
begin
    return value::jsonb;
exception when others then
    return to_jsonb(value);
end $$;

-- procedure.from_cells(cells): the entry that a row says; an empty cell says nothing. Members that have no
-- column stand in `more`.
create function procedure.from_cells(c jsonb) returns jsonb
language sql immutable as $$
    select coalesce(jsonb_object_agg(m.key, m.value) filter (where m.value is not null), '{}')
           || coalesce(case when jsonb_typeof(procedure.cell(c ->> 'more')) = 'object'
                            then procedure.cell(c ->> 'more')
                            when c ->> 'more' is not null then '{"more": "is not JSON"}' end, '{}')
    from (select key, nullif(c -> key, 'null') as value
          from unnest('{code,name,name_en,agency_level,mode,mode_reason,post_refusal,
                        clock_after_supplement,result,valid_from,valid_to}'::text[]) key
          union all
          select key, procedure.cell(c ->> key)
          from unnest('{units,level,post,addressee_only,old_papers_recovered,payment_step,fees,
                        documents,form}'::text[]) key
          union all
          select 'time', case when c ->> 'time_value' is not null or c ->> 'time_unit' is not null then
              jsonb_build_object('value', procedure.cell(c ->> 'time_value'), 'unit', c ->> 'time_unit') end) m
$$;

-- procedure.cells: the other way, a row for each of procedure.entries().
create view procedure.cells as
    select e ->> 'code' as code, e ->> 'name' as name, e ->> 'name_en' as name_en,
           e ->> 'agency_level' as agency_level, e ->> 'units' as units, e ->> 'level' as level,
           e ->> 'mode' as mode, e ->> 'mode_reason' as mode_reason, e ->> 'post' as post,
           e ->> 'post_refusal' as post_refusal, e ->> 'addressee_only' as addressee_only,
           e ->> 'old_papers_recovered' as old_papers_recovered, e #>> '{time,value}' as time_value,
           e #>> '{time,unit}' as time_unit, e ->> 'clock_after_supplement' as clock_after_supplement,
           e ->> 'payment_step' as payment_step, e ->> 'fees' as fees, e ->> 'documents' as documents,
           e ->> 'result' as result, e ->> 'form' as form, e ->> 'valid_from' as valid_from,
           e ->> 'valid_to' as valid_to,
           nullif(e - '{code,name,name_en,agency_level,units,level,mode,mode_reason,post,post_refusal,
               addressee_only,old_papers_recovered,time,clock_after_supplement,payment_step,fees,documents,
               result,form,valid_from,valid_to}'::text[], '{}')::text as more
    from procedure.entries() as list(listed, e);

-- --- rows of the network -------------------------------------------------------------------------

-- postal.wrong_commune(row), postal.wrong_unit(row): the same of a row of these files, before any is
-- written. Reads postal.province, postal.commune.
create function postal.wrong_commune(r jsonb) returns table (field text, detail text)
language sql stable as $$
    select w.field, w.detail
    from (select) x left join postal.commune o on o.code = r ->> 'commune_code'
    cross join lateral (values
        (coalesce(r ->> 'commune_code' ~ '^[0-9]{5}$', false), 'commune_code', 'must be five figures'),
        (exists (select from postal.province p where p.code = r ->> 'province_code'), 'province_code',
         format('there is no province "%s"', r ->> 'province_code')),
        (procedure.is_text(r -> 'commune_name', 200), 'commune_name', 'must be a text of 1 to 200 characters'),
        (coalesce((r ->> 'latitude')::float8, 0) between -90 and 90, 'latitude', 'must be -90 to 90'),
        (coalesce((r ->> 'longitude')::float8, 0) between -180 and 180, 'longitude', 'must be -180 to 180'),
        (coalesce(coalesce((r ->> 'valid_to')::date, o.valid_to)
                  > coalesce((r ->> 'valid_from')::date, o.valid_from, '2025-07-01'), true),
         'valid_to', 'must be after valid_from')
    ) as w (good, field, detail) where not w.good
$$;

create function postal.wrong_unit(r jsonb) returns table (field text, detail text)
language sql stable as $$
    select w.field, w.detail
    from (select) x left join postal.unit o on o.code = r ->> 'code'
    cross join lateral (values
        (coalesce(r ->> 'code' ~ '^[0-9A-Z][0-9A-Z-]{1,19}$', false), 'code', 'is not the code of a unit'),
        (coalesce(r ->> 'kind' in ('province_post', 'hub', 'post_office', 'agency'), false), 'kind',
         'must be province_post, hub, post_office or agency'),
        (procedure.is_text(r -> 'name', 200), 'name', 'must be a text of 1 to 200 characters'),
        (exists (select from postal.commune c where c.code = r ->> 'commune_code'), 'commune_code',
         format('there is no commune "%s"', r ->> 'commune_code')),
        (coalesce(r ->> 'postcode', '00000') ~ '^[0-9]{5}$', 'postcode', 'must be five figures'),
        ((coalesce(r ->> 'kind', '') = 'agency') = (r ->> 'agency_identity' is not null), 'agency_identity',
         'stands for an agency, and only there'),
        ((coalesce(r ->> 'kind', '') = 'agency') = coalesce(r ->> 'agency_level' in ('province', 'commune'), false),
         'agency_level', 'must be province or commune for an agency, and only there'),
        (not exists (select from postal.unit u where u.code = r ->> 'code' and
             (coalesce((r ->> 'opens')::time, u.opens), coalesce((r ->> 'closes')::time, u.closes),
              coalesce((r ->> 'break_from')::time, u.break_from), coalesce((r ->> 'break_to')::time, u.break_to))
             is distinct from (u.opens, u.closes, u.break_from, u.break_to)),
         'opens', 'and the other hours of a unit change in the calendar, where the dates that move are asked about'),
        (coalesce(coalesce((r ->> 'valid_to')::date, o.valid_to)
                  > coalesce((r ->> 'valid_from')::date, o.valid_from, '2025-07-01'), true),
         'valid_to', 'must be after valid_from')
    ) as w (good, field, detail) where not w.good
$$;

-- postal.end_communes(codes, from): the communes in effect that are not among them, in a province of which some
-- are, are in effect no more from that day (null: today) on. Writes postal.commune.
create function postal.end_communes(codes text[], p_from date) returns bigint
language sql as $$
    with ended as (
        update postal.commune c set valid_to = greatest(coalesce(p_from, base.vn_date(now())), c.valid_from + 1)
        where c.code <> all (codes) and c.valid_to is null
          and c.province_code in (select n.province_code from postal.commune n where n.code = any (codes))
        returning 1)
    select count(*) from ended
$$;

-- --- what an import changed ----------------------------------------------------------------------

-- base.changes(before, after): of two lists [[key, row]…], what became of each row: new, ended (its
-- valid_to was set), changed (with its fields) -> rows by key; those alike are left out. Pure.
create function base.changes(was jsonb, now_is jsonb)
returns table (key text, what text, fields text)
language sql immutable as $$
    select coalesce(a.key, b.key),
           case when b.key is null then 'new'
                when a.row ->> 'valid_to' is not null and b.row ->> 'valid_to' is null then 'ended'
                else 'changed' end,
           case when b.key is not null then
               (select string_agg(f.field, ', ' order by f.field)
                from (select m.key as field from jsonb_each(a.row) m
                      where m.value is distinct from b.row -> m.key
                      union
                      select m.key from jsonb_each(b.row) m where not a.row ? m.key) f) end
    from (select e ->> 0 as key, e -> 1 as row from jsonb_array_elements(now_is) e) a
    left join (select e ->> 0 as key, e -> 1 as row from jsonb_array_elements(was) e) b using (key)
    where a.row is distinct from b.row
    order by 1
$$;
