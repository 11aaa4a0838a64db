// Pictures of dots read out of what printers are sent, by rules written down here a second time:
// each gives {width, height, rows}, rows of bits with 1 for ink, and refuses what it does not know.
import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';

// The widest picture's spare bits at the end of a row must be white.
function picture(width, height, stride, bytes) {
    assert.equal(stride, Math.ceil(width / 8));
    assert.equal(bytes.length, stride * height);
    const rows = [];
    for (let y = 0; y < height; y++) {
        let row = '';
        for (const byte of bytes.subarray(y * stride, (y + 1) * stride))
            row += byte.toString(2).padStart(8, '0');
        assert.doesNotMatch(row.slice(width), /1/);
        rows.push(row.slice(0, width));
    }
    return { width, height, rows };
}

const inverted = (bytes) => Buffer.from(bytes.map((byte) => ~byte & 255));

// 1-bit greyscale without filters, as a label's is.
export function of_png(file) {
    const width = file.readUInt32BE(16), height = file.readUInt32BE(20), parts = [];
    assert.deepEqual([...file.subarray(24, 29)], [1, 0, 0, 0, 0]);
    for (let at = 8; at < file.length;) {
        const size = file.readUInt32BE(at);
        if (file.toString('latin1', at + 4, at + 8) === 'IDAT')
            parts.push(file.subarray(at + 8, at + 8 + size));
        at += size + 12;
    }
    const all = inflateSync(Buffer.concat(parts)), stride = Math.ceil(width / 8), rows = [];
    for (let y = 0; y < height; y++) {
        assert.equal(all[y * (stride + 1)], 0);
        rows.push(inverted(all.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1))));
    }
    const spare = 255 << (stride * 8 - width) & 255;
    for (const row of rows) row[stride - 1] &= spare;
    return picture(width, height, stride, Buffer.concat(rows));
}

export function crc_ccitt(text) {
    let crc = 0;
    for (const byte of Buffer.from(text, 'latin1'))
        for (let bit = 7; bit >= 0; bit--) {
            const carry = (crc >> 15 ^ byte >> bit) & 1;
            crc = (crc << 1 & 0xffff) ^ (carry ? 0x1021 : 0);
        }
    return crc;
}

// Every byte of the stream is accounted for: there is no room for anything but the graphic.
const ZPL = new RegExp('^\\^XA\\n\\^PW(\\d+)\\n\\^LL(\\d+)\\n\\^LH0,0\\n\\^LS0\\n\\^FO0,0\\^GFA,(\\d+),' +
    '(\\d+),(\\d+),:Z64:([A-Za-z0-9+/]+=*):([0-9A-F]{4})\\^FS\\n\\^PQ1,0,1,N\\n\\^XZ\\n$');

export function of_zpl(file) {
    const found = ZPL.exec(file.toString('latin1'));
    assert.ok(found, file.subarray(0, 120).toString('latin1'));
    const [width, height, size, field, stride] = found.slice(1, 6).map(Number);
    assert.equal(crc_ccitt(found[6]), Number.parseInt(found[7], 16));
    const bytes = inflateSync(Buffer.from(found[6], 'base64'));
    assert.deepEqual([size, field], [bytes.length, bytes.length]);
    return picture(width, height, stride, bytes);
}

const TSPL = new RegExp('^SIZE ([\\d.]+) mm,([\\d.]+) mm\\r\\nGAP 3 mm,0 mm\\r\\nDIRECTION 0\\r\\n' +
    'REFERENCE 0,0\\r\\nCLS\\r\\nBITMAP 0,0,(\\d+),(\\d+),0,');

export function of_tspl(file, dpi) {
    const found = TSPL.exec(file.toString('latin1', 0, 200));
    assert.ok(found, file.subarray(0, 120).toString('latin1'));
    const [width, height, stride, rows] = found.slice(1).map(Number), dots = dpi === 203 ? 8 : dpi / 25.4;
    const end = found[0].length + stride * rows;
    assert.ok(Math.abs(height * dots - rows) <= dots / 10, found[0]);
    assert.equal(file.toString('latin1', end), '\r\nPRINT 1,1\r\n');
    const bytes = inverted(file.subarray(found[0].length, end));
    const wide = Math.min(Math.round(width * dots), stride * 8);
    return picture(wide, rows, stride, bytes);
}

// `width` is only known in bytes here.
export function of_escpos(file, width) {
    const bands = [];
    let at = 2, height = 0, stride = 0;
    assert.equal(file.toString('latin1', 0, 2), '\x1b@');
    while (file.toString('latin1', at, at + 4) === '\x1dv0\0') {
        const rows = file.readUInt16LE(at + 6), size = file.readUInt16LE(at + 4) * rows;
        stride ||= file.readUInt16LE(at + 4);
        assert.equal(file.readUInt16LE(at + 4), stride);
        assert.ok(rows > 0 && size <= 4096 - 8, `a band of ${size} bytes`);
        bands.push(file.subarray(at + 8, at + 8 + size));
        at += 8 + size;
        height += rows;
    }
    assert.equal(file.toString('latin1', at), '\x1dVB\0');
    return picture(width, height, stride, Buffer.concat(bands));
}
