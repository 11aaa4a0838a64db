// A service and its database that live in a day of their own. tests/day/clock.c, preloaded into both,
// moves their time of day by what stands in a file; whoever plays the day sets it before each step.
// So commands, whose time is the service's own now, and scans, whose time is the device's, happen at
// the simulated times, as fast as the machine can; the program has no option for it and does not know.
import { chmodSync, copyFileSync, existsSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ROOT, Service } from '../api/service.mjs';
import { query } from '../fault/journal.mjs';

export class Clock {
    constructor(folder) {
        const built = join(dirname(resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost')),
            'tests/day_clock.so');
        if (!existsSync(built)) throw new Error(`${built} is not built: meson configure -Dtests=true`);
        // The database's user must be able to read both.
        this.library = join(folder, 'day_clock.so');
        copyFileSync(built, this.library);
        chmodSync(this.library, 0o755);
        this.path = join(folder, 'day_clock');
        writeFileSync(this.path, Buffer.alloc(8));
        chmodSync(this.path, 0o644);
        this.file = openSync(this.path, 'r+');
        this.moved = 0;
        this.begun = false;
    }

    get env() {
        return { LD_PRELOAD: this.library, DAY_CLOCK: this.path };
    }

    now() {
        return Date.now() + this.moved;
    }

    // It runs on from there, and never back.
    set(at) {
        if (this.begun && at <= this.now()) return;
        this.begun = true;
        this.moved = Math.ceil(at - Date.now());
        const bytes = Buffer.alloc(8);
        bytes.writeBigInt64LE(BigInt(this.moved) * 1000n);
        writeSync(this.file, bytes, 0, 8, 0);
    }
}

export async function service_at(at, env = {}) {
    const service = new Service();
    service.clock = new Clock(service.state);
    service.clock.set(at);
    service.env = { ...service.clock.env, DOSSIERPOST_ACCOUNT_SESSION_HOURS: '72', ...env };
    await service.start();
    // By a clock that runs a thousand times as fast the database would tidy up without a pause.
    for (const set of ['autovacuum = off', "checkpoint_timeout = '1d'"])
        query(service, `alter system set ${set}`, { user: 'postgres' });
    query(service, 'select pg_reload_conf()', { user: 'postgres' });
    return service;
}

// What the database does by itself every few minutes of a day.
export const tidy = (service) => query(service, 'vacuum (analyze)', { user: 'postgres' });
