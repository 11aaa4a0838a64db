// What a scanner may read, made comparable, and the check digit told at once on the page. The
// service decides; this only spares a round trip for a slip of the finger.

const WEIGHTS = [8, 6, 4, 2, 3, 5, 9, 7];

export function s10_digit(serial) {
    const sum = [...serial].reduce((total, digit, i) => total + Number(digit) * WEIGHTS[i], 0);
    const check = 11 - (sum % 11);
    return check === 10 ? 0 : check === 11 ? 5 : check;
}

export const is_s10 = (code) => /^[A-Z]{2}\d{9}[A-Z]{2}$/.test(code);

// Typed with spaces, in lower case or as the whole link: what is meant.
export function normal(text) {
    const trimmed = text.trim();
    const link = /\/t\/([A-Z0-9.\-]+)$/i.exec(trimmed);
    const signed = /\/s\/([A-Z2-7]{128})$/i.exec(trimmed);
    if (list_code(trimmed)) return trimmed;
    const code = (link?.[1] ?? signed?.[1] ?? trimmed).toUpperCase();
    const joined = code.replace(/[\s.]/g, '');
    return is_s10(joined) || /^[A-Z]{6}/.test(joined) ? joined : code;
}

// Letters of other scripts that look like Latin ones, and letters and figures that are taken for each
// other. Nothing in a number says which was meant but its place: two letters, nine figures, two letters.
const FOREIGN = ['АВСЕНІЈКМОРЅТУХΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'ABCEHIJKMOPSTYXABEZHIKMNOPTYX'];
const FIGURE = { O: 0, I: 1, L: 1 };
const LETTER = { 0: 'O', 1: 'I' };

// Typed by a person who reads it from paper: `normal`, and a number also with such letters put right.
export function meant(text) {
    const plain = [...text.normalize('NFKC').replace(/\p{Cf}/gu, '').toUpperCase()]
        .map((sign) => FOREIGN[1][FOREIGN[0].indexOf(sign)] ?? sign).join('');
    const number = [...plain.replace(/[\s.-]/g, '')]
        .map((sign, i) => (i > 1 && i < 11 ? FIGURE[sign] : LETTER[sign]) ?? sign).join('');
    return is_s10(number) ? number : normal(plain);
}

// The id of a hand-over's list behind its one code, or undefined.
export const list_code = (code) => /(?:^|\/G\/)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(code)?.[1];

// The signed code of a label, which only the service can read.
export const is_signed = (code) => /^[A-Z2-7]{128}$/.test(code);

// A sentence for the person at the scanner, or '' when nothing is plainly wrong.
export function slip(code) {
    if (!is_s10(code)) return '';
    const right = s10_digit(code.slice(2, 10)) === Number(code[10]);
    return right ? '' : 'Số hiệu sai chữ số kiểm tra, xin đọc lại. · Wrong check digit.';
}
