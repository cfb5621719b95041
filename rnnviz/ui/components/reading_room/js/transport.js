/** The bar with the keys of a video player. */

import { icon, iconButton, make, setText } from "../../common/js/dom.js";

const SPEEDS = [0.25, 0.5, 1, 2, 4];
const RANGE = 10000;

export class Transport {
  /** `lead()` returns the reader whose steps are counted: {depths, word, label}, or null. */
  constructor(clock, lead) {
    this.clock = clock;
    this.lead = lead;
    const step = (by) => () => this.stepBy(by);
    this.playButton = iconButton("play", "Play (space)", () => clock.toggle());
    this.playButton.classList.add("primary");
    this.scrubber = make("input", {
      type: "range",
      class: "scrubber",
      min: 0,
      max: RANGE,
      "aria-label": "How far the reading has come",
      on: { input: () => clock.seek(this.scrubber.value / RANGE) },
    });
    this.readout = make("output", { class: "readout", "aria-live": "off" });
    this.speed = make("select", {
      "aria-label": "Speed",
      title: "Speed (< and >)",
      on: { change: () => this.setSpeed(Number(this.speed.value)) },
    });
    for (const speed of SPEEDS) {
      this.speed.append(make("option", { value: speed, text: `${speed}×` }));
    }
    this.speed.value = "1";
    this.loop = iconButton("loop", "Loop (L)", () => this.toggleLoop(), { "aria-pressed": "false" });
    this.element = make(
      "div",
      { class: "transport", role: "group", "aria-label": "The clock of all readers" },
      make(
        "div",
        { class: "keys" },
        iconButton("first", "To the start (Home)", () => clock.seek(0)),
        iconButton("back", "One step back (←)", step(-1)),
        this.playButton,
        iconButton("forward", "One step on (→)", step(1)),
        iconButton("last", "To the end (End)", () => clock.seek(1)),
      ),
      this.scrubber,
      this.readout,
      make("div", { class: "keys" }, this.speed, this.loop),
    );
  }

  /** Move by steps of the leading reader. */
  stepBy(steps) {
    const lead = this.lead();
    if (lead) this.clock.stepBy(steps, lead.depths);
  }

  setSpeed(speed) {
    this.clock.speed = speed;
    this.speed.value = String(speed);
  }

  /** Take the next speed up (1) or down (−1). */
  changeSpeed(by) {
    const at = SPEEDS.indexOf(this.clock.speed) + by;
    this.setSpeed(SPEEDS[Math.min(Math.max(at, 0), SPEEDS.length - 1)]);
  }

  toggleLoop() {
    this.clock.loop = !this.clock.loop;
    this.loop.setAttribute("aria-pressed", String(this.clock.loop));
  }

  /** Follow the clock. */
  tick() {
    const { clock } = this;
    this.scrubber.value = String(Math.round(clock.position * RANGE));
    this.scrubber.style.setProperty("--done", `${clock.position * 100}%`);
    const lead = this.lead();
    const text = lead
      ? `${lead.word} ${clock.stepOf(lead.depths) + 1} of ${lead.depths}`
      : "nothing to read yet";
    setText(this.readout, text);
    this.scrubber.setAttribute("aria-valuetext", text);
  }

  /** Show whether it plays. */
  state() {
    const { playing } = this.clock;
    if (this.shown === playing) return;
    this.shown = playing;
    this.playButton.replaceChildren(icon(playing ? "pause" : "play"));
    const label = playing ? "Pause" : "Play";
    this.playButton.setAttribute("aria-label", label);
    this.playButton.title = `${label} (space)`;
  }
}
