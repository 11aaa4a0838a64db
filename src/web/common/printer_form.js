// What is known of a printer, typed by who rules the unit.
import { post, put, uuid7 } from './api.js';
import { Button, Choice, Field, html, Trouble, useAction, useState } from './ui.js';

const LANGUAGES = { pdf: ['PDF', ''], png: ['PNG', ''], zpl: ['ZPL', 'Zebra'], tspl: ['TSPL', 'TSC'], escpos: ['ESC/POS', ''] };
const DPI = { 203: ['203 dpi', ''], 300: ['300 dpi', ''], 600: ['600 dpi', ''] };
const TEMPLATES = { shipment: ['Nhãn 100 × 150 mm', 'Label'], 'shipment-a6': ['Nhãn A6', 'A6'], sticker: ['Nhãn dán 50 × 30 mm', 'Sticker'],
    'shipment-a4': ['Tờ A4, bốn nhãn', 'A4, four labels'] };
const SHOWN = ['/name', '/uri'];
const FRESH = { name: '', uri: '', language: 'pdf', dpi: 203, template: 'shipment' };

export function PrinterForm({ printer, unit, onDone }) {
    const [id] = useState(() => printer?.id ?? uuid7());
    const [now, set] = useState(() => printer ?? FRESH);
    const [active, setActive] = useState(printer?.active ?? true);
    const { run, busy, problem } = useAction();
    const change = (name) => (value) => set((old) => ({ ...old, [name]: value }));
    const typed = (name) => (e) => change(name)(e.target.value);
    const save = (e) => {
        e.preventDefault();
        const body = { name: now.name, uri: now.uri.trim(), language: now.language, dpi: Number(now.dpi), template: now.template, active };
        run(async () => onDone(await (printer ? put(`/v1/printers/${id}`, { ...body, version: printer.version })
            : post('/v1/printers', { id, unit: unit.code, ...body }))));
    };
    return html`<form class="stack" onSubmit=${save}>
        <${Field} label="Tên máy in" en="Name" at="/name" problem=${problem} name="printer-name" required maxlength="80"
            value=${now.name} onInput=${typed('name')} hint="Ví dụ: Máy in nhãn quầy 2" />
        <${Field} label="Địa chỉ" en="Address" at="/uri" problem=${problem} name="printer-uri" required maxlength="300" spellcheck=${false}
            value=${now.uri} onInput=${typed('uri')} hint="ipp://máy:631/ipp/print (IPP, CUPS) hoặc socket://máy:9100" />
        <${Choice} label="Ngôn ngữ" en="Language" name="printer-language" options=${LANGUAGES} value=${now.language} onPick=${change('language')} />
        <${Choice} label="Độ phân giải" en="Resolution" name="printer-dpi" options=${DPI} value=${String(now.dpi)} onPick=${change('dpi')} />
        <${Choice} label="Giấy trong máy" en="Paper" name="printer-template" options=${TEMPLATES} value=${now.template} onPick=${change('template')} />
        ${printer && html`<label class="check"><input type="checkbox" name="printer-active" checked=${active}
            onChange=${(e) => setActive(e.target.checked)} /> Đang dùng <span class="en" lang="en">In use</span></label>`}
        <${Trouble} problem=${problem} fields=${SHOWN} />
        <div class="row"><${Button} main type="submit" busy=${busy} vi="Lưu" en="Save" />
            ${printer && html`<${Button} plain vi="Thôi" en="Leave it" onClick=${() => onDone(printer)} />`}</div></form>`;
}
