-- Delivery, the rules: what a delivery scan lacks, one-time codes, invitations, what is unclaimed.
-- Rules are decided once, at receipt; custody.oddity says what follows from each.

-- custody.by_signature(shipment): whether it ends at an agency, by the signing of a hand-over.
create function custody.by_signature(s custody.shipment) returns boolean
language sql immutable as $$
    select case when s.going_back then s.from_agency else s.to_agency end is not null
$$;

-- custody.delivery_flags(dossier, leg, kind, reason, next action, data): what is odd about a deliver
-- or fail scan in itself. A shipment without a dossier has no rules; no recipient at all is
-- custody.step's business. Reads custody.delivery_rule, custody.recipient_relation,
-- custody.failure_next, dossier.dossier, procedure.procedure.
create function custody.delivery_flags(p_dossier uuid, p_leg text, p_kind text, p_reason text,
                                       p_next text, p_data jsonb) returns text[]
language plpgsql stable as $$
begin
    if p_kind = 'fail' then
        return case when exists (select from custody.failure_next n
                                 where n.reason = p_reason and n.next_action = p_next)
                    then '{}' else '{next_action_odd}' end::text[];
    elsif p_kind <> 'deliver' or p_dossier is null or not custody.has_recipient(p_data) then
        return '{}';
    end if;
    return coalesce((
        select array_remove(array[
            case when p.addressee_only and r.leg = 'result' and not coalesce(w.addressee, false)
                 then 'addressee_only'
                 when not coalesce(w.authorised, false) and not coalesce(p_data ? 'authorised', false)
                 then 'proxy_without_authorisation' end,
            case when r.identity and not coalesce(p_data ? 'id_checked', false)
                 then 'identity_not_checked' end,
            case when p.old_papers and r.leg = 'result' and not coalesce(p_data ? 'old_paper', false)
                 then 'old_paper_not_recovered' end,
            case when r.proofs = '{}' then null
                 when coalesce(p_data ->> 'proof', 'none') = 'none' then 'proof_missing'
                 when p_data ->> 'proof' <> all (r.proofs) then 'proof_unknown'
                 when not p_data ?| case p_data ->> 'proof' when 'code' then '{code}'
                                         when 'photo' then '{pictured}'
                                         else '{pictured,drawn}' end::text[] then 'proof_missing'
            end], null)
        from custody.delivery_rule r
        join dossier.dossier d on d.id = p_dossier
        left join procedure.procedure p
            on p.code = d.procedure and p.version = d.procedure_version
        left join custody.recipient_relation w on w.code = p_data ->> 'relation'
        where r.leg = p_leg), '{}');
end $$;

-- custody.code_used(code): whether a delivery used it up that nobody took back.
-- Reads custody.event.
create function custody.code_used(k custody.delivery_code) returns boolean
language plpgsql stable as $$
begin
    return k.used_event is not null and not custody.taken_back(k.number, k.used_event);
end $$;

-- custody.may_hand_out(number, actor, unit): whether that person holds it or may deliver it: it, or
-- who holds it, is where they work, or it is offered to them. Reads custody.shipment, container.*.
create function custody.may_hand_out(p_number text, p_actor bigint, p_unit bigint) returns boolean
language plpgsql stable as $$
declare
    w record;
begin
    select * into w from custody.resolved(p_number);
    return coalesce(w.holder_kind = 'person' and w.holder_id = p_actor, false)
        or coalesce(w.place = p_unit, false)
        or coalesce(w.offered_kind = 'person' and w.offered_to = p_actor, false)
        or coalesce(w.offered_kind = 'unit' and w.offered_to = p_unit, false);
end $$;

-- custody.code_flag(scan, hash, tries): checks a one-time code, once a scan: null when it is right,
-- which uses it up. A code counts by the time of the scan, not of its receipt: the courier may be off
-- line. Tries of somebody who has nothing to do with it are counted apart: they neither burn the
-- code nor find it. The shipment is locked. Writes custody.delivery_code.
create function custody.code_flag(i custody.scan, p_hash text, p_tries int) returns text
language plpgsql as $$
declare
    k custody.delivery_code;
    v_own int := custody.may_hand_out(i.subject, i.actor, i.unit)::int;
begin
    select * into k from custody.delivery_code where number = i.subject for update;
    if not found or i.at > k.expires_at or custody.code_used(k)
       or (case v_own when 1 then k.tries else k.strange_tries end) >= p_tries then
        return 'code_expired';
    elsif encode(k.hash, 'hex') <> p_hash then
        update custody.delivery_code c
        set tries = c.tries + v_own, strange_tries = c.strange_tries + 1 - v_own
        where c.number = i.subject;
        return 'code_wrong';
    end if;
    update custody.delivery_code set used_event = i.id where number = i.subject;
    return null;
end $$;

-- What happened to a shipment that invitations and promises go by, oldest first.
create type custody.delivery_step as (
    at timestamptz, id uuid, kind text, unit bigint, next_action text, until date);

-- custody.delivery_steps(number): those of it that have effect, from one fold; none at all where
-- nothing failed, nobody was invited and nothing was put by, as with most. Reads custody.event.
create function custody.delivery_steps(p_number text) returns custody.delivery_step[]
language plpgsql stable as $$
begin
    if not exists (select from custody.event e
                   where e.subject = p_number and e.kind in ('fail', 'invite', 'hold')) then
        return '{}';
    end if;
    return array(
        select row(x.at, x.id, x.kind, x.unit, x.next_action, x.until)::custody.delivery_step
        from (select (f.event).at, (f.event).id, (f.event).kind, (f.event).unit,
                     (f.event).next_action, ((f.event).data ->> 'until')::date as until
              from custody.effective(p_number, null) f
              where f.steps
                and (f.event).kind in ('fail', 'hold', 'out_for_delivery', 'redirect', 'return')
                and (f.event).id not in (select dossier.without_effect(p_number))
              union all
              select e.at, e.id, e.kind, e.unit, null, null from custody.event e
              where e.subject = p_number and e.kind = 'invite') x
        order by x.at, x.id);
end $$;

-- custody.invitations(steps, leg, until): the invitations that went out by then, oldest first: those
-- left by a courier and those written at the office. counts: it is one of those the rule asks for.
-- next_on, return_on: what follows once it counts. Reads custody.delivery_rule.
create function custody.invitations(p_steps custody.delivery_step[], p_leg text,
                                    p_until timestamptz)
returns table (at timestamptz, event uuid, counts boolean, next_on date, return_on date)
language plpgsql stable as $$
declare
    rule custody.delivery_rule;
    given int := 0;
    r custody.delivery_step;
begin
    select * into rule from custody.delivery_rule d where d.leg = p_leg;
    foreach r in array p_steps loop
        continue when r.at > p_until or r.kind <> 'invite' and r.kind <> 'fail'
                      or r.kind = 'fail' and r.next_action is distinct from 'invite';
        at := r.at;
        event := r.id;
        counts := given = 0 or given < rule.invitations and base.vn_date(r.at) >= next_on;
        if counts then
            given := given + 1;
            next_on := case when given < rule.invitations then postal.add_working_days(
                r.unit, base.vn_date(r.at), rule.apart_days) end;
            return_on := case when given = rule.invitations then postal.add_working_days(
                r.unit, base.vn_date(r.at), rule.after_days) end;
        end if;
        return next;
    end loop;
end $$;

-- custody.invitation_flag(steps, leg, at): null when an invitation may go out then, or its code of
-- custody.oddity. next_on: the first day it may, null for never; return_on: when the shipment goes
-- back; given: how many counted so far. Reads custody.delivery_rule.
create function custody.invitation_flag(p_steps custody.delivery_step[], p_leg text,
                                        p_at timestamptz,
                                        out flag text, out next_on date, out return_on date,
                                        out given int)
language plpgsql stable as $$
declare
    r record;
begin
    given := 0;
    next_on := base.vn_date(p_at);
    for r in select * from custody.invitations(p_steps, p_leg, p_at) i where i.counts loop
        given := given + 1;
        next_on := r.next_on;
        return_on := r.return_on;
    end loop;
    flag := case when next_on is null then 'invitation_third'
                 when base.vn_date(p_at) < next_on then 'invitation_early' end;
end $$;

-- custody.delivery_odd(scan, shipment): all that is odd about it by the rules of delivery, at its
-- receipt. Files that have not come are kept to be waited for. The shipment is locked.
-- Writes custody.delivery_code, custody.proof_pending.
create function custody.delivery_odd(i custody.scan, s custody.shipment) returns text[]
language plpgsql as $$
declare
    v_odd text[] := custody.delivery_flags(s.dossier, s.leg, i.kind, i.reason, i.next_action,
                                           i.data);
    v_tries int := (select r.code_tries from custody.delivery_rule r where r.leg = s.leg);
begin
    if i.kind = 'deliver' and i.data ? 'code' then
        v_odd := v_odd || array_remove(array[custody.code_flag(
            i, i.data ->> 'code', v_tries)], null);
    elsif i.kind = 'fail' and i.next_action = 'invite' then
        v_odd := v_odd || array_remove(array[
            (custody.invitation_flag(custody.delivery_steps(i.subject), s.leg, i.at)).flag], null);
    end if;
    insert into custody.proof_pending (subject, event, ref)
    select i.subject, i.id, a from jsonb_array_elements_text(i.data -> 'attachments') as a
    where not attachment.has(coalesce(s.dossier::text, s.number), a)
    on conflict do nothing;
    if found then
        v_odd := v_odd || 'proof_pending'::text;
    end if;
    return v_odd;
end $$;

-- custody.others_wait(exception): whether its step waits for another decision too, which is not made
-- or was made otherwise: letting it count has no effect before that one. Reads custody.exception,
-- custody.oddity.
create function custody.others_wait(x custody.exception) returns boolean
language plpgsql stable as $$
begin
    return exists (
        select from custody.exception y join custody.oddity o on o.code = y.code and o.waits
        where y.subject = x.subject and y.event_id = x.event_id and y.id <> x.id
          and y.decision is distinct from 'confirm');
end $$;

-- How a person decides about a delivery that does not show what its rules ask for.
insert into custody.care (oddity, hours, answers, cause_vi, cause_en) values
('proxy_without_authorisation', 4, '{confirm,correct,search,dismiss}',
 'Nhiều khả năng người nhận thay có giấy ủy quyền nhưng chưa ghi.',
 'Most likely the proxy had an authorisation that was not entered.'),
('addressee_only', 4, '{confirm,correct,search,dismiss}',
 'Nhiều khả năng đã phát cho người nhà; thủ tục chỉ cho phép chính người nộp nhận.',
 'Most likely it went to a relative, where only the addressee may take it.'),
('code_wrong', 4, '{confirm,correct,search,dismiss}',
 'Nhiều khả năng người nhận đọc nhầm mã, hoặc không phải người được phát.',
 'Most likely the code was read wrongly, or this was not the addressee.'),
('code_expired', 4, '{confirm,correct,search,dismiss}', 'Người nhận dùng mã đã quá hạn.',
 'The recipient used a code that had expired.'),
('identity_not_checked', 8, '{accept,reverse,correct,search,dismiss}',
 'Nhiều khả năng đã xem giấy tờ nhưng chưa ghi.',
 'Most likely the paper was seen but not entered.'),
('old_paper_not_recovered', 4, '{accept,reverse,correct,search,dismiss}',
 'Nhiều khả năng đã thu hồi nhưng chưa ghi, hoặc người nhận chưa mang theo.',
 'Most likely it was taken back but not entered, or the recipient did not bring it.'),
('proof_missing', 8, '{accept,reverse,correct,search,dismiss}',
 'Nhiều khả năng người phát chưa lấy chữ ký, ảnh hoặc mã.',
 'Most likely no signature, photo or code was taken.'),
('proof_overdue', 8, '{accept,reverse,correct,dismiss}',
 'Thiết bị có ảnh hoặc chữ ký đã lâu không kết nối.',
 'The device that has the picture has been off line for long.'),
('invitation_early', 16, '{accept,correct,dismiss}',
 'Người phát chưa chờ đủ số ngày làm việc giữa hai lần mời.',
 'The working days between two invitations were not waited for.'),
('invitation_third', 8, '{accept,correct,dismiss}',
 'Đã mời đủ số lần mà chưa chuyển hoàn cơ quan.',
 'It was invited as often as allowed and not yet sent back to the agency.');

-- --- one-time codes ------------------------------------------------------------------------------

-- custody.delivery_code_issue(actor, unit, roles, number, request, hash): a new code in place of the
-- one before, for who files or took in the dossier and for the office that delivers. The same request
-- again changes nothing. Returns {number, expires_at}. Problems not-found, action-not-allowed (it has
-- ended), conflict (ten codes).
-- Writes custody.delivery_code, dossier.access.
create function custody.delivery_code_issue(p_actor bigint, p_unit bigint, p_roles int,
                                            p_number text, p_request uuid, p_hash bytea)
returns jsonb
language plpgsql as $$
declare
    s custody.shipment;
    k custody.delivery_code;
    d dossier.dossier := dossier.locate(p_number, p_actor, p_unit, p_roles);
    rule custody.delivery_rule;
begin
    select * into s from custody.shipment where number = p_number for no key update;
    select * into rule from custody.delivery_rule r where r.leg = s.leg;
    if s.number is null then
        perform base.problem('not-found');
    elsif not coalesce('code' = any (rule.proofs), false)
          or custody.by_signature(s)
          or (select n.ended from custody.state n where n.what = 's' and n.code = s.state) then
        perform base.problem('action-not-allowed', '{"allowed": []}');
    end if;
    select * into k from custody.delivery_code where number = p_number;
    if k.request = p_request then
        return jsonb_build_object('number', p_number, 'expires_at', k.expires_at);
    elsif k.issued >= 10 then
        perform base.problem('conflict', jsonb_build_object(
            'detail', 'Ten codes were issued for this shipment; use another proof.',
            'detail_vi', 'Bưu gửi này đã được cấp mười mã; hãy dùng bằng chứng khác.'));
    end if;
    insert into custody.delivery_code as c (number, request, hash, issued_at, expires_at)
    values (p_number, p_request, p_hash, now(), now() + make_interval(hours => rule.code_hours))
    on conflict (number) do update
        set request = excluded.request, hash = excluded.hash, issued_at = excluded.issued_at,
            expires_at = excluded.expires_at, issued = c.issued + 1, tries = 0, strange_tries = 0,
            used_event = null
    returning * into k;
    insert into dossier.access (dossier, account, unit, what)
    values (d.id, p_actor, p_unit, 'delivery-code');
    return jsonb_build_object('number', p_number, 'expires_at', k.expires_at);
end $$;
