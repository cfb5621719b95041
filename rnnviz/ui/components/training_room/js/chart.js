/** Curves over the training steps, on a plain or a log scale. */

import { decadesBetween, formatDecade } from "../../common/js/decades.js";
import { formatNumber, formatTick } from "../../common/js/dom.js";
import { Figure } from "../../common/js/figure.js";
import { paintSteps, STEPS_HEIGHT, stroke, ticksBetween } from "./axis.js";
import { placeOf } from "./store.js";

const LEFT = 58;
const RIGHT = 12;
const LEGEND_ROW = 22;
const SMALLEST = 1e-9;

export class Chart {
  /**
   * `scale` is "log", "linear" or "share" (0 to 1, as percent, or −1 to 1 where `mirrored`).
   */
  constructor(room, { title, name, scale, height = 266, mirrored = false }) {
    Object.assign(this, { room, scale, mirrored, lines: [], marks: [] });
    this.figure = new Figure(room, {
      title,
      name,
      height,
      className: "of-steps",
      probe: (x, y) => this.probe(x, y),
    });
    this.element = this.figure.element;
    this.figure.paint = (ctx, width, height, theme) => this.paint(ctx, width, height, theme);
    room.axis.attend(this.figure, [LEFT, RIGHT]);
  }

  /**
   * Take `lines`, a list of {label, x, y, low, high, colour, dash, width, faint, dots}, and `marks`,
   * level lines {label, y}.
   */
  update(lines, marks = []) {
    Object.assign(this, { lines: lines.filter((line) => line.x.length), marks });
  }

  draw() {
    this.figure.draw();
  }

  up(value) {
    return this.scale === "log" ? Math.log10(Math.max(value, SMALLEST)) : value;
  }

  /** Return the least and the greatest height among what is in sight. */
  extent() {
    if (this.scale === "share") return [this.mirrored ? -1 : 0, 1];
    const [from, to] = this.room.axis.range;
    let low = Infinity;
    let high = -Infinity;
    for (const line of this.lines) {
      for (let i = Math.max(placeOf(line.x, from), 0); i < line.x.length; i++) {
        if (line.x[i] > to && i && line.x[i - 1] > to) break;
        const height = this.up(line.y[i]);
        if (Number.isNaN(height)) continue;
        low = Math.min(low, height);
        high = Math.max(high, height);
      }
    }
    for (const mark of this.marks) {
      low = Math.min(low, this.up(mark.y));
      high = Math.max(high, this.up(mark.y));
    }
    if (low > high) return [-1, 1];
    const pad = Math.max((high - low) * 0.06, 0.05);
    return [low - pad, high + pad];
  }

  layout(ctx, width, height) {
    this.places = legendPlaces(ctx, this.lines, width);
    const top = 6 + (this.places.at(-1)?.row ?? 0) * LEGEND_ROW + LEGEND_ROW;
    return { left: LEFT, top, width: width - LEFT - RIGHT, height: height - top - STEPS_HEIGHT };
  }

  paint(ctx, width, height, theme) {
    const box = this.layout(ctx, width, height);
    const [low, high] = this.extent();
    const y = (value) => box.top + ((high - value) / (high - low)) * box.height;
    Object.assign(this, { box });
    this.grid(ctx, theme, box, low, high, y);
    ctx.save();
    ctx.beginPath();
    ctx.rect(box.left, box.top, box.width, box.height);
    ctx.clip();
    for (const line of this.lines) this.curve(ctx, theme, line, box, y);
    for (const mark of this.marks) this.mark(ctx, theme, mark, box, y(this.up(mark.y)));
    ctx.restore();
    paintSteps(ctx, theme, this.room.axis, box);
    if (this.ends) this.nameEnds(ctx, theme, box);
    this.lines.forEach((line, i) => this.legend(ctx, theme, line, this.places[i]));
  }

  grid(ctx, theme, box, low, high, y) {
    for (const [value, text] of this.ticks(low, high, box.height)) {
      ctx.globalAlpha = 0.6;
      const at = Math.round(y(value)) + 0.5;
      stroke(ctx, theme.border, box.left, at, box.left + box.width, at);
      ctx.globalAlpha = 1;
      ctx.fillStyle = theme.muted;
      ctx.textAlign = "right";
      ctx.fillText(text, box.left - 7, at + 5);
    }
    ctx.textAlign = "left";
  }

  ticks(low, high, height) {
    const most = Math.max(2, height / 36);
    if (this.scale === "share") {
      return ticksBetween(low, high, most).map((one) => [one, `${Math.round(Math.abs(one) * 100)} %`]);
    }
    if (this.scale === "linear") return ticksBetween(low, high, most).map((one) => [one, formatTick(one)]);
    if (high - low > 2) return decadesBetween(low, high, most).map((one) => [one, formatDecade(one)]);
    return logTicks(low, high, most);
  }

  curve(ctx, theme, line, box, y) {
    const colour = theme.lines[line.colour % theme.lines.length];
    const x = (i) => this.room.axis.place(line.x[i], box.left, box.width);
    ctx.fillStyle = colour;
    if (line.low) {
      ctx.globalAlpha = 0.16;
      ctx.beginPath();
      for (let i = 0; i < line.x.length; i++) ctx.lineTo(x(i), y(this.up(line.high[i])));
      for (let i = line.x.length - 1; i >= 0; i--) ctx.lineTo(x(i), y(this.up(line.low[i])));
      ctx.fill();
    }
    ctx.globalAlpha = line.faint ? 0.4 : 1;
    ctx.strokeStyle = colour;
    ctx.lineWidth = line.width ?? 2.2;
    ctx.setLineDash(line.dash ?? []);
    ctx.beginPath();
    for (let i = 0; i < line.x.length; i++) ctx.lineTo(x(i), y(this.up(line.y[i])));
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.lineWidth = 1;
    if (line.dots || line.x.length === 1) {
      for (let i = 0; i < line.x.length; i++) {
        ctx.beginPath();
        ctx.arc(x(i), y(this.up(line.y[i])), line.x.length > 60 ? 1.6 : 3, 0, 2 * Math.PI);
        ctx.fill();
      }
    }
    ctx.globalAlpha = 1;
  }

  /** Say at both ends of the scale what lies there. */
  nameEnds(ctx, theme, { left, top, width, height }) {
    ctx.fillStyle = theme.muted;
    ctx.textAlign = "right";
    ctx.fillText(this.ends[0], left + width - 6, top + 17);
    ctx.fillText(this.ends[1], left + width - 6, top + height - 8);
    ctx.textAlign = "left";
  }

  /** Draw a level with its name, which stays readable where curves run over it. */
  mark(ctx, theme, { label }, box, at) {
    ctx.setLineDash([3, 4]);
    stroke(ctx, theme.text, box.left, at, box.left + box.width, at);
    ctx.setLineDash([]);
    ctx.textAlign = "right";
    ctx.lineWidth = 4;
    ctx.lineJoin = "round";
    ctx.strokeStyle = theme.background;
    ctx.strokeText(label, box.left + box.width - 6, at - 6);
    ctx.lineWidth = 1;
    ctx.fillStyle = theme.text;
    ctx.fillText(label, box.left + box.width - 6, at - 6);
  }

  legend(ctx, theme, line, { x, row }) {
    const y = 14 + row * LEGEND_ROW;
    ctx.globalAlpha = line.faint ? 0.5 : 1;
    ctx.lineWidth = line.width ?? 2.2;
    ctx.setLineDash(line.dash ?? []);
    stroke(ctx, theme.lines[line.colour % theme.lines.length], x, y - 5, x + 24, y - 5);
    ctx.setLineDash([]);
    ctx.lineWidth = 1;
    ctx.globalAlpha = 1;
    ctx.fillStyle = theme.text;
    ctx.textAlign = "left";
    ctx.fillText(line.label, x + 30, y);
  }

  /** Return what the curves are at a step, in words. */
  valuesAt(step) {
    return this.lines
      .filter((line) => !line.silent)
      .map((line) => {
        const at = placeOf(line.x, step);
        return at < 0 || Number.isNaN(line.y[at]) ? null : `${line.label} ${this.format(line.y[at])}`;
      })
      .filter(Boolean);
  }

  format(value) {
    return this.scale === "share" ? `${(Math.abs(value) * 100).toFixed(1)} %` : formatNumber(value);
  }

  probe(x) {
    if (!this.box || this.room.axis.drag) return null;
    const step = this.room.axis.stepAt(x, this.box.left, this.box.width);
    if (step < 0 || step > this.room.axis.last) return null;
    return { text: [`step ${Math.round(step).toLocaleString("en")}`, ...this.valuesAt(step)].join(" · ") };
  }
}

/** Return ticks where there are few decades: at 1, 2 and 5 times the powers of ten, or denser. */
function logTicks(low, high, most) {
  if (high - low < 0.8) {
    const values = ticksBetween(10 ** low, 10 ** high, most).filter((one) => one > 0);
    return values.map((one) => [Math.log10(one), formatTick(one)]);
  }
  const ticks = [];
  for (let power = Math.floor(low); power <= high; power++) {
    for (const digit of [1, 2, 5]) {
      const at = power + Math.log10(digit);
      if (at >= low && at <= high) ticks.push([at, formatTick(digit * 10 ** power)]);
    }
  }
  return ticks.length > most ? ticks.filter((_, i) => i % 2 === 0) : ticks;
}

/** Return where each line's name stands above the curves: {x, row}. */
function legendPlaces(ctx, lines, width) {
  let x = 4;
  let row = 0;
  return lines.map((line) => {
    const needed = 30 + ctx.measureText(line.label).width + 18;
    if (x > 4 && x + needed > width) {
      x = 4;
      row += 1;
    }
    const place = { x, row };
    x += needed;
    return place;
  });
}
