// The databases that tracking is measured on: track_N for N dossiers, made once by ./dev bench seed or
// by the first bench that wants them, over every commune where their list is there.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './cluster.mjs';

const exec = promisify(execFile);
export const COMMUNES = join(ROOT, '../shared/data/communes.csv');
const PACK = join(ROOT, 'build/tests/bench/told_pack');
export const BINARY = process.env.DOSSIERPOST_BIN ?? join(ROOT, 'build/dossierpost');

// Bytes of disk a dossier takes, with all events and their log, and with few; and what the database
// writes beside them while it is filled.
const EACH = { all: 14000, few: 2500 }, BESIDE = 10e9, SESSIONS = 2;
// The rows are whole before anybody else sees them, and a crash makes them anew.
const SESSION = `set session_replication_role = replica; set synchronous_commit = off; set jit = off;
set work_mem = '256MB'; set maintenance_work_mem = '1GB'; set search_path = '';`;
const FILES = ['seed_network.sql', 'seed_track.sql', 'seed_told.sql'].map((name) => `tests/bench/${name}`);

// What has room here.
export async function events_for(cluster, dossiers) {
    const { bavail, bsize } = await statfs(cluster.folder), free = Number(bavail) * Number(bsize);
    const fits = Object.keys(EACH).find((events) => EACH[events] * dossiers + BESIDE < free);
    return { free, events: fits, needed: EACH[fits ?? 'few'] * dossiers + BESIDE };
}

const shared = (what, ...args) => Array.from({ length: SESSIONS }, (_, part) =>
    `${what}(${[...args, part, SESSIONS].join()})`);

async function fill(cluster, name, { dossiers, events, communes, say }) {
    if (existsSync(communes)) {
        const { stdout } = await exec(BINARY, ['import', 'communes', communes], { env: { ...process.env,
            DOSSIERPOST_DATABASE_URL: cluster.url(name), DOSSIERPOST_STATE_DIR: '/nonexistent' } });
        say(`the real network: ${stdout.trim()} from ${communes}`);
    } else {
        say(`no ${communes}: the network of the demonstration alone`);
    }
    for (const file of FILES) await cluster.file(name, file);
    const call = (list) => () => Promise.all(list.map((one) => cluster.script(name, `${SESSION} call bench.${one};`)));
    const steps = { 'days': call(shared('fill', dossiers, events === 'all')),
                    'log': call([`finish(${events === 'all'})`]),
                    'samples': call(shared('samples', dossiers)),
                    'answers': () => tell(cluster, name, dossiers),
                    'as text': () => events === 'all' && cluster.script(name, `${SESSION} insert into bench.told_view
                        select key, dossier, as_of, until, tag, subjects, view from bench.told_of_sample;`),
                    'head': call(['told_done()']) };
    for (const [step, work] of Object.entries(steps)) {
        const began = performance.now();
        await work();
        say(`${step}: ${Math.round((performance.now() - began) / 1000)} s`);
    }
}

// The answers, packed by the program's own code on their way from one table into the other.
function tell(cluster, name, dossiers) {
    const psql = `${join(cluster.bin, 'psql')} -X -q -v ON_ERROR_STOP=1 -h ${cluster.folder} -U postgres -d ${name}`;
    return Promise.all(Array.from({ length: SESSIONS }, (_, part) => exec('bash', ['-c', `set -o pipefail
        ${psql} -c "copy (select key, dossier, as_of, until, tag, subjects, view from bench.told_of_sample
            where i > ${part * dossiers / SESSIONS} and i <= ${(part + 1) * dossiers / SESSIONS}) to stdout" |
        ${PACK} | ${psql} -c "set synchronous_commit = off" -c "copy dossier.told from stdin"`])));
}

// Its name. events: all, few, or nothing for what has room.
export async function track_database(cluster, dossiers, { events, communes = COMMUNES, say }) {
    return cluster.kept(`track_${dossiers}`, BINARY, FILES, async (name) => {
        const room = await events_for(cluster, dossiers);
        if (!room.events && !events)
            throw new Error(`${dossiers} dossiers need ${Math.round(room.needed / 1e9)} GB, ` +
                            `${Math.round(room.free / 1e9)} are free`);
        const chosen = events ?? room.events, began = performance.now();
        say(`events of ${chosen === 'all' ? 'all' : 'few'} of the dossiers`);
        await fill(cluster, name, { dossiers, events: chosen, communes, say });
        say(`filled in ${Math.round((performance.now() - began) / 1000)} s`);
    }, say);
}
