// The README's journey by curl, run as it is printed.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ROOT, service } from './service.mjs';

test('the journey by curl in the README ends with the delivered result', async () => {
    const house = await service();
    const folder = mkdtempSync(join(tmpdir(), 'dossierpost-readme-'));
    try {
        const [, script] = /```bash\n([^]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'));
        const { stdout } = await promisify(execFile)('bash', ['-euc', script],
            { cwd: folder, env: { ...process.env, A: house.url } });
        assert.equal(stdout.match(/"outcome": ?"recorded"/g)?.length, 4, stdout);
        assert.match(stdout, /Kết quả đã được trả/);
        assert.equal(readFileSync(join(folder, 'label.png')).subarray(1, 4).toString(), 'PNG');
    } finally {
        rmSync(folder, { recursive: true });
        await house.stop();
    }
});
