// The peer in Node: Fastify 5 and pg, one prepared statement a look-up, its text sent on as it is
// (Node 20 has no Zstandard, so it finds the answers as text).
// Processes share the port through the cluster module.
//   node tests/bench/fastify_track.mjs PORT PROCESSES POOL DATABASE_URL
import cluster from 'node:cluster';
import Fastify from 'fastify';
import pg from 'pg';
import { text_sql } from './track_sql.mjs';

const [port, processes, pool_size, url] = process.argv.slice(2);
const text = text_sql('$1');
const params = { type: 'object', required: ['number'], properties: {
    number: { type: 'string', maxLength: 64 } } };

async function serve() {
    const pool = new pg.Pool({ connectionString: url, max: Number(pool_size) });
    const app = Fastify({ logger: false });

    app.get('/v1/track/:number', { schema: { params } }, async (request, reply) => {
        const number = request.params.number.replace(/[\s.-]/g, '').toUpperCase();
        const { rows: [found] } = await pool.query({ name: 'track', text, values: [number] });
        if (!found) return reply.code(404).send({ title: 'Not found' });
        const etag = `"${found.tag}"`;
        reply.header('etag', etag).header('cache-control', 'max-age=0, must-revalidate');
        if (request.headers['if-none-match'] === etag) return reply.code(304).send();
        return reply.type('application/json').send(found.view);
    });
    await app.listen({ port: Number(port), host: '127.0.0.1', backlog: 1024 });
}

if (cluster.isPrimary && Number(processes) > 1)
    for (let i = 0; i < Number(processes); i++) cluster.fork();
else await serve();
