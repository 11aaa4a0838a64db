// The pages' pure parts, without a browser: what a scanner typed, and how things are written.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { local_path } from '../../src/web/common/address.js';
import { is_s10, is_signed, list_code, meant, normal, s10_digit, slip } from '../../src/web/common/codes.js';
import { day, number_meant, money, s10, time, weight } from '../../src/web/common/format.js';

describe('codes as typed and scanned', () => {
    it('know the check digit of the published number', () => {
        assert.equal(s10_digit('47110815'), 1);
        assert.equal(slip('EE471108151FR'), '');
        assert.match(slip('EE471108152FR'), /chữ số kiểm tra/);
    });
    it('give 0 for ten and 5 for eleven', () => {
        const of = (wanted) => Array.from({ length: 2000 }, (_, i) => String(i).padStart(8, '0'))
            .filter((serial) => {
                const sum = [...serial].reduce((s, d, i) => s + d * [8, 6, 4, 2, 3, 5, 9, 7][i], 0);
                return 11 - (sum % 11) === wanted;
            });
        assert.ok(of(10).length && of(10).every((serial) => s10_digit(serial) === 0));
        assert.ok(of(11).length && of(11).every((serial) => s10_digit(serial) === 5));
    });
    it('are made comparable', () => {
        for (const typed of ['rr 46100001 9 vn', 'RR461000019VN', ' RR 461 000 019 VN ',
            'http://127.0.0.1:8080/t/RR461000019VN', 'HTTPS://BUUCHINH.VN/T/RR461000019VN'])
            assert.equal(normal(typed), 'RR461000019VN', typed);
        assert.equal(normal('000.21.16.h57-261124-0001'), '000.21.16.H57-261124-0001');
        assert.equal(normal('http://x.vn/t/000.21.16.H57-261124-0001'), '000.21.16.H57-261124-0001');
        assert.equal(normal('vnaaalvnaaacaun60001001010000'), 'VNAAALVNAAACAUN60001001010000');
    });
    it('are understood with letters of other alphabets and figures for letters, where only one can stand', () => {
        for (const typed of ['RR461OOOO19VN', 'rr46l0000i9vn', 'ＲＲ４６１００００１９ＶＮ', 'RR-461000019-VN', 'RR\u200b461000019VN',
            'RR461\u041e\u041e\u041e\u041e19VN', 'http://x.vn/t/RR461000019VN'])
            assert.equal(meant(typed), 'RR461000019VN', typed);
        assert.equal(meant('ЕЕ471108151FR'), 'EE471108151FR', 'Cyrillic Е');
        assert.equal(meant('000.21.16.h57-261124-0001'), '000.21.16.H57-261124-0001');
        assert.equal(meant('0O0.21'), '0O0.21');
        assert.equal(slip(meant('RR461OOOO18VN')), slip('RR461000018VN'), 'a wrong digit stays wrong');
    });
    it('leave a signed code to the service, without its link', () => {
        const code = 'A'.repeat(128);
        assert.equal(normal(`HTTP://127.0.0.1:8080/S/${code}`), code);
        assert.equal(normal(code.toLowerCase()), code);
        assert.ok(is_signed(code) && !is_s10(code) && slip(code) === '');
    });
});

describe('the one code of a list', () => {
    const id = '01a21917-14a0-7b7d-bd39-e1f8fba7bb60';
    it('is its id, alone or behind /G/, in any case', () => {
        for (const code of [id, id.toUpperCase(), `HTTP://127.0.0.1/G/${id.toUpperCase()}`, `https://x.vn/g/${id}`])
            assert.equal(list_code(normal(` ${code} `)).toLowerCase(), id, code);
        for (const code of [`x${id}`, id.slice(1), 'RR461000019VN', `/G/${id}/x`])
            assert.equal(list_code(normal(code)), undefined, code);
    });
});

describe('where a login leads', () => {
    it('is a page of this site and nothing else', () => {
        for (const path of ['/', '/courier', '/agency#sign/01a21917-14a0-7b7d-bd39-e1f8fba7bb60', '/g/01a2',
            '/online/file/1.004873.H57#01a21917-14a0-7b7d-bd39-e1f8fba7bb60'])
            assert.equal(local_path(path), path);
        for (const other of ['//evil.example', '//evil', '/\\evil', '\\\\evil', '/\t/evil', '/\n/evil', '\t//evil', ' /x', '/x\n',
            'https://evil.example/', 'https:evil', 'javascript:alert(1)', 'data:text/html,x', 'evil', '#x', '', null, undefined,
            '/x?next=//evil', '/%2F/evil', '/.//evil', '/..//evil', '/x/../..//evil', '/x.', '/@evil:80', '／／evil'])
            assert.equal(local_path(other), null, JSON.stringify(other));
    });
});

describe('things as written in Vietnam', () => {
    it('a number is taken as it is written', () => {
        for (const text of ['50000', '50.000', '50 000', ' 50.000 ']) assert.equal(number_meant(text), 50000);
        for (const text of ['', '1.50', '50,5', '5.0000', '50.000 đ', '1e3']) assert.equal(number_meant(text), text);
    });

    it('times are those of Vietnam, whatever the machine thinks', () => {
        assert.equal(time('2026-11-23T02:15:00Z'), '23/11/2026 09:15');
        assert.equal(time('2026-12-31T17:00:00Z'), '01/01/2027 00:00');
        assert.equal(time(null), '');
        assert.equal(day('2026-11-23'), '23/11/2026');
    });
    it('money has dots', () => {
        assert.equal(money(0), '0 đ');
        assert.equal(money(26000), '26.000 đ');
        assert.equal(money(1234567), '1.234.567 đ');
    });
    it('weights and numbers are grouped', () => {
        assert.equal(weight(250), '250 g');
        assert.equal(weight(1200), '1,2 kg');
        assert.equal(s10('RR461000019VN'), 'RR 46100001 9 VN');
        assert.equal(s10('not one'), 'not one');
    });
});
