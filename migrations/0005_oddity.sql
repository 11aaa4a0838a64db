-- What is odd about a scan, why a delivery failed, what comes next: words and what they open.

-- What can be odd about a recorded event. opens: an exception for a person; else only a warning.
-- skips: the fold leaves the step out. waits: decided at receipt, it is left out until a confirm.
-- once: of the thing rather than of the scan: it opens none while one like it is open for the subject.
create table custody.oddity (
    code text collate "C" primary key,
    opens boolean not null,
    skips boolean not null,
    waits boolean not null default false,
    once boolean not null default false,
    text_vi text not null,
    text_en text not null,
    check (not (once and skips)) -- what the fold flags it flags anew
);

insert into custody.oddity (code, opens, skips, text_vi, text_en) values
('illegal_step', true, true, 'Thao tác không hợp lệ ở trạng thái lúc đó.',
 'The step is not allowed from the state it had then.'),
('wrong_holder', true, false, 'Người quét không phải người đang giữ hoặc được bàn giao.',
 'Made by someone who neither held it nor was offered it.'),
('wrong_holder_waits', true, true,
 'Người quét không phải người đang giữ; chờ người có thẩm quyền xem xét.',
 'Made by someone who did not hold it; without effect until a person decides.'),
('closed_bag', true, true, 'Túi không mở vào lúc đó.', 'The bag was not open then.'),
('unknown_bag', true, true, 'Không có túi này.', 'No such bag.'),
('bag_cycle', true, true, 'Túi không thể nằm trong chính nó.', 'A bag cannot lie in itself.'),
('bag_too_deep', true, true, 'Túi lồng nhau quá bốn lớp.', 'Bags nest more than four deep.'),
('left_bag', false, false, 'Bưu gửi được quét riêng khi túi chưa mở hết hành trình.',
 'Scanned by itself while in a bag; taken out of it.'),
('sealed_bag', true, false, 'Bưu gửi được quét riêng trong khi túi còn niêm phong.',
 'Scanned by itself while its bag was sealed.'),
('no_proof', true, true, 'Phát nhưng không ghi người nhận.', 'Delivered without a recipient.'),
('agency_not_signed', true, true,
 'Cơ quan nhận bằng cách ký biên bản giao nhận; chỉ quét phát thì chưa đủ.',
 'An agency takes over by signing a hand-over; a delivery scan alone is not that.'),
('wrong_route', true, false, 'Quét tại đơn vị không nằm trên hành trình của bưu gửi.',
 'Scanned at a unit that is not on its way.'),
('impossible_speed', true, false,
 'Không thể đi từ nơi quét trước đến nơi này trong thời gian đó.',
 'Nobody gets from the place of the scan before to this one in that time.'),
('unknown_shipment', true, false, 'Số hiệu đúng nhưng chưa có trong hệ thống.',
 'A well-formed number that is not known yet.'),
('revoked_number', true, false, 'Số hiệu thuộc dải số đã bị thu hồi, không có bưu gửi nào dùng.',
 'A number of a revoked lease, which no shipment has.'),
('lease_expired', true, false, 'Hồ sơ nhận sau khi dải số cấp trước hết hạn.',
 'Taken in with a leased number after the lease expired.'),
('lease_closed', true, false, 'Hồ sơ dùng số hiệu của dải số cấp trước đã trả lại.',
 'Taken in with a leased number that was given up before.'),
('lease_revoked', true, false,
 'Hồ sơ nhận trước khi dải số cấp trước bị thu hồi, nay mới gửi về.',
 'Taken in before the lease of its number was revoked, and sent in after.'),
('clock_ahead', true, false, 'Đồng hồ thiết bị chạy nhanh; lấy giờ máy chủ nhận.',
 'The device clock ran ahead; the time of receipt counts.'),
('clock_far', true, false, 'Đồng hồ thiết bị lệch quá một giờ.',
 'The device clock was over an hour off.'),
('clock_corrected', false, false,
 'Đồng hồ thiết bị lệch quá 5 phút; thời điểm đã được chỉnh theo độ lệch đo được.',
 'The device clock was over five minutes off; the time was corrected by the measured skew.'),
('id_window', true, false, 'Mã lượt quét mang thời gian quá xa.',
 'The time in the scan id is too far off.'),
('undo_refused', true, true, 'Chỉ chính người quét hủy được trong 10 phút.',
 'Only the same person may undo, within ten minutes.'),
('purged_history', true, true,
 'Lịch sử đã được hủy do hết thời hạn lưu trữ; lượt quét được ghi nhận, không làm đổi trạng thái.',
 'Its history was purged after the time of keeping; recorded, without effect on where it stands.'),
('dossier_not_told', true, false, 'Hồ sơ chưa cập nhật được sau khi phát.',
 'The dossier could not be brought up to date.'),
('handover_missing', true, false, 'Có trong biên bản giao nhận nhưng bên nhận không thấy.',
 'On the hand-over list, but the taker did not find it.'),
('handover_surplus', true, false, 'Bên nhận thấy nhưng không có trong biên bản giao nhận.',
 'Found by the taker, but not on the hand-over list.'),
('handover_refused', true, false, 'Bên nhận từ chối nhận.', 'The taker refused it.'),
('handover_damaged', true, false, 'Bên nhận thấy hư hỏng khi giao nhận.',
 'Found damaged at the hand-over.'),
('count_missing', true, false, 'Kiểm đếm cuối ca không thấy, dù hệ thống ghi đang giữ.',
 'Not found by a count, though the system says it is held there.'),
('count_surplus', true, false, 'Kiểm đếm cuối ca thấy, dù hệ thống không ghi đang giữ.',
 'Found by a count, though the system does not say it is held there.'),
('bag_missing', true, false, 'Có trong bản kê của túi nhưng mở túi không thấy.',
 'On the list of a bag, but not found in it when it was opened here.'),
('bag_missing_sent', true, false, 'Đơn vị mở túi do mình gửi không thấy bưu gửi này trong túi.',
 'The unit that opened the bag sent from here did not find it in the bag.'),
('bag_surplus', true, false, 'Mở túi thấy nhưng không có trong bản kê của túi.',
 'Found in a bag that was opened here, but not on its list.'),
('bag_surplus_sent', true, false,
 'Đơn vị mở túi do mình gửi thấy bưu gửi này, không có trong bản kê của túi.',
 'Found in a bag sent from here, but not on its list.'),
('bag_missorted', true, false, 'Đến trong túi, nhưng nơi đến của túi không phục vụ nơi nhận.',
 'Came in a bag whose destination does not serve where it goes.'),
('bag_missorted_sent', true, false,
 'Đã đóng vào túi sai hướng: nơi đến của túi không phục vụ nơi nhận.',
 'Put in the wrong bag here: the bag''s destination does not serve where it goes.'),
('trip_missing', true, false, 'Chuyến đã kết thúc nhưng chưa thấy bưu gửi hoặc túi này được dỡ xuống.',
 'Its trip ended, and nobody has seen it come off.'),
('trip_ended', true, false, 'Xếp lên chuyến đã kết thúc trước lúc đó.',
 'Put on a trip that was over by then.'),
('trip_surplus', true, false, 'Dỡ xuống từ chuyến này nhưng chưa được quét xếp lên chuyến.',
 'Taken off this trip, on which nobody had put it.'),
('weight_light', false, false, 'Túi nhẹ hơn tổng khối lượng bưu gửi trong túi.',
 'The bag weighs less than what is said to be in it.'),
('weight_heavy', false, false, 'Túi nặng hơn nhiều so với tổng khối lượng bưu gửi trong túi.',
 'The bag weighs far more than what is said to be in it.'),
('superseded_label', false, false,
 'Nhãn cũ: lúc quét, nội dung đã thay đổi hoặc đã có nhãn in lại; '
 'nếu chưa có nhãn mới, xin đề nghị bưu cục in nhãn mới.',
 'An old label: by then what it says had changed, or it had been printed again; '
 'if there is no new label yet, please ask the office to print it.'),
('delivery_taken_back', true, false, 'Việc phát đã bị hủy hoặc thay đổi thứ tự.',
 'A delivery no longer stands.');

insert into custody.oddity (code, opens, skips, once, text_vi, text_en) values
('revoked_label', true, false, true, 'Nhãn ký bằng khóa đã bị thu hồi; cần in lại nhãn.',
 'The label was signed by a key that was revoked; it is to be printed again.');

insert into custody.oddity (code, opens, skips, waits, text_vi, text_en) values
('held_too_long', true, true, true, 'Thiết bị giữ lượt quét quá 60 ngày; cần người xác nhận.',
 'The device held it over 60 days; a person must confirm.');

-- Why a delivery failed, and what happens next. upu: the number of the UPU's list, where an
-- administrator has entered it.
create table custody.failure_reason (
    code text collate "C" primary key,
    upu int,
    name_vi text not null,
    name_en text not null,
    pos int not null
);

insert into custody.failure_reason (code, upu, name_vi, name_en, pos) values
('address_bad', null, 'Địa chỉ sai hoặc không đầy đủ', 'Address wrong or incomplete', 1),
('moved', null, 'Người nhận đã chuyển đi', 'Addressee moved', 2),
('not_found', null, 'Không tìm thấy người nhận', 'Addressee not found at the address', 3),
('absent', null, 'Người nhận đi vắng', 'Addressee absent', 4),
('office_closed', null, 'Cơ quan, trụ sở đóng cửa', 'Office closed', 5),
('refused', null, 'Người nhận từ chối nhận', 'Refused by the addressee', 6),
('id_mismatch', null, 'Giấy tờ tùy thân không khớp', 'Identity papers do not match', 7),
('no_authorisation', null, 'Người nhận thay không có giấy ủy quyền', 'Proxy without authorisation', 8),
('fee_unpaid', null, 'Chưa nộp phí, lệ phí', 'Fee not paid', 9),
('old_paper_not_surrendered', null, 'Chưa nộp lại bản cũ phải thu hồi',
 'Old paper to be recovered was not surrendered', 10),
('damaged', null, 'Bưu gửi bị hư hỏng', 'Item damaged', 11),
('force_majeure', null, 'Bất khả kháng', 'Force majeure', 12);

create table custody.next_action (
    code text collate "C" primary key,
    name_vi text not null,
    name_en text not null,
    pos int not null
);

insert into custody.next_action (code, name_vi, name_en, pos) values
('retry', 'Phát lại', 'Deliver again', 1),
('invite', 'Gửi giấy mời nhận', 'Invite to collect', 2),
('hold', 'Lưu tại bưu cục', 'Hold at the office', 3),
('redirect', 'Chuyển tiếp', 'Redirect', 4),
('return', 'Chuyển hoàn', 'Return', 5);

-- custody.failure_wrong(reason, next_action): whether either is not in these tables.
create function custody.failure_wrong(p_reason text, p_next_action text) returns boolean
language sql stable as $$
    select not exists (select from custody.failure_reason where code = p_reason)
        or not exists (select from custody.next_action where code = p_next_action)
$$;

-- custody.vocabulary(): the words of these tables, for pages and other programs: {kinds, states,
-- warnings, reasons, next_actions}, each a list of {code, name, name_en, …}.
create function custody.vocabulary() returns jsonb
language sql stable as $$
    select jsonb_build_object(
        'kinds', (select jsonb_agg(jsonb_build_object('code', kind, 'name', name_vi,
                      'name_en', name_en, 'roles', roles, 'needs', to_jsonb(needs),
                      'emsevt', emsevt) order by pos) from custody.scan_kind where roles <> 0),
        'states', (select jsonb_agg(jsonb_build_object('what',
                       case what when 's' then 'shipment' else 'container' end, 'code', code,
                       'name', name_vi, 'name_en', name_en, 'ended', ended) order by what desc, pos)
                   from custody.state),
        'warnings', (select jsonb_agg(jsonb_build_object('code', code, 'name', text_vi,
                         'name_en', text_en, 'opens', opens) order by code) from custody.oddity),
        'reasons', (select jsonb_agg(jsonb_build_object('code', code, 'name', name_vi,
                        'name_en', name_en, 'upu', upu) order by pos) from custody.failure_reason),
        'next_actions', (select jsonb_agg(jsonb_build_object('code', code, 'name', name_vi,
                             'name_en', name_en) order by pos) from custody.next_action))
$$;
