// One keep-alive pool of connections to the service, and how long each kind of request took.
import { Agent, request } from 'node:http';

export class Caller {
    constructor(url, connections = 24) {
        this.url = new URL(url);
        this.agent = new Agent({ keepAlive: true, maxSockets: connections });
        this.took = new Map(); // kind of request → milliseconds each
        this.requests = 0;
    }

    // {status, body}: what came back as JSON.
    send(kind, method, path, key, body) {
        const text = body === undefined ? '' : JSON.stringify(body);
        const headers = { authorization: `Bearer ${key}`, 'accept-language': 'en' };
        if (text) Object.assign(headers, { 'content-type': 'application/json',
            'content-length': Buffer.byteLength(text) });
        const began = performance.now();
        this.requests++;
        return new Promise((done, failed) => {
            const req = request({ host: this.url.hostname, port: this.url.port, path, method, headers,
                agent: this.agent });
            req.setTimeout(60000, () => req.destroy(new Error(`no reply to ${method} ${path} in a minute`)));
            req.on('error', failed).on('response', (reply) => {
                let got = '';
                reply.setEncoding('utf8').on('data', (part) => (got += part)).on('error', failed);
                reply.on('end', () => {
                    this.note(kind, performance.now() - began);
                    done({ status: reply.statusCode, body: got ? JSON.parse(got) : null });
                });
            });
            req.end(text);
        });
    }

    note(kind, ms) {
        if (!this.took.has(kind)) this.took.set(kind, []);
        this.took.get(kind).push(ms);
    }

    // {count, p50, p99} of a kind.
    figures(kind) {
        const sorted = [...this.took.get(kind) ?? []].sort((a, b) => a - b);
        const at = (part) => sorted.length ? Number(sorted[Math.floor((sorted.length - 1) * part)].toFixed(1)) : null;
        return { count: sorted.length, p50: at(0.5), p99: at(0.99) };
    }

    close() {
        this.agent.destroy();
    }
}
