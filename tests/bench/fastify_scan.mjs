// The peer in Node: Fastify 5 and pg, one prepared statement a scan, sessions looked up once and
// kept. Processes share the port through the cluster module.
//   node tests/bench/fastify_scan.mjs PORT PROCESSES POOL DATABASE_URL
import cluster from 'node:cluster';
import { createHash } from 'node:crypto';
import Fastify from 'fastify';
import pg from 'pg';
import { scan_cte } from './scan_cte.mjs';

const [port, processes, pool_size, url] = process.argv.slice(2);
const text = scan_cte({ number: '$1::text', id: '$2::uuid', kind: '$3::text', at: '$4::timestamptz',
    actor: '$5::bigint', unit: '$6::bigint', roles: '$7::int', digest: '$8::bytea' });
const who_text = `select a.id as account, a.name, a.unit_id as unit, a.roles, u.code as unit_code,
        u.name as unit_name
    from account.session s
    join account.account a on a.id = s.account
    left join postal.unit u on u.id = a.unit_id
    where s.token_hash = $1 and s.expires_at > now() and s.revoked_at is null`;

const scan_schema = {
    type: 'object', required: ['id', 'code', 'kind', 'at'], additionalProperties: false,
    properties: { id: { type: 'string', format: 'uuid' }, kind: { type: 'string', maxLength: 40 },
                  code: { type: 'string', pattern: '^[A-Z]{2}[0-9]{9}VN$' },
                  at: { type: 'string', format: 'date-time' } },
};
const body_schema = {
    type: 'object', required: ['scans'], additionalProperties: false,
    properties: { scans: { type: 'array', minItems: 1, maxItems: 500, items: scan_schema } },
};
const text_type = { type: 'string' };
const reply_schema = { 200: { type: 'object', properties: { results: { type: 'array', items: {
    type: 'object', properties: { id: text_type, outcome: text_type, shipment: text_type,
        state: text_type, warnings: { type: 'array', items: text_type },
        holder: { type: 'object', properties: { kind: text_type, id: text_type, name: text_type } } },
} } } } };

async function serve() {
    const pool = new pg.Pool({ connectionString: url, max: Number(pool_size) });
    const sessions = new Map();
    const app = Fastify({ logger: false });

    async function who(cookie) {
        const token = /(?:^|; )dossierpost=([^;]+)/.exec(cookie ?? '')?.[1];
        if (!token) return null;
        if (sessions.has(token)) return sessions.get(token);
        const hash = createHash('sha256').update(Buffer.from(token, 'base64url')).digest();
        const row = (await pool.query({ name: 'who', text: who_text, values: [hash] })).rows[0];
        if (row) sessions.set(token, row);
        return row;
    }

    async function record(user, scan) {
        const digest = createHash('sha256').update(`${user.account}\n${JSON.stringify(scan)}`).digest();
        const { rows: [r] } = await pool.query({ name: 'scan', text, values: [scan.code, scan.id,
            scan.kind, scan.at, user.account, user.unit, user.roles, digest] });
        if (!r) return { id: scan.id, outcome: 'refused', shipment: scan.code, warnings: [] };
        return { id: scan.id, outcome: r.outcome, shipment: r.number, state: r.state,
                 holder: r.holder_kind === 'person'
                     ? { kind: r.holder_kind, id: user.account, name: user.name }
                     : { kind: r.holder_kind, id: user.unit_code, name: user.unit_name },
                 warnings: r.odd };
    }

    app.post('/v1/custody/scans', { schema: { body: body_schema, response: reply_schema } },
        async (request, reply) => {
            const user = await who(request.headers.cookie);
            if (!user) return reply.code(401).send();
            return { results: await Promise.all(
                request.body.scans.map((scan) => record(user, scan))) };
        });
    await app.listen({ port: Number(port), host: '127.0.0.1', backlog: 1024 });
}

if (cluster.isPrimary && Number(processes) > 1)
    for (let i = 0; i < Number(processes); i++) cluster.fork();
else await serve();
