/** The gradient flow as it learns: how much of the gradient reaches each depth of the reading. */

import { formatDecade, formatPower } from "../../common/js/decades.js";
import { cellImage, colourBar, Figure } from "../../common/js/figure.js";
import { colourIndex } from "../../common/js/theme.js";
import { paintSteps, STEPS_HEIGHT, stroke } from "./axis.js";

const LEFT = 58;
const RIGHT = 12;
const TOP = 8;
const BAR_HEIGHT = 36;
/** Powers of ten at the ends of the scale: the same for every run, so that two can be compared. */
const WIDEST = 10;

export class FlowMap {
  constructor(room) {
    this.room = room;
    this.moments = [];
    this.figure = new Figure(room, {
      title: "How much of the gradient reaches what was read first",
      name: "gradient flow",
      height: 308,
      className: "of-steps wide",
      probe: (x, y) => this.probe(x, y),
    });
    this.element = this.figure.element;
    this.figure.paint = (ctx, width, height, theme) => this.paint(ctx, width, height, theme);
    room.axis.attend(this.figure, [LEFT, RIGHT]);
  }

  update(moments, word, theme) {
    const same = moments.length === this.moments.length && moments.at(-1) === this.moments.at(-1);
    if (same && this.signature === theme.signature) return;
    Object.assign(this, { moments, word, signature: theme.signature });
    if (!moments.length) return;
    this.depths = moments[0].depths;
    const ratios = moments.map((moment) => this.ratios(moment));
    this.cells = cellImage(moments.length, this.depths.length, (column, row) => {
      const ratio = ratios[column][row];
      return ratio === null ? 0 : theme.diverging[colourIndex(ratio, -WIDEST, WIDEST)];
    });
  }

  /** Return log10 of |dL/dh| over that at the last step, by depth; null where nothing arrives. */
  ratios({ flow }) {
    const last = flow.at(-1);
    return flow.map((one) => (one === null || last === null ? null : one - last));
  }

  draw() {
    this.figure.draw();
  }

  paint(ctx, width, height, theme) {
    const below = STEPS_HEIGHT + BAR_HEIGHT;
    const box = { left: LEFT, top: TOP, width: width - LEFT - RIGHT, height: height - TOP - below };
    this.box = box;
    ctx.fillStyle = theme.unread;
    ctx.fillRect(box.left, box.top, box.width, box.height);
    if (this.moments.length) {
      ctx.save();
      ctx.beginPath();
      ctx.rect(box.left, box.top, box.width, box.height);
      ctx.clip();
      this.columns(ctx, theme, box);
      ctx.restore();
    }
    paintSteps(ctx, theme, this.room.axis, box);
    ctx.fillStyle = theme.muted;
    ctx.textAlign = "right";
    ctx.fillText("first", box.left - 7, box.top + 12);
    ctx.fillText("last", box.left - 7, box.top + box.height - 2);
    ctx.save();
    ctx.translate(14, box.top + box.height / 2);
    ctx.rotate(-Math.PI / 2);
    ctx.textAlign = "center";
    ctx.fillText(`${this.word ?? "step"} read`, 0, 0);
    ctx.restore();
    ctx.textAlign = "left";
    if (this.moments.length) {
      const ends = [`${formatDecade(-WIDEST)} and less`, `${formatDecade(WIDEST)} and more`];
      colourBar(ctx, theme, "diverging", box.left, height - 18, box.width, ends);
    }
  }

  columns(ctx, theme, box) {
    const { moments, room } = this;
    ctx.imageSmoothingEnabled = false;
    moments.forEach((moment, i) => {
      const from = room.axis.place(this.edge(i), box.left, box.width);
      const to = room.axis.place(this.edge(i + 1), box.left, box.width);
      if (to < box.left || from > box.left + box.width) return;
      if (moment.flow.includes(null)) hatch(ctx, theme, from, to, box);
      const x = Math.floor(from);
      ctx.drawImage(this.cells.canvas, i, 0, 1, this.depths.length, x, box.top, Math.ceil(to) - x, box.height);
    });
  }

  /** Return the step at which a moment's column begins; the last one ends soon after its moment. */
  edge(index) {
    const { moments } = this;
    if (index < moments.length) return this.room.store.edge(index);
    const { step } = moments.at(-1);
    // What hasn't been measured yet isn't drawn.
    return Math.max(step, Math.min(this.room.axis.last, 2 * step - this.room.store.edge(index - 1)));
  }

  /** Return how much reaches the first step that was read, in words; "" where that isn't known. */
  first(moment) {
    if (!moment) return "";
    const when = moment.step ? `After ${moment.step.toLocaleString("en")} training steps` : "Before it begins";
    const ratio = this.ratios(moment)[0];
    const one = `the first ${this.word}`;
    if (ratio === null) return `${when} nothing reaches ${one}.`;
    return `${when} ${one} gets ${formatPower(ratio)} of what the last one gets.`;
  }

  /** Return the largest ratio to the last step of all moments, as its log10. */
  most() {
    return Math.max(0, ...this.moments.flatMap((moment) => this.ratios(moment)).filter((one) => one !== null));
  }

  probe(x, y) {
    if (!this.moments.length || !this.box || this.room.axis.drag) return null;
    const { left, top, width, height } = this.box;
    const step = this.room.axis.stepAt(x, left, width);
    const row = Math.floor(((y - top) / height) * this.depths.length);
    if (step < 0 || step > this.room.axis.last || row < 0 || row >= this.depths.length) return null;
    return { text: this.tell(this.room.store.momentAt(step), row) };
  }

  tell(moment, row) {
    const place = `after step ${moment.step.toLocaleString("en")}, ${this.word} ${this.depths[row] + 1} of ${moment.of}`;
    const size = moment.flow[row];
    if (size === null) return `${place}: nothing arrives`;
    const ratio = this.ratios(moment)[row];
    const share = ratio === null ? "" : `, ${formatPower(ratio)} of that at the last`;
    return `${place}: |∂L/∂h| ${formatPower(size)}${share}`;
  }
}

/** Mark where nothing arrives: slanted lines, as no colour of the scale looks. */
function hatch(ctx, theme, from, to, box) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(from, box.top, to - from, box.height);
  ctx.clip();
  ctx.fillStyle = theme.unread;
  ctx.fillRect(from, box.top, to - from, box.height);
  const first = Math.floor((from - box.height) / 9) * 9;
  for (let x = first; x < to; x += 9) {
    stroke(ctx, theme.muted, x, box.top + box.height, x + box.height, box.top);
  }
  ctx.restore();
}
