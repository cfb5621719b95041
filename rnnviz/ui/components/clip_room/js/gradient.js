/** How much of the gradient reaches every frame, on a log axis. */

import { decadesBetween, formatDecade, formatPower } from "../../common/js/decades.js";
import { Track } from "./columns.js";

const LABELS = { h: "|∂L/∂h|", c: "|∂L/∂c|", x: "|∂L/∂pixels|" };
const LEGEND = 24;

export class Gradient extends Track {
  constructor(room) {
    super(room, { title: "The gradient at every frame", name: "gradient", height: 190 });
    this.dims = false;
    this.head = LEGEND;
  }

  /** Take {norms, pixels, zero, gradient}: log10 of sizes by state, and a sentence on them. */
  update({ norms, pixels, zero, gradient }) {
    this.zero = zero;
    this.lines = [
      ...Object.entries(norms).map(([name, { values }]) => ({ label: LABELS[name] ?? name, values })),
      { label: LABELS.x, values: pixels.values },
    ];
    const shown = this.lines.flatMap(({ values }) => [...values].filter((value) => value > zero));
    this.top = Math.ceil(Math.max(...shown, -12) + 0.05);
    this.low = Math.floor(Math.min(...shown, this.top - 1));
    this.figure.describe("The gradient at every frame", gradient);
    this.ready();
  }

  draw(ctx, box, theme) {
    const { top, low, lines } = this;
    const first = box.y + LEGEND;
    const h = box.h - LEGEND;
    const y = (log) => first + ((top - log) / (top - low)) * h;
    ctx.textAlign = "right";
    for (const tick of decadesBetween(low, top, Math.max(3, Math.floor(h / 26)))) {
      ctx.fillStyle = theme.muted;
      // The lowest one keeps clear of the axis below it.
      ctx.fillText(formatDecade(tick), box.x - 8, y(tick) + (tick === low ? 0 : 5));
      ctx.strokeStyle = theme.border;
      ctx.globalAlpha = 0.6;
      stroke(ctx, box.x, Math.round(y(tick)) + 0.5, box.x + box.w, Math.round(y(tick)) + 0.5);
      ctx.globalAlpha = 1;
    }
    ctx.strokeRect(box.x - 0.5, first - 0.5, box.w + 1, h + 1);
    ctx.textAlign = "left";
    let legend = box.x;
    lines.forEach(({ label, values }, i) => {
      ctx.strokeStyle = ctx.fillStyle = theme.lines[i];
      ctx.lineWidth = 2.5;
      ctx.setLineDash(i === lines.length - 1 ? [2, 4] : i ? [8, 4] : []);
      ctx.beginPath();
      values.forEach((value, frame) => {
        if (value > this.zero) ctx.lineTo(box.x + (frame + 0.5) * box.cell, y(value));
      });
      ctx.stroke();
      stroke(ctx, legend, box.y + 9, legend + 22, box.y + 9);
      ctx.setLineDash([]);
      ctx.lineWidth = 1;
      const value = values[this.room.frame];
      const number = value > this.zero ? formatPower(value) : "0";
      ctx.fillStyle = theme.text;
      const text = box.small ? label : `${label} ${number}`;
      ctx.fillText(text, legend + 27, box.y + 14);
      legend += 27 + ctx.measureText(`${label}${box.small ? "" : " 0.0·10⁻⁴⁰"}`).width + 12;
    });
  }

  tell(frame) {
    const parts = this.lines.map(({ label, values }) => {
      const value = values[frame];
      return `${label} ${value > this.zero ? formatPower(value) : "0"}`;
    });
    return `frame ${frame + 1}: ${parts.join(", ")}`;
  }
}

function stroke(ctx, fromX, fromY, toX, toY) {
  ctx.beginPath();
  ctx.moveTo(fromX, fromY);
  ctx.lineTo(toX, toY);
  ctx.stroke();
}
