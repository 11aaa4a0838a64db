// One dossier from the counter to the delivered result, by HTTP alone: what each step answers, who
// holds the papers after it, when it counts as filed and due, and what the public sees meanwhile.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { service, until } from './service.mjs';
import { TAKEN, act, bag, hand_over, HUB, intake_body, OFFICE, ok, people, recorded, track, AGENCY }
    from './walk.mjs';

describe('the journey of 1.004873', () => {
    let house, all, watch, intake, code, number, out, back, result;

    before(async () => {
        house = await service();
        all = await people(house);
    });
    after(async () => {
        watch?.close();
        await house.stop();
    });

    const shipment = async (wanted) => {
        const view = ok(await all.clerk.get(`/v1/dossiers/${encodeURIComponent(code)}`));
        return view.shipments.find((one) => one.number === wanted);
    };
    const held_by = async (wanted, kind, id) => {
        const found = await shipment(wanted);
        assert.deepEqual([found.holder.kind, found.holder.id], [kind, id], JSON.stringify(found));
        return found.state;
    };

    it('is priced before anything is promised', async () => {
        const quote = ok(await house.anybody().post('/v1/tariff/quotes', { procedure: '1.004873',
            from: '19789', to: AGENCY, weight_g: 80, service: 'both' }));
        assert.equal(quote.total, quote.lines.reduce((sum, line) => sum + line.amount, 0));
        assert.deepEqual(quote.lines.map((line) => line.ledger),
            ['agency_fee', 'postage_out', 'postage_return']);
    });

    it('is registered once, however often it is sent', async () => {
        const body = intake_body();
        const first = await all.clerk.post('/v1/dossiers', body);
        intake = ok(first, 201);
        const again = await all.clerk.post('/v1/dossiers', body);
        assert.deepEqual(again.body, first.body);
        const other = await all.clerk.post('/v1/dossiers', { ...body, weight_g: 90 });
        assert.equal(other.status, 422);
        assert.match(other.body.type, /\/id-reused$/);
        ({ code } = intake);
        [{ number }] = intake.shipments;
        assert.match(code, /^000\.21\.16\.H57-\d{6}-\d{4,}$/);
        assert.match(number, /^RR461\d{6}VN$/);
        assert.equal(intake.status.code, 1);
        assert.equal(intake.shipments[0].state, 'created');
        assert.ok(new URL(intake.tracking_url, house.url).pathname.startsWith('/t/'));
    });

    it('shows the public no more than it should', async () => {
        const seen = await track(house.anybody(), number);
        assert.equal(seen.code, code);
        const text = JSON.stringify(seen);
        for (const secret of ['Nguyễn Thị Thử', '0905000123', '12 Lê Lợi', 'Tờ khai'])
            assert.ok(!text.includes(secret), `tracking shows ${secret}`);
        const page = await house.anybody().get(`/t/${number}`);
        assert.equal(page.status, 200);
        assert.ok(page.body.includes(code));
        watch = await house.watch(`/v1/track/${number}/events`);
        assert.equal(watch.status, 200);
    });

    it('gets a label', async () => {
        for (const [form, type] of [['pdf', 'application/pdf'], ['png', 'image/png'], ['svg', 'image/svg+xml']]) {
            const label = await all.clerk.get(`/v1/labels/${number}.${form}`);
            assert.equal(label.status, 200);
            assert.ok(label.headers.get('content-type').startsWith(type));
        }
    });

    it('is accepted and bagged at the counter', async () => {
        const first = await recorded(all.clerk, 'accept', number);
        assert.deepEqual([first.state, first.holder.kind, first.holder.id], ['accepted', 'place', OFFICE]);
        const again = await all.clerk.post('/v1/custody/scans', { scans: [first.sent] });
        assert.equal(again.body.results[0].outcome, 'duplicate');
        out = await bag(all.clerk, OFFICE, HUB, [number], 'VNP 000101');
        assert.equal(await held_by(number, 'place', OFFICE), 'bagged');
    });

    it('travels in the bag without a scan of its own', async () => {
        await recorded(all.courier, 'take_over', out);
        await recorded(all.courier, 'depart', out);
        const found = await shipment(number);
        assert.deepEqual([found.state, found.holder.kind], ['departed', 'person']);
        await recorded(all.hub, 'arrive', out);
        assert.equal(await held_by(number, 'place', HUB), 'arrived');
        await recorded(all.hub, 'open', out);
        await recorded(all.hub, 'sort', number);
        assert.equal(await held_by(number, 'place', HUB), 'sorted');
        const manifest = ok(await all.hub.get(`/v1/containers/${out}`));
        assert.ok(JSON.stringify(manifest).includes(number));
    });

    it('reaches the delivery office in another bag', async () => {
        back = await bag(all.hub, HUB, OFFICE, [number], 'VNP 000102');
        await recorded(all.hub, 'depart', back);
        await recorded(all.clerk, 'arrive', back);
        await recorded(all.clerk, 'open', back);
        await recorded(all.clerk, 'at_delivery_office', number);
        assert.equal(await held_by(number, 'place', OFFICE), 'at_delivery_office');
    });

    it('is filed when the agency signs', async () => {
        await recorded(all.courier, 'out_for_delivery', number);
        const held = ok(await all.courier.get('/v1/custody/held'));
        assert.ok(held.items.some((item) => item.number === number));
        const signed = await hand_over(all.courier, all.officer, AGENCY, [number]);
        assert.equal(signed.state, 'signed');
        assert.equal(await held_by(number, 'agency', AGENCY), 'delivered');
        const seen = await track(house.anybody(), code);
        assert.equal(seen.status.code, 1);
        assert.equal(Date.parse(seen.filed_at), Date.parse(signed.signed_at));
    });

    it('is accepted with a due time that counts from the filing', async () => {
        const refused = await all.officer.post(`/v1/dossiers/${code}/actions`, { action: 'result_ready' });
        assert.equal(refused.status, 409);
        assert.match(refused.body.type, /\/action-not-allowed$/);
        assert.ok(refused.body.allowed.some((one) => one.action === 'accept'));
        const view = await act(all.officer, code, 'accept');
        assert.equal(view.status.code, 2);
        assert.ok(Date.parse(view.due_at) > Date.parse(view.filed_at));
        assert.match(new Date(Date.parse(view.due_at) + 7 * 3600000).toISOString(), /T17:00:00/);
        assert.equal((await act(all.officer, code, 'start')).status.code, 4);
    });

    it('has a result with a number of its own', async () => {
        const view = await act(all.officer, code, 'result_ready');
        assert.equal(view.status.code, 9);
        result = view.shipments.find((one) => one.leg === 'result').number;
        assert.notEqual(result, number);
        assert.equal((await track(house.anybody(), result)).code, code);
    });

    it('goes back and is delivered to the applicant', async () => {
        await hand_over(all.officer, all.courier, 'courier', [result]);
        await recorded(all.clerk, 'arrive', result);
        await recorded(all.courier, 'out_for_delivery', result);
        const done = await recorded(all.courier, 'deliver', result, TAKEN);
        assert.deepEqual([done.state, done.holder.kind], ['delivered', 'addressee']);
        const view = ok(await all.officer.get(`/v1/dossiers/${code}`));
        assert.equal(view.status.code, 10);
        assert.equal((await all.courier.get('/v1/custody/held')).body.items
            .filter((item) => item.number === result).length, 0);
    });

    it('was told live, step by step, and the whole story stays', async () => {
        const last = () => watch.events.map((event) => JSON.parse(event.data)).at(-1);
        await until('the stream to tell the delivery', () => last()?.status?.code === 10);
        const ids = watch.events.map((event) => Number(event.id)).filter(Number.isFinite);
        assert.deepEqual(ids, [...ids].sort((a, b) => a - b));
        const seen = await track(house.anybody(), number);
        assert.ok(seen.timeline.length >= 8, `${seen.timeline.length} lines`);
        const times = seen.timeline.map((line) => Date.parse(line.at));
        assert.deepEqual(times, [...times].sort((a, b) => b - a));
        const events = ok(await all.officer.get(`/v1/dossiers/${code}/events`));
        assert.ok(JSON.stringify(events).includes('dossier.accept'));
        assert.ok(!JSON.stringify(seen).includes('Nguyễn Thị Thử'));
    });
});
