// ./dev bench reading [--seed N] [--labels 10000] [--spoil 10] [--mix 75,20,5] [--lanes 2]
// [--templates shipment,sticker] [--json FILE]: labels drawn and read back by two readers, see
// tests/reading. mix: parts at 203, 300 and 600 dpi; spoil: every so many-th label is also damaged, turned
// and blurred. What fails names the options that play it again.
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { NAMES } from '../reading/label.mjs';
import { play } from '../reading/reading.mjs';

const { values: o } = parseArgs({ options: {
    seed: { type: 'string', default: String(randomInt(1, 1 << 30)) },
    labels: { type: 'string', default: '10000' }, spoil: { type: 'string', default: '10' },
    mix: { type: 'string', default: '75,20,5' }, lanes: { type: 'string', default: '2' },
    templates: { type: 'string', default: NAMES.join() }, json: { type: 'string' } } });
const parts = o.mix.split(',').map(Number);
if (!(Number(o.labels) > 0) || !(Number(o.seed) >= 0) || !(Number(o.spoil) > 0) || !(Number(o.lanes) > 0)
    || !o.templates.split(',').every((name) => NAMES.includes(name)) || parts.length !== 3 || !parts.every((part) => part >= 0)) {
    console.error('usage: ./dev bench reading [--seed N] [--labels N] [--spoil N] [--mix N,N,N]'
        + ' [--lanes N] [--templates NAME,…] [--json FILE]');
    process.exit(2);
}
const store = (figures) => o.json
    && writeFileSync(o.json, JSON.stringify({ seed: Number(o.seed), ...figures }, null, 2) + '\n');
console.error(`== seed ${o.seed}`);
const done = await play({ seed: Number(o.seed), labels: Number(o.labels), spoil_every: Number(o.spoil),
    lanes: Number(o.lanes), mix: { 203: parts[0], 300: parts[1], 600: parts[2] },
    templates: o.templates.split(','),
    say: (text, { rows, failed }) => {
        console.error(`== ${text}`);
        store({ rows: Object.fromEntries(rows), failed });
    } });
console.table(done.rows);
for (const one of done.failed) console.log(one);
console.log(`seed ${o.seed}: ${o.labels} labels in ${Math.round(done.seconds)} s, ${done.failed.length} failed`);
store(done);
process.exitCode = done.failed.length ? 1 : 0;
