// What happens to a label before it is read, as a table: which code is read, whether every time (`must`)
// or only told, at the first look or at one of several, and how many times a label is spoilt so. Blur is
// told by its Gaussian's sigma.
import { errors, square } from './symbol.mjs';

const SHARE = 0.08; // of the QR's area
const EDGE = 8;     // modules around a code, as a camera is held over it

// The QR with what stands around it; `at` is where its first module is then.
function near_qr({ symbol, picture }) {
    const at = EDGE * symbol.module, side = symbol.modules * symbol.module + 2 * at;
    return { picture: picture.crop(symbol.x - at, symbol.y - at, side, side), at };
}

// The same of a Code 128, upright as it lies.
function near_bars({ bars_at: { left, top, width, height, module }, picture }) {
    const edge = 2 * EDGE * module;
    return picture.crop(left - edge, top - edge, width + 2 * edge, height + 2 * edge);
}

function whitened(clear) {
    return (label, dice) => {
        const { picture, at } = near_qr(label), { symbol } = label, where = square(symbol, SHARE, dice, clear);
        picture.whiten(at + where.x * symbol.module, at + where.y * symbol.module, where.side * symbol.module);
        return { picture, errors: errors(symbol, label.level, where) };
    };
}

const only = (picture) => ({ picture });

const any_angle = (label, dice) => near_qr(label).picture.turned(dice.between(0, 360));
const quarter = (label, dice) => near_bars(label).turned(90 * dice.whole(0, 3) + dice.between(-5, 5));

export const SPOILS = [
    { name: 'white square clear of the patterns', code: 'QR', must: true, looks: 1, times: 4, make: whitened(true) },
    { name: 'white square anywhere', code: 'QR', must: false, looks: 2, times: 4, make: whitened(false) },
    { name: 'turned by any angle', code: 'QR', must: true, looks: 2, times: 1,
      make: (label, dice) => only(any_angle(label, dice)) },
    { name: 'turned, blurred by 0.5 to 1 dot', code: 'QR', must: true, looks: 2, times: 1,
      make: (label, dice) => only(any_angle(label, dice).blurred(dice.between(0.5, 1))) },
    { name: 'turned, blurred by a quarter of a module', code: 'QR', must: false, looks: 2, times: 1,
      make: (label, dice) => only(any_angle(label, dice).blurred(label.symbol.module / 4)) },
    { name: 'quarter turns and up to 5 degrees', code: 'C128', must: true, looks: 2, times: 1,
      make: (label, dice) => only(quarter(label, dice)) },
    { name: 'quarter turns, 5 degrees, blurred by 0.5 to 1 dot', code: 'C128', must: true, looks: 2, times: 1,
      make: (label, dice) => only(quarter(label, dice).blurred(dice.between(0.5, 1))) },
];
