// Delivering to a person: a journey for every reason of a failure with every action that may follow
// it, and for every way in which a delivery can end; and what a delivery lacks.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { query } from '../fault/journal.mjs';
import { discard, own_service, show, uuid7, vn_day } from './service.mjs';
import { jpeg, pdf, png, put, send_file, sha256 } from './pictures.mjs';
import { act, AGENCY, hand_over, intake, ok, people, recorded, TAKEN } from './walk.mjs';

const PASSPORT = '1.001456'; // the addressee alone, and the old one is recovered
const LICENCE = '1.002809';  // the old one is recovered
const PROVINCE = '46-A0', DAY = 86400000;
const SELF = TAKEN.recipient, DRAWN = TAKEN.proof;
const FAMILY = { ...SELF, name: 'Nguyễn Văn Nhà', relation: 'family' };
const PROXY = { ...SELF, name: 'Trần Văn Thay', relation: 'proxy' };
const PAPER = { kind: 'Giấy ủy quyền', number: '12/UQ', date: '23/11/2026' };

let house, all, failures;

// A result, ready at the agency.
async function result(procedure = '1.004873') {
    const province = procedure !== '1.004873';
    const officer = province ? all.officer2 : all.officer;
    const { code } = await intake(all.clerk, { procedure, agency: province ? PROVINCE : AGENCY });
    await act(officer, code, 'accept');
    await act(officer, code, 'start');
    const view = await act(officer, code, 'result_ready');
    return { code, number: view.shipments.find((one) => one.leg === 'result').number, officer };
}

const ago = (ms) => ({ at: new Date(Date.now() - ms).toISOString() });

// The same, with the courier at the door; `ms` ago.
async function at_the_door(procedure, ms = 0) {
    const made = await result(procedure);
    await recorded(all.courier, 'take_over', made.number, ms ? ago(ms) : {});
    await recorded(all.clerk, 'arrive', made.number, ms ? ago(ms - 1000) : {});
    await recorded(all.courier, 'out_for_delivery', made.number, ms ? ago(ms - 2000) : {});
    return made;
}

const deliver = (number, more, client = all.courier) => client.scan('deliver', number, { ...TAKEN, ...more });
const told = ({ outcome, warnings, state }) => [outcome, [...warnings].sort(), state];
const status = async (code) => ok(await all.clerk.get(`/v1/dossiers/${code}`)).status.code;
const delivery = async (number, client = all.clerk) => ok(await client.get(`/v1/custody/shipments/${number}/delivery`));
const item = async (number) => ok(await all.clerk.get(`/v1/custody/items/${number}`));
const rebuilt = () => assert.deepEqual(query(house, 'select subject, what, kept, folded from custody.rebuild()'), []);
const open = async (number) => ok(await all.supervisor.get('/v1/custody/exceptions?limit=500')).items
    .filter((one) => one.subject === number);
const resolve = async (id, decision) =>
    ok(await all.supervisor.post(`/v1/custody/exceptions/${id}/resolve`, { decision, note: 'đã xem' }));

before(async () => {
    house = await own_service();
    query(house, `update account.account set unit_id = (select id from postal.unit where code = '${PROVINCE}')
        where login = 'officer2'`);
    all = await people(house);
    for (const name of ['officer2', 'supervisor', 'clerk2', 'applicant']) all[name] = await house.login(name);
    ({ failures } = ok(await all.clerk.get('/v1/custody/vocabulary')));
});
after(() => discard(house));

// What brings it to its end after a failure; each gives the state it ends in.
const back = async ({ number, officer }) => {
    await hand_over(all.courier, officer, officer === all.officer ? AGENCY : PROVINCE, [number]);
    const { state, holder } = await item(number);
    assert.deepEqual([state, holder.kind], ['returned', 'agency']);
};
const out_again = async ({ number }) => {
    await recorded(all.courier, 'out_for_delivery', number);
    assert.equal((await recorded(all.courier, 'deliver', number, TAKEN)).state, 'delivered');
};
const AFTER = {
    retry: async (made) => {
        await recorded(all.clerk, 'hold', made.number);
        await out_again(made);
    },
    invite: async ({ number }) => {
        const { invitations, may_invite } = await delivery(number);
        assert.deepEqual([invitations.map((one) => one.counts), may_invite], [[true], false]);
        await recorded(all.clerk, 'hold', number);
        assert.equal((await recorded(all.clerk, 'deliver', number, TAKEN)).state, 'delivered', 'fetched at the office');
    },
    hold: async ({ number }) => {
        await recorded(all.clerk, 'hold', number, { until: vn_day(30) });
        assert.equal((await delivery(number)).hold_until, vn_day(30));
        assert.equal((await recorded(all.clerk, 'deliver', number, TAKEN)).state, 'delivered');
    },
    redirect: async (made) => {
        await recorded(all.clerk, 'redirect', made.number, { reason: '5 Trần Phú, phường Phú Xuân' });
        assert.equal((await item(made.number)).redirected, true);
        assert.equal(query(house, `select count(*) from custody.event where reason like '%Trần Phú%'`)[0], '0');
        await recorded(all.clerk, 'hold', made.number);
        await out_again(made);
    },
    return: async (made) => {
        await recorded(all.clerk, 'return', made.number, { reason: 'không phát được' });
        const strange = await deliver(made.number, {});
        assert.deepEqual(told(strange), ['exception', ['agency_not_signed'], 'held'], 'an agency signs for it');
        await back(made);
    },
};

describe('a failed delivery', () => {
    it('has every reason, each with something that may follow', () => {
        const reasons = query(house, 'select code from custody.failure_reason order by pos');
        assert.deepEqual(reasons.filter((one) => !failures.some((pair) => pair.reason === one)), []);
        assert.deepEqual([...new Set(failures.map((pair) => pair.next_action))].sort(), Object.keys(AFTER).sort());
        assert.ok(failures.every((pair) => pair.why && pair.why_en));
    });

    it('every reason × what may follow it: recorded, and it comes to its end', async (t) => {
        for (const { reason, next_action } of failures) {
            await t.test(`${reason}, ${next_action}`, async () => {
                const made = await at_the_door();
                const failed = await recorded(all.courier, 'fail', made.number, { reason, next_action });
                assert.deepEqual(told(failed), ['recorded', [], 'delivery_failed']);
                assert.ok((await delivery(made.number)).next_actions[reason].includes(next_action)
                    || next_action === 'invite');
                await AFTER[next_action](made);
                assert.equal(await status(made.code), next_action === 'return' ? 9 : 10);
                assert.deepEqual((await open(made.number)).map((one) => one.code),
                    next_action === 'return' ? ['agency_not_signed'] : []);
            });
        }
        rebuilt();
    });

    it('every other pair is recorded too, and a person looks at it', async () => {
        const reasons = [...new Set(failures.map((pair) => pair.reason))];
        for (const reason of reasons) {
            const next_action = Object.keys(AFTER).find((one) =>
                !failures.some((pair) => pair.reason === reason && pair.next_action === one));
            if (!next_action) continue;
            const { number } = await at_the_door();
            const failed = await all.courier.scan('fail', number, { reason, next_action });
            const extra = next_action === 'invite' ? [] : [];
            assert.deepEqual(told(failed), ['exception', ['next_action_odd', ...extra], 'delivery_failed'],
                `${reason}, ${next_action}`);
        }
    });
});

// What ends a delivery well, from the door.
const ENDS = {
    'the addressee in person, with a drawn signature': [{}],
    'family, whose identity was looked at': [{ recipient: FAMILY }],
    'a proxy with an authorisation': [{ recipient: { ...PROXY, authorisation: PAPER } }],
    'somebody else with an authorisation': [{ recipient: { ...PROXY, relation: 'bạn cùng phòng', authorisation: PAPER } }],
    'the clerk of an organisation': [{ recipient: { ...SELF, relation: 'organisation' } }],
    'a passport, to its owner, the old one given back':
        [{ recipient: { ...SELF, old_paper: { surrendered: true } } }, PASSPORT],
    'a licence, to a proxy, the old one given back':
        [{ recipient: { ...PROXY, authorisation: PAPER, old_paper: { surrendered: true } } }, LICENCE],
    'the whole number of a paper, of which the end is kept':
        [{ recipient: { name: 'Nguyễn Thị Thử', relation: 'self', id_number: '046199000123' } }],
};

// What it lacks, and whether it counts all the same.
const LACKS = {
    'a proxy without authorisation': [{ recipient: PROXY }, ['proxy_without_authorisation'], false],
    'nobody says who it was': [{ recipient: { name: 'Ai đó', id_checked: true } }, ['proxy_without_authorisation'], false],
    'a passport to the family': [{ recipient: { ...FAMILY, old_paper: { surrendered: true } } }, ['addressee_only'], false, PASSPORT],
    'a passport to a proxy with authorisation':
        [{ recipient: { ...PROXY, authorisation: PAPER, old_paper: { surrendered: true } } }, ['addressee_only'], false, PASSPORT],
    'identity not looked at': [{ recipient: { name: 'Nguyễn Thị Thử', relation: 'self' } }, ['identity_not_checked'], true],
    'the old licence stays': [{}, ['old_paper_not_recovered'], true, LICENCE],
    'the old licence is refused':
        [{ recipient: { ...SELF, old_paper: { surrendered: false } } }, ['old_paper_not_recovered'], true, LICENCE],
    'no proof': [{ proof: undefined }, ['proof_missing'], true],
    'proof: none': [{ proof: { kind: 'none' } }, ['proof_missing'], true],
    'a signature that is not there': [{ proof: { kind: 'signature' } }, ['proof_missing'], true],
    'a code, of which only a signature is there': [{ proof: { kind: 'code', signature: 'M0 0L9 9' } }, ['proof_missing'], true],
    'a photo, of which only the authorisation is pictured':
        [{ recipient: { ...PROXY, authorisation: { ...PAPER, attachment: 'a'.repeat(64) } }, proof: { kind: 'photo' } },
            ['proof_missing', 'proof_pending'], true],
    'a photo that was drawn': [{ proof: { kind: 'photo', signature: 'M0 0L9 9' } }, ['proof_missing'], true],
    'a proof that nobody knows': [{ proof: { kind: 'thumb', signature: 'M0 0' } }, ['proof_unknown'], true],
    'everything at once': [{ recipient: { name: 'Ai đó', relation: 'proxy' }, proof: undefined },
        ['identity_not_checked', 'proof_missing', 'proxy_without_authorisation'], false],
};

describe('a delivery to a person', () => {
    it('ends well', async (t) => {
        for (const [name, [more, procedure]] of Object.entries(ENDS)) {
            await t.test(name, async () => {
                const { number, code } = await at_the_door(procedure);
                const { addressee_only, old_papers } = await delivery(number);
                assert.deepEqual([addressee_only, old_papers], [procedure === PASSPORT, !!procedure]);
                assert.deepEqual(told(await deliver(number, more)), ['recorded', [], 'delivered']);
                assert.equal(await status(code), 10);
            });
        }
        const kept = query(house, `select data from custody.event where kind = 'deliver'`).join('\n');
        assert.ok(!/Nguyễn|Trần|046199|0123|12\/UQ|bạn cùng/.test(kept), kept);
        assert.match(kept, /"relation": "other"/);
        rebuilt();
    });

    it('lacks something: recorded, and either counts or waits for a person', async (t) => {
        for (const [name, [more, codes, counts, procedure]] of Object.entries(LACKS)) {
            await t.test(name, async () => {
                const { number, code } = await at_the_door(procedure);
                const state = counts ? 'delivered' : 'out_for_delivery';
                assert.deepEqual(told(await deliver(number, more)), ['exception', codes, state]);
                assert.equal(await status(code), counts ? 10 : 9);
                assert.deepEqual((await open(number)).map((one) => one.code).sort(),
                    codes.filter((one) => one !== 'proof_pending'));
            });
        }
        rebuilt();
    });

    it('waits until a person accepts everything that holds it up', async () => {
        const { number, code } = await at_the_door();
        await deliver(number, { recipient: { ...PROXY, id_checked: undefined } });
        const [waits, other] = ['proxy_without_authorisation', 'identity_not_checked'];
        const by_code = Object.fromEntries((await open(number)).map((one) => [one.code, one.id]));
        await resolve(by_code[other], 'accept');
        assert.equal((await item(number)).state, 'out_for_delivery');
        await resolve(by_code[waits], 'accept');
        assert.equal((await item(number)).state, 'delivered');
        assert.equal(await status(code), 10);
        rebuilt();
    });

    it('that two things hold up waits for both', async () => {
        const { number } = await at_the_door();
        const odd = await deliver(number, { recipient: PROXY, proof: { kind: 'code', code: '000000' } });
        assert.deepEqual(told(odd), ['exception', ['code_expired', 'proxy_without_authorisation'], 'out_for_delivery']);
        const [first, second] = await open(number);
        await resolve(first.id, 'accept');
        assert.equal((await item(number)).state, 'out_for_delivery');
        await resolve(second.id, 'accept');
        assert.equal((await item(number)).state, 'delivered');
    });

    it('does not count when a person says no; the next visit does', async () => {
        const { number } = await at_the_door();
        await deliver(number, { recipient: PROXY });
        await resolve((await open(number))[0].id, 'dismiss');
        assert.equal((await item(number)).state, 'out_for_delivery');
        assert.deepEqual(told(await deliver(number, {})), ['recorded', [], 'delivered']);
    });

    it('of a shipment damaged on the way: photographed, repacked with a new seal, delivered', async () => {
        const { number, code } = await at_the_door();
        const photo = jpeg(320, 240, 500);
        const damaged = await all.courier.scan('damage', number,
            { reason: 'rách phong bì', proof: { kind: 'photo', attachment: sha256(photo) } });
        assert.deepEqual(told(damaged), ['recorded', ['proof_pending'], 'out_for_delivery']);
        ok(await put(all.courier, number, photo), 201);
        await recorded(all.courier, 'fail', number, { reason: 'damaged', next_action: 'hold' });
        await recorded(all.clerk, 'hold', number);
        await recorded(all.clerk, 'repack', number, { seal: 'VNP 000777' });
        assert.equal((await item(number)).damaged, true);
        assert.equal(JSON.parse(query(house, `select data from custody.event
            where subject = '${number}' and kind = 'repack'`)[0]).seal, 'VNP 000777');
        const { proofs_kept } = await delivery(number);
        assert.deepEqual(proofs_kept.map((one) => [one.scan, one.media, one.width]), [['damage', 'image/jpeg', 320]]);
        assert.equal((await recorded(all.clerk, 'deliver', number, TAKEN)).state, 'delivered');
        assert.equal(await status(code), 10);
    });

    it('that is lost, found, held and delivered; and one that is seized', async () => {
        const { number, code } = await at_the_door();
        assert.equal((await recorded(all.supervisor, 'lost', number)).state, 'lost');
        const early = await deliver(number, {});
        assert.deepEqual([early.outcome, early.warnings, early.state], ['exception', ['illegal_step'], 'lost']);
        assert.equal((await recorded(all.clerk, 'found', number)).state, 'arrived');
        await recorded(all.clerk, 'hold', number);
        assert.equal((await recorded(all.clerk, 'deliver', number, TAKEN)).state, 'delivered');
        assert.equal(await status(code), 10);
        const other = await at_the_door();
        assert.equal((await recorded(all.supervisor, 'seize', other.number)).state, 'seized');
        assert.equal(await status(other.code), 9);
        rebuilt();
    });
});

describe('a proof that comes as a file', () => {
    it('before the scan: recorded as it is', async () => {
        const { number, code } = await at_the_door();
        const signature = png(120, 40);
        const { id } = ok(await put(all.courier, number, signature, { kind: 'signature' }), 201);
        const done = await deliver(number, { proof: { kind: 'signature', attachment: sha256(signature) } });
        assert.deepEqual(told(done), ['recorded', [], 'delivered']);
        const { proofs_kept } = await delivery(number);
        assert.deepEqual(proofs_kept.map((one) => [one.event, one.id]), [[done.sent.id, id]]);
        assert.equal(await status(code), 10);
        assert.equal(query(house, `select count(*) from custody.event where subject = '${number}' and kind = 'attach'`)[0], '0');
    });

    it('of a scan that was refused, or has not come: who looks at the files sees that there is another', async () => {
        const { number } = await at_the_door(), other = await at_the_door();
        const photo = jpeg(64, 48, 900), drawn = png(33, 21);
        const { id } = ok(await put(all.courier, number, photo), 201);
        const second = ok(await put(all.courier, number, drawn, { kind: 'signature' }), 201);
        await assert.rejects(all.courier.scan('deliver', number,
            { recipient: { name: '' }, proof: { kind: 'photo', attachment: sha256(photo) } }), /422 /);
        const files = async (who) => {
            const { proofs_kept, files_unnamed } = ok(await all[who].get(`/v1/custody/shipments/${number}/delivery`));
            return [proofs_kept?.map((one) => one.id), files_unnamed?.map((one) => one.id)];
        };
        for (const who of ['officer', 'supervisor', 'clerk'])
            assert.deepEqual(await files(who), [[], [id, second.id]], who);
        assert.deepEqual((await delivery(other.number)).files_unnamed, []);
        const { files_unnamed: [{ sent_at, ...shown }] } = await delivery(number);
        assert.deepEqual(shown, { id, kind: 'photo', media: 'image/jpeg', size: photo.length, width: 64, height: 48,
            unit: '46-B1' });
        assert.ok(Math.abs(Date.now() - Date.parse(sent_at)) < 60000, sent_at);
        assert.deepEqual(await files('clerk2'), [undefined, undefined], 'of another office');
        await deliver(number, { proof: { kind: 'photo', attachment: sha256(photo) } });
        assert.deepEqual(await files('officer'), [[id], [second.id]]);
    });

    it('after the scan, from a device that was off line: a warning, and an event when it comes', async () => {
        const { number } = await at_the_door();
        const photo = jpeg(1600, 1200, 400000), paper = pdf();
        const done = await deliver(number, {
            recipient: { ...PROXY, authorisation: { ...PAPER, attachment: sha256(paper) } },
            proof: { kind: 'photo', attachment: sha256(photo) } });
        assert.deepEqual(told(done), ['recorded', ['proof_pending'], 'delivered']);
        assert.deepEqual((await delivery(number)).proofs_kept, []);
        const attached = () => query(house, `select refers from custody.event
            where subject = '${number}' and kind = 'attach'`);
        ok(await send_file(all.courier, number, photo), 201);
        assert.deepEqual(attached(), [done.sent.id]);
        ok(await send_file(all.courier, number, paper, { kind: 'paper' }), 201);
        ok(await send_file(all.courier, number, paper, { kind: 'paper' }));
        assert.deepEqual(attached(), [done.sent.id, done.sent.id]);
        query(house, `update custody.proof_pending set since = since - interval '2 days'`);
        query(house, 'select custody.daily()');
        assert.deepEqual(await open(number), [], 'nothing is overdue');
        rebuilt();
    });

    it('that has not come in a day opens an exception, once', async () => {
        const { number } = await at_the_door();
        const photo = jpeg(20, 20);
        await deliver(number, { proof: { kind: 'photo', attachment: sha256(photo) } });
        query(house, 'select custody.daily()');
        assert.deepEqual(await open(number), []);
        query(house, `update custody.proof_pending set since = since - interval '25 hours'`);
        query(house, 'select custody.daily()');
        query(house, 'select custody.daily()');
        assert.deepEqual((await open(number)).map((one) => [one.code, one.unit]), [['proof_overdue', '46-B1']]);
        ok(await put(all.courier, number, photo), 201);
    });

    it('is named by its SHA-256 or the scan is refused, alone', async () => {
        const { number } = await at_the_door();
        const bad = await deliver(number, { proof: { kind: 'photo', attachment: 'Z'.repeat(64) } });
        assert.deepEqual([bad.outcome, bad.problem.type], ['refused', '/problems/invalid-fields']);
        const day = await all.clerk.scan('hold', number, { until: '2026-13-45' });
        assert.deepEqual([day.outcome, day.problem.type], ['refused', '/problems/invalid-fields']);
        assert.equal((await deliver(number, {})).state, 'delivered');
    });
});
