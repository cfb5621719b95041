/** The training steps that all figures show alike, the moment one looks at, and how both move. */

/** So much room below a figure its axis of the steps takes. */
export const STEPS_HEIGHT = 44;
const NARROWEST = 4;
const DRAG_PX = 6;

export class Axis {
  /** `onChange()` is called after every change that has to be drawn. */
  constructor(onChange) {
    this.onChange = onChange;
    this.zoom = null;
    this.cursor = null;
    this.drag = null;
    this.last = 0;
    this.total = 0;
    this.ended = false;
  }

  /** Take how far the run is; what one has zoomed to stays. */
  follow(last, total, ended) {
    Object.assign(this, { last, total, ended });
  }

  /** The steps at both ends. They double from time to time instead of creeping. */
  get range() {
    if (this.zoom) return this.zoom;
    if (this.ended || !this.total) return [0, Math.max(this.last, 1)];
    let end = this.total;
    while (end / 2 >= Math.max(this.last, NARROWEST)) end /= 2;
    return [0, end];
  }

  /** Return where a step stands between `left` and `left + width`. */
  place(step, left, width) {
    const [low, high] = this.range;
    return left + ((step - low) / (high - low)) * width;
  }

  stepAt(x, left, width) {
    const [low, high] = this.range;
    return low + ((x - left) / width) * (high - low);
  }

  look(step) {
    this.cursor = step === null ? null : Math.min(Math.max(step, 0), this.last);
    this.onChange();
  }

  show(low, high) {
    const whole = Math.max(this.total, this.last, 1);
    const width = Math.min(Math.max(high - low, NARROWEST), whole);
    const from = Math.min(Math.max(low, 0), whole - width);
    this.zoom = width >= whole ? null : [from, from + width];
    this.onChange();
  }

  showAll() {
    this.zoom = null;
    this.onChange();
  }

  /** Show so many times as many steps, around the moment that is looked at. */
  scale(factor) {
    const [low, high] = this.range;
    const middle = this.cursor ?? (low + high) / 2;
    this.show(middle - (middle - low) * factor, middle + (high - middle) * factor);
  }

  /** Let a figure's canvas move the cursor and the zoom; `margins` are [left, right]. */
  attend(figure, margins) {
    const { canvas } = figure;
    canvas.tabIndex = 0;
    const stepOf = (event) => {
      const box = canvas.getBoundingClientRect();
      const width = box.width - margins[0] - margins[1];
      return this.stepAt(event.clientX - box.left, margins[0], width);
    };
    canvas.addEventListener("pointermove", (event) => {
      if (this.drag) this.drag.to = stepOf(event);
      this.look(stepOf(event));
    });
    canvas.addEventListener("pointerleave", (event) => {
      if (event.pointerType !== "touch" && !this.drag) this.look(null);
    });
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      this.drag = { x: event.clientX, from: stepOf(event), to: stepOf(event) };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointerup", (event) => {
      const { drag } = this;
      this.drag = null;
      if (drag && Math.abs(event.clientX - drag.x) > DRAG_PX) {
        this.show(Math.min(drag.from, drag.to), Math.max(drag.from, drag.to));
      } else this.onChange();
    });
    canvas.addEventListener("pointercancel", () => {
      this.drag = null;
      this.onChange();
    });
    canvas.addEventListener("dblclick", () => this.showAll());
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const [low, high] = this.range;
    const by = ((high - low) / 100) * (event.shiftKey ? 10 : 1);
    const at = this.cursor ?? this.last;
    const actions = {
      ArrowLeft: () => this.look(at - by),
      ArrowRight: () => this.look(at + by),
      Home: () => this.look(low),
      End: () => this.look(Math.min(high, this.last)),
      "+": () => this.scale(0.5),
      "=": () => this.scale(0.5),
      "-": () => this.scale(2),
      0: () => this.showAll(),
      Escape: () => {
        this.zoom = null;
        this.look(null);
      },
    };
    if (!(event.key in actions)) return;
    event.preventDefault();
    actions[event.key]();
  }
}

/** Return round numbers between two, some `most` of them, at even distances. */
export function ticksBetween(low, high, most) {
  const rough = (high - low) / Math.max(most, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const gap = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough * 0.999);
  const ticks = [];
  for (let at = Math.ceil(low / gap) * gap; at <= high + gap * 1e-6; at += gap) ticks.push(at);
  return ticks;
}

/** Draw the steps below a figure, the part that is being chosen, and the moment looked at. */
export function paintSteps(ctx, theme, axis, { left, top, width, height }) {
  const [low, high] = axis.range;
  ctx.textAlign = "center";
  for (const tick of ticksBetween(low, high, Math.max(2, width / 80))) {
    if (tick !== Math.round(tick)) continue;
    const x = axis.place(tick, left, width);
    ctx.fillStyle = theme.muted;
    const text = tick.toLocaleString("en");
    // The last one would reach beyond the figure.
    const furthest = left + width + 10 - ctx.measureText(text).width / 2;
    ctx.fillText(text, Math.min(x, furthest), top + height + 18);
    stroke(ctx, theme.border, x, top + height, x, top + height + 4);
  }
  ctx.fillStyle = theme.muted;
  ctx.fillText("training step", left + width / 2, top + height + STEPS_HEIGHT - 8);
  ctx.textAlign = "left";
  ctx.strokeStyle = theme.border;
  ctx.strokeRect(left - 0.5, top - 0.5, width + 1, height + 1);
  if (axis.drag) {
    const ends = [axis.drag.from, axis.drag.to].map((step) => axis.place(step, left, width));
    const [from, to] = ends.sort((a, b) => a - b).map((x) => Math.min(Math.max(x, left), left + width));
    ctx.globalAlpha = 0.2;
    ctx.fillStyle = theme.cursor;
    ctx.fillRect(from, top, to - from, height);
    ctx.globalAlpha = 1;
  }
  if (axis.cursor !== null) {
    const x = axis.place(axis.cursor, left, width);
    if (x >= left && x <= left + width) {
      ctx.lineWidth = 2;
      stroke(ctx, theme.cursor, x, top, x, top + height);
      ctx.lineWidth = 1;
    }
  }
}

/** Draw one straight line. */
export function stroke(ctx, colour, fromX, fromY, toX, toY) {
  ctx.strokeStyle = colour;
  ctx.beginPath();
  ctx.moveTo(fromX, fromY);
  ctx.lineTo(toX, toY);
  ctx.stroke();
}
