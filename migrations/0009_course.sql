-- The course a dossier may take, as data: its status, what may be done with it, by whom and why.
-- A status changes only by an event in custody.event (subject = the dossier's id as text, kind
-- 'dossier.<action>'), so it stands in the same log as every scan. dossier.dossier is a projection
-- of those events: dossier.fold() computes it, dossier.project() writes it.

-- Codes and names are those of the national portal.
create table dossier.status (
    code smallint primary key,
    status text not null unique,
    name text not null,
    name_en text not null,
    ends boolean not null,
    pauses text check (pauses in ('supplement', 'payment'))
);
insert into dossier.status values
    (1, 'registered', 'Mới đăng ký', 'Registered', false, null),
    (2, 'accepted', 'Được tiếp nhận', 'Accepted', false, null),
    (3, 'rejected', 'Không được tiếp nhận', 'Not accepted', true, null),
    (4, 'processing', 'Đang xử lý', 'Being processed', false, null),
    (5, 'supplement_required', 'Yêu cầu bổ sung giấy tờ', 'Supplement required', false, 'supplement'),
    (6, 'payment_required', 'Yêu cầu thực hiện nghĩa vụ tài chính', 'Payment required', false,
     'payment'),
    (7, 'withdrawal_requested', 'Công dân yêu cầu rút hồ sơ', 'Withdrawal requested', false, null),
    (8, 'stopped', 'Dừng xử lý', 'Stopped', true, null),
    (9, 'result_ready', 'Đã xử lý xong', 'Result ready', false, null),
    (10, 'result_returned', 'Đã trả kết quả', 'Result returned', true, null);

create table dossier.action (
    action text collate "C" primary key,
    name text not null,
    name_en text not null,
    needs text[] not null default '{}', -- members that the request must have
    may text[] not null default '{}',   -- and those it may have
    rank int not null
);
insert into dossier.action (action, name, name_en, needs, rank) values
    ('accept', 'Tiếp nhận', 'Accept', '{}', 10),
    ('reject', 'Không tiếp nhận', 'Refuse', '{reason,legal_basis}', 20),
    ('start', 'Bắt đầu xử lý', 'Start processing', '{}', 30),
    ('ask_supplement', 'Yêu cầu bổ sung', 'Ask for a supplement', '{reason}', 40),
    ('send_supplement', 'Gửi giấy tờ bổ sung', 'Send the supplement', '{weight_g}', 45),
    ('supplement_received', 'Đã nhận bổ sung', 'Supplement received', '{}', 50),
    ('ask_payment', 'Yêu cầu nộp tiền', 'Ask for payment', '{amount}', 60),
    ('payment_received', 'Đã nộp tiền', 'Payment received', '{}', 70),
    ('take_payment', 'Thu tiền tại quầy', 'Take the money', '{amount}', 69),
    ('split_intake', 'Tách hồ sơ', 'Split the dossier', '{}', 71),
    ('group_intake', 'Gộp hồ sơ khác vào', 'Group another into it', '{}', 72),
    ('make_pieces', 'Chia thành nhiều kiện', 'Divide into pieces', '{}', 73),
    ('correct_intake', 'Sửa thông tin tiếp nhận', 'Correct the intake', '{}', 74),
    ('cancel_intake', 'Hủy tiếp nhận', 'Cancel the intake', '{reason}', 75),
    ('join_intake', 'Gộp vào hồ sơ khác', 'Grouped into another', '{}', 76),
    ('request_withdrawal', 'Xin rút hồ sơ', 'Ask to withdraw', '{reason}', 80),
    ('refuse_withdrawal', 'Không đồng ý cho rút', 'Refuse the withdrawal', '{reason}', 90),
    ('stop', 'Dừng xử lý', 'Stop', '{reason}', 100),
    ('apologise', 'Xin lỗi và hẹn lại', 'Apologise, new date', '{reason,due_at}', 110),
    ('result_ready', 'Đã có kết quả', 'Result ready', '{}', 120),
    ('return_result', 'Đã trả kết quả trực tiếp', 'Result handed out', '{}', 130),
    ('result_returned', 'Bưu chính đã trả kết quả', 'Result delivered by post', '{}', 140),
    ('download_result', 'Người nộp đã nhận kết quả trực tuyến', 'Result received on line', '{}', 145),
    ('delivery_taken_back', 'Hủy ghi nhận đã trả', 'Delivery taken back', '{}', 150),
    ('forward', 'Chuyển cơ quan có thẩm quyền', 'Forward to the competent agency', '{}', 25),
    ('forwarded', 'Cơ quan có thẩm quyền đã nhận', 'Received by the competent agency', '{}', 26),
    ('supplement_came', 'Giấy tờ bổ sung đã đến cơ quan', 'The supplement has come', '{}', 46),
    ('ask_agency', 'Lấy ý kiến cơ quan khác', 'Ask another agency', '{}', 112),
    ('answer_agency', 'Trả lời cơ quan hỏi', 'Answer the asking agency', '{}', 113),
    ('end_asking', 'Không chờ trả lời nữa', 'Wait for it no longer', '{}', 114),
    ('return_originals', 'Trả bản chính tại quầy', 'Originals given back here', '{}', 135),
    ('result_back', 'Cơ quan nhận lại kết quả không phát được', 'Undelivered result is back', '{}', 142),
    ('send_result', 'Gửi lại kết quả', 'Send the result again', '{}', 125),
    ('claim', 'Khiếu nại bưu gửi', 'Claim for a shipment', '{number,cause}', 160),
    ('compensate', 'Bồi thường', 'Compensate', '{number,amount}', 161),
    ('refuse_claim', 'Không chấp nhận khiếu nại', 'Refuse the claim', '{number,reason}', 162);
update dossier.action a set may = m.may
from (values ('ask_supplement', '{items}'::text[]), ('supplement_received', '{items,reason}'),
             ('ask_payment', '{name,reason}'), ('take_payment', '{ledgers}'),
             ('return_originals', '{reason}'), ('send_result', '{reason}'), ('claim', '{reason}'),
             ('compensate', '{reason}')) as m (action, may)
where a.action = m.action;

-- What a transition may ask of the dossier beside its status; the text says it when it is not met.
create table dossier.condition (
    condition text collate "C" primary key,
    reason text not null,
    reason_en text not null
);
insert into dossier.condition values
    ('accepted', 'Hồ sơ chưa được tiếp nhận.', 'The dossier has not been accepted yet.'),
    ('not_accepted', 'Hồ sơ đã được tiếp nhận.', 'The dossier has been accepted already.'),
    ('apology_open',
     'Chỉ được xin lỗi và hẹn lại một lần, chậm nhất vào cuối ngày làm việc trước ngày hẹn trả.',
     'An apology goes out once, by the end of the working day before the due day.'),
    ('in_shift',
     'Chỉ thực hiện được trong ngày tiếp nhận, khi giấy tờ còn ở bưu cục đã nhận: chưa giao cho ai, '
     'chưa đóng túi, không có tên trong biên bản giao nhận chờ ký, và chưa được bồi thường.',
     'Only on the day of the intake, while the papers lie at the office that took them in: not handed '
     'over, not in a bag, not on a hand-over list that waits for its signature, not compensated.'),
    ('payment_due', 'Không còn khoản nào phải thu.', 'Nothing is to be paid.'),
    ('by_hand', 'Kết quả đang gửi qua bưu chính; chỉ bằng chứng phát mới kết thúc hồ sơ.',
     'The result is in the post; only proof of delivery ends the dossier.'),
    ('first_supplement', 'Đã yêu cầu bổ sung một lần.', 'A supplement has been asked for once.'),
    ('asked_before', 'Chưa yêu cầu bổ sung lần nào.', 'No supplement has been asked for yet.'),
    ('to_forward', 'Giấy tờ không ở bộ phận Một cửa tiếp nhận, hoặc đã chuyển đi.',
     'The papers do not lie with the receiving one-stop department, or were forwarded.'),
    ('originals_held', 'Cơ quan không còn giữ bản chính nào phải trả.',
     'The agency holds no original that is to go back.'),
    ('result_came_back', 'Không có kết quả nào chuyển hoàn về cơ quan.',
     'No result has come back to the agency.'),
    ('waits_for_agency', 'Không có ý kiến nào đang chờ trả lời.', 'No answer is waited for.'),
    ('claimable',
     'Chỉ khiếu nại được bưu gửi mà bưu chính đã nhận, trong 6 tháng kể từ ngày nhận, khi chưa được bồi '
     'thường và không có khiếu nại nào đang chờ.',
     'A claim is for a shipment that the post has accepted, within 6 months of that, neither compensated nor '
     'claimed already.'),
    ('claim_open', 'Không có khiếu nại nào đang chờ giải quyết.', 'No claim waits for a decision.');

-- Every step a status may take. to_status null: back to where it was. roles: bits of account.role, and
-- two that are not anybody's for good: 256, officers of the one-stop department that received it for
-- the agency; 512, officers of an agency that was asked and has not answered; 0: the system itself,
-- from proof of delivery. makes: the leg of a shipment made with it. needs: members of the request,
-- beyond those of the action.
create table dossier.transition (
    action text collate "C" not null references dossier.action,
    from_status smallint not null references dossier.status,
    to_status smallint references dossier.status,
    roles int not null,
    condition text collate "C" references dossier.condition,
    makes text,
    reason text not null,
    reason_en text not null,
    needs text[] not null default '{}'
);
create unique index on dossier.transition (action, from_status, coalesce(condition, ''));
insert into dossier.transition
    (action, from_status, to_status, roles, condition, makes, reason, reason_en) values
    ('accept', 1, 2, 16 | 256, null, null,
     'Hồ sơ đủ và hợp lệ thì tiếp nhận và hẹn ngày trả kết quả.',
     'A complete dossier is accepted and given its due date.'),
    ('reject', 1, 3, 16 | 256, null, 'originals',
     'Hồ sơ không thuộc thẩm quyền hoặc không hợp lệ; bản chính được trả lại.',
     'Not the agency''s business or not valid; originals go back.'),
    ('ask_supplement', 1, 5, 16 | 256, 'first_supplement', null,
     'Thiếu giấy tờ trước khi tiếp nhận: yêu cầu bổ sung một lần, đầy đủ.',
     'Papers are missing before acceptance: ask once and for everything.'),
    ('request_withdrawal', 1, 7, 1 | 2 | 16, null, null,
     'Người nộp có quyền rút hồ sơ trước khi có kết quả.',
     'The applicant may withdraw before there is a result.'),
    -- A registration that was a mistake never became anybody's dossier. Of the ends that the national
    -- list lets follow 1, "not accepted" says that; 7 would put a wish in the applicant's mouth. What
    -- tells it from an agency's refusal is the event, and dossier.cancelled_at.
    ('cancel_intake', 1, 3, 2 | 32, 'in_shift', null,
     'Tiếp nhận nhầm được hủy trong ca; giấy tờ và tiền đã thu được trả lại người nộp.',
     'A mistaken intake is cancelled within the shift; papers and money go back to the applicant.'),
    ('correct_intake', 1, 1, 2 | 32, 'in_shift', null,
     'Thông tin ghi sai được sửa trong ca; thủ tục hoặc cơ quan sai thì hủy và tiếp nhận lại.',
     'What was written wrongly is corrected within the shift; a wrong procedure or agency is cancelled '
     'and taken in anew.'),
    ('split_intake', 1, 1, 2 | 32, 'in_shift', null,
     'Giấy tờ của hai thủ tục hoặc hai cơ quan nhận chung một hồ sơ được tách ra trong ca.',
     'Papers for two procedures or agencies that were taken in as one are split within the shift.'),
    ('group_intake', 1, 1, 2 | 32, 'in_shift', null,
     'Hai lần tiếp nhận của một người, một thủ tục được gộp thành một hồ sơ trong ca.',
     'Two intakes of one applicant and one procedure become one dossier within the shift.'),
    ('make_pieces', 1, 1, 2 | 32, 'in_shift', null,
     'Giấy tờ không vừa một phong bì được chia thành nhiều kiện, mỗi kiện một số hiệu.',
     'Papers that fit in no one envelope go in pieces, each with its own number.'),
    -- As cancel_intake; the papers do not go back, they are in the other dossier.
    ('join_intake', 1, 3, 0, null, null,
     'Hồ sơ được gộp vào hồ sơ khác của cùng người nộp.',
     'It was grouped into another dossier of the same applicant.'),
    ('start', 2, 4, 16, null, null,
     'Hồ sơ đã tiếp nhận được chuyển xử lý.',
     'An accepted dossier goes to processing.'),
    ('apologise', 2, 2, 16, 'apology_open', null,
     'Không kịp hạn: xin lỗi và hẹn lại trước ngày hẹn, chỉ một lần.',
     'The date cannot be kept: apologise before it, once.'),
    ('apologise', 4, 4, 16, 'apology_open', null,
     'Không kịp hạn: xin lỗi và hẹn lại trước ngày hẹn, chỉ một lần.',
     'The date cannot be kept: apologise before it, once.'),
    ('ask_supplement', 4, 5, 16, 'first_supplement', null,
     'Trong khi xử lý cần thêm giấy tờ; đồng hồ dừng lại.',
     'More papers are needed while processing; the clock stops.'),
    ('ask_payment', 4, 6, 16, null, null,
     'Người nộp phải thực hiện nghĩa vụ tài chính; đồng hồ dừng lại.',
     'The applicant has something to pay first; the clock stops.'),
    ('request_withdrawal', 4, 7, 1 | 2 | 16, null, null,
     'Người nộp có quyền rút hồ sơ trước khi có kết quả.',
     'The applicant may withdraw before there is a result.'),
    ('stop', 4, 8, 16, null, 'originals',
     'Không thể giải quyết tiếp; bản chính được trả lại.',
     'It cannot be continued; originals go back.'),
    ('result_ready', 4, 9, 16, null, 'result',
     'Đã có kết quả; kết quả chờ trả hoặc gửi bưu chính.',
     'The result is there, to be fetched or sent by post.'),
    ('send_supplement', 5, 5, 2, null, 'supplement',
     'Bưu cục nhận giấy tờ bổ sung của người nộp và gửi đến cơ quan.',
     'The post office takes the applicant''s papers and sends them to the agency.'),
    ('supplement_received', 5, 2, 16 | 256, 'not_accepted', null,
     'Đã đủ giấy tờ được yêu cầu trước khi tiếp nhận: tiếp nhận hồ sơ.',
     'What was asked for before acceptance has come: the dossier is accepted.'),
    ('supplement_received', 5, 4, 16, 'accepted', null,
     'Đã đủ giấy tờ bổ sung: xử lý tiếp, đồng hồ chạy lại.',
     'The supplement has come: processing goes on, the clock runs.'),
    ('request_withdrawal', 5, 7, 1 | 2 | 16, null, null,
     'Người nộp có quyền rút hồ sơ trước khi có kết quả.',
     'The applicant may withdraw before there is a result.'),
    ('stop', 5, 8, 16, null, 'originals',
     'Quá hạn bổ sung hoặc không thể giải quyết; bản chính được trả lại.',
     'No supplement came or it cannot be continued; originals go back.'),
    ('payment_received', 6, 4, 2 | 16, null, null,
     'Đã nộp đủ: xử lý tiếp, đồng hồ chạy lại.',
     'Paid: processing goes on, the clock runs.'),
    ('request_withdrawal', 6, 7, 1 | 2 | 16, null, null,
     'Người nộp có quyền rút hồ sơ trước khi có kết quả.',
     'The applicant may withdraw before there is a result.'),
    ('stop', 6, 8, 16, null, 'originals',
     'Không thực hiện nghĩa vụ tài chính; bản chính được trả lại.',
     'Not paid in time; originals go back.'),
    ('stop', 7, 8, 16, null, 'originals',
     'Đồng ý cho rút hồ sơ; bản chính được trả lại.',
     'The withdrawal is granted; originals go back.'),
    ('refuse_withdrawal', 7, null, 16, null, null,
     'Không đồng ý cho rút: hồ sơ trở lại trạng thái trước đó.',
     'The withdrawal is refused: the dossier is where it was.'),
    ('return_result', 9, 10, 16, 'by_hand', null,
     'Kết quả được nhận tại cơ quan hoặc trực tuyến.',
     'The result was fetched at the agency or on line.'),
    ('result_returned', 9, 10, 0, null, null,
     'Có bằng chứng phát kết quả.',
     'There is proof that the result was delivered.'),
    ('download_result', 9, 10, 0, null, null,
     'Người nộp tải kết quả điện tử bằng mã tra cứu: đó là bằng chứng đã nhận.',
     'The applicant downloaded the electronic result with the code: that is the proof.'),
    ('delivery_taken_back', 10, 9, 0, null, null,
     'Lần ghi nhận phát bị hủy.',
     'The scan of the delivery was taken back.'),
    ('forwarded', 2, 2, 0, null, null,
     'Cơ quan có thẩm quyền đã ký nhận hồ sơ chuyển đến.',
     'The competent agency signed for what was forwarded.'),
    ('supplement_came', 5, 5, 0, null, null,
     'Cơ quan đã ký nhận giấy tờ bổ sung.', 'The agency signed for the supplement.'),
    ('result_back', 9, 9, 0, null, null,
     'Cơ quan đã ký nhận lại kết quả không phát được.',
     'The agency signed for a result that could not be delivered.'),
    ('send_result', 9, 9, 16, 'result_came_back', 'result',
     'Kết quả không phát được đã về cơ quan: gửi lại bằng bưu gửi mới, hoặc trả tại quầy.',
     'An undelivered result is back: it goes again under a new number, or is fetched here.');
insert into dossier.transition
    (action, from_status, to_status, roles, condition, makes, reason, reason_en, needs) values
    ('ask_supplement', 1, 5, 16 | 256, 'asked_before', null,
     'Chỉ yêu cầu bổ sung một lần; lần nữa phải nêu vì sao và tính là quá hạn.',
     'A supplement is asked for once; again only with a reason, and it counts as overdue.',
     '{again_reason}'),
    ('ask_supplement', 4, 5, 16, 'asked_before', null,
     'Chỉ yêu cầu bổ sung một lần; lần nữa phải nêu vì sao và tính là quá hạn.',
     'A supplement is asked for once; again only with a reason, and it counts as overdue.',
     '{again_reason}');
-- Steps beside the status.
insert into dossier.transition
    (action, from_status, to_status, roles, condition, makes, reason, reason_en)
select x.action, s.code, s.code, x.roles, x.condition, x.makes, x.vi, x.en
from (values
    ('forward', '{1,2,4}'::int[], 16 | 256, 'to_forward', 'inter_agency',
     'Nơi tiếp nhận chuyển giấy tờ đến cơ quan có thẩm quyền bằng bưu gửi riêng.',
     'Whoever received it sends the papers on to the competent agency, under their own number.'),
    ('ask_agency', '{2,4}', 16, null, null,
     'Cần ý kiến cơ quan khác; cơ quan đó có thời hạn riêng, thời hạn của hồ sơ vẫn chạy.',
     'Another agency is asked; it has a time of its own, that of the dossier runs on.'),
    ('answer_agency', '{2,4,5,6,7}', 512, 'waits_for_agency', null,
     'Cơ quan được hỏi trả lời.', 'The agency that was asked answers.'),
    ('end_asking', '{2,4,5,6,7}', 16, 'waits_for_agency', null,
     'Không còn cần ý kiến đã hỏi.', 'What was asked is not needed any more.'),
    ('take_payment', '{1,2,4,5,9,10}', 2, 'payment_due', null,
     'Bưu cục thu cước, phí còn phải nộp, như khi nhận giấy tờ của hồ sơ nộp trực tuyến.',
     'The post office takes what is still due, as when papers of a filing on line are brought.'),
    ('return_originals', '{3,8,9,10}', 16, 'originals_held', null,
     'Bản chính cơ quan còn giữ được trả cho người nộp tại quầy.',
     'Originals that the agency still holds are handed to the applicant here.'),
    -- Claims run beside the shipment, whatever has become of the dossier.
    ('claim', '{1,2,3,4,5,6,7,8,9,10}', 1 | 2, 'claimable', null,
     'Bưu gửi bị mất, hư hỏng hoặc chậm: người nộp, hoặc bưu cục thay người nộp, khiếu nại trong 6 tháng.',
     'A shipment was lost, damaged or late: the applicant, or a clerk for them, claims within 6 months.'),
    ('compensate', '{1,2,3,4,5,6,7,8,9,10}', 32, 'claim_open', null,
     'Chấp nhận khiếu nại và trả bồi thường, không dưới mức tối thiểu.',
     'The claim is granted and paid, with no less than the least.'),
    ('refuse_claim', '{1,2,3,4,5,6,7,8,9,10}', 32, 'claim_open', null,
     'Không chấp nhận khiếu nại, nêu lý do.', 'The claim is refused, with its reason.'))
    as x (action, codes, roles, condition, makes, vi, en)
join dossier.status s on s.code = any (x.codes);
