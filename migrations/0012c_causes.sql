-- The likely cause of an exception, where the data tell more than custody.care does.

-- custody.words_of_time(at): 23/11/2026 09:15.
create function custody.words_of_time(p_at timestamptz) returns text
language sql stable as $$
    select to_char(p_at at time zone 'Asia/Ho_Chi_Minh', 'DD/MM/YYYY HH24:MI')
$$;

-- custody.words_of_span(interval): 3 ngày, 2 giờ, 15 phút; and in English. The greatest unit alone.
create function custody.words_of_span(p_span interval, out vi text, out en text)
language plpgsql immutable as $$
declare
    v_minutes int := greatest(round(extract(epoch from p_span) / 60), 1);
begin
    vi := case when v_minutes >= 2880 then v_minutes / 1440 || ' ngày'
               when v_minutes >= 120 then v_minutes / 60 || ' giờ' else v_minutes || ' phút' end;
    en := case when v_minutes >= 2880 then v_minutes / 1440 || ' days'
               when v_minutes >= 120 then v_minutes / 60 || ' hours' else v_minutes || ' min' end;
end $$;

-- custody.fold_of(subject, until, extra): the fold of a shipment or container; of an unknown subject,
-- or one whose history was purged, null.
create function custody.fold_of(p_subject text, p_until timestamptz default 'infinity',
                                p_extra custody.event default null) returns custody.folded
language plpgsql stable as $$
declare
    s custody.shipment;
    c container.container;
begin
    if custody.is_purged(p_subject) then
        return null;
    end if;
    select * into s from custody.shipment where number = p_subject;
    if found then
        return custody.fold(s, p_until, p_extra);
    end if;
    select * into c from container.container where id = p_subject;
    if found then
        return custody.fold(c, p_until, p_extra);
    end if;
    return null;
end $$;

-- custody.before(event): the fold of its subject just before it.
create function custody.before(e custody.event) returns custody.folded
language sql stable as $$
    select custody.fold_of(e.subject, e.at - interval '1 microsecond')
$$;

-- custody.cause_of_holder(event): who had it, since when, and who came to scan it.
create function custody.cause_of_holder(e custody.event, out vi text, out en text)
language plpgsql stable as $$
declare
    f custody.folded := custody.before(e);
    v_before text;
    v_now text := (select a.name from account.account a where a.id = e.actor);
    v_list record;
begin
    select p.name into v_before
    from custody.party((f.standing).holder_kind, (f.standing).holder_id) p;
    if coalesce(v_before, '') = '' or v_now is null then
        return;
    end if;
    select h.created_at into v_list
    from custody.handover_item i join custody.handover h on h.id = i.handover
    where i.number = e.subject and h.state = 'open'
      and (h.to_kind = 'person' and h.to_id = e.actor or h.to_kind = 'unit' and h.to_id = e.unit)
    limit 1;
    vi := format('%s giữ sau cùng%s; %s quét mà không có bàn giao: ', v_before,
                 ' (từ ' || custody.words_of_time(nullif(f.last_at, '-infinity')) || ')', v_now);
    en := format('%s had it last%s; %s scanned it without a take-over: ', v_before,
                 ' (since ' || custody.words_of_time(nullif(f.last_at, '-infinity')) || ')', v_now);
    if v_list.created_at is not null then
        vi := vi || format('biên bản giao nhận lập lúc %s chưa được ký.',
                           custody.words_of_time(v_list.created_at));
        en := en || format('the hand-over list made at %s has not been signed.',
                           custody.words_of_time(v_list.created_at));
    else
        vi := vi || 'nhiều khả năng việc bàn giao chưa được quét.';
        en := en || 'most likely the hand-over was not scanned.';
    end if;
end $$;

-- custody.cause_of_clock(event): by how much the device's clock was off, from what was measured at
-- receipt, or from how far ahead of us it was.
create function custody.cause_of_clock(e custody.event, out vi text, out en text)
language plpgsql stable as $$
declare
    v_off interval := coalesce(nullif(custody.skew(e.data), '0'),
        (e.data ->> 'clock_off_ms')::bigint * interval '1 millisecond',
        case when e.device_at > e.received_at then e.received_at - e.device_at end);
    v_words record;
begin
    if v_off is null then
        return;
    end if;
    select * into v_words from custody.words_of_span(greatest(v_off, -v_off));
    vi := format('Đồng hồ thiết bị %s %s so với máy chủ.',
                 case when v_off < '0' then 'nhanh' else 'chậm' end, v_words.vi);
    en := format('The clock of the device was %s %s.', v_words.en,
                 case when v_off < '0' then 'ahead' else 'behind' end);
end $$;

-- custody.cause_of_speed(event): from where, how far and how long; and the clock when it was off.
create function custody.cause_of_speed(e custody.event, out vi text, out en text)
language plpgsql stable as $$
declare
    s custody.standing := (custody.before(e)).standing;
    v_clock record;
    v_way record;
    v_span record;
begin
    if s.closure is not null then
        select l.place, l.since into s.place, s.place_at from container.lies_at(s.closure, e.at) l;
    end if;
    select f.name, round(postal.kilometres(coalesce(f.lat, fc.lat), coalesce(f.lon, fc.lon),
               coalesce(t.lat, tc.lat), coalesce(t.lon, tc.lon))) as km into v_way
    from postal.unit f join postal.commune fc on fc.code = f.commune_code,
         postal.unit t join postal.commune tc on tc.code = t.commune_code
    where f.id = s.place and t.id = e.unit;
    if v_way.km is null or s.place_at is null then
        return;
    end if;
    select * into v_span from custody.words_of_span(e.at - s.place_at);
    select * into v_clock from custody.cause_of_clock(e);
    vi := format('Trước đó ở %s, cách %s km, chỉ %s. ', v_way.name, v_way.km, v_span.vi)
          || coalesce(v_clock.vi, 'Nhiều khả năng đồng hồ của một thiết bị sai, hoặc một trong hai '
                                  'lượt quét là nhầm.');
    en := format('It was at %s, %s km away, only %s before. ', v_way.name, v_way.km, v_span.en)
          || coalesce(v_clock.en, 'Most likely a device clock was wrong, or one of the two scans was a '
                                  'mistake.');
end $$;

-- custody.cause_of_bag(event): when the bag that it was to go into was sealed or opened.
create function custody.cause_of_bag(e custody.event, out vi text, out en text)
language plpgsql stable as $$
declare
    k container.closure;
begin
    select * into k from container.closure c
    where c.container = e.container and c.begun_at <= e.at order by c.n desc limit 1;
    if k.sealed_at is null then
        return;
    end if;
    vi := format('Túi đã niêm phong lúc %s, trước lượt quét này; nhiều khả năng bưu gửi còn ở ngoài túi.',
                 custody.words_of_time(k.sealed_at));
    en := format('The bag was sealed at %s, before this scan; most likely the item is still outside.',
                 custody.words_of_time(k.sealed_at));
end $$;

-- custody.cause_of_seal(event): which bag it lay in by the system, and since when that is sealed.
create function custody.cause_of_seal(e custody.event, out vi text, out en text)
language plpgsql stable as $$
declare
    k container.closure;
begin
    select c.* into k from container.closure c where c.id = ((custody.before(e)).standing).closure;
    if k.id is null then
        return;
    end if;
    vi := format('Theo hệ thống vẫn ở trong túi %s, niêm phong lúc %s: túi đã mở mà không quét mở, hoặc '
                 'bưu gửi chưa từng vào túi.', k.container, custody.words_of_time(k.sealed_at));
    en := format('By the system it is in bag %s, sealed at %s: the bag was opened without a scan, or the '
                 'item never went into it.', k.container, custody.words_of_time(k.sealed_at));
end $$;

-- custody.cause_of_step(event): the state it had then, and those from which the step is allowed.
create function custody.cause_of_step(e custody.event, out vi text, out en text)
language plpgsql stable as $$
declare
    v_what text := case length(e.subject) when 29 then 'c' else 's' end;
    s custody.standing := (custody.before(e)).standing;
    n custody.state;
    v_from record;
begin
    if s.closure is not null then
        select l.state into s.state from container.lies_at(s.closure, e.at) l;
    end if;
    select * into n from custody.state where what = v_what and code = s.state;
    select string_agg(f.name_vi, ', ' order by f.pos) as vi,
           string_agg(f.name_en, ', ' order by f.pos) as en into v_from
    from custody.transition t join custody.state f on f.what = t.what and f.code = t.from_state
    where t.what = v_what and t.kind = e.kind and not t.signed;
    if n.code is null or v_from.vi is null then
        return;
    end if;
    vi := format('Lúc đó: "%s"; thao tác này chỉ làm được từ: %s. ', n.name_vi, v_from.vi)
          || case when n.ended then 'Hành trình đã kết thúc trước lượt quét này.'
                  else 'Nhiều khả năng thiếu một lượt quét ở giữa.' end;
    en := format('It was "%s" then; this step is allowed from: %s only. ', n.name_en, v_from.en)
          || case when n.ended then 'Its journey had ended before.'
                  else 'Most likely a scan in between is missing.' end;
end $$;

-- custody.cause_of_number(subject): whose number it is, and whether it is known by now.
create function custody.cause_of_number(p_subject text, out vi text, out en text)
language plpgsql stable as $$
declare
    v_unit text;
    v_block boolean := false;
    v_lease postal.lease := postal.lease_of(p_subject);
begin
    if exists (select from custody.shipment where number = p_subject) then
        vi := 'Nay đã được nhập vào hệ thống; các lượt quét trước đã được nối vào.';
        en := 'It has been entered by now, and its scans were attached.';
        return;
    end if;
    select u.name into v_unit from postal.unit u
    where u.id = v_lease.unit_id;
    if v_unit is null and p_subject ~ '^[A-Z]{2}\d{9}VN$' then
        select u.name, true into v_unit, v_block
        from postal.s10_block b join postal.unit u on u.id = b.unit_id
        where b.indicator = left(p_subject, 2)
          and substr(p_subject, 3, 8)::int between b.first and b.last limit 1;
    end if;
    if v_unit is null then
        vi := 'Số hiệu không thuộc dải số nào của hệ thống: bưu gửi nơi khác, hoặc gõ nhầm.';
        en := 'The number is of no block here: an item from elsewhere, or mistyped.';
    elsif v_lease.revoked_at is not null then
        vi := format('Số hiệu đã cấp trước cho %s và đã bị thu hồi.', v_unit);
        en := format('The number was leased to %s and revoked since.', v_unit);
    elsif v_block then
        vi := format('Số hiệu thuộc dải số của %s nhưng chưa có hồ sơ: chưa nhập, hoặc gõ nhầm.', v_unit);
        en := format('The number is of a block of %s and no dossier has it: not entered yet, or '
                     'mistyped.', v_unit);
    else
        vi := format('Số hiệu đã cấp trước cho %s nhưng hồ sơ chưa gửi về.', v_unit);
        en := format('The number was leased to %s, whose dossier has not come yet.', v_unit);
    end if;
end $$;

-- custody.cause_of_search(exception): what was expected and who had it last.
create function custody.cause_of_search(x custody.exception, out vi text, out en text)
language plpgsql stable as $$
declare
    v_from text := (select u.name from postal.unit u where u.code = x.detail ->> 'from');
    v_to text := (select u.name from postal.unit u where u.code = x.detail ->> 'to');
    v_person text := (select a.name from account.account a where a.id = x.actor);
    v_since text := custody.words_of_time((x.detail ->> 'since')::timestamptz);
    v_by text := custody.words_of_time((x.detail ->> 'expected_by')::timestamptz);
begin
    if x.code = 'not_arrived' then
        vi := format('Rời %s lúc %s, lẽ ra đến %s trước %s.', v_from, v_since,
                     coalesce(v_to, 'nơi tiếp theo'), v_by);
        en := format('It left %s at %s and should have reached %s by %s.', v_from, v_since,
                     coalesce(v_to, 'the next place'), v_by);
    elsif x.code = 'not_seen_after_opening' then
        vi := format('Túi %s mở tại %s lúc %s; bưu gửi này chưa được quét.', x.detail ->> 'bag', v_from,
                     v_since);
        en := format('Bag %s was opened at %s at %s; this item was not scanned.', x.detail ->> 'bag',
                     v_from, v_since);
    end if;
    vi := vi || coalesce(format(' Người giữ sau cùng: %s.', v_person), '');
    en := en || coalesce(format(' Last held by %s.', v_person), '');
end $$;

-- custody.likely_cause(exception): what most likely happened: computed where the data tell, else the
-- words of custody.care. Reads custody.event and what the folds read.
create function custody.likely_cause(x custody.exception, out vi text, out en text)
language plpgsql stable as $$
declare
    e custody.event;
    c custody.care := custody.care_of(x.code);
    r record;
begin
    select * into e from custody.event where subject = x.subject and id = x.event_id;
    if x.code in ('wrong_holder', 'wrong_holder_waits') then
        select * into r from custody.cause_of_holder(e);
    elsif x.code in ('clock_ahead', 'clock_far', 'id_window') then
        select * into r from custody.cause_of_clock(e);
    elsif x.code = 'impossible_speed' then
        select * into r from custody.cause_of_speed(e);
    elsif x.code = 'closed_bag' then
        select * into r from custody.cause_of_bag(e);
    elsif x.code = 'sealed_bag' then
        select * into r from custody.cause_of_seal(e);
    elsif x.code = 'illegal_step' then
        select * into r from custody.cause_of_step(e);
    elsif x.code in ('unknown_shipment', 'revoked_number') then
        select * into r from custody.cause_of_number(x.subject);
    elsif c.seeks then
        select * into r from custody.cause_of_search(x);
    else
        select null::text as vi, null::text as en into r;
    end if;
    vi := coalesce(r.vi, c.cause_vi);
    en := coalesce(r.en, c.cause_en);
end $$;
