// How times, money, weights and codes are written in Vietnam, whatever the browser's language.

const zone = { timeZone: 'Asia/Ho_Chi_Minh' };
const parts = new Intl.DateTimeFormat('en-GB', {
    ...zone, day: '2-digit', month: '2-digit', year: 'numeric', hour: '2-digit', minute: '2-digit',
    hourCycle: 'h23',
});

function split(value) {
    const found = {};
    for (const { type, value: text } of parts.formatToParts(new Date(value))) found[type] = text;
    return found;
}

// 23/11/2026 09:15
export function time(value) {
    if (!value) return '';
    const p = split(value);
    return `${p.day}/${p.month}/${p.year} ${p.hour}:${p.minute}`;
}

// 23/11/2026; takes a date or a time.
export function day(value) {
    return value ? time(value.length === 10 ? `${value}T12:00:00+07:00` : value).slice(0, 10) : '';
}

export const today = () => day(new Date().toISOString());

// 26.000
export const count = (number) => String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, '.');

// What was typed as the number it means, 100.000.000 and 100 000 000 alike; what is none stays text, which the service
// refuses in words. (A field of type number would read 100.000 as 100.)
export function number_meant(text) {
    const digits = /^-?\d+([.\s]\d{3})*$/.test(text.trim()) ? text.replace(/[.\s]/g, '') : '';
    return /^-?\d{1,15}$/.test(digits) ? Number(digits) : text;
}

// 26.000 đ
export const money = (amount) => `${count(amount)} đ`;

// 250 g, 1,2 kg
export const weight = (grams) =>
    grams < 1000 ? `${grams} g` : `${(grams / 1000).toFixed(1).replace('.', ',')} kg`;

// RR 12345678 5 VN
export const s10 = (number) =>
    /^[A-Z]{2}\d{9}[A-Z]{2}$/.test(number)
        ? number.replace(/^(..)(\d{8})(\d)(..)$/, '$1 $2 $3 $4') : number;

// Hours until `value`: below zero when it is over.
export const hours_left = (value) => (new Date(value) - Date.now()) / 3600000;
