// The intake being typed. Its id is made once and kept until the service has acknowledged it: a
// draft survives a closed page, and a lost reply is asked for again with the very same body.
import { uuid7 } from '../common/api.js';

const DRAFT = 'dossierpost.intake', SENT = 'dossierpost.intake.sent';

export const fresh = () => ({
    id: uuid7(), procedure: null, agency: null, receiving: null, when: [], copies: 1, service: 'both', kind: 'citizen', name: '',
    phone: '', email: '', id_number: '', line: '', commune: null, documents: [], weight_g: '100',
    result_kind: 'address', same_address: true, result_line: '', result_commune: null,
    result_unit: null, paid: true, note: '',
});

function read(store, key) {
    try {
        return JSON.parse(store.getItem(key));
    } catch {
        return null;
    }
}

export const load = () => read(sessionStorage, DRAFT) ?? fresh();
export const keep = (draft) => sessionStorage.setItem(DRAFT, JSON.stringify(draft));
export const drop = () => sessionStorage.removeItem(DRAFT);

// A body that went out and was not answered yet.
export const sent = () => read(localStorage, SENT);
export const keep_sent = (body) => localStorage.setItem(SENT, JSON.stringify(body));
export const drop_sent = () => localStorage.removeItem(SENT);

// The checklist of a procedure as lines that the clerk ticks and corrects.
export const checklist = (procedure) =>
    procedure.documents.map((row) => ({ name: row.name, originals: row.originals ?? 0,
        copies: row.copies ?? 0, optional: !!row.optional, here: !row.optional }));

function result_to(draft) {
    if (draft.service === 'send') return { kind: 'agency' };
    if (draft.result_kind === 'post_office')
        return { kind: 'post_office', unit: draft.result_unit?.code };
    const own = { line: draft.line.trim(), commune: draft.commune?.code };
    const other = { line: draft.result_line.trim(), commune: draft.result_commune?.code };
    return { kind: 'address', address: draft.same_address ? own : other };
}

// Leaves out what was not filled in, so that the service names what is missing.
function filled(object) {
    return Object.fromEntries(Object.entries(object)
        .filter(([, value]) => value !== undefined && value !== ''));
}

// Which of the agency's fees: what the catalogue asks about them.
const per_copy = (draft) => draft.procedure?.fees.some((fee) => fee.per === 'copy');
export const fees_of = (draft) => filled({ when: draft.when?.length ? draft.when : undefined,
                                           copies: per_copy(draft) ? Number(draft.copies) || 1 : undefined });

// Who takes the papers over for the agency.
const receiving = (draft) => (draft.service === 'receive' ? undefined : draft.receiving?.code);

export function body_of(draft) {
    return filled({
        id: draft.id, procedure: draft.procedure?.code, agency: draft.agency?.code,
        receiving: receiving(draft),
        service: draft.service,
        applicant: filled({
            kind: draft.kind, name: draft.name.trim(), phone: draft.phone.replace(/[\s.]/g, ''),
            email: draft.email.trim(), id_number: draft.id_number.trim(),
            address: filled({ line: draft.line.trim(), commune: draft.commune?.code }),
        }),
        documents: draft.documents.filter((row) => row.here)
            .map(({ name, originals, copies }) => ({ name, originals, copies })),
        weight_g: Number(draft.weight_g) || 0,
        result_to: result_to(draft),
        note: draft.note.trim(),
        ...(Object.keys(fees_of(draft)).length ? { fees: fees_of(draft) } : {}),
        ...(draft.paid ? { paid: true } : {}),
    });
}

// A price can be asked for once these are known.
export function quote_of(draft) {
    if (!draft.procedure || !draft.agency || !draft.commune || !Number(draft.weight_g)) return null;
    return filled({ procedure: draft.procedure.code, from: draft.commune.code, to: draft.agency.code,
                    receiving: receiving(draft), weight_g: Number(draft.weight_g), service: draft.service,
                    fees: fees_of(draft) });
}
