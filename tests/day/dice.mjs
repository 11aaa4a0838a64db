// Chance from a seed: the same seed gives the same day.

export class Dice {
    constructor(seed) {
        this.state = seed >>> 0 || 1;
        for (let i = 0; i < 8; i++) this.next();
    }

    // 0 ≤ x < 1 (a 32-bit mixer; a day needs some hundred thousand throws).
    next() {
        this.state = (this.state + 0x6d2b79f5) >>> 0;
        let x = this.state;
        x = Math.imul(x ^ (x >>> 15), x | 1);
        x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
        return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
    }

    // A stream of its own for a part, so that one part's throws do not change another's.
    fork() {
        return new Dice(Math.floor(this.next() * 2 ** 32));
    }

    chance(part) {
        return this.next() < part;
    }

    between(least, most) {
        return least + (most - least) * this.next();
    }

    whole(least, most) {
        return Math.floor(this.between(least, most + 1));
    }

    pick(list) {
        return list[Math.floor(this.next() * list.length)];
    }

    // One of them, each as often as its weight says.
    weighed(list, weight) {
        let left = this.next() * list.reduce((sum, one) => sum + weight(one), 0);
        return list.find((one) => (left -= weight(one)) < 0) ?? list.at(-1);
    }

    shuffled(list) {
        const out = [...list];
        for (let i = out.length - 1; i > 0; i--) {
            const j = Math.floor(this.next() * (i + 1));
            [out[i], out[j]] = [out[j], out[i]];
        }
        return out;
    }

    // RFC 9562 version 7, of that time.
    uuid7(at) {
        const hex = (digits) => Math.floor(this.next() * 16 ** digits).toString(16).padStart(digits, '0');
        const time = Math.floor(at).toString(16).padStart(12, '0');
        return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-${'89ab'[this.whole(0, 3)]}${hex(3)}-${hex(6)}${hex(6)}`;
    }
}
