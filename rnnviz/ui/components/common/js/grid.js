/** Unit maps over the picture for a reader in two dimensions, with the wavefront sweeping. */

import { capital, formatNumber, formatTick } from "./dom.js";
import { Cells, colourBar, Figure } from "./figure.js";
import { colourIndex, packColour } from "./theme.js";
import { shortUnitName, unitName } from "./units.js";

const GAP = 8;
const LABEL = 20;
const BAR = 24;
const SMALL = 9;

/** The lattice of one sweep, seen as the picture lies: turned back from its corner. */
export class Lattice {
  constructor(reader, sweep) {
    [this.rows, this.columns] = reader.lattice;
    this.first = sweep * this.rows * this.columns;
    this.fromRight = sweep % 2 === 1;
    this.fromBottom = sweep >= 2;
  }

  /** Return {step, depth} of the cell at a place in the picture. */
  at(row, column) {
    const r = this.fromBottom ? this.rows - 1 - row : row;
    const c = this.fromRight ? this.columns - 1 - column : column;
    return { step: this.first + r * this.columns + c, depth: r + c };
  }

  /** Return {row, column, step} of the cell in the middle of the wavefront at a depth. */
  middle(depth) {
    const low = Math.max(0, depth - this.columns + 1);
    const high = Math.min(this.rows - 1, depth);
    const r = Math.min(Math.max(Math.floor(depth / 2), low), high);
    const c = depth - r;
    const row = this.fromBottom ? this.rows - 1 - r : r;
    const column = this.fromRight ? this.columns - 1 - c : c;
    return { row, column, step: this.first + r * this.columns + c };
  }
}

export class UnitMaps {
  /** `onPick(unit)` is called when a map is clicked. */
  constructor(room, { title, caption, name, onPick, most = SMALL }) {
    this.onPick = onPick;
    this.most = most;
    this.depth = 0;
    this.figure = new Figure(room, {
      title,
      caption,
      name,
      height: 300,
      probe: (x, y) => this.probe(x, y),
    });
    this.element = this.figure.element;
  }

  /** Take values (step, unit); data as for HeatMap, plus `names` where units have names. */
  update(data, reader, sweep, pinned, theme) {
    Object.assign(this, { data, reader, pinned });
    this.lattice = new Lattice(reader, sweep);
    const { rows, columns } = this.lattice;
    this.units = this.choose(pinned);
    this.across = data.names ? Math.min(this.units.length, 3) : Math.ceil(Math.sqrt(this.units.length));
    this.down = Math.ceil(this.units.length / this.across);
    const colours = theme[data.map];
    const places = Array.from({ length: rows * columns }, (_, i) =>
      this.lattice.at(Math.floor(i / columns), i % columns),
    );
    this.depthOf = Uint16Array.from(places, ({ depth }) => depth);
    // All maps stand in one image, one below the other.
    const size = rows * columns;
    this.colours = new Uint32Array(size * this.units.length);
    this.units.forEach((unit, k) => {
      for (let i = 0; i < size; i++) {
        const value = data.values[places[i].step * data.units + unit];
        this.colours[k * size + i] = colours[colourIndex(value, data.low, data.high)];
      }
    });
    const height = rows * this.units.length;
    if (this.cells?.columns !== columns || this.cells.rows !== height) {
      this.cells = new Cells(columns, height);
    }
    this.unread = packColour(theme.unread);
    this.figure.paint = (ctx, w, h, now) => this.paint(ctx, w, h, now);
  }

  /** Return the units to show: those that vary most over the picture, the pinned one first. */
  choose(pinned) {
    const { values, units, names } = this.data;
    if (names) return names.map((_, i) => i);
    const { first, rows, columns } = this.lattice;
    const spread = Array.from({ length: units }, (_, unit) => {
      let sum = 0;
      let squares = 0;
      for (let i = 0; i < rows * columns; i++) {
        const value = values[(first + i) * units + unit];
        sum += value;
        squares += value * value;
      }
      return squares - (sum * sum) / (rows * columns);
    });
    const order = spread.map((_, unit) => unit).sort((a, b) => spread[b] - spread[a]);
    const chosen = order.slice(0, Math.min(this.most, units));
    if (pinned !== null && pinned < units && !chosen.includes(pinned)) {
      chosen[chosen.length - 1] = pinned;
    }
    return chosen.sort((a, b) => a - b);
  }

  side(width) {
    return (width - GAP * (this.across - 1)) / this.across;
  }

  heightFor(width) {
    return Math.round(this.down * (this.side(width) + LABEL + GAP) + BAR);
  }

  show(depth) {
    this.depth = depth;
    const { words } = this.cells;
    const size = this.depthOf.length;
    for (let i = 0; i < words.length; i++) {
      words[i] = this.depthOf[i % size] <= depth ? this.colours[i] : this.unread;
    }
    this.cells.flush();
    this.figure.draw();
  }

  paint(ctx, width, height, theme) {
    // How high the maps are follows from the width, which isn't known before they have a place.
    const wanted = this.heightFor(width);
    if (wanted !== this.figure.height) {
      this.figure.height = wanted;
      this.figure.fit();
      return;
    }
    const side = this.side(width);
    const { rows, columns } = this.lattice;
    const cell = side / Math.max(rows, columns);
    this.units.forEach((unit, i) => {
      const x = (i % this.across) * (side + GAP);
      const y = Math.floor(i / this.across) * (side + LABEL + GAP);
      ctx.fillStyle = theme.muted;
      ctx.font = `${unit === this.pinned ? "700 " : ""}14px ${theme.font}`;
      if (unit === this.pinned) ctx.fillStyle = theme.text;
      ctx.fillText(this.nameOf(unit, (name) => ctx.measureText(name).width <= side), x, y + 14);
      const { canvas } = this.cells;
      const [wide, high] = [columns * cell, rows * cell];
      ctx.drawImage(canvas, 0, i * rows, columns, rows, x, y + LABEL, wide, high);
      ctx.strokeStyle = unit === this.pinned ? theme.text : theme.border;
      ctx.lineWidth = unit === this.pinned ? 2 : 1;
      ctx.strokeRect(x + 0.5, y + LABEL + 0.5, columns * cell - 1, rows * cell - 1);
      this.front(ctx, theme, x, y + LABEL, cell);
    });
    ctx.font = `14px ${theme.font}`;
    const { low, high, map } = this.data;
    colourBar(ctx, theme, map, 0, height - 15, width, [formatTick(low), formatTick(high)]);
  }

  /** Return what a map is called, in few letters where `fits(name)` says that there is no room. */
  nameOf(unit, fits = () => true) {
    if (this.data.names) return this.data.names[unit];
    const name = unitName(this.reader, unit);
    return fits(name) ? name : shortUnitName(this.reader, unit);
  }

  /** Draw the edge between what is read and what isn't: the wavefront. */
  front(ctx, theme, x, y, cell) {
    const { rows, columns, fromRight, fromBottom } = this.lattice;
    ctx.strokeStyle = theme.cursor;
    ctx.lineWidth = 2;
    ctx.beginPath();
    for (let r = 0; r < rows; r++) {
      const c = Math.min(Math.max(this.depth - r + 1, 0), columns);
      if (c <= 0 || this.depth - r >= columns) continue;
      const edge = x + (fromRight ? columns - c : c) * cell;
      const top = y + (fromBottom ? rows - 1 - r : r) * cell;
      const below = top + (fromBottom ? 0 : cell);
      const inner = edge + (fromRight ? cell : -cell);
      ctx.moveTo(edge, top);
      ctx.lineTo(edge, top + cell);
      ctx.moveTo(edge, below);
      ctx.lineTo(inner, below);
    }
    ctx.stroke();
  }

  probe(x, y) {
    if (!this.units) return null;
    const side = this.side(this.figure.width);
    const i = Math.floor(x / (side + GAP));
    const j = Math.floor(y / (side + LABEL + GAP));
    const unit = this.units[j * this.across + i];
    if (unit === undefined || i >= this.across) return null;
    const { rows, columns } = this.lattice;
    const cell = side / Math.max(rows, columns);
    const column = Math.floor((x - i * (side + GAP)) / cell);
    const row = Math.floor((y - j * (side + LABEL + GAP) - LABEL) / cell);
    if (row < 0 || column < 0 || row >= rows || column >= columns) return null;
    const { step, depth } = this.lattice.at(row, column);
    const name = this.nameOf(unit);
    const click = this.onPick && (() => this.onPick(unit));
    const text = `${this.reader.label} · ${name} · row ${row + 1}, column ${column + 1}`;
    if (depth > this.depth) return { text: `${text}: not read yet`, click };
    const value = formatNumber(this.data.values[step * this.data.units + unit]);
    return { text: `${text}, ${capital(this.reader.word)} ${depth + 1}: ${value}`, click };
  }
}
