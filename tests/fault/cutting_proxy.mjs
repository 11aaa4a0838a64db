// A proxy on loopback that lets every request through and, while it is asked to, keeps the reply for
// itself: it waits until the service has answered, so the write is done, and drops the connection.
// written: the first id of every body that was so written unheard, however often.
import { connect, createServer } from 'node:net';

export class CuttingProxy {
    constructor(service) {
        Object.assign(this, { service, share: 0, cuts: 0, cuts_max: Infinity, answered: 0,
            written: new Set() });
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
        let asked;
        client.on('data', (bytes) => {
            asked = /"id": ?"([0-9a-f-]{36})"/.exec(bytes.toString('latin1'))?.[1] ?? asked;
            server.write(bytes);
        });
        server.on('data', (bytes) => {
            if (this.cuts >= this.cuts_max || Math.random() >= this.share) {
                client.write(bytes);
                return;
            }
            this.cuts++;
            if (bytes.toString('latin1', 0, 12) === 'HTTP/1.1 200') {
                this.answered++;
                this.written.add(asked);
            }
            end();
        });
    }

    stop() {
        this.server.close();
    }
}
