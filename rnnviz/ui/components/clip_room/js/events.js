/** What happens when: a coloured band of the answer at every frame, the truth beside it. */

import { fontOf, Track } from "./columns.js";
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
  }

  /** Take the classes, the answers and, where it is known, the truth at every frame. */
  update(classes, answers, truth) {
    this.classes = classes;
    this.bands = [{ name: "answer", values: answers }];
    if (truth) this.bands.push({ name: "truth", values: truth });
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
        this.run(ctx, box, theme, top, from, to, value);
      }
    });
  }

  run(ctx, box, theme, top, from, to, value) {
    const x = box.x + from * box.cell;
    const w = (to - from) * box.cell;
    ctx.fillStyle = value < 0 ? theme.unread : bandColour(value);
    ctx.fillRect(x + 0.5, top, w - 1, BAND);
    if (value < 0) return;
    const [r, g, b] = parseColour(bandColour(value));
    ctx.fillStyle = 0.299 * r + 0.587 * g + 0.114 * b < 130 ? "#ffffff" : "#15202b";
    ctx.font = fontOf(theme, box.small, true);
    ctx.save();
    ctx.beginPath();
    ctx.rect(x, top, w, BAND);
    ctx.clip();
    const name = this.classes[value];
    if (ctx.measureText(name).width + 8 <= w) ctx.fillText(name, x + 5, top + BAND / 2 + 5);
    ctx.restore();
  }

  tell(frame, y, box) {
    const row = Math.floor((y - box.y) / (BAND + GAP));
    const band = this.bands[Math.min(Math.max(row, 0), this.bands.length - 1)];
    const value = band.values[frame];
    const said = value < 0 ? "nothing yet: one frame shows no motion" : this.classes[value];
    return `frame ${frame + 1}, ${band.name}: ${said}`;
  }
}
