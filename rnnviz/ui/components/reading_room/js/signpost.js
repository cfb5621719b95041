/** A button at the lower edge of the screen that leads to something which has opened below it. */

import { prefersStillness } from "../../common/js/clock.js";
import { make, setText } from "../../common/js/dom.js";

/** So much of it has to stand on the screen to be noticed. */
const LEAST_SEEN_PX = 100;

export class Signpost {
  /** Lead to `target`, named by `name()`, for as long as it is there but below the screen. */
  constructor(target, name) {
    this.target = target;
    this.name = name;
    this.element = make("button", {
      type: "button",
      class: "signpost",
      hidden: true,
      on: { click: () => this.lead() },
    });
    this.watcher = new IntersectionObserver((entries) => this.look(entries.at(-1)), {
      rootMargin: `0px 0px -${LEAST_SEEN_PX}px 0px`,
    });
  }

  /** Look anew after the target has changed: one that appears below the screen tells nobody. */
  update() {
    setText(this.element, `${this.name()} ↓`);
    this.watcher.unobserve(this.target);
    this.watcher.observe(this.target);
  }

  /** What is hidden intersects nothing and has no height. */
  look({ isIntersecting, boundingClientRect: { top, height } }) {
    this.element.hidden = isIntersecting || !height || top < 0;
  }

  lead() {
    this.target.scrollIntoView({ behavior: prefersStillness() ? "auto" : "smooth", block: "start" });
    this.target.focus({ preventScroll: true });
  }

  destroy() {
    this.watcher.disconnect();
  }
}
