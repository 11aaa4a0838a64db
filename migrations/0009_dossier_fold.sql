-- What the events of a dossier make of it: the fold, its projection, and where a rebuild would differ.

-- dossier.record(dossier, kind, at, actor, unit, data, mac, remark): one event of the dossier and
-- its projection; returns its id. data carries nothing personal; `version` is added to it under the lock of the
-- dossier's row, so events count in one order however their transactions overlap. mac: of a payload
-- that lies elsewhere; else that of the remark. Writes custody.event, custody.remark,
-- dossier.dossier, dossier.pause.
create function dossier.record(p_dossier uuid, p_kind text, p_at timestamptz, p_actor bigint,
                               p_unit bigint, p_data jsonb, p_mac bytea default null,
                               p_remark text default null) returns uuid
language plpgsql as $$
declare
    event uuid := base.uuid_v7();
    last int;
begin
    select version into strict last from dossier.dossier where id = p_dossier for update;
    perform custody.append(p_dossier::text, event, 'dossier.' || p_kind, p_actor, p_unit,
                           p_data || jsonb_build_object('version', last + 1), p_at => p_at,
                           p_mac => coalesce(p_mac, custody.keep_remark(p_dossier::text, event,
                                                                        p_remark)));
    perform dossier.project(p_dossier);
    return event;
end $$;

create type dossier.folded as (
    status smallint, back_to smallint, filed_at timestamptz, accepted_at timestamptz,
    due_at timestamptz, ended_at timestamptz, apologised_at timestamptz, paused_at timestamptz,
    cancelled_at timestamptz, grouped_into uuid, forwarded_at timestamptz, came_back_at timestamptz,
    supplements int, version int, pauses jsonb
);

-- dossier.fold_step(before, kind, at, data): what one event makes of the projection. Its data says
-- from and to which status it went and, where it moved the due time, the new one: a fold therefore
-- never depends on today's rules or calendar. An event from another status is skipped.
create function dossier.fold_step(f dossier.folded, kind text, at timestamptz, data jsonb)
returns dossier.folded
language plpgsql immutable as $$
declare
    goes_to smallint := (data ->> 'to')::smallint;
    paused text;
begin
    f.version := (data ->> 'version')::int;
    f.due_at := case when data ? 'due_at' then (data ->> 'due_at')::timestamptz else f.due_at end;
    f.filed_at := coalesce(f.filed_at, (data ->> 'filed_at')::timestamptz);
    if kind = 'dossier.apologise' then
        f.apologised_at := at;
    elsif kind = 'dossier.cancel_intake' then
        f.cancelled_at := at;
    elsif kind = 'dossier.join_intake' then
        f.cancelled_at := at;
        f.grouped_into := (data ->> 'into')::uuid;
    elsif kind = 'dossier.forward' then
        f.forwarded_at := at;
    elsif kind = 'dossier.result_back' then
        f.came_back_at := coalesce(f.came_back_at, at);
    elsif kind = 'dossier.send_result' then
        f.came_back_at := null;
    end if;
    if goes_to is null or goes_to is not distinct from f.status then
        return f;
    end if;
    if goes_to = 7 then
        f.back_to := f.status;
    elsif f.status = 7 then
        f.back_to := null;
    end if;
    f.accepted_at := case when goes_to = 2 then coalesce(f.accepted_at, at) else f.accepted_at end;
    f.ended_at := case when goes_to in (3, 8, 9, 10) then coalesce(f.ended_at, at)
                       else f.ended_at end;
    -- A withdrawal that is only asked for neither stops nor starts the clock.
    paused := case goes_to when 5 then 'supplement' when 6 then 'payment' end;
    if paused is not null and f.paused_at is null then
        f.paused_at := at;
        f.supplements := f.supplements + (goes_to = 5)::int;
        f.pauses := f.pauses || jsonb_build_object('kind', paused, 'began', at);
    elsif f.paused_at is not null and paused is null and goes_to <> 7 then
        f.paused_at := null;
        f.pauses := jsonb_set(f.pauses, '{-1,ended}', to_jsonb(at));
    end if;
    f.came_back_at := case when goes_to = 9 then f.came_back_at end;
    f.status := goes_to;
    return f;
end $$;

-- dossier.fold(dossier, until): the projection recomputed from its events, which are commands and so
-- count in the order in which they were recorded, not by when they say they happened. until: without
-- what happened later.
-- Reads custody.event.
create function dossier.fold(p_dossier uuid, p_until timestamptz default 'infinity')
returns dossier.folded
language plpgsql stable as $$
declare
    f dossier.folded;
    e record;
begin
    f.supplements := 0;
    f.version := 0;
    f.pauses := '[]';
    for e in select kind, at, data from custody.event
             where subject = p_dossier::text and kind like 'dossier.%' and at <= p_until
             order by (data ->> 'version')::int loop
        if e.kind = 'dossier.register' then
            f.status := 1;
            f.version := 1;
        else
            f := dossier.fold_step(f, e.kind, e.at, e.data);
        end if;
    end loop;
    return f;
end $$;

-- dossier.project(dossier): writes what the events say, where none of them was purged. Writes dossier.dossier, dossier.pause.
create function dossier.project(p_dossier uuid) returns void
language plpgsql as $$
declare
    f dossier.folded := dossier.fold(p_dossier);
begin
    if custody.is_purged(p_dossier::text) then
        return;
    end if;
    update dossier.dossier d
    set status = f.status, back_to = f.back_to, filed_at = f.filed_at,
        accepted_at = f.accepted_at, due_at = f.due_at, ended_at = f.ended_at,
        apologised_at = f.apologised_at, paused_at = f.paused_at, cancelled_at = f.cancelled_at,
        grouped_into = f.grouped_into, forwarded_at = f.forwarded_at, came_back_at = f.came_back_at,
        supplements = f.supplements, version = f.version
    where d.id = p_dossier;
    if f.pauses <> '[]' then
        delete from dossier.pause where dossier = p_dossier;
        insert into dossier.pause (dossier, line, kind, began, ended)
        select p_dossier, n, p ->> 'kind', (p ->> 'began')::timestamptz,
               (p ->> 'ended')::timestamptz
        from jsonb_array_elements(f.pauses) with ordinality as list(p, n);
    end if;
end $$;

-- dossier.pauses(dossier): the kept intervals in the form the fold gives them.
create function dossier.pauses(p_dossier uuid) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'kind', kind, 'began', began, 'ended', ended)) order by line), '[]')
    from dossier.pause where dossier = p_dossier
$$;

-- dossier.fold_askings(dossier): its questions recomputed from its events: the due time is that of the
-- latest that set it. Reads custody.event.
create function dossier.fold_askings(p_dossier uuid) returns setof dossier.asking
language sql stable as $$
    select (q.data ->> 'ask')::uuid, p_dossier, (q.data ->> 'asking')::bigint,
           (q.data ->> 'asked')::bigint, q.id, q.at, (q.data ->> 'time')::int, q.data ->> 'time_unit',
           coalesce(r.due_at, (q.data ->> 'answer_due_at')::timestamptz), a.at, a.data ->> 'answer', a.id, x.at
    from custody.event q
    left join custody.event a on a.subject = q.subject and a.kind = 'dossier.answer_agency'
         and a.data ->> 'ask' = q.data ->> 'ask'
    left join custody.event x on x.subject = q.subject and x.kind = 'dossier.end_asking'
         and x.data ->> 'ask' = q.data ->> 'ask'
    left join lateral (
        select (e.data ->> 'answer_due_at')::timestamptz as due_at from custody.event e
        where e.subject = q.subject and e.kind = 'dossier.asking_recomputed' and e.data ->> 'ask' = q.data ->> 'ask'
        order by (e.data ->> 'version')::int desc limit 1) r on true
    where q.subject = p_dossier::text and q.kind = 'dossier.ask_agency'
$$;

-- dossier.project_askings(dossier): writes what the events say. Writes dossier.asking.
create function dossier.project_askings(p_dossier uuid) returns void
language plpgsql as $$
begin
    delete from dossier.asking where dossier = p_dossier;
    insert into dossier.asking select * from dossier.fold_askings(p_dossier);
end $$;

-- dossier.askings_text(rows): a form in which kept and folded are compared.
create function dossier.askings_text(p_rows dossier.asking[]) returns text
language sql stable as $$
    select coalesce(string_agg(r::text, E'\n' order by r.asked_at, r.id), '')
    from unnest(p_rows) as r
$$;

-- dossier.fold_claims(dossier): its claims recomputed from its events. Reads custody.event.
create function dossier.fold_claims(p_dossier uuid) returns setof dossier.claim
language sql stable as $$
    select c.id, p_dossier, c.data ->> 'number', c.data ->> 'cause', c.at, x.id, x.at,
           case when x.kind = 'dossier.compensate' then (x.data ->> 'amount')::bigint end
    from custody.event c
    left join custody.event x on x.subject = c.subject and x.data ->> 'claim' = c.id::text
         and x.kind in ('dossier.compensate', 'dossier.refuse_claim')
    where c.subject = p_dossier::text and c.kind = 'dossier.claim'
$$;

-- dossier.project_claims(dossier): writes what the events say. Writes dossier.claim.
create function dossier.project_claims(p_dossier uuid) returns void
language plpgsql as $$
begin
    delete from dossier.claim where dossier = p_dossier;
    insert into dossier.claim select * from dossier.fold_claims(p_dossier);
end $$;

-- dossier.claims_text(rows): a form in which kept and folded are compared.
create function dossier.claims_text(p_rows dossier.claim[]) returns text
language sql stable as $$
    select coalesce(string_agg(r::text, E'\n' order by r.claimed_at, r.event), '')
    from unnest(p_rows) as r
$$;

-- dossier.rebuild_differences(): every dossier folded again and compared with what is kept; empty
-- when all is equal. Called by custody.rebuild(). Reads dossier.*, custody.event.
create function dossier.rebuild_differences()
returns table (subject text, what text, kept text, folded text)
language sql stable as $$
    select d.id::text, 'dossier.' || c.what, c.kept, c.folded
    from dossier.dossier d
    cross join lateral dossier.fold(d.id) f
    cross join lateral (values
        ('status', d.status::text, f.status::text),
        ('back_to', d.back_to::text, f.back_to::text),
        ('filed_at', d.filed_at::text, f.filed_at::text),
        ('accepted_at', d.accepted_at::text, f.accepted_at::text),
        ('due_at', d.due_at::text, f.due_at::text),
        ('ended_at', d.ended_at::text, f.ended_at::text),
        ('apologised_at', d.apologised_at::text, f.apologised_at::text),
        ('paused_at', d.paused_at::text, f.paused_at::text),
        ('cancelled_at', d.cancelled_at::text, f.cancelled_at::text),
        ('grouped_into', d.grouped_into::text, f.grouped_into::text),
        ('forwarded_at', d.forwarded_at::text, f.forwarded_at::text),
        ('came_back_at', d.came_back_at::text, f.came_back_at::text),
        ('supplements', d.supplements::text, f.supplements::text),
        ('version', d.version::text, f.version::text),
        ('pauses', dossier.pauses(d.id)::text, f.pauses::text),
        ('askings', dossier.askings_text(array(select a from dossier.asking a where a.dossier = d.id)),
                    dossier.askings_text(array(select a from dossier.fold_askings(d.id) a))),
        ('claims', dossier.claims_text(array(select c from dossier.claim c where c.dossier = d.id)),
                   dossier.claims_text(array(select c from dossier.fold_claims(d.id) c)))
    ) as c(what, kept, folded)
    where c.kept is distinct from c.folded and not custody.is_purged(d.id::text)
$$;
