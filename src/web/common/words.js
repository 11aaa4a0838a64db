// Names of what the API speaks of in codes: [Vietnamese, English, tone].

export const SCAN = {
    assign: ['Giao đi lấy', 'Assign pick-up'],
    accept: ['Chấp nhận', 'Accept'],
    collect: ['Thu gom', 'Collect'],
    bag: ['Đóng vào túi', 'Put in bag'],
    unbag: ['Lấy khỏi túi', 'Take out of bag'],
    close: ['Đóng túi', 'Close bag'],
    open: ['Mở túi', 'Open bag'],
    depart: ['Khởi hành', 'Depart'],
    arrive: ['Đến nơi', 'Arrive'],
    sort: ['Chia chọn', 'Sort'],
    at_delivery_office: ['Đến bưu cục phát', 'At delivery office'],
    out_for_delivery: ['Mang đi phát', 'Out for delivery'],
    hand_over: ['Bàn giao', 'Hand over'],
    take_over: ['Nhận bàn giao', 'Take over'],
    deliver: ['Phát thành công', 'Deliver'],
    fail: ['Không phát được', 'Could not deliver'],
    hold: ['Lưu giữ', 'Hold'],
    return: ['Chuyển hoàn', 'Send back'],
    redirect: ['Chuyển địa chỉ', 'Redirect'],
    damage: ['Báo hư hỏng', 'Report damage'],
    repack: ['Đóng gói lại', 'Repack'],
    seize: ['Thu giữ', 'Seize'],
    lost: ['Báo thất lạc', 'Report lost'],
    found: ['Đã tìm thấy', 'Found'],
    count: ['Kiểm đếm', 'Count'],
    undo: ['Rút lại', 'Undo'],
    reverse: ['Đảo bút', 'Reverse'],
};

export const STATE = {
    created: ['Mới tạo', 'Created', ''],
    collection_assigned: ['Đã giao thu gom', 'Pick-up assigned', ''],
    accepted: ['Đã chấp nhận', 'Accepted', 'accent'],
    bagged: ['Trong túi', 'In a bag', 'accent'],
    departed: ['Đang vận chuyển', 'On the way', 'accent'],
    arrived: ['Đã đến', 'Arrived', 'accent'],
    sorted: ['Đã chia chọn', 'Sorted', 'accent'],
    at_delivery_office: ['Tại bưu cục phát', 'At delivery office', 'accent'],
    out_for_delivery: ['Đang đi phát', 'Out for delivery', 'accent'],
    delivered: ['Đã phát', 'Delivered', 'good'],
    delivery_failed: ['Chưa phát được', 'Not delivered', 'bad'],
    held: ['Đang lưu giữ', 'Held', 'warn'],
    returned: ['Đã hoàn', 'Returned', 'good'],
    lost: ['Thất lạc', 'Lost', 'bad'],
    seized: ['Bị thu giữ', 'Seized', 'bad'],
    open: ['Đang mở', 'Open', ''],
    closed: ['Đã đóng', 'Closed', 'accent'],
    signed: ['Đã ký', 'Signed', 'good'],
    superseded: ['Đã thay thế', 'Superseded', ''],
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

export const REASON = {
    absent: ['Người nhận vắng nhà', 'Absent'],
    address_bad: ['Địa chỉ không đúng', 'Address is wrong'],
    moved: ['Đã chuyển đi nơi khác', 'Moved away'],
    not_found: ['Không tìm thấy nơi nhận', 'Place not found'],
    office_closed: ['Cơ quan đóng cửa', 'Office closed'],
    refused: ['Từ chối nhận', 'Refused'],
    id_mismatch: ['Giấy tờ tùy thân không khớp', 'Identity does not match'],
    no_authorisation: ['Không có giấy ủy quyền', 'No authorisation'],
    fee_unpaid: ['Chưa nộp đủ phí, lệ phí', 'Fee not paid'],
    old_paper_not_surrendered: ['Chưa nộp lại giấy tờ cũ', 'Old paper not given back'],
    damaged: ['Bưu gửi hư hỏng', 'Damaged'],
    force_majeure: ['Bất khả kháng', 'Force majeure'],
};

export const NEXT = {
    retry: ['Phát lại', 'Try again'],
    invite: ['Gửi giấy mời', 'Send an invitation'],
    hold: ['Lưu giữ tại bưu cục', 'Hold at the office'],
    redirect: ['Chuyển địa chỉ khác', 'Redirect'],
    return: ['Chuyển hoàn', 'Send back'],
};

export const FINDING = {
    present: ['Có đủ', 'Present'],
    missing: ['Thiếu', 'Missing'],
    surplus: ['Thừa', 'Surplus'],
    damaged: ['Hư hỏng', 'Damaged'],
    refused: ['Từ chối nhận', 'Refused'],
};

export const ACTION = {
    accept: ['Tiếp nhận', 'Accept'],
    reject: ['Không tiếp nhận', 'Reject'],
    start: ['Bắt đầu xử lý', 'Start'],
    ask_supplement: ['Yêu cầu bổ sung', 'Ask for a supplement'],
    supplement_received: ['Đã nhận bổ sung', 'Supplement received'],
    ask_payment: ['Yêu cầu nộp phí', 'Ask for payment'],
    payment_received: ['Đã nộp phí', 'Payment received'],
    request_withdrawal: ['Xin rút hồ sơ', 'Withdraw'],
    refuse_withdrawal: ['Không cho rút', 'Refuse withdrawal'],
    stop: ['Dừng xử lý', 'Stop'],
    apologise: ['Xin lỗi, hẹn lại', 'Apologise'],
    result_ready: ['Đã có kết quả', 'Result ready'],
};

export const SERVICE = {
    both: ['Gửi hồ sơ và nhận kết quả', 'Send and receive'],
    send: ['Chỉ gửi hồ sơ', 'Send only'],
    receive: ['Chỉ nhận kết quả', 'Receive only'],
};

export const STATUS = {
    1: ['Mới đăng ký', 'Registered', ''], 2: ['Được tiếp nhận', 'Accepted', 'accent'],
    3: ['Không được tiếp nhận', 'Rejected', 'bad'], 4: ['Đang xử lý', 'Processing', 'accent'],
    5: ['Yêu cầu bổ sung giấy tờ', 'Supplement required', 'warn'],
    6: ['Yêu cầu thực hiện nghĩa vụ tài chính', 'Payment required', 'warn'],
    7: ['Công dân yêu cầu rút hồ sơ', 'Withdrawal requested', 'warn'],
    8: ['Dừng xử lý', 'Stopped', 'bad'], 9: ['Đã xử lý xong', 'Result ready', 'good'],
    10: ['Đã trả kết quả', 'Result returned', 'good'],
};
