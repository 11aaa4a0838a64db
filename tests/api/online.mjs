// What the tests of filing on line share: an applicant without an account, a procedure of a level with a
// form of its own, and a draft filled in.
import { randomBytes } from 'node:crypto';
import { query } from '../fault/journal.mjs';
import { sha256 } from './pictures.mjs';
import { uuid7 } from './service.mjs';
import { AGENCY, COMMUNE, ok } from './walk.mjs';

export const FORM = {
    type: 'object',
    required: ['purpose', 'born_on', 'copies'],
    properties: {
        purpose: { type: 'string', title: 'Mục đích sử dụng', title_en: 'Purpose', position: 1, minLength: 3, maxLength: 100 },
        born_on: { type: 'string', format: 'date', title: 'Ngày sinh', title_en: 'Date of birth', position: 2 },
        copies: { type: 'integer', minimum: 1, maximum: 20, title: 'Số bản', title_en: 'Copies', position: 3 },
        marital: { type: 'string', enum: ['single', 'married'], enum_titles: ['Chưa kết hôn', 'Đã kết hôn'],
                   title: 'Tình trạng hôn nhân', title_en: 'Marital status', position: 4 },
        id_number: { type: 'string', pattern: '^\\d{12}$', title: 'Số định danh cá nhân', title_en: 'Personal number', position: 5 },
        truthful: { type: 'boolean', title: 'Tôi cam đoan lời khai là đúng', title_en: 'I state the truth', position: 6 },
    },
};
export const ANSWERS = { purpose: 'Để đăng ký kết hôn', born_on: '1990-02-28', copies: 2, marital: 'single',
                         id_number: '046090000123', truthful: true };
export const DECLARATION = 'Tờ khai thử', ORIGINAL = 'Giấy chứng sinh thử', COPY = 'Giấy tờ tùy thân thử';

// A procedure of this level, in effect from today; the same again with another form is its next version.
export function procedure(house, code, level, more = {}) {
    const body = {
        code, name: `Thủ tục thử mức độ ${level}`, name_en: `Procedure of level ${level}`, agency_level: 'commune', level,
        mode: level >= 4 ? 'full' : 'partial', post: true, time: { value: 3, unit: 'working_day' },
        clock_after_supplement: 'restart', fees: [{ name: 'Lệ phí', amount: 8000 }],
        documents: [{ name: DECLARATION, originals: 1, copies: 0, form: true }, { name: ORIGINAL, originals: 1, copies: 0 },
                    { name: COPY, originals: 0, copies: 1, optional: true }],
        result: 'Giấy xác nhận thử', form: FORM, ...more };
    return query(house, `select procedure.put('${JSON.stringify(body).replaceAll("'", "''")}')`)[0];
}

// One of level 3 without a form, which an applicant's account may file by itself, and the papers it asks for.
export const plain_procedure = (house, code) => procedure(house, code, 3, { form: null });
export const PLAIN_PAPERS = [{ name: DECLARATION, originals: 1, copies: 0 }, { name: ORIGINAL, originals: 1, copies: 0 }];

export const secret = () => randomBytes(32).toString('base64url');

// Whoever holds the secret of a draft; without one, whoever the client is logged in as.
export class Drafting {
    constructor(client, { key = secret(), id = uuid7(), language = 'vi' } = {}) {
        Object.assign(this, { client, key, id, language });
    }

    headers(more = {}) {
        return { 'accept-language': this.language, ...this.key && { 'x-draft-key': this.key }, ...more };
    }

    send(method, more = '', { body, headers = {}, raw } = {}) {
        return this.client.send(method, `/v1/drafts/${this.id}${more}`, { body, raw, headers: this.headers(headers) });
    }

    begin(code, says) {
        return this.client.send('POST', '/v1/drafts', { body: { id: this.id, procedure: code, says }, headers: this.headers() });
    }

    get() {
        return this.send('GET');
    }

    save(says, tag) {
        return this.send('PUT', '', { body: says, headers: { 'if-match': tag } });
    }

    submit(tag) {
        return this.send('POST', '/submission', { headers: { 'if-match': tag } });
    }

    // After it was filed.
    action(body, headers = {}) {
        return this.send('POST', '/actions', { body, headers });
    }

    pickup(to, tag) {
        return to ? this.send('PUT', '/pickup', { body: to, headers: { 'if-match': tag } })
            : this.send('DELETE', '/pickup', { headers: { 'if-match': tag } });
    }

    // Whole, for a line of the checklist, on from where it stopped.
    file(bytes, document, part = 262144) {
        const about = { sha256: sha256(bytes), size: bytes.length, ...document && { document } };
        const one = async (offset) => {
            const reply = await this.send('POST', `/files?${new URLSearchParams({ ...about, offset })}`,
                { raw: bytes.subarray(offset, offset + part), headers: { 'content-type': 'application/octet-stream' } });
            const goes_on = reply.status === 200 && !reply.body.whole || /offset-conflict/.test(reply.body?.type);
            return goes_on ? one(reply.body.offset) : reply;
        };
        return one(0);
    }

    // Saved as said, and filed.
    async filed(says) {
        const { headers } = await this.get();
        const saved = await this.save(says, headers.get('etag'));
        ok(saved);
        return this.submit(saved.headers.get('etag'));
    }
}

export const PERSON = { kind: 'citizen', name: 'Trần Thị Trực Tuyến', phone: '0905 111 222', email: 'thu@example.vn',
                        address: { line: '7 Nguyễn Huệ', commune: COMMUNE } };
export const says = (more = {}) => ({ form: ANSWERS, applicant: PERSON, agency: AGENCY, bring: 'drop',
    documents: [{ name: ORIGINAL, originals: 1, copies: 0 }], result_to: { kind: 'agency' }, ...more });
