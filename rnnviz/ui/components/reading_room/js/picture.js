/** Pictures of 28×28: what the network sees, and what a reader has read of it so far. */

import { formatNumber } from "../../common/js/dom.js";
import { cellImage, Cells, Figure } from "../../common/js/figure.js";
import { colourIndex, packColour, parseColour } from "../../common/js/theme.js";

/** What the network sees: every pixel with its value. */
export class Seen {
  constructor(room) {
    this.figure = new Figure(room, {
      title: "What the network sees",
      ratio: 1,
      name: "what the network sees",
      className: "seen",
      probe: (x, y) => this.probe(x, y),
    });
    this.element = this.figure.element;
  }

  /** Show {values, shape}, or nothing. */
  update(image, caption) {
    this.image = image;
    this.figure.describe("What the network sees", caption);
    this.figure.element.hidden = !image;
    this.redraw();
  }

  redraw() {
    if (!this.image) return;
    const { values, shape } = this.image;
    const { ink } = this.figure.room.theme;
    this.cells = cellImage(
      shape[1],
      shape[0],
      (column, row) => ink[colourIndex(values[row * shape[1] + column], 0, 1)],
      this.cells,
    );
    this.figure.paint = (ctx, width, height, theme) => {
      ctx.drawImage(this.cells.canvas, 0, 0, width, height);
      ctx.strokeStyle = theme.border;
      ctx.strokeRect(0.5, 0.5, width - 1, height - 1);
    };
    this.figure.draw();
  }

  probe(x, y) {
    const { values, shape } = this.image;
    const column = Math.floor((x / this.figure.width) * shape[1]);
    const row = Math.floor((y / this.figure.drawn) * shape[0]);
    const value = values[row * shape[1] + column];
    if (value === undefined || column < 0 || column >= shape[1]) return null;
    return { text: `row ${row + 1}, column ${column + 1}: ${formatNumber(value)}` };
  }
}

/** The picture as a reader goes through it: read, being read, not read yet. */
export class ReadPicture {
  constructor(room) {
    this.figure = new Figure(room, {
      title: "Read",
      ratio: 1,
      name: "picture",
      className: "read-picture",
      probe: (x, y) => this.probe(x, y),
    });
    this.element = this.figure.element;
  }

  /** Take a reader's picture; `sweep` says from which corner it is looked at. */
  update(reader, sweep, theme) {
    Object.assign(this, { reader, sweep });
    const [height, width] = reader.image.shape;
    this.bright = new Uint32Array(width * height);
    this.dim = new Uint32Array(width * height);
    this.lit = new Uint32Array(width * height);
    if (this.themed !== theme.signature) {
      this.themed = theme.signature;
      this.dimInk = table(theme.unread, blend(theme.unread, theme.text, 0.28));
      this.litInk = table(blend(theme.background, theme.cursor, 0.45), theme.text);
    }
    for (let i = 0; i < width * height; i++) {
      const at = colourIndex(reader.image.values[i], 0, 1);
      this.bright[i] = theme.ink[at];
      this.dim[i] = this.dimInk[at];
      this.lit[i] = this.litInk[at];
    }
    this.cells ??= new Cells(width, height);
    this.figure.paint = (ctx, w, h, now) => {
      ctx.drawImage(this.cells.canvas, 0, 0, w, h);
      ctx.strokeStyle = now.border;
      ctx.strokeRect(0.5, 0.5, w - 1, h - 1);
    };
  }

  /** Show what is read after a depth. */
  show(depth) {
    const { values } = this.reader.reached;
    const { words } = this.cells;
    const first = this.sweep * words.length;
    for (let i = 0; i < words.length; i++) {
      const reached = values[first + i];
      const kind = reached < depth ? this.bright : reached > depth ? this.dim : this.lit;
      words[i] = kind[i];
    }
    this.cells.flush();
    this.figure.draw();
  }

  probe(x, y) {
    const [height, width] = this.reader.image.shape;
    const column = Math.floor((x / this.figure.width) * width);
    const row = Math.floor((y / this.figure.drawn) * height);
    if (column < 0 || row < 0 || column >= width || row >= height) return null;
    const at = row * width + column;
    const depth = this.reader.reached.values[this.sweep * width * height + at];
    const value = formatNumber(this.reader.image.values[at]);
    const { word } = this.reader;
    return { text: `row ${row + 1}, column ${column + 1}: ${value}, read at ${word} ${depth + 1}` };
  }
}

/** Return the colour a share of the way from one to another. */
function blend(from, to, share) {
  const a = parseColour(from);
  const b = parseColour(to);
  const mixed = a.map((channel, i) => Math.round(channel * (1 - share) + b[i] * share));
  return `rgb(${mixed.join(", ")})`;
}

/** Return 256 packed colours from one colour to another. */
function table(from, to) {
  const a = parseColour(from);
  const b = parseColour(to);
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const mixed = [0, 1, 2].map((k) => Math.round(a[k] + ((b[k] - a[k]) * i) / 255));
    return packColour(`rgb(${mixed.join(",")})`);
  });
}
