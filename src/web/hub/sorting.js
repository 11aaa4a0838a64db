// Into which bag the thing goes that was just sorted, in letters to be read from two steps away.
import { s10 } from '../common/format.js';
import { sorting } from '../common/model.js';
import { html, Two, useEffect, useState } from '../common/ui.js';

const SORTED = ['recorded', 'exception', 'duplicate'];

function Way({ number, plan }) {
    if (!plan.next) {
        return html`<p><strong><${Two} vi="Chưa có hướng chia cho nơi nhận này." en="The plan knows no way for it." /></strong></p>`;
    }
    return html`<p class="goto-code mono">${plan.next.bag}</p><p class="goto-name">${plan.next.name}</p>
        <p>${plan.here ? html`<${Two} vi="Phát từ đây, không đóng túi." en="Delivered from here: no bag." />`
            : plan.open_bag ? html`<${Two} vi="Túi đang mở:" en="Open bag:" /> <span class="mono">${plan.open_bag}</span>`
            : html`<${Two} vi="Chưa có túi mở cho hướng này." en="No open bag for it yet." />`}</p>
        <small class="mono">${s10(number)}</small><small> · ${plan.to.name}</small>`;
}

// `outcomes`: newest first. The last sort that the service has answered is shown.
export function SortHint({ outcomes }) {
    const last = outcomes.find((row) => row.kind === 'sort');
    const number = last && SORTED.includes(last.outcome) ? last.shipment ?? last.code : null;
    const [found, setFound] = useState(null);
    useEffect(() => {
        let live = true;
        if (number) sorting(number).then((plan) => live && setFound({ number, plan }), () => live && setFound(null));
        return () => { live = false; };
    }, [last?.id]);
    if (!found || found.number !== number) return null;
    return html`<section class="card goto" role="status" aria-live="polite" data-goto=${found.plan.next?.code ?? ''}>
        <h2><${Two} vi="Bỏ vào túi" en="Goes into" /></h2><${Way} number=${number} plan=${found.plan} /></section>`;
}
