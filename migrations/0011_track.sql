-- Tracking: what anybody who has a number may see (no names, addresses, phones, documents, and not
-- the procedure), in plain sentences. The sentences are data. Functions on the way of a look-up are
-- plpgsql where they could be SQL: their plans are kept, and planning is most of such a call.

-- Where a dossier is in its journey, for the applicant: step 1..6 of the indicator, one sentence for
-- now and one for what happens next and who acts. tone: ok, wait (for the applicant), trouble, done.
create table dossier.stage (
    stage text collate "C" primary key,
    step int not null check (step between 1 and 6),
    tone text not null check (tone in ('ok', 'wait', 'trouble', 'done')),
    vi text not null,
    en text not null,
    next_vi text not null,
    next_en text not null
);
insert into dossier.stage values
    ('registered', 1, 'ok',
     'Hồ sơ đã được đăng ký tại bưu cục.', 'The dossier is registered at the post office.',
     'Bưu cục nhận và gửi hồ sơ đến cơ quan giải quyết.',
     'The post office takes it in and sends it to the agency.'),
    ('collection', 1, 'ok',
     'Bưu tá được giao đến nhận hồ sơ.', 'A courier is on the way to collect the papers.',
     'Quý vị chuẩn bị sẵn hồ sơ để giao cho bưu tá.', 'Please have the papers ready.'),
    ('accepted_by_post', 1, 'ok',
     'Bưu cục đã nhận hồ sơ.', 'The post office has the papers.',
     'Bưu cục chuyển hồ sơ đến cơ quan giải quyết.',
     'The post office sends them on to the agency.'),
    ('to_agency', 2, 'ok',
     'Hồ sơ đang trên đường đến cơ quan giải quyết.', 'The papers are on their way to the agency.',
     'Bưu tá giao hồ sơ cho Bộ phận Một cửa của cơ quan.',
     'A courier hands them to the agency''s one-stop desk.'),
    ('to_agency_out', 2, 'ok',
     'Bưu tá đang mang hồ sơ đến cơ quan giải quyết.',
     'A courier is bringing the papers to the agency.',
     'Cơ quan ký nhận hồ sơ.', 'The agency signs for them.'),
    ('to_agency_held', 2, 'trouble',
     'Hồ sơ chưa giao được cho cơ quan, đang chờ xử lý.',
     'The papers could not be handed to the agency yet.',
     'Bưu chính giao lại hồ sơ cho cơ quan.', 'The post tries again.'),
    ('at_agency', 3, 'ok',
     'Cơ quan đã ký nhận hồ sơ.', 'The agency has signed for the dossier.',
     'Cán bộ Một cửa kiểm tra, tiếp nhận và hẹn ngày trả kết quả.',
     'An officer checks it, accepts it and sets the due date.'),
    ('direct', 3, 'ok',
     'Hồ sơ đã được đăng ký và nộp trực tiếp tại cơ quan.',
     'The dossier is registered and filed with the agency directly.',
     'Cán bộ Một cửa kiểm tra, tiếp nhận và hẹn ngày trả kết quả.',
     'An officer checks it, accepts it and sets the due date.'),
    ('accepted', 4, 'ok',
     'Hồ sơ đã được tiếp nhận.', 'The dossier has been accepted.',
     'Cơ quan giải quyết hồ sơ.', 'The agency works on it.'),
    ('processing', 4, 'ok',
     'Cơ quan đang giải quyết hồ sơ.', 'The agency is working on the dossier.',
     'Cơ quan ra kết quả, chậm nhất vào ngày hẹn trả.',
     'The agency issues the result by the due date.'),
    ('supplement', 4, 'wait',
     'Cơ quan yêu cầu bổ sung giấy tờ; thời hạn giải quyết tạm dừng.',
     'The agency asks for more papers; its time limit stands still.',
     'Quý vị bổ sung giấy tờ tại cơ quan hoặc qua bưu cục đã nhận hồ sơ.',
     'Please hand in the missing papers, at the agency or the office that took the dossier in.'),
    ('supplement_sent', 4, 'ok',
     'Giấy tờ bổ sung đang trên đường đến cơ quan.',
     'The missing papers are on their way to the agency.',
     'Cơ quan nhận giấy tờ và giải quyết tiếp.', 'The agency receives them and goes on.'),
    ('supplement_there', 4, 'ok',
     'Giấy tờ bổ sung đã đến cơ quan.', 'The missing papers have reached the agency.',
     'Cán bộ kiểm tra giấy tờ và giải quyết tiếp.', 'An officer checks them and goes on.'),
    ('payment', 4, 'wait',
     'Cơ quan yêu cầu thực hiện nghĩa vụ tài chính; thời hạn giải quyết tạm dừng.',
     'The agency asks for a payment; its time limit stands still.',
     'Quý vị nộp tiền tại bưu cục đã nhận hồ sơ hoặc tại cơ quan.',
     'Please pay at the office that took the dossier in, or at the agency.'),
    ('withdrawal', 4, 'wait',
     'Người nộp đã yêu cầu rút hồ sơ.', 'The applicant has asked to withdraw.',
     'Cơ quan trả lời yêu cầu rút hồ sơ.', 'The agency answers.'),
    ('result_ready', 5, 'ok',
     'Đã có kết quả.', 'The result is ready.',
     'Bưu chính nhận kết quả từ cơ quan để trả cho quý vị.',
     'The post fetches it from the agency.'),
    ('result_at_agency', 5, 'wait',
     'Đã có kết quả.', 'The result is ready.',
     'Quý vị nhận kết quả tại Bộ phận Một cửa của cơ quan.',
     'Please fetch it at the agency''s one-stop desk.'),
    ('result_online', 5, 'wait',
     'Đã có kết quả.', 'The result is ready.',
     'Quý vị nhận kết quả trực tuyến.', 'Please fetch it on line.'),
    ('result_on_way', 5, 'ok',
     'Kết quả đang trên đường đến quý vị.', 'The result is on its way to you.',
     'Bưu cục phát giao kết quả.', 'The delivery office brings it to you.'),
    ('result_at_office', 5, 'ok',
     'Kết quả đã đến bưu cục phát.', 'The result is at the delivery office.',
     'Bưu tá mang kết quả đến quý vị, hoặc quý vị nhận tại bưu cục nếu đã chọn.',
     'A courier brings it, or you fetch it there if you chose to.'),
    ('result_out', 5, 'ok',
     'Bưu tá đang mang kết quả đến quý vị.', 'A courier is bringing the result to you.',
     'Quý vị chuẩn bị giấy tờ tùy thân để nhận.', 'Please have your identity paper at hand.'),
    ('result_failed', 5, 'trouble',
     'Chưa trả được kết quả.', 'The result could not be delivered yet.',
     'Bưu cục phát lại hoặc mời quý vị đến nhận.',
     'The office tries again or invites you to fetch it.'),
    ('result_held', 5, 'wait',
     'Kết quả đang lưu tại bưu cục chờ quý vị.', 'The result waits for you at the post office.',
     'Quý vị mang giấy tờ tùy thân đến bưu cục để nhận.',
     'Please fetch it with your identity paper.'),
    ('result_back', 5, 'trouble',
     'Kết quả không trả được đang chuyển về cơ quan.',
     'The undelivered result is going back to the agency.',
     'Quý vị liên hệ cơ quan để nhận kết quả.', 'Please ask the agency for it.'),
    ('done', 6, 'done',
     'Kết quả đã được trả.', 'The result has been delivered.',
     'Hồ sơ đã kết thúc.', 'The dossier is closed.'),
    ('rejected', 6, 'done',
     'Hồ sơ không được tiếp nhận.', 'The dossier was not accepted.',
     'Bản chính (nếu có) được trả lại quý vị.', 'Originals, if any, go back to you.'),
    ('cancelled', 6, 'done',
     'Bưu cục đã hủy việc tiếp nhận hồ sơ này; hồ sơ không được gửi đến cơ quan.',
     'The post office cancelled this intake; the papers were not sent to the agency.',
     'Quý vị nhận lại giấy tờ và tiền đã nộp (nếu có) tại bưu cục; nếu nộp lại, hồ sơ có mã mới.',
     'The office gives back your papers and what you paid, if anything; filed again, the dossier has '
     'a new code.'),
    ('grouped', 6, 'done',
     'Hồ sơ này đã được gộp vào một hồ sơ khác của quý vị.',
     'This dossier was grouped into another one of yours.',
     'Giấy tờ và tiền đã nộp được chuyển theo; xin theo dõi hồ sơ đã gộp.',
     'Its papers and what was paid went along; please follow that one.'),
    ('stopped', 6, 'done',
     'Cơ quan đã dừng giải quyết hồ sơ.', 'The agency has stopped the dossier.',
     'Bản chính (nếu có) được trả lại quý vị.', 'Originals, if any, go back to you.'),
    ('returning', 2, 'trouble',
     'Hồ sơ đang được chuyển trả lại người gửi.', 'The papers are going back to the sender.',
     'Quý vị liên hệ bưu cục đã nhận hồ sơ.', 'Please ask the office that took them in.'),
    ('stray', 2, 'trouble',
     'Bưu chính đang xác minh vị trí của hồ sơ.', 'The post is finding out where the papers are.',
     'Bưu chính thông báo cho quý vị khi có kết quả xác minh.',
     'The post tells you what it finds.');

-- Which stage a shipment's state means while the dossier waits for that leg.
create table dossier.leg_stage (
    leg text not null check (leg in ('outward', 'result', 'supplement')),
    state text collate "C" not null,
    stage text collate "C" not null references dossier.stage,
    primary key (leg, state)
);
insert into dossier.leg_stage values
    ('outward', 'created', 'registered'),
    ('outward', 'collection_assigned', 'collection'),
    ('outward', 'accepted', 'accepted_by_post'),
    ('outward', 'bagged', 'to_agency'), ('outward', 'departed', 'to_agency'),
    ('outward', 'arrived', 'to_agency'), ('outward', 'sorted', 'to_agency'),
    ('outward', 'at_delivery_office', 'to_agency'),
    ('outward', 'out_for_delivery', 'to_agency_out'),
    ('outward', 'delivery_failed', 'to_agency_held'), ('outward', 'held', 'to_agency_held'),
    ('outward', 'delivered', 'at_agency'), ('outward', 'returned', 'returning'),
    ('outward', 'lost', 'stray'), ('outward', 'seized', 'stray'),
    ('result', 'created', 'result_ready'), ('result', 'collection_assigned', 'result_ready'),
    ('result', 'accepted', 'result_on_way'), ('result', 'bagged', 'result_on_way'),
    ('result', 'departed', 'result_on_way'), ('result', 'arrived', 'result_on_way'),
    ('result', 'sorted', 'result_on_way'),
    ('result', 'at_delivery_office', 'result_at_office'),
    ('result', 'out_for_delivery', 'result_out'),
    ('result', 'delivery_failed', 'result_failed'), ('result', 'held', 'result_held'),
    ('result', 'delivered', 'done'), ('result', 'returned', 'result_at_agency'),
    ('result', 'lost', 'stray'), ('result', 'seized', 'stray'),
    ('supplement', 'created', 'supplement'), ('supplement', 'delivered', 'supplement_there');

-- What an event means to the public. leg '': any. Kinds without a row are not shown.
create table dossier.public_text (
    kind text collate "C" not null,
    leg text not null default '',
    vi text not null,
    en text not null,
    primary key (kind, leg)
);
insert into dossier.public_text (kind, leg, vi, en) values
    ('accept', '', 'Bưu cục đã nhận bưu gửi', 'Taken in at the post office'),
    ('accept', 'outward', 'Bưu cục đã nhận hồ sơ', 'Papers taken in at the post office'),
    ('accept', 'result', 'Bưu chính đã nhận kết quả từ cơ quan',
     'The post took the result from the agency'),
    ('assign', '', 'Đã giao bưu tá đến nhận', 'A courier was sent to collect'),
    ('collect', '', 'Bưu tá đã nhận hồ sơ tại địa chỉ', 'Collected by a courier'),
    ('bag', '', 'Đã đóng túi để chuyển đi', 'Put in a bag to be sent on'),
    ('depart', '', 'Đã rời', 'Departed'),
    ('arrive', '', 'Đã đến', 'Arrived'),
    ('unbag', '', 'Đã đến', 'Arrived'),
    ('open', '', 'Đã mở túi để chia chọn', 'Its bag was opened for sorting'),
    ('sort', '', 'Đã chia chọn', 'Sorted'),
    ('at_delivery_office', '', 'Đã đến bưu cục phát', 'Arrived at the delivery office'),
    ('take_over', '', 'Đã nhận bàn giao', 'Taken over'),
    ('out_for_delivery', '', 'Bưu tá đang đi phát', 'Out for delivery'),
    ('deliver', '', 'Đã phát', 'Delivered'),
    ('deliver', 'outward', 'Cơ quan đã ký nhận hồ sơ', 'The agency signed for the papers'),
    ('deliver', 'supplement', 'Cơ quan đã nhận giấy tờ bổ sung',
     'The agency received the further papers'),
    ('deliver', 'result', 'Đã trả kết quả cho người nhận', 'The result was delivered'),
    ('deliver', 'originals', 'Đã trả lại bản chính', 'The originals were returned'),
    ('fail', '', 'Phát chưa thành công', 'Delivery was not possible'),
    ('hold', '', 'Đang lưu tại bưu cục', 'Kept at the post office'),
    ('return', '', 'Chuyển hoàn', 'Going back'),
    ('redirect', '', 'Chuyển tiếp theo yêu cầu', 'Redirected'),
    ('cancel', '', 'Hủy bưu gửi này', 'This shipment was cancelled'),
    ('damage', '', 'Đã lập biên bản về tình trạng bưu gửi', 'Its condition was put on record'),
    ('lost', '', 'Đang xác minh vị trí bưu gửi', 'Its whereabouts are being established'),
    ('found', '', 'Đã xác định được vị trí bưu gửi', 'It was found'),
    ('seize', '', 'Bưu gửi được cơ quan có thẩm quyền giữ lại', 'Kept by an authority'),
    ('dossier.register', '', 'Hồ sơ được đăng ký', 'The dossier was registered'),
    ('dossier.filed', '', 'Hồ sơ được nộp cho cơ quan: bắt đầu tính thời hạn',
     'Filed with the agency: its time begins'),
    ('dossier.correct_intake', '', 'Bưu cục sửa thông tin tiếp nhận hồ sơ',
     'The post office corrected the intake'),
    ('dossier.cancel_intake', '', 'Bưu cục hủy việc tiếp nhận hồ sơ',
     'The post office cancelled the intake'),
    ('dossier.split_intake', '', 'Một phần giấy tờ được tách thành hồ sơ riêng',
     'Some of the papers became a dossier of their own'),
    ('dossier.group_intake', '', 'Giấy tờ của một hồ sơ khác được gộp vào hồ sơ này',
     'The papers of another dossier were grouped into this one'),
    ('dossier.join_intake', '', 'Hồ sơ được gộp vào hồ sơ khác',
     'It was grouped into another dossier'),
    ('dossier.make_pieces', '', 'Giấy tờ được chia thành nhiều kiện',
     'The papers were divided into pieces'),
    ('dossier.accept', '', 'Cơ quan tiếp nhận hồ sơ và hẹn ngày trả kết quả',
     'The agency accepted the dossier and set the due date'),
    ('dossier.reject', '', 'Cơ quan không tiếp nhận hồ sơ', 'The agency did not accept the dossier'),
    ('dossier.start', '', 'Cơ quan bắt đầu giải quyết', 'The agency began its work'),
    ('dossier.ask_supplement', '', 'Cơ quan yêu cầu bổ sung giấy tờ',
     'The agency asked for more papers'),
    ('dossier.send_supplement', '', 'Bưu cục nhận giấy tờ bổ sung',
     'The post office took in the further papers'),
    ('dossier.supplement_received', '', 'Cơ quan đã nhận đủ giấy tờ bổ sung',
     'The agency has the further papers'),
    ('dossier.ask_payment', '', 'Cơ quan yêu cầu thực hiện nghĩa vụ tài chính',
     'The agency asked for a payment'),
    ('dossier.payment_received', '', 'Đã ghi nhận nộp tiền', 'The payment was recorded'),
    ('dossier.request_withdrawal', '', 'Người nộp yêu cầu rút hồ sơ',
     'The applicant asked to withdraw'),
    ('dossier.refuse_withdrawal', '', 'Yêu cầu rút hồ sơ không được chấp nhận',
     'The withdrawal was refused'),
    ('dossier.stop', '', 'Cơ quan dừng giải quyết hồ sơ', 'The agency stopped the dossier'),
    ('dossier.apologise', '', 'Cơ quan xin lỗi và hẹn lại ngày trả kết quả',
     'The agency apologised and set a new date'),
    ('dossier.result_ready', '', 'Đã có kết quả', 'The result is ready'),
    ('dossier.return_result', '', 'Đã trả kết quả trực tiếp', 'The result was handed out'),
    ('dossier.result_returned', '', 'Hồ sơ hoàn thành', 'The dossier is complete');

-- dossier.stage_of(dossier): the public stage. Reads custody.shipment, dossier.leg_stage.
create function dossier.stage_of(d dossier.dossier) returns text
language plpgsql stable as $$
declare
    awaited text := case d.status when 1 then 'outward' when 5 then 'supplement' when 9 then 'result' end;
    latest text;
    turned boolean;
begin
    if awaited is not null then
        select now.state, now.going_back into latest, turned
        from custody.shipment s cross join lateral custody.resolved(s.number) now
        left join custody.state st on st.what = 's' and st.code = now.state
        where s.dossier = d.id and s.leg = awaited
        -- Of pieces the one that is least far.
        order by case when s.pieces > 1 then st.pos end, s.created_at desc, s.number desc limit 1;
    end if;
    return case d.status
        when 1 then case
            when d.filed_at is not null then 'at_agency'
            when latest is null then 'direct'
            when turned then 'returning'
            else (select l.stage from dossier.leg_stage l
                  where l.leg = 'outward' and l.state = latest) end
        when 2 then 'accepted'
        when 3 then case when d.grouped_into is not null then 'grouped'
                         when d.cancelled_at is null then 'rejected' else 'cancelled' end
        when 4 then 'processing'
        when 5 then case when latest is null then 'supplement' else coalesce(
            (select l.stage from dossier.leg_stage l
             where l.leg = 'supplement' and l.state = latest), 'supplement_sent') end
        when 6 then 'payment'
        when 7 then 'withdrawal'
        when 8 then 'stopped'
        when 9 then case
            when latest is null and d.result_to_kind = 'online' then 'result_online'
            when latest is null then 'result_at_agency'
            when turned and latest <> 'returned' then 'result_back'
            else (select l.stage from dossier.leg_stage l
                  where l.leg = 'result' and l.state = latest) end
        when 10 then 'done'
    end;
end $$;

create table dossier.leg (
    leg text primary key,
    vi text not null,
    en text not null
);
insert into dossier.leg values
    ('outward', 'Gửi hồ sơ đến cơ quan', 'To the agency'),
    ('supplement', 'Gửi giấy tờ bổ sung', 'Further papers'),
    ('inter_agency', 'Chuyển giữa các cơ quan', 'Between agencies'),
    ('result', 'Trả kết quả', 'Result'),
    ('originals', 'Trả lại bản chính', 'Originals going back'),
    ('back_to_agency', 'Chuyển hoàn về cơ quan', 'Back to the agency');

-- dossier.spans(number): in which containers something lay and when, from the innermost outward.
-- Reads container.membership, container.closure.
create function dossier.spans(p_number text)
returns table (container text, since timestamptz, until timestamptz)
language sql stable as $$
    with recursive span (container, since, until, depth) as (
        select k.container, m.began_at,
               least(coalesce(m.ended_at, 'infinity'), coalesce(k.opened_at, 'infinity')), 1
        from container.membership m join container.closure k on k.id = m.closure
        where m.subject = p_number
        union all
        select k.container, greatest(s.since, m.began_at),
               least(s.until, coalesce(m.ended_at, 'infinity'), coalesce(k.opened_at, 'infinity')),
               s.depth + 1
        from span s
        join container.membership m on m.subject = s.container
        join container.closure k on k.id = m.closure
        where s.depth < 4 and m.began_at <= s.until
          and least(coalesce(m.ended_at, 'infinity'), coalesce(k.opened_at, 'infinity')) >= s.since)
    select container, since, until from span
$$;

-- dossier.subjects(dossier): everything whose events concern it: itself, its shipments, and the
-- containers they lie or lay in.
create function dossier.subjects(p_dossier uuid) returns setof text
language sql stable as $$
    select p_dossier::text
    union all
    select s.number from custody.shipment s where s.dossier = p_dossier
    union
    select p.container from custody.shipment s cross join lateral dossier.spans(s.number) p
    where s.dossier = p_dossier
$$;

-- dossier.without_effect(number): the events that the fold leaves out today. Only what ever was odd
-- can be left out, and that opened an exception: without one nothing is folded. Where the history
-- was purged, those that were odd at receipt.
-- Reads custody.exception, custody.event.
create function dossier.without_effect(p_number text) returns setof uuid
language plpgsql stable as $$
declare
    s custody.shipment;
    f custody.folded;
begin
    if not exists (select from custody.exception x where x.subject = p_number) then
        return;
    end if;
    if custody.is_purged(p_number) then
        return query select e.id from custody.event e
                     join custody.oddity o on o.code = any (e.warnings) and o.skips
                     where e.subject = p_number;
        return;
    end if;
    select * into s from custody.shipment where number = p_number;
    f := custody.fold(s);
    return query select odd.id from unnest(f.odd_ids, f.odd_codes) as odd (id, code)
                 join custody.oddity o on o.code = odd.code and o.skips;
end $$;

-- dossier.moves(dossier): its events and those of its shipments and their bags, without what was
-- taken back or has no effect. leg is '' for the dossier's own. Reads custody.event.
create function dossier.moves(p_dossier uuid)
returns table (event custody.event, number text, leg text)
language sql stable as $$
    select e, null, '' from custody.event e
    where e.subject = p_dossier::text and e.kind like 'dossier.%'
    union all
    select f.event, s.number, s.leg
    from custody.shipment s cross join lateral custody.effective(s.number, null) f
    where s.dossier = p_dossier and f.steps
      and (f.event).id not in (select dossier.without_effect(s.number))
    union all
    select f.event, s.number, s.leg
    from custody.shipment s
    cross join lateral (select distinct * from dossier.spans(s.number)) p
    cross join lateral custody.effective(p.container, null) f
    where s.dossier = p_dossier and f.steps
      and (f.event).at between p.since and p.until
      and (f.event).kind in ('depart', 'arrive', 'open', 'take_over')
      and not exists (select from custody.oddity o
                      where o.skips and o.code = any ((f.event).warnings))
$$;

-- dossier.place_json(unit): what the public may know of a place: {name, name_en, province}.
create function dossier.place_json(p_unit bigint) returns jsonb
language plpgsql stable as $$
begin
    return (
        select jsonb_build_object('name', u.name, 'name_en', u.name_en, 'province', p.name)
        from postal.unit u
        left join postal.commune c on c.code = u.commune_code
        left join postal.province p on p.code = c.province_code
        where u.id = p_unit);
end $$;

-- dossier.timeline(dossier) -> jsonb [{at, kind, vi, en, place}] newest first. The same sentence at
-- the same place twice running is told once.
create function dossier.timeline(p_dossier uuid) returns jsonb
language plpgsql stable as $$
begin
    return (
        with told as (
            select (m.event).at, (m.event).id, (m.event).kind, (m.event).unit, t.vi, t.en,
                   lag(t.vi || coalesce((m.event).unit, 0)) over w as before
            from dossier.moves(p_dossier) m
            cross join lateral (
                select x.vi, x.en from dossier.public_text x
                where x.kind = (m.event).kind and x.leg in (m.leg, '')
                order by x.leg desc limit 1) t
            window w as (order by (m.event).at, (m.event).id))
        select coalesce(jsonb_agg(jsonb_build_object('at', at, 'kind', kind, 'vi', vi, 'en', en,
                   'place', dossier.place_json(unit)) order by at desc, id desc), '[]')
        from told where before is distinct from vi || coalesce(unit, 0));
end $$;

-- dossier.place_of(dossier): where it is: {name, name_en, province, moving}; null once it is over.
create function dossier.place_of(d dossier.dossier) returns jsonb
language plpgsql stable as $$
declare
    w record;
begin
    if d.status in (3, 8, 10) then
        return null;
    end if;
    select now.* into w
    from custody.shipment s cross join lateral custody.resolved(s.number) now
    left join custody.state st on st.what = 's' and st.code = now.state
    where s.dossier = d.id
      and s.leg = case when d.status = 9 then 'result' when d.filed_at is null then 'outward' end
    order by case when s.pieces > 1 then st.pos end, s.created_at desc, s.number desc limit 1;
    if w.number is null or w.holder_kind = 'agency' then
        return dossier.place_json(case when w.holder_kind = 'agency' then w.holder_id
                                       else d.agency end) || '{"moving": false}';
    end if;
    return dossier.place_json(w.place)
           || jsonb_build_object('moving', w.holder_kind <> 'place' or w.state = 'departed');
end $$;

-- dossier.position(dossier): the highest position in the log of anything that concerns it.
create function dossier.position(p_dossier uuid) returns bigint
language plpgsql stable as $$
begin
    return (
        select max(latest.position)
        from dossier.subjects(p_dossier) as subject
        cross join lateral (select l.position from custody.log l where l.subject = subject
                            order by l.position desc limit 1) latest);
end $$;

-- dossier.purged(dossier): whether events of it or of what it lay in are gone after their time.
create function dossier.purged(p_dossier uuid) returns boolean
language sql stable as $$
    select custody.is_purged(p_dossier::text)
        or exists (select from custody.shipment s
                   where s.dossier = p_dossier and custody.is_purged(s.number))
$$;

-- dossier.public_view(dossier) -> jsonb: all that tracking shows, and the codes of dossier.kin. purged: only where it is so.
create function dossier.public_view(d dossier.dossier) returns jsonb
language plpgsql stable as $$
begin
    return (
        select jsonb_build_object('code', d.code, 'status', dossier.status_json(d.status),
            'stage', jsonb_build_object('code', g.stage, 'step', g.step, 'tone', g.tone, 'vi', g.vi,
                                        'en', g.en),
            'next', jsonb_build_object('vi', g.next_vi, 'en', g.next_en),
            'place', dossier.place_of(d), 'created_at', d.created_at, 'filed_at', d.filed_at,
            'accepted_at', d.accepted_at, 'clock', dossier.clock(d),
            'due_at', case when d.paused_at is null then d.due_at end,
            'result_due_on', case when d.paused_at is null then base.vn_date(d.due_at) end,
            'ended_at', d.ended_at, 'apologised', d.apologised_at is not null,
            'shipments', (
                select coalesce(jsonb_agg(jsonb_build_object('number', s.number, 'leg', s.leg,
                    'leg_vi', l.vi, 'leg_en', l.en, 'piece', s.piece, 'pieces', s.pieces,
                    'state', now.state, 'state_vi', st.name_vi,
                    'state_en', st.name_en) order by s.created_at, s.number), '[]')
                from custody.shipment s
                cross join lateral custody.resolved(s.number) now
                join dossier.leg l on l.leg = s.leg
                left join custody.state st on st.what = 's' and st.code = now.state
                where s.dossier = d.id),
            'timeline', dossier.timeline(d.id), 'position', coalesce(dossier.position(d.id), 0))
            || case when dossier.purged(d.id) then '{"purged": true}' else '{}' end::jsonb
            || dossier.kin(d)
        from dossier.stage g where g.stage = dossier.stage_of(d));
end $$;

-- dossier.track_row(code or number): id, position and public view; no row for what is unknown or
-- mistyped. dossier.track: the view alone, or null.
create function dossier.track_row(p_key text)
returns table (id uuid, pos bigint, view jsonb)
language sql stable as $$
    select d.id, (v.view ->> 'position')::bigint, v.view
    from dossier.dossier d
    cross join lateral (select dossier.public_view(d) as view) v
    where d.id = dossier.find(p_key) and dossier.normal(p_key) is not null
$$;

create function dossier.track(p_key text) returns jsonb
language sql stable as $$ select view from dossier.track_row(p_key) $$;

-- dossier.watched(dossiers, first, last): the public views of those among them that events in these
-- positions of the log concern, also through a bag. first null: all of them.
create function dossier.watched(p_ids uuid[], p_first bigint, p_last bigint)
returns table (id uuid, pos bigint, view jsonb)
language sql stable as $$
    with recursive touched (subject) as (
        select l.subject from custody.log l where l.position between p_first and p_last
        union
        select m.subject from touched t
        join container.closure k on k.container = t.subject
        join container.membership m on m.closure = k.id),
    mine as (
        select w.id from unnest(p_ids) as w (id)
        where p_first is null or w.id::text in (select subject from touched)
        union
        select s.dossier from touched t join custody.shipment s on s.number = t.subject
        where s.dossier = any (p_ids))
    select d.id, (v.view ->> 'position')::bigint, v.view
    from mine join dossier.dossier d on d.id = mine.id
    cross join lateral (select dossier.public_view(d) as view) v
$$;

-- dossier.events(key, actor, unit, roles): the history for staff, oldest first, each with who, where
-- and in which shipment, what was written with it where the asker's reach is full, and its sealed
-- payload for the program to open and to cut to that reach (src/dossier/personal.h); reading it is
-- recorded. purged: where it is not whole. -> jsonb {code, purged?, personal: reach, items}.
-- Reads custody.*; writes dossier.access.
create function dossier.events(p_key text, p_actor bigint, p_unit bigint, p_roles int)
returns jsonb
language plpgsql as $$
declare
    d dossier.dossier := dossier.locate(p_key, p_actor, p_unit, p_roles);
    reach text := dossier.reach(d, p_actor, p_unit, p_roles);
begin
    insert into dossier.access (dossier, account, unit, what)
    values (d.id, p_actor, p_unit, 'events');
    return case when dossier.purged(d.id) then '{"purged": true}' else '{}' end::jsonb
           || jsonb_build_object('code', d.code, 'personal', reach, 'items', (
        select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'id', (m.event).id, 'at', (m.event).at, 'received_at', (m.event).received_at,
            'kind', (m.event).kind, 'number', m.number, 'leg', nullif(m.leg, ''),
            'container', case when (m.event).subject not in (m.number, d.id::text)
                              then (m.event).subject end,
            'name', coalesce(k.name_vi, t.vi), 'name_en', coalesce(k.name_en, t.en),
            'actor', case when (m.event).actor <> 0
                       then jsonb_build_object('id', (m.event).actor::text, 'name', a.name) end,
            'unit', dossier.unit_json((m.event).unit), 'outcome', (m.event).outcome,
            'warnings', nullif(to_jsonb((m.event).warnings), '[]'),
            'reason', coalesce((m.event).reason, r.text), 'next_action', (m.event).next_action,
            'payload', case when (m.event).mac is not null
                                 and (reach <> 'none' or p_roles & (2 | 4 | 8 | 16 | 32 | 64) <> 0)
                            then custody.payload_of(m.event) end,
            'position', l.position,
            'from', (m.event).data -> 'from', 'to', (m.event).data -> 'to',
            'due_at', (m.event).data -> 'due_at',
            'corrected', (m.event).data -> 'corrected',
            'other', (m.event).data -> 'other', 'numbers', (m.event).data -> 'numbers',
            'give_back', (m.event).data -> 'give_back')) order by (m.event).at, (m.event).id), '[]')
        from dossier.moves(d.id) m
        left join custody.scan_kind k on k.kind = (m.event).kind
        left join dossier.public_text t on t.kind = (m.event).kind and t.leg = ''
        left join account.account a on a.id = (m.event).actor
        left join custody.remark r on r.subject = (m.event).subject and r.event = (m.event).id
             and reach = 'full'
        left join custody.log l on l.subject = (m.event).subject and l.event_id = (m.event).id));
end $$;
