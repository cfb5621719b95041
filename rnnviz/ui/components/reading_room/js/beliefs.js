/** The belief after every step: what a probe reads out of the state, class × step. */

import { colourBar, Figure } from "../../common/js/figure.js";
import { formatPercent } from "../../common/js/dom.js";
import { paintDepths } from "../../common/js/heatmap.js";
import { colourIndex } from "../../common/js/theme.js";

const LEAST_LEFT = 26;
const RIGHT = 58;
const TOP = 6;
const BOTTOM = 48;

export class Beliefs {
  constructor(room) {
    this.depth = 0;
    this.figure = new Figure(room, {
      title: "What it believes",
      caption:
        "Each answer's probability after every step, from probes fitted per step. " +
        "Dashed: from here the answer stands.",
      name: "beliefs",
      className: "beliefs",
      height: 236,
      probe: (x, y) => this.probe(x, y),
    });
    this.element = this.figure.element;
  }

  update(reader, theme) {
    this.reader = reader;
    this.depths = reader.beliefDepths.values;
    this.values = reader.beliefs.values;
    this.classes = reader.probabilities.length;
    this.left = LEAST_LEFT;
    this.element.hidden = !this.depths.length;
    this.colours = Uint32Array.from(this.values, (p) => theme.sequential[colourIndex(p, 0, 1)]);
    this.styles = Array.from(this.colours, (c) => `rgb(${c & 255},${(c >> 8) & 255},${(c >> 16) & 255})`);
    this.figure.paint = (ctx, width, height, now) => this.paint(ctx, width, height, now);
  }

  show(depth) {
    this.depth = depth;
    this.figure.draw();
  }

  /** Return the last probe at or before a depth, −1 if there is none yet. */
  probeAt(depth) {
    let found = -1;
    while (found + 1 < this.depths.length && this.depths[found + 1] <= depth) found++;
    return found;
  }

  paint(ctx, width, height, theme) {
    const { reader, classes, depths } = this;
    ctx.font = `700 14px ${theme.font}`;
    const names = reader.classes.map((name) => ctx.measureText(name).width + 16);
    this.left = Math.max(LEAST_LEFT, ...names);
    const { left } = this;
    const w = width - left - RIGHT;
    const h = height - TOP - BOTTOM;
    const cell = w / reader.depths;
    const row = h / classes;
    const now = this.probeAt(this.depth);
    ctx.fillStyle = theme.unread;
    ctx.fillRect(left, TOP, w, h);
    for (let probe = 0; probe <= now; probe++) {
      // A probe speaks for what has been read since the one before it.
      const from = left + (probe ? depths[probe - 1] + 1 : 0) * cell;
      const to = left + (depths[probe] + 1) * cell;
      for (let k = 0; k < classes; k++) {
        ctx.fillStyle = this.styles[probe * classes + k];
        ctx.fillRect(from, TOP + k * row, to - from + 0.3, row + 0.3);
      }
    }
    let best = -1;
    for (let k = 0; k < classes && now >= 0; k++) {
      if (best < 0 || this.values[now * classes + k] > this.values[now * classes + best]) best = k;
    }
    for (let k = 0; k < classes; k++) {
      const y = TOP + (k + 0.5) * row + 5;
      ctx.font = `${k === best ? "700 " : ""}14px ${theme.font}`;
      ctx.fillStyle = k === best ? theme.text : theme.muted;
      ctx.textAlign = "right";
      ctx.fillText(reader.classes[k], left - 8, y);
      if (now >= 0) ctx.fillText(formatPercent(this.values[now * classes + k]), width, y);
    }
    ctx.font = `14px ${theme.font}`;
    paintDepths(ctx, theme, reader, this.depth, left, TOP, w, h);
    colourBar(ctx, theme, "sequential", left, height - 14, w, ["0 %", "100 %"]);
  }

  probe(x, y) {
    const step = Math.floor(((x - this.left) / (this.figure.width - this.left - RIGHT)) * this.reader.depths);
    const answer = Math.floor(((y - TOP) / (this.figure.drawn - TOP - BOTTOM)) * this.classes);
    if (step < 0 || step >= this.reader.depths || answer < 0 || answer >= this.classes) return null;
    if (step > this.depth) return { text: "not read yet" };
    const at = this.probeAt(step);
    if (at < 0) return { text: "no probe before the first one" };
    const share = formatPercent(this.values[at * this.classes + answer]);
    const name = this.reader.classes[answer];
    return { text: `after ${this.reader.word} ${this.depths[at] + 1}: ${name}, ${share}` };
  }
}
