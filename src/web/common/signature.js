// A signature drawn with a finger, and a picture taken by the camera.
import { smaller } from './files.js';
import { Button, html, Two, useEffect, useRef, useState } from './ui.js';

const WIDTH = 600, HEIGHT = 220;

// onChange(blob): a PNG, null while there is nothing.
export function Signature({ onChange }) {
    const canvas = useRef(null);
    const [drawn, setDrawn] = useState(false);
    const pen = useRef(null);
    const at = (event) => {
        const box = canvas.current.getBoundingClientRect();
        return [(event.clientX - box.left) * WIDTH / box.width, (event.clientY - box.top) * HEIGHT / box.height];
    };
    const clear = () => {
        const paint = canvas.current.getContext('2d');
        paint.fillStyle = '#fff';
        paint.fillRect(0, 0, WIDTH, HEIGHT);
        setDrawn(false);
        onChange(null);
    };
    useEffect(clear, []);
    const down = (event) => {
        event.preventDefault();
        canvas.current.setPointerCapture?.(event.pointerId);
        pen.current = at(event);
    };
    const move = (event) => {
        if (!pen.current) return;
        const paint = canvas.current.getContext('2d'), next = at(event);
        Object.assign(paint, { lineWidth: 3.5, lineCap: 'round', strokeStyle: '#111' });
        paint.beginPath();
        paint.moveTo(...pen.current);
        paint.lineTo(...next);
        paint.stroke();
        pen.current = next;
        setDrawn(true);
    };
    const up = () => {
        if (pen.current) canvas.current.toBlob(onChange, 'image/png');
        pen.current = null;
    };
    return html`<div class="stack tight">
        <canvas class="signature" ref=${canvas} width=${WIDTH} height=${HEIGHT} role="img" tabindex="0"
            aria-label=${drawn ? 'Chữ ký đã vẽ' : 'Khung ký tên, ký bằng ngón tay'}
            onPointerDown=${down} onPointerMove=${move} onPointerUp=${up} onPointerCancel=${up}></canvas>
        <div class="row"><${Button} plain vi="Ký lại" en="Clear" onClick=${clear} />
            <span class="muted"><${Two} vi=${drawn ? 'Đã ký.' : 'Người nhận ký vào khung trên.'}
                en=${drawn ? 'Signed.' : 'The recipient signs above.'} /></span></div></div>`;
}

// onChange(blob): a JPEG made smaller on the device; null while there is none.
export function Photo({ id, label, en, onChange }) {
    const [shown, setShown] = useState('');
    const [trouble, setTrouble] = useState(false);
    useEffect(() => () => shown && URL.revokeObjectURL(shown), [shown]);
    const taken = async (event) => {
        const [file] = event.target.files;
        setTrouble(false);
        try {
            const blob = file ? await smaller(file) : null;
            setShown(blob ? URL.createObjectURL(blob) : '');
            onChange(blob);
        } catch {
            setTrouble(true);
            onChange(null);
        }
    };
    return html`<div class="stack tight">
        <input class="hidden-text" id=${id} name=${id} type="file" accept="image/*" capture="environment"
            onChange=${taken} />
        <label class="as-button" for=${id}><${Two} vi=${`${shown ? 'Chụp lại' : 'Chụp'}: ${label}`} en=${en} /></label>
        ${shown && html`<img class="preview small" src=${shown} alt="Ảnh vừa chụp" />`}
        ${trouble && html`<p class="error" role="alert">Tệp này không phải ảnh.
            <span class="en" lang="en">Not a picture.</span></p>`}</div>`;
}
