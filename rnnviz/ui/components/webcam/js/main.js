/** The webcam: asks, shows, counts down, records, shows the recording, and hands it over. */

import { capital, make, setText } from "../../common/js/dom.js";
import { closeCamera, noCamera, openCamera, reasonOf } from "./camera.js";
import { Review } from "./review.js";
import { packTake, recordTake } from "./take.js";

const COUNT_FROM = 3;
const COUNT_MS = 800;
const LOOK_EVERY_MS = 500;
const IDLE_MS = 120000;
const LENGTHS = [1, 1.5, 2, 3, 4];

const HIDDEN =
  "The recording was ended, as this page was hidden. A browser shows hidden pages no pictures.";
const IDLE = "The camera was closed, as nothing was recorded for two minutes.";
const GONE = "The camera is gone. Plug it in again, then press the button.";
const MISSED =
  "The camera gave too few pictures to follow a movement. Give it more light, close what else " +
  "uses it, and try again.";

class Webcam {
  constructor(parent) {
    this.root = make("div", { class: "surface webcam" });
    parent.append(this.root);
    this.stream = null;
    this.device = null;
    this.others = [];
    this.serial = Date.now();
    this.review = new Review(() => this.refresh());
    this.build();
    this.goTo("closed");
    this.guard = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  build() {
    this.video = make("video", { muted: true, playsinline: true, autoplay: true });
    // The attribute alone doesn't mute a video that is made by a script.
    this.video.muted = true;
    this.video.setAttribute("aria-label", "What the camera sees");
    this.count = make("div", { class: "count", "aria-hidden": "true" });
    this.bar = make("i");
    this.progress = make("div", { class: "progress", "aria-hidden": "true" }, this.bar);
    this.live = make("div", { class: "live" }, this.video, this.count, this.progress);
    this.status = make("p", { class: "status", role: "status" });
    this.message = make("p", { class: "message", role: "alert", hidden: true });
    const press = (name, text, action, kind = "") =>
      make("button", { type: "button", class: kind, text, "data-press": name, on: { click: action } });
    this.buttons = {
      open: press("open", "Open the camera", () => this.open(), "strong"),
      record: press("record", "Record", () => this.series(), "strong"),
      stop: press("stop", "Stop", () => this.stop()),
      use: press("use", "Use it", () => this.use(), "strong"),
      again: press("again", "Again", () => this.again()),
      discard: press("discard", "Discard", () => this.goTo("closed")),
      pause: this.review.button,
      other: press("other", "Other camera", () => this.turn()),
      close: press("close", "Close the camera", () => this.close()),
    };
    this.buttons.pause.dataset.press = "pause";
    this.length = choice("Length", LENGTHS, (one) => `${one}\u00a0s`, () => this.refresh());
    this.number = choice("Takes", [1], String, () => this.refresh());
    this.choices = make("div", { class: "choices" }, this.length.label, this.number.label);
    this.note = make("p", {
      class: "guide",
      text:
        "The camera opens when you press the button and closes after the recording. Until you " +
        "press “Use”, nothing leaves your browser; then small grey pictures go to this server.",
    });
    const bar = make("div", { class: "bar" }, ...Object.values(this.buttons), this.choices);
    this.root.append(this.live, this.review.element, this.status, bar, this.message, this.note);
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.stream) return;
      event.stopPropagation();
      this.stop();
    });
  }

  /** Take what Python asks for. */
  update({ data, setTriggerValue }) {
    this.send = setTriggerValue;
    if (!data || JSON.stringify(data) === this.asked) return;
    this.asked = JSON.stringify(data);
    this.length.offer(LENGTHS, data.seconds);
    this.number.offer(upTo(data.most), data.takes);
    this.number.label.hidden = data.most < 2;
    this.refresh();
  }

  /** Begin a phase: closed, asking, live, counting, recording, review or sent. */
  goTo(phase) {
    this.phase = phase;
    this.root.dataset.phase = phase;
    this.since = performance.now();
    const focused = this.root.getRootNode().activeElement;
    const held = focused && this.root.contains(focused);
    if (phase !== "review") this.review.show([]);
    this.refresh();
    // Whoever works with the keyboard goes on with the button that comes next.
    if (held && focused.closest("[hidden]")) {
      Object.values(this.buttons).find((button) => !button.hidden)?.focus();
    }
  }

  /** Show what belongs to the phase. */
  refresh() {
    const shown = {
      closed: ["open"],
      asking: ["stop"],
      live: ["record", "other", "close"],
      counting: ["stop"],
      recording: ["stop"],
      review: ["use", "again", "discard", "pause"],
      sent: ["open"],
    }[this.phase];
    for (const [name, button] of Object.entries(this.buttons)) button.hidden = !shown.includes(name);
    this.buttons.other.hidden ||= !this.others.length;
    const takes = this.review.takes.length;
    setText(this.buttons.use, takes > 1 ? `Use these ${takes}` : "Use it");
    const series = this.number.value > 1 ? `${this.number.value} × ` : "";
    setText(this.buttons.record, `Record ${series}${this.length.value}\u00a0s`);
    setText(this.buttons.open, this.phase === "sent" ? "Record more" : "Open the camera");
    this.live.hidden = !["live", "counting", "recording"].includes(this.phase);
    this.review.element.hidden = this.phase !== "review";
    this.choices.hidden = !["closed", "live", "sent"].includes(this.phase);
    this.progress.hidden = this.phase !== "recording";
    this.count.hidden = this.phase !== "counting";
    this.note.hidden = !["closed", "asking", "live"].includes(this.phase);
    setText(this.status, this.words());
  }

  words() {
    const takes = this.review.takes.length;
    const place = this.number.value > 1 ? `Take ${this.take} of ${this.number.value}: ` : "";
    return {
      closed: "",
      asking: "Your browser asks whether this page may use the camera. Allow it to go on.",
      live: "You see yourself as in a mirror; the recording is the right way round.",
      counting: capital(`${place}get ready…`),
      recording: capital(`${place}recording`),
      review: takes > 1 ? "What was recorded. Leave out what went wrong." : "What was recorded.",
      sent: "Handed over.",
    }[this.phase];
  }

  say(text) {
    setText(this.message, text);
    this.message.hidden = !text;
  }

  /** Ask for the camera and show what it sees; return whether that worked. */
  async open() {
    this.say(noCamera());
    if (noCamera()) return false;
    this.shut();
    const work = (this.work = new AbortController());
    this.goTo("asking");
    try {
      const opened = await openCamera(this.video, this.device, work.signal);
      this.stream = opened.stream;
      this.others = opened.others;
      this.live.classList.toggle("mirrored", opened.mirrored);
      this.stream.getVideoTracks()[0].addEventListener("ended", () => this.lost(opened.stream));
      this.goTo("live");
      return true;
    } catch (error) {
      if (work.signal.aborted) return false;
      this.device = null;
      this.goTo("closed");
      this.say(reasonOf(error));
      return false;
    }
  }

  /** Count down and record, as often as was chosen, then close the camera and show it all. */
  async series() {
    this.say("");
    const work = (this.work = new AbortController());
    const takes = [];
    for (this.take = 1; this.take <= this.number.value; this.take++) {
      const take = await this.record(work.signal);
      if (!take) return;
      takes.push(take);
    }
    this.shut();
    if (takes.some((take) => take.missed)) {
      this.goTo("closed");
      this.say(MISSED);
      return;
    }
    this.review.show(takes);
    this.goTo("review");
  }

  async record(signal) {
    this.goTo("counting");
    for (let left = COUNT_FROM; left > 0; left--) {
      setText(this.count, String(left));
      await pause(COUNT_MS);
      if (signal.aborted) return null;
    }
    this.goTo("recording");
    return recordTake(this.video, this.length.value, signal, (share) => {
      this.bar.style.width = `${share * 100}%`;
    });
  }

  /** Break off what is under way: the recording, or the wait for the camera. */
  stop() {
    const recording = ["counting", "recording"].includes(this.phase);
    this.work?.abort(new DOMException("Stopped.", "AbortError"));
    if (recording) this.goTo("live");
    else this.close();
  }

  /** Hand the takes over to Python. */
  use() {
    this.serial = Math.max(this.serial + 1, Date.now());
    this.send("takes", { serial: this.serial, takes: this.review.takes.map(packTake) });
    this.goTo("sent");
  }

  async again() {
    if (await this.open()) this.series();
  }

  /** Take the next camera. */
  turn() {
    this.device = this.others[0] ?? null;
    this.open();
  }

  close(why = "") {
    this.shut();
    this.goTo("closed");
    this.say(why);
  }

  /** Stop the camera and what is under way. */
  shut() {
    this.work?.abort(new DOMException("Closed.", "AbortError"));
    if (!this.stream) return;
    closeCamera(this.video, this.stream);
    this.stream = null;
  }

  lost(stream) {
    if (stream === this.stream) this.close(GONE);
  }

  /** Close a camera that nobody needs, or that nobody can see. */
  look() {
    if (!this.root.isConnected) {
      this.shut();
      return;
    }
    if (!this.stream) return;
    const recording = ["counting", "recording"].includes(this.phase);
    if (recording && document.hidden) this.close(HIDDEN);
    else if (!this.root.offsetWidth) this.close();
    else if (!recording && performance.now() - this.since > IDLE_MS) this.close(IDLE);
  }

  destroy() {
    clearInterval(this.guard);
    this.shut();
    this.review.destroy();
    this.root.remove();
  }
}

/** Return a menu of numbers: its label, its value, and a way to offer others. */
function choice(name, options, textOf, onChange) {
  const select = make("select", { "aria-label": name, on: { change: onChange } });
  const one = {
    label: make("label", {}, make("span", { text: name }), select),
    get value() {
      return Number(select.value);
    },
    offer(values, chosen) {
      select.replaceChildren(...values.map((each) => make("option", { value: each, text: textOf(each) })));
      select.value = String(values.includes(chosen) ? chosen : values[0]);
    },
  };
  one.offer(options, options[0]);
  return one;
}

/** Return 1, 2, … up to a number. */
function upTo(most) {
  return Array.from({ length: most }, (_, i) => i + 1);
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const cameras = new WeakMap();

/** Called by Streamlit after every run: once to build the webcam, then to update it. */
export default function render(component) {
  const { parentElement } = component;
  if (!cameras.has(parentElement)) cameras.set(parentElement, new Webcam(parentElement));
  cameras.get(parentElement).update(component);
  return () => {
    if (parentElement.isConnected) return;
    cameras.get(parentElement)?.destroy();
    cameras.delete(parentElement);
  };
}
