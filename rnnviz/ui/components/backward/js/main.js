/** The backward pass as an animation: from the loss at the last step to the first step. */

import { Clock, prefersStillness } from "../../common/js/clock.js";
import { make } from "../../common/js/dom.js";
import { fromWire, unpack } from "../../common/js/encode.js";
import { isTaken } from "../../common/js/focus.js";
import { readTheme } from "../../common/js/theme.js";
import { Tip } from "../../common/js/tip.js";
import { Controls } from "./controls.js";
import { FlowCurves } from "./curves.js";
import { GradientMap } from "./maps.js";

// Who asked their system for less motion sees the pass in so many still pictures.
const STILLS = 8;

class Backward {
  constructor(parent) {
    this.root = make("div", { class: "surface backward" });
    parent.append(this.root);
    this.theme = readTheme(this.root);
    this.tip = new Tip(this.root);
    this.maps = new Map();
    this.listeners = new AbortController();
    this.clock = new Clock(() => this.tick(), () => this.controls.tellState());
    this.controls = new Controls(this.clock, () => this.rebuild());
    this.curves = new FlowCurves(this);
    this.mapsTitle = make("h4", {});
    this.mapsPlace = make("div", { class: "maps" });
    this.root.append(
      this.controls.element,
      this.curves.element,
      make("div", { class: "maps-head" }, this.mapsTitle, this.controls.choices),
      this.mapsPlace,
    );
    const { signal } = this.listeners;
    window.addEventListener("keydown", (event) => this.key(event), { signal });
    window.addEventListener("pointerdown", () => this.tip.hide(), { signal, capture: true });
  }

  /** Take new flows from Python; the clock stays where it is. */
  update({ data: bytes }) {
    if (!bytes) return;
    const data = fromWire(bytes);
    this.theme = readTheme(this.root);
    const same = data.key === this.taken && this.theme.signature === this.signature;
    if (same) return;
    if (data.key !== this.taken) this.take(data);
    this.taken = data.key;
    this.signature = this.theme.signature;
    this.rebuild();
  }

  take(data) {
    const { steps, word, zero, missing } = data;
    const number = (value) => (value <= zero ? -Infinity : value >= missing ? NaN : value);
    const curve = (packed) => packed && Float64Array.from(unpack(packed).values, number);
    Object.assign(this, { steps, word });
    this.controls.steps = steps;
    this.networks = data.networks.map(({ name, label, look, states }) => ({
      name,
      label,
      look,
      states: Object.fromEntries(
        Object.entries(states).map(([state, flow]) => [
          state,
          {
            median: curve(flow.median),
            low: curve(flow.low),
            high: curve(flow.high),
            reference: curve(flow.reference),
            shapes: unpack(flow.shapes).values,
            sizes: curve(flow.sizes),
            units: flow.units,
          },
        ]),
      ),
    }));
    this.clock.moveTo(this.taken === undefined ? 1 : this.clock.position);
  }

  /** Make everything anew that the data, the theme or a choice decides. */
  rebuild() {
    if (!this.networks) return;
    const states = [...new Set(this.networks.flatMap(({ states }) => Object.keys(states)))];
    this.controls.offerStates(states);
    const chosen = this.controls.state;
    const shown = this.networks.map(({ name, label, look, states }) => {
      // What has no cell state is compared by the only state it has.
      const state = states[chosen] ? chosen : Object.keys(states)[0];
      return { name, state, look, label: state === "h" ? label : `${label}, ${state}`, ...states[state] };
    });
    this.curves.update(shown, this.steps, this.word);
    this.curves.figure.describe(
      "How much of the gradient is left at each step",
      "The size of ∂L/∂state after each step, over its size after the last step: median of the batch, " +
        "and the band of its middle half. Down to the left: it vanishes. Up to the left: it explodes.",
    );
    this.mapsTitle.textContent = `The gradient ∂L/∂${chosen} itself: every unit at every step`;
    this.updateMaps(shown);
    this.tick();
  }

  updateMaps(shown) {
    const names = new Set(shown.map(({ name }) => name));
    for (const [name, map] of this.maps) {
      if (names.has(name)) continue;
      map.figure.destroy();
      map.element.remove();
      this.maps.delete(name);
    }
    shown.forEach((network, i) => {
      const map = this.maps.get(network.name) ?? new GradientMap(this);
      this.maps.set(network.name, map);
      map.update(network, this.steps, this.word, this.controls.magnified, this.theme);
      const standing = this.mapsPlace.children[i];
      if (standing !== map.element) this.mapsPlace.insertBefore(map.element, standing ?? null);
    });
  }

  /** Return how many steps back the gradient has come. */
  back() {
    const { position, playing } = this.clock;
    const still = playing && prefersStillness();
    const share = still ? Math.floor(position * STILLS + 1e-9) / STILLS : position;
    return share * (this.steps - 1);
  }

  tick() {
    if (!this.networks) return;
    const back = this.back();
    this.curves.show(back);
    for (const map of this.maps.values()) map.show(back);
    this.controls.tick(Math.ceil(this.steps - back), this.word);
  }

  key(event) {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    if (!this.networks || isTaken(event)) return;
    const size = event.shiftKey ? Math.max(1, Math.round(this.steps / 10)) : 1;
    const actions = {
      " ": () => this.clock.toggle(),
      k: () => this.clock.toggle(),
      ArrowLeft: () => this.controls.stepBy(size),
      ArrowRight: () => this.controls.stepBy(-size),
      Home: () => this.clock.seek(1),
      End: () => this.clock.seek(0),
      "<": () => this.controls.changeSpeed(-1),
      ">": () => this.controls.changeSpeed(1),
    };
    if (!(event.key in actions)) return;
    event.preventDefault();
    actions[event.key]();
  }

  destroy() {
    this.listeners.abort();
    this.clock.destroy();
    this.curves.figure.destroy();
    for (const map of this.maps.values()) map.figure.destroy();
    this.root.remove();
  }
}

const places = new WeakMap();

/** Called by Streamlit after every run: once to build the animation, then to update it. */
export default function render(component) {
  const { parentElement } = component;
  if (!places.has(parentElement)) places.set(parentElement, new Backward(parentElement));
  const backward = places.get(parentElement);
  backward.update(component);
  return () => {
    if (parentElement.isConnected) return;
    backward.destroy();
    places.delete(parentElement);
  };
}
