// What is wrong with a label that was just scanned, in words for whoever holds it. Nothing of a good one.
import { time } from './format.js';
import { html } from './ui.js';

const KEEPS = ['Lượt quét vẫn được ghi lại.', 'The scan is kept all the same.'];
// What the service may yet refuse.
const HELD = ['Lượt quét được giữ trên thiết bị; nếu máy chủ không nhận, xin quét mã vạch hoặc nhập số hiệu.',
    'The scan is kept on this device; if the service refuses it, scan the bar code or type the number.'];
const BY_NUMBER = ['Xin quét mã vạch hoặc nhập số hiệu in trên nhãn, và báo bưu cục.',
    'Scan the bar code or type the number on the label, and tell your office.'];

const foreign = ({ asked, at }) => (asked
    ? { tone: 'bad', vi: ['Nhãn này không do hệ thống ký.', BY_NUMBER[0]], en: ['This label was not signed by this service.', BY_NUMBER[1]] }
    : { tone: 'warn',
        vi: ['Nhãn này không do hệ thống ký, hoặc được ký bằng khóa mới mà thiết bị chưa biết.',
            `Khóa trên thiết bị được cập nhật lúc ${time(at)}; khi có mạng, máy chủ sẽ kiểm tra. ${HELD[0]}`],
        en: ['Not signed by this service, or by a key newer than this device knows.',
            `The service checks it when the network is back. ${HELD[1]}`] });

// By verdict (label_keys.js).
const WORDS = {
    'altered': () => ({ tone: 'bad', vi: ['Mã QR trên nhãn không đúng: nội dung đã bị sửa hoặc in lỗi.', BY_NUMBER[0]],
        en: ['The code on this label is not genuine: altered or misprinted.', BY_NUMBER[1]] }),
    'no-code': () => ({ tone: 'bad', vi: ['Không đọc được mã QR này.', BY_NUMBER[0]],
        en: ['This code cannot be read.', BY_NUMBER[1]] }),
    'unknown-key': foreign,
    'revoked-key': ({ revoked_at }) => ({ tone: 'bad',
        vi: ['Nhãn này được ký bằng khóa đã bị thu hồi, không còn giá trị chứng thực.',
            `Khóa bị thu hồi lúc ${time(revoked_at)}. ${KEEPS[0]} Xin đối chiếu bưu gửi và đề nghị bưu cục in lại nhãn.`],
        en: ['Signed by a key that was revoked: this label proves nothing.', `${KEEPS[1]} Have the label printed again.`] }),
    'superseded': ({ copy, newest }) => ({ tone: 'warn',
        vi: [`Nhãn cũ (bản ${copy}): bản hiện hành là bản ${newest}, vì nội dung đã thay đổi hoặc đã có nhãn in lại.`,
            `${KEEPS[0]} Nếu bưu gửi chưa có nhãn mới, xin giữ nhãn này và đề nghị bưu cục in nhãn mới.`],
        en: [`An old label (copy ${copy}): copy ${newest} is the current one, because what it says has changed or it was printed again.`,
            `${KEEPS[1]} If there is no new label on it yet, leave this one on and ask your office to print it.`] }),
    'unchecked': ({ keys }) => ({ tone: 'warn',
        vi: [keys ? 'Chưa kiểm tra được nhãn này: thiết bị chưa tải được phần kiểm tra chữ ký.'
            : 'Chưa kiểm tra được nhãn này: thiết bị chưa có khóa công khai.',
        `Máy chủ sẽ kiểm tra khi nhận lượt quét. ${HELD[0]}`],
        en: [keys ? 'This label could not be checked: this device has not loaded what checks signatures.'
            : 'This label could not be checked: this device has no public keys yet.',
        `The service checks it when it gets the scan. ${HELD[1]}`] }),
};

export function LabelNote({ said }) {
    const words = WORDS[said?.verdict]?.(said);
    if (!words) return null;
    return html`<div class=${`note ${words.tone}`} role="alert" data-label=${said.verdict}>
        <p><strong>${words.vi[0]}</strong></p>
        <p>${words.vi[1]} <span class="en" lang="en">${words.en.join(' ')}</span></p></div>`;
}
