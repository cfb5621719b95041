/** A figure: a sharp canvas with a title, a caption, a tooltip and a button that saves it. */

import { iconButton, make, setText } from "./dom.js";

const TEXT_PX = 14;
const SHEET_PX = 400;

/**
 * One canvas that redraws itself when its size or the theme changes.
 *
 * `paint(ctx, width, height, theme)` draws in CSS pixels. `probe(x, y)` says what lies under the
 * pointer: {text, click} or null.
 */
export class Figure {
  constructor(room, { title, caption = "", height, ratio, name, probe, className = "" }) {
    this.room = room;
    this.height = height;
    this.ratio = ratio;
    this.name = name;
    this.probe = probe;
    this.width = 0;
    this.paint = null;
    this.canvas = make("canvas", { role: "img" });
    this.title = make("h4", { text: title });
    this.caption = make("figcaption", { text: caption });
    this.save = iconButton("save", `Save “${title}” as PNG`, () => this.download());
    this.head = make("div", { class: "figure-head" }, this.title, this.save);
    this.element = make("figure", { class: className }, this.head, this.canvas, this.caption);
    this.canvas.setAttribute("aria-label", title);
    if (probe) this.listen();
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(this.element);
  }

  /** Say anew what one is looking at. */
  describe(title, caption) {
    setText(this.title, title);
    setText(this.caption, caption);
    const saving = `Save “${title}” as PNG`;
    Object.assign(this.save, { title: saving, ariaLabel: saving });
    this.canvas.setAttribute("aria-label", `${title}. ${caption}`);
  }

  /** Take over the width that the layout gives, in device pixels. */
  fit() {
    const width = Math.floor(this.canvas.clientWidth);
    const height = this.ratio ? Math.round(width * this.ratio) : this.height;
    const scale = Math.min(window.devicePixelRatio || 1, 3);
    if (!width || (width === this.width && height === this.drawn && scale === this.scale)) return;
    Object.assign(this, { width, drawn: height, scale });
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    this.canvas.style.height = `${height}px`;
    this.draw();
  }

  /** Draw now, if there is anything to draw and room for it. */
  draw() {
    if (!this.paint || !this.width) return;
    const ctx = this.canvas.getContext("2d");
    ctx.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    ctx.clearRect(0, 0, this.width, this.drawn);
    prepare(ctx, this.room.theme);
    this.paint(ctx, this.width, this.drawn, this.room.theme);
  }

  listen() {
    const at = (event) => {
      const box = this.canvas.getBoundingClientRect();
      return this.probe(event.clientX - box.left, event.clientY - box.top);
    };
    this.canvas.addEventListener("pointermove", (event) => {
      const found = at(event);
      this.canvas.style.cursor = found?.click ? "pointer" : "crosshair";
      this.room.tip.show(found?.text, event.clientX, event.clientY);
    });
    this.canvas.addEventListener("pointerleave", (event) => {
      // A tap leaves at once; what it shows is to stay until the next one.
      if (event.pointerType !== "touch") this.room.tip.hide();
    });
    this.canvas.addEventListener("click", (event) => {
      const found = at(event);
      this.room.tip.show(found?.text, event.clientX, event.clientY);
      found?.click?.();
    });
  }

  /** Save the figure with its title and caption, on the theme's background, twice as large. */
  download() {
    const { theme } = this.room;
    const scale = 2;
    const margin = 16;
    const width = Math.max(this.width, SHEET_PX) + 2 * margin;
    const lines = wrap(this.caption.textContent, Math.floor((width - 2 * margin) / 7.2));
    const height = this.drawn + 52 + lines.length * 20 + margin;
    const sheet = make("canvas", { width: width * scale, height: height * scale });
    const ctx = sheet.getContext("2d");
    ctx.scale(scale, scale);
    ctx.fillStyle = theme.background;
    ctx.fillRect(0, 0, width, height);
    prepare(ctx, theme);
    ctx.fillStyle = theme.text;
    ctx.font = `600 17px ${theme.font}`;
    ctx.fillText([this.context, this.title.textContent].filter(Boolean).join(" · "), margin, 30);
    ctx.save();
    ctx.translate(margin, 42);
    prepare(ctx, theme);
    this.paint(ctx, this.width, this.drawn, theme);
    ctx.restore();
    prepare(ctx, theme);
    lines.forEach((line, i) => ctx.fillText(line, margin, this.drawn + 64 + 20 * i));
    sheet.toBlob((blob) => {
      const link = make("a", { href: URL.createObjectURL(blob), download: this.fileName() });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });
  }

  fileName() {
    const text = [this.context, this.name].filter(Boolean).join("-").toLowerCase();
    return `${text.replace(/[^a-z0-9]+/g, "-")}.png`;
  }

  destroy() {
    this.observer.disconnect();
  }
}

/** Set what all figures write with. */
function prepare(ctx, theme) {
  ctx.font = `${TEXT_PX}px ${theme.font}`;
  ctx.fillStyle = theme.muted;
  ctx.strokeStyle = theme.border;
  ctx.lineWidth = 1;
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  ctx.imageSmoothingEnabled = false;
}

/** Return the words in lines of at most `most` letters. */
function wrap(text, most) {
  const lines = [""];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const line = lines[lines.length - 1];
    if (line && line.length + word.length >= most) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines;
}

/** Draw a colour bar with what its ends mean, filling one line of text. */
export function colourBar(ctx, theme, kind, x, y, width, labels) {
  const texts = labels.map((label) => ctx.measureText(label).width);
  const left = x + texts[0] + 6;
  const right = x + width - texts[texts.length - 1] - 6;
  const gradient = ctx.createLinearGradient(left, 0, right, 0);
  const stops = theme.stops[kind];
  stops.forEach((colour, i) => gradient.addColorStop(i / (stops.length - 1), colour));
  ctx.fillStyle = theme.muted;
  ctx.fillText(labels[0], x, y + 11);
  ctx.fillText(labels[labels.length - 1], right + 6, y + 11);
  ctx.fillStyle = gradient;
  ctx.fillRect(left, y, right - left, 12);
  ctx.strokeStyle = theme.border;
  ctx.strokeRect(left + 0.5, y + 0.5, right - left - 1, 11);
}

/** A canvas out of sight with one pixel a cell; `words` are its packed colours until `flush`. */
export class Cells {
  constructor(columns, rows) {
    this.columns = columns;
    this.rows = rows;
    this.image = new ImageData(columns, rows);
    this.words = new Uint32Array(this.image.data.buffer);
    this.canvas = new OffscreenCanvas(columns, rows);
    this.context = this.canvas.getContext("2d");
  }

  flush() {
    this.context.putImageData(this.image, 0, 0);
  }
}

/**
 * Return cells coloured by `colour(column, row)`.
 *
 * `old` is used again where it fits: making a canvas takes longer than filling it.
 */
export function cellImage(columns, rows, colour, old = null) {
  const fits = old?.columns === columns && old.rows === rows;
  const cells = fits ? old : new Cells(columns, rows);
  const { words } = cells;
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) words[at] = colour(column, row);
  }
  cells.flush();
  return cells;
}
