// Figures and bars as the benches print them.
import { median } from './machine.mjs';

export const spread = (list) => ({ median: median(list), least: Math.min(...list),
                                   most: Math.max(...list) });
const GROUPS = ['postgres', 'service', 'generator'];

// One row of the table from the windows of a side in all rounds, those that there were; none: no row.
export function median_of(name, windows) {
    const list = windows.filter(Boolean);
    if (!list.length) return [];
    const of_group = (what) => Object.fromEntries(GROUPS.map((who) => [who, median(list.map((r) =>
        what(r, r.cpu[who] ?? 0)))]));
    return [{ name, per_second: spread(list.map((r) => r.per_second)),
              p50: median(list.map((r) => r.p50)), p99: median(list.map((r) => r.p99)),
              disk: median(list.map((r) => r.disk / r.took)), used: median(list.map((r) => r.used)), noisy: list.filter((r) => r.noisy).length,
              cost: of_group((r, cpu) => 1e6 * cpu / r.sent), busy: of_group((r, cpu) => cpu / r.took) }];
}

// bars: {name: ['least' | 'most', bar]}; all: the figures of each round by those names. What was
// measured in no round is left out.
export function judged(bars, all) {
    const results = [], missed = [];
    for (const [name, [side, bar]] of Object.entries(bars)) {
        const list = all.map((r) => r[name]).filter((v) => typeof v === 'number');
        if (!list.length) continue;
        const found = spread(list);
        const met = side === 'least' ? found.median >= bar : found.median <= bar;
        results.push({ name, side, bar, ...found, met });
        if (!met) missed.push(`${name}: ${found.median.toFixed(3)}, the bar is ${bar}`);
    }
    return { results, missed };
}

const whole = (v) => Math.round(v).toLocaleString('en-US');
const line = (cells) => console.log(cells[0].padEnd(44) + cells.slice(1).map((c, i) =>
    String(c).padStart(i === 0 ? 24 : 9)).join(''));

// CPU: percent of the machine that all had together, then microseconds of each group for one, and what
// was read from the disk.
export function print_figures(report, unit, about) {
    console.log(`\n${about}, ${report.seconds} s a window; ${report.rejected}` +
        ` noisy windows rejected, ${report.noisy} kept and marked *; median (range)`);
    line(['', unit, 'p50 ms', 'p99 ms', 'CPU %', 'µs pg', 'µs serv', 'µs gen', 'MB/s']);
    for (const f of report.figures)
        line([f.name + (f.noisy ? ' *' : ''), `${whole(f.per_second.median)} (${
            whole(f.per_second.least)}–${whole(f.per_second.most)})`, f.p50.toFixed(2),
            f.p99.toFixed(2), whole(100 * f.used), ...GROUPS.map((who) => f.cost[who].toFixed(
                f.cost[who] < 20 ? 1 : 0)), (f.disk / 1e6).toFixed(0)]);
}

export function print_results(report) {
    for (const r of report.results)
        line([r.name, `${r.median.toFixed(2)} (${r.least.toFixed(2)}–${r.most.toFixed(2)})`,
            `${r.side === 'least' ? '≥' : '≤'} ${r.bar}`, r.met ? 'met' : 'MISSED']);
    for (const text of report.missed) console.log(`missed: ${text}`);
}
