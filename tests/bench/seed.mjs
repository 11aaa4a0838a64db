// ./dev bench seed [--dossiers N] [--events all|few] [--communes FILE] [--again]
// Makes the data for the benches of tracking in a set-based load, and tells how large it is.
import { parseArgs } from 'node:util';
import { Cluster } from './cluster.mjs';
import { COMMUNES, track_database } from './track_data.mjs';

const { values: option } = parseArgs({ options: {
    dossiers: { type: 'string', default: '1000000' }, events: { type: 'string' },
    communes: { type: 'string', default: COMMUNES }, again: { type: 'boolean', default: false } } });
const dossiers = Number(option.dossiers);
const say = (text) => process.stderr.write(`== ${text}\n`);

const sizes = `select n.nspname || '.' || coalesce(p.relname, c.relname), count(*),
        sum(pg_total_relation_size(c.oid)) as size, sum(greatest(c.reltuples, 0))::bigint
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent
    where c.relkind = 'r' and n.nspname not like 'pg%' group by 1
    having sum(pg_total_relation_size(c.oid)) > 1e6 order by size desc`;

const cluster = await Cluster.start();
try {
    if (option.again) await cluster.drop(`track_${dossiers}`);
    const name = await track_database(cluster, dossiers, { ...option, say });
    const total = Number(await cluster.value(name, 'select pg_database_size(current_database())'));
    for (const [table, , size, rows] of await cluster.query(name, sizes))
        console.log(`${table.padEnd(28)}${Number(rows).toLocaleString('en-US').padStart(14)} rows` +
            `${(size / 1e6).toFixed(0).padStart(8)} MB${(size / dossiers).toFixed(0).padStart(8)} bytes a dossier`);
    console.log(`${name}: ${(total / 1e9).toFixed(2)} GB, ${Math.round(total / dossiers)} bytes a dossier`);
} finally {
    await cluster.stop();
}
