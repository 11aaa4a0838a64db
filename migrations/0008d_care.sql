-- What a person does about what is odd: the answers there are, and for each code of custody.oddity how
-- soon one is due, what the cause most often is, and which answers make sense.

-- What is missing becomes an oddity too: a search task for whoever had it last, see 0012f_search.sql.
insert into custody.oddity (code, opens, skips, text_vi, text_en) values
('not_arrived', true, false, 'Đã đi nhưng chưa đến, dù quá thời gian thường lệ của tuyến.',
 'It left and has not arrived, though what its lane usually takes is over.'),
('not_seen_after_opening', true, false, 'Túi đã mở nhưng chưa thấy bưu gửi này.',
 'Its bag was opened, and it has not been seen since.'),
('search_asked', true, false, 'Có người yêu cầu tìm bưu gửi này.',
 'Somebody asked for it to be searched for.');

-- One answer. key: the key that gives it; no j and k, which move along the list, and no n, which takes
-- one of it.
-- does: nothing (only the decision is kept); confirm: the step that waits counts; reverse: the event is
-- taken back; step: the first of kinds that nothing speaks against, by whoever answers; offer: the same
-- to whoever had it before the event; search: a search task opens.
-- supervisor: only they may; note: it must be said why.
create table custody.answer (
    code text collate "C" primary key,
    key text not null unique check (key ~ '^[a-ilmo-z]$'),
    does text not null
        check (does in ('nothing', 'confirm', 'reverse', 'step', 'offer', 'search')),
    kinds text[] not null default '{}',
    supervisor boolean not null default false,
    note boolean not null default false,
    name_vi text not null,
    name_en text not null,
    would_vi text not null,
    would_en text not null
);

insert into custody.answer
    (code, key, does, kinds, supervisor, note, name_vi, name_en, would_vi, would_en) values
('accept', 'a', 'nothing', '{}', false, false, 'Chấp nhận như đã ghi', 'Accept as recorded',
 'Giữ nguyên những gì đã ghi nhận.', 'What was recorded stands as it is.'),
('confirm', 'x', 'confirm', '{}', false, false, 'Cho thao tác có hiệu lực', 'Let the step count',
 'Thao tác đang chờ được tính từ thời điểm đã quét.',
 'The step that waits counts from the time it was scanned.'),
('reverse', 'r', 'reverse', '{}', true, true, 'Đảo thao tác', 'Take the step back',
 'Thao tác không còn được tính; mọi thứ trở lại như chưa có lượt quét này.',
 'The step no longer counts; all is as if it had not been scanned.'),
('here', 'h', 'step', '{found,arrive,take_over}', false, false, 'Đang ở đây', 'It is here',
 'Ghi nhận đang ở đơn vị của người xử lý, từ lúc này.',
 'It is recorded to be at the unit of whoever answers, from now on.'),
('return', 'v', 'offer', '{hand_over}', false, false, 'Trả lại người giữ trước',
 'Give it back to whoever had it',
 'Đề nghị bàn giao cho người hoặc nơi giữ trước đó; quyền giữ chuyển khi bên ấy nhận.',
 'It is offered to the person or place that had it before; custody moves when they take it over.'),
('search', 's', 'search', '{}', false, false, 'Giao tìm kiếm', 'Have it searched for',
 'Mở việc tìm kiếm cho người giữ sau cùng; ngoại lệ này đóng lại.',
 'A search task opens for whoever had it last; this one is closed.'),
('lost', 'l', 'step', '{lost}', true, true, 'Báo thất lạc', 'Declare it lost',
 'Ghi nhận thất lạc; người giữ sau cùng chịu trách nhiệm.',
 'It is declared lost; whoever had it last stays answerable.'),
('turned_up', 't', 'nothing', '{}', false, false, 'Đã tìm thấy', 'It turned up',
 'Kết thúc việc tìm kiếm; các lượt quét giữ nguyên.', 'The search ends; the scans stand as they are.'),
('correct', 'c', 'nothing', '{}', false, true, 'Đã sửa bằng lượt quét khác',
 'Put right by other scans', 'Chỉ ghi quyết định; các lượt quét khác đã sửa.',
 'Only the decision is kept; other scans put it right.'),
('dismiss', 'd', 'nothing', '{}', false, true, 'Không cần xử lý', 'Nothing to do',
 'Chỉ ghi quyết định; không đổi gì.', 'Only the decision is kept; nothing changes.');

-- By code of custody.oddity; the row '' serves those that have none. hours: of the unit's working time
-- until it is overdue. seeks: it is a search task. answers: in the order they are shown.
create table custody.care (
    oddity text collate "C" primary key,
    hours int not null check (hours between 1 and 400),
    seeks boolean not null default false,
    answers text[] not null,
    cause_vi text not null,
    cause_en text not null
);

insert into custody.care (oddity, hours, answers, cause_vi, cause_en) values
('', 8, '{accept,reverse,correct,search,dismiss}', 'Chưa rõ nguyên nhân; xin xem lịch sử.',
 'The cause is not known; see the history.'),
('illegal_step', 8, '{accept,correct,search,dismiss}',
 'Nhiều khả năng thiếu một lượt quét trước đó, hoặc chọn nhầm thao tác.',
 'Most likely a scan before it is missing, or the wrong step was chosen.'),
('wrong_holder', 4, '{accept,return,reverse,correct,search,dismiss}',
 'Nhiều khả năng việc bàn giao chưa được quét.', 'Most likely the hand-over was not scanned.'),
('wrong_holder_waits', 4, '{confirm,correct,search,dismiss}',
 'Nhiều khả năng việc bàn giao chưa được quét.', 'Most likely the hand-over was not scanned.'),
('closed_bag', 4, '{accept,here,correct,search,dismiss}',
 'Nhiều khả năng quét sau khi túi đã đóng, hoặc quét nhầm túi.',
 'Most likely it was scanned after the bag was closed, or the wrong bag was scanned.'),
('unknown_bag', 4, '{accept,correct,dismiss}',
 'Túi chưa được tạo trong hệ thống, hoặc mã túi bị gõ nhầm.',
 'The bag has not been made here yet, or its code was mistyped.'),
('bag_cycle', 4, '{accept,correct,dismiss}', 'Nhiều khả năng quét nhầm túi.',
 'Most likely the wrong bag was scanned.'),
('bag_too_deep', 4, '{accept,correct,dismiss}', 'Nhiều khả năng quét nhầm túi ngoài.',
 'Most likely the wrong outer bag was scanned.'),
('sealed_bag', 4, '{accept,reverse,correct,search,dismiss}',
 'Nhiều khả năng túi đã mở nhưng không quét mở, hoặc bưu gửi chưa từng vào túi.',
 'Most likely the bag was opened without a scan, or the item never went into it.'),
('no_proof', 4, '{correct,search,accept,dismiss}',
 'Người phát chưa ghi người nhận.', 'Whoever delivered it did not say to whom.'),
('agency_not_signed', 4, '{correct,search,accept,dismiss}',
 'Cơ quan chưa ký biên bản giao nhận.', 'The agency has not signed a hand-over yet.'),
('wrong_route', 4, '{accept,return,reverse,correct,search,dismiss}',
 'Nhiều khả năng chia chọn hoặc chuyển nhầm.', 'Most likely it was missorted or sent the wrong way.'),
('impossible_speed', 8, '{accept,return,reverse,correct,search,dismiss}',
 'Nhiều khả năng đồng hồ thiết bị sai, hoặc hai người dùng chung một mã.',
 'Most likely a device clock was wrong, or one code was scanned in two places.'),
('unknown_shipment', 8, '{accept,correct,search,dismiss}',
 'Hồ sơ chưa nhập vào hệ thống, hoặc số hiệu bị gõ nhầm.',
 'It has not been entered yet, or the number was mistyped.'),
('revoked_label', 8, '{accept,reverse,correct,search,dismiss}',
 'Nhãn in trước khi khóa bị thu hồi, hoặc nhãn giả; xin đối chiếu bưu gửi rồi in lại nhãn.',
 'Printed before the key was revoked, or forged; look at the item and print its label again.'),
('clock_ahead', 16, '{accept,correct,dismiss}', 'Đồng hồ thiết bị chạy nhanh.',
 'The clock of the device runs ahead.'),
('clock_far', 16, '{accept,reverse,correct,dismiss}', 'Đồng hồ thiết bị sai nhiều.',
 'The clock of the device is far off.'),
('id_window', 16, '{accept,reverse,correct,dismiss}', 'Đồng hồ thiết bị sai khi tạo mã lượt quét.',
 'The clock of the device was wrong when the scan got its id.'),
('held_too_long', 16, '{confirm,correct,dismiss}',
 'Thiết bị mất kết nối lâu ngày, nay mới gửi.', 'The device was off line for long and sends only now.'),
('undo_refused', 8, '{accept,correct,dismiss}',
 'Hủy quá muộn, hoặc không phải chính người quét; giám sát viên có thể đảo thao tác.',
 'Undone too late or by somebody else; a supervisor can take the step back.'),
('purged_history', 40, '{accept,dismiss}', 'Bưu gửi cũ được quét lại sau thời hạn lưu trữ.',
 'An old item was scanned again after the time of keeping.'),
('dossier_not_told', 4, '{correct,accept,dismiss}', 'Hồ sơ đang ở bước không nhận được kết quả phát.',
 'The dossier stands where it cannot take the delivery.'),
('handover_missing', 4, '{search,here,lost,correct,accept,dismiss}',
 'Nhiều khả năng còn ở bên giao, hoặc ghi nhầm trong biên bản.',
 'Most likely it stayed with the giver, or was listed by mistake.'),
('handover_surplus', 4, '{here,accept,correct,dismiss}',
 'Nhiều khả năng bên giao quên ghi vào biên bản.', 'Most likely the giver forgot to list it.'),
('handover_refused', 4, '{accept,correct,dismiss}',
 'Bên nhận nêu lý do trong ghi chú; bưu gửi vẫn ở bên giao.',
 'The taker says why in the note; it stays with the giver.'),
('handover_damaged', 4, '{accept,correct,dismiss}',
 'Hư hỏng trước hoặc trong lúc giao nhận.', 'Damaged before or while it was handed over.'),
('count_missing', 4, '{search,here,lost,correct,accept,dismiss}',
 'Nhiều khả năng đã bàn giao mà chưa quét, hoặc để sót khi kiểm đếm.',
 'Most likely it was handed on without a scan, or overlooked in the count.'),
('count_surplus', 4, '{here,accept,correct,dismiss}',
 'Nhiều khả năng đã nhận mà chưa quét.', 'Most likely it was taken in without a scan.'),
('delivery_taken_back', 4, '{accept,correct,search,dismiss}',
 'Lượt phát bị hủy, hoặc một lượt quét muộn đổi thứ tự.',
 'The delivery was undone, or a late scan changed the order.');

insert into custody.care (oddity, hours, seeks, answers, cause_vi, cause_en) values
('not_arrived', 8, true, '{turned_up,here,lost,correct,dismiss}',
 'Nhiều khả năng đã đến mà chưa quét, đi nhầm đường, hoặc còn ở người giữ sau cùng.',
 'Most likely it came without a scan, went the wrong way, or is still with its last holder.'),
('not_seen_after_opening', 4, true, '{turned_up,here,lost,correct,dismiss}',
 'Nhiều khả năng còn trong túi, hoặc chưa từng được đóng vào túi.',
 'Most likely it is still in the bag, or never went into it.'),
('search_asked', 8, true, '{turned_up,here,lost,correct,dismiss}',
 'Người yêu cầu nêu lý do trong quyết định trước.', 'Whoever asked said why in the decision before.');

-- custody.care_of(code): its row, or the one for codes that have none.
create function custody.care_of(p_code text) returns custody.care
language plpgsql stable as $$
declare
    c custody.care;
begin
    select * into c from custody.care x where x.oddity in (p_code, '') order by x.oddity desc limit 1;
    return c;
end $$;

-- Who took an exception to deal with it, and who gave it back.
create table custody.exception_turn (
    id bigint generated always as identity primary key,
    exception bigint not null references custody.exception,
    account bigint not null,
    taken boolean not null,
    at timestamptz not null default now()
);
create index on custody.exception_turn (exception);

-- custody.due_of(unit, opened, code): when it is overdue, by the unit's office hours; of a unit whose
-- calendar has none, by the clock.
create function custody.due_of(p_unit bigint, p_opened timestamptz, p_code text) returns timestamptz
language plpgsql stable as $$
begin
    return postal.add_working_minutes(nullif(p_unit, 0), p_opened,
                                      (custody.care_of(p_code)).hours * 60);
exception when raise_exception then
    return p_opened + make_interval(hours => (custody.care_of(p_code)).hours);
end $$;

-- custody.exceptions_age(most): reckons when those that have no due time yet are due: apart from the
-- scans that open them, and before the first is locked. Returns how many. Writes custody.exception.
create function custody.exceptions_age(p_most int) returns int
language plpgsql set enable_seqscan = off as $$
declare
    v_ids bigint[];
    v_due timestamptz[];
    v_count int;
begin
    select array_agg(n.id), array_agg(custody.due_of(n.unit, n.opened_at, n.code))
    into v_ids, v_due
    from (select x.id, x.unit, x.opened_at, x.code from custody.exception x
          where x.due_at = 'infinity' and x.resolved_at is null order by x.id limit p_most) n;
    update custody.exception x set due_at = v_due[array_position(v_ids, x.id)]
    where x.id = any (array(
        select n.id from custody.exception n
        where n.id = any (v_ids) and n.due_at = 'infinity' and n.resolved_at is null
        order by n.id for update skip locked));
    get diagnostics v_count = row_count;
    return v_count;
end $$;

do $$
begin
    perform base.revoke_service('insert, update', 'custody.answer');
    perform base.revoke_service('insert, update', 'custody.care');
    perform base.revoke_service('update', 'custody.exception_turn');
end $$;
