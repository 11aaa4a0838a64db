// What `dossierpost label` draws beside a shipment's label: sheets of several, bags, invitations,
// papers; and templates of the office's own. Read back by programs that know nothing of ours.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { codes_in as scan, drawing, raster, text_of } from './drawn.mjs';
import { ROOT } from './service.mjs';

const { folder, draw, drawn } = drawing('kinds');

const NUMBER = 'RR123456785VN', BAG = 'VNAAAGVNAAABAUN60012003010000';
const LINK = `QR-Code:HTTPS://HOSO.VN/T/${NUMBER}`;
const OFFICE = { name: 'Bưu cục Thuận Hoá', address: '8 Hoàng Hoa Thám, phường Thuận Hoá, thành phố Huế',
                 phone: '0234 3822 000' };
const FACTS = {
    shipment: {
        number: NUMBER, leg: 'outward', office: 11, weight_g: 80, printed_at: '2026-11-23T09:15:00+07:00',
        origin: { code: '46-B1', name: 'Bưu cục Thuận Hoá' }, sender: { name: 'Nguyễn Thị Ánh Nguyệt' },
        recipient: { name: 'Bộ phận Một cửa phường Phú Xuân', address: '27 Lê Huân, thành phố Huế' },
        routing: { postcode: '49110', hub: 'Trung tâm Khai thác Huế', office: 'Bưu cục Thành Nội' },
    },
    bag: {
        paper: 'bag', id: BAG, origin: { code: '46-B1', name: 'Bưu cục Thuận Hoá' },
        destination: { code: '46-B2', name: 'Bưu cục Thành Nội' }, year: 2026,
        routing: { postcode: '49110', hub: 'Trung tâm Khai thác Huế', office: 'Bưu cục Thành Nội' },
        made_at: '2026-11-27T09:00:00+07:00', seal: 'VNP 000203', weight_g: 12430, items: 25, highest: true,
    },
    invitation: {
        paper: 'invitation', number: NUMBER, attempt: 1, most: 2, invited_on: '2026-11-27', until: '2026-12-01',
        office: { code: '46-B1', ...OFFICE, hours: [{ from: '07:30', to: '11:30' }, { from: '13:30', to: '17:00' }] },
        sender: { name: 'Ủy ban nhân dân phường Phú Xuân' }, identity: true, old_papers: true,
        recipient: { name: 'Nguyễn Thị Ánh Nguyệt', address: '25 Phan Bội Châu, thành phố Huế', phone: '0912345789' },
    },
    dispatch_note: {
        paper: 'dispatch_note', code: '000.00.16.H57-261126-0001', number: NUMBER, service: 'both',
        accepted_at: '2026-11-26T08:15:00+07:00', office: OFFICE, clerk: 'Trần Văn Dũng',
        procedure: { code: '1.004873', name: 'Cấp Giấy xác nhận tình trạng hôn nhân' },
        sender: { name: 'Nguyễn Thị Ánh Nguyệt', address: '25 Phan Bội Châu, thành phố Huế', phone: '0912 345 789',
                  email: 'anh.nguyet@example.vn' },
        receiver: { name: 'Ủy ban nhân dân phường Phú Xuân', address: '27 Lê Huân', phone: '0234 3523 111' },
        documents: [{ name: 'Tờ khai', originals: 1, copies: 0 },
                    { name: 'Quyết định ly hôn', originals: 1, copies: 2, returned: true }],
        charges: [{ ledger: 'postage_out', name: 'Cước gửi hồ sơ', amount: 30000, paid: true },
                  { ledger: 'postage_return', name: 'Cước trả kết quả', amount: 31000 }],
        weight_g: 120, result_to: 'Phát tại địa chỉ',
    },
    handover_list: {
        paper: 'handover_list', id: '01930f2a-7b11-7c41-9f10-3f2a9c1077d1', state: 'open',
        created_at: '2026-11-26T08:15:00+07:00', giver: { name: 'Nguyễn Văn An', unit_name: 'Bưu cục Huế' },
        taker: { unit: '46-A1', unit_name: 'Một cửa Thuận Hoá' }, listed: { [NUMBER]: { originals: 1, copies: 2 } },
        items: [{ number: NUMBER, dossier: '000.00.16.H57-261126-0001', leg: 'outward' }, { number: BAG }],
    },
};
// What is read off each template, sorted.
const READ = {
    'shipment-a4': [`CODE-128:${NUMBER}`, /^QR-Code:HTTPS:\/\/HOSO\.VN\/S\/[A-Z2-7]{128}$/],
    bag: [`CODE-128:${BAG}`, `QR-Code:${BAG}`],
    invitation: [`CODE-128:${NUMBER}`, LINK],
    'invitation-a4': [`CODE-128:${NUMBER}`, LINK],
};
const kind_of = (template) => template.replace(/-a4$/, '');

const words_of = (pdf) => execFileSync('pdftotext', [pdf, '-'], { encoding: 'utf8' }).replace(/\s+/g, ' ');

function assert_read(lines, wanted) {
    assert.equal(lines.length, wanted.length, lines.join('\n'));
    wanted.forEach((one, i) => (one.test ? assert.match(lines[i], one) : assert.equal(lines[i], one)));
}

function assert_says(words, ...said) {
    for (const part of said) assert.ok(words.includes(part), `${part} is missing in\n${words}`);
}

for (const [template, wanted] of Object.entries(READ))
    for (const dpi of template === 'invitation-a4' ? [300] : [203, 300, 600])
        test(`${template} at ${dpi} dpi: its codes are read from PNG and from the printed PDF`, () => {
            const options = ['--template', template, '--dpi', String(dpi)], facts = FACTS[kind_of(template)];
            assert_read(scan(drawn(facts, 'png', ...options)), wanted);
            assert_read(scan(raster(drawn(facts, 'pdf', ...options), dpi)), wanted);
        });

for (const dpi of [203, 300, 600])
    test(`papers rasterised at ${dpi} dpi: their codes are read`, () => {
        assert_read(scan(raster(drawn(FACTS.dispatch_note, 'pdf'), dpi)), [`CODE-128:${NUMBER}`, LINK]);
        assert_read(scan(raster(drawn(FACTS.handover_list, 'pdf'), dpi)),
            [`QR-Code:HTTPS://HOSO.VN/G/${FACTS.handover_list.id.toUpperCase()}`]);
    });

test('pages have their size', () => {
    for (const [kind, template, size] of [['shipment', 'shipment-a4', /595\.\d+ x 841\.\d+/],
        ['bag', 'bag', /283\.\d+ x 425\.\d+/], ['invitation', 'invitation', /297\.\d+ x 419\.\d+/],
        ['dispatch_note', 'dispatch_note', /419\.\d+ x 595\.\d+/]])
        assert.match(execFileSync('pdfinfo', [drawn(FACTS[kind], 'pdf', '--template', template)], { encoding: 'utf8' }),
            size, template);
});

test('a bag\'s label says where it goes, and nothing of what is in it', () => {
    assert_says(words_of(drawn(FACTS.bag, 'pdf')), '49110', 'Bưu cục Thành Nội', '46-B2', 'Trung tâm Khai thác Huế',
        '0012/2026', '003', 'VNP 000203', '12,4 kg', '25 bưu gửi', 'BẢO ĐẢM', 'TÚI CUỐI CHUYẾN', '27/11/2026',
        'Bưu cục Thuận Hoá (46-B1)', 'VNAAAG VNAAAB A UN', '6 0012 003 0 1 0000');
    const plain = words_of(drawn({ ...FACTS.bag, id: BAG.slice(0, 24) + '00000', highest: false, seal: undefined,
        routing: { hub: 'Bưu cục Thành Nội' } }, 'pdf'));
    assert.doesNotMatch(plain, /BẢO ĐẢM|TÚI CUỐI|VNP/);
    assert.equal(plain.split('Bưu cục Thành Nội').length, 2, 'a hub is not named as its own');
});

test('an invitation says where, until when and with what; no telephone of the addressee', () => {
    const first = words_of(drawn(FACTS.invitation, 'pdf'));
    assert_says(first, 'GIẤY MỜI NHẬN BƯU GỬI', 'LẦN 1', 'First invitation', 'Nguyễn Thị Ánh Nguyệt', '01/12/2026',
        '27/11/2026', OFFICE.name, '07:30–11:30 và 13:30–17:00 các ngày làm', OFFICE.phone,
        'Ủy ban nhân dân phường Phú Xuân', 'Quá ngày này, bưu cục gửi giấy mời', 'Thẻ căn cước', 'giấy ủy quyền',
        'Bản chính giấy tờ cũ phải nộp lại');
    assert.doesNotMatch(first.replace(/\s/g, ''), /0912345|345789|\*\*\*789/);
    const last = words_of(drawn({ ...FACTS.invitation, attempt: 2, addressee_only: true, old_papers: false,
        office: { code: '46-B1', name: OFFICE.name } }, 'pdf'));
    assert_says(last, 'LẦN 2 · LẦN CUỐI', 'Last invitation', 'chuyển hoàn nơi gửi', 'Chỉ phát cho chính người');
    assert.doesNotMatch(last, /ủy quyền|giấy tờ cũ|làm việc/);
});

test('a dispatch note is the contract: parties, documents, price, what is compensated, signatures', () => {
    const words = words_of(drawn(FACTS.dispatch_note, 'pdf'));
    assert_says(words, 'PHIẾU GỬI HỒ SƠ', '000.00.16.H57-261126-0001', 'RR 12345678 5 VN', '0912 345 789',
        'anh.nguyet@example.vn', 'Cấp Giấy xác nhận tình trạng hôn nhân (1.004873)', 'Gửi hồ sơ và',
        '08:15 ngày 26/11/2026, tại Bưu cục Thuận Hoá; giao dịch viên Trần Văn Dũng',
        'Cộng: 2 bản chính, 2 bản sao.', 'Cước gửi hồ sơ: 30.000 đ (đã thu)', '61.000 đ',
        'Tiền mặt, đã thu 30.000 đ, còn 31.000 đ', 'chiều gửi 120.000 đ, chiều trả 124.000 đ', 'Khiếu nại trong 6 tháng',
        'NGƯỜI GỬI', 'GIAO DỊCH VIÊN', 'Trang 1/1');
    assert.match(text_of(drawn(FACTS.dispatch_note, 'pdf')), /\n *1 +Tờ khai +1 +–\n *2 +Quyết định ly hôn +1 +2 +Có\n/);
    const received = words_of(drawn({ ...FACTS.dispatch_note, number: undefined, service: 'receive', cancelled: true,
        charges: [] }, 'pdf'));
    assert_says(received, 'ĐÃ HỦY TIẾP NHẬN', 'Không thu tiền', 'Nhận kết quả');
    assert.doesNotMatch(received, /RR 12345678/);
});

test('a dispatch note of sixty documents goes on over pages', () => {
    const documents = Array.from({ length: 60 }, (_, i) => ({ name: `Giấy tờ ${i + 1}`, originals: 1, copies: 1 }));
    const pdf = drawn({ ...FACTS.dispatch_note, documents }, 'pdf');
    const pages = text_of(pdf).split('\f').slice(0, -1);
    assert.ok(pages.length >= 3 && pages.length <= 5, `${pages.length} pages`);
    pages.forEach((page, i) => assert.ok(page.includes(`Trang ${i + 1}/${pages.length}`)));
    for (const { name } of documents) assert.ok(words_of(pdf).includes(name), name);
    assert_says(words_of(pdf), 'Cộng: 60 bản chính, 60 bản sao.');
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
// The document with every name, address and free text replaced.
const with_names = (value, name) => Array.isArray(value) ? value.map((one) => with_names(one, name))
    : value && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([key, one]) =>
        [key, ['name', 'address', 'seal', 'clerk', 'result_to', 'note', 'hub', 'unit_name'].includes(key) && typeof one === 'string'
            ? name : with_names(one, name)])) : value;
for (const [what, name] of Object.entries(HARD))
    test(`${what} on every kind: the codes are read, the text is only text`, () => {
        for (const kind of ['bag', 'invitation']) {
            const facts = with_names(FACTS[kind], name);
            assert_read(scan(drawn(facts, 'png')), READ[kind]);
            assert.doesNotMatch(readFileSync(drawn(facts, 'svg'), 'utf8'), /tspan|\^XA|<b>|<text/);
            const zpl = readFileSync(drawn(facts, 'zpl'), 'latin1');
            assert.equal(zpl.match(/\^XA/g).length, 1, 'no command but our own');
        }
        for (const kind of ['dispatch_note', 'handover_list']) {
            const pdf = drawn(with_names(FACTS[kind], name), 'pdf');
            assert.ok(scan(raster(pdf, 300)).length >= 1, kind);
            if (what === 'markup') assert.ok(text_of(pdf).includes('<b>An</b> &amp;'), kind);
        }
    });

test('a name that is empty leaves its place empty; what is no number is written as it is', () => {
    // A name of what cannot be printed is empty too.
    const nobody = { ...FACTS.dispatch_note, office: { ...OFFICE, name: '' },
                     charges: [{ ...FACTS.dispatch_note.charges[0], name: '\u00ad' }] };
    assert.doesNotMatch(text_of(drawn(nobody, 'pdf')), /null/);
    const odd = 'RR123456789012345678ộ';
    const list = { ...FACTS.handover_list, items: [{ number: odd }, { number: NUMBER }] };
    const text = text_of(drawn(list, 'pdf')).replace(/\s/g, '');
    assert.ok(text.includes(odd) && text.includes(NUMBER), text);
});

test('what cannot be drawn is refused with a reason and leaves no file', () => {
    const bare = join(folder, 'bare.svg'), outside = join(folder, 'outside.svg'), cells = join(folder, 'cells.svg');
    const page = '<svg xmlns="http://www.w3.org/2000/svg" width="100mm" height="100mm">\n';
    writeFileSync(bare, readFileSync(join(ROOT, 'labels/bag.svg'), 'utf8').replace('id="number"', 'id="seal"'));
    const bandless = join(folder, 'bandless.svg'), boxless = join(folder, 'boxless.svg');
    writeFileSync(bandless, readFileSync(join(ROOT, 'labels/dispatch_note.svg'), 'utf8').replace('<g id="heading"', '<g'));
    writeFileSync(boxless, readFileSync(join(ROOT, 'labels/dispatch_note.svg'), 'utf8').replace('id="row-box"', 'id="row-bock"'));
    writeFileSync(outside, page + '<use href="file:///etc/passwd#x"/></svg>');
    writeFileSync(cells, page + '<rect id="cell-1" width="60mm" height="99mm"><title>shipment</title></rect></svg>');
    const rows = [
        [{ ...FACTS.bag, id: 'VNAAAGVNAAABAUN6001200301000X' }, [], /S9/],
        [{ ...FACTS.invitation, number: 'RR123456786VN' }, [], /S10/],
        [{ ...FACTS.dispatch_note, number: 'RR123456786VN' }, [], /S10/],
        [{ ...FACTS.bag, more: 1 }, [], /\/more/],
        [{ ...FACTS.bag, number: NUMBER }, [], /\/number/],
        [{ ...FACTS.invitation, recipient: { name: 'a\u202eb' } }, [], /\/recipient\/name/],
        [{ ...FACTS.dispatch_note, charges: [{ ledger: 'x', name: 'y', amount: 1 }] }, [], /\/charges\/0\/ledger/],
        [{ ...FACTS.bag, paper: 'banknote' }, [], /no paper "banknote"/],
        [FACTS.bag, ['--template', 'sticker'], /no template sticker of the kind bag/],
        [FACTS.shipment, ['--template', 'bag'], /no template bag of the kind shipment/],
        [FACTS.bag, ['--template', bare], /bare\.svg:\d+: there is no text with the id "number"/],
        [FACTS.dispatch_note, ['--template', bandless], /bandless\.svg:\d+: .*caption|there is no band "heading"/],
        [FACTS.dispatch_note, ['--template', boxless], /boxless\.svg:\d+: #row-box is asked for, and is not a rectangle/],
        [FACTS.bag, ['--template', outside], /outside\.svg:2: .*outside/],
        [FACTS.shipment, ['--template', cells], /cells\.svg:2: cell-1 is smaller than "shipment"/],
        [FACTS.invitation, ['--template', cells], /cells\.svg:2: cell-1: there is no template "shipment" of the kind invitation/],
        [FACTS.dispatch_note, ['--format', 'png'], /drawn as PDF/],
        ['[1]', [], /JSON|object/],
    ];
    for (const [facts, options, why] of rows) {
        const out = join(folder, 'never');
        const reply = draw(facts, '--out', out, ...options);
        assert.equal(reply.status, 1, reply.stderr);
        assert.match(reply.stderr, why);
        assert.throws(() => readFileSync(out));
    }
});

test('many of a kind in one file: sheets are filled, bags follow each other, kinds are not mixed', () => {
    const numbers = ['RR000000005VN', 'RR000000014VN', 'RR000000028VN', 'RR000000031VN', 'RR000000045VN'];
    const four = drawn(numbers.map((number) => ({ ...FACTS.shipment, number })), 'pdf', '--template', 'shipment-a4');
    const pages = text_of(four).split('\f').slice(0, -1);
    assert.equal(pages.length, 2);
    assert.deepEqual(scan(raster(four, 300)).filter((line) => /CODE-128/.test(line)),
        numbers.slice(0, 4).map((number) => `CODE-128:${number}`));
    assert.match(pages[1], /RR 00000004 5 VN/);

    const ids = ['001', '002', '003'].map((n) => `${BAG.slice(0, 20)}${n}${BAG.slice(23)}`);
    const bags = drawn(ids.map((id) => ({ ...FACTS.bag, id })), 'pdf');
    assert.equal(text_of(bags).split('\f').length - 1, 3);

    const mixed = draw([FACTS.bag, FACTS.invitation], '--out', join(folder, 'mixed.pdf'));
    assert.equal(mixed.status, 1);
    assert.match(mixed.stderr, new RegExp(`label 2, ${NUMBER}: it is not of the kind bag, as the first is`));
    const papers = draw([FACTS.dispatch_note, FACTS.dispatch_note], '--out', join(folder, 'never.pdf'));
    assert.equal(papers.status, 1);
    assert.match(papers.stderr, /a file for each paper/);
});

// --- templates of the office's own ---------------------------------------------------------------

const ours = (name) => readFileSync(join(ROOT, `labels/${name}.svg`), 'utf8');

test('a template of the designer\'s own needs no code, of any kind', () => {
    const own = (name, change) => {
        const path = join(folder, `own-${name}.svg`);
        writeFileSync(path, change(ours(name)));
        return path;
    };
    const bag = own('bag', (svg) => svg.replace('TÚI THƯ · BAG', 'TÚI CỦA TÔI'));
    assert.match(text_of(drawn(FACTS.bag, 'pdf', '--template', bag)), /TÚI CỦA TÔI/);
    const note = own('dispatch_note', (svg) => svg.replace(/Điều khoản: [^<]+/, 'Điều khoản của riêng bưu cục này.'));
    assert.match(text_of(drawn(FACTS.dispatch_note, 'pdf', '--template', note)), /riêng bưu cục này/);
    // Two on a sheet of A4, and both a label of ours: an imposition is a drawing.
    const two = own('shipment-a4', (svg) => svg.replace(/\s*<rect id="cell-[34]".*/g, ''));
    assert_read(scan(drawn(FACTS.shipment, 'png', '--template', two)), READ['shipment-a4']);
});

test('the office\'s folder goes before the program\'s templates; what is broken is told and left out', () => {
    const mine = join(folder, 'templates'), options = ['--label-templates', mine];
    mkdirSync(mine);
    writeFileSync(join(mine, 'bag.svg'), ours('bag').replace('TÚI THƯ · BAG', 'TÚI CỦA TÔI'));
    writeFileSync(join(mine, 'bag-small.svg'), ours('bag').replace('TÚI THƯ · BAG', 'TÚI NHỎ'));
    writeFileSync(join(mine, 'invitation.svg'), ours('invitation').replace('id="until"', 'id="untill"'));
    writeFileSync(join(mine, 'sticker.svg'), '<svg');
    writeFileSync(join(mine, 'huge.svg'), 'x'.repeat(300000));
    // Larger than the cells of our own A4 sheet: it would break that.
    writeFileSync(join(mine, 'shipment-a6.svg'), ours('shipment-a6').replace('width="105mm" height="148mm"', 'width="210mm" height="296mm"'));
    writeFileSync(join(mine, 'two.svg'), ours('shipment-a4').replace(/\s*<rect id="cell-[34]".*/g, '').replaceAll('shipment-a6', 'half'));
    writeFileSync(join(mine, 'half.svg'), ours('shipment-a6'));
    copyFileSync(join(ROOT, 'labels/README.md'), join(mine, 'README.md'));
    mkdirSync(join(mine, 'old.svg'));

    const reply = draw(FACTS.bag, ...options, '--out', join(folder, 'mine.pdf'));
    assert.equal(reply.status, 0, reply.stderr);
    assert.match(text_of(join(folder, 'mine.pdf')), /TÚI CỦA TÔI/);
    assert.match(reply.stderr, /invitation\.svg:\d+: the text's id "untill" is not a field of a label; the built-in one is used/);
    assert.match(reply.stderr, /sticker\.svg:1: not well-formed.*; the built-in one is used/);
    assert.match(reply.stderr, /huge\.svg:0: .*262144 bytes; it is left out/);
    assert.match(reply.stderr, /shipment-a6\.svg:\d+: .*shipment-a4, line \d+: cell-1 is smaller.*; the built-in one is used/);
    assert.match(reply.stderr, /old\.svg:0: .*; it is left out/);
    assert.match(text_of(drawn(FACTS.bag, 'pdf', ...options, '--template', 'bag-small')), /TÚI NHỎ/);
    assert.match(text_of(drawn(FACTS.invitation, 'pdf', ...options)), /01\/12\/2026/);
    assert_read(scan(drawn(FACTS.shipment, 'png', ...options, '--template', 'shipment-a4')), READ['shipment-a4']);
    assert_read(scan(drawn(FACTS.shipment, 'png', ...options, '--template', 'two')), READ['shipment-a4']);
    assert.match(draw(FACTS.bag, '--label-templates', join(folder, 'nowhere'), '--out', join(folder, 'mine.pdf')).stderr,
        /label\.templates .*nowhere: No such file/);
});

test('the README of the templates tells every field', () => {
    const told = readFileSync(join(ROOT, 'labels/README.md'), 'utf8');
    for (const header of ['facts', 'bag', 'invitation', 'dispatch_note'])
        for (const [, field] of readFileSync(join(ROOT, `src/label/${header}.h`), 'utf8').matchAll(/FIELD\((\w+),\s+"/g))
            assert.ok(told.includes(`\`${field}\``), `${field} of ${header}`);
});
