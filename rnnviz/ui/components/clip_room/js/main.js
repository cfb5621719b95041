/** The clip room: one clock plays a clip and what the network does with it. */

import { Answer } from "./answer.js";
import { Belief } from "./belief.js";
import { Changes } from "./changes.js";
import { Columns } from "./columns.js";
import { Events } from "./events.js";
import { Film, SIGHTS } from "./film.js";
import { Gradient } from "./gradient.js";
import { Inside } from "./inside.js";
import { Mattered } from "./mattered.js";
import { changeReel, clipReel } from "./pictures.js";
import { received, receivedMattered } from "./received.js";
import { Stage } from "./stage.js";
import { States } from "./states.js";
import { Clock, prefersStillness } from "../../common/js/clock.js";
import { make, setText } from "../../common/js/dom.js";
import { fromWire, unpack } from "../../common/js/encode.js";
import { handleKey } from "../../common/js/keys.js";
import { Pad } from "../../common/js/pad.js";
import { readTheme } from "../../common/js/theme.js";
import { Tip } from "../../common/js/tip.js";
import { Transport } from "../../common/js/transport.js";

const STEP_AFTER_MS = 400;
const ASK_AFTER_MS = 350;
// So long a frame is shown at normal speed: time enough to see the network at work.
const FRAME_MS = 260;
// The network in space has read a frame when this share of its time is over.
const READING = 0.7;

class Room {
  constructor(parent) {
    this.root = make("div", { class: "surface clip-room" });
    parent.append(this.root);
    this.theme = readTheme(this.root);
    this.tip = new Tip(this.root);
    this.columns = new Columns();
    this.frame = 0;
    this.listeners = new AbortController();
    this.clock = new Clock(() => this.tick(), () => this.state());
    this.transport = new Transport(this.clock, () => this.lead());
    this.transport.toggleLoop();
    this.pad = new Pad(this, (sent) => this.drawn(sent), (down) => down && this.clock.pause());
    this.pad.hint.textContent = "Write a digit here";
    this.message = make("p", { class: "message", role: "status", hidden: true });
    this.stage = new Stage(this);
    this.answer = new Answer(this);
    this.film = new Film(this, { title: "The film strip", name: "film strip" });
    this.events = new Events(this);
    this.belief = new Belief(this);
    this.states = new States(this);
    this.gradient = new Gradient(this);
    this.mattered = new Mattered(this);
    this.inside = new Inside(this);
    this.changes = new Changes(this, (name) => this.change(name));
    this.gradientPlace = make("div", {}, this.gradient.element);
    this.desk = make(
      "div",
      { class: "desk" },
      this.pad.element,
      make("div", { class: "shown" }, this.answer.verdict, this.stage.element),
      this.answer.element,
    );
    this.root.append(
      this.transport.element,
      this.message,
      make(
        "div",
        { class: "layout" },
        this.desk,
        make(
          "div",
          { class: "score" },
          this.film.element,
          this.events.element,
          this.belief.element,
          this.changes.element,
          this.mattered.element,
          this.states.element,
          this.gradientPlace,
          this.inside.element,
        ),
      ),
    );
    const { signal } = this.listeners;
    // What isn't in sight can't be cleared by a key.
    const withPad = (name) => () => !this.pad.element.hidden && this.pad[name]();
    const pad = { undo: withPad("undo"), redo: withPad("redo"), clear: withPad("clear") };
    const actors = { clock: this.clock, transport: this.transport, pad, lead: () => this.lead() };
    window.addEventListener("keydown", (event) => handleKey(event, actors), { signal });
    window.addEventListener("pointerdown", () => this.tip.hide(), { signal, capture: true });
  }

  /** Take a new view from Python. */
  update({ data: bytes, setStateValue }) {
    this.send = setStateValue;
    if (!bytes) return;
    const data = fromWire(bytes);
    this.theme = readTheme(this.root);
    const themed = this.theme.signature !== this.signature;
    this.signature = this.theme.signature;
    const isNew = data.key !== this.key;
    const hasMore = Boolean(data.mattered) !== Boolean(this.data?.mattered);
    this.key = data.key;
    // For tests: which reading stands on the page.
    this.root.dataset.key = data.key;
    setText(this.message, data.message);
    this.message.hidden = !data.message;
    if (isNew || themed) this.take(data);
    else Object.assign(this.data, { mattered: receivedMattered(data.mattered) });
    this.takeInside(data, isNew || themed);
    this.takeText(data);
    if (isNew || themed || hasMore) this.takeMattered();
    this.takePad(data.pad);
    this.startClock(isNew, data.position);
    this.show(true);
    this.transport.tick();
    this.ask();
  }

  /** Take a clip and what the network did with it. */
  take(raw) {
    this.data = received(raw);
    const { clip: own, network: net } = this.data;
    const count = own.frames.shape[0];
    this.columns.take(count, [...net.classes, "occlusion", "change"]);
    this.frame = this.clock.stepOf(count);
    this.clock.duration = count * FRAME_MS;
    this.reels = { frame: clipReel(own.frames, own.natural, this.theme) };
    const rows = [{ name: "frame", reel: this.reels.frame }];
    if (net.sight !== "frames") {
      const first = net.sight === "both" ? own.frames.shape[2] : 0;
      this.reels.change = changeReel(net.seen, first, this.theme);
      rows.push({ name: "change", reel: this.reels.change });
    }
    this.film.figure.describe("The film strip", SIGHTS[net.sight]);
    this.film.update(rows);
    this.answer.update(net);
    this.events.element.hidden = !net.everyFrame;
    if (net.everyFrame) this.events.update(net.classes, net.answers, own.truth);
    this.belief.update(net, this.theme);
    this.states.update(net, this.theme);
  }

  takeInside(data, force) {
    const key = `${data.key}-${data.inside.frames.join()}`;
    if (key === this.insideKey && !force) return;
    this.insideKey = key;
    this.inside.update({ ...data.inside, hidden: unpack(data.inside.hidden) }, this.theme);
  }

  takeText(data) {
    this.tell(data.changed);
    this.changes.update(data.changes, data.order, this.data.network);
    setText(this.answer.truth, data.network.truthText);
    this.answer.truth.hidden = !data.network.truthText;
  }

  /** Say what was done to the clip where one could take it for the clip as it is. */
  tell(changed) {
    for (const { tag } of [this.answer, this.film, this.mattered.film]) tag.say(changed);
    const context = changed && changed[0].toUpperCase() + changed.slice(1);
    const parts = [this.stage, ...this.tracks(), this.mattered.film, this.inside.chart];
    for (const { figure } of parts) figure.context = context;
  }

  takeMattered() {
    const { mattered, clip } = this.data;
    const reels = this.mattered.update(mattered, clip, this.theme);
    this.gradientPlace.hidden = !mattered;
    if (mattered) this.gradient.update(mattered);
    this.stage.update(clip, { ...this.reels, ...reels });
  }

  takePad(data) {
    this.pad.element.hidden = !data;
    this.desk.classList.toggle("with-pad", Boolean(data));
    if (data) this.pad.update(data, null);
  }

  drawn(sent) {
    // A clip of half a stroke is another clip.
    if (sent.final) this.send("strokes", sent);
  }

  change(name) {
    this.send("change", { name, serial: Date.now() });
  }

  /** A new clip is played from its beginning. */
  startClock(isNew, position) {
    const isFirst = !this.started;
    if (!isNew && !isFirst) return;
    this.started = true;
    clearTimeout(this.stepTimer);
    if (isFirst && position !== null) {
      this.clock.seek(position);
      this.told = this.frame;
    } else if (prefersStillness() || this.pad.pointer !== null) this.clock.seek(1);
    else {
      this.told = null;
      this.clock.moveTo(0);
      this.clock.play();
    }
  }

  /** Return whose steps the clock counts. */
  lead() {
    return { word: "frame", depths: this.columns.count };
  }

  /** Go to a frame and stay there. */
  goTo(frame) {
    this.clock.seek((frame + 0.5) / this.columns.count);
  }

  /** Return how far the network in space has come within the frame: all of it while it stands. */
  depthWithin(depths) {
    if (!this.clock.playing || prefersStillness()) return depths - 1;
    const share = this.clock.position * this.columns.count - this.frame;
    return Math.min(Math.floor((share / READING) * depths), depths - 1);
  }

  tick() {
    if (!this.data) return;
    const frame = this.clock.stepOf(this.columns.count);
    const moved = frame !== this.frame;
    this.frame = frame;
    this.transport.tick();
    this.show(moved);
    if (!this.clock.playing) this.tellStep();
  }

  state() {
    this.transport.state();
    if (!this.data || this.clock.playing) return;
    this.inside.show();
    this.tellStep();
  }

  /** Draw what has changed: a frame further everything, within a frame only what is inside. */
  show(moved) {
    if (!this.data) return;
    this.inside.show();
    if (!moved) return;
    for (const part of this.tracks()) part.show();
    this.stage.show();
    this.answer.show();
    this.mattered.show();
  }

  tracks() {
    return [this.film, this.events, this.belief, this.states, this.gradient].filter(
      ({ element }) => !element.hidden,
    );
  }

  /** Tell Python which frame is looked at, once the clock has come to rest. */
  tellStep() {
    clearTimeout(this.stepTimer);
    this.stepTimer = setTimeout(() => {
      if (this.clock.playing || this.frame === this.told) return;
      this.told = this.frame;
      this.send("step", { frame: this.frame, of: this.columns.count });
    }, STEP_AFTER_MS);
  }

  /** Ask for what takes long to measure, unless the clip is already another one by then. */
  ask() {
    clearTimeout(this.askTimer);
    if (this.data.mattered) return;
    const { key } = this;
    this.askTimer = setTimeout(() => key === this.key && this.send("wants", key), ASK_AFTER_MS);
  }

  destroy() {
    this.listeners.abort();
    clearTimeout(this.stepTimer);
    clearTimeout(this.askTimer);
    this.clock.destroy();
    this.pad.destroy();
    for (const part of [...this.tracks(), this.stage, this.mattered.film]) part.figure.destroy();
    this.root.remove();
  }
}

const rooms = new WeakMap();

/** Called by Streamlit after every run: once to build the room, then to update it. */
export default function render(component) {
  const { parentElement } = component;
  if (!rooms.has(parentElement)) rooms.set(parentElement, new Room(parentElement));
  const room = rooms.get(parentElement);
  room.update(component);
  // Streamlit also calls this when a later run has overtaken this one before its script was
  // there. Only when the place itself has left the page may what one drew go with it.
  return () => {
    if (parentElement.isConnected) return;
    room.destroy();
    rooms.delete(parentElement);
  };
}
