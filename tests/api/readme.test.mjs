// What the README says to type, run as it is printed.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ROOT, service } from './service.mjs';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

test('the README\'s lines end with the delivered result, and with a log that is whole', async () => {
    const house = await service();
    const folder = mkdtempSync(join(tmpdir(), 'dossierpost-readme-'));
    try {
        symlinkSync(join(ROOT, 'dev'), join(folder, 'dev'));
        const script = [...README.matchAll(/```bash\n([^]*?)```/g)].map(([, block]) => block).join('');
        const env = { ...process.env, A: house.url, DOSSIERPOST_STATE_DIR: house.state };
        const { stdout } = await promisify(execFile)('bash', ['-euc', script], { cwd: folder, env });
        assert.equal(stdout.match(/"outcome": ?"recorded"/g)?.length, 4, stdout);
        assert.match(stdout, /Kết quả đã được trả/);
        assert.equal(readFileSync(join(folder, 'label.png')).subarray(1, 4).toString(), 'PNG');
        assert.equal(stdout.match(/^OK$/gm)?.length, 3, stdout);
        assert.match(stdout, /^0 differences$/m);
    } finally {
        rmSync(folder, { recursive: true });
        await house.stop();
    }
});
