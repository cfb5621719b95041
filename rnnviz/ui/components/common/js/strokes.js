/** The strokes of a drawing: points [x, y, t], x and y in 0..1, y down, t in milliseconds. */

const MOST_POINTS = 3900;
const MOST_STROKES = 195;
const MOST_MS = 599000;
const PAUSE_MS = 2000;
const SPACING = 0.003;

/** What is drawn, with a past and a future for undo and redo. */
export class Strokes {
  constructor() {
    this.list = [];
    this.past = [];
    this.future = [];
    this.current = null;
    this.zero = 0;
  }

  /** Take over strokes from elsewhere; undo doesn't reach behind them. */
  load(list) {
    this.list = list.map((stroke) => stroke.map((point) => [...point]));
    this.past = [];
    this.future = [];
    this.current = null;
  }

  get points() {
    return this.list.reduce((sum, stroke) => sum + stroke.length, 0);
  }

  get isFull() {
    return this.points >= MOST_POINTS || this.list.length >= MOST_STROKES;
  }

  /** Begin a stroke at a time of the browser's clock. A long pause before it is shortened. */
  begin(x, y, now) {
    this.past.push(this.list.slice());
    this.future = [];
    const last = this.list.length ? this.list[this.list.length - 1].at(-1)[2] : 0;
    if (!this.list.length) this.zero = now;
    else if (now - this.zero < last || now - this.zero > last + PAUSE_MS) {
      this.zero = now - last - 300;
    }
    this.current = [];
    this.list.push(this.current);
    this.add(x, y, now);
  }

  /** Add a point unless it hardly differs from the last one; return whether it was added. */
  add(x, y, now) {
    if (!this.current || this.points >= MOST_POINTS) return false;
    const point = [clamp(x), clamp(y), Math.round(Math.min(Math.max(now - this.zero, 0), MOST_MS))];
    const last = this.current.at(-1);
    if (last) {
      if (Math.hypot(point[0] - last[0], point[1] - last[1]) < SPACING) return false;
      point[2] = Math.max(point[2], last[2]);
    }
    this.current.push(point);
    return true;
  }

  end() {
    this.current = null;
  }

  undo() {
    if (!this.past.length) return false;
    this.future.push(this.list);
    this.list = this.past.pop();
    return true;
  }

  redo() {
    if (!this.future.length) return false;
    this.past.push(this.list);
    this.list = this.future.pop();
    return true;
  }

  clear() {
    if (!this.list.length) return false;
    this.past.push(this.list);
    this.future = [];
    this.list = [];
    return true;
  }
}

function clamp(value) {
  return Math.round(Math.min(Math.max(value, 0), 1) * 10000) / 10000;
}
