-- Who asks for how many numbers: what several instances count together, so that an address has one
-- allowance and not one at each (src/tracking/track_meter.h).

-- full_at: when the address's allowance is whole again; the row goes then. An IPv6 address is the first
-- of its /64. Not logged: after a crash everybody begins with a whole allowance.
create unlogged table dossier.track_use (
    address text collate "C" primary key,
    full_at timestamptz not null
) with (fillfactor = 50);
create index on dossier.track_use (full_at);
select base.grant_service('delete', 'dossier.track_use');

-- dossier.track_exchange(addresses, used, most, notable): adds what the addresses used at one
-- instance, in microseconds of refilling, and tells what all instances together have for these and for
-- every address over `notable` (at most 4,096, the worst first). most: of one address no more is
-- kept. -> (address, used). Writes dossier.track_use. Rows are locked in order of their addresses, and
-- what has ended is deleted only where nobody waits for it: no deadlock.
create function dossier.track_exchange(p_addresses text[], p_used bigint[], p_most bigint,
                                       p_notable bigint)
returns table (address text, used bigint)
language plpgsql as $$
declare
    most constant interval := p_most * interval '1 microsecond';
begin
    insert into dossier.track_use as t (address, full_at)
    select u.address, now() + least(u.used * interval '1 microsecond', most)
    from unnest(p_addresses, p_used) as u (address, used) order by u.address
    on conflict on constraint track_use_pkey do update
    set full_at = least(greatest(t.full_at, now()) + (excluded.full_at - now()), now() + most);

    delete from dossier.track_use t
    where t.address in (select o.address from dossier.track_use o where o.full_at <= now()
                        limit 1000 for update skip locked);

    return query
        select t.address, (extract(epoch from t.full_at - now()) * 1000000)::bigint
        from dossier.track_use t
        where t.full_at > now() + p_notable * interval '1 microsecond'
           or t.address = any (p_addresses) and t.full_at > now()
        order by t.full_at desc limit 4096;
end $$;
