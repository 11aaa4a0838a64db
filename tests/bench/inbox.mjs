// ./dev bench inbox [--few N] [--many N] [--rounds N] [--json FILE]
// A page of 50 of the desk's lists, at few and at many dossiers of one agency, in turn in one run: as many
// milliseconds at both, or the ratio says how far not. Ends with 1 when a list that walks an index by
// its order costs more than 1.5 times as much.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Cluster, ROOT } from './cluster.mjs';
import { median } from './machine.mjs';

const { values: option } = parseArgs({ options: { few: { type: 'string', default: '10000' },
    many: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '9' }, json: { type: 'string' } } });
const BINARY = process.env.DOSSIERPOST_BIN ?? join(ROOT, 'build/dossierpost');
const GROUPS = ['due', 'overdue', 'accept', 'waiting', 'receive', 'hand_over', 'came_back'], MOST = 1.5, CALLS = 20;
const say = (text) => process.stderr.write(`== ${text}\n`);

// Milliseconds of each of so many calls, told by the server's own clock.
const timed = (group) => `do $$
declare v_unit bigint; v_account bigint; v_began timestamptz; v_page jsonb;
begin
    select a.id, a.unit_id into v_account, v_unit from account.account a where login = 'officer';
    for n in 1 .. ${CALLS} loop
        v_began := clock_timestamp();
        v_page := dossier.inbox(v_account, v_unit, 16, '{"group": "${group}", "limit": 50, "counts": true}');
        if jsonb_array_length(v_page -> 'items') <> 50 then
            raise exception '${group}: % items', jsonb_array_length(v_page -> 'items');
        end if;
        insert into pg_temp.took values (extract(epoch from clock_timestamp() - v_began) * 1000);
    end loop;
end $$;`;

async function page(cluster, name, group) {
    const { stdout } = await cluster.script(name, `create temp table took (ms float8);
        ${timed(group)} select percentile_cont(0.5) within group (order by ms) from took;`);
    return Number(stdout.trim());
}

const cluster = await Cluster.start();
try {
    const names = {};
    for (const size of [option.few, option.many])
        names[size] = await cluster.kept(`inbox_${size}`, BINARY, ['tests/bench/seed_inbox.sql'], (name) =>
            cluster.file(name, 'tests/bench/seed_inbox.sql', { dossiers: size, ON_ERROR_STOP: 1 }), say);
    const report = {};
    for (const group of GROUPS) {
        const took = { [option.few]: [], [option.many]: [] };
        for (let round = 0; round < Number(option.rounds); round++)
            for (const size of round % 2 ? [option.few, option.many] : [option.many, option.few])
                took[size].push(await page(cluster, names[size], group));
        const [few, many] = [median(took[option.few]), median(took[option.many])];
        report[group] = { few, many, ratio: many / few };
        console.log(`${group.padEnd(10)}${few.toFixed(1).padStart(8)} ms at ${option.few}` +
            `${many.toFixed(1).padStart(8)} ms at ${option.many}   ratio ${(many / few).toFixed(2)}`);
    }
    if (option.json) writeFileSync(option.json, JSON.stringify({ option, report }, null, 2));
    process.exitCode = Object.values(report).some((one) => one.ratio > MOST) ? 1 : 0;
} finally {
    await cluster.stop();
}
