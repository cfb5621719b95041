/** The film strip: every frame as the network gets it, and how it differs from the one before. */

import { fontOf, Track } from "./columns.js";
import { ChangeTag } from "./tag.js";

// A picture this small still shows a digit; where a column is narrower, lines of larger ones do.
const LEAST_IN_COLUMN = 20;
const LEAST_IN_LINE = 30;
const LARGEST = 76;
const GAP = 3;
const BARS = 24;
const NUMBERS = 17;
const BETWEEN = 8;

/** What a network is shown, by its sight. */
export const SIGHTS = {
  frames: "The network is shown each frame alone, and has to remember what was before.",
  changes: "The network is shown the changes alone, the lower row.",
  both: "The network is shown both: each frame, and how it differs from the one before.",
};

/** Rows of small pictures, one a frame; where columns are too narrow they go on in a next line. */
export class Film extends Track {
  constructor(room, options) {
    super(room, { height: 60, ...options });
    this.dims = false;
    this.tag = new ChangeTag();
    this.figure.title.after(this.tag.element);
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

  /**
   * Return how the pictures stand: in columns under one another, or in lines of their own, each
   * with its frames' numbers. `pictures` is how high a line is without them, `step` from one line to
   * the next.
   */
  layout(ctx, width, theme) {
    const place = this.room.columns.place(ctx, width, theme);
    const { count } = this.room.columns;
    const { small } = place;
    if (place.cell >= LEAST_IN_COLUMN) {
      const side = Math.min(place.cell - GAP, LARGEST);
      const pictures = this.high(side);
      const { left: x, cell } = place;
      return { lines: 1, per: count, x, cell, side, small, pictures, step: pictures };
    }
    const x = Math.ceil(Math.max(...this.labels().map((name) => ctx.measureText(name).width)) + 10);
    const lines = Math.max(2, Math.ceil((count * (LEAST_IN_LINE + GAP)) / (width - x)));
    const per = Math.ceil(count / lines);
    const cell = (width - x) / per;
    const side = Math.min(cell - GAP, LARGEST);
    const pictures = this.high(side);
    return { lines, per, x, cell, side, small, pictures, step: pictures + NUMBERS + BETWEEN };
  }

  /** Return all that may stand on the left. */
  labels() {
    return ["frame", ...this.rows.flatMap(({ name, bars }) => (bars ? [name, "by frame"] : [name]))];
  }

  wantedHeight(ctx, width, theme) {
    const { lines, step } = this.layout(ctx, width, theme);
    this.axis = lines === 1;
    return Math.round(lines * step - (this.axis ? 0 : BETWEEN));
  }

  /** Return how high all rows are together. */
  high(side) {
    return this.rows.reduce((sum, { bars }) => sum + side + GAP + (bars ? BARS : 0), 0);
  }

  draw(ctx, box, theme) {
    const layout = this.layout(ctx, box.width, theme);
    this.places = layout;
    for (let line = 0; line < layout.lines; line++) {
      let top = box.y + line * layout.step;
      for (const row of this.rows) {
        this.row(ctx, theme, row, line, top);
        top += layout.side + GAP + (row.bars ? BARS : 0);
      }
      if (layout.lines > 1) this.numbered(ctx, theme, line, top + 13);
    }
  }

  /** Draw one line of one row, with what it shows on the left. */
  row(ctx, theme, { name, reel, bars }, line, top) {
    const { x, cell, side } = this.places;
    for (const [place, frame] of this.framesOf(line).entries()) {
      const left = x + place * cell + (cell - side) / 2;
      reel.draw(ctx, frame, left, top, side, side);
      ctx.strokeStyle = theme.border;
      ctx.strokeRect(left - 0.5, top - 0.5, side + 1, side + 1);
      if (bars) this.bar(ctx, theme, left, top + side + 2, side, bars[frame]);
    }
    this.label(ctx, theme, name, top + side / 2 + 5);
    if (bars) this.label(ctx, theme, "by frame", top + side + BARS / 2 + 4);
  }

  /** Return the frames in a line. */
  framesOf(line) {
    const { per } = this.places;
    const count = Math.min(per, this.room.columns.count - line * per);
    return Array.from({ length: Math.max(count, 0) }, (_, i) => line * per + i);
  }

  bar(ctx, theme, left, top, side, value) {
    const room = BARS - 6;
    const size = Math.min(Math.abs(value), 1) * room;
    ctx.fillStyle = theme.unread;
    ctx.fillRect(left, top, side, room);
    ctx.fillStyle = value < 0 ? theme.lines[0] : theme.lines[1];
    ctx.fillRect(left, top + room - size, side, size);
  }

  label(ctx, theme, text, y) {
    const { x, small } = this.places;
    ctx.font = fontOf(theme, small);
    ctx.fillStyle = theme.muted;
    ctx.textAlign = "right";
    ctx.fillText(text, x - 8, y, x - 9);
    ctx.textAlign = "left";
  }

  /** Draw the numbers of a line's frames. */
  numbered(ctx, theme, line, y) {
    const { x, cell, small } = this.places;
    ctx.textAlign = "center";
    for (const [place, frame] of this.framesOf(line).entries()) {
      const isNow = frame === this.room.frame;
      ctx.font = fontOf(theme, small, isNow);
      ctx.fillStyle = isNow ? theme.text : theme.muted;
      ctx.fillText(String(frame + 1), x + (place + 0.5) * cell, y);
    }
    ctx.textAlign = "left";
  }

  cursor(ctx, box, theme) {
    const { per, x, cell, side, pictures, step } = this.places;
    const { frame } = this.room;
    const top = box.y + Math.floor(frame / per) * step;
    ctx.strokeStyle = theme.cursor;
    ctx.lineWidth = 2.5;
    ctx.strokeRect(x + (frame % per) * cell + (cell - side) / 2 - 2, top - 2, side + 4, pictures + 1);
    ctx.lineWidth = 1;
  }

  probe(x, y) {
    const { places, box, room } = this;
    if (!places || !box) return null;
    const line = Math.min(Math.max(Math.floor((y - box.y) / places.step), 0), places.lines - 1);
    const column = Math.floor((x - places.x) / places.cell);
    const frame = line * places.per + column;
    if (column < 0 || column >= places.per || frame >= room.columns.count) return null;
    const told = this.rows.map(({ tells }) => tells?.(frame)).filter(Boolean);
    const text = `frame ${frame + 1}${told.length ? `: ${told.join("; ")}` : ""}`;
    return { text, click: () => room.goTo(frame) };
  }
}
