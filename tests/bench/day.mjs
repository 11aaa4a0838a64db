// ./dev bench day [--seed N] [--dossiers 20000] [--speed max|N] [--json FILE]: a day of a province
// [--trouble 1] against the real service, see tests/day. speed: simulated seconds a second; trouble: how
// many times more goes wrong than on an ordinary day.
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { play } from '../day/day.mjs';

const { values: o } = parseArgs({ options: {
    seed: { type: 'string', default: String(randomInt(1, 1 << 30)) },
    dossiers: { type: 'string', default: '20000' }, speed: { type: 'string', default: 'max' },
    trouble: { type: 'string', default: '1' },
    json: { type: 'string' } } });
const speed = o.speed === 'max' ? Infinity : Number(o.speed);
if (!(speed > 0) || !(Number(o.dossiers) > 0) || !(Number(o.seed) >= 0)) {
    console.error('usage: ./dev bench day [--seed N] [--dossiers N] [--speed max|N] [--trouble N] [--json FILE]');
    process.exit(2);
}
const { errors, ...figures } = await play({ seed: Number(o.seed), dossiers: Number(o.dossiers), speed,
    trouble: Number(o.trouble),
    say: (text) => console.error(`== ${text}`) });
console.log(figures);
console.table(errors);
if (o.json) writeFileSync(o.json, JSON.stringify({ ...figures, errors }, null, 2) + '\n');
