-- What staff write in their own words, with a step, a finding or a decision. It may name people, and
-- an event is for ever: so it lies apart and can be erased, and the event carries its mac alone.

-- The event's mac is HMAC-SHA256(salt, text). Erased: neither text nor salt.
create table custody.remark (
    subject text collate "C" not null,
    event uuid not null,
    text text,
    salt bytea,
    primary key (subject, event),
    check ((text is null) = (salt is null))
);

-- custody.keep_remark(subject, event, text): keeps it; the mac for the event, null for no text.
-- Writes custody.remark.
create function custody.keep_remark(p_subject text, p_event uuid, p_text text) returns bytea
language plpgsql as $$
declare
    v_salt bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
begin
    if coalesce(p_text, '') = '' then
        return null;
    end if;
    insert into custody.remark (subject, event, text, salt)
    values (p_subject, p_event, p_text, v_salt);
    return base.hmac_sha256(v_salt, convert_to(p_text, 'UTF8'));
end $$;

-- custody.payload_of(event): its personal payload for the program to open: {sealed, key, salt} in
-- hex; {"erased": true}; null when it never had one. Reads custody.payload.
create function custody.payload_of(e custody.event) returns jsonb
language sql stable as $$
    select case when p.salt is null then '{"erased": true}'
                else jsonb_build_object('sealed', encode(p.sealed, 'hex'),
                         'key', encode(p.key, 'hex'), 'salt', encode(p.salt, 'hex')) end
    from custody.payload p
    where e.mac is not null and p.subject = e.subject and p.event = e.id
$$;

-- custody.forget_notes(subjects): the notes on lists and decisions, and why their labels were printed again.
-- Writes custody.handover_item, custody.exception, label.print.
create function custody.forget_notes(p_subjects text[]) returns void
language plpgsql as $$
begin
    update custody.handover_item set note = null where number = any (p_subjects) and note is not null;
    update custody.exception set note = null where subject = any (p_subjects) and note is not null;
    perform label.forget_reasons(p_subjects);
end $$;

-- custody.erase(subjects): destroys what lies apart from the events of these: personal payloads,
-- remarks, files, notes, and replies kept for a repeat. The events stay as they are, so every chain stays
-- valid. True when a payload or remark was left. Writes custody.payload, custody.remark, base.idempotency and
-- as custody.forget_notes.
create function custody.erase(p_subjects text[]) returns boolean
language plpgsql as $$
declare
    erased boolean;
begin
    update custody.payload set sealed = '', key = null, salt = null
    where subject = any (p_subjects) and salt is not null;
    erased := found;
    update custody.remark set text = null, salt = null
    where subject = any (p_subjects) and salt is not null;
    erased := found or erased;
    if attachment.erase(p_subjects) then
        erased := true;
    end if;
    perform custody.forget_notes(p_subjects);
    delete from base.idempotency i
    where exists (select from unnest(p_subjects) as s where strpos(i.reply, s) > 0);
    return erased;
end $$;
