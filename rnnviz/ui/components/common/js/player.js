/** What every bar that drives a clock has: a scrubber, a readout and a choice of speeds. */

import { make, setText } from "./dom.js";

const SPEEDS = [0.25, 0.5, 1, 2, 4];
const RANGE = 10000;

export class Player {
  /** `name` says what the scrubber stands for, `direction` where it begins: "ltr" or "rtl". */
  constructor(clock, name, direction = "ltr") {
    this.clock = clock;
    this.scrubber = make("input", {
      type: "range",
      class: "scrubber",
      dir: direction,
      min: 0,
      max: RANGE,
      "aria-label": name,
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

  /** Follow the clock; `text` says where it stands. */
  follow(text) {
    const { position } = this.clock;
    this.scrubber.value = String(Math.round(position * RANGE));
    this.scrubber.style.setProperty("--done", `${position * 100}%`);
    setText(this.readout, text);
    this.scrubber.setAttribute("aria-valuetext", text);
  }
}
