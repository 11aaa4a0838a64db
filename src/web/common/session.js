// Who is logged in, and the frame around every staff page.
import { get, post, Problem, Unknown } from './api.js';
import { recall, remember } from './kept.js';
import { html, mount, Trouble } from './ui.js';
import { learn } from './vocabulary.js';

export const PAGES = [
    { path: '/counter', vi: 'Quầy giao dịch', en: 'Counter', roles: ['clerk'],
      about: ['Nhận hồ sơ, in nhãn, đóng túi, phát tại quầy', 'Take in, label, bag, deliver'] },
    { path: '/courier', vi: 'Bưu tá', en: 'Courier', roles: ['courier'],
      about: ['Nhận, đi phát, bàn giao cho cơ quan', 'Carry, deliver, hand over'] },
    { path: '/hub', vi: 'Trung tâm khai thác', en: 'Sorting hub', roles: ['hub'],
      about: ['Túi đến, mở, chia chọn, đóng, gửi đi', 'Open, sort, close, send on'] },
    { path: '/agency', vi: 'Bộ phận Một cửa', en: 'One-stop department', roles: ['officer'],
      about: ['Ký nhận, tiếp nhận, xử lý, trả kết quả', 'Sign, accept, process, return'] },
    { path: '/board', vi: 'Giám sát', en: 'Supervision', roles: ['supervisor'],
      about: ['Ngoại lệ, hạn trả kết quả và sổ theo dõi của mọi đơn vị', 'Exceptions, due dates and registers of every unit'] },
    { path: '/admin', vi: 'Quản trị', en: 'Administration', roles: ['supervisor', 'admin'],
      about: ['Dải số hiệu, máy in, lịch làm việc', 'Ranges of numbers, printers, calendar'] },
];

export const is_demo = () =>
    document.querySelector('meta[name=dossierpost-mode]')?.content === 'demo';

export function to_login() {
    const next = location.pathname + location.hash;
    location.replace(`/login?next=${encodeURIComponent(next)}`);
}

async function logout() {
    await post('/v1/auth/logout').catch(() => {});
    localStorage.removeItem(ME);
    location.assign('/login');
}

export function Frame({ title, en, me, children }) {
    const role = me?.role_names?.map((one) => one.name).join(', ');
    return html`<header class="bar">
            <a class="brand" href="/"><img src="/assets/icon.svg" alt="" width="32" height="32" />
                <span>${title}<span class="en" lang="en">${en}</span></span></a>
            ${me && html`<div class="who"><strong>${me.name}</strong>
                <small>${[role, me.unit?.name].filter(Boolean).join(' · ')}</small></div>
                <button type="button" class="plain" onClick=${logout}>Đăng xuất
                    <span class="en" lang="en">Log out</span></button>`}
        </header>${children}`;
}

const Refused = ({ page, me }) => html`<main class="page narrow"><div class="note warn">
    <p><strong>Trang này dành cho vai trò khác.</strong>
        <span class="en" lang="en">This page is for another role.</span></p>
    <p>Quý vị đang đăng nhập với tên ${me.name}. <a href="/login">Đăng nhập bằng tài khoản khác</a> ·
        <a href="/">Trang đầu</a></p></div></main>`;

// A session that ended while the page was open; what was typed or scanned is kept by its module.
addEventListener('logged-out', to_login);

// The person this page was opened for last, for a page that must also open without a network.
const ME = 'dossierpost.me';

async function who(offline) {
    try {
        const me = await get('/v1/auth/me');
        if (offline) remember(ME, me);
        return me;
    } catch (problem) {
        const kept = offline && problem instanceof Unknown && recall(ME, null);
        if (kept) return kept;
        throw problem;
    }
}

// Shows `View` to those who may use the page at `path`; the others are told or asked to log in.
export async function start(path, View, { offline = false } = {}) {
    const page = PAGES.find((row) => row.path === path);
    const frame = (me, inside) => mount(html`<${Frame} title=${page.vi} en=${page.en} me=${me}>
        ${inside}</${Frame}>`);
    try {
        const me = await who(offline);
        const allowed = me.roles.some((role) => page.roles.includes(role));
        if (allowed) await learn();
        frame(me, allowed ? html`<${View} me=${me} />` : html`<${Refused} page=${page} me=${me} />`);
    } catch (problem) {
        if (problem instanceof Problem && problem.status === 401) return;
        frame(null, html`<main class="page narrow"><${Trouble} problem=${problem}
            retry=${() => location.reload()} /></main>`);
    }
}

export const home_of = (me) =>
    PAGES.find((page) => me.roles?.some((role) => page.roles.includes(role)))?.path ?? '/';
