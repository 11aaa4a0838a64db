// `dossierpost rebuild` beside a running service: a journey's projections are what its events say,
// and a projection that somebody changed is found and named.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { query } from '../fault/journal.mjs';
import { discard, own_service, ROOT } from './service.mjs';
import { people, whole_journey } from './walk.mjs';

function rebuild(service, ...args) {
    const binary = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
    const env = { ...process.env, DOSSIERPOST_STATE_DIR: service.state };
    return spawnSync(binary, ['rebuild', ...args], { env, encoding: 'utf8', timeout: 60000 });
}

test('everything kept is what the events say, and a changed row is named', async () => {
    const service = await own_service();
    try {
        const { number, result } = await whole_journey(await people(service));
        const same = rebuild(service);
        assert.deepEqual([same.status, same.stdout], [0, '0 differences\n'], same.stderr);
        query(service, `update custody.shipment set holder_id = 1 where number = '${result}'`);
        query(service, `update dossier.dossier set status = 4 where id =
            (select dossier from custody.shipment where number = '${number}')`);
        const changed = rebuild(service, '--json');
        assert.equal(changed.status, 1);
        const list = JSON.parse(changed.stdout);
        assert.deepEqual(list.map((d) => d.what).sort(), ['dossier.status', 'shipment']);
        assert.equal(list.find((d) => d.what === 'shipment').subject, result);
        await service.stop();
    } finally {
        await discard(service);
    }
});
