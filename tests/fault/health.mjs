// Asks /healthz all the time, in a thread of its own so that a busy test does not look like a slow
// service. stop() gives how long the replies took, in milliseconds: {count, median, late, worst},
// late being what 99 of 100 were faster than.
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';

const EVERY = 20;

export class Health {
    constructor(url) {
        this.worker = new Worker(fileURLToPath(import.meta.url), { workerData: url });
    }

    async stop() {
        const told = new Promise((done) => this.worker.once('message', done));
        this.worker.postMessage('stop');
        const times = await told;
        await this.worker.terminate();
        const share = (part) => times[Math.floor(times.length * part)];
        return { count: times.length, median: share(0.5), late: share(0.99), worst: times.at(-1) };
    }
}

if (!isMainThread) {
    const { Agent, get } = await import('node:http');
    const agent = new Agent({ keepAlive: true });
    const times = [];
    const ask = () => new Promise((done) => {
        const began = performance.now();
        const over = (good) => done(times.push(good ? performance.now() - began : Infinity));
        get(`${workerData}/healthz`, { agent }, (reply) => {
            reply.resume().on('end', () => over(reply.statusCode === 200));
        }).on('error', () => over(false));
    });
    let stopped = false;
    parentPort.on('message', () => (stopped = true));
    while (!stopped) {
        await ask();
        await new Promise((done) => setTimeout(done, EVERY));
    }
    agent.destroy();
    parentPort.postMessage(times.sort((a, b) => a - b));
}
