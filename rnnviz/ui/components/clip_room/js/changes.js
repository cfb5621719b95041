/** What if the frames came otherwise? The answers side by side; a click changes the clip. */

import { formatPercent, make, setText } from "../../common/js/dom.js";
import { bandColour, runsOf } from "./events.js";

export class Changes {
  /** `onChoose(name)` is called when a change is asked for. */
  constructor(room, onChoose) {
    this.room = room;
    this.onChoose = onChoose;
    this.words = make("p", { class: "finding" });
    this.guide = make("p", { class: "kind" });
    this.cards = make("div", { class: "changes", role: "group", "aria-label": "What if" });
    this.element = make(
      "section",
      { class: "what-if" },
      make("h4", { text: "Does the order of the frames matter to it?" }),
      this.guide,
      this.cards,
      this.words,
    );
  }

  update(changes, order, network) {
    setText(this.words, order);
    const shows = network.everyFrame
      ? "its answers, in the colours of “What happens when”"
      : "its answer, orange where it is another one";
    setText(this.guide, `The same clip, changed, and ${shows}. Choose one to watch it.`);
    if (this.cards.children.length !== changes.length) {
      this.cards.replaceChildren(...changes.map(() => this.card()));
    }
    changes.forEach((change, i) => this.fill(this.cards.children[i], change, network));
  }

  card() {
    const card = make("button", { type: "button", class: "change" });
    card.append(
      make("span", { class: "name" }),
      make("span", { class: "says" }),
      make("span", { class: "meter" }, make("i")),
      make("span", { class: "note" }),
    );
    card.addEventListener("click", () => this.onChoose(card.value));
    return card;
  }

  fill(card, change, network) {
    const [name, says, meter, note] = card.children;
    card.value = change.name;
    card.title = change.description;
    card.setAttribute("aria-pressed", String(change.chosen));
    setText(name, change.label);
    const answer = network.classes[change.answer];
    says.title = answer;
    setText(says, answer);
    says.hidden = network.everyFrame;
    const share = network.everyFrame ? "" : formatPercent(change.share);
    setText(note, [share, change.note].filter(Boolean).join(" · "));
    if (network.everyFrame) {
      meter.classList.add("band");
      const count = change.answers.length;
      meter.replaceChildren(
        ...runsOf(change.answers).map(({ from, to, value }) => {
          const part = make("i", { title: network.classes[value] });
          part.style.width = `${((to - from) / count) * 100}%`;
          part.style.background = bandColour(value);
          return part;
        }),
      );
    } else {
      meter.classList.remove("band");
      const fill = make("i");
      fill.style.width = `${change.share * 100}%`;
      meter.replaceChildren(fill);
    }
    card.classList.toggle("other", change.other);
    const told = network.everyFrame ? "" : `: ${answer}, ${formatPercent(change.share)}`;
    card.setAttribute("aria-label", [`${change.label}${told}`, change.note].filter(Boolean).join(", "));
  }
}
