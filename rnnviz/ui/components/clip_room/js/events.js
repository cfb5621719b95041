/** What happens when: a coloured band of the answer at every frame, the truth beside it. */

import { fontOf, Track } from "./columns.js";
import { make } from "../../common/js/dom.js";
import { parseColour } from "../../common/js/theme.js";

const BAND = 30;
const GAP = 6;
// Okabe and Ito's colours and two more: told apart by the colour-blind, and by the words in them.
const COLOURS = [
  "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#8a6fb0", "#9aa5ae",
  "#7a3600",
];

/** Return the colour of a class in a band. */
export function bandColour(k) {
  return COLOURS[k % COLOURS.length];
}

/** Return black or white, whichever is read more easily on a colour: a contrast of 4.5 at least. */
export function inkOn(colour) {
  const [r, g, b] = parseColour(colour).map((level) => {
    const share = level / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  // Here both have the same contrast, as WCAG measures it: (L + 0.05)² = 0.05 · 1.05.
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000000" : "#ffffff";
}

/** Return runs of equal values: {from, to, value}, `to` not included. */
export function runsOf(values) {
  const runs = [];
  for (let i = 0; i < values.length; i++) {
    const last = runs[runs.length - 1];
    if (last && last.value === values[i]) last.to = i + 1;
    else runs.push({ from: i, to: i + 1, value: values[i] });
  }
  return runs;
}

export class Events extends Track {
  constructor(room) {
    super(room, {
      title: "What happens when",
      caption: "A colour a class: the network's answer at every frame, and the truth where it is known.",
      name: "events",
      height: BAND,
    });
    // A paler band would be another colour, and its word hard to read.
    this.dims = false;
    this.legend = make("ul", { class: "legend" });
    this.figure.caption.after(this.legend);
  }

  /** Take the classes, the answers and, where it is known, the truth at every frame. */
  update(classes, answers, truth) {
    this.classes = classes;
    this.bands = [{ name: "answer", values: answers }];
    if (truth) this.bands.push({ name: "truth", values: truth });
    this.legend.replaceChildren(
      ...classes.map((text, k) => {
        const swatch = make("i");
        swatch.style.background = bandColour(k);
        return make("li", {}, swatch, make("span", { text }));
      }),
    );
    this.setHeight(this.bands.length * (BAND + GAP) - GAP);
    this.ready();
  }

  draw(ctx, box, theme) {
    this.bands.forEach(({ name, values }, row) => {
      const top = box.y + row * (BAND + GAP);
      ctx.font = fontOf(theme, box.small, true);
      ctx.fillStyle = theme.muted;
      ctx.textAlign = "right";
      ctx.fillText(name, box.x - 8, top + BAND / 2 + 5);
      ctx.textAlign = "left";
      for (const { from, to, value } of runsOf(values)) {
        ctx.fillStyle = value < 0 ? theme.unread : bandColour(value);
        ctx.fillRect(box.x + from * box.cell + 0.5, top, (to - from) * box.cell - 1, BAND);
      }
    });
  }

  /** Frame the clock's frame, then name the runs: the frame goes behind their names. */
  cursor(ctx, box, theme) {
    // A thin line sets it off from bands of its own colour.
    ctx.strokeStyle = theme.background;
    ctx.lineWidth = 1.5;
    ctx.strokeRect(box.x + this.room.frame * box.cell - 2.5, box.y - 3, box.cell + 5, box.h + 6);
    super.cursor(ctx, box, theme);
    ctx.font = fontOf(theme, box.small, true);
    this.bands.forEach(({ values }, row) => {
      const top = box.y + row * (BAND + GAP);
      for (const { from, to, value } of runsOf(values)) {
        if (value >= 0) this.nameRun(ctx, box, top, from, to, value);
      }
    });
  }

  nameRun(ctx, box, top, from, to, value) {
    const x = box.x + from * box.cell + 5;
    const name = this.classes[value];
    const wide = ctx.measureText(name).width;
    if (wide + 8 > (to - from) * box.cell) return;
    ctx.fillStyle = bandColour(value);
    ctx.fillRect(x - 1, top + 6, wide + 2, BAND - 12);
    ctx.fillStyle = inkOn(bandColour(value));
    ctx.fillText(name, x, top + BAND / 2 + 5);
  }

  tell(frame, y, box) {
    const row = Math.floor((y - box.y) / (BAND + GAP));
    const band = this.bands[Math.min(Math.max(row, 0), this.bands.length - 1)];
    const value = band.values[frame];
    const said = value < 0 ? "nothing yet: one frame shows no motion" : this.classes[value];
    return `frame ${frame + 1}, ${band.name}: ${said}`;
  }
}
