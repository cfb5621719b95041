/** The belief after every frame: probability of every class, class × frame. */

import { formatPercent } from "../../common/js/dom.js";
import { colourIndex } from "../../common/js/theme.js";
import { fontOf, Track } from "./columns.js";

const ROW = 22;
const GUIDE = "The stronger the colour, the likelier; in numbers on the right, for the frame shown.";

export class Belief extends Track {
  constructor(room) {
    super(room, { title: "What it believes after every frame", name: "belief", height: 200 });
  }

  update(network, theme) {
    this.network = network;
    const { classes, beliefs, measuredText, everyFrame } = network;
    const dashed = everyFrame ? "" : " Dashed: from here its answer stays.";
    this.figure.describe("What it believes after every frame", `${GUIDE}${dashed} ${measuredText}`);
    this.styles = Array.from(beliefs.values, (share) => {
      const packed = theme.sequential[colourIndex(share, 0, 1)];
      return `rgb(${packed & 255},${(packed >> 8) & 255},${(packed >> 16) & 255})`;
    });
    this.setHeight(classes.length * (classes.length > 12 ? 16 : ROW));
    this.ready();
  }

  draw(ctx, box, theme) {
    const { network, room } = this;
    const { classes, beliefs, settled, everyFrame } = network;
    const count = classes.length;
    const row = box.h / count;
    const now = beliefs.values.subarray(room.frame * count, (room.frame + 1) * count);
    const best = now.indexOf(Math.max(...now));
    for (let frame = 0; frame < room.columns.count; frame++) {
      for (let k = 0; k < count; k++) {
        ctx.fillStyle = this.styles[frame * count + k];
        ctx.fillRect(box.x + frame * box.cell, box.y + k * row, box.cell + 0.4, row + 0.4);
      }
    }
    ctx.strokeStyle = theme.border;
    ctx.strokeRect(box.x - 0.5, box.y - 0.5, box.w + 1, box.h + 1);
    classes.forEach((name, k) => {
      const y = box.y + (k + 0.5) * row + 5;
      ctx.font = fontOf(theme, box.small, k === best);
      ctx.fillStyle = k === best ? theme.text : theme.muted;
      ctx.textAlign = "right";
      ctx.fillText(name, box.x - 8, y, box.x - 10);
      ctx.fillText(formatPercent(now[k]), box.width, y);
    });
    ctx.textAlign = "left";
    if (everyFrame || settled === null) return;
    const x = box.x + settled * box.cell;
    ctx.strokeStyle = theme.text;
    ctx.lineWidth = 2;
    ctx.setLineDash([5, 4]);
    ctx.beginPath();
    ctx.moveTo(x, box.y);
    ctx.lineTo(x, box.y + box.h);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.lineWidth = 1;
  }

  tell(frame, y, box) {
    const { classes, beliefs } = this.network;
    const k = Math.floor(((y - box.y) / box.h) * classes.length);
    if (k < 0 || k >= classes.length) return `frame ${frame + 1}`;
    const share = formatPercent(beliefs.values[frame * classes.length + k]);
    return `after frame ${frame + 1}: ${classes[k]}, ${share}`;
  }
}
