/** The pinned unit: its states and gates, its input weights, its equations with numbers. */

import { Curves } from "./curves.js";
import { capital, formatNumber, iconButton, make, setText } from "../../common/js/dom.js";
import { unpack } from "../../common/js/encode.js";
import { cellImage, colourBar, Figure } from "../../common/js/figure.js";
import { Formula } from "./formula.js";
import { Lattice, UnitMaps } from "../../common/js/grid.js";
import { colourIndex } from "../../common/js/theme.js";
import { unitName } from "../../common/js/units.js";

export class UnitPanel {
  /** `onPin({reader, unit} or null)` asks for another unit. */
  constructor(room, onPin) {
    this.room = room;
    this.onPin = onPin;
    this.heading = make("h3");
    this.place = make("p", { class: "place" });
    this.states = new Curves(room, {
      title: "States",
      caption: "What the unit carries from step to step, and what it would write.",
      name: "states",
    });
    this.gates = new Curves(room, {
      title: "Gates",
      caption: "How far each gate is open: 0 shut, 1 open.",
      name: "gates",
    });
    this.maps = new UnitMaps(room, {
      title: "States over the picture",
      caption: "What the unit carries at every place of the grid, and what it would write.",
      name: "states",
    });
    this.gateMaps = new UnitMaps(room, {
      title: "Gates over the picture",
      caption: "How far each gate is open at every place: 0 shut, 1 open.",
      name: "gates",
    });
    this.weights = new Figure(room, {
      title: "Input weights",
      caption: "",
      name: "input weights",
      height: 100,
    });
    this.formula = new Formula();
    this.build();
  }

  build() {
    const move = (by) => () =>
      this.onPin({
        reader: this.reader.name,
        unit: (this.detail.unit + by + this.reader.units) % this.reader.units,
      });
    this.element = make(
      "section",
      { class: "unit", hidden: true, tabindex: "-1", "aria-label": "The pinned unit" },
      make(
        "header",
        {},
        this.heading,
        make(
          "div",
          { class: "keys" },
          iconButton("back", "Unit before", move(-1)),
          iconButton("forward", "Next unit", move(1)),
          iconButton("close", "Unpin the unit", () => this.onPin(null)),
        ),
      ),
      make(
        "div",
        { class: "unit-parts" },
        make(
          "div",
          {},
          this.states.element,
          this.gates.element,
          this.maps.element,
          this.gateMaps.element,
        ),
        make(
          "div",
          {},
          make("h4", { text: "Its equations, with its numbers now" }),
          this.place,
          this.formula.element,
          this.weights.element,
        ),
      ),
    );
  }

  /** What is shown: "GRU · rows, unit 5". */
  get name() {
    return this.reader ? `${this.reader.label}, ${unitName(this.reader, this.detail.unit)}` : "";
  }

  /** Show a reader's pinned unit, or nothing. `sweep` is the corner or direction looked at. */
  update(reader, sweep, theme) {
    this.element.hidden = !reader?.pinned;
    if (!reader?.pinned) {
      this.reader = null;
      return;
    }
    if (this.raw !== reader.pinned) {
      this.raw = reader.pinned;
      this.detail = unpackDetail(reader.pinned);
    }
    Object.assign(this, { reader, sweep });
    this.lattice = new Lattice(reader, sweep);
    const { detail } = this;
    const { name } = this;
    setText(this.heading, name);
    for (const part of [this.states, this.gates, this.maps, this.gateMaps]) {
      part.figure.context = name;
    }
    this.weights.context = name;
    this.formula.update(detail.equations);
    const isGrid = reader.lattice[0] > 1;
    this.states.element.hidden = isGrid;
    this.gates.element.hidden = isGrid || !squashed(detail).length;
    this.maps.element.hidden = !isGrid;
    this.gateMaps.element.hidden = !isGrid || !squashed(detail).length;
    if (isGrid) this.updateMaps(theme);
    else this.updateCurves();
    this.updateWeights(theme);
  }

  /** Return the series that lie in [−1, 1] or beyond: the states, and the candidate if any. */
  signed() {
    const { detail } = this;
    const lines = detail.states.map((state) => ({ label: state, key: `state/${state}` }));
    if (detail.gates.includes("candidate")) {
      lines.push({ label: "candidate", key: "candidate/value" });
    }
    return lines.map(({ label, key }) => ({ label, values: detail.series[key] }));
  }

  /** Return the gates as series, all from 0 to 1. */
  open() {
    const { detail } = this;
    return squashed(detail).map((gate) => ({
      label: gate.replace("_", " "),
      values: detail.series[`${gate}/value`],
    }));
  }

  updateCurves() {
    const { first } = this.lattice;
    const { depths } = this.reader;
    // Of a chain that is read both ways, the steps of one.
    const own = ({ label, values }) => ({ label, values: values.subarray(first, first + depths) });
    const lines = this.signed();
    const limit = limitOf(lines);
    this.states.update(lines.map(own), -limit, limit, this.reader);
    this.gates.update(this.open().map(own), 0, 1, this.reader);
  }

  updateMaps(theme) {
    const lines = this.signed();
    const limit = limitOf(lines);
    const signed = { ...table(lines), low: -limit, high: limit, map: "diverging" };
    this.maps.update(signed, this.reader, this.sweep, null, theme);
    const gates = this.open();
    if (!gates.length) return;
    const open = { ...table(gates), low: 0, high: 1, map: "sequential" };
    this.gateMaps.update(open, this.reader, this.sweep, null, theme);
  }

  updateWeights(theme) {
    const { detail, reader } = this;
    const [height, width] = detail.weightShape;
    const features = height * width;
    const own = Object.entries(detail.weights).map(([gate, all]) => ({
      gate,
      values: all.subarray(this.sweep * features, (this.sweep + 1) * features),
    }));
    let limit = 1e-6;
    for (const { values } of own) for (const v of values) limit = Math.max(limit, Math.abs(v));
    const images = own.map(({ values }) =>
      cellImage(width, height, (column, row) =>
        theme.diverging[colourIndex(values[row * width + column], -limit, limit)],
      ),
    );
    this.weights.describe("Input weights", weightCaption(reader, detail, height, width));
    const flat = width > height * 2;
    this.weights.height = flat ? own.length * 46 + 30 : 130 + 30;
    this.weights.paint = (ctx, w, h, now) => {
      const space = Math.min(w / own.length, 150);
      own.forEach(({ gate, values }, i) => {
        const [x, y] = flat ? [0, i * 46] : [i * space, 0];
        const unit = Math.min(space - 12, 96) / Math.max(width, height);
        const [wide, high] = flat ? [w, 22] : [unit * width, unit * height];
        ctx.fillStyle = now.muted;
        ctx.fillText(gateLabel(gate, reader), x, y + 14);
        if (features === 1) {
          ctx.fillStyle = now.text;
          ctx.font = `600 20px ${now.font}`;
          ctx.fillText(formatNumber(values[0]), x, y + 44);
          ctx.font = `14px ${now.font}`;
          return;
        }
        ctx.imageSmoothingEnabled = false;
        ctx.drawImage(images[i].canvas, x, y + 19, wide, high);
        ctx.strokeStyle = now.border;
        ctx.strokeRect(x + 0.5, y + 19.5, wide - 1, high - 1);
      });
      if (features > 1) {
        const ends = [formatNumber(-limit), formatNumber(limit)];
        colourBar(ctx, now, "diverging", 0, h - 15, Math.min(w, 360), ends);
      }
    };
    this.weights.fit();
    this.weights.draw();
  }

  show(depth) {
    if (!this.reader) return;
    const { detail, reader } = this;
    const read = reader.sweeps > 1 ? `, read ${reader.sweepNames[this.sweep]}` : "";
    let step = this.lattice.first + depth;
    if (reader.lattice[0] > 1) {
      const middle = this.lattice.middle(depth);
      step = middle.step;
      const cell = `row ${middle.row + 1}, column ${middle.column + 1}`;
      setText(this.place, `At the middle of the wavefront: ${cell}${read}.`);
      this.maps.show(depth);
      if (!this.gateMaps.element.hidden) this.gateMaps.show(depth);
    } else {
      setText(this.place, `${capital(reader.word)} ${depth + 1} of ${reader.depths}${read}.`);
      this.states.show(depth);
      if (!this.gates.element.hidden) this.gates.show(depth);
    }
    this.formula.show((name) => {
      const values = detail.series[name];
      if (!values) return undefined;
      return name.includes("/bias") ? values[this.sweep] : values[step];
    });
  }
}

/** Return 1, or the rounded largest size of values that go beyond. */
function limitOf(lines) {
  let most = 0;
  for (const { values } of lines) for (const v of values) most = Math.max(most, Math.abs(v));
  return most > 1 ? Math.ceil(most * 2) / 2 : 1;
}

/** Return series side by side as unit maps take them: values (step, series) with names. */
function table(lines) {
  const steps = lines[0].values.length;
  const values = new Float32Array(steps * lines.length);
  lines.forEach((line, i) => {
    for (let step = 0; step < steps; step++) values[step * lines.length + i] = line.values[step];
  });
  return { values, units: lines.length, names: lines.map((line) => line.label) };
}

/** Return the names of the gates between 0 and 1: all but the candidate. */
function squashed(detail) {
  return detail.gates.filter((gate) => gate !== "candidate");
}

function gateLabel(gate, reader) {
  return reader.gateNames.length ? gate.replace("_", " ") : "into h";
}

function weightCaption(reader, detail, height, width) {
  if (detail.layer > 0) {
    const rows = reader.sweeps > 1 ? `, a row for each of the ${reader.sweeps} ${reader.sweepWord}` : "";
    return `Its x is what layer ${detail.layer} holds there: what each unit of it adds${rows}.`;
  }
  if (height * width === 1) return "How much the one pixel of a step adds to each gate.";
  if (height === 1) return "What each pixel of a row adds, from the left edge to the right.";
  if (width === 1) return "What each pixel of a column adds, from the top to the bottom.";
  return `What each pixel of a ${height}×${width} patch adds, as the patch lies in the picture.`;
}

function unpackDetail(raw) {
  const all = (packed) =>
    Object.fromEntries(Object.entries(packed).map(([key, value]) => [key, unpack(value).values]));
  return { ...raw, series: all(raw.series), weights: all(raw.weights) };
}
