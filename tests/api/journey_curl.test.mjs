// The commands of the README, by bash and curl, against the real service.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { promisify } from 'node:util';
import { ROOT, service } from './service.mjs';

let house;
before(async () => { house = await service(); });
after(() => house.stop());

it('walks the whole journey by curl alone', async () => {
    const { stdout } = await promisify(execFile)(join(ROOT, 'tests/api/journey.sh'), [house.url],
        { timeout: 60000 });
    const scans = stdout.split('\n').filter((line) => /^(clerk|courier|hub) /.test(line));
    assert.equal(scans.length, 16, stdout);
    for (const line of scans) assert.match(line, /recorded, /);
    assert.match(scans.at(-1), /deliver .* recorded, delivered$/);
    assert.match(stdout, /^filed \d{4}-/m);
    assert.match(stdout, /^due \d{4}-/m);
    assert.match(stdout, /Đã trả kết quả|Kết quả đã được trả/);
});
