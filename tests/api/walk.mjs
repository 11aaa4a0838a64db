// The journey of one dossier in the demo network, a step a function, by HTTP alone. Shared by the
// journey's own test and by the fault tests, which kill things between the steps.
// Thuận Hoá post office (46-B1) → hub (46-H1) → 46-B1 → one-stop department (46-A1), and back.
import assert from 'node:assert/strict';
import { show, uuid7 } from './service.mjs';

export const OFFICE = '46-B1', HUB = '46-H1', AGENCY = '46-A1', COMMUNE = '19789';

// What a delivery to the addressee in person shows.
export const TAKEN = {
    recipient: { name: 'Nguyễn Thị Thử', relation: 'self', id_checked: true, id_kind: 'CCCD', id_last: '0123' },
    proof: { kind: 'signature', signature: 'M10 10L20 20 30 10' },
};

export const intake_body = (more = {}) => ({
    id: uuid7(),
    procedure: '1.004873',
    agency: AGENCY,
    service: 'both',
    applicant: {
        kind: 'citizen', name: 'Nguyễn Thị Thử', phone: '0905000123',
        address: { line: '12 Lê Lợi', commune: COMMUNE },
    },
    documents: [
        { name: 'Tờ khai cấp Giấy xác nhận tình trạng hôn nhân', originals: 1, copies: 0 },
        { name: 'Giấy tờ chứng minh nơi cư trú', originals: 0, copies: 1 },
    ],
    weight_g: 80,
    result_to: { kind: 'address', address: { line: '12 Lê Lợi', commune: COMMUNE } },
    ...more,
});

export async function people(service) {
    const [clerk, courier, hub, officer] =
        await Promise.all(['clerk', 'courier', 'hub', 'officer'].map((name) => service.login(name)));
    return { clerk, courier, hub, officer };
}

export function ok(reply, status = 200) {
    assert.equal(reply.status, status, show(reply));
    return reply.body;
}

export async function recorded(client, kind, code, more) {
    const result = await client.scan(kind, code, more);
    assert.equal(result.outcome, 'recorded', `${kind} ${code}: ${JSON.stringify(result)}`);
    return result;
}

export async function intake(clerk, more) {
    const body = intake_body(more);
    const made = ok(await clerk.post('/v1/dossiers', body), 201);
    return { body, code: made.code, number: made.shipments[0].number, made };
}

export async function bag(client, from, to, numbers, seal) {
    const made = ok(await client.post('/v1/containers',
        { id: uuid7(), kind: 'receptacle', origin: from, destination: to }), 201);
    for (const number of numbers) await recorded(client, 'bag', number, { container: made.id });
    ok(await client.post(`/v1/containers/${made.id}/close`, { seal }));
    return made.id;
}

export async function hand_over(giver, taker, to, numbers) {
    const list = ok(await giver.post('/v1/custody/handovers', { id: uuid7(), to, items: numbers }), 201);
    return ok(await taker.post(`/v1/custody/handovers/${list.id}/sign`, {
        items: numbers.map((code) => ({ code, finding: 'present' })),
    }));
}

export async function act(client, code, action, more = {}) {
    return ok(await client.post(`/v1/dossiers/${encodeURIComponent(code)}/actions`, { action, ...more }));
}

export const track = async (client, code) => ok(await client.get(`/v1/track/${encodeURIComponent(code)}`));

// From the counter to the hub and back to the office, in bags.
export async function to_delivery_office({ clerk, courier, hub }, number) {
    await recorded(clerk, 'accept', number);
    const out = await bag(clerk, OFFICE, HUB, [number], 'VNP 000101');
    await recorded(courier, 'take_over', out);
    await recorded(courier, 'depart', out);
    await recorded(hub, 'arrive', out);
    await recorded(hub, 'open', out);
    await recorded(hub, 'sort', number);
    const back = await bag(hub, HUB, OFFICE, [number], 'VNP 000102');
    await recorded(hub, 'depart', back);
    await recorded(clerk, 'arrive', back);
    await recorded(clerk, 'open', back);
    await recorded(clerk, 'at_delivery_office', number);
    return { out, back };
}

// The courier hands the papers to the agency; signing is the filing.
export async function to_agency({ courier, officer }, number) {
    await recorded(courier, 'out_for_delivery', number);
    return hand_over(courier, officer, AGENCY, [number]);
}

// The agency decides; gives the number of the result's own leg.
export async function processed({ officer }, code) {
    await act(officer, code, 'accept');
    await act(officer, code, 'start');
    const view = await act(officer, code, 'result_ready');
    return view.shipments.find((one) => one.leg === 'result').number;
}

export async function delivered({ clerk, courier, officer }, number) {
    await hand_over(officer, courier, 'courier', [number]);
    await recorded(clerk, 'arrive', number);
    await recorded(courier, 'out_for_delivery', number);
    return recorded(courier, 'deliver', number, TAKEN);
}

export async function whole_journey(all) {
    const { code, number } = await intake(all.clerk);
    await to_delivery_office(all, number);
    await to_agency(all, number);
    const result = await processed(all, code);
    await delivered(all, result);
    return { code, number, result };
}
