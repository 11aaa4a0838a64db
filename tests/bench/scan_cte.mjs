// The peers' side of the bench: one scan as one statement, as somebody who knows PostgreSQL would
// write it without the program's functions. The same rules from the same tables, the same rows
// written (event, shipment, exceptions when there are any), exactly once, the same answer.
// p: an expression for each of number, id, kind, at, actor, unit, roles, digest; first: a list of
// common table expressions they may speak of, and from: the one to join.
export const scan_cte = (p, first = '', from = '') => `
with ${first}
s as materialized (
    select * from custody.shipment where number = ${p.number} for no key update),
n as materialized (
    select s.number, ${p.id} as id, ${p.kind} as kind, least(${p.at}, now()) as at,
        ${p.at} as told, ${p.actor} as actor, ${p.unit} as unit, ${p.digest} as digest, o.odd,
        case when d.ok then coalesce(case when s.going_back then t.to_returning end, t.to_state,
                                     s.state) else s.state end as state,
        s.going_back or d.ok and coalesce(t.sets = 'returning', false) as going_back,
        s.redirected or d.ok and coalesce(t.sets = 'redirected', false) as redirected,
        s.damaged or d.ok and coalesce(t.sets = 'damaged', false) as damaged,
        case when d.moves is null then s.holder_kind
             when d.moves in ('place', 'authority') then d.moves
             when d.moves = 'consignee' then case when d.agency is null then 'addressee'
                                                  else 'agency' end
             else 'person' end as holder_kind,
        case when d.moves is null then s.holder_id when d.moves = 'place' then ${p.unit}
             when d.moves = 'consignee' then coalesce(d.agency, 0)
             when d.moves = 'authority' then 0 else ${p.actor} end as holder_id,
        case when d.moves = 'place' then ${p.unit}
             when d.moves = 'consignee' then coalesce(d.agency, s.place) else s.place end as place,
        case when d.moves = 'place' then least(${p.at}, now()) else s.place_at end as place_at,
        case when d.moves is null then s.offered_kind end as offered_kind,
        case when d.moves is null then s.offered_to end as offered_to
    from s ${from}
    join custody.scan_kind k on k.kind = ${p.kind} and k.roles & ${p.roles} <> 0
    left join custody.transition t on t.what = 's' and t.kind = ${p.kind}
        and t.from_state = s.state and not t.signed
    cross join lateral (
        select s.holder_kind = 'person' and s.holder_id = ${p.actor}
               or s.holder_kind in ('place', 'agency') and s.holder_id = ${p.unit} as mine offset 0) w
    cross join lateral (
        select case when t.kind is null then 'illegal_step'
            when t.holder = 'consignee' and case when s.going_back then s.from_agency
                                                 else s.to_agency end is not null
            then 'agency_not_signed'
            when t.holder = 'consignee' then 'no_proof'
            when t.expects = 'holder' and not w.mine
              or t.expects = 'taker' and not (w.mine or s.holder_kind <> 'person'
                  or coalesce(s.offered_kind = 'person' and s.offered_to = ${p.actor}
                              or s.offered_kind = 'unit' and s.offered_to = ${p.unit}, false))
            then case t.stray when 'moves' then 'wrong_holder' else 'wrong_holder_waits' end
            end as flag offset 0) f
    cross join lateral (
        select f.flag, f.flag is null or f.flag = 'wrong_holder' as ok,
            case when (f.flag is null or f.flag = 'wrong_holder') and t.holder <> 'unchanged'
                 then t.holder end as moves,
            case when s.going_back then s.from_agency else s.to_agency end as agency offset 0) d
    cross join lateral (
        select array_remove(array[d.flag,
            case when d.moves = 'place' and not s.redirected and s.route is not null
                      and ${p.unit} <> all (s.route) then 'wrong_route' end,
            case when d.moves = 'place' and s.place <> ${p.unit}
                      and ${p.at} - s.place_at <= interval '12 hours'
                      and (select extract(epoch from ${p.at} - s.place_at) / 60 + 5
                                  < case when k.km <= 300 then k.km / 2 else k.km / 15 end
                           from postal.unit f, postal.unit h, lateral (
                               select 6371 * 2 * asin(least(1, sqrt(sind((h.lat - f.lat) / 2) ^ 2
                                   + cosd(f.lat) * cosd(h.lat) * sind((h.lon - f.lon) / 2) ^ 2)))
                               ) k (km)
                           where f.id = s.place and h.id = ${p.unit})
                 then 'impossible_speed' end], null) as odd offset 0) o
    where (${p.at}, ${p.id}) > (s.last_at, s.last_id) and s.closure is null and not s.loose
      and ${p.at} between now() - interval '60 days' and now() + interval '5 minutes'),
e as (
    insert into custody.event (subject, id, kind, at, received_at, device_at, device, actor, unit,
        outcome, warnings, state, holder_kind, holder_id, digest)
    select number, id, kind, at, now(), told, actor, actor, unit,
        case when odd = '{}' then 'recorded' else 'exception' end, odd,
        state, holder_kind, holder_id, digest
    from n on conflict (subject, id) do nothing returning subject),
u as (
    update custody.shipment s set state = n.state, going_back = n.going_back,
        redirected = n.redirected, damaged = n.damaged, holder_kind = n.holder_kind,
        holder_id = n.holder_id, place = n.place, place_at = n.place_at,
        offered_kind = n.offered_kind,
        offered_to = n.offered_to, last_at = n.at, last_device = n.actor, last_seq = 0,
        last_id = n.id, events = s.events + 1
    from n, e where s.number = e.subject),
x as (
    insert into custody.exception (subject, event_id, code, unit, actor)
    select number, id, flag, unit, actor from n, e, unnest(n.odd) as flag)
select case when e.subject is null then 'duplicate' when n.odd = '{}' then 'recorded'
            else 'exception' end as outcome, n.number, n.state, n.holder_kind,
       n.odd
from n left join e on true`;

// A version-7 UUID, as the client makes it; pgbench has no function of its own for it.
const uuid7 = `encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing
    substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
    from 1 for 6), 52, 1), 53, 1), 'hex')::uuid`;

// The shipments in the order of their use: the k-th is number 1 + k * stride mod the count, so that
// neighbours in time lie far apart. Coprime to every count of dossiers used.
export const STRIDE = 7919;

// pgbench's own way to the number of shipment :i (see seed.sql), and the text to use it in SQL.
const weights = [8, 6, 4, 2, 3, 5, 9, 7];
const digits = weights.map((w, d) => `:serial / ${10 ** (7 - d)} % 10 * ${w}`).join(' + ');
export const set_number = `\\set serial 60000000 + :i
\\set c 11 - (${digits}) % 11
\\set check case when :c = 10 then 0 when :c = 11 then 5 else :c end
\\set digits :serial * 10 + :check
`;
export const number_text = "('RR' || :digits::text || 'VN')";

// pgbench's script: of the `size` shipments from place `from` of that order, client c of n scans
// c, c + n, … and again, each further on its way; kind, person and unit follow from how often it
// was scanned before (see seed.sql).
export function pgbench_script({ dossiers, clerks, hubs, first_account, hub_unit }, clients,
                               { from, size }) {
    const sql = scan_cte({
        number: number_text, id: 'c.id', at: 'c.at', kind: 'c.kind',
        actor: ':actor::bigint', unit: ':unit::bigint', roles: ':roles::int',
        digest: "sha256(convert_to(concat_ws(' ', c.id, c.kind, c.at, :digits::text), 'UTF8'))",
    }, `c as materialized (select clock_timestamp() - interval '4 days'
        + :k / ${size} * interval '1 hour' as at, ${uuid7} as id,
        (array['depart', 'arrive', 'sort', 'depart', 'arrive'])[:nth::int] collate "C" as kind),`,
    'cross join c');
    return `\\set turn :turn + 1
\\set k :client_id + :turn * ${clients}
\\set i 1 + (${from} + :k % ${size}) * ${STRIDE} % ${dossiers}
${set_number}\\set place (9 + :i % 3 + :k / ${size} - 2) % 5
\\set hub :place >= 1 and :place <= 3
\\set n case when :hub then ${clerks} + :i % ${hubs} else :i % ${clerks} end
\\set actor ${first_account} + :n
\\set unit case when :hub then ${hub_unit} else 11 + :n end
\\set roles case when :hub then 8 else 6 end
\\set nth :place + 1
${sql};
`;
}
