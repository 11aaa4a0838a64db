// `dossierpost import` beside a running service: all of a file or nothing.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { ROOT, own_service, vn_day } from './service.mjs';

const exec = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'dossierpost-import-'));
let own, anybody;

before(async () => {
    own = await own_service();
    anybody = own.anybody();
});
after(async () => {
    await own.stop();
    rmSync(folder, { recursive: true });
});

function file(name, text) {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
}

async function command(...args) {
    const binary = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
    const env = { ...process.env, DOSSIERPOST_STATE_DIR: own.state };
    return exec(binary, args, { env, maxBuffer: 1 << 26 });
}

async function load(kind, path) {
    const { stdout } = await command('import', kind, path);
    return Number.parseInt(stdout, 10);
}

const refused = (promise, word) => assert.rejects(promise, (error) =>
    error.code === 1 && error.stderr.includes(word));
const found = async (path) => (await anybody.get(path)).body.items;
const HEAD = 'province_code,province_name,commune_code,commune_name,latitude,longitude\n';

test('communes are added and renamed; the same file again changes nothing', async () => {
    const path = file('c.csv', `\ufeff${HEAD.replace('\n', '\r\n')}44,Tỉnh Quảng Trị,19333,Phường Đông Hà,16.8,107.1\r\n`
        + '46,Thành phố Huế,19789,"Phường Thuận Hoá, mới",16.4556,107.5838\r\n');
    assert.equal(await load('communes', path), 2);
    assert.equal(await load('communes', path), 0);
    assert.equal((await found('/v1/communes?q=dong%20ha'))[0].province_name, 'Tỉnh Quảng Trị');
    const [renamed] = await found('/v1/communes?q=19789');
    assert.equal(renamed.name, 'Phường Thuận Hoá, mới');
    assert.equal(renamed.delivery_office, '46-B1', 'what the file does not say stays');
});

test('a whole list of a province ends its communes that are not named, from the day that is said', async () => {
    const whole = `${HEAD}44,Tỉnh Quảng Trị,19333,Phường Đông Hà,16.8,107.1\n`;
    assert.equal(await load('communes', file('w1.csv', `${whole}44,Tỉnh Quảng Trị,19360,Phường Sáp Nhập,16.8,107.1\n`)), 1);
    const path = file('w2.csv', whole);
    const { stdout } = await command('import', '--dry-run', '--whole', '--from', vn_day(3), 'communes', path);
    assert.match(stdout, /^ended 19360: valid_to$/m);
    assert.match(stdout, /1 ended/);
    await command('import', '--whole', '--from', vn_day(3), 'communes', path);
    assert.equal((await found('/v1/communes?q=sap%20nhap')).length, 1, 'until that day');
    assert.equal((await found('/v1/communes?q=19789')).length, 1, 'of another province');
    await command('import', '--whole', 'communes', file('w3.csv', `${whole}44,Tỉnh Quảng Trị,19361,Phường Mới,16.8,107.1\n`));
    assert.equal((await found('/v1/communes?q=sap%20nhap')).length, 1, 'a day that was said stays');
    await assert.rejects(command('import', '--whole', 'units', path), (error) => error.code === 2);
});

test('an end before the beginning that is on record is a wrong row', async () => {
    await refused(load('communes', file('end.csv', 'province_code,commune_code,commune_name,valid_to\n46,19789,Phường Thuận Hoá,2024-01-01\n')),
        'line 2: valid_to must be after valid_from');
    const dated = `code,kind,name,commune_code,postcode,valid_from\n46-B77,post_office,Bưu cục Mới,19789,49000,2027-01-01\n`;
    assert.equal(await load('units', file('u1.csv', dated)), 1);
    await refused(load('units', file('u2.csv', dated.replace('valid_from', 'valid_to').replace('2027', '2026'))),
        'line 2: valid_to must be after valid_from');
});

test('a file that does not fit loads nothing of it', async () => {
    const good = '44,Tỉnh Quảng Trị,19351,Phường Nam Đông Hà,16.8,107.1\n';
    await refused(load('communes', file('a.csv', `${HEAD}${good}99,Nơi khác,99999,X,1,1\n`)),
        'province');
    await refused(load('communes', file('b.csv', `${HEAD}${good}46,Huế,19790,X,north,1\n`)), 'north');
    await refused(load('communes', file('d.csv', `${HEAD}${good}44,"open\n`)),
        'quoted');
    await refused(load('communes', file('e.csv', `commune_code,"x"";drop\n1,2\n`)), 'column');
    await refused(load('units', file('f.csv', HEAD + good)), 'column');
    await refused(load('communes', file('g.csv', '')), 'empty');
    await refused(load('communes', join(folder, 'nowhere.csv')), 'nowhere.csv');
    assert.deepEqual(await found('/v1/communes?q=19351'), []);
});

test('a unit and its block of numbers', async () => {
    const unit = 'code,kind,name,name_en,parent,commune_code,postcode,opens,closes,s10_office\n'
        + '46-B10,post_office,Bưu cục Khe Tre,Khe Tre Post Office,46-H1,20161,49650,07:30,18:00,20\n';
    assert.equal(await load('units', file('u.csv', unit)), 1);
    assert.equal((await found('/v1/units?q=khe%20tre&kind=post_office'))[0].code, '46-B10');
    const block = file('s.csv', 'unit,indicator,first,last\n46-B10,RR,47000000,47000999\n');
    assert.equal(await load('blocks', block), 1);
    assert.equal(await load('blocks', block), 0);
    await refused(load('blocks', file('o.csv',
        'unit,indicator,first,last\n46-B1,RR,47000500,47001500\n')), 's10_block');
});

test('a changed procedure becomes a new version', async () => {
    const catalogue = JSON.parse(readFileSync(join(ROOT, 'conf/procedures.json'), 'utf8'));
    assert.equal(await load('procedures', join(ROOT, 'conf/procedures.json')), 0);
    catalogue.procedures.find((one) => one.code === '1.004873').fees[0].amount = 20000;
    assert.equal(await load('procedures', file('p.json', JSON.stringify(catalogue))), 1);
    const { body } = await anybody.get('/v1/procedures/1.004873');
    assert.deepEqual([body.version, body.fees[0].amount], [2, 20000]);
    await refused(load('procedures', file('q.json', '{"procedures": [')), 'json');
});

test('a dry run says what would change and writes nothing', async () => {
    const catalogue = JSON.parse((await command('export', 'procedures')).stdout);
    const find = (code) => catalogue.procedures.find((one) => one.code === code);
    find('1.001193').level = 3;
    find('1.001193').mode = 'partial';
    find('1.000656').valid_to = vn_day(0);
    catalogue.procedures.push({ ...find('1.001193'), code: '1.001193.H57', valid_from: vn_day(5) });
    const path = file('dry.json', JSON.stringify(catalogue));
    const { stdout } = await command('import', '--dry-run', 'procedures', path);
    assert.match(stdout, /^ended 1\.000656: valid_to$/m);
    assert.match(stdout, /^changed 1\.001193: level, mode(, valid_from)?$/m);
    assert.match(stdout, /^new 1\.001193\.H57$/m);
    assert.match(stdout, /^3 procedures would be new or changed: 1 new, 1 changed, 1 ended, 11 unchanged$/m);
    assert.equal((await anybody.get('/v1/procedures/1.001193')).body.level, 4);
    assert.equal((await anybody.get('/v1/procedures/1.000656')).status, 200);
    assert.equal(await load('procedures', path), 3);
    assert.equal(await load('procedures', path), 0, 'a second time nothing');
    assert.equal((await anybody.get('/v1/procedures/1.001193')).body.level, 3);
    assert.equal((await anybody.get('/v1/procedures/1.000656')).status, 404);
    assert.equal((await anybody.get('/v1/procedures/1.001193.H57')).body.code, '1.001193', 'it begins in five days');
});

test('what is exported comes in again without a change, as JSON and as CSV', async () => {
    const json = (await command('export', 'procedures')).stdout;
    assert.equal(await load('procedures', file('e.json', json)), 0);
    const csv = (await command('export', '--csv', 'procedures')).stdout;
    assert.equal(await load('procedures', file('e.csv', csv)), 0);
    assert.match(csv, /^code,name,name_en,/);
    const changed = csv.replace(',Ordinary passport,', ',Passport,');
    assert.notEqual(changed, csv);
    assert.match((await command('import', '--dry-run', 'procedures', file('f.csv', changed))).stdout, /^changed 1\.001456: name_en/m);
    assert.equal(await load('procedures', file('f.csv', `\ufeff${changed}`)), 1);
    assert.equal((await anybody.get('/v1/procedures/1.001456')).body.name_en, 'Passport');
    assert.ok((await anybody.get('/v1/procedures/1.001456')).body.form, 'with its form');
});

test('wrong rows are named by place and field, and nothing of the file is taken', async () => {
    const catalogue = JSON.parse(readFileSync(join(ROOT, 'conf/procedures.json'), 'utf8'));
    Object.assign(catalogue.procedures[2], { level: 9, colour: 'red' });
    catalogue.procedures[0].name = 'Tên khác';
    const path = file('w.json', JSON.stringify(catalogue));
    await refused(load('procedures', path), 'entry 3: /level must be 1 to 4');
    await refused(load('procedures', path), 'entry 3: /colour is not known');
    assert.notEqual((await anybody.get('/v1/procedures/1.001193')).body.name, 'Tên khác');
    const csv = (await command('export', '--csv', 'procedures')).stdout;
    await refused(load('procedures', file('w.csv', csv.replace(/,working_day,/, ',day,'))), 'line 2: /time/unit');
    const broken = JSON.parse((await command('export', 'procedures')).stdout), at = broken.procedures.findIndex((one) => one.form);
    broken.procedures[at].form.properties.odd = { type: 'string', title: 'Lẻ', title_en: 'Odd', position: 99, pattern: '^([a-z' };
    const text = JSON.stringify(broken);
    await refused(load('procedures', file('pattern.json', text)), `entry ${at + 1} /form/properties/odd/pattern: `);
    await refused(load('procedures', file('pattern.csv', csv.replace(/""pattern"": ?""[^"]*""/, '""pattern"": ""(?<""'))), '/pattern: ');
    assert.equal((await anybody.get(`/v1/procedures/${broken.procedures[at].code}`)).body.form.properties.odd, undefined);
    assert.equal(await load('procedures', file('read.json', text.replace('^([a-z', '^([a-z])$'))), 1);
    await refused(load('procedures', file('x.csv', csv.replace(/"\[\{/, '"[{{'))), 'line 2: /');
    await refused(load('procedures', file('y.json', '{"procedures": 7}')), 'elements');
    await refused(load('procedures', file('t.json', JSON.stringify({ procedures: [catalogue.procedures[0], catalogue.procedures[0]] }))), '/code');
    await refused(load('communes', file('n.csv', `${HEAD}44,Quảng Trị,1935,Phường X,91,107\n`)), 'line 2: commune_code');
    await refused(load('units', file('v.csv', 'code,kind,name,commune_code\n46-B77,shop,Quán,99999\n')), 'line 2: kind');
});

const real = join(ROOT, '../shared/data/procedures.json');
test('the real catalogue goes in unchanged, twice', { skip: existsSync(real) ? false : 'the real list is not here' }, async () => {
    await load('procedures', real);
    const { stdout } = await command('import', 'procedures', real);
    assert.match(stdout, /^0 procedures new or changed: 0 new, 0 changed, 0 ended, 13 unchanged/);
});

test('--from sets the day, --whole ends what is not named; other words are usage', async () => {
    const catalogue = JSON.parse((await command('export', 'procedures')).stdout);
    const kept = catalogue.procedures.filter((one) => one.code !== '1.003003');
    kept.find((one) => one.code === '2.000635').time.value = 2;
    const path = file('whole.json', JSON.stringify({ procedures: kept }));
    const { stdout } = await command('import', '--from', vn_day(3), '--whole', 'procedures', path);
    assert.match(stdout, /: 0 new, 1 changed, 1 ended, \d+ unchanged/);
    const copy = (await anybody.get('/v1/procedures/2.000635')).body;
    assert.deepEqual([copy.time.value, copy.changes_on], [1, vn_day(3)]);
    assert.equal((await anybody.get('/v1/procedures/1.003003')).body.valid_to, vn_day(3));
    for (const args of [['procedures'], ['--fast', 'procedures', path], ['--whole', 'units', path], ['--from', vn_day(3), 'communes', path], ['--from', 'today', 'procedures', path],
        ['procedures', path, path], ['birds', path]])
        await assert.rejects(command('import', ...args), (error) => error.code === 2, args.join(' '));
    await refused(load('procedures', file('back.json', JSON.stringify({ procedures: [catalogue.procedures.find((one) => one.code === '2.000635'
        && Object.assign(one, { result: 'Bản sao khác', time: { value: 5, unit: 'working_day' } }))] }))), 'The newest version of 2.000635 is in effect from');
    await assert.rejects(command('export', 'communes'), (error) => error.code === 2);
});

test('units: what a row does not say stays; the same again changes nothing; an end is dated', async () => {
    const path = file('z.csv', 'code,kind,name,commune_code\n46-B10,post_office,Bưu cục Khe Tre mới,20161\n');
    assert.match((await command('import', '--dry-run', 'units', path)).stdout, /^changed 46-B10: name$/m);
    assert.equal(await load('units', path), 1);
    assert.equal(await load('units', path), 0);
    const demo = join(ROOT, 'conf/demo/units.csv');
    assert.equal(await load('units', demo), 0);
    const [one] = await found('/v1/units?q=khe%20tre&kind=post_office');
    assert.deepEqual([one.name, one.closes], ['Bưu cục Khe Tre mới', '18:00']);
    const end = file('end.csv', `code,kind,name,commune_code,valid_to\n46-B10,post_office,Bưu cục Khe Tre mới,20161,${vn_day(0)}\n`);
    assert.match((await command('import', 'units', end)).stdout, /0 changed, 1 ended/);
    assert.deepEqual(await found('/v1/units?q=khe%20tre&kind=post_office'), []);
});

test('a long list tells how far it is', async () => {
    const catalogue = JSON.parse(readFileSync(join(ROOT, 'conf/procedures.json'), 'utf8'));
    const procedures = Array.from({ length: 1200 }, (_, i) => ({ ...catalogue.procedures[0], code: `7.${String(i).padStart(6, '0')}` }));
    const { stdout, stderr } = await command('import', '--dry-run', 'procedures', file('long.json', JSON.stringify({ procedures })));
    assert.match(stderr, /500 of 1200 procedures[\s\S]*1000 of 1200 procedures/);
    assert.match(stdout, /and 1000 more\n1200 procedures would be new/);
});

const all = join(ROOT, '../shared/data/communes.csv');
const why = existsSync(all) ? false : 'the national list is not here';
test('the national list of communes', { skip: why }, async () => {
    assert.ok(await load('communes', all) > 3000);
    assert.match((await command('import', 'communes', all)).stdout, /^0 communes .*: 0 new, 0 changed, 0 ended, 3321 unchanged/);
    assert.equal((await found('/v1/communes?q=ba%20dinh'))[0].province, '01');
    assert.equal((await found('/v1/communes?province=46&limit=100')).length, 40);
});

test('a file of another shape, or with its head alone, ends nothing', async () => {
    for (const [name, text] of [['other.json', '{"items": []}'], ['none.json', '{"procedures": []}']])
        await refused(command('import', '--whole', 'procedures', file(name, text)), 'no procedures in the file');
    assert.ok((await found('/v1/procedures')).length > 5);
});

test('the hours of a unit that is there change in the calendar, not by a file', async () => {
    const head = 'code,kind,name,commune_code,agency_identity,agency_level,opens,closes\n';
    await refused(command('import', 'units', file('hours.csv',
        `${head}46-A1,agency,Trung tâm,19789,000.21.16.H57,commune,09:00,12:00\n`)), 'calendar');
});
