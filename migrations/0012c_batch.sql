-- Labels asked for together, to be drawn as one stream.

-- What was asked for; a day later it is gone. `failed` and `drawn` are of its latest drawing.
create table label.batch (
    id uuid primary key default gen_random_uuid(),
    actor bigint not null,
    made_at timestamptz not null default now(),
    template text not null,
    dpi int not null,
    format text not null,
    numbers text[] collate "C" not null check (numbers <> '{}'),
    problems jsonb not null,
    state text not null default 'waiting'
        check (state in ('waiting', 'drawing', 'drawn', 'stopped')),
    drawn int not null default 0,
    failed jsonb not null default '[]'
);
create index on label.batch (made_at);
select base.grant_service('delete', 'label.batch');

-- label.batch_json(batch): {id, total, drawn, state, problems: [{number, problem}], format}.
create function label.batch_json(b label.batch) returns jsonb
language sql immutable as $$
    select jsonb_build_object('id', b.id, 'total', cardinality(b.numbers), 'drawn', b.drawn,
                              'state', b.state, 'format', b.format,
                              'problems', b.problems || b.failed)
$$;

-- label.batch_make(numbers, problems, actor, unit, roles, template, dpi, format, key, digest): keeps
-- those of the numbers that this person may see, in their order; the others become problems beside
-- those given. Problem not-found when none is left. Drops what is over a day old. Returns batch_json;
-- the same again for the same idempotency key. Reads custody.shipment; writes label.batch,
-- base.idempotency.
create function label.batch_make(p_numbers text[], p_problems jsonb, p_actor bigint, p_unit bigint,
                                 p_roles int, p_template text, p_dpi int, p_format text, p_key text,
                                 p_digest bytea) returns jsonb
language plpgsql as $$
declare
    reply jsonb := base.replay(p_actor, p_key, p_digest);
    b label.batch;
begin
    if reply is not null then
        return reply;
    end if;
    delete from label.batch where made_at < now() - interval '1 day';
    with asked as materialized (
        select n.number, n.place, coalesce(label.may_see(s, p_actor, p_unit, p_roles), false) as seen
        from unnest(p_numbers) with ordinality as n (number, place)
        left join custody.shipment s on s.number = n.number)
    select array_agg(a.number order by a.place) filter (where a.seen),
           p_problems || coalesce(jsonb_agg(jsonb_build_object('number', a.number, 'problem',
               '/problems/not-found') order by a.place) filter (where not a.seen), '[]')
    into b.numbers, b.problems from asked a;
    if b.numbers is null then
        perform base.problem('not-found');
    end if;
    insert into label.batch (actor, template, dpi, format, numbers, problems)
    values (p_actor, p_template, p_dpi, p_format, b.numbers, b.problems) returning * into b;
    return base.replied(p_actor, p_key, p_digest, label.batch_json(b), 201);
end $$;

-- label.batch_of(id, actor): batch_json; no row for anybody else's and what is over a day old.
create function label.batch_of(p_id uuid, p_actor bigint) returns jsonb
language sql stable as $$
    select label.batch_json(b) from label.batch b
    where b.id = p_id and b.actor = p_actor and b.made_at >= now() - interval '1 day'
$$;

-- label.batch_begin(id, actor): it is drawn from its beginning. {template, dpi, total, format}; no row
-- as in batch_of. Writes label.batch.
create function label.batch_begin(p_id uuid, p_actor bigint) returns jsonb
language sql as $$
    update label.batch b set state = 'drawing', drawn = 0, failed = '[]'
    where b.id = p_id and b.actor = p_actor and b.made_at >= now() - interval '1 day'
    returning jsonb_build_object('template', b.template, 'dpi', b.dpi, 'format', b.format,
                                 'total', cardinality(b.numbers))
$$;

-- label.batch_note(id, actor, unit, roles, after, most, drawn): the next so many of its numbers are
-- about to be read: recorded as for one label, and how many were drawn by now. Writes label.batch,
-- dossier.access.
create function label.batch_note(p_id uuid, p_actor bigint, p_unit bigint, p_roles int, p_after int,
                                 p_most int, p_drawn int) returns void
language sql as $$
    with b as (update label.batch set drawn = p_drawn where id = p_id
               returning numbers[p_after + 1 : p_after + p_most] as page)
    insert into dossier.access (dossier, account, unit, what)
    select distinct s.dossier, p_actor, p_unit, 'label'
    from b cross join lateral unnest(b.page) as n (number)
    join custody.shipment s on s.number = n.number and s.dossier is not null
        and label.may_see(s, p_actor, p_unit, p_roles)
$$;

-- label.batch_page(id, actor, unit, roles, after, most): these numbers with what label.data gives for
-- each; facts are null for what may no longer be seen. A look-up, so that scans need not wait for it.
create function label.batch_page(p_id uuid, p_actor bigint, p_unit bigint, p_roles int, p_after int,
                                 p_most int)
returns table (number text, facts jsonb, sealed bytea, key bytea)
language sql stable as $$
    select n.number, case when s.number is not null then label.facts(s) end, x.sealed, x.key
    from label.batch b
    cross join lateral unnest(b.numbers[p_after + 1 : p_after + p_most])
        with ordinality as n (number, place)
    left join custody.shipment s on s.number = n.number
        and label.may_see(s, p_actor, p_unit, p_roles)
    left join dossier.personal x on x.dossier = s.dossier
    where b.id = p_id
    order by n.place
$$;

-- label.batch_ended(id, drawn, state, failed): how its drawing ended. Writes label.batch.
create function label.batch_ended(p_id uuid, p_drawn int, p_state text, p_failed jsonb) returns void
language sql as $$
    update label.batch set drawn = p_drawn, state = p_state, failed = p_failed where id = p_id
$$;
