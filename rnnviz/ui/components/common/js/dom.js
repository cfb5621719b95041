/** Small helpers for elements, icons and numbers. Text goes in as text, never as HTML. */

/**
 * Return a new element. `options` holds attributes; `text` sets its text, `on` its listeners.
 * An attribute that is true stands without a value, one that is false or null is left out.
 */
export function make(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name === "text") element.textContent = value;
    else if (name === "on") {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, listener);
      }
    } else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter(Boolean));
  return element;
}

const ICONS = {
  play: "M7 4l13 8-13 8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  back: "M17 5v14L8 12zM5 5h2v14H5z",
  forward: "M7 5v14l9-7zM17 5h2v14h-2z",
  first: "M11 5v14l-8-7zM21 5v14l-8-7z",
  last: "M3 5v14l8-7zM13 5v14l8-7z",
  loop: "M7 7h9v3l5-4-5-4v3H5v7h2zM17 17H8v-3l-5 4 5 4v-3h11v-7h-2z",
  undo: "M9 5L3 11l6 6v-4c5 0 8 1 11 5-1-7-5-10-11-10z",
  redo: "M15 5l6 6-6 6v-4c-5 0-8 1-11 5 1-7 5-10 11-10z",
  clear: "M6 8h12l-1 13H7zM9 3h6l1 2h4v2H4V5h4z",
  save: "M11 3h2v9h4l-5 6-5-6h4zM4 19h16v2H4z",
  close: "M5 7l2-2 5 5 5-5 2 2-5 5 5 5-2 2-5-5-5 5-2-2 5-5z",
};

/** Return an icon as an SVG element that takes the colour of its text. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** Return a button with an icon, named for screen readers and on hover. */
export function iconButton(name, label, onClick, extra = {}) {
  const button = make("button", {
    type: "button",
    class: "icon",
    title: label,
    "aria-label": label.replace(/ \(.*/, ""),
    on: { click: onClick },
    ...extra,
  });
  button.append(icon(name));
  return button;
}

/** Set an element's text only if it differs, so that nothing is laid out anew for nothing. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Return a signed number for reading: three decimals, or scientific where those say nothing. */
export function formatNumber(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.0005 || size >= 100000)) {
    return value.toExponential(1).replace("-", "−").replace("e-", "e−");
  }
  const digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
  return value.toFixed(digits).replace("-", "−");
}

/** Return a short number for an axis: "1", "−1", "0.5". */
export function formatTick(value) {
  return String(+value.toPrecision(3)).replace("-", "−");
}

/** Return a share as percent: "98.2 %", "< 0.1 %". */
export function formatPercent(share) {
  if (share > 0 && share < 0.0005) return "<0.1 %";
  if (share < 1 && share > 0.9995) return ">99.9 %";
  return `${(share * 100).toFixed(1)} %`;
}

/** Return the text with a capital at its start. */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
