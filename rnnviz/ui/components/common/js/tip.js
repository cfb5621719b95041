/** What lies under the pointer, in one line beside it. */

import { make, setText } from "./dom.js";

/** A line of text that follows the pointer. */
export class Tip {
  constructor(root) {
    this.root = root;
    this.element = make("div", { class: "tip", "aria-hidden": "true", hidden: true });
    root.append(this.element);
  }

  show(text, x, y) {
    if (!text) return this.hide();
    setText(this.element, text);
    this.element.hidden = false;
    const box = this.root.getBoundingClientRect();
    const size = this.element.getBoundingClientRect();
    const left = Math.min(Math.max(x - box.left - size.width / 2, 0), box.width - size.width);
    this.element.style.transform = `translate(${left}px, ${y - box.top - size.height - 14}px)`;
  }

  hide() {
    this.element.hidden = true;
  }
}
