// This browser as a device of whoever is logged in: registered once, so that the service knows how
// far its clock is off, sees what is missing in what it numbered, and gives receipts.
import { post, uuid7 } from './api.js';

export class Device {
    constructor(owner) {
        this.key = `dossierpost.device.${owner}`;
    }

    read() {
        try {
            return JSON.parse(localStorage.getItem(this.key)) ?? {};
        } catch {
            return {};
        }
    }

    // The id is kept before it is registered: when the reply is lost the same one is registered again.
    async id(first_seq) {
        const device = { id: uuid7(), first_seq, ...this.read() };
        if (device.registered) return device.id;
        localStorage.setItem(this.key, JSON.stringify(device));
        const name = `Trình duyệt ${navigator.userAgentData?.platform ?? navigator.platform ?? ''}`.trim();
        await post('/v1/devices', { id: device.id, name, first_seq: device.first_seq });
        localStorage.setItem(this.key, JSON.stringify({ ...device, registered: true }));
        return device.id;
    }

    // Revoked, or another's: the next call registers anew.
    forget() {
        localStorage.removeItem(this.key);
    }
}
