/** The clip, large and playing, and what one looks at of it. */

import { formatNumber, make, setText } from "../../common/js/dom.js";
import { Figure } from "../../common/js/figure.js";

const CAPTIONS = {
  frame: "The frame as the network gets it: 28×28 pixels.",
  change: "What changed since the frame before. Orange: brighter. Blue: darker.",
  gradient: "How strongly each pixel sways the answer: the size of the gradient.",
  occlusion: "Covered, an orange patch lowers the answer, a blue one raises it.",
};

export class Stage {
  constructor(room) {
    this.room = room;
    this.look = "frame";
    this.figure = new Figure(room, {
      title: "Frame 1",
      ratio: 1,
      name: "frame",
      className: "stage",
      probe: (x, y) => this.probe(x, y),
    });
    this.figure.element.removeAttribute("hidden");
    this.looks = make("div", { class: "looks", role: "group", "aria-label": "What is shown" });
    this.caption = make("p", { class: "place" });
    this.element = make("div", { class: "stage-block" }, this.figure.element, this.looks, this.caption);
  }

  /** Take the reels by name; what isn't there yet can't be chosen. */
  update(clip, reels) {
    Object.assign(this, { clip, reels });
    const offered = ["frame", "change", "gradient", "occlusion"].filter((name) => name in reels);
    if (!reels[this.look]) this.look = "frame";
    const key = offered.map((name) => `${name}${Boolean(reels[name])}`).join();
    if (key !== this.offered) {
      this.offered = key;
      this.looks.replaceChildren(
        ...offered.map((name) =>
          make("button", {
            type: "button",
            value: name,
            text: name[0].toUpperCase() + name.slice(1),
            disabled: !reels[name],
            on: { click: () => this.choose(name) },
          }),
        ),
      );
    }
    this.press();
    setText(this.caption, clip.caption);
    this.figure.paint = (ctx, width, height, theme) => this.paint(ctx, width, height, theme);
    this.show();
  }

  choose(look) {
    this.look = look;
    this.press();
    this.show();
  }

  press() {
    for (const button of this.looks.children) {
      button.setAttribute("aria-pressed", String(button.value === this.look));
    }
  }

  show() {
    const { frame, columns } = this.room;
    const seconds = this.clip.times[frame];
    this.figure.describe(
      `Frame ${frame + 1} of ${columns.count} · ${seconds.toFixed(seconds < 10 ? 2 : 1)} s`,
      CAPTIONS[this.look],
    );
    this.figure.draw();
  }

  paint(ctx, width, height, theme) {
    const reel = this.reels[this.look] ?? this.reels.frame;
    this.drawn = reel.draw(ctx, this.room.frame, 0, 0, width, height);
    ctx.strokeStyle = theme.border;
    ctx.strokeRect(0.5, 0.5, width - 1, height - 1);
  }

  probe(x, y) {
    if (!this.drawn) return null;
    const { values, shape } = this.clip.frames;
    const [, height, width] = shape;
    const column = Math.floor((x - this.drawn.left) / this.drawn.scale);
    const row = Math.floor((y - this.drawn.top) / this.drawn.scale);
    if (column < 0 || row < 0 || column >= width || row >= height) return null;
    const value = values[(this.room.frame * height + row) * width + column];
    return { text: `row ${row + 1}, column ${column + 1}: ${formatNumber(value)}` };
  }
}
