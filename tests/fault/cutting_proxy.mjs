// A proxy on loopback that lets every request through and, while it is asked to, keeps the reply for
// itself: it waits until the service has answered, so the write is done, and drops the connection.
import { connect, createServer } from 'node:net';

export class CuttingProxy {
    constructor(service) {
        Object.assign(this, { service, share: 0, cuts: 0, cuts_max: Infinity, answered: 0 });
    }

    async start() {
        this.server = createServer((client) => this.pass(client));
        await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
        this.url = `http://127.0.0.1:${this.server.address().port}`;
        return this;
    }

    pass(client) {
        const { hostname, port } = new URL(this.service.url);
        const server = connect(Number(port), hostname);
        const end = () => [client, server].forEach((socket) => socket.destroy());
        for (const socket of [client, server]) socket.on('error', end).on('close', end);
        client.on('data', (bytes) => server.write(bytes));
        server.on('data', (bytes) => {
            if (this.cuts >= this.cuts_max || Math.random() >= this.share) {
                client.write(bytes);
                return;
            }
            this.cuts++;
            if (bytes.toString('latin1', 0, 12) === 'HTTP/1.1 200') this.answered++;
            end();
        });
    }

    stop() {
        this.server.close();
    }
}
