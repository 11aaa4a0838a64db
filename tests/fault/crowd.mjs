// Connections that never come to anything: `node crowd.mjs PORT IDLE HALF` opens so many, half of a
// request on each of the latter and a byte more every ten seconds, says "there" and stays until its
// input ends. A process of its own, so that it takes no time from whoever measures.
import { connect } from 'node:net';

const [port, idle, half] = process.argv.slice(2).map(Number);
const sockets = [];

function open(text) {
    return new Promise((done) => {
        const socket = connect(port, '127.0.0.1', () => {
            if (text) socket.write(text);
            done();
        });
        socket.on('error', done).on('data', () => {});
        sockets.push({ socket, drips: Boolean(text) });
    });
}

for (let i = 0; i < idle + half; i += 100)
    await Promise.all(Array.from({ length: Math.min(100, idle + half - i) }, (_, n) =>
        open(i + n < idle ? '' : 'GET /v1/track/RR123456785VN HTTP/1.1\r\nHost: a\r\nX-Slow: ')));
console.log('there');
let next = 0;
const drip = setInterval(() => {
    for (let i = 0; i < sockets.length / 100; i++) {
        const one = sockets[next++ % sockets.length];
        if (one.drips && one.socket.writable) one.socket.write('a');
    }
}, 100);
process.stdin.resume().on('end', () => {
    clearInterval(drip);
    sockets.forEach((one) => one.socket.destroy());
});
