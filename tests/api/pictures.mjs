// Small real pictures made by hand, and their sending in parts.
import { createHash, randomBytes } from 'node:crypto';
import * as zlib from 'node:zlib';

// (Node 18 has no zlib.crc32.)
const TABLE = Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n >>> 0;
});
const crc = zlib.crc32 ?? ((bytes) => {
    let c = 0xffffffff;
    for (const byte of bytes) c = TABLE[(c ^ byte) & 255] ^ (c >>> 8);
    return (c ^ 0xffffffff) >>> 0;
});

export function chunk(type, data = Buffer.alloc(0)) {
    const out = Buffer.alloc(12 + data.length);
    out.writeUInt32BE(data.length);
    out.write(type, 4, 'latin1');
    data.copy(out, 8);
    out.writeUInt32BE(crc(out.subarray(4, 8 + data.length)), 8 + data.length);
    return out;
}

export const PNG_MARK = Buffer.from('89504e470d0a1a0a', 'hex');

// A grey picture; `noise` makes it as long as it looks.
export function png(width = 8, height = 8, { noise = false, color = 128 } = {}) {
    const head = Buffer.alloc(13);
    head.writeUInt32BE(width);
    head.writeUInt32BE(height, 4);
    head[8] = 8;
    const rows = noise ? randomBytes((width + 1) * height) : Buffer.alloc((width + 1) * height, color);
    for (let y = 0; y < height; y++) rows[y * (width + 1)] = 0;
    return Buffer.concat([PNG_MARK, chunk('IHDR', head), chunk('IDAT', zlib.deflateSync(rows)), chunk('IEND')]);
}

// The frame of a JPEG with some entropy-coded bytes; what they show nobody looks at.
export function jpeg(width = 16, height = 16, bytes = 64) {
    const sof = Buffer.from([0xff, 0xc0, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0]);
    const sos = Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]);
    const body = randomBytes(bytes).map((byte) => (byte === 0xff ? 0xfe : byte));
    return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2]), sof, sos, body, Buffer.from([0xff, 0xd9])]);
}

export const pdf = (words = 'giay uy quyen') => Buffer.from(`%PDF-1.4\n% ${words}\ntrailer <<>>\n%%EOF\n`);
export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

export const PART = 262144;

export const put = (client, shipment, bytes, { kind = 'photo', offset = 0, part = PART, size = bytes.length,
    hash = sha256(bytes), ...options } = {}) => client.send('POST',
    `/v1/attachments?${new URLSearchParams({ shipment, sha256: hash, size, offset, kind })}`,
    { raw: bytes.subarray(offset, offset + part),
      headers: { 'content-type': 'application/octet-stream', ...options.headers } });

// The whole file; gives the last reply.
export async function send_file(client, shipment, bytes, options = {}) {
    let reply;
    for (let offset = 0; offset < bytes.length; offset += PART)
        reply = await put(client, shipment, bytes, { ...options, offset });
    return reply;
}

// To a shipment, a dossier or a draft: `place` is {dossier: code} and so on.
export const put_to = (client, place, bytes, { kind = 'document', offset = 0, part = PART, size = bytes.length,
    hash = sha256(bytes), document, media, ...options } = {}) => client.send('POST',
    `/v1/attachments?${new URLSearchParams({ ...place, sha256: hash, size, offset, kind, ...document && { document },
        ...media && { media } })}`,
    { raw: bytes.subarray(offset, offset + part),
      headers: { 'content-type': 'application/octet-stream', ...options.headers } });

export async function send_to(client, place, bytes, options = {}) {
    let reply;
    for (let offset = 0; offset < bytes.length; offset += PART) {
        reply = await put_to(client, place, bytes, { ...options, offset });
        if (reply.status >= 300) break;
    }
    return reply;
}
