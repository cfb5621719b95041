/** How much gradient is left at every step, one curve a network, growing from right to left. */

import { Figure } from "../../common/js/figure.js";
import { decadesBetween, formatDecade, formatPower } from "../../common/js/decades.js";

const LEFT = 66;
const RIGHT = 14;
const BOTTOM = 54;
const LEGEND_ROW = 25;
/** With names in up to so many rows above the curves; more rows make the figure higher. */
const HEIGHT = 370;
const ROWS = 2;
const ZERO_ROW = 26;
const SAMPLE = 38;

export class FlowCurves {
  constructor(room) {
    this.back = 0;
    this.figure = new Figure(room, {
      title: "How much of the gradient is left at each step",
      name: "gradient flow",
      height: HEIGHT,
      probe: (x, y) => this.probe(x, y),
    });
    this.element = this.figure.element;
  }

  /** Take `lines`, a list of {label, look, median, low, high, reference, note}, over so many steps. */
  update(lines, steps, word) {
    Object.assign(this, { lines, steps, word });
    const finite = lines.flatMap((line) =>
      [line.low, line.high, line.reference].filter(Boolean).flatMap((curve) => [...curve]),
    );
    const shown = finite.filter(Number.isFinite);
    this.top = Math.max(0, ...shown);
    this.floor = Math.min(this.top - 0.5, ...shown);
    this.hasZeros = lines.some((line) => line.median.some((value) => value === -Infinity));
    this.figure.paint = (ctx, width, height, theme) => this.paint(ctx, width, height, theme);
  }

  /** Show the pass as far as it has come, in steps back from the last one; a fraction is fine. */
  show(back) {
    this.back = back;
    this.figure.draw();
  }

  layout(width, height) {
    const top = 16 + this.rows * LEGEND_ROW;
    const h = height - top - BOTTOM - (this.hasZeros ? ZERO_ROW : 0);
    const w = width - LEFT - RIGHT;
    const span = this.top - this.floor;
    const pad = span * 0.04;
    return {
      top,
      h,
      w,
      x: (step) => LEFT + (this.steps < 2 ? w : ((step - 1) / (this.steps - 1)) * w),
      y: (log) => top + ((this.top + pad - log) / (span + 2 * pad)) * h,
      zero: top + h + ZERO_ROW / 2 + 4,
    };
  }

  /** Place the names above the curves, in as many rows as they need; return how many. */
  legend(ctx, width) {
    let row = 0;
    let x = 4;
    this.places = this.lines.map((line) => {
      const needed = SAMPLE + 8 + ctx.measureText(`${line.label}: 0.0·10⁻⁴⁰`).width + 16;
      if (x > 4 && x + needed > width) {
        row += 1;
        x = 4;
      }
      const place = { x, y: 14 + row * LEGEND_ROW };
      x += needed;
      return place;
    });
    return row + 1;
  }

  paint(ctx, width, height, theme) {
    // Larger than elsewhere: this one is shown in front of a class.
    ctx.font = `${width < 480 ? 14 : 16}px ${theme.font}`;
    this.rows = this.legend(ctx, width);
    const wanted = HEIGHT + Math.max(this.rows - ROWS, 0) * LEGEND_ROW;
    if (this.figure.height !== wanted) {
      // How many rows there are follows from the width, which isn't known before it has a place.
      this.figure.height = wanted;
      this.figure.fit();
      return;
    }
    const place = this.layout(width, height);
    this.place = place;
    this.axes(ctx, theme, place);
    const last = this.steps - this.back;
    this.lines.forEach((line) => {
      const { look } = line;
      if (line.reference) this.reference(ctx, line, look, last);
      this.band(ctx, line, look, last);
    });
    this.lines.forEach((line, index) => {
      const { look } = line;
      const tip = this.curve(ctx, line, look, last);
      if (tip) this.tip(ctx, theme, look, tip);
      this.zeros(ctx, line, look, last, index);
      this.name(ctx, theme, line, look, this.places[index]);
    });
  }

  axes(ctx, theme, { top, h, w, x, y, zero }) {
    const bottom = top + h + (this.hasZeros ? ZERO_ROW : 0);
    ctx.textAlign = "right";
    const ticks = decadesBetween(this.floor, this.top, Math.max(3, Math.floor(h / 34)));
    for (const tick of ticks) {
      ctx.fillStyle = theme.muted;
      ctx.fillText(formatDecade(tick), LEFT - 8, y(tick) + 5);
      ctx.strokeStyle = theme.border;
      ctx.globalAlpha = 0.6;
      line(ctx, LEFT, Math.round(y(tick)) + 0.5, LEFT + w, Math.round(y(tick)) + 0.5);
      ctx.globalAlpha = 1;
    }
    if (this.hasZeros) {
      ctx.fillStyle = theme.unread;
      ctx.fillRect(LEFT, bottom - ZERO_ROW, w, ZERO_ROW);
      ctx.fillStyle = theme.muted;
      ctx.fillText("0", LEFT - 8, zero);
    }
    this.onePercent(ctx, theme, y, w);
    ctx.strokeStyle = theme.border;
    ctx.strokeRect(LEFT - 0.5, top - 0.5, w + 1, bottom - top + 1);
    ctx.fillStyle = theme.muted;
    ctx.textAlign = "left";
    ctx.fillText("1", LEFT, bottom + 20);
    ctx.textAlign = "right";
    ctx.fillText(String(this.steps), LEFT + w, bottom + 20);
    this.cursor(ctx, theme, x(this.steps - this.back), top, bottom);
    this.directions(ctx, theme, w, bottom);
  }

  onePercent(ctx, theme, y, w) {
    if (this.floor > -2) return;
    ctx.strokeStyle = theme.text;
    ctx.setLineDash([3, 5]);
    line(ctx, LEFT, y(-2), LEFT + w, y(-2));
    ctx.setLineDash([]);
    ctx.fillStyle = theme.text;
    ctx.textAlign = "left";
    // Far below 1 the curves lie close above this line, so the words go under it.
    const under = this.floor < -8 ? 19 : -7;
    ctx.fillText("1 % is left", LEFT + 8, y(-2) + under);
  }

  cursor(ctx, theme, x, top, bottom) {
    ctx.strokeStyle = theme.cursor;
    ctx.lineWidth = 2.5;
    line(ctx, x, top - 3, x, bottom + 5);
    ctx.lineWidth = 1;
  }

  directions(ctx, theme, w, bottom) {
    const middle = LEFT + w / 2;
    const narrow = w < 420;
    ctx.textAlign = "center";
    ctx.fillStyle = theme.muted;
    ctx.fillText(narrow ? `${this.word} →` : `${this.word} t, read in this order →`, middle, bottom + 20);
    ctx.fillStyle = theme.cursor;
    ctx.fillText(narrow ? "← gradient" : "← the gradient comes from the loss, at the last step", middle, bottom + 44);
  }

  reference(ctx, { reference }, look, last) {
    ctx.globalAlpha = 0.55;
    ctx.strokeStyle = look.colour;
    ctx.lineWidth = 1.2;
    ctx.setLineDash([2, 4]);
    this.path(ctx, reference, last);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.lineWidth = 1;
    ctx.globalAlpha = 1;
  }

  /** The middle half of the batch, as far as the pass has come. */
  band(ctx, { low, high }, look, last) {
    const { x, y } = this.place;
    const from = Math.ceil(last);
    ctx.fillStyle = look.colour;
    ctx.globalAlpha = 0.16;
    ctx.beginPath();
    for (let step = this.steps; step >= from; step--) {
      if (Number.isFinite(high[step - 1])) ctx.lineTo(x(step), y(high[step - 1]));
    }
    for (let step = from; step <= this.steps; step++) {
      if (Number.isFinite(low[step - 1])) ctx.lineTo(x(step), y(low[step - 1]));
    }
    ctx.fill();
    ctx.globalAlpha = 1;
  }

  curve(ctx, { median }, look, last) {
    ctx.strokeStyle = look.colour;
    ctx.lineWidth = 3;
    ctx.setLineDash(look.dash);
    const tip = this.path(ctx, median, last);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.lineWidth = 1;
    return tip;
  }

  /** Trace a curve from the last step back to `last`; return where it ends, null at a zero. */
  path(ctx, values, last) {
    const { x, y } = this.place;
    ctx.beginPath();
    let before = null;
    for (let step = this.steps; step >= last; step--) {
      const value = values[step - 1];
      if (!Number.isFinite(value)) return null;
      before = value;
      ctx.lineTo(x(step), y(value));
    }
    // Between two steps the line goes on, so that it grows smoothly.
    const next = Math.floor(last);
    const share = Math.ceil(last) - last;
    const value = values[next - 1];
    if (before === null) return null;
    if (share === 0) return [x(last), y(before)];
    if (!Number.isFinite(value)) return null;
    const place = [x(last), y(before + (value - before) * share)];
    ctx.lineTo(...place);
    return place;
  }

  tip(ctx, theme, look, [x, y]) {
    ctx.fillStyle = look.colour;
    ctx.strokeStyle = theme.background;
    ctx.lineWidth = 2;
    ctx.beginPath();
    ctx.arc(x, y, 5.5, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
    ctx.lineWidth = 1;
  }

  /** A cross wherever the gradient is exactly 0, with words at the first of them. */
  zeros(ctx, { median }, look, last, index) {
    const { x, zero } = this.place;
    ctx.strokeStyle = look.colour;
    ctx.lineWidth = 2;
    // Side by side where several networks are at 0, so that none hides another.
    const gap = Math.max(1, Math.round(this.steps / 60));
    const shift = Math.round((index * gap) / this.lines.length);
    for (let step = this.steps; step >= last; step--) {
      if (median[step - 1] !== -Infinity || (this.steps - step + shift) % gap) continue;
      line(ctx, x(step) - 4, zero - 9, x(step) + 4, zero - 1);
      line(ctx, x(step) - 4, zero - 1, x(step) + 4, zero - 9);
    }
    ctx.lineWidth = 1;
  }

  name(ctx, theme, { label, median }, look, { x, y }) {
    ctx.strokeStyle = look.colour;
    ctx.lineWidth = 3;
    ctx.setLineDash(look.dash);
    line(ctx, x, y - 5, x + SAMPLE, y - 5);
    ctx.setLineDash([]);
    ctx.lineWidth = 1;
    ctx.fillStyle = theme.text;
    ctx.textAlign = "left";
    const value = median[Math.ceil(this.steps - this.back) - 1];
    ctx.fillText(`${label}: ${readable(value)}`, x + SAMPLE + 8, y);
  }

  probe(x) {
    if (!this.lines || !this.place) return null;
    const share = (x - LEFT) / this.place.w;
    const step = Math.round(share * (this.steps - 1)) + 1;
    if (step < 1 || step > this.steps) return null;
    if (step < this.steps - this.back) return { text: `${this.word} ${step}: not reached yet` };
    const values = this.lines.map(({ label, median }) => `${label} ${readable(median[step - 1])}`);
    return { text: `${this.word} ${step}: ${values.join(", ")}` };
  }
}

/** Return the number with this log10 as text, also where it has none. */
export function readable(log) {
  if (log === -Infinity) return "0";
  return Number.isFinite(log) ? formatPower(log) : "undefined";
}

function line(ctx, fromX, fromY, toX, toY) {
  ctx.beginPath();
  ctx.moveTo(fromX, fromY);
  ctx.lineTo(toX, toY);
  ctx.stroke();
}
