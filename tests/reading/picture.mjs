// A grey picture in memory and what a camera, a thumb or a scratch do to it. White is 255.
import { readFileSync, writeFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';

export class Picture {
    constructor(width, height, grey = new Uint8Array(width * height).fill(255)) {
        Object.assign(this, { width, height, grey });
    }

    copy() {
        return new Picture(this.width, this.height, this.grey.slice());
    }

    // Of what lies outside, nothing.
    at(x, y) {
        return x < 0 || y < 0 || x >= this.width || y >= this.height ? 255 : this.grey[y * this.width + x];
    }

    // A binary PGM, which both readers take.
    save(file) {
        writeFileSync(file, Buffer.concat([Buffer.from(`P5\n${this.width} ${this.height}\n255\n`), this.grey]));
        return file;
    }

    crop(left, top, width, height) {
        const out = new Picture(width, height);
        for (let y = 0; y < height; y++)
            for (let x = 0; x < width; x++) out.grey[y * width + x] = this.at(left + x, top + y);
        return out;
    }

    // Columns as rows.
    transposed() {
        const out = new Picture(this.height, this.width);
        for (let y = 0; y < this.height; y++)
            for (let x = 0; x < this.width; x++) out.grey[x * this.height + y] = this.grey[y * this.width + x];
        return out;
    }

    // A white square; its border may cut through dots, which then get the shade that is left.
    whiten(left, top, side) {
        const part = (from, dot) => Math.max(0, Math.min(dot + 1, from + side) - Math.max(dot, from));
        for (let y = Math.max(0, Math.floor(top)); y < Math.min(this.height, top + side); y++)
            for (let x = Math.max(0, Math.floor(left)); x < Math.min(this.width, left + side); x++) {
                const i = y * this.width + x, covered = part(left, x) * part(top, y);
                this.grey[i] = Math.round(this.grey[i] + (255 - this.grey[i]) * covered);
            }
        return this;
    }

    // Turned about its middle on a white ground that holds all of it: the area of each new dot is
    // sampled four times, each sample mixed from the four dots around it.
    turned(degrees) {
        const c = Math.cos(degrees * Math.PI / 180), s = Math.sin(degrees * Math.PI / 180);
        const width = Math.ceil(Math.abs(this.width * c) + Math.abs(this.height * s));
        const height = Math.ceil(Math.abs(this.width * s) + Math.abs(this.height * c));
        const out = new Picture(width, height), left = this.width / 2 - 0.5, top = this.height / 2 - 0.5;
        for (let y = 0, i = 0; y < height; y++)
            for (let x = 0; x < width; x++, i++) {
                let sum = 0;
                for (let k = 0; k < 4; k++) {
                    const dx = x + (k & 1 ? 0.75 : 0.25) - width / 2, dy = y + (k & 2 ? 0.75 : 0.25) - height / 2;
                    sum += this.mixed(dx * c + dy * s + left, dy * c - dx * s + top);
                }
                out.grey[i] = Math.round(sum / 4);
            }
        return out;
    }

    mixed(x, y) {
        if (x < -1 || y < -1 || x > this.width || y > this.height) return 255;
        const left = Math.floor(x), top = Math.floor(y), u = x - left, v = y - top;
        if (left < 0 || top < 0 || left + 1 >= this.width || top + 1 >= this.height)
            return (this.at(left, top) * (1 - u) + this.at(left + 1, top) * u) * (1 - v)
                + (this.at(left, top + 1) * (1 - u) + this.at(left + 1, top + 1) * u) * v;
        const i = top * this.width + left, below = i + this.width, { grey } = this;
        return (grey[i] * (1 - u) + grey[i + 1] * u) * (1 - v) + (grey[below] * (1 - u) + grey[below + 1] * u) * v;
    }

    // By a Gaussian of that many dots, along the rows and then along the columns.
    blurred(sigma) {
        const reach = Math.ceil(sigma * 3);
        const weights = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)));
        const sum = weights.reduce((a, b) => a + b);
        const along = (from, dx, dy) => {
            const out = new Picture(this.width, this.height);
            for (let y = 0, i = 0; y < this.height; y++)
                for (let x = 0; x < this.width; x++, i++) {
                    let shade = 0;
                    for (let k = -reach; k <= reach; k++) shade += weights[k + reach] * from.at(x + k * dx, y + k * dy);
                    out.grey[i] = Math.round(shade / sum);
                }
            return out;
        };
        return along(along(this, 1, 0), 0, 1);
    }
}

// Rows of one bit a dot, in which `white` is the bit of paper.
function from_bits(width, height, rows, stride, skip, white) {
    const out = new Picture(width, height);
    for (let y = 0, i = 0; y < height; y++)
        for (let x = 0, at = y * stride + skip; x < width; x++, i++)
            out.grey[i] = (rows[at + (x >> 3)] >> (7 - (x & 7)) & 1) === white ? 255 : 0;
    return out;
}

// A binary PBM as pdftoppm writes it.
export function read_pbm(file) {
    const bytes = readFileSync(file), head = /^P4\s+(\d+)\s+(\d+)\s/.exec(bytes.toString('latin1', 0, 64));
    const width = Number(head[1]), height = Number(head[2]);
    return from_bits(width, height, bytes.subarray(head[0].length), Math.ceil(width / 8), 0, 0);
}

// Of the one kind of PNG the program writes: one bit, no filter, one picture.
export function read_png(file) {
    const bytes = readFileSync(file), data = [];
    const width = bytes.readUInt32BE(16), height = bytes.readUInt32BE(20);
    if (bytes[24] !== 1 || bytes[25] !== 0) throw new Error(`${file}: not one bit a dot`);
    for (let at = 8, size; at < bytes.length; at += 12 + size) {
        size = bytes.readUInt32BE(at);
        if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(bytes.subarray(at + 8, at + 8 + size));
    }
    const rows = inflateSync(Buffer.concat(data)), stride = Math.ceil(width / 8) + 1;
    for (let y = 0; y < height; y++)
        if (rows[y * stride]) throw new Error(`${file}: a filtered row`);
    return from_bits(width, height, rows, stride, 1, 1);
}
