/** How many values of each gate are saturated as it learns: open above, shut below. */

import { Chart } from "./chart.js";

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

  update(moments) {
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
    this.chart.figure.describe(
      plain ? "States that are saturated" : "Gates that are saturated",
      plain
        ? "Up: the share of all states above 0.9. Down: below −0.9. There the slope of tanh is small, and " +
            "little of the gradient passes."
        : "Up: the share of a gate's values above 0.9 (open). Down: below 0.1 (shut); of a candidate those " +
            "near +1 and −1. Saturated gates hardly learn any more, and a forget gate that is open keeps.",
    );
    this.chart.update(lines);
  }

  draw() {
    this.chart.draw();
  }
}
