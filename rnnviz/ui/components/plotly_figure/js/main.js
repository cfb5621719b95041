/** One figure, given to Plotly again whenever its data, its room or the theme change. */

import { make } from "../../common/js/dom.js";
import { readTheme } from "../../common/js/theme.js";
import { loadPlotly } from "./library.js";
import { templateFor, themeForFiles, wrapTitle } from "./look.js";

const PNG_SCALE = 2;
const EDGE_PX = 12;
const HEIGHT_PX = 450;
const FINGER = window.matchMedia("(pointer: coarse)");
const SAVE =
  "M50 150h250l60-80h280l60 80h250v700H50zM500 300a200 200 0 1 0 .1 0zM500 390a110 110 0 1 1-.1 0z";
const FILL = "M60 60h300v110H170v190H60zM640 60h300v300H830V170H640zM60 640h110v190h190v110H60zM830 640h110v300H640V830h190z";

class PlotlyFigure {
  constructor(parent) {
    this.graph = make("div", { class: "graph" });
    this.told = make("p", { class: "told", role: "alert", hidden: true });
    this.root = make("div", { class: "plotly-figure", role: "figure" }, this.graph, this.told);
    parent.append(this.root);
    this.drawn = null;
    this.work = Promise.resolve();
    this.observer = new ResizeObserver(() => this.queue());
    this.observer.observe(this.root);
    this.filled = () => this.queue();
    document.addEventListener("fullscreenchange", this.filled);
  }

  /** Take a figure from Python. */
  update({ data, setTriggerValue }) {
    if (!data) return;
    this.send = setTriggerValue;
    this.theme = readTheme(this.root);
    if (data.spec !== this.view?.spec) this.spec = JSON.parse(data.spec);
    this.view = data;
    this.root.classList.toggle("asks", data.asks);
    this.root.setAttribute("aria-label", this.title());
    // Room at once, so that nothing below jumps when the figure comes.
    this.root.style.minHeight = `${this.height()}px`;
    this.queue();
  }

  title() {
    return (this.spec.layout.title?.text ?? this.view.name).replace(/<[^>]*>/g, " ");
  }

  height() {
    return this.spec.layout.height ?? HEIGHT_PX;
  }

  /** Draw after what is being drawn, and only what is the newest by then. */
  queue() {
    this.work = this.work.then(() => this.draw()).catch((error) => this.fail(error));
  }

  async draw() {
    if (!this.view) return;
    const plotly = await loadPlotly(this.view.library);
    const width = Math.floor(this.root.clientWidth);
    const filled = document.fullscreenElement === this.root;
    const height = filled ? this.root.clientHeight : this.height();
    const state = [this.theme.signature, width, height, filled].join("|");
    const same = this.drawn?.view.spec === this.view.spec && this.drawn.state === state;
    if (!width || same || !this.root.isConnected) return;
    // Plotly writes into what it is given, so each time it gets a copy.
    const { data, layout, frames } = structuredClone(this.spec);
    Object.assign(layout, { width, height, template: templateFor(this.theme) });
    layout.font = { ...layout.font, color: this.theme.muted };
    if (!filled) wrapTitle(layout, this.theme);
    // A finger that moves over a figure scrolls the page, unless there is nothing else to see.
    const scrolls = FINGER.matches && !filled;
    this.root.classList.toggle("scrolls", scrolls);
    if (scrolls && !layout.scene) layout.dragmode = false;
    // Always the same one: with another Plotly begins anew, and what the reader did is lost.
    this.config ??= this.configFor(plotly);
    await plotly.react(this.graph, { data, layout, frames, config: this.config });
    if (!this.drawn) this.listen();
    this.drawn = { view: this.view, state };
    this.parted();
    this.tell("");
  }

  /** Set the buttons apart from the figure if they lie over its words. */
  parted() {
    this.root.classList.remove("parted");
    const bar = this.graph.querySelector(".modebar")?.getBoundingClientRect();
    const words = this.graph.querySelectorAll(".legend, .xtitle, .infolayer .colorbar");
    const covered = ({ left, right, top, bottom }) =>
      left < bar.right && right > bar.left && top < bar.bottom && bottom > bar.top;
    const lies = bar && [...words].some((one) => covered(one.getBoundingClientRect()));
    this.root.classList.toggle("parted", Boolean(lies));
  }

  configFor(plotly) {
    if (this.view.still) return { staticPlot: true };
    const back = this.spec.layout.scene ? "resetCameraDefault3d" : "resetScale2d";
    return {
      displaylogo: false,
      displayModeBar: true,
      // Plotly's own tip stands at the top of the page, far from the figure.
      showTips: false,
      modeBarButtons: [
        [
          ...(this.spec.layout.dragmode === false ? [] : [back]),
          button("save", "Save as PNG", SAVE, () => this.save(plotly)),
          ...(document.fullscreenEnabled ? [button("fill", "Fill the screen", FILL, () => this.fill())] : []),
        ],
      ],
    };
  }

  /** Save the figure as it is shown, on the page's background. */
  save(plotly) {
    const { data, layout } = this.graph;
    const opaque = {
      ...layout,
      paper_bgcolor: this.theme.background,
      template: templateFor(themeForFiles(this.theme)),
      title: { ...layout.title, pad: { l: EDGE_PX } },
    };
    const { width, height } = layout;
    plotly.downloadImage(
      { data, layout: opaque },
      { format: "png", scale: PNG_SCALE, width, height, filename: this.view.name },
    );
  }

  fill() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen();
  }

  listen() {
    // Plotly answers a click with what it showed before, and a finger doesn't hover.
    this.graph.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch" && this.view.asks) window.Plotly.Fx.hover(this.graph, event, "xy");
    });
    this.graph.on("plotly_click", ({ points: [point] }) => {
      if (this.view.asks) this.send("clicked", { x: point.x, y: point.y });
    });
  }

  fail(error) {
    console.error(error);
    this.tell("This figure can't be drawn. Reload the page to try again.");
  }

  tell(text) {
    this.told.textContent = text;
    this.told.hidden = !text;
  }

  destroy() {
    this.observer.disconnect();
    document.removeEventListener("fullscreenchange", this.filled);
    if (this.drawn) window.Plotly.purge(this.graph);
    this.root.remove();
  }
}

/** Return a button for Plotly's bar; `path` is drawn in a square of 1000. */
function button(name, title, path, click) {
  return { name, title, icon: { width: 1000, height: 1000, path }, click };
}

const figures = new WeakMap();

/** Called by Streamlit after every run: once to build the figure, then to update it. */
export default function render(component) {
  const { parentElement } = component;
  if (!figures.has(parentElement)) figures.set(parentElement, new PlotlyFigure(parentElement));
  figures.get(parentElement).update(component);
  return () => {
    if (parentElement.isConnected) return;
    figures.get(parentElement)?.destroy();
    figures.delete(parentElement);
  };
}
