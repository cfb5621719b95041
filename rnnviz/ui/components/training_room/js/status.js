/** How the run stands: its state in words, its progress, what was measured last. */

import { make, setText } from "../../common/js/dom.js";

export class Status {
  constructor() {
    this.headline = make("strong", { class: "headline" });
    this.numbers = make("span", { class: "numbers" });
    this.done = make("div", { class: "done" });
    this.bar = make(
      "div",
      { class: "bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": "Progress" },
      this.done,
    );
    this.detail = make("p", { class: "detail" });
    this.figures = make("dl", { class: "measured" });
    this.element = make(
      "div",
      { class: "status" },
      make("div", { class: "line" }, this.headline, this.numbers),
      this.bar,
      this.detail,
      this.figures,
    );
    // Only the state itself is read out when it changes, not every step.
    this.headline.setAttribute("aria-live", "polite");
  }

  update({ state, headline, detail, progress, numbers, figures }) {
    this.element.dataset.state = state;
    setText(this.headline, headline);
    setText(this.numbers, numbers);
    setText(this.detail, detail);
    this.done.style.width = `${(100 * progress).toFixed(2)}%`;
    this.bar.setAttribute("aria-valuenow", String(Math.round(100 * progress)));
    while (this.figures.children.length > figures.length) this.figures.lastChild.remove();
    figures.forEach(([label, value], i) => {
      const place = this.figures.children[i] ?? this.add();
      setText(place.children[0], label);
      setText(place.children[1], value);
    });
  }

  add() {
    const place = make("div", {}, make("dt"), make("dd"));
    this.figures.append(place);
    return place;
  }
}
