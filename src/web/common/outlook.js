// What a dossier may still take and what it took, for staff (migrations/0012j_outlook.sql).
import { day } from './format.js';
import { Chip, html, Two } from './ui.js';
import { LEG } from './words.js';

// The result is rather expected after its due day than by then.
export const Late = ({ of }) => of.late
    && html`<${Chip} vi="Dự kiến đến trễ hẹn" en="Expected after its due day" tone="warn" />`;

const BASIS = { lane: ['theo các chuyến trước', 'from earlier trips'], 'j+n': ['theo chỉ tiêu toàn trình', 'by the transit target'] };

function Expected({ of: { leg, by_50, by_90, basis } }) {
    const words = by_50 === by_90 ? day(by_50) : `${day(by_50)} – ${day(by_90)}`;
    return html`<strong class="nowrap">${words}</strong> <small class="muted">${LEG[leg]?.[0] ?? leg}, ${BASIS[basis]?.[0]}
        <span class="en" lang="en">${LEG[leg]?.[1] ?? leg}, ${BASIS[basis]?.[1]}</span></small>`;
}

// Rows of a list of facts.
export const Outlook = ({ view: { expected, days } }) => html`
    ${expected && html`<dt><${Two} vi="Dự kiến đến" en="Expected" /></dt><dd><${Expected} of=${expected} /></dd>`}
    ${days && html`<dt><${Two} vi="Ngày làm việc" en="Working days" /></dt>
        <dd>Cơ quan ${days.agency} · Bưu chính ${days.post} · Chờ người nộp ${days.waiting}
            <span class="en" lang="en">Agency ${days.agency} · post ${days.post} · applicant ${days.waiting}</span></dd>`}`;
