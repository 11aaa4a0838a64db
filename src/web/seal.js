// Whether a result on line is what was sealed: the PDF never leaves this device, its checksum is made here.
import { post } from './common/api.js';
import { sha256 } from './common/files.js';
import { time } from './common/format.js';
import { Frame } from './common/session.js';
import { Button, Field, html, mount, Trouble, Two, useAction, useState } from './common/ui.js';

const VERDICTS = {
    genuine: ['good', 'Đúng là tệp hệ thống này đã cấp, chưa bị sửa.', 'This is the file that was given here, unchanged.'],
    'other-file': ['bad', 'Chữ ký niêm phong là thật, nhưng của tệp khác, hoặc tệp PDF đã bị sửa.',
        'The seal is genuine, but of another file, or the PDF was changed.'],
    altered: ['bad', 'Chữ ký niêm phong đã bị sửa.', 'The seal was altered.'],
    'unknown-key': ['bad', 'Chữ ký niêm phong không phải của hệ thống này.', 'The seal was not made here.'],
    'revoked-key': ['bad', 'Khóa đã ký niêm phong không còn giá trị; xin hỏi cơ quan cấp kết quả.',
        'The key that sealed it does not count any more; please ask the agency.'],
};

async function read(file) {
    try {
        return JSON.parse(await file.text());
    } catch {
        return {};
    }
}

function Told({ told }) {
    const [tone, vi, en] = VERDICTS[told.verdict];
    return html`<div class=${`note ${told.superseded_by ? 'warn' : tone}`} role="status" data-verdict=${told.verdict}>
        <p><strong>${vi}</strong> <span class="en" lang="en">${en}</span></p>
        ${told.dossier && html`<p>Hồ sơ <span class="mono">${told.dossier}</span>, bản ${told.version}, ký niêm phong ${time(told.at)}.</p>`}
        ${told.superseded_by && html`<p><strong>Đã có bản ${told.superseded_by} thay bản này từ ${time(told.superseded_at)}.</strong>
            <span class="en" lang="en">It was superseded; ask for the newer version.</span></p>`}</div>`;
}

function Check() {
    const [files, set] = useState({});
    const [told, setTold] = useState(null);
    const { run, busy, problem } = useAction();
    const pick = (name) => (event) => {
        const [file] = event.target.files;
        set((old) => ({ ...old, [name]: file }));
        setTold(null);
    };
    const check = (event) => {
        event.preventDefault();
        run(async () => setTold(await post('/v1/results/verify',
            { seal: await read(files.seal), sha256: await sha256(files.pdf) })));
    };
    return html`<form class="card stack" onSubmit=${check}>
        <h1><${Two} vi="Kiểm tra kết quả điện tử" en="Check an electronic result" /></h1>
        <p>Chọn tệp PDF và chữ ký niêm phong đã tải cùng. Tệp PDF không rời máy của quý vị.
            <span class="en" lang="en">Choose the PDF and the seal that came with it. The PDF stays on your device.</span></p>
        <${Field} label="Tệp PDF" en="The PDF" at="/pdf" type="file" name="pdf" required accept="application/pdf" onChange=${pick('pdf')} />
        <${Field} label="Chữ ký niêm phong (.seal.json)" en="Its seal" at="/seal" type="file" name="seal" required
            accept="application/json,.json" onChange=${pick('seal')} />
        <${Trouble} problem=${problem} />
        ${told && html`<${Told} told=${told} />`}
        <div><${Button} main type="submit" busy=${busy} vi="Kiểm tra" en="Check" /></div></form>`;
}

mount(html`<${Frame} title="Hồ sơ qua bưu chính" en="Dossiers by post"><main class="page"><${Check} /></main></${Frame}>`);
