// Who files, at which agency, and where: the parts of the form that every procedure has.
import { communes, units } from '../common/model.js';
import { Picker } from '../common/picker.js';
import { Choice, Field, html, Two, useComplaint } from '../common/ui.js';

const KIND = { citizen: ['Công dân', 'Citizen'], enterprise: ['Doanh nghiệp', 'Enterprise'],
               household: ['Hộ gia đình, hộ kinh doanh', 'Household'] };

// A member that was emptied is left out.
export function with_member(object, name, value) {
    const { [name]: gone, ...rest } = object ?? {};
    return value === '' || value === undefined || value === null ? rest : { ...rest, [name]: value };
}

// A choice with what is wrong with it, until another is made.
export function Chosen({ at, problem, onPick, ...choice }) {
    const [error, changed] = useComplaint(problem, at);
    return html`<div><${Choice} ...${choice} onPick=${(key) => { changed(); onPick(key); }} />
        ${error && html`<p class="error" role="alert" data-at=${at}>${error}</p>`}</div>`;
}

// The names behind the codes of communes and units are the page's own: they are looked up again.
export const CommunePick = ({ chosen, onPick, ...more }) => html`<${Picker} label="Xã, phường *" en="Commune"
    search=${communes} text=${(one) => [one.name, one.province_name].filter(Boolean).join(', ')} chosen=${chosen}
    onPick=${onPick} placeholder="nhập vài chữ, ví dụ: thuan hoa"
    show=${(one) => html`${one.name} <small>${one.province_name}</small>`} ...${more} />`;

export function Address({ at, name, address = {}, commune, problem, onChange, onCommune }) {
    return html`<${Field} label="Số nhà, đường, tổ, thôn *" en="Street" at=${`${at}/line`} problem=${problem}
            aria-required="true" maxlength="200" value=${address.line ?? ''}
            onInput=${(e) => onChange(with_member(address, 'line', e.target.value))} />
        <${CommunePick} name=${name} at=${`${at}/commune`} problem=${problem} chosen=${commune}
            onPick=${(one) => { onCommune(one); onChange({ ...address, commune: one.code }); }} />`;
}

export function Who({ says, change, problem, known, learn }) {
    const person = says.applicant ?? {};
    const set = (name, value) => change((old) => ({ applicant: with_member(old.applicant, name, value) }), `/applicant/${name}`);
    const field = (name) => ({ at: `/applicant/${name}`, problem, value: person[name] ?? '',
                               onInput: (e) => set(name, e.target.value) });
    return html`<section class="card stack" id="who"><h2><${Two} vi="Người nộp hồ sơ" en="Applicant" /></h2>
        <${Chosen} label="Đối tượng *" en="Kind" name="kind" at="/applicant/kind" problem=${problem} options=${KIND}
            value=${person.kind} onPick=${(kind) => set('kind', kind)} />
        <div class="fields">
            <${Field} label="Họ và tên *" en="Full name" aria-required="true" maxlength="200" ...${field('name')} autocomplete="name" />
            <${Field} label="Điện thoại *" en="Phone" aria-required="true" inputmode="tel" maxlength="20" ...${field('phone')} autocomplete="tel" />
            <${Field} label="Số định danh" en="Identity no." inputmode="numeric" maxlength="20" ...${field('id_number')} />
            <${Field} label="Thư điện tử" en="E-mail" type="email" maxlength="200" ...${field('email')} autocomplete="email" />
            <${Address} at="/applicant/address" name="commune" address=${person.address} problem=${problem}
                commune=${known(person.address?.commune)} onCommune=${learn}
                onChange=${(address) => set('address', address)} />
        </div></section>`;
}

export function Agency({ says, change, problem, procedure, unit, learn }) {
    const search = async (q) => {
        const found = await units({ kind: 'agency', q, near: says.applicant?.address?.commune });
        return found.filter((one) => !one.agency_level || one.agency_level === procedure.agency_level);
    };
    return html`<section class="card stack" id="agency-part"><h2><${Two} vi="Cơ quan giải quyết" en="Agency" /></h2>
        <${Picker} label="Cơ quan *" en="Agency" name="agency" at="/agency" problem=${problem} search=${search}
            text=${(one) => one.name} chosen=${unit(says.agency)} placeholder="nhập vài chữ của tên cơ quan"
            onPick=${(one) => { learn(one); change({ agency: one.code }, '/agency'); }}
            show=${(one) => html`${one.name}<br /><small>${one.address}</small>`} /></section>`;
}
