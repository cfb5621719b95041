/** What the browser has of a run: rows of the curves, measurements, moments. */

import { unpack } from "../../common/js/encode.js";

const COLUMNS = [
  "step",
  "loss",
  "loss_low",
  "loss_high",
  "accuracy",
  "accuracy_low",
  "accuracy_high",
  "norm",
  "norm_high",
  "clipped",
  "seconds",
];

export class Store {
  constructor() {
    this.forget();
  }

  forget() {
    this.generation = -1;
    this.size = 0;
    this.count = 0;
    this.columns = Object.fromEntries(COLUMNS.map((name) => [name, new Float32Array(0)]));
    this.epochs = [];
    this.moments = [];
  }

  /** Take what is new; return whether it fits what is there. Taking it twice changes nothing. */
  take(data) {
    if (data.generation !== this.generation) {
      if (data.from || data.epochsFrom || data.momentsFrom) return false;
      this.forget();
      this.generation = data.generation;
    }
    const gap =
      data.epochsFrom > this.epochs.length ||
      data.momentsFrom > this.moments.length ||
      data.from > (data.size === this.size ? this.count : 0);
    if (gap) return false;
    if (data.rows) this.takeRows(data);
    // JSON has no word for the loss of a network that has diverged.
    const added = data.epochs.map((row) => row.map((value) => value ?? NaN));
    this.epochs = [...this.epochs.slice(0, data.epochsFrom), ...added];
    this.moments = [...this.moments.slice(0, data.momentsFrom), ...data.moments];
    return true;
  }

  takeRows({ from, size, rows }) {
    const { values, shape } = unpack(rows);
    const [added, width] = shape;
    COLUMNS.forEach((name, place) => {
      const column = new Float32Array(from + added);
      column.set(this.columns[name].subarray(0, from));
      for (let row = 0; row < added; row++) column[from + row] = values[row * width + place];
      this.columns[name] = column;
    });
    this.size = size;
    this.count = from + added;
  }

  /** The last training step that is known of. */
  get last() {
    const row = this.count ? this.columns.step[this.count - 1] : 0;
    return Math.max(row, this.moments.at(-1)?.step ?? 0);
  }

  /** Return the step from which on a moment stands for the network: half-way from the one before. */
  edge(index) {
    return index ? (this.moments[index - 1].step + this.moments[index].step) / 2 : 0;
  }

  /** Return the place of the moment nearest to a step, -1 where there is none. */
  nearest(step) {
    let found = Math.min(this.moments.length, 1) - 1;
    while (found + 1 < this.moments.length && this.edge(found + 1) <= step) found += 1;
    return found;
  }

  /** Return the moment that shows the network best as it was at a step; null for none. */
  momentAt(step) {
    return this.moments[this.nearest(step)] ?? null;
  }
}

/** Return the place of the last of ascending numbers that isn't above a value, -1 if all are. */
export function placeOf(numbers, value) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Return numbers smoothed by an exponential mean with a weight on the past, 0 to 1. */
export function smoothed(values, weight) {
  if (!weight) return values;
  const found = new Float32Array(values.length);
  let mean = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    mean = weight * mean + (1 - weight) * values[i];
    total = weight * total + (1 - weight);
    found[i] = mean / total;
  }
  return found;
}
