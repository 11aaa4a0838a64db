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
