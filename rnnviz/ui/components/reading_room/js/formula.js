/** Equations as MathML, with the numbers of one unit under the symbols. */

import { formatNumber, make } from "./dom.js";

const MATHML = "http://www.w3.org/1998/Math/MathML";

/** Return the MathML element of a tree from equations.py; slots are collected in `slots`. */
export function mathElement(tree, slots) {
  const [kind, ...rest] = tree;
  if (kind === "slot") {
    const number = document.createElementNS(MATHML, "mn");
    const shell = document.createElementNS(MATHML, "mrow");
    shell.append(number);
    slots.push({ name: rest[0], number });
    return shell;
  }
  const element = document.createElementNS(MATHML, kind);
  if (kind === "mi" || kind === "mn" || kind === "mo") {
    element.textContent = rest[0];
    if (rest[0] === "(" || rest[0] === ")") element.setAttribute("stretchy", "false");
    return element;
  }
  element.append(...rest.map((child) => mathElement(child, slots)));
  return element;
}

/** The equations of a cell; `show(read)` fills the numbers, read(name) giving each. */
export class Formula {
  constructor() {
    this.element = make("div", { class: "formula" });
    this.slots = [];
  }

  update(equations) {
    const text = JSON.stringify(equations);
    if (text === this.text) return;
    this.text = text;
    this.slots = [];
    const rows = equations.map((equation) => {
      const math = (tree, className) => {
        const root = document.createElementNS(MATHML, "math");
        root.setAttribute("class", className);
        root.append(mathElement(tree, this.slots));
        return root;
      };
      return make(
        "div",
        { class: "equation" },
        math(equation.symbols, "symbols"),
        math(equation.numbers, "numbers"),
      );
    });
    this.element.replaceChildren(...rows);
  }

  show(read) {
    this.slots.forEach(({ name, number }, i) => {
      const value = read(name);
      let text = value === undefined ? "?" : formatNumber(value);
      // A negative number within a sum or product stands in brackets.
      if (text.startsWith("−") && i > 0) text = `(${text})`;
      if (number.textContent !== text) number.textContent = text;
    });
  }
}
