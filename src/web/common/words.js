// Names of what the API speaks of in codes: [Vietnamese, English, tone]. What kinds of scan,
// states and reasons are called is in vocabulary.js, what may be done with a dossier in its
// allowed_actions.

// How good or bad a state is.
export const TONE = {
    accepted: 'accent', bagged: 'accent', departed: 'accent', arrived: 'accent', sorted: 'accent',
    at_delivery_office: 'accent', out_for_delivery: 'accent', closed: 'accent', delivered: 'good',
    returned: 'good', delivery_failed: 'bad', lost: 'bad', seized: 'bad', held: 'warn',
};

export const HANDOVER = {
    open: ['Chờ ký nhận', 'To be signed', 'warn'],
    signed: ['Đã ký', 'Signed', 'good'],
    superseded: ['Đã được thay thế', 'Superseded', ''],
};

export const LEG = {
    outward: ['Gửi hồ sơ', 'To the agency'],
    supplement: ['Giấy tờ bổ sung', 'Supplement'],
    inter_agency: ['Liên thông', 'Between agencies'],
    result: ['Trả kết quả', 'Result'],
    originals: ['Trả bản chính', 'Originals'],
    back_to_agency: ['Hoàn về cơ quan', 'Back to agency'],
};

export const OUTCOME = {
    recorded: ['Đã ghi nhận', 'Recorded', 'good'],
    duplicate: ['Đã ghi trước đó', 'Recorded before', 'accent'],
    exception: ['Đã ghi, cần xem lại', 'Recorded, needs a look', 'warn'],
    refused: ['Bị từ chối', 'Refused', 'bad'],
    waiting: ['Chờ gửi', 'Waiting to be sent', ''],
};

export const FINDING = {
    present: ['Có đủ', 'Present'],
    missing: ['Thiếu', 'Missing'],
    surplus: ['Thừa', 'Surplus'],
    damaged: ['Hư hỏng', 'Damaged'],
    refused: ['Từ chối nhận', 'Refused'],
};

export const SERVICE = {
    both: ['Gửi hồ sơ và nhận kết quả', 'Send and receive'],
    send: ['Chỉ gửi hồ sơ', 'Send only'],
    receive: ['Chỉ nhận kết quả', 'Receive only'],
};

export const STATUS = {
    1: ['Mới đăng ký', 'Registered', ''], 2: ['Được tiếp nhận', 'Accepted', 'accent'],
    3: ['Không được tiếp nhận', 'Not accepted', 'bad'], 4: ['Đang xử lý', 'Being processed', 'accent'],
    5: ['Yêu cầu bổ sung giấy tờ', 'Supplement required', 'warn'],
    6: ['Yêu cầu thực hiện nghĩa vụ tài chính', 'Payment required', 'warn'],
    7: ['Công dân yêu cầu rút hồ sơ', 'Withdrawal requested', 'warn'],
    8: ['Dừng xử lý', 'Stopped', 'bad'], 9: ['Đã xử lý xong', 'Result ready', 'good'],
    10: ['Đã trả kết quả', 'Result returned', 'good'],
};

export const HALF = { morning: ['Buổi sáng', 'Morning'], afternoon: ['Buổi chiều', 'Afternoon'] };
