// What the service does by itself at its start and then daily.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discard, own_service, until } from '../api/service.mjs';
import { query } from './journal.mjs';

test('replies kept for a repeat are forgotten after a day', async () => {
    const service = await own_service();
    try {
        query(service, `insert into base.idempotency (account, key, digest, status, reply, at) values
            (1, 'old', '\\x01', 200, '{}', now() - interval '25 hours'),
            (1, 'fresh', '\\x01', 200, '{}', now() - interval '23 hours')`);
        await service.killed();
        await service.start();
        const kept = () => query(service, "select key from base.idempotency where account = 1 order by key");
        await until('the old reply to go', () => !kept().includes('old'));
        assert.deepEqual(kept(), ['fresh']);
        await service.stop({ faults_allowed: true });
    } finally {
        await discard(service);
    }
});
