-- What is to be printed: labels one after another on one printer, or its test page. The jobs of a
-- printer are printed strictly in order; one that failed, or of which nobody knows, steps aside and
-- waits for a person.

create table label.job_state (
    state text collate "C" primary key,
    name_vi text not null,
    name_en text not null
);
insert into label.job_state (state, name_vi, name_en) values
    ('waiting', 'Chờ in', 'Waiting'),
    ('sending', 'Đang in', 'Printing'),
    ('printed', 'Đã in', 'Printed'),
    ('failed', 'Không in được', 'Failed'),
    ('uncertain', 'Chưa rõ đã in hay chưa', 'Uncertain'),
    ('cancelled', 'Đã huỷ', 'Cancelled');

create table label.job (
    id uuid primary key default gen_random_uuid(),
    place bigint generated always as identity, -- in the printer's queue
    printer bigint not null references label.printer,
    numbers text[] collate "C" not null,       -- empty: the test page
    copies int[] not null,
    template text not null,
    test_code text unique check (test_code ~ '^[0-9]{8}$'),
    state text not null default 'waiting' references label.job_state,
    done int not null default 0,           -- so many of them are out
    sheet int not null default 1,          -- so many of the next ones are on the sheet at hand
    begun boolean not null default false,  -- of that sheet something may have left
    remote int,                            -- what the printer calls it
    tries int not null default 0,          -- since one was out
    next_at timestamptz not null default now(),
    trouble text,
    cancel boolean not null default false, -- somebody wants it gone
    lease_by uuid,                         -- the instance that prints it
    lease_until timestamptz,
    actor bigint not null references account.account,
    unit bigint,
    at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    check (cardinality(numbers) = cardinality(copies)),
    check ((test_code is null) = (cardinality(numbers) > 0)),
    check ((state = 'sending') = (lease_by is not null)),
    check ((lease_by is null) = (lease_until is null))
);
create index on label.job (printer, place) where state in ('waiting', 'sending');
create index on label.job (place); -- lists go by it, the newest first
create index on label.job (actor, place);

-- Codes of a test page that were read back.
create table label.test_read (
    job uuid not null references label.job,
    kind text not null check (kind in ('qr', 'code128')),
    module int not null check (module between 1 and 99), -- dots
    actor bigint not null,
    at timestamptz not null default now(),
    primary key (job, kind, module)
);

-- label.job_total(job): how many labels; a test page is one.
create function label.job_total(j label.job) returns int
language sql immutable as $$ select greatest(cardinality(j.numbers), 1) $$;

-- label.job_json(job): its facts, with words. Reads label.printer, label.job_state, label.trouble.
create function label.job_json(j label.job) returns jsonb
language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object(
        'id', j.id, 'printer', p.key, 'printer_name', p.name, 'kind',
        case when j.test_code is null then 'labels' else 'test' end, 'test_code', j.test_code,
        'numbers', to_jsonb(j.numbers), 'copies', to_jsonb(j.copies), 'template', j.template,
        'state', s.state, 'state_vi', s.name_vi, 'state_en', s.name_en,
        'total', label.job_total(j), 'done', j.done, 'tries', j.tries,
        'next_at', case when j.state = 'waiting' then j.next_at end,
        'cancel', nullif(j.cancel, false), 'trouble', label.trouble_json(j.trouble),
        -- To print it again makes another copy: something of this one may be out.
        'again', case when j.begun and j.state in ('failed', 'uncertain', 'cancelled')
                           and j.test_code is null
                      then to_jsonb(j.numbers[j.done + 1 : j.done + j.sheet]) end,
        'at', j.at, 'changed_at', j.changed_at,
        'by', (select jsonb_build_object('id', a.id::text, 'name', a.name)
               from account.account a where a.id = j.actor)))
    from label.printer p, label.job_state s
    where p.id = j.printer and s.state = j.state
$$;

-- --- making -------------------------------------------------------------------------------------

-- label.job_make(printer, numbers, copies, template, actor, unit): a job, told to the instances.
-- Writes label.job.
create function label.job_make(p_printer bigint, p_numbers text[], p_copies int[],
                               p_template text, p_actor bigint, p_unit bigint) returns label.job
language plpgsql as $$
declare
    j label.job;
begin
    insert into label.job (printer, numbers, copies, template, test_code, actor, unit)
    values (p_printer, p_numbers, p_copies, p_template,
            case when p_numbers = '{}' then lpad(floor(random() * 1e8)::text, 8, '0') end,
            p_actor, nullif(p_unit, 0))
    returning * into j;
    perform pg_notify('label_job', '');
    return j;
end $$;

-- label.printer_in_use(key, unit, roles): for a new job. Problem invalid-fields.
create function label.printer_in_use(p_key uuid, p_unit bigint, p_roles int) returns label.printer
language plpgsql as $$
declare
    p label.printer;
begin
    select * into p from label.printer x
    where x.key = p_key and x.active and label.printer_reaches(p_unit, p_roles, x.unit_id)
    for share;
    if not found then
        perform base.wrong_field('/printer', 'choice', 'Đơn vị không có máy in này.',
                                 'The unit has no such printer.');
    end if;
    return p;
end $$;

-- label.print_on(numbers, actor, unit, roles, template or null, reason, printer, key, digest): as
-- label.print, and a job for what got a copy: {labels, job}. template: the printer's own when null.
-- Problems also of label.printer_in_use. Writes as label.print_one, label.job, base.idempotency.
create function label.print_on(p_numbers text[], p_actor bigint, p_unit bigint, p_roles int,
                               p_template text, p_reason text, p_printer uuid, p_key text,
                               p_digest bytea) returns jsonb
language plpgsql as $$
declare
    reply jsonb := base.replay(p_actor, p_key, p_digest);
    p label.printer;
    labels jsonb;
    numbers text[];
    copies int[];
begin
    if reply is not null then
        return reply;
    end if;
    p := label.printer_in_use(p_printer, p_unit, p_roles);
    p_template := coalesce(p_template, p.template);
    labels := label.copies(p_numbers, p_actor, p_unit, p_roles, p_template, p_reason);
    select array_agg(number order by place), array_agg(copy order by place) into numbers, copies
    from (select distinct on (l ->> 'number') l ->> 'number' as number, (l ->> 'copy')::int as copy,
                 place
          from jsonb_array_elements(labels) with ordinality as x (l, place)
          where l ? 'copy' order by l ->> 'number', place) x;
    reply := jsonb_build_object('labels', labels, 'template', p_template);
    if numbers is not null then
        reply := reply || jsonb_build_object('job', label.job_json(
            label.job_make(p.id, numbers, copies, p_template, p_actor, p_unit)));
    end if;
    return base.replied(p_actor, p_key, p_digest, reply);
end $$;

-- label.print_test(printer, actor, unit, roles, key, digest): a job for the printer's test page.
create function label.print_test(p_printer uuid, p_actor bigint, p_unit bigint, p_roles int,
                                 p_key text, p_digest bytea) returns jsonb
language plpgsql as $$
declare
    reply jsonb := base.replay(p_actor, p_key, p_digest);
    p label.printer;
begin
    if reply is not null then
        return reply;
    end if;
    p := label.printer_in_use(p_printer, p_unit, p_roles);
    return base.replied(p_actor, p_key, p_digest, label.job_json(
        label.job_make(p.id, '{}', '{}', p.template, p_actor, p_unit)), 201);
end $$;

-- --- the printing instance ----------------------------------------------------------------------

-- How long an instance has a job without saying so again.
create function label.lease_time() returns interval
language sql immutable as $$ select interval '30 seconds' $$;

-- label.jobs_left(): jobs of instances that are gone. Of what nothing had left they know all; what
-- the printer has a number for it can be asked about; of the rest nobody knows.
create function label.jobs_left() returns void
language sql as $$
    update label.job set state = case when begun then 'uncertain' else 'waiting' end,
        trouble = case when begun then 'interrupted' end, next_at = now(), changed_at = now(),
        lease_by = null, lease_until = null
    where state = 'sending' and lease_until < now() and not (begun and remote is not null)
$$;

-- label.due_in(): milliseconds until some job may be due; null when none waits.
create function label.due_in() returns int
language sql stable as $$
    select (extract(epoch from greatest(min(case state when 'waiting' then next_at
                                                       else lease_until end), now()) - now())
            * 1000)::int
    from label.job where state in ('waiting', 'sending')
$$;

-- label.claim(instance, most): takes what is due: of each printer the first job, unless somebody has
-- it. {taken: [{id, uri, language, dpi, template, name, unit, test_code?, begun, remote?}], wait:
-- milliseconds until something may be due, null: nothing waits}. Writes label.job.
create function label.claim(p_instance uuid, p_most int) returns jsonb
language plpgsql as $$
declare
    given jsonb;
begin
    perform label.jobs_left();
    with due as (
        select j.id from label.printer p
        cross join lateral (
            select * from label.job x
            where x.printer = p.id and x.state in ('waiting', 'sending')
            order by x.place limit 1) j
        where j.state = 'waiting' and j.next_at <= now()
           or j.state = 'sending' and j.lease_until < now()
        limit p_most
        for update of p skip locked),
    taken as (
        update label.job j set state = 'sending', lease_by = p_instance, changed_at = now(),
            lease_until = now() + label.lease_time()
        from due
        where j.id = due.id and (j.state = 'waiting' and j.next_at <= now()
                                 or j.state = 'sending' and j.lease_until < now())
        returning j.*)
    select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'id', t.id, 'uri', p.uri, 'language', p.language, 'dpi', p.dpi, 'template', t.template,
        'name', p.name, 'unit', u.name, 'test_code', t.test_code, 'begun', t.begun,
        'remote', t.remote)))
    into given
    from taken t join label.printer p on p.id = t.printer join postal.unit u on u.id = p.unit_id;
    return jsonb_build_object('taken', coalesce(given, '[]'), 'wait', label.due_in());
end $$;

-- label.job_mine(job, instance): the row, locked, its lease as new; null when it is no longer one's
-- own. Writes label.job.
create function label.job_mine(p_job uuid, p_instance uuid) returns label.job
language sql as $$
    update label.job set lease_until = now() + label.lease_time()
    where id = p_job and state = 'sending' and lease_by = p_instance
    returning *
$$;

-- label.job_leave(job, state, trouble, wait): gives the job up.
create function label.job_leave(p_job uuid, p_state text, p_trouble text,
                                p_wait interval default '0') returns void
language sql as $$
    update label.job set state = p_state, trouble = p_trouble, next_at = now() + p_wait,
        lease_by = null, lease_until = null, changed_at = now(),
        cancel = cancel and p_state not in ('cancelled', 'printed')
    where id = p_job
$$;

-- label.job_good(job, most): the places of the first that are still to be printed: of which there is no
-- later copy. Reads custody.shipment.
create function label.job_good(j label.job, p_most int) returns int[]
language sql stable as $$
    select array_agg(place order by place)
    from (select n.place::int as place
          from unnest(j.numbers, j.copies) with ordinality as n (number, copy, place)
          join custody.shipment s on s.number = n.number and s.copy = n.copy
          where n.place > j.done order by n.place limit p_most) x
$$;

-- label.job_next(job, instance, places): what is to be drawn on the next sheet, a row for each label, at
-- most so many (number and facts null: the test page); no row: it is over, cancelled or somebody
-- else's. A label of which a later copy exists is left out. The reading is recorded. Writes label.job,
-- dossier.access.
create function label.job_next(p_job uuid, p_instance uuid, p_places int)
returns table (number text, facts jsonb, sealed bytea, key bytea)
language plpgsql as $$
declare
    j label.job := label.job_mine(p_job, p_instance);
    good int[]; -- their places in the list
begin
    if j.id is null then
        return;
    elsif j.cancel then
        perform label.job_leave(j.id, 'cancelled', null);
        return;
    end if;
    good := label.job_good(j, p_places);
    if j.test_code is null then
        j.done := coalesce(good[1] - 1, cardinality(j.numbers));
        j.sheet := greatest(coalesce(good[cardinality(good)] - j.done, 1), 1);
    end if;
    update label.job set done = j.done, sheet = j.sheet where id = j.id;
    if j.done >= label.job_total(j) then
        perform label.job_leave(j.id, 'printed', null);
        return;
    elsif j.test_code is not null then
        return query select null::text, null::jsonb, null::bytea, null::bytea;
        return;
    end if;
    return query
        select s.number, d.* from unnest(good) as g (at)
        join custody.shipment s on s.number = j.numbers[g.at]
        cross join lateral label.reading(s, j.actor, j.unit) d
        order by g.at;
end $$;

-- label.job_begun(job, instance, remote or null): from here something may leave. False: it must not.
-- Writes label.job.
create function label.job_begun(p_job uuid, p_instance uuid, p_remote int) returns boolean
language plpgsql as $$
declare
    j label.job := label.job_mine(p_job, p_instance);
begin
    if j.id is null then
        return false;
    elsif j.cancel then
        perform label.job_leave(j.id, 'cancelled', null);
        return false;
    end if;
    update label.job set begun = true, remote = p_remote, trouble = null, changed_at = now()
    where id = j.id;
    return true;
end $$;

-- label.job_told(job, instance, end, trouble): how it went with the sheet at hand:
--   printed    it is out
--   held       the printer has it and still works on it, or waits (trouble: for what)
--   again      nothing is out: to be tried again, each time later
--   failed, uncertain, cancelled
-- Returns what to do next: next (the next sheet), ask (the printer, again), cancel (it there), or
-- left. Writes label.job.
create function label.job_told(p_job uuid, p_instance uuid, p_end text, p_trouble text)
returns text
language plpgsql as $$
declare
    j label.job := label.job_mine(p_job, p_instance);
begin
    if j.id is null then
        return 'left';
    elsif p_end = 'held' then
        update label.job set trouble = p_trouble, changed_at = now()
        where id = j.id and trouble is distinct from p_trouble;
        return case when j.cancel then 'cancel' else 'ask' end;
    elsif p_end = 'printed' then
        update label.job set done = done + sheet, begun = false, remote = null, tries = 0,
            trouble = null, changed_at = now()
        where id = j.id;
        return 'next';
    end if;
    if p_end = 'again' then
        update label.job set tries = tries + 1, begun = false, remote = null where id = j.id;
    end if;
    perform label.job_leave(
        j.id, case when p_end <> 'again' then p_end when j.cancel then 'cancelled'
                   when j.tries >= 30 then 'failed' else 'waiting' end,
        p_trouble, make_interval(secs => least(300, 5 * 2 ^ least(j.tries, 10))));
    return 'left';
end $$;

-- label.jobs_kept(instance, jobs): it still prints these: their leases are as new. How many.
-- Writes label.job.
create function label.jobs_kept(p_instance uuid, p_jobs uuid[]) returns bigint
language sql as $$
    with kept as (update label.job set lease_until = now() + label.lease_time()
                  where id = any (p_jobs) and state = 'sending' and lease_by = p_instance
                  returning 1)
    select count(*) from kept
$$;
