// A short day of the province against the real service (see day.mjs). By the environment, as for
// `./dev soak`: DAY_DAYS days of seeds from DAY_SEED on, DAY_DOSSIERS in each; every second one is a day
// on which much goes wrong. What fails is played again with the line that its message names.
import { test } from 'node:test';
import { play } from './day.mjs';

// (the day of the seed that stands here meets nearly every kind of error)
const wanted = (name, fallback) => Number(process.env[`DAY_${name}`] ?? fallback);
const SEED = wanted('SEED', 20261684), DAYS = wanted('DAYS', 1), DOSSIERS = wanted('DOSSIERS', 300);

for (let i = 0; i < DAYS; i++) {
    const seed = SEED + i, trouble = i % 2 ? 5 : 1;
    const bad = trouble > 1 ? 'bad ' : '';
    test(`a province's ${bad}day of seed ${seed} ends as the simulation knows it`, async (t) => {
        const { errors, took, ...figures } = await play({ seed, dossiers: DOSSIERS, trouble,
            say: (text) => t.diagnostic(text) });
        t.diagnostic(JSON.stringify(figures));
        t.diagnostic(JSON.stringify(errors));
    });
}
