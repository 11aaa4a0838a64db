// The short form of `./dev bench reading`: labels of a few seeds, drawn, printed, spoilt and read back by
// two readers (tests/reading). By the environment, as for `./dev soak`: READING_LABELS of seeds from
// READING_SEED on, every READING_SPOIL-th of them spoilt. What fails is played again by its `replay`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play } from '../reading/reading.mjs';

const wanted = (name, fallback) => Number(process.env[`READING_${name}`] ?? fallback);
// (the seeds that stand here meet every template and every printer)
const SEED = wanted('SEED', 20262040), LABELS = wanted('LABELS', 28), SPOIL = wanted('SPOIL', 3);

test(`labels of the seeds from ${SEED} on are read whole, also damaged, turned and blurred`, async (t) => {
    const { rows, failed } = await play({ seed: SEED, labels: LABELS, spoil_every: SPOIL, mix: { 203: 80, 300: 10, 600: 10 } });
    t.diagnostic(JSON.stringify(rows));
    assert.deepEqual(failed, []);
});
