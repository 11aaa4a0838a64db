-- What was written wrongly at an intake is corrected within the shift, as an event that says which
-- members, never what stood there: that lies sealed, the old beside the new, until it is erased.

-- dossier.corrected(dossier, body): the members that the body changes, as paths without a slash in
-- front: those that the program found in the sealed part, the weight, the papers.
-- Reads dossier.document.
create function dossier.corrected(d dossier.dossier, body jsonb) returns jsonb
language sql stable as $$
    select (body -> 'corrected')
        || case when (body ->> 'weight_g')::int <> d.weight_g then '["weight_g"]' else '[]' end::jsonb
        || case when body ? 'documents' and (
               select jsonb_agg(jsonb_build_array(doc ->> 'name', (doc ->> 'originals')::int,
                   (doc ->> 'copies')::int, coalesce((doc ->> 'returned')::boolean, x.returned))
                   order by n)
               from jsonb_array_elements(body -> 'documents') with ordinality as docs(doc, n)
               left join dossier.document x on x.dossier = d.id and x.name = doc ->> 'name')
               is distinct from (
               select jsonb_agg(jsonb_build_array(x.name, x.originals, x.copies, x.returned)
                                order by x.line)
               from dossier.document x where x.dossier = d.id)
           then '["documents"]' else '[]' end::jsonb
$$;

-- dossier.check_correction(dossier, body): as for an intake. Problems invalid-fields,
-- unknown-commune, unknown-unit.
create function dossier.check_correction(d dossier.dossier, body jsonb) returns void
language plpgsql stable as $$
begin
    if dossier.corrected(d, body) = '[]' then
        perform base.wrong_field('', 'unchanged', 'Không có thông tin nào thay đổi.',
                                 'Nothing is different from what is on record.');
    end if;
    perform dossier.check_commune(body ->> 'from_commune', '/applicant/address/commune');
    perform dossier.check_result(body || jsonb_build_object('service', d.service));
    perform dossier.check_online_result(body, dossier.procedure_body(d.procedure, d.procedure_version));
    if body ->> 'result_to_kind' = 'address' then
        perform dossier.check_commune(body ->> 'result_commune', '/result_to/address/commune');
    end if;
    if body ? 'documents' then
        perform dossier.check_documents(body -> 'documents');
    end if;
end $$;

-- dossier.keep_returned(dossier, list): the papers of a correction; where it does not say whether
-- originals go back, that stays as it was for a paper that had some. Reads dossier.document.
create function dossier.keep_returned(p_dossier uuid, list jsonb) returns jsonb
language sql stable as $$
    select jsonb_agg(case when x.name is null then doc
                          else jsonb_build_object('returned', x.returned) || doc end order by n)
    from jsonb_array_elements(list) with ordinality as docs(doc, n)
    left join dossier.document x on x.dossier = p_dossier and x.originals > 0
         and base.fold(x.name) = base.fold(doc ->> 'name')
$$;

-- dossier.rewrite(dossier, body): the record as the body has it. Writes dossier.dossier,
-- dossier.document.
create function dossier.rewrite(d dossier.dossier, body jsonb) returns void
language plpgsql as $$
declare
    papers jsonb := dossier.keep_returned(d.id, body -> 'documents');
begin
    update dossier.dossier set
        applicant_kind = body ->> 'applicant_kind', from_commune = body ->> 'from_commune',
        result_to_kind = body ->> 'result_to_kind',
        result_unit = case when body ->> 'result_to_kind' = 'post_office'
                           then postal.unit_by_code(body ->> 'result_unit') end,
        result_commune = case when body ->> 'result_to_kind' = 'address'
                              then body ->> 'result_commune' end,
        weight_g = coalesce((body ->> 'weight_g')::int, weight_g)
    where id = d.id;
    if body ? 'documents' then
        delete from dossier.document where dossier = d.id;
        perform dossier.write_documents(d.id, papers,
            dossier.procedure_body(d.procedure, d.procedure_version));
    end if;
end $$;

-- dossier.reprice(dossier, body): the postage for another weight or from another commune, by what the
-- quote changes, told as money.reprice does. Reads custody.event (the extras that were ordered, and
-- what the correction before told); writes money.charge.
create function dossier.reprice(d dossier.dossier, body jsonb) returns jsonb
language plpgsql as $$
declare
    commune text := body ->> 'from_commune';
    grams int := coalesce((body ->> 'weight_g')::int, d.weight_g);
    extras text[] := array(
        select jsonb_array_elements_text(e.data -> 'extras') from custody.event e
        where e.subject = d.id::text and e.kind = 'dossier.register');
    short jsonb := (
        select e.data -> 'short' from custody.event e
        where e.subject = d.id::text and e.kind = 'dossier.correct_intake' and e.data ? 'short'
        order by (e.data ->> 'version')::int desc limit 1);
begin
    if grams = d.weight_g and commune = d.from_commune then
        return '{}';
    end if;
    return money.reprice(d.id,
        postal.quote(d.procedure, d.from_commune, d.agency, d.weight_g, d.service, extras,
                     p_receiving => d.receiving) -> 'lines',
        postal.quote(d.procedure, commune, d.agency, grams, d.service, extras,
                     p_receiving => d.receiving) -> 'lines', short);
end $$;

-- dossier.piece_weight(grams, piece, pieces): an equal share, the first ones a gram more.
create function dossier.piece_weight(grams int, piece int, pieces int) returns int
language sql immutable as $$
    select greatest(grams / pieces + (piece <= grams % pieces)::int, 1)
$$;

-- dossier.relabel(dossier, actor, unit, corrected): its shipments weigh what it weighs now, and where
-- something that stands on a printed label is wrong now, the next copy is the current one.
-- Writes custody.shipment (copy, weight_g), custody.event (correct).
create function dossier.relabel(p_dossier uuid, p_actor bigint, p_unit bigint, corrected jsonb)
returns void
language plpgsql as $$
declare
    weight int := (select weight_g from dossier.dossier where id = p_dossier);
begin
    if corrected ? 'weight_g' then
        update custody.shipment set weight_g = dossier.piece_weight(weight, piece, pieces)
        where dossier = p_dossier;
        perform custody.append(s.number, base.uuid_v7(), 'correct', p_actor, p_unit,
                               jsonb_build_object('weight_g', s.weight_g))
        from custody.shipment s where s.dossier = p_dossier;
    end if;
    update custody.shipment set copy = copy + 1
    where dossier = p_dossier and copy > 0 and exists (
        select from jsonb_array_elements_text(corrected) as path
        where path ~ '^(applicant[.](name|phone|address)|weight_g)');
end $$;

-- dossier.reseal(dossier, event, sealed, key, salt): the new personal part is this event's; the old one
-- stays beside its own until both are erased. Problem conflict when it is erased already.
-- Writes custody.payload, dossier.personal.
create function dossier.reseal(p_dossier uuid, p_event uuid, p_sealed bytea, p_key bytea,
                               p_salt bytea) returns void
language plpgsql as $$
begin
    insert into custody.payload (subject, event, sealed, key, salt)
    select x.dossier::text, x.event, x.sealed, x.key, x.salt
    from dossier.personal x where x.dossier = p_dossier and x.erased_at is null;
    if not found then
        perform base.problem('conflict');
    end if;
    update dossier.personal set event = p_event, sealed = p_sealed, key = p_key, salt = p_salt
    where dossier = p_dossier;
end $$;

-- dossier.to_change(actor, unit, roles, key, version, action): the dossier for a step that changes its
-- intake, locked with its shipments. version: the one that the asker saw; null: any. Problems
-- not-found, precondition-failed and as dossier.choose.
create function dossier.to_change(p_actor bigint, p_unit bigint, p_roles int, p_key text,
                                  p_version int, p_action text) returns dossier.dossier
language plpgsql as $$
declare
    d dossier.dossier := dossier.locate(p_key, p_actor, p_unit, p_roles);
begin
    -- A scan or signing locks the shipments before their dossier; so does this.
    perform custody.subject_lock(array(select number from custody.shipment where dossier = d.id));
    select * into d from dossier.dossier where id = d.id for update;
    perform dossier.check_version(d, p_version);
    perform dossier.choose(d, p_action, p_actor, p_unit, p_roles);
    return d;
end $$;

-- dossier.correct(actor, unit, roles, key, body, sealed, key, salt, mac, version, idempotency key,
-- digest): body: applicant_kind, from_commune, result_to_kind, result_unit?, result_commune? as they
-- shall be, weight_g?, documents?, corrected: the paths of the personal members that change; sealed:
-- the whole personal part. version: the one that the asker changes. Returns dossier.view() with
-- allowed_actions. Problems as dossier.act and dossier.intake, conflict (erased).
-- Writes dossier.*, money.charge, custody.event, custody.payload, custody.shipment.
create function dossier.correct(p_actor bigint, p_unit bigint, p_roles int, p_key text, body jsonb,
                                p_sealed bytea, p_seal_key bytea, p_salt bytea, p_mac bytea,
                                p_version int, p_idem text default null,
                                p_digest bytea default null) returns jsonb
language plpgsql as $$
declare
    d dossier.dossier;
    members jsonb;
    event uuid;
    reply jsonb := base.replay(p_actor, p_idem, p_digest);
begin
    if reply is not null then
        return reply;
    end if;
    d := dossier.to_change(p_actor, p_unit, p_roles, p_key, p_version, 'correct_intake');
    perform dossier.check_correction(d, body);
    members := dossier.corrected(d, body);
    event := dossier.record(d.id, 'correct_intake', now(), p_actor, p_unit,
        jsonb_build_object('from', d.status, 'to', d.status, 'corrected', members)
            || dossier.reprice(d, body),
        case when body -> 'corrected' <> '[]' then p_mac end);
    perform dossier.rewrite(d, body);
    if body -> 'corrected' <> '[]' then
        perform dossier.reseal(d.id, event, p_sealed, p_seal_key, p_salt);
    end if;
    perform dossier.relabel(d.id, p_actor, p_unit, members);
    return base.replied(p_actor, p_idem, p_digest,
                        dossier.view_for(d.id, p_actor, p_unit, p_roles));
end $$;
