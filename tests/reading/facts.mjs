// The facts of a label from a seed: real places of the demo network, people, firms and agencies as they
// are named in Vietnam, from two letters to what no label has room for, composed and decomposed.
import { Dice } from '../day/dice.mjs';
import { table } from '../day/world.mjs';

const units = table('units.csv'), communes = table('communes.csv');
const offices = units.filter((unit) => unit.kind === 'post_office');
const hubs = units.filter((unit) => unit.kind === 'hub');
const agencies = units.filter((unit) => unit.kind === 'agency');

const LEGS = ['outward', 'supplement', 'inter_agency', 'result', 'originals', 'back_to_agency'];
const TO_AGENCY = new Set(['outward', 'supplement', 'inter_agency', 'back_to_agency']);
const SERVICES = 'ERVCLUMQABNPZ';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

const FAMILIES = ['Nguyễn', 'Trần', 'Lê', 'Phạm', 'Hoàng', 'Huỳnh', 'Phan', 'Vũ', 'Võ', 'Đặng', 'Bùi', 'Đỗ', 'Hồ',
    'Ngô', 'Dương', 'Lý', 'Tôn Nữ', 'Tôn Thất', 'Công Tằng Tôn Nữ', 'Nguyễn Phúc', 'Cổ', 'Âu', 'Ế', 'Ôn', 'Ung'];
const MIDDLES = ['Thị', 'Văn', 'Đức', 'Thị Ngọc', 'Hữu', 'Quốc', 'Minh', 'Thị Mỹ', 'Ánh', 'Xuân', 'Khánh', 'Diệu', ''];
const GIVEN = ['An', 'Ánh Nguyệt', 'Bình', 'Chiến', 'Dũng', 'Đạt', 'Giỏi', 'Hạnh', 'Hiếu', 'Khuê', 'Lượng', 'Mẫn', 'Nghĩa',
    'Nhường', 'Phượng', 'Quỳnh', 'Suốt', 'Thuỷ Tiên', 'Trưởng', 'Tuyết', 'Uyên', 'Vỹ', 'Xuyến', 'Ý', 'Yến Nhi'];
const OTHERS = ["H'Hen Niê", 'Y Moan Ênuôl', 'Ksor Hờ Blâm', 'Vừ Mí Kẻ', 'Lò Thị Ỏn', 'Thạch Sa Ra', 'Lâm Ý', 'Ma A Dơ',
    'Hồ Thị Kăn Ling', 'Kpă Klơng', "Jean-Baptiste d'Étoile-Nguyễn", 'Müller Straße', 'Nguyễn Văn A'];
const FIRMS = ['Công ty trách nhiệm hữu hạn một thành viên', 'Công ty cổ phần', 'Hợp tác xã', 'Hộ kinh doanh',
    'Doanh nghiệp tư nhân', 'Chi nhánh Công ty cổ phần Tập đoàn', 'Văn phòng công chứng', 'Văn phòng luật sư'];
const TRADES = ['Thương mại Dịch vụ', 'Đầu tư Xây dựng và Phát triển hạ tầng', 'Xuất nhập khẩu Thuỷ sản', 'Nông nghiệp',
    'Dệt may', 'Vận tải & Du lịch', 'Dược phẩm – Thiết bị y tế', 'Công nghệ thông tin'];
const OFFICES = ['Sở Tư pháp', 'Sở Nông nghiệp và Môi trường', 'Công an phường', 'Bảo hiểm xã hội cơ sở', 'Toà án nhân dân khu vực 1',
    'Chi nhánh Văn phòng Đăng ký đất đai', 'Trung tâm Phục vụ hành chính công',
    'Phòng Quản lý xuất nhập cảnh Công an thành phố'];
const STREETS = ['Phan Bội Châu', 'Điện Biên Phủ', 'Bà Triệu', 'Nguyễn Tri Phương', 'Lê Huân', 'Kiệt 8 Đặng Huy Trứ', 'Quốc lộ 1A',
    'Cách Mạng Tháng Tám', 'Xô Viết Nghệ Tĩnh', 'Thôn Đoài', 'Tổ dân phố 12', 'Ấp 3B', 'Bản Nậm Cắn'];
// Links of every length that leaves the signed code in version 8 (29 characters with "/S/").
export const SITES = ['http://127.0.0.1:8080', 'https://hoso.vn', 'https://hoso.hue.gov.vn', 'https://hoso-hue.vnpost.vn',
    'https://t.vn'];

export function s10(dice) {
    const serial = String(dice.whole(0, 99999999)).padStart(8, '0');
    const sum = [8, 6, 4, 2, 3, 5, 9, 7].reduce((all, weight, i) => all + weight * serial[i], 0);
    const check = { 10: 0, 11: 5 }[11 - sum % 11] ?? 11 - sum % 11;
    return `${dice.pick(SERVICES)}${dice.pick(LETTERS)}${serial}${check}${dice.chance(0.9) ? 'VN' : dice.pick(LETTERS) + dice.pick(LETTERS)}`;
}

const phone = (dice) => `0${dice.pick([3, 5, 7, 8, 9])}${String(dice.whole(0, 99999999)).padStart(8, '0')}`;

function person(dice) {
    if (dice.chance(0.1)) return dice.pick(OTHERS);
    return `${dice.pick(FAMILIES)} ${dice.pick(MIDDLES)} ${dice.pick(GIVEN)}`.replace('  ', ' ');
}

function firm(dice) {
    const trades = dice.shuffled(TRADES).slice(0, dice.whole(1, dice.chance(0.2) ? TRADES.length : 2)).join(' ');
    return `${dice.pick(FIRMS)} ${trades} ${dice.pick(GIVEN)} ${dice.pick(GIVEN)}`;
}

const agency = (dice) => (dice.chance(0.5) ? dice.pick(agencies).name
    : `${dice.pick(OFFICES)} ${dice.pick(communes).commune_name}`);

function address(dice) {
    const commune = dice.pick(communes);
    const inner = Array.from({ length: dice.weighed([0, 1, 4], (n) => ({ 0: 6, 1: 3, 4: 1 })[n]) }, () =>
        `${dice.pick(['ngõ', 'ngách', 'hẻm', 'toà', 'tầng'])} ${dice.whole(1, 399)}`);
    return [`Số ${dice.whole(1, 999)}`, ...inner, dice.pick(STREETS), commune.commune_name, commune.province_name].join(', ');
}

function party(dice, is_agency) {
    const name = is_agency ? agency(dice) : dice.chance(0.75) ? person(dice) : firm(dice);
    const form = dice.chance(0.2) ? 'NFD' : 'NFC';
    return { name: name.normalize(form), address: address(dice).normalize(form),
             ...(dice.chance(0.9) ? { phone: phone(dice) } : {}) };
}

const day = (dice) => new Date(Date.UTC(2026, 0, 1 + dice.whole(0, 3650), dice.whole(0, 23))).toISOString();

const place = ({ code, name }) => ({ code, name });

// What `dossierpost label` reads, of each kind of paper.
const FACTS = { shipment, bag, invitation };

function shipment(dice) {
    const leg = dice.pick(LEGS), pieces = dice.chance(0.8) ? 1 : dice.whole(2, 99);
    const origin = dice.pick(offices), to = dice.pick(offices);
    return {
        number: s10(dice), leg, pieces, piece: dice.whole(1, pieces),
        copy: dice.weighed([1, dice.whole(2, 9), dice.whole(10, 100000)], (n) => (n === 1 ? 8 : 1)),
        office: dice.chance(0.9) ? Number(origin.id) : dice.whole(0, 0xffffff), printed_at: day(dice),
        ...(dice.chance(0.9) ? { weight_g: dice.whole(5, dice.chance(0.1) ? 100000 : 2000) } : {}),
        origin: place(origin),
        sender: party(dice, !TO_AGENCY.has(leg) || leg === 'inter_agency'),
        recipient: party(dice, TO_AGENCY.has(leg)),
        ...(dice.chance(0.9) ? { return_to: { name: origin.name, address: origin.address } } : {}),
        routing: { postcode: to.postcode, hub: dice.pick(hubs).name, office: to.name },
    };
}

// UPU S9: whence and whither, category and subclass, year, despatch, receptacle, last, registered, weight.
function s9(dice) {
    const letters = (count) => Array.from({ length: count }, () => dice.pick(LETTERS)).join('');
    const digits = (count) => String(dice.whole(0, 10 ** count - 1)).padStart(count, '0');
    return `VN${letters(4)}VN${letters(4)}${dice.pick('ABCD')}U${dice.pick('NRX')}${digits(8)}${dice.whole(0, 1)}${dice.whole(0, 1)}${digits(4)}`;
}

function bag(dice) {
    const origin = dice.pick([...offices, ...hubs]), to = dice.pick([...offices, ...hubs]);
    return {
        paper: 'bag', id: s9(dice), origin: place(origin), destination: place(to), made_at: day(dice), year: dice.whole(2026, 2036),
        routing: { postcode: to.postcode, hub: dice.pick(hubs).name, office: to.name }, highest: dice.chance(0.3),
        ...(dice.chance(0.8) ? { seal: `VNP ${dice.whole(0, 999999)}` } : {}),
        ...(dice.chance(0.8) ? { weight_g: dice.whole(100, 32000), items: dice.whole(1, 500) } : {}),
    };
}

function invitation(dice) {
    const office = dice.pick(offices), most = dice.whole(2, 3), from = day(dice).slice(0, 10);
    return {
        paper: 'invitation', number: s10(dice), most, attempt: dice.whole(1, most), invited_on: from,
        ...(dice.chance(0.8) ? { until: from } : {}),
        office: { ...place(office), address: office.address, phone: office.phone,
                  hours: [{ from: '07:30', to: '11:30' }, { from: '13:30', to: '17:00' }].slice(0, dice.whole(1, 2)) },
        ...(dice.chance(0.8) ? { sender: party(dice, true) } : {}), recipient: party(dice, false),
        identity: dice.chance(0.8), addressee_only: dice.chance(0.3), old_papers: dice.chance(0.3),
    };
}

export const facts = (paper, seed) => FACTS[paper](new Dice(seed));
