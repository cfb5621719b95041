/** A take: small grey pictures drawn from the live video, with the time of each. No codec. */

import { make } from "../../common/js/dom.js";

const RATE = 15;
const MOST_FRAMES = 64;
const LONGEST_SIDE = 96;
/** With fewer of the pictures that were asked for, a movement can't be followed. */
const ENOUGH = 0.4;
/** Brighter than this on average, from 0 to 255, or one sees nothing on it. */
const DARK = 12;

/**
 * Record for so many seconds and return {width, height, times, length, frames}: the times in ms
 * from the first picture, the length of all in ms, and a Uint8Array for each picture. Returns null
 * if `signal` was aborted on the way. `onShare` is told the share of the time that is over.
 */
export async function recordTake(video, seconds, signal, onShare) {
  const scale = Math.min(LONGEST_SIDE / Math.max(video.videoWidth, video.videoHeight), 1);
  const width = Math.max(Math.round(video.videoWidth * scale), 1);
  const height = Math.max(Math.round(video.videoHeight * scale), 1);
  const canvas = make("canvas", { width, height });
  const ctx = canvas.getContext("2d", { willReadFrequently: true });
  ctx.imageSmoothingQuality = "high";
  const count = Math.min(Math.round(seconds * RATE), MOST_FRAMES);
  const gap = (seconds * 1000) / count;
  const [times, frames] = [[], []];
  const start = performance.now();
  for (let slot = -1; ; ) {
    const elapsed = performance.now() - start;
    if (elapsed >= seconds * 1000) break;
    onShare(elapsed / seconds / 1000);
    // A slot that was slept through is left out: its picture would be one of another moment.
    const due = Math.floor(elapsed / gap);
    if (due > slot) {
      slot = due;
      ctx.drawImage(video, 0, 0, width, height);
      times.push(Math.round(elapsed * 10) / 10);
      frames.push(greyOf(ctx.getImageData(0, 0, width, height).data));
    }
    await nextFrame();
    if (signal.aborted) return null;
  }
  const first = times[0];
  return {
    width,
    height,
    times: times.map((time) => Math.round((time - first) * 10) / 10),
    length: seconds * 1000 - first,
    frames,
    missed: frames.length < count * ENOUGH,
    dark: brightness(frames) < DARK,
  };
}

/** Return a take as it travels to Python. */
export function packTake({ width, height, times, length, frames }) {
  const bytes = new Uint8Array(width * height * frames.length);
  frames.forEach((frame, i) => bytes.set(frame, i * width * height));
  return { width, height, times_ms: times, length_ms: length, data: base64Of(bytes) };
}

/** Return the brightness of every pixel as the eye weighs the colours (ITU-R BT.601). */
function greyOf(pixels) {
  const grey = new Uint8Array(pixels.length >> 2);
  for (let i = 0; i < grey.length; i++) {
    const at = i << 2;
    grey[i] = 0.299 * pixels[at] + 0.587 * pixels[at + 1] + 0.114 * pixels[at + 2] + 0.5;
  }
  return grey;
}

function brightness(frames) {
  let sum = 0;
  for (const frame of frames) for (const value of frame) sum += value;
  return sum / (frames.length * (frames[0]?.length ?? 1) || 1);
}

function base64Of(bytes) {
  if (bytes.toBase64) return bytes.toBase64();
  let text = "";
  // More arguments at once than this are too many for some browsers.
  for (let i = 0; i < bytes.length; i += 8192) {
    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  }
  return btoa(text);
}

function nextFrame() {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}
