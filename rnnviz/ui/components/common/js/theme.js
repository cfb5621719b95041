/** Streamlit's colours for the canvases, and the colour maps that go with them. */

// Zero is the page's own background, so that what is strong stands out in either theme.
const NEGATIVE = {
  light: ["#003a5c", "#0072b2", "#6fb3dc"],
  dark: ["#a3d8f6", "#56b4e9", "#22638f"],
};
const POSITIVE = {
  light: ["#f3a75c", "#d55e00", "#7a3600"],
  dark: ["#8a4513", "#ef8432", "#ffc48f"],
};
const SHARE = {
  light: ["#bcdaee", "#70b1da", "#1f80bb", "#003a5c"],
  dark: ["#144466", "#1a70a6", "#56b4e9", "#eaf6fd"],
};
// Okabe and Ito's colours, in the order and with the dashes that the curves take.
const LINES = {
  light: ["#0072b2", "#d55e00", "#00785a", "#a8467d", "#8a6100", "#15202b"],
  dark: ["#56b4e9", "#ff9a52", "#2bc49a", "#dd94bd", "#f0e442", "#f1f5f8"],
};

/** Return [red, green, blue] of "#rrggbb" or of what the browser computes, "rgb(r, g, b)". */
export function parseColour(text) {
  if (text.startsWith("#")) {
    const full = text.length < 7 ? text.replace(/[0-9a-f]/gi, "$&$&") : text;
    return [1, 3, 5].map((at) => parseInt(full.slice(at, at + 2), 16));
  }
  return (text.match(/[\d.]+/g) ?? [128, 128, 128]).slice(0, 3).map(Number);
}

/** Return 256 packed RGBA values along the stops. */
function colourMap(stops) {
  const colours = stops.map(parseColour);
  const table = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * (colours.length - 1);
    const below = Math.min(Math.floor(at), colours.length - 2);
    const [r, g, b] = [0, 1, 2].map((channel) =>
      Math.round(
        colours[below][channel] * (1 - at + below) + colours[below + 1][channel] * (at - below),
      ),
    );
    table[i] = (255 << 24) | (b << 16) | (g << 8) | r;
  }
  return table;
}

/**
 * Return the theme in force at an element: plain colours, the maps `diverging` (−1 to 1) and
 * `sequential` (0 to 1) with their CSS gradients, and a `signature` that changes with it.
 */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name, otherwise) => style.getPropertyValue(`--st-${name}`).trim() || otherwise;
  const background = read("background-color", "#ffffff");
  const [r, g, b] = parseColour(background);
  const dark = 0.299 * r + 0.587 * g + 0.114 * b < 128;
  const kind = dark ? "dark" : "light";
  const text = read("text-color", dark ? "#f1f5f8" : "#15202b");
  const theme = {
    dark,
    background,
    text,
    muted: dark ? "#b9c4ce" : "#4d5863",
    unread: read("secondary-background-color", dark ? "#1d2731" : "#eff3f7"),
    border: read("border-color", dark ? "#4a5a69" : "#b4c0cc"),
    accent: read("primary-color", dark ? "#56b4e9" : "#0067a3"),
    cursor: dark ? "#f0b429" : "#b35900",
    font: read("font", "sans-serif"),
    lines: LINES[kind],
    stops: {
      diverging: [...NEGATIVE[kind], background, ...POSITIVE[kind]],
      sequential: [background, ...SHARE[kind]],
    },
    ink: colourMap([background, text]),
  };
  theme.diverging = colourMap(theme.stops.diverging);
  theme.sequential = colourMap(theme.stops.sequential);
  theme.signature = [kind, background, text, theme.unread, theme.accent, theme.font].join("|");
  return theme;
}

/** Return the place of a value in a colour map that reaches from `low` to `high`, 0 to 255. */
export function colourIndex(value, low, high) {
  const at = ((value - low) / (high - low)) * 255;
  return at <= 0 ? 0 : at >= 255 ? 255 : (at + 0.5) | 0;
}

/** Return a colour packed as the pixels of an ImageData want it. */
export function packColour(text, alpha = 255) {
  const [r, g, b] = parseColour(text);
  return ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0;
}
