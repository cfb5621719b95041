/** What the network answers, how sure it is, and when it knew. */

import { formatPercent, make, setText } from "../../common/js/dom.js";
import { ChangeTag } from "./tag.js";

export class Answer {
  constructor(room) {
    this.room = room;
    this.heading = make("h3");
    this.when = make("p", { class: "when" });
    this.word = make("span", { class: "digit" });
    this.sure = make("span", { class: "sure" });
    this.truth = make("p", { class: "truth" });
    this.tag = new ChangeTag();
    this.tag.element.setAttribute("role", "status");
    this.list = make("ol", { class: "bars", "aria-label": "Probabilities" });
    this.settled = make("p", { class: "settled" });
    this.measured = make("p", { class: "kind" });
    this.kind = make("p", { class: "kind" });
    // What one wants to know first stands above the clip, all else below it.
    this.verdict = make(
      "section",
      { class: "verdict-block" },
      this.when,
      make("p", { class: "verdict" }, this.word, this.sure, this.tag.element),
      this.truth,
    );
    this.element = make(
      "section",
      { class: "answer-block" },
      this.list,
      this.settled,
      this.measured,
      make("div", { class: "who" }, this.heading, this.kind),
    );
  }

  update(network) {
    this.network = network;
    const { classes } = network;
    setText(this.heading, network.label);
    setText(this.kind, network.description);
    setText(this.truth, network.truthText);
    this.truth.hidden = !network.truthText;
    setText(this.settled, network.settledText);
    this.settled.hidden = network.everyFrame;
    setText(this.measured, network.measuredText);
    this.measured.hidden = network.everyFrame;
    for (const part of [this.element, this.verdict]) {
      part.classList.toggle("worded", classes.some((name) => name.length > 2));
    }
    if (this.named !== classes.join("\n")) {
      this.named = classes.join("\n");
      this.bars = classes.map((text) => {
        const fill = make("i");
        const value = make("b");
        const row = make("li", {}, make("em", { text, title: text }), make("s", {}, fill), value);
        return { row, fill, value };
      });
      this.list.replaceChildren(...this.bars.map(({ row }) => row));
    }
    this.shown = null;
    this.show();
  }

  /** A network that answers at every frame is shown at the clock's; others at the clip's end. */
  show() {
    const { network, room } = this;
    const frame = network.everyFrame ? room.frame : -1;
    if (frame === this.shown) return;
    this.shown = frame;
    const { classes, beliefs } = network;
    const count = classes.length;
    const shares =
      frame < 0 ? network.probabilities : beliefs.values.subarray(frame * count, (frame + 1) * count);
    const best = frame < 0 ? network.answer : network.answers[frame];
    setText(this.when, frame < 0 ? "Its answer, after the last frame" : `Its answer at frame ${frame + 1}`);
    setText(this.word, classes[best]);
    setText(this.sure, formatPercent(shares[best]));
    this.bars.forEach(({ row, fill, value }, k) => {
      fill.style.width = `${shares[k] * 100}%`;
      row.classList.toggle("best", k === best);
      setText(value, formatPercent(shares[k]));
    });
  }
}
