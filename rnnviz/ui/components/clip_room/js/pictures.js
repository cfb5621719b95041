/** The frames as pictures beside one another on canvases out of sight, made once a clip. */

import { cellImage } from "../../common/js/figure.js";
import { colourIndex, parseColour } from "../../common/js/theme.js";

const FAINT = 0.35;

/** All frames of one kind: one canvas, one frame beside the other. */
export class Reel {
  /** `colour(frame, row, column)` returns a packed colour. */
  constructor(count, height, width, colour) {
    Object.assign(this, { count, height, width });
    this.cells = cellImage(count * width, height, (at, row) =>
      colour(Math.floor(at / width), row, at % width),
    );
  }

  /** Draw one frame into a box, as large as its proportions allow. */
  draw(ctx, frame, x, y, w, h) {
    const scale = Math.min(w / this.width, h / this.height);
    const [wide, high] = [this.width * scale, this.height * scale];
    const [left, top] = [x + (w - wide) / 2, y + (h - high) / 2];
    const { canvas } = this.cells;
    ctx.imageSmoothingEnabled = scale * (ctx.getTransform().a || 1) < 1;
    ctx.drawImage(canvas, frame * this.width, 0, this.width, this.height, left, top, wide, high);
    return { left, top, scale };
  }
}

/** Return the function from a brightness to a packed colour: ink, or black to white. */
function greyOf(natural, theme) {
  if (!natural) return (value) => theme.ink[colourIndex(value, 0, 1)];
  return (value) => {
    const level = colourIndex(value, 0, 1);
    return ((255 << 24) | (level << 16) | (level << 8) | level) >>> 0;
  };
}

/** The frames as they are. */
export function clipReel({ values, shape }, natural, theme) {
  const [count, height, width] = shape;
  const grey = greyOf(natural, theme);
  return new Reel(count, height, width, (frame, row, column) =>
    grey(values[(frame * height + row) * width + column]),
  );
}

/** The changes among what the network was shown, from column `first` on. */
export function changeReel({ values, shape }, first, theme) {
  const [count, height, all] = shape;
  return new Reel(count, height, all - first, (frame, row, column) =>
    theme.diverging[colourIndex(values[(frame * height + row) * all + first + column], -1, 1)],
  );
}

/** Something over the frames: `heat(frame, row, column)` from −1 to 1 tints a faint frame. */
export function heatReel({ values, shape }, natural, heat, theme) {
  const [count, height, width] = shape;
  const grey = greyOf(natural, theme);
  const paper = parseColour(natural ? "#808080" : theme.background);
  const hot = parseColour(theme.lines[1]);
  const cold = parseColour(theme.lines[0]);
  return new Reel(count, height, width, (frame, row, column) => {
    const packed = grey(values[(frame * height + row) * width + column]);
    const amount = heat(frame, row, column);
    // The root lets weaker places be seen beside the strongest one.
    const share = Math.sqrt(Math.min(Math.abs(amount), 1));
    const tint = amount < 0 ? cold : hot;
    let word = 255 << 24;
    for (let channel = 0; channel < 3; channel++) {
      const own = (packed >>> (8 * channel)) & 255;
      const faint = paper[channel] + (own - paper[channel]) * FAINT;
      word |= Math.round(faint + (tint[channel] - faint) * share) << (8 * channel);
    }
    return word >>> 0;
  });
}
