/** One reader's card: its answer, what it has read, its states, gates and beliefs. */

import { Beliefs } from "./beliefs.js";
import { capital, formatPercent, make, setText } from "../../common/js/dom.js";
import { unpack } from "../../common/js/encode.js";
import { UnitMaps } from "../../common/js/grid.js";
import { HeatMap } from "../../common/js/heatmap.js";
import { ReadPicture } from "./picture.js";
import { countUnits, unitsPerLayer } from "../../common/js/units.js";

export class Card {
  /** `onPin(pin)` and `onGates(name, wanted)` tell what was asked for. */
  constructor(room, name, onPin, onGates) {
    Object.assign(this, { room, name, onPin, onGates });
    this.sweep = 0;
    this.key = null;
    this.gateFigures = new Map();
    this.build();
  }

  build() {
    this.heading = make("h3");
    this.kind = make("p", { class: "kind" });
    this.digit = make("span", { class: "digit" });
    this.sure = make("span", { class: "sure" });
    this.bars = Array.from({ length: 10 }, (_, digit) => {
      const fill = make("i");
      const value = make("b");
      const name = make("em", { text: digit });
      const row = make("li", {}, name, make("s", {}, fill), value);
      return { row, name, fill, value };
    });
    this.settled = make("p", { class: "settled" });
    this.way = make("select", {
      "aria-label": "Corner or direction from which the picture is read",
      on: { change: () => this.setSweep(Number(this.way.value)) },
    });
    this.wayLabel = make("label", { class: "way" }, make("span", { text: "Read" }), this.way);
    this.picture = new ReadPicture(this.room);
    this.statesPlace = make("div", { class: "states" });
    this.layerInput = make("select", { "aria-label": "Layer" });
    this.layerLabel = make("label", {}, make("span", { text: "Layer" }), this.layerInput);
    this.unitInput = make("input", { type: "number", min: 0, inputmode: "numeric", size: 4 });
    const form = make(
      "form",
      {
        class: "pin",
        on: {
          submit: (event) => {
            event.preventDefault();
            this.pinTyped();
          },
        },
      },
      this.layerLabel,
      make("label", {}, make("span", { text: "Unit" }), this.unitInput),
      make("button", { type: "submit", text: "Pin" }),
    );
    this.beliefs = new Beliefs(this.room);
    this.gatesButton = make("button", {
      type: "button",
      class: "wide",
      "aria-expanded": "false",
      on: { click: () => this.toggleGates() },
    });
    this.gatesPlace = make("div", { class: "gates" });
    this.element = make(
      "article",
      { class: "card" },
      make("header", {}, this.heading, this.kind),
      make(
        "div",
        { class: "answer" },
        make("p", { class: "verdict", "aria-live": "polite" }, this.digit, this.sure),
        make("ol", { class: "bars", "aria-label": "Probabilities" }, ...this.bars.map((b) => b.row)),
      ),
      this.settled,
      this.wayLabel,
      this.picture.element,
      this.beliefs.element,
      this.statesPlace,
      form,
      make("div", { class: "gates-block" }, this.gatesButton, this.gatesPlace),
    );
  }

  /** Take a reader from Python; only what has changed is unpacked and drawn anew. */
  update(raw, pinnedUnit, theme) {
    const isNew = raw.key !== this.key || this.themed !== theme.signature;
    if (isNew) {
      const reader = { ...raw };
      for (const name of ["image", "reached", "hidden", "beliefDepths", "beliefs"]) {
        reader[name] = unpack(raw[name]);
      }
      this.reader = reader;
      this.key = raw.key;
      this.themed = theme.signature;
      this.sweep = Math.min(this.sweep, raw.sweeps - 1);
      this.tellAnswer();
    }
    const pinChanged = this.pinnedUnit !== pinnedUnit;
    this.pinnedUnit = pinnedUnit;
    this.reader.pinned = raw.pinned;
    this.reader.label = raw.label;
    setText(this.heading, raw.label);
    const size = raw.lattice[0] > 1 ? `${raw.lattice[0]}×${raw.lattice[1]} cells` : `${raw.depths} ${raw.words}`;
    const ways = raw.sweeps > 1 ? `, ${raw.sweeps} ${raw.sweepWord}` : "";
    setText(this.kind, `${size}${ways} · ${countUnits(raw)}${raw.note ? ` · ${raw.note}` : ""}`);
    this.updateGates(raw, isNew, theme);
    if (isNew || (pinChanged && this.isGrid)) this.updateFigures(theme);
    return isNew;
  }

  get isGrid() {
    return this.reader.lattice[0] > 1;
  }

  tellAnswer() {
    const { answer, classes, probabilities, settledText } = this.reader;
    this.element.classList.toggle("worded", classes.some((name) => name.length > 2));
    setText(this.digit, classes[answer]);
    setText(this.sure, formatPercent(probabilities[answer]));
    probabilities.forEach((share, digit) => {
      const bar = this.bars[digit];
      if (!bar) return;
      bar.fill.style.width = `${share * 100}%`;
      bar.row.classList.toggle("best", digit === answer);
      setText(bar.name, classes[digit]);
      setText(bar.value, formatPercent(share));
    });
    setText(this.settled, settledText);
    this.element.setAttribute("aria-label", `${this.reader.label} answers ${classes[answer]}`);
    const { sweepNames, layers } = this.reader;
    this.wayLabel.hidden = sweepNames.length < 2;
    offer(this.way, sweepNames);
    this.layerLabel.hidden = layers < 2;
    offer(this.layerInput, Array.from({ length: layers }, (_, i) => String(i + 1)));
    const last = unitsPerLayer(this.reader) - 1;
    this.unitInput.max = String(last);
    this.unitInput.placeholder = `0–${last}`;
  }

  updateFigures(theme) {
    const { reader } = this;
    this.picture.update(reader, this.sweep, theme);
    this.picture.figure.describe(
      "Read",
      `Full ink: read. Tinted: the ${reader.word} it reads now. Faint: still to come.`,
    );
    this.beliefs.update(reader, theme);
    this.states = this.chart(this.states, {
      title: "Hidden state",
      caption: this.isGrid
        ? "The units that vary most, over the picture; the line is the wavefront. Click one to pin it."
        : `One row a unit, one column a step${this.order()}. Click a row to pin its unit.`,
      name: "hidden state",
      values: reader.hidden.values,
      low: -reader.limit,
      high: reader.limit,
      map: "diverging",
      what: "h",
    }, theme);
    if (this.states.element.parentNode !== this.statesPlace) {
      this.statesPlace.replaceChildren(this.states.element);
    }
    for (const part of this.figures()) part.figure.context = reader.label;
  }

  /** Return a heat map or unit maps of values (step, unit), the given one if it is of that kind. */
  chart(old, { title, caption, name, values, low, high, map, what }, theme) {
    const { reader } = this;
    const Kind = this.isGrid ? UnitMaps : HeatMap;
    const onPick = (unit) => this.pin(unit);
    let chart = old;
    if (!(chart instanceof Kind)) {
      chart?.figure.destroy();
      // Every layer needs room for its name.
      const height = (name === "hidden state" ? 320 : 220) + (reader.layers - 1) * 60;
      chart = new Kind(this.room, { title, caption, name, onPick, height });
    }
    chart.figure.describe(title, caption);
    const { depths: steps, units } = reader;
    const data = { values, steps, units, low, high, map, what, clipped: reader.limit > 1 };
    if (this.isGrid) chart.update(data, reader, this.sweep, this.pinnedUnit, theme);
    else {
      const first = this.sweep * steps * units;
      data.values = values.subarray(first, first + steps * units);
      chart.update(data, reader, theme);
    }
    return chart;
  }

  /** Return in which order a chain's rows and columns stand, where it isn't plain. */
  order() {
    const { layers, word } = this.reader;
    const parts = layers > 1 ? ["layer 1 at the top"] : [];
    if (this.sweep === 1) parts.push(`the last ${word} of the picture first`);
    return parts.length ? ` (${parts.join(", ")})` : "";
  }

  updateGates(raw, isNew, theme) {
    this.gatesButton.hidden = !raw.gateNames.length;
    const wanted = this.wantsGates ?? Boolean(raw.gates);
    this.wantsGates = wanted;
    this.gatesButton.setAttribute("aria-expanded", String(wanted));
    const waiting = wanted && !raw.gates;
    setText(this.gatesButton, waiting ? "Fetching the gates…" : wanted ? "Hide the gates" : "Show the gates");
    this.gatesPlace.hidden = !wanted;
    if (!wanted || !raw.gates) return;
    const complete = this.gateFigures.size > 0 && !isNew && !this.gatesStale;
    this.gatesStale = false;
    if (complete) return;
    for (const gate of raw.gateNames) {
      const isCandidate = gate === "candidate";
      const chart = this.chart(this.gateFigures.get(gate), {
        title: `${gate[0].toUpperCase()}${gate.slice(1).replace("_", " ")}${isCandidate ? "" : " gate"}`,
        caption: isCandidate ? "What would be written, −1 to 1." : "0: shut. 1: open.",
        name: gate,
        values: unpack(raw.gates[gate]).values,
        low: isCandidate ? -1 : 0,
        high: 1,
        map: isCandidate ? "diverging" : "sequential",
        what: gate,
      }, theme);
      chart.figure.context = raw.label;
      if (this.gateFigures.get(gate) !== chart) this.gatesPlace.append(chart.element);
      this.gateFigures.set(gate, chart);
    }
  }

  toggleGates() {
    this.wantsGates = !this.wantsGates;
    this.gatesStale = true;
    this.onGates(this.name, this.wantsGates);
    this.gatesPlace.hidden = !this.wantsGates;
    setText(this.gatesButton, this.wantsGates ? "Fetching the gates…" : "Show the gates");
  }

  setSweep(sweep) {
    this.sweep = sweep;
    this.gatesStale = true;
    this.room.refreshCard(this);
  }

  /** Pin the unit that was typed. */
  pinTyped() {
    const each = unitsPerLayer(this.reader);
    const unit = Number(this.unitInput.value);
    if (unit >= 0 && unit < each) this.pin(Number(this.layerInput.value) * each + unit);
  }

  pin(unit) {
    const valid = Number.isInteger(unit) && unit >= 0 && unit < this.reader.units;
    if (valid) this.onPin({ reader: this.name, unit });
  }

  figures() {
    return [this.picture, this.beliefs, this.states, ...this.gateFigures.values()].filter(Boolean);
  }

  /** Show the reading at a depth; nothing is drawn if it is the one that is shown. */
  show(depth, force) {
    if (!force && depth === this.shown) return false;
    this.shown = depth;
    this.picture.show(depth);
    const { word, depths } = this.reader;
    setText(this.picture.figure.title, `${capital(word)} ${depth + 1} of ${depths}`);
    if (!this.beliefs.element.hidden) this.beliefs.show(depth);
    this.states.show(depth, this.pinnedUnit);
    if (this.wantsGates) {
      for (const chart of this.gateFigures.values()) chart.show(depth, this.pinnedUnit);
    }
    return true;
  }

  destroy() {
    for (const part of this.figures()) part.figure.destroy();
    this.element.remove();
  }
}

/** Let a menu offer some names, each with its place in the list as value. */
function offer(menu, names) {
  const standing = Array.from(menu.options, (option) => option.text);
  if (standing.join() === names.join()) return;
  menu.replaceChildren(...names.map((text, i) => make("option", { value: i, text })));
}
