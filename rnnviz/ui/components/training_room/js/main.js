/** A run as it learns. What one looks at is kept here and survives every update. */

import { make, setText } from "../../common/js/dom.js";
import { fromWire } from "../../common/js/encode.js";
import { readTheme } from "../../common/js/theme.js";
import { Tip } from "../../common/js/tip.js";
import { Answers, TOUCH } from "./answers.js";
import { Axis } from "./axis.js";
import { Chart } from "./chart.js";
import { FlowMap } from "./flow.js";
import { GateChart } from "./gates.js";
import { Status } from "./status.js";
import { smoothed, Store } from "./store.js";

const ENDED = ["done", "failed", "cancelled"];
const ASK_AGAIN_MS = 3000;
/** So many times its norm at first, and the gradient of the parameters has exploded. */
const LEAP = 1000;
const FIRST_STEPS = 10;
/** Where nowhere more than ten times as much arrives as at the end, the flow hasn't. */
const CALM = 1;
const CONTRAST =
  "Here the norm of the parameter gradient explodes though the flow doesn't: a weight's gradient is the flow times " +
  "the states that the weight acts on, and this map shows the flow alone, beside what it is at the last step.";

class TrainingRoom {
  constructor(parent) {
    this.root = make("div", { class: "surface training" });
    parent.append(this.root);
    this.theme = readTheme(this.root);
    this.tip = new Tip(this.root);
    this.store = new Store();
    this.axis = new Axis(() => this.draw());
    this.smoothing = 0.8;
    this.listeners = new AbortController();
    this.status = new Status();
    this.answers = new Answers(this);
    this.loss = new Chart(this, { title: "Loss", name: "loss", scale: "log" });
    this.accuracy = new Chart(this, { title: "Accuracy", name: "accuracy", scale: "share" });
    this.norm = new Chart(this, { title: "Norm of the gradient", name: "norm", scale: "log", height: 306 });
    this.flow = new FlowMap(this);
    this.gates = new GateChart(this);
    this.build();
    window.addEventListener("pointerdown", () => this.tip.hide(), {
      signal: this.listeners.signal,
      capture: true,
    });
  }

  build() {
    this.readout = make("output", { class: "readout", "aria-live": "polite" });
    const smoother = make("input", {
      type: "range",
      min: 0,
      max: 98,
      step: 1,
      "aria-label": "Smoothing of the curves",
      on: {
        input: () => {
          this.smoothing = smoother.value / 100;
          this.refresh();
        },
      },
    });
    smoother.value = "80";
    const zoom = make(
      "div",
      { class: "keys", role: "group", "aria-label": "Which training steps are shown" },
      make("button", { type: "button", text: "Closer", title: "Closer (+)", on: { click: () => this.axis.scale(0.5) } }),
      make("button", { type: "button", text: "Further", title: "Further (−)", on: { click: () => this.axis.scale(2) } }),
      make("button", { type: "button", text: "Whole run", title: "Whole run (0)", on: { click: () => this.axis.showAll() } }),
    );
    this.figures = make(
      "div",
      { class: "figures" },
      ...[this.loss, this.accuracy, this.norm, this.flow, this.gates].map(({ element }) => element),
    );
    this.tools = make(
      "div",
      { class: "tools" },
      zoom,
      make("label", { class: "smoother" }, make("span", { text: "Smooth" }), smoother),
      this.readout,
    );
    this.hint = make("p", {
      class: "guide",
      text: TOUCH
        ? "Touch a curve to see that moment. Draw a finger sideways over a part to see it closer; “Whole run” shows all again."
        : "Drag over a curve to zoom, double-click to see the whole run. With the keyboard: arrows, + and −, 0.",
    });
    const top = make("div", { class: "top" }, this.status.element, this.answers.element);
    this.root.append(top, this.tools, this.figures, this.hint);
  }

  /** Take what is new from Python. */
  update({ data: bytes, setTriggerValue }) {
    if (!bytes) return;
    const data = fromWire(bytes);
    this.ask = setTriggerValue;
    if (data.run !== this.run) this.begin(data.run);
    this.theme = readTheme(this.root);
    if (data.about) this.tell(data.about);
    this.status.update(data.status);
    const fits = this.store.take(data);
    if (!fits || !this.about) this.askForAll(data.whole);
    this.axis.follow(this.store.last, this.total(data), ENDED.includes(data.status.state));
    this.refresh();
    this.leave(data.go);
  }

  begin(run) {
    this.run = run;
    this.store.forget();
    this.axis.zoom = this.axis.cursor = null;
    this.about = null;
  }

  tell(about) {
    if (JSON.stringify(about) === this.told) {
      this.about = about;
      return;
    }
    this.told = JSON.stringify(about);
    this.about = about;
    this.answers.show(about);
    for (const { figure } of this.all()) figure.context = about.name;
  }

  total({ status }) {
    const share = status.progress;
    return share > 0 ? Math.round(this.store.last / share) : this.store.last;
  }

  /** Something was lost on the way: ask for everything, but not with every update. */
  askForAll(whole) {
    const now = performance.now();
    if (whole || (this.askedAt && now - this.askedAt < ASK_AGAIN_MS)) return;
    this.askedAt = now;
    this.ask("whole", true);
  }

  /** Go to another page, once, where Python says so. */
  leave(go) {
    if (!go || go.serial === this.left) return;
    this.left = go.serial;
    window.location.assign(new URL(go.address, new URL("./", window.location.href)));
  }

  all() {
    return [this.loss, this.accuracy, this.norm, this.flow, this.gates.chart, this.answers];
  }

  /** Work out anew what the data, the theme or the smoothing decides, then draw. */
  refresh() {
    const { columns: c, epochs, moments } = this.store;
    const about = this.about ?? { clip: 0, clipBy: "norm", word: "step", classes: [] };
    const x = c.step;
    const steps = epochs.map(([step]) => step);
    this.describe(about);
    const both = (name) => [
      { label: "each step", x, y: c[name], low: c[`${name}_low`], high: c[`${name}_high`], colour: 0, width: 1, faint: true, silent: true },
      { label: "training, smoothed", x, y: smoothed(c[name], this.smoothing), colour: 0 },
    ];
    this.loss.update([
      ...both("loss"),
      { label: "validation", x: steps, y: epochs.map((one) => one[2]), colour: 1, dots: true, dash: [6, 3] },
    ]);
    const guess = about.classes.length ? [{ label: "a guess", y: 1 / about.classes.length }] : [];
    this.accuracy.update(
      [...both("accuracy"), { label: "validation", x: steps, y: epochs.map((one) => one[1]), colour: 1, dots: true, dash: [6, 3] }],
      guess,
    );
    const after = { label: "after the clip", x, y: c.clipped, colour: 2, dash: [6, 3] };
    this.norm.update(
      [{ label: about.clip ? "before the clip" : "norm", x, y: c.norm, low: c.norm, high: c.norm_high, colour: 1 }, ...(about.clip ? [after] : [])],
      about.clip && about.clipBy === "norm" ? [{ label: `clipped at ${about.clip}`, y: about.clip }] : [],
    );
    this.flow.update(moments, about.word, this.theme);
    this.contrast = explodes(this.store.columns.norm_high) && this.flow.most() < CALM;
    this.gates.update(moments, Boolean(about.rectified) && moments.length > 0);
    const begun = this.store.count > 0;
    for (const place of [this.tools, this.figures, this.hint]) place.hidden = !begun;
    this.draw();
  }

  describe(about) {
    this.loss.figure.describe("Loss", "Cross-entropy in nats: of the pictures of each training step, and after each epoch of those that it doesn't train on.");
    this.accuracy.figure.describe("Accuracy", "The share of right answers among the same pictures.");
    const clip = !about.clip
      ? "The run has no clip."
      : about.clipBy === "norm"
        ? "The clip scales it down where it is above the threshold."
        : `The clip cuts each value of the gradient at ±${about.clip}.`;
    this.norm.figure.describe("Norm of the parameter gradient", `All gradients of a training step together, on a log scale. ${clip}`);
  }

  /** Say of the flow what stands at a moment, and what its colours mean. */
  describeFlow(moment) {
    const { word } = this.about ?? { word: "step" };
    const told = [
      this.flow.first(moment),
      "|∂L/∂h| at each depth over that at the last one, median of the pictures above. White (black in the dark): " +
        "as much as at the end. Blue: it vanishes on its way back. Orange: it explodes. Hatched: nothing arrives.",
      this.contrast ? CONTRAST : "",
    ];
    this.flow.figure.describe(
      `How much of the gradient reaches each ${word} that was read`,
      told.filter(Boolean).join(" "),
    );
  }

  draw() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      const at = this.axis.cursor ?? this.store.last;
      const moment = this.store.momentAt(at);
      this.answers.update(moment, this.theme);
      this.describeFlow(moment);
      for (const one of this.all()) one.draw();
      this.read(at);
    });
  }

  /** Say in words what stands at the moment looked at. */
  read(at) {
    const looked = this.axis.cursor !== null;
    this.readout.setAttribute("aria-live", looked ? "polite" : "off");
    const told = [this.loss, this.accuracy].flatMap((chart) => {
      const [first] = chart.valuesAt(at);
      return first ? [`${chart.figure.title.textContent.toLowerCase()} ${first.split(" ").slice(-2).join(" ").replace(/^smoothed /, "")}`] : [];
    });
    const place = `step ${Math.round(at).toLocaleString("en")}`;
    const smooth = this.smoothing ? ", smoothed" : "";
    setText(this.readout, told.length ? `${place}${smooth}: ${told.join(", ")}` : place);
  }

  destroy() {
    this.listeners.abort();
    cancelAnimationFrame(this.waiting);
    for (const one of this.all()) (one === this.answers ? one : one.figure).destroy();
    this.root.remove();
  }
}

/** Return whether norms have leapt up by powers of ten since their first ones. */
function explodes(norms) {
  const first = [...norms.slice(0, FIRST_STEPS)].sort((a, b) => a - b);
  const usual = first[first.length >> 1];
  return norms.some((norm) => norm > LEAP * usual);
}

const places = new WeakMap();

/** Called by Streamlit after every run: once to build the room, then to update it. */
export default function render(component) {
  const { parentElement } = component;
  if (!places.has(parentElement)) places.set(parentElement, new TrainingRoom(parentElement));
  const room = places.get(parentElement);
  room.update(component);
  return () => {
    if (parentElement.isConnected) return;
    room.destroy();
    places.delete(parentElement);
  };
}
