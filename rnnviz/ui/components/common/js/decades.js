/** Powers of ten: values come as their log10, so that 10⁻³⁰⁰ is a number like any other. */

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/** Return a whole power of ten for an axis: "1", "10⁻⁶". */
export function formatDecade(exponent) {
  if (exponent === 0) return "1";
  return `10${[...String(exponent)].map((letter) => RAISED[letter]).join("")}`;
}

/** Return the number with this log10 for reading: "0.42", "3.2·10⁻⁷". */
export function formatPower(log) {
  if (log > -2.0005 && log < 3) {
    const value = 10 ** log;
    return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 3);
  }
  let exponent = Math.floor(log);
  let mantissa = (10 ** (log - exponent)).toFixed(1);
  if (mantissa === "10.0") {
    mantissa = "1.0";
    exponent += 1;
  }
  return `${mantissa}·${formatDecade(exponent)}`;
}

/** Return whole powers between two logs, at most `most` of them, at even distances. */
export function decadesBetween(low, high, most) {
  const gaps = [1, 2, 5, 10, 20, 50, 100, 200];
  const gap = gaps.find((size) => (high - low) / size <= most - 1) ?? 500;
  const ticks = [];
  for (let at = Math.ceil(low / gap) * gap; at <= high + 1e-9; at += gap) ticks.push(at);
  return ticks;
}
