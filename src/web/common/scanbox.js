// The field a scanner types into, the camera where the browser can read codes, and what became of
// each scan.
import { normal, slip } from './codes.js';
import { s10, time } from './format.js';
import { Full } from './kept.js';
import { check_label, shown_number } from './label_keys.js';
import { LabelNote } from './label_note.js';
import { Button, Chip, Empty, html, Two, useEffect, useLayoutEffect, useRef, useState } from './ui.js';
import { SCAN, state_words, WARNING } from './vocabulary.js';
import { OUTCOME } from './words.js';

const FORMATS = ['qr_code', 'code_128'];

function Camera({ onRead, onClose }) {
    const video = useRef(null);
    const [trouble, setTrouble] = useState('');
    useEffect(() => {
        let stream, timer, last = '';
        const look = async (detector) => {
            const [found] = await detector.detect(video.current).catch(() => []);
            if (found && found.rawValue !== last) {
                last = found.rawValue;
                navigator.vibrate?.(60);
                onRead(found.rawValue);
            }
            timer = setTimeout(() => look(detector), 200);
        };
        (async () => {
            stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
            video.current.srcObject = stream;
            await video.current.play();
            look(new BarcodeDetector({ formats: FORMATS }));
        })().catch(() => setTrouble('Không mở được máy ảnh. · The camera did not open.'));
        return () => {
            clearTimeout(timer);
            stream?.getTracks().forEach((track) => track.stop());
        };
    }, []);
    return html`<div class="stack tight">
        ${trouble ? html`<p class="error">${trouble}</p>` : html`<video ref=${video} muted playsinline></video>`}
        <button type="button" onClick=${onClose}><${Two} vi="Tắt máy ảnh" en="Close camera" /></button>
    </div>`;
}

// What is wrong with the label that was scanned last; looked at once more when what became of it is
// known, because the service may have told of a newer copy. What comes late says nothing any more.
function useLabel() {
    const [said, set] = useState(null);
    const last = useRef('');
    const look = (text, done) => {
        last.current = text;
        set(null);
        const check = () => last.current === text
            && check_label(text).then((found) => last.current === text && set(found), () => {});
        check();
        done.then(check, () => {});
    };
    return [said, look];
}

// onCode(code) is called once for each thing read. `inside` another form it is not one itself.
export function ScanBox({ label, en, onCode, focus = true, name = 'scan', inside }) {
    const [text, setText] = useState('');
    const [error, setError] = useState('');
    const [camera, setCamera] = useState(false);
    const field = useRef(null);
    const [said, look] = useLabel();
    useLayoutEffect(() => { if (focus) field.current.focus({ preventScroll: true }); }, []);
    const read = (value) => {
        const code = normal(value), wrong = slip(code);
        if (!code) return;
        setError(wrong);
        if (wrong) return;
        setText('');
        const done = (async () => onCode(code))();
        look(code, done);
        done.catch((problem) => {
            if (!(problem instanceof Full)) throw problem;
            setText(code);
            setError(problem.message);
        });
    };
    const sent = (event) => {
        event.preventDefault();
        read(text);
        field.current.focus();
    };
    const Tag = inside ? 'div' : 'form';
    const press = inside ? { onKeyDown: (e) => e.key === 'Enter' && sent(e) } : {};
    return html`<${Tag} class="scan stack tight" onSubmit=${inside ? undefined : sent}>
        <label for=${name}><${Two} vi=${label} en=${en} /></label>
        <div class="row">
            <input class="grow" id=${name} ref=${field} value=${text} enterkeyhint="send" autocomplete="off"
                autocapitalize="characters" spellcheck=${false} placeholder="Quét hoặc nhập số hiệu"
                aria-invalid=${error ? 'true' : undefined} aria-describedby=${error ? `${name}-e` : undefined}
                onInput=${(e) => { setText(e.target.value); setError(''); }} ...${press} />
            <button class="main" type=${inside ? 'button' : 'submit'} onClick=${inside ? sent : undefined}><${Two} vi="Nhập" en="Enter" /></button>
            ${'BarcodeDetector' in window && navigator.mediaDevices && !camera && html`
                <button type="button" onClick=${() => setCamera(true)}>
                    <${Two} vi="Máy ảnh" en="Camera" /></button>`}
        </div>
        ${error && html`<p class="error" id=${`${name}-e`} role="alert">${error}</p>`}
        <${LabelNote} said=${said} />
        ${camera && html`<${Camera} onRead=${read} onClose=${() => setCamera(false)} />`}
    </${Tag}>`;
}

const told = (problem) => problem?.detail ?? problem?.title ?? '';
const first = (words, code) => words?.[0] ?? code;

// (what waits to be sent is shown by itself, as long as it waits)
const told_of = (row) => (row.warnings ?? []).filter((one) => one !== 'proof_pending');

function Outcome({ row }) {
    const code = row.shipment ?? shown_number(row.code);
    return html`<li class=${`outcome ${row.outcome}`}><div class="grow">
        <div class="row"><strong class="mono">${s10(code)}</strong>
            <${Chip} of=${OUTCOME} code=${row.outcome} /></div>
        <div>${first(SCAN[row.kind], row.kind)}${row.state && html` → ${first(state_words(code, row.state), row.state)}`}
            ${row.holder?.name && html` · ${row.holder.name}`}</div>
        ${told_of(row).length > 0 && html`<div class="muted">${told_of(row).map((one) => first(WARNING[one], one)).join(' ')}</div>`}
        ${row.problem && html`<div class="error">${told(row.problem)}</div>`}
        </div><small class="nowrap">${time(row.at).slice(11)}</small></li>`;
}

// Newest first: what waits for the network, then what the service said of the rest.
export function Outcomes({ waiting, outcomes, limit = 12 }) {
    const rows = [...waiting.map((scan) => ({ ...scan, outcome: 'waiting' })).reverse(), ...outcomes];
    if (!rows.length) return html`<${Empty} vi="Chưa có lượt quét nào." en="Nothing scanned yet." />`;
    return html`<ul class="list" aria-live="polite" aria-label="Kết quả quét">
        ${rows.slice(0, limit).map((row) => html`<${Outcome} key=${row.id} row=${row} />`)}</ul>`;
}

export function Waiting({ waiting }) {
    if (!waiting.length) return null;
    return html`<div class="note warn" role="status"><p><strong>${waiting.length} lượt quét đang chờ gửi.</strong>${' '}
        Thiết bị giữ lại và tự gửi khi có mạng. <span class="en" lang="en">Kept on this device, sent by itself
        when the network is back.</span></p></div>`;
}

// Pictures of scans that are not with the service yet, and those it would not take.
export function Sending({ files }) {
    const [told, set] = useState({ count: files.count, aside: files.aside });
    useEffect(() => {
        const changed = () => set({ count: files.count, aside: files.aside });
        files.addEventListener('change', changed);
        files.look();
        return () => files.removeEventListener('change', changed);
    }, []);
    return html`${told.count > 0 && html`<div class="note" role="status" data-files=${told.count}>
            <strong>${told.count} ảnh, chữ ký đang chờ gửi.</strong>${' '}
            Thiết bị gửi sau lượt quét. <span class="en" lang="en">Pictures are sent after the scans.</span></div>`}
        ${told.aside > 0 && html`<div class="note warn" role="alert" data-aside=${told.aside}>
            <p><strong>${told.aside} ảnh, chữ ký chưa gửi được.</strong> Máy chủ không nhận; thiết bị vẫn giữ.
            Xin gửi lại; nếu vẫn không được, xin báo bưu cục trước khi hết ca.
            <span class="en" lang="en">Not taken by the service and kept here: send again, else tell your office.</span></p>
            <${Button} vi="Gửi lại" en="Send again" onClick=${() => files.again()} /></div>`}`;
}
