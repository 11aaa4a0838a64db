// The first page: track something without login, or go to one's place of work.
import { is_signed, meant, slip } from './common/codes.js';
import { Frame, PAGES } from './common/session.js';
import { html, mount, Two, useState } from './common/ui.js';

function Track() {
    const [text, setText] = useState('');
    const [error, setError] = useState('');
    const go = (event) => {
        event.preventDefault();
        const code = meant(text), wrong = slip(code);
        if (!code || wrong) return setError(wrong || 'Xin nhập số hiệu hoặc mã hồ sơ. · Enter a number.');
        location.assign(`/${is_signed(code) ? 'S' : 't'}/${encodeURIComponent(code)}`);
    };
    return html`<form class="card stack tight" onSubmit=${go}>
        <h1><${Two} vi="Hồ sơ của tôi đang ở đâu?" en="Where is my dossier?" /></h1>
        <label for="code"><${Two} vi="Số hiệu bưu gửi hoặc mã hồ sơ" en="Number or dossier code" /></label>
        <div class="row line"><input class="grow mono" id="code" value=${text} autocapitalize="characters"
                autocomplete="off" spellcheck=${false} placeholder="RR 12345678 5 VN"
                aria-invalid=${error ? 'true' : undefined} aria-describedby=${error ? 'code-e' : undefined}
                onInput=${(e) => { setText(e.target.value); setError(''); }} />
            <button class="main" type="submit"><${Two} vi="Tra cứu" en="Track" /></button></div>
        ${error && html`<p class="error" id="code-e" role="alert">${error}</p>`}
    </form>`;
}

const Tile = ({ path, vi, en, about }) => html`<a class="tile" href=${path}>
    <strong>${vi}<span class="en" lang="en">${en}</span></strong>
    <span>${about[0]}</span><small lang="en">${about[1]}</small></a>`;

const Home = () => html`<${Frame} title="Hồ sơ qua bưu chính" en="Dossiers by post">
    <main class="page">
        <${Track} />
        <h2><${Two} vi="Dành cho người dân" en="For everyone" /></h2>
        <div class="tiles"><${Tile} path="/online" vi="Thủ tục hành chính" en="Procedures"
            about=${['Giấy tờ cần nộp, thời hạn, phí, lệ phí', 'Papers, time and fees']} /></div>
        <h2><${Two} vi="Dành cho cán bộ, nhân viên" en="For staff" /></h2>
        <div class="tiles">${PAGES.map((page) => html`<${Tile} key=${page.path} ...${page} />`)}</div>
    </main></${Frame}>`;

mount(html`<${Home} />`);
