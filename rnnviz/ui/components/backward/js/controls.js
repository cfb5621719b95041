/** The bar that runs the pass: its scrubber goes from right to left, as the gradient does. */

import { icon, iconButton, make, setText } from "../../common/js/dom.js";
import { Player } from "../../common/js/player.js";

export class Controls extends Player {
  /** `onChoice()` is called when the state or the colours were chosen anew. */
  constructor(clock, onChoice) {
    super(clock, "How far back the gradient has come", "rtl");
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

  /** Follow the clock; `step` is where the gradient has arrived. */
  tick(step, word) {
    this.follow(`at ${word} ${step} of ${this.steps}`);
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
