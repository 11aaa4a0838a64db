// What `dossierpost label` draws, and what programs that know nothing of ours read off it.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after } from 'node:test';
import { ROOT } from './service.mjs';

export const BIN = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');

// A folder of its own, gone after the tests: draw() tells how it ended, drawn() which file it made.
export function drawing(name) {
    const folder = mkdtempSync(join(tmpdir(), `dossierpost-${name}-`));
    after(() => rmSync(folder, { recursive: true, force: true }));
    function draw(facts, ...options) {
        const file = join(folder, 'facts.json');
        writeFileSync(file, typeof facts === 'string' ? facts : JSON.stringify(facts));
        return spawnSync(BIN, ['label', file, '--state-dir', join(folder, 'state'), '--public-url',
            'https://hoso.vn', ...options], { encoding: 'utf8', timeout: 60000 });
    }
    let count = 0;
    function drawn(facts, format, ...options) {
        const out = join(folder, `label-${++count}.${format}`);
        const { status, stderr } = draw(facts, '--format', format, '--out', out, ...options);
        assert.equal(status, 0, stderr);
        return out;
    }
    return { folder, draw, drawn };
}

// zbarimg's lines, sorted, without its complaint about a missing D-Bus.
export const codes_in = (image) => spawnSync('zbarimg', ['-q', '--nodbus', image], { encoding: 'utf8' }).stdout
    .trim().split('\n').filter(Boolean).sort();

export function raster(pdf, dpi) {
    const stem = pdf.replace(/\.pdf$/, `-${dpi}`);
    execFileSync('pdftoppm', ['-r', String(dpi), '-png', '-singlefile', pdf, stem]);
    return stem + '.png';
}

export const text_of = (pdf) => execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8' });
