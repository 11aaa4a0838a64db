-- What the second factor of tracking opens. The people in it are sealed: the program adds them, masked
-- (src/dossier/unlocked.h).

-- Where a result goes, in words.
create table dossier.result_word (
    kind text primary key,
    vi text not null,
    en text not null
);
insert into dossier.result_word values
    ('address', 'Phát tại địa chỉ', 'Brought to an address'),
    ('post_office', 'Nhận tại bưu cục', 'Fetched at the post office'),
    ('agency', 'Nhận tại cơ quan giải quyết', 'Fetched at the agency'),
    ('online', 'Nhận trực tuyến', 'Received on line');

-- What somebody read of a dossier, in words. Other readings are told as 'other'.
create table dossier.access_word (
    what text collate "C" primary key,
    vi text not null,
    en text not null
);
insert into dossier.access_word values
    ('get', 'Xem hồ sơ', 'Looked at the dossier'),
    ('events', 'Xem lịch sử hồ sơ', 'Looked at its history'),
    ('label', 'In nhãn bưu gửi', 'Printed a label'),
    ('dispatch_note', 'In phiếu gửi hồ sơ', 'Printed the dispatch note'),
    ('invitation', 'In giấy mời nhận', 'Printed an invitation'),
    ('attachment', 'Xem tệp đính kèm', 'Looked at a file'),
    ('evidence', 'Lấy bộ chứng cứ', 'Took the evidence bundle'),
    ('delivery-code', 'Cấp mã nhận một lần', 'Issued a one-time code'),
    ('receipt-code', 'Cấp mã tra cứu mới', 'Issued a new receipt code'),
    ('unlock-phone', 'Tra cứu bằng bốn số cuối điện thoại', 'Tracking, with four digits of the phone'),
    ('result', 'Tải kết quả điện tử', 'Downloaded the electronic result'),
    ('result-seal', 'Tải chữ ký niêm phong của kết quả', 'Downloaded the seal of the result'),
    ('unlock-code', 'Tra cứu bằng mã tra cứu trên phiếu gửi hồ sơ', 'Tracking, with the code on the receipt'),
    ('other', 'Đọc dữ liệu của hồ sơ', 'Read its data');

do $$
begin
    perform base.revoke_service('insert, update', 'dossier.result_word');
    perform base.revoke_service('insert, update', 'dossier.access_word');
end $$;

-- dossier.may_download(dossier, by): whether who opened it so may have the file of its result: only with
-- the code of the receipt (four digits are soon guessed), once there is one, until it is erased.
-- Reads dossier.personal, dossier.result, attachment.file.
create function dossier.may_download(d dossier.dossier, p_by text) returns boolean
language plpgsql stable as $$
begin
    return coalesce(p_by = 'code', false) and d.status in (9, 10)
        and exists (select from dossier.personal x where x.dossier = d.id and x.erased_at is null)
        and exists (select from dossier.result r join attachment.file f on f.id = r.file
                    where r.dossier = d.id and r.superseded_at is null and f.whole_at is not null);
end $$;

-- dossier.download_json(dossier, by): {allowed, result?: {version, size, sha256, at, replaced?: {version,
-- at, superseded_at} of the one before}, needs_code?: there is one, for who has the code}.
-- Reads dossier.result.
create function dossier.download_json(d dossier.dossier, p_by text) returns jsonb
language plpgsql stable as $$
begin
    if not dossier.may_download(d, 'code') then
        return '{"allowed": false}';
    elsif not dossier.may_download(d, p_by) then
        return '{"allowed": false, "needs_code": true}';
    end if;
    return jsonb_build_object('allowed', true, 'result', (
        select jsonb_strip_nulls(jsonb_build_object('version', r.version, 'size', r.size,
            'sha256', encode(r.sha256, 'hex'), 'at', r.at, 'replaced', (
                select jsonb_build_object('version', o.version, 'at', o.at, 'superseded_at', o.superseded_at)
                from dossier.result o where o.dossier = d.id and o.version < r.version
                order by o.version desc limit 1)))
        from dossier.result r where r.dossier = d.id and r.superseded_at is null));
end $$;

-- dossier.office_json(unit): where something is fetched: {name, name_en, address?, phone?, hours?}.
-- Reads postal.unit.
create function dossier.office_json(p_unit bigint) returns jsonb
language plpgsql stable as $$
begin
    return (
        select jsonb_strip_nulls(jsonb_build_object('name', u.name, 'name_en', u.name_en,
            'address', nullif(u.address, ''), 'phone', nullif(u.phone, ''),
            'hours', label.hours(u.id)))
        from postal.unit u where u.id = p_unit);
end $$;

-- dossier.result_json(dossier): where its result goes: {kind, vi, en, office?, place?}; of an address
-- only the commune and the province. Reads dossier.result_word, postal.*.
create function dossier.result_json(d dossier.dossier) returns jsonb
language plpgsql stable as $$
begin
    return (
        select jsonb_strip_nulls(jsonb_build_object('kind', w.kind, 'vi', w.vi, 'en', w.en,
            'office', case w.kind when 'post_office' then dossier.office_json(d.result_unit)
                                  when 'agency' then dossier.office_json(d.agency) end,
            'place', case w.kind when 'address' then label.commune_place(d.result_commune) end))
        from dossier.result_word w where w.kind = d.result_to_kind);
end $$;

-- dossier.failures(number, moves): deliveries that failed, oldest first: [{at, reason?, reason_vi?,
-- reason_en?, next_vi?, next_en?}], in words of ours alone. Reads custody.*.
create function dossier.failures(p_number text, p_moves custody.event[]) returns jsonb
language plpgsql stable as $$
begin
    return (
        select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('at', e.at,
            'reason', r.code, 'reason_vi', r.name_vi, 'reason_en', r.name_en,
            'next_vi', n.name_vi, 'next_en', n.name_en)) order by e.at, e.id), '[]')
        from unnest(p_moves) e
        left join custody.failure_reason r on r.code = e.reason
        left join custody.next_action n on n.code = e.next_action
        where e.subject = p_number and e.kind = 'fail');
end $$;

-- dossier.received(number, moves): {at, relation?, relation_vi?, relation_en?} of its delivery: what the
-- recipient is to the addressee, never who. Null: not delivered. Reads custody.*.
create function dossier.received(p_number text, p_moves custody.event[]) returns jsonb
language plpgsql stable as $$
begin
    return (
        select jsonb_strip_nulls(jsonb_build_object('at', e.at, 'relation', r.code,
            'relation_vi', r.name_vi, 'relation_en', r.name_en))
        from unnest(p_moves) e
        left join custody.recipient_relation r on r.code = coalesce(
            (select w.code from custody.recipient_relation w where w.code = e.data ->> 'relation'),
            case when e.data ? 'relation' then 'other' end)
        where e.subject = p_number and e.kind = 'deliver'
        order by e.at desc, e.id desc limit 1);
end $$;

-- dossier.delivery_details(dossier): of each shipment its delivery: [{number, leg, leg_vi, leg_en, state,
-- state_vi, state_en, received?, failures, invitations: [{at, counts}], fetch?: {office, hold_until?,
-- return_on?, identity, addressee_only, old_papers}}], oldest first. fetch: while it waits to be
-- fetched. Reads custody.*.
create function dossier.delivery_details(p_dossier uuid) returns jsonb
language plpgsql stable as $$
declare
    moves custody.event[] := array(
        select m.event from dossier.moves(p_dossier) m
        where (m.event).kind in ('deliver', 'fail'));
begin
    return (
        select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('number', s.number,
            'leg', s.leg, 'leg_vi', l.vi, 'leg_en', l.en,
            'state', now.state, 'state_vi', st.name_vi, 'state_en', st.name_en,
            'received', dossier.received(s.number, moves),
            'failures', dossier.failures(s.number, moves),
            'invitations', w.told -> 'invitations',
            'fetch', case when custody.for_the_door(s) and not s.going_back
                               and (w.told -> 'invitations' <> '[]' or s.state = 'held'
                                    or s.to_unit = d.result_unit)
                then jsonb_build_object('office', dossier.office_json(label.waits_at(s)),
                    'hold_until', w.told -> 'hold_until', 'return_on', w.told -> 'return_on',
                    'identity', w.told -> 'identity', 'addressee_only', w.told -> 'addressee_only',
                    'old_papers', w.told -> 'old_papers') end))
            order by s.created_at, s.number), '[]')
        from custody.shipment s
        join dossier.dossier d on d.id = s.dossier
        join dossier.leg l on l.leg = s.leg
        cross join lateral custody.resolved(s.number) now
        left join custody.state st on st.what = 's' and st.code = now.state
        cross join lateral (select custody.delivery_json(s) as told offset 0) w
        where s.dossier = p_dossier);
end $$;

-- dossier.reads(dossier, staff, others): who read its data, newest first: [{at, what, vi, en, unit?}]: the
-- unit, never whose login. At most so many of the staff's, and of those by the second factor, which
-- therefore push nobody's out. Reads dossier.access.
create function dossier.reads(p_dossier uuid, staff int default 100, others int default 20)
returns jsonb
language plpgsql stable as $$
begin
    return (
        select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('at', a.at, 'what', w.what,
            'vi', w.vi, 'en', w.en, 'unit', dossier.unit_json(a.unit))) order by a.at desc), '[]')
        from (select * from (select * from dossier.access x
                             where x.dossier = p_dossier and x.account <> 0
                             order by x.at desc limit staff) s
              union all
              select * from (select * from dossier.access x
                             where x.dossier = p_dossier and x.account = 0
                             order by x.at desc limit others) o) a
        join dossier.access_word w on w.what = coalesce(
            (select k.what from dossier.access_word k where k.what = a.what), 'other'));
end $$;

-- dossier.unlocked(dossier, by): {code, by, status, result, shipments, download, pickup?, reads?}. by:
-- phone, or code, which shows also who read it. pickup: of papers that a courier is still to fetch.
-- Reads dossier.*, custody.*, online.pickup.
create function dossier.unlocked(d dossier.dossier, p_by text) returns jsonb
language plpgsql stable as $$
begin
    return jsonb_build_object('code', d.code, 'by', p_by, 'status', dossier.status_json(d.status),
               'result', dossier.result_json(d), 'shipments', dossier.delivery_details(d.id),
               'download', dossier.download_json(d, p_by))
        || case when p_by = 'code' then jsonb_build_object('reads', dossier.reads(d.id))
                else '{}' end
        || case when exists (select from online.pickup k where k.dossier = d.id and online.is_awaited(k))
                then jsonb_strip_nulls(jsonb_build_object('pickup', online.pickup_json(d.id))) else '{}' end;
end $$;
