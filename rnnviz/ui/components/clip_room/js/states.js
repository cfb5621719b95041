/** The network in time: every unit after every frame, its states and gates. */

import { formatNumber, formatTick, make } from "../../common/js/dom.js";
import { cellImage, colourBar } from "../../common/js/figure.js";
import { colourIndex } from "../../common/js/theme.js";
import { unitName, unitsPerLayer } from "../../common/js/units.js";
import { Track } from "./columns.js";

const NAMES = { h: "h, what it tells", c: "c, its memory" };
const WHAT = { h: "Its hidden state.", c: "Its cell state." };
const BAR = 22;

export class States extends Track {
  constructor(room) {
    super(room, {
      title: "The network in time",
      caption: "One row a unit, one column a frame.",
      name: "temporal state",
      height: 170,
      className: "states",
    });
    this.chosen = "h";
    this.pick = make("select", {
      "aria-label": "State or gate of the network in time",
      on: { change: () => this.choose(this.pick.value) },
    });
    this.figure.title.after(this.pick);
  }

  heightFor(inner) {
    return super.heightFor(inner) + BAR;
  }

  update(network, theme) {
    Object.assign(this, { network, theme });
    const options = [...Object.keys(network.states), ...Object.keys(network.gates)];
    if (!options.includes(this.chosen)) this.chosen = "h";
    if (this.offered !== options.join()) {
      this.offered = options.join();
      this.pick.replaceChildren(
        ...options.map((value) => make("option", { value, text: NAMES[value] ?? gateName(value) })),
      );
    }
    this.pick.value = this.chosen;
    this.take();
  }

  choose(name) {
    this.chosen = name;
    this.take();
  }

  take() {
    const { network, theme, chosen } = this;
    const state = network.states[chosen];
    const { values } = state ? state.values : network.gates[chosen];
    const open = !state && chosen !== "candidate";
    const high = state ? state.limit : 1;
    const low = open ? 0 : -high;
    const map = open ? "sequential" : "diverging";
    Object.assign(this, { values, low, high, map });
    const { units } = network;
    this.cells = cellImage(
      this.room.columns.count,
      units,
      (frame, unit) => theme[map][colourIndex(values[frame * units + unit], low, high)],
      this.cells,
    );
    const range = open ? "0: shut. 1: open." : "Blue: below 0. Orange: above.";
    const told = [WHAT[chosen], "One row a unit, one column a frame.", range].filter(Boolean);
    this.figure.describe("The network in time", told.join(" "));
    this.ready();
  }

  draw(ctx, box, theme) {
    const { network } = this;
    const { count } = this.room.columns;
    ctx.imageSmoothingEnabled = (box.h / network.units) * this.figure.scale < 1;
    ctx.drawImage(this.cells.canvas, 0, 0, count, network.units, box.x, box.y, box.w, box.h);
    ctx.strokeStyle = theme.border;
    ctx.strokeRect(box.x - 0.5, box.y - 0.5, box.w + 1, box.h + 1);
    const band = box.h / network.layers;
    const last = String(unitsPerLayer(network) - 1);
    ctx.fillStyle = theme.muted;
    ctx.textAlign = "right";
    for (let layer = 0; layer < network.layers; layer++) {
      const top = box.y + layer * band;
      ctx.fillText("0", box.x - 8, top + 11);
      ctx.fillText(last, box.x - 8, top + band - 1);
      const name = network.layers > 1 ? `layer ${layer + 1}` : "unit";
      if (band > 44) ctx.fillText(name, box.x - 8, top + band / 2 + 4);
    }
    ctx.textAlign = "left";
    const ends = [formatTick(this.low), formatTick(this.high)];
    colourBar(ctx, theme, this.map, box.x, box.y + box.h + 26, box.w, ends);
  }

  tell(frame, y, box) {
    const { network, values, chosen } = this;
    const unit = Math.floor(((y - box.y) / box.h) * network.units);
    if (unit < 0 || unit >= network.units) return `frame ${frame + 1}`;
    const value = formatNumber(values[frame * network.units + unit]);
    return `${unitName(network, unit)} · frame ${frame + 1}: ${chosen} = ${value}`;
  }
}

function gateName(gate) {
  const text = gate.replace("_", " ");
  return gate === "candidate" ? text : `${text} gate`;
}
