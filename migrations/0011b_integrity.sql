-- Integrity: the log as a Merkle tree (RFC 6962), its signed checkpoints, proofs and evidence.
-- Position n of the log is leaf n-1. Nothing here is in a scan's transaction.

-- Which log this is: named in every checkpoint, so that one log's are no good for another's.
create table custody.log_origin (
    one boolean primary key default true check (one),
    origin uuid not null default gen_random_uuid()
);
insert into custody.log_origin default values;

-- Marks of the keys in the folder keys/ that every service on this database must have
-- (src/cmd/keys.h); never a key.
create table custody.key_mark (
    name text primary key,
    mark bytea not null check (length(mark) = 32),
    at timestamptz not null default now()
);

-- custody.key_fits(name, mark): whether that is the key of this database; whoever is first decides.
-- Writes custody.key_mark.
create function custody.key_fits(p_name text, p_mark bytea) returns boolean
language plpgsql as $$
begin
    insert into custody.key_mark (name, mark) values (p_name, p_mark) on conflict do nothing;
    return (select k.mark = p_mark from custody.key_mark k where k.name = p_name);
end $$;

-- A signed head: the root over the first `size` positions. key: the public half that signed.
-- What is signed is told in src/custody/checkpoint.h.
create table custody.checkpoint (
    size bigint primary key check (size > 0),
    root bytea not null check (length(root) = 32),
    at timestamptz not null,
    key bytea not null check (length(key) = 32),
    signature bytea not null check (length(signature) = 64)
);

-- Roots of complete subtrees of 2^level leaves, the index-th from the left, at levels 8, 16, 24 …
-- With them and the log itself a proof reads a few rows of neighbours at each level.
create table custody.tree (
    level int not null check (level >= 8 and level % 8 = 0),
    index bigint not null,
    hash bytea not null check (length(hash) = 32),
    primary key (level, index)
);

-- custody.leaf(position, subject, event, hash): the leaf of a position: SHA-256 of 0x00 and of the
-- canonical bytes of its row: 0x01, position (8), event id (16), hash (32), subject. Stable, not
-- immutable, so that it is inlined.
create function custody.leaf(p_position bigint, p_subject text, p_event uuid, p_hash bytea)
returns bytea
language sql stable parallel safe as $$
    select sha256('\x0001'::bytea || int8send(p_position) || uuid_send(p_event) || p_hash
                  || convert_to(p_subject, 'UTF8'))
$$;

-- custody.log_state(): where the log, its last checkpoint and the stored tree end, for the maker.
-- Reads custody.log_head, custody.checkpoint, custody.tree.
create function custody.log_state(out origin uuid, out last bigint, out size bigint,
                                  out blocks bigint)
language sql stable as $$
    select (select o.origin from custody.log_origin o),
           (select h.position from custody.log_head h),
           coalesce((select max(c.size) from custody.checkpoint c), 0),
           coalesce((select max(t.index) + 1 from custody.tree t where t.level = 8), 0)
$$;

-- custody.leaves(after, most): leaves of the positions behind `after`, one behind the other.
-- Reads custody.log.
create function custody.leaves(p_after bigint, p_most int) returns bytea
language sql stable as $$
    select string_agg(custody.leaf(l.position, l.subject, l.event_id, l.hash), null
                      order by l.position)
    from (select * from custody.log where position > p_after and position <= p_after + p_most) l
$$;

-- custody.checkpoint_put(size, root, at, key, signature, levels, indexes, hashes): a checkpoint and
-- the subtrees that became complete with it. The checkpoint is left out when another instance was
-- there first, or made one within a second of it and less than 10,000 events before. Returns whether
-- it is stored now. Writes custody.checkpoint, custody.tree.
create function custody.checkpoint_put(p_size bigint, p_root bytea, p_at timestamptz, p_key bytea,
    p_signature bytea, p_levels int[], p_indexes bigint[], p_hashes bytea[]) returns boolean
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtext('custody.checkpoint'));
    insert into custody.tree (level, index, hash)
    select * from unnest(p_levels, p_indexes, p_hashes)
    on conflict do nothing;
    insert into custody.checkpoint (size, root, at, key, signature)
    select p_size, p_root, p_at, p_key, p_signature
    where not exists (
        select from (select c.size, c.at from custody.checkpoint c order by c.size desc limit 1) l
        where l.size >= p_size
           or l.size > p_size - 10000 and l.at > p_at - interval '1 second'
              and l.at < p_at + interval '1 second');
    return found;
end $$;

-- custody.checkpoint_of(size): the checkpoint of that size, or the last one (null).
-- Reads custody.checkpoint.
create function custody.checkpoint_of(p_size bigint)
returns table (origin uuid, size bigint, root bytea, at timestamptz, key bytea, signature bytea)
language sql stable as $$
    select o.origin, c.size, c.root, c.at, c.key, c.signature
    from custody.log_origin o, custody.checkpoint c
    where p_size is null or c.size = p_size
    order by c.size desc limit 1
$$;

-- custody.position_of(subject, event): null when the log does not have it. Reads custody.log.
create function custody.position_of(p_subject text, p_event uuid) returns bigint
language sql stable as $$
    select l.position from custody.log l
    where l.subject = p_subject and l.event_id = p_event order by l.position limit 1
$$;

-- custody.tiles(levels, tiles): up to 256 neighbours, at level 0, 8, 16 …, from tile * 256 on, one
-- behind the other: leaves from the log, subtrees from the tree. Reads custody.log, custody.tree.
create function custody.tiles(p_levels int[], p_tiles bigint[])
returns table (ord int, hashes bytea)
language sql stable as $$
    select t.ord::int, case when t.level = 0 then custody.leaves(t.tile * 256, 256)
        else (select string_agg(n.hash, null order by n.index) from custody.tree n
              where n.level = t.level and n.index >= t.tile * 256
                and n.index < t.tile * 256 + 256) end
    from unnest(p_levels, p_tiles) with ordinality as t (level, tile, ord)
$$;

-- custody.event_fields(event): an event as evidence carries it: the members are what
-- custody.event_bytes binds, under the same names, those of varying length as the very texts.
create function custody.event_fields(e custody.event) returns jsonb
language sql stable as $$
    select jsonb_build_object(
        'id', e.id, 'at', e.at, 'received_at', e.received_at, 'device_at', e.device_at,
        'device', e.device, 'device_seq', e.device_seq, 'actor', e.actor, 'unit', e.unit::text,
        'subject', e.subject, 'kind', e.kind, 'outcome', e.outcome, 'warnings', e.warnings::text,
        'state', e.state, 'holder_kind', e.holder_kind, 'holder_id', e.holder_id::text,
        'target_kind', e.target_kind, 'target_id', e.target_id::text, 'container', e.container,
        'refers', e.refers::text, 'reason', e.reason, 'next_action', e.next_action,
        'data', e.data::text)
        || jsonb_build_object('digest', encode(e.digest, 'hex'), 'mac', encode(e.mac, 'hex'))
$$;

-- custody.evidence_of(subject, what, since, until, size, personal): the chain of a subject as far as
-- the checkpoint goes: {subject, what, whole, events: [{position, prev, joined?, hash, fields,
-- payload?}], uncovered}. whole: from its first event to the checkpoint, none left out. uncovered:
-- events that are newer. personal: with the sealed payloads, for the program to open.
-- An event that was purged is told by its leaf: {position, prev, joined?, hash, event, purged}.
-- Reads custody.log, custody.event, custody.payload, custody.purge.
create function custody.evidence_of(p_subject text, p_what text, p_since timestamptz,
                                    p_until timestamptz, p_size bigint,
                                    p_personal boolean default false) returns jsonb
language sql stable as $$
    with chain as (
        select l.position, l.prev, l.joined, l.hash, l.event_id, e as event,
               e.id is null as purged,
               coalesce(e.at >= p_since and e.at <= p_until, true) as inside
        from custody.log l
        left join custody.event e on e.subject = l.subject and e.id = l.event_id
        where l.subject = p_subject
          and (e.id is not null
               or exists (select from custody.purge p where l.event_id >= p.from_id
                          and l.event_id < p.to_id and l.position <= p.position)))
    select jsonb_build_object('subject', p_subject, 'what', p_what,
        'whole', coalesce(bool_and(c.inside), true),
        'uncovered', (select count(*) from custody.event e
                      where e.subject = p_subject and e.at >= p_since and e.at <= p_until)
                     - count(*) filter (where c.inside and c.position <= p_size and not c.purged),
        'events', coalesce(jsonb_agg(jsonb_build_object('position', c.position,
                'prev', encode(c.prev, 'hex'), 'joined', encode(c.joined, 'hex'),
                'hash', encode(c.hash, 'hex'))
                || case when c.purged
                        then jsonb_build_object('event', c.event_id, 'purged', true)
                        else jsonb_build_object('fields', custody.event_fields(c.event)) end
                || coalesce((select jsonb_build_object('payload', p.payload)
                             from custody.payload_of(c.event) as p (payload)
                             where p_personal and p.payload is not null), '{}')
                order by c.position)
            filter (where c.inside and c.position <= p_size), '[]'))
    from chain c
$$;

-- dossier.evidence(key, actor, unit, roles, size): what custody.evidence_of says of the dossier, its
-- shipments, and the containers those lay in for as long as they did, under the checkpoint of that
-- size (null: the last): {code, checkpoint: {origin, size, root, at, key, signature}, subjects};
-- personal payloads with it for whoever sees all of the personal part.
-- The reading is recorded. Problem not-found, also when there is no such checkpoint.
-- Reads custody.*, container.*; writes dossier.access.
create function dossier.evidence(p_key text, p_actor bigint, p_unit bigint, p_roles int,
                                 p_size bigint)
returns table (code text, origin uuid, size bigint, root bytea, at timestamptz, key bytea,
               signature bytea, subjects jsonb)
language plpgsql as $$
declare
    d dossier.dossier := dossier.locate(p_key, p_actor, p_unit, p_roles);
    v_personal boolean := dossier.reach(d, p_actor, p_unit, p_roles) = 'full';
    c record;
begin
    insert into dossier.access (dossier, account, unit, what)
    values (d.id, p_actor, p_unit, 'evidence');
    select * into c from custody.checkpoint_of(p_size);
    if c.size is null then
        perform base.problem('not-found');
    end if;
    return query
    with recursive lay (subject, since, until, depth) as (
        select s.number, '-infinity'::timestamptz, 'infinity'::timestamptz, 0
        from custody.shipment s where s.dossier = d.id
        union all
        select k.container, greatest(m.began_at, w.since),
               least(m.ended_at, k.opened_at, w.until), w.depth + 1
        from lay w
        join container.membership m on m.subject = w.subject
        join container.closure k on k.id = m.closure
        where w.depth < 5 and m.began_at <= w.until
          and coalesce(m.ended_at, k.opened_at, 'infinity') >= w.since),
    named (subject, what, since, until, pos) as (
        select d.id::text collate "C", 'dossier', '-infinity'::timestamptz,
               'infinity'::timestamptz, 0
        union all
        select w.subject, case w.depth when 0 then 'shipment' else 'container' end,
               min(w.since), max(w.until), min(w.depth) + 1
        from lay w group by w.subject, case w.depth when 0 then 'shipment' else 'container' end)
    select d.code, c.origin, c.size, c.root, c.at, c.key, c.signature,
           jsonb_agg(custody.evidence_of(n.subject, n.what, n.since, n.until, c.size, v_personal)
                     order by n.pos, n.subject)
    from named n;
end $$;

do $$
begin
    perform base.revoke_service('insert, update', 'custody.log_origin');
    perform base.revoke_service('update, delete, truncate', 'custody.key_mark');
    perform base.revoke_service('update, delete, truncate', 'custody.checkpoint');
    perform base.revoke_service('update, delete, truncate', 'custody.tree');
end $$;
