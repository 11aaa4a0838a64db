// Adds up the results of the suites, each a log of flat TAP.
//   count.mjs LOG…            prints "N passed, N failed, N skipped"; exit status 1 when any failed
//   count.mjs --brief LOG     the same for one log, exit status 0
//   count.mjs --failures LOG  the points that failed, with the comments behind them
//   count.mjs --meson LOG     turns meson's testlog.json into flat TAP
import { readFileSync } from 'node:fs';

const point = /^(not ok|ok)\b(?: \d+)?(?: - )?(.*)$/;

function read(path) {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const line of readFileSync(path, 'utf8').split('\n')) {
        const found = point.exec(line);
        if (!found) continue;
        const skipped = /# (SKIP|TODO)/i.test(found[2]);
        count[found[1] === 'not ok' ? 'failed' : skipped ? 'skipped' : 'passed']++;
    }
    return count;
}

const told = (count) => `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`;

function failures(path) {
    let inside = false;
    for (const line of readFileSync(path, 'utf8').split('\n')) {
        if (point.test(line)) inside = line.startsWith('not ok');
        if (inside || !/^(ok|#|1\.\.|TAP)/.test(line)) console.log(line);
    }
}

function flatten(path) {
    for (const text of readFileSync(path, 'utf8').split('\n').filter(Boolean)) {
        const test = JSON.parse(text);
        const points = (test.stdout ?? '').split('\n').map((line) => point.exec(line)).filter(Boolean);
        for (const [, ok, name] of points) console.log(`${ok} - ${test.name}: ${name}`);
        const failed = points.some(([, ok]) => ok !== 'ok');
        if (test.result === 'OK' || test.result === 'SKIP') continue;
        if (!failed) console.log(`not ok - ${test.name}: ${test.result}, status ${test.returncode}`);
        for (const line of `${test.stdout ?? ''}\n${test.stderr ?? ''}`.split('\n'))
            if (line) console.log(`# ${line}`);
    }
}

const [what, ...rest] = process.argv.slice(2);
if (what === '--brief') console.log(told(read(rest[0])));
else if (what === '--failures') failures(rest[0]);
else if (what === '--meson') flatten(rest[0]);
else {
    const total = { passed: 0, failed: 0, skipped: 0 };
    for (const log of [what, ...rest])
        for (const [key, value] of Object.entries(read(log))) total[key] += value;
    console.log(told(total));
    process.exitCode = total.failed || !total.passed ? 1 : 0;
}
