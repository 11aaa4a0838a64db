// The forms of the door: a delivery asks for exactly what the rules of this shipment ask for, and a
// failure offers only what may follow it. All of it works without a network.
import { is_s10, is_signed } from './codes.js';
import { day } from './format.js';
import { InviteLink } from './papers.js';
import { Photo, Signature } from './signature.js';
import { useTerms } from './terms.js';
import { Button, Choice, Field, html, Two, useState } from './ui.js';
import { FAILURES, NEXT, REASON, RELATIONS } from './vocabulary.js';

const PAPERS = { cccd: ['Căn cước', 'Identity card'], passport: ['Hộ chiếu', 'Passport'],
                 licence: ['Giấy phép lái xe', 'Driving licence'], other: ['Giấy tờ khác', 'Other'] };
const PROOFS = { signature: ['Ký tên', 'Signature'], photo: ['Chụp ảnh', 'Photo'], code: ['Mã nhận', 'One-time code'] };

// One of several, where large targets would fill the whole phone.
const Select = ({ options, value, onPick, ...rest }) => html`<${Field} tag="select" value=${value}
    onChange=${(e) => onPick(e.target.value)} ...${rest}>
    ${Object.entries(options).map(([code, [vi, en]]) => html`<option key=${code} value=${code}
        selected=${code === value}>${vi} · ${en}</option>`)}</${Field}>`;

const Check = ({ name, checked, onPick, vi, en }) => html`<label class="check"><input type="checkbox" name=${name}
    required checked=${checked} onChange=${(e) => onPick(e.target.checked)} />
    <span><${Two} vi=${vi} en=${en} /></span></label>`;

function Identity({ value, set }) {
    return html`<fieldset class="stack tight"><legend class="label"><${Two} vi="Giấy tờ tùy thân" en="Identity paper" /></legend>
        <${Check} name="id_checked" checked=${value.checked} onPick=${(checked) => set({ ...value, checked })}
            vi="Đã xem, đúng người nhận" en="Looked at: it is the person" />
        <${Select} label="Loại giấy tờ" en="Kind" name="id_kind" options=${PAPERS} value=${value.kind}
            onPick=${(kind) => set({ ...value, kind })} />
        <${Field} label="Bốn số cuối" en="Last four digits" name="id_last" value=${value.last} inputmode="numeric"
            pattern="[0-9A-Za-z]{4}" maxlength="4" onInput=${(e) => set({ ...value, last: e.target.value })} /></fieldset>`;
}

function Authorisation({ value, set }) {
    const put = (name) => (e) => set({ ...value, [name]: e.target.value });
    return html`<fieldset class="stack tight"><legend class="label"><${Two} vi="Giấy ủy quyền (bắt buộc)" en="Authorisation, required" /></legend>
        <${Field} label="Số, người lập" en="Number, by whom" name="paper_number" required maxlength="60"
            value=${value.number} onInput=${put('number')} />
        <${Field} label="Ngày lập" en="Date" name="paper_date" placeholder="23/11/2026" maxlength="20"
            value=${value.date} onInput=${put('date')} />
        <${Photo} id="paper_photo" label="ảnh giấy ủy quyền" en="Photo of it"
            onChange=${(photo) => set({ ...value, photo })} /></fieldset>`;
}

const WHY = { signature: 'Chưa có chữ ký.', photo: 'Chưa có ảnh.', code: '' };

function relations(terms) {
    const may = RELATIONS.filter((row) => !terms.addressee_only || row.addressee);
    return Object.fromEntries(may.map((row) => [row.code, [row.name, row.name_en]]));
}

// Everything as the scan carries it; files are kept before it.
async function told({ name, relation, identity, paper, authorised, old, proof, code, picture }, files, numbers) {
    const keep = (blob, kind) => files.keep(numbers, blob, kind);
    const recipient = { name: name.trim(), relation };
    if (identity.checked) Object.assign(recipient, { id_checked: true, id_kind: PAPERS[identity.kind][0] });
    if (identity.last) recipient.id_last = identity.last;
    if (!authorised) {
        recipient.authorisation = { kind: 'Giấy ủy quyền', number: paper.number.trim() };
        if (paper.date.trim()) recipient.authorisation.date = paper.date.trim();
        if (paper.photo) recipient.authorisation.attachment = await keep(paper.photo, 'paper');
    }
    if (old) recipient.old_paper = { surrendered: true };
    const more = { recipient, proof: { kind: proof } };
    if (proof === 'code') more.proof.code = code.trim();
    else more.proof.attachment = await keep(picture, proof);
    return more;
}

// The scan is made once its pictures are on the device: done(make) hands on what make() gives, and
// tells when the device could not keep them.
function useKept(onReady) {
    const [busy, setBusy] = useState(false);
    const [lost, setLost] = useState(false);
    const done = async (make) => {
        if (busy) return;
        setBusy(true);
        setLost(false);
        let more;
        try {
            more = await make();
        } catch {
            setLost(true);
        } finally {
            setBusy(false);
        }
        if (more) onReady(more);
    };
    return { busy, lost, done };
}

const Lost = () => html`<p class="error" role="alert">Thiết bị không giữ được ảnh, chữ ký: bộ nhớ đầy hoặc trình duyệt
    không cho lưu. Xin giải phóng bộ nhớ rồi bấm Ghi nhận lại.
    <span class="en" lang="en">This device could not keep the picture: free some room, then record again.</span></p>`;

const Unseen = () => html`<p class="note warn">Chưa tra được nhãn này khi không có mạng: xin phát theo điều kiện chặt nhất.
    Nếu không đúng, xin quét mã vạch có số hiệu ở dưới nhãn.
    <span class="en" lang="en">This code cannot be looked up off line, so the strictest is asked; or scan the bar code.</span></p>`;

export function Deliver({ numbers, files, onReady }) {
    const terms = useTerms(numbers);
    const [name, setName] = useState('');
    const [relation, setRelation] = useState('self');
    const [identity, setIdentity] = useState({ checked: false, kind: 'cccd', last: '' });
    const [paper, setPaper] = useState({ number: '', date: '', photo: null });
    const [old, setOld] = useState(false);
    const [chosen, setProof] = useState('signature');
    const [code, setCode] = useState('');
    const [picture, setPicture] = useState(null);
    const [lacks, setLacks] = useState('');
    const proof = terms.proofs.includes(chosen) ? chosen : terms.proofs[0];
    const who = terms.addressee_only ? 'self' : relation;
    const authorised = RELATIONS.find((row) => row.code === who)?.authorised ?? false;
    const { busy, lost, done } = useKept(onReady);
    const ready = (e) => {
        e.preventDefault();
        if (proof !== 'code' && !picture) return setLacks(WHY[proof]);
        return done(() => told({ name, relation: who, identity, paper, authorised, old, proof, code, picture },
            files, numbers));
    };
    const drawn = (blob) => { setPicture(blob); setLacks(''); };
    return html`<form class="stack" onSubmit=${ready}>
        ${terms.unseen && html`<${Unseen} />`}
        ${terms.addressee_only && html`<p class="note warn">Thủ tục này chỉ phát cho <strong>chính người nhận</strong>.
            <span class="en" lang="en">To the addressee alone.</span></p>`}
        <${Field} label="Họ và tên người nhận" en="Recipient" name="recipient" value=${name} required maxlength="200"
            onInput=${(e) => setName(e.target.value)} />
        <${Select} label="Quan hệ" en="Relation" name="relation" options=${relations(terms)} value=${who}
            onPick=${setRelation} />
        ${!authorised && html`<${Authorisation} value=${paper} set=${setPaper} />`}
        ${terms.identity && html`<${Identity} value=${identity} set=${setIdentity} />`}
        ${terms.old_papers && html`<${Check} name="old_paper" checked=${old} onPick=${setOld}
            vi="Đã thu hồi giấy tờ cũ phải nộp lại" en="The old paper was given back" />`}
        <${Choice} label="Bằng chứng phát" en="Proof" name="proof" value=${proof} onPick=${(kind) => { setProof(kind); drawn(null); }}
            options=${Object.fromEntries(terms.proofs.map((kind) => [kind, PROOFS[kind]]))} />
        ${proof === 'signature' && html`<${Signature} onChange=${drawn} />`}
        ${proof === 'photo' && html`<${Photo} id="proof_photo" label="ảnh lúc phát" en="Photo of the delivery" onChange=${drawn} />`}
        ${proof === 'code' && html`<${Field} label="Mã nhận một lần (6 số)" en="One-time code" name="code" required
            inputmode="numeric" pattern="[0-9]{6}" maxlength="6" value=${code} onInput=${(e) => setCode(e.target.value)} />`}
        ${lacks && html`<p class="error" role="alert">${lacks} <span class="en" lang="en">The proof is missing.</span></p>`}
        ${lost && html`<${Lost} />`}
        <${Button} main type="submit" busy=${busy} vi="Ghi nhận" en="Record" /></form>`;
}

// What may follow, as the vocabulary has it; an invitation only when its day has come.
function followers(reason, terms) {
    const may = FAILURES.filter((row) => row.reason === reason && (row.next_action !== 'invite' || terms.may_invite));
    return Object.fromEntries(Object.entries(NEXT).filter(([code]) => may.some((row) => row.next_action === code)));
}

function Invited({ terms }) {
    const given = terms.invitations.filter((one) => one.counts).length;
    if (!given) return null;
    if (terms.return_on) return html`<p class="note warn">Đã mời đủ ${given} lần; từ ngày
        <strong> ${day(terms.return_on)}</strong> chuyển hoàn cơ quan.
        <span class="en" lang="en">Invited often enough: it goes back then.</span></p>`;
    return html`<p class="note">Đã mời ${given} lần; được mời lần nữa từ ngày
        <strong> ${day(terms.next_invitation_on)}</strong>.
        <span class="en" lang="en">The next invitation may go out then.</span></p>`;
}

export function Fail({ numbers, onReady }) {
    const terms = useTerms(numbers);
    const [reason, setReason] = useState('absent');
    const [chosen, setNext] = useState('retry');
    const options = followers(reason, terms);
    const next_action = options[chosen] ? chosen : Object.keys(options)[0];
    return html`<form class="stack" onSubmit=${(e) => { e.preventDefault(); onReady({ reason, next_action }); }}>
        <${Select} label="Lý do" en="Reason" name="reason" options=${REASON} value=${reason} onPick=${setReason} />
        <${Invited} terms=${terms} />
        <${Choice} label="Việc tiếp theo" en="Next" name="next" options=${options} value=${next_action}
            onPick=${setNext} />
        ${next_action === 'invite' && !terms.by_signature && numbers.length === 1 && is_s10(numbers[0]) && html`
            <div class="row"><${InviteLink} number=${numbers[0]} /></div>`}
        <${Button} main type="submit" vi="Ghi nhận" en="Record" /></form>`;
}

// A damage is photographed where that can be done.
export function Damage({ numbers, files, onReady }) {
    const [reason, setReason] = useState('');
    const [picture, setPicture] = useState(null);
    const { busy, lost, done } = useKept(onReady);
    const ready = (e) => {
        e.preventDefault();
        done(async () => ({ reason: reason.trim(), ...picture
            ? { proof: { kind: 'photo', attachment: await files.keep(numbers, picture, 'photo') } } : {} }));
    };
    return html`<form class="stack" onSubmit=${ready}>
        <${Field} label="Hư hỏng thế nào" en="What is damaged" value=${reason} required maxlength="200"
            onInput=${(e) => setReason(e.target.value)} />
        ${numbers.every((number) => is_s10(number) || is_signed(number)) && html`
            <${Photo} id="damage_photo" label="ảnh hư hỏng" en="Photo of it" onChange=${setPicture} />`}
        ${lost && html`<${Lost} />`}
        <${Button} main type="submit" busy=${busy} vi="Ghi nhận" en="Record" /></form>`;
}

export function Hold({ onReady }) {
    const [until, setUntil] = useState('');
    return html`<form class="stack" onSubmit=${(e) => { e.preventDefault(); onReady(until ? { until } : {}); }}>
        <${Field} label="Lưu giữ đến ngày (nếu có hẹn)" en="Until, when agreed" type="date" name="until" value=${until}
            onInput=${(e) => setUntil(e.target.value)} />
        <${Button} main type="submit" vi="Ghi nhận" en="Record" /></form>`;
}

export function Repack({ onReady }) {
    const [seal, setSeal] = useState('');
    return html`<form class="stack" onSubmit=${(e) => { e.preventDefault(); onReady({ seal: seal.trim() }); }}>
        <${Field} label="Số niêm phong mới" en="New seal" name="seal" required maxlength="40" value=${seal}
            onInput=${(e) => setSeal(e.target.value)} />
        <${Button} main type="submit" vi="Ghi nhận" en="Record" /></form>`;
}
