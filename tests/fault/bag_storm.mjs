// A storm of bags: some clients drive bags round between an office and a hub, others scan what lies in
// them, put it in and take it out again, in the middle of it and sometimes late. Nearly nothing
// of it is as it should be; all of it is recorded, and no two of them may lock in different orders.
import { sleep, uuid7 } from '../api/service.mjs';
import { HUB, OFFICE, ok } from '../api/walk.mjs';
import { Storm } from './scan_storm.mjs';

const BAGS = 4; // the last is the one the others go into
const ROUND = ['close clerk', 'depart courier', 'arrive hub', 'open hub', 'close hub', 'depart courier',
    'arrive clerk', 'open clerk'].map((step) => step.split(' '));
const SINGLY = { clerk: ['bag', 'bag', 'unbag', 'arrive', 'damage', 'count', 'redirect'],
                 hub: ['bag', 'bag', 'unbag', 'arrive', 'sort', 'damage'],
                 courier: ['take_over', 'damage', 'count', 'depart'] };

const any = (list) => list[Math.floor(Math.random() * list.length)];

export class BagStorm extends Storm {
    async prepare() {
        await super.prepare();
        const clerk = await this.service.login('clerk');
        this.bags = [];
        for (let i = 0; i < BAGS; i++)
            this.bags.push(ok(await clerk.post('/v1/containers', { id: uuid7(), kind: 'receptacle',
                origin: OFFICE, destination: HUB }), 201).id);
        this.outer = this.bags.at(-1);
        await this.insist('clerk', this.shipments.map((code) => this.scan('accept', code)));
        return this;
    }

    walk(client) {
        return client < BAGS ? this.drive(this.bags[client]) : this.disturb();
    }

    // Late now and then: what was done in between is looked at again.
    scan(kind, code, more = {}) {
        const late = Math.random() < 0.15 ? Math.random() * 3000 : 0;
        return { ...super.scan(kind, code), at: new Date(Date.now() - late).toISOString(), ...more };
    }

    async drive(bag) {
        for (let step = 0; !this.stopped; step = (step + 1) % ROUND.length) {
            const [kind, who] = ROUND[step];
            const scans = [this.scan(kind, bag)];
            if (bag !== this.outer && Math.random() < 0.2)
                scans.push(this.scan('bag', bag, { container: this.outer }));
            if (Math.random() < 0.2) scans.push(this.scan('damage', any(this.shipments)));
            await this.insist(who === 'courier' && scans.length > 1 ? 'hub' : who, scans);
            await sleep(Math.random() * 20);
        }
    }

    async disturb() {
        while (!this.stopped) {
            const who = any(Object.keys(SINGLY));
            await this.insist(who, Array.from({ length: 1 + Math.floor(Math.random() * 5) }, () => {
                const kind = any(SINGLY[who]);
                return this.scan(kind, any(this.shipments), kind === 'bag' ? { container: any(this.bags) } : {});
            }));
        }
    }
}
