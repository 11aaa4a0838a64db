-- Custody, the tables of data: states, kinds of scan, and the transitions every part of the program
-- reads: the code that enforces them, the buttons it offers, and the diagram in the docs.

-- States of a shipment (what = 's') and of a container (what = 'c'). ended: no scan moves it on.
create table custody.state (
    what text not null check (what in ('s', 'c')),
    code text collate "C" not null,
    name_vi text not null,
    name_en text not null,
    ended boolean not null default false,
    pos int not null,
    primary key (what, code)
);

insert into custody.state (what, code, name_vi, name_en, ended, pos) values
('s', 'created', 'Đã tạo bưu gửi', 'Created', false, 1),
('s', 'collection_assigned', 'Đã giao bưu tá đi nhận', 'Pick-up assigned', false, 2),
('s', 'accepted', 'Bưu chính đã nhận', 'Accepted by the post', false, 3),
('s', 'bagged', 'Đã đóng vào túi', 'In a bag', false, 4),
('s', 'departed', 'Đang vận chuyển', 'On its way', false, 5),
('s', 'arrived', 'Đã đến', 'Arrived', false, 6),
('s', 'sorted', 'Đã chia chọn', 'Sorted', false, 7),
('s', 'at_delivery_office', 'Đã đến bưu cục phát', 'At the delivery office', false, 8),
('s', 'out_for_delivery', 'Đang đi phát', 'Out for delivery', false, 9),
('s', 'delivery_failed', 'Phát chưa thành công', 'Delivery failed', false, 10),
('s', 'held', 'Đang lưu giữ', 'Held', false, 11),
('s', 'delivered', 'Đã phát', 'Delivered', true, 12),
('s', 'returned', 'Đã chuyển hoàn', 'Returned', true, 13),
('s', 'lost', 'Thất lạc', 'Lost', false, 14),
('s', 'seized', 'Bị cơ quan có thẩm quyền thu giữ', 'Seized by an authority', true, 15),
('c', 'open', 'Túi đang mở', 'Open', false, 1),
('c', 'closed', 'Túi đã đóng', 'Closed', false, 2),
('c', 'bagged', 'Đã xếp vào túi ngoài', 'In an outer container', false, 3),
('c', 'departed', 'Đang vận chuyển', 'On its way', false, 4),
('c', 'arrived', 'Đã đến', 'Arrived', false, 5),
('c', 'lost', 'Thất lạc', 'Lost', false, 6);

-- Kinds of event. roles: bits of who may make it by a scan (0: only the program makes it).
-- needs: what must come with it, else it is malformed. steps: it moves the thing through
-- custody.transition; the others (undo, reverse, confirm, create) act on events or only tell.
-- emsevt: the UPU event, emsevt_transit that of a transit hub.
create table custody.scan_kind (
    kind text collate "C" primary key,
    name_vi text not null,
    name_en text not null,
    roles int not null,
    needs text[] not null default '{}'
        check (needs <@ '{reason,next_action,container,target,refers}'),
    steps boolean not null default true,
    emsevt text,
    emsevt_transit text,
    pos int not null
);

-- clerk 2, courier 4, hub 8, officer 16, supervisor 32
insert into custody.scan_kind
    (kind, name_vi, name_en, roles, needs, steps, emsevt, emsevt_transit, pos) values
('create', 'Tạo bưu gửi', 'Create', 0, '{}', false, null, null, 0),
('finding', 'Ghi nhận khi giao nhận', 'Finding at a hand-over', 0, '{}', false, null, null, 0),
('resolve', 'Xử lý ngoại lệ', 'Exception resolved', 0, '{}', false, null, null, 0),
('correct', 'Sửa thông tin bưu gửi', 'Corrected', 0, '{}', false, null, null, 0),
('weigh', 'Cân túi', 'Bag weighed', 0, '{}', false, null, null, 0),
('checked', 'Kiểm xong túi', 'Bag checked against its list', 0, '{}', false, null, null, 0),
('cancel', 'Hủy bưu gửi', 'Cancel', 0, '{}', true, null, null, 0),
('assign', 'Giao bưu tá đi nhận', 'Assign pick-up', 2 | 32, '{target}', true, null, null, 1),
('accept', 'Chấp nhận', 'Accept', 2 | 16, '{}', true, 'EMA', null, 2),
('collect', 'Nhận tại địa chỉ', 'Collect', 4, '{}', true, 'EMA', null, 3),
('bag', 'Đóng vào túi', 'Put in a bag', 2 | 8, '{container}', true, null, null, 4),
('unbag', 'Lấy khỏi túi', 'Take out of a bag', 2 | 8, '{}', true, null, null, 5),
('close', 'Đóng túi', 'Close a bag', 2 | 8, '{}', true, null, null, 6),
('open', 'Mở túi', 'Open a bag', 2 | 8, '{}', true, null, null, 7),
('depart', 'Xuất phát', 'Depart', 2 | 4 | 8, '{}', true, 'EMC', 'EMK', 8),
('arrive', 'Đến', 'Arrive', 2 | 8 | 16, '{}', true, 'EMD', 'EMJ', 9),
('sort', 'Chia chọn', 'Sort', 8, '{}', true, 'EDD', 'EDE', 10),
('at_delivery_office', 'Đến bưu cục phát', 'Arrive at the delivery office', 2, '{}', true, 'EMG',
 null, 11),
('out_for_delivery', 'Giao bưu tá đi phát', 'Out for delivery', 4, '{}', true, 'EDG', null, 12),
('hand_over', 'Đề nghị bàn giao', 'Offer to hand over', 2 | 4 | 8 | 16 | 32, '{target}', true, null,
 null, 13),
('take_over', 'Nhận bàn giao', 'Take over', 2 | 4 | 8 | 16, '{}', true, null, null, 14),
('deliver', 'Phát thành công', 'Deliver', 2 | 4 | 16, '{}', true, 'EMI', null, 15),
('fail', 'Phát không thành công', 'Delivery failed', 4, '{reason,next_action}', true, 'EMH', null,
 16),
('hold', 'Lưu giữ', 'Hold', 2, '{}', true, 'EDH', null, 17),
('return', 'Chuyển hoàn', 'Return', 2 | 4 | 32, '{}', true, null, null, 18),
('redirect', 'Chuyển tiếp', 'Redirect', 2 | 32, '{}', true, null, null, 19),
('damage', 'Ghi nhận hư hỏng', 'Damaged', 2 | 4 | 8 | 16 | 32, '{}', true, null, null, 20),
('repack', 'Đóng gói lại', 'Repack', 2 | 8, '{}', true, null, null, 21),
('seize', 'Thu giữ theo thẩm quyền', 'Seize', 32, '{}', true, null, null, 22),
('lost', 'Báo thất lạc', 'Lost', 32, '{}', true, 'EDX', null, 23),
('found', 'Tìm thấy', 'Found', 2 | 4 | 8 | 16 | 32, '{}', true, null, null, 24),
('count', 'Kiểm đếm', 'Count', 2 | 4 | 8 | 16 | 32, '{}', true, null, null, 25),
('undo', 'Hủy thao tác vừa rồi', 'Undo', 2 | 4 | 8 | 16 | 32, '{refers}', false, null, null, 26),
('reverse', 'Đảo thao tác', 'Reverse', 32, '{refers}', false, null, null, 27),
('confirm', 'Xác nhận lượt quét gửi muộn', 'Confirm a late scan', 32, '{refers}', false, null, null,
 28);

-- One step that is allowed. A kind has a row for each state it may start from.
--   signed     this row is for the signing of a hand-over (or a dossier's cancelling), not for a scan
--   to_state   null: unchanged; to_returning: instead, when the thing is on its way back
--   holder     who holds it after: unchanged, place (the scanner's unit), taker (the scanner; a
--              named person or unit when the scan has a target), bag, carrier (the trip or person
--              named, else the scanner), consignee (agency or addressee), authority
--   expects    who must hold it before: any; holder (the scanner or the scanner's unit);
--              taker (a person only by offer; a place, bag or trip freely)
--   stray      what a step by an unexpected holder does: moves (custody follows the thing, and an
--              exception tells) or waits (recorded, without effect until a person decides)
--   sets       a flag: returning, redirected, damaged; offers: to whoever the scan names
--   in_bag     does not show that anyone saw the thing: it stays in its bag
create table custody.transition (
    what text not null,
    kind text collate "C" not null references custody.scan_kind,
    from_state text collate "C" not null,
    signed boolean not null default false,
    to_state text collate "C",
    to_returning text collate "C",
    holder text not null check (holder in ('unchanged', 'place', 'taker', 'bag', 'carrier',
                                           'consignee', 'authority')),
    expects text not null default 'any' check (expects in ('any', 'holder', 'taker')),
    stray text not null default 'moves' check (stray in ('moves', 'waits')),
    sets text check (sets in ('returning', 'redirected', 'damaged')),
    offers boolean not null default false,
    in_bag boolean not null default false,
    reason_vi text not null,
    reason_en text not null,
    primary key (what, kind, from_state, signed),
    foreign key (what, from_state) references custody.state (what, code),
    foreign key (what, to_state) references custody.state (what, code)
);

-- custody.transitions(…): adds one row for each of from_states. Writes custody.transition.
create function custody.transitions(
    p_what text, p_kind text, from_states text, p_to text, p_holder text, p_vi text, p_en text,
    p_expects text default 'any', p_stray text default 'moves', p_sets text default null,
    p_offers boolean default false, p_in_bag boolean default false,
    p_signed boolean default false, p_to_returning text default null) returns void
language sql as $$
    insert into custody.transition (what, kind, from_state, signed, to_state, to_returning, holder,
                                    expects, stray, sets, offers, in_bag, reason_vi, reason_en)
    select p_what, p_kind, state, p_signed, p_to, p_to_returning, p_holder, p_expects, p_stray,
           p_sets, p_offers, p_in_bag, p_vi, p_en
    from unnest(string_to_array(from_states, ' ')) as state
$$;

-- What is open: everything that can still move. A taking-over begins the carriage of what was
-- only created; an arrival confirms what came with its bag; a signed hand-over delivers from any
-- open state, because both sides signed for it. A sealed bag that is opened has come, scanned or not.
do $$
declare
    begun constant text := 'accepted bagged departed arrived sorted at_delivery_office '
                           'out_for_delivery delivery_failed held';
    open_states constant text := 'created collection_assigned ' || begun;
begin
    perform custody.transitions('s', 'assign', 'created', 'collection_assigned', 'unchanged',
        'Bưu gửi chưa được nhận nên có thể giao bưu tá đi nhận.',
        'Not collected yet, so a courier can be sent.', p_offers => true);
    perform custody.transitions('s', 'accept', 'created collection_assigned', 'accepted', 'place',
        'Bưu gửi mới tạo, bưu cục nhận từ người gửi.',
        'New: the office takes it from the sender.', 'taker');
    perform custody.transitions('s', 'collect', 'created collection_assigned', 'accepted', 'taker',
        'Bưu gửi mới tạo, bưu tá nhận tại địa chỉ.',
        'New: the courier takes it at the address.');
    perform custody.transitions('s', 'bag', 'accepted arrived sorted at_delivery_office held',
        'bagged', 'bag', 'Bưu gửi đang ở bưu cục, có thể đóng vào túi đang mở.',
        'It lies at the place and can go into an open bag.', 'holder');
    perform custody.transitions('s', 'unbag', 'bagged departed arrived', 'arrived', 'place',
        'Bưu gửi đi trong túi, lấy ra tại đây.', 'It came in a bag and is taken out here.');
    perform custody.transitions('s', 'depart', 'accepted bagged sorted arrived held', 'departed',
        'carrier', 'Bưu gửi đã sẵn sàng để chuyển đi.', 'It is ready to leave.', 'taker');
    perform custody.transitions('s', 'arrive', 'departed bagged accepted arrived', 'arrived',
        'place', 'Bưu gửi được chuyển đến đây.', 'It was brought here.');
    perform custody.transitions('s', 'sort', 'accepted arrived', 'sorted', 'place',
        'Bưu gửi đã đến trung tâm, có thể chia chọn.', 'It is at the hub and can be sorted.',
        'holder');
    perform custody.transitions('s', 'at_delivery_office', 'accepted departed arrived sorted',
        'at_delivery_office', 'place', 'Bưu gửi đến bưu cục phát.',
        'It reached the office that delivers it.');
    perform custody.transitions('s', 'out_for_delivery',
        'accepted arrived sorted at_delivery_office held', 'out_for_delivery', 'taker',
        'Bưu gửi đang ở nơi phát, bưu tá mang đi phát.',
        'It is ready for delivery; the courier takes it along.', 'taker');
    perform custody.transitions('s', 'hand_over', open_states, null, 'unchanged',
        'Người đang giữ có thể đề nghị bàn giao.', 'Whoever holds it may offer it.',
        'holder', p_offers => true);
    perform custody.transitions('s', 'take_over', 'created collection_assigned', 'accepted',
        'taker', 'Bưu gửi mới tạo, nhận để bắt đầu vận chuyển.',
        'New: taking it over begins its carriage.', 'taker');
    perform custody.transitions('s', 'take_over', begun, null, 'taker',
        'Bưu gửi đang trong hành trình, có thể nhận bàn giao.',
        'It is under way and can be taken over.', 'taker');
    perform custody.transitions('s', 'take_over', 'created collection_assigned', 'accepted',
        'taker', 'Hai bên đã ký biên bản giao nhận.', 'Both sides signed the hand-over.',
        p_signed => true);
    perform custody.transitions('s', 'take_over', begun, null, 'taker',
        'Hai bên đã ký biên bản giao nhận.', 'Both sides signed the hand-over.',
        p_signed => true);
    perform custody.transitions('s', 'deliver', 'out_for_delivery at_delivery_office held',
        'delivered', 'consignee', 'Bưu gửi đang ở nơi phát hoặc trên đường phát.',
        'It is at the point of delivery.', 'holder', 'waits', p_to_returning => 'returned');
    perform custody.transitions('s', 'deliver', open_states, 'delivered', 'consignee',
        'Cơ quan đã ký nhận trong biên bản giao nhận.', 'The agency signed for it.',
        p_signed => true, p_to_returning => 'returned');
    perform custody.transitions('s', 'fail', 'out_for_delivery', 'delivery_failed', 'taker',
        'Bưu tá đang đi phát, ghi nhận lý do chưa phát được.',
        'Out for delivery: the courier says why it failed.', 'holder');
    perform custody.transitions('s', 'hold', 'delivery_failed at_delivery_office arrived', 'held',
        'place', 'Bưu gửi chờ người nhận tại bưu cục.', 'It waits for the addressee here.');
    perform custody.transitions('s', 'return',
        'delivery_failed held at_delivery_office arrived accepted', 'held', 'unchanged',
        'Bưu gửi chưa phát được hoặc người gửi rút lại, chuyển hoàn.',
        'Not delivered, or withdrawn by the sender: it goes back.', p_sets => 'returning');
    perform custody.transitions('s', 'redirect', open_states, null, 'unchanged',
        'Bưu gửi chưa phát, có thể chuyển tiếp đến địa chỉ mới.',
        'Not delivered yet: it can go to a new address.', p_sets => 'redirected',
        p_in_bag => true);
    perform custody.transitions('s', 'damage', open_states, null, 'unchanged',
        'Ghi nhận tình trạng hư hỏng của bưu gửi chưa phát.',
        'Damage is noted while it is under way.', p_sets => 'damaged');
    perform custody.transitions('s', 'repack', open_states, null, 'unchanged',
        'Người đang giữ đóng gói lại, niêm phong mới.', 'Whoever holds it repacks it.', 'holder');
    perform custody.transitions('s', 'cancel', 'created collection_assigned accepted arrived',
        'returned', 'consignee', 'Tiếp nhận nhầm được hủy, giấy tờ trả lại người nộp tại quầy.',
        'The intake was a mistake: the papers go back across the counter.', 'holder', 'waits',
        'returning', p_signed => true);
    perform custody.transitions('s', 'seize', open_states, 'seized', 'authority',
        'Cơ quan có thẩm quyền thu giữ bưu gửi chưa phát.',
        'An authority seizes it while under way.');
    perform custody.transitions('s', 'lost', open_states, 'lost', 'unchanged',
        'Không tìm thấy bưu gửi chưa phát; người giữ sau cùng chịu trách nhiệm.',
        'It cannot be found; the last holder stays answerable.');
    perform custody.transitions('s', 'found', 'lost', 'arrived', 'place',
        'Bưu gửi thất lạc nay tìm thấy.', 'It was lost and is found.');
    perform custody.transitions('s', 'count', open_states, null, 'unchanged',
        'Người đang giữ kiểm đếm cuối ca.', 'Whoever holds it counts it.', 'holder');

    perform custody.transitions('c', 'close', 'open', 'closed', 'unchanged',
        'Túi đang mở, có thể đóng và niêm phong.', 'It is open and can be sealed.', 'holder');
    perform custody.transitions('c', 'open', 'closed bagged departed arrived', 'open', 'place',
        'Túi đã đóng, mở tại đây.', 'It is sealed and is opened here.', 'taker');
    perform custody.transitions('c', 'bag', 'closed arrived', 'bagged', 'bag',
        'Túi đã đóng, có thể xếp vào túi ngoài.', 'Sealed: it can go into an outer container.',
        'holder');
    perform custody.transitions('c', 'unbag', 'bagged departed arrived', 'arrived', 'place',
        'Túi đi trong túi ngoài, lấy ra tại đây.', 'It came in a container and is taken out here.');
    perform custody.transitions('c', 'depart', 'closed bagged arrived', 'departed', 'carrier',
        'Túi đã niêm phong, có thể chuyển đi.', 'It is sealed and can leave.', 'taker');
    perform custody.transitions('c', 'arrive', 'closed bagged departed arrived', 'arrived', 'place',
        'Túi được chuyển đến đây.', 'It was brought here.');
    perform custody.transitions('c', 'hand_over', 'open closed bagged departed arrived', null,
        'unchanged', 'Người đang giữ có thể đề nghị bàn giao.', 'Whoever holds it may offer it.',
        'holder', p_offers => true);
    perform custody.transitions('c', 'take_over', 'open closed bagged departed arrived', null,
        'taker', 'Túi đang trong hành trình, có thể nhận bàn giao.',
        'It is under way and can be taken over.', 'taker');
    perform custody.transitions('c', 'take_over', 'open closed bagged departed arrived', null,
        'taker', 'Hai bên đã ký biên bản giao nhận.', 'Both sides signed the hand-over.',
        p_signed => true);
    perform custody.transitions('c', 'damage', 'open closed bagged departed arrived', null,
        'unchanged', 'Ghi nhận tình trạng hư hỏng của túi.', 'Damage is noted.',
        p_sets => 'damaged');
    perform custody.transitions('c', 'repack', 'closed arrived', null, 'unchanged',
        'Niêm phong lại bằng dấu mới.', 'It gets a new seal.', 'holder');
    perform custody.transitions('c', 'lost', 'open closed bagged departed arrived', 'lost',
        'unchanged', 'Không tìm thấy túi; người giữ sau cùng chịu trách nhiệm.',
        'It cannot be found; the last holder stays answerable.');
    perform custody.transitions('c', 'found', 'lost', 'arrived', 'place',
        'Túi thất lạc nay tìm thấy.', 'It was lost and is found.');
    perform custody.transitions('c', 'count', 'open closed bagged departed arrived', null,
        'unchanged', 'Người đang giữ kiểm đếm cuối ca.', 'Whoever holds it counts it.', 'holder');
end $$;

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
