/** A heat map unit × step that fills while a chain is read. */

import { capital, formatNumber, formatTick } from "./dom.js";
import { cellImage, colourBar, Figure } from "./figure.js";
import { colourIndex } from "./theme.js";
import { unitName, unitsPerLayer } from "./units.js";

const LEFT = 40;
const RIGHT = 6;
const TOP = 6;
const BOTTOM = 50;

export class HeatMap {
  /** `onPick(unit)` is called when a row is clicked. */
  constructor(room, { title, caption, name, height = 300, onPick }) {
    this.onPick = onPick;
    this.depth = 0;
    this.figure = new Figure(room, {
      title,
      caption,
      name,
      height,
      probe: (x, y) => this.probe(x, y),
    });
    this.element = this.figure.element;
  }

  /**
   * Take values (step, unit) between `low` and `high`.
   *
   * `data` is {values, steps, units, low, high, map, what, clipped}; `map` names the colour map,
   * `what` the quantity for the tooltip.
   */
  update(data, reader, theme) {
    Object.assign(this, { data, reader });
    const { values, steps, units, low, high } = data;
    const colours = theme[data.map];
    this.cells = cellImage(
      steps,
      units,
      (step, unit) => colours[colourIndex(values[step * units + unit], low, high)],
      this.cells,
    );
    this.figure.paint = (ctx, width, height, now) => this.paint(ctx, width, height, now);
  }

  show(depth, pinned = null) {
    this.depth = depth;
    this.pinned = pinned;
    this.figure.draw();
  }

  paint(ctx, width, height, theme) {
    const { steps, units, low, high, map, clipped } = this.data;
    const w = width - LEFT - RIGHT;
    const h = height - TOP - BOTTOM;
    const done = this.depth + 1;
    const cell = w / steps;
    ctx.fillStyle = theme.unread;
    ctx.fillRect(LEFT, TOP, w, h);
    // Where a step is narrower than a pixel of the screen, neighbours are averaged, not dropped.
    ctx.imageSmoothingEnabled = cell * this.figure.scale < 1;
    ctx.drawImage(this.cells.canvas, 0, 0, done, units, LEFT, TOP, done * cell, h);
    if (this.pinned !== null) {
      ctx.strokeStyle = theme.text;
      ctx.lineWidth = 2;
      const row = h / units;
      ctx.strokeRect(LEFT - 1, TOP + this.pinned * row - 1.5, w + 2, row + 3);
      ctx.lineWidth = 1;
    }
    paintDepths(ctx, theme, this.reader, this.depth, LEFT, TOP, w, h);
    this.paintUnits(ctx, theme, w, h);
    const ends = map === "diverging" && clipped ? ["≤ ", "≥ "] : ["", ""];
    const labels = [ends[0] + formatTick(low), ends[1] + formatTick(high)];
    colourBar(ctx, theme, map, LEFT, height - 15, w, labels);
  }

  /** Draw the axis of the units, a band for each layer. */
  paintUnits(ctx, theme, w, h) {
    const { layers } = this.reader;
    const band = h / layers;
    const last = String(unitsPerLayer(this.reader) - 1);
    ctx.fillStyle = theme.muted;
    ctx.strokeStyle = theme.text;
    for (let layer = 0; layer < layers; layer++) {
      const top = TOP + layer * band;
      ctx.textAlign = "right";
      ctx.fillText("0", LEFT - 7, top + 11);
      ctx.fillText(last, LEFT - 7, top + band - (layer + 1 < layers ? 4 : 0));
      ctx.save();
      ctx.translate(14, top + band / 2);
      ctx.rotate(-Math.PI / 2);
      ctx.textAlign = "center";
      ctx.fillText(layers === 1 ? "unit" : `layer ${layer + 1}`, 0, 0);
      ctx.restore();
      if (layer === 0) continue;
      ctx.beginPath();
      ctx.moveTo(2, Math.round(top) + 0.5);
      ctx.lineTo(LEFT + w, Math.round(top) + 0.5);
      ctx.stroke();
    }
    ctx.textAlign = "left";
  }

  probe(x, y) {
    if (!this.data) return null;
    const { values, steps, units, what } = this.data;
    const step = Math.floor(((x - LEFT) / (this.figure.width - LEFT - RIGHT)) * steps);
    const unit = Math.floor(((y - TOP) / (this.figure.drawn - TOP - BOTTOM)) * units);
    if (step < 0 || step >= steps || unit < 0 || unit >= units) return null;
    const { word, label } = this.reader;
    const click = () => this.onPick?.(unit);
    const place = `${label} · ${unitName(this.reader, unit)} · ${word} ${step + 1}`;
    // What isn't read yet isn't shown, so its value isn't told either.
    if (step > this.depth) return { text: `${place}: not read yet`, click };
    return { text: `${place}: ${what} = ${formatNumber(values[step * units + unit])}`, click };
  }
}

/** Draw the axis of the steps, the cursor, and the line where the answer stood. */
export function paintDepths(ctx, theme, reader, depth, left, top, width, height) {
  const count = reader.depths;
  const cell = width / count;
  const bottom = top + height;
  ctx.strokeStyle = theme.border;
  ctx.strokeRect(left - 0.5, top - 0.5, width + 1, height + 1);
  if (reader.settled !== null) {
    const x = left + reader.settled * cell;
    ctx.strokeStyle = theme.text;
    ctx.lineWidth = 2;
    ctx.setLineDash([5, 4]);
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, bottom + 5);
    ctx.stroke();
    ctx.setLineDash([]);
  }
  ctx.lineWidth = 2.5;
  ctx.strokeStyle = theme.cursor;
  const cursor = left + (depth + 1) * cell;
  ctx.beginPath();
  ctx.moveTo(cursor, top - 3);
  ctx.lineTo(cursor, bottom + 5);
  ctx.stroke();
  ctx.lineWidth = 1;
  ctx.fillStyle = theme.muted;
  ctx.textAlign = "left";
  ctx.fillText("1", left, bottom + 19);
  ctx.textAlign = "right";
  ctx.fillText(String(count), left + width, bottom + 19);
  ctx.textAlign = "center";
  ctx.fillText(capital(reader.word), left + width / 2, bottom + 19);
  ctx.textAlign = "left";
}
