/** Line curves of a few series over the steps, with the cursor and the values at it. */

import { formatNumber, formatTick } from "../../common/js/dom.js";
import { Figure } from "../../common/js/figure.js";
import { paintDepths } from "../../common/js/heatmap.js";

const LEFT = 44;
const RIGHT = 8;
const TOP = 34;
const BOTTOM = 30;
const DASHES = [[], [7, 3], [2, 3], [10, 3, 2, 3], [4, 4], [1, 2]];

export class Curves {
  constructor(room, { title, caption, name, height = 220 }) {
    this.depth = 0;
    this.figure = new Figure(room, {
      title,
      caption,
      name,
      height,
      probe: (x) => this.probe(x),
    });
    this.element = this.figure.element;
  }

  /** Take `lines`, a list of {label, values}, between `low` and `high`. */
  update(lines, low, high, reader) {
    Object.assign(this, { lines, low, high, reader });
    this.figure.paint = (ctx, width, height, theme) => this.paint(ctx, width, height, theme);
  }

  show(depth) {
    this.depth = depth;
    this.figure.draw();
  }

  paint(ctx, width, height, theme) {
    const w = width - LEFT - RIGHT;
    const h = height - TOP - BOTTOM;
    const { low, high, reader } = this;
    const y = (value) => TOP + h - ((value - low) / (high - low)) * h;
    const cell = w / reader.depths;
    ctx.fillStyle = theme.muted;
    ctx.textAlign = "right";
    for (const tick of [low, (low + high) / 2, high]) {
      ctx.fillText(formatTick(tick), LEFT - 7, y(tick) + 5);
      ctx.beginPath();
      ctx.moveTo(LEFT, Math.round(y(tick)) + 0.5);
      ctx.lineTo(LEFT + w, Math.round(y(tick)) + 0.5);
      ctx.stroke();
    }
    paintDepths(ctx, theme, { ...reader, settled: null }, this.depth, LEFT, TOP, w, h);
    // The widest number is reserved, so that the legend stands still while it counts. On a phone it
    // takes the whole width, in smaller letters if it must.
    const reserved = (line) => 25 + ctx.measureText(`${line.label} −0.000`).width + 14;
    const needed = this.lines.reduce((sum, line) => sum + reserved(line), 0);
    let legend = needed > w ? 2 : LEFT;
    if (needed > width) ctx.font = `11.5px ${theme.font}`;
    this.lines.forEach((line, i) => {
      const colour = theme.lines[i % theme.lines.length];
      for (const [from, to, alpha] of [
        [0, this.depth, 1],
        [this.depth, line.values.length - 1, 0.25],
      ]) {
        ctx.globalAlpha = alpha;
        ctx.strokeStyle = colour;
        ctx.lineWidth = 2.5;
        ctx.setLineDash(DASHES[i % DASHES.length]);
        ctx.beginPath();
        for (let step = from; step <= to; step++) {
          const value = Math.min(Math.max(line.values[step], low), high);
          ctx.lineTo(LEFT + (step + 0.5) * cell, y(value));
        }
        ctx.stroke();
      }
      ctx.globalAlpha = 1;
      ctx.beginPath();
      ctx.moveTo(legend, 12);
      ctx.lineTo(legend + 20, 12);
      ctx.stroke();
      ctx.setLineDash([]);
      ctx.fillStyle = theme.text;
      ctx.textAlign = "left";
      ctx.fillText(`${line.label} ${formatNumber(line.values[this.depth])}`, legend + 25, 17);
      legend += reserved(line);
    });
    ctx.lineWidth = 1;
  }

  probe(x) {
    if (!this.lines) return null;
    const share = (x - LEFT) / (this.figure.width - LEFT - RIGHT);
    const step = Math.floor(share * this.reader.depths);
    if (step < 0 || step >= this.reader.depths) return null;
    const values = this.lines.map((line) => `${line.label} ${formatNumber(line.values[step])}`);
    return { text: `${this.reader.word} ${step + 1}: ${values.join(", ")}` };
  }
}
