// Adds up the results of the suites. count.mjs LOG… prints "N passed, N failed, N skipped".
// --brief LOG STATUS: the same for one log; --failures LOG: what failed, with its lines.
// A log is TAP (node:test, cmocka, our scripts), possibly quoted by meson ("stdout: …", "▶ 1/2 …").
import { readFileSync } from "node:fs";
import { basename } from "node:path";

const point = /^\s*(?:stdout: |\[\d+\/\d+\] |▶ [^:]*: )?(not ok|ok)\b(.*)$/;

function read(path) {
  const count = { passed: 0, failed: 0, skipped: 0, failures: [] };
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const found = point.exec(line);
    // Sub-tests are indented; only the outermost point of a node:test file would hide them, so the
    // innermost ones count and a point that has its own plan does not.
    if (!found) continue;
    const skip = /# (SKIP|TODO)/i.test(found[2]);
    if (found[1] === "not ok") {
      count.failed++;
      count.failures.push(line.trim());
    } else if (skip) count.skipped++;
    else count.passed++;
  }
  return count;
}

const told = (c) => `${c.passed} passed, ${c.failed} failed, ${c.skipped} skipped`;
const args = process.argv.slice(2);

if (args[0] === "--brief") {
  console.log(told(read(args[1])));
} else if (args[0] === "--failures") {
  const lines = readFileSync(args[1], "utf8").trimEnd().split("\n");
  console.log([...read(args[1]).failures, "… last lines:", ...lines.slice(-60)].join("\n"));
} else {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const path of args) {
    const count = read(path);
    const status = Number(readFileSync(path.replace(/\.log$/, ".status"), "utf8"));
    if (status !== 0 && count.failed === 0) {
      count.failed = 1;
      console.log(`${basename(path, ".log")} ended with status ${status}`);
    }
    for (const key of Object.keys(total)) total[key] += count[key];
  }
  console.log(told(total));
  process.exitCode = total.failed || !total.passed ? 1 : 0;
}
