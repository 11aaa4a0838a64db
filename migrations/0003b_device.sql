-- Devices: a phone or scanner of one account. It numbers its scans, so that a gap shows; and its
-- clock is compared with ours at every sending, so that its times can be corrected at receipt.

-- account.device_json(device): as GET /v1/devices/{id} shows it. gaps: sequence numbers below the
-- last that have not come, the first hundred stretches.
create function account.device_json(d account.device) returns jsonb
language sql stable as $$
    select jsonb_build_object('id', d.key, 'name', d.name,
        'account', jsonb_build_object('id', a.id::text, 'login', a.login, 'name', a.name),
        'unit', u.code, 'registered_at', d.registered_at, 'seen_at', d.seen_at,
        'skew_ms', d.skew_ms, 'revoked_at', d.revoked_at,
        'last_seq', coalesce(upper(d.received) - 1, 0),
        'gaps', (select coalesce(jsonb_agg(jsonb_build_object('from', lower(g), 'to', upper(g) - 1)
                                           order by g), '[]')
                 from (select g from unnest(int8multirange(int8range(1, upper(d.received)))
                                            - d.received) as g
                       where not isempty(d.received) order by g limit 100) x))
    from account.account a left join postal.unit u on u.id = d.unit_id
    where a.id = d.account
$$;

-- account.device_register(account, unit, key, name, token hash, first number) -> the device. It
-- counts from the first number on. The same
-- key again: a new token, the old one is worth nothing then. Problem id-reused when the key is another
-- account's or was revoked. Writes account.device, account.api_key.
create function account.device_register(p_account bigint, p_unit bigint, p_key uuid, p_name text,
                                        p_hash bytea, p_first bigint default 1) returns jsonb
language plpgsql as $$
declare
    d account.device;
begin
    insert into account.device as x (key, account, unit_id, name, received)
    values (p_key, p_account, nullif(p_unit, 0), p_name, int8multirange(int8range(1, p_first)))
    on conflict (key) do update set name = excluded.name, unit_id = excluded.unit_id
        where x.account = excluded.account and x.revoked_at is null
    returning * into d;
    if d.id is null then
        perform base.problem('id-reused');
    end if;
    update account.api_key set revoked_at = now() where device = d.id and revoked_at is null;
    if found then
        perform pg_notify('account', 'device');
    end if;
    insert into account.api_key (account, device, name, hash)
    values (p_account, d.id, p_name, p_hash);
    return account.device_json(d);
end $$;

-- account.sees_device(device, account, unit, roles): whoever uses it; supervisors those of their
-- province, administrators all. Reads postal.*.
create function account.sees_device(d account.device, p_account bigint, p_unit bigint, p_roles int)
returns boolean
language sql stable as $$
    select d.account = p_account or p_roles & 64 <> 0
        or p_roles & 32 <> 0 and postal.same_province(p_unit, d.unit_id)
$$;

-- account.device_get(account, unit, roles, key) -> the device, or null.
create function account.device_get(p_account bigint, p_unit bigint, p_roles int, p_key uuid)
returns jsonb
language sql stable as $$
    select account.device_json(d) from account.device d
    where d.key = p_key and account.sees_device(d, p_account, p_unit, p_roles)
$$;

-- account.devices(account, unit, roles, after, limit) -> {items, next}, the newest first.
create function account.devices(p_account bigint, p_unit bigint, p_roles int, p_after bigint,
                                p_limit int) returns jsonb
language sql stable as $$
    select jsonb_build_object(
        'items', coalesce(jsonb_agg(account.device_json(x.d) order by (x.d).id desc)
                          filter (where x.n <= p_limit), '[]'),
        'next', (max((x.d).id) filter (where x.n = p_limit and x.more))::text)
    from (select d, row_number() over w as n, lead(d.id) over w is not null as more
          from account.device d
          where account.sees_device(d, p_account, p_unit, p_roles)
            and (p_after = 0 or d.id < p_after)
          window w as (order by d.id desc) limit p_limit + 1) x
$$;

-- account.device_revoke(account, unit, roles, key) -> the device, or null. Its token is worth
-- nothing from now on, and its scans are not taken. Writes account.device.
create function account.device_revoke(p_account bigint, p_unit bigint, p_roles int, p_key uuid)
returns jsonb
language plpgsql as $$
declare
    d account.device;
begin
    update account.device x set revoked_at = coalesce(x.revoked_at, now())
    where x.key = p_key and account.sees_device(x, p_account, p_unit, p_roles)
    returning * into d;
    perform pg_notify('account', 'device');
    return case when d.id is not null then account.device_json(d) end;
end $$;

-- account.device_heard(account, device or null, key or null, skew): a device sends something, and
-- its clock is that far behind ours (null: it did not tell). -> its id, its key, and by how much
-- its times are to be moved. A message that was long under way looks like a clock that is behind:
-- up to a minute is taken for that, and likewise up to a minute more than what was measured within
-- the hour. Below two seconds nothing is moved; what was measured over a day ago says nothing.
-- Problem unknown-device: not registered by this account, or revoked. Writes account.device.
create function account.device_heard(p_account bigint, p_device bigint, p_key uuid,
                                     p_skew_ms bigint)
returns table (device bigint, key uuid, skew_ms bigint)
language plpgsql as $$
declare
    d account.device;
    v_skew bigint := p_skew_ms;
begin
    select * into d from account.device x
    where x.account = p_account and x.revoked_at is null and (p_device is null or x.id = p_device)
      and (p_key is null or x.key = p_key)
      and (p_device is not null or p_key is not null)
    for update;
    if d.id is null then
        perform base.problem('unknown-device');
    end if;
    if p_skew_ms is null then
        v_skew := case when d.measured_at > now() - interval '1 day' then d.skew_ms else 0 end;
    elsif d.measured_at > now() - interval '1 hour'
          and p_skew_ms between d.skew_ms and d.skew_ms + 60000 then
        v_skew := d.skew_ms;
    else
        v_skew := case when p_skew_ms between 0 and 60000 then 0 else p_skew_ms end;
        d.skew_ms := v_skew;
        d.measured_at := now();
    end if;
    -- The scans that follow are durable by their own commit.
    perform set_config('synchronous_commit', 'off', true);
    update account.device x
    set seen_at = now(), skew_ms = d.skew_ms, measured_at = d.measured_at where x.id = d.id;
    return query select d.id, d.key, case when abs(v_skew) < 2000 then 0 else coalesce(v_skew, 0) end;
end $$;

-- account.device_received(device, sequence numbers): they have come. Writes account.device.
create function account.device_received(p_device bigint, p_seqs bigint[]) returns void
language sql as $$
    update account.device d
    set received = d.received
        + (select coalesce(range_agg(int8range(s, s, '[]')), '{}') from unnest(p_seqs) s
           where s > 0)
    where d.id = p_device
$$;
