-- The one definition of a step: record_scans takes it for the scans that come in order, the fold for
-- everything else.

-- custody.has_recipient(data): whether a recipient was told with the scan. Who, lies sealed.
create function custody.has_recipient(p_data jsonb) returns boolean
language sql immutable parallel safe as $$
    select coalesce(p_data ->> 'recipient' = 'true', false)
$$;

-- custody.step(what, standing before, the scan): one row. flag: a code of custody.oddity, or null;
-- ok: whether the step has effect. Reads custody.transition. A set-returning SQL function without
-- side effects, so the planner puts it into the statement that uses it.
--   p_into: closure that a bag scan goes into (null: no open bag); p_proof: a recipient is known
--   p_signed: it is the signing of a hand-over, or a dossier's cancelling; p_confirmed: a person let
--   the wrong holder's step count; at_place: the step shows that the thing is at p_unit
create function custody.step(
    p_what text, p_state text, p_going_back boolean, p_redirected boolean, p_damaged boolean,
    p_holder_kind text, p_holder_id bigint, p_place bigint, p_offered_kind text,
    p_offered_to bigint, p_from_agency bigint, p_to_agency bigint,
    p_kind text, p_actor bigint, p_unit bigint, p_target_kind text, p_target_id bigint,
    p_into bigint, p_proof boolean, p_signed boolean, p_confirmed boolean)
returns table (
    ok boolean, flag text, state text, going_back boolean, redirected boolean, damaged boolean,
    holder_kind text, holder_id bigint, place bigint, closure bigint, offered_kind text,
    offered_to bigint, in_bag boolean, at_place boolean)
language sql stable as $$
    select d.ok, d.flag,
        case when not d.ok then p_state
             when p_going_back and t.to_returning is not null then t.to_returning
             else coalesce(t.to_state, p_state) end,
        p_going_back or (d.ok and coalesce(t.sets = 'returning', false)),
        p_redirected or (d.ok and coalesce(t.sets = 'redirected', false)),
        p_damaged or (d.ok and coalesce(t.sets = 'damaged', false)),
        case when d.moves is null then p_holder_kind
             when d.moves = 'bag' then 'bag'
             when d.moves = 'place' then 'place'
             when d.moves = 'authority' then 'authority'
             when d.moves = 'consignee' and d.agency is not null then 'agency'
             when d.moves = 'consignee' then 'addressee'
             when d.moves = 'carrier' and p_target_kind = 'trip' then 'trip'
             when p_target_kind = 'unit' and p_signed then 'place'
             else 'person' end,
        case when d.moves is null then p_holder_id
             when d.moves = 'bag' then p_into
             when d.moves = 'place' then coalesce(p_unit, 0)
             when d.moves = 'authority' then 0
             when d.moves = 'consignee' then coalesce(d.agency, 0)
             when d.moves = 'carrier' and p_target_kind in ('trip', 'person') then p_target_id
             when p_signed then p_target_id
             else p_actor end,
        case when d.moves = 'place' then coalesce(p_unit, p_place)
             when d.moves = 'consignee' then coalesce(d.agency, p_place)
             when d.moves = 'taker' and p_signed and p_target_kind = 'unit' then p_target_id
             else p_place end,
        case when d.moves = 'bag' then p_into end,
        case when not d.ok then p_offered_kind when t.offers then p_target_kind
             when d.moves is null then p_offered_kind end,
        case when not d.ok then p_offered_to when t.offers then p_target_id
             when d.moves is null then p_offered_to end,
        coalesce(t.in_bag, false), coalesce(d.moves = 'place', false)
    from (values (1)) as one (row)
    left join custody.transition t
        on t.what = p_what and t.kind = p_kind and t.from_state = p_state and t.signed = p_signed
    cross join lateral (
        select coalesce((p_holder_kind = 'person' and p_holder_id = p_actor)
                        or (p_holder_kind in ('place', 'agency') and p_holder_id = p_unit), false)
               as mine,
               coalesce((p_offered_kind = 'person' and p_offered_to = p_actor)
                        or (p_offered_kind = 'unit' and p_offered_to = p_unit), false) as offered
        offset 0) w
    cross join lateral (
        select case when p_going_back or t.sets = 'returning' then p_from_agency
                    else p_to_agency end as agency) g
    cross join lateral (
        select case when t.kind is null then 'illegal_step'
                    when t.holder = 'bag' and p_into is null then 'closed_bag'
                    when t.holder = 'consignee' and g.agency is not null and not p_signed
                    then 'agency_not_signed'
                    when t.holder = 'consignee' and not p_proof then 'no_proof'
                    when p_confirmed then null
                    when (t.expects = 'holder' and not w.mine)
                      or (t.expects = 'taker' and not (w.mine or w.offered
                                                       or p_holder_kind <> 'person'))
                    then case t.stray when 'moves' then 'wrong_holder'
                                      else 'wrong_holder_waits' end
               end as flag
        offset 0) f
    cross join lateral (
        select f.flag is null or f.flag = 'wrong_holder' as ok, f.flag,
               case when (f.flag is null or f.flag = 'wrong_holder') and t.holder <> 'unchanged'
                    then t.holder end as moves,
               g.agency
        offset 0) d
$$;

create type custody.standing as (
    state text, going_back boolean, redirected boolean, damaged boolean, holder_kind text,
    holder_id bigint, place bigint, place_at timestamptz, closure bigint, offered_kind text,
    offered_to bigint);

-- custody.too_fast(from, since, to, at): whether nobody can be at one unit at that time who was at
-- the other then: 120 km an hour by road up to 300 km, 900 in the air beyond, and five minutes by
-- which clocks may be off. Reads postal.unit, postal.commune. (plpgsql keeps the plan.)
create function custody.too_fast(p_from bigint, p_since timestamptz, p_to bigint,
                                 p_at timestamptz) returns boolean
language plpgsql stable as $$
declare
    v_km float8;
begin
    if p_from is null or p_since is null or p_to is null or p_from = p_to then
        return false;
    end if;
    select postal.kilometres(coalesce(f.lat, fc.lat), coalesce(f.lon, fc.lon),
                             coalesce(t.lat, tc.lat), coalesce(t.lon, tc.lon)) into v_km
    from postal.unit f
    join postal.commune fc on fc.code = f.commune_code
    join postal.unit t on t.id = p_to
    join postal.commune tc on tc.code = t.commune_code
    where f.id = p_from;
    return coalesce(extract(epoch from p_at - p_since) / 60 + 5
                    < case when v_km <= 300 then v_km / 2 else v_km / 15 end, false);
end $$;
