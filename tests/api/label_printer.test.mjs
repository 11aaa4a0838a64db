// What printers are sent, read back by a decoder of its own (dots.mjs): the dots of the PNG, and
// nothing beside them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { crc_ccitt, of_escpos, of_png, of_tspl, of_zpl } from './dots.mjs';
import { ROOT } from './service.mjs';

const BIN = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
const folder = mkdtempSync(join(tmpdir(), 'dossierpost-printer-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const FACTS = {
    number: 'RR123456785VN', leg: 'outward', piece: 1, pieces: 2, copy: 1, office: 11, weight_g: 80,
    printed_at: '2026-11-23T09:15:00+07:00',
    origin: { code: '46-B1', name: 'Bưu cục Thuận Hoá' },
    sender: { name: 'Nguyễn Thị Ánh Nguyệt', phone: '0912 345 789',
              address: 'Số 25, kiệt 8, đường Phan Bội Châu, phường Thuận Hoá, thành phố Huế' },
    recipient: { name: 'Bộ phận Một cửa phường Phú Xuân', address: '27 Lê Huân, thành phố Huế' },
    return_to: { name: 'Bưu cục Thuận Hoá', address: '8 Hoàng Hoa Thám' },
    routing: { postcode: '49110', hub: 'Trung tâm Khai thác Huế', office: 'Bưu cục Thành Nội' },
};

function draw(facts, format, ...options) {
    const file = join(folder, 'facts.json'), out = join(folder, `label.${format}`);
    writeFileSync(file, JSON.stringify(facts));
    rmSync(out, { force: true });
    const { status, stderr } = spawnSync(BIN, ['label', file, '--state-dir', join(folder, 'state'),
        '--public-url', 'https://hoso.vn', '--format', format, '--out', out, ...options],
        { encoding: 'utf8', timeout: 60000 });
    return { status, stderr, bytes: status === 0 ? readFileSync(out) : null };
}

function drawn(...call) {
    const { status, stderr, bytes } = draw(...call);
    assert.equal(status, 0, stderr);
    return bytes;
}

test('the checksum is the one that others write', () => {
    assert.equal(crc_ccitt('eJw7b/P5PG0RAwONLQDbAQB3sYGX'), 0xEB2D);
});

// Bytes of ZPL at 203 dpi.
const LIMITS = { shipment: 18000, 'shipment-a6': 18000, sticker: 5000 };

for (const template of Object.keys(LIMITS))
    for (const dpi of [203, 300, 600])
        test(`${template} at ${dpi} dpi: ZPL and TSPL hold the dots of the PNG`, () => {
            const options = ['--template', template, '--dpi', String(dpi)];
            const wanted = of_png(drawn(FACTS, 'png', ...options));
            assert.ok(wanted.rows.some((row) => row.includes('1')));
            const zpl = drawn(FACTS, 'zpl', ...options), tspl = drawn(FACTS, 'tspl', ...options);
            assert.deepEqual(of_zpl(zpl), wanted);
            const { rows, height } = of_tspl(tspl, dpi);
            assert.equal(height, wanted.height);
            assert.deepEqual(rows.map((row) => row.slice(0, wanted.width)), wanted.rows);
            if (dpi === 203) assert.ok(zpl.length <= LIMITS[template], `${zpl.length} bytes`);
        });

for (const [template, dpi] of [['shipment', 203], ['shipment', 600], ['sticker', 203], ['sticker', 300]])
    test(`${template} at ${dpi} dpi: ESC/POS bands hold the dots of the PNG`, () => {
        const options = ['--template', template, '--dpi', String(dpi)];
        const wanted = of_png(drawn(FACTS, 'png', ...options));
        assert.deepEqual(of_escpos(drawn(FACTS, 'escpos', ...options), wanted.width), wanted);
    });

test('paper wider than the roll is refused for ESC/POS, not cut', () => {
    const { status, stderr } = draw(FACTS, 'escpos', '--template', 'shipment-a6');
    const a6 = /width="105mm"/.test(readFileSync(join(ROOT, 'labels/shipment-a6.svg'), 'utf8'));
    assert.ok(a6);
    assert.equal(status, 1);
    assert.match(stderr, /shipment-a6: escpos is for paper of at most 104 mm/);
});

const HOSTILE = ['^XA^FO50,50^A0N,80,80^FDxin^FS^XZ', '~JR~DGR:X.GRF,8,1,FFFFFFFFFFFFFFFF',
    '\\" \\r\\nPRINT 9,9 KILL "*"', '<svg onload="x"><image href="file:///etc/passwd"/></svg>',
    ']]></text></svg>', ':0000^FS^XZ^XA^PQ99^XZ'];

test('a name in a printer\'s language or in SVG changes dots and nothing else', () => {
    const tame = of_png(drawn(FACTS, 'png'));
    for (const name of HOSTILE) {
        const facts = { ...FACTS, sender: { ...FACTS.sender, name, address: name },
                        recipient: { name, address: name } };
        const wanted = of_png(drawn(facts, 'png')), shape = [wanted.width, wanted.height];
        assert.deepEqual(shape, [tame.width, tame.height]);
        assert.notDeepEqual(wanted.rows, tame.rows, name);
        assert.deepEqual(of_zpl(drawn(facts, 'zpl')), wanted, name);
        assert.deepEqual(of_tspl(drawn(facts, 'tspl'), 203), wanted, name);
        assert.deepEqual(of_escpos(drawn(facts, 'escpos'), wanted.width), wanted, name);
    }
});
