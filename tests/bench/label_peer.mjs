// label_peer.mjs KIND SAMPLE < labels.jsonl: what draws labels in Node: pdfkit with qrcode, a page a
// document (pdf) or all in one (book); bwip-js, the QR code alone (qr). Prints {"labels", "seconds",
// "cpu", "bytes"}. Given to it: the text of each code, so it signs nothing, and the bars of the
// Code 128; the font files are read once.
import { readFileSync, writeFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import bwip from 'bwip-js/node';
import PDFDocument from 'pdfkit';
import QRCode from 'qrcode';

const [kind, sample] = process.argv.slice(2);
const labels = readFileSync(0, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const font = (weight) => readFileSync(`/usr/share/fonts/truetype/noto/NotoSans-${weight}.ttf`);
const FONTS = { plain: font('Regular'), bold: font('Bold') };
const MM = 72 / 25.4, DOT = MM / 8, QUIET = 4;

class Sink extends Writable {
    parts = [];
    bytes = 0;
    _write(part, _, done) {
        this.bytes += part.length;
        this.parts.push(part);
        done();
    }
}

function open(options) {
    const doc = new PDFDocument({ size: [100 * MM, 150 * MM], margin: 0, autoFirstPage: false, ...options });
    doc.registerFont('plain', FONTS.plain);
    doc.registerFont('bold', FONTS.bold);
    const sink = new Sink();
    return { doc, sink, done: new Promise((ended) => doc.pipe(sink).on('finish', ended)) };
}

// The same places and sizes as labels/shipment.svg.
function put(doc, text, x, y, width, height, size, bold, align = 'left') {
    if (text) doc.font(bold ? 'bold' : 'plain').fontSize(size * MM)
        .text(text, x * MM, y * MM, { width: width * MM, height: height * MM, align, ellipsis: true });
}

function line(doc, x, y, to) {
    doc.moveTo(x * MM, y * MM).lineTo(to * MM, y * MM).stroke();
}

function qr(doc, text) {
    const { modules } = QRCode.create([{ data: text, mode: 'alphanumeric' }], { errorCorrectionLevel: 'Q', version: 8 });
    const dots = Math.floor(43 * 8 / (modules.size + 2 * QUIET)), left = 52 * MM + QUIET * dots * DOT, top = 93.2 * MM + QUIET * dots * DOT;
    for (let y = 0; y < modules.size; y++)
        for (let x = 0, run; x < modules.size; x += run) {
            for (run = 1; x + run < modules.size && modules.get(y, x + run) === modules.get(y, x);) run++;
            if (modules.get(y, x)) doc.rect(left + x * dots * DOT, top + y * dots * DOT, run * dots * DOT, dots * DOT);
        }
    doc.fill('black');
}

function bars(doc, widths) {
    const all = widths.reduce((a, b) => a + b, 0), dots = Math.floor(92 * 8 / (all + 20));
    let x = 50 * MM - all * dots * DOT / 2;
    widths.forEach((width, i) => {
        if (i % 2 === 0) doc.rect(x, 16 * MM, width * dots * DOT, 16 * MM);
        x += width * dots * DOT;
    });
    doc.fill('black');
}

function page(doc, one) {
    const { facts } = one;
    doc.addPage();
    doc.lineWidth(0.5 * MM);
    put(doc, 'HỒ SƠ GỬI CƠ QUAN', 4, 3.4, 60, 6.6, 5, true);
    put(doc, 'Dossier to the agency', 4, 9.8, 60, 3.8, 2.8);
    put(doc, 'Bưu gửi bảo đảm', 65, 3.8, 31, 5.8, 3.5, true, 'right');
    put(doc, '23/11/2026', 65, 9.8, 31, 3.8, 3, false, 'right');
    line(doc, 4, 14.3, 96);
    bars(doc, one.bars);
    put(doc, one.groups, 4, 32.2, 92, 9, 6.6, true, 'center');
    line(doc, 4, 42, 96);
    line(doc, 4, 61.4, 96);
    doc.rect(4 * MM, 42 * MM, 39 * MM, 19.4 * MM).fill('black');
    doc.fillColor('white');
    put(doc, facts.routing.postcode, 5, 43.9, 37, 15.6, 12, true, 'center');
    doc.fillColor('black');
    put(doc, facts.routing.hub, 46, 42.8, 50, 8.4, 3.6);
    put(doc, facts.routing.office, 46, 51.4, 50, 9.4, 5, true);
    put(doc, 'NGƯỜI NHẬN · TO', 4, 63.4, 30, 4, 2.8, true);
    put(doc, facts.recipient.name, 4, 67.4, 92, 10.6, 5.8, true);
    put(doc, facts.recipient.address, 4, 78.2, 92, 13.8, 4.2);
    line(doc, 4, 92.6, 96);
    put(doc, 'NGƯỜI GỬI · FROM', 4, 94.6, 26, 4, 2.6, true);
    put(doc, '*** *** 789', 30, 94.4, 19, 3.8, 2.8, false, 'right');
    put(doc, facts.sender.name, 4, 98.4, 45, 4.6, 3.5, true);
    put(doc, facts.sender.address, 4, 103.2, 45, 11.6, 3);
    line(doc, 4, 115.6, 49);
    put(doc, 'HOÀN TRẢ VỀ · RETURN TO', 4, 116.6, 45, 4, 2.6, true);
    put(doc, `${facts.return_to.name}, ${facts.return_to.address}`, 4, 120.2, 45, 7.8, 2.9);
    line(doc, 4, 128.8, 49);
    put(doc, `${facts.origin.name} (${facts.origin.code})`, 4, 129.4, 45, 4.4, 3);
    put(doc, 'Kiện', 4, 135.2, 8, 4, 2.8);
    put(doc, '1/1', 10.6, 134.6, 8, 5, 3.6, true);
    put(doc, `${facts.weight_g} g`, 20, 134.8, 11, 5, 3.2);
    qr(doc, one.code);
    put(doc, one.link, 50, 136.2, 48, 3.4, 2.5, false, 'center');
    doc.rect(4 * MM, 140.2 * MM, 92 * MM, 6.2 * MM).fill('black');
    doc.fillColor('white');
    put(doc, 'GIẤY TỜ QUAN TRỌNG, KHÔNG GẤP', 4, 140.6, 92, 6, 4.1, true, 'center');
    doc.fillColor('black');
}

async function document_of(list) {
    const { doc, sink, done } = open();
    list.forEach((one) => page(doc, one));
    doc.end();
    await done;
    return sink;
}

const KINDS = {
    pdf: async () => {
        let bytes = 0, last;
        for (const one of labels) bytes += (last = await document_of([one])).bytes;
        return { bytes, last: Buffer.concat(last.parts) };
    },
    book: async () => {
        const sink = await document_of(labels);
        return { bytes: sink.bytes, last: Buffer.concat(sink.parts) };
    },
    // Of the size the QR has on the label at 203 dpi: 6 dots a module.
    qr: async () => {
        let bytes = 0, last;
        for (const one of labels)
            bytes += (last = await bwip.toBuffer({ bcid: 'qrcode', text: one.code, eclevel: 'Q', version: 8, scale: 6,
                paddingwidth: QUIET, paddingheight: QUIET, backgroundcolor: 'FFFFFF' })).length;
        return { bytes, last };
    },
};

const all = labels.splice(0);
labels.push(...all.slice(0, 20)); // warm
await KINDS[kind]();
labels.splice(0, 20, ...all);
const began = performance.now(), cpu = process.cpuUsage();
const { bytes, last } = await KINDS[kind]();
const used = process.cpuUsage(cpu);
writeFileSync(sample, last);
process.stdout.write(`${JSON.stringify({ labels: labels.length, seconds: (performance.now() - began) / 1000,
    cpu: (used.user + used.system) / 1e6, bytes })}\n`);
