/** How many values of each gate are saturated as it learns: open above, shut below. */

import { Chart } from "./chart.js";

const GATES =
  "Above the middle: the share of a gate's values above 0.9 (open). Below it: under 0.1 (shut). Saturated gates " +
  "hardly learn any more.";
const CANDIDATE = "Of the candidate: those near +1 and −1.";
const KEEPS = {
  forget: "A forget gate that is open keeps what was there.",
  update: "An update gate that is open keeps what was there.",
};
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
      height: 286,
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
    const gates = [GATES, names.includes("candidate") ? CANDIDATE : "", ...names.map((name) => KEEPS[name] ?? "")];
    const told = ["Gates that are saturated", gates.filter(Boolean).join(" ")];
    this.chart.figure.describe(...(rectified ? LARGE : plain ? STATES : told));
    this.chart.mirrored = !rectified;
    this.chart.ends = rectified ? null : plain ? ["↑ near +1", "↓ near −1"] : ["↑ open", "↓ shut"];
    if (rectified) lines[0].label = "h above 0.9";
    this.chart.update(rectified ? lines.slice(0, 1) : lines);
  }

  draw() {
    this.chart.draw();
  }
}
