// Login, and back to where one came from.
import { local_path } from './common/address.js';
import { get, post } from './common/api.js';
import { Frame, home_of, is_demo } from './common/session.js';
import { Button, Field, html, mount, Trouble, Two, useAction, useState } from './common/ui.js';

const DEMO = { clerk: 'Giao dịch viên', courier: 'Bưu tá', hub: 'Nhân viên khai thác',
               officer: 'Cán bộ Một cửa', supervisor: 'Giám sát viên', admin: 'Quản trị viên' };

const wanted = () => local_path(new URLSearchParams(location.search).get('next'));

function Demo({ onPick }) {
    return html`<div class="well stack tight"><strong><${Two} vi="Tài khoản dùng thử" en="Demo logins" /></strong>
        <div class="row">${Object.entries(DEMO).map(([login, name]) => html`<button type="button" key=${login}
            onClick=${() => onPick(login)}>${name}<span class="en" lang="en">${login}</span></button>`)}</div></div>`;
}

function Login() {
    const [login, setLogin] = useState('');
    const [password, setPassword] = useState('');
    const { run, busy, problem } = useAction();
    const enter = (event) => {
        event.preventDefault();
        run(async () => {
            await post('/v1/auth/login', { login: login.trim(), password });
            location.assign(wanted() ?? home_of(await get('/v1/auth/me')));
        });
    };
    const pick = (name) => {
        setLogin(name);
        setPassword('dossierpost-demo');
    };
    return html`<${Frame} title="Đăng nhập" en="Log in"><main class="page narrow">
        <h1 class="hidden-text">Đăng nhập</h1>
        <form class="card stack" onSubmit=${enter}>
            <${Trouble} problem=${problem} fields=${['/login', '/password']} />
            <${Field} label="Tên đăng nhập" en="Login" at="/login" problem=${problem} value=${login}
                name="login" autocomplete="username" autocapitalize="none" spellcheck=${false} required
                onInput=${(e) => setLogin(e.target.value)} />
            <${Field} label="Mật khẩu" en="Password" at="/password" problem=${problem} value=${password}
                name="password" type="password" autocomplete="current-password" required
                onInput=${(e) => setPassword(e.target.value)} />
            <${Button} main type="submit" class="wide" busy=${busy} vi="Đăng nhập" en="Log in" />
        </form>
        ${is_demo() && html`<${Demo} onPick=${pick} />`}
    </main></${Frame}>`;
}

mount(html`<${Login} />`);
