-- Jobs as people see them: lists, cancelling, trying again; and what a test page says of a printer.

-- label.job_of(job, actor, unit, roles): one's own, and those of printers one may use; locked.
-- Problem not-found.
create function label.job_of(p_job uuid, p_actor bigint, p_unit bigint, p_roles int)
returns label.job
language plpgsql as $$
declare
    j label.job;
begin
    select x.* into j from label.job x join label.printer p on p.id = x.printer
    where x.id = p_job
      and (x.actor = p_actor or label.printer_reaches(p_unit, p_roles, p.unit_id))
    for update of x;
    if not found then
        perform base.problem('not-found');
    end if;
    return j;
end $$;

-- label.job_get(job, actor, unit, roles).
create function label.job_get(p_job uuid, p_actor bigint, p_unit bigint, p_roles int)
returns jsonb
language sql stable as $$
    select label.job_json(x) from label.job x join label.printer p on p.id = x.printer
    where x.id = p_job
      and (x.actor = p_actor or label.printer_reaches(p_unit, p_roles, p.unit_id))
$$;

-- label.jobs(actor, unit, roles, printer or null, state or null, after, limit): {items, next}, the
-- newest first: of this printer, or one's own and those of the unit's printers. after: 0 or `next`.
create function label.jobs(p_actor bigint, p_unit bigint, p_roles int, p_printer uuid,
                           p_state text, p_after bigint, p_limit int) returns jsonb
language sql stable as $$
    with page as (
        select j, row_number() over (order by j.place desc) as n
        from label.job j join label.printer p on p.id = j.printer
        where case when p_printer is null then j.actor = p_actor or p.unit_id = p_unit
                   else p.key = p_printer
                        and label.printer_reaches(p_unit, p_roles, p.unit_id) end
          and (p_state is null or j.state = p_state) and (p_after = 0 or j.place < p_after)
        order by j.place desc limit p_limit + 1)
    select jsonb_build_object(
        'items', coalesce(jsonb_agg(label.job_json(j) order by n) filter (where n <= p_limit), '[]'),
        'next', case when count(*) > p_limit
                     then (max((j).place) filter (where n = p_limit))::text end)
    from page
$$;

-- label.job_cancel(job, actor, unit, roles): what waits, or waits for a person, is cancelled at once;
-- what is being printed when the printer can still be told. Problems not-found, conflict (printed).
-- Writes label.job.
create function label.job_cancel(p_job uuid, p_actor bigint, p_unit bigint, p_roles int)
returns jsonb
language plpgsql as $$
declare
    j label.job := label.job_of(p_job, p_actor, p_unit, p_roles);
begin
    if j.state = 'printed' then
        perform base.problem('conflict', jsonb_build_object(
            'detail', 'It was printed.', 'detail_vi', 'Nhãn đã in xong.'));
    elsif j.state = 'sending' then
        update label.job set cancel = true, changed_at = now() where id = j.id;
    elsif j.state <> 'cancelled' then
        perform label.job_leave(j.id, 'cancelled', j.trouble);
    end if;
    return label.job_get(j.id, p_actor, p_unit, p_roles);
end $$;

-- label.job_retry(job, actor, unit, roles, reason): tries again now. What may be out already gets its
-- next copy, with the reason, so that no two papers are the same copy. Problems not-found, conflict
-- (printed, or being printed), invalid-fields. Writes label.job and as label.print_one.
create function label.job_retry(p_job uuid, p_actor bigint, p_unit bigint, p_roles int,
                                p_reason text) returns jsonb
language plpgsql as $$
declare
    j label.job := label.job_of(p_job, p_actor, p_unit, p_roles);
    copy jsonb;
    place int;
begin
    if j.state in ('printed', 'sending') then
        perform base.problem('conflict', jsonb_build_object(
            'detail', 'It was printed, or is being printed.',
            'detail_vi', 'Nhãn đã in xong hoặc đang in.'));
    elsif not (select active from label.printer where id = j.printer) then
        perform base.problem('conflict', jsonb_build_object(
            'detail', 'The printer is no longer in use.', 'detail_vi', 'Máy in đã ngừng dùng.'));
    end if;
    if j.begun and j.test_code is null and j.state <> 'waiting' then
        foreach place in array coalesce(label.job_good(j, j.sheet), '{}') loop
            exit when place > j.done + j.sheet;
            copy := label.print_one(j.numbers[place], p_actor, p_unit, p_roles, j.template,
                                    coalesce(p_reason,
                                             'Chưa rõ lần in trước đã ra giấy hay chưa'));
            if copy ? 'problem' then
                perform base.problem(copy ->> 'problem');
            end if;
            j.copies[place] := (copy ->> 'copy')::int;
        end loop;
    end if;
    update label.job set state = 'waiting', copies = j.copies, begun = false, remote = null,
        tries = 0, next_at = now(), trouble = null, cancel = false, changed_at = now()
    where id = j.id;
    perform pg_notify('label_job', '');
    return label.job_get(j.id, p_actor, p_unit, p_roles);
end $$;

-- --- the test page ------------------------------------------------------------------------------

-- label.test_seen(job, kind): modules of the test page's codes of a kind that were read, in dots.
create function label.test_seen(p_job uuid, p_kind text) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(module order by module), '[]') from label.test_read
    where job = p_job and kind = p_kind
$$;

-- label.test_size(dpi, measured): how the ruler of 40 mm came out: {measured_mm, right, dpi?} where
-- dpi is what the printer would have to be; none: it shrinks or stretches.
create function label.test_size(p_dpi int, p_mm numeric) returns jsonb
language sql immutable as $$
    select jsonb_strip_nulls(jsonb_build_object(
        'measured_mm', p_mm, 'right', abs(p_mm - 40) <= 0.8,
        'dpi', (select d from unnest(array[203, 300, 600]) d
                where abs(p_dpi * 40 / p_mm - d) <= 0.04 * d)))
    where p_mm is not null
$$;

-- label.test_scan(printer, actor, unit, roles, code, measured or null): what a code that was read from
-- a test page tells: {job, kind, module, module_mm, dpi, read: {qr, code128}, needed, good, size?}.
-- needed: the smallest module, in dots, that a label's code has; good: {qr, code128}, whether such a
-- code was read at that size. Problems not-found, bad-code. Writes label.test_read.
create function label.test_scan(p_printer uuid, p_actor bigint, p_unit bigint, p_roles int,
                                p_code text, p_mm numeric) returns jsonb
language plpgsql as $$
declare
    p label.printer := label.printer_of(p_printer, p_unit, p_roles, false);
    part text[] := regexp_match(upper(p_code), '^T([0-9]{8})([QB])([1-9][0-9]?)$');
    per_mm numeric := case p.dpi when 203 then 8 else p.dpi / 25.4 end;
    needed int := ceil(0.33 * per_mm);
    j label.job;
    kind text := case part[2] when 'Q' then 'qr' else 'code128' end;
begin
    select * into j from label.job x where x.test_code = part[1] and x.printer = p.id;
    if not found then
        perform base.problem('bad-code', jsonb_build_object(
            'detail', 'This is not a code of a test page of this printer.',
            'detail_vi', 'Đây không phải mã trên trang in thử của máy in này.'));
    end if;
    insert into label.test_read (job, kind, module, actor)
    values (j.id, kind, part[3]::int, p_actor) on conflict do nothing;
    return jsonb_strip_nulls(jsonb_build_object(
        'job', j.id, 'kind', kind, 'module', part[3]::int,
        'module_mm', round(part[3]::int / per_mm, 3), 'dpi', p.dpi, 'needed', needed,
        'read', jsonb_build_object('qr', label.test_seen(j.id, 'qr'),
                                   'code128', label.test_seen(j.id, 'code128')),
        'good', (select jsonb_build_object('qr', coalesce(bool_or(r.kind = 'qr'), false),
                                           'code128', coalesce(bool_or(r.kind = 'code128'), false))
                 from label.test_read r where r.job = j.id and r.module <= needed),
        'size', label.test_size(p.dpi, p_mm)));
end $$;
