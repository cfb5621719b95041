/** The canvas that one draws on, with its tools. */

import { iconButton, make, setText } from "./dom.js";
import { Strokes } from "./strokes.js";

const SEND_EVERY_MS = 200;
// A stroke under way asks for a fifth of what the server can do for it alone, so that in a full
// classroom the answers to strokes that are finished come first.
const REST = 5;
const FORGET = 0.7;
const GIVE_UP_MS = 2000;

export class Pad {
  /** `send(message)` carries the strokes to Python; `onPen(down)` tells of the pen. */
  constructor(room, send, onPen) {
    this.room = room;
    this.send = send;
    this.onPen = onPen;
    this.strokes = new Strokes();
    this.width = 0.08;
    this.pointer = null;
    this.size = 0;
    this.nonce = null;
    this.lastSent = 0;
    this.waited = 0;
    this.unanswered = false;
    this.more = false;
    // Grows over reloads of the page too, so that Python can tell what is newer.
    this.serial = Date.now();
    this.build();
    this.listen();
  }

  build() {
    this.canvas = make("canvas", {
      class: "pad",
      tabindex: 0,
      role: "img",
      "aria-label": "Canvas: draw a digit with mouse, pen or finger",
    });
    this.hint = make("p", { class: "hint", text: "Draw a digit here" });
    this.frame = make("div", { class: "pad-frame" }, this.canvas, this.hint);
    this.undoButton = iconButton("undo", "Undo (Ctrl+Z)", () => this.undo());
    this.redoButton = iconButton("redo", "Redo (Ctrl+Shift+Z)", () => this.redo());
    this.clearButton = iconButton("clear", "Clear (Delete)", () => this.clear());
    this.slider = make("input", {
      type: "range",
      min: 0.03,
      max: 0.16,
      step: 0.005,
      "aria-label": "Thickness of the pen",
      title: "Thickness of the pen",
      on: {
        input: () => this.setWidth(Number(this.slider.value)),
        change: () => this.strokes.list.length && this.tell("width", true),
      },
    });
    this.tools = make(
      "div",
      { class: "tools", role: "toolbar", "aria-label": "Drawing" },
      this.undoButton,
      this.redoButton,
      this.clearButton,
      make("label", { class: "pen" }, make("span", { text: "Pen" }), this.slider),
    );
    this.message = make("p", { class: "message", role: "status", hidden: true });
    this.element = make("div", { class: "pad-block" }, this.frame, this.tools, this.message);
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(this.frame);
  }

  listen() {
    const pad = this.canvas;
    pad.addEventListener("pointerdown", (event) => this.down(event));
    pad.addEventListener("pointermove", (event) => this.move(event));
    pad.addEventListener("pointerup", (event) => this.up(event));
    pad.addEventListener("pointercancel", (event) => this.up(event));
    // Without this a long press on a touch screen opens a menu in the middle of a stroke.
    pad.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  down(event) {
    if (this.pointer !== null || event.button !== 0 || !event.isPrimary) return;
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    if (this.strokes.isFull) {
      this.say("The canvas is full. Undo a stroke, or clear it and draw anew.");
      return;
    }
    this.canvas.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    this.ghost = null;
    this.say("");
    const [x, y] = this.place(event);
    this.strokes.begin(x, y, event.timeStamp);
    this.refresh();
    this.onPen(true);
    this.lastSent = performance.now();
  }

  move(event) {
    if (event.pointerId !== this.pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    let added = false;
    for (const one of events.length ? events : [event]) {
      const [x, y] = this.place(one);
      added = this.strokes.add(x, y, one.timeStamp) || added;
    }
    if (!added) return;
    this.drawLast();
    this.stream();
  }

  up(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    clearTimeout(this.pending);
    const [x, y] = this.place(event);
    if (event.type === "pointerup" && this.strokes.add(x, y, event.timeStamp)) this.drawLast();
    this.strokes.end();
    this.onPen(false);
    this.tell("draw", true);
    this.tellButtons();
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  /** Send what has been drawn so far, at most once in 200 ms, less often where answers are slow. */
  stream() {
    clearTimeout(this.pending);
    const now = performance.now();
    this.more = this.unanswered && now - this.lastSent < GIVE_UP_MS;
    if (this.more) return;
    const wait = this.lastSent + Math.max(SEND_EVERY_MS, REST * this.waited) - now;
    if (wait <= 0) this.tell("draw", false);
    else {
      this.pending = setTimeout(() => this.pointer !== null && this.tell("draw", false), wait);
    }
  }

  /** Note how long the server took, and go on with what was drawn meanwhile. */
  answered() {
    if (!this.unanswered) return;
    this.unanswered = false;
    this.waited = Math.max(performance.now() - this.lastSent, FORGET * this.waited);
    if (this.more && this.pointer !== null) this.stream();
  }

  tell(action, final) {
    this.lastSent = performance.now();
    this.unanswered = true;
    this.more = false;
    this.serial = Math.max(this.serial + 1, Date.now());
    const { width, serial } = this;
    this.send({ strokes: this.strokes.list, width, final, serial, action });
  }

  undo() {
    if (this.pointer === null && this.strokes.undo()) this.changed("undo");
  }

  redo() {
    if (this.pointer === null && this.strokes.redo()) this.changed("redo");
  }

  clear() {
    if (this.pointer === null && (this.strokes.clear() || this.ghost)) this.changed("clear");
  }

  changed(action) {
    this.refresh();
    this.tell(action, true);
  }

  setWidth(width) {
    this.width = width;
    this.refresh();
  }

  /** Take over what Python says stands on the canvas; never while somebody draws. */
  update(data, ghost) {
    this.answered();
    if (data.nonce !== this.nonce && this.pointer === null) {
      this.nonce = data.nonce;
      this.strokes.load(data.strokes);
      this.width = data.penWidth;
      this.slider.value = String(data.penWidth);
    }
    this.ghost = data.source !== "drawing" && !this.strokes.list.length ? ghost : null;
    this.say(data.message);
    this.refresh();
  }

  say(text) {
    setText(this.message, text || "");
    this.message.hidden = !text;
  }

  fit() {
    const size = Math.floor(this.frame.clientWidth);
    const scale = Math.min(window.devicePixelRatio || 1, 3);
    if (!size || (size === this.size && scale === this.scale)) return;
    Object.assign(this, { size, scale });
    this.canvas.width = this.canvas.height = Math.round(size * scale);
    this.refresh();
  }

  /** Draw everything anew. */
  refresh() {
    const ctx = this.pen();
    ctx.clearRect(0, 0, 1, 1);
    if (this.ghost) {
      ctx.globalAlpha = 0.3;
      ctx.imageSmoothingEnabled = true;
      ctx.drawImage(this.ghost, 0, 0, 1, 1);
      ctx.globalAlpha = 1;
    }
    for (const stroke of this.strokes.list) this.line(ctx, stroke, 0);
    this.tellButtons();
  }

  drawLast() {
    const stroke = this.strokes.current ?? [];
    // Some points at once may have come with one event, so a few are drawn again.
    this.line(this.pen(), stroke, Math.max(stroke.length - 24, 0));
  }

  pen() {
    const ctx = this.canvas.getContext("2d");
    ctx.setTransform(this.canvas.width, 0, 0, this.canvas.height, 0, 0);
    ctx.strokeStyle = this.room.theme.text;
    ctx.lineWidth = this.width;
    ctx.lineCap = ctx.lineJoin = "round";
    return ctx;
  }

  line(ctx, stroke, from) {
    ctx.beginPath();
    for (let i = from; i < stroke.length; i++) ctx.lineTo(stroke[i][0], stroke[i][1]);
    if (stroke.length - from === 1) ctx.lineTo(stroke[from][0] + 1e-4, stroke[from][1]);
    ctx.stroke();
  }

  tellButtons() {
    const { list, past, future } = this.strokes;
    this.undoButton.disabled = !past.length;
    this.redoButton.disabled = !future.length;
    this.clearButton.disabled = !list.length && !this.ghost;
    this.hint.hidden = list.length > 0;
  }

  destroy() {
    clearTimeout(this.pending);
    this.observer.disconnect();
  }
}
