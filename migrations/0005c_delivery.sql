-- Delivery, the tables of data: what a delivery must show, what may follow a failed one, how often
-- somebody is invited, and what a person must look at. The rules are functions: 0009f_delivery.sql.

-- What the papers of a leg ask for when a person takes them; an agency signs a hand-over instead.
-- addressee_only and old papers come from the procedure that the dossier was filed under, and only
-- for its result. proofs: the kinds that are good. The rest counts in working days of the unit that
-- invites, in months, hours and tries.
create table custody.delivery_rule (
    leg text primary key,
    identity boolean not null,
    proofs text[] not null check (proofs <@ '{signature,photo,code}'),
    invitations int not null default 2 check (invitations between 1 and 9),
    apart_days int not null default 2 check (apart_days between 0 and 60),
    after_days int not null default 2 check (after_days between 0 and 60),
    unclaimed_months int not null default 6 check (unclaimed_months between 1 and 60),
    code_hours int not null default 72 check (code_hours between 1 and 720),
    code_tries int not null default 5 check (code_tries between 1 and 20),
    proof_hours int not null default 24 check (proof_hours between 1 and 720)
);
insert into custody.delivery_rule (leg, identity, proofs) values
    ('result', true, '{signature,photo,code}'),
    ('originals', true, '{signature,photo,code}'),
    -- These reach a person only on their way back, the sender, at whose door they were fetched.
    ('outward', true, '{signature,photo,code}'),
    ('supplement', true, '{signature,photo,code}');

-- What somebody who takes it is to the addressee. Any other word counts as 'other'.
-- authorised: needs no paper of the addressee for it.
create table custody.recipient_relation (
    code text collate "C" primary key,
    name_vi text not null,
    name_en text not null,
    addressee boolean not null,
    authorised boolean not null,
    pos int not null
);
insert into custody.recipient_relation values
    ('self', 'Chính người nhận', 'The addressee', true, true, 1),
    ('family', 'Người trong gia đình', 'Family', false, true, 2),
    ('proxy', 'Người được ủy quyền', 'Authorised person', false, false, 3),
    ('organisation', 'Văn thư tổ chức, doanh nghiệp', 'Clerk of the organisation', false, true, 4),
    ('agency', 'Văn thư cơ quan', 'Clerk of the agency', false, true, 5),
    ('other', 'Người khác', 'Somebody else', false, false, 6);

-- What may follow a failed delivery, and why. Another pair is recorded and opens an exception.
create table custody.failure_next (
    reason text collate "C" not null references custody.failure_reason,
    next_action text collate "C" not null references custody.next_action,
    why_vi text not null,
    why_en text not null,
    primary key (reason, next_action)
);

-- custody.may_follow(reasons, next action, …): a row for each of the reasons.
create function custody.may_follow(p_reasons text, p_next text, p_vi text, p_en text) returns void
language sql as $$
    insert into custody.failure_next (reason, next_action, why_vi, why_en)
    select r, p_next, p_vi, p_en from unnest(string_to_array(p_reasons, ' ')) as r
$$;

select custody.may_follow('absent not_found office_closed id_mismatch no_authorisation fee_unpaid '
    || 'old_paper_not_surrendered force_majeure', 'retry',
    'Lần phát sau có thể thành công.', 'Another visit may succeed.');
select custody.may_follow('absent not_found office_closed id_mismatch no_authorisation fee_unpaid '
    || 'old_paper_not_surrendered', 'invite',
    'Địa chỉ đúng: để lại giấy mời đến bưu cục nhận.',
    'The address is right: an invitation to fetch it is left there.');
select custody.may_follow('address_bad moved absent not_found office_closed refused id_mismatch '
    || 'no_authorisation fee_unpaid old_paper_not_surrendered damaged force_majeure', 'hold',
    'Lưu tại bưu cục chờ người nhận hoặc chờ hướng dẫn.',
    'It waits at the office for the addressee, or for a word.');
select custody.may_follow('address_bad moved not_found force_majeure', 'redirect',
    'Người nhận ở nơi khác: chuyển tiếp khi biết địa chỉ mới.',
    'The addressee is elsewhere: it follows once the address is known.');
select custody.may_follow('address_bad moved not_found office_closed refused fee_unpaid damaged',
    'return', 'Không thể phát tại đây: chuyển hoàn.', 'It cannot be delivered here: it goes back.');

-- waits: decided at receipt, the step has no effect until a person accepts it. The papers may be in
-- wrong hands: so a proxy without authorisation, anyone but the addressee where the law says only
-- them, and a wrong code do not end the shipment. The others only open: who should have the papers
-- has them, and what lacks is a paper, a look or a file.
insert into custody.oddity (code, opens, skips, waits, text_vi, text_en) values
('proxy_without_authorisation', true, true, true,
 'Giao cho người nhận thay không có giấy ủy quyền; chưa tính là đã phát cho đến khi có người xem xét.',
 'Given to a proxy without authorisation; does not count until a person decides.'),
('addressee_only', true, true, true,
 'Thủ tục này chỉ phát cho chính người nhận; chưa tính là đã phát cho đến khi có người xem xét.',
 'Only the addressee may take it; does not count until a person decides.'),
('code_wrong', true, true, true,
 'Mã nhận một lần không đúng; chưa tính là đã phát cho đến khi có người xem xét.',
 'The one-time code is wrong; does not count until a person decides.'),
('code_expired', true, true, true,
 'Không có mã nhận một lần còn hiệu lực (hết hạn, đã dùng hoặc nhập sai quá số lần).',
 'No one-time code is in effect: expired, used, or tried too often.'),
('identity_not_checked', true, false, false, 'Phát mà chưa kiểm tra giấy tờ tùy thân.',
 'Delivered without a look at an identity paper.'),
('old_paper_not_recovered', true, false, false, 'Phát mà chưa thu hồi giấy tờ cũ phải nộp lại.',
 'Delivered without recovering the old paper.'),
('proof_missing', true, false, false, 'Phát mà không có chữ ký, ảnh hoặc mã nhận.',
 'Delivered without signature, photo or code.'),
('proof_unknown', true, false, false, 'Loại bằng chứng phát không được chấp nhận.',
 'A kind of proof that is not accepted.'),
('proof_pending', false, false, false, 'Ảnh hoặc chữ ký chưa gửi lên; thiết bị sẽ gửi sau.',
 'The photo or signature has not come yet; the device sends it later.'),
('proof_overdue', true, false, false, 'Ảnh hoặc chữ ký của lần phát chưa được gửi lên trong thời hạn.',
 'The photo or signature of the delivery has not come in time.'),
('invitation_early', true, false, false,
 'Giấy mời lần hai phải cách lần đầu đủ số ngày làm việc; lần mời này không tính.',
 'The second invitation came too few working days after the first; it does not count.'),
('invitation_third', true, false, false, 'Đã mời đủ số lần; bưu gửi phải chuyển hoàn cơ quan.',
 'Invited often enough: it must go back to the agency.'),
('next_action_odd', true, false, false, 'Việc tiếp theo không phù hợp với lý do phát không được.',
 'What is to follow does not fit the reason.');

-- Kinds that only tell: an invitation written at the office; a file of a scan that has come later.
insert into custody.scan_kind (kind, name_vi, name_en, roles, steps, pos) values
('invite', 'Gửi giấy mời nhận', 'Invitation to collect', 0, false, 0),
('attach', 'Đã nhận tệp bằng chứng', 'A file of it has come', 0, false, 0);

-- What the office has to do with something that nobody fetches.
create table custody.unclaimed_action (
    code text collate "C" primary key,
    name_vi text not null,
    name_en text not null,
    pos int not null
);
insert into custody.unclaimed_action values
    ('unclaimed', 'Quá thời hạn lưu giữ kể từ ngày chấp nhận: lập biên bản, chuyển hoàn cơ quan.',
     'Past the time of keeping since acceptance: put on record, send back to the agency.', 1),
    ('return', 'Đã mời đủ số lần: chuyển hoàn cơ quan.',
     'Invited often enough: send it back to the agency.', 2),
    ('invite', 'Gửi giấy mời lần tiếp theo.', 'Send the next invitation.', 3),
    ('hold_over', 'Hết hạn lưu giữ đã hẹn: phát lại hoặc mời.',
     'The agreed holding is over: deliver or invite.', 4);

-- The one-time code of a shipment: only its keyed hash, which the program alone can make.
-- strange_tries: of people who neither hold the shipment nor may deliver it.
create table custody.delivery_code (
    number text collate "C" primary key,
    request uuid not null,
    hash bytea not null,
    issued_at timestamptz not null,
    expires_at timestamptz not null,
    issued int not null default 1,
    tries int not null default 0,
    strange_tries int not null default 0,
    used_event uuid
);

-- Files that a recorded scan names and that have not come. ref: see attachment.file.
create table custody.proof_pending (
    subject text collate "C" not null,
    event uuid not null,
    ref text collate "C" not null,
    since timestamptz not null default now(),
    told boolean not null default false,
    primary key (subject, event, ref)
);
create index proof_pending_since on custody.proof_pending (since) where not told;
select base.grant_service('delete', 'custody.proof_pending');

do $$
begin
    perform base.revoke_service('insert, update', 'custody.delivery_rule');
    perform base.revoke_service('insert, update', 'custody.recipient_relation');
    perform base.revoke_service('insert, update', 'custody.failure_next');
    perform base.revoke_service('insert, update', 'custody.unclaimed_action');
end $$;
