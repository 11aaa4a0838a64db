-- A blind count at the end of a shift: somebody scans what lies before them, and only the close tells
-- what is missing and what is too much. A count moves nothing: custody goes on beside it.

-- Of what one person, or one unit as a place, holds. unit: whose exceptions come of it.
create table custody.count (
    id uuid primary key,
    account bigint not null,
    unit bigint,
    holder_kind text not null check (holder_kind in ('person', 'place')),
    holder_id bigint not null,
    begun_at timestamptz not null default now(),
    closed_at timestamptz
);

-- finding null: they did not hold it when it was counted; the close says what it is.
-- event: the one that tells of it.
create table custody.count_item (
    count uuid not null references custody.count,
    subject text collate "C" not null,
    at timestamptz not null default now(),
    finding text check (finding in ('counted', 'missing', 'surplus')),
    event uuid,
    primary key (count, subject)
);

-- custody.to_count(holder): what they hold now, and since when nothing happened to it. Sealed bags
-- count as bags; what lies loose in a bag that was opened here counts by itself.
-- Reads custody.shipment, container.*.
create function custody.to_count(p_kind text, p_id bigint)
returns table (subject text, since timestamptz)
language sql stable as $$
    select s.number, greatest(s.last_at, s.created_at) from custody.shipment s
    where s.holder_kind = p_kind and s.holder_id = p_id and s.state <> 'lost'
    union all
    select c.id, greatest(c.last_at, c.created_at) from container.container c
    where c.holder_kind = p_kind and c.holder_id = p_id and c.state <> 'lost'
      and (c.state <> 'open' or c.place = c.origin)
    union all
    select x.subject, greatest(k.opened_at, x.last_at)
    from container.closure k
    cross join lateral (
        select s.number as subject, s.last_at from custody.shipment s where s.closure = k.id
        union all
        select c.id, c.last_at from container.container c where c.closure = k.id) x
    where p_kind = 'place' and k.opened_unit = p_id and k.opened_at > now() - interval '30 days'
$$;

-- custody.lies_with(holder, subject): whether they hold it, by itself and not in a bag.
create function custody.lies_with(p_kind text, p_id bigint, p_subject text) returns boolean
language sql stable as $$
    select exists (
        select from (select number as subject, closure from custody.shipment where number = p_subject
                     union all
                     select id, closure from container.container where id = p_subject) x
        cross join lateral custody.standing_of(x.subject) w
        left join lateral container.lies_at(x.closure, 'infinity') l on x.closure is not null
        where w.holder_kind = p_kind and w.holder_id = p_id and w.state <> 'lost'
          and not coalesce(l.active, false))
$$;

-- custody.passed_by(count, subject): whether they held it at some time since the count began.
-- Reads custody.event.
create function custody.passed_by(k custody.count, p_subject text) returns boolean
language sql stable as $$
    select exists (select from custody.event e
                   where e.subject = p_subject and e.received_at >= k.begun_at
                     and e.holder_kind = k.holder_kind and e.holder_id = k.holder_id)
$$;

-- custody.count_one(count, subject): what they hold gets its event; else nothing happens yet.
-- It is locked. Writes custody.count_item and as record_one.
create function custody.count_one(k custody.count, p_subject text) returns void
language plpgsql as $$
declare
    r custody.scan_reply;
begin
    if custody.lies_with(k.holder_kind, k.holder_id, p_subject) then
        r := custody.internal_scan(p_subject, 'count', k.account, k.unit, now(),
                                   p_data => jsonb_build_object('count', k.id));
        update custody.count_item set finding = 'counted', event = r.event
        where count = k.id and subject = p_subject;
    end if;
end $$;

-- custody.count_differs(count, subject, finding): what is missing or too much: an event of the thing,
-- and an exception for the unit. Writes custody.event, custody.exception, custody.count_item.
create function custody.count_differs(k custody.count, p_subject text, p_finding text) returns void
language plpgsql as $$
declare
    v_event uuid := base.uuid_v7();
begin
    perform custody.append(p_subject, v_event, 'finding', k.account, k.unit,
                           jsonb_build_object('count', k.id, 'finding', p_finding));
    insert into custody.exception (subject, event_id, code, detail, unit, actor)
    values (p_subject, v_event, 'count_' || p_finding, jsonb_build_object('count', k.id), k.unit,
            k.account);
    insert into custody.count_item as x (count, subject, finding, event)
    values (k.id, p_subject, p_finding, v_event)
    on conflict (count, subject) do update set finding = excluded.finding, event = excluded.event;
end $$;

-- custody.count_json(count): {id, of, name, account, unit, begun_at, closed_at?, counted: how many
-- were scanned}; once closed also found: how many of them they held, missing and surplus: [{code, at,
-- holder}], holder being who has it now.
create function custody.count_json(k custody.count) returns jsonb
language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object('id', k.id, 'of', k.holder_kind,
               'name', (select p.name from custody.party(k.holder_kind, k.holder_id) p),
               'account', (select a.name from account.account a where a.id = k.account),
               'unit', (select u.code from postal.unit u where u.id = k.unit),
               'begun_at', k.begun_at, 'closed_at', k.closed_at,
               'counted', (select count(*) from custody.count_item x
                           where x.count = k.id and x.finding is distinct from 'missing')))
        || case when k.closed_at is null then '{}' else (
            select jsonb_build_object(
                'found', count(*) filter (where x.finding = 'counted'),
                'missing', coalesce(jsonb_agg(o.line order by x.subject)
                                    filter (where x.finding = 'missing'), '[]'),
                'surplus', coalesce(jsonb_agg(o.line order by x.subject)
                                    filter (where x.finding = 'surplus'), '[]'))
            from custody.count_item x
            left join lateral custody.standing_of(x.subject) w on x.finding <> 'counted'
            cross join lateral (select jsonb_build_object('code', x.subject, 'at', x.at, 'holder',
                custody.holder_json(w.holder_kind, w.holder_id)) as line) o
            where x.count = k.id) end
$$;

-- custody.count_begin(account, unit, id, place): the count of this id, made when it is new, locked
-- until the transaction ends. Problems unknown-unit (no place to count), id-reused (somebody else's,
-- or of something else). Writes custody.count.
create function custody.count_begin(p_account bigint, p_unit bigint, p_id uuid, p_place boolean)
returns custody.count
language plpgsql as $$
declare
    k custody.count;
begin
    if p_place and not exists (select from postal.unit where id = p_unit) then
        perform base.problem('unknown-unit');
    end if;
    insert into custody.count (id, account, unit, holder_kind, holder_id)
    values (p_id, p_account, nullif(p_unit, 0), case when p_place then 'place' else 'person' end,
            case when p_place then p_unit else p_account end)
    on conflict (id) do nothing;
    select * into k from custody.count where id = p_id for update;
    if k.account <> p_account or (k.holder_kind = 'place') <> p_place then
        perform base.problem('id-reused');
    end if;
    return k;
end $$;

-- custody.count_add(account, unit, id, place, subjects): these lie before the counter; what was counted
-- before is not counted again. Returns count_json(). Problems as count_begin, count-closed (with
-- something new), invalid-fields (too many). Writes custody.count_item, custody.event.
create function custody.count_add(p_account bigint, p_unit bigint, p_id uuid, p_place boolean,
                                  p_subjects text[]) returns jsonb
language plpgsql as $$
declare
    k custody.count := custody.count_begin(p_account, p_unit, p_id, p_place);
    v_new text[] := array(
        select distinct s collate "C" from unnest(p_subjects) as s
        where not exists (select from custody.count_item x where x.count = p_id
                          and x.subject = s and x.finding is distinct from 'missing')
        order by 1);
    v_subject text;
begin
    if v_new = '{}' then
        return custody.count_json(k);
    elsif k.closed_at is not null then
        perform base.problem('count-closed');
    elsif (select count(*) from custody.count_item where count = p_id) + cardinality(v_new) > 5000 then
        perform base.wrong_field('/items', 'too_long', 'Mỗi lần kiểm đếm tối đa 5000 mục.',
                                 'A count takes 5000 things at most.');
    end if;
    perform custody.subject_lock(v_new);
    insert into custody.count_item (count, subject) select p_id, s from unnest(v_new) as s;
    foreach v_subject in array v_new loop
        perform custody.count_one(k, v_subject);
    end loop;
    return custody.count_json(k);
end $$;

-- custody.count_close(account, id): compares with what they hold now. surplus: counted, not theirs now,
-- and never was since the count began; missing: theirs, not counted, and nothing happened to it since
-- then, so that what came or was seen meanwhile is neither. Closed before: the same again.
-- Returns count_json(). Problem not-found. Writes custody.count, custody.count_item, custody.event,
-- custody.exception.
create function custody.count_close(p_account bigint, p_id uuid) returns jsonb
language plpgsql as $$
declare
    k custody.count;
    v_unsure text[];
    v_subject text;
begin
    select * into k from custody.count where id = p_id and account = p_account for update;
    if not found then
        perform base.problem('not-found');
    elsif k.closed_at is not null then
        return custody.count_json(k);
    end if;
    v_unsure := array(select x.subject from custody.count_item x
                      where x.count = p_id and x.finding is null order by x.subject);
    perform custody.subject_lock(v_unsure);
    foreach v_subject in array v_unsure loop
        perform custody.count_one(k, v_subject);
    end loop;
    update custody.count_item x set finding = 'counted'
    where x.count = p_id and x.finding is null and custody.passed_by(k, x.subject);
    for v_subject in select x.subject from custody.count_item x
                     where x.count = p_id and x.finding is null order by x.subject loop
        perform custody.count_differs(k, v_subject, 'surplus');
    end loop;
    for v_subject in select h.subject from custody.to_count(k.holder_kind, k.holder_id) h
                     where h.since < k.begun_at
                       and not exists (select from custody.count_item x
                                       where x.count = p_id and x.subject = h.subject)
                     order by h.subject loop
        perform custody.count_differs(k, v_subject, 'missing');
    end loop;
    update custody.count set closed_at = now() where id = p_id returning * into k;
    return custody.count_json(k);
end $$;

-- custody.count_get(account, unit, supervisor, id): one's own, and for supervisors those of their
-- province. Problem not-found for everybody else.
create function custody.count_get(p_account bigint, p_unit bigint, p_supervisor boolean, p_id uuid)
returns jsonb
language plpgsql stable as $$
declare
    k custody.count;
begin
    select * into k from custody.count where id = p_id;
    if not found or not (k.account = p_account
                         or p_supervisor and postal.same_province(p_unit, k.unit)) then
        perform base.problem('not-found');
    end if;
    return custody.count_json(k);
end $$;
