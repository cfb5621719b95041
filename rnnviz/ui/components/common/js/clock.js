/** The one clock: a position from 0 (nothing read) to 1 (all read) that every reader follows. */

const DURATION_MS = 7000;
const REST_MS = 1500;

export class Clock {
  /** `onTick()` is called after every change of the position, `onState()` of anything else. */
  constructor(onTick, onState) {
    this.onTick = onTick;
    this.onState = onState;
    this.position = 1;
    this.playing = false;
    this.loop = false;
    this.speed = 1;
    this.duration = DURATION_MS;
    this.frame = 0;
    this.rest = 0;
  }

  /** Run on, from the beginning if the end was reached. */
  play() {
    if (this.position >= 1) this.moveTo(0);
    this.playing = true;
    this.before = performance.now();
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame((now) => this.advance(now));
    this.onState();
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.frame);
    this.onState();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  /** Stop and stand at a position. */
  seek(position) {
    this.pause();
    this.moveTo(position);
  }

  moveTo(position) {
    this.position = Math.min(Math.max(position, 0), 1);
    this.rest = 0;
    this.onTick();
  }

  /** One frame of the animation; the time since the last one counts, not the number of frames. */
  advance(now) {
    if (!this.playing) return;
    // After the tab was hidden the reading goes on where it was instead of leaping ahead.
    const elapsed = Math.min(Math.max(now - this.before, 0), 100);
    this.before = now;
    if (this.position < 1) {
      this.moveTo(this.position + (elapsed * this.speed) / this.duration);
    } else if (!this.loop) {
      this.pause();
      return;
    } else {
      this.rest += elapsed;
      if (this.rest > REST_MS) this.moveTo(0);
    }
    this.frame = requestAnimationFrame((later) => this.advance(later));
  }

  /** Return the step of a reader with so many of them, 0 to count − 1. */
  stepOf(count) {
    return Math.min(Math.floor(this.position * count), count - 1);
  }

  /** Move by steps of a reader with `count` of them, and stop. */
  stepBy(steps, count) {
    const step = Math.min(Math.max(this.stepOf(count) + steps, 0), count - 1);
    this.seek(step === count - 1 && steps > 0 ? 1 : (step + 0.5) / count);
  }

  destroy() {
    this.playing = false;
    cancelAnimationFrame(this.frame);
  }
}

/** Whether this person has asked their system for less motion. */
export function prefersStillness() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}
