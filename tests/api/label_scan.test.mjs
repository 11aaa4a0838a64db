// What `dossierpost label` draws is read back by programs that know nothing of ours: zbarimg reads
// the codes, poppler the PDF, Node's own crypto the signature.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { codes_in as scan, drawing, raster, text_of } from './drawn.mjs';
import { ROOT } from './service.mjs';

const { folder, draw, drawn } = drawing('label');

const NUMBER = 'RR123456785VN';
const FACTS = {
    number: NUMBER, leg: 'outward', piece: 1, pieces: 2, copy: 1, office: 11, weight_g: 80,
    printed_at: '2026-11-23T09:15:00+07:00',
    origin: { code: '46-B1', name: 'Bưu cục Thuận Hoá' },
    sender: { name: 'Nguyễn Thị Ánh Nguyệt', phone: '0912 345 789',
              address: 'Số 25, kiệt 8, đường Phan Bội Châu, phường Thuận Hoá, thành phố Huế' },
    recipient: { name: 'Bộ phận Một cửa phường Phú Xuân', address: '27 Lê Huân, thành phố Huế' },
    return_to: { name: 'Bưu cục Thuận Hoá', address: '8 Hoàng Hoa Thám' },
    routing: { postcode: '49110', hub: 'Trung tâm Khai thác Huế', office: 'Bưu cục Thành Nội' },
};

function assert_shipment(lines) {
    assert.equal(lines.length, 2, lines.join('\n'));
    assert.equal(lines[0], `CODE-128:${NUMBER}`);
    assert.match(lines[1], /^QR-Code:HTTPS:\/\/HOSO\.VN\/S\/[A-Z2-7]{128}$/);
    return lines[1].slice(-128);
}

for (const template of ['shipment', 'shipment-a6'])
    for (const dpi of [203, 300, 600])
        test(`${template} at ${dpi} dpi: both codes are read from PNG and from the printed PDF`, () => {
            const options = ['--template', template, '--dpi', String(dpi)];
            const code = assert_shipment(scan(drawn(FACTS, 'png', ...options)));
            const again = assert_shipment(scan(raster(drawn(FACTS, 'pdf', ...options), dpi)));
            assert.equal(again, code);
        });

for (const dpi of [203, 300, 600])
    test(`sticker at ${dpi} dpi: the short code opens tracking`, () => {
        const wanted = [`QR-Code:HTTPS://HOSO.VN/T/${NUMBER}`];
        const options = ['--template', 'sticker', '--dpi', String(dpi)];
        assert.deepEqual(scan(drawn(FACTS, 'png', ...options)), wanted);
        assert.deepEqual(scan(raster(drawn(FACTS, 'pdf', ...options), dpi)), wanted);
    });

// A second reading of label/code.h: base32, big endian, Ed25519 over the first 16 bytes.
test('the signed code says what the label says, and its signature holds', () => {
    const code = assert_shipment(scan(drawn({ ...FACTS, copy: 3 }, 'png')));
    let bits = '';
    for (const c of code)
        bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0');
    const raw = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
    assert.equal(raw.length, 80);
    assert.equal(raw[0], 1);
    assert.equal(raw.readUIntBE(9, 3), 11);
    assert.equal(raw.readUInt16BE(12) * 86400e3, Date.parse('2026-11-23'));
    assert.equal(raw[14], 3);
    assert.equal(raw[15], 0);

    const line = readFileSync(join(folder, 'state/keys/label.key'), 'utf8').trim().split(' ');
    const seed = Buffer.from(line[2], 'hex');
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    const key = createPublicKey({ key: der, format: 'der', type: 'pkcs8' });
    const open = Buffer.from(key.export({ format: 'jwk' }).x, 'base64url');
    assert.deepEqual(createHash('sha256').update(open).digest().subarray(0, 2), raw.subarray(1, 3));
    assert.equal(raw.subarray(1, 3).toString('hex'), line[0]);
    assert.ok(verify(null, raw.subarray(0, 16), key, raw.subarray(16)));
});

test('fonts are embedded and subset; a one-label PDF is small', () => {
    const pdf = drawn(FACTS, 'pdf');
    const fonts = execFileSync('pdffonts', [pdf], { encoding: 'utf8' }).trim().split('\n').slice(2);
    assert.ok(fonts.length > 0);
    for (const font of fonts) {
        assert.match(font, /^[A-Z]{6}\+NotoSans/);
        assert.match(font, /yes +yes +yes/); // embedded, subset, with a map to Unicode
    }
    assert.ok(readFileSync(pdf).length <= 24000, `${readFileSync(pdf).length} bytes`); // half of it with instructions for screens
});

test('the label tells what it must and nothing more', () => {
    const facts = { ...FACTS, copy: 2 };
    const text = text_of(drawn(facts, 'pdf'));
    for (const said of ['HỒ SƠ GỬI CƠ QUAN', 'RR 12345678 5 VN', 'Nguyễn Thị Ánh Nguyệt', '49110',
        'Bộ phận Một cửa phường Phú Xuân', 'Bưu cục Thành Nội', 'Trung tâm Khai thác Huế',
        'GIẤY TỜ QUAN TRỌNG, KHÔNG GẤP', '23/11/2026', 'Bưu cục Thuận Hoá (46-B1)', '1/2',
        'IN LẠI (2)', '*** *** 789', 'HOÀN TRẢ VỀ'])
        assert.ok(text.includes(said), `${said} is missing in\n${text}`);
    assert.doesNotMatch(text.replace(/\s/g, ''), /0912|345789/);
    assert.doesNotMatch(text_of(drawn(FACTS, 'pdf')), /IN LẠI/);
});

const HARD = {
    'a name of 500 letters': 'Nguyễn Thị Ánh Nguyệt '.repeat(23).slice(0, 500),
    'one word of 500 letters': 'Ẫ'.repeat(500),
    'markup': '<b>An</b> &amp; <tspan x="0">Bình</tspan>]]></text></svg>',
    'a printer\'s language': '^XA^FO50,50^A0N,80,80^FDxin^FS^XZ',
    'emoji': 'An 😀👨‍👩‍👧🇻🇳 Bình',
    'right to left': 'محمد بن عبد الله שלום',
    'marks piled up': `Z${'\u0301\u0302\u0303\u0309\u0323'.repeat(20)}`,
};
for (const [what, name] of Object.entries(HARD))
    test(`${what}: the label still scans, the text is only text`, () => {
        const facts = { ...FACTS, sender: { ...FACTS.sender, name, address: name },
                        recipient: { name, address: name } };
        assert_shipment(scan(drawn(facts, 'png')));
        const svg = readFileSync(drawn(facts, 'svg'), 'utf8');
        assert.doesNotMatch(svg, /tspan|\^XA|<b>|<text/);
        if (what === 'markup') assert.ok(text_of(drawn(facts, 'pdf')).includes('<b>An</b> &amp;'));
        if (what === 'a name of 500 letters') assert.match(text_of(drawn(facts, 'pdf')), /…/);
    });

test('what cannot be drawn is refused with a reason and leaves no file', () => {
    const broken = join(folder, 'broken.svg');
    writeFileSync(broken, '<svg xmlns="http://www.w3.org/2000/svg" width="50mm" height="30mm">\n' +
        '<image href="file:///etc/passwd"/></svg>');
    const rows = [
        [{ ...FACTS, number: 'RR123456786VN' }, [], 1, /S10/],
        [{ ...FACTS, leg: 'sideways' }, [], 1, /\/leg/],
        [{ ...FACTS, more: 1 }, [], 1, /\/more/],
        [{ ...FACTS, recipient: { name: 'a\u202eb' } }, [], 1, /\/recipient\/name/],
        ['{', [], 1, /JSON/],
        [FACTS, ['--template', 'nothing'], 1, /no template nothing/],
        [FACTS, ['--template', broken], 1, /broken\.svg:2: .*outside/],
        [FACTS, ['--dpi', '0'], 1, /203, 300 or 600/],
        [FACTS, ['--format', 'gif'], 2, /usage/],
        [FACTS, ['more.json'], 2, /usage/],
    ];
    for (const [facts, options, status, why] of rows) {
        const out = join(folder, 'never');
        const reply = draw(facts, '--out', out, ...options);
        assert.equal(reply.status, status, reply.stderr);
        assert.match(reply.stderr, why);
        assert.throws(() => readFileSync(out));
    }
});

test('a template of the designer\'s own needs no code', () => {
    const own = join(folder, 'own.svg');
    writeFileSync(own, readFileSync(join(ROOT, 'labels/sticker.svg'), 'utf8')
        .replace('id="leg"', 'id="recipient_name"'));
    assert.deepEqual(scan(drawn(FACTS, 'png', '--template', own)),
        [`QR-Code:HTTPS://HOSO.VN/T/${NUMBER}`]);
    assert.match(text_of(drawn(FACTS, 'pdf', '--template', own)), /Bộ phận Một/);
});
