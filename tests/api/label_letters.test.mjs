// Every letter of Vietnamese in the PDF of every template, as poppler reads it: composed, whatever form
// came in.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { facts } from '../reading/facts.mjs';
import { ROOT } from './service.mjs';

const BIN = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
const folder = mkdtempSync(join(tmpdir(), 'dossierpost-letters-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const TONES = ['', '\u0300', '\u0309', '\u0303', '\u0301', '\u0323'];
const LETTERS = [...'bcdđghklmnpqrstvx', ...[...'aăâeêioôơuưy'].flatMap((vowel) =>
    TONES.map((tone) => (vowel + tone).normalize('NFC')))];

// Where people's own words stand, bold and light.
const SHIPMENT = ['recipient.name', 'recipient.address', 'sender.name', 'sender.address', 'return_to.name', 'origin.name',
    'routing.hub', 'routing.office'];
const SLOTS = {
    'shipment': ['shipment', 1, SHIPMENT], 'shipment-a6': ['shipment', 1, SHIPMENT], 'shipment-a4': ['shipment', 4, SHIPMENT],
    'sticker': ['shipment', 1, ['origin.name']],
    'bag': ['bag', 1, ['destination.name', 'routing.hub', 'origin.name', 'seal']],
    'invitation': ['invitation', 1, ['recipient.name', 'recipient.address', 'sender.name', 'office.name', 'office.address']],
};

// The facts with a word in each slot.
function said(paper, slots, words) {
    const its = facts(paper, 1);
    slots.forEach((slot, i) => {
        const [part, name] = slot.split('.');
        its[part] = name ? { ...its[part], [name]: words[i] } : words[i];
    });
    return its;
}

// A dozen letters in each slot, in turn until each dozen has stood in each; as both forms and both cases.
function labels(paper, slots) {
    const dozens = Array.from({ length: Math.ceil(LETTERS.length / 12) }, (_, i) =>
        LETTERS.slice(12 * i, 12 * i + 12).join(''));
    const ways = ['NFC', 'NFD'].flatMap((form) => ['toLowerCase', 'toUpperCase'].map((change) => [form, change]));
    return ways.flatMap(([form, change]) => dozens.map((_, turn) => {
        const words = slots.map((__, i) => dozens[(turn + i) % dozens.length][change]());
        return { form, words, facts: said(paper, slots, words.map((word) => word.normalize(form))) };
    }));
}

for (const [template, [paper, places, slots]] of Object.entries(SLOTS))
    test(`${template}: every Vietnamese letter comes back, composed, whatever form came in`, () => {
        const list = labels(paper, slots), pdf = join(folder, `${template}.pdf`);
        execFileSync(BIN, ['label', '-', '--state-dir', join(folder, 'state'), '--template', template, '--out', pdf],
            { input: JSON.stringify(list.map((label) => label.facts)), stdio: ['pipe', 'ignore', 'pipe'] });
        const pages = execFileSync('pdftotext', [pdf, '-'], { encoding: 'utf8' }).split('\f');
        assert.equal(pages.length - 1, Math.ceil(list.length / places));
        list.forEach(({ form, words }, i) => words.forEach((word, at) =>
            assert.ok(pages[Math.floor(i / places)].includes(word.normalize('NFC')),
                `${word} as ${form} in ${slots[at]}:\n${pages[Math.floor(i / places)]}`)));
    });

test('these are all letters: 17 consonants, 12 vowels in 6 tones', () => {
    assert.equal(new Set(LETTERS).size, 17 + 12 * 6);
    assert.ok(LETTERS.every((letter) => [...letter].length === 1));
});
