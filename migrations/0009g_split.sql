-- What was taken in as one and is two, or as two and is one; and one dossier's papers in several
-- pieces. Within the shift, under the conditions of a correction: while the papers lie at the counter.

-- --- splitting -----------------------------------------------------------------------------------

-- dossier.check_split(dossier, body): what is split off (documents, weight_g) is in it, and something
-- stays. Problem invalid-fields. Reads dossier.document.
create function dossier.check_split(d dossier.dossier, body jsonb) returns void
language plpgsql stable as $$
declare
    v_place int;
begin
    perform dossier.check_documents(body -> 'documents');
    select n - 1 into v_place
    from jsonb_array_elements(body -> 'documents') with ordinality as docs(doc, n)
    left join dossier.document x on x.dossier = d.id and base.fold(x.name) = base.fold(doc ->> 'name')
    where x.name is null or x.originals < (doc ->> 'originals')::int
       or x.copies < (doc ->> 'copies')::int
    order by n limit 1;
    if found then
        perform base.wrong_field(format('/documents/%s', v_place), 'choice',
            'Hồ sơ không có giấy tờ này với số bản như vậy.',
            'The dossier has no such paper, or not so many sheets of it.');
    end if;
    if (select sum((doc ->> 'originals')::int + (doc ->> 'copies')::int)
        from jsonb_array_elements(body -> 'documents') doc)
       = (select sum(originals + copies) from dossier.document where dossier = d.id) then
        perform base.wrong_field('/documents', 'too_big', 'Hồ sơ cũ phải còn ít nhất một giấy tờ.',
                                 'At least one paper must stay.');
    end if;
    if (body ->> 'weight_g')::int >= d.weight_g then
        perform base.wrong_field('/weight_g', 'too_big',
            format('Phần tách ra phải nhẹ hơn cả hồ sơ (%s g).', d.weight_g),
            format('What is split off weighs less than the whole (%s g).', d.weight_g));
    end if;
end $$;

-- dossier.new_part(dossier, procedure, body): the record of what is split off, as dossier.insert takes
-- it: as the old one, but for what the body says. Reads dossier.document.
create function dossier.new_part(d dossier.dossier, p jsonb, body jsonb) returns jsonb
language sql stable as $$
    select jsonb_build_object('id', body -> 'id', 'service', d.service,
        'applicant_kind', d.applicant_kind, 'from_commune', d.from_commune,
        'result_to_kind', d.result_to_kind, 'result_commune', d.result_commune,
        'result_unit', (select code from postal.unit where id = d.result_unit),
        'weight_g', body -> 'weight_g',
        'documents', (
            select jsonb_agg(doc || jsonb_build_object('name', x.name,
                       'returned', coalesce((doc ->> 'returned')::boolean, x.returned)) order by n)
            from jsonb_array_elements(body -> 'documents') with ordinality as docs(doc, n)
            join dossier.document x on x.dossier = d.id
                 and base.fold(x.name) = base.fold(doc ->> 'name')))
$$;

-- dossier.take_out(dossier, documents, weight_g, actor, unit): it has these no more. Writes
-- dossier.document, dossier.dossier and as dossier.relabel.
create function dossier.take_out(d dossier.dossier, list jsonb, grams int, p_actor bigint,
                                 p_unit bigint) returns void
language plpgsql as $$
begin
    with gone as (select base.fold(doc ->> 'name') as name, (doc ->> 'originals')::int as originals,
                         (doc ->> 'copies')::int as copies
                  from jsonb_array_elements(list) doc)
    update dossier.document x set originals = x.originals - g.originals,
                                  copies = x.copies - g.copies,
                                  returned = x.returned and x.originals > g.originals
    from gone g where x.dossier = d.id and base.fold(x.name) = g.name;
    delete from dossier.document where dossier = d.id and originals + copies = 0;
    update dossier.dossier set weight_g = d.weight_g - grams where id = d.id;
    perform dossier.relabel(d.id, p_actor, p_unit, '["weight_g"]');
end $$;

-- dossier.split(actor, unit, roles, key, body, sealed, key, salt, mac, version, digest, receipt): some
-- of its papers become a dossier of their own, with its own code and shipment. body: id of the new one,
-- procedure? and agency? when they are others, documents, weight_g, charges? (ids of the lines that go
-- along whole, see money.hand_on). sealed: the personal part, for the new one; receipt: the hash of
-- its receipt's first code. Returns view_for() and receipt_issue() of the new one; the same id and digest give the stored reply. Problems as dossier.intake and
-- dossier.to_change. Writes dossier.*, money.charge, custody.*.
create function dossier.split(p_actor bigint, p_unit bigint, p_roles int, p_key text, body jsonb,
                              p_sealed bytea, p_seal_key bytea, p_salt bytea, p_mac bytea,
                              p_version int, p_digest bytea, p_receipt bytea default null)
returns jsonb
language plpgsql as $$
declare
    v_new uuid := (body ->> 'id')::uuid;
    d dossier.dossier;
    p jsonb;
    agency bigint;
    moved jsonb;
    event uuid;
    reply jsonb;
begin
    perform pg_advisory_xact_lock(hashtextextended(body ->> 'id', 9));
    reply := dossier.replay(v_new, p_actor, p_digest);
    if reply is not null then
        return reply;
    end if;
    d := dossier.to_change(p_actor, p_unit, p_roles, p_key, p_version, 'split_intake');
    perform dossier.check_split(d, body);
    p := case when body ? 'procedure' then procedure.for_post(body ->> 'procedure')
              else dossier.procedure_body(d.procedure, d.procedure_version)
                   || jsonb_build_object('version', d.procedure_version) end;
    agency := case when body ? 'agency' then postal.unit_by_code(body ->> 'agency')
                   else d.agency end;
    perform procedure.check_agency(agency, p);
    perform dossier.insert(dossier.new_part(d, p, body), p, agency, d.office, p_actor, p_digest);
    update dossier.dossier x set split_from = d.id,
        receiving = case when x.agency = d.agency then d.receiving end
    where x.id = v_new;
    perform dossier.take_out(d, body -> 'documents', (body ->> 'weight_g')::int, p_actor, p_unit);
    moved := money.hand_on(d.id, v_new,
        array(select jsonb_array_elements_text(body -> 'charges')::bigint),
        (body ->> 'weight_g')::int, d.weight_g);
    if d.service in ('send', 'both') then
        perform custody.create_shipment(v_new, 'outward', d.office,
                                        case when agency = d.agency then coalesce(d.receiving, agency)
                                             else agency end,
                                        (body ->> 'weight_g')::int, p_actor);
    end if;
    event := dossier.part_record(d, v_new, body, moved, p_actor, p_unit, p_mac);
    insert into dossier.personal (dossier, event, sealed, key, salt)
    values (v_new, event, p_sealed, p_seal_key, p_salt);
    perform dossier.keep_receipt(v_new, p_receipt);
    reply := dossier.view_for(v_new, p_actor, p_unit, p_roles) || dossier.receipt_issue(v_new);
    perform base.idempotency_finish(p_actor, 'dossier ' || v_new, p_digest, 201, reply::text);
    return reply;
end $$;

-- dossier.part_record(dossier, new, body, moved, actor, unit, mac): both events of a split: of the old
-- one, and the registration of the new one, whose id it returns. Writes as dossier.record.
create function dossier.part_record(d dossier.dossier, p_new uuid, body jsonb, moved jsonb,
                                    p_actor bigint, p_unit bigint, p_mac bytea) returns uuid
language plpgsql as $$
declare
    n dossier.dossier;
begin
    select * into strict n from dossier.dossier where id = p_new;
    perform dossier.record(d.id, 'split_intake', now(), p_actor, p_unit, jsonb_build_object(
        'from', d.status, 'to', d.status, 'into', p_new, 'other', n.code, 'moved', moved,
        'documents', body -> 'documents', 'weight_g', body -> 'weight_g'));
    return dossier.record(p_new, 'register', now(), p_actor, d.office, jsonb_strip_nulls(jsonb_build_object(
        'procedure', n.procedure, 'agency', (select code from postal.unit where id = n.agency),
        'service', n.service, 'applicant_kind', n.applicant_kind,
        'result_to_kind', n.result_to_kind, 'documents', body -> 'documents',
        'weight_g', body -> 'weight_g', 'split_from', d.id, 'other', d.code,
        'extras', (select e.data -> 'extras' from custody.event e
                   where e.subject = d.id::text and e.kind = 'dossier.register'))), p_mac);
end $$;

-- --- grouping ------------------------------------------------------------------------------------

-- dossier.check_group(kept, other): they belong together: one procedure, agency, office and service,
-- and the results go to one place; whether it is one applicant, and what is sealed of the results,
-- only the program can tell. Problem invalid-fields.
create function dossier.check_group(kept dossier.dossier, other dossier.dossier) returns void
language plpgsql stable as $$
begin
    if kept.id = other.id
       or (kept.procedure, kept.agency, kept.office, kept.service, kept.applicant_kind)
          is distinct from
          (other.procedure, other.agency, other.office, other.service, other.applicant_kind) then
        perform base.wrong_field('/other', 'choice',
            'Chỉ gộp hai hồ sơ khác nhau của cùng một thủ tục, cơ quan, bưu cục và dịch vụ.',
            'Only two dossiers of one procedure, agency, office and service are grouped.');
    elsif (kept.result_to_kind, kept.result_unit, kept.result_commune)
          is distinct from (other.result_to_kind, other.result_unit, other.result_commune) then
        perform base.wrong_field('/other', 'choice', 'Hai hồ sơ trả kết quả ở hai nơi khác nhau.',
                                 'Their results go to different places.');
    elsif kept.weight_g + other.weight_g > 30000
          or (select count(distinct base.fold(x.name)) from dossier.document x
              where x.dossier in (kept.id, other.id)) > 100
          or exists (select from dossier.document x
                     join dossier.document y on y.dossier = other.id
                          and base.fold(y.name) = base.fold(x.name)
                     where x.dossier = kept.id
                       and greatest(x.originals + y.originals, x.copies + y.copies) > 1000) then
        perform base.wrong_field('/other', 'too_big', 'Hồ sơ gộp lại quá lớn; hãy để riêng.',
                                 'Together they are too much; leave them apart.');
    end if;
end $$;

-- dossier.put_in(kept, other): the other's papers, sheet for sheet. Writes dossier.document,
-- dossier.dossier.
create function dossier.put_in(kept dossier.dossier, other dossier.dossier) returns void
language plpgsql as $$
begin
    update dossier.document x set originals = x.originals + y.originals,
        copies = x.copies + y.copies, returned = x.returned or y.returned
    from dossier.document y
    where x.dossier = kept.id and y.dossier = other.id and base.fold(y.name) = base.fold(x.name);
    insert into dossier.document (dossier, line, name, originals, copies, returned)
    select kept.id, m.last + row_number() over (order by y.line), y.name, y.originals, y.copies,
           y.returned
    from dossier.document y
    cross join (select coalesce(max(line), 0) as last from dossier.document
                where dossier = kept.id) m
    where y.dossier = other.id
      and not exists (select from dossier.document x
                      where x.dossier = kept.id and base.fold(x.name) = base.fold(y.name));
    update dossier.dossier set weight_g = kept.weight_g + other.weight_g where id = kept.id;
end $$;

-- dossier.group(actor, unit, roles, key, other, version, version of the other, idempotency key,
-- digest): the other's papers and charges become this one's; the other ends, its shipment too, and
-- says for ever where it went. The program has seen that it is one applicant. Returns view_for().
-- Problems as dossier.to_change, invalid-fields. Writes dossier.*, money.charge, custody.*.
create function dossier.group(p_actor bigint, p_unit bigint, p_roles int, p_key text, p_other text,
                              p_version int, p_other_version int, p_idem text default null,
                              p_digest bytea default null) returns jsonb
language plpgsql as $$
declare
    reply jsonb := base.replay(p_actor, p_idem, p_digest);
    kept dossier.dossier;
    other dossier.dossier;
    moved jsonb;
begin
    if reply is not null then
        return reply;
    end if;
    -- Both, in one order; to_change then waits for nobody.
    perform custody.subject_lock(array(
        select number from custody.shipment
        where dossier in (dossier.find(p_key), dossier.find(p_other))));
    perform from dossier.dossier
    where id in (dossier.find(p_key), dossier.find(p_other)) order by id for update;
    kept := dossier.to_change(p_actor, p_unit, p_roles, p_key, p_version, 'group_intake');
    other := dossier.to_change(p_actor, p_unit, p_roles, p_other, p_other_version, 'group_intake');
    perform dossier.check_group(kept, other);
    perform dossier.put_in(kept, other);
    moved := money.join(other.id, kept.id);
    perform dossier.end_shipments(other, p_actor, jsonb_build_object('into', kept.id));
    perform dossier.relabel(kept.id, p_actor, p_unit, '["weight_g"]');
    perform dossier.record(other.id, 'join_intake', now(), p_actor, p_unit, jsonb_build_object(
        'from', other.status, 'to', (select to_status from dossier.transition
                                     where action = 'join_intake'),
        'into', kept.id, 'other', kept.code, 'moved', moved));
    perform dossier.record(kept.id, 'group_intake', now(), p_actor, p_unit, jsonb_build_object(
        'from', kept.status, 'to', kept.status, 'of', other.id, 'other', other.code,
        'moved', moved, 'weight_g', other.weight_g));
    return base.replied(p_actor, p_idem, p_digest,
                        dossier.view_for(kept.id, p_actor, p_unit, p_roles));
end $$;

-- --- pieces --------------------------------------------------------------------------------------

-- dossier.check_pieces(dossier, pieces, weights): more pieces than it has; a weight for each, and
-- together what it weighs. Problem invalid-fields.
create function dossier.check_pieces(d dossier.dossier, p_pieces int, p_weights int[]) returns void
language plpgsql stable as $$
declare
    v_now int := (select count(*) from custody.shipment s
                  where s.dossier = d.id and s.leg = 'outward');
begin
    if v_now = 0 then
        perform base.wrong_field('/pieces', 'choice', 'Hồ sơ này không có bưu gửi chiều đi.',
                                 'This dossier has no outward shipment.');
    elsif p_pieces <= v_now then
        perform base.wrong_field('/pieces', 'too_small', format('Hồ sơ đã có %s kiện.', v_now),
                                 format('It has %s pieces already.', v_now));
    elsif p_weights is not null and (cardinality(p_weights) <> p_pieces
          or (select sum(w) from unnest(p_weights) w) <> d.weight_g) then
        perform base.wrong_field('/weights_g', 'choice',
            format('Mỗi kiện một khối lượng, tổng cộng %s g.', d.weight_g),
            format('A weight for each piece, together %s g.', d.weight_g));
    end if;
end $$;

-- dossier.pieces(actor, unit, roles, key, pieces, weights, version, idempotency key, digest): the
-- papers go in so many pieces, each with its own number, of the same dossier and leg. weights: of each
-- in order, or null: equal shares. The first keeps its number and gets a new label. Returns
-- view_for(). Problems as dossier.to_change, invalid-fields, numbers-exhausted. Writes dossier.*,
-- custody.*, postal.s10_block.
create function dossier.pieces(p_actor bigint, p_unit bigint, p_roles int, p_key text, p_pieces int,
                               p_weights int[], p_version int, p_idem text default null,
                               p_digest bytea default null) returns jsonb
language plpgsql as $$
declare
    reply jsonb := base.replay(p_actor, p_idem, p_digest);
    d dossier.dossier;
    v_number text;
    v_numbers jsonb := '[]';
begin
    if reply is not null then
        return reply;
    end if;
    d := dossier.to_change(p_actor, p_unit, p_roles, p_key, p_version, 'make_pieces');
    perform dossier.check_pieces(d, p_pieces, p_weights);
    update custody.shipment s set pieces = p_pieces, copy = s.copy + (s.copy > 0)::int,
        weight_g = coalesce(p_weights[s.piece], dossier.piece_weight(d.weight_g, s.piece, p_pieces))
    where s.dossier = d.id and s.leg = 'outward';
    perform custody.append(s.number, base.uuid_v7(), 'correct', p_actor, p_unit,
                           jsonb_build_object('pieces', p_pieces, 'weight_g', s.weight_g))
    from custody.shipment s where s.dossier = d.id and s.leg = 'outward';
    for i in (select max(piece) + 1 from custody.shipment
              where dossier = d.id and leg = 'outward') .. p_pieces loop
        v_number := postal.allocate_number(d.office, 'RR');
        perform custody.begin_shipment(v_number, d.id, 'outward', d.office,
                                       coalesce(d.receiving, d.agency),
            coalesce(p_weights[i], dossier.piece_weight(d.weight_g, i, p_pieces)), p_actor, null,
            i, p_pieces);
        v_numbers := v_numbers || to_jsonb(v_number);
    end loop;
    perform dossier.record(d.id, 'make_pieces', now(), p_actor, p_unit, jsonb_build_object(
        'from', d.status, 'to', d.status, 'pieces', p_pieces, 'numbers', v_numbers));
    return base.replied(p_actor, p_idem, p_digest,
                        dossier.view_for(d.id, p_actor, p_unit, p_roles));
end $$;
