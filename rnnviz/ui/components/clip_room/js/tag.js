/** A quiet tag that says what was done to the clip, where one could take it for the clip as it is. */

import { make, setText } from "../../common/js/dom.js";

export class ChangeTag {
  constructor() {
    this.word = make("span");
    this.chip = make(
      "span",
      { class: "tag", hidden: true },
      make("span", { class: "unseen", text: "The clip is changed: " }),
      this.word,
    );
    // The place stays while the tag comes and goes: only then is it read out.
    this.element = make("span", { class: "tag-place" }, this.chip);
  }

  /** Say what was done, "" for nothing. */
  say(changed) {
    setText(this.word, changed);
    this.chip.hidden = !changed;
  }
}
