-- Receipts: what a device may delete, because the service has it.

-- custody.receipt(device, sequence numbers, subjects, ids) -> the position in the log up to which
-- all these events stand, null while one of them has none yet. device null: nobody counts.
-- Reads custody.log; writes account.device.
create function custody.receipt(p_device bigint, p_seqs bigint[], p_subjects text[], p_ids uuid[])
returns bigint
language plpgsql as $$
declare
    v_position bigint;
begin
    if p_device is not null then
        perform account.device_received(p_device, p_seqs);
    end if;
    select case when count(*) = count(l.position) then max(l.position) end into v_position
    from unnest(p_subjects, p_ids) as u (subject, id)
    left join custody.log l on l.subject = u.subject and l.event_id = u.id;
    return v_position;
end $$;
