// Prints a label through the browser: the PDF is loaded into a hidden frame of the same origin and
// printed from there. (A queue on the office's own printer is asked for by POST /v1/labels/print.)
import { label } from '../common/model.js';

export async function print_label(number) {
    document.getElementById('print-frame')?.remove();
    const reply = await fetch(label(number, 'pdf'));
    if (!reply.ok) throw new Error('Không tạo được nhãn. · The label could not be made.');
    const frame = document.createElement('iframe');
    frame.id = 'print-frame';
    frame.hidden = true;
    frame.src = label(number, 'pdf');
    const loaded = new Promise((done) => frame.addEventListener('load', done, { once: true }));
    document.body.append(frame);
    await loaded;
    frame.contentWindow.print();
    return number;
}
