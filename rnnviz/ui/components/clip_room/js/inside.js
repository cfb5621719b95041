/** Within the frame under the cursor: the network in space, step by step. */

import { make, setText } from "../../common/js/dom.js";
import { UnitMaps } from "../../common/js/grid.js";
import { HeatMap } from "../../common/js/heatmap.js";
import { unitName } from "../../common/js/units.js";

const MAPS = 9;

export class Inside {
  constructor(room) {
    this.room = room;
    this.sweep = 0;
    this.title = make("h4");
    this.text = make("p", { class: "kind" });
    this.way = make("select", {
      "aria-label": "Corner or direction from which the frame is read",
      on: { change: () => this.setSweep(Number(this.way.value)) },
    });
    this.place = make("div", { class: "inside-figure" });
    this.element = make("section", { class: "inside" }, this.title, this.way, this.text, this.place);
  }

  update(inside, theme) {
    Object.assign(this, { inside, theme });
    this.isGrid = inside.lattice[0] > 1;
    this.reader = { ...inside, label: "in space", settled: null };
    this.sweep = Math.min(this.sweep, inside.sweeps - 1);
    this.way.hidden = inside.sweeps < 2;
    const options = inside.sweepNames.map((text, value) => make("option", { value, text }));
    this.way.replaceChildren(...options);
    this.way.value = String(this.sweep);
    const Kind = this.isGrid ? UnitMaps : HeatMap;
    if (!(this.chart instanceof Kind)) {
      this.chart?.figure.destroy();
      this.chart = new Kind(this.room, { title: "", caption: "", name: "within a frame", height: 300 });
      this.place.replaceChildren(this.chart.element);
    }
    this.place.classList.toggle("maps", this.isGrid);
    this.units = this.isGrid ? this.mostVaried() : null;
    this.shown = null;
    this.show();
  }

  setSweep(sweep) {
    this.sweep = sweep;
    this.shown = null;
    this.show();
  }

  /** Return the units that vary most over all frames, so that the same ones stay in sight. */
  mostVaried() {
    const { hidden, steps, units } = this.inside;
    const { values } = hidden;
    const rows = this.inside.frames.length * steps;
    const spread = Array.from({ length: units }, (_, unit) => {
      let sum = 0;
      let squares = 0;
      for (let at = unit; at < rows * units; at += units) {
        sum += values[at];
        squares += values[at] * values[at];
      }
      return squares - (sum * sum) / rows;
    });
    const order = spread.map((_, unit) => unit).sort((a, b) => spread[b] - spread[a]);
    return order.slice(0, MAPS).sort((a, b) => a - b);
  }

  /** Follow the clock: another frame, or a step further within it while the clip plays. */
  show() {
    const { inside, room } = this;
    if (!inside) return;
    const at = inside.frames.indexOf(room.frame);
    setText(this.title, `Within frame ${room.frame + 1}: the network in space`);
    const order = this.isGrid
      ? `It sweeps over the frame in ${inside.depths} diagonals. The units that vary most, over the frame.`
      : `It reads the frame in ${inside.depths} ${inside.words}. One row a unit.`;
    const missing = "Pause the clip to see inside this frame; there is too much of it to send for all.";
    setText(this.text, at < 0 ? missing : order);
    this.place.hidden = at < 0;
    if (at < 0) return;
    const depth = room.depthWithin(inside.depths);
    if (this.shown === at && this.depth === depth) return;
    if (this.shown !== at) this.take(at);
    Object.assign(this, { shown: at, depth });
    this.chart.show(depth);
  }

  take(at) {
    const { inside, reader, theme } = this;
    const { steps, units, depths, limit } = inside;
    const whole = inside.hidden.values.subarray(at * steps * units, (at + 1) * steps * units);
    const data = { units, low: -limit, high: limit, map: "diverging", what: "h", clipped: limit > 1 };
    if (this.isGrid) {
      const { units: chosen } = this;
      const values = new Float32Array(steps * chosen.length);
      for (let step = 0; step < steps; step++) {
        chosen.forEach((unit, i) => {
          values[step * chosen.length + i] = whole[step * units + unit];
        });
      }
      const names = chosen.map((unit) => unitName(reader, unit));
      const some = { ...data, values, steps, units: chosen.length, names };
      this.chart.update(some, reader, this.sweep, null, theme);
    } else {
      const first = this.sweep * depths * units;
      const values = whole.subarray(first, first + depths * units);
      this.chart.update({ ...data, values, steps: depths }, reader, theme);
    }
    this.chart.figure.describe("Hidden state in space", "");
  }
}
