/** The bar with the keys of a video player. */

import { icon, iconButton, make } from "./dom.js";
import { Player } from "./player.js";

export class Transport extends Player {
  /** `lead()` returns the reader whose steps are counted: {depths, word, label}, or null. */
  constructor(clock, lead) {
    super(clock, "How far the reading has come");
    this.lead = lead;
    const step = (by) => () => this.stepBy(by);
    this.playButton = iconButton("play", "Play (space)", () => clock.toggle());
    this.playButton.classList.add("primary");
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

  toggleLoop() {
    this.clock.loop = !this.clock.loop;
    this.loop.setAttribute("aria-pressed", String(this.clock.loop));
  }

  /** Follow the clock. */
  tick() {
    const { clock } = this;
    const lead = this.lead();
    const text = lead
      ? `${lead.word} ${clock.stepOf(lead.depths) + 1} of ${lead.depths}`
      : "nothing to read yet";
    this.follow(text);
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
