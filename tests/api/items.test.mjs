// GET /v1/custody/items/{code}: what stands under a scanner, and what whoever asks may do with it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { service, show, uuid7 } from './service.mjs';
import { TAKEN, AGENCY, bag, HUB, intake, OFFICE, ok, people, recorded } from './walk.mjs';

describe('a thing under the scanner', () => {
    let house, all;
    before(async () => {
        house = await service();
        all = { ...await people(house), supervisor: await house.login('supervisor'),
                clerk2: await house.login('clerk2') };
    });
    after(() => house.stop());

    const look = async (who, code) => ok(await all[who].get(`/v1/custody/items/${encodeURIComponent(code)}`));
    const may = async (who, code) => (await look(who, code)).allowed_actions.map((a) => a.kind);
    const problem = async (code, status, type, who = all.clerk) => {
        const reply = await who.get(`/v1/custody/items/${code}`);
        assert.equal(reply.status, status, show(reply));
        assert.match(reply.body.type, new RegExp(`/${type}$`));
    };

    it('shows a shipment: where it is, whose it is, and nothing personal', async () => {
        const { code, number } = await intake(all.clerk);
        await recorded(all.clerk, 'accept', number);
        const seen = await look('clerk', number.toLowerCase());
        assert.deepEqual([seen.number, seen.leg, seen.dossier, seen.state, seen.state_vi, seen.state_en],
            [number, 'outward', code, 'accepted', 'Bưu chính đã nhận', 'Accepted by the post']);
        assert.deepEqual([seen.holder.kind, seen.holder.id, seen.container], ['place', OFFICE, null]);
        assert.deepEqual([seen.from.id, seen.to.id], [OFFICE, AGENCY]);
        assert.deepEqual([seen.returning, seen.redirected, seen.damaged], [false, false, false]);
        assert.ok(!/Nguyễn|0905000123|Lê Lợi/.test(JSON.stringify(seen)));
    });

    it('offers each what that person can do, with why, in both languages', async () => {
        const { number } = await intake(all.clerk);
        assert.ok((await may('clerk', number)).includes('accept'));
        assert.ok((await may('courier', number)).includes('collect'));
        await recorded(all.clerk, 'accept', number);
        const offered = (await look('courier', number)).allowed_actions;
        assert.deepEqual(Object.keys(offered[0]).sort(), ['kind', 'name', 'name_en', 'needs', 'reason', 'reason_en']);
        assert.ok(offered.every((a) => a.name && a.name_en && a.reason && a.reason_en && Array.isArray(a.needs)));
        assert.deepEqual(offered.find((a) => a.kind === 'take_over').needs, []);
        // Each is recorded when it is done; of its own, because it changes what is allowed.
        for (const who of ['clerk', 'courier', 'hub', 'officer', 'supervisor']) {
            const kinds = await may(who, number);
            for (const kind of kinds.filter((one) => !['bag', 'hand_over', 'assign', 'seize', 'lost'].includes(one))) {
                const { number: fresh } = await intake(all.clerk);
                await recorded(all.clerk, 'accept', fresh);
                const result = await all[who].scan(kind, fresh);
                assert.deepEqual([result.outcome, result.warnings], ['recorded', []], `${who} ${kind}`);
            }
        }
    });

    it('offers nothing that would be out of place', async () => {
        const { number } = await intake(all.clerk);
        await recorded(all.courier, 'collect', number);
        await recorded(all.courier, 'out_for_delivery', number);
        assert.ok(!(await may('courier', number)).includes('deliver'), 'the agency signs');
        await recorded(all.courier, 'fail', number, { reason: 'office_closed', next_action: 'return' });
        await recorded(all.courier, 'return', number);
        await recorded(all.courier, 'out_for_delivery', number);
        assert.ok((await may('courier', number)).includes('deliver'));
        assert.ok(!(await may('clerk2', number)).includes('deliver'));
        const [strange] = (await all.clerk2.post('/v1/custody/scans', { scans: [{ id: uuid7(), code: number,
            kind: 'deliver', at: new Date().toISOString(), recipient: { name: 'Hoàng Thị Thử' } }] })).body.results;
        assert.deepEqual([strange.outcome, strange.state], ['exception', 'out_for_delivery']);
        await recorded(all.courier, 'deliver', number, TAKEN);
        for (const who of ['clerk', 'courier', 'hub', 'officer', 'supervisor'])
            assert.deepEqual(await may(who, number), []);
    });

    it('shows a bag and what is in it from its own side', async () => {
        const { number } = await intake(all.clerk);
        await recorded(all.clerk, 'accept', number);
        const id = await bag(all.clerk, OFFICE, HUB, [number], 'VNP 000777');
        await recorded(all.courier, 'depart', id);
        const seen = await look('hub', id);
        assert.deepEqual([seen.id, seen.state, seen.seal, seen.expected, seen.origin, seen.destination, seen.items],
            [id, 'departed', 'VNP 000777', 1, OFFICE, HUB, undefined]);
        assert.equal(seen.holder.kind, 'person');
        assert.ok(seen.allowed_actions.some((a) => a.kind === 'arrive' && a.reason && a.reason_en));
        const inside = await look('hub', number);
        assert.deepEqual([inside.state, inside.container, inside.holder.kind], ['departed', id, 'person']);
        await recorded(all.hub, 'arrive', id);
        assert.ok((await may('hub', id)).includes('open'));
        assert.ok(!(await may('hub', id)).includes('close'));
    });

    it('says what it cannot find or read', async () => {
        await problem('EE471108151FR', 404, 'not-found');
        await problem('VNAAAAVNAAAAAUN60001001010000', 404, 'not-found');
        await problem('nonsense', 422, 'bad-code');
        await problem('EE471108152FR', 422, 'bad-check-digit');
        await problem('EE471108151FR', 401, 'unauthenticated|login-required|unauthorized', house.anybody());
        await problem('EE471108151FR', 403, 'forbidden', await house.login('applicant'));
    });
});
