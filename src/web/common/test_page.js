// The test page: print it, scan its codes back, measure its ruler; the page says whether the printer
// prints as it was described.
import { post } from './api.js';
import { Job } from './job.js';
import { Button, Field, html, Trouble, Two, useAction, useRef, useState } from './ui.js';

const comma = (number) => String(number).replace('.', ',');

function Verdict({ told }) {
    const { qr, code128 } = told.good;
    const sizes = (list) => (list.length ? `đọc được ${list.join(', ')} chấm` : 'chưa đọc mã nào');
    return html`<div class=${`note ${qr && told.size?.right !== false ? 'good' : 'warn'}`} role="status" data-test-good=${String(qr)}>
        <p>QR: <strong>${qr ? 'đạt' : 'chưa đạt'}</strong>, ${sizes(told.read.qr)}. Mã vạch: <strong>${code128 ? 'đạt' : 'chưa đạt'}</strong>,${' '}
            ${sizes(told.read.code128)}. Nhãn dùng từ ${told.needed} chấm trở lên.
            <span class="en" lang="en">Labels use ${told.needed} dots or more.</span></p>
        ${told.size && html`<p>${told.size.right ? 'Kích thước đúng.'
            : told.size.dpi ? `Kích thước sai: có lẽ đây là máy in ${told.size.dpi} dpi, không phải ${told.dpi} dpi.`
                : 'Kích thước sai: máy in hoặc hàng đợi đang phóng to, thu nhỏ bản in.'}
            <span class="en" lang="en">${told.size.right ? 'The size is right.' : 'The size is wrong.'}</span></p>`}</div>`;
}

export function TestPage({ printer, onPrint }) {
    const [job, setJob] = useState(null);
    const [code, setCode] = useState('');
    const [ruler, setRuler] = useState('');
    const [told, setTold] = useState(null);
    const field = useRef(null);
    const { run, busy, problem } = useAction();
    const print = () => run(async () => {
        setTold(null);
        setJob((await post(`/v1/printers/${printer.id}/test`)).id);
        onPrint();
    });
    const scan = (e) => {
        e.preventDefault();
        const tenths = Math.round(Number(ruler.replace(',', '.')) * 10);
        run(async () => {
            setTold(await post(`/v1/printers/${printer.id}/test/scan`, { code: code.trim(), ...(tenths ? { measured_tenths: tenths } : {}) }));
            setCode('');
            field.current?.querySelector('[name=test-code]')?.focus();
        });
    };
    return html`<section class="stack tight"><h3><${Two} vi="Trang in thử" en="Test page" /></h3>
        <div class="row"><${Button} busy=${busy} vi="In trang thử" en="Print it" onClick=${print} /></div>
        ${job && html`<${Job} key=${job} id=${job} />`}
        <form class="stack tight" onSubmit=${scan} ref=${field}>
            <div class="fields"><${Field} label="Quét mã trên trang thử" en="Scan a code of it" at="/code" problem=${problem} name="test-code"
                    required maxlength="40" value=${code} onInput=${(e) => setCode(e.target.value)} />
                <${Field} label="Thước 40 mm đo được, mm" en="The ruler of 40 mm measures" at="/measured_tenths" problem=${problem}
                    name="test-ruler" inputmode="decimal" placeholder=${comma('40.0')} value=${ruler} onInput=${(e) => setRuler(e.target.value)} /></div>
            <div class="row"><${Button} type="submit" busy=${busy} vi="Kiểm tra" en="Check" /></div></form>
        <${Trouble} problem=${problem} fields=${['/code', '/measured_tenths']} />
        ${told && html`<${Verdict} told=${told} />`}</section>`;
}
