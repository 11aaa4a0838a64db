// A short day of the province against the real service (see day.mjs). DAY_SEED and DAY_DOSSIERS play
// another; what fails is played again with the seed that its message names.
import { test } from 'node:test';
import { play } from './day.mjs';

const seed = Number(process.env.DAY_SEED ?? 20260310), dossiers = Number(process.env.DAY_DOSSIERS ?? 300);

test(`a province's day of ${dossiers} dossiers ends as the simulation knows it`, async (t) => {
    const { errors, took, ...figures } = await play({ seed, dossiers, say: (text) => t.diagnostic(text) });
    t.diagnostic(JSON.stringify(figures));
    t.diagnostic(JSON.stringify(errors));
});
