/** The reading room: puts the parts together and keeps them in step with Python. */

import { Card } from "./card.js";
import { Clock, prefersStillness } from "../../common/js/clock.js";
import { make, setText } from "../../common/js/dom.js";
import { fromWire, unpack } from "../../common/js/encode.js";
import { handleKey } from "../../common/js/keys.js";
import { Pad } from "../../common/js/pad.js";
import { firstFile, readImage } from "./paste.js";
import { Seen } from "./picture.js";
import { Signpost } from "./signpost.js";
import { cellImage } from "../../common/js/figure.js";
import { colourIndex, packColour, readTheme } from "../../common/js/theme.js";
import { Tip } from "../../common/js/tip.js";
import { Transport } from "../../common/js/transport.js";
import { UnitPanel } from "./unit.js";

const STEP_AFTER_MS = 400;
const PIN_WAIT_MS = 3000;

class Room {
  constructor(parent) {
    this.root = make("div", { class: "surface room" });
    parent.append(this.root);
    this.theme = readTheme(this.root);
    this.tip = new Tip(this.root);
    this.cards = new Map();
    this.gates = new Set();
    this.pinned = null;
    this.listeners = new AbortController();
    this.clock = new Clock(() => this.tick(), () => this.state());
    this.transport = new Transport(this.clock, () => this.lead());
    this.pad = new Pad(this, (value) => this.sendState("strokes", value), (down) => this.pen(down));
    this.seen = new Seen(this);
    this.unit = new UnitPanel(this, (pin) => this.pin(pin));
    this.signpost = new Signpost(this.unit.element, () => this.unit.name);
    this.cardsPlace = make("div", { class: "cards" });
    this.invitation = make("p", {
      class: "invitation",
      text: "Click a unit in any hidden state to pin it: its gates, weights and equations open here.",
    });
    const guide = make("p", {
      class: "guide",
      text:
        "Every network reads the same picture, each in its own order. Full ink: read. Tinted: " +
        "being read now. Faint: still to come.",
    });
    this.root.append(
      make(
        "div",
        { class: "layout" },
        make("div", { class: "desk" }, this.pad.element, this.seen.element),
        make("div", { class: "readers" }, this.transport.element, guide, this.cardsPlace),
      ),
      // Apart from the layout, for the desk stays in sight as far down as that reaches.
      make("div", { class: "below" }, this.invitation, this.unit.element, this.signpost.element),
    );
    this.listen();
  }

  listen() {
    const { signal } = this.listeners;
    const actors = { ...this, lead: () => this.lead() };
    window.addEventListener("keydown", (event) => handleKey(event, actors), { signal });
    window.addEventListener("pointerdown", () => this.tip.hide(), { signal, capture: true });
    window.addEventListener("paste", (event) => this.pasted(event), { signal });
    this.pad.frame.addEventListener("dragover", (event) => event.preventDefault(), { signal });
    this.pad.frame.addEventListener("drop", (event) => {
      event.preventDefault();
      this.sendImage(firstFile(event.dataTransfer));
    }, { signal });
  }

  pasted(event) {
    const target = event.composedPath()[0];
    if (target instanceof Element && target.closest("input, textarea, [contenteditable]")) return;
    const file = firstFile(event.clipboardData);
    if (!file) {
      this.pad.say("There is no picture in the clipboard. Copy one, then paste it here.");
      return;
    }
    event.preventDefault();
    this.sendImage(file);
  }

  async sendImage(file) {
    if (!file) return;
    const found = await readImage(file);
    if (found.kind === "problem") this.pad.say(found.message);
    this.sendTrigger("paste", { ...found, serial: Date.now() });
  }

  /** Take a new view from Python. */
  update({ data: bytes, setStateValue, setTriggerValue }) {
    this.sendState = setStateValue;
    this.sendTrigger = setTriggerValue;
    if (!bytes) return;
    const data = fromWire(bytes);
    this.theme = readTheme(this.root);
    const themed = this.theme.signature !== this.signature;
    this.signature = this.theme.signature;
    this.takePin(data.pinned);
    const isNew = this.updateCanvas(data.canvas, themed);
    const changed = this.updateCards(data.readers);
    this.updateUnit();
    this.startClock(isNew, data.position);
    this.show(changed || themed || isNew);
    if (this.unit.reader) this.unit.show(this.clock.stepOf(this.unit.reader.depths));
    this.transport.tick();
  }

  /** Take Python's pin, unless it is older than the one that was just asked for. */
  takePin(pin) {
    const same = pin?.reader === this.pinned?.reader && pin?.unit === this.pinned?.unit;
    if (same) this.pinnedAt = 0;
    else if (performance.now() - (this.pinnedAt ?? 0) > PIN_WAIT_MS || !this.pinnedAt) {
      this.pinned = pin;
    }
  }

  updateCanvas(canvas, themed) {
    const isNew = canvas.key !== this.imageKey;
    if (isNew || themed) {
      this.imageKey = canvas.key;
      // For tests and benchmarks: which picture the answers on the page belong to.
      this.root.dataset.image = canvas.key;
      const image = canvas.image && unpack(canvas.image);
      this.ghost = image && this.inkImage(image);
      this.seen.update(image, "");
    }
    const fallback = { drawing: "Your drawing", example: "An example", file: "Your picture" };
    const text = canvas.caption || fallback[canvas.source];
    this.seen.figure.describe(
      "What the network sees",
      `${text.replace(/\.?$/, ".")} Brought to 28×28 pixels as MNIST was made.`,
    );
    this.pad.update(canvas, this.ghost);
    return isNew;
  }

  /** Return a picture as ink on nothing, for the canvas. */
  inkImage({ values, shape }) {
    const text = packColour(this.theme.text, 0);
    return cellImage(shape[1], shape[0], (column, row) =>
      ((colourIndex(values[row * shape[1] + column], 0, 1) << 24) | text) >>> 0,
    ).canvas;
  }

  updateCards(readers) {
    const names = new Set(readers.map((reader) => reader.name));
    for (const [name, card] of this.cards) {
      if (names.has(name)) continue;
      card.destroy();
      this.cards.delete(name);
    }
    let changed = false;
    readers.forEach((reader, i) => {
      let card = this.cards.get(reader.name);
      if (!card) {
        card = new Card(this, reader.name, (pin) => this.pin(pin), (...wish) => this.wish(...wish));
        this.cards.set(reader.name, card);
        if (reader.gates) this.gates.add(reader.name);
      }
      card.raw = reader;
      const pinned = this.pinned?.reader === reader.name ? this.pinned.unit : null;
      if (card.pinnedUnit !== pinned || reader.gates) changed = true;
      changed = card.update(reader, pinned, this.theme) || changed;
      const standing = this.cardsPlace.children[i];
      if (standing !== card.element) this.cardsPlace.insertBefore(card.element, standing ?? null);
    });
    this.cardsPlace.dataset.count = String(readers.length);
    this.order = readers.map((reader) => reader.name);
    return changed;
  }

  updateUnit() {
    const card = this.pinned && this.cards.get(this.pinned.reader);
    this.unit.update(card?.reader, card?.sweep ?? 0, this.theme);
    this.invitation.hidden = !this.unit.element.hidden || !this.cards.size;
    this.signpost.update();
  }

  /** Draw a card anew after its corner was changed. */
  refreshCard(card) {
    card.updateGates(card.raw, true, this.theme);
    card.updateFigures(this.theme);
    this.updateUnit();
    this.show(true);
  }

  /** A new picture is read from its beginning; one still being drawn is shown read. */
  startClock(isNew, position) {
    const isFirst = !this.started;
    if (!this.cards.size || !(isNew || isFirst || this.awaited)) return;
    if (this.pad.pointer === null) this.awaited = false;
    this.started = true;
    if (isFirst) this.told = position ?? null;
    if (isFirst && position !== null && position !== undefined) this.clock.seek(position);
    else if (this.pad.pointer !== null || prefersStillness()) this.clock.seek(1);
    else {
      this.clock.moveTo(0);
      this.clock.play();
    }
    clearTimeout(this.stepTimer);
  }

  pen(down) {
    if (down) this.clock.pause();
    // The last picture of a stroke may have been read while it was drawn; it is to be played even
    // though nothing new comes with the pen's lifting.
    else this.awaited = true;
    this.root.classList.toggle("drawing", down);
  }

  pin(pin) {
    this.pinned = pin;
    this.pinnedAt = performance.now();
    for (const card of this.cards.values()) {
      card.pinnedUnit = pin?.reader === card.name ? pin.unit : null;
      if (card.isGrid) card.updateFigures(this.theme);
    }
    this.show(true);
    // Letting go has a serial too: nothing at all is what Python holds before the first message.
    const { reader = null, unit = null } = pin ?? {};
    this.sendState("pin", { reader, unit, serial: Date.now() });
  }

  wish(name, wanted) {
    if (wanted) this.gates.add(name);
    else this.gates.delete(name);
    this.sendState("gates", [...this.gates]);
  }

  /** Return the reader whose steps are counted: the one with the pinned unit, else the first. */
  lead() {
    const pinned = this.pinned && this.cards.get(this.pinned.reader);
    if (pinned) return pinned.reader;
    return (this.cards.get(this.order?.[0]) ?? null)?.reader ?? null;
  }

  tick() {
    this.transport.tick();
    this.show(false);
    if (!this.clock.playing) this.tellStep();
  }

  state() {
    this.transport.state();
    if (!this.clock.playing) this.tellStep();
  }

  /** Tell Python where the clock stands, once it has come to rest. */
  tellStep() {
    clearTimeout(this.stepTimer);
    this.stepTimer = setTimeout(() => {
      const lead = this.lead();
      if (!lead || this.clock.playing || this.pad.pointer !== null) return;
      const fraction = Math.round(this.clock.position * 1e4) / 1e4;
      // A reading that has come to its end by itself is no place that somebody chose.
      if (fraction === this.told || (fraction === 1 && this.told === null)) return;
      this.told = fraction;
      this.sendState("step", { fraction, step: this.clock.stepOf(lead.depths), of: lead.depths });
    }, STEP_AFTER_MS);
  }

  show(force) {
    for (const card of this.cards.values()) {
      const depth = this.clock.stepOf(card.reader.depths);
      const drawn = card.show(depth, force);
      if (drawn && card.reader === this.unit.reader) this.unit.show(depth);
    }
  }

  destroy() {
    this.listeners.abort();
    clearTimeout(this.stepTimer);
    this.clock.destroy();
    this.pad.destroy();
    this.signpost.destroy();
    for (const card of this.cards.values()) card.destroy();
    this.root.remove();
  }
}

const rooms = new WeakMap();

/** Called by Streamlit after every run: once to build the room, then to update it. */
export default function render(component) {
  const { parentElement } = component;
  if (!rooms.has(parentElement)) rooms.set(parentElement, new Room(parentElement));
  const room = rooms.get(parentElement);
  const before = performance.now();
  room.update(component);
  // For benchmarks: how long the browser took, and for which strokes this is the answer.
  performance.measure("reading-room-update", { start: before, end: performance.now() });
  // Streamlit also calls this when a later run has overtaken this one before its script was
  // there. Only when the place itself has left the page may the strokes go with it.
  return () => {
    if (parentElement.isConnected) return;
    room.destroy();
    rooms.delete(parentElement);
  };
}
