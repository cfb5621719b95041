/** Which frames and which pixels mattered: the gradient beside occlusion. */

import { formatNumber, make, setText } from "../../common/js/dom.js";
import { Film } from "./film.js";
import { heatReel } from "./pictures.js";

const CAPTION =
  "Gradient: how strongly each pixel, and below each frame, sways the answer. Occlusion: what " +
  "happens when a patch is covered, or a frame is lost. Orange: it speaks for the answer. Blue: " +
  "against it.";

export class Mattered {
  constructor(room) {
    this.room = room;
    this.words = make("p", { class: "finding" });
    this.waiting = make("p", { class: "kind", role: "status", text: "Measuring what mattered…" });
    this.film = new Film(room, {
      title: "Which frames and pixels mattered",
      caption: CAPTION,
      name: "what mattered",
    });
    this.element = make("div", { class: "mattered" }, this.waiting, this.film.element, this.words);
  }

  /** Take what mattered and the clip; return the reels of both measures, null while none is here. */
  update(mattered, clip, theme) {
    this.waiting.hidden = Boolean(mattered);
    this.film.element.hidden = this.words.hidden = !mattered;
    if (!mattered) return { gradient: null, occlusion: null };
    const { saliency, patchOcclusion, patch, frameSaliency, frameOcclusion, noticeable } = mattered;
    const [, height, width] = clip.frames.shape;
    const [, rows, columns] = patchOcclusion.shape;
    const strongest = saliency.values;
    const covered = patchOcclusion.values;
    const gradient = heatReel(clip.frames, clip.natural, (frame, row, column) =>
      strongest[(frame * height + row) * width + column], theme);
    const occlusion = heatReel(clip.frames, clip.natural, (frame, row, column) =>
      covered[(frame * rows + Math.floor(row / patch)) * columns + Math.floor(column / patch)], theme);
    const drops = frameOcclusion.values;
    const largest = Math.max(...Array.from(drops, Math.abs), noticeable);
    this.film.figure.describe(`Which frames and pixels mattered for “${mattered.target}”`, CAPTION);
    this.film.update([
      {
        name: "gradient",
        reel: gradient,
        bars: frameSaliency.values,
        tells: (frame) => `gradient ${Math.round(frameSaliency.values[frame] * 100)} % of the largest`,
      },
      {
        name: "occlusion",
        reel: occlusion,
        bars: drops.map((drop) => drop / largest),
        tells: (frame) => `without it the answer's logit falls by ${formatNumber(drops[frame])}`,
      },
    ]);
    setText(this.words, mattered.agreement);
    return { gradient, occlusion };
  }

  show() {
    if (!this.film.element.hidden) this.film.show();
  }
}
