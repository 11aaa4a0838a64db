// The proof of a delivery is kept, sealed, also when nobody wrote down who took it; and it can be
// erased like any other personal data.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { query } from '../fault/journal.mjs';
import { discard, own_service } from './service.mjs';
import { intake, people, recorded } from './walk.mjs';

const PROOF = { kind: 'signature', signature: 'M10 10L20 20 30 10' };

test('a drawn signature without a recipient: sealed, bound to its event, erasable', async () => {
    const service = await own_service();
    try {
        const all = await people(service);
        const { code, number } = await intake(all.clerk);
        await recorded(all.clerk, 'accept', number);
        await recorded(all.courier, 'out_for_delivery', number);
        await recorded(all.courier, 'fail', number, { reason: 'office_closed', next_action: 'return' });
        await recorded(all.courier, 'return', number);
        await recorded(all.courier, 'out_for_delivery', number);
        const alone = await all.courier.scan('deliver', number, { proof: PROOF });
        assert.deepEqual([alone.outcome, alone.warnings, alone.state],
            ['exception', ['no_proof'], 'out_for_delivery']);
        const of = (id) => query(service, `select p.sealed <> '' and p.key is not null and p.salt is not null,
            length(e.mac), e.data, position('M10' in encode(p.sealed, 'escape')) = 0
            from custody.event e join custody.payload p on p.subject = e.subject and p.event = e.id
            where e.id = '${id}'`)[0];
        assert.equal(of(alone.sent.id), 't|32|{"drawn": true, "proof": "signature"}|t');
        const whole = await recorded(all.courier, 'deliver', number,
            { proof: PROOF, recipient: { name: 'Nguyễn Thị Thử', relation: 'self', id_checked: true } });
        assert.equal(of(whole.sent.id), 't|32|{"drawn": true, "proof": "signature", "relation": "self", '
            + '"recipient": true, "id_checked": true}|t');
        query(service, `select dossier.erase(id) from dossier.dossier where code = '${code}'`);
        assert.equal(of(alone.sent.id), 'f|32|{"drawn": true, "proof": "signature"}|t');
        await service.stop();
    } finally {
        await discard(service);
    }
});
