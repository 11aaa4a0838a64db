-- What the catalogue answers: who is competent, what is charged, how it may be filed, which forms there
-- are to print, and the search that forgives missing diacritics, order and small slips.

-- procedure.filing_refusal(body, channel): why this version is not filed in this way, as {slug, detail,
-- detail_vi}; null: it is. channel: counter (a clerk takes the papers in, for the post), online. Pure.
create function procedure.filing_refusal(p jsonb, channel text) returns jsonb
language sql immutable parallel safe as $$
    select case
        when channel = 'counter' and not (p ->> 'post')::boolean then
            jsonb_strip_nulls(jsonb_build_object('slug', 'procedure-not-by-post',
                'detail', p ->> 'post_refusal_en', 'detail_vi', p ->> 'post_refusal'))
        when channel = 'online' and (p ->> 'level')::int < 3 then jsonb_build_object(
            'slug', 'procedure-not-online',
            'detail_vi', concat_ws(' ', format('Thủ tục này ở mức độ %s, chưa nộp trực tuyến được;', p ->> 'level'),
                case when (p ->> 'post')::boolean then 'xin gửi hồ sơ tại bưu cục.'
                     else 'xin nộp trực tiếp tại cơ quan.' end,
                nullif(rtrim(p ->> 'mode_reason', '.'), '') || '.'),
            'detail', concat_ws(' ', format('This procedure is of level %s and not filed on line;', p ->> 'level'),
                case when (p ->> 'post')::boolean then 'send it from a post office.'
                     else 'file it in person at the agency.' end,
                nullif(rtrim(p ->> 'mode_reason_en', '.'), '') || '.')) end
$$;

-- procedure.check_filing(body, channel): the same as a problem, procedure-not-by-post or
-- procedure-not-online.
create function procedure.check_filing(p jsonb, channel text) returns void
language plpgsql stable as $$
declare
    refusal jsonb := procedure.filing_refusal(p, channel);
begin
    if refusal is not null then
        perform base.problem(refusal ->> 'slug', refusal - 'slug');
    end if;
end $$;

-- procedure.competent(body, near, most): the agencies in effect that handle it, those in the province of
-- the unit `near` (null: of none) first. -> [{code, name, name_en, address, phone?}].
-- Reads postal.unit, postal.commune.
create function procedure.competent(p jsonb, near bigint, most int default 20) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('code', u.code, 'name', u.name,
        'name_en', u.name_en, 'address', u.address, 'phone', nullif(u.phone, ''))) order by u.here desc, u.code), '[]')
    from (select u.*, coalesce(c.province_code = h.province_code, false) as here
          from postal.unit u join postal.commune c on c.code = u.commune_code
          left join (select hc.province_code from postal.unit hu
                     join postal.commune hc on hc.code = hu.commune_code where hu.id = near) h on true
          where u.kind = 'agency' and u.agency_level = p ->> 'agency_level'
            and (not p ? 'units' or p -> 'units' ? u.code)
            and u.valid_from <= base.vn_date(now())
            and (u.valid_to is null or u.valid_to > base.vn_date(now()))
          order by here desc, u.code limit most) u
$$;

-- procedure.check_agency(agency, body): problem agency-not-competent, with those that are (allowed: codes).
create function procedure.check_agency(p_agency bigint, p jsonb) returns void
language plpgsql stable as $$
declare
    able jsonb;
    names text;
begin
    if exists (select from postal.unit where id = p_agency and kind = 'agency'
               and agency_level = p ->> 'agency_level'
               and (not p ? 'units' or p -> 'units' ? code)) then
        return;
    end if;
    able := procedure.competent(p, p_agency, 5);
    select string_agg(format('%s (%s)', one ->> 'name', one ->> 'code'), '; ' order by n) into names
    from jsonb_array_elements(able) with ordinality as list(one, n);
    perform base.problem('agency-not-competent', jsonb_strip_nulls(jsonb_build_object(
        'allowed', (select jsonb_agg(one -> 'code' order by n)
                    from jsonb_array_elements(able) with ordinality as list(one, n)),
        'detail_vi', 'Đơn vị này không giải quyết thủ tục đã chọn. Cơ quan có thẩm quyền: ' || names || '.',
        'detail', 'This unit does not handle the procedure. These do: ' || names || '.')));
end $$;

-- procedure.conditions(body): the conditions of its fees that an applicant may choose.
create function procedure.conditions(p jsonb) returns text[]
language sql immutable parallel safe as $$
    select coalesce(array_agg(distinct fee ->> 'when'), '{}')
    from jsonb_array_elements(p -> 'fees') fee
    where fee ->> 'when' <> 'online'
$$;

-- procedure.check_fees(body, chosen): chosen {when?: [condition…], copies?}: problem invalid-fields for a
-- condition that the procedure does not have.
create function procedure.check_fees(p jsonb, chosen jsonb) returns void
language plpgsql stable as $$
declare
    c record;
begin
    for c in select condition, n - 1 as place
             from jsonb_array_elements_text(coalesce(chosen -> 'when', '[]'))
                  with ordinality as list(condition, n) loop
        if c.condition <> all (procedure.conditions(p)) then
            perform base.wrong_field(format('/fees/when/%s', c.place), 'choice',
                'Thủ tục không có mức thu theo điều kiện này.',
                'No fee of the procedure has this condition.');
        end if;
    end loop;
end $$;

-- procedure.fee_places(body, chosen): what was chosen, for an event: {lines: [place, from 1, of each fee of the
-- catalogue whose condition was], copies?}. A condition may say what somebody is, and an event is for ever.
create function procedure.fee_places(p jsonb, chosen jsonb) returns jsonb
language sql immutable parallel safe as $$
    select jsonb_strip_nulls(jsonb_build_object('copies', chosen -> 'copies', 'lines', (
        select coalesce(jsonb_agg(n order by n), '[]')
        from jsonb_array_elements(p -> 'fees') with ordinality as list(fee, n)
        where chosen -> 'when' ? (fee ->> 'when'))))
    where chosen is not null
$$;

-- procedure.fee_lines(body, chosen, online): what the agency is owed, as [{name, name_en, amount}] in the
-- order of the catalogue. A fee under a condition that is met takes the place of those without one, unless
-- it `adds`; one per copy is for each of chosen's copies. Pure.
create function procedure.fee_lines(p jsonb, chosen jsonb, online boolean) returns jsonb
language sql immutable parallel safe as $$
    with fee as (
        select fee, n, fee ->> 'when' as condition, coalesce((fee ->> 'adds')::boolean, false) as adds,
               case fee ->> 'when' when 'online' then online
                    else coalesce(chosen -> 'when' ? (fee ->> 'when'), false) end as met
        from jsonb_array_elements(p -> 'fees') with ordinality as list(fee, n))
    select coalesce(jsonb_agg(jsonb_build_object('name', fee ->> 'name',
        'name_en', coalesce(fee ->> 'name_en', 'Agency fee'),
        'amount', (fee ->> 'amount')::bigint * case when fee ->> 'per' = 'copy'
            then greatest(coalesce((chosen ->> 'copies')::int, 1), 1) else 1 end) order by n), '[]')
    from fee
    where case when condition is null
               then not exists (select from fee other where other.condition is not null
                                and other.met and not other.adds)
               else met end
$$;

-- procedure.forms(body): the forms of a level 2 or higher, to print, fill in and send: the papers of its
-- checklist that are forms. -> [{name, title, line}]; name: as in an address, line: in the checklist.
create function procedure.forms(p jsonb) returns jsonb
language sql immutable parallel safe as $$
    select coalesce(jsonb_agg(jsonb_build_object('name', name, 'title', title, 'line', line)
                              order by line), '[]')
    from (select distinct on (name) name, title, line
          from (select left(trim(both '-' from regexp_replace(base.fold(doc ->> 'name'), '[^a-z0-9]+', '-', 'g')), 60)
                       as name, doc ->> 'name' as title, n as line
                from jsonb_array_elements(p -> 'documents') with ordinality as docs(doc, n)
                where (doc ->> 'form')::boolean and (p ->> 'level')::int >= 2) named
          where name <> ''
          order by name, line) form
$$;

-- procedure.form(code, name): one of these as a document that is drawn (label/form.h): {title, file, facts}.
-- Its fields are those of the form that is filled in on line, in their order, or without one what any
-- application says. Problem not-found, for a procedure of level 1 with the reason.
create function procedure.form(p_code text, p_name text) returns jsonb
language plpgsql stable as $$
declare
    p procedure.in_effect;
    one jsonb;
begin
    select * into p from procedure.find(p_code);
    select f into one from jsonb_array_elements(procedure.forms(p.body)) f where f ->> 'name' = p_name;
    if p.level = 1 then
        perform base.problem('not-found', jsonb_build_object(
            'detail', 'This procedure is of level 1: it is described here, but there is no form to download.',
            'detail_vi', 'Thủ tục ở mức độ 1: chỉ cung cấp thông tin, chưa có mẫu đơn để tải về.'));
    elsif one is null then
        perform base.problem('not-found');
    end if;
    return jsonb_build_object('title', one ->> 'title', 'file', concat(p.code, '-', p_name), 'facts',
        jsonb_build_object('code', p.code, 'name', p.name, 'title', upper(one ->> 'title'),
            'version', format('Phiên bản %s · từ %s', p.version, to_char(p.valid_from, 'DD/MM/YYYY')),
            'result', p.body ->> 'result',
            'fields', procedure.form_fields(p.form),
            'documents', procedure.form_documents(p.body, (one ->> 'line')::int)));
end $$;

-- procedure.form_fields(form) -> [{no, title, english, hint}] of its fields as they are written by hand.
create function procedure.form_fields(form jsonb) returns jsonb
language sql immutable as $$
    select jsonb_agg(jsonb_build_object('no', n || '.', 'title', title || case when needed then ' *' else '' end,
                                        'english', title_en, 'hint', hint) order by n)
    from (select row_number() over (order by place, title) as n, f.*
          from (select (it ->> 'position')::int as place, it ->> 'title' as title, it ->> 'title_en' as title_en,
                       coalesce(form -> 'required' ? key, false) as needed,
                       case when it ? 'enum' then (select string_agg('[   ] ' || word, '    ' order by i)
                                from jsonb_array_elements_text(it -> 'enum_titles') with ordinality as w(word, i))
                            when it ->> 'type' = 'boolean' then '[   ] Đồng ý · yes'
                            when it ->> 'format' = 'date' then '……… / ……… / …………………' end as hint
                from jsonb_each(form -> 'properties') as fields(key, it)
                union all
                select * from (values
                    (1, 'Họ và tên người nộp hồ sơ', 'Name of the applicant', true, null),
                    (2, 'Ngày, tháng, năm sinh', 'Date of birth', false, '……… / ……… / …………………'),
                    (3, 'Số định danh cá nhân hoặc mã số doanh nghiệp', 'Personal or enterprise number', true, null),
                    (4, 'Địa chỉ', 'Address', true, null),
                    (5, 'Điện thoại', 'Telephone', true, null),
                    (6, 'Thư điện tử', 'E-mail', false, null),
                    (7, 'Nội dung đề nghị giải quyết', 'What is asked for', true, null)) any_application
                where form is null) f) numbered
$$;

-- procedure.form_documents(body, line): what goes with it, the checklist without the form itself.
create function procedure.form_documents(p jsonb, p_line int) returns jsonb
language sql immutable as $$
    select coalesce(jsonb_agg(jsonb_build_object('no', n || '.', 'name', doc ->> 'name',
        'counts', concat_ws(', ', case when doc ->> 'originals' <> '0' then (doc ->> 'originals') || ' bản chính' end,
                                  case when doc ->> 'copies' <> '0' then (doc ->> 'copies') || ' bản sao' end),
        'note', case when (doc ->> 'optional')::boolean then 'nếu có' end) order by n), '[]')
    from (select doc, row_number() over (order by line) as n
          from jsonb_array_elements(p -> 'documents') with ordinality as docs(doc, line)
          where line <> p_line) others
$$;

-- procedure.get(code) -> the whole entry with its version, valid_from, valid_to?, forms, agencies? (where
-- the entry names some), refusals {counter?, online?: {detail, detail_vi}}, conditions (of fees, to choose
-- from), changes_on? (when the next version begins); null when there is none.
-- Reads procedure.procedure, postal.unit.
create function procedure.get(p_code text) returns jsonb
language sql stable as $$
    select p.body || jsonb_strip_nulls(jsonb_build_object('valid_to', p.valid_to,
            'changes_on', (select min(n.valid_from) from procedure.procedure n
                           where n.code = p.code and n.version > p.version)))
        || case when p.body ? 'units' then
               jsonb_build_object('agencies', procedure.competent(p.body, null, 100)) else '{}' end
        || jsonb_build_object('version', p.version, 'valid_from', p.valid_from,
            'forms', procedure.forms(p.body), 'conditions', to_jsonb(procedure.conditions(p.body)),
            'refusals', jsonb_strip_nulls(jsonb_build_object(
                'counter', procedure.filing_refusal(p.body, 'counter') - 'slug',
                'online', procedure.filing_refusal(p.body, 'online') - 'slug')))
    from procedure.find(p_code) p
$$;

-- --- search --------------------------------------------------------------------------------------

-- procedure.words(q): what is looked for, at most eight words; null where nothing is asked, empty where
-- it holds nothing that could be found.
create function procedure.words(q text) returns text[]
language sql immutable parallel safe as $$
    select case when btrim(q) <> '' then array(
        select word from (select word, min(n) as n
            from regexp_split_to_table(base.fold(q), '[^[:alnum:].]+') with ordinality as split(word, n)
            where word ~ '[[:alnum:]]' group by word) words
        order by n limit 8) end
$$;

-- procedure.rank(words): SQL that says how far an entry `p` is from what is looked for: 0 its code, 1 its
-- name begins so, else 2 and more, by how much each word is like one of the entry's, and one more where
-- they come in another order.
create function procedure.rank(words text[]) returns text
language sql immutable as $$
    select format('case when p.code = %L then 0 when base.fold(p.name) like %L then 1'
                  ' else 2 + round((1 - (%s) / %s) * 1000)::int'
                  ' + (p.search not like %L)::int end',
                  upper(array_to_string(words, ' ')),
                  array_to_string(words, ' ') || '%',
                  (select string_agg(format('base.word_similarity(%L, p.search)', word), ' + ')
                   from unnest(words) word), cardinality(words),
                  base.like_pattern(array_to_string(words, ' ')))
$$;

-- procedure.likeness(words, loose): SQL that is true where each word is like one of the entry `p`, in any
-- order; loose: where all of them together are. A code (and whatever begins with a figure) is forgiven
-- nothing. Its index is procedure_search.
create function procedure.likeness(words text[], loose boolean) returns text
language sql immutable as $$
    select case when loose then format('p.search operator(base.%%>) %L', array_to_string(words, ' '))
        else (select string_agg(case when word ~ '^[0-9]' then format('p.search like %L', '%' || word || '%')
                                     else format('p.search operator(base.%%>) %L', word) end, ' and ')
              from unnest(words) word) end
$$;

-- procedure.cursor_of(rank, name, code), procedure.cursor_where(next, ranked): where a page ended and how
-- the next begins, as SQL about `found`. Problem invalid-fields.
create function procedure.cursor_of(rank int, name text, code text) returns text
language sql immutable as $$
    select translate(encode(convert_to(jsonb_build_array(rank, name, code)::text, 'utf8'), 'base64'),
                     E'+/=\n', '-_')
$$;

create function procedure.cursor_where(next text) returns text
language plpgsql immutable strict as $$
declare
    was jsonb;
begin
    begin
        was := convert_from(decode(rpad(translate(next, '-_', '+/'), (length(next) + 3) / 4 * 4, '='),
                                   'base64'), 'utf8')::jsonb;
        return format('(found.rank, found.name, found.code) > (%L::int, %L, %L)', (was ->> 0)::int,
                      was ->> 1, was ->> 2);
    exception when others then
        perform base.wrong_field('/next', 'format', 'Không phải con trỏ của danh sách này.',
                                 'Not a cursor given by this list.');
    end;
end $$;

-- procedure.search_sql(args, loose): the query of a page: {q?, agency_level?, post?, level?, next?, limit}.
create function procedure.search_sql(args jsonb, loose boolean default false) returns text
language plpgsql stable as $$
declare
    words text[] := procedure.words(args ->> 'q');
    today date := base.vn_date(now());
begin
    return format('select found.rank, found.name, found.code, found.version from ('
        'select %s as rank, p.name, p.code, p.version from procedure.procedure p where %s) found'
        '%s order by found.rank, found.name, found.code limit %s',
        case when words is null then '0' when words = '{}' then '1' else procedure.rank(words) end,
        concat_ws(' and ',
            case when words is null then null when words = '{}' then 'false' else procedure.likeness(words, loose) end,
            format('p.valid_from <= %L and (p.valid_to is null or p.valid_to > %L)', today, today),
            format('not exists (select from procedure.procedure n where n.code = p.code'
                   ' and n.version > p.version and n.valid_from <= %L)', today),
            case when args ? 'agency_level' then format('p.agency_level = %L', args ->> 'agency_level') end,
            case when args ? 'level' then format('p.level >= %L', (args ->> 'level')::int) end,
            case when args ? 'post' then format('p.post = %L', (args ->> 'post')::boolean) end),
        ' where ' || procedure.cursor_where(args ->> 'next'), (args ->> 'limit')::int + 1);
end $$;

-- procedure.brief(code, version): what a list says of it.
create function procedure.brief(p_code text, p_version int) returns jsonb
language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object('code', p.code, 'version', p.version, 'name', p.name,
        'name_en', p.body ->> 'name_en', 'agency_level', p.agency_level, 'level', p.level,
        'mode', p.mode, 'post', p.post, 'post_refusal', p.body ->> 'post_refusal',
        'time', p.body -> 'time'))
    from procedure.procedure p where p.code = p_code and p.version = p_version
$$;

-- procedure.page(args, loose): that page -> {items, next?}. The planner takes likeness for as cheap as
-- any comparison, which it is not, and would read a table of some thousand rows.
create function procedure.page(args jsonb, loose boolean) returns jsonb
language plpgsql stable
set enable_seqscan = off as $$
declare
    most int := (args ->> 'limit')::int;
    items jsonb := '[]';
    seen int := 0;
    last text;
    row record;
begin
    for row in execute procedure.search_sql(args, loose) loop
        seen := seen + 1;
        exit when seen > most;
        items := items || jsonb_build_array(procedure.brief(row.code, row.version));
        last := procedure.cursor_of(row.rank, row.name, row.code);
    end loop;
    return jsonb_build_object('items', items)
        || case when seen > most then jsonb_build_object('next', last) else '{}' end;
end $$;

-- procedure.search(args): short entries, the nearest first, without words by name -> {items, next?}. Where
-- no entry has each word, one page of those that have something like all of them together.
-- Reads procedure.procedure.
create function procedure.search(args jsonb) returns jsonb
language plpgsql stable as $$
declare
    found_page jsonb;
begin
    perform set_config('pg_trgm.word_similarity_threshold', '0.5', true); -- of the operator %>
    found_page := procedure.page(args, false);
    if found_page -> 'items' = '[]' and not args ? 'next' and args ->> 'q' !~ '[0-9]'
       and cardinality(procedure.words(args ->> 'q')) > 0 then
        return procedure.page(args, true) - 'next';
    end if;
    return found_page;
end $$;
