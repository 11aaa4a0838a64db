// Answers that the database keeps: packed, the same to the byte as those made anew, given by an instance
// that never made them, and none the worse when one is damaged.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Service, discard, own_service, until } from './service.mjs';
import { query } from '../fault/journal.mjs';
import { intake, ok, recorded, whole_journey, people } from './walk.mjs';

let first, all, made;
const others = [];

before(async () => {
    first = await own_service();
    all = await people(first);
    made = (await whole_journey(all)).code;
});
after(async () => {
    for (const one of others) await discard(one);
    await discard(first);
});

// An instance on the same database that has nothing in its memory.
async function another() {
    const url = (user) => `host=${first.state}/run user=${user} dbname=dossierpost`;
    const one = new Service({ env: { DOSSIERPOST_DATABASE_URL: url('dossierpost_service'),
        DOSSIERPOST_DATABASE_OWNER_URL: url('dossierpost_owner') } });
    cpSync(join(first.state, 'keys'), join(one.state, 'keys'), { recursive: true });
    await one.start();
    others.push(one);
    return one;
}

async function count(service, name) {
    const text = await (await fetch(`${service.url}/metrics`)).text();
    return Number(new RegExp(`^dossierpost_${name}(?:_total)? (\\d+)$`, 'm').exec(text)[1]);
}
const text_of = async (service, code) => (await fetch(`${service.url}/v1/track/${code}`)).text();
const of_kept = (what, code) => query(first, `select ${what} from dossier.told t join dossier.dossier d
    on d.id = t.dossier where d.code = '${code}'`)[0];
const kept = (code) => of_kept('octet_length(t.packed)', code);
const bytes = (code) => of_kept(`encode(t.packed, 'hex')`, code);

test('an answer that was asked for is kept, small, and given by an instance that never made it', async () => {
    const said = await text_of(first, made);
    const size = Number(await until('the kept answer', () => kept(made)));
    assert.ok(JSON.parse(said).timeline.length > 8);
    assert.ok(size * 5 < said.length, `${size} of ${said.length} bytes`);
    const second = await another();
    await text_of(second, made.replace(/.$/, 'x')); // its first question to the log
    const anew = await count(second, 'track_anew');
    assert.equal(await text_of(second, made), said);
    assert.deepEqual([await count(second, 'track_kept'), await count(second, 'track_anew')], [1, anew]);
    await discard(others.pop());
});

test('one that something happened to is not given; the new one is kept', async () => {
    const { code, number } = await intake(all.clerk);
    await text_of(first, code);
    await until('the kept answer', () => kept(code));
    await recorded(all.clerk, 'accept', number);
    const second = await another();
    assert.equal(ok(await second.anybody().get(`/v1/track/${code}`)).timeline[0].kind, 'accept');
    await until('it is kept again', async () => {
        const third = JSON.parse(await text_of(first, code));
        return third.timeline[0].kind === 'accept' && kept(code);
    });
    await discard(others.pop());
});

test('one that is damaged, or packed with words this program does not have, is made anew', async () => {
    const said = await text_of(first, made);
    await until('the kept answer', () => kept(made));
    const whole = bytes(made);
    for (const wrong of [`set_byte(packed, 7, get_byte(packed, 7) # 1)`, `'\\x'`, `substr(packed, 1, 100)`,
                         `convert_to(repeat('{"', 500), 'utf8')`]) {
        query(first, `update dossier.told t set packed = ${wrong} from dossier.dossier d
            where d.id = t.dossier and d.code = '${made}'`);
        assert.notEqual(bytes(made), whole);
        const one = await another();
        assert.equal(await text_of(one, made), said, wrong);
        assert.equal(await count(one, 'track_kept'), 0);
        await until('it is whole again', () => bytes(made) === whole);
        await discard(others.pop());
    }
});
