/** The takes that were just recorded, each playing in a loop until one decides about it. */

import { iconButton, make, setText } from "../../common/js/dom.js";
import { prefersStillness } from "../../common/js/clock.js";

const REST_MS = 400;

export class Review {
  /** `onDrop()` is called after a take was taken out. */
  constructor(onDrop) {
    this.onDrop = onDrop;
    this.loops = [];
    this.frame = 0;
    this.element = make("div", { class: "review" });
    this.button = make("button", {
      type: "button",
      on: { click: () => this.setPlaying(!this.playing) },
    });
    this.setPlaying(false);
  }

  get takes() {
    return this.loops.map((loop) => loop.take);
  }

  /** Show these takes; none ends the show. */
  show(takes) {
    this.loops = takes.map((take) => this.loop(take));
    this.element.replaceChildren(...this.loops.map((loop) => loop.element));
    this.element.dataset.count = String(takes.length);
    this.number();
    this.began = performance.now();
    this.setPlaying(takes.length > 0 && !prefersStillness());
    for (const loop of this.loops) this.draw(loop, 0);
  }

  loop(take) {
    const { width, height } = take;
    const canvas = make("canvas", { width, height, role: "img" });
    const images = take.frames.map((frame) => {
      const image = new ImageData(width, height);
      const pixels = new Uint32Array(image.data.buffer);
      for (let i = 0; i < frame.length; i++) pixels[i] = (255 << 24) | (frame[i] * 0x10101);
      return image;
    });
    const caption = make("figcaption");
    const loop = { take, images, canvas, caption, shown: -1 };
    loop.drop = iconButton("close", "Leave this one out", () => this.leaveOut(loop));
    loop.element = make("figure", {}, canvas, loop.drop, caption);
    return loop;
  }

  leaveOut(loop) {
    const at = this.loops.indexOf(loop);
    this.loops.splice(at, 1);
    loop.element.remove();
    this.element.dataset.count = String(this.loops.length);
    this.number();
    this.loops[Math.min(at, this.loops.length - 1)]?.drop.focus();
    this.onDrop();
  }

  number() {
    this.loops.forEach(({ take, canvas, caption, drop }, i) => {
      const place = this.loops.length > 1 ? `Take ${i + 1} of ${this.loops.length}: ` : "";
      const dark = take.dark ? " It is very dark: is the camera covered?" : "";
      const seconds = +(take.length / 1000).toFixed(1);
      setText(caption, `${place}${take.frames.length} pictures in ${seconds}\u00a0s.${dark}`);
      canvas.setAttribute("aria-label", `The recording, in a loop. ${caption.textContent}`);
      drop.hidden = this.loops.length < 2;
    });
  }

  setPlaying(playing) {
    this.playing = playing;
    setText(this.button, playing ? "Pause" : "Play");
    cancelAnimationFrame(this.frame);
    if (playing) this.frame = requestAnimationFrame((now) => this.advance(now));
  }

  advance(now) {
    if (!this.playing) return;
    for (const loop of this.loops) {
      const at = Math.max(now - this.began, 0) % (loop.take.length + REST_MS);
      let frame = loop.take.times.findIndex((time) => time > at) - 1;
      if (frame < 0) frame = loop.images.length - 1;
      this.draw(loop, frame);
    }
    this.frame = requestAnimationFrame((later) => this.advance(later));
  }

  draw(loop, frame) {
    if (frame === loop.shown) return;
    loop.shown = frame;
    loop.canvas.getContext("2d").putImageData(loop.images[frame], 0, 0);
  }

  destroy() {
    this.setPlaying(false);
  }
}
