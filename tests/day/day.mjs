// One day of the province: `play({seed, dossiers})` plans it, starts a service in its morning, plays it
// and holds the service against the truth. Gives the figures; throws with the seed when anything is
// not as it should be.
import { discard, PASSWORD } from '../api/service.mjs';
import { cpu_of } from '../bench/machine.mjs';
import { check_all, checkpoint } from './check.mjs';
import { service_at, tidy } from './clock.mjs';
import { Drive } from './drive.mjs';
import { Plan } from './plan.mjs';
import { BEGIN } from './times.mjs';
import { load_world, SMALL, WHOLE } from './world.mjs';

export async function play({ seed, dossiers, trouble = 1, speed, say = () => {} }) {
    const began = performance.now(), since = (from) => (performance.now() - from) / 1000;
    const size = dossiers < 2000 ? SMALL : WHOLE;
    const plan = new Plan(seed, size, dossiers, trouble).run();
    say(`seed ${seed}: ${dossiers} dossiers, ${plan.things.length} shipments, ${plan.bags.length} bags, ${plan.trips.length} trips, `
        + `${plan.world.offices.length} offices, ${plan.ops.length} operations`);
    const service = await service_at(BEGIN);
    try {
        say(`the service is there after ${since(began).toFixed(1)} s`);
        await load_world(service, plan.world, PASSWORD);
        say(`the province is there after ${since(began).toFixed(1)} s`);
        const drive = new Drive(service, plan, { speed, say, checkpoint: async (drive, hour) => {
            await checkpoint(drive);
            if (hour % 2) tidy(service);
            if (drive.wrong.length) throw new Error('a checkpoint failed');
            say(`hour ${hour}, ${since(from).toFixed(1)} s: ${drive.truth.things.size} things, `
                + `${drive.scanned} scans, ${drive.caller.requests} requests`);
        } });
        const from = performance.now();
        let found;
        try {
            await drive.run();
            drive.seconds = since(from);
            drive.cpu = { service: cpu_of(service.child.pid), database: cpu_of(service.postmaster()),
                driver: process.cpuUsage().user / 1e6 };
            found = await check_all(drive);
        } catch (error) {
            throw new Error(told(drive, error), { cause: error });
        }
        if (drive.wrong.length) throw new Error(told(drive));
        await service.stop();
        return figures(drive, found, since(began));
    } finally {
        await discard(service);
    }
}

const told = ({ plan, wrong }, error) =>
    `a day failed; ./dev bench day --seed ${plan.seed} --dossiers ${plan.wanted} --trouble ${plan.trouble} plays it `
    + `again. ${error?.message ?? ''}\n${wrong.map((one) => JSON.stringify(one)).join('\n')}`;

function figures(drive, found, seconds) {
    const { caller, plan } = drive;
    return { seed: plan.seed, dossiers: plan.dossiers.length, shipments: plan.things.length, bags: plan.bags.length,
        trips: plan.trips.length, seconds: Math.round(seconds), driven_s: Math.round(drive.seconds), requests: caller.requests,
        requests_s: Math.round(caller.requests / drive.seconds), scans: drive.scanned,
        scans_s: Math.round(drive.scanned / drive.seconds), cpu_s: drive.cpu, scans_ms: caller.figures('scans'),
        intakes_ms: caller.figures('intakes'),
        took: Object.fromEntries([...caller.took.keys()].map((kind) => [kind, caller.figures(kind)])), ...found };
}
