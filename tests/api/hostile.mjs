// Requests that must be refused, as {name: [bytes, status]}. `path` takes GET; `post` is a path that
// takes a body of at most 64 KiB, with what else its head needs.
const H = 'Host: a\r\n';

export function hostile(path, post_path, post_lines = '') {
    const get = (lines) => `GET ${path} HTTP/1.1\r\n${lines}\r\n`;
    const post = (lines, body = '') =>
        `POST ${post_path} HTTP/1.1\r\n${H}${post_lines}${lines}\r\n${body}`;
    const rows = {
        'two Hosts': [get(H + H), 400],
        'no Host': [get(''), 400],
        'an empty Host': [get('Host:\r\n'), 400],
        'two equal Content-Lengths': [post('Content-Length: 5\r\nContent-Length: 5\r\n', 'hello'), 400],
        'two Content-Lengths': [post('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello'), 400],
        'Content-Length +5': [post('Content-Length: +5\r\n', 'hello'), 400],
        'Content-Length "5 5"': [post('Content-Length: 5 5\r\n', 'hello'), 400],
        'Content-Length 0x5': [post('Content-Length: 0x5\r\n', 'hello'), 400],
        'Content-Length 5,5': [post('Content-Length: 5,5\r\n', 'hello'), 400],
        'Content-Length -1': [post('Content-Length: -1\r\n', 'hello'), 400],
        'Content-Length empty': [post('Content-Length: \r\n', 'hello'), 400],
        'Content-Length beyond 64 bits': [post('Content-Length: 99999999999999999999\r\n'), 400],
        'Content-Length over the limit': [post('Content-Length: 65537\r\n'), 413],
        'Content-Length and Transfer-Encoding':
            [post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'), 400],
        'Transfer-Encoding and Content-Length':
            [post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'), 400],
        'Transfer-Encoding xchunked': [post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'), 501],
        'Transfer-Encoding "chunked, gzip"':
            [post('Transfer-Encoding: chunked, gzip\r\n', '0\r\n\r\n'), 501],
        'Transfer-Encoding gzip': [post('Transfer-Encoding: gzip\r\n', '0\r\n\r\n'), 501],
        'Transfer-Encoding "chunked" twice':
            [post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'), 400],
        'Transfer-Encoding by vertical tab': [post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n'), 400],
        'bare LF behind the request line': [`GET ${path} HTTP/1.1\n${H}\r\n`, 400],
        'bare LF behind a field': [`GET ${path} HTTP/1.1\r\nHost: a\n\r\n`, 400],
        'bare LF behind any field': [get(`${H}A: bc\n`), 400],
        'bare LF at the end of the head': [`GET ${path} HTTP/1.1\r\n${H}\n`, 400],
        'bare CR in a field': [get(`${H}A: b\rContent-Length: 5\r\n`), 400],
        'NUL in a field': [get(`${H}A: b\0c\r\n`), 400],
        'NUL in the target': [`GET /\0 HTTP/1.1\r\n${H}\r\n`, 400],
        'obs-fold': [get(`${H}A: b\r\n c: d\r\n`), 400],
        'a folded first field': [get(` ${H}`), 400],
        'a space before the colon': [get('Host : a\r\n'), 400],
        'an empty field name': [get(`${H}: b\r\n`), 400],
        'a field without a colon': [get(`${H}abc\r\n`), 400],
        'an absolute target of another host': [`GET http://b${path} HTTP/1.1\r\n${H}\r\n`, 400],
        'an asterisk for GET': [`GET * HTTP/1.1\r\n${H}\r\n`, 400],
        'a fragment': [`GET ${path}#x HTTP/1.1\r\n${H}\r\n`, 400],
        'a bad percent escape': [`GET /v1/things/%zz HTTP/1.1\r\n${H}\r\n`, 400],
        'half a percent escape': [`GET /v1/things/%4 HTTP/1.1\r\n${H}\r\n`, 400],
        '%00': [`GET /v1/things/%00 HTTP/1.1\r\n${H}\r\n`, 400],
        'an escaped line end': [`GET /v1/things/%0d%0a HTTP/1.1\r\n${H}\r\n`, 400],
        'an escaped slash': [`GET /v1/things%2f7 HTTP/1.1\r\n${H}\r\n`, 400],
        'broken UTF-8': [`GET /v1/things/%ff%fe HTTP/1.1\r\n${H}\r\n`, 400],
        'a bidirectional override': [`GET /v1/things/%e2%80%ae HTTP/1.1\r\n${H}\r\n`, 400],
        'HTTP/1.0': [`GET ${path} HTTP/1.0\r\n${H}\r\n`, 505],
        'the preface of HTTP/2': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
        'an unknown method': [`BREW ${path} HTTP/1.1\r\n${H}\r\n`, 501],
        'CONNECT': [`CONNECT a:80 HTTP/1.1\r\n${H}\r\n`, 501],
        'an unknown expectation': [post('Content-Length: 5\r\nExpect: tea\r\n'), 417],
        'a TLS hello': ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n', 400],
        'a request line of 9 KiB': [`GET /${'a'.repeat(9000)} HTTP/1.1\r\n${H}\r\n`, 414],
        'a request line without end': ['a'.repeat(20000), 414],
        'fields of 17 KiB': [get(`${H}A: ${'b'.repeat(17000)}\r\n`), 431],
        '101 fields': [get(H + 'A: b\r\n'.repeat(100)), 431],
    };
    const chunk = (body) => post('Transfer-Encoding: chunked\r\n', body);
    for (const size of ['0x5', '-1', '+5', '5 ;x', ' 5', '5 ', '', 'g', 'fffffffff', '000000005'])
        rows[`chunk size "${size}"`] = [chunk(`${size}\r\nhello\r\n0\r\n\r\n`), 400];
    Object.assign(rows, {
        'a chunk size over the limit': [chunk(`ffffff\r\n${'x'.repeat(70000)}`), 413],
        'many chunks over the limit': [chunk(`8000\r\n${'x'.repeat(0x8000)}\r\n`.repeat(3)), 413],
        'a chunk without CRLF behind it': [chunk('5\r\nhello0\r\n\r\n'), 400],
        'a chunk longer than its size': [chunk('5\r\nhello world\r\n0\r\n\r\n'), 400],
        'a chunk size ended by LF': [chunk('5\nhello\r\n0\r\n\r\n'), 400],
        'LF in a chunk extension': [chunk('5;a\nb\r\nhello\r\n0\r\n\r\n'), 400],
        'an endless chunk extension': [chunk(`5;${'a'.repeat(300)}\r\nhello\r\n0\r\n\r\n`), 400],
        'trailer fields': [chunk('5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n'), 400],
    });
    return rows;
}
