/** Equations as MathML, with the numbers of one unit under the symbols. */

import { formatNumber, make } from "../../common/js/dom.js";

const MATHML = "http://www.w3.org/1998/Math/MathML";

/** Return the MathML element of a tree from equations.py; slots are collected in `slots`. */
export function mathElement(tree, slots, bracket = false) {
  const [kind, ...rest] = tree;
  if (kind === "slot") {
    const number = document.createElementNS(MATHML, "mn");
    slots.push({ name: rest[0], number, bracket });
    return number;
  }
  const element = document.createElementNS(MATHML, kind);
  if (kind === "mi" || kind === "mn" || kind === "mo") {
    element.textContent = rest[0];
    // Browsers take italics from a block of their own, where h comes from another font.
    if (kind === "mi") element.setAttribute("class", rest[0].length > 1 ? "name" : "letter");
    if (rest[0] === "(" || rest[0] === ")") element.setAttribute("stretchy", "false");
    return element;
  }
  rest.forEach((child, i) => {
    // A negative number right behind an operator stands in brackets.
    const before = rest[i - 1];
    const behind = before?.[0] === "mo" && !["(", "=", "\u2061"].includes(before[1]);
    element.append(mathElement(child, slots, behind));
  });
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
    this.slots.forEach(({ name, number, bracket }) => {
      const value = read(name);
      let text = value === undefined ? "?" : formatNumber(value);
      if (bracket && text.startsWith("−")) text = `(${text})`;
      if (number.textContent !== text) number.textContent = text;
    });
  }
}
