/** How figures look in Streamlit's theme. What a figure says of itself comes first. */

import { parseColour } from "../../common/js/theme.js";

const SMALL = 14;
const LINE = 1.25;
const EDGE_PX = 8;

/** Return a theme for files, which can't take the page's own font along. */
export function themeForFiles(theme) {
  return { ...theme, font: "Arial, Helvetica, sans-serif" };
}

/** Return a template for Plotly: the look of all that a figure says nothing about. */
export function templateFor(theme) {
  const axis = {
    gridcolor: theme.border,
    linecolor: theme.border,
    zerolinecolor: theme.border,
    automargin: true,
    tickfont: { size: SMALL },
    title: { standoff: 12, font: { size: SMALL } },
  };
  const wall = { ...axis, backgroundcolor: "rgba(0,0,0,0)" };
  return {
    data: { heatmap: [{ textfont: { color: theme.text } }] },
    layout: {
      colorway: theme.lines,
      font: { family: theme.font, color: theme.muted },
      title: { font: { color: theme.text, weight: 600 } },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      hoverlabel: {
        align: "left",
        bgcolor: theme.background,
        bordercolor: theme.border,
        font: { family: theme.font, color: theme.text, size: SMALL },
      },
      // Curves run behind words that stand among them.
      annotationdefaults: { bgcolor: `rgba(${parseColour(theme.background).join(",")},0.75)` },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: theme.muted, activecolor: theme.accent },
      legend: { font: { color: theme.text, size: SMALL } },
      xaxis: axis,
      yaxis: axis,
      scene: { xaxis: wall, yaxis: wall, zaxis: wall },
    },
  };
}

/** Let a layout's title go on in a next line where it is too long; the figure grows by that. */
export function wrapTitle(layout, theme) {
  const { title, margin, width } = layout;
  if (!title?.text) return;
  const size = title.font?.size ?? 17;
  const ctx = document.createElement("canvas").getContext("2d");
  ctx.font = `600 ${size}px ${theme.font}`;
  const lines = title.text.split("<br>").flatMap((line) => wrapped(line, width - EDGE_PX, ctx));
  const more = Math.round((lines.length - 1) * LINE * size);
  layout.title = { ...title, text: lines.join("<br>") };
  layout.margin = { ...margin, t: (margin?.t ?? 60) + more };
  layout.height += more;
}

/** Return a text in lines no wider than asked for, if its words allow that. Tags have no width. */
function wrapped(text, width, ctx) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    const fits = ctx.measureText(longer.replace(/<[^>]*>/g, "")).width <= width;
    if (fits || !lines.at(-1)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
