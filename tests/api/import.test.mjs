// `dossierpost import` beside a running service: all of a file or nothing.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { ROOT, own_service } from './service.mjs';

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

async function load(kind, path) {
    const binary = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
    const env = { ...process.env, DOSSIERPOST_STATE_DIR: own.state };
    const { stdout } = await exec(binary, ['import', kind, path], { env });
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

const all = join(ROOT, '../shared/data/communes.csv');
const why = existsSync(all) ? false : 'the national list is not here';
test('the national list of communes', { skip: why }, async () => {
    assert.ok(await load('communes', all) > 3000);
    assert.equal((await found('/v1/communes?q=ba%20dinh'))[0].province, '01');
    assert.equal((await found('/v1/communes?province=46&limit=100')).length, 40);
});
