/** dL/dh of every unit at every step, one heat map a network, filling from the last step. */

import { cellImage, colourBar, Figure } from "../../common/js/figure.js";
import { colourIndex } from "../../common/js/theme.js";
import { formatPower } from "../../common/js/decades.js";

const LEFT = 38;
const RIGHT = 14;
const TOP = 6;
const BOTTOM = 66;

export class GradientMap {
  constructor(room) {
    this.back = 0;
    this.figure = new Figure(room, {
      title: "",
      name: "gradient map",
      height: 250,
      probe: (x, y) => this.probe(x, y),
    });
    this.element = this.figure.element;
  }

  /**
   * Take one network's gradient.
   *
   * `shapes` (step, unit) are the entries over the largest of their step, `sizes` (step,) the log10
   * of that largest one over the largest of all steps. `magnified` shows each step by itself.
   */
  update({ label, state, shapes, sizes, units }, steps, word, magnified, theme) {
    Object.assign(this, { label, state, shapes, sizes, units, steps, word, magnified });
    const colours = theme.diverging;
    this.cells = cellImage(
      steps,
      units,
      (step, unit) => colours[colourIndex(this.colour(step, unit), -1, 1)],
      this.cells,
    );
    this.figure.context = label;
    this.figure.describe(label, "");
    this.figure.paint = (ctx, width, height, now) => this.paint(ctx, width, height, now);
  }

  /** Return where in the colours an entry stands, −1 to 1. */
  colour(step, unit) {
    const shape = this.shapes[step * this.units + unit];
    return this.magnified ? shape : shape * 10 ** this.sizes[step];
  }

  show(back) {
    this.back = back;
    this.figure.draw();
  }

  paint(ctx, width, height, theme) {
    const { steps, units } = this;
    const w = width - LEFT - RIGHT;
    const h = height - TOP - BOTTOM;
    const first = Math.ceil(steps - this.back) - 1;
    const cell = w / steps;
    ctx.fillStyle = theme.unread;
    ctx.fillRect(LEFT, TOP, w, h);
    ctx.imageSmoothingEnabled = cell * this.figure.scale < 1;
    const count = steps - first;
    ctx.drawImage(this.cells.canvas, first, 0, count, units, LEFT + first * cell, TOP, count * cell, h);
    ctx.strokeStyle = theme.border;
    ctx.strokeRect(LEFT - 0.5, TOP - 0.5, w + 1, h + 1);
    this.cursor(ctx, theme, LEFT + first * cell, h);
    ctx.fillStyle = theme.muted;
    ctx.textAlign = "right";
    ctx.fillText("0", LEFT - 7, TOP + 11);
    ctx.fillText(String(units - 1), LEFT - 7, TOP + h);
    ctx.fillText(String(steps), LEFT + w, TOP + h + 19);
    ctx.textAlign = "left";
    ctx.fillText("1", LEFT, TOP + h + 19);
    ctx.textAlign = "center";
    ctx.fillText(`${this.word} →`, LEFT + w / 2, TOP + h + 19);
    ctx.save();
    ctx.translate(14, TOP + h / 2);
    ctx.rotate(-Math.PI / 2);
    ctx.fillText("unit", 0, 0);
    ctx.restore();
    ctx.textAlign = "left";
    colourBar(ctx, theme, "diverging", LEFT, height - 15, w, this.ends());
  }

  ends() {
    return this.magnified ? ["− largest of its step", "+ largest"] : ["− largest", "+ largest of all"];
  }

  cursor(ctx, theme, x, h) {
    ctx.strokeStyle = theme.cursor;
    ctx.lineWidth = 2.5;
    ctx.beginPath();
    ctx.moveTo(x, TOP - 3);
    ctx.lineTo(x, TOP + h + 5);
    ctx.stroke();
    ctx.lineWidth = 1;
  }

  probe(x, y) {
    if (!this.shapes) return null;
    const step = Math.floor(((x - LEFT) / (this.figure.width - LEFT - RIGHT)) * this.steps);
    const unit = Math.floor(((y - TOP) / (this.figure.drawn - TOP - BOTTOM)) * this.units);
    if (step < 0 || step >= this.steps || unit < 0 || unit >= this.units) return null;
    const place = `${this.label} · unit ${unit} · ${this.word} ${step + 1}`;
    if (step < Math.ceil(this.steps - this.back) - 1) return { text: `${place}: not reached yet` };
    return { text: `${place}: ${this.value(step, unit)} of the largest` };
  }

  value(step, unit) {
    const shape = this.shapes[step * this.units + unit];
    if (shape === 0) return "0";
    return `${shape < 0 ? "−" : ""}${formatPower(this.sizes[step] + Math.log10(Math.abs(shape)))}`;
  }
}
