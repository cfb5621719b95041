/** How figures look in Streamlit's theme. What a figure says of itself comes first. */

const SMALL = 14;

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
      modebar: { bgcolor: "rgba(0,0,0,0)", color: theme.muted, activecolor: theme.accent },
      legend: { font: { color: theme.text, size: SMALL } },
      xaxis: axis,
      yaxis: axis,
      scene: { xaxis: wall, yaxis: wall, zaxis: wall },
    },
  };
}
