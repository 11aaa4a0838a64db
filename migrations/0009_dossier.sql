-- The dossier: its status as data, what may be done with it and why, and the record itself.
-- A status changes only by an event in custody.event (subject = the dossier's id as text, kind
-- 'dossier.<action>'), so it stands in the same log as every scan. dossier.dossier is a projection
-- of those events: dossier.fold() computes it, dossier.project() writes it.

-- --- rules ---------------------------------------------------------------------------------------

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
-- --- the record ----------------------------------------------------------------------------------

-- The last number given for an agency on a day (Vietnam time).
create table dossier.code_counter (
    agency bigint not null,
    day date not null,
    last int not null,
    primary key (agency, day)
) with (fillfactor = 50);

create table dossier.dossier (
    id uuid primary key, -- made by the client
    code text collate "C" not null unique,
    procedure text not null,
    procedure_version int not null,
    agency bigint not null,
    office bigint not null,
    -- none: filed on line, nothing of it goes by post
    service text not null check (service in ('send', 'receive', 'both', 'none')),
    applicant_kind text not null,
    from_commune text not null,
    result_to_kind text not null
        check (result_to_kind in ('address', 'post_office', 'agency', 'online')),
    result_unit bigint,     -- where the result is fetched
    result_commune text,    -- where it is carried to
    weight_g int not null,
    receiving bigint,       -- the one-stop department that takes the papers over for the agency
    split_from uuid,        -- whose papers these were until they were split off
    created_at timestamptz not null,
    created_by bigint not null,
    digest bytea,           -- of the whole intake; gone after erasure
    -- projected from the events
    status smallint not null references dossier.status,
    back_to smallint references dossier.status, -- where a refused withdrawal returns to
    filed_at timestamptz,
    accepted_at timestamptz,
    due_at timestamptz,
    ended_at timestamptz,
    apologised_at timestamptz,
    paused_at timestamptz,
    cancelled_at timestamptz, -- the intake was a mistake
    grouped_into uuid,        -- or its papers are in that dossier
    forwarded_at timestamptz, -- whoever received it sent it on to the agency
    came_back_at timestamptz, -- its result could not be delivered and is back; not since it went again
    supplements int not null default 0,
    version int not null,
    -- The agency on whose desk it is: until it is accepted, whoever has its papers.
    desk bigint generated always as (case when accepted_at is null and forwarded_at is null
                                          then coalesce(receiving, agency) else agency end) stored
) with (fillfactor = 85);
create index on dossier.dossier (agency, status, due_at);
create index on dossier.dossier (agency, created_at, id);
create index on dossier.dossier (office, created_at, id);
create index on dossier.dossier (created_by, created_at, id);
create index on dossier.dossier (created_at, id);
-- The desk's lists, each in its own order: what runs by its due time, what waits for the applicant, what
-- is to be decided on (filed, or brought to the agency by the applicant, who has the post carry the result
-- alone), what is to be sent on to the agency, and whose result is back.
create index dossier_runs on dossier.dossier (agency, due_at, id)
    where ended_at is null and paused_at is null and due_at is not null;
create index dossier_waits on dossier.dossier (desk, paused_at, id) where paused_at is not null;
create index dossier_to_accept on dossier.dossier (desk, coalesce(filed_at, created_at), id)
    where status = 1 and (filed_at is not null or service = 'receive');
create index dossier_to_forward on dossier.dossier (receiving, filed_at, id)
    where filed_at is not null and forwarded_at is null and ended_at is null;
create index dossier_came_back on dossier.dossier (agency, came_back_at, id) where came_back_at is not null;
create index on dossier.dossier (receiving, created_at, id) where receiving is not null;
create index on dossier.dossier (receiving, status, due_at) where receiving is not null;
create index on dossier.dossier (split_from) where split_from is not null;
create index on dossier.dossier (grouped_into) where grouped_into is not null;

-- Sealed outside the database (base/seal.h). event: the one that keeps its mac, the registration or the
-- latest correction; what was corrected lies as the payload of the event before (custody.payload).
-- Erased: no payload, no key, no salt.
create table dossier.personal (
    dossier uuid primary key references dossier.dossier,
    event uuid not null,
    sealed bytea,
    key bytea,
    salt bytea,
    erased_at timestamptz,
    check ((sealed is null) = (key is null) and (key is null) = (salt is null)),
    check ((sealed is null) = (erased_at is not null))
);

-- event: the step with which a supplement came; null: of the intake.
create table dossier.document (
    dossier uuid not null references dossier.dossier,
    line int not null,
    event uuid,
    name text check (name is not null or event is not null), -- null: erased
    originals int not null check (originals between 0 and 1000),
    copies int not null check (copies between 0 and 1000),
    returned boolean not null, -- goes back to the applicant
    primary key (dossier, line)
);

-- When the agency's clock stood still; projected.
create table dossier.pause (
    dossier uuid not null references dossier.dossier,
    line int not null,
    kind text not null check (kind in ('supplement', 'payment')),
    began timestamptz not null,
    ended timestamptz,
    primary key (dossier, line)
);
select base.grant_service('delete', 'dossier.pause');
select base.grant_service('delete', 'dossier.document');

-- What a supplement must bring, line by line, as it was asked for by the event. Names may tell of
-- people, so they lie apart and can be erased; the event's mac covers them with its remark.
create table dossier.supplement_item (
    dossier uuid not null references dossier.dossier,
    event uuid not null,
    line int not null,
    name text, -- null: erased
    originals int not null check (originals between 0 and 1000),
    copies int not null check (copies between 0 and 1000),
    primary key (dossier, event, line)
);

-- What another agency was asked about a dossier; projected from its events, which carry no status. What
-- was asked and answered are their remarks. due_at: time (working_day, working_hour: time_unit) from
-- asked_at by the calendar of the agency that was asked, reckoned anew when that changes.
create table dossier.asking (
    id uuid primary key, -- made by the client
    dossier uuid not null references dossier.dossier,
    asking bigint not null,
    asked bigint not null,
    event uuid not null,
    asked_at timestamptz not null,
    time int not null,
    time_unit text not null,
    due_at timestamptz not null,
    answered_at timestamptz,
    answer text check (answer in ('agreed', 'refused', 'informed')),
    answer_event uuid,
    ended_at timestamptz -- not waited for any more
);
create index on dossier.asking (dossier);
create index asking_open on dossier.asking (asked, due_at, id)
    where answered_at is null and ended_at is null;
create index asking_mine on dossier.asking (asking, due_at, id)
    where answered_at is null and ended_at is null;
create index asking_due on dossier.asking (due_at, id) where answered_at is null and ended_at is null;
select base.grant_service('delete', 'dossier.asking');

-- What was claimed of the post for a shipment of it; projected from its events, of which the first is its
-- id. Why, and what was answered, are their remarks. Undecided: claimed; with an amount: compensated; else
-- claim_refused.
create table dossier.claim (
    event uuid primary key,
    dossier uuid not null references dossier.dossier,
    number text collate "C" not null,
    cause text not null check (cause in ('lost', 'damaged', 'late')),
    claimed_at timestamptz not null,
    decision uuid,
    decided_at timestamptz,
    amount bigint check (amount >= 0),
    check ((decision is null) = (decided_at is null) and (decision is not null or amount is null))
);
create index on dossier.claim (dossier);
create unique index claim_open on dossier.claim (number) where decided_at is null;
select base.grant_service('delete', 'dossier.claim');

-- Who read whose personal data, when, and what for. Only added to.
create table dossier.access (
    dossier uuid not null,
    at timestamptz not null default now(),
    account bigint not null,
    unit bigint,
    what text not null
);
create index on dossier.access (dossier, at);
select base.revoke_service('update', 'dossier.access');

-- --- small helpers -------------------------------------------------------------------------------

-- dossier.normal(code or number as people type it): upper case, no spaces or dots of grouping in an
-- S10; a dossier code keeps its dots. Null for what can be neither.
create function dossier.normal(typed text) returns text
language sql immutable parallel safe as $$
    select case
        when length(typed) > 64 then null
        when bare ~ '^[A-Z]{2}[0-9]{9}[A-Z]{2}$' then bare
        when dotted ~ '^[0-9A-Z.]{3,24}-[0-9]{6,8}-[0-9]{4,9}$' then dotted
    end
    from (select upper(regexp_replace(typed, '[[:space:].-]', '', 'g')) as bare,
                 upper(regexp_replace(typed, '[[:space:]]', '', 'g')) as dotted) as forms
$$;

-- dossier.find(code, number of a leg, or id): the dossier's id, or null.
-- Reads dossier.dossier, custody.shipment.
create function dossier.find(p_key text) returns uuid
language plpgsql stable as $$
declare
    key text := dossier.normal(p_key);
    found_id uuid;
begin
    if key is null then
        return case when p_key ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then
            (select id from dossier.dossier where id = p_key::uuid) end;
    end if;
    select id into found_id from dossier.dossier where code = key;
    if not found then
        select s.dossier into found_id from custody.shipment s where s.number = key;
    end if;
    return found_id;
end $$;

-- dossier.procedure_body(code, version): the procedure as it was filed under.
-- Reads procedure.procedure.
create function dossier.procedure_body(p_code text, p_version int) returns jsonb
language sql stable as $$
    select body from procedure.procedure where code = p_code and version = p_version
$$;

-- dossier.unit_json(unit): {id, name, name_en}. Reads postal.unit.
create function dossier.unit_json(p_unit bigint) returns jsonb
language plpgsql stable as $$
begin
    return (
        select jsonb_build_object('id', code, 'name', name, 'name_en', name_en)
        from postal.unit where id = p_unit);
end $$;

-- --- events and their fold -----------------------------------------------------------------------

-- dossier.record(dossier, kind, at, actor, unit, data, mac, remark): one event of the dossier and
-- its projection; returns its id. data carries nothing personal; `version` is added to it under the lock of the
-- dossier's row, so events count in one order however their transactions overlap. mac: of a payload
-- that lies elsewhere; else that of the remark. Writes custody.event, custody.remark,
-- dossier.dossier, dossier.pause.
create function dossier.record(p_dossier uuid, p_kind text, p_at timestamptz, p_actor bigint,
                               p_unit bigint, p_data jsonb, p_mac bytea default null,
                               p_remark text default null) returns uuid
language plpgsql as $$
declare
    event uuid := base.uuid_v7();
    last int;
begin
    select version into strict last from dossier.dossier where id = p_dossier for update;
    perform custody.append(p_dossier::text, event, 'dossier.' || p_kind, p_actor, p_unit,
                           p_data || jsonb_build_object('version', last + 1), p_at => p_at,
                           p_mac => coalesce(p_mac, custody.keep_remark(p_dossier::text, event,
                                                                        p_remark)));
    perform dossier.project(p_dossier);
    return event;
end $$;

create type dossier.folded as (
    status smallint, back_to smallint, filed_at timestamptz, accepted_at timestamptz,
    due_at timestamptz, ended_at timestamptz, apologised_at timestamptz, paused_at timestamptz,
    cancelled_at timestamptz, grouped_into uuid, forwarded_at timestamptz, came_back_at timestamptz,
    supplements int, version int, pauses jsonb
);

-- dossier.fold_step(before, kind, at, data): what one event makes of the projection. Its data says
-- from and to which status it went and, where it moved the due time, the new one: a fold therefore
-- never depends on today's rules or calendar. An event from another status is skipped.
create function dossier.fold_step(f dossier.folded, kind text, at timestamptz, data jsonb)
returns dossier.folded
language plpgsql immutable as $$
declare
    goes_to smallint := (data ->> 'to')::smallint;
    paused text;
begin
    f.version := (data ->> 'version')::int;
    f.due_at := case when data ? 'due_at' then (data ->> 'due_at')::timestamptz else f.due_at end;
    f.filed_at := coalesce(f.filed_at, (data ->> 'filed_at')::timestamptz);
    if kind = 'dossier.apologise' then
        f.apologised_at := at;
    elsif kind = 'dossier.cancel_intake' then
        f.cancelled_at := at;
    elsif kind = 'dossier.join_intake' then
        f.cancelled_at := at;
        f.grouped_into := (data ->> 'into')::uuid;
    elsif kind = 'dossier.forward' then
        f.forwarded_at := at;
    elsif kind = 'dossier.result_back' then
        f.came_back_at := coalesce(f.came_back_at, at);
    elsif kind = 'dossier.send_result' then
        f.came_back_at := null;
    end if;
    if goes_to is null or goes_to is not distinct from f.status then
        return f;
    end if;
    if goes_to = 7 then
        f.back_to := f.status;
    elsif f.status = 7 then
        f.back_to := null;
    end if;
    f.accepted_at := case when goes_to = 2 then coalesce(f.accepted_at, at) else f.accepted_at end;
    f.ended_at := case when goes_to in (3, 8, 9, 10) then coalesce(f.ended_at, at)
                       else f.ended_at end;
    -- A withdrawal that is only asked for neither stops nor starts the clock.
    paused := case goes_to when 5 then 'supplement' when 6 then 'payment' end;
    if paused is not null and f.paused_at is null then
        f.paused_at := at;
        f.supplements := f.supplements + (goes_to = 5)::int;
        f.pauses := f.pauses || jsonb_build_object('kind', paused, 'began', at);
    elsif f.paused_at is not null and paused is null and goes_to <> 7 then
        f.paused_at := null;
        f.pauses := jsonb_set(f.pauses, '{-1,ended}', to_jsonb(at));
    end if;
    f.came_back_at := case when goes_to = 9 then f.came_back_at end;
    f.status := goes_to;
    return f;
end $$;

-- dossier.fold(dossier, until): the projection recomputed from its events, which are commands and so
-- count in the order in which they were recorded, not by when they say they happened. until: without
-- what happened later.
-- Reads custody.event.
create function dossier.fold(p_dossier uuid, p_until timestamptz default 'infinity')
returns dossier.folded
language plpgsql stable as $$
declare
    f dossier.folded;
    e record;
begin
    f.supplements := 0;
    f.version := 0;
    f.pauses := '[]';
    for e in select kind, at, data from custody.event
             where subject = p_dossier::text and kind like 'dossier.%' and at <= p_until
             order by (data ->> 'version')::int loop
        if e.kind = 'dossier.register' then
            f.status := 1;
            f.version := 1;
        else
            f := dossier.fold_step(f, e.kind, e.at, e.data);
        end if;
    end loop;
    return f;
end $$;

-- dossier.project(dossier): writes what the events say, where none of them was purged. Writes dossier.dossier, dossier.pause.
create function dossier.project(p_dossier uuid) returns void
language plpgsql as $$
declare
    f dossier.folded := dossier.fold(p_dossier);
begin
    if custody.is_purged(p_dossier::text) then
        return;
    end if;
    update dossier.dossier d
    set status = f.status, back_to = f.back_to, filed_at = f.filed_at,
        accepted_at = f.accepted_at, due_at = f.due_at, ended_at = f.ended_at,
        apologised_at = f.apologised_at, paused_at = f.paused_at, cancelled_at = f.cancelled_at,
        grouped_into = f.grouped_into, forwarded_at = f.forwarded_at, came_back_at = f.came_back_at,
        supplements = f.supplements, version = f.version
    where d.id = p_dossier;
    if f.pauses <> '[]' then
        delete from dossier.pause where dossier = p_dossier;
        insert into dossier.pause (dossier, line, kind, began, ended)
        select p_dossier, n, p ->> 'kind', (p ->> 'began')::timestamptz,
               (p ->> 'ended')::timestamptz
        from jsonb_array_elements(f.pauses) with ordinality as list(p, n);
    end if;
end $$;

-- dossier.pauses(dossier): the kept intervals in the form the fold gives them.
create function dossier.pauses(p_dossier uuid) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'kind', kind, 'began', began, 'ended', ended)) order by line), '[]')
    from dossier.pause where dossier = p_dossier
$$;

-- dossier.fold_askings(dossier): its questions recomputed from its events: the due time is that of the
-- latest that set it. Reads custody.event.
create function dossier.fold_askings(p_dossier uuid) returns setof dossier.asking
language sql stable as $$
    select (q.data ->> 'ask')::uuid, p_dossier, (q.data ->> 'asking')::bigint,
           (q.data ->> 'asked')::bigint, q.id, q.at, (q.data ->> 'time')::int, q.data ->> 'time_unit',
           coalesce(r.due_at, (q.data ->> 'answer_due_at')::timestamptz), a.at, a.data ->> 'answer', a.id, x.at
    from custody.event q
    left join custody.event a on a.subject = q.subject and a.kind = 'dossier.answer_agency'
         and a.data ->> 'ask' = q.data ->> 'ask'
    left join custody.event x on x.subject = q.subject and x.kind = 'dossier.end_asking'
         and x.data ->> 'ask' = q.data ->> 'ask'
    left join lateral (
        select (e.data ->> 'answer_due_at')::timestamptz as due_at from custody.event e
        where e.subject = q.subject and e.kind = 'dossier.asking_recomputed' and e.data ->> 'ask' = q.data ->> 'ask'
        order by (e.data ->> 'version')::int desc limit 1) r on true
    where q.subject = p_dossier::text and q.kind = 'dossier.ask_agency'
$$;

-- dossier.project_askings(dossier): writes what the events say. Writes dossier.asking.
create function dossier.project_askings(p_dossier uuid) returns void
language plpgsql as $$
begin
    delete from dossier.asking where dossier = p_dossier;
    insert into dossier.asking select * from dossier.fold_askings(p_dossier);
end $$;

-- dossier.askings_text(rows): a form in which kept and folded are compared.
create function dossier.askings_text(p_rows dossier.asking[]) returns text
language sql stable as $$
    select coalesce(string_agg(r::text, E'\n' order by r.asked_at, r.id), '')
    from unnest(p_rows) as r
$$;

-- dossier.fold_claims(dossier): its claims recomputed from its events. Reads custody.event.
create function dossier.fold_claims(p_dossier uuid) returns setof dossier.claim
language sql stable as $$
    select c.id, p_dossier, c.data ->> 'number', c.data ->> 'cause', c.at, x.id, x.at,
           case when x.kind = 'dossier.compensate' then (x.data ->> 'amount')::bigint end
    from custody.event c
    left join custody.event x on x.subject = c.subject and x.data ->> 'claim' = c.id::text
         and x.kind in ('dossier.compensate', 'dossier.refuse_claim')
    where c.subject = p_dossier::text and c.kind = 'dossier.claim'
$$;

-- dossier.project_claims(dossier): writes what the events say. Writes dossier.claim.
create function dossier.project_claims(p_dossier uuid) returns void
language plpgsql as $$
begin
    delete from dossier.claim where dossier = p_dossier;
    insert into dossier.claim select * from dossier.fold_claims(p_dossier);
end $$;

-- dossier.claims_text(rows): a form in which kept and folded are compared.
create function dossier.claims_text(p_rows dossier.claim[]) returns text
language sql stable as $$
    select coalesce(string_agg(r::text, E'\n' order by r.claimed_at, r.event), '')
    from unnest(p_rows) as r
$$;

-- dossier.rebuild_differences(): every dossier folded again and compared with what is kept; empty
-- when all is equal. Called by custody.rebuild(). Reads dossier.*, custody.event.
create function dossier.rebuild_differences()
returns table (subject text, what text, kept text, folded text)
language sql stable as $$
    select d.id::text, 'dossier.' || c.what, c.kept, c.folded
    from dossier.dossier d
    cross join lateral dossier.fold(d.id) f
    cross join lateral (values
        ('status', d.status::text, f.status::text),
        ('back_to', d.back_to::text, f.back_to::text),
        ('filed_at', d.filed_at::text, f.filed_at::text),
        ('accepted_at', d.accepted_at::text, f.accepted_at::text),
        ('due_at', d.due_at::text, f.due_at::text),
        ('ended_at', d.ended_at::text, f.ended_at::text),
        ('apologised_at', d.apologised_at::text, f.apologised_at::text),
        ('paused_at', d.paused_at::text, f.paused_at::text),
        ('cancelled_at', d.cancelled_at::text, f.cancelled_at::text),
        ('grouped_into', d.grouped_into::text, f.grouped_into::text),
        ('forwarded_at', d.forwarded_at::text, f.forwarded_at::text),
        ('came_back_at', d.came_back_at::text, f.came_back_at::text),
        ('supplements', d.supplements::text, f.supplements::text),
        ('version', d.version::text, f.version::text),
        ('pauses', dossier.pauses(d.id)::text, f.pauses::text),
        ('askings', dossier.askings_text(array(select a from dossier.asking a where a.dossier = d.id)),
                    dossier.askings_text(array(select a from dossier.fold_askings(d.id) a))),
        ('claims', dossier.claims_text(array(select c from dossier.claim c where c.dossier = d.id)),
                   dossier.claims_text(array(select c from dossier.fold_claims(d.id) c)))
    ) as c(what, kept, folded)
    where c.kept is distinct from c.folded and not custody.is_purged(d.id::text)
$$;
