// What is personal in a scan (who, exactly where, somebody's own words) stands in no event. Whoever may
// see it gets it back; a repeat is compared with it; erasing leaves nothing that confirms a guess.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { query } from '../fault/journal.mjs';
import { ROOT, discard, own_service, until } from './service.mjs';
import { intake, ok, people, recorded } from './walk.mjs';

const WHERE = { place: 'quầy số 7', position: { lat: 16.46789, lon: 107.59123 } };
const WORDS = { reason: 'bà Trần Thị Kín hẹn buổi chiều', next_action: 'gọi lại bà Kín' };
const RECIPIENT = { name: 'Lê Văn Giấu', relation: 'self', phone: '0905000777', id_number: '046199000777' };
// Of the number of an identity paper nothing but the last digits is kept anywhere.
const KEPT = { name: 'Lê Văn Giấu', relation: 'self', phone: '0905000777', id_checked: true, id_last: '0777' };
const PROOF = { kind: 'signature', signature: 'M10 10L20 20 30 10' };
const TOLD = ['quầy số 7', '16.46789', '107.59123', 'Kín', 'Giấu', '0905000777', '046199000777', 'M10 10L20'];

let service, all, code, number, folder, counted;

before(async () => {
    service = await own_service();
    folder = mkdtempSync(join(tmpdir(), 'sealed-'));
    all = await people(service);
    all.integrator = await service.login('integrator');
    ({ code, number } = await intake(all.clerk));
});
after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await discard(service);
});

const run = (...args) => new Promise((done) => execFile(
    resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost'), args,
    { env: { ...process.env, DOSSIERPOST_STATE_DIR: service.state } },
    (error, out, told) => done({ status: error?.code ?? 0, out, told })));

async function verify(...args) {
    const { status, out, told } = await run('verify', '--json', ...args);
    assert.ok(out.startsWith('{'), told);
    return { status, ...JSON.parse(out) };
}

const covered = () => until('a checkpoint of the last event', () => query(service, `select 1
    where (select max(size) from custody.checkpoint) = (select count(*) from custody.event)`)[0]);

// The tables in whose rows, as text, any of these stands.
const found = (words) => query(service, `select format('%I.%I', schemaname, tablename) from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema')`)
    .filter((table) => query(service, `select 1 from ${table} t
        where t::text like any (array[${words.map((word) => `'%${word}%'`)}]) limit 1`).length);

const read = async (client, id) => {
    const { items } = ok(await client.get(`/v1/dossiers/${code}/events`));
    assert.ok(!items.some((one) => 'payload' in one));
    return items.find((one) => one.id === id);
};
const told = async (client, id) => {
    const { personal, where, erased } = await read(client, id);
    return { personal, where, erased };
};
const again = (client, { sent }, more = {}) => client.post('/v1/custody/scans', { scans: [{ ...sent, ...more }] })
    .then((reply) => ok(reply).results[0]);
const payloads = () => Number(query(service, 'select count(*) from custody.payload')[0]);

test('nothing personal stands in the event, nor anywhere else in the clear', async () => {
    await recorded(all.clerk, 'accept', number);
    assert.equal(payloads(), 0, 'a scan without anything personal has no payload');
    await recorded(all.courier, 'out_for_delivery', number);
    counted = await recorded(all.courier, 'count', number,
        { ...WHERE, ...WORDS, recipient: RECIPIENT, proof: PROOF, seal: 'VNP 7' });
    const of = (column) => query(service, `select ${column} from custody.event where id = '${counted.sent.id}'`)[0];
    assert.equal(of('reason is null and next_action is null and length(mac) = 32'), 't');
    assert.deepEqual(JSON.parse(of('data')), { drawn: true, id_checked: true, proof: 'signature', recipient: true,
        relation: 'self', seal: 'VNP 7' });
    assert.deepEqual(found(TOLD), []);
    assert.equal(payloads(), 1);
});

test('each reader gets back what the role may see', async () => {
    const { name, relation, phone } = RECIPIENT;
    assert.deepEqual(await told(all.clerk, counted.sent.id), { erased: undefined, where: WHERE,
        personal: { ...WORDS, recipient: KEPT, proof: PROOF } });
    assert.deepEqual(await told(all.courier, counted.sent.id), { erased: undefined, where: WHERE,
        personal: { ...WORDS, recipient: { name, relation, phone }, proof: { kind: 'signature' } } });
    assert.deepEqual(await told(all.integrator, counted.sent.id),
        { erased: undefined, where: undefined, personal: undefined });
    assert.ok(!TOLD.some((word) => service.log().includes(word)), 'nor does the log');
});

test('a hub sees where, not who; the public neither', async () => {
    await recorded(all.courier, 'fail', number, { reason: 'office_closed', next_action: 'hold' });
    await recorded(all.clerk, 'hold', number);
    const departed = await recorded(all.clerk, 'depart', number, { ...WORDS, ...WHERE });
    await recorded(all.hub, 'arrive', number);
    assert.deepEqual(await told(all.hub, departed.sent.id),
        { erased: undefined, personal: undefined, where: WHERE });
    const failed = (await ok(await all.clerk.get(`/v1/dossiers/${code}/events`)).items).find((e) => e.kind === 'fail');
    assert.deepEqual([failed.reason, failed.next_action, failed.personal], ['office_closed', 'hold', undefined]);
    const open = JSON.stringify(ok(await service.anybody().get(`/v1/track/${number}`)));
    assert.ok(!TOLD.some((word) => open.includes(word)), open);
});

test('an applicant sees the words written about the own dossier, not where staff stood', async () => {
    const applicant = await service.login('applicant');
    const own = await intake(applicant);
    const accept = await recorded(all.clerk, 'accept', own.number, { ...WHERE, ...WORDS });
    const { items } = ok(await applicant.get(`/v1/dossiers/${own.code}/events`));
    const { personal, where } = items.find((one) => one.id === accept.sent.id);
    assert.deepEqual({ personal, where }, { personal: WORDS, where: undefined });
});

test('a repeat is a duplicate, and refused when what was sealed is another', async () => {
    const now = await again(all.courier, counted);
    assert.deepEqual([now.outcome, now.first.outcome, now.state], ['duplicate', 'recorded', 'arrived']);
    for (const more of [{ place: 'quầy số 8' }, { position: { lat: 16.46789, lon: 107.59124 } },
        { reason: 'khác' }, { next_action: 'khác' }, { recipient: { ...RECIPIENT, phone: '0905000778' } },
        { proof: { ...PROOF, signature: 'M10 10L20 20 30 11' } }, { place: undefined }, { seal: 'VNP 8' }]) {
        const { outcome, problem, state, first } = await again(all.courier, counted, more);
        assert.deepEqual([outcome, problem?.type, state, first], ['refused', '/problems/id-reused', null, undefined],
            JSON.stringify(more));
    }
    assert.equal((await again(all.courier, counted)).outcome, 'duplicate');
});

test('evidence carries what gives the event its mac, for whoever may read all of it', async () => {
    await covered();
    const file = join(folder, 'bundle.json');
    const checked = async (bundle) => {
        writeFileSync(file, JSON.stringify(bundle));
        const { status, payloads, erased, findings } = await verify('--bundle', file);
        return [status, payloads, erased, findings.map((one) => one.problem)];
    };
    const get = async (client) => ok(await client.get(`/v1/dossiers/${code}/evidence`));
    const event_in = (bundle) => bundle.subjects.flatMap((subject) => subject.events)
        .find((event) => event.fields.id === counted.sent.id);
    const bundle = await get(all.clerk);
    const { payload } = event_in(bundle);
    assert.deepEqual(JSON.parse(payload.text), { ...WHERE, ...WORDS, recipient: KEPT, proof: PROOF });
    assert.deepEqual(await checked(bundle), [0, 2, 0, []]);
    event_in(bundle).payload = { ...payload, text: payload.text.replace('Giấu', 'Dấu') };
    assert.deepEqual(await checked(bundle), [1, 1, 0, ['payload_wrong']]);
    const cut = await get(all.hub);
    assert.ok(!('payload' in event_in(cut)) && !TOLD.some((word) => JSON.stringify(cut).includes(word)));
    assert.deepEqual(await checked(cut), [0, 0, 0, []]);

    const good = await verify();
    assert.deepEqual([good.status, good.findings, good.erased], [0, [], 0]);
});

test('erased: nothing is left, a repeat is a duplicate, and everything else holds', async () => {
    const [before] = query(service, `select count(*) from custody.payload where salt is not null`).map(Number);
    assert.equal((await run('erase', code, '--by', 'admin')).status, 0);
    assert.equal(query(service, `select count(*) from custody.payload p join custody.shipment s on s.number = p.subject
        join dossier.dossier d on d.id = s.dossier where d.code = '${code}'
        and (p.sealed <> '' or p.key is not null or p.salt is not null)`)[0], '0');
    assert.deepEqual(await told(all.clerk, counted.sent.id), { erased: true, personal: undefined, where: undefined });
    const repeat = await again(all.courier, counted);
    assert.deepEqual([repeat.outcome, repeat.first.outcome], ['duplicate', 'recorded']);
    assert.equal((await again(all.courier, counted, { place: 'quầy số 8' })).outcome, 'duplicate', 'nor tells a guess');
    assert.equal((await again(all.courier, counted, { seal: 'VNP 8' })).outcome, 'refused');

    await covered();
    const report = await verify();
    assert.deepEqual([report.status, report.findings], [0, []]);
    assert.equal(report.erased, 3); // two scans and the intake
    assert.equal(before, 3, 'the other dossier keeps what was sealed with its scan');
    assert.equal(query(service, 'select count(*) from custody.payload where salt is not null')[0], '1');
    const file = join(folder, 'erased.json');
    writeFileSync(file, JSON.stringify(ok(await all.clerk.get(`/v1/dossiers/${code}/evidence`))));
    const bundle = await verify('--bundle', file);
    assert.deepEqual([bundle.status, bundle.payloads, bundle.erased], [0, 0, 2]);
    await service.stop();
});
