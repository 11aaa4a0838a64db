// Filing on line: one long page that saves itself while one types, and is filed at its end.
import { call, get, Problem, query } from '../common/api.js';
import { time } from '../common/format.js';
import { rows } from '../common/model.js';
import { Frame } from '../common/session.js';
import { Button, html, mount, Trouble, Two, useAction, useEffect, useLoad, useState } from '../common/ui.js';
import { useMemo } from '../lib/hooks.js';
import { AskLink } from './ask_link.js';
import { Done } from './done.js';
import { FormFields } from './fields.js';
import { Onward } from './onward.js';
import { Papers } from './papers.js';
import { Agency, Who } from './people.js';
import { Beyond, go_to_first, Refusal } from './refusal.js';
import { useSaving } from './saving.js';
import { forget, headers_of, leave_address, linked, open_draft, path_of, take_over, was_filed } from './store.js';
import { Bring, Price, Result } from './ways.js';

const NOT_SAVED = 'Chưa lưu được bản nháp nên chưa nộp. Xin thử lại. · The draft could not be saved, so it was not filed.';
const code = decodeURIComponent(location.pathname.split('/').pop());
const SAVED = { new: ['Chưa có gì phải lưu', 'Nothing to save yet'], saved: ['Đã lưu', 'Saved'], typing: ['Đang nhập…', 'Typing…'], saving: ['Đang lưu…', 'Saving…'],
                lost: ['Chưa lưu được, đang thử lại', 'Not saved, trying again'],
                waiting: ['Chưa lưu: máy chủ yêu cầu đợi', 'Not saved: asked to wait'],
                out: ['Chưa lưu: phiên đăng nhập đã hết', 'Not saved: your session ended'],
                other: ['Chưa lưu: bản nháp được sửa ở nơi khác', 'Not saved: changed elsewhere'],
                large: ['Chưa lưu: nội dung quá dài', 'Not saved: too long'],
                refused: ['Chưa lưu: có mục chưa đúng', 'Not saved: something is not right'],
                gone: ['Bản nháp đã được nộp hoặc bị bỏ ở nơi khác.', 'This draft was filed or dropped elsewhere.'] };

// Communes and units by their codes: what is picked is learnt, what a reopened draft names is asked for.
function useNames(says) {
    const [names, setNames] = useState({});
    const learn = (one) => setNames((old) => ({ ...old, [one.code]: one }));
    const wanted = [says.applicant?.address?.commune, says.pickup?.address?.commune, says.result_to?.address?.commune]
        .filter((one) => one && !names[one]);
    const units = [says.agency, says.drop?.unit, says.result_to?.unit].filter((one) => one && !names[one]);
    useEffect(() => {
        const ask = async (path, list) => {
            for (const one of list) {
                const found = rows(await get(query(path, { q: one })).catch(() => []));
                learn(found.find((row) => row.code === one) ?? { code: one, name: one });
            }
        };
        ask('/v1/communes', wanted);
        ask('/v1/units', units);
    }, [wanted.join(), units.join()]);
    return { named: (key) => (key ? names[key] : null), learn };
}

// Until when, or what comes next.
function Until({ saving: { state, view, again_at } }) {
    const soon = again_at - Date.now() < 60e3 ? 'sau ít giây' : `lúc ${time(again_at)}`;
    if (state === 'waiting') return html`Tự lưu lại ${soon}; xin đừng đóng trang này. · Saved by itself then; keep this page open.`;
    if (view.expires_at) return html`Bản nháp được giữ đến ${time(view.expires_at)}. · Kept until then.`;
    return html`Được lưu từ mục đầu tiên quý vị nhập. · Kept from the first thing you enter.`;
}

function Saved({ saving }) {
    const { state } = saving, tone = { saved: 'good', typing: '', saving: '', new: '' }[state] ?? 'warn';
    return html`<p class="row" role="status" data-saved=${state}><span class=${`chip ${tone}`}>${SAVED[state][0]}</span>
        <small class="muted" lang="en">${SAVED[state][1]}</small>
        <small class="muted"><${Until} saving=${saving} /></small></p>`;
}

// The members of two drafts that differ, for whoever must choose.
const differing = (a, b) => [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]));
const PART = { form: 'tờ khai', applicant: 'người nộp hồ sơ', agency: 'cơ quan', bring: 'cách gửi giấy tờ', documents: 'giấy tờ',
               pickup: 'hẹn đến nhận', drop: 'bưu cục', result_to: 'nhận kết quả', fees: 'mức phí', note: 'ghi chú', proxy: 'người đại diện' };

function Elsewhere({ draft, says, onTheirs, onMine }) {
    const { data } = useLoad(async () => (await call('GET', path_of(draft), undefined, headers_of(draft))).document, []);
    const parts = data?.says ? differing(says, data.says).map((name) => PART[name] ?? name).join(', ') : '…';
    return html`<div class="note warn stack tight" role="alert" data-elsewhere>
        <p><strong>Bản nháp này vừa được sửa ở một cửa sổ hoặc thiết bị khác.</strong>
            <span class="en" lang="en">This draft was changed in another window or on another device.</span></p>
        <p>Khác nhau ở: ${parts}.</p>
        <div class="row"><${Button} main vi="Dùng bản đã lưu ở nơi khác" en="Use that one" onClick=${onTheirs} />
            <${Button} vi="Giữ bản đang nhập ở đây" en="Keep this one" onClick=${onMine} /></div></div>`;
}

// Complaints about what was touched, or all once it was tried to file; a draft that is half typed is no error.
function shown(view, refused, touched) {
    if (refused) return refused;
    const errors = (view.errors ?? []).filter((one) => touched.some((at) => one.pointer.startsWith(at)) && one.code !== 'required');
    return errors.length ? new Refusal(422, { errors }) : null;
}

function Form({ opened, onFiled }) {
    const { draft } = opened;
    const saving = useSaving(code, opened);
    const { says, view, state } = saving;
    const [touched, setTouched] = useState([]);
    const [refused, setRefused] = useState(null);
    const { run, busy, problem: trouble } = useAction();
    const { named, learn } = useNames(says);
    const change = (part, at) => {
        setTouched((old) => (old.includes(at) ? old : [...old, at]));
        saving.change(part);
    };
    const unsaved = saving.refusal;
    const problem = useMemo(() => shown(view, unsaved?.errors.length ? Refusal.of(unsaved) : refused, touched),
        [view, refused, unsaved, touched]);
    const submit = () => run(async () => {
        setRefused(null);
        await saving.start();
        if (saving.dirty) throw new Error(NOT_SAVED);
        try {
            onFiled(await call('POST', path_of(draft, '/submission'), undefined, headers_of(draft, { 'if-match': saving.etag })));
        } catch (wrong) {
            if (wrong instanceof Problem && wrong.status === 412) { await saving.reload(); throw wrong; }
            if (!(wrong instanceof Problem) || !wrong.errors.length) throw wrong;
            setRefused(Refusal.of(wrong));
        }
    });
    useEffect(() => { if (refused) go_to_first(); }, [refused]);
    useEffect(() => { if (view.dossier) onFiled({ document: view, etag: saving.etag }); }, [view.dossier]);
    const drop = () => run(async () => {
        await saving.drop();
        location.assign('/online');
    });
    const shared = { says, change, problem, known: named, unit: named, learn };
    const { procedure } = view;
    if (!procedure) return null; // filed elsewhere
    return html`<${Saved} saving=${saving} />
        ${state === 'other' && html`<${Elsewhere} draft=${draft} says=${says} onTheirs=${() => saving.reload()} onMine=${() => saving.insist()} />`}
        ${state === 'out' && html`<div class="note warn" role="alert" data-signed-out><p><strong>Phiên đăng nhập đã hết.</strong> Những gì quý vị đang
            nhập vẫn còn ở trang này. Xin <a href="/login" target="_blank" rel="noopener">đăng nhập lại ở thẻ khác</a> rồi quay lại đây; trang sẽ tự lưu tiếp.
            <span class="en" lang="en">Your session ended: log in again in another tab and come back; this page goes on by itself.</span></p></div>`}
        ${unsaved && state === 'refused' && html`<div data-not-saved><${Beyond} trouble=${unsaved} refusal=${problem} /></div>`}
        ${view.refusal && html`<div class="note warn" role="alert">${view.refusal.detail_vi}</div>`}
        ${saving.changed && html`<div class="note warn" role="status"><p>Thủ tục đã thay đổi từ lần lưu trước; các mục còn phù hợp được giữ lại.
            Xin xem lại tờ khai. <span class="en" lang="en">The procedure has changed; what still fits was kept.</span></p></div>`}
        ${procedure.form && html`<section class="card stack" id="form"><h2><${Two} vi="Tờ khai" en="Form" /></h2>
            <${FormFields} form=${procedure.form} answers=${says.form} problem=${problem}
                onChange=${(name, make) => change((old) => ({ form: make(old.form) }), `/form/${name}`)} /></section>`}
        <${Who} ...${shared} />
        <${Agency} ...${shared} procedure=${procedure} />
        <${Papers} ...${shared} draft=${draft} view=${view} onStart=${() => saving.start()} onFiles=${() => saving.refresh()} />
        <${Bring} ...${shared} />
        <${Result} ...${shared} procedure=${procedure} />
        <${Price} ...${shared} procedure=${procedure} />
        <section class="card stack"><h2><${Two} vi="Nộp hồ sơ" en="File it" /></h2>
            <p>Quý vị chịu trách nhiệm về tính chính xác của nội dung đã khai. <span class="en" lang="en">You answer for what you state.</span></p>
            <${Beyond} trouble=${trouble ?? refused} refusal=${refused} />
            <div class="row"><${Button} main busy=${busy} disabled=${state === 'other'} vi="Nộp hồ sơ" en="File" onClick=${submit} />
                <${Button} busy=${busy} vi="Bỏ bản nháp" en="Drop the draft" onClick=${() => confirm('Bỏ bản nháp cùng các tệp đã gửi?') && drop()} /></div></section>
        <${Onward} code=${code} draft=${draft} onStart=${() => saving.start()} />`;
}

function Refused({ problem }) {
    return html`<div class="note warn" role="alert"><p><strong>${problem.document.title}</strong></p><p>${problem.document.detail}</p>
        <p><a href=${`/online#${encodeURIComponent(code)}`}>Xem thủ tục <span class="en" lang="en">The procedure</span></a></p></div>`;
}

// A link that comes while the page is open is another draft, asked about as at first.
addEventListener('hashchange', () => linked(code) && location.reload());

function Page() {
    const [link, setLink] = useState(() => linked(code));
    const asking = !!link && !link.known && !link.agreed;
    const { data: opened, problem, reload } = useLoad(async () => (asking ? null : open_draft(code, link)), [asking, link]);
    const [filed, setFiled] = useState(null); // {document, etag}
    const now = filed ?? opened, dossier = now?.document?.dossier;
    const agree = () => { take_over(code, link); setLink({ ...link, agreed: true }); };
    const refuse = () => { leave_address(); setLink(null); };
    const done = (reply) => { was_filed(code, opened.draft); setFiled(reply); };
    const again = () => { forget(opened.draft); location.reload(); };
    const procedure = opened?.document.procedure ?? dossier?.procedure;
    useEffect(() => { if (link?.known && (link.key || opened)) leave_address(); }, [!!opened]);
    return html`<${Frame} title="Nộp hồ sơ trực tuyến" en="File on line" me=${opened?.me}><main class="page">
        ${procedure && html`<div><h1>${procedure.name}</h1><p class="muted"><span class="mono">${procedure.code ?? code}</span>${' · '}
            <span lang="en">${procedure.name_en}</span></p></div>`}
        ${asking && html`<${AskLink} link=${link} onOpen=${agree} onLeave=${refuse} />`}
        ${problem?.slug === 'procedure-not-online' ? html`<${Refused} problem=${problem} />` : html`<${Trouble} problem=${problem} retry=${reload} />`}
        ${dossier ? html`<${Done} code=${code} draft=${opened.draft} dossier=${dossier} etag=${now.etag} onChange=${setFiled} onNew=${again} />` : opened && html`<${Form} opened=${opened} onFiled=${done} />`}
        </main></${Frame}>`;
}

mount(html`<${Page} />`);
