// Printers for tests. `IppPrinter` is the real one of the CUPS project, ippeveprinter, with a bus and
// an avahi daemon of its own (it must announce itself, on the loopback alone); its print command keeps
// what was printed and does as a file tells it. `RawPrinter` is what listens on port 9100.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep, until } from './service.mjs';

const BUS = (folder) => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=${folder}/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/>
<allow user="*"/></policy></busconfig>
`;
const AVAHI = `[server]
use-ipv4=yes
use-ipv6=no
allow-interfaces=lo
[wide-area]
enable-wide-area=no
`;
// Its pid file has one place for the whole machine and its user another id, so it sees a /run and
// accounts of its own, where the machine lets it.
const AVAHI_APART = `mount -t tmpfs none /run
mkdir /run/avahi-daemon
for list in passwd group; do
    sed 's/^avahi:x:[0-9]*:[0-9]*/avahi:x:0:0/; s/^avahi:x:[0-9]*:$/avahi:x:0:/' /etc/$list >$list
    mount --bind $list /etc/$list
done
exec "$@"
`;
const AVAHI_RUN = ['avahi-daemon', '-f', 'avahi.conf', '--no-drop-root', '--no-chroot', '--no-rlimits'];
const apart = () => spawnSync('unshare', ['-rm', 'true']).status === 0;
// `mode` says what the next document meets: nothing, "slow N", "paper" (until the mode changes) or
// "fail". What came out lies in `out`, in order.
const COMMAND = `#!/bin/sh
here=$(dirname "$0")
mode=$(cat "$here/mode")
case "$mode" in
slow*) sleep "\${mode#slow }" ;;
fail) exit 1 ;;
paper)
    echo "STATE: media-empty-error" >&2
    while [ "$(cat "$here/mode")" = paper ]; do sleep 0.2; done
    echo "STATE: -media-empty-error" >&2 ;;
esac
n=$(ls "$here/out" | wc -l)
cp "$1" "$here/out/.new" && mv "$here/out/.new" "$here/out/$(printf %03d "$n")"
`;

// A port that nobody has just now.
export async function free_port() {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    server.close();
    await once(server, 'close');
    return port;
}

async function ended(child) {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
}

export class IppPrinter {
    constructor(options = {}) {
        this.options = options;
        this.folder = mkdtempSync(join(tmpdir(), 'dossierpost-ipp-'));
        this.text = '';
    }

    async start() {
        try {
            await this.set_up();
        } catch (error) {
            throw new Error(`${error.message}:\n${this.text}`);
        }
        return this;
    }

    async set_up() {
        const { folder } = this;
        for (const name of ['spool', 'out', 'keys']) mkdirSync(join(folder, name));
        writeFileSync(join(folder, 'bus.conf'), BUS(folder));
        writeFileSync(join(folder, 'avahi.conf'), AVAHI);
        writeFileSync(join(folder, 'command'), COMMAND);
        chmodSync(join(folder, 'command'), 0o755);
        this.mode('');
        this.port = await free_port();
        this.env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${folder}/bus` };
        this.bus = this.run('dbus-daemon', [`--config-file=${folder}/bus.conf`, '--nofork', '--print-address']);
        await until('the bus', () => this.text.includes('unix:path='));
        this.avahi = apart() ? this.run('unshare', ['-rm', 'sh', '-ec', AVAHI_APART, 'sh', ...AVAHI_RUN])
            : this.run(AVAHI_RUN[0], AVAHI_RUN.slice(1));
        await until('avahi', () => this.text.includes('Server startup complete'));
        await this.power_on();
    }

    run(program, args) {
        const child = spawn(program, args, { env: this.env, cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
        for (const pipe of [child.stdout, child.stderr])
            pipe.setEncoding('utf8').on('data', (text) => (this.text += text));
        child.on('error', (error) => (this.text += error.message));
        return child;
    }

    async power_on() {
        const formats = this.options.formats ?? 'application/pdf,image/png,application/vnd.zebra-zpl,application/octet-stream';
        this.child = this.run('ippeveprinter', ['-v', '-p', String(this.port), '-d', join(this.folder, 'spool'), '-k',
            '-K', join(this.folder, 'keys'), '-f', formats, '-c', join(this.folder, 'command'), '-n', 'localhost', 'Test']);
        await until('the printer', () => fetch(`http://localhost:${this.port}/`).then((r) => r.ok, () => false));
    }

    // The plug is pulled.
    async power_off() {
        await ended(this.child);
    }

    mode(what) {
        writeFileSync(join(this.folder, 'mode'), what);
    }

    // Documents that were printed, in order.
    printed() {
        return readdirSync(join(this.folder, 'out')).filter((name) => name[0] !== '.').sort()
            .map((name) => readFileSync(join(this.folder, 'out', name)));
    }

    get uri() {
        return `ipp://localhost:${this.port}/ipp/print`;
    }

    async stop() {
        for (const child of [this.child, this.avahi, this.bus]) await ended(child);
        rmSync(this.folder, { recursive: true, force: true });
    }
}

// `on_bytes(socket, so far)` may cut, pause or go on; what came whole is in `printed`.
export class RawPrinter {
    constructor(on_bytes = null, options = {}) {
        this.printed = [];
        this.sockets = new Set();
        this.calls = 0;
        this.server = createServer(options, (socket) => {
            socket.unref(); // a test that failed must not keep the process
            const parts = [];
            let length = 0;
            this.calls++;
            this.sockets.add(socket);
            socket.on('error', () => {});
            socket.on('data', (part) => {
                parts.push(part);
                length += part.length;
                on_bytes?.(socket, length, this);
            });
            socket.on('end', () => {
                if (length) this.printed.push(Buffer.concat(parts));
            });
            socket.on('close', () => this.sockets.delete(socket));
        });
    }

    async start(port = 0) {
        this.server.listen(port, '127.0.0.1');
        await once(this.server, 'listening');
        this.server.unref();
        this.port = this.server.address().port;
        return this;
    }

    get uri() {
        return `socket://127.0.0.1:${this.port}`;
    }

    async stop() {
        this.sockets.forEach((socket) => socket.destroy());
        this.server.close();
        await sleep(10);
    }
}

// Takes connections and never says a word.
export const hung_printer = () => new RawPrinter(null, { pauseOnConnect: true }).start();
