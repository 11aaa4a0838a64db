-- Filing on line: a draft becomes a dossier, in one transaction and once.

-- A courier's visit that the applicant asked for: the outward shipment's papers are fetched on that half of
-- a working day. The address is personal and lies with the dossier's people. wished: the day that was
-- asked for; where it became a day off the courier comes later (dossier.pickup_moves).
create table online.pickup (
    dossier uuid primary key references dossier.dossier,
    number text not null references custody.shipment,
    unit bigint not null, -- the post office that sends the courier
    day date not null,
    wished date not null check (wished <= day),
    half text not null check (half in ('morning', 'afternoon'))
);
create index on online.pickup (unit, day);
create index on online.pickup ((day::timestamp at time zone 'Asia/Ho_Chi_Minh'), dossier);

select base.grant_service('delete', 'online.pickup');

-- online.is_awaited(pickup): whether its courier is still to come: nobody has the papers, and the dossier goes on.
create function online.is_awaited(k online.pickup) returns boolean
language plpgsql stable as $$
begin
    return exists (select from custody.shipment s join dossier.dossier d on d.id = s.dossier
                   where s.number = k.number and s.state in ('created', 'collection_assigned')
                     and d.ended_at is null and d.cancelled_at is null);
end $$;

-- online.pickup_json(dossier): {day, half, unit, unit_name, wished?: the day that was asked for, where it is
-- another, days?: those it may be moved to, while it is awaited}, or null.
create function online.pickup_json(p_dossier uuid) returns jsonb
language plpgsql stable as $$
begin
    return (select jsonb_strip_nulls(jsonb_build_object('day', k.day, 'half', k.half, 'unit', u.code,
                       'unit_name', u.name, 'wished', nullif(k.wished, k.day),
                       'days', case when online.is_awaited(k) then (
                           select jsonb_agg(d order by d) from online.pickup_days(u.id) d) end))
            from online.pickup k join postal.unit u on u.id = k.unit where k.dossier = p_dossier);
end $$;

-- online.pickup_days(unit, most): the days on which that office may be asked to fetch papers: working days
-- from tomorrow on.
create function online.pickup_days(p_unit bigint, p_most int default 10) returns setof date
language sql stable as $$
    select d::date from generate_series(base.vn_date(now()) + 1, base.vn_date(now()) + 60, interval '1 day') d
    where postal.is_working_day(p_unit, d::date)
    order by d limit p_most
$$;

-- online.kept_day(unit, wished, day): when the courier comes who was to come on day: on the day that was asked
-- for, or the next on which the office works; never sooner than tomorrow, unless it was today.
create function online.kept_day(p_unit bigint, p_wished date, p_day date) returns date
language plpgsql stable as $$
declare
    v_first date := postal.add_working_days(p_unit, p_wished, 0);
begin
    return case when v_first > base.vn_date(now()) then v_first
                else postal.add_working_days(p_unit, p_day, 0) end;
end $$;

-- online.pickup_days_of(commune): {unit, unit_name, days: [..]} of the office that serves it. Problem
-- unknown-commune.
create function online.pickup_days_of(p_commune text) returns jsonb
language plpgsql stable as $$
begin
    perform dossier.check_commune(p_commune, '/commune');
    return (select jsonb_build_object('unit', u.code, 'unit_name', u.name,
                       'days', (select coalesce(jsonb_agg(d order by d), '[]') from online.pickup_days(u.id) d
                                where u.id is not null))
            from postal.commune c left join postal.unit u on u.id = c.delivery_office
            where c.code = p_commune);
end $$;

-- online.check_pickup(unit, day, pointer): problem invalid-fields with the days that may be chosen.
create function online.check_pickup(p_unit bigint, p_day date, p_pointer text default '/pickup/day') returns void
language plpgsql stable as $$
declare
    v_days date[] := array(select online.pickup_days(p_unit));
begin
    if p_day <> all (v_days) then
        perform base.wrong_field(p_pointer, 'choice',
            format('Bưu cục đến nhận hồ sơ vào một trong các ngày: %s.', (
                select string_agg(to_char(d, 'DD/MM/YYYY'), ', ' order by d) from unnest(v_days) d)),
            format('The post office comes on one of these days: %s.', (
                select string_agg(d::text, ', ' order by d) from unnest(v_days) d)));
    end if;
end $$;

-- online.taken_in_at(how, account): the post office that takes the papers in: of a drop the one chosen, of a
-- pick-up the one that serves its commune; null: that of the applicant's commune. Problem invalid-fields.
create function online.taken_in_at(how jsonb) returns bigint
language plpgsql stable as $$
declare
    v_office bigint;
begin
    if how ->> 'bring' = 'pickup' then
        perform dossier.check_commune(how ->> 'commune', '/pickup/address/commune');
        select c.delivery_office into v_office from postal.commune c where c.code = how ->> 'commune';
        if v_office is null then
            perform base.wrong_field('/pickup/address/commune', 'choice',
                'Chưa có bưu cục nào đến nhận hồ sơ tại xã, phường này; xin chọn nộp tại bưu cục.',
                'No post office fetches papers in this commune: bring them to a post office.');
        end if;
    elsif how ->> 'bring' = 'drop' and how ->> 'unit' is not null then
        select u.id into v_office from postal.unit u
        where u.id = postal.unit_by_code(how ->> 'unit') and u.kind = 'post_office';
        if not found then
            perform base.wrong_field('/drop/unit', 'choice', 'Đơn vị này không phải bưu cục.',
                                     'This unit is no post office.');
        end if;
    end if;
    return v_office;
end $$;

-- online.missing(procedure body, papers, draft): what the checklist requires and neither the form, nor a
-- file, nor a paper on its way gives: errors of the problem invalid-fields at /documents/<place on the
-- checklist>. The form on line stands for the declaration. Where the procedure is on line only in part, an
-- original that it asks for must come itself. Reads attachment.file.
create function online.missing(p jsonb, papers jsonb, p_draft uuid) returns jsonb
language plpgsql stable as $$
begin
    return (
        select coalesce(jsonb_agg(jsonb_build_object('pointer', '/documents/' || w.n - 1, 'code', 'required',
            'detail_vi', case when w.must_come then format('Cần nộp bản chính: %s.', w.doc ->> 'name')
                              else format('Còn thiếu giấy tờ bắt buộc: %s.', w.doc ->> 'name') end,
            'detail', case when w.must_come then format('The original is required: %s.', w.doc ->> 'name')
                           else format('A required paper is missing: %s.', w.doc ->> 'name') end) order by w.n), '[]')
        from (select x.doc, x.n, base.fold(x.doc ->> 'name') as name,
                     p ->> 'mode' = 'partial' and coalesce((x.doc ->> 'originals')::int, 0) > 0 as must_come
              from jsonb_array_elements(p -> 'documents') with ordinality as x(doc, n)) w
        where not coalesce((w.doc ->> 'optional')::boolean, false)
          and not (coalesce((w.doc ->> 'form')::boolean, false) and p -> 'form' is not null)
          and not exists (select from jsonb_array_elements(papers) h
                          where base.fold(h ->> 'name') = w.name
                            and (h ->> 'originals')::int + (h ->> 'copies')::int > 0
                            and (not w.must_come or (h ->> 'originals')::int > 0))
          and (w.must_come or not exists (
                   select from attachment.file f
                   where f.subject = 'draft:' || p_draft and f.whole_at is not null
                     and base.fold(f.document) = w.name)));
end $$;

-- online.check_submission(draft, version, procedure, body): what must hold beside what intake checks.
-- Problems precondition-failed, conflict, procedure-not-online, invalid-fields.
create function online.check_submission(d online.draft, p_version int, p procedure.in_effect, body jsonb)
returns void
language plpgsql stable as $$
declare
    v_missing jsonb;
begin
    if d.version <> p_version then
        perform base.problem('precondition-failed');
    end if;
    perform procedure.check_filing(p.body, 'online');
    if d.procedure_version <> p.version then
        perform base.problem('conflict', jsonb_build_object(
            'detail', 'The procedure has changed since this was saved: look through the form and save it again.',
            'detail_vi', 'Thủ tục đã thay đổi từ lần lưu trước: xin xem lại tờ khai và lưu lại.'));
    end if;
    if body ->> 'result_to_kind' = 'online' and p.level < 4 then
        perform base.wrong_field('/result_to/kind', 'choice',
            'Thủ tục mức độ 3 không trả kết quả trực tuyến.', 'A procedure of level 3 gives no result on line.');
    end if;
    v_missing := online.missing(p.body, body -> 'documents', d.id);
    if v_missing <> '[]' then
        perform base.problem('invalid-fields', jsonb_build_object('errors', v_missing));
    end if;
end $$;

-- online.submit(id, account, holder, days, version, body, how, sealed, key, salt, mac, digest, receipt): files
-- the draft: a dossier with its files, charges, outward shipment and pick-up; what is filed without any paper
-- is filed with the agency now. body, sealed … receipt: as dossier.intake takes them; how: bring (pickup,
-- drop, none), unit? (drop), commune?, day?, half? (pickup). Once filed the same again gives the dossier.
-- -> online.view(). Problems those of dossier.intake and of check_submission, not-found.
-- Writes as dossier.intake and attachment.adopt, and online.*.
create function online.submit(p_id uuid, p_account bigint, p_holder bytea, p_days int, p_version int,
                              body jsonb, how jsonb, p_sealed bytea, p_key bytea, p_salt bytea, p_mac bytea,
                              p_digest bytea, p_receipt bytea) returns jsonb
language plpgsql as $$
declare
    d online.draft := online.open_locked(p_id, p_account, p_holder, p_days);
    p procedure.in_effect;
    v_office bigint;
begin
    if d.filed_at is not null then
        return online.view(d, p_days);
    end if;
    -- (a file that comes whole at this moment is waited for, or not counted)
    perform from attachment.draft a where a.id = p_id for update;
    p := online.in_effect(d.procedure);
    perform online.check_submission(d, p_version, p, body);
    v_office := online.taken_in_at(how);
    if how ->> 'bring' = 'pickup' then
        perform online.check_pickup(v_office, (how ->> 'day')::date);
    end if;
    perform dossier.intake(d.owner, v_office, 1, body, p_sealed, p_key, p_salt, p_mac, p_digest,
                           p_receipt);
    perform attachment.adopt(p_id, p_id, d.owner);
    if how ->> 'bring' = 'pickup' then
        insert into online.pickup (dossier, number, unit, day, wished, half)
        select p_id, s.number, v_office, (how ->> 'day')::date, (how ->> 'day')::date, how ->> 'half'
        from custody.shipment s where s.dossier = p_id and s.leg = 'outward';
    end if;
    if how ->> 'bring' = 'none' then
        perform dossier.record(p_id, 'filed', now(), d.owner, null,
                               jsonb_build_object('filed_at', now(), 'online', true));
    end if;
    update online.draft x set filed_at = now(), touched_at = now(), sealed = null, key = null
    where x.id = p_id returning * into d;
    return online.view(d, p_days);
end $$;

-- online.awaited(draft, version): the pick-up of what was filed, the draft locked, for a change of it.
-- version: the draft's that was read. Problems not-found, precondition-failed, action-not-allowed (the
-- papers are with the post, or the dossier has ended).
create function online.awaited(d online.draft, p_version int) returns online.pickup
language plpgsql as $$
declare
    k online.pickup;
begin
    select * into k from online.pickup x where x.dossier = d.id;
    if not found then
        perform base.problem('not-found');
    elsif d.version <> p_version then
        perform base.problem('precondition-failed');
    end if;
    -- (a courier who scans at this moment has them, or comes too late)
    perform custody.subject_lock(array[k.number]);
    if not online.is_awaited(k) then
        perform base.problem('action-not-allowed', jsonb_build_object('allowed', '[]'::jsonb,
            'detail', 'The papers are with the post already, or the dossier has ended.',
            'detail_vi', 'Giấy tờ đã giao cho bưu chính, hoặc hồ sơ đã kết thúc.'));
    end if;
    return k;
end $$;

-- online.pickup_changed(id, action, data, days): the dossier's own event of it, and the draft's next version.
-- -> online.view(). Writes custody.event, dossier.dossier, online.draft.
create function online.pickup_changed(p_id uuid, p_action text, p_data jsonb, p_days int) returns jsonb
language plpgsql as $$
declare
    d online.draft;
begin
    update online.draft x set version = x.version + 1 where x.id = p_id returning * into d;
    perform dossier.record(p_id, p_action, now(), d.owner, null, p_data);
    return online.view(d, p_days);
end $$;

-- online.change_pickup(id, account, holder, days, version, day, half): the courier comes on that half of
-- another working day. Said again it changes nothing, whichever version was read, but the calendar does not
-- take it back to a day that was asked for before. -> online.view(). Problems those of awaited, invalid-fields.
-- Writes online.*, custody.event, dossier.dossier.
create function online.change_pickup(p_id uuid, p_account bigint, p_holder bytea, p_days int, p_version int,
                                     p_day text, p_half text) returns jsonb
language plpgsql as $$
declare
    d online.draft := online.open_locked(p_id, p_account, p_holder, p_days);
    k online.pickup;
begin
    if exists (select from online.pickup x where x.dossier = p_id and x.day = p_day::date and x.wished = x.day
               and x.half = p_half) then
        return online.view(d, p_days);
    end if;
    k := online.awaited(d, p_version);
    perform online.check_pickup(k.unit, p_day::date, '/day');
    update online.pickup x set day = p_day::date, wished = p_day::date, half = p_half where x.dossier = p_id;
    return online.pickup_changed(p_id, 'change_pickup', jsonb_build_object('pickup', jsonb_build_object(
        'day', p_day, 'old_day', k.day, 'half', p_half)), p_days);
end $$;

-- online.cancel_pickup(id, account, holder, days, version): no courier comes; the papers are brought to the
-- post office. -> online.view(). Problems those of awaited. Writes online.*, custody.event, dossier.dossier.
create function online.cancel_pickup(p_id uuid, p_account bigint, p_holder bytea, p_days int, p_version int)
returns jsonb
language plpgsql as $$
declare
    k online.pickup := online.awaited(online.open_locked(p_id, p_account, p_holder, p_days), p_version);
begin
    delete from online.pickup x where x.dossier = p_id;
    return online.pickup_changed(p_id, 'cancel_pickup', jsonb_build_object('pickup', jsonb_build_object(
        'old_day', k.day, 'half', k.half)), p_days);
end $$;

-- online.pickups(actor, unit, roles, day): the visits of an office on a day, for its clerks and supervisors;
-- a courier's own; not where the applicant wants the dossier back. One row each: {dossier, number, day, half,
-- wished?, state, state_vi, state_en, courier?:
-- {login, name}, procedure_name} and the sealed people, whose reading is recorded. Writes dossier.access.
create function online.pickups(p_actor bigint, p_unit bigint, p_roles int, p_day date)
returns table (visit jsonb, sealed bytea, key bytea)
language plpgsql as $$
declare
    v_ids uuid[] := array(
        select k.dossier from online.pickup k
        join dossier.dossier d on d.id = k.dossier and d.status not in (3, 7, 8)
        left join lateral online.courier_of(k.number) c on true
        where k.unit = p_unit and k.day = p_day and (p_roles & (2 | 32) <> 0 or c.id = p_actor)
        order by k.half desc, k.number limit 500);
begin
    insert into dossier.access (dossier, account, unit, what)
    select i, p_actor, p_unit, 'pickup' from unnest(v_ids) i;
    return query
        select jsonb_strip_nulls(jsonb_build_object('dossier', d.code, 'number', k.number, 'day', k.day,
                   'half', k.half, 'wished', nullif(k.wished, k.day), 'state', s.state, 'state_vi', t.name_vi, 'state_en', t.name_en,
                   'procedure_name', dossier.procedure_body(d.procedure, d.procedure_version) ->> 'name',
                   'documents', (select jsonb_agg(jsonb_build_object('name', o.name, 'originals', o.originals,
                                     'copies', o.copies) order by o.line)
                                 from dossier.document o where o.dossier = d.id),
                   'to_pay', money.due(d.id, '{postage_out,postage_return,extra}'),
                   'courier', case when c.id is not null
                                   then jsonb_build_object('login', c.login, 'name', c.name) end)),
               x.sealed, x.key
        from unnest(v_ids) with ordinality as list (id, n)
        join online.pickup k on k.dossier = list.id
        join dossier.dossier d on d.id = list.id
        join custody.shipment s on s.number = k.number
        join dossier.personal x on x.dossier = d.id
        left join custody.state t on t.what = 's' and t.code = s.state
        left join lateral online.courier_of(k.number) c on true
        order by list.n;
end $$;

-- online.courier_of(number): the courier to whom its pick-up was given last. Reads custody.event.
create function online.courier_of(p_number text) returns table (id bigint, login text, name text)
language plpgsql stable rows 1 as $$
begin
    return query
        select a.id, a.login, a.name from custody.event e
        join account.account a on a.id = e.target_id
        where e.subject = p_number and e.kind = 'assign'
        order by e.at desc limit 1;
end $$;
