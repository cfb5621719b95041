/** How many values of each gate are saturated as it learns: open above, shut below. */

import { Chart } from "./chart.js";

const GATES = [
  "Gates that are saturated",
  "Up: the share of a gate's values above 0.9 (open). Down: below 0.1 (shut); of a candidate those near +1 " +
    "and −1. Saturated gates hardly learn any more, and a forget gate that is open keeps.",
];
const STATES = [
  "States that are saturated",
  "Up: the share of all states above 0.9. Down: below −0.9. There the slope of tanh is small, and little of " +
    "the gradient passes.",
];
const LARGE = [
  "States that are large",
  "The share of all states above 0.9. A ReLU doesn't saturate: nothing holds its states up, nor the gradient.",
];
const SIGNED = ["candidate", "h"];

export class GateChart {
  constructor(room) {
    this.chart = new Chart(room, {
      title: "Gates that are saturated",
      name: "gates",
      scale: "share",
      mirrored: true,
      height: 270,
    });
    this.element = this.chart.element;
  }

  /** Take the moments; `rectified` says that the states come from a ReLU. */
  update(moments, rectified) {
    const names = Object.keys(moments[0]?.gates ?? {});
    const x = moments.map(({ step }) => step);
    const lines = names.flatMap((name, colour) => {
      const share = (place, sign) => moments.map(({ gates }) => sign * gates[name][place]);
      const words = SIGNED.includes(name) ? ["near +1", "near −1"] : ["open", "shut"];
      return [
        { label: `${name} ${words[0]}`, x, y: share(1, 1), colour, width: 2.2 },
        { label: words[1], x, y: share(0, -1), colour, dash: [5, 3], width: 2.2 },
      ];
    });
    const plain = names.length === 1 && names[0] === "h";
    this.chart.figure.describe(...(rectified ? LARGE : plain ? STATES : GATES));
    if (rectified) lines[0].label = "h above 0.9";
    this.chart.update(rectified ? lines.slice(0, 1) : lines);
  }

  draw() {
    this.chart.draw();
  }
}
