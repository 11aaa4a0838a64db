// The signed code on a shipment's label, read off its picture as a scanner reads it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { show } from './service.mjs';

export async function signed_code(clerk, number) {
    const label = await clerk.get(`/v1/labels/${number}.png?template=shipment&dpi=203`);
    if (label.status !== 200) throw new Error(show(label));
    const folder = mkdtempSync(join(tmpdir(), 'dossierpost-code-')), file = join(folder, 'label.png');
    writeFileSync(file, label.body);
    const { stdout } = spawnSync('zbarimg', ['-q', '--nodbus', '--raw', file], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    return stdout.split('\n').find((line) => /\/S\/[A-Z2-7]{128}$/.test(line));
}
