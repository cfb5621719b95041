/** The film strip: every frame as the network gets it, and how it differs from the one before. */

import { fontOf, Track } from "./columns.js";

// A picture this small still shows a digit; where a column is narrower, lines of larger ones do.
const LEAST_IN_COLUMN = 20;
const LEAST_IN_LINE = 30;
const LARGEST = 76;
const GAP = 3;
const BARS = 24;

/** Rows of small pictures, one a frame; where columns are too narrow they go on in a next line. */
export class Film extends Track {
  constructor(room, options) {
    super(room, { height: 60, ...options });
    this.dims = false;
  }

  /**
   * Take `rows`, a list of {name, reel, bars, tells}.
   *
   * `bars`, where there are any, are values from −1 to 1, one a frame; `tells(frame)` says them.
   */
  update(rows) {
    this.rows = rows;
    this.ready();
  }

  /** Return how the pictures stand: in columns under one another, or in lines of their own. */
  layout(ctx, width, theme) {
    const place = this.room.columns.place(ctx, width, theme);
    const { count } = this.room.columns;
    if (place.cell >= LEAST_IN_COLUMN) {
      const side = Math.min(place.cell - GAP, LARGEST);
      return { lines: 1, per: count, x: place.left, cell: place.cell, side };
    }
    const lines = Math.max(2, Math.ceil((count * (LEAST_IN_LINE + GAP)) / width));
    const per = Math.ceil(count / lines);
    const cell = width / per;
    return { lines, per, x: 0, cell, side: Math.min(cell - GAP, LARGEST) };
  }

  wantedHeight(ctx, width, theme) {
    const { lines, side } = this.layout(ctx, width, theme);
    this.axis = lines === 1;
    return Math.round(lines * this.high(side) + (lines - 1) * 6);
  }

  /** Return how high all rows are together. */
  high(side) {
    return this.rows.reduce((sum, { bars }) => sum + side + GAP + (bars ? BARS : 0), 0);
  }

  draw(ctx, box, theme) {
    const layout = this.layout(ctx, box.width, theme);
    this.places = layout;
    const { per, x, cell, side } = layout;
    const high = this.high(side);
    let down = 0;
    for (const { name, reel, bars } of this.rows) {
      for (let frame = 0; frame < this.room.columns.count; frame++) {
        const line = Math.floor(frame / per);
        const left = x + (frame % per) * cell + (cell - side) / 2;
        const top = box.y + line * (high + 6) + down;
        reel.draw(ctx, frame, left, top, side, side);
        ctx.strokeStyle = theme.border;
        ctx.strokeRect(left - 0.5, top - 0.5, side + 1, side + 1);
        if (bars) this.bar(ctx, theme, left, top + side + 2, side, bars[frame]);
      }
      if (layout.lines === 1) this.label(ctx, box, theme, name, box.y + down + side / 2 + 5);
      down += side + GAP + (bars ? BARS : 0);
    }
  }

  bar(ctx, theme, left, top, side, value) {
    const room = BARS - 6;
    const size = Math.min(Math.abs(value), 1) * room;
    ctx.fillStyle = theme.unread;
    ctx.fillRect(left, top, side, room);
    ctx.fillStyle = value < 0 ? theme.lines[0] : theme.lines[1];
    ctx.fillRect(left, top + room - size, side, size);
  }

  label(ctx, box, theme, text, y) {
    ctx.font = fontOf(theme, box.small);
    ctx.fillStyle = theme.muted;
    ctx.textAlign = "right";
    ctx.fillText(text, box.x - 8, y, box.x - 10);
    ctx.textAlign = "left";
  }

  cursor(ctx, box, theme) {
    const { per, x, cell, side } = this.places;
    const { frame } = this.room;
    const high = this.high(side);
    const top = box.y + Math.floor(frame / per) * (high + 6);
    ctx.strokeStyle = theme.cursor;
    ctx.lineWidth = 2.5;
    ctx.strokeRect(x + (frame % per) * cell + (cell - side) / 2 - 2, top - 2, side + 4, high + 1);
    ctx.lineWidth = 1;
  }

  probe(x, y) {
    const { places, box, room } = this;
    if (!places || !box) return null;
    const high = this.high(places.side);
    const line = Math.min(Math.max(Math.floor((y - box.y) / (high + 6)), 0), places.lines - 1);
    const column = Math.floor((x - places.x) / places.cell);
    const frame = line * places.per + column;
    if (column < 0 || column >= places.per || frame >= room.columns.count) return null;
    const told = this.rows.map(({ tells }) => tells?.(frame)).filter(Boolean);
    const text = `frame ${frame + 1}${told.length ? `: ${told.join("; ")}` : ""}`;
    return { text, click: () => room.goTo(frame) };
  }
}
