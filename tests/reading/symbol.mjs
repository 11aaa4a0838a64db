// A QR symbol as ISO/IEC 18004 lays it out, found in a clean picture by its finders: where its patterns
// are, which codeword each module belongs to, and what the code can bear. The reference that tells a
// reader's failure from a code that is past its own bound.

// Of each version: the middles of its alignment patterns.
const ALIGNED = [null, [], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46]];

// [codewords of correction in a block, [blocks, codewords of data in each], …]
const BLOCKS = {
    'H1': [17, [1, 9]], 'H2': [28, [1, 16]], 'H3': [22, [2, 13]], 'H4': [16, [4, 9]], 'H5': [22, [2, 11], [2, 12]],
    'H6': [28, [4, 15]], 'Q8': [22, [4, 18], [2, 19]], 'Q9': [20, [4, 16], [4, 17]],
};

// Where [x, y, width, height] finders (with their white edge), timing and alignment patterns lie.
export function patterns(version) {
    const n = 17 + 4 * version, middles = ALIGNED[version], last = middles.at(-1);
    const found = [[0, 0, 8, 8], [n - 8, 0, 8, 8], [0, n - 8, 8, 8], [8, 6, n - 16, 1], [6, 8, 1, n - 16]];
    for (const x of middles)
        for (const y of middles)
            if (!(x === 6 && y === 6) && !(x === 6 && y === last) && !(x === last && y === 6))
                found.push([x - 2, y - 2, 5, 5]);
    return found;
}

// What carries no codeword: the patterns, the format's two strips, the version's two.
function reserved(version) {
    const n = 17 + 4 * version, strips = [[8, 0, 1, 9], [0, 8, 9, 1], [n - 8, 8, 8, 1], [8, n - 8, 1, 8]];
    if (version >= 7) strips.push([n - 11, 0, 3, 6], [0, n - 11, 6, 3]);
    const taken = Array.from({ length: n }, () => new Uint8Array(n));
    for (const [left, top, width, height] of [...patterns(version), ...strips])
        for (let y = top; y < top + height; y++) taken[y].fill(1, left, left + width);
    return taken;
}

// A row for each module of data, in the order of the bits: {x, y, codeword}.
function data_modules(version) {
    const n = 17 + 4 * version, taken = reserved(version), order = [];
    for (let right = n - 1, up = true; right > 0; right -= 2, up = !up) {
        if (right === 6) right = 5;
        for (let i = 0; i < n; i++)
            for (const x of [right, right - 1]) {
                const y = up ? n - 1 - i : i;
                if (!taken[y][x]) order.push({ x, y, codeword: order.length >> 3 });
            }
    }
    return order;
}

// The block of each codeword as they are interleaved: data by turns, then correction by turns.
function block_of_codewords(level, version) {
    const [correction, ...groups] = BLOCKS[level + version];
    const sizes = groups.flatMap(([blocks, data]) => Array(blocks).fill(data)), order = [];
    for (let i = 0; i < Math.max(...sizes); i++)
        sizes.forEach((size, block) => i < size && order.push(block));
    for (let i = 0; i < correction; i++) order.push(...sizes.keys());
    return { order, bound: correction >> 1 };
}

// What a white square does: the codewords wrong in the worst block, the wrong ones in all, and how
// many a block can bear.
export function errors(symbol, level, square) {
    const { order, bound } = block_of_codewords(level, symbol.version);
    const inside = (at, from) => at + 0.5 > from && at + 0.5 < from + square.side;
    const wrong = new Set();
    for (const { x, y, codeword } of data_modules(symbol.version))
        if (codeword < order.length && symbol.dark(x, y) && inside(x, square.x) && inside(y, square.y))
            wrong.add(codeword);
    const count = Array(order.length ? Math.max(...order) + 1 : 0).fill(0);
    for (const codeword of wrong) count[order[codeword]]++;
    return { worst: Math.max(...count), wrong: wrong.size, bound };
}

// In modules: a square of that share of the symbol, anywhere or clear of its patterns.
export function square(symbol, share, dice, clear) {
    const side = Math.sqrt(share) * symbol.modules, room = symbol.modules - side, taken = patterns(symbol.version);
    for (;;) {
        const x = dice.between(0, room), y = dice.between(0, room);
        const touches = ([left, top, width, height]) =>
            x < left + width && left < x + side && y < top + height && top < y + side;
        if (!clear || !taken.some(touches)) return { x, y, side };
    }
}

// --- in a picture --------------------------------------------------------------------------------------

// The lengths of light and dark along a row: [start, length, dark].
function runs(picture, y) {
    const found = [], row = picture.grey.subarray(y * picture.width, (y + 1) * picture.width);
    for (let x = 0, from = 0; x < row.length; from = x) {
        while (x < row.length && (row[x] < 128) === (row[from] < 128)) x++;
        found.push([from, x - from, row[from] < 128]);
    }
    return found;
}

// Where a row passes the middle of a finder: [x, dots a module], drawn as it must be: on whole dots.
function finders(picture, y) {
    const row = runs(picture, y), found = [];
    for (let i = 1; i + 4 < row.length; i++) {
        const m = row[i][1];
        if (row[i][2] && row[i + 1][1] === m && row[i + 2][1] === 3 * m && row[i + 3][1] === m && row[i + 4][1] === m)
            found.push([row[i][0], m]);
    }
    return found;
}

// The format's first two bits, under their mask.
const LEVELS = { '10': 'M', '11': 'L', '00': 'H', '01': 'Q' };

function symbol_at(picture, x, y, module, modules) {
    const dark = (c, r) => picture.at(x + c * module + (module >> 1), y + r * module + (module >> 1)) < 128;
    return { x, y, module, modules, version: (modules - 17) / 4, dark, level: LEVELS[`${+dark(0, 8)}${+dark(1, 8)}`] };
}

// The first symbol from above: {x, y, module} in dots, {modules, version, level, dark(column, row)}.
export function find_symbol(picture) {
    for (let y = 0; y < picture.height; y++) {
        const found = finders(picture, y);
        for (const [left, module] of found)
            for (const [right, same] of found) {
                const modules = (right - left) / module + 7, top = y - 2 * module;
                if (same !== module || modules < 21 || (modules - 17) % 4) continue;
                const below = top + (modules - 5) * module;
                if (!finders(picture, below).some(([x, m]) => x === left && m === module)) continue;
                return symbol_at(picture, left, top, module, modules);
            }
    }
    throw new Error('no QR symbol on whole dots in this picture');
}

const STARTS = ['211412', '211214', '211232'], STOP = '2331112';

// The runs from `i` on as widths in modules of that many dots.
const widths = (row, i, count, module) => row.slice(i, i + count).map((run) => run[1] / module).join('');

// The bars of a Code 128, from its start to its stop: {left, top, width, height, module} in dots, and how
// much of the row is `white` on both sides.
function bars_across(picture) {
    for (let y = 0; y < picture.height; y++) {
        const row = runs(picture, y);
        for (let i = 1; i + 7 < row.length; i++) {
            const module = row[i + 1][1];
            if (!row[i][2] || !STARTS.includes(widths(row, i, 6, module))) continue;
            let stop = i + 6;
            while (stop + 7 < row.length && widths(row, stop, 7, module) !== STOP) stop += 6;
            if (stop + 7 >= row.length) continue;
            const left = row[i][0], right = row[stop + 7][0];
            const bars = (at) => Buffer.from(picture.grey.buffer, at * picture.width + left, right - left);
            let height = 1;
            while (y + height < picture.height && bars(y).equals(bars(y + height))) height++;
            return { left, top: y, width: right - left, height, module, white: Math.min(row[i - 1][1], row[stop + 7][1]) };
        }
    }
    throw new Error('no Code 128 in this picture');
}

// The same of bars that run across the page or down it.
export function find_bars(picture, way) {
    if (way === 'across') return bars_across(picture);
    const { left, top, width, height, ...more } = bars_across(picture.transposed());
    return { left: top, top: left, width: height, height: width, ...more };
}

// --- what a clean picture must keep to -----------------------------------------------------------------

// White for four modules around a QR, of the level and version it should have; ten on both sides of the
// bars, which are as high and as wide as DOMAIN.md asks: in words, what is wrong.
export function faults({ picture, symbol, bars_at, ...label }) {
    const dots_per_mm = label.dpi === 203 ? 8 : label.dpi / 25.4;
    return [...qr_faults(label, picture, symbol), ...(bars_at ? bars_faults(bars_at, dots_per_mm) : [])];
}

function qr_faults(label, picture, symbol) {
    const wrong = [], quiet = 4 * symbol.module, side = symbol.modules * symbol.module;
    if (symbol.level !== label.level) wrong.push(`the QR has level ${symbol.level}`);
    if (label.qr === 'signed' && symbol.version !== 8) wrong.push(`the signed code has version ${symbol.version}`);
    if (symbol.x < quiet || symbol.y < quiet || symbol.x + side + quiet > picture.width
        || symbol.y + side + quiet > picture.height) wrong.push('the quiet zone of the QR leaves the page');
    const zone = picture.crop(symbol.x - quiet, symbol.y - quiet, side + 2 * quiet, side + 2 * quiet);
    if (zone.whiten(quiet, quiet, side).grey.includes(0)) wrong.push('ink in the quiet zone of the QR');
    return wrong;
}

function bars_faults({ width, height, module, white }, dots_per_mm) {
    const wrong = [], [long, high] = width > height ? [width, height] : [height, width];
    if (white < 10 * module) wrong.push('ink in the quiet zone of the bars');
    if (module < 0.33 * dots_per_mm) wrong.push(`bars of ${module} dots a module`);
    if (high < 9 * dots_per_mm - 1 || high < 0.15 * long) wrong.push(`bars only ${high} dots high`);
    return wrong;
}
