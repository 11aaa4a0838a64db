-- Delivery, what is asked and commanded: what a delivery requires now, invitations, what is
-- unclaimed, files that are overdue.

-- custody.held_until(steps): until when the office promised to hold it; null: no such promise.
create function custody.held_until(p_steps custody.delivery_step[]) returns date
language plpgsql stable as $$
begin
    return (select x.until from unnest(p_steps) as x
            where x.kind in ('hold', 'out_for_delivery', 'redirect', 'return')
            order by x.at desc, x.id desc limit 1);
end $$;

-- custody.taken_on(number): the day the post took it over; null: not yet. Reads custody.event.
create function custody.taken_on(p_number text) returns date
language plpgsql stable as $$
begin
    return (select base.vn_date(min(e.at)) from custody.event e
            where e.subject = p_number and e.kind in ('accept', 'collect', 'take_over', 'arrive'));
end $$;

-- custody.delivery_json(shipment): what its delivery requires now: {number, leg, state, returning,
-- by_signature (an agency signs for it: nothing below applies), identity, addressee_only,
-- old_papers, proofs, code_issued, invitations: [{at, counts}], may_invite, next_invitation_on,
-- return_on, hold_until, unclaimed_on, next_actions: {reason: [action]}}. Nothing of it is personal.
-- Reads custody.*, dossier.dossier, procedure.procedure.
create function custody.delivery_json(s custody.shipment) returns jsonb
language plpgsql stable as $$
declare
    rule custody.delivery_rule;
    steps custody.delivery_step[] := custody.delivery_steps(s.number);
    invited record;
    told record;
begin
    select * into rule from custody.delivery_rule r where r.leg = s.leg;
    select * into invited from custody.invitation_flag(steps, s.leg, now());
    select coalesce(p.addressee_only and s.leg = 'result', false) as only_self,
           coalesce(p.old_papers and s.leg = 'result', false) as old_papers into told
    from (values (1)) as one (row)
    left join dossier.dossier d on d.id = s.dossier
    left join procedure.procedure p on p.code = d.procedure and p.version = d.procedure_version;
    return jsonb_strip_nulls(jsonb_build_object(
        'number', s.number, 'leg', s.leg, 'state', s.state, 'returning', s.going_back,
        'by_signature', custody.by_signature(s),
        'identity', coalesce(rule.identity, false), 'addressee_only', told.only_self,
        'old_papers', told.old_papers, 'proofs', to_jsonb(coalesce(rule.proofs, '{}')),
        'code_issued', exists (select from custody.delivery_code k
                               where k.number = s.number and not custody.code_used(k)
                                 and k.expires_at > now() and k.tries < rule.code_tries),
        'invitations', (select coalesce(jsonb_agg(jsonb_build_object('at', i.at, 'counts', i.counts)
                                                  order by i.at), '[]')
                        from custody.invitations(steps, s.leg, 'infinity') i),
        'may_invite', invited.flag is null, 'next_invitation_on', invited.next_on,
        'return_on', invited.return_on, 'hold_until', custody.held_until(steps),
        'unclaimed_on', (custody.taken_on(s.number)
                         + make_interval(months => rule.unclaimed_months))::date,
        'next_actions', (
            select jsonb_object_agg(x.reason, x.actions) from (
                select n.reason, jsonb_agg(n.next_action order by a.pos) as actions
                from custody.failure_next n join custody.next_action a on a.code = n.next_action
                where n.next_action <> 'invite' or invited.flag is null
                group by n.reason) x)));
end $$;

-- custody.delivery(number, actor, unit, roles): the same, with the files for whoever may see the
-- dossier: proofs_kept, those of its scans: [{event, scan, id, kind, media, size, width?, height?}];
-- files_unnamed, those of the dossier that no scan names (attachment.unnamed). Null for an unknown
-- number.
create function custody.delivery(p_number text, p_actor bigint, p_unit bigint, p_roles int)
returns jsonb
language plpgsql stable as $$
declare
    s custody.shipment;
    d dossier.dossier;
begin
    select * into s from custody.shipment where number = p_number;
    if not found then
        return null;
    end if;
    select * into d from dossier.dossier where id = s.dossier;
    return custody.delivery_json(s) || case
        when d.id is not null and dossier.in_scope(d, p_actor, p_unit, p_roles)
        then jsonb_build_object('proofs_kept', attachment.of_shipment(s),
                                'files_unnamed', attachment.unnamed(s)) else '{}' end;
end $$;

-- custody.for_the_door(shipment): whether it may be delivered to a person from where it is.
create function custody.for_the_door(s custody.shipment) returns boolean
language sql immutable as $$
    select s.state in ('at_delivery_office', 'out_for_delivery', 'delivery_failed', 'held')
           and not custody.by_signature(s)
$$;

-- custody.deliveries(actor, unit): of everything that this person, or this unit as a place, holds and
-- may deliver to a person, for devices that go off line: {items: [delivery_json], more}, the person's
-- own first; so many of each, and neither takes the room of the other. more: there are others for
-- which there was no room.
create function custody.deliveries(p_actor bigint, p_unit bigint, p_limit int default 500)
returns jsonb
language plpgsql stable as $$
begin
    return (select jsonb_build_object(
                'items', coalesce(jsonb_agg(custody.delivery_json(m.s) order by m.turn, m.place)
                                  filter (where m.place <= p_limit), '[]'),
                'more', coalesce(bool_or(m.place > p_limit), false))
            from (values (1, 'person', p_actor), (2, 'place', p_unit)) as h (turn, kind, id)
            cross join lateral (
                select h.turn, x.s, row_number() over (order by (x.s).number) as place
                from (select s from custody.shipment s
                      where s.holder_kind = h.kind and s.holder_id = h.id
                        and custody.for_the_door(s)
                      order by s.number limit p_limit + 1) x) m);
end $$;

-- custody.invite(actor, unit, id, number, digest): the office that has it invites the addressee to
-- fetch it. Returns delivery_json(); the same id again changes nothing. Problems not-found, id-reused,
-- forbidden (another unit has it), action-not-allowed (its state), invitation-early (next_on),
-- invitation-third (return_on). Writes custody.event.
create function custody.invite(p_actor bigint, p_unit bigint, p_id uuid, p_number text,
                               p_digest bytea) returns jsonb
language plpgsql as $$
declare
    s custody.shipment;
    w record;
    v_may record;
begin
    perform custody.subject_lock(array[p_number]);
    select * into s from custody.shipment where number = p_number;
    select * into w from custody.resolved(p_number);
    if s.number is null then
        perform base.problem('not-found');
    elsif not exists (select from custody.event e where e.subject = p_number and e.id = p_id) then
        if w.place is distinct from p_unit then
            perform base.problem('forbidden');
        elsif w.state not in ('at_delivery_office', 'delivery_failed', 'held') or s.going_back
              or custody.by_signature(s) then
            perform base.problem('action-not-allowed', '{"allowed": []}');
        end if;
        select * into v_may
        from custody.invitation_flag(custody.delivery_steps(p_number), s.leg, now());
        if v_may.flag is not null then
            perform base.problem(replace(v_may.flag, '_', '-'), jsonb_strip_nulls(
                jsonb_build_object('next_on', v_may.next_on, 'return_on', v_may.return_on)));
        end if;
    end if;
    perform custody.append(p_number, p_id, 'invite', p_actor, p_unit, p_digest => p_digest);
    return custody.delivery_json(s);
end $$;

-- custody.unclaimed(unit): what this unit, or somebody who works there, holds and nobody fetches, and
-- what is to be done with it: {items: [{number, dossier, state, taken_on, invitations, return_on,
-- hold_until, unclaimed_on, what, text, text_en}]}, the most urgent first.
-- Reads custody.*, account.account, dossier.dossier.
create function custody.unclaimed(p_unit bigint, p_limit int default 500) returns jsonb
language sql stable as $$
    with here as (
        select s.* from custody.shipment s
        where (s.holder_kind = 'place' and s.holder_id = p_unit
               or s.holder_kind = 'person' and s.holder_id in (
                   select a.id from account.account a where a.unit_id = p_unit))
          and s.state in ('at_delivery_office', 'delivery_failed', 'held')
          and not s.going_back and not custody.by_signature(s)),
    told as (
        select h.number, h.dossier, h.state, i.given, i.next_on, i.return_on,
               custody.held_until(p.steps) as until, custody.taken_on(h.number) as taken_on,
               r.unclaimed_months as months
        from here h
        join custody.delivery_rule r on r.leg = h.leg
        cross join lateral (select custody.delivery_steps(h.number) as steps offset 0) p
        cross join lateral custody.invitation_flag(p.steps, h.leg, now()) i),
    due as (
        select t.*, (t.taken_on + make_interval(months => t.months))::date as unclaimed_on,
               case when (t.taken_on + make_interval(months => t.months))::date <= base.vn_date(now())
                    then 'unclaimed'
                    when t.return_on <= base.vn_date(now()) then 'return'
                    when t.given > 0 and t.next_on <= base.vn_date(now()) then 'invite'
                    when t.until < base.vn_date(now()) then 'hold_over' end as what
        from told t)
    select jsonb_build_object('items', coalesce(jsonb_agg(x.line order by x.pos, x.number), '[]'))
    from (select u.number, a.pos, jsonb_strip_nulls(jsonb_build_object(
                     'number', u.number, 'dossier', d.code, 'state', u.state, 'state_vi', n.name_vi,
                     'state_en', n.name_en, 'taken_on', u.taken_on, 'invitations', u.given,
                     'return_on', u.return_on, 'hold_until', u.until,
                     'unclaimed_on', u.unclaimed_on, 'what', u.what, 'text', a.name_vi,
                     'text_en', a.name_en)) as line
          from due u
          join custody.unclaimed_action a on a.code = u.what
          join custody.state n on n.what = 's' and n.code = u.state
          left join dossier.dossier d on d.id = u.dossier
          order by a.pos, u.number limit p_limit) x
$$;

-- custody.proofs_overdue(): opens an exception for each scan whose files have not come in time.
-- Returns how many. Writes custody.exception, custody.proof_pending.
create function custody.proofs_overdue() returns bigint
language sql as $$
    with late as (
        update custody.proof_pending p set told = true
        from custody.shipment s, custody.delivery_rule r
        where not p.told and s.number = p.subject and r.leg = s.leg
          and p.since < now() - make_interval(hours => r.proof_hours)
        returning p.subject, p.event),
    opened as (
        insert into custody.exception (subject, event_id, code, unit, actor)
        select distinct l.subject, l.event, 'proof_overdue', e.unit, e.actor
        from late l join custody.event e on e.subject = l.subject and e.id = l.event
        on conflict do nothing returning 1)
    select count(*) from opened
$$;

-- custody.daily(): upkeep once a day: replies kept for a repeat, files that never came whole, scans
-- whose files are overdue.
create function custody.daily() returns void
language plpgsql as $$
begin
    perform base.idempotency_forget();
    perform attachment.expire();
    perform custody.proofs_overdue();
end $$;
