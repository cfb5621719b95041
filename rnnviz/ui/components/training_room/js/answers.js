/** A handful of pictures that it doesn't train on, and what it answers at the moment looked at. */

import { unpack } from "../../common/js/encode.js";
import { formatPercent } from "../../common/js/dom.js";
import { Cells, Figure } from "../../common/js/figure.js";

/** Whether one touches what one looks at. */
export const TOUCH = window.matchMedia("(pointer: coarse)").matches;

const SIDE = 28;
const CELL = { width: 79, height: 126, picture: 62 };

export class Answers {
  constructor(room) {
    this.room = room;
    this.pictures = [];
    this.figure = new Figure(room, {
      title: "What it answers",
      name: "answers",
      height: CELL.height,
      probe: (x, y) => this.probe(x, y),
    });
    this.element = this.figure.element;
    this.figure.paint = (ctx, width, height, theme) => this.paint(ctx, width, theme);
    // How many pictures stand side by side, and so its height, depends on its width.
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.element);
  }

  /** Take the pictures and the names of the classes, once a run. */
  show({ pictures, labels, classes }) {
    this.classes = classes;
    this.labels = labels;
    this.values = pictures ? unpack(pictures) : null;
    this.signature = null;
    this.element.hidden = !pictures;
  }

  /** Make the pictures anew in the ink of the theme. */
  ink(theme) {
    if (!this.values || this.signature === theme.signature) return;
    this.signature = theme.signature;
    const { values, shape } = this.values;
    this.pictures = Array.from({ length: shape[0] }, (_, i) => {
      const cells = new Cells(SIDE, SIDE);
      for (let at = 0; at < SIDE * SIDE; at++) cells.words[at] = theme.ink[values[i * SIDE * SIDE + at]];
      cells.flush();
      return cells.canvas;
    });
  }

  update(moment, theme) {
    this.moment = moment;
    this.ink(theme);
    const title = moment
      ? `What it answers after ${moment.step.toLocaleString("en")} training steps`
      : "What it will be asked";
    this.figure.describe(
      title,
      "Pictures that it doesn't train on, one of each kind; below each its answer, with the probability " +
        `that it gives it. ${TOUCH ? "Touch" : "Point at"} a curve to see another moment.`,
    );
  }

  draw() {
    if (!this.figure.canvas.clientWidth) return;
    const rows = Math.ceil(this.pictures.length / this.across());
    this.figure.height = Math.max(rows, 1) * CELL.height;
    this.figure.fit();
    this.figure.draw();
  }

  across() {
    const width = this.figure.canvas.clientWidth;
    return Math.max(1, Math.min(this.pictures.length, Math.floor(width / CELL.width)));
  }

  destroy() {
    this.observer.disconnect();
    this.figure.destroy();
  }

  paint(ctx, width, theme) {
    const across = this.across();
    const space = width / across;
    ctx.imageSmoothingEnabled = true;
    this.pictures.forEach((picture, i) => {
      const left = (i % across) * space;
      const top = Math.floor(i / across) * CELL.height;
      const middle = left + space / 2;
      ctx.drawImage(picture, middle - CELL.picture / 2, top, CELL.picture, CELL.picture);
      ctx.strokeStyle = theme.border;
      ctx.strokeRect(middle - CELL.picture / 2 - 0.5, top + 0.5, CELL.picture + 1, CELL.picture);
      const answer = this.answer(i);
      if (answer) this.tell(ctx, theme, answer, middle, top + CELL.picture, space - 10);
    });
    ctx.textAlign = "left";
  }

  /** Write an answer: a bar as long as it is sure, with a mark for right or wrong. */
  tell(ctx, theme, { name, share, right }, middle, top, width) {
    const colour = theme.lines[right ? 2 : 1];
    const bar = Math.min(width, CELL.picture + 16);
    ctx.fillStyle = theme.unread;
    ctx.fillRect(middle - bar / 2, top + 8, bar, 7);
    ctx.fillStyle = colour;
    ctx.fillRect(middle - bar / 2, top + 8, bar * share, 7);
    ctx.textAlign = "center";
    ctx.fillStyle = theme.text;
    const font = ctx.font;
    ctx.font = font.replace(/\d+px/, name.length > 3 ? "13px" : "18px");
    ctx.fillText(`${right ? "✓" : "✗"} ${name}`, middle, top + 35, width);
    ctx.font = font.replace(/\d+px/, "13px");
    ctx.fillStyle = theme.muted;
    ctx.fillText(formatPercent(share), middle, top + 53);
    ctx.font = font;
  }

  answer(i) {
    const shares = this.moment?.answers[i];
    if (!shares) return null;
    const best = shares.indexOf(Math.max(...shares));
    return { name: this.classes[best], share: shares[best], right: best === this.labels[i] };
  }

  probe(x, y) {
    const across = this.across();
    const column = Math.floor((x / this.figure.width) * across);
    const i = Math.floor(y / CELL.height) * across + column;
    const shares = this.moment?.answers[i];
    if (!shares) return null;
    const order = shares.map((share, place) => [share, place]).sort((a, b) => b[0] - a[0]);
    const told = order.slice(0, 3).map(([share, place]) => `${this.classes[place]} ${formatPercent(share)}`);
    return { text: `${this.classes[this.labels[i]]}, answered: ${told.join(", ")}` };
  }
}
