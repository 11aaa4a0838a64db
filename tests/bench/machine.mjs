// What the machine did during a window: CPU seconds of each group of processes, of everybody else,
// and memory.
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
export const median = (list) => {
    const sorted = [...list].sort((a, b) => a - b), half = sorted.length >> 1;
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

// Fields of /proc/PID/stat behind the name: [1] is the parent, [11..14] the times in ticks.
function stat(pid) {
    try {
        const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return text.slice(text.lastIndexOf(')') + 2).split(' ').map(Number);
    } catch {
        return null;
    }
}

// Own time, that of children living, and of those that ended.
export function cpu_of(root) {
    const own = stat(root);
    if (!own) return 0;
    let ticks = own[11] + own[12] + own[13] + own[14];
    for (const name of readdirSync('/proc')) {
        const s = /^\d+$/.test(name) ? stat(name) : null;
        if (s && s[1] === root) ticks += s[11] + s[12] + s[13] + s[14];
    }
    return ticks / 100;
}

function machine_busy() {
    const t = readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/\s+/).slice(1).map(Number);
    return (t[0] + t[1] + t[2] + t[5] + t[6] + t[7]) / 100; // with what the host took away
}

// Bytes read from whole disks.
function disk_read() {
    return readFileSync('/proc/diskstats', 'utf8').split('\n').map((line) => line.trim().split(/\s+/))
        .filter(([, , name]) => /^(vd[a-z]|sd[a-z]|xvd[a-z]|nvme\d+n\d+)$/.test(name))
        .reduce((sum, row) => sum + 512 * Number(row[5]), 0);
}

export function rss(pid) {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(text)[1]) / 1024;
}

// Runs `work` and tells what it cost. groups: {name: pid}; `work` gives {result, cpu} with the CPU
// seconds of processes that have ended meanwhile. foreign: the part of the machine others had.
export async function watched(groups, work) {
    const before = Object.fromEntries(Object.entries(groups).map(([k, pid]) => [k, cpu_of(pid)]));
    const busy = machine_busy(), read = disk_read(), began = performance.now();
    const { result, cpu: ended } = await work();
    const seconds = (performance.now() - began) / 1000;
    const cpu = { ...ended };
    for (const [k, pid] of Object.entries(groups)) cpu[k] = cpu_of(pid) - before[k];
    const ours = Object.values(cpu).reduce((a, b) => a + b, 0);
    const foreign = Math.max(0, machine_busy() - busy - ours) / (seconds * cpus().length);
    return { ...result, cpu, foreign, took: seconds, disk: disk_read() - read,
             used: ours / (seconds * Math.min(2, cpus().length)) };
}

const NOISE = 0.08, TRIES = 3;

// quiet(name, load): the load again when others had too much of the machine; the last try stands,
// marked. any: every try stands. counts: {rejected, noisy} so far.
export function quiet_windows({ any, say }) {
    const counts = { rejected: 0, noisy: 0 };
    async function quiet(name, load) {
        for (let i = 1; ; i++) {
            const r = await load();
            const bad = r.foreign > NOISE;
            say(`${name}: ${Math.round(r.per_second)}/s, p50 ${r.p50.toFixed(2)}, p99 ${r.p99.toFixed(2)} ms` +
                `${bad ? `, others had ${Math.round(r.foreign * 100)} % of the machine` : ''}`);
            if (!bad || any || i === TRIES) {
                if (bad) counts.noisy++;
                return { ...r, noisy: bad };
            }
            counts.rejected++;
            await sleep(3000);
        }
    }
    return { quiet, counts };
}
