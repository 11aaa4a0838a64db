// A client that writes down what it sent and what was acknowledged, and checks both against the
// database itself, not against the service's word.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sleep, uuid7, vn_day } from '../api/service.mjs';
import { intake_body } from '../api/walk.mjs';

export const psql_path = () => readdirSync('/usr/lib/postgresql').map(Number).sort((a, b) => b - a)
    .map((version) => `/usr/lib/postgresql/${version}/bin/psql`)[0];

// Rows of one column, as text. The embedded cluster belongs to another user when we are root.
export function query(service, sql, { user = 'dossierpost_owner', database = 'dossierpost' } = {}) {
    const args = ['-h', join(service.state, 'run'), '-U', user, '-d', database, '-XAtq', '-c', sql];
    const command = process.getuid() === 0 ? ['runuser', '-u', 'postgres', '--', psql_path()] : [psql_path()];
    const text = execFileSync(command[0], [...command.slice(1), ...args],
        { encoding: 'utf8', cwd: '/', maxBuffer: 1 << 28 });
    return text.split('\n').filter(Boolean);
}

// From here on today is a day on which all offices work, also on a Sunday.
export const work_today = (service) => query(service, `insert into postal.calendar_day (day, kind, name)
    values ('${vn_day()}', 'swapped_working', 'Ngày làm bù')
    on conflict (day, coalesce(unit_id, 0)) do update set kind = excluded.kind`);

export class Journal {
    constructor() {
        this.entries = []; // {id, kind, send(), acknowledged}
        this.stopped = false;
    }

    // Sends until it is told to stop; a failure is written down and the load goes on.
    async load(people, number) {
        while (!this.stopped) {
            const intake = Math.random() < 0.3;
            const entry = intake ? this.intake(people.clerk) : this.count(people.clerk, number);
            this.entries.push(entry);
            await this.attempt(entry);
            await sleep(5);
        }
    }

    intake(clerk) {
        const body = intake_body();
        return { id: body.id, kind: 'intake', send: async () => {
            const reply = await clerk.post('/v1/dossiers', body, { timeout: 4000 });
            return reply.status === 201 ? reply.body.code : null;
        } };
    }

    count(clerk, number) {
        const scan = { id: uuid7(), code: number, kind: 'count', at: new Date().toISOString() };
        return { id: scan.id, kind: 'scan', send: async () => {
            const reply = await clerk.post('/v1/custody/scans', { scans: [scan] }, { timeout: 4000 });
            return reply.status === 200 ? reply.body.results[0].outcome : null;
        } };
    }

    async attempt(entry) {
        const answer = await entry.send().catch(() => null);
        if (answer !== null) entry.acknowledged = answer;
        else await sleep(50);
    }

    of(kind) {
        return this.entries.filter((entry) => entry.kind === kind);
    }

    // What was acknowledged is there once; what was not is there at most once.
    check(service) {
        const counts = new Map();
        const add = (line) => counts.set(line, (counts.get(line) ?? 0) + 1);
        query(service, 'select id from dossier.dossier').forEach(add);
        query(service, "select id from custody.event where kind = 'count'").forEach(add);
        for (const { id, kind, acknowledged } of this.entries) {
            const found = counts.get(id) ?? 0;
            if (acknowledged) assert.equal(found, 1, `${kind} ${id}, answered ${acknowledged}`);
            else assert.ok(found <= 1, `${kind} ${id} is there ${found} times`);
        }
    }

    // Everything is sent again: the unanswered are done now, the answered are not done twice.
    async again() {
        for (const entry of this.entries) {
            const answer = await entry.send();
            assert.ok(answer, `${entry.kind} ${entry.id} was not answered after the restart`);
            if (!entry.acknowledged) entry.acknowledged = answer;
            else if (entry.kind === 'intake') assert.equal(answer, entry.acknowledged);
            else assert.equal(answer, 'duplicate');
        }
    }
}
