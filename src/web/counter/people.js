// What the forms about applicants share.
import { communes } from '../common/model.js';
import { Picker } from '../common/picker.js';
import { html } from '../common/ui.js';

export const KIND = { citizen: ['Công dân', 'Citizen'], enterprise: ['Doanh nghiệp', 'Enterprise'],
                      household: ['Hộ gia đình, hộ kinh doanh', 'Household'] };

const commune_text = (one) => [one.name, one.province_name].filter(Boolean).join(', ');

export const CommunePick = (more) => html`<${Picker} label="Xã, phường" en="Commune" search=${communes}
    text=${commune_text} placeholder="nhập vài chữ, ví dụ: thuan hoa"
    show=${(one) => html`${one.name} <small>${one.province_name}</small>`} ...${more} />`;
