// The HTTP front alone (tests/http_probe.c), for tests that send it bytes no client library would
// send. The program lies beside the one under test, so it is the sanitized one in the suite.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const BIN = join(dirname(resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost')),
    'tests/http_probe');

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export class Probe {
    static async start(env = {}, before = []) {
        const probe = new Probe();
        const command = [...before, BIN];
        probe.child = spawn(command[0], command.slice(1), {
            env: { ...process.env, DOSSIERPOST_LISTEN: '127.0.0.1:0', ...env },
        });
        probe.log = '';
        probe.child.stderr.on('data', (text) => { probe.log += text; });
        probe.exit = once(probe.child, 'exit');
        const [line] = await Promise.race([
            once(probe.child.stdout, 'data'),
            probe.exit.then(() => { throw new Error(`the probe ended: ${probe.log}`); }),
        ]);
        probe.port = Number(/port (\d+)/.exec(String(line))[1]);
        probe.url = `http://127.0.0.1:${probe.port}`;
        return probe;
    }

    // Ends it and says what a sanitizer had to complain about.
    async stop() {
        this.child.kill('SIGTERM');
        const [status] = await this.exit;
        if (status !== 0) throw new Error(`the probe ended with ${status}: ${this.log.slice(-3000)}`);
    }

    // Seconds of processor time so far.
    cpu() {
        const fields = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
        return (Number(fields[11]) + Number(fields[12])) / 100;
    }

    raw(pieces, options) {
        return raw(this.port, pieces, options);
    }
}

// Sends the pieces and reads until the server closes or `wait` ms after the last piece; `deaf` ms
// long it sends without reading.
export async function raw(port, pieces, { wait = 300, gap = 0, deaf = 0, close = true } = {}) {
    const socket = connect(port, '127.0.0.1');
    const answer = new Answer(socket);
    if (deaf) {
        socket.pause();
        setTimeout(() => socket.resume(), deaf);
    }
    await once(socket, 'connect');
    for (const piece of [pieces].flat()) {
        if (socket.destroyed || answer.ended) break;
        socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
        if (gap) await sleep(gap);
    }
    await Promise.race([answer.closed, sleep(wait)]);
    if (close) socket.destroy();
    return answer;
}

// What came back: replies one after the other, and whether the server closed.
export class Answer {
    constructor(socket) {
        this.socket = socket;
        this.bytes = Buffer.alloc(0);
        this.ended = false;
        socket.on('data', (data) => { this.bytes = Buffer.concat([this.bytes, data]); });
        this.closed = new Promise((done) => {
            const end = () => { this.ended = true; done(); };
            socket.on('end', end).on('close', end);
            socket.on('error', (error) => { this.error ??= error.code; end(); });
        });
    }

    get text() {
        return this.bytes.toString('latin1');
    }

    // [{status, headers, body}]; throws when what came is not a row of whole replies.
    replies() {
        const found = [];
        let rest = this.bytes;
        while (rest.length) {
            const end = rest.indexOf('\r\n\r\n');
            if (end < 0) throw new Error(`half a reply: ${rest}`);
            const [first, ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n');
            const headers = Object.fromEntries(lines.map((line) => {
                const colon = line.indexOf(': ');
                return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)];
            }));
            const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)[1]);
            const size = Number(headers['content-length'] ?? 0);
            const body = rest.subarray(end + 4, end + 4 + size).toString();
            rest = rest.subarray(end + 4 + size);
            if (status >= 200) found.push({ status, headers, body });
        }
        return found;
    }
}
