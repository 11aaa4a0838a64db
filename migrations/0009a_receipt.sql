-- The code on the applicant's receipt. It opens more of the tracking answer than anybody sees; the
-- program makes it from the dossier's id, the issue and a key of its own, so that it can be printed
-- again and stands nowhere in the clear (src/dossier/receipt_code.h).

-- hash: of the code of this issue; those before it open nothing any more.
create table dossier.receipt (
    dossier uuid primary key references dossier.dossier,
    issue int not null check (issue between 1 and 1000),
    hash bytea not null check (length(hash) = 32),
    issued_at timestamptz not null default now()
);

-- dossier.keep_receipt(dossier, hash): the first code of a dossier; without a hash it has none until
-- one is issued. Writes dossier.receipt.
create function dossier.keep_receipt(p_dossier uuid, p_hash bytea) returns void
language sql as $$
    insert into dossier.receipt (dossier, issue, hash)
    select p_dossier, 1, p_hash where p_hash is not null
$$;

-- dossier.receipt_issue(dossier): {receipt_issue, id} of the code that opens it now; {} without one.
-- Reads dossier.receipt.
create function dossier.receipt_issue(p_dossier uuid) returns jsonb
language plpgsql stable as $$
begin
    return coalesce((select jsonb_build_object('id', r.dossier, 'receipt_issue', r.issue)
                     from dossier.receipt r where r.dossier = p_dossier), '{}');
end $$;

-- dossier.receipt_next(actor, unit, roles, key): {id, issue}: of the code that would be issued now, for
-- the program to make its hash. For whoever sees all of the dossier. Problems not-found, forbidden.
-- Reads dossier.receipt.
create function dossier.receipt_next(p_actor bigint, p_unit bigint, p_roles int, p_key text)
returns jsonb
language plpgsql stable as $$
declare
    d dossier.dossier := dossier.locate(p_key, p_actor, p_unit, p_roles);
begin
    if dossier.reach(d, p_actor, p_unit, p_roles) <> 'full' then
        perform base.problem('forbidden');
    end if;
    return jsonb_build_object('id', d.id, 'issue', 1 + coalesce(
        (select r.issue from dossier.receipt r where r.dossier = d.id), 0));
end $$;

-- dossier.receipt_renew(actor, unit, roles, dossier, issue, hash, idempotency key, digest): a new code
-- in place of the one before. -> {code, id, receipt_issue, issued_at}; the code itself is the program's.
-- Problems not-found, forbidden, conflict (another was issued meanwhile,
-- also when it is a repeat: its code opens nothing any more).
-- Writes dossier.receipt, dossier.access.
create function dossier.receipt_renew(p_actor bigint, p_unit bigint, p_roles int, p_dossier uuid,
                                      p_issue int, p_hash bytea, p_idem text, p_digest bytea)
returns jsonb
language plpgsql as $$
declare
    d dossier.dossier := dossier.locate(p_dossier::text, p_actor, p_unit, p_roles);
    reply jsonb := base.replay(p_actor, p_idem, p_digest);
begin
    if reply is not null then
        if reply -> 'receipt_issue' is distinct from dossier.receipt_issue(d.id) -> 'receipt_issue' then
            perform base.problem('conflict');
        end if;
        return reply;
    end if;
    if dossier.reach(d, p_actor, p_unit, p_roles) <> 'full' then
        perform base.problem('forbidden');
    end if;
    insert into dossier.receipt as r (dossier, issue, hash) values (d.id, p_issue, p_hash)
    on conflict (dossier) do update
        set issue = excluded.issue, hash = excluded.hash, issued_at = excluded.issued_at
        where r.issue = excluded.issue - 1;
    if not found then
        perform base.problem('conflict');
    end if;
    insert into dossier.access (dossier, account, unit, what)
    values (d.id, p_actor, p_unit, 'receipt-code');
    return base.replied(p_actor, p_idem, p_digest, jsonb_build_object('code', d.code,
        'issued_at', now()) || dossier.receipt_issue(d.id), 201);
end $$;
