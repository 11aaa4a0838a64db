// Papers to be printed: each opens as a PDF in a window of its own. A form is looked at freely; a print
// of it is counted, and after the first it needs a reason.
import { post, Problem, query, uuid7 } from './api.js';
import { day, time } from './format.js';
import { label, note } from './model.js';
import { Button, Field, Good, html, Trouble, Two, useAction, useState } from './ui.js';

const Open = ({ href, vi, en }) => html`<a class="button" href=${href} target="_blank" rel="noopener">
    <${Two} vi=${vi} en=${en} /></a>`;

export const NoteLink = ({ code }) => html`<${Open} href=${note(code)} vi="In phiếu gửi" en="Dispatch note" />`;
export const BagLink = ({ id }) => html`<${Open} href=${label(id, 'pdf')} vi="In nhãn túi" en="Bag label" />`;
export const InviteLink = ({ number }) => html`<${Open} href=${label(number, 'pdf', { template: 'invitation' })}
    vi="In giấy mời" en="Invitation" />`;

// The print that was counted, to be sent to the printer.
const Counted = ({ done, pdf }) => html`<${Good}><p>Đã ghi bản in ${done.copy}${done.number && `, số ${done.number}`}.
    <span class="en" lang="en">Copy ${done.copy} is recorded.</span></p>
    <${Open} href=${pdf} vi="Mở để in" en="Open and print" /></${Good}>`;

// `paper`: {name, title, title_en, n?, at?, number?, copies?, pdf, prints, args?}. Where the copies are not
// known the service says that there was one before.
export function Paper({ paper, onPrinted }) {
    const [asks, setAsks] = useState(false);
    const [reason, setReason] = useState('');
    const [done, setDone] = useState(null);
    const [key, setKey] = useState(uuid7);
    const { run, busy, problem } = useAction();
    const again = paper.copies > 0 || done;
    const send = (body) => run(async () => {
        try {
            setDone(await post(paper.prints, { ...paper.args, ...(paper.n && { n: paper.n }), ...body },
                { 'idempotency-key': key }));
        } catch (trouble) {
            if (trouble instanceof Problem) setKey(uuid7()); // a lost reply is asked for with the same
            if (trouble.at?.('/reason')) setAsks(true);
            throw trouble;
        }
        setKey(uuid7());
        setAsks(false);
        setReason('');
        onPrinted?.();
    });
    const submit = (e) => {
        e.preventDefault();
        send({ reason: reason.trim() });
    };
    const told = [paper.number && `Số ${paper.number}`, paper.at && time(paper.at),
                  paper.copies > 0 && `đã in ${paper.copies} lần`];
    return html`<li class="stack tight" data-paper=${paper.name}><div class="row spread">
            <span class="grow"><strong>${paper.title}</strong>${paper.n > 0 && ` (lần ${paper.n})`}
                <span class="en" lang="en">${paper.title_en}</span><br /><small>${told.filter(Boolean).join(' · ')}</small></span>
            <span class="row"><${Open} href=${paper.pdf} vi="Xem" en="Look" />
                <${Button} busy=${busy} data-do="print" vi=${again ? 'In lại' : 'In'} en=${again ? 'Reprint' : 'Print'}
                    onClick=${() => (again ? setAsks(!asks) : send({}))} /></span></div>
        ${asks && html`<form class="well stack tight" onSubmit=${submit}>
            <${Field} label="Lý do in lại" en="Why again" at="/reason" problem=${problem} name="reason" required
                maxlength="200" value=${reason} onInput=${(e) => setReason(e.target.value)} />
            <div><${Button} main type="submit" busy=${busy} vi="Ghi nhận bản in lại" en="Record the reprint" /></div></form>`}
        ${!(asks && problem?.at?.('/reason')) && html`<${Trouble} problem=${problem} />`}
        ${done && html`<${Counted} done=${done} pdf=${paper.pdf} />`}</li>`;
}

// The forms that there are of a dossier.
export const Papers = ({ list, onPrinted }) => html`<h3><${Two} vi="Giấy tờ để in" en="Papers to print" /></h3>
    <ul class="list" data-papers>${list.map((paper) => html`<${Paper} key=${`${paper.name}-${paper.n ?? 1}`} paper=${paper}
        onPrinted=${onPrinted} />`)}</ul>`;

// A paper of something else than a dossier: its name, of what, and {from, to} of a register.
const other = (name, of, args = {}) => {
    const path = `/v1/papers/${name}/${encodeURIComponent(of)}`;
    return { name, args, pdf: query(`${path}.pdf`, args), prints: `${path}/prints` };
};
export const BagList = ({ id }) => html`<ul class="list"><${Paper} paper=${{ ...other('bag_list', id),
    title: 'Bảng kê bưu gửi trong túi', title_en: 'List of the bag' }} /></ul>`;
export const DespatchList = ({ id }) => html`<${Open} href=${other('despatch_list', id).pdf} vi="Bảng kê" en="List" />`;
export const Irregularity = ({ id }) => html`<ul class="list"><${Paper} paper=${{ ...other('irregularity', id),
    title: 'Biên bản bất thường', title_en: 'Irregularity report' }} /></ul>`;

const first_of_month = () => `${vn_today().slice(0, 8)}01`;
const vn_today = () => day(new Date().toISOString()).split('/').reverse().join('-');

// The register of a unit, over days that are chosen here.
export function Register({ unit }) {
    const [from, setFrom] = useState(first_of_month);
    const [to, setTo] = useState(vn_today);
    return html`<section class="card stack tight" data-register><h2><${Two} vi="Sổ theo dõi hồ sơ" en="Register" /></h2>
        <div class="row"><${Field} label="Từ ngày" en="From" type="date" name="register-from" value=${from} onInput=${(e) => setFrom(e.target.value)} />
        <${Field} label="Đến ngày" en="To" type="date" name="register-to" value=${to} onInput=${(e) => setTo(e.target.value)} /></div>
        ${from && to && html`<ul class="list"><${Paper} key=${`${from}/${to}`} paper=${{ ...other('register', unit, { from, to }),
            title: 'Sổ theo dõi hồ sơ, khổ A4', title_en: 'Register, A4' }} /></ul>`}</section>`;
}
