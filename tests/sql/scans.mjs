// Scans for the SQL tests: as plain objects {id, subject, kind, at, who, …}, recorded through
// custody.record_scans as the program does it.
import { randomBytes } from 'node:crypto';

export function uuid7(at) {
    const bytes = randomBytes(16);
    bytes.writeUIntBE(at, 0, 6);
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    return bytes.toString('hex')
        .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export async function people(db) {
    const rows = await db.query('select login, id, unit_id, roles from account.account');
    return Object.fromEntries(rows.map(([login, id, unit, roles]) =>
        [login, { id: Number(id), unit: unit === null ? null : Number(unit), roles: Number(roles) }]));
}

const COLUMNS = ['ord int', 'id uuid', 'subject text', 'kind text', 'at timestamptz', 'actor int8',
    'unit int8', 'roles int', 'device int8', 'seq int8', 'container text', 'target text',
    'refers uuid', 'reason text', 'next_action text', 'data jsonb', 'digest text', 'mac text',
    'sealed text', 'key text', 'salt text'];
const BYTES = new Set(['digest', 'mac', 'sealed', 'key', 'salt']);

function row(scan, who, place) {
    return {
        ord: place + 1, actor: who.id, unit: who.unit, roles: who.roles, device: who.id, seq: 0,
        digest: JSON.stringify([scan.id, scan.kind, scan.at, scan.who, scan.refers, scan.container]),
        ...scan, data: scan.recipient ? { ...scan.data, recipient: true } : scan.data,
        mac: scan.recipient ?? null, sealed: scan.recipient ?? null,
        key: scan.recipient ?? null, salt: scan.recipient ?? null,
    };
}

// The replies in the order of the scans.
export async function record(session, everybody, scans) {
    const rows = scans.map((scan, i) => row(scan, everybody[scan.who], i));
    const arrays = COLUMNS.map((column) => {
        const [name] = column.split(' ');
        return `array_agg(${BYTES.has(name) ? `convert_to(${name}, 'UTF8')` : name} order by ord)`;
    });
    const [[text]] = await session.query(`
        select jsonb_agg(to_jsonb(r) order by r.ord) from (
            select ${arrays.map((array, i) => `${array} as a${i}`).join(', ')}
            from jsonb_to_recordset($json$${JSON.stringify(rows)}$json$) as x (${COLUMNS.join(', ')})
        ) i cross join lateral custody.record_scans(${arrays.map((_, i) => `i.a${i}`).join(', ')}) r`);
    const units = Object.fromEntries(await session.query('select id, code from postal.unit'));
    return JSON.parse(text).map((r) => (r.holder_ref === null && r.holder_kind
        ? { ...r, holder_ref: r.holder_kind === 'person' ? String(r.holder_id) : units[r.holder_id] } : r));
}

// A shipment from the Thuận Hoá office to its one-stop department, or a result back, just made.
export async function shipment(session, leg = 'outward') {
    const [from, to] = leg === 'result' ? ['a', 'o'] : ['o', 'a'];
    const [[number]] = await session.query(`select custody.create_shipment(null, '${leg}',
        o.id, ${to}.id, 100, 1, ${from}.id) from postal.unit o, postal.unit a
        where o.code = '46-B1' and a.code = '46-A1'`);
    return number;
}

export async function container(session, from, to) {
    const [[id]] = await session.query(`select container.create(c.id, u.id, base.uuid_v7(),
        'receptacle', '${from}', '${to}', '\\x01') ->> 'id'
        from postal.unit u join account.account c on c.unit_id = u.id where u.code = '${from}'
        order by c.id limit 1`);
    return id;
}
