/** The bar that runs the pass: its scrubber goes from right to left, as the gradient does. */

import { icon, iconButton, make, setText } from "../../common/js/dom.js";

const SPEEDS = [0.25, 0.5, 1, 2, 4];
const RANGE = 10000;

export class Controls {
  /** `onChoice()` is called when the state or the colours were chosen anew. */
  constructor(clock, onChoice) {
    this.clock = clock;
    this.onChoice = onChoice;
    this.steps = 1;
    this.state = "h";
    this.magnified = false;
    this.playIcon = make("span", { class: "play-icon" });
    this.playLabel = make("span");
    this.play = make(
      "button",
      { type: "button", class: "run", title: "Space", on: { click: () => clock.toggle() } },
      this.playIcon,
      this.playLabel,
    );
    this.scrubber = make("input", {
      type: "range",
      class: "scrubber",
      dir: "rtl",
      min: 0,
      max: RANGE,
      "aria-label": "How far back the gradient has come",
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
    this.statePick = this.pick("State", (value) => (this.state = value));
    this.colourPick = this.pick("Colours", (value) => (this.magnified = value === "magnified"));
    this.fill(this.colourPick, { size: "by size", magnified: "each step magnified" }, "size");
    this.element = make(
      "div",
      { class: "controls", role: "group", "aria-label": "The way back through time" },
      this.play,
      make(
        "div",
        { class: "keys" },
        iconButton("back", "One step back in time (←)", () => this.stepBy(1)),
        iconButton("forward", "One step towards the loss (→)", () => this.stepBy(-1)),
      ),
      this.scrubber,
      this.readout,
      this.speed,
    );
    this.choices = make("div", { class: "choices" }, this.statePick, this.colourPick);
    this.tellState();
  }

  /** Return a row of buttons of which one is pressed. */
  pick(label, onPick) {
    const place = make("div", { class: "pick", role: "group", "aria-label": label });
    place.onPick = onPick;
    place.caption = label;
    return place;
  }

  fill(place, options, chosen) {
    const press = (value) => {
      for (const button of place.querySelectorAll("button")) {
        button.setAttribute("aria-pressed", String(button.value === value));
      }
    };
    const buttons = Object.entries(options).map(([value, text]) =>
      make("button", {
        type: "button",
        value,
        text,
        on: {
          click: () => {
            press(value);
            place.onPick(value);
            this.onChoice();
          },
        },
      }),
    );
    place.replaceChildren(make("span", { text: place.caption }), ...buttons);
    press(chosen);
  }

  /** Offer the states that there are; one alone is no choice. */
  offerStates(states) {
    if (!states.includes(this.state)) this.state = states[0];
    if (this.offered === states.join()) return;
    this.offered = states.join();
    const names = { h: "h, the output", c: "c, the memory" };
    this.fill(
      this.statePick,
      Object.fromEntries(states.map((state) => [state, names[state] ?? state])),
      this.state,
    );
    this.statePick.hidden = states.length < 2;
  }

  /** Move by steps back in time. */
  stepBy(back) {
    const gaps = Math.max(this.steps - 1, 1);
    this.clock.seek((Math.round(this.clock.position * gaps) + back) / gaps);
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

  /** Follow the clock; `step` is where the gradient has arrived. */
  tick(step, word) {
    this.scrubber.value = String(Math.round(this.clock.position * RANGE));
    this.scrubber.style.setProperty("--done", `${this.clock.position * 100}%`);
    const text = `at ${word} ${step} of ${this.steps}`;
    setText(this.readout, text);
    this.scrubber.setAttribute("aria-valuetext", text);
    this.tellState();
  }

  tellState() {
    const { playing, position } = this.clock;
    const begun = position > 0 && position < 1;
    const label = playing ? "Pause" : begun ? "Go on backward" : "Run backward through time";
    if (this.told === label) return;
    this.told = label;
    setText(this.playLabel, label);
    this.playIcon.replaceChildren(icon(playing ? "pause" : "play"));
  }
}
