/** One axis of time for all tracks: each frame has a column, at the same place in every one. */

import { Figure } from "../../common/js/figure.js";

const NARROW = 520;
const AXIS = 22;

/** Where the columns stand, the same for every track of a room. */
export class Columns {
  constructor() {
    this.count = 1;
    this.names = [];
  }

  /** Take the number of frames and the names that stand on the left. */
  take(count, names) {
    this.count = count;
    this.names = names;
  }

  /** Return {left, right, w, cell, small} for a track of some width. */
  place(ctx, width, theme) {
    const small = width < NARROW;
    ctx.font = fontOf(theme, small);
    const widest = Math.max(...this.names.map((name) => ctx.measureText(name).width), 20);
    const left = Math.ceil(Math.min(widest + 12, width * 0.34));
    const right = small ? 44 : 58;
    const w = width - left - right;
    return { left, right, w, cell: w / this.count, small };
  }
}

/** Return what a track writes with. */
export function fontOf(theme, small, bold = false) {
  return `${bold ? "700 " : ""}${small ? 12 : 14}px ${theme.font}`;
}

/**
 * A figure over the frames.
 *
 * `draw(ctx, box, theme)` draws it into `box` {x, y, w, h, cell, small, width}; the axis and the
 * frame that the clock has come to are drawn here. `tell(frame, y, box)` says what lies under the
 * pointer, or null. A click goes to the frame.
 */
export class Track {
  constructor(room, { title, caption = "", name, height, axis = true, className = "" }) {
    this.room = room;
    this.inner = height;
    this.axis = axis;
    this.dims = true;
    this.head = 0;
    this.figure = new Figure(room, {
      title,
      caption,
      name,
      className: `track ${className}`,
      height: this.heightFor(height),
      probe: (x, y) => this.probe(x, y),
    });
    this.element = this.figure.element;
  }

  heightFor(inner) {
    return inner + 8 + (this.axis ? AXIS : 6);
  }

  /** Begin to draw, and draw now. */
  ready() {
    this.figure.paint = (ctx, width, height, theme) => this.paint(ctx, width, theme);
    this.figure.draw();
  }

  /** Make the inner part this high. */
  setHeight(inner) {
    this.inner = inner;
    this.figure.height = this.heightFor(inner);
    this.figure.fit();
  }

  show() {
    this.figure.draw();
  }

  paint(ctx, width, theme) {
    const inner = this.wantedHeight?.(ctx, width, theme) ?? this.inner;
    if (this.heightFor(inner) !== this.figure.height) {
      // How high it is may follow from the width, which isn't known before it has a place.
      this.setHeight(inner);
      return;
    }
    const { left, w, cell, small } = this.room.columns.place(ctx, width, theme);
    const box = { x: left, y: 4, w, h: this.inner, cell, small, width };
    this.box = box;
    ctx.font = fontOf(theme, small);
    this.draw(ctx, box, theme);
    this.cursor(ctx, box, theme);
    if (this.axis) this.numbers(ctx, box, theme);
  }

  /** Frame the column of the frame that the clock has come to; what comes later is pale. */
  cursor(ctx, { x, y: top, w, h: all, cell }, theme) {
    const { frame } = this.room;
    const [y, h] = [top + this.head, all - this.head];
    const end = x + (frame + 1) * cell;
    if (this.dims && frame + 1 < this.room.columns.count) {
      ctx.globalAlpha = 0.55;
      ctx.fillStyle = theme.background;
      ctx.fillRect(end, y - 1, x + w - end + 1, h + 2);
      ctx.globalAlpha = 1;
    }
    ctx.strokeStyle = theme.cursor;
    ctx.lineWidth = 2.5;
    ctx.strokeRect(x + frame * cell - 0.5, y - 2, cell + 1, h + 4);
    ctx.lineWidth = 1;
  }

  numbers(ctx, { x, y, h, cell, small }, theme) {
    const { frame, columns } = this.room;
    const line = y + h + (small ? 15 : 17);
    ctx.font = fontOf(theme, small);
    ctx.textAlign = "center";
    const gap = Math.max(1, Math.ceil(26 / cell));
    for (let i = 0; i < columns.count; i++) {
      if (i === frame) continue;
      if (i % gap || Math.abs(i - frame) * cell < 20) continue;
      ctx.fillStyle = theme.muted;
      ctx.fillText(String(i + 1), x + (i + 0.5) * cell, line);
    }
    ctx.fillStyle = theme.text;
    ctx.font = fontOf(theme, small, true);
    ctx.fillText(String(frame + 1), x + (frame + 0.5) * cell, line);
    ctx.font = fontOf(theme, small);
    ctx.fillStyle = theme.muted;
    ctx.textAlign = "right";
    ctx.fillText("frame", x - 8, line);
    ctx.textAlign = "left";
  }

  probe(x, y) {
    const { box, room } = this;
    if (!box) return null;
    const frame = Math.floor((x - box.x) / box.cell);
    if (frame < 0 || frame >= room.columns.count || y < box.y - 4 || y > box.y + box.h + AXIS) {
      return null;
    }
    const text = this.tell(frame, y, box);
    return text && { text, click: () => room.goTo(frame) };
  }
}
