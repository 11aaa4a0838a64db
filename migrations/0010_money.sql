-- Charges of a dossier, in ledgers kept apart, in whole đồng; what was taken for them; what the post pays for
-- what it lost, damaged or delayed.

-- Every taking of money, as it was: of which dossier, by whom and where, the lines in their order. A receipt
-- is of this row: it is never changed, whatever becomes of the charges, and stays with its dossier. That
-- money is to be given back is told by charges that were paid and cancelled; the giving back itself is not
-- recorded yet: it belongs to whoever counts the drawer.
create table money.payment (
    id bigint generated always as identity primary key,
    dossier uuid not null,
    at timestamptz not null default now(),
    taker bigint not null, -- the account that took the money
    unit bigint not null,
    method text not null check (method = 'cash'),
    lines jsonb not null check (jsonb_array_length(lines) > 0) -- [{ledger, name, amount}]
);
create index on money.payment (dossier);
select base.revoke_service('update', 'money.payment');

create table money.charge (
    id bigint generated always as identity primary key,
    dossier uuid not null,
    ledger text not null check (ledger in ('agency_fee', 'postage_out', 'postage_return', 'extra')),
    name text not null,
    amount bigint not null check (amount between 0 and 1000000000000),
    created_at timestamptz not null default now(),
    paid_at timestamptz,
    payment bigint references money.payment, -- that took it; of a part that was handed on, the same
    cancelled_at timestamptz, -- not due any more; what was paid of it is to be given back
    waived_by uuid, -- the compensation with which it was waived; it stays a part of what the way costs
    check ((paid_at is null) = (payment is null)),
    check (waived_by is null or cancelled_at is not null and paid_at is null)
);
create index on money.charge (dossier);

-- money.add_charges(dossier, lines): lines [{ledger, name, amount}]; those of 0 are not kept.
create function money.add_charges(p_dossier uuid, lines jsonb) returns void
language sql as $$
    insert into money.charge (dossier, ledger, name, amount)
    select p_dossier, line ->> 'ledger', line ->> 'name', (line ->> 'amount')::bigint
    from jsonb_array_elements(lines) with ordinality as list(line, n)
    where (line ->> 'amount')::bigint > 0
    order by n
$$;

-- money.due(dossier, ledgers): what is still to be paid in these (null: in all).
create function money.due(p_dossier uuid, p_ledgers text[]) returns bigint
language sql stable as $$
    select coalesce(sum(amount), 0)::bigint from money.charge
    where dossier = p_dossier and paid_at is null and cancelled_at is null
      and (p_ledgers is null or ledger = any (p_ledgers))
$$;

-- money.pay(dossier, taker, unit, ledgers): takes what is due (in these ledgers, or null: in all) in cash.
-- Nothing due is no payment. Returns the amount. Two at once take it once. Writes money.payment,
-- money.charge.
create function money.pay(p_dossier uuid, p_taker bigint, p_unit bigint, p_ledgers text[]) returns bigint
language sql as $$
    with open as materialized (
        select id, ledger, name, amount from money.charge
        where dossier = p_dossier and paid_at is null
          and cancelled_at is null and (p_ledgers is null or ledger = any (p_ledgers))
        order by id for update),
    payment as (
        insert into money.payment (dossier, taker, unit, method, lines)
        select p_dossier, p_taker, p_unit, 'cash', lines
        from (select jsonb_agg(jsonb_build_object('ledger', ledger, 'name', name, 'amount', amount)
                               order by ledger <> 'agency_fee', id) as lines from open) taken
        where lines is not null
        returning id, at),
    paid as (
        update money.charge c set paid_at = p.at, payment = p.id
        from payment p, open o where c.id = o.id)
    select coalesce(sum(amount), 0)::bigint from open
$$;

-- money.waive(dossier, ledger, amount, compensation): so much of what is due there is not due any more, the
-- oldest first; of a line a part, where it is more. Writes money.charge.
create function money.waive(p_dossier uuid, p_ledger text, p_amount bigint, p_event uuid) returns void
language plpgsql as $$
declare
    k money.charge;
    v_left bigint := p_amount;
begin
    for k in select * from money.charge c
             where c.dossier = p_dossier and c.ledger = p_ledger and c.paid_at is null and c.cancelled_at is null
             order by c.id for update loop
        exit when v_left <= 0;
        if k.amount <= v_left then
            update money.charge c set cancelled_at = now(), waived_by = p_event where c.id = k.id;
        else
            update money.charge c set amount = c.amount - v_left where c.id = k.id;
            insert into money.charge (dossier, ledger, name, amount, created_at, cancelled_at, waived_by)
            values (k.dossier, k.ledger, k.name, v_left, k.created_at, now(), p_event);
        end if;
        v_left := v_left - k.amount;
    end loop;
end $$;

-- money.cancel(dossier, ledgers): its charges (null: in all ledgers) are not due any more; they stay on record. -> jsonb {give_back:
-- what was paid of them, by_ledger: the same, of each ledger, not_due: what was still to be paid}.
-- Writes money.charge.
create function money.cancel(p_dossier uuid, p_ledgers text[] default null) returns jsonb
language sql as $$
    with gone as (
        update money.charge set cancelled_at = now()
        where dossier = p_dossier and cancelled_at is null
          and (p_ledgers is null or ledger = any (p_ledgers))
        returning ledger, amount, paid_at),
    paid as (
        select ledger, sum(amount) as amount from gone where paid_at is not null group by ledger)
    select jsonb_build_object(
        'give_back', (select coalesce(sum(amount), 0) from paid),
        'by_ledger', (select coalesce(jsonb_object_agg(ledger, amount), '{}') from paid),
        'not_due', (select coalesce(sum(amount), 0) from gone where paid_at is null))
$$;

-- money.reprice(dossier, was, lines, short): the postage was quoted with the lines `was` and is now with
-- these: a ledger that is quoted otherwise is cancelled and charged anew, to be paid, by the difference
-- dearer or cheaper than it was: what it owed need not be a whole quote, see hand_on and join.
-- short: {ledger: amount}, by how much the one before was cheaper than what was owed: comes off what
-- is dearer now. -> as money.cancel, with to_pay: what is charged anew, short: as it is after this.
-- Writes money.charge.
create function money.reprice(p_dossier uuid, was jsonb, lines jsonb, p_short jsonb) returns jsonb
language plpgsql as $$
declare
    told jsonb;
    wanted jsonb;
    short jsonb;
begin
    select coalesce(jsonb_agg(jsonb_build_object('ledger', q.ledger, 'name', q.name,
               'amount', greatest(w.owed, 0)) order by q.ledger), '[]'),
           jsonb_object_agg(q.ledger, greatest(-w.owed, 0)) filter (where q.ledger is not null)
    into wanted, short
    from (select ledger, min(name) as name, sum(amount) as dearer
          from (select line ->> 'ledger' as ledger, line ->> 'name' as name,
                       (line ->> 'amount')::bigint as amount
                from jsonb_array_elements(lines) line
                union all
                select line ->> 'ledger', line ->> 'name', -(line ->> 'amount')::bigint
                from jsonb_array_elements(was) line) both_quotes
          where ledger like 'postage%' group by ledger having sum(amount) <> 0) q
    left join (select ledger, sum(amount) as amount from money.charge
               where dossier = p_dossier and cancelled_at is null group by ledger) k using (ledger)
    cross join lateral (select coalesce(k.amount, 0) + q.dearer
                               - coalesce((p_short ->> q.ledger)::bigint, 0) as owed) w;
    told := money.cancel(p_dossier, array(select line ->> 'ledger'
                                          from jsonb_array_elements(wanted) line));
    perform money.add_charges(p_dossier, wanted);
    return told || jsonb_build_object(
        'to_pay', (select coalesce(sum((line ->> 'amount')::bigint), 0)
                   from jsonb_array_elements(wanted) line),
        'short', coalesce(p_short, '{}') || coalesce(short, '{}'));
end $$;

-- money.hand_on(from, to, ids, part, whole): charges go with papers to another dossier, so that the
-- two together owe what the one did, paid or not: the lines of these ids whole; of its other postage
-- and extras the share part/whole, rounded down. -> jsonb: what went, by ledger. Problem
-- invalid-fields. Writes money.charge.
create function money.hand_on(p_from uuid, p_to uuid, p_ids bigint[], p_part int, p_whole int)
returns jsonb
language plpgsql as $$
declare
    told jsonb;
begin
    update money.charge set dossier = p_to
    where dossier = p_from and id = any (p_ids) and cancelled_at is null;
    if exists (select from unnest(p_ids) as i
               where not exists (select from money.charge k where k.id = i and k.dossier = p_to)) then
        perform base.wrong_field('/charges', 'choice', 'Hồ sơ không có khoản thu này.',
                                 'The dossier has no such charge.');
    end if;
    with share as (
        select k.*, k.amount * p_part / p_whole as goes from money.charge k
        where k.dossier = p_from and k.cancelled_at is null and k.ledger <> 'agency_fee'
          and k.amount * p_part / p_whole > 0),
    kept as (
        update money.charge k set amount = k.amount - s.goes from share s where k.id = s.id)
    insert into money.charge (dossier, ledger, name, amount, created_at, paid_at, payment)
    select p_to, ledger, name, goes, created_at, paid_at, payment from share order by id;
    select coalesce(jsonb_object_agg(ledger, amount), '{}') into told
    from (select ledger, sum(amount) as amount from money.charge where dossier = p_to
          group by ledger) k;
    return told;
end $$;

-- money.join(from, to): all charges of the one are the other's now, also what is to be given back.
-- -> jsonb: what is due of them, by ledger. Writes money.charge.
create function money.join(p_from uuid, p_to uuid) returns jsonb
language sql as $$
    with gone as (update money.charge set dossier = p_to where dossier = p_from
                  returning ledger, amount, cancelled_at)
    select coalesce(jsonb_object_agg(ledger, amount), '{}')
    from (select ledger, sum(amount) as amount from gone where cancelled_at is null
          group by ledger) k
$$;

-- money.charges(dossier) -> jsonb [{id, ledger, name, amount, paid_at?, cancelled_at?}].
create function money.charges(p_dossier uuid) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', id::text,
        'ledger', ledger, 'name', name, 'amount', amount, 'paid_at', paid_at,
        'cancelled_at', cancelled_at)) order by id), '[]')
    from money.charge where dossier = p_dossier
$$;

-- --- what the post pays --------------------------------------------------------------------------

-- For what the post answers to the applicant, and with how many times the charge at the least, the refund
-- of the charge included.
create table money.liability (
    cause text collate "C" primary key,
    name text not null,
    name_en text not null,
    times int not null check (times > 0)
);
insert into money.liability values
    ('lost', 'Mất', 'Lost', 4),
    ('damaged', 'Hư hỏng', 'Damaged', 4),
    ('late', 'Chậm so với chỉ tiêu thời gian', 'Late against its target', 1);
select base.revoke_service('insert, update', 'money.liability');

-- money.compensation_least(charge, unpaid, times, before): the least that is paid for a shipment that costs
-- `charge`. What was not paid of it is waived, not refunded; what was paid for this shipment before comes off.
create function money.compensation_least(p_charge bigint, p_unpaid bigint, p_times int, p_before bigint)
returns bigint
language sql immutable parallel safe as $$
    select greatest(p_times * p_charge - p_unpaid - p_before, 0)
$$;

-- The ledger of compensations, apart from the charges: what was paid for which shipment by the decision of
-- `event`. refund: as much of the amount as gives back the charge; waived: what of it was not paid, and is not
-- due any more. Only added to.
create table money.compensation (
    event uuid primary key,
    dossier uuid not null,
    number text collate "C" not null,
    cause text collate "C" not null references money.liability,
    at timestamptz not null default now(),
    amount bigint not null check (amount >= 0),
    refund bigint not null check (refund between 0 and amount),
    waived bigint not null check (waived >= 0 and amount + waived > 0),
    payer bigint not null, -- the account that decided
    unit bigint
);
create index on money.compensation (number);
select base.revoke_service('update', 'money.compensation');
