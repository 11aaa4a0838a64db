// ./dev bench words [--dossiers N] [--size 16384]
// Makes src/tracking/answer.dict anew from the answers of a seeded database, and tells how small answers
// become by it. Answers that were kept with the dictionary before are then made anew, one by one.
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Cluster, ROOT } from './cluster.mjs';
import { track_database } from './track_data.mjs';

const { values: option } = parseArgs({ options: {
    dossiers: { type: 'string', default: '1000000' }, size: { type: 'string', default: '16384' } } });
const MOST = 4000, DICTIONARY = join(ROOT, 'src/tracking/answer.dict');
const say = (text) => process.stderr.write(`== ${text}\n`);

const cluster = await Cluster.start();
try {
    const name = await track_database(cluster, Number(option.dossiers), { say });
    const rows = execFileSync(join(cluster.bin, 'psql'), ['-X', '-q', '-h', cluster.folder, '-U', 'postgres', '-d', name,
        '-c', `copy (select number, dossier, as_of, now(), tag, subjects, view from bench.sample order by md5(i::text) limit ${MOST})
               to stdout`], { maxBuffer: 1 << 28 });
    const made = execFileSync(join(ROOT, 'build/tests/bench/told_pack'), ['--train', option.size], { input: rows, maxBuffer: 1 << 24 });
    writeFileSync(`${DICTIONARY}.new`, made);
    renameSync(`${DICTIONARY}.new`, DICTIONARY);
    say(`${DICTIONARY}: ${readFileSync(DICTIONARY).length} bytes; build again, then seed again`);
} finally {
    await cluster.stop();
}
