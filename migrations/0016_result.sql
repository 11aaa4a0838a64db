-- The result on line: a PDF that the agency gives, sealed by the service (src/result/seal.h), opened by
-- the applicant with the code of the receipt. A wrong one is replaced by a new version; the old one is
-- kept and says that it is superseded. The seal names the file by its SHA-256 and nobody; it stays, and
-- verifies, when the file is erased.

create table dossier.result (
    dossier uuid not null references dossier.dossier,
    version int not null check (version > 0),
    file uuid not null, -- attachment.file, while it is there
    sha256 bytea not null check (length(sha256) = 32),
    size int not null,
    at timestamptz not null, -- whole milliseconds, as it was signed
    key_id int not null,
    signature bytea not null check (length(signature) = 64),
    account bigint not null,
    unit bigint,
    superseded_at timestamptz,
    primary key (dossier, version)
);
create unique index result_file on dossier.result (file);
create unique index result_current on dossier.result (dossier) where superseded_at is null;

-- dossier.is_electronic(dossier): whether its result may be had on line: it was asked for so, or the
-- procedure is of level 4, whose result may be on line beside its paper.
create function dossier.is_electronic(d dossier.dossier) returns boolean
language plpgsql stable as $$
begin
    return d.result_to_kind = 'online'
        or coalesce((dossier.procedure_body(d.procedure, d.procedure_version) ->> 'level')::int = 4, false);
end $$;

-- dossier.check_electronic(dossier): problem action-not-allowed where it is not.
create function dossier.check_electronic(d dossier.dossier) returns void
language plpgsql stable as $$
begin
    if not dossier.is_electronic(d) then
        perform base.problem('action-not-allowed', jsonb_build_object('allowed', '[]'::jsonb,
            'detail', 'The result of this procedure is not given on line.',
            'detail_vi', 'Kết quả của thủ tục này không được trả trực tuyến.'));
    end if;
end $$;

-- dossier.result_row(result): {version, size, sha256 (hex), at, key_id, signature (hex), file,
-- superseded_at?, superseded_by?, kept: whether the file is still there}. Reads dossier.result,
-- attachment.file.
create function dossier.result_row(r dossier.result) returns jsonb
language plpgsql stable as $$
begin
    return jsonb_strip_nulls(jsonb_build_object('version', r.version, 'size', r.size,
        'sha256', encode(r.sha256, 'hex'), 'at', r.at, 'key_id', r.key_id,
        'signature', encode(r.signature, 'hex'), 'file', r.file, 'superseded_at', r.superseded_at,
        'superseded_by', case when r.superseded_at is not null then
            (select min(n.version) from dossier.result n
             where n.dossier = r.dossier and n.version > r.version) end,
        'kept', exists (select from attachment.file f where f.id = r.file and f.whole_at is not null)));
end $$;

-- dossier.results(dossier): its rows, the current one first.
create function dossier.results(p_dossier uuid) returns jsonb
language plpgsql stable as $$
begin
    return (select coalesce(jsonb_agg(dossier.result_row(r) order by r.version desc), '[]')
            from dossier.result r where r.dossier = p_dossier);
end $$;

-- dossier.result_list(actor, unit, roles, key): {code, items: results()} for those who see the dossier.
-- Problem not-found.
create function dossier.result_list(p_actor bigint, p_unit bigint, p_roles int, p_key text)
returns jsonb
language plpgsql stable as $$
declare
    d dossier.dossier := dossier.locate(p_key, p_actor, p_unit, p_roles);
begin
    return jsonb_build_object('code', d.code, 'items', dossier.results(d.id));
end $$;

-- dossier.result_check(dossier, file, ref, actor, unit, roles, if_match): whether this officer may seal
-- that file as its result now: of the dossier's agency, once there is a result; a file that was sent as
-- a result of it, is a PDF, and has that ref. Problems forbidden, precondition-failed,
-- action-not-allowed, invalid-fields, conflict (it was replaced before). Reads attachment.file.
create function dossier.result_check(d dossier.dossier, p_file uuid, p_ref text, p_actor bigint,
                                     p_unit bigint, p_roles int, p_if_match int) returns void
language plpgsql stable as $$
declare
    f attachment.file;
begin
    if not dossier.may(d, 16, p_actor, p_unit, p_roles) then
        perform base.problem('forbidden');
    elsif p_if_match <> d.version then
        perform base.problem('precondition-failed', jsonb_build_object('version', d.version));
    elsif d.status not in (9, 10) then
        perform base.problem('action-not-allowed', jsonb_build_object(
            'allowed', dossier.allowed_actions(d, p_actor, p_unit, p_roles),
            'detail', 'A result is sealed once the dossier is at "result ready".',
            'detail_vi', 'Chỉ ký niêm phong kết quả khi hồ sơ đã xử lý xong.'));
    end if;
    perform dossier.check_electronic(d);
    select * into f from attachment.file x
    where x.id = p_file and x.subject = d.id::text and x.kind = 'result' and x.whole_at is not null;
    if not found then
        perform base.wrong_field('/attachment', 'choice', 'Không phải tệp kết quả của hồ sơ này.',
                                 'Not a file of this dossier''s result.');
    elsif f.ref <> p_ref then
        perform base.wrong_field('/sha256', 'choice', 'Không phải SHA-256 của tệp này.',
                                 'Not the SHA-256 of this file.');
    elsif exists (select from dossier.result r where r.file = f.id and r.superseded_at is not null) then
        perform base.problem('conflict', jsonb_build_object(
            'detail', 'This file was replaced by another version before.',
            'detail_vi', 'Tệp này đã được thay bằng bản khác.'));
    end if;
end $$;

-- dossier.result_next(actor, unit, roles, key, file, ref, if_match, idem, digest): what is to be signed:
-- {code, version, size}; `reply` instead: what was answered before, or the current version when that file
-- is it already. Problems not-found and those of result_check. Reads dossier.*, base.idempotency.
create function dossier.result_next(p_actor bigint, p_unit bigint, p_roles int, p_key text, p_file uuid,
                                    p_ref text, p_if_match int, p_idem text, p_digest bytea)
returns jsonb
language plpgsql as $$
declare
    d dossier.dossier;
    r dossier.result;
    reply jsonb := base.replay(p_actor, p_idem, p_digest);
begin
    if reply is not null then
        return jsonb_build_object('reply', reply);
    end if;
    d := dossier.locate(p_key, p_actor, p_unit, p_roles);
    select * into r from dossier.result x where x.dossier = d.id and x.file = p_file and x.superseded_at is null;
    perform dossier.result_check(d, p_file, p_ref, p_actor, p_unit, p_roles,
                                 case when r.file is null then p_if_match end);
    if r.file is not null then
        return jsonb_build_object('reply', jsonb_build_object('code', d.code) || dossier.result_row(r));
    end if;
    return jsonb_build_object('code', d.code,
        'version', (select coalesce(max(x.version), 0) + 1 from dossier.result x where x.dossier = d.id),
        'size', (select f.size from attachment.file f where f.id = p_file));
end $$;

-- dossier.result_seal(actor, unit, roles, key, file, ref, if_match, idem, digest, sealed): the signed
-- version becomes the current one; the one before is superseded. sealed: version, sha256 (hex), at,
-- key_id, signature (hex), reason?: needed where it replaces one. -> {code} and result_row(). Problems
-- those of result_next; conflict: another was sealed meanwhile. Writes dossier.*, custody.event.
create function dossier.result_seal(p_actor bigint, p_unit bigint, p_roles int, p_key text, p_file uuid,
                                    p_ref text, p_if_match int, p_idem text, p_digest bytea, sealed jsonb)
returns jsonb
language plpgsql as $$
declare
    d dossier.dossier;
    r dossier.result;
    v_version int := (sealed ->> 'version')::int;
    reply jsonb := base.replay(p_actor, p_idem, p_digest);
begin
    if reply is not null then
        return reply;
    end if;
    d := dossier.locate(p_key, p_actor, p_unit, p_roles);
    select * into d from dossier.dossier x where x.id = d.id for update;
    perform dossier.result_check(d, p_file, p_ref, p_actor, p_unit, p_roles, p_if_match);
    if v_version <> (select coalesce(max(x.version), 0) + 1 from dossier.result x where x.dossier = d.id) then
        perform base.problem('conflict');
    elsif v_version > 1 and sealed ->> 'reason' is null then
        perform base.wrong_field('/reason', 'required', 'Hãy nêu lý do thay kết quả đã ký.',
                                 'Say why the sealed result is replaced.');
    end if;
    update dossier.result x set superseded_at = now() where x.dossier = d.id and x.superseded_at is null;
    insert into dossier.result (dossier, version, file, sha256, size, at, key_id, signature, account, unit)
    select d.id, v_version, f.id, decode(sealed ->> 'sha256', 'hex'), f.size,
           (sealed ->> 'at')::timestamptz, (sealed ->> 'key_id')::int, decode(sealed ->> 'signature', 'hex'),
           p_actor, p_unit
    from attachment.file f where f.id = p_file
    returning * into strict r;
    perform dossier.record(d.id, 'seal_result', now(), p_actor, p_unit, jsonb_build_object(
        'result', v_version, 'attachment', p_ref, 'key', lpad(to_hex(r.key_id), 4, '0')),
        p_remark => sealed ->> 'reason');
    return base.replied(p_actor, p_idem, p_digest, jsonb_build_object('code', d.code) || dossier.result_row(r),
                        201);
end $$;

-- dossier.result_open(key, dossier, pdf): for whoever has a token of that dossier: the file and the
-- row of its current version, {code} and result_row(); null when the number is another dossier's or
-- there is nothing to download, all alike. pdf: not only the seal: the reading is recorded, and of a
-- result that is given on line the first is the proof that it was received (9 -> 10). Writes
-- dossier.access, custody.event, dossier.dossier.
create function dossier.result_open(p_key text, p_dossier uuid, p_pdf boolean) returns jsonb
language plpgsql as $$
declare
    d dossier.dossier;
    r dossier.result;
begin
    select * into d from dossier.dossier x where x.id = p_dossier and x.id = dossier.find(p_key) for update;
    if d.id is null or not dossier.may_download(d, 'code') then
        return null;
    end if;
    select * into strict r from dossier.result x where x.dossier = d.id and x.superseded_at is null;
    insert into dossier.access (dossier, account, what)
    values (d.id, 0, case when p_pdf then 'result' else 'result-seal' end);
    if p_pdf and d.status = 9 and d.result_to_kind = 'online' then
        perform dossier.record(d.id, 'download_result', now(), null, null,
                               jsonb_build_object('from', 9, 'to', 10, 'result', r.version));
    end if;
    return jsonb_build_object('code', d.code) || dossier.result_row(r);
end $$;

-- dossier.result_known(code, version, signature): what is known of a seal that the service signed:
-- {known, superseded_at?, superseded_by?}. Reads dossier.*.
create function dossier.result_known(p_code text, p_version int, p_signature bytea) returns jsonb
language plpgsql stable as $$
declare
    r dossier.result;
begin
    select x.* into r from dossier.result x join dossier.dossier d on d.id = x.dossier
    where d.code = p_code and x.version = p_version and x.signature = p_signature;
    if r.dossier is null then
        return '{"known": false}';
    end if;
    return '{"known": true}' || (select coalesce(jsonb_object_agg(k, v), '{}')
        from jsonb_each(dossier.result_row(r)) as e (k, v) where k in ('superseded_at', 'superseded_by'));
end $$;
